"""Cells that a spreadsheet would run: text of strangers in a CSV file must never be one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ffstats.errors import FieldError

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet could take a cell for a formula: it starts as one, and is no plain number.

    The characters are those that OWASP's page on CSV injection names. A carriage return anywhere may end the row,
    for the writers of CSV do not quote it, and what follows would begin a cell.

    >>> [is_formula(t) for t in ("=1+1", "@SUM(A1)", " -cmd", "-12.5", "14,000–18,000", "")]
    [True, True, True, False, False, False]
    """
    return "\r" in text or (bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text))


def neutral(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe goes before what would be one.

    >>> neutral("=1+1"), neutral("up to 3,000")
    ("'=1+1", 'up to 3,000')
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if is_formula(text) else text


def neutral_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of which no text cell is a formula."""
    words = list(frame.columns[frame.dtypes == "str"])
    return frame.assign(**{name: frame[name].map(neutral) for name in words}) if words else frame


def refused(row: Mapping[str, str], where: str) -> list[FieldError]:
    """Return an error for each cell of a row that a spreadsheet would run; `where` names the row.

    >>> print(*refused({"printed": "up to 3,000", "note": "=1+1"}, "added.csv, line 2"))
    added.csv, line 2, column note: '=1+1' would run as a formula in a spreadsheet. Write it in other words.
    """
    return [
        FieldError(f"{where}, column {name}: {value!r} would run as a formula in a spreadsheet. Write it in other words.")
        for name, value in row.items()
        if is_formula(value)
    ]
