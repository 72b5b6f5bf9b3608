"""Blind recompute: the reviewer's own number for a claim comes first, the printed one only then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from ffstats import printed
from ffstats.errors import BlindError, ChoiceError, PrintedError
from ffstats.estimate import Estimate
from ffstats.judging import agreement, entries, reasons
from ffstats.judging.entries import TEXTS, Claim, Ledger
from ffstats.judging.verdicts import judge

OUTCOMES = ("match", "range", "differs")
STOP = ("q", "quit", "stop")
OUTCOME = {
    "same": "match", "rounded": "match", "coarse": "match",
    "inside": "range", "implied": "range", "spans": "range", "differs": "differs",
}  # fmt: skip
HOW = {
    "same": "the same number",
    "rounded": "the printed number is a rounding of yours",
    "coarse": "the printed number is a coarse rounding of yours",
    "inside": "the printed number lies within your range",
    "implied": "the printed bound follows from yours",
    "spans": "your number lies within the printed range",
    "differs": "the printed number is not yours",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A reviewer's number for a claim set against the printed one.

    outcome: match, range or differs; how: in words; bound: what the text did to your bound, or empty.
    """

    claim: Claim
    given: Estimate
    outcome: str
    how: str
    bound: str
    verdict: str

    def as_dict(self) -> dict[str, Any]:
        """Return the answer for JSON."""
        return {
            "claim_id": self.claim.claim_id, "given": str(self.given), "printed": self.claim.printed,
            "outcome": self.outcome, "how": self.how, "bound": self.bound, "verdict": self.verdict,
        }  # fmt: skip

    def __str__(self) -> str:
        bound = f"; {self.bound}" if self.bound else ""
        return (
            f"{self.claim.claim_id} {self.outcome}: {self.how}{bound}\n"
            f"  yours {self.given}, printed {self.claim.printed}; the ledger says {self.verdict.replace('_', ' ')}"
        )


def recompute(claim_id: str, value: str, ledger: Ledger | None = None) -> Answer:
    """Set a reviewer's number against that of a claim.

    Parameters: claim_id; value, the number in any words that `ffstats parse` reads, in the claim's unit.
    Raises: ClaimError for an unknown claim; BlindError where a number cannot be compared; PrintedError where the value
    states no number.

    >>> recompute("c043", "425").outcome, recompute("c043", "750 to 850").outcome, recompute("c043", "800").outcome
    ('differs', 'range', 'match')
    """
    ledger = ledger or entries.load()
    claim = ledger.claim(claim_id)
    if not claim.numeric:
        raise BlindError(
            f"{claim_id}: the text gives words without a number there; there is nothing to recompute."
        )
    given = printed.parse(value, None, claim.estimate.unit)
    if given.bound == "vague":
        raise BlindError(f"{value!r} is too vague to compare. Give a number, a range or a bound.")
    found = agreement.values(claim.estimate, given)
    changed = reasons.BOUNDS.get(found.bound, "").replace("the source's", "yours").replace("its ", "your ", 1)
    # An upper bound in place of a lower one is another statement, whatever the digits.
    outcome = "differs" if found.bound == "reversed" else OUTCOME[found.value]
    return Answer(claim, given, outcome, HOW[found.value], changed, judge(ledger, claim).headline)


def question(claim: Claim) -> str:
    """Say what a claim counts and where it stands, without its number."""
    d = claim.definition
    facets = [
        reasons.title(f, getattr(d, f)) for f in agreement.PEOPLE if getattr(d, f) not in ("", "not_stated")
    ]
    dated = " to ".join(filter(None, (claim.as_of, claim.as_of_end)))
    cites = f"\n  cites {claim.cited_source}" if claim.cited_source else ""
    unit = claim.estimate.unit.replace("_", " ")
    # A paraphrase that states any number could give the answer away.
    about = "" if printed.mentions(claim.paraphrase, "en") else f"\n  {claim.paraphrase}"
    counts = f"\n  counts {', '.join(facets)}; {unit}{'; ' + dated if dated else ''}"
    return f"{claim.claim_id}  {claim.where}{about}{counts}{cites}"


def session(
    arguments: Sequence[str], lines: TextIO, say: Callable[[str], None], text: str | None = None
) -> list[Answer]:
    """Take numbers for claims and say of each how it compares; return the answers.

    Parameters: arguments, a claim and its number in words ("c043", "at least", "850"), a claim to be asked for, "-"
    for lines of "claim number" in `lines`, or nothing to be asked for every claim in turn; lines, where answers are
    read from: an empty one passes, q stops; say, where questions and comparisons go; text, one of the three texts.
    Raises: as `recompute` does, for a claim and number given outright.
    """
    if text is not None and text not in TEXTS:
        raise ChoiceError(f"There is no text {text!r}. The texts are {', '.join(TEXTS)}.")
    ledger = entries.load()
    if len(arguments) > 1 or list(arguments) == ["-"]:
        pairs = _pairs(lines) if list(arguments) == ["-"] else [(arguments[0], " ".join(arguments[1:]))]
        answers = [recompute(claim_id, value, ledger) for claim_id, value in pairs]
        for answer in answers:
            say(str(answer))
    else:
        asked = [ledger.claim(arguments[0])] if arguments else _askable(ledger, text)
        answers = list(_ask(asked, lines, say, ledger))
    if len(answers) > 1:
        counts = Counter(answer.outcome for answer in answers)
        say(f"{len(answers)} numbers: " + ", ".join(f"{counts[o]} {o}" for o in OUTCOMES))
    return answers


def _askable(ledger: Ledger, text: str | None) -> list[Claim]:
    return [c for c in ledger.claims.values() if c.numeric and text in (None, c.text)]


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        claim_id, _, value = line.strip().partition(" ")
        if claim_id and not value.strip():
            raise BlindError(
                f"line {number}: {line.strip()!r} holds no number. Write a claim and a number: c043 850"
            )
        if claim_id:
            yield claim_id, value.strip()


def _ask(
    claims: Sequence[Claim], lines: TextIO, say: Callable[[str], None], ledger: Ledger
) -> Iterator[Answer]:
    """Ask for each number; one that cannot be read is asked for again."""
    for claim in claims:
        if not claim.numeric:
            raise BlindError(
                f"{claim.claim_id}: the text gives words without a number there; nothing to recompute."
            )
        say(f"{question(claim)}\n  your number (empty: pass, q: stop):")
        while True:
            line = lines.readline()
            value = line.strip()
            if not line or value.lower() in STOP:
                return
            if not value:
                break
            try:
                answer = recompute(claim.claim_id, value, ledger)
            except (PrintedError, BlindError) as error:
                say(f"  {error}")
                continue
            say(str(answer))
            yield answer
            break
