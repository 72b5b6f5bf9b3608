"""Is a number of the ledger about the people that the words around a number name? Facet by facet."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from ffstats import places
from ffstats.annotate.candidates import (
    BROAD,
    COURTS,
    EUROPE,
    GONE,
    ORIGIN,
    STOPPED,
    WORLD,
    Candidate,
    around,
    origins,
    whereabouts,
)
from ffstats.annotate.context import Context
from ffstats.annotate.cues import in_theatre

PEOPLE = ("fighters", "members", "supporters", "affiliates", "all_persons", "adults", "men", "prisoners")
"""Words that texts use for one another; women, children, deaths and things are told apart."""
FAMILIES = ("women", "children", "women_and_children")
_OTHERS = ("XOI", "XOS", "XOQ")
"""Origins that are all but the natives of Syria, of Iraq or of both."""
CUMULATIVE = ("travelled", "attempted", "returned", "repatriated", "relocated", "killed")
OLDEST = 2011
"""No figure of the ledger speaks of years before this one."""


class Fit(NamedTuple):
    """How a candidate's population stands to what the words around a number say.

    score: how far it is borne out; against: by what it is contradicted; named: whether an origin or place names it.
    """

    score: float
    against: str = ""
    named: bool = False


class Surroundings:
    """The words around one number, against which many candidates are held; what was found for one is kept."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.kept: tuple[dict[object, Fit | None], ...] = tuple({} for _ in _FACETS)
        near, sentence, before = context.near, context.sentence, context.before
        said = {*near.geo, *sentence.geo, *sentence.authorities, *before.geo, *before.authorities}
        self.origins = origins(frozenset(said))
        camps = before.geo if "displaced" in sentence.statuses else ()
        self.inside = around((*(near.geo or sentence.geo or before.geo), *camps))

    def named(self, c: Candidate) -> bool:
        """Tell whether the words may name the origin or the place of a candidate: where not, no fit of it is `named`."""
        near = self.context.near
        if c.origin not in WORLD or (near.world and near.foreign and c.origin != "XWD"):
            return True
        return c.place in self.inside and c.place not in (*BROAD, "SYR")

    def strange(self, c: Candidate) -> bool:
        """Tell whether a candidate, and every other of its origin and place, is of none of those named."""
        if c.origin not in self.origins:
            return True
        kept, key = self.kept[ORIGIN], c.facets[ORIGIN]
        if key not in kept:
            kept[key] = _origin(c, self.context)
        fit = kept[key]
        return fit is None or bool(fit.against)

    def but_status(self, c: Candidate) -> bool:
        """Tell whether nothing contradicts a candidate, whatever befell its people."""
        if c.origin not in self.origins:
            return False
        for facet, kept, key in zip(_FACETS[1:], self.kept[1:], c.facets[1:], strict=True):
            if key not in kept:
                kept[key] = facet(c, self.context)
            fit = kept[key]
            if fit is None or fit.against:
                return False
        return True

    def unsaid(self, c: Candidate, fit: Fit) -> Fit:
        """Return the fit of a candidate as if nothing were said of what befell its people."""
        status = self.kept[0][c.facets[0]]
        if status is None or (status.score >= 0 and not status.against):
            return fit
        return Fit(fit.score - status.score, "" if fit.against == status.against else fit.against, fit.named)

    def dated(self, c: Candidate) -> bool:
        """Tell whether the words name the year of a candidate, whose population was held against them before."""
        return self.kept[-1][c.facets[-1]].score > 0  # type: ignore[union-attr]

    def population(self, c: Candidate, *, against: bool = True, least: float = -math.inf) -> Fit | None:
        """Say how well a candidate's population fits the words around a number; None where nothing names it.

        Each facet is held against the number's own clause first, then its sentence, then the sentences before.
        A fit that is contradicted says by what; it is None if `against` is not asked for, or it is not the least
        that is.
        """
        if c.origin not in self.origins:
            return None
        score, named, reasons = 0.0, False, ""
        for facet, kept, key in zip(_FACETS, self.kept, c.facets):  # noqa: B905 - tens of thousands of times a text
            if key not in kept:
                kept[key] = facet(c, self.context)
            fit = kept[key]
            if fit is None:
                return None
            if fit.against:
                if not against:
                    return None
                reasons += f"; {fit.against}" if reasons else fit.against
            score += fit.score
            named = named or fit.named
        return Fit(score, reasons, named) if score >= least else None


