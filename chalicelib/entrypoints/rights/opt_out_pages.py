"""Saying no to further questionnaires, `/s/{token}/stop`, and "this isn't me", `/s/{token}/not-me` (I3).

Looking changes nothing; the button does, at once.

An alphanumeric sender can't receive "STOP", so this page is the opt-out. It works after answering and after the link
has expired, for as long as the link is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.consent.model import ConsentState
from chalicelib.entrypoints.http import html, page_for, pages, parameter, query, see_other
from chalicelib.entrypoints.rights.withdrawing import states
from chalicelib.municipalities.model import COMMENT_USE
from chalicelib.shared.errors import NotFound
from chalicelib.web.catalogue import languages_of

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.dispatch.ports import SurveyLink
    from chalicelib.web.pages import Page

opt_out_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]


@opt_out_pages.route("/s/{token}/stop", methods=["GET"])
@pages(lambda: opt_out_pages.current_request)
def opt_out_question() -> Response:
    """Asks once, or says that it is done."""
    dispatch = bootstrap.dispatch()
    try:
        link = dispatch.survey_link(_token())
    except NotFound:
        return _unknown()
    template = "dispatch/stopped.html" if dispatch.is_opted_out(link) else "dispatch/stop.html"
    may_quote = states(link.municipality, link.contact_id).get(COMMENT_USE) is ConsentState.GRANTED
    return html(template, _page(link), token=_token(), may_quote=may_quote)


@opt_out_pages.route("/s/{token}/stop", methods=["POST"], content_types=_FORM)
@pages(lambda: opt_out_pages.current_request)
def opt_out() -> Response:
    """No further questionnaire to this number from this municipality; twice is once."""
    try:
        link = bootstrap.dispatch().opt_out(_token())
    except NotFound:
        return _unknown()
    language = query(opt_out_pages.current_request, "lang")
    return see_other(_page(link).urls.path("s", _token(), "stop", lang=language))


@opt_out_pages.route("/s/{token}/not-me", methods=["GET"])
@pages(lambda: opt_out_pages.current_request)
def not_me_question() -> Response:
    """Asks once whether the message reached somebody else."""
    try:
        link = bootstrap.dispatch().survey_link(_token())
    except NotFound:
        return _unknown()
    done = query(opt_out_pages.current_request, "done") == "yes"
    return html("dispatch/not_me_done.html" if done else "dispatch/not_me.html", _page(link), token=_token())


@opt_out_pages.route("/s/{token}/not-me", methods=["POST"], content_types=_FORM)
@pages(lambda: opt_out_pages.current_request)
def not_me() -> Response:
    """Nothing more about this contact goes to this number, and the link works for nobody."""
    try:
        link = bootstrap.dispatch().not_me(_token())
    except NotFound:
        return _unknown()
    language = query(opt_out_pages.current_request, "lang")
    return see_other(_page(link).urls.path("s", _token(), "not-me", lang=language, done="yes"))


def _unknown() -> Response:
    page = page_for(opt_out_pages.current_request, languages=languages_of("dispatch"))
    return html("dispatch/unknown.html", page, status=404)


def _token() -> str:
    return parameter(opt_out_pages.current_request, "token")


def _page(link: SurveyLink) -> Page:
    municipality = bootstrap.municipalities().get(link.municipality)
    languages = languages_of("dispatch")  # those of the questionnaire: whoever can read it can refuse it
    return page_for(opt_out_pages.current_request, municipality, language=link.language, languages=languages)
