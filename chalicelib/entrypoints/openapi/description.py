"""The JSON API's description (OpenAPI 3.1). A test holds it against the routes: an entry each, a route each."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from chalicelib.entrypoints.openapi.actions import ACTION_OPERATIONS, ACTION_SCHEMAS
from chalicelib.entrypoints.openapi.offices import OFFICE_OPERATIONS, OFFICE_SCHEMAS
from chalicelib.entrypoints.openapi.planning import PLANNING_OPERATIONS, PLANNING_SCHEMAS
from chalicelib.municipalities.model import Channel, Meeting

_M: Final = "/api/v1/municipalities/{municipality}"
_STRING: Final = {"type": "string"}
_TEXT: Final = {"type": "object", "additionalProperties": _STRING, "example": {"da": "Pas", "en": "Passport"}}
_TIME: Final = {"type": "string", "format": "date-time"}
_IDS: Final = {"type": "array", "items": _STRING, "minItems": 1}
_CONSENT: Final = {
    "type": "object",
    "required": ["granted"],
    "properties": {"granted": {"type": "boolean"}, "text_version": _STRING},
}
_CONSENT_STATE: Final = {
    "type": "object",
    "required": ["state"],
    "properties": {"state": {"type": ["string", "null"]}, "text_version": _STRING},
}
_STATES: Final = (
    *("booked", "waiting", "called", "in_service", "parked"),
    *("completed", "no_show", "cancelled", "forwarded", "moved", "unclosed"),
)


_PERSONS: Final = {"type": "integer", "minimum": 1, "default": 1}
_MEETING: Final = {"type": "string", "enum": [kind.value for kind in Meeting], "default": Meeting.IN_PERSON.value}


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


def _list(name: str, item: dict[str, Any], **beside: Any) -> dict[str, Any]:
    return _object(name, **{name: {"type": "array", "items": item}}, **beside)


_SLOT: Final = _object("start end free", start=_TIME, end=_TIME, free={"type": "integer"})


_SCHEMAS: Final[dict[str, Any]] = {
    "Error": _object(
        "code message", code=_STRING, message=_STRING, fields={"type": "object"}, challenge={"type": "object"}
    ),
    "Municipalities": _list("municipalities", _object("id name", id=_STRING, name=_TEXT)),
    "Offices": _list(
        "offices",
        _object("id name address reasons desks", id=_STRING, name=_TEXT, address=_STRING, reasons=_IDS, desks=_IDS),
    ),
    "Reasons": _list(
        "reasons",
        _object(
            "id name duration_minutes attendance_required alternatives",
            id=_STRING,
            name=_TEXT,
            duration_minutes={"type": "integer"},
            attendance_required={"type": "boolean"},
            alternatives={"type": "array", "items": _object(channel=_STRING, text=_TEXT, target=_STRING)},
        ),
    ),
    "ConsentTexts": {"type": "object", "additionalProperties": _object("version text", version=_STRING, text=_STRING)},
    "Slots": _list("slots", _SLOT),
    "AvailabilitySummary": _object(
        "first_free days_to_first_free third_next_available days_to_third_next_available",
        first_free={"oneOf": [_SLOT, {"type": "null"}]},
        days_to_first_free={"type": ["integer", "null"]},
        third_next_available={"oneOf": [_SLOT, {"type": "null"}]},
        days_to_third_next_available={"type": ["integer", "null"]},
    ),
    "NewHold": _object(
        "office reasons start", office=_STRING, reasons=_IDS, start=_TIME, persons=_PERSONS, meeting=_MEETING
    ),
    "Hold": _object("hold_id expires_at", hold_id=_STRING, expires_at=_TIME),
    "NewAppointment": _object(
        "office reasons start language survey_consent",
        office=_STRING,
        reasons=_IDS,
        start=_TIME,
        phone={"type": ["string", "null"]},
        email={"type": ["string", "null"]},
        name={"type": ["string", "null"]},
        language=_STRING,
        hold_id={"type": ["string", "null"]},
        persons=_PERSONS,
        meeting=_MEETING,
        want_earlier={"type": "boolean", "default": False},
        reminder={"type": "boolean", "default": True},
        alternatives_seen={"type": "boolean", "default": False},
        origin={"type": "string", "enum": ["desk", "phone"], "description": "Only with a desk's token"},
        survey_consent=_CONSENT,
        reminder_consent={
            **_CONSENT,
            "description": "Where consent-texts has reminder_sms: only who grants it is reminded",
        },
        challenge={"type": "string", "description": "The solution of the challenge of a 403 challenge_required"},
    ),
    "Appointment": _object(
        "id code start end manage_url", id=_STRING, code=_STRING, start=_TIME, end=_TIME, manage_url=_STRING
    ),
    "AppointmentView": _object(
        "id municipality state code office reasons start end language survey_consent",
        id=_STRING,
        municipality=_STRING,
        state={"type": "string", "enum": ["booked", "cancelled"]},
        code=_STRING,
        office=_STRING,
        reasons=_IDS,
        start=_TIME,
        end=_TIME,
        language=_STRING,
        persons=_PERSONS,
        meeting=_MEETING,
        want_earlier={"type": "boolean"},
        reminder={"type": "boolean"},
        survey_consent=_CONSENT_STATE,
        reminder_consent=_CONSENT_STATE,
    ),
    "Move": _object("start", start=_TIME),
    "NewVisit": _object(
        "office",
        office=_STRING,
        appointment_code=_STRING,
        reasons=_IDS,
        phone={"type": ["string", "null"]},
        language=_STRING,
        survey_consent=_CONSENT,
        priority={"type": ["string", "null"]},
        note={"type": ["string", "null"]},
    ),
    "Visit": _object(
        "visit_id ticket state",
        visit_id=_STRING,
        ticket=_STRING,
        state={"type": "string", "enum": list(_STATES)},
        people_ahead={"type": "integer"},
        expected_wait_minutes={"type": ["object", "null"]},
    ),
    "Queue": {"type": "object"},
    "Desk": _object("desk", desk=_STRING),
    "Contacts": _list(
        "contacts",
        _object(
            "source_id channel department reason started_at ended_at",
            source_id=_STRING,
            channel={"type": "string", "enum": [channel.value for channel in Channel]},
            department=_STRING,
            reason=_STRING,
            started_at=_TIME,
            ended_at=_TIME,
            phone={"type": ["string", "null"]},
            language=_STRING,
            survey_consent=_CONSENT,
            internal={"type": "boolean"},
            resolved_first_contact={"type": ["boolean", "null"]},
            transfers={"type": ["integer", "null"]},
            next_step_given={"type": ["boolean", "null"]},
            handed_over={"type": ["boolean", "null"]},
        ),
        system=_STRING,
    ),
    "ContactResults": _list("results", _object("source_id status", source_id=_STRING, status=_STRING, code=_STRING)),
    **PLANNING_SCHEMAS,
    "Withdrawn": _object("state", state={"type": "string", "enum": ["withdrawn"]}),
    "Survey": _object(
        "state questionnaire answers",
        state=_STRING,
        questionnaire={"type": "object"},
        answers={"type": "object"},
        comment_use={"type": "object"},
    ),
    "Answers": _object("answers", answers={"type": "object"}, comment_use=_CONSENT),
    "NewResponse": _object(
        "questionnaire version mode channel answers",
        questionnaire=_STRING,
        version=_STRING,
        mode={"type": "string", "enum": ["face_to_face", "phone"]},
        channel={"type": "string", "enum": [channel.value for channel in Channel]},
        department={"type": ["string", "null"]},
        place={"type": ["string", "null"]},
        interviewer={"type": ["string", "null"]},
        language=_STRING,
        answers={"type": "object"},
        comment_use=_CONSENT,
    ),
    "Response": _object("id state", id=_STRING, state=_STRING),
    "Reports": _list("reports", _object("id title", id=_STRING, title=_TEXT)),
    "Report": _object("period compare generated_at cells", cells={"type": "array", "items": {"type": "object"}}),
}

# method, path, what it does, who may call, request schema, success status, answer schema
_OPERATIONS: Final = (
    ("get", "/api/v1/openapi.json", "This description", "all", None, 200, None),
    ("get", "/api/v1/municipalities", "Every municipality", "all", None, 200, "Municipalities"),
    ("get", f"{_M}/offices", "Offices", "all", None, 200, "Offices"),
    ("get", f"{_M}/enquiry-reasons", "Enquiry reasons", "all", None, 200, "Reasons"),
    ("get", f"{_M}/consent-texts", "Consent wording in force", "all", None, 200, "ConsentTexts"),
    ("get", f"{_M}/offices/{{office}}/slots", "Free times", "all", None, 200, "Slots"),
    (
        "get",
        f"{_M}/offices/{{office}}/availability-summary",
        "First free time and third next available, in days",
        "all",
        None,
        200,
        "AvailabilitySummary",
    ),
    ("post", f"{_M}/holds", "Keep a time while typing", "all", "NewHold", 201, "Hold"),
    ("post", f"{_M}/holds/{{hold}}/extend", "Keep it longer", "all", None, 200, "Hold"),
    ("delete", f"{_M}/holds/{{hold}}", "Let it go", "all", None, 204, None),
    (
        "post",
        f"{_M}/appointments",
        "Book; needs the header Idempotency-Key",
        "all",
        "NewAppointment",
        201,
        "Appointment",
    ),
    ("get", "/api/v1/appointments/{token}", "See an appointment", "link", None, 200, "AppointmentView"),
    ("patch", "/api/v1/appointments/{token}", "Move it", "link", "Move", 200, "AppointmentView"),
    ("delete", "/api/v1/appointments/{token}", "Cancel it", "link", None, 200, "AppointmentView"),
    ("delete", "/api/v1/appointments/{token}/survey-consent", "Withdraw the consent", "link", None, 204, None),
    ("delete", "/api/v1/appointments/{token}/reminder-consent", "No reminder any more", "link", None, 204, None),
    ("post", f"{_M}/visits", "Check in, or take a ticket", "kiosk, desk", "NewVisit", 201, "Visit"),
    ("get", f"{_M}/offices/{{office}}/queue", "The queue", "desk", None, 200, "Queue"),
    ("get", f"{_M}/visits/{{visit}}", "A visit", "desk", None, 200, "Visit"),
    ("post", f"{_M}/offices/{{office}}/call-next", "Call the next; 204 if none waits", "desk", "Desk", 200, "Visit"),
    ("post", f"{_M}/visits/{{visit}}/{{action}}", "start, complete, no-show, park, …", "desk", None, 200, "Visit"),
    *PLANNING_OPERATIONS,
    ("post", f"{_M}/visits/{{visit}}/withdraw-consent", "No survey about this visit", "desk", None, 200, "Withdrawn"),
    ("post", f"{_M}/contacts", "Report contacts of other channels", "system", "Contacts", 200, "ContactResults"),
    ("get", "/api/v1/surveys/{token}", "The questionnaire", "link", None, 200, "Survey"),
    ("put", "/api/v1/surveys/{token}/answers", "Save answers so far", "link", "Answers", 200, None),
    ("post", "/api/v1/surveys/{token}/finish", "Finish, once", "link", None, 200, None),
    ("delete", "/api/v1/surveys/{token}/comment-use", "Quote nothing any more", "link", None, 204, None),
    ("post", f"{_M}/responses", "Hand in an interview", "interviewer, desk", "NewResponse", 201, "Response"),
    ("get", f"{_M}/reports", "Which reports there are", "leader, analyst", None, 200, "Reports"),
    ("get", f"{_M}/reports/{{report}}", "A report's cells", "leader, analyst", None, 200, "Report"),
)


@cache
def document() -> dict[str, Any]:
    """The whole description, as JSON."""
    paths: dict[str, Any] = {}
    for method, path, *rest in (*_OPERATIONS, *OFFICE_OPERATIONS, *ACTION_OPERATIONS):
        paths.setdefault(str(path), {})[str(method)] = _operation(str(path), *rest)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Borgerpuls",
            "version": "1",
            "description": "Times: RFC 3339 with offset; dates: ISO, local to Europe/Copenhagen; ranges inclusive.",
        },
        "paths": paths,
        "components": {
            "schemas": {**_SCHEMAS, **OFFICE_SCHEMAS, **ACTION_SCHEMAS},
            "securitySchemes": {"staff": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(path: str, *rest: Any) -> dict[str, Any]:
    summary, who, request, status, answer = rest
    done: dict[str, Any] = {"description": "Done"}
    if answer:
        done["content"] = _json(answer)
    operation: dict[str, Any] = {
        "summary": summary,
        "parameters": [_path_parameter(name) for name in re.findall(r"{(\w+)}", path)],
        "responses": {str(status): done, "default": {"description": "An error", "content": _json("Error")}},
    }
    if request:
        operation["requestBody"] = {"required": True, "content": _json(request)}
    if who not in {"all", "link"}:
        operation["security"] = [{"staff": []}]
        operation["description"] = f"Roles: {who}."
    return operation


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": _STRING}


def _json(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
