"""Tables of estimates: returnees, countries, one country, the headlines under every choice, the sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ffstats.cells import BOTH, WHO, country_cells, each
from ffstats.choice import Choice, valid
from ffstats.estimate import Estimate
from ffstats.drawn import Drawn
from ffstats.figures import sensitivity as moved
from ffstats.figures.alt import date, estimate, said_by, words
from ffstats.figures.flows import codes
from ffstats.figures.implications import NINTH
from ffstats.figures.profile import ORDER as STATUSES
from ffstats.figures.theme import look
from ffstats.tables.layout import SEEN, made, plain


def returnees(estimates: pd.DataFrame, claims: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out travelled and returned of each country and source that has both, the share, and a ninth of either."""
    known = estimates[estimates["source_id"].isin(choice.prefer) & estimates["who"].isin(WHO)]
    known = known[known["status"].isin(BOTH)]
    best = pd.concat([choice.best_of(part) for _, part in known.groupby("source_id")], ignore_index=True)
    share: Any = claims.set_index("claim_id").loc[NINTH]
    ninth = Estimate.exact(float(share["high"] if share["low"] != share["low"] else share["low"]), "percent")
    listed = []
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    for row in each(best):
        pairs.setdefault((row.source_id, row.iso3), {})[row.status] = row
    for (source, iso3), cells in sorted(pairs.items()):
        if set(cells) != set(BOTH):
            continue
        went, back = (estimate(cells[status]) for status in BOTH)
        if went is None or back is None or "vague" in (went.bound, back.bound):
            continue
        told = back.share_of(went, part_of=True)
        most = (
            "no ceiling follows"
            if went.high is None
            else str(Estimate.at_most(went.high * float(ninth.best or 0) / 100).rounded(2))
        )
        listed.append(
            {
                "source": look("source", source, "label"),
                "source_id": source,
                "iso3": iso3,
                "origin": cells["travelled"].origin,
                "went": str(went),
                "back": str(back),
                "share": told.in_words(went, back).replace(" percent", "%"),
                "of_returned": str((back * ninth).rounded(2)),
                "of_left": most,
                "size": went.low or went.high or 0.0,
            }
        )
    order = {look("source", name, "label"): at for at, name in enumerate(choice.prefer)}
    frame = pd.DataFrame(listed).assign(rank=lambda rows: rows["source"].map(order))
    frame = frame.sort_values(["rank", "size", "origin"], ascending=[True, False, True], kind="stable")
    columns = {
        "origin": "From",
        "iso3": "Code",
        "went": "Travelled",
        "back": "Returned",
        "share": "Share returned",
        "of_returned": "A ninth of the returned",
        "of_left": "At most a ninth of those who left",
    }
    line = said_by(sorted(set(frame["source_id"])))
    notes = [
        "A share of two bounds is itself a bound. The two last columns show what the base of “one in nine” changes."
    ]
    return made(
        frame, title, "Places for which a source gives both; sources count different people", columns, line, frame["source_id"],
        "source", notes, ["went", "back", "share", "of_returned", "of_left"],
    )  # fmt: skip


def countries(estimates: pd.DataFrame, *, choice: Choice, title: str, countries: Iterable[str] = ()) -> Drawn:
    """Lay out the travelled of every country, one column a source; `countries` (ISO codes) keeps only these.

    Raises ChoiceError for a country without an estimate.
    """
    cells = choice.dated(country_cells(estimates, ["travelled"]))
    cells = cells[cells["source_id"].isin(choice.prefer)]
    wanted = codes(countries)
    for code in wanted:
        valid("countries", code, cells["iso3"].unique())
    cells = cells[cells["iso3"].isin(wanted)] if wanted else cells
    cells = cells.assign(value=words(cells), size=choice.singles(cells))
    order = cells.groupby("iso3")["size"].max().sort_values(ascending=False, kind="stable").index
    wide = cells.pivot(index="iso3", columns="source_id", values="value").reindex(order)
    names = cells.drop_duplicates("iso3").set_index("iso3")["origin"]
    sources = [name for name in choice.prefer if name in wide.columns]
    frame = wide[sources].fillna("").assign(origin=names).reset_index()
    columns = {
        "origin": "Country",
        "iso3": "Code",
        **{name: look("source", name, "label") for name in sources},
    }
    notes = [
        "Empty: the source gives no figure that is held here. “not seen”: the source prints one, and the page was not reached."
    ]
    return made(
        frame, title, "Persons who travelled to Syria and Iraq, in the words of each source's figure", columns, said_by(sources),
        sources, notes=notes, numbers=sources,
    )  # fmt: skip


