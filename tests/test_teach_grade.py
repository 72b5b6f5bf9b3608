"""Grading: hostile submissions are contained, others unaffected; marks survive everything; a spreadsheet is safe."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ffstats import Estimate, cli, records, teach
from ffstats.errors import TeachError
from ffstats.teach import attempt, contain, handing, invigilate, keys, landlock, sitting, syscalls
from ffstats.teach.attempt import Limits
from ffstats.teach.grade import grade
from ffstats.teach.marks import Grading

DATA = Path(__file__).parent / "data" / "teach"
HOSTILE: list[dict[str, Any]] = json.loads((DATA / "hostile.json").read_text(encoding="utf-8"))
SECRET = "the word that only the key has"
LIMITS = Limits(seconds=12, memory_mib=512)
HONEST = ["answer_1_1 = (5600, None)", "import ffstats\nanswer_1_3 = 'stock'"]


def notebook(cells: list[str]) -> str:
    """Return a notebook of code cells."""
    made = [{"cell_type": "code", "source": each, "metadata": {}, "outputs": []} for each in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made})


def hand_in(folder: Path, student: str, cells: list[str] | str, name: str = "1_words.ipynb") -> Path:
    """Write a submission."""
    path = folder / student / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(cells if isinstance(cells, str) else notebook(cells), encoding="utf-8")
    return path


def released(folder: Path, students: dict[str, int] | None = None) -> Path:
    """Write the record and the keys of a release: seed n asks for n more in question 1.1."""
    (folder / "keys").mkdir(parents=True)
    plain = {
        seed: [
            keys.make("1.1", Estimate.at_least(5600 + seed)),
            keys.make("1.2", SECRET),
            keys.make("1.3", "stock", {"flow_for_stock": "flow"}),
            keys.make(
                "1.4",
                holds=[teach.has_columns("iso3", "low"), teach.has_rows(2), teach.keeps_missing("low", 1)],
            ),
            keys.make("1.5", holds=[teach.has_mark("rule"), teach.encodes("x2=high")]),
        ]
        for seed in set((students or {"": 0}).values())
    }
    for seed, own in plain.items():
        others = [other for each, other in plain.items() if each != seed]
        hashed = {
            q.question: keys.hashed(q, "0a", [o[n] for o in others], iterations=10) for n, q in enumerate(own)
        }
        (folder / "keys" / f"{seed}.json").write_bytes(keys.dumps(hashed, seed))
    record = {"lessons": ["1_words.ipynb"], "seed": None if students else 0, "students": students or {}}
    (folder / "release.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what was graded apart from the project's own state."""
    monkeypatch.setattr(records, "state_dir", lambda: tmp_path / "state")
    return tmp_path


def by_student(found: Grading) -> dict[str, dict[str, Any]]:
    """Return student → question → mark."""
    students: dict[str, dict[str, Any]] = {}
    for each in found.marks:
        students.setdefault(each.student, {})[each.question] = each
    return students


@dataclass
class Hostile:
    """What came of grading the whole corpus, honest students in between, and what it left behind."""

    found: Grading
    marks: dict[str, dict[str, Any]]
    said: list[str]
    secret: Path
    evil: Path
    calls: list[str]
    bystander: subprocess.Popen[bytes]
    seconds: float


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    """Grade every hostile submission of hostile.json, two at a time, with honest ones among them."""
    place = tmp_path_factory.mktemp("hostile")
    secret, evil, submissions = place / "solutions.txt", place / "evil", place / "submissions"
    secret.write_text(SECRET, encoding="utf-8")
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
    calls: list[str] = []
    servers = [socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)]
    servers[1].bind(str(place / "s"))
    servers[1].listen()
    for server in servers:
        threading.Thread(target=listen, args=(server, calls), daemon=True).start()
    words = {
        "<secret>": secret, "<evil>": evil, "<submissions>": submissions, "<socket>": place / "s",
        "<port>": servers[0].getsockname()[1], "<bystander>": bystander.pid,
    }  # fmt: skip
    for number, case in enumerate(HOSTILE):
        cells = [HONEST[0], *case["cells"], HONEST[1]]
        for word, value in words.items():
            cells = [cell.replace(word, str(value)) for cell in cells]
        hand_in(submissions, case["name"], cells)
        if number % 10 == 0:
            hand_in(submissions, f"honest{number}", [*HONEST, f"number = {number}"])
    said: list[str] = []
    started = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "state_dir", lambda: place / "state")
        found = grade(
            submissions, released(place / "release"), limits=LIMITS, say=said.append, uncontained=True
        )
    seconds = time.monotonic() - started
    time.sleep(2.5)  # longer than what a daemon that was left behind would wait
    yield Hostile(found, by_student(found), said, secret, evil, calls, bystander, seconds)
    bystander.kill()
    bystander.wait()
    for server in servers:
        server.close()


