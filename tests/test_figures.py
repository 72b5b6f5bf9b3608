"""The figures: bounds in sight, nothing on top of anything, colours by one table, missing shown as missing."""

from __future__ import annotations

import itertools
import json
import math
import re

import altair as alt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from built_exhibits import built, ids, picture
from ffstats import catalogue, definitions, tidy
from ffstats.choice import RULES, Choice
from ffstats.errors import ChoiceError, ExhibitError
from ffstats.figures import labels, maps, marks, theme
from ffstats.figures.alt import words
from svg_boxes import collisions, outside, texts

FIGURES = ids("figure")


@pytest.mark.parametrize("name", FIGURES)
def test_no_label_lies_on_another_or_over_the_edge(name):
    assert collisions(picture(name)) == []
    assert outside(picture(name)) == []


@pytest.mark.parametrize("name", FIGURES)
def test_the_picture_fits_a_page_and_no_text_is_cut_short(name):
    width = float(re.search(r'<svg[^>]* width="([\d.]+)"', picture(name))[1])
    assert width <= 640
    assert [known.text for known in texts(picture(name)) if "…" in known.text] == []
    assert min(float(size) for size in re.findall(r'<text[^>]* font-size="([\d.]+)px"', picture(name))) >= 11


@pytest.mark.parametrize("name", FIGURES)
def test_the_specification_is_valid_and_fetches_nothing(name):
    specification = built(name).drawn.content.to_dict()
    assert alt.Chart.from_dict(specification).to_dict()
    text = json.dumps(specification)
    assert '"url"' not in text
    assert specification["config"]["font"] == theme.FONT


@pytest.mark.parametrize("name", FIGURES)
def test_title_and_source_line_are_in_the_picture(name):
    shown = " ".join(known.text for known in texts(picture(name)))
    assert catalogue.entry(name).title.split()[0] in shown
    assert "Source" in shown or "Claims of" in shown
    for source in set(built(name).drawn.sources) - {"texts"}:
        assert theme.look("source", source, "label") in shown, source


@pytest.mark.parametrize("name", FIGURES)
def test_the_alt_text_says_the_numbers_that_are_drawn(name):
    data, said = built(name).drawn.data, built(name).drawn.alt
    if "value" in data and name not in {"world_map"}:
        shown = [value for value in data["value"] if any(char.isdigit() for char in value)]
        assert shown[0].rstrip("*") in said and (len(shown) > 40 or shown[-1].rstrip("*") in said)


def test_the_alt_text_follows_the_data():
    series = tidy.series()
    before = built("inflow").drawn.alt
    is_row = (series["measure"] == "inflow_per_month") & (series["low"] == 1500) & (series["high"] == 2000)
    assert is_row.sum() == 1
    changed = series.assign(high=series["high"].mask(is_row, 2400.0))
    after = catalogue.build("inflow", {"series": changed}).drawn
    assert "1,500–2,000" in before and "1,500–2,400" in after.alt and "1,500–2,000" not in after.alt
    assert "1,500–2,400" in set(after.data["value"])


def test_cells_not_seen_are_drawn_as_not_seen_and_never_as_zero():
    data = built("flows").drawn.data
    gone = data[data["form"] == "missing"]
    assert data["iso3"].nunique() == 48 and len(data) == 96
    assert len(gone) > 20 and gone[["low", "high", "mark"]].isna().all(axis=None)
    shown = [known.text for known in texts(picture("flows"))]
    assert shown.count("□ not seen") == len(gone)
    sweden = gone[gone["iso3"] == "SWE"]
    assert set(sweden["status"]) == {"travelled", "returned"}


def test_a_named_source_fills_gaps_only_and_marks_what_it_fills():
    plain = built("flows").drawn.data.set_index(["iso3", "status"])
    drawn = catalogue.build("flows", fill_from="icsr2015").drawn
    filled = drawn.data.set_index(["iso3", "status"])
    assert filled.loc[("SWE", "travelled"), "value"] == "150–180*"
    assert filled.loc[("SWE", "travelled"), "source_id"] == "icsr2015"
    for cell, row in plain[plain["form"] != "missing"].iterrows():
        assert not filled.loc[cell, "filled"] and filled.loc[cell, "value"] == row["value"]
    assert "icsr2015" in drawn.sources and "filled from ICSR 2015" in drawn.caption


