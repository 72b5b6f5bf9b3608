"""The command line: what it prints is what the library says, errors are messages, light commands stay light."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ffstats import definitions, dictionary, gaps, ledger, places
from ffstats.annotate import run as annotate
from ffstats.cli import main
from ffstats.errors import (
    ChoiceError,
    DefinitionError,
    DictionaryError,
    FfstatsError,
    FieldError,
    PlaceError,
    RawDataError,
)
from sandbox import ROOT, Project

HEAVY = {
    "pandas",
    "numpy",
    "altair",
    "papermill",
    "scipy",
    "pyarrow",
    "pandera",
    "nbformat",
    "great_tables",
    "jinja2",
}


def run(
    *arguments: str, stdin: bytes = b"", root: Path = ROOT, **env: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "ffstats", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        env=os.environ | {"FFSTATS_ROOT": str(root)} | env,
    )


def test_parse_writes_one_object_a_line_in_order_and_fails_after_all_lines() -> None:
    lines = ["more than 40,000", "2.926", "نحو 400", "6,000 (5,500–6,500)", "nothing here", "", "up to 3,000"]
    done = run("parse", "--json", "-", stdin=("\n".join(lines) + "\n").encode())
    found = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert done.returncode == 1
    assert [f["text"] for f in found] == lines
    assert found[0] == {"text": lines[0], "low": 40000, "high": None, "best": None, "bound": "at_least",
                        "unit": "persons", "language": "en"}  # fmt: skip
    assert set(found[1]) == {"text", "error"} and "2926" in found[1]["error"].replace(",", "")
    assert found[2]["language"] == "ar" and found[2]["bound"] == "approx"
    assert (found[3]["low"], found[3]["high"], found[3]["best"]) == (5500, 6500, 6000)
    assert set(found[4]) == set(found[5]) == {"text", "error"}
    assert found[6]["high"] == 3000


def test_parse_succeeds_when_all_lines_do_whatever_the_locale() -> None:
    done = run("parse", "--json", "-", stdin="близо 200\n".encode(), LC_ALL="C", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode())["high"] == 200


def test_parse_reads_bytes_that_are_not_utf8_as_an_error_not_a_crash() -> None:
    done = run("parse", "--json", "-", stdin=b"\xff\xfe\n400\n")
    first, second = (json.loads(line) for line in done.stdout.decode().splitlines())
    assert "error" in first and second["low"] == 400
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("describe", "travelld"), "travelled"),
        (("sources", "soufan2071"), "soufan2017"),
        (("gaps", "nowhere"), "nowhere"),
        (("explain", "nosuch"), "nosuch"),
    ],
)
def test_an_error_is_one_message_without_a_traceback(arguments: tuple[str, ...], says: str) -> None:
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.decode().startswith("error: ") and says in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_every_command_that_reports_has_json() -> None:
    for arguments in (("describe", "travelled"), ("sources",), ("gaps",), ("list",)):
        done = run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)


def test_gaps_are_filled_by_a_template_that_clean_takes_in(project: Project) -> None:
    template = project.root / "fill me.csv"
    assert run("gaps", "soufan2017", "--template", str(template), root=project.root).returncode == 0
    with template.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sweden = next(r for r in rows if r["origin"] == "Sweden" and r["status"] == "travelled")
    sweden |= {"printed": "about 267", "language": "en", "seen_kind": "primary", "seen_at": "a library copy"}
    with template.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    done = run("clean", "--add", str(template), "--json", root=project.root)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["added"] == {"data/raw/soufan2017/added.csv": 1}
    with (project.root / "data" / "processed" / "estimates.csv").open(encoding="utf-8", newline="") as file:
        found = [r for r in csv.DictReader(file) if r["source_id"] == "soufan2017" and r["iso3"] == "SWE"]
    travelled = next(r for r in found if r["status"] == "travelled")
    assert (travelled["best"], travelled["bound"], travelled["seen_kind"]) == ("267", "approx", "primary")
    before = json.loads(run("gaps", "soufan2017", "--json").stdout)
    after = json.loads(run("gaps", "soufan2017", "--json", root=project.root).stdout)
    assert len(after) == len(before) - 1


def test_a_badly_filled_template_is_refused_whole(project: Project) -> None:
    template = project.root / "template.csv"
    run("gaps", "soufan2017", "--template", str(template), root=project.root)
    with template.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0] |= {"printed": "267", "language": "en", "seen_kind": "primary", "seen_at": "a library copy"}
    rows[1] |= {"printed": "2.926", "seen_kind": "hearsay"}
    with template.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    done = run("clean", "--add", str(template), root=project.root)
    said = done.stderr.decode()
    assert done.returncode == 1
    assert (
        "3 problems" in said
        and "line 3, column printed" in said
        and "seen_kind" in said
        and "seen_at" in said
    )
    assert not (project.raw / "soufan2017" / "added.csv").exists()
    assert project.processed() == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("parse", "about 400"),
        ("describe", "travelled"),
        ("sources",),
        ("list",),
        ("reproduce", "--help"),
        ("sweep", "--help"),
        ("explain", "clean"),
    ],
    ids=lambda a: " ".join(a),
)
def test_light_commands_import_nothing_heavy(arguments: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom ffstats.cli import main\n"
        f"sys.argv = ['ffstats', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as e:\n    assert not e.code, e.code\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"FFSTATS_ROOT": str(ROOT)},
    )
    assert done.stderr.strip() == "[]", done.stderr


def test_a_template_in_which_nothing_is_filled_is_refused(project: Project) -> None:
    template = project.root / "template.csv"
    template.write_bytes(gaps.template("soufan2017"))
    with pytest.raises(RawDataError, match="empty in every row"):
        gaps.add(template)


@pytest.mark.parametrize("before", [None, "what was there"])
def test_readings_that_do_not_fit_the_others_are_taken_back(
    project: Project, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    template, added = project.root / "template.csv", project.raw / "soufan2017" / "added.csv"
    template.write_bytes(gaps.template("soufan2017"))
    with template.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0] |= {"printed": "about 267", "language": "en", "seen_kind": "primary", "seen_at": "a library copy"}
    with template.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    monkeypatch.setattr("ffstats.store.build", refused)
    if before is not None:
        monkeypatch.setattr(gaps, "_joined", lambda *_: b"what is new")
        added.write_text(before, encoding="utf-8")
    with pytest.raises(RawDataError, match="no such thing"):
        gaps.add(template)
    assert (added.read_text(encoding="utf-8") if added.exists() else None) == before


def refused() -> None:
    raise RawDataError([FieldError("no such thing")])


Captured = pytest.CaptureFixture[bytes]


def told(capsysbinary: Captured, *arguments: str, code: int = 0) -> str:
    """Give a command within this process, and return what it writes to standard output or error."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
        patch.setattr(sys, "argv", ["ffstats", *arguments])
        main()
    said = b"".join(capsysbinary.readouterr()).decode()
    assert (ended.value.code or 0) == code, said
    return said


