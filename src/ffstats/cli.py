"""The command line: a thin face; each command calls one function of the library."""

from __future__ import annotations

import json
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import typer

from ffstats.errors import FfstatsError

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
    with_report: Annotated[bool, typer.Option("--report", help="Bring the reader page up to date as well.")] = False,
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
        say(_page(found.out))
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
    from ffstats.errors import PipelineError

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
        typer.Option(help="name=value,value: every combination is run; iso3=all and rule=all stand for all there are."),
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
    failed = [{"run": f.run.label, "parameters": dict(f.run.task.parameters), "why": f.message} for f in found.failures]
    if as_json:
        emit({"out": found.out, "runs": found.runs, "ran": found.ran, "numbers": found.numbers, "failures": failed})
    else:
        for failure in found.failures:
            print(f"\nfailed: {failure}", file=sys.stderr)
        write(str(found))
    if not found.ok:
        raise typer.Exit(1)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(help="A claim (c043), a notebook, an exhibit, or clean.")],
    parameter: Annotated[list[str] | None, typer.Option("-p", "--parameter", help="name=value")] = None,
    as_json: AsJson = False,
) -> None:
    """Say where a number of the texts comes from, or why a notebook or exhibit would run again."""
    if re.fullmatch(r"c\d+", name):
        from ffstats import ledger, pipeline

        chain = ledger.explain(name, _local_evidence(), pipeline.exhibits_of(name))
        emit(chain.as_dict()) if as_json else write(str(chain))
        return
    from ffstats import reproduce as module

    text = module.explain(name, _parameters(parameter or []))
    emit({"id": name, "explanation": text.splitlines()}) if as_json else write(text)


def _local_evidence() -> list[Path]:
    """Return the reviewer's own evidence, if there is any."""
    from ffstats import ledger

    path = ledger.local_evidence()
    return [path] if path.is_file() else []


