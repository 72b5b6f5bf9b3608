"""What is to be graded, and by which keys: the notebooks that students handed in, and the release they were given."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ffstats import paths
from ffstats.errors import TeachError
from ffstats.teach import keys, sitting
from ffstats.teach.release import RECORD

_NOT_HANDED_IN = ("__MACOSX",)


@dataclass(frozen=True, slots=True)
class Submission:
    """A notebook that a student handed in; `problem` says why it cannot be run, if so."""

    student: str
    path: Path
    name: str
    digest: str
    problem: str = ""


class Release:
    """The keys of a release, by student: a folder that `ffstats teach release` wrote."""

    def __init__(self, folder: Path) -> None:
        path = folder / RECORD
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            self.seed: int | None = record["seed"]
            self._seeds: Mapping[str, int] = record["students"]
            self.lessons = {
                number: Path(name).stem for name in record["lessons"] if (number := _first_number(name))
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TeachError(
                f"{paths.shown(path)} cannot be read ({type(error).__name__}). Name the folder that "
                "`ffstats teach release` wrote: --release FOLDER."
            ) from error
        self.folder = folder
        self._load = cache(keys.load)

    def questions(self, student: str) -> Mapping[str, keys.Question] | None:
        """Return the key of a student's seed; None for a student who is not in the release."""
        seed = self.seed if self.seed is not None else self._seed(student)
        return None if seed is None else self._load(self.folder / "keys" / f"{seed}.json")

    def _seed(self, student: str) -> int | None:
        """Return the seed of a student; learning platforms add words to the name of a folder."""
        given = student.casefold()
        names = [
            name for name in self._seeds if re.match(rf"{re.escape(name.casefold())}(?![a-z0-9])", given)
        ]
        longest = max(names, key=len, default=None)
        return None if longest is None else self._seeds[longest]

    def lesson(self, submission: Submission, answered: Sequence[str]) -> str:
        """Return the number before the point of a notebook's questions: by its name, else by what it answers.

        It is "" if neither tells.
        """
        questions = self.questions(submission.student) or {}
        known = {name.partition(".")[0] for name in questions}
        stem = Path(submission.name).stem.casefold()
        for number, name in self.lessons.items():
            if number in known and re.search(rf"(?<![a-z0-9]){re.escape(name.casefold())}(?![a-z0-9])", stem):
                return number
        numbers = [name.partition(".")[0] for name in answered if name in questions]
        return max(sorted(set(numbers)), key=numbers.count, default=known.pop() if len(known) == 1 else "")


def release_for(folder: Path, named: Path | None) -> Release:
    """Return the release that is named, else the one in the current folder or beside the submissions.

    Raises: TeachError, if there is none. One among the submissions is not looked for: students write there.
    """
    places = [named] if named else [Path.cwd(), folder.resolve().parent]
    found = next((place for place in places if (place / RECORD).is_file()), None)
    if found is None:
        raise TeachError(
            f"There is no {RECORD} in {' or '.join(paths.shown(place) for place in places)}. "
            "Name the folder that `ffstats teach release` wrote: --release FOLDER."
        )
    return Release(found)


def find(folder: Path) -> list[Submission]:
    """Return the notebooks below a folder, by student and name; a folder in it is a student, a notebook in it, too.

    Links are not followed and special files not opened: they are listed with that as their problem.
    Raises: TeachError, if there is no such folder or no notebook in it.
    """
    if not folder.is_dir():
        raise TeachError(f"{paths.shown(folder)}: no such folder. It should hold one folder a student.")
    found = [_submission(folder, path) for path in sorted(_walk(folder))]
    if not found:
        raise TeachError(f"{paths.shown(folder)}: no notebooks (.ipynb) in it, nor in the folders in it.")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for place, inside, files in os.walk(folder):
        inside[:] = [each for each in inside if not each.startswith(".") and each not in _NOT_HANDED_IN]
        yield from (
            Path(place, each) for each in files if each.endswith(".ipynb") and not each.startswith(".")
        )


def _submission(folder: Path, path: Path) -> Submission:
    inside = path.relative_to(folder)
    student = (
        inside.parts[0]
        if len(inside.parts) > 1
        else re.sub(r"[ _-]*\d+_\w+$", "", inside.stem) or inside.stem
    )
    digest, problem = "", ""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            problem = "it is a link or no file"
        elif status.st_size > sitting.LARGEST_NOTEBOOK:
            most = sitting.LARGEST_NOTEBOOK >> 20
            problem = f"it has {status.st_size >> 20} MiB; more than {most} are not read"
        else:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        problem = f"it cannot be read ({error.strerror})"
    return Submission(student, path, inside.as_posix(), digest, problem)


def _first_number(name: str) -> str:
    found = re.match(r"\d+", name)
    return found[0] if found else ""