def test_check_shows_every_claim_and_fails_only_when_asked_to(capsysbinary: Captured) -> None:
    listed = json.loads(told(capsysbinary, "check", "--json", "--text", "news"))
    assert listed and {row["text"] for row in listed} == {"news"}
    shown = told(capsysbinary, "check", "--strict", code=1)
    assert all(row["claim_id"] in shown for row in listed)
    verdict = next(found for found in ledger.check("news") if found.claim_id == listed[0]["claim_id"])
    assert str(verdict).startswith(f"{verdict.claim_id} {listed[0]['verdict']}")


def test_reconcile_gives_the_reading_that_is_asked_for(capsysbinary: Captured) -> None:
    assert json.loads(told(capsysbinary, "reconcile", "--reading", "charitable", "--json"))["reading"] == "charitable"


def test_evidence_is_written_down_unless_the_run_is_dry(project: Project, capsysbinary: Captured) -> None:
    seen = ("--printed", "at least 5,600", "--locator", "p. 1", "--seen-at", "a library copy", "--reviewer", "A. R.")
    command = ("evidence", "add", "c021", *seen)
    assert "c021: not_found → supported" in told(capsysbinary, *command, "--dry-run")
    assert "written to" not in told(capsysbinary, *command, "--dry-run")
    assert json.loads(told(capsysbinary, *command, "--dry-run", "--json"))[0]["claim_id"] == "c021"
    assert "written to" in told(capsysbinary, *command)
    (row,) = (r for r in json.loads(told(capsysbinary, "check", "--json")) if r["claim_id"] == "c021")
    assert row["verdict"] == "supported"


