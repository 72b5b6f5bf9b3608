"""Numbers in any text → the ledger: find every number, say what it is, and link it to claims and estimates."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ffstats.annotate.clauses import contexts
from ffstats.annotate.context import Context
from ffstats.annotate.corroborated import settled
from ffstats.annotate.match import link
from ffstats.annotate.mentions import COUNTING, Mention, find
from ffstats.annotate.reasons import STATUSES, Link


@dataclass(frozen=True, slots=True)
class Annotation:
    """One number of a text: the mention, what stands around it, and what the ledger says of it."""

    mention: Mention
    context: Context
    link: Link

    def as_dict(self) -> dict[str, Any]:
        """Return the annotation as `ffstats annotate --json` prints it.

        start and end count characters of the text as read, from 0, the end not included. low, high, bound and
        unit are null where nothing is counted. exempt is the class of exemption, or null.
        """
        m, e = self.mention, self.mention.estimate if self.mention.kind in (*COUNTING, "vague") else None
        return {
            "start": m.start, "end": m.end, "text": m.text, "kind": m.kind,
            "low": e.low if e else None, "high": e.high if e else None,
            "bound": e.bound if e else None, "unit": e.unit if e else None,
            "claim_ids": list(self.link.claim_ids), "estimate_ids": list(self.link.estimate_ids),
            "status": self.link.status, "reason": self.link.reason,
            "exempt": (m.exemption or m.kind) if self.link.status == "exempt" else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Annotated:
    """A text with its annotations, in order of place."""

    text: str
    annotations: tuple[Annotation, ...]

    def as_list(self) -> list[dict[str, Any]]:
        """Return the annotations as plain values."""
        return [a.as_dict() for a in self.annotations]

    def coverage(self) -> dict[str, int]:
        """Count the numbers found, covered, exempt and uncovered; the last three make up the first."""
        counts = Counter(a.link.status for a in self.annotations)
        covered = counts["covered"] + counts["covered, differs"]
        found = len(self.annotations)
        return {
            "found": found, "covered": covered, "exempt": counts["exempt"],
            "uncovered": found - covered - counts["exempt"],
        }  # fmt: skip


def annotate(text: str, notes: Sequence[tuple[int, int]] = (), language: str | None = None) -> Annotated:
    """Find every number of a text and link it to the ledger.

    Parameters: notes, places known to be note marks or page numbers; language, of the whole text (en, fr, de,
    es), else each paragraph's is told by its words.

    >>> found = annotate("Turkey saw 900 return from the Islamic State in Syria in 2017.")
    >>> [(a.mention.text, a.link.status, a.link.claim_ids) for a in found.annotations]
    [('900', 'covered', ('c076',)), ('2017', 'exempt', ())]
    """
    with _uncollected():
        found = find(text, notes, language)
        around = contexts(found)
        links = settled(found, around, [link(m, c) for m, c in zip(found.mentions, around, strict=True)])
        return Annotated(text, tuple(map(Annotation, found.mentions, around, links)))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles: none are made here, and it would walk again and again over all that is found.

    That takes a sixth of the time on a long text. What is no longer used is freed as ever.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


__all__ = ["STATUSES", "Annotated", "Annotation", "annotate"]
