"""Find and classify every number of a text: quantities, and what only looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ffstats import lexicon
from ffstats.annotate import words
from ffstats.digits import Undecided, decode
from ffstats.estimate import Estimate
from ffstats.lexicon import Language, Token
from ffstats.phrases import statements

KINDS = (
    "quantity", "date", "duration", "age", "reference", "footnote", "ordinal", "document", "identifier", "money",
    "vague", "other",
)  # fmt: skip
COUNTING = ("quantity", "duration", "age", "money")
"""The kinds that state a value which a ledger could hold."""

_UNITS = {"years": "duration", "months": "duration", "weeks": "duration", "days": "duration", "hours": "duration"}
_UNITS |= {"minutes": "duration", "usd_million": "money"}
_OPEN = ("skip", "quantity", "age")  # patterns that only say how to read what stands there
_LEAD = 5  # tokens before a number that can still belong to it
_REACH = 14  # tokens behind it
_JOINT = 5  # tokens from one number to another with which it may be one
_MASK = "\x1f"
_CURRENCY = re.compile(r"[$€£¥]\s?$|\b(?:US|EUR|USD|GBP|CHF)\s?[$€£]?\s?$")
_CURRENCY_AFTER = re.compile(
    r"\s?(?:(?:million|billion|thousand|m|bn|millions?|Millionen|Mrd[.]?|Mio[.]?|millones|milliards?)\b\s?(?:de\s|d['’])?)?"
    r"(?:[€£$¥]|(?:euros?|Euro|dollars?|Dollar|dólares|pounds?|livres|francs?|Franken|roubles?|yen)\b)"
)
_TIME_AFTER = re.compile(r"\s?(?:minutes?|seconds?|Minuten|Sekunden|secondes?|minutos?|segundos?)\b")
_LISTED = re.compile(r"^[ \t]*(?:[-*•][ \t]+)?(?P<mark>[0-9]{1,3}[.)]?)[ \t]+\S", re.MULTILINE)
_SENTENCE = re.compile(
    r"(?<=[.!?…;])[\"'”’»)\]\x1f]{0,3}\s+(?=[\"'“‘«(\[]{0,2}[^\W_a-zà-ÿ])|\n[ \t]*\n(?![ \t\n]*[a-zà-ÿ])|\n(?=[ \t]*(?:[-*•#|]|[0-9]{1,3}[.)][ \t]))"
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Mention:
    """A number in a text.

    start, end: indices of the text's characters, as Python counts them. kind: one of KINDS. estimate: what it
    states, None where it states nothing or cannot be read (then `error` says why). exemption: the class of
    numerals that it belongs to if it counts nothing. sentence: the start and end of the sentence it stands in.
    """

    start: int
    end: int
    text: str
    kind: str
    estimate: Estimate | None = None
    error: str = ""
    exemption: str = ""
    sentence: tuple[int, int] = (0, 0)
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a text: the mentions in order, and the text's sentences and paragraphs as places."""

    text: str
    mentions: tuple[Mention, ...]
    sentences: tuple[tuple[int, int], ...]
    paragraphs: tuple[int, ...]


def find(text: str, notes: Sequence[tuple[int, int]] = (), language: str | None = None) -> Found:
    """Return every number of a text with its kind and reading.

    Parameters: notes, places that the reader of the file knows to be note marks or page numbers; language, of
    the whole text (en, fr, de, es), else each paragraph's is told by its words.

    >>> [(m.text, m.kind) for m in find("In 2019 at least 400 left (see p. 12).").mentions]
    [('2019', 'date'), ('at least 400', 'quantity'), ('p. 12', 'reference')]
    """
    marked = list(_marked(text, notes))
    masked = _masked(text, marked)
    sentences = tuple(_sentences(masked))
    found = [m for m in marked if m.kind not in _OPEN]
    ages = sorted((m.start, m.end) for m in marked if m.kind == "age")
    starts = [0, *(m.end() for m in _PARAGRAPH.finditer(masked))]
    tongue, at, spoken = language or words.language(text), 0, ""
    spoken = tongue
    for start, end in sentences:
        while language is None and at < len(starts) and starts[at] <= start:
            stop = starts[at + 1] if at + 1 < len(starts) else len(text)
            spoken = words.language(text[starts[at] : stop], tongue)
            at += 1
        found += _quantities(text, masked[start:end], start, (start, end), spoken)
    found.sort(key=lambda m: (m.start, m.end))
    return Found(text, tuple(_placed(found, sentences, ages)), sentences, tuple(starts))


def _marked(text: str, notes: Sequence[tuple[int, int]]) -> Iterator[Mention]:
    """Yield what the patterns take, in no order; what one has taken another does not take again."""
    taken = bytearray(len(text))

    def take(start: int, end: int) -> bool:
        if start == end or any(taken[start:end]):
            return False
        taken[start:end] = b"\x01" * (end - start)
        return True

    for start, end in notes:
        if take(start, end):
            yield Mention(start, end, text[start:end], "footnote", exemption="note_marks")
    for start, end in _lists(text):
        if take(start, end):
            yield Mention(start, end, text[start:end], "footnote", exemption="note_marks")
    zones = list(_zones(text))
    for pattern in words.expressions():
        named = "span" in pattern.expression.groupindex
        for first, last in zones if pattern.digits else ((0, len(text)),):
            for match in pattern.expression.finditer(text, first, last):
                start, end = match.span("span") if named and match["span"] else match.span()
                if take(start, end):
                    yield Mention(start, end, text[start:end], pattern.kind, exemption=pattern.exemption)


_DIGITS = re.compile(r"[0-9¹²³⁰⁴-⁹]")
_MARGIN = 60  # characters about a digit in which what it is is said


