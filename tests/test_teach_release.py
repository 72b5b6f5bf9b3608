"""A release holds what its reader needs and no more, is the same on repeat, and every lesson does what it says."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from ffstats import paths
from ffstats.errors import TeachError
from ffstats.notebooks.run import Job, run_many
from ffstats.teach import keys, lesson, wheel
from ffstats.teach import release as module
from ffstats.teach.export import export
from sandbox import ROOT

BUILD = wheel.build
SMALL = ROOT / "tests" / "data" / "teach" / "lessons"


def unzipped(path: Path) -> dict[str, bytes]:
    """Return the files of an archive, without the folder that holds them all."""
    with zipfile.ZipFile(path) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


def said(notebook: Path) -> dict[str, str]:
    """Return what the checks of an executed notebook printed, by question."""
    cells = [cell for cell in nbformat.read(notebook, 4).cells if "check" in lesson.tags(cell)]
    lines = [out["text"].strip() for cell in cells for out in cell.outputs if out["output_type"] == "stream"]
    return dict(line.split(": ", 1) for line in lines)


def handed_out(archive: Path, home: Path) -> list[Path]:
    """Unpack a student's zip, run its notebooks as they are, and return the executed ones."""
    with zipfile.ZipFile(archive) as file:
        file.extractall(home)
    folder = home / module.TOP / "lessons"
    jobs = [Job(path, home / path.name, cwd=folder) for path in sorted(folder.glob("*.ipynb"))]
    results = run_many(jobs)
    assert [result.error for result in results] == [None] * len(jobs)
    return [job.out for job in jobs if job.out]


@pytest.fixture(scope="module", autouse=True)
def one_wheel() -> Iterator[None]:
    """Build the wheel once: the source may be edited while these tests run, and its own test builds it twice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.wheel, "build", functools.cache(BUILD))
        yield


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Release the small course of the tests to three students."""
    out = tmp_path_factory.mktemp("small")
    (out / "names.csv").write_text("student,seed\nann,\nbob,\ncem,5\n", encoding="utf-8")
    module.release(out, students=out / "names.csv", home=SMALL)
    return out


@pytest.fixture(scope="module")
def courses() -> dict[int, module.Course]:
    """Run the course of the project for two seeds."""
    return module.run([3, 4])


