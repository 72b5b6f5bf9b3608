"""The paper: one tree for three formats, every number bound, every exhibit in it, the same bytes, nothing read as markup."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ffstats.errors import ExtraMissing, PaperError
from ffstats.publish import narrative, paper, typeset
from ffstats.publish import paper_ast as ast
from report_project import copied

pytest.importorskip("typst")
pytest.importorskip("pypandoc")

HOSTILE = r'#panic("x") $x^2$ \input{/etc/passwd} <script>alert(1)</script> *b* _i_ @cite [link](x) %c & ~ ^ {brace} `raw` == ]] // /*'
STAMP = 1_600_000_000


def words(node) -> str:
    """Return all text of a tree, in order."""
    if isinstance(node, list):
        return "".join(words(part) for part in node)
    if not isinstance(node, dict):
        return ""
    if node.get("t") == "Str":
        return node["c"]
    if node.get("t") == "Code":
        return node["c"][1]
    return " " if node.get("t") == "Space" else words([*node.values()])


def nodes(node, kind):
    if isinstance(node, list):
        for part in node:
            yield from nodes(part, kind)
    elif isinstance(node, dict):
        if node.get("t") == kind:
            yield node
        yield from nodes([*node.values()], kind)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with copied(tmp_path_factory.mktemp("paper")) as results:
        yield results


@pytest.fixture(scope="module")
def tree(folder):
    return paper.build(folder)


@pytest.fixture(scope="module")
def document(tree, folder) -> bytes:
    return paper.pdf(tree, folder)


def text_of(pdf: bytes) -> str:
    pypdf = pytest.importorskip("pypdf")
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def test_a_quotation_and_a_listing_are_set_and_what_cannot_be_set_is_refused() -> None:
    quotation, listing = ast.markdown("> said\n\n```\na = 1\n```\n", str, str)
    assert quotation == {"t": "BlockQuote", "c": [ast.para(ast.string("said"))]}
    assert listing["t"] == "CodeBlock" and listing["c"][1] == "a = 1"
    with pytest.raises(ValueError, match="no way to set"):
        ast.markdown("one\n\n---\n", str, str)


def test_every_figure_and_table_of_the_catalogue_is_in_the_paper_once(tree, folder):
    listed = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
    figures = [node["c"][0][0] for node in nodes(tree, "Figure")]
    tables = [node["c"][0][0] for node in nodes(tree, "Table") if node["c"][0][0]]
    assert sorted(figures) == sorted(item["id"] for item in listed if item["kind"] == "figure")
    assert sorted(tables) == sorted(
        [*(item["id"] for item in listed if item["kind"] == "table"), paper.DERIVED]
    )
    alts = {node["c"][0][0]: words(next(nodes(node, "Image"))["c"][1]) for node in nodes(tree, "Figure")}
    assert alts == {item["id"]: item["alt"] for item in listed if item["kind"] == "figure"}


def test_no_role_is_left_and_every_number_is_what_its_role_stands_for(tree, folder):
    said = words(tree)
    assert "{num}" not in said and "{claim}" not in said and "{count}" not in said
    numbers = {n["id"]: n["text"] for n in json.loads((folder / "numbers.json").read_text(encoding="utf-8"))}
    used = [target for role, target, _ in narrative.read().roles() if role == "num"]
    assert len(used) > 20
    assert [target for target in used if numbers[target].removesuffix(" times") not in said] == []
    assert len([*nodes(tree, "Header")]) > 10


def test_a_number_that_moves_moves_in_the_paper(folder, tmp_path):
    import shutil

    moved = tmp_path / "results"
    shutil.copytree(folder, moved)
    numbers = json.loads((moved / "numbers.json").read_text(encoding="utf-8"))
    target = next(target for role, target, _ in narrative.read().roles() if role == "num")
    for number in numbers:
        if number["id"] == target:
            number["text"] = "987,654"
    (moved / "numbers.json").write_text(json.dumps(numbers), encoding="utf-8")
    assert "987,654" in words(paper.build(moved))


def test_every_link_within_the_paper_has_its_target(tree):
    targets = {node["c"][1][0] for node in nodes(tree, "Header")}
    targets |= {node["c"][0][0] for kind in ("Figure", "Table") for node in nodes(tree, kind)}
    links = {node["c"][2][0] for node in nodes(tree, "Link")}
    assert {link[1:] for link in links if link.startswith("#")} <= targets


def test_what_only_a_page_has_is_left_out_with_the_words_that_lead_to_it(tree):
    said = words(tree)
    assert "this page" not in said.lower() and "explorer" not in said


def test_the_pdf_is_tagged_dated_named_and_holds_the_text(document, tree):
    pypdf = pytest.importorskip("pypdf")
    reader = pypdf.PdfReader(io.BytesIO(document))
    assert reader.metadata is not None and reader.metadata.title == narrative.read().head["title"]
    assert (
        reader.metadata.creation_date is not None
        and int(reader.metadata.creation_date.timestamp()) == 1577836800
    )
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and reader.trailer["/Root"]["/Lang"].startswith(
        "en"
    )
    text = text_of(document)
    assert "Relocators" in text and "Table 1." in text and "1 January 2020" in text
    assert len(reader.pages) > 20 and len(document) < 8_000_000


def test_figures_are_vector_graphics_with_text_in_the_font_they_were_laid_out_for(document, folder):
    pypdf = pytest.importorskip("pypdf")
    reader = pypdf.PdfReader(io.BytesIO(document))
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    families = {name.split("+")[-1].split("-")[0] for name in fonts}
    assert families <= {"Arimo", "LibertinusSerif", "DejaVuSansMono"} and "Arimo" in families
    assert "persons" in text_of(document)
    assert not any(page.images for page in reader.pages)


def test_every_sign_of_the_figures_is_in_the_font_of_the_paper(folder):
    from xml.etree import ElementTree

    from PIL import ImageFont

    # Where one sign is missing, Typst sets the whole line in another font.
    font = ImageFont.truetype(Path(paper.__file__).parent / "assets/fonts/arimo-latin-400.ttf", 64)
    absent = bytes(font.getmask("\U0010fffd"))
    signs = {
        sign
        for path in (folder / "figures").glob("*.svg")
        for t in ElementTree.parse(path).getroot().itertext()
        for sign in t
    }
    assert len(signs) > 50
    assert {sign for sign in signs if not sign.isspace() and bytes(font.getmask(sign)) == absent} == set()


def test_all_three_formats_have_the_same_bytes_in_another_process(document, tree, folder):
    code = (
        "import hashlib, sys; from pathlib import Path; from ffstats.publish import paper; folder = Path(sys.argv[1]); "
        "tree = paper.build(folder); "
        "[print(hashlib.sha256(make(tree, folder)).hexdigest()) for make in (paper.pdf, paper.docx, paper.tex)]"
    )
    import hashlib
    import os

    environment = os.environ | {"PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=folder,
    )
    made = (document, paper.docx(tree, folder), paper.tex(tree, folder))
    assert done.stdout.split() == [hashlib.sha256(data).hexdigest() for data in made]


def test_word_gets_pictures_with_alt_text_and_the_tables(tree, folder):
    archive = zipfile.ZipFile(io.BytesIO(paper.docx(tree, folder)))
    body = archive.read("word/document.xml").decode("utf-8")
    figures = [*nodes(tree, "Figure")]
    assert len([name for name in archive.namelist() if name.startswith("word/media/")]) == len(figures)
    assert body.count("<w:tbl>") == len([*nodes(tree, "Table")])
    assert body.count('descr="') >= len(figures)


def test_latex_stands_alone_and_its_pictures_are_where_it_looks(folder):
    (path,) = paper.write(folder, ("tex",))
    text = path.read_text(encoding="utf-8")
    assert text.startswith("%") and r"\begin{document}" in text
    import re

    named = re.findall(r"\{(\.\./figures/[^}]+)\}", text)
    assert named and all((path.parent / name).is_file() for name in named)


def test_writing_again_changes_nothing(folder):
    first = {path: path.read_bytes() for path in paper.write(folder)}
    assert {path.name for path in first} == {"survey.pdf", "survey.docx", "survey.tex"}
    assert {path: path.read_bytes() for path in paper.write(folder)} == first


def hostile_tree():
    said = [ast.string(HOSTILE)]
    blocks = [
        ast.header(1, "one", said), ast.para(*said, ast.code(HOSTILE), ast.strong(HOSTILE)), ast.bullets([said]),
        ast.table("t", said, [HOSTILE, "b"], [[HOSTILE, "1"], [HOSTILE]]), ast.header(1, "tables", said),
    ]  # fmt: skip
    return ast.document(blocks, {"title": HOSTILE, "subtitle": HOSTILE, "date": "today"})


def test_hostile_words_are_printed_in_the_pdf_and_never_run(monkeypatch, tmp_path):
    made = typeset.pdf("paper.typ", hostile_tree(), STAMP, standard="ua-1")
    squeezed = "".join(text_of(made).split())
    assert squeezed.count("".join(HOSTILE.split())) >= 4


def test_hostile_words_are_printed_in_word_and_latex_and_never_run(monkeypatch, tmp_path):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(STAMP))
    latex = paper.tex(hostile_tree(), tmp_path).decode("utf-8")
    assert (
        r"\input{/etc" not in latex
        and r"\textbackslash input" in latex
        and r"\#panic" in latex
        and r"\$x" in latex
    )
    archive = zipfile.ZipFile(io.BytesIO(paper.docx(hostile_tree(), tmp_path)))
    body = archive.read("word/document.xml").decode("utf-8")
    assert "<script" not in body and "&lt;script&gt;" in body


def test_markdown_in_a_bound_value_stays_text():
    bound = narrative.Bound("num", "a.b", "*9* [x](y) <b>", "")
    (block,) = ast.markdown("It was {num}`a.b`.", lambda role, target: bound, lambda role, target: "")
    assert block == ast.para(ast.string("It was "), ast.string("*9* [x](y) <b>"), ast.string("."))


def test_prose_keeps_its_structure():
    blocks = ast.markdown(
        "*a* **b** `c` [d](https://e.org)\n\n- one\n- two\n\n1. x", None, lambda role, target: ""
    )
    assert [block["t"] for block in blocks] == ["Para", "BulletList", "OrderedList"]
    assert [node["t"] for node in blocks[0]["c"] if node["t"] != "Str"] == ["Emph", "Strong", "Code", "Link"]


def test_typst_reads_nothing_outside_what_it_is_given(tmp_path):
    (tmp_path / "secret.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    picture = ast.figure("f", f"../{tmp_path.name}/secret.svg", "alt", [ast.string("c")])
    tree = ast.document([picture, ast.header(1, "tables", [ast.string("T")])], {"title": "t"})
    with pytest.raises(PaperError, match=r"paper\.typ"):
        typeset.pdf("paper.typ", tree, STAMP)


def test_a_missing_library_is_named_with_the_extra_that_brings_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.setitem(sys.modules, "pypandoc", None)
    with pytest.raises(ExtraMissing, match=r"ffstats\[publish\]"):
        typeset.pdf("paper.typ", hostile_tree(), STAMP)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(STAMP))
    with pytest.raises(ExtraMissing, match=r"ffstats\[publish\]"):
        paper.tex(hostile_tree(), tmp_path)
