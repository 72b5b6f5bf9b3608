"""Which of a source's several counts of one country and status stands for it: whole counts before parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from ffstats.choice import Choice

WHO = ("all_persons", "fighters", "affiliates", "members", "adults", "men")
THEATRE = ("syria_iraq", "SYR", "IRQ", "all_theatres")
BOTH = ("travelled", "returned")
SHARED = ("source_id", "iso3", "producer", "who", "place", "group", "as_of")
"""What travelled and returned must share, so that the one is a part of the other."""


def country_cells(estimates: pd.DataFrame, statuses: Iterable[str] = BOTH) -> pd.DataFrame:
    """Return the estimates of countries for some statuses: one row a source, country and status (see `whole`)."""
    rows = whole(estimates, statuses)
    return rows[
        rows["iso3"].str.fullmatch("[A-Z]{3}") & ~rows["iso3"].str.startswith("X") | (rows["iso3"] == "XKX")
    ]


def whole(estimates: pd.DataFrame, statuses: Iterable[str] = BOTH) -> pd.DataFrame:
    """Return the estimates of countries and regions for some statuses, one row a source, origin and status.

    Counts of women or children alone are left out. Where a source gives several counts of one cell the widest
    population comes first (all persons, then fighters), then Syria and Iraq before other theatres, then the latest.
    """
    return _first(estimates[estimates["status"].isin(list(statuses))])


def pairs(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return travelled and returned of each source and origin that has both of the same people: two rows a pair.

    The two share producer, who, theatre, group and date; an undated or vague count pairs with none. Of several pairs
    of a source the one that comes first is as in `whole`.
    """
    rows = estimates[estimates["status"].isin(BOTH) & ~estimates["bound"].isin(["", "vague"])]
    rows = rows[(rows["as_of"] != "") & rows["who"].isin(WHO)]
    return _first(rows[rows.groupby(list(SHARED))["status"].transform("nunique") == len(BOTH)])


def preferred(estimates: pd.DataFrame, choice: Choice, statuses: Iterable[str] = BOTH) -> pd.DataFrame:
    """Return the one estimate of each origin and status that a reader's choice of sources and date prefers."""
    return choice.best_of(whole(choice.dated(estimates), statuses))


def preferred_pairs(estimates: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Return the pair (see `pairs`) of each origin that a reader's choice of sources and date prefers: two rows each."""
    return choice.best_of(pairs(choice.dated(estimates)))


def _first(rows: pd.DataFrame) -> pd.DataFrame:
    """Return of each source's counts of one origin and status the first: the widest population, the latest date."""
    rows = rows[rows["who"].isin(WHO)]
    rank = rows.assign(
        _seen=rows["seen_kind"] == "missing",
        _who=rows["who"].map(WHO.index),
        _where=rows["place"].map({name: at for at, name in enumerate(THEATRE)}).fillna(len(THEATRE)),
    )
    order = ["iso3", "status", "source_id", "_seen", "_who", "_where", "as_of", "producer", "place", "group"]
    rank = rank.sort_values(
        [*order, "estimate_id"], ascending=[*(name != "as_of" for name in order), True], kind="stable"
    )
    return rank.drop_duplicates(["iso3", "status", "source_id"]).drop(columns=["_seen", "_who", "_where"])


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows as named tuples; their fields have the types that the data dictionary gives their columns."""
    yield from frame.itertuples()
