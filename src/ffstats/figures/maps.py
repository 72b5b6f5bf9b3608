"""Maps from offline shapes: the world, a window of it, and labels that keep clear of one another."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import altair as alt
import pandas as pd

from ffstats import paths
from ffstats.figures import labels, theme

LAND, SEA_LINE = "#E9E9E9", "#B8B8B8"
WORLD, REGION = "countries-110m.json", "syria-iraq-50m.json"


@cache
def _read(name: str) -> str:
    return paths.raw_file(paths.raw_dir() / "shapes" / name).read_text(encoding="utf-8")


@cache
def codes() -> dict[str, str]:
    """Return the ISO code of each shape of the world by the shape's own id or, where it has none, by its name.

    >>> codes()["004"], codes()["Kosovo"]
    ('AFG', 'XKX')
    """
    rows = list(csv.DictReader(_read("codes.csv").splitlines()))
    return {row["atlas_id"] or row["atlas_name"]: row["iso3"] for row in rows}


def towns() -> pd.DataFrame:
    """Return the named places with latitude, longitude and the dates taken and lost, where these were seen."""
    rows = list(csv.DictReader(_read("towns.csv").splitlines()))
    frame = pd.DataFrame(rows)
    return frame.assign(latitude=frame["latitude"].astype(float), longitude=frame["longitude"].astype(float))


class Shapes(alt.InlineData):
    """Shapes inline: one object, however many layers and copies of a chart show it, for copying costs much.

    The chart as a whole is validated, so that validating the shapes by themselves would only repeat it.
    """

    _class_is_valid_at_instantiation = False

    def __deepcopy__(self, memo: object = None) -> Shapes:
        return self


def shapes(
    name: str, said: Mapping[str, Mapping[str, Any]] | None = None, without: Sequence[str] = ()
) -> alt.Data:
    """Return country shapes inline, each with its iso3 and what is said of it; nothing is fetched.

    `name` is WORLD or REGION; `without` names shapes to leave off; shapes without an ISO code (iso3 "") stay on the map as land without figures.
    """
    topology = json.loads(_read(name))
    for shape in topology["objects"]["countries"]["geometries"]:
        own = shape.get("id", "")
        iso3 = codes().get(own or shape["properties"]["name"], "") if name == WORLD else own
        shape["properties"] = {
            "name": shape["properties"]["name"],
            "iso3": iso3,
            **(said or {}).get(iso3, {}),
        }
    countries = topology["objects"]["countries"]
    kept = [shape for shape in countries["geometries"] if shape["properties"]["iso3"] not in without]
    topology["objects"] = {"countries": {**countries, "geometries": kept}}
    return Shapes(values=topology, format=alt.TopoDataFormat(type="topojson", feature="countries"))


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the world drawn so that degrees are even: west, east, south, north, and its width in pixels."""

    west: float
    east: float
    south: float
    north: float
    width: int

    @property
    def scale(self) -> float:
        """Pixels a radian."""
        return self.width / math.radians(self.east - self.west)

    @property
    def height(self) -> int:
        """Height in pixels."""
        return round(self.scale * math.radians(self.north - self.south))

    def pixel(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return where a place lies, in pixels from the upper left corner.

        >>> Window(0, 10, 0, 10, 100).pixel(5, 10)
        (50.0, 0.0)
        """
        return (
            self.scale * math.radians(longitude - self.west),
            self.scale * math.radians(self.north - latitude),
        )

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Return the longitude and latitude of a pixel."""
        return self.west + math.degrees(x / self.scale), self.north - math.degrees(y / self.scale)

    def project(self, chart: theme.Picture) -> theme.Picture:
        """Return a chart of longitudes and latitudes seen through the window, which cuts the outlines themselves.

        A clipping path around the marks instead takes the renderer three times as long.
        """
        moved = [-self.scale * math.radians(self.west), self.scale * math.radians(self.north)]
        seen: list[list[float]] = [[0, 0], [self.width, self.height]]
        return chart.project(
            type="equirectangular", scale=self.scale, translate=moved, clipExtent=seen
        ).properties(width=self.width, height=self.height)


def land(data: alt.Data, fill: Any = LAND) -> alt.Chart:
    """Return the layer of countries."""
    shapes: alt.Chart = alt.Chart(data).mark_geoshape(stroke=SEA_LINE, strokeWidth=0.6)
    return shapes.encode(fill=alt.value(fill) if isinstance(fill, str) else fill)


def names(window: Window, frame: pd.DataFrame, text: Sequence[str], font: float = 12) -> alt.Chart:
    """Return the layer of labels beside the places of a frame with longitude and latitude, none on another."""
    points = [window.pixel(a, b) for a, b in zip(frame["longitude"], frame["latitude"], strict=True)]
    placed = labels.place(points, list(text), (window.width, window.height), font=font)
    spots = [window.degrees(spot.x, spot.y) for spot in placed]
    table = pd.DataFrame(
        {"longitude": [a for a, _ in spots], "latitude": [b for _, b in spots], "text": list(text)}
    )
    drawn: alt.Chart = alt.Chart(table).mark_text(
        align="left", baseline="middle", fontSize=font, color=theme.INK, aria=False
    )
    return drawn.encode(longitude="longitude:Q", latitude="latitude:Q", text="text:N")
