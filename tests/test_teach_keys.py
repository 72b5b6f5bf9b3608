"""Each wrong answer has its own feedback, and the key of a question cannot be read in a student's folder."""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ffstats import Estimate, parse, teach
from ffstats.errors import TeachError
from ffstats.teach import feedback, keys, properties, slips
from sandbox import ROOT

CASES = list(csv.DictReader((ROOT / "tests/data/teach/wrong_answers.csv").open(encoding="utf-8")))


def typed(text: str) -> object:
    """Return an answer as a student would type it: a number or a pair as Python, else words."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def question(right: object, **options: object) -> keys.Question:
    return keys.hashed(keys.make("1.1", right, **options), "5a17", iterations=2)  # type: ignore[arg-type]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in a folder of a student's, with no keys of this session."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(teach, "_own", {})
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FFSTATS_TEACH_KEY", raising=False)
    yield tmp_path


@pytest.mark.parametrize("case", CASES, ids=[f"{c['right']}: {c['answer'] or 'nothing'}" for c in CASES])
def test_each_slip_with_an_estimate_has_its_own_feedback(case: dict[str, str]) -> None:
    said = question(parse(case["right"])).judge(typed(case["answer"]))
    assert said.kind == case["kind"]
    assert len(said.sentence) > 20


def test_every_kind_of_slip_is_in_the_table() -> None:
    assert set(slips.KINDS) <= {case["kind"] for case in CASES}


def test_the_sentences_differ_and_fill_their_blanks() -> None:
    every = [feedback.Feedback("1.1", kind).sentence for kind in feedback.sentences()]
    assert len(set(every)) == len(every)
    assert not any("{" in sentence for sentence in every)
    assert set(properties.KINDS) <= set(feedback.sentences())


def test_several_right_answers_and_documented_wrong_ones() -> None:
    asked = question(
        [Estimate.at_least(5600), Estimate.between(5600, 7000)],
        wrong={"returned_for_travelled": [Estimate.at_least(800)], "other_source": (4000, 5000)},
        hints={"other_source": "The question names the report of 2017."},
    )
    kinds = ["right", "right", "returned_for_travelled", "returned_for_travelled", "other_source"]
    given = [(5600, None), "5,600 to 7,000", "at least 800", 800, "4,000–5,000"]
    assert [asked.judge(each).kind for each in given] == kinds
    assert asked.judge((4000, 5000)).sentence.endswith("The question names the report of 2017.")


def test_a_right_answer_is_right_even_where_it_is_documented_as_wrong() -> None:
    assert question([12, 13], wrong={"other_source": [13, 14]}).judge(13).right


def test_an_answer_may_be_rounded_where_the_key_says_so() -> None:
    asked = question(Estimate.exact(14.2857, "percent"), digits=2)
    kinds = ["right", "right", "right", "right", "rounding", "wrong", "wrong"]
    assert [asked.judge(each).kind for each in (14.2857, 14.29, 14, "about 14.3", 15, 16, 10)] == kinds


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("Stock", "right"),
        (["stock"], "right"),
        ("flow", "flow_for_stock"),
        ("both", "wrong"),
        (object(), "not_a_choice"),
    ],
)
def test_a_choice_is_compared_as_words(answer: object, kind: str) -> None:
    assert question("stock", wrong={"flow_for_stock": "flow"}).judge(answer).kind == kind


def test_the_right_answer_of_another_seed_is_told_apart() -> None:
    own, other, small = (
        keys.make("1.1", right) for right in (Estimate.at_least(5600), Estimate.at_least(1760), 3)
    )
    asked = keys.hashed(own, "00", [other, small, own], iterations=2)
    assert [asked.judge(each).kind for each in ((5600, None), (1760, None), (1800, None))] == [
        "right",
        "copied",
        "wrong",
    ]
    # A small whole number, or the other one of two choices, is met by chance: nobody is said to have copied it.
    assert asked.judge(3).kind == "wrong"
    choices = keys.hashed(keys.make("1.1", "stock"), "00", [keys.make("1.1", "flow")], iterations=2)
    assert choices.judge("flow").kind == "wrong"


def test_a_key_file_says_the_same_as_the_key_and_none_of_its_numbers_can_be_read(own: Path) -> None:
    plain = {
        "1.1": keys.make("1.1", Estimate.between(13579, 24680), wrong={"other_source": 98765}),
        "1.2": keys.make("1.2", "zanzibar"),
        "1.3": keys.make("1.3", holds=[teach.has_rows(86421), teach.has_values("iso3", ["ZZQ"])]),
    }
    questions = {name: keys.hashed(each, "0a", iterations=2) for name, each in plain.items()}
    (own / keys.NAME).write_bytes(keys.dumps(questions, 7))
    text = (own / keys.NAME).read_text(encoding="utf-8")
    for secret in ("13579", "24680", "98765", "zanzibar", "86421", "ZZQ", "range"):
        assert secret not in text
    assert keys.load(own / keys.NAME) == questions
    assert teach.judge("1.1", (13579, 24680)).right
    assert teach.judge("1.1", 98765).kind == "other_source"


def test_hashes_differ_between_questions_and_cost_time() -> None:
    assert keys.slow_hash("exact 1 1 persons", "00", 5) != keys.slow_hash("exact 1 1 persons", "01", 5)
    assert keys.ITERATIONS >= 10_000


def test_a_browser_without_openssl_gets_the_same_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = keys.slow_hash("stock", "00ff", 50)
    monkeypatch.delattr(keys.hashlib, "pbkdf2_hmac")
    keys.slow_hash.cache_clear()
    assert keys.slow_hash("stock", "00ff", 50) == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "either right answers or what an open answer must hold"),
        ({"right": 1, "holds": [teach.has_rows(1)]}, "either right answers"),
        ({"right": 1, "wrong": {"odd_kind": 2}}, "no sentence for odd_kind"),
        ({"right": object()}, "is no estimate"),
        ({"right": 12, "wrong": {"other_source": "some words"}}, "'some words' in its key is no estimate"),
        ({"right": "stock", "wrong": {"other_source": object()}}, "is no choice"),
    ],
)
def test_a_key_that_contradicts_itself_is_refused_with_its_question(
    options: dict[str, object], words: str
) -> None:
    with pytest.raises(TeachError, match=r"Question 7\.7") as error:
        keys.make("7.7", **options)  # type: ignore[arg-type]
    assert words in str(error.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 2}', '{"version": 1, "questions": {"1.1": {}}}', "\ud800"]
)
def test_a_damaged_key_file_is_said_and_stops_nothing(
    own: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / keys.NAME).write_bytes(text.encode("utf-8", "surrogatepass"))
    teach.check("1.1", 12)
    assert "no key for question 1.1" in capsys.readouterr().out
    teach.progress()
    assert keys.NAME in capsys.readouterr().out


def test_what_is_said_of_an_answer_breaks_between_words_and_fits_a_notebook(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own / keys.NAME).write_bytes(keys.dumps({"1.1": question(Estimate.at_least(5600))}, 0))
    teach.check("1.1", 5600)
    shown = capsys.readouterr().out
    assert " ".join(shown.split()) == str(teach.judge("1.1", 5600))
    assert len(shown.splitlines()) > 1 and max(map(len, shown.splitlines())) <= teach.WIDTH


def test_progress_is_kept_beside_the_key_and_counts_tries(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = [keys.make(number, 3 if number == "1.10" else 12) for number in ("1.10", "1.2", "1.3", "2.1")]
    (own / keys.NAME).write_bytes(
        keys.dumps({p.question: keys.hashed(p, "00", iterations=2) for p in plain}, 0)
    )
    for name, answer in (("1.2", ...), ("1.2", 13), ("1.2", 12), ("1.2", 13), ("1.10", 4), ("9.9", 1)):
        teach.check(name, answer)
    capsys.readouterr()
    teach.progress()
    assert capsys.readouterr().out.splitlines() == [
        "lesson 1: 1 of 3 right",
        "  1.2   right, 3 tries",
        "  1.3   not tried",
        "  1.10  not yet right, 1 try",
        "lesson 2: not begun",
    ]
    assert sorted(path.name for path in own.iterdir()) == [keys.NAME, "progress.json"]
    kept = own / "progress.json"
    kept.write_text("{damaged", encoding="utf-8")
    teach.check("1.2", 12)
    assert json.loads(kept.read_text(encoding="utf-8")) == {"1.2": {"tries": 1, "right": True}}


def test_progress_goes_to_the_users_folder_where_the_lessons_are_read_only(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ffstats.teach import tries

    (own / keys.NAME).write_bytes(keys.dumps({"1.2": question(12)}, 0))
    write = tries._write

    def refusing(path: Path, kept: dict[str, object]) -> None:
        if path.parent == own:
            raise PermissionError(path)
        write(path, kept)

    monkeypatch.setattr(tries, "_write", refusing)
    teach.check("1.2", 12)
    assert not (own / tries.NAME).exists()
    assert "1.2  right, 1 try" in tries.shown(own / keys.NAME)


def test_seeds_in_turn_take_every_choice_once() -> None:
    choices = [f"c{n}" for n in range(7)]
    taken = [teach.pick(seed, "1.1", choices) for seed in range(7)]
    assert taken[0] == "c0" and sorted(taken) == choices
    assert taken != [teach.pick(seed, "1.2", choices) for seed in range(7)]
    several = teach.pick(3, "1.1", choices, count=3)
    assert len(set(several)) == 3 and several == teach.pick(3, "1.1", choices, count=3)
    # Known values: another machine or another version picks the same.
    assert [teach.pick(seed, "1.1", choices) for seed in (1, 2, 8, 100)] == ["c4", "c3", "c4", "c6"]
    with pytest.raises(TeachError, match="2 choices, 3"):
        teach.pick(0, "1.1", ["a", "b"], count=3)
