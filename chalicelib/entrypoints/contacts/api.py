"""Contacts that other systems report, as JSON (design 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.contacts.service import Rejected, Sender
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.contacts.schemas import MAX_BATCH, reported_contact, source_id_of
from chalicelib.entrypoints.http import answer, api, json_body, parameter
from chalicelib.shared.errors import InvalidInput, TooLarge
from chalicelib.shared.identifiers import is_slug

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
    staff = require(request, municipality_id, Role.SYSTEM)
    municipality = bootstrap.municipalities().get(municipality_id)
    body = json_body(request)
    sender, items = _sender(body.get("system"), staff.subject), body.get("contacts")
    if not isinstance(items, list):
        raise InvalidInput(fields={"contacts": "a list of contacts"})
    if len(items) > MAX_BATCH:
        message = f"At most {MAX_BATCH} contacts at a time."
        raise TooLarge(message)
    results = [_result(municipality, sender, item) for item in items]
    if any(result["status"] != _REJECTED for result in results):
        bootstrap.senders().delivered(municipality, sender)
    return answer({"results": results})


def _sender(system: Any, subject: str) -> Sender:
    """The system that the batch names, else whoever signed it."""
    if system is None:
        return Sender.signed_by(subject)
    if not isinstance(system, str) or not is_slug(system):
        raise InvalidInput(fields={"system": "lower-case letters, digits and hyphens, starting with a letter"})
    return Sender.named(system)


def _result(municipality: Municipality, sender: Sender, item: Any) -> dict[str, Any]:
    source_id = source_id_of(item)
    try:
        outcome = bootstrap.contacts().record(municipality, sender, reported_contact(item))
    except Rejected as rejected:
        return {"source_id": source_id, "status": _REJECTED, "code": str(rejected.reason)}
    return {"source_id": source_id, "status": str(outcome)}


_REJECTED: Final = "rejected"
