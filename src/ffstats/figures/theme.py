"""One look for every figure: fonts, colours of sources and statuses, title above, source line below."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import altair as alt

from ffstats import paths
from ffstats.errors import ChoiceError

FONT = "Arimo, Liberation Sans, Arial, Helvetica, sans-serif"
INK, QUIET, FAINT = "#1A1A1A", "#595959", "#DDDDDD"
Picture = alt.Chart | alt.LayerChart | alt.FacetChart | alt.VConcatChart
TOTAL_WIDTH = 520
NARROW, WIDE = set("iljtfrI.,:;'|!()[]- /"), set("mwMW%@—")

CONFIG: dict[str, Any] = {
    "background": "white",
    "font": FONT,
    "padding": 8,
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": QUIET,
        "gridColor": FAINT,
        "domainColor": QUIET,
        "tickColor": QUIET,
        "labelLimit": 260,
        "labelOverlap": "greedy",
        "labelSeparation": 8,
    },
    "legend": {
        "orient": "top",
        "direction": "horizontal",
        "titleFontSize": 12,
        "labelFontSize": 12,
        "title": None,
        "labelLimit": 260,
        "columns": 4,
        "symbolSize": 90,
        "symbolOpacity": 1,
        "offset": 8,
    },
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 15,
        "subtitleFontSize": 12,
        "subtitleColor": QUIET,
        "color": INK,
        "offset": 12,
        "subtitlePadding": 5,
        "lineHeight": 19,
        "subtitleLineHeight": 16,
    },
    "text": {"fontSize": 12, "color": INK},
    "view": {"stroke": None},
    "concat": {"spacing": 14},
}


@cache
def terms() -> dict[tuple[str, str], dict[str, str]]:
    """Return label, colour and shape of every source, status, verdict and text, keyed (kind, term).

    >>> terms()["status", "returned"]["label"]
    'returned'
    """
    with paths.vocabulary("colours.csv").open(encoding="utf-8", newline="") as file:
        return {(row["kind"], row["term"]): row for row in csv.DictReader(file)}


def order(kind: str, names: Iterable[str]) -> list[str]:
    """Return the terms of a kind that occur among some names, in the order of colours.csv.

    >>> order("status", ["returned", "travelled", "returned"])
    ['travelled', 'returned']
    """
    wanted = set(names)
    for name in sorted(wanted):
        look(kind, name, "label")
    return [term for group, term in terms() if group == kind and term in wanted]


def look(kind: str, term: str, part: str) -> str:
    """Return the label, colour or shape of one term.

    Raises ChoiceError where the term has no row in colours.csv.

    >>> look("source", "un", "label")
    'United Nations'
    """
    row = terms().get((kind, term))
    if row is None:
        known = sorted(name for group, name in terms() if group == kind)
        raise ChoiceError(f"colours.csv has no {kind} {term!r}; it has: {', '.join(known)}; add a row for it")
    return row[part]


def looks(kind: str, names: Iterable[str], part: str) -> list[str]:
    """Return the label, colour or shape of several terms, in order."""
    return [look(kind, name, part) for name in names]


def scale(kind: str, names: Sequence[str], part: str = "colour") -> alt.Scale:
    """Return the scale that gives the labels of some terms their colours or shapes.

    >>> scale("status", ["travelled", "returned"]).to_dict()["range"]
    ['#6FAEDB', '#0B3C5D']
    """
    return alt.Scale(domain=looks(kind, names, "label"), range=looks(kind, names, part))


def text_width(text: str, size: float = 12) -> float:
    """Return the width of a text in pixels in the theme's font, within a tenth.

    >>> round(text_width("14,000–18,000"))
    80
    """
    em = sum(0.29 if c in NARROW else 0.86 if c in WIDE else 0.68 if c.isupper() else 0.556 for c in text)
    return em * size


def wrap(text: str, width: float = TOTAL_WIDTH - 20, size: float = 12) -> list[str]:
    """Break a text into lines no wider than a width in pixels.

    >>> wrap("one two three", width=50)
    ['one two', 'three']
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, size) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def finish(
    chart: Picture,
    title: str,
    subtitle: str,
    footer: Sequence[str],
) -> alt.VConcatChart:
    """Put title and subtitle above a chart, the lines of its footer below, and the theme around it.

    The chart is not copied: it must not be used elsewhere.
    """
    heading = alt.TitleParams(text=wrap(title, size=15.6), subtitle=wrap(subtitle))
    below = alt.TitleParams(
        text=[line for part in footer for line in wrap(part, size=11)],
        orient="bottom",
        anchor="start",
        frame="bounds",
        fontSize=11,
        fontWeight="normal",
        color=QUIET,
        offset=12,
        lineHeight=15,
    )
    chart.title = below  # every .properties and .configure would copy the whole chart
    return alt.vconcat(chart, title=heading, config=alt.Config(**CONFIG))
