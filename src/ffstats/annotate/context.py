"""What stands around a number: the places, people, status and dates of its clause, sentence and surroundings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from ffstats import places
from ffstats.annotate import words
from ffstats.annotate.mentions import COUNTING, Found, Mention
from ffstats.annotate.words import Cue

THEATRE = ("SYR", "IRQ", "syria_iraq", "XIS")
"""Where the people counted went, rather than where they are from."""

_YEAR = re.compile(r"(?<![0-9])(1[6-9][0-9]{2}|20[0-4][0-9])(?![0-9])")
MEASURED = ("km2", "percent")
"""Units that a sentence names once for several numbers."""
_SHORT_END = re.compile(r"(1[6-9][0-9]{2}|20[0-4][0-9])\s?[-–/]\s?([0-9]{2})(?![0-9])")
_CUT = re.compile(r"[;:]|,|\s(?:and|but|while|whereas|et|mais|tandis|und|aber|während|y|pero|mientras)\s|[.](?=\s)")
_WHERE = (("displaced",),)
_OPENING = 20_000  # characters of a text that say what it is about
_ABOUT = 3  # signs in them that it is about these fighters
_PHRASE = 40  # characters of a phrase that opens a sentence
_NOUN = 40  # characters behind a number within which its noun stands
_BACK = 2  # sentences before, in the same or the last paragraph, whose words still hold


@dataclass(frozen=True, slots=True)
class Words:
    """The cues of one stretch of text, facet by facet.

    statuses: every status that the words may stand for. origins: the places that lie not in Syria or Iraq.
    authorities: countries whose officials are named.
    """

    geo: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    status: tuple[tuple[str, ...], ...] = ()
    years: tuple[int, ...] = ()
    world: bool = False
    foreign: bool = False
    topic: bool = False
    authorities: tuple[str, ...] = ()
    statuses: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a number.

    near: its own clause; sentence: the whole sentence; before: the sentences before. leading: the place that the
    sentence opens with ("In France, …"). head: who the noun behind the number names, if any. topic: strong, weak or
    empty, as the words are about these fighters. unit: of the numbers beside it, if they are no persons. nearly:
    whether it is said to be almost reached.
    """

    near: Words
    sentence: Words
    before: Words
    leading: tuple[str, ...] = ()
    head: str = ""
    topic: str = ""
    unit: str = ""
    nearly: bool = False

    def as_dict(self) -> dict[str, list[str] | str]:
        """Return the context as found, the clause's words or else the sentence's, as plain values."""
        pick = {name: getattr(self.near, name) or getattr(self.sentence, name) for name in ("geo", "who", "years")}
        status = (self.near if self.near.status else self.sentence).statuses
        return {
            "place": list(pick["geo"]), "who": [self.head] if self.head else list(pick["who"]),
            "status": sorted(status), "as_of": [str(year) for year in pick["years"]], "topic": self.topic,
        }  # fmt: skip


@cache
def in_theatre(code: str) -> bool:
    """Tell whether a place is Syria or Iraq, or lies in one of them."""
    try:
        return code in THEATRE or any(place in THEATRE for place in places.around(code))
    except KeyError:
        return False


def contexts(found: Found) -> list[Context]:
    """Return the context of each mention, in order; that of one that counts nothing is empty."""
    return _Reader(found).contexts()


