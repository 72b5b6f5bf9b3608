"""A second look at the numbers of a paragraph that were not linked: by the sentences about them, and their neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, cached_property

from ffstats import places
from ffstats.annotate.candidates import BROAD, WORLD, Candidate, candidates, sites
from ffstats.annotate.context import Context, Words
from ffstats.annotate.dates import apart
from ffstats.annotate.match import ALIKE, NEARLY, OUT, SMALL, VALUE, enough, near, readings, says, telling
from ffstats.annotate.mentions import COUNTING, Found
from ffstats.annotate.population import Surroundings
from ffstats.annotate.reasons import LINKS, Agreeing, Differing, Link, agreeing, differing
from ffstats.annotate.values import DIFFERS, compared, distance, figure, span
from ffstats.estimate import Estimate

_BY_PASSAGE = "It is the passage that says so, not its own clause."
_BY_SOURCE = "Other numbers of the passage are from that source."
_TOGETHER = 12
"""So many sentences of a paragraph speak for one another."""
_KIN = 1.0
"""So much less must the words bear out a number whose neighbours are of one source or country."""
_CLOSE = 0.01
"""So near one another are two numbers that may be the same."""
_FIRST = 3
"""So many of the neighbours' source stand before those that were found without them."""
_SEASON = 100
"""So many days apart, two numbers may be of one report."""
_PLAIN = 2.5
"""The population must be borne out by this much before a value that differs from its neighbours' source is called so."""


def settled(found: Found, contexts: Sequence[Context], links: Sequence[Link]) -> list[Link]:
    """Return the links of a text, with those that a second look finds.

    A source that is quoted once is mostly quoted again: numbers of a paragraph that are linked speak for others of
    the same source and country.
    """
    done = list(links)
    for members in _passages(found, contexts):
        open_ = [i for i in members if links[i].value != "same"]
        linked = [links[i] for i in members if links[i].status == "covered"] if open_ else []
        beside = _Beside(linked)
        for i in open_:
            done[i] = _again(found.mentions[i].estimate, contexts[i], beside, links[i])  # type: ignore[arg-type]
    return done


