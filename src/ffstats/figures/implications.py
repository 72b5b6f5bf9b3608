"""Strategic implications: what "one in nine" would mean, of those who returned and of those who left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ffstats.cells import WHO
from ffstats.cells import each
from ffstats.choice import Choice, valid
from ffstats.estimate import Estimate
from ffstats.drawn import Drawn
from ffstats.figures import rows
from ffstats.figures.alt import estimate

NINTH = "c051"
AS_TOLD, AS_SEEN = "a ninth of {} who returned", "at most a ninth of {} who left"
BASES = ("GBR", "FRA", "DEU", "USA", "XEU", "XWD")


def base_rows(estimates: pd.DataFrame, choice: Choice, codes: Iterable[str]) -> pd.DataFrame:
    """Return the travelled and returned of each place by its first preferred source, places in the order given."""
    wanted = list(codes)
    known = estimates[estimates["iso3"].isin(wanted) & estimates["who"].isin(WHO)]
    known = known[known["status"].isin(["travelled", "returned"])]
    best = choice.best_of(known)
    return best.assign(rank=best["iso3"].map(wanted.index)).sort_values(["rank", "status"], kind="stable")


def one_in_nine(
    estimates: pd.DataFrame,
    claims: pd.DataFrame,
    *,
    choice: Choice,
    title: str,
    countries: Iterable[str] = BASES,
) -> Drawn:
    """Draw, for several bases, a ninth of those who returned against at most a ninth of those who left.

    `countries` names the bases by code. Raises ChoiceError for a code without an estimate.
    """
    codes = countries.split(",") if isinstance(countries, str) else list(countries) or list(BASES)
    for code in codes:
        valid("countries", code, estimates["iso3"].unique())
    share: Any = claims.set_index("claim_id").loc[NINTH]
    ninth = Estimate.exact(float(share["low"] if share["low"] == share["low"] else share["high"]), "percent")
    made = []
    for row in each(base_rows(estimates, choice, codes)):
        base = estimate(row)
        if base is None or base.bound == "vague":
            continue
        returned = row.status == "returned"
        if returned:
            result, label = base * ninth, AS_TOLD
        else:
            ceiling = None if base.high is None else base.high * float(ninth.best or 0) / 100
            result = Estimate.vague() if ceiling is None else Estimate.at_most(ceiling)
            label = AS_SEEN
        result = result.rounded(2)
        made.append(
            {
                **result.as_dict(),
                "label": label.format(base),
                "origin": row.origin,
                "iso3": row.iso3,
                "status": row.status,
                "key": row.status,
                "seen_kind": row.seen_kind,
                "source_id": row.source_id,
                "part": row.origin,
                "value": "no ceiling follows" if result.bound == "vague" else str(result),
            }
        )
    frame = pd.DataFrame(made).astype({name: "float64" for name in ("low", "high", "best")})
    return rows.draw(
        frame,
        choice,
        title,
        "status",
        "persons who would take part in attacks at home",
        "The same share of two bases: as the article has it, and as its source is summarised",
        group="part",
        notes=[
            "The study behind the share is of Western fighters of earlier wars; the bases here only show what the wording changes.",
            "Of a base that is itself a lower bound, no ceiling follows.",
        ],
    )
