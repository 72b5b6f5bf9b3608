"""How papermill's engines of this package take a notebook through a plain kernel or a warm child.

The entry point that papermill loads is in engine.py, which imports this module only when a notebook runs.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from papermill.engines import NBClientEngine

from ffstats.errors import EngineError
from ffstats.notebooks.client import Over, PlainClient, WarmClient, stopped
from ffstats.notebooks.engine import run_environment, why_plain
from ffstats.notebooks.limits import Limits

log = logging.getLogger("ffstats.notebooks")


class PlainExecution(NBClientEngine):
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
        executed: list[Any] | None = None,
        **options: Any,
    ) -> Any:
        """Run the notebook of `nb_man` in a kernel of its own; stop it when its time is over.

        The notebook is added to `executed` when all its cells have run or one has failed: papermill raises
        for an error that the notebook expects, too (tag raises-exception), and then returns nothing.
        """
        limits = limits or Limits(seconds=None)
        quiet = ["--IPKernelApp.log_level=40"]  # a kernel warns of local sockets on every start
        client = PlainClient(nb_man, extra_arguments=quiet, **client_options(kernel_name, directory, options))
        with _within(limits.seconds, client) as over:
            try:
                client.execute(env=environment or run_environment())
            except RuntimeError as error:  # nbclient's DeadKernelError, or a kernel that died while starting
                raise stopped(nb_man.nb, over.reason or str(error)) from error
        return cls.finished(nb_man.nb, "plain", executed)

    @staticmethod
    def finished(notebook: Any, engine: str, executed: list[Any] | None) -> Any:
        """Note which engine ran a notebook, and hand it over."""
        notebook.metadata.papermill["engine"] = engine
        if executed is not None:
            executed[:] = [notebook]
        return notebook


class WarmExecution(PlainExecution):
    """Runs each notebook in a fresh child of a process that has imported the stack already.

    What such a child cannot do as a kernel does (another language, widgets, a window's event loop), and any
    platform where forking is not safe, gets a plain kernel; the log says so and why.
    """

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        limits: Limits | None = None,
        environment: dict[str, str] | None = None,
        directory: str | None = None,
        executed: list[Any] | None = None,
        **options: Any,
    ) -> Any:
        """Run the notebook of `nb_man` in a child of the warm parent, or say why not and use a plain kernel."""
        limits, environment = limits or Limits(seconds=None), environment or run_environment()
        directory = directory or os.getcwd()
        why = why_plain(kernel_name)
        if not why:
            client = WarmClient(nb_man, **client_options(kernel_name, directory, options))
            try:
                with _within(limits.seconds, client) as over:
                    client.run(environment, directory, limits, over)
                return cls.finished(nb_man.nb, "warm", executed)
            except EngineError as error:
                why = str(error)
                nb_man.notebook_start()  # clears outputs, counts and states: the notebook starts anew
        log.warning("ffstats engine: this notebook runs in a plain kernel: %s", why)
        super().execute_managed_notebook(
            nb_man, kernel_name, limits=limits, environment=environment, directory=directory, **options
        )
        return cls.finished(nb_man.nb, f"plain ({why})", executed)


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


_running: dict[int, tuple[Any, Over]] = {}
_running_lock = threading.Lock()


@contextmanager
def _within(seconds: float | None, client: Any) -> Iterator[Over]:
    """Let a client run for at most `seconds`; `stop_all` can stop it earlier."""
    over = Over()

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
