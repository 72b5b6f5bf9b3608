"""Link the numbers of a text to claims and estimates: the population first, the value second."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import cache, lru_cache

from ffstats.annotate.candidates import (
    BROAD,
    CUMULATIVE,
    DATED,
    THINGS,
    WORLD,
    Candidate,
    Shelf,
    shelves,
    vague_claims,
)
from ffstats.annotate.context import Context, Words
from ffstats.annotate.cues import in_theatre
from ffstats.annotate.dates import apart
from ffstats.annotate.mentions import COUNTING, Mention
from ffstats.annotate.population import PEOPLE, Surroundings
from ffstats.annotate.reasons import (
    LINKS,
    NEAR,
    PLAIN,
    STATUSES,
    Agreeing,
    Differing,
    Link,
    Namesake,
    agreeing,
    differing,
    exemptions,
    namesake,
)
from ffstats.annotate.values import DIFFERS, compared, distance, figure, span
from ffstats.estimate import Estimate
from ffstats.grammar import scanner
from ffstats.judging import agreement

ENOUGH = 2.0
"""The population must be borne out by this much beside the value before a link is made."""
CERTAIN = 4.5
"""By this much, and with a country or a place named, before a different value is called a difference."""
LOOSE = 2.0
"""A number inside a range, or one that only follows from another, must be borne out by so much more."""
SMALL = 12
"""A count so small agrees with many others by chance, and its population must be borne out by one more."""
_TELLING = 3
"""A number of so many digits that are no noughts at its end is told from others by itself."""
ALIKE = {"repatriated": "returned", "strength": "present"}
"""Fates that texts do not tell apart."""
VALUE = {"same": 3.0, "rounded": 2.2, "inside": 1.5, "implied": 1.2, "spans": 0.8, "coarse": 0.5}
OUT = 12.0
"""A figure so many times another, or so much smaller twice over, is hardly a distortion of it."""
NEARLY = 3.0
"""As many times of one of all the world, where there are more that it may be."""
_STALE = 180
"""Days from one number of what changes by the month to another that may be meant for it."""
_WIDE = 1.5
"""A range whose ends are so far apart holds numbers that it does not mean."""

_Valued = tuple[Candidate, agreement.Agreement]


def link(mention: Mention, context: Context) -> Link:
    """Say what a mention is: covered, covered but different, a namesake, not in the ledger, or exempt."""
    if mention.kind == "vague":
        return _vague(mention.text, context)
    if mention.kind not in COUNTING:
        return Link("exempt", reason=exemptions().get(mention.exemption) or PLAIN[mention.exemption])
    if mention.estimate is None:
        return Link("not in the ledger", reason=f"The number cannot be read: {mention.error}.")
    stated = mention.estimate.as_unit("years") if mention.kind == "age" else mention.estimate
    links = [_linked(reading, context) for reading in readings(stated, context)]
    if len(links) == 1:
        return links[0]
    best = min(links, key=lambda found: STATUSES.index(found.status))
    alike = [found for found in links if found.status == best.status]
    claims = dict.fromkeys(i for found in alike for i in found.claim_ids)
    estimates = dict.fromkeys(i for found in alike for i in found.estimate_ids)
    return replace(best, claim_ids=tuple(claims), estimate_ids=tuple(estimates))


def readings(e: Estimate, context: Context) -> list[Estimate]:
    """Return what a number may state, as its unit and its bound are told by the words around it."""
    found = [e]
    if context.nearly and e.high is not None and e.low is None:
        found.append(Estimate.approx(e.high, e.unit))
    if context.unit and e.unit == "persons" and not context.head:
        found.append(e.as_unit(context.unit))
    if e.unit == "percent" and e.best is not None and round(e.best, 1) != round(e.best, 6):
        # "One in seven" is 14 per cent, or 15.
        found += [Estimate.approx(float(n), e.unit) for n in range(math.ceil(e.best - 1), math.floor(e.best + 1) + 1)]
    if e.unit == "persons" and "inflow" in (context.near.statuses - {"stated"} or context.sentence.statuses) and context.sentence.rate:
        found.append(e.as_unit("persons_per_month"))
    if e.unit == "countries" and context.head != "countries":
        found = [e.as_unit("persons")]  # "rund 300 sind wieder im Land"
    if e.unit == "persons" and context.head in THINGS:
        found = [e.as_unit(context.head)]
    return found


@lru_cache(maxsize=2048)  # texts say the same again, in summaries, captions and tables
def _linked(estimate: Estimate, context: Context) -> Link:
    if not context.topic:
        return Link("not in the ledger", reason="The words around it are not about these fighters.")
    nobody = Link("not in the ledger", reason="Its sentence does not say of whom it speaks.")
    bare = estimate.unit == "persons" and not (says(context.sentence) or (context.head and context.sentence.foreign))
    found: list[Agreeing] = []
    namesakes: list[Namesake] = []
    around = Surroundings(context)
    at_hand = near(estimate.unit, context)
    low, high = span(estimate)
    valued = [(c, value) for shelf in at_hand for c in shelf.within(low, high) if (value := compared(estimate, c)) is not DIFFERS]
    rare = _rare(estimate, valued, around, bare)
    if bare and not rare:
        return nobody
    for c, value in valued:
        fit = around.population(c, against=value.value == "same" or rare)
        if fit is None:
            continue
        if rare and value.value in ("same", "rounded"):
            fit = around.unsaid(c, fit)
        ranged = value.value in ("inside", "spans") or (value.value == "rounded" and c.estimate.bound == "range" != estimate.bound)
        if ranged and _by_chance(c, context):
            continue
        if fit.against:
            namesakes.append((fit, c))
        elif fit.score >= enough(c, value, context):
            clean = not value.bound and value.value not in ("spans", "coarse")
            score = fit.score + VALUE[value.value] - (1.2 if value.bound else 0.0)
            found.append((score, "covered" if clean else "covered, differs", c, value))
    found.sort(key=lambda f: (-f[0], not f[2].claim, apart(context.date, *f[2].period), f[2].id))
    # A number that is the very one goes before one whose bound is another, if its population fits nearly as well.
    close = (f for f in found if f[1] == "covered" and f[0] >= found[0][0] - NEAR)
    meant = ("same", "rounded") if found and found[0][3].bound == "reversed" else ("same", "rounded", "implied")
    if best := [f for f in close if found[0][1] == "covered" or f[3].value in meant]:
        if (best[0][3].value in ("same", "rounded") and not _long_apart(best[0][2], context)) or not _otherwise(best[0][2], context):
            return agreeing(best, [])
        of_day = [o for o in _others(estimate, at_hand, around) if not _otherwise(o[2], context)]
        return differing(estimate, of_day) if of_day else agreeing(best, [])
    if bare and not found:
        return nobody
    different = _others(estimate, at_hand, around)
    # Of several, that of the very day is meant, else that which is nearest in value.
    different.sort(key=lambda o: (apart(context.date, *o[2].period), o[1], o[2].id))
    if found and found[0][3].value not in ("same", "rounded") and _otherwise(found[0][2], context):
        of_day = [o for o in different if not _otherwise(o[2], context)]
        if of_day:
            return differing(estimate, of_day)
    if found:
        return agreeing(found, different)
    return differing(estimate, different) if different else namesake(namesakes, context.topic == "strong")


def enough(c: Candidate, value: agreement.Agreement, context: Context) -> float:
    """Return how far the population must be borne out for a link with this value."""
    enough = ENOUGH if value.value in ("same", "rounded") else ENOUGH + LOOSE
    enough += 1.0 if c.figure <= SMALL and c.estimate.unit in ("persons", "deaths") else 0.0
    return enough + (1.0 if context.topic == "weak" else 0.0)


def _others(e: Estimate, at_hand: Iterable[Shelf], around: Surroundings) -> list[Differing]:
    """Return the candidates of certainly the same population, which have another value."""
    # "…; 12 ships sank": a clause that says nothing of people is hardly about those of its sentence.
    context = around.context
    if not (context.head or context.near.geo or context.near.who or context.near.status) or "surveyed" in context.sentence.statuses:
        return []
    said = context.near.statuses | context.sentence.statuses
    if context.topic == "weak" and not said and e.unit not in DATED:
        return []  # what neither its words nor its passage speak of differs from nothing
    if context.near.statuses == {"stated"} and context.head in PEOPLE:
        said |= {"strength"}  # "it put the branch at 2,750 fighters"
    if "stated" in context.near.statuses or not said - {"stated"}:
        said |= context.before.statuses
    theatre = any(in_theatre(g) for g in (*context.near.geo, *context.sentence.geo, *context.before.geo))
    found = []
    said |= {"not_applicable", "occurred"}
    for status, people in [
        (status, people) for shelf in at_hand for status, origins in shelf.telling.items()
        if status in said or status == "detained" for people in origins.values()
    ]:  # fmt: skip
        stated = status in said
        one = next(iter(people.values()))[0]
        # A number of all the world and the whole war is compared only with one of the very day.
        broad = one.origin in WORLD and one.place in BROAD and one.estimate.unit not in DATED
        of_day = context.date and context.head and status in context.near.statuses
        if not (of_day if broad else around.named(one) or one.estimate.unit in DATED) or around.strange(one):
            continue
        for alike in people.values():
            first = alike[0]
            # Those in a country's own prisons are not those in Syria's.
            elsewhere = not theatre and first.place in ("SYR", "IRQ") and status not in CUMULATIVE
            if elsewhere or not (stated or first.who == "prisoners"):
                continue
            fit = around.population(first, against=False, least=CERTAIN)
            if fit and broad:
                same_day = (c for c in alike if c.period[0] and not _otherwise(c, context) and distance(e, c) <= NEARLY)
                found += [(fit.score, distance(e, c), c) for c in same_day if compared(e, c) is DIFFERS]
            elif fit and (fit.named or (first.estimate.unit in DATED and (around.dated(first) or _dated_before(first, context)))):
                found += [(fit.score, distance(e, c), c) for c in alike if distance(e, c) <= OUT and compared(e, c) is DIFFERS]
    return found


def _rare(e: Estimate, valued: Iterable[_Valued], around: Surroundings, bare: bool) -> bool:
    """Tell whether a number is so rare that it says what befell those it counts, where its clause does not.

    The verbs for it are without end, and one that is not known must not lose a link: of those whom the words can mean,
    the number must be of one fate alone. In a sentence that names nobody it must be no round one.
    """
    context, size = around.context, figure(e)
    if any("stated" not in terms for terms in context.near.status) or context.head == "other" or size <= SMALL:
        return False
    if bare and (context.topic != "strong" or not telling(size)):
        return False
    fates = {c.status for c, value in valued if value.value in ("same", "rounded") and around.but_status(c)}
    return len({ALIKE.get(fate, fate) for fate in fates}) == 1


def telling(size: float) -> bool:
    """Tell whether a number is told from others by its digits alone: it is no round one."""
    return len(f"{size:.0f}".rstrip("0")) >= _TELLING


def _by_chance(c: Candidate, context: Context) -> bool:
    """Tell whether a wide range is of another year, or of another fate, than those that are named: it covers nothing then."""
    years = context.near.years or context.sentence.years or context.before.years
    other = bool(years and c.years) and not any(c.years[0] <= year <= c.years[1] for year in years)  # type: ignore[index]
    said = context.near.statuses - {"stated"}
    # Of one of two countries, a number lies in the range of both by chance.
    part = c.place == "syria_iraq" and c.origin in WORLD and ("SYR" in context.near.geo) != ("IRQ" in context.near.geo)
    other = other or (part and "syria_iraq" not in context.near.geo)
    return c.most >= _WIDE * c.least and (other or bool(said and c.status not in said))


def _otherwise(c: Candidate, context: Context) -> bool:
    """Tell whether a number of the ledger is of another day than the one named.

    "More than 89 percent by 27 December" follows from the 95 of November; but of that day there is a number.
    """
    return bool(context.date) and apart(context.date, *c.period) > 0


def _long_apart(c: Candidate, context: Context) -> bool:
    """Tell whether a share of ground, which changes by the month, is of another season than the day that is named."""
    return c.estimate.unit in DATED and bool(context.date) and apart(context.date, *c.period) > _STALE


def _dated_before(c: Candidate, context: Context) -> bool:
    """Tell whether the year of a candidate is named in the sentences before, where a number's own names none."""
    own = context.near.years or context.sentence.years
    return not own and c.years is not None and any(c.years[0] <= year <= c.years[1] for year in context.before.years[:1])


