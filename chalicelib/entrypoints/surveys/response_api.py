"""Interviews as JSON (design 5): a system that interviews elsewhere hands in whole responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import answer, api, json_body, parameter, sent_headers
from chalicelib.entrypoints.surveys.screens import said_of
from chalicelib.entrypoints.visits.schemas import text_field
from chalicelib.municipalities.model import Channel
from chalicelib.municipalities.units import unit_path
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.languages import DEFAULT_LANGUAGE, as_language
from chalicelib.surveys.interview import Interview
from chalicelib.surveys.model import INTERVIEWS, Facts, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality

response_api = Blueprint(__name__)

_JSON: Final = ["application/json"]
_LONGEST: Final = 60
_LONGEST_KEY: Final = 200


@response_api.route("/api/v1/municipalities/{municipality}/responses", methods=["POST"], content_types=_JSON)
@api
def hand_in_response() -> Response:
    """One whole interview. With an `Idempotency-Key`, a repetition gets the same 201 and stores nothing.

    Another interview under the same key is refused: 422 `idempotency_key_reused`.
    """
    request = response_api.current_request
    municipality_id = parameter(request, "municipality")
    require(request, municipality_id, Role.INTERVIEWER, Role.DESK)
    municipality = bootstrap.municipalities().get(municipality_id)
    key = sent_headers(request).get("idempotency-key")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise InvalidInput(fields={"Idempotency-Key": f"at most {_LONGEST_KEY} characters"})
    response_id = bootstrap.surveys().record(interview_of(json_body(request), municipality, key))
    return answer({"id": response_id, "state": "finished"}, status=201)


def interview_of(body: Mapping[str, Any], municipality: Municipality, key: str | None) -> Interview:
    """The interview of a request's body.

    Raises:
        InvalidInput: a field is missing or wrong.
    """
    answers = body.get("answers")
    if not isinstance(answers, dict):
        raise InvalidInput("answers is needed.", fields={"answers": "an object of question and value"})
    mode = text_field(body, "mode")
    if mode not in INTERVIEWS:
        raise InvalidInput(fields={"mode": f"one of {', '.join(sorted(INTERVIEWS))}"})
    language = body.get("language", DEFAULT_LANGUAGE)
    spoken = as_language(language) if isinstance(language, str) else None
    if spoken is None:
        raise InvalidInput(fields={"language": "choose one of the languages offered"})
    department = _optional(body, "department")
    facts = Facts(
        channel=_channel(body),
        department=unit_path(department, municipality.sub_departments) if department else None,
        place=_optional(body, "place"),
        interviewer=_optional(body, "interviewer"),
    )
    return Interview(
        municipality=municipality.id,
        questionnaire=text_field(body, "questionnaire"),
        version=text_field(body, "version"),
        mode=Mode(mode),
        facts=facts,
        language=spoken,
        answers=answers,
        key=key,
        said=said_of(body),
    )


def _channel(body: Mapping[str, Any]) -> Channel:
    channel = text_field(body, "channel")
    if channel not in set(Channel):
        raise InvalidInput(fields={"channel": f"one of {', '.join(Channel)}"})
    return Channel(channel)


def _optional(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise InvalidInput(fields={name: f"a text of at most {_LONGEST} characters"})
    return value
