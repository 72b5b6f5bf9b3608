"""Captured foreign fighters: who is held by whom and when, the camp of al-Hol, the cases of two countries."""

from __future__ import annotations

import altair as alt
import pandas as pd

from ffstats.cells import each
from ffstats.choice import Choice
from ffstats.drawn import Drawn
from ffstats.figures import pick, rows, theme, timeline
from ffstats.figures.alt import about, count, date, listed, month, said_by, words
from ffstats.figures.pick import plotted

ALL, LOCAL, FOREIGN = "All detainees", "Iraqis and Syrians", "Foreigners"
HELD = {"detainees_total": ALL, "detainees_iraqi_syrian": LOCAL, "detainees_foreign": FOREIGN}
TOLD = {"c028": ALL, "c026": ALL, "c029": FOREIGN}
WOMEN, CHILDREN, FAMILIES = "Women", "Children", "Women and children, or relatives"
KIN = {
    "detainees_women": WOMEN,
    "detainees_children": CHILDREN,
    "detainees_family": FAMILIES,
    "detainees_women_and_children": FAMILIES,
}
KIN_TOLD = {"c030": WOMEN, "c031": CHILDREN}
HOLDERS = {"SYR": "", "northeast_syria": "", "IRQ": ", held by Iraq"}
ORIGINS = {"al_hol_iraqi": "iraqi", "al_hol_syrian": "syrian", "al_hol_third_country": "third_country"}
CASES = {
    "c043": ("United Kingdom", "returned"),
    "c042": ("United Kingdom", "whereabouts unknown"),
    "c044": ("United Kingdom", "prosecuted"),
    "c039": ("United Kingdom", "captured, held in Syria"),
    "c034": ("United States", "affiliates of ISIS"),
    "c089": ("United States", "tried to join"),
    "c090": ("United States", "travelled"),
    "c091": ("United States", "charged"),
    "c092": ("United States", "of these, convicted"),
    "c088": ("United States", "returned, by Soufan"),
    "c093": ("United States", "returned, by a later study"),
    "c094": ("United States", "of the later study, charged"),
    "c095": ("United States", "of the later study, not charged"),
}
TOP = 80_000.0


def detention_rows(
    series: pd.DataFrame, claims: pd.DataFrame, choice: Choice, held: dict[str, str], told: dict[str, str]
) -> pd.DataFrame:
    """Return persons held by whom and when, under headings, with the article's own figures among them."""
    counted = pick.totals(series, list(held), choice, list(HOLDERS))
    counted = counted.assign(part=counted["measure"].map(held))
    said = pick.said(claims, list(told)).assign(part=list(told.values()))
    both = pd.concat([counted, choice.dated(said, "dated")], ignore_index=True)
    both = both.assign(label=both["label"] + both["place"].map(HOLDERS).fillna(""))
    narrow = both["part"].eq(ALL) & ~both["who"].isin(["prisoners", "all_persons"])
    both["label"] = both["label"].where(~narrow, both["label"] + ", " + both["who"])
    order = list(dict.fromkeys(held.values()))
    return pick.by_date(both.assign(rank=both["part"].map(order.index)), ["rank"])


