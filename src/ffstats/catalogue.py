"""The catalogue of exhibits: what there is, how each is made, and the list that is written with the results."""

from __future__ import annotations

import csv
import importlib
import inspect
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ffstats import drawn, paths
from ffstats.choice import Choice, valid
from ffstats.drawn import Drawn, Exhibit
from ffstats.errors import ChoiceError
from ffstats.files import put

if TYPE_CHECKING:
    import pandas as pd

FRAMES = {
    "estimates": "ffstats.tidy:estimates",
    "readings": "ffstats.tidy:readings",
    "series": "ffstats.tidy:series",
    "population": "ffstats.tidy:population",
    "source_table": "ffstats.tidy:source_table",
    "claims": "ffstats.tidy:claims",
    "evidence": "ffstats.tidy:evidence",
    "events": "ffstats.tidy:events",
    "verdicts": "ffstats.figures.check:verdict_frame",
    "account": "ffstats.balance.accounting:frame",
    "conflicts": "ffstats.cards:frame",
}
CHOICE = ("prefer", "rule", "as_of")
GIVEN = ("choice", "title")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of catalogue.csv: an exhibit, the section and notebook it belongs to, and the function that makes it."""

    id: str
    kind: str
    title: str
    section: str
    notebook: str
    function: str
    sources: tuple[str, ...]
    claims: tuple[str, ...]

    def make(self) -> Callable[..., Drawn]:
        """Return the function that draws the exhibit."""
        return _named(self.function)

    def frames(self) -> list[str]:
        """Return the names of the tidy tables that the exhibit is drawn from."""
        return [name for name in inspect.signature(self.make()).parameters if name in FRAMES]

    def parameters(self) -> list[str]:
        """Return the names of the parameters that a reader may set."""
        own = [p.name for p in inspect.signature(self.make()).parameters.values() if p.kind is p.KEYWORD_ONLY]
        return [*CHOICE, *(name for name in own if name not in GIVEN)]


def _named(dotted: str) -> Callable[..., Any]:
    module, _, name = dotted.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


@cache
def entries() -> tuple[Entry, ...]:
    """Return every entry of the catalogue, in its order.

    >>> entries()[0].section
    '01_rise'
    """
    with paths.vocabulary("catalogue.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Entry(
                row["id"], row["kind"], row["title"], row["section"], row["notebook"], row["function"],
                tuple(row["sources"].split()), tuple(row["claims"].split()),
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


def entry(exhibit_id: str) -> Entry:
    """Return the entry of an exhibit.

    Raises ChoiceError that lists the exhibits there are.
    """
    valid("exhibit", exhibit_id, [known.id for known in entries()])
    return next(known for known in entries() if known.id == exhibit_id)


def build(exhibit_id: str, frames: Mapping[str, pd.DataFrame] | None = None, /, **parameters: Any) -> Exhibit:
    """Draw an exhibit from the tidy tables, or from the frames given in their place.

    `parameters` are prefer, rule and as_of (see `Choice`) and those of the exhibit's own function.
    Raises ChoiceError for an unknown exhibit, parameter or value, listing the valid ones.
    """
    known = entry(exhibit_id)
    for name in parameters:
        valid(f"{exhibit_id}, parameter", name, known.parameters())
    given = dict(frames or {})
    choice = Choice(**{name: parameters[name] for name in CHOICE if name in parameters})
    if "prefer" in parameters:
        held = _sources(given)
        for source in choice.prefer:
            valid("prefer", source, held)
    own = {name: value for name, value in parameters.items() if name not in CHOICE}
    arguments: dict[str, Any] = {
        name: _frame(name, own) if given.get(name) is None else given[name] for name in known.frames()
    }
    with _unchecked(known.kind):
        drawn = known.make()(**arguments, choice=choice, title=known.title, **own)
    written = {name: list(value) if isinstance(value, tuple) else value for name, value in parameters.items()}
    return Exhibit(
        id=known.id,
        kind=known.kind,
        title=known.title,
        section=known.section,
        notebook=known.notebook,
        claims=known.claims,
        drawn=drawn,
        parameters=written,
    )


def _frame(name: str, own: Mapping[str, Any]) -> pd.DataFrame:
    """Make a tidy table, with those of an exhibit's own parameters that the table has as well."""
    make: Callable[..., pd.DataFrame] = _named(FRAMES[name])
    return make(**{n: value for n, value in own.items() if n in inspect.signature(make).parameters})


def _unchecked(kind: str) -> AbstractContextManager[Any]:
    """Leave out Altair's check of each part of a chart: a third of the time. The tests check every figure whole."""
    if kind != "figure":
        return nullcontext()
    from altair.utils.schemapi import debug_mode

    return debug_mode(False)


def _sources(given: Mapping[str, pd.DataFrame]) -> list[str]:
    frame = given["estimates"] if "estimates" in given else _named(FRAMES["source_table"])()
    return sorted(frame["source_id"].unique())


def write(out: Path | str | None = None) -> Path:
    """Write catalogue.json: every exhibit emitted into a folder, in the order of the catalogue, with its files.

    Paths start at the project's root; those of a folder elsewhere start with its name.

    Raises ChoiceError where the folder holds an exhibit that the catalogue does not know.
    """
    folder = drawn.out_dir(out)
    order = {known.id: place for place, known in enumerate(entries())}
    found = drawn.emitted(folder)
    strangers = [item["id"] for item in found if item["id"] not in order]
    if strangers:
        raise ChoiceError(
            f"{paths.shown(folder)}/exhibits holds {', '.join(strangers)}, not in the catalogue; delete or register them"
        )
    rows = []
    for item in sorted(found, key=lambda item: order[item["id"]]):
        stem = f"{paths.in_project(folder)}/{item['kind']}s/{item['id']}"
        files = {end: f"{stem}.{end}" for end in drawn.extensions(item["kind"])}
        rows.append({**{name: value for name, value in item.items() if name != "parameters"}, "files": files})
    path = folder / "catalogue.json"
    put(path, (json.dumps(rows, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode("utf-8"))
    return path
