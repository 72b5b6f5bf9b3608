"""The canonical form of an executed notebook: the same bytes after every run that computed the same things.

A notebook as a kernel leaves it never repeats: it holds run times, random names, memory addresses,
process ids and paths of the machine. This module takes those out and leaves everything a reader reads.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
LANGUAGE_INFO = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
VOLATILE_CELL_METADATA = ("papermill", "execution", "ExecuteTime", "trusted", "collapsed")
VOLATILE_NOTEBOOK_METADATA = ("papermill", "signature", "orig_nbformat", "orig_nbformat_minor")

# Ids that a program drew: nbformat draws 8 hexadecimal digits, JupyterLab a UUID.
_DRAWN_ID = re.compile(r"[0-9a-f]{8}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ADDRESS = re.compile(r"(?<= at )0x[0-9A-Fa-f]{6,16}\b")
# The start of a path: back to a space, a quote, a bracket or an escape code, and no further than that.
_PATH_START = re.compile(r"(?:~|\b[A-Za-z]:)?[/\\][^\s\"'<>()\x1b:]*$")
_LONGEST_PATH = 300
_MACHINE_PATHS = (  # where a path of the machine turns into one that is the same everywhere, and what is written
    (re.compile(r"ipykernel_\d+[/\\]\d+\.py"), "<cell>"),
    (re.compile(r"(?:site-packages|src)[/\\]ffstats[/\\]"), "ffstats/"),
    (re.compile(r"site-packages[/\\]"), "site-packages/"),
    (re.compile(r"lib[/\\]python3\.\d+[/\\]"), "python3/"),
)
# Which part of a line a traceback marks by colour depends on how often the line has run before.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Names drawn at random by the libraries that write HTML: altair's div, the pandas styler, a great table.
_DRAWN_NAMES = (
    (re.compile(r"altair-viz-[0-9a-f]{32}"), "altair-viz-{:032x}"),
    (re.compile(r"\bT_[0-9a-f]{5}(?=_|\b)"), "T_{:05x}"),
    (re.compile(r'(?<=<div id=")[a-z]{10}(?=" style="padding)'), "table{:05d}"),
)


def canonical(notebook: NotebookNode, root: str | os.PathLike[str] | None = None) -> NotebookNode:
    """Return a copy of an executed notebook without anything that varies between equal runs.

    Kept: sources, outputs, execution counts, tags, other metadata, and ids given by a person.
    Normalised: drawn cell ids (from the cell's source), kernel and language versions, stream pieces
    (one stdout, then one stderr, between two displays), colours of tracebacks, drawn names in HTML, memory addresses, paths
    of the interpreter; paths under `root` become relative. Applying it twice changes nothing.

    >>> from nbformat import v4
    >>> cell = v4.new_code_cell("1", outputs=[v4.new_output("stream", text="<x at 0x7f001234>")])
    >>> print(canonical(v4.new_notebook(cells=[cell])).cells[0].outputs[0].text)
    <x at 0x0>
    """
    result = copy.deepcopy(notebook)
    result.nbformat, result.nbformat_minor = 4, 5
    noted = result.metadata.get("papermill")
    parameters = noted.get("parameters") if isinstance(noted, dict) else None
    for key in VOLATILE_NOTEBOOK_METADATA:
        result.metadata.pop(key, None)
    if parameters:
        result.metadata["papermill"] = {"parameters": json.loads(json.dumps(parameters, default=str))}
    result.metadata["kernelspec"] = dict(KERNELSPEC)
    result.metadata["language_info"] = copy.deepcopy(LANGUAGE_INFO)
    clean = _Cleaner(root)
    for cell in result.cells:
        for key in VOLATILE_CELL_METADATA:
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if cell.cell_type == "code":
            cell.outputs = [_clean_output(output, clean) for output in _gather_streams(cell.outputs)]
    _settle_ids(result.cells)
    return result


def dumps(notebook: NotebookNode, root: str | os.PathLike[str] | None = None) -> str:
    """Return the canonical text of a notebook: sorted keys, one space of indent, a final newline.

    >>> from nbformat import v4
    >>> text = dumps(v4.new_notebook(cells=[v4.new_markdown_cell("Hello")]))
    >>> text == dumps(v4.reads(text)) and text.endswith("}\\n")
    True
    """
    from nbformat import v4

    text: str = v4.writes(canonical(notebook, root))
    return text.rstrip("\n") + "\n"


def write(
    notebook: NotebookNode, path: str | os.PathLike[str], root: str | os.PathLike[str] | None = None
) -> Path:
    """Write a notebook in canonical form; a reader of `path` sees the old file or the new one, never a part."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    text = dumps(notebook, root)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
    return target


def _gather_streams(outputs: list[Any]) -> list[Any]:
    """Join the pieces of stdout and stderr between two displays: how they interleave is chance in a kernel."""
    gathered: list[Any] = []
    run: dict[str, Any] = {}

    def close() -> None:
        gathered.extend(run[name] for name in sorted(run, key=lambda name: name != "stdout"))
        run.clear()

    for output in outputs:
        if output["output_type"] != "stream":
            close()
            gathered.append(output)
        elif output["name"] in run:
            run[output["name"]]["text"] = "".join(run[output["name"]]["text"]) + "".join(output["text"])
        else:
            run[output["name"]] = output
    close()
    return gathered


def _clean_output(output: Any, clean: _Cleaner) -> Any:
    """Clean every text a reader sees; structured data such as Vega-Lite stays as it is."""
    if output["output_type"] == "stream":
        output["text"] = clean.text("".join(output["text"]))
    elif output["output_type"] == "error":
        output["evalue"] = clean.text(output["evalue"])
        output["traceback"] = [clean.text(_COLOUR.sub("", line)) for line in output["traceback"]]
    else:
        for mime, value in output.get("data", {}).items():
            if mime == "text/html":
                output["data"][mime] = clean.html("".join(value))
            elif mime.startswith("text/") or mime == "image/svg+xml":
                output["data"][mime] = clean.text("".join(value))
    return output


class _Cleaner:
    """Takes machine, process and chance out of the texts of one notebook, in their order."""

    def __init__(self, root: str | os.PathLike[str] | None) -> None:
        self.roots = _spellings(root)
        self.names: dict[str, str] = {}
        self.counts = [0] * len(_DRAWN_NAMES)

    def text(self, text: str) -> str:
        """Return a text without memory addresses and paths of the machine."""
        text = _ADDRESS.sub("0x0", text)
        for spelling in self.roots:
            text = text.replace(spelling + os.sep, "").replace(spelling, ".")
        for pattern, plain in _MACHINE_PATHS:
            text = _shorten_paths(text, pattern, plain)
        return text

    def html(self, text: str) -> str:
        """Return HTML without these and with drawn names numbered in their order of appearance."""
        text = self.text(text)
        for kind, (pattern, template) in enumerate(_DRAWN_NAMES):
            for name in dict.fromkeys(pattern.findall(text)):
                if name not in self.names:
                    self.names[name] = template.format(self.counts[kind])
                    self.counts[kind] += 1
        if self.names:
            known = "|".join(map(re.escape, self.names))
            text = re.sub(
                rf"(?<![0-9A-Za-z])(?:{known})(?![0-9a-z])", lambda found: self.names[found[0]], text
            )
        return text


def _shorten_paths(text: str, pattern: re.Pattern[str], plain: str) -> str:
    """Write `plain` for every path that leads up to `pattern`; looks back from there, so a long text costs little."""
    pieces, done = [], 0
    for found in pattern.finditer(text):
        before = text[max(done, found.start() - _LONGEST_PATH) : found.start()]
        start = _PATH_START.search(before)
        if start:
            pieces += [text[done : found.start() - len(before) + start.start()], plain]
            done = found.end()
    return "".join([*pieces, text[done:]]) if pieces else text


def _spellings(root: str | os.PathLike[str] | None) -> list[str]:
    """Return the ways a directory may be written in an output: as given, resolved, and below `~`."""
    if root is None:
        return []
    found = {os.path.abspath(root), os.path.realpath(root)}
    home = os.path.expanduser("~")
    found |= {"~" + path[len(home) :] for path in found if path.startswith(home + os.sep)}
    return sorted((path for path in found if len(path) > 2), key=lambda path: (-len(path), path))


def _settle_ids(cells: list[Any]) -> None:
    """Give every cell without an id of its own one made from its source, all different."""
    taken: set[str] = set()
    for cell in cells:
        identity = cell.get("id") or ""
        if "injected-parameters" in cell.metadata.get("tags", []):
            identity = "injected-parameters"
        elif not identity or _DRAWN_ID.fullmatch(identity):
            digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()
            identity = f"cell-{digest[:8]}"
        unique, count = identity, 1
        while unique in taken:
            count += 1
            unique = f"{identity}-{count}"
        taken.add(unique)
        cell["id"] = unique
