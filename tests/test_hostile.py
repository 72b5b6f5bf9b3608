"""Text of strangers stays text: on every page, in every table that a spreadsheet opens, in every name of a file."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ffstats import formulas, gaps, paths
from ffstats.annotate import annotate
from ffstats.annotate.page import html
from ffstats.errors import EvidenceError, NumberError, RawDataError
from ffstats.estimate import Estimate
from ffstats.judging import reviewer
from ffstats.numbers import record
from ffstats.publish import certificate_facts, database, narrative, page, page_explorer, typeset
from ffstats.sweep import collect, grid
from ffstats.sweep.runs import Failed, Run
from ffstats.teach import contain
from ffstats.teach.marks import Grading, Mark
from hostile import STRINGS, WHOLE, Parsed, a_sweep, poisoned
from report_project import copied
from sandbox import Project

FORMULAS = [text for text in STRINGS if formulas.is_formula(text)]


def rows_of_a_certificate() -> list[dict[str, str]]:
    return [dict.fromkeys(certificate_facts.COLUMNS, text) | {"text": "article"} for text in WHOLE]


def pages(tmp_path: Path, results: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return every page that holds text of strangers, with every hostile string in it."""
    context = page._context(results, narrative.read())
    monkeypatch.setattr(page, "_context", lambda folder, text: poisoned(context))
    rows = rows_of_a_certificate()
    return {
        "annotate": html(annotate("\n\n".join(STRINGS)), " ".join(STRINGS)),
        "report": page.build(results),
        "numbers": typeset.html("numbers.html", {"rows": rows, "texts": {"article": WHOLE[0]}}).decode("utf-8"),
        "sweep": a_sweep(tmp_path),
    }


def test_no_string_becomes_an_element_an_attribute_or_an_address_on_any_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = {"annotate": 1, "report": 3, "numbers": 0, "sweep": 0}
    with copied(tmp_path / "project") as results:
        found = pages(tmp_path, results, monkeypatch)
    for name, text in found.items():
        parsed = Parsed(text)
        assert parsed.found == [], name
        assert parsed.scripts == scripts[name], name
        allowed = dict(part.split(" ", 1) for part in parsed.policy.split("; "))
        assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'", name
        assert "unsafe" not in parsed.policy and "http" not in parsed.policy and "*" not in parsed.policy, name
        if name != "annotate":
            assert "window.ran" in text, f"{name} does not hold the strings"


def test_the_data_of_the_explorer_cannot_end_their_element() -> None:
    text = str(page_explorer.embedded(WHOLE))
    assert "<" not in text and ">" not in text and "&" not in text


def cells(data: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(data.decode("utf-8"), newline="")) for cell in row]


def test_no_cell_of_the_marks_is_a_formula_and_no_row_is_lost() -> None:
    marks = [Mark(*[text] * 4, 0, *[text] * 4) for text in STRINGS]
    data = Grading(marks, contain.Kept({}), len(marks), len(marks), 1.0).csv_bytes()
    assert len(list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))) == len(marks) + 1
    assert [cell for cell in cells(data) if formulas.is_formula(cell)] == []


