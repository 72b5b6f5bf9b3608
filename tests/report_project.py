"""A copy of the project with its results, for the tests that look at the reader page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ffstats import fingerprint, tidy
from ffstats.reproduce import reproduce

ROOT = Path(__file__).resolve().parents[1]
NEEDED = ("data", "notebooks", "requirements", ".ffstats")
DATE = "1577836800"


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """Work in a copy of the project, its kept runs among it, with a set date; give its results folder."""
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, symlinks=True)
    before = {name: os.environ.get(name) for name in ("FFSTATS_ROOT", "SOURCE_DATE_EPOCH")}
    os.environ |= {"FFSTATS_ROOT": str(root), "SOURCE_DATE_EPOCH": DATE}
    tidy.clear()
    fingerprint.clear()
    try:
        made = reproduce()
        assert made.ok, [failure.message for failure in made.failures]
        yield made.out
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
        tidy.clear()
        fingerprint.clear()
