"""A citizen at the desk takes back the yes to the survey: written down by an employee, in force at once (SK-02, I3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.entrypoints.auth import Role, Staff, require
from chalicelib.entrypoints.http import answer, api, form, html, page_for, pages, parameter
from chalicelib.shared.errors import NotFound
from chalicelib.visits.model import parse_visit_id

if TYPE_CHECKING:
    from chalice.app import Response

consent_desk = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_DESK: Final = "desk"


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


def _staff() -> Staff:
    request = consent_desk.current_request
    return require(request, parameter(request, "municipality"), Role.DESK)


def _withdraw(staff: Staff, visit: str) -> None:
    bootstrap.consents().withdraw(staff.municipality, parse_visit_id(visit).ulid, origin=_DESK, by=staff.subject)
