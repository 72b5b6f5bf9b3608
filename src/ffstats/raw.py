"""Reading the raw CSV files: strictly, with every problem reported at once and nothing lost."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ffstats import paths
from ffstats.errors import (
    ColumnError,
    DuplicateKeyError,
    EncodingError,
    FfstatsError,
    FieldError,
    NulByteError,
    RawDataError,
    RowLengthError,
)

Row = dict[str, str]
"""One row of a CSV file, column name → text as it stands there."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a raw table: its name, whether it must be filled, and the values it may hold."""

    name: str
    required: bool = False
    unique: bool = False
    terms: tuple[str, ...] = ()


def at(path: Path | str, row: int | None = None, column: str | None = None) -> str:
    """Write a place in a file as a reader finds it: the header is line 1, so the first row is line 2.

    Parameters: path of the file, or its name as `paths.shown` writes it; row, counted from 0; column, its name.

    >>> at(Path("readings.csv"), 0, "printed")
    'readings.csv, line 2, column printed'
    """
    where = path if isinstance(path, str) else paths.shown(path)
    if row is not None:
        where += f", line {row + 2}"
    return f"{where}, column {column}" if column else where


def fields_of(descriptor: Mapping[str, Any], resource: str) -> tuple[Field, ...]:
    """Return the columns that a Frictionless descriptor lays down for one of its resources."""
    for entry in descriptor["resources"]:
        if entry["path"] == resource:
            schema = entry["schema"]
            key = schema.get("primaryKey", [])
            keys = (key,) if isinstance(key, str) else tuple(key)
            return tuple(
                Field(
                    name=field["name"],
                    required=bool(field.get("constraints", {}).get("required")) or field["name"] in keys,
                    unique=bool(field.get("constraints", {}).get("unique")) or keys == (field["name"],),
                    terms=tuple(field.get("constraints", {}).get("enum", ())),
                )
                for field in schema["fields"]
            )
    raise ColumnError(f"datapackage.json has no resource with path {resource!r}; add one with its schema.")


def read(path: Path, fields: Sequence[Field]) -> list[Row]:
    """Read one CSV file and check it against its columns.

    Parameters: path of a UTF-8 CSV file with a header; the columns it must have, in any order.
    Returns: its rows, every field as text.
    Raises: RawDataError, which lists every problem found with file, line, column and remedy.
    """
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    problems: list[FfstatsError] = []
    rows: list[Row] = []
    try:
        header = next(reader, [])
        problems += _header_problems(path, header, fields)
        for index, values in enumerate(reader):
            if len(values) != len(header):
                problems.append(
                    RowLengthError(
                        f"{at(path, index)}: {len(values)} fields, {len(header)} expected. "
                        "Quote fields that hold a comma, and keep one record a line."
                    )
                )
                continue
            rows.append(dict(zip(header, values, strict=True)))
    except csv.Error as error:
        problems.append(
            RowLengthError(
                f"{at(path, len(rows))}: {error}. Check the quotation marks of this row and the last."
            )
        )
    if text and not text.endswith(("\n", "\r")):
        problems.append(
            RowLengthError(
                f"{at(path, max(0, len(rows) - 1))}: the file ends within a line, so it may have been cut short. "
                "Take it again from its source; if it is whole, end its last line."
            )
        )
    if not any(isinstance(p, ColumnError) for p in problems):
        problems += _value_problems(path, rows, fields)
    if problems:
        raise RawDataError(problems)
    return rows


def _text(path: Path) -> str:
    """Return a file's text, or say where it is not UTF-8 or holds a NUL byte."""
    data = paths.raw_file(path).read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n"), before.rsplit(b"\n", 1)[-1].count(b",") + 1
        byte = data[error.start]
        raise RawDataError(
            [
                EncodingError(
                    f"{at(path)}, line {line + 1}, about column {column}: byte 0x{byte:02x} is not UTF-8. "
                    "Save the file as UTF-8 (in a spreadsheet: CSV UTF-8)."
                )
            ]
        ) from error
    if "\0" in text:
        before_nul = text[: text.index("\0")]
        line = before_nul.count("\n")
        number = before_nul.rsplit("\n", 1)[-1].count(",")
        header = text.split("\n", 1)[0].rstrip("\r").split(",")
        column_name = header[number] if number < len(header) else str(number + 1)
        raise RawDataError(
            [
                NulByteError(
                    f"{at(path)}, line {line + 1}, column {column_name}: a NUL byte. "
                    "The file is damaged or UTF-16: take it again from its source and save it as UTF-8."
                )
            ]
        )
    return text


def _header_problems(path: Path, header: Sequence[str], fields: Sequence[Field]) -> Iterator[FfstatsError]:
    names = [field.name for field in fields]
    for name in names:
        if name not in header:
            yield ColumnError(
                f"{at(path, column=name)}: missing. Add it; the columns are {', '.join(names)}."
            )
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            yield ColumnError(f"{at(path, column=name)}: stands {header.count(name)} times. Keep one.")
        if name not in names:
            yield ColumnError(
                f"{at(path, column=name)}: not known. Remove or rename it; the columns are {', '.join(names)}."
            )


def _value_problems(path: Path, rows: Sequence[Row], fields: Sequence[Field]) -> Iterator[FfstatsError]:
    for field in fields:
        seen: dict[str, int] = {}
        for index, row in enumerate(rows):
            value = row[field.name]
            if field.required and not value.strip():
                yield FieldError(f"{at(path, index, field.name)}: empty. Fill it, or remove the row.")
            elif field.terms and value and value not in field.terms:
                yield FieldError(
                    f"{at(path, index, field.name)}: {value!r} is not a term. Use one of {', '.join(field.terms)}."
                )
            if field.unique and value:
                if value in seen:
                    yield DuplicateKeyError(
                        f"{at(path, index, field.name)}: {value!r} stands already in line {seen[value] + 2}. "
                        "Give each row its own."
                    )
                else:
                    seen[value] = index


def descriptor(folder: Path) -> dict[str, Any]:
    """Return the Frictionless descriptor of a source's folder."""
    path = folder / "datapackage.json"
    if not path.is_file():
        raise RawDataError(
            [ColumnError(f"{paths.shown(folder)}: no datapackage.json. Describe the folder's files there.")]
        )
    try:
        found: dict[str, Any] = json.loads(paths.raw_file(path).read_text(encoding="utf-8"))
    except ValueError as error:
        damaged = f"{paths.shown(path)}: not JSON ({error}). The file is damaged: take it again from its source."
        raise RawDataError([FieldError(damaged)]) from error
    return found


def table(folder: Path, name: str, like: str | None = None) -> list[Row]:
    """Read one table of a source's folder, such as readings.csv, by its own description or another's."""
    return read(folder / name, fields_of(descriptor(folder), like or name))


def gather(parts: Iterable[tuple[Path, str, str]]) -> tuple[dict[Path, list[Row]], list[FfstatsError]]:
    """Read several tables; return those that could be read and the problems of all the others together.

    Parameters: parts, each a folder, the file's name, and the name of the table that describes its columns.
    """
    found: dict[Path, list[Row]] = {}
    problems: list[FfstatsError] = []
    for folder, name, like in parts:
        try:
            found[folder / name] = table(folder, name, like)
        except RawDataError as error:
            problems += error.problems
    return found, problems
