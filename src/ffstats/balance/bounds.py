"""The bounds that a system of relations implies for each of its quantities.

Bounds are first narrowed along the relations until nothing moves, which is sound and cheap. Where the
relations among what is still open form a tree, narrowed bounds are known to be exact. Elsewhere each end is
proved by a point that reaches it, or moved to where a linear programme says it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from ffstats.balance.linear import INFEASIBLE, OPTIMAL, LinearSystem, Row, matrix, solve_matrix

if TYPE_CHECKING:
    import numpy as np

EQUAL = 1e-9  # relative; numbers closer than this are one number
TOGETHER = 32  # ends that the solver is asked to reach with one point
REACHED = 1e-7  # relative; how near the solver's points come to a bound that they reach


@dataclass(frozen=True, slots=True)
class Box:
    """Lower and upper ends of all quantities, which of them contradict each other, and which are not proved.

    Ends that are not proved are safe: no number beyond them is possible. They may not be the tightest.
    """

    low: np.ndarray
    high: np.ndarray
    broken: np.ndarray
    unproved: np.ndarray


class Lines:
    """The rows of a system as flat arrays, one entry a term, for narrowing many bounds at once."""

    def __init__(self, rows: Sequence[Row], width: int) -> None:
        import numpy as np

        self.rows = list(rows)
        self.matrix = matrix(self.rows, width)
        self.line = np.repeat(np.arange(len(self.rows)), np.diff(self.matrix.indptr))
        self.column = self.matrix.indices
        self.value = self.matrix.data
        self.low = np.array([row.low for row in self.rows])
        self.high = np.array([row.high for row in self.rows])

    def activity(self, low: Any, high: Any) -> tuple[Any, Any, Any, Any]:
        """Finite part and number of infinite terms of each line's smallest and largest value."""
        import numpy as np

        positive = self.value > 0
        least = self.value * np.where(positive, low[self.column], high[self.column])
        most = self.value * np.where(positive, high[self.column], low[self.column])
        return least, most, self._total(least), self._total(most)

    def _total(self, terms: Any) -> Any:
        import numpy as np

        finite = np.isfinite(terms)
        count = len(self.rows)
        return (
            np.bincount(self.line, np.where(finite, terms, 0.0), count),
            np.bincount(self.line, ~finite, count),
        )

    def narrow(self, low: Any, high: Any) -> tuple[Any, Any]:
        """Bounds after one pass: each term against its line's limits and the other terms' extremes."""
        import numpy as np

        least, most, (least_sum, least_open), (most_sum, most_open) = self.activity(low, high)

        def others(terms: Any, total: Any, opened: Any, sign: float) -> Any:
            finite = np.isfinite(terms)
            rest = total[self.line] - np.where(finite, terms, 0.0)
            return np.where(opened[self.line] - ~finite > 0, sign * inf, rest)

        with np.errstate(invalid="ignore"):
            room = (self.high[self.line] - others(least, least_sum, least_open, -1.0)) / self.value
            need = (self.low[self.line] - others(most, most_sum, most_open, 1.0)) / self.value
        positive = self.value > 0
        upper = np.where(positive, room, need)
        lower = np.where(positive, need, room)
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, self.column, np.nan_to_num(lower, nan=-inf, posinf=inf, neginf=-inf))
        np.minimum.at(new_high, self.column, np.nan_to_num(upper, nan=inf, posinf=inf, neginf=-inf))
        return new_low, new_high

    def settle(self, low: Any, high: Any) -> tuple[Any, Any, bool]:
        """Narrow until nothing moves or bounds cross; the flag says whether it came to rest.

        Along a tree that takes no more passes than there are quantities. Round a ring bounds may creep for
        ever by less and less, so it stops there and the flag is false.
        """
        import numpy as np

        for _ in range(len(low) + 50):
            new_low, new_high = self.narrow(low, high)
            moved = (new_low > low + slack(low)) | (new_high < high - slack(high))
            if not moved.any():
                return low, high, True
            low, high = np.where(moved, new_low, low), np.where(moved, new_high, high)
            if crossed(low, high):
                return low, high, True
        return low, high, False


