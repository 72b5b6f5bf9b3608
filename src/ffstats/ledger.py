"""The ledger: the verdicts on every number of the three texts, and the whole chain behind each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import paths
from ffstats.errors import ChoiceError
from ffstats.judging import agreement, collated, entries, pairs, reasons
from ffstats.judging.collated import Cell
from ffstats.judging.entries import TEXTS, Claim
from ffstats.judging.pairs import Coincidence, Link
from ffstats.judging.verdicts import HEADLINES, Verdict, evidence_dict, judge

if TYPE_CHECKING:
    from rich.table import Table


def local_evidence() -> Path:
    """Return the file that a reviewer's own evidence is kept in unless another is named."""
    return paths.work_dir() / ".ffstats" / "evidence.csv"


def check(text: str | None = None, evidence_files: Iterable[Path] = ()) -> list[Verdict]:
    """Return the verdict on every claim, or on those of one text, worst first.

    Parameters: text, one of article, news, wapo, or None for all; evidence_files, a reviewer's own evidence.
    Raises: ChoiceError for another text; RawDataError with every row that cannot be read.

    >>> {verdict.verdict for verdict in check("wapo")} <= set(HEADLINES)
    True
    """
    if text is not None and text not in TEXTS:
        raise ChoiceError(f"There is no text {text!r}. The texts are {', '.join(TEXTS)}.")
    ledger = entries.load(evidence_files)
    verdicts = [judge(ledger, c) for c in ledger.claims.values() if text in (None, c.text)]
    return sorted(verdicts, key=lambda v: v.rank)


def check_json(text: str | None = None, evidence_files: Iterable[Path] = ()) -> list[dict[str, Any]]:
    """Return what `check` returns, as the plain values that `ffstats check --json` prints."""
    return [verdict.as_dict() for verdict in check(text, evidence_files)]


def summary(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Count the verdicts by headline, worst first; every headline is there.

    >>> sum(summary(check()).values()) == len(check())
    True
    """
    counts = Counter(v.verdict for v in verdicts)
    return {headline: counts[headline] for headline in HEADLINES}


def table(verdicts: Sequence[Verdict]) -> Table:
    """Return the verdicts as a table for the terminal, worst first, with a summary below."""
    from rich.table import Table as RichTable

    counts = ", ".join(f"{n} {h.replace('_', ' ')}" for h, n in summary(verdicts).items() if n)
    shown = RichTable(caption=f"{len(verdicts)} claims: {counts}", caption_justify="left", show_lines=False)
    for column, width in (("claim", 5), ("text", 7), ("printed", 20), ("verdict", 11), ("flags", 11)):
        shown.add_column(column, max_width=width, vertical="top")
    shown.add_column("why", ratio=1)
    for v in verdicts:
        shown.add_row(
            v.claim_id,
            v.claim.text,
            v.claim.printed,
            v.verdict.replace("_", " "),
            " ".join(v.flags),
            short(v.reason),
        )
    return shown


def short(reason: str, width: int = 110) -> str:
    """Return the first clauses of a reason, as many as fit a line; `explain` has them all.

    >>> short("UN gives at least 40,000; its lower bound is printed as a plain figure.", 30)
    'UN gives at least 40,000 …'
    """
    clauses = reason.split("; ")
    kept = clauses[0]
    for clause in clauses[1:]:
        if len(kept) + len(clause) + 2 > width:
            return f"{kept} …"
        kept += f"; {clause}"
    return kept


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole chain of one number: where printed, what it counts, what was seen, the verdict, its relations."""

    verdict: Verdict
    links: tuple[Link, ...]
    coincidences: tuple[Coincidence, ...]
    related: tuple[Claim, ...]
    exhibits: tuple[str, ...]
    cells: tuple[Cell, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the chain as plain values; it holds all that `Verdict.as_dict` does."""
        v = self.verdict
        d = v.claim.definition
        return v.as_dict() | {
            "where": v.claim.where, "paraphrase": v.claim.paraphrase, "comment": v.claim.comment,
            "counts": {f: getattr(d, f) for f in ("group", "who", "status", "origin", "place", "basis")},
            "as_of": "/".join(filter(None, (v.claim.as_of, v.claim.as_of_end))),
            "cited_source": v.claim.cited_source, "settle": v.settle,
            "decides": evidence_dict(v.best, True) if v.best else None,
            "witnesses": len(v.witnesses), "observations": v.observations,
            "cells": [cell.as_dict() for cell in self.cells],
            "related": [{"claim_id": c.claim_id, "text": c.text, "printed": c.printed} for c in self.related],
            "links": [str(link) for link in self.links],
            "same_numeral": [
                {"claim_id": _other(c, v.claim_id), "facets": list(c.facets), "trivial": c.trivial}
                for c in self.coincidences
            ],
            "exhibits": list(self.exhibits),
        }  # fmt: skip

    def __str__(self) -> str:
        v, claim = self.verdict, self.verdict.claim
        d = claim.definition
        stated = [(f, getattr(d, f)) for f in agreement.PEOPLE]
        count = ", ".join(f"{f} {reasons.title(f, value)}" for f, value in stated if value)
        dated = " to ".join(filter(None, (claim.as_of, claim.as_of_end)))
        lines = [
            f"{claim.claim_id}  {claim.printed}  →  {claim.estimate}",
            f"Printed   {claim.where}",
            f"Counts    {claim.paraphrase} ({count}{', ' + dated if dated else ''})",
            f"Cites     {claim.cited_source or 'nothing'}",
            f"Verdict   {v.headline.replace('_', ' ')}",
            f"Why       {v.reason}",
            f"Seen      {_plural(len(v.witnesses), 'witness', 'witnesses')}, {_plural(v.observations, 'observation')}",
        ]
        lines += [f"  {reasons.piece(e, e is v.best)}" for e in v.seen]
        lines += [f"Collated  {cell}" for cell in self.cells]
        if claim.comment:
            lines.append(f"Note      {claim.comment}")
        lines += [f"Related   {c.claim_id} ({c.text}) {c.printed}: {c.paraphrase}" for c in self.related]
        lines += [f"Texts     {link}" for link in self.links]
        lines += [f"Same      {c}" for c in self.coincidences]
        lines += [f"Exhibit   {name}" for name in self.exhibits]
        return "\n".join(lines)


def explain(claim_id: str, evidence_files: Iterable[Path] = (), exhibits: Iterable[str] = ()) -> Explanation:
    """Return the whole chain for one number.

    Parameters: claim_id; evidence_files, a reviewer's own evidence; exhibits, ids of figures and tables that use it.
    Raises: ClaimError, which lists the ids that come close.

    >>> explain("c051").verdict.flags
    ('population', 'bound')
    """
    ledger = entries.load(evidence_files)
    claim = ledger.claim(claim_id)
    names = (claim.restates, claim.part_of, *claim.relates_to)
    verdict = judge(ledger, claim)
    return Explanation(
        verdict,
        tuple(link for link in pairs.links(ledger) if claim_id in (link.claim_id, link.other_id)),
        tuple(c for c in pairs.same_numeral(ledger) if claim_id in (c.claim_id, c.other_id)),
        tuple(ledger.claims[i] for i in dict.fromkeys(filter(None, names))),
        tuple(exhibits),
        collated.cells(verdict.seen),
    )


def _other(c: Coincidence, claim_id: str) -> str:
    return c.other_id if c.claim_id == claim_id else c.claim_id


def _plural(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
