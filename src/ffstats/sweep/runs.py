"""A sweep: which of its runs are still to be done, doing them here or on a cluster, and what became of them."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ffstats import fingerprint, paths, pipeline, records, reproduce
from ffstats.errors import SweepError
from ffstats.pipeline import NotebookTask
from ffstats.records import CleanTask
from ffstats.sweep import grid
from ffstats.sweep.progress import Progress

PLACES = ("local", "dask")
Ended = Callable[[int, str | None], None]
"""What is told of a run that has ended: its number, and the reason if it failed."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a sweep: its label, which names its files, and the notebook with its parameters."""

    label: str
    task: NotebookTask


@dataclass(frozen=True, slots=True)
class Failed:
    """A run that did not come to its end, and why."""

    run: Run
    message: str

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.run.task.parameters.items())
        return f"{self.run.label} ({told or 'default parameters'}):\n{self.message}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a sweep came to: where its results are, how many runs were done now, which failed."""

    out: str
    runs: int
    ran: int
    failures: tuple[Failed, ...]
    numbers: int
    seconds: float

    @property
    def ok(self) -> bool:
        return not self.failures

    def __str__(self) -> str:
        done = self.runs - len(self.failures)
        tried = self.ran or self.failures
        what = f"{self.ran} of {self.runs} runs done now" if tried else f"nothing to do: {self.runs} runs"
        failed = f", {len(self.failures)} failed" if self.failures else ""
        return f"{what}{failed}; {self.numbers} numbers of {done} runs in {self.out} ({self.seconds:.1f} s)"


def sweep(
    notebook: str,
    over: Iterable[str] = (),
    grid_file: Path | None = None,
    *,
    workers: int = 2,
    on: str = "local",
    scheduler: str | None = None,
    out: str | None = None,
    engine: str | None = None,
    force: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Run a notebook with many sets of parameters, and collect what the runs recorded and drew.

    Parameters: notebook, a path or the name of one of the project; over, texts such as "rule=printed,midpoint"
    (see `grid.over`); grid_file, a CSV with one set a row, every combination of which with `over` is run; workers,
    runs at a time here; on, "local" or "dask"; scheduler, the address of the Dask scheduler; out, a folder or any
    path that fsspec knows (default: sweeps/NOTEBOOK in the results); engine, warm or plain; force, run all.
    A run that is kept from before, and made from the same things, is not done again; one that fails stops no other.
    Raises: SweepError; UnknownParameter, which lists the valid ones; ExtraMissing, without the extra `cluster`.
    """
    from ffstats.notebooks.run import warm_up
    from ffstats.sweep.target import manifest, target

    started = time.perf_counter()
    source = find(notebook)
    if on not in PLACES:
        raise SweepError(f"--on {on}: not one of {', '.join(PLACES)}.")
    to = target(out, source.stem)
    if on == "local" and (force or not manifest(to).is_file()):
        warm_up([source], engine)  # something will have to run: what it needs is imported while this plans
    from ffstats.sweep import collect

    with pipeline.exclusive():
        clean = CleanTask()
        if clean.changes():
            say(f"clean: {reproduce.build_tables(clean):,} rows in {paths.shown(paths.processed_dir())}")
        runs = planned(source, over, grid_file)
        common = fingerprint.of_notebook(source, {}, records.lock_path())
        stale = [run for run in runs if force or changes(run.task, common)]
        say(f"{source.stem}: {len(runs)} runs, {len(stale)} to do")
        try:
            failures = do(stale, common, workers, on, scheduler, engine) if stale else []
        except KeyboardInterrupt:
            say("stopped. What came to its end is kept: the same command goes on from there.")
            raise
        lost = {failed.run.label for failed in failures}
        kept = [run for run in runs if run.label not in lost]
        numbers = collect.write(to, source, kept, failures, workers)
    done = len(stale) - len(failures)
    return Outcome(to.shown, len(runs), done, tuple(failures), numbers, time.perf_counter() - started)


def find(notebook: str) -> Path:
    """Return the path of a notebook given by its path or its name. Raises: SweepError with the nearest names."""
    path = Path(notebook)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    known = {found.stem: found for found in pipeline.notebooks()}
    if path.stem in known and path.parent in (Path(), Path("notebooks")):
        return known[path.stem]
    near = difflib.get_close_matches(path.stem, known, n=3)
    raise SweepError(f"No notebook {notebook}." + (f" Did you mean {', '.join(near)}?" if near else ""))


def planned(source: Path, over: Iterable[str], grid_file: Path | None) -> list[Run]:
    """Return the runs that a sweep consists of, in order.

    Raises: SweepError, UnknownParameter.
    """
    from ffstats.notebooks import parameters

    sets = grid.product(grid.read(grid_file) if grid_file else [{}], grid.over(over))
    known = parameters.declared(source)
    parameters.check({name: "" for values in sets for name in values}, known, paths.shown(source))
    typed = [{n: pipeline.typed(n, v, known[n].default) for n, v in values.items()} for values in sets]
    tasks = [NotebookTask(source, values) for values in typed]
    return [Run(label, task) for label, task in zip(grid.labels(typed), tasks, strict=True)]


def changes(task: NotebookTask, common: Mapping[str, str]) -> list[records.Change]:
    """Return why a run would be done; `common` is what all runs of the notebook depend on but parameters and data."""
    record = task.record()
    if not record:
        return [records.Change("run", "", "no run with these parameters is kept")]
    now = fields(task, common) | pipeline.read_fields(record["reads"])
    return records.compare(record["fields"], now) + records.damage(task.folder, record["files"])


def fields(task: NotebookTask, common: Mapping[str, str]) -> dict[str, str]:
    """Return what a run depends on but its data, as `NotebookTask.fields` would, without reading the code again."""
    return {**common, **fingerprint.of_parameters(task.parameters)}


def do(
    runs: Sequence[Run],
    common: Mapping[str, str],
    workers: int,
    on: str,
    scheduler: str | None,
    engine: str | None,
) -> list[Failed]:
    """Do some runs, keep each that comes to its end as soon as it does, and return those that failed, in order."""
    failures: dict[int, Failed] = {}
    with reproduce.scratch() as base, Progress(len(runs)) as progress:
        folders = [base / str(number) for number in range(len(runs))]
        before = pipeline.readable()

        def ended(number: int, error: str | None) -> None:
            task = runs[number].task
            if error is None:
                pipeline.adopt(task, folders[number], fields(task, common), before)
            else:
                failures[number] = Failed(runs[number], error)
            progress.end(error is None)

        if on == "dask":
            from ffstats.sweep import cluster

            cluster.run([run.task for run in runs], folders, scheduler, engine, dict(common), ended)
        else:
            _here([run.task for run in runs], folders, workers, engine, ended)
    return [failures[number] for number in sorted(failures)]


def _here(
    tasks: Sequence[NotebookTask], folders: Sequence[Path], workers: int, engine: Any, ended: Ended
) -> None:
    """Do some runs on this machine, some at a time."""
    from ffstats.notebooks.run import RunEvent, run_many

    numbers = {folder: number for number, folder in enumerate(folders)}
    for folder in folders:
        folder.mkdir()

    def on_event(event: RunEvent) -> None:
        if event.result is not None and event.job.cwd is not None:
            failed = event.result.status != "ok"
            ended(numbers[event.job.cwd], (event.result.error or "no reason given") if failed else None)

    jobs = [reproduce.job(task, folder) for task, folder in zip(tasks, folders, strict=True)]
    run_many(jobs, workers, engine=engine, on_event=on_event)
