"""How a week is planned and used, and why a time can't be booked: pages for desk and leader."""

from __future__ import annotations

import csv
import io
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint
from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.booking.model import Booker
from chalicelib.booking.rules import Party
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.booking.views import day_from, when
from chalicelib.entrypoints.http import html, page_for, pages, parameter, query, query_list
from chalicelib.entrypoints.planning.words import days_text, desks_text, exception_text, hours_text, why_text
from chalicelib.municipalities.hours import opening_of
from chalicelib.shared.clock import at_local, local_date
from chalicelib.shared.errors import InvalidInput, NotBookable
from chalicelib.web.formats import long_date, number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalice.app import Request

    from chalicelib.booking.availability import LeadTime
    from chalicelib.booking.plan_view import WeekLoad
    from chalicelib.entrypoints.auth import Staff
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.offices import Office

planning_pages = Blueprint(__name__)

_WEEKEND: Final = 2
_COLUMNS: Final = (
    *("day", "desk_group", "desks", "planned_hours", "walk_in_hours", "booked_hours", "held_hours", "free_hours"),
    *("booked_share", "edge_hours", "edge_booked_hours"),
)


@planning_pages.route("/{municipality}/desk/plan", methods=["GET"])
@pages(lambda: planning_pages.current_request)
def plan_page() -> Response:
    """Planned against booked capacity of a week, by day and by enquiry reason, with lead times (SK-25, FR-08)."""
    request, municipality, staff = _staffed()
    office, monday = chosen_office(request, municipality), _monday(request)
    week = bootstrap.plan_view().week(municipality, office.id, monday)
    page = page_for(request, municipality, staff=True)
    text = week_text(monday)
    return html(
        "planning/plan.html",
        page,
        **frame(staff, office, page.language),
        week=week,
        week_text=text,
        today=local_date(bootstrap.clock().now()),
        earlier=week_text(monday - timedelta(days=7)),
        later=week_text(monday + timedelta(days=7)),
        hours=lambda group, day: hours_text(opening_of(municipality, office, group, day), page.language),
        served=[reason for reason in municipality.reasons if reason.id in office.reasons],
        lead=_lead_times(municipality, office),
        exceptions=bootstrap.day_planning().exceptions(municipality.id, office.id),
        short_date=lambda day: f"{long_date(day, page.language).split()[0]} {day.day}/{day.month}",
        days_text=lambda hours: days_text(hours.first, hours.last, page.language),
        exception_text=lambda hours: exception_text(office, hours, page.language),
        done=query(request, "done"),
    )


@planning_pages.route("/{municipality}/desk/plan.csv", methods=["GET"])
@pages(lambda: planning_pages.current_request)
def plan_csv() -> Response:
    """The same figures for a spreadsheet; in Danish with semicolons and decimal commas (GL-60)."""
    request, municipality, _ = _staffed()
    office, monday = chosen_office(request, municipality), _monday(request)
    language = page_for(request, municipality).language
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if language == "da" else ",", lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_rows(bootstrap.plan_view().week(municipality, office.id, monday), language))
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{municipality.id}-{office.id}-{week_text(monday)}.csv"',
        "Cache-Control": "no-store",
    }
    return Response(body="\ufeff" + out.getvalue(), status_code=200, headers=headers)


@planning_pages.route("/{municipality}/desk/why", methods=["GET"])
@pages(lambda: planning_pages.current_request)
def why_page() -> Response:
    """Why a time can't be booked: by citizens, and by staff."""
    request, municipality, staff = _staffed()
    office = chosen_office(request, municipality)
    page = page_for(request, municipality, staff=True)
    reason, day, wall = query(request, "reason"), day_from(query(request, "day")), query(request, "time") or ""
    start = _moment(day, wall)
    told: dict[str, Any] = {}
    errors: dict[str, str] = {}
    if reason and start:
        try:
            told = _told(municipality, office, query_list(request, "reason"), start, page.language)
        except (InvalidInput, NotBookable) as error:
            errors = dict(error.fields)
    return html(
        "planning/why.html",
        page,
        **frame(staff, office, page.language),
        served=[each for each in municipality.reasons if each.id in office.reasons and not each.pick_up],
        asked={"reason": reason, "day": day, "time": wall},
        is_asked=bool(reason and start),
        told=told,
        refused=errors,
        start=start,
        when=lambda moment: when(moment, page.language),
    )


def _told(
    municipality: Municipality, office: Office, reasons: list[str], start: datetime, language: str
) -> dict[str, list[str]]:
    """What each booker is told, in order; an empty list: it can be booked."""
    view = bootstrap.plan_view()
    return {
        booker.value: [
            why_text(each, language)
            for each in view.explain(municipality, office.id, reasons, start, Party(booker=booker))
        ]
        for booker in Booker
    }


def _moment(day: date | None, wall: str) -> datetime | None:
    hours, _, minutes = wall.partition(":")
    if day is None or not (hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):  # noqa: PLR2004
        return None
    return at_local(day, time(int(hours), int(minutes)))


def _lead_times(municipality: Municipality, office: Office) -> dict[str, LeadTime]:
    """How soon citizens get a time, for each enquiry reason that needs one."""
    found: dict[str, LeadTime] = {}
    for reason in municipality.reasons:
        if reason.id in office.reasons and not reason.pick_up:
            found[reason.id] = bootstrap.booking().lead_time(municipality, office.id, [reason.id])
    return found


def _rows(week: WeekLoad, language: str) -> Iterator[list[str]]:
    for day, loads in week.days:
        for load in loads:
            whole, share = load.whole, load.whole.booked_share
            minutes = (whole.planned, whole.walk_in, whole.booked, whole.held, whole.free)
            yield [
                day.isoformat(),
                load.group.id,
                str(len(load.group.desks)),
                *(number(each / 60, language, decimals=2) for each in minutes),
                "" if share is None else number(share, language, decimals=4),
                number(load.edge.planned / 60, language, decimals=2),
                number(load.edge.booked / 60, language, decimals=2),
            ]


def frame(staff: Staff, office: Office, language: str) -> dict[str, Any]:
    """What every planning page shows around its content."""
    return {
        "office": office,
        "is_desk": bool(staff.roles & {Role.DESK, Role.ADMIN}),
        "may_change": bool(staff.roles & {Role.LEADER, Role.ADMIN}),
        "desks": lambda group: desks_text(group, language),
    }


def chosen_office(request: Request, municipality: Municipality) -> Office:
    """The office of the query, else the first."""
    wanted = query(request, "office")
    return municipality.office(wanted) if wanted else municipality.offices[0]


def week_text(day: date) -> str:
    """`2026-W48`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(week: str | None, today: date) -> date:
    """The Monday of a week; without one of this week, at the weekend of the next, which is still to be planned."""
    usual = week_text(today + timedelta(days=_WEEKEND))
    try:
        return date.fromisoformat(f"{week or usual}-1")
    except ValueError:
        return date.fromisoformat(f"{usual}-1")


def _monday(request: Request) -> date:
    return monday_of(query(request, "week"), local_date(bootstrap.clock().now()))


def _staffed() -> tuple[Request, Municipality, Staff]:
    request = planning_pages.current_request
    municipality = parameter(request, "municipality")
    staff = require(request, municipality, Role.DESK, Role.LEADER)
    return request, bootstrap.municipalities().get(municipality), staff
