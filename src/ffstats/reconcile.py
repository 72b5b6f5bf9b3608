"""Whether printed numbers can all be true: what they imply for each other, and where they cannot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from time import monotonic
from typing import Any

from ffstats.balance.bounds import implied
from ffstats.balance.conflicts import irreducible_sets, parts
from ffstats.balance.linear import LinearSystem
from ffstats.balance.posing import interval, pose
from ffstats.balance.reconciliation import Change, Conflict, Implied, Reconciliation
from ffstats.balance.relations import Quantity, Relation, assumed, check, period
from ffstats.balance.system import load_system
from ffstats.tidy import until_cleared

SECONDS = 6.0  # for numbers handed in, unless told otherwise
ROUNDING = 1e-6  # relative; bounds closer than this are not called tighter


def reconcile(
    quantities: Sequence[Quantity] | None = None,
    relations: Sequence[Relation] | None = None,
    reading: str = "strict",
    max_sets: int = 50,
    seconds: float | None = None,
) -> Reconciliation:
    """Say whether quantities can satisfy relations, what they imply, and which sets cannot all be true.

    Parameters: quantities and relations, by default the project's own (`load_system`); reading, strict or
    charitable; max_sets, the most conflicts to look for; seconds, after which the search stops and says so: by
    default 6 for numbers handed in, and no limit for the project's own, so that no result depends on the machine.
    Raises: RelationError with every problem of the relations; SolverError when the solver gives no verdict.

    >>> from ffstats.estimate import Estimate
    >>> numbers = [Quantity("went", Estimate.exact(850)), Quantity("back", Estimate.between(900, 950))]
    >>> print(reconcile(numbers, [Relation("r1", "part_of", ("back",), ("went",), reason="only who went returned")]))
    In the strict reading the numbers cannot all be true.
    1. went, back
       went (850) and back (900–950) cannot both be true while back is part of went: only who went returned.
       Smallest change: back: lower its low end from 900 to 850 (5.6% of the printed figure)
    0 of 2 quantities are bounded more tightly than printed.
    """
    start = monotonic()
    if quantities is None or relations is None:
        if not (quantities is None and relations is None):
            raise TypeError("give both quantities and relations, or neither")
        quantities, relations = load_system(reading)
        seconds = inf if seconds is None else seconds
    seconds = SECONDS if seconds is None else seconds
    quantities, relations = list(quantities), assumed(relations, reading)
    check(quantities, relations)
    work = _Work(quantities, relations, reading, pose(quantities, relations, reading))
    # Bounds may take three fifths of the time; conflicts have the rest, and at least one is found in any case.
    box = implied(work.system, start + 0.6 * seconds)
    conflicts = work.dates()
    feasible, stopped, disputed = not (conflicts or box.broken.any()), "", set[int]()
    for part in parts(work.system, work.system.everything) if box.broken.any() else []:
        sets = irreducible_sets(
            work.system, part, max(1, max_sets - len(conflicts)), deadline=start + seconds
        )
        conflicts += [work.conflict(found) for found in sets.found]
        disputed |= frozenset().union(*sets.found)
        stopped = stopped or sets.stopped
    if stopped:
        stopped += f"; there may be more than these {len(conflicts)}"
    if box.unproved.any():
        count = int(box.unproved.sum())
        stopped = "; ".join(
            filter(
                None,
                [stopped, f"the bounds of {count} quantities are safe, but not proved to be the tightest"],
            )
        )
    conflicts.sort(key=lambda c: (len(c.claims) + len(c.relations), c.claims, c.relations))
    return Reconciliation(
        reading, feasible, tuple(conflicts), work.bounds(box, disputed, start + seconds), stopped
    )


@until_cleared
def project(reading: str = "strict") -> tuple[list[Quantity], list[Relation], Reconciliation]:
    """Return the project's own numbers and relations, and their reconciliation, worked out once a process."""
    quantities, relations = load_system(reading)
    return quantities, relations, reconcile(quantities, relations, reading, seconds=inf)


