"""Wishes to be called, in the operations table: one partition per municipality, a row per wish, gone after 30 days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pynamodb.exceptions import DeleteError, PutError

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import NUMBERS_KEPT, OperationItem, bound, gone_by
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.errors import Busy
from chalicelib.shared.phone import PhoneNumber
from chalicelib.surveys.callbacks import Callback

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.shared.clock import Clock


def callback_key(municipality: str, callback_id: str) -> tuple[str, str]:
    """Where a wish stands."""
    return f"{municipality}#callbacks", callback_id


class DynamoDbCallbacks:
    """`Callbacks` on the operations table."""

    def __init__(self, clock: Callable[[], Clock]) -> None:
        self._clock = clock

    def keep(self, callback: Callback) -> None:
        """The wish is there; a second one of the same response takes the first one's place.

        Raises:
            Busy: the table does not answer.
        """
        row = bound(OperationItem)(
            *callback_key(callback.municipality, callback.id),
            document={
                "asked_at": utc_text(callback.asked_at),
                "language": callback.language,
                "about": callback.about,
            },
            phone=callback.phone.reveal(),
            expires_at=gone_by(callback.asked_at + NUMBERS_KEPT),
        )
        try:
            row.save()
        except PutError as exc:
            raise Busy from exc

    @busy_if_unread
    def open(self, municipality: str) -> Sequence[Callback]:
        """Every wish that nobody has closed and that has not run out, oldest first: one query."""
        partition, _ = callback_key(municipality, "")
        now = self._clock().now().timestamp()
        rows = (row for row in bound(OperationItem).query(partition, consistent_read=True) if row.expires_at > now)
        found = [
            Callback(
                row.sk,
                municipality,
                parse_moment(row.document["asked_at"]),
                row.document["language"],
                PhoneNumber(row.phone),
                row.document["about"],
            )
            for row in rows
        ]
        return tuple(sorted(found, key=lambda callback: callback.asked_at))

    def delete(self, municipality: str, callback_id: str) -> None:
        """The wish is gone; twice is once.

        Raises:
            Busy: the table does not answer.
        """
        try:
            bound(OperationItem)(*callback_key(municipality, callback_id)).delete()
        except DeleteError as exc:
            raise Busy from exc
