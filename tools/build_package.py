"""Add to a wheel what it needs away from the repository: the notebooks, and the commit it was built from."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "COMMIT"  # in the root of an sdist; in a wheel ffstats/_data/COMMIT


def commit(root: Path) -> str:
    """Return the commit of a checkout, or the one that an unpacked sdist says it was made from, or ""."""
    if (root / NAME).is_file():
        return (root / NAME).read_text(encoding="utf-8").strip()
    if not (root / ".git").exists():
        return ""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


class PackageHook(BuildHookInterface):
    """Adds the files; an editable install has the notebooks beside it, and asks git itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files among those that are packed."""
        if self.target_name == "wheel" and version != "editable":
            for path in sorted((Path(self.root) / "notebooks").glob("*.ipynb")):
                build_data["force_include"][str(path)] = f"ffstats/_data/notebooks/{path.name}"
        known = commit(Path(self.root)) if version != "editable" else ""
        if known:
            self._folder = tempfile.TemporaryDirectory()
            file = Path(self._folder.name) / NAME
            file.write_text(known + "\n", encoding="utf-8")
            place = NAME if self.target_name == "sdist" else f"ffstats/_data/{NAME}"
            build_data["force_include"][str(file)] = place

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the file that holds the commit."""
        folder = getattr(self, "_folder", None)
        if folder is not None:
            folder.cleanup()
