"""What `ffstats doctor` finds is true, has a remedy, and decides the exit status; `--version` names all three versions."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ffstats import cli, doctor, paths
from ffstats.doctor import Finding
from sandbox import ROOT, Project


def one(found: object) -> Finding:
    assert isinstance(found, Finding)
    return found


def test_here_all_that_is_needed_is_there_and_every_other_line_has_a_remedy():
    found = list(doctor.examine())
    assert [f for f in found if f.state == "broken"] == []
    assert all(f.remedy for f in found if f.state != "ok")
    assert {"interpreter", "packages", "locale", "fonts", "kernel", "browser", "disk"} <= {
        f.what for f in found
    }


def test_the_exit_status_and_the_json_say_what_is_broken(monkeypatch: pytest.MonkeyPatch):
    bad = Finding("disk", "broken", "0 MB free", "Free some room.")
    monkeypatch.setattr(doctor, "CHECKS", (lambda: bad, lambda: iter([Finding("fonts", "ok", "there")])))
    told = CliRunner().invoke(cli.app, ["doctor"])
    assert told.exit_code == 1
    assert "FAIL  disk: 0 MB free\n      Free some room." in told.output and told.output.endswith(
        "1 broken\n"
    )
    assert json.loads(CliRunner().invoke(cli.app, ["doctor", "--json"]).output)[0] == bad.as_dict()
    monkeypatch.setattr(doctor, "CHECKS", (lambda: Finding("browser", "note", "none", "Install one."),))
    assert CliRunner().invoke(cli.app, ["doctor"]).exit_code == 0


def test_a_check_that_fails_is_itself_a_finding(monkeypatch: pytest.MonkeyPatch):
    def torn() -> Finding:
        raise RuntimeError("torn")

    monkeypatch.setattr(doctor, "CHECKS", (torn, lambda: Finding("disk", "ok", "enough")))
    assert [(f.what, f.state, f.found) for f in doctor.examine()] == [
        ("torn", "broken", "RuntimeError: torn"),
        ("disk", "ok", "enough"),
    ]


@pytest.mark.parametrize(
    ("version", "state"), [((3, 10, 9), "broken"), ((3, 12, 1), "ok"), ((3, 14, 0), "note")]
)
def test_an_interpreter_outside_the_tested_ones_is_told(
    monkeypatch, version: tuple[int, int, int], state: str
):
    monkeypatch.setattr(sys, "version_info", version)
    assert one(doctor.interpreter()).state == state


def test_a_missing_and_another_version_are_told_apart(project: Project, monkeypatch: pytest.MonkeyPatch):
    lock = project.root / "requirements" / "lean.txt"
    lock.parent.mkdir()
    lock.write_text("pandas==0.1 \\\n    --hash=sha256:0\nnothing-is-called-so==1\n", encoding="utf-8")
    found = one(doctor.versions())
    assert found.state == "note" and found.found.endswith("; nothing-is-called-so absent, not 1")
    with monkeypatch.context() as patched:
        patched.setattr(doctor.metadata, "requires", lambda name: ["Nothing_is.called-so[fast]>=1"])
        found = one(doctor.versions())
    assert (found.state, found.found) == ("broken", "missing: nothing-is-called-so")
    lock.write_text("pandas==0.1 \\\n    --hash=sha256:0\n", encoding="utf-8")
    found = one(doctor.versions())
    assert found.state == "note" and re.fullmatch(r"pandas \S+, not 0\.1", found.found)


def test_a_place_that_cannot_be_written_is_broken(project: Project, monkeypatch: pytest.MonkeyPatch):
    def refused(*_: object, **named: str) -> None:
        if str(project.root) in str(named["dir"]):
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(
        doctor.tempfile, "TemporaryFile", lambda **named: refused(**named) or (project.root / "x").open("w")
    )
    states = {f.what: f.state for f in doctor.writable()}
    assert states["writing results"] == states["writing tables"] == "broken"


def test_a_full_disk_no_data_and_no_browser_are_told(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "NEEDED_MB", float("inf"))
    assert one(doctor.disk()).state == "broken"
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert one(doctor.browser()).state == "note"
    (project.root / "data" / "raw" / "sources.csv").unlink()
    assert one(doctor.data()).state == "broken"


def test_a_kernel_that_does_not_start_is_broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert one(doctor.kernel()).state == "broken"


def test_file_names_that_are_not_utf8_are_broken(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "ascii")
    assert one(doctor.languages()).state == "broken"


def test_the_version_of_the_data_changes_with_a_byte_or_a_name_and_with_nothing_else(project: Project):
    raw = project.root / "data" / "raw"
    first = doctor.data_version()
    os.utime(raw / "sources.csv", (0, 0))
    assert doctor.data_version() == first
    (raw / "sources.csv").rename(raw / "sources2.csv")
    assert (second := doctor.data_version()) != first
    with (raw / "sources2.csv").open("a") as file:
        file.write(" ")
    assert doctor.data_version() not in (first, second)


def test_version_names_package_commit_and_data_and_imports_nothing_heavy():
    code = (
        "import sys; from ffstats.cli import app; app(['--version'], standalone_mode=False)\n"
        "heavy = {'pandas', 'numpy', 'altair', 'papermill', 'scipy', 'pyarrow'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    number, data = re.escape(doctor.metadata.version("ffstats")), doctor.data_version()
    assert re.fullmatch(rf"ffstats {number}(, commit [0-9a-f]{{12}}(-dirty)?)?, data {data}\n", done.stdout)


def test_a_built_package_says_the_commit_it_was_built_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "_data").mkdir()
    (tmp_path / "_data" / "COMMIT").write_text("0123456789ab\n")
    monkeypatch.setattr(paths, "package_dir", lambda: tmp_path)
    assert doctor.commit() == "0123456789ab"
    (tmp_path / "_data" / "COMMIT").unlink()
    assert doctor.commit() == ""
