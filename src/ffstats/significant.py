"""Significant digits: of a printed number, and of a number rounded to what is known."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ffstats.errors import EstimateError


def round_to_significant(number: float, digits: int, rule: Callable[[Any], int] = round) -> float:
    """Return the number with so many significant digits; rule is round, math.floor or math.ceil.

    >>> round_to_significant(2926, 2), round_to_significant(0.011111, 2)
    (2900.0, 0.011)
    """
    if digits < 1:
        raise EstimateError(f"at least one significant digit must stay, not {digits}")
    exact = Decimal(repr(float(number)))
    if not exact:
        return 0.0
    step = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    return float(rule(exact / step) * step)


def significant_digits(number: float) -> int:
    """Return how many digits a printed number commits to: 40,000 has one, 5,600 two, 2,926 four."""
    return max(1, len(Decimal(repr(float(number))).normalize().as_tuple().digits))


def last_digit(number: float) -> int:
    """Return the power of ten of the last significant digit.

    >>> last_digit(40000.0), last_digit(2.5)
    (4, -1)
    """
    return int(Decimal(repr(number)).normalize().as_tuple().exponent)


def written(value: float) -> str:
    """Return a number as the words of an estimate print it.

    >>> written(5600), written(11.11), written(2.926), written(-5)
    ('5,600', '11.11', '2.9260', '−5')
    """
    digits = f"{Decimal(repr(abs(float(value)))).normalize():,f}"
    # Three decimals alone could be read as thousands elsewhere; a fourth digit settles it.
    if len(digits.partition(".")[2]) == 3:
        digits += "0"
    return ("−" if value < 0 else "") + digits
