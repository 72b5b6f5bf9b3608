"""Exhibits in a notebook: what is drawn, as the last value of a cell."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from ffstats import catalogue, render
from ffstats.drawn import OUT, Exhibit, emit

VEGA_LITE = "application/vnd.vegalite.v5+json"
VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


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
    try:
        import vl_convert
    except ModuleNotFoundError:
        return shown
    return shown | {"image/svg+xml": vl_convert.vegalite_to_svg(specification, vl_version=render.VEGA_LITE)}


def show(exhibit_id: str, /, **parameters: Any) -> Shown:
    """Build an exhibit from the tidy tables and return it for display; in a run of the pipeline, write its files.

    Raises ChoiceError for an unknown exhibit, parameter or value, listing the valid ones.
    """
    exhibit = catalogue.build(exhibit_id, **parameters)
    if os.environ.get(OUT):
        emit(exhibit)
    return Shown(exhibit)
