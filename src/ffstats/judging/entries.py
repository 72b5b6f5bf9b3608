"""The three texts' claims, the evidence seen for them, and people's judgements: raw rows read as values."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ffstats import definitions, paths, printed, raw, sources
from ffstats.definitions import Definition
from ffstats.errors import ClaimError, FfstatsError, FieldError, PrintedError, RawDataError
from ffstats.estimate import Estimate

TEXTS = {"article": "Armed Conflict Survey 2020", "news": "news text", "wapo": "The Washington Post 2018"}
RELATIONS = ("cited", "same_figure", "neighbour")
SEEN = ("primary", "reprint", "press")
REVIEWER = raw.Field("reviewer", required=True)
"""The column that a reviewer's own evidence has beside those of evidence.csv."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One quantitative statement of a text: where it stands, what it prints, what it counts."""

    claim_id: str
    text: str
    section: str
    page: str
    note_no: str
    printed: str
    estimate: Estimate
    definition: Definition
    as_of: str
    as_of_end: str
    cited_source: str
    paraphrase: str
    relates_to: tuple[str, ...]
    restates: str
    part_of: str
    comment: str

    @property
    def numeric(self) -> bool:
        """Tell whether the words hold a number to check; "thousands" and "most" do not."""
        return self.estimate.bound != "vague"

    @property
    def where(self) -> str:
        """Say where it stands, as a reader would look it up."""
        parts = [TEXTS[self.text], self.section]
        parts += [f"p. {self.page}"] if self.page else []
        parts += [f"note {self.note_no.replace(';', ', ')}"] if self.note_no else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One figure seen, or one place not seen, that bears on a claim."""

    evidence_id: str
    claim_id: str
    relation: str
    printed: str
    estimate: Estimate | None
    definition: Definition
    as_of: str
    as_of_end: str
    producer: str
    locator: str
    seen_at: str
    seen_kind: str
    vintage: str
    repeats: str
    note: str
    reviewer: str = ""

    @property
    def witnesses(self) -> bool:
        """Tell whether it says something of its own: seen, and no copy of the text under examination."""
        return self.seen_kind in SEEN and self.repeats not in TEXTS

    @property
    def name(self) -> str:
        """Name what was seen: the producer, else the document."""
        return self.producer or self.locator or "A source"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One person's judgement of a facet of a claim, with the reason."""

    claim_id: str
    evidence_id: str
    facet: str
    judgement: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """All claims with all that is held about them."""

    claims: Mapping[str, Claim]
    evidence: tuple[Evidence, ...]
    judgements: tuple[Judgement, ...]

    def claim(self, claim_id: str) -> Claim:
        """Return one claim.

        Raises: ClaimError, which lists the ids that come close.

        >>> load().claim("c043").printed
        'estimated 800'
        """
        if claim_id in self.claims:
            return self.claims[claim_id]
        near = difflib.get_close_matches(claim_id.strip().lower(), self.claims, n=3, cutoff=0.5)
        first, last = min(self.claims), max(self.claims)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ClaimError(f"There is no claim {claim_id!r}.{hint} Claims run from {first} to {last}.")

    def evidence_for(self, claim: Claim) -> tuple[Evidence, ...]:
        """Return the evidence on a claim: its own, then that of the claim it restates."""
        own = tuple(e for e in self.evidence if e.claim_id == claim.claim_id)
        return own + self.evidence_for(self.claims[claim.restates]) if claim.restates else own

    def root(self, claim: Claim) -> Claim:
        """Return the claim that a claim goes back to through the texts that pass it on."""
        return self.root(self.claims[claim.restates]) if claim.restates else claim

    def judgements_on(self, claim: Claim, evidence: Evidence | None) -> tuple[Judgement, ...]:
        """Return the judgements that hold between a claim and the piece of evidence it is compared with."""
        return tuple(
            j
            for j in self.judgements
            if j.claim_id == claim.claim_id
            and j.evidence_id in ("", evidence.evidence_id if evidence else "")
        )


@cache
def _load(folder: Path) -> Ledger:
    problems: list[FfstatsError] = []
    found = {row["claim_id"]: _claim(row, problems) for row in _rows("claims", "claim_id")}
    seen = tuple(read_evidence(row, problems) for row in _rows("evidence", "evidence_id"))
    judged = tuple(Judgement(**row) for row in raw.table(folder, "judgements.csv"))
    problems += _references(found, seen, judged, folder)
    if problems:
        raise RawDataError(problems)
    return Ledger(found, seen, judged)


