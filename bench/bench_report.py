"""What bench.py measured, as a table in Markdown and a chart: medians, and ratios taken within each turn."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

START, END = "<!-- bench: written by make bench -->", "<!-- /bench -->"
OURS = "ffstats, 2 workers"
LIMITS = {"1": "bare Python, 1 process", "2": "bare Python, 2 processes"}
LOOP = "loop of papermill"


def median(values: list[Any]) -> float:
    return statistics.median(value[0] if isinstance(value, list | tuple) else value for value in values)


def ratio(turns: dict[str, Any], above: str, below: str) -> float:
    """Return the median of the ratios of two ways in the same turns."""
    pairs = zip(turns[above], turns[below], strict=False)
    return statistics.median(a[0] / b[0] for a, b in pairs)


def table(found: dict[str, Any]) -> str:
    """Return all measurements in Markdown."""
    parts = [f"Measured on {found['machine']}; load at the start of the part measured last {found['load_at_start']}."]
    if "rebuild" in found:
        parts += [
            "",
            *_rebuild(
                found["rebuild"], "Every notebook of the project ({}) and every picture, from the tidy tables"
            ),
        ]
    if "small" in found:
        parts += [
            "",
            *_rebuild(found["small"], "{} small notebooks with two charts each, and their pictures"),
        ]
    if "sweep" in found:
        parts += ["", *_sweep(found["sweep"])]
    if "clean" in found:
        parts += ["", *_clean(found["clean"])]
    return "\n".join(parts) + "\n"


def front(found: dict[str, Any]) -> str:
    """Return what the README shows: how long each way takes, and what the sweep came to."""
    parts = ["![Seconds to rebuild everything, by way](bench/results/bench.svg)", ""]
    parts += [f"On {found['machine']}, medians of {len(found['rebuild']['turns'][OURS])} turns; everything measured, "
              "with ranges, sweeps, memory and cleaning: [bench/results/bench.md](bench/results/bench.md).", ""]  # fmt: skip
    columns = [part for part in ("rebuild", "small") if part in found]
    heads = {"rebuild": "the project's {}", "small": "{} small ones"}
    titles = [heads[part].format(found[part]["notebooks"]) for part in columns]
    parts += [f"| seconds for | {' | '.join(titles)} |", "|---|" + "---|" * len(columns)]
    for name in found[columns[0]]["turns"]:
        cells = []
        for part in columns:
            values = found[part]["turns"].get(name)
            cells.append(f"{median(values):.2f}" if values else "")
        parts.append(f"| {name} | {' | '.join(cells)} |")
    told = [_ratios(found[part]["turns"], title) for part, title in zip(columns, titles, strict=True)]
    told += [f"A sweep, beside that loop: {sweep_words(found['sweep'])}"] if "sweep" in found else []
    return "\n".join([*parts, "", *(f"- {each}" for each in told)]) + "\n"


def _ratios(turns: dict[str, Any], title: str) -> str:
    return (
        f"On {title} we take {ratio(turns, 'ffstats, 1 worker', LIMITS['1']):.2f} and {ratio(turns, OURS, LIMITS['2']):.2f} times as long as bare "
        f"Python in one process and in two; the loop of papermill takes {ratio(turns, LOOP, OURS):.1f} times as long as two workers, and with "
        f"pictures drawn after each notebook {ratio(turns, LOOP + ', pictures after each', OURS):.1f} times."
    )


def _rebuild(rebuild: dict[str, Any], title: str) -> list[str]:
    turns = rebuild["turns"]
    lines = [
        f"**{title.format(rebuild['notebooks'])}**",
        "",
        "| way | seconds, median (range) | processor s | turns | of bare Python | loop of papermill takes |",
        "|---|---|---|---|---|---|",
    ]
    for name, values in turns.items():
        walls = [wall for wall, _ in values]
        used = statistics.median(processor for _, processor in values)
        small = name in ("nothing to do", "ffstats --help") or name.endswith("changed")
        one = name.endswith(("1 process", "1 worker")) or name.startswith(LOOP)
        limit = "" if small else f"{ratio(turns, name, LIMITS['1' if one else '2']):.2f} ×"
        loop = "" if small else f"{ratio(turns, LOOP, name):.1f} ×"
        lines.append(
            f"| {name} | {statistics.median(walls):.2f} ({min(walls):.2f}–{max(walls):.2f}) | {used:.1f} | {len(values)} | {limit} | {loop} |"
        )
    return [
        *lines,
        "",
        f"Two workers are {ratio(turns, 'ffstats, 1 worker', OURS):.2f} times as fast as one. "
        f"Pictures after each papermill command, as when each notebook draws its own: {ratio(turns, LOOP + ', pictures after each', OURS):.1f} times our time.",
    ]


def _sweep(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "**One notebook, many sets of parameters (country profile, pictures included)**",
        "",
        "| way | runs | seconds | ms a run | processor ms a run | driver, MiB | a worker early / late, MiB |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        each = f"{1000 * row['seconds'] / row['runs']:.0f} | {1000 * row['processor'] / row['runs']:.0f}"
        memory = (
            f"{row['driver_mib']:.0f} | {row['worker_early_mib']:.0f} / {row['worker_late_mib']:.0f}"
            if "driver_mib" in row
            else " | "
        )
        lines.append(f"| {row['way']} | {row['runs']} | {row['seconds']:.1f} | {each} | {memory} |")
    return [*lines, "", sweep_words(rows)]


def sweep_words(rows: list[dict[str, Any]]) -> str:
    """Return the ratios of the sweep to the loop measured just before it, and of two workers to one, in words."""
    each = [row["seconds"] / row["runs"] for row in rows]
    told = []
    for number, row in enumerate(rows):
        if row["way"] == "sweep, 2 workers":
            loops = [n for n in range(number) if rows[n]["way"] == LOOP]
            told.append(
                f"{row['runs']} runs, {each[loops[-1]] / each[number]:.1f} times the throughput"
            )
    one = next(row for row in rows if row["way"] == "sweep, 1 worker")
    two = next(row for row in rows if row["way"] == "sweep, 2 workers" and row["runs"] == one["runs"])
    many = f" (medians of {one['turns']} turns each)" if "turns" in one else ""
    return f"{'; '.join(told)}. With {one['runs']} runs, two workers are {one['seconds'] / two['seconds']:.2f} times as fast as one{many}."


def _clean(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "**Reading and collating printed figures**",
        "",
        "| rows | shape | seconds | µs a row | peak, MiB |",
        "|---|---|---|---|---|",
    ]
    return lines + [
        f"| {row['rows']:,} | {row['shape']} | {row['seconds']:.2f} | {row['microseconds_a_row']:.1f} | {row['peak_mib']:,} |"
        for row in rows
    ]


def chart(found: dict[str, Any]) -> str:
    """Return the ways to rebuild as bars, in SVG."""
    import altair as alt
    import pandas as pd
    import vl_convert

    turns = found["rebuild"]["turns"]
    frame = pd.DataFrame(
        [{"way": name, "seconds": median(values), "ours": name.startswith("ffstats") or name.startswith(("nothing", "a sentence", "code"))}
         for name, values in turns.items() if name != "ffstats --help"]
    )  # fmt: skip
    frame["label"] = frame["seconds"].map("{:.1f} s".format)
    y = alt.Y(
        "way:N", sort=list(frame["way"]), title=None, axis=alt.Axis(labelLimit=300, ticks=False, domain=False)
    )
    base = alt.Chart(frame).encode(y=y, x=alt.X("seconds:Q", title="seconds, median"))
    colour = alt.condition("datum.ours", alt.value("#0B3C5D"), alt.value("#B8B8B8"))
    picture = alt.layer(
        base.mark_bar().encode(color=colour), base.mark_text(align="left", dx=4).encode(text="label:N")
    )
    title = alt.TitleParams(
        text=f"{found['rebuild']['notebooks']} notebooks and all pictures, from nothing",
        subtitle=found["machine"],
        anchor="start",
    )
    whole = (
        picture.properties(width=420, title=title)
        .configure(font="Liberation Sans, Arial, sans-serif")
        .configure_view(stroke=None)
    )
    return str(vl_convert.vegalite_to_svg(whole.to_dict(), vl_version="6.4"))


def write(found: dict[str, Any], folder: Path, readme: Path) -> None:
    """Write bench.json, bench.md and bench.svg, and put the table into the README between its marks."""
    folder.mkdir(exist_ok=True)
    (folder / "bench.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (folder / "bench.md").write_text(table(found), encoding="utf-8")
    if "rebuild" in found:
        (folder / "bench.svg").write_text(chart(found) + "\n", encoding="utf-8")
    text = readme.read_text(encoding="utf-8")
    if START in text and END in text and "rebuild" in found:
        before, _, rest = text.partition(START)
        after = rest.partition(END)[2]
        readme.write_text(f"{before}{START}\n{front(found)}{END}{after}", encoding="utf-8")
