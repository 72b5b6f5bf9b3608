"""How papermill's engines of this package take a notebook through a plain kernel or a warm child.

The entry point that papermill loads is in engine.py, which imports this module only when a notebook runs.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from typing import Any

from papermill.engines import NBClientEngine

from ffstats.errors import EngineError
from ffstats.notebooks import warm
from ffstats.notebooks.client import Cancellation, PlainClient, WarmClient, stopped
from ffstats.notebooks.engine_choice import imports_own, run_environment, why_plain
from ffstats.notebooks.limits import Limits

log = logging.getLogger("ffstats.notebooks")


@dataclass(frozen=True)
class Conditions:
    """Under what conditions a notebook runs; the defaults are those of a papermill command.

    `seconds` of wall-clock time for the whole notebook (None: no limit), `limits` on what it uses, the
    directory and environment it runs in, what can stop it from outside. The notebook is added to `executed`
    when its cells have run or one has failed: papermill raises for an error that the notebook expects, too
    (tag raises-exception), and then returns nothing.
    """

    seconds: float | None = None
    limits: Limits = field(default_factory=Limits)
    directory: str = field(default_factory=os.getcwd)
    environment: dict[str, str] = field(default_factory=run_environment)
    cancellation: Cancellation = field(default_factory=Cancellation)
    executed: list[Any] = field(default_factory=list)


class PlainExecution(NBClientEngine):  # type: ignore[misc]  # papermill carries no types
    """papermill's own engine, an ordinary kernel for each notebook, with a time limit for the whole notebook."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, conditions: Conditions | None = None, **options: Any
    ) -> Any:
        """Run the notebook of `nb_man` in a kernel of its own; stop it when its time is over."""
        conditions = conditions or Conditions()
        if conditions.limits.contain:
            raise stopped(nb_man.nb, "not run: its limits do not hold in a plain kernel")
        quiet = ["--IPKernelApp.log_level=40"]  # a kernel warns of local sockets on every start
        options = client_options(kernel_name, conditions.directory, options)
        client = PlainClient(nb_man, extra_arguments=quiet, **options)
        with conditions.cancellation.within(conditions.seconds, client) as over:
            try:
                client.execute(env=conditions.environment)
            except RuntimeError as error:  # nbclient's DeadKernelError, or a kernel that died while starting
                raise stopped(nb_man.nb, over.reason or str(error)) from error
        return finished(nb_man.nb, "plain", conditions)


class WarmExecution(NBClientEngine):  # type: ignore[misc]  # papermill carries no types
    """Runs each notebook in a fresh child of a process that has imported the stack already.

    What such a child cannot do as a kernel does (another language, widgets, a window's event loop), and any
    platform where forking is not safe, gets a plain kernel; the log says so and why.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, conditions: Conditions | None = None, **options: Any
    ) -> Any:
        """Run the notebook of `nb_man` in a child of the warm parent, or say why not and use a plain kernel."""
        conditions = conditions or Conditions()
        why = why_plain(kernel_name) or cls.why_unfit(nb_man, kernel_name, conditions, options)
        if not why:
            return finished(nb_man.nb, "warm", conditions)
        if conditions.limits.contain:
            raise stopped(nb_man.nb, f"stopped: {why}, and its limits do not hold in a plain kernel")
        log.warning("ffstats engine: this notebook runs in a plain kernel: %s", why)
        nb_man.notebook_start()  # clears outputs, counts and states: the notebook starts anew
        PlainExecution.execute_managed_notebook(nb_man, kernel_name, conditions=conditions, **options)
        return finished(nb_man.nb, f"plain ({why})", conditions)

    @staticmethod
    def why_unfit(nb_man: Any, kernel_name: str, conditions: Conditions, options: dict[str, Any]) -> str:
        """Run the notebook in a warm child; return why it turned out not to be fit for one, or ""."""
        options = client_options(kernel_name, conditions.directory, options)
        own = any(imports_own(cell.source) for cell in nb_man.nb.cells if cell.cell_type == "code")
        try:
            with (
                warm.child(conditions.environment, conditions.directory, conditions.limits, own) as child,
                conditions.cancellation.within(conditions.seconds, child) as over,
            ):
                WarmClient(nb_man, child, over, **options).run()
        except EngineError as error:
            return str(error)
        return ""


def finished(notebook: Any, engine: str, conditions: Conditions) -> Any:
    """Note which engine ran a notebook, and hand it over."""
    notebook.metadata.papermill["engine"] = engine
    conditions.executed[:] = [notebook]
    return notebook


def client_options(kernel_name: str, directory: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options of papermill's client from those that papermill gives an engine."""
    return {
        "kernel_name": kernel_name,
        "timeout": options.get("execution_timeout") or options.get("timeout"),
        "startup_timeout": options.get("start_timeout", 60),
        "log": log,
        "log_output": options.get("log_output", False),
        "stdout_file": options.get("stdout_file"),
        "stderr_file": options.get("stderr_file"),
        "resources": {"metadata": {"path": directory}},
    }
