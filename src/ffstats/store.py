"""Writing the tidy tables to data/processed: CSV, Parquet, dictionary; all of them or none."""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ffstats import building, dictionary
from ffstats.errors import FfstatsError, RawDataError


def build() -> dict[str, pd.DataFrame]:
    """Build and check every tidy table.

    Raises: RawDataError, which lists all that is wrong in the raw data and all failures of the tables.
    """
    problems: list[FfstatsError] = []
    tables: dict[str, pd.DataFrame] = {}
    for name, make in building.BUILDERS.items():
        try:
            tables[name] = make()
        except RawDataError as error:
            problems += [p for p in error.problems if str(p) not in map(str, problems)]
            continue
        problems += dictionary.validate(name, tables[name])
    if problems:
        raise RawDataError(problems)
    return tables


def number(value: float) -> str:
    """Write a number for a CSV file: whole numbers without a point, nothing for an open or missing end.

    >>> number(3417.0), number(11.11), number(float("nan"))
    ('3417', '11.11', '')
    """
    if value != value:
        return ""
    return str(int(value)) if value == int(value) else repr(float(value))


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV: UTF-8, one line a row, the same bytes on every platform."""
    out = frame.copy()
    for column in out.columns:
        if out[column].dtype == "float64":
            out[column] = out[column].map(number)
    text = io.StringIO()
    out.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode("utf-8")


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as Parquet, without the metadata that would differ between machines."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", version="2.6")
    return sink.getvalue()


def json_bytes(data: Any) -> bytes:
    """Return plain data as JSON that reads well and never changes its order."""
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def files(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return every file of data/processed, name → bytes."""
    found: dict[str, bytes] = {}
    for name, frame in tables.items():
        found[f"{name}.csv"] = csv_bytes(frame)
        found[f"{name}.parquet"] = parquet_bytes(frame)
    found["dictionary.json"] = json_bytes(dictionary.as_json())
    found["dictionary.md"] = dictionary.as_markdown().encode("utf-8")
    found["datapackage.json"] = json_bytes(dictionary.datapackage({name: f"{name}.csv" for name in tables}))
    return dict(sorted(found.items()))


def write(folder: Path, contents: Mapping[str, bytes]) -> list[str]:
    """Write files into a folder so that a reader sees each one whole, old or new; return those that changed.

    All are written beside the folder first and renamed last, so that an interrupted or failing run leaves
    nothing in part.
    """
    folder.mkdir(parents=True, exist_ok=True)
    changed = [
        n for n, data in contents.items() if not (folder / n).is_file() or (folder / n).read_bytes() != data
    ]
    if not changed:
        return []
    waiting = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        for name in changed:
            with (waiting / name).open("wb") as file:
                file.write(contents[name])
                file.flush()
                os.fsync(file.fileno())
        for name in changed:
            os.replace(waiting / name, folder / name)
    finally:
        shutil.rmtree(waiting, ignore_errors=True)
    return changed
