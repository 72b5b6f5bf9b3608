"""Witnesses of one cell → one estimate, with the dissent kept.

One published cell is known through several witnesses (the report itself, reprints, press in a dozen
languages), which disagree by slips of the pen. As an editor of texts would, `collate_cell` weighs them:

1. primary over reprint over press: only the best kind of witness present may put a value forward;
2. then agreement: of those values, the one most independent witnesses attest, where a witness that prints
   a derived form of a value (rounded, one end of its range, its bound loosened) speaks for that value too;
3. a tie stays a tie: the estimate is then the envelope of the tied values, and says so.

A copy of another witness's text has no voice of its own. Every reading keeps its relation to the result.
A cell known only through copies of what another source states is not that source's figure: it was not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ffstats.estimate import Estimate

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("low", "high", "best", "bound", "unit", "seen_kind")
"""What a witness says, and how it was seen: the columns that make two readings the same statement."""

KINDS = ("primary", "reprint", "press")
"""Kinds of witness, best first."""

DERIVED = ("agrees", "bound dropped", "bound added", "rounding", "end of range", "looser bound")
"""Relations in which a witness still speaks for the collated value."""

BORROWED = "copy of another source"
"""Relation of a reading whose cell nobody but copies of another source's text attests."""

MEMORY = 1 << 16
"""How many comparisons of two statements are remembered: the same few hundred recur in every table."""

HEDGED = ("at_least", "at_most", "approx", "exact")
"""Bounds, the more cautious first: in copying a hedge is lost more often than it is added."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One reading's voice: what it says, how it was seen, and how many independent texts say just that."""

    estimate: Estimate
    seen_kind: str
    voices: int = 1


@dataclass(frozen=True, slots=True)
class Collation:
    """The estimate of a cell, the relation of each witness to it, and whether the witnesses tied."""

    estimate: Estimate
    seen_kind: str
    relations: tuple[str, ...]
    tie: bool = False


@lru_cache(maxsize=MEMORY)
def numerals(estimate: Estimate) -> tuple[float, ...]:
    """Return the figures that a text printed: one, two for a range, none for a vague expression.

    >>> numerals(Estimate.at_least(5600)), numerals(Estimate.between(360, 400))
    ((5600.0,), (360.0, 400.0))
    """
    if estimate.bound == "range":
        ends = tuple(x for x in (estimate.low, estimate.high) if x is not None)
        return ends[:1] if len(set(ends)) == 1 else ends
    for value in (estimate.best, estimate.low, estimate.high):
        if value is not None:
            return (float(value),)
    return ()


def is_rounding(rounded: float, value: float) -> bool:
    """Tell whether a figure is another one rounded or cut off at fewer significant digits.

    A figure more than a tenth away is another figure, however round.

    >>> is_rounding(200, 198), is_rounding(2920, 2926), is_rounding(800, 850), is_rounding(2000, 2250)
    (True, True, True, False)
    """
    if rounded == value or abs(rounded - value) > value / 10:
        return False
    if rounded != int(rounded) or value != int(value):
        return any(round(value, places) == rounded for places in range(3))
    step = 10
    while step <= max(rounded, value):
        if rounded % step == 0 and value % step != 0:
            below = value // step * step
            if rounded in (below, below + step) and (rounded == below or value - below >= step / 2):
                return True
        step *= 10
    return False


def slip(printed: float, value: float) -> str | None:
    """Name the slip of the pen that turns one figure into another, if a single one does.

    A miscopied digit is told from another figure only where three digits or more carry meaning and the
    first of them stands.

    >>> slip(2962, 2926), slip(3224, 3244), slip(302, 271)
    ('transposition', 'one digit, like a transposition', None)
    """
    if printed != int(printed) or value != int(value):
        return None
    a, b = str(int(printed)), str(int(value))
    if len(a) != len(b) or len(a) < 3:
        return None
    wrong = [i for i in range(len(a)) if a[i] != b[i]]
    if len(wrong) == 2 and (a[wrong[0]], a[wrong[1]]) == (b[wrong[1]], b[wrong[0]]):
        return "transposition"
    miscopied = len(wrong) == 1 and wrong[0] > 0 and len(b.rstrip("0")) >= 3
    return "one digit, like a transposition" if miscopied else None


@lru_cache(maxsize=MEMORY)
def derivation(printed: Estimate, value: Estimate) -> str | None:
    """Say how a printed estimate follows from a value, or None where it does not.

    >>> derivation(Estimate.at_least(8700), Estimate.exact(8717))
    'rounding'
    >>> derivation(Estimate.approx(400), Estimate.between(360, 400))
    'end of range'
    """
    said, stands = numerals(printed), numerals(value)
    if not said or not stands:
        return "agrees" if printed == value else None
    if said == stands:
        return "agrees"
    if len(said) == 1 and len(stands) == 2:
        if said[0] in stands:
            return "end of range"
        return "rounding" if any(is_rounding(said[0], x) for x in stands) else None
    if len(said) == len(stands) and all(
        a == b or is_rounding(a, b) for a, b in zip(said, stands, strict=True)
    ):
        return "rounding"
    if len(said) == len(stands) == 1:
        loosened_low = printed.bound == "at_least" and value.low is not None and value.low >= said[0]
        loosened_high = printed.bound == "at_most" and value.high is not None and value.high <= said[0]
        if loosened_low or loosened_high:
            return "looser bound"
    return None


