"""What the words found in a sentence mean where they stand: some say nothing of those counted, some say something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ffstats.annotate.candidates import sites
from ffstats.annotate.cues import PEOPLE, Cue, gaps, in_theatre, on_the_way
from ffstats.annotate.nouns import NOUN

_GOING = re.compile(r"\b(?:to|into|nach|vers|hacia)\s$")
_LEFT = re.compile(r".{0,6}(?<!who )(?<!that )(?<!had )(?<!ave )(?<!has )(?<!and )(?<!hey )left[,.;:)]")
_LEAVING = re.compile(r"(?:\b(?:[Ww]hich|[Tt]hat|[Tt]his|[Ii]t)\s(?:has\s|had\s|still\s)?(?:left|leaves)|\bleaving)$")
"""What, before a number, says that so many remained."""
_ANEW = re.compile(r"[^.;:,\d]{0,40}\b(?:again|once more|anew)\b")
_WHOSE = re.compile(r"\bwhose\s(?:own\s|home\s)?(?:governments?|countries|country|states?|capitals?|authorities|leaders|families|relatives|parents|lawyers|sons|daughters|husbands|brothers|loved)\b")
"""What opens words about others than those counted."""
_JOINING = re.compile(r",?\s(?:and|or|as well as|et|ou|comme|und|oder|wie|sowie|y|o|e|como)\s")
_CHIEFLY = re.compile(
    r"\b(?:chiefly|mainly|mostly|largely|primarily|predominantly|principally|notably|especially|particularly|in particular|many of them|most of them|"
    r"some of them|among them|principalement|surtout|notamment|vor allem|hauptsächlich|überwiegend|principalmente|sobre todo|mayoritariamente)"
    r"\s(?:(?:from|of|in|the|des?|aus|los|las)\s)*(?:[^\W\d_]{4,15}(?:,\s|\s(?:and|or|et|und|y)\s)(?:from\s)?)?$"
)
"""What leads to those of whom most are, but not all."""
_DOING = re.compile(r"(?:(?:while|whilst|when)\s)?(?:fighting|serving|in (?:the|its|their) (?:ranks|service)|under (?:the|its|their) (?:black )?(?:flag|banner))\b")
_FOR = re.compile(r"\b(?:for|over|of|with)\s(?:(?:having|allegedly|once|their|his|her|attempting to|trying to|plotting to|conspiring to|planning(?: to)?|wanting(?: to)?|hoping(?: to)?)\s){0,2}$")
_PUNISHED = frozenset(("detained", "convicted", "prosecuted", "charged", "stateless"))
"""What is done to those who went or meant to, for that ("jailed for joining …")."""
_AT_ONCE = re.compile(r"(?:(?!\b(?:and|but|who)\b)[^,;:.\d]){0,40}")
_COME_TO = re.compile(r"(?:came|comes?|coming|had come|has come|have come) to\b|reach(?:ed|es|ing)?\b", re.IGNORECASE)
_FALLEN_TO = re.compile(r"(?:had |has |have )?(?:fall|falls|fallen|fell)\sto\s(?:[a-z]{2,8}\s){0,3}[0-9]")
_SO_MANY = re.compile(
    r"\s(?:(?:about|some|around|roughly|approximately|nearly|almost|just|over|under|more than|fewer than|less than|at least|up to|only|a|an|"
    r"total|of|estimated|close|to|as|many|as|little|slightly|somewhat|rather|well|more|fewer|less|than|something|somewhere|like|between|exactly|"
    r"precisely|bit|shade|full|no|mere)\s){0,6}[0-9]"
)
_NOT = re.compile(r"\b(?:never|not|n['’]t|failed to|unable to|nie|nicht|niemals|nunca|jamás|jamais)\s(?:yet\s|even\s|quite\s|actually\s)?$")
_UNDONE = {"travelled": ("prevented", "attempted"), "returned": ("killed", "unaccounted", "present", "strength", "alive")}
"""What those may be who did not leave, or did not come back."""
_SO_MANY_IN = re.compile(r"(?:\d|\b[a-z]+(?:ty|teen|hundred|thousand|dozen|one|two|three|four|five|six|seven|eight|nine|ten))\s(?:in|en|im|in der)\s(?:the\s)?$")
SITE = "site"
"""Marks a cue of a place in which so many are, of several such."""
_TO = re.compile(r"\s(?:home\s)?(?:to|into|nach|in den|en|à|a)(?:\s\w{1,12})?\s")
_CARRIED = re.compile(r"(?:flown|flew|fly|brought|taken|took|carried|bussed|driven|shipped|escorted|transported|moved|ferried|sent)\b")
_EVENT = re.compile(r"\b(?:since|after|before|following|until)\s(?:the\s)?(?:[a-z]{3,12}\s){0,2}(?:siege|battle|fall|capture|loss|liberation|storming|recapture|bombing|attacks?|fighting|takeover)\s(?:of|for|in|at|on)\s(?:the\s)?$")
"""What makes of a place the event that happened there."""
_FROM = re.compile(r"\b(?:from|out of|of)\s(?:the\s|their\s|its\s|a\s)?(?:[A-Z]?[a-z-]{3,12}\s)?$")
"""What leads to where those were who are not there any more ("had escaped from jails")."""
_THEY_LEFT = re.compile(r"\b(?:countries|country|homes?|homelands?|towns?|villages?|lands?|states?|places|group|caliphate)\s(?:that\s|which\s)?(?:they|he|she)\s(?:had\s|once\s|have\s)?$")
"""What tells of a place only that they had been there."""
_SOME = re.compile(r"^\s(?:some\s|about\s|another\s)?[0-9][0-9,]*(?=\s)")
"""A number that stands between a verb and where to ("flew 110 of them out of Syria")."""
_HOMEWARDS = re.compile(r"^\w+(?:\s(?:back|home))?\sto\s(?:the\s)?$")
_OUT_OF = re.compile(r"^[^.;:,\d]*\b(?:from|out of)\s(?:the\s)?(?:[a-z]{3,12}\s){0,3}$")


def meant(text: str, span: tuple[int, int], cues: list[Cue], numbers: Sequence[int], language: str) -> list[Cue]:
    """Return the cues of a sentence as they are meant there, in order.

    Parameters: span, the place of the sentence in the text; numbers, the places of what it counts.

    >>> text = "since the siege of Marawi the area had fallen to 60,400"
    >>> from ffstats.annotate.cues import cues
    >>> [(c.facet, c.terms) for c in meant(text, (0, len(text)), cues(text), [49], "en") if c.facet in ("geo", "status")]
    [('status', ('stated',))]
    """
    cues = _about_numbers(text, span, cues, numbers, language) if numbers else cues
    cues = [c for c in cues if not _in_passing(text, c, cues)]
    if others := _WHOSE.search(text, *span):
        cues = [c for c in cues if c.facet != "status" or c.start < others.start()]
    listed = [c for c in cues if c.facet == "geo" and PEOPLE not in c.terms and _SO_MANY_IN.search(text, max(0, c.start - 20), c.start)]
    if len(listed) > 1 and 0 < sum(in_theatre(c.terms[0]) for c in listed) < len(listed):
        # "4,000 in Syria, 200 in Iraq and 60 in Mali": there they are, not from there.
        cues = [c._replace(terms=(*c.terms, SITE)) if c in listed else c for c in cues]
    return [one for c in cues for one in (*_going(text, c, cues), _said(text, c, cues))]


def _about_numbers(text: str, span: tuple[int, int], cues: list[Cue], numbers: Sequence[int], language: str) -> list[Cue]:
    """Return cues with those that a verb and a word make which have a number between them ("brought 110 of them home")."""
    for pattern, terms in gaps(language):
        for match in pattern.finditer(text, *span):
            if any(match.start("gap") <= at < match.end("gap") for at in numbers):
                taken = (match.span("verb"), match.span("end"))
                cues = [c for c in cues if c.facet != "status" or not any(a < c.end and c.start < b for a, b in taken)]
                cues.append(Cue(*match.span("verb"), "status", terms))
                cues.sort()
    return cues


def _in_passing(text: str, c: Cue, cues: Sequence[Cue]) -> bool:
    """Tell whether words are not said of those who are counted, but of where they had been, or of others with them."""
    if c.facet == "geo":
        # "175 foreigners, chiefly Malaysians" are of more peoples; "since the siege of Marawi" is a date.
        some = not in_theatre(c.terms[0]) and _CHIEFLY.search(text, max(0, c.start - 60), c.start)
        return bool(some or _EVENT.search(text, max(0, c.start - 50), c.start))
    if c.facet != "status":
        return False
    if text[c.start : c.end] == "abroad" and any(a.facet == "status" and a.end < c.start for a in cues):
        return True  # "planning to join groups abroad": it says no more than the verb before
    if _THEY_LEFT.search(text, max(0, c.start - 40), c.start):
        return True  # "who had gone back to the countries they left"
    if {"travelled", "attempted"} & {*c.terms} and _FOR.search(text, max(0, c.start - 30), c.start):
        return any(a.facet == "status" and _PUNISHED.intersection(a.terms) and a.end < c.start for a in cues)
    if "detained" in c.terms and _FROM.search(text, max(0, c.start - 24), c.start):
        return any(a.facet == "status" and "escaped" in a.terms and 0 < c.start - a.end < NOUN for a in cues)
    if not _DOING.match(text, c.start):
        return False
    # "killed fighting for the group": what those who fell were doing.
    ended = (a for a in cues if a.facet == "status" and {"killed", "detained"} & {*a.terms} and 0 < c.start - a.end < NOUN)
    return any(_AT_ONCE.fullmatch(text, a.end, c.start) for a in ended)


def _going(text: str, c: Cue, cues: Sequence[Cue]) -> Iterator[Cue]:
    """Yield that people go to Syria or Iraq where a number stands before "to Syria" without a verb."""
    there = c.facet == "geo" and in_theatre(c.terms[0])
    if there and _GOING.search(text, max(0, c.start - 8), c.start):
        said = any(s.facet == "status" and c.start - NOUN <= s.start < c.start for s in cues)
        yield from () if said else (Cue(c.start, c.end, "status", ("travelled", "inflow")),)


def _said(text: str, c: Cue, cues: Sequence[Cue]) -> Cue:
    """Return a cue with the terms that it stands for here: those who "left" may remain, what has "reached" 122 is told."""
    if c.terms == ("foreign",):
        beside = (g for g in cues if PEOPLE in g.terms and abs(g.start - c.start) < NOUN)
        # "foreign and Libyan fighters" are all of them
        return c._replace(terms=("world",)) if any(_joined(text, c, g) for g in beside) else c
    if c.facet != "status":
        return c
    if "travelled" in c.terms and _LEAVING.search(text, max(0, c.start - 12), c.end) and _SO_MANY.match(text, c.end):
        return c._replace(terms=("present", "strength", "alive"))  # "111 died, which left 1,251 in the conflict zone"
    if "present" in c.terms and _ANEW.match(text, c.end):
        return c._replace(terms=(*c.terms, "returned"))  # "were living in Finland again"
    if _LEFT.match(text, max(0, c.start - 6), c.end + 1):
        return c._replace(terms=(*c.terms, "present", "strength", "alive"))
    if _FALLEN_TO.match(text, c.start) or (_COME_TO.match(text, c.start) and _SO_MANY.match(text, c.end)):
        return c._replace(terms=("stated",))  # "the area had fallen to 60,400", "the dead had reached 122": nobody arrived
    if c.terms[0] in _UNDONE and _NOT.search(text, max(0, c.start - 20), c.start):
        return c._replace(terms=_UNDONE[c.terms[0]])
    if "travelled" in c.terms and _CARRIED.match(text, c.start):
        return _carried(text, c, cues)
    if "inflow" in c.terms:
        goal = next((g for g in cues if g.facet == "geo" and g.start >= c.end), None)
        home = goal and not in_theatre(goal.terms[0]) and not on_the_way(goal.terms[0]) and goal.terms[0] not in sites()
        if goal and home and text[c.end : goal.start].strip() in ("", "in", "at", "back in"):
            return c._replace(terms=(*c.terms, "repatriated", "returned"))  # "a plane with 110 landed in Pristina"
    return _returned(text, c, cues) if "returned" in c.terms else c


def _carried(text: str, c: Cue, cues: Sequence[Cue]) -> Cue:
    """See who was flown out of Syria, or to their own country: they went home."""
    for g in cues:
        if g.facet == "geo" and g.start > c.end:
            way = _SOME.sub("", text[c.end : g.start])
            if in_theatre(g.terms[0]):
                if g.start < c.end + 60 and _OUT_OF.search(way):
                    return c._replace(terms=("repatriated", "returned"))
            elif _HOMEWARDS.search(text[c.start : c.end] + way) and not on_the_way(g.terms[0]):
                return c._replace(terms=(*c.terms, "repatriated", "returned"))  # "156 people had been flown to Tashkent"
    return c


def _returned(text: str, c: Cue, cues: Sequence[Cue]) -> Cue:
    """Tell those who return home from those who return to Syria or Iraq."""
    goal = next((g for g in cues if g.facet == "geo" and g.start > c.end), None)
    there = goal and in_theatre(goal.terms[0]) and _TO.fullmatch(text, c.end, goal.start)
    if goal and there and sum(g.terms[0] == goal.terms[0] for g in cues if g.facet == "geo") == 1:
        return c._replace(terms=("returned_there",))
    return c


def _joined(text: str, a: Cue, b: Cue) -> bool:
    """Tell whether an "and" alone stands between two cues."""
    first, second = sorted((a, b))
    return _JOINING.fullmatch(text, first.end, second.start) is not None
