"""Territory: the area held, the share lost on two bases that must be kept apart, the named places and their dates."""

from __future__ import annotations

import altair as alt
import pandas as pd

from ffstats.cells import each
from ffstats.choice import Choice
from ffstats.drawn import Drawn
from ffstats.figures import maps, pick, rows, theme, timeline
from ffstats.figures.alt import count, date, listed, month, said_by, words

TOP = 100_000.0
SINCE, HEIGHT = (
    "Of the area held at the start of the period (IHS)",
    "Of the territory once held (Coalition and others)",
)
BASES = {"area_lost_in_period_percent": SINCE, "area_lost_percent": HEIGHT}
PLACES = {"IRQ": "Iraq", "SYR": "Syria", "syria_iraq": "both"}
VIEW = maps.Window(36.4, 45.2, 32.6, 37.4, 500)


def area(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the area that ISIS held in Iraq and Syria, in square kilometres, by date."""
    frame = pick.totals(series, ["area_held_km2"], choice, ["syria_iraq"])
    return timeline.draw(
        frame,
        choice,
        title,
        "source",
        "square kilometres",
        "Area in Iraq and Syria under control of ISIS, by one monitor",
        (2015, 2017),
        TOP,
        words(frame),
        ["Earlier and later areas were not seen. Control of open desert is a matter of definition."],
    )


def share_rows(series: pd.DataFrame, claims: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Return the shares of territory lost, under the base that each is a share of, with the article's own."""
    counted = pick.totals(series, list(BASES), choice, list(PLACES))
    counted = counted.assign(part=counted["measure"].map(BASES))
    starts = [
        f" from {month(row.period_start)}" if row.period_start and row.part == SINCE else ""
        for row in each(counted)
    ]
    counted = counted.assign(
        label=[
            f"{month(row.dated)}{start}, {PLACES[row.place]}, {pick.body(row.source_id, row.report)}"
            if row.part == HEIGHT else f"{month(row.dated)}{start}, {PLACES[row.place]}"
            for row, start in zip(each(counted), starts, strict=True)
        ]
    )  # fmt: skip
    told = pick.said(claims, ["c016"]).assign(part=HEIGHT)
    told = told.assign(label="Feb 2018, both, Survey article")
    both = pd.concat([counted, choice.dated(told, "dated")], ignore_index=True)
    return pick.by_date(both.assign(rank=both["part"].map([SINCE, HEIGHT].index)), ["rank"])


def lost(series: pd.DataFrame, claims: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the share of territory lost, each base under its own heading."""
    return rows.draw(
        share_rows(series, claims, choice),
        choice,
        title,
        "source",
        "percent of the base named",
        "Share of the territory of ISIS lost, by date; the two bases give different shares of the same land",
        group="part",
        reach=100.0,
        notes=[
            "A share of what was once held cannot be set beside a share of what was held in January. Statements of one body "
            "contradict each other: see the notes in the table of territory."
        ],
    )


def places(*, choice: Choice, title: str) -> Drawn:
    """Draw the named places of Syria and Iraq with the dates they were taken and lost, where these were seen."""
    frame = maps.towns()
    frame = frame[frame["iso3"].isin(["SYR", "IRQ"])].reset_index(drop=True)
    late = choice.as_of or "9999"
    for column in ("taken", "lost"):
        frame[column] = [text if text and text[: len(late)] <= late else "" for text in frame[column]]
    frame = frame.rename(columns={"name": "origin"})
    frame = frame.assign(
        dated=frame["taken"].ne("") | frame["lost"].ne(""), label=[_label(row) for row in each(frame)]
    )
    about = [_dates(row).replace(" and ", "|") or "No date seen" for row in each(frame)]
    points = (
        alt.Chart(frame.assign(about=about)[["label", "about", "longitude", "latitude", "dated"]])
        .mark_point(size=55, strokeWidth=1.5, color=theme.INK, opacity=1)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            fill=alt.condition("datum.dated", alt.value(theme.INK), alt.value("white")),
        )
    )
    order = frame.sort_values("dated", ascending=False, kind="stable")
    shaded = {"SYR": {"named": True}, "IRQ": {"named": True}}
    fill = alt.condition("datum.properties.named", alt.value("#F3EBDD"), alt.value(maps.LAND))
    chart = VIEW.project(
        alt.layer(
            maps.land(maps.shapes(maps.REGION, shaded), fill),
            points,
            maps.names(VIEW, order, list(order["label"]), font=11),
        )
    )
    subtitle = "Places in Syria and Iraq that the data name, with the dates on which ISIS took and lost them"
    unseen = int((~frame["dated"]).sum())
    note = f"● a date was seen; ○ no date was seen ({unseen} of {len(frame)} places). The maps of the graphic themselves are not public as data."
    line = said_by(["shapes", "wapo2018", "dod_oig"])
    spoken = [f"{row.origin}: {_dates(row)}" for row in each(order) if row.dated]
    return Drawn(
        theme.finish(chart, title, subtitle, [note, line]),
        frame[
            [
                "origin",
                "code",
                "iso3",
                "latitude",
                "longitude",
                "taken",
                "taken_source",
                "lost",
                "lost_source",
                "note",
            ]
        ],
        f"{title}. Map of {count(len(frame), 'place')}: {listed(spoken)}; no date seen for the other {unseen}.",
        f"{subtitle}. {note} {line}",
        ("dod_oig", "shapes", "wapo2018"),
    )


def _dates(row: object) -> str:
    taken, lost_ = row.taken, row.lost  # type: ignore[attr-defined]
    return " and ".join(
        [*([f"taken {date(taken)}"] if taken else []), *([f"lost {date(lost_)}"] if lost_ else [])]
    )


def _label(row: object) -> str:
    taken, lost_ = row.taken, row.lost  # type: ignore[attr-defined]
    parts = [*([f"taken {month(taken)}"] if taken else []), *([f"lost {month(lost_)}"] if lost_ else [])]
    return ", ".join([row.origin, *parts])  # type: ignore[attr-defined]
