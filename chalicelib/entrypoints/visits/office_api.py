"""An office's day as JSON: notices and outages, alarms, questions at the door, figures of the day, check-in reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, Staff, require
from chalicelib.entrypoints.booking.input import day_of
from chalicelib.entrypoints.http import answer, api, json_body, parameter, query
from chalicelib.entrypoints.visits.office_day import day_figures
from chalicelib.entrypoints.visits.office_schemas import (
    alarm_json,
    day_json,
    new_notice_of,
    notice_json,
    optional_text,
    points_json,
    review_json,
)
from chalicelib.entrypoints.visits.schemas import text_field
from chalicelib.entrypoints.visits.visiting import idempotency_key
from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality

office_api = Blueprint(__name__)

_O: Final = "/api/v1/municipalities/{municipality}/offices/{office}"
_JSON: Final = ["application/json"]


@office_api.route(f"{_O}/notices", methods=["GET"])
@api
def list_notices() -> Response:
    """What is shown now at the office: outages, which citizens see too, and changes."""
    municipality, office, _ = _caller(Role.DESK, Role.LEADER, Role.KIOSK, Role.DISPLAY)
    notices = bootstrap.notices().board(municipality, office)
    return answer({"notices": [notice_json(notice) for notice in notices]})


@office_api.route(f"{_O}/notices", methods=["POST"], content_types=_JSON)
@api
def post_notice() -> Response:
    """Announce an outage (BF-14), or tell colleagues of a change (BF-15)."""
    municipality, office, _ = _caller(Role.DESK, Role.LEADER)
    request = office_api.current_request
    new = new_notice_of(json_body(request), office)
    notice = bootstrap.notices().post(municipality, new, idempotency_key=idempotency_key(request))
    return answer(notice_json(notice), status=201)


@office_api.route(f"{_O}/notices/{{notice}}/end", methods=["POST"], content_types=_JSON)
@api
def end_notice() -> Response:
    """It works again: the notice shows no more, and its window stays for the reports."""
    municipality, _, _ = _caller(Role.DESK, Role.LEADER)
    notice = bootstrap.notices().end(municipality, parameter(office_api.current_request, "notice"))
    return answer(notice_json(notice))


@office_api.route(f"{_O}/emergency", methods=["POST"], content_types=_JSON)
@api
def raise_alarm() -> Response:
    """Call colleagues to a desk; the same desk again, while nobody has answered, is the same alarm."""
    municipality, office, staff = _caller(Role.DESK)
    desk = text_field(json_body(office_api.current_request), "desk")
    return answer(
        alarm_json(bootstrap.office_day().raise_alarm(municipality, office, desk, by=staff.subject)), status=201
    )


@office_api.route(f"{_O}/emergency/{{alarm}}/answer", methods=["POST"], content_types=_JSON)
@api
def answer_alarm() -> Response:
    """Somebody comes from that desk."""
    municipality, office, staff = _caller(Role.DESK)
    request = office_api.current_request
    desk, alarm = text_field(json_body(request), "desk"), parameter(request, "alarm")
    answered = bootstrap.office_day().answer_alarm(municipality, office, alarm, desk, by=staff.subject)
    return answer(alarm_json(answered))


@office_api.route(f"{_O}/door", methods=["POST"], content_types=_JSON)
@api
def count_at_door() -> Response:
    """A question was solved at the door, before a ticket was needed (GL-77)."""
    municipality, office, _ = _caller(Role.DESK)
    request = office_api.current_request
    reason = text_field(json_body(request), "reason")
    bootstrap.office_day().count_at_door(municipality, office, reason, idempotency_key=idempotency_key(request))
    return answer({"at_door": dict(bootstrap.office_day().look(municipality, office).door_counts())}, status=201)


@office_api.route(f"{_O}/day", methods=["GET"])
@api
def show_day() -> Response:
    """The day in figures, none of them about an employee or a desk; `?date=` for one that has been closed."""
    municipality, office, _ = _caller(Role.DESK, Role.LEADER)
    today = local_date(bootstrap.clock().now())
    day = day_of(query(office_api.current_request, "date"), "date", today)
    return answer(day_json(office, day, day_figures(municipality, office, day)))


@office_api.route(f"{_O}/reviews", methods=["GET"])
@api
def list_reviews() -> Response:
    """Each check-in point with its reviews (GL-63)."""
    municipality, office, _ = _caller(Role.DESK, Role.LEADER)
    return answer(points_json(bootstrap.check_in_reviews().of_office(municipality, office)))


@office_api.route(f"{_O}/reviews", methods=["POST"], content_types=_JSON)
@api
def add_review() -> Response:
    """Somebody has looked whether a stranger finds the check-in point."""
    municipality, office, _ = _caller(Role.LEADER)
    request = office_api.current_request
    body = json_body(request)
    review = bootstrap.check_in_reviews().add(
        municipality,
        office,
        text_field(body, "point"),
        day=day_of(optional_text(body, "date"), "date", local_date(bootstrap.clock().now())),
        result=text_field(body, "result"),
        note=optional_text(body, "note"),
        idempotency_key=idempotency_key(request),
    )
    return answer(review_json(review), status=201)


def _caller(*roles: Role) -> tuple[Municipality, str, Staff]:
    request = office_api.current_request
    name = parameter(request, "municipality")
    staff = require(request, name, *roles)
    municipality = bootstrap.municipalities().get(name)
    return municipality, municipality.office(parameter(request, "office")).id, staff
