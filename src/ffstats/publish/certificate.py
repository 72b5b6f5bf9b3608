"""The reviewer's certificate: a rerun in a clean copy, and one folder that says what came of it."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ffstats import formulas, paths, raw, store
from ffstats.errors import ReviewError
from ffstats.files import put
from ffstats.publish import certificate_facts, certificate_run, codecheck, crate, typeset
from ffstats.publish.blind import Answer
from ffstats.publish.certificate_run import Run
from ffstats.replay import VERDICTS

HEADLINE = {
    "supported": "agrees with a source seen on its own page",
    "supported_secondary": "agrees with a source seen in a reprint or in press",
    "differs": "differs from what was seen, in value or in what is counted",
    "not_found": "no source could be seen",
    "not_checked": "words without a number",
}
COUNTED = {
    "supported": "{} agree with a source seen on its own page",
    "supported_secondary": "{} with one seen in a reprint or in press",
    "differs": "{} differ from what was seen, in value or in what is counted",
    "not_found": "for {} no source could be seen",
    "not_checked": "{} use words without a number",
}
WORKFLOW = "workflow/reproduce.py"


@dataclass(frozen=True, slots=True)
class People:
    """Who reviews, who wrote the text under review, and what the register and a repository gave; nothing is made up.

    reviewer and authors: "Name 0000-0000-0000-0000", the ORCID where it is known; certificate: the register's
    identifier; report: the address of the published certificate.
    """

    reviewer: str = ""
    authors: tuple[str, ...] = ()
    certificate: str = ""
    report: str = ""
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The folder that was written, the run it reports, and what its codecheck.yml still lacks."""

    folder: Path
    run: Run
    lacking: tuple[codecheck.Finding, ...]

    def __str__(self) -> str:
        lines = [f"certificate in {paths.shown(self.folder)} (rerun {self.run.seconds:.0f} s)"]
        lines.append(f"replay {self.run.replay}" if self.run.replay else self.run.no_replay)
        if self.lacking:
            lines.append("codecheck.yml is not valid yet; only people can add:")
            lines += [f"  {finding}" for finding in self.lacking]
        else:
            lines.append("codecheck.yml is valid (CODECHECK 2.0)")
        return "\n".join(lines)


def review(
    out: Path | None = None,
    people: People | None = None,
    against: str | None = None,
    whole_tree: bool = False,
    say: Callable[[str], None] = lambda line: None,
    command: tuple[str, ...] = certificate_run.COMMAND,
    answers: Sequence[Answer] = (),
) -> Review:
    """Rerun everything in a clean copy and write the certificate's folder.

    Parameters: out, the folder (default: results/review), replaced as a whole; people, who reviews; against, a commit or
    a folder of results to compare with; whole_tree, to take uncommitted files too; say, where progress goes; answers, of a
    blind recompute that came first.
    Raises: ReviewError, if the rerun fails; ExtraMissing, if Typst or rocrate is not installed.
    """
    typeset.available()
    people = people or People()
    folder = (out or paths.results_dir() / "review").resolve()
    _free(folder)
    with tempfile.TemporaryDirectory(prefix="ffstats-review-") as scratch:
        run = certificate_run.rerun(Path(scratch) / "copy", against, whole_tree, say, command)
        made = Path(scratch) / "review"
        say("writing the certificate")
        lacking = _write(made, run, people, answers)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.move(made, folder)
    return Review(folder, run, lacking)


def _free(folder: Path) -> None:
    """See to it that only an earlier certificate is replaced, never a folder of anything else.

    Raises: ReviewError, where the folder holds something that no review wrote.
    """
    taken = folder.is_file() or (folder.is_dir() and any(folder.iterdir()))
    if taken and not (folder / "certificate.pdf").is_file():
        raise ReviewError(
            f"{paths.shown(folder)} is not empty and holds no certificate. Name a new folder with --out."
        )


