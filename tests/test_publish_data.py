"""The data for others: a valid package, a database that answers, the same bytes, and no cell that runs."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ffstats import dictionary, formulas, ledger, store
from ffstats.errors import ExportError
from ffstats.publish import database

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def tables():
    return store.build()


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    folder, changed = database.export(tmp_path_factory.mktemp("data"))
    assert set(changed) == {path.name for path in folder.iterdir()}
    return folder


@pytest.fixture(scope="module")
def base(package):
    connection = sqlite3.connect(f"file:{package / database.NAME}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def rows(base, sql, *values):
    return [dict(row) for row in base.execute(sql, values)]


def test_the_package_is_valid_by_the_frictionless_tool(package):
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(package / "datapackage.json"))
    assert report.flatten(["rowNumber", "fieldName", "type", "note"]) == []
    assert {task.name for task in report.tasks} == set(dictionary.tables())
    counted = {task.name: task.stats["rows"] for task in report.tasks}
    assert counted["estimates"] > 500 and counted["claims"] > 100


def test_the_frictionless_tool_finds_what_is_broken_on_purpose(package, tmp_path):
    frictionless = pytest.importorskip("frictionless")
    for path in package.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    lines = (tmp_path / "estimates.csv").read_text(encoding="utf-8").splitlines()
    lines[1] = lines[2]
    (tmp_path / "estimates.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert [kind for _, kind in report.flatten(["rowNumber", "type"])] == ["primary-key"]


def test_every_table_is_in_the_database_with_every_row_and_value(base, tables):
    for name, frame in tables.items():
        columns = [c.name for c in dictionary.of(name)]
        found = rows(base, f'SELECT * FROM "{name}"')
        assert len(found) == len(frame)
        keys = [c.name for c in dictionary.of(name) if c.key]
        expected = frame.astype(object).where(frame.notna(), None)[columns].to_dict("records")
        assert sorted(found, key=lambda r: [r[k] for k in keys]) == sorted(
            expected, key=lambda r: [r[k] for k in keys]
        )


def test_an_open_end_is_null_and_never_zero(base):
    (up_to,) = rows(base, "SELECT count(*) AS n FROM estimates WHERE bound = 'at_most' AND low IS NULL")
    (at_most,) = rows(base, "SELECT count(*) AS n FROM estimates WHERE bound = 'at_most'")
    assert up_to == at_most and up_to["n"] > 0
    assert not rows(
        base, "SELECT * FROM estimates WHERE seen_kind = 'missing' AND (low IS NOT NULL OR high IS NOT NULL)"
    )


def test_every_view_answers_and_says_which_question(base):
    views = {row["name"] for row in rows(base, "SELECT name FROM sqlite_master WHERE type = 'view'")}
    assert views == set(database.questions())
    assert all(rows(base, f"SELECT * FROM {view} LIMIT 1") for view in views)
    assert all(question.endswith((".", "?")) for question in database.questions().values())
    listed = (ROOT / "docs" / "how-to" / "data.md").read_text(encoding="utf-8")
    assert [view for view in views if f"`{view}`" not in listed] == []


def test_travelled_and_returned_pairs_only_the_same_population_of_one_source(base, tables):
    frame = tables["estimates"]
    (kingdom,) = rows(
        base,
        "SELECT * FROM travelled_and_returned WHERE iso3 = 'GBR' AND source_id = 'soufan2017' AND who = 'all_persons'",
    )
    cells = frame[
        (frame["iso3"] == "GBR") & (frame["source_id"] == "soufan2017") & (frame["who"] == "all_persons")
        & (frame["place"] == kingdom["place"]) & (frame["group"] == kingdom["group"])
    ].set_index("status")  # fmt: skip
    assert (kingdom["travelled_best"], kingdom["returned_best"]) == (
        cells.loc["travelled", "best"],
        cells.loc["returned", "best"],
    )
    # A cell that is missing stays out, and where two estimates share a row the view would hide one.
    report = frame["source_id"].isin(tables["sources"].query("kind != 'serial'")["source_id"])
    key = ["iso3", "source_id", "who", "group", "place", "status"]
    assert not frame[report].duplicated(key).any()


def test_what_is_missing_and_where_dissent_is_are_told_in_full(base, tables):
    frame = tables["estimates"]
    assert len(rows(base, "SELECT * FROM missing_cells")) == (frame["seen_kind"] == "missing").sum() > 0
    assert len(rows(base, "SELECT * FROM dissent")) == (frame["dissent"] != "").sum() > 0


def test_the_verdicts_are_those_of_the_ledger(base):
    found = {
        row["claim_id"]: (row["verdict"], row["flags"], row["reason"])
        for row in rows(base, "SELECT * FROM verdicts")
    }
    assert found == {v.claim_id: (v.verdict, " ".join(v.flags), v.reason) for v in ledger.check()}
    decided = rows(base, "SELECT claim_id FROM evidence_for_claims WHERE decides")
    assert {row["claim_id"] for row in decided} == {v.claim_id for v in ledger.check() if v.best}


def test_the_dictionary_and_the_comments_cover_every_column(base, package):
    described = {(row["table_name"], row["column_name"]) for row in rows(base, "SELECT * FROM dictionary")}
    for table in [*dictionary.tables(), "verdicts"]:
        names = {row["name"] for row in rows(base, f'PRAGMA table_info("{table}")')}
        assert {(table, name) for name in names} <= described
        (schema,) = rows(base, "SELECT sql FROM sqlite_master WHERE name = ?", table)
        assert len(re.findall(r", -- \S", schema["sql"])) == len(names)
    shown = json.loads((package / "metadata.json").read_text(encoding="utf-8"))["databases"]["ffstats"][
        "tables"
    ]
    every = {
        row["name"] for row in rows(base, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    }
    assert set(shown) | {"dictionary"} == every


def test_the_database_is_sound_and_its_bytes_are_the_same_in_another_process(package, base):
    assert rows(base, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    code = (
        "import hashlib; from ffstats import store; from ffstats.publish import database; "
        "print(hashlib.sha256(database.sqlite_bytes(store.build())).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
    )  # fmt: skip
    assert done.stdout.strip() == hashlib.sha256((package / database.NAME).read_bytes()).hexdigest()


def test_a_second_export_writes_nothing(package):
    assert database.export(package) == (package, [])


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "  =1", "-", "+"]
)
def test_a_cell_that_would_run_is_found_and_neutral_ones_do_not(cell):
    assert formulas.is_formula(cell)
    assert not formulas.is_formula(formulas.neutral(cell))


@pytest.mark.parametrize("cell", ["", "-3", "+4.5", "-1e-3", "up to 3,000", "14,000–18,000", "a = b", "~50"])
def test_plain_numbers_and_words_are_left_alone(cell):
    assert formulas.neutral(cell) == cell


def test_no_cell_of_the_data_runs_in_a_spreadsheet(tables):
    assert database.formulas(tables) == []


def test_an_export_that_would_run_is_refused_and_every_cell_named(project):
    def poison(table):
        table[0]["note"] = "=HYPERLINK(1)"
        table[2]["note"] = "@x"

    project.edit("soufan2017/readings.csv", poison)
    with pytest.raises(ExportError) as caught:
        database.export(project.root / "out")
    assert len(caught.value.cells) == 2
    assert "readings, row" in caught.value.cells[0] and "column note" in caught.value.cells[0]
    assert not (project.root / "out").exists()


def test_parquet_holds_what_the_csv_holds(package, tables):
    import pandas as pd

    for name, frame in tables.items():
        pd.testing.assert_frame_equal(pd.read_parquet(package / f"{name}.parquet"), frame)
