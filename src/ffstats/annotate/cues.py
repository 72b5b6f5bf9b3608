"""Cues: the words of a text that say what is counted: who, their status, places and peoples, and what it is about."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from ffstats import places
from ffstats.annotate.words import LANGUAGES, is_noun, phrases, rows
from ffstats.grammar import lexicon, scanner

PEOPLE = "people"
"""Marks a cue that names a people ("Turkish", "Turks"), not their country."""


class Cue(NamedTuple):
    """A phrase found in a text that says what is counted: its place, a facet and the terms it may stand for."""

    start: int
    end: int
    facet: str
    terms: tuple[str, ...]


@cache  # the names of places and peoples are looked for in every language
def _phrase(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the folded tokens of a phrase, and whether its last is only a beginning ("return*")."""
    plain = text.rstrip("*")
    # Most are plain words, and there are thousands: these need no scanner.
    simple = plain.isascii() and plain.replace(" ", "").isalpha()
    return tuple(plain.lower().split() if simple else [t.key for t in scanner.tokens(plain)]), plain != text


THEATRE = ("SYR", "IRQ", "syria_iraq", "XIS")
"""Where the people counted went, rather than where they are from."""


@cache
def in_theatre(code: str) -> bool:
    """Tell whether a place is Syria or Iraq, or lies in one of them."""
    try:
        return code in THEATRE or any(place in THEATRE for place in places.around(code))
    except KeyError:
        return False


@cache
def on_the_way(code: str) -> bool:
    """Tell whether a place is in Turkey, through which nearly all of them went."""
    return code == "TUR" or (places.place(code).kind == "place" and "TUR" in places.around(code))


_COUNTS = frozenset(("figure", "total", "number", "count", "estimate", "share", "contingent", "tally", "toll", "cohort", "quota", "line", "entry"))
"""What is a people's if theirs is counted, not their government's."""
_LOOSE = 2
"""More senses than these say next to nothing ("come": left, arrived, moved)."""

_BEARING = re.compile(r"(?:North|South|East|West|Central|Middle)(?:ern|-)?\b")
_OF_BODY = re.compile(r"\s(?:in|of|at|from|based in|à|de|du|aus|von|en)\s(?:the\s)?")
_BY = re.compile(r"(?<!followed )(?<!trailed )(?<!joined )\b(?:by|alongside|against|par|por|durch)\s(?:the\s)?$")
_WAY = re.compile(
    r"\b(?:(?:deported|expelled|sent back|sent home|turned (?:back|away|round|around)|stopped|caught|held up|intercepted|halted)\s(?:from|by|in|at|out of)|"
    r"(?:handed|passed|supplied|submitted|notified|reported|given)\s(?:over\s)?to|no f[ua]rther than|(?:only\s)?(?:as|so) far as|via|through|by way of|(?:flights?|planes?|tickets?|bus|buses|bound|trains?|ferry)\s(?:to|for|into)|"
    r"(?:transit|transited|transiting|reached|crossed|crossing|slipped|slipping)(?:\s(?:through|from|into|over))?)\s(?:the\s|southern\s|south-eastern\s)*$"
)
"""What leads to the country on the way to the war, of which those counted are not."""
_STOPS = re.compile(r"\s(?:and\s)?(?:[a-z]+\s){0,6}(?:turned\s(?:back|away|round|around)|stopped|caught|deported|expelled|intercepted|sent\s(?:back|home)|handed\sover)\b")
"""What the country on the way does to those who pass through it."""
_CASED = 3
"""A name of so few letters ("US") is one only in capitals: "us" is a pronoun."""


NAME, CAPITALS = 1, 2
"""A phrase that is one only if it begins with a capital, or is in capitals throughout."""


def _cased(phrase: str) -> int:
    """Return the case that a phrase of the vocabulary asks for: that in which it is written there."""
    return CAPITALS if phrase.isupper() else NAME if phrase[:1].isupper() else 0


class _Phrase(NamedTuple):
    """A phrase of the cues: its folded tokens, whether the last is only a beginning, what it says, and its case."""

    keys: tuple[str, ...]
    stem: bool
    facet: str
    terms: tuple[str, ...]
    cased: int


