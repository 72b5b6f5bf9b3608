"""The dictionary: one table of knowledge that describes every column, term, measure and source."""

from __future__ import annotations

import json

import pytest

import ffstats
from ffstats import building, dictionary, tidy
from ffstats.errors import DictionaryError
from sandbox import ROOT


def test_every_table_that_is_built_is_described_and_the_other_way_round() -> None:
    assert set(dictionary.tables()) == set(building.BUILDERS)
    for name in building.BUILDERS:
        assert [c.name for c in dictionary.of(name)] == list(tidy.table(name).columns)


@pytest.mark.parametrize(
    "name", ["estimates", "best", "readings.agreement", "travelled", "strength", "soufan2017"]
)
def test_describe_knows_tables_columns_terms_measures_and_sources(name: str) -> None:
    assert name.split(".")[-1] in ffstats.describe(name)


def test_describe_suggests_near_names() -> None:
    with pytest.raises(DictionaryError, match="travelled"):
        ffstats.describe("traveled")


def test_json_and_markdown_say_the_same_as_the_table() -> None:
    written = json.loads((ROOT / "data" / "processed" / "dictionary.json").read_text(encoding="utf-8"))
    page = (ROOT / "data" / "processed" / "dictionary.md").read_text(encoding="utf-8")
    for column in dictionary.columns():
        entry = next(c for c in written[column.table] if c["name"] == column.name)
        assert entry["description"] == column.description
        assert column.description in page


def test_the_descriptor_names_every_file_with_its_key_and_its_terms() -> None:
    package = json.loads((ROOT / "data" / "processed" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        assert (ROOT / "data" / "processed" / resource["path"]).is_file()
        keys = [c.name for c in dictionary.of(resource["name"]) if c.key]
        assert resource["schema"]["primaryKey"] == keys and keys
        fields = {f["name"]: f for f in resource["schema"]["fields"]}
        for column in dictionary.of(resource["name"]):
            assert fields[column.name].get("constraints", {}).get("enum", []) == list(column.terms)
