"""The engines that papermill runs notebooks with: `WarmEngine` (registered as "ffstats") and `PlainEngine`.

papermill imports every registered engine in every process, so this module does nothing when imported.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine

from ffstats.notebooks.limits import Limits

log = logging.getLogger("ffstats.notebooks")


class KernelStopped(DeadKernelError):
    """The process that ran a notebook ended before the notebook did."""

    def __init__(self, reason: str, cell: int | None = None, source: str = "") -> None:
        super().__init__(reason)
        self.reason, self.cell, self.source = reason, cell, source


class PlainEngine(NBClientEngine):
    """papermill's own engine, an ordinary kernel for each notebook, with a time limit for the whole notebook."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        limits: Limits | None = None,
        environment: dict[str, str] | None = None,
        directory: str | None = None,
        **options: Any,
    ) -> Any:
        """Run the notebook of `nb_man` in a kernel of its own; stop it when its time is over."""
        limits = limits or Limits()
        quiet = ["--IPKernelApp.log_level=40"]  # a kernel warns of local sockets on every start
        client = PlainClient(nb_man, extra_arguments=quiet, **client_options(kernel_name, directory, options))
        with _within(limits.seconds, client) as over:
            try:
                client.execute(env=environment or dict(os.environ))
            except RuntimeError as error:  # nbclient's DeadKernelError, or a kernel that died while starting
                raise stopped(nb_man.nb, over.reason or str(error)) from error
        nb_man.nb.metadata.papermill["engine"] = "plain"
        return nb_man.nb


class PlainClient(PapermillNotebookClient):
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


def client_options(kernel_name: str, directory: str | None, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of papermill's client from those that papermill gives an engine."""
    return {
        "kernel_name": kernel_name,
        "timeout": options.get("execution_timeout") or options.get("timeout"),
        "startup_timeout": options.get("start_timeout", 60),
        "log": log,
        "log_output": options.get("log_output", False),
        "stdout_file": options.get("stdout_file"),
        "stderr_file": options.get("stderr_file"),
        "resources": {"metadata": {"path": directory or os.getcwd()}},
    }


def stopped(notebook: Any, reason: str) -> KernelStopped:
    """Return the error for a notebook whose process ended, naming the last cell that was started."""
    started = [
        (number, cell)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.metadata.get("papermill", {}).get("start_time") and cell.cell_type == "code"
    ]
    if not started:
        return KernelStopped(reason)
    number, cell = started[-1]
    return KernelStopped(reason, number, cell.source)


class _Over:
    """Why a run was stopped, if it was."""

    reason = ""


_running: dict[int, tuple[Any, _Over]] = {}
_running_lock = threading.Lock()


@contextmanager
def _within(seconds: float | None, client: Any) -> Iterator[_Over]:
    """Let a client run for at most `seconds`; `stop_all` can stop it earlier."""
    over = _Over()

    def stop() -> None:
        over.reason = f"stopped after its time limit of {seconds:g} s"
        client.stop()

    timer = threading.Timer(seconds, stop) if seconds is not None else None
    with _running_lock:
        _running[id(client)] = (client, over)
    try:
        if timer is not None:
            timer.daemon = True
            timer.start()
        yield over
    finally:
        if timer is not None:
            timer.cancel()
        with _running_lock:
            del _running[id(client)]


def stop_all() -> None:
    """Stop every notebook that runs in this process, at once."""
    with _running_lock:
        for client, over in _running.values():
            over.reason = over.reason or "stopped: the run was interrupted"
            client.stop()


def papermill_name(engine: str | None) -> str:
    """Return papermill's name for an engine ("warm", "plain", or None for the default), registering both."""
    from papermill.engines import papermill_engines

    papermill_engines.register("ffstats-plain", PlainEngine)
    return "ffstats-plain"


def warm_up(engine: str | None) -> None:
    """Start the warm parent, if it is going to be used, without waiting for it."""
