"""The value of a number of a text against that of the ledger: the same, a rounding of it, or another."""

from __future__ import annotations

from functools import lru_cache

from ffstats.annotate.candidates import Candidate
from ffstats.estimate import Estimate
from ffstats.judging import agreement

DIFFERS = agreement.Agreement("differs")
_HAIR = 2e-4  # numbers so near one another are the same, whatever digits they print
_FIFTY = 0.02
"""So near a number that is rounded to a five and noughts must be."""
_NEXT = 0.03
"""So near a figure a bound must be to be no more than a rounding of it."""
_HALF_TEN, _HUNDRED = 5, 100
"""Between these, texts round to the nearest five or ten."""
_FAR = 1.1  # "at least 100" follows from every larger number; only one that is near enough is meant


def span(e: Estimate) -> tuple[float, float]:
    """Return the ends beyond which no number can agree: a rounding away, or what still follows from a bound."""
    ends = [v for v in (e.low, e.high) if v is not None]
    share = _FAR - 1 if len(ends) == 1 else _FIFTY if e.bound == "approx" else _HAIR
    away = [max(share * abs(v), _HALF_TEN if e.bound != "exact" and abs(v) < _HUNDRED else 0) for v in ends]
    around = [(min(v - far, low), max(v + far, high)) for v, far in zip(ends, away, strict=True) for low, high in (_widened(v),)]
    return min([low for low, _ in around]), max([high for _, high in around])


@lru_cache(maxsize=4096)
def _widened(value: float) -> tuple[float, float]:
    e = Estimate.approx(value).widened()
    return e.low or 0.0, e.high or 0.0


def compared(e: Estimate, c: Candidate) -> agreement.Agreement:
    """Compare two numbers as the ledger does; a bound put to a plain figure is said, though it is not untrue."""
    found = agreement.values(e, c.estimate)
    if e.bound == "approx" and found.value not in ("same", "rounded") and _to_fifty(e, c):
        return agreement.Agreement("rounded")
    if found.value == "implied" and not found.bound and _up_or_down(e, c):
        return agreement.Agreement("rounded")  # "up to 4,800" for 4,761, "more than 3,200" for 3,244
    if found.value == "differs" or (found.value == "implied" and not _meant(e, c)):
        return DIFFERS
    if found.value == "rounded" and e.bound == "approx" and found.bound.endswith("dropped"):
        return agreement.Agreement(found.value)  # "about 160" for "at least 158", or for "almost 164"
    if found.value in ("same", "rounded") and not found.bound and c.estimate.bound in ("exact", "approx"):
        added = {"at_least": "lower added", "at_most": "upper added"}.get(e.bound, "")
        return agreement.Agreement(found.value, added)
    return found


def _up_or_down(e: Estimate, c: Candidate) -> bool:
    """Tell whether a bound is the round number next to a figure."""
    figure = e.low if e.high is None else e.high
    if figure is None or None not in (e.low, e.high) or figure % 10:
        return False
    return abs(figure - c.figure) <= _NEXT * c.figure or (
        _HALF_TEN < c.figure < _HUNDRED and abs(figure - c.figure) < _HALF_TEN and e.unit in ("persons", "deaths")
    )


def _to_fifty(e: Estimate, c: Candidate) -> bool:
    """Tell whether "about 750" is said for 760, or "around 35" for 34: texts round to fives as well, which the ledger does not."""
    assert e.best is not None  # it is approximate
    apart = abs(e.best - c.figure)
    if _HALF_TEN < c.figure < _HUNDRED and e.unit in ("persons", "deaths"):
        return (e.best % 5 == 0 and apart <= 2) or (e.best % 12 == 0 and apart <= 1)  # "about two dozen" for 23
    if e.unit == "percent":
        return e.best % 5 == 0 and apart <= 1  # "three in five" for 61 per cent
    return f"{e.best:.0f}".endswith("0") and f"{e.best:.0f}".rstrip("0").endswith("5") and apart <= _FIFTY * c.figure


def _meant(e: Estimate, c: Candidate) -> bool:
    figure, other = (e.low, c.estimate.low) if e.low is not None else (e.high, c.estimate.high)
    other = c.figure if other is None else other
    return figure is not None and figure > 0 and 1 / _FAR <= other / figure <= _FAR


def figure(e: Estimate) -> float:
    """Return the single number that an estimate states, else its low end, else its high end."""
    number = e.best if e.best is not None else e.low if e.low is not None else e.high
    assert number is not None
    return number


def distance(e: Estimate, c: Candidate) -> float:
    """Return how far a number is from a candidate's: by how many times it is larger, or half of how many smaller."""
    ours = figure(e)
    low, high = sorted((max(abs(ours), 1.0), max(abs(c.figure), 1.0)))
    return (high / low - 1.0) / (1.0 if high == abs(ours) else 2.0)
