"""The rise, 2013 to 2018: growth as the article tells it against what each source counted; arrivals by month."""

from __future__ import annotations

import pandas as pd

from ffstats.cells import each
from ffstats.choice import Choice
from ffstats.drawn import Drawn
from ffstats.figures import pick, rows, timeline
from ffstats.figures.alt import words

TOLD = ("c006", "c007", "c008")
TOP = 57_500.0


def growth_rows(series: pd.DataFrame, claims: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Return the three points of the article and every count of foreign fighters of the world, by date."""
    told = choice.dated(pick.said(claims, TOLD), "dated")
    counted = pick.totals(series, ["ff_cumulative"], choice, ["syria_iraq", "SYR"], ["World"])
    counted = counted.assign(key=[_body(row.source_id, row.report) for row in each(counted)])
    return pick.by_date(pd.concat([told, counted], ignore_index=True))


def _body(source_id: str, report: str) -> str:
    if report.startswith("Soufan"):
        return "soufan"
    return "icsr" if report.startswith(("ICSR", "Cook & Vale")) else source_id


def growth(series: pd.DataFrame, claims: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the article's three points of growth among the counts that sources made, with their ranges."""
    frame = growth_rows(series, claims, choice)
    told = [text if key == "texts" else "" for key, text in zip(frame["key"], words(frame), strict=True)]
    return timeline.draw(
        frame,
        choice,
        title,
        "body",
        "persons",
        "Foreigners who ever went to fight in Syria and Iraq, by report; labelled: the article, which reads each "
        "figure as ISIS fighters at the date",
        (2012, 2019),
        TOP,
        told,
        [
            "The earliest counts are of Syria alone and of any armed group; all include the dead and the returned. A "
            "year or a month without a day is drawn at its end."
        ],
    )


def inflow(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the arrivals of foreign fighters a month as officials put them."""
    return rows.draw(
        pick.totals(series, ["inflow_per_month"], choice),
        choice,
        title,
        "source",
        "persons a month",
        "New foreign fighters a month in Syria and Iraq, by the date or end of the period stated",
        notes=["A rate, not a stock; statements differ in the border and the group they speak of."],
    )
