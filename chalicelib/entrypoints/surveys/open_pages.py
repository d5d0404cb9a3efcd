"""A survey that anybody with the address may answer: a web link, or a QR code at the desk. One answer per browser.

What a text message's link knows, a sealed cookie knows here. It keeps honest people from answering twice by mistake;
whoever wants to answer ten times uses ten browsers, so reports keep these modes apart and say so (GL-04, ADR 23).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.actions.telling import told
from chalicelib.entrypoints.http import cookies, form, html, page_for, pages, parameter, query, see_other
from chalicelib.entrypoints.rights.withdrawing import withdraw
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
from chalicelib.municipalities.model import COMMENT_USE
from chalicelib.shared.errors import LinkExpired, NotFound
from chalicelib.surveys.entry import Entry, sealed, unsealed
from chalicelib.surveys.model import Facts, Mode

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality
    from chalicelib.surveys.model import Questionnaire
    from chalicelib.web.pages import Page

open_survey_pages = Blueprint(__name__)

LIFETIME: Final = timedelta(days=90)
"""How long a browser is remembered: as long as the usual pause between two questionnaires to one citizen."""


@open_survey_pages.route("/{municipality}/survey/{questionnaire}", methods=["GET"])
@pages(lambda: open_survey_pages.current_request)
def open_survey_start() -> Response:
    """The introduction; thanks for a browser that has answered."""
    municipality, asked = _open()
    entry = _entered(municipality)
    if entry is None:
        page = _page(municipality, asked)
        office = query(open_survey_pages.current_request, "office")
        if office is not None:
            municipality.office(office)
        refused = query(open_survey_pages.current_request, "begun") is not None
        return html("survey/open_start.html", page, asked=asked, office=office, refused=refused)
    walk = _walk(entry)
    if walk.survey.finished:
        sent_before = is_sent_before(open_survey_pages.current_request)
        heard = told(municipality.id, walk.page.language)
        return html("survey/open_thanks.html", walk.page, survey=walk.survey, sent_before=sent_before, told=heard)
    return see_other(walk.address(first_open(walk).id))


@open_survey_pages.route("/{municipality}/survey/{questionnaire}", methods=["POST"], content_types=FORM)
@pages(lambda: open_survey_pages.current_request)
def open_survey_begin() -> Response:
    """Give this browser its entry. Nothing is stored before the first answer."""
    municipality, asked = _open()
    page = _page(municipality, asked)
    office = form(open_survey_pages.current_request).get("office") or None
    known = municipality.office(office) if office else None
    # A code at the desk is met by somebody who stands there; a link on the web may be about anything.
    facts = Facts(channel="in_person", office=known.id) if known else Facts()
    mode = Mode.QR if known else Mode.OPEN_LINK
    entry = Entry.new(municipality.id, asked.id, mode, bootstrap.clock().now(), facts)
    cookie = (
        f"{_cookie()}={sealed(entry, bootstrap.keys())}; Path={page.at('survey', asked.id)}; "
        f"Max-Age={int(LIFETIME.total_seconds())}; HttpOnly; SameSite=Lax"
    )
    there = page.at("survey", asked.id, lang=page.language, begun="1", office=office)
    return see_other(there, {"Set-Cookie": cookie})


@open_survey_pages.route("/{municipality}/survey/{questionnaire}/{question}", methods=["GET"])
@pages(lambda: open_survey_pages.current_request)
def open_survey_question() -> Response:
    """One question; the introduction for somebody who came without one."""
    municipality, asked = _open()
    entry = _entered(municipality)
    if entry is None:
        return see_other(_page(municipality, asked).at("survey", asked.id))
    return show_question(_walk(entry), parameter(open_survey_pages.current_request, "question"))


@open_survey_pages.route("/{municipality}/survey/{questionnaire}/{question}", methods=["POST"], content_types=FORM)
@pages(lambda: open_survey_pages.current_request)
def open_survey_answer() -> Response:
    """Keep the answer and go on."""
    municipality, asked = _open()
    entry = _entered(municipality)
    if entry is None:
        return see_other(_page(municipality, asked).at("survey", asked.id, begun="1"))
    return take_answer(_walk(entry), parameter(open_survey_pages.current_request, "question"))


@open_survey_pages.route("/{municipality}/survey/{questionnaire}/comment-use", methods=["POST"], content_types=FORM)
@pages(lambda: open_survey_pages.current_request)
def open_survey_not_quoted() -> Response:
    """Nothing of what this browser wrote may be quoted any more.

    Raises:
        NotFound: it has written nothing, or was not asked.
    """
    municipality, asked = _open()
    entry = _entered(municipality)
    if entry is None:
        raise NotFound
    withdraw(municipality.id, entry.contact_id, COMMENT_USE, origin="web")
    return html("survey/not_quoted.html", _page(municipality, asked), stop=None)


def _open() -> tuple[Municipality, Questionnaire]:
    """The municipality and the questionnaire, if it may be answered by anybody."""
    request = open_survey_pages.current_request
    municipality = bootstrap.municipalities().get(parameter(request, "municipality"))
    name = parameter(request, "questionnaire")
    if name not in municipality.asking.open:
        raise NotFound
    return municipality, bootstrap.questionnaires().find(municipality.id, name)


def _page(municipality: Municipality, asked: Questionnaire) -> Page:
    return page_for(open_survey_pages.current_request, municipality, languages=languages_for(municipality, asked))


def _walk(entry: Entry) -> Walk:
    def address(page: Page, question: str | None) -> str:
        parts = ("survey", entry.questionnaire, question) if question else ("survey", entry.questionnaire)
        return page.at(*parts, lang=page.language)

    return walk_of(open_survey_pages.current_request, entry, address)


def _entered(municipality: Municipality) -> Entry | None:
    """The browser's entry, if it is one of ours for this questionnaire."""
    text = cookies(open_survey_pages.current_request).get(_cookie(), "")
    try:
        entry = unsealed(text, bootstrap.keys(), now=bootstrap.clock().now(), lifetime=LIFETIME)
    except LinkExpired:
        return None
    name = parameter(open_survey_pages.current_request, "questionnaire")
    fits = entry is not None and (entry.municipality, entry.questionnaire) == (municipality.id, name)
    return entry if fits else None


def _cookie() -> str:
    return "survey"
