"""Annotate a file from end to end: read it, hold its numbers against the ledger, summarise, write the page."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from ffstats.annotate import STATUSES, Annotated, annotate
from ffstats.annotate import page as pages
from ffstats.annotate.readers import read
from ffstats.annotate.words import LANGUAGES
from ffstats.errors import ChoiceError, DocumentError
from ffstats.files import put


def annotate_file(source: str | Path, language: str | None = None) -> Annotated:
    """Read a file, or - for standard input, and annotate its text.

    Raises: DocumentError for a file that cannot be read; ChoiceError for a language that is not read here.
    """
    if language is not None and language not in LANGUAGES:
        raise ChoiceError(f"There is no language {language!r} here. The languages are {', '.join(LANGUAGES)}.")
    document = read(source)
    return annotate(document.text, document.notes, language)


def write_page(found: Annotated, out: Path, title: str) -> None:
    """Write the page of an annotated text.

    Raises: DocumentError where it cannot be written.
    """
    try:
        put(out, pages.html(found, title).encode("utf-8"))
    except OSError as error:
        raise DocumentError(f"{out}: the page cannot be written: {error.strerror or error}.") from None


def summary(found: Annotated) -> str:
    """Return what the terminal shows: the coverage, the statuses, and every number that counts something.

    >>> print(summary(annotate("Naples drew 40,000 in 2017.")))
    ? 40,000  not in the ledger (line 1)
      The words around it are not about these fighters.
    2 numbers found: 0 covered, 1 exempt, 1 uncovered.
      ? not in the ledger 1
      · exempt 1
    """
    lines, line, at = [], 1, 0
    for a in found.annotations:
        line, at = line + found.text.count("\n", at, a.mention.start), a.mention.start
        if a.link.status != "exempt":
            ids = (*a.link.claim_ids, *a.link.estimate_ids)
            shown = " ".join(ids[:2]) + (" …" if len(ids) > 2 else "")
            words = " ".join(a.mention.text.split())
            parts = [f"{pages.SIGNS[a.link.status]} {_plain(words)}", a.link.status, shown]
            lines += [f"{'  '.join(filter(None, parts))} (line {line})", f"  {a.link.reason}"]
    counts = Counter(a.link.status for a in found.annotations)
    lines.append(pages.coverage_line(found))
    lines += [f"  {pages.SIGNS[status]} {status} {counts[status]:,}" for status in STATUSES if counts[status]]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """Return text without the characters that would steer a terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)
