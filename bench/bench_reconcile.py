"""Time to balance generated accounts: `python bench/bench_reconcile.py` prints one line a system."""

from __future__ import annotations

import random
from time import perf_counter

from ffstats.balance.relations import Quantity, Relation
from ffstats.estimate import Estimate
from ffstats.reconcile import reconcile

SIZES = ((200, 500), (2_000, 5_000))
PROFILES = {
    # share of exact, of at_least, of at_most; the rest are ranges. `wrong` numbers are moved so that books clash.
    "mixed": (0.2, 0.2, 0.2, 0),
    "mixed, 5 wrong": (0.2, 0.2, 0.2, 5),
    "ranges": (0.0, 0.0, 0.0, 0),
    "ranges, 5 wrong": (0.0, 0.0, 0.0, 5),
    "mostly open": (0.0, 0.4, 0.4, 0),
}


def system(
    quantities: int, relations: int, profile: tuple[float, float, float, int], seed: int = 1
) -> tuple[list[Quantity], list[Relation]]:
    """Generate an account from a hidden truth: every relation holds of the truth, and numbers lie around it."""
    chance = random.Random(seed)
    exact, at_least, at_most, wrong = profile
    truth = [chance.randint(1, 40_000) for _ in range(quantities)]
    numbers = []
    for j, value in enumerate(truth):
        kind = chance.random()
        if kind < exact:
            estimate = Estimate.exact(value)
        elif kind < exact + at_least:
            estimate = Estimate.at_least(value * chance.uniform(0.5, 1))
        elif kind < exact + at_least + at_most:
            estimate = Estimate.at_most(value * chance.uniform(1, 1.5))
        else:
            estimate = Estimate.between(value * chance.uniform(0.7, 1), value * chance.uniform(1, 1.3))
        numbers.append(Quantity(f"n{j}", estimate))
    for j in chance.sample(range(quantities), wrong):
        numbers[j] = Quantity(f"n{j}", Estimate.exact(truth[j] * 3))
    rows: list[Relation] = []
    while len(rows) < relations:
        name, kind = f"r{len(rows)}", chance.choice(("part_of", "part_of", "at_most", "ratio_of"))
        if kind == "at_most":
            *parts, whole = sorted(
                chance.sample(range(quantities), chance.randint(3, 6)), key=lambda j: truth[j]
            )
            while parts and sum(truth[j] for j in parts) > truth[whole]:
                parts.pop()
            if parts:
                rows.append(Relation(name, kind, tuple(f"n{j}" for j in parts), (f"n{whole}",)))
            continue
        small, large = sorted(chance.sample(range(quantities), 2), key=lambda j: truth[j])
        share = 100 * truth[small] / truth[large]
        ends = (0.9 * share, 1.1 * share) if kind == "ratio_of" else (None, None)
        rows.append(Relation(name, kind, (f"n{small}",), (f"n{large}",), "", *ends))
    return [*numbers], [r for r in rows if not (r.kind == "part_of" and truth_equal(r, truth))]


def truth_equal(relation: Relation, truth: list[int]) -> bool:
    """Whether part and whole are equal in truth: two such rows could form a ring."""
    return truth[int(relation.left[0][1:])] == truth[int(relation.right[0][1:])]


def main() -> None:
    """Print seconds, verdict, conflicts and whether every bound was proved, for each size and profile."""
    print(
        f"{'quantities':>10} {'relations':>9}  {'profile':<16} {'seconds':>7}  {'fits':<5} {'conflicts':>9}  stopped"
    )
    for quantities, relations in SIZES:
        for name, profile in PROFILES.items():
            posed = system(quantities, relations, profile)
            start = perf_counter()
            result = reconcile(*posed)
            seconds = perf_counter() - start
            print(
                f"{len(posed[0]):>10,} {len(posed[1]):>9,}  {name:<16} {seconds:>7.2f}  "
                f"{'yes' if result.feasible else 'no':<5} {len(result.conflicts):>9}  {result.stopped or '-'}"
            )


if __name__ == "__main__":
    main()
