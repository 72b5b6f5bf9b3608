"""An answer as it is handed in by the process that ran the submission: plain JSON, and read again as an answer.

Nothing that a submission made goes to the grader as it is: numbers, texts, lists, tables, the specification of a chart.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from ffstats.errors import AnswerError
from ffstats.estimate import Estimate
from ffstats.teach import answers

Handed = dict[str, Any]
LONGEST_TEXT: Final = 20_000
MOST_ITEMS: Final = 5_000
_LARGEST: Final = 10**15
_DATA = ("data", "datasets", "usermeta")


def hand_in(answer: object) -> Handed:
    """Return an answer as plain data; of one that no question asks for, its type only.

    >>> hand_in((5600, None))
    {'is': 'list', 'items': [{'is': 'number', 'value': 5600}, {'is': 'blank'}]}
    """
    if answer is ... or answer is None:
        return {"is": "blank"}
    if type(answer) is Estimate:
        return {"is": "estimate", "parts": asdict(answer)}
    if type(answer) in (tuple, list, set, frozenset):
        return _items(list(answer))  # type: ignore[call-overload]
    pandas, numpy = sys.modules.get("pandas"), sys.modules.get("numpy")
    if pandas is not None and type(answer) is pandas.DataFrame:
        return _table(answer)
    if pandas is not None and type(answer) is pandas.Series:
        index, values = answer.index.tolist(), answer.tolist()  # type: ignore[attr-defined]
        return {"is": "row", "labels": _items(index), "values": _items(values)}
    if (pandas is not None and type(answer) is pandas.Index) or (
        numpy is not None and type(answer) is numpy.ndarray
    ):
        return _items(answer.tolist())  # type: ignore[attr-defined]
    try:
        return {"is": "chart", "drawn": _without_data(answers.chart(answer))}
    except AnswerError as error:
        undrawn = "_that_cannot_be_drawn" if str(error).startswith("It cannot be drawn") else ""
        single = _single(answer)
        return single | {"type": single["type"] + undrawn} if undrawn else single


def take(handed: Any) -> object:
    """Return the answer that was handed in; whatever cannot be read is an answer that is not understood.

    >>> take(hand_in((5600, None)))
    (5600, None)
    >>> take({"is": "nonsense"})
    Unreadable
    """
    try:
        return _TAKEN[handed["is"]](handed)
    except Exception:  # what a submission sends may be anything
        return Unreadable()


class Unreadable:
    """An answer of a type that no question asks for."""

    def __repr__(self) -> str:
        return "Unreadable"


def _items(values: list[object]) -> Handed:
    if len(values) > MOST_ITEMS:
        return {"is": "other", "type": "list of too many items"}
    return {"is": "list", "items": [_single(value) for value in values]}


def _single(value: object) -> Handed:
    """Return one value that holds no others."""
    if value is ... or value is None:
        return {"is": "blank"}
    if type(value) is str:
        return {"is": "text", "value": value[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")}
    numpy = sys.modules.get("numpy")
    if type(value) is bool or (numpy is not None and type(value) is numpy.bool_):
        return {"is": "truth", "value": bool(value)}
    if type(value) is int and -_LARGEST < value < _LARGEST:
        return {"is": "number", "value": value}
    number = answers.plain_number(value)
    if number is not None:
        return {"is": "number", "value": number}
    if isinstance(value, float) and math.isnan(value):
        return {"is": "gap"}
    return {"is": "other", "type": type(value).__name__}


def _table(frame: Any) -> Handed:
    """Return a table by its columns; a date in it as text, as no question compares dates."""
    labels = frame.columns.tolist()
    if len(frame) * len(labels) > 20 * MOST_ITEMS:
        return {"is": "other", "type": "table of too many cells"}
    columns = [[_single(_cell(value)) for value in frame.iloc[:, at].tolist()] for at in range(len(labels))]
    return {"is": "table", "labels": _items(labels), "columns": columns}


def _cell(value: object) -> object:
    pandas = sys.modules["pandas"]
    if type(value) is pandas.Timestamp:
        return value.isoformat()  # type: ignore[attr-defined]
    return float("nan") if value is pandas.NA or value is pandas.NaT else value


def _without_data(drawn: Any) -> Any:
    if isinstance(drawn, dict):
        return {name: _without_data(part) for name, part in drawn.items() if name not in _DATA}
    return [_without_data(part) for part in drawn] if isinstance(drawn, list) else drawn


def _take_row(handed: Handed) -> object:
    import pandas

    return pandas.Series(list(take(handed["values"])), index=list(take(handed["labels"])), dtype="object")  # type: ignore[call-overload]


def _take_table(handed: Handed) -> object:
    import pandas

    columns = [pandas.Series([take(cell) for cell in column], dtype="object") for column in handed["columns"]]
    table = pandas.concat(columns, axis=1) if columns else pandas.DataFrame()
    table.columns = pandas.Index(list(take(handed["labels"])), dtype="object")  # type: ignore[call-overload]
    return table


def _take_chart(handed: Handed) -> object:
    import altair

    drawn = {"data": {"name": "data"}, **handed["drawn"]}
    return altair.Chart.from_dict(drawn)


def _take_other(handed: Handed) -> object:
    name = re.sub(r"\W", "", str(handed["type"]), flags=re.ASCII)[:60]
    return type(name, (Unreadable,), {})() if name.isidentifier() else Unreadable()


def _of_type(*kinds: type) -> Callable[[Handed], object]:
    """Return what takes a value that has one of these types, and no other."""

    def take_value(handed: Handed) -> object:
        if type(handed["value"]) not in kinds:
            raise TypeError("not of the type that it says it is")
        return handed["value"]

    return take_value


_TAKEN: Final[dict[str, Callable[[Handed], object]]] = {
    "blank": lambda handed: None,
    "gap": lambda handed: float("nan"),
    "text": _of_type(str),
    "truth": _of_type(bool),
    "number": _of_type(int, float),
    "estimate": lambda handed: Estimate(**handed["parts"]),
    "list": lambda handed: tuple(take(item) for item in handed["items"]),
    "row": _take_row,
    "table": _take_table,
    "chart": _take_chart,
    "other": _take_other,
}
