"""Every reader of foreign text refuses it with a message or reads it: nothing else, whatever the bytes."""

from __future__ import annotations

import random
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent / "fuzz"))
import mutate
import targets

KEPT = [(name, file, data) for name in targets.TARGETS for file, data in targets.kept(name)]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what libraries say of broken files, and read the project whatever the current folder is."""
    monkeypatch.setenv("FFSTATS_ROOT", str(targets.ROOT))
    warnings.simplefilter("ignore")


@pytest.mark.parametrize(("name", "data"), [(n, d) for n, _, d in KEPT], ids=[f"{n}-{f}" for n, f, _ in KEPT])
def test_what_once_broke_a_reader_breaks_none(name: str, data: bytes) -> None:
    targets.feed(name, data)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_some_changed_inputs_break_no_reader(name: str) -> None:
    chance = random.Random(f"{name} 1")  # the same ones each time; others each time by `make fuzz`
    seeds = targets.TARGETS[name].seeds()
    tokens = mutate.corpus_tokens(seeds)
    refused = 0
    for _ in range(60 if name in ("annotate", "command", "page") else 300):
        refused += bool(targets.feed(name, mutate.mutated(chance.choice(seeds), seeds, tokens, chance)))
    if name not in ("annotate", "page", "mentions"):  # these take any text
        assert refused


@pytest.mark.parametrize("name", [n for n in targets.TARGETS if n != "command"])
def test_the_inputs_that_changes_start_from_are_mostly_read(name: str) -> None:
    seeds = targets.TARGETS[name].seeds()[:60]
    read = sum(not targets.feed(name, data) for data in seeds)
    assert read > len(seeds) / 3, f"{read} of {len(seeds)}: the targets would not reach far"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.sampled_from(targets.LANGUAGES), st.sampled_from(targets.UNITS))
def test_any_text_is_an_estimate_or_an_error(text: str, language: str | None, unit: str | None) -> None:
    first = targets.LANGUAGES.index(language) + len(targets.LANGUAGES) * targets.UNITS.index(unit)
    targets.feed("printed", bytes([first]) + text.encode("utf-8", "surrogatepass"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["raw", "relations", "quantities", "template", "notebook", "documents"]))
def test_any_bytes_are_a_file_or_an_error(data: bytes, name: str) -> None:
    targets.feed(name, data)
