"""What a number of a text may state: every claim, estimate and dated total of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from ffstats import places, tidy
from ffstats.estimate import Estimate
from ffstats.judging import entries

WORLD = ("", "XWD", "XOI", "XOS", "XOQ")
"""Origins that are no one country or region: everyone, or everyone but the natives of the theatre."""

BROAD = ("", "world", "all_theatres", "syria_iraq")
"""Places that say no more than that it is about these wars."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number of the ledger that a mention may state: a claim of the texts, an estimate or a dated total.

    total: whether it counts all, of whom foreigners are a part.
    """

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
    total: bool = False
    figure: float = field(init=False, default=0.0)
    least: float = field(init=False, default=0.0)
    most: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        """Work out its single figure, else its low end, else its high end, and its ends, the open one left out."""
        e = self.estimate
        ends = [v for v in (e.low, e.high) if v is not None] or [0.0]
        object.__setattr__(self, "figure", ends[0] if e.best is None else e.best)
        object.__setattr__(self, "least", min(ends))
        object.__setattr__(self, "most", max(ends))


def _period(start: str, end: str) -> tuple[int, int] | None:
    first, last = (text[:4] for text in (start or end, end or start))
    return (int(first), int(last)) if first.isdigit() and last.isdigit() else None


def _code(name: str, role: places.Role) -> str:
    return places.code(name, role) if name else ""


@cache
def candidates() -> tuple[Candidate, ...]:
    """Return every number of the ledger that has a value, and the vague claims."""
    found = []
    claims = entries.load().claims
    # What the ledger splits into foreigners, or into a part of no other description, is no count of foreigners.
    split = {
        c.part_of for c in claims.values()
        if c.part_of and c.definition.status == claims[c.part_of].definition.status
    }  # fmt: skip
    for c in claims.values():
        d = c.definition
        found.append(
            Candidate(
                c.claim_id, True, c.estimate, d.who, d.status, _code(d.origin, "origin"), _code(d.place, "place"),
                _period(c.as_of, c.as_of_end), f"{c.claim_id} ({entries.TEXTS[c.text]})", c.printed,
                c.claim_id in split,
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
                    row["iso3"], row["place"], _period(row[first], row[last]), row[key], "",
                    row["iso3"] == "XWD" and (row["status"] == "strength" or row["who"] == "members"),
                )
            )  # fmt: skip
    return tuple(found)


class _Shelf(NamedTuple):
    """The candidates of a unit: of the world in the theatre, of the world elsewhere by place, and by origin."""

    world: list[Candidate]
    places: dict[str, list[Candidate]]
    origins: dict[str, list[Candidate]]


@cache
def _by_unit() -> Mapping[str, _Shelf]:
    shelves: dict[str, _Shelf] = {}
    for c in candidates():
        if c.estimate.bound == "vague":
            continue
        shelf = shelves.setdefault("persons" if c.estimate.unit == "deaths" else c.estimate.unit, _Shelf([], {}, {}))
        if c.origin not in WORLD:
            shelf.origins.setdefault(c.origin, []).append(c)
        elif c.place in (*BROAD, "SYR"):
            shelf.world.append(c)
        else:
            shelf.places.setdefault(c.place, []).append(c)
    return shelves


def of_unit(unit: str, origins: Iterable[str], sites: Iterable[str]) -> Iterator[Candidate]:
    """Yield the candidates of a unit that a text can be about.

    Parameters: origins, the countries and regions that it names; sites, the places that it names. Those of the
    world in Syria and Iraq come whatever it names.
    """
    shelf = _by_unit().get(unit)
    if shelf is None:
        return
    yield from shelf.world
    for code in origins:
        yield from shelf.origins.get(code, ())
    for code in dict.fromkeys(place for site in sites for place in _reach(site)):
        yield from shelf.places.get(code, ())


@cache
def _reach(site: str) -> tuple[str, ...]:
    """Return a place, what it lies in, and what lies in it."""
    known = {c.place for c in candidates() if c.place}
    return tuple(sorted(p for p in known if p == site or p in places.around(site) or site in places.around(p)))


@cache
def vague_claims() -> tuple[Candidate, ...]:
    """Return the claims that are made in vague words."""
    return tuple(c for c in candidates() if c.claim and c.estimate.bound == "vague")
