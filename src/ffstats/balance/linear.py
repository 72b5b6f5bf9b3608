"""A system of linear relations between uncertain numbers, and the questions a solver can answer about it.

A system has *elements*: first one for each quantity (its printed bounds), then one for each relation. Any
of them can be left out, which is how sets that contradict each other are found. What can never be left out
is that nothing counted here is negative.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any

from ffstats.errors import SolverError

if TYPE_CHECKING:
    import numpy as np

OPTIMAL, INFEASIBLE, UNBOUNDED = 0, 2, 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line `low <= sum(coefficient * quantity) <= high`, in force while all its guards are.

    `terms` maps the index of a quantity to its coefficient; `guards` are indices of elements: the relation
    that states the line and, where a printed ratio is its coefficient, that ratio.
    """

    terms: dict[int, float]
    low: float
    high: float
    guards: tuple[int, ...]


@dataclass(frozen=True)
class LinearSystem:
    """Quantities `0 .. n-1` within `low`–`high`, and rows between them.

    `elements` counts quantities and relations; element `j < n` is quantity j's printed interval. An open end
    is infinite; no quantity is below zero whatever is left out.

    >>> rows = [Row({0: 1.0, 1: -1.0}, -inf, 0.0, (2,))]          # the first is part of the second
    >>> system = LinearSystem([400.0, 0.0], [inf, 300.0], rows, elements=3)
    >>> system.feasible(), system.feasible({0, 1})
    (False, True)
    >>> sorted(system.core({0, 1, 2}))
    [0, 1, 2]
    """

    low: Sequence[float]
    high: Sequence[float]
    rows: Sequence[Row]
    elements: int
    _known: dict[frozenset[int], bool] = field(default_factory=dict, compare=False, repr=False)

    @property
    def n(self) -> int:
        """The number of quantities."""
        return len(self.low)

    @cached_property
    def everything(self) -> frozenset[int]:
        """All elements: every printed number and every relation."""
        return frozenset(range(self.elements))

    @cached_property
    def _rows_of(self) -> dict[int, list[Row]]:
        """The rows by their first guard; -1 for rows that always hold."""
        found: dict[int, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.guards[0] if row.guards else -1, []).append(row)
        return found

    def chosen(self, active: Collection[int]) -> list[Row]:
        """The rows in force while only `active` elements hold."""
        held = active if isinstance(active, (set, frozenset)) else set(active)
        firsts = [-1, *sorted(held & self._rows_of.keys())]
        return [row for e in firsts for row in self._rows_of.get(e, ()) if held.issuperset(row.guards)]

    def box(self, active: Collection[int]) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends of all quantities while only `active` elements hold."""
        import numpy as np

        low, high = np.zeros(self.n), np.full(self.n, inf)
        held = [j for j in active if j < self.n]
        low[held] = np.maximum(0.0, [self.low[j] for j in held])
        high[held] = [self.high[j] for j in held]
        return low, high

    def only(self, active: Collection[int]) -> LinearSystem:
        """The system in which nothing but `active` elements holds."""
        low, high = self.box(active)
        return LinearSystem(low.tolist(), high.tolist(), self.chosen(active), self.elements)

    def feasible(self, active: Collection[int] | None = None) -> bool:
        """Whether numbers exist that satisfy every `active` element (all of them by default)."""
        key = self.everything if active is None else frozenset(active)
        if key not in self._known:
            self._known[key] = solve({}, self.chosen(key), *self.box(key)).status == OPTIMAL
        return self._known[key]

    def interval(self, terms: dict[int, float], active: Collection[int]) -> tuple[float, float] | None:
        """Smallest and largest value of `sum(coefficient * quantity)`, or None if nothing satisfies `active`."""
        rows, (low, high) = self.chosen(active), self.box(active)
        ends = []
        for sign in (1.0, -1.0):
            answer = solve({j: sign * value for j, value in terms.items()}, rows, low, high)
            if answer.status == INFEASIBLE:
                return None
            ends.append(-inf * sign if answer.status == UNBOUNDED else sign * answer.value)
        return ends[0], ends[1]

    def ratio(
        self, top: dict[int, float], bottom: dict[int, float], active: Collection[int]
    ) -> tuple[float, float] | None:
        """Smallest and largest value of top / bottom over all points with a bottom above zero, else None.

        A ratio of two linear forms over a polyhedron is itself a linear programme once everything is
        divided by the bottom (Charnes and Cooper, 1962).
        """
        scale = self.n  # the extra quantity: one over the bottom
        rows = [Row(bottom, 1.0, 1.0, ())]
        for row in bounded(self, active):
            if row.high < inf:
                rows.append(Row({**row.terms, scale: -row.high}, -inf, 0.0, ()))
            if row.low > -inf:
                rows.append(Row({**row.terms, scale: -row.low}, 0.0, inf, ()))
        return LinearSystem([0.0] * (scale + 1), [inf] * (scale + 1), rows, 0).interval(top, ())

    def core(self, active: Collection[int]) -> frozenset[int]:
        """Elements of `active`, usually few, that already contradict each other (`active` must be infeasible).

        Every row and bound may stretch at a cost; those that pull at the cheapest stretch (a dual value
        that is not zero) are a proof of the contradiction by the lemma of Farkas.
        """
        found = frozenset(guard for row in stretch(bounded(self, active)) for guard in row.guards)
        return found if found and not self.feasible(found) else frozenset(active)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the solver said: a status, the smallest value and the point where it is reached."""

    status: int
    value: float
    point: Any


