"""The grammar of printed estimates: which qualifiers and units belong to which quantity, and what joins two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from ffstats.grammar.digits import LARGEST, Undecided, decode
from ffstats.grammar.joins import adds, join, restate
from ffstats.grammar.lexicon import Language, Sense
from ffstats.grammar.quantities import core, parts, shape
from ffstats.grammar.scanner import Token
from ffstats.grammar.statement import BOUNDS, Item, Statement

_FAR = 12  # words between a qualifier and its number, at most
_Rule = Callable[[Statement, Statement, list[Item], list[Item]], Statement | None]
#: Units that stand next to their number; others may have an adjective before them ("50 different countries").
_CLOSE = frozenset({"months", "years", "hours", "days", "weeks", "percent", "km2", "usd_million", "ratio"})


_Shape = tuple[tuple[str, str, bool], ...]
_Outline = tuple[list[Statement], list[list[Item]]]
_KEPT = 40  # tokens of a stretch whose outline is kept: longer ones hardly come again


def statements(tokens: Sequence[Token], chain: Sequence[str], marks: Language | None) -> list[Statement]:
    """Return what a text states, in order; a statement that cannot be read carries its error.

    tokens: of the text. chain: the vocabularies to use, first one first. marks: how its language marks thousands.
    """
    chain = tuple(chain)
    first, last = core(tokens, chain)
    said = _statements(tokens[first:last], chain, marks)
    for statement in said:
        statement.first, statement.last = statement.first + first, statement.last + first
        statement.opened = None if statement.opened is None else statement.opened + first
    return said


def _statements(tokens: Sequence[Token], chain: tuple[str, ...], marks: Language | None) -> list[Statement]:
    alike = shape(tokens, chain)
    kept = len(alike) <= _KEPT
    outline = (_joined if kept else _joined.__wrapped__)(alike, chain)
    joined = _read(tokens, outline, marks)
    failed = len(joined) > 1 or any(s.error for s in joined)
    halved = any(s.opened is not None and s.whole is None for s in joined)  # "between two hundred and thirty thousand"
    if not (failed or halved) or all(token.kind != "word" for token in tokens):
        return joined
    # "between one hundred and two hundred": where joining words by "and" fails, "and" joins two numbers.
    other = (_parted if kept else _parted.__wrapped__)(alike, chain)
    if other is None:
        return joined
    parted = _read(tokens, other, marks)
    sound = not any(s.error for s in parted)
    whole = halved and not any(s.opened is not None and s.whole is None for s in parted)
    return parted if sound and (whole or any(s.error for s in joined) or len(parted) < len(joined)) else joined


# Prose says numbers in few ways, so that most stretches have a shape that was seen before. An outline takes some 3 kB.
@lru_cache(maxsize=4096)
def _joined(shape: _Shape, chain: tuple[str, ...]) -> _Outline:
    return _outline(shape, chain, joining=True)


@lru_cache(maxsize=1024)
def _parted(shape: _Shape, chain: tuple[str, ...]) -> _Outline | None:
    """Return the outline without "and" inside a number, if it is another."""
    parted = _outline(shape, chain, joining=False)
    return None if parted == _outline(shape, chain, joining=True) else parted


def _outline(shape: _Shape, chain: Sequence[str], *, joining: bool) -> _Outline:
    """Return the statements of a stretch with what qualifies each, their digits left open, and what is between them."""
    tokens: list[Token] = []
    for kind, key, touches in shape:
        at = tokens[-1].end + (not touches) if tokens else 0
        tokens.append(Token(kind, key, at, at + 1))
    said: list[Statement] = []
    gaps: list[list[Item]] = [[]]
    for part in parts(tokens, chain, joining=joining):
        if isinstance(part, Item):
            gaps[-1].append(part)
        else:
            said.append(part)
            gaps.append([])
    _drop_articles(said, gaps)
    for i, gap in enumerate(gaps):
        _attach(gap, said[i - 1] if i else None, said[i] if i < len(said) else None, tokens)
    _drop_dates(said, gaps)
    depth = 0
    for i, statement in enumerate(said):
        depth = max(depth + sum(x.has("open") for x in gaps[i]) - sum(x.has("close") for x in gaps[i]), 0)
        statement.depth = depth
    return said, gaps


def _read(tokens: Sequence[Token], outline: _Outline, marks: Language | None) -> list[Statement]:
    """Fill the digits of the tokens into the outline of their shape, and put together what belongs together."""
    said = [_filled(statement, tokens) for statement in outline[0]]
    gaps = list(outline[1])
    for i, statement in enumerate(said):
        _decode(statement, said[i + 1] if i + 1 < len(said) else None, gaps[i + 1], marks)
    _fold(said, gaps, join)
    for statement in said:
        if statement.whole is None:
            statement.bounds |= statement.opener
    _fold(said, gaps, restate)
    for statement in said:
        try:
            estimate = statement.estimate
        except Undecided as error:
            statement.error = statement.error or error.reason
            continue
        if any(abs(end) > LARGEST for end in (estimate.low, estimate.high) if end is not None):
            statement.error = statement.error or f"a number of more than {LARGEST:,.0f} is not read"
    return said


def _filled(statement: Statement, tokens: Sequence[Token]) -> Statement:
    """Return a statement of an outline with the digits that the tokens have in its place."""
    digits = tokens[statement.number].key if statement.number >= 0 else ""
    said = replace(statement, digits=digits, bounds=set(statement.bounds), opener=set(statement.opener))
    if said.rest >= 0:
        said.coefficient = int(tokens[said.rest].key) / 1000
    return said


def _fold(said: list[Statement], gaps: list[list[Item]], rule: _Rule) -> None:
    """Put one statement for two wherever the rule makes one of them."""
    i = 1
    while i < len(said):
        one = rule(said[i - 1], said[i], gaps[i], gaps[i + 1])
        if one is None:
            i += 1
        else:
            said[i - 1 : i + 1] = [one]
            del gaps[i]


def _drop_articles(said: list[Statement], gaps: list[list[Item]]) -> None:
    """Drop an article that is no number: before a number ("ett 80-tal") or before "of" ("un total de 300")."""
    for i in range(len(said) - 2, -1, -1):
        gap = gaps[i + 1]
        # "eine Zahl von mindestens 300": what qualifies the number is not between the two.
        last = max((n for n, item in enumerate(gap) if not item.has(*BOUNDS) or item.has("of")), default=-1)
        lead = gap[: last + 1]
        idle = not gap or len(lead) == 1 or (lead and lead[-1].has("of", "neutral", "approx"))
        # "einer von neun", "ein Kämpfer von neun" are shares; "eine Gruppe von 300" is 300.
        group = bool(lead) and lead[-1].has("of") and not all(item.has("unit") for item in lead[:-1])
        joins = any(item.has("and", "plus", "dash", "to", "or") or (item.has("in") and not group) for item in gap)
        if said[i].kind == "article" and len(lead) <= 2 and idle and not joins:
            gaps[i : i + 2] = [[*gaps[i], *gap]]
            del said[i]


def _drop_dates(said: list[Statement], gaps: list[list[Item]]) -> None:
    """Take out years (1900 to 2100, unmarked, behind a word that leads to a date) and levels of confidence."""
    for i in range(len(said) - 1, -1, -1):
        statement, leading = said[i], gaps[i][-1:]
        year = (
            statement.digits.isdigit()
            and len(statement.digits) == 4
            and 1900 <= int(statement.digits) <= 2100
        )
        dated = any(item.has("date") and not item.has("between") for item in leading)
        level = statement.unit == "percent" and any(item.has("interval") for item in gaps[i + 1][:2])
        if level or (year and dated and statement.scale == 1 and statement.unit is None):
            gaps[i : i + 2] = [
                [*gaps[i], Item(statement.first, statement.last, {"date": Sense("date")}), *gaps[i + 1]]
            ]
            del said[i]


def _attach(
    gap: list[Item], before: Statement | None, after: Statement | None, tokens: Sequence[Token]
) -> None:
    """Give the qualifiers and units of a gap to the quantity they belong to."""
    starts = tokens[after.first].start if after is not None else -1
    closed = max((n for n, item in enumerate(gap) if item.has("close")), default=-1)
    parted = False  # a comma or a bracket ends what may qualify the quantity before
    for n, item in enumerate(gap):
        if not item.roles:
            continue
        rest = gap[n + 1 :]
        behind = None if parted else before
        ahead = after if _leads(rest) else None
        glued = not rest and tokens[item.end - 1].end == starts
        if (item.has("comma", "stop") and after is not None) or (item.has("open") and not n < closed):
            parted = True
        if behind is not None and item.has("half") and all(x.has("unit") for x in gap[:n]):
            behind.error = "its half stands apart from the number; write the number in digits"
        if item.has("unit"):
            _attach_unit(item, gap[:n], rest, behind, after, glued)
        plus = item.has("plus")
        if plus and before is not None and not adds(gap, n, after):
            before.bounds.add("at_least")
            before.last = item.end
        elif not plus:
            _attach_bounds(item, gap[:n], rest, behind, ahead, joins=before is not None and after is not None)
        if after is None:
            continue
        if item.has("between") and _touches(rest):
            after.opened = item.at
        if item.has("best") and len(rest) <= 2 and not any(x.has("comma", "stop") for x in rest):
            after.best = True
        if item.has("minus") and _touches(rest):
            after.negative, after.first = True, item.at
        apart = item.at == 0 or tokens[item.at - 1].end < tokens[item.at].start
        ahead_of = item.end < len(tokens) and tokens[item.end - 1].end == tokens[item.end].start
        if item.has("dash") and ahead_of and _touches(rest) and apart and before is None:
            after.error = "a hyphen before a number may be a dash or a minus; write the number plainly"
    for side, near in ((before, gap[:1]), (after, gap[-1:])):
        if side is not None and any(item.has("money") for item in near):
            side.error = "its currency is not the US dollar; no rate of exchange is assumed"


def _attach_unit(
    item: Item,
    since: list[Item],
    rest: list[Item],
    behind: Statement | None,
    after: Statement | None,
    glued: bool,
) -> None:
    unit = item.roles["unit"]
    trails = behind is not None and unit.position != "before" and _near(since, unit.unit)
    fronts = after is not None and unit.position != "after" and _touches(rest)
    if after is not None and fronts and (not trails or glued):
        after.take_unit(unit)
        after.first = min(after.first, item.at)
    elif behind is not None and trails:
        behind.take_unit(unit)
        behind.last = item.end


def _attach_bounds(
    item: Item,
    since: list[Item],
    rest: list[Item],
    behind: Statement | None,
    ahead: Statement | None,
    *,
    joins: bool,
) -> None:
    for role in BOUNDS:
        sense = item.roles.get(role)
        if sense is None:
            continue
        # Between two numbers "bis", "hasta", "до" join them, and bound the second only if they do not.
        joining = joins and item.has("to", "and") and (role == "at_most" or _touches(rest))
        if joining:
            if ahead is not None:
                ahead.opener.add(role)
                ahead.first = min(ahead.first, item.at)
            continue
        trails = behind is not None and sense.position != "before" and sum(not x.roles for x in since) <= 2
        if ahead is not None and sense.position != "after" and not (trails and not _touches(rest)):
            if item.has("between"):
                ahead.opener.add(role)
            else:
                ahead.bounds.add(role)
                ahead.first = min(ahead.first, item.at)
                ahead.inner = ahead.inner or any(x.has("between") for x in since)
        elif behind is not None and trails:
            behind.bounds.add(role)
            behind.last = item.end


def _touches(rest: list[Item]) -> bool:
    """Tell whether only other qualifiers stand between a word and the number after it."""
    small = ("neutral", "unit", "between", "money", "minus", *BOUNDS)
    return all(item.has(*small) and not item.has("and", "comma") for item in rest)


def _leads(rest: list[Item]) -> bool:
    """Tell whether a qualifier with this between it and a number still qualifies the number."""
    return (
        len(rest) <= _FAR
        and sum(not item.roles for item in rest) <= 2
        and not any(item.has("comma", "stop", "open", "close") for item in rest)
    )


def _near(gap: list[Item], unit: str) -> bool:
    """Tell whether a unit so far behind a number is still its unit."""
    if unit.startswith("persons_per"):
        return not any(item.has("stop", "and") for item in gap)
    small = ("neutral", "plus", "open", "close", "of" if unit in _CLOSE else "unit")
    strange = sum(not item.roles for item in gap)
    return strange <= (unit not in _CLOSE) and all(not x.roles or x.has(*small, *BOUNDS) for x in gap)


def _decode(statement: Statement, follows: Statement | None, gap: list[Item], marks: Language | None) -> None:
    """Turn digits into a number; the first end of a range has the unit of the second."""
    if statement.digits:
        unit = statement.unit
        if unit is None and follows is not None and not any(x.has("comma", "stop", "of") for x in gap):
            unit = follows.unit
        try:
            number = decode(statement.digits, marks, unit, statement.scale != 1)
        except Undecided as error:
            statement.error, statement.choices = error.reason, error.choices
            return
        if statement.coefficient:  # the half of "2½", the 417 of "3 bin 417": added as written, not as floats
            number = float(Decimal(repr(statement.coefficient)) + Decimal(repr(number)))
        statement.coefficient = number
    if statement.negative:
        statement.coefficient = -statement.coefficient
    if statement.kind == "about":
        statement.bounds.add("approx")
    if statement.kind == "genitive" and not statement.bounds | statement.opener:
        statement.kind = "vague"
