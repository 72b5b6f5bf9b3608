"""The words that qualify, spell and count numbers, in every language of the data.

The knowledge is in vocabulary/*.csv (languages, qualifiers, number_words, units); this module finds its phrases
in a text. Nothing is loaded before a text with words is read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from ffstats import paths
from ffstats.grammar.scanner import Token, fold, tokens

ANY: str = "*"  # rows of symbols, the same in every language
_ARABIC_AND = "و"
_LITTLE = frozenset({"neutral", "of", "in", "date", "to"})
_BETWEEN = frozenset({"neutral", "of", "in", "date", "to", "and", "or", "but"})
"""Roles of what says something only between two numbers, or right before one."""


class Sense(NamedTuple):
    """What a phrase means: a role, and the value, unit, scale or position that goes with it."""

    role: str
    value: float = 0.0
    unit: str = ""
    position: str = ""


class Language(NamedTuple):
    """How a language marks thousands and decimals."""

    code: str
    base: str
    script: str
    decimal: str
    thousands: str
    joins_words: bool
    in_data: bool


class Match(NamedTuple):
    """A phrase found in a text: how many tokens it takes, and its senses in the language chosen.

    ahead, behind: whether it can say something of a number that stands after it, and of one that stands before it.
    half: whether it may be a half of what stands about it.
    """

    length: int
    senses: tuple[Sense, ...]
    ahead: bool = True
    behind: bool = True
    half: bool = False

    def sense(self, *roles: str) -> Sense | None:
        """Return the first sense with one of these roles."""
        for sense in self.senses:
            if sense.role in roles:
                return sense
        return None


def parted(found: Sequence[Token]) -> list[Token]:
    """Return tokens with the Arabic "and" taken off the number word that it is written together with.

    >>> [token.key for token in parted(tokens("خمسة وعشرون"))]
    ['خمسه', 'و', 'عشرون']
    """
    said: list[Token] = []
    for token in found:
        joined = token.kind == "word" and token.spelling[:1] == _ARABIC_AND and token.key not in _index()
        if joined and any(
            len(keys) == 1 and any(sense.value for sense in senses.get("ar", ()))
            for keys, senses in _index().get(token.key[1:], ())
        ):
            middle = token.start + 1
            said.append(Token("word", _ARABIC_AND, token.start, middle, token.spelling[:1]))
            said.append(Token("word", token.key[1:], middle, token.end, token.spelling[1:]))
        else:
            said.append(token)
    return said


@cache
def languages() -> dict[str, Language]:
    """Return the languages of the vocabulary by ISO 639-1 code."""
    return {
        row["language"]: Language(
            row["language"],
            row["alias_of"] or row["language"],
            row["script"],
            row["decimal"],
            row["thousands"],
            row["joins_words"] == "yes",
            row["in_data"] == "yes",
        )
        for row in _rows("languages.csv")
    }


@cache
def _index() -> dict[str, list[tuple[tuple[str, ...], dict[str, tuple[Sense, ...]]]]]:
    """Return the phrases by their first key, longest first, each with its senses by language."""
    phrases: dict[tuple[str, ...], dict[str, list[Sense]]] = {}
    for language, phrase, sense in _entries():
        spellings = [phrase, _in_cyrillic(phrase)] if language == "sr" else [phrase]
        for spelling in spellings:
            keys = _keys(spelling)
            senses = phrases.setdefault(keys, {}).setdefault(language, [])
            if sense not in senses:
                senses.append(sense)
    index: dict[str, list[tuple[tuple[str, ...], dict[str, tuple[Sense, ...]]]]] = {}
    for keys in sorted(phrases, key=lambda keys: (-len(keys), keys)):
        index.setdefault(keys[0], []).append((keys, {k: tuple(v) for k, v in phrases[keys].items()}))
    return index


def _keys(phrase: str) -> tuple[str, ...]:
    words = phrase.split(" ")
    if all(map(str.isalpha, words)):  # as most are; the scanner would find the same
        return tuple(map(fold, words))
    return tuple(token.key for token in tokens(phrase))


@cache
def _accented() -> dict[str, set[str]]:
    """Return the languages of each word of the vocabulary that is not plain ASCII."""
    spelled: dict[str, set[str]] = {}
    for language, phrase, _ in _entries():
        if not phrase.isascii():
            for word in tokens(phrase):
                if not word.spelling.isascii():
                    spelled.setdefault(word.spelling, set()).add(language)
    return spelled


def _entries() -> Iterator[tuple[str, str, Sense]]:
    for row in _rows("number_words.csv"):
        yield row["language"], row["words"], Sense(row["role"], float(row["value"] or 0))
    for row in _rows("qualifiers.csv"):
        yield row["language"], row["phrase"], Sense(row["bound"], position=row["position"])
    for row in _rows("units.csv"):
        yield row["language"], row["phrase"], Sense("unit", float(row["scale"]), row["unit"], row["position"])


def _rows(name: str) -> list[dict[str, str]]:
    with paths.vocabulary(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cues(found: Sequence[Token]) -> dict[str, float]:
    """Return, for each language, how much of the text its phrases account for.

    A word counts for as many words as the longest phrase it is part of has; little words ("de", "solo"), which
    languages share by chance, count half, but in English, the language of most of the data, in full.

    >>> max(cues(tokens("plus de 300")).items(), key=lambda cue: cue[1])[0]
    'fr'
    """
    weights: dict[str, dict[int, float]] = {}
    index = _index()
    keys = tuple(token.key for token in found)
    for i, token in enumerate(found):
        if token.kind != "word":
            continue
        for phrase, senses in index.get(token.key, ()):
            if keys[i : i + len(phrase)] == phrase:
                for code, meant in senses.items():
                    little = code != "en" and all(sense.role in _LITTLE for sense in meant)
                    weight = len(phrase) * (0.5 if little else 1.0)
                    places = weights.setdefault(code, {})
                    for place in range(i, i + len(phrase)):
                        places[place] = max(places.get(place, 0.0), weight)
        if not token.spelling.isascii():
            # An accent tells: "à" is French, "a" may be anything.
            for code in _accented().get(token.spelling, ()):
                places = weights.setdefault(code, {})
                places[i] = places.get(i, 0.0) + 1.0
        if token.key not in index and len(token.key) > 5:
            for code, language in languages().items():
                if language.joins_words and language.base == code and pieces(token.key, code):
                    weights.setdefault(code, {})[i] = 1.0
    return {code: sum(places.values()) for code, places in weights.items() if code != ANY}


def match(keys: tuple[str, ...], at: int, chain: tuple[str, ...]) -> Match | None:
    """Return the longest phrase that starts at a token, in the first language of the chain that knows it."""
    if (entry := _phrases(chain).get(keys[at])) is None:
        return None
    lengths, phrases = entry
    for length in lengths:
        found = phrases.get(keys[at : at + length])
        if found is None or (found.length > 1 and not found.ahead and _cut(keys, at, found.length, chain)):
            continue
        after = match(keys, at + found.length, chain) if found.half and at + found.length < len(keys) else None
        if after is None or not after.sense("about"):  # "60 en Malí y medio centenar": the half is of what follows
            return found
    return None


def _cut(keys: tuple[str, ...], at: int, length: int, chain: tuple[str, ...]) -> bool:
    """Tell whether a phrase that stands behind its number runs into one that stands before the next.

    "20,000 and more" is said of the 20,000; in "20,000 came and more than 9,000 went" the more is said of the 9,000.
    """
    later = ((k, match(keys, at + k, chain)) for k in range(1, length))
    return any(found is not None and k + found.length > length and not found.behind for k, found in later)


@lru_cache(maxsize=256)
def _phrases(chain: tuple[str, ...]) -> dict[str, tuple[tuple[int, ...], dict[tuple[str, ...], Match]]]:
    """Return the phrases of some languages by their first key: their lengths, longest first, and what each means."""
    found: dict[str, tuple[tuple[int, ...], dict[tuple[str, ...], Match]]] = {}
    for key, entries in _index().items():
        phrases: dict[tuple[str, ...], Match] = {}
        for phrase, senses in entries:
            if language := next((code for code in chain if code in senses), None):
                meant = senses[language]
                ahead, behind = (
                    any(s.role not in _BETWEEN and s.position != side for s in meant) for side in ("after", "before")
                )
                phrases[phrase] = Match(len(phrase), meant, ahead, behind, any(s.role == "half" for s in meant))
        if phrases:
            found[key] = tuple(sorted({len(phrase) for phrase in phrases}, reverse=True)), phrases
    return found


@lru_cache(maxsize=256)
def words(chain: tuple[str, ...]) -> frozenset[str]:
    """Return the words of which the phrases of some languages are made."""
    return frozenset(key for _, phrases in _phrases(chain).values() for phrase in phrases for key in phrase)


@lru_cache(maxsize=256)
def joining(chain: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of some languages that write a number as one word."""
    return tuple(code for code in chain if code != ANY and languages()[code].joins_words)