def detainees(series: pd.DataFrame, claims: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the detainees by holder, origin and date: the whole, and the parts it is made of."""
    return rows.draw(
        detention_rows(series, claims, choice, HELD, TOLD),
        choice,
        title,
        "source",
        "persons",
        "Held by the Syrian Democratic Forces unless said otherwise, by report and date",
        group="part",
        notes=[
            "Foreigners, Iraqis and Syrians are parts of all detainees; families in camps are not among them. Where a "
            "count of all is of fighters, members or men alone, its row says so."
        ],
    )


def families(series: pd.DataFrame, claims: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the women, children and relatives said to be held, by holder and date."""
    return rows.draw(
        detention_rows(series, claims, choice, KIN, KIN_TOLD),
        choice,
        title,
        "source",
        "persons",
        "Held in northeast Syria unless said otherwise, by report and date",
        group="part",
        notes=["Camps such as al-Hol are drawn apart: their residents are not detainees of the prisons."],
    )


def al_hol(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the residents of the camp of al-Hol by date."""
    frame = pick.totals(series, ["al_hol_population"], choice, ["al_hol"])
    frame = frame[frame["dated"] < "2023"].reset_index(drop=True)
    marks = frame[["low", "high"]].max(axis=1)
    wanted = {0, int(marks.argmax()), len(frame) - 1}
    said = [
        f"{text}, {month(row.dated)}" if place in wanted else ""
        for place, (text, row) in enumerate(zip(words(frame), each(frame), strict=True))
    ]
    return timeline.draw(
        frame, choice, title, "source", "persons",
        "All residents at the date, by report",
        (2018, 2022), TOP, said,
        ["Residents are not detainees of the prisons, nor all of them relatives of ISIS members."],
    )  # fmt: skip


def al_hol_origin(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the residents of al-Hol by origin at the dates for which all three parts were printed."""
    frame = pick.totals(series, list(ORIGINS), choice, ["al_hol"])
    whole = frame.groupby("dated")["measure"].transform("nunique") == len(ORIGINS)
    frame = frame[whole].assign(key=frame["measure"].map(ORIGINS))
    frame = frame.assign(
        value=words(frame),
        mark=choice.singles(frame),
        form="exact",
        origin=theme.looks("nationality", frame["key"], "label"),
    )
    frame = frame.assign(
        place_of=[list(ORIGINS.values()).index(key) for key in frame["key"]], day=frame["dated"].map(date)
    )
    frame = frame.assign(label=frame["day"], about=about(frame))
    base = alt.Chart(frame[["day", "mark", "place_of", "origin", "key", "label", "value", "about"]]).encode(
        alt.Y(
            "day:N",
            sort=list(dict.fromkeys(frame["day"])),
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelOverlap=False),
        ),
        alt.X(
            "mark:Q",
            stack="zero",
            title="persons",
            axis=alt.Axis(format=",~r", tickCount=5, titleAnchor="start"),
        ),
        alt.Order("place_of:Q"),
    )
    colour = alt.Color(
        "origin:N",
        scale=theme.scale("nationality", list(ORIGINS.values())),
        legend=alt.Legend(symbolType="square"),
    )
    text_colour = alt.condition("datum.key == 'syrian'", alt.value(theme.INK), alt.value("white"))
    chart = alt.layer(
        base.mark_bar(stroke="white", strokeWidth=1).encode(colour),
        base.mark_text(align="right", dx=-6).encode(
            alt.X("mark:Q", stack="zero", bandPosition=1), text="value:N", color=text_colour
        ),
    ).properties(width=370, height=alt.Step(34))
    line = said_by(sorted(set(frame["source_id"])))
    note = "The parts as printed miss the printed total by a few persons."
    spoken = [f"{row.day}, {row.origin}: {row.value}" for row in each(frame)]
    subtitle = "Residents of the camp by nationality, at the dates for which all three parts were printed"
    return Drawn(
        theme.finish(chart, title, subtitle, [note, line]),
        plotted(frame),
        f"{title}. {count(len(frame), 'part')} of {count(frame['dated'].nunique(), 'total')}, in persons: {listed(spoken, 40)}.",
        f"{subtitle}. {note} {line}",
        tuple(sorted(set(frame["source_id"]))),
    )


def cases(claims: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the figures that the texts give for the United Kingdom and the United States, by status."""
    frame = pick.said(claims, list(CASES))
    frame = frame.assign(
        country=[CASES[name][0] for name in frame["claim_id"]],
        label=[CASES[name][1] for name in frame["claim_id"]],
        key=frame["text"],
    )
    return rows.draw(
        choice.dated(frame, "dated"),
        choice,
        title,
        "text",
        "persons",
        "Figures of the texts by status; each counts another population, so none is a sum of others",
        group="country",
        legend=True,
    )
