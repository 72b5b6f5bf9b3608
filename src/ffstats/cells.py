"""Which of a source's several counts of one country and status stands for it: whole counts before parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

WHO = ("all_persons", "fighters", "affiliates", "members", "adults", "men")
THEATRE = ("syria_iraq", "SYR", "IRQ", "all_theatres")
BOTH = ("travelled", "returned")


def country_cells(estimates: pd.DataFrame, statuses: Iterable[str] = BOTH) -> pd.DataFrame:
    """Return the estimates of countries for some statuses: one row a source, country and status (see `whole`)."""
    rows = whole(estimates, statuses)
    return rows[
        rows["iso3"].str.fullmatch("[A-Z]{3}") & ~rows["iso3"].str.startswith("X") | (rows["iso3"] == "XKX")
    ]


def whole(estimates: pd.DataFrame, statuses: Iterable[str] = BOTH) -> pd.DataFrame:
    """Return the estimates of countries and regions for some statuses, one row a source, origin and status.

    Counts of women or children alone are left out. Where a source gives several counts of one cell the widest
    population comes first (all persons, then fighters), then Syria and Iraq before other theatres.
    """
    rows = estimates[estimates["status"].isin(list(statuses)) & estimates["who"].isin(WHO)]
    rank = rows.assign(
        _seen=rows["seen_kind"] == "missing",
        _who=rows["who"].map(WHO.index),
        _where=rows["place"].map({name: at for at, name in enumerate(THEATRE)}).fillna(len(THEATRE)),
    )
    rank = rank.sort_values(
        ["iso3", "status", "source_id", "_seen", "_who", "_where", "as_of", "estimate_id"],
        ascending=[True, True, True, True, True, True, False, True],
        kind="stable",
    )
    return rank.drop_duplicates(["iso3", "status", "source_id"]).drop(columns=["_seen", "_who", "_where"])


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows as named tuples; their fields have the types that the data dictionary gives their columns."""
    yield from frame.itertuples()
