"""A rerun in a clean copy: the committed files alone in a new folder, everything run, everything compared."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from ffstats import paths, replay
from ffstats.errors import ReplayError, ReviewError
from ffstats.replay import Replay

LEFT_OUT = (".git", ".ffstats", "results", "__pycache__", ".ipynb_checkpoints", "node_modules", "dist", "build", ".venv*",
            "*.egg-info")  # fmt: skip
COMMAND = ("reproduce", "--force")
PACKAGES = ("altair", "great-tables", "ipykernel", "nbclient", "numpy", "pandas", "papermill", "pyarrow", "scipy",
                   "vl-convert-python")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """What was copied: the commit, if there is one, and what lay beside it uncommitted."""

    commit: str
    date: str
    describe: str
    uncommitted: tuple[str, ...]
    whole_tree: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A finished rerun: what was run, on what, when, how long, what it wrote, how that compares."""

    origin: Origin
    folder: Path
    started: datetime
    finished: datetime
    steps: tuple[tuple[str, float], ...]
    log: str
    files: dict[str, str]
    replay: Replay | None
    no_replay: str
    facts: dict[str, Any]
    machine: dict[str, str]

    @property
    def results(self) -> Path:
        """The results folder of the copy."""
        return self.folder / "results"

    @property
    def seconds(self) -> float:
        """How long the rerun took."""
        return (self.finished - self.started).total_seconds()


def origin(root: Path, whole_tree: bool = False) -> Origin:
    """Say which state of a project a copy of it would hold.

    Raises: ReviewError, where the project is not under git and the whole tree was not asked for.
    """
    try:
        commit = _git(root, "rev-parse", "HEAD")
    except ReviewError:
        if not whole_tree:
            raise
        return Origin("", "", "not under version control", (), True)
    changed = tuple(line[3:] for line in _git(root, "status", "--porcelain", "--", ".").splitlines())
    return Origin(
        commit,
        _git(root, "log", "-1", "--format=%cI"),
        _git(root, "describe", "--always", "--tags"),
        changed,
        whole_tree,
    )


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise ReviewError(
            "git is not installed. Install it, or review the files as they lie: --tree."
        ) from error
    if done.returncode:
        raise ReviewError(
            f"{root.name} is not a git checkout with a commit. Review the files as they lie: ffstats review --tree."
        )
    return done.stdout.decode("utf-8", "replace").rstrip("\n")


def copy(root: Path, folder: Path, whole_tree: bool = False) -> None:
    """Copy a project into a folder that does not exist: the files of its last commit, or all that lie in it.

    Neither results nor the records of earlier runs are copied, so nothing can be taken for done.
    """
    if whole_tree:
        shutil.copytree(root, folder, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    else:
        done = subprocess.run(
            ["git", "clone", "--quiet", "--no-hardlinks", str(root), str(folder)],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise ReviewError(
                f"The commit could not be copied: {done.stderr.decode('utf-8', 'replace').strip()}"
            )
        shutil.rmtree(folder / "results", ignore_errors=True)


def rerun(
    folder: Path,
    against: str | None = None,
    whole_tree: bool = False,
    say: Callable[[str], None] = lambda line: None,
    command: tuple[str, ...] = COMMAND,
) -> Run:
    """Copy the project into a folder, run everything there with the copy's own code, and compare.

    Parameters: folder, where to, not there yet; against, a commit or a folder of results to compare with (default:
    what the commit holds, else the project's own results); whole_tree, to copy uncommitted files too.
    Raises: ReviewError with the end of the log, where the rerun fails; ReplayError, where `against` is neither a folder
    nor a commit that holds results.
    """
    root = paths.work_dir()
    before = origin(root, whole_tree)
    if against and not Path(against).is_dir():
        replay.from_git(against)  # what cannot be compared with is said before everything is run
    say(f"copying {before.describe} to a clean folder")
    copy(root, folder, whole_tree)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FFSTATS_")}
    environment |= {"FFSTATS_ROOT": str(folder), "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1",
                    "PYTHONUNBUFFERED": "1"}  # fmt: skip
    _check_code(folder, environment)
    say(f"running ffstats {' '.join(command)} there")
    started, steps, lines = datetime.now(UTC), [], []
    process = subprocess.Popen(
        [sys.executable, "-m", "ffstats", *command], cwd=folder, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    last = time.perf_counter()
    for raw in process.stdout:
        line = raw.decode("utf-8", "replace").rstrip()
        now = time.perf_counter()
        if not line.startswith("replay"):  # compared below, with what is under review
            steps.append((line, round(now - last, 2)))
        last = now
        lines.append(line)
        say(f"  {line}")
    process.wait()
    finished = datetime.now(UTC)
    log = "\n".join(lines).replace(str(folder), ".") + "\n"
    if process.returncode:
        raise ReviewError(f"The rerun failed (exit status {process.returncode}); its log ends:\n{_tail(log)}")
    facts = _facts(folder, environment)
    compared, why = _compare(root, folder, against)
    files = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in replay.from_folder(folder / "results").items()
    }
    return Run(before, folder, started, finished, tuple(steps), log, files, compared, why, facts, machine())


def _check_code(folder: Path, environment: dict[str, str]) -> None:
    """See to it that the copy's own code runs, not the installed one."""
    code = "import ffstats; print(ffstats.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if not Path(done.stdout.strip() or ".").resolve().is_relative_to(folder.resolve()):
        raise ReviewError(
            f"The copy holds no package ffstats that can be run: {_tail(done.stderr) or done.stdout}"
        )


def _tail(text: str, lines: int = 15) -> str:
    return "\n".join(text.rstrip().splitlines()[-lines:])


def _facts(folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Return what the copy's own code says of the ledger, the account and the coverage."""
    command = [sys.executable, "-c", "from ffstats.publish import certificate_facts as f; f.write()"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    if done.returncode:
        raise ReviewError(
            f"The ledger of the copy cannot be read:\n{_tail(done.stderr.decode('utf-8', 'replace'))}"
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _compare(root: Path, folder: Path, against: str | None) -> tuple[Replay | None, str]:
    """Compare with what was named, else with the results of the commit, else with those that lie in the project."""
    results = folder / "results"
    if against:
        found = replay.replay(against, results)
        # A place on the reviewer's machine means nothing to a reader of the certificate.
        named = "the results that the reviewer named" if Path(against).is_absolute() else found.reference
        return replace(found, reference=named), ""
    try:
        return replay.replay("HEAD", results), ""
    except ReplayError:
        own = root / "results"
        if not (own / "numbers.json").is_file():
            return (
                None,
                "The project came without results, so that there was nothing to compare the rerun with.",
            )
        before = {
            name: data for name, data in replay.from_folder(own).items() if name.split("/")[0] in _COMPARED
        }
        return replay.compare(
            before, replay.from_folder(results), "the results that came with the project"
        ), ""


_COMPARED = ("figures", "tables", "exhibits", "numbers.json", "catalogue.json")


def machine() -> dict[str, str]:
    """Return what the rerun ran on: system, Python, packages; nothing that names a person or a place."""
    known = {
        d.metadata["Name"].lower().replace("_", "-"): d.version for d in distributions() if d.metadata["Name"]
    }
    return {
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        **{name: known[name] for name in PACKAGES if name in known},
    }
