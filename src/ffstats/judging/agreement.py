"""Does a printed number say what its source says? Value, bound, population and date, each compared by one rule."""

from __future__ import annotations

import calendar
import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ffstats import definitions
from ffstats.definitions import Difference
from ffstats.estimate import Estimate
from ffstats.judging.entries import Claim, Evidence

COARSE = 0.05
"""A rounding that moves a figure by more than this share is flagged, though the digits printed agree:
one significant digit can hide a third of a number."""

OLDER_DAYS = 31
"""A figure given up to a month before the date in the text is that date's figure: months are the finest
dates that most of the texts and sources give."""

STALE_DAYS = 365
"""A figure last given more than a year before the date in the text is another date's figure."""

NESTED_DAYS = 183
"""A part and a whole counted more than half a year apart are not part and whole of one count."""

PEOPLE = ("group", "who", "status", "origin", "place")
CUMULATIVE = ("travelled", "attempted", "returned", "relocated")
_KINDS = {"exact": "point", "approx": "point", "at_least": "lower", "at_most": "upper", "range": "range"}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a claim's number stands to its source's: the value, and what became of the bound.

    value: same, rounded, coarse (rounded by more than 5 %), inside (the source's range), implied (a weaker bound
    that the source implies), spans (the claim's range holds the source's figure), or differs.
    bound: empty where kept or implied; lower dropped, upper dropped, lower added, upper added, reversed, widened.
    """

    value: str
    bound: str = ""


def values(claim: Estimate, source: Estimate) -> Agreement:
    """Compare a claim's number with its source's.

    A claim is the source's value if it agrees to the significant digits printed.

    >>> values(Estimate.exact(3400), Estimate.exact(3417))
    Agreement(value='rounded', bound='')
    >>> values(Estimate.exact(5600), Estimate.at_least(5600))
    Agreement(value='same', bound='lower dropped')
    """
    ours, theirs = _KINDS[claim.bound], _KINDS[source.bound]
    if ours == "range":
        return _range(claim, source, theirs)
    figure = _figure(claim)
    if theirs == "range":
        return _in_range(figure, ours, source)
    other = _figure(source)
    near = digits(figure, other)
    if near and {ours, theirs} == {"lower", "upper"}:
        return Agreement(near, "reversed")
    if ours == "lower" and theirs != "upper" and other > figure:
        return Agreement("implied")
    if ours == "upper" and theirs != "lower" and other < figure:
        return Agreement("implied")
    if not near:
        return Agreement("differs")
    if ours == theirs or (ours != "point" and source.bound == "exact" and other == figure):
        return Agreement(near)
    return Agreement(near, f"{theirs} dropped" if ours == "point" else f"{ours} added")


def digits(figure: float, other: float) -> str:
    """Say whether a figure is another to the digits it prints: same, rounded, coarse, or empty if it is not.

    >>> digits(20000, 20730), digits(400, 425), digits(800, 425)
    ('rounded', 'coarse', '')
    """
    if math.isclose(figure, other, rel_tol=1e-4):
        return "same"
    if other not in _widened(figure):
        return ""
    return "coarse" if abs(figure - other) > COARSE * abs(other) else "rounded"


@lru_cache(maxsize=1024)
def _widened(figure: float) -> Estimate:
    return Estimate.approx(figure).widened()


def _figure(estimate: Estimate) -> float:
    return estimate.high if estimate.low is None else estimate.low  # type: ignore[return-value]


def _in_range(figure: float, ours: str, source: Estimate) -> Agreement:
    low, high = source.low, source.high
    assert low is not None and high is not None
    if (ours == "lower" and figure <= low) or (ours == "upper" and figure >= high):
        return Agreement("implied")
    if low <= figure <= high:
        return Agreement("inside", "" if ours == "point" else f"{ours} added")
    return Agreement(digits(figure, low) or digits(figure, high) or "differs")


def _range(claim: Estimate, source: Estimate, theirs: str) -> Agreement:
    low, high = claim.low, claim.high
    assert low is not None and high is not None
    if theirs == "range":
        assert source.low is not None and source.high is not None
        ends = digits(low, source.low), digits(high, source.high)
        if all(ends):
            return Agreement(max(ends, key=("same", "rounded", "coarse").index))
        if source.low <= low and high <= source.high:
            return Agreement("inside")
        return (
            Agreement("spans", "widened")
            if low <= source.low and source.high <= high
            else Agreement("differs")
        )
    return Agreement("spans", "widened") if low <= _figure(source) <= high else Agreement("differs")


def misleads(bound: str, claim: Claim, evidence: Evidence) -> bool:
    """Tell whether a changed bound would mislead a reader: the one place where that is decided.

    A reversed bound does. So does a maximum given as a plain number ("no more than N" as "N"), if the cited
    document itself words it as a maximum. A minimum given as a plain number is still the number that was
    counted, and another document's wording is not the cited one's: these are flags.
    """
    plain_maximum = (
        bound == "upper dropped" and claim.estimate.bound == "exact" and evidence.relation == "cited"
    )
    return bound == "reversed" or plain_maximum


def population(claim: Claim, evidence: Evidence) -> tuple[Difference, ...]:
    """Return the facets in which a claim and a piece of evidence count different people or things.

    A facet that one of them leaves open is not counted as a difference.
    """
    found = definitions.compare(claim.definition, evidence.definition)
    return tuple(d for d in found if d.facet in PEOPLE and d.relation != "unknown")


@dataclass(frozen=True, slots=True)
class Dating:
    """How the date in the text stands to the figure's.

    older_days: from the day the figure was first given to the date in the text; stale_days: from the day it was
    last given; later_days: from the date in the text to the day from which the figure counts.
    """

    first_given: date
    older_days: int
    stale_days: int
    later_days: int

    @property
    def older(self) -> bool:
        return self.older_days > OLDER_DAYS

    @property
    def later(self) -> bool:
        return self.later_days > OLDER_DAYS

    @property
    def moved(self) -> bool:
        """Tell whether the number is another date's altogether."""
        return max(self.stale_days, self.later_days) > STALE_DAYS


