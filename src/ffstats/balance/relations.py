"""Relations between printed numbers: what must hold between them, in which reading, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

from ffstats import raw
from ffstats.errors import ChoiceError, EstimateError, RelationError
from ffstats.estimate import Estimate

KINDS = {
    "part_of": "{left} is part of {right}",
    "sums_to": "{left} make up {right}",
    "at_most": "{left} cannot exceed {right}",
    "ratio_of": "{left} is {factor} of {right}",
    "equals": "{left} is the same number as {right}",
    "precedes": "{left} is not later than {right}",
}
"""Each kind of relation, and the sentence that states it."""

MANY = 5  # more terms than this are counted in a sentence, not listed

READINGS = {
    "strict": "takes the words as printed",
    "charitable": "grants other populations, and rounder numbers, where the words leave them open",
}
"""The readings, and what each does."""

NOT_SEEN, NOT_PRINTED, NO_NUMBER = "not seen", "not printed", "no number"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that relations speak of: a claim, an estimate, a dated total, or one that nobody printed."""

    quantity_id: str
    estimate: Estimate
    title: str = ""
    as_of: str = ""
    where: str = ""
    lacking: str = ""

    @property
    def printed(self) -> str:
        """The number in words, or why there is none: not seen, not printed by anyone, no number in the words.

        >>> Quantity("q", Estimate.vague(), lacking=NOT_SEEN).printed
        'not seen'
        """
        return self.lacking or str(self.estimate)

    @property
    def name(self) -> str:
        """Its title, else its id, as a sentence names it."""
        return self.title or self.quantity_id


@dataclass(frozen=True, slots=True)
class Relation:
    """What must hold between quantities, with the reason.

    Of part_of and precedes each on the left stands to each on the right; of the other kinds the two sides
    are sums. The ratio of ratio_of is the printed percentage `factor`, or `low`–`high` percent, or both:
    then the interval says how the printed ratio is read.
    """

    relation_id: str
    kind: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    factor: str = ""
    low: float | None = None
    high: float | None = None
    reading: str = "both"
    reason: str = ""
    where: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """All quantities it names."""
        return (*self.left, *self.right, *([self.factor] if self.factor else []))

    def sentence(self, names: Mapping[str, str] | None = None) -> str:
        """Say it in words, with `names` for ids.

        >>> Relation("uk_parts", "part_of", ("c044",), ("c043",)).sentence({"c044": "those prosecuted"})
        'those prosecuted is part of c043'
        """
        known = names or {}

        def side(ids: tuple[str, ...]) -> str:
            many = f"the sum of {len(ids)} numbers"
            return many if len(ids) > MANY else " + ".join(known.get(i, i) for i in ids)

        ratio = known.get(self.factor, self.factor) or " to ".join(
            f"{end:g} percent" for end in (self.low, self.high) if end is not None
        )
        return KINDS[self.kind].format(left=side(self.left), right=side(self.right), factor=ratio)


def read_relations(path: Path) -> list[Relation]:
    """Read relations from a CSV file: several ids in one field are separated by semicolons.

    Columns: relation_id, kind, left, right, factor, low, high (percent), reading, reason.
    Raises: RawDataError for a file that is not such a table; RelationError for a field that is no number.
    """
    names = ("relation_id", "kind", "left", "right", "factor", "low", "high", "reading", "reason")
    needed = {"relation_id", "kind", "left", "right", "reading", "reason"}
    fields = [raw.Field(name, required=name in needed, unique=name == "relation_id") for name in names]
    problems: list[str] = []
    found = []
    for index, row in enumerate(raw.read(path, fields)):
        where = raw.at(path, index)
        low, high = (_number(row[end], f"{where}, column {end}", problems) for end in ("low", "high"))
        left, right = (tuple(filter(None, map(str.strip, row[side].split(";")))) for side in ("left", "right"))
        found.append(
            Relation(
                row["relation_id"],
                row["kind"],
                left,
                right,
                row["factor"].strip(),
                low,
                high,
                row["reading"],
                row["reason"],
                where,
            )
        )
    if problems:
        raise RelationError(problems)
    return found


def read_quantities(path: Path) -> list[Quantity]:
    """Read the quantities that nobody printed but relations need: quantity_id, title, unit, low, high, reason.

    Raises: RawDataError for a file that is not such a table; RelationError with every row that cannot be.
    """
    names = ("quantity_id", "title", "unit", "low", "high", "reason")
    fields = [raw.Field(name, name not in ("low", "high"), name == "quantity_id") for name in names]
    problems: list[str] = []
    found = []
    for index, row in enumerate(raw.read(path, fields)):
        where = raw.at(path, index)
        low, high = (_number(row[end], f"{where}, column {end}", problems) for end in ("low", "high"))
        try:
            estimate = Estimate.vague(low, high, row["unit"])
        except EstimateError as error:
            problems.append(f"{where}: {row['quantity_id']}: {error}. Swap the ends, or correct one.")
            continue
        found.append(Quantity(row["quantity_id"], estimate, row["title"], where=where, lacking=NOT_PRINTED))
    if problems:
        raise RelationError(problems)
    return found


def _number(text: str, where: str, problems: list[str]) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = inf
    if value in (inf, -inf) or value != value:
        problems.append(
            f"{where}: {text!r} is not a number. Write digits with a decimal point, or leave it empty."
        )
        return None
    return value


def assumed(relations: Iterable[Relation], reading: str) -> list[Relation]:
    """Return the relations that a reading assumes.

    Raises: ChoiceError for a reading that is neither strict nor charitable.
    """
    if reading not in READINGS:
        raise ChoiceError(f"There is no reading {reading!r}; choose {' or '.join(READINGS)}.")
    return [relation for relation in relations if relation.reading in ("both", reading)]


