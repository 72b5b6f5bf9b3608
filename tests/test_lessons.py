"""The six lessons: solutions pass their own checks, each documented wrong answer is told apart, nothing crashes."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import pytest

from ffstats import teach
from ffstats.notebooks import canonical
from ffstats.teach import answers, keys, lesson

ROOT = Path(__file__).resolve().parents[1]
LESSONS = lesson.sources(ROOT / "notebooks" / "lessons")
SEEDS = (0, 1)
ALIKE = "1.7"  # the one question whose right answer is the same for everybody: the word for what was not seen
STILL_UNANSWERED = re.compile(r"^\d\.\d: Not answered yet")
each = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
seeded = pytest.mark.parametrize("seed", SEEDS)


@dataclass
class Run:
    """What a lesson did: its names, what its checks printed, and the keys as the lesson wrote them."""

    names: dict[str, Any] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    written: dict[str, dict[str, Any]] = field(default_factory=dict)


def cells_run(notebook: Any, seed: int, run: Run, draw: bool = True) -> Run:
    """Run the cells of a lesson in this process, from the top to the bottom; what is shown is drawn, if asked for."""
    see = drawn if draw else lambda value: None
    run.names |= {"display": lambda *shown: list(map(see, shown))}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(f"seed = {seed}" if "parameters" in lesson.tags(cell) else cell.source)
        last = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            exec(compile(tree, cell["id"], "exec"), run.names)
            see(eval(compile(last, cell["id"], "eval"), run.names) if last else None)
        if "check" in lesson.tags(cell):
            run.printed[said.getvalue().partition(":")[0]] = said.getvalue()
    return run


def drawn(value: Any) -> None:
    """Make of a value what a notebook would show."""
    maker = getattr(value, "_repr_mimebundle_", None) or getattr(value, "_repr_html_", None)
    assert maker is None or maker() or value is ...


@cache
def solved(path: Path, seed: int, draw: bool = True) -> Run:
    """Run the instructor's version, and keep what it hands to `teach.key`."""
    run, register = Run(), teach.key

    def recording(question: str, right: Any = None, wrong: Any = None, **more: Any) -> None:
        run.written[question] = {"right": right, "wrong": wrong or {}, **more}
        register(question, right, wrong, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teach, "key", recording)
        patch.setattr(teach, "_own", {})
        cells_run(lesson.read(path), seed, run, draw)
        run.names["judged"] = dict(teach._own)
    return run


def kind(run: Run, question: str, answer: Any) -> str:
    return teach.judge(question, answer, run.names["judged"]).kind


def several(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


@each
def test_a_lesson_is_stored_without_outputs_in_canonical_form_and_can_be_released(path: Path):
    notebook = lesson.read(path)
    assert canonical.dumps(notebook) == path.read_text(encoding="utf-8")
    assert list(lesson.problems(notebook)) == []
    assert 5 <= len(lesson.questions(notebook)) <= 8
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in notebook.cells)
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", cell["id"]) for cell in notebook.cells)


@each
def test_a_lesson_has_goals_reading_example_exercises_discussion_and_times_within_an_hour(path: Path):
    notebook = lesson.read(path)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for part in ("**Goals.**", "## Reading", "## Worked example", "## Exercises", "## For discussion"):
        assert part in prose
    whole = int(re.search(r"· (\d+) minutes$", lesson.timetable([notebook]), re.M)[1])
    steps = [int(minutes) for minutes in re.findall(r"\| (\d+) \|$", lesson.timetable([notebook]), re.M)]
    assert 45 <= whole <= 60 and sum(steps) == whole


@each
@seeded
def test_every_solution_is_right_by_its_own_check(path: Path, seed: int):
    run = solved(path, seed)
    asked = lesson.questions(lesson.read(path))
    assert sorted(run.written) == sorted(asked) == sorted(run.printed)
    assert {
        question: kind(run, question, run.names[lesson.variable(question)]) for question in asked
    } == dict.fromkeys(asked, "right")
    assert all(": Right: " in text for text in run.printed.values())


@each
@seeded
def test_every_right_answer_of_a_key_is_right(path: Path, seed: int):
    run = solved(path, seed)
    for question, key in run.written.items():
        for value in several(key["right"]) if key["right"] is not None else []:
            assert kind(run, question, value) == "right", (question, value)


@each
@seeded
def test_every_documented_wrong_answer_gets_the_feedback_of_its_kind(path: Path, seed: int):
    run = solved(path, seed)
    for question, key in run.written.items():
        if key["right"] is None:
            continue
        documented = [(name, value) for name, values in key["wrong"].items() for value in several(values)]
        assert documented, f"{question} documents no wrong answer"
        found = [(name, value, kind(run, question, value)) for name, value in documented]
        assert [(name, value) for name, value, said in found if said != name] == [], found


@each
def test_every_draw_of_countries_and_sources_can_be_answered(path: Path):
    """The lists to draw from have at most ten members, apart from those made of the tables."""
    for seed in range(2, 10):
        run = solved(path, seed, draw=False)
        said = {
            question: kind(run, question, run.names[lesson.variable(question)]) for question in run.written
        }
        assert set(said.values()) == {"right"}, (seed, said)
        for question, key in run.written.items():
            wrong = [(name, value) for name, values in key["wrong"].items() for value in several(values)]
            assert [kind(run, question, value) for _, value in wrong] == [name for name, _ in wrong], (
                seed,
                question,
                wrong,
            )


def without(column: str) -> Callable[[Any], Any]:
    return lambda table: table.drop(columns=column)


