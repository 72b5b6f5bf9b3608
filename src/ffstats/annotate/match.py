"""Link the numbers of a text to claims and estimates: the population first, the value second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from ffstats import agreement, entries, lexicon, places, tidy, verdicts
from ffstats.annotate.context import Context, Words, in_theatre
from ffstats.annotate.mentions import COUNTING, Mention
from ffstats.estimate import Estimate

STATUSES = ("covered", "covered, differs", "same number, other population", "not in the ledger", "exempt")
WORLD = ("", "XWD", "XOI", "XOS", "XOQ")
BROAD = ("", "world", "all_theatres", "syria_iraq")
PEOPLE = ("fighters", "members", "supporters", "affiliates", "all_persons", "adults", "men", "prisoners")
EUROPE = ("XEP", "XEU", "XEB")
CUMULATIVE = ("travelled", "attempted", "returned", "relocated", "killed")

ENOUGH = 2.0
"""The population must be borne out by this much beside the value before a link is made."""
CERTAIN = 5.0
"""By this much, and with a country or a place named, before a different value is called a difference."""
SMALL = 12
"""A count so small agrees with many others by chance, and its population must be borne out by one more."""
OLDEST = 2011
"""No figure of the ledger speaks of years before this one."""
NEAR = 1.5
"""Links that come within this of the best are given beside it."""
LINKS = 5
_VALUE = {"same": 3.0, "rounded": 2.2, "inside": 1.5, "implied": 1.2, "spans": 0.8, "coarse": 0.5}
_FAR = 1.25  # "at least 100" follows from every larger number; only one that is near enough is meant


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


@dataclass(frozen=True, slots=True)
class Link:
    """What a mention is found to be: its status, the ids it is linked to with the score of the best, and why."""

    status: str
    claim_ids: tuple[str, ...] = ()
    estimate_ids: tuple[str, ...] = ()
    score: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Fit:
    """How a candidate's population stands to what the words around a number say."""

    score: float
    against: str = ""
    named: bool = False


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


def link(mention: Mention, context: Context) -> Link:
    """Say what a mention is: covered, covered but different, a namesake, not in the ledger, or exempt."""
    if mention.kind == "vague":
        return _vague(mention.text, context)
    if mention.kind not in COUNTING:
        return Link("exempt", reason=exemptions().get(mention.exemption) or _PLAIN[mention.exemption])
    if mention.estimate is None:
        return Link("not in the ledger", reason=f"The number cannot be read: {mention.error}.")
    return _linked(mention.estimate, context)


_PLAIN = {
    "furniture": "Page furniture, not the text.", "score": "The result of a game counts no people.",
    "fixed_phrases": "Part of a set phrase.", "one_of": "The word does not count.",
    "indefinite": "Vague words, no number to check.",
}  # fmt: skip


@cache
def exemptions() -> Mapping[str, str]:
    """Return the reason of each class of numerals that are no claims, from exemptions.csv."""
    from ffstats import paths, raw

    rows = raw.table(paths.raw_dir() / "texts", "exemptions.csv")
    return {row["class"]: row["reason"] for row in reversed(rows) if row["class"] not in _PLAIN}


@lru_cache(maxsize=16384)
def _linked(estimate: Estimate, context: Context) -> Link:
    if not context.topic:
        return Link("not in the ledger", reason="The words around it are not about these fighters.")
    unit = "persons" if estimate.unit == "deaths" else estimate.unit
    found: list[tuple[float, str, Candidate, agreement.Agreement]] = []
    namesakes: list[tuple[float, Candidate, str]] = []
    other: list[tuple[float, float, Candidate]] = []
    for c in _near(unit, context):
        value = agreement.values(estimate, c.estimate) if _close(estimate, c) else agreement.Agreement("differs")
        if value.value == "implied" and not _meant(estimate, c):
            value = agreement.Agreement("differs")
        if value.value == "differs" and c.origin in WORLD and c.place in BROAD:
            continue
        fit = population(c, context)
        if fit is None:
            continue
        if fit.against:
            if value.value == "same" and (c.figure > SMALL or unit != "persons"):
                namesakes.append((fit.score, c, fit.against))
            continue
        enough = ENOUGH + (1.0 if unit == "persons" and c.figure <= SMALL else 0.0)
        enough += 1.0 if context.topic == "weak" else 0.0
        if value.value == "differs":
            if fit.score >= CERTAIN and fit.named:
                other.append((fit.score, _distance(estimate, c), c))
        elif fit.score >= enough:
            clean = not value.bound and value.value not in ("spans", "coarse")
            score = fit.score + _VALUE[value.value] - (0.0 if not value.bound else 1.2)
            found.append((score, "covered" if clean else "covered, differs", c, value))
    if found:
        return _best(found)
    if other:
        return _different(estimate, other)
    return _namesake(namesakes, context.topic == "strong")


