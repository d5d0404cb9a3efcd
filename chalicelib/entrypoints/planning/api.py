"""Hours of days, whom a change affects, and why a time can't be booked: as JSON, for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.model import Booker
from chalicelib.booking.rules import Party
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.booking import input as booking_input
from chalicelib.entrypoints.events.booking_work import tell_who_waits
from chalicelib.entrypoints.http import answer, api, json_body, parameter, query, query_list
from chalicelib.entrypoints.planning.input import day_field, exception_from_body, role_of
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import rfc3339
from chalicelib.shared.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from chalice.app import Response

    from chalicelib.booking.asking import Case
    from chalicelib.municipalities.exceptions import StaffException
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.offices import DayException, OpeningPeriod

planning_api = Blueprint(__name__)

_OFFICE: Final = "/api/v1/municipalities/{municipality}/offices/{office}"
_JSON: Final = ["application/json"]
_MOST_DAYS: Final = 62
_MOST_PERSONS: Final = 12


@planning_api.route(f"{_OFFICE}/exceptions", methods=["GET"])
@api
def list_exceptions() -> Response:
    """Days with other hours: those of the municipality's file (without id), then those that staff have made."""
    municipality, office = _place(Role.DESK, Role.LEADER)
    filed = [_exception_json(entry) for entry in municipality.office(office).exceptions if entry.id is None]
    made = bootstrap.day_planning().exceptions(municipality.id, office)
    return answer({"exceptions": [*filed, *(_made_json(each) for each in made)]})


@planning_api.route(f"{_OFFICE}/exceptions", methods=["POST"], content_types=_JSON)
@api
def add_exception() -> Response:
    """Close days, or give them other hours. With `ask`, the citizens affected are asked at once."""
    request = planning_api.current_request
    municipality, office = _place(Role.LEADER)
    staff = require(request, municipality.id, Role.LEADER)
    body = json_body(request)
    hours = exception_from_body(body)
    changed = bootstrap.day_planning().change(municipality.id, office, hours, by=role_of(staff))
    after = bootstrap.municipalities().get(municipality.id)
    proposals = bootstrap.proposals()
    proposals.reopened(after, office, hours.first, hours.last)
    tell_who_waits(after, office, hours)
    follow = proposals.ask if body.get("ask") is True else proposals.cases
    cases = follow(after, changed.affected)
    return answer({"exception": _made_json(changed.exception), "affected": _cases_json(cases)}, status=201)


@planning_api.route(f"{_OFFICE}/exceptions/{{exception}}", methods=["DELETE"])
@api
def remove_exception() -> Response:
    """The days have again the hours that they had without it."""
    request = planning_api.current_request
    municipality, office = _place(Role.LEADER)
    staff = require(request, municipality.id, Role.LEADER)
    exception = parameter(request, "exception")
    made = bootstrap.day_planning().take_back(municipality.id, office, exception, by=role_of(staff)).exception
    after = bootstrap.municipalities().get(municipality.id)
    bootstrap.proposals().reopened(after, office, made.hours.first, made.hours.last)
    tell_who_waits(after, office, made.hours, taken_back=True)
    return answer(None)


@planning_api.route(f"{_OFFICE}/affected", methods=["GET"])
@api
def list_affected() -> Response:
    """Appointments that the hours in force leave outside: ids and times, no names and no numbers."""
    request = planning_api.current_request
    municipality, office = _place(Role.DESK, Role.LEADER)
    first = day_field(query(request, "from"), "from")
    affected = bootstrap.day_planning().affected(municipality, office, first, _last(first, query(request, "to")))
    return answer({"affected": _cases_json(bootstrap.proposals().cases(municipality, affected))})


@planning_api.route(f"{_OFFICE}/affected", methods=["POST"], content_types=_JSON)
@api
def ask_affected() -> Response:
    """Ask those who were not asked yet, each with a place kept for them."""
    municipality, office = _place(Role.LEADER)
    body = json_body(planning_api.current_request)
    first = day_field(body.get("from"), "from")
    affected = bootstrap.day_planning().affected(municipality, office, first, _last(first, body.get("to")))
    return answer({"affected": _cases_json(bootstrap.proposals().ask(municipality, affected))})


@planning_api.route(f"{_OFFICE}/explanations", methods=["GET"])
@api
def explain_time() -> Response:
    """Why a time can't be booked, in order; for citizens (`booker=web`, the usual) or for staff."""
    request = planning_api.current_request
    municipality, office = _place(Role.DESK, Role.LEADER)
    start = booking_input.start_time(query(request, "start"))
    obstacles = bootstrap.plan_view().explain(
        municipality, office, query_list(request, "reason"), start, party_from(request)
    )
    told = [
        {
            "why": each.why.value,
            "at": rfc3339(each.at),
            "until": rfc3339(each.until) if each.until else None,
            "note": each.note,
        }
        for each in obstacles
    ]
    return answer({"bookable": not told, "obstacles": told})


def party_from(request: Any) -> Party:
    """Who comes, how, and who books, as a query says.

    Raises:
        InvalidInput: it doesn't.
    """
    persons, meeting = query(request, "persons") or "1", query(request, "meeting") or Meeting.IN_PERSON
    booker = query(request, "booker") or Booker.WEB
    if not (persons.isascii() and persons.isdigit() and 1 <= int(persons) <= _MOST_PERSONS):
        raise InvalidInput(fields={"persons": f"a number up to {_MOST_PERSONS}"})
    if meeting not in set(Meeting):
        raise InvalidInput(fields={"meeting": f"one of {', '.join(Meeting)}"})
    if booker not in set(Booker):
        raise InvalidInput(fields={"booker": f"one of {', '.join(Booker)}"})
    return Party(int(persons), Meeting(meeting), Booker(booker))


def _place(*roles: Role) -> tuple[Municipality, str]:
    request = planning_api.current_request
    name = parameter(request, "municipality")
    require(request, name, *roles)
    municipality = bootstrap.municipalities().get(name)
    return municipality, municipality.office(parameter(request, "office")).id


def _last(first: date, text: Any) -> date:
    last = day_field(text, "to") if text else first
    if not 0 <= (last - first).days < _MOST_DAYS:
        raise InvalidInput(fields={"to": f"give a day from `from` on, at most {_MOST_DAYS} days in all"})
    return last


def _exception_json(hours: DayException) -> dict[str, Any]:
    return {
        "id": hours.id,
        "first": hours.first.isoformat(),
        "last": hours.last.isoformat(),
        "opening": [_period_json(period) for period in hours.opening],
        "groups": sorted(hours.groups),
        "note": hours.note,
    }


def _period_json(period: OpeningPeriod) -> dict[str, Any]:
    return {
        "opens": period.opens.isoformat("minutes"),
        "closes": period.closes.isoformat("minutes"),
        "desks": period.desks,
        "reasons": sorted(period.reasons),
    }


def _made_json(exception: StaffException) -> dict[str, Any]:
    return {**_exception_json(exception.hours), "by": exception.by, "at": rfc3339(exception.at)}


def _cases_json(cases: Sequence[Case]) -> list[dict[str, Any]]:
    return [
        {
            "appointment_id": case.appointment.id,
            "start": rfc3339(case.appointment.start),
            "standing": case.standing.value,
            "proposed": rfc3339(case.proposed) if case.proposed else None,
            "kept_until": rfc3339(case.until) if case.until else None,
        }
        for case in cases
    ]
