"""The short questionnaire at the kiosk, after the visit: large, and clear for the next one (GE-17, GE-26).

Whoever types the number of a visit that has just ended is asked once about that visit, and the answers are joined to
its facts, as by a link; but nobody sees by a number what has been answered about its visit (ADR 30). Without one the
answers stand alone, with mode kiosk and the office. The entry travels in the address: a shared browser must not
remember anybody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, query, see_other
from chalicelib.entrypoints.surveys.screens import (
    FORM,
    Walk,
    first_open,
    is_sent_before,
    languages_for,
    show_question,
    take_answer,
    walk_of,
)
from chalicelib.shared.errors import NotFound
from chalicelib.surveys.entry import Entry, sealed, unsealed
from chalicelib.surveys.model import Facts, Mode
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality, Office
    from chalicelib.shared.languages import Text
    from chalicelib.surveys.model import Questionnaire
    from chalicelib.web.pages import Page

kiosk_survey_pages = Blueprint(__name__)

LIFETIME: Final = timedelta(minutes=30)
JUST_ENDED: Final = timedelta(minutes=30)
"""How long after a visit its number is taken: numbers stand on screens for all to see (ADR 30)."""
_UNKNOWN: Final = (
    "Vi kan ikke finde nummeret blandt dem, der er blevet færdige den seneste halve time. "
    "Ret det, eller lad feltet stå tomt."
)
_ANSWERED: Final = "Der er allerede svaret med det nummer. Lad feltet stå tomt, hvis du vil svare uden nummer."
_SECONDS: Final = 60
_THANKS_SECONDS: Final = 8


@dataclass(frozen=True, slots=True)
class Idle:
    """What the screen goes back to, and after how many quiet seconds."""

    office: Text
    home: str
    seconds: int


@kiosk_survey_pages.route("/{municipality}/kiosk/{office}/survey", methods=["GET"])
@pages(lambda: kiosk_survey_pages.current_request)
def kiosk_survey_start() -> Response:
    """The introduction; thanks after the last answer."""
    municipality, office = _kiosk()
    entry = _entered(municipality)
    if entry is None:
        return _start(municipality, office, {}, {})
    walk = _walk(office, entry)
    if not walk.survey.finished:
        return see_other(walk.address(first_open(walk).id))
    idle = replace(_idle(walk.page, office), seconds=_THANKS_SECONDS)
    sent_before = is_sent_before(kiosk_survey_pages.current_request)
    return html("survey/kiosk_thanks.html", walk.page, idle=idle, sent_before=sent_before)


@kiosk_survey_pages.route("/{municipality}/kiosk/{office}/survey", methods=["POST"], content_types=FORM)
@pages(lambda: kiosk_survey_pages.current_request)
def kiosk_survey_begin() -> Response:
    """Make the entry: of today's visit by its number, or of nobody in particular."""
    municipality, office = _kiosk()
    fields = form(kiosk_survey_pages.current_request)
    ticket, asked = fields.get("ticket", "").replace(" ", "").upper(), _asked(municipality)
    entry = _by_ticket(municipality, office, ticket) if ticket else _anonymous(municipality, office)
    walk = None if entry is None else _walk(office, entry)
    if walk is None or walk.survey.finished or walk.survey.answers:
        page = _page(municipality, office, asked)
        return _start(municipality, office, fields, {"ticket": gettext(page.language, _ANSWERED if walk else _UNKNOWN)})
    return see_other(walk.address(first_open(walk).id))


@kiosk_survey_pages.route("/{municipality}/kiosk/{office}/survey/{question}", methods=["GET"])
@pages(lambda: kiosk_survey_pages.current_request)
def kiosk_survey_question() -> Response:
    """One question, large."""
    municipality, office = _kiosk()
    entry = _entered(municipality)
    if entry is None:
        return see_other(_page(municipality, office, _asked(municipality)).at("kiosk", office.id, "survey"))
    return show_question(_walk(office, entry), parameter(kiosk_survey_pages.current_request, "question"))