def _near(unit: str, context: Context) -> Iterator[Candidate]:
    """Yield the candidates of a unit whose origin the words around a number name, and those of the world."""
    world, countries = _by_unit().get(unit, ((), {}))
    yield from world
    named = dict.fromkeys((*context.near.geo, *context.sentence.geo, *context.before.geo))
    if any(code in EUROPE for code in named):
        named.update(dict.fromkeys(EUROPE))
    for code in named:
        yield from countries.get(code, ())


def _close(e: Estimate, c: Candidate) -> bool:
    """Tell quickly whether two numbers are near enough to be compared digit by digit."""
    ours = [v for v in (e.low, e.high) if v is not None]
    theirs = [v for v in (c.estimate.low, c.estimate.high) if v is not None]
    return min(ours) <= 2 * max(theirs) and min(theirs) <= 2 * max(ours)


def _meant(e: Estimate, c: Candidate) -> bool:
    figure = e.low if e.low is not None else e.high
    return figure is not None and figure > 0 and 1 / _FAR <= c.figure / figure <= _FAR


def _distance(e: Estimate, c: Candidate) -> float:
    ours = next(v for v in (e.best, e.low, e.high) if v is not None)
    return abs(ours - c.figure) / max(abs(c.figure), 1.0)


def population(c: Candidate, context: Context) -> _Fit | None:
    """Say how well a candidate's population fits the words around a number; None where nothing names it.

    Each facet is held against the number's own clause first, then its sentence, then the sentences before.
    A fit that is contradicted says by what.
    """
    parts = (_origin(c, context), _place(c, context), _who(c, context), _status(c, context), _date(c, context))
    if any(part is None for part in parts):
        return None
    fits = [part for part in parts if part is not None]
    against = "; ".join(part.against for part in fits if part.against)
    return _Fit(sum(part.score for part in fits), against, any(part.named for part in fits))


def _same(a: str, b: str) -> bool:
    return a == b or (a in EUROPE and b in EUROPE)


@cache
def _within(a: str, b: str) -> bool:
    """Tell whether place a is place b, or lies in it."""
    return a == b or b in places.around(a)


def _explained(code: str, c: Candidate) -> bool:
    """Tell whether a place that is named is where the candidate's people are, not where they come from."""
    return code in WORLD or (c.place not in BROAD and _together(code, c.place))


@cache
def _together(a: str, b: str) -> bool:
    """Tell whether one place lies in the other, or both in one country."""
    around = {code for place in (a, b) for code in places.around(place)}
    shared = set(places.around(a)) & set(places.around(b)) - {"world", "all_theatres", "syria_iraq"}
    return a == b or a in around or b in around or bool(shared)


def _origin(c: Candidate, context: Context) -> _Fit | None:
    near = [code for code in context.near.origins if not _explained(code, c)]
    if c.origin in WORLD:
        there = c.place not in (*BROAD, "SYR", "IRQ") and any(_within(g, c.place) for g in context.near.geo)
        if near and (there or (context.near.world and c.place not in (*BROAD, "SYR", "IRQ"))):
            return _Fit(-1.5)
        if near:
            return _Fit(0.0, f"here of {places.name(near[0])}, there of all origins")
        if context.near.world or context.sentence.world:
            return _Fit(1.0 if context.near.world else 0.5)
        others = [code for code in context.sentence.origins if not _explained(code, c)]
        return _Fit(-1.0 if others else 0.0)
    if any(_same(code, c.origin) for code in context.near.geo):
        return _Fit(3.0, named=True)
    if near:
        named = any(_same(code, c.origin) for code in (*context.sentence.geo, *context.before.geo))
        return _Fit(0.0, f"here of {places.name(near[0])}, there of {places.name(c.origin)}") if named else None
    if any(_same(code, c.origin) for code in context.sentence.geo):
        return _Fit(2.0, named=True)
    if not context.sentence.origins and any(_same(code, c.origin) for code in context.before.origins[:1]):
        return _Fit(1.0)
    return None


