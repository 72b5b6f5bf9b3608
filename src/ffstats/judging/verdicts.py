"""The verdict on a claim: the best evidence, a headline, flags, and one sentence that says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ffstats.judging import agreement, pairs, reasons
from ffstats.judging.agreement import Agreement, Dating
from ffstats.judging.entries import RELATIONS, SEEN, Claim, Evidence, Ledger

HEADLINES = ("differs", "not_found", "supported_secondary", "supported", "not_checked")
"""Worst first."""

FLAGS = ("value", "population", "bound", "vintage", "nesting", "attribution")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim set against one piece of evidence: the flags raised, those that count, and the remarks on them."""

    evidence: Evidence | None
    agreement: Agreement | None
    flags: tuple[str, ...]
    counts: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence says of one claim.

    verdict: one of HEADLINES; flags: of FLAGS; reason: one sentence; best: the evidence it rests on;
    seen: all evidence that bears on the claim; settle: the document and page that would settle it.
    """

    claim: Claim
    verdict: str
    flags: tuple[str, ...]
    reason: str
    best: Evidence | None
    seen: tuple[Evidence, ...] = field(repr=False, default=())
    dissent: tuple[Evidence, ...] = ()
    settle: str = ""

    @property
    def claim_id(self) -> str:
        return self.claim.claim_id

    @property
    def rank(self) -> tuple[int, int, str]:
        """Order verdicts worst first."""
        return HEADLINES.index(self.verdict), -len(self.flags), self.claim_id

    @property
    def headline(self) -> str:
        """Return the verdict with its flags, as one reads it."""
        return f"{self.verdict} [{', '.join(self.flags)}]" if self.flags else self.verdict

    @property
    def witnesses(self) -> tuple[Evidence, ...]:
        """Return what was seen of the claim's own figure; neighbours and copies of the text are not among it."""
        return tuple(e for e in self.seen if e.witnesses and e.relation != "neighbour" and e.printed)

    @property
    def observations(self) -> int:
        """Count the witnesses that are no repeats of one another."""
        ids = {e.evidence_id for e in self.witnesses}
        return sum(e.repeats not in ids for e in self.witnesses)

    def __str__(self) -> str:
        return f"{self.claim_id} {self.headline}: {self.reason}"

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as `ffstats check --json` prints it."""
        e = self.claim.estimate
        return {
            "claim_id": self.claim_id, "text": self.claim.text, "printed": self.claim.printed,
            "low": e.low, "high": e.high, "bound": e.bound, "unit": e.unit,
            "verdict": self.verdict, "flags": list(self.flags), "reason": self.reason,
            "evidence": [evidence_dict(piece, piece is self.best) for piece in self.seen],
        }  # fmt: skip


def evidence_dict(e: Evidence, decides: bool) -> dict[str, Any]:
    """Return a piece of evidence as JSON, and whether the verdict rests on it."""
    low, high = (e.estimate.low, e.estimate.high) if e.estimate else (None, None)
    return {
        "evidence_id": e.evidence_id, "relation": e.relation, "printed": e.printed, "low": low, "high": high,
        "producer": e.producer, "locator": e.locator, "seen_at": e.seen_at, "seen_kind": e.seen_kind,
        "as_of": e.as_of, "repeats": e.repeats, "reviewer": e.reviewer, "decides": decides,
    }  # fmt: skip


def judge(ledger: Ledger, claim: Claim) -> Verdict:
    """Work out the verdict on one claim.

    The best evidence is the cited document before others that count the same, the primary page before a reprint
    before press, an observation before its repeats, and among equals the one that agrees best. Neighbours never
    decide.

    >>> from ffstats.judging import entries
    >>> judge(entries.load(), entries.load().claim("c043")).flags
    ('value', 'population')
    """
    seen = ledger.evidence_for(claim)
    if not claim.numeric:
        return Verdict(claim, "not_checked", (), "The words hold no number to check.", None, seen)
    settle = ledger.root(claim).cited_source
    decisive = [e for e in seen if e.relation != "neighbour" and e.witnesses and _speaks(claim, e)]
    if not decisive:
        alone = _judged(ledger, claim, None, None, {}, {})
        same = [_other(c, claim) for c in pairs.of(claim, ledger) if not c.trivial]
        why = reasons.not_found(seen, alone.remarks, same, settle)
        return Verdict(claim, "not_found", alone.flags, why, None, seen, (), settle)
    compared = [_compare(ledger, claim, e, decisive, seen) for e in decisive]
    best = min(compared, key=lambda c: _preference(claim, c, decisive))
    e = best.evidence
    assert e is not None
    primary = e.seen_kind == "primary" and (e.relation == "cited" or not settle)
    headline = "differs" if best.counts else "supported" if primary else "supported_secondary"
    dissent = tuple(c.evidence for c in compared if c is not best and c.evidence and _dissents(c, best))
    others = _others(best, dissent, compared)
    why = reasons.seen(claim, e, best.agreement, best.remarks, others, headline, settle)
    return Verdict(claim, headline, best.flags, why, e, seen, dissent, settle)


def _other(c: pairs.Coincidence, claim: Claim) -> str:
    return c.other_id if c.claim_id == claim.claim_id else c.claim_id


def _dissents(c: Comparison, best: Comparison) -> bool:
    """Tell whether another piece speaks against the best: for the claim where that is against it, or the reverse."""
    if best.counts:
        return not c.counts
    return c.agreement is not None and (c.agreement.value == "differs" or c.agreement.bound == "reversed")


def _others(best: Comparison, dissent: Sequence[Evidence], compared: Sequence[Comparison]) -> list[str]:
    """Write what else was seen of the same figure: what speaks against the verdict, and further counts."""
    said = [f"{'for it' if best.counts else 'against it'}: {reasons.listed(dissent)}"] if dissent else []
    if best.counts:
        counts = [c.evidence for c in compared if c is not best and "value" in c.counts and c.evidence]
        pieces = [e for e in counts if not e.repeats][:3]
        said += [f"other counts: {reasons.listed(pieces)}"] if pieces else []
    return said


def _speaks(claim: Claim, e: Evidence) -> bool:
    """Tell whether a piece of evidence can decide: it has a number, or the claim is a length of time it dates."""
    if e.estimate is not None:
        return e.estimate.bound != "vague"
    return claim.estimate.unit in ("years", "months") and bool(e.as_of)


def _preference(claim: Claim, c: Comparison, decisive: Sequence[Evidence]) -> tuple[Any, ...]:
    e = c.evidence
    assert e is not None
    repeat = any(e.repeats == other.evidence_id for other in decisive)
    return (
        RELATIONS.index(e.relation), SEEN.index(e.seen_kind), repeat,
        len(c.counts), len(c.flags), _distance(claim, e), e.evidence_id,
    )  # fmt: skip


def _distance(claim: Claim, e: Evidence) -> float:
    """Return how far apart two numbers are, as a share; 0 where they overlap."""
    if e.estimate is None or e.estimate.overlaps(claim.estimate):
        return 0.0
    gaps = [
        abs(a - b) / max(abs(b), 1.0)
        for a in _ends(claim)
        for b in (e.estimate.low, e.estimate.high)
        if b is not None
    ]
    return min(gaps)


def _ends(claim: Claim) -> list[float]:
    return [end for end in (claim.estimate.low, claim.estimate.high) if end is not None]


def _compare(
    ledger: Ledger, claim: Claim, e: Evidence, decisive: Sequence[Evidence], seen: Sequence[Evidence]
) -> Comparison:
    """Compare a claim with one piece of evidence, facet by facet, then apply what people judged."""
    flags: dict[str, bool] = {}
    remarks: dict[str, str] = {}
    found = agreement.values(claim.estimate, e.estimate) if e.estimate else None
    if found and found.value in ("differs", "coarse"):
        flags["value"] = found.value == "differs"
    differences = [reasons.difference(d) for d in agreement.population(claim, e)]
    if found and found.value == "differs":
        differences += filter(None, [_elsewhere(claim, seen)])
    if differences:
        flags["population"], remarks["population"] = True, "; ".join(differences)
    if found and found.bound:
        flags["bound"] = agreement.misleads(found.bound, claim, e)
        remarks["bound"] = reasons.BOUNDS[found.bound]
    dated = _dated(claim, e, decisive)
    if dated and (dated.older or dated.later):
        flags["vintage"], remarks["vintage"] = dated.moved, reasons.dated(dated)
    return _judged(ledger, claim, e, found, flags, remarks)


def _judged(
    ledger: Ledger, claim: Claim, e: Evidence | None, found: Agreement | None,
    flags: dict[str, bool], remarks: dict[str, str],
) -> Comparison:  # fmt: skip
    """Add nesting and the judgements; a person's reason stands in place of the remark worked out."""
    whole = ledger.claims.get(claim.part_of)
    if whole and agreement.apart_days(claim, whole) > agreement.NESTED_DAYS:
        flags["nesting"] = True
        remarks["nesting"] = reasons.nested(claim, whole)
    for judgement in ledger.judgements_on(claim, e):
        if judgement.judgement == "same":
            flags.pop(judgement.facet, None)
        else:
            flags[judgement.facet] = judgement.judgement in ("differs", "misleads")
        remarks[judgement.facet] = reasons.judged(judgement.reason)
    ordered = tuple(f for f in FLAGS if f in flags)
    said = tuple(remarks[f] for f in FLAGS if f in remarks)
    return Comparison(e, found, ordered, tuple(f for f in ordered if flags[f]), said)


def _dated(claim: Claim, e: Evidence, decisive: Sequence[Evidence]) -> Dating | None:
    """Date a figure; another piece that gives the same for the date in the text keeps it current."""
    dated = agreement.dating(claim, e, tuple(o for o in decisive if o.repeats == e.evidence_id))
    if dated is None or not (dated.older or dated.later) or not claim.as_of:
        return dated
    for other in decisive:
        if other is e or other.repeats or not other.estimate or agreement.population(claim, other):
            continue
        again = agreement.dating(claim, other)
        if (
            again
            and not (again.older or again.later)
            and agreement.values(claim.estimate, other.estimate).value != "differs"
        ):
            return None
    return dated


def _elsewhere(claim: Claim, seen: Sequence[Evidence]) -> str:
    """Say for what other population the printed number is given, where it is not that of the source."""
    for other in seen:
        if other.relation != "neighbour" or not other.estimate or other.estimate.unit != claim.estimate.unit:
            continue
        differences = agreement.population(claim, other)
        if differences and agreement.values(claim.estimate, other.estimate).value in (
            "same",
            "spans",
            "inside",
        ):
            return reasons.elsewhere(other, differences)
    return ""
