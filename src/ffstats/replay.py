"""The replay report: of every number, table and figure of a rerun, whether it is the same, and by how much not."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ffstats import paths
from ffstats.errors import ReplayError

VERDICTS = ("differs", "not produced", "new", "within tolerance", "same")
"""What can become of an exhibit or number in a rerun, worst first."""


@dataclass(frozen=True, slots=True)
class Item:
    """One number, table or figure: its verdict, and what differs by how much."""

    kind: str
    id: str
    verdict: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Replay:
    """The report of a rerun against a reference."""

    reference: str
    items: tuple[Item, ...]

    @property
    def same(self) -> bool:
        """Whether all is the same, or differs by no more than is declared."""
        return all(item.verdict in ("same", "within tolerance") for item in self.items)

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many numbers, tables and figures came to each verdict that occurs."""
        found: dict[str, dict[str, int]] = {}
        for item in self.items:
            kind = found.setdefault(item.kind, {})
            kind[item.verdict] = kind.get(item.verdict, 0) + 1
        return dict(sorted(found.items()))

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {
            "reference": self.reference,
            "same": self.same,
            "counts": self.counts(),
            "items": [asdict(item) for item in self.items],
        }

    def table(self) -> str:
        """Return the counts as a table: one row a kind, one column a verdict that occurs."""
        counts = self.counts()
        verdicts = [
            v for v in reversed(VERDICTS) if v == "same" or any(v in kind for kind in counts.values())
        ]
        head = [f"against {self.reference}", *verdicts]
        rows = [[f"{kind}s", *(str(counts[kind].get(v, 0)) for v in verdicts)] for kind in counts]
        widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if place else cell.ljust(width) for place, (cell, width) in enumerate(pairs)
            )
            for pairs in (list(zip(row, widths, strict=True)) for row in (head, *rows))
        )

    def __str__(self) -> str:
        parts = []
        for kind, verdicts in self.counts().items():
            listed = ", ".join(f"{verdicts[v]} {v}" for v in reversed(VERDICTS) if v in verdicts)
            parts.append(f"{kind}s: {listed}")
        return f"against {self.reference}: {'; '.join(parts) or 'nothing to compare'}"


def from_folder(folder: Path) -> dict[str, bytes]:
    """Return the files of a results folder, name → bytes.

    Raises: ReplayError, if there is no such folder.
    """
    if not folder.is_dir():
        raise ReplayError(f"{paths.shown(folder)}: no results there. Run `ffstats reproduce` first.")
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def from_git(ref: str) -> dict[str, bytes]:
    """Return the results that a commit of the project holds, name → bytes.

    Raises: ReplayError, if git does not know the commit, or it holds no results.
    """
    root = paths.work_dir()
    prefix = _prefix(root)
    known = _git(root, "rev-parse", "--quiet", "--verify", f"{ref}^{{commit}}", allowed=1)
    if not known:
        raise ReplayError(f"There is no commit {ref!r} and no folder of that name. Name a commit or a folder.")
    listing = _git(root, "ls-tree", "-r", "-z", "--full-tree", ref, "--", f"{prefix}results/")
    wanted: dict[str, str] = {}
    for line in listing.decode("utf-8").split("\0"):
        if line:
            meta, _, path = line.partition("\t")
            wanted[path.removeprefix(f"{prefix}results/")] = meta.split()[2]
    if not wanted:
        raise ReplayError(
            f"The commit {ref} holds no results to compare with. Name one that does, or a folder."
        )
    raw = _git(root, "cat-file", "--batch", stdin="\n".join(wanted.values()).encode() + b"\n")
    found: dict[str, bytes] = {}
    position = 0
    for name in wanted:
        end = raw.index(b"\n", position)
        size = int(raw[position:end].split()[2])
        found[name] = raw[end + 1 : end + 1 + size]
        position = end + size + 2
    return found


def _prefix(root: Path) -> str:
    return _git(root, "rev-parse", "--show-prefix").decode("utf-8").strip()


def _git(root: Path, *arguments: str, stdin: bytes | None = None, allowed: int = 0) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], input=stdin, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise ReplayError("git is not installed. Install it, or compare with a folder of results.") from error
    if done.returncode > allowed:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ReplayError(f"git {arguments[0]}: {said[-1] if said else 'failed'}. Name a commit or a folder.")
    return done.stdout


def replay(reference: str = "HEAD", out: Path | None = None) -> Replay:
    """Compare a results folder with a reference.

    Parameters: reference, a folder of results or a commit of the project; out, the results folder.
    Raises: ReplayError, if either cannot be had.
    """
    folder = Path(reference)
    was = from_folder(folder) if folder.is_dir() else from_git(reference)
    now = from_folder(out or paths.results_dir())
    return compare(was, now, paths.shown(folder) if folder.is_dir() else reference)


def compare(was: Mapping[str, bytes], now: Mapping[str, bytes], reference: str = "reference") -> Replay:
    """Compare two sets of results, name → bytes: numbers as numbers, tables by cell, figures by what they draw."""
    items = [*_numbers(was, now), *_tables(was, now), *_figures(was, now)]
    items.sort(key=lambda item: (VERDICTS.index(item.verdict), item.kind, item.id))
    return Replay(reference, tuple(items))


