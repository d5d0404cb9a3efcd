"""Keeping a place while a citizen fills in the form. An expired hold blocks nobody, and a live one can't be lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.booking.capacity import Change, Edit, Lane
from chalicelib.booking.lanes import lane_of
from chalicelib.booking.model import Hold, RowChanges
from chalicelib.booking.rules import told_end, wanted_ticks
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import NotFound, WrongState
from chalicelib.shared.identifiers import HoldId, new_ulid

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.booking.availability import Availability
    from chalicelib.booking.ports import BookingStore
    from chalicelib.booking.rules import Errand
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.retry import Retry

MOST_EXTENSIONS: Final = 10
"""WCAG 2.2.1 asks for ten at least; without a bound a page left open would keep the place for good."""


class PlaceHolding:
    """Holds."""

    def __init__(
        self, store: BookingStore, availability: Availability, clock: Callable[[], Clock], retry: Retry
    ) -> None:
        self._store = store
        self._availability = availability
        self._clock = clock
        self._retry = retry

    def hold(self, municipality: Municipality, wish: Errand, start: datetime, instead_of: str | None) -> Hold:
        """See `BookingService.hold`."""
        hold_id = HoldId(new_ulid(self._clock().now()))

        def attempt() -> Hold:
            if done := self._store.hold(municipality.id, hold_id):
                return done
            now = self._clock().now().replace(microsecond=0)
            row = wish.row(municipality, local_date(start))
            before = self._availability.hold_in(row, instead_of)
            ticks = wanted_ticks(municipality, wish, start, now, before)
            expires = now + timedelta(minutes=municipality.booking.hold_minutes)
            changes = self._availability.taking(
                row,
                ticks,
                after=Lane(hold_id, int(expires.timestamp())),
                mine=before.id if before else None,
                now=now,
                staff=wish.is_staff,
            )
            hold = Hold(hold_id, municipality.id, row.office, row.group, start, told_end(wish, ticks), expires)
            self._store.add_hold(hold, changes, before, now)
            return hold

        return self._retry.run(attempt)

    def extend(self, municipality: Municipality, hold_id: str) -> Hold:
        """See `BookingService.extend_hold`."""
        first = self._live(municipality, hold_id)

        def attempt() -> Hold:
            before = self._live(municipality, hold_id)
            if before.extended > first.extended:
                return before
            if before.extended == MOST_EXTENSIONS:
                raise WrongState("The time has been held as long as it can be.")
            now = self._clock().now().replace(microsecond=0)
            expires = now + timedelta(minutes=municipality.booking.hold_minutes)
            after = replace(before, expires_at=max(before.expires_at, expires), extended=before.extended + 1)
            self._store.extend_hold(before, after, self._kept_until(after, now), now)
            return after

        return self._retry.run(attempt)

    def release(self, municipality: Municipality, hold_id: str) -> None:
        """See `BookingService.release`."""
        if self._store.hold(municipality.id, hold_id) is None:
            raise NotFound

        def attempt() -> None:
            if hold := self._store.hold(municipality.id, hold_id):
                now = self._clock().now()
                self._store.end_hold(hold, self._availability.releasing(hold.row, hold.id, now), now)

        self._retry.run(attempt)

    def _live(self, municipality: Municipality, hold_id: str) -> Hold:
        hold = self._store.hold(municipality.id, hold_id)
        if hold is None or hold.expires_at <= self._clock().now():
            raise NotFound
        return hold

    def _kept_until(self, hold: Hold, now: datetime) -> RowChanges:
        """The same lanes, until the hold expires."""
        changes = []
        for tick, state in self._store.lanes(hold.row).items():
            if own := lane_of(hold.id, state, int(now.timestamp())):
                number, lane = own
                kept = replace(lane, until=int(hold.expires_at.timestamp()))
                changes.append(Change(tick, (Edit(number, lane, kept),), cap=state.cap))
        return RowChanges(hold.row, tuple(changes))
