"""The key of a question: its right answers and the documented wrong ones, kept as salted slow hashes.

A student's folder holds the hashes only. Numbers are few, so that whoever tries them all will find one in the
end: the hashes keep the key from being read, not from being searched for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from ffstats.errors import AnswerError, TeachError
from ffstats.estimate import Estimate
from ffstats.teach import answers, slips
from ffstats.teach.feedback import Feedback, sentences
from ffstats.teach.properties import Property

VERSION: Final = 1
NAME: Final = "key.json"
ITERATIONS: Final = 10_000  # about 4 ms a guess
BLANK_KIND: Final = {"estimate": "not_an_estimate", "choice": "not_a_choice"}


@dataclass(frozen=True, slots=True)
class Plain:
    """The key of one question in clear, as its lesson works it out: for the instructor only.

    answers: canonical text → kind of answer. shown: the right answers in words. holds: what an open one must have.
    """

    question: str
    asks: str  # estimate, choice or open
    unit: str
    answers: Mapping[str, str]
    shown: Sequence[str] = ()
    holds: Sequence[Property] = ()
    hints: Mapping[str, str] = field(default_factory=dict)

    def rights(self) -> list[str]:
        """Return the canonical texts of the right answers."""
        return [text for text, kind in self.answers.items() if kind == "right"]


@dataclass(frozen=True, slots=True)
class Question:
    """The key of one question as a student may have it: hash → kind of answer."""

    question: str
    asks: str
    unit: str
    salt: str
    iterations: int
    answers: Mapping[str, str]
    holds: Sequence[Property] = ()
    hints: Mapping[str, str] = field(default_factory=dict)

    def judge(self, answer: object) -> Feedback:
        """Return what is to be said of an answer, whatever it is; never raises for what an answer is or does."""
        try:
            kind, details = self._kind(answer)
        except AnswerError as error:
            kind, details = BLANK_KIND.get(self.asks, "wrong"), {"reason": str(error)}
        except (Exception, SystemExit, GeneratorExit):
            # An answer is a stranger's object: if looking at it fails, that is all there is to say of it.
            kind, details = BLANK_KIND.get(self.asks, "wrong"), {"reason": "It cannot be read."}
        hint = self.hints.get(kind, "")
        if kind not in ("right", "not_answered"):
            hint = hint or self.hints.get("", "")
        return Feedback(self.question, kind, details | {"unit": self.unit.replace("_", " ")}, hint)

    def _kind(self, answer: object) -> tuple[str, dict[str, str]]:
        if answers.is_blank(answer):
            return "not_answered", {}
        if self.asks == "open":
            for each in self.holds:
                failed = each.failing(answer, self._hash)
                if failed is not None:
                    return failed
            return "right", {}
        if self.asks == "choice":
            return self._known(answers.choice(answer)) or "wrong", {}
        return self._estimate(answers.estimate(answer, self.unit)), {}

    def _estimate(self, given: Estimate) -> str:
        """Return the kind of an estimate: as it stands, in the unit asked for, or with fewer digits."""
        if kind := self._known(answers.canonical(given)):
            return kind
        if given.unit != self.unit:
            kind = self._known(answers.canonical(given.as_unit(self.unit)))
            return "unit" if kind == "right" else kind or "wrong"
        for digits in (4, 3, 2):
            shorter = answers.rounded(given, digits)
            if shorter is not None and self._known(answers.canonical(shorter)) == "right":
                return "rounding"
        return "wrong"

    def _known(self, text: str) -> str | None:
        return self.answers.get(self._hash(text))

    def _hash(self, text: str) -> str:
        return slow_hash(text, self.salt, self.iterations)

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON; hashes are sorted, so that their order says nothing."""
        return {
            "asks": self.asks,
            "unit": self.unit,
            "salt": self.salt,
            "iterations": self.iterations,
            "answers": dict(sorted(self.answers.items())),
            "holds": [each.as_dict() for each in self.holds],
            "hints": dict(self.hints),
        }


def make(
    question: str,
    right: object = None,
    wrong: Mapping[str, object] | None = None,
    holds: Iterable[Property] = (),
    hints: Mapping[str, str] | str | None = None,
    digits: int | None = None,
) -> Plain:
    """Return the plain key of a question; parameters and errors are those of `ffstats.teach.key`."""
    rights, held = _several(right), tuple(holds)
    notes = {"": hints} if isinstance(hints, str) else dict(hints or {})
    if bool(rights) == bool(held):
        raise TeachError(f"Question {question}: give either right answers or what an open answer must hold.")
    if unknown := sorted((set(wrong or {}) | set(notes)) - set(sentences()) - {""}):
        missing = [kind for kind in unknown if kind not in notes]
        if missing:
            raise TeachError(
                f"Question {question}: no sentence for {', '.join(missing)}. "
                f"Give one in hints, or use a kind that has one: {', '.join(sorted(sentences()))}."
            )
    if held:
        return Plain(question, "open", "", {}, (), held, notes)
    wrongs = [(kind, value) for kind, values in (wrong or {}).items() for value in _several(values)]
    if _is_choice(rights[0]):
        found = {_choice(question, value): "right" for value in rights}
        for kind, value in wrongs:
            found.setdefault(_choice(question, value), kind)
        return Plain(
            question, "choice", "", found, tuple(t for t, k in found.items() if k == "right"), (), notes
        )
    unit = _unit(rights[0])
    sure = [_estimate(question, value, unit) for value in rights]
    documented = [(kind, _estimate(question, value, unit)) for kind, value in wrongs]
    found = {}
    for each in (*sure, *(r for e in sure for r in slips.roundings(e, digits))):
        found.setdefault(answers.canonical(each), "right")
    for kind, each in (*documented, *(d for e in sure for d in slips.of(e)), *slips.bare(documented)):
        found.setdefault(answers.canonical(each), kind)
    return Plain(question, "estimate", unit, found, tuple(map(str, sure)), (), notes)