def _paired(was: Mapping[str, Any], now: Mapping[str, Any], kind: str) -> Iterator[Item | str]:
    """Name what only one side has, and yield the ids that both have."""
    for name in sorted({*was, *now}):
        if name not in now:
            yield Item(kind, name, "not produced", "in the reference, not in this run")
        elif name not in was:
            yield Item(kind, name, "new", "in this run, not in the reference")
        else:
            yield name


def _numbers(was: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[Item]:
    before, after = _by_id(was), _by_id(now)
    for found in _paired(before, after, "number"):
        yield found if isinstance(found, Item) else _number(found, before[found], after[found])


def _by_id(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in json.loads(files.get("numbers.json", b"[]"))}


def _number(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Item:
    before, after = was["estimate"], now["estimate"]
    if before == after:
        return Item("number", name, "same")
    shift = f"{was['text']} → {now['text']}"
    ends = [(before[k], after[k]) for k in ("low", "high", "best")]
    alike = before["bound"] == after["bound"] and before["unit"] == after["unit"]
    if not alike or any((a is None) != (b is None) for a, b in ends):
        return Item("number", name, "differs", shift)
    moved = max(abs(a - b) for a, b in ends if a is not None)
    close = moved <= float(was.get("tolerance", 0))
    largest = max((_relative(a, b) for a, b in ends if a is not None), default=0.0)
    detail = f"{shift} (by {moved:,.6g}, {largest:.1%})"
    return Item("number", name, "within tolerance" if close else "differs", detail)


def _relative(was: float, now: float) -> float:
    return abs(now - was) / abs(was) if was else (0.0 if now == was else 1.0)


def _tables(was: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[Item]:
    before, after = _stems(was, "tables", ".csv"), _stems(now, "tables", ".csv")
    for found in _paired(before, after, "table"):
        if isinstance(found, Item):
            yield found
            continue
        detail = _cells(before[found], after[found])
        looks = [
            e for e in (".html", ".tex") if was.get(f"tables/{found}{e}") != now.get(f"tables/{found}{e}")
        ]
        if not detail and looks:
            detail = f"same cells, another {' and '.join(e[1:] for e in looks)} file"
        yield Item("table", found, "differs" if detail else "same", detail)


def _stems(files: Mapping[str, bytes], folder: str, ending: str) -> dict[str, bytes]:
    start = f"{folder}/"
    return {
        n[len(start) : -len(ending)]: b
        for n, b in files.items()
        if n.startswith(start) and n.endswith(ending)
    }


def _cells(was: bytes, now: bytes) -> str:
    """Say how two CSV files differ, cell by cell; nothing where they are the same."""
    if was == now:
        return ""
    before, after = ([*csv.reader(io.StringIO(data.decode("utf-8")))] for data in (was, now))
    if before[:1] != after[:1]:
        gone, new = (sorted(set(a[0]) - set(b[0])) for a, b in ((before, after), (after, before)))
        named = [f"without {', '.join(gone)}"] * bool(gone) + [f"with {', '.join(new)}"] * bool(new)
        return f"other columns: {'; '.join(named) or 'in another order'}"
    if len(before) != len(after):
        return f"{len(before) - 1} rows → {len(after) - 1} rows"
    differ = 0
    largest, where = -1.0, ""
    for number, (one, other) in enumerate(zip(before, after, strict=True)):
        for column, a, b in zip(before[0], one, other, strict=False):
            if a == b:
                continue
            differ += 1
            size = _apart(a, b)
            if size > largest:
                largest, where = size, f"{column}, row {number}: {a or 'empty'} → {b or 'empty'}"
    if not differ:
        return "same cells, written otherwise"
    return f"{differ} of {(len(before) - 1) * len(before[0])} cells; largest at {where}"


def _apart(was: str, now: str) -> float:
    """Return how far two cells are apart: the relative difference of numbers, before which words count as nothing."""
    try:
        return _relative(float(was), float(now))
    except ValueError:
        return 0.0


def _figures(was: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[Item]:
    before, after = _stems(was, "figures", ".json"), _stems(now, "figures", ".json")
    for found in _paired(before, after, "figure"):
        if isinstance(found, Item):
            yield found
            continue
        stem = f"figures/{found}"
        parts = []
        plotted = _cells(was.get(f"{stem}.csv", b""), now.get(f"{stem}.csv", b""))
        if plotted:
            parts.append(f"plotted data: {plotted}")
        if json.loads(before[found]) != json.loads(after[found]):
            parts.append("specification: changed" if not plotted else "specification: changed with them")
        else:
            parts += _pixels(was.get(f"{stem}.png", b""), now.get(f"{stem}.png", b""))
        yield Item("figure", found, "differs" if parts else "same", "; ".join(parts))


def _pixels(was: bytes, now: bytes) -> list[str]:
    """Say how many pixels two pictures of one specification have apart."""
    if was == now:
        return []
    if not was or not now:
        return ["picture: only on one side"]
    import numpy as np
    from PIL import Image

    one, other = (
        np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"), dtype="int16") for data in (was, now)
    )
    if one.shape != other.shape:
        return [f"picture: {one.shape[1]}×{one.shape[0]} → {other.shape[1]}×{other.shape[0]} pixels"]
    apart = np.abs(one - other).max(axis=2)
    count = int((apart > 0).sum())
    if not count:
        return []
    return [f"picture: {count:,} of {apart.size:,} pixels, by {int(apart.max())} of 255 at most"]
