"""What a notebook's results depend on, as hashes: its text, parameters, code, data and lock file.

Nothing heavy is imported here: a rebuild with nothing to do reads files and compares hashes.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ffstats import paths
from ffstats.notebooks.canonical import VOLATILE_CELL_METADATA

PACKAGE = "ffstats"
TABLES_END_HERE = {"ffstats.tidy": ("ffstats.estimate",), "ffstats.store": ()}
"""Where a notebook's code ends and its data begin: what cleaning does shows in the tables that it writes,
whose hashes count; so of these modules only their own text and the modules named here are followed."""


def digest(data: bytes) -> str:
    """Return the hash that stands for some bytes.

    >>> digest(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


def of_file(path: Path) -> str:
    """Return a file's hash, or "absent" where there is none."""
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return "absent"


def of_data(value: Any) -> str:
    """Return the hash of plain data, whatever the order of its keys.

    >>> of_data({"a": 1, "b": 2}) == of_data({"b": 2, "a": 1})
    True
    """
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode("utf-8"))


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
def _direct(module: str) -> tuple[frozenset[str], frozenset[Path]]:
    """Return what one module depends on itself: modules of the package, and its tables of knowledge."""
    path = _modules()[module]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names = frozenset(name for name in _imports(tree, package) if name in _modules())
    folder = paths.package_dir() / "vocabulary"
    tables = frozenset(
        folder / node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.endswith((".csv", ".json"))
        and (folder / node.value).is_file()
    )
    return names, tables


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
    return found


def notebook_source(path: Path) -> list[dict[str, Any]]:
    """Return what a person wrote in a notebook: each cell's kind, id, source and metadata, without outputs."""
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
            except SyntaxError:
                continue
    return ast.Module(body=body, type_ignores=[])


@cache
def _exhibit_modules() -> dict[str, frozenset[str]]:
    """Return the modules that draw each exhibit: its function's own, and those that make the frames it takes."""
    frames = _frames()
    found: dict[str, frozenset[str]] = {}
    with paths.vocabulary("catalogue.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            module, _, function = row["function"].partition(":")
            tree = ast.parse(_modules()[module].read_text(encoding="utf-8"))
            taken = {
                argument.arg
                for node in tree.body
                if isinstance(node, ast.FunctionDef) and node.name == function
                for argument in (*node.args.posonlyargs, *node.args.args)
            }
            found[row["id"]] = frozenset([module, *(frames[name] for name in taken & set(frames))])
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
    tree = _code(notebook_source(path))
    exhibits = _exhibit_modules()
    drawn = {
        module
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for module in exhibits.get(node.value, ())
    }
    return closure([*_imports(tree, ""), *drawn])


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
    fields = {"notebook": of_data(notebook_source(path)), "lock": of_file(lock)}
    fields["python"] = ".".join(map(str, sys.version_info[:2]))
    fields |= {
        f"parameter {name}": json.dumps(value, default=str) for name, value in sorted(parameters.items())
    }
    fields |= {f"code {name}": of_file(file) for name, file in sorted(notebook_code(path).items())}
    return fields


def clear() -> None:
    """Forget what was parsed, so that changed code is read again."""
    for cached in (_modules, _direct, _exhibit_modules):
        cached.cache_clear()
