"""The tables: what each lays side by side, and what it must keep apart."""

from __future__ import annotations

import re

import pytest

from built_exhibits import built, ids
from ffstats import catalogue, tidy

TABLES = ids("table")


@pytest.mark.parametrize("name", TABLES)
def test_html_and_latex_show_title_source_and_the_cells(name):
    exhibit = built(name)
    files = exhibit.files()
    html, tex = (files[f"tables/{name}.{end}"].decode("utf-8") for end in ("html", "tex"))
    assert exhibit.title.replace("&", "&amp;") in html
    assert html.count("<tr") > len(exhibit.drawn.data)
    assert not re.search(r"(src|href)=|url\(|@import|<script", html)
    assert r"\begin{table}" in tex or r"\begin{longtable}" in tex
    first = str(exhibit.drawn.data.iloc[0, -1])
    assert first[:20].replace("&", "&amp;") in html


@pytest.mark.parametrize("name", ["growth_table", "country_table"])
def test_the_same_table_twice_is_the_same_bytes(name):
    assert built(name).files() == catalogue.build(name).files()


def test_hostile_words_are_shown_not_run():
    claims = tidy.claims()
    evil = '<script>alert("x")</script> & \\input{/etc/passwd}'
    claims["paraphrase"] = claims["paraphrase"].where(claims["claim_id"] != "c021", evil)
    files = catalogue.build("two_populations", {"claims": claims}).files()
    html = files["tables/two_populations.html"].decode()
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_the_growth_series_says_what_each_figure_counts():
    data = built("growth_table").drawn.data
    told = data[data["report"] == "Survey article"]
    assert list(told["value"]) == ["6,000", "20,000", "at least 40,000"]
    assert set(told["where"]) == {"Syria and Iraq"}
    assert "sunni militant groups" in set(data["group_words"])


def test_repeats_of_one_observation_are_named():
    data = built("strength_table").drawn.data
    rows = data.set_index("series_id")["again"]
    assert (rows != "").sum() > 5
    for again in rows[rows != ""]:
        assert again.removeprefix("repeats ") in set(tidy.series()["series_id"])


def test_one_number_stands_for_two_populations():
    data = built("two_populations").drawn.data
    texts = data[data["seen"] == "the text itself"]
    assert set(texts["status"]) == {"relocated", "returned"}
    assert all("5,600" in value for value in texts["value"])
    unseen = data[data["seen"] == "not seen"]
    assert list(unseen["value"]) == ["not seen"] * len(unseen) and len(unseen) >= 1


def test_every_claim_has_one_row_with_its_verdict():
    data = built("numbers_table").drawn.data
    assert sorted(data["claim_id"]) == sorted(tidy.claims()["claim_id"])
    assert data["reason"].str.len().min() > 0


def test_conflicts_stand_in_the_order_of_their_change_and_weak_ones_apart():
    data = built("conflicts").drawn.data
    shares = [float(share.removesuffix("%")) for share in data["share"]]
    assert shares == sorted(shares, reverse=True) and len(data) == 13
    weak = data["weight"].str.startswith("Weak")
    assert [share <= 2.0 for share in shares] == list(weak) and 0 < weak.sum() < len(data)
    first = data.iloc[0]
    assert "[c043]: about 800" in first["numbers"] and "[c081]: 400" in first["numbers"]
    assert first["why"].startswith("c043 is the same number as c081. Reason: ")
    assert "lower its low end from 750 to 400" in first["change"]


def test_the_charitable_reading_leaves_fewer_conflicts_and_the_caption_says_what_it_grants():
    drawn = catalogue.build("conflicts", reading="charitable").drawn
    assert len(drawn.data) == 1 and "[c061]" in drawn.data.loc[0, "numbers"]
    assert drawn.sources == ("texts",)
    for words in (
        "The strict reading takes",
        "The charitable reading grants",
        "1 set of numbers in the charitable",
    ):
        assert words in drawn.caption
    assert "stopped early" in built("conflicts").drawn.caption


def test_shares_returned_keep_their_bounds():
    data = built("returnee_table").drawn.data
    rows = data.set_index(["source", "iso3"])
    assert rows.loc[("Soufan Center 2017", "GBR"), "share"] in {"50%", "about 50%", "about 50.0%"}
    world = rows.loc[("Soufan Center 2017", "XWD")]
    assert world["went"] == "at least 40,000" and world["share"] == "no share follows"
    italy = rows.loc[("National authorities", "ITA")]
    assert (italy["went"], italy["back"], italy["day"]) == ("138", "28", "18 February 2019")


def test_sources_stand_side_by_side_and_gaps_stay_gaps():
    data = built("country_table").drawn.data.set_index("iso3")
    assert data.loc["TUN", "soufan2015"] == "6,000" and data.loc["TUN", "soufan2017"] == "2,926"
    assert data.loc["SWE", "soufan2017"] == "not seen"
    assert data.loc["RUS", "icsr2015"] == "800–1,500"
    only = catalogue.build("country_table", countries="FRA,GBR").drawn.data
    assert set(only["iso3"]) == {"FRA", "GBR"}


def test_territory_keeps_its_bases_apart():
    data = built("territory_table").drawn.data
    heads = list(dict.fromkeys(data["what"]))
    assert len(heads) == 5
    since = data[data["what"].str.contains("start of the period")]
    assert (since["since"] != "").all()


def test_a_part_names_its_whole():
    data = built("detention_table").drawn.data.set_index("series_id")
    assert data.loc["dod_oig-011", "whole"] == "all detainees"
    assert data.loc["dod_oig-020", "whole"] == ""


def test_the_profile_shows_witnesses_and_dissent():
    data = catalogue.build("country_profile_table", iso3="RUS").drawn.data
    soufan = data[(data["source"] == "Soufan Center 2017") & (data["what"] == "travelled")].iloc[0]
    assert soufan["value"] == "3,417" and soufan["n_witnesses"] > 5 and "3,41" in soufan["dissent"]
