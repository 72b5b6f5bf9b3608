"""From specifications to pictures: every emitted figure as SVG and PNG, in one batch, only what has changed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ffstats import paths
from ffstats.drawn import out_dir
from ffstats.errors import ExhibitError
from ffstats.files import put

SCALE = 2
VEGA_LITE = "6.4"
WORKERS = 2
FORM = 5  # of the pictures, raised when the code below makes others of the same specification
_DEFINED = re.compile(r'<(?:clipPath|linearGradient|radialGradient) id="([a-z_]+[0-9]+)"')
_USED = re.compile(r'(id="|url\(#)([^")]*)("|\))')


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
    recipe = (
        f"vl-convert {version('vl-convert-python')}, Vega-Lite {VEGA_LITE}, scale {SCALE}, "
        f"Pillow {version('pillow')}, form {FORM}\n"
    )
    return hashlib.sha256(recipe.encode() + specification).hexdigest()


def pictures(specification: bytes) -> tuple[bytes, bytes]:
    """Return a Vega-Lite specification as SVG and as PNG of twice the size.

    Raises ExhibitError with the renderer's message where it cannot be drawn.
    """
    import vl_convert

    try:
        svg = _settled(
            vl_convert.vegalite_to_svg(specification.decode("utf-8"), vl_version=VEGA_LITE),
            key(specification),
        )
        return svg.encode("utf-8"), _packed(vl_convert.svg_to_png(svg, scale=SCALE))
    except ValueError as error:
        raise ExhibitError(f"the figure cannot be drawn: {error}") from error


def _settled(svg: str, figure: str) -> str:
    """Name the definitions of an SVG after its figure and their order.

    The renderer goes on counting from figure to figure, and several figures may stand in one page.
    """
    found = dict.fromkeys(_DEFINED.findall(svg))
    names = {name: f"{name.rstrip('0123456789')}-{figure[:8]}-{n}" for n, name in enumerate(found)}
    return _USED.sub(lambda use: f"{use[1]}{names.get(use[2], use[2])}{use[3]}", svg)


def _packed(png: bytes) -> bytes:
    """Return the same pixels, opaque and well compressed: a third of the size (the last five percent cost most of the time)."""
    from PIL import Image

    packed = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(packed, "PNG", compress_level=3)
    return packed.getvalue()


def render(
    out: Path | str | None = None, cache: Path | str | None = None, workers: int = WORKERS
) -> list[Rendered]:
    """Draw every figure emitted into a folder as figures/ID.svg and figures/ID.png.

    Pictures are kept in `cache` (default: .ffstats/figures of the project) by the content of their
    specification; a kept picture that no longer matches its checksum is drawn again. Every file is written whole.
    Raises ExhibitError that names each figure that cannot be drawn.
    """
    store = Path(cache) if cache else default_cache()
    files = sorted((out_dir(out) / "figures").glob("*.json"))
    drawn, failed = draw(files, store, workers)
    if failed:
        raise ExhibitError("\n".join(f"{paths.shown(path)}: {why}" for path, why in sorted(failed.items())))
    place(files, store)
    return [Rendered(path.stem, path in drawn) for path in files]


def default_cache() -> Path:
    """Return the folder in which a project keeps pictures."""
    return paths.work_dir() / ".ffstats" / "figures"


def draw(files: Sequence[Path], cache: Path, workers: int = WORKERS) -> tuple[set[Path], dict[Path, str]]:
    """Draw the specifications in files of which the cache has no pictures; return those drawn, and why others failed."""
    missing = [path for path in files if _kept(cache, key(path.read_bytes())) is None]
    failed = {Path(name): why for name, why in _draw(missing, cache, workers).items()}
    return set(missing) - set(failed), failed


def place(files: Sequence[Path], cache: Path) -> None:
    """Put the cached pictures of each specification beside it. Raises ExhibitError, if there are none."""
    for path in files:
        found = _kept(cache, key(path.read_bytes()))
        if found is None:
            raise ExhibitError(
                f"{paths.shown(cache)}: the pictures of {path.stem} vanished while in use; run again"
            )
        for end, content in zip(("svg", "png"), found, strict=True):
            put(path.with_suffix(f".{end}"), content)


def _draw(files: list[Path], store: Path, workers: int) -> dict[str, str]:
    """Draw specifications into the store in processes of their own; return the reason for each that failed.

    The renderer starts threads, after which a process must not fork: it never runs in the caller's.
    """
    shares = [files[start::workers] for start in range(min(workers, len(files)))]
    command = [sys.executable, "-c", "from ffstats import render; render.work()"]
    running: list[subprocess.Popen[str]] = []
    failed: dict[str, str] = {}
    try:
        for share in shares:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env=environment(),
            )
            running.append(process)
            assert process.stdin is not None
            process.stdin.write(json.dumps({"store": str(store), "files": [str(path) for path in share]}))
            process.stdin.close()
            process.stdin = None
        for process in running:
            answer, complaint = process.communicate()
            if process.returncode:
                last = (complaint.strip().splitlines() or ["it gave no reason"])[-1]
                raise ExhibitError(f"the renderer stopped with status {process.returncode}: {last[-500:]}")
            failed.update(json.loads(answer))
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
    return failed


def environment() -> dict[str, str]:
    """Return the environment of a process that draws: Universal Time, and no fonts of the machine.

    The renderer carries Liberation Sans, the twin of Arimo that the page and its figures are set in. With that alone
    no picture depends on what is installed, not even its arrows and squares, and all are drawn in half the time: a
    font in a file, even one of ours, is opened anew for every text, thousands of times a figure.
    """
    return {**os.environ, "TZ": "UTC", "FONTCONFIG_FILE": str(paths.vocabulary("fonts.conf"))}


def work() -> None:
    """Draw the specifications that standard input names, and print the reason for each that failed, as JSON."""
    job = json.load(sys.stdin)
    failed = {}
    for name in job["files"]:
        specification = Path(name).read_bytes()
        try:
            _keep(Path(job["store"]), key(specification), *pictures(specification))
        except ExhibitError as error:
            failed[name] = str(error)
    json.dump(failed, sys.stdout)


def _keep(store: Path, name: str, svg: bytes, png: bytes) -> None:
    sums = {"svg": hashlib.sha256(svg).hexdigest(), "png": hashlib.sha256(png).hexdigest()}
    put(store / f"{name}.svg", svg)
    put(store / f"{name}.png", png)
    put(store / f"{name}.json", json.dumps(sums, sort_keys=True).encode())


def _kept(store: Path, name: str) -> tuple[bytes, bytes] | None:
    try:
        sums = json.loads((store / f"{name}.json").read_bytes())
        svg, png = ((store / f"{name}.{end}").read_bytes() for end in ("svg", "png"))
    except (FileNotFoundError, ValueError):
        return None
    same = sums == {"svg": hashlib.sha256(svg).hexdigest(), "png": hashlib.sha256(png).hexdigest()}
    return (svg, png) if same else None
