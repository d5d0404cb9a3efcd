"""The survey on a phone: an introduction, one question per screen, thanks. Works without JavaScript and cookies.

Every step is a form that saves and then looks at the next screen (303), so the browser's back button, a lost connection
and another device lose nothing. The language travels in the address, because a phone may keep no cookies.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.http import form_lists, html, page_for, pages, parameter, see_other
from chalicelib.shared.errors import AlreadyAnswered, NotFound
from chalicelib.surveys.answers import AnswersInvalid, Problem
from chalicelib.surveys.model import MAX_COMMENT, QuestionType
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.surveys.model import Question, Value
    from chalicelib.surveys.service import Survey
    from chalicelib.web.pages import Page

survey_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_FIELD: Final = "answer"
_NUMBER: Final = re.compile(r"-?[0-9]{1,3}")

_PROBLEMS: Final = {
    Problem.MISSING: "Vælg et svar, før du går videre.",
    Problem.TOO_MANY: "Du har valgt for mange. Vælg højst %(most)s.",
    Problem.NOT_ALONE: "Vælg enten “Ved ikke” eller de andre svar.",
    Problem.TOO_LONG: "Teksten er på %(length)s tegn. Der er plads til %(most)s. Gør den kortere, og send igen.",
}
_OTHER_PROBLEM: Final = "Vælg et af svarene på siden."


@survey_pages.route("/s/{token}", methods=["GET"])
@pages(lambda: survey_pages.current_request)
def survey_start() -> Response:
    """Who asks, why, how long it takes, that it is voluntary and what the answers are joined to. Or thanks."""
    survey = _open()
    if survey.finished:
        return _thanks(survey)
    return html("survey/start.html", _page(survey), token=_token(), survey=survey, first=_first_open(survey))


@survey_pages.route("/s/{token}/{question}", methods=["GET"])
@pages(lambda: survey_pages.current_request)
def survey_question() -> Response:
    """One question with the answer given so far."""
    survey = _open()
    if survey.finished:
        return see_other(_address(survey))
    question = _question(survey)
    return _screen(survey, question, survey.answers.get(question.id))


@survey_pages.route("/s/{token}/{question}", methods=["POST"], content_types=_FORM)
@pages(lambda: survey_pages.current_request)
def answer_question() -> Response:
    """Keep the answer and go on; after the last question, finish."""
    survey = _open()
    if survey.finished:
        return see_other(_address(survey))
    question = _question(survey)
    value = _value(question, form_lists(survey_pages.current_request).get(_FIELD, []))
    following = _following(survey, question)
    try:
        _demand_answer(question, value)
        keep = bootstrap.surveys().save if following else bootstrap.surveys().finish
        keep(_token(), {question.id: value}, language=survey.language)
    except AlreadyAnswered:
        return see_other(_address(survey))
    except AnswersInvalid as wrong:
        return _mend(survey, question, value, wrong)
    return see_other(_address(survey, following.id if following else None))


def _demand_answer(question: Question, value: Value | None) -> None:
    """Going on needs an answer where one is required; only the API may save a questionnaire with gaps."""
    if question.required and value is None:
        raise AnswersInvalid({question.id: Problem.MISSING})


def _mend(survey: Survey, question: Question, value: Value | None, wrong: AnswersInvalid) -> Response:
    """Show the same screen with what was entered, or the first question that still needs an answer."""
    if question.id not in wrong.problems:
        return see_other(_address(survey, next(iter(wrong.problems))))
    problem = wrong.problems[question.id]
    length, most = len(str(value)), question.max_choices or MAX_COMMENT
    message = gettext(survey.language, _PROBLEMS.get(problem, _OTHER_PROBLEM), length=length, most=most)
    return _screen(survey, question, value, errors={_FIELD: message}, status=422)


def _screen(
    survey: Survey,
    question: Question,
    value: Value | None,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    items = survey.questionnaire.items
    number = items.index(question) + 1
    return html(
        "survey/question.html",
        _page(survey, errors),
        status=status,
        action=_address(survey, question.id),
        back=_address(survey, items[number - 2].id if number > 1 else None),
        question=question,
        value=value,
        number=number,
        total=len(items),
        most=MAX_COMMENT,
    )


def _thanks(survey: Survey) -> Response:
    return html("survey/thanks.html", _page(survey), token=_token())


def _open() -> Survey:
    """The survey in the language of the address, the visitor's cookie or the link, in this order."""
    survey = bootstrap.surveys().open(_token())
    return replace(survey, language=page_for(survey_pages.current_request, language=survey.language).language)


def _page(survey: Survey, errors: dict[str, str] | None = None) -> Page:
    municipality = bootstrap.municipalities().get(survey.municipality)
    return page_for(survey_pages.current_request, municipality, errors=errors, language=survey.language)


def _token() -> str:
    return parameter(survey_pages.current_request, "token")


def _address(survey: Survey, question: str | None = None) -> str:
    """The screen of a question, or the start, in the survey's language."""
    parts = ("s", _token(), question) if question else ("s", _token())
    return page_for(survey_pages.current_request).urls.path(*parts, lang=survey.language)


def _question(survey: Survey) -> Question:
    question = survey.questionnaire.find(parameter(survey_pages.current_request, "question"))
    if question is None:
        raise NotFound
    return question


def _following(survey: Survey, question: Question) -> Question | None:
    items = survey.questionnaire.items
    position = items.index(question) + 1
    return items[position] if position < len(items) else None


def _first_open(survey: Survey) -> Question:
    """The first question without an answer, where a citizen who comes back goes on."""
    items = survey.questionnaire.items
    return next((item for item in items if item.id not in survey.answers), items[-1])


def _value(question: Question, given: list[str]) -> Any:
    """What a form's field means for this type of question; None when nothing was chosen or written."""
    chosen = [value for value in given if value]
    if not chosen:
        return None
    if question.type is QuestionType.MULTI:
        return chosen
    value = chosen[-1]
    return int(value) if question.type is QuestionType.SCALE and _NUMBER.fullmatch(value) else value
