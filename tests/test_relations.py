"""Relations are read strictly: whatever is wrong with them is said at once, with file, row and remedy."""

from __future__ import annotations

import csv
from dataclasses import replace
from math import inf
from pathlib import Path

import pandas as pd
import pytest

from ffstats.balance.linear import Row
from ffstats.balance.posing import interval, pose
from ffstats.balance.relations import Quantity, Relation, check, period, read_quantities, read_relations
from ffstats.balance.system import load_system
from ffstats.errors import ChoiceError, RawDataError, RelationError
from ffstats.estimate import Estimate
from ffstats.judging.entries import load

HERE = Path(__file__).parent / "data"
PERSONS = ("back", "held", "spare", "one", "two", "three")
QUANTITIES = [
    *(Quantity(name, Estimate.exact(10)) for name in PERSONS),
    Quantity("went", Estimate.exact(20), as_of="2017"),
    Quantity("area", Estimate.exact(5, "km2")),
    Quantity("share", Estimate.exact(10, "percent")),
]
HEADER = "relation_id,kind,left,right,factor,low,high,reading,reason\n"


def mistakes() -> tuple[list[Relation], list[str]]:
    with (HERE / "relations_mistakes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    relations = [
        Relation(
            row["relation_id"],
            row["kind"],
            tuple(part.strip() for part in row["left"].split(";")),
            tuple(part.strip() for part in row["right"].split(";")),
            row["factor"],
            float(row["low"]) if row["low"] else None,
            float(row["high"]) if row["high"] else None,
            row["reading"],
            row["reason"],
            f"line {line}",
        )
        for line, row in enumerate(rows, 2)
    ]
    return relations, [row["expected"] for row in rows]


def test_every_mistake_is_named_at_once_and_nothing_else_is() -> None:
    relations, expected = mistakes()
    with pytest.raises(RelationError) as error:
        check(QUANTITIES, relations)
    said = [
        text if text.startswith("part_of runs") else f"{relation.where}: {relation.relation_id}: {text}"
        for relation, text in zip(relations, expected, strict=True)
        if text
    ]
    assert sorted(error.value.problems) == sorted(said)


@pytest.mark.parametrize("number", range(18))
def test_each_mistake_is_found_alone_as_well(number: int) -> None:
    relations, expected = mistakes()
    name = relations[number].relation_id.rstrip("123")
    alone = [r for r in relations if r.relation_id.rstrip("123") == name]
    with pytest.raises(RelationError) as error:
        check(QUANTITIES, alone)
    assert expected[number] in str(error.value)
    assert len(error.value.problems) == 1


def test_a_quantity_declared_twice_is_an_error() -> None:
    with pytest.raises(RelationError, match="the id went stands twice"):
        check([*QUANTITIES, Quantity("went", Estimate.exact(1))], [])


def test_a_relation_must_name_something_on_either_side() -> None:
    with pytest.raises(RelationError) as error:
        check(QUANTITIES, [Relation("r", "part_of", (), ())])
    assert error.value.problems == tuple(
        f"r: nothing stands on the {side}. Name at least one quantity." for side in ("left", "right")
    )


@pytest.mark.parametrize(
    "relation",
    [
        Relation("r", "ratio_of", ("back",), ("went",), low=0),
        Relation("r", "ratio_of", ("back",), ("went",), high=20, reading="strict"),
        Relation("r", "ratio_of", ("back",), ("went",), "share", 10, 10, "charitable"),
        Relation("r", "precedes", ("went",), ("dated",)),
        Relation("r", "sums_to", ("back", "back"), ("went",)),
    ],
    ids=str,
)
def test_what_is_fair_is_no_error(relation: Relation) -> None:
    check([*QUANTITIES, Quantity("dated", Estimate.exact(5, "km2"), as_of="2018")], [relation])


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        (Relation("r", "part_of", ("a", "b"), ("c",)), "those who left + b is part of c"),
        (Relation("r", "sums_to", ("b", "c"), ("a",)), "b + c make up those who left"),
        (Relation("r", "at_most", ("b",), ("c",)), "b cannot exceed c"),
        (Relation("r", "equals", ("b",), ("c",)), "b is the same number as c"),
        (Relation("r", "precedes", ("b",), ("c",)), "b is not later than c"),
        (Relation("r", "ratio_of", ("b",), ("c",), "a"), "b is those who left of c"),
        (Relation("r", "ratio_of", ("b",), ("c",), "s", 5, 10), "b is s of c"),
        (Relation("r", "ratio_of", ("b",), ("c",), "", 5, 10.5), "b is 5 percent to 10.5 percent of c"),
        (Relation("r", "ratio_of", ("b",), ("c",), high=10), "b is 10 percent of c"),
        (Relation("r", "sums_to", tuple("abcde"), ("f",)), "those who left + b + c + d + e make up f"),
        (Relation("r", "sums_to", tuple("abcdef"), ("g",)), "the sum of 6 numbers make up g"),
    ],
    ids=str,
)
def test_a_relation_is_said_in_words(relation: Relation, words: str) -> None:
    assert relation.sentence({"a": "those who left"}) == words
    assert set(relation.ids) == {*relation.left, *relation.right, relation.factor} - {""}


