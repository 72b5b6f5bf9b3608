"""Layers that draw an estimate as what it is: a point, a range, an open bound, words without a number, a gap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from ffstats.choice import Choice, missing
from ffstats.figures import theme
from ffstats.figures.alt import about

ARROW = 0.05
FORMS = {
    "exact": "● exact figure",
    "approx": "○ approximate figure",
    "range": "bar: range from end to end",
    "at_least": "{up} at least, or more than",
    "at_most": "{down} at most, or less than",
    "vague": "× no number",
    "missing": "□ not seen",
}
SHAPED = ["form", "mark", "start", "stop", "tip", "points_up", "hollow"]
DRAWN = [
    "row",
    "label",
    "date",
    "colour",
    "drawn_as",
    "lane",
    "value",
    "about",
    "low",
    "high",
    "form",
    "mark",
    "start",
    "stop",
    "tip",
    "points_up",
    "hollow",
    "zero",
    "end",
]
OPEN = {"at_least": 1, "at_most": -1}


def form(bound: object, seen_kind: object) -> str:
    """Return how an estimate is drawn: its bound, `missing` for a cell that was not seen, `vague` without a figure.

    >>> form("at_least", "press"), form("", "missing"), form("", "press")
    ('at_least', 'missing', 'vague')
    """
    if seen_kind == "missing":
        return "missing"
    return bound if isinstance(bound, str) and bound else "vague"


def bounded(frame: pd.DataFrame, choice: Choice, reach: float) -> pd.DataFrame:
    """Add what is drawn of each row: form, mark, start, stop, tip and direction of the arrow, and what it is about.

    `frame` has low, high, best, bound and seen_kind; `reach` is the length of the axis in data units, of
    which an arrow takes a twentieth. Under the rule `printed` a range has no mark unless its source prints
    a central figure; under `envelope` no interval has one.
    """
    rows: list[dict[str, Any]] = []
    for low, high, best, bound, seen in zip(
        *(frame[name] for name in ("low", "high", "best", "bound", "seen_kind")), strict=True
    ):
        shape = form(bound, seen)
        ends = [value for value in (low, high) if not missing(value)]
        if not ends and shape != "missing":
            shape = "vague"
        elif shape == "vague":
            shape = "range" if len(ends) == 2 else "at_most" if missing(low) else "at_least"
        sign = OPEN.get(shape, 0)
        end = ends[0] if ends else None
        tip = None if end is None or not sign else max(end + sign * ARROW * reach, 0.0)
        dot = choice.single(low, high, best) if ends and not sign else None
        if shape == "range" and (choice.rule == "envelope" or (choice.rule == "printed" and missing(best))):
            dot = None
        rows.append(
            {
                "form": shape,
                "mark": dot,
                "start": None if end is None else min(end, tip) if tip is not None else ends[0],
                "stop": None if end is None else max(end, tip) if tip is not None else ends[-1],
                "tip": tip,
                "points_up": sign > 0,
                "hollow": shape != "exact",
            }
        )
    drawn = pd.DataFrame(
        rows,
        index=frame.index,
        columns=pd.Index(SHAPED),
    )
    for name in ("mark", "start", "stop", "tip"):
        drawn[name] = drawn[name].astype("float64")
    return frame.assign(about=about(frame), **{name: drawn[name] for name in SHAPED})


def slim(frame: pd.DataFrame) -> pd.DataFrame:
    """Return only the columns that are drawn, so that a specification carries no more than its picture shows."""
    return frame[[name for name in DRAWN if name in frame.columns]]


def layers(
    frame: pd.DataFrame,
    along: str,
    scale: alt.X | alt.Y,
    across: alt.X | alt.Y,
    colour: alt.Color,
    shape: alt.Shape | None = None,
    thick: float = 4,
    lane: alt.YOffset | None = None,
) -> list[alt.Chart]:
    """Return the layers for rows that went through `bounded`.

    `along` is "x" or "y", the direction of the values; `scale` is the encoding of that direction, of which
    the field is replaced; `across` places the rows on the other direction, and `lane` within a row.
    """
    other = "y" if along == "x" else "x"
    crossing: dict[str, Any] = {other: across}
    base = alt.Chart(slim(frame)).encode(colour, *([lane] if lane else []), **crossing)

    def value(field: str) -> dict[str, Any]:
        placed = scale.copy()
        placed.shorthand = f"{field}:Q"
        return {along: placed}

    ends = "datum.form == 'range' || datum.form == 'at_least' || datum.form == 'at_most'"
    tick: dict[str, Any] = {
        "orient": "vertical" if along == "x" else "horizontal",
        "thickness": 2,
        "size": 13,
        "opacity": 1,
    }
    arrows = ("triangle-right", "triangle-left") if along == "x" else ("triangle-up", "triangle-down")
    drawn = [
        base.transform_filter(ends)
        .mark_rule(size=thick, opacity=0.55)
        .encode(**value("start"), **{f"{along}2": "stop:Q"}),
        base.transform_filter(f"({ends}) && isValid(datum.low)").mark_tick(**tick).encode(**value("low")),
        base.transform_filter(f"({ends}) && isValid(datum.high)").mark_tick(**tick).encode(**value("high")),
    ]
    for up, symbol in zip(("datum.points_up", "!datum.points_up"), arrows, strict=True):
        drawn.append(
            base.transform_filter(f"isValid(datum.tip) && {up}")
            .mark_point(shape=symbol, filled=True, size=70, opacity=1)
            .encode(**value("tip"))
        )
    extra = {} if shape is None else {"shape": shape}
    dot = base.transform_filter("isValid(datum.mark)")
    drawn += [
        dot.transform_filter("datum.hollow")
        .mark_point(filled=False, fill="white", size=65, strokeWidth=2, opacity=1)
        .encode(**value("mark"), **extra),
        dot.transform_filter("!datum.hollow")
        .mark_point(filled=True, size=75, opacity=1)
        .encode(**value("mark"), **extra),
    ]
    for name, symbol in (("vague", "cross"), ("missing", "square")):
        if (frame["form"] == name).any():
            zero = frame[frame["form"] == name].assign(zero=0.0)
            drawn.append(
                alt.Chart(slim(zero))
                .mark_point(
                    shape=symbol,
                    filled=False,
                    size=60,
                    strokeWidth=1.5,
                    color=theme.QUIET,
                    angle=45 if name == "vague" else 0,
                )
                .encode(**value("zero"), **crossing)
            )
    return drawn


def key(frame: pd.DataFrame, along: str = "x", more: Sequence[str] = ()) -> str:
    """Return the line under a figure that explains the forms drawn in it, and no others.

    >>> key(pd.DataFrame({"form": ["exact", "missing"]}))
    'How to read it: ● exact figure; □ not seen.'
    """
    used = set(frame["form"])
    up, down = "→←" if along == "x" else "↑↓"
    parts = [text.format(up=up, down=down) for name, text in FORMS.items() if name in used]
    return f"How to read it: {'; '.join([*parts, *more])}."
