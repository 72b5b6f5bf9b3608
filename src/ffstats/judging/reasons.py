"""The sentences of the ledger: each written from fields, sober, and saying on what it rests."""

from __future__ import annotations

from collections.abc import Sequence

from ffstats import places
from ffstats.definitions import Difference
from ffstats.judging.agreement import Agreement, Dating
from ffstats.judging.entries import SEEN, Claim, Evidence

VALUES = {
    "same": "gives {0}",
    "rounded": "gives {0}, of which this is a rounding",
    "coarse": "gives {0}, of which this is a coarse rounding",
    "inside": "gives {0}, which holds this",
    "implied": "gives {0}, from which this follows",
    "spans": "gives {0}, which lies within this range",
    "differs": "gives {0}, which is not this number",
}
BOUNDS = {
    "lower dropped": "its lower bound is printed as a plain figure",
    "upper dropped": "its upper bound is printed as a plain figure",
    "lower added": "the words of a lower bound are not the source's",
    "upper added": "the words of an upper bound are not the source's",
    "reversed": "the direction of the bound is reversed",
    "widened": "the range is wider than the source's figure",
}
SEEN_IN = {"primary": "on its own page", "reprint": "in a reprint", "press": "in press"}


def seen(
    claim: Claim, e: Evidence, found: Agreement | None, remarks: Sequence[str], others: Sequence[str],
    headline: str, settle: str,
) -> str:  # fmt: skip
    """Write why the evidence leads to the headline."""
    gives = VALUES[found.value].format(e.estimate) if found else f"is dated {e.as_of}"
    parts = [f"{e.name} {gives}", *remarks, *others]
    if e.reviewer:
        parts.append(f"added by {e.reviewer}")
    if headline != "supported":
        parts.append(_rests_on(e, settle))
    return _sentence(parts)


def not_found(pieces: Sequence[Evidence], remarks: Sequence[str], same: Sequence[str], settle: str) -> str:
    """Write why nothing seen decides, and what comes near."""
    near = [e for e in pieces if e.relation == "neighbour" and e.estimate and e.estimate.bound != "vague"]
    parts = [f"not seen: {settle}" if settle else "no source is cited or seen"]
    if any(not e.witnesses and e.seen_kind in SEEN for e in pieces):
        parts.append("the only page seen copies the text itself")
    parts += remarks
    if near:
        parts.append(f"nearby counts, which decide nothing: {listed(near[:3])}")
    if same:
        parts.append(f"the same numeral stands for another population in {' and '.join(same)}")
    return _sentence(parts)


def listed(pieces: Sequence[Evidence]) -> str:
    """Write figures with whose they are."""
    return ", ".join(f"{e.estimate} ({e.name})" for e in pieces)


def _sentence(parts: Sequence[str]) -> str:
    text = "; ".join(filter(None, parts))
    return f"{text[0].upper()}{text[1:]}."


def _rests_on(e: Evidence, settle: str) -> str:
    """Say on what the verdict rests, and what would settle it."""
    where = SEEN_IN[e.seen_kind]
    if e.seen_kind == "primary" and (e.relation == "cited" or not settle):
        return ""
    if e.relation == "cited":
        return f"seen {where} only; to settle it: {settle}"
    return (
        f"another document, seen {where}; to settle it: {settle}"
        if settle
        else f"seen {where} only; nothing is cited"
    )


def difference(d: Difference, here: str = "the text", there: str = "the source") -> str:
    """Write in what two numbers count different people."""
    join = "at" if there == "the source" else "in"
    return f"{d.facet} in {here}: {title(d.facet, d.a)}, {join} {there}: {title(d.facet, d.b)}"


def elsewhere(e: Evidence, differences: Sequence[Difference]) -> str:
    """Write that the printed number is what another body gives for another population."""
    other = ", ".join(f"{d.facet} {title(d.facet, d.b)}" for d in differences)
    return f"{e.name} gives {e.estimate} for another population ({other})"


def title(facet: str, value: str) -> str:
    """Write a term or a place in words."""
    if facet in ("origin", "place"):
        return places.name(places.code(value, "place" if facet == "place" else "origin"))
    return value.replace("_", " ")


def dated(dating: Dating) -> str:
    """Write that a figure is older or younger than the text says."""
    day = f"{dating.first_given.day} {dating.first_given:%B %Y}"
    return (
        f"the figure is of {day}, later than the text says"
        if dating.later
        else f"the figure was given by {day} already"
    )


def nested(part: Claim, whole: Claim) -> str:
    """Write that a part is of another date than the whole it is put in."""
    return f"dated {part.as_of}, but put in a whole dated {whole.as_of} ({whole.claim_id})"


def judged(reason: str) -> str:
    """Write a person's reason as a clause."""
    return f"{reason[0].lower()}{reason[1:]}".rstrip(".")


def piece(e: Evidence, decides: bool) -> str:
    """Write one line on a piece of evidence for the chain."""
    mark = "*" if decides else " "
    value = f"{e.printed} → {e.estimate}" if e.printed else "no figure seen"
    where = "; ".join(filter(None, (e.locator, e.seen_at))) or "where it was seen is not recorded"
    kept = [f"repeats {e.repeats}"] if e.repeats else []
    kept += [f"by {e.reviewer}"] if e.reviewer else []
    about = ", ".join(
        [e.relation.replace("_", " "), e.seen_kind.replace("_", " "), *filter(None, (e.as_of, *kept))]
    )
    return f"{mark} {e.evidence_id} {e.producer or 'document'}: {value} ({about}) {where}".rstrip()
