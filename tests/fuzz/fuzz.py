"""Fuzz the readers of foreign text: `make fuzz`, or `fuzz.py --executions 10000000 --only printed,raw`.

Each target runs in a child with bounded memory; an input that breaks it or takes too long is kept in tests/data/fuzz
(then it is a test), and how many were run is added to bench/results/fuzz.json, from which docs/faults.md is written.
With --guided, atheris chooses the inputs by the branches they reach.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import random
import resource
import signal
import subprocess
import sys
import time
import traceback
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import mutate
import targets

COUNTS = targets.ROOT / "bench" / "results" / "fuzz.json"
MEMORY = 3_000_000_000
"""Bytes that a child may ask for; more is a fault."""
GROWTH = 200.0
"""Megabytes by which a target may grow after its first tenth: what it keeps must have a limit."""


class Slow(BaseException):
    """An input takes more processor time than one may."""


def late(number: int, frame: Any) -> None:
    raise Slow


def megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def keep(name: str, kind: str, data: bytes) -> str:
    """Keep an input as a file and return its name."""
    place = targets.KEPT / name
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{kind}-{hashlib.sha256(data).hexdigest()[:8]}"
    path.write_bytes(data)
    return path.name


class Watch:
    """Feeds one target, counts, and keeps each kind of fault once."""

    def __init__(self, name: str, seed: int) -> None:
        self.name, self.target, self.seed = name, targets.TARGETS[name], seed
        self.executions, self.refused, self.slowest = 0, 0, 0.0
        self.faults: dict[str, str] = {}
        self.warm = self.most = 0.0
        signal.signal(signal.SIGVTALRM, late)

    def feed(self, data: bytes) -> None:
        self.executions += 1
        began = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, self.target.seconds)
        try:
            self.refused += bool(targets.feed(self.name, data))
        except Slow:
            self.fault("slow", "slow", data)
        except Exception as error:
            last = [f for f in traceback.extract_tb(error.__traceback__) if "ffstats" in f.filename or "targets" in f.filename][-1]
            self.fault(f"{type(error).__name__} in {Path(last.filename).name}, {last.name}, line {last.lineno}", "crash", data)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        self.slowest = max(self.slowest, time.process_time() - began)
        if self.executions % 1024 == 0:
            self.most = max(self.most, megabytes())

    def fault(self, where: str, kind: str, data: bytes) -> None:
        if where not in self.faults:
            self.faults[where] = keep(self.name, kind, data)
            print(f"{self.name}: {where}: {self.faults[where]}: {data[:120]!r}", file=sys.stderr, flush=True)

    def loop(self, executions: int, seconds: float) -> None:
        """Feed changed inputs until either limit is reached."""
        chance = random.Random(self.seed)
        seeds = self.target.seeds() + [data for _, data in targets.kept(self.name)]
        tokens = mutate.corpus_tokens(seeds)
        with suppress(Exception):  # the first input pays for loading the tables; it comes again below
            targets.feed(self.name, seeds[0])
        ends = time.monotonic() + seconds
        for data in seeds:
            self.feed(data)
        pool = list(seeds)
        tenth = max(2000, executions // 10)
        while self.executions < executions and (self.executions % 64 or time.monotonic() < ends):
            data = mutate.mutated(chance.choice(pool), seeds, tokens, chance)
            self.feed(data)
            if self.executions == tenth:
                self.warm = megabytes()
            if chance.random() < 0.02:  # changes upon changes lead further than a few ever do
                pool[len(seeds) :] = [*pool[len(seeds) :], data][-500:]

    def guided(self, executions: int, seconds: float) -> None:
        """Let atheris choose the inputs; it ends the process itself, so the counts are written as it goes."""
        import atheris

        with atheris.instrument_imports(include=["ffstats"]):
            self.target.seeds()
            targets.feed(self.name, b"\0")
        corpus = targets.folder() / "corpus"
        corpus.mkdir(exist_ok=True)
        for n, data in enumerate(self.target.seeds() + [data for _, data in targets.kept(self.name)]):
            (corpus / f"seed{n}").write_bytes(data)

        def feed(data: bytes) -> None:
            self.feed(data)
            if self.executions % 200 == 0:
                print(json.dumps(self.counts()), flush=True)

        options = [f"-atheris_runs={executions}", f"-max_total_time={int(seconds)}", f"-max_len={mutate.TOO_LONG}", "-rss_limit_mb=3000", "-verbosity=0", "-print_final_stats=0", f"-seed={self.seed}"]
        atheris.Setup([sys.argv[0], *options, str(corpus)], feed)
        atheris.Fuzz()

    def counts(self) -> dict[str, Any]:
        growth = round(max(0.0, self.most - self.warm), 1) if self.warm else 0.0
        if growth > GROWTH:
            self.faults[f"grew by {growth} MB"] = ""
        return {
            "executions": self.executions, "refused": self.refused, "faults": self.faults,
            "slowest_ms": round(self.slowest * 1000), "growth_mb": growth,
        }  # fmt: skip


def child(options: argparse.Namespace) -> None:
    warnings.simplefilter("ignore")  # what libraries say of broken files is not what is looked for
    logging.disable()
    if not options.guided:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    watch = Watch(options.child, options.seed)
    (watch.guided if options.guided else watch.loop)(options.executions, options.seconds)
    print(json.dumps(watch.counts()))


def run(name: str, executions: int, seconds: float, options: argparse.Namespace) -> dict[str, Any]:
    """Run one target in a child and return its counts."""
    command = [sys.executable, __file__, "--child", name, "--executions", str(executions), "--seconds", str(seconds), "--seed", str(options.seed)]
    command += ["--guided"] if options.guided else []
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"FFSTATS_ROOT": str(targets.ROOT)})
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"executions"')]
    if not lines and done.returncode == -signal.SIGTERM:
        sys.exit(f"{name}: stopped from outside; what it had run is not counted")
    if not lines:
        return {"executions": 0, "refused": 0, "faults": {f"the child ended with status {done.returncode}": ""}, "slowest_ms": 0, "growth_mb": 0.0}
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def add(name: str, way: str, found: dict[str, Any]) -> None:
    """Add the counts of one run to those kept."""
    kept = json.loads(COUNTS.read_text(encoding="utf-8")) if COUNTS.is_file() else {}
    was = kept.setdefault(way, {}).setdefault(name, {"executions": 0, "refused": 0, "faults": 0, "slowest_ms": 0, "growth_mb": 0.0})
    was["executions"] += found["executions"]
    was["refused"] += found["refused"]
    was["faults"] += len(found["faults"])
    was["slowest_ms"] = max(was["slowest_ms"], found["slowest_ms"])
    was["growth_mb"] = max(was["growth_mb"], found["growth_mb"])
    COUNTS.parent.mkdir(parents=True, exist_ok=True)
    COUNTS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--executions", type=int, default=10**9, help="in all, shared out as targets.py says")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each target at most")
    parser.add_argument("--only", default=",".join(targets.TARGETS), help="targets, with commas between")
    parser.add_argument("--seed", type=lambda text: int(text, 0), default=int.from_bytes(os.urandom(4)), help="of the random changes; by default another each time")
    parser.add_argument("--guided", action="store_true", help="let atheris choose the inputs (Linux)")
    parser.add_argument("--count", action="store_true", help="add the counts to bench/results/fuzz.json and docs/faults.md")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options)
        return
    names = options.only.split(",")
    whole = sum(targets.TARGETS[name].part for name in names)
    broken = 0
    print(f"seed {options.seed}")
    for name in names:
        share = max(1, round(options.executions * targets.TARGETS[name].part / whole))
        found = run(name, share, options.seconds, options)
        broken += len(found["faults"])
        print(f"{name:<11} {found['executions']:>9,} executions, {found['refused']:,} refused, slowest {found['slowest_ms']} ms, "
              f"grew {found['growth_mb']} MB, {len(found['faults'])} faults {list(found['faults']) or ''}", flush=True)  # fmt: skip
        if options.count:
            add(name, "guided by atheris" if options.guided else "random changes", found)
    if options.count:
        sys.path.append(str(targets.ROOT / "tests" / "faults"))
        import report

        report.write()
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