def test_large_flows_stand_on_top():
    data = built("flows").drawn.data
    went = data[data["status"] == "travelled"]["mark"].dropna().tolist()
    assert went == sorted(went, reverse=True) and went[0] == 3417


def test_the_graphic_shows_what_its_source_printed():
    data = built("flows").drawn.data.set_index(["iso3", "status"])["value"]
    for iso3, pair in {
        "RUS": ("3,417", "400"),
        "SAU": ("3,244", "760"),
        "TUN": ("2,926", "800"),
        "USA": ("129", "7"),
    }.items():
        assert (data[iso3, "travelled"], data[iso3, "returned"]) == pair


def test_shares_of_two_bases_stand_under_two_headings():
    data = built("share_lost").drawn.data
    assert data["group_label"].nunique() == 2
    assert set(data.loc[data["source_id"] == "ihs_territory", "group_label"]).isdisjoint(
        set(data.loc[data["source_id"] == "coalition", "group_label"])
    )


def test_both_readings_of_the_ninth_are_shares_of_those_who_left():
    data = built("one_in_nine").drawn.data
    assert set(data["unit"]) == {"percent"}
    world = data[data["iso3"] == "XWD"].set_index("status")["value"]
    assert world["returned"] == "no share follows" and world["travelled"] == "up to 11.1%"
    britain = data[data["iso3"] == "GBR"].set_index("status")
    assert math.isclose(britain.loc["returned", "best"], 425 / 850 / 9 * 100, abs_tol=0.05)
    assert pd.isna(britain.loc["travelled", "low"])


@pytest.mark.parametrize("reading", ["strict", "charitable"])
def test_the_rest_of_the_account_is_never_more_certain_than_its_parts(reading):
    data = catalogue.build("account", reading=reading).drawn.data.set_index("item")
    alive, rest = data.loc["alive"], data.loc["unexplained"]
    parts = data[(data["part_of"] == "alive") & (data.index != "unexplained")]
    assert 0 <= rest["low"] <= max(0.0, alive["low"] - parts["low"].sum())
    assert rest["high"] >= alive["high"] - parts["high"].sum()
    assert rest["printed"] == "no count printed" and rest["value"] in ("10,200–20,200", "up to 24,400")


def drawn_bars(reading):
    """The bars of the account as drawn: from and to, by line and part."""
    specification = catalogue.build("account", reading=reading).drawn.content.to_dict()
    held = [rows for rows in specification["datasets"].values() if rows and "to" in rows[0]]
    assert len(held) == 1
    return {
        (row["row"].partition("|")[2].replace("|", " "), row["part"]): (row["at"], row["to"])
        for row in held[0]
    }


def test_parts_of_the_strict_account_hang_from_their_whole_and_leave_the_rest():
    bars, data = drawn_bars("strict"), built("account").drawn.data.set_index("item")
    returned, held = bars["· Returned home", "at least"], "· Foreign fighters held in northeast Syria"
    assert returned[1] == data.loc["alive", "high"] and bars[held, "at least"][1] == returned[0]
    assert bars["Killed", "at least"][1] == data.loc["travelled", "high"]
    assert bars["· In none of these counts", "at least"] == (0, data.loc["unexplained", "low"])
    assert bars["· In none of these counts", "at most"][1] == pytest.approx(bars[held, "at least"][0])


def test_parts_that_may_overlap_start_at_zero():
    bars = drawn_bars("charitable")
    firsts = {name: min(bars[key][0] for key in bars if key[0] == name) for name, _ in bars}
    assert len(firsts) == 8 and set(firsts.values()) == {0}


def test_printed_numbers_of_the_account_are_told_apart_from_implied_ones():
    shown = [known.text for known in texts(picture("account"))]
    assert shown.count("no count printed") == 3
    for line in (
        "printed: at least 5,600",
        "printed: up to 3,000",
        "implied: 5,600–8,210",
        "implied: 10,200–20,200",
    ):
        assert line in shown


