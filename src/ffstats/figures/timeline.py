"""Figures along time: each estimate at the date it stands for, with its bounds, labelled where there is room."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from ffstats.cells import each
from ffstats.choice import Choice
from ffstats.drawn import Drawn
from ffstats.figures import labels, marks, theme
from ffstats.figures.alt import count, date, listed, said_by, words
from ffstats.figures.pick import plotted

WIDTH, HEIGHT = 450, 280


def day(text: str) -> pd.Timestamp:
    """Return the day that an ISO date, month or year stands for: the last of the period.

    >>> day("2017"), day("2017-02"), day("2017-02-03")
    (Timestamp('2017-12-31 00:00:00'), Timestamp('2017-02-28 00:00:00'), Timestamp('2017-02-03 00:00:00'))
    """
    if len(text) == 4:
        return pd.Timestamp(int(text), 12, 31)
    if len(text) == 7:
        return pd.Timestamp(text) + pd.offsets.MonthEnd(0)
    return pd.Timestamp(text)


def prepare(frame: pd.DataFrame, choice: Choice, top: float) -> pd.DataFrame:
    """Add date, value in words and what is drawn of each row; `frame` has `dated`, an ISO date; `top` is the axis's end."""
    frame = frame.reset_index(drop=True)
    dates = [day(text).strftime("%Y-%m-%d") for text in frame["dated"]]
    return marks.bounded(frame.assign(date=dates, value=words(frame)), choice, top)


def chart(
    frame: pd.DataFrame,
    kind: str,
    axis: str,
    years: tuple[int, int],
    top: float,
    said: Sequence[str] = (),
    height: int = HEIGHT,
) -> theme.Picture:
    """Draw the rows of a prepared frame along time, from the first year to the end of the last.

    `said` holds one label a row ("" for none), each placed clear of marks and other labels.
    """
    ticks = [pd.Timestamp(year, 1, 1, tz="UTC").value // 1_000_000 for year in range(years[0], years[1] + 1)]
    x = alt.X(
        "date:T",
        scale=alt.Scale(type="utc", domain=[f"{years[0]}-01-01", f"{years[1]}-12-31"], nice=False),
        axis=alt.Axis(format="%Y", values=ticks, title=None, grid=False, labelAlign="left", labelOffset=2),
    )
    y = alt.Y(
        "start:Q",
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(
            title=axis,
            format=",~r",
            tickCount=5,
            titleAngle=0,
            titleAlign="left",
            titleAnchor="end",
            titleY=-8,
            titleX=-40,
        ),
    )
    present = theme.order(kind, frame["key"])
    frame = frame.assign(colour=[theme.look(kind, key, "label") for key in frame["key"]])
    legend = alt.Legend(symbolStrokeWidth=2, symbolFillColor="white") if len(present) > 1 else None
    colour = alt.Color("colour:N", scale=theme.scale(kind, present), legend=legend)
    shape = alt.Shape("colour:N", scale=theme.scale(kind, present, "shape"), legend=legend)
    drawn = marks.layers(frame, "y", y, x, colour, shape, thick=5)
    if any(said):
        drawn.append(_labels(frame, said, years, top, height, x))
    return alt.layer(*drawn, width=WIDTH, height=height)


def _labels(
    frame: pd.DataFrame, said: Sequence[str], years: tuple[int, int], top: float, height: int, x: alt.X
) -> alt.Chart:
    first, last = day(f"{years[0] - 1}") + pd.Timedelta(days=1), day(str(years[1]))
    span = (last - first).days

    def across(date: str) -> float:
        return float((day(date) - first).days / span * WIDTH)

    def down(value: float) -> float:
        return height * (1 - value / top)

    bars = [
        (across(row.date) - 7, down(row.stop), across(row.date) + 7, down(row.start))
        for row in each(frame)
        if row.start == row.start
    ]
    where = frame["mark"].fillna(frame["stop"]).fillna(0.0)
    wanted = [place for place, text in enumerate(said) if text]
    points = [(across(frame["date"].iloc[place]), down(where.iloc[place])) for place in wanted]
    placed = labels.place(points, [said[place] for place in wanted], (WIDTH, height), bars)
    table = pd.DataFrame(
        {
            "date": [
                (first + pd.Timedelta(hours=round(spot.x / WIDTH * span * 24))).strftime("%Y-%m-%dT%H:%M:%SZ")
                for spot in placed
            ],
            "at": [top * (1 - spot.y / height) for spot in placed],
            "text": [said[place] for place in wanted],
        }
    )
    drawn: alt.Chart = alt.Chart(table).mark_text(align="left", baseline="middle", fontSize=12, aria=False)
    return drawn.encode(alt.X("date:T"), alt.Y("at:Q"), text="text:N")


def draw(
    frame: pd.DataFrame,
    choice: Choice,
    title: str,
    kind: str,
    axis: str,
    subtitle: str,
    years: tuple[int, int],
    top: float,
    said: Sequence[str],
    notes: Sequence[str] = (),
    height: int = HEIGHT,
) -> Drawn:
    """Draw a frame of dated rows as a whole figure: chart, data, alt text, caption and sources.

    `frame` has dated, key (a term of `kind`), label, low, high, best, bound, unit, seen_kind and source_id.
    """
    drawn = prepare(frame, choice, top)
    names = sorted(set(drawn["source_id"]) - {"texts"})
    texts = sorted(set(drawn["text"].dropna())) if "text" in drawn else []
    line = said_by(names, texts)
    picture = theme.finish(
        chart(drawn, kind, axis, years, top, said, height),
        title,
        subtitle,
        [*notes, marks.key(drawn, "y"), line],
    )
    spoken = [f"{date(row.dated)}, {theme.look(kind, row.key, 'label')}: {row.value}" for row in each(drawn)]
    return Drawn(
        content=picture,
        data=plotted(drawn),
        alt=f"{title}. {count(len(drawn), 'figure')} along time, in {axis}: {listed(spoken, 40)}.",
        caption=" ".join([subtitle.rstrip(".") + ".", *notes, line]),
        sources=tuple(sorted(set(drawn["source_id"]))),
    )
