"""The words that the annotator knows: patterns of what only looks like a quantity, cues, names of peoples."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ffstats import paths, places
from ffstats.grammar import lexicon

LANGUAGES = ("en", "fr", "de", "es")
"""The languages that texts are read in here; any other is read as English."""


PEOPLE = "people"
"""Marks a cue that names a people ("Turkish", "Turks"), not their country."""


class Pattern(NamedTuple):
    """One pattern of what is no free quantity: its kind, its class of exemption, and the compiled expression.

    digits: whether it takes nothing without a digit in it, so that only the neighbourhood of digits is searched.
    """

    kind: str
    exemption: str
    digits: bool
    expression: re.Pattern[str]
    example: str


class Cue(NamedTuple):
    """A phrase found in a text that says what is counted: its place, a facet and the terms it may stand for."""

    start: int
    end: int
    facet: str
    terms: tuple[str, ...]


def _rows(name: str) -> list[dict[str, str]]:
    with paths.vocabulary(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return the patterns in the order in which they are tried; the first that takes a place keeps it.

    >>> next(p.kind for p in patterns() if p.expression.search("see pp. 12–13"))
    'reference'
    """
    rows = _rows("annotate_patterns.csv")
    macros = {row["class"]: row["pattern"] for row in rows if row["kind"] == "macro"}

    def expand(text: str) -> str:
        for name, value in macros.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    return tuple(
        Pattern(
            row["kind"], row["class"], row["digits"] == "yes",
            re.compile(expand(row["pattern"]), re.MULTILINE), row["example"],
        )
        for row in rows
        if row["kind"] != "macro"
    )  # fmt: skip


@cache
def expressions() -> tuple[Pattern, ...]:
    """Return the patterns with neighbours of one kind joined into one expression, which is faster to search for."""
    joined: list[Pattern] = []
    for pattern in patterns():
        last = joined[-1] if joined else None
        alike = last is not None and last[:3] == pattern[:3]
        if alike and not (last.expression.groupindex or pattern.expression.groupindex):  # type: ignore[union-attr]
            both = f"{last.expression.pattern}|{pattern.expression.pattern}"  # type: ignore[union-attr]
            joined[-1] = last._replace(expression=re.compile(both, re.MULTILINE))  # type: ignore[union-attr]
        else:
            joined.append(pattern)
    return tuple(joined)


