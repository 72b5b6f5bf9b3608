"""Returnees: the British account from travellers to trials, and the range given for the European Union."""

from __future__ import annotations

import pandas as pd

from ffstats.choice import Choice
from ffstats.drawn import Drawn
from ffstats.figures import pick, rows
from ffstats.figures.theme import look

UK = {"c043": "Returned", "c042": "Returned, whereabouts unknown", "c044": "Returned and prosecuted"}
TRAVELLED = "Travelled (no figure in the article)"
EU = {"c041": "Returned to the European Union", "c080": "Returned to Europe", "c065": "Travelled from Europe"}


def uk_account(claims: pd.DataFrame, evidence: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the British figures from those who travelled to those prosecuted: as the article has them, as seen."""
    frame = pick.chain(claims, evidence, UK, choice)
    gone = (frame["status"] == "travelled") & (frame["key"] != "text")
    label = frame["label"].str.removesuffix(f", {look('status', 'travelled', 'label')}")
    frame = frame.assign(part=frame["part"].where(~gone, TRAVELLED), label=frame["label"].where(~gone, label))
    order = [TRAVELLED, *UK.values()]
    frame = frame.assign(rank=frame["part"].map(order.index)).sort_values("rank", kind="stable")
    return rows.draw(
        frame.reset_index(drop=True),
        choice,
        title,
        "seen",
        "persons",
        "United Kingdom: what the article says at each step, and what was seen of its source and of others",
        group="part",
        legend=True,
        notes=["Each step should be a part of the one above it."],
    )


def eu_returned(claims: pd.DataFrame, evidence: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the figures for Europe's returnees and travellers as the texts have them, with the evidence for each."""
    return rows.draw(
        pick.chain(claims, evidence, EU, choice),
        choice,
        title,
        "seen",
        "persons",
        "Figures of the three texts, and what was seen of their sources and of others",
        group="part",
        legend=True,
        notes=["Europe and the European Union are not the same place: Europe may take in the Balkans."],
    )
