"""The books: implied bounds are exact, conflicts irreducible and all there, and what is fair is not called one."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from io import StringIO
from itertools import combinations
from math import inf, isclose
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from ffstats.balance.accounting import Line, accounting, frame
from ffstats.balance.posing import interval
from ffstats.balance.reconciliation import Change, Conflict, Reconciliation
from ffstats.balance.relations import Quantity, Relation
from ffstats.errors import ChoiceError, RawDataError, RelationError
from ffstats.estimate import Estimate
from ffstats.reconcile import project, reconcile
from sandbox import ROOT

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
DATA = Path(__file__).parent / "data"
KINDS = ("part_of", "sums_to", "at_most", "ratio_of", "equals")


@st.composite
def systems(draw: st.DrawFn, largest: int = 6, relations: int = 7) -> tuple[list[Quantity], list[Relation]]:
    """Small systems of every kind of relation; bounds open and closed, exact and approximate."""
    count = draw(st.integers(3, largest))
    quantities = []
    for j in range(count):
        a, b = sorted((draw(st.integers(0, 60)), draw(st.integers(0, 60))))
        estimate = draw(
            st.sampled_from(
                [
                    Estimate.exact(a),
                    Estimate.approx(a),
                    Estimate.at_least(a),
                    Estimate.at_most(b),
                    Estimate.between(a, b),
                    Estimate.between(a, b),
                    Estimate.vague(),
                ]
            )
        )
        quantities.append(Quantity(f"n{j}", estimate))
    names = [q.quantity_id for q in quantities]
    rows = []
    for k in range(draw(st.integers(1, relations))):
        kind = draw(st.sampled_from(KINDS))
        some = draw(st.lists(st.sampled_from(names), min_size=2, max_size=3, unique=True))
        if kind == "part_of":  # parts come before their wholes, so that no ring arises
            some = sorted(some, key=lambda n: int(n[1:]))
        reading = draw(st.sampled_from(["both", "both", "strict"]))
        if kind == "ratio_of":
            low, high = sorted((draw(st.integers(5, 150)), draw(st.integers(5, 150))))
            if draw(st.booleans()):
                quantities.append(Quantity(f"share{k}", Estimate.between(low, high, unit="percent")))
                rows.append(
                    Relation(f"r{k}", kind, (some[0],), (some[1],), f"share{k}", reading=reading, reason="x")
                )
            else:
                rows.append(
                    Relation(f"r{k}", kind, (some[0],), (some[1],), "", float(low), float(high), reading, "x")
                )
        else:
            rows.append(Relation(f"r{k}", kind, tuple(some[:-1]), (some[-1],), reading=reading, reason="x"))
    return quantities, rows


class Plain:
    """The same system written down a second time, dense and simple: what the answers are held against."""

    def __init__(
        self, quantities: list[Quantity], relations: list[Relation], reading: str = "strict"
    ) -> None:
        self.names = [q.quantity_id for q in quantities]
        self.ends = {q.quantity_id: interval(q.estimate, reading) for q in quantities}
        self.relations = {r.relation_id: r for r in relations if r.reading in ("both", reading)}
        self.everything = frozenset([*self.names, *self.relations])

    def lines(self, chosen: frozenset[str]) -> tuple[list[list[float]], list[float]]:
        """All of `chosen` as lines `row @ x <= limit`."""
        rows, limits = [], []

        def add(left: tuple[str, ...], right: tuple[str, ...], factor: float, sign: float = 1.0) -> None:
            row = [0.0] * len(self.names)
            for name in left:
                row[self.names.index(name)] += sign
            for name in right:
                row[self.names.index(name)] -= sign * factor
            rows.append(row)
            limits.append(0.0)

        for r in (self.relations[name] for name in sorted(chosen & self.relations.keys())):
            if r.kind == "part_of":
                for name in r.left:
                    add((name,), r.right, 1.0)
            elif r.kind == "ratio_of":
                if r.factor and r.factor not in chosen:
                    continue
                low, high = self.ends[r.factor] if r.factor else (r.low, r.high)
                add(r.left, r.right, high / 100)
                add(r.left, r.right, low / 100, -1.0)
            else:
                add(r.left, r.right, 1.0)
                if r.kind in ("sums_to", "equals"):
                    add(r.left, r.right, 1.0, -1.0)
        return rows, limits

    def solve(self, chosen: frozenset[str], cost: list[float]) -> tuple[int, float]:
        rows, limits = self.lines(chosen)
        box = [self.ends[n] if n in chosen else (0.0, inf) for n in self.names]
        answer = linprog(
            cost, rows or None, limits or None, bounds=[(a, None if b == inf else b) for a, b in box]
        )
        if answer.status == 4:  # no verdict between infeasible and unbounded
            return (3, 0.0) if self.fits(chosen) else (2, 0.0)
        return answer.status, answer.fun if answer.status == 0 else 0.0

    def fits(self, chosen: frozenset[str]) -> bool:
        return self.solve(chosen, [0.0] * len(self.names))[0] == 0

    def bounds(self, name: str) -> tuple[float, float]:
        cost = [float(n == name) for n in self.names]
        low, high = self.solve(self.everything, cost), self.solve(self.everything, [-c for c in cost])
        return low[1], inf if high[0] == 3 else -high[1]

    def conflicts(self) -> set[frozenset[str]]:
        """Every irreducible set, found by trying all subsets."""
        found: set[frozenset[str]] = set()
        for size in range(1, len(self.everything) + 1):
            for some in map(frozenset, combinations(sorted(self.everything), size)):
                if not any(s <= some for s in found) and not self.fits(some):
                    found.add(some)
        return found


def near(a: float | None, b: float) -> bool:
    return b == inf if a is None else isclose(a, b, rel_tol=1e-5, abs_tol=1e-4)


def sets(result: Reconciliation) -> list[frozenset[str]]:
    return [frozenset([*c.claims, *c.relations]) for c in result.conflicts]


@QUICK
@given(systems(largest=8, relations=10))
def test_implied_bounds_equal_brute_force(system: tuple[list[Quantity], list[Relation]]) -> None:
    quantities, relations = system
    result, plain = reconcile(quantities, relations, max_sets=1, seconds=60), Plain(quantities, relations)
    assert result.feasible == plain.fits(plain.everything)
    assert result.feasible == (not result.conflicts)
    if result.feasible:
        ratios = {r.factor for r in relations}
        for item in result.implied:
            if item.quantity_id not in ratios:
                low, high = plain.bounds(item.quantity_id)
                assert near(item.low, low) and near(item.high, high), (item, low, high)
                assert item.basis == "all"


@QUICK
@given(systems(largest=4, relations=4))
def test_all_conflicts_are_found_and_each_is_irreducible(
    system: tuple[list[Quantity], list[Relation]],
) -> None:
    quantities, relations = system
    result = reconcile(quantities, relations, max_sets=10_000, seconds=60)
    assert not result.stopped
    assert sorted(map(sorted, sets(result))) == sorted(map(sorted, Plain(quantities, relations).conflicts()))


@QUICK
@given(systems(largest=9, relations=14))
def test_a_reported_conflict_fits_without_any_one_of_its_members(
    system: tuple[list[Quantity], list[Relation]],
) -> None:
    quantities, relations = system
    plain = Plain(quantities, relations)
    for found in sets(reconcile(quantities, relations, max_sets=4, seconds=60)):
        assert not plain.fits(found)
        assert all(plain.fits(found - {member}) for member in found)


@QUICK
@given(systems(largest=5, relations=5))
def test_each_change_mends_its_conflict_and_half_of_it_does_not(
    system: tuple[list[Quantity], list[Relation]],
) -> None:
    quantities, relations = system
    plain = Plain(quantities, relations)
    for conflict in reconcile(quantities, relations, seconds=60).conflicts:
        chosen = frozenset([*conflict.claims, *conflict.relations])
        assert conflict.changes, "some printed number can always be moved far enough"
        assert conflict.smallest_change.relative == min(c.relative for c in conflict.changes)
        for change in conflict.changes:
            printed = plain.ends[change.quantity_id]
            room = 1e-4 * max(1.0, abs(change.value))
            for share, mends in ((1.0, True), (0.5, False)):
                value = change.printed + share * (change.value - change.printed)
                if not mends and abs(change.value - change.printed) < 1e-2:
                    continue
                if change.end == "low":
                    plain.ends[change.quantity_id] = (max(0.0, value - room * mends), printed[1])
                else:
                    plain.ends[change.quantity_id] = (printed[0], value + room * mends)
                assert plain.fits(chosen) == mends, (conflict, change)
            plain.ends[change.quantity_id] = printed


@QUICK
@given(systems())
def test_what_the_strict_reading_allows_the_charitable_allows(
    system: tuple[list[Quantity], list[Relation]],
) -> None:
    quantities, relations = system
    strict, charitable = (Plain(quantities, relations, reading) for reading in ("strict", "charitable"))
    for found in sets(reconcile(quantities, relations, "charitable", max_sets=4, seconds=60)):
        assert not charitable.fits(found)
        assert not strict.fits(found)


@QUICK
@given(systems(largest=4, relations=4), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(system: tuple[list[Quantity], list[Relation]], chance) -> None:
    quantities, relations = system
    first = reconcile(quantities, relations, seconds=60)
    assert reconcile(quantities, relations, seconds=60) == first
    chance.shuffle(quantities)
    chance.shuffle(relations)
    other = reconcile(quantities, relations, seconds=60)
    assert other.feasible == first.feasible
    if not first.stopped and not other.stopped:
        assert set(sets(other)) == set(sets(first))


def number(name: str, estimate: Estimate, as_of: str = "") -> Quantity:
    return Quantity(name, estimate, as_of=as_of)


def test_an_approximate_number_is_as_wide_as_half_a_unit_of_its_last_digit() -> None:
    part = Relation("r", "part_of", ("part",), ("whole",), reason="x")
    for part_size, fits in ((850, True), (851, False)):
        numbers = [number("part", Estimate.at_least(part_size)), number("whole", Estimate.approx(800))]
        assert reconcile(numbers, [part]).feasible is fits
        numbers[1] = number("whole", Estimate.exact(800))
        assert not reconcile(numbers, [part]).feasible
        assert reconcile(numbers, [part], "charitable").feasible is fits


def test_an_open_end_stays_open_and_is_narrowed_only_where_something_bounds_it() -> None:
    numbers = [number("went", Estimate.at_least(40000)), number("back", Estimate.at_least(5600))]
    back = reconcile(numbers, [Relation("r", "part_of", ("back",), ("went",), reason="x")]).bounds("back")
    assert (back.low, back.high, back.tighter) == (5600, None, False)
    numbers[0] = number("went", Estimate.exact(41490))
    back = reconcile(numbers, [Relation("r", "part_of", ("back",), ("went",), reason="x")]).bounds("back")
    assert (back.low, back.high, back.tighter) == (5600, 41490, True)


def test_a_printed_ratio_is_bounded_by_what_it_is_a_ratio_of() -> None:
    numbers = [
        number("tried", Estimate.exact(40)),
        number("back", Estimate.between(400, 800)),
        number("share", Estimate.at_most(50, "percent")),
    ]
    result = reconcile(numbers, [Relation("r", "ratio_of", ("tried",), ("back",), "share", reason="x")])
    share = result.bounds("share")
    assert result.feasible
    assert near(share.low, 5.0) and near(share.high, 10.0)


def test_what_else_is_known_of_the_numbers_bounds_a_printed_ratio_too() -> None:
    numbers = [
        number("tried", Estimate.at_least(40)),
        number("back", Estimate.between(400, 800)),
        number("went", Estimate.exact(500)),
        number("share", Estimate.vague(unit="percent")),
    ]
    relations = [
        Relation("r", "ratio_of", ("tried",), ("back",), "share", reason="x"),
        Relation("s", "part_of", ("tried",), ("back",), reason="x"),
        Relation("t", "part_of", ("back",), ("went",), reason="x"),
    ]
    share = reconcile(numbers, relations).bounds("share")
    assert near(share.low, 8.0) and near(share.high, 100.0) and share.tighter


def test_one_number_that_relations_rule_out_alone_is_a_conflict() -> None:
    numbers = [number("a", Estimate.exact(5)), number("b", Estimate.vague())]
    relations = [
        Relation("r", "part_of", ("a",), ("b",), reason="x"),
        Relation("s", "ratio_of", ("b",), ("a",), high=10, reason="y."),
    ]
    (conflict,) = reconcile(numbers, relations).conflicts
    assert (conflict.claims, conflict.relations) == (("a",), ("r", "s"))
    assert conflict.reason == (
        "a (5) cannot all be true while a is part of b: x.; and b is 10 percent of a: y."
    )


def test_bounds_that_time_did_not_suffice_to_prove_are_called_so_and_are_safe() -> None:
    numbers = [number(name, Estimate.between(0, 10)) for name in "abc"] + [number("t", Estimate.exact(12))]
    relations = [
        Relation("".join(pair), "sums_to", pair, ("t",), reason="x") for pair in combinations("abc", 2)
    ]
    proved, hurried = (reconcile(numbers, relations, seconds=seconds) for seconds in (60, 0))
    assert [(i.low, i.high, i.basis) for i in proved.implied[:3]] == [(6, 6, "all")] * 3
    assert [(i.low, i.high, i.basis) for i in hurried.implied[:3]] == [(2, 10, "unproved")] * 3
    assert hurried.feasible and not proved.stopped
    assert hurried.stopped == "the bounds of 3 quantities are safe, but not proved to be the tightest"


def test_a_conflict_that_no_single_change_mends_names_none() -> None:
    from rich.console import Console

    found = Reconciliation("strict", False, (Conflict(("a", "b"), ("r",), (), "why"),), (), "it was late")
    console = Console(record=True, width=100, file=StringIO())
    console.print(found)
    shown = console.export_text()
    assert "change" not in str(found) and "change" not in shown
    assert "The search for conflicts stopped early: it was late." in shown and "more tightly" not in shown
    assert found.as_dict()["conflicts"][0]["smallest_change"] is None


def test_a_printed_ratio_that_does_not_fit_is_a_member_of_the_conflict_and_can_be_changed() -> None:
    numbers = [
        number("tried", Estimate.exact(40)),
        number("back", Estimate.exact(800)),
        number("share", Estimate.exact(10, "percent")),
    ]
    (conflict,) = reconcile(
        numbers, [Relation("r", "ratio_of", ("tried",), ("back",), "share", reason="x")]
    ).conflicts
    assert set(conflict.claims) == {"tried", "back", "share"}
    assert {(c.quantity_id, c.value) for c in conflict.changes} == {
        ("tried", 80),
        ("back", 400),
        ("share", 5),
    }


def test_dates_out_of_order_are_a_conflict_and_open_dates_are_not() -> None:
    later = Relation("r", "precedes", ("a",), ("b",), reason="first things first")
    numbers = [number("a", Estimate.exact(1), "2017-11"), number("b", Estimate.exact(2), "2015")]
    (conflict,) = reconcile(numbers, [later]).conflicts
    assert conflict.claims == ("a", "b")
    assert conflict.smallest_change.end == "as_of"
    assert reconcile([replace(numbers[0], as_of="2015-11"), numbers[1]], [later]).feasible


def test_a_contradiction_elsewhere_leaves_the_other_accounts_alone() -> None:
    numbers = [number(n, Estimate.exact(v)) for n, v in (("a", 9), ("b", 5), ("c", 3))]
    numbers.append(number("d", Estimate.vague()))
    rows = [
        Relation("r", "part_of", ("a",), ("b",), reason="x"),
        Relation("s", "part_of", ("d",), ("c",), reason="x"),
    ]
    result = reconcile(numbers, rows)
    assert not result.feasible
    assert (result.bounds("d").high, result.bounds("d").basis) == (3, "all")
    assert (result.bounds("a").high, result.bounds("a").basis) == (None, "undisputed")


def test_the_search_says_when_it_stopped() -> None:
    numbers = [number(f"a{k}", Estimate.exact(9)) for k in range(6)] + [number("b", Estimate.exact(5))]
    rows = [Relation(f"r{k}", "part_of", (f"a{k}",), ("b",), reason="x") for k in range(6)]
    everything = reconcile(numbers, rows)
    assert (len(everything.conflicts), everything.stopped) == (6, "")
    some = reconcile(numbers, rows, max_sets=2)
    assert len(some.conflicts) == 2
    assert "the number of sets asked for was reached (2)" in some.stopped
    hurried = reconcile(numbers, rows, seconds=0)
    assert not hurried.feasible
    assert hurried.conflicts and "time" in hurried.stopped


def test_the_answer_is_json_and_says_the_same_in_words() -> None:
    numbers = [number("a", Estimate.exact(9)), number("b", Estimate.at_most(5))]
    result = reconcile(numbers, [Relation("r", "part_of", ("a",), ("b",), reason="only those who went")])
    data = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    assert not data["feasible"]
    assert data["conflicts"] == [
        {
            "claims": ["a", "b"],
            "relations": ["r"],
            "smallest_change": {
                "id": "a",
                "end": "low",
                "from": 9.0,
                "to": 5.0,
                "relative": pytest.approx(4 / 9),
            },
            "reason": "a (9) and b (up to 5) cannot both be true while a is part of b: only those who went.",
        }
    ]
    assert [set(i) >= {"id", "printed", "implied_low", "implied_high"} for i in data["implied"]] == [
        True,
        True,
    ]
    assert "cannot all be true" in str(result) and "only those who went" in str(result)


def several_contradictions() -> Reconciliation:
    """A small account that breaks a relation of every kind, beside one that holds."""
    numbers = [
        Quantity("went", Estimate.approx(800), "all who went", "2015"),
        Quantity("back", Estimate.between(900, 950), "all who came back", "2016"),
        Quantity("jailed", Estimate.at_least(870), "", "2017"),
        Quantity("tried", Estimate.exact(40), "those tried"),
        Quantity("seen", Estimate.exact(1000)),
        Quantity("share", Estimate.exact(10, "percent"), "the share tried"),
        Quantity("few", Estimate.between(5.5, 6.25)),
        Quantity("fewer", Estimate.at_most(3)),
        Quantity("whole", Estimate.exact(1234), "the whole of them"),
        Quantity("rest", Estimate.vague(), "nobody's count", lacking="not printed"),
        Quantity("half", Estimate.at_least(1000), "the first half"),
        Quantity("one", Estimate.at_least(617)),
        Quantity("other", Estimate.exact(617)),
    ]
    relations = [
        Relation("parts", "part_of", ("back", "jailed"), ("went",), reason="Only who went returned."),
        Relation(
            "one_in_ten", "ratio_of", ("tried",), ("seen",), "share", reason="the title says it of them"
        ),
        Relation("later", "precedes", ("jailed",), ("back",), reason="first held, then back"),
        Relation("small", "equals", ("few",), ("fewer",), reason="one count"),
        Relation("whole", "sums_to", ("rest", "half"), ("whole",), reason="there are two halves"),
        Relation("same", "equals", ("one",), ("other",), reason="one count"),
    ]
    return reconcile(numbers, relations, seconds=600)


def read(text: str) -> Any:
    """Read JSON, its numbers without the last bits of a float."""
    return json.loads(text, parse_float=lambda digits: round(float(digits), 6))


def test_what_is_found_is_said_in_the_words_that_were_reviewed() -> None:
    from rich.console import Console

    found = several_contradictions()
    console = Console(record=True, width=100, file=StringIO())
    console.print(found)
    reviewed = read((DATA / "reconcile_found.json").read_text(encoding="utf-8"))
    assert str(found).splitlines() == reviewed["words"]
    assert [line.rstrip() for line in console.export_text().splitlines()] == reviewed["shown"]
    assert read(json.dumps(found.as_dict(), allow_nan=False)) == reviewed["found"]
    with pytest.raises(KeyError, match="no relation of the strict reading names 'nobody'"):
        found.bounds("nobody")


def test_a_hostile_title_is_shown_as_text() -> None:
    from rich.console import Console

    numbers = [
        Quantity("a", Estimate.exact(9), "[red]a[/red] [/]"),
        Quantity("b", Estimate.between(1, 5), "[link=x]b"),
        Quantity("d", Estimate.at_least(1), "[d]"),
    ]
    rows = [
        Relation("r", "part_of", ("a",), ("b",), reason="[bold]"),
        Relation("s", "part_of", ("d",), ("b",), reason="x"),
    ]
    console = Console(record=True, width=200, file=StringIO())
    console.print(reconcile(numbers, rows))
    assert "[red]a[/red] [/]" in console.export_text()


def test_unknown_parameters_are_errors() -> None:
    with pytest.raises(ChoiceError, match="strict or charitable"):
        reconcile([], [], reading="loose")
    with pytest.raises(TypeError, match=r"^give both quantities and relations, or neither$"):
        reconcile([])
    assert reconcile([], []).feasible


def test_two_thousand_quantities_and_five_thousand_relations_are_balanced_in_time() -> None:
    from time import perf_counter

    chance = np.random.default_rng(7)
    size = chance.integers(1, 40_000, 2000)
    numbers = [number(f"n{j}", Estimate.between(0.8 * v, 1.2 * v)) for j, v in enumerate(size)]
    rows = []
    while len(rows) < 5000:
        a, b, c = sorted(chance.choice(2000, 3, replace=False), key=lambda j: size[j])
        kind = "part_of" if size[a] + size[b] > size[c] else "at_most"
        left = (f"n{a}", f"n{b}") if kind == "at_most" else (f"n{a}",)
        rows.append(Relation(f"r{len(rows)}", kind, left, (f"n{c}",), reason="x"))
    start = perf_counter()
    result = reconcile(numbers, rows)
    assert perf_counter() - start < 10
    assert result.feasible and len(result.implied) == 2000
    plain_checks = chance.choice(2000, 3, replace=False)
    plain = Plain(numbers, rows)
    for j in plain_checks:
        low, high = plain.bounds(f"n{j}")
        found = result.bounds(f"n{j}")
        if found.basis == "all":
            assert near(found.low, low) and near(found.high, high)


@pytest.fixture(scope="module")
def strict() -> Reconciliation:
    return project("strict")[2]


@pytest.fixture(scope="module")
def charitable() -> Reconciliation:
    return project("charitable")[2]


@pytest.mark.parametrize(
    ("claims", "relations"),
    [
        (("c043", "c044", "c061"), ("uk_one_in_ten",)),
        (("c022", "c084"), ("ru_active_shown",)),
        (("c018", "c068", "c070"), ("news_of_these", "article_another")),
        (("c028", "c029", "c031", "series:dod_oig-016"), ("sdf_all_parts",)),
    ],
)
def test_the_known_contradictions_of_the_texts_are_found(
    strict: Reconciliation, claims: tuple[str, ...], relations: tuple[str, ...]
) -> None:
    assert (claims, relations) in {(c.claims, c.relations) for c in strict.conflicts}


def test_granting_other_populations_and_rounder_numbers_leaves_one_contradiction(
    charitable: Reconciliation,
) -> None:
    assert [c.claims for c in charitable.conflicts] == [("c043", "c044", "c061")]
    assert not charitable.stopped


def test_the_account_adds_up_in_both_readings(strict: Reconciliation, charitable: Reconciliation) -> None:
    for reading, result in (("strict", strict), ("charitable", charitable)):
        lines = {line.item: line for line in accounting(reading, result)}
        assert all(line.low is not None and line.high is not None for line in lines.values())
        parts = [line for line in lines.values() if line.part_of == "alive"]
        assert sum(p.low for p in parts if p.item != "unexplained") <= lines["alive"].high
        assert lines["unexplained"].printed == "" and lines["unexplained"].basis == "implied"
        assert lines["unexplained"].high <= lines["alive"].high - lines["returned"].low
        assert lines["travelled"].low >= 40000
    assert str(next(iter(lines.values())).estimate) == "40,000–50,000"


def test_the_committed_account_is_the_account() -> None:
    with (ROOT / "results" / "figures" / "account.csv").open(encoding="utf-8", newline="") as file:
        committed = list(csv.DictReader(file))
    held = ("item", "category", "part_of", "quantity_id", "printed_by", "source_id", "basis", "printed_bound")
    numbers = ("low", "high", "printed_low", "printed_high", "printed_best")
    table = frame("strict")
    assert [{name: row[name] for name in held} for row in committed] == table[[*held]].to_dict("records")
    for name in numbers:
        assert table[name].dtype == "float64"
        assert ["" if n != n else f"{n:.0f}" for n in table[name]] == [row[name] for row in committed]
    assert list(table) == [*Line.__dataclass_fields__, *numbers[2:], "printed_bound"]
    with pytest.raises(ChoiceError, match="reading"):
        frame("loose")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (5600, None, "at least 5,600"),
        (None, None, "at least 0"),
        (0, 3000, "up to 3,000"),
        (None, 3000, "up to 3,000"),
        (24000, 27000, "24,000–27,000"),
        (40, 40, "40"),
    ],
)
def test_a_line_of_the_account_states_its_bounds(low: float | None, high: float | None, words: str) -> None:
    assert str(Line("i", "c", "", "q", "", "", "", low, high, "implied").estimate) == words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("a", "low", 750.0, 420.004, 0.412), "a: lower its low end from 750 to 420 (41.2% of the printed figure)"),
        (Change("a", "high", 5000.0, 6440.25, 0.288), "a: raise its high end from 5,000 to 6,441 (28.8% of the printed figure)"),
        (Change("a", "high", 1.5, 2.0041, None), "a: raise its high end from 1.5 to 2.01"),
        (Change("a", "low", 1234567.0, 1200000.9, None), "a: lower its low end from 1,234,567 to 1,200,000"),
        (Change("a", "as_of", "2017", "up to 2016", None), "a: dated up to 2016, not 2017"),
    ],
)  # fmt: skip
def test_a_change_is_said_as_far_as_is_needed_and_no_digit_further(change: Change, words: str) -> None:
    assert str(change) == words


def test_what_was_not_seen_or_not_printed_is_said_so_and_never_called_vague(strict: Reconciliation) -> None:
    printed = {item.quantity_id: item.printed for item in strict.implied}
    assert printed["q_elsewhere"] == "not printed"
    assert printed["estimate:soufan2017:SWE:travelled:all_persons"] == "not seen"
    assert [
        name for name, words in printed.items() if words.startswith("vague") and name.startswith("q_")
    ] == []
    assert not any("(vague)" in conflict.reason for conflict in strict.conflicts)


def test_the_numbers_of_the_project_are_reconciled_once_for_each_reading() -> None:
    first, again = project("strict"), project("strict")
    assert first is again and first[2].reading == "strict"
    assert project("charitable")[2].reading == "charitable"


def test_an_account_of_what_no_relation_names_is_an_error(tmp_path, strict: Reconciliation) -> None:
    path = tmp_path / "account.csv"
    path.write_text("item,category,part_of,quantity_id,printed_by,source_id\nx,X,,q_nobody,,\n", "utf-8")
    with pytest.raises(RelationError, match="line 2, column quantity_id: no relation"):
        accounting("strict", strict, path)
    path.write_text(path.read_text("utf-8") + "x,X,,q_nobody,,\n", "utf-8")
    with pytest.raises(RawDataError, match="item"):
        accounting("strict", strict, path)
