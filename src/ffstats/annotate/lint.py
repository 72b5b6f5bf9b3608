"""The project's own prose: every number in it is bound to the ledger or to numbers.json, or exempt with a reason."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ffstats import paths
from ffstats.annotate import Annotation, annotate
from ffstats.annotate.candidates import candidates
from ffstats.annotate.mentions import COUNTING
from ffstats.errors import DocumentError
from ffstats.estimate import Estimate
from ffstats.judging import agreement

ROLE = re.compile(r"\{([a-z]+)\}`([^`\n]+)`")
BOUND_ROLES = ("num", "claim", "est", "total", "count")
_BINDING = re.compile(r"<!--\s*number:\s*([^\s>]{1,200})\s*-->")
_BLANK = (
    re.compile(r"^(```+|~~~+)[^\n]*\n.*?(?:^\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL),
    re.compile(r"<!-- ([a-z]+): written by make \1 -->.*?<!-- /\1 -->", re.DOTALL),  # a program's words, not ours
    re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL),
    re.compile(r"(?<!`)(`{1,3})(?!`)[^\n]*?[^`\n]\1(?!`)"),
    re.compile(r"\{[a-z]+\}`[^`\n]+`"),
    re.compile(r"(?<=\])\([^()\s]{0,500}\)"),
    re.compile(r"^(?:---\n.*?\n---$|\([a-z0-9-]+\)=$)", re.MULTILINE | re.DOTALL),
)
_LESSON = re.compile(
    r"^\*\*[^*\n]*· \d+ minutes\.\*\*|^\*\*For the teacher\.\*\* \d+ minutes|\b[Ll]essons? \d(?: and \d)?|(?<![\d.,])\d\.\d(?![\d.,]*\d)(?! percent)",
    re.MULTILINE,
)
"""In a lesson: its own number and those of its questions, and the minutes of a step, which its teacher reads."""
_SMALL = 12


@dataclass(frozen=True, slots=True)
class Prose:
    """A stretch of prose: its file, where in it, and the notebook that it belongs to, if one."""

    file: str
    where: str
    text: str
    notebook: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A number of the project's prose: where it is, and what binds or exempts it, or nothing (unbound)."""

    file: str
    where: str
    text: str
    state: str
    by: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in the prose: every number with its state, and exemptions that no longer apply."""

    findings: tuple[Finding, ...]
    stale: tuple[str, ...] = ()

    @property
    def unbound(self) -> tuple[Finding, ...]:
        """The numbers that nothing binds or exempts."""
        return tuple(f for f in self.findings if f.state == "unbound")

    def coverage(self) -> dict[str, int]:
        """Count the numbers found, bound, exempt and unbound."""
        counts = Counter(f.state for f in self.findings)
        return {"found": len(self.findings)} | {state: counts[state] for state in ("bound", "exempt", "unbound")}

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {"coverage": self.coverage(), "stale": list(self.stale), "numbers": [asdict(f) for f in self.findings]}

    def __str__(self) -> str:
        lines = [f"{f.file}, {f.where}: {f.text!r} is typed: {f.by}" for f in self.unbound]
        lines += [f"exemption not needed any more: {text}" for text in self.stale]
        c = self.coverage()
        lines.append(f"{c['found']} numbers in prose: {c['bound']} bound, {c['exempt']} exempt, {c['unbound']} unbound")
        return "\n".join(lines)


def lint(files: Sequence[Path], results: Path | None = None) -> Report:
    """Say of every number in the project's prose what binds it, or why it is exempt.

    A number is bound by a role ({num}`id` …), by a comment behind it (<!-- number: id -->) whose value agrees, by a
    number that the same notebook recorded, or by the ledger, population and value alike. It is exempt if it counts
    nothing, or by a row of annotate_prose.csv: a file, the words that it stands in ("*": any that are not about these
    fighters), and the reason.
    Parameters: files, Markdown or notebooks (`ffstats.prose.files` lists the project's); results, the folder that holds numbers.json.
    Raises: DocumentError for a file that cannot be read.
    """
    numbers = _numbers(results or paths.results_dir())
    used: set[int] = set()
    findings: list[Finding] = []
    for part in _prose(files):
        findings += _checked(part, numbers, used)
    stale = () if files else tuple(f"{row['file']}: {row['words']}" for n, row in enumerate(_exempt()) if n not in used)
    return Report(tuple(findings), stale)


def _prose(files: Iterable[Path]) -> Iterator[Prose]:
    for path in files:
        name = paths.shown(path)
        try:
            text = path.read_text(encoding="utf-8")
            if path.suffix != ".ipynb":
                yield Prose(name, "", text)
                continue
            for n, cell in enumerate(json.loads(text)["cells"], 1):
                if cell["cell_type"] == "markdown":
                    source = "".join(cell["source"])
                    if path.parent.name == "lessons":
                        source = _LESSON.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), source)
                    yield Prose(name, f"cell {n}", source, path.stem)
        except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
            raise DocumentError(f"{name}: it cannot be read as {path.suffix or 'text'}: {error}.") from None


def _numbers(folder: Path) -> dict[str, tuple[str, Estimate]]:
    """Return the recorded numbers by id, each with its notebook; none where nothing has been run."""
    path = folder / "numbers.json"
    if not path.is_file():
        return {}
    return {
        entry["id"]: (entry.get("notebook", ""), _estimate(entry["estimate"]))
        for entry in json.loads(path.read_text(encoding="utf-8"))
    }


def _estimate(values: Mapping[str, Any]) -> Estimate:
    return Estimate(values["low"], values["high"], values["bound"], values["unit"], values.get("best"))


@cache
def _exempt() -> tuple[dict[str, str], ...]:
    with paths.vocabulary("annotate_prose.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _blanked(text: str) -> str:
    """Return prose with what is none blanked out, character for character."""
    for pattern in _BLANK:
        text = pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    return text


def _checked(prose: Prose, numbers: Mapping[str, tuple[str, Estimate]], used: set[int]) -> Iterator[Finding]:
    for role in ROLE.finditer(prose.text):
        if role[1] in BOUND_ROLES:
            yield Finding(prose.file, _where(prose, role.start()), role.group(), "bound", f"role {role[1]} {role[2]}")
    bindings = [(m.start(), m[1]) for m in _BINDING.finditer(prose.text)]
    for a in annotate(_blanked(prose.text), language="en").annotations:
        state, by = _state(prose, a, bindings, numbers, used)
        yield Finding(prose.file, _where(prose, a.mention.start), a.mention.text, state, by)


def _where(prose: Prose, at: int) -> str:
    line = f"line {prose.text.count(chr(10), 0, at) + 1}"
    return f"{prose.where}, {line}" if prose.where else line


def _state(
    prose: Prose, a: Annotation, bindings: Sequence[tuple[int, str]],
    numbers: Mapping[str, tuple[str, Estimate]], used: set[int],
) -> tuple[str, str]:  # fmt: skip
    m = a.mention
    behind = next(
        (name for at, name in bindings if m.start < at <= m.end + 40 and "\n\n" not in prose.text[m.end : at]), ""
    )
    if behind:
        return _bound_by(behind, m.estimate, numbers)
    if a.link.status == "exempt" or m.kind not in COUNTING:
        return "exempt", a.link.reason
    for n, row in enumerate(_exempt()):
        applies = not a.context.topic if row["words"] == "*" else _stands(prose.text, row["words"], m.start, m.end)
        if applies and Path(prose.file).match(row["file"]):
            used.add(n)
            return "exempt", row["reason"]
    if a.link.status == "covered":
        ids = (*a.link.claim_ids, *a.link.estimate_ids)
        return "bound", ", ".join(ids)
    for name, (notebook, estimate) in numbers.items():
        if prose.notebook and notebook == prose.notebook and _agrees(m.estimate, estimate):
            return "bound", name
    spelled = not any(map(str.isdigit, m.text))
    e = m.estimate
    if spelled and e and e.unit != "percent" and e.low == e.high and (e.low or 0) <= _SMALL and a.context.head in ("", "other"):
        return "exempt", "A small number in words that counts parts of the text or of the method, not people."
    return (
        "unbound",
        f"{a.link.reason} Record it, bind it with <!-- number: id -->, or exempt it in annotate_prose.csv.",
    )


def _stands(text: str, words: str, start: int, end: int) -> bool:
    """Tell whether the words of an exemption stand in the text about this place."""
    at = text.find(words, max(0, start - len(words)), end + len(words))
    return 0 <= at < end and at + len(words) > start


def _bound_by(name: str, e: Estimate | None, numbers: Mapping[str, tuple[str, Estimate]]) -> tuple[str, str]:
    held = numbers[name][1] if name in numbers else next((c.estimate for c in candidates() if c.id == name), None)
    if held is None:
        return "unbound", f"{name} is no number of numbers.json, no claim and no estimate."
    if not _agrees(e, held):
        return "unbound", f"{name} is {held}, and {e} is written here."
    return "bound", name


def _agrees(e: Estimate | None, held: Estimate) -> bool:
    if (
        e is None
        or e.bound == "vague"
        or held.bound == "vague"
        or ({e.unit, held.unit} - {"persons"} and e.unit != held.unit)
    ):
        return False
    alike = e.bound == held.bound or {e.bound, held.bound} == {"exact", "approx"}
    return alike and agreement.values(e, held).value in ("same", "rounded")
