"""Every verdict is worked out from fields, moves only when they do, and is fair to the author."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from ffstats import ledger, printed, tidy
from ffstats.errors import ChoiceError, ClaimError, EvidenceError, RawDataError
from ffstats.judging import agreement, collated, entries, pairs, reasons, reviewer
from ffstats.judging.verdicts import judge
from sandbox import ROOT, Project

DATA = Path(__file__).parent / "data"
Rows = list[dict[str, str]]
EVIDENCE, CLAIMS, JUDGEMENTS = (f"texts/{name}.csv" for name in ("evidence", "claims", "judgements"))


def table(name: str) -> Rows:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def verdicts() -> dict[str, tuple[str, tuple[str, ...]]]:
    entries.clear()
    return {v.claim_id: (v.verdict, v.flags) for v in ledger.check()}


def moved(
    project: Project, file: str, change: Callable[[Rows], None]
) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Change raw rows and return the verdicts that are no longer what they were."""
    before = verdicts()
    project.edit(file, change)
    after = verdicts()
    return {key: after[key] for key in after if after[key] != before[key]}


def setting(key: str, row_id: str, **fields: str) -> Callable[[Rows], None]:
    def change(rows: Rows) -> None:
        (row,) = [r for r in rows if r[key] == row_id]
        row.update(fields)

    return change


def evidence_id(claim_id: str, printed_words: str) -> str:
    (found,) = [
        e.evidence_id for e in entries.load().evidence if (e.claim_id, e.printed) == (claim_id, printed_words)
    ]
    return found


@pytest.fixture(autouse=True)
def _fresh() -> None:
    entries.clear()


# What the verdicts are


@pytest.mark.parametrize("row", table("ledger_expected.csv"), ids=lambda row: row["claim_id"])
def test_each_verdict_is_the_one_checked_by_hand(row: dict[str, str]) -> None:
    found = {v.claim_id: v for v in ledger.check()}[row["claim_id"]]
    assert (found.verdict, " ".join(found.flags)) == (row["verdict"], row["flags"]), found.reason


def test_every_claim_of_every_text_has_a_verdict() -> None:
    held = set(entries.load().claims)
    assert (
        {v.claim_id for v in ledger.check()}
        == held
        == {row["claim_id"] for row in table("ledger_expected.csv")}
    )
    assert sum(len(ledger.check(text)) for text in entries.TEXTS) == len(held)


def test_verdicts_come_worst_first_and_the_summary_adds_up() -> None:
    found = ledger.check()
    ranks = [v.rank for v in found]
    assert ranks == sorted(ranks)
    assert found[0].verdict == "differs" and found[-1].verdict == "not_checked"
    assert sum(ledger.summary(found).values()) == len(found)


@pytest.mark.parametrize("row", table("ledger_agreement_cases.csv"), ids=lambda row: row["case"])
def test_rounding_implied_bounds_and_repeats_are_no_differences(row: dict[str, str]) -> None:
    claim, source = (printed.parse(row[side], "en", row["unit"]) for side in ("claim", "source"))
    found = agreement.values(claim, source)
    assert (found.value, found.bound) == (row["value"], row["bound"])
    ledger_ = entries.load()
    own = ledger_.claim("c001")
    piece = replace(ledger_.evidence[1], relation=row["relation"])
    deceives = agreement.misleads(found.bound, replace(own, estimate=claim), piece)
    assert deceives is (row["misleads"] == "yes")


DAYS = {"2019": ("2019-01-01", "2019-12-31"), "2019-02": ("2019-02-01", "2019-02-28"),
        "2020-02": ("2020-02-01", "2020-02-29"), "2019-12": ("2019-12-01", "2019-12-31"),
        "2019-10-27": ("2019-10-27", "2019-10-27")}  # fmt: skip


@pytest.mark.parametrize("text", DAYS)
def test_a_date_has_a_first_and_a_last_day(text: str) -> None:
    assert (str(agreement.first_day(text)), str(agreement.last_day(text))) == DAYS[text]