def says(sentence: Words) -> bool:
    """Tell whether a sentence says anything of whom it counts."""
    return bool(sentence.geo or sentence.who or sentence.status or sentence.topic)


def near(unit: str, context: Context) -> tuple[Shelf, ...]:
    """Return the candidates of a unit whose origin or place the words around a number name, and those of the world."""
    sentence = context.sentence
    return shelves(
        unit, tuple(dict.fromkeys((*context.near.geo, *sentence.geo, *sentence.authorities, *context.before.geo, *context.before.authorities)))
    )


@cache
def _vague_claims() -> tuple[tuple[Candidate, str], ...]:
    return tuple((c, " ".join(t.key for t in scanner.tokens(c.printed))) for c in vague_claims())


def _vague(text: str, context: Context) -> Link:
    keys = " ".join(t.key for t in scanner.tokens(text))
    found = []
    for c, printed in _vague_claims() if keys and context.topic == "strong" else ():
        if keys in printed:
            fit = Surroundings(context).population(c)
            if fit and not fit.against and fit.score >= ENOUGH + 1.0:
                found.append((fit.score, c))
    if not found:
        return Link("exempt", reason=PLAIN["indefinite"])
    found.sort(key=lambda f: (-f[0], f[1].id))
    ids = tuple(c.id for score, c in found if score >= found[0][0] - NEAR)[:LINKS]
    return Link("covered", ids, (), round(found[0][0], 1), "The same vague words in the ledger; no number to check.")
