"""Names of countries, regions and theatres, in the languages of the data → codes, and back."""

from __future__ import annotations

import csv
import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from ffstats import paths
from ffstats.errors import PlaceError

Role = Literal["origin", "place"]
ROLES: dict[Role, tuple[str, ...]] = {
    "origin": ("country", "region"),
    "place": ("theatre", "place", "country"),
}
"""Where people came from, and where they are counted: two roles, in which one name may mean two things."""

_SEPARATORS = re.compile(r"\s*(?:[+&,/;]|\b(?:and|und|et|y|e|en|och|og|ja|i|ve|dan|dhe|и|و)\b)\s*", re.I)
_TOGETHER = re.compile(r"[\s,(]*\b(?:together|combined|taken together|jointly)\b\)?\s*$", re.I)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A country, region, theatre or named place: its code, names, members, what it lies in, and where."""

    code: str
    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    inside: str = ""
    lat: float | None = None
    lon: float | None = None
    note: str = ""


def _plain(name: str) -> str:
    """Reduce a name to its letters: no case, accents or punctuation."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    bare = "".join(c for c in parts if not unicodedata.combining(c)).replace("ı", "i")
    return " ".join(re.findall(r"[^\W_]+", bare))


def _split(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split("|")))


def _degrees(text: str) -> float | None:
    return float(text) if text else None


@cache
def _table() -> dict[str, Place]:
    with paths.vocabulary("places.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Place(
                row["code"], row["name"], row["kind"], _split(row["aliases"]), _split(row["members"]),
                row["inside"], _degrees(row["lat"]), _degrees(row["lon"]), row["note"],
            )
            for row in csv.DictReader(file)
        }  # fmt: skip


@cache
def _index(role: Role) -> dict[str, str]:
    own = [place for place in _table().values() if place.kind in ROLES[role]]
    return {_plain(name): place.code for place in own for name in (place.name, *place.aliases)}


@cache
def _iso() -> dict[str, Place]:
    """Return the countries of ISO 3166 that our own table does not hold."""
    import pycountry

    return {
        c.alpha_3: Place(
            c.alpha_3, getattr(c, "common_name", c.name), "country", (c.name, getattr(c, "official_name", ""))
        )
        for c in pycountry.countries
        if c.alpha_3 not in _table()
    }


@cache
def _iso_index() -> dict[str, str]:
    return {_plain(name): c.code for c in _iso().values() for name in (c.name, *c.aliases) if name}


def _one(name: str, role: Role) -> str | None:
    """Return the code of a single place in that role; a code itself counts as written, in its own case."""
    bare, plain = name.strip(), _plain(name)
    if bare in _table():
        return bare
    return _index(role).get(plain) or (bare if bare in _iso() else _iso_index().get(plain))


def _several(atoms: list[str], joints: list[str], role: Role) -> list[str] | None:
    """Read a list of names whose own names may hold an "and": the longest that is known comes first."""
    if not atoms:
        return []
    for count in range(min(len(atoms), 4), 0, -1):
        text = atoms[0] + "".join(j + a for j, a in zip(joints, atoms[1:count], strict=False))
        found = _one(text, role)
        rest = _several(atoms[count:], joints[count:], role) if found else None
        if found and rest is not None:
            return [found, *rest]
    return None


@lru_cache(maxsize=4096)
def code(name: str, role: Role = "origin") -> str:
    """Return the code of a country, region, theatre or named place, by any name that the data use.

    Parameters: name, in any case, with or without accents, of one place or of several ("A and B together",
    "A+B"); role, "origin" (whose nationals) or "place" (where they are counted).
    Returns: an ISO 3166 alpha-3 code, a region's or theatre's code of places.csv, or for several places their
    sorted codes joined by "+".
    Raises: PlaceError, which gives the names that come close.

    >>> code("Neth."), code("FYROM"), code("Kosovo+Bosnia+North Macedonia")
    ('NLD', 'MKD', 'BIH+MKD+XKX')
    >>> code("Iraq and Syria"), code("Iraq and Syria", role="place")
    ('XIS', 'syria_iraq')
    """
    if role not in ROLES:
        raise PlaceError(f"role {role!r} is not known. Use {' or '.join(ROLES)}.")
    if not isinstance(name, str) or not _plain(name) or len(name) > _LONGEST:
        raise PlaceError(f"{_shown(name)} is not the name of a place. Give a country, region or theatre.")
    found = _one(name, role)
    if found:
        return found
    text = _TOGETHER.sub("", name)
    atoms, joints = _SEPARATORS.split(text), _SEPARATORS.findall(text)
    codes = _several(atoms, joints, role) if all(atoms) and len(atoms) <= 12 else None
    if codes:
        return "+".join(sorted(set(codes)))
    other = _one(name, "place" if role == "origin" else "origin")
    if other:
        return other
    raise PlaceError(f"{_shown(name)} is not a known place.{_near(name)} New names go in places.csv.")


