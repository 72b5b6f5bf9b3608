"""The project's prose is checked as a step: again only if something changed, and a typed number fails the build."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import project_copy
from ffstats import prose
from project_copy import ROOT, Copy

HEAVY = ("pandas", "numpy", "altair", "papermill", "scipy", "pyarrow")
CHECK = (
    "import sys; from pathlib import Path; from ffstats import prose\n"
    "from ffstats.errors import ProseError\n"
    "try: print(prose.bring(Path('results')), prose.line(Path('results')))\n"
    "except ProseError as error: print(error)\n"
    f"print([name for name in {HEAVY!r} if name in sys.modules])"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    copy = project_copy.make(tmp_path_factory.mktemp("prose") / "project")
    (copy.root / "results").mkdir(exist_ok=True)
    shutil.copy(ROOT / "results" / "numbers.json", copy.root / "results")
    shutil.copytree(ROOT / "data" / "processed", copy.root / "data" / "processed", dirs_exist_ok=True)
    return copy


def check(copy: Copy) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        cwd=copy.root,
        env=copy.environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_prose_is_checked_once_and_a_check_with_nothing_to_do_imports_nothing_heavy(project: Copy) -> None:
    first, second = check(project), check(project)
    assert first[0].startswith("True ")
    assert second == [first[0].replace("True", "False"), "[]"]
    kept = json.loads((project.root / "results" / "prose.json").read_text(encoding="utf-8"))
    assert kept["found"] == kept["bound"] + kept["exempt"] > 0
    assert kept["unbound"] == 0


def test_a_number_typed_into_the_prose_fails_the_build_and_takes_the_coverage_away(
    project: Copy, tmp_path: Path
) -> None:
    copy = Copy(tmp_path / "project")
    shutil.copytree(project.root, copy.root)
    (copy.root / "README.md").write_text("There were 4,321 fighters.\n", encoding="utf-8")
    assert "README.md, line 1: '4,321 fighters' is typed" in "\n".join(check(copy))
    assert not (copy.root / "results" / "prose.json").exists()
    (copy.root / "README.md").write_text("There were fighters.\n", encoding="utf-8")
    assert check(copy)[0].startswith("True ")


def test_every_pattern_of_the_prose_names_files_of_the_project() -> None:
    for pattern in prose.SOURCES:
        assert list(ROOT.glob(pattern)), pattern


def test_a_page_that_a_program_writes_is_no_prose(project: Copy, tmp_path: Path) -> None:
    copy = Copy(tmp_path / "project")
    shutil.copytree(project.root, copy.root)
    (copy.root / "docs").mkdir(exist_ok=True)
    (copy.root / "docs" / "written.md").write_text(
        "# A list\n\nWritten by `make list`.\n\nThere were 4,321 fighters of ISIS.\n"
    )
    assert check(copy)[0].split(" ", 1)[1] == check(project)[0].split(" ", 1)[1]
    named = {path.relative_to(ROOT).as_posix() for path in prose.files()}
    assert not {name for name in named if name.startswith(("docs/reference/", "docs/notebooks/"))}
    assert "docs/licences.md" not in named