@app.command()
def check(
    text: Annotated[
        str | None, typer.Option(help="Only the claims of this text: article, news or wapo.")
    ] = None,
    strict: Annotated[bool, typer.Option(help="Exit status 1 if any claim differs from its source.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give a verdict on every number of the three texts, worst first."""
    from ffstats import ledger

    found = ledger.check(text, _local_evidence())
    if as_json:
        emit([verdict.as_dict() for verdict in found])
    else:
        from rich.console import Console

        Console(width=None if sys.stdout.isatty() else 160).print(ledger.table(found))
    if strict and any(verdict.verdict == "differs" for verdict in found):
        raise typer.Exit(1)


@app.command()
def reconcile(
    reading: Annotated[
        str, typer.Option(help="strict, as printed; charitable, allowing what words leave open.")
    ] = "strict",
    as_json: AsJson = False,
) -> None:
    """Say which printed numbers cannot all be true, and what the others imply for each."""
    from ffstats import reconcile as module

    found = module.reconcile(reading=reading)
    if as_json:
        emit(found.as_dict())
        return
    from rich.console import Console

    Console(width=None if sys.stdout.isatty() else 120).print(found)


evidence = typer.Typer(
    help="Add a reviewer's own evidence, or see what it would change.", no_args_is_help=True
)
app.add_typer(evidence, name="evidence")


@evidence.command("add")
def evidence_add(
    claim: Annotated[str, typer.Argument(help="The claim that it bears on, such as c030.")],
    printed: Annotated[str, typer.Option(help="The words and digits as printed there.")],
    locator: Annotated[str, typer.Option(help="Document and page.")],
    seen_at: Annotated[str, typer.Option(help="Address or library copy that you saw.")],
    reviewer: Annotated[str, typer.Option(help="Your mark; it stands at every verdict that rests on this.")],
    seen_kind: Annotated[str, typer.Option(help="primary, reprint or press.")] = "primary",
    relation: Annotated[str, typer.Option(help="cited, same_figure or neighbour.")] = "cited",
    as_of: Annotated[str, typer.Option(help="Date that the figure refers to.")] = "",
    who: Annotated[str, typer.Option(help="Who is counted; by default as in the claim.")] = "",
    status: Annotated[str, typer.Option(help="What had happened to them; by default as in the claim.")] = "",
    group: Annotated[str, typer.Option(help="Armed group; by default as in the claim.")] = "",
    origin: Annotated[str, typer.Option(help="Where they come from; by default as in the claim.")] = "",
    place: Annotated[str, typer.Option(help="Where it is counted; by default as in the claim.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Write nothing; show how verdicts would move.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write down what you saw in a document; `ffstats check` takes it in, marked as yours."""
    from dataclasses import asdict

    from ffstats import ledger
    from ffstats import reviewer as module

    given = {"who": who, "status": status, "group": group, "origin": origin, "place": place}
    moves = module.add_evidence(
        claim, printed, locator, seen_at, reviewer, seen_kind=seen_kind, relation=relation, as_of=as_of,
        dry_run=dry_run, **{name: value for name, value in given.items() if value},
    )  # fmt: skip
    if as_json:
        emit([asdict(move) for move in moves])
        return
    write("\n".join(map(str, moves)) or "no verdict moves")
    if not dry_run:
        from ffstats import paths

        write(f"written to {paths.shown(ledger.local_evidence())}")


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


@app.command()
def recompute(
    claims: Annotated[
        list[str] | None,
        typer.Argument(help="A claim and your number (c043 850), or nothing to be asked in turn."),
    ] = None,
    text: Annotated[str | None, typer.Option(help="Ask only for this text: article, news or wapo.")] = None,
    as_json: AsJson = False,
) -> None:
    """Recompute blindly: give your own number for a claim, then see whether the text's matches, is in range, or differs."""
    from ffstats.publish import blind

    answers = blind.session(claims or [], sys.stdin, write if not as_json else lambda line: None, text)
    if as_json:
        emit([answer.as_dict() for answer in answers])


@app.command()
def review(
    reviewer: Annotated[str, typer.Option(help='Your name, and ORCID if you have one: "Name 0000-0000-0000-0000".')] = "",
    author: Annotated[
        list[str] | None, typer.Option(help="An author of the article, name and ORCID; the corresponding one first.")
    ] = None,
    certificate: Annotated[str, typer.Option(help="Identifier that the CODECHECK register awarded, such as 2026-001.")] = "",
    report: Annotated[str, typer.Option(help="Address where the certificate is published.")] = "",
    repository: Annotated[str, typer.Option(help="Address of the code and data under review.")] = "",
    out: Annotated[Path | None, typer.Option(help="Folder, replaced as a whole; by default results/review.")] = None,
    against: Annotated[str | None, typer.Option(help="A commit or a folder of results to compare with.")] = None,
    tree: Annotated[bool, typer.Option("--tree", help="Review the files as they lie, committed or not.")] = False,
    blind: Annotated[bool, typer.Option("--blind", help="First ask for your own number for every claim.")] = False,
) -> None:
    """Rerun everything in a clean copy and write a certificate. Exit status 1 if the rerun is not the same."""
    from ffstats.publish import certificate as module

    from ffstats.publish import blind as asking

    answers = asking.session([], sys.stdin, write) if blind else []
    people = module.People(reviewer, tuple(author or ()), certificate, report, repository)
    found = module.review(out, people, against, tree, write, answers=answers)
    write(str(found))
    if found.run.replay is not None and not found.run.replay.same:
        raise typer.Exit(1)


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
        list[Path] | None, typer.Argument(help="Markdown or notebooks; by default all of the project's prose.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that every number in the project's prose is bound or exempt. Exit status 1 if not."""
    from ffstats.annotate import lint

    report = lint.lint(files or ())
    emit(report.as_dict()) if as_json else write(str(report))
    if report.unbound:
        raise typer.Exit(1)


@app.command()
def report(
    out: Annotated[Path | None, typer.Option(help="The results folder to read and to write report/index.html in.")] = None,
) -> None:
    """Write the reader page: one file with every figure, table, number and verdict."""
    from ffstats import paths

    write(_page((out or paths.results_dir()).resolve()))


def _page(folder: Path) -> str:
    """Bring the reader page of a results folder up to date, and say so in a line."""
    from ffstats import paths
    from ffstats.publish import page_task

    new = page_task.bring(folder)
    path = folder / page_task.NAME
    return f"page: {'written' if new else 'nothing to do'}, {paths.shown(path)} ({path.stat().st_size / 1e6:.1f} MB)"


@app.command()
def paper(
    out: Annotated[Path | None, typer.Option(help="The results folder; the paper is written below it.")] = None,
    form: Annotated[list[str] | None, typer.Option("--format", help="pdf, docx or tex; by default all three.")] = None,
) -> None:
    """Write the report as a paper: PDF, Word and LaTeX, every number in it bound."""
    from ffstats import paths
    from ffstats.publish import paper as module

    for path in module.write(out, tuple(form or module.FORMATS)):
        write(paths.shown(path))


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