@lru_cache(maxsize=MEMORY)
def relation(printed: Estimate, value: Estimate) -> str:
    """Name the relation of one witness's words to the collated estimate.

    >>> relation(Estimate.exact(5600), Estimate.at_least(5600))
    'bound dropped'
    >>> relation(Estimate.at_most(40000), Estimate.at_least(40000))
    'bound reversed'
    """
    derived = derivation(printed, value)
    if derived == "agrees":
        if printed.bound == value.bound or "range" in (printed.bound, value.bound):
            return "agrees"
        if {printed.bound, value.bound} == {"at_least", "at_most"}:
            return "bound reversed"
        return "bound dropped" if HEDGED.index(printed.bound) > HEDGED.index(value.bound) else "bound added"
    if derived:
        return derived
    said, stands = numerals(printed), numerals(value)
    if len(said) == len(stands) == 1:
        return slip(said[0], stands[0]) or "differs"
    if not said:
        return "vague"
    return "differs"


def _bound_of(members: Sequence[Witness]) -> Estimate:
    """Choose among witnesses of one numeral the bound most of them print; of equals, the more cautious."""
    voices: dict[Estimate, int] = {}
    for witness in members:
        voices[witness.estimate] = voices.get(witness.estimate, 0) + witness.voices

    def weight(item: tuple[Estimate, int]) -> tuple[int, int, str]:
        estimate, count = item
        caution = HEDGED.index(estimate.bound) if estimate.bound in HEDGED else len(HEDGED)
        return (-count, caution, repr(estimate))

    return min(voices.items(), key=weight)[0]


def _best_kind(witnesses: Iterable[Witness]) -> str:
    return min((w.seen_kind for w in witnesses), key=KINDS.index)


def collate_cell(witnesses: Sequence[Witness]) -> Collation:
    """Weigh the witnesses of one cell.

    Parameters: witnesses, at least one, each with its estimate, kind and number of independent voices
    (0 for a copy of another witness).
    Returns: the collation; its relations are in the order of the witnesses.

    >>> press = [Witness(Estimate.exact(3244), "press", 3), Witness(Estimate.exact(3224), "press", 2)]
    >>> found = collate_cell(press)
    >>> str(found.estimate), found.relations
    ('3,244', ('agrees', 'one digit, like a transposition'))
    """
    best = _best_kind(witnesses)
    values: dict[tuple[float, ...], list[Witness]] = {}
    for witness in witnesses:
        values.setdefault(numerals(witness.estimate), []).append(witness)
    candidates = {
        figures: _bound_of([w for w in members if w.seen_kind == best])
        for figures, members in values.items()
        if any(w.seen_kind == best for w in members)
    }
    if len(candidates) > 1:
        candidates.pop((), None)
    score = {
        figures: sum(
            w.voices
            for said, members in values.items()
            for w in members
            if said == figures or derivation(w.estimate, estimate)
        )
        for figures, estimate in candidates.items()
    }
    top = max(score.values())
    leaders = [figures for figures in sorted(candidates) if score[figures] == top]
    # Of equals, one that others are derived from stands for them: 198 for "nearly 200".
    leaders = [
        a
        for a in leaders
        if not any(a != b and derivation(candidates[a], candidates[b]) in DERIVED for b in leaders)
    ] or leaders
    tie = len(leaders) > 1
    estimate = candidates[leaders[0]] if not tie else _envelope([candidates[x] for x in leaders])
    if tie:
        relations = tuple("tied" if numerals(w.estimate) in leaders else "differs" for w in witnesses)
        kind = best
    else:
        relations = tuple(relation(w.estimate, estimate) for w in witnesses)
        kind = _best_kind(w for w, r in zip(witnesses, relations, strict=True) if r in DERIVED)
    return Collation(estimate, kind, relations, tie)


def _envelope(estimates: Sequence[Estimate]) -> Estimate:
    """Return the narrowest interval that holds every tied estimate; an open end stays open."""
    lows = [e.low for e in estimates]
    highs = [e.high for e in estimates]
    low = None if None in lows else min(x for x in lows if x is not None)
    high = None if None in highs else max(x for x in highs if x is not None)
    unit = estimates[0].unit
    if low is None and high is None:
        return Estimate.vague(unit=unit)
    if low is None or high is None:
        return Estimate(low, high, "at_least" if high is None else "at_most", unit)
    return Estimate.between(low, high, unit=unit)


