"""Small notebooks for the tests of ffstats.notebooks."""

from __future__ import annotations

from pathlib import Path

from nbformat import NotebookNode, v4

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def make(path: Path, *cells: str, parameters: str = "", tags: dict[int, list[str]] | None = None) -> Path:
    """Write a notebook of code cells; `parameters` becomes a first cell with that tag; return the path."""
    made = [v4.new_code_cell(source) for source in cells]
    for number, names in (tags or {}).items():
        made[number].metadata["tags"] = names
    if parameters:
        made.insert(0, v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(v4.writes(v4.new_notebook(cells=made, metadata={"kernelspec": KERNEL})), encoding="utf-8")
    return path


def shown(path: Path) -> str:
    """Return all that an executed notebook shows as plain text."""
    notebook: NotebookNode = v4.reads(path.read_text(encoding="utf-8"))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)