def check(quantities: Sequence[Quantity], relations: Sequence[Relation]) -> None:
    """Check that relations can be posed: known ids, like units, no whole within its own part.

    Raises: RelationError, which lists every problem with its row and remedy.
    """
    known = {q.quantity_id: q for q in quantities}
    problems = [
        f"{_at(q)}: the id {q.quantity_id} stands twice. Rename one, or remove it."
        for q in _repeated(quantities, lambda q: q.quantity_id)
    ]
    problems += [
        f"{_at(r)}: the id {r.relation_id} stands twice. Rename one, or remove it."
        for r in _repeated(relations, lambda r: r.relation_id)
    ]
    for relation in relations:
        problems += [f"{_at(relation)}: {problem}" for problem in _problems(relation, known)]
    problems += _ratios_used_twice(relations)
    problems += _cycles(relations)
    if problems:
        raise RelationError(problems)


def _at(item: Any) -> str:
    name = item.relation_id if isinstance(item, Relation) else item.quantity_id
    return f"{item.where}: {name}" if item.where else name


def _repeated(items: Iterable[Any], key: Callable[[Any], str]) -> Iterator[Any]:
    seen: set[str] = set()
    for item in items:
        if key(item) in seen:
            yield item
        seen.add(key(item))


def _problems(relation: Relation, known: Mapping[str, Quantity]) -> Iterator[str]:
    """Say everything that is wrong with one relation taken alone."""
    if relation.kind not in KINDS:
        yield f"there is no kind {relation.kind!r}; choose one of {', '.join(KINDS)}."
        return
    if relation.reading not in ("both", *READINGS):
        yield f"there is no reading {relation.reading!r}; choose both, {' or '.join(READINGS)}."
    for side in ("left", "right"):
        if not getattr(relation, side):
            yield f"nothing stands on the {side}. Name at least one quantity."
    unknown = [i for i in relation.ids if i not in known]
    for name in unknown:
        yield f"{name!r} is no claim, estimate, dated total or declared quantity. Correct the id, or declare it."
    for name in sorted(set(relation.left) & set(relation.right)):
        yield f"{name} stands on both sides. Remove it from one."
    if relation.low is not None and relation.high is not None and relation.low > relation.high:
        yield f"low {relation.low:g} is above high {relation.high:g}. Swap them, or correct one."
    if relation.low is not None and relation.low < 0:
        yield f"a ratio of {relation.low:g} percent is below zero. Correct it."
    given = bool(relation.factor) or relation.low is not None or relation.high is not None
    if relation.kind == "ratio_of" and not given:
        yield "a ratio needs a factor (a percentage that was printed), or low and high in percent."
    if relation.kind != "ratio_of" and given:
        yield f"factor, low and high belong to ratio_of, not to {relation.kind}. Remove them."
    if relation.factor in known and known[relation.factor].estimate.unit != "percent":
        unit = known[relation.factor].estimate.unit
        yield f"the factor {relation.factor} is in {unit}, not in percent. Name a percentage."
    units = {known[i].estimate.unit for i in (*relation.left, *relation.right) if i in known}
    if len(units) > 1 and relation.kind != "precedes":
        each = ", ".join(
            f"{i} in {known[i].estimate.unit}" for i in (*relation.left, *relation.right) if i in known
        )
        yield f"units do not match: {each}. Relate only numbers that count the same."
    if relation.kind == "precedes":
        for name in (*relation.left, *relation.right):
            if name in known and not period(known[name].as_of):
                yield f"{name} has no date ({known[name].as_of!r}). Date it, or remove the relation."


def _ratios_used_twice(relations: Sequence[Relation]) -> Iterator[str]:
    used: dict[str, str] = {}
    terms = {i for relation in relations for i in (*relation.left, *relation.right)}
    for relation in relations:
        if relation.factor and relation.factor in used and used[relation.factor] != relation.relation_id:
            yield (
                f"{_at(relation)}: {relation.factor} is already the factor of {used[relation.factor]}. "
                "State a printed ratio once."
            )
        elif relation.factor in terms:
            yield f"{_at(relation)}: {relation.factor} is a factor here and a term elsewhere. Keep one of the two."
        used.setdefault(relation.factor, relation.relation_id)


def _cycles(relations: Sequence[Relation]) -> Iterator[str]:
    """Name a ring of parts and wholes, if there is one."""
    graph: dict[str, set[str]] = {}
    for relation in relations:
        if relation.kind == "part_of":
            for part in relation.left:
                graph.setdefault(part, set()).update(relation.right)
    while graph:
        try:
            TopologicalSorter(graph).prepare()
            return
        except CycleError as error:
            ring = error.args[1][::-1]
            edge = set(pairwise(ring))
            rows = [_at(r) for r in relations if any((a, b) in edge for a in r.left for b in r.right)]
            yield (
                f"part_of runs in a circle: {' is part of '.join(ring)} ({'; '.join(rows)}). "
                "Remove one of these; for one and the same number write equals."
            )
            graph[ring[0]] -= {ring[1]}


def period(as_of: str) -> tuple[str, str] | None:
    """Return the first and last day that a date or period may mean, or None if it holds no date.

    >>> period("2019-06"), period("2014/2017")
    (('2019-06-01', '2019-06-31'), ('2014-01-01', '2017-12-31'))
    """
    dates = re.findall(r"\d{4}(?:-\d{2}){0,2}", as_of)
    if not dates:
        return None
    return dates[0] + "0000-01-01"[len(dates[0]) :], dates[-1] + "0000-12-31"[len(dates[-1]) :]
