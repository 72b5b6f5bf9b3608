"""What a notebook depends on is found: imports inside functions, the modules behind an exhibit, its tables of terms."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ffstats import fingerprint, pipeline
from sandbox import ROOT


def notebook(path: Path, *cells: str, tags: tuple[str, ...] = ()) -> Path:
    made = [
        {"cell_type": "code", "source": [source], "metadata": {"tags": list(tags)}, "outputs": []}
        for source in cells
    ]
    path.write_text(json.dumps({"cells": made}), encoding="utf-8")
    return path


def test_an_import_inside_a_function_counts() -> None:
    reached = fingerprint.closure(["ffstats.tidy"], through_tables=True)
    assert {"ffstats.collate", "ffstats.printed", "ffstats.dictionary", "ffstats.definitions"} <= set(reached)
    assert "vocabulary/dictionary.csv" in reached


def test_a_notebook_ends_at_the_tables_whose_hashes_count() -> None:
    reached = fingerprint.closure(["ffstats.tidy"])
    assert "ffstats.tidy" in reached and "ffstats.estimate" in reached
    assert not {"ffstats.collate", "ffstats.printed"} & set(reached)


def test_an_exhibit_brings_in_the_module_that_draws_it_and_no_other(tmp_path: Path) -> None:
    homes = fingerprint._exhibit_modules()
    exhibit, modules = next((e, m) for e, m in homes.items() if "ffstats.figures.territory" in m)
    reached = set(
        fingerprint.notebook_code(
            notebook(tmp_path / "a.ipynb", "from ffstats.exhibits import show", f"show('{exhibit}')")
        )
    )
    assert modules <= reached
    assert "ffstats.figures.rise" not in reached


def test_a_line_magic_does_not_hide_the_imports_of_its_cell(tmp_path: Path) -> None:
    reached = fingerprint.notebook_code(
        notebook(tmp_path / "a.ipynb", "%matplotlib inline\nfrom ffstats import choice")
    )
    assert "ffstats.choice" in reached


def test_a_public_name_of_the_package_leads_to_its_module(tmp_path: Path) -> None:
    for source in ("import ffstats\nffstats.parse('5')", "from ffstats import parse"):
        assert "ffstats.printed" in fingerprint.notebook_code(notebook(tmp_path / "a.ipynb", source))


@pytest.mark.parametrize("change", ["source", "tags", "parameters", "lock"])
def test_every_thing_that_counts_changes_the_fields(tmp_path: Path, change: str) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("a", encoding="utf-8")
    path = notebook(tmp_path / "a.ipynb", "1 + 1")
    before = fingerprint.of_notebook(path, {"rule": "printed"}, lock)
    parameters = {"rule": "midpoint" if change == "parameters" else "printed"}
    if change == "source":
        notebook(path, "1 + 2")
    if change == "tags":
        notebook(path, "1 + 1", tags=("parameters",))
    if change == "lock":
        lock.write_text("b", encoding="utf-8")
    after = fingerprint.of_notebook(path, parameters, lock)
    assert len({f for f in before if before[f] != after.get(f)}) == 1


def test_outputs_and_execution_counts_of_a_stored_notebook_do_not_count(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "1 + 1")
    before = fingerprint.of_notebook(path, {}, tmp_path / "lock")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["cells"][0] |= {"outputs": [{"text": "2"}], "execution_count": 7}
    path.write_text(json.dumps(data), encoding="utf-8")
    assert fingerprint.of_notebook(path, {}, tmp_path / "lock") == before


def test_every_exhibit_has_a_notebook_of_the_project() -> None:
    names = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(pipeline.exhibit_notebooks().values()) <= names
