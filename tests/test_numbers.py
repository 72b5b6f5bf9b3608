"""Recorded numbers and quoted figures: nothing typed, nothing recorded twice, every source known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ffstats import cells, numbers, quote, tidy
from ffstats.choice import Choice
from ffstats.errors import ChoiceError, NumberError
from ffstats.estimate import Estimate


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Record as in a run of the pipeline."""
    monkeypatch.setenv("FFSTATS_OUT", str(tmp_path))
    return tmp_path / "numbers"


def record(number_id: str = "a.number", estimate: Estimate | None = None, **options) -> Estimate:
    return numbers.record(
        number_id, estimate or Estimate.at_least(5600), "persons returned", ["un"], **options
    )


def test_a_number_is_kept_with_its_bounds_definition_and_sources(out: Path):
    numbers.record(
        "rise.growth", Estimate.between(2.6, 3.4, unit="times"), "one over another", ["un", "texts", "un"]
    )
    kept = json.loads((out / "rise.growth.json").read_text(encoding="utf-8"))
    assert kept == {
        "id": "rise.growth",
        "estimate": {"low": 2.6, "high": 3.4, "best": None, "bound": "range", "unit": "times"},
        "text": "2.6–3.4 times",
        "unit": "times",
        "definition": "one over another",
        "sources": ["texts", "un"],
        "tolerance": 0.0,
        "cell": 0,
    }


def test_what_is_read_is_rounded_and_what_is_kept_is_not(out: Path):
    read = record(estimate=Estimate.between(16700 / 6000, 20730 / 6000, unit="times"), digits=2)
    kept = json.loads((out / "a.number.json").read_text(encoding="utf-8"))
    assert str(read) == kept["text"] == "2.7–3.5 times"
    assert kept["estimate"]["low"] == pytest.approx(2.78333333)


def test_outside_the_pipeline_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("FFSTATS_OUT", raising=False)
    monkeypatch.chdir(tmp_path)
    assert str(record()) == "at least 5,600"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "number_id", ["Rise.growth", "rise growth", "rise..growth", ".rise", "rise/../x", "1rise", ""]
)
def test_an_id_is_words_joined_by_dots(out: Path, number_id: str):
    with pytest.raises(NumberError, match="is not an id"):
        record(number_id)
    assert not out.exists()


def test_an_unknown_source_is_named_with_those_there_are(out: Path):
    with pytest.raises(NumberError, match=r"a\.number: no source uno\. The sources are soufan2017, "):
        numbers.record("a.number", Estimate.exact(1), "one", ["un", "uno"])


def test_a_cell_may_run_again_and_two_cells_may_not_share_a_number(
    out: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(numbers, "_cell", lambda: 3)
    record()
    record(estimate=Estimate.exact(7))
    assert json.loads((out / "a.number.json").read_text(encoding="utf-8"))["estimate"]["low"] == 7
    monkeypatch.setattr(numbers, "_cell", lambda: 4)
    with pytest.raises(NumberError, match="recorded twice in one notebook"):
        record()


def test_a_figure_is_quoted_with_the_bound_it_was_printed_with():
    assert str(quote.claim("c019")) == "up to 3,000"
    assert str(quote.total("un-146")) == "15 percent"
    assert str(quote.seen("e022")) == "up to 40"
    assert str(quote.cell("soufan2017/XWD/returned/all_persons/syria_iraq/isis")) == "at least 5,600"


@pytest.mark.parametrize(
    ("quoted", "name", "said"),
    [
        (quote.claim, "c999", "'c999' is in no row of claims"),
        (quote.claim, "c038", "c038: no figure to compute with"),
        (quote.total, "un-1", "'un-1' is in no row of series"),
        (quote.cell, "soufan2017/AFG/travelled/all_persons/syria_iraq/isis", "it was not seen"),
    ],
)
def test_what_states_no_figure_cannot_be_quoted(quoted, name: str, said: str):
    with pytest.raises(NumberError, match=said):
        quoted(name)


def test_a_countrys_figure_follows_the_order_of_sources_and_the_date():
    first = quote.chosen("RUS", "travelled", Choice(prefer="soufan2017,icsr2015"))
    assert (str(first[0]), first[1]) == ("3,417", "soufan2017")
    other = quote.chosen("RUS", "travelled", Choice(prefer="icsr2015,soufan2017"))
    assert (str(other[0]), other[1]) == ("800–1,500", "icsr2015")
    early = quote.chosen("RUS", "travelled", Choice(prefer="soufan2017,icsr2015", as_of="2015-06"))
    assert early[1] == "icsr2015"
    with pytest.raises(NumberError, match=r"RUS, travelled: no figure in soufan2017 up to 2013\."):
        quote.chosen("RUS", "travelled", Choice(prefer="soufan2017", as_of="2013"))


def test_travelled_and_returned_never_come_from_two_sources():
    found = quote.both(["GBR", "RUS", "AFG"], Choice())
    assert "AFG" not in found
    frame = tidy.estimates()
    for code, (went, back, source) in found.items():
        own = frame[(frame["source_id"] == source) & (frame["iso3"] == code)]
        assert {went.best, back.best} <= set(own["best"])
    assert found["GBR"][2] == "soufan2017"
    assert "GBR" not in quote.both(["GBR"], Choice(prefer="icsr2015"))


def test_a_pair_is_of_one_producer_date_theatre_and_population():
    rows = cells.pairs(tidy.estimates())
    shared = rows.groupby(["source_id", "iso3"])[list(cells.SHARED)].nunique()
    assert len(rows) > 80 and (shared == 1).all(axis=None)
    assert (rows.groupby(["source_id", "iso3"])["status"].nunique() == 2).all()
    national = Choice(prefer="national")
    found = {
        code: (str(went), str(back))
        for code, (went, back, _) in quote.both(["FIN", "ITA", "IDN"], national).items()
    }
    assert found == {"FIN": ("80", "about 20"), "ITA": ("138", "28"), "IDN": ("483", "43")}
    earlier = quote.both(["XKX"], Choice(prefer="national", as_of="2018"))["XKX"]
    assert tuple(map(str, earlier[:2])) == ("403", "133")


def test_countries_are_named_or_coded_and_a_stranger_lists_those_there_are():
    assert quote.codes(" France,GBR , Kosovo") == ["FRA", "GBR", "XKX"]
    assert quote.codes([]) == quote.codes("") == []
    with pytest.raises(ChoiceError, match="countries: 'Atlantis' is not one of AFG, "):
        quote.codes("FRA,Atlantis")


@pytest.mark.parametrize(
    ("estimate", "rule", "one"),
    [
        (Estimate.between(14000, 18000), "printed", 14000),
        (Estimate.between(14000, 18000), "midpoint", 16000),
        (Estimate.between(14000, 18000), "envelope", 18000),
        (Estimate.between(5500, 6500, best=6000), "printed", 6000),
        (Estimate.at_most(3000), "midpoint", 3000),
        (Estimate.at_least(40000), "envelope", 40000),
        (Estimate.exact(425), "midpoint", 425),
    ],
)
def test_one_figure_stands_for_an_estimate_by_the_rule(estimate: Estimate, rule: str, one: float):
    assert quote.marked(estimate, Choice(rule=rule)) == Estimate.approx(one)


def test_an_upper_bound_of_a_count_starts_at_zero_and_nothing_else_does():
    assert quote.from_zero(Estimate.at_most(3000)) == Estimate.between(0, 3000)
    for other in (Estimate.at_least(5), Estimate.exact(5), Estimate.between(-1, 5)):
        assert quote.from_zero(other) == other
