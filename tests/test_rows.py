"""A row of a tidy table can be asked for by its id, in the library and at the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from ffstats import cli, rows, tidy


@pytest.mark.parametrize("table", rows.TABLES)
def test_every_table_with_ids_tells_its_rows_in_full(table: str) -> None:
    frame = tidy.table(table)
    column = tidy.IDS[table]
    assert frame[column].is_unique
    filled = frame.iloc[len(frame) // 2]
    found = rows.find(filled[column])
    assert found is not None and found.table == table
    assert set(found.values) == {name for name, value in filled.items() if value == value and str(value)}


def test_an_id_that_another_answer_cites_can_be_explained() -> None:
    result = CliRunner().invoke(cli.app, ["explain", "un-023", "--json"])
    assert json.loads(result.output)["values"]["printed"] == "73,393"
    assert "OCHA" in CliRunner().invoke(cli.app, ["explain", "un-023"]).output


def test_an_unknown_id_stays_an_error() -> None:
    assert rows.find("un-99999") is None
    with pytest.raises(Exception, match="Nothing is called"):
        CliRunner().invoke(cli.app, ["explain", "un-99999"], catch_exceptions=False)
