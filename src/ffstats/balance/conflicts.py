"""Sets of printed numbers and relations that cannot all be true, and the smallest change that mends each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import inf
from random import Random
from time import monotonic

from ffstats.balance.bounds import groups
from ffstats.balance.linear import LinearSystem, Row, bounded

IDLE = 60  # ways down in a row that find nothing new, after which the search becomes exhaustive


@dataclass(frozen=True, slots=True)
class Sets:
    """Irreducible sets of elements, and why the search stopped before it was complete (else empty)."""

    found: tuple[frozenset[int], ...]
    stopped: str = ""


def irreducible(system: LinearSystem, active: Collection[int]) -> frozenset[int]:
    """Return a set of elements that contradict each other, of which any one left out lets the rest fit.

    `active` must be infeasible.

    >>> from ffstats.balance.linear import Row
    >>> rows = [Row({0: 1.0, 1: -1.0}, -float("inf"), 0.0, (3,)), Row({1: 1.0, 2: -1.0}, 0.0, 0.0, (4,))]
    >>> sorted(irreducible(LinearSystem([9.0, 0.0, 0.0], [9.0, 7.0, 50.0], rows, 5), range(5)))
    [0, 1, 3]
    """
    found = system.core(active)
    for element in sorted(found):
        if element in found and not system.feasible(found - {element}):
            found = system.core(found - {element})
    return found


def parts(system: LinearSystem, active: Collection[int]) -> list[frozenset[int]]:
    """Split `active` into sets of elements between which no contradiction can arise.

    Lines add up to a contradiction only if every quantity cancels. A line that a quantity can always escape,
    because nothing holds that quantity from the other side, is no part of any; what then connects the rest counts.

    >>> from ffstats.balance.linear import Row
    >>> rows = [Row({0: 1.0, 2: -1.0}, -inf, 0.0, (3,)), Row({1: 1.0, 2: -1.0}, -inf, 0.0, (4,))]
    >>> parts(LinearSystem([9.0, 9.0, 5.0], [9.0, 9.0, inf], rows, 5), range(5))    # the whole is open above
    []
    """
    lines: list[tuple[dict[int, float], tuple[int, ...]]] = []
    for row in bounded(system, active):
        lines += [(row.terms, row.guards)] if row.high < inf else []
        if row.low > (0.0 if len(row.terms) == 1 else -inf):
            lines.append(({j: -value for j, value in row.terms.items()}, row.guards))
    while True:
        held = {j for terms, _ in lines for j, value in terms.items() if value > 0}
        live = [(t, g) for t, g in lines if all(value > 0 or j in held for j, value in t.items())]
        if len(live) == len(lines):
            break
        lines = live
    rows = [Row(terms, -inf, 0.0, guards) for terms, guards in lines]
    columns = sorted({j for row in rows for j in row.terms})
    found = [
        frozenset(guard for row in group.rows for guard in row.guards) for group in groups(rows, columns)
    ]
    return [part for part in found if max(part) >= system.n]  # a number alone does not contradict itself


def irreducible_sets(
    system: LinearSystem, active: Collection[int], most: int, tries: int = 300, deadline: float = inf
) -> Sets:
    """Return all irreducible sets within `active`, or as many as the limits allow; then it says which one it met.

    Every way to hit all sets found so far is tried: either what is left fits, or it holds a set not yet found
    (Reiter, A theory of diagnosis from first principles, 1987). When no way is left, none is missing. `most`
    limits the sets, `tries` the ways, and the deadline (of time.monotonic) the time.
    """
    every, found = frozenset(active), list[frozenset[int]]()
    chance = Random(0)  # of a fixed seed: the same sets in every run
    idle = 0
    while idle < IDLE and len(found) < most and (monotonic() < deadline or not found):
        before, left_out = len(found), frozenset[int]()
        # One way down, by chance, so that the first looks go everywhere.
        while len(found) < most and (hit := _unhit(system, every, left_out, found)):
            left_out |= {chance.choice(sorted(hit))}
        if not left_out:
            return Sets(())
        idle = 0 if len(found) > before else idle + 1
    cures: list[frozenset[int]] = []
    tried: set[frozenset[int]] = set()
    ways = [frozenset[int]()]
    while ways:
        left_out = ways.pop()
        if left_out in tried or any(cure <= left_out for cure in cures):
            continue
        if len(found) >= most:
            return Sets(tuple(found), f"the number of sets asked for was reached ({most})")
        if len(tried) >= tries:
            return Sets(tuple(found), f"the number of tries allowed was reached ({tries})")
        if monotonic() > deadline:
            return Sets(tuple(found), "the time allowed was up")
        tried.add(left_out)
        if hit := _unhit(system, every, left_out, found):
            ways += [left_out | {element} for element in sorted(hit, reverse=True)]
        else:
            cures.append(left_out)
    return Sets(tuple(found))


def _unhit(
    system: LinearSystem, every: frozenset[int], left_out: frozenset[int], found: list[frozenset[int]]
) -> frozenset[int]:
    """An irreducible set that holds nothing of `left_out`, known or new (then it joins `found`); empty if none is."""
    for known in found:
        if not known & left_out:
            return known
    if system.feasible(every - left_out):
        return frozenset()
    found.append(irreducible(system, every - left_out))
    return found[-1]
