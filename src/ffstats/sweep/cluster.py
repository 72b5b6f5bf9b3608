"""Runs of a sweep on a Dask cluster that is there already: workers need this package and nothing of the project.

What a notebook may read goes to every worker once, and what a run made comes back as one archive, which is kept
here. So it does not matter which worker did a run, how often, or whether that worker still lives.
"""

from __future__ import annotations

import io
import os
import queue
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ffstats import fingerprint, paths, records
from ffstats.errors import ExtraMissing, FfstatsError, SweepError
from ffstats.pipeline import NotebookTask

ADDRESS = "DASK_SCHEDULER_ADDRESS"
ATTEMPTS = 3  # at a run whose data were lost with the workers that held them
SILENCE_SECONDS = 60.0  # without a scheduler, until the sweep gives up
_unpacking = threading.Lock()
_projects: dict[str, Path] = {}


def run(
    tasks: Sequence[NotebookTask],
    folders: Sequence[Path],
    scheduler: str | None,
    engine: Any,
    common: Mapping[str, str],
    ended: Callable[[int, str | None], None],
) -> None:
    """Do runs of one notebook on the workers of a scheduler; put what each made into its folder, then tell of it.

    Parameters: common, the fields that all runs share, which a worker must find the same; ended, told the number
    of each run that ends and why it failed, once for each. Stopped from outside, it takes back what has not begun.
    Raises: ExtraMissing; SweepError, if no scheduler or no worker answers.
    """
    client = _client(scheduler or os.environ.get(ADDRESS))
    done: queue.SimpleQueue[int] = queue.SimpleQueue()
    futures: dict[int, Any] = {}
    attempts = [0] * len(tasks)
    source = tasks[0].source
    base = paths.work_dir()
    packed = pack({_place(path, base): path for path in _project_files(source)})

    def submit(number: int) -> None:
        attempts[number] += 1
        told = (source.name, paths.shown(source), dict(tasks[number].parameters), engine, dict(common))
        key = f"ffstats-{source.stem}-{number}-{attempts[number]}-{os.urandom(4).hex()}"
        futures[number] = client.submit(work, shared, *told, key=key, pure=False)
        futures[number].add_done_callback(lambda _: done.put(number))

    try:
        shared = _share(client, packed)
        for number in range(len(tasks)):
            submit(number)
        while futures:
            number = _next(done, client)
            future = futures.pop(number)
            if future.status in ("cancelled", "lost") and attempts[number] < ATTEMPTS:
                shared = _share(client, packed)
                submit(number)
                continue
            error = _received(future, folders[number])
            future.release()
            ended(number, error)
    finally:
        client.cancel(list(futures.values()))
        client.close()


def _client(address: str | None) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise ExtraMissing("--on dask needs Dask", "cluster") from error
    if not address:
        raise SweepError(f"--on dask needs --scheduler ADDRESS, or {ADDRESS} in the environment.")
    try:
        return Client(address, timeout="20s")
    except (OSError, ValueError) as error:
        raise SweepError(f"No Dask scheduler answers at {address} ({error}).") from error


def _share(client: Any, packed: bytes) -> Any:
    """Send the project to every worker. Raises SweepError, if there is none."""
    try:
        return client.scatter(packed, broadcast=True)
    except TimeoutError as error:
        raise SweepError(f"No worker has joined the scheduler at {client.scheduler.address}.") from error


def _next(done: queue.SimpleQueue[int], client: Any) -> int:
    """Wait for a run that has ended. Raises SweepError, if the scheduler is gone for long."""
    silent = 0.0
    while silent < SILENCE_SECONDS:
        try:
            return done.get(timeout=1.0)
        except queue.Empty:
            silent = 0.0 if client.status == "running" else silent + 1.0
    raise SweepError("The Dask scheduler is gone. What came to its end is kept: run the same command again.")


def _received(future: Any, folder: Path) -> str | None:
    """Unpack what a run made into its folder, or return why there is nothing."""
    try:
        error, packed = future.result()
    except (
        Exception
    ) as lost:  # of the cluster, not of the notebook: a worker that died each time, or the like
        return f"lost on the cluster: {type(lost).__name__}: {lost}"
    if error is None:
        unpack(packed, folder)
    return error  # type: ignore[no-any-return]


def _project_files(source: Path) -> list[Path]:
    """Return the files that a run may need: raw data, tidy tables with their record, the lock file, the notebook."""
    data = (p for base in (paths.raw_dir(), paths.processed_dir()) for p in base.rglob("*") if p.is_file())
    every = [*sorted(data), records.CleanTask().record_path, records.lock_path(), source]
    return [path for path in every if path.is_file()]


def _place(path: Path, base: Path) -> str:
    """Return where a file of the project goes on a worker; the notebook may come from anywhere."""
    if path.suffix == ".ipynb" or not path.is_relative_to(base):
        return f"notebooks/{path.name}"
    return path.relative_to(base).as_posix()


def pack(files: Mapping[str, Path]) -> bytes:
    """Return files as one archive, name → file; the same files give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, path in files.items():
            about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(about, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=1)
    return packed.getvalue()


def unpack(packed: bytes, folder: Path) -> None:
    """Write the files of an archive below a folder; none can leave it (zipfile drops leading slashes and dots)."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        archive.extractall(folder)


def work(
    packed: bytes, name: str, shown: str, parameters: dict[str, Any], engine: Any, common: dict[str, str]
) -> tuple[str | None, bytes]:
    """On a worker: do one run. Return why it failed, or None and what it made, as an archive.

    Parameters: packed, the project (see `pack`); name, of the notebook; shown, what a message calls it; common, the
    fields that decided that it must run.
    """
    from ffstats.notebooks.run import run_notebook

    project = _project(packed)
    source = project / "notebooks" / name
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=project.parent))
    try:
        differs = records.compare(common, fingerprint.of_notebook(source, {}, project / records.LOCK_FILE))
        if differs:
            listed = ", ".join(map(str, differs[:5]))
            raise SweepError(f"A worker has another ffstats or Python than this machine ({listed}).")
        told = {"FFSTATS_OUT": ".", "FFSTATS_ROOT": str(project)}
        run_notebook(source, folder / "notebook.ipynb", parameters, engine=engine, cwd=folder, variables=told)
        made = sorted(path for path in folder.rglob("*") if path.is_file())
        return None, pack({path.relative_to(folder).as_posix(): path for path in made})
    except FfstatsError as error:
        return str(error).replace(paths.shown(source), shown).replace(str(source), shown), b""
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _project(packed: bytes) -> Path:
    """Return the folder of this worker that holds the project, which a worker removes when it ends."""
    from distributed import get_worker

    key = fingerprint.digest(packed)[:16]
    with _unpacking:
        if key not in _projects:
            base = Path(get_worker().local_directory) / f"ffstats-{key}"
            unpack(packed, base / "project")
            _projects[key] = base / "project"
        return _projects[key]
