"""A figure or table as it is drawn: its data, alt text, caption and sources, and the files it is kept in."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import paths
from ffstats.errors import ExhibitError
from ffstats.files import put

if TYPE_CHECKING:
    import pandas as pd

OUT = "FFSTATS_OUT"


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
        import altair

        altair.data_transformers.register("ffstats", _records)
        with altair.data_transformers.enable("ffstats"):
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


def _records(data: Any) -> Any:
    """Return the rows of a frame as Altair does, what is missing or infinite as None, in a tenth of its time."""
    import altair
    import numpy as np
    import pandas as pd

    if not isinstance(data, pd.DataFrame) or not all(t.kind in "biufO" for t in data.dtypes):
        return altair.to_values(data)
    columns = []
    for _, column in data.items():
        gone = ~np.isfinite(column.to_numpy()) if column.dtype.kind in "biuf" else column.isna()
        columns.append([None if none else value for value, none in zip(column.tolist(), gone, strict=True)])
    return {"values": [dict(zip(data.columns, row, strict=True)) for row in zip(*columns, strict=True)]}


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


def extensions(kind: str) -> Sequence[str]:
    """Return the file types that an exhibit of a kind is kept in.

    >>> extensions("table")
    ('csv', 'html', 'tex')
    """
    return ("svg", "png", "json", "csv") if kind == "figure" else ("csv", "html", "tex")
