"""Read the text of a file: plain, Markdown, HTML, Word, PDF, or standard input. Nothing in a file is run or fetched."""

from __future__ import annotations

import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ffstats.errors import DocumentError, how_to_add

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGEST_FILE = 64_000_000
"""Bytes of a file; a book of a thousand pages has two."""
LARGEST_TEXT = 20_000_000
"""Characters of text, whatever the size of the file it comes out of."""
LARGEST_UNPACKED = 256_000_000
"""Bytes that a .docx may unpack to; a bomb unpacks to thousands of times its size."""
PAGES = 5_000

_BLOCKS = frozenset(
    ["p", "div", "section", "article", "header", "footer", "main", "aside", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "table", "tr", "blockquote", "pre", "figure", "figcaption", "dl", "dt", "dd", "form", "hr", "br"]
)
_UNSEEN = frozenset(["script", "style", "template", "noscript", "head", "svg", "math", "iframe", "object"])
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error)
"""What a damaged archive is found to be, by the part of it that is damaged."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a file and the places in it that its format marks as note marks or page numbers."""

    text: str
    notes: tuple[tuple[int, int], ...] = ()


class _Text:
    """A text as it grows, with its notes; too much of it is an error before memory is."""

    def __init__(self, name: str) -> None:
        self.name, self.parts, self.length = name, [""], 0
        self.notes: list[tuple[int, int]] = []

    def add(self, text: str, note: bool = False) -> None:
        if note:
            self.notes.append((self.length, self.length + len(text)))
        self.parts.append(text)
        self.length += len(text)
        if self.length > LARGEST_TEXT:
            raise DocumentError(
                f"{self.name}: more than {LARGEST_TEXT:,} characters of text. Split it and annotate the parts."
            )

    def ends(self, text: str) -> bool:
        return self.parts[-1].endswith(text) or not self.length

    def document(self) -> Document:
        text = "".join(self.parts)
        if not text.strip():
            raise DocumentError(f"{self.name}: there is no text in it. Give a file with a text.")
        return Document(text, tuple(self.notes))


def read(source: str | Path) -> Document:
    """Return the text of a file by its ending: .txt, .md, .html, .htm, .docx, .pdf; - is standard input.

    A file without a known ending is read as plain text. Raises: DocumentError, which says what is wrong with the
    file and what to do: too large, empty, not UTF-8, no text layer, encrypted, damaged, or a library missing.
    """
    if str(source) == "-":
        return plain(_all(sys.stdin.buffer, "standard input"), "standard input")
    path = Path(source)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise DocumentError(f"{path}: not a file. Give one file, or - for standard input.")
        if size > LARGEST_FILE:
            raise DocumentError(f"{path}: {size:,} bytes, more than {LARGEST_FILE:,}. Split it and annotate the parts.")
        with path.open("rb") as file:
            data = _all(file, str(path))
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read: {error.strerror or error}.") from None
    read: Callable[[bytes, str], Document] = by_ending().get(path.suffix.lower(), plain)
    return read(data, str(path))


def _all(file: IO[bytes], name: str) -> bytes:
    data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise DocumentError(f"{name}: more than {LARGEST_FILE:,} bytes. Split it and annotate the parts.")
    if not data.strip():
        raise DocumentError(f"{name}: it is empty. Give a file with a text.")
    return data


def by_ending() -> dict[str, Any]:
    """Return the reader of each ending."""
    return {".html": html, ".htm": html, ".xhtml": html, ".docx": docx, ".pdf": pdf}


def plain(data: bytes, name: str) -> Document:
    """Return text that is UTF-8, or UTF-16 with its mark.

    >>> plain("400 returned.".encode(), "note.txt").text
    '400 returned.'
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(
            f"{name}: not {encoding.upper().removesuffix('-SIG')}: byte {error.start:,} is {data[error.start]:#04x}. "
            "Save it as UTF-8 and try again."
        ) from None
    if "\x00" in text:
        raise DocumentError(f"{name}: it holds NUL characters, so it is no text. Give a text, .html, .docx or .pdf.")
    found = _Text(name)
    found.add(text.replace("\r\n", "\n").replace("\r", "\n"))
    return found.document()


def _missing(name: str, library: str) -> DocumentError:
    return DocumentError(f"{name}: {library} is needed to read it. {how_to_add('annotate')}")


def html(data: bytes, name: str) -> Document:
    """Return the text of an HTML page: no scripts, styles or comments; a number in <sup> is a note mark."""
    try:
        from lxml import etree
        from lxml.html import HTMLParser
    except ImportError:
        raise _missing(name, "lxml") from None
    declared = b"charset" in data[:2048].lower()
    parser = HTMLParser(
        encoding=None if declared else "utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError) as error:
        raise DocumentError(f"{name}: it cannot be read as HTML: {error}.") from None
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise DocumentError(f"{name}: it is nested too deep to be read. Save its text as .txt and annotate that.")
    found = _Text(name)
    if root is not None:
        _walk(root, found)
    return found.document()


def _walk(root: _Element, found: _Text) -> None:
    """Add the text of a tree, in order; without recursion, for a page may be nested without end."""
    stack: list[tuple[Any, bool]] = [(root, False)]
    note = 0
    while stack:
        node, left = stack.pop()
        tag = node.tag if isinstance(node.tag, str) else ""
        if left:
            note -= tag == "sup"
            if tag in _BLOCKS and not found.ends("\n\n"):
                found.add("\n" if tag in ("br", "tr", "li") else "\n\n")
            elif tag in ("td", "th"):
                found.add("\t")
            if node.tail:
                found.add(_spaced(node.tail))
            continue
        stack.append((node, True))
        if tag in _UNSEEN:
            continue
        if tag in _BLOCKS and not found.ends("\n"):
            found.add("\n")
        note += tag == "sup"
        if node.text:
            said = node.text if tag == "pre" else _spaced(node.text)
            found.add(*_raised(said) if note else (said,))
        stack.extend((child, False) for child in reversed(node))


def _raised(text: str) -> tuple[str, bool]:
    """Return raised text; a note's number in brackets, so that it does not run into the number before it."""
    return (f"[{text.strip()}]", True) if text.strip().isdigit() else (text, False)


