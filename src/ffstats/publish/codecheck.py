"""codecheck.yml: the configuration file of a CODECHECK, version 2.0, written and held to its rules.

The rules and their identifiers are those of the specification (codecheck.org.uk/spec/config/2.0/, 11 September 2026)
and of rules-2.0.yml in the CODECHECK register; those that need the network are not checked here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

SPECIFICATION = "https://codecheck.org.uk/spec/config/2.0/"
ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
CERTIFICATE = re.compile(r"\d{4}-\d{3,}")
_PLACEHOLDER = re.compile(r"FIXME|TODO|XXXXX")
_URL = re.compile(r"https?://\S+")
# YAML takes these for line breaks or forbids them, though JSON does not.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that a configuration breaks: its identifier, error or warning, and what is wrong."""

    rule: str
    severity: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.severity}): {self.text}"


def person(text: str) -> dict[str, str]:
    """Return the name and ORCID of a person written as "Name 0000-0000-0000-0000"; the ORCID may be left out.

    >>> person("Josiah Carberry 0000-0002-1825-0097")
    {'name': 'Josiah Carberry', 'ORCID': '0000-0002-1825-0097'}
    """
    orcid = ORCID.search(text)
    name = " ".join(
        text.replace(orcid[0] if orcid else "\0", " ").replace("https://orcid.org/", " ").split()
    ).strip(" ,;()")
    return {"name": name} | ({"ORCID": orcid[0]} if orcid else {})


