"""The noun behind a number: who is counted, or that it is a stranger."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ffstats.annotate import words
from ffstats.annotate.candidates import THINGS
from ffstats.annotate.cues import Cue
from ffstats.annotate.mention import Mention

NOUN = 40  # characters behind a number within which its noun stands
_PLACE = re.compile(r"[^\W\d_][\w'’-]*|[^\w\s]")
OF = re.compile(
    r"(?:(?!\s(?:and|et|und|y)\s)[^,;:.]){0,30}\b(?:of|des?|d['’]|der|von|sur|among|los|las)(?:\s(?:the|those|these|its|their|all|les|ses|leurs|los|sus|den|seinen|ihren))?\s*"
)
"""What stands between a part and its whole: "425 of the 850"."""
_APART = re.compile(r"\b(?:came|comes?|from|to|by|with|at|on|in|into|held|hold|carried|carry|had|has|have|was|were|who|that)\b")
"""What parts a number from a noun that it does not count."""
_PART = re.compile(r"\s(?:account(?:s|ed|ing)?\sfor|ma(?:de|ke|kes|king)\sup|number(?:ed|ing)?|form(?:ed|ing)?)\s(?:\w+\s){0,2}")
"""What joins who is a part to the number of them: "women accounted for 23 of them"."""
_NUMBER_OF = re.compile(r"\b(?:number|total|tally|count) of (?:the )?(?:[a-z-]{2,14}\s){0,3}$")
_NOW = re.compile(r"(?:\s(?:there|here|in [a-z]{3,12}))?\s(?:(?:had|has|have|was|were|is|are|been|be|at|then|now|still|also|since)\s){0,4}(?:(?:fallen|fell|falls|risen|rose|rises|grown|grew|climbed|dropped|shrunk|swollen|come down|gone up|gone down|stood|stands|put|estimated|reckoned|reached|exceeded)\s)?(?:(?:to|at|by|from)\s)?(?:(?:up|only|just|some|about|more than|nearly)\s(?:to\s)?)?")
"""What stands between "the number of women" and that number."""
_ARE = re.compile(r"\b(?:were|are|was|(?:may|might|could|would)\s(?:well\s)?(?:have\sbeen|be)|(?:were|are)\s(?:believed|thought|said|estimated|reported)\sto\s(?:be|have\sbeen)|sont|étaient|waren|sind|son|eran)\s$")


def head(text: str, m: Mention, cues: Sequence[Cue], clause: tuple[int, int], language: str) -> str:
    """Return who the noun behind a number names, if one does before what is said of them; "other" for a stranger.

    Parameters: cues, those of the sentence; clause, the place of the number's own clause.
    """
    end = min(clause[1], m.end + NOUN)
    strange = stranger(text, m.end, end, {c.start for c in cues}, language) if cues else end
    if text[m.end : m.end + 1] == ")":
        return ""
    of = next((c for c in cues if c.facet == "who" and c.end <= m.start and _NUMBER_OF.search(text, max(0, c.start - 60), c.start) and _NOW.fullmatch(text, c.end, m.start)), None)
    if of:
        return of.terms[0]  # "the number of women is put at up to 4,800"
    telling = {c.start for c in cues if c.facet == "status"}
    named = {c.start for c in cues if c.facet == "geo"}
    are = next((c for c in cues if c.facet == "who" and c.start not in telling and _ARE.search(text, m.end, c.start)), None)
    if are and m.end < are.start < clause[1]:
        return are.terms[0]  # "ninety of the travellers were women"
    part = next((c for c in cues if c.facet == "who" and c.terms[0] not in THINGS and _PART.fullmatch(text, c.end, m.start)), None)
    if part:
        return part.terms[0]
    for cue in sorted(cues, key=lambda c: (c.start, c.facet != "who")):
        if m.start <= cue.start < min(end, strange):
            if cue.facet == "who":
                if text[cue.end : cue.end + 2] in ("'s", "’s", "s'", "' ", "’ "):
                    continue  # "500 of the men's wives"
                apart = cue.start > m.end and _APART.search(text, m.end, cue.start)
                if not apart and OF.fullmatch(text, m.end, cue.start):
                    # "Women account for 900 of the foreigners": the noun behind is of the whole.
                    before = [c for c in cues if c.facet == "who" and clause[0] <= c.start < m.start]
                    return (before or [cue])[-1].terms[0]
                return "" if apart else "other" if cue.terms[0] == "stranger" else cue.terms[0]
            if cue.facet == "status" and cue.start >= m.end and cue.start not in named:
                return ""
    return "other" if strange < end else ""


def stranger(text: str, start: int, end: int, known: set[int], language: str) -> int:
    """Return where a noun behind a number stands that is none of ours ("900 restaurants"); else the end."""
    for match in _PLACE.finditer(text, start, end):
        if match.start() in known:
            continue
        noun = words.is_noun(match.group(), language)
        if noun:
            return match.start()
        if noun is False or not match.group()[0].isalpha():
            break
    return end
