"""Is a number of the ledger about the people that the words around a number name? Facet by facet."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache

from ffstats.annotate import geography
from ffstats.annotate.candidates import (
    BROAD,
    CUMULATIVE,
    ORIGIN,
    WORLD,
    Candidate,
    around,
    origins,
)
from ffstats.annotate.context import Context, Fit
from ffstats.annotate.cues import in_theatre

PEOPLE = ("fighters", "members", "supporters", "affiliates", "all_persons", "adults", "men", "prisoners")
"""Words that texts use for one another; women, children, deaths and things are told apart."""
FAMILIES = ("women", "children", "women_and_children")
_DYING = ("children", "women_and_children")
"""Of whom nearly all were who died in the camps; a number of the women is one of others."""
_OF_PEOPLE = frozenset(("travelled", "attempted", "inflow", "returned", "relocated", "killed", "escaped"))
"""What befalls people, and no land."""
OLDEST = 2010
"""No figure of the ledger speaks of years before this one."""


class Surroundings:
    """The words around one number, against which many candidates are held; what was found for one is kept."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.kept: tuple[dict[object, Fit | None], ...] = tuple([{} for _ in _FACETS])
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
            kept[key] = geography.origin(c, self.context)
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


def _who(c: Candidate, context: Context) -> Fit | None:
    head, near = context.head, context.near.who
    said = (*near, *context.sentence.who)
    if c.who == "deaths":
        fates = context.near.statuses | context.sentence.statuses
        # "75 deaths by February. The figure stood at 90 on 3 March": what is said of it was said before.
        killed = "killed" in (fates if fates - {"stated"} else context.before.statuses)
        return Fit(1.0) if killed and head in ("", "deaths", "residents", *PEOPLE, *_DYING) else None
    if c.who == "other":
        counted = c.estimate.unit == "persons" and c.status == "not_applicable"
        return None if counted and head != "other" else Fit(2.0 if head == c.estimate.unit else 1.0)
    if c.estimate.unit == "percent" and c.who in said:
        return Fit(1.0)  # behind a share stands the whole of which it is one
    if c.who == "affiliates" and head in FAMILIES and c.status == "displaced":
        return Fit(1.5)  # "73,000 relatives of members live in camps": those are the affiliates
    if c.who not in PEOPLE:
        if head == c.who:
            return Fit(2.0)
        if c.who == "inhabitants" and c.who in near and head in ("all_persons", "residents"):
            return Fit(1.5)  # "a lakeside city of 200,000 people"
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
    if c.who == "territory":
        near -= _OF_PEOPLE  # "another 23 per cent went": land does not leave
    if "lost" in near and near <= {"lost", "killed"} and c.status == "travelled" and context.head in (*PEOPLE, "children") and context.sentence.goals:
        return Fit(1.0)  # "the valley lost 1,200 residents to Syria"
    if c.who == "money" and "lost" not in near:
        return Fit(1.0)  # to have money is to hold it
    if c.who == "territory" and c.status == "held" and {"present", "strength"} & near:
        return Fit(1.0)  # "they were down to 60,400 square kilometres"
    if c.who == context.head == "residents" and c.status == "displaced" and "detained" in near and c.status in context.before.statuses:
        return Fit(1.0)  # of a camp, whatever its gates are like
    camp = "displaced" in sentence | context.before.statuses or c.place in (*context.sentence.geo, *context.before.geo)
    if c.status == "displaced" and near & {"present", "held"} and camp:
        return Fit(1.0)  # who lives in the camp of which the sentence before spoke
    if c.who == "territory" and c.status == "lost" and "surrendered" in near | sentence:
        return Fit(2.0)  # ground is given up, and nobody gives himself up
    if c.who == "territory" and c.status == "lost" and near == {"held"} and c.status in sentence:
        return Fit(1.0)  # "stripped of three fifths of its Syrian domain"
    if c.who == "prisoners":
        # Prisoners are detained, whatever else is said of them.
        near, sentence = (said | {c.status} if "detained" in said else said for said in (near, sentence))
    if "stated" in near and c.status not in near and all("stated" in terms for terms in context.near.status):
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
        if (c.status == "inflow" and "travelled" in near) or (c.status == "travelled" and "inflow" in near):
            return Fit(1.0)  # to go there is to arrive there
        if c.status == "present" and near == {"displaced"} and c.origin not in WORLD:
            return Fit(0.5)  # "1,251 Indonesians are still in camps there"
        if c.status == "present" and "travelled" in near and c.place in context.near.geo and c.place not in (*BROAD, "SYR", "IRQ"):
            return Fit(0.5)  # "five dozen had gone as far as Mali"
        return Fit(-1.0) if c.status in sentence else _apart(_listed(near or sentence), c.status)
    if sentence:
        if c.status in sentence:
            return Fit(1.5)
        if "stated" in context.sentence.statuses and c.status in context.before.statuses:
            return Fit(1.0)
        if c.status == "present" and "travelled" in sentence and c.place in context.sentence.goals and c.place not in (*BROAD, "SYR"):
            return Fit(0.5)  # "others had gone to Iraq, where the experts counted 200"
        # "2,000 fighters in Syria" says that they are there, whatever the sentence says of others.
        there = c.place in context.near.sites or (context.head in PEOPLE and any(in_theatre(code) for code in context.near.geo))
        if there and c.status in ("present", "strength"):
            return Fit(1.0)
        # What is said of another number of the sentence is hardly against one that stands by its country.
        return _apart(_listed(sentence), c.status) if c.origin in WORLD else Fit(-2.0)
    listed = c.status in ("present", "strength") and context.head in PEOPLE and c.place in context.near.geo
    return Fit(1.0 if listed or c.status in context.before.statuses else 0.0)


def _listed(terms: Iterable[str]) -> str:
    return " or ".join(sorted(term.replace("_", " ") for term in terms))


def _date(c: Candidate, context: Context) -> Fit:
    own = context.near.years or context.sentence.years
    low, high = c.years or (0, 0)
    if not own:
        # The year of the sentence before holds on, if less.
        other = c.years and context.before.years and not any(low - 1 <= year <= high + 1 for year in context.before.years)
        return Fit(-0.5 if other else 0.0)
    if any(low <= year <= high for year in own):
        return Fit(1.5 if context.near.years else 1.0)
    if max(own) < OLDEST:
        return Fit(0.0, f"here {max(own)}, there later")
    if c.years is None:
        return Fit(0.0)
    if any(low - 1 <= year <= high + 1 for year in own):
        return Fit(0.0)
    if c.status in CUMULATIVE and min(own) > high:
        return Fit(-0.5)
    if not context.near.years:
        return Fit(-1.5)
    return Fit(0.0, f"here {own[0]}, there {low if low == high else f'{low}–{high}'}")


_FACETS = (_status, _who, geography.origin, geography.place, _date)
"""What is compared, in the order of Candidate.facets: what rules out most comes first."""