@pytest.mark.parametrize(
    ("part", "whole", "days"),
    [
        (("2019-01", ""), ("2019-03", ""), 29),
        (("2019-03", ""), ("2019-01", ""), 29),
        (("2019-03", ""), ("2018", "2019-03-05"), 0),
        (("2018", "2019-01"), ("2019-01-31", ""), 0),
        (("2018", "2019-01"), ("2019-02-01", ""), 1),
        (("", ""), ("2019", ""), 0),
        (("2010", ""), ("", ""), 0),
    ],
)
def test_a_part_is_as_far_from_its_whole_as_their_periods_are(
    part: tuple[str, str], whole: tuple[str, str], days: int
) -> None:
    one, other = (replace(entries.load().claim("c001"), as_of=a, as_of_end=b) for a, b in (part, whole))
    assert agreement.apart_days(one, other) == days


@pytest.mark.parametrize(
    ("status", "text", "given", "vintage", "again", "found"),
    [
        ("present", ("2019-10", ""), ("2019-06", ""), "", (), ("2019-06-30", 93, 93, -152)),
        ("present", ("2019-10", "2019-12"), ("2019-06", ""), "", (), ("2019-06-30", 93, 93, -213)),
        ("returned", ("2018", "2019-12"), ("2019-06", ""), "", (), ("2019-06-30", 154, 154, -213)),
        ("returned", ("2018", ""), ("2017", "2017-06"), "", (), ("2017-06-30", 185, 185, -729)),
        ("present", ("2019-10", ""), ("2019-06", ""), "2018", (), ("2018-12-31", 274, 93, -668)),
        ("present", ("2019-10", ""), ("2019-06", ""), "", ("2019-08", ""), ("2019-06-30", 93, 31, -152)),
        ("present", ("", ""), ("2019-06", ""), "2018-03", (), ("2018-03-31", 427, -29, -486)),
        ("present", ("2016", ""), ("2019", ""), "", (), ("2019-12-31", -1460, -1460, 731)),
        ("present", ("2019-10", ""), ("", ""), "", (), None),
        ("present", ("", ""), ("2019-06", ""), "", (), None),
    ],
)
def test_a_figure_is_dated_by_the_day_it_was_first_and_last_given(
    status: str, text: tuple[str, str], given: tuple[str, str], vintage: str, again: tuple[str, ...],
    found: tuple[str, int, int, int] | None,
) -> None:  # fmt: skip
    claim, piece = entries.load().claim("c001"), entries.load().evidence[1]
    claim = replace(
        claim, as_of=text[0], as_of_end=text[1], definition=replace(claim.definition, status=status)
    )
    piece = replace(piece, as_of=given[0], as_of_end=given[1], vintage=vintage)
    repeats = (replace(piece, as_of=again[0], as_of_end=again[1]),) if again else ()
    dated = agreement.dating(claim, piece, repeats)
    assert (dated and (str(dated.first_given), dated.older_days, dated.stale_days, dated.later_days)) == found


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((31, 31, 31), (False, False, False)),
        ((32, 0, 0), (True, False, False)),
        ((0, 0, 32), (False, True, False)),
        ((366, 365, 0), (True, False, False)),
        ((366, 366, 0), (True, False, True)),
        ((0, 0, 366), (False, True, True)),
    ],
)
def test_a_month_is_no_difference_and_a_year_is_another_date(
    days: tuple[int, int, int], said: tuple[bool, bool, bool]
) -> None:
    dated = agreement.Dating(agreement.first_day("2019"), *days)
    assert (dated.older, dated.later, dated.moved) == said


# What moves them


def test_one_changed_value_moves_the_claims_that_rest_on_it_and_no_other(project: Project) -> None:
    e = evidence_id("c018", "between 14,000 and 18,000")
    found = moved(project, EVIDENCE, setting("evidence_id", e, printed="between 20,000 and 30,000"))
    assert found == {"c018": ("differs", ("value", "vintage")), "c068": ("differs", ("value", "population"))}


def test_a_value_that_comes_to_agree_lifts_the_flag(project: Project) -> None:
    e = evidence_id("c081", "425")
    assert moved(project, EVIDENCE, setting("evidence_id", e, printed="402")) == {
        "c081": ("supported_secondary", ())
    }


