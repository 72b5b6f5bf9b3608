"""Change the core's code in small ways, one at a time, and see whether the tests notice: docs/trust/mutation.md.

Called by `make mutants`. mutmut makes the mutants and runs the tests of each part (PARTS) against them, in a
copy below build/, where functions under a decorator that mutmut leaves alone (a cache, a property) have their
body in a function of its own. A mutant is made in a process that has imported the tests and run none, and only
the tests that call its function are run, the quickest first, until one fails. It is killed when a test fails, or
when the tests take four times as long as they should; whatever else happens to it, it has survived. Tests that
measure time are left out: a busy machine would fail them, whatever the mutant.

Where a part has more mutants than --sample, those with the smallest hashes of --seed and their names are run: the
same ones for the same seed. Each survivor stands in tests/data/mutants_survived.csv with the reason why no test
can or should tell it from the code; one that does not is a gap in the tests.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "mutants"
PAGE = ROOT / "docs" / "trust" / "mutation.md"
REASONS = ROOT / "tests" / "data" / "mutants_survived.csv"
GOAL = 85  # percent
BATCH = 75  # mutants, in the order of the sample: what is run is a fair sample whenever it ends
WRAPPERS = {"cache", "lru_cache", "property", "cached_property", "contextmanager", "total_ordering"}
FEW = 2
SPINNER = set("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")  # a line of it says nothing
FAILED = {1, 3}  # exit statuses: a test failed, or pytest itself did
OUT_OF_TIME = {24, 36, 152, -24}
BROKEN = {2, 4}  # no test was run
TIMED = (
    "test_printed.py::test_ten_thousand_characters_of_anything_take_less_than_50_ms",
    "test_reconcile.py::test_two_thousand_quantities_and_five_thousand_relations_are_balanced_in_time",
)
# A test is found again by its id, which pytest escapes otherwise the second time.
SAME_IDS = ("-o", "disable_test_id_escaping_and_forfeit_all_rights_to_community_support=true")
# What the copy's conftest.py ends in: the quickest test first, hypothesis content with any failing example, and
# nothing remembered from before the mutant was made.
QUICKLY = """

import sys

from hypothesis import Phase

settings.register_profile("mutants", derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate])
settings.load_profile("mutants")


def pytest_collection_modifyitems(items):
    import json

    if Path("mutmut-stats.json").is_file():
        took = json.loads(Path("mutmut-stats.json").read_text(encoding="utf-8"))["duration_by_test"]
        items.sort(key=lambda item: took.get(item.nodeid, 0.0))
    for name in [name for name in sys.modules if name.startswith(MUTATED)]:
        for value in vars(sys.modules[name]).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
