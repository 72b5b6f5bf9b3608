"""Countries side by side: the world by travellers per million inhabitants, and sources on one line a country."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import altair as alt
import pandas as pd

from ffstats.cells import country_cells, each
from ffstats.choice import Choice, valid
from ffstats.drawn import Drawn
from ffstats.errors import ExhibitError
from ffstats.figures import maps, marks, theme
from ffstats.figures.alt import about, count, listed, said_by, words
from ffstats.figures.flows import GRAPHIC, codes
from ffstats.figures.pick import plotted

BREAKS = (1.0, 5.0, 20.0, 50.0)
SHADES = ("#FDF3DC", "#F6C667", "#E08A1E", "#A8480B", "#4A1503")
LANES = {"circle": 0, "square": 1, "triangle-up": 2, "triangle-down": 2, "diamond": 2}


def per_million(
    estimates: pd.DataFrame, population: pd.DataFrame, choice: Choice, status: str = "travelled"
) -> pd.DataFrame:
    """Return one estimate a country, of the first preferred source that has one, per million inhabitants.

    The inhabitants are the World Bank's of the latest year in the table. Adds per_million, inhabitants and year.
    """
    best = choice.best_of(country_cells(choice.dated(estimates), [status]))
    latest = population.sort_values("year").drop_duplicates("iso3", keep="last")
    people = latest[["iso3", "year", "population"]].rename(columns={"population": "inhabitants"})
    known = best.merge(people, on="iso3", how="inner", validate="one_to_one")
    known = known.assign(mark=choice.singles(known), inhabitants=pd.to_numeric(known["inhabitants"]))
    known = known.assign(per_million=(known["mark"] / known["inhabitants"] * 1e6).round(2))
    return (
        known[known["mark"].notna()]
        .sort_values(["per_million", "iso3"], ascending=[False, True])
        .reset_index(drop=True)
    )


def world(estimates: pd.DataFrame, population: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the world by travellers per million inhabitants, one source a country, countries without a figure blank."""
    frame = per_million(estimates, population, choice)
    if frame.empty:
        raise ExhibitError(
            "no country has a figure under this choice of sources and date; name more sources in prefer"
        )
    frame = frame.assign(label=frame["origin"], value=words(frame))
    said = {
        row.iso3: {
            "rate": row.per_million,
            "label": row.label,
            "value": row.value,
            "about": f"Per million: {row.per_million:,.1f} of {row.inhabitants:,.0f} inhabitants, {row.year}|{about_it}",
        }
        for row, about_it in zip(each(frame), about(frame), strict=True)
    }
    shown = {code for code in maps.codes().values() if code}
    names = ["under 1", *(f"{a:g} to {b:g}" for a, b in itertools.pairwise(BREAKS)), "50 and over"]
    legend = alt.Legend(symbolType="square", columns=6, symbolStrokeColor="#8C8C8C", symbolStrokeWidth=1)
    tests = " : ".join(
        f"datum.properties.rate < {cut} ? '{name}'" for cut, name in zip(BREAKS, names, strict=False)
    )
    shade = alt.Color(
        "class:N", scale=alt.Scale(domain=[*names, "no figure"], range=[*SHADES, "white"]), legend=legend
    )
    shapes = (
        alt.Chart(maps.shapes(maps.WORLD, said, without=("ATA",)))
        .transform_calculate(
            **{"class": f"!isValid(datum.properties.rate) ? 'no figure' : {tests} : '{names[-1]}'"}
        )
        .mark_geoshape(stroke="#8C8C8C", strokeWidth=0.5)
        .encode(fill=shade)
        .project(type="equalEarth")
        .properties(width=500, height=237)
    )
    small = frame[~frame["iso3"].isin(shown)]
    notes = [
        f"Travellers of the first of the preferred sources that has the country, over the inhabitants of {frame['year'].max()}."
    ]
    if len(small):
        notes.append(
            f"Too small for this map: {', '.join(f'{row.origin} ({row.per_million:.1f})' for row in each(small))}."
        )
    line = said_by([*sorted(set(frame["source_id"])), "population", "shapes"])
    spoken = [f"{row.origin}: {row.per_million:.1f}" for row in each(frame)]
    subtitle = "Persons who travelled to Syria and Iraq per million inhabitants of their country"
    return Drawn(
        theme.finish(shapes, title, subtitle, [*notes, line]),
        plotted(frame).assign(
            inhabitants=frame["inhabitants"], year=frame["year"], per_million=frame["per_million"]
        ),
        f"{title}. {count(len(frame), 'country', 'countries')} with a figure; the highest, per million inhabitants: {listed(spoken, 15)}.",
        f"{subtitle}. {' '.join(notes)} {line}",
        tuple(sorted({*frame["source_id"], "population", "shapes"})),
    )


