"""The dated totals arrive whole, as transcribed, and in controlled terms; so do population, shapes and towns."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from ffstats import paths, places, printed, raw, sources

VOCABULARY = Path(sources.__file__).parent / "vocabulary"
ROWS = {"un": 206, "dod_oig": 62, "coalition": 71, "ihs_territory": 15, "research": 25}
TRANSCRIBED = "743b07089f139581fb221c4e504acc24ff9cce9419878088079c09fd254bcdf4"
"""SHA-256 over printed words, address, low, high and bound of all rows as the transcribers wrote them."""


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def series() -> dict[str, dict[str, str]]:
    """Return every dated total as transcribed, by its id; ids are unique over all sources."""
    found: dict[str, dict[str, str]] = {}
    for source_id in ROWS:
        for row in raw.table(paths.raw_dir() / source_id, "series.csv"):
            assert row["row_id"] not in found, row["row_id"]
            found[row["row_id"]] = row
    return found


def corrected() -> list[dict[str, str]]:
    return [row for row in sources.rows("series.csv", "row_id") if row["source_id"] in ROWS]


def descriptor(folder: str) -> dict[str, Any]:
    return raw.descriptor(paths.raw_dir() / folder)


def terms(facet: str) -> set[str]:
    found = {row["term"] for row in rows_of(VOCABULARY / "definitions.csv") if row["facet"] == facet}
    assert found, facet
    return found


def measures() -> dict[str, dict[str, str]]:
    return {row["measure"]: row for row in rows_of(VOCABULARY / "measures.csv")}


def test_every_transcribed_row_arrives_with_its_words_untouched() -> None:
    rows = series()
    counts = {name: sum(row_id.startswith(f"{name}-") for row_id in rows) for name in ROWS}
    assert counts == ROWS
    written = sorted(
        (r["printed"], r["seen_at"], r["transcriber_low"], r["transcriber_high"], r["transcriber_bound"])
        for r in rows.values()
    )
    text = "\n".join("\t".join(row) for row in written)
    assert hashlib.sha256(text.encode()).hexdigest() == TRANSCRIBED


@pytest.mark.parametrize("source_id", ROWS)
def test_all_series_share_one_schema(source_id: str) -> None:
    schema = json.loads((VOCABULARY / "raw_series_schema.json").read_text(encoding="utf-8"))
    (resource,) = descriptor(source_id)["resources"]
    assert resource["schema"] == schema
    header = (paths.raw_dir() / source_id / "series.csv").read_text(encoding="utf-8").split("\n", 1)[0]
    assert header.split(",") == [field["name"] for field in schema["fields"]]


@pytest.mark.parametrize("facet", ["group", "who", "status", "basis"])
def test_the_terms_of_the_schema_are_terms_of_the_vocabulary(facet: str) -> None:
    schema = json.loads((VOCABULARY / "raw_series_schema.json").read_text(encoding="utf-8"))
    (field,) = [f for f in schema["fields"] if f["name"] == facet]
    assert set(field["constraints"]["enum"]) == terms(facet)


def test_every_origin_and_place_has_a_code() -> None:
    rows = corrected()
    for origin in {row["origin"] for row in rows}:
        assert places.code(origin), origin
    known = {row["code"] for row in rows_of(VOCABULARY / "places.csv")}
    assert {row["place"] for row in rows} - known == set()


def test_unit_who_and_status_are_those_of_the_measure() -> None:
    known = measures()
    for row in corrected():
        measure = known[row["measure"]]
        assert row["unit"] == measure["unit"], row["row_id"]
        assert row["who"] in measure["who"].split(), row["row_id"]
        assert row["status"] in measure["status"].split(), row["row_id"]
    assert {row["measure"] for row in series().values()} == set(known)


def test_periods_do_not_end_before_they_start() -> None:
    for row in corrected():
        start, end = row["period_start"], row["period_end"]
        if start and end:
            size = min(len(start), len(end))
            assert start[:size] <= end[:size], row["row_id"]


def test_a_repeated_observation_is_one_that_exists_and_repeats_none() -> None:
    rows = series()
    repeating = {row_id: row["repeats"] for row_id, row in rows.items() if row["repeats"]}
    assert repeating
    for row_id, target in repeating.items():
        assert target in rows, row_id
        assert not rows[target]["repeats"], f"{row_id} repeats {target}, which repeats another"
        assert rows[target]["unit"] == rows[row_id]["unit"], row_id


def test_figures_restated_from_the_monitoring_team_are_not_counted_again() -> None:
    rows = series()
    origin = [r for r in rows.values() if "S/2019/50" in r["report"] and r["measure"] == "strength"]
    (strength,) = origin
    again = {r["report"] for r in rows.values() if r["repeats"] == strength["row_id"]}
    assert {"Lead IG OIR FY19Q3", "Lead IG OIR FY20Q2"} <= again


def test_the_confirmed_foreigners_of_early_2019_are_not_all_detainees() -> None:
    (row,) = [
        r for r in corrected() if r["report"] == "Lead IG OIR FY19Q2" and r["measure"].startswith("detainees")
    ]
    assert (row["measure"], row["origin"]) == ("detainees_foreign_confirmed", "Outside Iraq and Syria")
    assert row["correction"]


def test_coalition_and_inspector_general_figures_are_kept_apart() -> None:
    for row in rows_of(paths.raw_dir() / "coalition" / "series.csv"):
        assert not row["report"].startswith("Lead IG"), row["row_id"]
    for row in rows_of(paths.raw_dir() / "dod_oig" / "series.csv"):
        assert "IG" in row["report"] and "not OIG" not in row["report"], row["row_id"]


def test_the_two_bases_of_territory_have_two_measures() -> None:
    once_held = {"area_lost_percent", "area_held_percent", "populated_area_lost_percent"}
    for row in series().values():
        if row["row_id"].startswith("ihs_territory-"):
            assert row["measure"] not in once_held, row["row_id"]
        else:
            assert row["measure"] != "area_lost_in_period_percent", row["row_id"]


@pytest.mark.parametrize("folder", [*ROWS, "population", "shapes"])
def test_a_folder_says_what_it_is(folder: str) -> None:
    base = paths.raw_dir() / folder
    package = descriptor(folder)
    assert package["sources"] and package["licenses"]
    described = {resource["path"] for resource in package["resources"]}
    held = {p.name for p in base.iterdir() if p.suffix in (".csv", ".json")} - {"datapackage.json"}
    assert described == held
    text = (base / "README.md").read_text(encoding="utf-8")
    for heading in ("Citation", "icence", "## What is NOT"):
        assert heading in text, heading


def test_every_country_has_its_inhabitants_for_both_years() -> None:
    rows = raw.table(paths.raw_dir() / "population", "population.csv")
    years: dict[str, list[str]] = {}
    for row in rows:
        years.setdefault(row["iso3"], []).append(row["year"])
        assert int(row["population"]) > 0
    assert {"XKX", "PSE"} <= set(years)
    assert all(sorted(held) == ["2012", "2013"] for held in years.values())


def test_every_shape_has_a_code_or_a_reason() -> None:
    base = paths.raw_dir() / "shapes"
    world = json.loads((base / "countries-110m.json").read_text(encoding="utf-8"))
    shapes = {(g.get("id", ""), g["properties"]["name"]) for g in world["objects"]["countries"]["geometries"]}
    codes = raw.table(base, "codes.csv")
    assert {(row["atlas_id"], row["atlas_name"]) for row in codes} == shapes
    assert {row["atlas_name"] for row in codes if not row["atlas_id"]} == {
        "Kosovo",
        "N. Cyprus",
        "Somaliland",
    }
    assert all(row["iso3"] or row["note"] for row in codes)
    held = [row["iso3"] for row in codes if row["iso3"]]
    assert len(held) == len(set(held)) and "XKX" in held


def test_the_regional_shapes_are_small_and_hold_both_countries() -> None:
    path = paths.raw_dir() / "shapes" / "syria-iraq-50m.json"
    assert path.stat().st_size < 80_000
    region = json.loads(path.read_text(encoding="utf-8"))
    assert {"SYR", "IRQ"} <= {g.get("id") for g in region["objects"]["countries"]["geometries"]}
    assert region["bbox"] == [34, 28.5, 50, 39]


def test_a_town_has_a_date_only_with_its_source() -> None:
    towns = raw.table(paths.raw_dir() / "shapes", "towns.csv")
    known = series()
    for town in towns:
        for event in ("taken", "lost"):
            assert bool(town[event]) == bool(town[f"{event}_source"]), town["name"]
            for word in town[f"{event}_source"].replace(";", " ").split():
                if word.startswith(("dod_oig-", "coalition-", "un-")):
                    assert word in known, town["name"]
        if town["taken"] and town["lost"]:
            assert town["taken"] <= town["lost"], town["name"]
    dated = [town["code"] for town in towns if town["lost"]]
    assert {"mosul", "raqqa", "baghuz"} <= set(dated)
    region = [t for t in towns if t["iso3"] in ("SYR", "IRQ")]
    assert all(34 < float(t["longitude"]) < 50 and 28.5 < float(t["latitude"]) < 39 for t in region)


def test_the_words_and_the_transcriber_agree_or_a_correction_says_why() -> None:
    """A transcriber knew no kind `vague`, and wrote `approx` for a plain figure as often as `exact`."""
    alike = ({"exact", "approx"}, {"vague", "approx"})
    reasons = sources.corrections()
    compared = 0
    for row_id, row in series().items():
        kinds = {each.kind for each in reasons.get(row_id, ())}
        if "unreadable" in kinds:
            continue
        restated = [each.corrected for each in reasons.get(row_id, ()) if each.kind == "expression"]
        read = printed.parse(restated[0] if restated else row["printed"], row["language"], row["unit"])
        assert read.unit == row["unit"], row_id
        fixed = row | {e.field: e.corrected for e in reasons.get(row_id, ()) if e.kind == "transcriber"}
        low, high = (float(fixed[f]) if fixed[f] else None for f in ("transcriber_low", "transcriber_high"))
        assert (read.low, read.high) == (low, high), (row_id, row["printed"], str(read))
        bounds = {read.bound, fixed["transcriber_bound"]}
        assert len(bounds) == 1 or bounds in alike, (row_id, bounds)
        compared += 1
    assert compared > 360


def test_every_correction_still_speaks_of_what_the_row_holds() -> None:
    rows = series()
    for row_id, each in ((i, e) for i, group in sources.corrections().items() for e in group):
        if row_id.rsplit("-", 1)[0] in ROWS:
            assert rows[row_id][each.field] == each.as_transcribed, (row_id, each.field)
            assert each.corrected != each.as_transcribed, (row_id, each.field)
