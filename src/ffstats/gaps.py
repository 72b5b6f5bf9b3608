"""Cells known to exist but not yet seen: what is missing, where to look, and how a person fills it in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ffstats import definitions, formulas, paths, places, printed, raw, sources, store, tidy
from ffstats.errors import (
    FfstatsError,
    FieldError,
    PlaceError,
    PrintedError,
    RawDataError,
    UnknownSourceError,
)

COLUMNS = ("source_id", "origin", "who", "status", "group", "place", "as_of", "producer", "basis", "printed",
           "language", "seen_kind", "seen_at", "locator", "note")  # fmt: skip
"""Columns of the template; `printed`, `seen_kind` and `seen_at` are for the person to fill."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One cell of a source that exists in print and has not been seen."""

    source_id: str
    iso3: str
    origin: str
    who: str
    status: str
    group: str
    place: str
    as_of: str
    producer: str
    basis: str
    look_in: str


def gaps(source_id: str | None = None) -> list[Gap]:
    """Return the missing cells, of one source or of all.

    Raises: UnknownSourceError, if there is no such source.
    """
    if source_id is not None:
        sources.source(source_id)
    frame = tidy.estimates()
    frame = frame[frame["seen_kind"] == "missing"]
    if source_id is not None:
        frame = frame[frame["source_id"] == source_id]
    columns = [*(name for name in Gap.__dataclass_fields__ if name != "look_in"), "locator"]
    return [Gap(*row) for row in frame[columns].itertuples(index=False)]


def template(source_id: str | None = None) -> bytes:
    """Return a CSV with one row a missing cell, for a person who has the document to fill in."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for gap in gaps(source_id):
        row = {k: v for k, v in asdict(gap).items() if k in COLUMNS} | {"locator": gap.look_in}
        writer.writerow(dict.fromkeys(COLUMNS, "") | {name: formulas.neutral(text) for name, text in row.items()})
    return text.getvalue().encode("utf-8")


def add(path: Path) -> dict[Path, int]:
    """Take in a filled template: its rows join the raw data of their sources as readings.

    Rows whose `printed` is still empty stay missing. All rows are checked before anything is written.
    Returns: the files written and the number of readings added to each.
    Raises: RawDataError with every problem of the file.
    """
    fields = [
        raw.Field(c, required=c in ("source_id", "origin", "who", "status", "group", "place"),
                  terms=definitions.terms(c) if c in definitions.FACETS else ())
        for c in COLUMNS
    ]  # fmt: skip
    rows = raw.read(path, fields)
    problems: list[FfstatsError] = []
    filled: dict[str, list[Mapping[str, str]]] = {}
    for index, row in enumerate(rows):
        if not row["printed"].strip():
            continue
        problems += _problems(path, index, row)
        filled.setdefault(row["source_id"], []).append(row)
    if not filled:
        problems.append(
            FieldError(
                f"{raw.at(path, column='printed')}: empty in every row. Fill it where you have the figure."
            )
        )
    if problems:
        raise RawDataError(problems)
    before = {source_id: _bytes(paths.raw_dir() / source_id / sources.ADDED) for source_id in filled}
    for source_id, new in filled.items():
        folder = paths.raw_dir() / source_id
        store.write(folder, {sources.ADDED: _joined(folder, source_id, new)})
    try:
        tidy.clear()
        store.build()
    except RawDataError:  # the rows are sound one by one, but not beside the others: take them back
        for source_id, data in before.items():
            path = paths.raw_dir() / source_id / sources.ADDED
            path.unlink() if data is None else path.write_bytes(data)
        raise
    return {paths.raw_dir() / source_id / sources.ADDED: len(new) for source_id, new in filled.items()}


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _problems(path: Path, index: int, row: Mapping[str, str]) -> list[FfstatsError]:
    found: list[FfstatsError] = [*formulas.refused(row, raw.at(path, index))]

    def wrong(column: str, message: str) -> None:
        found.append(FieldError(f"{raw.at(path, index, column)}: {message}"))

    try:
        sources.source(row["source_id"])
    except UnknownSourceError as error:
        found.append(UnknownSourceError(f"{raw.at(path, index, 'source_id')}: {error}"))
    try:
        places.code(row["origin"])
    except PlaceError as error:
        wrong("origin", str(error))
    try:
        printed.parse(row["printed"], row["language"] or None, "persons")
    except PrintedError as error:
        wrong("printed", str(error))
    if row["seen_kind"] not in ("primary", "reprint", "press"):
        wrong("seen_kind", f"{row['seen_kind']!r}. Say how you saw it: primary, reprint or press.")
    if not row["seen_at"].strip():
        wrong("seen_at", "empty. Give the address or the library copy that you saw.")
    return found


def _joined(folder: Path, source_id: str, new: list[Mapping[str, str]]) -> bytes:
    """Return the bytes of a source's added.csv with more rows at its end."""
    columns = [f.name for f in raw.fields_of(raw.descriptor(folder), "readings.csv")]
    path = folder / sources.ADDED
    rows = raw.table(folder, sources.ADDED, "readings.csv") if path.is_file() else []
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    for number, row in enumerate(new, start=len(rows) + 1):
        writer.writerow(dict.fromkeys(columns, "") | dict(row) | {"reading_id": f"{source_id}-a{number:03}"})
    return text.getvalue().encode("utf-8")
