"""A statement: one quantity of a text, with its qualifiers and unit, and the words around it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import prod
from typing import Final

from ffstats.estimate import Estimate
from ffstats.grammar.digits import Undecided
from ffstats.grammar.lexicon import Sense

BOUNDS: Final = ("at_least", "at_most", "approx")  # of two, the first one says more
CONTRADICTION: Final = "its qualifiers contradict each other: at least and at most"


@dataclass(slots=True)
class Item:
    """Something between two quantities: a phrase with its roles, a mark, or a word outside the vocabulary."""

    at: int
    end: int
    roles: dict[str, Sense]

    def has(self, *roles: str) -> bool:
        """Tell whether it has one of the roles."""
        return not self.roles.keys().isdisjoint(roles)


@dataclass(slots=True)
class Statement:
    """One quantity that a text states; `first` and `last` bound its tokens.

    kind: number, scale (a bare "hundred"), article, genitive, about, vague, share, joined,
    or unstated (the word "vague" itself, which may be followed by the ends it has).
    """

    first: int
    last: int
    coefficient: float = 0.0
    scale: float = 1.0  # the words that multiply it: "1.7 million"
    digits: str = ""
    number: int = -1  # the token of its digits
    rest: int = -1  # the token of what follows its thousands: "3 bin 417"
    negative: bool = False
    kind: str = "number"
    unit: str | None = None  # None: the text names none
    per_unit: float = 1.0  # what one of the words' units is in `unit`: a dollar is 0.000001 usd_million
    low: float | None = None  # what a vague word implies: "dozens" is at least 24
    bounds: set[str] = field(default_factory=set)
    opener: set[str] = field(
        default_factory=set
    )  # of a word that opens or joins a range ("от", "hasta"), if there is none
    opened: int | None = None  # the token of the "between" or "from" before it
    inner: bool = False  # its qualifier stands inside "between … and …"
    best: bool = False  # called the best estimate
    depth: int = 0  # of brackets
    whole: Estimate | None = None  # what a joined statement says, in persons
    error: str = ""
    choices: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """The number, in its unit."""
        if self.scale == self.per_unit == 1:
            return self.coefficient
        factors = (Decimal(repr(float(x))) for x in (self.coefficient, self.scale, self.per_unit))
        return float(prod(factors))

    @property
    def single(self) -> bool:
        """Whether it is one number, not a range, a sum or a vague word."""
        return self.whole is None and self.kind not in ("vague", "unstated")

    @property
    def estimate(self) -> Estimate:
        """The estimate it makes; raises Undecided if its qualifiers contradict each other."""
        unit = self.unit or "persons"
        if self.whole is not None:
            return self.whole.as_unit(unit)
        if self.kind in ("vague", "unstated"):
            return Estimate.vague(self.low, unit=unit)
        if {"at_least", "at_most"} <= self.bounds:
            raise Undecided(CONTRADICTION)
        bound = next((bound for bound in BOUNDS if bound in self.bounds), "exact")
        low = None if bound == "at_most" else self.value
        high = None if bound == "at_least" else self.value
        return Estimate(low, high, bound, unit)

    def take_unit(self, unit: Sense) -> None:
        """Take a unit that the text gives it, unless it has a more telling one."""
        if self.unit in (None, "persons"):
            self.unit, self.per_unit = unit.unit, unit.value

    def joined_to(self, other: Statement, whole: Estimate | None = None, error: str = "") -> Statement:
        """Return this and a later statement as one."""
        units = sorted({u for u in (self.unit, other.unit) if u not in (None, "persons")}, key=str)
        if len(units) > 1:
            error = error or f"its two numbers have different units: {units[0]} and {units[1]}"
        return replace(
            self,
            first=self.first if self.opened is None else min(self.first, self.opened),
            last=other.last,
            kind="joined",
            unit=units[0] if units else self.unit or other.unit,
            whole=whole,
            bounds=set(),
            opener=set(),
            depth=min(self.depth, other.depth),
            error=self.error or other.error or error,
            choices=self.choices or other.choices,
        )