def test_a_bound_that_no_number_closes_is_drawn_as_open():
    lines = catalogue._frame("account", {})
    lines["high"] = lines["high"].where(lines["item"] != "returned")
    drawn = catalogue.build("account", {"account": lines}).drawn
    assert "Returned home: printed at least 5,600, implied at least 5,600" in drawn.alt
    held = drawn.content.to_dict()["datasets"].values()
    arrows = [row for rows in held for row in rows if "tip" in row and row["lane"] == "implied"]
    assert [row["row"].partition("|")[2] for row in arrows] == ["· Returned home"] and arrows[0][
        "tip"
    ] is not None


def test_shapes_without_a_code_stay_on_the_map_without_a_figure():
    topology = json.loads(
        json.dumps(maps.shapes(maps.WORLD, {"": {"rate": 99}, "FRA": {"rate": 5}}).to_dict())
    )
    shapes = [shape["properties"] for shape in topology["values"]["objects"]["countries"]["geometries"]]
    named = {shape["name"]: shape for shape in shapes}
    assert named["Kosovo"]["iso3"] == "XKX" and named["France"]["rate"] == 5
    assert {"N. Cyprus", "Somaliland"} <= set(named)
    assert len(shapes) == 177


FRAME = {"low": [1.0, 4.0, 5.0, None, 8.0, None, None], "high": [1.0, 4.0, None, 6.0, 9.0, None, None]}
FRAME |= {"best": [1.0, 4.0, None, None, None, None, None], "unit": ["persons"] * 7}
FRAME |= {
    "bound": ["exact", "approx", "at_least", "at_most", "range", "vague", ""],
    "seen_kind": ["press"] * 6 + ["missing"],
}


def test_each_kind_of_bound_has_its_own_form():
    drawn = marks.bounded(pd.DataFrame(FRAME), Choice(), 100.0)
    assert list(drawn["form"]) == ["exact", "approx", "at_least", "at_most", "range", "vague", "missing"]
    assert drawn["mark"].notna().tolist() == [True, True, False, False, False, False, False]
    assert drawn["hollow"].tolist()[:2] == [False, True]
    assert drawn.loc[2, "tip"] > 5 and drawn.loc[2, "points_up"]
    assert drawn.loc[3, "tip"] < 6 and not drawn.loc[3, "points_up"]
    assert (drawn.loc[4, "start"], drawn.loc[4, "stop"]) == (8, 9)
    assert words(pd.DataFrame(FRAME)) == [
        "1",
        "about 4",
        "at least 5",
        "up to 6",
        "8–9",
        "no number",
        "not seen",
    ]


def test_words_without_a_figure_are_not_a_gap_and_vague_ends_are_kept():
    told = pd.DataFrame(
        {
            "low": [24.0, None, None],
            "high": [None, None, None],
            "best": [None, None, None],
            "bound": ["vague", "", ""],
            "unit": ["persons"] * 3,
            "seen_kind": ["press", "press", "missing"],
        }
    )
    assert words(told) == ["at least 24 (vague)", "no number", "not seen"]
    assert list(marks.bounded(told, Choice(), 100.0)["form"]) == ["at_least", "vague", "missing"]


@pytest.mark.parametrize(("rule", "mark"), [("printed", None), ("midpoint", 8.5), ("envelope", None)])
def test_the_rule_decides_whether_a_range_has_a_mark(rule, mark):
    drawn = marks.bounded(pd.DataFrame(FRAME), Choice(rule=rule), 100.0).loc[4, "mark"]
    assert drawn == mark if mark else pd.isna(drawn)


@given(
    some.floats(0, 1e6),
    some.floats(0, 1e6),
    some.sampled_from(sorted(RULES)),
    some.sampled_from(["closed", "at_least", "at_most"]),
)
def test_one_figure_for_an_interval_lies_within_it(one, two, rule, kind):
    low, high = sorted((one, two))
    ends = {"closed": (low, high), "at_least": (low, math.nan), "at_most": (math.nan, high)}[kind]
    single = Choice(rule=rule).single(*ends, math.nan)
    assert (math.isnan(ends[0]) or single >= ends[0]) and (math.isnan(ends[1]) or single <= ends[1])


