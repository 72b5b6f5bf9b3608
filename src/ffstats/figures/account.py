"""The account of those who travelled: each line as printed, as all numbers together bound it, and what is left."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd

from ffstats.balance.relations import READINGS
from ffstats.cells import each
from ffstats.choice import Choice, missing, valid
from ffstats.drawn import Drawn
from ffstats.estimate import Estimate
from ffstats.figures import marks, theme
from ffstats.figures.alt import count, listed, said_by

DIGITS = 3
LABEL, STEP, PART = 168, 46, "· "
LANES = ["printed", "implied"]
PLACES = {
    "strict": "The parts are different people: the bars of a group hang one below the other, from the most that the whole can be.",
    "charitable": "The parts may overlap, so that every bar starts at zero and the parts need not add up.",
}
PRINTED = {
    "exact": "● exact figure",
    "approx": "○ approximate figure",
    "range": "line between two ticks: range",
    "at_least": "arrow away from where the bar starts: at least",
    "at_most": "arrow back to it: at most",
}
KEYS = {"active": "present"}
IMPLIED = "Implied: what all printed numbers together leave possible"


def account(account: pd.DataFrame, *, choice: Choice, title: str, reading: str = "strict") -> Drawn:
    """Draw who of all who travelled is where, in a reading (strict or charitable): printed, implied, unexplained.

    `account` has the columns of `ffstats.balance.accounting.frame`. Raises ChoiceError for a reading that is neither.
    """
    valid("reading", reading, READINGS)
    data = account.assign(
        value=[_implied(row.low, row.high) for row in each(account)],
        printed=account["printed"].where(account["printed"] != "", "no count printed"),
        start=_starts(account) if reading == "strict" else [0.0] * len(account),
    )
    by = data[data["printed_by"] != ""].groupby("printed_by", sort=False)["category"].agg(", ".join)
    notes = [
        f"The {reading} reading {READINGS[reading]}. {PLACES[reading]}",
        f"By whom: {'; '.join(f'{what} ({who})' for who, what in by.items())}.",
        f"Ends that follow from all numbers together are rounded outward to {DIGITS} digits.",
    ]
    sources = sorted(set(data["source_id"]) - {""})
    line = said_by(sources)
    chart, key = _chart(data, choice)
    subtitle = "Foreign fighters in Iraq and Syria: what was printed, and what all printed numbers together leave possible"
    spoken = [f"{row.category}: printed {row.printed}, implied {row.value}" for row in each(data)]
    spoken = [text.replace("printed no count printed", "no count printed") for text in spoken]
    return Drawn(
        theme.finish(chart, title, subtitle, [key, *notes, line]),
        data.drop(columns="start"),
        f"{title}. {count(len(data), 'line')}, in persons: {listed(spoken)}.",
        " ".join([subtitle + ".", *notes, line]),
        tuple(sources),
    )


def _implied(low: float, high: float) -> str:
    """The ends that are left, in words."""
    if missing(high):
        return str(Estimate.at_least(0.0 if missing(low) else low).rounded(DIGITS))
    ends = Estimate.at_most(high) if missing(low) or not low else Estimate.between(low, high)
    return str(ends.rounded(DIGITS))


def _starts(lines: pd.DataFrame) -> list[float]:
    """Where each bar hangs from: parts from the most that is left of their whole; the whole and the rest from zero."""
    whole = set(lines["part_of"])
    left = dict(zip(lines["item"], lines["high"].fillna(lines["low"]), strict=True))
    starts = []
    for row in each(lines):
        rest = row.item in whole or row.item == lines["item"].iloc[-1]
        starts.append(0.0 if rest else left[row.part_of])
        if not rest:
            left[row.part_of] -= row.low
    return starts


def _chart(data: pd.DataFrame, choice: Choice) -> tuple[theme.Picture, str]:
    """Return the picture, and the line that says how to read it."""
    most = float(data[["low", "high", "printed_high"]].max().max()) * 1.04
    labels = [_label(row) for row in each(data)]
    words = [(f"printed: {row.printed}", f"implied: {row.value}") for row in each(data)]
    words = [(said.replace("printed: no", "no"), told) for said, told in words]
    widest = max(theme.text_width(text) for pair in words for text in pair) + 14
    plot = int(600 - LABEL - widest)
    keys = [KEYS.get(item, item) for item in data["item"]]
    base = data.assign(row=labels, colour=theme.looks("status", keys, "label"))
    scale = alt.Scale(domain=[0, most], nice=False, zero=True, range=[0, plot])
    x = alt.X(
        "at:Q", scale=scale, axis=alt.Axis(title="persons", tickCount=4, format=",~r", titleAnchor="start")
    )
    y = alt.Y(
        "row:N",
        sort=labels,
        scale=alt.Scale(domain=labels, paddingInner=0.25),
        axis=alt.Axis(
            title=None, labelExpr="split(slice(datum.value, 3), '|')", labelAlign="left", labelPadding=LABEL,
            labelLimit=LABEL + 20, labelLineHeight=15, labelBaseline="middle", labelOffset=-9, ticks=False, domain=False,
            labelOverlap=False,
        ),
    )  # fmt: skip
    lane = alt.YOffset("lane:N", scale=alt.Scale(domain=LANES, paddingInner=0.1))
    shades = theme.scale("status", list(dict.fromkeys(keys)))
    colour = alt.Color("colour:N", scale=shades, legend=None)
    bars = _bars(base)
    told = alt.Chart(bars).encode(y, lane, colour, alt.X2("to:Q"))
    printed = _marks(base, choice, most)
    said = pd.DataFrame(
        [
            {"row": row, "lane": lane_, "words": text, "rest": row == labels[-1] and lane_ == "implied"}
            for row, pair in zip(labels, words, strict=True)
            for lane_, text in zip(LANES, pair, strict=True)
        ]
    )
    text = alt.Chart(said).encode(y, lane, text="words:N")
    right: dict[str, Any] = {"align": "left", "dx": 8, "fontSize": 12}
    layers = [
        told.transform_filter("datum.part == 'at least'").mark_bar(strokeWidth=1.5).encode(x),
        told.transform_filter("datum.part == 'at most'").mark_bar(opacity=0.35, strokeWidth=1).encode(x),
        *marks.layers(printed, "x", x, y, colour, lane=lane),
        text.transform_filter("!datum.rest").mark_text(**right).encode(x=alt.value(plot)),
        text.transform_filter("datum.rest").mark_text(**right, fontWeight="bold").encode(x=alt.value(plot)),
    ]
    used = [text for form, text in PRINTED.items() if form in set(printed["form"])]
    used += [
        "dark bar: at least so many",
        "pale bar: up to so many",
        f"“{PART.strip()}”: a part of those believed alive",
    ]
    height = alt.Step(STEP, **{"for": "position"})
    picture = alt.layer(*layers, width=plot + int(widest), height=height)
    return picture, f"How to read it: {'; '.join(used)}."


def _label(row: Any) -> str:
    """The label of a line, on several lines; parts of those alive are marked."""
    text = f"{PART if row.part_of == 'alive' else ''}{row.category}"
    return f"{row.Index:02d}|" + "|".join(theme.wrap(text, LABEL - 12))


def _bars(lines: pd.DataFrame) -> pd.DataFrame:
    """The bars of what is implied: up to the low end dark, from there to the high end pale."""
    made = []
    for row in each(lines):
        way = -1 if row.start else 1
        ends = [0.0, 0.0 if missing(row.low) else row.low, row.low if missing(row.high) else row.high]
        at = [max(row.start + way * end, 0.0) for end in ends]
        for part, (one, two) in zip(("at least", "at most"), pairwise(at), strict=True):
            made.append(
                {"row": row.row, "colour": row.colour, "lane": "implied", "part": part, "at": min(one, two), "to": max(one, two),
                 "label": row.category, "value": row.value, "about": IMPLIED}
            )  # fmt: skip
    return pd.DataFrame([bar for bar in made if bar["at"] < bar["to"]])


def _marks(lines: pd.DataFrame, choice: Choice, reach: float) -> pd.DataFrame:
    """The marks of what was printed, and of implied ends that stay open, moved to where the bars of their lines start."""
    open_ends = lines[lines["high"].isna()].assign(printed_bound="at_least", lane="implied")
    open_ends = open_ends.assign(printed_low=open_ends["low"], printed_high=float("nan"))
    known = pd.concat(
        [lines[lines["printed_bound"] != ""].assign(lane="printed"), open_ends], ignore_index=True
    )
    known = known.drop(columns=["low", "high"])
    known = known.assign(
        label=known["category"], value=known["printed"].where(known["lane"] == "printed", known["value"])
    )
    names = {f"printed_{name}": name for name in ("low", "high", "best", "bound")}
    drawn = marks.bounded(known.rename(columns=names).assign(seen_kind="press"), choice, reach)
    from_top = known["start"] > 0
    for name in ("low", "high", "mark", "tip"):
        drawn[name] = drawn[name].where(~from_top, known["start"] - drawn[name])
    one, two = (drawn[name].where(~from_top, known["start"] - drawn[name]) for name in ("start", "stop"))
    said = [f"Printed by: {row.printed_by}" if row.lane == "printed" else IMPLIED for row in each(drawn)]
    return drawn.assign(about=said, start=one, stop=two, points_up=drawn["points_up"] != from_top)
