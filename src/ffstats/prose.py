"""The project's own prose as a step of the pipeline: every number in it is bound or exempt, or the build fails.

Nothing heavy is imported here: where nothing has changed, only hashes are compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ffstats import fingerprint, paths, pipeline, records
from ffstats.errors import ProseError
from ffstats.files import put
from ffstats.records import Change

SOURCES = (
    "README.md", "docs/*.md", "docs/explanation/*.md", "docs/how-to/*.md", "docs/teaching/*.md", "docs/tutorials/*.md",
    "notebooks/*.ipynb", "notebooks/lessons/*.ipynb", "src/ffstats/publish/*.md",
)  # fmt: skip
"""The prose of the project. Cells of code, output of code, file names and generated pages are no prose."""
_WRITTEN = b"\nWritten by `make "
"""What a page says of itself near its beginning that a program writes."""
NAME = Path("prose.json")


def files() -> list[Path]:
    """Return the files that hold the project's prose; a page that a program writes is none."""
    root = paths.work_dir()
    found = (path for pattern in SOURCES for path in sorted(root.glob(pattern)))
    return [path for path in found if path.suffix != ".md" or _WRITTEN not in path.read_bytes()[:400]]


def fields(out: Path) -> dict[str, str]:
    """Return what the check of the prose depends on now: prose, recorded numbers, data, code, words and lock."""
    root, raw = paths.work_dir(), paths.raw_dir()
    code = fingerprint.closure(["ffstats.annotate.lint"])
    return (
        {f"prose {path.relative_to(root).as_posix()}": fingerprint.of_file(path) for path in files()}
        | {f"module {name}": fingerprint.of_file(path) for name, path in code.items()}
        | {f"words {p.name}": fingerprint.of_file(p) for p in sorted(paths.vocabulary(".").glob("*.csv"))}
        | {f"raw texts/{p.name}": fingerprint.of_file(p) for p in sorted((raw / "texts").glob("*.csv"))}
        | {f"table {name}": fingerprint.of_file(records.table_path(name)) for name in ("estimates", "series")}
        | {"numbers": fingerprint.of_file(out / "numbers.json"), "lock": fingerprint.of_file(records.lock_path())}
    )


def record_path(out: Path) -> Path:
    """Return the file that says of what prose and numbers the check was made."""
    return records.state_dir() / f"prose-{pipeline.out_key(out)}.json"


def changes(out: Path) -> list[Change]:
    """Return why the prose would be checked again; nothing where all is as it was."""
    record = records.load(record_path(out))
    if not record:
        return [Change("run", "", "the prose has not been checked here")]
    return records.compare(record["fields"], fields(out)) + records.damage(out, record["files"])


def bring(out: Path) -> bool:
    """Check the prose where anything has changed, and write its coverage; tell whether it had to be checked.

    Raises: ProseError, which lists every number that nothing binds or exempts; then no coverage is kept.
    """
    out = out.resolve()
    if not changes(out):
        return False
    from ffstats.annotate import lint

    seen = fields(out)
    report = lint.lint(files(), out)
    if report.unbound:
        record_path(out).unlink(missing_ok=True)
        (out / NAME).unlink(missing_ok=True)
        raise ProseError(str(report))
    text = json.dumps(report.coverage() | {"files": len(files())}, indent=1, sort_keys=True) + "\n"
    put(out / NAME, text.encode())
    records.save(record_path(out), {"fields": seen, "files": {NAME.as_posix(): fingerprint.of_file(out / NAME)}})
    return True


def coverage(out: Path) -> Mapping[str, int]:
    """Return how many numbers the prose has (found), how many are bound and exempt, in how many files; empty if unchecked."""
    path = out / NAME
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def line(out: Path) -> str:
    """Say in one line what the check of the prose found."""
    found = coverage(out)
    return (
        "{found} numbers in {files} files of prose: {bound} bound, {exempt} exempt, {unbound} unbound".format(**found)
        if found
        else "the prose has not been checked"
    )
