"""What the JSON API's description says about planning; `description.py` puts it together."""

from __future__ import annotations

from typing import Any, Final

_OFFICE: Final = "/api/v1/municipalities/{municipality}/offices/{office}"
_TEXT: Final = {"type": "string"}
_TIME: Final = {"type": "string", "format": "date-time"}
_DATE: Final = {"type": "string", "format": "date"}


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


_PERIOD: Final = _object("opens closes desks", opens=_TEXT, closes=_TEXT, desks={"type": "integer"})
_AFFECTED: Final = _list(
    _object(
        "appointment_id start standing",
        appointment_id=_TEXT,
        start=_TIME,
        standing={"type": "string", "enum": ["to_ask", "asked", "lapsed", "no_contact", "no_time"]},
        proposed={"type": ["string", "null"]},
        kept_until={"type": ["string", "null"]},
    )
)

PLANNING_SCHEMAS: Final[dict[str, Any]] = {
    "NewException": _object(
        "first",
        first=_DATE,
        last=_DATE,
        opening=_list(_PERIOD),
        groups=_list(_TEXT),
        note={"type": "object", "example": {"da": "Kursus", "en": "Training"}},
        ask={"type": "boolean"},
    ),
    "Exceptions": _object("exceptions", exceptions=_list({"type": "object"})),
    "Excepted": _object("exception affected", exception={"type": "object"}, affected=_AFFECTED),
    "Days": _object("from", **{"from": _DATE, "to": _DATE}),
    "Affected": _object("affected", affected=_AFFECTED),
    "Explanation": _object(
        "bookable obstacles", bookable={"type": "boolean"}, obstacles=_list(_object("why at", why=_TEXT, at=_TIME))
    ),
}

PLANNING_OPERATIONS: Final = (
    ("get", f"{_OFFICE}/exceptions", "Days with other hours", "desk, leader", None, 200, "Exceptions"),
    ("post", f"{_OFFICE}/exceptions", "Close days or change hours", "leader", "NewException", 201, "Excepted"),
    ("delete", f"{_OFFICE}/exceptions/{{exception}}", "Take it back", "leader", None, 204, None),
    ("get", f"{_OFFICE}/affected", "Times that the hours leave outside", "desk, leader", None, 200, "Affected"),
    ("post", f"{_OFFICE}/affected", "Ask their citizens", "leader", "Days", 200, "Affected"),
    ("get", f"{_OFFICE}/explanations", "Why a time can't be booked", "desk, leader", None, 200, "Explanation"),
)
