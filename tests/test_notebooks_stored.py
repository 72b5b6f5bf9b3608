"""The notebooks as they are stored: in canonical form, with the outputs that a fresh kernel gives, none unlooked at."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import pytest

from ffstats import render
from ffstats.catalogue import entries
from ffstats.choice import PREFER
from ffstats.exhibits import VEGA_LITE
from ffstats.notebooks import canonical
from ffstats.notebooks.parameters import declared

ROOT = Path(__file__).resolve().parents[1]
STORED = sorted((ROOT / "notebooks").glob("*.ipynb"))
PICTURE = "image/svg+xml"
# nbval passes over these without a word (nbval.plugin, IPyNbCell.skip_compare).
SKIPPED_BY_NBVAL = {"image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json"}
each = pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    return nbformat.v4.reads(path.read_text(encoding="utf-8"))


def outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def kinds(notebooks: list[Any]) -> Counter[str]:
    """Count the outputs of notebooks by kind: MIME types of displays, names of streams."""
    found: Counter[str] = Counter()
    for notebook in notebooks:
        for output in outputs(notebook):
            found.update(list(output.get("data", [output.get("name", output["output_type"])])))
    return found


def figures(notebook: Any) -> list[Any]:
    return [output for output in outputs(notebook) if VEGA_LITE in output.get("data", {})]


def test_there_is_a_notebook_for_every_section_of_the_catalogue():
    assert {entry.notebook for entry in entries()} == {path.stem for path in STORED}


@each
def test_it_is_stored_in_canonical_form(path: Path):
    assert canonical.dumps(read(path), root=ROOT) == path.read_text(encoding="utf-8")
    assert path.stat().st_size < 1_000_000


@each
def test_it_holds_no_time_no_drawn_id_and_no_path_of_a_machine(path: Path):
    notebook = read(path)
    ids = [cell["id"] for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name) for name in ids)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert all(set(cell.metadata) <= {"tags", "jupyter"} for cell in notebook.cells)
    assert not re.search(
        r"/(home|root|work|tmp|Users|usr)/|[A-Z]:\\\\|site-packages", path.read_text(encoding="utf-8")
    )
    for output in figures(notebook):  # whose data hold days, written as moments
        del output["data"][VEGA_LITE]
    assert not re.search(r"\b20\d\d-\d\d-\d\dT\d\d:\d\d", json.dumps(notebook))


@each
def test_it_was_run_from_top_to_bottom_without_an_error(path: Path):
    code = [cell for cell in read(path).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert all(output["output_type"] in ("execute_result", "display_data") for output in outputs(read(path)))


@each
def test_its_one_parameters_cell_explains_every_parameter(path: Path):
    tagged = [cell for cell in read(path).cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    known = declared(path)
    assert {"prefer", "rule", "as_of"} <= set(known)
    assert all(parameter.help for parameter in known.values())
    assert (known["prefer"].default, known["rule"].default) == (f'"{",".join(PREFER)}"', '"printed"')


@each
def test_each_exhibit_of_its_section_is_shown_once_with_words_for_those_who_do_not_see_it(path: Path):
    shown = {}
    for output in outputs(read(path)):
        name = output.get("metadata", {}).get("ffstats", {}).get("exhibit")
        if name:
            assert name not in shown
            shown[name] = output["data"]
    due = {entry.id: entry for entry in entries() if entry.notebook == path.stem}
    assert set(shown) == set(due)
    for name, data in shown.items():
        best = {VEGA_LITE, PICTURE} if due[name].kind == "figure" else {"text/html"}
        assert set(data) == {*best, "text/plain"}
        assert due[name].title in data["text/plain"]


def unnamed(svg: bytes) -> bytes:
    """Return a picture without the name of its figure in the names of its clips."""
    return re.sub(rb"-[0-9a-f]{8}-(?=\d)", b"-", svg)


@each
def test_every_picture_is_that_of_its_specification(path: Path):
    for output in figures(read(path)):
        stored = output["data"][PICTURE].encode("utf-8")
        assert ET.fromstring(stored).tag.endswith("svg")
        specification = json.dumps(output["data"][VEGA_LITE]).encode("utf-8")
        assert unnamed(render.pictures(specification)[0]) == unnamed(stored)


def without_pictures(notebook: Any) -> Any:
    """Take out what is added after a run; `test_every_picture_is_that_of_its_specification` looks at it."""
    for output in figures(notebook):
        del output["data"][PICTURE]
    return notebook


def nbval(folder: Path) -> tuple[Counter[str], str]:
    """Run the notebooks of a folder under nbval; count cells by outcome, and return what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-n", "2", "--dist", "loadfile", "-q", "--color=no", "-rA",
         "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder)],
        cwd=folder,
        env={**os.environ, "FFSTATS_ROOT": str(ROOT), "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
    )  # fmt: skip
    return Counter(re.findall(r"^(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) ", done.stdout, re.M)), done.stdout


def test_a_fresh_kernel_gives_every_stored_output(tmp_path: Path):
    notebooks = [without_pictures(read(path)) for path in STORED]
    for path, notebook in zip(STORED, notebooks, strict=True):
        nbformat.write(notebook, tmp_path / path.name)
    compared = kinds(notebooks)
    assert not SKIPPED_BY_NBVAL & set(compared)
    figures_due = sum(entry.kind == "figure" for entry in entries())
    tables_due = sum(entry.kind == "table" for entry in entries())
    assert compared[VEGA_LITE] == figures_due and compared["text/html"] == tables_due
    assert set(compared) == {VEGA_LITE, "text/html", "text/markdown", "text/plain"}
    assert (
        compared["text/plain"] == sum(compared.values()) / 2
    )  # each output has words, and one thing besides
    outcomes, said = nbval(tmp_path)
    cells = sum(cell.cell_type == "code" for notebook in notebooks for cell in notebook.cells)
    assert outcomes == {"PASSED": cells}, said


def test_a_changed_output_of_any_kind_is_noticed(tmp_path: Path):
    """The comparison compares: one output of each kind is changed, and its cell fails."""
    path = ROOT / "notebooks" / "01_rise.ipynb"
    notebook = without_pictures(read(path))
    changed = []
    for kind in (VEGA_LITE, "text/html", "text/markdown", "text/plain"):
        cell = next(
            cell
            for cell in notebook.cells
            if cell["id"] not in changed and any(kind in output["data"] for output in cell.get("outputs", []))
        )
        data = cell.outputs[0]["data"]
        data[kind] = {**data[kind], "background": "black"} if kind == VEGA_LITE else f"{data[kind]} changed"
        changed.append(cell["id"])
    nbformat.write(notebook, tmp_path / path.name)
    outcomes, said = nbval(tmp_path)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    assert outcomes == {"PASSED": cells - len(changed), "FAILED": len(changed)}, said


def test_the_stored_notebooks_agree_with_the_committed_results():
    """What a reader sees in a notebook and what stands in results/ are of one run."""
    kept = ROOT / "results" / "figures"
    for path in STORED:
        for output in figures(read(path)):
            name = output["metadata"]["ffstats"]["exhibit"]
            assert output["data"][PICTURE] == (kept / f"{name}.svg").read_text(encoding="utf-8"), name
