"""Running notebooks: parameters are checked, failures are told plainly, nothing is half-written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import v4

from ffstats.errors import EngineError, NotebookFailed, UnknownParameter
from ffstats.notebooks import canonical, run, warm
from notebook_making import make, shown

NOTEBOOKS = Path(__file__).parent / "data" / "notebooks"
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
PARAMETERS = "rule: str = 'printed'  # how an interval becomes a mark\nyear = 2017"


@pytest.fixture(scope="module", autouse=True)
def no_parent_left():
    yield
    warm.close()


@pytest.fixture(autouse=True)
def default_engine(monkeypatch):
    monkeypatch.delenv("FFSTATS_ENGINE", raising=False)


@pytest.mark.parametrize("name", NAMES)
def test_a_warm_child_and_a_plain_kernel_give_the_same_bytes(name, tmp_path, caplog):
    parameters = {"rule": "midpoint", "prefer": ["icsr2018"]} if name == "parameters" else {}
    written = {}
    for engine in ("warm", "plain"):
        directory = tmp_path / engine
        directory.mkdir()
        result = run.run_notebook(
            NOTEBOOKS / f"{name}.ipynb", directory / "out.ipynb", parameters, engine=engine, cwd=directory
        )
        assert result.status == "ok" and result.engine == engine, caplog.text
        written[engine] = (directory / "out.ipynb").read_text(encoding="utf-8")
    assert written["warm"] == written["plain"]
    outputs = [o for cell in v4.reads(written["warm"]).cells for o in cell.get("outputs", [])]
    assert len(outputs) >= 2, "a notebook that shows nothing proves nothing"


def test_the_stored_form_is_the_canonical_one_in_any_directory(tmp_path):
    source = make(tmp_path / "a.ipynb", "import os; print(os.getcwd())", "object()")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        run.run_notebook(source, tmp_path / name / "out.ipynb", cwd=tmp_path / name)
    one, two = ((tmp_path / name / "out.ipynb").read_text() for name in ("one", "two"))
    assert one == two and str(tmp_path) not in one
    assert canonical.dumps(v4.reads(one)) == one


def test_parameters_reach_the_notebook(tmp_path):
    source = make(tmp_path / "a.ipynb", "print(rule, year)", parameters=PARAMETERS)
    run.run_notebook(source, tmp_path / "out.ipynb", {"rule": "midpoint"})
    assert shown(tmp_path / "out.ipynb").strip() == "midpoint 2017"


def test_an_unknown_parameter_is_an_error_that_lists_the_valid_ones(tmp_path):
    source = make(tmp_path / "a {year}.ipynb", "print(rule)", parameters=PARAMETERS)
    with pytest.raises(UnknownParameter) as caught:
        run.run_notebook(source, tmp_path / "out.ipynb", {"rul": "midpoint"})
    text = str(caught.value)
    assert "no parameter 'rul' (did you mean 'rule'?)" in text
    assert "rule: str = 'printed'  # how an interval becomes a mark" in text and "year = 2017" in text
    assert not (tmp_path / "out.ipynb").exists()


def test_a_parameter_for_a_notebook_without_any_is_an_error(tmp_path):
    with pytest.raises(UnknownParameter, match="It has none"):
        run.run_notebook(make(tmp_path / "a.ipynb", "1"), None, {"rule": "printed"})


@pytest.mark.parametrize("engine", ["warm", "plain"])
def test_a_failure_names_notebook_cell_parameters_and_error(tmp_path, engine):
    long_cell = "\n".join(f"step_{number} = {number}" for number in range(40)) + "\nlook_up('x')"
    source = make(
        tmp_path / "a.ipynb", "def look_up(name):\n    return {}[name]", long_cell, "print('not reached')",
        parameters=PARAMETERS,
    )  # fmt: skip
    (tmp_path / "out.ipynb").write_text("what was there before")
    with pytest.raises(NotebookFailed) as caught:
        run.run_notebook(source, tmp_path / "out.ipynb", {"rule": "midpoint"}, engine=engine)
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{source} failed in cell 3: KeyError: 'x'"
    assert lines[1] == "  parameters: rule='midpoint'"
    assert "    | step_0 = 0" in lines and "    | … 34 lines left out …" in lines
    assert "    | look_up('x')" in lines
    own = next(n for n, line in enumerate(lines) if "Cell In[4], line 41" in line)
    assert any("return {}[name]" in line for line in lines[own:])
    assert len(lines) < 40 and "\x1b" not in str(caught.value)
    assert (tmp_path / "out.ipynb").read_text() == "what was there before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ipynb", "out.ipynb"]


def test_an_expected_error_is_not_a_failure(tmp_path):
    source = make(tmp_path / "a.ipynb", "1 / 0", "'after'", tags={0: ["raises-exception"]})
    assert run.run_notebook(source, tmp_path / "out.ipynb").status == "ok"
    assert "ZeroDivisionError" in (tmp_path / "out.ipynb").read_text()
    assert "papermill-error" not in (tmp_path / "out.ipynb").read_text()


@pytest.mark.parametrize(
    "content", [None, "", "{", "[1, 2]", '{"cells": 3}', '{"nbformat": 4, "cells": 3}', "\x00"]
)
def test_what_is_not_a_notebook_is_named(tmp_path, content):
    source = tmp_path / "a.ipynb"
    if content is not None:
        source.write_text(content)
    with pytest.raises(NotebookFailed, match=r"a\.ipynb failed: cannot be read as a notebook"):
        run.run_notebook(source, tmp_path / "out.ipynb")
    assert not (tmp_path / "out.ipynb").exists()


def test_a_plain_kernel_is_killed_when_its_time_is_over(tmp_path):
    source = make(tmp_path / "a.ipynb", "while True: pass")
    with pytest.raises(NotebookFailed, match="stopped after its time limit of 5 s"):
        run.run_notebook(source, None, engine="plain", timeout=5)


def test_an_unknown_engine_is_an_error(tmp_path, monkeypatch):
    source = make(tmp_path / "a.ipynb", "1")
    monkeypatch.setenv("FFSTATS_ENGINE", "hot")
    with pytest.raises(EngineError, match="no engine 'hot'; there are: plain, warm"):
        run.run_notebook(source, None)


def test_one_failure_never_stops_the_rest(tmp_path):
    good = make(tmp_path / "good.ipynb", "'done'")
    bad = make(tmp_path / "bad.ipynb", "1 / 0")
    jobs = [run.Job(bad if n == 1 else good, tmp_path / f"out{n}.ipynb") for n in range(4)]
    jobs.append(run.Job(tmp_path / "absent.ipynb", None))
    events = []
    results = run.run_many(jobs, workers=2, on_event=events.append)
    assert [result.status for result in results] == ["ok", "failed", "ok", "ok", "failed"]
    assert [result.job for result in results] == jobs
    assert "ZeroDivisionError" in (results[1].error or "")
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out0.ipynb", "out2.ipynb", "out3.ipynb"]
    assert sum(event.result is None for event in events) == 5
    assert [event.ended for event in events if event.result] == [1, 2, 3, 4, 5]


def test_papermill_itself_runs_the_engine(tmp_path):
    make(tmp_path / "a.ipynb", "print(rule)", parameters=PARAMETERS)
    command = [
        sys.executable,
        "-m",
        "papermill",
        "--engine",
        "ffstats",
        "a.ipynb",
        "out.ipynb",
        "-p",
        "rule",
        "x",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert shown(tmp_path / "out.ipynb").strip() == "x"
    notebook = v4.reads((tmp_path / "out.ipynb").read_text())
    assert notebook.metadata.papermill.engine == "warm" and notebook.metadata.papermill.duration > 0
    assert "Executing: 100%" in done.stderr and "plain kernel" not in done.stderr

    failing = make(tmp_path / "bad.ipynb", "1 / 0")
    command[5:] = [str(failing), "bad_out.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and 'Exception encountered at "In [1]"' in done.stderr


def test_importing_the_engine_does_nothing_heavy():
    code = (
        "import sys, ffstats.notebooks.engine, ffstats.notebooks.run\n"
        "heavy = {'papermill', 'nbclient', 'nbformat', 'jupyter_client', 'IPython', 'pandas', 'altair', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
