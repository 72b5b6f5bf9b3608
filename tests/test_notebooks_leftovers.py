"""Nothing is left behind: no process, no socket, no temporary file, however a run ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ffstats.notebooks import run, warm
from notebook_making import make

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the warm engine forks, on Linux only")

# A notebook that starts a process of each kind, writes down their ids, and never ends.
ENDLESS = """
import os, subprocess, sys, time
own = subprocess.Popen(["sleep", "999"])
apart = subprocess.Popen(["sleep", "999"], start_new_session=True)
fork = os.fork()
if fork == 0:
    while True: time.sleep(1)
with open(f"{os.getpid()}.pids.part", "w") as file:
    print(os.getpid(), os.getppid(), own.pid, apart.pid, fork, file=file)
os.rename(f"{os.getpid()}.pids.part", f"{os.getpid()}.pids")
while True: pass
"""
SCRIPT = """
import sys
from pathlib import Path
from ffstats.notebooks.run import Job, run_many
jobs = [Job(Path("endless.ipynb"), Path(f"out{number}.ipynb")) for number in range(4)]
run_many(jobs, workers=2, engine=sys.argv[1])
"""


@pytest.fixture(autouse=True)
def own_temporary_directory(tmp_path, monkeypatch) -> Iterator[Path]:
    """Run each test with a temporary directory and a parent of its own, and look at what is left in both."""
    warm.close()
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.delenv("FFSTATS_ENGINE", raising=False)
    yield directory
    warm.close()
    assert list(directory.iterdir()) == []


def mine() -> tuple[int, int]:
    """Return how many children and open files this process has."""
    process = psutil.Process()
    return len(process.children(recursive=True)), process.num_fds()


def test_nothing_is_left_after_success_and_failure(tmp_path):
    before = mine()
    good = make(tmp_path / "good.ipynb", "import tempfile; tempfile.TemporaryFile()", "'done'")
    bad = make(tmp_path / "bad.ipynb", "1 / 0")
    slow = make(tmp_path / "slow.ipynb", "while True: pass")
    jobs = [run.Job(source, tmp_path / f"{n}.ipynb") for n, source in enumerate([good, bad, slow, good])]
    results = run.run_many(jobs, engine="warm", timeout=1)
    assert [result.status for result in results] == ["ok", "failed", "failed", "ok"]
    assert mine()[0] == before[0] + 1, "the warm parent, and nothing else, waits for the next run"
    warm.close()
    assert mine() == before
    assert sorted(path.name for path in tmp_path.glob("?.ipynb")) == ["0.ipynb", "3.ipynb"]


def test_a_run_that_is_interrupted_leaves_nothing(tmp_path):
    before = mine()
    slow = make(tmp_path / "slow.ipynb", "while True: pass")

    def interrupt(event: run.RunEvent) -> None:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run.run_many([run.Job(slow, tmp_path / "out.ipynb")] * 3, engine="warm", on_event=interrupt)
    assert time.monotonic() - started < 8
    warm.close()
    assert mine() == before and not (tmp_path / "out.ipynb").exists()


def start_endless(tmp_path: Path, engine: str) -> tuple[subprocess.Popen[bytes], list[int]]:
    """Start a process that runs endless notebooks, two at a time; return it and all that the two started."""
    make(tmp_path / "endless.ipynb", ENDLESS)
    owner = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, engine],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while len(found := list(tmp_path.glob("*.pids"))) < 2:
        assert owner.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    return owner, [int(word) for path in found for word in path.read_text().split()]


def all_end(processes: list[int], seconds: float = 8) -> bool:
    """Return whether every process ends in the given time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not any(psutil.pid_exists(process) and is_alive(process) for process in processes):
            return True
        time.sleep(0.05)
    return False


def is_alive(process: int) -> bool:
    """Return whether a process runs; one that only waits to be collected by a stranger does not."""
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda kill: kill.name)
def test_nothing_outlives_an_owner_that_is_killed(tmp_path, kill):
    owner, processes = start_endless(tmp_path, "warm")
    os.kill(owner.pid, kill)
    owner.wait(20)
    assert all_end(processes)
    assert list(tmp_path.glob("out*")) == []


def test_nothing_outlives_a_warm_parent_that_is_killed_and_the_owner_reports_it(tmp_path):
    slow = make(tmp_path / "slow.ipynb", "import time; time.sleep(30)")
    good = make(tmp_path / "good.ipynb", "'done'")

    def kill(event: run.RunEvent) -> None:
        if event.ended == 0 and event.job.source == slow:
            time.sleep(0.5)
            parent = psutil.Process().children()[0]
            children = [child.pid for child in parent.children()]
            parent.kill()
            assert all_end(children)

    run.run_notebook(good, None, engine="warm")
    results = run.run_many(
        [run.Job(slow, None), run.Job(good, None)], workers=1, engine="warm", on_event=kill
    )
    assert [result.status for result in results] == ["failed", "ok"]
    assert "its process was ended by SIGKILL" in (results[0].error or "")


def test_an_owner_that_forks_keeps_its_own_parent_and_the_fork_gets_another(tmp_path):
    source = make(tmp_path / "a.ipynb", "import os; print(os.getppid())")
    run.run_notebook(source, None, engine="warm")
    process = os.fork()
    if process == 0:
        os._exit(
            0 if run.run_notebook(source, None, engine="warm").engine == "warm" and not warm.close() else 1
        )
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    assert run.run_notebook(source, None, engine="warm").engine == "warm"
