"""Check-in, queue and desk as JSON (design 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, Staff, require
from chalicelib.entrypoints.http import answer, api, json_body, parameter, sent_headers
from chalicelib.entrypoints.visit_schemas import (
    admitted_json,
    queue_json,
    text_field,
    texts_field,
    visit_json,
    walk_in_of,
)
from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.visits.model import Action, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalice.app import Request, Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.visits.model import Visit

visit_api = Blueprint(__name__)

_M: Final = "/api/v1/municipalities/{municipality}"
_JSON: Final = ["application/json"]
_LONGEST_KEY: Final = 200


@visit_api.route(f"{_M}/visits", methods=["POST"], content_types=_JSON)
@api
def create_visit() -> Response:
    """Check in by booking code, or take a ticket; the same code or Idempotency-Key gives the same visit again."""
    request = visit_api.current_request
    municipality, staff = _caller(Role.KIOSK, Role.DESK)
    body = json_body(request)
    office = _office(municipality, body)
    origin = Origin.DESK if Role.DESK in staff.roles else Origin.KIOSK
    if body.get("appointment_code") is not None:
        place = bootstrap.visits().check_in(municipality, office, text_field(body, "appointment_code"), at=origin)
    else:
        walk_in = walk_in_of(body, municipality, origin)
        place = bootstrap.visits().walk_in(municipality, office, walk_in, idempotency_key=_key(request))
    return answer(admitted_json(place), status=201)


@visit_api.route(f"{_M}/offices/{{office}}/queue", methods=["GET"])
@api
def office_queue() -> Response:
    """Who waits, in the order of calling; who is at a desk; who is parked; who has not checked in."""
    municipality, _ = _caller(Role.DESK)
    office = parameter(visit_api.current_request, "office")
    return answer(queue_json(bootstrap.visits().queue(municipality, office), municipality, office))


@visit_api.route(f"{_M}/offices/{{office}}/call-next", methods=["POST"], content_types=_JSON)
@api
def call_next_visit() -> Response:
    """The next citizen, called to this desk and to no other; 204 if none waits."""
    request = visit_api.current_request
    municipality, _ = _caller(Role.DESK)
    desk = text_field(json_body(request), "desk")
    office = parameter(request, "office")
    visit = bootstrap.visits().call_next(municipality, office, desk, idempotency_key=_key(request))
    return answer(None if visit is None else visit_json(visit, bootstrap.visits().now()))


@visit_api.route(f"{_M}/visits/{{visit}}", methods=["GET"])
@api
def show_visit() -> Response:
    """A visit."""
    municipality, _ = _caller(Role.DESK)
    visit = bootstrap.visits().get(municipality, parameter(visit_api.current_request, "visit"))
    return answer(visit_json(visit, bootstrap.visits().now()))


@visit_api.route(f"{_M}/visits/{{visit}}/{{action}}", methods=["POST"], content_types=_JSON)
@api
def change_visit() -> Response:
    """Start, complete, no-show, park, recall, forward or undo; 409 `wrong_state` where that is not possible."""
    request = visit_api.current_request
    municipality, _ = _caller(Role.DESK)
    change = _CHANGES.get(parameter(request, "action"))
    if change is None:
        raise NotFound
    visit = change(municipality, parameter(request, "visit"), json_body(request))
    return answer(visit_json(visit, bootstrap.visits().now()))


def _caller(*roles: Role) -> tuple[Municipality, Staff]:
    request = visit_api.current_request
    municipality = parameter(request, "municipality")
    staff = require(request, municipality, *roles)
    return bootstrap.municipalities().get(municipality), staff


def _office(municipality: Municipality, body: Mapping[str, Any]) -> str:
    """In a body an unknown office is a wrong field; in a path it is nothing that is there."""
    office = text_field(body, "office")
    try:
        return municipality.office(office).id
    except NotFound as error:
        raise InvalidInput(fields={"office": "unknown office"}) from error


def _key(request: Request) -> str | None:
    key = sent_headers(request).get("idempotency-key") or None
    if key and len(key) > _LONGEST_KEY:
        raise InvalidInput(fields={"Idempotency-Key": f"at most {_LONGEST_KEY} characters"})
    return key


def _complete(municipality: Municipality, visit: str, body: Mapping[str, Any]) -> Visit:
    return bootstrap.visits().complete(municipality, visit, reasons=texts_field(body, "reasons"))


def _recall(municipality: Municipality, visit: str, body: Mapping[str, Any]) -> Visit:
    desk = text_field(body, "desk") if "desk" in body else None
    return bootstrap.visits().recall(municipality, visit, desk=desk)


def _forward(municipality: Municipality, visit: str, body: Mapping[str, Any]) -> Visit:
    return bootstrap.visits().forward(municipality, visit, text_field(body, "desk_group"))


_CHANGES: Final[Mapping[str, Callable[[Municipality, str, Mapping[str, Any]], Visit]]] = {
    Action.START: lambda municipality, visit, _: bootstrap.visits().start(municipality, visit),
    Action.COMPLETE: _complete,
    Action.NO_SHOW: lambda municipality, visit, _: bootstrap.visits().no_show(municipality, visit),
    Action.PARK: lambda municipality, visit, _: bootstrap.visits().park(municipality, visit),
    Action.RECALL: _recall,
    Action.FORWARD: _forward,
    Action.UNDO: lambda municipality, visit, _: bootstrap.visits().undo(municipality, visit),
}
