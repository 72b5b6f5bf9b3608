"""Collation keeps its rule: kind of witness first, then agreement, and every dissent is named."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ffstats.collate import (
    DERIVED,
    KINDS,
    Witness,
    borrowed,
    collate,
    collate_cell,
    is_rounding,
    relation,
    slip,
)
from ffstats.estimate import Estimate

CELLS = list(csv.DictReader((Path(__file__).parent / "data" / "collate_cells.csv").open(encoding="utf-8")))
PAIRS = list(
    csv.DictReader((Path(__file__).parent / "data" / "collate_relations.csv").open(encoding="utf-8"))
)
SHORT = {"one digit slip": "one digit, like a transposition"}


def estimate(words: str) -> Estimate:
    """Read the test file's own shorthand, which leaves nothing to a parser."""
    if words == "vague":
        return Estimate.vague()
    kind, _, figure = words.rpartition(" ")
    if "-" in figure:
        low, high = figure.split("-")
        return Estimate.between(float(low), float(high))
    make = {
        "": Estimate.exact,
        "about": Estimate.approx,
        "at-least": Estimate.at_least,
        "up-to": Estimate.at_most,
    }
    return make[kind](float(figure))


def witness(words: str) -> Witness:
    kind, _, rest = words.strip().partition(" ")
    said, _, voices = rest.rpartition(" x")
    return Witness(estimate(said), kind, int(voices))


@pytest.mark.parametrize("row", CELLS, ids=[row["case"] for row in CELLS])
def test_hard_cells_collate_as_an_editor_would(row: dict[str, str]) -> None:
    found = collate_cell([witness(w) for w in row["witnesses"].split("|")])
    assert found.estimate == estimate(row["estimate"])
    assert list(found.relations) == [SHORT.get(r.strip(), r.strip()) for r in row["relations"].split("|")]
    assert found.tie is (row["tie"] == "yes")


@pytest.mark.parametrize("row", PAIRS, ids=[row["case"] for row in PAIRS])
def test_the_relation_of_a_witness_to_the_estimate_has_its_name(row: dict[str, str]) -> None:
    assert relation(estimate(row["printed"]), estimate(row["value"])) == SHORT.get(
        row["relation"], row["relation"]
    )


def test_a_collated_cell_has_these_columns_and_types() -> None:
    table, relations = collate(readings(("cell", "r1", "", "press", 7)))
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        "low": "float64", "high": "float64", "bound": "str", "unit": "str", "best": "float64", "n_witnesses": "int64",
        "n_independent": "int64", "seen_kind": "str", "tie": "bool", "dissent": "str",
    }  # fmt: skip
    assert table.loc["cell", "seen_kind"] == "press"
    assert str(relations.dtype) == "str"


figures = st.integers(min_value=1, max_value=60_000)
kinds = st.sampled_from(KINDS)
makers = st.sampled_from([Estimate.exact, Estimate.approx, Estimate.at_least, Estimate.at_most])
witnesses = st.builds(
    lambda make, n, kind, v: Witness(make(float(n)), kind, v), makers, figures, kinds, st.integers(1, 4)
)


@given(st.lists(witnesses, min_size=1, max_size=7))
def test_order_of_witnesses_does_not_matter(cell: list[Witness]) -> None:
    one, other = collate_cell(cell), collate_cell(cell[::-1])
    assert one.estimate == other.estimate
    assert one.relations == other.relations[::-1]


@given(st.lists(witnesses, min_size=1, max_size=7))
def test_only_the_best_kind_of_witness_puts_a_value_forward(cell: list[Witness]) -> None:
    found = collate_cell(cell)
    best = min((w.seen_kind for w in cell), key=KINDS.index)
    if not found.tie:
        assert found.estimate in [w.estimate for w in cell if w.seen_kind == best]
        assert any(r in DERIVED for r in found.relations)


@given(witnesses, st.integers(2, 5))
def test_unanimous_witnesses_are_believed(one: Witness, count: int) -> None:
    found = collate_cell([one] * count)
    assert found.estimate == one.estimate
    assert set(found.relations) == {"agrees"}


