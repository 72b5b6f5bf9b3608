"""One row of a tidy table, found by its id and told in full: what stands behind a figure that something cites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ffstats import sources, tidy

TABLES = ("readings", "estimates", "series", "evidence", "events")


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the table it stands in; `values` holds its filled cells, column → text."""

    table: str
    id: str
    values: dict[str, str]

    def __str__(self) -> str:
        width = max(len(name) for name in self.values) + 2
        lines = [f"{self.id}  (a row of {self.table})"]
        lines += [f"{name:<{width}}{value}" for name, value in self.values.items() if value != self.id]
        if self.values.get("source_id"):
            lines.append(f"{'citation':<{width}}{sources.source(self.values['source_id']).citation}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values."""
        return {"table": self.table, "id": self.id, "values": self.values}


def find(row_id: str) -> Row | None:
    """Return the row that an id names, of whichever table has it; None if no table does.

    >>> find("un-023").table
    'series'
    """
    for table in TABLES:
        found = tidy.row(table, row_id)
        if found is not None:
            values = {str(name): _text(value) for name, value in found.items()}
            return Row(table, row_id, {name: text for name, text in values.items() if text})
    return None


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    return f"{value:,.10g}" if isinstance(value, float) else str(value)
