"""Write requirements/*.txt from pyproject.toml, and environment.yml from requirements/lean.txt.

Called by `make lock`; with `--upgrade` (`make lock UPGRADE=1`) to the newest versions, else pins are kept.
The file of an extra lists what it adds to lean.txt, held to the versions in lean.txt and in the files before
it, so that any of them can be installed together. No file names an index or a place on this machine.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = Path("requirements")
# fewest: one version of a package for all versions of Python, so that all compute the same.
COMPILE = [
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--fork-strategy", "fewest"),
    *("--generate-hashes", "--no-header"),
    *("--annotation-style", "line"),
]
# For a browser: another Python on another machine. NumPy and SciPy come as Pyodide made them (tools/site.py).
BROWSER = [
    *("pip", "compile", "--quiet", "--python-version", "3.12", "--python-platform", "wasm32-pyodide2024"),
    *("--no-emit-package=numpy", "--no-emit-package=scipy", *COMPILE[COMPILE.index("--generate-hashes") :]),
]
# The names that conda-forge gives to what PyPI calls otherwise.
CONDA_NAMES = {"great-tables": "great_tables"}
# The order in which the extras are locked: the earlier ones choose.
EXTRAS = ("dev", "browser", "annotate", "publish", "cluster", "lab", "lite", "docs", "graders", "audit", "fuzz")


def pins(path: Path) -> dict[str, str]:
    """Return name → version of every package that a locked file pins."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", path.read_text(), flags=re.MULTILINE))


def environment() -> str:
    """Return environment.yml: the direct dependencies at their locked versions, by their conda-forge names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lean, bootstrap = (pins(ROOT / REQUIREMENTS / f"{name}.txt") for name in ("lean", "bootstrap"))
    direct = sorted(re.split(r"[^A-Za-z0-9._-]", line)[0] for line in project["dependencies"])
    rows = [f"{CONDA_NAMES.get(name, name)}={lean[name]}" for name in direct]
    build = [f"{name}={bootstrap[name]}" for name in ("editables", "hatchling")]
    lines = [
        "# For those who use conda: the same versions as requirements/lean.txt (written by `make lock`). Then:",
        "#   python -m pip install --no-deps --no-build-isolation --editable .",
        "name: ffstats",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        *(f"  - {row}" for row in ["python=3.11", "pip", *build, *rows]),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Lock the bootstrap, the runtime and each extra in turn, then write environment.yml."""
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    uv = str(Path(sys.executable).with_name("uv"))

    def compile_to(name: str, *options: str, command: Sequence[str] = COMPILE) -> str:
        target = str(REQUIREMENTS / f"{name}.txt")
        subprocess.run([uv, *command, *upgrade, *options, "--output-file", target], cwd=ROOT, check=True)
        # What uv appends, a list of the packages that lean.txt holds already, is no part of the lock.
        text = (ROOT / target).read_text(encoding="utf-8").partition("\n# The following packages")[0]
        (ROOT / target).write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
        return target

    compile_to("bootstrap", "--group", "bootstrap")
    lean = compile_to("lean", "pyproject.toml")
    held = ["--constraint", lean, *(f"--no-emit-package={name}" for name in pins(ROOT / lean))]
    for extra in EXTRAS:
        held += ["--constraint", compile_to(extra, "pyproject.toml", "--extra", extra, *held)]
    compile_to("pyodide", str(REQUIREMENTS / "pyodide.in"), command=BROWSER)
    (ROOT / "environment.yml").write_text(environment(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
