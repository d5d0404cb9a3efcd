"""The queue on the phone of somebody who has a number and no link: nothing but what the waiting room's screen tells."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.http import html, page_for, pages, parameter, query
from chalicelib.entrypoints.kiosk.follow_pages import seconds_until_next_look
from chalicelib.shared.errors import InvalidInput
from chalicelib.web.catalogue import languages_of
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.visits.reception import Place

queue_pages = Blueprint(__name__)

_TICKET: Final = re.compile(r"[A-Za-z]?\s*([0-9]{1,4})")
_NO_OFFICE: Final = "Vælg, hvor du venter."
_NO_NUMBER: Final = "Skriv dit nummer, for eksempel A012."
_NOT_HERE: Final = "Nummeret er ikke i køen lige nu. Tjek nummeret og stedet, eller tal med en medarbejder."


@queue_pages.route("/{municipality}/queue", methods=["GET"])
@pages(lambda: queue_pages.current_request)
def queue_page() -> Response:
    """Asks for the number on the ticket, and shows where it stands; with `part`, only what changes."""
    request = queue_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    typed = {"office": query(request, "office") or "", "ticket": (query(request, "ticket") or "")[:12]}
    if len(municipality.offices) == 1:
        typed["office"] = municipality.offices[0].id
    place, errors = _found(municipality, typed) if query(request, "ticket") is not None else (None, {})
    page = page_for(request, municipality, languages=languages_of("follow"))
    shown: dict[str, Any] = {"place": place, "seconds": 0, "nearly": None, "now": bootstrap.visits().now()}
    if place is not None:
        shown["office"] = municipality.office(place.visit.office)
        shown["seconds"] = seconds_until_next_look(place)
        shown["source"] = page.at("queue", **typed, part="1", lang=page.language)
    if query(request, "part"):
        return html("follow/place.html" if place else "follow/left.html", page, **shown)
    page = replace(page, errors={name: gettext(page.language, message) for name, message in errors.items()})
    offices = [
        {"value": office.id, "label": page.text(office.name), "help": office.address} for office in municipality.offices
    ]
    status = InvalidInput.status if errors else 200
    return html("follow/number.html", page, status=status, typed=typed, offices=offices, **shown)


def _found(municipality: Municipality, typed: dict[str, str]) -> tuple[Place | None, dict[str, str]]:
    """The place, or what is missing or wrong."""
    number = _TICKET.fullmatch(typed["ticket"].strip())
    errors = {} if typed["office"] in {office.id for office in municipality.offices} else {"office": _NO_OFFICE}
    if number is None:
        errors["ticket"] = _NO_NUMBER
    if number is None or errors:
        return None, errors
    place = bootstrap.visits().by_number(municipality, typed["office"], int(number[1]))
    return place, {} if place else {"ticket": _NOT_HERE}
