"""What a student is told: one kind of answer, one sentence, from vocabulary/feedback.csv."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from ffstats import paths


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is said of an answer: the question, the kind of answer, and a sentence for the student.

    >>> said = Feedback("1.1", "bound_lost")
    >>> said.right, said.sentence.split(",")[0]
    (False, 'The number is right')
    """

    question: str
    kind: str
    details: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.kind == "right"

    @property
    def sentence(self) -> str:
        """The sentence for the student, with the lesson's own hint, if it has one."""
        template = sentences().get(self.kind, "" if self.hint else sentences()["wrong"])
        filled = template.format_map(_Blank({**self.details, "question": self.question})).strip()
        return " ".join(part for part in (filled, self.hint) if part)

    def __str__(self) -> str:
        return f"{self.question}: {self.sentence}"


class _Blank(dict[str, str]):
    """Details of a sentence, of which some may not apply."""

    def __missing__(self, key: str) -> str:
        return ""


@cache
def sentences() -> Mapping[str, str]:
    """Return the sentence of every kind of answer that is known.

    >>> sorted(sentences())[:3]
    ['added_overlap', 'averaged', 'bound_changed']
    """
    with paths.vocabulary("feedback.csv").open(encoding="utf-8", newline="") as file:
        return {row["kind"]: row["sentence"] for row in csv.DictReader(file)}
