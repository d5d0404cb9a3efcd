"""The desk: choose where you sit, then call, serve and finish. Works without JavaScript; refreshes itself with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.desk_view import Board, board_of
from chalicelib.entrypoints.http import form_lists, html, page_for, pages, parameter, query, see_other
from chalicelib.shared.errors import Busy, Conflict, InvalidInput, NotFound
from chalicelib.visits.model import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.visits.service import VisitService
    from chalicelib.web.pages import Page

desk_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]


@desk_pages.route("/{municipality}/desk", methods=["GET"])
@pages(lambda: desk_pages.current_request)
def desk_page() -> Response:
    """The board of a desk, or the choice of one."""
    municipality = _staffed()
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
    municipality = _staffed()
    request = desk_pages.current_request
    page = page_for(request, municipality, staff=True)
    return _board_page("desk/parts.html", page, query(request, "office") or "", query(request, "desk") or "")


@desk_pages.route("/{municipality}/desk", methods=["POST"], content_types=_FORM)
@pages(lambda: desk_pages.current_request)
def desk_action() -> Response:
    """One press of a button. Pressed twice, or on a page that was out of date, it says so and changes nothing."""
    municipality = _staffed()
    request = desk_pages.current_request
    fields = form_lists(request)
    office, desk = _one(fields, "office"), _one(fields, "desk")
    notice = None
    try:
        notice = _press(municipality, fields)
    except Conflict:
        notice = "changed"
    except Busy:
        notice = "busy"
    return see_other(page_for(request, municipality).at("desk", office=office, desk=desk, notice=notice))


def _board_page(template: str, page: Page, office: str, desk: str) -> Response:
    municipality = page.municipality
    if municipality is None:
        raise NotFound
    board: Board = board_of(municipality, office, desk, bootstrap.visits().queue(municipality, office))
    reasons = {reason.id: reason for reason in municipality.reasons}
    notice = query(desk_pages.current_request, "notice")
    return html(template, page, board=board, reasons=reasons, notice=notice)


def _staffed() -> Municipality:
    request = desk_pages.current_request
    municipality = parameter(request, "municipality")
    require(request, municipality, Role.DESK)
    return bootstrap.municipalities().get(municipality)


def _press(municipality: Municipality, fields: Mapping[str, Sequence[str]]) -> str | None:
    """Do what the button says; answers what to tell, if anything."""
    visits, action = bootstrap.visits(), _one(fields, "action")
    if action == Action.CALL:
        key = _one(fields, "request") or None
        called = visits.call_next(municipality, _one(fields, "office"), _one(fields, "desk"), idempotency_key=key)
        return None if called else "empty"
    if action == Action.CHECK_IN:
        visits.check_in_booked(municipality, _one(fields, "office"), _one(fields, "appointment"))
        return "checked_in"
    change = _CHANGES.get(action)
    if change is None:
        raise InvalidInput(fields={"action": "unknown"})
    change(visits, municipality, fields)
    return None


def _one(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name) or [""]
    return values[-1]


def _seen(fields: Mapping[str, Sequence[str]]) -> int | None:
    text = _one(fields, "seen")
    return int(text) if text.isdecimal() else None


def _start(visits: VisitService, municipality: Municipality, fields: Mapping[str, Sequence[str]]) -> object:
    return visits.start(municipality, _one(fields, "visit"), seen=_seen(fields))


def _complete(visits: VisitService, municipality: Municipality, fields: Mapping[str, Sequence[str]]) -> object:
    reasons = fields.get("reasons", ())
    return visits.complete(municipality, _one(fields, "visit"), reasons=reasons, seen=_seen(fields))


def _no_show(visits: VisitService, municipality: Municipality, fields: Mapping[str, Sequence[str]]) -> object:
    return visits.no_show(municipality, _one(fields, "visit"), seen=_seen(fields))


def _park(visits: VisitService, municipality: Municipality, fields: Mapping[str, Sequence[str]]) -> object:
    return visits.park(municipality, _one(fields, "visit"), seen=_seen(fields))


def _recall(visits: VisitService, municipality: Municipality, fields: Mapping[str, Sequence[str]]) -> object:
    return visits.recall(municipality, _one(fields, "visit"), desk=_one(fields, "desk"), seen=_seen(fields))


def _undo(visits: VisitService, municipality: Municipality, fields: Mapping[str, Sequence[str]]) -> object:
    return visits.undo(municipality, _one(fields, "visit"), seen=_seen(fields))


_CHANGES: Final[Mapping[str, Callable[[VisitService, Municipality, Mapping[str, Sequence[str]]], object]]] = {
    Action.START: _start,
    Action.COMPLETE: _complete,
    Action.NO_SHOW: _no_show,
    Action.PARK: _park,
    Action.RECALL: _recall,
    Action.UNDO: _undo,
}
