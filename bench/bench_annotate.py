"""How long the annotator takes: seconds for a million characters, growth, and memory.

Two kinds of text are made, from the paragraphs of tests/data/annotate with other numbers each time: plain press prose
(a number in every third sentence), and the paragraphs alone, in which every sentence has several numbers.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import time
from pathlib import Path

from ffstats.annotate import annotate

PARAGRAPHS = Path(__file__).parents[1] / "tests" / "data" / "annotate" / "paragraphs.jsonl"
PROSE = (
    "The ministry said little about those who went, and less about those who came back from the war. "
    "Families wait for news; lawyers wait for files; the camps of the north-east wait for a decision. "
    "Nobody in the capital expects that the courts will settle soon who is to be brought home and by whom. "
)


def text(length: int, dense: bool, seed: int = 7) -> str:
    """Return a text of about so many characters; no paragraph comes twice with the same numbers."""
    rows = [json.loads(line)["text"] for line in PARAGRAPHS.read_text(encoding="utf-8").splitlines()]
    draw = random.Random(seed)
    parts: list[str] = []
    size = 0
    while size < length:
        row = draw.choice(rows)
        part = "".join(str(draw.randint(1, 9)) if c.isdigit() and c != "0" else c for c in row)
        part = part if dense else PROSE * 2 + part
        parts.append(part)
        size += len(part) + 2
    return "\n\n".join(parts)[:length]


def main() -> None:
    """Print one line a size and kind of text."""
    annotate("Turkey saw 900 return from the Islamic State in Syria.")
    print(f"{'text':<8} {'characters':>10} {'numbers':>8} {'seconds':>8} {'a million':>10}")
    for dense in (False, True):
        for length in (125_000, 250_000, 500_000, 1_000_000):
            times, numbers = [], 0
            for seed in range(
                3
            ):  # another text each time: what was worked out for one would be kept for the next
                sample = text(length, dense, length + seed)
                start = time.process_time()
                numbers = len(annotate(sample).annotations)
                times.append(time.process_time() - start)
            took = statistics.median(times)
            rate = took * 1e6 / length
            print(
                f"{'dense' if dense else 'prose':<8} {length:>10,} {numbers:>8,} {took:>8.2f} {rate:>10.2f}"
            )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
