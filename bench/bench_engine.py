"""Time the ways to run the same notebooks, and print a table of medians and ratios.

    python bench/bench_engine.py [--project] [--repeat 3] [--notebooks 12] [--only NAME ...] [--json]

Every way starts cold, in a process of its own, and produces the same outputs: the cells of small analyses
(pandas tables, Altair charts as specifications), or with --project the project's own notebooks on a copy
of its data. The bare limit is the cells alone: executed one after the
other in one Python process (or two, half each), their results turned into what a notebook would store.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from nbformat import v4

CELLS = (
    "import altair as alt\nimport numpy as np\nimport pandas as pd",
    "rng = np.random.default_rng(seed)\n"
    "frame = pd.DataFrame({\n"
    "    'country': [f'country {n:02d}' for n in range(60)],\n"
    "    'year': np.repeat([2013, 2015, 2017], 20),\n"
    "    'low': rng.integers(10, 4000, 60),\n"
    "})\n"
    "frame['high'] = frame['low'] + rng.integers(0, 500, 60)\n"
    "frame.head(10)",
    "by_year = frame.groupby('year')[['low', 'high']].agg(['sum', 'median', 'max'])\nby_year",
    "wide = frame.pivot_table(index='country', columns='year', values='low', aggfunc='sum').fillna(0)\n"
    "print(wide.describe().round(1))",
    "bars = alt.Chart(frame).mark_bar().encode(\n"
    "    x='low:Q', x2='high:Q', y=alt.Y('country:N', sort='-x'), color='year:N', tooltip=['country', 'low', 'high']\n"
    ").properties(width=500)\nbars",
    "base = alt.Chart(frame).encode(x='year:O')\n"
    "means = (base.mark_line().encode(y='mean(low):Q') + base.mark_errorband().encode(y='low:Q')).properties(title='means')\n"
    "means",
    "import json, os, pathlib\n"
    "if os.environ.get('FFSTATS_OUT'):\n"
    "    folder = pathlib.Path(os.environ['FFSTATS_OUT'], 'figures')\n"
    "    folder.mkdir(parents=True, exist_ok=True)\n"
    "    for name, chart in (('bars', bars), ('means', means)):\n"
    "        (folder / f'{name}{seed}.json').write_text(json.dumps(chart.to_dict()))",
    "long = frame.melt(['country', 'year'], ['low', 'high'])\n"
    "print(long.groupby('variable')['value'].sum().to_dict())",
)


def write_notebooks(folder: Path, count: int) -> list[Path]:
    """Write the notebooks to be run, each with another seed."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = []
    for number in range(count):
        cells = [v4.new_code_cell(f"seed = {number}", metadata={"tags": ["parameters"]})]
        cells += [v4.new_code_cell(source) for source in CELLS]
        path = folder / f"notebook_{number:02d}.ipynb"
        path.write_text(v4.writes(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})))
        made.append(path)
    return made


def copy_project(folder: Path) -> list[Path]:
    """Copy the project's data and notebooks, build the tidy tables, and let all runs work on the copy."""
    root = Path(__file__).parents[1]
    shutil.copytree(root / "data", folder / "data")
    shutil.copytree(root / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns("lessons"))
    os.environ.update(FFSTATS_ROOT=str(folder), FFSTATS_OUT=str(folder / "out"))
    subprocess.run([sys.executable, "-m", "ffstats", "clean"], check=True, stdout=subprocess.DEVNULL)
    return sorted((folder / "notebooks").glob("[0-9]*.ipynb"))


def bare(paths: list[str]) -> None:
    """Execute the cells of notebooks in this process and store what they show: the limit for the same work."""
    import IPython.core.display_functions
    import IPython.display

    shown: list[object] = []

    def show(*values: object, **_: object) -> None:
        shown.extend(map(bundle, values))

    IPython.display.display = IPython.core.display_functions.display = show
    for path in paths:
        shown.clear()
        notebook = json.loads(Path(path).read_text())
        namespace: dict[str, object] = {"__name__": "__main__"}
        for cell in notebook["cells"]:
            if cell["cell_type"] != "code":
                continue
            tree = ast.parse("".join(cell["source"]))
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, path, "exec"), namespace)
            if last is not None:
                value = eval(compile(ast.Expression(last.value), path, "eval"), namespace)
                shown.append(bundle(value))
        Path(path).with_suffix(".bare.json").write_text(json.dumps(shown, default=str))


def bundle(value: object) -> object:
    """Return what a notebook stores of a value."""
    if hasattr(value, "_repr_mimebundle_"):
        return value._repr_mimebundle_()
    if hasattr(value, "_repr_html_"):
        return {"text/html": value._repr_html_(), "text/plain": repr(value)}
    return {"text/plain": repr(value)}


