"""What a number is found to be, and why: the link and its reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from ffstats import paths, raw
from ffstats.annotate.candidates import Candidate
from ffstats.annotate.context import Fit
from ffstats.estimate import Estimate
from ffstats.judging import agreement, entries, verdicts

STATUSES = ("covered", "covered, differs", "same number, other population", "not in the ledger", "exempt")

NEAR = 1.5
"""Links that come within this of the best are given beside it."""
LINKS = 5

Differing = tuple[float, float, Candidate]
Namesake = tuple[Fit, Candidate]
Agreeing = tuple[float, str, Candidate, agreement.Agreement]


@dataclass(frozen=True, slots=True)
class Link:
    """What a mention is found to be: its status, the ids it is linked to with the score of the best, and why.

    value: how the number agrees with that of the best, as the ledger says it (same, rounded, …).
    """

    status: str
    claim_ids: tuple[str, ...] = ()
    estimate_ids: tuple[str, ...] = ()
    score: float = 0.0
    reason: str = ""
    value: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The claims and estimates that it is linked to."""
        return self.claim_ids + self.estimate_ids


PLAIN = {
    "furniture": "Page furniture, not the text.", "machine": "Measures files, screens or machines, not people.", "score": "The result of a game counts no people.",
    "fixed_phrases": "Part of a set phrase.", "one_of": "The word does not count.",
    "indefinite": "Vague words, no number to check.",
}  # fmt: skip


@cache
def exemptions() -> Mapping[str, str]:
    """Return the reason of each class of numerals that are no claims, from exemptions.csv."""
    rows = raw.table(paths.raw_dir() / "texts", "exemptions.csv")
    return {row["class"]: row["reason"] for row in reversed(rows) if row["class"] not in PLAIN}


def agreeing(found: list[Agreeing], other: list[Differing]) -> Link:
    """Return the link to the best of the numbers that agree, and why; those of another value stand beside it."""
    score, status, _, _ = found[0]
    kept = [f for f in found if f[1] == status and f[0] >= score - NEAR]
    first, value = kept[0][2], kept[0][3]
    reason = f"{_VALUES[value.value].format(first.estimate)} in {first.words}"
    if value.bound:
        reason += f"; {_BOUNDS[value.bound]}"
    linked = [f[2] for f in kept]
    if status == "covered, differs":
        # Others of the same population, with other values, belong to what is to be compared.
        linked += [c for _, _, c in other]
    return Link(status, *_ids(linked), round(score, 1), _sentence(reason, first), value.value)


_VALUES = {
    "same": "the same number, {0},", "rounded": "a rounding of {0}", "inside": "inside the range {0}",
    "implied": "follows from {0}", "spans": "a wider range than {0}", "coarse": "a coarse rounding of {0}",
}  # fmt: skip
_BOUNDS = {
    "lower dropped": "a lower bound there, a plain figure here",
    "upper dropped": "an upper bound there, a plain figure here",
    "lower added": "a plain figure there, a lower bound here",
    "upper added": "a plain figure there, an upper bound here",
    "reversed": "the bound is turned round", "widened": "the range is wider here",
}  # fmt: skip


def differing(e: Estimate, other: list[Differing]) -> Link:
    """Return the link to numbers of the same population that have another value."""
    best = max(score for score, _, _ in other)
    kept = sorted((o for o in other if o[0] >= best - NEAR), key=lambda o: not o[2].claim)
    first = kept[0][2]
    reason = f"the same population, but {first.estimate} in {first.words} and {e} here"
    return Link("covered, differs", *_ids(c for _, _, c in kept), round(best, 1), _sentence(reason, first))


def namesake(namesakes: list[Namesake], strong: bool) -> Link:
    """Return that a number is in the ledger for others only, or not at all."""
    if not namesakes or not strong:
        return Link("not in the ledger", reason="No number of the ledger fits its value and its words.")
    namesakes.sort(key=lambda n: (not n[1].claim, -n[0].score, n[1].id))
    fit, first = namesakes[0]
    return Link(
        "same number, other population",
        reason=_sentence(f"the same number stands in {first.words}, but {fit.against}", None),
    )


def _ids(kept: Iterable[Candidate]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    kept = tuple(kept)
    claims = [c.id for c in kept if c.claim][:LINKS]
    return tuple(claims), tuple(c.id for c in kept if not c.claim)[:LINKS]


def _sentence(reason: str, c: Candidate | None) -> str:
    if c is not None and c.claim:
        reason += f"; the ledger says of it: {verdict(c.id).verdict.replace('_', ' ')}"
        flags = verdict(c.id).flags
        reason += f" ({', '.join(flags)})" if flags else ""
    return f"{reason[0].upper()}{reason[1:]}."


@cache
def verdict(claim_id: str) -> verdicts.Verdict:
    """Return the ledger's verdict on a claim."""
    ledger = entries.load()
    return verdicts.judge(ledger, ledger.claim(claim_id))