def load(files: Iterable[Path] = ()) -> Ledger:
    """Return the ledger of the three texts, with the reviewers' evidence of further files taken in.

    Parameters: files, each with the columns of evidence.csv and `reviewer`, as `reviewer.add` writes them.
    Raises: RawDataError with every row that cannot be read or names what does not exist.
    """
    ledger = _load(paths.raw_dir() / "texts")
    added: list[Evidence] = []
    problems: list[FfstatsError] = []
    for path in files:
        fields = (*raw.fields_of(raw.descriptor(paths.raw_dir() / "texts"), "evidence.csv"), REVIEWER)
        for index, row in enumerate(raw.read(Path(path), fields)):
            here = {
                "reads": row["printed"],
                "unreadable": "",
                "file": paths.shown(Path(path)),
                "line": str(index + 2),
            }
            added.append(read_evidence(row | here, problems))
    problems += _references(ledger.claims, added, (), None)
    if problems:
        raise RawDataError(problems)
    return Ledger(ledger.claims, ledger.evidence + tuple(added), ledger.judgements)


def clear() -> None:
    """Forget what was read, so that changed files are read again."""
    _load.cache_clear()


def _rows(table: str, key: str) -> list[raw.Row]:
    return sources.rows(f"{table}.csv", key)


def _common(row: Mapping[str, str]) -> dict[str, str]:
    return {name: row[name] for name in ("claim_id", "printed", "as_of", "as_of_end")}


def _definition(row: Mapping[str, str], problems: list[FfstatsError]) -> Definition:
    definition = Definition.of(row)
    problems += [
        FieldError(f"{row['file']}, line {row['line']}: {p}") for p in definitions.problems(definition)
    ]
    return definition


def _estimate(row: Mapping[str, str], problems: list[FfstatsError]) -> Estimate | None:
    """Read the printed words; a row that a correction calls unreadable states no number."""
    if not row["reads"]:
        return None
    if row["unreadable"]:
        return Estimate.vague(unit=row["unit"])
    try:
        return printed.parse(row["reads"], row["language"] or None, row["unit"])
    except PrintedError as error:
        problems.append(FieldError(f"{row['file']}, line {row['line']}, column printed: {error}"))
        return None


def _claim(row: Mapping[str, str], problems: list[FfstatsError]) -> Claim:
    plain = (
        "text",
        "section",
        "page",
        "note_no",
        "cited_source",
        "paraphrase",
        "restates",
        "part_of",
        "comment",
    )
    return Claim(
        estimate=_estimate(row, problems) or Estimate.vague(unit=row["unit"]),
        definition=_definition(row, problems),
        relates_to=tuple(filter(None, row["relates_to"].split(";"))),
        **{name: row[name] for name in plain},
        **_common(row),
    )


def read_evidence(row: Mapping[str, str], problems: list[FfstatsError]) -> Evidence:
    """Read one row of evidence; what is wrong with it is added to the problems.

    Parameters: row with the columns of evidence.csv and reads, unreadable, file, line.
    """
    plain = (
        "evidence_id",
        "relation",
        "producer",
        "locator",
        "seen_at",
        "seen_kind",
        "vintage",
        "repeats",
        "note",
    )
    return Evidence(
        estimate=_estimate(row, problems),
        definition=_definition(row, problems),
        reviewer=row.get("reviewer", ""),
        **{name: row[name] for name in plain},
        **_common(row),
    )


def _references(
    claims: Mapping[str, Claim],
    evidence: Iterable[Evidence],
    judgements: Iterable[Judgement],
    folder: Path | None,
) -> list[FfstatsError]:
    """Report every id that names nothing, and every piece of evidence in another unit than its claim."""
    evidence = tuple(evidence)
    ids = {e.evidence_id for e in evidence}
    wrong = [
        (c.claim_id, column, value)
        for c in claims.values() if folder
        for column, values in (("restates", (c.restates,)), ("part_of", (c.part_of,)), ("relates_to", c.relates_to))
        for value in values
        if value and value not in claims
    ]  # fmt: skip
    wrong += [(e.evidence_id, "claim_id", e.claim_id) for e in evidence if e.claim_id not in claims]
    if folder:
        wrong += [
            (e.evidence_id, "repeats", e.repeats) for e in evidence if e.repeats not in ids | {"", *TEXTS}
        ]
        wrong += [(j.claim_id, "claim_id", j.claim_id) for j in judgements if j.claim_id not in claims]
        wrong += [
            (j.claim_id, "evidence_id", j.evidence_id) for j in judgements if j.evidence_id not in ids | {""}
        ]
    problems: list[FfstatsError] = [
        FieldError(
            f"texts, row {row}, column {column}: {value!r} is no id here. Correct it, or add that row."
        )
        for row, column, value in wrong
    ]
    problems += [
        FieldError(
            f"texts, row {e.evidence_id}, column unit: {e.estimate.unit!r}, but claim {e.claim_id} counts "
            f"{claims[e.claim_id].estimate.unit!r}. Restate the figure in the claim's unit, or call it a neighbour."
        )
        for e in evidence
        if e.estimate and e.relation != "neighbour" and e.claim_id in claims
        and e.estimate.unit != claims[e.claim_id].estimate.unit
    ]  # fmt: skip
    return problems
