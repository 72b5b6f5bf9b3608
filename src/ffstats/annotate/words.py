"""The words that the annotator knows: patterns of what only looks like a quantity, languages, words of quantities."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from ffstats import paths
from ffstats.grammar import lexicon, scanner

LANGUAGES = ("en", "fr", "de", "es")
"""The languages that texts are read in here; any other is read as English."""


_SLOT = re.compile(r"\{([^{}]*)\}")


def phrases(cell: str) -> list[str]:
    """Return the phrases of a cell of the vocabulary, parted by |; of {a,b} {c,d} each way of filling the slots.

    >>> phrases("left|{took,taken} {home,back}")
    ['left', 'took home', 'took back', 'taken home', 'taken back']
    """
    found = []
    for phrase in cell.split("|"):
        slots = [part.split(",") if n % 2 else [part] for n, part in enumerate(_SLOT.split(phrase))]
        found += ["".join(ways) for ways in itertools.product(*slots)] if len(slots) > 1 else [phrase]
    return found


class Pattern(NamedTuple):
    """One pattern of what is no free quantity: its kind, its class of exemption, and the compiled expression.

    digits: whether it takes nothing without a digit in it, so that only the neighbourhood of digits is searched.
    """

    kind: str
    exemption: str
    digits: bool
    expression: re.Pattern[str]
    example: str


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a vocabulary file."""
    with paths.vocabulary(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def patterns() -> tuple[Pattern, ...]:
    """Return the patterns in the order in which they are tried; the first that takes a place keeps it.

    >>> next(p.kind for p in patterns() if p.expression.search("see pp. 12–13"))
    'reference'
    """
    listed = rows("annotate_patterns.csv")
    macros = {row["class"]: row["pattern"] for row in listed if row["kind"] == "macro"}

    def expand(text: str) -> str:
        for name, value in macros.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    return tuple(
        Pattern(
            row["kind"], row["class"], row["digits"] == "yes",
            re.compile(expand(row["pattern"]), re.MULTILINE), row["example"],
        )
        for row in listed
        if row["kind"] != "macro"
    )  # fmt: skip


@cache
def expressions() -> tuple[Pattern, ...]:
    """Return the patterns as they are searched for: neighbours of one kind joined, and tried only where one can begin."""
    joined: list[tuple[Pattern, str, frozenset[str]]] = []
    for pattern in patterns():
        text, begins = pattern.expression.pattern, beginnings(pattern.expression.pattern)
        last, before, known = joined[-1] if joined else (None, "", frozenset())
        alike = last is not None and last[:3] == pattern[:3] and bool(known) == bool(begins)
        if alike and not (last.expression.groupindex or pattern.expression.groupindex):  # type: ignore[union-attr]
            joined[-1] = pattern, f"{before}|{text}", known | begins
        else:
            joined.append((pattern, text, begins))
    return tuple(
        pattern._replace(expression=re.compile(_where(begins) + f"(?:{text})", re.MULTILINE))
        for pattern, text, begins in joined
    )


def _where(begins: frozenset[str]) -> str:
    return f"(?=[{''.join(map(re.escape, sorted(begins)))}])" if begins else ""


def beginnings(pattern: str) -> frozenset[str]:
    """Return the characters of which a match of a pattern begins with one; none if it may begin with any.

    A look at one character is cheaper than all the words of a pattern at every place of a text: it halves the search.
    It is read off the tree that Python makes of the pattern, which is not public; without it the search is as it was.

    >>> sorted(beginnings(r"\\b(?:[Pp]ages?|No[.])\\s[0-9]")), beginnings(r"\\w+@")
    (['N', 'P', 'p'], frozenset())
    """
    parser = getattr(re, "_parser", None)
    found = _first(parser.parse(pattern)) if parser else None
    return found[0] if found and not found[1] else frozenset()


def _first(tree: Iterable[tuple[object, Any]]) -> tuple[frozenset[str], bool] | None:
    """Return the characters that a tree can begin with, and whether it can be empty; None if that is not known."""
    begins: frozenset[str] = frozenset()
    for operator, value in tree:
        name, found = str(operator), None
        if name in ("AT", "ASSERT", "ASSERT_NOT"):  # these look, and take nothing
            continue
        if name == "LITERAL":
            found = frozenset(chr(value)), False
        elif name == "IN" and all(str(kind) in ("LITERAL", "RANGE") for kind, _ in value):
            spans = ((v, v) if str(kind) == "LITERAL" else v for kind, v in value)
            found = frozenset(chr(c) for low, high in spans for c in range(low, high + 1)), False
        elif name == "SUBPATTERN":
            found = _first(value[3])
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            found = _first(value[2])
            found = found and (found[0], found[1] or value[0] == 0)
        elif name == "BRANCH":
            ways = [_first(way) for way in value[1]]
            if None not in ways:
                found = frozenset[str]().union(*(way[0] for way in ways if way)), any(way[1] for way in ways if way)
        if found is None:
            return None
        begins |= found[0]
        if not found[1]:
            return begins, False
    return begins, True


@cache
def _function_words(*facets: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for row in rows("annotate_cues.csv"):
        if row["facet"] in facets:
            found[row["language"]] = found.get(row["language"], frozenset()) | set(phrases(row["phrases"]))
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
            found[row_language].add(max((t.key for t in scanner.tokens(phrase)), key=len))
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
                    keys = [t.key for t in scanner.tokens(phrase)]
                    first[code].update(keys[:1])
                    any_[code].update(keys)
    return {code: (frozenset(first[code]), frozenset(any_[code])) for code in LANGUAGES}


def active_words(code: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that begin a phrase which can change what a number beside it states, and all its words."""
    return _active()[code if code in LANGUAGES else "en"]


def stems_of_numbers(code: str) -> Iterator[str]:
    """Yield the beginnings that a joined number word of a language may have ("zwei…")."""
    if code == "de":
        yield from sorted({word[:4] for word in quantity_words(code) if len(word) >= 4})
