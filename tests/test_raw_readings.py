"""The readings as transcribed: all there, unchanged, of known terms and places, and naming no person."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from ffstats import definitions, paths, places, printed, sources

RAW = Path(__file__).parents[1] / "data" / "raw"
DATA = Path(__file__).parent / "data"
FOLDERS = sorted(path.parent.name for path in RAW.glob("*/readings.csv"))
TRANSCRIBED = ("reading_id", "origin", "printed", "transcriber_low", "transcriber_high", "seen_kind")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


READINGS = {folder: rows(RAW / folder / "readings.csv") for folder in FOLDERS}
ALL = [row for found in READINGS.values() for row in found]
BY_ID = {row["reading_id"]: row for row in ALL}
CORRECTIONS = rows(RAW / "corrections.csv")


def schema(folder: str) -> object:
    descriptor = json.loads((RAW / folder / "datapackage.json").read_text(encoding="utf-8"))
    return next(r["schema"] for r in descriptor["resources"] if r["path"] == "readings.csv")


@pytest.mark.parametrize("expected", rows(DATA / "readings_transcribed.csv"), ids=lambda e: e["source_id"])
def test_every_transcribed_row_is_there_as_it_was_transcribed(expected: dict[str, str]) -> None:
    seen = [row for row in READINGS[expected["source_id"]] if row["seen_kind"] != "missing"]
    assert len(seen) == int(expected["rows"])
    lines = sorted("\x1f".join(row[column] for column in TRANSCRIBED) for row in seen)
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == expected["sha256"]


def test_no_folder_of_readings_is_unaccounted_for() -> None:
    assert [row["source_id"] for row in rows(DATA / "readings_transcribed.csv")] == FOLDERS
    assert sum(int(row["rows"]) for row in rows(DATA / "readings_transcribed.csv")) == 981


@pytest.mark.parametrize("folder", FOLDERS)
def test_all_folders_share_one_schema_that_knows_the_vocabulary(folder: str) -> None:
    shared = json.loads(paths.vocabulary("raw_readings_schema.json").read_text(encoding="utf-8"))
    assert schema(folder) == shared
    fields = {field["name"]: field.get("constraints", {}) for field in shared["fields"]}
    assert list(fields) == list(READINGS[folder][0])
    for facet in definitions.FACETS:
        assert tuple(fields[facet]["enum"]) == definitions.terms(facet)
    for row in READINGS[folder]:
        for name, constraints in fields.items():
            if row[name] and "pattern" in constraints:
                assert re.fullmatch(constraints["pattern"], row[name]), f"{row['reading_id']}: {name}"
            assert row[name] or not constraints.get("required"), f"{row['reading_id']}: {name} is empty"


def test_every_definition_is_of_known_terms_and_places() -> None:
    wrong = {row["reading_id"]: definitions.problems(definitions.Definition.of(row)) for row in ALL}
    assert not {key: found for key, found in wrong.items() if found}


def test_every_row_has_a_key_of_its_own_that_names_its_folder() -> None:
    assert len(BY_ID) == len(ALL)
    for folder, found in READINGS.items():
        assert [row["reading_id"] for row in found] == sorted(row["reading_id"] for row in found)
        assert all(row["reading_id"].rpartition("-")[0] == folder for row in found)


def test_a_row_was_seen_somewhere_or_says_where_to_look() -> None:
    for row in ALL:
        seen = row["printed"], row["language"], row["seen_at"]
        if row["seen_kind"] == "missing":
            assert not any(seen) and row["locator"], row["reading_id"]
        else:
            assert all(seen), row["reading_id"]
            assert re.match(r"https?://\S+|github:\S+/\S+:\S+", row["seen_at"]), row["reading_id"]


def test_a_copy_repeats_a_row_that_is_no_copy_and_counts_the_same() -> None:
    copies = [row for row in ALL if row["copy_of"]]
    assert copies
    for row in copies:
        original = BY_ID[row["copy_of"]]
        assert not original["copy_of"], row["reading_id"]
        assert places.code(row["origin"]) == places.code(original["origin"]), row["reading_id"]
        assert row["status"] == original["status"], row["reading_id"]
        ends = {row["transcriber_low"], row["transcriber_high"]} - {""}
        assert ends & {original["transcriber_low"], original["transcriber_high"]}, row["reading_id"]


def test_a_page_that_is_listed_twice_for_one_cell_is_marked_as_a_copy() -> None:
    facets = ("origin", "who", "status", "group", "place", "seen_at", "transcriber_low", "transcriber_high")
    found = Counter(tuple(row[f] for f in facets) for row in ALL if row["seen_at"] and not row["copy_of"])
    assert not [key for key, count in found.items() if count > 1]


def test_one_cell_of_the_chart_is_missing_or_seen_never_both() -> None:
    chart = rows(RAW / "wapo2018" / "labels.csv")
    assert len({row["origin"] for row in chart}) == len(chart) == 48
    unreadable = {row["row_id"] for row in CORRECTIONS if row["kind"] == "unreadable"}
    for folder, who in (("soufan2017", "all_persons"), ("wapo2018", "fighters")):
        seen = {
            (row["origin"], row["status"], row["seen_kind"] == "missing")
            for row in READINGS[folder]
            if row["who"] == who and row["reading_id"] not in unreadable
        }
        for origin in sorted(row["origin"] for row in chart):
            for status in ("travelled", "returned"):
                held = {missing for o, s, missing in seen if (o, s) == (origin, status)}
                assert len(held) == 1, f"{folder}: {origin}, {status}"


def test_the_cells_of_a_report_can_be_told_apart_by_their_definition() -> None:
    """In one table each country has one cell of travellers and one of returnees."""
    for folder in ("soufan2017", "wapo2018", "icsr2013", "icsr2015", "soufan2014", "soufan2015"):
        for status in ("travelled", "returned"):
            found: dict[str, set[tuple[str, str, str]]] = {}
            for row in READINGS[folder]:
                if row["status"] == status and row["who"] not in ("men", "women", "children"):
                    cell = row["who"], row["group"], row["place"]
                    found.setdefault(places.code(row["origin"]), set()).add(cell)
            assert all(len(cells) == 1 for cells in found.values()), folder


def test_every_folder_is_a_registered_source() -> None:
    registered = rows(RAW / "sources.csv")
    assert set(FOLDERS) <= {row["source_id"] for row in registered}
    assert [int(row["rank"]) for row in registered] == list(range(1, len(registered) + 1))
    for row in registered:
        assert row["kind"] in ("report", "serial", "context")
        assert not row["who_default"] or row["who_default"] in definitions.terms("who")
        assert not row["group_default"] or row["group_default"] in definitions.terms("group")


def test_corrections_speak_of_what_the_rows_hold() -> None:
    assert [row["row_id"] for row in CORRECTIONS] == sorted(row["row_id"] for row in CORRECTIONS)
    for row in CORRECTIONS:
        reading = BY_ID.get(row["row_id"])
        if reading:
            assert reading[row["field"]] == row["as_transcribed"], row
            assert row["reason"] and row["corrected"] != row["as_transcribed"], row


def test_the_printed_words_read_as_the_transcriber_read_them_or_a_correction_says_why_not() -> None:
    """Two independent readings: the parser's of the words, and the transcriber's ends."""
    by_row: dict[tuple[str, str], str] = {(c["row_id"], c["field"]): c["corrected"] for c in CORRECTIONS}
    for row in sources.rows("readings.csv", "reading_id"):
        if row["seen_kind"] == "missing" or row["unreadable"]:
            continue
        found = printed.parse(row["reads"], row["language"], "persons")
        for column, end in (("transcriber_low", found.low), ("transcriber_high", found.high)):
            stated = by_row.get((row["reading_id"], column), row[column])
            assert end == (float(stated) if stated else None), (row["reading_id"], column, row["printed"])


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_readme_says_what_is_not_counted_and_how_it_was_seen(folder: str) -> None:
    text = (RAW / folder / "README.md").read_text(encoding="utf-8")
    for heading in ("Citation", "Licence", "How it was seen", "What is NOT counted", "Peculiarities"):
        body = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        assert len(body.split()) > 4, heading


def test_no_row_names_a_person() -> None:
    """A spot list, kept as digests so that the list itself names nobody; addresses are left out of it
    but for the words that lead to a report on a person before a court."""
    names = set((DATA / "names_hashed.txt").read_text(encoding="utf-8").split())
    assert names
    for row in ALL:
        text = " ".join(value for column, value in row.items() if column != "seen_at")
        for word in re.findall(r"[^\W\d_]+", text.casefold()):
            assert hashlib.sha256(word.encode()).hexdigest() not in names, (row["reading_id"], word)
    assert not [row for row in ALL if re.search(r"i-retten|in-court|on-trial", row["seen_at"].casefold())]
