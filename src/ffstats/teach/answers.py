"""What a student gives as an answer, read as an estimate, a choice, a table or a chart.

An answer may be anything, so nothing of its own is ever called: only the exact types named here are read, by
the methods of their base classes.
"""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from ffstats.errors import AnswerError, EstimateError, PrintedError
from ffstats.estimate import Estimate
from ffstats.printed import parse
from ffstats.significant import round_to_significant

LONGEST: Final = 10_000  # items of an answer that are looked at
_YES_NO: Final = {"true": "yes", "false": "no"}


def is_blank(answer: object) -> bool:
    """Tell whether nothing was answered: the three dots, None, or an empty text."""
    return answer is ... or answer is None or (type(answer) is str and not answer.strip())


def estimate(answer: object, unit: str) -> Estimate:
    """Return an answer as an estimate; a figure without a unit is taken to be in the unit asked for.

    Parameters: answer, a number, a pair of ends (None is an open one), words, an Estimate, or a row of
    ffstats.estimates().
    Raises: AnswerError, if it is none of these.

    >>> str(estimate((5600, None), "persons")), str(estimate("about 14", "percent"))
    ('at least 5,600', 'about 14 percent')
    """
    if type(answer) is Estimate:
        return answer
    try:
        if type(answer) is str:
            return _worded(answer, unit)
        if _among(type(answer), (tuple, list)) and len(answer) == 2:  # type: ignore[arg-type]
            low, high = (_end(end) for end in answer)  # type: ignore[attr-defined]
            return _between(low, high, unit)
        if _is_a(answer, "pandas", "Series"):
            return _row(answer, unit)
        number = plain_number(answer)
    except (EstimateError, PrintedError) as error:
        raise AnswerError(_short(str(error))) from None
    if number is None:
        raise AnswerError(f"Yours is of the type {_type_name(answer)}.")
    return Estimate.exact(number, unit)


def choice(answer: object) -> str:
    """Return an answer as one choice, or several in any order, as a text that is the same however it is written.

    Raises: AnswerError, if it is neither a text nor a list of them.

    >>> choice(" Stock. "), choice(["Syria", "Iraq"]), choice(True)
    ('stock', 'iraq | syria', 'yes')
    """
    items = list(_items(answer))
    words = sorted({_word(item) for item in items})
    if not words or len(items) > LONGEST:
        raise AnswerError("It holds no text." if not words else "It is too long.")
    return " | ".join(words)


def plain_number(answer: object) -> float | None:
    """Return a finite number as a float, and None for whatever is not one (a truth value is not one).

    >>> plain_number(12), plain_number("12"), plain_number(float("nan"))
    (12.0, None, None)
    """
    kind = type(answer)
    try:
        if kind is int or kind is float:
            number = float(answer)  # type: ignore[arg-type]
        elif (numpy := sys.modules.get("numpy")) and _among(kind, _numpy_numbers(numpy)):
            number = float(answer.item())  # type: ignore[attr-defined]
        else:
            return None
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def frame(answer: object) -> Any:
    """Return an answer as a pandas frame. Raises: AnswerError, if it is none."""
    if _is_a(answer, "pandas", "DataFrame"):
        return answer
    raise AnswerError(f"Yours is of the type {_type_name(answer)}.")


def chart(answer: object) -> dict[str, Any]:
    """Return the Vega-Lite specification of an Altair chart, without its data. Raises: AnswerError."""
    names = (
        "Chart",
        "LayerChart",
        "FacetChart",
        "HConcatChart",
        "VConcatChart",
        "ConcatChart",
        "RepeatChart",
    )
    if not any(_is_a(answer, "altair", name) for name in names):
        raise AnswerError(f"Yours is of the type {_type_name(answer)}.")
    try:
        return dict(answer.to_dict())  # type: ignore[attr-defined]
    except Exception as error:
        raise AnswerError(f"It cannot be drawn yet: {_short(str(error))}") from None


def canonical(value: Estimate) -> str:
    """Return the text by which estimates are compared: bound, ends and unit, without float noise.

    >>> canonical(Estimate.at_least(5600)), canonical(Estimate.exact(0.1 + 0.2, "percent"))
    ('at_least 5600 - persons', 'exact 0.3 0.3 percent')
    """
    low, high = ("-" if end is None else f"{end:.9g}" for end in (value.low, value.high))
    return f"{value.bound} {low} {high} {value.unit}"


