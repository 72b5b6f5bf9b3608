"""Is a number of the ledger about those of the countries and places that the words around a number name?"""

from __future__ import annotations

from functools import cache

from ffstats import places
from ffstats.annotate.candidates import (
    BROAD,
    COURTS,
    CUMULATIVE,
    EUROPE,
    GONE,
    STOPPED,
    WORLD,
    Candidate,
    whereabouts,
)
from ffstats.annotate.context import Context, Fit
from ffstats.annotate.cues import in_theatre

_OTHERS = ("XOI", "XOS", "XOQ")
"""Origins that are all but the natives of Syria, of Iraq or of both."""


_KURDISH = {"northeast_syria", "eastern_syria"}
"""The same ground, by the name that a report gives it."""


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


def origin(c: Candidate, context: Context) -> Fit | None:
    """Hold the origin of a candidate against the countries and peoples that the words name."""
    near = [code for code in context.near.origins if not _explained(code, c)]
    if c.who == "territory" and c.origin in WORLD:
        return Fit(0.0)  # whoever is named, land is of no nation here
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
    if c.status in GONE and c.origin in (context.near.goals or (context.sentence.goals if not context.near.geo else ())):
        return None
    if near and c.origin in ("SYR", "IRQ", "XIS"):
        return Fit(0.0, f"here of {places.name(near[0])}, there of {places.name(c.origin)}")  # "Tajiks in Iraqi prisons"
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
    earlier = tuple(code for code in context.before.origins if code not in abroad)
    # "Few European societies … than Kosovo": of a region and a country, the country is meant as well.
    before = (*earlier[:1], *[code for code in earlier if places.place(code).kind == "country"][:1]) or context.before.authorities[:1]
    said = context.near.origins or context.sentence.origins
    if abroad:
        said = tuple(code for code in said if code not in abroad)
    if all(_explained(code, c) for code in said) and any(_same(code, c.origin) for code in before):
        # "Malaysia saw 102 go. As many as 185 died": where one country alone was named, it is that one.
        alone = len(context.before.origins) == 1 and not (said or context.sentence.authorities or (context.near.world and c.status not in COURTS[:3]))
        return Fit(1.5, named=True) if alone else Fit(1.0)
    return None


def place(c: Candidate, context: Context) -> Fit | None:
    """Hold the place in which a candidate's people are against the places that the words name."""
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
        others = [g for g in here if in_theatre(g) and g not in ("syria_iraq", "XIS")]
        near = [g for g in others if g in context.near.geo and c.status in ("lost", "held", "strength")]
        if near or (others and not any(_within(g, c.place) for g in everywhere)):
            return Fit(0.0, f"here in {places.name((near or others)[0])}, there in {places.name(c.place)}")
        if any(_within(g, c.place) for g in everywhere):
            return Fit(1.0)
        return None if c.place == "IRQ" else Fit(-0.5)
    fled = [g for g in context.near.geo if g in ("SYR", "IRQ")]
    if fled and c.place == c.origin and c.status == "detained" and "travelled" not in context.near.statuses:
        return Fit(0.0, f"here in {places.name(fled[0])}, there in {places.name(c.place)}")
    pool = [g for g in context.near.geo or context.sentence.geo or context.before.geo if g not in BROAD]
    inside = [g for g in pool if g != c.place and _within(g, c.place)] if context.near.geo or context.sentence.geo else []
    if (
        inside
        and c.place not in (*pool, *context.sentence.geo)
        and c.status not in CUMULATIVE
        and c.who not in ("deaths", "inhabitants")
    ):
        return Fit(0.0, f"here in {places.name(inside[0])}, there in {places.name(c.place)}")
    fit = [g for g in everywhere if g not in BROAD and (_within(g, c.place) or _within(c.place, g) or {g, c.place} <= _KURDISH)]
    if not fit:
        return None
    if any(_within(g, c.place) for g in fit):
        # "Children have died there": the camp of which the sentences before spoke, if this names no other.
        camp = "displaced" in sentence.statuses and c.place in context.before.geo and not any(_within(g, c.place) or (in_theatre(g) and g not in ("SYR", "IRQ", "syria_iraq", "northeast_syria")) for g in here)
        return Fit(2.0, named=camp or any(_within(g, c.place) for g in here or pool))
    return Fit(1.0)