def listen(server: socket.socket, calls: list[str]) -> None:
    """Note every connection until the server is closed."""
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        calls.append(str(server.getsockname()))
        connection.close()


def needed(corpus: Hostile, guarantee: str) -> None:
    """Leave a test out where the system cannot hold a guarantee, and grading has said so."""
    if guarantee in corpus.found.kept.missing:
        assert any(line.count("NOT HELD") for line in corpus.said)
        pytest.skip(corpus.found.kept.missing[guarantee])


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["name"])
def test_a_hostile_submission_gets_its_mark_and_no_more(corpus: Hostile, case: dict[str, Any]) -> None:
    """What was answered before stays answered; what comes after counts if the process lives; nothing is stolen."""
    if "needs" in case:
        needed(corpus, case["needs"])
    marks = corpus.marks[case["name"]]
    assert sorted(marks) == ["1.1", "1.2", "1.3", "1.4", "1.5"]
    assert marks["1.1"].mark == 1, marks["1.1"]
    assert marks["1.3"].mark == int(case["after"]), marks["1.3"]
    assert marks["1.2"].mark == marks["1.4"].mark == marks["1.5"].mark == 0
    assert re.search(case["note"], marks["1.1"].note), marks["1.1"].note
    assert "\x1b" not in marks["1.1"].note or "\x1b" not in corpus.found.csv_bytes().decode()


def test_honest_students_among_hostile_ones_are_unaffected(corpus: Hostile) -> None:
    honest = [marks for student, marks in corpus.marks.items() if student.startswith("honest")]
    assert len(honest) == len(range(0, len(HOSTILE), 10))
    for marks in honest:
        assert (marks["1.1"].mark, marks["1.3"].mark, marks["1.1"].note) == (1, 1, "")


def test_nothing_outside_was_changed(corpus: Hostile) -> None:
    needed(corpus, "writing")
    assert corpus.secret.read_text(encoding="utf-8") == SECRET
    assert os.access(corpus.secret, os.W_OK)
    assert not corpus.evil.exists()


def test_nothing_was_reached_by_a_socket(corpus: Hostile) -> None:
    needed(corpus, "network")
    assert corpus.calls == []


def test_the_bystander_lives_and_nothing_is_left_running(corpus: Hostile) -> None:
    needed(corpus, "signals")
    assert corpus.bystander.poll() is None
    left = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if "ffstats-grading-" in os.readlink(each / "cwd"):
                left.append((each / "cmdline").read_bytes())
        except OSError:
            continue  # it ended meanwhile, or is another user's
    assert left == []


def test_no_answer_shows_the_secret(corpus: Hostile) -> None:
    needed(corpus, "reading")
    assert SECRET not in corpus.found.csv_bytes().decode()


def test_the_corpus_is_graded_in_bounded_time(corpus: Hostile) -> None:
    stopped = sum(
        "limit" in marks["1.1"].note or "time" in marks["1.1"].note for marks in corpus.marks.values()
    )
    # Two at a time: each that must be stopped takes its limit, and a machine under load some seconds for the others.
    assert corpus.seconds < stopped * (LIMITS.seconds + 5) / 2 + 180


def test_all_guarantees_hold_on_linux_unless_the_kernel_lacks_what_they_take(corpus: Hostile) -> None:
    missing = corpus.found.kept.missing
    if sys.platform == "linux" and landlock.version() >= landlock.SCOPES_FROM and os.uname().machine in ("x86_64", "aarch64"):
        assert missing == {}
    assert set(missing) <= set(contain.GUARANTEES) - contain.BY_THE_GRADER


