"""What an open answer must hold: columns, rows, gaps kept, a mark, an axis; each can be kept in a key file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ffstats.errors import AnswerError
from ffstats.teach import answers

Hash = Callable[[str], str]
Failure = tuple[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Property:
    """Something that an open answer must hold: its kind, what it takes, and a text that the answer must give.

    `secret` is that text in the lesson, its hash in a key file (`kept` is then true).
    """

    kind: str
    takes: Mapping[str, Any]
    secret: str = ""
    kept: bool = False

    def failing(self, answer: object, slow_hash: Hash) -> Failure | None:
        """Return the kind of feedback and its details if the answer does not hold it, else None."""
        try:
            found, details = _CHECKS[self.kind](answer, **self.takes)
        except AnswerError as error:
            return _NEEDS[self.kind], {"reason": str(error)}
        wanted = self.secret or "yes"
        right = (slow_hash(found) if self.kept else found) == wanted
        return None if right else (self.kind, details)

    def hashed(self, slow_hash: Hash) -> Property:
        """Return it as a key file may hold it."""
        return replace(self, secret=slow_hash(self.secret), kept=True) if self.secret else self

    def as_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {"kind": self.kind, "takes": dict(self.takes), "secret": self.secret, "kept": self.kept}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Property:
        """Return it from what `as_dict` returned. Raises: ValueError for an unknown kind."""
        if data["kind"] not in _CHECKS:
            raise ValueError(f"unknown property {data['kind']!r}")
        return cls(data["kind"], dict(data["takes"]), str(data["secret"]), bool(data["kept"]))


def has_columns(*names: str) -> Property:
    """Require a table with these columns, whatever others it has.

    >>> has_columns("iso3", "low").kind
    'columns'
    """
    return Property("columns", {"names": list(names)})


def has_rows(count: int) -> Property:
    """Require a table with so many rows; the count is not readable in a student's key."""
    return Property("rows", {}, str(int(count)))


def one_row_per(*columns: str) -> Property:
    """Require a table in which no two rows have the same values in these columns, and none of them is missing."""
    return Property("one_row_per", {"columns": list(columns)})


def has_values(column: str, values: Any) -> Property:
    """Require that a column holds these values, in any order; they are not readable in a student's key."""
    return Property("values", {"column": column}, _canonical(list(values)))


def keeps_missing(column: str, count: int) -> Property:
    """Require that so many values of a column are missing: neither filled, nor taken for zero, nor dropped."""
    return Property("keeps_missing", {"column": column}, str(int(count)))


def ends_in_order(low: str = "low", high: str = "high") -> Property:
    """Require that no row's lower end is above its upper one; an open end is always in order."""
    return Property("ends_in_order", {"low": low, "high": high})


def has_mark(*marks: str) -> Property:
    """Require a chart with a layer of each of these marks, such as "rule" or "point".

    >>> has_mark("rule").takes
    {'names': ['rule']}
    """
    return Property("mark", {"names": list(marks)})


def encodes(*channels_or_fields: str) -> Property:
    """Require a chart that draws each of these: a channel such as "x2", a field such as "low", or "x2=high"."""
    return Property("encodes", {"names": list(channels_or_fields)})


def titled(*channels: str) -> Property:
    """Require a chart whose axes of these channels have a title of their own."""
    return Property("titled", {"names": list(channels)})


def in_words(least: int = 20, mentions: tuple[str, ...] = ()) -> Property:
    """Require a text of about so many words; `mentions` are said in it, in any case (one of "a|b" will do)."""
    return Property("mentions" if mentions else "words", {"least": least, "names": list(mentions)})


def _columns(answer: object, names: list[str]) -> tuple[str, dict[str, str]]:
    missing = [name for name in names if name not in _labels(answers.frame(answer))]
    return _yes(not missing), {"missing": ", ".join(missing)}


def _rows(answer: object) -> tuple[str, dict[str, str]]:
    count = str(len(answers.frame(answer)))
    return count, {"found": count}


def _one_row_per(answer: object, columns: list[str]) -> tuple[str, dict[str, str]]:
    table = answers.frame(answer)
    _need(table, columns)
    rows = [_canonical(row) for row in zip(*(_values(table, name) for name in columns), strict=True)]
    gaps = any(None in map(_plain, _values(table, name)) for name in columns)
    return _yes(bool(rows) and not gaps and len(rows) == len(set(rows))), {"columns": " and ".join(columns)}


def _has_values(answer: object, column: str) -> tuple[str, dict[str, str]]:
    table = answers.frame(answer)
    _need(table, [column])
    return _canonical(_values(table, column)), {"column": column}


def _keeps_missing(answer: object, column: str) -> tuple[str, dict[str, str]]:
    table = answers.frame(answer)
    _need(table, [column])
    count = str(sum(_plain(value) is None for value in _values(table, column)))
    return count, {"column": column, "found": count}


