"""The sets of parameters of a sweep: every combination of named values, or the rows of a CSV file."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ffstats import paths
from ffstats.errors import SweepError

ALL = "all"
Values = Mapping[str, str]


def countries() -> list[str]:
    """Return the codes of the countries of which any source has a figure of those who travelled or returned.

    Regions are left out. It is read from the table `estimates`, as the last cleaning wrote it.
    """
    path = paths.processed_dir() / "estimates.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] in ("travelled", "returned")]
    codes = {row["iso3"] for row in rows if row["seen_kind"] != "missing" and (row["low"] or row["high"])}
    return sorted(c for c in codes if re.fullmatch("[A-Z]{3}", c) and (c == "XKX" or not c.startswith("X")))


def rules() -> list[str]:
    """Return the rules by which an interval becomes one mark."""
    from ffstats.choice import RULES

    return list(RULES)


EVERY: dict[str, Callable[[], list[str]]] = {"iso3": countries, "rule": rules}
"""What `all` stands for, by the name of the parameter."""


def over(given: Iterable[str]) -> list[Values]:
    """Return every combination of the values of some parameters, the last varying fastest, none twice.

    Parameters: given, texts such as "rule=printed,midpoint"; "iso3=all" stands for all of EVERY.
    Raises: SweepError, which lists all that is wrong.

    >>> [dict(values) for values in over(["rule=printed,midpoint", "iso3=GBR"])]
    [{'rule': 'printed', 'iso3': 'GBR'}, {'rule': 'midpoint', 'iso3': 'GBR'}]
    """
    choices: dict[str, list[str]] = {}
    wrong = []
    for text in given:
        name, equals, listed = (part.strip() for part in text.partition("="))
        values = [value.strip() for value in listed.split(",") if value.strip()]
        if not equals or not name or not values:
            wrong.append(
                f"--over {text}: not name=value,value. Write for instance --over rule=printed,midpoint."
            )
        elif name in choices:
            wrong.append(f"--over {text}: {name} is given twice. Join its values by commas.")
        elif values == [ALL] and name not in EVERY:
            wrong.append(f"--over {text}: all is known of {', '.join(sorted(EVERY))} only. List the values.")
        else:
            choices[name] = EVERY[name]() if values == [ALL] else list(dict.fromkeys(values))
    if wrong:
        raise SweepError("\n".join(wrong))
    return [dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values())]


def read(path: Path) -> list[Values]:
    """Return the sets of parameters in a CSV file: one a row, the names in the header; an empty cell gives none.

    Raises: SweepError, which names file, line and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SweepError(f"{path}: cannot be read as a CSV file in UTF-8 ({error}).") from error
    names = [name.strip() for name in lines[0]] if lines else []
    if not names or not all(names) or len(set(names)) < len(names):
        raise SweepError(f"{path}, line 1: expected the names of parameters, each once; found {names}.")
    rows = [(number, row) for number, row in enumerate(lines[1:], start=2) if row]
    wrong = [
        f"{path}, line {number}: {len(row)} fields, expected {len(names)}."
        for number, row in rows
        if len(row) != len(names)
    ]
    if wrong or not rows:
        raise SweepError("\n".join(wrong) or f"{path}: no row below the header; each row is one run.")
    return [{n: cell.strip() for n, cell in zip(names, row, strict=True) if cell.strip()} for _, row in rows]


def product(first: Sequence[Values], second: Sequence[Values]) -> list[Values]:
    """Return every set of the first joined with every one of the second, none twice.

    Raises: SweepError, if both give one parameter.
    """
    both = sorted({n for values in first for n in values} & {n for values in second for n in values})
    if both:
        raise SweepError(f"{', '.join(both)}: in the file of --grid and in --over; give it in one of them.")
    joined = [{**a, **b} for a in first for b in second]
    return list({json.dumps(values, sort_keys=True): values for values in joined}.values())


def labels(sets: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a name for the files of each run, made of its values, safe in any file system, all different.

    >>> labels([{"iso3": "GBR", "rule": "midpoint"}, {"iso3": "../x"}, {}])
    ['GBR-midpoint', 'x-4e5dfc', 'default']
    """
    found: dict[str, str] = {}
    for values in sets:
        told = "-".join(str(value) for value in values.values()) or "default"
        safe = re.sub(r"[^A-Za-z0-9]+", "-", told).strip("-")[:60]
        if safe != told or safe.lower() in found:
            text = json.dumps(dict(values), sort_keys=True, default=str)
            safe = f"{safe}-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:6]}".lstrip("-")
        found[safe.lower()] = safe
    return list(found.values())
