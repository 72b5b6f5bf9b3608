"""Starts the processes in which submissions run, each fresh, and ends them.

On Linux a warm parent with one thread, that has imported the libraries and holds nothing secret, forks them on
request; elsewhere each is a new interpreter. The parent ends with the process that started it, and all its
children end with it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final, Protocol

from ffstats import paths
from ffstats.errors import TeachError
from ffstats.notebooks import wire
from ffstats.teach import sitting

_START: Final = (
    "import sys; sys.path[:] = filter(None, sys.path); from ffstats.teach.invigilate import main; main()"
)
# What a library or the interpreter needs to be told; nothing else of the teacher's environment goes along.
_PASSED: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "PYTHONPATH",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "FFSTATS_ROOT",
)


LOST: Final = "the process that starts submissions was ended"


class Room(Protocol):
    """Where submissions sit: begin one, end one, close."""

    def begin(self, notebook: Path, folder: Path, seconds: int, memory_mib: int) -> tuple[Any, int]:
        """Return a handle and the descriptor on which the answers come."""

    def kill(self, handle: Any) -> None:
        """Kill a sitting and what it started, from any thread; its answers then end."""

    def end(self, handle: Any, grace: float = 0) -> str:
        """Wait `grace` seconds for a sitting to end, kill it; return in words how it ended, "" if well."""

    def close(self) -> None:
        """End everything."""


def environment(home: Path) -> dict[str, str]:
    """Return the environment of a sitting, whose home is its own folder."""
    passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
    root = paths.project_root()
    return {
        **passed,
        **({"FFSTATS_ROOT": str(root)} if root else {}),
        **dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "IPYTHONDIR"), str(home)),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Each of these would start a thread at import, and a process of several cannot be enclosed.
        "OPENBLAS_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
    }


def room(home: Path) -> Room:
    """Return the room that suits the system."""
    return WarmRoom(home) if sys.platform == "linux" else PlainRoom()


class PlainRoom:
    """A new interpreter for each submission: slower, and possible everywhere."""

    def begin(
        self, notebook: Path, folder: Path, seconds: int, memory_mib: int
    ) -> tuple[subprocess.Popen[bytes], int]:
        """Start an interpreter that reads the notebook."""
        with notebook.open("rb") as source:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "ffstats.teach.sitting",
                    str(folder),
                    str(seconds),
                    str(memory_mib),
                ],
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(folder),
                cwd=folder,
                start_new_session=True,
            )
        assert process.stdout is not None
        return process, process.stdout.fileno()

    def kill(self, handle: subprocess.Popen[bytes]) -> None:
        """Kill the process, on POSIX with all of its group."""
        if os.name == "posix":
            _kill(handle.pid)
        else:
            handle.kill()

    def end(self, handle: subprocess.Popen[bytes], grace: float = 0) -> str:
        """Wait a moment, kill it, return how it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            handle.wait(grace)
        self.kill(handle)
        code = handle.wait()
        assert handle.stdout is not None
        handle.stdout.close()
        return how_it_ended(code)

    def close(self) -> None:
        """Nothing is left to end."""