def _ends_in_order(answer: object, low: str, high: str) -> tuple[str, dict[str, str]]:
    table = answers.frame(answer)
    details = {"low": low, "high": high}
    if not {low, high} <= set(_labels(table)):
        return "no", details
    pairs = [(_plain(a), _plain(b)) for a, b in zip(_values(table, low), _values(table, high), strict=True)]
    numbers = all(isinstance(end, float | None) for pair in pairs for end in pair)
    return _yes(bool(pairs) and numbers and not any(a > b for a, b in pairs if None not in (a, b))), details  # type: ignore[operator]


def _mark(answer: object, names: list[str]) -> tuple[str, dict[str, str]]:
    marks = {
        mark.get("type") if isinstance(mark, dict) else mark for mark in _found(answers.chart(answer), "mark")
    }
    missing = [name for name in names if name not in marks]
    return _yes(not missing), {"missing": ", ".join(missing)}


def _encodes(answer: object, names: list[str]) -> tuple[str, dict[str, str]]:
    drawn = set()
    for channel, what in _channels(answer):
        drawn |= {channel, what.get("field"), f"{channel}={what.get('field')}"}
    missing = [name for name in names if name not in drawn]
    return _yes(not missing), {"missing": ", ".join(missing)}


def _titled(answer: object, names: list[str]) -> tuple[str, dict[str, str]]:
    titles = {
        channel
        for channel, what in _channels(answer)
        if what.get("title") or (isinstance(what.get("axis"), dict) and what["axis"].get("title"))
    }
    missing = [name for name in names if name not in titles]
    return _yes(not missing), {"missing": ", ".join(missing)}


def _words(answer: object, least: int, names: list[str]) -> tuple[str, dict[str, str]]:
    if type(answer) is not str:
        raise AnswerError("")
    text = answer[: answers.LONGEST * 10].casefold()
    count = len(text.split())
    missing = [name for name in names if not any(part.casefold() in text for part in name.split("|"))]
    shown = ", ".join(name.partition("|")[0] for name in missing) or f"more than {count} words"
    return _yes(count >= least and not missing), {"found": str(count), "least": str(least), "missing": shown}


_CHECKS: dict[str, Callable[..., tuple[str, dict[str, str]]]] = {
    "columns": _columns,
    "rows": _rows,
    "one_row_per": _one_row_per,
    "values": _has_values,
    "keeps_missing": _keeps_missing,
    "ends_in_order": _ends_in_order,
    "mark": _mark,
    "encodes": _encodes,
    "titled": _titled,
    "words": _words,
    "mentions": _words,
}
_NEEDS = dict.fromkeys(_CHECKS, "not_a_table") | {
    "mark": "not_a_chart",
    "encodes": "not_a_chart",
    "titled": "not_a_chart",
    "words": "not_a_text",
    "mentions": "not_a_text",
}
#: The kinds of feedback that an open question may give.
KINDS = frozenset(_CHECKS) | frozenset(_NEEDS.values())


def _labels(table: Any) -> list[str]:
    return [label for label in table.columns.tolist() if type(label) is str]


def _need(table: Any, columns: list[str]) -> None:
    missing = [name for name in columns if name not in _labels(table)]
    if missing:
        raise AnswerError(f"Yours has no column {', '.join(missing)}.")


def _values(table: Any, column: str) -> list[object]:
    """Return the values of a column by its place, so that odd labels beside it are never compared."""
    place = next(
        at for at, label in enumerate(table.columns.tolist()) if type(label) is str and label == column
    )
    return list(table.iloc[:, place].tolist())


def _plain(value: object) -> float | str | None:
    """Return a cell as a number or a text, None if it is missing or anything else."""
    return value if type(value) is str and value else answers.plain_number(value)


def _canonical(values: Any) -> str:
    cells = [f"{cell:.9g}" if isinstance(cell, float) else cell for cell in map(_plain, values)]
    return json.dumps(sorted(cells, key=lambda cell: (cell is None, cell or "")), ensure_ascii=False)


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _channels(answer: object) -> list[tuple[str, dict[str, Any]]]:
    return [
        (channel, what)
        for encoding in _found(answers.chart(answer), "encoding")
        if isinstance(encoding, dict)
        for channel, what in encoding.items()
        if isinstance(what, dict)
    ]


def _found(spec: Any, name: str) -> list[Any]:
    """Return what a specification has under a name, in all its layers."""
    if isinstance(spec, list):
        return [each for part in spec for each in _found(part, name)]
    if not isinstance(spec, dict):
        return []
    own = [spec[name]] if name in spec else []
    parts = ("layer", "spec", "hconcat", "vconcat", "concat")
    return own + [each for part in parts if part in spec for each in _found(spec[part], name)]
