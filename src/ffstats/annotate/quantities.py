"""The quantities of a sentence: windows of words about its numbers, read by the reader of printed estimates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ffstats.annotate import words
from ffstats.annotate.mention import Mention
from ffstats.estimate import Estimate
from ffstats.grammar import lexicon, scanner
from ffstats.grammar.digits import Undecided, decode
from ffstats.grammar.lexicon import Language
from ffstats.grammar.phrases import statements
from ffstats.grammar.scanner import Token

MASK = "\x1f"
"""What stands in place of what is no quantity: nothing is read across it."""

_UNITS = {"years": "duration", "months": "duration", "weeks": "duration", "days": "duration", "hours": "duration"}
_UNITS |= {"minutes": "duration", "usd_million": "money"}
_LEAD = 5  # tokens before a number that can still belong to it
_REACH = 14  # tokens behind it
_AND = ("and", "et", "und", "y")
_JOINT = 5  # tokens from one number to another with which it may be one
_CURRENCY = re.compile(r"[$€£¥]\s?$|\b(?:US|EUR|USD|GBP|CHF)\s?[$€£]?\s?$")
_CURRENCY_AFTER = re.compile(
    r"\s?(?:(?:million|billion|thousand|m|bn|millions?|Millionen|Mrd[.]?|Mio[.]?|millones|milliards?)\b\s?)?(?:de\s|d['’])?"
    r"(?:[€£$¥]|(?:euros?|Euro|dollars?|Dollar|dólares|pounds?|livres|francs?|Franken|roubles?|yen)\b)"
)
_TIME_AFTER = re.compile(r"\s?(?:minutes?|seconds?|Minuten|Sekunden|secondes?|minutos?|segundos?)\b")

_QUALIFIER = (
    "more than|at least|up to|about|some|nearly|almost|around|over|fewer than|less than|as many as|another|only|"
    "mehr als|mindestens|bis zu|etwa|rund|fast|knapp|plus de|au moins|jusqu'à|près de|environ|más de|al menos|hasta|"
    "unos|casi"
)
_OPENER = re.compile(r"\b(?:between|from|zwischen|von|entre|de|desde)\b[^,;:]{0,40}$", re.IGNORECASE)
_STOP = re.compile(
    rf"[;:|{MASK}]|\.(?=\s|$)|,(?=\s)(?!\s?(?:but|and|mais|aber|pero)\s(?:no more|at most))|\s(?:and|und|et|y)(?=\s(?:{_QUALIFIER})\s)|[“”«»\"](?=\s)|[–—](?=\s)"
)
_SPOT = re.compile(r"[^\W\d_]+|[½⅓⅔¼¾⅕⅛]")
_DIGIT = re.compile(r"\d")


def _candidate(word: str, known: frozenset[str], stems: tuple[str, ...]) -> bool:
    """Tell whether a word may be one of a quantity in words."""
    word = scanner.fold(word)
    return word in known or word in "½⅓⅔¼¾⅕⅛" or _joined(word, stems)


def _joined(word: str, stems: tuple[str, ...]) -> bool:
    """Tell whether a word is a number written in one, as German does."""
    return bool(stems) and len(word) > 6 and word.startswith(stems) and lexicon.pieces(word, "de") is not None


def quantities(text: str, masked: str, offset: int, code: str) -> Iterator[Mention]:
    """Yield the quantities of a sentence of a text, exact or vague, in order.

    Parameters: text, the whole; masked, the sentence with what is no quantity blanked out; offset, where it begins
    in the text; code, its language (en, fr, de, es).

    >>> [str(m.estimate) for m in quantities("Some 300 left, two stayed", "Some 300 left, two stayed", 0, "en")]
    ['about 300', '2']
    """
    known, stems = words.quantity_words(code), tuple(words.stems_of_numbers(code))
    starts, parts = words.active_words(code)
    for part in _clauses(masked):
        clause = masked[part[0] : part[1]]
        if not _DIGIT.search(clause) and not any(_candidate(w, known, stems) for w in _SPOT.findall(clause)):
            continue
        tokens = scanner.tokens(clause)
        keys = tuple([t.key for t in tokens])
        spots = [
            i for i, t in enumerate(tokens)
            if t.kind == "digits" or (words.states(keys, i, code) if t.key in starts else _joined(t.key, stems))
        ]  # fmt: skip
        for first, last in _windows(tokens, spots, parts):
            window = tokens[first:last]
            yield from _read(text, window, offset + part[0], code, starts)


def _clauses(masked: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the stretches that a quantity and its words cannot cross."""
    at = 0
    for match in _STOP.finditer(masked):
        if match.group().strip().isalpha() and _OPENER.search(masked, max(at, match.start() - 50), match.start()):
            continue  # "between about 200 and about 300"
        if match.start() > at:
            yield at, match.start()
        at = match.end()
    if at < len(masked):
        yield at, len(masked)


