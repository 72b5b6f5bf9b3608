"""Sweeps: every run that can be done is done once, kept, and found again in one table; a failure stops no other."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import signal
import time
from pathlib import Path

import psutil
import pytest

import project_copy
from ffstats import paths, tidy
from ffstats.errors import SweepError
from ffstats.pipeline import NotebookTask
from ffstats.sweep import grid
from ffstats.sweep.progress import Progress
from ffstats.sweep.runs import Failed, Run, find
from notebook_making import make
from project_copy import Copy

PARAMETERS = 'word = "one"  # what is said\ncount = 1  # how often'
SAYS = """
from ffstats.estimate import Estimate
from ffstats.numbers import record
if word == "bad":
    raise ValueError(f"<b>{word}</b> is not said")
record("said.times", Estimate.exact(count * len(word)), "letters said", ["texts"])
"""
SLOW = "import pathlib, time\npathlib.Path('began').touch()\ntime.sleep(0 if word == 'first' else 600)"


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A project with its tidy tables and two notebooks made for sweeps; not to be changed."""
    copy = project_copy.make(tmp_path_factory.mktemp("sweep") / "project", ["country_profile"])
    make(copy.root / "notebooks" / "say.ipynb", SAYS, parameters=PARAMETERS)
    make(copy.root / "notebooks" / "slow.ipynb", SLOW, parameters=PARAMETERS)
    assert copy.run("sweep", "say").returncode == 0
    return copy


@pytest.fixture
def project(cleaned: Copy, tmp_path: Path) -> Copy:
    shutil.copytree(cleaned.root, tmp_path / "project")
    return Copy(tmp_path / "project")


def sweep(project: Copy, *arguments: str, status: int = 0) -> dict:
    done = project.run("sweep", *arguments, "--json")
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_a_failure_stops_no_other_and_is_named_with_its_parameters_and_only_it_is_tried_again(project: Copy):
    arguments = ("say", "--over", "word=one,bad,three", "--over", "count=1,2")
    found = sweep(project, *arguments, status=1)
    assert (found["runs"], found["ran"], found["numbers"]) == (6, 4, 4)
    assert [each["parameters"] for each in found["failures"]] == [
        {"word": "bad", "count": 1},
        {"word": "bad", "count": 2},
    ]
    assert all("cell 2" in each["why"] for each in found["failures"])
    out = project.root / "results" / "sweeps" / "say"
    assert [(r["word"], r["count"], r["best"]) for r in rows(out / "numbers.csv")] == [
        ("one", "1", "3"), ("one", "2", "6"), ("three", "1", "5"), ("three", "2", "10"),
    ]  # fmt: skip
    assert {r["run"]: r["status"] for r in rows(out / "runs.csv")}["bad-2"] == "failed"
    before = project.results()
    again = sweep(project, *arguments, status=1)
    assert (again["ran"], len(again["failures"])) == (0, 2)
    assert project.results() == before


def test_what_changed_is_run_again_and_what_is_kept_is_not(project: Copy):
    arguments = ("say", "--over", "word=one,three")
    assert sweep(project, *arguments)["ran"] == 2
    assert sweep(project, *arguments)["ran"] == 0
    assert sweep(project, "say", "--over", "word=one,three,seven")["ran"] == 1
    (kept,) = (
        p
        for p in (project.root / ".ffstats" / "runs").glob("say-*")
        if '"seven"' in (p / "run.json").read_text().replace("\\", "")
    )
    (kept / "numbers" / "said.times.json").write_text("{}", encoding="utf-8")
    assert sweep(project, "say", "--over", "word=one,three,seven")["ran"] == 1
    project.edit("notebooks/say.ipynb", "letters said", "letters that are said")
    assert sweep(project, *arguments)["ran"] == 2


def test_a_smaller_sweep_takes_away_what_a_larger_one_left_and_nothing_else(project: Copy):
    sweep(project, "say", "--over", "word=one,three", "--out", "here")
    own = project.root / "here" / "notes.txt"
    own.write_text("mine", encoding="utf-8")
    sweep(project, "say", "--over", "word=one", "--out", "here")
    names = {p.relative_to(project.root / "here").as_posix() for p in (project.root / "here").rglob("*")}
    assert names == {"notes.txt", "index.html", "numbers.csv", "numbers.parquet", "runs.csv", "sweep.json",
                     "runs", "runs/one", "runs/one/notebook.ipynb"}  # fmt: skip


