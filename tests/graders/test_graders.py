"""The exports in the real otter-grader and nbgrader: a solved lesson has full marks, a blank one none, a slip is told.

Run by `make graders`: FFSTATS_GRADERS is the folder of the programs of an environment that has both.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest

from ffstats.teach import lesson
from ffstats.teach.export import export

pytestmark = pytest.mark.graders
LESSONS = Path(__file__).parents[1] / "data" / "teach" / "lessons"
SECONDS = 900


def run(folder: Path, program: str, *arguments: str) -> str:
    """Run a program of the graders' environment in a folder; return what it printed, which is shown if it failed."""
    programs = Path(os.environ["FFSTATS_GRADERS"]).resolve()
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    done = subprocess.run(
        [str(programs / program), *arguments],
        cwd=folder,
        env=os.environ | {"PATH": path, "HOME": str(folder), "JUPYTER_PLATFORM_DIRS": "0"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{program} {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def code(path: Path) -> str:
    """Return the code of a notebook."""
    cells = nbformat.read(path, 4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def solutions(path: Path) -> list[str]:
    """Return the lines of a lesson's solutions."""
    found = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", code(path), re.DOTALL)
    return [line.strip() for block in found for line in block.splitlines() if "=" in line]


def mistaken(path: Path, target: Path, question: str, answer: str) -> None:
    """Write a copy of a solved notebook in which one answer is another."""
    notebook = nbformat.read(path, 4)
    name = lesson.variable(question)
    changed = 0
    for cell in notebook.cells:
        if cell.cell_type == "code" and re.search(rf"^{name} = ", cell.source, re.MULTILINE):
            cell.source += f"\n{name} = {answer}"
            changed += 1
    assert changed == 1
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)


def questions(path: Path) -> list[str]:
    """Return the numbers of a lesson's questions."""
    return lesson.questions(lesson.read(path))


@pytest.mark.parametrize("original", lesson.sources(LESSONS), ids=lambda path: path.stem)
def test_otter_assigns_and_grades(tmp_path: Path, original: Path) -> None:
    """`otter assign` makes a student's version without solutions; `otter run` marks what comes back."""
    export("otter", tmp_path, home=LESSONS)
    name, asked = original.stem, questions(original)
    folder = tmp_path / name
    run(folder, "otter", "assign", original.name, "dist")
    student, solved = (folder / "dist" / each / original.name for each in ("student", "autograder"))
    assert [line for line in solutions(original) if line in code(student)] == []
    assert all(f"{lesson.variable(number)} = ..." in code(student) for number in asked)
    assert (student.parent / "key.json").is_file()
    mistaken(solved, tmp_path / "slip.ipynb", asked[0], '"no such thing"')
    (archive,) = (folder / "dist" / "autograder").glob("*.zip")
    expected = {"solved": len(asked), "blank": 0, "slip": len(asked) - 1}
    for kind, path in (("solved", solved), ("blank", student), ("slip", tmp_path / "slip.ipynb")):
        place = tmp_path / kind
        place.mkdir()
        shutil.copy(path, place / "submission.ipynb")
        run(place, "otter", "run", "-a", str(archive), "-o", str(place), "submission.ipynb")
        tests = json.loads((place / "results.json").read_text(encoding="utf-8"))["tests"]
        scores = {test["name"]: test["score"] for test in tests if "score" in test}
        assert sorted(scores) == sorted("q" + number.replace(".", "_") for number in asked)
        assert sum(scores.values()) == expected[kind], tests
    told = json.dumps(tests)
    assert "This cannot be read as an estimate" in told or "Not this value" in told


def test_nbgrader_generates_and_grades(tmp_path: Path) -> None:
    """`nbgrader generate_assignment` makes a release without solutions or tests; `autograde` and `export` mark it."""
    export("nbgrader", tmp_path, home=LESSONS)
    for original in lesson.sources(LESSONS):
        name, asked = original.stem, questions(original)
        run(tmp_path, "nbgrader", "generate_assignment", name)
        released = tmp_path / "release" / name / original.name
        assert [line for line in solutions(original) if line in code(released)] == []
        assert "assert" not in code(released)
        assert all(f"{lesson.variable(number)} = ..." in code(released) for number in asked)
        assert (released.parent / "key.json").is_file()
        source = tmp_path / "source" / name / original.name
        submitted = {
            kind: tmp_path / "submitted" / kind / name / original.name for kind in ("solved", "blank", "slip")
        }
        for kind, path in (("solved", source), ("blank", released)):
            submitted[kind].parent.mkdir(parents=True)
            shutil.copy(path, submitted[kind])
        mistaken(source, submitted["slip"], asked[0], '"no such thing"')
        # A key of the student's own making does not count: nbgrader lays the teacher's over it.
        (submitted["blank"].parent / "key.json").write_text("{}", encoding="utf-8")
        run(tmp_path, "nbgrader", "autograde", name)
        run(tmp_path, "nbgrader", "export", "--to", str(tmp_path / "grades.csv"))
        with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["assignment"] == name]
        scores = {row["student_id"]: float(row["score"]) for row in rows}
        assert scores == {"solved": len(asked), "blank": 0.0, "slip": len(asked) - 1}
        assert {float(row["max_score"]) for row in rows} == {float(len(asked))}
        graded = tmp_path / "autograded" / "slip" / name / original.name
        told = json.dumps(nbformat.read(graded, 4))
        assert "This cannot be read as an estimate" in told or "Not this value" in told
