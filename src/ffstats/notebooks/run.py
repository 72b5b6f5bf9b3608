"""Run one notebook or many through papermill, and write what they become in canonical form."""

from __future__ import annotations

import json
import os
import queue
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ffstats import paths
from ffstats.errors import FfstatsError, NotebookFailed
from ffstats.notebooks import canonical, failure
from ffstats.notebooks import engine as engines
from ffstats.notebooks.engine_choice import imports_own, run_environment
from ffstats.notebooks.limits import Limits

if TYPE_CHECKING:
    from ffstats.notebooks.client import Cancellation
    from ffstats.notebooks.execution import Conditions

EngineName = Literal["warm", "plain"]


@dataclass(frozen=True, slots=True)
class Job:
    """One run to do: a notebook, where its executed form goes (None: nowhere), its parameters, its directory.

    `variables` are set in the environment of the notebook, over those of this process.
    """

    source: Path
    out: Path | None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    cwd: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended: `status` ok or failed, wall-clock `seconds`, `error` text if failed, the engine used."""

    job: Job
    status: Literal["ok", "failed"]
    seconds: float
    error: str | None = None
    engine: str = ""


@dataclass(frozen=True, slots=True)
class RunEvent:
    """A run that started (`result` None) or ended, with the number ended and the total so far."""

    job: Job
    result: RunResult | None
    ended: int
    total: int


def run_notebook(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str] | None,
    parameters: Mapping[str, Any] | None = None,
    *,
    engine: EngineName | None = None,
    timeout: float | None = 600.0,
    cwd: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
    cancellation: Cancellation | None = None,
    variables: Mapping[str, str] | None = None,
) -> RunResult:
    """Run a notebook with papermill and write it in canonical form; on failure write nothing.

    `engine` None chooses the warm engine where the platform has it; the variable FFSTATS_ENGINE overrides
    that. `timeout` is in seconds for the whole notebook. `cwd` is the directory the notebook runs in
    (default: this one); paths below it become relative in the stored notebook. `cancellation` can stop the
    run from another thread. `variables` are set in the notebook's environment.
    Raises UnknownParameter (lists the valid ones) and NotebookFailed (names notebook, cell, parameters, error).
    """
    from ffstats.notebooks import parameters as declarations
    from ffstats.notebooks.client import Cancellation
    from ffstats.notebooks.execution import Conditions

    given = dict(parameters or {})
    directory = Path.cwd() if cwd is None else Path(cwd)
    target, place = (None if path is None else Path(path) for path in (out, cwd))
    job = Job(Path(source), target, given, place, dict(variables or {}))
    started = time.perf_counter()
    notebook = _read(job.source)
    declarations.check(given, declarations.declared(job.source) if given else {}, paths.shown(job.source))
    environment = run_environment() | dict(job.variables)
    conditions = Conditions(
        timeout, limits or Limits(), str(directory), environment, cancellation or Cancellation()
    )
    executed = _execute(job, notebook, engine, conditions)
    if job.out is not None:
        canonical.write(executed, job.out, root=directory)
    used = executed.metadata.get("papermill", {}).get("engine", "")
    return RunResult(job, "ok", time.perf_counter() - started, engine=used)


def run_many(
    jobs: Iterable[Job],
    workers: int = 2,
    *,
    engine: EngineName | None = None,
    timeout: float | None = 600.0,
    limits: Limits | None = None,
    on_event: Callable[[RunEvent], None] | None = None,
) -> list[RunResult]:
    """Run many notebooks, `workers` at a time; a failure never stops the others. Results come in the jobs' order.

    `on_event` is called in the calling thread when a run starts and when it ends. Ctrl-C stops every run
    and leaves no process behind.
    """
    todo = list(jobs)
    warm_up({job.source for job in todo}, engine)
    from ffstats.notebooks.client import Cancellation

    events: queue.SimpleQueue[tuple[int, RunResult | None]] = queue.SimpleQueue()
    results: list[RunResult | None] = [None] * len(todo)
    cancellation = Cancellation()

    def run(number: int) -> None:
        if not cancellation.cancelled:
            events.put((number, None))
            options = {"engine": engine, "timeout": timeout, "limits": limits, "cancellation": cancellation}
            events.put((number, _attempt(todo[number], options)))

    ended = 0
    with ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="notebook") as pool:
        for number in range(len(todo)):
            pool.submit(run, number)
        try:
            while ended < len(todo):
                number, result = events.get()
                if result is not None:
                    results[number] = result
                    ended += 1
                if on_event is not None:
                    on_event(RunEvent(todo[number], result, ended, len(todo)))
        except BaseException:
            cancellation.cancel()
            raise
    return [result for result in results if result is not None]


def warm_up(sources: Iterable[Path], engine: str | None = None) -> None:
    """Start the warm parent for some notebooks: it imports its stack while this process does something else."""
    engines.warm_up(engine, any(map(_imports_own, sources)))


def _attempt(job: Job, options: dict[str, Any]) -> RunResult:
    """Run one job; whatever goes wrong becomes a result, so that the other jobs go on."""
    started = time.perf_counter()
    try:
        return run_notebook(job.source, job.out, job.parameters, cwd=job.cwd, variables=job.variables, **options)
    except FfstatsError as error:
        text = str(error)
    except Exception as error:  # a fault of this package or of the machine, named as such
        text = failure.message(
            paths.shown(job.source), f"{type(error).__name__}: {error}", parameters=job.parameters
        )
    return RunResult(job, "failed", time.perf_counter() - started, error=text)


def _imports_own(source: Path) -> bool:
    """Tell at a glance whether a notebook imports this package; one that cannot be read fails later, and says so."""
    try:
        return imports_own(source.read_text(encoding="utf-8").replace("\\n", "\n"))
    except (OSError, ValueError):
        return False


def _read(source: Path) -> Any:
    """Read a notebook. Raises NotebookFailed for whatever is not one: nbformat has no common error for that."""
    import nbformat

    found: dict[str, Exception] = {}
    try:
        text = source.read_text(encoding="utf-8")
        notebook = nbformat.reads(text, 4, capture_validation_error=found)
        if "\\u" in text:  # half of a character, which no file can hold, may stand in JSON as an escape
            json.dumps(notebook, ensure_ascii=False).encode("utf-8")
    except Exception as error:
        found["ValidationError"] = error
    for problem in found.values():
        reason = f"cannot be read as a notebook ({type(problem).__name__}: {str(problem).partition(chr(10))[0]})"
        raise NotebookFailed(failure.message(paths.shown(source), reason)) from problem
    return notebook


def _execute(job: Job, notebook: Any, engine: EngineName | None, conditions: Conditions) -> Any:
    """Run a notebook through papermill with our engines; say where and why if it fails."""
    import papermill
    from nbclient.exceptions import CellTimeoutError
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import remove_error_markers

    from ffstats.notebooks.client import KernelStopped

    name = paths.shown(job.source)
    try:
        return papermill.execute_notebook(
            notebook,
            None,
            parameters=dict(job.parameters),
            engine_name=engines.papermill_name(engine),
            progress_bar=False,
            conditions=conditions,
        )
    except PapermillExecutionError as error:
        ran = conditions.executed[0]
        if not ran.metadata.papermill["exception"]:
            return remove_error_markers(ran)  # every error came from a cell tagged raises-exception
        text = failure.message(
            name,
            f"{error.ename}: {error.evalue}",
            parameters=job.parameters,
            cell=_in_source(error.cell_index + 1, job, notebook),
            source=error.source,
            traceback=error.traceback,
        )
    except KernelStopped as error:
        text = failure.message(
            name,
            error.reason,
            parameters=job.parameters,
            cell=_in_source(error.cell, job, notebook),
            source=error.source,
        )
    except CellTimeoutError as error:
        text = failure.message(name, str(error), parameters=job.parameters)
    raise NotebookFailed(text)


def _in_source(cell: int | None, job: Job, notebook: Any) -> int | None:
    """Return the number of an executed cell in the source notebook, which lacks the cell papermill injects."""
    if cell is None or not job.parameters:
        return cell
    tags = [set(each.metadata.get("tags", [])) for each in notebook.cells]
    if any("injected-parameters" in found for found in tags):
        return cell
    declared_at = next((n for n, found in enumerate(tags, start=1) if "parameters" in found), 0)
    return cell - 1 if cell > declared_at else cell
