"""The queue on one's own phone: the ticket, how many are ahead, where to go. Nothing on it says whose phone it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.http import html, page_for, pages, parameter
from chalicelib.visits.model import WAITING_STATES, State

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.visits.reception import Place
    from chalicelib.web.pages import Page

follow_pages = Blueprint(__name__)

_SOON: Final = 2
_SECONDS_WHEN_SOON: Final = 5
_SECONDS: Final = 15
_OVER: Final = frozenset({State.COMPLETED, State.NO_SHOW})


@follow_pages.route("/{municipality}/queue/{token}", methods=["GET"])
@pages(lambda: follow_pages.current_request)
def follow_page() -> Response:
    """The citizen's place. Opening it changes nothing, however often and by whomever."""
    page, shown = _opened()
    source = page.at("queue", parameter(follow_pages.current_request, "token"), "place", lang=page.language)
    return html("follow/page.html", page, source=source, **shown)


@follow_pages.route("/{municipality}/queue/{token}/place", methods=["GET"])
@pages(lambda: follow_pages.current_request)
def follow_place_part() -> Response:
    """What changes on it, for the page that refreshes itself."""
    page, shown = _opened()
    return html("follow/place.html", page, **shown)


def _opened() -> tuple[Page, dict[str, Any]]:
    request = follow_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    place = bootstrap.following().find(municipality, parameter(request, "token"))
    page = page_for(request, municipality, language=place.visit.language)
    office = municipality.office(place.visit.office)
    return page, {"place": place, "office": office, "seconds": seconds_until_next_look(place)}


def seconds_until_next_look(place: Place) -> int:
    """How soon looking again is worth while: often near the turn, less often before, 0 when the visit is over."""
    if place.visit.state in _OVER:
        return 0
    is_far = place.visit.state in WAITING_STATES and place.people_ahead > _SOON
    return _SECONDS if is_far else _SECONDS_WHEN_SOON
