"""The quantities of a text: numbers in digits and in words, fractions and vague words, and what is between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ffstats.grammar import lexicon
from ffstats.grammar.digits import VULGAR, Number, compose, is_power_of_ten, multiplies
from ffstats.grammar.lexicon import Match, Sense
from ffstats.grammar.scanner import Token
from ffstats.grammar.statement import Item, Statement

QUANTITIES = ("number", "article", "multiplier", "plural", "genitive", "about", "part", "vague", "unstated")
_MARKS = {
    "–": "dash",
    "−": "dash",
    "/": "slash",
    "+": "plus",
    ",": "comma",
    ":": "comma",
    ";": "stop",
    "...": "stop",
    "…": "stop",
    "=": "stop",
    "(": "open",
    "[": "open",
    ")": "close",
    "]": "close",
    "±": "margin",
    "€": "money",
    "£": "money",
}


_SHORTEST = 4  # letters of a word of several


def core(tokens: Sequence[Token], chain: tuple[str, ...]) -> tuple[int, int]:
    """Return the place of the tokens outside of which nothing is said of a number.

    >>> from ffstats.grammar.scanner import tokens
    >>> core(tokens("those of whom some 300 people left for"), ("en", "*"))
    (3, 6)
    """
    keys, known = tuple([token.key for token in tokens]), lexicon.words(chain)
    first, last, before, i = -1, 0, -1, 0
    while i < len(tokens):
        word = tokens[i].kind == "word"
        match = lexicon.match(keys, i, chain) if word and keys[i] in known else None
        end = i + (match.length if match else 1)
        plain = word and match is None and not _is_joined(keys[i], chain)
        if not plain and (match is None or match.ahead) and first < 0:
            # What leads to a date stands right before it; what touches a number may be one with it.
            first = before if before >= 0 else i
        if not plain and (match is None or match.behind):
            last = end
        leads = match is not None and match.sense("date") is not None
        before = i if leads or (end < len(tokens) and tokens[end].start == tokens[end - 1].end) else -1
        i = end
    return max(first, 0), last


def shape(tokens: Sequence[Token], chain: tuple[str, ...]) -> tuple[tuple[str, str, bool], ...]:
    """Return what decides how tokens are read but for the values of their digits: kind, key, whether it touches the last.

    Words that mean nothing here are alike, and so are digits but for what is asked of them: whether they may be a
    year, the hundreds behind a thousand, or a power of ten ("several 1,000").

    >>> from ffstats.grammar.scanner import tokens
    >>> shape(tokens("some 300 left"), ("en", "*")) == shape(tokens("some 450 stayed"), ("en", "*"))
    True
    """
    known, end, found = lexicon.words(chain), -1, []
    for kind, key, start, stop, _ in tokens:
        if kind == "digits":
            if key not in known and key.rstrip("0") not in ("1", "1,", "1."):  # "км 2" is a phrase
                year = len(key) == 4 and key.isdigit() and 1900 <= int(key) <= 2100
                key = "2015" if year else "7.7" if not key.isdigit() else "777" if len(key) == 3 else "7"
        elif kind == "word" and key not in known and not _is_joined(key, chain):
            key = ""
        found.append((kind, key, start == end))
        end = stop
    return tuple(found)


def _is_joined(key: str, chain: tuple[str, ...]) -> bool:
    return len(key) >= _SHORTEST and any(lexicon.pieces(key, code) for code in lexicon.joining(chain))


def parts(tokens: Sequence[Token], chain: Sequence[str], *, joining: bool) -> Iterator[Statement | Item]:
    """Return the quantities of a text and the items between them, in order.

    chain: the vocabularies to use. joining: whether "and" may stand inside a number in words.
    """
    found = _matches(tokens, tuple(chain))
    i = 0
    while i < len(tokens):
        token, match = tokens[i], found[i]
        statement = None
        if token.kind == "digits":
            statement = _digits(tokens, found, i)
        elif token.key in VULGAR:
            statement = _share(found, i, Number(1.0, i, ""), 1 / VULGAR[token.key], i + 1)
        elif match and match.sense(*QUANTITIES) and not _qualifies(tokens, match, i):
            if match.sense("unstated"):
                statement = Statement(i, i + match.length, kind="unstated")
            else:
                statement = _vague(tokens, found, i) if match.sense("vague") else _words(found, i, joining)
        part = statement or _item(tokens, match, i)
        yield part
        i = part.last if isinstance(part, Statement) else part.end


def _matches(tokens: Sequence[Token], chain: tuple[str, ...]) -> list[Match | None]:
    """Return the longest phrase at each token, a number word of several pieces taken as one number."""
    keys = tuple(token.key for token in tokens)
    found: list[Match | None] = []
    for i, token in enumerate(tokens):
        match = lexicon.match(keys, i, chain)
        if token.kind == "word" and _is_notation(tokens, i):
            match = None
        elif token.key == ",":
            match = Match(1, (Sense("comma"),))
        elif match is None and token.kind == "word" and len(token.key) >= _SHORTEST:
            match = _joined_word(token.key, chain)
        found.append(match)
    return found


def _qualifies(tokens: Sequence[Token], match: Match, i: int) -> bool:
    """Tell whether what may be a quantity of its own qualifies the digits behind it ("algunos 300", "остальные 300")."""
    end = i + match.length
    return match.sense("approx", "neutral") is not None and end < len(tokens) and tokens[end].kind == "digits"


def _is_notation(tokens: Sequence[Token], i: int) -> bool:
    """Tell whether a Latin letter stands glued between digits ("1e400", "5x9"): notation, not a word."""
    if not 0 < i < len(tokens) - 1 or not tokens[i].key.isascii():
        return False
    before, after = tokens[i - 1], tokens[i + 1]
    glued = before.end == tokens[i].start and tokens[i].end == after.start
    return glued and before.kind == "digits" == after.kind


def _joined_word(key: str, chain: Sequence[str]) -> Match | None:
    for code in lexicon.joining(tuple(chain)):
        if words := lexicon.pieces(key, code):
            found = [lexicon.match((word,), 0, (code,)) for word in words]
            number = compose(found, 0)
            if number and number.end == len(words):
                role = "about" if number.kind == "about" else "number"
                if is_power_of_ten(number.value) and (last := found[-1]) and last.senses[0].role == "plural":
                    role = "plural"  # "Hunderttausende"
                return Match(1, (Sense(role, number.value),))
    return None


def _item(tokens: Sequence[Token], match: Match | None, i: int) -> Item:
    roles: dict[str, Sense] = {}
    for sense in match.senses if match else ():
        known = roles.setdefault(sense.role, sense)
        if known.position != sense.position:
            roles[sense.role] = sense._replace(position="around")
    key, end = tokens[i].key, i + (match.length if match else 1)
    if key in _MARKS:
        roles.setdefault(_MARKS[key], Sense(_MARKS[key]))
    glued = end < len(tokens) and tokens[end].kind != "word" and tokens[end].start == tokens[i].end
    if key == "−" and glued and (i == 0 or tokens[i - 1].kind != "digits"):
        roles = {"minus": Sense("minus")}
    return Item(i, end, roles)


def _digits(tokens: Sequence[Token], found: Sequence[Match | None], i: int) -> Statement | None:
    """Return digits with what scales them ("1.7 million", "40k", "5 bin"); None for an ordinal."""
    statement = Statement(i, i + 1, digits=tokens[i].key, number=i)
    end, last = i + 1, 1.0
    while end < len(tokens):
        glued = tokens[end].start == tokens[end - 1].end
        if tokens[end].key in VULGAR and glued and end == i + 1:
            statement.coefficient, end = VULGAR[tokens[end].key], end + 1
            continue
        match = found[end]
        if match is None or (match.sense("ordinal") and glued):
            if match:
                return None
            break
        if match.sense("half") and statement.digits.isdigit() and not statement.coefficient:
            if end == i + 1:
                statement.coefficient, end = 0.5, end + match.length
                continue
            if not multiplies(found, end + match.length):
                statement.coefficient, end = 0.5 * last / statement.scale, end + match.length
            break
        sense = match.sense("multiplier", "plural", "genitive", "about")
        if sense is None:
            break
        if len(tokens[end].key) == 1 and tokens[end].key.isascii() and not glued:
            statement.error = "a letter stands apart behind it, which may be a unit or a multiplier; write the number out"
            end += 1
            break
        if sense.role == "about":
            statement.bounds.add("approx")
        last = sense.value
        statement.scale *= last
        end += match.length
        if (
            statement.scale == 1000
            and end < len(tokens)
            and tokens[end].key.isdigit()
            and len(tokens[end].key) == 3
        ):
            # "3 bin 417": what is above the thousands.
            statement.rest, end = end, end + 1
            break
    statement.last = end
    return statement


def _words(found: Sequence[Match | None], i: int, joining: bool) -> Statement | None:
    number = compose(found, i, joining=joining) or Number(1.0, i, "")
    after = found[number.end] if number.end < len(found) else None
    part = after.sense("part") if after and number.kind in ("", "article", "number") else None
    if after and part and number.value <= part.value:
        return _share(found, i, number, part.value, number.end + after.length)
    if not number.kind:
        return None
    if number.kind == "genitive" and after and (scale := after.sense("plural", "genitive")):
        return Statement(i, number.end + after.length, number.value, scale.value, kind="genitive")  # "сотни тысяч"
    if number.kind == "vague":
        return _tail(found, Statement(i, number.end, kind="vague", low=24.0 if number.value == 12 else None))
    return Statement(i, number.end, number.value / number.scale, number.scale, kind=number.kind)


def _share(found: Sequence[Match | None], i: int, number: Number, parts: float, end: int) -> Statement:
    """Return a fraction as a percentage, or the number it is of a million ("half a million", "half a dozen")."""
    fraction, at = number.value / parts, end
    while (
        at < len(found) and (match := found[at]) and match.sense("of", "neutral", "article") and at < end + 2
    ):
        at += match.length
    if (
        at < len(found)
        and fraction < 1
        and (match := found[at])
        and (scale := match.sense("multiplier", "plural", "about"))
    ):
        bounds = {"approx"} if scale.role == "about" else set()
        return Statement(i, at + match.length, fraction, scale.value, bounds=bounds)
    return Statement(i, end, round(100 * fraction, 2), unit="percent", kind="share")


def _vague(tokens: Sequence[Token], found: Sequence[Match | None], i: int) -> Statement:
    match = found[i]
    statement = Statement(i, i + (match.length if match else 1), kind="vague")
    at = statement.last
    if at < len(tokens) and tokens[at].key.rstrip("0") in ("1", "1,", "1."):
        statement.last = at + 1
    elif at < len(found) and (more := found[at]) and more.sense("vague"):
        statement.last = at + more.length
    elif (number := compose(found, at, joining=False)) and (
        number.kind in ("scale", "vague") or is_power_of_ten(number.value)
    ):
        statement.last, statement.low = number.end, 24.0 if number.value == 12 else None
    return _tail(found, statement)


def _tail(found: Sequence[Match | None], statement: Statement) -> Statement:
    """Let a vague word take the scale that follows it: "tens of thousands", "hundreds of thousands"."""
    at = statement.last
    if at < len(found) and (of := found[at]) and of.sense("of"):
        at += of.length
    if at < len(found) and (scale := found[at]) and scale.sense("plural", "multiplier", "genitive"):
        return replace(statement, last=at + scale.length, low=None)
    return statement
