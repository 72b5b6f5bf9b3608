"""What a reconciliation found: conflicts with the changes that mend them, implied bounds, and how to show both."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from ffstats.significant import round_to_significant

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True, slots=True)
class Change:
    """One end of one printed number, moved just far enough for the others to fit.

    `relative` is the move as a share of the printed figure (of the moved end, where no single figure is printed);
    for a date it is None.
    """

    quantity_id: str
    end: str
    printed: float | str
    value: float | str
    relative: float | None

    def as_dict(self) -> dict[str, Any]:
        """Return the change for JSON."""
        return {
            "id": self.quantity_id,
            "end": self.end,
            "from": self.printed,
            "to": self.value,
            "relative": self.relative,
        }

    def __str__(self) -> str:
        if isinstance(self.value, str):
            return f"{self.quantity_id}: dated {self.value}, not {self.printed}"
        lower = self.value < float(self.printed)
        way = "lower" if lower else "raise"
        # As far as is needed and no digit that says nothing: on to the next whole number, or three digits of a small one.
        digits = max(3, len(f"{abs(self.value):.0f}"))
        to = round_to_significant(self.value, digits, floor if lower else ceil)
        size = "" if self.relative is None else f" ({self.relative:.1%} of the printed figure)"
        return f"{self.quantity_id}: {way} its {self.end} end from {self.printed:,.10g} to {to:,.10g}{size}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Printed numbers and relations that cannot all be true, while without any one of them the rest fit.

    claims and relations are ids; changes mend the conflict one number at a time, the smallest first.
    """

    claims: tuple[str, ...]
    relations: tuple[str, ...]
    changes: tuple[Change, ...]
    reason: str

    @property
    def smallest_change(self) -> Change | None:
        """The single change that is the smallest part of the printed figure."""
        return self.changes[0] if self.changes else None

    def as_dict(self) -> dict[str, Any]:
        """Return the conflict for JSON."""
        change = self.smallest_change
        return {
            "claims": list(self.claims),
            "relations": list(self.relations),
            "smallest_change": change.as_dict() if change else None,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Implied:
    """The ends of one quantity that the relations and the other numbers leave possible; None is an open end.

    basis: `all` numbers; `undisputed` ones only, where some in the same account contradict each other; `unproved`
    for safe bounds that the time allowed did not suffice to prove the tightest; `unknown` where it did not suffice
    to find all contradictions.
    """

    quantity_id: str
    title: str
    printed: str
    low: float | None
    high: float | None
    tighter: bool
    basis: str

    def as_dict(self) -> dict[str, Any]:
        """Return the bounds for JSON."""
        return {
            "id": self.quantity_id,
            "printed": self.printed,
            "implied_low": self.low,
            "implied_high": self.high,
            "tighter": self.tighter,
            "basis": self.basis,
        }


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a reading of the numbers and relations implies. `stopped` says why the search for conflicts ended early."""

    reading: str
    feasible: bool
    conflicts: tuple[Conflict, ...]
    implied: tuple[Implied, ...]
    stopped: str = ""

    def bounds(self, quantity_id: str) -> Implied:
        """Return the implied bounds of one quantity; raises KeyError for one that no relation names."""
        for item in self.implied:
            if item.quantity_id == quantity_id:
                return item
        raise KeyError(f"no relation of the {self.reading} reading names {quantity_id!r}")

    def cards(self) -> list[tuple[Conflict, int]]:
        """Return the conflicts to show, one for each set of relations: its smallest, and how many more it has."""
        shown: dict[tuple[str, ...], list[Conflict]] = {}
        for conflict in self.conflicts:
            shown.setdefault(conflict.relations, []).append(conflict)
        return [(some[0], len(some) - 1) for some in shown.values()]

    def as_dict(self) -> dict[str, Any]:
        """Return everything for JSON."""
        return {
            "reading": self.reading,
            "feasible": self.feasible,
            "conflicts": [conflict.as_dict() for conflict in self.conflicts],
            "implied": [item.as_dict() for item in self.implied],
            "stopped": self.stopped or None,
        }

    def __str__(self) -> str:
        verdict = "can all be true" if self.feasible else "cannot all be true"
        lines = [f"In the {self.reading} reading the numbers {verdict}."]
        for number, (conflict, others) in enumerate(self.cards(), 1):
            lines += [f"{number}. {', '.join(conflict.claims)}", f"   {conflict.reason}"]
            lines += [f"   Smallest change: {conflict.smallest_change}"] if conflict.changes else []
            lines += [f"   {_more(others)}"] if others else []
        lines += [f"The search for conflicts stopped early: {self.stopped}."] if self.stopped else []
        tighter = sum(item.tighter for item in self.implied)
        lines.append(f"{tighter} of {len(self.implied)} quantities are bounded more tightly than printed.")
        return "\n".join(lines)

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.panel import Panel
        from rich.table import Table
        from rich.text import Text

        head, *_ = str(self).split("\n", 1)
        cards = []
        for conflict, others in self.cards():
            text = conflict.reason
            text += f"\nSmallest change: {conflict.smallest_change}" if conflict.changes else ""
            text += f"\n{_more(others)}" if others else ""
            cards.append(Panel(Text(text), title=Text(", ".join(conflict.claims))))
        table = Table("quantity", "printed", "implied", "from", title="Bounded more tightly than printed")
        for item in self.implied:
            if item.tighter:
                name = f"{item.quantity_id} {item.title}".strip()
                table.add_row(Text(name), item.printed, _range(item.low, item.high), item.basis)
        stopped = [Text(f"The search for conflicts stopped early: {self.stopped}.")] if self.stopped else []
        return Group(Text(head), *cards, *stopped, *([table] if table.row_count else []))


def _range(low: float | None, high: float | None) -> str:
    """Two ends in words."""
    if high is None:
        return f"at least {low or 0:,.6g}"
    return f"{low or 0:,.6g}" if low == high else f"{low or 0:,.6g} to {high:,.6g}"


def _more(others: int) -> str:
    return f"{others} more {'set' if others == 1 else 'sets'} of numbers {'breaks' if others == 1 else 'break'} the same relations."