def test_parameters_that_are_markup_or_paths_stay_words(project: Copy):
    grid_file = project.root / "grid.csv"
    grid_file.write_text(
        'word,count\n"<script>alert(1)</script>",1\n../../../x,2\n"a, b",\n', encoding="utf-8"
    )
    found = sweep(project, "say", "--grid", str(grid_file), "--out", "deep/er/here")
    assert (found["runs"], found["failures"]) == (3, [])
    out = project.root / "deep" / "er" / "here"
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page and "Content-Security-Policy" in page
    assert not re.findall(r'(?:src|href)="(?![a-z0-9A-Z_./-]+")', page) and "//" not in page
    assert sorted(p.name for p in (out / "runs").iterdir())[0].startswith("a-b-")
    assert {p.name for p in (project.root / "deep").rglob("x*")} <= {
        "x-" + p.name[2:] for p in (out / "runs").iterdir()
    }
    assert [r["word"] for r in rows(out / "runs.csv")] == ["a, b", "<script>alert(1)</script>", "../../../x"]


def test_every_country_with_a_figure_has_its_page_with_thumbnails(project: Copy):
    found = sweep(project, "country_profile", "--over", "iso3=GBR,XKX", "--over", "rule=all")
    assert (found["runs"], found["failures"]) == (6, [])
    out = project.root / "results" / "sweeps" / "country_profile"
    page = (out / "index.html").read_text(encoding="utf-8")
    pictures = re.findall(r'<img loading="lazy" src="([^"]+)" alt="([^"]+)"', page)
    assert len(pictures) == 6 and all(len(alt) > 40 for _, alt in pictures)
    for name, _ in pictures:
        assert (out / name).read_bytes().startswith(b"<svg") and (out / name).with_suffix(".png").is_file()
    import pandas as pd

    table = pd.read_parquet(out / "numbers.parquet")
    assert set(table["iso3"]) == {"GBR", "XKX"} and table["low"].dtype == "float64"
    assert len(table) == found["numbers"] == len(rows(out / "numbers.csv"))


def test_all_stands_for_the_countries_of_which_a_source_has_a_figure():
    if not (paths.processed_dir() / "estimates.csv").is_file():
        pytest.fail("data/processed is not built: run `ffstats clean`")
    frame = tidy.estimates()
    seen = frame[frame["status"].isin(["travelled", "returned"]) & frame[["low", "high"]].notna().any(axis=1)]
    countries = {c for c in seen["iso3"] if len(c) == 3 and (not c.startswith("X") or c == "XKX")}
    assert grid.countries() == sorted(countries) and len(countries) > 40


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["rule"], "not name=value"),
        (["=x"], "not name=value"),
        (["rule="], "not name=value"),
        (["rule= , "], "not name=value"),
        (["prefer=all"], "all is known of iso3, rule only"),
        (["rule=printed", "rule=midpoint"], "given twice"),
        (["rule", "prefer=all"], "prefer=all"),
    ],
)
def test_a_wrong_list_of_values_is_named(given: list[str], said: str):
    with pytest.raises(SweepError, match=re.escape(said)):
        grid.over(given)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "line 1"),
        (b"word,word\n1,2\n", "line 1"),
        (b"word,\n1,2\n", "line 1"),
        (b"word\n", "no row"),
        (b"word,count\none\n\none,2,3\n", "line 2: 1 fields"),
        (b"word,count\none\n\none,2,3\n", "line 4: 3 fields"),
        (b"word\n\xff\n", "UTF-8"),
        (b'word\n"open\n', "cannot be read"),
    ],
)
def test_a_wrong_file_of_parameters_is_named_with_its_line(tmp_path: Path, text: bytes, said: str):
    path = tmp_path / "grid.csv"
    path.write_bytes(text)
    with pytest.raises(SweepError, match=re.escape(said)):
        grid.read(path)


