"""Measure what the README says of speed, on this machine, in one run; write a table, a chart and the raw figures.

    python bench/bench.py [--repeat 5] [--only rebuild small sweep clean] [--no-write]

Everything works on a copy of the project: the same notebooks, the same environment, the tidy tables built before.
The ways to rebuild take turns, so that a busy moment hits all alike; ratios are taken within each turn, and their
median is given. A way that takes over 60 s has two turns, a sweep one. Every way ends with the same pictures, drawn
from nothing. Results go to bench/results: bench.md, bench.svg, bench.json; the README shows the chart and the medians.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from bench_engine import NBCLIENT, RUN_MANY, finish, halves, processor_seconds, python, write_notebooks

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SLOW_SECONDS, SLOW_TURNS = 60.0, 2
SWEEPS = (60, 200, 600)
BOTH = 200  # runs, done with one worker as well as with two
TURNS = 3  # of these two, in alternation; the median of each is given
LOOP_RUNS = 6
SMALL = 12
PARTS = ("rebuild", "small", "sweep", "clean")
RENDER = "import sys; from ffstats import render; render.render(sys.argv[1], workers=int(sys.argv[2]))"


class Project:
    """A copy of the project to work on, with its tidy tables built."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "lessons")
        for name in ("src", "data", "notebooks", "requirements"):
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        os.environ.update(FFSTATS_ROOT=str(folder), PYTHONPATH=str(folder / "src"), OPENBLAS_NUM_THREADS="1")
        os.environ.pop("FFSTATS_ENGINE", None)
        os.chdir(folder)
        self.ffstats("clean")
        self.paths = [str(path) for path in sorted((folder / "notebooks").glob("*.ipynb"))]

    def ffstats(self, *arguments: str) -> None:
        """Run a command of the copy."""
        finish(python("-m", "ffstats", *arguments))

    def forget(self) -> None:
        """Delete all that runs have made, so that the next one starts from nothing but the tidy tables."""
        for made in [
            *self.root.glob(".ffstats/results-*"),
            *(
                self.root / n
                for n in ("results", "out", "stored", ".ffstats/runs", ".ffstats/figures", ".ffstats/sweeps")
            ),
        ]:
            shutil.rmtree(made) if made.is_dir() else made.unlink(missing_ok=True)
        for name in ("out", "stored"):
            (self.root / name).mkdir()

    def rebuild(self, engine: str, workers: int) -> None:
        """Run every notebook and draw every picture, as a user would."""
        self.ffstats("reproduce", "--engine", engine, "--workers", str(workers))

    def stored(self, path: str) -> str:
        return str(self.root / "stored" / Path(path).name)

    def edit(self, text: str) -> None:
        """Add a sentence to the first notebook, or a line of code that changes nothing."""
        path = Path(self.paths[0])
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cell = next(
            c for c in notebook["cells"] if c["cell_type"] == ("code" if text.startswith("#") else "markdown")
        )
        cell["source"] = "".join(cell["source"]) + f"\n{text} {time.time_ns()}"
        path.write_text(json.dumps(notebook), encoding="utf-8")