def dating(claim: Claim, evidence: Evidence, repeats: tuple[Evidence, ...] = ()) -> Dating | None:
    """Compare the date that a text gives with that of the figure; None if either gives none.

    A count of all up to a date is dated by the last year or month the text names, any other by the first. Where
    the text gives no date, the document's own stands in, so that a figure older than its document is seen.
    repeats: the same figure stated again, which keeps it current.
    """
    given = evidence.as_of_end or evidence.as_of
    text_date = claim.as_of
    if claim.definition.status in CUMULATIVE and claim.as_of_end:
        text_date = claim.as_of_end
    if not given or not (text_date or evidence.vintage):
        return None
    then = first_day(text_date or given)
    until = last_day(claim.as_of_end or claim.as_of or given)
    first = last_day(evidence.vintage or given)
    last = max(last_day(e.as_of_end or e.as_of) for e in (evidence, *repeats) if e.as_of)
    later = first_day(evidence.vintage or evidence.as_of) - until
    return Dating(first, (then - first).days, (then - last).days, later.days)


def apart_days(part: Claim, whole: Claim) -> int:
    """Return the days between the periods that a part and its whole speak of; 0 if they overlap or give no date."""
    if not part.as_of or not whole.as_of:
        return 0
    one = first_day(part.as_of), last_day(part.as_of_end or part.as_of)
    other = first_day(whole.as_of), last_day(whole.as_of_end or whole.as_of)
    return max((one[0] - other[1]).days, (other[0] - one[1]).days, 0)


def first_day(text: str) -> date:
    """Return the first day of an ISO year, month or day.

    >>> first_day("2019-10")
    datetime.date(2019, 10, 1)
    """
    year, month, day = (*map(int, text.split("-")), 1, 1)[:3]
    return date(year, month, day)


def last_day(text: str) -> date:
    """Return the last day of an ISO year, month or day.

    >>> last_day("2019-02")
    datetime.date(2019, 2, 28)
    """
    parts = [*map(int, text.split("-"))]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return date(year, month, parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1])
