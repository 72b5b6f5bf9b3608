"""The catalogue: complete, true to the exhibits it lists, and firm about what it does not know."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from built_exhibits import built
from ffstats import catalogue, drawn, exhibits, files, paths, tidy
from ffstats.errors import ChoiceError, ExhibitError

ENTRIES = catalogue.entries()
SECTIONS = [
    "01_rise",
    "02_new_and_remainers",
    "03_relocators",
    "04_captured",
    "05_returnees",
    "06_country_flows",
    "07_territory",
    "08_strategic_implications",
    "09_number_check",
    "10_sensitivity",
    "country_profile",
]


def test_there_are_sixteen_figures_and_ten_tables_at_least():
    kinds = [entry.kind for entry in ENTRIES]
    assert kinds.count("figure") >= 16
    assert kinds.count("table") >= 10
    assert set(kinds) == {"figure", "table"}


def test_every_section_has_an_exhibit_and_every_id_is_its_own():
    assert list(dict.fromkeys(entry.section for entry in ENTRIES)) == SECTIONS
    assert len({entry.id for entry in ENTRIES}) == len(ENTRIES)


def test_claims_and_sources_of_the_catalogue_exist():
    claims = set(tidy.claims()["claim_id"])
    sources = set(tidy.source_table()["source_id"])
    for entry in ENTRIES:
        assert set(entry.claims) <= claims, entry.id
        assert set(entry.sources) <= sources, entry.id


def test_titles_hold_no_typed_number():
    assert [entry.id for entry in ENTRIES if any(char.isdigit() for char in entry.title)] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_every_entry_builds_from_the_real_tables_and_keeps_to_its_sources(entry):
    exhibit = built(entry.id)
    drawn = exhibit.drawn
    assert len(drawn.data) > 0
    assert set(drawn.sources) <= set(entry.sources)
    assert drawn.sources == tuple(sorted(set(drawn.sources)))
    assert len(drawn.alt) > 80 and drawn.alt.endswith(".")
    assert any(char.isdigit() for char in drawn.alt)
    assert drawn.caption.endswith(".") and ".." not in drawn.caption and ".." not in drawn.alt
    assert "nan" not in drawn.alt.lower().split() and "None" not in drawn.alt


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_the_csv_file_is_what_is_shown(entry):
    exhibit = built(entry.id)
    made = exhibit.files()[f"{entry.kind}s/{entry.id}.csv"]
    rows = list(csv.DictReader(io.StringIO(made.decode("utf-8"))))
    assert len(rows) == len(exhibit.drawn.data)
    assert list(rows[0]) == list(exhibit.drawn.data.columns)


def test_an_unknown_exhibit_is_an_error_that_lists_the_known():
    with pytest.raises(ChoiceError, match=r"'rize'.*growth, growth_table"):
        catalogue.build("rize")


@pytest.mark.parametrize(
    ("exhibit", "parameters", "message"),
    [
        ("growth", {"colour": "red"}, "'colour' is not one of as_of, prefer, rule"),
        ("growth", {"rule": "mean"}, "'mean' is not one of envelope, midpoint, printed"),
        ("growth", {"as_of": "October 2017"}, "'October 2017' is not a date"),
        ("growth", {"as_of": "2017-13"}, "'2017-13' is not a date"),
        ("flows", {"prefer": "soufan2017,soufan2071"}, "'soufan2071' is not one of .*soufan2017"),
        ("flows", {"fill_from": "icsr"}, "'icsr' is not one of .*icsr2015"),
        ("flows", {"countries": ["ATL"]}, "'ATL' is not one of .*AUT"),
        ("sources_compared", {"countries": "FRA,ATL"}, "'ATL' is not one of .*FRA"),
        ("country_profile", {"iso3": "France"}, "'France' is not one of .*FRA"),
        ("country_profile_table", {"iso3": "fra"}, "'fra' is not one of .*FRA"),
        ("account", {"reading": "kind"}, "reading: 'kind' is not one of charitable, strict"),
        ("conflicts", {"reading": "kind"}, "reading: 'kind' is not one of charitable, strict"),
        ("verdicts", {"reading": "strict"}, "'reading' is not one of as_of, prefer, rule"),
    ],
)
def test_an_unknown_parameter_or_value_is_an_error_that_lists_the_valid_ones(exhibit, parameters, message):
    with pytest.raises(ChoiceError, match=message):
        catalogue.build(exhibit, **parameters)


def test_a_date_before_all_data_is_an_error_not_an_empty_figure():
    with pytest.raises(ExhibitError, match=r"up to 1999"):
        catalogue.build("strength", as_of="1999")


def test_other_choices_give_other_figures():
    base = built("headlines").drawn.data.drop_duplicates("headline").set_index("headline")["base"]
    other = catalogue.build("headlines", rule="midpoint", prefer=["icsr2015", "soufan2017"]).drawn.data
    other = other.drop_duplicates("headline").set_index("headline")["base"]
    assert base["Travelled, Tunisia"] == 2926
    assert other["Travelled, Tunisia"] == 2250  # the middle of 1,500–3,000
    earlier = catalogue.build("growth", as_of="2015-06").drawn.data
    assert 0 < len(earlier) < len(built("growth").drawn.data)


def test_the_catalogue_file_lists_what_was_emitted_with_paths_from_the_root(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FFSTATS_ROOT", str(tmp_path))
    out = tmp_path / "results"
    for name in ("inflow", "growth_table", "growth"):
        drawn.emit(built(name), out)
    listed = json.loads(catalogue.write(out).read_text(encoding="utf-8"))
    assert [item["id"] for item in listed] == ["growth", "inflow", "growth_table"]
    first, table = listed[0], listed[-1]
    assert set(first) == {
        "id",
        "kind",
        "title",
        "section",
        "notebook",
        "sources",
        "claims",
        "alt",
        "caption",
        "files",
    }
    assert first["files"] == {end: f"results/figures/growth.{end}" for end in ("svg", "png", "json", "csv")}
    assert table["files"] == {end: f"results/tables/growth_table.{end}" for end in ("csv", "html", "tex")}
    for end in ("csv", "html", "tex"):
        assert (tmp_path / table["files"][end]).stat().st_size > 0


def test_a_stranger_among_the_results_is_named(tmp_path: Path):
    files.put(tmp_path / "exhibits" / "mystery.json", b'{"id": "mystery", "kind": "figure"}\n')
    with pytest.raises(ChoiceError, match=r"mystery"):
        catalogue.write(tmp_path)
    files.put(tmp_path / "exhibits" / "mystery.json", b"{")
    with pytest.raises(ExhibitError, match=r"mystery.json: not JSON"):
        catalogue.write(tmp_path)


def test_emitting_twice_gives_the_same_bytes(tmp_path: Path):
    for name in ("growth", "flows", "world_map", "numbers_table"):
        once, again = built(name).files(), catalogue.build(name).files()
        assert once == again, name


def test_the_output_folder_comes_from_the_environment(tmp_path: Path, monkeypatch):
    monkeypatch.setenv(drawn.OUT, str(tmp_path / "there"))
    assert drawn.out_dir() == tmp_path / "there"
    assert drawn.out_dir(tmp_path) == tmp_path
    monkeypatch.delenv(drawn.OUT)
    assert drawn.out_dir() == paths.results_dir()


def test_showing_an_exhibit_emits_it_and_returns_what_a_notebook_displays(tmp_path: Path, monkeypatch):
    monkeypatch.setenv(drawn.OUT, str(tmp_path))
    bundle, said = exhibits.show("inflow", rule="printed")._repr_mimebundle_()
    assert bundle["text/plain"] == built("inflow").drawn.alt and said["ffstats"]["exhibit"] == "inflow"
    assert any("vegalite" in kind for kind in bundle)
    assert sorted(
        path.name for path in tmp_path.rglob("*.*") if path.is_file() and path.parent.name != "reads"
    ) == [
        "inflow.csv",
        "inflow.json",
        "inflow.json",
    ]
