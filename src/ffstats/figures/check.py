"""The number check: verdicts at a glance."""

from __future__ import annotations

import altair as alt
import pandas as pd

from ffstats.cells import each
from ffstats.choice import Choice
from ffstats.drawn import Drawn
from ffstats.figures import theme
from ffstats.figures.alt import count, listed, said_by
from ffstats.tidy import until_cleared

TEXTS = ("article", "news", "wapo")


def verdict_frame() -> pd.DataFrame:
    """Return the ledger's verdict on every claim as a frame, worst first; flags as one text."""
    return _verdict_frame().copy()


@until_cleared
def _verdict_frame() -> pd.DataFrame:
    from ffstats import ledger

    frame = pd.DataFrame(ledger.check_json())
    return frame.assign(flags=[" ".join(flags) for flags in frame["flags"]])


def verdicts(verdicts: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw how many numbers of each text are supported, differ, were not found or have nothing to check."""
    order = theme.order("verdict", verdicts["verdict"])
    counts = verdicts.groupby(["text", "verdict"]).size().rename("claims").reset_index()
    counts = counts.assign(
        label=theme.looks("text", counts["text"], "label"),
        state=theme.looks("verdict", counts["verdict"], "label"),
        place=[order.index(name) for name in counts["verdict"]],
        rank=[TEXTS.index(name) for name in counts["text"]],
    )
    counts = counts.sort_values(["rank", "place"]).reset_index(drop=True)
    total = verdicts.groupby("text").size()
    share = counts["claims"] / counts["text"].map(total) * 100
    counts["stop"] = share.groupby(counts["text"]).cumsum()
    counts["start"] = counts["stop"] - share
    counts["middle"] = (counts["start"] + counts["stop"]) / 2
    counts["label"] = [f"{row.label} ({total[row.text]})" for row in each(counts)]
    counts["value"] = [f"{row.claims} of {total[row.text]} statements" for row in each(counts)]
    counts["about"] = [f"Verdict: {state}" for state in counts["state"]]
    y = alt.Y(
        "label:N",
        sort=list(dict.fromkeys(counts["label"])),
        title=None,
        axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelOverlap=False),
    )
    x = alt.X(
        "start:Q",
        axis=alt.Axis(
            title="percent of the claims of a text; in the bars, their number",
            titleAnchor="start",
            tickCount=5,
        ),
        scale=alt.Scale(nice=False, domain=[0, 100]),
    )
    colour = alt.Color(
        "state:N", scale=theme.scale("verdict", order), legend=alt.Legend(symbolType="square", columns=3)
    )
    dark = "datum.state == 'supported' || datum.state == 'not found' || datum.state == 'differs'"
    chart = alt.layer(
        alt.Chart(counts).mark_bar(stroke="white", strokeWidth=1).encode(y, x, alt.X2("stop:Q"), colour),
        alt.Chart(counts)
        .mark_text()
        .encode(
            y,
            alt.X("middle:Q"),
            text="claims:Q",
            color=alt.condition(dark, alt.value("white"), alt.value(theme.INK)),
        ),
    ).properties(width=350, height=alt.Step(40))
    flags = verdicts["flags"].str.split().explode().dropna()
    flagged = [f"{name} {number}" for name, number in flags.value_counts().sort_index().items()]
    note = (
        f"Flags, of which a claim may have several: {', '.join(flagged)}."
        if flagged
        else "No claim is flagged."
    )
    line = said_by([], TEXTS)
    spoken = [f"{row.label}, {row.state}: {row.claims}" for row in each(counts)]
    subtitle = (
        "Claims of the three texts by verdict; a verdict speaks of what was seen, and names where it was seen"
    )
    return Drawn(
        theme.finish(chart, title, subtitle, [note, line]),
        counts[["text", "verdict", "claims"]],
        f"{title}. {count(len(verdicts), 'claim')}: {listed(spoken, 20)}. {note}",
        f"{subtitle}. {note} {line}",
        ("texts",),
    )
