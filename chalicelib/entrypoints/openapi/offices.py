"""The part of the API's description that is about an office's day: notices, alarms, the door, figures, reviews."""

from __future__ import annotations

from typing import Any, Final

_O: Final = "/api/v1/municipalities/{municipality}/offices/{office}"
_STRING: Final = {"type": "string"}
_TEXT: Final = {
    "type": "object",
    "additionalProperties": _STRING,
    "example": {"da": "MitID er nede", "en": "MitID is down"},
}
_TIME: Final = {"type": "string", "format": "date-time"}


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


OFFICE_SCHEMAS: Final[dict[str, Any]] = {
    "Notices": _object("notices", notices={"type": "array", "items": {"$ref": "#/components/schemas/Notice"}}),
    "NewNotice": _object(
        "kind level text",
        kind={"type": "string", "enum": ["outage", "change"]},
        level={"type": "string", "enum": ["info", "warning"]},
        text=_TEXT,
        event_at=_TIME,
        until=_TIME,
        reasons={"type": "array", "items": _STRING},
        everywhere={"type": "boolean"},
        **{"from": _TIME},
    ),
    "Notice": _object(
        "id kind level text event_at posted_at minutes_to_notice",
        id=_STRING,
        kind=_STRING,
        level=_STRING,
        text=_TEXT,
        event_at=_TIME,
        posted_at=_TIME,
        minutes_to_notice={"type": "integer"},
    ),
    "Alarm": _object("id desk raised_at", id=_STRING, desk=_STRING, raised_at=_TIME),
    "AtDoor": _object("reason", reason=_STRING),
    "Day": _object("office date counts waiting", office=_STRING, date=_STRING, counts={"type": "object"}),
    "Reviews": _object("points", points={"type": "array", "items": {"type": "object"}}),
    "Review": _object(
        "point result",
        point=_STRING,
        date={"type": "string", "format": "date"},
        result={"type": "string", "enum": ["visible", "hard_to_see", "not_visible"]},
        note={"type": ["string", "null"]},
    ),
}

# method, path, what it does, who may call, request schema, success status, answer schema
OFFICE_OPERATIONS: Final = (
    ("get", f"{_O}/notices", "Outages and changes now", "desk, leader, kiosk, display", None, 200, "Notices"),
    ("post", f"{_O}/notices", "Announce an outage, or a change", "desk, leader", "NewNotice", 201, "Notice"),
    ("post", f"{_O}/notices/{{notice}}/end", "It works again", "desk, leader", None, 200, "Notice"),
    ("post", f"{_O}/emergency", "Call colleagues to a desk", "desk", "Desk", 201, "Alarm"),
    ("post", f"{_O}/emergency/{{alarm}}/answer", "Somebody comes", "desk", "Desk", 200, "Alarm"),
    ("post", f"{_O}/door", "Count a question solved at the door", "desk", "AtDoor", 201, None),
    ("get", f"{_O}/day", "The day in figures", "desk, leader", None, 200, "Day"),
    ("get", f"{_O}/reviews", "Reviews of the check-in points", "desk, leader", None, 200, "Reviews"),
    ("post", f"{_O}/reviews", "Add a review", "leader", "Review", 201, "Review"),
)