def compared(
    estimates: pd.DataFrame, *, choice: Choice, title: str, countries: Iterable[str] = (), top: int = 18
) -> Drawn:
    """Draw the travelled of several sources on one line a country, the countries with most on top.

    `countries` (ISO codes) names the countries, else the `top` with most travellers that two sources or more count.
    """
    cells = country_cells(choice.dated(estimates), ["travelled"])
    cells = cells[cells["source_id"].isin(choice.prefer) & (cells["seen_kind"] != "missing")]
    cells = cells.assign(size=choice.singles(cells))
    cells = cells[cells["size"].notna()]
    wanted = codes(countries)
    for code in wanted:
        valid("countries", code, cells["iso3"].unique())
    cells = cells[cells["source_id"] != GRAPHIC]  # it prints the figures of Soufan 2017
    several = cells.groupby("iso3")["source_id"].transform("nunique") > 1
    cells = cells[cells["iso3"].isin(wanted)] if wanted else cells[several]
    rank = cells.groupby("iso3")["size"].max().sort_values(ascending=False, kind="stable")
    keep = list(rank.index[: None if wanted else top])
    frame = cells[cells["iso3"].isin(keep)].assign(key=lambda rows: rows["source_id"])
    frame = frame.assign(_rank=frame["iso3"].map(keep.index)).sort_values(
        ["_rank", "source_id"], kind="stable"
    )
    most = float(frame[["low", "high"]].max().max())
    frame = marks.bounded(frame.assign(label=frame["origin"], value=words(frame)), choice, most)
    order = list(dict.fromkeys(frame["label"]))
    sources = theme.order("source", frame["source_id"])
    frame = frame.assign(colour=theme.looks("source", frame["key"], "label"))
    y = alt.Y(
        "label:N",
        sort=order,
        title=None,
        axis=alt.Axis(ticks=False, domain=False, grid=True, labelPadding=8, labelOverlap=False),
    )
    x = alt.X(
        "start:Q",
        scale=alt.Scale(domain=[0, most * 1.06], nice=False),
        axis=alt.Axis(title="persons", format=",~r", titleAnchor="start", tickCount=6),
    )
    frame = frame.assign(lane=[LANES[theme.look("source", key, "shape")] for key in frame["key"]])
    lane = alt.YOffset("lane:O", scale=alt.Scale(domain=sorted(set(LANES.values())), paddingOuter=0.3))
    legend = alt.Legend(columns=3)
    colour = alt.Color("colour:N", scale=theme.scale("source", sources), legend=legend)
    shape = alt.Shape("colour:N", scale=theme.scale("source", sources, "shape"), legend=legend)
    chart = alt.layer(*marks.layers(frame, "x", x, y, colour, shape, lane=lane)).properties(
        width=350, height=alt.Step(34, **{"for": "position"})
    )
    line = said_by(sources)
    note = "Dates and populations differ from source to source, so a difference is not an error by itself."
    spoken = [f"{row.label}, {row.colour}: {row.value}" for row in each(frame)]
    subtitle = "Persons who travelled to Syria and Iraq, by country of origin and source"
    return Drawn(
        theme.finish(chart, title, subtitle, [note, marks.key(frame), line]),
        plotted(frame),
        f"{title}. {count(len(order), 'country', 'countries')}, in persons: {listed(spoken, 40)}.",
        f"{subtitle}. {note} {line}",
        tuple(sorted(set(frame["source_id"]))),
    )
