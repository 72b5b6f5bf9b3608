"""The number check: verdicts at a glance, and the account of those who travelled, with what is left unexplained."""

from __future__ import annotations

import altair as alt
import pandas as pd

from ffstats.choice import Choice
from ffstats.errors import ExhibitError
from ffstats.estimate import Estimate
from ffstats.exhibits import Drawn
from ffstats.figures import pick, rows, theme
from ffstats.figures.alt import count, estimate, listed, said_by

PEOPLE = ("fighters", "members", "all_persons", "affiliates")
TEXTS = ("article", "news", "wapo")
PARTS = {
    "returnees": "returned home",
    "ff_killed_percent": "killed",
    "detainees_foreign": "held by the SDF",
    "foreign_strength": "still with ISIS in Iraq and Syria",
}
ORIGINS = ("World", "Outside Iraq and Syria")
WHOLE, LEFT = "travelled", "not accounted for by these"


def verdict_frame() -> pd.DataFrame:
    """Return the ledger's verdict on every claim as a frame, worst first; flags as one text."""
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
    counts["label"] = [f"{row.label} ({total[row.text]})" for row in counts.itertuples()]
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
    spoken = [f"{row.label}, {row.state}: {row.claims}" for row in counts.itertuples()]
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


def account_rows(series: pd.DataFrame, choice: Choice) -> pd.DataFrame:
    """Return the latest total of travellers of the world, the parts of it that are reported, and what is left.

    Shares are taken of the travellers; bounds are kept, so an open whole leaves an open rest.
    """
    whole = _last(
        pick.totals(series, ["ff_cumulative"], choice, ["syria_iraq"], ["World"], repeats=True), "un"
    )
    base = estimate(whole)
    if base is None:
        raise ExhibitError("the total of travellers has no figure; choose a later as_of")
    made = [_row(WHOLE, base, whole)]
    left = base
    for measure, label in PARTS.items():
        known = choice.dated(series[series["measure"] == measure], "period_end")
        known = known[known["who"].isin(PEOPLE) & known["origin"].isin(ORIGINS) & (known["bound"] != "vague")]
        if known.empty:
            continue
        row = _last(pick.totals(known, [measure], choice, repeats=True), None)
        part = estimate(row)
        if part is None:
            continue
        if part.unit == "percent":
            part = base * part
        made.append(_row(label, part, row))
        left = left - part
    low = None if left.low is None else max(left.low, 0.0)
    if left.high is None:
        left = Estimate.vague() if low is None else Estimate.at_least(low)
    made.append(_row(LEFT, left.rounded(2), whole))
    return pd.DataFrame(made).astype({name: "float64" for name in ("low", "high", "best")})


def _last(frame: pd.DataFrame, source: str | None) -> object:
    rows_ = frame[frame["source_id"] == source] if source and (frame["source_id"] == source).any() else frame
    return next(rows_.tail(1).itertuples())


def _row(label: str, value: Estimate, origin: object) -> dict[str, object]:
    status = {WHOLE: "travelled", LEFT: "unaccounted", "returned home": "returned", "killed": "killed"}
    key = status.get(label, "detained" if "held" in label else "present")
    return {
        **value.as_dict(),
        "label": label,
        "key": key,
        "status": key,
        "source_id": origin.source_id,  # type: ignore[attr-defined]
        "series_id": origin.series_id,  # type: ignore[attr-defined]
        "dated": origin.dated,  # type: ignore[attr-defined]
        "seen_kind": origin.seen_kind,  # type: ignore[attr-defined]
    }


def account(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Draw the account of those who travelled: parts as last reported, and the rest that none of them covers."""
    frame = account_rows(series, choice)
    return rows.draw(
        frame,
        choice,
        title,
        "status",
        "persons",
        "Foreign fighters who travelled to Iraq and Syria, the parts last reported, and the rest by subtraction",
        notes=[
            "The parts come from different reports and dates, and may overlap: the rest is what they leave open, not a count."
        ],
    )
