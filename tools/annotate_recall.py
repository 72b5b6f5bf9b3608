"""Say how much of three texts the annotator finds: python tools/annotate_recall.py article=FILE news=FILE wapo=FILE.

The texts are not part of the project. For each it prints the claims with a number that were not linked to their own
id, the quantities that nothing explains, and, with --all, every number and what became of it, to be checked by hand.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from ffstats.annotate import COUNTING, Annotated, annotate
from ffstats.annotate.readers import read
from ffstats.judging import entries


def main(arguments: list[str]) -> int:
    """Print what is found in each text; exit status 1 if the promises are not kept."""
    shown = "--all" in arguments
    named = dict(a.split("=", 1) for a in arguments if "=" in a)
    if not named:
        print(__doc__)
        return 2
    claims = entries.load().claims.values()
    numeric = linked = counted = unexplained = 0
    for text, file in named.items():
        start = time.perf_counter()
        document = read(file)
        found = annotate(document.text, document.notes)
        took = time.perf_counter() - start
        ids = {i for a in found.annotations for i in a.link.claim_ids}
        own = [c for c in claims if c.text == text and c.numeric]
        missed = [c for c in own if c.claim_id not in ids]
        quantities = [a for a in found.annotations if a.mention.kind in COUNTING]
        loose = [a for a in quantities if not a.link.status.startswith("covered")]
        numeric, linked = numeric + len(own), linked + len(own) - len(missed)
        counted, unexplained = counted + len(quantities), unexplained + len(loose)
        print(f"\n== {text}: {len(document.text):,} characters, {took:.2f} s; {found.coverage()}")
        print(f"   kinds: {dict(sorted(Counter(a.mention.kind for a in found.annotations).items()))}")
        for c in missed:
            print(f"   not linked: {c.claim_id} {c.printed} ({c.where})")
        for a in loose:
            print(f"   unexplained: {_line(found, a)}")
        if shown:
            for a in found.annotations:
                print(f"   {a.mention.kind:<10} {_line(found, a)}")
    print(f"\nclaims with a number linked to their id: {linked} of {numeric}")
    print(f"quantities that nothing explains: {unexplained} of {counted}")
    return int(linked < 0.98 * numeric or unexplained > 0.03 * counted)


def _line(found: Annotated, a: object) -> str:
    m, link = a.mention, a.link  # type: ignore[attr-defined]
    around = found.text[max(0, m.start - 30) : m.end + 30].replace("\n", " ")
    return f"{m.text!r} {m.estimate or ''} [{link.status}] {' '.join(link.claim_ids)} | …{around}… | {link.reason}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
