"""Conflict cards: for each set of relations that printed numbers break, the numbers and the change that mends them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from ffstats.balance.reconciliation import Change, Conflict
from ffstats.balance.relations import READINGS, Quantity, Relation
from ffstats.choice import valid
from ffstats.reconcile import project

if TYPE_CHECKING:
    import pandas as pd

SMALL = 0.02
"""A change of no more than this share of the printed figure is as small as rounding."""


def frame(reading: str = "strict") -> pd.DataFrame:
    """Return the conflicts of the project's own numbers, one row a card, the largest change first.

    Columns: claims (ids), numbers (each with its printed value), why (each relation, with its reason), change (of
    one number, the smallest that mends the card), relative (the change as a share of the printed figure; empty for
    a date), small (whether it is no larger than rounding), others (further sets that break the same relations),
    source_ids, and stopped (why the search ended early, if it did).
    Raises: ChoiceError for a reading that is neither strict nor charitable.
    """
    import pandas as pd

    valid("reading", reading, READINGS)
    quantities, relations, result = project(reading)
    numbers = {quantity.quantity_id: quantity for quantity in quantities}
    known = {relation.relation_id: relation for relation in relations}
    rows = [
        {
            "claims": " ".join(conflict.claims),
            "numbers": "; ".join(
                f"{numbers[name].name}: {numbers[name].printed}" for name in conflict.claims
            ),
            "why": " ".join(_because(known[name], numbers, conflict.claims) for name in conflict.relations),
            "change": _change(conflict.smallest_change, numbers),
            "relative": conflict.smallest_change.relative if conflict.smallest_change else None,
            "small": _small(conflict),
            "others": others,
            "source_ids": " ".join(sorted({_source(name) for name in conflict.claims})),
            "stopped": result.stopped,
        }
        for conflict, others in result.cards()
    ]
    names = ["claims", "numbers", "why", "change", "relative", "small", "others", "source_ids", "stopped"]
    made = pd.DataFrame(rows, columns=pd.Index(names)).astype({"relative": "float64"})
    order = ["relative", "claims"]
    return made.sort_values(order, ascending=[False, True], na_position="first", kind="stable").reset_index(
        drop=True
    )


def _because(relation: Relation, numbers: Mapping[str, Quantity], listed: Collection[str]) -> str:
    """A relation as a sentence of its own, then its reason as another; claims that the card lists go by their ids."""
    names = {
        name: name if name in listed and ":" not in name else quantity.name
        for name, quantity in numbers.items()
    }
    sentence = relation.sentence(names)
    return f"{sentence if sentence.split()[0] in listed else sentence[0].upper() + sentence[1:]}. Reason: {relation.reason.rstrip('.')}."


def _change(change: Change | None, numbers: Mapping[str, Quantity]) -> str:
    """A change in words, with the number's name for its id; persons are whole, and rounded so that the rest fits."""
    if change is None:
        return "none of one number alone"
    quantity = numbers[change.quantity_id]
    if isinstance(change.value, str):
        return f"{quantity.name}: dated {change.value}, not {change.printed}"
    way, whole = ("lower", math.floor) if change.value < float(change.printed) else ("raise", math.ceil)
    value = whole(change.value) if quantity.estimate.unit == "persons" else change.value
    return f"{quantity.name}: {way} its {change.end} end from {change.printed:,g} to {value:,.6g}"


def _small(conflict: Conflict) -> bool:
    change = conflict.smallest_change
    return change is not None and change.relative is not None and change.relative <= SMALL


def _source(quantity_id: str) -> str:
    """Return the source of a quantity by its id: a claim stands in the texts.

    >>> _source("estimate:soufan2017:XWD:returned:all_persons"), _source("series:dod_oig-011"), _source("c043")
    ('soufan2017', 'dod_oig', 'texts')
    """
    kind, _, rest = quantity_id.partition(":")
    return {"estimate": rest.partition(":")[0], "series": rest.rpartition("-")[0]}.get(kind, "texts")
