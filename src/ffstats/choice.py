"""The choices a reader may make: which source first, how an interval becomes one figure, up to which date."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ffstats.errors import ChoiceError

if TYPE_CHECKING:
    import pandas as pd

RULES = {
    "printed": "the figure the source prints; of a range its lower end, of an open bound its one end",
    "midpoint": "half way between the ends of a range; of an open bound its one end",
    "envelope": "the outer end: the upper end where there is one, else the lower",
}
PREFER = (
    "soufan2017",
    "wapo2018",
    "icsr2018",
    "icsr2015",
    "soufan2015",
    "icsr2013",
    "soufan2014",
    "national",
)


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts if str(part).strip())


@dataclass(frozen=True, slots=True)
class Choice:
    """A reader's choices: order of sources, rule for intervals, last date that counts.

    `prefer` is an order of source ids (or one string with commas), `rule` one of printed, midpoint and
    envelope, `as_of` an ISO date, month or year up to which figures count ("" for no limit).

    Raises ChoiceError for a rule or date that is not valid.

    >>> Choice(prefer="icsr2015,soufan2017").prefer
    ('icsr2015', 'soufan2017')
    >>> Choice(rule="mean")
    Traceback (most recent call last):
    ...
    ffstats.errors.ChoiceError: rule: 'mean' is not one of envelope, midpoint, printed
    """

    prefer: Sequence[str] | str = PREFER
    rule: str = "printed"
    as_of: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefer", _names(self.prefer))
        valid("rule", self.rule, RULES)
        if self.as_of and not _is_date(self.as_of):
            raise ChoiceError(f"as_of: {self.as_of!r} is not a date; write 2017, 2017-10 or 2017-10-24")

    def single(self, low: float, high: float, best: float) -> float:
        """Return the one figure that stands for an interval under the rule (nan where there is none).

        >>> Choice(rule="midpoint").single(14000, 18000, math.nan)
        16000.0
        >>> Choice(rule="printed").single(math.nan, 3000, math.nan)
        3000.0
        """
        ends = [value for value in (low, high) if not missing(value)]
        if not ends:
            return math.nan
        if self.rule == "midpoint":
            return sum(ends) / len(ends)
        if self.rule == "envelope":
            return float(ends[-1])
        return float(ends[0]) if missing(best) else float(best)

    def singles(self, frame: pd.DataFrame) -> list[float]:
        """Return the one figure of each row of a frame with low, high and best."""
        rows = zip(frame["low"], frame["high"], frame["best"], strict=True)
        return [self.single(low, high, best) for low, high, best in rows]

    def dated(self, frame: pd.DataFrame, column: str = "as_of") -> pd.DataFrame:
        """Return the rows that are dated no later than `as_of`; rows without a date stay."""
        if not self.as_of:
            return frame
        dates = frame[column].fillna("")
        return frame[(dates == "") | (dates.str.slice(0, len(self.as_of)) <= self.as_of)]

    def best_of(
        self, frame: pd.DataFrame, cell: Sequence[str] = ("iso3", "status"), own: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Return one estimate a cell: of the first source of `prefer` that has a figure, the latest date.

        `own` limits the sources and stands for the order where `prefer` names none of them. Cells for which no
        such source has a figure are left out, never filled from elsewhere.
        """
        order = [name for name in self.prefer if not own or name in own] or list(own)
        known = frame[frame["source_id"].isin(order) & (frame["seen_kind"] != "missing")]
        known = self.dated(known[known[["low", "high"]].notna().any(axis=1)])
        ranked = known.assign(_place=known["source_id"].map(order.index))
        ranked = ranked.sort_values(
            [*cell, "_place", "as_of", "estimate_id"],
            ascending=[*(True for _ in cell), True, False, True],
            kind="stable",
        )
        return ranked.drop_duplicates(list(cell)).drop(columns="_place").reset_index(drop=True)


def missing(value: float | None) -> bool:
    """Return whether a figure is absent (None or nan).

    >>> missing(None), missing(math.nan), missing(0.0)
    (True, True, False)
    """
    return value is None or value != value


def valid(parameter: str, value: str, choices: Iterable[str]) -> str:
    """Return the value if it is one of the choices.

    Raises ChoiceError that names the parameter, the value and the valid ones.

    >>> valid("rule", "printed", RULES)
    'printed'
    """
    known = sorted(set(choices))
    if value not in known:
        raise ChoiceError(f"{parameter}: {value!r} is not one of {', '.join(known)}")
    return value


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(f"{text}-01-01"[:10] if len(text) in (4, 7) else text)
    except ValueError:
        return False
    return len(text) in (4, 7, 10)
