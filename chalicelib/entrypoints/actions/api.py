"""The register as JSON: the same actions, rules and figures as on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.actions.document import content_document
from chalicelib.actions.service import Wanted
from chalicelib.entrypoints.actions.desk import WRITERS, author_of
from chalicelib.entrypoints.actions.forms import content_from
from chalicelib.entrypoints.actions.reading import Reading
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import answer, api, json_body, parameter, query, sent_headers
from chalicelib.entrypoints.reports.api import READERS, cell_document
from chalicelib.shared.clock import rfc3339
from chalicelib.shared.errors import InvalidInput

if TYPE_CHECKING:
    from chalice.app import Request, Response

    from chalicelib.entrypoints.actions.reading import ActionView
    from chalicelib.entrypoints.auth import Staff
    from chalicelib.municipalities.model import Municipality

action_api = Blueprint(__name__)

_M: Final = "/api/v1/municipalities/{municipality}/actions"
_FIELDS: Final = (
    *("title", "found", "recommendation", "work", "owner", "channel", "department", "status", "started"),
    *("follow_up_months", "on_trend", "finding", "guard_question", "guard_group", "guard_measure", "guard_limit"),
)


@action_api.route(_M, methods=["GET"])
@api
def list_actions() -> Response:
    """The actions that pass the filter, with their findings and results."""
    request = action_api.current_request
    municipality, _ = _known(request, *READERS)
    wanted = Wanted(**{name: query(request, name) or "" for name in ("channel", "department", "status")})
    reading = Reading(municipality)
    found = bootstrap.actions().all(municipality, wanted)
    return answer({"actions": [_document(reading.brief(each)) for each in found]})


@action_api.route(_M, methods=["POST"], content_types=["application/json"])
@api
def add_action() -> Response:
    """A new action; with an Idempotency-Key, once."""
    request = action_api.current_request
    municipality, staff = _known(request, *WRITERS)
    body = json_body(request)
    unread = [name for name in _FIELDS if not isinstance(body.get(name), str | int | None)]
    if unread:
        raise InvalidInput(fields=dict.fromkeys(unread, "a text, a number, true or false"))
    fields = {name: _plain(body[name]) for name in _FIELDS if body.get(name) is not None}
    content = content_from(fields, bootstrap.followed_figures().questions(municipality), municipality)
    key = sent_headers(request).get("idempotency-key")
    action = bootstrap.actions().create(municipality, content, author_of(staff), key=key)
    return answer(_one(municipality, action.id), status=201)


@action_api.route(f"{_M}/{{action}}", methods=["GET"])
@api
def read_action() -> Response:
    """One action."""
    request = action_api.current_request
    municipality, _ = _known(request, *READERS)
    return answer(_one(municipality, parameter(request, "action")))


def _one(municipality: Municipality, action: str) -> dict[str, Any]:
    return _document(Reading(municipality).brief(bootstrap.actions().one(municipality, action)))


def _document(view: ActionView) -> dict[str, Any]:
    action, due, result = view.action, view.due, view.result
    content = content_document(action.content)
    del content["baseline"], content["guard"]
    guard, found = action.content.guard, view.baseline
    return {
        "id": action.id,
        "version": action.version,
        "created_at": rfc3339(action.created),
        **content,
        "decided": action.decided.isoformat() if action.decided else None,
        "finding": {"period": found.period, "cell": cell_document(found.cell)} if found and found.cell else None,
        "guard": guard and {"question": guard.place.question, "measure": guard.place.measure, "limit": guard.limit},
        "follow_up": due and {"from": due.day.isoformat(), "state": str(due.state)},
        "result": result
        and {
            "period": result.figure.period,
            "outcome": str(result.outcome),
            "cell": cell_document(result.figure.cell) if result.figure.cell else None,
        },
    }


def _plain(value: str | int) -> str:
    return ("yes" if value else "") if isinstance(value, bool) else str(value)


def _known(request: Request, *roles: Role) -> tuple[Municipality, Staff]:
    municipality = parameter(request, "municipality")
    staff = require(request, municipality, *roles)
    return bootstrap.municipalities().get(municipality), staff
