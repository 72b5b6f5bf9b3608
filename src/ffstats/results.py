"""The results folder: exhibits, numbers and executed notebooks of all runs, put together and listed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from ffstats import fingerprint, paths, pipeline, records
from ffstats.errors import PipelineError
from ffstats.files import put
from ffstats.pipeline import NotebookTask

KEPT = ("figures", "tables", "exhibits")


def assemble(
    out: Path,
    tasks: Sequence[NotebookTask],
    whole: bool = True,
    say: Callable[[str], None] = lambda line: None,
    workers: int = 2,
) -> tuple[int, int]:
    """Put the kept runs of some tasks into a results folder; do nothing where it holds just that already.

    Parameters: out, the folder; tasks, each with a fresh run; whole, whether these are all there are, so that
    whatever else lies in the folder is of an earlier state and goes; workers, processes that draw.
    Returns: the number of exhibits and of numbers in the folder.
    Raises: PipelineError, if a notebook did not draw what the catalogue says, or two record one number.
    """
    manifest = records.state_dir() / f"results-{pipeline.out_key(out)}.json"
    wanted = {task.name: fingerprint.of_data(task.record()["files"]) for task in tasks}
    known = records.load(manifest)
    made_with = _made_with()
    if (known.get("runs"), known.get("made_with")) == (wanted, made_with) and all(
        fingerprint.of_file(out / name) == made for name, made in known["files"].items()
    ):
        return known["exhibits"], known["numbers"]
    from ffstats import catalogue, render

    _check_exhibits(tasks)
    manifest.unlink(missing_ok=True)
    entries = [] if whole else _others(out, tasks)
    for left in out.glob(".*.part"):  # of a run that was killed
        left.unlink()
    if whole:
        for name in KEPT:
            _drop_strangers(out / name, {p.stem for t in tasks for p in (t.folder / name).glob("*")})
        _drop_strangers(out / "notebooks", {task.name for task in tasks})
    for task in tasks:
        for path in sorted(p for name in KEPT for p in (task.folder / name).glob("*")):
            put(out / path.relative_to(task.folder), path.read_bytes())
        entries += _numbers(task)
    _check_ids(entries)
    entries.sort(key=lambda entry: entry["id"])
    text = json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    put(out / "numbers.json", text.encode("utf-8"))
    drawn = render.render(out, workers=workers)
    new = sum(1 for picture in drawn if picture.drawn)
    say(f"pictures: {new} drawn, {len(drawn) - new} as they were")
    before = known.get("runs", {}) if known.get("made_with") == made_with else {}
    for task in tasks:
        path = out / "notebooks" / f"{task.name}.ipynb"
        kept = before.get(task.name) == wanted[task.name] and fingerprint.of_file(path) == known["files"].get(
            path.relative_to(out).as_posix()
        )
        if not kept:  # the same run by the same code and renderer has the same pictures
            put(path, illustrated((task.folder / "notebook.ipynb").read_bytes(), out / "figures"))
    catalogue.write(out)
    count = len(json.loads((out / "catalogue.json").read_text(encoding="utf-8")))
    files = {
        p.relative_to(out).as_posix(): fingerprint.of_file(p)
        for name in (*KEPT, "notebooks", "numbers.json", "catalogue.json")
        for p in sorted([out / name, *(out / name).glob("*")])
        if p.is_file()
    }
    records.save(
        manifest,
        {"runs": wanted, "made_with": made_with, "files": files, "exhibits": count, "numbers": len(entries)},
    )
    return count, len(entries)


def _made_with() -> str:
    """Return the hash of the code that puts results together, and of the lock file, which fixes the renderer."""
    code = fingerprint.closure(["ffstats.results"]) | {"lock": records.lock_path()}
    return fingerprint.of_data({name: fingerprint.of_file(path) for name, path in code.items()})


def illustrated(notebook: bytes, figures: Path) -> bytes:
    """Return an executed notebook with the picture of each figure beside its specification.

    Notebooks run without a renderer; a reader of the stored notebook, on a code host or in print, sees the SVG.
    """
    from ffstats.exhibits import VEGA_LITE

    read = json.loads(notebook)
    for cell in read["cells"]:
        for output in cell.get("outputs", []):
            shown = output.get("metadata", {}).get("ffstats", {}).get("exhibit")
            if shown and VEGA_LITE in output["data"]:
                picture = (figures / f"{shown}.svg").read_text(encoding="utf-8")
                output["data"]["image/svg+xml"] = picture.splitlines(keepends=True)
    text = json.dumps(read, ensure_ascii=False, indent=1, sort_keys=True)  # as `canonical.dumps` writes it
    return f"{text}\n".encode()


def store(out: Path, tasks: Sequence[NotebookTask]) -> int:
    """Give the project's notebooks the outputs that they have in a results folder; return how many changed."""
    changed = 0
    for task in tasks:
        executed = (out / "notebooks" / task.source.name).read_bytes()
        changed += executed != task.source.read_bytes()
        put(task.source, executed)
    return changed


def _drop_strangers(folder: Path, stems: set[str]) -> None:
    """Remove what no run made: an exhibit taken out of a notebook must not stay in the results."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.stem not in stems:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _check_exhibits(tasks: Iterable[NotebookTask]) -> None:
    homes = pipeline.exhibit_notebooks()
    problems = []
    for task in tasks:
        made = {p.stem for p in (task.folder / "exhibits").glob("*.json")}
        due = {exhibit for exhibit, home in homes.items() if home == task.name}
        problems += [f"{task.name} did not draw {name}" for name in sorted(due - made)]
        problems += [f"{task.name} drew {name}, which the catalogue gives to {homes.get(name, 'no notebook')}"
                     for name in sorted(made - due)]  # fmt: skip
    if problems:
        raise PipelineError(
            "; ".join(problems) + ". Bring the notebook and vocabulary/catalogue.csv into agreement."
        )


def _numbers(task: NotebookTask) -> list[dict[str, Any]]:
    """Return the numbers that a run recorded, each with its notebook and the id of its cell."""
    notebook = json.loads((task.folder / "notebook.ipynb").read_text(encoding="utf-8"))
    cells = {
        cell.get("execution_count"): cell["id"] for cell in notebook["cells"] if cell["cell_type"] == "code"
    }
    found = []
    for path in sorted((task.folder / "numbers").glob("*.json")):
        entry = json.loads(path.read_text(encoding="utf-8"))
        found.append(entry | {"notebook": task.name, "cell": cells.get(entry["cell"], "")})
    return found


def _others(out: Path, tasks: Iterable[NotebookTask]) -> list[dict[str, Any]]:
    """Return the numbers in a results folder that other notebooks recorded."""
    path = out / "numbers.json"
    names = {task.name for task in tasks}
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return [entry for entry in known if entry["notebook"] not in names]


def _check_ids(entries: Iterable[dict[str, Any]]) -> None:
    homes: dict[str, str] = {}
    for entry in entries:
        if entry["id"] in homes:
            raise PipelineError(
                f"The number {entry['id']!r} is recorded by {homes[entry['id']]} and by {entry['notebook']}. "
                "Give each its own id."
            )
        homes[entry["id"]] = entry["notebook"]


def numbers(out: Path | None = None) -> list[dict[str, Any]]:
    """Return numbers.json of a results folder.

    Raises: PipelineError, if there is none.
    """
    path = (out or paths.results_dir()) / "numbers.json"
    if not path.is_file():
        raise PipelineError(f"{paths.shown(path)}: not there. Run `ffstats reproduce` first.")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found
