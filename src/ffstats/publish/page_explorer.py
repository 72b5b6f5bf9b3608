"""The data of the country explorer: estimates by country and source, each with the readings behind it."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from markupsafe import Markup

from ffstats import places, sources, tidy
from ffstats.figures.theme import look

SHOWN = ("estimate_id", "source_id", "iso3", "who", "status", "as_of", "low", "high", "best", "n_witnesses", "n_independent", "seen_kind")
READING = ("reading_id", "printed", "language", "seen_kind", "seen_at", "locator", "agreement", "copy_of", "note")


def data() -> dict[str, Any]:
    """Return what the explorer needs: sources, places, statuses, and one row for each estimate and reading.

    The rows of `estimates` are in the order of `columns`; the last four are the estimate in words, the dissent,
    where to look for one not seen, and the places of its readings in `readings`.
    """
    estimates, readings = tidy.estimates(), tidy.readings()
    at = {reading_id: number for number, reading_id in enumerate(readings["reading_id"])}
    rows = []
    for (_, row), words in zip(estimates.iterrows(), in_words(estimates), strict=True):
        witnesses = [at[name] for name in row["witnesses"].split()]
        look_in = row["locator"] if row["seen_kind"] == "missing" else ""
        rows.append([*(_plain(row[name]) for name in SHOWN), words, row["dissent"], look_in, witnesses])
    ids = sorted(set(estimates["source_id"]), key=lambda name: sources.source(name).rank)
    return {
        "columns": [*SHOWN, "words", "dissent", "look_in", "readings"],
        "estimates": rows,
        "reading_columns": list(READING),
        "readings": [[_plain(value) for value in row] for row in readings[list(READING)].itertuples(index=False)],
        "sources": [[name, sources.source(name).short, look("source", name, "colour")] for name in ids],
        "places": sorted(([code, places.name(code)] for code in set(estimates["iso3"])), key=lambda pair: pair[1]),
        "statuses": [[name, count] for name, count in estimates["status"].value_counts().sort_index().items() if count > 1],
    }


def in_words(frame: pd.DataFrame) -> list[str]:
    """Return each row's estimate as it is read; a missing one as "not seen"."""
    return [str(found) if (found := tidy.as_estimate(row)) else "not seen" for _, row in frame.iterrows()]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def embedded(value: Any) -> Markup:
    """Return data as JSON that can stand inside a script element, whatever it holds.

    >>> embedded("</script><!--")
    Markup('"\\\\u003c/script\\\\u003e\\\\u003c!--"')
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)
