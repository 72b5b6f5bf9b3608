"""The paper as a tree of Pandoc's nodes: built from Markdown tokens and cells, so that no text is read as markup twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

from ffstats.publish import narrative
from ffstats.publish.narrative import Resolve

Node = dict[str, Any]
VERSION = [1, 23, 1]
NO_ATTRIBUTES: list[Any] = ["", [], []]
_WRAPS = {"em": "Emph", "strong": "Strong"}
_LISTS = {"bullet_list": "BulletList", "ordered_list": "OrderedList"}


def document(blocks: Sequence[Node], meta: dict[str, str]) -> Node:
    """Return a document that Pandoc reads (format json)."""
    said = {name: {"t": "MetaInlines", "c": [string(value)]} for name, value in meta.items() if value}
    return {"pandoc-api-version": VERSION, "meta": said, "blocks": list(blocks)}


def string(text: str) -> Node:
    return {"t": "Str", "c": text}


def strong(text: str) -> Node:
    return {"t": "Strong", "c": [string(text)]}


def code(text: str) -> Node:
    return {"t": "Code", "c": [NO_ATTRIBUTES, text]}


def para(*inlines: Node) -> Node:
    return {"t": "Para", "c": list(inlines)}


def header(level: int, identifier: str, inlines: Sequence[Node]) -> Node:
    return {"t": "Header", "c": [level, [identifier, [], []], list(inlines)]}


def link(target: str, text: str) -> Node:
    return {"t": "Link", "c": [NO_ATTRIBUTES, [string(text)], [target, ""]]}


def bullets(items: Iterable[Sequence[Node]]) -> Node:
    return {"t": "BulletList", "c": [[{"t": "Plain", "c": list(item)}] for item in items]}


def figure(identifier: str, path: str, alt: str, caption: Sequence[Node]) -> Node:
    """Return a figure: a picture as wide as the text, its alt text, its caption."""
    picture = {"t": "Image", "c": [["", [], [["width", "100%"]]], [string(alt)], [path, ""]]}
    said = [None, [{"t": "Plain", "c": list(caption)}]]
    return {"t": "Figure", "c": [[identifier, [], []], said, [{"t": "Plain", "c": [picture]}]]}


def table(
    identifier: str,
    caption: Sequence[Node],
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    right: Iterable[int] = (),
) -> Node:
    """Return a table of texts; a row of one cell is a heading that goes across.

    Parameters: right, the numbers of the columns that are set to the right.
    """
    ends = set(right)
    columns = [
        [{"t": "AlignRight" if at in ends else "AlignLeft"}, {"t": "ColWidthDefault"}]
        for at in range(len(head))
    ]
    body = [_row(row, len(head)) for row in rows]
    said = [None, [{"t": "Plain", "c": list(caption)}]] if caption else [None, []]
    return {
        "t": "Table",
        "c": [[identifier, [], []], said, columns, [NO_ATTRIBUTES, [_row(head, len(head))]], [[NO_ATTRIBUTES, 0, [], body]], [NO_ATTRIBUTES, []]],
    }  # fmt: skip


def _row(cells: Sequence[str], width: int) -> list[Any]:
    if len(cells) == 1 < width:
        return [NO_ATTRIBUTES, [_cell([strong(cells[0])], width)]]
    return [NO_ATTRIBUTES, [_cell([string(text)], 1) for text in cells]]


def _cell(inlines: list[Node], span: int) -> list[Any]:
    return [NO_ATTRIBUTES, {"t": "AlignDefault"}, 1, span, [{"t": "Plain", "c": inlines}]]


def great_table(html: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Return the head, the rows and the right-aligned columns of a Great Table without its styles.

    Parameters: html, as `page_exhibits.great_table` cleans it.

    >>> great_table('<table><thead><tr><th class="gt_right">A</th></tr></thead><tbody><tr><td>1 &lt; 2</td></tr></tbody></table>')
    (['A'], [['1 < 2']], [0])
    """
    root = ElementTree.fromstring(html.replace("<br>", "<br/>"))
    head = [*root.iterfind("thead/tr")][-1]
    titles = ["".join(cell.itertext()).strip() for cell in head]
    right = [at for at, cell in enumerate(head) if "gt_right" in cell.get("class", "")]
    rows = [["".join(cell.itertext()).strip() for cell in row] for row in root.iterfind("tbody/tr")]
    return titles, rows, right


def markdown(text: str, resolve: Resolve, linked: Callable[[str, str], str]) -> list[Node]:
    """Return prose as blocks, each role replaced by the text that it stands for.

    Parameters: linked, says for a role and target which place a link goes to, or returns "".
    """
    return _blocks(iter(narrative.parser().parse(text)), "", resolve, linked)


def inline(text: str, resolve: Resolve, linked: Callable[[str, str], str]) -> list[Node]:
    """Return one line of prose as inlines."""
    (token,) = narrative.parser().parseInline(text)
    return _inlines(iter(token.children or []), "", resolve, linked)


def _blocks(
    tokens: Iterator[Any], end: str, resolve: Resolve, linked: Callable[[str, str], str]
) -> list[Node]:
    found: list[Node] = []
    for token in tokens:
        if token.type == end:
            break
        name = token.type.removesuffix("_open")
        if name == "paragraph":
            children = next(tokens).children or []
            found.append(
                {"t": "Plain" if token.hidden else "Para", "c": _inlines(iter(children), "", resolve, linked)}
            )
            next(tokens)
        elif name in _LISTS:
            items = _items(tokens, f"{name}_close", resolve, linked)
            start = [[1, {"t": "Decimal"}, {"t": "Period"}]] if name == "ordered_list" else []
            found.append({"t": _LISTS[name], "c": [*start, items] if start else items})
        elif name == "blockquote":
            found.append({"t": "BlockQuote", "c": _blocks(tokens, "blockquote_close", resolve, linked)})
        elif name in ("fence", "code_block"):
            found.append({"t": "CodeBlock", "c": [NO_ATTRIBUTES, token.content.rstrip("\n")]})
        else:
            raise ValueError(f"the paper has no way to set {token.type}")
    return found


def _items(
    tokens: Iterator[Any], end: str, resolve: Resolve, linked: Callable[[str, str], str]
) -> list[list[Node]]:
    found = []
    for token in tokens:
        if token.type == end:
            break
        found.append(_blocks(tokens, "list_item_close", resolve, linked))
    return found


def _inlines(
    tokens: Iterator[Any], end: str, resolve: Resolve, linked: Callable[[str, str], str]
) -> list[Node]:
    found: list[Node] = []
    for token in tokens:
        if token.type == end:
            break
        name = token.type.removesuffix("_open")
        if name in _WRAPS:
            found.append({"t": _WRAPS[name], "c": _inlines(tokens, f"{name}_close", resolve, linked)})
        elif name == "link":
            inner = _inlines(tokens, "link_close", resolve, linked)
            found.append({"t": "Link", "c": [NO_ATTRIBUTES, inner, [str(token.attrGet("href") or ""), ""]]})
        elif name == "role":
            role, target = token.meta["role"], token.meta["target"]
            said, place = resolve(role, target).text, linked(role, target)
            found.append(link(place, said) if place else string(said))
        elif name == "code_inline":
            found.append(code(token.content))
        elif name in ("softbreak", "hardbreak"):
            found.append({"t": "Space"})
        elif name == "text":
            found += [string(token.content)] if token.content else []
        else:
            raise ValueError(f"the paper has no way to set {token.type}")
    return found
