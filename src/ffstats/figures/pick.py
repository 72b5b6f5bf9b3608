"""Rows for the figures: the part of a tidy table that a figure shows, labelled and keyed by source."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from ffstats.cells import each
from ffstats.choice import Choice
from ffstats.errors import ExhibitError
from ffstats.figures.alt import MONTHS, month
from ffstats.figures.theme import look

SHOWN = [
    "claim_id",
    "series_id",
    "estimate_id",
    "group_label",
    "label",
    "dated",
    "iso3",
    "origin",
    "status",
    "place",
    "who",
    "source_id",
    "report",
    "value",
    "low",
    "high",
    "best",
    "bound",
    "unit",
    "mark",
    "form",
    "seen_kind",
    "locator",
]

DATED = rf", ({'|'.join(MONTHS)}) \d{{4}}$"


def totals(
    series: pd.DataFrame,
    measures: Sequence[str],
    choice: Choice,
    places: Sequence[str] = (),
    origins: Sequence[str] = (),
    repeats: bool = False,
) -> pd.DataFrame:
    """Return dated totals by measure, and place and origin where given, in the order of their dates.

    Rows that repeat an observation stated earlier are left out unless `repeats`. Adds dated, key and label.
    Raises ExhibitError where nothing is left, since a figure without rows would pass for a finding.
    """
    rows = choice.dated(series[series["measure"].isin(measures)], "period_end")
    for column, wanted in (("place", places), ("origin", origins)):
        rows = rows[rows[column].isin(wanted)] if wanted else rows
    if not repeats:
        rows = rows[rows["repeats"] == ""]
    if rows.empty:
        raise ExhibitError(
            f"no dated totals of {', '.join(measures)} up to {choice.as_of or 'any date'}; choose a later as_of"
        )
    rows = rows.assign(dated=rows["period_end"], key=rows["source_id"])
    rows = rows.assign(label=[f"{month(row.dated)}, {body(row.source_id, row.report)}" for row in each(rows)])
    return rows.sort_values(["dated", "series_id"], kind="stable").reset_index(drop=True)


def body(source_id: str, report: str) -> str:
    """Return who speaks in a dated total: the source's short name, or the report where a source holds many bodies.

    >>> body("un", "UN SG ninth report"), body("coalition", "SDF statement")
    ('United Nations', 'SDF')
    """
    if source_id in {"un", "dod_oig", "ihs_territory"}:
        return look("source", source_id, "label")
    return re.sub(r"\s*\(.*?\)|,.*| statement| /.*| as reported.*", "", report)


def said(claims: pd.DataFrame, ids: Sequence[str]) -> pd.DataFrame:
    """Return claims of the three texts by id, in that order, with key (the text), dated and seen_kind.

    Raises ExhibitError that names a claim the table does not hold.
    """
    known = claims.set_index("claim_id", drop=False)
    gone = [name for name in ids if name not in known.index]
    if gone:
        raise ExhibitError(f"claims: no row {', '.join(gone)}; the figure needs it")
    rows = known.loc[list(ids)].reset_index(drop=True)
    label = [_when(row.as_of, row.as_of_end) + look("text", row.text, "label") for row in each(rows)]
    return rows.assign(label=label, key="texts", dated=rows["as_of"], seen_kind="primary", source_id="texts")


def _when(start: str, end: str) -> str:
    if end and end[:4] != start[:4]:
        return f"{start[:4]}–{end[:4]}, "
    return f"{month(start)}, " if start else ""


def chain(
    claims: pd.DataFrame, evidence: pd.DataFrame, headings: dict[str, str], choice: Choice
) -> pd.DataFrame:
    """Return claims by id, each with the evidence for it, under headings: how the text puts it, then what was seen.

    Evidence whose page was not reached stays as a row that says so; evidence of another status than the claim's
    names it. Adds part (the heading) and key (how seen).
    """
    told = said(claims, list(headings)).assign(part=list(headings.values()), key="text")
    seen = evidence[evidence["claim_id"].isin(headings)]
    asked = claims.set_index("claim_id")
    seen = seen[seen["unit"] == seen["claim_id"].map(asked["unit"])]
    other = [
        "" if row.status == asked.loc[row.claim_id, "status"] else f", {look('status', row.status, 'label')}"
        for row in each(seen)
    ]
    who = [re.sub(DATED, "", row.producer) or row.locator.split(",")[0] for row in each(seen)]
    who = [
        name if row.origin in ("World", asked.loc[row.claim_id, "origin"]) else f"{name}, of {row.origin}"
        for name, row in zip(who, each(seen), strict=True)
    ]
    seen = seen.assign(
        dated=seen["as_of"],
        part=[headings[name] for name in seen["claim_id"]],
        label=[
            (f"{month(date)}, " if date else "") + name + status
            for date, name, status in zip(seen["as_of"], who, other, strict=True)
        ],
        seen_kind=seen["seen_kind"].replace("not_seen", "missing"),
        source_id="texts",
    )
    seen = seen.assign(key=seen["seen_kind"])
    both = pd.concat([told, choice.dated(seen, "dated")], ignore_index=True)
    order = list(dict.fromkeys(headings.values()))
    both = both.assign(
        _part=both["part"].map(order.index),
        _told=both["key"] != "text",
        _day=both["dated"].replace("", "9999"),
    )
    both = both.sort_values(["_part", "_told", "_day", "label"], kind="stable")
    both = both.drop_duplicates(["part", "label", "low", "high", "key"])
    return both.drop(columns=["_part", "_told", "_day"]).reset_index(drop=True)


def by_date(frame: pd.DataFrame, first: Sequence[str] = ()) -> pd.DataFrame:
    """Return rows in the order of the columns `first`, then of their dates; a year counts as its last day."""
    order = frame.assign(_day=frame["dated"].map(lambda text: f"{text}-99-99"[:10] if text else "9999"))
    return (
        order.sort_values([*first, "_day", "label"], kind="stable")
        .drop(columns="_day")
        .reset_index(drop=True)
    )


def plotted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a drawn frame that its CSV file holds: what is plotted, and where it stands."""
    return frame[[name for name in SHOWN if name in frame.columns]].reset_index(drop=True)
