"""Printed numbers and the relations between them, posed as a system of linear inequalities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf

from ffstats.balance.linear import LinearSystem, Row
from ffstats.balance.relations import Quantity, Relation
from ffstats.estimate import Estimate


def interval(estimate: Estimate, reading: str) -> tuple[float, float]:
    """Return the ends within which a printed number is taken to lie; an open end is infinite.

    An approximate number is as wide as half a unit of its last significant digit to either side. The charitable
    reading doubles that, and takes a bare count that ends in a zero for a rounded one. Percentages stand as printed.

    >>> interval(Estimate.approx(800), "strict"), interval(Estimate.exact(800), "charitable")
    ((750.0, 850.0), (750.0, 850.0))
    >>> interval(Estimate.approx(800), "charitable"), interval(Estimate.at_least(400), "strict")
    ((700.0, 900.0), (400.0, inf))
    """
    wide = estimate.widened()
    low = -inf if wide.low is None else wide.low
    high = inf if wide.high is None else wide.high
    if reading == "charitable" and estimate.best is not None and estimate.bound in ("approx", "exact"):
        rounded = estimate.bound == "approx" or (
            estimate.unit != "percent" and estimate.best and estimate.best % 10 == 0
        )
        if rounded:
            around = Estimate.approx(estimate.best, estimate.unit).widened()
            half = (around.high - around.low) / 2  # type: ignore[operator]
            low, high = low - half, high + half
    return max(0.0, low), high


def pose(quantities: Sequence[Quantity], relations: Sequence[Relation], reading: str) -> LinearSystem:
    """Turn quantities and relations into a linear system; element n + k is relation k."""
    place = {q.quantity_id: j for j, q in enumerate(quantities)}
    ends = [interval(q.estimate, reading) for q in quantities]
    rows = [
        row
        for k, relation in enumerate(relations)
        for row in _rows(relation, len(quantities) + k, place, ends)
    ]
    return LinearSystem([e[0] for e in ends], [e[1] for e in ends], rows, len(quantities) + len(relations))


def ratio(
    relation: Relation, place: Mapping[str, int], ends: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Return the interval of a ratio_of in parts of one: as the row reads it, else as the factor was printed."""
    low, high = ends[place[relation.factor]] if relation.factor else (0.0, inf)
    if relation.low is not None or relation.high is not None:
        low = 0.0 if relation.low is None else relation.low
        high = inf if relation.high is None else relation.high
    return low / 100.0, high / 100.0


def _rows(
    relation: Relation, element: int, place: Mapping[str, int], ends: Sequence[tuple[float, float]]
) -> Iterator[Row]:
    if relation.kind == "precedes":
        return
    if relation.kind == "part_of":
        for part in relation.left:
            for whole in relation.right:
                yield Row({place[part]: 1.0, place[whole]: -1.0}, -inf, 0.0, (element,))
        return
    low, high = -inf, 0.0
    if relation.kind in ("sums_to", "equals"):
        low = 0.0
    if relation.kind != "ratio_of":
        yield Row(_terms(relation, place, 1.0), low, high, (element,))
        return
    least, most = ratio(relation, place, ends)
    guards = (element, place[relation.factor]) if relation.factor else (element,)
    if most < inf:
        yield Row(_terms(relation, place, most), -inf, 0.0, guards)
    if least > 0:
        yield Row(_terms(relation, place, least), 0.0, inf, guards)


def _terms(relation: Relation, place: Mapping[str, int], factor: float) -> dict[int, float]:
    """The left side minus `factor` times the right, as coefficients; a name that stands twice counts twice."""
    terms: dict[int, float] = {}
    for side, value in ((relation.left, 1.0), (relation.right, -factor)):
        for name in side:
            if value:
                terms[place[name]] = terms.get(place[name], 0.0) + value
    return terms
