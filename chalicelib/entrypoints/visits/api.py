"""Check-in, queue and desk as JSON (design 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, Staff, require
from chalicelib.entrypoints.events.nearly_work import tell_who_is_near
from chalicelib.entrypoints.http import answer, api, json_body, parameter
from chalicelib.entrypoints.visits.schemas import (
    admitted_json,
    queue_json,
    text_field,
    texts_field,
    visit_json,
    walk_in_of,
)
from chalicelib.entrypoints.visits.visiting import idempotency_key
from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.visits.model import Action, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.visits.model import Visit

visit_api = Blueprint(__name__)

_M: Final = "/api/v1/municipalities/{municipality}"
_JSON: Final = ["application/json"]


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
        code = text_field(body, "appointment_code")
        place = bootstrap.visits().check_in(municipality, office, code, at=origin, by=_by(staff))
    else:
        walk_in = walk_in_of(body, municipality, origin)
        key = idempotency_key(request)
        place = bootstrap.visits().walk_in(municipality, office, walk_in, idempotency_key=key, by=_by(staff))
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
    municipality, staff = _caller(Role.DESK)
    desk = text_field(json_body(request), "desk")
    office = parameter(request, "office")
    visit = bootstrap.visits().call_next(
        municipality, office, desk, idempotency_key=idempotency_key(request), by=staff.subject
    )
    tell_who_is_near(municipality, office)
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
    """Start, complete, no-show, park, recall, forward, priority, note or undo; 409 `wrong_state` where not possible."""
    request = visit_api.current_request
    municipality, staff = _caller(Role.DESK)
    change = _CHANGES.get(parameter(request, "action"))
    if change is None:
        raise NotFound
    visit = change(_Asked(municipality, parameter(request, "visit"), json_body(request), staff.subject))
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


def _by(staff: Staff) -> str | None:
    """Who did it, for the audit; a kiosk is nobody."""
    return staff.subject if Role.DESK in staff.roles or Role.ADMIN in staff.roles else None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A change of a visit as it was asked for."""

    municipality: Municipality
    visit: str
    body: Mapping[str, Any]
    by: str

    def text(self, name: str) -> str | None:
        """A text that may be left out."""
        return text_field(self.body, name) if self.body.get(name) is not None else None


def _start(asked: _Asked) -> Visit:
    return bootstrap.visits().start(asked.municipality, asked.visit, by=asked.by)


def _complete(asked: _Asked) -> Visit:
    reasons = texts_field(asked.body, "reasons")
    return bootstrap.visits().complete(asked.municipality, asked.visit, reasons=reasons, by=asked.by)


def _no_show(asked: _Asked) -> Visit:
    return bootstrap.visits().no_show(asked.municipality, asked.visit, by=asked.by)


def _park(asked: _Asked) -> Visit:
    return bootstrap.visits().park(asked.municipality, asked.visit, by=asked.by)


def _recall(asked: _Asked) -> Visit:
    return bootstrap.visits().recall(asked.municipality, asked.visit, desk=asked.text("desk"), by=asked.by)


def _forward(asked: _Asked) -> Visit:
    """To another desk group, or to another office."""
    office, note, visits = asked.text("office"), asked.text("note"), bootstrap.visits()
    if office is not None:
        group = asked.text("desk_group")
        return visits.forward_to_office(asked.municipality, asked.visit, office, group=group, note=note, by=asked.by)
    group = text_field(asked.body, "desk_group")
    return visits.forward(asked.municipality, asked.visit, group, note=note, by=asked.by)


def _priority(asked: _Asked) -> Visit:
    reason = text_field(asked.body, "reason")
    return bootstrap.visits().prioritise(asked.municipality, asked.visit, reason, by=asked.by)


def _note(asked: _Asked) -> Visit:
    return bootstrap.visits().note(asked.municipality, asked.visit, asked.text("text") or "")


def _undo(asked: _Asked) -> Visit:
    return bootstrap.visits().undo(asked.municipality, asked.visit, by=asked.by)


_CHANGES: Final[Mapping[str, Callable[[_Asked], Visit]]] = {
    Action.START: _start,
    Action.COMPLETE: _complete,
    Action.NO_SHOW: _no_show,
    Action.PARK: _park,
    Action.RECALL: _recall,
    Action.FORWARD: _forward,
    Action.PRIORITISE: _priority,
    "note": _note,
    Action.UNDO: _undo,
}
