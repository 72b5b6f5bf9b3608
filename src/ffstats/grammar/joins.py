"""What two statements side by side make of each other: a range, a share, a sum, a figure with its range."""

from __future__ import annotations

import re
from dataclasses import replace

from ffstats.errors import EstimateError
from ffstats.estimate import Estimate
from ffstats.grammar.digits import Undecided
from ffstats.grammar.statement import BOUNDS, CONTRADICTION, Item, Statement
from ffstats.significant import last_digit

_PLACES = 9  # of a sum, which has no more decimals than its parts
_THOUSANDS = re.compile(r"([0-9]{1,3})((?:[^0-9][0-9]{3})+)")


def join(a: Statement, b: Statement, gap: list[Item], behind: list[Item]) -> Statement | None:
    """Return what a and b state together, or None if they are two statements.

    gap: what stands between them; behind: what stands after b.
    """
    for rule in (_share_of, _range, _ratio, _sum):
        if (joined := rule(a, b, gap, behind)) is not None:
            return joined
    return None


def _has(gap: list[Item], *roles: str) -> bool:
    return any(item.has(*roles) for item in gap)


def _unknown(gap: list[Item]) -> int:
    return sum(not item.roles for item in gap)


def _share_of(a: Statement, b: Statement, gap: list[Item], behind: list[Item]) -> Statement | None:
    """A share of another number ("half of 2,000") is neither of the two."""
    share = a.unit == "percent" and b.unit in (None, "persons") and b.single and a.depth == b.depth
    if share and _has(gap, "of") and all(item.has("of", "neutral", "unit", *BOUNDS) for item in gap):
        return a.joined_to(b, error="it states a share of another number; write what that comes to")
    return None


def _range(a: Statement, b: Statement, gap: list[Item], behind: list[Item]) -> Statement | None:
    """A to B, between A and B, A–B, A/B, A or B; at least A but at most B."""
    if a.depth != b.depth or a.best or b.best or _has(gap, "stop", "open", "close", "margin", "best"):
        return None
    if a.opened is None and a.single and b.single and _has(gap, "but", "and", "comma"):
        low, high = (a, b) if "at_least" in a.bounds else (b, a)
        # "almost 40, more than 50" are two numbers; "at least 50 but at most 40" is a mistake.
        if "at_least" in low.bounds and "at_most" in high.bounds and (low.value <= high.value or _has(gap, "but")):
            return _between(a, b, low, high, set())
    if _has(gap, "comma", "plus") or (_has(gap, "in") and not _has(gap, "to", "and", "or", "between")):
        return None
    # In some languages the word for "between" comes last: "5 ile 10 arasında".
    closed = any(item.has("between") and item.roles["between"].position != "before" for item in behind[:3])
    opened = a.opened is not None or (closed and not _has(gap, "of"))
    if opened and gap and gap[-1].has("between") and _has(gap, "and") and not _has(gap, "to", "dash"):
        return None  # "de 97 morts et de 128 retours"
    if not (
        opened
        and _unknown(gap) <= 3
        and (_has(gap, "and", "to", "dash", "or", "slash") or "at_most" in b.bounds)
    ):
        loose = _unknown(gap) or any(
            item.has("neutral", "of") and not item.has("to", *BOUNDS) for item in gap
        )
        if loose or not _has(gap, "to", "dash", "slash", "or"):
            return None
    if _has(gap, "slash", "or") and b.bounds - a.bounds - {"approx"}:
        return None
    outer = set() if a.inner else a.bounds & {"at_least", "at_most"}
    return _between(a, b, a, b, outer | (b.bounds - a.bounds) & {"at_least"})


def _between(a: Statement, b: Statement, low: Statement, high: Statement, outer: set[str]) -> Statement:
    """Return the range of two ends, under the qualifiers that stand before the whole of it."""
    if a.error or b.error:
        return a.joined_to(b)
    if "vague" in (a.kind, b.kind):
        least = a.low if a.kind == "vague" else a.value
        return replace(a.joined_to(b), kind="vague", low=least)
    if not (a.single and b.single):
        return a.joined_to(b, error="it joins more than two numbers in one range")
    if low is a and (error := _share_scale(a, b)):
        return a.joined_to(b, error=error)
    if low.value > high.value:
        return a.joined_to(b, error=f"its low end {low.value:,.12g} is above its high end {high.value:,.12g}")
    if {"at_least", "at_most"} <= outer:
        return a.joined_to(b, error=CONTRADICTION)
    if outer:
        return a.joined_to(
            b, Estimate.at_least(low.value) if "at_least" in outer else Estimate.at_most(high.value)
        )
    whole = Estimate.between(low.value, high.value)
    if whole.bound == "exact" and "approx" in a.bounds | b.bounds:
        whole = Estimate.approx(low.value)
    return a.joined_to(b, whole)


