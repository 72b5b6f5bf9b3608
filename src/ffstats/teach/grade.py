"""Grading: every submission runs in a process of its own, and is marked here from what it handed in."""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from ffstats import paths, records
from ffstats.errors import TeachError
from ffstats.teach import attempt, invigilate
from ffstats.teach.attempt import Attempt, Limits
from ffstats.teach.contain import GUARANTEES, Kept
from ffstats.teach.marks import Grading, Marker, printable
from ffstats.teach.submissions import Submission, find, release_for


def grade(
    folder: Path,
    release: Path | None = None,
    *,
    limits: Limits | None = None,
    workers: int = 2,
    uncontained: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Grading:
    """Run and mark every notebook below a folder; what was run before, with the same limits, is not run again.

    Parameters: release, the folder that `ffstats teach release` wrote; limits, for each submission; workers,
    submissions at a time; uncontained, go on although the system cannot hold what contain.GUARANTEES says; say,
    what is told how far it is.
    Raises: TeachError, if there is nothing to grade, no key, or the system cannot contain submissions.
    """
    started, limits = time.monotonic(), limits or Limits()
    marker, submissions = Marker(release_for(folder, release)), find(folder)
    memory = _Memory(limits)
    first = {each.digest: each for each in reversed(submissions) if each.digest}
    attempts = {digest: known for digest in first if (known := memory.load(digest)) is not None}
    waiting = [each for each in submissions if first.get(each.digest) is each and each.digest not in attempts]
    if attempts:
        say(f"{len(attempts)} of {len(first)} known from before")
    for number, (each, found) in enumerate(_all(waiting, limits, workers, uncontained, say), start=1):
        attempts[each.digest] = found
        memory.save(each.digest, found)
        right = sum(mark.mark for mark in marker.marks(each, found))
        line = f"[{number}/{len(waiting)}] {each.name}: {right} right, {found.seconds:.1f} s  {found.why}"
        say(printable(line).rstrip())
    same = _same(submissions)
    marks = [
        mark
        for each in submissions
        for mark in marker.marks(
            each, attempts.get(each.digest, Attempt(why=each.problem)), same.get(each.name, "")
        )
    ]
    reasons = {name: why for each in attempts.values() for name, why in (each.kept or {}).items() if why}
    kept = Kept(dict.fromkeys(GUARANTEES, "") | reasons)
    return Grading(marks, kept, len(submissions), len(waiting), time.monotonic() - started)


def _all(
    waiting: Sequence[Submission],
    limits: Limits,
    workers: int,
    uncontained: bool,
    say: Callable[[str], None],
) -> Iterator[tuple[Submission, Attempt]]:
    """Run submissions, some at a time, and yield each with what came of it; stop all of them if that is interrupted.

    Raises: TeachError, if the system cannot contain them.
    """
    if not waiting:
        return
    stop = threading.Event()
    with tempfile.TemporaryDirectory(prefix="ffstats-grading-", ignore_cleanup_errors=True) as place:
        home = Path(place).resolve()
        room = invigilate.room(home)
        pool = ThreadPoolExecutor(workers)
        try:
            kept = attempt.held(room, home)
            say(str(kept))
            if kept.missing and not uncontained:
                raise TeachError(_refusal(kept))
            running = {
                pool.submit(attempt.run, room, home, each.path, limits, stop): each for each in waiting
            }
            for future in as_completed(running):
                yield running[future], future.result()
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
            room.close()


class _Memory:
    """What came of submissions before, by their contents: what they handed in, not their marks."""

    def __init__(self, limits: Limits) -> None:
        self._folder = records.state_dir() / "grading"
        self._basis = f"{_code()} {limits}"

    def load(self, digest: str) -> Attempt | None:
        """Return what came of a notebook under the same limits, code and data; None if that is not known."""
        kept = records.load(self._path(digest))
        return Attempt(**kept["attempt"]) if kept.get("basis") == self._basis else None

    def save(self, digest: str, found: Attempt) -> None:
        """Keep what came of a notebook, unless it was stopped from outside."""
        if found.complete:
            records.save(self._path(digest), {"basis": self._basis, "attempt": asdict(found)})

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.json"


def _code() -> str:
    """Return a hash of the package and its data: what a submission is run with."""
    found = hashlib.sha256()
    for home in (paths.package_dir(), paths.raw_dir()):
        for path in sorted(home.rglob("*")):
            if path.suffix in (".py", ".csv", ".json", ".toml") and path.is_file():
                found.update(f"{path.relative_to(home).as_posix()}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _same(submissions: Sequence[Submission]) -> dict[str, str]:
    """Say of notebooks that are the same file, byte for byte, whose they are as well."""
    owners: dict[str, list[Submission]] = {}
    for each in submissions:
        owners.setdefault(each.digest, []).append(each)
    return {
        each.name: f"the same file as {', '.join(sorted(other.name for other in group if other is not each))}"
        for digest, group in owners.items()
        for each in group
        if digest and len(group) > 1
    }


def _refusal(kept: Kept) -> str:
    return (
        f"{kept}\nNothing was run. Grade on Linux (also in a virtual machine, a container or WSL); "
        "or, if you trust every submission as you trust your own files, add --uncontained."
    )
