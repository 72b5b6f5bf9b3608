"""How long the annotator takes: seconds for a million characters, growth, and memory.

Three kinds of text are made: plain press prose (a number in every third sentence) and the paragraphs of
tests/data/annotate alone (several numbers in every sentence), both with other numbers each time; and sentences drawn
word by word from the vocabulary (numbers, who, status, places, dates), of which none comes twice, so that nothing
worked out for one can serve the next.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from ffstats import places
from ffstats.annotate import annotate
from ffstats.annotate.words import phrases, rows

PARAGRAPHS = Path(__file__).parents[1] / "tests" / "data" / "annotate" / "paragraphs.jsonl"
MONTHS = ("January", "March", "June", "September", "December")
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


def drawn(length: int, seed: int = 7) -> str:
    """Return a text of about so many characters, of sentences drawn from the vocabulary, several numbers in each."""
    draw = random.Random(seed)
    said: dict[str, list[str]] = {}
    for row in rows("annotate_cues.csv"):
        if row["language"] == "en":
            said.setdefault(row["facet"], []).extend(p.rstrip("*") + "s" * p.endswith("*") for p in phrases(row["phrases"]))
    known = [places.name(code) for code in sorted(places.members("XWD"))]

    def clause() -> str:
        number = draw.choice((draw.randint(2, 999), draw.randint(2, 99) * 100, draw.randint(1000, 60000)))
        count = draw.choice(("", "about ", "at least ", "up to ", "nearly ", "more than ")) + f"{number:,}"
        count += draw.choice(("", "", "", f" to {number * 2:,}", " per cent"))
        who, status = draw.choice(said["who"]), draw.choice(said["status"])
        where = draw.choice(("from", "in", "to")) + " " + draw.choice([draw.choice(known), "Syria", "Iraq"])
        when = draw.choice(("", f" in {draw.randint(2012, 2021)}", f" by {draw.choice(MONTHS)} {draw.randint(2012, 2021)}"))
        return f"{count} {who} {where} {status}{when}"

    parts: list[str] = []
    size = 0
    while size < length:
        sentences = []
        for _ in range(draw.randint(2, 5)):
            joined = draw.choice((", ", " and ", ", of whom ", "; ", " while ")).join(clause() for _ in range(draw.randint(1, 4)))
            sentences.append(f"{draw.choice(said['topic']).capitalize()}: {joined}.")
        parts.append(" ".join(sentences))
        size += len(parts[-1]) + 2
    return "\n\n".join(parts)[:length]


KINDS: dict[str, Callable[[int, int], str]] = {
    "prose": lambda length, seed: text(length, dense=False, seed=seed),
    "dense": lambda length, seed: text(length, dense=True, seed=seed),
    "drawn": drawn,
}


def main() -> None:
    """Print one line a size and kind of text."""
    annotate("Turkey saw 900 return from the Islamic State in Syria.")
    print(f"{'text':<8} {'characters':>10} {'numbers':>8} {'seconds':>8} {'a million':>10}")
    for kind, make in KINDS.items():
        for length in (125_000, 250_000, 500_000, 1_000_000):
            times, numbers = [], 0
            for seed in range(
                3
            ):  # another text each time: what was worked out for one would be kept for the next
                sample = make(length, length + seed)
                start = time.process_time()
                numbers = len(annotate(sample).annotations)
                times.append(time.process_time() - start)
            took = statistics.median(times)
            rate = took * 1e6 / length
            print(
                f"{kind:<8} {length:>10,} {numbers:>8,} {took:>8.2f} {rate:>10.2f}"
            )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
