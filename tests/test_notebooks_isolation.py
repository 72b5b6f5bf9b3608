"""A notebook cannot harm the next one, the run, or the machine: hostile ones are contained and reported."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from ffstats.errors import NotebookFailed
from ffstats.notebooks import engine_choice, run, warm
from ffstats.notebooks.limits import Limits
from notebook_making import make, shown

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the warm engine forks, on Linux only")

CHANGES = """
import builtins, decimal, os, random, sys, warnings
import altair, numpy, pandas
os.environ["FFSTATS_LEAK"] = "leaked"
os.environ.pop("PATH")
os.chdir("/")
os.umask(0o077)
pandas.set_option("display.max_rows", 3)
pandas.DataFrame.to_csv = None
altair.theme.enable("dark")
altair.data_transformers.disable_max_rows()
sys.path.insert(0, "leaked")
warnings.simplefilter("error")
builtins.print = None
random.seed(1); numpy.random.seed(1)
decimal.getcontext().prec = 3
leaked = True
get_ipython().run_line_magic("precision", "2")
sys.modules["json"] = None
"""
STATE = """
import decimal, json, os, random, sys, warnings
import altair, numpy, pandas
mask = os.umask(0); os.umask(mask)
print(os.environ.get("FFSTATS_LEAK"), "PATH" in os.environ, os.getcwd(), mask)
print(pandas.get_option("display.max_rows"), pandas.DataFrame.to_csv is None)
print(altair.theme.active, altair.data_transformers.options, "leaked" in sys.path, "leaked" in globals())
print(warnings.filters[0], decimal.getcontext().prec, 1 / 3)
"""


@pytest.fixture(scope="module", autouse=True)
def no_parent_left():
    yield
    warm.close()


@pytest.fixture(autouse=True)
def default_engine(monkeypatch):
    monkeypatch.delenv("FFSTATS_ENGINE", raising=False)


def is_fine_afterwards(tmp_path: Path) -> bool:
    after = make(tmp_path / "after.ipynb", "print('fine')")
    result = run.run_notebook(after, tmp_path / "after_out.ipynb", engine="warm")
    return result.engine == "warm" and shown(tmp_path / "after_out.ipynb").strip() == "fine"


def test_nothing_a_notebook_changes_reaches_the_next(tmp_path):
    state = make(tmp_path / "state.ipynb", STATE, "1 / 3")
    run.run_notebook(state, tmp_path / "before.ipynb", engine="warm", cwd=tmp_path)
    run.run_notebook(make(tmp_path / "changes.ipynb", CHANGES), None, engine="warm", cwd=tmp_path)
    run.run_notebook(state, tmp_path / "after.ipynb", engine="warm", cwd=tmp_path)
    assert (tmp_path / "before.ipynb").read_bytes() == (tmp_path / "after.ipynb").read_bytes()
    assert "leaked'" not in shown(tmp_path / "after.ipynb")


def test_two_notebooks_do_not_draw_the_same_random_numbers(tmp_path):
    source = make(
        tmp_path / "a.ipynb", "import random, numpy, uuid\nprint(random.random(), numpy.random.rand())"
    )
    drawn = set()
    for number in range(3):
        run.run_notebook(source, tmp_path / f"{number}.ipynb", engine="warm")
        drawn |= set(shown(tmp_path / f"{number}.ipynb").split())
    assert len(drawn) == 6


def test_a_changed_environment_reaches_the_next_run(tmp_path, monkeypatch):
    source = make(tmp_path / "a.ipynb", "import os; print(os.environ.get('FFSTATS_TOLD'))")
    for value in ("one", "two"):
        monkeypatch.setenv("FFSTATS_TOLD", value)
        run.run_notebook(source, tmp_path / "out.ipynb", engine="warm")
        assert shown(tmp_path / "out.ipynb").strip() == value


HOSTILE = {
    "exits": (["import sys; sys.exit(3)"], "SystemExit: 3"),
    "ends its process": (["import os; os._exit(7)"], "its process ended with exit status 7"),
    "crashes": (
        ["import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"],
        "its process was ended by SIGSEGV",
    ),
    "quits the kernel": (["exit()", "print('never')"], "its process ended with exit status 0"),
    "runs forever": (["while True: pass"], "stopped after its time limit of 3 s"),
    "sleeps deaf to signals": (
        ["import signal, time\nfor n in (2, 15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(999)"],
        "stopped after its time limit of 3 s",
    ),
    "forks and both go on": (
        ["import os\nfor _ in range(3): os.fork()", "import time; time.sleep(0.2); 1 / 0"],
        "ZeroDivisionError",
    ),
    "kills its group": (
        ["import os, signal; os.killpg(0, signal.SIGKILL)"],
        "its process was ended by SIGKILL",
    ),
    "fills the disk": (
        ["with open('big', 'wb') as file:\n    while True: file.write(bytes(100_000))"],
        "File too large",
    ),
    "takes all memory": (["held = [bytes(10**7) for _ in range(1000)]"], "MemoryError"),
    "prints without end": (
        ["while True: print('x' * 10_000)"],
        "stopped: it showed more than 5,000,000 bytes",
    ),
    "talks nonsense": (
        [
            "import os\nfor n in range(3, 64):\n    try: os.write(n, b'\\x00\\x00\\x00\\x03xyz' * 9)\n    except OSError: n"
        ],
        "its limits do not hold in a plain kernel",
    ),
    "talks half sense": (
        [
            "import json, os, struct\nfor message in ({}, {'msg_type': 'reply', 'parent_header': 3}, {'msg_type': 4}):\n"
            "    body = json.dumps(message).encode()\n"
            "    for n in range(3, 64):\n        try: os.write(n, struct.pack('!I', len(body)) + body)\n"
            "        except OSError: n"
        ],
        "its limits do not hold in a plain kernel",
    ),
    "opens a widget": (["import comm; comm.create_comm('x')"], "its limits do not hold in a plain kernel"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_notebook_is_contained_and_reported(name, tmp_path):
    cells, expected = HOSTILE[name]
    source = make(tmp_path / "hostile.ipynb", *cells)
    limits = Limits(file_bytes=10_000_000, memory_bytes=4_000_000_000, output_bytes=5_000_000)
    started = time.monotonic()
    with pytest.raises(NotebookFailed) as caught:
        run.run_notebook(
            source, tmp_path / "out.ipynb", engine="warm", timeout=3, limits=limits, cwd=tmp_path
        )
    assert expected in str(caught.value).replace("\n", " ")
    assert "hostile.ipynb failed in cell" in str(caught.value)
    assert time.monotonic() - started < 10
    assert not (tmp_path / "out.ipynb").exists()
    assert is_fine_afterwards(tmp_path)


def test_what_a_notebook_leaves_running_is_ended_with_it(tmp_path):
    source = make(
        tmp_path / "a.ipynb",
        "import os, subprocess, threading, time\n"
        "threading.Thread(target=time.sleep, args=(999,)).start()\n"
        "own = subprocess.Popen(['sleep', '999'])\n"
        "apart = subprocess.Popen(['sleep', '999'], start_new_session=True)\n"
        "orphan = subprocess.Popen(['sh', '-c', 'setsid sleep 998 & setsid sleep 997 &'])\n"
        "print(os.getpid(), own.pid, apart.pid, orphan.pid)",
    )
    run.run_notebook(source, tmp_path / "out.ipynb", engine="warm")
    for process in map(int, shown(tmp_path / "out.ipynb").split()):
        assert not psutil.pid_exists(process)
    left = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
    assert ["sleep", "998"] not in left and ["sleep", "997"] not in left


def test_a_notebook_in_widgets_falls_back_to_a_plain_kernel_and_says_so(tmp_path, caplog):
    source = make(tmp_path / "a.ipynb", "print('once')", "import comm; comm.create_comm('x'); print('shown')")
    result = run.run_notebook(source, tmp_path / "out.ipynb", engine="warm")
    assert result.engine.startswith("plain (it uses widgets")
    assert "this notebook runs in a plain kernel: it uses widgets" in caplog.text
    assert shown(tmp_path / "out.ipynb").split() == ["once", "shown"]


def test_another_kernel_or_platform_gets_a_plain_kernel_and_the_reason(monkeypatch):
    assert engine_choice.why_plain("python3") == ""
    assert "'ir'" in engine_choice.why_plain("ir")
    monkeypatch.setenv("FFSTATS_ENGINE", "plain")
    assert engine_choice.why_plain("python3") == "FFSTATS_ENGINE=plain"
    monkeypatch.delenv("FFSTATS_ENGINE")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "not safe on darwin" in engine_choice.why_plain("python3")


def test_code_changed_on_disk_is_never_served_stale(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    module = tmp_path / "mine" / "sitecustomize.py"
    module.write_text("value = 'old'")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(module.parent), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    source = make(tmp_path / "a.ipynb", "import sitecustomize; print(sitecustomize.value)")
    for value in ("old", "newer"):
        module.write_text(f"value = {value!r}")
        result = run.run_notebook(source, tmp_path / "out.ipynb", engine="warm")
        assert result.engine == "warm" and shown(tmp_path / "out.ipynb").strip() == value


@pytest.mark.parametrize("own", [False, True])
def test_the_warm_parent_can_import_and_rehearse_all_that_it_means_to(own):
    code = f"from ffstats.notebooks import child, parent; print(parent.preload(child.make_kernel(), {own}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{}", done.stdout


def test_the_warm_parent_imports_this_package_only_for_notebooks_that_do(tmp_path):
    loaded = "sorted({'altair', 'great_tables', 'ffstats.catalogue'} & set(sys.modules))"
    make(tmp_path / "strangers.ipynb", f"import sys\nprint({loaded})")
    make(tmp_path / "ours.ipynb", f"import sys\nimport ffstats\nprint({loaded})")
    said = []
    warm.close()
    for name in ("strangers", "ours", "strangers"):
        assert run.run_many([run.Job(tmp_path / f"{name}.ipynb", tmp_path / "out.ipynb")])[0].engine == "warm"
        said.append(shown(tmp_path / "out.ipynb"))
    assert "['altair']" in said[0]
    assert all("['altair', 'ffstats.catalogue', 'great_tables']" in each for each in said[1:])
