"""The sentences of a text: the words of each that say what is counted, and those of the sentences before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ffstats import places
from ffstats.annotate import dates
from ffstats.annotate.candidates import sites
from ffstats.annotate.context import Words, told
from ffstats.annotate.cues import PEOPLE, THEATRE, Cue, in_theatre
from ffstats.annotate.cues import cues as find_cues
from ffstats.annotate.mentions import Found
from ffstats.annotate.nouns import NOUN

_OPENING = 20_000  # characters of a text that say what it is about
_ABOUT = 3  # signs in them that it is about these fighters
_GOING = re.compile(r"\b(?:to|into|nach|vers|hacia)\s$")
_LEFT = re.compile(r".{0,6}(?<!who )(?<!that )(?<!had )(?<!ave )(?<!has )(?<!and )(?<!hey )left[,.;:)]")
_LEAVING = re.compile(r"(?:\b(?:[Ww]hich|[Tt]hat|[Tt]his|[Ii]t)\s(?:has\s|had\s|still\s)?(?:left|leaves)|\bleaving)$")
"""What, before a number, says that so many remained."""
_ANEW = re.compile(r"[^.;:,\d]{0,40}\b(?:again|once more|anew)\b")
_WHOSE = re.compile(r"\bwhose\s(?:own\s|home\s)?(?:governments?|countries|country|states?|capitals?|authorities|leaders|families|relatives|parents|lawyers)\b")
"""What opens words about others than those counted."""
_DATELINE = re.compile(r"\s?(?:\(|[—–-]\s|[.:]\s)|,[^.;:\n]{1,30}\.?\s?[—–:-]\s|,\s[^.;:\n]{1,20}\.\s")
_INTO = re.compile(r"\b(?:(to|into|towards)|in|within|inside)\s(?:the\s)?"
    r"(?:(?!worry|alarm|warn|tell|trouble|inform|remind|press|urge|help|persuade|convince|leave|quit|depart|exit|flee|embarrass|shame|surprise|satisfy|show|unsettle|scare|concern|shock)[a-z]{4,12}\s)?$"
)
"""What leads to a place that people go into or are in."""
_JOINING = re.compile(r",?\s(?:and|or|as well as|et|ou|comme|und|oder|wie|sowie|y|o|e|como)\s")
_CHIEFLY = re.compile(
    r"\b(?:chiefly|mainly|mostly|largely|primarily|predominantly|principally|notably|especially|particularly|in particular|many of them|most of them|"
    r"some of them|among them|principalement|surtout|notamment|vor allem|hauptsächlich|überwiegend|principalmente|sobre todo|mayoritariamente)"
    r"\s(?:(?:from|of|the|des?|aus|los|las)\s)*(?:[^\W\d_]{4,15}(?:,\s|\s(?:and|or|et|und|y)\s)(?:from\s)?)?$"
)
"""What leads to those of whom most are, but not all."""
_DOING = re.compile(r"(?:(?:while|whilst|when)\s)?(?:fighting|serving|in (?:the|its|their) (?:ranks|service)|under (?:the|its|their) (?:black )?(?:flag|banner))\b")
_FOR = re.compile(r"\b(?:for|over|of|with)\s(?:(?:having|allegedly|once|their|his|her|attempting to|trying to|plotting to|conspiring to)\s){0,2}$")
_PUNISHED = frozenset(("detained", "convicted", "prosecuted", "charged"))
"""What is done to those who went, for having gone ("jailed for joining …")."""
_AT_ONCE = re.compile(r"(?:(?!\b(?:and|but|who)\b)[^,;:.\d]){0,40}")
_BESIDE = re.compile(r"\b(?:second|next|thanks|ties|links?|linked|tied|connections?|connected|related|loyal|loyalty|attached|citizens|residents|allegiance|native|according|compared|comparable|relative|similar|close|akin|due|addition|contrast|behind|third|inferior|superior|equal)\b[^.;:,\d]{0,14}$")
"""What names a place beside another with the "to" that does not lead to it ("second only to Russia")."""
_GIVEN = re.compile(r"\b(?:attribut|ascri|assign|allot|traced?|belong)[a-z]*\b[^.;:]{0,130}$")
"""What gives so many to a place from which they came ("it attributes 8,200 of them to the Maghreb")."""
_COME_TO = re.compile(r"(?:came|comes?|coming|had come|has come|have come) to\b|reach(?:ed|es|ing)?\b", re.IGNORECASE)
_SO_MANY = re.compile(
    r"\s(?:(?:about|some|around|roughly|approximately|nearly|almost|just|over|under|more than|fewer than|less than|at least|up to|only|a|an|"
    r"total|of|estimated|close|to|as|many|as|little|slightly|somewhat|rather|well|more|fewer|less|than|something|somewhere|like|between|exactly|"
    r"precisely|bit|shade|full|no|mere)\s){0,6}[0-9]"
)
_NOT = re.compile(r"\b(?:never|not|n['’]t|failed to|unable to|nie|nicht|niemals|nunca|jamás|jamais)\s(?:yet\s|even\s|quite\s|actually\s)?$")
_UNDONE = {"travelled": ("prevented", "attempted"), "returned": ("killed", "unaccounted", "present", "strength", "alive")}
"""What those may be who did not leave, or did not come back."""
_SO_MANY_IN = re.compile(r"(?:\d|\b[a-z]+(?:ty|teen|hundred|thousand|dozen|one|two|three|four|five|six|seven|eight|nine|ten))\s(?:in|en|im|in der)\s(?:the\s)?$")
SITE = "site"
"""Marks a cue of a place in which so many are, of several such."""
_TO = re.compile(r"\s(?:home\s)?(?:to|into|nach|in den|en|à|a)(?:\s\w{1,12})?\s")
_CARRIED = re.compile(r"(?:flown|flew|fly|brought|taken|took|carried|bussed|driven|shipped|escorted|transported|moved|ferried|sent)\b")
_OUT_OF = re.compile(r"^[^.;:,\d]*\b(?:from|out of)\s(?:the\s)?(?:[a-z]{3,12}\s){0,3}$")
_BACK = 6  # sentences before, in the same or the last paragraph, whose words still hold


class Sentences:
    """The sentences of a text, each by its number; what was read of one is kept.

    by_start: the number of the sentence that begins at a place. days, years: the dates of each, by place.
    """

    def __init__(self, found: Found) -> None:
        self.found = found
        self.cues: dict[int, list[Cue]] = {}
        self.by_start = {span[0]: n for n, span in enumerate(found.sentences)}
        self.days: dict[int, list[tuple[int, str]]] = {}
        self.years: dict[int, list[tuple[int, int]]] = {}
        for m in (m for m in found.mentions if m.kind == "date"):
            if day := dates.iso(m.text):
                self.days.setdefault(self.by_start[m.sentence[0]], []).append((m.start, day))
            for year in dates.years(m.text):
                self.years.setdefault(self.by_start[m.sentence[0]], []).append((m.start, year))
        self.paragraph_of = _paragraphs(found)
        self.members: dict[int, list[int]] = {}
        for n, paragraph in enumerate(self.paragraph_of):
            self.members.setdefault(paragraph, []).append(n)
        self.strong: dict[int, int] = {}
        self.wholes: dict[int, Words] = {}
        self.befores: dict[int, Words] = {}
        self.goals: dict[int, bool] = {}
        self.signs = -1

    def cues_of(self, n: int) -> list[Cue]:
        """Return the cues of a sentence, in order."""
        if n not in self.cues:
            start, end = self.found.sentences[n]
            cues = find_cues(self.found.text[start:end], start, self.found.languages[n])
            if cues and self._is_dateline(n, cues[0]):
                cues[0] = cues[0]._replace(facet="authority")
            cues = [c for c in cues if not (self._in_passing(c) or self._fallen(c, cues))]
            if others := _WHOSE.search(self.found.text, start, end):
                cues = [c for c in cues if c.facet != "status" or c.start < others.start()]
            listed = [c for c in cues if c.facet == "geo" and PEOPLE not in c.terms and _SO_MANY_IN.search(self.found.text, max(0, c.start - 20), c.start)]
            if len(listed) > 1 and 0 < sum(in_theatre(c.terms[0]) for c in listed) < len(listed):
                # "4,000 in Syria, 200 in Iraq and 60 in Mali": there they are, not from there.
                cues = [c._replace(terms=(*c.terms, SITE)) if c in listed else c for c in cues]
            self.cues[n] = [one for c in cues for one in (*self._going(c, cues), self._directed(c, cues))]
        return self.cues[n]

    def _is_dateline(self, n: int, c: Cue) -> bool:
        """Tell whether a town opens a paragraph as the place that it is written from ("OSLO, 4 April — …")."""
        first = c.start == self.found.sentences[n][0] and (n == 0 or self.paragraph_of[n] != self.paragraph_of[n - 1])
        if not first or c.facet != "geo" or not _DATELINE.match(self.found.text, c.end):
            return False
        place, name = places.place(c.terms[0]), self.found.text[c.start : c.end].casefold()
        return not any(name == known.casefold() for known in (place.name, *place.aliases))

    def _in_passing(self, c: Cue) -> bool:
        """Tell whether a people or country is named only as one of several ("175 foreigners, chiefly Malaysians")."""
        text = self.found.text
        return c.facet == "geo" and not in_theatre(c.terms[0]) and bool(_CHIEFLY.search(text, max(0, c.start - 60), c.start))

    def _fallen(self, c: Cue, cues: Sequence[Cue]) -> bool:
        """Tell whether words of status say only what those who fell or were caught were doing ("killed fighting for …")."""
        if c.facet == "status" and "travelled" in c.terms and _FOR.search(self.found.text, max(0, c.start - 30), c.start):
            return any(a.facet == "status" and _PUNISHED.intersection(a.terms) and a.end < c.start for a in cues)
        if c.facet != "status" or not _DOING.match(self.found.text, c.start):
            return False
        ended = (a for a in cues if a.facet == "status" and {"killed", "detained"} & {*a.terms} and 0 < c.start - a.end < NOUN)
        return any(_AT_ONCE.fullmatch(self.found.text, a.end, c.start) for a in ended)

    def _going(self, c: Cue, cues: Sequence[Cue]) -> Iterator[Cue]:
        """Yield that people go to Syria or Iraq where a number stands before "to Syria" without a verb."""
        there = c.facet == "geo" and in_theatre(c.terms[0])
        if there and _GOING.search(self.found.text, max(0, c.start - 8), c.start):
            said = any(s.facet == "status" and c.start - NOUN <= s.start < c.start for s in cues)
            yield from () if said else (Cue(c.start, c.end, "status", ("travelled", "inflow")),)

    def _directed(self, c: Cue, cues: Sequence[Cue]) -> Cue:
        """Tell those who return home from those who return to Syria or Iraq, and see that of "400 men left" more may be meant."""
        if c.facet == "status" and "travelled" in c.terms and _LEAVING.search(self.found.text, max(0, c.start - 12), c.end) and _SO_MANY.match(self.found.text, c.end):
            return c._replace(terms=("present", "strength", "alive"))  # "111 died, which left 1,251 in the conflict zone"
        if c.facet == "status" and "present" in c.terms and _ANEW.match(self.found.text, c.end):
            return c._replace(terms=(*c.terms, "returned"))  # "were living in Finland again"
        if c.facet == "status" and _LEFT.match(self.found.text, max(0, c.start - 6), c.end + 1):
            return c._replace(terms=(*c.terms, "present", "strength", "alive"))
        if c.facet == "status" and _COME_TO.match(self.found.text, c.start) and _SO_MANY.match(self.found.text, c.end):
            return c._replace(terms=("stated",))  # "the dead had reached 122": nobody arrived
        if c.facet == "status" and c.terms[0] in _UNDONE and _NOT.search(self.found.text, max(0, c.start - 20), c.start):
            return c._replace(terms=_UNDONE[c.terms[0]])
        beside = (g for g in cues if PEOPLE in g.terms and abs(g.start - c.start) < NOUN)
        if c.terms == ("foreign",) and any(self._joined(c, g) for g in beside):
            return c._replace(terms=("world",))  # "foreign and Libyan fighters" are all of them
        if c.facet == "status" and "travelled" in c.terms and _CARRIED.match(self.found.text, c.start):
            # "flown to Pristina from Syria": they went home
            stretch = self.found.text[c.end : c.end + 60]
            if any(g.facet == "geo" and in_theatre(g.terms[0]) and c.end < g.start < c.end + 60 and _OUT_OF.search(stretch[: g.start - c.end]) for g in cues):
                return c._replace(terms=("repatriated", "returned"))
        if c.facet != "status" or "returned" not in c.terms:
            return c
        goal = next((g for g in cues if g.facet == "geo" and g.start > c.end), None)
        there = goal and in_theatre(goal.terms[0]) and _TO.fullmatch(self.found.text, c.end, goal.start)
        if goal and there and sum(g.terms[0] == goal.terms[0] for g in cues if g.facet == "geo") == 1:
            return c._replace(terms=("returned_there",))
        return c

    def _joined(self, a: Cue, b: Cue) -> bool:
        """Tell whether an "and" alone stands between two cues."""
        first, second = sorted((a, b))
        return _JOINING.fullmatch(self.found.text, first.end, second.start) is not None

    def whole(self, n: int) -> Words:
        """Return the words of a sentence."""
        if n not in self.wholes:
            self.wholes[n] = self.words(self.cues_of(n), [year for _, year in self.years.get(n, [])])
        return self.wholes[n]

    def before(self, n: int) -> Words:
        """Return the words of the sentences before one, the nearest first."""
        if n not in self.befores:
            *_, first = self._passage(self.paragraph_of[n])
            earlier = [k for k in range(n - 1, max(0, n - _BACK) - 1, -1) if self.paragraph_of[k] >= first - 1]
            own = [k for k in earlier if self.paragraph_of[k] >= first]
            if any(c.facet in ("geo", "authority") and c.terms[0] not in THEATRE for k in own for c in self.cues_of(k)):
                earlier = own  # a paragraph that says itself of whom it speaks does not go on from the last
            alone = n + 1 < len(self.found.sentences) and not any(self.cues_of(k) for k in earlier)
            whole, asks = self.whole(n), self.found.text[self.found.sentences[n][1] - 1] == "?"
            if alone and not asks and (self._is_headline(n) or not (whole.statuses - {"stated"} and whole.geo)):
                earlier = [n + 1]  # what a headline, or a number in front, stands for is said behind
            self.befores[n] = self.words(
                [c for k in earlier for c in self.cues_of(k)],
                [year for k in earlier for _, year in self.years.get(k, [])],
            )
        return self.befores[n]

    def words(self, cues: Sequence[Cue], years: Sequence[int]) -> Words:
        """Return what cues say, facet by facet, with the years that are named beside them."""
        said: dict[str, dict[str, None]] = {}
        by: dict[str, list[Cue]] = {"geo": [], "status": []}
        for cue in cues:
            said.setdefault(cue.facet, {})[cue.terms[0]] = None
            if cue.facet in by:
                by[cue.facet].append(cue)
        of = {facet: tuple(terms) for facet, terms in said.items()}
        geo, world, (telling, statuses) = of.get("geo", ()), of.get("world", ()), told(by["status"])
        goals: frozenset[str] = frozenset()
        there = goals
        if geo:
            countries = [c for c in by["geo"] if PEOPLE not in c.terms]
            into = {c.terms[0] for c in countries if self._is_goal(c)}
            goals = frozenset(into.difference(c.terms[0] for c in by["geo"] if PEOPLE in c.terms)) if into else goals
            there = frozenset(c.terms[0] for c in by["geo"] if SITE in c.terms)
        return Words(
            geo, of.get("who", ()), telling, tuple(dict.fromkeys(years)), bool(world), "foreign" in world, "topic" in of,
            of.get("authority", ()), statuses, tuple([code for code in geo if not in_theatre(code) and code not in there]), "own" in of, goals,
            "rate" in of, there,
        )  # fmt: skip

    def _is_goal(self, c: Cue) -> bool:
        """Tell whether people go to a place, or are in one where there is a war to go to."""
        if c.start not in self.goals:
            found = _INTO.search(self.found.text, max(0, c.start - 30), c.start)
            given = found and found[1] and (
                _GIVEN.search(self.found.text, max(0, c.start - 140), c.start) or _BESIDE.search(self.found.text, max(0, c.start - 40), found.start())
            )
            self.goals[c.start] = bool(found and not given and (found[1] or c.terms[0] in sites()))
        return self.goals[c.start]

    def topic(self, n: int) -> str:
        """Say how strongly the paragraph, or the text, is about these fighters."""
        paragraph = self.paragraph_of[n]
        own = next((rank for k in self._passage(paragraph) if (rank := self._rank(k))), 0)
        if own < 2 and len(self.members[paragraph]) == 1 and paragraph + 1 in self.members and self._is_headline(n):
            own = 2 if self.topic(n + 1) == "strong" else own
        if own == 2:
            return "strong"
        if own == 1 and self._about() >= _ABOUT:
            return "strong"
        return "weak" if own == 1 else ""

    def _rank(self, paragraph: int) -> int:
        """Say how strongly a paragraph by itself is about these fighters: 2, 1 or 0."""
        if paragraph not in self.strong:
            rank = 0
            for k in self.members.get(paragraph, ()):
                found = self.cues_of(k)
                kinds = {c.terms[0] for c in found if c.facet == "topic"}
                theatre = any(c.facet == "geo" and in_theatre(c.terms[0]) for c in found)
                rank = max(rank, 2 if "strong" in kinds else 1 if "weak" in kinds or theatre else 0)
            self.strong[paragraph] = rank
        return self.strong[paragraph]

    def _passage(self, paragraph: int) -> Iterator[int]:
        """Yield a paragraph and those before that it goes on from: agencies make a paragraph of every sentence."""
        for first in range(paragraph, max(paragraph - _BACK, -1), -1):
            yield first
            inside = self.members.get(first, ())
            if len(inside) > 1 or any(self._is_headline(k) for k in (*inside, *self.members.get(first - 1, ()))):
                return

    def _is_headline(self, n: int) -> bool:
        """Tell whether a sentence ends like a headline."""
        start, end = self.found.sentences[n]
        return self.found.text[start:end].rstrip()[-1:] not in tuple(".!?:;…")

    def _about(self) -> int:
        """Count the signs that the whole text is about these fighters, in its first stretch."""
        if self.signs < 0:
            head = find_cues(self.found.text[:_OPENING], 0, self.found.languages[0])
            self.signs = sum(c.facet == "topic" and c.terms[0] == "strong" for c in head)
        return self.signs


def _paragraphs(found: Found) -> list[int]:
    """Return the number of the paragraph of each sentence."""
    numbers, at = [], 0
    for start, _ in found.sentences:
        while at + 1 < len(found.paragraphs) and found.paragraphs[at + 1] <= start:
            at += 1
        numbers.append(at)
    return numbers