def test_a_file_of_parameters_may_have_a_mark_at_its_start_and_empty_cells(tmp_path: Path):
    path = tmp_path / "grid.csv"
    path.write_bytes('\ufeffword,count\r\none,\r\n"a, b",2\r\n'.encode())
    assert grid.read(path) == [{"word": "one"}, {"word": "a, b", "count": "2"}]
    assert grid.product(grid.read(path), grid.over(["x=1,2"]))[0] == {"word": "one", "x": "1"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("say", "--over", "wrod=one"), "did you mean 'word'"),
        (("say", "--over", "count=many"), "not a int"),
        (("sya",), "Did you mean say"),
        (("say", "--on", "moon"), "local, dask"),
        (("say", "--grid", "nowhere.csv"), "nowhere.csv"),
        (("say", "--out", "nosuch://x"), "nosuch"),
    ],
)
def test_a_mistake_is_named_before_anything_runs(cleaned: Copy, arguments: tuple[str, ...], said: str):
    done = cleaned.run("sweep", *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and said in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_what_ended_before_the_end_is_kept_and_nothing_else_is_left(project: Copy, how: signal.Signals):
    arguments = ("slow", "--over", "word=first,second,third", "--workers", "2")
    process = project.start("sweep", *arguments)
    state = project.root / ".ffstats"
    deadline = time.monotonic() + 90
    while not (list((state / "runs").glob("slow-*")) and len(list(state.glob("scratch-*/*/began"))) >= 2):
        assert time.monotonic() < deadline and process.poll() is None, process.communicate()
        time.sleep(0.05)
    started = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(how)
    _, said = process.communicate(timeout=30)
    _, alive = psutil.wait_procs(started, timeout=15)
    assert started and not alive
    if how == signal.SIGINT:
        assert process.returncode not in (0, None) and "Traceback" not in said
        assert not list(state.glob("scratch-*"))
    kept = [path.stat().st_mtime_ns for path in (state / "runs").glob("slow-*/run.json")]
    assert sweep(project, "slow", "--over", "word=first")["ran"] == 0
    assert [path.stat().st_mtime_ns for path in (state / "runs").glob("slow-*/run.json")] == kept
    project.edit("notebooks/slow.ipynb", "600", "0")
    assert sweep(project, *arguments)["ran"] == 3
    assert not list(state.glob("scratch-*"))


def test_a_failed_run_is_told_with_its_parameters():
    task = NotebookTask(Path("a.ipynb"), {"rule": "low"})
    assert str(Failed(Run("a-1", task), "it stopped")) == "a-1 (rule='low'):\nit stopped"


def test_a_parameter_given_twice_is_refused():
    with pytest.raises(SweepError, match="rule: in the file of --grid and in --over"):
        grid.product([{"rule": "low"}], [{"rule": "high"}])


def test_a_notebook_outside_the_project_is_found_by_its_path(tmp_path):
    (tmp_path / "own.ipynb").touch()
    assert find(str(tmp_path / "own.ipynb")) == tmp_path / "own.ipynb"


def test_progress_is_a_bar_on_a_terminal_and_is_gone_at_the_end(monkeypatch):
    said = io.StringIO()
    monkeypatch.setattr(said, "isatty", lambda: True, raising=False)
    with Progress(2, said) as progress:
        progress.end(True)
        assert progress._bar.tasks[0].completed == 1
    assert not progress._bar.live.is_started and "of 2," not in said.getvalue()


def test_progress_is_plain_lines_with_rate_and_time_left_where_there_is_no_terminal():
    times = iter([0.0, *(n / 2 for n in range(1, 41))])
    said = io.StringIO()
    with Progress(40, said, lambda: next(times)) as progress:
        for number in range(40):
            progress.end(number != 3)
    assert said.getvalue().splitlines() == [
        "10 of 40, 1 failed, 2.0 a second, 15 s left",
        "20 of 40, 1 failed, 2.0 a second, 10 s left",
        "30 of 40, 1 failed, 2.0 a second, 5 s left",
        "40 of 40, 1 failed, 2.0 a second, 0 s left",
    ]