class WarmRoom:
    """Forks of a warm parent; if it ends, another is started."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._number = 0  # of the parents that were started
        self._lock = threading.RLock()

    def begin(
        self, notebook: Path, folder: Path, seconds: int, memory_mib: int
    ) -> tuple[tuple[int, int, int], int]:
        """Have a child forked for a notebook. Raises: TeachError, if that cannot be done even by a new parent."""
        request = {"folder": str(folder), "seconds": seconds, "memory": memory_mib}
        with self._lock:
            for _ in range(2):
                if self._control is None:
                    self._start()
                source, (answers, theirs) = os.open(notebook, os.O_RDONLY), os.pipe()
                try:
                    child = self._ask(request, [source, theirs])
                finally:
                    os.close(source)
                    os.close(theirs)
                if child is not None:
                    return (self._number, child["process"], answers), answers
                os.close(answers)
        raise TeachError("No process can be started to run a submission in. Is there memory left?")

    def kill(self, handle: tuple[int, int, int]) -> None:
        """Kill a child; its number stays its own until `end`, when the parent takes leave of it."""
        number, process, _ = handle
        with self._lock:
            if number == self._number and self._process is not None and self._process.poll() is None:
                _kill(process)

    def end(self, handle: tuple[int, int, int], grace: float = 0) -> str:
        """Have a child killed; one of a parent that is gone has ended with it."""
        number, process, answers = handle
        os.close(answers)
        with self._lock:
            there = number == self._number and self._control is not None
            told = self._ask({"end": process, "grace": grace}) if there else None
        return how_it_ended(told["exit"]) if told else LOST

    def close(self) -> None:
        """End the parent; its children end with it."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def _start(self) -> None:
        self.close()
        self._number += 1
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=environment(self._home),
                cwd=self._home,
                start_new_session=True,
            )

    def _ask(self, request: dict[str, Any], descriptors: list[int] | None = None) -> dict[str, Any] | None:
        """Send the parent a request and return its answer, or None if it has ended."""
        assert self._control is not None
        try:
            wire.send(self._control, request, descriptors)
            answer, _ = wire.receive(self._control)
        except OSError:
            answer = None
        if answer is None:
            self.close()
        return answer


def how_it_ended(code: int) -> str:
    """Return in words how a process ended, "" if well.

    >>> how_it_ended(0), how_it_ended(-11)
    ('', 'its process was ended by SIGSEGV')
    """
    if code == -getattr(signal, "SIGXCPU", 0):
        return "stopped: it used up its processor time"
    if code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with exit status {code}" if code else ""


def serve(control: socket.socket, shell: Any) -> None:
    """Fork children and end them, as the other side asks, until it is gone."""
    running: set[int] = set()
    while True:
        request, descriptors = wire.receive(control, descriptors=2)
        if request is None:
            break
        if "end" in request:
            running.discard(request["end"])
            wire.send(control, {"exit": _end(request["end"], request["grace"])})
            continue
        process = os.fork()
        if process == 0:
            _become_sitting(control, shell, request, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        running.add(process)
        wire.send(control, {"process": process})
    for process in running:
        _end(process, 0)


def _become_sitting(
    control: socket.socket, shell: Any, request: dict[str, Any], source: int, answers: int
) -> None:
    """Turn a fork into the process of one submission; does not return."""
    out = open(answers, "wb")  # noqa: SIM115  # open until the process ends
    try:
        control.close()
        os.setsid()
        os.environ.update(dict.fromkeys(("HOME", "TMPDIR", "IPYTHONDIR"), request["folder"]))
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        with open(source, "rb") as file:
            notebook = file.read(sitting.LARGEST_NOTEBOOK)
        sitting.hush()
        sitting.sit(shell, notebook, Path(request["folder"]), request["seconds"], request["memory"], out)
        os._exit(0)
    except BaseException as error:
        sitting.say(
            out, {"error": {"cell": 0, "text": f"it could not go on: {type(error).__name__}: {error}"[:300]}}
        )
    finally:
        os._exit(1)


def _end(process: int, grace: float) -> int:
    """Give a child `grace` seconds to end by itself, kill it and its session's group, return how it ended."""
    until = time.monotonic() + grace
    while not (done := (found := os.waitpid(process, os.WNOHANG))[0]) and time.monotonic() < until:
        time.sleep(0.002)
    status = found[1]
    _kill(process)
    if not done:
        _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


def _kill(process: int) -> None:
    """Kill a process and all of its group, or itself alone if it has none of its own yet."""
    try:
        os.killpg(process, signal.SIGKILL)
    except OSError:
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)


def main() -> None:
    """Be the warm parent, on the control socket whose descriptor is the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's interrupt is for the process that asks
    control = socket.socket(fileno=int(sys.argv[1]))
    sys.argv = ["ffstats"]
    serve(control, sitting.prepare())