def _windows(tokens: Sequence[Token], spots: Sequence[int], active: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of tokens that can say something of a number, or of several that may be one."""
    at = 0
    while at < len(spots):
        upto = at
        while upto + 1 < len(spots) and spots[upto + 1] - spots[upto] <= _JOINT:
            upto += 1
        # What stands closely before the next number is that one's.
        following = spots[upto + 1] - _LEAD + 1 if upto + 1 < len(spots) else len(tokens)
        first = max(spots[at] - _LEAD, spots[at - 1] + 1 if at else 0)
        # "45 are probably dead and 110 …": what stands before the "and" is not said of what stands behind.
        first = next((k + 1 for k in range(spots[at] - 1, first - 1, -1) if tokens[k].key in _AND), first)
        last = max(min(following, spots[upto] + _REACH), spots[upto] + 1)
        while last > spots[upto] + 1 and tokens[last - 1].key not in active:
            last -= 1
        yield first, last
        at = upto + 1


def _read(text: str, window: Sequence[Token], offset: int, code: str, starts: frozenset[str]) -> Iterator[Mention]:
    """Read the quantities of a window; where two that do not belong together were joined, each by itself.

    starts: the words without which a number states itself and no more.
    """
    marks = lexicon.languages()[code]
    active = [i for i, t in enumerate(window) if t.kind == "digits" or t.key in starts]
    at = [i for i in active if window[i].kind == "digits"]
    found = [_plain(window, at[0], marks)] if len(at) == len(active) == 1 else _said(window, marks)
    for said in found:
        inside = window[said.first : said.last]
        digits = [i for i, t in enumerate(inside) if t.kind == "digits"]
        if said.error and len(digits) > 1:
            for n in range(len(digits)):
                start = digits[n - 1] + 1 if n else 0
                stop = digits[n + 1] if n + 1 < len(digits) else len(inside)
                for alone in _said(inside[start:stop], marks):
                    yield from _mention(text, inside[start:stop], alone, offset)
        else:
            yield from _mention(text, *_settled(window, said, marks), offset)


class _Said(NamedTuple):
    """One statement of the reader of printed text: its tokens, and what it states or why it states nothing."""

    first: int
    last: int
    estimate: Estimate | None
    error: str
    article: bool = False


def _said(window: Sequence[Token], marks: Language) -> list[_Said]:
    return [
        _Said(s.first, s.last, None if s.error else s.estimate, s.error, s.kind == "article" and s.whole is None)
        for s in statements(window, (marks.base, lexicon.ANY), marks)
    ]


def _plain(window: Sequence[Token], at: int, marks: Language) -> _Said:
    """Read a number that no word qualifies."""
    try:
        return _Said(at, at + 1, Estimate.exact(decode(window[at].key, marks, None, False)), "")
    except Undecided as undecided:
        return _Said(at, at + 1, None, undecided.reason)


def _settled(window: Sequence[Token], said: _Said, marks: Language) -> tuple[Sequence[Token], _Said]:
    """Read again without the first words where they make no sense with the rest ("up to more than 40,000")."""
    first = said.first
    while said.error and window[first].kind == "word" and first + 1 < said.last:
        first += 1
        again = _said(window[first : said.last], marks)
        if len(again) == 1 and not again[0].error:
            return window[first : said.last], again[0]
    return window, said


def _mention(text: str, window: Sequence[Token], said: _Said, offset: int) -> Iterator[Mention]:
    inside, estimate, error = window[said.first : said.last], said.estimate, said.error
    if said.article and (estimate is None or estimate.unit == "persons"):
        return
    start, end = offset + inside[0].start, offset + inside[-1].end
    spelled = not any(t.kind == "digits" for t in inside)
    kind, exemption = "quantity", ""
    money = _CURRENCY.search(text[max(0, start - 8) : start]) or _CURRENCY_AFTER.match(text, end)
    if estimate and estimate.bound == "vague":
        kind, exemption = "vague", "indefinite"
    elif estimate and estimate.unit in _UNITS:
        kind = _UNITS[estimate.unit]
    elif money or "currency" in error:
        kind = "money"
    elif _TIME_AFTER.match(text, end):
        kind = "duration"
    elif spelled and len(inside) == 1 and estimate and estimate.low == 1 == estimate.high:
        kind, exemption = "other", "one_of"
    if kind == "money" and estimate and estimate.unit != "usd_million":
        estimate, error = None, "its currency is not the US dollar; no rate of exchange is assumed"
    yield Mention(start, end, text[start:end], kind, estimate, error, exemption)