@cache
def _same(a: str, b: str) -> bool:
    """Tell whether a place that is named stands for an origin: the country, Europe for its union, a town for its country."""
    if a == b or (a in EUROPE and b in EUROPE):
        return True
    return places.place(a).kind == "place" and not in_theatre(a) and b in places.around(a)


@cache
def _within(a: str, b: str) -> bool:
    """Tell whether place a is place b, or lies in it."""
    return a == b or b in places.around(a)


def _explained(code: str, c: Candidate) -> bool:
    """Tell whether a place that is named is where the candidate's people are, not where they come from."""
    return _explains(code, c.place)


@cache
def _explains(code: str, place: str) -> bool:
    return code in WORLD or (place not in BROAD and _together(code, place))


@cache
def _together(a: str, b: str) -> bool:
    """Tell whether one place lies in the other, or both in one country."""
    around = {code for place in (a, b) for code in places.around(place)}
    shared = set(places.around(a)) & set(places.around(b)) - {"world", "all_theatres", "syria_iraq"}
    return a == b or a in around or b in around or bool(shared)


def _origin(c: Candidate, context: Context) -> Fit | None:
    near = [code for code in context.near.origins if not _explained(code, c)]
    if c.origin in WORLD:
        if context.near.foreign and c.total:
            return Fit(0.0, "here foreigners, there all")
        there = c.place not in (*BROAD, "SYR", "IRQ") and any(_within(g, c.place) for g in context.near.geo)
        if near and c.status in STOPPED:
            return Fit(-1.0)  # by whom they were stopped
        if near and (there or (context.near.world and c.place not in (*BROAD, "SYR", "IRQ"))):
            return Fit(-1.5)
        if near:
            return Fit(0.0, f"here of {places.name(near[0])}, there of all origins")
        others = [code for code in context.sentence.origins if not _explained(code, c)]
        towns = [code for code in others if places.place(code).kind == "place"]
        if towns and not any(in_theatre(code) for code in context.sentence.geo):
            return Fit(0.0, f"here in {places.name(towns[0])}, there of all origins")
        if context.near.world:
            return Fit(1.0, named=context.near.foreign and c.origin != "XWD")
        leading = [code for code in context.leading if not in_theatre(code) and not _explained(code, c)]
        if leading:
            return Fit(0.0, f"here of {places.name(leading[0])}, there of all origins")
        if context.sentence.world:
            return Fit(0.5)
        if c.origin in _OTHERS and not context.before.world:
            return Fit(-2.0)  # nobody speaks of foreigners
        return Fit(-1.0 if others else 0.0)
    if c.origin in (context.near.sites or context.sentence.sites):
        return None
    if c.status in GONE and c.origin in context.near.goals:
        return None
    if any(_same(code, c.origin) for code in context.near.geo):
        return Fit(3.0, named=True)
    if near:
        named = any(_same(code, c.origin) for code in (*context.sentence.geo, *context.before.geo))
        return Fit(0.0, f"here of {places.name(near[0])}, there of {places.name(c.origin)}") if named else None
    if any(_same(code, c.origin) for code in context.sentence.geo):
        return Fit(2.0, named=True)
    if c.origin in context.sentence.authorities and not context.near.foreign:
        if c.status in COURTS or context.near.own:
            return Fit(2.0, named=True)
        if not context.sentence.origins:
            return Fit(1.5, named=any(_same(code, c.origin) for code in context.before.origins[:1]))
    # "Tunisians … 200 are in Iraq, 60 in Mali": where a people's own are counted country by country, these are places.
    abroad = whereabouts().get(c.origin, frozenset()) if c.place not in (*BROAD, c.origin) else frozenset()
    before = tuple(code for code in context.before.origins if code not in abroad)[:1] or context.before.authorities[:1]
    said = context.near.origins or context.sentence.origins
    if abroad:
        said = tuple(code for code in said if code not in abroad)
    if all(_explained(code, c) for code in said) and any(_same(code, c.origin) for code in before):
        # "Malaysia saw 102 go. As many as 185 died": where one country alone was named, it is that one.
        alone = len(context.before.origins) == 1 and not (said or context.sentence.authorities or context.near.world)
        return Fit(1.5, named=True) if alone else Fit(1.0)
    return None


