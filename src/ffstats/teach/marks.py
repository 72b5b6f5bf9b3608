"""The marks of submissions: what each handed in, judged by the key, as a table that a spreadsheet opens safely."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from ffstats.estimate import Estimate
from ffstats.formulas import neutral
from ffstats.teach import contain, handing, keys
from ffstats.teach.attempt import Attempt
from ffstats.teach.feedback import Feedback
from ffstats.teach.submissions import Release, Submission

_SHOWN = 120  # characters of an answer


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of one question: 1 for a right answer, else 0, with the kind of answer and a sentence."""

    student: str
    notebook: str
    lesson: str
    question: str
    mark: int
    kind: str
    feedback: str
    answer: str
    note: str


@dataclass(frozen=True, slots=True)
class Grading:
    """The marks of all submissions, what contained them, and how many were run now, in how many seconds."""

    marks: Sequence[Mark]
    kept: contain.Kept
    submissions: int
    ran: int
    seconds: float

    def __str__(self) -> str:
        notebooks: dict[str, list[Mark]] = {}
        for each in self.marks:
            notebooks.setdefault(each.notebook, []).append(each)
        lines = []
        for name, marks in notebooks.items():
            right, asked = sum(m.mark for m in marks), sum(bool(m.question) for m in marks)
            note = f"  ({marks[0].note[:_SHOWN]})" if marks[0].note else ""
            lines.append(printable(f"{marks[0].student}: {name}: {right} of {asked}{note}"))
        ran = f"{self.submissions} submissions, {self.ran} run now, {self.seconds:.1f} s"
        return "\n".join([*lines, ran])

    def csv_bytes(self) -> bytes:
        """Return the marks as CSV, a row a question of each notebook; no cell is a formula to a spreadsheet."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([each.name for each in fields(Mark)])
        for mark in self.marks:
            writer.writerow([neutral(printable(str(value))) for value in asdict(mark).values()])
        return out.getvalue().encode("utf-8")

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        marks = [asdict(mark) for mark in self.marks]
        return {
            "submissions": self.submissions,
            "ran": self.ran,
            "not_held": self.kept.missing,
            "marks": marks,
        }


class Marker:
    """Judges what was handed in by the keys of a release; an answer that many give is judged once."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._said: dict[tuple[int, str], Feedback] = {}

    def marks(self, each: Submission, attempt: Attempt, same: str = "") -> list[Mark]:
        """Return a row for each question of a notebook's lesson, or one row that says why there is none."""
        questions = self.release.questions(each.student)
        number = self.release.lesson(each, list(attempt.answers))
        asked = [name for name in sorted(questions or {}, key=keys.order) if name.partition(".")[0] == number]
        unknown = "" if asked else "which lesson it is cannot be told, neither by its name nor by its answers"
        unknown = "this student is not in the release" if questions is None else unknown
        note = "; ".join(filter(None, [unknown, attempt.note(), same]))
        if questions is None or not asked:
            return [Mark(each.student, each.name, number, "", 0, "", "", "", note)]
        found = []
        for name in asked:
            handed = attempt.answers.get(name, {"is": "blank"})
            said = self._judge(questions[name], handed)
            result = (int(said.right), said.kind, said.sentence, shown(handed))
            found.append(Mark(each.student, each.name, number, name, *result, note))
        return found

    def _judge(self, question: keys.Question, handed: object) -> Feedback:
        case = (id(question), json.dumps(handed, sort_keys=True))  # the release keeps its questions
        if case not in self._said:
            self._said[case] = question.judge(handing.take(handed))
        return self._said[case]


def shown(handed: object) -> str:
    """Return an answer as the teacher sees it, short.

    >>> shown(handing.hand_in((5600, None))), shown(handing.hand_in(...))
    ('(5600, None)', '')
    """
    answer = handing.take(handed)
    kind = handed.get("is") if isinstance(handed, dict) else ""
    if kind in ("table", "row", "chart"):
        return f"a {kind}"
    if answer is None:
        return ""
    try:
        text = str(answer) if isinstance(answer, (str, Estimate)) else repr(answer)
    except Exception:  # an estimate with forged parts
        text = "unreadable"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def printable(text: str) -> str:
    """Return a text in one line that a terminal shows as it is: no control characters, no half ones.

    >>> printable("a\\x1b[2Jb")
    'a·[2Jb'
    """
    return "".join(sign if sign.isprintable() else "·" for sign in text.replace("\n", " "))
