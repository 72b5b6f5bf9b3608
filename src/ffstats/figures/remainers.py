"""New foreign fighters and remainers: how strong ISIS was said to be, and how many of its members were foreign."""

from __future__ import annotations

import pandas as pd

from ffstats.choice import Choice
from ffstats.drawn import Drawn
from ffstats.figures import pick, rows

WHOLE, PART = "All members or fighters", "Foreigners among them"
TOLD = {"c018": WHOLE, "c068": WHOLE, "c019": PART, "c069": PART}


def strength(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the strength of ISIS in Iraq and Syria by report and date, with bounds as printed."""
    return rows.draw(
        pick.totals(series, ["strength"], choice, ["syria_iraq"]),
        choice,
        title,
        "source",
        "persons",
        "ISIS in Iraq and Syria: fighters, members or supporters, by report and date",
        notes=[
            "Reports count different people: some fighters, some all members. Repeats of a figure are left out."
        ],
    )


def foreigners(series: pd.DataFrame, claims: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the foreigners within the strength of ISIS beside the whole that the same report gives."""
    part = pick.totals(series, ["foreign_strength"], choice, ["syria_iraq"], repeats=True).assign(part=PART)
    whole = pick.totals(series, ["strength"], choice, ["syria_iraq"], repeats=True)
    whole = whole[whole["report"].isin(part["report"])].assign(part=WHOLE)
    told = pick.said(claims, list(TOLD)).assign(part=list(TOLD.values()))
    frame = pd.concat([whole, part, choice.dated(told, "dated")], ignore_index=True)
    frame = pick.by_date(frame, ["part"]).drop_duplicates(["part", "label", "low", "high"])
    return rows.draw(
        frame,
        choice,
        title,
        "source",
        "persons",
        "ISIS in Iraq and Syria by report and date: the whole, and the foreigners that are part of it",
        group="part",
        notes=[
            "Later reports repeat the first; the repeats are shown, since the texts date the figure by them."
        ],
    )
