"""The part of the API's description that is about the register of actions."""

from __future__ import annotations

from typing import Any, Final

from chalicelib.actions.model import Status

_M: Final = "/api/v1/municipalities/{municipality}"
_STRING: Final = {"type": "string"}
_DATE: Final = {"type": ["string", "null"], "format": "date"}
_WHOLE: Final = {"type": ["integer", "null"]}
_STATUS: Final = {"type": "string", "enum": [status.value for status in Status]}
_WRITTEN: Final[dict[str, Any]] = {
    **dict.fromkeys(("title", "found", "recommendation", "work", "owner", "channel", "department"), _STRING),
    "status": _STATUS,
    "started": _DATE,
    "follow_up_months": _WHOLE,
    "on_trend": {"type": "boolean"},
}

ACTION_SCHEMAS: Final[dict[str, Any]] = {
    "NewAction": {
        "type": "object",
        "required": ["title", "recommendation"],
        "properties": {
            **_WRITTEN,
            "finding": {"type": "string", "description": "The address of a figure of the reports: the baseline"},
            "guard_question": _STRING,
            "guard_group": {"type": "string", "example": "channel:phone", "default": "all:all"},
            "guard_measure": {"type": "string", "enum": ["share", "share_unfavourable"]},
            "guard_limit": {"type": "integer", "minimum": 1, "maximum": 99},
        },
    },
    "Action": {
        "type": "object",
        "required": ["id", "version", "created_at", "title", "recommendation", "status"],
        "properties": {
            "id": _STRING,
            "version": {"type": "integer"},
            "created_at": {"type": "string", "format": "date-time"},
            **_WRITTEN,
            "decided": _DATE,
            "finding": {"type": ["object", "null"]},
            "guard": {"type": ["object", "null"]},
            "follow_up": {"type": ["object", "null"]},
            "result": {"type": ["object", "null"]},
        },
    },
    "Actions": {
        "type": "object",
        "required": ["actions"],
        "properties": {"actions": {"type": "array", "items": {"$ref": "#/components/schemas/Action"}}},
    },
}

# method, path, what it does, who may call, request schema, success status, answer schema
ACTION_OPERATIONS: Final = (
    ("get", f"{_M}/actions", "Recommendations and actions", "leader, analyst", None, 200, "Actions"),
    ("post", f"{_M}/actions", "Add an action", "leader", "NewAction", 201, "Action"),
    ("get", f"{_M}/actions/{{action}}", "An action, its finding and result", "leader, analyst", None, 200, "Action"),
)