def _spaced(text: str) -> str:
    """Return text with the line breaks of its source as spaces; a no-break space stays."""
    return " ".join(text.replace("\t", " ").replace("\r", " ").split("\n"))


def docx(data: bytes, name: str) -> Document:
    """Return the text of a Word file: body, tables and notes in order; note marks and superscript numbers apart."""
    import io

    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        unpacked = sum(entry.file_size for entry in archive.infolist())
        packed = len(data)
    except (ValueError, RuntimeError, *_DAMAGED):
        encrypted = data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        what = "encrypted, or an old .doc file" if encrypted else "no .docx file, or damaged"
        raise DocumentError(f"{name}: {what}. Save it as .docx without a password and try again.") from None
    if unpacked > LARGEST_UNPACKED or len(archive.infolist()) > 10_000:
        raise DocumentError(
            f"{name}: {packed:,} bytes unpack to {unpacked:,}, more than {LARGEST_UNPACKED:,}. It is not opened."
        )
    try:
        from docx import Document as Word
        from docx.opc.exceptions import OpcError
    except ImportError:
        raise _missing(name, "python-docx") from None
    try:
        word = Word(io.BytesIO(data))
        parts = [word.element.body, *_note_parts(word)]
    except (OpcError, LookupError, ValueError, AttributeError, SyntaxError, RuntimeError, EOFError, OSError, *_DAMAGED) as error:
        raise DocumentError(f"{name}: it cannot be read as .docx: {error}. Save it anew and try again.") from None
    found = _Text(name)
    for part in parts:
        for paragraph in part.iter(f"{_WORD}p"):
            for text, raised in _runs(paragraph):
                found.add(*_raised(text) if raised else (text,))
            found.add("\n\n")
    return found.document()


def _note_parts(word: Any) -> Iterator[Any]:
    from docx.oxml import parse_xml

    for related in word.part.rels.values():
        kind = related.reltype.rsplit("/", 1)[-1]
        if kind in ("footnotes", "endnotes") and not related.is_external:
            yield parse_xml(related.target_part.blob)


def _runs(paragraph: Any) -> Iterator[tuple[str, bool]]:
    for run in paragraph.iter(f"{_WORD}r"):
        raised = run.find(f"{_WORD}rPr/{_WORD}vertAlign")
        note = raised is not None and raised.get(f"{_WORD}val") == "superscript"
        for child in run:
            tag = child.tag.removeprefix(_WORD) if isinstance(child.tag, str) else ""
            if tag == "t" and child.text:
                yield child.text, note
            elif tag in ("tab", "br", "cr"):
                yield "\t" if tag == "tab" else "\n", False
            elif tag == "noBreakHyphen":
                yield "-", False


def pdf(data: bytes, name: str) -> Document:
    """Return the text layer of a PDF, page by page; words divided at a line's end are joined again."""
    import io

    try:
        import pypdf
        from pypdf.errors import PyPdfError
    except ImportError:
        raise _missing(name, "pypdf") from None
    found = _Text(name)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError(f"{name}: it is encrypted. Save a copy without a password and annotate that.")
        pages = len(reader.pages)
        if pages > PAGES:
            raise DocumentError(f"{name}: {pages:,} pages, more than {PAGES:,}. Split it and annotate the parts.")
        for page in reader.pages:
            _page(page.extract_text() or "", found)
    except DocumentError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError) as error:
        raise DocumentError(f"{name}: it cannot be read as PDF: {error or type(error).__name__}.") from None
    if not "".join(found.parts).strip():
        raise DocumentError(f"{name}: it has no text layer; the pages are pictures. Recognise its text (OCR) first.")
    return found.document()


def _page(text: str, found: _Text) -> None:
    """Add a page: a number alone on its first or last line is the page's own."""
    lines = [line.rstrip() for line in text.split("\n")]
    filled = [n for n, line in enumerate(lines) if line.strip()]
    edges = {filled[0], filled[-1]} if filled else set()
    for n, line in enumerate(lines):
        follows = lines[n + 1].lstrip() if n + 1 < len(lines) else ""
        if line.endswith(("-", "\u00ad", "‐")) and line[-2:-1].isalpha() and follows[:1].islower():
            found.add(line[:-1])
            continue
        found.add(line, note=n in edges and line.strip().isdigit())
        found.add("\n")
    found.add("\n")
