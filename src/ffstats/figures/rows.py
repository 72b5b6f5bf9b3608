"""Figures with one row an estimate: label at the left, the estimate drawn with its bounds, its words at the right."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from ffstats.choice import Choice
from ffstats.drawn import Drawn
from ffstats.figures import marks, theme
from ffstats.figures.alt import count, listed, said_by, words
from ffstats.figures.pick import plotted

STEP = 19
SHORTEST = 130
HEADING = "#"


def prepare(frame: pd.DataFrame, choice: Choice, reach: float | None = None) -> pd.DataFrame:
    """Add the value in words and what is drawn of each row; `reach` defaults to the largest figure."""
    frame = frame.reset_index(drop=True)
    ends = frame[["low", "high", "best"]].max().max()
    return marks.bounded(
        frame.assign(value=words(frame) if "value" not in frame else frame["value"]),
        choice,
        reach or (ends if ends == ends else 1.0),
    )


def chart(
    frame: pd.DataFrame,
    kind: str,
    axis: str,
    group: str | None = None,
    domain_max: float | None = None,
    legend: bool = True,
) -> theme.Picture:
    """Draw the rows of a prepared frame, in its order.

    `frame` has label, value, key (a term of `kind` in colours.csv) and the columns of
    `marks.bounded`; `axis` is the title of the value axis, with its unit; `group` names the column whose changes
    start a bold heading.
    """
    entries: list[str] = []
    keys: list[str] = []
    last = None
    for label, heading in zip(frame["label"], frame[group] if group else [""] * len(frame), strict=True):
        if group and heading != last:
            entries.append(f"{len(entries):03d}|{HEADING}{heading}")
            last = heading
        entries.append(f"{len(entries):03d}|{label}")
        keys.append(entries[-1])
    drawn = frame.assign(row=keys, colour=[theme.look(kind, key, "label") for key in frame["key"]])
    y = alt.Y(
        "row:N",
        sort=entries,
        scale=alt.Scale(domain=entries, paddingInner=0.2),
        axis=alt.Axis(
            title=None,
            labelExpr="replace(slice(datum.value, 4), '#', '')",
            labelFontWeight={
                "condition": {"test": f"indexof(datum.value, '|{HEADING}') > 0", "value": "bold"},
                "value": "normal",
            },
            labelLimit=360,
            ticks=False,
            domain=False,
            labelPadding=12,
            labelOverlap=False,
        ),
    )
    most = domain_max or float(drawn[["stop", "mark", "tip"]].max().max() or 1)
    widest = max((theme.text_width(value) for value in drawn["value"]), default=0) + 20
    plot = max(
        SHORTEST, int(theme.TOTAL_WIDTH - widest - max(theme.text_width(entry[4:]) for entry in entries) - 34)
    )
    x = alt.X(
        "start:Q",
        scale=alt.Scale(domain=[0, most], nice=False, zero=True, range=[0, plot]),
        axis=alt.Axis(title=axis, tickCount=max(2, plot // 65), format=",~r", titleAnchor="start", grid=True),
    )
    present = theme.order(kind, frame["key"])
    shown = theme.looks(kind, [term for term in present if term != "missing"], "label")
    colour = alt.Color(
        "colour:N",
        scale=theme.scale(kind, present),
        legend=alt.Legend(symbolType="circle", symbolStrokeWidth=0, values=shown)
        if legend and shown
        else None,
    )
    said = alt.Chart(
        drawn.assign(end=drawn[["stop", "mark", "tip"]].max(axis=1).fillna(0.0))[
            ["row", "end", "label", "value", "about"]
        ]
    )
    text_layer = said.mark_text(align="left", dx=10, fontSize=12, color=theme.INK).encode(
        y=y, x=alt.X("end:Q"), text="value:N"
    )
    return alt.layer(
        *marks.layers(drawn, "x", x, y, colour), text_layer, width=plot + int(widest), height=alt.Step(STEP)
    )


def draw(
    frame: pd.DataFrame,
    choice: Choice,
    title: str,
    kind: str,
    axis: str,
    subtitle: str,
    group: str | None = None,
    legend: bool = False,
    notes: Sequence[str] = (),
    reach: float | None = None,
    sources: Sequence[str] = (),
) -> Drawn:
    """Draw a frame of rows as a whole figure: chart, data, alt text, caption and sources.

    `frame` has label, key (a term of `kind`), low, high, best, bound, unit, seen_kind and source_id, and `group`
    where the rows have headings; `notes` are further lines of the footer, which also make the caption; `sources`
    names the sources where a row rests on several.
    """
    drawn = prepare(frame, choice, reach)
    if group:
        drawn = drawn.assign(group_label=drawn[group])
    names = sorted(set(sources or drawn["source_id"]) - {"texts"})
    texts = sorted(set(drawn["text"].dropna())) if "text" in drawn else []
    line = said_by(names, texts)
    picture = theme.finish(
        chart(drawn, kind, axis, group, legend=legend), title, subtitle, [*notes, marks.key(drawn), line]
    )
    labels = drawn["label"] if not group else drawn[group] + ", " + drawn["label"]
    spoken = [f"{label}: {value}" for label, value in zip(labels, drawn["value"], strict=True)]
    return Drawn(
        content=picture,
        data=plotted(drawn),
        alt=f"{title}. {count(len(drawn), 'row')}, in {axis}: {listed(spoken, 40)}.",
        caption=" ".join([subtitle.rstrip(".") + ".", *notes, line]),
        sources=tuple(sorted(set(sources or drawn["source_id"]))),
    )
