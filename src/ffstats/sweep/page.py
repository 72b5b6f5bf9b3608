"""The page that shows all runs of a sweep at a glance: a thumbnail of each figure, what it recorded, what failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ffstats.policy import policy

if TYPE_CHECKING:
    from ffstats.sweep.runs import Failed, Run

STYLE = """
body { font: 15px/1.45 "Liberation Sans", Arial, Helvetica, sans-serif; color: #1A1A1A; margin: 2rem auto; max-width: 78rem; padding: 0 1rem }
ul.runs { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem }
ul.runs > li { border: 1px solid #DDD; padding: .7rem; overflow-wrap: anywhere }
h2 { font-size: 1rem; margin: 0 0 .3rem } img { width: 100%; height: auto; border: 0 }
dl { margin: .3rem 0; font-size: .85rem } dt { color: #595959 } dd { margin: 0 0 .2rem } pre { white-space: pre-wrap; font-size: .8rem }
""".strip()


def index(
    source: Path, folder: Path, runs: Sequence[Run], failures: Sequence[Failed], undrawn: Mapping[Path, str]
) -> str:
    """Return the page as HTML; its pictures are files beside it, and nothing is fetched from elsewhere.

    Parameters: source, the notebook; folder, where the page and the runs' files stand; undrawn, the figures that
    could not be drawn and why.
    """
    title = escape(f"{heading(source)}: {len(runs) + len(failures)} runs")
    allowed = policy([STYLE], img_src="'self' data:")
    failed = "".join(_failure(each) for each in failures)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        '<p>All numbers: <a href="numbers.csv">CSV</a>, <a href="numbers.parquet">Parquet</a>. '
        'All runs: <a href="runs.csv">CSV</a>.</p>\n'
        + (f"<h2>{len(failures)} failed</h2>\n<ul>\n{failed}</ul>\n" if failures else "")
        + f'<ul class="runs">\n{"".join(_card(folder, run, undrawn) for run in runs)}</ul>\n</body>\n</html>\n'
    )


def heading(source: Path) -> str:
    """Return the first heading of a notebook, or its name."""
    for cell in json.loads(source.read_text(encoding="utf-8"))["cells"]:
        for line in "".join(cell["source"]).splitlines() if cell["cell_type"] == "markdown" else ():
            if line.startswith("# "):
                return line.removeprefix("# ").strip()
    return source.stem


def _card(folder: Path, run: Run, undrawn: Mapping[Path, str]) -> str:
    """Return one run: its parameters, its figures as thumbnails, its numbers, links to all that it made."""
    base = f"runs/{quote(run.label)}"
    figures = []
    for path in sorted((folder / "runs" / run.label / "figures").glob("*.json")):
        about = _metadata(folder / "runs" / run.label / "exhibits" / path.name)
        if path in undrawn:
            figures.append(f"<p>{escape(path.stem)}: {escape(undrawn[path])}</p>\n")
            continue
        picture, alt = f"{base}/figures/{quote(path.stem)}.svg", escape(str(about.get("alt", path.stem)))
        figures.append(f'<a href="{picture}"><img loading="lazy" src="{picture}" alt="{alt}"></a>\n')
    told = "".join(f"<dt>{escape(n)}</dt><dd>{escape(str(v))}</dd>" for n, v in run.task.parameters.items())
    entries = (_metadata(path) for path in sorted((run.task.folder / "numbers").glob("*.json")))
    found = "".join(
        f"<dt>{escape(str(e['definition']))}</dt><dd>{escape(str(e['text']))}</dd>" for e in entries
    )
    return (
        f'<li id="{escape(run.label)}">\n<h2>{escape(run.label)}</h2>\n<dl>{told}</dl>\n{"".join(figures)}'
        f'<dl>{found}</dl>\n<p><a href="{base}/notebook.ipynb">notebook</a></p>\n</li>\n'
    )


def _failure(failed: Failed) -> str:
    told = ", ".join(f"{name}={value}" for name, value in failed.run.task.parameters.items())
    return f"<li><strong>{escape(failed.run.label)}</strong> ({escape(told)})<pre>{escape(failed.message)}</pre></li>\n"


def _metadata(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found
