"""What a number counts: every term is described, a wrong one is refused with the right ones, and two compare."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from ffstats import definitions
from ffstats.definitions import Definition
from ffstats.errors import DefinitionError

DATA = Path(__file__).parent / "data"
OPPOSITE = {"narrower": "wider", "wider": "narrower"}
WORLD = Definition("isis", "all_persons", "returned", "World", "syria_iraq", "2017-10", "compiled")


def cases(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    "case", cases("definitions_compared.csv"), ids=lambda c: f"{c['facet']}: {c['a']}, {c['b']}"
)
def test_terms_compare_as_the_table_says_in_both_directions(case: dict[str, str]) -> None:
    assert definitions.relation(case["facet"], case["a"], case["b"]) == case["relation"], case["why"]
    opposite = OPPOSITE.get(case["relation"], case["relation"])
    assert definitions.relation(case["facet"], case["b"], case["a"]) == opposite


def test_every_term_says_what_it_counts() -> None:
    for facet in definitions.FACETS:
        known = definitions.terms(facet)
        assert len(set(known)) == len(known) > 3
        for term in known:
            text = definitions.describe(term)
            assert text.startswith(f"{term} (") or f"\n{term} ({facet})" in text
            assert len(text.splitlines()[1].split()) > 2


def test_a_part_is_a_part_of_terms_of_its_own_facet_and_of_no_part_of_itself() -> None:
    for facet in definitions.FACETS:
        known = definitions.terms(facet)
        for term in known:
            for other in known:
                relation = definitions.relation(facet, term, other)
                assert (relation == "equal") == (term == other)
                assert relation != "narrower" or definitions.relation(facet, other, term) == "wider"


def test_a_term_of_two_facets_is_described_for_both() -> None:
    text = definitions.describe("not_stated")
    assert "(group)" in text and "(basis)" in text


def test_an_unknown_term_is_refused_with_the_close_ones() -> None:
    with pytest.raises(DefinitionError, match="Did you mean travelled"):
        definitions.describe("traveled")
    with pytest.raises(DefinitionError, match="Facets are group, who, status, basis"):
        definitions.terms("colour")
    with pytest.raises(DefinitionError, match="Use one of isis, sunni_militant_groups"):
        definitions.relation("group", "isil", "isis")


def test_everything_wrong_with_a_definition_is_said_at_once() -> None:
    wrong = Definition("isil", "fighter", "returned", "Frrance", "syria_iraq", "2017", "guess")
    with pytest.raises(DefinitionError) as caught:
        definitions.validate(wrong)
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["group", "who", "basis", "origin"]
    assert "Did you mean fighters" in lines[1] and "all_persons" in lines[1]
    assert "France" in lines[3]


def test_two_equal_definitions_do_not_differ_though_they_name_the_place_otherwise() -> None:
    renamed = Definition("isis", "all_persons", "returned", "XWD", "Iraq and Syria", "2017-10", "compiled")
    assert definitions.compare(WORLD, renamed) == []


def test_a_comparison_names_each_facet_and_how_it_differs() -> None:
    other = Definition("isis", "fighters", "travelled", "XWD", "SYR", "", "press")
    found = {d.facet: d.relation for d in definitions.compare(WORLD, other)}
    assert found == {
        "who": "wider",
        "status": "narrower",
        "place": "wider",
        "as_of": "unknown",
        "basis": "different",
    }
    assert [str(d) for d in definitions.compare(WORLD, other)] == [
        "who: all_persons is wider than fighters",
        "status: returned is narrower than travelled",
        "place: syria_iraq is wider than SYR",
        "as_of: 2017-10 cannot be compared with not stated",
        "basis: compiled is not press",
    ]


def test_a_definition_is_taken_from_a_row_of_data() -> None:
    row = {"group": "isis", "who": "men", "status": "killed", "origin": "France", "printed": "12"}
    assert Definition.of(row) == Definition("isis", "men", "killed", "France")