def test_seeing_the_primary_page_makes_secondary_support_full(project: Project) -> None:
    e = evidence_id("c002", "50 every month")
    assert moved(project, EVIDENCE, setting("evidence_id", e, seen_kind="primary")) == {
        "c002": ("supported", ())
    }


def test_a_neighbour_never_decides(project: Project) -> None:
    e = evidence_id("c055", "405")
    assert moved(project, EVIDENCE, setting("evidence_id", e, printed="450")) == {}


def test_a_dated_page_without_a_number_decides_no_count(project: Project) -> None:
    e = evidence_id("c044", "just 40")
    found = moved(project, EVIDENCE, setting("evidence_id", e, printed=""))
    assert found == {"c044": ("not_found", ())}


def test_without_evidence_no_numeric_claim_is_judged(project: Project) -> None:
    def nothing(rows: Rows) -> None:
        rows.clear()

    project.edit(JUDGEMENTS, nothing)
    project.edit(
        "corrections.csv",
        lambda rows: rows.__setitem__(slice(None), [r for r in rows if r["row_id"][0] != "e"]),
    )
    project.edit(EVIDENCE, nothing)
    entries.clear()
    assert {v.verdict for v in ledger.check() if v.claim.numeric} == {"not_found"}


def test_the_cited_document_comes_before_another_however_well_that_was_seen(project: Project) -> None:
    e = evidence_id("c043", "more than 400")  # another document, on its own page
    assert moved(project, EVIDENCE, setting("evidence_id", e, printed="800")) == {}


def test_a_page_that_copies_the_text_is_no_witness(project: Project) -> None:
    e = evidence_id("c077", "1,500")
    found = moved(project, EVIDENCE, setting("evidence_id", e, repeats=""))
    assert found == {"c077": ("supported_secondary", ())}


def test_a_repeat_is_a_witness_but_no_second_observation() -> None:
    found = {v.claim_id: v for v in ledger.check()}
    assert (len(found["c040"].witnesses), found["c040"].observations) == (3, 1)
    assert (len(found["c022"].witnesses), found["c022"].observations) == (3, 3)


def test_a_judgement_is_data_and_moves_only_its_claim(project: Project) -> None:
    def drop(rows: Rows) -> None:
        rows[:] = [r for r in rows if r["claim_id"] != "c040"]

    assert moved(project, JUDGEMENTS, drop) == {"c040": ("differs", ("population", "bound"))}


def test_a_part_dated_apart_from_its_whole_is_nested_wrongly(project: Project) -> None:
    found = moved(project, CLAIMS, setting("claim_id", "c030", as_of="2019-08"))
    assert found == {"c030": ("not_found", ())}


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [("2017-05", ()), ("2018-03", ("supported", ("vintage",))), ("2019-05", ("differs", ("vintage",)))],
)
def test_a_figure_of_a_later_date_is_flagged_and_differs_after_a_year(
    project: Project, as_of: str, expected: tuple[str, tuple[str, ...]]
) -> None:
    project.edit(
        EVIDENCE, setting("evidence_id", evidence_id("c012", "around 900"), status="strength", as_of_end="")
    )
    project.edit(CLAIMS, setting("claim_id", "c012", as_of="2017-04"))
    e = evidence_id("c012", "around 900")
    entries.clear()
    found = moved(project, EVIDENCE, setting("evidence_id", e, as_of=as_of))
    assert found == ({"c012": expected} if expected else {})


def test_a_definition_that_comes_to_agree_lifts_the_population_flag(project: Project) -> None:
    e = evidence_id("c012", "around 900")
    assert moved(project, EVIDENCE, setting("evidence_id", e, status="strength")) == {
        "c012": ("supported", ())
    }


def test_an_observation_comes_before_its_repeats_however_these_agree() -> None:
    ledger_ = entries.load()
    claim = ledger_.claim("c076")
    (first, *_) = [e for e in ledger_.evidence if e.claim_id == claim.claim_id and e.witnesses]
    other = replace(first, estimate=printed.parse("800"))
    again = replace(first, evidence_id="a000", repeats=other.evidence_id)
    found = judge(replace(ledger_, evidence=(again, other)), claim)
    assert (found.best, found.verdict, found.observations) == (other, "differs", 1)


