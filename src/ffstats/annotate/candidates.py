"""What a number of a text may state: every claim, estimate and dated total of the ledger."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

from ffstats import places, tidy
from ffstats.estimate import Estimate
from ffstats.judging import entries

WORLD = ("", "XWD", "XOI", "XOS", "XOQ")
"""Origins that are no one country or region: everyone, or everyone but the natives of the theatre."""

EUROPE = ("XEP", "XEU", "XEB")

ORIGIN = 2
"""Which of a candidate's facets is that of its origin."""

BROAD = ("", "world", "all_theatres", "syria_iraq")
"""Places that say no more than that it is about these wars."""


DATED = ("km2", "percent", "persons_per_month", "usd_million")
"""Units of what changed from year to year for all the world, so that a date tells which number is meant."""


THINGS = ("categories", "countries", "attacks", "sites", "trials", "hearings")
"""Nouns that are a unit of their own."""


GONE = ("travelled", "attempted")
CUMULATIVE = ("travelled", "attempted", "returned", "repatriated", "relocated", "killed")
STOPPED = ("prevented", "watch_listed")
COURTS = ("charged", "convicted", "prosecuted", "detained", "prevented", "watch_listed", "repatriated")
"""What a country's authorities do, so that to name them names the people counted."""


_NUMBERS: dict[tuple[object, ...], int] = {}
"""The number of each facet that a candidate has: quicker to look up than what it is made of."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number of the ledger that a mention may state: a claim of the texts, an estimate or a dated total.

    total: whether it counts all, of whom foreigners are a part. period: its first and last ISO date. witness: who
    says so. facets: numbers of what status, who, origin, place and date are compared by; candidates that share one fit
    alike in it.
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
    period: tuple[str, str] = ("", "")
    witness: str = ""
    figure: float = field(init=False, default=0.0)
    least: float = field(init=False, default=0.0)
    most: float = field(init=False, default=0.0)
    facets: tuple[int, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        """Work out its single figure, else its low end, else its high end, and its ends, the open one left out."""
        e = self.estimate
        ends = [v for v in (e.low, e.high) if v is not None] or [0.0]
        object.__setattr__(self, "figure", ends[0] if e.best is None else e.best)
        object.__setattr__(self, "least", min(ends))
        object.__setattr__(self, "most", max(ends))
        counted = self.status, self.who, e.unit, self.origin in WORLD
        there = self.place if self.status in ("present", "strength") else ""  # who are there may be named by where
        kind = next((n for n, alike in enumerate((GONE, STOPPED, COURTS)) if self.status in alike), -1)
        facets = (*counted, there), counted, (kind, self.origin, self.place, self.total), (self.place, *counted), (
            self.status, self.years,
        )  # fmt: skip
        object.__setattr__(self, "facets", tuple(_NUMBERS.setdefault(facet, len(_NUMBERS)) for facet in facets))


    @property
    def source(self) -> str:
        """The source that its witness speaks in."""
        return self.witness.partition(":")[0]


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
        and (_code(c.definition.origin, "origin") in WORLD)
    }  # fmt: skip
    for c in claims.values():
        d = c.definition
        found.append(
            Candidate(
                c.claim_id, True, c.estimate, d.who, d.status, _code(d.origin, "origin"), _code(d.place, "place"),
                _period(c.as_of, c.as_of_end), f"{c.claim_id} ({entries.TEXTS[c.text]})", c.printed,
                c.claim_id in split, (c.as_of, c.as_of_end), c.cited_source,
            )
        )  # fmt: skip
    for name, key, first, last, says in (
        ("estimates", "estimate_id", "as_of", "as_of", "producer"),
        ("series", "series_id", "period_start", "period_end", "report"),
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
                    (row[first], row[last]), f"{row['source_id']}: {row[says]}",
                )
            )  # fmt: skip
    return tuple(found)


class Shelf:
    """Candidates of one unit that a text is about if it names one origin or place, in the order of their values."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self.sorted = sorted(candidates, key=lambda c: c.most)
        self.mosts = [c.most for c in self.sorted]
        # The least of a candidate and all behind it: where that is too large, none behind can agree.
        self.leasts = list(itertools.accumulate((c.least for c in reversed(self.sorted)), min))[::-1]
        # Those of one status, then of one origin and place, then of one population.
        self.telling: dict[str, dict[object, dict[object, list[Candidate]]]] = {}
        for c in self.sorted:
            if (c.who != "other" or c.estimate.unit in THINGS):
                of = self.telling.setdefault(c.status, {}).setdefault(c.facets[ORIGIN], {})
                of.setdefault(c.facets, []).append(c)

    def within(self, low: float, high: float) -> list[Candidate]:
        """Return the candidates that reach into a span of values."""
        first = bisect.bisect_left(self.mosts, low)
        if first == len(self.sorted) or self.leasts[first] > high:
            return []
        found = []
        for i in range(first, len(self.sorted)):
            if self.leasts[i] > high:
                break
            if self.sorted[i].least <= high:
                found.append(self.sorted[i])
        return found


