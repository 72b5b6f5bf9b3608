"""The registry of sources, and what each source's folder holds: raw rows, with corrections applied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ffstats import paths, raw
from ffstats.errors import FfstatsError, FieldError, RawDataError, UnknownSourceError

REGISTRY = "sources.csv"
CORRECTIONS = "corrections.csv"
ADDED = "added.csv"
"""Readings that a person with the document has filled in; the same columns as readings.csv."""

REPLACING = ("date", "attribution", "definition", "repeats")
"""Kinds of correction that put another value in a field. The others say how the printed words are read."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source: what it is, how it counts, and where its figures stand."""

    source_id: str
    title: str
    short: str
    author: str
    published: str
    kind: str
    as_of: str
    who_default: str
    group_default: str
    licence: str
    citation: str
    look_in: str
    rank: int

    def __str__(self) -> str:
        lines = [
            f"{self.source_id} (source)",
            f"  {self.citation}",
            f"  Counts: {self.who_default or 'various'}, {self.group_default or 'various'}; as of {self.as_of or 'various dates'}.",
            f"  Licence: {self.licence}",
            f"  Look in: {self.look_in}",
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Correction:
    """Why one field of one raw row is not taken as it was transcribed."""

    row_id: str
    field: str
    as_transcribed: str
    corrected: str
    kind: str
    reason: str


REGISTRY_FIELDS = tuple(
    raw.Field(name, required=name in ("source_id", "title", "short", "kind", "citation", "rank"),
              unique=name == "source_id", terms=("report", "serial", "context") if name == "kind" else ())
    for name in Source.__dataclass_fields__
)  # fmt: skip
CORRECTION_KINDS = ("transcriber", "expression", "unreadable", *REPLACING)
CORRECTION_FIELDS = tuple(
    raw.Field(name, required=name in ("row_id", "field", "kind", "reason"),
              terms=CORRECTION_KINDS if name == "kind" else ())
    for name in Correction.__dataclass_fields__
)  # fmt: skip


@cache
def _registry(folder: Path) -> dict[str, Source]:
    rows = raw.read(folder / REGISTRY, REGISTRY_FIELDS)
    return {row["source_id"]: _source(row) for row in rows}


def _source(row: raw.Row) -> Source:
    fields: dict[str, Any] = {**row, "rank": int(row["rank"])}
    return Source(**fields)


def registry() -> dict[str, Source]:
    """Return every source by its id, in the order of the registry.

    >>> registry()["soufan2017"].kind
    'report'
    """
    return _registry(paths.raw_dir())


def source(source_id: str) -> Source:
    """Return one source.

    Raises: UnknownSourceError, which lists the sources there are.
    """
    found = registry().get(source_id)
    if found is None:
        raise UnknownSourceError(
            f"There is no source {source_id!r}. The sources are {', '.join(registry())}; "
            f"a new one needs a row in {paths.shown(paths.raw_dir() / REGISTRY)}."
        )
    return found


def corrections() -> dict[str, tuple[Correction, ...]]:
    """Return the corrections of each raw row, by the row's id."""
    path = paths.raw_dir() / CORRECTIONS
    found: dict[str, list[Correction]] = {}
    for row in raw.read(path, CORRECTION_FIELDS) if path.is_file() else []:
        found.setdefault(row["row_id"], []).append(Correction(**row))
    return {row_id: tuple(each) for row_id, each in found.items()}


def folders(name: str) -> list[Path]:
    """Return the source folders that hold a table of that name, in the registry's order.

    Raises: RawDataError with an UnknownSourceError for each folder that the registry does not hold.
    """
    base = paths.raw_dir()
    known = registry()
    strangers = sorted(
        p.name for p in base.iterdir() if p.is_dir() and p.name not in known and any(p.glob("*.csv"))
    )
    if strangers:
        raise RawDataError(
            [
                UnknownSourceError(
                    f"{paths.shown(base / name)}: a folder of an unknown source. Add a row with source_id "
                    f"{name!r} to {paths.shown(base / REGISTRY)}, or remove the folder."
                )
                for name in strangers
            ]
        )
    return [base / source_id for source_id in known if (base / source_id / name).is_file()]


def rows(name: str, key: str) -> list[raw.Row]:
    """Return the rows of a table from every source that has it, corrected, with their source and their file.

    Parameters: name of the table, such as readings.csv; key, the column that names a row.
    Returns: rows with source_id, file, line, `reads` (the expression to read in place of the printed words,
    where a correction restates it), `unreadable` and `correction` (the reasons) added.
    Raises: RawDataError with every problem of every file.
    """
    parts = [(folder, name, name) for folder in folders(name)]
    if name == "readings.csv":
        parts += [(folder, ADDED, name) for folder in folders(ADDED)]
    tables, problems = raw.gather(parts)
    reasons = corrections()
    found: list[raw.Row] = []
    keys: dict[str, str] = {}
    for path, table in tables.items():
        file = paths.shown(path)  # once a file: it asks the disk where the project is
        for index, row in enumerate(table):
            here = raw.at(file, index, key)
            if row[key] in keys:
                problems.append(
                    FieldError(
                        f"{here}: {row[key]!r} stands already in {keys[row[key]]}. Give each row its own."
                    )
                )
            keys[row[key]] = here
            found.append(
                _corrected(row, reasons.get(row[key], ()), problems)
                | {"source_id": path.parent.name, "file": file, "line": str(index + 2)}
            )
    if problems:
        raise RawDataError(problems)
    return found


def _corrected(row: raw.Row, reasons: tuple[Correction, ...], problems: list[FfstatsError]) -> raw.Row:
    """Apply a row's corrections, after checking that each still speaks of what the row holds."""
    done = row | {"reads": row["printed"], "unreadable": "", "correction": ""}
    for each in reasons:
        if each.field not in row or row[each.field] != each.as_transcribed:
            problems.append(
                FieldError(
                    f"{paths.shown(paths.raw_dir() / CORRECTIONS)}, row {each.row_id}, column {each.field}: the raw "
                    f"row holds {row.get(each.field)!r}, the correction speaks of {each.as_transcribed!r}. "
                    "Bring the correction up to date, or remove it."
                )
            )
            continue
        if each.kind == "expression":
            done["reads"] = each.corrected
        elif each.kind == "unreadable":
            done["unreadable"] = "yes"
        elif each.kind in REPLACING:
            done[each.field] = each.corrected
        done["correction"] = "; ".join(filter(None, [done["correction"], each.reason]))
    return done
