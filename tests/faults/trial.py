"""One trial: a project in a folder of its own, a command that something happens to, and how it ends."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ("country_profile",)
COMMANDS: dict[str, tuple[str, ...]] = {
    "reproduce": ("reproduce",),
    "sweep": ("sweep", "country_profile", "--over", "iso3=GBR,FRA"),
    "grade": ("teach", "grade", "submissions", "--release", "release", "--csv", "marks/marks.csv", "--memory", "512"),
}
OTHERS: dict[str, tuple[str, ...]] = {
    "reproduce": ("reproduce", "-p", "rule=midpoint"),
    "sweep": ("sweep", "country_profile", "--over", "iso3=GBR", "--over", "rule=midpoint"),
    "grade": ("teach", "grade", "submissions/ann", "--release", "release", "--csv", "marks/marks.csv", "--memory", "512"),
}
"""What leaves other results where the command then writes: every file that it replaces must be the old or the new one."""
FORCED: dict[str, tuple[str, ...]] = {"reproduce": ("--force",), "sweep": ("--force",), "grade": ("--time", "59")}
"""What makes a command do again what it has done."""
WATCHED = ("data", "results", "notebooks", "submissions", "marks")
PATIENCE = 600.0
"""Seconds after which a command counts as hanging."""

State = Mapping[str, str]
"""The files that a reader sees: name → hash."""


class Fault(Exception):
    """A trial that ended as it must not."""


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def clear(self) -> bool:
        """Whether it failed with a message, and not with a traceback of its own."""
        lines = self.err.splitlines()
        return self.code in (1, 2) and any(map(str.strip, lines)) and not any(line.startswith("Traceback") for line in lines)


@dataclass
class Place:
    """A copy of the project, and the environment in which its commands run."""

    root: Path
    code: Path
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FFSTATS_")}
        return kept | {"PYTHONPATH": str(self.code), "PYTHONDONTWRITEBYTECODE": "1"} | self.variables

    def start(self, command: Iterable[str], **options: object) -> Running:
        mark = uuid.uuid4().hex
        process = subprocess.Popen(
            [sys.executable, "-m", "ffstats", *command], cwd=self.root, env=self.environment() | {"FAULT_TRIAL": mark},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **options,  # type: ignore[call-overload]
        )  # fmt: skip
        return Running(process, mark, time.monotonic())

    def run(self, *command: str) -> Ended:
        return self.start(command).end()

    def state(self) -> dict[str, str]:
        """Return the hashes of all files that a reader sees; what a killed run leaves under a hidden name is none."""
        files = (p for name in WATCHED for p in sorted((self.root / name).rglob("*")) if p.is_file())
        named = ((p.relative_to(self.root).as_posix(), p) for p in files)
        return {n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in named if not any(part.startswith(".") for part in n.split("/"))}

    def copy(self, root: Path) -> Place:
        shutil.copytree(self.root, root, symlinks=True)
        return Place(root, self.code, dict(self.variables))


@dataclass
class Running:
    """A command that has been started, and all that it starts."""

    process: subprocess.Popen[bytes]
    mark: str
    began: float

    def children(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def kill_after(self, seconds: float, child: bool, choose: Callable[[list[psutil.Process]], psutil.Process]) -> str:
        """Kill the parent or one of the children; return what was killed, or an empty text if it was too late."""
        time.sleep(seconds)
        if self.process.poll() is not None:
            return ""
        if not child:
            self.process.kill()
            return "parent"
        while self.process.poll() is None:
            if found := self.children():
                one = choose(found)
                try:
                    name = " ".join(one.cmdline())[:60]
                    one.kill()
                    return name or "child"
                except psutil.Error:
                    continue
            time.sleep(0.01)
        return ""

    def end(self, patience: float = PATIENCE) -> Ended:
        """Wait for the end. Raises: Fault, for a command that does not end, or leaves processes behind."""
        try:
            out, err = self.process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()
            self.sweep_up()
            raise Fault(f"did not end in {patience:.0f} s") from None
        seconds = time.monotonic() - self.began
        left = self.left(15.0)
        if left:
            self.sweep_up()
            raise Fault(f"left processes behind: {'; '.join(left)}")
        return Ended(self.process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"), seconds)

    def marked(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("FAULT_TRIAL") == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def left(self, seconds: float) -> list[str]:
        """Return what still runs of the command when some seconds have passed."""
        ends = time.monotonic() + seconds
        while (found := self.marked()) and time.monotonic() < ends:
            time.sleep(0.1)
        return [f"{p.pid} {' '.join(p.cmdline())[:80]}" for p in found if p.is_running()]

    def sweep_up(self) -> None:
        for process in self.marked():
            process.kill()


def whole(now: State, *allowed: State) -> None:
    """Hold every file to be one of the allowed states, and none to be gone that is in all of them."""
    for name, found in now.items():
        if all(found != state.get(name) for state in allowed):
            raise Fault(f"{name} is neither as it was nor as it will be")
    gone = [name for name in allowed[0] if name not in now and all(name in state for state in allowed)]
    if gone:
        raise Fault(f"{gone[0]} is gone ({len(gone)} files)")


def same(now: State, wanted: State) -> None:
    """Hold a state to be the one wanted."""
    if now != wanted:
        names = sorted(n for n in {*now, *wanted} if now.get(n) != wanted.get(n))
        raise Fault(f"not the same bytes: {', '.join(names[:4])} ({len(names)} files)")
