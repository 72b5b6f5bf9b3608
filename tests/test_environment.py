"""The environment is what the files say: locked, hashed, the same for pip and conda, and complete in the wheel."""

from __future__ import annotations

import ast
import csv
import importlib.util
import io
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
# What is installed in a browser alone (Pyodide, another Python) is locked apart: tests/test_teach_site.py.
LOCKS = sorted(path for path in (ROOT / "requirements").glob("*.txt") if path.stem != "pyodide")
# conda-forge's names where they differ from PyPI's, kept apart from those that `make lock` uses.
PYPI_NAMES = {"great_tables": "great-tables"}


def declared(lines: list[str]) -> dict[str, Requirement]:
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def locked(name: str) -> dict[str, tuple[str, int]]:
    """Return name → (version, number of hashes) of a file in requirements/; a line it cannot read is an error."""
    found: dict[str, tuple[str, int]] = {}
    current = ""
    for line in (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if pin := re.fullmatch(r"([a-z0-9-]+)==([^\s;]+)( ; [^\\]+)? \\", line):
            current = pin[1]
            assert current not in found, f"{name}.txt pins {current} twice"
            found[current] = (pin[2], 0)
        elif re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line):
            found[current] = (found[current][0], found[current][1] + 1)
        else:
            assert line.startswith("    # via "), f"{name}.txt has a line that locks nothing: {line!r}"
    return found


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def test_one_file_locks_the_runtime_one_the_installer_and_one_each_extra():
    assert {path.stem for path in LOCKS} == {"lean", "bootstrap", *EXTRAS}


@pytest.mark.parametrize("name", ["lean", "bootstrap", *EXTRAS])
def test_every_pin_has_its_hashes(name):
    pins = locked(name)
    assert pins
    assert [package for package, (_, hashes) in pins.items() if not hashes] == []


def test_every_direct_dependency_is_locked_at_a_version_it_allows():
    lean = locked("lean")
    for name, lines in {
        "lean": PROJECT["project"]["dependencies"],
        "bootstrap": [*PROJECT["dependency-groups"]["bootstrap"], *PROJECT["build-system"]["requires"]],
        **EXTRAS,
    }.items():
        pins = locked(name) if name == "bootstrap" else lean | locked(name)
        for package, requirement in declared(lines).items():
            assert package in pins, f"{package} of {name} is not locked: run make lock"
            assert pins[package][0] in requirement.specifier, f"{package} of {name}: run make lock"


def test_all_locks_agree_so_that_any_extra_goes_on_top_of_any_other():
    seen: dict[str, str] = {}
    for path in LOCKS:
        for package, (pinned, _) in locked(path.stem).items():
            assert seen.setdefault(package, pinned) == pinned, f"{package} has two versions"
    assert not [name for name in EXTRAS if locked(name).keys() & locked("lean").keys()]


def test_the_environment_that_runs_the_tests_is_the_locked_one():
    for package in declared([*PROJECT["project"]["dependencies"], *EXTRAS["dev"]]):
        assert version(package) == (locked("lean") | locked("dev"))[package][0], f"{package}: run make test"


def test_the_runtime_stays_free_of_what_makes_jupyter_slow():
    # jsonschema's format checkers, which JupyterLab asks for, build a grammar at import: altair takes five times as long.
    assert {"jupyterlab", "jupyter-server", "rfc3987-syntax"}.isdisjoint(locked("lean") | locked("dev"))
    assert "rfc3987-syntax" in locked("lab")