def python(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    """Start a Python process whose output is not shown."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, *arguments], **quiet, **options)  # type: ignore[call-overload]


def finish(*processes: subprocess.Popen[bytes]) -> None:
    """Wait for processes, all of which must succeed."""
    codes = [process.wait() for process in processes]
    if any(codes):
        raise SystemExit(f"a measured process failed: exit status {codes}")


RUN_MANY = """
import sys
from pathlib import Path
from ffstats.notebooks.run import Job, run_many
jobs = [Job(Path(path), Path(path).with_suffix(".out.ipynb")) for path in sys.argv[3:]]
results = run_many(jobs, workers=int(sys.argv[2]), engine=sys.argv[1])
sys.exit(any(result.status != "ok" or result.engine != sys.argv[1] for result in results))
"""
NBCLIENT = """
import asyncio, sys
import nbformat
from nbclient import NotebookClient
async def main():
    two = asyncio.Semaphore(2)
    async def one(path):
        async with two:
            notebook = nbformat.read(path, 4)
            await NotebookClient(notebook).async_execute()
            nbformat.write(notebook, path + ".out")
    await asyncio.gather(*map(one, sys.argv[1:]))
asyncio.run(main())
"""


def papermill_loop(paths: list[str]) -> None:
    for path in paths:
        finish(python("-m", "papermill", "--no-progress-bar", path, path + ".out.ipynb"))


def halves(paths: list[str]) -> list[list[str]]:
    return [paths[0::2], paths[1::2]]


WAYS: dict[str, Callable[[list[str]], None]] = {
    "bare, 1 process": lambda paths: finish(python(__file__, "--bare", *paths)),
    "bare, 2 processes": lambda paths: finish(*(python(__file__, "--bare", *half) for half in halves(paths))),
    "warm, 1 worker": lambda paths: finish(python("-c", RUN_MANY, "warm", "1", *paths)),
    "warm, 2 workers": lambda paths: finish(python("-c", RUN_MANY, "warm", "2", *paths)),
    "plain, 2 workers": lambda paths: finish(python("-c", RUN_MANY, "plain", "2", *paths)),
    "nbclient, 2 at a time": lambda paths: finish(python("-c", NBCLIENT, *paths)),
    "papermill loop": papermill_loop,
}


Seconds = dict[str, list[tuple[float, float]]]
"""For every way, the wall-clock and the processor seconds of each repetition."""


def processor_seconds() -> float:
    """Return the processor time of all processes that have ended below this one; other people's load is not in it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def forget_results() -> None:
    """Delete what the project's notebooks wrote, so that every way writes all of it."""
    if "FFSTATS_OUT" in os.environ:
        shutil.rmtree(os.environ["FFSTATS_OUT"], ignore_errors=True)


def measure(names: list[str], count: int | None, repeat: int) -> tuple[Seconds, int]:
    """Return the seconds of every way, `repeat` times, and the number of notebooks (`count`; None: the project's).

    The ways take turns, so that a busy moment of the machine hits all alike.
    """
    seconds: Seconds = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        made = copy_project(Path(folder)) if count is None else write_notebooks(Path(folder), count)
        paths = [str(path) for path in made]
        for name in names:
            if name != "papermill loop":  # once without counting: files into the page cache, bytecode written
                WAYS[name](paths[:2])
                forget_results()
        for _ in range(repeat):
            for name in names:
                started, used = time.perf_counter(), processor_seconds()
                WAYS[name](paths)
                seconds[name].append((time.perf_counter() - started, processor_seconds() - used))
                forget_results()
                print(f"{name}: {seconds[name][-1][0]:.2f} s", file=sys.stderr)
    return seconds, len(paths)


def table(seconds: Seconds, count: int) -> str:
    """Return the medians, and their ratios to the bare limit of as many processes and to the papermill loop."""
    medians = {name: statistics.median(wall for wall, _ in values) for name, values in seconds.items()}
    heads = ("way", "seconds (range)", "processor s", "ms a notebook", "of the limit", "loop takes")
    lines = ["{:<24}{:>22}{:>14}{:>16}{:>15}{:>13}".format(*heads)]
    for name, median in medians.items():
        limit = medians.get("bare, 1 process" if "1" in name or "loop" in name else "bare, 2 processes")
        loop = medians.get("papermill loop")
        walls = [wall for wall, _ in seconds[name]]
        used = statistics.median(processor for _, processor in seconds[name])
        lines.append(
            f"{name:<24}{f'{median:.2f} ({min(walls):.2f}–{max(walls):.2f})':>22}{used:>14.1f}"
            f"{1000 * median / count:>16.0f}{f'{median / limit:.2f} ×' if limit else '':>15}"
            f"{f'{loop / median:.1f} ×' if loop else '':>13}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--notebooks", type=int, default=12)
    parser.add_argument("--project", action="store_true")
    parser.add_argument("--only", nargs="*", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--bare", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        bare(options.bare)
        return
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    seconds, count = measure(options.only, None if options.project else options.notebooks, options.repeat)
    if options.json:
        print(json.dumps({"notebooks": count, "seconds": seconds}))
        return
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    print(f"{count} notebooks, median of {options.repeat}; {machine}\n")
    print(table(seconds, count))


if __name__ == "__main__":
    main()
