"""What to say when a notebook fails: the reader's own cell first, long texts shortened."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

CELL_LINES = 8
FRAME_LINES = 12
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def message(
    notebook: str,
    reason: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    cell: int | None = None,
    source: str = "",
    traceback: Sequence[str] = (),
) -> str:
    """Return the text of a failure: notebook, cell (numbered from 1), its source, parameters, error, frames.

    >>> print(message("01_rise.ipynb", "KeyError: 'x'", parameters={"rule": "printed"}, cell=3, source="d['x']"))
    01_rise.ipynb failed in cell 3: KeyError: 'x'
      parameters: rule='printed'
      cell 3:
        | d['x']
    """
    where = f" in cell {cell}" if cell is not None else ""
    lines = [f"{notebook} failed{where}: {_short(reason)}"]
    if parameters:
        given = ", ".join(f"{name}={_short(repr(value))}" for name, value in sorted(parameters.items()))
        lines.append(f"  parameters: {given}")
    if source.strip():
        lines.append(f"  cell {cell}:")
        lines += [f"    | {line}" for line in _middle_out(source.strip("\n").splitlines(), CELL_LINES)]
    for frame in frames(traceback):
        lines += [f"    {line}".rstrip() for line in _middle_out(frame.splitlines(), FRAME_LINES)]
    return "\n".join(lines)


def frames(traceback: Sequence[str]) -> list[str]:
    """Return the notebook's own frames of an IPython traceback and, after them, the deepest other one."""
    plain = [_ESCAPES.sub("", entry).strip("\n") for entry in traceback]
    own = [entry for entry in plain if entry.startswith("Cell In[")]
    other = [entry for entry in plain if entry.startswith("File ")]
    return own + other[-1:]


def _short(text: str, width: int = 300) -> str:
    return text if len(text) <= width else f"{text[:width]}… ({len(text):,} characters)"


def _middle_out(lines: Sequence[str], most: int) -> list[str]:
    """Keep the first and last of many lines, and say how many are left out."""
    if len(lines) <= most:
        return [_short(line, 160) for line in lines]
    head, tail = most // 2, most - most // 2 - 1
    left_out = len(lines) - head - tail
    kept = [*lines[:head], f"… {left_out} lines left out …", *lines[-tail:]]
    return [_short(line, 160) for line in kept]
