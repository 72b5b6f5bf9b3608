"""The package and its data as one wheel, the same bytes each time, from wherever the package is installed."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

from ffstats import paths
from ffstats.errors import TeachError


def zipped(contents: Mapping[str, bytes]) -> bytes:
    """Return files as a zip archive that depends on their names and contents only.

    >>> zipped({"a": b"1", "b": b"2"}) == zipped({"b": b"2", "a": b"1"})
    True
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, contents[name])
    return archive.getvalue()


def build() -> tuple[str, bytes]:
    """Return the name and the bytes of a pure-Python wheel of this package, with the raw data that hold here.

    The lessons are left out: their solutions are for the instructor.
    Raises: TeachError, if the package's own description is missing.
    """
    ours = distribution("ffstats")
    metadata, commands = ours.read_text("METADATA"), ours.read_text("entry_points.txt")
    if not metadata or not commands:
        raise TeachError("The description of the installed ffstats is incomplete; install it again.")
    package, raw = paths.package_dir(), paths.raw_dir()
    contents = {f"ffstats/{path.relative_to(package).as_posix()}": path for path in _files(package)}
    contents = {name: path for name, path in contents.items() if not name.startswith("ffstats/_data/")}
    contents |= {f"ffstats/_data/raw/{path.relative_to(raw).as_posix()}": path for path in _files(raw)}
    about = f"ffstats-{ours.version}.dist-info"
    found = {name: path.read_bytes() for name, path in contents.items()} | {
        f"{about}/METADATA": metadata.encode("utf-8"),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: ffstats\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": commands.encode("utf-8"),
    }
    if licence := ours.read_text("licenses/LICENSE"):
        found[f"{about}/licenses/LICENSE"] = licence.encode("utf-8")
    rows = [f"{name},sha256={_digest(found[name])},{len(found[name])}" for name in sorted(found)]
    found[f"{about}/RECORD"] = "\n".join([*rows, f"{about}/RECORD,,", ""]).encode("utf-8")
    return f"ffstats-{ours.version}-py3-none-any.whl", zipped(found)


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    ]


def _digest(data: bytes) -> str:
    """Return a SHA-256 as the record of a wheel writes it."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode("ascii")
