"""The tables: make, describe and export them; read an expression; list what is missing."""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import typer

from ffstats.cli.base import AsJson, app, emit, write


@app.command()
def clean(
    add: Annotated[Path | None, typer.Option(help="A filled template of `ffstats gaps --template`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write data/processed from data/raw: readings, estimates, dated totals, dictionary."""
    from ffstats import gaps, paths
    from ffstats import reproduce as module

    added = {paths.shown(p): n for p, n in gaps.add(add).items()} if add else {}
    tables, changed = module.clean()
    if as_json:
        emit({"added": added, "tables": tables, "changed": changed})
        return
    for path, count in added.items():
        write(f"added {count} readings to {path}")
    for name, rows in tables.items():
        write(f"{name:<12} {rows:>6,} rows")
    where = paths.shown(paths.processed_dir())
    write(f"{where}: {len(changed)} files changed" if changed else f"{where}: nothing changed")


@app.command()
def parse(
    text: Annotated[
        list[str],
        typer.Argument(help='Expressions such as "more than 40,000", or - for lines of standard input.'),
    ],
    language: Annotated[str | None, typer.Option(help="ISO 639-1 code of the text's language.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit to look for where a text holds several.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read printed estimates: low, high and bound. Exit status 1 if any cannot be read."""
    failed = False
    for line in _lines(text):
        words, error = _answer(line, language, unit, as_json)
        failed = failed or error
        if error and not as_json:
            print(words, file=sys.stderr)
        else:
            sys.stdout.buffer.write(words.encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()
    if failed:
        raise typer.Exit(1)


@lru_cache(maxsize=1 << 15)
def _answer(line: str, language: str | None, unit: str | None, as_json: bool) -> tuple[str, bool]:
    """Return what to write for one expression, and whether it is an error; many lines repeat."""
    from ffstats import printed
    from ffstats.errors import PrintedError

    try:
        found = printed.read(line, language, unit)
    except PrintedError as error:
        return (
            json.dumps({"text": line, "error": str(error)}, ensure_ascii=False)
            if as_json
            else f"error: {error}"
        ), True
    data = {"text": line} | found.as_dict()
    return (json.dumps(data, ensure_ascii=False) if as_json else _reading(line, found)), False


def _lines(text: list[str]) -> Any:
    """Return the arguments, or the lines of standard input for a single hyphen."""
    if text != ["-"]:
        yield from text
        return
    for line in sys.stdin.buffer:
        yield line.rstrip(b"\n").rstrip(b"\r").decode("utf-8", "replace")


def _reading(line: str, found: Any) -> str:
    e = found.estimate
    ends = f"low {_end(e.low)}, high {_end(e.high)}" + (
        f", best {_end(e.best)}" if e.best is not None else ""
    )
    tongue = f", {found.language}" if found.language else ""
    return f"{line}\n  {e.bound}: {ends} ({e.unit}{tongue})"


def _end(value: float | None) -> str:
    return "open" if value is None else f"{value:,.10g}"


@app.command()
def gaps(
    source: Annotated[str | None, typer.Argument(help="Only this source.")] = None,
    template: Annotated[Path | None, typer.Option(help="Write a CSV to fill in to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the cells not yet seen, and where to look; write a template to fill them in."""
    from dataclasses import asdict

    from ffstats import gaps as module
    from ffstats import sources, store

    found = module.gaps(source)
    if template is not None:
        store.write(template.resolve().parent, {template.name: module.template(source)})
        write(f"{template}: {len(found)} rows to fill; then: ffstats clean --add {template}")
        return
    if as_json:
        emit([asdict(gap) for gap in found])
        return
    wheres = dict.fromkeys((g.source_id, g.status, g.who, g.look_in) for g in found)
    for source_id, status, who, look_in in wheres:
        names = [
            g.origin
            for g in found
            if (g.source_id, g.status, g.who, g.look_in) == (source_id, status, who, look_in)
        ]
        write(f"{sources.source(source_id).short}: {status}, {who}: {len(names)} not seen")
        write(f"  look in: {look_in}")
        write(f"  for: {', '.join(names)}")
    write(f"{len(found)} cells not seen")


@app.command()
def describe(
    name: Annotated[str, typer.Argument(help="A table, column, term, measure or source.")],
    as_json: AsJson = False,
) -> None:
    """Say what a table, column, term, measure or source means."""
    from ffstats import dictionary

    entry = dictionary.describe(name)
    emit({"name": name, "entry": entry}) if as_json else write(entry)


@app.command()
def sources(
    source: Annotated[str | None, typer.Argument(help="Only this source.")] = None, as_json: AsJson = False
) -> None:
    """List the sources: what each counts, its licence, where its figures stand."""
    from dataclasses import asdict

    from ffstats import sources as module

    found = [module.source(source)] if source else list(module.registry().values())
    if as_json:
        emit([asdict(s) for s in found])
        return
    write("\n".join(str(s) for s in found))


@app.command()
def export(
    out: Annotated[Path | None, typer.Option(help="Folder; by default results/data.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the tables for other tools: data package, Parquet, and SQLite with views that answer questions."""
    from ffstats import paths
    from ffstats.publish import database

    folder, changed = database.export(out)
    if as_json:
        emit({"out": str(folder), "changed": changed})
        return
    write(
        f"{paths.shown(folder)}: {len(changed)} files changed"
        if changed
        else f"{paths.shown(folder)}: nothing changed"
    )