def rounded(value: Estimate, digits: int, way: Any = round) -> Estimate | None:
    """Return an estimate with both ends rounded to so many significant digits, or None if the ends then meet."""
    low, high = (None if e is None else round_to_significant(e, digits, way) for e in (value.low, value.high))
    if value.bound == "range" and low == high:
        return None
    return Estimate(low, high, value.bound, value.unit)


def _worded(text: str, unit: str) -> Estimate:
    """Read words in the unit asked for if they name none, else in the unit that they name."""
    try:
        return parse(text, unit=unit)
    except PrintedError:
        return parse(text)


def _between(low: float | None, high: float | None, unit: str) -> Estimate:
    if low is None and high is None:
        raise AnswerError("Both of its ends are open.")
    if low is None or high is None:
        return Estimate.at_most(high, unit) if high is not None else Estimate.at_least(low, unit)  # type: ignore[arg-type]
    return Estimate.between(low, high, unit=unit)


def _end(value: object) -> float | None:
    number = plain_number(value)
    if number is None and value is not None and not _is_nan(value):
        raise AnswerError(f"One of its ends is of the type {_type_name(value)}, not a number.")
    return number


def _is_nan(value: object) -> bool:
    """Tell whether a value is a float, Python's or numpy's, that is no number: a table's open end."""
    if _is_a(value, "numpy", "float64"):
        value = value.item()  # type: ignore[attr-defined]
    return type(value) is float and math.isnan(value)


def _row(row: Any, unit: str) -> Estimate:
    """Read a row of a tidy table, or a column that holds one number."""
    values = row.tolist()
    fields = {
        label: value for label, value in zip(row.index.tolist(), values, strict=True) if type(label) is str
    }
    if not {"low", "high"} <= set(fields):
        only = plain_number(values[0]) if len(values) == 1 else None
        if only is None:
            raise AnswerError("It is a column of a table: take one value from it, or one row.")
        return Estimate.exact(only, unit)
    low, high = _end(fields["low"]), _end(fields["high"])
    said = {name: fields[name] for name in ("bound", "unit") if type(fields.get(name)) is str}
    if "bound" in said:
        return Estimate(low, high, said["bound"], said.get("unit", unit))
    return _between(low, high, said.get("unit", unit))


def _items(answer: object) -> Iterator[object]:
    if _among(type(answer), (list, tuple, set, frozenset)):
        yield from answer  # type: ignore[misc]
    elif (
        _is_a(answer, "pandas", "Series")
        or _is_a(answer, "numpy", "ndarray")
        or _is_a(answer, "pandas", "Index")
    ):
        yield from answer.tolist()  # type: ignore[attr-defined]
    else:
        yield answer


def _word(item: object) -> str:
    """Return a text, a whole number or a truth value as a word of a choice."""
    if type(item) is bool or (_is_a(item, "numpy", "bool_")):
        item = "yes" if item else "no"
    number = plain_number(item)
    if number is not None:
        return f"{number:.9g}"
    if type(item) is not str:
        raise AnswerError(f"It holds something of the type {_type_name(item)}.")
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", item[:LONGEST])).casefold().strip(" .,;:!?\"'")
    return _YES_NO.get(text, text)


def _is_a(answer: object, module: str, name: str) -> bool:
    """Tell whether an answer's type is exactly this one; a module that is not loaded has no objects."""
    home = sys.modules.get(module)
    return home is not None and type(answer) is getattr(home, name, None)


def _numpy_numbers(numpy: Any) -> tuple[type, ...]:
    names = (
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
    )
    return tuple(getattr(numpy, name) for name in names)


def _among(kind: type, kinds: tuple[type, ...]) -> bool:
    """Tell whether a type is one of several, without the comparison that its own metaclass may define."""
    return any(kind is each for each in kinds)


def _type_name(value: object) -> str:
    """Return the name of a value's type, as far as it is one that can be shown."""
    name = type.__dict__["__name__"].__get__(type(value))
    return name if type(name) is str and name.isidentifier() and len(name) <= 60 else "unknown"


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:197]}..."
