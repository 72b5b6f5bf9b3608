"""The vocabulary of what a number counts, and the comparison of two such definitions."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from ffstats import paths, places
from ffstats.errors import DefinitionError, PlaceError

FACETS = ("group", "who", "status", "basis")
"""The facets whose values are terms of definitions.csv; origin and place are places, as_of is a date."""

RELATIONS = ("equal", "narrower", "wider", "different", "unknown")


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a facet: its title, what it counts and does not count, and the terms it is a part of."""

    term: str
    facet: str
    title: str
    description: str
    part_of: tuple[str, ...]
    source: str

    def __str__(self) -> str:
        lines = [f"{self.term} ({self.facet}): {self.title}", f"  {self.description}"]
        if self.part_of:
            lines.append(f"  Part of: {', '.join(self.part_of)}.")
        if self.source:
            lines.append(f"  Source: {self.source}.")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a number counts. An empty facet is one that the source leaves open.

    group, who, status, basis: terms of definitions.csv; origin, place: names or codes of places.csv;
    as_of: a year, month or day (ISO 8601), or a period of two joined by "/".
    """

    group: str
    who: str
    status: str
    origin: str = ""
    place: str = ""
    as_of: str = ""
    basis: str = ""

    @classmethod
    def of(cls, row: Mapping[str, str]) -> Definition:
        """Take the definition of a row of readings, estimates, series, claims or evidence."""
        return cls(**{f.name: str(row.get(f.name) or "") for f in fields(cls)})


@dataclass(frozen=True, slots=True)
class Difference:
    """One facet in which definition a is narrower or wider than b, different from it, or not known equal."""

    facet: str
    relation: str
    a: str
    b: str

    def __str__(self) -> str:
        a, b = (value or "not stated" for value in (self.a, self.b))
        if self.relation == "unknown":
            return f"{self.facet}: {a} cannot be compared with {b}"
        return (
            f"{self.facet}: {a} is {'not' if self.relation == 'different' else f'{self.relation} than'} {b}"
        )


@cache
def _table() -> dict[tuple[str, str], Term]:
    with paths.vocabulary("definitions.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["facet"], row["term"]): Term(
                row["term"], row["facet"], row["title"], row["description"],
                tuple(filter(None, row["part_of"].split("|"))), row["source"],
            )
            for row in csv.DictReader(file)
        }  # fmt: skip


def terms(facet: str) -> tuple[str, ...]:
    """Return the terms of a facet, in the order of the table.

    Raises: DefinitionError where there is no such facet.

    >>> terms("group")
    ('isis', 'sunni_militant_groups', 'any', 'not_stated')
    """
    if facet not in FACETS:
        raise DefinitionError(
            f"{facet!r} is not a facet.{_near(facet, FACETS)} Facets are {', '.join(FACETS)}."
        )
    return tuple(term for kind, term in _table() if kind == facet)


def entry(facet: str, term: str) -> Term:
    """Return the entry of a term of a facet; raises DefinitionError where there is none.

    >>> entry("status", "convicted").title
    'Convicted'
    """
    if term not in terms(facet):
        raise DefinitionError(f"{term!r} is not a term of {facet}.{_near(term, terms(facet))}")
    return _table()[facet, term]


def describe(term: str) -> str:
    """Return what a term counts and does not count; a term of two facets is described for both.

    Raises: DefinitionError, which gives the terms that come close.

    >>> print(describe("convicted"))
    convicted (status): Convicted
      Found guilty by a court.
      Part of: prosecuted.
    """
    found = [str(entry) for (_, name), entry in _table().items() if name == term]
    if not found:
        known = list(dict.fromkeys(name for _, name in _table()))
        raise DefinitionError(f"{term!r} is not a term.{_near(term, known)} Terms are {', '.join(known)}.")
    return "\n".join(found)


def _near(word: str, known: tuple[str, ...] | list[str]) -> str:
    close = difflib.get_close_matches(str(word)[:60], known, n=3)
    return f" Did you mean {' or '.join(close)}?" if close else ""


def problems(definition: Definition) -> list[str]:
    """List what is wrong with a definition: terms and places that are not known, with those that are."""
    found = []
    for facet in FACETS:
        value, known = getattr(definition, facet), terms(facet)
        if value not in known and not (facet == "basis" and not value):
            found.append(
                f"{facet}: {value!r} is not a term.{_near(value, known)} Use one of {', '.join(known)}."
            )
    for facet in ("origin", "place"):
        value = getattr(definition, facet)
        try:
            places.code(value, facet) if value else None
        except PlaceError as error:
            found.append(f"{facet}: {error}")
    return found


def validate(definition: Definition) -> None:
    """Check a definition against the vocabulary.

    Raises: DefinitionError with every facet that is wrong and the valid terms.

    >>> validate(Definition("isis", "fighters", "travelled", origin="France", place="syria_iraq"))
    """
    found = problems(definition)
    if found:
        raise DefinitionError("\n".join(found))


def relation(facet: str, a: str, b: str) -> str:
    """Say how value a stands to value b: equal, narrower, wider, different, or unknown where one is open.

    Raises: DefinitionError or PlaceError where a value is not known.

    >>> relation("who", "children", "all_persons"), relation("status", "travelled", "returned")
    ('narrower', 'wider')
    >>> relation("as_of", "2017-10", "2017"), relation("group", "isis", "not_stated")
    ('narrower', 'unknown')
    """
    if a == b:
        return "equal"
    if not a or not b or "not_stated" in (a, b):
        return "unknown"
    if facet == "origin":
        return places.relation(a, b)
    if facet == "place":
        return places.relation(a, b, "place")
    if facet == "as_of":
        narrower, wider = a.startswith(f"{b}-"), b.startswith(f"{a}-")
    else:
        narrower, wider = b in _wholes(facet, a), a in _wholes(facet, b)
    return "narrower" if narrower else "wider" if wider else "different"


def _wholes(facet: str, term: str) -> set[str]:
    """Return every term that a term is a part of, near and far."""
    if (facet, term) not in _table():
        known = terms(facet)
        raise DefinitionError(
            f"{facet}: {term!r} is not a term.{_near(term, known)} Use one of {', '.join(known)}."
        )
    found: set[str] = set()
    for whole in _table()[facet, term].part_of:
        found |= {whole} | _wholes(facet, whole)
    return found


def compare(a: Definition, b: Definition) -> list[Difference]:
    """List the facets in which two definitions differ, and how a stands to b in each.

    Returns: one Difference a facet that is not equal: a is narrower or wider than b, different from it, or
    unknown where one of them leaves the facet open. An empty list means that both count the same.

    >>> press = Definition("isis", "fighters", "returned", "World", "syria_iraq", "2017-10")
    >>> report = Definition("isis", "all_persons", "returned", "World", "syria_iraq", "2017-10")
    >>> [str(difference) for difference in compare(press, report)]
    ['who: fighters is narrower than all_persons']
    """
    found = []
    for field in fields(Definition):
        left, right = getattr(a, field.name), getattr(b, field.name)
        how = relation(field.name, left, right)
        if how != "equal":
            found.append(Difference(field.name, how, left, right))
    return found
