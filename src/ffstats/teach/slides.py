"""Slides of a lesson: one page without scripts that opens from a file, snaps from slide to slide, and prints.

A slide begins with every Markdown text, written or computed; the code, answers and checks are left to the notebook.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ffstats import paths
from ffstats.teach import lesson as lessons

if TYPE_CHECKING:
    from nbformat import NotebookNode

_HIDDEN = frozenset({"key", "instructor", "question", "check", "parameters", "skip"})


@dataclass(slots=True)
class Slide:
    """A slide: parts of HTML."""

    parts: list[str] = field(default_factory=list)


def html(lesson: NotebookNode) -> str:
    """Return an executed lesson as one page of slides: nothing in it is loaded from elsewhere, and nothing runs."""
    import jinja2

    slides = [slide for slide in _slides(lesson) if slide.parts]
    text = (paths.package_dir() / "teach" / "slides.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(text).render(title=lessons.title(lesson), slides=[s.parts for s in slides])


def _slides(lesson: NotebookNode) -> list[Slide]:
    slides: list[Slide] = []
    for cell in lesson.cells:
        if lessons.tags(cell) & _HIDDEN or cell.source.startswith("teach."):
            continue
        if cell.cell_type == "markdown":
            slides.append(Slide([_markdown(cell.source)]))
        elif cell.cell_type == "code":
            for output in cell.outputs:
                data = output.get("data", {})
                if "text/markdown" in data:
                    slides.append(Slide())
                if slides and (part := _part(output, data)):
                    slides[-1].parts.append(part)
    return slides


def _part(output: Any, data: Any) -> str:
    """Return an output as HTML, in the richest form that stands still."""
    if output["output_type"] == "stream":
        return f"<pre>{_escaped(''.join(output['text']))}</pre>"
    if "text/markdown" in data:
        return _markdown("".join(data["text/markdown"]))
    if "image/svg+xml" in data:
        return _image("svg+xml", "".join(data["image/svg+xml"]).encode("utf-8"), data)
    for mime in sorted(data):
        if mime.startswith("application/vnd.vegalite"):
            from ffstats.render import pictures

            specification = json.dumps(data[mime], sort_keys=True).encode("utf-8")
            return _image("svg+xml", pictures(specification)[0], data)
    if "image/png" in data:
        return _image("png", base64.b64decode("".join(data["image/png"])), data)
    if "text/html" in data and "<script" not in "".join(data["text/html"]):
        return f'<div class="table">{"".join(data["text/html"])}</div>'
    if "text/plain" in data:
        return f"<pre>{_escaped(''.join(data['text/plain']))}</pre>"
    return ""


def _image(kind: str, picture: bytes, data: Any) -> str:
    vega: dict[str, Any] = next(
        (data[mime] for mime in sorted(data) if mime.startswith("application/vnd.vegalite")), {}
    )
    alt = _escaped(str(vega.get("description", "Chart; the notebook has its data.")))
    return f'<img alt="{alt}" src="data:image/{kind};base64,{base64.b64encode(picture).decode("ascii")}">'


def _markdown(text: str) -> str:
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


def _escaped(text: str) -> str:
    import html

    return html.escape(text)
