"""The command line: a thin face; each command calls one function of the library."""

from __future__ import annotations

import sys

# In the order in which --help lists their commands.
from ffstats.cli import data  # noqa: F401  # isort: skip
from ffstats.cli import running  # noqa: F401  # isort: skip
from ffstats.cli import claims  # noqa: F401  # isort: skip
from ffstats.cli import texts  # noqa: F401  # isort: skip
from ffstats.cli import teaching  # noqa: F401  # isort: skip
from ffstats.cli.base import app
from ffstats.errors import FfstatsError

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; an error of ffstats is one message, not a traceback."""
    try:
        app()
    except FfstatsError as error:
        print(f"error: {error}".encode("utf-8", "replace").decode("utf-8"), file=sys.stderr)
        raise SystemExit(1) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
