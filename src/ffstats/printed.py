"""Printed text to Estimate: the reading contract, in every language of the data.

`parse` reads one expression ("more than 40,000", "entre 1.500 et 2.500", "one in nine"); `read` says also in which
language; `mentions` finds the numbers of a longer passage with their places. What is not decided by the words
is an error that names the choices, never a guess. The phrases are the tables in `vocabulary`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ffstats.errors import PrintedError
from ffstats.estimate import Estimate
from ffstats.grammar import lexicon, scanner
from ffstats.grammar.lexicon import Language
from ffstats.grammar.phrases import statements
from ffstats.grammar.statement import Statement

LONGEST = 500  # characters of one expression; longer is prose, not an estimate
#: A count of these is a count of persons, so that "75 deaths" answers to persons and "260 people" to deaths.
_PERSONS = frozenset({"persons", "deaths"})
_RATES = frozenset({"persons_per_month", "persons_per_year", "persons_per_week", "persons_per_day"})
_CODE = re.compile(r"[a-z]{2,3}(?:[-_].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a printed text says, and the language it was read in (ISO 639-1, None if nothing tells)."""

    estimate: Estimate
    language: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return low, high, best, bound, unit and language, ready for JSON."""
        return self.estimate.as_dict() | {"language": self.language}


@dataclass(frozen=True, slots=True)
class Mention:
    """A number in a passage: its place, and its estimate or why it has none."""

    start: int
    end: int
    estimate: Estimate | None
    error: str | None


def parse(text: str, language: str | None = None, unit: str | None = None) -> Estimate:
    """Return the estimate that a printed expression states.

    language: ISO 639-1 code of the text, where known; it settles marks such as those of "2.926".
    unit: what to look for where a text holds several numbers; else the unit is what the text says, or persons.
    Raises PrintedError, with the text, the reason and the choices. The rules are those of the reading contract.

    >>> parse("more than 40,000"), str(parse("3.417", "de"))
    (Estimate(low=40000.0, high=None, bound='at_least', unit='persons', best=None), '3,417')
    >>> str(parse("more than 40,000 from more than 110 countries", unit="countries"))
    'at least 110 countries'
    """
    return read(text, language, unit).estimate


def read(text: str, language: str | None = None, unit: str | None = None) -> Reading:
    """Return the estimate that a printed expression states and the language it was read in.

    Parameters and errors are those of parse.

    >>> read("drygt 40").as_dict()
    {'low': 40.0, 'high': None, 'best': None, 'bound': 'at_least', 'unit': 'persons', 'language': 'sv'}
    """
    if not isinstance(text, str):
        raise PrintedError(text, "a printed text is a string")
    for name, value in (("language", language), ("unit", unit)):
        if value is not None and not isinstance(value, str):
            raise PrintedError(text, f"{name} is a string or None, not {value!r}")
    if unit is not None and not unit.strip():
        raise PrintedError(text, "the unit to look for is empty; leave it out or name one, such as 'persons'")
    if len(text) > LONGEST:
        raise PrintedError(
            text[:LONGEST], f"one expression has at most {LONGEST} characters, this has {len(text)}"
        )
    outcome = _outcome(text, language, unit)
    if isinstance(outcome, Reading):
        return outcome
    raise PrintedError(text, *outcome)


def mentions(text: str, language: str | None = None) -> list[Mention]:
    """Return the numbers of a passage in order, with their qualifiers, ranges and units.

    >>> [(m.start, m.end, str(m.estimate)) for m in mentions("Some 300 left; between 14,000 and 18,000 stayed.")]
    [(0, 8, 'about 300'), (15, 40, '14,000–18,000')]
    """
    found = lexicon.parted(scanner.tokens(text))
    codes, chain = _languages(text, found, language)
    placed: list[Mention] = []
    for s in statements(found, chain, _marks(codes)):
        start, end = found[s.first].start, found[s.last - 1].end
        # A word between two numbers may qualify both ("27> 200"); it is marked with the first.
        start = max(start, min(placed[-1].end, end - 1)) if placed else start
        placed.append(Mention(start, end, None if s.error else s.estimate, s.error or None))
    return placed


@lru_cache(maxsize=65536)
def _outcome(text: str, language: str | None, unit: str | None) -> Reading | tuple[str, tuple[str, ...]]:
    """Return the reading, or the reason and the choices of an error (which is then as cheap to repeat)."""
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") and character not in "\t\n\r":
            return f"it holds the character U+{ord(character):04X}, which no text prints; remove it", ()
    if language is not None and not _CODE.fullmatch(language):
        return f"{language!r} is no language code; write one such as 'de', or leave it out", ()
    found = lexicon.parted(scanner.tokens(text))
    codes, _ = _languages(text, found, language)
    outcomes: dict[str | None, Reading | tuple[str, tuple[str, ...]]] = {}
    for code in codes or (None,):
        chain = _chain(code, found, language)
        marks = _marks((code,) if code else ())
        outcomes[code] = _chosen(text, found, statements(found, chain, marks), unit, code)
    readings = {code: o for code, o in outcomes.items() if isinstance(o, Reading)}
    if not readings:
        return next(iter(outcomes.values()))
    if len({reading.estimate for reading in readings.values()}) > 1:
        listed = tuple(f"{reading.estimate} ({code})" for code, reading in readings.items())
        return "languages differ on what it says; give the language", listed
    reading = next(iter(readings.values()))
    return reading if len(readings) == 1 else Reading(reading.estimate, None)


def _chosen(
    text: str, found: Sequence[scanner.Token], said: list[Statement], unit: str | None, code: str | None
) -> Reading | tuple[str, tuple[str, ...]]:
    """Pick the one statement that answers, by unit if there are several."""
    for statement in said:
        if statement.error:
            return statement.error, statement.choices
    if not said:
        return "it states no number", ()
    fitting = said if unit is None else [s for s in said if _answers(s, unit)]
    if unit not in (None, *_PERSONS) and len(fitting) > 1:
        named = [s for s in fitting if s.unit == unit]
        fitting = named if len(named) == 1 else fitting
    listed = tuple(str(s.estimate) for s in said)
    if not fitting:
        return f"none of its numbers counts {unit}", listed
    if len(fitting) > 1:
        mixed = unit is None and len({s.unit or "persons" for s in fitting}) > 1
        hint = "give the unit to look for" if mixed else "read one at a time, or join the parts of a sum by +"
        return f"it states {len(fitting)} numbers that are not one estimate; {hint}", listed
    estimate = fitting[0].estimate
    return Reading(estimate if unit is None else estimate.as_unit(unit), code)


def _answers(statement: Statement, unit: str) -> bool:
    """Tell whether a statement's unit, said or left unsaid, can be the one looked for."""
    if statement.unit in (None, unit):
        return True
    return (statement.unit in _PERSONS and unit in _PERSONS | _RATES) or (
        statement.unit == "persons" and unit not in lexicon.units()
    )


