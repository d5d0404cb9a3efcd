"""The survey behind a link, as JSON. The token in the path is the only credential; it is never logged or repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.http import answer, api, json_body, parameter, query
from chalicelib.entrypoints.rights.withdrawing import withdraw
from chalicelib.entrypoints.surveys.screens import said_of
from chalicelib.municipalities.model import COMMENT_USE
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.languages import in_language

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.surveys.comment_use import Said
    from chalicelib.surveys.model import Question
    from chalicelib.surveys.service import Survey

survey_api = Blueprint(__name__)

_JSON = ["application/json"]


@survey_api.route("/api/v1/surveys/{token}", methods=["GET"])
@api
def read_survey() -> Response:
    """The questionnaire and what has been answered so far. Never spends the link."""
    return answer(_survey(bootstrap.surveys().open(_token(), language=_language())))


@survey_api.route("/api/v1/surveys/{token}/answers", methods=["PUT"], content_types=_JSON)
@api
def save_answers() -> Response:
    """Keep these answers beside the earlier ones; null takes one back."""
    return answer(_survey(bootstrap.surveys().save(_token(), _answers(), language=_language(), said=_said())))


@survey_api.route("/api/v1/surveys/{token}/finish", methods=["POST"], content_types=_JSON)
@api
def finish_survey() -> Response:
    """Finish, once. Answers in the body are kept in the same write."""
    survey = bootstrap.surveys().finish(_token(), _answers(optional=True), language=_language(), said=_said())
    return answer(_survey(survey))


@survey_api.route("/api/v1/surveys/{token}/comment-use", methods=["DELETE"])
@api
def withdraw_comment_use() -> Response:
    """Nothing that was written may be quoted any more; also after the link has expired. 404 if it was never asked."""
    link = bootstrap.dispatch().survey_link(_token())
    withdraw(link.municipality, link.contact_id, COMMENT_USE, origin="web")
    return answer(None)


def _token() -> str:
    return parameter(survey_api.current_request, "token")


def _language() -> str | None:
    request = survey_api.current_request
    return query(request, "language", query(request, "lang"))


def _answers(*, optional: bool = False) -> dict[str, Any]:
    answers = json_body(survey_api.current_request).get("answers", {} if optional else None)
    if not isinstance(answers, dict):
        raise InvalidInput("answers is needed.", fields={"answers": "an object of question and value"})
    return answers


def _said() -> Said | None:
    return said_of(json_body(survey_api.current_request))


def _survey(survey: Survey) -> dict[str, Any]:
    return {
        "state": "finished" if survey.finished else "open",
        "questionnaire": {
            "id": survey.questionnaire.id,
            "version": survey.questionnaire.version,
            "language": survey.language,
            "questions": [_question(survey, question) for question in survey.route],
        },
        "answers": dict(survey.answers),
        **_comment_use(survey),
    }


def _comment_use(survey: Survey) -> dict[str, Any]:
    """Whether what is written may be quoted, and what was said so far; nothing where it is not asked."""
    text = bootstrap.municipalities().get(survey.municipality).consent_texts.get(COMMENT_USE)
    if text is None:
        return {}
    wording = {"text_version": text.version, "text": in_language(text.text, survey.language)}
    return {"comment_use": {**wording, "granted": survey.may_quote}}


def _question(survey: Survey, question: Question) -> dict[str, Any]:
    language = survey.language
    body: dict[str, Any] = {
        "id": question.id,
        "type": question.type,
        "text": in_language(question.text, language),
        "required": question.required,
    }
    if question.scale:
        body["scale"] = {
            "min": question.scale.minimum,
            "max": question.scale.maximum,
            "min_text": in_language(question.scale.minimum_text, language),
            "max_text": in_language(question.scale.maximum_text, language),
        }
    if question.choices:
        body["options"] = [{"id": c.id, "text": in_language(c.text, language)} for c in survey.choices(question)]
    if question.max_choices:
        body["max_choices"] = question.max_choices
    return body
