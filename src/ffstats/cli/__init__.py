"""The command line: a thin face; each command calls one function of the library."""

from __future__ import annotations

import errno
import sys

# In the order in which --help lists their commands.
from ffstats.cli import data  # noqa: F401  # isort: skip
from ffstats.cli import running  # noqa: F401  # isort: skip
from ffstats.cli import claims  # noqa: F401  # isort: skip
from ffstats.cli import texts  # noqa: F401  # isort: skip
from ffstats.cli import teaching  # noqa: F401  # isort: skip
from ffstats.cli import machine  # noqa: F401  # isort: skip
from ffstats.cli.base import app
from ffstats.errors import FfstatsError

__all__ = ["app", "main"]


REMEDIES = {
    errno.ENOSPC: "Free some room on the disk, then give the same command again.",
    errno.EDQUOT: "Free some room within your quota, then give the same command again.",
    errno.EROFS: "Allow writing there, or name another folder with --out or FFSTATS_ROOT.",
    errno.EACCES: "Allow writing there, or name another folder with --out or FFSTATS_ROOT.",
}
"""What to do about an error of the machine."""


def main() -> None:
    """Run the command line; an error of ffstats is one message, not a traceback."""
    try:
        app()
    except FfstatsError as error:
        print(f"error: {error}".encode("utf-8", "replace").decode("utf-8"), file=sys.stderr)
        raise SystemExit(1) from None
    except UnicodeEncodeError as error:
        print(f"error: {ascii(error.object)[:80]} is not text in UTF-8. Write it as such.", file=sys.stderr)
        raise SystemExit(1) from None
    except OSError as error:  # of the machine: a full disk, a folder that may not be written
        where = f"{error.filename}: " if error.filename else ""
        hint = REMEDIES.get(error.errno or 0, "Mend that, then give the same command again.")
        text = f"error: {where}{error.strerror or error}. {hint} What was there before is still there."
        print(text.encode("utf-8", "replace").decode("utf-8"), file=sys.stderr)
        raise SystemExit(1) from None
