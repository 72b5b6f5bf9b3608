"""The annotator finds every number of a text, says what it is, and links it by population and value."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotating import UNSEEN, by_sentence, paragraphs, score
from ffstats.annotate import STATUSES, annotate, words
from ffstats.annotate.mentions import KINDS, find
from ffstats.annotate.reasons import exemptions
from sandbox import ROOT

SETS = ("tuning", "kept_aside", "kept_aside_2", "kept_aside_3", "kept_aside_4", "kept_aside_5",
        *(f"kept_aside_{letter}" for letter in "abcdefghijmnopuvwx"), *(f"tuning_{letter}" for letter in "klqrsyz"),
        *(f"press_{n}" for n in (*range(1, 11), 12)), *(f"idiom_{n}" for n in range(1, 5)))  # fmt: skip
LONGER = ("tuning_k", "tuning_l", "tuning_q", "tuning_r", "tuning_s", "kept_aside_u", "kept_aside_v", "tuning_y",
          "tuning_z", *(f"press_{n}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 10, 12)), "idiom_1", "idiom_2", "idiom_3")  # fmt: skip
KEYS = ["start", "end", "text", "kind", "low", "high", "bound", "unit", "claim_ids", "estimate_ids", "status",
        "reason", "exempt"]  # fmt: skip


def kinds(text: str) -> list[tuple[str, str]]:
    return [(m.text, m.kind) for m in find(text).mentions]


@pytest.mark.parametrize("name", SETS)
def test_links_of_each_set_of_paragraphs_are_mostly_right(name: str) -> None:
    found = score(paragraphs(name))
    assert found.precision >= 0.9
    assert found.recall >= 0.9


@pytest.mark.parametrize("name", LONGER)
def test_links_of_the_longer_sets_are_right_and_complete_to_95_percent_each(name: str) -> None:
    found = score(paragraphs(name))
    assert found.precision >= 0.95
    assert found.recall >= 0.95


def test_links_of_all_paragraphs_are_right_and_complete_to_95_percent() -> None:
    found = score(tuple(row for name in SETS for row in paragraphs(name)))
    assert found.precision >= 0.95
    assert found.recall >= 0.95
    assert found.found >= 0.99 * found.answers


def test_links_of_paragraphs_that_nobody_has_tuned_for_are_right_and_complete_to_95_percent() -> None:
    found = score(tuple(row for name in UNSEEN for row in paragraphs(name)))
    assert found.precision >= 0.95
    assert found.recall >= 0.95
    told = " ".join((ROOT / "docs" / "how-to" / "annotate.md").read_text(encoding="utf-8").split())
    assert f"{100 * found.precision:.0f} of a hundred links were right, and {100 * found.recall:.0f} of a hundred numbers" in told
    told = " ".join((ROOT / "tests" / "data" / "annotate" / "README.md").read_text(encoding="utf-8").split())
    assert f"{found.right} of {found.right + found.wrong} links are right" in told
    assert f"{found.right} of the {found.right + found.missed} numbers that the ledger holds are linked" in told


def test_what_has_no_full_stop_is_read_in_parts_and_no_number_of_it_is_lost() -> None:
    rows = " and ".join(f"{n:,} fighters went from Sweden" for n in range(1_000, 1_400))
    found = find(rows)
    assert max(end - start for start, end in found.sentences) <= 1_000
    assert all(rows[start].isalpha() for start, _ in found.sentences[1:])
    assert [m.estimate.best for m in found.mentions if m.estimate] == [float(n) for n in range(1_000, 1_400)]


def test_a_text_about_many_things_is_read_as_well_as_its_paragraphs_one_by_one() -> None:
    found = score(tuple(row for name in SETS for row in paragraphs(name)), together=True)
    assert found.precision >= 0.95
    assert found.recall >= 0.95


def test_a_text_with_a_paragraph_for_every_sentence_is_read_nearly_as_well() -> None:
    found = score(tuple(by_sentence(row) for name in SETS for row in paragraphs(name)))
    assert found.precision >= 0.95
    assert found.recall >= 0.95


@pytest.mark.parametrize(
    ("clause", "linked"),
    [
        ("1,251 were twiddling their thumbs", True),  # a verb that nobody lists, and a number of one fate alone
        ("1,251 had been brought to court", False),
    ],
)
def test_a_rare_number_is_linked_without_a_known_verb_and_never_against_one(clause: str, linked: bool) -> None:
    text = f"Indonesia has long counted those who joined the Islamic State in Syria. By September 2021, {clause}."
    (found,) = [a for a in annotate(text).annotations if a.mention.kind == "quantity"]
    assert (found.link.status == "covered") is linked, found.link.reason


def test_no_date_note_or_reference_of_the_paragraphs_is_taken_for_a_quantity() -> None:
    assert score(tuple(row for name in SETS for row in paragraphs(name))).misfiled == 0


@pytest.mark.parametrize("language", ["fr", "de", "es"])
def test_press_prose_of_other_languages_is_read_as_its_writers_meant(language: str) -> None:
    """`value` of an answer is what its writer says that the number says: its low and high end."""
    rows, read, asked = paragraphs(f"press_{language}"), 0, 0
    for row in rows:
        found = [a.mention for a in annotate(row["text"]).annotations]
        for answer in (a for a in row["answers"] if "value" in a):
            start, end = answer["start"], answer["start"] + len(answer["text"])
            e = next((m.estimate for m in found if m.start < end and m.end > start), None)
            asked += 1
            read += e is not None and [None if v is None else round(v) for v in (e.low, e.high)] == [
                None if v is None else round(v) for v in answer["value"]
            ]
    assert asked > 60
    assert read / asked >= 0.93
    assert score(rows).found >= 0.98 * score(rows).answers
    assert score(rows).precision >= 0.9
    assert score(rows).recall >= 0.85


@pytest.mark.parametrize("language", ["fr", "de", "es"])
def test_other_languages_are_found_and_read_at_least_90_percent_as_well_as_english(language: str) -> None:
    rows = [row for name in SETS for row in paragraphs(name)]
    english = score(tuple(r for r in rows if r["language"] == "en"))
    other = score(tuple(r for r in rows if r["language"] == language))
    assert other.found / other.answers >= 0.9 * english.found / english.answers
    assert other.recall >= 0.9 * english.recall
    assert other.precision >= 0.9 * english.precision


def test_numbers_about_other_things_are_never_linked() -> None:
    rows = tuple(row for name in SETS for row in paragraphs(name) if row["theme"] == "unrelated")
    assert len(rows) >= 20
    assert score(rows).wrong == 0


@pytest.mark.parametrize("pattern", words.patterns(), ids=lambda p: f"{p.kind}: {p.example}")
def test_each_pattern_takes_its_own_example(pattern: words.Pattern) -> None:
    assert pattern.expression.search(pattern.example)
    assert pattern.digits == bool(pattern.digits and any(c.isdigit() for c in pattern.example))


def test_each_class_of_exemption_has_a_reason() -> None:
    for pattern in words.patterns():
        if pattern.kind not in ("skip", "quantity", "age"):
            assert pattern.exemption in exemptions() or pattern.exemption in (
                "furniture",
                "machine",
                "score",
                "fixed_phrases",
                "one_of",
            )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In 2019, 2,019 people left.", [("2019", "date"), ("2,019 people", "quantity")]),
        ("Up to 2000 fighters came in 2000.", [("Up to 2000 fighters", "quantity"), ("2000", "date")]),
        ("Call +33 1 23 45 67 89.", [("+33 1 23 45 67 89", "identifier")]),
        ("It cost £5,000 or $2 million.", [("£5,000", "money"), ("$2 million", "money")]),
        ("The 3rd of 12 cases", [("3rd", "ordinal"), ("12", "quantity")]),
        ("a boy aged 12, a 15-year-old girl", [("12", "age"), ("15", "age")]),
        ("dozens of men and thousands of women", [("dozens", "vague"), ("thousands", "vague")]),
        ("He left prison.38 Then he came back.", [("38", "footnote")]),
        ("half of the 300", [("half of the 300", "quantity")]),
        ("They were held for 72 hours.", [("72 hours", "duration")]),
        ("no. 7, pp. 1–9, vol. 3", [("no. 7", "reference"), ("pp. 1–9", "reference"), ("vol. 3", "reference")]),
        ("From 1 May to 9 July 2017", [("1 May", "date"), ("9 July 2017", "date")]),
    ],
)
def test_a_number_is_told_by_what_stands_around_it(text: str, expected: list[tuple[str, str]]) -> None:
    found = kinds(text)
    assert [kind for _, kind in found] == [kind for _, kind in expected]
    assert all(mine in ours or ours in mine for (mine, _), (ours, _) in zip(found, expected, strict=True))


def test_notes_at_the_foot_are_told_from_a_sentence_that_begins_with_a_number() -> None:
    notes = "- 1 Smith, 'Report'.\n- 2 Jones, 'Answer'.\n\n12 Americans came back."
    assert [kind for _, kind in kinds(notes)] == ["footnote", "footnote", "quantity"]


def test_the_bound_that_stands_nearer_to_the_number_counts() -> None:
    (mention,) = find("It grew up to more than 40,000.").mentions
    assert mention.estimate is not None
    assert mention.estimate.bound == "at_least"


def test_each_annotation_has_the_keys_of_the_contract_and_no_others() -> None:
    text = "In 2017, at least 5,600 foreign fighters of ISIS had returned from Syria; dozens did not (p. 3)."
    found = annotate(text).as_list()
    assert json.loads(json.dumps(found)) == found
    for one in found:
        assert list(one) == KEYS
        assert text[one["start"] : one["end"]] == one["text"]
        assert one["kind"] in KINDS
        assert one["status"] in STATUSES
        assert (one["exempt"] is None) == (one["status"] != "exempt")
        assert one["reason"].endswith(".")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Turkey saw 900 fighters return from the Islamic State in Syria.", "covered"),
        ("Belgium saw 900 fighters return from the Islamic State in Syria.", "covered, differs"),
        ("In Marawi, 900 ISIS fighters were killed.", "same number, other population"),
        ("Turkey saw 900 restaurants close.", "not in the ledger"),
        ("In 1936, 900 fighters returned to Turkey from the Islamic State in Syria.", "same number, other population"),
        ("More than 900 fighters have returned to Turkey from the Islamic State in Syria.", "covered, differs"),
        ("Turkey saw 900 women of the Islamic State return from Syria.", "same number, other population"),
    ],
)
def test_the_value_alone_never_binds(text: str, status: str) -> None:
    (found,) = [a for a in annotate(text).annotations if a.mention.kind == "quantity"]
    assert found.link.status == status, found.link.reason
    if status == "same number, other population":
        assert not found.link.claim_ids
        assert not found.link.estimate_ids


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Some 27,500 foreign children are in camps of north-east Syria. About 8,000 of them are not Iraqis.", "un-071"),
        ("Rund 27.500 ausländische Kinder leben in Lagern in Nordostsyrien. Etwa 8000 davon sind keine Iraker.", "un-071"),
        ("27 500 enfants étrangers sont dans des camps du nord-est de la Syrie. 8 000 d'entre eux ne sont pas irakiens.", "un-071"),
        ("In July 2020, 65,406 people of 60 countries were at al-Hol, 9,912 of them from third countries.", "un-049"),
        ("Some 27,500 foreign children are in camps of north-east Syria. About 8,000 of them love football.", ""),
        ("A crowd of 27,500 saw the match. About 8,000 of them were not from Iraq.", ""),
    ],
)  # fmt: skip
def test_a_part_is_of_the_people_of_the_sentence_before_only_if_it_says_which_part(text: str, name: str) -> None:
    last = [a for a in annotate(text).annotations if a.mention.kind == "quantity"][-1]
    assert name in last.link.estimate_ids if name else not last.link.estimate_ids
    assert last.link.status == ("covered" if name else "not in the ledger")


@pytest.mark.parametrize(
    ("day", "name"), [("25 September 2019", "un-030"), ("July 19, 2020", "un-034"), ("2020-07-19", "un-034")]
)
def test_of_several_counts_of_a_population_that_of_the_day_named_is_compared(day: str, name: str) -> None:
    (found,) = [a for a in annotate(f"On {day} some 90,000 people lived at al-Hol.").annotations if a.mention.kind == "quantity"]
    assert found.link.status == "covered, differs"
    assert found.link.estimate_ids[0] == name, found.link.reason


def test_a_return_to_the_theatre_is_no_return_home() -> None:
    assert [annotate(f"Some 900 Turks returned {where}.").as_list()[-1]["claim_ids"] for where in ("home from Syria", "to Syria")] == [["c076"], []]


def test_wives_of_fighters_are_no_fighters() -> None:
    (found,) = annotate("About 500 of the men's wives came from France.").as_list()
    assert found["reason"] == "The words around it are not about these fighters."


def test_the_coverage_adds_up() -> None:
    for row in paragraphs("tuning"):
        c = annotate(row["text"]).coverage()
        assert c["found"] == c["covered"] + c["exempt"] + c["uncovered"]


def test_the_same_text_gives_the_same_annotations_whatever_came_before() -> None:
    text = paragraphs("tuning")[0]["text"]
    first = annotate(text).as_list()
    for row in paragraphs("kept_aside"):
        annotate(row["text"])
    assert annotate(text).as_list() == first


PIECES = st.sampled_from(
    ["400", "5,600", "14.000", "2019", "pp. 3", "<sup>", "</sup>", "[1]", "Résolution 2178", "at least", "up to",
     "between", "and", "–", ",", ".", "\n\n", "- 1 ", "ISIS", "Syria", "one in nine", "٣٠٠", "½", "$", "€", "%", "http://",
     "zweihundert", "(", ")", "million", "\x00", "\u202e", "𝟜𝟘", "Feb. 22, 2018", "é", "\U0001f600"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.text(max_size=300), st.lists(PIECES, max_size=40).map(" ".join), st.lists(PIECES, max_size=40).map("".join)
    )
)
def test_any_text_is_annotated_in_order_without_overlap(text: str) -> None:
    end = 0
    for a in annotate(text).annotations:
        m = a.mention
        assert end <= m.start < m.end <= len(text)
        assert m.text == text[m.start : m.end]
        assert a.link.status in STATUSES
        end = m.end


@pytest.mark.parametrize(
    "unit", ["1", "1,", "1 000 ", "<sup>", "[", "one ", "a.b@", "10.1234/", "(", "between 1 and ", "\n\n", "12 May ",
             "1-", "zwei", "\n- 1 ", "+1 2", "pp. ", "at least "]
)  # fmt: skip
def test_no_text_takes_more_than_linear_time(unit: str) -> None:
    """Eight times the text may take at most some twenty times as long: what grows with the square takes 64."""
    import time

    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        start = time.process_time()
        find(text)
        return time.process_time() - start

    seconds(1_000)
    small, large = max(seconds(2_500), 0.004), seconds(20_000)
    assert large < 20 * small + 0.3
