"""What a notebook's results depend on, as hashes: its text, parameters, code, data and lock file.

Nothing heavy is imported here: a rebuild with nothing to do reads files and compares hashes.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ffstats import paths
from ffstats.errors import NotebookFailed
from ffstats.notebooks.canonical import VOLATILE_CELL_METADATA
from ffstats.remembered import Memory

PACKAGE = "ffstats"
TABLES_END_HERE = {"ffstats.tidy": ("ffstats.estimate",), "ffstats.store": ()}
"""Where a notebook's code ends and its data begin: what cleaning does shows in the tables that it writes,
whose hashes count; so of these modules only their own text and the modules named here are followed."""


JUST_WRITTEN = 2_000_000_000
"""Nanoseconds after which the clock of any file system has moved on."""
_known: dict[tuple[Any, ...], str] = {}


def digest(data: bytes) -> str:
    """Return the hash that stands for some bytes.

    >>> digest(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


def of_file(path: Path) -> str:
    """Return a file's hash, or "absent" where there is none.

    A hash is kept in this process for as long as the file's size and times stay, unless it has just been written:
    then another write may leave the same times.
    """
    try:
        status = os.stat(path)
        state = (os.fspath(path), status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if state in _known:
            return _known[state]
        found = digest(path.read_bytes())
    except FileNotFoundError:
        return "absent"
    if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > JUST_WRITTEN:
        _known[state] = found
    return found


def of_data(value: Any) -> str:
    """Return the hash of plain data, whatever the order of its keys.

    >>> of_data({"a": 1, "b": 2}) == of_data({"b": 2, "a": 1})
    True
    """
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass"))


@cache
def _modules() -> dict[str, Path]:
    """Return every module of the package, dotted name → file."""
    base = paths.package_dir()
    found: dict[str, Path] = {}
    for path in sorted(base.rglob("*.py")):
        parts = path.relative_to(base).with_suffix("").parts
        found[".".join([PACKAGE, *(p for p in parts if p != "__init__")])] = path
    return found


def _imports(tree: ast.AST, package: str) -> Iterable[str]:
    """Name every module of the package that some code imports, inside functions too."""
    modules = _modules()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == PACKAGE)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[: len(parts) - node.level + 1], *([base] if base else [])])
            if base.split(".")[0] == PACKAGE:
                yield base
                yield from (f"{base}.{a.name}" for a in node.names if f"{base}.{a.name}" in modules)
                if base == PACKAGE:
                    yield from (_home(a.name) for a in node.names)
        elif (
            isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == PACKAGE
        ):
            yield _home(node.attr)


def _home(name: str) -> str:
    """Return the module that a public name of the package lives in."""
    import ffstats

    return f"{PACKAGE}.{ffstats._HOME[name]}" if name in ffstats._HOME else f"{PACKAGE}.{name}"


@cache
def _memory() -> Memory:
    """Return what was found in code before, by the same rules and among the same modules."""
    base = paths.package_dir()
    knowledge = sorted(path.name for path in (base / "vocabulary").iterdir())
    rules = [of_file(Path(__file__)), of_file(base / "__init__.py"), sorted(_modules()), knowledge]
    python = sys.version_info[:2]
    return Memory(paths.work_dir() / ".ffstats" / "code.json", of_data([rules, python]))


def _direct(module: str) -> tuple[frozenset[str], frozenset[Path]]:
    """Return what one module depends on itself: modules of the package, and its tables of knowledge."""
    path = _modules()[module]
    names, tables = _memory().find(f"module {module}", of_file(path), lambda: _depends(module, path))
    return frozenset(names), frozenset(paths.vocabulary(name) for name in tables)


def _depends(module: str, path: Path) -> tuple[list[str], list[str]]:
    """Return the modules and the names of the tables that a module's text names."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names = {name for name in _imports(tree, package) if name in _modules()}
    tables = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.endswith((".csv", ".json"))
        and paths.vocabulary(node.value).is_file()
    }
    return sorted(names), sorted(tables)


def closure(modules: Iterable[str], through_tables: bool = False) -> dict[str, Path]:
    """Return the modules of the package that some modules need, and the tables those read, name → file.

    Parameters: modules, dotted names; through_tables, whether to follow what makes the tidy tables as well.

    >>> sorted(closure(["ffstats.estimate"]))
    ['ffstats', 'ffstats.errors', 'ffstats.estimate', 'ffstats.significant']
    """
    known = _modules()
    waiting = [m for m in modules if m in known]
    found: dict[str, Path] = {}
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found[module] = known[module]
        names, tables = _direct(module)
        if module in TABLES_END_HERE and not through_tables:
            names = frozenset(TABLES_END_HERE[module])
        parents = (".".join(module.split(".")[:n]) for n in range(1, module.count(".") + 1))
        waiting += [*names, *parents]
        found.update({f"vocabulary/{table.name}": table for table in tables})
    _memory().save()
    return found


def notebook_source(path: Path) -> list[dict[str, Any]]:
    """Return what a person wrote in a notebook: each cell's kind, id, source and metadata, without outputs.

    Raises: NotebookFailed, for a file that is no notebook.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [
            {
                "type": cell["cell_type"],
                "id": cell.get("id", ""),
                "source": "".join(cell["source"]),
                "metadata": {
                    name: value
                    for name, value in cell.get("metadata", {}).items()
                    if name not in VOLATILE_CELL_METADATA and value != []
                },
            }
            for cell in cells
        ]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        hint = "Take it from its source again, or open it in JupyterLab and save it."
        raise NotebookFailed(f"{paths.shown(path)}: it cannot be read as a notebook ({reason}). {hint}") from error


