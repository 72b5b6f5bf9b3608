"""What the certificate says of the numbers: the table of in-text numbers, the ledger, the account, the coverage."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ffstats import ledger, paths, pipeline
from ffstats.errors import FfstatsError
from ffstats.judging import entries
from ffstats.judging.entries import TEXTS

COLUMNS = ("text", "page", "note", "section", "claim_id", "printed", "read_as", "unit", "verdict", "flags", "cited", "seen",
           "rests_on", "notebooks", "exhibits", "numbers", "reason")  # fmt: skip


def collect(results: Path | None = None) -> dict[str, Any]:
    """Return all facts of a finished run, as plain data.

    Parameters: results, the results folder (default: the project's).
    """
    results = results or paths.results_dir()
    numbers = json.loads((results / "numbers.json").read_text(encoding="utf-8"))
    exhibits = json.loads((results / "catalogue.json").read_text(encoding="utf-8"))
    rows = in_text(results)
    return {
        "numbers_in_text": rows,
        "texts": TEXTS,
        "summary": {text: ledger.summary(ledger.check(text)) for text in TEXTS},
        "reconciliation": [_reconciled(reading) for reading in ("strict", "charitable")],
        "coverage": _coverage(rows, numbers, exhibits),
        "exhibits": [{k: e[k] for k in ("id", "kind", "title", "notebook", "alt")} for e in exhibits],
        "numbers": [{k: n[k] for k in ("id", "text", "definition", "notebook")} for n in numbers],
    }


def write() -> None:
    """Write the facts to standard output as JSON."""
    sys.stdout.buffer.write(json.dumps(collect(), ensure_ascii=False).encode("utf-8"))


def in_text(results: Path) -> list[dict[str, str]]:
    """Return a row for each number of the three texts, in the order of its pages and notes.

    The columns are COLUMNS: where it stands, what it says, the verdict and on what it rests, and where the run
    reproduces or uses it: notebooks, figures and tables, ids of derived numbers.
    """
    derived = uses(results / "notebooks")
    homes = pipeline.exhibit_notebooks()
    found = []
    for v in ledger.check():
        c = v.claim
        exhibits = pipeline.exhibits_of(c.claim_id)
        numbers = [number for number, claims in derived.items() if c.claim_id in claims]
        books = {homes[e] for e in exhibits} | {derived_in for derived_in in _books(results, numbers)}
        found.append({
            "text": c.text, "page": c.page, "note": c.note_no.replace(";", ", "), "section": c.section,
            "claim_id": c.claim_id, "printed": c.printed, "read_as": str(c.estimate), "unit": c.estimate.unit,
            "verdict": v.verdict, "flags": " ".join(v.flags), "cited": c.cited_source,
            "seen": v.best.seen_kind if v.best else "", "rests_on": v.best.evidence_id if v.best else "",
            "notebooks": " ".join(sorted(books)), "exhibits": " ".join(exhibits), "numbers": " ".join(numbers),
            "reason": v.reason,
        })  # fmt: skip
    order = list(TEXTS)
    return sorted(found, key=lambda r: (order.index(r["text"]), int(r["page"] or 0), r["claim_id"]))


def _books(results: Path, numbers: list[str]) -> Iterator[str]:
    every = json.loads((results / "numbers.json").read_text(encoding="utf-8"))
    yield from (entry["notebook"] for entry in every if entry["id"] in numbers)


def uses(notebooks: Path) -> dict[str, list[str]]:
    """Return which claims each derived number was computed from, as the code of the notebooks has it.

    Parameters: notebooks, the folder of executed notebooks.
    Returns: id of the number → ids of the claims that its expression reaches, through variables too.
    """
    found: dict[str, list[str]] = {}
    for path in sorted(notebooks.glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ("".join(c["source"]) for c in cells if c["cell_type"] == "code")
        found |= _flow(code)
    return {number: claims for number, claims in sorted(found.items()) if claims}


def _flow(cells: Iterator[str]) -> dict[str, list[str]]:
    """Follow claims through assignments to the numbers recorded from them."""
    held: dict[str, set[str]] = {}
    recorded: dict[str, set[str]] = {}

    def reached(node: ast.AST) -> set[str]:
        claims: set[str] = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                claims |= held.get(part.id, set())
            elif isinstance(part, ast.Call) and _called(part) == "claim" and part.args:
                claims |= {str(part.args[0].value)} if isinstance(part.args[0], ast.Constant) else set()
        return claims

    for source in cells:
        try:
            body = ast.parse(source).body
        except SyntaxError:  # a magic: it computes nothing that could be recorded
            continue
        for statement in body:
            for call in ast.walk(statement):
                if isinstance(call, ast.Call) and _called(call) == "record" and len(call.args) > 1:
                    name = call.args[0]
                    recorded |= (
                        {str(name.value): reached(call.args[1])} if isinstance(name, ast.Constant) else {}
                    )
            if isinstance(statement, ast.Assign):
                _assign(statement, held, reached)
    return {number: sorted(claims) for number, claims in recorded.items()}


def _assign(statement: ast.Assign, held: dict[str, set[str]], reached: Any) -> None:
    for target in statement.targets:
        if isinstance(target, ast.Tuple) and isinstance(statement.value, ast.Tuple):
            pairs = list(zip(target.elts, statement.value.elts, strict=False))
        else:
            pairs = [(target, statement.value)]
        for name, value in pairs:
            claims = reached(value)
            for part in ast.walk(name):
                if isinstance(part, ast.Name):
                    held[part.id] = claims


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _reconciled(reading: str) -> dict[str, Any]:
    from ffstats.reconcile import project

    try:
        found: dict[str, Any] = project(reading)[2].as_dict()
        return found
    except FfstatsError as error:
        return {"reading": reading, "error": str(error)}


def _coverage(rows: list[dict[str, str]], numbers: list[Any], exhibits: list[Any]) -> dict[str, Any]:
    """Count what the check owns, so that it claims no more than it covers."""
    from ffstats import tidy

    cells = tidy.estimates()
    checked = [r for r in rows if r["verdict"] != "not_checked"]
    used = [r for r in rows if r["exhibits"] or r["numbers"]]
    return {
        "claims": len(rows), "with a number": len(checked),
        "with evidence seen": sum(bool(r["seen"]) for r in checked),
        "seen at the primary source": sum(r["seen"] == "primary" for r in checked),
        "used in a figure, table or derived number": len(used),
        "evidence rows": len(entries.load().evidence), "derived numbers": len(numbers),
        "figures and tables": len(exhibits), "cells of the tidy table": len(cells),
        "cells never seen": int((cells["seen_kind"] == "missing").sum()),
    }  # fmt: skip


def by_page(rows: list[dict[str, str]]) -> list[Mapping[str, str]]:
    """Return the rows as the AEA's form asks: page, note, number, verdict, where reproduced."""
    return [
        {
            "text": r["text"], "page": r["page"] or "–", "note": r["note"] or "–", "printed": r["printed"],
            "verdict": f"{r['verdict'].replace('_', ' ')}{' (' + r['flags'].replace(' ', ', ') + ')' if r['flags'] else ''}",
            "where": "; ".join(filter(None, (r["notebooks"], r["exhibits"], r["numbers"]))) or "not computed from: printed only",
            "claim_id": r["claim_id"],
        }
        for r in rows
    ]  # fmt: skip
