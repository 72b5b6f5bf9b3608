"""Bring the project's own virtual environment to what requirements/ locks, and do nothing if it is there.

Called by the Makefile as `environment.py --at .venv lean dev`. Every file that is installed is checked
against the hashes in requirements/. What is done is stamped in `.venv/locked/`, each stamp written last, so
that an interrupted install is done again, and a finished one is not looked at and needs no network.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def alone(venv: Path) -> Iterator[None]:
    """Hold the environment's lock, so that of two calls at a time one installs and the other waits."""
    with open(venv.with_name(venv.name + ".lock"), "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run(what: str, *command: str | Path) -> None:
    """Run one step of the installation, or say which one failed and what to do."""
    print(f"ffstats: {what}", file=sys.stderr, flush=True)
    code = subprocess.call(command, cwd=ROOT, stdout=sys.stderr)
    if code:
        sys.exit(
            f"ffstats: could not finish: {what} (exit status {code}; the reason stands above).\n"
            "The first installation needs the network, or a mirror set for pip and uv as they document.\n"
            "Nothing has to be cleaned up: run make again to go on."
        )


def state(*paths: Path) -> str:
    """Return a digest of the files, the interpreter and the place, any of which makes an install stale."""
    digest = hashlib.sha256(f"{ROOT}\0{platform.python_version()}\0".encode())
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def make(venv: Path) -> None:
    """Make the environment, or make it again if it is a broken or moved one of ours."""
    marks = venv / "locked"
    if marks.is_dir():
        shutil.rmtree(venv)
    elif venv.exists():
        sys.exit(
            f"ffstats: {venv} exists, was not made by this project's Makefile and does not run Python 3.11 or "
            "newer with pip.\nMove it away, or name another place: make VENV=.venv-other"
        )
    marks.mkdir(parents=True)
    run(
        f"making {venv.name} with Python {platform.python_version()}",
        sys.executable,
        "-c",
        "import sys, venv; venv.create(sys.argv[1], with_pip=True)",
        str(venv),
    )
    (marks / "python").write_text(state())


def locked(name: str) -> list[Path]:
    """Return the files that lock a set: its own, and lean.txt below an extra, which lists what it adds."""
    return [ROOT / "requirements" / f"{part}.txt" for part in dict.fromkeys(("lean", name))]


def install(venv: Path, name: str, sources: list[Path], *command: str | Path, again: str) -> None:
    """Run the command that installs `name` from `sources`, unless its stamp says that this is done."""
    stamp, begun = venv / "locked" / name, venv / "locked" / f"{name}.begun"
    wanted = state(*sources)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    # After a kill a package may be there in part and still look installed: then all are laid anew.
    anew = [again] if begun.exists() else []
    begun.touch()
    stamp.unlink(missing_ok=True)
    run(f"installing {name} into {venv.name}", *command, *anew)
    stamp.write_text(wanted)
    begun.unlink()


def install_all(venv: Path, sets: list[str]) -> None:
    """Install the installer, the sets and the project, in this order, each only if it is not there yet."""
    python, bootstrap = venv / "bin" / "python", ROOT / "requirements" / "bootstrap.txt"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    # Without build isolation nothing is fetched but what is locked: bootstrap.txt holds the build backends.
    uv = (venv / "bin" / "uv", "pip", "install", "--quiet", "--python", python, "--no-build-isolation")
    install(
        venv,
        "bootstrap",
        [bootstrap],
        *pip,
        "--require-hashes",
        "--requirement",
        bootstrap,
        again="--force-reinstall",
    )
    for name in sets:
        files = [part for path in locked(name) for part in ("--requirement", path)]
        # uv does not compile by default, and the first import of every process would pay for it.
        install(
            venv,
            name,
            locked(name),
            *uv,
            "--require-hashes",
            "--compile-bytecode",
            *files,
            again="--reinstall",
        )
    install(
        venv,
        "ffstats",
        [ROOT / "pyproject.toml"],
        *uv,
        "--offline",
        "--no-deps",
        "--editable",
        ROOT,
        again="--reinstall",
    )


def main() -> None:
    """Read the arguments, then go from an interpreter outside the environment to the one inside it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--at", default=".venv", help="where the environment is, below the project")
    parser.add_argument("sets", nargs="+", help="names of files in requirements/, without .txt")
    options = parser.parse_args()
    venv = ROOT / options.at
    python, born = venv / "bin" / "python", venv / "locked" / "python"
    if Path(sys.prefix).resolve() != venv.resolve():
        with alone(venv):
            runs = (
                subprocess.run([python, "-m", "pip", "--version"], capture_output=True)
                if python.exists()
                else None
            )
            if runs is None or runs.returncode or (born.parent.is_dir() and not born.is_file()):
                make(venv)
        os.execv(python, [str(python), *sys.argv])
    if not born.parent.is_dir():
        # An environment made by hand, and it runs: use it, and install into it what is locked.
        born.parent.mkdir()
        born.write_text(state())
    if not born.is_file() or born.read_text() != state():
        # Half made, moved, or the interpreter under it was replaced: its scripts point elsewhere.
        born.unlink(missing_ok=True)
        base = str(getattr(sys, "_base_executable", sys.executable))
        os.execv(base, [base, *sys.argv])
    with alone(venv):
        install_all(venv, options.sets)


if __name__ == "__main__":
    main()
