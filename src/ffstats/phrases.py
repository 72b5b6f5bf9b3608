"""The grammar of printed estimates: quantities, their qualifiers and units, and what joins two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ffstats import lexicon
from ffstats.errors import EstimateError
from ffstats.estimate import Estimate
from ffstats.lexicon import Language, Match, Sense, Token
from ffstats.digits import LARGEST, VULGAR, Number, Undecided, compose, decode

BOUNDS = ("approx", "at_least", "at_most")
QUANTITIES = ("number", "article", "multiplier", "plural", "genitive", "about", "part", "vague")
_TIMES = frozenset({"months", "years", "hours", "days", "weeks", "percent", "km2", "usd_million", "ratio"})
_SYMBOLS = {"–": "dash", "/": "slash", "+": "plus", ",": "comma", ";": "stop", "...": "stop", "…": "stop", "=": "stop"}
_SYMBOLS |= {"(": "open", "[": "open", ")": "close", "]": "close", "±": "margin", "+/–": "margin", "&": "and"}
_SYMBOLS |= {"+/-": "margin", "€": "money", "£": "money", ":": "comma"}


@dataclass(slots=True)
class Statement:
    """One quantity that a text states: the tokens it takes, what it says, and the unit if the text names one."""

    first: int
    last: int
    value: float = 0.0
    scale: float = 1.0
    digits: str = ""
    unit: str | None = None
    bounds: set[str] = field(default_factory=set)
    low: float | None = None
    kind: str = "number"  # number | scale | article | genitive | about | vague | share | range
    opener: set[str] = field(default_factory=set)  # bounds of a word that also opens a range ("от", "from")
    inner: bool = False  # its qualifier stands inside "between … and …"
    opened: bool = False  # "between" or "from" stands before it
    depth: int = 0
    best: bool = False
    whole: Estimate | None = None  # once it is a range, a sum or a ratio
    error: str = ""
    choices: tuple[str, ...] = ()

    @property
    def estimate(self) -> Estimate:
        """The estimate that the statement makes."""
        unit = self.unit or "persons"
        if self.whole is not None:
            return self.whole.as_unit(unit)
        if self.kind == "vague":
            return Estimate.vague(self.low, unit=unit)
        if {"at_least", "at_most"} <= self.bounds:
            raise Undecided("its qualifiers contradict each other: at least and at most")
        make: Callable[..., Estimate] = Estimate.exact
        for bound, maker in (
            ("at_least", Estimate.at_least),
            ("at_most", Estimate.at_most),
            ("approx", Estimate.approx),
        ):
            if bound in self.bounds:
                make = maker
                break
        return make(self.value, unit)

    @property
    def plain(self) -> bool:
        """Whether this is one number, not a range, a sum, a share or a vague word."""
        return self.whole is None and self.kind not in ("vague", "share")


@dataclass(slots=True)
class _Item:
    """Something between two quantities: a phrase, a mark, or a word that the vocabulary does not hold."""

    at: int
    end: int
    roles: dict[str, Sense]

    def has(self, *roles: str) -> bool:
        return any(role in self.roles for role in roles)


def statements(tokens: Sequence[Token], chain: Sequence[str], marks: Language | None) -> list[Statement]:
    """Return what a text states, in order; a statement that cannot be read carries its error.

    tokens: of the text. chain: the vocabularies to use, first one first. marks: how its language marks thousands.
    """
    first: list[Statement] | None = None
    for joining in (True, False):
        said = list(_read(tokens, chain, marks, joining))
        # "between one hundred and two hundred": where joining by "and" fails, the word joins two numbers.
        if len(said) == 1 and not said[0].error:
            return said
        if first is None:
            first = said
        elif len(said) < len(first) or (any(s.error for s in first) and not any(s.error for s in said)):
            return said
        if not any(token.kind == "word" for token in tokens):
            break
    return first or []


def _read(
    tokens: Sequence[Token], chain: Sequence[str], marks: Language | None, joining: bool
) -> Iterator[Statement]:
    found = _matches(tokens, chain)
    parts = list(_quantities(tokens, found, chain, joining))
    said = [part for part in parts if isinstance(part, Statement)]
    gaps: list[list[_Item]] = [[]]
    for part in parts:
        if isinstance(part, Statement):
            gaps.append([])
        else:
            gaps[-1].append(part)
    said = _articles(said, gaps)
    for i, gap in enumerate(gaps):
        _attach(gap, said[i - 1] if i else None, said[i] if i < len(said) else None, tokens)
    depth = 0
    for statement, gap in zip(said, gaps, strict=False):
        depth += sum(item.has("open") for item in gap) - sum(item.has("close") for item in gap)
        statement.depth = max(depth, 0)
    _drop_dates(said, gaps)
    for i, statement in enumerate(said):
        _decode(statement, said[i + 1] if i + 1 < len(said) else None, gaps[i + 1], marks)
    for relate in (_best, _range, _ratio, _sum, _parenthesis):
        i = 1
        while i < len(said):
            joined = relate(said[i - 1], said[i], gaps[i], gaps[i + 1])
            if joined is None:
                i += 1
            else:
                said[i - 1 : i + 1] = [joined]
                del gaps[i]
    for statement in said:
        if statement.whole is None:
            statement.bounds |= statement.opener
        if not statement.error:
            try:
                _ = statement.estimate
            except Undecided as error:
                statement.error = error.reason
        yield statement


def _matches(tokens: Sequence[Token], chain: Sequence[str]) -> list[Match | None]:
    """Return the longest phrase at each token, a joined number word taken apart."""
    keys = tuple(token.key for token in tokens)
    found: list[Match | None] = []
    for i, token in enumerate(tokens):
        match = lexicon.match(keys, i, chain) if token.kind != "digits" else None
        if match is None and token.key == ",":
            match = Match(1, (Sense("comma"),))
        if match is None and token.kind == "word" and len(token.key) > 3:
            match = _joined_word(token.key, chain)
        found.append(match)
    return found


def _joined_word(key: str, chain: Sequence[str]) -> Match | None:
    for code in chain:
        known = lexicon.languages().get(code)
        if known and (known.joins_words or code == "sr") and (words := lexicon.pieces(key, code)):
            number = compose([lexicon.match((word,), 0, (code,)) for word in words], 0)
            if number and number.end == len(words):
                role = number.kind if number.kind in ("about", "vague") else "number"
                return Match(1, (Sense(role, number.value),))
    return None


def _quantities(
    tokens: Sequence[Token], found: Sequence[Match | None], chain: Sequence[str], joining: bool
) -> Iterator[Statement | _Item]:
    i = 0
    while i < len(tokens):
        token, match = tokens[i], found[i]
        statement = None
        if token.kind == "digits":
            statement = _digits(tokens, found, i)
        elif token.key in VULGAR:
            statement = Statement(i, i + 1, round(100 * VULGAR[token.key], 2), unit="percent", kind="share")
        elif match and match.sense("vague"):
            statement = _vague(tokens, found, i, joining)
        elif match and match.sense(*QUANTITIES, "plural"):
            statement = _words(found, i, joining)
        if statement is None:
            if match and token.key in _SYMBOLS and not match.sense("unit", "approx", "at_least", "at_most"):
                match = None
            roles = {sense.role: sense for sense in reversed(match.senses)} if match else {}
            for sense in match.senses if match else ():
                if sense.role in roles and sense.position != roles[sense.role].position:
                    roles[sense.role] = sense._replace(position="around")
            if token.key in _SYMBOLS:
                roles.setdefault(_SYMBOLS[token.key], Sense(_SYMBOLS[token.key]))
            end = i + (match.length if match else 1)
            if token.key == "−" and end < len(tokens) and tokens[end].kind == "digits":
                touching = tokens[end].start == token.end and (i == 0 or tokens[i - 1].kind != "digits")
                roles = {"minus" if touching else "dash": Sense("minus")}
            yield _Item(i, end, roles)
            i = end
        else:
            yield statement
            i = statement.last


def _digits(tokens: Sequence[Token], found: Sequence[Match | None], i: int) -> Statement | None:
    """Return digits with what scales them: "1.7 million", "40k", "5 bin"; None for an ordinal."""
    statement = Statement(i, i + 1, digits=tokens[i].key)
    end = i + 1
    while end < len(tokens) and (match := found[end]) is not None:
        glued = tokens[end].start == tokens[end - 1].end
        if match.sense("ordinal") and glued:
            return None
        if (half := match.sense("half")) and end == i + 1:
            statement.low = 0.5 + half.value
            end += match.length
            continue
        sense = match.sense("multiplier", "plural", "genitive", "about")
        if sense is None or (len(tokens[end].key) < 2 and not glued and tokens[end].key not in "тм"):
            break
        if match.sense("about") and sense.role == "about":
            statement.bounds.add("approx")
        statement.scale *= sense.value
        end += match.length
    if end < len(tokens) and tokens[end].key in VULGAR and tokens[end].start == tokens[end - 1].end:
        statement.low, end = VULGAR[tokens[end].key], end + 1
    statement.last = end
    return statement


def _words(found: Sequence[Match | None], i: int, joining: bool) -> Statement | None:
    number = compose(found, i, joining=joining) or Number(1.0, i, "")
    after = found[number.end] if number.end < len(found) else None
    if after and (part := after.sense("part")) and (number.kind in ("", "article", "number")):
        return _share(found, i, number, part, number.end + after.length)
    if not number.kind:
        return None
    if number.kind == "vague":
        return _tail(found, Statement(i, number.end, kind="vague", low=24.0 if number.value == 12 else None))
    return Statement(i, number.end, number.value, kind=number.kind)


def _share(found: Sequence[Match | None], i: int, number: Number, part: Sense, end: int) -> Statement:
    """Return a fraction as a percentage, or the number it is of a million ("half a million", "half a dozen")."""
    fraction = number.value / part.value
    at = end
    while at < len(found) and (match := found[at]) and match.sense("of", "neutral", "article"):
        at += match.length
    scale = found[at].sense("multiplier", "plural") if at < len(found) and found[at] else None  # type: ignore[union-attr]
    if scale and fraction < 1 and at - end <= 2:
        return Statement(i, at + found[at].length, fraction * scale.value)  # type: ignore[union-attr]
    return Statement(i, end, round(100 * fraction, 2), unit="percent", kind="share")


def _vague(tokens: Sequence[Token], found: Sequence[Match | None], i: int, joining: bool) -> Statement:
    statement = Statement(i, i + found[i].length, kind="vague")  # type: ignore[union-attr]
    at = statement.last
    if at < len(tokens) and tokens[at].kind == "digits" and tokens[at].key in ("100", "1000", "1,000", "1.000"):
        statement.last = at + 1
    elif at < len(tokens) and (number := compose(found, at, joining=False)) and number.kind in ("scale", "vague"):
        statement.last = number.end
        statement.low = 24.0 if number.value == 12 else None
    return _tail(found, statement)


def _tail(found: Sequence[Match | None], statement: Statement) -> Statement:
    """Let a vague word take the scale that follows it: "tens of thousands", "hundreds of thousands"."""
    at = statement.last
    if at < len(found) and (of := found[at]) and of.sense("of"):
        at += of.length
    if at < len(found) and (scale := found[at]) and scale.sense("plural", "multiplier", "genitive"):
        statement.last, statement.low = at + scale.length, None
    return statement


def _articles(said: list[Statement], gaps: list[list[_Item]]) -> list[Statement]:
    """Drop an article that is no number: one before a number ("ett 80-tal") or before "of" ("un total de 300")."""
    i = 0
    while i < len(said):
        if said[i].kind == "article":
            gap = gaps[i + 1]
            close = len(gap) <= 2 and i + 1 < len(said) and not any(x.has("in", "and", "plus", "dash") for x in gap)
            if close and (not gap or gap[-1].has("of", "neutral", "approx") or len(gap) < 2):
                gaps[i : i + 2] = [[*gaps[i], *gap]]
                del said[i]
                continue
        i += 1
    return said


def _attach(gap: list[_Item], before: Statement | None, after: Statement | None, tokens: Sequence[Token]) -> None:
    """Give the qualifiers and units of a gap to the quantity they belong to."""
    unknown = 0
    parted = False
    for n, item in enumerate(gap):
        rest = gap[n + 1 :]
        touches = after is not None and all(
            x.has("neutral", "unit", "between", "money", "minus", *BOUNDS) and not x.has("and", "comma") for x in rest
        )
        joins = item.has("to", "and") and before is not None and after is not None
        if item.has("comma", "stop", "open", "close"):
            parted = parted or not (item.has("close") or (item.has("open") and any(x.has("close") for x in rest)))
        elif not item.roles:
            unknown += 1
        if (unit := item.roles.get("unit")) is not None:
            adjacent = before is not None and not parted and _near(gap[:n], unit)
            fronted = after is not None and touches and unit.position != "after"
            glued = after is not None and not rest and tokens[item.end - 1].end == tokens[after.first].start
            if fronted and (not adjacent or unit.position == "before" or (glued and unit.unit == "percent")):
                _give_unit(after, unit)  # type: ignore[arg-type]
            elif adjacent and unit.position != "before":
                _give_unit(before, unit)  # type: ignore[arg-type]
        summing = item.has("plus") and _summing(gap, n, after)
        for role in BOUNDS:
            if summing or (sense := item.roles.get(role)) is None or (joins and (touches or sense.role == "at_most") and _dual(item)):
                continue
            follows = before is not None and not parted and sense.position != "before"
            leads = after is not None and sense.position != "after" and _leads(rest)
            if leads and item.has("between"):
                after.opener.add(role)  # type: ignore[union-attr]
            elif leads and not (follows and not touches):
                after.bounds.add(role)  # type: ignore[union-attr]
                after.first = item.at  # type: ignore[union-attr]
                after.inner = after.inner or any(x.has("between") for x in gap[:n])  # type: ignore[union-attr]
            elif follows and unknown <= 2:
                before.bounds.add(role)  # type: ignore[union-attr]
                before.last = item.end  # type: ignore[union-attr]
        if item.has("plus") and before is not None and not summing:
            before.bounds.add("at_least")
            before.last = item.end
        if item.has("between") and after is not None and touches:
            after.opened, after.first = True, min(after.first, item.at)
        if item.has("best") and after is not None and len(rest) <= 2 and not any(x.has("comma", "stop") for x in rest):
            after.best = True
        if item.has("money"):
            for side, near in ((after, not rest), (before, n == 0)):
                if side is not None and near:
                    side.error = "its currency is not the US dollar; no rate of exchange is assumed"
        if item.has("minus") and after is not None and not rest:
            after.scale, after.first = -after.scale, item.at
        if item.has("dash") and not rest and after is not None and not parted and (before is None or n):
            glued = tokens[item.end - 1].end == tokens[after.first].start
            spaced = item.at == 0 or tokens[item.at - 1].end < tokens[item.at].start
            if glued and spaced and before is None:
                after.error = "a hyphen before a number may be a dash or a minus; write the number plainly"
    if before is not None and after is None:
        # A range word may follow its two numbers: "5 ile 10 arasında".
        before.opened = before.opened or any(x.has("between") and x.roles["between"].position == "after" for x in gap)
    if before is not None and before.bounds & {"approx"} and before.kind == "genitive":
        before.kind = "number"


def _dual(item: _Item) -> bool:
    """Whether a word that bounds a number ("bis", "hasta", "до") may here join two."""
    return item.has("to")


def _near(gap: list[_Item], unit: Sense) -> bool:
    """Tell whether a unit so far behind a number is still its unit."""
    if unit.unit.startswith("persons_per"):
        return not any(item.has("stop", "and") for item in gap)
    if unit.unit in _TIMES:
        return all(item.has("neutral", "plus", "of", "close", *BOUNDS) for item in gap)
    return sum(not item.roles for item in gap) <= 1 and all(
        not item.roles or item.has("neutral", "plus", "unit", *BOUNDS) for item in gap
    )


def _leads(rest: list[_Item]) -> bool:
    """Tell whether a qualifier with this between it and a number still qualifies the number."""
    return sum(not x.roles for x in rest) <= 2 and not any(x.has("comma", "stop", "open", "close") for x in rest)


def _summing(gap: list[_Item], n: int, after: Statement | None) -> bool:
    rest = gap[n + 1 :]
    return after is not None and all(x.has("neutral", "unit", *BOUNDS) for x in rest)


def _give_unit(statement: Statement, unit: Sense) -> None:
    if statement.unit in (None, "persons") or (statement.unit == "usd_million" and unit.unit == "usd_million"):
        if statement.unit != "usd_million":
            statement.scale *= unit.value
        statement.unit = unit.unit


def _drop_dates(said: list[Statement], gaps: list[list[_Item]]) -> None:
    """Take years out: 1900 to 2100 without marks, behind a word that leads to a date ("in August 2013")."""
    for i in range(len(said) - 1, -1, -1):
        if any(item.has("interval") for item in gaps[i + 1][:2]) and said[i].unit == "percent":
            gaps[i : i + 2] = [[*gaps[i], *gaps[i + 1]]]
            del said[i]
            continue
        year = len(said[i].digits) == 4 and said[i].digits.isdigit() and 1900 <= int(said[i].digits) <= 2100
        dated = bool(gaps[i]) and gaps[i][-1].has("date") and not gaps[i][-1].has("between")
        if year and dated and said[i].scale == 1 and said[i].unit is None:
            gaps[i : i + 2] = [[*gaps[i], _Item(said[i].first, said[i].last, {"date": Sense("date")}), *gaps[i + 1]]]
            del said[i]


def _decode(statement: Statement, follows: Statement | None, gap: list[_Item], marks: Language | None) -> None:
    """Turn digits into a value, the unit of a range being that of its second number."""
    if statement.kind in ("share", "vague"):
        return
    if statement.digits:
        unit = statement.unit
        if unit is None and follows is not None and not any(x.has("comma", "stop") for x in gap):
            unit = follows.unit
        try:
            statement.value = decode(statement.digits, marks, unit, statement.scale not in (1, -1))
        except Undecided as error:
            statement.error, statement.choices = error.reason, error.choices
            return
        statement.value += statement.low or 0
    statement.low = None
    statement.value = round(statement.value * statement.scale, 9)
    if abs(statement.value) > LARGEST:
        statement.error = f"a number of more than {LARGEST:,.0f} is not read"
    if statement.kind == "about":
        statement.bounds.add("approx")
    if statement.kind == "genitive" and not statement.bounds:
        statement.kind = "vague"


def _joined(a: Statement, b: Statement, whole: Estimate | None, **changes: object) -> Statement:
    unit = a.unit if a.unit not in (None, "persons") else b.unit or a.unit
    units = {u for u in (a.unit, b.unit) if u not in (None, "persons")}
    joined = replace(a, last=b.last, unit=unit, whole=whole, kind="range", bounds=set(), **changes)  # type: ignore[arg-type]
    joined.error, joined.choices = a.error or b.error, a.choices or b.choices
    if len(units) > 1:
        joined.error = f"its two numbers have different units: {a.unit} and {b.unit}"
    return joined


def _range(a: Statement, b: Statement, gap: list[_Item], behind: list[_Item]) -> Statement | None:
    """A to B, between A and B, A–B, A/B, A or B; at least A but at most B."""
    if a.depth != b.depth or b.best or a.best or "share" in (a.kind, b.kind) and not gap:
        return None
    if any(x.has("stop", "open", "close", "margin", "best") for x in gap):
        return None
    bounded = ("at_least" in a.bounds and "at_most" in b.bounds) or ("at_most" in a.bounds and "at_least" in b.bounds)
    if any(x.has("but", "and", "comma") for x in gap) and bounded and a.plain and b.plain and not a.opened:
        low, high = (a, b) if "at_least" in a.bounds else (b, a)
        return _ends(a, b, low, high, set())
    if any(x.has("comma", "plus") for x in gap):
        return None
    strange = sum(not x.roles for x in gap)
    tight = not strange and not any(x.has("neutral", "of") and not x.has("to", *BOUNDS) for x in gap)
    closing = any(x.has("between") and x.roles["between"].position != "before" for x in behind[:3])
    opened = (a.opened or (closing and not any(x.has("of") for x in gap))) and strange <= 3
    if opened and any(x.has("and", "to", "dash", "or", "slash") or ("at_most" in b.bounds) for x in gap):
        pass
    elif not (tight and any(x.has("to", "dash", "slash", "or") for x in gap)):
        return None
    if any(x.has("in") and not x.has("to", "and", "or", "between") for x in gap):
        return None
    if any(x.has("slash", "or") for x in gap) and b.bounds - a.bounds - {"approx"}:
        return None
    outer = set() if a.inner else a.bounds & {"at_least", "at_most"}
    outer |= (b.bounds - a.bounds) & {"at_least"}
    return _ends(a, b, a, b, outer)


def _ends(a: Statement, b: Statement, low: Statement, high: Statement, outer: set[str]) -> Statement:
    """Make the range; a short first number takes its thousands from the second ("4-5,000")."""
    if a.error or b.error:
        return _joined(a, b, None)
    if a.kind == "vague" or b.kind == "vague":
        return replace(_joined(a, b, None), kind="vague", low=a.low if a.kind == "vague" else a.value)
    if not (a.plain and b.plain) and not (a.kind == b.kind == "share"):
        return _joined(a, b, None, error="") if a.error else _refused(a, b, "it joins more than two numbers in one range")
    if low is a and a.digits.isdigit() or a.kind == "number":
        message = _shared_scale(a, b)
        if message:
            return _refused(a, b, message)
    if low.value > high.value:
        ends = f"its low end {low.value:,g} is above its high end {high.value:,g}"
        return _refused(a, b, ends)
    if {"at_least", "at_most"} <= outer:
        return _refused(a, b, "its qualifiers contradict each other: at least and at most")
    if "at_least" in outer:
        return _joined(a, b, Estimate.at_least(low.value))
    if "at_most" in outer:
        return _joined(a, b, Estimate.at_most(high.value))
    whole = Estimate.between(low.value, high.value)
    if whole.bound == "exact" and "approx" in a.bounds | b.bounds:
        whole = Estimate.approx(low.value)
    return _joined(a, b, whole)


def _shared_scale(a: Statement, b: Statement) -> str:
    """Let the first number of a range take the scale, the currency or the thousands of the second."""
    scaled = abs(b.scale) if b.digits else _word_scale(b.value)
    own = 1.0 if a.digits or a.value < 100 else _word_scale(a.value)
    money = 1e-6 if "usd_million" in (a.unit, b.unit) else 1.0
    if a.unit != "usd_million" and b.unit == "usd_million" and a.digits:
        a.value, a.scale = round(a.value * money, 9), a.scale * money
    first = a.scale / (money if a.unit == "usd_million" or b.unit == "usd_million" else 1.0) if a.digits else own
    second = scaled / money if b.digits else scaled
    if b.digits and second > 1 and first == 1 and a.value / (money if money != 1 else 1) < b.value / (second * money):
        a.value = round(a.value * second, 9)
        return ""
    if not b.digits and a.value < 100 and scaled >= 100 and a.value < b.value / scaled:
        a.value *= scaled
        return ""
    if not (a.digits.isdigit() and b.digits and not b.digits.isdigit() and second == 1 == first):
        return ""
    head = b.digits.split(next(c for c in b.digits if not c.isdigit()))[0]
    whole = b.value >= 1000 and len(a.digits) <= len(head)
    if whole and int(a.digits) < int(head):
        a.value *= 1000 ** (sum(not c.isdigit() for c in b.digits))
    elif whole and len(a.digits) == len(head):
        return f"{a.digits} to {b.digits} may be read two ways; write both numbers out"
    return ""


def _word_scale(value: float) -> float:
    return next((scale for scale in (1e9, 1e6, 1e3, 1e2) if value >= scale and value % scale == 0), 1.0)


def _refused(a: Statement, b: Statement, reason: str) -> Statement:
    joined = _joined(a, b, None)
    joined.error = joined.error or reason
    return joined


def _ratio(a: Statement, b: Statement, gap: list[_Item], behind: list[_Item]) -> Statement | None:
    """One in nine, two out of three: a percentage."""
    small = a.plain and b.plain and 0 < a.value < b.value and b.unit in (None, "persons") and a.depth == b.depth
    close = sum(not x.roles for x in gap) <= 1 and any(x.has("in") for x in gap)
    if not small or not close or any(x.has("comma", "stop", "and", "plus", "to") and not x.has("in") for x in gap):
        return None
    if a.error or b.error or a.scale != 1 or not (b.value <= 10 or b.value == 100 or (a.value == 1 and b.value <= 1000)):
        return None
    a.value, b.value = round(100 * a.value / b.value, 2), 0.0
    bounds = a.bounds | b.bounds
    return replace(a, last=b.last, unit="percent", bounds=bounds, digits="", kind="share")


def _sum(a: Statement, b: Statement, gap: list[_Item], behind: list[_Item]) -> Statement | None:
    """Numbers joined by a plus sign state their sum; by a margin sign, a range about the first."""
    if a.depth != b.depth or any(x.has("comma", "stop", "open", "close") for x in gap):
        return None
    if any(x.has("margin") for x in gap) and not (a.error or b.error) and a.plain and b.plain:
        whole = Estimate.between(a.value - b.value, a.value + b.value, a.value)
        return _joined(a, b, whole)
    at = next((n for n, x in enumerate(gap) if x.has("plus")), None)
    if at is None or not _summing(gap, at, b):
        return None
    if a.error or b.error:
        return _joined(a, b, None)
    try:
        return _joined(a, b, a.estimate.as_unit("persons") + b.estimate.as_unit("persons"))
    except Undecided as error:
        return _refused(a, b, error.reason)


def _best(a: Statement, b: Statement, gap: list[_Item], behind: list[_Item]) -> Statement | None:
    """A figure with its range in brackets, whichever comes first, is dealt with as brackets are."""
    return None


def _parenthesis(a: Statement, b: Statement, gap: list[_Item], behind: list[_Item]) -> Statement | None:
    """A figure and a second statement of it: its range ("6,000 (5,500–6,500)"), or the precise number."""
    second = b.depth > a.depth or b.best or a.best
    if not second or a.error or b.error:
        return None
    if (a.unit or "persons") != (b.unit or "persons") and None not in (a.unit, b.unit):
        return None
    if a.kind == "vague" or b.kind == "vague":
        kept = b if a.kind == "vague" else a
        return replace(kept, first=a.first, last=b.last, depth=a.depth, unit=a.unit or b.unit)
    try:
        x, y = a.estimate.as_unit("persons"), b.estimate.as_unit("persons")
        if "range" in (x.bound, y.bound) and x.bound != y.bound:
            ends, figure = (x, y) if x.bound == "range" else (y, x)
            return _joined(a, b, replace(ends, best=figure.best), depth=a.depth)
        single = {"exact", "approx"}
        if x.bound in single and y.bound in single:
            kept = a if x == y or y.bound == "approx" else b
            if not x.widened().overlaps(y.widened()):
                return None
        elif x.bound in single and x.best in y:
            kept = a
        elif y.bound in single and y.best in x:
            kept = b
        else:
            return None
    except (EstimateError, Undecided):
        return None
    return replace(kept, first=a.first, last=b.last, depth=a.depth, unit=a.unit or b.unit)
