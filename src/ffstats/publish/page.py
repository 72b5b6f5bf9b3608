"""The reader page: one file with everything in it, that asks for nothing from outside."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import paths, prose, results
from ffstats.drawn import out_dir
from ffstats.errors import ExhibitError, NarrativeError
from ffstats.files import put
from ffstats.policy import policy

if TYPE_CHECKING:
    from jinja2 import Environment

NAME = Path("report/index.html")
LARGEST = 8_000_000
FONTS = (
    ("Report Serif", "source-serif-4-latin-400-normal", 400, "normal", ""),
    ("Report Serif", "source-serif-4-latin-ext-400-normal", 400, "normal", "U+0100-02BA,U+1E00-1E9F,U+1EF2-1EFF"),
    ("Report Serif", "source-serif-4-latin-400-italic", 400, "italic", ""),
    ("Report Serif", "source-serif-4-latin-600-normal", 600, "normal", ""),
    ("Report Sans", "arimo-latin-400-normal", 400, "normal", ""),
    ("Report Sans", "arimo-latin-700-normal", 700, "normal", ""),
)
"""Arimo has the widths of Liberation Sans, Arial and Helvetica, for which the figures are laid out."""


def write(out: Path | str | None = None) -> Path:
    """Write report/index.html into a results folder, from what that folder and the tidy tables hold.

    Parameters: out, the results folder (default: the project's results).
    Returns: the path of the page. It is one file below 8 MB; the same inputs give the same bytes.
    Raises: NarrativeError, for a number that is typed or stands for nothing; ExhibitError, for what is not there.
    """
    folder = out_dir(out)
    page = build(folder).encode("utf-8")
    if len(page) > LARGEST:
        raise ExhibitError(f"the page would have {len(page):,} bytes, above the {LARGEST:,} it may have")
    put(folder / NAME, page)
    return folder / NAME


def build(folder: Path) -> str:
    """Return the page of a results folder."""
    from markupsafe import Markup

    from ffstats.publish import narrative, page_explorer

    text = narrative.read()
    context = _context(folder, text)
    style = _asset("page.css").replace("/*fonts*/", fonts())
    script, vega = _asset("page.js"), vega_bundle()
    allowed = policy([style], [script, vega], img_src="data:", font_src="data:")
    return environment().get_template("page.html.j2").render(
        context | {"policy": allowed, "style": Markup(style), "script": Markup(script), "vega": Markup(vega),
                   "explorer": page_explorer.embedded(context["explorer_data"])}
    ) + "\n"  # fmt: skip


def _context(folder: Path, text: Any) -> dict[str, Any]:
    """Gather everything that the template shows."""
    from markupsafe import Markup

    from ffstats import ledger
    from ffstats.judging import entries
    from ffstats.publish import (
        narrative,
        narrative_bindings,
        page_about,
        page_exhibits,
        page_explorer,
        page_ledger,
    )

    listed = {item["id"]: item for item in listed_in(folder)}
    order = [name for section in text.sections for name in section.exhibits()]
    complete(order, listed)
    labels = page_exhibits.labels(order, {name: item["kind"] for name, item in listed.items()})
    verdicts = ledger.check()
    numbers = results.numbers(folder)
    explorer = page_explorer.data()
    counts = counted(verdicts, explorer, len(listed)) | {"bound": narrative.check(text).bound}
    claims = entries.load().claims
    bindings = narrative_bindings.Bindings(
        numbers, labels, claims, counts, {section.id: section.title for section in text.sections}
    )
    coverage = narrative.checked(text, bindings)
    sections = [
        {
            "id": section.id,
            "title": Markup(narrative.html(section.title, bindings, inline=True)),
            "blocks": [
                {"kind": block.kind, "content": Markup(narrative.html(block.content, bindings)) if block.kind == "prose" else block.content}
                for block in section.blocks
            ],
        }
        for section in text.sections
    ]
    day = page_about.date()
    return {
        "head": text.head, "sections": sections, "coverage": coverage, "exempt": narrative.EXEMPT, "counts": counts,
        "prose": prose.coverage(folder),
        "exhibits": {name: page_exhibits.view(folder, listed[name], labels[name]) for name in order}, "labels": labels,
        "verdicts": page_ledger.summary(verdicts), "verdict_counts": ledger.summary(verdicts), "signs": page_ledger.SIGNS,
        "cards": page_ledger.cards(), "choices": page_ledger.choices(), "conflicts": page_ledger.conflicts(claims.values()),
        "numbers": numbers, "number_claims": set(claims), "sources": page_about.all_sources(), "tables": page_about.all_columns(),
        "terms": page_about.all_terms(), "provenance": page_about.provenance(folder), "explorer_data": explorer,
        "date": page_about.written_date(day), "iso_date": f"{day:%Y-%m-%d}", "year": day.year, "shorts": {s["source_id"]: s["short"] for s in page_about.all_sources()},
    }  # fmt: skip


def counted(verdicts: Any, explorer: dict[str, Any], shown: int) -> dict[str, int]:
    """Return what the narrative may say of the project itself: how many of what there are."""
    from ffstats import sources, tidy
    from ffstats.judging.entries import TEXTS

    headline = Counter(v.verdict for v in verdicts)
    readings, estimates = tidy.readings(), tidy.estimates()
    return {
        "texts": len(TEXTS), "claims": len(verdicts), "sources": len(sources.registry()), "exhibits": shown,
        "readings": int((readings["seen_kind"] != "missing").sum()), "estimates": int((estimates["seen_kind"] != "missing").sum()),
        "missing": int((estimates["seen_kind"] == "missing").sum()), "dissent": int((estimates["dissent"] != "").sum()),
        "languages": readings.loc[readings["language"] != "", "language"].nunique(), "series": len(tidy.series()),
        "labels": _labels(), "countries": len(explorer["places"]),
    } | {name: headline[name] for name in ("supported", "supported_secondary", "differs", "not_found", "not_checked")}  # fmt: skip


def _labels() -> int:
    """Return how many labels the graphic has."""
    text = (paths.raw_dir() / "wapo2018" / "labels.csv").read_text(encoding="utf-8")
    return len(text.splitlines()) - 1


def listed_in(folder: Path) -> list[dict[str, Any]]:
    """Return the catalogue of a results folder. Raises ExhibitError where there is none."""
    path = folder / "catalogue.json"
    if not path.is_file():
        raise ExhibitError(f"{paths.shown(path)}: not there. Run `ffstats reproduce` first.")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def complete(order: list[str], listed: dict[str, Any]) -> None:
    """Hold the narrative to the catalogue: every exhibit stands in it, once. Raises NarrativeError, if not."""
    problems = [f"{name} stands in it {times} times" for name, times in Counter(order).items() if times > 1]
    problems += [f"{name} is not in the catalogue of the results" for name in order if name not in listed]
    problems += [f"{name} has no place in it" for name in listed if name not in order]
    if problems:
        raise NarrativeError("The narrative and the catalogue disagree: " + "; ".join(problems))


def environment() -> Environment:
    """Return the template engine: everything is escaped unless it is marked as clean, and a missing name is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.tests["web"] = lambda text: re.fullmatch(r"https?://[^\s\"'<>]+", str(text)) is not None
    made.filters["words"] = lambda text: str(text).replace("_", " ")
    return made


def _asset(name: str) -> str:
    return (Path(__file__).with_name("assets") / name).read_text(encoding="utf-8")


def fonts() -> str:
    """Return the style rules that carry the fonts; a figure's font falls back on Arimo."""
    rules = []
    for family, name, weight, style, span in FONTS:
        data = base64.b64encode((Path(__file__).with_name("assets") / "fonts" / f"{name}.woff2").read_bytes()).decode("ascii")
        source = f'url("data:font/woff2;base64,{data}") format("woff2")'
        rest = f"unicode-range:{span};" if span else ""
        rules.append(f'@font-face{{font-family:"{family}";font-weight:{weight};font-style:{style};font-display:swap;{rest}src:{source}}}')
    return "\n".join(rules)


@cache
def vega_bundle() -> str:
    """Return Vega, Vega-Lite and vega-embed as one script, out of the wheel of vl-convert.

    The renderer starts threads, after which a process must not fork: it runs in a process of its own.
    """
    code = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle(vl_version='6.4').encode('utf-8'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    if done.returncode:
        raise ExhibitError(f"vl-convert gave no script for interactive figures: {done.stderr.decode('utf-8', 'replace').strip()[-500:]}")
    bundle = done.stdout.decode("utf-8")
    if "</script" in bundle.lower() or "<!--" in bundle:
        raise ExhibitError("the script of vl-convert cannot stand inside a page; use the version in requirements/lean.txt")
    return f"(()=>{{{bundle}}})();"