"""


class Part(NamedTuple):
    """A part of the core: the code that is changed and the tests that should notice."""

    code: tuple[str, ...]
    tests: tuple[str, ...]


PARTS = {
    "estimate": Part(("estimate", "significant"), ("estimate",)),
    "printed": Part(("printed", "grammar/*"), ("printed",)),
    "collate": Part(("collate",), ("collate",)),
    "ledger": Part(("ledger", "judging/*"), ("ledger",)),
    "reconcile": Part(("reconcile", "balance/*"), ("reconcile", "relations")),
}


class Survivor(NamedTuple):
    """A mutant that the tests did not notice: the function, the line as it is and as it was changed."""

    function: str
    was: str
    becomes: str


def unwrapped(text: str) -> str:
    """Return a module whose decorated functions only call one without decorator, which holds the body."""
    lines = text.splitlines(keepends=True)
    tree = ast.parse(text)
    methods = {id(f) for c in ast.walk(tree) if isinstance(c, ast.ClassDef) for f in c.body}
    found = [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and f.decorator_list]
    for node in sorted(found, key=lambda f: -f.lineno):
        names = {ast.unparse(d).split("(")[0].rpartition(".")[2] for d in node.decorator_list}
        if not names <= WRAPPERS:
            continue
        body = f"{node.name}_undecorated"
        given = node.args
        own = [a.arg for a in (*given.posonlyargs, *given.args)]
        passed = [*own, *([f"*{given.vararg.arg}"] if given.vararg else [])]
        passed += [f"{a.arg}={a.arg}" for a in given.kwonlyargs]
        passed += [f"**{given.kwarg.arg}"] if given.kwarg else []
        if id(node) in methods:
            body_call = f"{own[0]}.{body}({', '.join(passed[1:])})"
        else:
            body_call = f"{body}({', '.join(passed)})"
        first, inner = node.lineno - 1, node.body[0].lineno - 1
        top = min(d.lineno for d in node.decorator_list) - 1
        indent = " " * (node.col_offset + 4)
        stub = [*lines[top:inner], f"{indent}return {body_call}\n\n"]
        plain = [*lines[first : node.end_lineno], "\n"]
        plain[0] = plain[0].replace(f"def {node.name}(", f"def {body}(", 1)
        lines[top : node.end_lineno] = [*plain, *stub]
    return "".join(lines)


def prepare(name: str, part: Part) -> Path:
    """Lay what is committed into build/, unwrap the part's modules and configure mutmut there."""
    copy = BUILD / name
    stamp = copy / "stamp"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == state(part):
        return copy
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    with subprocess.Popen(["git", "archive", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE) as committed:
        subprocess.run(["tar", "--extract"], cwd=copy, stdin=committed.stdout, check=True)
    code = [f"src/ffstats/{module}.py" for module in part.code]
    for pattern in code:
        for path in copy.glob(pattern):
            path.write_text(unwrapped(path.read_text(encoding="utf-8")), encoding="utf-8")
    with (copy / "tests" / "conftest.py").open("a", encoding="utf-8") as file:
        mutated = tuple(f"ffstats.{module.removesuffix('/*')}" for module in part.code)
        file.write(f"{QUICKLY}\n\nMUTATED = {mutated!r}\n")
    settings = {
        "source_paths": ["src/"],
        "only_mutate": code,
        "pytest_add_cli_args": [
            "-p",
            "no:cacheprovider",
            *SAME_IDS,
            *(f"--deselect=tests/{t}" for t in TIMED),
        ],
        "pytest_add_cli_args_test_selection": [f"tests/test_{test}.py" for test in part.tests],
        "also_copy": ["data", "notebooks", "results", "requirements", "README.md", "docs", "tools"],
        # A worker that has imported the tests and run none.
        "process_isolation": "forkserver",
        "timeout_multiplier": 4,
        "timeout_constant": 20,
    }
    rows = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", "[tool.mutmut]", *rows, ""]))
    stamp.write_text(state(part), encoding="utf-8")
    return copy


def state(part: Part) -> str:
    """Return a digest of a part's code and tests: while they stay as they are, mutants that were run count."""
    code = [f"src/ffstats/{module.removesuffix('/*')}" for module in part.code]
    files = [*(f"{name}.py" for name in code), *code, *(f"tests/test_{test}.py" for test in part.tests)]
    files += [f"tests/data/{path.name}" for test in part.tests for path in ROOT.glob(f"tests/data/{test}_*")]
    listed = subprocess.check_output(["git", "ls-tree", "-r", "HEAD", "--", *files], cwd=ROOT)
    return hashlib.sha256(listed).hexdigest()


def mutmut(copy: Path, *arguments: str) -> str:
    """Run mutmut in a copy."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    settings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=copy, env=settings, capture_output=True, text=True)
    said = "".join(line for line in done.stdout.splitlines(keepends=True) if line[:1] not in SPINNER)
    (copy / "mutmut.log").write_text(said[-20000:] + done.stderr[-20000:], encoding="utf-8")
    return done.stdout


def widen(copy: Path) -> None:
    """Let a function that few tests were seen to call be tried by all: what it returned may be remembered."""
    path = copy / "mutants" / "mutmut-stats.json"
    seen = json.loads(path.read_text(encoding="utf-8"))
    for tests in seen["tests_by_mangled_function_name"].values():
        if 0 < len(tests) <= FEW:
            tests[:] = sorted(seen["duration_by_test"])
    path.write_text(json.dumps(seen, indent=1), encoding="utf-8")


def outcomes(copy: Path) -> dict[str, int | None]:
    """Return the exit status of the tests for every mutant, None where it was not run."""
    found: dict[str, int | None] = {}
    for path in sorted((copy / "mutants" / "src").rglob("*.meta")):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def sample(names: list[str], size: int, seed: str) -> list[str]:
    """Return so many of the names, chosen by their hashes."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{seed}{name}".encode()).hexdigest())[:size]


def survivor(copy: Path, name: str) -> Survivor:
    """Return what a mutant changes."""
    lines = mutmut(copy, "show", name).splitlines()
    was = [line[1:].strip() for line in lines if line.startswith("-") and not line.startswith("---")]
    becomes = [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]
    function = re.sub(r"(_undecorated)?__mutmut_\d+$", "", name).removeprefix("ffstats.")
    function = re.sub(r"\.x_(?=[^.]+$)", ".", re.sub(r"\.xǁ(\w+)ǁ(?=[^.]+$)", r".\1.", function))
    return Survivor(function, " ".join(was), " ".join(becomes))


