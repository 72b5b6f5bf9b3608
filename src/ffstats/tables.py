"""The tables: one function a table, tidy data in, a Great Table and its data out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd
from great_tables import GT

from ffstats.choice import Choice, valid
from ffstats.estimate import Estimate
from ffstats.exhibits import Drawn
from ffstats.figures import captured, flows, pick, relocators, rise, sensitivity as moved, territory as land
from ffstats.figures.alt import count, date, estimate, listed, said_by, words
from ffstats.figures.implications import NINTH
from ffstats.figures.profile import ORDER as STATUSES
from ffstats.figures.theme import FONT, look
from ffstats.tidy import slug

SEEN = {"primary": "its own page", "reprint": "reprint", "press": "press", "missing": "not seen", "not_seen": "not seen"}
PART_OF = {
    "detainees_total": "",
    "detainees_foreign": "all detainees",
    "detainees_foreign_confirmed": "foreign detainees",
    "detainees_iraqi_syrian": "all detainees",
    "detainees_women": "not of the prisons' detainees",
    "detainees_children": "not of the prisons' detainees",
    "detainees_family": "not of the prisons' detainees",
    "detainees_women_and_children": "not of the prisons' detainees",
    "detainees_and_families": "detainees and camps together",
    "al_hol_population": "camps, not prisons",
}
RELOCATION = (*relocators.MOVED, "c012", "c013", *relocators.CAUCASUS)
SAME_NUMBER = ("c021", "c040", "c075")
SHARES = ("area_held_km2", "area_lost_in_period_percent", "area_lost_km2", "area_lost_percent", "populated_area_lost_percent")


def _made(
    frame: pd.DataFrame,
    title: str,
    subtitle: str,
    columns: dict[str, str],
    line: str,
    sources: Iterable[str],
    group: str | None = None,
    notes: Sequence[str] = (),
    numbers: Sequence[str] = (),
) -> Drawn:
    """Lay out the columns of a frame, in order and under their titles, with its notes and source line."""
    shown = frame[[*([group] if group else []), *columns]].reset_index(drop=True)
    table = (
        GT(shown, groupname_col=group, id=f"table-{slug(title)}")
        .tab_header(title=title, subtitle=subtitle)
        .cols_label(**columns)
        .cols_align("left", columns=[name for name in columns if name not in numbers])
        .sub_missing(missing_text="–")
        .tab_options(
            table_font_names=FONT.split(", "),
            table_font_size="13px",
            heading_align="left",
            row_group_font_weight="bold",
            data_row_padding="4px",
            table_width="100%",
        )
    )
    if numbers:
        table = table.cols_align("right", columns=list(numbers))
    for note in (*notes, line):
        table = table.tab_source_note(note)
    spoken = [
        ", ".join(f"{columns[name].lower()} {value}" for name, value in row.items() if name != group and value not in ("", None))
        for row in shown.head(8).to_dict("records")
    ]
    return Drawn(
        table,
        shown,
        f"{title}. Table of {count(len(shown), 'row')} with {', '.join(columns.values()).lower()}. {listed(spoken, 8)}"
        + (f"; and {len(shown) - 8} more rows." if len(shown) > 8 else "."),
        " ".join([subtitle.rstrip(".") + ".", *notes, line]),
        tuple(sorted(set(sources))),
    )


def _plain(term: str) -> str:
    return term.replace("_", " ")


def _dated_totals(frame: pd.DataFrame) -> pd.DataFrame:
    """Return dated totals with the columns that every table of them shows."""
    from ffstats.places import name

    return frame.assign(
        value=words(frame),
        day=[date(text) for text in frame["dated"]],
        who=[_plain(text) for text in frame["who"]],
        group_words=[_plain(text) for text in frame["group"]],
        where=[name(code) if code else "" for code in frame["place"]],
        seen=[SEEN[text] for text in frame["seen_kind"]],
    )


def growth(series: pd.DataFrame, claims: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out the growth series: the article's points and every count, with who, which group and where is counted."""
    frame = rise.growth_rows(series, claims, choice)
    frame = frame.assign(report=[row.report if isinstance(row.report, str) else look("text", row.text, "label") for row in frame.itertuples()])
    frame = _dated_totals(frame)
    columns = {
        "day": "Date",
        "report": "Report",
        "printed": "As printed",
        "value": "Read as",
        "who": "Who",
        "group_words": "Group",
        "where": "Where",
        "seen": "Seen in",
    }
    line = said_by(sorted(set(frame["source_id"]) - {"texts"}), ["article"])
    return _made(
        frame, title, "Foreigners who went to fight in Syria and Iraq; the article reads its three points as fighters of ISIS at the date",
        columns, line, frame["source_id"],
    )  # fmt: skip