def hashed(plain: Plain, salt: str, others: Iterable[Plain] = (), iterations: int = ITERATIONS) -> Question:
    """Return the key of a question with every answer hashed.

    Parameters: salt, hexadecimal; others, keys of the same question for other seeds, whose right answers are
    then known as copied.
    """
    found = dict(plain.answers)
    if plain.asks == "estimate":
        for text in (text for other in others for text in other.rights() if _telling(text)):
            found.setdefault(text, "copied")
    hashes = {slow_hash(text, salt, iterations): kind for text, kind in found.items()}
    holds = tuple(each.hashed(lambda text: slow_hash(text, salt, iterations)) for each in plain.holds)
    return Question(plain.question, plain.asks, plain.unit, salt, iterations, hashes, holds, plain.hints)


def _telling(text: str) -> bool:
    """Tell whether a right answer is one that nobody meets by chance, as they do a small whole number or a choice."""
    numbers = [float(end) for end in text.split()[1:3] if end != "-"]
    return any(abs(number) >= 10 or number % 1 for number in numbers)


@lru_cache(maxsize=1 << 18)
def slow_hash(text: str, salt: str, iterations: int) -> str:
    """Return the PBKDF2-HMAC-SHA256 of a text (RFC 8018), the first 16 bytes in hexadecimal.

    >>> slow_hash("exact 1 1 persons", "00", 10)
    'c99ec9303b2fb1c082b74ef75a7835f4'
    """
    secret, grain = text.encode("utf-8", "surrogatepass"), bytes.fromhex(salt)
    derive = getattr(hashlib, "pbkdf2_hmac", None)
    if derive is not None:
        return str(derive("sha256", secret, grain, iterations)[:16].hex())
    # Python in a browser may lack OpenSSL, and with it the function above.
    block = hmac.digest(secret, grain + b"\x00\x00\x00\x01", "sha256")
    total = int.from_bytes(block, "big")
    for _ in range(iterations - 1):
        block = hmac.digest(secret, block, "sha256")
        total ^= int.from_bytes(block, "big")
    return total.to_bytes(32, "big")[:16].hex()


def dumps(questions: Mapping[str, Question], seed: int) -> bytes:
    """Return the key file of a student."""
    data = {
        "version": VERSION,
        "seed": seed,
        "questions": {name: questions[name].as_dict() for name in sorted(questions, key=order)},
    }
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def load(path: Path) -> dict[str, Question]:
    """Return the questions of a key file. Raises: TeachError, if it is not one."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise TeachError(
                f"{path.name}: of version {data['version']}, this ffstats reads version {VERSION}."
            )
        return {
            name: Question(
                question=name,
                asks=str(entry["asks"]),
                unit=str(entry["unit"]),
                salt=str(entry["salt"]),
                iterations=int(entry["iterations"]),
                answers=dict(entry["answers"]),
                holds=tuple(Property.from_dict(each) for each in entry["holds"]),
                hints=dict(entry["hints"]),
            )
            for name, entry in data["questions"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TeachError(
            f"{path.name} cannot be read as a key ({type(error).__name__}). Take it again from the zip."
        ) from error


def collect(plain: Plain, path: Path) -> None:
    """Add a plain key to a file of them, one a line, while a release is made."""
    data = asdict(plain) | {"holds": [each.as_dict() for each in plain.holds]}
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(data, ensure_ascii=False) + "\n")


def collected(path: Path) -> list[Plain]:
    """Return the plain keys of a file that `collect` wrote."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        data = json.loads(line)
        found.append(Plain(**data | {"holds": tuple(Property.from_dict(each) for each in data["holds"])}))
    return found


def beside() -> Path | None:
    """Return the key file that holds here: FFSTATS_TEACH_KEY, else key.json in the current folder or above it."""
    named = os.environ.get("FFSTATS_TEACH_KEY")
    places = [Path(named)] if named else [Path.cwd() / NAME, Path.cwd().parent / NAME]
    return next((place for place in places if place.is_file()), None)


def order(question: str) -> list[tuple[int, str]]:
    """Return a key by which questions sort as they are numbered.

    >>> sorted(["1.10", "1.2"], key=order)
    ['1.2', '1.10']
    """
    return [(int(part), "") if part.isdigit() else (0, part) for part in question.split(".")]


@cache
def _loaded(path: Path, _stamp: tuple[int, int]) -> dict[str, Question]:
    return load(path)


def of_file(path: Path) -> dict[str, Question]:
    """Return the questions of a key file, read again only after it has changed."""
    stamp = path.stat()
    return _loaded(path, (stamp.st_mtime_ns, stamp.st_size))


def _several(values: object) -> list[object]:
    return [] if values is None else list(values) if isinstance(values, list) else [values]


def _is_choice(value: object) -> bool:
    return isinstance(value, (str, bool, set, frozenset)) or (
        isinstance(value, tuple) and any(isinstance(each, str) for each in value)
    )


def _unit(value: object) -> str:
    return value.unit if isinstance(value, Estimate) else "persons"


def _estimate(question: str, value: object, unit: str) -> Estimate:
    try:
        return answers.estimate(value, unit)
    except AnswerError as error:
        raise TeachError(f"Question {question}: {value!r} in its key is no estimate. {error}") from error


def _choice(question: str, value: object) -> str:
    try:
        return answers.choice(value)
    except AnswerError as error:
        raise TeachError(f"Question {question}: {value!r} in its key is no choice. {error}") from error
