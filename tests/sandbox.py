"""A project of raw data of its own, for tests to break on purpose."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from ffstats import tidy

ROOT = Path(__file__).resolve().parents[1]


class Project:
    """A copy of the raw data in a folder of its own, to break on purpose."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.raw = root / "data" / "raw"

    def edit(self, table: str, change: Callable[[list[dict[str, str]]], None]) -> Path:
        """Change the rows of one raw table in place and write it back."""
        path = self.raw / table
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), list(reader.fieldnames or [])
        change(rows)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        tidy.clear()
        return path

    def processed(self) -> dict[str, bytes]:
        """Return every file of data/processed."""
        folder = self.root / "data" / "processed"
        return {p.name: p.read_bytes() for p in sorted(folder.iterdir())} if folder.is_dir() else {}
