"""Every name of a place in the data has a code, in any spelling, and an unknown one says what comes close."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffstats import places
from ffstats.errors import PlaceError

DATA = Path(__file__).parent / "data"
RAW = Path(__file__).parents[1] / "data" / "raw"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", rows(DATA / "places_hard.csv"), ids=lambda c: f"{c['name']} ({c['role']})")
def test_hard_names_have_their_code_or_an_error(case: dict[str, str]) -> None:
    if case["code"]:
        assert places.code(case["name"], case["role"]) == case["code"], case["why"]
    else:
        with pytest.raises(PlaceError):
            places.code(case["name"], case["role"])


@pytest.mark.parametrize("table", sorted(RAW.glob("*/*.csv")), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_origin_and_place_of_the_raw_data_resolves(table: Path) -> None:
    found = [row for row in rows(table) if "origin" in row]
    for column, role in (("origin", "origin"), ("place", "place")):
        for name in sorted({row.get(column, "") for row in found} - {""}):
            places.code(name, role)


def test_a_place_of_the_raw_data_is_already_a_code() -> None:
    for table in [*RAW.glob("*/readings.csv"), *RAW.glob("*/series.csv")]:
        for name in {row["place"] for row in rows(table)}:
            assert places.code(name, "place") == name, f"{table}: {name}"


def test_an_unknown_name_gives_the_close_ones() -> None:
    with pytest.raises(PlaceError, match=r"Close names: .*Kyrgyzstan"):
        places.code("Kyrgystann")


def test_every_name_of_the_table_leads_back_to_its_code() -> None:
    for place in places.listed():
        role = next(role for role, kinds in places.ROLES.items() if place.kind in kinds)
        assert places.code(place.code, role) == place.code
        for name in (place.name, *place.aliases):
            assert places.code(name, role) == place.code
            assert places.code(name.upper(), role) == place.code
        assert places.name(place.code) == place.name


def test_the_table_holds_together() -> None:
    for place in places.listed():
        assert not place.inside or places.place(place.inside)
        for member in place.members:
            assert member == "*" or places.place(member.removeprefix("-"))
        assert (place.lat is None) == (place.lon is None)
        if place.lat is not None and place.lon is not None:
            assert -90 <= place.lat <= 90 and -180 <= place.lon <= 180
        if place.kind in places.ROLES["place"]:
            assert places.around(place.code)[-1:] in ((), ("world",)), place.code


def test_the_european_union_has_the_members_of_its_time() -> None:
    assert len(places.members("XEU")) == 28
    assert {"GBR", "HRV"} <= set(places.members("XEU"))
    assert not {"NOR", "CHE", "SRB"} & set(places.members("XEU"))


@pytest.mark.parametrize(
    ("a", "b", "role", "expected"),
    [
        ("France", "European Union", "origin", "narrower"),
        ("World", "Kosovo", "origin", "wider"),
        ("Chechnya", "Russia", "origin", "narrower"),
        ("North Caucasus", "Former Soviet Union", "origin", "narrower"),
        ("Outside Iraq and Syria", "Syria", "origin", "different"),
        ("Outside Iraq and Syria", "Tunisia", "origin", "wider"),
        ("XIS", "Iraq+Syria", "origin", "equal"),
        ("Turkey", "Tunisia", "origin", "different"),
        ("Raqqa", "SYR", "place", "narrower"),
        ("syria_iraq", "IRQ", "place", "wider"),
        ("LBY", "syria_iraq", "place", "different"),
        ("all_theatres", "LBY", "place", "wider"),
        ("al_hol", "al_hol", "place", "equal"),
    ],
)
def test_places_compare_as_wholes_and_parts(a: str, b: str, role: places.Role, expected: str) -> None:
    assert places.relation(a, b, role) == expected
    opposite = {"narrower": "wider", "wider": "narrower"}.get(expected, expected)
    assert places.relation(b, a, role) == opposite


@pytest.mark.parametrize("wrong", [None, 3, "", "  ", "...", "x" * 300])
def test_what_is_no_name_is_refused(wrong: object) -> None:
    with pytest.raises(PlaceError):
        places.code(wrong)  # type: ignore[arg-type]


def test_codes_that_do_not_exist_are_refused() -> None:
    for wrong in ("ZZZ", "France", "BIH+ZZZ", ""):
        with pytest.raises(PlaceError):
            places.name(wrong)
        with pytest.raises(PlaceError):
            places.members(wrong)


@given(st.text(max_size=400))
def test_no_text_raises_anything_but_a_place_error(text: str) -> None:
    try:
        found = places.code(text)
    except PlaceError:
        return
    assert places.code(found) == found


def test_a_long_list_is_refused_at_once() -> None:
    start = time.perf_counter()
    for text in (" and ".join(["x"] * 60), "+" * 200, "a,b " * 50, "Bosnia and " * 18):
        with pytest.raises(PlaceError):
            places.code(text)
    assert time.perf_counter() - start < 1
