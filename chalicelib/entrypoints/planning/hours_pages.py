"""Closing a day in one click, and whom it affects: a confirmation that names them, then they are asked (ADR 18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.model import Booker
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.booking.views import day_from, when
from chalicelib.entrypoints.events.booking_work import confirm_at_once, tell_who_waits
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, query, see_other
from chalicelib.entrypoints.planning.input import day_field, note_from, role_of, time_field
from chalicelib.entrypoints.planning.pages import chosen_office, frame, week_text
from chalicelib.entrypoints.planning.words import days_text, desks_text, exception_text, standing_text
from chalicelib.municipalities.offices import DayException, OpeningPeriod
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotBookable, SlotTaken, WrongState
from chalicelib.shared.identifiers import DeskGroupId
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from chalice.app import Request, Response

    from chalicelib.booking.asking import Case
    from chalicelib.entrypoints.auth import Staff
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.offices import Office

hours_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_EVERY_DAY: Final = frozenset(range(1, 8))
_FIELDS: Final = ("last", "group", "kind", "opens", "closes", "desks", "note_da", "note_en")
_LOOK_AHEAD_DAYS: Final = 13


@hours_pages.route("/{municipality}/desk/hours", methods=["GET"])
@pages(lambda: hours_pages.current_request)
def hours_page() -> Response:
    """What would hold on a day, and whose times would be outside: the confirmation of a change."""
    request, municipality, staff = _staffed(Role.LEADER)
    asked = {name: value for name in _FIELDS if (value := query(request, name))}
    return _hours_page(request, municipality, staff, asked)


@hours_pages.route("/{municipality}/desk/hours", methods=["POST"], content_types=_FORM)
@pages(lambda: hours_pages.current_request)
def change_hours() -> Response:
    """Closes a day, gives it other hours, or takes that back."""
    request, municipality, staff = _staffed(Role.LEADER)
    fields = form(request)
    office = municipality.office(fields.get("office", ""))
    page, planning = page_for(request, municipality), bootstrap.day_planning()
    if exception := fields.get("exception"):
        made = planning.take_back(municipality.id, office.id, exception, by=role_of(staff)).exception
        after = bootstrap.municipalities().get(municipality.id)
        bootstrap.proposals().reopened(after, office.id, made.hours.first, made.hours.last)
        tell_who_waits(after, office.id, made.hours, taken_back=True)
        week = week_text(made.hours.first)
        return see_other(page.at("desk", "plan", office=office.id, week=week, done="opened"))
    try:
        hours = _hours(office, fields, day_field(fields.get("day"), "day"))
        changed = planning.change(municipality.id, office.id, hours, by=role_of(staff))
    except InvalidInput as error:
        return _hours_page(request, municipality, staff, fields, errors=error.fields)
    after, proposals = bootstrap.municipalities().get(municipality.id), bootstrap.proposals()
    proposals.reopened(after, office.id, hours.first, hours.last)
    tell_who_waits(after, office.id, hours)
    first, last = hours.first.isoformat(), hours.last.isoformat()
    if not changed.affected:
        return see_other(page.at("desk", "plan", office=office.id, week=week_text(hours.first), done="changed"))
    there = {"office": office.id, "from": first, "to": last}
    if fields.get("ask") == "yes":
        proposals.ask(after, changed.affected)
    return see_other(page.at("desk", "affected", **there, done="changed"))


@hours_pages.route("/{municipality}/desk/affected", methods=["GET"])
@pages(lambda: hours_pages.current_request)
def affected_page() -> Response:
    """Citizens whose times the hours leave outside, and how it stands with each."""
    request, municipality, staff = _staffed(Role.DESK, Role.LEADER)
    return _affected_page(request, municipality, staff)


@hours_pages.route("/{municipality}/desk/affected", methods=["POST"], content_types=_FORM)
@pages(lambda: hours_pages.current_request)
def settle_affected() -> Response:
    """Asks all who were not asked, or does what a citizen has said on the phone."""
    request, municipality, staff = _staffed(Role.LEADER)
    fields = form(request)
    office = municipality.office(fields.get("office", ""))
    first, last = day_field(fields.get("from"), "from"), day_field(fields.get("to"), "to")
    try:
        done = _settle(municipality, office, first, last, fields)
    except (SlotTaken, NotBookable, WrongState):
        done = "refused"
    there = {"office": office.id, "from": first.isoformat(), "to": last.isoformat(), "done": done}
    return see_other(page_for(request, municipality, staff=bool(staff)).at("desk", "affected", **there))


def _settle(municipality: Municipality, office: Office, first: date, last: date, fields: Mapping[str, str]) -> str:
    planning, proposals, action = bootstrap.day_planning(), bootstrap.proposals(), fields.get("action")
    affected = planning.affected(municipality, office.id, first, last)
    if action == "ask":
        proposals.ask(municipality, affected)
        return "asked"
    chosen = [each for each in affected if each.appointment.id == fields.get("appointment")]
    if not chosen:
        raise WrongState
    [case] = proposals.cases(municipality, chosen)
    if action == "cancel":
        bootstrap.booking().cancel(municipality, case.appointment, by_office=True)
    elif action == "move" and case.proposed:
        bootstrap.booking().move(municipality, case.appointment, case.proposed, booker=Booker.STAFF)
    else:
        raise InvalidInput(fields={"action": "unknown"})
    proposals.let_go(municipality, case.appointment)
    confirm_at_once(municipality, case.appointment.id)
    return "moved" if action == "move" else "cancelled"


def _hours_page(
    request: Request,
    municipality: Municipality,
    staff: Staff,
    asked: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
) -> Response:
    office = municipality.office(asked.get("office", "")) if "office" in asked else chosen_office(request, municipality)
    day = day_from(asked.get("day") or query(request, "day")) or local_date(bootstrap.clock().now())
    page = page_for(request, municipality, staff=True)
    wrong, hours = dict(errors or {}), None
    cases: tuple[Case, ...] = ()
    if not wrong:
        try:
            hours = _hours(office, asked, day)
            affected = bootstrap.day_planning().preview(municipality, office.id, hours)
            cases = tuple(bootstrap.proposals().cases(municipality, affected))
        except InvalidInput as error:
            wrong = dict(error.fields)
    if wrong:
        message = gettext(page.language, "Tjek dag, klokkeslæt og antal skranker.")
        page = replace(page, errors={"last": message} if "last" in wrong else {"opens": message})
    return html(
        "planning/hours.html",
        page,
        status=422 if errors else 200,
        **frame(staff, office, page.language),
        **_case_views(cases, municipality, page.language),
        day=day,
        asked={name: asked.get(name, "") for name in _FIELDS},
        hours=hours,
        days=days_text(hours.first, hours.last, page.language) if hours else "",
        will_hold=exception_text(office, hours, page.language) if hours else "",
        groups=[(group.id, desks_text(group, page.language)) for group in office.desk_groups],
        most_desks=max(len(group.desks) for group in office.desk_groups),
    )


def _hours(office: Office, fields: Mapping[str, str], day: date) -> DayException:
    """What a form asks for: closed, or from when to when with how many desks; of every group, or of one."""
    last = day_field(fields["last"], "last") if fields.get("last") else day
    note = note_from({"da": fields.get("note_da"), "en": fields.get("note_en")})
    groups = frozenset({DeskGroupId(fields["group"])}) if fields.get("group") else frozenset[DeskGroupId]()
    if fields.get("kind") != "hours":
        return DayException(day, last, groups=groups, note=note)
    desks = fields.get("desks") or str(max(len(group.desks) for group in office.desk_groups))
    if not (desks.isascii() and desks.isdigit()):
        raise InvalidInput(fields={"desks": "a number"})
    opens, closes = time_field(fields.get("opens"), "opens"), time_field(fields.get("closes"), "closes")
    opening = OpeningPeriod(_EVERY_DAY, opens, closes, min(int(desks), 60))
    return DayException(day, last, (opening,), groups=groups, note=note)


def _affected_page(request: Request, municipality: Municipality, staff: Staff) -> Response:
    office = chosen_office(request, municipality)
    page = page_for(request, municipality, staff=True)
    first = day_from(query(request, "from")) or local_date(bootstrap.clock().now())
    last = day_from(query(request, "to")) or _later(first)
    affected = bootstrap.day_planning().affected(municipality, office.id, first, min(last, _later(first, 61)))
    cases = tuple(bootstrap.proposals().cases(municipality, affected))
    return html(
        "planning/affected.html",
        page,
        **frame(staff, office, page.language),
        **_case_views(cases, municipality, page.language),
        first=first,
        last=last,
        days=days_text(first, last, page.language),
        done=query(request, "done"),
    )


def _later(first: date, days: int = _LOOK_AHEAD_DAYS) -> date:

    return first + timedelta(days=days)


def _case_views(cases: tuple[Case, ...], municipality: Municipality, language: str) -> dict[str, Any]:
    return {
        "cases": cases,
        "to_ask": sum(case.standing == "to_ask" for case in cases),
        "standing": lambda case: standing_text(case.standing, language),
        "reasons": {reason.id: reason for reason in municipality.reasons},
        "when": lambda moment: when(moment, language),
    }


def _staffed(*roles: Role) -> tuple[Request, Municipality, Staff]:
    request = hours_pages.current_request
    municipality = parameter(request, "municipality")
    staff = require(request, municipality, *roles)
    return request, bootstrap.municipalities().get(municipality), staff
