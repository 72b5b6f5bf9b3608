"""The pipeline: what changed runs again and nothing else, nothing stale is served, nothing is left in part."""

from __future__ import annotations

import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import project_copy
from ffstats import replay
from project_copy import Copy

RISE, TERRITORY, NINTH = NOTEBOOKS = project_copy.NOTEBOOKS
ALL = {"clean", *NOTEBOOKS}
HEAVY = ("pandas", "numpy", "altair", "papermill", "scipy", "pyarrow", "nbformat", "IPython")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A project that was reproduced without disturbance; not to be changed."""
    copy = project_copy.make(tmp_path_factory.mktemp("undisturbed") / "project")
    assert copy.reproduce() == ALL
    return copy


@pytest.fixture
def project(made: Copy, tmp_path: Path) -> Copy:
    """A copy of the reproduced project, in another folder, to change."""
    shutil.copytree(made.root, tmp_path / "ein anderer Ordner é")
    return Copy(tmp_path / "ein anderer Ordner é")


def moved(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """Return what the replay report does not call the same."""
    return {item.id for item in replay.compare(before, after).items if item.verdict != "same"}


def test_a_second_run_in_another_folder_has_nothing_to_do_and_the_same_bytes(made: Copy, project: Copy):
    assert project.reproduce() == set()
    assert project.results() == made.results()


def test_nothing_to_do_imports_nothing_heavy(project: Copy):
    project.reproduce()
    code = (
        "import sys; from ffstats import cli; sys.argv[1:] = ['reproduce']\n"
        "try: cli.main()\n"
        "except SystemExit as end: assert not end.code\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project.root,
        env=project.environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[0].startswith("nothing to do: "), done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_changed_reading_runs_the_notebooks_that_read_estimates(made: Copy, project: Copy):
    path = project.root / "data" / "raw" / "soufan2017" / "readings.csv"
    text = path.read_text(encoding="utf-8")
    rows = [line.replace("425", "427") if ",United Kingdom," in line else line for line in text.splitlines()]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert project.reproduce() == {"clean", RISE, NINTH}
    assert moved(made.results(), project.results()) >= {"implications.told_gbr", "one_in_nine"}
    assert project.numbers()["implications.told_gbr"]["estimate"]["low"] == pytest.approx(
        427 / 850 / 9 * 100, abs=0.01
    )
    path.write_text(text, encoding="utf-8")
    assert project.reproduce() == {"clean", RISE, NINTH}
    assert project.results() == made.results()


def test_a_changed_dated_total_runs_the_notebooks_that_read_totals(made: Copy, project: Copy):
    project.edit("data/raw/ihs_territory/series.csv", '"90,800 km2"', '"90,900 km2"')
    assert project.reproduce() == {"clean", RISE, TERRITORY}
    differ = moved(made.results(), project.results())
    assert {"territory.lost_2015_2017", "area_held", "territory_table"} <= differ
    assert not any(name.startswith(("rise.", "implications.")) for name in differ)


def test_raw_words_that_change_no_table_run_no_notebook(made: Copy, project: Copy):
    project.edit("data/raw/un/datapackage.json", '"description": "', '"description": "(looked at again) ')
    assert project.reproduce() == {"clean"}
    assert project.results() == made.results()


def test_a_raw_file_that_a_figure_reads_by_itself_runs_its_notebook(made: Copy, project: Copy):
    project.edit("data/raw/shapes/towns.csv", "Raqqa", "Ar-Raqqa")
    assert TERRITORY in project.reproduce()
    assert moved(made.results(), project.results()) == {"places_map"}


def test_a_changed_library_function_runs_the_notebooks_that_reach_it(made: Copy, project: Copy):
    project.edit(
        "src/ffstats/figures/implications.py", "a ninth of those who returned", "one ninth of those who returned"
    )
    assert project.reproduce() == {NINTH}
    assert moved(made.results(), project.results()) == {"one_in_nine"}


def test_library_code_that_every_notebook_needs_runs_all_and_changes_nothing(made: Copy, project: Copy):
    project.edit("src/ffstats/estimate.py", '"""The value:', '"""A value:')
    assert project.reproduce() == ALL
    assert project.results() == made.results()


def test_a_changed_default_runs_its_notebook(made: Copy, project: Copy):
    project.edit_cell(
        NINTH, "parameters", lambda text: text.replace('"GBR,FRA,DEU,USA,XEU,XWD"', '"GBR,FRA"')
    )
    assert project.reproduce() == {NINTH}
    gone = {name for name in made.numbers() if name not in project.numbers()}
    assert "implications.told_deu" in gone and "implications.told_gbr" not in gone


def test_a_changed_cell_runs_its_notebook(made: Copy, project: Copy):
    project.edit_cell(TERRITORY, "area-lost", lambda text: text.replace("lost / 30", "lost / 60"))
    assert project.reproduce() == {TERRITORY}
    assert moved(made.results(), project.results()) == {"territory.lost_a_month"}
    was, now = (each.numbers()["territory.lost_a_month"]["estimate"]["low"] for each in (made, project))
    assert now == pytest.approx(was / 2)


def test_a_changed_sentence_runs_its_notebook_and_moves_no_result(made: Copy, project: Copy):
    project.edit_cell(TERRITORY, "reading", lambda text: text + "\n\nOne more sentence.")
    assert project.reproduce() == {TERRITORY}
    before, after = made.results(), project.results()
    assert [name for name in before if before[name] != after[name]] == [f"notebooks/{TERRITORY}.ipynb"]


def test_a_changed_lock_runs_everything(made: Copy, project: Copy):
    with (project.root / "requirements" / "lean.txt").open("a", encoding="utf-8") as file:
        file.write("# another lock\n")
    assert project.reproduce() == ALL
    assert project.results() == made.results()


def test_stored_outputs_are_no_reason_to_run(made: Copy, project: Copy):
    path = project.root / "notebooks" / f"{RISE}.ipynb"
    emptied = json.loads(path.read_text(encoding="utf-8"))
    for cell in emptied["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    path.write_text(json.dumps(emptied), encoding="utf-8")
    assert project.reproduce("--store") == set()
    assert path.read_bytes() == made.results()[f"notebooks/{RISE}.ipynb"]


def test_results_that_were_damaged_are_put_right_without_a_run(made: Copy, project: Copy):
    project.reproduce()
    folder = project.root / "results"
    (folder / "figures" / "growth.svg").write_text("", encoding="utf-8")
    (folder / "tables" / "growth_table.csv").unlink()
    (folder / "figures" / "stranger.json").write_text("{}", encoding="utf-8")
    assert project.reproduce() == set()
    assert project.results() == made.results()


def test_a_damaged_record_or_run_is_made_again(made: Copy, project: Copy):
    (run,) = (project.root / ".ffstats" / "runs").glob(f"{NINTH}-*")
    (run / "run.json").write_text("{", encoding="utf-8")
    (rise,) = (project.root / ".ffstats" / "runs").glob(f"{RISE}-*")
    (rise / "figures" / "growth.json").write_text("{}", encoding="utf-8")
    assert project.reproduce() == {NINTH, RISE}
    assert project.results() == made.results()


def test_other_parameters_go_to_another_folder_and_leave_the_default_fresh(made: Copy, project: Copy):
    other = ("-p", "rule=midpoint", "-p", "prefer=icsr2015,soufan2017", "--out", "other")
    assert project.reproduce(*other) == set(NOTEBOOKS)
    assert project.reproduce(*other) == set() == project.reproduce()
    assert project.results() == made.results()
    done = project.run("diff", "results", "--out", "other", "--json")
    report = json.loads(done.stdout)
    (mark,) = (item for item in report["items"] if item["id"] == "rise.marked_january_2015")
    assert (done.returncode, report["same"]) == (1, False)
    assert mark["verdict"] == "differs" and mark["detail"].startswith(
        "about 16,700 → about 18,715 (by 2,015,"
    )


def test_only_one_exhibit_runs_its_notebook_alone(made: Copy, project: Copy):
    assert project.reproduce("--force", "--only", "area_held", "--out", "other") == {"clean", TERRITORY}
    other, whole = project.results("other"), made.results()
    assert {name for name in other if name.startswith("tables/")} == {
        f"tables/territory_table.{end}" for end in ("csv", "html", "tex")
    }
    assert all(other[name] == whole[name] for name in other if name.startswith(("figures/", "tables/")))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-p", "rul=printed"), "No notebook has a parameter 'rul'. There are:\n  as_of = "),
        (("-p", "rule=mean"), "rule: 'mean' is not one of envelope, midpoint, printed"),
        (("-p", "prefer=soufan17"), "prefer: 'soufan17' is not one of coalition, dod_oig, icsr2013,"),
        (("-p", "as_of=soon"), "as_of: 'soon' is not a date; write 2017, 2017-10 or 2017-10-24"),
        (("-p", "rule"), "-p rule: not name=value."),
        (("--only", "grwth"), "Nothing is called 'grwth'. Did you mean growth"),
        (("--store", "-p", "rule=midpoint"), "The stored notebooks hold what the default parameters give"),
    ],
)
def test_a_mistake_is_named_before_anything_runs(project: Copy, made: Copy, arguments, said):
    done = project.run("reproduce", *arguments)
    assert done.returncode == 1 and said in done.stderr, done.stderr
    assert done.stdout == "" and project.results() == made.results()


def test_a_failing_notebook_is_named_and_stops_no_other(made: Copy, project: Copy):
    project.edit_cell(TERRITORY, "bases", lambda text: "denominator = 0\nratio = 1 / denominator\n" + text)
    project.edit_cell(NINTH, "reading", lambda text: text + " More.")
    done = project.run("reproduce")
    assert done.returncode == 1
    assert re.search(
        r"notebooks/07_territory\.ipynb failed in cell \d+: ZeroDivisionError: division by zero", done.stderr
    )
    assert "| denominator = 0" in done.stderr and "lines left out" in done.stderr
    assert f"{NINTH} (" in done.stdout and f"{TERRITORY} FAILED" in done.stdout
    assert done.stdout.rstrip().endswith(
        "07_territory failed; results is as it was. The other runs are kept."
    )
    assert project.results() == made.results()
    project.edit_cell(TERRITORY, "bases", lambda text: text.partition("denominator\n")[2])
    assert project.reproduce() == set()


def test_a_failure_names_the_parameters(project: Copy):
    done = project.run("reproduce", "-p", "countries=Atlantis", "--out", "other")
    assert done.returncode == 1 and "parameters: countries='Atlantis'" in done.stderr
    assert "countries: 'Atlantis' is not one of AFG, " in done.stderr
    assert not (project.root / "other").exists()


def test_explain_says_field_by_field_why_an_exhibit_would_run(project: Copy):
    assert project.run("explain", "one_in_nine").stdout.startswith(f"one_in_nine (drawn by {NINTH}): fresh.")
    project.edit("src/ffstats/figures/implications.py", "a ninth of", "one ninth of")
    project.edit_cell(NINTH, "reading", lambda text: text + " More.")
    said = project.run("explain", "one_in_nine").stdout
    assert "would run, for 2 of" in said
    assert "  code ffstats.figures.implications: changed\n" in said and "  notebook: changed\n" in said
    other = project.run("explain", NINTH, "-p", "rule=midpoint").stdout
    assert other == f"{NINTH}: would run: no run with these parameters is kept.\n"


def remaining(project: Copy) -> list[int]:
    """Return the processes that still work in a project, after a moment to end."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        found = []
        for process in psutil.process_iter():
            try:
                if Path(process.cwd()).is_relative_to(project.root):
                    found.append(process.pid)
            except (psutil.Error, OSError):
                continue
        if not found:
            return []
        time.sleep(0.2)
    return found


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_completed_by_the_next_with_the_same_bytes(made: Copy, tmp_path: Path, how):
    project = project_copy.make(tmp_path / "project")
    moments = random.Random(int(how))
    for _ in range(4):
        process = project.start("reproduce")
        try:
            process.wait(timeout=moments.uniform(0.2, 8.0))
        except subprocess.TimeoutExpired:
            process.send_signal(how)
        process.communicate(timeout=60)
        assert remaining(project) == []
    project.reproduce()
    assert project.results() == made.results()
    left = [
        p.name for p in project.root.rglob(".*") if p.name.endswith(".part") or p.name.startswith(".writing-")
    ]
    assert left == [] and not any((project.root / ".ffstats").glob("scratch-*"))