def reasons() -> dict[Survivor, str]:
    """Return the survivors that are explained, each with its reason."""
    with REASONS.open(encoding="utf-8", newline="") as file:
        return {Survivor(r["function"], r["was"], r["becomes"]): r["reason"] for r in csv.DictReader(file)}


def page(known: dict[Survivor, str]) -> str:
    """Return docs/trust/mutation.md from what the last runs of all parts left in build/."""
    rows, left = [], []
    for path in (path for name in PARTS for path in sorted(BUILD.glob(f"{name}*.json"), reverse=True)):
        counts = json.loads(path.read_text(encoding="utf-8"))
        share = 100 * counts["killed"] / counts["run"]
        survivors = [Survivor(*row) for row in counts["survivors"]]
        explained = sum(one in known for one in survivors)
        rows.append(
            f"| {path.stem} | {counts['mutants']:,} | {counts['run']:,} | {counts['seed']} | {counts['killed']:,} "
            f"| {counts['out_of_time']} | {share:.1f} % | {len(survivors)} | {explained} |"
        )
        for one in sorted(set(survivors) & set(known)):
            left += [
                f"- `{one.function}`: {known[one]}",
                "",
                "  ```diff",
                f"  -{one.was}",
                f"  +{one.becomes}",
                "  ```",
            ]
    return "\n".join(
        [
            "# Do the tests notice a mistake?",
            "",
            "`make mutants` makes small mistakes in the code, one at a time, and runs the tests of that part: a mutant is",
            "killed when a test fails. Written by tools/mutants.py, which says how mutants are made and chosen.",
            "",
            "A sample is run again after its survivors were looked at and tests were added, so that its share says what is",
            "held by now. What a sample shows that nobody had looked at is in a row of its own, called *unseen*.",
            "",
            "| part | mutants | run | seed | killed | of these by time | share | survived | of these explained |",
            "|---|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            "## Survivors that no test should kill",
            "",
            *left,
            "",
        ]
    )


def run(name: str, size: int, seed: str, minutes: float, processes: int) -> dict[str, object]:
    """Make a part's mutants, run a sample of them, and return the counts and the survivors."""
    until = time.monotonic() + 60 * minutes
    copy = prepare(name, PARTS[name])
    if not outcomes(copy):
        mutmut(copy, "run", "--max-children", "1", "none*")
        widen(copy)
    every = sorted(outcomes(copy))
    if not every:
        sys.exit(f"mutants: mutmut made none of {name}; {copy / 'mutmut.log'} says why.")
    chosen, ran = sample(every, size, seed), list[str]()
    while len(ran) < len(chosen) and (not ran or time.monotonic() < until):
        batch = chosen[len(ran) : len(ran) + BATCH]
        mutmut(copy, "run", "--max-children", str(processes), *batch)
        codes = outcomes(copy)
        if any(codes[one] is None or codes[one] in BROKEN for one in batch):
            sys.exit(f"mutants: mutmut left out some of {name}; {copy / 'mutmut.log'} says why.")
        ran += batch
        print(f"mutants: {name}, {len(ran)} of {len(chosen)} run", file=sys.stderr, flush=True)
    survived = [one for one in ran if codes[one] not in FAILED | OUT_OF_TIME]
    return {
        "state": state(PARTS[name]),
        "seed": seed,
        "mutants": len(every),
        "run": len(ran),
        "killed": len(ran) - len(survived),
        "out_of_time": sum(codes[one] in OUT_OF_TIME for one in ran),
        "survivors": sorted(survivor(copy, one) for one in survived),
    }


def main() -> None:
    """Run the parts named, or all; write the page; fail where a part stays below the goal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="by default all")
    parser.add_argument("--sample", type=int, default=150, help="mutants of each part that are run at most")
    parser.add_argument("--seed", default="1", help="which they are: any word")
    parser.add_argument(
        "--minutes", type=float, default=30, help="after which a part begins no further batch"
    )
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    low = []
    for name in options.parts or PARTS:
        found = run(name, options.sample, options.seed, options.minutes, options.processes)
        (BUILD / f"{name}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
        share = 100 * int(str(found["killed"])) / max(1, int(str(found["run"])))
        print(
            f"{name}: {found['killed']} of {found['run']} killed ({share:.1f} %), {found['mutants']} in all"
        )
        low += [name] if share < GOAL else []
    if all((BUILD / f"{name}.json").is_file() for name in PARTS):
        PAGE.write_text(page(reasons() if REASONS.is_file() else {}), encoding="utf-8", newline="\n")
    if low:
        sys.exit(f"Below {GOAL} %: {', '.join(low)}")


if __name__ == "__main__":
    main()