def _phrase(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the folded tokens of a phrase, and whether its last is only a beginning ("return*")."""
    return tuple(t.key for t in lexicon.tokens(text.rstrip("*"))), text.endswith("*")


_LOOSE = 2
"""More senses than these say next to nothing ("come": left, arrived, moved)."""

_OF_BODY = re.compile(r"\s(?:in|of|at|from|based in|à|de|du|aus|von|en)\s(?:the\s)?")
_BY = re.compile(r"\b(?:by|par|por|durch)\s(?:the\s)?$")
_CASED = 3
"""A name of so few letters ("US", "Mac.") is one only in capitals: "us" is a pronoun."""


class _Phrase(NamedTuple):
    """A phrase of the cues: its folded tokens, whether the last is only a beginning, and what it says."""

    keys: tuple[str, ...]
    stem: bool
    facet: str
    terms: tuple[str, ...]
    cased: bool


class _Index:
    """Phrases by their first two tokens, the longest first; beginnings of words apart."""

    def __init__(self) -> None:
        self.whole: dict[str, dict[str, list[_Phrase]]] = {}
        self.stems: dict[str, list[_Phrase]] = {}
        self.quiet: set[str] = set()

    def add(self, text: str, facet: str, terms: tuple[str, ...], *, cased: bool = False) -> None:
        keys, stem = _phrase(text)
        if keys and stem and len(keys) == 1:
            self.stems.setdefault(keys[0], []).append(_Phrase(keys, stem, facet, terms, cased))
        elif keys:
            # The second token is open where there is none, or only its beginning is given.
            second = "" if len(keys) == 1 or (stem and len(keys) == 2) else keys[1]
            phrases = self.whole.setdefault(keys[0], {}).setdefault(second, [])
            phrases.append(_Phrase(keys, stem, facet, terms, cased))

    def sort(self) -> None:
        for table in (*self.whole.values(), self.stems):
            for phrases in table.values():
                phrases.sort(key=lambda phrase: -len(phrase.keys))
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
        return True
    return original.isupper() if len(keys[i]) <= _CASED and n == 1 else original[:1].isupper()


@cache
def _index(code: str) -> _Index:
    index = _Index()
    for row in _rows("annotate_cues.csv"):
        if row["facet"] not in ("language", "little") and row["language"] == code:
            for phrase in row["phrases"].split("|"):
                # "IS" is the group's German name, "is" an English verb.
                cased = len(phrase) < _CASED or row["facet"] == "geo"
                index.add(phrase, row["facet"], tuple(row["term"].split("|")), cased=cased)
    for row in _rows("annotate_peoples.csv"):
        for phrase in row["phrases"].split("|"):
            index.add(phrase, "geo", (row["code"], PEOPLE))
    known = [*places.listed(), *(places.place(code) for code in places.members("XWD"))]
    for place in sorted(known, key=lambda p: ("theatre", "place", "country", "region").index(p.kind)):
        for name in (place.name, *place.aliases):
            if not name.endswith(".") and place.code not in ("world", "XWD", "XOI", "XOS", "XOQ"):
                index.add(name.split(" (")[0], "geo", (place.code,), cased=True)
    index.sort()
    return index


def cues(text: str, start: int = 0, code: str = "en") -> list[Cue]:
    """Return the cues of a stretch of text in order, the longest first where two overlap.

    Parameters: start, what to count the places from; code, the language (en, fr, de, es).

    >>> [(c.facet, c.terms[0]) for c in cues("prisoners from France")]
    [('topic', 'weak'), ('who', 'prisoners'), ('status', 'detained'), ('geo', 'FRA')]
    """
    tokens = lexicon.tokens(text)
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
    bodies = {cue.start for _, cue in kept if cue.facet == "body"}
    ends = [cue.end - start for _, cue in kept if cue.facet == "body"]
    known = {cue.start for _, cue in kept}
    after = {a.end: b for a, b in itertools.pairwise(tokens)}

    def idle(cue: Cue) -> bool:
        at = cue.start - start
        if _BY.search(text, max(0, at - 12), at) or any(_OF_BODY.fullmatch(text, end, at) for end in ends):
            return True
        follows = after.get(cue.end - start)
        if cue.end + 1 in bodies or follows is None or code != "en" or PEOPLE not in cue.terms:
            return cue.end + 1 in bodies
        word = text[follows.start : follows.end]
        return word[:1].islower() and start + follows.start not in known and is_noun(word, code) is None

    return [
        c._replace(facet="authority") if c.facet == "geo" and idle(c) else c
        for _, c in kept if c.facet != "body" and c.terms != ("none",)
    ]  # fmt: skip


@cache
def _function_words(*facets: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for row in _rows("annotate_cues.csv"):
        if row["facet"] in facets:
            found[row["language"]] = found.get(row["language"], frozenset()) | set(row["phrases"].split("|"))
    return found


def is_noun(word: str, code: str) -> bool | None:
    """Tell whether a word behind a number is the noun that is counted; None if it may be an adjective before it.

    What is counted stands in the plural, and a verb of many does not end like one; German writes nouns large.

    >>> is_noun("villages", "en"), is_noun("were", "en"), is_noun("small", "en")
    (True, False, None)
    """
    if word.lower() in _function_words("language", "little").get(code, frozenset()) or word.endswith("ed"):
        return False
    if code == "de":
        return True if word[:1].isupper() else None
    if word[:1].isupper():
        return None
    return True if len(word) > 3 and word.endswith(("s", "x") if code == "fr" else "s") and word[-2:] != "ss" else None


_WORD = re.compile(r"[^\W\d_]+")


def language(text: str, otherwise: str = "en") -> str:
    """Return the language of a paragraph by its little words: en, fr, de or es.

    Parameters: otherwise, the language to take where the words do not tell, or tell of two alike.

    >>> language("Rund 300 Kämpfer sind nach Deutschland zurückgekehrt")
    'de'
    """
    # "IS" is a group's name, not the English verb.
    words = [w.lower() for w in _WORD.findall(text[:4000]) if len(w) < 2 or not w.isupper()]
    counts = {code: sum(map(known.__contains__, words)) for code, known in _function_words("language").items()}
    most = max(counts.values())
    best = [code for code, count in counts.items() if count == most]
    return best[0] if most and len(best) == 1 else otherwise


_STATING = ("number", "multiplier", "plural", "genitive", "about", "part", "vague")


def states(keys: tuple[str, ...], at: int, code: str) -> bool:
    """Tell whether the words at a token of a language state a quantity, exactly or vaguely; an article does not.

    >>> states(("two", "men"), 0, "en"), states(("the", "men"), 0, "en")
    (True, False)
    """
    found = lexicon.match(keys, at, (code, lexicon.ANY))
    return found is not None and found.sense(*_STATING) is not None


def quantity_words(code: str) -> frozenset[str]:
    """Return words of a language one of which every quantity in words has: the longest of each phrase."""
    return _quantity_words()[code if code in LANGUAGES else "en"]


@cache
def _quantity_words() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {code: set() for code in LANGUAGES}
    for row_language, phrase, sense in lexicon._entries():
        if row_language in found and sense.role in _STATING:
            found[row_language].add(max((t.key for t in lexicon.tokens(phrase)), key=len))
    return {code: frozenset(words) for code, words in found.items()}


@cache
def _active() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    quiet = {"neutral", "of", "in", "and", "date", "article", "comma"}
    first: dict[str, set[str]] = {code: set() for code in LANGUAGES}
    any_: dict[str, set[str]] = {code: set() for code in LANGUAGES}
    for row_language, phrase, sense in lexicon._entries():
        if sense.role not in quiet:
            for code in LANGUAGES if row_language == lexicon.ANY else (row_language,):
                if code in first:
                    keys = [t.key for t in lexicon.tokens(phrase)]
                    first[code].update(keys[:1])
                    any_[code].update(keys)
    return {code: (frozenset(first[code]), frozenset(any_[code])) for code in LANGUAGES}


@cache
def vocabulary(code: str) -> frozenset[str]:
    """Return every word that means something to the reader of numbers, in a language or in any."""
    own = lexicon.languages()[code].base
    return frozenset(
        t.key for language, phrase, _ in lexicon._entries() if language in (own, lexicon.ANY) for t in lexicon.tokens(phrase)
    )


def active_words(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that begin a phrase which can change what a number beside it states, and all its words."""
    return _active()[code if code in LANGUAGES else "en"]


def stems_of_numbers(code: str) -> Iterator[str]:
    """Yield the beginnings that a joined number word of a language may have ("zwei…")."""
    if code == "de":
        yield from sorted({word[:4] for word in quantity_words(code) if len(word) >= 4})
