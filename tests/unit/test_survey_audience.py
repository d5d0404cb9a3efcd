"""Only items about the employee may ever reach an employee's view (BF-24), whatever else a questionnaire asks."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from chalicelib.surveys.audience import (
    BEYOND,
    QUALITIES,
    employee_answers,
    employee_items,
    may_reach_employees,
    tags_contradict,
)
from chalicelib.surveys.model import Tag
from chalicelib.surveys.question_document import QuestionnaireInvalid, question_from
from chalicelib.surveys.questionnaire import available, questionnaire
from tests.unit.test_questionnaire import a_question

ALL_TAGS = [set(each) for each in chain.from_iterable(combinations(Tag, n) for n in range(5))]


@pytest.mark.requirement("BF-24")
@pytest.mark.parametrize("name", available())
def test_of_every_ready_questionnaire_only_items_about_the_employee_get_through(name):
    asked = questionnaire(name)
    for item in employee_items(asked.items):
        assert Tag.EMPLOYEE in item.tags
        assert not item.tags & BEYOND
        assert not item.is_text
    everything = {item.id: "x" for item in asked.items}
    assert set(employee_answers(asked.items, everything)) == {item.id for item in employee_items(asked.items)}


@pytest.mark.requirement("BF-24", "BF-25")
@pytest.mark.parametrize("tags", ALL_TAGS, ids=lambda tags: "+".join(sorted(tags)) or "none")
def test_no_combination_of_tags_lets_anything_else_through(tags):
    document = a_question(tags=sorted(tags))
    try:
        question = question_from(document, {})
    except QuestionnaireInvalid:
        assert tags_contradict(tags)
        return
    assert may_reach_employees(question) == (Tag.EMPLOYEE in tags)
    assert not (may_reach_employees(question) and tags & BEYOND)
    assert not (tags & QUALITIES and Tag.EMPLOYEE not in tags)


def test_what_nobody_tagged_reaches_nobody():
    assert not may_reach_employees(question_from(a_question(), {}))
    text = question_from(a_question(type="text", options=None, tags=["employee"]), {})
    assert not may_reach_employees(text), "a comment may be about anybody"


@pytest.mark.requirement("BF-25")
def test_the_meeting_has_both_qualities():
    tags = [item.tags for item in questionnaire("gladsaxe").items]
    assert any(Tag.KNOWLEDGE in each for each in tags)
    assert any(Tag.COMMUNICATION in each for each in tags)
