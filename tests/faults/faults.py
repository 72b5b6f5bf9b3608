"""Run the commands while something goes wrong: `make faults`, or `faults.py --kills 200 --only kill,disk`.

Every trial must end in the bytes of an undisturbed run, or in a message with nothing lost and the same bytes when the
command is given again. With --count the counts go to bench/results/faults.json, from which docs/faults.md is written.
"""

from __future__ import annotations

import argparse
import errno
import fcntl
import itertools
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import report
import trial
from trial import COMMANDS, FORCED, OTHERS, ROOT, Ended, Fault, Place

COUNTS = ROOT / "bench" / "results" / "faults.json"
LISTS = ("index.html", "runs.csv", "numbers.csv", "numbers.parquet", "sweep.json")
AT_ONCE, AGAIN, NOTICED = "same bytes", "clear error, then same bytes", "other bytes, named by ffstats diff"


@dataclass
class Bench:
    """The undisturbed copies that trials start from and are compared with, and what the trials came to."""

    base: Path
    chance: random.Random
    bare: Place = field(init=False)
    done: dict[str, Place] = field(default_factory=dict)
    other: dict[str, Place] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    count: bool = False
    disturbed: tuple[str, ...] = tuple(COMMANDS)
    lock: threading.Lock = field(default_factory=threading.Lock)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def prepare(self) -> None:
        """Make the copies: bare, after each command, and after another command that leaves other results."""
        sys.path.append(str(ROOT / "tests"))
        import project_copy

        made = project_copy.make(self.base / "bare", trial.NOTEBOOKS)
        shutil.move(made.root / "src", self.base / "src")
        self.bare = Place(made.root, self.base / "src")
        hand_in(made.root)
        for name, command in COMMANDS.items():
            for kind, first in ((self.done, command), (self.other, OTHERS[name])):
                place = self.bare.copy(self.base / f"{'done' if kind is self.done else 'other'}-{name}")
                ended = place.run(*first)
                if ended.code:
                    sys.exit(f"the undisturbed `ffstats {' '.join(first)}` failed:\n{ended.err}")
                kind[name] = place
                self.seconds[name] = ended.seconds

    def commands(self, scenario: str) -> list[str]:
        """Return the commands that a scenario is about: marks need neither the results nor the raw data."""
        return [name for name in self.disturbed if name != "grade" or scenario in ("kill", "disk", "clock", "locale", "path", "corrupt")]

    @contextmanager
    def place(self, like: Place, name: str = "") -> Iterator[Place]:
        """Give a copy of a place, and remove it."""
        root = self.base / f"trial{next(self.numbers)}"
        root.mkdir()
        try:
            yield like.copy(root / (name or "project"))
        finally:
            shutil.rmtree(root, ignore_errors=True)

    def starts(self, name: str) -> Place:
        """Return where to start from: mostly other results, all of which are replaced; sometimes nothing at all."""
        return self.bare if self.chance.random() < 0.15 else self.other[name]

    def note(self, scenario: str, outcome: str, detail: str = "") -> None:
        with self.lock:
            found = self.counts.setdefault(scenario, {})
            found[outcome] = found.get(outcome, 0) + 1
            if self.count:
                add(scenario, outcome)
            if outcome == "FAULT":
                self.faults.append(f"{scenario}: {detail}")
            print(f"{scenario:<34} {outcome}{f': {detail}' if detail else ''}", flush=True)

    def attempt(self, scenario: str, run: Callable[[], tuple[str, str]]) -> None:
        """Make a trial as soon as there is a worker for it."""

        def one() -> None:
            try:
                self.note(scenario, *run())
            except Fault as fault:
                self.note(scenario, "FAULT", str(fault))
            except Exception as error:  # of this harness: a trial that cannot be judged is no trial that passed
                self.note(scenario, "FAULT", f"{type(error).__name__}: {error}")

        self.pool.submit(one)

    def settle(self, place: Place, name: str, before: trial.State, ended: Ended, killed: bool = False) -> tuple[str, str]:
        """Judge how a disturbed command ended, then give it again undisturbed, and compare the bytes."""
        wanted = self.done[name].state()
        # A sweep of which a run failed lists it with the others: its lists are then a third state, and say so.
        lists = name == "sweep" and ended.code == 1 and "failed: " in ended.err
        seen = [{n: h for n, h in state.items() if not (lists and Path(n).name in LISTS)} for state in (place.state(), before, wanted)]
        trial.whole(*seen)
        if ended.code == 0:
            trial.same(self.ours(place, wanted), wanted)
            return AT_ONCE, ""
        if not killed and not ended.clear:
            raise Fault(f"exit status {ended.code} with: {ended.err.strip()[-300:]}")
        again = place.run(*COMMANDS[name])
        if again.code:
            raise Fault(f"given again it failed: {again.err.strip()[-300:]}")
        trial.same(self.ours(place, wanted), wanted)
        return AGAIN, "" if killed else ended.err.strip().splitlines()[-1][:120]

    @staticmethod
    def ours(place: Place, wanted: trial.State) -> trial.State:
        """Return the state without the results of an earlier, other command that this one leaves alone."""
        return {n: h for n, h in place.state().items() if n in wanted or not n.startswith("results/sweeps")}


