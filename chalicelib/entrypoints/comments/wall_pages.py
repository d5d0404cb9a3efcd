"""The big screen: one comment at a time, and a key that clears it at once (BF-08)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.comments.wall import may_hang_publicly
from chalicelib.entrypoints.auth import Role, Staff, require
from chalicelib.entrypoints.comments.words import scores
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, see_other
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Conflict, InvalidInput
from chalicelib.web.charts_names import group_names
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.web.pages import Page

wall_pages = Blueprint(__name__)

POLL_SECONDS: Final = 5
_FORM: Final = ["application/x-www-form-urlencoded"]
_STAFF: Final = (Role.DESK, Role.LEADER)
_DEVICES: Final = (Role.DISPLAY, Role.KIOSK)
_A_WEEK: Final = timedelta(days=6)


@wall_pages.route("/{municipality}/wall", methods=["GET"])
@pages(lambda: wall_pages.current_request)
def wall_page() -> Response:
    """The whole screen; while it is off, a leader chooses the days here."""
    municipality, staff = _opened()
    return _page(municipality, staff)


@wall_pages.route("/{municipality}/wall/part", methods=["GET"])
@pages(lambda: wall_pages.current_request)
def wall_part() -> Response:
    """What stands on it, for the screen that refreshes itself."""
    municipality, _ = _opened()
    page = page_for(wall_pages.current_request, municipality)
    return html("comments/wall_part.html", page, **_shown(municipality, page))


@wall_pages.route("/{municipality}/wall", methods=["POST"], content_types=_FORM)
@pages(lambda: wall_pages.current_request)
def wall_press() -> Response:
    """Off: anybody who stands before the screen. On: a leader, in chosen days."""
    municipality, staff = _opened()
    page, fields = page_for(wall_pages.current_request, municipality), form(wall_pages.current_request)
    if fields.get("press") != "on":
        bootstrap.wall().switch_off(municipality)
        return see_other(page.at("wall"))
    require(wall_pages.current_request, municipality.id, Role.LEADER)
    try:
        first, last = date.fromisoformat(fields.get("first", "")), date.fromisoformat(fields.get("last", ""))
        bootstrap.wall().switch_on(municipality, first, last, seen=int(fields.get("seen", "")))
    except Conflict as error:
        text = gettext(page.language, "En kollega har ændret væggen imens. Se, hvordan den står nu.")
        return _page(municipality, staff, problem=text, status=error.status)
    except (InvalidInput, ValueError):
        text = gettext(page.language, "Vælg dage fra i dag og højst en måned frem.")
        return _page(municipality, staff, problem=text, status=InvalidInput.status)
    return see_other(page.at("wall"))


def _opened() -> tuple[Municipality, Staff]:
    """Signed-in staff; and screens in the hall where every comment on the wall has its writer's yes (ADR 34)."""
    request = wall_pages.current_request
    municipality_id = parameter(request, "municipality")
    staff = require(request, municipality_id, *_STAFF, *_DEVICES)
    municipality = bootstrap.municipalities().get(municipality_id)
    if not may_hang_publicly(municipality):
        require(request, municipality_id, *_STAFF)
    return municipality, staff


def _page(municipality: Municipality, staff: Staff, *, problem: str = "", status: int = 200) -> Response:
    page = page_for(wall_pages.current_request, municipality)
    today = local_date(bootstrap.clock().now())
    return html(
        "comments/wall.html",
        page,
        status=status,
        leads=bool(staff.roles & {Role.LEADER, Role.ADMIN}),
        problem=problem,
        today=today,
        until=today + _A_WEEK,
        public=may_hang_publicly(municipality),
        **_shown(municipality, page),
    )


def _shown(municipality: Municipality, page: Page) -> dict[str, Any]:
    return {
        "screen": bootstrap.wall().screen(municipality),
        "score": scores(municipality, page.language),
        "name": group_names(municipality, page.language),
        "seconds": POLL_SECONDS,
    }
