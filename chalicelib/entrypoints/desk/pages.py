"""The desk: choose where you sit, then call, serve and finish. Works without JavaScript; refreshes itself with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, Staff, require
from chalicelib.entrypoints.desk.presses import Press, do
from chalicelib.entrypoints.desk.view import board_of
from chalicelib.entrypoints.http import form_lists, html, page_for, pages, parameter, query, see_other
from chalicelib.shared.errors import Busy, Conflict, InvalidInput, KeyReused, NotFound
from chalicelib.visits.states import PriorityReason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.web.pages import Page

desk_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]


@desk_pages.route("/{municipality}/desk", methods=["GET"])
@pages(lambda: desk_pages.current_request)
def desk_page() -> Response:
    """The board of a desk, or the choice of one."""
    municipality, _ = _staffed()
    request = desk_pages.current_request
    office, desk = query(request, "office"), query(request, "desk")
    page = page_for(request, municipality, staff=True)
    if office is None or desk is None:
        return html("desk/choose.html", page)
    return _board_page("desk/board.html", replace(page, here=page.at("desk", office=office, desk=desk)), office, desk)


@desk_pages.route("/{municipality}/desk/board", methods=["GET"])
@pages(lambda: desk_pages.current_request)
def desk_board_part() -> Response:
    """The board alone, for the page that refreshes itself."""
    municipality, _ = _staffed()
    request = desk_pages.current_request
    page = page_for(request, municipality, staff=True)
    return _board_page("desk/parts.html", page, query(request, "office") or "", query(request, "desk") or "")


@desk_pages.route("/{municipality}/desk", methods=["POST"], content_types=_FORM)
@pages(lambda: desk_pages.current_request)
def desk_action() -> Response:
    """One press of a button. Pressed twice, or on a page that was out of date, it says so and changes nothing."""
    municipality, staff = _staffed()
    request = desk_pages.current_request
    press = Press(municipality, form_lists(request), staff.subject)
    try:
        notice = do(press)
    except (Conflict, KeyReused):
        notice = "changed"
    except Busy:
        notice = "busy"
    except InvalidInput as error:
        notice = _refusal(error.fields)
    return see_other(page_for(request, municipality).at("desk", office=press.office, desk=press.desk, notice=notice))


def _refusal(fields: Mapping[str, str]) -> str:
    """What to say of a form that can't be taken; a form that no page of ours shows is an error.

    Raises:
        InvalidInput: such a form.
    """
    for name, notice in _REFUSALS.items():
        if name in fields:
            return notice
    raise InvalidInput(fields=fields)


_REFUSALS: Final = {
    "note": "refused-note",
    "text.da": "refused-text",
    "text.en": "refused-text",
    "ends": "refused-times",
    "event_at": "refused-times",
    "reasons": "refused-reasons",
    "reason": "refused-reasons",
}


def _board_page(template: str, page: Page, office: str, desk: str) -> Response:
    municipality = page.municipality
    if municipality is None:
        raise NotFound
    queue = bootstrap.visits().queue(municipality, office)
    today = bootstrap.office_day().look(municipality, office)
    notices = bootstrap.notices().board(municipality, office)
    return html(
        template,
        page,
        board=board_of(municipality, office, desk, queue, today=today, notices=notices),
        reasons={reason.id: reason for reason in municipality.reasons},
        notice=query(desk_pages.current_request, "notice"),
        priorities=tuple(PriorityReason),
    )


def _staffed() -> tuple[Municipality, Staff]:
    request = desk_pages.current_request
    municipality = parameter(request, "municipality")
    staff = require(request, municipality, Role.DESK)
    return bootstrap.municipalities().get(municipality), staff