def _place(c: Candidate, context: Context) -> Fit | None:
    if c.place in ("", "world", "all_theatres"):
        return Fit(0.0)
    here = context.near.geo or context.sentence.geo
    sentence = context.sentence
    everywhere = (*context.near.geo, *sentence.geo, *sentence.authorities, *context.before.geo, *context.before.authorities)
    if c.place == "syria_iraq":
        closer = [g for g in context.near.geo if in_theatre(g) and g not in ("SYR", "IRQ", "syria_iraq", "XIS")]
        if closer and c.origin in WORLD and c.status not in CUMULATIVE:
            return Fit(0.0, f"here in {places.name(closer[0])}, there in Syria and Iraq")
        return Fit(1.0 if any(in_theatre(g) for g in everywhere) else 0.0)
    if c.place in ("SYR", "IRQ"):
        if any(_within(g, c.place) for g in here):
            return Fit(1.5, named=c.place == "IRQ")
        if any(_within(g, c.place) for g in everywhere):
            return Fit(1.0)
        others = [g for g in here if in_theatre(g) and g not in ("syria_iraq", "XIS")]
        if others:
            return Fit(0.0, f"here in {places.name(others[0])}, there in {places.name(c.place)}")
        return None if c.place == "IRQ" else Fit(-0.5)
    fled = [g for g in context.near.geo if g in ("SYR", "IRQ")]
    if fled and c.place == c.origin and c.status == "detained" and "travelled" not in context.near.statuses:
        return Fit(0.0, f"here in {places.name(fled[0])}, there in {places.name(c.place)}")
    pool = [g for g in context.near.geo or context.sentence.geo or context.before.geo if g not in BROAD]
    inside = [g for g in pool if g != c.place and _within(g, c.place)]
    if (
        inside
        and c.place not in (*pool, *context.sentence.geo)
        and c.status not in CUMULATIVE
        and c.who not in ("deaths", "inhabitants")
    ):
        return Fit(0.0, f"here in {places.name(inside[0])}, there in {places.name(c.place)}")
    fit = [g for g in everywhere if g not in BROAD and (_within(g, c.place) or _within(c.place, g))]
    if not fit:
        return None
    if any(_within(g, c.place) for g in fit):
        # "Children have died there": the camp of which the sentences before spoke, if this names no other.
        camp = "displaced" in sentence.statuses and c.place in context.before.geo and not any(_within(g, c.place) or (in_theatre(g) and g not in ("SYR", "IRQ", "syria_iraq", "northeast_syria")) for g in here)
        return Fit(2.0, named=camp or any(_within(g, c.place) for g in here or pool))
    return Fit(1.0)


def _who(c: Candidate, context: Context) -> Fit | None:
    head, near = context.head, context.near.who
    said = (*near, *context.sentence.who)
    if c.who == "deaths":
        killed = "killed" in context.near.statuses | context.sentence.statuses
        return Fit(1.0) if killed and head in ("", "deaths", "residents", *PEOPLE, *FAMILIES) else None
    if c.who == "other":
        counted = c.estimate.unit == "persons" and c.status == "not_applicable"
        return None if counted and head != "other" else Fit(2.0 if head == c.estimate.unit else 1.0)
    if c.estimate.unit == "percent" and c.who in said:
        return Fit(1.0)  # behind a share stands the whole of which it is one
    if c.who not in PEOPLE:
        if head == c.who:
            return Fit(2.0)
        if c.who == "residents" and head in ("", "all_persons", "inhabitants"):
            return Fit(1.0 if said or context.before.who[:1] not in [(who,) for who in FAMILIES] else 0.0)
        if (c.who == "territory" and c.estimate.unit == "km2") or c.who == c.estimate.unit == "countries":
            return Fit(1.0)  # the unit says what is counted
        if c.who == "territory" and not (head or near) and {"held", "lost"} & context.sentence.statuses:
            return Fit(0.5)  # "40 percent of Iraq"
        if head:
            return _apart(head, c.who) if c.who in said or head in PEOPLE else None
        if not said and c.who in context.before.who[:1]:
            return Fit(1.0)  # "29,000 children are there. Some 20,000 come from next door."
        return Fit(1.0) if c.who in said else None
    if head:
        if head == c.who:
            return Fit(1.5)
        if head in ("residents", "inhabitants") and (c.who == "all_persons" or c.origin not in WORLD):
            return Fit(0.0)  # "residents of Sweden"
        return Fit(0.5) if head in PEOPLE or (head == "deaths" and c.status == "killed") else _apart(head, c.who)
    if c.who in near:
        return Fit(1.0)
    if near and not any(who in PEOPLE for who in near) and any(who in FAMILIES for who in near):
        return Fit(0.5) if c.who == "all_persons" else _apart("others", c.who)
    families = c.who == "all_persons" and "women_and_children" in said
    return Fit(0.5 if families or any(who in PEOPLE for who in near) else 0.0)