class Small(Project):
    """Twelve small notebooks with two charts each, which peers are measured with: what a kernel costs is most of it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        (folder / "notebooks").mkdir(parents=True)
        os.environ.update(FFSTATS_ROOT=str(folder), OPENBLAS_NUM_THREADS="1", FFSTATS_OUT=str(folder / "out"))
        os.environ.pop("FFSTATS_ENGINE", None)
        os.chdir(folder)
        self.paths = [str(path) for path in write_notebooks(folder / "notebooks", SMALL)]

    def rebuild(self, engine: str, workers: int) -> None:
        finish(python("-c", RUN_MANY, engine, str(workers), *self.paths))
        drawn(str(self.root / "out"), workers)


def drawn(out: str, workers: int) -> None:
    finish(python("-c", RENDER, out, str(workers)))


def ways(project: Project) -> dict[str, Callable[[], None]]:
    """Return the ways to execute every notebook and draw every picture, by name."""
    out = str(project.root / "out")
    inside: dict[str, Any] = {"env": os.environ | {"FFSTATS_OUT": out}}
    engine = str(HERE / "bench_engine.py")

    def papermill(paths: list[str]) -> subprocess.Popen[bytes]:
        """Start one shell that runs papermill command after command."""
        line = '"$0" -m papermill --no-progress-bar "$1" "$2" || exit 1; shift 2; [ $# -gt 0 ] || exit 0'
        pairs = [part for path in paths for part in (path, project.stored(path))]
        return subprocess.Popen(
            ["sh", "-c", f"while :; do {line}; done", sys.executable, *pairs],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **inside,
        )

    def bare(processes: int) -> None:
        shares = halves(project.paths) if processes == 2 else [project.paths]
        finish(*(python(engine, "--bare", *share, **inside) for share in shares))
        drawn(out, processes)

    def loop_and_pictures_each() -> None:
        for path in project.paths:
            finish(papermill([path]))
            drawn(out, 1)

    def plain_loop() -> None:
        finish(papermill(project.paths))
        drawn(out, 2)

    def two_papermills() -> None:
        finish(*(papermill(share) for share in halves(project.paths)))
        drawn(out, 2)

    def nbclient() -> None:
        finish(python("-c", NBCLIENT, *project.paths, **inside))
        drawn(out, 2)

    def ours(engine: str, workers: int) -> Callable[[], None]:
        return lambda: project.rebuild(engine, workers)

    return {
        "bare Python, 1 process": lambda: bare(1),
        "bare Python, 2 processes": lambda: bare(2),
        "ffstats, 1 worker": ours("warm", 1),
        "ffstats, 2 workers": ours("warm", 2),
        "ffstats with plain kernels, 1 worker": ours("plain", 1),
        "ffstats with plain kernels, 2 workers": ours("plain", 2),
        "nbclient, two at a time": nbclient,
        "papermill in two processes": two_papermills,
        "loop of papermill": plain_loop,
        "loop of papermill, pictures after each": loop_and_pictures_each,
    }


Turns = dict[str, list[tuple[float, float]]]
"""For every way, the wall-clock and the processor seconds of each turn."""


def timed(act: Callable[[], None]) -> tuple[float, float]:
    started, used = time.perf_counter(), processor_seconds()
    act()
    return time.perf_counter() - started, processor_seconds() - used


def rebuild(project: Project, repeat: int) -> Turns:
    """Return the turns of every way to rebuild."""
    every = ways(project)
    turns: Turns = {name: [] for name in every}
    project.forget()
    every["ffstats, 2 workers"]()  # not counted: bytecode is written, files come into memory
    for _ in range(repeat):
        for name, act in every.items():
            if len(turns[name]) >= SLOW_TURNS and turns[name][0][0] > SLOW_SECONDS:
                continue
            project.forget()
            turns[name].append(timed(act))
            print(f"{name}: {turns[name][-1][0]:.2f} s", file=sys.stderr)
    return turns


def again(project: Project, repeat: int) -> Turns:
    """Return the turns of a second run, and of a run after one change."""
    project.forget()
    project.ffstats("reproduce")
    small = {
        "nothing to do": lambda: None,
        "a sentence of one notebook changed": lambda: project.edit("A sentence"),
        "code of one notebook changed": lambda: project.edit("# a comment"),
    }
    turns: Turns = {name: [] for name in small}
    for _ in range(max(repeat, 5)):
        for name, change in small.items():
            change()
            turns[name].append(timed(lambda: project.ffstats("reproduce")))
    turns["ffstats --help"] = [timed(lambda: project.ffstats("--help")) for _ in range(max(repeat, 5))]
    return turns


def small(folder: Path, repeat: int) -> dict[str, Any]:
    """Return the turns of every way to rebuild small notebooks, in a folder of their own."""
    before, where = dict(os.environ), Path.cwd()
    try:
        notebooks = Small(folder)
        return {"notebooks": len(notebooks.paths), "turns": rebuild(notebooks, repeat)}
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(where)


class Memory:
    """Watches a process and all below it: the most memory of the driver, and of each child as it grows old."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.driver = psutil.Process(process.pid)
        self.driver_peak = 0.0
        self.children: list[tuple[float, float]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._started = time.monotonic()
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.15):
            try:
                self.driver_peak = max(self.driver_peak, self.driver.memory_info().rss / 2**20)
                below = self.driver.children(recursive=True)
            except psutil.Error:
                return
            for child in below:
                try:
                    if child.ppid() != self.driver.pid:
                        self.children.append(
                            (time.monotonic() - self._started, child.memory_full_info().pss / 2**20)
                        )
                except psutil.Error:
                    continue

    def close(self) -> dict[str, float]:
        """Return MiB: the driver's peak, and the peak of a notebook's process in the first and the last third."""
        self._over.set()
        self._thread.join()
        end = max((at for at, _ in self.children), default=0.0)
        early = max((size for at, size in self.children if at < end / 3), default=0.0)
        late = max((size for at, size in self.children if at > end * 2 / 3), default=0.0)
        return {"driver_mib": self.driver_peak, "worker_early_mib": early, "worker_late_mib": late}


