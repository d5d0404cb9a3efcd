"""Offering freed times to those who wait for an earlier one: pending work, so that none is forgotten or offered twice.

The work of a freed time is done by whoever ends it in the transaction that plans the message; the same transaction
begins the next round, half an hour later, for the next who waits. When nobody is left, or the time is taken, it ends.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.booking.earlier import (
    SOONEST,
    WORTH,
    announced,
    earlier_start,
    freed_time,
    may_be_told,
    opened_work,
)
from chalicelib.booking.messages import EARLIER_TIME_WORTH
from chalicelib.booking.planned import MessageKind, PlannedMessage
from chalicelib.shared.errors import BorgerpulsError, Outrun
from chalicelib.shared.work import WorkKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from chalicelib.booking.earlier import FreedTime
    from chalicelib.booking.message_ports import EarlierStore, FreeTimes, QuietHours
    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.work import PendingWork, WorkItem


class EarlierTimes:
    """Freed times and who is told of them."""

    def __init__(
        self,
        *,
        store: EarlierStore,
        work: PendingWork,
        free_times: FreeTimes,
        quiet_hours: QuietHours,
        clock: Callable[[], Clock],
    ) -> None:
        self._store = store
        self._work = work
        self._free_times = free_times
        self._quiet_hours = quiet_hours
        self._clock = clock

    def opened(self, municipality: Municipality, office: str, group: str, first: date, last: date) -> None:
        """More can be booked at these desks from `first` to `last`: those who wait are told, one after the other."""
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        items = opened_work(municipality, office, group, days, self._clock().now())
        if items:
            self._store.announce(items)

    def offer_due(self, municipality: Municipality, now: datetime) -> int:
        """Offer what was freed; how many citizens will be told. An error is raised after the others are done."""
        offered, failure = 0, None
        for item in self._work.due(municipality.id, now, kind=WorkKind.FREED):
            try:
                offered += self._offer(municipality, item, now)
            except (BorgerpulsError, KeyError, ValueError) as exc:
                failure = failure or exc
        if failure is not None:
            raise failure
        return offered

    def _offer(self, municipality: Municipality, item: WorkItem, now: datetime) -> bool:
        freed = freed_time(item.payload)
        if freed.end <= now + SOONEST:
            self._store.end(item)
            return False
        asked_from = self._quiet_hours(now, municipality.survey, municipality.closing_days)
        if asked_from > now:
            self._store.postpone(item, announced(municipality, freed, now, due_at=asked_from))
            return False
        found = self._next(municipality, freed, now)
        if found is None:
            self._store.end(item)
            return False
        before, start = found
        message = PlannedMessage(MessageKind.EARLIER_TIME, now.replace(microsecond=0), start)
        after = replace(
            before,
            messages=(*(each for each in before.messages if each.kind is not message.kind), message),
            earlier_offered=(*before.earlier_offered, start),
            version=before.version + 1,
        )
        again = announced(municipality, freed, now, due_at=now + EARLIER_TIME_WORTH)
        try:
            self._store.offer(before, after, item, again)
        except Outrun:
            return False  # still pending unless somebody did it; the next sweep decides anew
        return True

    def _next(self, municipality: Municipality, freed: FreedTime, now: datetime) -> tuple[Appointment, datetime] | None:
        """The first who waits for a time like this, and the start that is offered."""
        later_than = max(freed.start, now) + WORTH
        for appointment in self._store.waiting(municipality.id, freed.office, freed.group, later_than):
            if not may_be_told(municipality, appointment, freed, now):
                continue
            free = self._free_times(municipality, appointment, freed.start)
            start = earlier_start(appointment, freed, free, now)
            if start is not None:
                return appointment, start
        return None
