"""Beside the desk: the day's list and figures, and the check-in points with their reviews. No figure names anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, Staff, require
from chalicelib.entrypoints.booking.input import day_of
from chalicelib.entrypoints.desk.day_view import day_list
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, query, see_other
from chalicelib.entrypoints.visits.office_day import day_figures
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.visits.days import Kind, together
from chalicelib.visits.reviews import Visibility

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality

desk_day_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_SHOWN_DAYS: Final = 14


@desk_day_pages.route("/{municipality}/desk/day", methods=["GET"])
@pages(lambda: desk_day_pages.current_request)
def desk_day_page() -> Response:
    """Everybody who came or should come today, the figures of the day, and the days before it."""
    municipality, _ = _signed_in(Role.DESK, Role.LEADER)
    request = desk_day_pages.current_request
    office = municipality.office(query(request, "office") or municipality.offices[0].id)
    page = page_for(request, municipality, staff=True)
    today = local_date(bootstrap.clock().now())
    first, last = today - timedelta(days=_SHOWN_DAYS), today - timedelta(days=1)
    records = [r for r in bootstrap.days().between(municipality.id, office.id, first, last) if r.figures.expected]
    recent = together(record.figures for record in records)
    figures = day_figures(municipality, office.id, today)
    return html(
        "desk/day.html",
        replace(page, here=page.at("desk", "day", office=office.id)),
        office=office,
        today=today,
        entries=day_list(municipality, office.id),
        figures=figures,
        records=tuple(reversed(records)),
        recent=recent,
        accuracy=recent.and_(figures).accuracy,
        reasons={reason.id: reason for reason in municipality.reasons},
        kinds=Kind,
        senders=bootstrap.senders().of(municipality),
    )


@desk_day_pages.route("/{municipality}/desk/reception", methods=["GET"])
@pages(lambda: desk_day_pages.current_request)
def reception_page() -> Response:
    """Can a stranger see where to check in: each point, its reviews, and which are overdue (GL-63)."""
    municipality, staff = _signed_in(Role.DESK, Role.LEADER)
    request = desk_day_pages.current_request
    page = page_for(request, municipality, staff=True)
    offices = [
        {"office": office, "points": bootstrap.check_in_reviews().of_office(municipality, office.id)}
        for office in municipality.offices
    ]
    return html(
        "desk/reception.html",
        replace(page, here=page.at("desk", "reception")),
        offices=offices,
        may_review=bool(staff.roles & {Role.LEADER, Role.ADMIN}),
        today=local_date(bootstrap.clock().now()),
        results=tuple(Visibility),
        notice=query(request, "notice"),
    )


@desk_day_pages.route("/{municipality}/desk/reception", methods=["POST"], content_types=_FORM)
@pages(lambda: desk_day_pages.current_request)
def add_reception_review() -> Response:
    """A leader, or whom the leader sent, has looked."""
    municipality, _ = _signed_in(Role.LEADER)
    request = desk_day_pages.current_request
    fields = form(request)
    today = local_date(bootstrap.clock().now())
    notice = "saved"
    try:
        bootstrap.check_in_reviews().add(
            municipality,
            fields.get("office", ""),
            fields.get("point", ""),
            day=day_of(fields.get("date") or None, "date", today),
            result=fields.get("result", ""),
            note=fields.get("note"),
            idempotency_key=fields.get("request") or None,
        )
    except InvalidInput:
        notice = "refused"
    return see_other(page_for(request, municipality).at("desk", "reception", notice=notice))


def _signed_in(*roles: Role) -> tuple[Municipality, Staff]:
    request = desk_day_pages.current_request
    name = parameter(request, "municipality")
    staff = require(request, name, *roles)
    municipality = bootstrap.municipalities().get(name)
    if not municipality.offices:
        raise NotFound
    return municipality, staff
