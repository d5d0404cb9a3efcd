"""How often a kiosk was told a number and a time that fit nobody: one atomic counter per kiosk and hour."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from pynamodb.exceptions import UpdateError

from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.shared.clock import utc_text
from chalicelib.shared.errors import Busy

if TYPE_CHECKING:
    from datetime import datetime


class DynamoDbKioskAttempts:
    """`KioskAttempts` on the operations table. A new hour is a new item, so nothing depends on TTL being on time."""

    def count(self, municipality: str, kiosk: str, hour: datetime) -> int:
        """Counts one attempt.

        Raises:
            Busy: not counted; who can't be counted is not answered either.
        """
        try:
            return _add(municipality, kiosk, hour, 1)
        except UpdateError as exc:
            raise Busy from exc

    def take_back(self, municipality: str, kiosk: str, hour: datetime) -> None:
        """The attempt does not count. Left standing if the table does not answer: the citizen has the ticket."""
        with suppress(UpdateError):
            _add(municipality, kiosk, hour, -1)


def _add(municipality: str, kiosk: str, hour: datetime, number: int) -> int:
    model = bound(OperationItem)
    counter = model(f"{municipality}#kiosk#{kiosk}", utc_text(hour))
    over = int((hour + timedelta(hours=1)).timestamp())
    counter.update(actions=[model.number.add(number), model.expires_at.set(over)])
    return int(counter.number)
