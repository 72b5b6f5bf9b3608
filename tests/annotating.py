"""What the tests of the annotator share: the paragraphs, and how their answers are counted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ffstats.annotate import Annotation, annotate
from ffstats.annotate.mentions import find

FOLDER = Path(__file__).parent / "data" / "annotate"
UNSEEN = ("press_11", "press_13")
"""Nothing was mended after these: they say what to expect of prose that nobody has tuned for."""


@cache
def paragraphs(name: str) -> tuple[dict[str, Any], ...]:
    """Return the paragraphs of one set."""
    lines = (FOLDER / "paragraphs.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(row for row in map(json.loads, lines) if row["set"] == name)


@dataclass
class Score:
    """How many links are right, wrong and missed, and how many kinds and statuses are right."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    found: int = 0
    answers: int = 0
    statuses: int = 0
    misfiled: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


def score(rows: tuple[dict[str, Any], ...], *, together: bool = False) -> Score:
    """Annotate paragraphs, each by itself or all as one text, and count what is right.

    A link is right if the status is, and any one of the ids; a number that no answer names counts as wrong if it
    is linked.
    """
    if together:
        answers, text = [], ""
        for row in rows:
            answers += [a | {"start": a["start"] + len(text)} for a in row["answers"]]
            text += row["text"] + "\n\n"
        rows = ({"text": text, "answers": answers},)
    total = Score()
    for row in rows:
        left = list(annotate(row["text"]).annotations)
        for answer in row["answers"]:
            hit = _at(left, answer)
            if hit is not None and hit.link.status != "exempt":
                left.remove(hit)  # "between 2014 and 2017" is one date, and both its years are found
            _count(total, answer, hit)
        total.wrong += sum(a.link.status.startswith("covered") and a.mention.kind != "vague" for a in left)
    return total


def by_sentence(row: dict[str, Any]) -> dict[str, Any]:
    """Return a paragraph with each of its sentences as a paragraph of its own, as agencies print them."""
    starts = [start for start, _ in find(row["text"]).sentences[1:]]
    text = row["text"]
    for start in reversed(starts):
        text = f"{text[:start]}\n\n{text[start:]}"
    answers = [a | {"start": a["start"] + 2 * sum(start <= a["start"] for start in starts)} for a in row["answers"]]
    return row | {"text": text, "answers": answers}


def _at(found: list[Annotation], answer: dict[str, Any]) -> Annotation | None:
    start, end = answer["start"], answer["start"] + len(answer["text"])
    return next((a for a in found if a.mention.start < end and a.mention.end > start), None)


def _count(total: Score, answer: dict[str, Any], hit: Annotation | None) -> None:
    status = hit.link.status if hit else ""
    ids = (*hit.link.claim_ids, *hit.link.estimate_ids) if hit else ()
    linked = status.startswith("covered")
    right = linked and status == answer["status"] and any(i.startswith(w) for i in ids for w in answer["ids"])
    total.answers += 1
    total.found += hit is not None
    total.statuses += status == answer["status"]
    total.misfiled += answer["status"] == "exempt" and status not in ("", "exempt")
    total.right += right
    total.wrong += linked and not right
    total.missed += answer["status"].startswith("covered") and not right
