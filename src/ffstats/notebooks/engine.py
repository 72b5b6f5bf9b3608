"""The engine that papermill knows as "ffstats".

papermill imports every registered engine in every process, and while it is itself being imported: this
module imports neither papermill nor anything heavy.
"""

from __future__ import annotations

from typing import Any

from ffstats.notebooks.engine_choice import NAMES, chosen_engine, run_environment, why_plain


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


def papermill_name(engine: str | None) -> str:
    """Return papermill's name for the chosen engine, after registering both with papermill."""
    from papermill.engines import papermill_engines

    from ffstats.notebooks.execution import PlainExecution

    papermill_engines.register(NAMES["warm"], WarmEngine)
    papermill_engines.register(NAMES["plain"], PlainExecution)
    return NAMES[chosen_engine(engine)]


def warm_up(engine: str | None, own: bool) -> None:
    """Start the warm parent if it is going to be used, without waiting for its imports: this package's if `own`."""
    if chosen_engine(engine) == "warm" and not why_plain(None):
        from ffstats.notebooks import warm

        warm.start(run_environment(), own)
