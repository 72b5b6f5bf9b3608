"""A copy of the project with a few of its notebooks, to change and to run in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ("01_rise", "07_territory", "08_strategic_implications")


@dataclass(frozen=True)
class Copy:
    """A project in a folder of its own: code, raw data, lock file, and some notebooks."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables under which the copy's own code runs."""
        left_out = ("FFSTATS_OUT", "FFSTATS_ROOT", "FFSTATS_ENGINE")
        kept = {name: value for name, value in os.environ.items() if name not in left_out}
        return kept | {"PYTHONPATH": str(self.root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start a command of the copy, in a session of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "ffstats", *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the copy to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def reproduce(self, *arguments: str) -> set[str]:
        """Reproduce, and return the names of the steps that ran."""
        done = self.run("reproduce", "--json", *arguments)
        assert done.returncode == 0, done.stderr
        return set(json.loads(done.stdout)["ran"])

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a text that occurs in a file of the copy."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def edit_cell(self, notebook: str, cell: str, change: Callable[[str], str]) -> None:
        """Change the source of one cell of a notebook."""
        path = self.root / "notebooks" / f"{notebook}.ipynb"
        read = json.loads(path.read_text(encoding="utf-8"))
        (found,) = (each for each in read["cells"] if each["id"] == cell)
        source = "".join(found["source"])
        changed = change(source)
        assert changed != source
        found["source"] = changed
        path.write_text(json.dumps(read), encoding="utf-8")

    def results(self, out: str = "results") -> dict[str, bytes]:
        """Return every file of a results folder, name → bytes."""
        base = self.root / out
        return {
            p.relative_to(base).as_posix(): p.read_bytes() for p in sorted(base.rglob("*")) if p.is_file()
        }

    def numbers(self) -> dict[str, dict[str, Any]]:
        """Return the recorded numbers by id."""
        entries = json.loads((self.root / "results" / "numbers.json").read_text(encoding="utf-8"))
        return {entry["id"]: entry for entry in entries}


def make(root: Path, notebooks: Iterable[str] = NOTEBOOKS) -> Copy:
    """Copy the project, without what it has made, to a folder."""
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    shutil.copytree(ROOT / "src", root / "src", ignore=ignore)
    shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
    shutil.copytree(ROOT / "requirements", root / "requirements")
    (root / "notebooks").mkdir()
    for name in notebooks:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", root / "notebooks")
    return Copy(root)
