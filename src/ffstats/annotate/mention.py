"""A number in a text: where it stands, of what kind it is, and what it states."""

from __future__ import annotations

from dataclasses import dataclass

from ffstats.estimate import Estimate

KINDS = (
    "quantity", "date", "duration", "age", "reference", "footnote", "ordinal", "document", "identifier", "money",
    "vague", "other",
)  # fmt: skip
COUNTING = ("quantity", "duration", "age", "money")
"""The kinds that state a value which a ledger could hold."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A number in a text.

    start, end: indices of the text's characters, as Python counts them. kind: one of KINDS. estimate: what it
    states, None where it states nothing or cannot be read (then `error` says why). exemption: the class of
    numerals that it belongs to if it counts nothing. sentence: the start and end of the sentence it stands in.
    """

    start: int
    end: int
    text: str
    kind: str
    estimate: Estimate | None = None
    error: str = ""
    exemption: str = ""
    sentence: tuple[int, int] = (0, 0)
