"""What every command shares: the application, and how it writes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="ffstats",
    help="Published estimates of ISIS foreign fighters: read, collate, check and redraw them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Write JSON instead of text.")]


def emit(data: Any) -> None:
    """Write one JSON value to standard output, in UTF-8 whatever the locale."""
    write(json.dumps(data, ensure_ascii=False, indent=2))


def write(text: str = "") -> None:
    """Write a line to standard output, in UTF-8 whatever the locale."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")


def local_evidence() -> list[Path]:
    """Return the reviewer's own evidence, if there is any."""
    from ffstats import ledger

    path = ledger.local_evidence()
    return [path] if path.is_file() else []


def page(folder: Path) -> str:
    """Bring the reader page of a results folder up to date, and say so in a line."""
    from ffstats import paths
    from ffstats.publish import page_task
    from ffstats.publish.page import NAME

    new = page_task.bring(folder)
    path = folder / NAME
    return f"page: {'written' if new else 'nothing to do'}, {paths.shown(path)} ({path.stat().st_size / 1e6:.1f} MB)"


def sound_prose(folder: Path) -> str:
    """Check the project's prose against a results folder, and say in a line what it covers.

    Raises: ProseError, where a number of it is bound to nothing.
    """
    from ffstats import prose

    return f"prose: {'checked' if prose.bring(folder) else 'nothing to do'}, {prose.line(folder)}"
