"""The renderer: every figure as SVG and PNG, only what has changed, whole or not at all, the same bytes again."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from built_exhibits import built
from ffstats import drawn, render
from ffstats.errors import ExhibitError


@pytest.fixture
def out(tmp_path: Path) -> Path:
    for name in ("inflow", "area_held"):
        drawn.emit(built(name), tmp_path / "out")
    return tmp_path / "out"


def test_a_second_run_draws_nothing_and_changes_nothing(out: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    assert [(done.id, done.drawn) for done in render.render(out, cache)] == [
        ("area_held", True),
        ("inflow", True),
    ]
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.rglob("*.*")}
    assert not any(done.drawn for done in render.render(out, cache))
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.rglob("*.*")} == before


def test_two_directories_give_the_same_bytes_and_the_png_is_twice_the_size(out: Path, tmp_path: Path):
    render.render(out, tmp_path / "one")
    other = tmp_path / "ünder a path with spaces"
    drawn.emit(built("inflow"), other)
    render.render(other, tmp_path / "two", workers=1)
    for end in ("svg", "png", "json", "csv"):
        assert (out / "figures" / f"inflow.{end}").read_bytes() == (
            other / "figures" / f"inflow.{end}"
        ).read_bytes()
    svg = (out / "figures" / "inflow.svg").read_text(encoding="utf-8")
    width = float(svg.split('width="', 1)[1].split('"', 1)[0])
    assert struct.unpack(">I", (out / "figures" / "inflow.png").read_bytes()[16:20])[0] == round(
        width * render.SCALE
    )


def test_only_a_changed_specification_is_drawn_again(out: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    render.render(out, cache)
    path = out / "figures" / "inflow.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace("persons a month", "persons each month"), encoding="utf-8"
    )
    assert {done.id: done.drawn for done in render.render(out, cache)} == {"area_held": False, "inflow": True}
    assert "persons each month" in (out / "figures" / "inflow.svg").read_text(encoding="utf-8")


def test_a_corrupted_kept_picture_is_drawn_again(out: Path, tmp_path: Path):
    cache = tmp_path / "cache"
    render.render(out, cache)
    good = (out / "figures" / "inflow.png").read_bytes()
    for path in cache.glob("*.png"):
        path.write_bytes(path.read_bytes()[:100])
    assert all(done.drawn for done in render.render(out, cache))
    assert (out / "figures" / "inflow.png").read_bytes() == good


def test_a_figure_that_cannot_be_drawn_is_named_and_leaves_nothing_half_written(out: Path, tmp_path: Path):
    bad = out / "figures" / "broken.json"
    bad.write_text(json.dumps({"mark": "no such mark"}), encoding="utf-8")
    with pytest.raises(ExhibitError, match=r"broken.json: the figure cannot be drawn"):
        render.render(out, tmp_path / "cache")
    assert not list(tmp_path.rglob("*.part")) and not (out / "figures" / "broken.svg").exists()
    bad.unlink()
    assert [done.id for done in render.render(out, tmp_path / "cache")] == ["area_held", "inflow"]


def test_the_key_follows_the_renderer_as_well_as_the_figure(monkeypatch):
    before = render.key(b"{}")
    monkeypatch.setattr(render, "SCALE", 3)
    assert render.key(b"{}") != before


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo"])
def test_the_time_zone_does_not_move_a_date(zone: str, tmp_path: Path):
    drawn.emit(built("area_held"), tmp_path)
    code = f"from ffstats import render; render.render({str(tmp_path)!r}, {str(tmp_path / 'cache')!r})"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "TZ": zone})
    specification = (tmp_path / "figures" / "area_held.json").read_bytes()
    assert (tmp_path / "figures" / "area_held.svg").read_bytes() == render.pictures(specification)[0]


def test_nothing_to_draw_is_not_an_error(tmp_path: Path):
    assert render.render(tmp_path, tmp_path / "cache") == []


def test_the_png_looks_like_the_renderers_own():
    """SVG once, PNG from it: the same pixels as drawing the PNG from the specification."""
    import vl_convert
    from PIL import Image, ImageChops

    specification = built("inflow").files()["figures/inflow.json"]
    own = vl_convert.vegalite_to_png(specification.decode(), vl_version=render.VEGA_LITE, scale=render.SCALE)
    one, two = (
        Image.open(io.BytesIO(png)).convert("RGB") for png in (own, render.pictures(specification)[1])
    )
    assert one.size == two.size and ImageChops.difference(one, two).getbbox() is None


def test_every_figure_is_set_in_the_font_that_the_package_brings() -> None:
    from ffstats import paths
    from ffstats.figures import theme

    brought = {path.name for path in (paths.package_dir() / "publish" / "assets" / "fonts").glob("*.ttf")}
    assert {"arimo-latin-400.ttf", "arimo-latin-700.ttf"} <= brought
    assert theme.FONT.split(",")[0] == "Arimo"
    for path in (paths.work_dir() / "results" / "figures").glob("*.json"):
        named = set(re.findall(r'"font": ?"([^"]+)"', path.read_text(encoding="utf-8")))
        assert named and all(font.startswith("Arimo") for font in named), path.name


def test_pictures_do_not_depend_on_the_fonts_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A renderer that finds no font draws the same picture as one that may look for all of them."""
    pictures = []
    for name, fonts in (("some", None), ("none", str(tmp_path / "no fonts.conf"))):
        if fonts:
            monkeypatch.setenv("FONTCONFIG_FILE", fonts)
            monkeypatch.setenv("FONTCONFIG_PATH", str(tmp_path))
        drawn.emit(built("inflow"), tmp_path / name)
        render.render(tmp_path / name, cache=tmp_path / f"cache {name}", workers=1)
        pictures.append([(tmp_path / name / "figures" / f"inflow.{end}").read_bytes() for end in ("svg", "png")])
    assert pictures[0] == pictures[1]
    assert b"Liberation Sans" in pictures[0][0]
