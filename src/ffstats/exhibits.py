"""An exhibit: a figure or table with its data, alt text, caption and sources, and the files it is kept in."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import paths
from ffstats.errors import ExhibitError

if TYPE_CHECKING:
    import pandas as pd

OUT = "FFSTATS_OUT"
VEGA_LITE = "application/vnd.vegalite.v5+json"
VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


@dataclass(frozen=True)
class Drawn:
    """What a figure or table function returns: the thing itself and what can be said of it.

    `content` is an Altair chart or a Great Table, `data` the frame of exactly what it shows, `sources` the ids
    of the sources that occur in it.
    """

    content: Any
    data: pd.DataFrame
    alt: str
    caption: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Exhibit:
    """A drawn figure or table under its entry in the catalogue."""

    id: str
    kind: str
    title: str
    section: str
    notebook: str
    claims: tuple[str, ...]
    drawn: Drawn
    parameters: dict[str, Any] = field(default_factory=dict)

    def metadata(self) -> dict[str, Any]:
        """Return what the catalogue says of the exhibit, ready for JSON."""
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "section": self.section,
            "notebook": self.notebook,
            "sources": sorted(self.drawn.sources),
            "claims": list(self.claims),
            "alt": self.drawn.alt,
            "caption": self.drawn.caption,
            "parameters": self.parameters,
        }

    @cached_property
    def specification(self) -> dict[str, Any]:
        """The Vega-Lite specification of a figure, which the tests hold to its schema."""
        specification: dict[str, Any] = self.drawn.content.to_dict(validate=False)
        return specification

    @cached_property
    def markup(self) -> str:
        """The HTML of a table."""
        return str(self.drawn.content.as_raw_html(inline_css=False))

    def files(self) -> dict[str, bytes]:
        """Return the files of the exhibit that need no renderer: name from the results folder → bytes."""
        stem = f"{self.kind}s/{self.id}"
        made = {f"exhibits/{self.id}.json": _json(self.metadata()), f"{stem}.csv": _csv(self.drawn.data)}
        if self.kind == "figure":
            made[f"{stem}.json"] = _json(self.specification, indent=None)
        else:
            made[f"{stem}.html"] = self.markup.encode("utf-8")
            made[f"{stem}.tex"] = self.drawn.content.as_latex().encode("utf-8")
        return made


def _json(data: Any, indent: int | None = 1) -> bytes:
    return (
        json.dumps(data, ensure_ascii=False, indent=indent, sort_keys=True, allow_nan=False) + "\n"
    ).encode("utf-8")


def _csv(frame: pd.DataFrame) -> bytes:
    from ffstats.store import csv_bytes

    return csv_bytes(frame)


def out_dir(out: Path | str | None = None) -> Path:
    """Return the folder that exhibits are written to: `out`, else FFSTATS_OUT, else the project's results."""
    named = out or os.environ.get(OUT)
    return Path(named) if named else paths.results_dir()


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a file that already holds the content is left as it is."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        waiting.write_bytes(content)
        os.replace(waiting, path)
    finally:
        waiting.unlink(missing_ok=True)


def emit(exhibit: Exhibit, out: Path | str | None = None) -> list[Path]:
    """Write an exhibit's specification, data and metadata; `ffstats.render` makes the pictures later.

    Returns the paths written below `out` (see `out_dir`): figures/ID.json and .csv, or tables/ID.csv, .html and
    .tex, and exhibits/ID.json.
    """
    folder = out_dir(out)
    made = exhibit.files()
    for name, content in made.items():
        put(folder / name, content)
    return [folder / name for name in made]


def emitted(out: Path | str | None = None) -> list[dict[str, Any]]:
    """Return the metadata of every exhibit emitted into a folder, by id.

    Raises ExhibitError where a metadata file is not JSON.
    """
    found = []
    for path in sorted((out_dir(out) / "exhibits").glob("*.json")):
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ExhibitError(
                f"{paths.shown(path)}: not JSON ({error}); delete it and run its notebook again"
            ) from error
    return found


@dataclass(frozen=True)
class Shown:
    """An exhibit as the last value of a notebook cell: a chart that JupyterLab draws, or a table."""

    exhibit: Exhibit

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what a front end may show, and the exhibit's id by which its picture is added later.

        JupyterLab 4 knows the types of Vega-Lite up to version 5, whose specifications ours are as well. The alt
        text stands in wherever nothing better can be shown.
        """
        drawn = self.exhibit.drawn
        best: dict[str, Any]
        if self.exhibit.kind == "figure":
            best = {VEGA_LITE: _compact(self.exhibit.specification)}
        else:
            best = {"text/html": self.exhibit.markup}
        return {**best, "text/plain": drawn.alt}, {"ffstats": {"exhibit": self.exhibit.id}}


def _compact(specification: dict[str, Any]) -> dict[str, Any]:
    """Return a specification as a notebook holds it: shapes as text, each number of which would be a line else."""
    datasets = specification.get("datasets", {})
    shapes = {name: json.dumps(data) for name, data in datasets.items() if isinstance(data, dict)}
    return {**specification, "$schema": VEGA_LITE_SCHEMA, "datasets": {**datasets, **shapes}}


def renderer(specification: dict[str, Any], **_options: Any) -> dict[str, Any]:
    """Show an Altair chart without a network, after `altair.renderers.enable("ffstats")`.

    Returns the specification for front ends that draw it themselves (JupyterLab, also in a browser alone) and, for
    all others, its picture as SVG where the renderer is installed.

    >>> sorted(renderer({"data": {"values": []}, "mark": "point"}))[0]
    'application/vnd.vegalite.v5+json'
    """
    shown: dict[str, Any] = {VEGA_LITE: _compact(specification), "text/plain": "A chart."}
    if find_spec("vl_convert"):
        import vl_convert

        from ffstats import render

        shown["image/svg+xml"] = vl_convert.vegalite_to_svg(specification, vl_version=render.VEGA_LITE)
    return shown


def show(exhibit_id: str, /, **parameters: Any) -> Shown:
    """Build an exhibit from the tidy tables and return it for display; in a run of the pipeline, write its files.

    Raises ChoiceError for an unknown exhibit, parameter or value, listing the valid ones.
    """
    from ffstats import catalogue

    exhibit = catalogue.build(exhibit_id, **parameters)
    if os.environ.get(OUT):
        emit(exhibit)
    return Shown(exhibit)


def extensions(kind: str) -> Sequence[str]:
    """Return the file types that an exhibit of a kind is kept in.

    >>> extensions("table")
    ('csv', 'html', 'tex')
    """
    return ("svg", "png", "json", "csv") if kind == "figure" else ("csv", "html", "tex")