@cache
def _apart(here: str, there: str) -> Fit:
    return Fit(0.0, f"here {here.replace('_', ' ')}, there {there.replace('_', ' ')}")


def _status(c: Candidate, context: Context) -> Fit | None:
    if c.status in ("not_applicable", "occurred"):
        return Fit(1.0 if c.who == "deaths" and "killed" in context.near.statuses else 0.0)
    if c.status == "inflow" and c.estimate.unit == "persons_per_month":
        return Fit(1.0)  # so many a month is an inflow, whatever word is used for it
    near, sentence = context.near.statuses, context.sentence.statuses - {"stated"}
    if c.who == "money" and "lost" not in near:
        return Fit(1.0)  # to have money is to hold it
    if c.who == "territory" and c.status == "held" and {"present", "strength"} & near:
        return Fit(1.0)  # "they were down to 60,400 square kilometres"
    if c.who == context.head == "residents" and c.status == "displaced" and "detained" in near and c.status in context.before.statuses:
        return Fit(1.0)  # of a camp, whatever its gates are like
    if c.status == "displaced" and "present" in near and "displaced" in sentence | context.before.statuses:
        return Fit(1.0)  # who lives in the camp of which the sentence before spoke
    if c.who == "territory" and c.status == "lost" and "surrendered" in near | sentence:
        return Fit(2.0)  # ground is given up, and nobody gives himself up
    if c.who == "prisoners":
        # Prisoners are detained, whatever else is said of them.
        near, sentence = (said | {c.status} if "detained" in said else said for said in (near, sentence))
    if "stated" in near and c.status not in near:
        # "… surrendered; the UN put the branch at 500", "Iraqis accounted for 8,000": what is said is the number.
        strength = c.status == "strength" and context.head in PEOPLE
        if strength or c.status in sentence | context.before.statuses:
            return Fit(1.0)
        if near == {"stated"}:
            return Fit(0.0)
    if near:
        if c.status in near:
            return Fit(2.0)
        if c.status == "repatriated" and "returned" in near:
            return Fit(1.0)  # to be brought home is to come home
        return Fit(-1.0) if c.status in sentence else _apart(_listed(near or sentence), c.status)
    if sentence:
        if c.status in sentence:
            return Fit(1.5)
        if "stated" in context.sentence.statuses and c.status in context.before.statuses:
            return Fit(1.0)
        # "2,000 fighters in Syria" says that they are there, whatever the sentence says of others.
        there = c.place in context.near.sites or (context.head in PEOPLE and any(in_theatre(code) for code in context.near.geo))
        if there and c.status in ("present", "strength"):
            return Fit(1.0)
        # What is said of another number of the sentence is hardly against one that stands by its country.
        return _apart(_listed(sentence), c.status) if c.origin in WORLD else Fit(-2.0)
    return Fit(1.0 if c.status in context.before.statuses else 0.0)


def _listed(terms: Iterable[str]) -> str:
    return " or ".join(sorted(term.replace("_", " ") for term in terms))


def _date(c: Candidate, context: Context) -> Fit:
    own = context.near.years or context.sentence.years
    if own and max(own) < OLDEST:
        return Fit(0.0, f"here {max(own)}, there later")
    if not own or c.years is None:
        return Fit(0.0)
    low, high = c.years
    if any(low <= year <= high for year in own):
        return Fit(1.5 if context.near.years else 1.0)
    if any(low - 1 <= year <= high + 1 for year in own):
        return Fit(0.0)
    if c.status in CUMULATIVE and min(own) > high:
        return Fit(-0.5)
    if not context.near.years:
        return Fit(-1.5)
    return Fit(0.0, f"here {own[0]}, there {low if low == high else f'{low}–{high}'}")


_FACETS = (_status, _who, _origin, _place, _date)
"""What is compared, in the order of Candidate.facets: what rules out most comes first."""
