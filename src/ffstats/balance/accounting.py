"""The account of all who travelled: who is where, by whose number, and what is left unexplained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ffstats import paths, raw
from ffstats.balance.reconciliation import Implied, Reconciliation
from ffstats.balance.relations import NOT_PRINTED, NOT_SEEN, READINGS
from ffstats.choice import valid
from ffstats.errors import RelationError
from ffstats.estimate import Estimate
from ffstats.reconcile import project

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the account, in persons.

    part_of names the line that it is a part of, empty for the whole. printed is the number as printed, empty
    where nobody printed one, printed_by whose it is, and source_id where that was found; low and high are what all
    relations leave possible, None for an open end. basis is printed, narrowed (by the others) or implied (where
    nothing was printed).
    """

    item: str
    category: str
    part_of: str
    quantity_id: str
    printed: str
    printed_by: str
    source_id: str
    low: float | None
    high: float | None
    basis: str

    @property
    def estimate(self) -> Estimate:
        """The bounds as an estimate."""
        if self.high is None:
            return Estimate.at_least(self.low or 0.0)
        return Estimate.between(self.low, self.high) if self.low else Estimate.at_most(self.high)


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
    names = ("item", "category", "part_of", "quantity_id", "printed_by", "source_id")
    rows = raw.read(
        path, [raw.Field(n, n in ("item", "category", "quantity_id"), n == "item") for n in names]
    )
    known = {i.quantity_id: i for i in (result or project(reading)[2]).implied}
    missing = [
        f"{raw.at(path, index, 'quantity_id')}: no relation of the {reading} reading names {row['quantity_id']!r}. "
        "Correct the id, or relate it to the other lines."
        for index, row in enumerate(rows)
        if row["quantity_id"] not in known
    ]
    if missing:
        raise RelationError(missing)
    return tuple(_lines(rows, known))


def frame(reading: str = "strict") -> pd.DataFrame:
    """Return the account of the project's own numbers as a tidy frame, one row a line.

    Columns: those of `Line`, with low and high of all relations together; printed_low, printed_high, printed_best
    and printed_bound, the printed number alone (persons).
    Raises: ChoiceError for a reading that is neither strict nor charitable.
    """
    import pandas as pd

    valid("reading", reading, READINGS)
    quantities, _, result = project(reading)
    known = {quantity.quantity_id: quantity.estimate for quantity in quantities}
    rows = []
    for line in accounting(reading, result):
        printed = known[line.quantity_id].as_dict()
        ends = {f"printed_{name}": printed[name] for name in ("low", "high", "best")}
        rows.append({**asdict(line), **ends, "printed_bound": printed["bound"] if line.printed else ""})
    numbers = ("low", "high", "printed_low", "printed_high", "printed_best")
    return pd.DataFrame(rows).astype(dict.fromkeys(numbers, "float64"))


def _lines(rows: list[raw.Row], known: dict[str, Implied]) -> Iterator[Line]:
    for row in rows:
        item = known[row["quantity_id"]]
        printed = "" if item.printed in (NOT_PRINTED, NOT_SEEN) else item.printed
        basis = "implied" if not printed else "narrowed" if item.tighter else "printed"
        yield Line(
            row["item"],
            row["category"],
            row["part_of"],
            row["quantity_id"],
            printed,
            row["printed_by"],
            row["source_id"],
            item.low,
            item.high,
            basis,
        )
