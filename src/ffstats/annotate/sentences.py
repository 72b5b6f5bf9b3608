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
from ffstats.annotate.meant import SITE, meant
from ffstats.annotate.mentions import COUNTING, Found

_OPENING = 20_000  # characters of a text that say what it is about
_ABOUT = 3  # signs in them that it is about these fighters
_DATELINE = re.compile(r"\s?(?:\(|[—–-]\s|[.:]\s)|,[^.;:\n]{1,30}\.?\s?[—–:-]\s|,\s[^.;:\n]{1,20}\.\s")
_INTO = re.compile(r"\b(?:(to|into|towards)|in|within|inside)\s(?:the\s)?"
    r"(?:(?!worry|alarm|warn|tell|trouble|inform|remind|press|urge|help|persuade|convince|leave|quit|depart|exit|flee|embarrass|shame|surprise|satisfy|show|unsettle|scare|concern|shock)[a-z]{4,12}\s)?$"
)
"""What leads to a place that people go into or are in."""
_BESIDE = re.compile(r"\b(?:second|next|thanks|ties|links?|linked|tied|connections?|connected|related|loyal|loyalty|attached|citizens|residents|allegiance|native|according|compared|comparable|relative|similar|close|akin|due|addition|contrast|behind|third|inferior|superior|equal|visits?|trips?|missions?|letters?|reply|replies|answers?|reports?|briefings?|evidence|testimony)\b[^.;:,\d]{0,14}$")
"""What names a place beside another with the "to" that does not lead to it ("second only to Russia")."""
_GIVEN = re.compile(r"\b(?:attribut|ascri|assign|allot|traced?|belong)[a-z]*\b[^.;:]{0,130}$")
"""What gives so many to a place from which they came ("it attributes 8,200 of them to the Maghreb")."""
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
        self.counting: dict[int, list[int]] = {}
        for m in found.mentions:
            if m.kind in COUNTING:
                self.counting.setdefault(m.sentence[0], []).append(m.start)
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
            self.cues[n] = meant(self.found.text, (start, end), cues, self.counting.get(start, ()), self.found.languages[n])
        return self.cues[n]

    def _is_dateline(self, n: int, c: Cue) -> bool:
        """Tell whether a town opens a paragraph as the place that it is written from ("OSLO, 4 April — …")."""
        first = c.start == self.found.sentences[n][0] and (n == 0 or self.paragraph_of[n] != self.paragraph_of[n - 1])
        if not first or c.facet != "geo" or not _DATELINE.match(self.found.text, c.end):
            return False
        place, name = places.place(c.terms[0]), self.found.text[c.start : c.end].casefold()
        return not any(name == known.casefold() for known in (place.name, *place.aliases))

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
        own = self._own(n)
        for _ in range(_BACK):  # a headline is about what stands below it, or below the headlines there
            below = self.paragraph_of[n] + 1
            if own == 2 or len(self.members[below - 1]) > 1 or below not in self.members or not self._is_headline(n):
                break
            n += 1
            own = 2 if self._own(n) == 2 else own
        return ("", "weak", "strong")[own]

    def _own(self, n: int) -> int:
        """Say how strongly the passage of a sentence is about these fighters, if weakly with the help of the whole text."""
        own = next((rank for k in self._passage(self.paragraph_of[n]) if (rank := self._rank(k))), 0)
        return 2 if own == 1 and self._about() >= _ABOUT else own

    def _rank(self, paragraph: int) -> int:
        """Say how strongly a paragraph by itself is about these fighters: 2, 1 or 0."""
        if paragraph not in self.strong:
            rank = 0
            for k in self.members.get(paragraph, ()):
                found = self.cues_of(k)
                kinds = {c.terms[0] for c in found if c.facet == "topic"}
                theatre = [c for c in found if c.facet in ("geo", "authority") and in_theatre(c.terms[0])]
                # "Belgians who had headed for Syria": whoever goes to that war is one of them.
                went = any(c.facet == "status" and c.terms == ("travelled",) for c in found) and any(self._is_goal(c) for c in theatre)
                rank = max(rank, 2 if "strong" in kinds or went else 1 if "weak" in kinds or theatre else 0)
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
