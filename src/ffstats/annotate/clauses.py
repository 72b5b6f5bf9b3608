"""The clause of a number, its sentence and those before: which of their words are said of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from ffstats import places
from ffstats.annotate import nouns
from ffstats.annotate.candidates import THINGS
from ffstats.annotate.context import Context, Words, told
from ffstats.annotate.cues import Cue, in_theatre
from ffstats.annotate.mentions import COUNTING, Found, Mention
from ffstats.annotate.nouns import OF
from ffstats.annotate.population import FAMILIES, PEOPLE
from ffstats.annotate.sentences import Sentences

MEASURED = ("km2", "percent")
"""Units that a sentence names once for several numbers."""
_CUT = re.compile(r"[;:]|,|\s[–—-]\s|\s(?:and|but|while|whereas|et|mais|tandis|und|aber|während|y|pero|mientras)\s|[.](?=\s)")
_SAID = re.compile(
    r",\s(?:(?:[^,;:.\d]{1,40}\s)?(?:says?|said|adds?|added|wrote|writes|notes?|noted|reports?|reported|argues?|argued|believes?|believed|"
    r"claims?|claimed|insist(?:s|ed)|concludes?|concluded|estimates?|estimated|reckons?|reckoned|finds?|found|has it|went on)\b[^,;:.\d]{0,30}"
    r"|(?:[^,;:.\d]{1,40}\s)?(?:was|were|is|are|has been|had been)\s(?:told|informed|advised|assured|briefed)\b[^,;:.\d]{0,30}|[^,;:.\d]{1,30}\s(?:heard|learn(?:ed|t))"
    r"|(?:by|on|in|at|from)\s[^,;:.\d]{0,40}\b(?:counts?|reckoning|tables?|figures?|estimates?|readings?|(?:re)?telling|tally|accounts?|words|view|version)\b[^,;:.\d]{0,30}"
    r"|(?:according to|selon|d['’]après|laut|nach Angaben|según)\s[^,;:.\d]{1,60}),"
)
"""What tells, between two commas, who says so: it ends no clause."""
_LIST = re.compile(r"[^;:.]{1,60}?(?:,|\s(?:and|und|et|y))\s(?:(?:another|a further|yet another|in all|altogether|together|in total|a total of)\s)?")
_WHILE = re.compile(r"\s(?:while|whereas|tandis que|während|wohingegen|mientras)\s")
_PHRASE = 40  # characters of a phrase that opens a sentence
_WHO = re.compile(r"\b(?:who|whom|that(?!\s(?:point|time|date|day|year|month|stage|moment|week|spring|summer|autumn|winter|period)\b)|which|known|thought|believed|said|reported|having|qui|que|die|welche)\b")
"""What opens words about those counted, before the sentence says what it has to say of them."""
_OF_ALL = re.compile(r"\W*(?:Of|Among|Sur|Parmi|Von|Unter|De|Entre)\s(?:the|its|all|les|ses|tous les|den|allen|los|las|sus|todos los)\s?")
"""What opens a sentence that goes on with a part ("Of the 850 who left, 425 …")."""
_WAS = re.compile(r"\b(?:was|were|is|are|stood at|reached|hit|had been|était|étaient|waren|war|lag bei|era|eran)\s$")
_OF_THESE = re.compile(r"\W*(?:Of|Among|Out of)\s(?:these|them|those|this (?:number|total|figure)|that (?:number|total|figure)|the total)\b,?[^,;:.\d]{0,25}")
"""What opens a sentence with a part of those of the sentence before."""
_OF_THE = re.compile(r"\s(?:or so\s)?(?:of|among)\s(?:the|those|these|its|their|his|all)(?:\s[a-z]{3,12}){0,2}\s")
"""What stands between a part and the noun that only says of whom it is one."""
_OF_WHOM = re.compile(r"[^.;:\d]{0,60},?\s(?:of\s(?:whom|which|them|these|those)|among\s(?:whom|them|these|those)|including)\s(?:[a-z]+\s){0,2}")
"""What joins a part to the whole before it in a sentence."""
_HAILING = re.compile(r"\s(?:(?:had|have|were|are|all|themselves)\s){0,2}(?:originat(?:ed|ing|e)|hail(?:ed|ing)?|came|come|coming|stemmed|from)\s?(?:from|in)?\s(?:third|other|further|elsewhere|outside|beyond|abroad|next door|neighbouring|the rest)\b|\s(?:held|hold|carried|had|of)\sother\s(?:nationalities|passports|countries|papers)")
"""What says of a number without a noun only where they came from: they are some of those before."""
_OF_THEM = re.compile(r"\s(?:of\s(?:them|these|those|whom)|d['’]entre\s(?:eux|elles)|von\sihnen|davon|de\s(?:ellos|ellas))\b")


def contexts(found: Found) -> list[Context]:
    """Return the context of each mention, in order; that of one that counts nothing is empty."""
    return _Reader(found).contexts()


class _Reader:
    def __init__(self, found: Found) -> None:
        self.found = found
        self.text = Sentences(found)
        self.last = self.whole = ((0, 0), "")
        self.units: dict[int, str] = {}
        self.done: list[Context] = []
        self.cuts: tuple[tuple[int, int], list[tuple[int, int]]] = ((-1, -1), [])

    def contexts(self) -> list[Context]:
        empty = Context(Words(), Words(), Words())
        counting = (*COUNTING, "vague")
        for i, m in enumerate(self.found.mentions):
            self.done.append((self._recalled(i) or self._context(i, m)) if m.kind in counting else empty)
        return self.done

    def _recalled(self, i: int) -> Context | None:
        """Return the context of the same number before, if this is the whole that it names ("33 of the 93 are dead")."""
        m, mentions = self.found.mentions[i], self.found.mentions
        if m.estimate is None or not self._is_whole(i) or not self.found.text.endswith("the ", m.sentence[0], m.start):
            return None
        for k in range(i - 2, -1, -1):
            if self.text.by_start[mentions[k].sentence[0]] < self.text.by_start[m.sentence[0]] - 2:
                break
            if mentions[k].estimate == m.estimate:
                return self.done[k]
        return None

    def _context(self, i: int, m: Mention) -> Context:
        n = self.text.by_start[m.sentence[0]]
        cues = self.text.cues_of(n)
        start, end = self._clause(i, m, cues)
        start = m.start if self._is_whole(i) else start  # "3,000 foreigners out of 18,000": these are not the foreigners
        years = self.text.years.get(n, [])
        after = self._next(i)
        following = after.start if after else m.sentence[1]
        aside = self._aside(i, m, [c for c in cues if c.facet == "status" and m.end <= c.start < end])
        near = self.text.words(
            [c for c in cues if start <= c.start < end and c not in aside],
            [y for at, y in years if start <= at < end],
        )
        if not (near.geo or near.who or near.status) and not any(o.kind in COUNTING and o is not m for o in self._of_sentence(i)):
            # "The strength of the branch, Libyans and foreigners combined, was 1,500": a sentence of one number is its clause.
            near = self.text.words(cues, near.years)
        whole, before = self.text.whole(n), self.text.before(n)
        if not near.origins and before.origins and any(c.facet == "latter" and start <= c.start < end for c in cues):
            # "… credits the republic with 1,300": the country of the sentence before, whoever is named behind.
            land = next((code for code in before.origins if places.place(code).kind == "country"), before.origins[0])
            near = near._replace(geo=(*near.geo, land), origins=(land,))
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
                apart = _WHILE.search(self.found.text, m.end, stop)
                said = told([c for c in cues if c.start < (apart.start() if apart else stop)])
        if said[0] != whole.status:
            whole = whole._replace(status=said[0], statuses=said[1])
        if after and _OF_THEM.match(self.found.text, after.end):
            # "2,500 fighters, 2,100 of whom are in Kunar": the whole is not there alone.
            geo = tuple(dict.fromkeys(c.terms[0] for c in cues if c.facet == "geo" and c.start < following))
            whole = whole._replace(geo=geo, origins=tuple(code for code in geo if not in_theatre(code)))
        if not (whole.geo or whole.who or whole.status or whole.topic) and n and (any(c.facet == "again" for c in cues) or self._is_bare(m, n)):
            # "A few months before there had been fewer": of whom the sentence before spoke.
            last = self.text.words(self.text.cues_of(n - 1), [])
            # What befell those is not said of the number itself: its own verb may be one that is not known.
            near = last._replace(years=near.years, status=(), statuses=frozenset())
            whole = last._replace(years=whole.years)
        if stop < m.sentence[1] and len(whole.years) > 1:
            whole = whole._replace(years=tuple(dict.fromkeys(year for at, year in years if at < stop)))
        if stop < m.sentence[1] and before.origins and not near.origins:
            # "Germany fared better. It saw 300 return; France, 271.": who is named behind is none of those before.
            geo = tuple(dict.fromkeys(c.terms[0] for c in cues if c.facet == "geo" and c.start < stop))
            whole = whole._replace(geo=geo, origins=tuple(code for code in geo if not in_theatre(code)))
        hailing = _HAILING.match(self.found.text, m.end)
        of_them = hailing or _OF_THEM.match(self.found.text, m.end) or _OF_THESE.fullmatch(self.found.text, m.sentence[0], m.start)
        if of_them and before.statuses and not near.statuses and (hailing or near.geo or near.who or near.world):
            # "Some 4,600 of them were minors, and 730 babies were born": what is said of them was said before.
            whole = whole._replace(status=(*whole.status, *before.status), statuses=whole.statuses | before.statuses)
        opening = self.found.text[m.sentence[0] : start].rstrip(" ,")
        leading: tuple[str, ...] = ()
        if len(opening) < _PHRASE:
            leading = tuple([c.terms[0] for c in cues if c.facet == "geo" and c.end == m.sentence[0] + len(opening)])
        nearly = any([c.facet == "nearly" and m.start <= c.start < m.end for c in cues])
        head = nouns.head(self.found.text, m, cues, (start, end), self.found.languages[n])
        if not head and self.last == (m.sentence, "other") and not self._is_named(i, cues):
            head = "other"  # "800 doctors work in Germany, and 300 in Saudi Arabia"
        if not head and self.last[0] == m.sentence and i and _OF_WHOM.fullmatch(self.found.text, self.found.mentions[i - 1].end, m.start):
            head = self.last[1]  # "49,000 foreign children, of whom some 20,000 came from Iraq"
        part = bool(i) and self.last[0] == m.sentence and bool(_OF_WHOM.fullmatch(self.found.text, self.found.mentions[i - 1].end, m.start))
        if not head and of_them and n - self.text.by_start.get(self.whole[0][0], n) <= 1:
            head = self.whole[1]  # "29,000 children are there. Some 8,000 of them are from further away."
        alike = self.last[1] in PEOPLE or (self.last[1] in FAMILIES and not near.statuses)  # "4,640 were minors, and 7,366 had gone home"
        if not head and self.last[0] == m.sentence and alike and self._is_listed(i, cues):
            head = self.last[1]  # "15,500 fighters in Iraq and 13,100 in Syria"
        if head not in THINGS and not (m.kind == "vague" and not head):
            self.last = m.sentence, head  # "5,000 people of 80 countries, 800 of them women"
            if not part:
                self.whole = self.last  # "222 people left, among them 23 women. 47 of them died": of the 222
        day = min(self.text.days.get(n, [(0, "")]), key=lambda d: abs(d[0] - m.start))[1]
        if not day and not years and n and self.text.paragraph_of[n - 1] == self.text.paragraph_of[n]:
            day = self.text.days.get(n - 1, [(0, "")])[-1][1]  # "On 4 October there were … Iraqis accounted for 30,824"
        if any([c.facet == "region" for c in cues]):
            # "The region as a whole": that of whose countries the sentences before spoke.
            before = before._replace(origins=tuple(code for code in before.origins if places.place(code).kind == "region"))
        unit = self._unit(i) or self._ground(i, n, head, near.statuses or whole.statuses)
        self.units[i] = unit
        return Context(near, whole, before, leading, head, self.text.topic(n), unit, nearly, day)

    def _is_named(self, i: int, cues: Sequence[Cue]) -> bool:
        """Tell whether people are named between a number and the one before it ("14 centres, while the detainees stood at 900")."""
        a, b = self.found.mentions[i - 1].end, self.found.mentions[i].start
        return any(c.facet == "who" and a <= c.start < b and self.found.text[a : c.start].find(",") >= 0 for c in cues)

    def _is_listed(self, i: int, cues: Sequence[Cue]) -> bool:
        """Tell whether a number stands beside the one before it, with nothing said between them but where."""
        m, before = self.found.mentions[i], self.found.mentions[i - 1]
        between = _LIST.fullmatch(self.found.text, before.end, m.start)
        return bool(between) and not any(c.facet in ("status", "rate") and before.end <= c.start < m.start for c in cues)

    def _is_bare(self, m: Mention, n: int) -> bool:
        """Tell whether a number has no noun, in a sentence that gives another date: it is of those before."""
        end = min(m.sentence[1], m.end + nouns.NOUN)
        return bool(self.text.years.get(n)) and nouns.stranger(self.found.text, m.end, end, set(), self.found.languages[n]) == end

    def _ground(self, i: int, n: int, head: str, statuses: frozenset[str]) -> str:
        """Return that a number is of ground held or lost where the number before it is ("… to 78,000, a loss of 12,800")."""
        mentions = self.found.mentions
        k = next((k for k in range(i - 1, -1, -1) if mentions[k].kind != "date"), -1)
        if head not in ("", "territory") or (statuses - {"stated"} and not statuses & {"held", "lost", "present"}) or k < 0:
            return ""
        near = self.text.by_start[mentions[k].sentence[0]] >= n - 1
        estimate = mentions[k].estimate
        return "km2" if near and "km2" in (self.units.get(k), estimate and estimate.unit) else ""

    def _cuts(self, i: int, cues: Sequence[Cue]) -> list[tuple[int, int]]:
        """Return what ends a clause in a number's sentence: no part of a phrase, a date, a number, or of who says so."""
        span = self.found.mentions[i].sentence
        if self.cuts[0] != span:
            others = [(o.start, o.end) for o in self._of_sentence(i)]
            said = [(s.start(), s.end() + 1) for s in _SAID.finditer(self.found.text, *span)]
            inside = [(c.start, c.end) for c in cues] + others
            inside += [(a, b) for a, b in said if not any(a < at < b for at, _ in others)]
            within = bytearray(span[1] - span[0] + 2)  # which places of the sentence are within one of these
            for a, b in inside:
                within[a + 1 - span[0] : b - span[0]] = b"\x01" * (b - a - 1)
            cuts = (c.span() for c in _CUT.finditer(self.found.text, *span))
            self.cuts = span, [(at, to) for at, to in cuts if not within[at + 1 - span[0]]]
        return self.cuts[1]

    def _of_sentence(self, i: int) -> Iterator[Mention]:
        """Yield the dates and numbers of a number's sentence."""
        mentions = self.found.mentions
        for step, k in ((-1, i), (1, i + 1)):
            while 0 <= k < len(mentions) and mentions[k].sentence == mentions[i].sentence:
                yield mentions[k]
                k += step

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
        noun = behind and any([c.facet == "who" and c.start == behind[0].start for c in self.text.cues_of(self.text.by_start[m.sentence[0]])])
        if not self._is_whole(i):
            # "74 of the travellers had died", "40 of those returnees have faced a jury"
            leaver = noun and (behind[0].terms == ("travelled",) or _OF_THE.fullmatch(self.found.text, m.end, behind[0].start))
            return behind[:1] if (opened or leaver) and len(behind) > 1 else ()
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
        cuts = self._cuts(i, cues)
        behind = [b for a, b in cuts if start <= a and b <= m.start]
        ahead = [a for a, b in cuts if a >= m.end and b <= end]
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


def _parallel(other: Mention, m: Mention) -> bool:
    """Tell whether another number has a clause of its own; "from 80 countries" and "in five months" have none."""
    if other.kind not in COUNTING or (other.kind in ("duration", "age") and m.kind not in ("duration", "age")):
        return False
    units = [e.unit if (e := n.estimate) else "" for n in (other, m)]
    return units[0] != "countries" or units[1] == "countries"

