"""Find and classify every number of a text: quantities, and what only looks like one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ffstats.annotate import words
from ffstats.annotate.mention import COUNTING, KINDS, Mention
from ffstats.annotate.quantities import MASK, quantities

_OPEN = ("skip", "quantity", "age")  # patterns that only say how to read what stands there
_LISTED = re.compile(r"^[ \t]{0,40}(?:[-*•][ \t]{1,8})?(?P<mark>[0-9]{1,3}[.)]?)[ \t]{1,8}\S", re.MULTILINE)
_SENTENCE = re.compile(
    r"(?<=[^\W\d_]{4}[.!?])\s+(?=\x1f{3})|"
    r"(?<=[.!?…])(?<!\b[A-Z]\.)(?<!\b(?:Mr|Dr|St|Lt)\.)(?<!\bGen\.)[\"'”’»)\]]{0,3}\x1f{0,60}[\"'”’»)\]]{0,3}\s+(?=[\"'“‘«(\[]{0,2}[^\W_a-zà-ÿ])|\n[ \t]{0,40}\n(?![ \t\n]{0,40}[a-zà-ÿ])|\n(?=[ \t]{0,40}(?:[-*•#|]|[0-9]{1,3}[.)][ \t]))"
)
_ITEM = re.compile(r"^[ \t]{0,40}[-*•][ \t][^\n]{0,1000}(\n)(?=[^\s_a-zà-ÿ])", re.MULTILINE)
"""A line of a list, where what follows it is no part of it."""
_LONGEST = 1_000  # characters of a sentence
_BEFORE_A_WORD = re.compile(r"\s+(?=[^\W\d_])")
_PARAGRAPH = re.compile(r"\n[ \t]{0,40}\n\s*")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a text: the mentions in order, its sentences, where paragraphs begin, sentences' languages."""

    text: str
    mentions: tuple[Mention, ...]
    sentences: tuple[tuple[int, int], ...]
    paragraphs: tuple[int, ...]
    languages: tuple[str, ...]


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
    tongues: list[str] = []
    for start, end in sentences:
        while language is None and at < len(starts) and starts[at] <= start:
            stop = starts[at + 1] if at + 1 < len(starts) else len(text)
            spoken = words.language(text[starts[at] : stop], tongue)
            at += 1
        tongues.append(spoken)
        found += quantities(text, masked[start:end], start, spoken)
    found.sort(key=lambda m: (m.start, m.end))
    return Found(text, tuple(_placed(found, sentences, ages)), sentences, tuple(starts), tuple(tongues))


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
_MARGIN = 40  # characters about a digit in which what it is is said


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
        stop = text.find(" ", at + _MARGIN)
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
        parts += [text[at : m.start], (" " if m.kind == "skip" else MASK) * (m.end - m.start)]
        at = m.end
    return "".join([*parts, text[at:]])


def _sentences(masked: str) -> Iterator[tuple[int, int]]:
    at = 0
    ends = {m.span(1) for m in _ITEM.finditer(masked)} | {m.span() for m in _SENTENCE.finditer(masked)}
    for start, end in sorted(ends):
        if start >= at:
            yield from _parts(masked, at, start)
            at = end
    yield from _parts(masked, at, len(masked))


def _parts(masked: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut what has no full stop, as the rows of a table, before a word: every number looks at all of its sentence."""
    while end - start > _LONGEST:
        gaps = [m.end() for m in _BEFORE_A_WORD.finditer(masked, start + _LONGEST // 2, start + _LONGEST)]
        cut = gaps[-1] if gaps else start + _LONGEST
        yield start, cut
        start = cut
    yield start, end


def _placed(
    found: Sequence[Mention], sentences: Sequence[tuple[int, int]], ages: Sequence[tuple[int, int]]
) -> Iterator[Mention]:
    """Give each mention its sentence, and ages their kind; drop what lies inside another."""
    at, end, old = 0, -1, 0
    for m in found:
        while old < len(ages) and ages[old][1] <= m.start:
            old += 1
        aged = old < len(ages) and ages[old][0] < m.end and m.kind in ("quantity", "duration")
        while at + 1 < len(sentences) and sentences[at + 1][0] <= m.start:
            at += 1
        if m.start >= end:
            end = m.end
            kind = "age" if aged else m.kind
            yield Mention(m.start, m.end, m.text, kind, m.estimate, m.error, m.exemption, sentences[at])


__all__ = ["COUNTING", "KINDS", "Found", "Mention", "find"]
