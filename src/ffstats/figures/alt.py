"""Sentences about figures, written from the data: values in words, alt text, source lines."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from ffstats.cells import each
from ffstats.choice import missing
from ffstats.estimate import Estimate
from ffstats.figures.theme import look

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
LONGEST = 16
SEEN = {
    "primary": "its own page",
    "reprint": "reprint",
    "press": "press",
    "missing": "not seen",
    "not_seen": "not seen",
}


def estimate(row: Any) -> Estimate | None:
    """Return the estimate of a row with low, high, best, bound and unit; None for a missing cell."""
    if not isinstance(row.bound, str) or not row.bound:
        return None
    low, high, best = (None if missing(value) else float(value) for value in (row.low, row.high, row.best))
    return Estimate(
        low, high, row.bound, row.unit, best if row.bound in {"exact", "approx", "range"} else None
    )


def words(frame: pd.DataFrame) -> list[str]:
    """Return each row's value in words; `not seen` for a missing cell, `no number` for words without one.

    Ends that vague words imply ("dozens") are marked as such. `frame` has low, high, best, bound, unit, and
    seen_kind where it may hold missing cells.

    >>> row = {"low": [None], "high": [3000.0], "best": [None], "bound": ["at_most"], "unit": ["persons"]}
    >>> words(pd.DataFrame(row))
    ['up to 3,000']
    """
    said = []
    for row in each(frame):
        value = estimate(row)
        if getattr(row, "seen_kind", "missing" if value is None else "") == "missing":
            said.append("not seen")
        elif value is None or (value.bound == "vague" and value.low is None and value.high is None):
            said.append("no number")
        elif value.bound == "vague":
            said.append(f"{str(value.as_unit('persons')).removeprefix('vague, ')} (vague)")
        else:
            plain = (
                value.as_unit("persons") if value.unit in {"persons_per_month", "percent", "km2"} else value
            )
            said.append(f"{plain}{'%' if value.unit == 'percent' else ''}")
    return said


def date(text: str) -> str:
    """Return an ISO date as a reader writes it.

    >>> date("2017-10-24"), date("2017-10"), date("2017"), date("")
    ('24 October 2017', 'October 2017', '2017', 'undated')
    """
    parts = text.split("-")
    if not text or not parts[0].isdigit():
        return text or "undated"
    if len(parts) == 1:
        return parts[0]
    month = MONTHS[int(parts[1]) - 1]
    return f"{month} {parts[0]}" if len(parts) == 2 else f"{int(parts[2])} {month} {parts[0]}"


def month(text: str) -> str:
    """Return the month and year of an ISO date, short.

    >>> month("2017-10-24"), month("2017")
    ('Oct 2017', '2017')
    """
    parts = date(text[:7]).split(" ")
    return " ".join([parts[0][:3], *parts[1:]]) if len(parts) > 1 else parts[0]


def listed(parts: Sequence[str], longest: int = LONGEST) -> str:
    """Return parts as a list in words; of a long one the first, and how many more there are.

    >>> listed(["one", "two"]), listed(["a", "b", "c"], longest=1)
    ('one; two', 'a; and 2 more in the table of its data')
    """
    more = len(parts) - longest
    return "; ".join([*parts[:longest], *([f"and {more} more in the table of its data"] if more > 0 else [])])


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    >>> count(1, "country", "countries"), count(48, "country", "countries")
    ('1 country', '48 countries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def said_by(names: Iterable[str], texts: Iterable[str] = ()) -> str:
    """Return the source line of a figure: its sources, and the texts whose claims it shows.

    >>> said_by(["un", "soufan2017"], ["article"])
    'Sources: Soufan Center 2017, United Nations. Claims of: Survey article.'
    """
    labels = sorted({look("source", name, "label") for name in names})
    parts = [f"{'Source' if len(labels) == 1 else 'Sources'}: {', '.join(labels)}."] if labels else []
    spoken = [look("text", name, "label") for name in texts]
    return " ".join([*parts, *([f"Claims of: {', '.join(spoken)}."] if spoken else [])])


def about(frame: pd.DataFrame) -> list[str]:
    """Return what a reader who points at each row is told beside its value: lines joined by |, of the columns there are.

    >>> row = {"status": ["travelled"], "who": ["all_persons"], "as_of": ["2017-10"], "source_id": ["soufan2017"]}
    >>> about(pd.DataFrame(row))
    ['Counts: all persons, travelled|Date: October 2017|Source: Soufan Center 2017']
    """
    return ["|".join(_about(row)) for row in frame.to_dict("records")]


def _about(row: Mapping[Hashable, Any]) -> list[str]:
    known = {name: value for name, value in row.items() if isinstance(value, str) and value}
    status = known.get("status", "not_applicable")
    counts = [
        known.get("who", "").replace("_", " "),
        "" if status == "not_applicable" else look("status", status, "label"),
    ]
    origin = known.get("origin", "World")
    source = known.get("source_id", "")
    by = [
        *([] if source in {"", "texts"} else [look("source", source, "label")]),
        look("text", known["text"], "label")
        if "text" in known
        else known.get("report") or known.get("producer", ""),
    ]
    by = list(dict.fromkeys(filter(None, by)))
    told = source == "texts" and "text" in known
    lines = {
        "From": "" if origin == "World" or origin in known.get("label", "") else origin,
        "Counts": ", ".join(filter(None, counts)),
        "Date": date(known.get("dated") or known.get("as_of", "")).replace("undated", ""),
        "Source": ", ".join(by),
        "Seen in": "" if told or not by else SEEN.get(known.get("seen_kind", ""), ""),
        "Statement": known.get("claim_id", ""),
    }
    return [f"{name}: {words}" for name, words in lines.items() if words]
