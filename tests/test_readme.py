"""The examples of the README and of the documentation run, and what stands under them is what they print."""

from __future__ import annotations

import doctest
import importlib.util
import re

import pytest

from sandbox import ROOT

MADE = ("reference", "notebooks")
DOCS = [path for path in sorted((ROOT / "docs").rglob("*.md")) if path.parent.name not in MADE]
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *DOCS]}
LINKS = [
    (page, target)
    for page, text in PAGES.items()
    for target in sorted(set(re.findall(r"\]\(([^)#:]+)\)", text)))
]


@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if "```console" in text])
def test_the_output_under_each_command_is_the_real_output(page: str) -> None:
    spec = importlib.util.spec_from_file_location("readme", ROOT / "tools" / "readme.py")
    assert spec and spec.loader
    readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readme)
    assert readme.refreshed(PAGES[page], ROOT) == PAGES[page], f"run: python tools/readme.py {page}"


@pytest.mark.parametrize("page", [page for page, text in PAGES.items() if ">>>" in text])
def test_the_python_examples_give_what_they_show(page: str) -> None:
    result = doctest.testfile(str(ROOT / page), module_relative=False, encoding="utf-8")
    assert result.attempted > 1 and result.failed == 0


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_every_link_leads_to_a_file(page: str, target: str) -> None:
    assert ((ROOT / page).parent / target).exists()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_named_in_another_is_there(page: str) -> None:
    for named in re.findall(r"\{doc\}`(?:[^`<]*<)?([^`>]+)>?`", PAGES[page]):
        path = (ROOT / page).parent / f"{named}.md"
        assert path.is_file() or set(path.parts) & set(MADE), named
