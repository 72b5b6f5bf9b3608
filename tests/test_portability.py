"""What `make portability` tries is what the project promises, and its page tells it whole."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from types import ModuleType

import pytest

from ffstats import doctor
from sandbox import ROOT


@pytest.fixture(scope="module")
def portability() -> ModuleType:
    spec = importlib.util.spec_from_file_location("portability", ROOT / "tools" / "portability.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pythons_that_are_tried_are_those_that_are_named(portability: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = tuple(c.rsplit(" ", 1)[1] for c in project["classifiers"] if re.search(r"Python :: 3\.\d+$", c))
    ends = tuple(".".join(map(str, version)) for version in doctor.TESTED)
    assert named == portability.PYTHONS and (named[0], named[-1]) == ends
    assert project["requires-python"] == f">={named[0]}"


def test_what_is_run_and_what_is_excepted_is_there(portability: ModuleType) -> None:
    tests = (*portability.CORE, *portability.WITH_EXTRAS)
    assert [name for name in tests if not (ROOT / "tests" / f"test_{name}.py").is_file()] == []
    assert {*portability.TOOLS, *portability.NO_WHEEL} <= set(portability.pins("dev"))


def test_the_page_tells_every_case_and_no_failure(portability: ModuleType) -> None:
    rows = re.findall(r"(?m)^\| (.+?) \| (3\.\d+) \| (.+) \|$", portability.PAGE.read_text(encoding="utf-8"))
    wanted = portability.cases(dict.fromkeys(portability.PYTHONS, ""), "3.11", {})
    assert [(what, version) for what, version, _ in rows] == list(wanted)
    assert not [row for row in rows if "failed" in row[2]], rows
    assert portability.page({(what, version): outcome for what, version, outcome in rows}, []) == (
        portability.PAGE.read_text(encoding="utf-8")
    )
