"""Are these answers to those questions? Pure rules; every problem is named, nothing is guessed or silently mended."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from chalicelib.shared.errors import InvalidInput
from chalicelib.surveys.model import DONT_KNOW, MAX_COMMENT, Question, Questionnaire, QuestionType, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Problem(StrEnum):
    """What can be wrong with an answer; the value is the message of the API."""

    UNKNOWN = "The questionnaire does not ask this."
    MISSING = "An answer is needed."
    WRONG_TYPE = "This type of question takes another kind of value."
    OUT_OF_SCALE = "The number is outside the scale."
    NOT_OFFERED = "This answer is not among the options."
    TOO_MANY = "Too many options are chosen."
    NOT_ALONE = "Don't know stands alone."
    TOO_LONG = (
        f"The text is longer than {MAX_COMMENT} characters. Nothing was saved; make it shorter and send it again."
    )


class AnswersInvalid(InvalidInput):
    """Some answers can't be stored; `problems` says which and why. Nothing was changed."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        """`problems` maps a question's id to what is wrong."""
        super().__init__("Some answers can't be stored.", fields={name: str(why) for name, why in problems.items()})
        self.problems = dict(problems)


def checked(questionnaire: Questionnaire, answers: Mapping[str, Any]) -> dict[str, Value | None]:
    """The answers in their stored form, by question; None takes an earlier answer back.

    Raises:
        AnswersInvalid: at least one is wrong; then none is to be stored.
    """
    good: dict[str, Value | None] = {}
    problems: dict[str, Problem] = {}
    for name, value in answers.items():
        question = questionnaire.find(name)
        outcome = Problem.UNKNOWN if question is None else _checked(question, value)
        if isinstance(outcome, Problem):
            problems[name] = outcome
        else:
            good[name] = outcome
    if problems:
        raise AnswersInvalid(problems)
    return good


def demand_complete(route: Iterable[Question], given: Mapping[str, Value]) -> None:
    """Every required question of the route has an answer.

    Raises:
        AnswersInvalid: naming those that have none.
    """
    missing = {str(item.id): Problem.MISSING for item in route if item.required and item.id not in given}
    if missing:
        raise AnswersInvalid(missing)


def _checked(question: Question, value: Any) -> Value | Problem | None:
    if value is None:
        return None
    match question.type:
        case QuestionType.TEXT:
            return _text(value)
        case QuestionType.SCALE:
            return _number(question, value)
        case QuestionType.MULTI:
            return _several(question, value)
        case _:
            return _one(question, value)


def _text(value: Any) -> str | Problem | None:
    if not isinstance(value, str):
        return Problem.WRONG_TYPE
    # Forms send line ends as two characters; the citizen counts one.
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > MAX_COMMENT:
        return Problem.TOO_LONG
    return text or None


def _number(question: Question, value: Any) -> Value | Problem:
    if value == DONT_KNOW:
        return DONT_KNOW if question.dont_know else Problem.NOT_OFFERED
    if type(value) is not int:  # True is an int for isinstance, and no point on a scale
        return Problem.WRONG_TYPE
    return value if question.scale is not None and value in question.scale.points else Problem.OUT_OF_SCALE


def _one(question: Question, value: Any) -> Value | Problem:
    if not isinstance(value, str):
        return Problem.WRONG_TYPE
    return value if value in {choice.id for choice in question.choices} else Problem.NOT_OFFERED


def _several(question: Question, value: Any) -> Value | Problem | None:
    """The chosen ids in the order of the bank, each once."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return Problem.WRONG_TYPE
    offered = [choice.id for choice in question.choices]
    if not set(value) <= set(offered):
        return Problem.NOT_OFFERED
    if DONT_KNOW in value and len(set(value)) > 1:
        return Problem.NOT_ALONE
    if question.max_choices is not None and len(set(value)) > question.max_choices:
        return Problem.TOO_MANY
    return [option for option in offered if option in value] or None
