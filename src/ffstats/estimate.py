"""The value: a published estimate with its bounds, and arithmetic that keeps them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from ffstats.errors import EstimateError
from ffstats.significant import last_digit, round_to_significant, significant_digits, written

BOUNDS: Final = ("exact", "approx", "at_least", "at_most", "range", "vague")
#: How a quantity of the unit is written; any other unit follows the number as words.
_WRITTEN: Final = {"persons": "{}", "usd_million": "US${} million"}
_PRODUCTS: Final = {("persons_per_month", "months"): "persons"}
_QUOTIENTS: Final = {("persons", "months"): "persons_per_month", ("persons", "persons_per_month"): "months"}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quantity as its source states it: two ends, the kind of bound, and what is counted.

    low, high: numbers in `unit`, or None where the source leaves that end open (open, not zero).
    bound: exact, approx, at_least, at_most, range or vague.
    best: the single figure the source itself prints (never an average), else None.
    Raises EstimateError when the parts contradict one another, e.g. low above high.

    >>> Estimate.at_least(5600)
    Estimate(low=5600.0, high=None, bound='at_least', unit='persons', best=None)
    >>> str(Estimate.between(14000, 18000) - Estimate.at_most(3000))
    'at least 11,000'
    """

    low: float | None
    high: float | None
    bound: str
    unit: str = "persons"
    best: float | None = None

    def __post_init__(self) -> None:
        if self.bound not in BOUNDS:
            raise EstimateError(f"unknown bound {self.bound!r}; choose one of {', '.join(BOUNDS)}")
        if not isinstance(self.unit, str) or not self.unit:
            raise EstimateError(f"a unit is a word such as 'persons', not {self.unit!r}")
        for name in ("low", "high", "best"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, _finite(value, name))
        low, high = self.low, self.high
        if low is not None and high is not None and low > high:
            raise EstimateError(f"low {written(low)} is above high {written(high)}")
        closed = low is not None and high is not None
        if self.bound in ("exact", "approx"):
            fits = closed and low == high
        elif self.bound == "range":
            fits = closed and low != high
        else:
            ends = {"at_least": (True, False), "at_most": (False, True)}.get(self.bound)
            fits = ends in (None, (low is not None, high is not None))
        if not fits:
            raise EstimateError(f"bound {self.bound!r} does not fit low {low} and high {high}")
        if self.bound in ("exact", "approx") and self.best is None:
            object.__setattr__(self, "best", low)
        if self.best is not None and (
            self.bound in ("at_least", "at_most", "vague") or not low <= self.best <= high  # type: ignore[operator]
        ):
            raise EstimateError(f"best {written(self.best)} does not fit {self.bound} from {low} to {high}")

    @classmethod
    def exact(cls, number: float, unit: str = "persons") -> Estimate:
        """Return a figure printed without any qualifier."""
        return cls(number, number, "exact", unit)

    @classmethod
    def approx(cls, number: float, unit: str = "persons") -> Estimate:
        """Return a figure printed as approximate ("about 40,000")."""
        return cls(number, number, "approx", unit)

    @classmethod
    def at_least(cls, number: float, unit: str = "persons") -> Estimate:
        """Return a lower bound, its upper end open ("more than 40,000")."""
        return cls(number, None, "at_least", unit)

    @classmethod
    def at_most(cls, number: float, unit: str = "persons") -> Estimate:
        """Return an upper bound, its lower end open ("up to 3,000")."""
        return cls(None, number, "at_most", unit)

    @classmethod
    def between(cls, low: float, high: float, best: float | None = None, unit: str = "persons") -> Estimate:
        """Return a range; a range whose two ends are one number says that number exactly.

        >>> str(Estimate.between(5500, 6500, best=6000)), str(Estimate.between(12, 12))
        ('6,000 (5,500–6,500)', '12')
        """
        return cls(low, high, "exact" if low == high else "range", unit, best)

    @classmethod
    def vague(cls, low: float | None = None, high: float | None = None, unit: str = "persons") -> Estimate:
        """Return a quantity stated without a figure ("hundreds"), with whatever ends it implies."""
        return cls(low, high, "vague", unit)

    def as_dict(self) -> dict[str, Any]:
        """Return low, high, best, bound and unit, ready for JSON."""
        return {"low": self.low, "high": self.high, "best": self.best, "bound": self.bound, "unit": self.unit}

    def as_unit(self, unit: str) -> Estimate:
        """Return the same numbers, counted in another unit."""
        return replace(self, unit=unit)

    def __contains__(self, number: float) -> bool:
        low, high = self._ends()
        return low <= number <= high

    def overlaps(self, other: Estimate) -> bool:
        """Tell whether one number could satisfy both; raises EstimateError if the units differ."""
        self._same_unit(other, "compared")
        low, high = self._ends()
        other_low, other_high = other._ends()
        return low <= other_high and other_low <= high

    def widened(self) -> Estimate:
        """Return an approximate figure as the range it stands for: half a unit of its last significant digit.

        Any other estimate is returned as it is.

        >>> str(Estimate.approx(40000).widened())
        '40,000 (35,000–45,000)'
        """
        if self.bound != "approx":
            return self
        figure = float(self.best)  # type: ignore[arg-type]
        exact, half = Decimal(repr(figure)), Decimal(5).scaleb(last_digit(figure) - 1)
        return Estimate.between(float(exact - half), float(exact + half), figure, self.unit)

    def __add__(self, other: Estimate) -> Estimate:
        if not isinstance(other, Estimate):
            return NotImplemented
        self._same_unit(other, "added")
        (a, b), (c, d) = self._ends(), other._ends()
        return _result(a + c, b + d, (self, other), self.unit, lambda x, y: x + y)

    def __radd__(self, other: object) -> Estimate:
        """Let sum() start from its 0."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def __neg__(self) -> Estimate:
        low, high = self._ends()
        return _result(-high, -low, (self,), self.unit, lambda x: -x)

    def __sub__(self, other: Estimate) -> Estimate:
        if not isinstance(other, Estimate):
            return NotImplemented
        self._same_unit(other, "subtracted")
        return self + (-other)

    def __mul__(self, other: float | Estimate) -> Estimate:
        """Scale by a number or a ratio, take a percentage, or accrue a monthly flow over months.

        >>> str(Estimate.approx(40000) * Estimate.exact(25, "percent"))
        'about 10,000'
        """
        if isinstance(other, Estimate):
            unit, scale = _product_unit(self.unit, other.unit)
        elif (factor := _as_number(other)) is not None:
            other, unit, scale = Estimate.exact(factor, self.unit), self.unit, 1.0
        else:
            return NotImplemented
        corners = [_times(x, y) / scale for x in self._ends() for y in other._ends()]
        return _result(min(corners), max(corners), (self, other), unit, lambda x, y: x * y / scale)

    __rmul__ = __mul__

    def __truediv__(self, other: float | Estimate) -> Estimate:
        """Divide by a number or an estimate; like units give a ratio.

        Division by what may be negative or positive says nothing and is vague; by zero raises EstimateError.

        >>> str(Estimate.exact(1000) / Estimate.at_least(4000))
        'up to 0.25 ratio'
        """
        if isinstance(other, Estimate):
            unit, scale = _quotient_unit(self.unit, other.unit)
        elif (factor := _as_number(other)) is not None:
            other, unit, scale = Estimate.exact(factor, self.unit), self.unit, 1.0
        else:
            return NotImplemented
        return self._divided(other, unit, scale)

    def share_of(self, whole: Estimate, *, part_of: bool = False) -> Estimate:
        """Return this as a percentage of the whole.

        part_of: declare that these are part of the whole. Then 0 ≤ part ≤ whole holds: a closed end is clipped
        to 0–100, an open whole is above zero, and a part certainly larger than its whole raises EstimateError.

        >>> str(Estimate.at_least(5600).share_of(Estimate.exact(40000)))
        'at least 14 percent'
        """
        self._same_unit(whole, "compared as part and whole")
        if not part_of:
            return self._divided(whole, "percent", 100.0)
        if self.low is not None and whole.high is not None and self.low > whole.high:
            raise EstimateError(f"the part ({self}) is larger than its whole ({whole})")
        if whole.high is not None and whole.high <= 0:
            raise EstimateError(f"no share can be taken of a whole of {whole}")
        floor = max(whole.low or 0.0, 0.0)
        share = self._divided(replace(whole, low=floor, bound="vague", best=None), "percent", 100.0)
        low = None if share.low is None else max(share.low, 0.0)
        high = None if share.high is None else min(max(share.high, 0.0), 100.0)
        best = None
        if self.best is not None and whole.best:
            best = self.best * 100.0 / whole.best
        open_ends = -math.inf if low is None else low, math.inf if high is None else high
        return _result(*open_ends, (self, whole), "percent", lambda *_: best)

    def rounded(self, digits: int) -> Estimate:
        """Return the estimate with so many significant digits.

        A single figure goes to the nearest and becomes approximate if that moves it; an end of an interval
        moves outwards, so that rounding never claims more than was known.

        >>> str(Estimate.exact(3417).rounded(2)), str(Estimate.at_most(2926).rounded(2))
        ('about 3,400', 'up to 3,000')
        """
        if self.bound in ("exact", "approx"):
            figure = round_to_significant(self.best, digits)  # type: ignore[arg-type]
            return self if figure == self.best else Estimate.approx(figure, self.unit)
        low = None if self.low is None else round_to_significant(self.low, digits, math.floor)
        high = None if self.high is None else round_to_significant(self.high, digits, math.ceil)
        best = None if self.best is None else round_to_significant(self.best, digits)
        return replace(self, low=low, high=high, best=best)

    def in_words(self, *inputs: Estimate) -> str:
        """Return the estimate in words, rounded to the digits justified by the inputs it was worked out from.

        >>> whole = Estimate.exact(2926)
        >>> Estimate.exact(800).share_of(whole).in_words(Estimate.exact(800), whole)
        'about 27.3 percent'
        """
        return str(self.rounded(justified_digits(*inputs)) if inputs else self)

    def __str__(self) -> str:
        low, high = (None if end is None else written(end) for end in (self.low, self.high))
        if low is None and high is None:
            return "vague" if self.unit == "persons" else f"vague ({self.unit.replace('_', ' ')})"
        if low == high:
            words = ("about " if self.bound == "approx" else "") + self._with_unit(str(low))
        elif low is None or high is None:
            words = ("up to " if low is None else "at least ") + self._with_unit(
                str(high if low is None else low)
            )
        else:
            if len(str(low).lstrip("−")) <= len(str(high).partition(",")[0]):
                # "1–2,000" could be read as 1,000 to 2,000.
                high = high.replace(",", "")
            # An en dash beside a minus sign could not be read back.
            words = self._with_unit(f"{low} to {high}" if "−" in low + high else f"{low}–{high}")
            if self.best is not None:
                words = f"{self._with_unit(written(self.best))} ({words})"
        return f"vague, {words}" if self.bound == "vague" else words

    def _with_unit(self, number: str) -> str:
        template = _WRITTEN.get(self.unit, "{} " + self.unit.replace("_", " "))
        if number == "1" and template.endswith("s"):
            template = template.removesuffix("ies") + "y" if template.endswith("ies") else template[:-1]
        return template.replace("{}", number, 1)

    def _ends(self) -> tuple[float, float]:
        return (-math.inf if self.low is None else self.low, math.inf if self.high is None else self.high)

    def _same_unit(self, other: Estimate, verb: str) -> None:
        if self.unit != other.unit:
            raise EstimateError(
                f"{self.unit} and {other.unit} cannot be {verb}; use as_unit if they count the same"
            )

    def _divided(self, other: Estimate, unit: str, scale: float) -> Estimate:
        (a, b), (c, d) = self._ends(), other._ends()
        if c == 0 == d:
            raise EstimateError(f"({self}) cannot be divided by zero")
        if c < 0 < d:
            return Estimate.vague(unit=unit)
        side = math.copysign(1.0, d if c == 0 else c)
        pairs = [(_quotient(x * scale, y, side), y) for x in (a, b) for y in (c, d)]
        corners = [value for value, _ in pairs]
        attained = [value for value, y in pairs if math.isfinite(y)]
        low, high = min(corners), max(corners)
        # What is only approached as the denominator grows without end is an open end, not a zero.
        low = low if low in attained else -math.inf
        high = high if high in attained else math.inf
        return _result(low, high, (self, other), unit, lambda x, y: x * scale / y)


def justified_digits(*inputs: Estimate) -> int:
    """Return how many significant digits a result of these inputs may carry: the fewest of theirs, at least two.

    An exact count commits to all its digits, any other figure to those before its trailing zeros; two are kept
    because a share of 40,000 rounded to one digit would say less than the source does.
    """
    counts = []
    for estimate in inputs:
        ends = [abs(end) for end in (estimate.low, estimate.high) if end is not None]
        if estimate.bound == "exact" and ends:
            counts.append(max(significant_digits(ends[0]), len(str(int(ends[0])))))
        elif ends:
            counts.append(max(map(significant_digits, ends)))
    return max(2, min(counts, default=2))


def _result(low: float, high: float, operands: tuple[Estimate, ...], unit: str, of_best: Any) -> Estimate:
    """Build the estimate that an operation on these operands states."""
    if math.isnan(low) or math.isnan(high):
        return Estimate.vague(unit=unit)
    closed_low, closed_high = (low if low > -math.inf else None), (high if high < math.inf else None)
    if any(operand.bound == "vague" for operand in operands) or closed_low is closed_high is None:
        return Estimate.vague(closed_low, closed_high, unit)
    if closed_low is None or closed_high is None:
        return Estimate(closed_low, closed_high, "at_most" if closed_low is None else "at_least", unit)
    if low == high:
        kind = "exact" if all(operand.bound == "exact" for operand in operands) else "approx"
        return Estimate(low, high, kind, unit)
    bests = [operand.best for operand in operands]
    best = None if None in bests else of_best(*bests)
    return Estimate(low, high, "range", unit, None if best is None else min(max(best, low), high))


def _product_unit(left: str, right: str) -> tuple[str, float]:
    for one, other in ((left, right), (right, left)):
        if one in ("percent", "ratio"):
            return other, 100.0 if one == "percent" else 1.0
        if (one, other) in _PRODUCTS:
            return _PRODUCTS[one, other], 1.0
    raise EstimateError(
        f"{left} times {right} has no meaning here; scale by a ratio, a percent or a plain number"
    )


def _quotient_unit(left: str, right: str) -> tuple[str, float]:
    if left == right:
        return "ratio", 1.0
    if right in ("percent", "ratio"):
        return left, 100.0 if right == "percent" else 1.0
    if (left, right) in _QUOTIENTS:
        return _QUOTIENTS[left, right], 1.0
    raise EstimateError(f"{left} divided by {right} has no meaning here; use as_unit to say what is meant")


def _times(x: float, y: float) -> float:
    return 0.0 if x == 0 or y == 0 else x * y


def _quotient(x: float, y: float, side: float) -> float:
    """Return x / y, where a zero y is approached from the side its interval lies on."""
    if x == 0 or math.isinf(y):
        return 0.0
    return math.copysign(math.inf, x * side) if y == 0 else x / y


def _as_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return _finite(value, "factor")


def _finite(value: object, name: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise EstimateError(f"{name} must be a number or None (open), not {value!r}") from error
    if not math.isfinite(number):
        raise EstimateError(f"{name} must be finite; write None for an open end, not {value!r}")
    return number + 0.0  # turns -0.0 into 0.0
