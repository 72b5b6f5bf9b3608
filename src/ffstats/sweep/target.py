"""Where the results of a sweep go: a folder of this machine, and an address that it is copied to, if one is named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ffstats import fingerprint, paths, records
from ffstats.errors import ExtraMissing, SweepError

MANIFEST = "sweep.json"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the results of a sweep go: a folder, and the address that it is copied to, if any."""

    folder: Path
    address: str = ""

    @property
    def shown(self) -> str:
        return self.address or paths.shown(self.folder)


def target(out: str | None, notebook: str) -> Target:
    """Return where results go: a folder, or a path with a protocol (s3://, gs://, file:// …) for fsspec.

    Raises: ExtraMissing, without the extra `cluster`; SweepError, if fsspec does not know the protocol.
    """
    if out is None:
        return Target(paths.results_dir() / "sweeps" / notebook)
    if "://" not in out:
        return Target(Path(out).resolve())
    _filesystem(out)  # a wrong address is an error before the runs, not after
    key = fingerprint.digest(out.encode("utf-8"))[:12]
    return Target(records.state_dir() / "sweeps" / f"{notebook}-{key}", out.rstrip("/"))


def manifest(to: Target) -> Path:
    """Return the file that lists what a finished sweep has put there."""
    return to.folder / MANIFEST


def _filesystem(address: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:
        raise ExtraMissing(f"{address} needs fsspec", "cluster") from error
    try:
        system, path = fsspec.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise SweepError(f"--out {address}: {error}") from error
    return system, path


def copy(to: Target, files: Mapping[str, str]) -> None:
    """Copy to the address what is not there as it is here; the list of files goes last."""
    system, base = _filesystem(to.address)
    try:
        there = json.loads(system.cat_file(f"{base}/{MANIFEST}"))["files"]
    except (FileNotFoundError, ValueError, KeyError):
        there = {}
    changed = [name for name, content in files.items() if there.get(name) != content]
    for name in [*changed, MANIFEST]:
        system.makedirs(f"{base}/{name}".rpartition("/")[0], exist_ok=True)
        system.pipe_file(f"{base}/{name}", (to.folder / name).read_bytes())
    for name in sorted(set(there) - set(files)):
        if system.exists(f"{base}/{name}"):
            system.rm_file(f"{base}/{name}")