class _Index:
    """Phrases by their first two tokens, the longest first; beginnings of words apart."""

    def __init__(self) -> None:
        self.whole: dict[str, dict[str, list[_Phrase]]] = {}
        self.stems: dict[str, list[_Phrase]] = {}
        self.quiet: set[str] = set()

    def add(self, text: str, facet: str, terms: tuple[str, ...], cased: int = 0) -> None:
        keys, stem = _phrase(text)
        if not keys:
            return
        if stem and len(keys) == 1:
            known = self.stems.setdefault(keys[0], [])
        else:
            # The second token is open where there is none, or only its beginning is given.
            second = "" if len(keys) == 1 or (stem and len(keys) == 2) else keys[1]
            known = self.whole.setdefault(keys[0], {}).setdefault(second, [])
        alike = [p for p in known if p[:3] == (keys, stem, facet) and p.cased == cased]
        if facet == "status" and alike:  # "captured" prisoners, and a town
            known.remove(alike[0])
            terms = tuple(dict.fromkeys((*alike[0].terms, *terms)))
        known.append(_Phrase(keys, stem, facet, terms, cased))

    def sort(self) -> None:
        for table in (*self.whole.values(), self.stems):
            for known in table.values():
                known.sort(key=lambda phrase: -len(phrase.keys))
        self.lengths = sorted({len(stem) for stem in self.stems}, reverse=True)
        self.stemmed: dict[str, tuple[_Phrase, ...]] = {}

    def at(self, keys: Sequence[str], i: int, original: str) -> Iterable[tuple[int, str, tuple[str, ...]]]:
        """Return what starts at a token: the longest phrase of each facet, as length, facet and terms."""
        key = keys[i]
        if key in self.quiet:
            return ()
        if key not in self.stemmed:
            self.stemmed[key] = tuple(
                phrase for n in self.lengths if 3 <= n <= len(key) for phrase in self.stems.get(key[:n], ())
            )
        seconds = self.whole.get(key, {})
        if not seconds and not self.stemmed[key]:
            self.quiet.add(key)
            return ()
        found: dict[str, tuple[int, str, tuple[str, ...]]] = {}
        longer = seconds.get(keys[i + 1], ()) if i + 1 < len(keys) else ()
        for phrase in (*longer, *seconds.get("", ())):
            known = found.get(phrase.facet)
            if (known is None or known[0] < len(phrase.keys)) and _stands(phrase, keys, i, original):
                found[phrase.facet] = len(phrase.keys), phrase.facet, phrase.terms
        for phrase in self.stemmed[key]:
            found.setdefault(phrase.facet, (1, phrase.facet, phrase.terms))
        return found.values()


def _stands(phrase: _Phrase, keys: Sequence[str], i: int, original: str) -> bool:
    """Tell whether a phrase stands at a token, the original spelling of which decides about a name."""
    n = len(phrase.keys)
    if n > 1:
        last = keys[i + n - 1] if i + n <= len(keys) else ""
        ends = last == phrase.keys[-1] or (phrase.stem and last.startswith(phrase.keys[-1]))
        if not ends or (n > 2 and tuple(keys[i + 1 : i + n - 1]) != phrase.keys[1:-1]):
            return False
    if not phrase.cased:
        return not (keys[i] == "is" and n > 1 and original.isupper())  # "members of IS in Syria"
    return original.isupper() if phrase.cased == CAPITALS and n == 1 else original[:1].isupper()


@cache
def _index(code: str) -> _Index:
    index = _Index()
    for row in rows("annotate_cues.csv"):
        if row["facet"] not in ("language", "little") and row["language"] in (code, lexicon.ANY):
            for phrase in phrases(row["phrases"]):
                if GAP in phrase:
                    continue  # these are found about a number (see `gaps`)
                # "IS" is the group's German name, "is" an English verb.
                index.add(phrase, row["facet"], tuple(row["term"].split("|")), _cased(phrase))
    for row in rows("annotate_peoples.csv"):
        for phrase in phrases(row["phrases"]):
            index.add(phrase, "geo", (row["code"], PEOPLE))
    known = [*places.listed(), *(places.place(code) for code in places.members("XWD"))]
    for place in sorted(known, key=lambda p: ("theatre", "place", "country", "region").index(p.kind)):
        for name in (place.name, *place.aliases):
            if not name.endswith(".") and place.code not in ("world", "XWD", "XOI", "XOS", "XOQ"):
                short = name.split(" (")[0]
                index.add(short, "geo", (place.code,), CAPITALS if len(name) <= _CASED else _cased(name))
                if _BEARING.match(short):
                    index.add(short[0].lower() + short[1:], "geo", (place.code,))  # "the western Balkans"
                if code == "de" and len(name) > _CASED and short[-1] != "s":
                    index.add(f"{short}s", "geo", (place.code,), NAME)  # "Kosovos Polizei"
    index.sort()
    return index


GAP = " … "
"""Where in a phrase of the vocabulary the number stands ("brought … home")."""


