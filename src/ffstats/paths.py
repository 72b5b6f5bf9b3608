"""Where the data lie: a project's own tree when there is one, else the copy inside the package."""

from __future__ import annotations

import os
from pathlib import Path

MARK = Path("data/raw/sources.csv")


def package_dir() -> Path:
    """Return the folder of the installed package.

    >>> package_dir().name
    'ffstats'
    """
    return Path(__file__).resolve().parent


def vocabulary(name: str) -> Path:
    """Return the path of a table of the package's own knowledge.

    >>> vocabulary("definitions.csv").parent.name
    'vocabulary'
    """
    return package_dir() / "vocabulary" / name


def project_root() -> Path | None:
    """Return the project whose data are used, or None where only the installed package is at hand.

    FFSTATS_ROOT names it; otherwise it is the nearest folder, from the current one upwards, that holds
    data/raw/sources.csv; otherwise the checkout that the package is installed from, if any.
    """
    named = os.environ.get("FFSTATS_ROOT")
    if named:
        return Path(named).resolve()
    here = Path.cwd().resolve()
    checkout = package_dir().parents[1]
    for folder in (here, *here.parents, checkout):
        if (folder / MARK).is_file():
            return folder
    return None


def raw_dir() -> Path:
    """Return the folder of the raw data: the project's, else the package's own copy."""
    return held("data/raw", "raw")


def held(project: str, package: str) -> Path:
    """Return a folder of the project, or the package's copy if there is no project or it has no such folder.

    So a folder that FFSTATS_ROOT names need not be a checkout: it may be just a place to work in.
    """
    root, copy = project_root(), package_dir() / "_data" / package
    if root is None or (copy.is_dir() and not (root / project).is_dir()):
        return copy
    return root / project


def work_dir() -> Path:
    """Return the folder that outputs are written below: the project, else the current folder."""
    return project_root() or Path.cwd().resolve()


def processed_dir() -> Path:
    """Return the folder of the generated tidy tables."""
    return work_dir() / "data" / "processed"


def results_dir() -> Path:
    """Return the folder of figures, tables and numbers."""
    return work_dir() / "results"


def in_project(folder: Path) -> str:
    """Return a folder's path from the project's root, or its name alone where it lies elsewhere.

    >>> in_project(results_dir())
    'results'
    """
    folder, root = folder.resolve(), work_dir()
    return folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.name


def note_read(kind: str, name: str) -> None:
    """In a run of the pipeline, note that a notebook reads a table or a raw file: a change there is a reason to rerun.

    Parameters: kind, tables or raw; name, of the table, or the file's path below data/raw.
    """
    out = os.environ.get("FFSTATS_OUT")
    if out:
        note = Path(out) / "reads" / kind / name
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()


def raw_file(path: Path) -> Path:
    """Return the path of a raw file that is about to be read, noting it (see `note_read`); others as they are."""
    base = raw_dir()
    if path.is_relative_to(base):
        note_read("raw", path.relative_to(base).as_posix())
    return path


def shown(path: Path) -> str:
    """Return a path as a reader would write it: relative to the project or the current folder if below it.

    >>> shown(project_root() / "data" / "raw") if project_root() else "data/raw"
    'data/raw'
    """
    for base in (project_root(), Path.cwd()):
        if base is not None:
            try:
                return path.resolve().relative_to(base.resolve()).as_posix()
            except ValueError:
                continue
    return path.as_posix()