def test_a_ring_of_equals_or_of_sums_is_no_error() -> None:
    check(
        QUANTITIES, [Relation("a", "equals", ("one",), ("two",)), Relation("b", "equals", ("two",), ("one",))]
    )


def test_a_factor_that_is_a_term_elsewhere_is_an_error() -> None:
    other = Quantity("percent", Estimate.exact(5, "percent"))
    rows = [
        Relation("a", "ratio_of", ("back",), ("went",), "share"),
        Relation("b", "part_of", ("share",), ("percent",)),
    ]
    with pytest.raises(RelationError, match="a factor here and a term elsewhere"):
        check([*QUANTITIES, other], rows)


def test_a_number_that_is_none_is_named_with_its_column(tmp_path: Path) -> None:
    path = tmp_path / "relations.csv"
    path.write_text(
        HEADER + "r,ratio_of,c044,c043,,ten,nan,both,why\ns,ratio_of,c044,c043,,1,inf,both,why\n", "utf-8"
    )
    with pytest.raises(RelationError) as error:
        read_relations(path)
    remedy = "is not a number. Write digits with a decimal point, or leave it empty."
    assert error.value.problems == (
        f"{path}, line 2, column low: 'ten' {remedy}",
        f"{path}, line 2, column high: 'nan' {remedy}",
        f"{path}, line 3, column high: 'inf' {remedy}",
    )


def test_relations_and_declared_quantities_are_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "relations.csv"
    path.write_text(HEADER + "r,ratio_of,c1; c2 ;,c3, q ,1.5,,strict,why\ns,equals,a,b,,,,both,so\n", "utf-8")
    assert read_relations(path) == [
        Relation("r", "ratio_of", ("c1", "c2"), ("c3",), "q", 1.5, None, "strict", "why", f"{path}, line 2"),
        Relation("s", "equals", ("a",), ("b",), "", None, None, "both", "so", f"{path}, line 3"),
    ]
    path = tmp_path / "quantities.csv"
    path.write_text("quantity_id,title,unit,low,high,reason\nq_a,all,percent,2,,x\n", "utf-8")
    assert read_quantities(path) == [
        Quantity("q_a", Estimate.vague(2, None, "percent"), "all", "", f"{path}, line 2", "not printed")
    ]


def test_a_file_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "relations.csv"
    path.write_text("relation_id,kind\nr,part_of\n", "utf-8")
    with pytest.raises(RawDataError):
        read_relations(path)


def test_an_id_that_stands_twice_in_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "relations.csv"
    path.write_text(HEADER + "r,equals,a,b,,,,both,x\nr,equals,a,c,,,,both,x\n", "utf-8")
    with pytest.raises(RawDataError, match="relation_id"):
        read_relations(path)


def test_declared_quantities_with_crossed_ends_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "quantities.csv"
    path.write_text(
        "quantity_id,title,unit,low,high,reason\nq_a,a,persons,9,3,x\nq_b,b,persons,1,0,x\n", "utf-8"
    )
    with pytest.raises(RelationError, match=r"low 9 is above high 3[\s\S]*low 1 is above high 0"):
        read_quantities(path)


def frame(rows: list[tuple[str, str, str, str, float | None]]) -> pd.DataFrame:
    """A small table of estimates: source, iso3, status, who, number (None where not seen)."""
    found = pd.DataFrame(rows, columns=["source_id", "iso3", "status", "who", "low"])
    found["high"] = found["best"] = found["low"]
    found["bound"] = ["exact" if low == low and low is not None else "" for low in found["low"]]
    return found.assign(unit="persons", origin=found["iso3"], as_of="2017")


def load_from(folder: Path, relations: str, estimates: pd.DataFrame, reading: str = "strict"):
    (folder / "relations.csv").write_text(HEADER + relations, "utf-8")
    (folder / "quantities.csv").write_text(
        "quantity_id,title,unit,low,high,reason\nq_a,a,persons,,,x\n", "utf-8"
    )
    series = pd.DataFrame({"series_id": ["un-1"], "measure": ["ff_alive"], "report": ["UN"], "period_end": ["2019"],
                           "low": [1.0], "high": [2.0], "best": [None], "bound": ["range"], "unit": ["persons"]})  # fmt: skip
    return load_system(reading, load().claims, estimates, series, folder)


