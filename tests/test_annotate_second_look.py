"""The second look of the annotator: what a passage says of a number, where the number's own clause does not."""

from __future__ import annotations

import pytest

from ffstats.annotate import Annotation, annotate

INDONESIA = (
    "Indonesia's counter-terrorism agency told reporters in September 2021 that 2,113 citizens had set out to join Islamic State "
    "in Syria and Iraq. Officers turned 556 of them back before they got there. The agency lists 111 as dead."
)


def found(text: str, number: str) -> Annotation:
    return next(a for a in annotate(text).annotations if number in a.mention.text)


def ids(text: str, number: str) -> tuple[str, ...]:
    return found(text, number).link.ids


def test_a_number_is_linked_by_the_country_that_the_passage_names() -> None:
    text = (
        "Switzerland's intelligence service put those who had left on jihadist grounds at 93 in November 2018. Of them, 78 had gone to "
        "Syria or Iraq, the rest to theatres such as Somalia. Across all these conflicts the service recorded 33 deaths."
    )
    assert any(i.startswith("national/CHE/travelled") for i in ids(text, "78"))
    assert any(i.startswith("national/CHE/killed") for i in ids(text, "33"))


def test_a_country_that_the_sentence_names_is_not_passed_over_for_one_before() -> None:
    text = (
        "Kazakhstan had repatriated 231 citizens from Syria by May 2019. Kyrgyzstan, of whose nationals more than 850 had gone to Syria and "
        "Iraq, had brought back 710 people by 2021."
    )
    assert ids(text, "231") and not ids(text, "710")


def test_what_a_verb_and_a_word_behind_the_number_say_is_said_of_it() -> None:
    assert any("/prevented/" in i for i in ids(INDONESIA, "556"))
    assert any("/killed/" in i for i in ids(INDONESIA, "111"))


def test_a_value_that_its_neighbours_source_gives_otherwise_is_a_difference() -> None:
    link = found(INDONESIA.replace("111", "411"), "411").link
    assert link.status == "covered, differs"
    assert any(i.startswith("national/IDN/killed") for i in link.ids)


def test_what_the_own_clause_says_is_never_overruled() -> None:
    for done in ("been stripped of their citizenship", "been wounded", "been put on trial"):
        assert found(INDONESIA.replace("The agency lists 111 as dead", f"Another 111 have {done}"), "111").link.status != "covered"


def test_a_unit_named_in_the_sentence_before_holds_on() -> None:
    text = (
        "IHS traces the shrinking of the caliphate's territory in square kilometres. From 90,800 at the start of 2015 what Islamic State held in Iraq "
        "and Syria was down to 60,400 by the end of 2016."
    )
    assert ids(text, "90,800") == ("ihs_territory-001",)
    assert "ihs_territory-011" in ids(text, "60,400")


@pytest.mark.parametrize(("said", "number"), [("about 35", "35"), ("just over 30", "over 30"), ("nearly 35", "35")])
def test_small_numbers_are_rounded_to_fives_and_tens(said: str, number: str) -> None:
    text = f"Spain's interior ministry said on 30 October 2017 that 222 people had gone to Syria and Iraq, and that {said} had returned."
    assert found(text, number).link.status == "covered"  # 34


def test_the_dead_and_the_living_of_a_part_are_told_from_those_of_the_whole() -> None:
    text = (
        "Spain's interior ministry said on 30 October 2017 that 222 people had left to join jihadist groups in Syria and Iraq, among them 23 women. "
        "The ministry believes 47 of them died in combat."
    )
    assert any("/killed/all_persons/" in i for i in ids(text, "47"))


def test_what_is_of_a_date_or_on_the_way_names_no_country_of_those_counted() -> None:
    text = "Turkey and other states turned back 556 of the 2,113 Indonesians who set out to join Islamic State in Syria, Jakarta said in September 2021."
    assert any(i.startswith("national/IDN/prevented") for i in ids(text, "556"))


def test_who_is_flown_to_the_own_country_has_come_home() -> None:
    text = (
        "Kazakhstan had airlifted 231 of its citizens out of Syria by May 2019. Uzbekistan followed: on 30 May 2019 its diplomats reported that "
        "156 people had been flown to Tashkent."
    )
    assert any(i.startswith("national/UZB/repatriated") for i in ids(text, "156"))


def test_thousands_of_headlines_one_below_another_are_read() -> None:
    rows = [f"About {n} people left home" for n in range(3_000)]
    assert len(annotate("\n\n".join(rows)).annotations) >= 2_990
