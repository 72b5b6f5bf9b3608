"""Sweeps on a Dask cluster: a real scheduler and real workers, one of which dies; nothing lost, nothing twice.

Needs the extra `cluster`; run by `make cluster`.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import project_copy
from notebook_making import make
from project_copy import Copy

pytestmark = pytest.mark.cluster

PARAMETERS = "number = 0  # which\nseconds = 0.3  # how long it takes"
NOTEBOOK = """
import time
from ffstats.estimate import Estimate
from ffstats.numbers import record
from ffstats.quote import claim
time.sleep(seconds)
if number == 13:
    raise ValueError("thirteen")
record("run.number", Estimate.exact(number) + claim("c040"), "a number that needs the data", ["texts"])
"""


class Cluster:
    """A scheduler and workers, each a process of its own, in a folder that holds nothing of the project."""

    def __init__(self, folder: Path, project: Copy) -> None:
        self.folder, self.environment = folder, project.environment
        self.file = folder / "scheduler.json"
        self.processes: list[subprocess.Popen[bytes]] = []
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.address = self._when(lambda: json.loads(self.file.read_text())["address"])

    def worker(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread."""
        place = ("--local-directory", str(self.folder / "work"))
        return self._start("worker", "--nthreads", "1", "--no-nanny", *place, **environment)

    def _start(self, what: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--no-dashboard", *arguments]
        process = subprocess.Popen(
            [*command, "--scheduler-file", str(self.file)],
            cwd=self.folder,
            env=self.environment | environment,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / f"{what}-{len(self.processes)}.log").open("wb"),
        )
        self.processes.append(process)
        return process

    @staticmethod
    def _when(found):
        deadline = time.monotonic() + 60
        while True:
            try:
                return found()
            except (OSError, ValueError, KeyError):
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def close(self) -> list[psutil.Process]:
        """End what this started, and return what it left."""
        started = [psutil.Process(p.pid) for p in self.processes if p.poll() is None]
        started += [child for process in started for child in process.children(recursive=True)]
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        return psutil.wait_procs(started, timeout=15)[1]


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = project_copy.make(tmp_path_factory.mktemp("cluster") / "project", ["country_profile"])
    make(copy.root / "notebooks" / "work.ipynb", NOTEBOOK, parameters=PARAMETERS)
    assert copy.run("sweep", "work").returncode == 0
    return copy


@pytest.fixture
def project(cleaned: Copy, tmp_path: Path) -> Copy:
    shutil.copytree(cleaned.root, tmp_path / "project")
    return Copy(tmp_path / "project")


@pytest.fixture
def cluster(project: Copy, tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "elsewhere").mkdir()
    made = Cluster(tmp_path / "elsewhere", project)
    try:
        yield made
    finally:
        assert made.close() == []


def ended(project: Copy) -> int:
    """Return how many runs with parameters are kept."""
    return len(
        [
            p
            for p in (project.root / ".ffstats" / "runs").glob("work-*/run.json")
            if '"parameter number"' in p.read_text()
        ]
    )


def test_a_worker_that_dies_loses_nothing_and_does_nothing_twice(project: Copy, cluster: Cluster):
    first, second = cluster.worker(), cluster.worker()
    remote = (project.root.parent / "bucket").as_uri()
    numbers = ",".join(map(str, range(24)))
    process = project.start(
        "sweep", "work", "--over", f"number={numbers}", "--on", "dask", "--scheduler", cluster.address,
        "--out", remote, "--json",
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while ended(project) < 6:
        assert time.monotonic() < deadline and process.poll() is None, process.communicate()
        time.sleep(0.05)
    helpers = psutil.Process(first.pid).children(recursive=True)
    first.kill()
    assert ended(project) < 20 and second.poll() is None
    out, said = process.communicate(timeout=120)
    assert out, said
    found = json.loads(out)
    assert process.returncode == 1, said
    assert (found["runs"], found["ran"]) == (24, 23)
    assert [(f["parameters"], "ValueError: thirteen" in f["why"]) for f in found["failures"]] == [
        ({"number": 13}, True)
    ]
    with (project.root.parent / "bucket" / "numbers.csv").open(encoding="utf-8", newline="") as file:
        told = Counter(row["run"] for row in csv.DictReader(file))
    assert told == Counter({str(number): 1 for number in range(24) if number != 13})
    assert not psutil.wait_procs(helpers, timeout=15)[1]
    assert ended(project) == 23
    here = project.run("sweep", "work", "--over", f"number={numbers}", "--out", "here", "--json", "--force")
    assert json.loads(here.stdout)["ran"] == 23
    bucket = project.root.parent / "bucket"
    for path in sorted(p for p in (project.root / "here").rglob("*") if p.is_file()):
        same = bucket / path.relative_to(project.root / "here")
        assert same.read_bytes() == path.read_bytes(), path.name


def test_a_second_sweep_does_only_what_is_new_and_needs_no_worker_for_nothing(
    project: Copy, cluster: Cluster
):
    worker = cluster.worker()
    arguments = ("--on", "dask", "--scheduler", cluster.address, "--out", "memory://out", "--json")
    assert json.loads(project.run("sweep", "work", "--over", "number=1,2", *arguments).stdout)["ran"] == 2
    assert json.loads(project.run("sweep", "work", "--over", "number=1,2,3", *arguments).stdout)["ran"] == 1
    worker.kill()
    worker.wait()
    assert json.loads(project.run("sweep", "work", "--over", "number=1,2,3", *arguments).stdout)["ran"] == 0


def test_a_worker_with_another_version_of_the_package_is_refused(
    project: Copy, cluster: Cluster, tmp_path: Path
):
    other = tmp_path / "other"
    shutil.copytree(project.root / "src", other)
    with (other / "ffstats" / "quote.py").open("a", encoding="utf-8") as file:
        file.write("\n# another version\n")
    cluster.worker(PYTHONPATH=str(other))
    done = project.run("sweep", "work", "--over", "number=1", "--on", "dask", "--scheduler", cluster.address)
    assert done.returncode == 1 and "another ffstats" in done.stderr and "quote" in done.stderr
    assert ended(project) == 0


def test_a_figure_drawn_on_a_worker_is_the_same_as_here(project: Copy, cluster: Cluster):
    cluster.worker()
    cluster.worker()
    arguments = ("sweep", "country_profile", "--over", "iso3=GBR,TUN", "--json", "--force")
    there = project.run(*arguments, "--on", "dask", "--scheduler", cluster.address, "--out", "there")
    assert there.returncode == 0, there.stderr
    assert project.run(*arguments, "--out", "here").returncode == 0
    assert project.results("there") == project.results("here")


def test_no_scheduler_and_no_worker_are_said_in_words(project: Copy, cluster: Cluster):
    arguments = ("sweep", "work", "--over", "number=1", "--on", "dask")
    done = project.run(*arguments)
    assert done.returncode == 1 and done.stderr.startswith("error: --on dask needs --scheduler")
    done = project.run(*arguments, "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 1 and "No Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    done = project.run(*arguments, "--scheduler", cluster.address)
    assert done.returncode == 1 and "No worker has joined" in done.stderr
    assert "Traceback" not in done.stderr
    assert os.path.exists(project.root / ".ffstats" / "clean.json")
