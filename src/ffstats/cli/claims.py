"""The numbers of the texts: verdicts, reconciliation, a reviewer's evidence, recomputation and certificate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ffstats.cli.base import AsJson, app, emit, local_evidence, write


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

    found = ledger.check(text, local_evidence())
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
    from ffstats.judging import reviewer as module

    facets = {"who": who, "status": status, "group": group, "origin": origin, "place": place}
    given: dict[str, Any] = {name: value for name, value in facets.items() if value}
    moves = module.add_evidence(
        claim, printed, locator, seen_at, reviewer, seen_kind=seen_kind, relation=relation, as_of=as_of,
        dry_run=dry_run, **given,
    )  # fmt: skip
    if as_json:
        emit([asdict(move) for move in moves])
        return
    write("\n".join(map(str, moves)) or "no verdict moves")
    if not dry_run:
        from ffstats import paths

        write(f"written to {paths.shown(ledger.local_evidence())}")


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
    reviewer: Annotated[
        str, typer.Option(help='Your name, and ORCID if you have one: "Name 0000-0000-0000-0000".')
    ] = "",
    author: Annotated[
        list[str] | None,
        typer.Option(help="An author of the article, name and ORCID; the corresponding one first."),
    ] = None,
    certificate: Annotated[
        str, typer.Option(help="Identifier that the CODECHECK register awarded, such as 2026-001.")
    ] = "",
    report: Annotated[str, typer.Option(help="Address where the certificate is published.")] = "",
    repository: Annotated[str, typer.Option(help="Address of the code and data under review.")] = "",
    out: Annotated[
        Path | None, typer.Option(help="Folder, replaced as a whole; by default results/review.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="A commit or a folder of results to compare with.")
    ] = None,
    tree: Annotated[
        bool, typer.Option("--tree", help="Review the files as they lie, committed or not.")
    ] = False,
    blind: Annotated[
        bool, typer.Option("--blind", help="First ask for your own number for every claim.")
    ] = False,
) -> None:
    """Rerun everything in a clean copy and write a certificate. Exit status 1 if the rerun is not the same."""
    from ffstats.publish import blind as asking
    from ffstats.publish import certificate as module

    answers = asking.session([], sys.stdin, write) if blind else []
    people = module.People(reviewer, tuple(author or ()), certificate, report, repository)
    found = module.review(out, people, against, tree, write, answers=answers)
    write(str(found))
    if found.run.replay is not None and not found.run.replay.same:
        raise typer.Exit(1)
