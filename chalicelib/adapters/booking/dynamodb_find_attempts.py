"""How often a booking code was tried on the page that finds appointments: one atomic counter per code and hour."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pynamodb.exceptions import UpdateError

from chalicelib.adapters.tables import AppointmentItem, bound
from chalicelib.shared.clock import utc_text
from chalicelib.shared.errors import Busy

if TYPE_CHECKING:
    from datetime import datetime


class DynamoDbFindAttempts:
    """`FindAttempts` on the appointments table. A new hour is a new item, so nothing depends on TTL being on time."""

    def count(self, municipality: str, code: str, hour: datetime) -> int:
        """Counts one attempt.

        Raises:
            Busy: not counted; who can't be counted is not answered either.
        """
        model = bound(AppointmentItem)
        counter = model(f"{municipality}#find#{code}", utc_text(hour))
        over = int((hour + timedelta(hours=1)).timestamp())
        try:
            counter.update(actions=[model.attempts.add(1), model.expires_at.set(over)])
        except UpdateError as exc:
            raise Busy from exc
        return int(counter.attempts)
