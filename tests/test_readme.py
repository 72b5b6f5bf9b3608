"""The README's examples run, and what stands under them is what they print."""

from __future__ import annotations

import doctest
import importlib.util
import re
from pathlib import Path

import pytest

from sandbox import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_output_under_each_command_is_the_real_output() -> None:
    spec = importlib.util.spec_from_file_location("readme", ROOT / "tools" / "readme.py")
    assert spec and spec.loader
    readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readme)
    assert readme.refreshed(README, ROOT) == README, "run: python tools/readme.py README.md"


def test_the_python_examples_give_what_they_show() -> None:
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False, encoding="utf-8")
    assert result.attempted > 3 and result.failed == 0


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_link_leads_to_a_file(target: str) -> None:
    assert (ROOT / Path(target)).exists()
