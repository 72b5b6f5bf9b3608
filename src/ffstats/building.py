"""From the rows of the raw data to the tidy tables: values read, places coded, witnesses collated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pandas as pd

from ffstats import collate, dictionary, paths, places, printed, raw, sources
from ffstats.errors import FfstatsError, FieldError, PlaceError, PrintedError, RawDataError
from ffstats.files import slug

VALUES = ("low", "high", "best", "bound", "unit")


def build_population() -> pd.DataFrame:
    """Build the table `population`."""
    rows = raw.table(paths.raw_dir() / "population", "population.csv")
    frame = _frame(rows)
    frame["country"] = frame.pop("origin") if "origin" in frame else frame["country"]
    return _typed("population", frame)


def build_sources() -> pd.DataFrame:
    """Build the table `sources`."""
    return _typed("sources", _frame([_as_row(s) for s in sources.registry().values()]))


def _as_row(source: sources.Source) -> dict[str, str]:
    return {name: str(getattr(source, name)) for name in source.__dataclass_fields__}


def _frame(rows: Sequence[raw.Row]) -> pd.DataFrame:
    return pd.DataFrame.from_records(rows).fillna("")


def _typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the dictionary gives a table, in its order and types."""
    spec = dictionary.of(table)
    kinds = {c.name: dictionary.KINDS[c.type] for c in spec}
    return frame[list(kinds)].astype(kinds).reset_index(drop=True)


def read_values(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[FfstatsError]]:
    """Read the printed words of a frame, each distinct expression once.

    Parameters: frame with columns reads, language, wants (the unit to look for), and file, line for errors.
    Returns: a frame with low, high, best, bound, unit on the same index, and the problems found.
    """
    keys = frame.groupby(["reads", "language", "wants"], sort=False).ngroup()
    first = frame.loc[~keys.duplicated()]
    found: list[tuple[float, float, float, str, str]] = []
    problems: list[FfstatsError] = []
    for words, language, wants in zip(first["reads"], first["language"], first["wants"], strict=True):
        if not words:
            found.append((np.nan, np.nan, np.nan, "", wants or "persons"))
            continue
        try:
            e = printed.parse(words, language or None, wants or None)
        except PrintedError as error:
            at = frame.loc[
                (frame["reads"] == words) & (frame["language"] == language) & (frame["wants"] == wants)
            ]
            places_ = ", ".join(f"{f}, line {n}" for f, n in zip(at["file"], at["line"], strict=True))
            problems.append(
                FieldError(
                    f"{places_}, column printed: {error}. Or add a row to {sources.CORRECTIONS}, with a reason."
                )
            )
            found.append((np.nan, np.nan, np.nan, "", wants or "persons"))
            continue
        found.append((_nan(e.low), _nan(e.high), _nan(e.best), e.bound, e.unit))
    values = pd.DataFrame.from_records(found, columns=list(VALUES)).take(keys.to_numpy())
    values.index = frame.index
    return values, problems


def _nan(value: float | None) -> float:
    return np.nan if value is None else value


def _codes(frame: pd.DataFrame, column: str) -> tuple[pd.Series, list[FfstatsError]]:
    """Return the code of each name in a column, and a problem for each name that has none."""
    codes: dict[str, str] = {}
    problems: list[FfstatsError] = []
    for name in frame[column].unique():
        try:
            codes[name] = places.code(name)
        except PlaceError as error:
            at = frame.loc[frame[column] == name].iloc[0]
            problems.append(FieldError(f"{at['file']}, line {at['line']}, column {column}: {error}"))
            codes[name] = ""
    return frame[column].map(codes), problems


def _cell_ids(frame: pd.DataFrame) -> pd.Series:
    """Name each reading's cell; a serial source has one for every producer and date."""
    parts = [frame[c] for c in ("source_id", "iso3", "status", "who", "place", "group")]
    cell = parts[0].str.cat(pd.concat(parts[1:], axis="columns"), sep="/")
    kinds = frame["source_id"].map({s.source_id: s.kind for s in sources.registry().values()})
    producers = frame["producer"].map({p: slug(p) for p in frame["producer"].unique()})
    serial = cell + "/" + producers + "/" + frame["as_of"]
    return cell.where(kinds != "serial", serial)


@cache
def _readings_and_estimates() -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = _frame(sources.rows("readings.csv", "reading_id"))
    return tidy_readings(frame)


