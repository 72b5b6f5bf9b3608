"""Dates as texts write them: the years, the day or the month that the words name."""

from __future__ import annotations

import re
from functools import lru_cache

from ffstats.judging.agreement import first_day, last_day

_YEAR = re.compile(r"(?<![0-9])(1[6-9][0-9]{2}|20[0-4][0-9])(?![0-9])")
_SHORT_END = re.compile(r"(1[6-9][0-9]{2}|20[0-4][0-9])\s?[-–/]\s?([0-9]{2})(?![0-9])")
_DATE = re.compile(r"(?:([0-9]{1,2})(?:st|nd|rd|th|er|º|[.])?\s(?:de\s|of\s)?)?([^\W\d_]{3,10})[.]?,?\s(?:([0-9]{1,2})(?:st|nd|rd|th)?,?\s)?(?:del?\s)?((?:19|20)[0-9]{2})$")
_ISO = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}(?:-[0-9]{2})?$")
_MONTHS = ("jan ene jän", "feb fév", "mar mär", "apr avr abr", "may mai", "jun juin", "jul juil", "aug aoû ago", "sep", "oct okt", "nov", "dec déc dez dic")  # fmt: skip
"""How the months begin in the languages that texts are read in."""


def years(text: str) -> list[int]:
    """Return the years that the words of a date name.

    >>> years("between 2014 and 2017"), years("2013–17")
    ([2014, 2017], [2013, 2017])
    """
    found = [int(year) for year in _YEAR.findall(text)]
    if match := _SHORT_END.search(text):
        found.append(int(match[1][:2] + match[2]))
    return found


@lru_cache(maxsize=1024)
def iso(text: str) -> str:
    """Return the ISO day or month that the words of a date name; empty if they name none, or a year alone.

    >>> iso("25 September 2019"), iso("Sept. 25, 2019"), iso("juillet 2020"), iso("2019"), iso("mid-2019")
    ('2019-09-25', '2019-09-25', '2020-07', '', '')
    """
    if _ISO.match(text):
        return text
    found = _DATE.search(text)
    name = found[2].lower() if found else ""
    month = next((n for n, known in enumerate(_MONTHS, 1) if name.startswith(tuple(known.split()))), 0)
    if found is None or not month:
        return ""
    day = found[1] or found[3]
    return f"{found[4]}-{month:02}" + (f"-{int(day):02}" if day else "")


@lru_cache(maxsize=16384)
def apart(date: str, start: str, end: str) -> int:
    """Return the days between a date that a text names and a period of the ledger; many if the latter has none.

    >>> apart("2019-09", "2019-09-25", "2019-09-25"), apart("2019-09-25", "2019-09-11", "2019-09-12")
    (0, 13)
    """
    if not date:
        return 0
    try:
        first, last = first_day(date), last_day(date)
        return max((first_day(start or end) - last).days, (first - last_day(end or start)).days, 0)
    except ValueError:  # no date, or one like 31 June
        return 99_999
