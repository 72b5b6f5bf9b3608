"""The clients that take a notebook through its cells: with an ordinary kernel, or with a warm child."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient

from ffstats.errors import EngineError
from ffstats.notebooks import canonical, warm

INTERRUPTED = "stopped: the run was interrupted"


class KernelStopped(DeadKernelError):
    """The process that ran a notebook ended before the notebook did."""

    def __init__(self, reason: str, cell: int | None = None, source: str = "") -> None:
        super().__init__(reason)
        self.reason, self.cell, self.source = reason, cell, source


class Over:
    """Why a run was stopped, if it was."""

    reason = ""


class Cancellation:
    """Stops every run that it is given to, those that have not started yet included; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[int, tuple[PlainClient | warm.Child, Over]] = {}
        self.cancelled = False

    def cancel(self) -> None:
        """Stop all runs, at once and from now on."""
        with self._lock:
            self.cancelled = True
            for running, over in self._running.values():
                over.reason = over.reason or INTERRUPTED
                running.stop()

    @contextmanager
    def within(self, seconds: float | None, running: PlainClient | warm.Child) -> Iterator[Over]:
        """Let a notebook run for at most `seconds`. Raises KernelStopped if the runs have been cancelled before."""
        over = Over()

        def stop() -> None:
            over.reason = f"stopped after its time limit of {seconds:g} s"
            running.stop()

        with self._lock:
            if self.cancelled:
                raise KernelStopped(INTERRUPTED)
            self._running[id(running)] = (running, over)
        timer = threading.Timer(seconds, stop) if seconds is not None else None
        try:
            if timer is not None:
                timer.daemon = True
                timer.start()
            yield over
        finally:
            if timer is not None:
                timer.cancel()
            with self._lock:
                del self._running[id(running)]


def stopped(notebook: Any, reason: str) -> KernelStopped:
    """Return the error for a notebook whose process ended, naming the last cell that was started."""
    started = [
        (number, cell)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.metadata.get("papermill", {}).get("start_time") and cell.cell_type == "code"
    ]
    return KernelStopped(reason, started[-1][0], started[-1][1].source) if started else KernelStopped(reason)


class PlainClient(PapermillNotebookClient):  # type: ignore[misc]  # papermill carries no types
    """papermill's client, which can be stopped from another thread."""

    def stop(self) -> None:
        """Kill the kernel and every process of its group; the thread that waits for it then goes on."""
        provisioner = self.km.provisioner if self.km is not None else None
        process = getattr(provisioner, "process", None)
        if process is None or process.poll() is not None:
            return
        if os.name == "posix":
            os.killpg(os.getpgid(process.pid), signal.SIGKILL)
        else:
            process.kill()


class WarmClient(PapermillNotebookClient):  # type: ignore[misc]  # papermill carries no types
    """papermill's client with a warm child for a kernel: the messages are the same, and so is what becomes of them."""

    def __init__(self, nb_man: Any, child: warm.Child, over: Over, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self.child, self.over = child, over

    def run(self) -> None:
        """Run every cell. Raises KernelStopped if the child ends early, EngineError if it is not fit for it."""
        self.reset_execution_trackers()
        try:
            self.papermill_execute_cells()
        except (
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
        ) as error:  # the notebook garbled its messages
            raise EngineError(f"what it sends cannot be read ({type(error).__name__}: {error})") from error
        version = ".".join(map(str, sys.version_info[:3]))
        self.nb.metadata["language_info"] = {**canonical.LANGUAGE_INFO, "version": version}

    def execute_cell(self, cell: Any, cell_index: int, **_: Any) -> Any:
        """Run a cell in the child and add what it shows to its outputs, as nbclient does with a kernel."""
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
            return cell
        cell.outputs = []
        self.clear_before_next_output = False
        limit = self._get_timeout(cell)
        started = time.monotonic()
        reply = None
        for message in self.child.execute(cell.source, limit):
            kind = message["msg_type"]
            if kind == "reply":
                reply = message["content"]
            elif kind.startswith("comm"):
                raise EngineError("it uses widgets, which talk to a kernel in both directions")
            else:
                self.process_message(message, cell, cell_index)
        if (
            reply is None
            and limit is not None
            and time.monotonic() - started >= limit
            and not self.over.reason
        ):
            raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", limit, cell)
        if self.child.said_too_much:
            self.over.reason = f"stopped: it showed more than {self.child.most_bytes:,} bytes"
        if reply is None:
            raise stopped(self.nb, self.over.reason or how_it_ended(self.child.ending))
        if reply["event_loop"]:
            raise EngineError("it uses a window's event loop")
        cell.execution_count = reply["execution_count"]
        allowed = self.allow_errors or reply["ename"] in self.allow_error_names or "raises-exception" in tags
        if reply["status"] == "error" and (self.force_raise_errors or not allowed):
            raise CellExecutionError.from_cell_and_msg(cell, reply)
        return cell


def how_it_ended(code: int | None) -> str:
    """Return in words how a process ended that was not asked to.

    >>> how_it_ended(-11), how_it_ended(3)
    ('its process was ended by SIGSEGV', 'its process ended with exit status 3')
    """
    if code is not None and code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with exit status {code}"