@pytest.fixture(scope="module")
def real(courses: dict[int, module.Course], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Release the course of the project from those runs."""
    out = tmp_path_factory.mktemp("real")

    def ran(seeds: Iterable[int], *_: object) -> dict[int, module.Course]:
        assert list(seeds) == list(courses)
        return courses

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "run", ran)
        module.release(out, seed=3)
    return out


def test_the_same_release_has_the_same_bytes_anywhere(small: Path, tmp_path: Path) -> None:
    again = tmp_path / "a folder, élsewhere"
    again.mkdir()
    shutil.copy(small / "names.csv", again)
    changed = module.release(again, students=again / "names.csv", home=SMALL)
    assert changed and module.release(again, students=again / "names.csv", home=SMALL) == []
    for name in changed:
        assert (again / name).read_bytes() == (small / name).read_bytes(), name
    record = json.loads((small / module.RECORD).read_text(encoding="utf-8"))
    assert record["students"] == {"ann": 1, "bob": 2, "cem": 5}
    found = {name: hashlib.sha256((small / name).read_bytes()).hexdigest() for name in record["sha256"]}
    assert found == record["sha256"] and set(changed) == {*found, module.RECORD}


def test_a_student_gets_no_solution_key_note_or_output(small: Path) -> None:
    files = unzipped(small / "students" / "ann.zip")
    package = next(name for name in files if name.endswith(".whl"))
    assert sorted(files) == sorted(
        ["README.md", package, "requirements.txt", "lessons/1_small.ipynb", "lessons/key.json"]
    )
    text = files["lessons/1_small.ipynb"].decode("utf-8")
    for word in (
        "SOLUTION",
        "teach.key",
        "mark_rule()\\n",
        "For the teacher",
        "stock_for_total",
        '"output_type"',
    ):
        assert word not in text
    notebook = nbformat.reads(text, 4)
    assert "seed = 1  # set by the teacher" in [cell.source for cell in notebook.cells]
    answers = {lesson.question(cell): cell.source for cell in notebook.cells if lesson.question(cell)}
    assert answers["9.1"] == "# Your answer:\nanswer_9_1 = ..."
    assert answers["9.4"] == "# Your answer:\nanswer_9_4 = ...\nanswer_9_4"
    with zipfile.ZipFile(io.BytesIO(files[package])) as inside:
        assert not [name for name in inside.namelist() if name.endswith(".ipynb")]


def test_an_empty_copy_fails_every_check_and_stops_nowhere(small: Path, tmp_path: Path) -> None:
    (ran,) = handed_out(small / "students" / "bob.zip", tmp_path)
    found = said(ran)
    assert sorted(found) == ["9.1", "9.2", "9.3", "9.4"]
    assert all(each.startswith("Not answered yet") for each in found.values())


def test_two_students_have_different_right_answers_and_a_copied_one_is_told(small: Path) -> None:
    def right(seed: int) -> str:
        answers = json.loads(unzipped(small / "instructor.zip")[f"answers/{seed}.json"])
        return str(answers["9.1"]["right"][0])

    own = {seed: keys.load(small / "keys" / f"{seed}.json")["9.1"] for seed in (1, 2, 5)}
    assert len({right(seed) for seed in own}) == 3
    for seed, question in own.items():
        kinds = {other: question.judge(right(other)).kind for other in own}
        assert kinds == {other: "right" if other == seed else "copied" for other in own}


def test_the_instructor_has_solutions_outputs_timings_answers_and_slides(small: Path) -> None:
    files = unzipped(small / "instructor.zip")
    assert sorted(files) == sorted(
        [
            *(
                "answers/1.json",
                "answers/2.json",
                "answers/5.json",
                "lessons/1_small.ipynb",
                "slides/1_small.html",
            ),
            *("students.csv", "teacher.md", "timetable.md"),
        ]
    )
    text = files["lessons/1_small.ipynb"].decode("utf-8")
    assert "BEGIN SOLUTION" in text and "9.1: Right" in text
    assert "| 9.4 | 7 |" in files["timetable.md"].decode("utf-8")
    assert "· 12 minutes" in files["timetable.md"].decode("utf-8")


class Page(HTMLParser):
    """What a page of slides loads, and how many slides it has."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.slides = 0
        self.policy = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.slides += tag == "section"
        self.loads += [str(given[name]) for name in ("src", "data") if name in given]
        self.loads += [tag] if tag in ("script", "link", "iframe", "object") else []
        self.policy = (
            str(given["content"]) if given.get("http-equiv") == "Content-Security-Policy" else self.policy
        )


def test_slides_load_nothing_run_nothing_and_show_neither_answers_nor_notes(small: Path) -> None:
    text = unzipped(small / "instructor.zip")["slides/1_small.html"].decode("utf-8")
    page = Page()
    page.feed(text)
    assert page.slides == 4
    assert page.loads and all(each.startswith("data:image/") for each in page.loads)
    assert page.policy.startswith("default-src 'none';") and "script-src" not in page.policy
    assert "@import" not in text and "url(" not in text
    for word in ("For the teacher", "Most give the middle", "Right:", "answer_9", "key.json"):
        assert word not in text


def test_the_wheel_installs_and_reads_the_data_without_the_project(tmp_path: Path) -> None:
    name, data = BUILD()
    assert BUILD() == (name, data)
    (tmp_path / name).write_bytes(data)
    home = tmp_path / "installed"
    with zipfile.ZipFile(tmp_path / name) as archive:
        archive.extractall(home)
        record = archive.read(next(n for n in archive.namelist() if n.endswith("RECORD"))).decode("utf-8")
        assert {row.split(",")[0] for row in record.splitlines()} == set(archive.namelist())
    code = (
        f"import sys; sys.path.insert(0, {str(home)!r}); import ffstats, ffstats.teach;"
        f"assert ffstats.__file__.startswith({str(home)!r}), ffstats.__file__; print(len(ffstats.estimates()))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 500


def broken(tmp_path: Path, change: str, into: str) -> Path:
    """Return a course in which one text of the small lesson is another."""
    home = tmp_path / "lessons"
    shutil.copytree(SMALL, home)
    path = home / "1_small.ipynb"
    text = path.read_text(encoding="utf-8")
    assert change in text
    path.write_text(text.replace(change, into), encoding="utf-8")
    return home


@pytest.mark.parametrize(
    ("change", "into", "words"),
    [
        ('"question:9.2"', '"question:9.1"', "question 9.1 is asked 2 times"),
        ("### END SOLUTION", "### END", "question 9.1 needs one solution"),
        ('"question:9.2"', '"quest:9.2"', "a question has both tags"),
        ('"question:9.2"', '"quest:9.2"', "a solution outside a cell with the tags of a question"),
        ('teach.check(\\"9.2\\"', 'print(\\"9.2\\"', "question 9.2 has no teach.check"),
        ('teach.key(\\"9.3\\"', 'dict(\\"9.3\\"', "question 9.3 has no teach.key"),
        ("seed = 0", "sead = 0", "no cell tagged parameters sets seed"),
        (
            'answer_9_2 = \\"total\\"',
            'answer_9_2 = \\"stock\\"',
            "seed 0, 1_small.ipynb: question 9.2: These are the people",
        ),
        ("alt.renderers.enable", "repr", "a chart that needs the network"),
        ("ffstats.estimates()", "ffstats.estimator()", "has no attribute 'estimator'"),
        ('"cells": [', '"cels": [', "cannot be read as a notebook"),
    ],
)
def test_a_faulty_lesson_is_refused_with_its_place_and_nothing_is_written(
    tmp_path: Path, change: str, into: str, words: str
) -> None:
    with pytest.raises(TeachError) as error:
        module.release(tmp_path / "out", home=broken(tmp_path, change, into))
    assert words in str(error.value)
    assert "1_small.ipynb" in str(error.value)
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_or_a_missing_sheet_is_named(tmp_path: Path) -> None:
    with pytest.raises(TeachError, match="There are no lessons in"):
        module.release(tmp_path / "out", home=tmp_path)
    home = broken(tmp_path, "seed = 0", "seed = 0")
    (home / module.SHEET).unlink()
    with pytest.raises(TeachError, match=r"student\.md: the student's sheet is missing"):
        module.release(tmp_path / "out", home=home)


def test_every_faulty_row_of_the_students_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("student,seed\nann,1\nAnn,2\n../up,3\ncem,-1\n,5\n", encoding="utf-8")
    with pytest.raises(TeachError) as error:
        module.of_students(path)
    assert [line.partition(":")[0] for line in str(error.value).splitlines()[1:]] == [
        "row 2",
        "row 3",
        "row 4",
        "row 5",
    ]
    path.write_text("name\nann\n", encoding="utf-8")
    with pytest.raises(TeachError, match="row 1: student ''"):
        module.of_students(path)
    path.write_bytes(b"student\n\xff\xfe\n")
    with pytest.raises(TeachError, match="UTF-8"):
        module.of_students(path)
    with pytest.raises(TeachError, match="cannot be read"):
        module.of_students(tmp_path / "nobody.csv")


def test_an_empty_copy_of_the_course_fails_every_check_and_stops_nowhere(real: Path, tmp_path: Path) -> None:
    asked = [number for path in lesson.sources() for number in lesson.questions(lesson.read(path))]
    found = {
        number: each
        for ran in handed_out(real / "student.zip", tmp_path)
        for number, each in said(ran).items()
    }
    assert sorted(found, key=keys.order) == sorted(asked, key=keys.order)
    assert {each for each in found.values() if not each.startswith("Not answered yet")} == set()


def test_no_right_answer_of_the_course_can_be_read_in_a_students_copy(real: Path) -> None:
    files = unzipped(real / "student.zip")
    hashes = re.compile(r'"[0-9a-f]{16,32}"')
    answers = json.loads(unzipped(real / "instructor.zip")["answers/3.json"])
    key = hashes.sub("", files["lessons/key.json"].decode("utf-8"))
    numbers = {
        end
        for each in answers.values()
        for text, kind in each["answers"].items()
        if kind == "right"
        for end in text.split()[1:3]
    }
    told = {
        number
        for number in numbers
        if re.fullmatch(r"\d{3,}(\.\d+)?", number) and int(float(number)) != keys.ITERATIONS
    }
    assert told and not [
        number for number in told if re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.])", key)
    ]
    for name, data in files.items():
        if name.endswith(".ipynb"):
            cells = nbformat.reads(data.decode("utf-8"), 4).cells
            assert not [
                cell
                for cell in cells
                if "SOLUTION" in cell.source or "teach.key" in cell.source or cell.get("outputs")
            ]


