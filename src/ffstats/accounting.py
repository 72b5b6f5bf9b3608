"""The account of all who travelled: who is where, by whose number, and what is left unexplained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ffstats import paths, raw
from ffstats.errors import RelationError
from ffstats.estimate import Estimate
from ffstats.reconcile import reconcile
from ffstats.reconciliation import Implied, Reconciliation


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the account, in persons.

    part_of names the line that it is a part of, empty for the whole. printed is the number as printed, empty
    where nobody printed one; low and high are what all relations leave possible, None for an open end. basis is
    printed, narrowed (by the others) or implied (where nothing was printed).
    """

    item: str
    category: str
    part_of: str
    printed: str
    printed_by: str
    low: float | None
    high: float | None
    basis: str

    @property
    def estimate(self) -> Estimate:
        """The bounds as an estimate."""
        if self.low is None or self.high is None:
            return Estimate.vague(self.low, self.high)
        return Estimate.between(self.low, self.high)


def accounting(
    reading: str = "strict", result: Reconciliation | None = None, path: Path | None = None
) -> tuple[Line, ...]:
    """Return the account of the 40,000, line by line, with the bounds that a reading implies.

    Parameters: reading, strict or charitable; result, a reconciliation already made in that reading; path of a
    table with the columns of account.csv.
    Raises: RelationError where the account names a quantity that no relation does.

    >>> [line.item for line in accounting() if line.part_of == "alive"]
    ['returned', 'detained', 'active', 'unexplained']
    """
    path = path or paths.raw_dir() / "texts" / "account.csv"
    names = ("item", "category", "part_of", "quantity_id", "printed_by")
    rows = raw.read(
        path, [raw.Field(n, n in ("item", "category", "quantity_id"), n == "item") for n in names]
    )
    known = {i.quantity_id: i for i in (result or reconcile(reading=reading)).implied}
    missing = [
        f"{raw.at(path, index, 'quantity_id')}: no relation of the {reading} reading names {row['quantity_id']!r}. "
        "Correct the id, or relate it to the other lines."
        for index, row in enumerate(rows)
        if row["quantity_id"] not in known
    ]
    if missing:
        raise RelationError(missing)
    return tuple(_lines(rows, known))


def _lines(rows: list[raw.Row], known: dict[str, Implied]) -> Iterator[Line]:
    for row in rows:
        item = known[row["quantity_id"]]
        printed = "" if item.printed.startswith("vague") else item.printed
        basis = "implied" if not printed else "narrowed" if item.tighter else "printed"
        yield Line(
            row["item"],
            row["category"],
            row["part_of"],
            printed,
            row["printed_by"],
            item.low,
            item.high,
            basis,
        )
