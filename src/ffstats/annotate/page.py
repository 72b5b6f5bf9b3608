"""The reader's own text as one page, each number marked, with the chain of evidence behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import ledger, places, sources, tidy
from ffstats.annotate import Annotated, Annotation
from ffstats.annotate.reasons import STATUSES
from ffstats.errors import PlaceError
from ffstats.policy import policy

if TYPE_CHECKING:
    from jinja2 import Environment

PARTS = Path(__file__).resolve().parent / "page_parts"
SIGNS = dict(zip(STATUSES, ("✓", "≠", "⇄", "?", "·"), strict=True))
"""What marks a status beside its colour."""
CLASSES = dict(zip(STATUSES, ("covered", "differs", "namesake", "unknown", "exempt"), strict=True))
MEANINGS = dict(
    zip(
        STATUSES,
        (
            "The ledger has this number for this population.",
            "The ledger has this population, with another value or bound.",
            "The ledger has this number, for other people, another status, place or date.",
            "Nothing in the ledger fits. That does not say that the number is wrong.",
            "It counts nothing, or has no number to check: a date, a reference, a vague word.",
        ),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text: plain, or one of its numbers."""

    text: str
    number: int = 0
    annotation: Annotation | None = None


def html(found: Annotated, title: str) -> str:
    """Return the page: one file that asks for nothing from outside and runs nothing of the document's.

    Parameters: title, the name of the document. The same text gives the same page.
    """
    from markupsafe import Markup

    style, script = ((PARTS / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    coverage = found.coverage()
    counts = {status: 0 for status in STATUSES}
    for a in found.annotations:
        counts[a.link.status] += 1
    rows = [estimate(i) for i in sorted({i for a in found.annotations for i in a.link.estimate_ids})]
    ids = {i for a in found.annotations for i in a.link.claim_ids}
    return environment().get_template("page.html.j2").render(
        title=_shown(title), policy=policy([style], [script]), style=Markup(style), script=Markup(script), coverage=coverage,
        line=coverage_line(found), counts=counts, signs=SIGNS, classes=CLASSES, meanings=MEANINGS,
        pieces=list(_pieces(found)), claims=[claim(i) for i in sorted(ids)],
        estimates=rows, labels={row["id"]: f"{row['short']}, {row['value']}" for row in rows},
    ) + "\n"  # fmt: skip


def coverage_line(found: Annotated) -> str:
    """Say in one line how many numbers were found, covered, exempt and uncovered.

    >>> from ffstats.annotate import annotate
    >>> coverage_line(annotate("In 2017."))
    '1 number found: 0 covered, 1 exempt, 0 uncovered.'
    """
    c = found.coverage()
    many = "number" if c["found"] == 1 else "numbers"
    return (
        f"{c['found']:,} {many} found: {c['covered']:,} covered, {c['exempt']:,} exempt, {c['uncovered']:,} uncovered."
    )


def _pieces(found: Annotated) -> Iterable[Piece]:
    at = 0
    for n, a in enumerate(found.annotations, 1):
        if a.mention.start > at:
            yield Piece(_shown(found.text[at : a.mention.start]))
        yield Piece(_shown(a.mention.text), n, a)
        at = a.mention.end
    if at < len(found.text):
        yield Piece(_shown(found.text[at:]))


_CONTROLS = {
    **{code: "�" for code in (*range(0x00, 0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF) if code not in (9, 10)},
    # A mark that turns the direction of what follows could make a page show other digits than it holds.
    **{code: "�" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))},
    **{code: "�" for code in range(0xD800, 0xE000)},
}  # fmt: skip


def _shown(text: str) -> str:
    """Return text as a page can hold it: control characters, and those that turn the direction, are replaced."""
    return text.translate(_CONTROLS)


@cache
def environment() -> Environment:
    """Return the template environment; everything that is not our own style or script is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(PARTS), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["place_name"] = _place_name
    return made


def _place_name(code: str) -> str:
    """Return the name of a place in the ledger, which may be written as a name already."""
    try:
        return places.name(places.code(code, "place"))
    except PlaceError:
        return code


@cache
def claim(claim_id: str) -> dict[str, Any]:
    """Return what the page shows of a claim: where it stands, what it counts, verdict and evidence."""
    return ledger.explain(claim_id).as_dict()


@cache
def _rows() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, key in (("estimates", "estimate_id"), ("series", "series_id")):
        for row in tidy.table(name).to_dict("records"):
            found[row[key]] = {str(column): value for column, value in row.items()} | {"id": row[key], "printed": row.get("printed", "")}
    return found


def estimate(row_id: str) -> dict[str, Any]:
    """Return what the page shows of an estimate or a dated total: whose, of whom, where it is printed."""
    row = _rows()[row_id]
    source = sources.source(row["source_id"])
    dates = filter(None, (row.get("as_of") or row.get("period_start"), row.get("period_end")))
    counts = [
        ("who", row["who"].replace("_", " ")), ("status", row["status"].replace("_", " ")), ("origin", row["origin"]),
        ("place", _place_name(row["place"]) if row["place"] else ""),
    ]  # fmt: skip
    return {
        "id": row_id, "value": str(tidy.as_estimate(row)), "printed": row["printed"], "short": source.short,  # type: ignore[arg-type]
        "report": row.get("report", ""), "as_of": " to ".join(dict.fromkeys(dates)),
        "counts": [(facet, text) for facet, text in counts if text], "locator": row["locator"],
        "seen_at": row.get("seen_at", ""), "seen_kind": row["seen_kind"], "dissent": row.get("dissent", ""),
    }  # fmt: skip
