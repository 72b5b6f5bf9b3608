"""What was found in files by parsing them, kept by the files' hashes: parsing costs more than all the rest of a check."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Memory:
    """Findings about files, each good for one content of its file, in a JSON file that may vanish at any time.

    `basis` stands for all else that the findings depend on; those of another basis are forgotten.
    """

    def __init__(self, path: Path, basis: str) -> None:
        self.path, self.basis = path, basis
        self._findings: dict[str, list[Any]] = {}
        self._new = False
        with contextlib.suppress(OSError, ValueError, AttributeError):  # none, or damaged: found again
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept.get("basis") == basis and kept.get("sum") == _sum(kept.get("findings")):
                self._findings = kept["findings"]

    def find(self, name: str, content: str, make: Callable[[], Any]) -> Any:
        """Return what is known under a name about a content (its hash), or what `make` finds: plain data.

        >>> memory = Memory(Path("nowhere/memory.json"), "1")
        >>> memory.find("a.py", "hash", lambda: ["found"]), memory.find("a.py", "hash", lambda: ["not asked"])
        (['found'], ['found'])
        >>> memory.find("a.py", "another hash", lambda: ["found again"])
        ['found again']
        """
        known = self._findings.get(name)
        if known is not None and known[0] == content:
            return known[1]
        found = make()
        self._findings[name] = [content, found]
        self._new = True
        return found

    def save(self) -> None:
        """Keep what is new, where its folder exists; a folder that cannot be written costs time, not results."""
        if not self._new or not self.path.parent.is_dir():
            return
        waiting = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            kept = {"basis": self.basis, "findings": self._findings, "sum": _sum(self._findings)}
            text = json.dumps(kept, sort_keys=True)
            waiting.write_text(text, encoding="utf-8")
            os.replace(waiting, self.path)
            self._new = False


def _sum(findings: Any) -> str:
    """Return the hash by which damaged findings are known."""
    return hashlib.sha256(json.dumps(findings, sort_keys=True).encode()).hexdigest()
