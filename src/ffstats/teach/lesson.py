"""A lesson as its instructor writes it, and what is made of it: the student's copy and the timetable.

The tags of its cells say what is whose: `question` and `question:1.1`, `check`, `key`, `instructor`, `parameters`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ffstats import paths
from ffstats.errors import TeachError

if TYPE_CHECKING:
    from nbformat import NotebookNode

FOLDER: Final = Path("notebooks/lessons")
INSTRUCTOR_ONLY: Final = frozenset({"key", "instructor"})
_SOLUTION: Final = re.compile(
    r"^([ \t]*)### BEGIN SOLUTION[^\n]*\n.*?^[ \t]*### END SOLUTION[^\n]*$", re.M | re.S
)
_MARK: Final = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION", re.M)
_SEED: Final = re.compile(r"^seed\s*=[^#\n]*?(?=[ \t]*(?:#|$))", re.M)
_STEP: Final = re.compile(r"^\*\*(.+?)\s*·\s*(\d+) minutes?\.?\*\*", re.M)
_WHOLE: Final = re.compile(r"\b(\d+) minutes\b")


def folder() -> Path:
    """Return the folder of the lessons: the project's, else the package's own copy."""
    root = paths.project_root()
    homes = [root / FOLDER] if root else []
    homes += [paths.package_dir().parents[1] / FOLDER, paths.package_dir() / "_data" / "lessons"]
    return next((home for home in homes if home.is_dir()), homes[-1])


def sources(home: Path | None = None) -> list[Path]:
    """Return the lessons in order. Raises: TeachError, if there are none."""
    home = home or folder()
    found = sorted(home.glob("*.ipynb"))
    if not found:
        raise TeachError(
            f"There are no lessons in {paths.shown(home)}: it should hold notebooks such as 1_name.ipynb."
        )
    return found


def read(path: Path) -> NotebookNode:
    """Return a lesson. Raises: TeachError, if it is no notebook."""
    import nbformat

    try:
        lesson: NotebookNode = nbformat.reads(path.read_text(encoding="utf-8"), 4)
        return lesson
    except (OSError, ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        raise TeachError(f"{path.name} cannot be read as a notebook ({type(error).__name__}).") from error


def tags(cell: Any) -> frozenset[str]:
    """Return the tags of a cell."""
    return frozenset(cell.metadata.get("tags", ()))


def question(cell: Any) -> str | None:
    """Return the number of the question that a cell asks, if it asks one.

    >>> from nbformat import v4
    >>> question(v4.new_code_cell("answer_1_2 = 3", metadata={"tags": ["question", "question:1.2"]}))
    '1.2'
    """
    return next((tag.partition(":")[2] for tag in sorted(tags(cell)) if tag.startswith("question:")), None)


def variable(number: str) -> str:
    """Return the name that the answer to a question is given.

    >>> variable("1.2")
    'answer_1_2'
    """
    return "answer_" + number.replace(".", "_")


def questions(lesson: NotebookNode) -> list[str]:
    """Return the numbers of a lesson's questions, in its order."""
    return [number for cell in lesson.cells if (number := question(cell)) is not None]


def problems(lesson: NotebookNode) -> Iterator[str]:
    """Yield what keeps a lesson from being released: each with its cell."""
    asked = questions(lesson)
    for twice in sorted({each for each in asked if asked.count(each) > 1}):
        yield f"question {twice} is asked {asked.count(twice)} times"
    for at, cell in enumerate(lesson.cells, start=1):
        number, marks = question(cell), _MARK.findall(cell.source)
        if ("question" in tags(cell)) != (number is not None):
            yield f"cell {at}: a question has both tags, question and question:N.N"
        if marks and number is None and not tags(cell) & INSTRUCTOR_ONLY:
            yield f"cell {at}: a solution outside a cell with the tags of a question"
        if number is not None and (marks != ["BEGIN", "END"] or variable(number) not in cell.source):
            yield f"cell {at}: question {number} needs one solution, between its two marks, that assigns {variable(number)}"
    code = {
        tag: "\n".join(c.source for c in lesson.cells if tag in tags(c))
        for tag in ("key", "check", "parameters")
    }
    for each in asked:
        for tag in ("key", "check"):
            if f'teach.{tag}("{each}"' not in re.sub(r"\(\s+", "(", code[tag]):
                yield f"question {each} has no teach.{tag} in a cell tagged {tag}"
    if not _SEED.search(code["parameters"]):
        yield "no cell tagged parameters sets seed"


def student(lesson: NotebookNode, seed: int) -> NotebookNode:
    """Return the student's copy of a lesson: no solutions, keys, notes or outputs, and the seed in its place."""
    found = copy.deepcopy(lesson)
    found.cells = [cell for cell in found.cells if not tags(cell) & INSTRUCTOR_ONLY]
    for cell in found.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        number = question(cell)
        if number is not None:
            cell.source = _SOLUTION.sub(rf"\1{variable(number)} = ...", cell.source)
        if "parameters" in tags(cell):
            cell.source = _SEED.sub(f"seed = {seed}", cell.source)
        if tags(cell) & {"check", "question"}:
            cell.metadata["deletable"] = False
        if "check" in tags(cell):
            cell.metadata["editable"] = False
    return found


def title(lesson: NotebookNode) -> str:
    """Return the heading of a lesson."""
    headings = (
        line for cell in lesson.cells if cell.cell_type == "markdown" for line in cell.source.splitlines()
    )
    return next((line.lstrip("# ").strip() for line in headings if line.startswith("# ")), "")


def timetable(lessons: Sequence[NotebookNode]) -> str:
    """Return the timetable of a course in Markdown, from what the notes for the teacher say of each step."""
    lines = ["# Timetable", ""]
    for lesson in lessons:
        notes = [cell.source for cell in lesson.cells if "instructor" in tags(cell)]
        whole = _WHOLE.search(notes[0]) if notes else None
        lines += [f"## {title(lesson)}" + (f" · {whole[1]} minutes" if whole else ""), ""]
        steps = [(name, minutes) for note in notes for name, minutes in _STEP.findall(note)]
        if steps:
            lines += [
                "| step | minutes |",
                "|---|---|",
                *(f"| {name} | {minutes} |" for name, minutes in steps),
                "",
            ]
    return "\n".join(lines)
