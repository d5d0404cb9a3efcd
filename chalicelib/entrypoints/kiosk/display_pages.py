"""The screen in the waiting room: who is called where. Ticket numbers only, for everybody in the room can read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import html, page_for, pages, parameter
from chalicelib.shared.languages import in_language
from chalicelib.web.pages import Page, gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality, Office

display_pages = Blueprint(__name__)

POLL_SECONDS: Final = 3
MOST_OUTAGES: Final = 1
"""More can't be read in passing; warnings come first, and the kiosk and the pages say all of them."""
_LANGUAGES: Final = ("da", "en")


@display_pages.route("/{municipality}/display/{office}", methods=["GET"])
@pages(lambda: display_pages.current_request)
def display_page() -> Response:
    """The whole screen."""
    municipality, office, page = _opened()
    source = page.at("display", office.id, "calls", lang=page.language)
    return html("display/screen.html", page, source=source, **_shown(municipality, office, page))


@display_pages.route("/{municipality}/display/{office}/calls", methods=["GET"])
@pages(lambda: display_pages.current_request)
def display_calls_part() -> Response:
    """What changes on it, for the screen that refreshes itself."""
    municipality, office, page = _opened()
    return html("display/calls.html", page, **_shown(municipality, office, page))


def _opened() -> tuple[Municipality, Office, Page]:
    request = display_pages.current_request
    municipality_id = parameter(request, "municipality")
    require(request, municipality_id, Role.DISPLAY, Role.KIOSK, Role.DESK)
    municipality = bootstrap.municipalities().get(municipality_id)
    return municipality, municipality.office(parameter(request, "office")), page_for(request, municipality)


def _shown(municipality: Municipality, office: Office, page: Page) -> dict[str, Any]:
    """One screen serves everybody in the room, so each text stands there in both languages, the page's own first."""
    languages = sorted(_LANGUAGES, key=lambda language: language != page.language)
    texts = [_texts(language, office) for language in languages]
    hall = bootstrap.visits().hall(municipality, office.id)
    outages = bootstrap.notices().announcements(municipality, office.id)
    said = [{text["language"]: in_language(notice.text, text["language"]) for text in texts} for notice in outages]
    return {"hall": hall, "office": office, "texts": texts, "outages": said[:MOST_OUTAGES], "seconds": POLL_SECONDS}


def _texts(language: str, office: Office) -> Mapping[str, str]:
    hint = in_language(office.check_in_hint, language)
    return {
        "language": language,
        "calling": gettext(language, "Din tur nu"),
        "ticket": gettext(language, "Nummer"),
        "desk": gettext(language, "Skranke"),
        "latest": gettext(language, "Seneste kald"),
        "soon": gettext(language, "Vi kalder den næste om lidt"),
        "welcome": gettext(language, "Velkommen"),
        "none_yet": gettext(language, "Ingen er kaldt endnu i dag"),
        "waiting": gettext(language, "venter"),
        "lost": gettext(language, "Ingen forbindelse. Numrene kan være forældede. Skærmen prøver igen af sig selv."),
        "stale": gettext(language, "Opdateret {at}."),
        "outage": gettext(language, "Driftsmeddelelser"),
        "call": gettext(language, "Nummer {ticket}, skranke {desk}."),
        "check_in": gettext(language, "Husk at tjekke ind: %(hint)s", hint=hint),
    }