@given(st.integers(100, 99_999), st.integers(1, 3))
def test_rounding_is_recognised_at_any_number_of_digits(value: int, places: int) -> None:
    step = 10**places
    rounded = (value + step // 2) // step * step
    if rounded and rounded != value and abs(rounded - value) <= value / 10:
        assert is_rounding(rounded, value)
        assert not is_rounding(value, rounded) or value % 10 == 0


@given(st.integers(100, 99_999), st.data())
def test_a_swap_of_two_digits_is_named_a_transposition(value: int, data: st.DataObject) -> None:
    digits = list(str(value))
    i, j = sorted(data.draw(st.lists(st.integers(0, len(digits) - 1), min_size=2, max_size=2, unique=True)))
    digits[i], digits[j] = digits[j], digits[i]
    swapped = int("".join(digits))
    if len(str(swapped)) == len(str(value)) and swapped != value:
        assert slip(swapped, value) == "transposition"


def readings(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["cell_id", "reading_id", "copy_of", "seen_kind", "best"])
    return frame.assign(low=frame["best"], high=frame["best"], bound="exact", unit="persons")


def test_cells_are_collated_with_open_ends_missing_fields_and_every_dissent_named() -> None:
    heard = pd.DataFrame(
        [
            ("z", None, "press", 40, None, None, "at_least", "percent"),
            ("z", "", "press", 40, 40, 40, "exact", "percent"),
            ("z", None, "press", None, 40, None, "at_most", "percent"),
            ("z", "", "press", 25, 25, 25, "exact", "percent"),
            ("z", "", "press", 25, 25, 25, "exact", "percent"),
            ("z", "", "press", 71, 71, 71, "exact", "percent"),
            ("z", "", "press", 40, None, None, "at_least", "percent"),
            ("z", None, "press", None, None, None, None, "percent"),
            ("y", "", "reprint", 1, 3, 2, "range", "months"),
            ("y", "", "press", 2, 4, None, "range", "months"),
            ("x", "", "press", 10, 30, None, "range", "months"),
            ("x", "", "press", None, 50, None, "at_most", "months"),
            ("w", "", "press", 100, 120, None, "range", "months"),
            ("w", "", "press", 150, 150, 150, "exact", "months"),
            ("none", "", "missing", None, None, None, "", "persons"),
        ],
        columns=["cell_id", "copy_of", "seen_kind", "low", "high", "best", "bound", "unit"],
        index=range(100, 115),
    )
    table, relations = collate(heard)
    rows = table.astype(object).where(table.notna(), None).to_dict("index")
    assert {cell: " | ".join(map(str, row.values())) for cell, row in rows.items()} == {
        "w": "100.0 | 150.0 | range | months | None | 2 | 2 | press | True | "
        "100–120 months (1: tied); 150 months (1: tied)",
        "x": "None | 50.0 | at_most | months | None | 2 | 2 | press | True | "
        "10–30 months (1: tied); up to 50 months (1: tied)",
        "y": "1.0 | 3.0 | range | months | 2.0 | 2 | 2 | reprint | False | 2–4 months (1: differs)",
        "z": "40.0 | None | at_least | percent | None | 7 | 7 | press | False | 25 percent (2: differs); "
        "40 percent (1: bound dropped); 71 percent (1: differs); up to 40 percent (1: bound reversed)",
    }
    assert list(rows) == sorted(rows), "cells come in the order of their names"
    assert relations.index.equals(heard.index)
    assert ",".join(relations) == (
        "agrees,bound dropped,bound reversed,differs,differs,differs,agrees,,agrees,differs,tied,tied,tied,tied,"
    )


def test_no_readings_make_no_estimates() -> None:
    table, relations = collate(readings())
    assert table.empty and relations.empty


def test_a_syndicated_text_counts_once() -> None:
    table, relations = collate(
        readings(
            ("cell", "r1", "", "press", 500),
            ("cell", "r2", "r1", "press", 600),
            ("cell", "r3", "r1", "press", 600),
            ("cell", "r4", "", "press", 500),
        )
    )
    assert table.loc["cell", ["low", "n_witnesses", "n_independent"]].tolist() == [500, 4, 2]
    assert relations.tolist() == ["agrees", "differs", "differs", "agrees"]
    assert table.loc["cell", "dissent"] == "600 (2: differs)"


def test_copies_of_a_text_outside_the_cell_speak_once_between_them() -> None:
    table, _ = collate(readings(*(("cell", f"r{n}", "elsewhere", "press", 7) for n in range(3))))
    assert table.loc["cell", "n_independent"] == 1
    assert table.index.name == "cell_id"


def test_a_copy_that_stands_before_its_original_silences_nobody() -> None:
    table, _ = collate(readings(("cell", "r1", "r2", "press", 7), ("cell", "r2", "", "press", 7)))
    assert table.loc["cell", "n_independent"] == 1


def test_cells_are_collated_apart() -> None:
    table, _ = collate(readings(("a", "r1", "", "press", 1), ("b", "r2", "", "press", 2)))
    assert table["low"].to_dict() == {"a": 1.0, "b": 2.0}


def test_a_cell_known_only_through_copies_of_another_source_is_not_that_sources() -> None:
    frame = readings(
        ("post/tur", "p1", "", "press", 1500),
        ("report/tur", "s1", "p1", "press", 1500),
        ("report/mar", "s2", "p1", "press", 200),
        ("report/mar", "s3", "", "press", 198),
        ("report/rus", "s4", "", "press", 400),
        ("report/rus", "s5", "s4", "press", 400),
        ("report/fra", "s6", "p1", "press", 700),
    )
    frame.loc[frame["reading_id"] == "s6", "bound"] = ""
    frame = frame.assign(source_id=frame["cell_id"].str.partition("/")[0])
    assert frame.loc[borrowed(frame), "reading_id"].tolist() == ["s1"]
