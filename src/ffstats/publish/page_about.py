"""What the page says of its sources, its terms and itself: what is not counted, versions and hashes."""

from __future__ import annotations

import re
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

from markupsafe import Markup

from ffstats import definitions, dictionary, fingerprint, paths, records, sources, tidy
from ffstats.publish import narrative
from ffstats.publish.day import date as date
from ffstats.publish.day import written_date as written_date

PACKAGES = ("ffstats", "altair", "great-tables", "jinja2", "markdown-it-py", "numpy", "pandas", "papermill", "scipy", "vl-convert-python")
SECTIONS = {"How it was seen": "seen", "How it was made": "seen", "What is NOT counted": "not_counted", "What is NOT held": "not_counted"}


def all_sources() -> list[dict[str, Any]]:
    """Return every source of the registry with what its folder says of how it was seen and what it does not count."""
    estimates, series = tidy.estimates(), tidy.series()
    found = []
    for source in sources.registry().values():
        said = _readme(paths.raw_dir() / source.source_id / "README.md")
        figures = int((estimates["source_id"] == source.source_id).sum() + (series["source_id"] == source.source_id).sum())
        unseen = int(((estimates["source_id"] == source.source_id) & (estimates["seen_kind"] == "missing")).sum())
        found.append(asdict(source) | said | {"figures": figures, "unseen": unseen})
    return found


def _readme(path: Path) -> dict[str, Markup]:
    """Return the sections of a source's README that a reader of its numbers needs, as HTML."""
    found = {"seen": Markup(), "not_counted": Markup()}
    if not path.is_file():
        return found
    for part in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        if name := SECTIONS.get(heading.strip()):
            found[name] = Markup(narrative.parser().render(text))
    return found


def all_columns() -> list[dict[str, Any]]:
    """Return the tidy tables with their columns, as the dictionary describes them."""
    return [
        {"name": table, "rows": len(tidy.table(table)), "columns": [asdict(column) for column in dictionary.of(table)]}
        for table in dictionary.tables()
    ]


def all_terms() -> list[dict[str, Any]]:
    """Return the vocabulary of what a number counts, facet by facet."""
    return [
        {"facet": facet, "terms": [asdict(definitions.entry(facet, term)) for term in definitions.terms(facet)]}
        for facet in definitions.FACETS
    ]


def provenance(out: Path) -> dict[str, list[tuple[str, str]]]:
    """Return versions of what made the page, and hashes of what it was made from."""
    versions = [("Python", python_version())]
    for name in PACKAGES:
        try:
            versions.append((name, version(name)))
        except PackageNotFoundError:
            versions.append((name, "not installed as a package"))
    files = {
        "data/raw, all files": fingerprint.of_data(
            {p.relative_to(paths.raw_dir()).as_posix(): fingerprint.of_file(p) for p in sorted(paths.raw_dir().rglob("*")) if p.is_file()}
        ),
        **{f"data/processed/{table}.csv": fingerprint.of_file(records.table_path(table)) for table in dictionary.tables()},
        "numbers.json": fingerprint.of_file(out / "numbers.json"),
        "catalogue.json": fingerprint.of_file(out / "catalogue.json"),
        "narrative": fingerprint.of_file(narrative.source()),
        "requirements/lean.txt": fingerprint.of_file(records.lock_path()),
    }
    return {"versions": versions, "hashes": list(files.items())}
