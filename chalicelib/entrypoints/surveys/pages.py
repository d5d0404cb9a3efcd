"""The survey behind a link, on a phone: an introduction, one question per screen, thanks, and a number to be called."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.actions.telling import told
from chalicelib.entrypoints.http import form, html, page_for, pages, parameter, query, see_other
from chalicelib.entrypoints.phones import phone_of
from chalicelib.entrypoints.rights.withdrawing import withdraw
from chalicelib.entrypoints.surveys.screens import (
    FORM,
    TOLD,
    Walk,
    first_open,
    is_sent_before,
    show_question,
    take_answer,
    walk_of,
)
from chalicelib.municipalities.model import COMMENT_USE
from chalicelib.shared.errors import InvalidInput
from chalicelib.surveys.callbacks import MAX_ABOUT
from chalicelib.web.catalogue import languages_of
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.web.pages import Page

survey_pages = Blueprint(__name__)

_CALLED: Final = "called"


@survey_pages.route("/s/{token}", methods=["GET"])
@pages(lambda: survey_pages.current_request)
def survey_start() -> Response:
    """Who asks, why, how long it takes, that it is voluntary and what the answers are joined to. Or thanks."""
    walk = _walk()
    if walk.survey.finished:
        return _thanks(walk)
    return html(
        "survey/start.html", walk.page, survey=walk.survey, begin=walk.address(first_open(walk).id), token=_token()
    )


@survey_pages.route("/s/{token}/{question}", methods=["GET"])
@pages(lambda: survey_pages.current_request)
def survey_question() -> Response:
    """One question with the answer given so far."""
    return show_question(_walk(), parameter(survey_pages.current_request, "question"))


@survey_pages.route("/s/{token}/{question}", methods=["POST"], content_types=FORM)
@pages(lambda: survey_pages.current_request)
def answer_question() -> Response:
    """Keep the answer and go on; after the last question, finish."""
    return take_answer(_walk(), parameter(survey_pages.current_request, "question"))


@survey_pages.route("/s/{token}/callback", methods=["POST"], content_types=FORM)
@pages(lambda: survey_pages.current_request)
def survey_callback() -> Response:
    """A number to be called, from somebody who has finished: kept for that alone, apart from the answers."""
    walk = _walk()
    if not walk.survey.finished or walk.page.municipality is None:
        return see_other(walk.address(None))
    fields = form(survey_pages.current_request)
    errors = _callback_errors(walk, fields)
    if not errors:
        try:
            bootstrap.callbacks().leave(
                walk.page.municipality,
                _token(),
                phone=phone_of(fields.get("phone", "")),
                about=fields.get("about", ""),
                language=walk.survey.language,
            )
        except InvalidInput as wrong:
            errors = {name: gettext(walk.survey.language, _CALLBACK_PROBLEMS[name]) for name in wrong.fields}
    if errors:
        return _thanks(walk, fields, errors)
    return see_other(walk.page.urls.path("s", _token(), lang=walk.survey.language, told=_CALLED))


@survey_pages.route("/s/{token}/comment-use", methods=["POST"], content_types=FORM)
@pages(lambda: survey_pages.current_request)
def withdraw_comment_use() -> Response:
    """Nothing of what was written may be quoted any more. Also after the link has expired, as long as it is known."""
    link = bootstrap.dispatch().survey_link(_token())
    withdraw(link.municipality, link.contact_id, COMMENT_USE, origin="web")
    municipality = bootstrap.municipalities().get(link.municipality)
    request, languages = survey_pages.current_request, languages_of("survey")
    page = page_for(request, municipality, language=link.language, languages=languages)
    stop = page.urls.path("s", _token(), "stop", lang=page.language)
    return html("survey/not_quoted.html", page, stop=stop)


def _callback_errors(walk: Walk, fields: Mapping[str, str]) -> dict[str, str]:
    if fields.get("agreed") == "yes":
        return {}
    return {"agreed": gettext(walk.survey.language, _CALLBACK_PROBLEMS["agreed"])}


def _thanks(walk: Walk, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> Response:
    return html(
        "survey/thanks.html",
        replace(walk.page, errors=errors or {}),
        status=422 if errors else 200,
        survey=walk.survey,
        token=_token(),
        values=values or {},
        called=query(survey_pages.current_request, TOLD) == _CALLED,
        sent_before=is_sent_before(survey_pages.current_request),
        longest=MAX_ABOUT,
        told=told(walk.page.municipality.id, walk.page.language) if walk.page.municipality else (),
    )


def _walk() -> Walk:
    return walk_of(survey_pages.current_request, _token(), _address)


def _address(page: Page, question: str | None) -> str:
    """The screen of a question, or the start, in the survey's language."""
    parts = ("s", _token(), question) if question else ("s", _token())
    return page.urls.path(*parts, lang=page.language)


def _token() -> str:
    return parameter(survey_pages.current_request, "token")


_CALLBACK_PROBLEMS: Final = {
    "agreed": "Sæt kryds, hvis vi må bruge nummeret til at ringe til dig.",
    "phone": "Skriv et telefonnummer, som vi kan ringe til.",
    "about": "Gør teksten kortere, og send igen.",
}
