"""The tidy tables: what every reader of the Soufan table expects, kept with its dissent, the same every time."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

import ffstats
from ffstats import building, collate, dictionary, sources, store, tidy
from sandbox import ROOT, Project

TABLE_2017 = list(csv.DictReader((Path(__file__).parent / "data" / "soufan2017.csv").open(encoding="utf-8")))


def cell(frame: pd.DataFrame, iso3: str, status: str) -> pd.Series:
    found = frame[
        (frame["source_id"] == "soufan2017")
        & (frame["iso3"] == iso3)
        & (frame["status"] == status)
        & (frame["who"] == "all_persons")
    ]
    assert len(found) == 1, f"{iso3} {status}: {len(found)} cells"
    return found.iloc[0]


@pytest.mark.parametrize("row", TABLE_2017, ids=[row["iso3"] for row in TABLE_2017])
def test_the_soufan_table_of_2017_comes_out_of_its_witnesses(row: dict[str, str]) -> None:
    frame = ffstats.estimates()
    for status in ("travelled", "returned"):
        found = cell(frame, row["iso3"], status)
        if row[status]:
            assert found["best"] == float(row[status]), status
        else:
            assert found["seen_kind"] == "missing", status


def test_dissent_is_listed_with_its_kind_and_its_witnesses() -> None:
    saudi = cell(ffstats.estimates(), "SAU", "travelled")
    assert "3,224 (2: one digit, like a transposition)" in saudi["dissent"]
    assert "2,962 (1: transposition)" in cell(ffstats.estimates(), "TUN", "travelled")["dissent"]
    assert "2,920 (2: rounding)" in cell(ffstats.estimates(), "TUN", "travelled")["dissent"]
    readings = ffstats.readings().set_index("reading_id")
    named = readings.loc[saudi["witnesses"].split()]
    assert set(named.loc[named["agreement"] != "agrees", "best"]) == {3224.0, 3226.0}


def test_every_reading_stands_in_just_one_cell_and_every_cell_has_its_readings() -> None:
    readings, estimates = ffstats.readings(), ffstats.estimates()
    assert set(readings["cell_id"]) == set(estimates["estimate_id"])
    listed = " ".join(estimates["witnesses"]).split()
    assert len(listed) == len(set(listed))
    own = (readings["bound"] != "") & (readings["agreement"] != collate.BORROWED)
    assert set(readings.loc[own, "reading_id"]) == set(listed)


def test_a_missing_cell_is_shown_as_missing_and_says_where_to_look() -> None:
    frame = ffstats.estimates()
    missing = frame[frame["seen_kind"] == "missing"]
    assert len(missing) > 0
    assert missing[["low", "high", "best"]].isna().all(axis=None)
    assert (missing["bound"] == "").all() and (missing["locator"] != "").all()
    assert (missing["n_witnesses"] == 0).all()


def test_no_estimate_rests_on_copies_of_another_source_alone() -> None:
    readings = tidy.readings().set_index("reading_id")
    source = readings["source_id"]
    for row in tidy.estimates().itertuples():
        own = [
            n
            for n in row.witnesses.split()
            if source.get(readings.loc[n, "copy_of"], row.source_id) == row.source_id
        ]
        assert own or row.seen_kind == "missing", row.estimate_id
    turkey = (
        tidy.estimates().set_index("estimate_id").loc["soufan2017/TUR/travelled/all_persons/syria_iraq/isis"]
    )
    assert (turkey["seen_kind"], turkey["bound"], turkey["n_witnesses"]) == ("missing", "", 0)
    assert readings.loc["soufan2017-184", "agreement"] == "copy of another source"


def test_the_transcriber_and_the_words_agree_or_the_difference_has_a_reason() -> None:
    excused = {r for r, each in sources.corrections().items() for _ in each}
    frame = building._frame(sources.rows("readings.csv", "reading_id"))
    frame = frame[(frame["seen_kind"] != "missing") & ~frame["reading_id"].isin(excused)]
    frame["wants"] = "persons"
    values, problems = building.read_values(frame)
    assert not problems
    second = frame[["transcriber_low", "transcriber_high"]].apply(lambda c: pd.to_numeric(c))
    first = values[["low", "high"]].set_axis(second.columns, axis=1)
    apart = frame[~((first == second) | (first.isna() & second.isna())).all(axis=1)]
    assert apart[["reading_id", "printed", "transcriber_low", "transcriber_high"]].values.tolist() == []


def test_every_printed_text_is_read_or_has_a_reason_not_to_be() -> None:
    for frame in (ffstats.readings(), ffstats.series(), ffstats.claims(), ffstats.evidence()):
        unread = frame[(frame["printed"] != "") & (frame["bound"] == "")]
        assert (unread["correction"] != "").all(), unread.to_dict("records")


def test_every_table_keeps_to_the_dictionary() -> None:
    for name in building.BUILDERS:
        assert dictionary.validate(name, tidy.table(name)) == []


def test_a_table_that_breaks_the_dictionary_is_reported_with_all_its_failures() -> None:
    frame = ffstats.estimates()
    frame.loc[0, "status"] = "vanished"
    frame.loc[1, "bound"] = "maybe"
    frame.loc[2, "source_id"] = ""
    said = "\n".join(map(str, dictionary.validate("estimates", frame)))
    assert "vanished" in said and "maybe" in said and "source_id" in said


@pytest.mark.parametrize("parquet", [False, pytest.param(True, marks=pytest.mark.locked)])
def test_the_committed_tables_are_what_the_raw_data_give(parquet: bool) -> None:
    made = store.files(store.build())
    folder = ROOT / "data" / "processed"
    wanted = {name: data for name, data in made.items() if name.endswith(".parquet") == parquet}
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    stale = [name for name, data in wanted.items() if kept.get(name) != data]
    assert wanted and stale == [], "run `ffstats clean` and commit data/processed"
    assert set(kept) == set(made)


@pytest.mark.locked
def test_another_folder_gives_the_same_bytes(project: Project) -> None:
    folder = ROOT / "data" / "processed"
    store.write(project.root / "data" / "processed", store.files(store.build()))
    assert project.processed() == {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def test_tables_read_back_as_they_were_built() -> None:
    for name, built in store.build().items():
        kept = pd.read_parquet(ROOT / "data" / "processed" / f"{name}.parquet")
        pd.testing.assert_frame_equal(kept, built)


def test_nothing_stale_is_served(project: Project) -> None:
    from ffstats import paths, records

    task = records.CleanTask()
    fields = task.fields()
    store.write(paths.processed_dir(), store.files(store.build()))
    task.keep(fields)
    tidy.clear()
    assert tidy._fresh()
    project.edit(
        "soufan2017/readings.csv",
        lambda rows: [
            r.__setitem__("printed", "4321")
            for r in rows
            if r["origin"] == "Russia" and r["status"] == "travelled"
        ],
    )
    assert not tidy._fresh()
    assert cell(ffstats.estimates(), "RUS", "travelled")["best"] == 4321