@lru_cache(maxsize=4096)
def pieces(word: str, language: str) -> tuple[str, ...] | None:
    """Return the number words that a joined word is made of, or None.

    >>> pieces("zweihundertdreizehn", "de")
    ('zweihundert', 'dreizehn')
    """
    if len(word) > 80:
        return None
    known = _joinable(language)
    longest = max(map(len, known), default=0)
    # ways[i]: how the word reads up to i, each step by its longest piece.
    ways: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for i in range(len(word)):
        so_far = ways[i]
        if so_far is not None:
            for j in range(i + 1, min(len(word), i + longest) + 1):
                if word[i:j] in known:
                    ways[j] = min(ways[j] or (*so_far, word[i:j]), (*so_far, word[i:j]), key=len)
    whole = ways[-1]
    return whole if whole and len(whole) > 1 else None


@cache
def _joinable(language: str) -> frozenset[str]:
    roles = {"number", "article", "multiplier", "plural", "about", "half"}
    return frozenset(
        phrase[0]
        for entries in _index().values()
        for phrase, senses in entries
        if len(phrase) == 1
        and any(s.role in roles or (s.role == "and" and len(phrase[0]) > 1) for s in senses.get(language, ()))
    )


_CYRILLIC_PAIRS = {"lj": "љ", "nj": "њ", "dž": "џ"}
_CYRILLIC = str.maketrans("abcčćdđefghijklmnoprsštuvzž", "абцчћдђефгхијклмнопрсштувзж")


def _in_cyrillic(phrase: str) -> str:
    """Return a Serbian phrase in its other alphabet."""
    for latin, cyrillic in _CYRILLIC_PAIRS.items():
        phrase = phrase.replace(latin, cyrillic)
    return phrase.translate(_CYRILLIC)


@cache
def units() -> frozenset[str]:
    """Return the units that the vocabulary has words for."""
    return frozenset(row["unit"] for row in _rows("units.csv"))
