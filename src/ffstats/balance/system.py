"""The relations that data/raw/texts declares, with every number they name looked up where it was printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import dictionary, paths, places
from ffstats.balance import relations
from ffstats.balance.relations import Quantity, Relation
from ffstats.errors import PlaceError, RelationError
from ffstats.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from ffstats.judging.entries import Claim

MEMBERS = re.compile(r"members\((\w+)\)")


def load_system(
    reading: str = "strict",
    claims: Mapping[str, Claim] | None = None,
    estimates: pd.DataFrame | None = None,
    series: pd.DataFrame | None = None,
    folder: Path | None = None,
) -> tuple[list[Quantity], list[Relation]]:
    """Return the quantities and relations of a reading, ready for `reconcile`.

    An id is a claim (c042), a dated total (series:un-106), a quantity of quantities.csv, or an estimate:
    estimate:source:iso3:status or estimate:source:iso3:status:who. With members(region) for iso3 it stands for
    every country of the region of which the source has that estimate, cells not seen among them.

    Parameters: reading; the claims by id, the frames `estimates` and `series`, and the folder of relations.csv
    and quantities.csv, each by default the project's own.
    Raises: RelationError, which lists every problem with its row and remedy.

    >>> quantities, found = load_system("charitable")
    >>> {r.reading for r in found} == {"both", "charitable"}
    True
    """
    from ffstats import tidy
    from ffstats.judging.entries import load

    folder = folder or paths.raw_dir() / "texts"
    library = _Library(
        load().claims if claims is None else claims,
        tidy.estimates() if estimates is None else estimates,
        tidy.series() if series is None else series,
        relations.read_quantities(folder / "quantities.csv"),
    )
    problems = [
        f"{q.where}: the id {q.quantity_id} is that of a claim. Rename it."
        for q in library.declared.values()
        if q.quantity_id in library.claims
    ]
    rows = []
    for row in relations.read_relations(folder / "relations.csv"):
        ids = {}
        for side, names in (
            ("left", row.left),
            ("right", row.right),
            ("factor", [row.factor] if row.factor else []),
        ):
            found = [library.find(name) for name in names]
            problems += [f"{row.where}: {row.relation_id}: {text}" for text in found if isinstance(text, str)]
            ids[side] = tuple(q.quantity_id for some in found if not isinstance(some, str) for q in some)
        rows.append(replace(row, left=ids["left"], right=ids["right"], factor=(*ids["factor"], "")[0]))
    if problems:
        raise RelationError(problems)
    rows = relations.assumed(rows, reading)
    named = {name for row in rows for name in row.ids}
    quantities = [q for name, q in sorted(library.used.items()) if name in named]
    relations.check(quantities, rows)
    return quantities, rows


class _Library:
    """Where ids are looked up; what was found is kept in `used`."""

    def __init__(
        self,
        claims: Mapping[str, Claim],
        estimates: pd.DataFrame,
        series: pd.DataFrame,
        declared: Iterable[Quantity],
    ) -> None:
        self.claims = claims
        self.estimates: dict[tuple[str, str], list[Any]] = {}
        for row in estimates.itertuples():
            self.estimates.setdefault((_text(row.source_id), _text(row.status)), []).append(row)
        self.series = series.set_index("series_id")
        self.declared = {q.quantity_id: q for q in declared}
        self.titles = dictionary.measure_titles()
        self.used: dict[str, Quantity] = {}

    def find(self, name: str) -> list[Quantity] | str:
        """The quantities that an id of the file stands for, or what is wrong with it."""
        if name.startswith("estimate:"):
            return self._estimates(name)
        if name in self.claims:
            claim = self.claims[name]
            until = f"/{claim.as_of_end}" if claim.as_of_end else ""
            return self._keep(
                Quantity(name, claim.estimate, f"{claim.paraphrase} [{name}]", claim.as_of + until)
            )
        if name in self.declared:
            return self._keep(self.declared[name])
        key = name.removeprefix("series:")
        if name != key and key in self.series.index:
            row = self.series.loc[key]
            title = f"{self.titles[_text(row.measure)]}, {row.report}"
            return self._keep(
                Quantity(name, _estimate(row), title, _text(row.period_end), lacking=_lacking(row))
            )
        return f"{name!r} is no claim, dated total or declared quantity. Correct the id, or add it to quantities.csv."

    def _estimates(self, name: str) -> list[Quantity] | str:
        _, *parts = name.split(":")
        if len(parts) not in (3, 4):
            return f"{name!r} is no estimate. Write estimate:source:iso3:status, or with :who at the end."
        source, origin, status, *who = parts
        rows = self.estimates.get((source, status), [])
        region = MEMBERS.fullmatch(origin)
        if not region:
            rows = [row for row in rows if row.iso3 == origin and (not who or row.who == who[0])]
            if len(rows) > 1:
                counted = sorted(row.who for row in rows)
                return f"{name!r} stands for {len(rows)} estimates. Add who: {', '.join(counted)}."
        else:
            try:
                inside = set(places.members(region[1])) - {region[1]}
            except PlaceError as error:
                return str(error)
            counted = who or sorted({row.who for row in rows if row.iso3 == region[1]})
            rows = [row for row in rows if row.iso3 in inside and row.who in counted]
        if not rows:
            return f"there is no estimate {name!r}. Look it up in data/processed/estimates.csv."
        found = []
        for row in rows:
            title = f"{row.origin}, {_words(_text(row.status))}, {row.source_id}"
            ident = f"estimate:{row.source_id}:{row.iso3}:{row.status}:{row.who}"
            found += self._keep(
                Quantity(ident, _estimate(row), title, _text(row.as_of), lacking=_lacking(row))
            )
        return found

    def _keep(self, quantity: Quantity) -> list[Quantity]:
        self.used[quantity.quantity_id] = quantity
        return [quantity]


def _estimate(row: Any) -> Estimate:
    """The estimate of a table's row; a cell not seen is open at both ends."""
    low, high, best = (
        None if value is None or value != value else float(value) for value in (row.low, row.high, row.best)
    )
    bound, unit = _text(row.bound), _text(row.unit)
    return Estimate(low, high, bound, unit, best) if bound else Estimate.vague(unit=unit or "persons")


def _lacking(row: Any) -> str:
    """Why a table's row has no number, or nothing."""
    if _text(row.bound):
        return ""
    return relations.NOT_SEEN if getattr(row, "seen_kind", "missing") == "missing" else relations.NO_NUMBER


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _words(term: str) -> str:
    return term.replace("_", " ")