def _passages(found: Found, contexts: Sequence[Context]) -> Iterable[list[int]]:
    """Return the numbers that stand together: those of a paragraph, of a long one those of every few sentences."""
    of: dict[tuple[int, int], list[int]] = {}
    paragraph, first, n = 0, 0, 0
    for i, m in enumerate(found.mentions):
        while n + 1 < len(found.sentences) and found.sentences[n][0] < m.sentence[0]:
            n += 1
        while paragraph + 1 < len(found.paragraphs) and found.paragraphs[paragraph + 1] <= m.start:
            paragraph, first = paragraph + 1, n
        if m.kind in COUNTING and m.estimate is not None and contexts[i].topic:
            of.setdefault((paragraph, (n - first) // _TOGETHER), []).append(i)
    return of.values()


@cache
def _by_id() -> dict[str, Candidate]:
    return {c.id: c for c in candidates()}


@cache
def _by_witness() -> dict[tuple[str, str], tuple[Candidate, ...]]:
    found: dict[tuple[str, str], list[Candidate]] = {}
    for c in candidates():
        found.setdefault((c.witness, c.origin), []).append(c)
    return {key: tuple(cs) for key, cs in found.items()}


class _Beside:
    """The numbers of the ledger that others of a paragraph are linked to, by id; their countries and sources."""

    def __init__(self, links: Sequence[Link]) -> None:
        self.linked = {i: _by_id()[i] for link in links for i in link.ids}
        self.keys = {(c.witness, c.origin) for c in self.linked.values()}
        self.witnesses = {witness for witness, _ in self.keys}
        self.places = {(c.source, c.place) for c in self.linked.values() if c.place not in BROAD}
        self.origins = {origin for _, origin in self.keys}.difference(WORLD)

    def kin(self, c: Candidate) -> bool:
        """Tell whether a number of the ledger is of one country with one of them, or by one source, or of one place."""
        if c.origin not in WORLD:
            return c.origin in self.origins
        return c.witness in self.witnesses or (c.source, c.place) in self.places

    @cached_property
    def others(self) -> list[Candidate]:
        """What their sources say beside it of the same countries."""
        return [c for key in sorted(self.keys) for c in _by_witness()[key] if c.id not in self.linked]


def _again(e: Estimate, context: Context, beside: _Beside, link: Link) -> Link:
    """Link a number to the very number of the ledger, if all that it needs is said somewhere in the sentences about it.

    Prose says of whom it speaks once and goes on. What the number's own clause says must still not contradict, and of
    those that fit there must be one population alone. Else it differs from what the source of its neighbours says.
    """
    if context.head == "other" or figure(e) <= SMALL or not (beside.linked or (context.topic == "strong" and link.status != "covered")):
        return link
    if not (says(context.sentence) or telling(figure(e))):
        return link
    wide = _widened(context, beside)
    around = Surroundings(wide)
    found: list[Agreeing] = []
    for reading in _readings(e, context, wide):
        size, ends = figure(reading), span(reading)
        for c in [c for shelf in near(reading.unit, wide) for c in shelf.within(*ends)]:
            kin = beside.kin(c)
            if kin or abs(c.figure - size) <= _CLOSE * size:  # else it is not the very one
                found += _agreed(reading, c, around, kin)
    if link.status == "covered":
        witnesses = {c.witness for i, c in beside.linked.items() if i not in link.ids}
        found = [f for f in found if f[3].value == "same" and f[2].witness in witnesses]
    if len({(ALIKE.get(c.status, c.status), c.origin) for _, _, c, _ in found}) == 1:
        found.sort(key=lambda f: (-f[0], not f[2].claim, apart(context.date, *f[2].period), f[2].id))
        again = agreeing(found, [])
        return replace(again, reason=f"{again.reason} {_BY_PASSAGE}")
    if link.value or not beside.linked or found:
        return link
    other = _others(e, around, beside)
    if not other:
        return link
    again = differing(e, other)
    claims, estimates = (tuple(dict.fromkeys((*a[:_FIRST], *b, *a)))[:LINKS] for a, b in ((again.claim_ids, link.claim_ids), (again.estimate_ids, link.estimate_ids)))
    return replace(again, claim_ids=claims, estimate_ids=estimates, reason=f"{again.reason} {_BY_SOURCE}")


def _widened(context: Context, beside: _Beside) -> Context:
    """Return what stands around a number with all that the sentences before it name, and the numbers beside it are of."""
    near_, sentence = context.near, context.sentence
    # "56 are back in the Balkans": the region of the country that others beside it are of.
    regions = [g for g in sentence.origins if places.place(g).kind == "region"]
    home = tuple(code for code in sorted(beside.origins) if any(code in places.members(g) for g in regions))
    if home:
        near_, sentence = (w._replace(geo=_either(w.geo, home), origins=_either(w.origins, home)) for w in (near_, sentence))
    elif not _named(sentence):
        # A country whose officials speak is that of the numbers, if others beside this one are of it.
        theirs = tuple(code for code in (*sentence.authorities, *context.before.authorities) if code in beside.origins)
        sentence = sentence._replace(geo=_either(sentence.geo, theirs), origins=_either(sentence.origins, theirs))
    return context._replace(near=near_, sentence=_joined(sentence, context.before, _named(context.sentence)))


def _readings(e: Estimate, context: Context, wide: Context) -> list[Estimate]:
    found = readings(e, context)
    if e.unit == "persons" and not context.head and context.before.rate:
        found.append(e.as_unit("persons_per_month"))  # "… every month. A year later he spoke of around 200."
    if e.unit == "persons" and not context.head and "territory" in wide.sentence.who:
        found.append(e.as_unit("km2"))  # "measured in square kilometres: from 90,800 at the start …"
    return found


def _agreed(e: Estimate, c: Candidate, around: Surroundings, kin: bool) -> Sequence[Agreeing]:
    """Return a number of the ledger, if it fits, that is the very one, or of a neighbour's kin and a rounding of it."""
    value = compared(e, c)
    if value.bound or value.value not in ("same", "rounded"):
        return ()
    if (value.value == "rounded" and (not kin or c.estimate.bound == "range")) or not _told(c, around.context):
        return ()
    fit = around.population(c, against=False)
    if fit is None or fit.score < enough(c, value, around.context) - (_KIN if kin else 0.0):
        return ()
    return ((fit.score + VALUE[value.value], "covered", c, value),)


def _others(e: Estimate, around: Surroundings, beside: _Beside) -> list[Differing]:
    """Return the numbers of another value that the source of a number's neighbours gives for the same people."""
    context = around.context
    said = next((fates for words in (context.near, context.sentence, context.before) if (fates := _fates(words))), frozenset())
    counted = "persons" if e.unit == "deaths" else e.unit
    found = []
    for c in beside.others:
        if c.status not in said or counted != ("persons" if c.estimate.unit == "deaths" else c.estimate.unit):
            continue
        if distance(e, c) > (NEARLY if c.origin in WORLD else OUT) or not _then(c, context, beside):
            continue
        fit = around.population(c, against=False, least=_PLAIN)
        if fit and compared(e, c) is DIFFERS:
            found.append((fit.score, distance(e, c), c))
    return sorted(found, key=lambda o: (apart(context.date, *o[2].period), o[1], o[2].id))


def _fates(words: Words) -> frozenset[str]:
    """Return what words say befell people, without those that may only tell a number ("Syria accounted for …")."""
    return frozenset(term for terms in words.status if "stated" not in terms for term in terms)


def _then(c: Candidate, context: Context, beside: _Beside) -> bool:
    """Tell whether a number is of about the day that is named, else of that of its neighbours; bodies speak year after year."""
    if c.origin not in WORLD or not c.period[0]:
        return True
    days = [context.date] if context.date else [b.period[0] for b in beside.linked.values() if b.witness == c.witness]
    return any(day and apart(day, *c.period) <= _SEASON for day in days)


def _told(c: Candidate, context: Context) -> bool:
    """Tell whether what befell a candidate's people is what the number's own clause says, if it says anything."""
    said = {ALIKE.get(status, status) for status in context.near.statuses - {"stated"}}
    return not said or ALIKE.get(c.status, c.status) in said or c.status in ("not_applicable", "occurred") or c.who == "territory"


def _named(sentence: Words) -> bool:
    """Tell whether a sentence says itself of which country it speaks, and not only to what wars people went."""
    return any(code not in sites() for code in sentence.origins)


def _joined(a: Words, b: Words, named: bool) -> Words:
    """Return the words of two stretches of text as if they were one; what befell people stays with the first.

    named: whether the first names a country itself, so that those of the second are others.
    """
    if not named:
        a = a._replace(
            geo=_either(a.geo, b.geo), authorities=_either(a.authorities, b.authorities), origins=_either(a.origins, b.origins)
        )
    return a._replace(
        who=_either(a.who, b.who), world=a.world or b.world, foreign=a.foreign or b.foreign, topic=a.topic or b.topic,
        own=a.own or b.own, rate=a.rate or b.rate, goals=a.goals | b.goals, sites=a.sites | b.sites,
    )  # fmt: skip


def _either(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*a, *b)))
