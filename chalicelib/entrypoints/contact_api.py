"""Contacts that other systems report, as JSON (design 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.contacts.service import Rejected
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.contact_schemas import MAX_BATCH, reported_contact, source_id_of
from chalicelib.entrypoints.http import answer, api, json_body, parameter
from chalicelib.shared.errors import InvalidInput, TooLarge

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.municipalities.model import Municipality

contact_api = Blueprint(__name__)


@contact_api.route(
    "/api/v1/municipalities/{municipality}/contacts", methods=["POST"], content_types=["application/json"]
)
@api
def report_contacts() -> Response:
    """Each contact is created, a duplicate or rejected on its own; the whole batch may be sent again at any time."""
    request = contact_api.current_request
    municipality_id = parameter(request, "municipality")
    require(request, municipality_id, Role.SYSTEM)
    municipality = bootstrap.municipalities().get(municipality_id)
    items = json_body(request).get("contacts")
    if not isinstance(items, list):
        raise InvalidInput(fields={"contacts": "a list of contacts"})
    if len(items) > MAX_BATCH:
        message = f"At most {MAX_BATCH} contacts at a time."
        raise TooLarge(message)
    return answer({"results": [_result(municipality, item) for item in items]})


def _result(municipality: Municipality, item: Any) -> dict[str, Any]:
    source_id = source_id_of(item)
    try:
        outcome = bootstrap.contacts().record(municipality, reported_contact(item))
    except Rejected as rejected:
        return {"source_id": source_id, "status": _REJECTED, "code": str(rejected.reason)}
    return {"source_id": source_id, "status": str(outcome)}


_REJECTED: Final = "rejected"
