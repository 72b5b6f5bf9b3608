"""The imports of the package go the way that docs/trust/layers.csv lays down, and the page that shows them is true."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sandbox import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import architecture


def package(tmp_path: Path, **modules: str) -> dict[str, Path]:
    """Write a package of the given modules; `__` in a name stands for a folder."""
    for name, text in modules.items():
        path = tmp_path / "ffstats" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return architecture.modules(tmp_path)


def test_imports_go_down_only_and_never_in_a_circle():
    _, problems = architecture.written()
    assert problems == []


def test_the_page_and_the_picture_show_the_imports_as_they_are():
    made, _ = architecture.written()
    stale = [path.name for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make architecture`"


@pytest.mark.parametrize(
    "text",
    [
        "import ffstats.high",
        "from ffstats import high",
        "from ffstats.high import thing",
        "def late():\n    from ffstats import high",
        "class Inner:\n    def late(self):\n        import ffstats.high",
        "try:\n    import ffstats.high\nexcept ImportError:\n    pass",
    ],
)
def test_an_import_upwards_is_found_wherever_it_stands(tmp_path: Path, text: str):
    found = package(tmp_path, low=text, high="")
    rows = [{"layer": "one", "modules": "low"}, {"layer": "two", "modules": "high"}]
    places, problems = architecture.placed(found, rows)
    assert problems == []
    assert architecture.faults(architecture.graph(found), places, rows) == [
        "low (one) imports high (two), which is above it"
    ]


def test_an_import_for_the_type_checker_alone_is_none(tmp_path: Path):
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ffstats import high"
    assert architecture.graph(package(tmp_path, low=text, high=""))["low"] == frozenset()


def test_a_circle_within_a_layer_is_found(tmp_path: Path):
    circle = {"a": "import ffstats.b", "b": "import ffstats.part.c", "part__c": "from ffstats.a import x"}
    found = package(tmp_path, **circle)
    rows = [{"layer": "one", "modules": "*"}]
    places, _ = architecture.placed(found, rows)
    (fault,) = architecture.faults(architecture.graph(found), places, rows)
    assert fault.startswith("circle of imports: ") and {"a", "b", "part.c"} <= set(fault.split())


def test_a_module_without_a_layer_and_one_in_two_are_named(tmp_path: Path):
    found = package(tmp_path, lost="", twice="", exact="")
    rows = [{"layer": "one", "modules": "twic* exact"}, {"layer": "two", "modules": "twice* e*"}]
    places, problems = architecture.placed(found, rows)
    assert places == {"exact": 0}
    assert [text.split(" of ")[0] for text in problems] == ["lost stands in 0 layers", "twice stands in 2 layers"]
