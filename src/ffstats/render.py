"""From specifications to pictures: every emitted figure as SVG and PNG, in one batch, only what has changed."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ffstats import exhibits, paths
from ffstats.errors import ExhibitError

SCALE = 2
VEGA_LITE = "6.4"
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Rendered:
    """One figure after a run: its id, and whether it had to be drawn or was known."""

    id: str
    drawn: bool


def key(specification: bytes) -> str:
    """Return the name under which the pictures of a specification are kept: changes with it and with the renderer.

    >>> key(b"{}") == key(b"{}"), key(b"{}") == key(b"[]")
    (True, False)
    """
    recipe = f"vl-convert {version('vl-convert-python')}, Vega-Lite {VEGA_LITE}, scale {SCALE}\n"
    return hashlib.sha256(recipe.encode() + specification).hexdigest()


def pictures(specification: bytes) -> tuple[bytes, bytes]:
    """Return a Vega-Lite specification as SVG and as PNG of twice the size.

    Raises ExhibitError with the renderer's message where it cannot be drawn.
    """
    import vl_convert

    try:
        svg = vl_convert.vegalite_to_svg(specification.decode("utf-8"), vl_version=VEGA_LITE)
        return svg.encode("utf-8"), vl_convert.svg_to_png(svg, scale=SCALE)
    except ValueError as error:
        raise ExhibitError(f"the figure cannot be drawn: {error}") from error


def _draw(job: tuple[str, bytes]) -> tuple[str, bytes, bytes]:
    name, specification = job
    try:
        return name, *pictures(specification)
    except ExhibitError as error:
        raise ExhibitError(f"figures/{name}.json: {error}") from error


def render(out: Path | str | None = None, cache: Path | str | None = None, workers: int = WORKERS) -> list[Rendered]:
    """Draw every figure emitted into a folder as figures/ID.svg and figures/ID.png.

    Pictures are kept in `cache` (default: .ffstats/figures of the project) by the content of their
    specification; a kept picture that no longer matches its checksum is drawn again. Every file is written whole.
    Raises ExhibitError that names the figure that cannot be drawn.
    """
    folder = exhibits.out_dir(out) / "figures"
    store = Path(cache) if cache else paths.work_dir() / ".ffstats" / "figures"
    specifications = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.json"))}
    missing = {name: spec for name, spec in specifications.items() if _kept(store, key(spec)) is None}
    for name, svg, png in _drawn(missing, workers):
        _keep(store, key(missing[name]), svg, png)
    for name, spec in specifications.items():
        found = _kept(store, key(spec))
        if found is None:
            raise ExhibitError(f"{paths.shown(store)}: pictures of {name} vanished while in use; run again")
        for end, content in zip(("svg", "png"), found, strict=True):
            exhibits.put(folder / f"{name}.{end}", content)
    return [Rendered(name, name in missing) for name in specifications]


def _drawn(jobs: dict[str, bytes], workers: int) -> Iterator[tuple[str, bytes, bytes]]:
    if not jobs:
        return
    # A fresh process each: the renderer's engine starts threads, after which forking is not safe.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
        yield from pool.map(_draw, jobs.items(), chunksize=max(1, len(jobs) // (4 * workers)))


def _keep(store: Path, name: str, svg: bytes, png: bytes) -> None:
    sums = {"svg": hashlib.sha256(svg).hexdigest(), "png": hashlib.sha256(png).hexdigest()}
    exhibits.put(store / f"{name}.svg", svg)
    exhibits.put(store / f"{name}.png", png)
    exhibits.put(store / f"{name}.json", json.dumps(sums, sort_keys=True).encode())


def _kept(store: Path, name: str) -> tuple[bytes, bytes] | None:
    try:
        sums = json.loads((store / f"{name}.json").read_bytes())
        svg, png = ((store / f"{name}.{end}").read_bytes() for end in ("svg", "png"))
    except (FileNotFoundError, ValueError):
        return None
    same = sums == {"svg": hashlib.sha256(svg).hexdigest(), "png": hashlib.sha256(png).hexdigest()}
    return (svg, png) if same else None