def test_what_cannot_be_run_is_listed_with_its_reason(place: Path) -> None:
    """Broken JSON, other JSON, nothing, 100 MB, a link to a file of the teacher, a pipe: none stops the others."""
    folder = place / "submissions"
    secret = place / "secret.ipynb"
    secret.write_text(notebook(HONEST), encoding="utf-8")
    hand_in(folder, "broken", notebook(HONEST)[:-20])
    hand_in(folder, "other", '{"cells": "none"}')
    hand_in(folder, "list", "[1, 2]")
    hand_in(folder, "nested", "[" * 100_000)
    hand_in(folder, "nothing", "")
    hand_in(folder, "binary", "").write_bytes(bytes(range(256)))
    hand_in(folder, "large", "").write_bytes(b"")
    with (folder / "large" / "1_words.ipynb").open("r+b") as file:
        file.truncate(100 << 20)
    for student in ("link", "pipe", "folder"):
        (folder / student).mkdir()
    (folder / "link" / "1_words.ipynb").symlink_to(secret)
    os.mkfifo(folder / "pipe" / "1_words.ipynb")
    (folder / "folder" / "1_words.ipynb").mkdir()
    hand_in(
        folder,
        "odd cells",
        json.dumps({"cells": [None, 3, {"cell_type": "code", "source": [1, None]}, {"cell_type": "code"}]}),
    )
    hand_in(folder, "honest", HONEST)
    marks = by_student(grade(folder, released(place / "release"), limits=LIMITS))
    assert {student: sum(each.mark for each in own.values()) for student, own in marks.items()} == {
        **dict.fromkeys(
            ("broken", "other", "list", "nested", "nothing", "binary", "large", "link", "pipe", "odd cells"),
            0,
        ),
        "honest": 2,
    }
    notes = {student: own["1.1"].note for student, own in marks.items()}
    assert "100 MiB; more than 20" in notes["large"]
    assert "link" in notes["link"]
    assert "link or no file" in notes["pipe"]
    for student in ("broken", "nothing", "binary", "nested"):
        assert "not a notebook" in notes[student], student
    for student in ("other", "list"):
        assert "not a notebook of format 4" in notes[student]
    assert notes["honest"] == ""


def test_marks_open_safely_in_a_spreadsheet(place: Path) -> None:
    """Students choose the names of their folders and their answers: none of them becomes a formula or a line."""
    folder = place / "submissions"
    for student in ("=HYPERLINK(1)", "+1", "-1+1", "@SUM(A1)", "\tx", "a\nb", "a\rb", 'a",b'):
        answer = f"answer_1_3 = {student!r}\nanswer_1_1 = '=cmd|calc!A1'"
        hand_in(folder, student, [answer, f"raise ValueError({student!r})"])
    found = grade(folder, released(place / "release"), limits=LIMITS)
    rows = list(csv.reader(io.StringIO(found.csv_bytes().decode("utf-8"), newline="")))
    assert rows[0] == [
        "student",
        "notebook",
        "lesson",
        "question",
        "mark",
        "kind",
        "feedback",
        "answer",
        "note",
    ]
    assert len(rows) == 1 + 8 * 5
    assert {len(row) for row in rows} == {9}
    cells = [cell for row in rows for cell in row]
    assert not [
        cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n") and not re.fullmatch(r"[+-]\d+", cell)
    ]
    assert not [cell for cell in cells if "\n" in cell or "\r" in cell]


