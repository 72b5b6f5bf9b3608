"""Run the examples of Markdown pages and write what they print under them: python tools/readme.py README.md …

A block marked `console` holds commands, each after a dollar sign, and under it what it prints. A command with
nothing under it in the page is run as well; its output stays out of the page.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(?m)^```console\n(.*?)^```$", re.DOTALL)


class ExampleError(Exception):
    """An example of a page fails."""


def run(command: str, folder: Path) -> str:
    """Run one command of a page with this interpreter's ffstats, and return what it prints."""
    words = shlex.split(command)
    if words[0] != "ffstats":
        raise ExampleError(f"{command}: only ffstats is run")
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        capture_output=True,
        check=False,
        env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1"},
    )
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        raise ExampleError(
            f"{command}: exit status {done.returncode}\n{done.stderr.decode('utf-8', 'replace')}"
        )
    return (done.stdout + done.stderr).decode("utf-8").rstrip("\n")


def refreshed(text: str, folder: Path) -> str:
    """Return a page with the output of each example as it is now."""

    def block(found: re.Match[str]) -> str:
        lines: list[str] = []
        parts = re.split(r"(?m)^\$ ", found[1])
        for part in parts[1:]:
            command, _, shown = part.partition("\n")
            output = run(command, folder)
            lines += [f"$ {command}", *([output] if shown.strip() else [])]
        return "```console\n" + "\n".join(lines) + "\n```"

    return BLOCK.sub(block, text)


def main() -> None:
    for name in sys.argv[1:]:
        path = Path(name)
        text = path.read_text(encoding="utf-8")
        path.write_text(refreshed(text, ROOT), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
