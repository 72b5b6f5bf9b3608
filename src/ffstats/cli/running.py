"""Running the notebooks: once, or with many parameters; why something runs; whether a rerun gave the same."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from ffstats.cli.base import AsJson, app, emit, local_evidence, page, sound_prose, write
from ffstats.errors import PipelineError


@app.command()
def reproduce(
    force: Annotated[bool, typer.Option(help="Run everything, changed or not.")] = False,
    only: Annotated[
        str | None, typer.Option(help="Only this notebook, or the one that draws this exhibit.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("-p", "--parameter", help="name=value, for every notebook that has it."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results.")] = None,
    engine: Annotated[
        str | None, typer.Option(help="warm or plain; by default what suits the system.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Notebooks at a time.", min=1)] = 2,
    store: Annotated[
        bool, typer.Option("--store", help="Keep the outputs in the project's notebooks as well.")
    ] = False,
    with_report: Annotated[
        bool, typer.Option("--report", help="Check the prose and bring the reader page up to date as well.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Regenerate every figure, table and number; run only what has changed."""
    from ffstats import reproduce as module

    def say(line: str) -> None:
        if not as_json:
            write(line)

    found = module.reproduce(
        force=force, only=only, parameters=_parameters(parameter or []), out=out, engine=engine,
        workers=workers, store=store, say=say,
    )  # fmt: skip
    if with_report and found.ok:
        say(sound_prose(found.out))
        say(page(found.out))
    compared = _replayed(out) if found.ok and found.ran else ""
    if as_json:
        emit({"out": str(found.out), "ran": found.ran, "fresh": found.fresh, "exhibits": found.exhibits,
              "numbers": found.numbers, "failures": {f.notebook: f.message for f in found.failures}})  # fmt: skip
    else:
        for failure in found.failures:
            print(f"\n{failure.message}", file=sys.stderr)
        write("\n".join(filter(None, [str(found), compared])))
    if not found.ok:
        raise typer.Exit(1)


def _parameters(given: list[str]) -> dict[str, str]:
    """Return name → value of -p options.

    Raises: PipelineError, for one that is not name=value.
    """
    wrong = [text for text in given if "=" not in text or not text.partition("=")[0].strip()]
    if wrong:
        raise PipelineError(f"-p {wrong[0]}: not name=value. Write for instance -p rule=midpoint.")
    return {name.strip(): value for name, _, value in (text.partition("=") for text in given)}


def _replayed(out: Path | None) -> str:
    """Say how the results compare with the committed ones, as a table; or why they cannot be compared."""
    from ffstats import replay
    from ffstats.errors import ReplayError

    try:
        return replay.replay(out=out).table()
    except ReplayError as error:
        return f"nothing to compare with: {error}"


@app.command()
def sweep(
    notebook: Annotated[str, typer.Argument(help="A notebook's path, or its name such as country_profile.")],
    over: Annotated[
        list[str] | None,
        typer.Option(
            help="name=value,value: every combination is run; iso3=all and rule=all stand for all there are."
        ),
    ] = None,
    grid: Annotated[Path | None, typer.Option(help="CSV file with one set of parameters a row.")] = None,
    workers: Annotated[int, typer.Option(help="Runs at a time on this machine.", min=1)] = 2,
    on: Annotated[str, typer.Option(help="local or dask.")] = "local",
    scheduler: Annotated[str | None, typer.Option(help="Address of a running Dask scheduler.")] = None,
    out: Annotated[
        str | None, typer.Option(help="Folder, or a path that fsspec knows, such as s3://bucket/sweep.")
    ] = None,
    engine: Annotated[str | None, typer.Option(help="warm or plain.")] = None,
    force: Annotated[bool, typer.Option(help="Run all, kept from before or not.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a notebook with many sets of parameters; collect numbers and figures. Exit status 1 if a run fails."""
    from ffstats.sweep import runs

    found = runs.sweep(
        notebook, over or [], grid, workers=workers, on=on, scheduler=scheduler, out=out, engine=engine,
        force=force, say=(lambda line: None) if as_json else write,
    )  # fmt: skip
    failed = [
        {"run": f.run.label, "parameters": dict(f.run.task.parameters), "why": f.message}
        for f in found.failures
    ]
    if as_json:
        emit(
            {
                "out": found.out,
                "runs": found.runs,
                "ran": found.ran,
                "numbers": found.numbers,
                "failures": failed,
            }
        )
    else:
        for failure in found.failures:
            print(f"\nfailed: {failure}", file=sys.stderr)
        write(str(found))
    if not found.ok:
        raise typer.Exit(1)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(help="A claim (c043), the id of a row (un-023), a notebook, an exhibit, or clean.")],
    parameter: Annotated[list[str] | None, typer.Option("-p", "--parameter", help="name=value")] = None,
    as_json: AsJson = False,
) -> None:
    """Say where a number comes from, what a row of the tables holds, or why something would run again."""
    if re.fullmatch(r"c\d+", name):
        from ffstats import ledger, pipeline

        chain = ledger.explain(name, local_evidence(), pipeline.exhibits_of(name))
        emit(chain.as_dict()) if as_json else write(str(chain))
        return
    from ffstats import reproduce as module

    try:
        text = module.explain(name, _parameters(parameter or []))
    except PipelineError:
        from ffstats import rows

        row = rows.find(name)
        if row is None:
            raise
        emit(row.as_dict()) if as_json else write(str(row))
        return
    emit({"id": name, "explanation": text.splitlines()}) if as_json else write(text)


@app.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List the notebooks and the figures and tables that each draws."""
    from ffstats import pipeline

    homes = pipeline.exhibit_notebooks()
    names = [path.stem for path in pipeline.notebooks()]
    if as_json:
        emit({name: [e for e, home in homes.items() if home == name] for name in names})
        return
    for name in names:
        write(name)
        for exhibit in (e for e, home in homes.items() if home == name):
            write(f"  {exhibit}")


@app.command()
def diff(
    reference: Annotated[str, typer.Argument(help="A commit, or a folder of results.")] = "HEAD",
    out: Annotated[Path | None, typer.Option(help="The results folder to compare.")] = None,
    every: Annotated[bool, typer.Option("--all", help="List what is the same as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Report of every number, table and figure whether a rerun gave the same. Exit status 1 if not."""
    from ffstats import replay

    found = replay.replay(reference, out)
    if as_json:
        emit(found.as_dict())
    else:
        for item in found.items:
            if every or item.verdict != "same":
                write(
                    f"{item.verdict:<14} {item.kind:<6} {item.id}"
                    + (f"  {item.detail}" if item.detail else "")
                )
        write(str(found))
    if not found.same:
        raise typer.Exit(1)
