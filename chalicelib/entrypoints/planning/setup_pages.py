"""The municipality's file as a page: offices with their week, enquiry reasons, messages with their parts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.dispatch.templates import checked_templates
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import html, page_for, pages, parameter, query
from chalicelib.entrypoints.planning.pages import monday_of, week_text
from chalicelib.entrypoints.planning.words import days_text, desks_text, hours_text
from chalicelib.municipalities.hours import opening_of
from chalicelib.settings import settings
from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from chalice.app import Response

setup_pages = Blueprint(__name__)

_DAYS: Final = 7


@setup_pages.route("/{municipality}/setup", methods=["GET"])
@pages(lambda: setup_pages.current_request)
def setup_page() -> Response:
    """What holds, as everybody here sees it; it is changed by `borgerpuls municipality apply`, days by the plan."""
    request = setup_pages.current_request
    name = parameter(request, "municipality")
    require(request, name, Role.LEADER)
    municipality = bootstrap.municipalities().get(name)
    page = page_for(request, municipality, staff=True)
    today = local_date(bootstrap.clock().now())
    monday = monday_of(query(request, "week"), today)
    return html(
        "planning/setup.html",
        page,
        week=week_text(monday),
        earlier=week_text(monday - timedelta(days=_DAYS)),
        later=week_text(monday + timedelta(days=_DAYS)),
        days=[monday + timedelta(days=number) for number in range(_DAYS)],
        hours=lambda office, group, day: hours_text(opening_of(municipality, office, group, day), page.language),
        desks=lambda group: desks_text(group, page.language),
        exceptions={
            office.id: [each for each in office.exceptions if each.last >= today] for office in municipality.offices
        },
        days_text=lambda hours: days_text(hours.first, hours.last, page.language),
        exception_text=lambda hours: hours_text(hours.opening, page.language),
        closing_days=sorted(day for day in municipality.closing_days if day >= today),
        messages=list(checked_templates(municipality, settings().public_url)),
    )
