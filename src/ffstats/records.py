"""What a step was made from and what it made, kept as hashes, and what of that has changed since."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ffstats import fingerprint, paths

LOCK_FILE = Path("requirements/lean.txt")
FORM = 3
"""The form of the records; one in another form, of an earlier version of this package, is as good as none."""
SUM = "sum"
"""The field that holds the hash of all the others, by which a damaged record is known."""


def state_dir() -> Path:
    """Return the folder where the pipeline keeps what it made and from what."""
    return paths.work_dir() / ".ffstats"


def lock_path() -> Path:
    """Return the lock file of the runtime environment."""
    return paths.work_dir() / LOCK_FILE


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


def load(path: Path) -> dict[str, Any]:
    """Return a record, or an empty one if it is absent, was damaged or has another form."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict) or found.get("form") != FORM:
        return {}
    return found if found.pop(SUM, None) == fingerprint.of_data(found) else {}


def save(path: Path, data: Mapping[str, Any]) -> None:
    """Write a record whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}")
    whole = {**data, "form": FORM}
    try:
        waiting.write_text(json.dumps({**whole, SUM: fingerprint.of_data(whole)}, sort_keys=True), encoding="utf-8")
        os.replace(waiting, path)
    finally:
        waiting.unlink(missing_ok=True)


def compare(was: Mapping[str, str], now: Mapping[str, str]) -> list[Change]:
    return [
        Change(field, was.get(field, ""), now.get(field, ""))
        for field in sorted({*was, *now})
        if was.get(field) != now.get(field)
    ]


def damage(folder: Path, files: Mapping[str, str]) -> list[Change]:
    """Name every output that is no longer as it was made."""
    found = []
    for name, made in files.items():
        now = fingerprint.of_file(folder / name)
        if now != made:
            found.append(Change(f"output {name}", made, "" if now == "absent" else now))
    return found


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
        record = load(self.record_path)
        if not record:
            return [Change("run", "", "the tables have not been built here")]
        return compare(record["fields"], self.fields()) + damage(paths.processed_dir(), record["files"])

    def keep(self, fields: Mapping[str, str]) -> None:
        """Record that the tables were built from these."""
        files = {p.name: fingerprint.of_file(p) for p in sorted(paths.processed_dir().glob("[!.]*"))}
        save(self.record_path, {"fields": dict(fields), "files": files})


def table_path(table: str) -> Path:
    """Return the file whose hash stands for a tidy table."""
    return paths.processed_dir() / f"{table}.csv"
