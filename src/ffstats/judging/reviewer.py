"""A reviewer's own evidence: checked, written to a local file, and what it would change."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ffstats import formulas, ledger, paths, raw, store
from ffstats.errors import EvidenceError, FfstatsError, PrintedError
from ffstats.judging import entries
from ffstats.judging.entries import Claim
from ffstats.judging.verdicts import judge

DEFINING = ("group", "who", "status", "origin", "place", "basis")


@dataclass(frozen=True, slots=True)
class Move:
    """One verdict that new evidence would change: headline and flags before and after."""

    claim_id: str
    before: str
    after: str
    reason: str

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.before} → {self.after}. {self.reason}"


def add_evidence(
    claim_id: str, printed: str, locator: str, seen_at: str, reviewer: str, *,
    seen_kind: str = "primary", relation: str = "cited", language: str = "en", as_of: str = "", as_of_end: str = "",
    producer: str = "", note: str = "", path: Path | None = None, dry_run: bool = False, **definition: str,
) -> list[Move]:  # fmt: skip
    """Write one piece of evidence to the reviewer's local file, and say which verdicts it changes.

    Parameters: claim_id; printed, the number as the document prints it; locator, document and page; seen_at, where;
    reviewer, the name it is marked with; seen_kind, primary, reprint or press; relation, cited, same_figure or
    neighbour; as_of, as_of_end, ISO dates (the claim's own if empty); definition, any of group, who, status, origin, place,
    basis where it counts something other than the claim does; path, the file (.ffstats/evidence.csv if None);
    dry_run, to write nothing.
    Returns: the verdicts that change.
    Raises: ClaimError for an unknown claim; EvidenceError with everything that is wrong.
    """
    path = path or ledger.local_evidence()
    claim = entries.load().claim(claim_id)
    fields = _fields()
    kept = raw.read(path, fields) if path.is_file() else []
    row = _row(claim, definition) | {
        "evidence_id": _next_id(kept), "relation": relation, "printed": printed, "language": language,
        "as_of": as_of or claim.as_of,
        "as_of_end": as_of_end if as_of else claim.as_of_end, "producer": producer, "locator": locator, "seen_at": seen_at,
        "seen_kind": seen_kind, "note": note, "reviewer": reviewer,
    }  # fmt: skip
    _validate(row, fields, definition)
    before = [path] if path.is_file() else []
    text = _written([*kept, row], [field.name for field in fields])
    if dry_run:
        return _dry(text, before)
    path.parent.mkdir(parents=True, exist_ok=True)
    moved = _dry(text, before)
    store.write(path.parent, {path.name: text.encode("utf-8")})
    return moved


def dry_run(evidence_files: Iterable[Path], against: Iterable[Path] = ()) -> list[Move]:
    """Say how the verdicts move when files of evidence are taken in, against those of other files or none."""
    old, new = entries.load(against), entries.load(evidence_files)
    moves = []
    for claim in new.claims.values():
        before, after = judge(old, claim), judge(new, claim)
        if (before.verdict, before.flags) != (after.verdict, after.flags):
            moves.append(Move(claim.claim_id, before.headline, after.headline, after.reason))
    return moves


def _fields() -> tuple[raw.Field, ...]:
    described = raw.descriptor(paths.raw_dir() / "texts")
    return (*raw.fields_of(described, "evidence.csv"), entries.REVIEWER)


def _row(claim: Claim, definition: Mapping[str, str]) -> dict[str, str]:
    """Return an evidence row that counts what the claim counts, but for what is said otherwise."""
    own = {name: getattr(claim.definition, name) for name in DEFINING}
    own["basis"] = "not_stated"
    empty = dict.fromkeys([field.name for field in _fields()], "")
    known = {name: value for name, value in definition.items() if name in DEFINING}
    return empty | {"claim_id": claim.claim_id, "unit": claim.estimate.unit} | own | known


def _next_id(kept: list[raw.Row]) -> str:
    taken = [int(row["evidence_id"][1:]) for row in kept if row["evidence_id"][1:].isdigit()]
    return f"r{max(taken, default=0) + 1:03d}"


def _validate(row: Mapping[str, str], fields: tuple[raw.Field, ...], definition: Mapping[str, str]) -> None:
    wrong = [
        f"{name}: not a field. A definition has {', '.join(DEFINING)}."
        for name in definition
        if name not in DEFINING
    ]
    for name in ("printed", "locator", "seen_at", "reviewer"):
        if not row[name].strip():
            wrong.append(f"{name}: empty. Say it, so that others can look it up.")
    for name, text in row.items():
        if not _is_text(text):
            wrong.append(f"{name}: {text!a} is not text in UTF-8. Write it as such.")
    for field in fields:
        if field.terms and row[field.name] and row[field.name] not in field.terms:
            wrong.append(
                f"{field.name}: {row[field.name]!r} is not a term. Use one of {', '.join(field.terms)}."
            )
    problems: list[FfstatsError] = [*formulas.refused(row, "the new row")]
    if not wrong:
        whole = {"reads": row["printed"], "unreadable": "", "file": "the new row", "line": "1"}
        read = entries.read_evidence({**row, **whole}, problems)
        if read.estimate is not None and read.estimate.bound == "vague":
            problems.append(
                PrintedError(row["printed"], "a vague quantity decides nothing; give the number printed")
            )
    wrong += [str(problem) for problem in problems]
    for name in ("as_of", "as_of_end"):
        if row[name] and not _is_date(row[name]):
            wrong.append(f"{name}: {row[name]!r} is not a date. Write 2019, 2019-06 or 2019-06-30.")
    if wrong:
        raise EvidenceError(wrong)


def _is_text(text: str) -> bool:
    """Tell whether a file can hold it: an argument of a command that is not UTF-8 has lone surrogates."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _is_date(text: str) -> bool:
    from ffstats.judging.agreement import first_day

    try:
        first_day(text)
    except (ValueError, TypeError):
        return False
    return True


def _written(rows: list[raw.Row], columns: list[str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _dry(text: str, before: list[Path]) -> list[Move]:
    """Work out the moves from a file that is not kept."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        after = Path(folder) / "evidence.csv"
        after.write_text(text, encoding="utf-8", newline="")
        return dry_run([after], before)