def test_two_seeds_of_the_course_ask_for_different_answers(courses: dict[int, module.Course]) -> None:
    first, second = (course.plain for course in courses.values())
    assert list(first) == list(second)
    drawn = [number for number in first if first[number].asks == "estimate"]
    other = [number for number in drawn if first[number].rights() != second[number].rights()]
    assert len(other) >= 0.8 * len(drawn), sorted(set(drawn) - set(other))


def test_the_lessons_are_no_notebooks_of_the_pipeline() -> None:
    from ffstats import pipeline

    assert lesson.folder() == paths.work_dir() / lesson.FOLDER
    assert not {path.parent.name for path in pipeline.notebooks()} & {"lessons"}


def test_the_command_line_loads_no_tables_to_show_its_help() -> None:
    code = (
        "import sys; sys.argv = ['ffstats', 'teach', '--help']\n"
        "from ffstats.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({'pandas', 'numpy', 'altair', 'papermill', 'nbformat', 'jinja2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "release" in done.stdout and done.stdout.rstrip().endswith("[]")


def test_the_command_line_checks_an_answer_by_the_key_of_the_folder(small: Path, tmp_path: Path) -> None:
    shutil.copy(small / "keys" / "1.json", tmp_path / keys.NAME)

    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "ffstats", "teach", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    assert run("check", "9.2", "total") == (
        0,
        "9.2: Right: it agrees with the key.\n",
    )
    assert run("check", "9.2", "stock")[0] == 1
    code, said = run("progress")
    assert (code, said) == (0, "lesson 9: not begun\n")
    status, text = run("release", "out", "--students", "nobody.csv")
    assert status == 1 and text.startswith("error: nobody.csv: cannot be read") and "Traceback" not in text


@pytest.mark.parametrize("kind", ["otter", "nbgrader"])
def test_an_export_to_a_grader_asks_every_question_and_is_the_same_when_written_again(
    kind: str, tmp_path: Path
) -> None:
    written = export(kind, tmp_path, 3, SMALL)
    (name,) = (name for name in written if name.endswith(".ipynb"))
    said = (tmp_path / name).read_text(encoding="utf-8")
    numbers = {lesson.question(cell) for cell in lesson.read(SMALL / Path(name).name).cells} - {None}
    assert numbers and all(f"teach.judge('{number}'" in said for number in numbers)
    assert "BEGIN SOLUTION" in said and any(path.endswith("key.json") for path in written)
    assert export(kind, tmp_path, 3, SMALL) == []


def test_an_export_to_another_grader_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TeachError, match="otter, nbgrader"):
        export("gradescope", tmp_path)