@cache
def gaps(code: str) -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """Return what is said about a number by a verb before it and a word behind it, each with the terms it stands for.

    >>> pattern, terms = next((pattern, terms) for pattern, terms in gaps("en") if terms == ("prevented",))
    >>> pattern.search("had turned 556 of them back before")["end"], terms
    ('back', ('prevented',))
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for row in rows("annotate_cues.csv"):
        if row["facet"] == "status" and row["language"] == code:
            for phrase in phrases(row["phrases"]):
                if GAP in phrase:
                    found.setdefault(tuple(row["term"].split("|")), []).append(phrase)
    joined = []
    for terms, said in found.items():
        ways = "|".join(rf"{before}\b(?=[^.;:,]{{3,45}}?\s{after}\b)" for before, after in (p.split(GAP) for p in said))
        ends = "|".join(sorted({p.split(GAP)[1] for p in said}, key=len, reverse=True))
        joined.append((re.compile(rf"\b(?P<verb>{ways})(?P<gap>[^.;:,]{{3,45}}?)\s(?P<end>{ends})\b"), terms))
    return tuple(joined)


def cues(text: str, start: int = 0, code: str = "en") -> list[Cue]:
    """Return the cues of a stretch of text in order, the longest first where two overlap.

    Parameters: start, what to count the places from; code, the language (en, fr, de, es).

    >>> [(c.facet, c.terms[0]) for c in cues("prisoners from France")]
    [('topic', 'weak'), ('who', 'prisoners'), ('status', 'detained'), ('geo', 'FRA')]
    """
    tokens = scanner.tokens(text)
    keys = [t.key for t in tokens]
    index = _index(code if code in LANGUAGES else "en")
    found = [
        (i, n, facet, terms)
        for i, token in enumerate(tokens) if token.kind == "word" and token.key not in index.quiet
        for n, facet, terms in index.at(keys, i, text[token.start : token.end])
    ]  # fmt: skip
    taken: set[tuple[str, int]] = set()
    kept = []
    # The longest first; of two as long, not the one that may mean anything ("have come home").
    for i, n, facet, terms in sorted(found, key=lambda f: (-f[1], len(f[3]) > _LOOSE, f[0])) if found else ():
        places_ = {(facet, at) for at in range(i, i + n)}
        if taken.isdisjoint(places_):
            taken |= places_
            kept.append((i, Cue(start + tokens[i].start, start + tokens[i + n - 1].end, facet, terms)))
    kept.sort(key=lambda k: k[0])
    # "US officials" are no Americans who are counted; they may have charged them. Nor is a "Turkish incursion".
    bodies = {cue.start for _, cue in kept if cue.facet == "body" and text[cue.start - start - 1 : cue.end - start] != " led"}
    ends = [cue.end - start for _, cue in kept if cue.facet == "body"]
    known = {cue.start for _, cue in kept}
    after = {a.end: b for a, b in itertools.pairwise(tokens)}

    def idle(cue: Cue) -> bool:
        at = cue.start - start
        short = "." in text[at : cue.end - start] and text[cue.end - start : cue.end - start + 1] == "."
        stop = cue.end + short  # "the U.S. State Department"
        near = any([_OF_BODY.fullmatch(text, end, at) for end in ends]) and not in_theatre(cue.terms[0])
        # "L'armée américaine": where the adjective stands behind its noun
        behind = code in ("fr", "es") and PEOPLE in cue.terms and at - 1 in ends and text[at].islower()
        if near or behind or _BY.search(text, max(0, at - 12), at):
            return True
        if PEOPLE not in cue.terms and on_the_way(cue.terms[0]) and _WAY.search(text, max(0, at - 40), at):
            return True
        if PEOPLE not in cue.terms and on_the_way(cue.terms[0]) and _STOPS.match(text, cue.end - start):
            return True
        opens = stop + 2 in bodies and text[stop - start] == ","  # "In The Hague, researchers …"
        owned = opens or (stop + 3 in bodies and text[stop - start : stop - start + 2] in ("'s", "’s"))
        follows = after.get(stop - start)
        if owned or stop + 1 in bodies or follows is None or code != "en" or PEOPLE not in cue.terms:
            return owned or stop + 1 in bodies
        word = text[follows.start : follows.end]
        if word in _COUNTS:
            return False  # "the Norwegian figure"
        if text[at : cue.end - start].endswith(("s", "men")):
            return False  # "150 Danes stole away"
        return word[:1].islower() and start + follows.start not in known and is_noun(word, code) is None

    return [
        c._replace(facet="authority") if c.facet == "geo" and idle(c) else c
        for _, c in kept if c.facet != "body" and c.terms != ("none",)
    ]  # fmt: skip