def bounded(system: LinearSystem, active: Collection[int]) -> list[Row]:
    """The rows in force, with the printed bounds that say something as rows of their own."""
    rows = list(system.chosen(active))
    for j in sorted(active):
        if j < system.n and (system.low[j] > 0 or system.high[j] < inf):
            rows.append(Row({j: 1.0}, max(0.0, system.low[j]), system.high[j], (j,)))
    return rows


def matrix(rows: Sequence[Row], width: int) -> Any:
    """The coefficients of `rows` as a sparse matrix (scipy CSR, one line a row, `width` columns)."""
    import numpy as np
    from scipy.sparse import csr_array

    sizes = [len(row.terms) for row in rows]
    columns = np.fromiter((j for row in rows for j in row.terms), dtype=np.int32, count=sum(sizes))
    values = np.fromiter((v for row in rows for v in row.terms.values()), dtype=float, count=sum(sizes))
    starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int32)]).astype(np.int32)
    return csr_array((values, columns, starts), shape=(len(rows), width))


def solve(cost: Mapping[int, float], rows: Sequence[Row], low: Any, high: Any) -> Answer:
    """Minimise `cost` (quantity → weight) over `rows` and the box `low`–`high` with HiGHS.

    The point holds the quantities that rows or cost name, in their order. Raises SolverError when the solver
    gives no verdict.
    """
    import numpy as np

    if (low > high).any():
        return Answer(INFEASIBLE, inf, None)
    used = sorted({j for row in rows for j in row.terms} | set(cost))
    if not used:
        return Answer(OPTIMAL, 0.0, np.zeros(0))
    place = {j: k for k, j in enumerate(used)}
    lines = matrix(
        [Row({place[j]: v for j, v in row.terms.items()}, 0.0, 0.0, ()) for row in rows], len(used)
    )
    ends = np.array([(row.low, row.high) for row in rows]).reshape(-1, 2)
    weights = np.array([cost.get(j, 0.0) for j in used])
    return solve_matrix(weights, lines, ends[:, 0], ends[:, 1], low[used], high[used])


def solve_matrix(cost: Any, lines: Any, row_low: Any, row_high: Any, low: Any, high: Any) -> Answer:
    """As `solve`, with the rows already a sparse matrix."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    constraints = () if lines is None or lines.shape[0] == 0 else LinearConstraint(lines, row_low, row_high)
    result = milp(cost, bounds=Bounds(low, high), constraints=constraints)
    if result.status == 4 and np.any(cost):  # infeasible or unbounded, not yet known which
        feasible = solve_matrix(0 * cost, lines, row_low, row_high, low, high).status == OPTIMAL
        return Answer(UNBOUNDED if feasible else INFEASIBLE, -inf, None)
    if result.status not in (OPTIMAL, INFEASIBLE, UNBOUNDED):
        raise SolverError(f"The solver gave no verdict on {len(row_low)} relations: {result.message}")
    least = result.fun if result.status == OPTIMAL else None
    return Answer(result.status, -inf if least is None else least, result.x)


def stretch(rows: Sequence[Row]) -> list[Row]:
    """The rows that pull when the total stretch needed to satisfy all `rows` is smallest."""
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import eye_array, hstack, vstack

    used = sorted({j for row in rows for j in row.terms})
    place, width = {j: k for k, j in enumerate(used)}, len(used)
    lines = matrix([Row({place[j]: v for j, v in row.terms.items()}, 0.0, 0.0, ()) for row in rows], width)
    ends = np.array([(row.low, row.high) for row in rows])
    upper, lower = np.flatnonzero(ends[:, 1] < inf), np.flatnonzero(ends[:, 0] > -inf)
    owner = np.concatenate([upper, lower])
    one_sided = vstack([lines[upper], -lines[lower]])
    limits = np.concatenate([ends[upper, 1], -ends[lower, 0]])
    result = linprog(
        np.concatenate([np.zeros(width), np.ones(len(owner))]),
        A_ub=hstack([one_sided, -eye_array(len(owner))]).tocsr(),
        b_ub=limits,
        bounds=(0, None),
        method="highs",
    )
    if result.status != OPTIMAL:
        raise SolverError(f"The solver could not weigh {len(rows)} relations: {result.message}")
    pulling = sorted({int(owner[i]) for i in np.flatnonzero(result.ineqlin.marginals < -1e-9)})
    return [rows[i] for i in pulling]
