"""Flows by country: the labels of the Washington Post graphic, the world by inhabitants, sources side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import altair as alt
import pandas as pd

from ffstats.choice import Choice, valid
from ffstats.errors import ExhibitError
from ffstats.exhibits import Drawn
from ffstats.figures import maps, marks, theme
from ffstats.figures.alt import count, listed, said_by, words
from ffstats.figures.pick import plotted

GRAPHIC = "wapo2018"
OWN = ("soufan2017", "wapo2018")
WHO = ("all_persons", "fighters", "affiliates", "members", "adults", "men")
THEATRE = ("syria_iraq", "SYR", "IRQ", "all_theatres")
BOTH = ("travelled", "returned")
STEP, PLOT = 18, 230
LANES = {"circle": 0, "square": 1, "triangle-up": 2, "triangle-down": 2, "diamond": 2}


def country_cells(estimates: pd.DataFrame, statuses: Iterable[str] = BOTH) -> pd.DataFrame:
    """Return the estimates of countries for some statuses, whole counts before parts: one row a source and cell.

    Counts of women or children alone are left out. Where a source gives several counts of one cell the widest
    population comes first (all persons, then fighters), then Syria and Iraq before other theatres.
    """
    rows = estimates[estimates["status"].isin(list(statuses)) & estimates["who"].isin(WHO)]
    rows = rows[rows["iso3"].str.fullmatch("[A-Z]{3}") & ~rows["iso3"].str.startswith("X") | (rows["iso3"] == "XKX")]
    rank = rows.assign(
        _seen=rows["seen_kind"] == "missing",
        _who=rows["who"].map(WHO.index),
        _where=rows["place"].map({name: at for at, name in enumerate(THEATRE)}).fillna(len(THEATRE)),
    )
    rank = rank.sort_values(
        ["iso3", "status", "source_id", "_seen", "_who", "_where", "as_of", "estimate_id"],
        ascending=[True, True, True, True, True, True, False, True],
        kind="stable",
    )
    return rank.drop_duplicates(["iso3", "status", "source_id"]).drop(columns=["_seen", "_who", "_where"])


def graphic_rows(estimates: pd.DataFrame, choice: Choice, fill_from: str = "") -> pd.DataFrame:
    """Return travelled and returned of every label of the graphic: its own figures, missing cells as missing.

    The graphic's data are those of Soufan 2017 and of its own text. `fill_from` names a source whose figure
    stands in for a missing cell; such rows have `filled` true. Raises ChoiceError for a source that is not one.
    """
    cells = country_cells(estimates)
    labels = cells[cells["source_id"] == GRAPHIC][["iso3", "origin"]].drop_duplicates("iso3")
    own = choice.best_of(cells[cells["source_id"].isin(OWN)], own=OWN)
    grid = labels.merge(pd.DataFrame({"status": BOTH}), how="cross")
    frame = grid.merge(own.drop(columns="origin"), on=["iso3", "status"], how="left").assign(filled=False)
    if fill_from:
        valid("fill_from", fill_from, estimates["source_id"].unique())
        other = choice.best_of(cells, own=(fill_from,)).drop(columns="origin")
        gap = frame["estimate_id"].isna()
        filled = grid[gap].merge(other, on=["iso3", "status"], how="inner").assign(filled=True)
        keys = set(zip(filled["iso3"], filled["status"], strict=True))
        kept = [not (row.iso3, row.status) in keys for row in frame.itertuples()]
        frame = pd.concat([frame[kept], filled], ignore_index=True)
    gap = frame["estimate_id"].isna()
    frame = frame.assign(seen_kind=frame["seen_kind"].where(~gap, "missing"), bound=frame["bound"].where(~gap, ""))
    frame = frame.assign(unit=frame["unit"].fillna("persons"), source_id=frame["source_id"].fillna(""))
    frame = frame.assign(size=choice.singles(frame))
    went = frame[frame["status"] == "travelled"].set_index("iso3")["size"].fillna(-1.0)
    back = frame[frame["status"] == "returned"].set_index("iso3")["size"].fillna(-1.0)
    frame = frame.assign(_went=frame["iso3"].map(went), _back=frame["iso3"].map(back))
    return frame.sort_values(
        ["_went", "_back", "origin", "status"], ascending=[False, False, True, False], kind="stable"
    ).drop(columns=["_went", "_back"]).reset_index(drop=True)


def graphic(
    estimates: pd.DataFrame, *, choice: Choice, title: str, countries: Iterable[str] = (), fill_from: str = ""
) -> Drawn:
    """Draw travelled and returned for every label of the Washington Post graphic, large ones on top.

    `countries` (ISO codes) keeps only these labels; `fill_from` names a source whose figures fill cells that
    were not seen, marked as filled. Raises ChoiceError for a country that is not a label of the graphic.
    """
    frame = graphic_rows(estimates, choice, fill_from)
    wanted = _codes(countries)
    for code in wanted:
        valid("countries", code, frame["iso3"].unique())
    frame = frame[frame["iso3"].isin(wanted)].reset_index(drop=True) if wanted else frame
    most = float(frame["size"].max()) if frame["size"].notna().any() else 1.0
    frame = marks.bounded(frame.assign(key=frame["status"], value=words(frame)), choice, most)
    frame = frame.assign(label=frame["origin"], value=[_short(row) for row in frame.itertuples()])
    chart = _two_columns(frame, most)
    unseen = {status: int((frame["status"].eq(status) & frame["form"].eq("missing")).sum()) for status in BOTH}
    number = frame["iso3"].nunique()
    notes = [f"Not seen: {unseen['travelled']} of {number} travelled, {unseen['returned']} of {number} returned."]
    if fill_from:
        label = theme.look("source", fill_from, "label")
        notes.append(f"* filled from {label} ({int(frame['filled'].sum())} cells), which counts other people at another date.")
    line = said_by(sorted(set(frame["source_id"]) - {""}))
    spoken = [
        f"{name}: {' and '.join(f'{value} {status}' for value, status in zip(part['value'], part['status'], strict=True))}"
        for name, part in frame.groupby("label", sort=False)
    ]
    subtitle = "Persons who travelled to Syria and Iraq and who returned, for the labels of the graphic"
    return Drawn(
        theme.finish(chart, title, subtitle, [*notes, marks.key(frame), line]),
        plotted(frame).assign(filled=frame["filled"]),
        f"{title}. {count(number, 'country', 'countries')}, in persons: {listed(spoken, 48)}. {' '.join(notes)}",
        f"{subtitle}. {' '.join(notes)} {line}",
        tuple(sorted(set(frame["source_id"]) - {""})),
    )


def _codes(countries: Iterable[str] | str) -> list[str]:
    parts = countries.split(",") if isinstance(countries, str) else countries
    return [part.strip() for part in parts if part.strip()]


def _short(row: Any) -> str:
    if row.form == "missing":
        return "□ not seen"
    return f"{row.value}*" if row.filled else row.value


def _two_columns(frame: pd.DataFrame, most: float) -> alt.LayerChart:
    order = list(dict.fromkeys(frame["label"]))
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8))
    x = alt.X(
        "start:Q",
        scale=alt.Scale(domain=[0, most * 1.06], nice=False, range=[0, PLOT]),
        axis=alt.Axis(title="persons", format=",~r", tickCount=4, titleAnchor="start", orient="bottom"),
    )
    colour = alt.Color("status:N", scale=theme.scale("status", BOTH), legend=alt.Legend(symbolType="circle"))
    drawn = frame[frame["form"] != "missing"].drop(columns="label").assign(label=lambda rows: rows["origin"])
    layers: list[alt.Chart] = marks.layers(drawn, "x", x, y, colour)
    ends = drawn[drawn["size"].notna()].groupby("label", as_index=False)["size"].agg(["min", "max"])
    join = alt.Chart(ends).mark_rule(color=theme.FAINT, size=2).encode(y=y, x=alt.X("min:Q"), x2="max:Q")
    for at, status in zip((PLOT + 100, PLOT + 200), BOTH, strict=True):
        column = frame[frame["status"] == status].assign(seen=lambda rows: rows["form"] != "missing")
        layers.append(
            alt.Chart(column)
            .mark_text(align="right", fontSize=12)
            .encode(
                y=y,
                x=alt.value(at),
                text="value:N",
                color=alt.condition("datum.seen", alt.value(theme.INK), alt.value("#767676")),
            )
        )
        head = pd.DataFrame({"label": order[:1], "text": [theme.look("status", status, "label")]})
        layers.append(
            alt.Chart(head).mark_text(align="right", fontWeight="bold", dy=-STEP).encode(y=y, x=alt.value(at), text="text:N")
        )
    return alt.layer(join, *layers).properties(width=PLOT + 205, height=alt.Step(STEP))


def per_million(
    estimates: pd.DataFrame, population: pd.DataFrame, choice: Choice, status: str = "travelled"
) -> pd.DataFrame:
    """Return one estimate a country, of the first preferred source that has one, per million inhabitants.

    The inhabitants are the World Bank's of the latest year in the table. Adds per_million, inhabitants and year.
    """
    cells = country_cells(estimates, [status])
    best = choice.best_of(cells)
    latest = population.sort_values("year").drop_duplicates("iso3", keep="last")
    people = latest[["iso3", "year", "population"]].rename(columns={"population": "inhabitants"})
    known = best.merge(people, on="iso3", how="inner", validate="one_to_one")
    known = known.assign(mark=choice.singles(known), inhabitants=pd.to_numeric(known["inhabitants"]))
    known = known.assign(per_million=(known["mark"] / known["inhabitants"] * 1e6).round(2))
    return known[known["mark"].notna()].sort_values(["per_million", "iso3"], ascending=[False, True]).reset_index(drop=True)


BREAKS = (1.0, 5.0, 20.0, 50.0)
SHADES = ("#FDF3DC", "#F6C667", "#E08A1E", "#A8480B", "#4A1503")


def world(estimates: pd.DataFrame, population: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the world by travellers per million inhabitants, one source a country, countries without a figure blank."""
    frame = per_million(estimates, population, choice)
    if frame.empty:
        raise ExhibitError("no country has a figure under this choice of sources and date; name more sources in prefer")
    said = {row.iso3: {"rate": row.per_million} for row in frame.itertuples()}
    shown = {code for code in maps.codes().values() if code}
    names = ["under 1", *(f"{a:g} to {b:g}" for a, b in zip(BREAKS, BREAKS[1:], strict=False)), "50 and over"]
    legend = alt.Legend(symbolType="square", columns=6, symbolStrokeColor="#8C8C8C", symbolStrokeWidth=1)
    tests = " : ".join(f"datum.properties.rate < {cut} ? '{name}'" for cut, name in zip(BREAKS, names, strict=False))
    shade = alt.Color("class:N", scale=alt.Scale(domain=[*names, "no figure"], range=[*SHADES, "white"]), legend=legend)
    shapes = (
        alt.Chart(maps.shapes(maps.WORLD, said, without=("ATA",)))
        .transform_calculate(**{"class": f"!isValid(datum.properties.rate) ? 'no figure' : {tests} : '{names[-1]}'"})
        .mark_geoshape(stroke="#8C8C8C", strokeWidth=0.5)
        .encode(fill=shade)
        .project(type="equalEarth")
        .properties(width=570, height=270)
    )
    small = frame[~frame["iso3"].isin(shown)]
    notes = [f"Travellers of the first of the preferred sources that has the country, over the inhabitants of {frame['year'].max()}."]
    if len(small):
        notes.append(f"Too small for this map: {', '.join(f'{row.origin} ({row.per_million:.1f})' for row in small.itertuples())}.")
    line = said_by([*sorted(set(frame["source_id"])), "population", "shapes"])
    spoken = [f"{row.origin}: {row.per_million:.1f}" for row in frame.itertuples()]
    subtitle = "Persons who travelled to Syria and Iraq per million inhabitants of their country"
    frame = frame.assign(label=frame["origin"], value=words(frame))
    return Drawn(
        theme.finish(shapes, title, subtitle, [*notes, line]),
        plotted(frame).assign(inhabitants=frame["inhabitants"], year=frame["year"], per_million=frame["per_million"]),
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
    wanted = _codes(countries)
    for code in wanted:
        valid("countries", code, cells["iso3"].unique())
    cells = cells[cells["source_id"] != GRAPHIC]  # it prints the figures of Soufan 2017
    several = cells.groupby("iso3")["source_id"].transform("nunique") > 1
    cells = cells[cells["iso3"].isin(wanted)] if wanted else cells[several]
    rank = cells.groupby("iso3")["size"].max().sort_values(ascending=False, kind="stable")
    keep = list(rank.index[: None if wanted else top])
    frame = cells[cells["iso3"].isin(keep)].assign(key=lambda rows: rows["source_id"])
    frame = frame.assign(_rank=frame["iso3"].map(keep.index)).sort_values(["_rank", "source_id"], kind="stable")
    most = float(frame[["low", "high"]].max().max())
    frame = marks.bounded(frame.assign(label=frame["origin"], value=words(frame)), choice, most)
    order = list(dict.fromkeys(frame["label"]))
    sources = theme.order("source", frame["source_id"])
    frame = frame.assign(colour=theme.looks("source", frame["key"], "label"))
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, grid=True, labelPadding=8))
    x = alt.X("start:Q", scale=alt.Scale(domain=[0, most * 1.06], nice=False), axis=alt.Axis(title="persons", format=",~r", titleAnchor="start", tickCount=6))
    frame = frame.assign(lane=[LANES[theme.look("source", key, "shape")] for key in frame["key"]])
    lane = alt.YOffset("lane:O", scale=alt.Scale(domain=sorted(set(LANES.values())), paddingOuter=0.3))
    legend = alt.Legend(columns=3)
    colour = alt.Color("colour:N", scale=theme.scale("source", sources), legend=legend)
    shape = alt.Shape("colour:N", scale=theme.scale("source", sources, "shape"), legend=legend)
    chart = alt.layer(*marks.layers(frame, "x", x, y, colour, shape, lane=lane)).properties(width=430, height=alt.Step(34, **{"for": "position"}))
    line = said_by(sources)
    note = "Dates and populations differ from source to source, so a difference is not an error by itself."
    spoken = [f"{row.label}, {row.colour}: {row.value}" for row in frame.itertuples()]
    subtitle = "Persons who travelled to Syria and Iraq, by country of origin and source"
    return Drawn(
        theme.finish(chart, title, subtitle, [note, marks.key(frame), line]),
        plotted(frame),
        f"{title}. {count(len(order), 'country', 'countries')}, in persons: {listed(spoken, 40)}.",
        f"{subtitle}. {note} {line}",
        tuple(sorted(set(frame["source_id"]))),
    )