def crossed(low: Any, high: Any) -> bool:
    """Whether some lower end lies above its upper end by more than rounding."""
    return bool((low > high + slack(high, REACHED)).any())


def slack(bounds: Any, share: float = EQUAL) -> Any:
    """How far two numbers of this size may lie apart and still count as equal."""
    import numpy as np

    return share * np.maximum(1.0, np.abs(np.where(np.isfinite(bounds), bounds, 0.0)))


def implied(system: LinearSystem, deadline: float = inf) -> Box:
    """Exact bounds of every quantity while all of the system holds, group by connected group.

    In a group that contradicts itself the ends are not a number, and `broken` is true for its quantities.
    At the deadline (of time.monotonic) no further end is proved.

    >>> rows = [Row({0: 1.0, 1: 1.0, 2: -1.0}, 0.0, 0.0, (3,))]      # two parts make up the whole
    >>> box = implied(LinearSystem([10.0, 0.0, 30.0], [20.0, 12.0, 40.0], rows, elements=4))
    >>> box.low.tolist(), box.high.tolist()
    ([18.0, 10.0, 30.0], [20.0, 12.0, 32.0])
    """
    import numpy as np

    low, high = system.box(system.everything)
    broken, unproved = np.zeros(system.n, dtype=bool), np.zeros(system.n, dtype=bool)
    for group in groups(system.rows, range(system.n)):
        if not group.rows:
            broken[group.columns] = low[group.columns] > high[group.columns]
            continue
        answer = _solve_group(group, low[group.columns], high[group.columns], deadline)
        if answer is None:
            broken[group.columns] = True
        else:
            low[group.columns], high[group.columns], unproved[group.columns] = answer
    low[broken], high[broken] = np.nan, np.nan
    return Box(low, high, broken, unproved)


@dataclass(frozen=True, slots=True)
class Group:
    """Quantities that relations connect, and those relations with quantities numbered within the group."""

    columns: list[int]
    rows: list[Row]
    tree: bool


def groups(rows: Sequence[Row], columns: Sequence[int]) -> list[Group]:
    """Split quantities into connected groups, in the order of their first quantity.

    A group is a tree when no two relations are connected in more than one way; the two lines of one ratio
    between two quantities count as one relation.
    """
    leader = {j: j for j in columns}

    def find(j: int) -> int:
        while leader[j] != j:
            leader[j] = leader[leader[j]]
            j = leader[j]
        return j

    ringed: set[int] = set()
    ratios: set[tuple[tuple[int, ...], frozenset[int]]] = set()
    for row in rows:
        first, *rest = row.terms
        if len(row.terms) == 2:
            same = (row.guards, frozenset(row.terms))
            if same in ratios:
                continue
            ratios.add(same)
        for j in rest:
            a, b = find(first), find(j)
            if a == b:
                ringed.add(a)
            elif a < b:
                leader[b] = a
            else:
                leader[a] = b
    ring_leaders = {find(j) for j in ringed}
    members: dict[int, list[int]] = {}
    for j in sorted(leader):
        members.setdefault(find(j), []).append(j)
    place = {j: k for columns_of in members.values() for k, j in enumerate(columns_of)}
    lines: dict[int, list[Row]] = {}
    for row in rows:
        terms = {place[j]: value for j, value in row.terms.items()}
        lines.setdefault(find(next(iter(row.terms))), []).append(Row(terms, row.low, row.high, row.guards))
    return [Group(members[k], lines.get(k, []), k not in ring_leaders) for k in sorted(members)]


def _solve_group(group: Group, low: Any, high: Any, deadline: float) -> tuple[Any, Any, Any] | None:
    """Bounds within one group and which of them are unproved, or None if it contradicts itself."""
    import numpy as np

    unproved = np.zeros(len(low), dtype=bool)
    low, high, settled = Lines(group.rows, len(low)).settle(low, high)
    if crossed(low, high):
        return None
    high = np.maximum(low, high)
    for part in groups(*_still_open(group.rows, low, high)):
        if part.rows and not (part.tree and settled):
            answer = _prove(part, low[part.columns], high[part.columns], deadline)
            if answer is None:
                return None
            low[part.columns], high[part.columns], unproved[part.columns] = answer
    return low, high, unproved


