"""Strategic implications: what "one in nine" would mean, of those who returned and of those who left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ffstats.cells import each, preferred_pairs
from ffstats.choice import Choice, valid
from ffstats.drawn import Drawn
from ffstats.errors import ExhibitError
from ffstats.estimate import Estimate
from ffstats.figures import rows
from ffstats.figures.alt import estimate, month

NINTH = "c051"
AS_TOLD, AS_SEEN = "a ninth of those who returned", "at most a ninth of those who left"
BASES = ("GBR", "FRA", "DEU", "USA", "XEU", "XWD")


def base_rows(estimates: pd.DataFrame, choice: Choice, codes: Iterable[str]) -> pd.DataFrame:
    """Return the pair of travelled and returned of each place that a choice prefers, places in the order given."""
    wanted = list(codes)
    best = preferred_pairs(estimates[estimates["iso3"].isin(wanted)], choice)
    return best.assign(rank=best["iso3"].map(wanted.index)).sort_values(["rank", "status"], kind="stable")


def one_in_nine(
    estimates: pd.DataFrame,
    claims: pd.DataFrame,
    *,
    choice: Choice,
    title: str,
    countries: Iterable[str] = BASES,
) -> Drawn:
    """Draw, for several bases, a ninth of those who returned and at most a ninth of those who left, as shares of the latter.

    `countries` names the bases by code; places without a count of both are left out. Raises ChoiceError for a code
    without an estimate.
    """
    codes = countries.split(",") if isinstance(countries, str) else list(countries) or list(BASES)
    for code in codes:
        valid("countries", code, estimates["iso3"].unique())
    share: Any = claims.set_index("claim_id").loc[NINTH]
    ninth = Estimate.exact(float(share["low"] if share["low"] == share["low"] else share["high"]), "percent")
    made = []
    for _, pair in base_rows(estimates, choice, codes).groupby("rank"):
        cells = {row.status: row for row in each(pair)}
        went, back = (estimate(cells[status]) for status in ("travelled", "returned"))
        assert went is not None and back is not None  # a pair has both
        row = cells["returned"]
        told = (back.share_of(went, part_of=True) * ninth).rounded(2)
        for result, label, status in ((told, AS_TOLD, "returned"), (_ceiling(ninth), AS_SEEN, "travelled")):
            made.append(
                {
                    **result.as_dict(),
                    "label": f"{label}, {month(row.as_of)}" if status == "returned" else label,
                    "origin": row.origin,
                    "iso3": row.iso3,
                    "status": status,
                    "dated": row.as_of,
                    "key": status,
                    "seen_kind": row.seen_kind,
                    "source_id": row.source_id,
                    "part": f"{row.origin}: {went} left, {back} returned",
                    "value": "no share follows"
                    if result.bound == "vague"
                    else f"{result}".replace(" percent", "%"),
                }
            )
    if not made:
        raise ExhibitError(
            f"{', '.join(codes)}: none has a count of both who left and who returned up to {choice.as_of or 'any date'}; "
            "choose a later as_of"
        )
    frame = pd.DataFrame(made).astype({name: "float64" for name in ("low", "high", "best")})
    return rows.draw(
        frame,
        choice,
        title,
        "status",
        "percent of those who left",
        "The article speaks of a ninth of those who return, the study it cites of at most a ninth of those who left; "
        "both as shares of those who left",
        group="part",
        reach=15.0,
        notes=[
            "The study behind the share is of Western fighters of earlier wars; the bases here only show what the wording changes.",
            "Of two lower bounds no share follows.",
        ],
    )


def _ceiling(share: Estimate) -> Estimate:
    """The share as an upper end, which the study is said to give."""
    return Estimate.at_most(round(share.high or 0.0, 1), "percent")
