"""What lands in the lake, read strongly from the tables where it is kept, and the end of its pending work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pynamodb.exceptions import DeleteError

from chalicelib.adapters.dynamodb_work import pending_key
from chalicelib.adapters.lake.lake_bookings import booking_fact
from chalicelib.adapters.tables import ContactItem, InvitationItem, PendingItem, ResponseItem, Table, bound
from chalicelib.adapters.transactions import response_code
from chalicelib.lake.landing import Fact
from chalicelib.shared.hashing import comment_key
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.shared.hashing import Keys

_KEPT_IN: Final[dict[WorkKind, tuple[type[Table], str]]] = {
    WorkKind.LAND_CONTACT: (ContactItem, "contact"),
    WorkKind.LAND_INVITATION: (InvitationItem, "invitation"),
    WorkKind.LAND_RESPONSE: (ResponseItem, "response"),
}


class DynamoDbFacts:
    """`Facts` on the contacts, invitations, responses and appointments tables; documents and states, never `phone`."""

    def __init__(self, keys: Callable[[], Keys]) -> None:
        self._keys = keys

    def find(self, kind: WorkKind, municipality: str, subject: str) -> Fact | None:
        """The document and version as they are now; None when it was deleted."""
        if kind is WorkKind.LAND_BOOKING:
            return booking_fact(municipality, subject)
        table, name = _KEPT_IN[kind]
        model: Any = bound(table)
        try:
            item = model.get(f"{municipality}#{name}#{subject}", name, consistent_read=True)
        except model.DoesNotExist:
            return None
        document = dict(item.document)
        if kind is not WorkKind.LAND_CONTACT:
            document["state"] = item.state
        if kind is WorkKind.LAND_RESPONSE:
            document["comment_key"] = comment_key(self._keys(), municipality, subject)
        return Fact(municipality, subject, document, int(getattr(item, "version", 0)))

    def settle(self, item: WorkItem) -> None:
        """Delete the pending item, unless it has been written again with a higher version than the item's."""
        model = bound(PendingItem)
        try:
            model(*pending_key(item)).delete(condition=model.version <= item.version)
        except DeleteError as exc:
            # Settled before, or written again meanwhile: both are right as they are.
            if response_code(exc) != "ConditionalCheckFailedException":
                raise