def hand_in(root: Path) -> None:
    """Write a release with its keys, and what three students hand in."""
    import test_teach_grade as classroom

    classroom.released(root / "release")
    for student, cells in {"ann": classroom.HONEST, "ben": ["answer_1_1 = 5600"], "cem": ["x = 1"]}.items():
        classroom.hand_in(root / "submissions", student, cells)
    (root / "marks").mkdir()


def kill(bench: Bench, many: int) -> None:
    """Kill the parent or one of its children, without warning, at a random moment."""
    names = bench.commands("kill")
    for n in range(many):
        name, child = names[n % len(names)], n // len(names) % 2 == 1

        def run(name: str = name, child: bool = child) -> tuple[str, str]:
            with bench.place(bench.starts(name)) as place:
                before = place.state()
                running = place.start(COMMANDS[name])
                # Until something is killed: where the command has ended before, it is given anew, and killed earlier.
                while not (killed := running.kill_after(bench.chance.uniform(0, bench.seconds[name]), child, bench.chance.choice)):
                    bench.seconds[name] *= 0.9
                    shutil.rmtree(place.root / ".ffstats" / "runs", ignore_errors=True)
                    running.end()
                    running = place.start((*COMMANDS[name], *FORCED[name]))
                return bench.settle(place, name, before, running.end(), killed == "parent")

        bench.attempt(f"kill -9 of {'a child' if child else 'the parent'}: {name}", run)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """Make a folder a file system of its own of a size, where the system allows it."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        shutil.rmtree(folder, ignore_errors=True)


def disk(bench: Bench, many: int) -> None:
    """Leave little or no room on the disk; where no small file system can be mounted, let files grow only so far."""
    names = bench.commands("disk")
    for n in range(many):
        name = names[n % len(names)]
        room = bench.chance.choice((0, 4_000, 50_000, 300_000, 1_000_000, 3_000_000, 6_000_000))

        def run(name: str = name, room: int = room) -> tuple[str, str]:
            like = bench.starts(name)
            mount = bench.base / f"disk{next(bench.numbers)}"
            with small_disk(mount, 400) as mounted:
                if not mounted:
                    with bench.place(like) as outside:
                        before = outside.state()
                        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))  # noqa: E731
                        return bench.settle(outside, name, before, outside.start(COMMANDS[name], preexec_fn=limit).end())
                place = like.copy(mount / "project")
                (mount / "tmp").mkdir()
                place.variables["TMPDIR"] = str(mount / "tmp")
                before = place.state()
                ballast = fill(mount, room)
                ended = place.run(*COMMANDS[name])
                ballast.unlink()
                return bench.settle(place, name, before, ended)

        bench.attempt(f"full disk: {name}", run)


def fill(folder: Path, room: int) -> Path:
    """Fill a file system but for some bytes."""
    path = folder / "ballast"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 65536)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        file.truncate(max(0, file.tell() - room))
    return path


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody write below a folder: by a mount for root, whom modes do not stop, by modes for others."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = os.geteuid() == 0
    if mount:
        subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
    else:
        modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*")) if path.is_dir()}
        for path in modes:
            path.chmod(0o555)
    try:
        yield
    finally:
        if mount:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        else:
            for path, mode in modes.items():
                path.chmod(mode)


def readonly(bench: Bench, many: int) -> None:
    """Forbid writing to the results, the tables, the kept runs, or the whole project."""
    with small_disk(bench.base / "probe", 1) as mounts:
        if os.geteuid() == 0 and not mounts:
            print("read-only: root is not stopped by modes, and nothing can be mounted here; no trial was made")
            return
    for _, name in itertools.product(range(max(1, many // 4)), bench.commands("readonly")):
        for folder in ("results", "data/processed", ".ffstats", "."):

            def run(name: str = name, folder: str = folder) -> tuple[str, str]:
                with bench.place(bench.other[name]) as place:
                    before = place.state()
                    if folder == "data/processed":
                        (place.root / "data/raw/corrections.csv").open("a").write("")
                        shutil.rmtree(place.root / folder)
                        before = place.state()
                    with read_only(place.root / folder):
                        ended = place.run(*COMMANDS[name])
                    return bench.settle(place, name, before, ended)

            bench.attempt(f"read-only {'project' if folder == '.' else folder}: {name}", run)


LIBFAKETIME = [p for p in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]


def clock(bench: Bench, many: int) -> None:
    """Let the clock stand in another year, or jump while the command runs (libfaketime, from Debian's faketime)."""
    names = bench.commands("clock")
    if not LIBFAKETIME:
        print("clock: libfaketime is not there (on Debian: apt-get install faketime); no trial was made")
        return
    jumps = (("@1999-01-01 00:00:00", ""), ("@2038-02-01 00:00:00", ""), ("+0", "-1d"), ("+0", "+400d"), ("-1d", "+0"), ("+2h", "-2h"))
    for n in range(many):
        name, (first, then) = names[n % len(names)], jumps[n // len(names) % len(jumps)]

        def run(name: str = name, first: str = first, then: str = then) -> tuple[str, str]:
            with bench.place(bench.starts(name)) as place:
                before = place.state()
                told = place.root / ".clock"
                told.write_text(first)
                place.variables |= {
                    "LD_PRELOAD": str(LIBFAKETIME[0]), "FAKETIME_TIMESTAMP_FILE": str(told), "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
                }  # fmt: skip
                running = place.start(COMMANDS[name])
                if then:
                    time.sleep(bench.chance.uniform(0.2, 0.9) * bench.seconds[name])
                    told.write_text(then)
                ended = running.end()
                place.variables.clear()
                found = bench.settle(place, name, before, ended)
                idle = place.run(*COMMANDS[name])
                if "nothing to do" not in idle.out and "0 run now" not in idle.out:
                    raise Fault(f"with the right time it ran again: {idle.out.strip()[-200:]}")
                return found

        bench.attempt(f"clock that jumps: {name}", run)


def locale(bench: Bench, many: int) -> None:
    """Run in other locales: C without UTF-8 mode, and Turkish, whose i is not I's small letter."""
    compiled = bench.base / "locales"
    compiled.mkdir(exist_ok=True)
    for charset in ("UTF-8", "ISO-8859-9"):
        subprocess.run(["localedef", "-i", "tr_TR", "-f", charset, str(compiled / f"tr_TR.{charset}")], capture_output=True)
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    tongues = {"C": {"LC_ALL": "C"}, "C, ASCII alone": ascii_only}
    for path in sorted(compiled.iterdir()):
        tongues[path.name] = {"LC_ALL": path.name, "LOCPATH": str(compiled), "PYTHONUTF8": "0"}
    for _, name, (tongue, variables) in itertools.product(range(max(1, many // 4)), bench.commands("locale"), tongues.items()):

        def run(name: str = name, variables: dict[str, str] = variables) -> tuple[str, str]:
            with bench.place(bench.bare) as place:
                place.variables |= variables
                return bench.settle(place, name, place.state(), place.run(*COMMANDS[name]))

        bench.attempt(f"locale {tongue}: {name}", run)


FOLDERS = ("with spaces  (two)", "Данные и числа", "データ 数据", "çığ İstanbul ßẞ", "it's {not} a %s $HOME `id` #1;", "e\u0301 and é")


def path(bench: Bench, many: int) -> None:
    """Work in folders with spaces, quotes, braces, and letters that are not Latin."""
    names = bench.commands("path")
    for n in range(many):
        name, folder = names[n % len(names)], FOLDERS[n // len(names) % len(FOLDERS)]

        def run(name: str = name, folder: str = folder) -> tuple[str, str]:
            with bench.place(bench.bare, folder) as place:
                return bench.settle(place, name, place.state(), place.run(*COMMANDS[name]))

        bench.attempt(f"strange folder: {name}", run)


def together(bench: Bench, many: int) -> None:
    """Give twenty commands at a time in one tree; each must succeed, and the end be that of one."""
    for _ in range(max(1, many // 20)):

        def run() -> tuple[str, str]:
            with bench.place(bench.bare) as place:
                turns = [COMMANDS["reproduce"], ("clean",), ("reproduce", "--force"), ("list",), COMMANDS["reproduce"]]
                running = [place.start(turns[n % len(turns)]) for n in range(20)]
                ended = [each.end() for each in running]
                failed = [each for each in ended if each.code]
                if failed:
                    raise Fault(f"{len(failed)} of 20 failed: {failed[0].err.strip()[-300:]}")
                trial.same(place.state(), bench.done["reproduce"].state())
                return AT_ONCE, ""

        bench.attempt("20 commands in one tree", run)


def corrupt(bench: Bench, many: int) -> None:
    """Damage a file that the package keeps for itself: it may cost time, never bytes."""
    names = bench.commands("corrupt")
    damages: dict[str, Callable[[bytes], bytes]] = {
        "a bit turned": lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :] if data else b"x",
        "cut short": lambda data: data[: bench.chance.randrange(len(data) or 1)],
        "emptied": lambda data: b"",
        "zeros": lambda data: b"\0" * len(data),
        "other JSON": lambda data: bench.chance.choice((b"[]", b"null", b"{}", b'{"form": 2}', b'{"basis": "", "findings": []}', b'{"form": 2, "fields": 1, "files": 2}')),
    }
    for n in range(many):
        name, damage = names[n % len(names)], list(damages)[n // len(names) % len(damages)]

        def run(name: str = name, damage: str = damage) -> tuple[str, str]:
            with bench.place(bench.done[name]) as place:
                before = place.state()
                kept = [p for p in sorted((place.root / ".ffstats").rglob("*")) if p.is_file() and p.name != "lock"]
                if damage == "other JSON":
                    kept = [p for p in kept if p.suffix == ".json"]
                hit = bench.chance.choice(kept)
                hit.write_bytes(damages[damage](hit.read_bytes()))
                ended = place.run(*COMMANDS[name])
                if ended.code:
                    raise Fault(f"{hit.relative_to(place.root)} {damage}: {ended.err.strip()[-300:]}")
                return bench.settle(place, name, before, ended)

        bench.attempt(f"corrupted cache, {damage}: {name}", run)


def truncate(bench: Bench, many: int) -> None:
    """Cut a raw CSV file short. What was made of the whole file must stay, or what it changes be named."""
    names = bench.commands("truncate")
    for n in range(many):
        name = names[n % len(names)]

        def run(name: str = name) -> tuple[str, str]:
            with bench.place(bench.done[name]) as place:
                before = place.state()
                hit = bench.chance.choice(sorted((place.root / "data/raw").rglob("*.csv")))
                data = hit.read_bytes()
                hit.write_bytes(data[: bench.chance.randrange(len(data))])
                shown = str(hit.relative_to(place.root))
                ended = place.run(*COMMANDS[name])
                if ended.code == 0:
                    now = {n: h for n, h in place.state().items() if n != shown}
                    if now == {n: h for n, h in before.items() if n != shown}:
                        return AT_ONCE, f"{shown}: nothing rests on what was cut"
                    told = place.run("diff", str(bench.done[name].root / "results"))
                    tables = [n for n in now if now[n] != before.get(n) and n.startswith("data/processed")]
                    if told.code == 1 or tables:
                        return NOTICED, f"{shown}: {len(tables)} tables differ"
                    raise Fault(f"{shown}: other bytes, and nothing says so")
                if not ended.clear or hit.stem not in ended.err:
                    raise Fault(f"{shown}: {ended.err.strip()[-300:]}")
                cut = place.state()
                if {n: h for n, h in cut.items() if n != shown} != {n: h for n, h in before.items() if n != shown}:
                    raise Fault(f"{shown}: refused, and yet something was written")
                hit.write_bytes(data)
                return bench.settle(place, name, before, ended)

        bench.attempt(f"truncated CSV: {name}", run)


def install(bench: Bench, many: int) -> None:
    """Kill the installation at a random moment and install again: every file must then be as its wheel says."""
    last = 60.0
    for _ in range(max(1, many // 20)):

        def run() -> tuple[str, str]:
            nonlocal last
            root = bench.base / f"install{next(bench.numbers)}"
            for name in ("src", "tools", "requirements"):
                shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            for name in ("pyproject.toml", "README.md", "LICENSE"):
                shutil.copy(ROOT / name, root)
            command = [getattr(sys, "_base_executable", sys.executable), "tools/environment.py", "--at", ".venv", "lean"]
            try:
                began = time.monotonic()
                first = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
                try:
                    first.communicate(timeout=bench.chance.uniform(0.5, last))
                    last, killed = time.monotonic() - began, False
                except subprocess.TimeoutExpired:
                    os.killpg(first.pid, 9)
                    first.communicate()
                    killed = True
                done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=PATIENCE)
                if done.returncode:
                    raise Fault(done.stderr.strip()[-300:])
                code = "import ffstats.cli, tests_record; tests_record.check()"
                shutil.copy(Path(__file__).with_name("installed.py"), root / "tests_record.py")
                checked = subprocess.run([root / ".venv/bin/python", "-c", code], cwd=root, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(root)})
                if checked.returncode:
                    raise Fault(checked.stderr.strip()[-300:])
                return (AGAIN if killed else AT_ONCE), checked.stdout.strip()
            finally:
                shutil.rmtree(root, ignore_errors=True)

        bench.attempt("installation killed", run)


PATIENCE = trial.PATIENCE
SCENARIOS: dict[str, Callable[[Bench, int], None]] = {
    "kill": kill, "disk": disk, "readonly": readonly, "clock": clock, "locale": locale, "path": path,
    "together": together, "corrupt": corrupt, "truncate": truncate, "install": install,
}  # fmt: skip
FULL = {"kill": 200, "disk": 40, "readonly": 4, "clock": 24, "locale": 4, "path": 12, "together": 40, "corrupt": 60, "truncate": 60, "install": 100}
"""Trials of each kind in a whole run; twenty make one of `together` and of `install`."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default=",".join(SCENARIOS), help="scenarios, with commas between")
    parser.add_argument("--part", type=float, default=0.05, help="of all the trials that there are; 1 for every one")
    parser.add_argument("--commands", default=",".join(COMMANDS), help="what is disturbed, with commas between")
    parser.add_argument("--kills", type=int, help="how often to kill")
    parser.add_argument("--jobs", type=int, default=2, help="trials at a time")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4)), help="of what is random; by default another each time")
    parser.add_argument("--count", action="store_true", help="add the counts to bench/results/faults.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ffstats-faults-") as base:
        bench = Bench(Path(base), random.Random(options.seed))
        print(f"seed {options.seed}", flush=True)
        if options.only != "install":
            print("undisturbed runs first", flush=True)
            bench.prepare()
        bench.pool, bench.count = ThreadPoolExecutor(options.jobs), options.count
        bench.disturbed = tuple(options.commands.split(","))
        for name in options.only.split(","):
            many = max(1, round(FULL[name] * options.part))
            SCENARIOS[name](bench, options.kills if name == "kill" and options.kills else many)
        bench.pool.shutdown()
        if options.count:
            report.write()
    trials = sum(sum(found.values()) for found in bench.counts.values())
    print(f"{trials} trials, {len(bench.faults)} faults")
    for fault in bench.faults:
        print(f"  {fault}")
    sys.exit(1 if bench.faults else 0)


def add(scenario: str, outcome: str) -> None:
    """Add a trial to the counts that are kept."""
    COUNTS.parent.mkdir(parents=True, exist_ok=True)
    with COUNTS.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # several may count at a time
        file.seek(0)
        kept = json.loads(file.read() or "{}")
        was = kept.setdefault(scenario, {})
        was[outcome] = was.get(outcome, 0) + 1
        file.truncate(0)
        file.write(json.dumps(kept, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
