"""The choice between the warm engine and a plain kernel, and the environment that notebooks run in with either."""

from __future__ import annotations

import os
import re
import shutil
import sys
from functools import cache

from ffstats.errors import EngineError

CHOICE = "FFSTATS_ENGINE"
NAMES = {"warm": "ffstats", "plain": "ffstats-plain"}
_OWN = re.compile(r"\b(?:import|from)\s+ffstats\b")


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


def imports_own(source: str) -> bool:
    """Tell whether code imports this package.

    >>> imports_own("import pandas as pd\\nfrom ffstats import tidy"), imports_own("important = 1")
    (True, False)
    """
    return bool(_OWN.search(source))
