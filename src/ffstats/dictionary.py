"""The data dictionary: one table that says what every column holds, and all that is made from it."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ffstats import definitions, paths
from ffstats.errors import DictionaryError, FfstatsError, TidyError

if TYPE_CHECKING:
    import pandas as pd

KINDS = {"string": "str", "integer": "int64", "number": "float64", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of one tidy table, as the dictionary has it."""

    table: str
    name: str
    type: str
    unit: str
    required: bool
    key: bool
    terms: tuple[str, ...]
    description: str

    def __str__(self) -> str:
        kind = f"{self.type}, {self.unit}" if self.unit else self.type
        marks = [word for word, on in (("key", self.key), ("required", self.required)) if on]
        head = f"{self.table}.{self.name} ({', '.join([kind, *marks])})"
        terms = f"\n  one of: {', '.join(self.terms)}" if self.terms else ""
        return f"{head}\n  {self.description}{terms}"


def _terms(text: str) -> tuple[str, ...]:
    if not text:
        return ()
    return tuple(text.split("|")) if "|" in text else tuple(definitions.terms(text))


@cache
def columns() -> tuple[Column, ...]:
    """Return every column of every tidy table, in the order of the tables.

    >>> columns()[0].name
    'reading_id'
    """
    with paths.vocabulary("dictionary.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Column(
                row["table"], row["column"], row["type"], row["unit"], row["required"] == "yes",
                row["key"] == "yes", _terms(row["terms"]), row["description"],
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


@cache
def tables() -> tuple[str, ...]:
    """Return the names of the tidy tables.

    >>> tables()[:3]
    ('readings', 'estimates', 'series')
    """
    return tuple(dict.fromkeys(column.table for column in columns()))


def of(table: str) -> tuple[Column, ...]:
    """Return the columns of one table.

    Raises: DictionaryError, if there is no such table.
    """
    found = tuple(column for column in columns() if column.table == table)
    if not found:
        raise DictionaryError(f"There is no table {table!r}; the tables are {', '.join(tables())}.")
    return found


def describe(name: str) -> str:
    """Return the dictionary's entry for a table, a column, a term, a measure or a source.

    Parameters: name, such as "estimates", "estimates.best", "best", "travelled" or "soufan2017".
    Raises: DictionaryError, with the nearest names, if nothing is called that.

    >>> print(describe("estimates.n_witnesses"))
    estimates.n_witnesses (integer, witnesses, required)
      Witnesses that give a figure or words for the cell
    """
    wanted = name.strip()
    found = [str(c) for c in columns() if wanted in (f"{c.table}.{c.name}", c.name)]
    if wanted in tables():
        listed = "\n".join(f"  {c.name}: {c.description}" for c in of(wanted))
        found.append(f"{wanted} (table)\n{listed}")
    others = {**_term_entries(), **_measure_entries(), **_source_entries()}
    if wanted in others:
        found.append(others[wanted])
    if not found:
        known = [
            *tables(),
            *(c.name for c in columns()),
            *(f"{c.table}.{c.name}" for c in columns()),
            *others,
        ]
        near = difflib.get_close_matches(wanted, known, n=5)
        hint = f" Did you mean {', '.join(dict.fromkeys(near))}?" if near else ""
        raise DictionaryError(
            f"Nothing is called {wanted!r}.{hint} The tables are {', '.join(tables())}; columns, "
            "terms, measures and sources are known as well."
        )
    return "\n".join(dict.fromkeys(found))


def _term_entries() -> dict[str, str]:
    return {
        term: definitions.describe(term) for facet in definitions.FACETS for term in definitions.terms(facet)
    }


def _measure_entries() -> dict[str, str]:
    return {
        row[
            "measure"
        ]: f"{row['measure']} (measure of series, {row['unit']})\n  {row['title']}. {row['description']}"
        for row in _vocabulary("measures.csv")
    }


def measure_titles() -> dict[str, str]:
    """Return what each measure of the dated totals is called in print.

    >>> measure_titles()["detainees_iraqi_syrian"]
    'Iraqi and Syrian detainees'
    """
    return {row["measure"]: row["title"] for row in _vocabulary("measures.csv")}


def _source_entries() -> dict[str, str]:
    from ffstats import sources

    return {source.source_id: str(source) for source in sources.registry().values()}


def _vocabulary(name: str) -> list[dict[str, str]]:
    with paths.vocabulary(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def validate(table: str, frame: pd.DataFrame) -> list[FfstatsError]:
    """Check a tidy table against the dictionary; return every failure, none left out.

    Parameters: the table's name, and the frame with its columns in any order.
    """
    import pandera.pandas as pandera
    from pandera.errors import SchemaErrors

    spec = of(table)
    schema = pandera.DataFrameSchema(
        {
            c.name: pandera.Column(
                KINDS[c.type],
                checks=[pandera.Check.isin([*c.terms, *([] if c.required else [""])])] if c.terms else [],
                nullable=c.type == "number",
            )
            for c in spec
        },
        unique=[c.name for c in spec if c.key] or None,
        strict=True,
        checks=[
            pandera.Check(lambda f, name=c.name: f[name] != "", name=f"{c.name} filled")
            for c in spec
            if c.required and c.type == "string"
        ],
    )
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        return [
            TidyError(
                f"{table}, row {_row(case)}, column {case['column']}: {case['check']} fails for {case['failure_case']!r}."
            )
            for case in error.failure_cases.to_dict("records")
        ]
    return []


def _row(case: Mapping[str, Any]) -> str:
    return "?" if case["index"] is None else str(case["index"])


def datapackage(files: Mapping[str, str]) -> dict[str, Any]:
    """Return the Frictionless descriptor of the tidy tables.

    Parameters: files, from table name to the path of its CSV beside the descriptor.
    """
    return {
        "name": "ffstats",
        "title": "Published estimates of ISIS foreign fighters",
        "profile": "tabular-data-package",
        "resources": [
            {
                "name": table,
                "path": path,
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": {
                    "fields": [_field(c) for c in of(table)],
                    "primaryKey": [c.name for c in of(table) if c.key],
                    "missingValues": [""],
                },
            }
            for table, path in files.items()
        ],
    }


def _field(column: Column) -> dict[str, Any]:
    constraints: dict[str, Any] = {}
    if column.required:
        constraints["required"] = True
    if column.terms:
        constraints["enum"] = list(column.terms)
    field: dict[str, Any] = {"name": column.name, "type": column.type, "description": column.description}
    if column.unit:
        field["unit"] = column.unit
    if constraints:
        field["constraints"] = constraints
    return field


def as_json() -> dict[str, list[dict[str, Any]]]:
    """Return the dictionary as plain data: table → its columns."""
    return {table: [_field(c) | {"key": c.key} for c in of(table)] for table in tables()}


def as_markdown() -> str:
    """Return the dictionary as a Markdown page."""
    lines = ["# Data dictionary", "", "Written by `ffstats clean` from one table; do not edit.", ""]
    for table in tables():
        lines += [f"## {table}", "", "| column | type | unit | holds |", "|---|---|---|---|"]
        for c in of(table):
            terms = f" One of: {', '.join(c.terms)}." if c.terms else ""
            name = f"**{c.name}**" if c.key else c.name
            text = f"{c.description}.{terms}".replace("|", "\\|")
            lines.append(f"| {name} | {c.type} | {c.unit} | {text} |")
        lines.append("")
    lines += ["## Terms", "", "| facet | term | means |", "|---|---|---|"]
    for facet in definitions.FACETS:
        for term in definitions.terms(facet):
            text = (
                definitions.describe(term).split("\n", 1)[-1].replace("\n", " ").strip().replace("|", "\\|")
            )
            lines.append(f"| {facet} | {term} | {text} |")
    return "\n".join([*lines, ""])
