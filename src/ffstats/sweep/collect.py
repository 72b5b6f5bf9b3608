"""What the runs of a sweep made, put together: one tidy table of their numbers, their files, a page of thumbnails."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ffstats import fingerprint, formulas, records, render
from ffstats.files import put
from ffstats.store import csv_bytes, parquet_bytes
from ffstats.sweep import page
from ffstats.sweep.target import Target, copy, manifest

if TYPE_CHECKING:
    from ffstats.sweep.runs import Failed, Run

KEPT = ("figures", "tables", "exhibits")
NUMBER = ("number", "low", "high", "best", "bound", "unit", "text", "definition", "sources")


def write(
    to: Target, source: Path, runs: Sequence[Run], failures: Sequence[Failed], workers: int = render.WORKERS
) -> int:
    """Write the results of a sweep: numbers.csv and .parquet, runs.csv, each run's files, index.html.

    Files of an earlier sweep that this one did not make are removed; others in the folder are left alone.
    Parameters: to, where they go; source, the notebook; runs, those kept; failures; workers, processes that draw.
    Returns: the number of rows in the table of numbers.
    """
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
    before = records.load(manifest(to)).get("files", {})
    for name in sorted(set(before) - set(names)):
        (to.folder / name).unlink(missing_ok=True)
        if not any((to.folder / name).parent.iterdir()):
            (to.folder / name).parent.rmdir()
    files = {name: fingerprint.of_file(to.folder / name) for name in names}
    records.save(manifest(to), {"files": files})
    if to.address:
        copy(to, files)


def numbers_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the numbers that the runs recorded: run, each parameter, number, its estimate, definition, sources."""
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
