"""The course in the formats of two systems that institutions grade with: otter-grader and nbgrader.

In both, a question is right if `teach.judge` says so by the key.json beside the notebook, which holds hashes only.
Unlike `teach grade`, both run their tests in the process of the submission itself (docs/teaching/grading.md).
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ffstats import store
from ffstats.errors import TeachError
from ffstats.teach import keys, lesson, release, wheel

if TYPE_CHECKING:
    from nbformat import NotebookNode

SEEDS: Final = 1 + release.NEIGHBOURS
_REGION: Final = re.compile(r"^([ \t]*)### (BEGIN|END) SOLUTION.*$", re.M)
_WHEEL_IN_CONTAINER: Final = (
    "/autograder/source/files/"  # where otter's containers have the assignment's files
)
_NBGRADER_CONFIG: Final = """\
c = get_config()
c.CourseDirectory.course_id = "ffstats"
c.ClearSolutions.code_stub = {"python": "# Put your answer in place of the three dots, or work it out here."}
c.ExecutePreprocessor.timeout = 60
"""


def export(kind: str, out: Path, seed: int = 0, home: Path | None = None) -> list[str]:
    """Write the lessons as sources for otter-grader ("otter") or as a course for nbgrader ("nbgrader").

    Parameters: seed, which countries and sources the questions take; home, the folder of the lessons.
    Returns the files that are not as they were. The same lessons, data and seed give the same bytes.
    Raises: TeachError, for another kind, and with everything that is wrong with the lessons.
    """
    if kind not in _FORMS:
        raise TeachError(f"There is no export to {kind!r}; there are: {', '.join(_FORMS)}.")
    courses = release.run(range(seed, seed + SEEDS), home)
    with ThreadPoolExecutor(2) as pool:
        key = release.key_file(courses, seed, pool)
    name, package = wheel.build()
    folder, beside = "", {name: package, "requirements.txt": f"{_WHEEL_IN_CONTAINER}{name}\n".encode()}
    contents: dict[str, dict[str, bytes]] = {}
    if kind == "nbgrader":
        folder, beside = "source/", {}
        contents["."] = {"nbgrader_config.py": _NBGRADER_CONFIG.encode()}
    for path in lesson.sources(home):
        contents[folder + path.stem] = {path.name: _FORMS[kind](path, seed, name), keys.NAME: key} | beside
    return [
        (Path(place) / file).as_posix()
        for place, inside in contents.items()
        for file in store.write(out / place, inside)
    ]


def _otter(path: Path, seed: int, package: str) -> bytes:
    """Return a lesson as `otter assign` takes it: raw cells mark the questions, their solutions and their tests."""
    config = {
        "name": path.stem,
        "init_cell": True,
        "export_cell": {"pdf": False, "run_tests": True},
        "files": [keys.NAME],
        "autograder_files": [package],
        "requirements": "requirements.txt",
        "generate": True,
    }
    made = [_raw("ASSIGNMENT CONFIG", **config)]
    original = lesson.read(path)
    for cell in _cells(original, seed):
        number = lesson.question(cell)
        if "check" in lesson.tags(cell):
            continue  # otter puts a check of its own there
        if number is None:
            made.append(cell)
            continue
        cell.source = _assigned(cell.source, number, "# BEGIN SOLUTION NO PROMPT", "# END SOLUTION")
        test = _code(
            f"from ffstats import teach\nsaid = teach.judge({number!r}, {lesson.variable(number)})\n"
            'print("right" if said.right else said)'
        )
        test.outputs = [_printed("right\n")]
        made += [
            *(_raw("BEGIN QUESTION", name=_identity(number), points=1), _raw("BEGIN SOLUTION"), cell),
            *(_raw("END SOLUTION"), _raw("BEGIN TESTS"), test, _raw("END TESTS"), _raw("END QUESTION")),
        ]
    return _written(original, made)


def _nbgrader(path: Path, seed: int, package: str) -> bytes:
    """Return a lesson as `nbgrader generate_assignment` takes it: the metadata of its cells say what they are."""
    original = lesson.read(path)
    made = []
    for cell in _cells(original, seed):
        number = lesson.question(cell)
        if "check" in lesson.tags(cell):
            continue
        made.append(cell)
        if number is None:
            continue
        cell.source = _assigned(cell.source, number, "### BEGIN SOLUTION", "### END SOLUTION")
        cell.metadata["nbgrader"] = _graded(_identity(number), solution=True)
        test = _code(
            f"from ffstats import teach\n\nteach.check({number!r}, {lesson.variable(number)})\n"
            f"### BEGIN HIDDEN TESTS\nsaid = teach.judge({number!r}, {lesson.variable(number)})\n"
            "assert said.right, said.sentence\n### END HIDDEN TESTS"
        )
        test.metadata["nbgrader"] = _graded(f"check_{_identity(number)}", grade=True, locked=True, points=1)
        made.append(test)
    return _written(original, made)


_FORMS: Final[dict[str, Callable[[Path, int, str], bytes]]] = {"otter": _otter, "nbgrader": _nbgrader}


def _cells(original: NotebookNode, seed: int) -> list[NotebookNode]:
    """Return the cells of the student's copy, those of questions with their solutions."""
    kept = [cell for cell in original.cells if not lesson.tags(cell) & lesson.INSTRUCTOR_ONLY]
    found = []
    for cell, stripped in zip(kept, lesson.student(original, seed).cells, strict=True):
        made = copy.deepcopy(stripped)
        if lesson.question(cell) is not None:
            made.source = cell.source
        for name in ("deletable", "editable"):
            made.metadata.pop(name, None)
        found.append(made)
    return found


def _assigned(source: str, number: str, begin: str, end: str) -> str:
    """Return a solution in other marks, after a line in which the answer is still three dots."""
    words = {"BEGIN": begin, "END": end}

    def marked(found: re.Match[str]) -> str:
        before = f"{found[1]}{lesson.variable(number)} = ...\n" if found[2] == "BEGIN" else ""
        return f"{before}{found[1]}{words[found[2]]}"

    return _REGION.sub(marked, source)


def _graded(identity: str, **said: Any) -> dict[str, Any]:
    plain = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}
    return {"grade_id": identity, **plain, **said}


def _identity(number: str) -> str:
    return "q" + number.replace(".", "_")


def _raw(mark: str, **config: Any) -> NotebookNode:
    """Return a raw cell for otter: a mark, and settings as JSON, which is YAML too."""
    settings = "".join(f"\n{name}: {json.dumps(value)}" for name, value in config.items())
    return _made("raw_cell", f"# {mark}{settings}")


def _code(source: str) -> NotebookNode:
    return _made("code_cell", source)


def _printed(text: str) -> NotebookNode:
    return _made("output", "stream", name="stdout", text=text)


def _made(what: str, *given: str, **named: str) -> NotebookNode:
    from nbformat import v4

    made: NotebookNode = getattr(v4, f"new_{what}")(*given, **named)
    return made


def _written(original: NotebookNode, cells: list[NotebookNode]) -> bytes:
    from ffstats.notebooks import canonical

    made = copy.deepcopy(original)
    made.cells = cells
    return canonical.dumps(made).encode("utf-8")
