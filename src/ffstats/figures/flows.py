"""Flows by country: the labels of the Washington Post graphic, the world by inhabitants, sources side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import altair as alt
import pandas as pd

from ffstats.cells import BOTH, country_cells, each
from ffstats.choice import Choice, valid
from ffstats.drawn import Drawn
from ffstats.figures import marks, theme
from ffstats.figures.alt import count, listed, said_by, words
from ffstats.figures.pick import plotted

GRAPHIC = "wapo2018"
OWN = ("soufan2017", "wapo2018")
CARRIED = [
    "iso3",
    "status",
    "estimate_id",
    "source_id",
    "who",
    "place",
    "as_of",
    "low",
    "high",
    "best",
    "bound",
    "unit",
    "seen_kind",
    "locator",
]
STEP, PLOT = 18, 190


def graphic_rows(estimates: pd.DataFrame, choice: Choice, fill_from: str = "") -> pd.DataFrame:
    """Return travelled and returned of every label of the graphic: its own figures, missing cells as missing.

    The graphic's data are those of Soufan 2017 and of its own text. `fill_from` names a source whose figure
    stands in for a missing cell; such rows have `filled` true. Raises ChoiceError for a source that is not one.
    """
    labels = country_cells(estimates[estimates["source_id"] == GRAPHIC])[["iso3", "origin"]].drop_duplicates(
        "iso3"
    )
    cells = country_cells(choice.dated(estimates))
    own = choice.best_of(cells[cells["source_id"].isin(OWN)], own=OWN)
    grid = labels.merge(pd.DataFrame({"status": BOTH}), how="cross")
    own = own[[name for name in own.columns if name in CARRIED]]
    frame = grid.merge(own, on=["iso3", "status"], how="left").assign(filled=False)
    if fill_from:
        valid("fill_from", fill_from, estimates["source_id"].unique())
        other = choice.best_of(cells, own=(fill_from,))[list(own.columns)]
        gap = frame["estimate_id"].isna()
        filled = grid[gap].merge(other, on=["iso3", "status"], how="inner").assign(filled=True)
        keys = set(zip(filled["iso3"], filled["status"], strict=True))
        kept = [(row.iso3, row.status) not in keys for row in each(frame)]
        frame = pd.concat([frame[kept], filled], ignore_index=True)
    gap = frame["estimate_id"].isna()
    frame = frame.assign(
        seen_kind=frame["seen_kind"].where(~gap, "missing"), bound=frame["bound"].where(~gap, "")
    )
    frame = frame.assign(unit=frame["unit"].fillna("persons"), source_id=frame["source_id"].fillna(""))
    frame = frame.assign(size=choice.singles(frame))
    went = frame[frame["status"] == "travelled"].set_index("iso3")["size"].fillna(-1.0)
    back = frame[frame["status"] == "returned"].set_index("iso3")["size"].fillna(-1.0)
    frame = frame.assign(_went=frame["iso3"].map(went), _back=frame["iso3"].map(back))
    return (
        frame.sort_values(
            ["_went", "_back", "origin", "status"], ascending=[False, False, True, False], kind="stable"
        )
        .drop(columns=["_went", "_back"])
        .reset_index(drop=True)
    )


def graphic(
    estimates: pd.DataFrame, *, choice: Choice, title: str, countries: Iterable[str] = (), fill_from: str = ""
) -> Drawn:
    """Draw travelled and returned for every label of the Washington Post graphic, large ones on top.

    `countries` (ISO codes) keeps only these labels; `fill_from` names a source whose figures fill cells that
    were not seen, marked as filled. Raises ChoiceError for a country that is not a label of the graphic.
    """
    frame = graphic_rows(estimates, choice, fill_from)
    wanted = codes(countries)
    for code in wanted:
        valid("countries", code, frame["iso3"].unique())
    frame = frame[frame["iso3"].isin(wanted)].reset_index(drop=True) if wanted else frame
    most = float(frame["size"].max()) if frame["size"].notna().any() else 1.0
    frame = frame.assign(key=frame["status"], label=frame["origin"], value=words(frame))
    frame = marks.bounded(frame, choice, most)
    stand_in = f"filled from {theme.look('source', fill_from, 'label')}*" if fill_from else ""
    frame = frame.assign(
        value=[_short(row) for row in each(frame)],
        drawn_as=[
            stand_in if row.filled else theme.look("status", row.status, "label") for row in each(frame)
        ],
    )
    chart = _two_columns(frame, most, stand_in)
    unseen = {
        status: int((frame["status"].eq(status) & frame["form"].eq("missing")).sum()) for status in BOTH
    }
    number = frame["iso3"].nunique()
    notes = [
        f"Not seen: {unseen['travelled']} of {number} travelled, {unseen['returned']} of {number} returned."
    ]
    if fill_from:
        label = theme.look("source", fill_from, "label")
        notes.append(
            f"* filled from {label} ({int(frame['filled'].sum())} cells), which counts other people at another date."
        )
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


def codes(countries: Iterable[str] | str) -> list[str]:
    """Return the codes of a list or of one text with commas.

    >>> codes("FRA, GBR")
    ['FRA', 'GBR']
    """
    parts = countries.split(",") if isinstance(countries, str) else countries
    return [part.strip() for part in parts if part.strip()]


def _short(row: Any) -> str:
    if row.form == "missing":
        return "□ not seen"
    return f"{row.value}*" if row.filled else row.value


def _two_columns(frame: pd.DataFrame, most: float, stand_in: str) -> theme.Picture:
    order = list(dict.fromkeys(frame["label"]))
    y = alt.Y(
        "label:N",
        sort=order,
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelOverlap=False),
    )
    x = alt.X(
        "start:Q",
        scale=alt.Scale(domain=[0, most * 1.06], nice=False, range=[0, PLOT]),
        axis=alt.Axis(title="persons", format=",~r", tickCount=4, titleAnchor="start", orient="bottom"),
    )
    names, shades = (theme.looks("status", BOTH, part) for part in ("label", "colour"))
    domain = alt.Scale(domain=[*names, *filter(None, [stand_in])], range=[*shades, "#A0A0A0"])
    colour = alt.Color("drawn_as:N", scale=domain, legend=alt.Legend(symbolType="circle"))
    drawn = frame[frame["form"] != "missing"].drop(columns="label").assign(label=lambda rows: rows["origin"])
    layers: list[alt.Chart] = marks.layers(drawn, "x", x, y, colour)
    ends = drawn[drawn["size"].notna()].groupby("label", as_index=False)["size"].agg(["min", "max"])
    join = alt.Chart(ends).mark_rule(color=theme.FAINT, size=2).encode(y=y, x=alt.X("min:Q"), x2="max:Q")
    for at, status in zip((PLOT + 85, PLOT + 170), BOTH, strict=True):
        column = frame[frame["status"] == status].assign(seen=lambda rows: rows["form"] != "missing")
        layers.append(
            alt.Chart(column[["label", "value", "about", "seen"]])
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
            alt.Chart(head)
            .mark_text(align="right", fontWeight="bold", dy=-STEP)
            .encode(y=y, x=alt.value(at), text="text:N")
        )
    return alt.layer(join, *layers, width=PLOT + 175, height=alt.Step(STEP))