def sensitivity(estimates: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out every headline under every setting that was tried, with its source and its distance from the base."""
    frame = moved.moves(estimates, choice)
    frame = frame.assign(
        value=[f"{figure:,.0f}" if figure == figure else "no figure" for figure in frame["figure"]],
        share=[f"{percent:.0f}%" if percent == percent else "" for percent in frame["percent"]],
        by=[
            look("source", name, "label") if name and figure == figure else ""
            for name, figure in zip(frame["source_id"], frame["figure"], strict=True)
        ],
        head=[f"{row.headline} ({row.base:,.0f})" for row in each(frame)],
    )
    frame = frame.assign(rank=frame["headline"].map(list(moved.HEADLINES.values()).index)).sort_values(
        "rank", kind="stable"
    )
    columns = {
        "knob": "Choice",
        "setting": "Set to",
        "value": "Value",
        "share": "Of the reader's choice",
        "by": "Source",
    }
    names = sorted(set(frame.loc[frame["figure"].notna(), "source_id"]))
    return made(
        frame, title, "Each headline with its value under the reader's choice, and its value when one choice is changed", columns,
        said_by(names), names, "head", numbers=["value", "share"],
    )  # fmt: skip


def sources(source_table: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out the sources: what each is, as of when it counts, under what licence, and where to look in it."""
    frame = source_table.assign(dated=[text or "various" for text in source_table["as_of"]])
    columns = {
        "short": "Source",
        "source_id": "Id",
        "title": "Title",
        "author": "Author",
        "published": "Published",
        "dated": "As of",
        "licence": "Licence",
        "look_in": "Where to look",
    }
    return made(
        frame,
        title,
        "The registry of sources, in its order",
        columns,
        "Source: data/raw/sources.csv.",
        frame["source_id"],
    )


def profile(estimates: pd.DataFrame, *, choice: Choice, title: str, iso3: str = "GBR") -> Drawn:
    """Lay out every estimate of one country (`iso3`) with its witnesses, dissent and where it stands.

    Raises ChoiceError for a code without an estimate.
    """
    valid("iso3", iso3, estimates["iso3"].unique())
    frame = choice.dated(estimates[estimates["iso3"] == iso3])
    rank = {status: at for at, status in enumerate(STATUSES)}
    frame = frame.assign(
        value=words(frame),
        what=[look("status", status, "label") for status in frame["status"]],
        by=[row.producer or look("source", row.source_id, "label") for row in each(frame)],
        source=[look("source", name, "label") for name in frame["source_id"]],
        day=[date(text) if text else "undated" for text in frame["as_of"]],
        who=[plain(text) for text in frame["who"]],
        seen=[SEEN[text] for text in frame["seen_kind"]],
        rank=[rank.get(status, len(rank)) for status in frame["status"]],
    )
    frame = frame.sort_values(["rank", "what", "as_of", "estimate_id"], kind="stable")
    columns = {
        "day": "As of",
        "source": "Source",
        "by": "Producer",
        "value": "Estimate",
        "who": "Who",
        "n_witnesses": "Witnesses",
        "n_independent": "Independent",
        "dissent": "Dissent",
        "seen": "Seen in",
        "locator": "Where",
    }
    name = frame["origin"].iloc[0] if len(frame) else iso3
    return made(
        frame, f"{title}: {name}", f"Estimates of persons from {name}", columns, said_by(sorted(set(frame["source_id"]))),
        frame["source_id"], "what", numbers=["n_witnesses", "n_independent"],
    )  # fmt: skip
