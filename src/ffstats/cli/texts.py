"""Words with numbers: a reader's own text, the project's prose, the reader page and the paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ffstats.cli.base import AsJson, app, emit, page, write


@app.command()
def annotate(
    file: Annotated[str, typer.Argument(help=".txt, .md, .html, .docx or .pdf, or - for standard input.")],
    out: Annotated[Path | None, typer.Option(help="Write the page of the marked text to this file.")] = None,
    language: Annotated[
        str | None, typer.Option(help="en, fr, de or es; by default each paragraph's is told by its words.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find every number of a text and hold it against the ledger."""
    from ffstats.annotate import run

    found = run.annotate_file(file, language)
    if out is not None:
        run.write_page(found, out, "standard input" if file == "-" else Path(file).name)
    if as_json:
        emit(found.as_list())
        return
    write(run.summary(found))
    if out is not None:
        write(f"page: {out}")


@app.command(name="lint-prose")
def lint_prose(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Markdown or notebooks; by default all of the project's prose."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that every number in the project's prose is bound or exempt. Exit status 1 if not."""
    from ffstats import prose
    from ffstats.annotate import lint

    report = lint.lint(files or prose.files())
    emit(report.as_dict()) if as_json else write(str(report))
    if report.unbound:
        raise typer.Exit(1)


@app.command()
def report(
    out: Annotated[
        Path | None, typer.Option(help="The results folder to read and to write report/index.html in.")
    ] = None,
) -> None:
    """Write the reader page: one file with every figure, table, number and verdict."""
    from ffstats import paths

    write(page((out or paths.results_dir()).resolve()))


@app.command()
def paper(
    out: Annotated[
        Path | None, typer.Option(help="The results folder; the paper is written below it.")
    ] = None,
    form: Annotated[
        list[str] | None, typer.Option("--format", help="pdf, docx or tex; by default all three.")
    ] = None,
) -> None:
    """Write the report as a paper: PDF, Word and LaTeX, every number in it bound."""
    from ffstats import paths
    from ffstats.publish import paper as module

    for path in module.write(out, tuple(form or module.FORMATS)):
        write(paths.shown(path))
