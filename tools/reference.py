"""Write the reference pages that are made from the package itself: its commands, its public names, its terms.

Called when the documentation is built (docs/conf.py): python tools/reference.py FOLDER
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The modules of which every public name is documented, in the order in which the data flow through them.
MODULES = {
    "The value and how it is read": ("estimate", "printed", "significant", "definitions", "places"),
    "From readings to tables": ("raw", "sources", "collate", "building", "tidy", "dictionary", "gaps", "store"),
    "Choosing and quoting": ("choice", "cells", "quote", "numbers"),
    "The ledger": ("ledger", "judging.entries", "judging.collated", "judging.verdicts", "judging.reviewer"),
    "The balance": (
        "reconcile",
        "balance.relations",
        "balance.reconciliation",
        "balance.accounting",
        "balance.system",
    ),
    "Figures, tables, notebooks": ("catalogue", "exhibits", "render", "notebooks.run", "sweep.runs"),
    "Running and proving": ("pipeline", "reproduce", "results", "replay", "fingerprint"),
    "Texts of others": ("annotate.run", "annotate.lint"),
    "Publishing": ("publish.page", "publish.paper", "publish.database", "publish.certificate"),
    "The classroom": ("teach", "teach.release", "teach.grade"),
    "Errors and places": ("errors", "paths"),
}


def version() -> str:
    """Return the version that pyproject.toml names."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def commands() -> str:
    """Return a page with the help of every command, as it is printed."""
    import typer.main

    from ffstats.cli import app

    lines = ["# Commands", "", "What `--help` prints of each; every command is one function of the library.", ""]

    def told(command: object, path: list[str]) -> None:
        names = getattr(command, "commands", None)
        words = [sys.executable, "-m", *path, "--help"]
        done = subprocess.run(words, capture_output=True, check=True, env={"COLUMNS": "96", "NO_COLOR": "1"})
        text = done.stdout.decode("utf-8").replace("python -m ffstats", "ffstats").strip()
        lines.extend([f"{'#' * (len(path) + 1)} {' '.join(path)}", "", "```text", text, "```", ""])
        for name in sorted(names or ()):
            told(names[name], [*path, name])

    told(typer.main.get_command(app), ["ffstats"])
    return "\n".join(lines)


def modules() -> dict[str, str]:
    """Return a page a group of modules: name of the file → text."""
    pages = {}
    for title, names in MODULES.items():
        known = [name for name in names if _file(name).exists()]
        parts = [
            f"## {'ffstats.' + name}\n\n```{{eval-rst}}\n.. automodule:: ffstats.{name}\n   :members:\n```\n"
            for name in known
        ]
        pages[re.sub(r"[^a-z]+", "-", title.lower())] = f"# {title}\n\n" + "\n".join(parts)
    return pages


def _file(name: str) -> Path:
    path = ROOT / "src" / "ffstats" / Path(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def write(folder: Path) -> None:
    """Write every page of the reference into a folder, which holds nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pages = {"commands": commands(), **modules()}
    dictionary = (ROOT / "data" / "processed" / "dictionary.md").read_text(encoding="utf-8")
    pages["dictionary"] = dictionary
    order = ["commands", *modules(), "dictionary"]
    toc = "\n".join(["# Reference", "", "```{toctree}", ":maxdepth: 1", "", *order, "```", ""])
    for name, text in {**pages, "index": toc}.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
