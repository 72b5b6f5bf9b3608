"""The words that the annotator knows: patterns of what only looks like a quantity, cues, names of peoples."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ffstats import lexicon, paths, places

LANGUAGES = ("en", "fr", "de", "es")
"""The languages that texts are read in here; any other is read as English."""


class Pattern(NamedTuple):
    """One pattern of what is no free quantity: its kind, its class of exemption, and the compiled expression."""

    kind: str
    exemption: str
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
        Pattern(row["kind"], row["class"], re.compile(expand(row["pattern"]), re.MULTILINE), row["example"])
        for row in rows
        if row["kind"] != "macro"
    )


def _phrase(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the folded tokens of a phrase, and whether its last is only a beginning ("return*")."""
    return tuple(t.key for t in lexicon.tokens(text.rstrip("*"))), text.endswith("*")


_CASED = 3
"""A name of so few letters ("US", "Mac.") is one only in capitals: "us" is a pronoun."""


class _Index:
    """Phrases by their first token, the longest first; beginnings of words apart."""

    def __init__(self) -> None:
        self.whole: dict[str, list[tuple[tuple[str, ...], bool, str, tuple[str, ...], bool]]] = {}
        self.stems: dict[str, list[tuple[tuple[str, ...], bool, str, tuple[str, ...], bool]]] = {}

    def add(self, text: str, facet: str, terms: tuple[str, ...], *, cased: bool = False) -> None:
        keys, stem = _phrase(text)
        if keys:
            table = self.stems if stem and len(keys) == 1 else self.whole
            table.setdefault(keys[0], []).append((keys, stem, facet, terms, cased))

    def sort(self) -> None:
        for table in (self.whole, self.stems):
            for entries in table.values():
                entries.sort(key=lambda entry: -len(entry[0]))
        self.lengths = sorted({len(stem) for stem in self.stems}, reverse=True)

    def at(
        self, keys: Sequence[str], i: int, original: str
    ) -> list[tuple[int, str, tuple[str, ...]]]:
        """Return what starts at a token: the longest phrase of each facet, as length, facet and terms."""
        key, found = keys[i], {}
        for phrase, stem, facet, terms, cased in self.whole.get(key, ()):
            n = len(phrase)
            if facet in found and found[facet][0] >= n or tuple(keys[i : i + n - 1]) != phrase[:-1]:
                continue
            last = keys[i + n - 1] if i + n <= len(keys) else ""
            if last != phrase[-1] and not (stem and last.startswith(phrase[-1])):
                continue
            if cased and not (original.isupper() if len(key) <= _CASED and n == 1 else original[:1].isupper()):
                continue
            found[facet] = (n, facet, terms)
        for length in self.lengths if len(key) >= 3 else ():
            for _, _, facet, terms, _ in self.stems.get(key[:length], ()) if length <= len(key) else ():
                if facet not in found:
                    found[facet] = (1, facet, terms)
        return list(found.values())


@cache
def _index() -> _Index:
    index = _Index()
    for row in _rows("annotate_cues.csv"):
        if row["facet"] != "language":
            for phrase in row["phrases"].split("|"):
                # "IS" is the group's German name, "is" an English verb.
                index.add(phrase, row["facet"], tuple(row["term"].split("|")), cased=len(phrase) < _CASED)
    for row in _rows("annotate_peoples.csv"):
        for phrase in row["phrases"].split("|"):
            index.add(phrase, "geo", (row["code"],))
    known = [*places.listed(), *(places.place(code) for code in places.members("XWD"))]
    for place in sorted(known, key=lambda p: ("theatre", "place", "country", "region").index(p.kind)):
        for name in (place.name, *place.aliases):
            if not name.endswith(".") and place.code not in ("world", "XWD", "XOI", "XOS", "XOQ"):
                index.add(name.split(" (")[0], "geo", (place.code,), cased=True)
    index.sort()
    return index


def cues(text: str, start: int = 0) -> list[Cue]:
    """Return the cues of a stretch of text in order; the places are counted from `start`.

    >>> [(c.facet, c.terms[0]) for c in cues("prisoners from France")]
    [('topic', 'weak'), ('status', 'detained'), ('who', 'prisoners'), ('geo', 'FRA')]
    """
    tokens = lexicon.tokens(text)
    keys = [t.key for t in tokens]
    index, found, free = _index(), [], {}
    for i, token in enumerate(tokens):
        if token.kind != "word":
            continue
        for n, facet, terms in index.at(keys, i, text[token.start : token.end]):
            if free.get(facet, 0) <= i:
                free[facet] = i + n
                found.append(Cue(start + token.start, start + tokens[i + n - 1].end, facet, terms))
    return found


@cache
def _function_words() -> dict[str, frozenset[str]]:
    return {
        row["language"]: frozenset(row["phrases"].split("|"))
        for row in _rows("annotate_cues.csv")
        if row["facet"] == "language"
    }


_WORD = re.compile(r"[^\W\d_]+")


def language(text: str, otherwise: str = "en") -> str:
    """Return the language of a paragraph by its little words: en, fr, de or es.

    Parameters: otherwise, the language to take where the words do not tell, or tell of two alike.

    >>> language("Rund 300 Kämpfer sind nach Deutschland zurückgekehrt")
    'de'
    """
    words = _WORD.findall(text[:4000].lower())
    counts = {code: sum(map(known.__contains__, words)) for code, known in _function_words().items()}
    most = max(counts.values())
    best = [code for code, count in counts.items() if count == most]
    return best[0] if most and len(best) == 1 else otherwise


def quantity_words(code: str) -> frozenset[str]:
    """Return the first words of what may state a quantity in a language, articles apart."""
    return _quantity_words()[code if code in LANGUAGES else "en"]


@cache
def _quantity_words() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {code: set() for code in LANGUAGES}
    for row_language, phrase, sense in lexicon._entries():
        if row_language in found and sense.role in ("number", "multiplier", "plural", "about", "part", "vague"):
            first = lexicon.tokens(phrase)
            if first:
                found[row_language].add(first[0].key)
    return {code: frozenset(words) for code, words in found.items()}


def stems_of_numbers(code: str) -> Iterator[str]:
    """Yield the beginnings that a joined number word of a language may have ("zwei…")."""
    if code == "de":
        yield from sorted({word[:4] for word in quantity_words(code) if len(word) >= 4})