def test_two_runs_at_a_time_wait_for_each_other(made: Copy, project: Copy):
    project.edit_cell(TERRITORY, "reading", lambda text: text + " More.")
    project.edit_cell(TERRITORY, "reading", lambda text: text.removesuffix(" More."))
    (project.root / ".ffstats" / "runs").rename(project.root / "runs-before")
    both = [project.start("reproduce", "--json") for _ in range(2)]
    said = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(len(json.loads(out)["ran"]) for out, _ in said) == [0, len(NOTEBOOKS)]
    assert project.results() == made.results()


OPENED = """
import json, sys
from pathlib import Path
raw, opened = Path("data/raw").resolve(), set()

def watch(event, details):
    if event != "open" or not isinstance(details[0], str):
        return
    path, frame = Path(details[0]), sys._getframe()
    while frame:  # the pipeline's own look at what has changed is no reading
        if frame.f_globals.get("__name__") == "ffstats.fingerprint":
            return
        frame = frame.f_back
    if path.is_relative_to(raw):
        opened.add(path.relative_to(raw).as_posix())

sys.addaudithook(watch)
for notebook in sys.argv[1:]:
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    names = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
print(json.dumps(sorted(opened)))
"""


def test_every_raw_file_that_a_notebook_opens_is_known_to_the_pipeline(project: Copy, tmp_path: Path):
    """A file that is read past `paths.raw_file` would change without a notebook running again."""
    notebooks = sorted(str(path) for path in (project_copy.ROOT / "notebooks").glob("*.ipynb"))
    done = subprocess.run(
        [sys.executable, "-c", OPENED, *notebooks],
        cwd=project.root,
        env=project.environment | {"FFSTATS_OUT": str(tmp_path / "out")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    opened = set(json.loads(done.stdout.splitlines()[-1]))
    base = tmp_path / "out" / "reads" / "raw"
    assert {"shapes/towns.csv", "texts/judgements.csv", "sources.csv"} <= opened
    assert opened == {path.relative_to(base).as_posix() for path in base.rglob("*") if path.is_file()}
