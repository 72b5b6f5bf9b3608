"""Sensitivity: how far each headline moves with the order of sources, the rule for bounds and the last date."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from ffstats.cells import each, preferred
from ffstats.choice import RULES, Choice
from ffstats.drawn import Drawn
from ffstats.errors import ExhibitError
from ffstats.figures import rows
from ffstats.figures.alt import date
from ffstats.figures.theme import look

HEADLINES = {
    ("XWD", "travelled"): "Travelled, world",
    ("XWD", "returned"): "Returned, world",
    ("RUS", "travelled"): "Travelled, Russia",
    ("TUN", "travelled"): "Travelled, Tunisia",
    ("SAU", "travelled"): "Travelled, Saudi Arabia",
    ("FRA", "travelled"): "Travelled, France",
    ("GBR", "returned"): "Returned, United Kingdom",
}
DATES = ("2014-12", "2015-12", "2016-12", "2017-12", "2018-12")
ORDER, RULE, DATE = "source put first", "rule for bounds", "last date that counts"


def settings(choice: Choice) -> Iterator[tuple[str, str, Choice]]:
    """Yield each setting that is tried: the knob, the value it is turned to, and the choice that results."""
    for name in choice.prefer:
        yield ORDER, look("source", name, "label"), replace(choice, prefer=(name, *choice.prefer))
    for rule in RULES:
        yield RULE, rule, replace(choice, rule=rule)
    for day in DATES:
        yield DATE, date(day), replace(choice, as_of=day)


def moves(estimates: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Return every headline under every setting: headline, knob, setting, figure, base and percent of the base.

    The base is the headline under the reader's own choice. A setting under which no source has a figure is a row
    without one.
    """
    wanted = estimates[
        [pair in HEADLINES for pair in zip(estimates["iso3"], estimates["status"], strict=True)]
    ]
    base = _figures(wanted, choice)
    made = []
    for knob, setting, tried in settings(choice):
        for pair, (figure, source) in _figures(wanted, tried).items():
            own, own_source = base[pair]
            made.append(
                {
                    "headline": HEADLINES[pair],
                    "knob": knob,
                    "setting": setting,
                    "figure": figure,
                    "source_id": source or own_source,
                    "base": own,
                    "percent": round(figure / own * 100, 1) if own else math.nan,
                }
            )
    return pd.DataFrame(made)


def _figures(wanted: pd.DataFrame, choice: Choice) -> dict[tuple[str, str], tuple[float, str]]:
    best = preferred(wanted, choice)
    singles = choice.singles(best)
    known = {
        (row.iso3, row.status): (figure, row.source_id)
        for row, figure in zip(each(best), singles, strict=True)
    }
    return {pair: known.get(pair, (math.nan, "")) for pair in HEADLINES}


def headlines(estimates: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw, for each headline and each knob, the span of values it takes, as a percentage of the reader's choice."""
    table = moves(estimates, choice)
    known = table[table["percent"].notna()]
    if known.empty:
        raise ExhibitError(
            "no headline has a figure under this choice; name more sources in prefer or a later as_of"
        )
    spans = known.groupby(["headline", "knob"], sort=False).agg(
        low=("percent", "min"),
        high=("percent", "max"),
        base=("base", "first"),
        least=("figure", "min"),
        most=("figure", "max"),
    )
    spans = spans.reset_index()
    order = list(HEADLINES.values())
    knobs = [ORDER, RULE, DATE]
    spans = spans.assign(rank=spans["headline"].map(order.index), turn=spans["knob"].map(knobs.index))
    spans = spans.sort_values(["rank", "turn"], kind="stable").reset_index(drop=True)
    moved = spans["low"] != spans["high"]
    spans = spans.assign(
        label=spans["knob"],
        part=[f"{row.headline} ({row.base:,.0f})" for row in each(spans)],
        value=[
            f"{row.least:,.0f}–{row.most:,.0f}" if row.least != row.most else "does not move"
            for row in each(spans)
        ],
        best=100.0,
        bound=["range" if changed else "exact" for changed in moved],
        unit="percent",
        seen_kind="press",
        key="travelled",
        source_id="",
    )
    drawn = rows.draw(
        spans,
        replace(choice, rule="printed"),
        title,
        "status",
        "percent of the value under the reader's choice",
        "Each headline (its value under the reader's choice) and the span it takes when one choice is changed",
        group="part",
        notes=["Where no source has a figure up to a date, that setting is left out of the span."],
        sources=sorted(set(known["source_id"])),
    )
    return replace(drawn, data=table)
