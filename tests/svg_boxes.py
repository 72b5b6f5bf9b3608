"""The boxes of all texts in an SVG picture, to see whether any two lie on one another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from ffstats.figures.theme import text_width

SVG = "{http://www.w3.org/2000/svg}"
MOVE = re.compile(r"translate\(([-\d.e]+)[, ]+([-\d.e]+)\)")


@dataclass(frozen=True)
class Text:
    """A text and the box it fills: left, top, right, bottom."""

    text: str
    box: tuple[float, float, float, float]


def texts(svg: str) -> list[Text]:
    """Return every visible text of a picture with its box."""
    found: list[Text] = []
    _walk(ElementTree.fromstring(svg), 0.0, 0.0, found)
    return found


def _walk(node: ElementTree.Element, x: float, y: float, found: list[Text]) -> None:
    moved = MOVE.search(node.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    if node.tag == f"{SVG}text" and node.get("opacity") != "0":
        size = float(node.get("font-size", "11px").removesuffix("px"))
        lines = [(span.text or "", float(span.get("dy", "0"))) for span in node.iter(f"{SVG}tspan")]
        down = 0.0
        for line, step in lines or [(node.text or "", 0.0)]:
            down += step
            if line.strip():
                found.append(
                    Text(
                        line,
                        _box(
                            line, x, y + down, size, node.get("text-anchor", "start"), node.get("font-weight")
                        ),
                    )
                )
        return
    for child in node:
        _walk(child, x, y, found)


def _box(
    line: str, x: float, y: float, size: float, anchor: str, weight: str | None
) -> tuple[float, float, float, float]:
    wide = text_width(line, size) * (1.06 if weight == "bold" else 1.0)
    left = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
    return (left, y - 0.72 * size, left + wide, y + 0.2 * size)


def collisions(svg: str, slack: float = 1.5) -> list[tuple[str, str]]:
    """Return the pairs of texts whose boxes share more than `slack` pixels in both directions."""
    known = texts(svg)
    return [
        (one.text, two.text)
        for at, one in enumerate(known)
        for two in known[at + 1 :]
        if min(one.box[2], two.box[2]) - max(one.box[0], two.box[0]) > slack
        and min(one.box[3], two.box[3]) - max(one.box[1], two.box[1]) > slack
    ]


def outside(svg: str) -> list[str]:
    """Return the texts that reach over the edge of the picture by more than their width is uncertain (6 %)."""
    root = ElementTree.fromstring(svg)
    wide, tall = float(root.get("width", "0")), float(root.get("height", "0"))
    over = []
    for known in texts(svg):
        left, top, right, bottom = known.box
        slack = 0.06 * (right - left)
        if left < -slack or top < 0 or right > wide + slack or bottom > tall:
            over.append(known.text)
    return over
