"""The clause of a number, its sentence and those before: which of their words are said of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ffstats import places
from ffstats.annotate import dates, nouns
from ffstats.annotate.candidates import sites
from ffstats.annotate.context import Context, Words, told
from ffstats.annotate.cues import PEOPLE, Cue, in_theatre
from ffstats.annotate.cues import cues as find_cues
from ffstats.annotate.mentions import COUNTING, Found, Mention
from ffstats.annotate.nouns import NOUN, OF

MEASURED = ("km2", "percent")
"""Units that a sentence names once for several numbers."""
_CUT = re.compile(r"[;:]|,|\s[–—-]\s|\s(?:and|but|while|whereas|et|mais|tandis|und|aber|während|y|pero|mientras)\s|[.](?=\s)")
_OPENING = 20_000  # characters of a text that say what it is about
_ABOUT = 3  # signs in them that it is about these fighters
_PHRASE = 40  # characters of a phrase that opens a sentence
_WHO = re.compile(r"\b(?:who|whom|that|which|known|thought|believed|said|reported|having|qui|que|die|welche)\b")
"""What opens words about those counted, before the sentence says what it has to say of them."""
_GOING = re.compile(r"\b(?:to|into|nach|vers|hacia)\s$")
_LEFT = re.compile(r".{0,6}(?<!who )(?<!that )(?<!had )(?<!ave )(?<!has )(?<!and )(?<!hey )left[,.;:)]")
_DATELINE = re.compile(r"\s?(?:\(|[—–-]\s|[.:]\s)|,[^.;:\n]{1,30}\.?\s?[—–:-]\s|,\s[^.;:\n]{1,20}\.\s")
_OF_ALL = re.compile(r"\W*(?:Of|Among|Sur|Parmi|Von|Unter|De|Entre)\s(?:the|its|all|les|ses|tous les|den|allen|los|las|sus|todos los)\s?")
"""What opens a sentence that goes on with a part ("Of the 850 who left, 425 …")."""
_WAS = re.compile(r"\b(?:was|were|is|are|stood at|reached|hit|had been|était|étaient|waren|war|lag bei|era|eran)\s$")
_INTO = re.compile(r"\b(?:(to|into|towards)|in|within|inside)\s(?:the\s)?(?:[a-z]{4,12}\s)?$")
"""What leads to a place that people go into or are in."""
_OF_THEM = re.compile(r"\s(?:of\s(?:them|these|those|whom)|d['’]entre\s(?:eux|elles)|von\sihnen|davon|de\s(?:ellos|ellas))\b")
_JOINING = re.compile(r",?\s(?:and|or|as well as|et|ou|comme|und|oder|wie|sowie|y|o|e|como)\s")
_TO = re.compile(r"\s(?:home\s)?(?:to|into|nach|in den|en|à|a)(?:\s\w{1,12})?\s")
_BACK = 6  # sentences before, in the same or the last paragraph, whose words still hold


def contexts(found: Found) -> list[Context]:
    """Return the context of each mention, in order; that of one that counts nothing is empty."""
    return _Reader(found).contexts()


class _Reader:
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
        self.last = ((0, 0), "")
        self.wholes: dict[int, Words] = {}
        self.befores: dict[int, Words] = {}
        self.signs = -1

    def contexts(self) -> list[Context]:
        empty = Context(Words(), Words(), Words())
        counting = (*COUNTING, "vague")
        return [self._context(i, m) if m.kind in counting else empty for i, m in enumerate(self.found.mentions)]

    def _sentence(self, n: int) -> list[Cue]:
        if n not in self.cues:
            start, end = self.found.sentences[n]
            cues = find_cues(self.found.text[start:end], start, self.found.languages[n])
            if cues and self._is_dateline(n, cues[0]):
                cues[0] = cues[0]._replace(facet="authority")
            self.cues[n] = [one for c in cues for one in (*self._going(c, cues), self._directed(c, cues))]
        return self.cues[n]

    def _is_dateline(self, n: int, c: Cue) -> bool:
        """Tell whether a town opens a paragraph as the place that it is written from ("OSLO, 4 April — …")."""
        first = c.start == self.found.sentences[n][0] and (n == 0 or self.paragraph_of[n] != self.paragraph_of[n - 1])
        if not first or c.facet != "geo" or not _DATELINE.match(self.found.text, c.end):
            return False
        place, name = places.place(c.terms[0]), self.found.text[c.start : c.end].casefold()
        return not any(name == known.casefold() for known in (place.name, *place.aliases))

    def _going(self, c: Cue, cues: Sequence[Cue]) -> Iterator[Cue]:
        """Yield that people go to Syria or Iraq where a number stands before "to Syria" without a verb."""
        there = c.facet == "geo" and in_theatre(c.terms[0])
        if there and _GOING.search(self.found.text, max(0, c.start - 8), c.start):
            said = any(s.facet == "status" and c.start - NOUN <= s.start < c.start for s in cues)
            yield from () if said else (Cue(c.start, c.end, "status", ("travelled", "inflow")),)

    def _directed(self, c: Cue, cues: Sequence[Cue]) -> Cue:
        """Tell those who return home from those who return to Syria or Iraq, and see that of "400 men left" more may be meant."""
        if c.facet == "status" and _LEFT.match(self.found.text, max(0, c.start - 6), c.end + 1):
            return c._replace(terms=(*c.terms, "present", "strength", "alive"))
        beside = (g for g in cues if PEOPLE in g.terms and abs(g.start - c.start) < NOUN)
        if c.terms == ("foreign",) and any(self._joined(c, g) for g in beside):
            return c._replace(terms=("world",))  # "foreign and Libyan fighters" are all of them
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

    def _context(self, i: int, m: Mention) -> Context:
        n = self.by_start[m.sentence[0]]
        cues = self._sentence(n)
        start, end = self._clause(i, m, cues)
        start = m.start if self._is_whole(i) else start  # "3,000 foreigners out of 18,000": these are not the foreigners
        years = self.years.get(n, [])
        after = self._next(i)
        following = after.start if after else m.sentence[1]
        aside = self._aside(i, m, [c for c in cues if c.facet == "status" and m.end <= c.start < end])
        near = self._words(
            [c for c in cues if start <= c.start < end and c not in aside],
            [y for at, y in years if start <= at < end],
        )
        whole, before = self._whole(n), self._before(n)
        stop = self.found.text.find(";", m.end, m.sentence[1])
        stop = m.sentence[1] if stop < 0 else stop
        if self._is_whole(i):
            said = told([c for c in cues if m.end <= c.start < following and c not in aside])
        else:
            # "8,700 from here and 5,700 from there had joined": what is said behind the last is said of both.
            said = told([c for c in cues if c.start < following])
            # "It was 67,000, and 122 had died": what is whole is not spoken of again behind.
            opened = self.found.text[m.sentence[0] : m.start]
            if not said[0] and not (_WAS.search(opened[-20:]) or (after and _OF_ALL.fullmatch(opened))):
                said = told([c for c in cues if c.start < stop])
        if said[0] != whole.status:
            whole = replace(whole, status=said[0], statuses=said[1])
        if not (whole.geo or whole.who or whole.status or whole.topic) and n and any(c.facet == "again" for c in cues):
            # "A few months before there had been fewer": of whom the sentence before spoke.
            last = self._words(self._sentence(n - 1), [])
            near, whole = (replace(last, years=found.years) for found in (near, whole))
        if stop < m.sentence[1] and len(whole.years) > 1:
            whole = replace(whole, years=tuple(dict.fromkeys(year for at, year in years if at < stop)))
        if stop < m.sentence[1] and before.origins and not near.origins:
            # "Germany fared better. It saw 300 return; France, 271.": who is named behind is none of those before.
            geo = tuple(dict.fromkeys(c.terms[0] for c in cues if c.facet == "geo" and c.start < stop))
            whole = replace(whole, geo=geo, origins=tuple(code for code in geo if not in_theatre(code)))
        opening = self.found.text[m.sentence[0] : start].rstrip(" ,")
        leading = tuple(
            c.terms[0] for c in cues
            if c.facet == "geo" and c.end == m.sentence[0] + len(opening) and len(opening) < _PHRASE
        )  # fmt: skip
        nearly = any(c.facet == "nearly" and m.start <= c.start < m.end for c in cues)
        head = nouns.head(self.found.text, m, cues, (start, end), self.found.languages[n])
        if not head and self.last == (m.sentence, "other"):
            head = "other"  # "800 doctors work in Germany, and 300 in Saudi Arabia"
        if not head and _OF_THEM.match(self.found.text, m.end) and n - self.by_start.get(self.last[0][0], n) <= 1:
            head = self.last[1]  # "29,000 children are there. Some 8,000 of them are from further away."
        if head != "countries":
            self.last = m.sentence, head  # "5,000 people of 80 countries, 800 of them women"
        day = min(self.days.get(n, [(0, "")]), key=lambda d: abs(d[0] - m.start))[1]
        return Context(near, whole, before, leading, head, self._topic(n), self._unit(i), nearly, day)

    def _is_whole(self, i: int) -> bool:
        """Tell whether a number is what the number before it is a part of ("425 of the 850")."""
        m, mentions = self.found.mentions[i], self.found.mentions
        before = mentions[i - 1] if i else None
        return bool(
            before and before.kind in COUNTING and before.sentence == m.sentence
            and OF.fullmatch(self.found.text, before.end, m.start)
        )  # fmt: skip

    def _aside(self, i: int, m: Mention, behind: Sequence[Cue]) -> Sequence[Cue]:
        """Return which words of status behind a number are not said of it.

        In "800 who left have come back" the leaving only tells who they are; and what is said of a part is not said
        of its whole: of "425 of 850 who left have come back" the 850 left.
        """
        opened = bool(behind and _WHO.search(self.found.text, m.end, behind[0].start))
        if not self._is_whole(i):
            return behind[:1] if opened and len(behind) > 1 else ()
        noun = any(c.facet == "who" and behind and c.start == behind[0].start for c in self._sentence(self.by_start[m.sentence[0]]))
        return behind[1:] if opened or noun else behind

    def _unit(self, i: int) -> str:
        """Return the unit of the number before or behind in the sentence ("78,000 km2 in 2015, 60,400 in 2016")."""
        mentions = self.found.mentions
        for step in (-1, 1):
            k = i + step
            while 0 <= k < len(mentions) and mentions[k].kind == "date":
                k += step
            other = mentions[k] if 0 <= k < len(mentions) else None
            if other and other.sentence == mentions[i].sentence and other.estimate and other.kind == "quantity":
                unit = other.estimate.unit
                if unit in MEASURED:
                    return unit
        return ""

    def _next(self, i: int) -> Mention | None:
        """Return the next number of the sentence that has a clause of its own; the whole of a part has none."""
        m, mentions = self.found.mentions[i], self.found.mentions
        for k in range(i + 1, len(mentions)):
            if mentions[k].sentence != m.sentence:
                return None
            if _parallel(mentions[k], m) and not (k == i + 1 and self._is_whole(k)):
                return mentions[k]
        return None

    def _clause(self, i: int, m: Mention, cues: Sequence[Cue]) -> tuple[int, int]:
        """Return the place of a number's own clause: up to a comma, an "and", or the next number."""
        text, mentions = self.found.text, self.found.mentions
        start, end = m.sentence
        for k in range(i - 1, -1, -1):
            if mentions[k].end <= start:
                break
            if _parallel(mentions[k], m):
                start = mentions[k].end
                break
        following = self._next(i)
        end = following.start if following else end
        inside = [(c.start, c.end) for c in cues]
        cuts = [
            c.span() for c in _CUT.finditer(text, start, end)
            if not any(a < c.start() + 1 < b for a, b in inside)
        ]  # fmt: skip
        behind = [b for _, b in cuts if b <= m.start]
        ahead = [a for a, _ in cuts if a >= m.end]
        start = behind[-1] if behind else start
        if ahead and following:
            # "nine were arrested and charged, and three …": without people or a place of its own it is no new clause.
            new = (
                at for at, to in itertools.pairwise((*ahead, end))
                if any(at <= c.start < to and c.facet in ("geo", "who", "authority") for c in cues)
            )  # fmt: skip
            end = next(new, ahead[-1])
        elif hard := [a for a in ahead if text[a] in ",;:." or text[a + 1] in "—–-"]:
            end = hard[0]
        return start, end

    def _whole(self, n: int) -> Words:
        """Return the words of a sentence."""
        if n not in self.wholes:
            self.wholes[n] = self._words(self._sentence(n), [year for _, year in self.years.get(n, [])])
        return self.wholes[n]

    def _before(self, n: int) -> Words:
        """Return the words of the sentences before one, the nearest first."""
        if n not in self.befores:
            earlier = [k for k in range(n - 1, max(0, n - _BACK) - 1, -1) if self.paragraph_of[k] >= self.paragraph_of[n] - 1]
            alone = n + 1 < len(self.found.sentences) and not any(self._sentence(k) for k in earlier)
            whole, asks = self._whole(n), self.found.text[self.found.sentences[n][1] - 1] == "?"
            if alone and not asks and (self._is_headline(n) or not (whole.statuses - {"stated"} and whole.geo)):
                earlier = [n + 1]  # what a headline, or a number in front, stands for is said behind
            self.befores[n] = self._words(
                [c for k in earlier for c in self._sentence(k)],
                [year for k in earlier for _, year in self.years.get(k, [])],
            )
        return self.befores[n]

    def _words(self, cues: Sequence[Cue], years: Sequence[int]) -> Words:
        by: dict[str, list[Cue]] = {}
        for cue in cues:
            by.setdefault(cue.facet, []).append(cue)
        of = {facet: tuple(dict.fromkeys([c.terms[0] for c in found])) for facet, found in by.items()}
        geo, world, (telling, statuses) = of.get("geo", ()), of.get("world", ()), told(by.get("status", ()))
        goals: frozenset[str] = frozenset()
        if geo:
            countries = [c for c in by["geo"] if not c.terms[1:]]
            into = {c.terms[0] for c in countries if self._is_goal(c)}
            goals = frozenset(into.difference(c.terms[0] for c in by["geo"] if c.terms[1:]))
        return Words(
            geo, of.get("who", ()), telling, tuple(dict.fromkeys(years)), bool(world), "foreign" in world, "topic" in by,
            of.get("authority", ()), statuses, tuple([code for code in geo if not in_theatre(code)]), "own" in by, goals,
            "rate" in by,
        )  # fmt: skip

    def _is_goal(self, c: Cue) -> bool:
        """Tell whether people go to a place, or are in one where there is a war to go to."""
        found = _INTO.search(self.found.text, max(0, c.start - 30), c.start)
        return bool(found and (found[1] or c.terms[0] in sites()))

    def _topic(self, n: int) -> str:
        """Say how strongly the paragraph, or the text, is about these fighters."""
        paragraph = self.paragraph_of[n]
        if paragraph not in self.strong:
            rank = 0
            for k in self.members[paragraph]:
                found = self._sentence(k)
                kinds = {c.terms[0] for c in found if c.facet == "topic"}
                theatre = any(c.facet == "geo" and in_theatre(c.terms[0]) for c in found)
                rank = max(rank, 2 if "strong" in kinds else 1 if "weak" in kinds or theatre else 0)
            self.strong[paragraph] = rank
        own = self.strong[paragraph]
        if own < 2 and len(self.members[paragraph]) == 1 and paragraph + 1 in self.members and self._is_headline(n):
            own = 2 if self._topic(n + 1) == "strong" else own
        if own == 2:
            return "strong"
        if own == 1 and self._about() >= _ABOUT:
            return "strong"
        return "weak" if own == 1 else ""

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


def _parallel(other: Mention, m: Mention) -> bool:
    """Tell whether another number has a clause of its own; "from 80 countries" and "in five months" have none."""
    if other.kind not in COUNTING or (other.kind in ("duration", "age") and m.kind not in ("duration", "age")):
        return False
    units = [e.unit if (e := n.estimate) else "" for n in (other, m)]
    return units[0] != "countries" or units[1] == "countries"


def _paragraphs(found: Found) -> list[int]:
    """Return the number of the paragraph of each sentence."""
    numbers, at = [], 0
    for start, _ in found.sentences:
        while at + 1 < len(found.paragraphs) and found.paragraphs[at + 1] <= start:
            at += 1
        numbers.append(at)
    return numbers