def _share_scale(a: Statement, b: Statement) -> str:
    """Give the first end the currency, the scale or the thousands it shares with the second; return an error.

    "5 to 6 thousand" is 5,000 to 6,000, and so is "5-6,000", for a number below that in the second end's
    thousands. "6-5,000" has no such reading and hardly the other.
    """
    for one, other in ((a, b), (b, a)):
        if one.unit in (None, "persons") and other.unit is not None:
            one.unit, one.per_unit = other.unit, other.per_unit
    if b.scale > 1 and a.scale == 1:
        if a.coefficient < b.coefficient:
            a.scale = b.scale
        return ""
    thousands = _THOUSANDS.fullmatch(b.digits)
    if not (a.digits.isdigit() and thousands and a.scale == b.scale == 1 and b.coefficient >= 1000):
        return ""
    head, groups = thousands.groups()
    if len(a.digits) <= len(head) and int(a.digits) < int(head):
        a.scale = 1000.0 ** (len(groups) // 4)
    elif len(a.digits) == len(head):
        return f"{a.digits} to {b.digits} may be read two ways; write both numbers out"
    return ""


def _ratio(a: Statement, b: Statement, gap: list[Item], behind: list[Item]) -> Statement | None:
    """One in nine, two out of three: a percentage. Larger numbers ("46 of 57") are two counts."""
    if a.error or b.error or a.depth != b.depth or not _has(gap, "in") or _unknown(gap) > 1:
        return None
    if any(item.has("comma", "stop", "and", "plus", "to", "half") and not item.has("in") for item in gap):
        return None
    plain = all(
        s.single and s.kind != "share" and s.scale == 1 and s.unit in (None, "persons") for s in (a, b)
    )
    small = b.value <= 10 or b.value == 100 or (a.value == 1 and b.value <= 1000)
    if not plain or not small or not 0 < a.value < b.value:
        return None
    percent = round(100 * a.value / b.value, 2)
    return replace(
        a, last=b.last, coefficient=percent, unit="percent", kind="share", bounds=a.bounds | b.bounds
    )


def _sum(a: Statement, b: Statement, gap: list[Item], behind: list[Item]) -> Statement | None:
    """Numbers joined by a plus sign state their sum; by ±, a range about the first."""
    ranged = any(item.has("to", "or") and not item.has("and") for item in gap)  # "5 to +10" is no sum
    if a.depth != b.depth or ranged or _has(gap, "comma", "stop", "open", "close"):
        return None
    margin = _has(gap, "margin") and a.single and b.single
    if not margin and not any(item.has("plus") and adds(gap, n, b) for n, item in enumerate(gap)):
        return None
    if a.error or b.error:
        return a.joined_to(b)
    if why := _apart(a, b, margin=margin):
        return a.joined_to(b, error=why)
    if margin and b.value < 0:
        return a.joined_to(b, error=f"its margin {b.value:,.12g} is negative")
    if margin:
        low, high = round(a.value - b.value, _PLACES), round(a.value + b.value, _PLACES)
        return a.joined_to(b, Estimate.between(low, high, a.value))
    try:
        whole = a.estimate.as_unit("persons") + b.estimate.as_unit("persons")
    except Undecided as error:
        return a.joined_to(b, error=error.reason)
    ends = {name: getattr(whole, name) for name in ("low", "high", "best")}
    rounded = {name: round(end, _PLACES) for name, end in ends.items() if end is not None}
    return a.joined_to(b, replace(whole, **rounded))


def _apart(a: Statement, b: Statement, *, margin: bool) -> str:
    """Return why two numbers have no sum: what they count differs, or one is a share ("5,000 plus 30 %")."""
    share = (a.unit == "percent") != (b.unit == "percent")
    if share and not (margin and a.unit is None and a.value <= 100):  # "12 ± 3 %" is of shares
        return "it adds a share to a number; write what that comes to"
    units = {s.unit for s in (a, b) if s.unit not in (None, "persons", "deaths")}
    if len(units) > 1 or (units and not {a.unit, b.unit} <= {None, *units}):
        return f"it adds {a.unit} to {b.unit}; write them one at a time"
    return ""


def adds(gap: list[Item], n: int, after: Statement | None) -> bool:
    """Tell whether the plus sign at n adds the number after it, or else qualifies the one before it ("70+")."""
    return after is not None and all(item.has("neutral", "unit", *BOUNDS) for item in gap[n + 1 :])


def restate(a: Statement, b: Statement, gap: list[Item], behind: list[Item]) -> Statement | None:
    """Return a figure and its second statement, in brackets or called the best, as one; None if they are two.

    "6,000 (5,500–6,500)" is a range with its best figure; of "dozens (70+)" and "about 400 (405)" the precise
    statement stands.
    """
    if a.kind == "unstated" and not b.error:
        said = b.estimate
        return a.joined_to(b, Estimate.vague(said.low, said.high))
    if not (b.depth > a.depth or a.best or b.best) or a.error or b.error:
        return None
    if None not in (a.unit, b.unit) and a.unit != b.unit:
        return None
    kept = None
    if "vague" in (a.kind, b.kind):
        kept = b if a.kind == "vague" else a
    else:
        try:
            x, y = a.estimate.as_unit("persons"), b.estimate.as_unit("persons")
            if (x.bound == "range") != (y.bound == "range") and None in (x.best, y.best):
                ends, figure = (x, y) if x.bound == "range" else (y, x)
                return a.joined_to(b, replace(ends, best=figure.best))
        except (EstimateError, Undecided):
            return None
        counts = ("exact", "approx")
        if x.bound in counts and y.bound in counts:
            if x.widened().overlaps(y.widened()):
                kept = a if x == y or y.bound == "approx" else b
        elif x.bound in counts and _rounds(x, y):
            kept = a
        elif y.bound in counts and _rounds(y, x):
            kept = b
    if kept is None:
        return None
    per_unit = kept.per_unit if kept.unit else (a.per_unit if a.unit else b.per_unit)
    unit = kept.unit or a.unit or b.unit
    return replace(kept, first=a.first, last=b.last, depth=a.depth, unit=unit, per_unit=per_unit)


def _rounds(figure: Estimate, bound: Estimate) -> bool:
    """Tell whether a bound only rounds a figure, as "more than 400" does 405; "up to 400" is more than 300."""
    end = bound.low if bound.high is None else bound.high
    if figure.best is None or end is None or bound.bound not in ("at_least", "at_most"):
        return False
    return figure.best in bound and abs(figure.best - end) < 10.0 ** last_digit(end)