def strength(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out the strength of ISIS in Iraq and Syria, its foreigners, and which figures repeat an earlier one."""
    frame = pick.totals(series, ["strength", "foreign_strength"], choice, ["syria_iraq", "SYR", "IRQ"], repeats=True)
    frame = _dated_totals(frame)
    frame = frame.assign(
        by=[look("source", name, "label") for name in frame["source_id"]],
        what=["foreigners within it" if name == "foreign_strength" else "strength" for name in frame["measure"]],
        again=[f"repeats {name}" if name else "" for name in frame["repeats"]],
    )
    frame = pick.by_date(frame, ["by"])
    columns = {
        "day": "Date",
        "series_id": "Row",
        "report": "Report",
        "what": "What",
        "where": "Where",
        "printed": "As printed",
        "value": "Read as",
        "who": "Who",
        "again": "Same observation",
        "seen": "Seen in",
    }
    line = said_by(sorted(set(frame["source_id"])))
    return _made(frame, title, "Every figure by body and date; repeats of one observation are not independent", columns, line, frame["source_id"], "by")


def _chains(
    claims: pd.DataFrame, evidence: pd.DataFrame, ids: Sequence[str], choice: Choice, title: str, subtitle: str
) -> Drawn:
    known = claims.set_index("claim_id")
    headings = {name: f"{known.loc[name, 'paraphrase']} ({name})" for name in ids}
    frame = pick.chain(claims, evidence, headings, choice)
    frame = frame.assign(
        value=words(frame),
        who=[_plain(text) for text in frame["who"]],
        status=[look("status", text, "label") for text in frame["status"]],
        seen=[("the text itself" if key == "text" else SEEN[seen]) for key, seen in zip(frame["key"], frame["seen_kind"], strict=True)],
        cited=[row.cited_source if row.key == "text" else row.locator for row in frame.itertuples()],
    )
    frame = frame.fillna({"cited": "", "printed": ""})
    columns = {
        "label": "Said by",
        "printed": "As printed",
        "value": "Read as",
        "who": "Who",
        "status": "Status",
        "origin": "From",
        "cited": "Cites, or stands in",
        "seen": "Seen in",
    }
    texts = sorted(set(known.loc[list(ids), "text"]))
    return _made(frame, title, subtitle, columns, said_by([], texts), ["texts"], "part")


def relocation(claims: pd.DataFrame, evidence: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out the article's figures of relocation, each with the evidence seen for it."""
    return _chains(claims, evidence, RELOCATION, choice, title, "Each claim as printed, then what was seen of its source or of others")


def two_populations(claims: pd.DataFrame, evidence: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out the number that the texts use for two populations, with who and what each use counts."""
    return _chains(claims, evidence, SAME_NUMBER, choice, title, "The same numeral for persons moved to other theatres and for persons returned home")


def detention(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out who is held, by whom and when, and of which whole each figure is a part."""
    frame = _dated_totals(pick.totals(series, list(PART_OF), choice, repeats=True))
    frame = frame.assign(
        what=[_plain(name.replace("detainees_total", "all detainees")) for name in frame["measure"]],
        whole=frame["measure"].map(PART_OF),
        rank=frame["measure"].map(list(PART_OF).index),
        again=[f"repeats {name}" if name else "" for name in frame["repeats"]],
    )
    frame = pick.by_date(frame, ["rank"])
    columns = {
        "day": "Date",
        "series_id": "Row",
        "report": "Report",
        "where": "Where",
        "printed": "As printed",
        "value": "Read as",
        "who": "Who",
        "whole": "Part of",
        "again": "Same observation",
        "seen": "Seen in",
    }
    line = said_by(sorted(set(frame["source_id"])))
    notes = ["Foreigners, Iraqis and Syrians are parts of all detainees; families in camps are counted apart."]
    return _made(frame, title, "Persons held, by what is counted and date", columns, line, frame["source_id"], "what", notes)


def returnees(estimates: pd.DataFrame, claims: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out travelled and returned of each country and source that has both, the share, and a ninth of either."""
    known = estimates[estimates["source_id"].isin(choice.prefer) & estimates["who"].isin(flows.WHO)]
    known = known[known["status"].isin(flows.BOTH)]
    best = pd.concat([choice.best_of(part) for _, part in known.groupby("source_id")], ignore_index=True)
    share = claims.set_index("claim_id").loc[NINTH]
    ninth = Estimate.exact(float(share["high"] if share["low"] != share["low"] else share["low"]), "percent")
    made = []
    for (source, iso3), part in best.groupby(["source_id", "iso3"], sort=True):
        cells = {row.status: row for row in part.itertuples()}
        if set(cells) != set(flows.BOTH):
            continue
        went, back = (estimate(cells[status]) for status in flows.BOTH)
        if went is None or back is None or "vague" in (went.bound, back.bound):
            continue
        told = back.share_of(went, part_of=True)
        most = "no ceiling follows" if went.high is None else str(Estimate.at_most(went.high * float(ninth.best or 0) / 100).rounded(2))
        made.append(
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
    frame = pd.DataFrame(made).assign(rank=lambda rows: rows["source"].map(order))
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
    notes = ["A share of two bounds is itself a bound. The two last columns show what the base of “one in nine” changes."]
    return _made(
        frame, title, "Places for which a source gives both; sources count different people", columns, line, frame["source_id"],
        "source", notes, ["went", "back", "share", "of_returned", "of_left"],
    )  # fmt: skip


def countries(estimates: pd.DataFrame, *, choice: Choice, title: str, countries: Iterable[str] = ()) -> Drawn:
    """Lay out the travelled of every country, one column a source; `countries` (ISO codes) keeps only these.

    Raises ChoiceError for a country without an estimate.
    """
    cells = choice.dated(flows.country_cells(estimates, ["travelled"]))
    cells = cells[cells["source_id"].isin(choice.prefer)]
    wanted = flows._codes(countries)
    for code in wanted:
        valid("countries", code, cells["iso3"].unique())
    cells = cells[cells["iso3"].isin(wanted)] if wanted else cells
    cells = cells.assign(value=words(cells), size=choice.singles(cells))
    order = cells.groupby("iso3")["size"].max().sort_values(ascending=False, kind="stable").index
    wide = cells.pivot(index="iso3", columns="source_id", values="value").reindex(order)
    names = cells.drop_duplicates("iso3").set_index("iso3")["origin"]
    sources = [name for name in choice.prefer if name in wide.columns]
    frame = wide[sources].fillna("").assign(origin=names).reset_index()
    columns = {"origin": "Country", "iso3": "Code", **{name: look("source", name, "label") for name in sources}}
    notes = ["Empty: the source gives no figure that is held here. “not seen”: the source prints one, and the page was not reached."]
    return _made(
        frame, title, "Persons who travelled to Syria and Iraq, in the words of each source's figure", columns, said_by(sources),
        sources, notes=notes, numbers=sources,
    )  # fmt: skip


def territory(series: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out area held and share lost, each share under the base it is a share of."""
    heads = {
        "area_held_km2": "Area held, square kilometres",
        "area_lost_km2": "Area lost, square kilometres",
        "area_lost_in_period_percent": f"Share lost: {land.SINCE}",
        "area_lost_percent": f"Share lost: {land.HEIGHT}",
        "populated_area_lost_percent": "Share lost of the populated territory once held",
    }
    frame = _dated_totals(pick.totals(series, list(SHARES), choice, repeats=True))
    frame = frame.assign(
        what=frame["measure"].map(heads),
        since=[date(text) if text else "" for text in frame["period_start"]],
        rank=frame["measure"].map(list(heads).index),
    )
    frame = pick.by_date(frame, ["rank"])
    columns = {
        "day": "Date",
        "since": "From",
        "where": "Where",
        "report": "Report",
        "printed": "As printed",
        "value": "Read as",
        "seen": "Seen in",
    }
    line = said_by(sorted(set(frame["source_id"])))
    return _made(frame, title, "The bases are kept apart, since a share of one cannot be set beside a share of another", columns, line, frame["source_id"], "what")


def numbers(verdicts: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out every number of the three texts with its verdict, flags and the reason."""
    frame = verdicts.assign(
        by=[look("text", name, "label") for name in verdicts["text"]],
        state=[look("verdict", name, "label") for name in verdicts["verdict"]],
        flags=[text.replace(" ", ", ") for text in verdicts["flags"]],
    )
    frame = frame.sort_values(["text", "claim_id"], kind="stable")
    columns = {"claim_id": "Claim", "printed": "As printed", "state": "Verdict", "flags": "Flags", "reason": "Why"}
    return _made(
        frame, title, "A verdict speaks of what was seen; “not found” is not “wrong”", columns, said_by([], ["article", "news", "wapo"]),
        ["texts"], "by",
    )  # fmt: skip


def sensitivity(estimates: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out every headline under every setting that was tried, with its source and its distance from the base."""
    frame = moved.moves(estimates, choice)
    frame = frame.assign(
        value=[f"{figure:,.0f}" if figure == figure else "no figure" for figure in frame["figure"]],
        share=[f"{percent:.0f}%" if percent == percent else "" for percent in frame["percent"]],
        by=[look("source", name, "label") if name and figure == figure else "" for name, figure in zip(frame["source_id"], frame["figure"], strict=True)],
        head=[f"{row.headline} ({row.base:,.0f})" for row in frame.itertuples()],
    )
    frame = frame.assign(rank=frame["headline"].map(list(moved.HEADLINES.values()).index)).sort_values("rank", kind="stable")
    columns = {"knob": "Choice", "setting": "Set to", "value": "Value", "share": "Of the reader's choice", "by": "Source"}
    names = sorted(set(frame.loc[frame["figure"].notna(), "source_id"]))
    return _made(
        frame, title, "Each headline with its value under the reader's choice, and its value when one choice is changed", columns,
        said_by(names), names, "head", numbers=["value", "share"],
    )  # fmt: skip


def sources(source_table: pd.DataFrame, *, choice: Choice, title: str) -> Drawn:
    """Lay out the sources: what each counts, as of when, and under what licence."""
    frame = source_table.assign(
        who=[_plain(text) or "various" for text in source_table["who_default"]],
        group_words=[_plain(text) or "various" for text in source_table["group_default"]],
        dated=[text or "various" for text in source_table["as_of"]],
    )
    columns = {"short": "Source", "source_id": "Id", "author": "Author", "published": "Published", "who": "Who", "group_words": "Group", "dated": "As of", "licence": "Licence"}
    return _made(frame, title, "The registry of sources, in its order", columns, "Source: data/raw/sources.csv.", frame["source_id"])


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
        by=[row.producer or look("source", row.source_id, "label") for row in frame.itertuples()],
        source=[look("source", name, "label") for name in frame["source_id"]],
        day=[date(text) if text else "undated" for text in frame["as_of"]],
        who=[_plain(text) for text in frame["who"]],
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
    return _made(
        frame, f"{title}: {name}", f"Estimates of persons from {name}", columns, said_by(sorted(set(frame["source_id"]))),
        frame["source_id"], "what", numbers=["n_witnesses", "n_independent"],
    )  # fmt: skip
