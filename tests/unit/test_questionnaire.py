from __future__ import annotations

import copy
from typing import Any

import pytest

from chalicelib.reporting.model import DONT_KNOW, QuestionDefinition
from chalicelib.shared.errors import NotFound
from chalicelib.surveys.model import QuestionType, Tag
from chalicelib.surveys.questionnaire import (
    QuestionnaireInvalid,
    available,
    bank,
    question_definitions,
    question_from,
    questionnaire,
    questionnaire_from,
)

TEXT = {"da": "Tekst", "en": "Text"}
OPTIONS = [{"id": "a", "text": TEXT}, {"id": "b", "text": TEXT}, {"id": "c", "text": TEXT}]


def a_question(**changes: Any) -> dict[str, Any]:
    question = {"id": "q", "version": "1", "type": "single", "text": TEXT, "short": TEXT, "options": OPTIONS}
    return {key: value for key, value in {**copy.deepcopy(question), **changes}.items() if value is not None}


def a_scale(**changes: Any) -> dict[str, Any]:
    scale = {"min": 0, "max": 10, "min_text": TEXT, "max_text": TEXT, **changes}
    return a_question(type="scale", options=None, scale=scale)


@pytest.mark.parametrize("name", available())
def test_every_shipped_questionnaire_is_valid_and_complete(name):
    asked = questionnaire(name)
    assert asked.id == name
    assert questionnaire(name, asked.version) == asked
    for item in asked.items:
        assert {"da", "en"} <= item.text.keys()
        counted = item.favourable or item.tags & {Tag.CHANNEL, Tag.BACKGROUND}
        assert item.is_text or counted, "a figure prints its answer definition (GL-24)"


@pytest.mark.requirement("SK-13", "SK-14", "SK-15", "SK-16")
@pytest.mark.parametrize(("name", "lowest", "highest"), [("skive", 0, 10), ("skive-9", 1, 9)])
def test_the_skive_items_come_on_either_scale(name, lowest, highest):
    satisfaction, friendliness, answer, clear, comment = questionnaire(name).items
    assert (satisfaction.scale.minimum, satisfaction.scale.maximum) == (lowest, highest)
    assert friendliness.scale.points == satisfaction.scale.points
    assert [choice.id for choice in answer.choices] == ["yes", "no"]
    assert [choice.id for choice in clear.choices] == ["high", "some", "low", "none", "dont_know"]
    assert comment.type is QuestionType.TEXT
    assert [item.id for item in questionnaire(name).items if not item.required] == ["comment"]
    assert Tag.EMPLOYEE in friendliness.tags
    assert Tag.OUTCOME in answer.tags


@pytest.mark.requirement("GE-26")
def test_the_pulse_has_three_questions():
    assert len(questionnaire("pulse").items) == 3


@pytest.mark.parametrize(("name", "version"), [("nothing", None), ("bank", None), ("skive", "0"), ("../skive", None)])
def test_an_unknown_questionnaire_or_version_is_not_found(name, version):
    with pytest.raises(NotFound):
        questionnaire(name, version)


def test_definitions_fit_the_reports_and_leave_text_out():
    definitions = [QuestionDefinition(**definition) for definition in question_definitions(questionnaire("skive-9"))]
    assert [d.id for d in definitions] == ["satisfaction", "friendliness", "got-answer", "clear-information"]
    assert (definitions[0].minimum, definitions[0].maximum, definitions[0].favourable) == (1, 9, ("7", "8", "9"))
    assert list(definitions[3].options)[-1] == DONT_KNOW
    assert all(definition.favourable_text["da"] for definition in definitions)


def test_the_same_question_on_another_scale_is_another_version():
    """GL-10: a trend is drawn between identical wordings only."""
    versions = [(q["id"], q["version"]) for q in bank()["questions"]]
    assert len(set(versions)) == len(versions)
    assert questionnaire("skive").items[0].version != questionnaire("skive-9").items[0].version


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        (a_question(id="Q 1"), "id must be"),
        (a_question(id="stop"), "an address of the survey pages"),
        (a_question(version=""), "version is missing"),
        (a_question(type="slider"), "type must be one of scale, yes_no"),
        (a_question(text={"da": "Kun dansk"}), "text is needed in da and en"),
        (a_question(short=None), "short is needed"),
        (a_question(colour="red"), "unknown keys: colour"),
        (a_question(options=None), "options belong to single and multi"),
        (a_question(options=OPTIONS[:1]), "at least two options"),
        (a_question(options=[*OPTIONS, OPTIONS[0]]), "different slugs"),
        (a_question(options=[*OPTIONS, {"id": "dont_know", "text": TEXT}]), "write dont_know: true"),
        (a_question(options=[*OPTIONS, {"id": "other", "text": TEXT}]), "not `other`"),
        (a_question(max_choices=2), "max_choices belongs to multi"),
        (a_question(type="multi", max_choices=4), "1 to the number of options"),
        (a_question(favourable=["d"], favourable_text=TEXT), "don't exist: d"),
        (a_question(favourable=["a"]), "favourable_text is needed"),
        (a_question(direction="sideways"), "direction must be"),
        (a_question(tags=["weather"]), "tags must be among employee"),
        (a_question(type="yes_no"), "options belong"),
        (a_question(type="agree5", options=None), "at least two options"),
        (a_question(type="text", options=None, dont_know=True), "no dont_know"),
        (a_question(type="scale", options=None), "scale belongs to type scale"),
        (a_scale(min=10), "whole min < max"),
        (a_scale(max=11), "at most 11 points"),
        (a_scale(min=True), "whole min < max"),
        (a_scale(max_text={"da": "Høj"}), "max_text is needed"),
    ],
)
def test_a_mistake_is_named_with_the_question_where_it_stands(question, rule):
    with pytest.raises(QuestionnaireInvalid) as caught:
        question_from(question, {})
    assert rule in str(caught.value)
    assert str(question.get("id")) in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"id": "Ny!"}, "id must be"),
        ({"version": None}, "version is missing"),
        ({"items": []}, "asks at least one"),
        ({"items": [{"question": "q", "version": "2"}]}, "q 2: the bank has this wording 0 times"),
        ({"items": [{"question": "q", "version": "1"}] * 2}, "items repeats q"),
    ],
)
def test_a_questionnaire_names_wordings_that_the_bank_has_once(changes, rule):
    document = {"id": "ny", "version": "1", "items": [{"question": "q", "version": "1"}], **changes}
    with pytest.raises(QuestionnaireInvalid, match=rule):
        questionnaire_from(document, {"questions": [a_question()]})


@pytest.mark.parametrize("kind", ["agree5", "satisfied5", "degree4", "yes_no"])
def test_standard_answers_come_from_the_bank(kind):
    sets = bank()["answer_sets"]
    question = question_from(a_question(type=kind, options=None, dont_know=True), sets)
    assert [choice.id for choice in question.choices] == [*(o["id"] for o in sets[kind]), "dont_know"]
