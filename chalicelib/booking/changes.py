"""Moving and cancelling an appointment: one transaction each, recognised when its answer was lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.booking.capacity import MAX_CHANGES, Lane
from chalicelib.booking.model import Appointment, AppointmentState
from chalicelib.booking.rules import check_changeable, errand, may_text, wanted_ticks
from chalicelib.shared.errors import NotBookable, NotFound, WrongState

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.booking.availability import Availability
    from chalicelib.booking.model import RowChanges
    from chalicelib.booking.ports import BookingStore
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.retry import Retry


class AppointmentChanges:
    """What can become of an appointment before its time."""

    def __init__(
        self, store: BookingStore, availability: Availability, clock: Callable[[], Clock], retry: Retry
    ) -> None:
        self._store = store
        self._availability = availability
        self._clock = clock
        self._retry = retry

    def move(
        self, municipality: Municipality, appointment: Appointment, start: datetime, *, token_hash: str
    ) -> Appointment:
        """The appointment at `start`, everything else kept: lanes that both times share stay, and nothing is lost.

        Raises:
            WrongState: cancelled, checked in, or too late to change.
            NotBookable, SlotTaken, Busy: as for a booking; the old time is kept.
        """

        def attempt() -> Appointment:
            before = self._now(appointment)
            if before.start == start and not before.is_cancelled:
                return before
            now = self._clock().now().replace(microsecond=0)
            self._check(municipality, before, now)
            wish = errand(municipality, before.office, before.reasons)
            ticks = wanted_ticks(municipality, wish, start, now)
            confirm = now if before.phone and may_text(municipality, before.phone) else None
            after = replace(
                before,
                desk_group=wish.group.id,
                start=start,
                end=ticks[-1].end,
                confirm_at=confirm,
                version=before.version + 1,
            )
            there = self._availability.taking(after.row, ticks, after=Lane(before.id), mine=before.id, now=now)
            rows = self._rows(before, there, now)
            if sum(len(row.changes) for row in rows) > MAX_CHANGES:
                raise NotBookable(fields={"start": "too long to be moved at once: book anew, then cancel this one"})
            self._store.move(before, after, rows, token_hash=token_hash, now=now)
            return after

        return self._retry.run(attempt)

    def _rows(self, before: Appointment, there: RowChanges, now: datetime) -> tuple[RowChanges, ...]:
        """Within one row taking has released the rest already; another day's lanes are released beside it."""
        if there.row == before.row:
            return (there,)
        return (there, self._availability.releasing(before.row, before.id, now))

    def cancel(self, municipality: Municipality, appointment: Appointment) -> Appointment:
        """The appointment, cancelled: its time is free, its consent withdrawn, phone, e-mail and name are gone.

        Cancelling what is cancelled changes nothing.

        Raises:
            WrongState: checked in, or too late to cancel.
            Busy: try again; nothing was changed.
        """

        def attempt() -> Appointment:
            before = self._now(appointment)
            if before.is_cancelled:
                return before
            now = self._clock().now().replace(microsecond=0)
            self._check(municipality, before, now)
            after = replace(
                before,
                state=AppointmentState.CANCELLED,
                phone=None,
                email=None,
                name=None,
                confirm_at=None,
                version=before.version + 1,
            )
            self._store.cancel(before, after, self._availability.releasing(before.row, before.id, now), now)
            return after

        return self._retry.run(attempt)

    def _now(self, appointment: Appointment) -> Appointment:
        current = self._store.appointment(appointment.municipality, appointment.id)
        if current is None:
            raise NotFound
        return current

    def _check(self, municipality: Municipality, appointment: Appointment, now: datetime) -> None:
        check_changeable(municipality, appointment, now)
        if self._store.is_checked_in(appointment):
            raise WrongState("The citizen has checked in.")