def _still_open(rows: Sequence[Row], low: Any, high: Any) -> tuple[list[Row], list[int]]:
    """The rows that can still fail within the bounds, without quantities that have become a single number."""
    import numpy as np

    fixed = high - low <= slack(high)
    lines = Lines(rows, len(low))
    _, _, (least, least_open), (most, most_open) = lines.activity(low, high)
    with np.errstate(invalid="ignore"):
        certain = ((least_open == 0) & (least >= lines.low) | (lines.low == -inf)) & (
            (most_open == 0) & (most <= lines.high) | (lines.high == inf)
        )
    kept = []
    for row, safe in zip(rows, certain, strict=True):
        free = {j: value for j, value in row.terms.items() if not fixed[j]}
        if free and not safe:
            known = sum(value * low[j] for j, value in row.terms.items() if fixed[j])
            kept.append(Row(free, row.low - known, row.high - known, row.guards))
    return kept, [int(j) for j in np.flatnonzero(~fixed)]


def _prove(group: Group, low: Any, high: Any, deadline: float) -> tuple[Any, Any, Any] | None:
    """Bounds of a group whose relations run in rings: each end is reached by a point, or moved by the solver."""
    import numpy as np

    lines = Lines(group.rows, len(low))
    every = np.arange(len(low))

    def ask(cost: Any) -> Any:
        return solve_matrix(cost, lines.matrix, lines.low, lines.high, low, high)

    first = ask(np.zeros(len(low)))
    if first.status == INFEASIBLE:
        return None
    # Known so far: no quantity goes beyond `outer`, and points were seen that reach `inner`.
    outer = [low.copy(), high.copy()]
    inner = [first.point.copy(), first.point.copy()]
    if (high == inf).any():
        inner[1][_endless(lines, low, high)] = inf

    def see(point: Any) -> None:
        inner[0], inner[1] = np.minimum(inner[0], point), np.maximum(inner[1], point)

    def waiting(side: int) -> Any:
        reach = slack(inner[side], REACHED)
        return inner[0] > outer[0] + reach if side == 0 else inner[1] < outer[1] - reach

    size = np.maximum(1.0, np.where(np.isfinite(high), high - low, 1.0))
    for side, sign in ((0, 1.0), (1, -1.0)):
        tried, alone = np.zeros(len(low), dtype=bool), np.zeros(len(low), dtype=bool)
        while (left := waiting(side) & ~alone).any() and monotonic() < deadline:
            fresh = np.flatnonzero(left & ~tried & np.isfinite(outer[side]))[:TOGETHER]
            if len(fresh) > 1:  # ask for some ends together: one point may reach them all
                tried[fresh] = True
                cost = np.zeros(len(low))
                cost[fresh] = sign / size[fresh]
                answer = ask(cost)
                if answer.status == OPTIMAL:
                    see(answer.point)
                continue
            j = int(np.flatnonzero(left)[0])
            alone[j] = True
            answer = ask(np.where(every == j, sign, 0.0))
            if answer.status == OPTIMAL:
                see(answer.point)
                outer[side][j] = inner[side][j]
    return np.minimum(*outer), np.maximum(*outer), waiting(0) | waiting(1)


def _endless(lines: Lines, low: Any, high: Any) -> Any:
    """Which quantities can grow without end: those that some direction, allowed by every line, increases."""
    import numpy as np
    from scipy.sparse import block_array, csr_array, eye_array

    width = len(low)
    up = np.where(high == inf, inf, 0.0)
    # Each quantity's gain counts up to one, so that one direction shows all that can grow at once.
    gain = block_array(
        [[lines.matrix, csr_array((lines.matrix.shape[0], width))], [eye_array(width), -eye_array(width)]]
    ).tocsr()
    answer = solve_matrix(
        np.concatenate([np.zeros(width), -np.ones(width)]),
        gain,
        np.concatenate([np.where(np.isfinite(lines.low), 0.0, -inf), np.zeros(width)]),
        np.concatenate([np.where(np.isfinite(lines.high), 0.0, inf), np.full(width, inf)]),
        np.zeros(2 * width),
        np.concatenate([up, np.ones(width)]),
    )
    return answer.point[width:] > 0.5
