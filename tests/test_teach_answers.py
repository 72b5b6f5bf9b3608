"""An answer may be anything: it is read as what it is, or said not to be readable; its own code never runs."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest

from ffstats import Estimate, teach
from ffstats.errors import AnswerError
from ffstats.teach import answers, keys


class Touched(BaseException):
    """Raised by whatever of a hostile answer is called."""


def touch(*_: object, **__: object) -> Any:
    raise Touched


METHODS = (
    *(
        "__eq__",
        "__ne__",
        "__hash__",
        "__repr__",
        "__str__",
        "__float__",
        "__int__",
        "__index__",
        "__len__",
        "__bool__",
    ),
    *(
        "__iter__",
        "__getattr__",
        "__getattribute__",
        "__getitem__",
        "__contains__",
        "__lt__",
        "__gt__",
        "__format__",
    ),
    *("__array__", "__call__", "__instancecheck__", "__subclasscheck__", "__dir__", "__reduce__"),
)
HOSTILE_BODY = dict.fromkeys(METHODS, touch) | {"__class__": property(touch)}
Meta = type(
    "Meta", (type,), dict.fromkeys([m for m in METHODS if "getattr" not in m and m != "__call__"], touch)
)


def hostile(base: type = object, *arguments: Any) -> Any:
    """Return an instance of a subclass whose every method raises."""
    made = type("Hostile", (base,), {n: m for n, m in HOSTILE_BODY.items() if n != "__getattribute__"})
    return made(*arguments)


def mild() -> Any:
    """Return an object that pandas can be made to hold, and that raises when it is compared or written."""
    methods = (
        "__eq__",
        "__ne__",
        "__repr__",
        "__str__",
        "__float__",
        "__int__",
        "__bool__",
        "__lt__",
        "__format__",
    )
    return type("Mild", (), dict.fromkeys(methods, touch) | {"__hash__": lambda self: 0})()


def strangers() -> dict[str, Any]:
    """Return answers of every unkind sort, by name."""
    endless: list[Any] = []
    endless.append(endless)
    odd = pd.DataFrame({"low": [mild()], "high": [mild()]}, dtype=object)
    labelled = pd.Series([1, 2], index=pd.Index([mild(), "low"], dtype=object))
    broken = alt.Chart(pd.DataFrame({"a": [1]})).mark_point().encode(x="nothing:Z")
    return {
        "object": hostile(),
        "every attribute": type("Every", (), HOSTILE_BODY)(),
        "metaclass": Meta("Odd", (), {})(),
        "text": hostile(str, "at least 12"),
        "number": hostile(float, 12.0),
        "int": hostile(int, 12),
        "pair": (hostile(), hostile()),
        "pair of texts": ("1", "2"),
        "list": [hostile()] * 3,
        "itself": endless,
        "class": Meta,
        "huge": 10**5000,
        "infinite": float("inf"),
        "nan": float("nan"),
        "long": "9" * 1_000_000,
        "control": "12\x00",
        "half a character": "\ud800",
        "lambda": lambda: touch(),
        "generator": (touch() for _ in range(3)),
        "bytes": b"12",
        "complex": 1 + 2j,
        "frame": odd,
        "empty frame": pd.DataFrame(),
        "twice the same column": pd.DataFrame([[1, 2]], columns=["low", "low"]),
        "row": labelled,
        "cells": pd.Series([mild(), mild()], dtype=object),
        "array": np.array([[1, 2], [3, 4]]),
        "object array": np.array([mild()], dtype=object),
        "chart": broken,
        "module": teach,
        "NotImplemented": NotImplemented,
        "contradiction": (5, 3),
        "both open": (None, None),
        "nothing": None,
        "dots": ...,
    }


KEYS = {
    "estimate": keys.make("1.1", Estimate.at_least(5600)),
    "choice": keys.make("1.2", {"stock", "flow"}),
    "table": keys.make("1.3", holds=[teach.has_columns("low"), teach.ends_in_order(), teach.has_rows(2)]),
    "column": keys.make(
        "1.4", holds=[teach.has_values("low", [3]), teach.keeps_missing("low", 3), teach.one_row_per("low")]
    ),
    "chart": keys.make("1.5", holds=[teach.has_mark("rule"), teach.encodes("x"), teach.titled("x")]),
    "words": keys.make("1.6", holds=[teach.in_words(3, ("isis",))]),
}


@pytest.mark.parametrize("asks", KEYS)
@pytest.mark.parametrize("name", strangers())
def test_a_hostile_answer_is_not_right_and_nothing_of_it_is_called(
    asks: str, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(teach._own, KEYS[asks].question, keys.hashed(KEYS[asks], "00", iterations=1))
    assert teach.check(KEYS[asks].question, strangers()[name]) is None
    said = capsys.readouterr().out
    assert said.startswith(KEYS[asks].question)
    assert "Right" not in said


@pytest.mark.parametrize(
    "answer",
    [
        "at least 5,600",
        "plus de 5 600",
        (5600, None),
        [5600, None],
        (np.int64(5600), None),
        (5600.0, float("nan")),
        Estimate.at_least(5600),
        pd.Series({"low": 5600.0, "high": None}),
        pd.Series({"low": 5600, "high": np.nan, "bound": "at_least", "unit": "persons", "origin": "World"}),
    ],
)
def test_every_way_to_write_an_estimate_is_the_same_estimate(answer: object) -> None:
    assert answers.canonical(answers.estimate(answer, "persons")) == "at_least 5600 - persons"


@pytest.mark.parametrize(
    "answer", [12, 12.0, np.int8(12), np.float32(12), "twelve", pd.Series([12]), (12, 12)]
)
def test_every_way_to_write_a_number_is_the_same_number(answer: object) -> None:
    assert answers.estimate(answer, "countries") == Estimate.exact(12, "countries")


@pytest.mark.parametrize(
    "answer",
    [["Syria", "Iraq"], {"iraq", "SYRIA "}, ("Iraq.", "Syria", "Iraq"), pd.Series(["Iraq", "Syria"])],
)
def test_several_choices_are_the_same_in_any_order(answer: object) -> None:
    assert answers.choice(answer) == "iraq | syria"


def test_a_truth_value_is_no_number() -> None:
    with pytest.raises(AnswerError, match="bool"):
        answers.estimate(True, "persons")


def test_a_chart_has_the_marks_and_axes_of_all_its_layers() -> None:
    data = pd.DataFrame({"low": [1], "high": [2], "iso3": ["FRA"]})
    rule = alt.Chart(data).mark_rule().encode(alt.X("low", title="persons"), x2="high", y="iso3")
    layered = rule + alt.Chart(data).mark_text().encode(text="iso3")
    wanted = keys.make(
        "1", holds=[teach.has_mark("rule", "text"), teach.encodes("x=low", "x2", "iso3"), teach.titled("x")]
    )
    question = keys.hashed(wanted, "00", iterations=1)
    assert question.judge(layered).right
    assert question.judge(alt.hconcat(layered, rule)).right
    said = question.judge(alt.Chart(data).mark_text().encode(x=alt.X("low")))
    assert (said.kind, said.details["missing"]) == ("mark", "rule")


TABLE = pd.DataFrame({"iso3": ["FRA", "BEL", "DEU"], "low": [1.0, 2.0, None], "high": [1.0, 3.0, None]})


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (TABLE, "right"),
        (TABLE.iloc[::-1], "right"),
        (TABLE.assign(more=1), "right"),
        (TABLE.drop(columns="high"), "columns"),
        (TABLE.dropna(), "rows"),
        (TABLE.assign(iso3=["FRA", "FRA", "DEU"]), "one_row_per"),
        (TABLE.assign(iso3=["FRA", None, "DEU"]), "one_row_per"),
        (TABLE.fillna(0), "keeps_missing"),
        (TABLE.assign(low=[9.0, 2.0, None]), "ends_in_order"),
        (TABLE.assign(low=["1", "2", None]), "ends_in_order"),
        (TABLE.assign(high=[1.0, 4.0, None]), "values"),
        ({"iso3": ["FRA"]}, "not_a_table"),
    ],
)
def test_each_slip_with_a_table_has_its_own_feedback(table: object, kind: str) -> None:
    holds = [
        *(teach.has_columns("iso3", "low", "high"), teach.has_rows(3), teach.one_row_per("iso3")),
        *(teach.keeps_missing("low", 1), teach.ends_in_order(), teach.has_values("high", [3, 1, None])),
    ]
    question = keys.hashed(keys.make("1", holds=holds), "00", iterations=1)
    assert question.judge(table).kind == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("At least that many came back, and nobody knows more.", "right"),
        ("Nobody knows more.", "mentions"),
        ("At least some", "mentions"),
        (" ", "not_answered"),
        (12, "not_a_text"),
    ],
)
def test_a_text_is_long_enough_and_speaks_of_what_matters(text: object, kind: str) -> None:
    question = keys.hashed(
        keys.make("1", holds=[teach.in_words(5, ("at least|lower", "back"))]), "00", iterations=1
    )
    assert question.judge(text).kind == kind
