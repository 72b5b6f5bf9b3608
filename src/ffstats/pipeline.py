"""The tasks: what depends on what, what has changed, and why something would run.

raw data → tidy tables → notebooks → exhibits → catalogue. Each task keeps the hashes of what it was made
from (`ffstats.fingerprint`) beside what it made; a task is fresh when both are as recorded. Nothing here
imports pandas, altair or papermill, so that a rebuild with nothing to do costs a blink.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ffstats import fingerprint, paths, records
from ffstats.errors import PipelineError
from ffstats.records import Change, CleanTask, lock_path, state_dir, table_path

RECORD = "run.json"


def notebooks_dir() -> Path:
    """Return the folder of the project's notebooks, or of the package's own copy where there is no project."""
    return paths.held("notebooks", "notebooks")


@dataclass(frozen=True, slots=True)
class NotebookTask:
    """A notebook run with given parameters: the unit that is fresh or not."""

    source: Path
    parameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.source.stem

    @property
    def folder(self) -> Path:
        """Where its last successful run is kept."""
        key = fingerprint.of_data(dict(self.parameters))[:12]
        return state_dir() / "runs" / f"{self.name}-{key}"

    def fields(self) -> dict[str, str]:
        """Return what it depends on now: text, parameters, code, lock, and the tables that its last run read."""
        found = fingerprint.of_notebook(self.source, self.parameters, lock_path())
        return found | read_fields(self.record().get("reads", []))

    def record(self) -> dict[str, Any]:
        """Return what was recorded of its last successful run; empty if there is none."""
        return records.load(self.folder / RECORD)

    def changes(self) -> list[Change]:
        """Return why it would run: every dependency that is not as recorded, every output that is not as made."""
        record = self.record()
        if not record:
            return [Change("run", "", "no run with these parameters is kept")]
        return records.compare(record["fields"], self.fields()) + records.damage(self.folder, record["files"])


def notebooks() -> list[Path]:
    """Return the project's notebooks, in order.

    Raises: PipelineError, if there are none.
    """
    found = sorted(notebooks_dir().glob("*.ipynb"))
    if not found:
        raise PipelineError(
            f"There are no notebooks in {paths.shown(notebooks_dir())}. "
            "Run in a checkout of the project, or name it with FFSTATS_ROOT."
        )
    return found


def tasks(parameters: Mapping[str, Any] | None = None) -> list[NotebookTask]:
    """Return a task for every notebook, each with those of the parameters that it declares.

    Raises: PipelineError, if no notebook declares one of the parameters; ChoiceError, for a value that is not valid.
    """
    given = dict(parameters or {})
    if not given:
        return [NotebookTask(path, {}) for path in notebooks()]
    _check_choice(given)
    from ffstats.notebooks.parameters import declared

    taken: set[str] = set()
    found = []
    valid: dict[str, str] = {}
    for path in notebooks():
        known = declared(path)
        valid |= {name: str(parameter) for name, parameter in known.items()}
        own = {
            name: typed(name, value, known[name].default) for name, value in given.items() if name in known
        }
        taken |= set(own)
        found.append(NotebookTask(path, own))
    unknown = [name for name in given if name not in taken]
    if unknown:
        listed = "\n".join(f"  {valid[name]}" for name in sorted(valid))
        raise PipelineError(
            f"No notebook has a parameter {', '.join(map(repr, unknown))}. There are:\n{listed}"
        )
    return found


def _check_choice(given: Mapping[str, Any]) -> None:
    """Raise ChoiceError for a value of prefer, rule or as_of that no notebook could take."""
    from ffstats import sources
    from ffstats.choice import Choice, valid

    choice = Choice(**{name: given[name] for name in ("prefer", "rule", "as_of") if name in given})
    for source in choice.prefer:
        valid("prefer", source, sources.registry())


def typed(name: str, text: Any, default: str) -> Any:
    """Return a parameter's value in the type of its default: a list from words joined by commas, a number."""
    import ast

    if not isinstance(text, str):
        return text
    try:
        kind = type(ast.literal_eval(default))
    except (ValueError, SyntaxError, TypeError, RecursionError):
        kind = str
    if kind in (list, tuple):
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind in (bool, int, float):
        try:
            value = ast.literal_eval(text.strip().capitalize() if kind is bool else text)
        except (ValueError, SyntaxError, TypeError, RecursionError):
            value = text
        if not isinstance(value, (int, float)) or (kind is bool) != isinstance(value, bool):
            raise PipelineError(f"-p {name}={text}: not a {kind.__name__}; the default is {default}.")
        return value
    return text