def grid(project: Project, count: int) -> Path:
    """Write so many sets of parameters for the country profile: countries, rules, dates."""
    from ffstats.sweep.grid import countries, rules

    sets = itertools.product(["", "2018", "2017", "2016"], rules(), countries())
    rows = [f"{iso3},{rule},{as_of}" for as_of, rule, iso3 in itertools.islice(sets, count)]
    assert len(rows) == count, f"only {len(rows)} sets of parameters"
    path = project.root / f"grid-{count}.csv"
    path.write_text("\n".join(["iso3,rule,as_of", *rows]) + "\n", encoding="utf-8")
    return path


def sweeps(project: Project) -> list[dict[str, Any]]:
    """Return time and memory of sweeps of several sizes, and of the loop of papermill on a few of their runs."""
    notebook = str(project.root / "notebooks" / "country_profile.ipynb")
    out = str(project.root / "out")
    rows = []

    def loop() -> None:
        inside: dict[str, Any] = {"env": os.environ | {"FFSTATS_OUT": out}}
        for line in grid(project, LOOP_RUNS).read_text(encoding="utf-8").splitlines()[1:]:
            iso3, rule, as_of = line.split(",")
            given = ("-r", "iso3", iso3, "-r", "rule", rule, "-r", "as_of", as_of)
            finish(
                python(
                    "-m",
                    "papermill",
                    "--no-progress-bar",
                    *given,
                    notebook,
                    project.stored(notebook),
                    **inside,
                )
            )
            drawn(out, 1)

    def swept(count: int, workers: int) -> dict[str, Any]:
        project.forget()
        used = processor_seconds()
        started = time.perf_counter()
        process = python(
            "-m", "ffstats", "sweep", notebook, "--grid", str(grid(project, count)), "--workers", str(workers)
        )
        memory = Memory(process)
        finish(process)
        seconds = time.perf_counter() - started
        row = {"way": f"sweep, {workers} workers" if workers > 1 else "sweep, 1 worker", "runs": count, "seconds": seconds,
               "processor": processor_seconds() - used, **memory.close()}  # fmt: skip
        print(f"{row['way']}, {count} runs: {seconds:.1f} s", file=sys.stderr)
        return row

    for count in SWEEPS:
        project.forget()
        seconds, used = timed(loop)
        rows.append({"way": "loop of papermill", "runs": LOOP_RUNS, "seconds": seconds, "processor": used})
        if count != BOTH:
            rows.append(swept(count, 2))
            continue
        turns = [(swept(count, 1), swept(count, 2)) for _ in range(TURNS)]
        for each in zip(*turns, strict=True):
            rows.append(sorted(each, key=lambda row: row["seconds"])[TURNS // 2] | {"turns": TURNS})
    again = timed(lambda: project.ffstats("sweep", notebook, "--grid", str(grid(project, SWEEPS[-1]))))
    rows.append(
        {"way": "sweep, nothing to do", "runs": SWEEPS[-1], "seconds": again[0], "processor": again[1]}
    )
    return rows


def cleaning() -> list[dict[str, Any]]:
    """Return the time and memory of cleaning 10⁴ to 10⁶ rows."""
    done = subprocess.run(
        [sys.executable, str(HERE / "bench_clean.py"), "--json"], check=True, capture_output=True
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def machine() -> str:
    """Return the machine in words."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()}, Python {platform.python_version()}"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument(
        "--no-write", action="store_true", help="print the table; leave bench/results and the README alone"
    )
    options = parser.parse_args()
    import bench_report

    kept = HERE / "results" / "bench.json"
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder) / "project")
        load = os.getloadavg()[0]
        parts: dict[str, Callable[[], Any]] = {
            "rebuild": lambda: {
                "notebooks": len(project.paths),
                "turns": rebuild(project, options.repeat) | again(project, options.repeat),
            },
            "small": lambda: small(Path(folder) / "small", options.repeat),
            "sweep": lambda: sweeps(project),
            "clean": cleaning,
        }
        for name in options.only:
            found[name] = parts[name]()
            found |= {"machine": machine(), "load_at_start": round(load, 1)}
            if not options.no_write:
                bench_report.write(found, HERE / "results", ROOT / "README.md")
        os.chdir(HERE)
    print(bench_report.table(found))


if __name__ == "__main__":
    main()
