"""The slips that can be made with any estimate, whatever it counts: each a kind of wrong answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Final

from ffstats.estimate import Estimate
from ffstats.teach import answers

KINDS: Final = ("bound_lost", "bound_changed", "one_end", "averaged", "rounding", "unit")
_FINEST: Final = 9  # significant digits that answers are compared by


def of(right: Estimate) -> Iterator[tuple[str, Estimate]]:
    """Yield the slips that can be made with any estimate: bound, one end, the middle, rounding, unit."""
    unit, ends = right.unit, [end for end in (right.low, right.high, right.best) if end is not None]
    for figure in dict.fromkeys(ends):
        plain = (Estimate.exact(figure, unit), Estimate.approx(figure, unit))
        bounds = (Estimate.at_least(figure, unit), Estimate.at_most(figure, unit))
        if right.bound == "range" and figure != right.best:
            yield from (("one_end", each) for each in (*plain, *bounds))
        else:
            lost = right.bound != "exact"
            yield from (
                ("bound_lost" if lost and each.bound == "exact" else "bound_changed", each)
                for each in (*plain, *bounds)
            )
    if right.low is not None and right.high is not None and right.low != right.high:
        middle = (right.low + right.high) / 2
        whole = (math.floor(middle), math.ceil(middle))
        for figure in (middle, *whole):
            yield from (
                ("averaged", each) for each in (Estimate.exact(figure, unit), Estimate.approx(figure, unit))
            )
    for digits in (1, 2, 3, 4):
        for way in (round, math.floor, math.ceil):
            shorter = answers.rounded(right, digits, way)
            if shorter and _near(shorter, right):
                yield "rounding", shorter
                if right.bound == "exact":
                    yield "rounding", Estimate.approx(shorter.low, unit)  # type: ignore[arg-type]
    for scale in {"percent": (0.01,), "ratio": (100,), "persons": (0.001,)}.get(unit, ()):
        low, high = (None if end is None else end * scale for end in (right.low, right.high))
        yield "unit", Estimate(low, high, right.bound, unit)


def _near(one: Estimate, other: Estimate) -> bool:
    """Tell whether the ends of two estimates differ by no more than a tenth: 10 for 12 is no rounding in this field."""
    pairs = ((one.low, other.low), (one.high, other.high))
    return all(a is None or b is None or abs(a - b) <= abs(b) / 10 for a, b in pairs)


def bare(documented: Iterable[tuple[str, Estimate]]) -> Iterator[tuple[str, Estimate]]:
    """Yield documented wrong answers without their bound, which say as much about what went wrong."""
    for kind, each in documented:
        for end in (each.low, each.high, each.best):
            if end is not None:
                yield kind, Estimate.exact(end, each.unit)


def roundings(right: Estimate, digits: int | None) -> Iterator[Estimate]:
    """Yield a right answer with every number of digits that is still right."""
    for count in range(digits, _FINEST) if digits else ():
        for way in (round, math.floor, math.ceil) if right.low != right.high else (round,):
            if shorter := answers.rounded(right, count, way):
                yield shorter
                if shorter.bound == "exact":
                    yield Estimate.approx(shorter.low, right.unit)  # type: ignore[arg-type]
