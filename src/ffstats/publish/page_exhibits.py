"""Figures and tables as the page shows them: picture, data, specification, and the cell that draws each."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from markupsafe import Markup

from ffstats import paths, sources
from ffstats.errors import ExhibitError

SVG = "http://www.w3.org/2000/svg"
UNSAFE = {"script", "foreignObject", "a", "use", "image", "style", "animate", "set", "iframe"}
ALLOWED = {"table", "thead", "tbody", "tr", "th", "td", "span", "em", "strong", "br"}
KEPT = {"class", "colspan", "rowspan", "scope"}
TITLES = {"figure": "Figure", "table": "Table"}


@dataclass(frozen=True, slots=True)
class View:
    """One exhibit, ready for the template; what is Markup has been cleaned, all else is still to be escaped."""

    id: str
    kind: str
    label: str
    title: str
    caption: str
    alt: str
    sources: tuple[tuple[str, str], ...]
    claims: tuple[str, ...]
    notebook: str
    cell: str
    code: str
    picture: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    csv: str
    specification: str


def labels(order: Iterable[str], kinds: Mapping[str, str]) -> dict[str, str]:
    """Number figures and tables in the order in which they stand.

    >>> labels(["a", "b", "c"], {"a": "figure", "b": "table", "c": "figure"})
    {'a': 'Figure 1', 'b': 'Table 1', 'c': 'Figure 2'}
    """
    counted = dict.fromkeys(TITLES, 0)
    found = {}
    for exhibit_id in order:
        kind = kinds[exhibit_id]
        counted[kind] += 1
        found[exhibit_id] = f"{TITLES[kind]} {counted[kind]}"
    return found


def view(out: Path, item: Mapping[str, Any], label: str) -> View:
    """Read one exhibit's files from a results folder.

    Parameters: item, its metadata as in catalogue.json; label, such as "Figure 3".
    Raises: ExhibitError, which names a file or notebook cell that is not there.
    """
    stem = out / f"{item['kind']}s" / item["id"]
    table = text(stem.with_suffix(".csv"))
    rows = list(csv.reader(io.StringIO(table)))
    figure = item["kind"] == "figure"
    cell, code = _cell(out / "notebooks" / f"{item['notebook']}.ipynb", item["id"])
    specification = json.dumps(json.loads(text(stem.with_suffix(".json"))), ensure_ascii=False, separators=(",", ":")) if figure else ""
    return View(
        id=item["id"], kind=item["kind"], label=label, title=item["title"], caption=item["caption"], alt=item["alt"],
        sources=tuple((name, sources.source(name).short) for name in item["sources"]), claims=tuple(item["claims"]),
        notebook=item["notebook"], cell=cell, code=code,
        picture=svg(text(stem.with_suffix(".svg")), item["id"]) if figure else great_table(text(stem.with_suffix(".html"))),
        columns=tuple(rows[0]), rows=tuple(map(tuple, rows[1:])), csv=data_url(table, "text/csv"),
        specification=data_url(specification, "application/json") if figure else "",
    )  # fmt: skip


def data_url(text: str, kind: str) -> str:
    """Return a text as an address that holds it.

    >>> data_url("a", "text/csv")
    'data:text/csv;charset=utf-8;base64,YQ=='
    """
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(text.encode('utf-8')).decode('ascii')}"


def text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ExhibitError(f"{paths.shown(path)}: not there. Run `ffstats reproduce` first.") from error


@cache
def _cells(path: Path, stamp: int) -> tuple[Mapping[str, Any], ...]:
    return tuple(json.loads(path.read_text(encoding="utf-8"))["cells"])


def _cell(path: Path, exhibit_id: str) -> tuple[str, str]:
    """Return the id and the code of the cell that shows an exhibit."""
    if not path.is_file():
        raise ExhibitError(f"{paths.shown(path)}: not there. Run `ffstats reproduce` first.")
    for cell in _cells(path, path.stat().st_mtime_ns):
        for output in cell.get("outputs", []):
            if output.get("metadata", {}).get("ffstats", {}).get("exhibit") == exhibit_id:
                return cell["id"], "".join(cell["source"])
    raise ExhibitError(f"{paths.shown(path)}: no cell shows {exhibit_id}. Run `ffstats reproduce --force`.")


def svg(text: str, prefix: str) -> Markup:
    """Return a picture for the page: nothing in it can run, and its names are its own.

    >>> print(svg('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>x</script></svg>', "a"))
    <svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" viewBox="0 0 9 9" aria-hidden="true" focusable="false" />
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(text)
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) in UNSAFE:
                kept = list(child) if _local(child.tag) == "a" else []
                at = list(parent).index(child)
                parent.remove(child)
                parent[at:at] = kept
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if _local(name).startswith("on") or _local(name) in ("href", "style") or _local(name).startswith("aria-"):
                del element.attrib[name]
            elif name == "id":
                element.set(name, f"{prefix}-{value}")
            elif "url(#" in value:
                element.set(name, value.replace("url(#", f"url(#{prefix}-"))
        element.attrib.pop("role", None)
    width, height = root.get("width", "1"), root.get("height", "1")
    root.set("viewBox", root.get("viewBox") or f"0 0 {width} {height}")
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _local(name: str) -> str:
    return name.rpartition("}")[2]


class _Table(HTMLParser):
    """Keeps the cells of a table and drops styles, scripts, names, its heading and its notes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self.dropping or tag in ("style", "script", "tfoot") or (tag == "tr" and "gt_heading" in given.get("class", "")):
            if tag != "br":
                self.dropping.append(tag)
            return
        if tag in ALLOWED:
            kept = "".join(f' {name}="{escape(value)}"' for name, value in given.items() if name in KEPT)
            self.parts.append(f"<{tag}{kept}>")

    def handle_endtag(self, tag: str) -> None:
        if self.dropping:
            if tag == self.dropping[-1]:
                self.dropping.pop()
        elif tag in ALLOWED and tag != "br":
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self.dropping:
            self.parts.append(escape(data))


def great_table(text: str) -> Markup:
    """Return a Great Table without its styles, to be styled by the page.

    >>> great_table('<style>p {}</style><table><tr><td onclick="x" class="gt_row">1 &lt; 2</td></tr></table>')
    Markup('<table><tr><td class="gt_row">1 &lt; 2</td></tr></table>')
    """
    reader = _Table()
    reader.feed(text)
    reader.close()
    return Markup(re.sub(r">\s+<", "><", "".join(reader.parts)).strip())
