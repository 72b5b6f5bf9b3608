"""What the runs of a sweep made, put together: one tidy table of their numbers, their files, a page of thumbnails."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import fingerprint, formulas, paths, records, render
from ffstats.errors import ExtraMissing, SweepError
from ffstats.files import put
from ffstats.sweep import page

if TYPE_CHECKING:
    import pandas as pd

    from ffstats.sweep.runs import Failed, Run

KEPT = ("figures", "tables", "exhibits")
MANIFEST = "sweep.json"
NUMBER = ("number", "low", "high", "best", "bound", "unit", "text", "definition", "sources")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the results of a sweep go: a folder, and the address that it is copied to, if any."""

    folder: Path
    address: str = ""

    @property
    def shown(self) -> str:
        return self.address or paths.shown(self.folder)


def target(out: str | None, notebook: str) -> Target:
    """Return where results go: a folder, or a path with a protocol (s3://, gs://, file:// …) for fsspec.

    Raises: ExtraMissing, without the extra `cluster`; SweepError, if fsspec does not know the protocol.
    """
    if out is None:
        return Target(paths.results_dir() / "sweeps" / notebook)
    if "://" not in out:
        return Target(Path(out).resolve())
    _filesystem(out)  # a wrong address is an error before the runs, not after
    key = fingerprint.digest(out.encode("utf-8"))[:12]
    return Target(records.state_dir() / "sweeps" / f"{notebook}-{key}", out.rstrip("/"))


def _filesystem(address: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:
        raise ExtraMissing(f"{address} needs fsspec", "cluster") from error
    try:
        system, path = fsspec.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise SweepError(f"--out {address}: {error}") from error
    return system, path


def write(
    to: Target, source: Path, runs: Sequence[Run], failures: Sequence[Failed], workers: int = render.WORKERS
) -> int:
    """Write the results of a sweep: numbers.csv and .parquet, runs.csv, each run's files, index.html.

    Files of an earlier sweep that this one did not make are removed; others in the folder are left alone.
    Parameters: to, where they go; source, the notebook; runs, those kept; failures; workers, processes that draw.
    Returns: the number of rows in the table of numbers.
    """
    from ffstats.store import csv_bytes, parquet_bytes

    made: dict[str, bytes] = {}
    for run in runs:
        for name in KEPT:
            for path in sorted((run.task.folder / name).glob("*")):
                made[f"runs/{run.label}/{name}/{path.name}"] = path.read_bytes()
        made[f"runs/{run.label}/notebook.ipynb"] = (run.task.folder / "notebook.ipynb").read_bytes()
    for name, content in made.items():
        put(to.folder / name, content)
    names = list(made)
    made.clear()  # the contents lie on disk now: memory does not grow with what follows
    undrawn = _draw([to.folder / name for name in names if _is_figure(name)], workers)
    numbers, listed = numbers_table(runs), runs_table(runs, failures)
    pages = {
        "numbers.csv": csv_bytes(formulas.neutral_frame(numbers)),
        "numbers.parquet": parquet_bytes(numbers),
        "runs.csv": csv_bytes(formulas.neutral_frame(listed)),
        "index.html": page.index(source, to.folder, runs, failures, undrawn).encode("utf-8"),
    }
    for name, content in pages.items():
        put(to.folder / name, content)
    drawn = [name for name in names if _is_figure(name) and to.folder / name not in undrawn]
    pictures = [name.removesuffix("json") + end for name in drawn for end in ("svg", "png")]
    _settle(to, sorted([*names, *pages, *pictures]))
    return len(numbers)


def _is_figure(name: str) -> bool:
    return "/figures/" in name and name.endswith(".json")


def _draw(files: list[Path], workers: int) -> dict[Path, str]:
    """Draw the figures of all runs in one batch; return why some cannot be drawn."""
    cache = render.default_cache()
    _, failed = render.draw(files, cache, workers)
    render.place([path for path in files if path not in failed], cache)
    return failed


def _settle(to: Target, names: list[str]) -> None:
    """Remove what an earlier sweep made and this one did not, list what there is, and copy it to its address."""
    before = records.load(to.folder / MANIFEST).get("files", {})
    for name in sorted(set(before) - set(names)):
        (to.folder / name).unlink(missing_ok=True)
        if not any((to.folder / name).parent.iterdir()):
            (to.folder / name).parent.rmdir()
    files = {name: fingerprint.of_file(to.folder / name) for name in names}
    records.save(to.folder / MANIFEST, {"files": files})
    if to.address:
        _copy(to, files)


def _copy(to: Target, files: dict[str, str]) -> None:
    """Copy to the address what is not there as it is here; the list of files goes last."""
    system, base = _filesystem(to.address)
    try:
        there = json.loads(system.cat_file(f"{base}/{MANIFEST}"))["files"]
    except (FileNotFoundError, ValueError, KeyError):
        there = {}
    changed = [name for name, content in files.items() if there.get(name) != content]
    for name in [*changed, MANIFEST]:
        system.makedirs(f"{base}/{name}".rpartition("/")[0], exist_ok=True)
        system.pipe_file(f"{base}/{name}", (to.folder / name).read_bytes())
    for name in sorted(set(there) - set(files)):
        if system.exists(f"{base}/{name}"):
            system.rm_file(f"{base}/{name}")


def numbers_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the numbers that the runs recorded: run, each parameter, number, its estimate, definition, sources."""
    import pandas as pd

    parameters = _parameters(runs)
    rows = []
    for run in runs:
        told = _told(run, parameters)
        for path in sorted((run.task.folder / "numbers").glob("*.json")):
            entry = json.loads(path.read_text(encoding="utf-8"))
            known = entry | entry["estimate"] | {"number": entry["id"], "sources": " ".join(entry["sources"])}
            rows.append({"run": run.label, **told, **{name: known[name] for name in NUMBER}})
    frame = pd.DataFrame(rows, columns=pd.Index(["run", *parameters.values(), *NUMBER]))
    words = [name for name in frame.columns if name not in ("low", "high", "best")]
    return frame.astype({name: "str" for name in words} | dict.fromkeys(("low", "high", "best"), "float64"))


def runs_table(runs: Sequence[Run], failures: Sequence[Failed]) -> pd.DataFrame:
    """Return one row a run: its label, its parameters, whether it came to its end, and if not, why."""
    import pandas as pd

    every = [(run, "done", "") for run in runs] + [(f.run, "failed", f.message) for f in failures]
    parameters = _parameters([run for run, _, _ in every])
    rows = [
        {
            "run": run.label,
            **_told(run, parameters),
            "status": status,
            "why": why,
        }
        for run, status, why in sorted(every, key=lambda row: row[0].label)
    ]
    return pd.DataFrame(rows, columns=pd.Index(["run", *parameters.values(), "status", "why"]), dtype="str")


def _parameters(runs: Sequence[Run]) -> dict[str, str]:
    """Return the parameters that any run was given, in the order of first use, name → column.

    The column has the parameter's name, unless the tables have a column of that name themselves.
    """
    taken = {"run", "status", "why", *NUMBER}
    names = dict.fromkeys(name for run in runs for name in run.task.parameters)
    return {name: f"parameter_{name}" if name in taken else name for name in names}


def _told(run: Run, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of one run as they stand in a table, column → value."""
    return {column: str(run.task.parameters.get(name, "")) for name, column in parameters.items()}
