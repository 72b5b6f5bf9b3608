"""The lessons as students meet them: in JupyterLab, and on the site without an install; nothing asked outside."""

from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.classroom
SHOTS = os.environ.get("FFSTATS_SHOTS", "")
MINUTE = 60_000
# For a kernel in a browser, on a machine that does other things as well.
PATIENCE = int(os.environ.get("FFSTATS_PATIENCE", "10")) * MINUTE
FAILED = ".jp-OutputArea-output[data-mime-type$=stderr], .jp-RenderedText[data-mime-type$=error]"
# True when every cell has its number (a folded one shows none), or one failed, after which no other is run. Texts
# are read as they stand in the page, for what is out of sight is not laid out.
RUN = """(failed) => {
  const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt:not(.jp-Placeholder-prompt)")];
  const done = prompts.length > 0 && prompts.every((each) => /\\d/.test(each.textContent));
  return done || document.querySelector(failed) !== null;
}"""


def site() -> Path:
    folder = Path(os.environ.get("FFSTATS_SITE", ""))
    assert (folder / "jupyter-lite.json").is_file(), (
        "the site is not built; run these tests with `make lessons`"
    )
    return folder


@pytest.fixture(scope="session")
def on_site() -> Iterator[str]:
    """The address of the site, served from this machine as a teacher would: as plain files."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing: pytest shows what matters."""

    handler = functools.partial(Quiet, directory=str(site()))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/lab/index.html?path={{0}}.ipynb"
        server.shutdown()


@pytest.fixture(scope="session")
def in_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab that was started in a student's folder."""
    jupyter = os.environ.get("FFSTATS_LAB", "")
    assert shutil.which(jupyter), "there is no JupyterLab; run these tests with `make classroom`"
    student = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(os.environ["FFSTATS_STUDENT"]) as handed_out:
        handed_out.extractall(student)
    folder = next(student.rglob("1_estimates.ipynb")).parent
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    options = [
        "--no-browser",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--allow-root",
    ]
    options += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    own = {"HOME": str(home), "JUPYTER_CONFIG_DIR": str(home), "JUPYTERLAB_WORKSPACES_DIR": str(home / "w")}
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [Path(jupyter).resolve(), "lab", *options],
            cwd=folder,
            env={**os.environ, **own},
            stdout=log,
            stderr=log,
        )
        try:
            base = f"http://127.0.0.1:{port}/lab"
            until = time.monotonic() + PATIENCE / 1000
            while True:
                try:
                    urllib.request.urlopen(base, timeout=5).close()
                    break
                except OSError:
                    assert server.poll() is None and time.monotonic() < until, (home / "log").read_text()
                    time.sleep(0.3)
            # A workspace for each lesson: else the tabs of one test are open in the next.
            yield base + "/workspaces/{0}/tree/{0}.ipynb"
        finally:
            server.terminate()
            server.wait(60)