class _Reader:
    def __init__(self, found: Found) -> None:
        self.found = found
        self.cues: dict[int, list[Cue]] = {}
        self.by_start = {span[0]: n for n, span in enumerate(found.sentences)}
        self.dates = [m for m in found.mentions if m.kind == "date"]
        self.years: dict[int, list[tuple[int, int]]] = {}
        for m in self.dates:
            for year in _years(m.text):
                self.years.setdefault(self.by_start[m.sentence[0]], []).append((m.start, year))
        self.paragraph_of = _paragraphs(found)
        self.members: dict[int, list[int]] = {}
        for n, paragraph in enumerate(self.paragraph_of):
            self.members.setdefault(paragraph, []).append(n)
        self.strong: dict[int, int] = {}
        self.signs = -1

    def contexts(self) -> list[Context]:
        empty = Context(Words(), Words(), Words())
        counting = (*COUNTING, "vague")
        return [self._context(i, m) if m.kind in counting else empty for i, m in enumerate(self.found.mentions)]

    def _sentence(self, n: int) -> list[Cue]:
        if n not in self.cues:
            start, end = self.found.sentences[n]
            self.cues[n] = words.cues(self.found.text[start:end], start, self.found.languages[n])
        return self.cues[n]

    def _context(self, i: int, m: Mention) -> Context:
        n = self.by_start[m.sentence[0]]
        cues = self._sentence(n)
        start, end = self._clause(i, m, cues)
        years = self.years.get(n, [])
        near = _words([c for c in cues if start <= c.start < end], [y for at, y in years if start <= at < end])
        following = next((k.start for k in self.found.mentions[i + 1 :] if k.kind in COUNTING), m.sentence[1])
        said = [c for c in cues if c.facet != "status" or c.start < following]
        whole = _words(said, [year for _, year in years])
        earlier = [k for k in range(max(0, n - _BACK), n) if self.paragraph_of[k] >= self.paragraph_of[n] - 1]
        before = _words(
            [c for k in reversed(earlier) for c in self._sentence(k)],
            [year for k in reversed(earlier) for _, year in self.years.get(k, [])],
        )
        opening = self.found.text[m.sentence[0] : start].rstrip(" ,")
        leading = tuple(
            c.terms[0] for c in cues
            if c.facet == "geo" and c.end == m.sentence[0] + len(opening) and len(opening) < _PHRASE
        )  # fmt: skip
        nearly = any(c.facet == "nearly" and m.start <= c.start < m.end for c in cues)
        return Context(near, whole, before, leading, _head(m, cues, end), self._topic(n), self._unit(i), nearly)

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

    def _clause(self, i: int, m: Mention, cues: Sequence[Cue]) -> tuple[int, int]:
        """Return the place of a number's own clause: up to a comma, an "and", or the next number."""
        text, mentions = self.found.text, self.found.mentions
        start, end = m.sentence
        for k in range(i - 1, -1, -1):
            if mentions[k].end <= start:
                break
            if mentions[k].kind in COUNTING:
                start = mentions[k].end
                break
        following = False
        for k in range(i + 1, len(mentions)):
            if mentions[k].start >= end:
                break
            if mentions[k].kind in COUNTING:
                end, following = mentions[k].start, True
                break
        inside = [(c.start, c.end) for c in cues]
        cuts = [
            c.span() for c in _CUT.finditer(text, start, end)
            if not any(a < c.start() + 1 < b for a, b in inside)
        ]  # fmt: skip
        behind = [b for _, b in cuts if b <= m.start]
        ahead = [a for a, _ in cuts if a >= m.end]
        start = behind[-1] if behind else start
        if ahead:
            hard = [a for a in ahead if text[a] in ",;:."]
            end = ahead[0] if following else hard[0] if hard else end
        return start, end

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
        if own == 2:
            return "strong"
        if own == 1 and self._about() >= _ABOUT:
            return "strong"
        return "weak" if own == 1 else ""

    def _about(self) -> int:
        """Count the signs that the whole text is about these fighters, in its first stretch."""
        if self.signs < 0:
            head = words.cues(self.found.text[:_OPENING], 0, self.found.languages[0])
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


def _years(text: str) -> list[int]:
    years = [int(year) for year in _YEAR.findall(text)]
    if match := _SHORT_END.search(text):
        years.append(int(match[1][:2] + match[2]))
    return years


def _words(cues: Sequence[Cue], years: Sequence[int]) -> Words:
    def terms(facet: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(c.terms[0] for c in cues if c.facet == facet))

    status = tuple(dict.fromkeys(c.terms for c in cues if c.facet == "status"))
    # A camp says where people are; what befell them says more.
    telling = tuple(terms_ for terms_ in status if terms_ not in _WHERE) or status
    world = any(c.facet == "world" for c in cues)
    foreign = any(c.facet == "world" and c.terms[0] == "foreign" for c in cues)
    topic = any(c.facet == "topic" for c in cues)
    geo = terms("geo")
    return Words(
        geo, terms("who"), telling, tuple(dict.fromkeys(years)), world, foreign, topic, terms("authority"),
        frozenset(term for terms_ in telling for term in terms_), tuple(code for code in geo if not in_theatre(code)),
    )  # fmt: skip


def _head(m: Mention, cues: Sequence[Cue], end: int) -> str:
    """Return who the noun behind a number names, if one does before what is said of them."""
    for cue in sorted(cues, key=lambda c: (c.start, c.facet != "who")):
        if m.start <= cue.start < min(end, m.end + _NOUN):
            if cue.facet == "who":
                return cue.terms[0]
            if cue.facet == "status" and cue.start >= m.end:
                break
    return ""
