"""A printed expression as words, numbers and marks, whatever characters its script has for them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple


class Token(NamedTuple):
    """A word, a number in digits, or a mark, with its place in the text.

    key: the form it is looked up by, a word folded. spelling: a word as it stands, in lower case.
    """

    kind: str  # word | digits | mark
    key: str
    start: int
    end: int
    spelling: str = ""


class _Characters(dict[int, int]):
    """One character for one: any digit, space, dash or quote in the form that the scanner expects."""

    def __missing__(self, code: int) -> int:
        character = chr(code)
        category = unicodedata.category(character)
        plain = character
        if category == "Nd":
            plain = str(unicodedata.digit(character))
        elif category in ("Zs", "Zl", "Zp") or character in "\t\n\r":
            plain = " "
        elif character in "‐‑‒–—―﹣－":
            plain = "–"
        elif character in "’‘ʼ‛´`′＇":
            plain = "'"
        elif character in "²％٪﹪＋，．／（）":
            plain = unicodedata.normalize("NFKC", character).replace("٪", "%")
        elif character == "،":
            plain = ","
        self[code] = ord(plain)
        return self[code]


_CHARACTERS = _Characters({ord("-"): ord("-")})
_INSIDE = "\u00ad\u0300-\u036f\u0640\u064b-\u0652\u0670\u200b-\u200f"
_SCANNER = re.compile(
    r"(?P<digits>[0-9]{1,3}(?: [0-9]{3})+(?:[.,٫][0-9]+)?(?![0-9])|[0-9]+(?:[.,'٬٫·][0-9]+)*)"
    r"|(?P<mark>\.\.\.|[<>]=|=>|\+/[-–]|[½⅓⅔¼¾⅕⅛]|[-–−%$€£<>≤≥⩽⩾≈≃≅~∼±+=()\[\]/;,…&])"
    rf"|(?P<word>k?m2(?!\w)|[^\W\d_][^\W\d_{_INSIDE}]*(?:[{_INSIDE}][^\W\d_{_INSIDE}]*)*)"
)
_ARABIC = str.maketrans("ةىٱ", "هيا", "ـ\u00ad\u200b\u200c\u200d\u200e\u200f")
_PLAIN = str.maketrans({"ı": "i", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ł": "l", "ə": "e", "ð": "d"})


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """Return a word without case, accents and variants of spelling, as the vocabulary is looked up.

    >>> fold("Über"), fold("Između"), fold("أكثر")
    ('uber', 'izmedu', 'اكثر')
    """
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_PLAIN))
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_ARABIC)


@lru_cache(maxsize=8192)
def _spelled(word: str) -> tuple[str, str]:
    return fold(word), word.casefold()


_token = tuple.__new__
"""Makes a Token of its five fields, at a third of the cost of naming it: every word of a text becomes one."""


def tokens(text: str) -> list[Token]:
    """Return the words, numbers and marks of a text; a hyphen inside a word is no mark.

    >>> [token.key for token in tokens("Thirty-two to 2,926 (±5%)")]
    ['thirty', 'two', 'to', '2,926', '(', '±', '5', '%', ')']
    """
    plain = text.translate(_CHARACTERS)
    found = []
    for match in _SCANNER.finditer(plain):
        kind, (start, end) = str(match.lastgroup), match.span()
        key = spelling = match[0]
        if kind == "word":
            key, spelling = _spelled(key)
        elif key == "-":
            if plain[start - 1 : start].isalpha() or plain[end : end + 1].isalpha():
                continue
            key = "–"
        elif key.startswith("+/"):
            key = "±"
        found.append(_token(Token, (kind, key, start, end, spelling)))
    return found


def scripts(text: str) -> set[str]:
    """Return the scripts (ARABIC, CYRILLIC) that occur in a text beside the Latin one."""
    return {
        script
        for character in set(text)
        if character > "\u02ff"
        for script in ("ARABIC", "CYRILLIC")
        if unicodedata.name(character, "").startswith(script)
    }
