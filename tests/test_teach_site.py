"""Parts of the site without an install: what is in it is held by hashes, and the lessons need nothing that is not."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import io
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements" / "pyodide.txt"
# Dependencies of ffstats that no browser has, or that lessons have no use for: nothing a lesson calls may import them.
ABSENT = {
    "great-tables": "great_tables", "ipykernel": "ipykernel", "jupyter-client": "jupyter_client", "nbclient": "nbclient",
    "nbformat": "nbformat", "pandera": "pandera", "papermill": "papermill", "pillow": "PIL", "pyarrow": "pyarrow",
    "tornado": "tornado", "typer": "typer", "vl-convert-python": "vl_convert",
}  # fmt: skip


def site() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_tool", ROOT / "tools" / "site.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def locked() -> dict[str, str]:
    return dict(re.findall(r"(?m)^([a-z0-9.-]+)==([^\s;\\]+)", LOCK.read_text(encoding="utf-8")))


def wheel(name: str, files: dict[str, str], requires: tuple[str, ...] = ()) -> bytes:
    about = "\n".join(
        ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1", *(f"Requires-Dist: {r}" for r in requires)]
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for path, text in {**files, f"{name}-1.dist-info/METADATA": about + "\n\n"}.items():
            file.writestr(path, text)
    return archive.getvalue()


def test_every_dependency_is_in_the_browser_or_known_to_be_absent() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.split(r"[^A-Za-z0-9._-]", line)[0] for line in project["dependencies"]}
    there = {*locked(), *site().BUILDS}
    assert needed - there == set(ABSENT)


def test_the_packages_for_the_browser_are_held_by_hashes_and_name_no_address() -> None:
    text = LOCK.read_text(encoding="utf-8")
    entries = re.findall(r"^[a-z][^\n]*\n(?:[ ]+[^\n]*\n)*", text, re.MULTILINE)
    assert len(entries) == len(locked()) > 20
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert site().CARRIER in locked() and site().STRIPPED in locked()


def lesson_imports() -> list[str]:
    lines = []
    for path in sorted((ROOT / "notebooks" / "lessons").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                tree = ast.parse("".join(cell["source"]))
                lines += [
                    ast.unparse(node) for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))
                ]
    return sorted(set(lines))


def test_the_lessons_work_without_what_a_browser_has_not() -> None:
    script = f"""
import importlib.abc, sys
class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {sorted(set(ABSENT.values()))!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
{chr(10).join(lesson_imports())}
import altair, pandas, ffstats
from ffstats import teach, tidy
from ffstats.exhibits import renderer, show
tidy._fresh = lambda: False  # no Parquet there: the tables are built from the raw data
assert len(ffstats.estimates()) > 100 and len(ffstats.claims()) > 100
teach.key("0.1", right=ffstats.parse("more than 40,000"))
teach.check("0.1", "at least 40,000")
altair.renderers.enable("ffstats")
chart = altair.Chart(pandas.DataFrame({{"n": [1, 2]}})).mark_point().encode(x="n")
assert sorted(chart._repr_mimebundle_()) == ["application/vnd.vegalite.v5+json", "text/plain"]
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0.1: Right")


def test_a_compiled_part_is_left_out_and_the_rest_kept() -> None:
    kept = site().stripped(
        wheel("a", {"a/__init__.py": "x = 1", "a/_fast.cpython-312-x86_64-linux-gnu.so": "ELF"})
    )
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        assert sorted(archive.namelist()) == ["a-1.dist-info/METADATA", "a/__init__.py"]
        assert archive.read("a/__init__.py") == b"x = 1"


def test_an_entry_says_what_a_wheel_is_brings_and_needs() -> None:
    tool = site()
    known = {name: {"name": name, "file_name": f"{name}.whl", "sha256": "0"} for name in tool.BUILDS}
    own = wheel("a_b", {"a_b/__init__.py": "", "c.py": ""}, ("Numpy>=2", "absent", 'd ; extra == "e"', "d>1"))
    wheels = {"a_b-1-py3-none-any.whl": own, "d-1-py3-none-any.whl": wheel("d", {"d/x.py": ""})}
    entry = tool.listed(wheels, known)["a-b"]
    assert entry["imports"] == ["a_b", "c"]
    assert entry["depends"] == ["d", "numpy"]
    assert entry["sha256"] == hashlib.sha256(own).hexdigest()


@pytest.mark.parametrize("content", [b"other bytes", None])
def test_a_build_with_other_bytes_than_pyodides_is_refused(tmp_path: Path, content: bytes | None) -> None:
    tool = site()
    known: dict[str, Any] = {
        name: {"file_name": f"{name}.whl", "sha256": hashlib.sha256(name.encode()).hexdigest()}
        for name in tool.BUILDS
    }
    carrier = tmp_path / "carrier.whl"

    def carry(changed: dict[str, bytes | None]) -> None:
        with zipfile.ZipFile(carrier, "w") as archive:
            for name in tool.BUILDS:
                data = changed.get(name, name.encode())
                if data is not None:
                    archive.writestr(f"any/where/{name}.whl", data)

    carry({})
    assert tool.own_builds(known, carrier)["numpy.whl"] == b"numpy"
    carry({"numpy": content})
    with pytest.raises(SystemExit, match=r"numpy\.whl"):
        tool.own_builds(known, carrier)


def test_the_site_asks_nothing_outside_and_starts_with_the_package() -> None:
    settings = site().configuration("lessons")["jupyter-config-data"]["litePluginSettings"]
    (kernel,) = settings.values()
    assert kernel["disablePyPIFallback"] is True
    assert "ffstats" in kernel["loadPyodideOptions"]["packages"]
    assert "://" not in json.dumps(settings)


def test_other_files_in_the_folder_of_the_site_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"x")
    with pytest.raises(SystemExit, match="other files"):
        site().build(tmp_path / "student.zip", tmp_path, tmp_path)
    assert (tmp_path / "thesis.docx").read_bytes() == b"x"


def test_binder_installs_what_is_locked() -> None:
    folder = ROOT / "binder"
    listed = re.findall(r"(?m)^-r (\S+)$", (folder / "requirements.txt").read_text(encoding="utf-8"))
    assert [(folder / name).resolve().is_file() for name in listed] == [True, True, True]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (folder / "runtime.txt").read_text().strip().removeprefix("python-") in project["requires-python"]
    assert (folder / "postBuild").stat().st_mode & 0o100
