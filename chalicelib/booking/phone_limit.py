"""At most so many future appointments for one phone number (`open_per_phone`).

A number's appointments are lanes like any other, of a tick that is always open: each is taken until the appointment
ends, and given back when it is cancelled. So the limit holds exactly, whoever races, and needs no clean-up. Only a
keyed hash of the number is stored. Staff are not limited: an interpreter's number stands on many appointments.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.booking.capacity import Lane, Tick
from chalicelib.booking.lanes import plan, release
from chalicelib.booking.model import PhoneRow, RowChanges
from chalicelib.shared.errors import TooManyRequests
from chalicelib.shared.hashing import phone_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.booking.model import Appointment
    from chalicelib.booking.ports import BookingStore
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.hashing import Keys

OPEN: Final = "open"
_ANY: Final = datetime.fromtimestamp(0, UTC)


class PhonePlaces:
    """The places that a phone number has for appointments."""

    def __init__(self, store: BookingStore, keys: Callable[[], Keys]) -> None:
        self._store = store
        self._keys = keys

    def taking(self, municipality: Municipality, appointment: Appointment, now: datetime) -> tuple[RowChanges, ...]:
        """What takes a place for a new appointment; nothing where there is no limit.

        Raises:
            TooManyRequests: a read has shown that the number has all it can have.
        """
        most = municipality.booking.open_per_phone
        row = self._row(municipality, appointment, now)
        if row is None or not most or appointment.origin.is_assisted:
            return ()
        after = Lane(appointment.id, int(appointment.end.timestamp()))
        changes = plan([_tick(most)], self._store.lanes(row), mine=None, after=after, now=int(now.timestamp()))
        if changes is None:
            raise TooManyRequests(fields={"phone": "this number has as many future appointments as it can have"})
        return (RowChanges(row, tuple(changes)),)

    def moving(
        self, municipality: Municipality, before: Appointment, end: datetime | None, now: datetime
    ) -> tuple[RowChanges, ...]:
        """What keeps the appointment's place until another `end`, or gives it back; nothing where it has none."""
        row = self._row(municipality, before, now)
        if row is None:
            return ()
        seen, second = self._store.lanes(row), int(now.timestamp())
        given_back = release(seen, before.id, second)
        if end is None or not given_back:
            return (RowChanges(row, tuple(given_back)),)
        after = Lane(before.id, int(end.timestamp()))
        return (RowChanges(row, tuple(plan([_tick(1)], seen, mine=before.id, after=after, now=second) or ())),)

    def _row(self, municipality: Municipality, appointment: Appointment, now: datetime) -> PhoneRow | None:
        if appointment.phone is None:
            return None
        hashed = phone_hash(self._keys(), municipality.id, appointment.phone)
        return PhoneRow(municipality.id, hashed, now + timedelta(days=municipality.booking.horizon_days + 2))


def _tick(most: int) -> Tick:
    return Tick(OPEN, _ANY, _ANY, most, most)