def redrawn(mark: str = "mark_rule", **channels: str) -> Callable[[Any], Any]:
    """Return what draws a chart's data with another mark or other channels, without titles of its own."""
    return lambda chart: getattr(alt.Chart(chart.data), mark)().encode(**channels)


LONG = "word " * 30
#: What goes wrong with open answers, made of the right one; the check names the part that fails.
OPEN: dict[str, list[tuple[str, Callable[[Any], Any]]]] = {
    "2.7": [
        ("not_a_table", lambda table: "a table"),
        ("columns", without("high")),
        ("rows", lambda table: table.dropna(subset=["low", "high"])),
        ("values", lambda table: table.assign(printed="at least")),
        ("keeps_missing", lambda table: table.fillna({"low": 0, "high": 0})),
        ("keeps_missing", lambda table: table.assign(high=table["high"].fillna(table["low"]))),
        ("values", lambda table: table.assign(bound="exact")),
    ],
    "3.3": [
        ("not_a_chart", lambda chart: chart.data),
        ("mark", redrawn("mark_bar", x="low", x2="high", y="origin")),
        ("encodes", redrawn(x="low", y="origin")),
        ("encodes", redrawn(x="high", x2="low", y="origin")),
        ("titled", redrawn(x="low", x2="high", y="origin")),
    ],
    "3.4": [
        ("not_a_table", lambda table: list(table["end"])),
        ("columns", without("side")),
        ("rows", lambda table: table.head(0)),
        ("keeps_missing", lambda table: table.assign(high=0)),
        ("values", lambda table: table.assign(end=table["end"] * 2)),
        ("values", lambda table: table.assign(side=table["side"].map({"right": "left", "left": "right"}))),
    ],
    "3.5": [
        ("not_a_chart", lambda chart: "drawn"),
        ("mark", lambda chart: chart.layer[0]),
        ("encodes", lambda chart: chart.layer[0] + chart.layer[1]),
    ],
    "3.7": [("not_a_text", lambda text: 25), ("words", lambda text: "A chart of fighters."), ("mentions", lambda text: LONG)],
    "5.7": [("not_a_text", lambda text: ["dear author"]), ("words", lambda text: "You are wrong."), ("mentions", lambda text: LONG)],
}  # fmt: skip


@seeded
def test_open_answers_are_told_which_part_fails(seed: int):
    questions = {
        question: run for path in LESSONS for run in [solved(path, seed)] for question in run.written
    }
    assert {question for question, run in questions.items() if run.written[question]["right"] is None} == set(
        OPEN
    )
    for question, slips in OPEN.items():
        run = questions[question]
        right = run.names[lesson.variable(question)]
        assert [(name, kind(run, question, slip(right))) for name, slip in slips] == [
            (name, name) for name, _ in slips
        ], question


@each
def test_two_seeds_ask_for_different_answers_and_a_copied_one_is_told_apart(path: Path):
    one, other = (solved(path, seed) for seed in SEEDS)
    copied = 0
    for question, key in one.written.items():
        theirs = other.written[question]
        if key["right"] is None:
            continue
        mine, yours = (
            keys.make(question, k["right"], k["wrong"], hints=k.get("hints"), digits=k.get("digits"))
            for k in (key, theirs)
        )
        if set(mine.rights()) & set(yours.rights()):
            assert mine.asks == "choice" or question == ALIKE, (
                f"{question} has the same answer for both seeds"
            )
            continue
        judged = keys.hashed(mine, "00", [yours], iterations=1)
        assert judged.judge(several(theirs["right"])[0]).kind != "right"
        copied += judged.judge(several(theirs["right"])[0]).kind == "copied"
    assert copied


@each
def test_an_empty_student_version_fails_every_check_kindly_and_crashes_nowhere(
    path: Path, tmp_path: Path, monkeypatch
):
    plain = [
        keys.make(
            question, key["right"], key["wrong"], key.get("holds", ()), key.get("hints"), key.get("digits")
        )
        for question, key in solved(path, 0).written.items()
    ]
    hashed = {one.question: keys.hashed(one, "00", iterations=1) for one in plain}
    (tmp_path / keys.NAME).write_bytes(keys.dumps(hashed, 0))
    monkeypatch.setenv("FFSTATS_TEACH_KEY", str(tmp_path / keys.NAME))
    monkeypatch.setattr(teach, "_own", {})
    copy = lesson.student(lesson.read(path), 0)
    run = cells_run(copy, 0, Run())
    assert sorted(run.printed) == sorted(lesson.questions(copy))
    assert all(STILL_UNANSWERED.match(text) for text in run.printed.values())
    text = "\n".join(cell.source for cell in copy.cells)
    assert "teach.key" not in text and "SOLUTION" not in text and "wrong=" not in text
    assert not [name for name in run.names if name.startswith("answer_") and run.names[name] is not ...]


@each
def test_checks_say_something_of_whatever_a_student_may_leave_there(path: Path):
    run = solved(path, 0)
    for question in run.written:
        for answer in (
            None,
            "",
            "I do not know",
            [],
            {},
            (None, None),
            float("nan"),
            object(),
            lambda: 1,
            run.names["pd"],
            10**400,
        ):
            assert kind(run, question, answer) != "right"


def test_an_answer_may_be_typed_as_a_number_a_pair_or_words():
    """What the lessons promise students: the three ways are one answer."""
    run = solved(LESSONS[0], 0)
    low = int(run.names["first"]["low"])
    for typed in ((low, None), f"at least {low:,}", f"more than {low}", [low, None]):
        assert kind(run, "1.1", typed) == "right", typed
    assert answers.is_blank(...)
