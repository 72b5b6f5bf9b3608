"""The main job: run what has changed, and put every figure, table and number into the results folder."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import paths, pipeline
from ffstats.errors import PipelineError
from ffstats.pipeline import NotebookTask
from ffstats.records import CleanTask, state_dir

if TYPE_CHECKING:
    from ffstats.notebooks.run import Job

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Failure:
    """A notebook that did not come to its end, and what there is to say of it."""

    notebook: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the pipeline came to."""

    out: Path
    ran: tuple[str, ...]
    fresh: tuple[str, ...]
    failures: tuple[Failure, ...]
    exhibits: int
    numbers: int
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.failures

    def __str__(self) -> str:
        if self.failures:
            names = ", ".join(f.notebook for f in self.failures)
            kept = " The other runs are kept." if self.ran else ""
            return f"{names} failed; {paths.shown(self.out)} is as it was.{kept}"
        what = (
            f"{len(self.ran)} of {len(self.ran) + len(self.fresh)} steps ran" if self.ran else "nothing to do"
        )
        return (
            f"{what}: {self.exhibits} exhibits, {self.numbers} numbers in {paths.shown(self.out)} "
            f"({self.seconds:.1f} s)"
        )


def reproduce(
    *,
    force: bool = False,
    only: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    out: Path | None = None,
    engine: str | None = None,
    workers: int = 2,
    store: bool = False,
    say: Say = lambda line: None,
) -> Outcome:
    """Bring the results up to date: clean, run the notebooks that have changed, draw, list.

    Parameters: force, run all; only, a notebook or exhibit; parameters, for the notebooks that declare them;
    out, the results folder (default: the project's results); engine, warm or plain; store, whether the notebooks
    of the project take over the outputs of the run; say, where progress goes.
    The results folder changes only when every notebook asked for has come to its end.
    Raises: PipelineError and the errors of the raw data.
    """
    if store and parameters:
        raise PipelineError(
            "The stored notebooks hold what the default parameters give; leave out --store or -p."
        )
    if store and paths.project_root() is None:
        raise PipelineError("There is no project here whose notebooks could be stored; leave out --store.")
    started = time.perf_counter()
    out = (out or paths.results_dir()).resolve()
    with pipeline.exclusive():
        ran: list[str] = []
        clean = CleanTask()
        if force or clean.changes():
            rows = build_tables(clean)
            ran.append(clean.name)
            say(f"clean: {rows:,} rows in {paths.shown(paths.processed_dir())}")
        wanted = [pipeline.find(only, parameters)] if only else pipeline.tasks(parameters)
        notebooks = [task for task in wanted if isinstance(task, NotebookTask)]
        stale = [task for task in notebooks if force or task.changes()]
        failures = _run(stale, engine, workers, say) if stale else ()
        failed = {failure.notebook for failure in failures}
        ran += [task.name for task in stale if task.name not in failed]
        fresh = [name for name in (clean.name, *(task.name for task in notebooks)) if name not in {*ran, *failed}]
        exhibits = numbers = 0
        if not failures:
            from ffstats import results

            exhibits, numbers = results.assemble(
                out, notebooks, whole=only is None, say=say, workers=workers
            )
            if store:
                say(f"stored: {results.store(out, notebooks)} of {len(notebooks)} notebooks changed")
    seconds = time.perf_counter() - started
    return Outcome(out, tuple(ran), tuple(fresh), tuple(failures), exhibits, numbers, seconds)


def clean() -> tuple[dict[str, int], list[str]]:
    """Build the tidy tables; return the rows of each, and the files of data/processed that changed.

    Raises: RawDataError, which lists all that is wrong in the raw data; then nothing is written.
    """
    with pipeline.exclusive():
        return _build(CleanTask())


def build_tables(task: CleanTask) -> int:
    """Build the tidy tables and return their number of rows; call it within `pipeline.exclusive`."""
    rows, _ = _build(task)
    return sum(rows.values())


def _build(task: CleanTask) -> tuple[dict[str, int], list[str]]:
    """Build the tidy tables and record what they were built from."""
    from ffstats import store, tidy

    for left in paths.processed_dir().glob(".writing-*"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    fields = task.fields()
    tidy.clear()
    tables = store.build()
    changed = store.write(paths.processed_dir(), store.files(tables))
    task.keep(fields)
    return {name: len(table) for name, table in tables.items()}, changed


def _run(tasks: list[NotebookTask], engine: str | None, workers: int, say: Say) -> tuple[Failure, ...]:
    """Run notebooks, each in a folder of its own; keep every run that comes to its end."""
    from ffstats.notebooks import engine as engines
    from ffstats.notebooks.run import RunEvent, run_many

    engines.warm_up(engine, own=True)
    drawn = Counter(pipeline.exhibit_notebooks().values())
    with scratch() as base:
        jobs = {}
        for task in sorted(tasks, key=lambda task: -drawn[task.name]):  # the long ones first: none is waited for
            folder = base / task.name
            folder.mkdir()
            jobs[task.name] = (task, folder, task.fields())
        before = pipeline.readable()
        failures = []

        def on_event(event: RunEvent) -> None:
            if event.result is None:
                return
            task, folder, fields = jobs[event.job.source.stem]
            if event.result.status == "ok":
                pipeline.adopt(task, folder, fields, before)
                say(f"[{event.ended}/{event.total}] {task.name} ({event.result.seconds:.1f} s)")
            else:
                failures.append(Failure(task.name, event.result.error or "no reason given"))
                say(f"[{event.ended}/{event.total}] {task.name} FAILED")

        runs = [job(task, folder) for task, folder, _ in jobs.values()]
        run_many(runs, workers, engine=engine, on_event=on_event)  # type: ignore[arg-type]
    return tuple(sorted(failures, key=lambda failure: failure.notebook))


@contextmanager
def scratch() -> Iterator[Path]:
    """Give the runs a folder to write in, and remove it; call it within `pipeline.exclusive`."""
    base = state_dir()
    base.mkdir(parents=True, exist_ok=True)
    for left in base.glob("scratch-*"):  # of a run that was killed: the lock says that nobody works in it
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix="scratch-", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def job(task: NotebookTask, folder: Path) -> Job:
    """Return the run of a task in a folder of its own, told that it is one of the pipeline."""
    from ffstats.notebooks.run import Job

    told = {"FFSTATS_OUT": ".", "FFSTATS_ROOT": str(paths.work_dir())}
    return Job(task.source, folder / "notebook.ipynb", dict(task.parameters), folder, told)


def explain(name: str, parameters: Mapping[str, Any] | None = None) -> str:
    """Say of a task or exhibit whether it would run, and field by field why.

    Raises: PipelineError, if nothing is called that.
    """
    task = pipeline.find(name, parameters)
    changes = task.changes()
    own = "" if task.name == name.removesuffix(".ipynb") else f" (drawn by {task.name})"
    if not changes:
        count = len(task.fields())
        return f"{name}{own}: fresh. All {count} things it depends on are as they were when it last ran."
    if changes[0].field == "run":
        return f"{name}{own}: would run: {changes[0].now}."
    lines = [f"{name}{own}: would run, for {len(changes)} of {len(task.fields())} things it depends on:"]
    return "\n".join([*lines, *(f"  {change}" for change in changes)])
