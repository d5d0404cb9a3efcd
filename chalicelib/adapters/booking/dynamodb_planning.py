"""What planning needs of bookings: an office's day with its appointments, places kept for those who are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.adapters.booking.appointment_rows import appointment_from, appointment_key, day_pk
from chalicelib.adapters.booking.capacity_steps import add_changes
from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import AppointmentItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.shared.errors import Outrun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from chalicelib.booking.capacity import Seen
    from chalicelib.booking.model import Appointment, DayRow, RowChanges


class DynamoDbPlanning:
    """`PlanningStore` on the appointments and capacity tables."""

    def __init__(self) -> None:
        self._bookings = DynamoDbBookings()

    @busy_if_unread
    def booked(self, municipality: str, office: str, day: date) -> Sequence[Appointment]:
        """The appointments of an office's day that are not cancelled, by time: one query, one read for each hundred."""
        model = bound(AppointmentItem)
        listed = model.query(day_pk(municipality, office, day), consistent_read=True)
        keys = [appointment_key(municipality, row.document["appointment"]) for row in listed]
        found = [appointment_from(row) for row in model.batch_get(keys, consistent_read=True)] if keys else []
        return sorted((each for each in found if not each.is_cancelled), key=lambda each: (each.start, each.id))

    def lanes(self, row: DayRow) -> Seen:
        """The lanes of every tick of a row that has a record."""
        return self._bookings.lanes(row)

    def set_caps(self, row: DayRow, caps: Mapping[str, int]) -> None:
        """Bound the capacity of some ticks of a row, by their keys. The lanes stay."""
        self._bookings.set_caps(row, caps)

    def keep(self, changes: RowChanges, now: datetime) -> None:
        """Take lanes for somebody until a moment, or give them back: all or none.

        Raises:
            Outrun: something that it rests on has changed.
        """
        steps = Steps()
        add_changes(steps, changes, now)
        if steps.commit():
            raise Outrun
