"""The classroom: release the course to students, check an answer, grade what they hand in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ffstats.cli.base import AsJson, app, emit, write

teach = typer.Typer(
    help="The course of six lessons: release it, check an answer, grade what students hand in.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(teach, name="teach")


def _said(line: str) -> None:
    """Tell a step of a long command, apart from what it puts out."""
    print(line, file=sys.stderr, flush=True)


def _tell(out: Path, changed: list[str], as_json: bool) -> None:
    """Say which files a folder got."""
    from ffstats import paths

    if as_json:
        emit({"out": str(out), "changed": changed})
        return
    said = f"{len(changed)} files written" if changed else "nothing changed"
    write("\n".join([*(f"  {name}" for name in changed), f"{paths.shown(out)}: {said}"]))


@teach.command()
def release(
    out: Annotated[Path, typer.Argument(help="The folder to write to; it is made if it does not exist.")],
    seed: Annotated[int, typer.Option(min=0, help="Which countries and sources the questions take.")] = 0,
    students: Annotated[
        Path | None,
        typer.Option(
            help="A CSV with a column student (and, if wanted, seed): one zip each, with its own seed."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the student's zip (or one a student), and the instructor's with solutions, timings and slides."""
    from ffstats.teach import release as module

    changed = module.release(out, seed, students, say=None if as_json else _said)
    _tell(out, changed, as_json)


@teach.command()
def check(
    question: Annotated[str, typer.Argument(help="The number of the question, such as 1.1.")],
    answer: Annotated[str, typer.Argument(help='The answer in words, such as "at least 1,200".')],
) -> None:
    """Say of an answer whether it is right, by the key.json of this folder. Exit status 1 if it is not."""
    from ffstats import teach as module

    said = module.judge(question, answer)
    write(str(said))
    if not said.right:
        raise typer.Exit(1)


@teach.command()
def progress() -> None:
    """Show how far the questions of this folder are answered."""
    from ffstats import teach as module

    module.progress()


@teach.command()
def grade(
    submissions: Annotated[
        Path, typer.Argument(help="A folder with one folder a student, or with one notebook a student.")
    ],
    csv: Annotated[Path | None, typer.Option(help="Write the marks and the feedback to this file.")] = None,
    workers: Annotated[int, typer.Option(help="Submissions at a time.", min=1, max=64)] = 2,
    time: Annotated[int, typer.Option(help="Seconds for each submission.", min=1, max=3600)] = 60,
    memory: Annotated[
        int, typer.Option(help="MiB of memory for each, beside what the libraries take.", min=64)
    ] = 1024,
    released: Annotated[
        Path | None,
        typer.Option("--release", help="What `teach release` wrote, if not here or beside the submissions."),
    ] = None,
    uncontained: Annotated[
        bool, typer.Option("--uncontained", help="Go on where the system cannot hold submissions.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Mark what students handed in, each notebook in a process of its own that can harm nothing; go on where it stopped."""
    from ffstats import store
    from ffstats.teach import attempt
    from ffstats.teach import grade as module

    found = module.grade(
        submissions, released, limits=attempt.Limits(time, memory), workers=workers, uncontained=uncontained,
        say=_said,
    )  # fmt: skip
    if csv is not None:
        store.write(csv.parent, {csv.name: found.csv_bytes()})
    emit(found.as_dict()) if as_json else write(str(found))


@teach.command()
def export(
    kind: Annotated[str, typer.Argument(help="otter or nbgrader.")],
    out: Annotated[Path, typer.Argument(help="The folder to write to; it is made if it does not exist.")],
    seed: Annotated[int, typer.Option(min=0, help="Which countries and sources the questions take.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write the lessons for otter-grader (`otter assign`) or as a course for nbgrader (`nbgrader generate_assignment`)."""
    from ffstats.teach import export as module

    changed = module.export(kind, out, seed)
    _tell(out, changed, as_json)
