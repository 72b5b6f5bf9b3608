"""The date that what is published bears: set from outside, or that of the last commit, never that of the clock."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import UTC, datetime

from ffstats import paths
from ffstats.errors import NarrativeError


def date() -> datetime:
    """Return the date that the page bears: SOURCE_DATE_EPOCH, else that of the project's last commit.

    Raises: NarrativeError, where there is neither, or SOURCE_DATE_EPOCH is no whole number of seconds.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        root = paths.work_dir()
        command = ["git", "-C", str(root), "log", "-1", "--format=%ct"]
        try:
            given = subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError) as error:
            raise NarrativeError(
                "The report bears the date of the last commit, and here is no commit. "
                "Set SOURCE_DATE_EPOCH to seconds since 1970."
            ) from error
    if not re.fullmatch(r"\d{1,12}", given):
        raise NarrativeError(f"SOURCE_DATE_EPOCH={given!r}: not a whole number of seconds since 1970.")
    return datetime.fromtimestamp(int(given), UTC)


def written_date(day: datetime) -> str:
    """Write a day as a reader says it.

    >>> written_date(datetime(2026, 1, 2))
    '2 January 2026'
    """
    return f"{day.day} {day:%B %Y}"
