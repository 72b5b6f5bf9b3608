"""What is fuzzed: each reader of foreign text, from bytes, with the inputs to start from and what must hold of the result.

A reader may refuse an input with an FfstatsError. Any other exception, an assertion among them, is a fault.
"""

from __future__ import annotations

import atexit
import copy
import csv
import io
import json
import math
import os
import random
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from ffstats import paths, printed
from ffstats.errors import FfstatsError

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "tests" / "data" / "fuzz"
"""Inputs that once broke a reader, or reach a corner of one; one file each, below the name of the target."""

LANGUAGES = (None, None, None, "en", "fr", "de", "es", "it", "nl", "sv", "ru", "bg", "ar", "tr", "id", "sq", "xx", "")
UNITS = (None, None, None, "persons", "countries", "percent", "km2", "deaths", "persons_per_month", "", "apples")


@dataclass(frozen=True)
class Target:
    """A reader: what feeds it one input, and the inputs to start from; `part` of all executions are its own."""

    feed: Callable[[bytes], Any]
    seeds: Callable[[], list[bytes]]
    part: float
    seconds: float = 1.0
    """Processor time that one input may take."""


def text_of(data: bytes) -> str:
    """Return bytes as text; what is not UTF-8 becomes lone surrogates, as in the arguments of a command."""
    return data.decode("utf-8", "surrogateescape")


@cache
def folder() -> Path:
    """Return a folder for the files that readers are given, in memory where the system has such a place."""
    shm = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix="ffstats-fuzz-", dir=shm if os.access(shm, os.W_OK) else None))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def file_of(data: bytes, name: str) -> Path:
    path = folder() / name
    path.write_bytes(data)
    return path


def column(name: str, field: str) -> list[bytes]:
    """Return the texts of one column of a CSV file of the project."""
    with (ROOT / name).open(encoding="utf-8", newline="") as file:
        return [row[field].encode() for row in csv.DictReader(file) if row[field]]


def rows_of(name: str, many: int = 4, at_most: int = 40) -> list[bytes]:
    """Return some CSV files, each the header and a few rows of one of the project's."""
    lines = (ROOT / name).read_bytes().splitlines(keepends=True)
    return [lines[0] + b"".join(lines[n : n + many]) for n in range(1, min(len(lines), at_most * many), many)]


def _sane(estimate: Any) -> None:
    """Hold an estimate to what every one must be."""
    for end in (estimate.low, estimate.high, estimate.best):
        assert end is None or math.isfinite(end), estimate
    assert estimate.low is None or estimate.high is None or estimate.low <= estimate.high, estimate
    assert str(estimate), estimate


