"""Draw which parts of the package import which, and check it against the direction laid down in docs/trust/layers.csv.

Called by `make architecture`; writes docs/trust/architecture.md and docs/trust/architecture.svg, which a test holds up to
date. An import inside a function counts like any other; one for the type checker alone does not, as it is
never carried out.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "ffstats"
LAYERS = ROOT / "docs" / "trust" / "layers.csv"
CELL, TEXT, LINE, CHARACTERS = 46, 430, 15, 62

Graph = Mapping[str, frozenset[str]]


def modules(source: Path = ROOT / "src") -> dict[str, Path]:
    """Return the modules of the package by name, without its own: `tidy`, `figures.theme`; its front is `ffstats`."""
    found = {}
    for path in sorted((source / PACKAGE).rglob("*.py")):
        parts = path.relative_to(source / PACKAGE).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found[name or PACKAGE] = path
    return found


def _imports(node: ast.AST) -> Iterator[str]:
    """Yield the full names that a tree imports, as modules or from modules, but for the type checker alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from _imports(other)
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (f"{'.' * child.level}{child.module or ''}.{alias.name}" for alias in child.names)
        else:
            yield from _imports(child)


def graph(found: Mapping[str, Path]) -> Graph:
    """Return which modules of the package each of them imports."""
    edges = {}
    for name, path in found.items():
        targets = set()
        for full in _imports(ast.parse(path.read_text(encoding="utf-8"))):
            if full.startswith("."):
                raise SystemExit(f"{path}: write imports in full, from {PACKAGE}")
            own = full.removeprefix(f"{PACKAGE}.") if full != PACKAGE else PACKAGE
            if full.startswith(PACKAGE):
                targets.add(own if own in found else own.rpartition(".")[0] or PACKAGE)
        edges[name] = frozenset(target for target in targets if target in found and target != name)
    return edges


def layers() -> list[dict[str, str]]:
    """Return the rows of layers.csv, the ground first."""
    with LAYERS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def placed(found: Mapping[str, Path], rows: list[dict[str, str]]) -> tuple[dict[str, int], list[str]]:
    """Return each module's layer, by number, and what is wrong with the file; an exact name comes before a pattern."""
    places: dict[str, int] = {}
    problems = []
    for name in found:
        exact = [at for at, row in enumerate(rows) if name in row["modules"].split()]
        like = [
            at for at, row in enumerate(rows) if any(fnmatchcase(name, p) for p in row["modules"].split())
        ]
        fits = exact or like
        if len(fits) == 1:
            places[name] = fits[0]
        else:
            problems.append(f"{name} stands in {len(fits)} layers of {LAYERS.name}, not in one")
    return places, problems


def faults(edges: Graph, places: Mapping[str, int], rows: list[dict[str, str]]) -> list[str]:
    """Return every import that goes up, and the first circle of imports."""
    found = [
        f"{name} ({rows[places[name]]['layer']}) imports {target} ({rows[places[target]]['layer']}), which is above it"
        for name, targets in sorted(edges.items())
        for target in sorted(targets)
        if name in places and target in places and places[target] > places[name]
    ]
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        found.append(f"circle of imports: {' → '.join(reversed(error.args[1]))}")
    return found


def _wrapped(names: list[str]) -> list[str]:
    lines = [""]
    for name in names:
        longer = f"{lines[-1]}, {name}" if lines[-1] else name
        lines = [*lines[:-1], longer] if len(longer) <= CHARACTERS else [*lines, name]
    return lines


def _grouped(names: list[str]) -> list[str]:
    """Return names with the modules of a package as one: `figures (19)`."""
    tops: dict[str, int] = {}
    for name in names:
        tops[name.partition(".")[0]] = tops.get(name.partition(".")[0], 0) + 1
    return [top if count == 1 else f"{top} ({count})" for top, count in sorted(tops.items())]


