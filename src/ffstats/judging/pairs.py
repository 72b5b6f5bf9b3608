"""Numbers side by side: one numeral printed for two populations, and one number in two texts."""

from __future__ import annotations

from dataclasses import dataclass

from ffstats import definitions
from ffstats.definitions import Difference
from ffstats.estimate import Estimate
from ffstats.judging import agreement, entries, reasons
from ffstats.judging.entries import Claim, Ledger

SMALL = 12
"""Counts up to a dozen coincide often and mean nothing by it."""


@dataclass(frozen=True, slots=True)
class Coincidence:
    """The same numeral printed for two populations: in which facets they differ, and whether that is trivial."""

    claim_id: str
    other_id: str
    facets: tuple[str, ...]
    trivial: str

    def __str__(self) -> str:
        said = f"trivial, {self.trivial}" if self.trivial else f"another {' and '.join(self.facets)}"
        return f"{self.claim_id} and {self.other_id} print the same numeral: {said}"


def same_numeral(ledger: Ledger | None = None) -> list[Coincidence]:
    """Find every two claims that print the same number in the same unit for different populations.

    A number that one text passes on from another is left to `links`. A coincidence is trivial between different
    countries or places, where one place lies in the other and all else is the same, and between small counts.

    >>> ("c021", "c040") in {(c.claim_id, c.other_id) for c in same_numeral() if not c.trivial}
    True
    """
    known = (ledger or entries.load()).claims
    groups: dict[tuple[str, float | None, float | None], list[Claim]] = {}
    for claim in known.values():
        if claim.numeric:
            groups.setdefault(_numeral(claim.estimate), []).append(claim)
    found = []
    for group in groups.values():
        for index, one in enumerate(group):
            for other in group[index + 1 :]:
                found += _coincidence(one, other)
    return sorted(found, key=lambda c: (bool(c.trivial), c.claim_id, c.other_id))


def of(claim: Claim, ledger: Ledger) -> tuple[Coincidence, ...]:
    """Return the coincidences of one claim."""
    return tuple(c for c in same_numeral(ledger) if claim.claim_id in (c.claim_id, c.other_id))


def _numeral(e: Estimate) -> tuple[str, float | None, float | None]:
    if e.bound == "range":
        return e.unit, e.low, e.high
    return e.unit, e.high if e.low is None else e.low, None


def _coincidence(one: Claim, other: Claim) -> list[Coincidence]:
    differences = _differences(one, other)
    if not differences or one.claim_id == other.restates or other.claim_id == one.restates:
        return []
    facets = tuple(d.facet for d in differences)
    return [Coincidence(one.claim_id, other.claim_id, facets, _trivial(one, differences))]


def _trivial(one: Claim, differences: list[Difference]) -> str:
    if any(d.facet == "origin" for d in differences):
        return "other countries"
    if any(d.facet == "place" and d.relation == "different" for d in differences):
        return "other places"
    if all(d.facet == "place" for d in differences):
        return "one place lies in the other"
    return "a small count" if (one.estimate.low or one.estimate.high or 0) <= SMALL else ""


def _differences(one: Claim, other: Claim) -> list[Difference]:
    compared = definitions.compare(one.definition, other.definition)
    return [d for d in compared if d.facet in agreement.PEOPLE and d.relation != "unknown"]


@dataclass(frozen=True, slots=True)
class Link:
    """How a number of a press text stands to the article's: what is kept of value, bound and population."""

    claim_id: str
    other_id: str
    differences: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.claim_id} beside {self.other_id}: {'; '.join(self.differences) or 'the same'}"


def links(ledger: Ledger | None = None) -> list[Link]:
    """Compare the claims of the press texts with those of the article that they pass on or speak of too.

    >>> [str(link) for link in links() if link.claim_id == "c068"]
    ['c068 beside c018: who in this text: fighters, in the other: members']
    """
    known = (ledger or entries.load()).claims
    found = []
    for claim in known.values():
        for other_id in dict.fromkeys(filter(None, (claim.restates, *claim.relates_to))):
            other = known[other_id]
            pair = claim.text != "article" and other.text == "article" and claim.numeric and other.numeric
            if pair and claim.estimate.unit == other.estimate.unit:
                found.append(_link(claim, other))
    return sorted(found, key=lambda link: (link.claim_id, link.other_id))


def _link(claim: Claim, other: Claim) -> Link:
    how = agreement.values(claim.estimate, other.estimate)
    kept = how.value in ("same", "implied") and not how.bound
    value = [] if kept else [f"{claim.estimate} for {other.estimate}"]
    words = [reasons.difference(d, "this text", "the other") for d in _differences(claim, other)]
    return Link(claim.claim_id, other.claim_id, (*value, *words))
