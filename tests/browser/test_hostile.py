"""Text of strangers on every page in a browser: nothing of it runs, nothing is asked for, and it is there to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hostile import WHOLE, a_sweep, poisoned

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

Open = Callable[[str, str], Any]


@pytest.fixture
def open_text(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a page with a policy of its own only, and let every handler that might wait for the reader run."""
    contexts: list[Any] = []
    asked: list[str] = []
    complaints: list[str] = []

    def open_page(name: str, text: str) -> Any:
        path = tmp_path / f"{name}.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(viewport={"width": 1200, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
        page.goto(path.as_uri(), wait_until="load")
        page.keyboard.press("Tab")
        page.mouse.move(300, 300)
        page.wait_for_timeout(300)
        return page

    yield open_page
    assert complaints == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    for context in contexts:
        context.close()


def inert(page: Any) -> None:
    """Hold a page to what it must be after it was opened: nothing has run, and no address in it would run."""
    assert page.evaluate("window.ran") is None
    assert page.evaluate("document.querySelectorAll('iframe,object,embed,base,link,frame').length") == 0
    strange = "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => /^on/i.test(a.name) || /^(href|src|action|formaction|xlink:href)$/i.test(a.name) && /^\\s*(javascript|vbscript|data:text.html)/i.test(a.value)).map(a => a.name + '=' + a.value)"
    assert page.evaluate(strange) == []


def test_the_page_of_a_marked_text(open_text: Open) -> None:
    from ffstats.annotate import annotate
    from ffstats.annotate.page import html

    page = open_text("annotate", html(annotate("\n\n".join(WHOLE)), WHOLE[0]))
    assert "window.ran" in page.locator("#text").inner_text()
    for mark in page.locator(".mark").all()[:20]:
        mark.click()
    inert(page)


def test_the_reader_page(open_text: Open, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert address  # made from a copy of the project, whose results are the current ones
    from ffstats import paths
    from ffstats.publish import narrative, page

    context = page._context(paths.results_dir(), narrative.read())
    monkeypatch.setattr(page, "_context", lambda folder, text: poisoned(context))
    opened = open_text("report", page.build(paths.results_dir()))
    assert "window.ran" in opened.locator("body").inner_text()
    opened.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    opened.wait_for_timeout(500)
    inert(opened)


def test_the_certificate_and_its_table(open_text: Open) -> None:
    from ffstats.publish import certificate, certificate_facts, typeset
    from ffstats.publish.certificate_run import Origin, Run

    now, facts = datetime(2020, 1, 1), certificate_facts.collect()
    origin = Origin("0" * 40, "2020-01-01", "a b", ("a file", "b"), True)
    run = Run(origin, Path(), now, now, (("a step", 1.0),), "a log", {}, None, "no rerun here", facts, {"a b": "c d"})
    about = poisoned(certificate.content(run, certificate.People("A Person")))
    rows = {"rows": poisoned(facts["numbers_in_text"]), "texts": poisoned(facts["texts"])}
    for name, text in (("certificate.html", about), ("numbers.html", rows)):
        page = open_text(name, typeset.html(name, text).decode("utf-8"))
        assert "window.ran" in page.locator("body").inner_text()
        assert page.evaluate("getComputedStyle(document.body).fontFamily").lower() != "times new roman"
        inert(page)


def test_the_page_of_a_sweep(open_text: Open, tmp_path: Path) -> None:
    page = open_text("sweep", a_sweep(tmp_path))
    assert "window.ran" in page.locator("body").inner_text()
    assert page.evaluate("getComputedStyle(document.querySelector('ul.runs')).display") == "grid"
    inert(page)
