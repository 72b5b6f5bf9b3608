"""The reader page: every number bound, everything escaped, one file, the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from markupsafe import escape

from ffstats import catalogue, ledger
from ffstats.errors import ExhibitError, NarrativeError
from ffstats.judging import entries
from ffstats.publish import narrative, page, page_about, page_exhibits, page_explorer, page_ledger, page_task
from ffstats.publish.narrative import Block, Bound, Narrative, Section
from ffstats.publish.narrative_bindings import Bindings
from report_project import copied

SCRIPTS = re.compile(r"<script.*?</script>", re.DOTALL)
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}</style>'


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with copied(tmp_path_factory.mktemp("project")) as out:
        yield out


@pytest.fixture(scope="module")
def built(results: Path) -> str:
    return page.write(results).read_text(encoding="utf-8")


def told(*paragraphs: str) -> Narrative:
    return Narrative({}, (Section("a", "A", 1, tuple(Block("prose", text, 2) for text in paragraphs)),))


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("It was 40,000.", ["40,000"]),
        ("Some forty-one left.", ["forty-one"]),
        ("A third came back.", ["third"]),
        ("Two dozen, and 12 percent.", ["12", "Two", "dozen"]),
        ("**5,600** of *them*", ["5,600"]),
        ("| a |\n|---|\n| 17 |", ["17"]),
        ("### The 9 camps", ["9"]),
        ("[3 pages](#x)", ["3"]),
        ("In 2017, p. 12, note 4, ISO 3166.", []),
        ("From 2013–18 and 2014-15.", []),
        ("It was {num}`a.b`, as `make 3` says.", []),
        ("One of them, at first.", []),
    ],
)
def test_a_typed_number_is_found_wherever_it_stands(text: str, typed: list[str]) -> None:
    found = [line.rpartition(": ")[2] for line in narrative.check(told(text)).typed]
    assert found == typed


def test_the_narrative_of_the_project_types_no_number_and_says_how_many_it_binds() -> None:
    coverage = narrative.check(narrative.read())
    assert coverage.typed == ()
    assert coverage.bound > 50
    assert coverage.exempt["dates"] > 0


def test_a_build_with_a_typed_number_or_an_unknown_one_fails_and_names_each() -> None:
    bindings = Bindings([], {}, entries.load().claims, {}, {})
    text = told("It was 40,000 in {num}`no.such`.", "Then {claim}`c999`, {claim}`c043` and {nothing}`x`.")
    with pytest.raises(NarrativeError) as error:
        narrative.checked(text, bindings)
    for part in ("40,000 is typed", "{num}`no.such`", "{claim}`c999`", "no role {nothing}", "line 2"):
        assert part in str(error.value)
    assert "c043" not in str(error.value)


def test_a_role_prints_what_its_source_holds_with_its_bound() -> None:
    claims = entries.load().claims
    bindings = Bindings(
        [{"id": "a.b", "text": "at least 6.6 times", "unit": "times", "definition": "d", "sources": ["un"], "notebook": "n", "cell": "c"}],
        {"growth": "Figure 1"}, claims, {"claims": 1234}, {"fit": "Fit"},
    )  # fmt: skip
    assert bindings("num", "a.b").text == "at least 6.6"
    assert bindings("claim", "c019").text == "“up to 3,000”"
    assert bindings("est", "soufan2017/FRA/returned/all_persons/syria_iraq/isis").text == "271"
    assert bindings("total", "un-106").text == "24,000–30,000"
    assert bindings("count", "claims").text == "1,234"
    assert (bindings("exhibit", "growth").text, bindings("ref", "fit").anchor) == ("Figure 1", "fit")
    assert "Soufan Center 2017" in bindings("src", "soufan2017").text


def test_a_section_needs_a_name_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "text.md"
    path.write_text("(a)=\n## One\n\n(a)=\n## Two\n\n## Three\n", encoding="utf-8")
    with pytest.raises(NarrativeError, match=r"line 5.*\n.*line 7"):
        narrative.read(path)


def test_markup_in_the_narrative_stays_text() -> None:
    shown = narrative.html(f"{HOSTILE} [x](javascript:alert(1)) {{num}}`a`", lambda role, target: Bound(role, target, HOSTILE, HOSTILE, "x"))
    assert "<script" not in shown and "<img" not in shown and 'href="javascript' not in shown
    assert html.escape("<script>alert(1)</script>") in shown


def test_a_picture_or_table_can_run_nothing() -> None:
    drawn = page_exhibits.svg(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9" onload="alert(1)">'
        '<defs><clipPath id="c"/></defs><g clip-path="url(#c)" style="x:y"><script>alert(1)</script><foreignObject><p/></foreignObject>'
        '<a xlink:href="javascript:alert(1)"><text>kept</text></a><text>&lt;b&gt;</text></g></svg>',
        "f",
    )
    for gone in ("script", "foreignObject", "onload", "href", "style", "<a"):
        assert gone not in drawn
    assert "kept" in drawn and "&lt;b&gt;" in drawn and 'clip-path="url(#f-c)"' in drawn and 'id="f-c"' in drawn
    table = page_exhibits.great_table(
        f'<table onclick="x"><tr class="gt_heading"><td>Title</td></tr><tr><td style="x" class="&quot;><b>">{html.escape(HOSTILE)}<img src=x></td></tr>'
        "<tfoot><tr><td>note</td></tr></tfoot></table>"
    )
    assert "<script" not in table and "<img" not in table and "onclick" not in table and "style=" not in table
    assert "Title" not in table and "note" not in table and html.escape(HOSTILE) in table


def test_hostile_words_in_the_data_reach_the_page_as_words(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = page_ledger.cards
    monkeypatch.setattr(page_ledger, "cards", lambda: [card | {"printed": HOSTILE, "reason": HOSTILE, "paraphrase": HOSTILE} for card in plain()])
    explorer = page_explorer.data
    monkeypatch.setattr(page_explorer, "data", lambda: explorer() | {"sources": [["un", HOSTILE, "#000"]]})
    view = page_exhibits.view
    monkeypatch.setattr(
        page_exhibits, "view",
        lambda *given: replace(view(*given), title=HOSTILE, alt=HOSTILE, caption=HOSTILE, code=HOSTILE, rows=((HOSTILE,),)),
    )  # fmt: skip
    made = page.build(results)
    assert made.count("<script") == 3 and made.count("</script>") == 3
    words = SCRIPTS.sub("", made)
    assert "<img" not in words and "</style>" not in words[words.index("</style>") + 8 :]
    assert words.count(str(escape(HOSTILE))) > 3 * len(plain())


def test_the_page_asks_for_nothing_and_runs_only_what_it_names(built: str) -> None:
    words = SCRIPTS.sub("", built)
    assert not re.search(r"<(?:link|iframe|object|embed|img|base|form[^>]*action)\b", words)
    assert not re.search(r'\ssrc="|@import|url\((?!"?data:|#)', words)
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', built)[1])
    assert "unsafe" not in policy and policy.startswith("default-src 'none'")
    for kind, pattern in (("script", r"<script>(.*?)</script>"), ("script", r'id="vega-source">(.*?)</script>'), ("style", r"<style>(.*?)</style>")):
        content = re.search(pattern, built, re.DOTALL)[1]
        named = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{named}'" in next(part for part in policy.split("; ") if part.startswith(f"{kind}-src"))
    assert not re.search(r"\sstyle=|\son[a-z]+=", re.sub(r"<(script|style).*?</\1>", "", built, flags=re.DOTALL))


def test_the_page_is_one_file_below_eight_megabytes(built: str) -> None:
    assert len(built.encode()) < page.LARGEST == 8_000_000


def test_a_second_build_and_another_directory_give_the_same_bytes(results: Path, built: str, tmp_path: Path) -> None:
    page.vega_bundle.cache_clear()
    assert page.build(results) == built
    with copied(tmp_path) as out:
        assert page.write(out).read_text(encoding="utf-8") == built
    assert str(results) not in built and str(Path.home()) + "/" not in built


def test_every_exhibit_of_the_catalogue_stands_there_with_all_that_belongs_to_it(results: Path, built: str) -> None:
    for known in catalogue.entries():
        start = built.index(f'id="exhibit-{known.id}"')
        part = built[start : built.index("</figure>", start)]
        item = json.loads((results / "exhibits" / f"{known.id}.json").read_text(encoding="utf-8"))
        assert item["alt"] in html.unescape(part) and item["caption"] in html.unescape(part)
        for source in item["sources"]:
            assert f'href="#source-{source}"' in part and f'id="source-{source}"' in built
        for claim in item["claims"]:
            assert f'href="#{claim}"' in part and '<article class="card' in built and f'id="{claim}"' in built
        table = base64.b64decode(re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]*)"', part)[1])
        assert table == (results / f"{known.kind}s" / f"{known.id}.csv").read_bytes()
        assert f"notebooks/{known.notebook}.ipynb" in part and known.id in re.search(r"<dt>Cell</dt><dd>(.*?)</dd>", part, re.DOTALL)[1]
        if known.kind == "figure":
            made = json.loads(base64.b64decode(re.search(r'href="data:application/json;charset=utf-8;base64,([^"]*)"', part)[1]))
            assert made == json.loads((results / "figures" / f"{known.id}.json").read_bytes())
            assert "<svg" in part
        else:
            assert "<table" in part


def test_every_claim_has_a_card_with_its_verdict_reason_and_evidence(built: str) -> None:
    for verdict in ledger.check():
        start = built.index(f'id="{verdict.claim_id}" data-text=')
        card = html.unescape(built[start : built.index("</article>", start)])
        assert f'data-verdict="{verdict.verdict}"' in card and verdict.reason in card and verdict.claim.printed in card
        assert page_ledger.SIGNS[verdict.verdict] in card and verdict.claim.where in card
        for piece in verdict.seen:
            assert piece.evidence_id in card and (piece.printed or "no figure seen") in card and piece.locator in card and piece.seen_at in card
        assert card.count(">decides<") == (verdict.best is not None)


def test_every_link_within_the_page_leads_somewhere(built: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', SCRIPTS.sub("", built))
    assert len(ids) == len(set(ids)), sorted({name for name in ids if ids.count(name) > 1})
    targets = set(re.findall(r'href="#([^"]+)"', SCRIPTS.sub("", built)))
    assert sorted(targets - set(ids)) == []


def test_every_number_of_the_notebooks_is_listed_with_sources_and_cell(results: Path, built: str) -> None:
    for entry in json.loads((results / "numbers.json").read_text(encoding="utf-8")):
        start = built.index(f'id="n-{entry["id"].replace(".", "-")}"')
        row = html.unescape(built[start : built.index("</tr>", start)])
        assert entry["text"] in row and entry["definition"] in row and entry["cell"] in row and entry["cell"]
        assert entry["sources"] and all(f'href="#source-{name}"' in row for name in entry["sources"])


def test_what_a_source_does_not_count_is_said(built: str) -> None:
    for source in page_about.all_sources():
        part = built[built.index(f'id="source-{source["source_id"]}"') :]
        part = part[: part.index("</article>")]
        assert source["citation"] in html.unescape(part) and source["licence"] in html.unescape(part)
        assert "What is not counted</h4>" in part or source["source_id"] == "texts"


def test_the_explorer_holds_every_estimate_and_reading() -> None:
    from ffstats import tidy

    data = page_explorer.data()
    assert [row[0] for row in data["estimates"]] == list(tidy.estimates()["estimate_id"])
    assert [row[0] for row in data["readings"]] == list(tidy.readings()["reading_id"])
    witnesses = tidy.estimates()["witnesses"]
    assert [[data["readings"][at][0] for at in row[-1]] for row in data["estimates"]] == [names.split() for names in witnesses]


def test_a_conflict_names_its_numbers_where_they_come_from_and_why() -> None:
    found = page_ledger.conflicts(entries.load().claims.values())
    assert [reading["reading"] for reading in found] == ["strict", "charitable"]
    sets = [one for reading in found for one in reading["sets"]]
    assert sets
    for one in sets:
        assert all(number["claim"] or number["source"] or number["where"] for number in one["numbers"]), one
        assert all(relation["reason"] and relation["sentence"] for relation in one["relations"])


def test_the_date_is_that_of_the_epoch_or_of_the_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert page_about.written_date(page_about.date()) == "1 January 1970"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(NarrativeError, match="whole number"):
        page_about.date()
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setenv("FFSTATS_ROOT", str(tmp_path))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(NarrativeError, match="SOURCE_DATE_EPOCH"):
        page_about.date()


def test_results_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ExhibitError, match=r"catalogue\.json"):
        page.write(tmp_path)


def test_the_narrative_and_the_catalogue_must_agree() -> None:
    with pytest.raises(NarrativeError, match=r"a stands in it 2 times; b is not in the catalogue of the results; c has no place"):
        page.complete(["a", "a", "b"], {"a": {}, "c": {}})


def test_exhibits_are_numbered_in_the_order_of_the_text() -> None:
    order = [name for section in narrative.read().sections for name in section.exhibits()]
    kinds = {known.id: known.kind for known in catalogue.entries()}
    labels = page_exhibits.labels(order, kinds)
    assert sorted(order) == sorted(kinds)
    assert labels["growth"] == "Figure 1" and labels["growth_table"] == "Table 1"


def test_the_page_is_written_again_only_when_something_that_it_is_made_from_has_changed(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page_task.bring(results)
    assert page_task.changes(results) == []
    assert not page_task.bring(results)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert [change.field for change in page_task.changes(results)] == ["date"]
    monkeypatch.undo()
    written = results / page.NAME
    before = written.read_bytes()
    written.write_bytes(before + b" ")
    assert [change.field for change in page_task.changes(results)] == [f"output {page.NAME.as_posix()}"]
    assert page_task.bring(results)
    assert written.read_bytes() == before
    seen = page_task.fields(results)
    for part in ("module ffstats.publish.page_ledger", "module ffstats.reconcile", "asset page.css", "asset page_parts.html.j2", "raw texts/claims.csv", "narrative"):
        assert part in seen
