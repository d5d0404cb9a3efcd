from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.surveys.answers import AnswersInvalid, Problem, checked, demand_complete
from chalicelib.surveys.model import MAX_COMMENT, Questionnaire
from chalicelib.surveys.questionnaire import bank, question_from
from tests.unit.test_questionnaire import a_question, a_scale

ASKED = Questionnaire(
    "test",
    "1",
    tuple(
        question_from({**question, "id": name}, bank()["answer_sets"], required=name == "score")
        for name, question in {
            "score": a_scale(),
            "shy": {**a_scale(min=1, max=9), "dont_know": True},
            "yes": a_question(type="yes_no", options=None),
            "one": a_question(),
            "some": a_question(type="multi", max_choices=2, dont_know=True),
            "any": a_question(type="multi"),
            "agree": a_question(type="agree5", options=None, dont_know=True),
            "text": a_question(type="text", options=None),
        }.items()
    ),
)


@pytest.mark.parametrize(
    ("question", "value", "kept"),
    [
        ("score", 0, 0),
        ("score", 10, 10),
        ("shy", "dont_know", "dont_know"),
        ("yes", "no", "no"),
        ("one", "c", "c"),
        ("some", ["c", "a"], ["a", "c"]),
        ("some", ["a", "a", "a"], ["a"]),
        ("some", ["dont_know"], ["dont_know"]),
        ("some", [], None),
        ("any", ["a", "b", "c"], ["a", "b", "c"]),
        ("agree", "neither", "neither"),
        ("text", "  Hej\r\nmed dig \r", "Hej\nmed dig"),
        ("text", " \n ", None),
        ("text", "x" * MAX_COMMENT, "x" * MAX_COMMENT),
        ("text", "a\r\n" * 999 + "b", "a\n" * 999 + "b"),
        ("text", "👍🏽 Æ ß 你好", "👍🏽 Æ ß 你好"),
        ("score", None, None),
        ("text", None, None),
    ],
)
def test_what_fits_is_kept_in_one_form(question, value, kept):
    assert checked(ASKED, {question: value}) == {question: kept}


@pytest.mark.requirement("GL-36")
@pytest.mark.parametrize(
    ("question", "value", "problem"),
    [
        ("nobody", 1, Problem.UNKNOWN),
        ("score", "9", Problem.WRONG_TYPE),
        ("score", 9.0, Problem.WRONG_TYPE),
        ("score", True, Problem.WRONG_TYPE),
        ("score", [9], Problem.WRONG_TYPE),
        ("score", {}, Problem.WRONG_TYPE),
        ("score", -1, Problem.OUT_OF_SCALE),
        ("score", 11, Problem.OUT_OF_SCALE),
        ("score", 10**400, Problem.OUT_OF_SCALE),
        ("score", "dont_know", Problem.NOT_OFFERED),
        ("shy", 0, Problem.OUT_OF_SCALE),
        ("yes", "maybe", Problem.NOT_OFFERED),
        ("yes", True, Problem.WRONG_TYPE),
        ("yes", "dont_know", Problem.NOT_OFFERED),
        ("one", ["a"], Problem.WRONG_TYPE),
        ("one", "", Problem.NOT_OFFERED),
        ("some", "a", Problem.WRONG_TYPE),
        ("some", ["a", 1], Problem.WRONG_TYPE),
        ("some", ["a", "z"], Problem.NOT_OFFERED),
        ("some", ["a", "b", "c"], Problem.TOO_MANY),
        ("some", ["a", "dont_know"], Problem.NOT_ALONE),
        ("text", 1, Problem.WRONG_TYPE),
        ("text", "x" * (MAX_COMMENT + 1), Problem.TOO_LONG),
    ],
)
def test_what_does_not_fit_is_named(question, value, problem):
    with pytest.raises(AnswersInvalid) as caught:
        checked(ASKED, {question: value, "yes": "yes"} if question != "yes" else {question: value})
    assert caught.value.problems == {question: problem}
    assert caught.value.fields == {question: str(problem)}
    assert (caught.value.code, caught.value.status) == ("invalid_field", 422)


def test_every_problem_of_a_request_is_named_at_once():
    with pytest.raises(AnswersInvalid) as caught:
        checked(ASKED, {"score": 99, "yes": 1, "one": "a"})
    assert set(caught.value.fields) == {"score", "yes"}


def test_messages_repeat_no_answer():
    with pytest.raises(AnswersInvalid) as caught:
        checked(ASKED, {"one": "hemmelig-120385-1234", "text": "hemmelig" * 1000})
    assert "hemmelig" not in str(caught.value) + str(caught.value.fields)


def test_only_required_questions_are_missed():
    demand_complete(ASKED.items, {"score": 0})
    with pytest.raises(AnswersInvalid) as caught:
        demand_complete(ASKED.items, {"yes": "yes"})
    assert caught.value.problems == {"score": Problem.MISSING}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([item.id for item in ASKED.items]) | st.text(max_size=8), _JSON, max_size=4))
def test_any_json_is_either_kept_or_refused_by_name(answers):
    kept, refused = {}, {}
    try:
        kept = checked(ASKED, answers)
    except AnswersInvalid as invalid:
        refused = invalid.problems
    assert (kept.keys() | refused.keys()) <= answers.keys()
    assert bool(refused) or kept.keys() == answers.keys()
    given = {name: value for name, value in kept.items() if value is not None}
    assert checked(ASKED, given) == given
