"""Tables of dated totals: growth, strength, detention, territory."""

from __future__ import annotations

import pandas as pd

from ffstats.cells import each
from ffstats.choice import Choice
from ffstats.dictionary import measure_titles
from ffstats.drawn import Drawn
from ffstats.figures import pick, rise
from ffstats.figures import territory as land
from ffstats.figures.alt import SEEN, date, said_by, words
from ffstats.figures.theme import look
from ffstats.places import name as place_name
from ffstats.tables.layout import made, plain

PART_OF = {
    "detainees_total": "",
    "detainees_foreign": "all detainees",
    "detainees_foreign_confirmed": "foreign detainees",
    "detainees_iraqi_syrian": "all detainees",
    "detainees_women": "not of the prisons' detainees",
    "detainees_children": "not of the prisons' detainees",
    "detainees_family": "not of the prisons' detainees",
    "detainees_women_and_children": "not of the prisons' detainees",
    "detainees_and_families": "detainees and camps together",
    "al_hol_population": "camps, not prisons",
}
SHARES = (
    "area_held_km2",
    "area_lost_in_period_percent",
    "area_lost_km2",
    "area_lost_percent",
    "populated_area_lost_percent",
)


def _dated_totals(frame: pd.DataFrame) -> pd.DataFrame:
    """Return dated totals with the columns that every table of them shows."""
    return frame.assign(
        value=words(frame),
        day=[date(text) for text in frame["dated"]],
        who=[plain(text) for text in frame["who"]],
        group_words=[plain(text) for text in frame["group"]],
        where=[place_name(code) if code else "" for code in frame["place"]],
        seen=[SEEN[text] for text in frame["seen_kind"]],
    )


def growth(series: pd.DataFrame, claims: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out the growth series: the article's points and every count, with who, which group and where is counted."""
    frame = rise.growth_rows(series, claims, choice)
    frame = frame.assign(
        report=[
            row.report if isinstance(row.report, str) else look("text", row.text, "label")
            for row in each(frame)
        ]
    )
    frame = _dated_totals(frame)
    columns = {
        "day": "Date",
        "report": "Report",
        "printed": "As printed",
        "value": "Read as",
        "who": "Who",
        "group_words": "Group",
        "where": "Where",
        "seen": "Seen in",
    }
    line = said_by(sorted(set(frame["source_id"]) - {"texts"}), ["article"])
    return made(
        frame, title, "Foreigners who went to fight in Syria and Iraq; the article reads its three points as fighters of ISIS at the date",
        columns, line, frame["source_id"],
    )  # fmt: skip


def strength(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out the strength of ISIS in Iraq and Syria, its foreigners, and which figures repeat an earlier one."""
    frame = pick.totals(
        series, ["strength", "foreign_strength"], choice, ["syria_iraq", "SYR", "IRQ"], repeats=True
    )
    frame = _dated_totals(frame)
    frame = frame.assign(
        by=[look("source", name, "label") for name in frame["source_id"]],
        what=[
            "foreigners within it" if name == "foreign_strength" else "strength" for name in frame["measure"]
        ],
        again=[f"repeats {name}" if name else "" for name in frame["repeats"]],
    )
    frame = pick.by_date(frame, ["by"])
    columns = {
        "day": "Date",
        "series_id": "Row",
        "report": "Report",
        "what": "What",
        "where": "Where",
        "printed": "As printed",
        "value": "Read as",
        "who": "Who",
        "again": "Same observation",
        "seen": "Seen in",
    }
    line = said_by(sorted(set(frame["source_id"])))
    return made(
        frame,
        title,
        "Every figure by body and date; repeats of one observation are not independent",
        columns,
        line,
        frame["source_id"],
        "by",
    )


def detention(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out who is held, by whom and when, and of which whole each figure is a part."""
    titles = measure_titles()
    frame = _dated_totals(pick.totals(series, list(PART_OF), choice, repeats=True))
    frame = frame.assign(
        what=[titles[name] for name in frame["measure"]],
        whole=frame["measure"].map(PART_OF),
        rank=frame["measure"].map(list(PART_OF).index),
        again=[f"repeats {name}" if name else "" for name in frame["repeats"]],
    )
    frame = pick.by_date(frame, ["rank"])
    columns = {
        "day": "Date",
        "series_id": "Row",
        "report": "Report",
        "where": "Where",
        "printed": "As printed",
        "value": "Read as",
        "who": "Who",
        "whole": "Part of",
        "again": "Same observation",
        "seen": "Seen in",
    }
    line = said_by(sorted(set(frame["source_id"])))
    notes = [
        "Foreigners, Iraqis and Syrians are parts of all detainees; families in camps are counted apart."
    ]
    return made(
        frame,
        title,
        "Persons held, by what is counted and date",
        columns,
        line,
        frame["source_id"],
        "what",
        notes,
    )


def territory(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out area held and share lost, each share under the base it is a share of."""
    heads = {
        "area_held_km2": "Area held, square kilometres",
        "area_lost_km2": "Area lost, square kilometres",
        "area_lost_in_period_percent": f"Share lost: {land.SINCE}",
        "area_lost_percent": f"Share lost: {land.HEIGHT}",
        "populated_area_lost_percent": "Share lost of the populated territory once held",
    }
    frame = _dated_totals(pick.totals(series, list(SHARES), choice))
    frame = frame.assign(
        what=frame["measure"].map(heads),
        since=[date(text) if text else "" for text in frame["period_start"]],
        rank=frame["measure"].map(list(heads).index),
    )
    frame = pick.by_date(frame, ["rank"])
    columns = {
        "day": "Date",
        "since": "From",
        "where": "Where",
        "report": "Report",
        "printed": "As printed",
        "value": "Read as",
        "seen": "Seen in",
        "note": "Note",
    }
    line = said_by(sorted(set(frame["source_id"])))
    return made(
        frame,
        title,
        "The bases are kept apart, since a share of one cannot be set beside a share of another; repeats of a figure are left out",
        columns,
        line,
        frame["source_id"],
        "what",
    )
