"""The installation itself: its versions, and whether all that is needed is there."""

from __future__ import annotations

from typing import Annotated

import typer

from ffstats.cli.base import AsJson, app, emit, write


def _version(wanted: bool) -> None:
    """Write the versions and end."""
    if wanted:
        from ffstats import doctor as module

        write(module.version())
        raise typer.Exit


@app.callback()
def everywhere(
    _wanted: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Write the version of the package, its commit and that of the data.",
        ),
    ] = False,
) -> None:
    """Published estimates of ISIS foreign fighters: read, collate, check and redraw them."""


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look whether this machine can do the work, with a remedy for what it cannot. Exit status 1 if something needed is broken."""
    from ffstats import doctor as module

    found = []
    for finding in module.examine():
        found.append(finding)
        if not as_json:
            write(str(finding))
    broken = sum(finding.state == "broken" for finding in found)
    if as_json:
        emit([finding.as_dict() for finding in found])
    else:
        write(f"{broken} broken" if broken else "all that is needed is there")
    if broken:
        raise typer.Exit(1)