def test_grading_goes_on_where_it_was_interrupted(place: Path) -> None:
    """An interrupted run keeps what it has; a second one runs the rest; a third runs nothing and gives the same."""
    folder, release = place / "submissions", released(place / "release")
    for number in range(6):
        hand_in(folder, f"s{number}", [*HONEST, f"number = {number}"])

    def interrupt(line: str) -> None:
        if line.startswith("[3/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade(folder, release, limits=LIMITS, say=interrupt)
    second = grade(folder, release, limits=LIMITS)
    assert 0 < second.ran <= 3
    third = grade(folder, release, limits=LIMITS)
    assert third.ran == 0
    assert third.marks == second.marks
    assert {m.student for m in third.marks if m.question == "1.1" and m.mark} == {f"s{n}" for n in range(6)}
    (folder / "s0" / "1_words.ipynb").write_text(notebook(["answer_1_1 = 5600"]), encoding="utf-8")
    fourth = grade(folder, release, limits=LIMITS)
    assert fourth.ran == 1
    assert by_student(fourth)["s0"]["1.1"].kind == "bound_lost"
    assert grade(folder, release, limits=Limits(13, 512)).ran == 6


def test_a_file_that_two_students_hand_in_is_run_once_and_said_to_be_the_same(place: Path) -> None:
    for student in ("one", "two"):
        hand_in(place / "submissions", student, HONEST)
    found = grade(place / "submissions", released(place / "release"), limits=LIMITS)
    assert found.ran == 1
    marks = by_student(found)
    assert marks["one"]["1.1"].note == "the same file as two/1_words.ipynb"
    assert marks["two"]["1.1"].mark == 1


def test_each_student_is_marked_by_the_key_of_their_own_seed(place: Path) -> None:
    """An answer copied from another seed is told apart; what seed a notebook says it has makes no difference."""
    folder, release = place / "submissions", released(place / "release", {"ann": 1, "ben": 2, "ann.b": 3})
    hand_in(folder, "ann", ["seed = 1", "answer_1_1 = 'at least 5,601'"])
    hand_in(folder, "ben_12345_assignsubmission_file", ["seed = 1", "answer_1_1 = 'at least 5,601'"])
    hand_in(folder, "ann.b", ["answer_1_1 = 'at least 5,603'"])
    hand_in(folder, "someone", ["answer_1_1 = 'at least 5,601'"])
    marks = by_student(grade(folder, release, limits=LIMITS))
    assert marks["ann"]["1.1"].kind == "right"
    assert marks["ben_12345_assignsubmission_file"]["1.1"].kind == "copied"
    assert marks["ann.b"]["1.1"].kind == "right"
    assert marks["someone"][""].note == "this student is not in the release"


def test_an_untouched_student_version_is_not_answered(place: Path) -> None:
    hand_in(place / "submissions", "blank", [f"answer_1_{number} = ..." for number in range(1, 6)])
    marks = by_student(grade(place / "submissions", released(place / "release"), limits=LIMITS))["blank"]
    assert {(each.mark, each.kind) for each in marks.values()} == {(0, "not_answered")}


def test_a_notebook_that_lies_directly_in_the_folder_is_that_of_a_student(place: Path) -> None:
    folder = place / "submissions"
    hand_in(folder, ".", HONEST, "miller_1_words.ipynb")
    hand_in(folder, ".", [*HONEST, "again = 1"], "homework of smith.ipynb")
    hand_in(folder, ".ipynb_checkpoints", HONEST, "miller_1_words-checkpoint.ipynb")
    marks = by_student(grade(folder, released(place / "release"), limits=LIMITS))
    assert sorted(marks) == ["homework of smith", "miller"]
    assert all(own["1.1"].mark == 1 for own in marks.values())


def test_tables_and_charts_are_judged_outside(place: Path) -> None:
    cells = [
        "import pandas as pd, altair as alt",
        "answer_1_4 = pd.DataFrame({'iso3': ['FRA', 'BEL'], 'low': [1.0, None], 'x': pd.to_datetime(['2015', None])})",
        "answer_1_5 = alt.Chart(answer_1_4).mark_rule().encode(x='low:Q', x2='high:Q') + alt.Chart().mark_point()",
        "answer_1_4",
    ]
    hand_in(place / "submissions", "right", cells)
    hand_in(
        place / "submissions",
        "wrong",
        [*cells, "answer_1_4.loc[1, 'low'] = 0", "answer_1_5 = alt.Chart().mark_bar()"],
    )
    hand_in(place / "submissions", "undrawn", [*cells, "answer_1_5 = alt.Chart(...).mark_rule()\nanswer_1_5"])
    marks = by_student(grade(place / "submissions", released(place / "release"), limits=LIMITS))
    assert [marks["right"][question].kind for question in ("1.4", "1.5")] == ["right", "right"]
    assert [marks["wrong"][question].kind for question in ("1.4", "1.5")] == ["keeps_missing", "mark"]
    assert marks["undrawn"]["1.5"].kind == "not_a_chart"
    assert "cannot_be_drawn" in marks["undrawn"]["1.5"].feedback


def test_if_the_process_that_starts_submissions_ends_all_are_marked_all_the_same(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where signals cannot be held, a submission may end it: what ran then runs again in an interpreter of its own."""
    if sys.platform != "linux":
        pytest.skip("there is no such process elsewhere")
    for number in range(4):
        hand_in(place / "submissions", f"s{number}", [*HONEST, f"import time; time.sleep(2 + {number} / 10)"])
    begun: list[int] = []
    begin = invigilate.WarmRoom.begin

    def then_kill(self: invigilate.WarmRoom, *given: Any) -> Any:
        result = begin(self, *given)
        begun.append(1)
        if len(begun) == 3:
            assert self._process is not None
            self._process.kill()
        return result

    monkeypatch.setattr(invigilate.WarmRoom, "begin", then_kill)
    found = grade(place / "submissions", released(place / "release"), limits=Limits(60, 512))
    assert [sum(each.mark for each in own.values()) for own in by_student(found).values()] == [2, 2, 2, 2]


def test_without_containment_nothing_runs_unless_it_is_asked_for(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(place / "submissions", "one", HONEST)
    kept = contain.Kept({**dict.fromkeys(contain.GUARANTEES, ""), "network": "this kernel has no filter"})
    monkeypatch.setattr(attempt, "held", lambda *_: kept)
    release = released(place / "release")
    with pytest.raises(
        TeachError, match=r"NOT HELD: it cannot reach the network: this kernel has no filter"
    ) as error:
        grade(place / "submissions", release, limits=LIMITS)
    assert "--uncontained" in str(error.value)
    assert grade(place / "submissions", release, limits=LIMITS, uncontained=True).ran == 1


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda place: (place / "nowhere", place / "release"), "no such folder"),
        (lambda place: (place / "empty", place / "release"), "no notebooks"),
        (lambda place: (place / "submissions", place / "nothing"), "--release FOLDER"),
        (lambda place: (place / "submissions", place / "damaged"), "cannot be read"),
    ],
)
def test_what_is_missing_is_said_before_anything_runs(
    place: Path, make: Callable[[Path], tuple[Path, Path]], words: str
) -> None:
    released(place / "release")
    hand_in(place / "submissions", "one", HONEST)
    (place / "empty").mkdir()
    (place / "damaged").mkdir()
    (place / "damaged" / "release.json").write_text("{", encoding="utf-8")
    with pytest.raises(TeachError, match=words):
        grade(*make(place))


def test_a_release_among_the_submissions_is_not_trusted(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(place / "in" / "submissions", "one", HONEST)
    released(place / "in" / "submissions" / "fake")
    shutil.move(place / "in" / "submissions" / "fake" / "release.json", place / "in" / "submissions")
    monkeypatch.chdir(place)
    with pytest.raises(TeachError, match=r"There is no release\.json"):
        grade(place / "in" / "submissions")


ANSWERS: list[object] = [
    ..., None, "", 5600, 5600.0, np.int64(5600), np.float64("nan"), float("inf"), 10**30, True, np.bool_(True),
    (5600, None), [5600, np.nan], "at least 5,600", Estimate.at_least(5600), Estimate.between(1, 2, best=1.5),
    "stock", "Stock.", {"stock"}, ["stock", "flow"], {"a": 1}, object(), b"stock", 3j, lambda: 1, "\ud800",
    pd.Series([1.0]), pd.Series({"low": 5600.0, "high": np.nan, "bound": "at_least", "unit": "persons"}),
    pd.Series(["stock"]), np.array(["stock"]), pd.Index(["stock"]), pd.DataFrame(), pd.DataFrame({1: [1]}),
    pd.DataFrame({"iso3": ["FRA", "BEL"], "low": [1, None]}), pd.DataFrame({"iso3": ["FRA"], "low": [True]}),
    pd.DataFrame([[1, 2]], columns=["low", "low"]), [[1, 2], [3]], (), "x" * 30_000, list(range(4000)),
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_an_answer_that_was_handed_in_is_judged_as_the_answer_itself(place: Path, answer: object) -> None:
    """What goes from the process to the grader, as JSON, has the same feedback as the object had."""
    questions = keys.load(released(place / "release") / "keys" / "0.json")
    sent = json.loads(json.dumps(handing.hand_in(answer)))
    for question in questions.values():
        assert question.judge(handing.take(sent)).kind == question.judge(answer).kind


@pytest.mark.parametrize(
    "handed",
    [None, 1, "x", [], {}, {"is": []}, {"is": "text", "value": 3}, {"is": "truth", "value": "x"}, {"is": "number", "value": "9"},
     {"is": "number", "value": True}, {"is": "estimate", "parts": {"low": "x", "high": {}, "bound": []}}, {"is": "list"},
     {"is": "list", "items": 3}, {"is": "row", "labels": 1}, {"is": "table", "labels": {"is": "list", "items": []}, "columns": [[1], 2]},
     {"is": "chart", "drawn": {"mark": {"type": "\x00"}}}, {"is": "other", "type": "__import__('os')"}, {"is": "other", "type": ["a"]},
     {"is": "list", "items": [{"is": "estimate", "parts": {}}]}, {"is": "number", "value": 10**400}],
)  # fmt: skip
def test_forged_answers_are_wrong_and_break_nothing(place: Path, handed: object) -> None:
    questions = keys.load(released(place / "release") / "keys" / "0.json")
    for question in questions.values():
        assert not question.judge(handing.take(handed)).right


def test_a_plain_interpreter_gives_the_same_answers_as_a_warm_fork(place: Path) -> None:
    path = hand_in(place, "one", [*HONEST, "1 / 0", "answer_1_2 = open('/etc/passwd').read()"])
    both = []
    for room in (invigilate.room(place), invigilate.PlainRoom()):
        found = attempt.run(room, place, path, Limits(120, 512), threading.Event())
        room.close()
        both.append((found.answers, found.errors, found.kept, found.ended, found.why))
    assert both[0] == both[1]
    assert set(both[0][0]) >= {"1.1", "1.3"}


@pytest.mark.parametrize("processor", ["x86_64", "aarch64"])
def test_the_filter_fits_the_kernel_and_lists_each_call_once(processor: str) -> None:
    code = syscalls.program(processor, 4321)
    assert len(code) // 8 <= 4096  # the longest filter that Linux takes
    with (Path(syscalls.__file__).parents[1] / "vocabulary" / "system_calls.csv").open(
        encoding="utf-8"
    ) as file:
        rows = list(csv.DictReader(file))
    numbers = [row[processor] for row in rows if row[processor]]
    assert len(numbers) == len(set(numbers)) > 80
    names = {row["name"] for row in rows}
    assert {
        "socket",
        "kill",
        "ptrace",
        "execve",
        "clone",
        "clone3",
        "io_uring_setup",
        "chmod",
        "truncate",
    } <= names
    header = {"x86_64": "x86_64-linux-gnu/asm/unistd_64.h"}.get(processor)
    path = Path("/usr/include") / (header or "")
    if header and path.is_file():
        known = dict(re.findall(r"#define __NR_(\w+)\s+(\d+)", path.read_text(encoding="utf-8")))
        assert [
            row["name"]
            for row in rows
            if row[processor] and known.get(row["name"], row[processor]) != row[processor]
        ] == []


def test_solutions_inside_the_package_are_not_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed package carries the lessons: no folder that holds them may be read as a whole."""
    package = tmp_path / "site-packages" / "ffstats"
    for name in ("_data/lessons", "_data/raw", "teach"):
        (package / name).mkdir(parents=True)
    (tmp_path / "site-packages" / "pandas").mkdir()
    monkeypatch.setattr("ffstats.paths.package_dir", lambda: package)
    monkeypatch.setattr("ffstats.paths.raw_dir", lambda: package / "_data" / "raw")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site-packages")])
    read, listed = contain.readable()
    assert not [each for each in read if (package / "_data" / "lessons").is_relative_to(each)]
    assert {package / "teach", package / "_data" / "raw", tmp_path / "site-packages" / "pandas"} <= set(read)
    assert tmp_path / "site-packages" in listed


def test_a_notebook_is_read_by_its_code_cells_only() -> None:
    data = {
        "cells": [{"cell_type": "markdown", "source": "a"}, {"cell_type": "code", "source": ["b", "\n"]}, "x"]
    }
    assert sitting.read(json.dumps(data).encode()) == ["b\n"]
    with pytest.raises(ValueError, match="not a notebook"):
        sitting.read(b"\xff\xfe")


def test_the_command_shows_the_marks_of_each_student_and_writes_them(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    released(place)
    hand_in(place / "in", "anna", HONEST)
    sheet = place / "marks.csv"
    monkeypatch.setattr(
        sys, "argv", ["ffstats", "teach", "grade", str(place / "in"), "--release", str(place), "--csv", str(sheet)]
    )
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capsysbinary.readouterr().out.decode()
    assert not ended.value.code
    assert "anna: anna/1_words.ipynb: 2 of 5" in out and "1 submissions, 1 run now" in out
    assert "anna" in sheet.read_text(encoding="utf-8")
