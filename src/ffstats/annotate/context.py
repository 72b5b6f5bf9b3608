"""What stands around a number: the places, people, status and dates that its clause and sentences name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ffstats.annotate.cues import Cue

_WHERE = (("displaced",),)
_STAYING = {"present", "strength"}


class Words(NamedTuple):
    """The cues of one stretch of text, facet by facet.

    statuses: every status that the words may stand for. origins: the places that lie not in Syria or Iraq.
    authorities: countries whose officials are named. own: whether it is a country's own people ("nationals").
    goals: the places that they only go into. rate: whether it is so many a month. sites: of several places, some of
    them in Syria or Iraq, those in which so many are each.
    """

    geo: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    status: tuple[tuple[str, ...], ...] = ()
    years: tuple[int, ...] = ()
    world: bool = False
    foreign: bool = False
    topic: bool = False
    authorities: tuple[str, ...] = ()
    statuses: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ()
    own: bool = False
    goals: frozenset[str] = frozenset()
    rate: bool = False
    sites: frozenset[str] = frozenset()


class Fit(NamedTuple):
    """How a candidate's population stands to what the words around a number say.

    score: how far it is borne out; against: by what it is contradicted; named: whether an origin or place names it.
    """

    score: float
    against: str = ""
    named: bool = False


class Context(NamedTuple):
    """What stands around a number.

    near: its own clause; sentence: the whole sentence; before: the sentences before. leading: the place that the
    sentence opens with ("In France, …"). head: who the noun behind the number names, if any. topic: strong, weak or
    empty, as the words are about these fighters. unit: of the numbers beside it, if they are no persons. nearly:
    whether it is said to be almost reached. date: the day or month that its sentence names.
    """

    near: Words
    sentence: Words
    before: Words
    leading: tuple[str, ...] = ()
    head: str = ""
    topic: str = ""
    unit: str = ""
    nearly: bool = False
    date: str = ""

    def as_dict(self) -> dict[str, list[str] | str]:
        """Return the context as found, the clause's words or else the sentence's, as plain values."""
        pick = {name: getattr(self.near, name) or getattr(self.sentence, name) for name in ("geo", "who", "years")}
        status = (self.near if self.near.status else self.sentence).statuses
        return {
            "place": list(pick["geo"]), "who": [self.head] if self.head else list(pick["who"]),
            "status": sorted(status), "as_of": [str(year) for year in pick["years"]], "topic": self.topic,
        }  # fmt: skip


def told(cues: Sequence[Cue]) -> tuple[tuple[tuple[str, ...], ...], frozenset[str]]:
    """Return what words say of the status, cue by cue, and every status that they may mean."""
    status = tuple(dict.fromkeys([c.terms for c in cues if c.facet == "status"]))
    # A camp says where people are; what befell them says more, but not that they remain there, or how many they are.
    telling = tuple([terms for terms in status if terms not in _WHERE])
    if all(terms == ("stated",) or _STAYING.issubset(terms) for terms in telling):
        telling = status
    return telling, frozenset([term for terms in telling for term in terms])