def _languages(
    text: str, found: Sequence[scanner.Token], language: str | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the languages the text may be in, and the vocabularies to look its words up in.

    A language given is taken. Else the languages that account for most of its words: English if it is one of
    them, otherwise all, for they must agree; without any such word the script may tell.
    """
    if language is not None:
        code = re.split("[-_]", language.lower())[0]
        return (code,), _chain(code, found, language)
    words = lexicon.cues(found) if any(token.kind == "word" for token in found) else {}
    if words:
        most = max(words.values())
        codes = tuple(code for code in lexicon.languages() if words.get(code) == most)
        codes = ("en",) if "en" in codes else codes
        # A language in which no page of the data is written never puts one that is in doubt.
        codes = tuple(code for code in codes if lexicon.languages()[code].in_data) or codes
    else:
        written = scanner.scripts(text)
        codes = tuple(code for code, known in lexicon.languages().items() if known.script in written)
    return codes, _chain(codes[0] if codes else None, found, None)


def _chain(code: str | None, found: Sequence[scanner.Token], given: str | None) -> tuple[str, ...]:
    """Return the vocabularies to use: the text's language, and the one its words are in if that is another."""
    known = lexicon.languages().get(code) if code else None
    first = (known.base,) if known else ()
    if given is not None:
        words = lexicon.cues(found)
        best = max(words, key=lambda name: (words[name], name == "en"), default=None)
        if best and words[best] > words.get(first[0] if first else "", 0):
            first = (*first, best)
    return (*first, lexicon.ANY)


def _marks(codes: Sequence[str]) -> Language | None:
    return lexicon.languages().get(codes[0]) if codes else None
