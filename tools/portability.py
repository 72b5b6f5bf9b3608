"""Try the package under every Python, with the oldest and newest libraries it allows, and away from its repository.

Called by `make portability`; writes docs/trust/portability.md once every case has passed. Each case is an environment
of its own below build/. Interpreters are those found on the machine (on the PATH, by pyenv or by uv): one that cannot
be had is named as not tried, never as passed. `--quick`, for every change: the wheel alone, by the interpreter at hand.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "portability"
PAGE = ROOT / "docs" / "trust" / "portability.md"
UV = Path(sys.executable).with_name("uv")
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("linux", "macos", "windows")
# num2words, with which tests of number words are made, needs docopt, which has never had a wheel: it is one plain file.
NO_WHEEL = ("docopt",)
CORE = (
    "catalogue", "collate", "definitions", "dictionary", "doctor", "estimate", "figures", "ledger", "notebooks_canonical",
    "notebooks_isolation", "notebooks_run", "numbers", "places", "printed", "raw", "reconcile", "relations", "tables",
    "tidy",
)  # fmt: skip
WITH_EXTRAS = ("annotate_readers", "publish_paper", "publish_review")
TOOLS = ("hypothesis", "num2words", "pytest", "pytest-xdist")
SAME = ("exhibits", "figures", "tables")

Case = Callable[[], str]


class CaseFailed(Exception):
    """A step of a case failed; the text is the end of its output."""


def call(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a step without what the calling environment says of Python or of a project."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "FFSTATS", "VIRTUAL_ENV"))}
    done = subprocess.run(list(map(str, command)), cwd=cwd, env=own, capture_output=True, text=True)
    if done.returncode:
        raise CaseFailed(f"{Path(command[0]).name} {command[1]}: {(done.stdout + done.stderr)[-1500:]}")
    return done.stdout


def install(python: Path, *what: str | Path) -> None:
    """Install into an environment."""
    call(UV, "pip", "install", "--quiet", "--python", python, *what)


def interpreters() -> dict[str, str]:
    """Return version → path of the first interpreter found of each wanted version."""
    found = {}
    for version in PYTHONS:
        kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        managed = [UV, "python", "find", "--offline", "--no-project", version]
        uv = subprocess.run(managed, capture_output=True, text=True).stdout.split()
        for place in [sys.executable, shutil.which(f"python{version}"), *map(str, kept), *uv]:
            if place and _version(place) == version:
                found[version] = place
                break
    return found


def _version(place: str) -> str:
    command = [place, "-c", "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def environment(name: str, python: str, *what: str | Path) -> Path:
    """Make an environment anew and install into it; return its interpreter."""
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    call(UV, "venv", "--quiet", "--python", python, folder)
    install(folder / "bin" / "python", *what)
    return folder / "bin" / "python"


def locked(*sets: str) -> list[str | Path]:
    """Return the arguments that install locked sets, hashes required."""
    files = [part for name in sets for part in ("--requirement", ROOT / "requirements" / f"{name}.txt")]
    return ["--require-hashes", *files]


def tests(python: Path, package: Path, names: tuple[str, ...], *options: str) -> str:
    """Run tests of the repository against the installed package, and return pytest's counts."""
    install(python, "--no-deps", package)
    files = [f"tests/test_{name}.py" for name in names]
    plain = ("-p", "no:cacheprovider", "-n", "2", "--dist", "loadfile", "--no-header", "--tb=short")
    out = call(python, "-m", "pytest", *plain, *options, *files)
    return re.findall(r"\d+ passed[^\n]*?(?= in )", out)[-1]


