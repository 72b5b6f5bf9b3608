"""Documents are read as the reader sees them; what cannot be read says so, within bounds of memory and time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ffstats.annotate import annotate, readers
from ffstats.annotate.readers import Document, read
from ffstats.errors import DocumentError

lxml = pytest.importorskip("lxml", reason="the extra ffstats[annotate] is not installed")
docx = pytest.importorskip("docx", reason="the extra ffstats[annotate] is not installed")
pypdf = pytest.importorskip("pypdf", reason="the extra ffstats[annotate] is not installed")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def writer(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return writer


def pdf(*pages: str) -> bytes:
    """Return a small PDF, each line of a page set below the one before."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for n, page in enumerate(pages):
        shown = " ".join(f"({line}) Tj 0 -16 Td" for line in page.split("\n")) if page else ""
        stream = f"BT /F1 12 Tf 72 720 Td {shown} ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return f"{out}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode("latin-1")


def word() -> bytes:
    document = docx.Document()
    paragraph = document.add_paragraph("At least 400 returned")
    paragraph.add_run("58").font.superscript = True
    paragraph.add_run(" to Britain.")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Tunisia", "800"
    document.add_paragraph("The end.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def quantities(document: Document) -> list[str]:
    found = annotate(document.text, document.notes)
    return [a.mention.text for a in found.annotations if a.mention.kind == "quantity"]


def test_word_files_keep_their_order_and_tell_note_marks_from_numbers(write: Callable[[str, bytes], Path]) -> None:
    document = read(write("a.docx", word()))
    assert document.text.index("Britain") < document.text.index("Tunisia") < document.text.index("The end")
    assert [document.text[a:b] for a, b in document.notes] == ["[58]"]
    assert quantities(document) == ["At least 400", "800"]


def test_html_hides_what_a_browser_hides_and_tells_note_marks(write: Callable[[str, bytes], Path]) -> None:
    page = b"""<html><head><title>300</title><style>p { width: 400px }</style></head><body><script>var x = 500;</script>
    <!-- 600 --><p>Some 800<sup>12</sup> fighters<br>left</p><p>271 came back.</p></body></html>"""
    document = read(write("a.html", page))
    assert quantities(document) == ["Some 800", "271"]
    assert not any(hidden in document.text for hidden in ("300", "400", "500", "600"))
    assert "Some 800[12]" in document.text


def test_pdf_text_is_joined_over_line_ends_and_page_numbers_are_no_quantities(
    write: Callable[[str, bytes], Path],
) -> None:
    document = read(write("a.pdf", pdf("At least 5,600 had re-\nturned home, 271 to\nFrance.\n23", "24\nThe end.")))
    assert "returned home" in document.text
    assert quantities(document) == ["At least 5,600", "271"]
    assert [document.text[a:b] for a, b in document.notes] == ["23", "24"]


def test_plain_text_is_utf8_or_utf16_with_any_line_end(write: Callable[[str, bytes], Path]) -> None:
    assert read(write("a.txt", "\ufeffZwölf\r\nsind da".encode())).text == "Zwölf\nsind da"
    assert read(write("b.md", "Zwölf".encode("utf-16"))).text == "Zwölf"


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(30):
            archive.writestr(f"word/document{n}.xml", b"\0" * 10_000_000)
    return out.getvalue()


def liar() -> bytes:
    """Return a .docx whose XML refers to an entity that would grow without end."""
    inner = word()
    out = io.BytesIO()
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    xml = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "400 ">{lol}]>'.encode()
    with zipfile.ZipFile(io.BytesIO(inner)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "word/document.xml":
                data = xml + data.split(b"?>", 1)[1].replace(b"The end.", b"&l11;")
            new.writestr(entry, data)
    return out.getvalue()


def encrypted() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("400 fighters")))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.txt", b"", "it is empty"),
        ("blank.md", b" \n\t\n", "it is empty"),
        ("latin.txt", "Zwölf Kämpfer".encode("latin-1"), "not UTF-8: byte 2 is 0xf6"),
        ("binary.txt", b"ab\x00cd", "NUL"),
        ("empty.html", b"<html><body><script>400</script></body></html>", "there is no text in it"),
        ("scan.pdf", pdf("", ""), "no text layer"),
        ("secret.pdf", encrypted(), "it is encrypted"),
        ("broken.pdf", b"%PDF-1.4 nothing", "cannot be read as PDF"),
        ("not.pdf", b"400 fighters", "cannot be read as PDF"),
        ("bomb.docx", bomb(), "unpack to 300,000,000"),
        ("not.docx", b"400 fighters", "no .docx file"),
        ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted, or an old .doc"),
        ("other.docx", word()[:400], "no .docx file, or damaged"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(
    write: Callable[[str, bytes], Path], name: str, data: bytes, says: str
) -> None:
    path = write(name, data)
    with pytest.raises(DocumentError) as error:
        read(path)
    assert says in str(error.value)
    assert name in str(error.value)


def test_a_zip_of_another_kind_is_no_word_file(write: Callable[[str, bytes], Path]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "400")
    with pytest.raises(DocumentError, match=r"cannot be read as \.docx"):
        read(write("zip.docx", out.getvalue()))


def test_entities_that_grow_are_not_expanded(write: Callable[[str, bytes], Path]) -> None:
    try:
        text = read(write("liar.docx", liar())).text
    except DocumentError:
        return
    assert len(text) < 10_000


def test_a_file_of_200_megabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(DocumentError, match="200,000,000 bytes, more than 64,000,000"):
        read(path)


def test_a_file_that_is_not_there_or_no_file_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="cannot be read"):
        read(tmp_path / "none.txt")
    with pytest.raises(DocumentError, match="not a file"):
        read(tmp_path)


def test_more_text_than_the_bound_is_an_error(
    write: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "LARGEST_TEXT", 50)
    with pytest.raises(DocumentError, match="more than 50 characters"):
        read(write("a.html", b"<p>" + b"400 fighters " * 20))


def test_a_page_nested_without_end_is_an_error_not_a_text_with_a_hole(write: Callable[[str, bytes], Path]) -> None:
    assert "400" in read(write("deep.html", b"<div>" * 1_000 + b"400 fighters")).text
    with pytest.raises(DocumentError, match="nested too deep"):
        read(write("deeper.html", b"<div>" * 20_000 + b"400 fighters"))


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, write: Callable[[str, bytes], Path]) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pypdf", None)
    with pytest.raises(DocumentError, match=r"pip install 'ffstats\[annotate\]'"):
        read(write("a.pdf", pdf("400")))
