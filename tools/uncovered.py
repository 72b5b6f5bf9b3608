"""What the tests do not reach, and why: docs/trust/coverage.md, from the data that `make coverage` leaves.

Lines and branches missed are counted by function. Each function that misses some stands in
tests/data/uncovered.csv with how many and with the reason why no test of this run can or should reach them; where
one is missing there, misses more or is not there any more, this fails and names it.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coverage import Coverage

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "trust" / "coverage.md"
REASONS = ROOT / "tests" / "data" / "uncovered.csv"
COUNTS = ("num_statements", "missing_lines", "num_branches", "missing_branches")


def measured() -> dict[str, Any]:
    """Return what coverage.py reports as JSON, by file and function."""
    data = Coverage(config_file=str(ROOT / "pyproject.toml"), data_file=str(ROOT / "build" / "coverage.data"))
    data.load()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "coverage.json"
        data.json_report(outfile=str(out))
        return dict(json.loads(out.read_text(encoding="utf-8")))


def missed(files: dict[str, Any]) -> Iterator[tuple[str, str, int, str]]:
    """Return each function: module, function, how many lines and branches it misses, and where."""
    for path, file in sorted(files.items()):
        module = ".".join(Path(path).with_suffix("").parts[2:]).removesuffix(".__init__")
        for name, function in sorted(file["functions"].items()):
            lines = function["missing_lines"]
            gone = {*lines}
            arcs = [(a, b) for a, b in function["missing_branches"] if a not in gone and b not in gone]
            where = ", ".join([*map(str, lines), *(f"{a} to {b}" for a, b in arcs)])
            yield module, name or "the module itself", len(lines) + len(arcs), where


def table(files: dict[str, Any], total: dict[str, Any]) -> list[str]:
    """Return the counts of every package, and of the package's own modules, as rows of Markdown."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * len(COUNTS))
    for path, file in files.items():
        folders = Path(path).parts[2:-1]
        row = sums[folders[0] if folders else "its own modules"]
        row[:] = [have + file["summary"][count] for have, count in zip(row, COUNTS, strict=True)]
    rows = [*sorted(sums.items()), ("**in all**", [total[count] for count in COUNTS])]
    return [
        f"| {name} | {lines:,} | {no_lines} | {branches:,} | {no_branches} "
        f"| {100 * (1 - (no_lines + no_branches) / max(1, lines + branches)):.1f} % |"
        for name, (lines, no_lines, branches, no_branches) in rows
    ]


def main() -> None:
    """Write the page; fail where something is missed that no reason is given for."""
    found = measured()
    with REASONS.open(encoding="utf-8", newline="") as file:
        known = {(row["module"], row["function"]): row for row in csv.DictReader(file)}
    reasons: dict[str, list[str]] = defaultdict(list)
    gaps = []
    for module, name, count, where in missed(found["files"]):
        row = known.pop((module, name), None)
        if not count:
            continue
        if row is None or count > int(row["missed"]):
            gaps.append(f"{module}, {name}: {count} missed (lines {where})")
        else:
            reasons[row["reason"]].append(f"`{module}`: {name} ({count})")
    gaps += [f"{module}, {name}: not there any more; delete its row" for module, name in known]
    lines = [
        "# What the tests do not reach",
        "",
        "`make coverage` runs all tests, measures lines and branches in the processes that they start as well, and writes this page",
        "(tools/uncovered.py). Tests that need a browser, a cluster or the graders have commands and environments of their",
        "own and are not in these figures.",
        "",
        "| package | lines | missed | branches | missed | reached |",
        "|---|---|---|---|---|---|",
        *table(found["files"], found["totals"]),
        "",
        "## Why",
        "",
        "By reason: the functions that miss some lines or branches, and how many. A reason that is not given is an error.",
    ]
    for reason, functions in sorted(reasons.items()):
        lines += ["", f"**{reason}**", "", f"{'; '.join(functions)}."]
    PAGE.write_text("\n".join([*lines, ""]), encoding="utf-8", newline="\n")
    if gaps:
        sys.exit(
            "\n".join([*gaps, f"{REASONS.relative_to(ROOT)} does not fit {len(gaps)} functions: test them, delete what is dead, or give a reason."])
        )


if __name__ == "__main__":
    main()