def valid_orcid(text: str) -> bool:
    """Tell whether an ORCID is one, by its form and its check digit (ISO 7064, MOD 11-2).

    >>> valid_orcid("0000-0002-1825-0097"), valid_orcid("0000-0002-1825-0098")
    (True, False)
    """
    if not ORCID.fullmatch(text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return text[-1] == ("X" if rest == 10 else str(rest))


def yaml(data: Mapping[str, Any], comments: Sequence[str] = ()) -> str:
    """Write a configuration as YAML 1.1, every text quoted, so that no text can be taken for anything else."""
    head = ["%YAML 1.1", "---", *(f"# {_plain(line)}" for line in comments)]
    return "\n".join([*head, *_lines(data, 0)]) + "\n"


def _plain(text: str) -> str:
    return _UNSAFE.sub(" ", " ".join(text.split()))


def _lines(value: Any, depth: int) -> Iterator[str]:
    space = "  " * depth
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if isinstance(inner, (Mapping, list)):
                yield f"{space}{name}:"
                yield from _lines(inner, depth + 1)
            else:
                yield f"{space}{name}: {_quoted(inner)}"
    else:
        for inner in value:
            if isinstance(inner, Mapping):
                first, *rest = _lines(inner, depth + 1)
                yield f"{space}- {first.lstrip()}"
                yield from rest
            else:
                yield f"{space}- {_quoted(inner)}"


def _quoted(text: str) -> str:
    return _UNSAFE.sub(lambda hit: f"\\u{ord(hit[0]):04x}", json.dumps(text, ensure_ascii=False))


def problems(data: Mapping[str, Any], folder: Path | None = None) -> list[Finding]:
    """Return every rule of CODECHECK 2.0 that a configuration breaks, errors first.

    Parameters: data, the parsed file; folder, the bundle, where the files of the manifest should be.
    """
    found = [
        *_manifest(data.get("manifest"), folder),
        *_paper(data.get("paper")),
        *_checked(data),
        *_whole(data),
    ]
    return sorted(found, key=lambda finding: (finding.severity != "error", finding.rule))


def _error(rule: str, text: str) -> Finding:
    return Finding(rule, "error", text)


def _warning(rule: str, text: str) -> Finding:
    return Finding(rule, "warning", text)


def _manifest(manifest: Any, folder: Path | None) -> Iterator[Finding]:
    if not isinstance(manifest, list):
        yield _error("CC-CFG-004", "manifest: a list of files is missing")
        return
    for number, item in enumerate(manifest, 1):
        name = item.get("file") if isinstance(item, Mapping) else None
        if not name:
            yield _error("CC-CFG-005", f"manifest, item {number}: file is missing")
        elif (
            PurePosixPath(name).is_absolute()
            or ".." in PurePosixPath(name).parts
            or _URL.match(name)
            or "\\" in name
        ):
            yield _error("CC-CFG-006", f"manifest, item {number}: {name} is not a path below codecheck.yml")
        elif folder is not None and not (folder / name).is_file():
            yield _error("CC-BUN-001", f"manifest, item {number}: {name} is not there")


def _paper(paper: Any) -> Iterator[Finding]:
    if not isinstance(paper, Mapping):
        yield _error("CC-CFG-016", "paper is missing")
        return
    if not paper.get("title"):
        yield _error("CC-CFG-017", "paper.title is missing")
    authors = paper.get("authors")
    if not isinstance(authors, list) or not authors:
        yield _error("CC-CFG-018", "paper.authors: at least the corresponding author is required")
    for number, author in enumerate(authors if isinstance(authors, list) else [], 1):
        yield from _named(author, f"paper.authors, item {number}", "CC-CFG-019")
        if not author.get("ORCID"):
            yield _error("CC-CFG-020", f"paper.authors, item {number}: ORCID is missing")
    reference = paper.get("reference")
    if not reference:
        yield _error("CC-CFG-021", "paper.reference is missing")
    elif not _URL.fullmatch(reference):
        yield _warning("CC-CFG-027", "paper.reference is no bare address")
    elif reference.lower().endswith(".pdf") and "web.archive.org" not in reference:
        yield _warning("CC-CFG-022", "paper.reference is a PDF; give a DOI or a landing page")
    if "reference-other" in paper and not isinstance(paper["reference-other"], list):
        yield _error("CC-CFG-029", "paper.reference-other is not a list")


def _checked(data: Mapping[str, Any]) -> Iterator[Finding]:
    checkers = data.get("codechecker")
    if not isinstance(checkers, list) or not checkers:
        yield _error("CC-CFG-008", "codechecker: at least one is required")
    for number, checker in enumerate(checkers if isinstance(checkers, list) else [], 1):
        yield from _named(checker, f"codechecker, item {number}", "CC-CFG-009")
        if not checker.get("ORCID"):
            yield _warning("CC-CFG-010", f"codechecker, item {number}: an ORCID is recommended")
    if not data.get("report"):
        yield _error("CC-CFG-011", "report: the address of the published certificate is missing")
    if not data.get("summary"):
        yield _error("CC-CFG-024", "summary is missing")
    if not data.get("certificate"):
        yield _error("CC-CFG-025", "certificate: the identifier that the register awards is missing")
    elif not CERTIFICATE.fullmatch(str(data["certificate"])):
        yield _error("CC-CFG-026", f"certificate: {data['certificate']} is not of the form 2026-001")


def _named(entry: Any, where: str, rule: str) -> Iterator[Finding]:
    if not entry.get("name"):
        yield _error(rule, f"{where}: name is missing")
    if entry.get("ORCID") and not valid_orcid(entry["ORCID"]):
        yield _error("CC-MET-001", f"{where}: {entry['ORCID']} is no ORCID (plain, with a right check digit)")


def _whole(data: Mapping[str, Any]) -> Iterator[Finding]:
    version = data.get("version")
    if not version:
        yield _warning("CC-CFG-014", "version: the specification is not named")
    elif version.rstrip("/") != SPECIFICATION.rstrip("/"):
        yield _warning("CC-CFG-015", f"version: {version} is not {SPECIFICATION}")
    texts = [t for name in ("report", "summary", "certificate") if isinstance(t := data.get(name), str)]
    if any(_PLACEHOLDER.search(text) for text in texts):
        yield _error(
            "CC-CFG-013" if _PLACEHOLDER.search(data.get("report", "")) else "CC-CFG-023",
            "a placeholder is left",
        )