# What they say


def test_where_nothing_is_cited_or_seen_the_reason_says_so() -> None:
    assert reasons.not_found((), (), (), "") == "No source is cited or seen."
    assert reasons.not_found((), ("one thing",), ("c001",), "the report") == (
        "Not seen: the report; one thing; the same numeral stands for another population in c001."
    )


@pytest.mark.parametrize(
    ("changed", "count"),
    [
        ({}, 1),
        ({"producer": "Soufan Center, a summary"}, 1),
        ({"producer": "Soufan Group"}, 0),
        ({"producer": "Nobody"}, 0),
        ({"producer": ""}, 0),
        ({"as_of": "2017-10-24"}, 1),
        ({"as_of": "2016-10"}, 0),
        ({"origin": "Atlantis"}, 0),
        ({"status": "returned", "origin": "Turkey"}, 1),
        ({"status": "detained"}, 0),
        ({"estimate": None}, 0),
    ],
    ids=str,
)
def test_a_cell_is_that_of_the_report_the_origin_and_the_status(changed: dict[str, Any], count: int) -> None:
    (piece,) = [e for e in entries.load().evidence if e.evidence_id == "e122"]
    facets = {name: changed[name] for name in ("origin", "status") if name in changed}
    own = {name: value for name, value in changed.items() if name not in facets}
    piece = replace(piece, **own, definition=replace(piece.definition, **facets))
    assert len(collated.cells([piece])) == count


def test_a_cell_names_its_witnesses_in_words() -> None:
    cell = collated.Cell("id", "A report, Norway, travelled", "80", 2, 1, "70 (1: differs)", ("r1", "r2"))
    assert str(cell) == (
        "A report, Norway, travelled: 80; 2 witnesses print this cell, 1 independent; dissent: 70 (1: differs)"
    )
    alone = replace(cell, n_witnesses=1, dissent="", witnesses=("r1",))
    assert str(alone) == "A report, Norway, travelled: 80; 1 witness prints this cell, 1 independent"
    assert alone.as_dict()["witnesses"] == ["r1"]


def test_a_reason_is_one_sentence_that_says_on_what_it_rests() -> None:
    for v in ledger.check():
        assert (
            v.reason.endswith(".") and ". " not in v.reason.replace("p. ", "p ") and "\n" not in v.reason
        ), v
        cited_page = v.best is not None and v.best.seen_kind == "primary" and v.best.relation == "cited"
        if v.verdict in ("differs", "supported_secondary") and not cited_page and v.settle:
            assert f"to settle it: {v.settle}" in v.reason, v
        if v.verdict == "not_found" and v.settle:
            assert v.settle in v.reason, v


def test_the_committed_table_gives_the_reason_of_every_verdict_as_the_ledger_does() -> None:
    with (ROOT / "results" / "tables" / "numbers_table.csv").open(encoding="utf-8", newline="") as file:
        printed_reasons = {row["claim_id"]: row["reason"] for row in csv.DictReader(file)}
    assert printed_reasons == {v.claim_id: v.reason for v in ledger.check()}


@pytest.mark.parametrize("claim_id", ["c021", "c043", "c068", "c078"])
def test_the_chain_of_a_number_reads_as_it_was_reviewed(claim_id: str) -> None:
    found = ledger.explain(claim_id, exhibits=["first", "second"])
    reviewed = json.loads((DATA / "ledger_chains.json").read_text(encoding="utf-8"))[claim_id]
    assert str(found).splitlines() == reviewed["words"]
    assert found.as_dict() == reviewed["chain"]


def test_the_reason_names_what_speaks_against_the_verdict() -> None:
    found = {v.claim_id: v.reason for v in ledger.check()}
    assert "for it: 800–1,000" in found["c043"]
    assert "against it: 302" in found["c082"]


def test_the_json_keeps_its_contract() -> None:
    found = ledger.check_json()
    keys = [
        "claim_id",
        "text",
        "printed",
        "low",
        "high",
        "bound",
        "unit",
        "verdict",
        "flags",
        "reason",
        "evidence",
    ]
    assert all(list(row) == keys for row in found)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for row in found:
        deciding = [e for e in row["evidence"] if e["decides"]]
        assert len(deciding) == (row["verdict"] not in ("not_found", "not_checked")), row["claim_id"]