def test_a_number_of_ones_own_is_held_against_the_text(capsysbinary: Captured) -> None:
    assert "c043" in told(capsysbinary, "recompute", "c043", "850")
    assert json.loads(told(capsysbinary, "recompute", "c043", "850", "--json"))[0]["claim_id"] == "c043"


def test_tables_are_written_once_and_then_nothing_changes(project: Project, capsysbinary: Captured) -> None:
    assert "files changed" in told(capsysbinary, "clean")
    assert "nothing changed" in told(capsysbinary, "clean")
    out = ("export", "--out", str(project.root / "out"))
    assert "files changed" in told(capsysbinary, *out)
    assert "nothing changed" in told(capsysbinary, *out)
    assert json.loads(told(capsysbinary, *out, "--json"))["changed"] == []


def test_diff_lists_what_differs_and_fails(tmp_path: Path, capsysbinary: Captured) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    shutil.copytree(ROOT / "results", before, ignore=shutil.ignore_patterns("notebooks", "report", "paper", "data"))
    shutil.copytree(before, after)
    same = told(capsysbinary, "diff", str(before), "--out", str(after), "--all")
    assert same.count("same ") > 100
    numbers = json.loads((after / "numbers.json").read_text(encoding="utf-8"))
    gone = numbers.pop()["id"]
    (after / "numbers.json").write_text(json.dumps(numbers), encoding="utf-8")
    lines = told(capsysbinary, "diff", str(before), "--out", str(after), code=1).splitlines()
    assert len(lines) == 2 and gone in lines[0]


def test_what_the_machine_refuses_is_a_message_with_a_remedy(tmp_path: Path, capsysbinary: Captured) -> None:
    (tmp_path / "file").touch()
    said = told(capsysbinary, "export", "--out", str(tmp_path / "file" / "below"), code=1)
    assert said.startswith("error: ") and "What was there before is still there." in said


def test_words_that_are_no_text_are_refused_where_they_would_be_written(project: Project, capsysbinary: Captured) -> None:
    row = ("--printed", "850", "--locator", "p. 1", "--seen-at", "x", "--reviewer", "R\udcb0")
    assert "is not text in UTF-8" in told(capsysbinary, "evidence", "add", "c043", *row, code=1)
    assert not (project.root / ".ffstats" / "evidence.csv").exists()


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        (lambda: definitions.entry("who", "fihgters"), DefinitionError, "fighters"),
        (lambda: dictionary.of("estimate"), DictionaryError, "estimates"),
        (lambda: places.code("Turkey", "home"), PlaceError, "origin"),
        (lambda: annotate.annotate_file("-", "xx"), ChoiceError, "en"),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_those_that_are(
    ask: Callable[[], object], error: type[FfstatsError], said: str
) -> None:
    with pytest.raises(error, match=said):
        ask()


def test_report_and_paper_say_what_they_wrote(
    tmp_path: Path, capsysbinary: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr("ffstats.publish.page_task.bring", lambda folder: asked.append(folder) or True)
    monkeypatch.setattr("ffstats.publish.paper.write", lambda *given: asked.append(given) or [tmp_path / "a.tex"])
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").write_text("x", encoding="utf-8")
    assert "page: written" in told(capsysbinary, "report", "--out", str(tmp_path))
    assert "a.tex" in told(capsysbinary, "paper", "--out", str(tmp_path), "--format", "tex")
    assert asked == [tmp_path, (tmp_path, ("tex",))]


def test_release_and_export_say_what_they_wrote(
    tmp_path: Path, capsysbinary: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ffstats.teach.release.release", lambda out, seed, students, say: (say and say("1 of 1")) or [])
    monkeypatch.setattr("ffstats.teach.export.export", lambda kind, out, seed: [f"{kind}-{seed}.ipynb"])
    said = told(capsysbinary, "teach", "release", str(tmp_path))
    assert "1 of 1\n" in said and "nothing changed" in said
    said = told(capsysbinary, "teach", "export", "otter", str(tmp_path), "--seed", "3")
    assert "  otter-3.ipynb\n" in said and "1 files written" in said
    written = json.loads(told(capsysbinary, "teach", "export", "otter", str(tmp_path), "--json"))
    assert written == {"out": str(tmp_path), "changed": ["otter-0.ipynb"]}
