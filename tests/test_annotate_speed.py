"""The annotator's work grows as its text does, and what it passes over would have changed nothing."""

from __future__ import annotations

import gc
import json
import random
import sys
from types import FrameType

from annotating import FOLDER
from ffstats.annotate import annotate, words
from ffstats.annotate.candidates import candidates
from ffstats.annotate.population import Surroundings
from ffstats.grammar import lexicon, scanner
from ffstats.grammar.quantities import core, shape

ROWS = [json.loads(row) for row in (FOLDER / "paragraphs.jsonl").read_text(encoding="utf-8").splitlines()]
# What is counted here is a bound for these paragraphs: the sets up to v, and y and z.
PARAGRAPHS = [row["text"] for row in ROWS if not row["set"].startswith(("press_", "idiom_", "kept_aside_w", "kept_aside_x"))]


def dense(paragraphs: int, seed: int) -> str:
    """Return a text with several numbers in every sentence, none the same as in the paragraph it was made from."""
    draw = random.Random(seed)
    drawn = [draw.choice(PARAGRAPHS) for _ in range(paragraphs)]
    return "\n\n".join("".join(str(draw.randint(1, 9)) if c.isdigit() and c != "0" else c for c in text) for text in drawn)


def calls(text: str) -> tuple[int, int]:
    """Return how many functions of Python's are called to annotate a text, and how many numbers it has."""
    count = 0

    def called(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        found = annotate(text, language="en")
    finally:
        sys.setprofile(before)
    return count, len(found.annotations)


def test_the_work_for_a_number_does_not_grow_with_the_text() -> None:
    annotate(dense(40, 1), language="en")
    (few, small), (many, large) = calls(dense(40, 2)), calls(dense(320, 3))
    assert large > 6 * small
    assert many / large < 1.2 * few / small
    assert many / large < 600


def test_nothing_that_is_made_refers_to_itself() -> None:
    text = dense(40, 4)
    annotate(text)
    gc.collect()
    found = annotate(text)
    assert gc.isenabled()
    assert gc.collect() == 0
    assert found.annotations


def test_a_pattern_is_searched_for_wherever_it_can_begin() -> None:
    text = "\n\n".join([*PARAGRAPHS, *(pattern.example for pattern in words.patterns())])
    unknown = []
    for pattern in words.patterns():
        begins = words.beginnings(pattern.expression.pattern)
        assert not begins or {text[m.start()] for m in pattern.expression.finditer(text) if m.group()} <= begins
        unknown += [] if begins else [pattern.example]
    assert len(unknown) <= 2, unknown


def test_what_the_words_cannot_name_is_never_named() -> None:
    named = 0
    for text in PARAGRAPHS[::6]:
        for a in annotate(text).annotations:
            around = Surroundings(a.context)
            for c in candidates() if a.mention.kind == "quantity" else ():
                fit = around.population(c)
                if fit is not None and fit.named:
                    named += 1
                    assert around.named(c), (text, a.mention.text, c.id)
    assert named > 1000


def test_numbers_in_the_same_words_have_the_same_shape_but_for_years_hundreds_and_powers_of_ten() -> None:
    def shaped(text: str, language: str = "en") -> object:
        chain = (language, lexicon.ANY)
        tokens = scanner.tokens(text)
        first, last = core(tokens, chain)
        return shape(tokens[first:last], chain)

    assert shaped("of whom at least 3,417 people boarded") == shaped("it said now at least 8,650 people")
    apart = [shaped(f"several {number} people") for number in ("7", "350", "2015", "1,000", "5,000")]
    assert all(apart.count(one) == 1 for one in apart)
    assert shaped("300 км2", "ru") != shaped("300 км3", "ru")