def _place(c: Candidate, context: Context) -> _Fit | None:
    here = context.near.geo or context.sentence.geo
    everywhere = dict.fromkeys((*context.near.geo, *context.sentence.geo, *context.before.geo))
    if c.place in ("", "world", "all_theatres"):
        return _Fit(0.0)
    if c.place == "syria_iraq":
        closer = [g for g in context.near.geo if in_theatre(g) and g not in ("SYR", "IRQ", "syria_iraq", "XIS")]
        if closer and c.status not in CUMULATIVE:
            return _Fit(0.0, f"here in {places.name(closer[0])}, there in Syria and Iraq")
        return _Fit(1.0 if any(in_theatre(g) for g in everywhere) else 0.0)
    if c.place in ("SYR", "IRQ"):
        if any(_within(g, c.place) for g in here):
            return _Fit(1.5, named=c.place == "IRQ")
        if any(_within(g, c.place) for g in everywhere):
            return _Fit(1.0)
        others = [g for g in here if in_theatre(g) and g not in ("syria_iraq", "XIS")]
        if others:
            return _Fit(0.0, f"here in {places.name(others[0])}, there in {places.name(c.place)}")
        return None if c.place == "IRQ" else _Fit(-0.5)
    fit = [g for g in everywhere if g not in BROAD and (_within(g, c.place) or _within(c.place, g))]
    if not fit:
        return None
    if any(_within(g, c.place) for g in fit):
        return _Fit(2.0, named=any(_within(g, c.place) for g in here))
    return _Fit(1.0)


def _who(c: Candidate, context: Context) -> _Fit | None:
    head = context.head or next(iter(context.near.who), "")
    said = (*context.near.who, *context.sentence.who)
    if c.who not in PEOPLE:
        if c.who == "deaths" and (head in PEOPLE or not head):
            return _Fit(0.5) if "killed" in context.near.statuses | context.sentence.statuses else None
        if c.who in ("other", "categories"):
            return _Fit(1.0) if c.who == "other" or "categories" in said else None
        if head == c.who:
            return _Fit(2.0)
        if head in PEOPLE or (head and c.who in said[:1]):
            return _Fit(0.0, f"here {head.replace('_', ' ')}, there {c.who.replace('_', ' ')}")
        return _Fit(1.0) if c.who in said or (c.who, "territory") == ("residents", "") else None
    if not head or head == c.who:
        families = c.who == "all_persons" and "women_and_children" in said
        return _Fit(1.5 if head else 0.5 if families else 0.0)
    if head in PEOPLE:
        return _Fit(0.5)
    if head == "deaths" and c.status == "killed":
        return _Fit(0.5)
    return _Fit(0.0, f"here {head.replace('_', ' ')}, there {c.who.replace('_', ' ')}")


def _status(c: Candidate, context: Context) -> _Fit | None:
    if c.status in ("not_applicable", "occurred"):
        return _Fit(0.0)
    near, sentence = context.near.statuses, context.sentence.statuses
    said = near or sentence
    against = f"here {_listed(said)}, there {c.status.replace('_', ' ')}"
    if near:
        if c.status in near:
            return _Fit(2.0)
        return _Fit(-1.0) if c.status in sentence else _Fit(0.0, against)
    if sentence:
        return _Fit(1.5) if c.status in sentence else _Fit(0.0, against)
    return _Fit(0.5 if c.status in context.before.statuses else 0.0)


def _listed(terms: Iterable[str]) -> str:
    return " or ".join(sorted(term.replace("_", " ") for term in terms))


def _date(c: Candidate, context: Context) -> _Fit:
    own = context.near.years or context.sentence.years
    if own and max(own) < OLDEST:
        return _Fit(0.0, f"here {max(own)}, there later")
    if not own or c.years is None:
        return _Fit(0.0)
    low, high = c.years
    if any(low <= year <= high for year in own):
        return _Fit(1.5 if context.near.years else 1.0)
    if any(low - 1 <= year <= high + 1 for year in own):
        return _Fit(0.0)
    if c.status in CUMULATIVE and min(own) > high:
        return _Fit(-0.5)
    if not context.near.years:
        return _Fit(-1.5)
    return _Fit(0.0, f"here {own[0]}, there {low if low == high else f'{low}–{high}'}")