def find(name: str, parameters: Mapping[str, Any] | None = None) -> CleanTask | NotebookTask:
    """Return the task of a name: "clean", a notebook, or an exhibit (the notebook that draws it).

    Raises: PipelineError with the nearest names.
    """
    import difflib

    if name == "clean":
        return CleanTask()
    exhibits = exhibit_notebooks()
    wanted = exhibits.get(name, name.removesuffix(".ipynb"))
    every = tasks(parameters)
    for task in every:
        if task.name == wanted:
            return task
    known = ["clean", *(t.name for t in every), *exhibits]
    near = difflib.get_close_matches(name, known, n=3)
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    raise PipelineError(f"Nothing is called {name!r}.{hint} `ffstats list` lists what there is.")


def exhibit_notebooks() -> dict[str, str]:
    """Return the notebook of every exhibit, by the exhibit's id."""
    import csv

    with paths.vocabulary("catalogue.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["notebook"].removesuffix(".ipynb") for row in csv.DictReader(file)}


def exhibits_of(claim_id: str) -> list[str]:
    """Return the figures and tables that bear on a claim."""
    import csv

    with paths.vocabulary("catalogue.csv").open(encoding="utf-8", newline="") as file:
        return [row["id"] for row in csv.DictReader(file) if claim_id in row["claims"].split()]


def tree_hash(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder, but its record."""
    return {
        path.relative_to(folder).as_posix(): fingerprint.of_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != RECORD
    }


def read_fields(reads: Iterable[str]) -> dict[str, str]:
    """Return the hashes of what a notebook read: tidy tables (tables/NAME) and raw files (raw/PATH)."""
    found = {}
    for read in reads:
        kind, _, name = read.partition("/")
        path = table_path(name) if kind == "tables" else paths.raw_dir() / name
        found[f"{kind.removesuffix('s')} {name}"] = fingerprint.of_file(path)
    return found


def readable() -> dict[str, str]:
    """Return the hashes of all that notebooks may read, as they are before a run."""
    tables = (f"tables/{path.stem}" for path in paths.processed_dir().glob("*.csv"))
    base = paths.raw_dir()
    raw = (f"raw/{path.relative_to(base).as_posix()}" for path in base.rglob("*") if path.is_file())
    return read_fields([*tables, *raw])


def adopt(task: NotebookTask, made: Path, fields: Mapping[str, str], before: Mapping[str, str]) -> None:
    """Put a finished run in the place of the last one, with a record of what it was made from and read.

    Parameters: made, the folder of the run; fields, what decided that it must run; before, `readable` before it ran.
    """
    notes = made / "reads"
    reads = sorted(p.relative_to(notes).as_posix() for p in notes.rglob("*") if p.is_file())
    now = read_fields(reads)
    seen = {f: h for f, h in fields.items() if not f.startswith(("table ", "raw "))}
    seen |= {field: before.get(field, "absent") for field in now}
    records.save(made / RECORD, {"fields": seen, "reads": reads, "files": tree_hash(made)})
    task.folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(task.folder, ignore_errors=True)
    os.replace(made, task.folder)


@contextmanager
def exclusive() -> Iterator[None]:
    """Let one run at a time work in a project; the others wait for it."""
    folder = state_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+b") as file:
        if sys.platform == "win32":  # the same, of one byte
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
            return
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def out_key(out: Path) -> str:
    """Return the name under which the state of a results folder is kept.

    >>> len(out_key(Path("results")))
    12
    """
    return hashlib.sha256(str(out.resolve()).encode("utf-8")).hexdigest()[:12]
