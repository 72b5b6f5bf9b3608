"""Try the package under every Python, with the oldest and newest libraries it allows, and away from its repository.

Called by `make portability`; writes docs/trust/portability.md. Each case is an environment of its own below build/.
Interpreters are those found on the machine (on the PATH, by pyenv or by uv): one that cannot be had is named as
not tried, never as passed. `--quick`, for every change: the wheel alone, by the interpreter that is at hand.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "portability"
PAGE = ROOT / "docs" / "trust" / "portability.md"
UV = Path(sys.executable).with_name("uv")
PYTHONS = ("3.11", "3.12", "3.13")
CORE = (
    "cells", "choice", "collate", "definitions", "dictionary", "doctor", "estimate", "ledger", "notebooks_canonical",
    "numbers", "places", "printed", "raw", "reconcile", "relations", "tables", "tidy",
)  # fmt: skip
TOOLS = ("pytest", "hypothesis", "num2words", "packaging", "psutil", "pyyaml")
SAME = ("exhibits", "figures", "tables", "numbers.json")


class Case(NamedTuple):
    """One thing that was tried: what, under which Python, how it ended and how long it took."""

    what: str
    python: str
    outcome: str
    seconds: float


class CaseFailed(Exception):
    """A step of a case failed; the text is the end of its output."""


def call(*command: str | Path, cwd: Path = ROOT, **settings: str) -> str:
    """Run a step without what the calling environment says of Python or of a project."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "FFSTATS", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env={**own, **settings}, capture_output=True, text=True
    )
    if done.returncode:
        raise CaseFailed(f"{Path(command[0]).name} {command[1]}: {(done.stdout + done.stderr)[-1500:]}")
    return done.stdout


def interpreters() -> dict[str, str]:
    """Return version → path of the first interpreter found of each wanted version."""
    found = {}
    for version in PYTHONS:
        kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        for place in [sys.executable, shutil.which(f"python{version}"), *map(str, kept), *_managed(version)]:
            if place and _version(place) == version:
                found[version] = place
                break
    return found


def _version(place: str) -> str:
    done = subprocess.run(
        [place, "-c", "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def _managed(version: str) -> list[str]:
    command = [UV, "python", "find", "--offline", "--no-project", version]
    return subprocess.run(command, capture_output=True, text=True).stdout.split()


def environment(name: str, python: str, *install: str | Path) -> Path:
    """Make an environment anew and install into it; return its interpreter."""
    folder = BUILD / re.sub(r"[^\w.]+", "-", name)
    shutil.rmtree(folder, ignore_errors=True)
    call(UV, "venv", "--quiet", "--python", python, folder)
    inside = folder / "bin" / "python"
    call(UV, "pip", "install", "--quiet", "--python", inside, *install)
    return inside


def locked(*sets: str) -> list[str | Path]:
    """Return the arguments that install locked sets, hashes required."""
    files = [part for name in sets for part in ("--requirement", ROOT / "requirements" / f"{name}.txt")]
    return ["--require-hashes", *files]


def core_tests(python: Path, package: Path) -> str:
    """Run the core's tests from the repository against the installed package, and return pytest's last line."""
    call(UV, "pip", "install", "--quiet", "--no-deps", "--python", python, package)
    tests = [f"tests/test_{name}.py" for name in CORE if (ROOT / "tests" / f"test_{name}.py").is_file()]
    out = call(
        python, "-m", "pytest", "-p", "no:cacheprovider", *tests, "-vv", "--no-header", "--tb=short", "-q"
    )
    return re.findall(r"\d+ passed[^\n]*?(?= in )", out + " in ")[-1]


def elsewhere(python: Path, whole: bool) -> str:
    """Use the installed package from an empty folder: read, explain, check; if `whole`, reproduce with either engine."""
    tool = python.with_name("ffstats")
    with tempfile.TemporaryDirectory(prefix="else where é ") as name:
        here = Path(name)
        wanted = {
            ("--version",): r"ffstats \S+, (commit \S+, )?data [0-9a-f]{12}",
            ("parse", "more than 40,000"): "low 40,000",
            ("explain", "c043"): "c043",
            ("check",): "claims",
            ("doctor",): "all that is needed is there",
        }
        for arguments, pattern in wanted.items():
            said = call(tool, *arguments, cwd=here)
            if not re.search(pattern, said):
                raise CaseFailed(f"ffstats {arguments[0]}: {pattern!r} is not in {said[-500:]!r}")
        rows = call(python, "-c", "import ffstats; print(len(ffstats.estimates()))", cwd=here).strip()
        for engine in ("warm", "plain") if whole else ():
            call(tool, "reproduce", "--force", "--out", engine, "--engine", engine, cwd=here)
        held = Path(call(python, "-c", "import ffstats; print(ffstats.__file__)", cwd=here).strip())
        if ROOT / "src" in held.parents:
            raise CaseFailed(f"the package is that of the repository: {held}")
        if not whole:
            return f"{rows} estimates; every light command answers"
        files = [path for part in SAME for path in _files(here / "warm" / part)]
        unlike = [
            p.name
            for p in files
            if p.read_bytes() != (here / "plain" / p.relative_to(here / "warm")).read_bytes()
        ]
        if unlike or not files:
            raise CaseFailed(f"the engines give other bytes: {', '.join(unlike) or 'no files'}")
        return f"{rows} estimates; {len(files)} files of results, the same bytes by either engine"


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())


def build() -> dict[str, Path]:
    """Build the sdist, and from it the wheel, without a network."""
    folder = BUILD / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    call(
        UV,
        "build",
        "--quiet",
        "--offline",
        "--no-build-isolation",
        "--python",
        sys.executable,
        "--out-dir",
        folder,
    )
    return {"wheel": next(folder.glob("*.whl")), "sdist": next(folder.glob("*.tar.gz"))}


def cases(quick: bool) -> list[tuple[str, str, Callable[[], str]]]:
    """Return what is to be tried: title, Python and the function that does it."""
    packages, found = build(), interpreters()
    here = next(version for version, place in found.items() if place == sys.executable)
    wheel = packages["wheel"]
    tools = ["--requirement", _required(TOOLS)]

    def used(version: str, kind: str) -> Callable[[], str]:
        def case() -> str:
            python = environment(f"{kind}-{version}", found[version], *locked("lean"))
            extra = ["--no-build-isolation"] if kind == "sdist" else []
            if extra:
                call(UV, "pip", "install", "--quiet", "--python", python, *locked("bootstrap"))
            call(
                UV,
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--offline",
                *extra,
                "--python",
                python,
                packages[kind],
            )
            return elsewhere(python, kind == "wheel")

        return case

    def tested(name: str, version: str, *install: str | Path) -> Callable[[], str]:
        return lambda: core_tests(environment(name, found[version], *install), wheel)

    listed = [("wheel in an empty environment, from another folder", here, used(here, "wheel"))]
    if quick:
        return listed
    listed.append(("sdist in an empty environment, from another folder", here, used(here, "sdist")))
    for version in found:
        lock = locked("lean", "dev")
        listed.append(
            ("core tests, locked, without extras", version, tested(f"locked-{version}", version, *lock))
        )
    full = locked("lean", "dev", "annotate", "publish")
    listed.append(("core tests, locked, with extras", here, tested("extras", here, *full)))
    lowest = ["--resolution", "lowest-direct", *tools, "--requirement", ROOT / "pyproject.toml"]
    listed.append(("core tests, oldest allowed", PYTHONS[0], tested("oldest", min(found), *lowest)))
    newest = ["--upgrade", *tools, "--requirement", ROOT / "pyproject.toml"]
    listed.append(("core tests, newest allowed", max(found), tested("newest", max(found), *newest)))
    return listed


def _required(names: tuple[str, ...]) -> Path:
    """Write the tools of the tests at their locked versions into a file: only the runtime's libraries vary."""
    pins = dict(
        re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / "requirements" / "dev.txt").read_text(), re.MULTILINE)
    )
    path = BUILD / "tools.txt"
    path.write_text("".join(f"{name}=={pins[name]}\n" for name in names if name in pins), encoding="utf-8")
    return path