def _write(
    folder: Path, run: Run, people: People, answers: Sequence[Answer] = ()
) -> tuple[codecheck.Finding, ...]:
    """Write every file of the folder; the crate, which lists the others, last."""
    _copy(run, folder)
    facts = run.facts
    replayed = (
        run.replay.as_dict() if run.replay else {"reference": None, "reason": run.no_replay, "items": []}
    )
    put(folder / "codecheck/replay.json", store.json_bytes(replayed))
    put(
        folder / "codecheck/ledger.json",
        store.json_bytes({k: facts[k] for k in ("summary", "coverage", "numbers_in_text")}),
    )
    put(folder / "codecheck/conflicts.json", store.json_bytes(facts["reconciliation"]))
    put(folder / "codecheck/run.log", run.log.encode("utf-8"))
    listed = "".join(f"{digest}  outputs/{name}\n" for name, digest in sorted(run.files.items()))
    put(folder / "codecheck/outputs.sha256", listed.encode("utf-8"))
    put(folder / "codecheck/numbers_in_text.csv", numbers_csv(facts["numbers_in_text"]))
    put(
        folder / "codecheck/numbers_in_text.html",
        typeset.html("numbers.html", {"rows": facts["numbers_in_text"], "texts": facts["texts"]}),
    )
    if answers:
        put(folder / "codecheck/blind.json", store.json_bytes([answer.as_dict() for answer in answers]))
    config = configuration(run, people)
    lacking = tuple(f for f in codecheck.problems(config, folder) if f.severity == "error")
    remarks = ["Written by ffstats review."] + [f"Still to be added: {f.text} [{f.rule}]" for f in lacking]
    put(folder / "codecheck.yml", codecheck.yaml(config, remarks).encode("utf-8"))
    about = content(run, people, lacking, answers)
    put(folder / "certificate.html", typeset.html("certificate.html", about))
    put(folder / "certificate.pdf", typeset.pdf("certificate.typ", about, int(run.finished.timestamp())))
    put(folder / crate.NAME, store.json_bytes(_crate(folder, run, people)))
    return lacking


def _copy(run: Run, folder: Path) -> None:
    """Copy what the run was given and made; pictures of specifications are kept, caches are not."""
    shutil.copytree(run.folder / "data" / "raw", folder / "inputs" / "raw")
    for name in ("figures", "tables", "notebooks"):
        if (run.results / name).is_dir():
            shutil.copytree(run.results / name, folder / "outputs" / name)
    for name in ("numbers.json", "catalogue.json"):
        shutil.copy(run.results / name, folder / "outputs" / name)
    (folder / "workflow" / "notebooks").mkdir(parents=True)
    shutil.copy(run.folder / "src/ffstats/reproduce.py", folder / WORKFLOW)
    for path in sorted((run.folder / "notebooks").glob("*.ipynb")):
        shutil.copy(path, folder / "workflow" / "notebooks" / path.name)
    shutil.copy(run.folder / "requirements/lean.txt", folder / "workflow" / "requirements.txt")


def numbers_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Return the table of in-text numbers as CSV; a cell that a spreadsheet would run gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(certificate_facts.COLUMNS)
    for row in rows:
        writer.writerow([formulas.neutral(row[name]) for name in certificate_facts.COLUMNS])
    return out.getvalue().encode("utf-8")


def configuration(run: Run, people: People) -> dict[str, Any]:
    """Return the content of codecheck.yml; what nobody has said is left out, not filled in."""
    text = raw.descriptor(paths.raw_dir() / "texts")["sources"][0]
    titles = {e["id"]: e for e in run.facts["exhibits"]}
    manifest = [
        {"file": f"outputs/{entry['kind']}s/{name}.{end}", "comment": entry["title"]}
        for name, entry in titles.items()
        for end in (("svg", "csv") if entry["kind"] == "figure" else ("csv",))
    ]
    manifest.append(
        {
            "file": "outputs/numbers.json",
            "comment": f"{len(run.facts['numbers'])} derived numbers, each with its notebook",
        }
    )
    found: dict[str, Any] = {
        "version": codecheck.SPECIFICATION,
        "manifest": manifest,
        "paper": {"title": text["title"].split(",")[0], "reference": text["path"]},
        "codechecker": [codecheck.person(people.reviewer)] if people.reviewer else None,
        "report": people.report,
        "summary": summary(run),
        "repository": people.repository,
        "check_time": run.finished.strftime("%Y-%m-%d %H:%M:%S"),
        "certificate": people.certificate,
    }
    if people.authors:
        found["paper"]["authors"] = [codecheck.person(author) for author in people.authors]
    return {name: value for name, value in found.items() if value}


def summary(run: Run) -> str:
    """Say in three sentences what was run, what came out, and what the ledger holds."""
    counts: dict[str, int] = {}
    for verdicts in run.facts["summary"].values():
        for name, number in verdicts.items():
            counts[name] = counts.get(name, 0) + number
    listed = "; ".join(words.format(counts[name]) for name, words in COUNTED.items())
    if run.replay is None:
        compared = run.no_replay
    elif run.replay.same:
        compared = f"Every number, table and figure is the same as in {_reference(run)}, or differs by no more than is declared."
    else:
        off = sum(item.verdict not in ("same", "within tolerance") for item in run.replay.items)
        compared = (
            f"{off} of {len(run.replay.items)} numbers, tables and figures are not as in {_reference(run)}."
        )
    return (
        f"All {len(run.facts['exhibits'])} figures and tables and {len(run.facts['numbers'])} derived numbers were regenerated "
        f"from the raw data in a clean copy in {run.seconds:.0f} seconds. {compared} "
        f"Of the {sum(counts.values())} statements of the three texts, {listed}."
    )