def test_no_cell_of_a_sweep_is_a_formula(tmp_path: Path) -> None:
    from ffstats.pipeline import NotebookTask

    runs = [Run(f"r{n}", NotebookTask(tmp_path / "x.ipynb", {"word": text})) for n, text in enumerate(WHOLE)]
    frame = collect.runs_table(runs[1:], [Failed(runs[0], FORMULAS[0])])
    assert any(formulas.is_formula(cell) for cell in frame["word"])
    from ffstats.store import csv_bytes

    data = csv_bytes(formulas.neutral_frame(frame))
    assert [cell for cell in cells(data) if formulas.is_formula(cell)] == []


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_in_a_filled_template_is_refused_and_nothing_is_written(project: Project, text: str) -> None:
    rows = list(csv.DictReader(io.StringIO(gaps.template().decode("utf-8"))))[:1]
    rows[0] |= {"printed": "3,000", "language": "en", "seen_kind": "primary", "seen_at": "x", "note": text}
    out = io.StringIO()
    writer = csv.DictWriter(out, gaps.COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path = project.root / "filled.csv"
    path.write_bytes(out.getvalue().encode("utf-8"))
    with pytest.raises(RawDataError, match=r"would run as a formula|\d+ fields"):
        gaps.add(path)
    assert not list(project.raw.glob("*/added.csv"))


@pytest.mark.parametrize("text", FORMULAS[:4])
def test_a_formula_in_a_reviewers_evidence_is_refused(project: Project, text: str) -> None:
    with pytest.raises(EvidenceError, match="would run as a formula"):
        reviewer.add_evidence("c043", "850", "p. 1", text, "R")
    assert not (project.root / ".ffstats" / "evidence.csv").exists()


def test_strings_that_are_no_formula_pass_through_the_export_unchanged(project: Project) -> None:
    harmless = [t for t in WHOLE if t.isprintable() and t not in FORMULAS]

    def poison(rows: list[dict[str, str]]) -> None:
        for row, text in zip(rows, harmless, strict=False):
            row["note"] = text

    project.edit("soufan2017/readings.csv", poison)
    folder, _ = database.export(project.root / "out")
    found = cells((folder / "readings.csv").read_bytes())
    assert set(harmless) <= set(found)
    assert [cell for cell in found if formulas.is_formula(cell)] == []


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a\0b", "..", "A", "x.ipynb/..", "a\n"])
def test_a_number_cannot_be_recorded_outside_its_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FFSTATS_OUT", str(tmp_path / "out"))
    with pytest.raises(NumberError):
        record(name, Estimate.exact(1), "words", ["soufan2017"])
    assert not list(tmp_path.iterdir())


def test_no_label_of_a_run_leaves_its_folder() -> None:
    labels = grid.labels([{"word": text} for text in STRINGS])
    assert len(set(labels)) == len(labels)
    assert all(label.replace("-", "").isalnum() and label.isascii() for label in labels)


@pytest.mark.parametrize("name", ["../evil", "/tmp/../evil", "a/../../evil", "..\\evil", "C:/evil", "./../evil"])
def test_an_archive_from_a_worker_cannot_leave_its_folder(name: str, tmp_path: Path) -> None:
    from ffstats.sweep.cluster import unpack

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "evil")
    unpack(packed.getvalue(), tmp_path / "inside")
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert made and all(path.is_relative_to(tmp_path / "inside") for path in made)


def test_a_number_that_is_no_formula_in_words_is_still_read() -> None:
    assert formulas.neutral("-12.5") == "-12.5" and formulas.neutral("up to 3,000") == "up to 3,000"


def unsafe(tree: Any) -> list[str]:
    """Return the calls in some code that run or unpickle what they are given."""
    import ast

    names = ("eval", "exec", "compile", "__import__")
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            loads = called.rpartition(".")[2] in ("load", "loads", "full_load", "unsafe_load", "Unpickler")
            if called in names or (loads and called.partition(".")[0] in ("pickle", "marshal", "yaml", "shelve", "dill", "joblib")):
                found.append(f"line {node.lineno}: {called}")
    return found


def test_nothing_is_unpickled_and_no_yaml_or_code_is_loaded_from_text() -> None:
    import ast

    # What runs notebooks runs code by nature; it alone may, and stands in folders of its own.
    runs_notebooks = {"notebooks", "teach"}
    for path in sorted(paths.package_dir().rglob("*.py")):
        found = unsafe(ast.parse(path.read_text(encoding="utf-8")))
        if path.relative_to(paths.package_dir()).parts[0] not in runs_notebooks:
            assert found == [], path.name
    assert unsafe(ast.parse("import yaml; yaml.load(x); pickle.loads(y); eval(z)")) != []


def test_an_argument_that_is_no_text_is_an_error_and_no_traceback() -> None:
    import os
    import subprocess
    import sys

    for arguments in (["parse", b"\xff400"], ["describe", b"\xed\xa0\x80"], ["annotate", b"\xff.txt"], ["explain", b"\xfe"]):
        done = subprocess.run([os.fsencode(sys.executable), b"-m", b"ffstats", *(os.fsencode(a) for a in arguments)], capture_output=True)
        assert done.returncode in (1, 2)
        assert b"Traceback" not in done.stderr, done.stderr