@kiosk_survey_pages.route("/{municipality}/kiosk/{office}/survey/{question}", methods=["POST"], content_types=FORM)
@pages(lambda: kiosk_survey_pages.current_request)
def kiosk_survey_answer() -> Response:
    """Keep the answer and go on."""
    municipality, office = _kiosk()
    entry = _entered(municipality)
    if entry is None:
        return see_other(_page(municipality, office, _asked(municipality)).at("kiosk", office.id, "survey"))
    return take_answer(_walk(office, entry), parameter(kiosk_survey_pages.current_request, "question"))


def _start(municipality: Municipality, office: Office, values: dict[str, str], errors: dict[str, str]) -> Response:
    asked = _asked(municipality)
    page = replace(_page(municipality, office, asked), errors=errors)
    return html(
        "survey/kiosk_start.html",
        page,
        status=422 if errors else 200,
        asked=asked,
        values=values,
        idle=_idle(page, office),
        action=page.at("kiosk", office.id, "survey", lang=page.language),
    )


def _by_ticket(municipality: Municipality, office: Office, ticket: str) -> Entry | None:
    """The entry of a visit that has just ended."""
    visits = bootstrap.visits()
    of_today = visits.store.of_day(municipality.id, office.id, visits.today())
    visit = next((each for each in of_today if each.ticket == ticket), None)
    if visit is None:
        return None
    entry = bootstrap.surveys().entry_of(municipality.id, municipality.asking.kiosk, Mode.KIOSK, visit.ulid)
    return entry if entry and entry.entered_at - entry.contact_ended_at <= JUST_ENDED else None


def _anonymous(municipality: Municipality, office: Office) -> Entry:
    facts = Facts(channel="in_person", office=office.id)
    return Entry.new(municipality.id, municipality.asking.kiosk, Mode.KIOSK, bootstrap.clock().now(), facts)


def _kiosk() -> tuple[Municipality, Office]:
    request = kiosk_survey_pages.current_request
    municipality_id = parameter(request, "municipality")
    require(request, municipality_id, Role.KIOSK, Role.DESK)
    municipality = bootstrap.municipalities().get(municipality_id)
    return municipality, municipality.office(parameter(request, "office"))


def _asked(municipality: Municipality) -> Questionnaire:
    return bootstrap.questionnaires().find(municipality.id, municipality.asking.kiosk)


def _page(municipality: Municipality, office: Office, asked: Questionnaire) -> Page:
    request = kiosk_survey_pages.current_request
    page = page_for(request, municipality, languages=languages_for(municipality, asked))
    return replace(page, here=page.at("kiosk", office.id, "survey"))


def _idle(page: Page, office: Office) -> Idle:
    return Idle(office.name, page.at("kiosk", office.id, lang="da"), _SECONDS)


def _walk(office: Office, entry: Entry) -> Walk:
    seal = sealed(entry, bootstrap.keys())

    def address(page: Page, question: str | None) -> str:
        parts = ("kiosk", office.id, "survey", question) if question else ("kiosk", office.id, "survey")
        return page.at(*parts, entry=seal, lang=page.language)

    request = kiosk_survey_pages.current_request
    walk = walk_of(request, entry, address, template="survey/kiosk_question.html")
    question = (request.uri_params or {}).get("question")
    parts = ("kiosk", office.id, "survey", question) if question else ("kiosk", office.id, "survey")
    page = replace(walk.page, here=walk.page.at(*parts, entry=seal))
    return replace(walk, page=page, extra={"idle": _idle(page, office)})


def _entered(municipality: Municipality) -> Entry | None:
    """The entry in the address.

    Raises:
        NotFound: one of somebody else.
        LinkExpired: the screen was left half an hour ago.
    """
    text = query(kiosk_survey_pages.current_request, "entry")
    if text is None:
        return None
    entry = unsealed(text, bootstrap.keys(), now=bootstrap.clock().now(), lifetime=LIFETIME)
    if entry is None or (entry.municipality, entry.mode) != (municipality.id, Mode.KIOSK):
        raise NotFound
    return entry
