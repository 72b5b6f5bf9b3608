"""What an estimate promises: its ends agree with its bound, arithmetic keeps them, and words give them back."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ffstats.errors import EstimateError
from ffstats.estimate import BOUNDS, Estimate, justified_digits
from ffstats.printed import parse
from ffstats.significant import round_to_significant, significant_digits

ENDS = st.integers(-(10**6), 10**6).map(float)
UNITS = ("persons", "percent", "countries", "km2", "months", "persons_per_month", "usd_million", "deaths")


@st.composite
def estimates(draw: st.DrawFn, ends: st.SearchStrategy[float] = ENDS, unit: str | None = None) -> Estimate:
    low, high = sorted((draw(ends), draw(ends)))
    counted = unit or draw(st.sampled_from(UNITS))
    bound = draw(st.sampled_from(BOUNDS))
    if bound == "range" and low < high:
        best = draw(st.none() | st.floats(0, 1).map(lambda part: min(high, low + round(part * (high - low)))))
        return Estimate.between(low, high, best, counted)
    if bound == "vague":
        return Estimate.vague(draw(st.none() | st.just(low)), draw(st.none() | st.just(high)), counted)
    if bound == "at_least":
        return Estimate.at_least(low, counted)
    if bound == "at_most":
        return Estimate.at_most(high, counted)
    return Estimate.approx(low, counted) if bound == "approx" else Estimate.exact(low, counted)


def inside(draw: st.DataObject, estimate: Estimate) -> float:
    low = estimate.low if estimate.low is not None else (estimate.high or 0) - 10**6
    high = estimate.high if estimate.high is not None else low + 10**6
    return draw.draw(st.integers(math.ceil(low), math.floor(high)))


@given(estimates())
def test_words_give_the_estimate_back(estimate: Estimate) -> None:
    assert parse(str(estimate)) == estimate


@given(estimates(st.just(0.0) | st.floats(1e-6, 1e9) | st.floats(-1e9, -1e-6)))
def test_words_give_decimals_back(estimate: Estimate) -> None:
    assert parse(str(estimate)) == estimate


@given(st.data(), estimates(unit="persons"), estimates(unit="persons"))
def test_arithmetic_contains_every_pointwise_result(data: st.DataObject, a: Estimate, b: Estimate) -> None:
    x, y = inside(data, a), inside(data, b)
    assert x in a and y in b
    assert x + y in a + b
    assert x - y in a - b
    assert -x in -a
    assert 3 * x in 3 * a and 3 * x in a * 3 and -2 * x in -2 * a
    if y != 0 and not b.low == b.high == 0:
        assert near(x / y, a / b)
        assert near(100 * x / y, a.share_of(b))


@given(st.data(), estimates(st.integers(0, 10**6).map(float), "persons"))
def test_products_of_ratios_contain_every_pointwise_result(data: st.DataObject, a: Estimate) -> None:
    ratio = data.draw(estimates(st.integers(-5, 5).map(float), "ratio"))
    x, y = inside(data, a), inside(data, ratio)
    assert x * y in a * ratio


@given(st.data(), *[estimates(st.integers(0, 10**6).map(float), "persons")] * 2)
def test_a_declared_part_has_a_share_that_contains_every_possible_one(
    data: st.DataObject, part: Estimate, whole: Estimate
) -> None:
    x, y = abs(inside(data, part)), abs(inside(data, whole))
    assume(0 <= x <= y and y > 0 and x in part and y in whole)
    share = part.share_of(whole, part_of=True)
    assert near(100 * x / y, share)
    assert all(0 <= end <= 100 for end in (share.low, share.high) if end is not None)


def near(number: float, estimate: Estimate) -> bool:
    """Whether an estimate contains a number, but for the last bits of a float."""
    slack = 1e-9 * max(1.0, abs(number))
    return any(n in estimate for n in (number, number - slack, number + slack))


@given(estimates(), st.integers(1, 6))
def test_rounding_never_claims_more_than_was_known(estimate: Estimate, digits: int) -> None:
    rounded = estimate.rounded(digits)
    if estimate.bound in ("exact", "approx"):
        assert rounded.bound == ("approx" if rounded.low != estimate.low else estimate.bound)
    else:
        assert rounded.bound == estimate.bound or rounded.bound == "exact"
        for end, wider in ((estimate.low, -1), (estimate.high, 1)):
            moved = rounded.low if wider < 0 else rounded.high
            assert (end is None) == (moved is None)
            assert end is None or (moved - end) * wider >= 0


@pytest.mark.parametrize(
    ("low", "high", "bound", "best"),
    [
        (2, 1, "range", None),
        (1, 1, "range", None),
        (1, 2, "exact", None),
        (1, None, "exact", None),
        (1, 2, "at_least", None),
        (None, None, "at_most", None),
        (1, 2, "around", None),
        (1, 2, "range", 3),
        (5, None, "at_least", 5),
        (math.nan, math.nan, "exact", None),
        (1, math.inf, "range", None),
        ("many", None, "at_least", None),
        (1, 2, "range", 0.5),
        (5, None, "exact", None),
        (None, 5, "approx", None),
        (None, 5, "range", None),
        (5, 5, "at_most", None),
        (None, 5, "at_most", 5),
        (1, 9, "vague", 5),
    ],
)
def test_an_estimate_that_contradicts_itself_is_refused(
    low: object, high: object, bound: str, best: object
) -> None:
    with pytest.raises(EstimateError):
        Estimate(low, high, bound, "persons", best)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (Estimate.between(1, 5), Estimate.between(5, 9), True),
        (Estimate.between(1, 5), Estimate.between(6, 9), False),
        (Estimate.between(1, 9), Estimate.between(4, 5), True),
        (Estimate.at_least(10), Estimate.at_most(10), True),
        (Estimate.at_least(10), Estimate.at_most(9), False),
        (Estimate.at_least(10), Estimate.vague(), True),
        (Estimate.exact(7), Estimate.approx(7), True),
        (Estimate.exact(7), Estimate.exact(8), False),
    ],
)
def test_two_estimates_overlap_if_one_number_satisfies_both(
    one: Estimate, other: Estimate, agree: bool
) -> None:
    assert one.overlaps(other) is other.overlaps(one) is agree


def test_a_range_whose_ends_are_one_number_says_it_exactly() -> None:
    assert Estimate.between(12, 12) == Estimate.exact(12)
    assert Estimate.between(12, 13).bound == "range"


def test_an_estimate_is_ready_for_json() -> None:
    said = Estimate.between(-0.0, 9, best=5, unit="months").as_dict()
    assert said == {"low": 0.0, "high": 9.0, "best": 5.0, "bound": "range", "unit": "months"}
    assert math.copysign(1, said["low"]) == 1, "zero has no sign"


def test_only_numbers_and_estimates_take_part_in_arithmetic() -> None:
    five = Estimate.exact(5)
    for act in (
        lambda: five + 1,
        lambda: 1 + five,
        lambda: five - 1,
        lambda: five * "2",
        lambda: five * True,
        lambda: five / None,
        lambda: sum([five], start=1),
    ):
        with pytest.raises(TypeError):
            act()


def test_unlike_units_are_never_mixed() -> None:
    persons, months = Estimate.exact(6), Estimate.exact(6, "months")
    for mix in (
        lambda: persons + months,
        lambda: persons - months,
        lambda: persons.overlaps(months),
        lambda: persons.share_of(months),
        lambda: months * months,
        lambda: months / persons,
    ):
        with pytest.raises(EstimateError, match=r"as_unit|ratio"):
            mix()


def test_a_flow_accrues_over_months_and_a_percentage_is_taken() -> None:
    assert Estimate.at_least(50, "persons_per_month") * Estimate.exact(12, "months") == Estimate.at_least(600)
    assert Estimate.at_most(40000) * Estimate.approx(25, "percent") == Estimate.at_most(10000)
    assert Estimate.exact(600) / Estimate.exact(12, "months") == Estimate.exact(50, "persons_per_month")
    assert Estimate.exact(12, "months") * Estimate.exact(50, "persons_per_month") == Estimate.exact(600)
    assert Estimate.exact(600) / Estimate.exact(50, "persons_per_month") == Estimate.exact(12, "months")
    assert Estimate.exact(25, "percent") * Estimate.exact(400) == Estimate.exact(100)
    assert Estimate.exact(0.25, "ratio") * Estimate.exact(400) == Estimate.exact(100)
    assert Estimate.exact(100) / Estimate.exact(0.25, "ratio") == Estimate.exact(400)
    assert Estimate.exact(100) / Estimate.exact(400) == Estimate.exact(0.25, "ratio")
    assert Estimate.between(100, 300, best=200) / 4 == Estimate.between(25, 75, best=50)
    assert Estimate.between(100, 300, best=200) * -2 == Estimate.between(-600, -200, best=-400)


def test_an_open_end_stays_open_and_is_never_zero() -> None:
    travelled, returned = Estimate.at_least(40000), Estimate.at_least(5600)
    assert (travelled - returned) == Estimate.vague()
    assert Estimate.exact(40000) - returned == Estimate.at_most(34400)
    assert returned.share_of(travelled) == Estimate.vague(unit="percent")
    assert Estimate.exact(5600).share_of(travelled) == Estimate.at_most(14, "percent")
    assert Estimate.at_most(3000) - Estimate.exact(1000) == Estimate.at_most(2000)


def test_a_share_is_clipped_only_where_the_part_is_declared() -> None:
    part, whole = Estimate.between(900, 1100), Estimate.exact(1000)
    assert part.share_of(whole) == Estimate.between(90, 110, unit="percent")
    assert part.share_of(whole, part_of=True) == Estimate.between(90, 100, unit="percent")
    assert Estimate.exact(500).share_of(Estimate.at_most(2000)).bound == "vague"
    assert Estimate.exact(500).share_of(Estimate.at_most(2000), part_of=True) == Estimate.at_least(
        25, "percent"
    )
    with pytest.raises(EstimateError, match="larger than its whole"):
        Estimate.exact(1200).share_of(whole, part_of=True)


def test_division_by_zero_is_refused_and_by_either_sign_says_nothing() -> None:
    with pytest.raises(EstimateError, match="zero"):
        Estimate.exact(5) / Estimate.exact(0)
    with pytest.raises(EstimateError, match=r"zero|no share"):
        Estimate.exact(5) / 0
    assert (Estimate.exact(5) / Estimate.between(-1, 1)).bound == "vague"
    assert Estimate.exact(5) / Estimate.between(0, 10) == Estimate.at_least(0.5, "ratio")
    assert Estimate.exact(5) / Estimate.between(-10, 0) == Estimate.at_most(-0.5, "ratio")


def test_the_best_figure_is_printed_or_worked_out_of_printed_ones() -> None:
    figure = Estimate.between(5500, 6500, best=6000)
    assert (figure + Estimate.exact(1000)).best == 7000
    assert (figure + Estimate.between(0, 10)).best is None
    assert Estimate.between(5500, 6500).best is None
    assert Estimate.approx(900).best == 900


def test_vagueness_and_approximation_are_kept() -> None:
    assert (Estimate.vague(24) + Estimate.exact(6)) == Estimate.vague(30)
    assert (Estimate.approx(900) + Estimate.exact(100)) == Estimate.approx(1000)
    assert sum([Estimate.exact(1), Estimate.exact(2)]) == Estimate.exact(3)


def test_an_approximate_figure_is_as_wide_as_half_its_last_significant_digit() -> None:
    assert Estimate.approx(40000).widened() == Estimate.between(35000, 45000, 40000)
    assert Estimate.approx(5600).widened() == Estimate.between(5550, 5650, 5600)
    assert Estimate.approx(2926).widened() == Estimate.between(2925.5, 2926.5, 2926)
    assert Estimate.approx(9.4, "percent").widened() == Estimate.between(9.35, 9.45, 9.4, "percent")
    assert Estimate.exact(40000).widened() == Estimate.exact(40000)


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (Estimate.at_least(5600), "at least 5,600"),
        (Estimate.between(14000, 18000), "14,000–18,000"),
        (Estimate.approx(40000), "about 40,000"),
        (Estimate.at_most(3000), "up to 3,000"),
        (Estimate.exact(3417), "3,417"),
        (Estimate.vague(), "vague"),
        (Estimate.vague(24), "vague, at least 24"),
        (Estimate.between(5500, 6500, 6000), "6,000 (5,500–6,500)"),
        (Estimate.exact(11.11, "percent"), "11.11 percent"),
        (Estimate.at_least(110, "countries"), "at least 110 countries"),
        (Estimate.exact(1, "countries"), "1 country"),
        (Estimate.exact(1, "months"), "1 month"),
        (Estimate.between(50, 300, unit="usd_million"), "US$50–300 million"),
        (Estimate.vague(unit="months"), "vague (months)"),
        (Estimate.vague(24, 36), "vague, 24–36"),
        (Estimate.vague(None, 36), "vague, up to 36"),
        (Estimate.vague(7, 7), "vague, 7"),
        (Estimate.vague(unit="persons_per_month"), "vague (persons per month)"),
        (Estimate.approx(1, "usd_million"), "about US$1 million"),
        (Estimate.exact(1), "1"),
        (Estimate.exact(1, "km2"), "1 km2"),
        (Estimate.at_least(0, "hours"), "at least 0 hours"),
        (Estimate.between(900, 1200), "900–1,200"),
        (Estimate.between(12, 12000), "12–12000"),
        (Estimate.between(1200, 15000), "1,200–15,000"),
        (Estimate.between(-3, 5, 1, "months"), "1 month (−3 to 5 months)"),
        (Estimate.exact(2.926), "2.9260"),
        (Estimate.exact(0.25, "ratio"), "0.25 ratio"),
        (Estimate.exact(5, "armed_groups"), "5 armed groups"),
    ],
)
def test_bounds_are_written_in_words(estimate: Estimate, words: str) -> None:
    assert str(estimate) == words


def test_a_result_has_the_digits_its_inputs_justify() -> None:
    returned, travelled = Estimate.at_least(5600), Estimate.exact(40123)
    assert justified_digits(returned, travelled) == 2
    assert justified_digits() == justified_digits(Estimate.vague()) == 2
    assert [justified_digits(make(40000)) for make in (Estimate.exact, Estimate.approx)] == [5, 2]
    assert justified_digits(travelled, Estimate.exact(2926), Estimate.vague()) == 4
    assert justified_digits(Estimate.between(100, 2926)) == justified_digits(Estimate.exact(2926.0)) == 4
    assert justified_digits(Estimate.exact(9.125, "percent")) == 4
    assert Estimate.between(5512, 6488, best=6021).rounded(2) == Estimate.between(5500, 6500, best=6000)
    assert Estimate.exact(3417).in_words() == "3,417"
    assert returned.share_of(travelled).in_words(returned, travelled) == "at least 13 percent"
    assert Estimate.exact(800).share_of(Estimate.exact(2926)).rounded(3) == Estimate.approx(27.3, "percent")
    assert [significant_digits(n) for n in (40000, 5600, 2926, 0, 9.4)] == [1, 2, 4, 1, 2]
    assert round_to_significant(-2926, 2) == -2900 and round_to_significant(0, 3) == 0
    with pytest.raises(EstimateError, match="significant"):
        round_to_significant(5, 0)


@pytest.mark.parametrize(("low", "high"), [(-1, 1000), (-12, 12000), (0, 6000), (1, 2000), (-5, -1)])
def test_a_range_whose_ends_share_no_thousands_reads_back(low: float, high: float) -> None:
    estimate = Estimate.between(low, high)
    assert parse(str(estimate)) == estimate


def test_the_centre_figure_of_a_share_is_that_of_the_centre_figures_and_clipped_like_its_ends() -> None:
    whole = Estimate.exact(80)
    centred = Estimate.between(10, 30, best=20).share_of(whole, part_of=True)
    assert centred == Estimate.between(12.5, 37.5, best=25, unit="percent")
    assert Estimate.exact(0).share_of(whole, part_of=True) == Estimate.exact(0, "percent")
    over = Estimate.between(0, 40, best=30).share_of(Estimate.between(20, 50, best=25), part_of=True)
    assert over == Estimate.between(0, 100, best=100, unit="percent")


def test_a_number_is_divided_by_a_percentage_and_nothing_by_what_may_be_nothing() -> None:
    assert Estimate.exact(50) / Estimate.exact(25, "percent") == Estimate.exact(200)
    none = Estimate.exact(0) / Estimate.between(0, 5)
    assert (none.low, none.high, none.unit) == (0, 0, "ratio")


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: Estimate.exact(5) + Estimate.exact(5, "months"), "persons and months cannot be added"),
        (
            lambda: Estimate.exact(5) - Estimate.exact(5, "percent"),
            "persons and percent cannot be subtracted",
        ),
        (
            lambda: Estimate.exact(5).share_of(Estimate.exact(5, "months")),
            "cannot be compared as part and whole",
        ),
        (lambda: Estimate.exact(5, unit=""), "a unit is a word such as 'persons', not ''"),
        (
            lambda: Estimate.exact(5, unit=None),  # type: ignore[arg-type]
            "a unit is a word such as 'persons', not None",
        ),
        (
            lambda: Estimate.exact(5).overlaps(Estimate.exact(5, "months")),
            "^persons and months cannot be compared; use as_unit if they count the same$",
        ),
        (
            lambda: Estimate(5, 5, "some"),
            "^unknown bound 'some'; choose one of exact, approx, at_least, at_most, ",
        ),
        (lambda: Estimate.between(2500, 1), "^low 2,500 is above high 1$"),
        (lambda: Estimate(1, 2, "exact"), "^bound 'exact' does not fit low 1.0 and high 2.0$"),
        (lambda: Estimate.between(1, 2, 2500), "^best 2,500 does not fit range from 1.0 to 2.0$"),
        (lambda: Estimate.exact(math.inf), "^low must be finite; write None for an open end, not inf$"),
        (lambda: Estimate.between(1, 9, "x"), r"^best must be a number or None \(open\), not 'x'$"),
        (lambda: Estimate.exact(5) * math.nan, "^factor must be finite; "),
        (lambda: Estimate.exact(5) / 0, r"^\(5\) cannot be divided by zero$"),
        (
            lambda: Estimate.exact(5, "months") * Estimate.exact(5, "km2"),
            "^months times km2 has no meaning here; scale by a ratio, a percent or a plain number$",
        ),
        (
            lambda: Estimate.exact(5, "months") / Estimate.exact(5, "km2"),
            "^months divided by km2 has no meaning here; use as_unit to say what is meant$",
        ),
        (lambda: Estimate.exact(5).rounded(0), "^at least one significant digit must stay, not 0$"),
        (
            lambda: Estimate.exact(6).share_of(Estimate.exact(5), part_of=True),
            r"the part \(6\) is larger than its whole \(5\)",
        ),
        (
            lambda: Estimate.exact(0).share_of(Estimate.exact(0), part_of=True),
            "no share can be taken of a whole of 0",
        ),
    ],
)
def test_what_has_no_meaning_is_refused_in_words_that_say_why(act: Callable[[], object], words: str) -> None:
    with pytest.raises(EstimateError, match=words):
        act()


def test_what_lies_below_zero_and_what_is_vague_are_written_in_words() -> None:
    assert str(Estimate.between(-5, -2)) == "−5 to −2"
    assert str(Estimate.between(2, 5)) == "2–5"
    assert str(Estimate.vague(unit="usd_million")) == "vague (usd million)"
    assert str(Estimate.vague()) == "vague"
