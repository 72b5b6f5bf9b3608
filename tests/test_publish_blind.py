"""The blind recompute: the printed number is told only after the reviewer's own."""

from __future__ import annotations

import io
import re

import pytest

from ffstats.errors import BlindError, ChoiceError, ClaimError, PrintedError
from ffstats.judging import entries
from ffstats.publish import blind


@pytest.mark.parametrize(
    ("claim_id", "value", "outcome"),
    [
        ("c043", "800", "match"),
        ("c043", "about 800", "match"),
        ("c043", "790", "match"),
        ("c043", "740", "differs"),
        ("c043", "750–850", "range"),
        ("c043", "at least 900", "differs"),
        ("c021", "at least 5,600", "match"),
        ("c021", "5,600", "match"),
        ("c021", "7,000", "range"),
        ("c021", "at least 5,000", "differs"),
        ("c021", "up to 5,600", "differs"),
    ],
)
def test_a_number_matches_lies_in_the_range_or_differs(claim_id, value, outcome):
    assert blind.recompute(claim_id, value).outcome == outcome


def test_a_bound_that_the_text_changed_is_said():
    assert blind.recompute("c021", "up to 5,600").bound == "the direction of the bound is reversed"
    assert blind.recompute("c043", "at least 800").bound == "your lower bound is printed as a plain figure"
    assert blind.recompute("c043", "800").bound == ""


def test_no_question_gives_its_number_away():
    for claim in entries.load().claims.values():
        digits = {re.sub(r"\D", "", hit) for hit in re.findall(r"\d[\d,.]*", claim.printed)}
        asked = blind.question(claim).split(" ", 1)[1]
        shown = {re.sub(r"\D", "", hit) for hit in re.findall(r"\d[\d,.]*", asked)}
        assert not digits & shown, claim.claim_id
        assert claim.printed not in asked


def test_a_session_tells_the_printed_number_only_after_the_answer():
    said: list[str] = []

    class Lines(io.StringIO):
        def readline(self, *size):
            told = "\n".join(said)
            assert "printed" not in told or told.index("yours") < told.index("printed")
            return super().readline(*size)

    answers = blind.session(["c043"], Lines("nonsense\n425\n"), said.append)
    assert [a.outcome for a in answers] == ["differs"]
    assert "states no number" in said[1] and "printed estimated 800" in said[2]


def test_a_session_goes_through_a_text_passes_and_stops():
    said: list[str] = []
    answers = blind.session([], io.StringIO("\n\n40,000\nq\n999\n"), said.append, "article")
    numeric = [c.claim_id for c in entries.load().claims.values() if c.text == "article" and c.numeric]
    assert [a.claim.claim_id for a in answers] == [numeric[2]]
    assert sum(": stop)" in line for line in said) == 4


def test_lines_of_claims_and_numbers_are_read_from_a_pipe():
    said: list[str] = []
    answers = blind.session(["-"], io.StringIO("c043 800\n\nc021 at least 5,000\n"), said.append)
    assert [a.outcome for a in answers] == ["match", "differs"]
    assert said[-1] == "2 numbers: 1 match, 0 range, 1 differs"
    with pytest.raises(BlindError, match="line 1: 'c043' holds no number"):
        blind.session(["-"], io.StringIO("c043\n"), said.append)


def test_what_cannot_be_compared_is_an_error_that_says_why():
    vague = next(c.claim_id for c in entries.load().claims.values() if not c.numeric)
    with pytest.raises(BlindError, match="without a number"):
        blind.recompute(vague, "100")
    with pytest.raises(BlindError, match="too vague"):
        blind.recompute("c043", "thousands")
    with pytest.raises(PrintedError):
        blind.recompute("c043", "800 or 900 and 12")
    with pytest.raises(PrintedError, match="counts persons"):
        blind.recompute("c043", "40 percent")
    with pytest.raises(ClaimError, match="c043"):
        blind.recompute("c0433", "1")
    with pytest.raises(ChoiceError):
        blind.session([], io.StringIO(), lambda line: None, "novel")
