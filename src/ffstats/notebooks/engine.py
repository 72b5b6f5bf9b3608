"""The engines that papermill runs notebooks with: `WarmEngine` (registered as "ffstats") and `PlainEngine`.

papermill imports every registered engine in every process, so this module does nothing when imported.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from papermill.engines import NBClientEngine

from ffstats.errors import EngineError
from ffstats.notebooks import warm
from ffstats.notebooks.client import Over, PlainClient, WarmClient, stopped
from ffstats.notebooks.limits import Limits

log = logging.getLogger("ffstats.notebooks")
CHOICE = "FFSTATS_ENGINE"
NAMES = {"warm": "ffstats", "plain": "ffstats-plain"}


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
        executed: list[Any] | None = None,
        **options: Any,
    ) -> Any:
        """Run the notebook of `nb_man` in a kernel of its own; stop it when its time is over.

        The notebook is added to `executed` when all its cells have run or one has failed: papermill raises
        for an error that the notebook expects, too (tag raises-exception), and then returns nothing.
        """
        limits = limits or Limits()
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


class WarmEngine(PlainEngine):
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
        limits, environment = limits or Limits(), environment or run_environment()
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


def run_environment() -> dict[str, str]:
    """Return the environment of notebook runs: this one, less what makes results differ between machines.

    One BLAS thread (a sum does not depend on the number of cores), a fixed hash seed (no order depends on
    chance), no terminal width, nothing of a test runner.
    """
    here = ("COLUMNS", "LINES", "PYTEST_CURRENT_TEST")
    result = {name: value for name, value in os.environ.items() if name not in here}
    return {"PYTHONHASHSEED": "0", **result, "OPENBLAS_NUM_THREADS": "1"}


def why_plain(kernel_name: str | None) -> str:
    """Return why the warm engine cannot run notebooks of a kernel here, or "" if it can."""
    if sys.platform != "linux":
        return f"forking a process that has loaded system libraries is not safe on {sys.platform}"
    if os.environ.get(CHOICE) == "plain":
        return f"{CHOICE}=plain"
    return _why_another_kernel(kernel_name) if kernel_name else ""


@cache
def _why_another_kernel(kernel_name: str) -> str:
    """Return why a kernel is not the ipykernel of this interpreter, or "" if it is."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(kernel_name)
    except NoSuchKernel:
        return f"the kernel {kernel_name!r} is not known"
    program = shutil.which(spec.argv[0]) or spec.argv[0]
    same = spec.argv[0] in ("python", "python3") or os.path.realpath(program) == os.path.realpath(
        sys.executable
    )
    if "ipykernel_launcher" not in spec.argv or not same or spec.env:
        return f"the kernel {kernel_name!r} is not the plain ipykernel of this interpreter"
    return ""


def papermill_name(engine: str | None) -> str:
    """Return papermill's name for "warm", "plain" or None (the default), and register both engines.

    Raises EngineError for another name, also one in FFSTATS_ENGINE.
    """
    from papermill.engines import papermill_engines

    chosen = engine or os.environ.get(CHOICE) or "warm"
    if chosen not in NAMES:
        raise EngineError(f"no engine {chosen!r}; there are: {', '.join(sorted(NAMES))}")
    papermill_engines.register(NAMES["warm"], WarmEngine)
    papermill_engines.register(NAMES["plain"], PlainEngine)
    return NAMES[chosen]


def warm_up(engine: str | None) -> None:
    """Start the warm parent if it is going to be used, without waiting for its imports."""
    if papermill_name(engine) == NAMES["warm"] and not why_plain(None):
        warm.start(run_environment())
