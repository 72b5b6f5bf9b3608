"""Printed figures by name, as estimates: what a notebook quotes and computes with, so that it types none."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from ffstats import paths, tidy
from ffstats.cells import preferred, preferred_pairs
from ffstats.choice import Choice, valid
from ffstats.errors import NumberError, PlaceError
from ffstats.estimate import Estimate


def claim(claim_id: str) -> Estimate:
    """Return the figure of a claim of the three texts; raises NumberError, if there is none.

    >>> str(claim("c008"))
    'at least 40,000'
    """
    return _figure("claims", claim_id)


def total(series_id: str) -> Estimate:
    """Return a dated total by its id; raises NumberError, if it states no figure.

    >>> str(total("un-106"))
    '24,000–30,000'
    """
    return _figure("series", series_id)


def seen(evidence_id: str) -> Estimate:
    """Return the figure of a piece of evidence; raises NumberError, if it states none."""
    return _figure("evidence", evidence_id)


def cell(estimate_id: str) -> Estimate:
    """Return the collated figure of a source's cell; raises NumberError, if it was not seen.

    >>> str(cell("soufan2017/FRA/returned/all_persons/syria_iraq/isis"))
    '271'
    """
    return _figure("estimates", estimate_id)


def _figure(table: str, name: str) -> Estimate:
    row = tidy.row(table, name)
    if row is None:
        raise NumberError(
            f"{name!r} is in no row of {table}. See data/processed/{table}.csv for those there are."
        )
    found = tidy.as_estimate(row)
    if found is None:
        raise NumberError(f"{name}: no figure to compute with; it was not seen, or the words state none.")
    return found


def codes(countries: str | Iterable[str]) -> list[str]:
    """Return the codes of countries or regions given as names or codes, in a list or one text with commas.

    Raises: ChoiceError for the first of which there is no estimate, listing those of which there is one.

    >>> codes("GBR, France")
    ['GBR', 'FRA']
    """
    from ffstats import places

    parts = countries.split(",") if isinstance(countries, str) else countries
    known = tidy.estimates()["iso3"].unique()
    found = []
    for part in filter(None, map(str.strip, parts)):
        try:
            found.append(places.code(part))
        except PlaceError:
            found.append(part)
        valid("countries", found[-1], known)
    return found


def figures(codes: Iterable[str], status: str, choice: Choice) -> dict[str, tuple[Estimate, str]]:
    """Return the figure of each country that a reader's choice prefers, and the id of its source, by code.

    Countries for which none of the sources has a figure up to the date chosen are left out.
    """
    paths.note_read("tables", "estimates")
    found = _every_figure(status, choice)
    return {code: found[code] for code in codes if code in found}


@tidy.until_cleared
def _every_figure(status: str, choice: Choice) -> dict[str, tuple[Estimate, str]]:
    """Return the figures of all countries; a notebook asks for many under one choice."""
    best = preferred(tidy.estimates(), choice, [status])
    found = ((row["iso3"], tidy.as_estimate(row), row["source_id"]) for _, row in best.iterrows())
    return {code: (figure, source) for code, figure, source in found if figure is not None}


def chosen(iso3: str, status: str, choice: Choice) -> tuple[Estimate, str]:
    """Return the figure of one country that a reader's choice prefers, and the id of its source.

    Raises: NumberError, if none of the sources has one up to the date chosen.
    """
    found = figures([iso3], status, choice)
    if not found:
        raise NumberError(
            f"{iso3}, {status}: no figure in {', '.join(choice.prefer)} up to {choice.as_of or 'any date'}."
        )
    return found[iso3]


def both(codes: Iterable[str], choice: Choice) -> dict[str, tuple[Estimate, Estimate, str]]:
    """Return travelled and returned of each country from the first source preferred that has both, by code.

    The two are counts of one producer, of the same people at the same date (see `cells.pairs`).
    """
    paths.note_read("tables", "estimates")
    found = _every_pair(choice)
    return {code: found[code] for code in codes if code in found}


@tidy.until_cleared
def _every_pair(choice: Choice) -> dict[str, tuple[Estimate, Estimate, str]]:
    """Return the pairs of all countries; a notebook asks for many under one choice."""
    made: dict[str, dict[str, tuple[Estimate | None, str]]] = {}
    for _, row in preferred_pairs(tidy.estimates(), choice).iterrows():
        made.setdefault(row["iso3"], {})[row["status"]] = (tidy.as_estimate(row), row["source_id"])
    found = ((code, pair["travelled"], pair["returned"][0]) for code, pair in made.items())
    return {code: (went, back, source) for code, (went, source), back in found if went and back}


def by_source(iso3: str, status: str, choice: Choice) -> dict[str, Estimate]:
    """Return what each of the sources preferred says of a country, by source; those without a figure are left out.

    >>> str(by_source("RUS", "travelled", Choice(prefer="soufan2017,icsr2015"))["icsr2015"])
    '800–1,500'
    """
    found = {}
    for source in choice.prefer:
        own = figures([iso3], status, replace(choice, prefer=(source,)))
        for figure, _ in own.values():
            found[source] = figure
    return found


def envelope(estimates: Iterable[Estimate]) -> Estimate:
    """Return the range from the lowest to the highest end that any of some estimates states.

    >>> str(envelope([Estimate.between(800, 1500), Estimate.at_least(3000)]))
    '800–3,000'
    """
    given = list(estimates)
    ends = [end for estimate in given for end in (estimate.low, estimate.high) if end is not None]
    return Estimate.between(min(ends), max(ends), unit=given[0].unit)


def marked(estimate: Estimate, choice: Choice) -> Estimate:
    """Return the one figure that stands for an estimate under the rule chosen, as an approximate one.

    >>> str(marked(Estimate.between(14000, 18000), Choice(rule="midpoint")))
    'about 16,000'
    """
    ends = (math.nan if end is None else end for end in (estimate.low, estimate.high, estimate.best))
    return Estimate.approx(choice.single(*ends), estimate.unit)


def from_zero(count: Estimate) -> Estimate:
    """Return a count with an open lower end as the range from zero that it is: no count is below zero.

    >>> str(Estimate.exact(600) / from_zero(Estimate.at_most(3000)))
    'at least 0.2 ratio'
    """
    if count.low is not None or count.high is None:
        return count
    return Estimate.between(0, count.high, unit=count.unit)
