"""The queue on one's own phone: the ticket, how many are ahead, where to go. Nothing on it says whose phone it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.events import nearly_work
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, see_other
from chalicelib.shared.errors import InvalidInput, WrongState
from chalicelib.visits.model import WAITING_STATES, State
from chalicelib.web.catalogue import languages_of
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.visits.reception import Place
    from chalicelib.web.pages import Page

follow_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_SOON: Final = 2
_SECONDS_WHEN_SOON: Final = 5
_SECONDS: Final = 15
_GOES_ON: Final = WAITING_STATES | {State.CALLED, State.IN_SERVICE, State.PARKED}


@follow_pages.route("/{municipality}/queue/{token}", methods=["GET"])
@pages(lambda: follow_pages.current_request)
def follow_page() -> Response:
    """The citizen's place. Opening it changes nothing, however often and by whomever."""
    page, shown = _opened()
    return _whole(page, shown)


@follow_pages.route("/{municipality}/queue/{token}", methods=["POST"], content_types=_FORM)
@pages(lambda: follow_pages.current_request)
def follow_wish() -> Response:
    """Tell me when it is nearly my turn; or, never mind."""
    page, shown = _opened()
    fields, place = form(follow_pages.current_request), shown["place"]
    try:
        nearly_work.wish(_municipality(), place.visit, fields)
    except InvalidInput:
        errors = {"nearly_phone": gettext(page.language, nearly_work.BAD_NUMBER)}
        return _whole(replace(page, errors=errors), shown, fields)
    except WrongState:
        pass  # told already, or called: the page says so
    return see_other(page.at("queue", _token()))


@follow_pages.route("/{municipality}/queue/{token}/place", methods=["GET"])
@pages(lambda: follow_pages.current_request)
def follow_place_part() -> Response:
    """What changes on it, for the page that refreshes itself."""
    page, shown = _opened()
    return html("follow/place.html", page, **shown)


def _whole(page: Page, shown: Mapping[str, Any], values: Mapping[str, str] | None = None) -> Response:
    source = page.at("queue", _token(), "place", lang=page.language)
    status = InvalidInput.status if page.errors else 200
    return html(
        "follow/page.html",
        page,
        status=status,
        source=source,
        mine=page.at("queue", _token()),
        values=values or {},
        announcements=bootstrap.notices().announcements(_municipality(), shown["office"].id),
        **shown,
    )


def _opened() -> tuple[Page, dict[str, Any]]:
    request, municipality = follow_pages.current_request, _municipality()
    place = bootstrap.following().find(municipality, _token())
    page = page_for(request, municipality, language=place.visit.language, languages=languages_of("follow"))
    return page, {
        "place": place,
        "office": municipality.office(place.visit.office),
        "seconds": seconds_until_next_look(place),
        "nearly": bootstrap.nearly().standing(municipality, place.visit, place.people_ahead),
        "now": bootstrap.visits().now(),
    }


def _municipality() -> Municipality:
    return bootstrap.municipalities().get(parameter(follow_pages.current_request, "municipality"))


def _token() -> str:
    return parameter(follow_pages.current_request, "token")


def seconds_until_next_look(place: Place) -> int:
    """How soon looking again is worth while: often near the turn, less often before, 0 when the visit is over."""
    if place.visit.state not in _GOES_ON:
        return 0
    is_far = place.visit.state in WAITING_STATES and place.people_ahead > _SOON
    return _SECONDS if is_far else _SECONDS_WHEN_SOON