def page(done: list[Case], missing: list[str]) -> str:
    """Return docs/trust/portability.md."""
    rows = [f"| {c.what} | {c.python} | {c.outcome} |" for c in done]
    gone = (
        f"Not found on the machine where this was written, and so not tried: Python {', '.join(missing)}."
        if missing
        else ""
    )
    return "\n".join(
        [
            "# Where it runs",
            "",
            "`make portability` makes an environment for each line below and tries it; written by tools/portability.py.",
            "It takes the interpreters that it finds; `make portability ARGS=--quick` tries the first line alone.",
            "The core tests are those of reading, collating, judging, reconciling and the tables. On Linux notebooks run in",
            "forked children; elsewhere, and with FFSTATS_ENGINE=plain, in plain kernels, which give the same bytes.",
            *(["", gone] if gone else []),
            "",
            "| tried | Python | outcome |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def main() -> None:
    """Try every case, say how each ended, and fail if one did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the wheel alone")
    parser.add_argument("--only", default="", help="only cases whose title and version hold this text")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    record = BUILD / "done.json"
    kept = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else []
    done = {(what, version): Case(what, version, *rest) for what, version, *rest in kept}
    failed, listed = [], cases(options.quick)
    for what, version, case in listed:
        if options.only not in f"{what} {version}":
            continue
        started = time.perf_counter()
        try:
            outcome = case()
        except CaseFailed as error:
            outcome, reason = "failed", str(error)
            failed.append(f"{what}, {version}: {reason}")
        seconds = time.perf_counter() - started
        done[what, version] = Case(what, version, outcome, seconds)
        record.write_text(json.dumps(list(done.values())), encoding="utf-8")
        print(f"{what}, Python {version}: {outcome} ({seconds:.0f} s)", flush=True)
    if failed:
        sys.exit("\n".join(failed))
    if not options.quick and not options.only:
        PAGE.write_text(
            page(done, sorted(set(PYTHONS) - set(interpreters()))), encoding="utf-8", newline="\n"
        )


if __name__ == "__main__":
    main()
