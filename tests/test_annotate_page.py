"""The page of a marked text: all of the text, nothing of the document's run, the same bytes for the same text."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from annotating import FOLDER, paragraphs
from ffstats.annotate import annotate
from ffstats.annotate.page import CLASSES, coverage_line, html

HOSTILE = (FOLDER / "hostile.txt").read_text(encoding="utf-8")
OURS = {"html", "head", "meta", "title", "style", "body", "a", "header", "h1", "bdi", "p", "form", "label", "input",
        "span", "output", "kbd", "main", "article", "aside", "button", "div", "section", "h2", "h3", "dl", "dt", "dd",
        "ul", "li", "q", "strong", "script"}  # fmt: skip


class Page(HTMLParser):
    """The tags of a page, and the text that it shows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.within: list[str] = []
        self.text = ""
        self.codes: dict[str, str] = {"script": "", "style": ""}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.within.append(str(dict(attrs).get("class") or dict(attrs).get("id") or tag))

    def handle_endtag(self, tag: str) -> None:
        if self.within:
            self.within.pop()

    def handle_data(self, data: str) -> None:
        place = self.within[-1] if self.within else ""
        if place in self.codes:
            self.codes[place] += data
        if "text" in self.within and place not in ("sign", "aside"):
            self.text += data


@pytest.fixture(scope="module")
def page() -> Page:
    text = "\n\n".join(row["text"] for row in paragraphs("tuning"))
    return Page(html(annotate(text), "note.txt"))


def test_the_page_shows_the_whole_text_unchanged(page: Page) -> None:
    assert page.text == "\n\n".join(row["text"] for row in paragraphs("tuning"))


def test_a_hostile_document_adds_no_tag_and_no_attribute_to_the_page() -> None:
    found = annotate(HOSTILE)
    page = Page(html(found, HOSTILE[:200]))
    assert {tag for tag, _ in page.tags} <= OURS
    for tag, attributes in page.tags:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("src", "srcdoc", "srcset", "action")
        ]
        if "href" in attributes:
            assert re.fullmatch(r"#[\w./-]*", str(attributes["href"])), (tag, attributes)
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert page.text.translate({ord("\N{REPLACEMENT CHARACTER}"): ""}) == re.sub(
        "[\u202a-\u202e\u2066-\u2069]", "", HOSTILE
    )


def test_the_policy_allows_our_own_style_and_script_and_nothing_else(page: Page) -> None:
    (policy,) = [str(a["content"]) for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for name, code in page.codes.items():
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert set(rules) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    assert not re.search(
        r"\beval\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write|Function\(", page.codes["script"]
    )
    assert not re.search(r"url\(|@import|https?:", page.codes["style"])


def test_each_mark_leads_to_an_entry_and_each_id_to_a_chain(page: Page) -> None:
    ids = {a["id"] for _, a in page.tags if a.get("id")}
    links = [str(a["href"])[1:] for tag, a in page.tags if tag == "a"]
    assert set(links) <= ids
    marks = [a for _, a in page.tags if str(a.get("class")).startswith("mark ")]
    assert len(marks) == len(annotate(page.text).annotations)
    for mark in marks:
        for name in str(mark["data-ids"]).split():
            assert {name, f"e-{name}"} & ids


def test_a_status_is_shown_by_colour_sign_and_words(page: Page) -> None:
    marked = html(annotate("Turkey saw 900 return from the Islamic State in Syria in 2017."), "a")
    assert re.search(
        r'<a class="mark covered".*?>900<span class="sign".*?>✓</span><span class="aside"> \(covered\)', marked
    )
    for name in CLASSES.values():
        assert f".{name} {{ --tone:" in page.codes["style"]


def test_the_page_states_its_coverage() -> None:
    found = annotate("In 2017, 900 returned to Turkey from the Islamic State in Syria; 12 ships sank.")
    assert coverage_line(found) == "3 numbers found: 1 covered, 1 exempt, 1 uncovered."
    assert coverage_line(found) in html(found, "a")


def test_the_same_text_gives_the_same_bytes() -> None:
    text = paragraphs("tuning")[0]["text"]
    assert html(annotate(text), "a") == html(annotate(text), "a")


def test_control_characters_are_shown_as_unreadable_not_passed_on() -> None:
    marked = html(annotate("a\x00b\x1b[31m 400\ud800"), "t\x07")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", marked)
    marked.encode("utf-8")
