"""The comments of a period, to be read, sorted and followed up by leaders and coordinators (SK-21)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.comments.service import LONGEST_ANSWER, LONGEST_NOTE, asks
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.comments.presses import press_of
from chalicelib.entrypoints.comments.view import Problem, board_of, choices, filters_in, picks, statuses
from chalicelib.entrypoints.comments.words import scores
from chalicelib.entrypoints.http import form, page_for, pages, parameter, query, see_other
from chalicelib.entrypoints.reports.api import READERS
from chalicelib.entrypoints.reports.pages import report_html
from chalicelib.shared.errors import BorgerpulsError, Conflict, InvalidInput
from chalicelib.web.charts_names import group_names
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.entrypoints.comments.presses import Press
    from chalicelib.municipalities.model import Municipality
    from chalicelib.web.pages import Page

triage_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]


@triage_pages.route("/{municipality}/comments", methods=["GET"])
@pages(lambda: triage_pages.current_request)
def comments_page() -> Response:
    """The comments that the address asks for. Analysts read; leaders may mark."""
    request = triage_pages.current_request
    municipality_id = parameter(request, "municipality")
    staff = require(request, municipality_id, *READERS)
    municipality = bootstrap.municipalities().get(municipality_id)
    return _page(municipality, may_mark=bool(staff.roles & {Role.LEADER, Role.ADMIN}))


@triage_pages.route("/{municipality}/comments", methods=["POST"], content_types=_FORM)
@pages(lambda: triage_pages.current_request)
def comments_press() -> Response:
    """One press on one comment; the address keeps the view. What can't be taken is said on its card."""
    request = triage_pages.current_request
    municipality_id = parameter(request, "municipality")
    require(request, municipality_id, Role.LEADER)
    municipality, fields = bootstrap.municipalities().get(municipality_id), form(request)
    press = press_of(fields)
    try:
        bootstrap.comment_desk().change(municipality, press.period, press.comment, press.change, seen=press.seen)
    except (Conflict, InvalidInput) as error:
        typed = fields if press.seen is not None else None
        problem = Problem(press.comment, _why(error, page_for(request, municipality).language), typed)
        return _page(municipality, may_mark=True, problem=problem, status=error.status)
    return see_other(_address(press, page_for(request, municipality)))


def _address(press: Press, page: Page) -> str:
    """Back to the same view, at the same comment."""
    request = triage_pages.current_request
    kept = {name: query(request, name) for name in ("page", *filters_in(request).__slots__)}
    return f"{page.at('comments', period=press.period, **kept)}#c-{press.comment}"


def _page(municipality: Municipality, *, may_mark: bool, problem: Problem | None = None, status: int = 200) -> Response:
    request = triage_pages.current_request
    page = page_for(request, municipality, staff=True)
    overview = bootstrap.reports().overview(municipality, query(request, "period") or None, "none")
    if overview is None:
        return report_html("report/empty.html", page)
    marks = bootstrap.comment_desk().marks(municipality.id, overview.comments)
    name = group_names(municipality, page.language)
    return report_html(
        "comments/triage.html",
        page,
        status=status,
        overview=overview,
        board=board_of(municipality, overview, marks, request, problem),
        choices=choices(municipality, overview, page, name),
        name=name,
        statuses=statuses(page.language),
        picks=picks(page.language),
        asked=asks(municipality),
        score=scores(municipality, page.language),
        may_mark=may_mark,
        longest={"note": LONGEST_NOTE, "answer": LONGEST_ANSWER},
    )


def _why(error: BorgerpulsError, language: str) -> str:
    """What to say to whoever pressed."""
    if isinstance(error, Conflict):
        return gettext(language, "En kollega har ændret kommentaren imens. Se det nye, og gem igen.")
    for field, text in _words(language).items():
        if field in error.fields:
            return text
    raise error


def _words(language: str) -> Mapping[str, str]:
    return {
        "show": gettext(language, "Den kan ikke vises der: Borgeren har ikke sagt ja, eller der er for få svar."),
        "note": gettext(language, "Noten er for lang, eller den rummer et nummer eller en e-mailadresse."),
        "answer": gettext(language, "Svaret er for langt, eller det rummer et nummer eller en e-mailadresse."),
    }
