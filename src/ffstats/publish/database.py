"""The tidy tables for other tools: a Frictionless package, Parquet, and one SQLite file whose views answer questions."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import dictionary, paths, store
from ffstats.errors import ExportError
from ffstats.formulas import is_formula

if TYPE_CHECKING:
    import pandas as pd

NAME = "ffstats.sqlite"
TYPES = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}
VERDICTS = {
    "claim_id": "Key of the claim",
    "text": "Which of the three texts",
    "verdict": "What the evidence says of the printed number, see `ffstats check`",
    "flags": "In what it differs: value, population, bound, vintage, nesting, attribution",
    "evidence_id": "The evidence that the verdict rests on",
    "reason": "Why, in one sentence",
}
_VIEW = re.compile(r"((?:^--.*\n)+)^CREATE VIEW (\w+)", re.MULTILINE)


def formulas(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Name every text cell of some tables that a spreadsheet would take for a formula."""
    return [
        f"{name}, row {row}, column {column}: {value!r}"
        for name, frame in tables.items()
        for column in frame.columns[frame.dtypes == "str"]
        for row, value in enumerate(frame[column], 1)
        if is_formula(value)
    ]


def sqlite_bytes(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Return the tidy tables, the verdicts, the dictionary and the views as an SQLite file, always the same bytes.

    Parameters: tables, name → frame, as `store.build` returns them.
    """
    # Built in memory in one transaction: page size, order and counters do not depend on the disk or the clock.
    base = sqlite3.connect(":memory:", isolation_level=None)
    try:
        base.execute("PRAGMA page_size = 4096")
        base.execute("BEGIN")
        for name, frame in tables.items():
            _fill(base, name, [_declared(c) for c in dictionary.of(name)], _rows(name, frame), _keys(name))
        columns = [(name, "TEXT NOT NULL", text) for name, text in VERDICTS.items()]
        _fill(base, "verdicts", columns, _verdicts(), ["claim_id"])
        _fill(base, "dictionary", _ABOUT, _dictionary(), ["table_name", "column_name"])
        base.executescript(f"BEGIN;\n{views_sql()}\nCOMMIT;")
        data = bytearray(base.serialize())
    finally:
        base.close()
    # The header names the version of SQLite that wrote last (bytes 96 to 99), which says nothing of the content.
    data[96:100] = (3_040_000).to_bytes(4, "big")
    return bytes(data)


_ABOUT = [
    ("table_name", "TEXT NOT NULL", "Table or view"),
    ("column_name", "TEXT NOT NULL", "Column; empty for what a view answers as a whole"),
    ("type", "TEXT NOT NULL", "Type"),
    ("unit", "TEXT NOT NULL", "Unit"),
    ("description", "TEXT NOT NULL", "What it holds"),
]


def _declared(c: dictionary.Column) -> tuple[str, str, str]:
    words = f"{c.description} ({c.unit})" if c.unit else c.description
    return c.name, TYPES[c.type] + (" NOT NULL" if c.required else ""), words


def _keys(table: str) -> list[str]:
    return [c.name for c in dictionary.of(table) if c.key]


def _fill(
    base: sqlite3.Connection,
    table: str,
    columns: list[tuple[str, str, str]],
    rows: Iterator[tuple[Any, ...]],
    keys: list[str],
) -> None:
    """Make a table whose declaration says what each column holds, and put its rows in by key."""
    listed = [f'    "{name}" {kind}, -- {words}' for name, kind, words in columns]
    key = ", ".join(f'"{name}"' for name in keys)
    base.execute("\n".join([f'CREATE TABLE "{table}" (', *listed, f"    PRIMARY KEY ({key})", ")"]))
    places = [[name for name, _, _ in columns].index(name) for name in keys]
    ordered = sorted(rows, key=lambda row: [row[place] for place in places])
    base.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(columns))})', ordered)


def _rows(table: str, frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    frame = frame[[c.name for c in dictionary.of(table)]]
    for row in frame.astype(object).itertuples(index=False, name=None):
        yield tuple(None if value != value else value for value in row)


def _verdicts() -> Iterator[tuple[Any, ...]]:
    from ffstats import ledger

    for v in ledger.check():
        best = v.best.evidence_id if v.best else ""
        yield v.claim_id, v.claim.text, v.verdict, " ".join(v.flags), best, v.reason


def _dictionary() -> Iterator[tuple[Any, ...]]:
    for c in dictionary.columns():
        yield c.table, c.name, c.type, c.unit, c.description
    for name, words in VERDICTS.items():
        yield "verdicts", name, "string", "", words
    for name, question in questions().items():
        yield name, "", "view", "", question


def views_sql() -> str:
    """Return the views, as SQL with comments."""
    return Path(__file__).with_name("views.sql").read_text(encoding="utf-8")


def questions() -> dict[str, str]:
    """Return what each view answers: its name → the comment that stands before it.

    >>> questions()["missing_cells"]
    'Which cells of which sources were never seen, and where would one look?'
    """
    return {
        name: " ".join(line.removeprefix("--").strip() for line in comment.splitlines())
        for comment, name in _VIEW.findall(views_sql())
    }


def datasette_metadata() -> dict[str, Any]:
    """Return what Datasette shows beside the tables: titles, descriptions, and what each column holds."""
    tables: dict[str, Any] = {
        name: {"columns": {c.name: c.description for c in dictionary.of(name)}}
        for name in dictionary.tables()
    }
    tables["verdicts"] = {"columns": dict(VERDICTS)}
    tables |= {name: {"description": question} for name, question in questions().items()}
    about = "Estimates of people, made by others, and uncertain; each row names where it was printed and how it was seen."
    title = "Published estimates of ISIS foreign fighters"
    return {"title": title, "description": about, "databases": {"ffstats": {"tables": tables}}}


def files() -> dict[str, bytes]:
    """Return every file of the data package for others, name → bytes.

    Raises: RawDataError as `store.build` does; ExportError with every cell that a spreadsheet would run.
    """
    tables = store.build()
    wrong = formulas(tables)
    if wrong:
        raise ExportError(wrong)
    made = store.files(tables) | {
        NAME: sqlite_bytes(tables),
        "metadata.json": store.json_bytes(datasette_metadata()),
        "views.sql": views_sql().encode("utf-8"),
    }
    return dict(sorted(made.items()))


def export(out: Path | None = None) -> tuple[Path, list[str]]:
    """Write the data package for others; return its folder and the files that changed.

    Parameters: out, the folder (default: results/data).
    """
    folder = out or paths.results_dir() / "data"
    return folder, store.write(folder, files())