class Lesson:
    """One lesson that is open in a browser."""

    def __init__(self, page: Page, address: str, name: str) -> None:
        self.page = page
        page.goto(address.format(name), timeout=PATIENCE)
        page.wait_for_selector(
            ".jp-NotebookPanel-toolbar .jp-Toolbar-kernelName:has-text('Python')", timeout=PATIENCE
        )
        page.wait_for_selector(
            ".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=PATIENCE, state="attached"
        )
        page.wait_for_selector(".jp-Spinner", timeout=PATIENCE, state="detached")

    def run_all(self) -> None:
        """Run every cell from the menu, and wait until the last one has its number."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_function(RUN, arg=FAILED, timeout=PATIENCE)

    def cell(self, words: str) -> Locator:
        """The code cell that has these words in its source."""
        return (
            self.page.locator(".jp-CodeCell")
            .filter(has=self.page.locator(".cm-content", has_text=words))
            .first
        )

    def answer(self, question: str, text: str) -> str:
        """Type an answer as a student does, run its cell and its check, and return what the check says."""
        name = f"answer_{question.replace('.', '_')}"
        typed = self.cell(f"{name} =").locator(".cm-content")
        typed.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(f"{name} = {text}")
        self.page.keyboard.press("Shift+Enter")
        check = self.cell(f'check("{question}"')
        output = check.locator(".jp-OutputArea-output")
        before = check.locator(".jp-InputPrompt").text_content()
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function(
            "([prompt, before]) => /\\d/.test(prompt.textContent) && prompt.textContent !== before",
            arg=[check.locator(".jp-InputPrompt").element_handle(), before],
            timeout=PATIENCE,
        )
        return output.text_content() or ""

    def keep(self, name: str, at: Locator | None = None) -> None:
        """Keep a picture for whoever wants to look (FFSTATS_SHOTS names the folder)."""
        if SHOTS:
            if at is not None:
                at.scroll_into_view_if_needed()
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@pytest.fixture(params=["lab", "site"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Where lessons are open: its name and its address."""
    return request.param, request.getfixturevalue({"lab": "in_lab", "site": "on_site"}[request.param])


@pytest.fixture
def open_lesson(browser: Browser, place: tuple[str, str]) -> Iterator[Callable[[str], Lesson]]:
    """Open a lesson; nothing may be asked for outside, and no script of a page may fail."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    failed: list[str] = []
    context.on("request", lambda request: asked.append(request.url))

    def opened(name: str) -> Lesson:
        page = context.new_page()
        page.on("pageerror", lambda error: failed.append(str(error)))
        return Lesson(page, place[1], name)

    yield opened
    context.close()
    own = re.match(r"https?://[^/]+/", place[1])
    assert (
        own
        and [u for u in asked if not u.startswith((own[0], own[0].replace("http", "ws"), "data:", "blob:"))]
        == []
    )
    assert failed == []


def errors(lesson: Lesson) -> list[str]:
    return lesson.page.locator(FAILED).all_text_contents()


def test_a_student_reads_answers_and_is_told_what_went_wrong(
    open_lesson: Callable[[str], Lesson], place: tuple[str, str]
) -> None:
    lesson = open_lesson("1_estimates")
    lesson.keep(f"{place[0]}-1-open")
    lesson.run_all()
    assert errors(lesson) == []
    assert "Not answered yet" in str(
        lesson.cell('check("1.1"').locator(".jp-OutputArea-output").text_content()
    )
    asked = lesson.page.locator(".jp-RenderedMarkdown", has_text="Give its two ends").first
    printed = asked.locator("strong").nth(1).text_content() or ""
    bare = re.sub(r"[^0-9]", "", printed)
    assert bare, printed
    assert "bound is lost" in lesson.answer("1.1", bare)
    lesson.keep(f"{place[0]}-1-feedback", lesson.cell('check("1.1"'))
    assert "Right" in lesson.answer("1.1", f'"{printed}"')


def test_charts_are_drawn_without_a_network(
    open_lesson: Callable[[str], Lesson], place: tuple[str, str]
) -> None:
    lesson = open_lesson("3_drawing_uncertainty")
    lesson.run_all()
    assert errors(lesson) == []
    charts = lesson.page.locator(".jp-OutputArea-output .vega-embed :is(canvas, svg.marks)")
    charts.first.wait_for(timeout=PATIENCE)
    assert charts.count() >= 3
    for chart in charts.all():
        chart.scroll_into_view_if_needed(timeout=PATIENCE)
        box = chart.bounding_box()
        assert box and box["width"] > 200 and box["height"] > 60
    lesson.keep(f"{place[0]}-3-chart", charts.first)


def test_an_account_is_balanced(open_lesson: Callable[[str], Lesson], place: tuple[str, str]) -> None:
    lesson = open_lesson("6_do_the_numbers_fit")
    lesson.run_all()
    assert errors(lesson) == []
    lesson.keep(f"{place[0]}-6-account", lesson.cell("print(reconcile"))