def tidy_readings(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn raw readings into the tables `readings` and `estimates`.

    Parameters: frame, the rows of `sources.rows("readings.csv", "reading_id")`.
    Raises: RawDataError with every expression or name that cannot be read.
    """
    frame = frame.copy(deep=False)
    frame["iso3"], problems = _codes(frame, "origin")
    frame["wants"] = "persons"
    frame["reads"] = frame["reads"].where(frame["unreadable"] == "", "")
    values, more = read_values(frame)
    if problems or more:
        raise RawDataError([*problems, *more])
    frame[list(VALUES)] = values
    frame["cell_id"] = _cell_ids(frame)
    missing = frame["seen_kind"] == "missing"
    borrowed = collate.borrowed(frame)
    held = set(frame.loc[~missing & ~borrowed & (frame["bound"] != ""), "cell_id"])
    answered = frame.index[missing][frame.loc[missing, "cell_id"].isin(held)]
    frame = frame.assign(borrowed=borrowed).drop(answered)
    frame = frame.sort_values("reading_id", kind="stable").reset_index(drop=True)
    collated, agreement = collate.collate(frame[~frame["borrowed"]])
    frame["agreement"] = agreement.reindex(frame.index, fill_value=collate.BORROWED)
    cells = _estimates(frame, collated)
    return _typed("readings", frame), _typed("estimates", cells)


def _estimates(frame: pd.DataFrame, collated: pd.DataFrame) -> pd.DataFrame:
    """Put the collated values beside each cell's definition, locator and witnesses."""
    registry = sources.registry()
    supports = frame["agreement"].isin([*collate.DERIVED, "tied"])
    rank = frame["seen_kind"].map({kind: i for i, kind in enumerate((*collate.KINDS, "missing"))})
    order = frame.assign(
        against=~supports, rank=rank, where=frame["locator"].where(frame["locator"] != "", frame["seen_at"])
    )
    best = order.sort_values(["against", "rank", "reading_id"], kind="stable").drop_duplicates("cell_id")
    best = best.set_index("cell_id").sort_index()
    witnesses: dict[str, list[str]] = {}
    for cell, reading in zip(frame["cell_id"], frame["reading_id"], strict=True):
        witnesses.setdefault(cell, []).append(reading)
    cells = best[
        ["source_id", "iso3", "who", "status", "group", "place", "as_of", "basis", "producer"]
    ].copy()
    cells["estimate_id"] = cells.index
    cells["origin"] = cells["iso3"].map({code: places.name(code) for code in cells["iso3"].unique()})
    reports = cells["source_id"].map({s.source_id: s.as_of for s in registry.values() if s.kind == "report"})
    cells["as_of"] = reports.where(reports.notna(), cells["as_of"])
    found = collated.reindex(cells.index)
    cells[["low", "high", "best"]] = found[["low", "high", "best"]]
    cells["bound"] = found["bound"].fillna("")
    cells["unit"] = found["unit"].fillna("persons")
    cells["dissent"] = found["dissent"].fillna("")
    cells["n_witnesses"] = found["n_witnesses"].fillna(0).astype("int64")
    cells["n_independent"] = found["n_independent"].fillna(0).astype("int64")
    cells["tie"] = found["tie"].eq(True)
    cells["seen_kind"] = found["seen_kind"].fillna("missing")
    look_in = cells["source_id"].map({s.source_id: s.look_in for s in registry.values()})
    unread = (cells["seen_kind"] == "missing") & (best["seen_kind"] != "missing")
    cells["locator"] = best["where"].where(~unread, look_in)
    listed = pd.Series([" ".join(witnesses[cell]) for cell in cells.index], index=cells.index, dtype="str")
    cells["witnesses"] = listed.where(found["bound"].notna(), "")
    return cells


@cache
def build_series() -> pd.DataFrame:
    """Build the table `series`.

    Raises: RawDataError with every expression or name that cannot be read, and every unit that does not match.
    """
    frame = _read_rows("series.csv", "row_id").rename(
        columns={"row_id": "series_id", "population_words": "population"}
    )
    return _typed("series", frame.sort_values(["source_id", "series_id"], kind="stable"))


def build_claims() -> pd.DataFrame:
    """Build the table `claims`; raises as `build_series` does."""
    return _typed("claims", _read_rows("claims.csv", "claim_id"))


def build_evidence() -> pd.DataFrame:
    """Build the table `evidence`; raises as `build_series` does."""
    return _typed("evidence", _read_rows("evidence.csv", "evidence_id"))


def build_events() -> pd.DataFrame:
    """Build the table `events`."""
    return _typed("events", _frame(raw.table(paths.raw_dir() / "texts", "events.csv")))


def _read_rows(name: str, key: str) -> pd.DataFrame:
    """Return the rows of a raw table that names its own units, with codes and the values of the printed words."""
    frame = _frame(sources.rows(name, key))
    frame["iso3"], problems = _codes(frame, "origin")
    frame["wants"] = frame["unit"]
    frame["reads"] = frame["reads"].where(frame["unreadable"] == "", "")
    values, more = read_values(frame)
    wrong = (values["bound"] != "") & (values["unit"] != frame["unit"])
    for _, row in frame.assign(read=values["unit"])[wrong].iterrows():
        more.append(
            FieldError(
                f"{row['file']}, line {row['line']}, column unit: {row['unit']!r}, but {row['printed']!r} "
                f"reads as {row['read']!r}. Correct the unit, or add a row to {sources.CORRECTIONS}."
            )
        )
    if problems or more:
        raise RawDataError([*problems, *more])
    frame[list(VALUES)] = values
    return frame


BUILDERS: dict[str, Callable[[], pd.DataFrame]] = {
    "readings": lambda: _readings_and_estimates()[0],
    "estimates": lambda: _readings_and_estimates()[1],
    "series": build_series,
    "population": build_population,
    "claims": build_claims,
    "evidence": build_evidence,
    "events": build_events,
    "sources": build_sources,
}
"""Every tidy table and the function that builds it."""


def clear() -> None:
    """Forget what was read and built."""
    sources._registry.cache_clear()
    _readings_and_estimates.cache_clear()
    build_series.cache_clear()
