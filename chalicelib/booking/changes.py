"""Moving and cancelling an appointment: one transaction each, recognised when its answer was lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.booking.availability import cool_until
from chalicelib.booking.capacity import MAX_CHANGES, Lane
from chalicelib.booking.earlier import freed_work
from chalicelib.booking.messages import after_cancellation, after_move, proposed_instead
from chalicelib.booking.model import Appointment, AppointmentState, Booker
from chalicelib.booking.rules import Party, check_changeable, errand, told_end, wanted_ticks
from chalicelib.shared.errors import NotBookable, NotFound, WrongState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.booking.availability import Availability
    from chalicelib.booking.model import RowChanges
    from chalicelib.booking.phone_limit import PhonePlaces
    from chalicelib.booking.ports import BookingStore
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.retry import Retry


class AppointmentChanges:
    """What can become of an appointment before its time."""

    def __init__(
        self,
        *,
        store: BookingStore,
        availability: Availability,
        phones: PhonePlaces,
        clock: Callable[[], Clock],
        retry: Retry,
    ) -> None:
        self._store = store
        self._availability = availability
        self._phones = phones
        self._clock = clock
        self._retry = retry

    def move(
        self,
        municipality: Municipality,
        appointment: Appointment,
        start: datetime,
        *,
        token_hash: str,
        booker: Booker = Booker.WEB,
    ) -> Appointment:
        """The appointment at `start`, everything else kept: lanes that both times share stay, and nothing is lost.

        What it leaves cools down before others are offered it. Staff may move up to the time itself, and so may a
        citizen whose time the office can't keep: the cut-off is no rule for them, and every place is open to them.

        Raises:
            WrongState: cancelled, checked in, or too late to change.
            NotBookable, SlotTaken, Busy: as for a booking; the old time is kept.
        """

        def attempt() -> Appointment:
            before = self._now(appointment)
            if before.start == start and not before.is_cancelled:
                return before
            now = self._clock().now().replace(microsecond=0)
            whose = Booker.STAFF if proposed_instead(before) else booker
            self._check(municipality, before, now, by_office=whose is Booker.STAFF)
            wish = errand(municipality, before.office, before.reasons, Party(before.persons, before.meeting, whose))
            ticks = wanted_ticks(municipality, wish, start, now)
            after = replace(
                before,
                desk_group=wish.group.id,
                start=start,
                end=told_end(wish, ticks),
                desk_until=ticks[-1].end,
                moves=before.moves + 1,
                version=before.version + 1,
            )
            after = replace(after, messages=after_move(municipality, after, now))
            cooling = cool_until(municipality, now)
            there = self._availability.taking(
                after.row,
                ticks,
                after=Lane(before.id),
                mine=before.id,
                now=now,
                staff=wish.is_staff,
                cool_until=cooling,
            )
            rows = self._rows(before, there, now, cooling)
            if sum(len(row.changes) for row in rows) > MAX_CHANGES:
                raise NotBookable(fields={"start": "too long to be moved at once: book anew, then cancel this one"})
            rows += self._phones.moving(municipality, before, after.end, now)
            begins = freed_work(municipality, before, now)
            self._store.move(before, after, rows, token_hash=token_hash, now=now, begins=begins)
            return after

        return self._retry.run(attempt)

    def _rows(
        self, before: Appointment, there: RowChanges, now: datetime, cooling: datetime | None
    ) -> tuple[RowChanges, ...]:
        """Within one row taking has released the rest already; another day's lanes are released beside it."""
        if there.row == before.row:
            return (there,)
        return (there, self._availability.releasing(before.row, before.id, now, cooling))

    def cancel(self, municipality: Municipality, appointment: Appointment, *, by_office: bool = False) -> Appointment:
        """The appointment, cancelled: its time is free, its consents withdrawn, phone, e-mail and name are gone.

        Cancelling what is cancelled changes nothing. `by_office`: the municipality cancels, up to the time itself, and
        the citizen is told. Up to the time itself may also cancel whose time the office can't keep.

        Raises:
            WrongState: checked in, or too late to cancel.
            Busy: try again; nothing was changed.
        """

        def attempt() -> Appointment:
            before = self._now(appointment)
            if before.is_cancelled:
                return before
            now = self._clock().now().replace(microsecond=0)
            self._check(municipality, before, now, by_office=by_office or proposed_instead(before) is not None)
            after = replace(
                before,
                state=AppointmentState.CANCELLED,
                phone=None,
                email=None,
                name=None,
                messages=after_cancellation(now, by_office=by_office),
                want_earlier=False,
                cancelled_at=now,
                version=before.version + 1,
            )
            place = self._availability.releasing(before.row, before.id, now, cool_until(municipality, now))
            rows = (place, *self._phones.moving(municipality, before, None, now))
            self._store.cancel(before, after, rows, now, begins=freed_work(municipality, before, now))
            return after

        return self._retry.run(attempt)

    def _now(self, appointment: Appointment) -> Appointment:
        current = self._store.appointment(appointment.municipality, appointment.id)
        if current is None:
            raise NotFound
        return current

    def _check(
        self, municipality: Municipality, appointment: Appointment, now: datetime, *, by_office: bool = False
    ) -> None:
        check_changeable(municipality, appointment, now, by_office=by_office)
        if self._store.is_checked_in(appointment):
            raise WrongState("The citizen has checked in.")
