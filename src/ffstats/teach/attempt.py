"""One attempt to run a submission: watched from outside until it ends, and what came of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ffstats.errors import TeachError
from ffstats.teach import contain, sitting
from ffstats.teach.invigilate import LOST, PlainRoom, Room

MOST_HANDED_IN: Final = 16 * contain.MIB
MOST_FILES, MOST_BYTES = 2_000, 256 * contain.MIB
_LOOK_EVERY: Final = 0.2  # seconds
_ERRORS_KEPT: Final = 5
INTERRUPTED: Final = "the grading was interrupted"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a submission may use: seconds of wall-clock time, MiB of memory beside what the libraries take."""

    seconds: int = 60
    memory_mib: int = 1024


@dataclass(slots=True)
class Attempt:
    """What came of running a submission: the answers it handed in, as plain data, and what went wrong."""

    answers: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    kept: dict[str, str] | None = None
    cell: int = 0
    ended: bool = False
    why: str = ""
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether running it again would give the same: not if it was interrupted or could not be started."""
        return self.kept is not None and self.why != LOST and INTERRUPTED not in self.why

    def note(self) -> str:
        """Return what the teacher should know, "" for nothing."""
        return "; ".join(filter(None, [self.why, *self.errors]))


def held(room: Room, home: Path) -> contain.Kept:
    """Return which guarantees hold here, by enclosing a process that runs nothing. Raises: TeachError, if none runs."""
    empty = home / "empty.ipynb"
    empty.write_text('{"cells": []}', encoding="utf-8")
    found = run(room, home, empty, Limits(), threading.Event())
    if found.kept is None:
        raise TeachError(f"No submission can be run here: {found.note() or 'its process ended at once'}.")
    return contain.Kept(found.kept)


def run(room: Room, home: Path, notebook: Path, limits: Limits, stop: threading.Event) -> Attempt:
    """Run a notebook, again by itself if the process that starts them was ended meanwhile; never raises for what it does.

    Parameters: home, a folder in which it gets one of its own; stop, set from another thread to end it.
    """
    found = Attempt(why=f"not run: {INTERRUPTED}")
    for place in (room, PlainRoom()):
        if stop.is_set():
            break
        folder = Path(tempfile.mkdtemp(dir=home))
        try:
            found = _once(place, folder, notebook, limits, stop)
        except (OSError, TeachError) as error:
            found = Attempt(why=f"it could not be run: {error}")
        finally:
            _remove(folder)
        if found.why != LOST:
            break
    return found


def _once(room: Room, folder: Path, notebook: Path, limits: Limits, stop: threading.Event) -> Attempt:
    started, over = time.monotonic(), threading.Event()
    stopped: list[str] = []
    handle, answers = room.begin(notebook, folder, limits.seconds, limits.memory_mib)

    def watch() -> None:
        while not over.wait(_LOOK_EVERY):
            late = time.monotonic() - started > limits.seconds
            why = f"stopped at its time limit of {limits.seconds} s" if late else ""
            why = why or ("stopped: it wrote too many files, or too much" if _too_full(folder) else "")
            if why or stop.is_set():
                stopped.append(why or f"stopped: {INTERRUPTED}")
                room.kill(handle)
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    pieces, size = [], 0
    try:
        while data := os.read(answers, 1 << 16):
            pieces.append(data)
            size += len(data)
            if size > MOST_HANDED_IN:
                stopped.append("stopped: it handed in too much")
                break
    finally:
        over.set()
        watcher.join()
        how = room.end(handle, 0 if stopped else 1)
    found = heard(b"".join(pieces))
    found.seconds = round(time.monotonic() - started, 2)
    if how == LOST and not stopped and not found.ended:
        found.why = LOST
    elif not found.ended:
        what = stopped[0] if stopped else how or "it ended itself"
        found.why = f"{what}, in code cell {found.cell}" if found.cell else what
    return found


def heard(data: bytes) -> Attempt:
    """Return what the lines of a submission's process say; what is not understood is left out, for it may be forged.

    >>> heard(b'{"answer": "1.1", "value": {"is": "number", "value": 3}}').answers
    {'1.1': {'is': 'number', 'value': 3}}
    """
    found = Attempt()
    for number, line in enumerate(data.split(b"\n")):
        try:
            said = json.loads(line)
            name, value = next(iter(said.items()))
        except (ValueError, RecursionError, AttributeError, StopIteration):
            continue
        if name == "kept" and number == 0 and isinstance(value, dict):
            found.kept = {str(each): str(why) for each, why in value.items()}
        elif name == "answer" and sitting.ANSWER.fullmatch(f"answer_{value}".replace(".", "_")):
            found.answers[str(value)] = said.get("value")
        elif name == "error" and isinstance(value, dict) and len(found.errors) < _ERRORS_KEPT:
            place = f"code cell {value['cell']!s:.4}: " if value.get("cell") else ""
            found.errors.append(f"{place}{value.get('text')!s:.300}")
        elif name == "unreadable":
            found.why, found.ended = f"{value!s:.300}", True
        elif name == "cell" and type(value) is int:
            found.cell = value
        elif name == "end":
            found.ended = True
    return found


def _too_full(folder: Path) -> bool:
    """Tell whether a submission has written too many files or too much; a path too long to be read counts as that."""
    waiting, files, size = [str(folder)], 0, 0
    try:
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    files += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_size
                    if files > MOST_FILES or size > MOST_BYTES:
                        return True
    except FileNotFoundError:  # removed meanwhile: looked at again soon
        return False
    except OSError:
        return True
    return False


def _remove(folder: Path) -> None:
    """Remove a submission's folder, folders in folders without end in it as well."""
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        if os.name == "posix":
            subprocess.run(["rm", "-rf", "--", str(folder)], check=False, stderr=subprocess.DEVNULL)
