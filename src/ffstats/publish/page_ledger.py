"""The ledger, the conflicts and the bounds that follow, as the page shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ffstats import definitions, ledger, pipeline
from ffstats.figures.theme import look, order
from ffstats.judging.entries import TEXTS, Claim
from ffstats.judging.reasons import title
from ffstats.judging.verdicts import FLAGS, HEADLINES, Verdict

if TYPE_CHECKING:
    from ffstats.balance.relations import Quantity

SIGNS = {"differs": "≠", "not_found": "?", "supported_secondary": "(✓)", "supported": "✓", "not_checked": "–"}
READINGS = ("strict", "charitable")


def cards() -> list[dict[str, Any]]:
    """Return what the card of every claim says, worst verdict first, from the committed evidence alone."""
    found = []
    for rank, verdict in enumerate(ledger.check()):
        chain = ledger.explain(verdict.claim_id, (), pipeline.exhibits_of(verdict.claim_id))
        card = chain.as_dict()
        counts = {facet: title(facet, value) for facet, value in card["counts"].items() if value}
        meaning = {facet: _meaning(facet, value) for facet, value in card["counts"].items() if value}
        found.append(
            card | {
                "rank": rank, "sign": SIGNS[verdict.verdict], "label": look("verdict", verdict.verdict, "label"),
                "read_as": str(verdict.claim.estimate), "counted": counts, "meaning": meaning,
                "text_title": TEXTS[verdict.claim.text],
                "evidence": [
                    piece | {"read_as": str(e.estimate) if e.estimate else "", "note": e.note, "seen_kind": piece["seen_kind"].replace("_", " ")}
                    for piece, e in zip(card["evidence"], verdict.seen, strict=True)
                ],
            }
        )  # fmt: skip
    return found


def _meaning(facet: str, value: str) -> str:
    return definitions.entry(facet, value).description if facet in definitions.FACETS else ""


def summary(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return the verdicts counted by text: for each text its claims, and each headline with its share of a bar."""
    rows = []
    for text in TEXTS:
        of_text = [v for v in verdicts if v.claim.text == text]
        counted, start, bar = Counter(v.verdict for v in of_text), 0.0, []
        for headline in order("verdict", HEADLINES):
            width = 100 * counted[headline] / max(len(of_text), 1)
            bar.append({"verdict": headline, "count": counted[headline], "x": round(start, 4), "width": round(width, 4)})
            start += width
        rows.append({"text": text, "title": TEXTS[text], "claims": len(of_text), "bar": bar})
    return rows


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return what the filters of the ledger offer: value and label of texts, verdicts and flags."""
    return {
        "text": list(TEXTS.items()),
        "verdict": [(name, f"{SIGNS[name]} {look('verdict', name, 'label')}") for name in HEADLINES],
        "flag": [(flag, flag) for flag in FLAGS],
    }


def conflicts(claims: Iterable[Claim]) -> list[dict[str, Any]]:
    """Return, for each way to read the numbers, the sets that cannot all be true and the bounds that follow.

    Where the search for them stopped early, `stopped` says so.
    """
    from ffstats.balance import relations
    from ffstats.reconcile import project

    known = {claim.claim_id for claim in claims}
    found = []
    for reading in READINGS:
        quantities, rows, result = project(reading)
        titles = {q.quantity_id: q for q in quantities}
        reasons = {row.relation_id: row for row in rows}
        def named(name: str, held: dict[str, Quantity] = titles) -> dict[str, Any]:
            return _number(held[name], name in known)

        sets = [
            {
                "numbers": [named(name) for name in conflict.claims],
                "relations": [
                    {"id": name, "sentence": reasons[name].sentence({i: q.title or i for i, q in titles.items()}), "reason": reasons[name].reason}
                    for name in conflict.relations
                ],
                "change": str(conflict.smallest_change) if conflict.smallest_change else "",
            }
            for conflict in result.conflicts
        ]
        bounds = [
            named(item.quantity_id) | {"implied": _ends(item.low, item.high), "basis": item.basis}
            for item in result.implied
            if item.tighter
        ]
        found.append({
            "reading": reading, "feasible": result.feasible, "sets": sets, "bounds": bounds,
            "quantities": len(result.implied), "relations": len(relations.assumed(rows, reading)), "stopped": result.stopped,
        })  # fmt: skip
    return found


def _number(quantity: Quantity, claim: bool) -> dict[str, Any]:
    """Return a number of a relation with where it comes from: a claim, a source's row, or words on where it stands."""
    kind, _, rest = quantity.quantity_id.partition(":")
    source = {"estimate": rest.partition(":")[0], "series": rest.rpartition("-")[0]}.get(kind, "")
    title = quantity.title.removesuffix(f" [{quantity.quantity_id}]").removesuffix(f", {source}")
    return {
        "id": quantity.quantity_id, "title": title or quantity.quantity_id, "printed": quantity.printed,
        "claim": claim, "source": source, "where": quantity.where,
    }  # fmt: skip


def _ends(low: float | None, high: float | None) -> str:
    """Write two ends in words.

    >>> _ends(None, 4000.0), _ends(10.0, 10.0), _ends(1.0, None)
    ('up to 4,000', '10', 'at least 1')
    """
    if high is None:
        return f"at least {low or 0:,.6g}"
    if not low:
        return f"up to {high:,.6g}"
    return f"{low:,.6g}" if low == high else f"{low:,.6g} to {high:,.6g}"
