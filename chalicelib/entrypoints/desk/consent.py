"""A citizen at the desk or on the phone takes a yes back: written down by an employee, in force at once (SK-02, I3).

Who is being served needs no code. Who calls has the one of the booking, or the link of the text message.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, Staff, require
from chalicelib.entrypoints.http import answer, api, form, html, page_for, pages, parameter
from chalicelib.entrypoints.rights.withdrawing import states, withdraw
from chalicelib.municipalities.model import SCOPES
from chalicelib.shared.errors import NotFound
from chalicelib.visits.model import parse_visit_id
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

consent_desk = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_DESK: Final = "desk"
_LONGEST: Final = 300
_NO_SUCH: Final = "Vi kan ikke finde noget under den kode. Tjek den, eller skriv linket fra sms'en."


@consent_desk.route(
    "/api/v1/municipalities/{municipality}/visits/{visit}/withdraw-consent",
    methods=["POST"],
    content_types=["application/json"],
)
@api
def withdraw_by_desk() -> Response:
    """No questionnaire about this visit, at once; twice is once. 404 if the visit was never asked about."""
    staff = _staff()
    _withdraw(staff, parameter(consent_desk.current_request, "visit"))
    return answer({"state": "withdrawn"})


@consent_desk.route("/{municipality}/desk/withdraw-consent", methods=["POST"], content_types=_FORM)
@pages(lambda: consent_desk.current_request)
def withdraw_on_desk_page() -> Response:
    """The same by a button on the desk's page; what was done is said, with the way back."""
    request, staff = consent_desk.current_request, _staff()
    fields = form(request)
    municipality = bootstrap.municipalities().get(staff.municipality)
    try:
        _withdraw(staff, fields.get("visit", ""))
        withdrawn = True
    except NotFound:
        withdrawn = False
    page = page_for(request, municipality, staff=True)
    back = page.at("desk", office=fields.get("office"), desk=fields.get("desk"))
    return html("desk/withdrawn.html", page, withdrawn=withdrawn, back=back)


@consent_desk.route("/{municipality}/desk/consents", methods=["GET"])
@pages(lambda: consent_desk.current_request)
def consents_by_code() -> Response:
    """Asks for the code; in the body of a form, so that it stands in no address."""
    return _by_code(_staff())


@consent_desk.route("/{municipality}/desk/consents", methods=["POST"], content_types=_FORM)
@pages(lambda: consent_desk.current_request)
def withdraw_by_code() -> Response:
    """What the citizen has said yes or no to, nothing else about them; with a `scope`, that is taken back first."""
    staff = _staff()
    fields = form(consent_desk.current_request)
    code, scope = fields.get("code", "")[:_LONGEST], fields.get("scope")
    contact_id = bootstrap.erasure().contact_of(staff.municipality, code) if code.strip() else None
    if contact_id is None:
        return _by_code(staff, code, errors={"code": _NO_SUCH})
    if scope in SCOPES:
        with suppress(NotFound):  # it was never asked, as the page then shows
            withdraw(staff.municipality, contact_id, scope, origin=_DESK, by=staff.subject)
    return _by_code(staff, code, found=states(staff.municipality, contact_id), done=scope in SCOPES)


def _by_code(staff: Staff, code: str = "", *, errors: Mapping[str, str] | None = None, **facts: Any) -> Response:
    request = consent_desk.current_request
    page = page_for(request, bootstrap.municipalities().get(staff.municipality), staff=True)
    told = {name: gettext(page.language, message) for name, message in (errors or {}).items()}
    context = {"code": code, "found": None, "done": False, "scopes": SCOPES, **facts}
    return html("desk/consents.html", replace(page, errors=told), status=422 if told else 200, **context)


def _staff() -> Staff:
    request = consent_desk.current_request
    return require(request, parameter(request, "municipality"), Role.DESK)


def _withdraw(staff: Staff, visit: str) -> None:
    bootstrap.consents().withdraw(staff.municipality, parse_visit_id(visit).ulid, origin=_DESK, by=staff.subject)