ESTIMATES = frame(
    [
        ("s", "XWB", "travelled", "all_persons", 900),
        ("s", "BIH", "travelled", "all_persons", 240),
        ("s", "BIH", "travelled", "women", 60),
        ("s", "XKX", "travelled", "all_persons", None),
        ("s", "FRA", "travelled", "all_persons", 1900),
    ]
)


def test_members_stand_for_the_countries_of_a_region_with_cells_not_seen(tmp_path: Path) -> None:
    row = "r,at_most,estimate:s:members(XWB):travelled,estimate:s:XWB:travelled,,,,both,why\n"
    quantities, (relation,) = load_from(tmp_path, row, ESTIMATES)
    assert relation.left == ("estimate:s:BIH:travelled:all_persons", "estimate:s:XKX:travelled:all_persons")
    known = {q.quantity_id: q.estimate for q in quantities}
    assert known["estimate:s:XKX:travelled:all_persons"] == Estimate.vague()
    said = {q.quantity_id: q.printed for q in quantities}
    assert said["estimate:s:XKX:travelled:all_persons"] == "not seen"
    assert said["estimate:s:BIH:travelled:all_persons"] == "240"
    assert known["estimate:s:XWB:travelled:all_persons"] == Estimate.exact(900)
    (whole,) = [q for q in quantities if q.quantity_id == "estimate:s:XWB:travelled:all_persons"]
    assert (whole.title, whole.as_of) == ("XWB, travelled, s", "2017")


def test_a_term_is_said_in_words_and_a_cell_without_a_unit_counts_persons(tmp_path: Path) -> None:
    table = frame([("s", "FRA", "watch_listed", "men", None), ("s", "BEL", "watch_listed", "men", 8)])
    table.loc[0, "unit"] = ""
    table["seen_kind"] = "press"
    row = "r,at_most,estimate:s:FRA:watch_listed:men,estimate:s:BEL:watch_listed,,,,both,why\n"
    quantities, _ = load_from(tmp_path, row, table)
    assert [(q.title, q.estimate, q.printed) for q in quantities] == [
        ("BEL, watch listed, s", Estimate.exact(8), "8"),
        ("FRA, watch listed, s", Estimate.vague(), "no number"),
    ]


def test_claims_series_and_declared_quantities_are_found_by_their_ids(tmp_path: Path) -> None:
    quantities, _ = load_from(tmp_path, "r,at_most,c043; q_a,series:un-1,,,,both,why\n", ESTIMATES)
    claim = load().claims["c043"]
    assert [replace(q, where="") for q in quantities] == [
        Quantity("c043", claim.estimate, f"{claim.paraphrase} [c043]", claim.as_of),
        Quantity("q_a", Estimate.vague(), "a", lacking="not printed"),
        Quantity("series:un-1", Estimate.between(1, 2), "Foreign fighters alive, UN", "2019"),
    ]


def test_ids_that_name_nothing_are_all_named_with_file_and_row(tmp_path: Path) -> None:
    rows = [
        "a,part_of,c999,c043,,,,charitable,why",
        "b,part_of,estimate:s:BIH:travelled,estimate:s:GBR:travelled,,,,both,why",
        "c,part_of,estimate:s:members(XYZ):travelled,series:un-9,,,,both,why",
        "d,part_of,estimate:s,q_b,,,,both,why",
    ]
    with pytest.raises(RelationError) as error:
        load_from(tmp_path, "\n".join(rows) + "\n", ESTIMATES)
    text = str(error.value)
    assert len(error.value.problems) == 7
    for line, words in ((2, "'c999'"), (3, "stands for 2 estimates. Add who: all_persons, women"), (3, "GBR"),
                        (4, "XYZ"), (4, "'series:un-9'"), (5, "Write estimate:source:iso3:status"), (5, "'q_b'")):  # fmt: skip
        assert any(f"relations.csv, line {line}: " in p and words in p for p in error.value.problems), text


def test_a_declared_quantity_may_not_take_the_id_of_a_claim(tmp_path: Path) -> None:
    (tmp_path / "relations.csv").write_text(HEADER, "utf-8")
    (tmp_path / "quantities.csv").write_text(
        "quantity_id,title,unit,low,high,reason\nc043,a,persons,,,x\n", "utf-8"
    )
    with pytest.raises(RelationError, match=r"quantities\.csv, line 2: the id c043 is that of a claim"):
        load_system("strict", load().claims, ESTIMATES, pd.DataFrame({"series_id": []}), tmp_path)


@pytest.mark.parametrize("reading", ["strict", "charitable"])
def test_the_relations_of_the_project_can_be_posed(reading: str) -> None:
    quantities, relations = load_system(reading)
    assert {r.reading for r in relations} == {"both", reading}
    assert all(r.reason for r in relations)
    named = {name for r in relations for name in r.ids}
    assert named == {q.quantity_id for q in quantities}