def _zones(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches about the digits of a text, each beginning and ending at a space."""
    first, last = 0, -1
    for match in _DIGITS.finditer(text):
        at = match.start()
        if at <= last - _MARGIN:
            continue
        start = max(text.rfind(" ", 0, max(0, at - _MARGIN)), 0)
        if start > last >= 0:
            yield first, last
            first = start
        elif last < 0:
            first = start
        stop = text.find(" ", at + 2 * _MARGIN)
        last = len(text) if stop < 0 else stop
    if last >= 0:
        yield first, last


def _lists(text: str) -> Iterator[tuple[int, int]]:
    """Yield the numbers before the lines of a list or the notes: those whose neighbours count on."""
    marks = [(m.span("mark"), int(m["mark"].rstrip(".)"))) for m in _LISTED.finditer(text)]
    for i, (span, number) in enumerate(marks):
        before = i > 0 and marks[i - 1][1] == number - 1
        after = i + 1 < len(marks) and marks[i + 1][1] == number + 1
        if before or after:
            yield span


def _masked(text: str, marked: Sequence[Mention]) -> str:
    """Return the text with what is no free quantity blanked out, character for character."""
    parts, at = [], 0
    for m in sorted(marked, key=lambda m: m.start):
        if m.kind in ("quantity", "age"):
            continue
        parts += [text[at : m.start], (" " if m.kind in ("footnote", "skip") else _MASK) * (m.end - m.start)]
        at = m.end
    return "".join([*parts, text[at:]])


def _sentences(masked: str) -> Iterator[tuple[int, int]]:
    at = 0
    for match in _SENTENCE.finditer(masked):
        yield at, match.start()
        at = match.end()
    yield at, len(masked)


_SPOT = re.compile(r"[^\W\d_]+|[½⅓⅔¼¾⅕⅛]")
_DIGIT = re.compile(r"\d")


def _candidate(word: str, known: frozenset[str], stems: tuple[str, ...]) -> bool:
    """Tell whether a word may be one of a quantity in words."""
    word = lexicon.fold(word)
    return word in known or word in "½⅓⅔¼¾⅕⅛" or _joined(word, stems)


def _joined(word: str, stems: tuple[str, ...]) -> bool:
    """Tell whether a word is a number written in one, as German does."""
    return bool(stems) and len(word) > 6 and word.startswith(stems) and lexicon.pieces(word, "de") is not None


def _quantities(text: str, masked: str, offset: int, sentence: tuple[int, int], code: str) -> Iterator[Mention]:
    known, stems = words.quantity_words(code), tuple(words.stems_of_numbers(code))
    starts, parts = words.active_words(code)
    for part in _clauses(masked):
        clause = masked[part[0] : part[1]]
        if not _DIGIT.search(clause) and not any(_candidate(w, known, stems) for w in _SPOT.findall(clause)):
            continue
        tokens = lexicon.tokens(clause)
        keys = tuple(t.key for t in tokens)
        spots = [
            i for i, t in enumerate(tokens)
            if t.kind == "digits" or (words.states(keys, i, code) if t.key in starts else _joined(t.key, stems))
        ]  # fmt: skip
        for first, last in _windows(tokens, spots, parts):
            window = tokens[first:last]
            for m in _read(text, window, offset + part[0], code, starts):
                yield replace(m, sentence=sentence, language=code)


_STOP = re.compile(r"[;:\x1f]|\.(?=\s|$)|,(?=\s)(?!\s?(?:but|and|mais|aber|pero)\s(?:no more|at most))|[“”«»](?=\s)|[–—](?=\s)")


def _clauses(masked: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the stretches that a quantity and its words cannot cross."""
    at = 0
    for match in _STOP.finditer(masked):
        if match.start() > at:
            yield at, match.start()
        at = match.end()
    if at < len(masked):
        yield at, len(masked)


def _windows(
    tokens: Sequence[Token], spots: Sequence[int], active: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """Yield the stretches of tokens that can say something of a number, or of several that may be one."""
    at = 0
    while at < len(spots):
        upto = at
        while upto + 1 < len(spots) and spots[upto + 1] - spots[upto] <= _JOINT:
            upto += 1
        # What stands closely before the next number is that one's.
        following = spots[upto + 1] - _LEAD + 1 if upto + 1 < len(spots) else len(tokens)
        first = max(spots[at] - _LEAD, spots[at - 1] + 1 if at else 0)
        last = max(min(following, spots[upto] + _REACH), spots[upto] + 1)
        while last > spots[upto] + 1 and tokens[last - 1].key not in active:
            last -= 1
        yield first, last
        at = upto + 1


def _read(
    text: str, window: Sequence[Token], offset: int, code: str, starts: frozenset[str]
) -> Iterator[Mention]:
    """Read the quantities of a window; where two that do not belong together were joined, each by itself.

    starts: the words without which a number states itself and no more.
    """
    marks = lexicon.languages()[code]
    active = [i for i, t in enumerate(window) if t.kind == "digits" or t.key in starts]
    if len(active) == 1 and window[active[0]].kind == "digits":
        found = [_plain(window, active[0], marks)]
    else:
        found = _said(window, marks)
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


def _placed(
    found: Sequence[Mention], sentences: Sequence[tuple[int, int]], ages: Sequence[tuple[int, int]]
) -> Iterator[Mention]:
    """Give each mention its sentence, and ages their kind; drop what lies inside another."""
    at, end, old = 0, -1, 0
    for m in found:
        while old < len(ages) and ages[old][1] <= m.start:
            old += 1
        if old < len(ages) and ages[old][0] < m.end and m.kind in ("quantity", "duration"):
            m = replace(m, kind="age")
        while at + 1 < len(sentences) and sentences[at + 1][0] <= m.start:
            at += 1
        if m.start >= end:
            end = m.end
            yield replace(m, sentence=sentences[at])
