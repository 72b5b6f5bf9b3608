"""Relocators: fighters said to have gone to other theatres, and the wilayat that were proclaimed there."""

from __future__ import annotations

import csv

import altair as alt
import pandas as pd

from ffstats import paths
from ffstats.cells import each
from ffstats.choice import Choice
from ffstats.drawn import Drawn
from ffstats.errors import ExhibitError
from ffstats.figures import maps, pick, rows, theme
from ffstats.figures.alt import about, count, date, listed, month, said_by

MOVED = {
    "c021": "Moved out of Iraq and Syria",
    "c057": "Tried to join in Libya, 2012 to 2018",
    "c015": "Arrived in the Philippines after the siege",
}
THEATRES = {
    "LBY": "Strength of ISIS in Libya",
    "PHL": "Strength of ISIS in the Philippines",
    "AFG": "Strength of ISIS in Afghanistan",
}
CAUCASUS = {
    "c053": "Dagestanis gone to Syria, 2015",
    "c054": "Dagestanis gone to Syria, 2017",
    "c055": "Chechens in Syria, 2015",
    "c056": "Chechens in Syria, 2017",
    "c022": "Russians in the ranks, 2015",
}
VIEW = maps.Window(-12, 132, -6, 50, 500)


def relocation(
    series: pd.DataFrame, claims: pd.DataFrame, evidence: pd.DataFrame, *, choice: Choice, title: str
) -> Drawn:
    """Draw the article's figures of relocation with the evidence for each, and the strength reported in the theatres."""
    told = pick.chain(claims, evidence, MOVED, choice)
    held = pick.totals(series, ["strength"], choice, list(THEATRES))
    held = held.assign(part=held["place"].map(THEATRES), key=held["seen_kind"])
    held = pick.by_date(held[held["dated"] < "2021"], ["part"])
    return rows.draw(
        pd.concat([told, held], ignore_index=True),
        choice,
        title,
        "seen",
        "persons",
        "Persons said to have moved or tried to join, and the strength reported in three theatres",
        group="part",
        legend=True,
        notes=["Strength counts local members too: it is not a count of those who came."],
    )


def north_caucasus(claims: pd.DataFrame, evidence: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the article's figures for fighters from the North Caucasus and Russia beside the evidence for each."""
    return rows.draw(
        pick.chain(claims, evidence, CAUCASUS, choice),
        choice,
        title,
        "seen",
        "persons",
        "Each figure of the article, and below it what was seen of its source or of others on the same",
        group="part",
        legend=True,
    )


def wilayat_rows(events: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Return the provinces and calls that the article dates, with their places and dates."""
    with paths.vocabulary("wilayat.csv").open(encoding="utf-8", newline="") as file:
        where = pd.DataFrame(list(csv.DictReader(file)))
    where = where.astype({"longitude": float, "latitude": float})
    known = where.merge(events, on="event_id", how="left", validate="many_to_one")
    gone = known.loc[known["date"].isna(), "event_id"]
    if len(gone):
        raise ExhibitError(f"events: no row {', '.join(gone)}; wilayat.csv places it on the map")
    known = choice.dated(known.assign(dated=known["date"]), "dated")
    return known.sort_values(["dated", "name"], kind="stable").reset_index(drop=True)


def wilayat(events: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw where and when ISIS proclaimed provinces, called for fighters or fought for a town, on a map."""
    frame = wilayat_rows(events, choice)
    text = [f"{row.name}, {month(row.dated)}" for row in each(frame[["name", "dated"]])]
    frame = frame.assign(label=text, value=frame["event"], origin=frame["name"], source_id="texts")
    shaded = {iso3: {"named": True} for iso3 in frame["iso3"] if iso3}
    fill = alt.condition("datum.properties.named", alt.value("#C9DCEC"), alt.value(maps.LAND))
    points = (
        alt.Chart(frame.assign(about=about(frame))[["label", "value", "about", "longitude", "latitude"]])
        .mark_point(
            shape="diamond", filled=True, size=80, color=theme.look("source", "texts", "colour"), opacity=1
        )
        .encode(longitude="longitude:Q", latitude="latitude:Q")
    )
    chart = VIEW.project(
        alt.layer(maps.land(maps.shapes(maps.WORLD, shaded), fill), points, maps.names(VIEW, frame, text))
    )
    subtitle = (
        "Events that the article dates; the marks show the country or town, not the extent of a province"
    )
    note = "Shaded: countries named. A year alone means that the article gives no month."
    line = f"{said_by(['shapes'])} {said_by([], ['article'])}"
    spoken = [f"{row.origin}, {date(row.dated)}: {row.event}" for row in each(frame)]
    return Drawn(
        theme.finish(chart, title, subtitle, [note, line]),
        frame[["event_id", "origin", "iso3", "dated", "event", "longitude", "latitude", "source"]],
        f"{title}. Map with {count(len(frame), 'place')}: {listed(spoken, 40)}.",
        f"{subtitle}. {note} {line}",
        ("shapes", "texts"),
    )
