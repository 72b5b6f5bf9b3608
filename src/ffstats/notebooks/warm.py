"""The owner's side of the warm parent: start it once in a process, ask it for children, talk to them."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ffstats.errors import EngineError
from ffstats.notebooks import wire
from ffstats.notebooks.limits import Limits

GRACE_SECONDS = 5.0  # what a kernel gets to end by itself, too
_START = "import sys; sys.path[:] = filter(None, sys.path); from ffstats.notebooks.parent import main; main()"
# Read by the interpreter or a library when it starts: a change needs another parent.
_READ_AT_START = ("PYTHON", "OPENBLAS", "OMP_", "MKL_", "ARROW_", "LC_", "LANG", "ALTAIR_", "PANDAS_")


class Child:
    """A process that runs one notebook: send it cells, get its messages, end it."""

    def __init__(
        self, parent: WarmParent, conversation: socket.socket, status: socket.socket, most: int | None
    ) -> None:
        self._parent, self._conversation, self._status = parent, conversation, status
        self._received, self.most_bytes = 0, most
        self._frames = wire.Frames()
        self._number = 0
        self.said_too_much = False
        self.ending: int | None = None

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.stop()  # what is left of the notebook is not waited for
        self.close()

    def execute(self, code: str, seconds: float | None = None) -> Iterator[dict[str, Any]]:
        """Run a cell; yield its messages as they come, the last one of type `reply`.

        Ends without a reply if the child ends, or after `seconds`.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        self._number += 1
        identity = str(self._number)
        with contextlib.suppress(OSError):  # the child is gone: its status says how, below
            wire.send(self._conversation, {"id": identity, "code": code})
        while True:
            for message in self._frames.feed(self._arrived(deadline)):
                if message["msg_type"] == "unfit":
                    raise EngineError(message["content"])
                if message["parent_header"].get("msg_id") != identity:
                    continue  # a thread of an earlier cell; a kernel's client leaves it out, too
                yield message
                if message["msg_type"] == "reply":
                    return
            if self.ending is not None:
                return

    def _arrived(self, deadline: float | None) -> bytes:
        """Wait for bytes of the child; if it ended, return what it had still sent. Kill it at the deadline."""
        seconds = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready = _ready([self._conversation, self._status], seconds)
        if not ready:
            self.stop()
        if self._conversation in ready:
            with contextlib.suppress(ConnectionError):
                data = self._conversation.recv(1 << 20)
                self._received += len(data)
                if self.most_bytes is not None and self._received > self.most_bytes:
                    self.said_too_much = True
                    self.stop()
                elif data:
                    return data
        self._await_end(None)
        rest = bytearray()
        self._conversation.setblocking(False)
        with contextlib.suppress(OSError):
            while data := self._conversation.recv(1 << 20):
                rest += data
        return bytes(rest)

    def _await_end(self, seconds: float | None) -> bool:
        """Wait until the child and all it started are gone; return False if that takes longer than `seconds`."""
        if self.ending is None:
            if not _ready([self._status], seconds):
                return False
            message, _ = wire.receive(self._status)
            self.ending = message["exit"] if message else -9  # without a word: the parent was killed
        return True

    def stop(self) -> None:
        """Kill the child and all it started, from any thread; whoever reads from it sees it end."""
        with contextlib.suppress(OSError):  # it has been closed: the run was over
            self._status.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Let the child end by itself, kill it if it does not, and wait until it is gone."""
        with contextlib.suppress(OSError):
            self._conversation.shutdown(socket.SHUT_WR)
        if not self._await_end(GRACE_SECONDS):
            self.stop()
            self._await_end(None)
        self._conversation.close()
        self._status.close()
        self._parent.closed_child()


def _ready(sockets: list[socket.socket], seconds: float | None) -> list[socket.socket]:
    """Wait until one of the sockets can be read; return those that can, none if `seconds` pass before."""
    waiting = select.poll()  # not select(): that fails in a process with more than 1,024 open files
    for each in sockets:
        waiting.register(each, select.POLLIN)
    found = {descriptor for descriptor, _ in waiting.poll(None if seconds is None else seconds * 1000)}
    return [each for each in sockets if each.fileno() in found]


class WarmParent:
    """The process that has imported the stack, as its owner sees it."""

    def __init__(self, environment: Mapping[str, str], own: bool) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _START, str(theirs.fileno()), *(["own"] if own else [])],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=dict(environment),
                start_new_session=True,
            )
        self.control = ours
        self.key = _start_key(environment)
        self.owner = os.getpid()
        self._lock = threading.Lock()
        self._children = 0
        self._retired = False

    def child(self, environment: Mapping[str, str], directory: str, limits: Limits, own: bool) -> Child:
        """Ask for a child, of a parent that has imported this package, too, if `own`. Raises EngineError if the parent has ended or refuses."""
        conversation, theirs = socket.socketpair()
        status, their_status = socket.socketpair()
        request = {"environment": dict(environment), "directory": directory, "limits": asdict(limits), "own": own}
        gone = contextlib.suppress(OSError)  # the parent has ended: its silence says so, below
        with theirs, their_status, self._lock, gone:
            self._children += 1
            wire.send(self.control, request, [theirs.fileno(), their_status.fileno()])
        answer, _ = wire.receive(status)
        if answer is None or "refused" in answer:
            conversation.close()
            status.close()
            self.closed_child()
            raise EngineError(answer["refused"] if answer else "the warm parent ended before it answered")
        return Child(self, conversation, status, limits.output_bytes)

    def closed_child(self) -> None:
        """Take note that a child is gone; a retired parent ends with its last one."""
        with self._lock:
            self._children -= 1
        self.close_if_retired()

    def retire(self) -> None:
        """Give no more children; end when the last one has."""
        self._retired = True
        self.close_if_retired()

    def close_if_retired(self) -> None:
        """End the parent if it is retired and has no child left."""
        with self._lock:
            over = self._retired and self._children == 0
        if over:
            self.close()

    def close(self) -> None:
        """End the parent and every child; wait until they are gone."""
        self.control.close()
        if not self._children:
            self.process.kill()  # it may still be importing, and has nothing to tidy up
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _start_key(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(item for item in environment.items() if item[0].startswith(_READ_AT_START)))


_parent: WarmParent | None = None
_lock = threading.Lock()


def start(environment: Mapping[str, str], own: bool, instead_of: WarmParent | None = None) -> WarmParent:
    """Return the warm parent of this process, starting it if need be, without waiting for its imports.

    `own` tells that notebooks import this package, so that a new parent does at once. A parent that has ended, was started in another environment or is `instead_of` is replaced.
    """
    global _parent
    with _lock:
        current = _parent
        fits = (
            current is not None and current.key == _start_key(environment) and current.process.poll() is None
        )
        if current is None or not fits or current is instead_of:
            if current is not None:
                current.retire()
            current = _parent = WarmParent(environment, own)
        return current


def child(environment: Mapping[str, str], directory: str, limits: Limits, own: bool) -> Child:
    """Return a new child of the warm parent; a parent whose code has changed on disk is replaced first."""
    parent = start(environment, own)
    try:
        return parent.child(environment, directory, limits, own)
    except EngineError as error:
        if str(error) != "stale":
            raise
    return start(environment, own, instead_of=parent).child(environment, directory, limits, own)


def close() -> None:
    """End the warm parent of this process, if there is one."""
    global _parent
    with _lock:
        if _parent is not None and _parent.owner == os.getpid():
            _parent.close()
        _parent = None


def _forget_in_fork() -> None:
    """A fork of the owner has no part in the parent: drop the inherited socket, so that the owner's end shows."""
    global _parent, _lock
    _lock = threading.Lock()
    if _parent is not None:
        _parent.control.close()
        _parent = None


atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_fork)