def feed_printed(data: bytes) -> None:
    first = data[0] if data else 0
    language, unit = LANGUAGES[first % len(LANGUAGES)], UNITS[first // len(LANGUAGES) % len(UNITS)]
    _sane(printed.parse(text_of(data[1:]), language, unit))


def printed_seeds() -> list[bytes]:
    texts = column("tests/data/printed_contract.csv", "text") + column("tests/data/printed_errors.csv", "text")
    for path in sorted((ROOT / "data" / "raw").glob("*/readings.csv")):
        texts += column(str(path.relative_to(ROOT)), "printed")[:100]
    return [bytes([n % 198]) + text for n, text in enumerate(dict.fromkeys(texts))]


def feed_mentions(data: bytes) -> None:
    text = text_of(data)
    at = 0
    for mention in printed.mentions(text):
        assert at <= mention.start < mention.end <= len(text), mention
        assert (mention.estimate is None) == (mention.error is not None), mention
        at = mention.end
        if mention.estimate is not None:
            _sane(mention.estimate)


def passages() -> list[bytes]:
    lines = (ROOT / "tests/data/annotate/paragraphs.jsonl").read_text(encoding="utf-8").splitlines()
    hostile = (ROOT / "tests/data/annotate/hostile.txt").read_bytes().splitlines()
    return [json.loads(line)["text"].encode() for line in lines] + hostile


def feed_annotate(data: bytes) -> None:
    from ffstats.annotate import annotate

    text = text_of(data)
    found = annotate(text)
    at = 0
    for each in found.annotations:
        assert at <= each.mention.start < each.mention.end <= len(text), each.mention
        assert text[each.mention.start : each.mention.end] == each.mention.text, each.mention
        at = each.mention.end
    json.dumps(found.as_list())


class _Page(HTMLParser):
    """The elements and attributes of a page that could run or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.bad = 0, []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag in ("iframe", "object", "embed", "base", "link", "img", "svg", "math", "foreignobject"):
            self.bad.append(tag)
        for name, value in attrs:
            strange = (value or "").strip().lower().startswith(("javascript:", "data:", "vbscript:"))
            if name.startswith("on") or name in ("style", "srcdoc", "formaction") or strange:
                self.bad.append(f"{tag} {name}={value}")


def feed_page(data: bytes) -> None:
    from ffstats.annotate import annotate
    from ffstats.annotate.page import html

    text = text_of(data)
    page = _Page()
    page.feed(html(annotate(text), text[:60]))
    assert page.scripts == 1 and not page.bad, (page.scripts, page.bad)


def feed_documents(data: bytes) -> None:
    """The first byte says which kind of file it is; of a .docx the rest is the text part, or the whole archive."""
    from ffstats.annotate import readers

    kind, rest = (data[0] % 5 if data else 0), data[1:]
    if kind == 0:
        readers.plain(rest, "fuzz.txt")
    elif kind == 1:
        readers.html(rest, "fuzz.html")
    elif kind == 2:
        readers.docx(_word(rest), "fuzz.docx")
    elif kind == 3:
        readers.docx(rest, "fuzz.docx")
    else:
        readers.pdf(rest, "fuzz.pdf")


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
}


def _word(body: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _PARTS.items():
            archive.writestr(name, text)
        archive.writestr("word/document.xml", body)
    return out.getvalue()


def document_seeds() -> list[bytes]:
    word = f'<w:document {W}><w:body><w:p><w:r><w:t>At least 5,600 returned</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>12</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>900</w:t><w:tab/><w:br/><w:noBreakHyphen/></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>'.encode()
    pdf = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
        b"4 0 obj<</Length 45>>stream\nBT /F 12 Tf 9 9 Td (5,600 returned in 2017) Tj ET\nendstream endobj\ntrailer<</Root 1 0 R/Size 5>>\n"
    )
    page = b"<!doctype html><html><head><title>t</title></head><body><p>Some <b>300</b> left<sup>4</sup>.<ul><li>900</ul><pre>a\n\nb</pre><table><tr><td>1<td>2</table><script>9</script>"
    texts = [b"\0" + passage for passage in passages()[:40]]
    return [*texts, b"\0\xff\xfe4\x000\x00", b"\1" + page, b"\2" + word, b"\3" + _word(word), b"\4" + pdf]


@cache
def _fields() -> Any:
    from ffstats import raw

    return raw.fields_of(raw.descriptor(paths.raw_dir() / "soufan2017"), "readings.csv")


def feed_raw(data: bytes) -> None:
    from ffstats import raw

    for row in raw.read(file_of(data, "readings.csv"), _fields()):
        assert set(row) == {field.name for field in _fields()}


def feed_template(data: bytes) -> None:
    """A filled template of missing cells: checked row by row; nothing is written."""
    from ffstats import definitions, gaps, raw

    path = file_of(data, "template.csv")
    fields = [raw.Field(c, required=c == "source_id", terms=definitions.terms(c) if c in definitions.FACETS else ()) for c in gaps.COLUMNS]
    for index, row in enumerate(raw.read(path, fields)):
        for problem in gaps._problems(path, index, row):
            assert isinstance(problem, FfstatsError)


def template_seeds() -> list[bytes]:
    from ffstats import gaps

    lines = gaps.template().splitlines(keepends=True)
    filled = [line.replace(b",,", b",up to 3,", 1) for line in lines[1:]]
    return [lines[0] + line for line in (*lines[1:40], *filled[:40])]


@cache
def _quantities() -> list[Any]:
    from ffstats.balance.relations import Quantity
    from ffstats.estimate import Estimate

    persons = [Quantity(name, Estimate.exact(10 + n)) for n, name in enumerate(("back", "held", "spare", "one", "two"))]
    return [
        *persons, Quantity("went", Estimate.at_least(20), as_of="2017"), Quantity("area", Estimate.exact(5, "km2"), as_of="2015/2017"),
        Quantity("share", Estimate.exact(10, "percent")), Quantity("open", Estimate.vague()), Quantity("left", Estimate.between(5, 9), as_of="2014-06"),
    ]  # fmt: skip


def feed_relations(data: bytes) -> None:
    from ffstats import reconcile
    from ffstats.balance.posing import pose
    from ffstats.balance.relations import assumed, check, read_relations

    relations = read_relations(file_of(data, "relations.csv"))
    check(_quantities(), relations)
    for reading in ("strict", "charitable"):
        pose(_quantities(), assumed(relations, reading), reading)
    if len(relations) <= 6 and len(data) % 16 == 0:  # solving costs a hundred times as much as all the rest
        str(reconcile.reconcile(_quantities(), relations, seconds=0.2))


def relation_seeds() -> list[bytes]:
    head = b"relation_id,kind,left,right,factor,low,high,reading,reason\n"
    lines = [
        b"a,part_of,back,went,,,,both,only who went returns\n", b"b,sums_to,back;held,went,,,,strict,no others\n", b"c,at_most,back,one;two,,,,charitable,why\n",
        b"d,ratio_of,back,went,share,,,both,as printed\n", b"e,ratio_of,held,went,,10,12.5,both,as read\n", b"f,equals,one,two,,,,both,the same\n",
        b"g,precedes,left,went,,,,both,time\n", b"h,part_of,one;two,spare,,,,both,parts\n", b"i,part_of,went,back,,,,both,a circle\n",
    ]  # fmt: skip
    pairs = [head + a + b for a in lines for b in lines if a != b]
    return [*pairs, head + b"".join(lines[:8])]


def feed_quantities(data: bytes) -> None:
    from ffstats.balance.relations import read_quantities

    for quantity in read_quantities(file_of(data, "quantities.csv")):
        _sane(quantity.estimate)


def quantity_seeds() -> list[bytes]:
    head = b"quantity_id,title,unit,low,high,reason\n"
    return [head + b"q,The rest,persons,0,,nobody printed it\n", head + b'q,"a, b",percent,1.5,99,why\nr,c,persons,,1e3,why\n']


def feed_notebook(data: bytes) -> None:
    """A notebook from a stranger, as `ffstats sweep` and a run meet it before anything is executed."""
    import nbformat

    from ffstats import fingerprint, records
    from ffstats.notebooks import canonical, parameters
    from ffstats.notebooks.run import _read
    from ffstats.sweep.page import heading

    if not data.lstrip().startswith(b"{"):  # else hardly any change would leave it JSON: the bytes choose the changes
        seeds = notebook_seeds()[:-3]
        data = json.dumps(bent(json.loads(seeds[len(data) % len(seeds)]), random.Random(data))).encode()
    path = file_of(data, "stranger.ipynb")
    with suppress(FfstatsError):
        once = canonical.dumps(_read(path), path.parent)
        assert canonical.dumps(nbformat.reads(once, 4), path.parent) == once
    parameters.check({}, parameters.declared(path), "stranger.ipynb")
    fingerprint.of_notebook(path, {}, records.lock_path())
    heading(path)


ODD = (None, True, -1, 1e308, "", "x", [], {}, ["a", 1], {"tags": "x"}, "\ud800", "a" * 5000, [[[[]]]], "parameters", "code")


def bent(tree: Any, chance: random.Random) -> Any:
    """Return plain data with a few of its values dropped, doubled or replaced by odd ones."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = tree
        while True:
            keys = list(at) if isinstance(at, dict) else range(len(at))
            if not keys:
                break
            key = chance.choice(keys)
            if isinstance(at[key], (dict, list)) and at[key] and chance.random() < 0.8:
                at = at[key]
                continue
            if chance.random() < 0.25:
                del at[key]
            elif isinstance(at, list) and chance.random() < 0.3:
                at.append(at[key])
            else:
                at[key] = copy.deepcopy(chance.choice(ODD))
            break
    return tree


@cache
def notebook_seeds() -> list[bytes]:
    cells = [
        {"cell_type": "markdown", "id": "head", "metadata": {}, "source": ["# Title\n", "text"]},
        {"cell_type": "code", "id": "p", "metadata": {"tags": ["parameters"]}, "execution_count": 1, "outputs": [], "source": "rule: str = 'printed'  # mark\nn = 3"},
        {"cell_type": "code", "id": "0a1b2c3d", "metadata": {}, "execution_count": None, "source": "from ffstats import tidy\n%time\n",
         "outputs": [{"output_type": "stream", "name": "stdout", "text": ["at 0x7f00aa11\n"]}, {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<div id=\"abcdefghij\" style=\"padding\">", "text/plain": ["x"]}},
                     {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mline"]}]},
    ]  # fmt: skip
    base = {"cells": cells, "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "papermill": {"parameters": {"a": 1}}}, "nbformat": 4, "nbformat_minor": 5}
    old = base | {"cells": [{k: v for k, v in cell.items() if k != "id"} for cell in cells], "nbformat_minor": 2}
    one = [base | {"cells": [cell]} for cell in cells]
    return [json.dumps(each, indent=indent).encode() for each in (base, old, *one, base | {"cells": []}) for indent in (None, 1)] + [b"0", b"11", b"222"]


def feed_parameters(data: bytes) -> None:
    """What follows --over and -p, and the file of --grid: names and values of strangers."""
    from ffstats.choice import Choice
    from ffstats.pipeline import typed
    from ffstats.sweep import grid

    text = text_of(data)
    kind, rest = (data[0] % 5 if data else 0), text[1:]
    if kind == 0:
        sets = grid.over(rest.split("\n"))
        assert len(set(grid.labels(sets))) == len(sets)
    elif kind == 1:
        sets = grid.read(file_of(data[1:], "grid.csv"))
        assert all(label and "/" not in label and not label.startswith(".") for label in grid.labels(sets))
    elif kind == 2:
        for default in ("'printed'", "3", "2.5", "True", "['GBR']", "None", "x", ""):
            with suppress(FfstatsError):
                typed("name", rest, default)
    elif kind == 3:
        Choice(rule=rest)
    else:
        Choice(as_of=rest)


def parameter_seeds() -> list[bytes]:
    return [
        b"\0rule=printed,midpoint\niso3=GBR,FRA", b"\0iso3=all", b"\0a=1\nb=2,3\nc=x y", b"\1rule,iso3\nprinted,GBR\nmidpoint,\n", b'\1"a b",c\n"1,2",3\n',
        b"\2printed", b"\2[1, 2]", b"\0021e5", b"\2true", b"\2GBR, FRA", b"\3midpoint", b"\0042017-10-24", b"\0042017", b"\0042017-02-29",
    ]  # fmt: skip


def feed_places(data: bytes) -> None:
    from ffstats import places

    role = "place" if data[:1] and data[0] % 2 else "origin"
    assert places.name(places.code(text_of(data[1:]), role))  # type: ignore[arg-type]


def place_seeds() -> list[bytes]:
    names = [p.name for p in __import__("ffstats.places").places._table().values()]
    hard = column("tests/data/places_hard.csv", next(csv.reader((ROOT / "tests/data/places_hard.csv").open(encoding="utf-8")))[0])
    return [bytes([n % 2]) + name for n, name in enumerate([*(n.encode() for n in names), *hard])]


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("parse", "more than 40,000"), ("parse", "--json", "2.926", "--language", "de"), ("parse", "--unit", "countries", "110 countries"),
    ("describe", "travelled"), ("describe", "readings", "--json"), ("sources", "soufan2017"), ("sources", "--json"), ("gaps", "soufan2017"),
    ("explain", "c043"), ("explain", "growth", "-p", "rule=midpoint"), ("list", "--json"), ("check", "--text", "article"), ("diff", "nowhere"),
    ("reproduce", "--only", "nothing"), ("reproduce", "-p", "nothing=1"), ("reproduce", "--workers", "0"), ("sweep", "nothing"), ("sweep", "country_profile", "--over", "nothing=1"),
    ("recompute", "c043", "850"), ("annotate", "nowhere.txt", "--language", "en"), ("lint-prose", "nowhere.md"), ("review", "--against", "nowhere"),
    ("paper", "--format", "odt"), ("evidence", "add", "c043", "--printed", "850", "--locator", "p. 1", "--seen-at", "x", "--reviewer", "R", "--dry-run"),
)  # fmt: skip
HEAVY = {"reproduce", "sweep", "review", "paper", "report", "export", "clean", "teach", "doctor"}
"""Commands that write or run: only with arguments that stop them before they begin."""


def feed_command(data: bytes) -> None:
    """Arguments of the command line, one a line. What a command prints is its own; how it ends is looked at."""
    import typer

    from ffstats.cli import app

    arguments = text_of(data).split("\n")
    bare = {a.partition("=")[0] for a in arguments}
    if HEAVY & set(arguments[:2]) and not (bare & {"nothing", "nowhere", "odt", "--workers"} or "-p" in bare):
        return
    if bare & {"--template", "--out", "--grid", "--add", "--scheduler", "--store", "--tree", "--blind", "-"} or any("/" in a for a in arguments):
        return  # where files are written is tested elsewhere, in a folder for it
    if arguments[:1] in (["reproduce"], ["sweep"], ["paper"], ["review"], ["clean"], ["export"], ["report"]) and not _stops(arguments):
        return
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="replace")
    with redirect_stdout(out), redirect_stderr(out), suppress(SystemExit):
        code = typer.main.get_command(app).main(args=arguments, prog_name="ffstats", standalone_mode=True)
        assert code in (None, 0, 1, 2), code


def _stops(arguments: list[str]) -> bool:
    return any(tuple(arguments) == command for command in COMMANDS)


def command_seeds() -> list[bytes]:
    return ["\n".join(command).encode() for command in COMMANDS]


TARGETS: dict[str, Target] = {
    "printed": Target(feed_printed, printed_seeds, 0.68),
    "mentions": Target(feed_mentions, passages, 0.02),
    "places": Target(feed_places, place_seeds, 0.01),
    "raw": Target(feed_raw, lambda: rows_of("data/raw/soufan2017/readings.csv"), 0.03),
    "template": Target(feed_template, template_seeds, 0.02),
    "relations": Target(feed_relations, relation_seeds, 0.03),
    "quantities": Target(feed_quantities, quantity_seeds, 0.02),
    "parameters": Target(feed_parameters, parameter_seeds, 0.12),
    "notebook": Target(feed_notebook, notebook_seeds, 0.02),
    "annotate": Target(feed_annotate, passages, 0.003),
    "page": Target(feed_page, passages, 0.0006, 2.0),
    "documents": Target(feed_documents, document_seeds, 0.045),
    "command": Target(feed_command, command_seeds, 0.0004, 5.0),
}


def kept(name: str) -> Iterator[tuple[str, bytes]]:
    """Give the inputs that are kept of a target, with the names of their files."""
    for path in sorted((KEPT / name).glob("*")):
        yield path.name, path.read_bytes()


def feed(name: str, data: bytes) -> str:
    """Give one input to a target; return the class of the error it is refused with, or an empty text.

    Raises: whatever is no FfstatsError.
    """
    try:
        TARGETS[name].feed(data)
    except FfstatsError as error:
        str(error).encode("utf-8", "replace")
        return type(error).__name__
    return ""


__all__ = ["KEPT", "ROOT", "TARGETS", "Target", "feed", "kept"]
