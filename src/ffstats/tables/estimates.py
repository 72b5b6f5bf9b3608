"""Tables of estimates: returnees, countries, one country, the headlines under every choice, the sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import pandas as pd

from ffstats import sources as registry
from ffstats.cells import BOTH, country_cells, each, pairs
from ffstats.choice import Choice, valid
from ffstats.drawn import Drawn
from ffstats.errors import ExhibitError
from ffstats.estimate import Estimate, justified_digits
from ffstats.figures import sensitivity as moved
from ffstats.figures.alt import SEEN, date, estimate, said_by, words
from ffstats.figures.flows import codes
from ffstats.figures.profile import ORDER as STATUSES
from ffstats.figures.theme import look
from ffstats.places import name as place_name
from ffstats.tables.layout import made, plain

APART = 3


def returnees(estimates: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out travelled and returned of each country and source that has both of the same people, and the share."""
    listed = []
    both = pairs(choice.dated(estimates[estimates["source_id"].isin(choice.prefer)]))
    for (source, iso3), rows in cast("Iterable[tuple[tuple[str, str], pd.DataFrame]]", both.groupby(["source_id", "iso3"])):
        cells = {row.status: row for row in each(rows)}
        went, back = (estimate(cells[status]) for status in BOTH)
        assert went is not None and back is not None  # a pair has both
        listed.append(
            {
                "source": look("source", source, "label"),
                "source_id": source,
                "iso3": iso3,
                "origin": cells["travelled"].origin,
                "day": date(cells["travelled"].as_of),
                "by": cells["travelled"].producer if registry.source(source).kind == "serial" else "",
                "who": f"{plain(cells['travelled'].who)}, {place_name(cells['travelled'].place)}",
                "went": str(went),
                "back": str(back),
                "share": _share(back.share_of(went, part_of=True), min(justified_digits(went, back), 3)),
                "rank": choice.prefer.index(source),
                "size": went.low or went.high or 0.0,
            }
        )
    if not listed:
        raise ExhibitError(
            f"no place has a count of both who left and who returned up to {choice.as_of or 'any date'}; choose a later as_of"
        )
    frame = pd.DataFrame(listed)
    frame = frame.sort_values(["rank", "size", "origin"], ascending=[True, False, True], kind="stable")
    columns = {
        "origin": "From",
        "iso3": "Code",
        "day": "As of",
        "by": "By",
        "who": "Of whom",
        "went": "Travelled",
        "back": "Returned",
        "share": "Share returned",
    }
    line = said_by(sorted(set(frame["source_id"])))
    notes = [
        "Travelled and returned of a row are of one producer, one date, one theatre and the same people; of several such "
        "pairs of a source the widest population is shown, and of these the latest.",
        "A share of two bounds is itself a bound; of two lower bounds no share follows.",
    ]
    return made(
        frame, title, "Places for which a source gives both together; sources count different people", columns, line, frame["source_id"],
        "source", notes, ["went", "back", "share"],
    )  # fmt: skip


def _share(share: Estimate, digits: int) -> str:
    """A share in words for a table: with its sign, or that none follows."""
    return (
        "no share follows" if share.bound == "vague" else str(share.rounded(digits)).replace(" percent", "%")
    )


def countries(
    estimates: pd.DataFrame,
    readings: pd.DataFrame,
    *,
    choice: Choice,
    title: str,
    countries: Iterable[str] = (),
) -> Drawn:
    """Lay out the travelled of every country, one column a source; `countries` (ISO codes) keeps only these.

    A service's figure more than three times as large as that of any other source is named with its producer and note.

    Raises ChoiceError for a country without an estimate.
    """
    cells = choice.dated(country_cells(estimates, ["travelled"]))
    cells = cells[cells["source_id"].isin(choice.prefer)]
    wanted = codes(countries)
    for code in wanted:
        valid("countries", code, cells["iso3"].unique())
    cells = cells[cells["iso3"].isin(wanted)] if wanted else cells
    cells = cells.assign(value=words(cells), size=choice.singles(cells))
    cells = cells.sort_values(["size", "estimate_id"], ascending=[False, True], kind="stable")
    order = cells.groupby("iso3")["size"].max().sort_values(ascending=False, kind="stable").index
    said = readings.set_index("reading_id")["note"]
    far = []
    for iso3 in order:
        own = cells[(cells["iso3"] == iso3) & cells["size"].notna()]
        if len(own) < 2 or own["size"].iloc[0] <= APART * own["size"].iloc[1]:
            continue
        row = next(each(own))
        if registry.source(row.source_id).kind == "serial":
            note = "; ".join(dict.fromkeys(filter(None, (said[name] for name in row.witnesses.split()))))
            far.append(f"{row.origin}, {row.value} ({row.producer}{': ' + note if note else ''})")
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
        "Empty: the source gives no figure that is held here. “not seen”: the source prints one, and the page was not reached.",
        "Sorted by the largest figure of any source; of several counts of a source the widest population is shown, and of these the latest.",
        *([f"More than three times any other source's figure: {'; '.join(far)}."] if far else []),
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


def profile(
    estimates: pd.DataFrame, readings: pd.DataFrame, *, choice: Choice, title: str, iso3: str = "GBR"
) -> Drawn:
    """Lay out every estimate of one country (`iso3`) with its witnesses, dissent and every page that it was seen on.

    Raises ChoiceError for a code without an estimate.
    """
    valid("iso3", iso3, estimates["iso3"].unique())
    frame = choice.dated(estimates[estimates["iso3"] == iso3])
    rank = {status: at for at, status in enumerate(STATUSES)}
    sites = {
        name: urlsplit(page).netloc.removeprefix("www.")
        for name, page in zip(readings["reading_id"], readings["seen_at"], strict=True)
    }
    frame = frame.assign(
        value=words(frame),
        what=[look("status", status, "label") for status in frame["status"]],
        by=[row.producer or look("source", row.source_id, "label") for row in each(frame)],
        source=[look("source", name, "label") for name in frame["source_id"]],
        day=[date(text) if text else "undated" for text in frame["as_of"]],
        who=[plain(text) for text in frame["who"]],
        seen=[SEEN[text] for text in frame["seen_kind"]],
        rank=[rank.get(status, len(rank)) for status in frame["status"]],
        locator=[_pages(row, sites) for row in each(frame)],
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


def _pages(row: Any, sites: Mapping[str, str]) -> str:
    """Where the best witness of an estimate stands and the sites of all, or where to look for one that was not seen."""
    seen = dict.fromkeys(filter(None, (sites[name] for name in row.witnesses.split())))
    stands = [] if seen and row.locator.startswith("http") else [row.locator]
    return "; ".join([*stands, ", ".join(seen)]).removesuffix("; ")
