"""The public tables: what was printed, read and collated, as tidy pandas frames.

Each function returns a fresh frame whose columns the data dictionary describes (`ffstats.describe`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import ParamSpec, TypeVar, cast

import pandas as pd

from ffstats import building, paths, records
from ffstats.estimate import Estimate

P = ParamSpec("P")
R = TypeVar("R")


def readings() -> pd.DataFrame:
    """Return every witness's reading of every cell, one row a reading, missing cells among them."""
    return table("readings")


def estimates() -> pd.DataFrame:
    """Return one estimate for every cell of every source: its witnesses collated, or shown as missing."""
    return table("estimates")


def series() -> pd.DataFrame:
    """Return the dated totals: strength, inflow, detainees, the camp of al-Hol, territory."""
    return table("series")


def population() -> pd.DataFrame:
    """Return the inhabitants of each country by year (World Bank)."""
    return table("population")


def claims() -> pd.DataFrame:
    """Return the quantitative statements of the three texts, one row a claim."""
    return table("claims")


def evidence() -> pd.DataFrame:
    """Return what was seen that bears on the claims, one row a piece of evidence."""
    return table("evidence")


def events() -> pd.DataFrame:
    """Return the dated events that the texts mention."""
    return table("events")


def source_table() -> pd.DataFrame:
    """Return the registry of sources."""
    return table("sources")


def table(name: str) -> pd.DataFrame:
    """Return a tidy table by its name: from data/processed where that is fresh, else built from the raw data.

    Raises: RawDataError, if it must be built and the raw data have problems.
    """
    paths.note_read("tables", name)
    return _kept(name).copy()


IDS = {
    "readings": "reading_id",
    "estimates": "estimate_id",
    "series": "series_id",
    "claims": "claim_id",
    "evidence": "evidence_id",
    "events": "event_id",
}
"""Tables whose rows have names of their own, and the column that holds them."""


def row(table_name: str, row_id: str) -> pd.Series | None:
    """Return the row of a table that an id names; None, if there is none.

    >>> row("claims", "c008")["low"]
    np.float64(40000.0)
    """
    frame = table(table_name)
    # Compared in Python: Arrow refuses an id that is not UTF-8, as an argument of a command may be.
    ids = frame[IDS[table_name]].tolist()
    return frame.iloc[ids.index(row_id)] if row_id in ids else None


@cache
def _kept(name: str) -> pd.DataFrame:
    if _fresh():
        return pd.read_parquet(paths.processed_dir() / f"{name}.parquet")
    return building.BUILDERS[name]()


def until_cleared(make: Callable[P, R]) -> Callable[P, R]:
    """Keep what a function makes of the tables, for each of its arguments, until `clear`."""
    kept = cache(make)
    _cleared.append(kept.cache_clear)
    return cast("Callable[P, R]", kept)


_cleared: list[Callable[[], None]] = []


@cache
def _fresh() -> bool:
    return not records.CleanTask().changes()


def as_estimate(row: pd.Series) -> Estimate | None:
    """Return the estimate that a row of a tidy table holds, or None where its cell is missing."""
    if not row["bound"]:
        return None
    low, high, best = (None if pd.isna(row[c]) else float(row[c]) for c in ("low", "high", "best"))
    return Estimate(low, high, row["bound"], row["unit"], best)


def clear() -> None:
    """Forget what was read, so that the next call reads the raw data again."""
    building.clear()
    _kept.cache_clear()
    _fresh.cache_clear()
    for forget in _cleared:
        forget()
