"""Each reporting system's last day in DynamoDB: one row per sender, in one partition of a municipality."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from pynamodb.exceptions import DeleteError, UpdateError

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.transactions import response_code
from chalicelib.contacts.senders import LastDelivery
from chalicelib.shared.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Sequence


class DynamoDbDeliveryDays:
    """`DeliveryDays` on the operations table."""

    def keep(self, municipality: str, delivery: LastDelivery) -> None:
        """One conditional update, also when another batch of the same sender is under way."""
        model = bound(OperationItem)
        day = delivery.day.isoformat()
        try:
            model(_partition(municipality), delivery.key).update(
                actions=[model.state.set(day), model.document.set({"system": delivery.system})],
                condition=model.state.does_not_exist() | (model.state < day),
            )
        except UpdateError as exc:
            if response_code(exc) != "ConditionalCheckFailedException":
                raise Busy from exc

    @busy_if_unread
    def all(self, municipality: str) -> Sequence[LastDelivery]:
        """One Query."""
        rows = bound(OperationItem).query(_partition(municipality), consistent_read=True)
        return [LastDelivery(row.sk, row.document["system"], date.fromisoformat(str(row.state))) for row in rows]

    def forget(self, municipality: str, key: str) -> bool:
        """One conditional delete."""
        model = bound(OperationItem)
        try:
            model(_partition(municipality), key).delete(condition=model.pk.exists())
        except DeleteError as exc:
            if response_code(exc) == "ConditionalCheckFailedException":
                return False
            raise Busy from exc
        return True


def _partition(municipality: str) -> str:
    return f"{municipality}#senders#contacts"
