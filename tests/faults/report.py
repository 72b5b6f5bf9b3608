"""Write docs/faults.md from the counts of `make faults` and `make fuzz`: `report.py`, or by either with --count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FAULTS, FUZZ, PAGE = (ROOT / name for name in ("bench/results/faults.json", "bench/results/fuzz.json", "docs/faults.md"))
COLUMNS = {
    "same bytes": "same bytes at once",
    "clear error, then same bytes": "stopped with a message (or killed); same bytes when given again",
    "other bytes, named by ffstats diff": "other data, and named as such",
    "FAULT": "fault",
}
HEAD = """# What happens when things go wrong

Written by `make faults ARGS='--part 1 --count'` and `make fuzz ARGS='--count'`; no number here is typed.

Each trial works in a copy of the project of its own: one notebook, all of the data, three submissions. A command is
disturbed, then given again undisturbed. It must end with the bytes of a run that nothing disturbed, or with a message;
no file may then be anything but the old one or the new one, none may be gone, and no process may stay behind.
Killed parents are among those that stopped. Under a clock that libfaketime bends, Python's own wait for a process is
refused by that library, so that grading stops with a message; real clocks do not do that.
"""
FUZZ_HEAD = """
## Strange input

Each reader of foreign text is given inputs that were changed at random, or that atheris chose by the branches they
reach. It may refuse an input with a message of ours. Any other exception, more than a second of processor time
(two for a page, five for a command), or memory that grows without end is a fault; the input is kept in
`tests/data/fuzz/` and is a test from then on.
"""


def table(head: list[str], rows: list[list[Any]]) -> list[str]:
    """Return a Markdown table; numbers have thousands marked."""
    shown = [[f"{cell:,}" if isinstance(cell, int | float) else str(cell) for cell in row] for row in rows]
    return ["", f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in shown)]


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def page(faults: dict[str, dict[str, int]], fuzz: dict[str, dict[str, dict[str, Any]]]) -> str:
    """Return the page."""
    rows = [[name, sum(found.values()), *(found.get(column, 0) for column in COLUMNS)] for name, found in sorted(faults.items())]
    total = ["all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True))] if rows else []
    lines = [HEAD.rstrip(), *table(["what went wrong: command", "trials", *COLUMNS.values()], [*rows, total] if rows else [])]
    lines += FUZZ_HEAD.rstrip().split("\n")
    kept = {path.name: len(list(path.glob("*"))) for path in sorted((ROOT / "tests" / "data" / "fuzz").glob("*"))}
    names = sorted({name for found in fuzz.values() for name in found})
    rows = []
    for name in names:
        each = [found[name] for found in fuzz.values() if name in found]
        runs = [fuzz.get(way, {}).get(name, {}).get("executions", 0) for way in WAYS]
        rows.append([name, *runs, sum(e["refused"] for e in each), max(e["slowest_ms"] for e in each), max(e["growth_mb"] for e in each),
                     sum(e["faults"] for e in each), kept.get(name, 0)])  # fmt: skip
    if rows:
        sums = [sum(row[n] for row in rows) for n in range(1, 4)]
        rows.append(["all", *sums, max(r[4] for r in rows), max(r[5] for r in rows), sum(r[6] for r in rows), sum(r[7] for r in rows)])
    head = ["reader", *WAYS, "refused", "slowest, ms", "grew by, MB", "faults found", "inputs kept as tests"]
    lines += table(head, rows)
    lines += ["", "A fault that was found has been mended, and its input is kept; `make test` feeds every one again."]
    return "\n".join(lines) + "\n"


WAYS = ("random changes", "guided by atheris")


def write() -> None:
    """Write the page from the counts that are kept."""
    PAGE.write_text(page(load(FAULTS), load(FUZZ)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