def test_numbers_beside_numbers_and_the_table_read_as_they_were_reviewed() -> None:
    from rich.console import Console

    reviewed = json.loads((DATA / "ledger_words.json").read_text(encoding="utf-8"))
    assert [str(link) for link in pairs.links()] == reviewed["links"]
    assert [str(found) for found in pairs.same_numeral()] == reviewed["same numeral"]
    first, second, *_, last = ledger.check("article")
    console = Console(width=100, record=True, file=StringIO())
    console.print(ledger.table([first, second, last]))
    assert [line.rstrip() for line in console.export_text().splitlines()] == reviewed["table"]


def test_a_long_reason_is_shortened_to_whole_clauses() -> None:
    reason = "one thing; another; a third"
    assert [ledger.short(reason, width) for width in (1, 17, 18, 26, 27)] == [
        "one thing …", "one thing …", "one thing; another …", "one thing; another …", reason,
    ]  # fmt: skip
    assert ledger.short("; ".join(["x" * 54, "y" * 54])) == "x" * 54 + "; " + "y" * 54
    assert ledger.short("; ".join(["x" * 54, "y" * 55])) == "x" * 54 + " …"


def test_the_table_shows_every_claim_and_the_summary() -> None:
    from rich.console import Console

    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(ledger.table(ledger.check("wapo")))
    shown = console.export_text()
    assert all(v.claim_id in shown for v in ledger.check("wapo"))
    assert f"{len(ledger.check('wapo'))} claims:" in shown


def test_the_chain_of_one_number_is_whole() -> None:
    found = ledger.explain("c043", exhibits=["returnees-uk"])
    chain = found.as_dict()
    assert (
        chain["where"]
        == "Armed Conflict Survey 2020, Returnees and untracked foreign fighters, p. 27, note 58"
    )
    assert chain["counts"]["status"] == "returned" and chain["cited_source"] == "Telegraph, 27 June 2019"
    assert {c["claim_id"] for c in chain["related"]} == {"c042", "c081"}
    assert chain["exhibits"] == ["returnees-uk"] and chain["witnesses"] == 4
    assert all(
        part in str(found)
        for part in ("note 58", "differs [value, population]", "c081 beside c043", "returnees-uk")
    )
    json.dumps(chain, allow_nan=False)


# Numbers beside numbers


def test_one_numeral_for_two_populations_is_found_by_search(project: Project) -> None:
    def serious() -> set[tuple[str, str]]:
        entries.clear()
        return {(c.claim_id, c.other_id) for c in pairs.same_numeral() if not c.trivial}

    assert {("c021", "c040"), ("c021", "c075"), ("c028", "c052"), ("c042", "c081")} <= serious()
    project.edit(CLAIMS, setting("claim_id", "c021", printed="at least 5,700"))
    assert not {pair for pair in serious() if "c021" in pair}


def test_false_friends_are_called_trivial() -> None:
    trivial = {(c.claim_id, c.other_id): c.trivial for c in pairs.same_numeral() if c.trivial}
    assert trivial["c013", "c044"] == trivial["c081", "c085"] == "other countries"
    assert trivial["c001", "c029"] in ("other countries", "other places")
    assert trivial["c015", "c059"] == "one place lies in the other"


def test_the_press_texts_are_compared_with_the_article() -> None:
    found = {(link.claim_id, link.other_id): link.differences for link in pairs.links()}
    assert found["c071", "c039"] == ()
    assert found["c063", "c008"][0] == "about 40,000 for at least 40,000"
    assert {link.claim_id for link in pairs.links()} >= {
        "c063",
        "c067",
        "c068",
        "c069",
        "c070",
        "c071",
        "c073",
        "c074",
    }


# A reviewer's own evidence

PAGE = {"locator": "ISW, June 2019, p. 23", "seen_at": "library copy", "reviewer": "A. Reviewer"}