@given(some.lists(some.tuples(some.floats(0, 500), some.floats(0, 300)), max_size=12))
def test_placed_labels_never_overlap(points):
    said = [f"label {at}" for at in range(len(points))]
    try:
        placed = labels.place(points, said, (600, 400))
    except ExhibitError as error:
        assert "no free place for the label" in str(error)
        return
    boxes = [
        (spot.x, spot.y - 7.5, spot.x + theme.text_width(text), spot.y + 7.5)
        for spot, text in zip(placed, said, strict=True)
    ]
    assert not any(labels.overlap(a, b) for at, a in enumerate(boxes) for b in boxes[at + 1 :])


def test_every_status_source_and_verdict_has_a_colour_and_a_label():
    known = {term for kind, term in theme.terms() if kind == "status"}
    assert set(definitions.terms("status")) <= known
    registry = tidy.source_table().set_index("source_id")["short"]
    for source, short in registry.items():
        assert theme.look("source", source, "label") == short
    with pytest.raises(ChoiceError, match=r"colours.csv has no source 'nobody'"):
        theme.look("source", "nobody", "colour")


@pytest.mark.parametrize("name", ["growth", "al_hol", "sources_compared", "al_hol_origin", "verdicts"])
def test_what_is_told_apart_by_colour_is_also_told_apart_in_grey(name):
    """Two keys of one figure differ in shape, or in luminance by a quarter, or are separate in place."""
    pairs = {
        "growth": ("body", ["texts", "un", "soufan", "icsr", "research"]),
        "al_hol": ("source", ["un", "dod_oig", "coalition"]),
        "sources_compared": ("source", ["soufan2014", "soufan2017", "icsr2013", "icsr2015", "national"]),
        "al_hol_origin": ("nationality", ["iraqi", "syrian", "third_country"]),
        "verdicts": ("verdict", ["supported", "supported_secondary", "differs", "not_found", "not_checked"]),
    }
    kind, terms = pairs[name]
    neighbours = list(itertools.pairwise(terms))
    for one, two in neighbours:
        shapes = theme.look(kind, one, "shape") != theme.look(kind, two, "shape")
        grey = (
            abs(_luminance(theme.look(kind, one, "colour")) - _luminance(theme.look(kind, two, "colour")))
            > 0.08
        )
        assert shapes or grey, (one, two)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("iso3", ["TUN", "FRA", "XKX", "RUS", "USA", "BEL", "DEU", "SWE", "TTO"])
def test_every_country_profile_is_legible(iso3):
    from ffstats import render

    exhibit = catalogue.build("country_profile", iso3=iso3)
    svg = render.pictures(exhibit.files()["figures/country_profile.json"])[0].decode()
    assert collisions(svg) == [] and outside(svg) == []
    assert float(re.search(r'<svg[^>]* width="([\d.]+)"', svg)[1]) <= 640


@pytest.mark.parametrize("name", ["headlines", "country_profile", "one_in_nine", "returnee_table"])
def test_a_date_before_all_figures_is_refused_in_words(name):
    with pytest.raises(ExhibitError, match="a later as_of"):
        catalogue.build(name, as_of="1990")


@pytest.mark.parametrize(("rule", "as_of"), [("midpoint", "2016"), ("envelope", "2018-06")])
def test_figures_hold_under_other_choices(rule, as_of):
    """Each figure is drawn, or says that it has no data; none fails in another way or overlaps."""
    from ffstats import render

    for name in FIGURES:
        try:
            exhibit = catalogue.build(name, rule=rule, as_of=as_of)
        except ExhibitError as error:
            assert "as_of" in str(error)
            continue
        svg = render.pictures(exhibit.files()[f"figures/{name}.json"])[0].decode()
        assert collisions(svg) == [], name