def _code(cells: Iterable[Mapping[str, Any]]) -> ast.Module:
    """Return the parsed code of a notebook's cells; lines that only IPython understands are left out."""
    body: list[ast.stmt] = []
    for cell in cells:
        if cell["type"] == "code":
            lines = (
                line for line in cell["source"].splitlines() if not line.lstrip().startswith(("%", "!", "?"))
            )
            try:
                body += ast.parse("\n".join(lines)).body
            except (SyntaxError, ValueError, RecursionError):
                continue
    return ast.Module(body=body, type_ignores=[])


def _exhibit_modules() -> dict[str, frozenset[str]]:
    """Return the modules that draw each exhibit: its function's own, and those that make the frames it takes."""
    with paths.vocabulary("catalogue.csv").open(encoding="utf-8", newline="") as file:
        functions = {row["id"]: row["function"] for row in csv.DictReader(file)}
    drawing = sorted({function.partition(":")[0] for function in functions.values()})
    texts = [of_file(_modules()[module]) for module in (*drawing, f"{PACKAGE}.catalogue")]
    found = _memory().find("exhibits", of_data([functions, texts]), lambda: _drawn_by(functions))
    return {exhibit: frozenset(modules) for exhibit, modules in found.items()}


def _drawn_by(functions: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the modules that draw each exhibit from the text of its function, exhibit → "module:function"."""
    frames = _frames()
    found = {}
    for exhibit, dotted in functions.items():
        module, _, function = dotted.partition(":")
        tree = ast.parse(_modules()[module].read_text(encoding="utf-8"))
        taken = {
            argument.arg
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name == function
            for argument in (*node.args.posonlyargs, *node.args.args)
        }
        found[exhibit] = sorted({module, *(frames[name] for name in taken & set(frames))})
    return found


def _frames() -> dict[str, str]:
    """Return the module that makes each frame an exhibit may take, as the catalogue lays it down."""
    tree = ast.parse(_modules()[f"{PACKAGE}.catalogue"].read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == ["FRAMES"]:
            return {name: home.partition(":")[0] for name, home in ast.literal_eval(node.value).items()}
    raise LookupError("ffstats.catalogue has no FRAMES")


def notebook_code(path: Path) -> dict[str, Path]:
    """Return the modules and tables of the package that a notebook's cells reach, name → file.

    An exhibit named in a cell, as in `show("growth")`, brings in the module that draws it.
    """
    known = _notebook(path)
    exhibits = _exhibit_modules()
    drawn = {module for name in known["exhibits"] for module in exhibits[name]}
    return closure([*known["imports"], *drawn])


def _notebook(path: Path) -> dict[str, Any]:
    """Return what a notebook's own text holds: its hash, the modules that it imports, the exhibits that it names."""
    exhibits = _exhibit_modules()

    def read() -> dict[str, Any]:
        cells = notebook_source(path)
        tree = _code(cells)
        words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        return {"text": of_data(cells), "imports": sorted(set(_imports(tree, ""))), "exhibits": sorted(words & set(exhibits))}  # fmt: skip

    return _memory().find(f"notebook {path.name}", of_data([of_file(path), sorted(exhibits)]), read)  # type: ignore[no-any-return]


def of_cleaning(lock: Path) -> dict[str, str]:
    """Return the fields that decide whether the tidy tables must be built again, field → hash."""
    base = paths.raw_dir()
    fields = {
        f"raw {path.relative_to(base).as_posix()}": of_file(path)
        for path in sorted(base.rglob("*"))
        if path.suffix in (".csv", ".json")
    }
    code = closure([f"{PACKAGE}.store"], through_tables=True)
    fields |= {f"code {name}": of_file(path) for name, path in sorted(code.items())}
    return fields | {"lock": of_file(lock)}


def of_notebook(path: Path, parameters: Mapping[str, Any], lock: Path) -> dict[str, str]:
    """Return the fields that decide whether a notebook must run, field → hash (or the value of a parameter).

    The data that it reads are known after a run, and added by the pipeline.
    """
    fields = {"notebook": _notebook(path)["text"], "lock": of_file(lock)}
    fields["python"] = ".".join(map(str, sys.version_info[:2]))
    fields |= of_parameters(parameters)
    fields |= {f"code {name}": of_file(file) for name, file in sorted(notebook_code(path).items())}
    return fields


def of_parameters(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of given parameters, field → value.

    >>> of_parameters({"rule": "printed"})
    {'parameter rule': '"printed"'}
    """
    return {f"parameter {name}": json.dumps(value, default=str) for name, value in sorted(parameters.items())}


def clear() -> None:
    """Forget what was parsed, so that changed code is read again."""
    for cached in (_modules, _memory):
        cached.cache_clear()