def collate(readings: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Collate all cells of a table of readings.

    Parameters: readings, with columns cell_id, reading_id, copy_of, seen_kind, low, high, best, bound, unit,
    one row a witness; rows whose bound is empty (nothing to read) have no voice.
    Returns: a frame indexed by cell_id (low, high, best, bound, unit, n_witnesses, n_independent, seen_kind,
    tie, dissent), and the relation of each reading to its cell's estimate, on the index of `readings`.
    Cost grows with the number of distinct values in a cell, not with the number of its witnesses.
    """
    import numpy as np
    import pandas as pd

    heard = readings.loc[readings["bound"].fillna("") != "", [*COLUMNS, "cell_id", "copy_of"]]
    says, distinct = _distinct(heard)
    cell, names = pd.factorize(heard["cell_id"], sort=True)
    pairs, member = np.unique(cell * len(distinct) + says, return_inverse=True)
    voices = (
        np.bincount(member, weights=_voices(cell, heard["copy_of"]), minlength=len(pairs))
        .astype(int)
        .tolist()
    )
    sizes = np.bincount(member, minlength=len(pairs)).tolist()
    owners: list[int] = (pairs // max(1, len(distinct))).tolist()
    codes: list[int] = (pairs % max(1, len(distinct))).tolist()
    known: dict[tuple[tuple[int, int], ...], Collation] = {}
    rows: list[tuple[object, ...]] = []
    relations: list[str] = []
    start = 0
    while start < len(owners):
        stop = start + 1
        while stop < len(owners) and owners[stop] == owners[start]:
            stop += 1
        here = slice(start, stop)
        key = tuple(zip(codes[here], voices[here], strict=True))
        found = known.get(key)
        if found is None:
            found = known[key] = collate_cell([Witness(*distinct[code], voice) for code, voice in key])
        relations += found.relations
        said = [str(distinct[code][0]) for code in codes[here]] if set(found.relations) != {"agrees"} else []
        rows.append(
            (*astuple(found.estimate), sum(sizes[here]), sum(voices[here]), found.seen_kind, found.tie,
             _dissent(said, sizes[here], found.relations))
        )  # fmt: skip
        start = stop
    columns = [
        "low",
        "high",
        "bound",
        "unit",
        "best",
        "n_witnesses",
        "n_independent",
        "seen_kind",
        "tie",
        "dissent",
    ]
    table = pd.DataFrame.from_records(rows, columns=columns, index=pd.Index(names, name="cell_id"))
    table[["low", "high", "best"]] = table[["low", "high", "best"]].astype("float64")
    named = pd.Series(
        np.array(relations, dtype=object)[member] if relations else [], index=heard.index, dtype="str"
    )
    return table, named.reindex(readings.index, fill_value="")


def borrowed(readings: pd.DataFrame) -> pd.Series:
    """Tell which readings attest a cell that only copies of other sources' readings attest.

    Parameters: readings, with columns cell_id, source_id, reading_id, copy_of and bound.
    Returns: true or false for each reading; a cell with one witness of its own has none.

    >>> import pandas as pd
    >>> rows = [("wapo/TUR", "wapo", "w1", "", "exact"), ("soufan/TUR", "soufan", "s1", "w1", "exact")]
    >>> borrowed(pd.DataFrame(rows, columns=["cell_id", "source_id", "reading_id", "copy_of", "bound"])).tolist()
    [False, True]
    """
    heard = readings["bound"].fillna("") != ""
    source = readings.set_index("reading_id")["source_id"]
    original = readings["copy_of"].map(source)
    copied = original.notna() & (original != readings["source_id"])
    own = set(readings.loc[heard & ~copied, "cell_id"])
    return heard & ~readings["cell_id"].isin(own)


def _distinct(heard: pd.DataFrame) -> tuple[Any, list[tuple[Estimate, str]]]:
    """Number the distinct statements of the witnesses: the number of each row's, and each one's estimate and kind."""
    import pandas as pd

    says = heard.groupby(list(COLUMNS), sort=False, dropna=False).ngroup().to_numpy()
    first = heard.loc[~pd.Series(says).duplicated().to_numpy(), list(COLUMNS)]
    return says, [
        (Estimate(_number(low), _number(high), bound, unit, _number(best)), kind)
        for low, high, best, bound, unit, kind in first.itertuples(index=False)
    ]


def _number(value: float | None) -> float | None:
    """Return a number as Estimate wants it: None where a table has an empty field."""
    return None if value is None or value != value else float(value)


def _voices(cell: Any, copy_of: pd.Series) -> Any:
    """Give each witness one voice, and a copy none; where a cell has only copies, the first of them speaks."""
    import numpy as np
    import pandas as pd

    own = (copy_of.fillna("") == "").to_numpy()
    has_own = np.zeros(cell.max() + 1 if len(cell) else 0, dtype=bool)
    has_own[cell[own]] = True
    return own | (~has_own[cell] & ~pd.Series(cell).duplicated().to_numpy())


def _dissent(said: Sequence[str], sizes: Sequence[int], relations: Sequence[str]) -> str:
    """Write the witnesses that do not simply agree, best attested first: "3,224 (2: transposition)"."""
    counts: dict[tuple[str, str], int] = {}
    for text, size, how in zip(said, sizes, relations, strict=False):
        if how != "agrees":
            counts[text, how] = counts.get((text, how), 0) + size
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "; ".join(f"{text} ({count}: {how})" for (text, how), count in ordered)
