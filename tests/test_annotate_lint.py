"""The project's own prose: each number bound or exempt, and a typed one fails."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ffstats import cli, prose
from ffstats.annotate.lint import lint
from ffstats.errors import DocumentError


def report(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    return {f.text: f.state for f in lint([path], tmp_path).findings}


def test_every_number_in_the_projects_prose_is_bound_or_exempt() -> None:
    found = lint(prose.files())
    assert not found.unbound, str(found)
    assert found.coverage()["bound"] > 20


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("There were 4,321 fighters.", "unbound"),
        ("There were 900 fighters.", "unbound"),
        ("Turkey saw 900 return from the Islamic State in Syria.", "bound"),
        ("Britain saw 900 return from the Islamic State in Syria.", "unbound"),
        ("There were 900 <!-- number: c076 --> fighters.", "bound"),
        ("There were 901 <!-- number: c076 --> fighters.", "unbound"),
        ("There were 900 <!-- number: c999 --> fighters.", "unbound"),
        ("More than 900 <!-- number: c076 --> fighters.", "unbound"),
        ("See page 12.", "exempt"),
        ("It has three parts.", "exempt"),
        ("It has 3 parts.", "unbound"),
        ("There were three returnees.", "unbound"),
        ("It rose to {num}`rise.total` in the end.", "bound"),
    ],
)
def test_a_typed_number_is_found_and_a_bound_one_must_agree(tmp_path: Path, text: str, state: str) -> None:
    assert list(report(tmp_path, text).values()) == [state]


def test_documentation_may_count_what_is_no_people_but_not_fighters(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "a.md"
    path.parent.mkdir()
    path.write_text("It takes 31 steps.\n\nISIS had 4,321 fighters.", encoding="utf-8")
    assert [f.state for f in lint([path], tmp_path).findings] == ["exempt", "unbound"]


def test_code_comments_and_links_are_no_prose(tmp_path: Path) -> None:
    text = "```\n4,321\n```\n`4,322` and [a](b/4323.md)<!-- 4,324 -->\n\n~~~python\n4325\n~~~\n"
    assert report(tmp_path, text) == {}


def test_a_notebook_may_use_the_numbers_that_it_records(tmp_path: Path) -> None:
    cells = [{"cell_type": "markdown", "source": ["The pace was 4,321 a year."]},
             {"cell_type": "code", "source": ["x = 4322"]}]  # fmt: skip
    (tmp_path / "one.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (tmp_path / "two.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    unit = lint([tmp_path / "one.ipynb"], tmp_path).findings[0]
    assert unit.state == "unbound"
    estimate = {"low": 4321.0, "high": 4321.0, "best": 4321.0, "bound": "exact", "unit": "persons_per_year"}
    numbers = [{"id": "one.pace", "notebook": "one", "estimate": estimate}]
    (tmp_path / "numbers.json").write_text(json.dumps(numbers), encoding="utf-8")
    states = [f.state for f in lint([tmp_path / "one.ipynb", tmp_path / "two.ipynb"], tmp_path).findings]
    assert states == ["bound", "unbound"]


def test_what_is_no_notebook_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("[]", encoding="utf-8")
    with pytest.raises(DocumentError, match=r"a\.ipynb: it cannot be read"):
        lint([tmp_path / "a.ipynb"])


def test_the_command_states_the_coverage_and_fails_on_a_typed_number(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("There were 4,321 fighters on page 3.", encoding="utf-8")
    result = CliRunner().invoke(cli.app, ["lint-prose", str(path)])
    assert result.exit_code == 1
    assert "line 1: '4,321 fighters' is typed" in result.output
    assert "2 numbers in prose: 0 bound, 1 exempt, 1 unbound" in result.output
    found = json.loads(CliRunner().invoke(cli.app, ["lint-prose", str(path), "--json"]).output)
    assert found["coverage"]["unbound"] == 1 and len(found["numbers"]) == 2


def test_the_command_annotates_a_file_and_writes_its_page(tmp_path: Path) -> None:
    path, out = tmp_path / "a.txt", tmp_path / "page.html"
    path.write_text("Turkey saw 900 return from the Islamic State in Syria.", encoding="utf-8")
    result = CliRunner().invoke(cli.app, ["annotate", str(path), "--out", str(out)])
    assert result.exit_code == 0
    assert "1 number found: 1 covered" in result.output
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    found = CliRunner().invoke(cli.app, ["annotate", str(path), "--json"])
    assert json.loads(found.output)[0]["claim_ids"] == ["c076"]


def test_the_command_reads_standard_input() -> None:
    result = CliRunner().invoke(cli.app, ["annotate", "-", "--json"], input="In 2017, 12 ships sank.")
    assert [one["kind"] for one in json.loads(result.output)] == ["date", "quantity"]
