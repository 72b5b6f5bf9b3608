"""The country profile: every estimate of one country, by status, date and source."""

from __future__ import annotations

import re

import pandas as pd

from ffstats.cells import each
from ffstats.choice import Choice, valid
from ffstats.drawn import Drawn
from ffstats.errors import ExhibitError
from ffstats.figures import pick, rows
from ffstats.figures.alt import month
from ffstats.figures.theme import look

ORDER = (
    "travelled",
    "returned",
    "present",
    "killed",
    "detained",
    "prevented",
    "attempted",
    "relocated",
    "repatriated",
    "prosecuted",
)
MOST, LONGEST = 45, 42
WHO = {"all_persons": "", "fighters": "", "women_and_children": "women and children", "not_stated": ""}


def profile_rows(estimates: pd.DataFrame, choice: Choice, iso3: str) -> pd.DataFrame:
    """Return the estimates of a country that have a figure or are known to be missing, in the order they are drawn."""
    valid("iso3", iso3, estimates["iso3"].unique())
    known = choice.dated(estimates[(estimates["iso3"] == iso3) & estimates["status"].isin(ORDER)])
    if known.empty:
        raise ExhibitError(f"{iso3}: no estimate up to {choice.as_of or 'any date'}; choose a later as_of")
    who = [WHO.get(row.who, row.who) for row in each(known)]
    frame = known.assign(
        dated=known["as_of"],
        key=known["source_id"],
        part=[look("status", status, "label") for status in known["status"]],
        rank=known["status"].map(ORDER.index),
        label=[
            ", ".join(filter(None, [month(row.as_of) if row.as_of else "undated", _body(row), counted]))
            for row, counted in zip(each(known), who, strict=True)
        ],
    )
    return pick.by_date(frame, ["rank"])


def _body(row: object) -> str:
    source, producer = row.source_id, row.producer  # type: ignore[attr-defined]
    name = producer if source in {"national", "press_other"} and producer else look("source", source, "label")
    name = re.sub(r"\s*\(.*?\)", "", name)
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def profile(estimates: pd.DataFrame, *, choice: Choice, title: str, iso3: str = "GBR") -> Drawn:
    """Draw every estimate of one country by status and date; cells known to be printed but not seen stay in sight.

    `iso3` is the country's code. Raises ChoiceError for a code without an estimate.
    """
    frame = profile_rows(estimates, choice, iso3)
    name = frame["origin"].iloc[0]
    more = len(frame) - MOST
    notes = ["Sources count different people at different dates; a difference is not an error by itself."]
    if more > 0:
        # Sources in the reader's order first, so that what is left out is the least preferred.
        place = (
            frame["source_id"]
            .map({source: at for at, source in enumerate(choice.prefer)})
            .fillna(len(choice.prefer))
        )
        keep = frame.assign(place=place).sort_values("place", kind="stable").head(MOST).index
        frame = frame.loc[sorted(keep)].reset_index(drop=True)
        notes.append(
            f"The {MOST} estimates of the preferred sources are drawn; {more} more are in the tidy tables."
        )
    return rows.draw(
        frame,
        choice,
        f"{title}: {name}",
        "source",
        "persons",
        f"Estimates of persons from {name}, by status, date and source",
        group="part",
        notes=notes,
    )
