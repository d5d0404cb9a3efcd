"""Hourly counters of callers, and the challenges that were used, in the operations table. Nothing outlives its hour."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pynamodb.exceptions import PutError, UpdateError

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.transactions import response_code
from chalicelib.shared.clock import utc_text
from chalicelib.shared.errors import Busy

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.booking.callers import Purpose


class DynamoDbCallerCounts:
    """`CallerCounts`. A new hour is a new item, so nothing depends on TTL being on time."""

    def count(self, municipality: str, caller: str, purpose: Purpose, hour: datetime) -> int:
        """Counts one.

        Raises:
            Busy: not counted; who can't be counted is not served either.
        """
        model = bound(OperationItem)
        counter = model(f"{municipality}#caller#{caller}", f"{purpose}#{utc_text(hour)}")
        over = int((hour + timedelta(hours=1)).timestamp())
        try:
            counter.update(actions=[model.number.add(1), model.expires_at.set(over)])
        except UpdateError as exc:
            raise Busy from exc
        return int(counter.number)


class DynamoDbSpentChallenges:
    """`SpentChallenges`: the first write wins, and its owner may come again."""

    def spend(self, municipality: str, challenge: str, by: str, until: datetime) -> bool:
        """False if another booking has used it.

        Raises:
            Busy: not written.
        """
        model = bound(OperationItem)
        used = model(f"{municipality}#challenge#{challenge}", "used", state=by, expires_at=int(until.timestamp()))
        try:
            used.save(condition=model.pk.does_not_exist())
        except PutError as exc:
            if response_code(exc) != "ConditionalCheckFailedException":
                raise Busy from exc
            return self._user(model, used) == by
        return True

    @busy_if_unread
    def _user(self, model: type[OperationItem], used: OperationItem) -> str | None:
        return str(model.get(used.pk, used.sk, consistent_read=True).state)
