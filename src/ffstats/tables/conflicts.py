"""The table of conflict cards: printed numbers that cannot all be true, and what would mend each set."""

from __future__ import annotations

import pandas as pd

from ffstats.balance.relations import READINGS
from ffstats.cards import SMALL
from ffstats.choice import Choice, valid
from ffstats.drawn import Drawn
from ffstats.figures.alt import count, said_by
from ffstats.tables.layout import made

TEXTS = ("article", "news", "wapo")


def conflicts(conflicts: pd.DataFrame, *, choice: Choice, title: str, reading: str = "strict") -> Drawn:
    """Lay out the sets of numbers that cannot all be true in a reading (strict or charitable), largest change first.

    Raises ChoiceError for a reading that is neither.
    """
    valid("reading", reading, READINGS)
    percent = f"{SMALL:.0%}".replace("%", " percent")
    groups = {
        False: "A number would have to move by more than rounding",
        True: f"Weak: a change as small as rounding ({percent} of the figure, or less) would mend it",
    }
    frame = conflicts.assign(
        weight=[groups[small] for small in conflicts["small"]],
        share=["a date" if share != share else f"{share:.1%}" for share in conflicts["relative"]],
        more=[str(number) if number else "" for number in conflicts["others"]],
    )
    columns = {
        "numbers": "Not all true together",
        "why": "Because",
        "change": "Smallest change that lets the rest fit",
        "share": "Of the figure",
        "more": "Further sets",
    }
    notes = [
        *(f"The {name} reading {what}." for name, what in READINGS.items()),
        "Leave out any one number of a set, and the rest fit. A set says that something in it must give, not which; "
        "the change shown is the smallest of one number alone. Further sets break the same relations.",
    ]
    if len(frame) and frame["stopped"].iloc[0]:
        notes.append(f"The search stopped early: {frame['stopped'].iloc[0]}.")
    named = sorted({name for names in frame["source_ids"] for name in names.split()})
    subtitle = f"{count(len(frame), 'set')} of numbers in the {reading} reading, the largest change first"
    return made(
        frame, title, subtitle, columns, said_by([n for n in named if n != "texts"], TEXTS if "texts" in named else ()),
        named, "weight", notes, ["share", "more"],
    )  # fmt: skip