@dataclass(frozen=True, slots=True)
class _Work:
    """One system with the quantities and relations that it was posed from."""

    quantities: Sequence[Quantity]
    relations: Sequence[Relation]
    reading: str
    system: LinearSystem

    def dates(self) -> list[Conflict]:
        """The relations of time that the dates themselves break."""
        known = {q.quantity_id: q for q in self.quantities}
        found = []
        for relation in self.relations:
            if relation.kind != "precedes":
                continue
            for a in relation.left:
                for b in relation.right:
                    begins, ends = period(known[a].as_of), period(known[b].as_of)
                    if begins and ends and begins[0] > ends[1]:
                        change = Change(a, "as_of", known[a].as_of, f"up to {known[b].as_of}", None)
                        text = (
                            f"{a} is dated {known[a].as_of}, {b} {known[b].as_of}; {_because(relation, {})}"
                        )
                        found.append(Conflict((a, b), (relation.relation_id,), (change,), text))
        return found

    def conflict(self, elements: Collection[int]) -> Conflict:
        """Describe an irreducible set."""
        numbers = sorted(e for e in elements if e < self.system.n)
        assumed_here = [self.relations[e - self.system.n] for e in sorted(elements) if e >= self.system.n]
        changes = [change for j in numbers if (change := self.change(j, elements))]
        changes.sort(key=lambda c: (c.relative or 0.0, c.quantity_id))
        names = {q.quantity_id: q.name for q in self.quantities}
        each = [f"{self.quantities[j].name} ({self.quantities[j].printed})" for j in numbers]
        word = "both" if len(each) == 2 else "all"
        reason = (
            f"{', '.join(each[:-1])}{' and ' if each[:-1] else ''}{each[-1] if each else 'The relations'} cannot "
            f"{word} be true while {'; and '.join(_because(r, names) for r in assumed_here)}"
        )
        ids = tuple(self.quantities[j].quantity_id for j in numbers)
        return Conflict(ids, tuple(r.relation_id for r in assumed_here), tuple(changes), reason)

    def change(self, j: int, elements: Collection[int]) -> Change | None:
        """The smallest move of number j alone that lets the rest of the set fit."""
        possible = self.others(j, frozenset(elements) - {j})
        if possible is None:
            return None
        estimate = self.quantities[j].estimate
        low, high = interval(estimate, self.reading)
        if possible[1] < low:
            end, printed, value = "low", low, possible[1]
        elif possible[0] > high:
            end, printed, value = "high", high, possible[0]
        else:
            return None
        size = abs(printed if estimate.best is None else estimate.best) or 1.0
        return Change(
            self.quantities[j].quantity_id, end, printed, round(value, 6) + 0.0, abs(value - printed) / size
        )

    def others(self, j: int, active: Collection[int]) -> tuple[float, float] | None:
        """The ends that `active` elements leave for quantity j, which may be a ratio; None if they clash."""
        name = self.quantities[j].quantity_id
        for relation in self.relations:
            if relation.factor == name:
                place = {q.quantity_id: k for k, q in enumerate(self.quantities)}
                top, bottom = ({place[i]: 1.0 for i in side} for side in (relation.left, relation.right))
                found = self.system.ratio(top, bottom, active)
                return (100.0 * found[0], 100.0 * found[1]) if found else None
        return self.system.interval({j: 1.0}, active)

    def bounds(self, box: Any, disputed: set[int], deadline: float) -> tuple[Implied, ...]:
        """The implied bounds of every quantity, disputed ones left out where they clash."""
        rest = self.system.only(self.system.everything - disputed) if disputed else None
        calm = implied(rest, deadline) if rest else box
        ratios = {r.factor for r in self.relations if r.factor}
        ends = [interval(q.estimate, self.reading) for q in self.quantities]
        found = []
        for j, quantity in enumerate(self.quantities):
            here, basis = (calm, "undisputed") if box.broken[j] or j in disputed else (box, "all")
            low, high = float(here.low[j]), float(here.high[j])
            if quantity.quantity_id in ratios:
                active = self.system.everything - {j} - (disputed if basis == "undisputed" else set())
                others = self.others(j, active)
                if others is not None:
                    low, high = max(low, others[0]), min(high, others[1])
            if here.broken[j]:
                basis = "unknown"
            elif here.unproved[j]:
                basis = "unproved"
            tighter = low > ends[j][0] + ROUNDING * max(1.0, low) or (
                isfinite(high) and high < ends[j][1] - ROUNDING * max(1.0, high)
            )
            text = quantity.printed
            open_low, open_high = (None if not isfinite(v) else round(v, 6) + 0.0 for v in (low, high))
            found.append(
                Implied(quantity.quantity_id, quantity.title, text, open_low, open_high, tighter, basis)
            )
        return tuple(found)


def _because(relation: Relation, names: dict[str, str]) -> str:
    """A relation in words, with its reason."""
    return f"{relation.sentence(names)}: {relation.reason.rstrip('.')}."