class _Unit(NamedTuple):
    """The candidates of a unit: of the world in the theatre, of the world elsewhere by place, and by origin."""

    world: Shelf
    places: dict[str, Shelf]
    origins: dict[str, Shelf]


@cache
def _by_unit() -> Mapping[str, _Unit]:
    found: dict[str, tuple[list[Candidate], dict[str, list[Candidate]], dict[str, list[Candidate]]]] = {}
    for c in candidates():
        if c.estimate.bound == "vague":
            continue
        world, sites, origins = found.setdefault(
            "persons" if c.estimate.unit == "deaths" else c.estimate.unit, ([], {}, {})
        )
        if c.origin not in WORLD:
            origins.setdefault(c.origin, []).append(c)
        elif c.place in (*BROAD, "SYR"):
            world.append(c)
        else:
            sites.setdefault(c.place, []).append(c)
    return {
        unit: _Unit(Shelf(world), *({code: Shelf(cs) for code, cs in one.items()} for one in (sites, origins)))
        for unit, (world, sites, origins) in found.items()
    }


@lru_cache(maxsize=4096)
def shelves(unit: str, codes: tuple[str, ...]) -> tuple[Shelf, ...]:
    """Return the candidates of a unit that a text can be about that names these countries, regions and places.

    Those of the world in Syria and Iraq come whatever it names.
    """
    of = _by_unit().get("persons" if unit == "deaths" else unit)
    if of is None:
        return ()
    # A town stands for its country; a country does not stand for its region.
    origins = dict.fromkeys((*codes, *(around for code in codes for around in towns(code))))
    if any(code in EUROPE for code in origins):
        origins |= dict.fromkeys(EUROPE)
    sites = dict.fromkeys(place for code in codes for place in _reach(code))
    return (
        of.world,
        *(of.origins[code] for code in origins if code in of.origins),
        *(of.places[code] for code in sites if code in of.places),
    )


@cache
def towns(code: str) -> tuple[str, ...]:
    """Return what a town lies in; nothing for a country or a region."""
    return places.around(code) if places.place(code).kind == "place" else ()


@lru_cache(maxsize=4096)
def origins(codes: frozenset[str]) -> frozenset[str]:
    """Return the origins that places which are named can stand for, those of the world among them."""
    return frozenset((*WORLD, *codes)).union(*map(towns, codes), EUROPE if codes.intersection(EUROPE) else ())


@lru_cache(maxsize=4096)
def around(codes: tuple[str, ...]) -> frozenset[str]:
    """Return some places and all that they lie in."""
    return frozenset(codes).union(*map(places.around, codes))


@cache
def sites() -> frozenset[str]:
    """Return the places in which people of all origins are counted: those that fighters go to."""
    return frozenset(c.place for c in candidates() if c.origin in WORLD)


@cache
def whereabouts() -> Mapping[str, frozenset[str]]:
    """Return, for an origin whose people are counted in several countries abroad, the countries that they are in."""
    found: dict[str, set[str]] = {}
    for c in candidates():
        if c.status in ("present", "strength") and c.origin not in WORLD and c.place not in (*BROAD, c.origin) and places.place(c.place).kind == "country":
            found.setdefault(c.origin, set()).add(c.place)
    return {origin: frozenset(places_) for origin, places_ in found.items() if len(places_) > 2}


@cache
def _places() -> frozenset[str]:
    return frozenset(c.place for c in candidates() if c.place)


@cache
def _reach(site: str) -> tuple[str, ...]:
    """Return a place, what it lies in, and what lies in it."""
    return tuple(sorted(p for p in _places() if p == site or p in places.around(site) or site in places.around(p)))


@cache
def vague_claims() -> tuple[Candidate, ...]:
    """Return the claims that are made in vague words."""
    return tuple(c for c in candidates() if c.claim and c.estimate.bound == "vague")