def svg(edges: Graph, places: Mapping[str, int], rows: list[dict[str, str]]) -> str:
    """Return the picture: a row a layer, the highest on top; the cells count its imports from each layer."""
    order = list(reversed(range(len(rows))))
    count = {(a, b): 0 for a in order for b in order}
    for name, targets in edges.items():
        for target in targets:
            count[places[name], places[target]] += 1
    texts = {at: _wrapped(_grouped([n for n in edges if places[n] == at])) for at in order}
    heights = {at: max(CELL, 26 + LINE * len(texts[at])) for at in order}
    width, top = TEXT + CELL * len(rows) + 10, 96
    parts, y = [], float(top)
    for column, at in enumerate(order):
        x = TEXT + CELL * (column + 0.5)
        parts.append(
            f'<text transform="translate({x:g} {top - 8}) rotate(-50)" class="name">{rows[at]["layer"]}</text>'
        )
    for row, at in enumerate(order):
        parts.append(f'<rect x="5" y="{y:g}" width="{width - 10}" height="{heights[at] - 3}" class="band"/>')
        parts.append(f'<text x="12" y="{y + 18:g}" class="name">{rows[at]["layer"]}</text>')
        for line, text in enumerate(texts[at]):
            parts.append(f'<text x="12" y="{y + 35 + LINE * line:g}" class="text">{escape(text)}</text>')
        for column, other in enumerate(order):
            if column >= row:
                kind = "own" if other == at else "some" if count[at, other] else "none"
                parts.append(
                    f'<rect x="{TEXT + CELL * column}" y="{y:g}" width="{CELL - 3}" height="{heights[at] - 3}" class="{kind}"/>'
                )
            if count[at, other]:
                middle = f'x="{TEXT + CELL * (column + 0.5) - 1.5:g}" y="{y + heights[at] / 2 + 3:g}"'
                parts.append(f'<text {middle} class="count">{count[at, other]}</text>')
        y += heights[at]
    style = (
        "text{font-family:sans-serif;fill:#1a1a1a}.name{font-size:13px;font-weight:bold}.text{font-size:11px}"
        ".count{font-size:12px;text-anchor:middle}.band{fill:#f4f4f2}.own{fill:#d9d9d4}.some{fill:#b9d3ea}.none{fill:#e9edf1}"
    )
    title = "Imports between the layers of ffstats: each row imports from the layers below it, never from those above"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y + 6:g}" role="img" aria-label="{title}">'
    return "\n".join([head, f"<title>{title}</title>", f"<style>{style}</style>", *parts, "</svg>", ""])


def page(edges: Graph, places: Mapping[str, int], rows: list[dict[str, str]]) -> str:
    """Return docs/trust/architecture.md."""
    lines = []
    for at in reversed(range(len(rows))):
        names = sorted(n for n in edges if places[n] == at)
        used = sorted({places[t] for n in names for t in edges[n] if places[t] != at}, reverse=True)
        below = ", ".join(rows[other]["layer"] for other in used) or "nothing of the package"
        listed = ", ".join(f"`{name}`" for name in names)
        lines += [f"**{rows[at]['layer']}**: {rows[at]['says']}. Imports from: {below}.", "", listed, ""]
    total = sum(len(targets) for targets in edges.values())
    return (
        "\n".join(
            [
                "# Architecture",
                "",
                "Data flow one way: raw data, readings, estimates; from these notebooks, ledger and reconciliation; from these the",
                "figures, the page and the lessons. So do the imports: a module imports from its own layer and from those below,",
                "never from one above, and never in a circle. The layers stand in docs/trust/layers.csv; `make architecture` counts the",
                "imports in the code and writes this page, and a test fails where code, layers and page disagree.",
                "",
                f"![{len(edges)} modules in {len(rows)} layers](architecture.svg)",
                "",
                f"{len(edges)} modules, {total} imports. A number counts the imports of the row's layer from the column's; the upper",
                "triangle of the table is empty because nothing imports upwards.",
                "",
                *lines,
            ]
        ).rstrip()
        + "\n"
    )


def written() -> tuple[dict[Path, str], list[str]]:
    """Return the files that the code gives, and the faults."""
    found, rows = modules(), layers()
    places, problems = placed(found, rows)
    edges = graph(found)
    if problems:
        return {}, problems
    made = {
        ROOT / "docs" / "trust" / "architecture.md": page(edges, places, rows),
        ROOT / "docs" / "trust" / "architecture.svg": svg(edges, places, rows),
    }
    return made, faults(edges, places, rows)


def main() -> None:
    """Write the files; fail where the imports break the rule."""
    made, problems = written()
    for path, text in made.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
