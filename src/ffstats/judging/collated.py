"""The collated cells behind a piece of evidence: what all witnesses together print of the same figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from ffstats import paths, places, records, sources
from ffstats.errors import PlaceError
from ffstats.estimate import Estimate
from ffstats.judging.entries import Evidence


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a source's table, with what its witnesses make of it.

    `witnesses` holds ids of readings, `dissent` the readings that were overruled, in words.
    """

    estimate_id: str
    title: str
    value: str
    n_witnesses: int
    n_independent: int
    dissent: str
    witnesses: tuple[str, ...]

    def __str__(self) -> str:
        print_it = "1 witness prints" if self.n_witnesses == 1 else f"{self.n_witnesses} witnesses print"
        dissent = f"; dissent: {self.dissent}" if self.dissent else ""
        return f"{self.title}: {self.value}; {print_it} this cell, {self.n_independent} independent{dissent}"

    def as_dict(self) -> dict[str, Any]:
        """Return the cell as plain values."""
        return asdict(self) | {"witnesses": list(self.witnesses)}


def cells(evidence: Iterable[Evidence]) -> tuple[Cell, ...]:
    """Return the cells of which pieces of evidence print one: same report, origin and status.

    Where the report has several such cells, counting different people, those of the same people are returned.

    >>> from ffstats.judging.entries import load
    >>> [cell.estimate_id.split("/")[:3] for cell in cells(e for e in load().evidence if e.claim_id == "c078")]
    [['soufan2017', 'SAU', 'travelled']]
    """
    found: dict[str, Cell] = {}
    for e in evidence:
        report = _report(e)
        if not report or e.estimate is None:
            continue
        rows = _rows().get((report, _code(e.definition.origin), e.definition.status), [])
        same = [row for row in rows if row["who"] == e.definition.who]
        for row in same or rows:
            found.setdefault(row["estimate_id"], _cell(row))
    return tuple(found.values())


def _report(e: Evidence) -> str:
    """The source that a piece of evidence quotes: its author, and the month of the report; else nothing."""
    author = e.producer.partition(",")[0]
    for source in sources.registry().values():
        named = author and (author in source.author or source.short.startswith(author + " "))
        if named and source.kind == "report" and source.as_of[:7] == e.as_of[:7]:
            return source.source_id
    return ""


def _code(origin: str) -> str:
    try:
        return places.code(origin)
    except PlaceError:
        return ""


def _cell(row: Mapping[str, str]) -> Cell:
    ends = (float(row[name]) if row[name] else None for name in ("low", "high", "best"))
    low, high, best = ends
    source = sources.source(row["source_id"]).short
    return Cell(
        row["estimate_id"],
        f"{source}, {row['origin']}, {row['status'].replace('_', ' ')}",
        str(Estimate(low, high, row["bound"], row["unit"], best)),
        int(row["n_witnesses"]),
        int(row["n_independent"]),
        row["dissent"],
        tuple(row["witnesses"].split()),
    )


@cache
def _rows() -> dict[tuple[str, str, str], list[dict[str, str]]]:
    """The cells that were seen, by source, origin and status; read without pandas where data/processed is fresh."""
    if records.CleanTask().changes():
        from ffstats import tidy

        text = tidy.estimates().to_csv(index=False)
    else:
        text = (paths.processed_dir() / "estimates.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        if row["bound"]:
            found.setdefault((row["source_id"], row["iso3"], row["status"]), []).append(row)
    return found
