"""The classroom: questions of a lesson, checked with a sentence that says what went wrong.

>>> from ffstats import teach, Estimate
>>> teach.key("0.1", right=Estimate.at_least(5600))
>>> teach.check("0.1", "at least 5,600")
0.1: Right: it agrees with the key.
>>> teach.check("0.1", 5600)
0.1: The number is right, but its bound is lost. Look again at the words around it:
does the source say about, at least, up to?
>>> teach.check("0.1", ...)
0.1: Not answered yet: put your answer in place of the three dots and run the cell
again.
"""

from __future__ import annotations

import hashlib
import os
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ffstats.errors import TeachError
from ffstats.teach import keys
from ffstats.teach.feedback import Feedback
from ffstats.teach.keys import Question
from ffstats.teach.properties import (
    Property,
    encodes,
    ends_in_order,
    has_columns,
    has_mark,
    has_rows,
    has_values,
    in_words,
    keeps_missing,
    one_row_per,
    titled,
)

__all__ = [
    "Feedback",
    "check",
    "encodes",
    "ends_in_order",
    "has_columns",
    "has_mark",
    "has_rows",
    "has_values",
    "in_words",
    "judge",
    "keeps_missing",
    "key",
    "one_row_per",
    "pick",
    "progress",
    "titled",
]

Choice = TypeVar("Choice")
WIDTH = 84  # of a printed line: where there is less room than a sentence needs, JupyterLab breaks inside words
#: Where `key` adds its plain keys while a release is made.
COLLECT = "FFSTATS_TEACH_COLLECT"
_own: dict[str, Question] = {}


def check(question: str, answer: object) -> None:
    """Print what is to be said of an answer: right, or what went wrong. Never raises, whatever the answer is.

    The key is one that this session has registered (`key`), else that of the file key.json beside the notebook.

    >>> check("no such question", 12)  # doctest: +ELLIPSIS
    no such question: There is no key for question no such question here. ...
    """
    said = judge(question, answer)
    print(textwrap.fill(str(said), WIDTH, break_long_words=False, break_on_hyphens=False))
    from ffstats.teach import tries

    path = keys.beside()
    if path is not None and str(question) not in _own and said.kind != "no_key":
        tries.note(path, said)


def judge(question: str, answer: object, questions: Mapping[str, Question] | None = None) -> Feedback:
    """Return what is to be said of an answer, without printing or keeping it.

    Parameters: questions, the keys to judge by (`keys.load`); else those that `check` uses.

    >>> judge("0.0", 12).kind
    'no_key'
    """
    name = question if type(question) is str else str(question)
    try:
        known = questions if questions is not None else _questions(name)
    except TeachError as error:
        return Feedback(name, "no_key", {"reason": str(error)})
    if name not in known:
        listed = ", ".join(sorted(known, key=keys.order))
        reason = f"There are {listed}." if listed else f"Is {keys.NAME} beside the notebook?"
        return Feedback(name, "no_key", {"reason": reason})
    return known[name].judge(answer)


def key(
    question: str,
    right: object = None,
    wrong: Mapping[str, object] | None = None,
    *,
    holds: Iterable[Property] = (),
    hints: Mapping[str, str] | str | None = None,
    digits: int | None = None,
) -> None:
    """Register the key of a question, for the instructor's notebook; it stands before the question's check.

    Parameters: right, a right answer or a list of several: a number, a pair of ends or an Estimate for a
    question about an estimate; a text, a truth value or a set of texts for a question of choice. wrong, kind →
    documented wrong answer, or a list; the slips that any estimate allows (bound lost, one end, averaged,
    rounding, unit) are known without. holds, what an open answer must hold, instead of `right`. hints, kind →
    a sentence to add, or one for every wrong answer; a kind that the package does not know needs one.
    digits, how few significant digits a right answer may be rounded to.
    Raises: TeachError, for a key that contradicts itself.

    >>> key("0.2", right="stock", wrong={"flow_for_stock": "flow"})
    >>> judge("0.2", "Flow").kind
    'flow_for_stock'
    """
    plain = keys.make(str(question), right, wrong, holds, hints, digits)
    _own[plain.question] = keys.hashed(plain, "00", iterations=1)
    if collected := os.environ.get(COLLECT):
        keys.collect(plain, Path(collected))


def pick(seed: int, question: str, choices: Sequence[Choice], count: int | None = None) -> Any:
    """Return the choice (or, with `count`, a list of so many) that a seed gives for a question.

    Seed 0 takes the first; the seeds after it take all the others in turn before one comes again, in an order
    that is another for each question and the same on every machine.
    Raises: TeachError, if there are too few choices.

    >>> pick(0, "1.1", ["France", "Belgium", "Germany"])
    'France'
    >>> sorted(pick(seed, "1.1", ["France", "Belgium", "Germany"]) for seed in (0, 1, 2))
    ['Belgium', 'France', 'Germany']
    """
    every = list(choices)
    if len(every) < max(1, count or 1):
        raise TeachError(f"Question {question}: {len(every)} choices, {count or 1} to be picked from them.")

    def place(text: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{question}|{text}".encode()).digest()[:8], "big")

    order = [every[0], *sorted(every[1:], key=lambda each: place(str(each)))]
    block, within = divmod(int(seed) * (count or 1), len(order))
    # Another turn for each round of seeds, so that two students never share all their questions.
    start = within + (place(f"round {block}") if block else 0)
    taken = [order[(start + step) % len(order)] for step in range(count or 1)]
    return taken if count else taken[0]


def progress() -> None:
    """Print how far this folder's questions are answered; it is kept beside the key, on this machine only.

    >>> progress()  # doctest: +SKIP
    1.1  right, 2 tries
    """
    from ffstats.teach import tries

    path = keys.beside()
    print(tries.shown(path) if path else f"There is no {keys.NAME} beside the notebook, so nothing is kept.")


def _questions(question: str) -> Mapping[str, Question]:
    """Return the keys to use: this session's own if it has one for the question, else those of the file."""
    if question in _own:
        return _own
    path = keys.beside()
    return keys.of_file(path) if path else _own