def _best(found: list[tuple[float, str, Candidate, agreement.Agreement]]) -> Link:
    found.sort(key=lambda f: (-f[0], not f[2].claim, f[2].id))
    score, status, _, _ = found[0]
    kept = [f for f in found if f[1] == status and f[0] >= score - NEAR]
    first, value = kept[0][2], kept[0][3]
    reason = f"{_VALUES[value.value].format(first.estimate)} in {first.words}"
    if value.bound:
        reason += f"; {_BOUNDS[value.bound]}"
    return Link(status, *_ids(f[2] for f in kept), round(score, 1), _sentence(reason, first))


_VALUES = {
    "same": "the same number, {0},", "rounded": "a rounding of {0}", "inside": "inside the range {0}",
    "implied": "follows from {0}", "spans": "a wider range than {0}", "coarse": "a coarse rounding of {0}",
}  # fmt: skip
_BOUNDS = {
    "lower dropped": "a lower bound there, a plain figure here",
    "upper dropped": "an upper bound there, a plain figure here",
    "lower added": "a plain figure there, a lower bound here",
    "upper added": "a plain figure there, an upper bound here",
    "reversed": "the bound is turned round", "widened": "the range is wider here",
}  # fmt: skip


def _different(e: Estimate, other: list[tuple[float, float, Candidate]]) -> Link:
    best = max(score for score, _, _ in other)
    kept = sorted((o for o in other if o[0] >= best - NEAR), key=lambda o: (not o[2].claim, o[1], o[2].id))
    first = kept[0][2]
    reason = f"the same population, but {first.estimate} in {first.words} and {e} here"
    return Link("covered, differs", *_ids(c for _, _, c in kept), round(best, 1), _sentence(reason, first))


def _namesake(namesakes: list[tuple[float, Candidate, str]], strong: bool) -> Link:
    if not namesakes or not strong:
        return Link("not in the ledger", reason="No number of the ledger fits its value and its words.")
    namesakes.sort(key=lambda n: (not n[1].claim, -n[0], n[1].id))
    _, first, against = namesakes[0]
    return Link(
        "same number, other population",
        reason=_sentence(f"the same number stands in {first.words}, but {against}", None),
    )


def _ids(kept: Iterable[Candidate]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    kept = tuple(kept)
    claims = [c.id for c in kept if c.claim][:LINKS]
    return tuple(claims), tuple(c.id for c in kept if not c.claim)[:LINKS]


def _sentence(reason: str, c: Candidate | None) -> str:
    if c is not None and c.claim:
        reason += f"; the ledger says of it: {verdict(c.id).verdict.replace('_', ' ')}"
        flags = verdict(c.id).flags
        reason += f" ({', '.join(flags)})" if flags else ""
    return f"{reason[0].upper()}{reason[1:]}."


@cache
def verdict(claim_id: str) -> verdicts.Verdict:
    """Return the ledger's verdict on a claim."""
    ledger = entries.load()
    return verdicts.judge(ledger, ledger.claim(claim_id))


@cache
def _vague_claims() -> tuple[tuple[tuple[str, ...], Candidate], ...]:
    return tuple(
        (tuple(t.key for t in lexicon.tokens(c.printed)), c)
        for c in candidates() if c.claim and c.estimate.bound == "vague"
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _vague(text: str, context: Context) -> Link:
    keys = tuple(t.key for t in lexicon.tokens(text))
    found = []
    for printed, c in _vague_claims() if context.topic == "strong" else ():
        if keys and (keys == printed or " ".join(printed).find(" ".join(keys)) >= 0):
            fit = population(c, context)
            if fit and not fit.against and fit.score >= ENOUGH + 1.0:
                found.append((fit.score, c))
    if not found:
        return Link("exempt", reason=_PLAIN["indefinite"])
    found.sort(key=lambda f: (-f[0], f[1].id))
    ids = tuple(c.id for score, c in found if score >= found[0][0] - NEAR)[:LINKS]
    return Link("covered", ids, (), round(found[0][0], 1), "The same vague words in the ledger; no number to check.")


def forget() -> None:
    """Forget what was loaded, so that changed data are read again."""
    for kept in (candidates, _by_unit, verdict, exemptions, _linked, _vague, _vague_claims):
        kept.cache_clear()


__all__ = ["STATUSES", "Candidate", "Link", "Words", "candidates", "exemptions", "forget", "link", "population", "verdict"]