def _reference(run: Run) -> str:
    assert run.replay is not None
    reference = run.replay.reference
    return "the results of the commit under review" if reference == "HEAD" else reference


def content(
    run: Run, people: People, lacking: Sequence[codecheck.Finding] = (), answers: Sequence[Answer] = ()
) -> dict[str, Any]:
    """Return all that the certificate prints, as plain data for its two templates."""
    facts = run.facts
    items = run.replay.items if run.replay else ()
    verdicts = [v for v in reversed(VERDICTS) if any(item.verdict == v for item in items)]
    kinds = list(dict.fromkeys(item.kind for item in items))
    return {
        "summary": summary(run),
        "reviewer": codecheck.person(people.reviewer) if people.reviewer else {},
        "certificate": people.certificate,
        "report": people.report,
        "blind": [[str(d[k]) for k in ("claim_id", "given", "printed", "outcome", "how")] for d in (a.as_dict() for a in answers)],
        "lacking": [{"rule": f.rule, "text": f.text} for f in lacking],
        "origin": {
            "commit": run.origin.commit, "describe": run.origin.describe, "date": run.origin.date,
            "uncommitted": list(run.origin.uncommitted), "whole_tree": run.origin.whole_tree,
        },
        "started": run.started.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "finished": run.finished.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "seconds": f"{run.seconds:.1f}",
        "command": "ffstats reproduce --force",
        "machine": run.machine,
        "steps": [{"line": line, "seconds": f"{took:.1f}"} for line, took in run.steps],
        "replay": {
            "reference": _reference(run) if run.replay else "", "reason": run.no_replay, "verdicts": verdicts,
            "rows": [[kind, *(str(sum(i.kind == kind and i.verdict == v for i in items)) for v in verdicts)] for kind in kinds],
            "differing": [
                {"verdict": i.verdict, "kind": i.kind, "id": i.id, "detail": i.detail}
                for i in items if i.verdict not in ("same",)
            ],
        },
        "ledger": {
            "headlines": [{"name": name.replace("_", " "), "means": means} for name, means in HEADLINE.items()],
            "rows": [
                [facts["texts"][text], *(str(counts[name]) for name in HEADLINE), str(sum(counts.values()))]
                for text, counts in facts["summary"].items()
            ],
        },
        "differs": [r for r in facts["numbers_in_text"] if r["verdict"] == "differs"],
        "numbers": certificate_facts.by_page(facts["numbers_in_text"]),
        "reconciliation": facts["reconciliation"],
        "coverage": [[name, f"{number:,}"] for name, number in facts["coverage"].items()],
        "outputs": str(len(run.files)),
        "digest": hashlib.sha256("".join(f"{n}{d}" for n, d in sorted(run.files.items())).encode()).hexdigest(),
        "version": version("ffstats"),
    }  # fmt: skip


def _crate(folder: Path, run: Run, people: People) -> dict[str, Any]:
    exhibits = run.facts["exhibits"]
    homes: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for entry in exhibits:
        ends = ("svg", "png", "json", "csv") if entry["kind"] == "figure" else ("csv", "html", "tex")
        made = [f"outputs/{entry['kind']}s/{entry['id']}.{end}" for end in ends]
        titles |= {path: f"{entry['title']} ({path.rsplit('.', 1)[1]})" for path in made}
        homes.setdefault(f"workflow/notebooks/{Path(entry['notebook']).stem}.ipynb", []).extend(made)
    for path in sorted((folder / "workflow" / "notebooks").glob("*.ipynb")):
        homes.setdefault(f"workflow/notebooks/{path.name}", []).append(f"outputs/notebooks/{path.name}")
    return crate.metadata(
        folder, WORKFLOW,
        name="Rerun of ffstats in a clean copy", description=summary(run),
        started=run.started.isoformat(timespec="seconds"), finished=run.finished.isoformat(timespec="seconds"),
        version=run.origin.commit or version("ffstats"),
        agent=codecheck.person(people.reviewer) if people.reviewer else {},
        notebooks=homes, titles=titles,
    )  # fmt: skip
