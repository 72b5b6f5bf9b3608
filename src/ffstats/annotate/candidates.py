"""What a number of a text may state: every claim, estimate and dated total of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ffstats import entries, places, tidy
from ffstats.estimate import Estimate

WORLD = ("", "XWD", "XOI", "XOS", "XOQ")
"""Origins that are no one country or region: everyone, or everyone but the natives of the theatre."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number of the ledger that a mention may state: a claim of the texts, an estimate or a dated total."""

    id: str
    claim: bool
    estimate: Estimate
    who: str
    status: str
    origin: str
    place: str
    years: tuple[int, int] | None
    words: str
    printed: str = ""

    @property
    def figure(self) -> float:
        """The number by which it is looked up: its single figure, else its low end, else its high end."""
        e = self.estimate
        return next((v for v in (e.best, e.low, e.high) if v is not None), 0.0)


def _period(start: str, end: str) -> tuple[int, int] | None:
    first, last = (text[:4] for text in (start or end, end or start))
    return (int(first), int(last)) if first.isdigit() and last.isdigit() else None


def _code(name: str, role: places.Role) -> str:
    return places.code(name, role) if name else ""


@cache
def candidates() -> tuple[Candidate, ...]:
    """Return every number of the ledger that has a value, and the vague claims."""
    found = []
    for c in entries.load().claims.values():
        d = c.definition
        found.append(
            Candidate(
                c.claim_id, True, c.estimate, d.who, d.status, _code(d.origin, "origin"), _code(d.place, "place"),
                _period(c.as_of, c.as_of_end), f"{c.claim_id} ({entries.TEXTS[c.text]})", c.printed,
            )
        )  # fmt: skip
    for name, key, first, last in (
        ("estimates", "estimate_id", "as_of", "as_of"),
        ("series", "series_id", "period_start", "period_end"),
    ):
        for row in tidy.table(name).to_dict("records"):
            low, high, best = (None if row[v] != row[v] else float(row[v]) for v in ("low", "high", "best"))
            if not row["bound"] or row["bound"] == "vague":
                continue
            found.append(
                Candidate(
                    row[key], False, Estimate(low, high, row["bound"], row["unit"], best), row["who"], row["status"],
                    row["iso3"], row["place"], _period(row[first], row[last]), row[key],
                )
            )  # fmt: skip
    return tuple(found)


@cache
def _by_unit() -> Mapping[str, tuple[tuple[Candidate, ...], Mapping[str, tuple[Candidate, ...]]]]:
    """Return, by unit, the candidates of the whole world and those of each country of origin."""
    world: dict[str, list[Candidate]] = {}
    other: dict[str, dict[str, list[Candidate]]] = {}
    for c in candidates():
        if c.estimate.bound == "vague":
            continue
        unit = "persons" if c.estimate.unit == "deaths" else c.estimate.unit
        if c.origin in WORLD:
            world.setdefault(unit, []).append(c)
        else:
            other.setdefault(unit, {}).setdefault(c.origin, []).append(c)
    return {
        unit: (tuple(world.get(unit, ())), {k: tuple(v) for k, v in other.get(unit, {}).items()})
        for unit in {*world, *other}
    }


def of_unit(unit: str, named: Iterable[str]) -> Iterator[Candidate]:
    """Yield the candidates of a unit: those of the world, and those of the origins that are named."""
    world, countries = _by_unit().get(unit, ((), {}))
    yield from world
    for code in named:
        yield from countries.get(code, ())


@cache
def vague_claims() -> tuple[Candidate, ...]:
    """Return the claims that are made in vague words."""
    return tuple(c for c in candidates() if c.claim and c.estimate.bound == "vague")
