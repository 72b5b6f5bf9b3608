"""Time of cleaning: printed texts drawn from the real ones, read and collated, at 10⁴, 10⁵ and 10⁶ rows.

Run: python bench/bench_clean.py [--rows 10000 100000 1000000] [--json]
Each size runs in a process of its own, so that its peak memory is its own. Two shapes: the witnesses crowd
into the cells of the real data ("crowded"), or every two witnesses have a cell of their own ("spread").
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

SIZES = (10_000, 100_000, 1_000_000)


def one(rows: int, shape: str) -> dict[str, float | int | str]:
    """Clean so many rows once, in this process; return seconds and peak memory."""
    import numpy as np

    from ffstats import building, collate, sources

    real = building._frame(sources.rows("readings.csv", "reading_id"))
    real = real[(real["seen_kind"] != "missing") & (real["unreadable"] == "")].assign(wants="persons")
    real["cell_id"] = building._cell_ids(real.assign(iso3=real["origin"]))
    kept = ["reads", "language", "wants", "file", "line", "cell_id", "seen_kind"]
    draw = np.random.default_rng(20171024).integers(0, len(real), rows)
    frame = real[kept].iloc[draw].reset_index(drop=True)
    frame["reading_id"] = [f"r{i:07}" for i in range(rows)]
    frame["copy_of"] = ""
    if shape == "spread":
        frame["cell_id"] = [f"cell {i // 2}" for i in range(rows)]
    started = time.perf_counter()
    values, problems = building.read_values(frame)
    assert not problems, problems
    frame[list(building.VALUES)] = values
    cells, _ = collate.collate(frame)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": rows, "shape": shape, "cells": len(cells), "seconds": round(seconds, 3),
            "microseconds_a_row": round(seconds / rows * 1e6, 2), "peak_mib": round(peak)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, nargs="*", default=SIZES)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", nargs=2, metavar=("ROWS", "SHAPE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(int(given.one[0]), given.one[1])))
        return
    found = []
    if not given.json:
        print(f"{'rows':>9}  {'shape':<8} {'cells':>8} {'seconds':>8} {'µs a row':>9} {'peak MiB':>9}")
    for shape in ("crowded", "spread"):
        for rows in given.rows:
            done = subprocess.run(
                [sys.executable, __file__, "--one", str(rows), shape],
                check=True,
                capture_output=True,
                text=True,
            )
            row = json.loads(done.stdout)
            found.append(row)
            if not given.json:
                print(
                    f"{row['rows']:>9,}  {shape:<8} {row['cells']:>8,} {row['seconds']:>8.2f} "
                    f"{row['microseconds_a_row']:>9.2f} {row['peak_mib']:>9,}",
                    flush=True,
                )
    if given.json:
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
