"""The raw rows of the three texts keep what their README promises."""

from __future__ import annotations

import re

import pytest

from ffstats import definitions, paths, places, raw
from ffstats.definitions import Definition
from ffstats.judging import entries
from ffstats.judging.agreement import first_day, last_day

FOLDER = paths.raw_dir() / "texts"
TABLES = ("claims", "evidence", "judgements", "events", "exemptions")


def rows(table: str) -> list[raw.Row]:
    return raw.table(FOLDER, f"{table}.csv")


@pytest.mark.parametrize("table", TABLES)
def test_every_table_fits_its_own_description(table: str) -> None:
    assert rows(table)


def test_the_first_97_claims_keep_their_ids_and_texts() -> None:
    texts = {row["claim_id"]: row["text"] for row in rows("claims")}
    assert list(texts) == [f"c{n:03d}" for n in range(1, len(texts) + 1)]
    assert {texts[f"c{n:03d}"] for n in [*range(1, 63), 96, 97]} == {"article"}
    assert {texts[f"c{n:03d}"] for n in range(63, 74)} == {"news"}
    assert {texts[f"c{n:03d}"] for n in range(74, 96)} == {"wapo"}


@pytest.mark.parametrize("table", ["claims", "evidence"])
def test_definitions_are_in_controlled_terms(table: str) -> None:
    found = {row[f"{table.rstrip('s')}_id"]: definitions.problems(Definition.of(row)) for row in rows(table)}
    assert {key: wrong for key, wrong in found.items() if wrong} == {}


def test_no_sentence_is_copied_only_fragments_and_short_paraphrases() -> None:
    for row in rows("claims"):
        assert len(row["printed"].split()) <= 6, row["claim_id"]
        assert not re.search(r"[.!?]$", row["printed"]), row["claim_id"]
        assert 0 < len(row["paraphrase"].split()) <= 15, row["claim_id"]
        assert len(row["comment"].split()) <= 25, row["claim_id"]
    for row in rows("evidence"):
        assert len(row["printed"].split()) <= 6, row["evidence_id"]
        assert len(row["note"].split()) <= 25, row["evidence_id"]


@pytest.mark.parametrize("table", ["claims", "evidence"])
def test_dates_are_iso_and_periods_run_forward(table: str) -> None:
    for row in rows(table):
        for name in ("as_of", "as_of_end", *(["vintage"] if table == "evidence" else [])):
            assert re.fullmatch(r"(\d{4}(-\d{2}(-\d{2})?)?)?", row[name]), row
        if row["as_of_end"]:
            assert first_day(row["as_of"]) <= last_day(row["as_of_end"]), row


def test_events_have_the_precision_they_claim() -> None:
    lengths = {"day": 10, "month": 7, "season": 7, "year": 4}
    for row in rows("events"):
        assert len(row["date"]) == lengths[row["precision"]], row["event_id"]
        assert not row["place_code"] or places.place(row["place_code"])


def test_the_words_are_read_as_the_transcriber_read_them() -> None:
    """The words rule; an end the transcriber closed and the words leave open is the one difference allowed."""
    for claim, row in zip(entries.load().claims.values(), rows("claims"), strict=True):
        for end in ("low", "high"):
            read, noted = getattr(claim.estimate, end), row[f"transcriber_{end}"]
            if claim.numeric and read is not None and noted:
                assert read == pytest.approx(float(noted), rel=1e-3), claim.claim_id
        assert claim.numeric is (row["transcriber_bound"] != "vague"), claim.claim_id


def test_unseen_places_hold_no_figure_and_say_where_to_look() -> None:
    for row in rows("evidence"):
        if row["seen_kind"] == "not_seen":
            assert not row["printed"] and row["locator"], row["evidence_id"]
        elif row["relation"] != "neighbour" and row["printed"]:
            assert row["seen_at"], row["evidence_id"]


def test_every_numeric_claim_has_evidence_or_a_place_to_look() -> None:
    ledger = entries.load()
    for claim in ledger.claims.values():
        assert not claim.numeric or ledger.evidence_for(claim) or claim.cited_source, claim.claim_id


def test_exempt_numerals_are_no_claims() -> None:
    listed = {row["printed"] for row in rows("claims")}
    assert not listed & {row["example"] for row in rows("exemptions")}
