"""Wishes for a message when it is nearly one's turn: a partition per office and day, a row per visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import DeleteError, DoesNotExist, PutError, UpdateError

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.transactions import response_code
from chalicelib.shared.clock import local_day_bounds
from chalicelib.shared.errors import Busy
from chalicelib.shared.phone import PhoneNumber
from chalicelib.visits.nearly import Asked, Standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pynamodb.exceptions import PynamoDBException

    from chalicelib.visits.model import Visit

_REFUSED: Final = "ConditionalCheckFailedException"


class DynamoDbWishes:
    """`Wishes` on the operations table. A number stands in a row only as long as its wish is open."""

    @busy_if_unread
    def standing(self, visit: Visit) -> Standing:
        """What has become of the visit's wish."""
        try:
            row = bound(OperationItem).get(*nearly_key(visit.municipality, visit.office, visit.day, visit.ulid), True)
        except DoesNotExist:
            return Standing.NONE
        return Standing(row.state)

    def ask(self, asked: Asked) -> bool:
        """Keeps the wish, unless the citizen has been told."""
        model = bound(OperationItem)
        try:
            _row(asked).save(condition=model.pk.does_not_exist() | (model.state == str(Standing.ASKED)))
        except PutError as exc:
            return _refused(exc)
        return True

    @busy_if_unread
    def open(self, municipality: str, office: str, day: date) -> Sequence[Asked]:
        """Every open wish of an office and day: one query."""
        model = bound(OperationItem)
        partition, _ = nearly_key(municipality, office, day, "")
        rows = model.query(partition, filter_condition=model.state == str(Standing.ASKED), consistent_read=True)
        return tuple(
            Asked(municipality, office, day, row.sk, PhoneNumber(row.phone), row.document["language"]) for row in rows
        )

    def claim(self, asked: Asked) -> bool:
        """The first write wins, and takes the number with it. A lost answer is no claim: rather no message than two."""
        model = bound(OperationItem)
        told = [model.state.set(str(Standing.TOLD)), model.phone.remove()]
        same = (model.state == str(Standing.ASKED)) & (model.phone == asked.phone.reveal())
        try:
            model(*_key(asked)).update(actions=told, condition=same)
        except UpdateError as exc:
            return _refused(exc)
        return True

    def restore(self, asked: Asked) -> None:
        """Open again, with its number."""
        model = bound(OperationItem)
        again = [model.state.set(str(Standing.ASKED)), model.phone.set(asked.phone.reveal())]
        try:
            model(*_key(asked)).update(actions=again, condition=model.state == str(Standing.TOLD))
        except UpdateError as exc:
            _refused(exc)

    def forget(self, municipality: str, office: str, day: date, ulid: str) -> None:
        """Gone, unless it was told."""
        model = bound(OperationItem)
        try:
            model(*nearly_key(municipality, office, day, ulid)).delete(condition=model.state == str(Standing.ASKED))
        except DeleteError as exc:
            _refused(exc)


def nearly_key(municipality: str, office: str, day: date, ulid: str) -> tuple[str, str]:
    """Where the wish of a visit stands."""
    return f"{municipality}#nearly#{office}#{day.isoformat()}", ulid


def _key(asked: Asked) -> tuple[str, str]:
    return nearly_key(asked.municipality, asked.office, asked.day, asked.ulid)


def _row(asked: Asked) -> OperationItem:
    return bound(OperationItem)(
        *_key(asked),
        state=str(Standing.ASKED),
        document={"language": asked.language},
        phone=asked.phone.reveal(),
        expires_at=int(local_day_bounds(asked.day)[1].timestamp()),
    )


def _refused(error: PynamoDBException) -> bool:
    """False for a condition that did not hold; anything else is `Busy`."""
    if response_code(error) == _REFUSED:
        return False
    raise Busy from error
