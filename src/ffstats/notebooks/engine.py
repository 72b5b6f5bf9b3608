"""The engine that papermill knows as "ffstats", the choice between warm and plain, and their common environment.

papermill imports every registered engine in every process, and while it is itself being imported: this
module imports neither papermill nor anything heavy.
"""

from __future__ import annotations

import os
import shutil
import sys
from functools import cache
from typing import Any

from ffstats.errors import EngineError

CHOICE = "FFSTATS_ENGINE"
NAMES = {"warm": "ffstats", "plain": "ffstats-plain"}


class WarmEngine:
    """papermill's engine "ffstats": notebooks run in forked children of a process that has imported the stack."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **options: Any) -> Any:
        """Run a notebook and return it, executed."""
        from ffstats.notebooks.execution import WarmExecution

        return WarmExecution.execute_notebook(nb, kernel_name, **options)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """Return the name of the kernel that a notebook asks for."""
        from ffstats.notebooks.execution import WarmExecution

        return str(WarmExecution.nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """Return the language of a notebook."""
        from ffstats.notebooks.execution import WarmExecution

        return str(WarmExecution.nb_language(nb, language))


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


def chosen_engine(engine: str | None) -> str:
    """Return "warm" or "plain": what is asked for, else what FFSTATS_ENGINE says, else "warm".

    Raises EngineError for any other name.
    """
    chosen = engine or os.environ.get(CHOICE) or "warm"
    if chosen not in NAMES:
        raise EngineError(f"no engine {chosen!r}; there are: {', '.join(sorted(NAMES))}")
    return chosen


def papermill_name(engine: str | None) -> str:
    """Return papermill's name for the chosen engine, after registering both with papermill."""
    from papermill.engines import papermill_engines

    from ffstats.notebooks.execution import PlainExecution

    papermill_engines.register(NAMES["warm"], WarmEngine)
    papermill_engines.register(NAMES["plain"], PlainExecution)
    return NAMES[chosen_engine(engine)]


def warm_up(engine: str | None) -> None:
    """Start the warm parent if it is going to be used, without waiting for its imports."""
    if chosen_engine(engine) == "warm" and not why_plain(None):
        from ffstats.notebooks import warm

        warm.start(run_environment())
