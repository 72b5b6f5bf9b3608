"""The warm parent: a process with one thread that has imported the stack and forks a child for each notebook.

It lives as long as the process that started it: when its control socket closes it kills what is left
and ends. A child lives as long as its status socket is open on the other side.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import importlib.util
import json
import os
import random
import selectors
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from ffstats.notebooks import child, wire
from ffstats.notebooks.limits import Limits

STACK = ("pandas", "pandas.io.formats.style", "pandas.io.formats.html", "altair")
"""What any notebook of tables and charts imports."""
OWN = (
    "pyarrow.dataset",
    "pyarrow.parquet",
    "great_tables",
    "ffstats",
    "ffstats.store",
    "ffstats.quote",
    "ffstats.numbers",
    "ffstats.ledger",
    "ffstats.reconcile",
    "ffstats.catalogue",
    "ffstats.figures.theme",
    "ffstats.tables.layout",
)
"""What is imported as well once a notebook asks for this package; others need not wait for it."""
TASKS = "/proc/self/task"
# Threads of libraries that stop and restart them around a fork (pthread_atfork): jemalloc, inside pyarrow.
SURVIVES_FORK = ("jemalloc_bg_thd",)
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(slots=True)
class Run:
    """A child that runs: its process, the file that tells when it ends, the socket that tells its owner."""

    process: int
    ended: int
    status: socket.socket


class Parent:
    """Forks children on request and sees to it that nothing of them outlives their run."""

    def __init__(self, control: socket.socket, own: bool) -> None:
        self.control = control
        self.owned = True
        self.runs: dict[int, Run] = {}
        self.selector = selectors.DefaultSelector()
        self.kernel = child.make_kernel()
        self.load(own)

    def load(self, own: bool) -> None:
        """Import the stack, and this package with what it draws with if a notebook asks for it (`own`)."""
        gc.disable()  # what is imported stays: looking for garbage in it costs a tenth of the time
        preload(self.kernel, own)
        self.own = own
        self.files = source_files()
        gc.freeze()
        gc.enable()

    def serve(self) -> None:
        """Answer until the owner is gone, then kill what is left."""
        self.selector.register(self.control, selectors.EVENT_READ, self.start)
        try:
            while self.owned:
                for key, _ in self.selector.select():
                    key.data()
        finally:
            for run in list(self.runs.values()):
                self.end(run)

    def start(self) -> None:
        """Fork a child for one request of the owner."""
        request, descriptors = wire.receive(self.control, descriptors=2)
        if request is None:
            self.owned = False
            return
        conversation, status = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        if request["own"] and not self.own:
            self.load(own=True)
        refusal = self.refusal()
        if refusal:
            self.tell(status, {"refused": refusal})
            conversation.close()
            status.close()
            return
        own_process = os.getpid()
        process = os.fork()
        if process == 0:
            self.forget_inherited(status)
            become_child(self.kernel, request, conversation, own_process)
        conversation.close()
        run = Run(process, os.pidfd_open(process), status)
        self.runs[process] = run
        self.selector.register(run.ended, selectors.EVENT_READ, lambda: self.end(run))
        self.selector.register(status, selectors.EVENT_READ, lambda: self.end(run))
        self.tell(status, {"process": process})

    def refusal(self) -> str:
        """Return why no child may be forked now: "stale" code, or threads that a fork would not copy."""
        if any(stamp(path) != seen for path, seen in self.files.items()):
            return "stale"
        threads = [Path(TASKS, each, "comm").read_text().strip() for each in os.listdir(TASKS)]
        unsafe = [name for name in threads[1:] if name not in SURVIVES_FORK]
        return f"the thread {unsafe[0]!r} runs in the warm parent" if unsafe else ""

    def end(self, run: Run) -> None:
        """Kill what is left of a run, tell its owner how it ended, and forget it."""
        if self.runs.pop(run.process, None) is None:
            return
        self.selector.unregister(run.ended)
        self.selector.unregister(run.status)
        try:
            os.killpg(run.process, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(run.process, signal.SIGKILL)  # forked, and killed before it had a group of its own
        _, status = os.waitpid(run.process, 0)
        self.sweep()
        self.tell(run.status, {"exit": os.waitstatus_to_exitcode(status)})
        run.status.close()
        os.close(run.ended)

    def sweep(self) -> None:
        """Kill processes that notebooks left behind; orphans of a run become children of this process."""
        for _ in range(20):
            orphans = [process for process in own_children() if process not in self.runs]
            orphans = [process for process in orphans if session_of(process) not in self.runs]
            if not orphans:
                return
            for process in orphans:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)

    def tell(self, status: socket.socket, message: dict[str, Any]) -> None:
        """Send the owner of a run a message; an owner that ended first needs none."""
        with contextlib.suppress(OSError):
            wire.send(status, message)

    def forget_inherited(self, status: socket.socket) -> None:
        """In a new child: close the files of the parent and of the other runs."""
        self.selector.close()
        self.control.close()
        status.close()
        for run in self.runs.values():
            run.status.close()
            os.close(run.ended)


def become_child(kernel: Any, request: dict[str, Any], conversation: socket.socket, parent: int) -> None:
    """Turn a fresh fork into the process of one notebook; does not return."""
    try:
        prepare(request, parent)
        child.serve(kernel, conversation)
    except BaseException as error:  # a fault of this engine: its owner takes a plain kernel and says why
        reason = f"the warm child failed ({type(error).__name__}: {error})"
        conversation.sendall(wire.frame(json.dumps({"msg_type": "unfit", "content": reason}).encode()))
    finally:
        os._exit(1)


def prepare(request: dict[str, Any], parent: int) -> None:
    """Give a fresh fork its own session, signals, environment, directory, random state and limits."""
    os.setsid()
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent ended before the line above
        os._exit(1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["directory"])
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    Limits(**request["limits"]).enforce_on_this_process()


def preload(kernel: Any, own: bool) -> dict[str, str]:
    """Import the stack as a kernel would and use it once; return the modules that failed, with the reason.

    With `own` this package is imported and used, too. A module that fails here fails again, visibly, in the notebook that imports it. Warnings are not shown
    and not remembered, so that a notebook that deserves one still gets it.
    """
    failed: dict[str, str] = {}
    filters = cast("list[Any]", warnings.filters)
    warnings.simplefilter("ignore")
    quiet = filters[0]
    with kernel.shell.builtin_trap:  # libraries ask get_ipython() at import
        for name in (*STACK, *OWN) if own else STACK:
            attempt(name, partial(importlib.import_module, name), failed)
        if own:
            attempt("exhibits", draw_functions, failed)
        attempt("rehearsal", lambda: rehearse(kernel.shell, own), failed)
    filters.remove(quiet)  # this filter alone: those that libraries set at import stay
    return failed


def attempt(name: str, act: Callable[[], Any], failed: dict[str, str]) -> None:
    """Do something that may fail, and note why it did."""
    try:
        act()
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"


def draw_functions() -> None:
    """Import the modules that draw the exhibits of the catalogue."""
    from ffstats import catalogue

    for entry in catalogue.entries():
        entry.make()


def rehearse(shell: Any, own: bool) -> None:
    """Show a small table and small charts once: their first time costs a tenth of a second each."""
    import altair
    import pandas

    frame = pandas.DataFrame({"name": ["a", "b"], "number": [1.0, 2.0]})
    shell.display_formatter.format(frame)
    chart = (
        altair.Chart(frame)
        .mark_bar()
        .encode(x="number:Q", y=altair.Y("name:N", axis=altair.Axis(title=None)))
    )
    shell.display_formatter.format(chart)
    if not own:
        return
    from ffstats.figures import theme
    from ffstats.store import csv_bytes
    from ffstats.tables import layout

    shell.display_formatter.format(theme.finish(altair.layer(chart, chart.mark_text()), "a", "b", ["c"]))
    table = layout.made(frame, "a", "b", {"name": "Name", "number": "Number"}, "c", ["d"]).content
    table.as_raw_html(inline_css=False)
    table.as_latex()
    csv_bytes(frame)


def source_files() -> dict[Path, tuple[int, int] | None]:
    """Return the files whose change makes this process stale: this package, and loaded code of the user."""
    package = Path(__file__).parents[1]
    installed = (sys.prefix, sys.base_prefix)
    loaded = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    own = {Path(file) for file in loaded if file and not file.startswith(installed)}
    own |= {path for path in package.rglob("*") if path.is_file() and path.suffix in (".py", ".csv", ".toml")}
    return {path: stamp(path) for path in own}


def stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file is written, or None if there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def own_children() -> list[int]:
    """Return the processes whose parent this process is, orphans of its children included."""
    return [int(word) for word in Path(TASKS, str(os.getpid()), "children").read_text().split()]


def session_of(process: int) -> int:
    """Return the session of a process: the process id of the notebook it belongs to."""
    try:
        return os.getsid(process)
    except ProcessLookupError:
        return -1


def main() -> None:
    """Run the warm parent: arguments are the descriptor of its control socket, and "own" if this package is wanted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    control, own = socket.socket(fileno=int(sys.argv[1])), "own" in sys.argv[2:]
    launcher = importlib.util.find_spec("ipykernel_launcher")
    sys.argv = [launcher.origin if launcher and launcher.origin else "ipykernel_launcher.py"]
    Parent(control, own).serve()