def test_conda_users_get_the_locked_versions():
    lines = (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
    rows = dict(re.findall(r"^  - ([a-z0-9_-]+)=([^=\s]+)$", "\n".join(lines), flags=re.MULTILINE))
    assert rows.pop("python") == "3.11"
    build = {name: locked("bootstrap")[name][0] for name in ("editables", "hatchling")}
    direct = {name: locked("lean")[name][0] for name in declared(PROJECT["project"]["dependencies"])}
    assert {PYPI_NAMES.get(name, name): pinned for name, pinned in rows.items()} == build | direct


def test_every_import_of_the_package_is_a_declared_dependency():
    direct = declared(
        [*PROJECT["project"]["dependencies"], *(line for lines in EXTRAS.values() for line in lines)]
    )
    owners, undeclared = packages_distributions(), set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for top in {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"ffstats"}:
                if not {canonicalize_name(owner) for owner in owners.get(top, [top])} & direct.keys():
                    undeclared.add(f"{path.relative_to(ROOT)} imports {top}")
    assert sorted(undeclared) == []


def test_no_file_names_a_package_index_or_a_place_on_one_machine():
    # In two parts, so that this file is not what the search finds.
    index = re.compile(
        r"://\S*/simp" r"le\b|index-u" r"rl *[=:]|extra-ind" r"ex|find-lin" r"ks *[=:]|pythonho" r"sted"
    )
    place = re.compile(r"(?<![\w./<-])/(?:ro" r"ot|wo" r"rk|ho" r"me)/\w")
    texts = {".py", ".sh", ".txt", ".toml", ".yml", ".yaml", ".md", ".cff", ".cfg", ".json", ".ipynb", ""}
    files = [path for path in tracked() if path.suffix in texts and path.is_file()]
    assert len(files) > 20
    found = [
        f"{path.relative_to(ROOT)}: {hit[0]}"
        for path in files
        for pattern in (index, place)
        for hit in pattern.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []
    assert not (ROOT / "uv.lock").exists()
    assert not [path for path in LOCKS if "://" in path.read_text(encoding="utf-8")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    # The build back end of the environment itself: nothing is fetched.
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    (built,) = folder.iterdir()
    return zipfile.ZipFile(io.BytesIO(built.read_bytes()))


def test_the_wheel_holds_the_code_the_vocabulary_and_the_raw_data(wheel):
    names = set(wheel.namelist())
    expected = {
        **{
            path: f"ffstats/{path.relative_to(ROOT / 'src/ffstats').as_posix()}"
            for path in tracked()
            if path.is_relative_to(ROOT / "src/ffstats")
        },
        **{
            path: f"ffstats/_data/{path.relative_to(ROOT / 'data').as_posix()}"
            for path in tracked()
            if path.is_relative_to(ROOT / "data/raw")
        },
    }
    assert any(name.startswith("ffstats/vocabulary/") for name in expected.values())
    assert any(name.startswith("ffstats/_data/raw/") for name in expected.values())
    assert sorted(set(expected.values()) - names) == []
    assert not [name for path, name in expected.items() if wheel.read(name) != path.read_bytes()]


def test_the_wheel_holds_nothing_else_and_its_command_starts_the_package(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    (info,) = tops - {"ffstats"}
    assert info == f"ffstats-{PROJECT['project']['version']}.dist-info"
    assert "ffstats = ffstats.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()
    assert any(name.endswith("/LICENSE") for name in wheel.namelist())


def test_the_wheel_lists_each_file_once_with_its_digest(wheel):
    (record,) = [name for name in wheel.namelist() if name.endswith("RECORD")]
    rows = list(csv.reader(io.StringIO(wheel.read(record).decode())))
    assert sorted(row[0] for row in rows) == sorted(set(wheel.namelist()))
    assert [row[0] for row in rows if not row[1].startswith("sha256=")] == [record]


def test_the_citation_the_licence_and_the_package_say_the_same():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= citation.keys()
    assert citation["version"] == PROJECT["project"]["version"]
    assert citation["license"] == PROJECT["project"]["license"] == "MIT"
    assert licence.startswith("MIT License\n")
    assert all(f"2026 {author['name']}" in licence for author in citation["authors"])


def test_the_changelog_has_a_section_for_what_is_not_released_and_for_the_version_if_it_is():
    headings = re.findall(
        r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert headings[0] == "Unreleased"
    assert len(headings) == 1 or headings[1] == PROJECT["project"]["version"]


def test_an_environment_that_is_complete_is_left_alone_and_nothing_is_fetched():
    spec = importlib.util.spec_from_file_location("environment", ROOT / "tools/environment.py")
    environment = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(environment)
    marks = Path(sys.prefix) / "locked"
    for name in ("lean", "dev"):
        stamp = (marks / name).read_text() if (marks / name).is_file() else ""
        assert stamp == environment.state(*environment.locked(name)), "the locks have changed: run make test"
    before = {path.name: path.stat().st_mtime_ns for path in marks.iterdir()}
    done = subprocess.run(
        [sys.executable, "tools/environment.py", "--at", sys.prefix, "lean", "dev"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        # Nothing to find programs with, and no network for those that would be found.
        env={"PATH": "", "UV_OFFLINE": "1", "PIP_NO_INDEX": "1"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path.name: path.stat().st_mtime_ns for path in marks.iterdir()} == before
