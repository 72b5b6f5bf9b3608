"""The page of a marked text in a browser: click, keys, filters, print, small and dark; nothing asked, nothing run."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from annotating import FOLDER, paragraphs
from ffstats.annotate import annotate
from ffstats.annotate.page import html

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from conftest import Watched

pytestmark = pytest.mark.browser


@pytest.fixture
def open_text(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """Mark a text and open its page; nothing may be asked for outside, and nothing may be complained of."""
    from conftest import Watched

    contexts: list[Any] = []
    opened: list[Watched] = []

    def open_page(text: str, title: str = "text.txt", width: int = 1300, **options: Any) -> Watched:
        path = tmp_path / f"page{len(opened)}.html"
        path.write_text(html(annotate(text), title), encoding="utf-8")
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        watched = Watched(context.new_page())
        opened.append(watched)
        watched.page.goto(path.as_uri(), wait_until="load")
        return watched

    yield open_page
    for watched in opened:
        assert watched.complaints == []
        assert [url for url in watched.requests if not url.startswith("file:")] == []
    for context in contexts:
        context.close()


TEXT = "\n\n".join(row["text"] for row in paragraphs("tuning"))


def test_a_click_on_a_number_shows_its_evidence(open_text: Callable[..., Watched]) -> None:
    page = open_text(TEXT).page
    assert page.locator("#panel").is_hidden()
    page.locator(".mark.covered", has_text="900").first.click()
    panel = page.locator("#panel")
    assert panel.is_visible()
    assert "c076" in panel.inner_text()
    assert "supported secondary" in panel.inner_text()
    assert "Soufan Center" in panel.inner_text()
    page.locator("#close").click()
    assert panel.is_hidden()


def test_each_number_can_be_reached_opened_and_left_by_keys_alone(open_text: Callable[..., Watched]) -> None:
    page = open_text(TEXT).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("n")
    first = page.evaluate("document.activeElement.id")
    assert first == "m1"
    for _ in range(2):
        page.keyboard.press("n")
    page.keyboard.press("Enter")
    assert page.locator("#panel").is_visible()
    assert page.evaluate("document.activeElement.id") == "panel"
    page.keyboard.press("Escape")
    assert page.locator("#panel").is_hidden()
    assert page.evaluate("document.activeElement.id") == "m3"
    page.keyboard.press("p")
    assert page.evaluate("document.activeElement.id") == "m2"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "m3"


def test_filters_leave_the_marks_that_are_asked_for(open_text: Callable[..., Watched]) -> None:
    page = open_text(TEXT).page
    every = page.locator(".mark").count()
    assert page.locator(".mark:not(.off)").count() == every
    page.locator("input[value=exempt]").uncheck()
    page.locator("input[value=unknown]").uncheck()
    kept = page.locator(".mark:not(.off)").count()
    assert 0 < kept < every
    assert kept == page.locator(".mark.covered, .mark.differs, .mark.namesake").count()
    assert page.locator("#shown").inner_text() == f"{kept} of {every} shown"
    page.keyboard.press("/")
    page.keyboard.type("c076")
    assert page.locator(".mark:not(.off)").all_inner_texts()[0].startswith("900")
    assert page.locator(".mark.off").first.get_attribute("tabindex") == "-1"


def test_without_scripts_the_marks_lead_to_their_entries(open_text: Callable[..., Watched]) -> None:
    page = open_text(TEXT, java_script_enabled=False).page
    page.locator(".mark", has_text="900").first.click()
    assert page.url.endswith("#n3")
    assert page.locator("#n3").is_visible()
    assert page.locator("#c076").is_visible()


def test_a_print_holds_the_text_and_every_number_found(open_text: Callable[..., Watched]) -> None:
    pypdf = pytest.importorskip("pypdf", reason="the extra ffstats[annotate] is not installed")
    page = open_text(TEXT).page
    printed = pypdf.PdfReader(io.BytesIO(page.pdf()))
    text = " ".join(page.extract_text() for page in printed.pages)
    assert "Every number found" in text
    assert "numbers found:" in text
    page.emulate_media(media="print")
    assert page.locator(".filters").is_hidden()


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_is_wider_than_the_window(open_text: Callable[..., Watched], width: int) -> None:
    page = open_text(TEXT, width=width).page
    page.locator(".mark.covered").first.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("[aria-current]").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_are_told_apart_and_read_in_both_schemes(open_text: Callable[..., Watched], scheme: str, axe: str) -> None:
    page = open_text(TEXT, color_scheme=scheme).page
    page.locator(".mark.covered").first.click()
    script = page.context.new_cdp_session(page)
    script.send("Runtime.evaluate", {"expression": axe})
    found = script.send("Runtime.evaluate", {
        "expression": "axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))",
        "awaitPromise": True,
    })  # fmt: skip
    assert found["result"]["value"] == "[]"


def test_a_hostile_document_runs_nothing_and_asks_for_nothing(open_text: Callable[..., Watched]) -> None:
    hostile = (FOLDER / "hostile.txt").read_text(encoding="utf-8")
    page = open_text(hostile + "\n\n" + TEXT, title="<img src=x onerror='window.ran=1'>").page
    for mark in page.locator(".mark").all()[:20]:
        mark.click()
    assert page.evaluate("window.ran") is None
    assert page.title() == "Numbers in <img src=x onerror='window.ran=1'>"
    assert page.locator("img, svg, iframe, base, object").count() == 0
    assert page.locator("script").count() == 1


def test_a_filter_over_ten_thousand_numbers_answers_at_once(open_text: Callable[..., Watched]) -> None:
    page = open_text("\n\n".join(f"{n:,} ships sank." for n in range(1, 5_001))).page
    took = page.evaluate(
        "() => { const t = performance.now(); const f = document.querySelector('#find'); f.value = '4,9';"
        " f.dispatchEvent(new Event('input')); return performance.now() - t; }"
    )
    assert page.locator(".mark:not(.off)").count() > 50
    assert took < 500
