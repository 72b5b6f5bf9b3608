"""The page as the last step of the pipeline: written again only when something that it is made from has changed."""

from __future__ import annotations

from pathlib import Path

from ffstats import fingerprint, paths, pipeline, prose, records
from ffstats.publish.page import NAME, write
from ffstats.records import Change

HERE = Path(__file__).resolve().parent


def fields(out: Path) -> dict[str, str]:
    """Return what the page of a results folder depends on now: results, raw data, code, assets, lock and date."""
    from ffstats.publish.day import date

    assembled = records.load(records.state_dir() / f"results-{pipeline.out_key(out)}.json").get("files", {})
    raw = paths.raw_dir()
    found = {f"module {name}": fingerprint.of_file(path) for name, path in fingerprint.closure(["ffstats.publish.page"]).items()}
    for folder in (HERE / "assets", HERE / "templates", paths.vocabulary(".")):
        found |= {f"asset {path.name}": fingerprint.of_file(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    found |= {f"raw {path.relative_to(raw).as_posix()}": fingerprint.of_file(path) for path in sorted(raw.rglob("*")) if path.is_file()}
    return found | {
        "narrative": fingerprint.of_file(HERE / "survey.md"),
        "results": fingerprint.of_data(assembled or {name: fingerprint.of_file(out / name) for name in ("catalogue.json", "numbers.json")}),
        "prose": fingerprint.of_file(out / prose.NAME),
        "lock": fingerprint.of_file(records.lock_path()),
        "date": date().isoformat(),
    }


def record_path(out: Path) -> Path:
    """Return the file that says from what the page of a results folder was made."""
    return records.state_dir() / f"report-{pipeline.out_key(out)}.json"


def changes(out: Path) -> list[Change]:
    """Return why the page would be written again; nothing where it is as it was made."""
    record = records.load(record_path(out))
    if not record:
        return [Change("run", "", "the page has not been written here")]
    return records.compare(record["fields"], fields(out)) + records.damage(out, record["files"])


def bring(out: Path) -> bool:
    """Bring the page of a results folder up to date; tell whether it had to be written.

    Raises: NarrativeError and ExhibitError, as `ffstats.publish.page.write`.
    """
    out = out.resolve()
    if not changes(out):
        return False
    seen = fields(out)
    path = write(out)
    name = NAME.as_posix()
    records.save(record_path(out), {"fields": seen, "files": {name: fingerprint.of_file(path)}})
    return True