def unlike_lock(python: Path) -> str:
    """Say which of the packages that are required directly are not at their locked versions."""
    names = re.findall(r'^    "([a-z][\w-]*)[<>=]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    held = {p["name"]: p["version"] for p in json.loads(call(UV, "pip", "list", "--format", "json", "--python", python))}
    other = [f"{n} {held[n]}" for n in names if n in held and held[n] != pins("lean").get(n, held[n])]
    return ", ".join(other) or "none"


def pins(name: str) -> dict[str, str]:
    """Return name → version of what a locked set pins."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))


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
        said = call(python, "-c", "import ffstats; print(ffstats.__file__, len(ffstats.estimates()), sep='\\n')", cwd=here)
        held, rows = said.split("\n")[:2]
        if ROOT / "src" in Path(held).parents:
            raise CaseFailed(f"the package is that of the repository: {held}")
        if not whole:
            return f"{rows} estimates; every light command answers"
        for engine in ("warm", "plain"):
            call(tool, "reproduce", "--force", "--out", engine, "--engine", engine, cwd=here)
        first, *others = (_files(base) for base in (ROOT / "results", here / "warm", here / "plain"))
        unlike = sorted({name for other in others for name, _ in first.items() ^ other.items()})
        if unlike or not first:
            raise CaseFailed(f"not the bytes of the committed results: {', '.join(unlike) or 'no files'}")
        return f"{rows} estimates; {len(first)} files of results by either engine, the same bytes as those committed"


def _files(base: Path) -> dict[str, bytes]:
    places = [base / "numbers.json", *(path for part in SAME for path in (base / part).rglob("*"))]
    return {path.relative_to(base).as_posix(): path.read_bytes() for path in places if path.is_file()}


def wheels(version: str) -> str:
    """Resolve every lock, together with lean.txt, from wheels alone, for each system."""
    names = sorted(path.stem for path in (ROOT / "requirements").glob("*.txt") if path.stem != "pyodide")
    only = ["--only-binary", ":all:", *(part for name in NO_WHEEL for part in ("--no-binary", name))]
    for name in names:
        for platform in PLATFORMS:
            place = ("--target", BUILD / "empty", "--python-version", version, "--python-platform", platform)
            install(Path(sys.executable), "--dry-run", *only, *place, *locked(*dict.fromkeys(("lean", name))))
    return f"{len(names)} locks on {len(PLATFORMS)} systems"


def build() -> dict[str, Path]:
    """Build the sdist, and from it the wheel, without a network."""
    folder = BUILD / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    offline = ("--quiet", "--offline", "--no-build-isolation", "--python", sys.executable)
    call(UV, "build", *offline, "--out-dir", folder)
    return {"wheel": next(folder.glob("*.whl")), "sdist": next(folder.glob("*.tar.gz"))}


def untracked(sdist: Path) -> list[str]:
    """Return the files of the sdist that are not in the repository, but for those that say where it came from."""
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    return sorted(held - {"PKG-INFO", "COMMIT"} - set(call("git", "ls-files", "-z").split("\0")))


def cases(found: dict[str, str], here: str, packages: dict[str, Path]) -> dict[tuple[str, str], Case]:
    """Return what is to be tried: (title, Python) → the function that does it; first, by the Python at hand, the wheel."""

    def used(kind: str, version: str) -> Case:
        def case() -> str:
            sets = ("lean", "bootstrap") if kind == "sdist" else ("lean",)
            if kind == "sdist" and (stray := untracked(packages[kind])):
                raise CaseFailed(f"the sdist holds what the repository does not: {', '.join(stray[:20])}")
            python = environment(f"{kind}-{version}", found[version], *locked(*sets))
            install(python, "--no-deps", "--offline", "--no-build-isolation", packages[kind])
            return elsewhere(python, kind == "wheel")

        return case

    def tested(version: str, names: tuple[str, ...], *sets: str) -> Case:
        folder = "-".join((version, *sets))
        return lambda: tests(environment(folder, found[version], *locked(*sets)), packages["wheel"], names)

    def loose(name: str, version: str, *options: str) -> Case:
        def case() -> str:
            tools = BUILD / "tools.txt"
            tools.write_text("".join(f"{tool}=={pins('dev')[tool]}\n" for tool in TOOLS), encoding="utf-8")
            files = ("--requirement", tools, "--requirement", ROOT / "pyproject.toml")
            extras = [part for extra in ("annotate", "cluster", "publish") for part in ("--extra", extra)]
            python = environment(name, found[version], *options, *files, *extras)
            # Bytes that only the locked versions promise are left to the cases above.
            counts = tests(python, packages["wheel"], (*CORE, *WITH_EXTRAS, "sweep_cluster"), "-m", "not locked")
            return f"{counts}; not as locked: {unlike_lock(python)}"

        return case

    listed = {("wheel in an empty environment, used from another folder", here): used("wheel", here)}
    first, last = min(found, key=PYTHONS.index), max(found, key=PYTHONS.index)
    listed |= {("wheel in an empty environment, used from another folder", v): used("wheel", v) for v in found}
    listed["sdist in an empty environment, used from another folder", here] = used("sdist", here)
    listed |= {("core tests, locked, without extras", v): tested(v, CORE, "lean", "dev") for v in found}
    extras = ("annotate", "publish")
    listed |= {("tests of the extras, locked", v): tested(v, WITH_EXTRAS, "lean", "dev", *extras) for v in found}
    listed["both, oldest allowed", first] = loose("oldest", first, "--resolution", "lowest-direct")
    listed["both, newest allowed", last] = loose("newest", last, "--upgrade")
    listed |= {("a wheel of everything that is locked", v): lambda v=v: wheels(v) for v in PYTHONS}
    return listed


def page(done: dict[tuple[str, str], str], missing: list[str]) -> str:
    """Return docs/trust/portability.md."""
    absent = f"Not found where this was written, and so not tried: Python {', '.join(missing)}.\n\n" if missing else ""
    rows = "".join(f"| {what} | {version} | {outcome} |\n" for (what, version), outcome in done.items())
    return f"""\
# Where it runs

`make portability` makes an environment for each line below and tries it; written by tools/portability.py. It takes the
interpreters that it finds; `make portability SHORT=1` tries the first line alone. All this was run on Linux
(x86-64). macOS (ARM) and Windows (x86-64) were not tried: of them it is only known that everything locked can be had
there without a compiler, except {", ".join(NO_WHEEL)}, which has no wheel for any system and needs none.

The core tests are those of reading, collating, judging, reconciling, the figures and tables, and the running of
notebooks; those of the extras, of reading PDF and Word, the paper and the certificate. `make test` runs all tests, with
the extras, under the Python at hand. On Linux notebooks run in forked children; elsewhere, and with
FFSTATS_ENGINE=plain, in plain kernels; the wheel is tried with both.

Bytes are promised for the locked versions. With the oldest and the newest that pyproject.toml allows, the same tests are
run but for those that compare bytes which a library writes, and sweeps on a cluster as well.

At the end of each line stands the commit that was tried.

{absent}| tried | Python | outcome |
|---|---|---|
{rows}"""


def main() -> None:
    """Try every case, say how each ended, and fail if one did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the wheel alone")
    parser.add_argument("--only", default="", help="only cases whose title and version hold this text")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    record = BUILD / "passed.json"
    again = record.is_file() and (options.only or options.quick)
    passed: dict[str, str] = json.loads(record.read_text(encoding="utf-8")) if again else {}
    failed, found, here = [], interpreters(), f"{sys.version_info[0]}.{sys.version_info[1]}"
    if here not in found:
        sys.exit(f"Python {here} is not one of those to be tried ({', '.join(PYTHONS)}): make portability PYTHON=python3.11")
    listed, commit = cases(found, here, build()), call("git", "rev-parse", "--short=7", "HEAD").strip()
    for (what, version), case in list(listed.items())[: 1 if options.quick else None]:
        title = f"{what}, Python {version}"
        if options.only not in title:
            continue
        started = time.perf_counter()
        try:
            passed[title] = outcome = f"{case()}; at {commit}"
        except CaseFailed as error:
            passed.pop(title, None)
            outcome = "failed"
            failed.append(f"{title}: {error}")
        record.write_text(json.dumps(passed), encoding="utf-8")
        print(f"{title}: {outcome} ({time.perf_counter() - started:.0f} s)", flush=True)
    if failed:
        sys.exit("\n".join(failed))
    done = {(what, v): passed.get(f"{what}, Python {v}", "") for what, v in listed}
    if not options.quick and all(done.values()):
        PAGE.write_text(page(done, sorted(set(PYTHONS) - set(found))), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
