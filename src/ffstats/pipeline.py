"""The tasks: what depends on what, what has changed, and why something would run.

raw data → tidy tables → notebooks → exhibits → catalogue. Each task keeps the hashes of what it was made
from (`ffstats.fingerprint`) beside what it made; a task is fresh when both are as recorded. Nothing here
imports pandas, altair or papermill, so that a rebuild with nothing to do costs a blink.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ffstats import fingerprint, paths
from ffstats.errors import PipelineError

RECORD = "run.json"
LOCK_FILE = Path("requirements/lean.txt")


def state_dir() -> Path:
    """Return the folder where the pipeline keeps what it made and from what."""
    return paths.work_dir() / ".ffstats"


def lock_path() -> Path:
    """Return the lock file of the runtime environment."""
    return paths.work_dir() / LOCK_FILE


def notebooks_dir() -> Path:
    """Return the folder of the project's notebooks."""
    return paths.work_dir() / "notebooks"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a task depends on, and what became of it since the task last ran."""

    field: str
    was: str
    now: str

    def __str__(self) -> str:
        if self.field.startswith("parameter "):
            return f"{self.field}: {self.was or 'not set'} → {self.now or 'not set'}"
        what = "new" if not self.was else "gone" if not self.now else "changed"
        return f"{self.field}: {what}"


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
        return found | {
            f"table {t}": fingerprint.of_file(table_path(t)) for t in self.record().get("reads", [])
        }

    def record(self) -> dict[str, Any]:
        """Return what was recorded of its last successful run; empty if there is none."""
        return _load(self.folder / RECORD)

    def changes(self) -> list[Change]:
        """Return why it would run: every dependency that is not as recorded, every output that is not as made."""
        record = self.record()
        if not record:
            return [Change("run", "", "no run with these parameters is kept")]
        return _compare(record["fields"], self.fields()) + _damage(self.folder, record["files"])


@dataclass(frozen=True, slots=True)
class CleanTask:
    """The tidy tables, built from the raw data."""

    name: str = "clean"

    @property
    def record_path(self) -> Path:
        return state_dir() / "clean.json"

    def fields(self) -> dict[str, str]:
        """Return what the tables depend on now: raw files, code, lock."""
        return fingerprint.of_cleaning(lock_path())

    def changes(self) -> list[Change]:
        """Return why they would be built again."""
        record = _load(self.record_path)
        if not record:
            return [Change("run", "", "the tables have not been built here")]
        return _compare(record["fields"], self.fields()) + _damage(paths.processed_dir(), record["files"])

    def keep(self, fields: Mapping[str, str]) -> None:
        """Record that the tables were built from these."""
        files = {p.name: fingerprint.of_file(p) for p in sorted(paths.processed_dir().glob("[!.]*"))}
        save(self.record_path, {"fields": dict(fields), "files": files})


def table_path(table: str) -> Path:
    """Return the file whose hash stands for a tidy table."""
    return paths.processed_dir() / f"{table}.csv"


def _load(path: Path) -> dict[str, Any]:
    """Return a record, or an empty one if it is absent or was damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def save(path: Path, data: Any) -> None:
    """Write a record whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}")
    waiting.write_text(json.dumps(data, sort_keys=True), encoding="utf-8")
    os.replace(waiting, path)


def _compare(was: Mapping[str, str], now: Mapping[str, str]) -> list[Change]:
    return [
        Change(field, was.get(field, ""), now.get(field, ""))
        for field in sorted({*was, *now})
        if was.get(field) != now.get(field)
    ]


def _damage(folder: Path, files: Mapping[str, str]) -> list[Change]:
    """Name every output that is no longer as it was made."""
    found = []
    for name, made in files.items():
        now = fingerprint.of_file(folder / name)
        if now != made:
            found.append(Change(f"output {name}", made, "" if now == "absent" else now))
    return found


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

    Raises: PipelineError, if no notebook declares one of the parameters; UnknownParameter's list is shown.
    """
    given = dict(parameters or {})
    if not given:
        return [NotebookTask(path, {}) for path in notebooks()]
    from ffstats.notebooks.parameters import declared

    taken: set[str] = set()
    found = []
    valid: dict[str, str] = {}
    for path in notebooks():
        known = declared(path)
        valid |= {name: str(parameter) for name, parameter in known.items()}
        own = {
            name: _typed(name, value, known[name].default) for name, value in given.items() if name in known
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


def _typed(name: str, text: Any, default: str) -> Any:
    """Return a parameter's value in the type of its default: a list from words joined by commas, a number."""
    import ast

    if not isinstance(text, str):
        return text
    try:
        kind = type(ast.literal_eval(default))
    except (ValueError, SyntaxError):
        kind = str
    if kind in (list, tuple):
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind in (bool, int, float):
        try:
            value = ast.literal_eval(text.strip().capitalize() if kind is bool else text)
        except (ValueError, SyntaxError):
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


def tree_hash(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder, but its record."""
    return {
        path.relative_to(folder).as_posix(): fingerprint.of_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != RECORD
    }


def adopt(task: NotebookTask, made: Path, fields: Mapping[str, str]) -> None:
    """Put a finished run in the place of the last one, with a record of what it was made from and read."""
    reads = sorted(p.name for p in (made / "reads").glob("*"))
    seen = dict(fields) | {f"table {t}": fingerprint.of_file(table_path(t)) for t in reads}
    seen = {f: h for f, h in seen.items() if not f.startswith("table ") or f.removeprefix("table ") in reads}
    save(made / RECORD, {"fields": seen, "reads": reads, "files": tree_hash(made)})
    task.folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(task.folder, ignore_errors=True)
    os.replace(made, task.folder)


@contextmanager
def exclusive() -> Iterator[None]:
    """Let one run at a time work in a project; the others wait for it."""
    folder = state_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+b") as file:
        try:
            import fcntl
        except ImportError:  # Windows: the same, of one byte
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
            return
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
