"""What the roles of the narrative stand for: numbers, claims, estimates, totals, sources, exhibits, counts."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ffstats import quote, sources
from ffstats.errors import FfstatsError, NarrativeError
from ffstats.judging.entries import Claim
from ffstats.publish.narrative import Bound

COUNTED = {
    "texts": "source-texts", "claims": "ledger", "supported": "ledger", "supported_secondary": "ledger", "differs": "ledger",
    "not_found": "ledger", "not_checked": "ledger", "readings": "table-readings", "languages": "table-readings",
    "estimates": "table-estimates", "dissent": "table-estimates", "missing": "table-estimates", "series": "table-series",
    "sources": "limits", "labels": "exhibit-flows", "bound": "numbers",
}  # fmt: skip
"""Where on the page that which a count counts can be seen."""


class Bindings:
    """Looks up roles; call it with the name of a role and its target.

    Parameters: numbers, as numbers.json has them; exhibits, id → what a link to the exhibit says ("Figure 3");
    claims, by id; counts, name → number, what the build itself has counted; sections, id → title.
    """

    def __init__(
        self,
        numbers: Iterable[Mapping[str, Any]],
        exhibits: Mapping[str, str],
        claims: Mapping[str, Claim],
        counts: Mapping[str, int],
        sections: Mapping[str, str],
    ) -> None:
        self.numbers = {entry["id"]: entry for entry in numbers}
        self.exhibits = dict(exhibits)
        self.claims = claims
        self.counts = dict(counts)
        self.sections = dict(sections)
        self._roles: dict[str, Callable[[str], Bound]] = {
            "num": self._num, "claim": self._claim, "est": self._est, "total": self._total, "src": self._src,
            "exhibit": self._exhibit, "count": self._count, "ref": self._ref,
        }  # fmt: skip

    def __call__(self, role: str, target: str) -> Bound:
        """Return what a role stands for.

        Raises: NarrativeError, for a role or target that there is not, with those that come near.
        """
        look_up = self._roles.get(role)
        if look_up is None:
            raise NarrativeError(f"there is no role {{{role}}}; the roles are {', '.join(self._roles)}")
        try:
            bound = look_up(target)
        except NarrativeError:
            raise
        except FfstatsError as error:
            raise NarrativeError(f"{{{role}}}`{target}`: {error}") from error
        return replace(bound, text=bound.text.replace("km2", "km²"))

    def _num(self, target: str) -> Bound:
        entry = self._known("num", target, self.numbers)
        text = entry["text"].removesuffix(" times")  # the sentence says "times", or "-fold"
        names = ", ".join(sources.source(name).short for name in entry["sources"])
        origin = f"{entry['definition']}. From {names}; notebook {entry['notebook']}, cell {entry['cell']}"
        return Bound("num", target, text, origin, f"n-{target.replace('.', '-')}")

    def _claim(self, target: str) -> Bound:
        claim = self._known("claim", target, self.claims)
        return Bound("claim", target, f"“{claim.printed}”", f"As printed: {claim.where} ({target})", target)

    def _est(self, target: str) -> Bound:
        name = sources.source(target.split("/")[0]).short
        return Bound("est", target, str(quote.cell(target)), f"{name}: {target}", f"source-{target.split('/')[0]}")

    def _total(self, target: str) -> Bound:
        source_id = target.rpartition("-")[0]
        name = sources.source(source_id).short
        return Bound("total", target, str(quote.total(target)), f"{name}, row {target}", f"source-{source_id}")

    def _src(self, target: str) -> Bound:
        found = sources.source(target)
        return Bound("src", target, found.short, found.title, f"source-{target}")

    def _exhibit(self, target: str) -> Bound:
        return Bound("exhibit", target, self._known("exhibit", target, self.exhibits), "", f"exhibit-{target}")

    def _count(self, target: str) -> Bound:
        return Bound("count", target, f"{self._known('count', target, self.counts):,}", "Counted by the build", COUNTED.get(target, ""))

    def _ref(self, target: str) -> Bound:
        return Bound("ref", target, self._known("ref", target, self.sections), "", target)

    def _known(self, role: str, target: str, held: Mapping[str, Any]) -> Any:
        if target in held:
            return held[target]
        near = difflib.get_close_matches(target, held, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {len(held)}, none close to it"
        raise NarrativeError(f"{{{role}}}`{target}` stands for nothing; {hint}")