def test_a_reviewer_adds_evidence_that_check_takes_in(tmp_path: Path) -> None:
    path = tmp_path / "mine" / "evidence.csv"
    moves = reviewer.add_evidence("c021", "at least 5,600", **PAGE, path=path)
    assert [str(m).split(". ")[0] for m in moves] == ["c021: not_found → supported"]
    (found,) = [v for v in ledger.check(evidence_files=[path]) if v.claim_id == "c021"]
    assert found.verdict == "supported" and "added by A. Reviewer" in found.reason
    assert next(v for v in ledger.check() if v.claim_id == "c021").verdict == "not_found"
    reviewer.add_evidence("c001", "2,000", **PAGE, path=path)
    with path.open(encoding="utf-8") as file:
        assert [row["evidence_id"] for row in csv.DictReader(file)] == ["r001", "r002"]


def test_a_reviewers_row_counts_what_the_claim_counts_but_for_what_is_said(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    reviewer.add_evidence("c021", "at least 5,600", **PAGE, path=path)
    moves = reviewer.add_evidence(
        "c001", "2,000", **PAGE, path=path, producer="A library", note="seen twice", as_of="2018-10",
        relation="same_figure", seen_kind="press", who="members",
    )  # fmt: skip
    assert list(map(str, moves)) == [
        "c001: not_found → differs [population, vintage]. A library gives 2,000; who in the text: fighters, at the "
        "source: members; the figure was given by 31 October 2018 already; added by A. Reviewer; another document, "
        "seen in press; to settle it: Lead IG OIR, October–December 2018, p. 7."
    ]
    with path.open(encoding="utf-8", newline="") as file:
        found = [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]
    same = {"language": "en", "unit": "persons", "group": "isis", "origin": "World", "basis": "not_stated"}
    assert found == [
        {"evidence_id": "r001", "claim_id": "c021", "relation": "cited", "printed": "at least 5,600",
         "who": "fighters", "status": "relocated", "place": "syria_iraq", "as_of": "2014", "as_of_end": "2017",
         "seen_kind": "primary", **same, **PAGE},
        {"evidence_id": "r002", "claim_id": "c001", "relation": "same_figure", "printed": "2,000",
         "who": "members", "status": "present", "place": "merv", "as_of": "2018-10", "seen_kind": "press",
         "producer": "A library", "note": "seen twice", **same, **PAGE},
    ]  # fmt: skip
    assert path.read_bytes().count(b"\r") == 0


def test_a_reviewers_file_written_by_hand_is_added_to_and_read_by_line(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    reviewer.add_evidence("c021", "at least 5,600", **PAGE, path=path)
    path.write_text(path.read_text(encoding="utf-8").replace("r001", "r9"), encoding="utf-8")
    reviewer.add_evidence("c001", "2,000", **PAGE, path=path)
    written = path.read_text(encoding="utf-8")
    assert "r010" in written
    path.write_text(written.replace('"2,000"', "perhaps"), encoding="utf-8")
    with pytest.raises(RawDataError, match="line 3, column printed"):
        ledger.check(evidence_files=[path])


def test_a_reviewers_words_are_read_in_their_language(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    (move,) = reviewer.add_evidence("c021", "5.600 oder mehr", **PAGE, language="de", path=path, dry_run=True)
    assert (move.before, move.after) == ("not_found", "supported")
    with pytest.raises(EvidenceError, match="thousands or for decimals"):
        reviewer.add_evidence("c021", "5.600", **PAGE, language="en", path=path)


def test_a_reviewer_can_contest(tmp_path: Path) -> None:
    (move,) = reviewer.add_evidence("c021", "5,600", **PAGE, status="returned", path=tmp_path / "e.csv")
    assert (move.before, move.after) == ("not_found", "differs [population]")


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "evidence.csv"
    (move,) = reviewer.add_evidence("c036", "48 hours", **PAGE, path=path, dry_run=True)
    assert (move.claim_id, move.before) == ("c036", "not_found") and move.after.startswith("differs [value]")
    assert not path.exists()


def test_everything_wrong_with_a_reviewers_row_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "evidence.csv"
    with pytest.raises(EvidenceError) as error:
        reviewer.add_evidence(
            "c021", "", " ", "x", "", seen_kind="hearsay", as_of="June", who="people", colour="red", path=path
        )
    assert [problem.split("Use one of")[0] for problem in error.value.problems] == [
        "colour: not a field. A definition has group, who, status, origin, place, basis.",
        *(
            f"{name}: empty. Say it, so that others can look it up."
            for name in ("printed", "locator", "reviewer")
        ),
        "who: 'people' is not a term. ",
        "seen_kind: 'hearsay' is not a term. ",
        "as_of: 'June' is not a date. Write 2019, 2019-06 or 2019-06-30.",
    ]
    assert "Use one of primary, reprint, press, not_seen." in str(error.value)
    for printed_words, problem in {
        "thousands": "'thousands': a vague quantity decides nothing; give the number printed",
        "98 percent": "the new row, line 1, column printed: '98 percent': none of its numbers counts persons "
        "(choices: 98 percent)",
        "=1+1": "the new row, column printed: '=1+1' would run as a formula in a spreadsheet. Write it in other words.",
    }.items():
        with pytest.raises(EvidenceError) as error:
            reviewer.add_evidence("c021", printed_words, **PAGE, path=path)
        assert error.value.problems == (problem,)
    assert not path.exists()


# What is wrong is said


def test_an_unknown_claim_lists_near_ids() -> None:
    run = "Claims run from c001 to c114."
    with pytest.raises(ClaimError) as error:
        ledger.explain(" C43 ")
    assert str(error.value) == f"There is no claim ' C43 '. Did you mean c043 or c114 or c113? {run}"
    with pytest.raises(ClaimError) as error:
        reviewer.add_evidence("banana", "5", **PAGE)
    assert str(error.value) == f"There is no claim 'banana'. {run}"


def test_an_unknown_text_lists_the_texts() -> None:
    with pytest.raises(
        ChoiceError, match=r"^There is no text 'guardian'\. The texts are article, news, wapo\.$"
    ):
        ledger.check("guardian")


def test_all_that_is_wrong_in_the_entries_is_reported_together(project: Project) -> None:
    def spoil(rows: Rows) -> None:
        rows[0].update(claim_id="c999")
        rows[2].update(printed="perhaps")
        rows[3].update(repeats="e999")
        rows[4].update(origin="Atlantis")

    project.edit(EVIDENCE, spoil)
    project.edit(CLAIMS, setting("claim_id", "c002", unit="percent", part_of="c888"))
    entries.clear()
    with pytest.raises(RawDataError) as error:
        ledger.check()
    for part in ("'c999'", "'perhaps'", "'e999'", "'Atlantis'", "column part_of: 'c888'", "'percent'"):
        assert part in str(error.value), part


def test_a_number_that_counts_other_units_is_no_evidence(project: Project) -> None:
    e = evidence_id("c018", "14,000 to 18,000")
    project.edit(EVIDENCE, setting("evidence_id", e, unit="km2", printed="14,000 to 18,000 km2"))
    entries.clear()
    with pytest.raises(RawDataError, match="'km2', but claim c018 counts 'persons'"):
        ledger.check()


def test_check_needs_none_of_the_heavy_libraries() -> None:
    heavy = "('pandas', 'numpy', 'altair', 'papermill', 'scipy', 'rich')"
    code = f"import sys; from ffstats import ledger; ledger.check(); print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_chain_of_a_claim_shows_the_collated_cell_behind_its_evidence() -> None:
    chain = ledger.explain("c078")
    (cell,) = chain.cells
    estimates = tidy.estimates().set_index("estimate_id")
    row = estimates.loc[cell.estimate_id]
    assert (row["source_id"], row["iso3"], row["status"]) == ("soufan2017", "SAU", "travelled")
    assert cell.n_witnesses == row["n_witnesses"] == len(cell.witnesses) > len(chain.verdict.witnesses)
    assert row["dissent"] and row["dissent"] in str(chain)
    assert chain.as_dict()["cells"] == [cell.as_dict()]


def test_no_cell_is_shown_for_evidence_from_a_report_without_tables() -> None:
    assert all(not ledger.explain(claim).cells for claim in ("c008", "c063"))
