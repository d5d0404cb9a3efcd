"""What belongs to no single area: health, the tenant's public facts, its colour, privacy and accessibility pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint
from chalice.app import Response

from chalicelib import bootstrap
from chalicelib.entrypoints.http import answer, api, html, page_for, pages, parameter, query
from chalicelib.entrypoints.openapi.description import document
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.languages import DEFAULT_LANGUAGE, as_language, in_language
from chalicelib.web.colours import darker

if TYPE_CHECKING:
    from chalicelib.municipalities.model import EnquiryReason, Municipality, Office

common_routes = Blueprint(__name__)


@common_routes.route("/health", methods=["GET"])
@api
def health() -> Response:
    """True when the process answers; asks no other service, so that a load balancer never cascades a failure."""
    return answer({"status": "ok"})


@common_routes.route("/", methods=["GET"])
@pages(lambda: common_routes.current_request)
def municipality_list() -> Response:
    """Which municipalities are here."""
    request = common_routes.current_request
    return html("common/municipalities.html", page_for(request), entries=bootstrap.municipalities().directory())


@common_routes.route("/api/v1/openapi.json", methods=["GET"])
@api
def openapi() -> Response:
    """The JSON API's description."""
    return answer(document())


@common_routes.route("/api/v1/municipalities", methods=["GET"])
@api
def list_municipalities() -> Response:
    """Every municipality."""
    entries = bootstrap.municipalities().directory()
    return answer({"municipalities": [{"id": entry.id, "name": entry.name} for entry in entries]})


@common_routes.route("/api/v1/municipalities/{municipality}/offices", methods=["GET"])
@api
def list_offices() -> Response:
    """The offices of a municipality, with what each serves."""
    return answer({"offices": [_office(office) for office in _municipality().offices]})


@common_routes.route("/api/v1/municipalities/{municipality}/enquiry-reasons", methods=["GET"])
@api
def list_reasons() -> Response:
    """What citizens can come for."""
    return answer({"reasons": [_reason(reason) for reason in _municipality().reasons]})


@common_routes.route("/api/v1/municipalities/{municipality}/consent-texts", methods=["GET"])
@api
def list_consent_texts() -> Response:
    """The wording in force of every consent question, in one language (SK-02)."""
    municipality = _municipality()
    language = as_language(query(common_routes.current_request, "language", DEFAULT_LANGUAGE))
    if language is None:
        raise InvalidInput(fields={"language": "choose da or en"})
    texts = municipality.consent_texts.items()
    return answer({scope: {"version": c.version, "text": in_language(c.text, language)} for scope, c in texts})


@common_routes.route("/{municipality}/brand.css", methods=["GET"])
@api
def brand_sheet() -> Response:
    """The municipality's colour; its contrast was checked when the file was applied."""
    colour = _municipality().brand_colour
    sheet = f":root {{ --brand: {colour}; --brand-dark: {darker(colour)}; }}\n"
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/css; charset=utf-8",
        "Cache-Control": "public, max-age=3600",
    }
    return Response(body=sheet, status_code=200, headers=headers)


@common_routes.route("/{municipality}/privacy", methods=["GET"])
@pages(lambda: common_routes.current_request)
def privacy_page() -> Response:
    """What is kept about a citizen, why, and for how long (GDPR article 13)."""
    municipality = _municipality()
    return html("common/privacy.html", page_for(common_routes.current_request, municipality), m=municipality)


@common_routes.route("/{municipality}/accessibility", methods=["GET"])
@pages(lambda: common_routes.current_request)
def accessibility_page() -> Response:
    """The accessibility statement: the way to the official one, and what was tested."""
    municipality = _municipality()
    return html("common/accessibility.html", page_for(common_routes.current_request, municipality), m=municipality)


def _municipality() -> Municipality:
    return bootstrap.municipalities().get(parameter(common_routes.current_request, "municipality"))


def _office(office: Office) -> dict[str, Any]:
    return {
        "id": office.id,
        "name": office.name,
        "address": office.address,
        "reasons": sorted(office.reasons),
        "desks": list(office.desks),
    }


def _reason(reason: EnquiryReason) -> dict[str, Any]:
    return {
        "id": reason.id,
        "name": reason.name,
        "duration_minutes": reason.duration_minutes,
        "attendance_required": reason.attendance_required,
        "alternatives": [{"channel": a.channel, "text": a.text, "target": a.target} for a in reason.alternatives],
    }
