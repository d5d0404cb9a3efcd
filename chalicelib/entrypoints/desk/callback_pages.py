"""Citizens who asked to be called: a list for desk and leaders, from which each disappears when somebody has called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, query, see_other
from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality

callback_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]


@callback_pages.route("/{municipality}/callbacks", methods=["GET"])
@pages(lambda: callback_pages.current_request)
def callback_list() -> Response:
    """Who waits to be called, longest waiting first. The number is shown, because somebody is to dial it."""
    municipality = _staffed()
    waiting = [
        (callback, callback.phone.reveal(), local_date(callback.asked_at))
        for callback in bootstrap.callbacks().open(municipality.id)
    ]
    page = page_for(callback_pages.current_request, municipality, staff=True)
    closed = query(callback_pages.current_request, "told") == "closed"
    return html("survey/callbacks.html", page, waiting=waiting, closed=closed)


@callback_pages.route("/{municipality}/callbacks", methods=["POST"], content_types=_FORM)
@pages(lambda: callback_pages.current_request)
def callback_close() -> Response:
    """Somebody has called: number and words are deleted at once."""
    municipality = _staffed()
    bootstrap.callbacks().close(municipality.id, form(callback_pages.current_request).get("callback", ""))
    return see_other(page_for(callback_pages.current_request, municipality).at("callbacks", told="closed"))


def _staffed() -> Municipality:
    request = callback_pages.current_request
    municipality_id = parameter(request, "municipality")
    require(request, municipality_id, Role.DESK, Role.LEADER)
    return bootstrap.municipalities().get(municipality_id)