def _shown(name: object) -> str:
    text = repr(name)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _near(name: str) -> str:
    known = {**_iso_index(), **_index("place"), **_index("origin")}
    close = difflib.get_close_matches(_plain(name)[:60], known, n=4, cutoff=0.7)
    names = dict.fromkeys(_place(known[match]).name for match in close)
    return f" Close names: {', '.join(names)}." if names else ""


def _place(code: str) -> Place:
    return _table().get(code) or _iso()[code]


@lru_cache(maxsize=1024)  # asked tens of thousands of times a text, of a few hundred codes
def place(code: str) -> Place:
    """Return one place of the table or of ISO 3166 by its code.

    Raises: PlaceError where no place has that code.

    >>> place("raqqa").inside
    'SYR'
    """
    if code in _table() or code in _iso():
        return _place(code)
    raise PlaceError(f"{_shown(code)} is not the code of a place. Codes stand in places.csv or ISO 3166.")


def listed(kind: str | None = None) -> tuple[Place, ...]:
    """Return the places of our own table, all or of one kind: country, region, theatre, place.

    >>> [p.code for p in listed("theatre")][:3]
    ['world', 'all_theatres', 'syria_iraq']
    """
    return tuple(p for p in _table().values() if kind in (None, p.kind))


@lru_cache(maxsize=1024)
def name(code: str) -> str:
    """Return the name of a code, of several joined by "+" too.

    Raises: PlaceError where no place has that code.

    >>> name("XWB"), name("BIH+MKD+XKX")
    ('Western Balkans', 'Bosnia and Herzegovina, North Macedonia and Kosovo')
    """
    names = [place(part).name for part in code.split("+")]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def members(code: str) -> tuple[str, ...]:
    """Return the codes that a region or several places consist of, sorted; of a country, its own code.

    Raises: PlaceError where no place has that code.

    >>> members("XWB")
    ('ALB', 'BIH', 'MKD', 'MNE', 'SRB', 'XKX')
    """
    found: set[str] = set()
    for part in code.split("+"):
        parts = place(part).members
        if parts[:1] == ("*",):
            found |= {p.code for p in listed("country")} | set(_iso())
            found -= {excluded.removeprefix("-") for excluded in parts[1:]}
        else:
            found |= set(parts or (part,))
    return tuple(sorted(found))


@lru_cache(maxsize=1024)
def around(code: str) -> tuple[str, ...]:
    """Return what a place lies in, from near to far.

    >>> around("al_hol")
    ('northeast_syria', 'SYR', 'syria_iraq', 'all_theatres', 'world')
    """
    here, found = place(code), []
    while here.code != "world":
        here = place(here.inside or ("world" if here.code == "all_theatres" else "all_theatres"))
        found.append(here.code)
    return tuple(found)


def relation(a: str, b: str, role: Role = "origin") -> str:
    """Say how place a stands to place b: equal, narrower, wider or different. Both are codes or names.

    >>> relation("France", "European Union"), relation("syria_iraq", "Raqqa", "place")
    ('narrower', 'wider')
    """
    a, b = code(a, role), code(b, role)
    if a == b:
        return "equal"
    narrower, wider = _covers(b, a), _covers(a, b)
    if narrower and wider:
        return "equal"
    return "narrower" if narrower else "wider" if wider else "different"


def _covers(whole: str, part: str) -> bool:
    """Tell whether every member of `part` is a member of `whole`, or lies in one."""
    held = {*whole.split("+"), *members(whole)}
    return all(held & {member, *around(member)} for member in members(part))