def test_the_relations_cover_what_the_texts_account_for() -> None:
    named = {name for reading in ("strict", "charitable") for r in load_system(reading)[1] for name in r.ids}
    assert {f"c{number:03}" for number in (42, 43, 44, 61)} <= named  # the British returnees
    assert {f"c{number:03}" for number in (28, 29, 30, 31, 68, 70)} <= named  # the detained
    assert {
        "c008",
        "c063",
        "c040",
        "c041",
        "series:un-106",
        "series:un-137",
        "series:un-146",
    } <= named  # the 40,000
    assert {"c053", "c054", "c055", "c056", "c022"} <= named  # Chechens and Dagestanis
    for report in ("soufan2014", "soufan2015", "soufan2017", "icsr2015"):
        assert (
            f"estimate:{report}:XWD:travelled:{'all_persons' if report == 'soufan2017' else 'fighters'}"
            in named
        )


def test_no_reading_but_the_two_is_taken() -> None:
    with pytest.raises(ChoiceError, match="strict or charitable"):
        load_system("loose")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("early on", None),
        ("", None),
        ("2019-01-05", ("2019-01-05", "2019-01-05")),
        ("2019", ("2019-01-01", "2019-12-31")),
        ("2019-06", ("2019-06-01", "2019-06-31")),
        ("2014/2017-02", ("2014-01-01", "2017-02-31")),
        ("2014-03/2015/2016-04-01", ("2014-03-01", "2016-04-01")),
    ],
)
def test_a_date_means_all_days_it_may_mean(text: str, days: tuple[str, str] | None) -> None:
    assert period(text) == days


@pytest.mark.parametrize(
    ("estimate", "strict", "charitable"),
    [
        (Estimate.exact(800), (800, 800), (750, 850)),
        (Estimate.exact(805), (805, 805), (805, 805)),
        (Estimate.exact(0), (0, 0), (0, 0)),
        (Estimate.exact(10, "percent"), (10, 10), (10, 10)),
        (Estimate.approx(800), (750, 850), (700, 900)),
        (Estimate.approx(25, "percent"), (24.5, 25.5), (24, 26)),
        (Estimate.approx(0.5), (0.45, 0.55), (0.4, 0.6)),
        (Estimate.between(10, 20, best=15), (10, 20), (10, 20)),
        (Estimate.at_least(400), (400, inf), (400, inf)),
        (Estimate.at_most(400), (0, 400), (0, 400)),
        (Estimate.vague(), (0, inf), (0, inf)),
        (Estimate.between(-5, 5), (0, 5), (0, 5)),
    ],
    ids=str,
)
def test_a_printed_number_is_as_wide_as_its_reading_grants(
    estimate: Estimate, strict: tuple[float, float], charitable: tuple[float, float]
) -> None:
    assert interval(estimate, "strict") == pytest.approx(strict)
    assert interval(estimate, "charitable") == pytest.approx(charitable)


def test_relations_are_posed_as_lines_between_their_terms() -> None:
    quantities = [*(Quantity(name, Estimate.vague()) for name in "abc"), QUANTITIES[-1]]
    relations = [
        Relation("r", "part_of", ("a", "b"), ("c",)),
        Relation("r", "precedes", ("a",), ("c",)),
        Relation("r", "at_most", ("a", "b"), ("c",)),
        Relation("r", "sums_to", ("a", "a"), ("c",)),
        Relation("r", "equals", ("a",), ("c",)),
        Relation("r", "ratio_of", ("a",), ("c",), "share"),
        Relation("r", "ratio_of", ("a",), ("c",), low=20),
        Relation("r", "ratio_of", ("a",), ("c",), "share", high=0),
    ]
    a, b, c, share, *_ = range(12)
    system = pose(quantities, relations, "strict")
    assert (list(system.low), list(system.high), system.elements) == ([0, 0, 0, 10], [inf, inf, inf, 10], 12)
    assert list(system.rows) == [
        Row({a: 1, c: -1}, -inf, 0, (4,)),
        Row({b: 1, c: -1}, -inf, 0, (4,)),
        Row({a: 1, b: 1, c: -1}, -inf, 0, (6,)),
        Row({a: 2, c: -1}, 0, 0, (7,)),
        Row({a: 1, c: -1}, 0, 0, (8,)),
        Row({a: 1, c: -0.1}, -inf, 0, (9, share)),
        Row({a: 1, c: -0.1}, 0, inf, (9, share)),
        Row({a: 1, c: -0.2}, 0, inf, (10,)),
        Row({a: 1}, -inf, 0, (11, share)),
    ]
