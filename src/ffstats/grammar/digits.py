"""Numbers as text prints them: digits with their thousands and decimal marks, and number words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ffstats.grammar.lexicon import Language, Match

LARGEST = 1e12
#: Units that are measured, so that a decimal may be printed; anything else is counted, and a count is whole.
MEASURED = frozenset({"percent", "km2", "years", "months", "weeks", "days", "hours", "usd_million", "ratio"})
VULGAR = {"½": 1 / 2, "⅓": 1 / 3, "⅔": 2 / 3, "¼": 1 / 4, "¾": 3 / 4, "⅕": 1 / 5, "⅛": 1 / 8}

_LONGEST = 40  # digits and marks of one number

_MARKS = re.compile(r"[^0-9]")


class Undecided(ValueError):
    """A number that has no reading, or more than one; `choices` lists the readings."""

    def __init__(self, reason: str, choices: Sequence[str] = ()) -> None:
        self.reason, self.choices = reason, tuple(choices)
        super().__init__(reason)


class Number(NamedTuple):
    """A number in words: its value, the token after it, and what kind of statement the words make.

    scale: the multiplier it ends in ("two hundred": 100), else 1. kind: number, article (a 1 that may be no number at all), scale (a bare "hundred"), genitive, about or vague.
    """

    value: float
    end: int
    kind: str
    scale: float = 1.0


def decode(digits: str, language: Language | None, unit: str | None, scaled: bool) -> float:
    """Return the value of digits with their marks.

    A mark before groups of exactly three digits is a thousands mark and any other a decimal mark. One mark before
    one group of three is settled by the language. Where that mark is the language's decimal mark, what is counted
    settles it: a comma before three digits of a count is the international thousands mark, for a count is whole;
    a dot stays undecided. Without a language a comma is a thousands mark and a dot is undecided.
    Raises Undecided.

    >>> decode("2,926", None, None, False), decode("9,4", None, "percent", False)
    (2926.0, 9.4)
    """
    counted = not scaled and unit not in MEASURED
    marks = _MARKS.findall(digits)
    if len(digits) > _LONGEST:
        raise Undecided(f"a number of more than {LARGEST:,.0f} is not read")
    if not marks:
        return float(digits)
    parts = _MARKS.split(digits)
    grouped = all(len(part) == 3 for part in parts[1:]) and len(parts[0]) <= 3 and parts[0][0] != "0"
    if len(set(marks)) > 1:
        whole, mark, decimals = parts[:-1], marks[-1], parts[-1]
        proper = all(len(part) == 3 for part in whole[1:]) and len(whole[0]) <= 3
        if not proper or len(set(marks[:-1])) > 1 or mark in marks[:-1] or mark not in ".,٫·":
            raise Undecided("its digit groups are malformed; thousands are groups of three")
        return float(f"{''.join(whole)}.{decimals}")
    thousands, mark = float("".join(parts)), marks[0]
    if len(parts) > 2 or mark in " '٬":
        if not grouped:
            raise Undecided("its digit groups are malformed; thousands are groups of three")
        return thousands
    decimal = float(".".join(parts))
    if not grouped:
        if counted and mark not in ("٫·." if language is None else language.decimal + "٫·"):
            plain = "".join(parts)
            raise Undecided(
                "its digit group is malformed; write the number plainly", (f"{decimal:.15g}", plain)
            )
        return decimal
    if mark in "٫·":
        return decimal
    if language is None:
        if mark == ",":
            return thousands
    elif mark in language.thousands:
        if mark not in language.decimal or counted:
            return thousands
    elif mark in language.decimal and (mark == "." or scaled or unit == "percent") and not counted:
        return decimal
    elif counted and mark == ",":
        return thousands
    raise Undecided(
        f"its mark may stand for thousands or for decimals; give the language, or write {thousands:.0f}",
        (f"{thousands:.0f}", f"{decimal:.3f}"),
    )


def compose(found: Sequence[Match | None], at: int, *, joining: bool = True) -> Number | None:
    """Return the number that the words from here spell, or None.

    found: for each token the phrase that starts there. joining: whether "and" may join two words into one number
    ("two hundred and thirteen"); between two ends of a range it may not.
    """
    total, current, last, kind, end = 0.0, None, float("inf"), "", at
    joined, scale, step = False, 1.0, 1.0
    i = at
    while i < len(found) and (match := found[i]) is not None:
        sense = match.sense("number", "article", "multiplier", "plural", "genitive", "about")
        if sense is None:
            if match.sense("half") and kind and (current is not None or not multiplies(found, i + match.length)):
                end, kind = i + match.length, "number"
                if current is None:  # "a million and a half": half of what it stands behind
                    total += last / 2
                    break
                current, i = current + step / 2, end  # "dos centenares y medio": half a hundred
                continue
            if match.sense("comma"):
                # "one thousand, two hundred": the comma of a number written out stands after its thousands.
                if current is not None or not total or not _hundreds_follow(found, i + 1):
                    break
            elif not (joining and not joined and kind in ("number", "scale") and match.sense("and")):
                break
            joined, i = True, i + match.length
            continue
        value = sense.value
        if sense.role in ("number", "article"):
            if current is None and value < last and (total == 0 or kind != ""):
                current = value
            elif current is not None and _fits(current, value, joined):
                current += value
            else:
                break
            kind = "article" if sense.role == "article" and not kind else "number"
        elif sense.role == "about" or (sense.role == "plural" and value == 10 and kind):
            if kind not in ("", "article", "number") or total or (current or 1) > 10:
                break
            thousands, end = _of_thousands(found, i + match.length)
            return Number((current or 1) * value * thousands, end, "about")
        elif sense.role in ("plural", "genitive") and not kind:
            return Number(value, i + match.length, "vague" if sense.role == "plural" else "genitive")
        elif joined and ((current is None and value >= last) or (current is not None and i != end)):
            break  # "zwanzig und tausend": no "and" stands between a number and what multiplies it
        elif value < 1000:
            if current is not None and (current >= 100 or joined):
                break
            current = (1 if current is None else current) * value
            step = value if sense.role == "plural" or value in (12, 20) else 1.0
            kind = "number" if kind else "scale"
        elif value < last:
            kind = "number" if kind else "scale"
            total, current, last = total + (1 if current is None else current) * value, None, value
        else:
            break
        hundreds = 100.0 if value >= 100 and value % 100 == 0 else 1.0
        scale = hundreds if sense.role in ("number", "article") else value
        joined, end = False, i + match.length
        i = end
    if not kind:
        return None
    return Number(total + (current or 0), end, kind, scale)


def _of_thousands(found: Sequence[Match | None], at: int) -> tuple[float, int]:
    """Return by what "dizaine de milliers" multiplies its ten, and where that ends."""
    of = found[at] if at < len(found) else None
    after = found[at + of.length] if of and of.sense("of") and at + of.length < len(found) else None
    scale = after.sense("plural") if after else None
    if of and after and scale and scale.value >= 1000:
        return scale.value, at + of.length + after.length
    return 1.0, at


def multiplies(found: Sequence[Match | None], at: int) -> bool:
    """Tell whether the phrase here multiplies a number ("million"), so that a half before it belongs to it."""
    return at < len(found) and (match := found[at]) is not None and match.sense("multiplier", "plural") is not None


def is_power_of_ten(value: float) -> bool:
    """Tell whether a number only names an order of magnitude, as "hundred thousand" does after "several"."""
    return value >= 10 and f"{value:.0f}".rstrip("0") == "1"


def _hundreds_follow(found: Sequence[Match | None], at: int) -> bool:
    values = [
        sense.value
        for match in found[at : at + 2]
        if match and (sense := match.sense("number", "article", "multiplier"))
    ]
    return bool(values) and (values[0] >= 100 or (len(values) == 2 and values[1] == 100))


def _fits(current: float, value: float, joined: bool) -> bool:
    """Tell whether a smaller number continues a larger one, as thirteen continues two hundred."""
    if current >= 100 and current % 100 == 0 and 0 < value < 100:
        return True
    if 20 <= current % 100 <= 90 and current % 10 == 0 and 0 < value < 10:
        return True
    # "tjugotretusen fyrahundra": thousands written as one word.
    if current >= 1000 and current % 1000 == 0 and 0 < value < 1000:
        return True
    # Arabic names the units first: "two and thirty".
    return joined and 0 < current % 100 < 10 and 20 <= value <= 90 and value % 10 == 0
