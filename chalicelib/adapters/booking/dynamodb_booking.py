"""Holds and appointments in DynamoDB: every use case is one transaction of at most 100 items (ADR 29)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from pynamodb.exceptions import DoesNotExist

from chalicelib.adapters.booking.appointment_rows import (
    Key,
    appointment_from,
    appointment_key,
    appointment_row,
    code_key,
    day_key,
    day_pk,
    expiry,
    hold_from,
    hold_key,
    hold_row,
    request_from,
    request_key,
    request_row,
)
from chalicelib.adapters.booking.booking_consents import add_consents, withdraw_consents
from chalicelib.adapters.booking.capacity_steps import add_caps, add_changes, read_lanes
from chalicelib.adapters.booking.earlier_rows import swap_waiting
from chalicelib.adapters.booking.message_rows import swap_messages
from chalicelib.adapters.citizens.phone_pointers import phone_pointers
from chalicelib.adapters.dynamodb_work import begin
from chalicelib.adapters.lake.lake_bookings import swap_landing
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import CONNECTIONS, AppointmentItem, LinkItem, VisitItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.booking.requests import KEPT_HOURS
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Outrun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.booking.capacity import Seen
    from chalicelib.booking.model import Appointment, DayRow, Hold, PhoneRow, RowChanges, StoredRequest
    from chalicelib.shared.work import WorkItem

_AT_ONCE: Final = 90
_LINK: Final = "link"
_PURPOSE: Final = "appointment"


class DynamoDbBookings:
    """`BookingStore` on the capacity, appointments, consents, links and work tables."""

    @busy_if_unread
    def lanes(self, row: DayRow | PhoneRow) -> Seen:
        """The lanes of every tick of a row that has a record, in one consistent query."""
        return read_lanes(row)

    @busy_if_unread
    def lanes_of(self, rows: Sequence[DayRow]) -> Sequence[Seen]:
        """The same for several rows, as many queries at once as there are rows: one after the other adds up."""
        if len(rows) == 1:
            return [read_lanes(rows[0])]
        return list(_readers().map(read_lanes, rows))

    def set_caps(self, row: DayRow, caps: Mapping[str, int]) -> None:
        """Bound the capacity of some ticks, together as far as one transaction reaches."""
        ticks = sorted(caps)
        for first in range(0, len(ticks), _AT_ONCE):
            steps = Steps()
            add_caps(steps, row, {tick: caps[tick] for tick in ticks[first : first + _AT_ONCE]})
            _commit(steps)

    @busy_if_unread
    def request(self, municipality: str, key: str, now: datetime) -> StoredRequest | None:
        """What an Idempotency-Key was used for; an item that TTL has not removed yet is no answer any more."""
        row = _get(request_key(municipality, key))
        return request_from(row) if row and (row.expires_at or 0) > now.timestamp() else None

    @busy_if_unread
    def hold(self, municipality: str, hold: str) -> Hold | None:
        """A hold, also an expired one that has not been removed yet."""
        row = _get(hold_key(municipality, hold))
        return hold_from(municipality, hold, row) if row else None

    @busy_if_unread
    def appointment(self, municipality: str, appointment: str) -> Appointment | None:
        """An appointment by its id."""
        row = _get(appointment_key(municipality, appointment))
        return appointment_from(row) if row else None

    @busy_if_unread
    def appointment_by_code(self, municipality: str, code: str) -> Appointment | None:
        """An appointment by its booking code."""
        row = _get(code_key(municipality, code))
        return self.appointment(municipality, row.document["appointment"]) if row else None

    @busy_if_unread
    def linked(self, token_hash: str, now: datetime) -> tuple[str, str] | None:
        """Municipality and appointment that a link opens; None when it is unknown or has expired."""
        model = bound(LinkItem)
        try:
            row = model.get(token_hash, _LINK, consistent_read=True)
        except DoesNotExist:
            return None
        works = row.purpose == _PURPOSE and (row.until or 0) > now.timestamp()
        return (row.municipality, row.subject) if works else None

    @busy_if_unread
    def is_checked_in(self, appointment: Appointment) -> bool:
        """True once a visit has begun."""
        try:
            bound(VisitItem).get(*_visit_key(appointment), consistent_read=True, attributes_to_get=["pk"])
        except DoesNotExist:
            return False
        return True

    def add_hold(self, hold: Hold, changes: RowChanges, instead_of: Hold | None, now: datetime) -> None:
        """Take the lanes and store the hold; `instead_of` ends."""
        steps = Steps()
        add_changes(steps, changes, now)
        steps.put("hold", hold_row(hold))
        if instead_of:
            steps.delete("old hold", hold_row(instead_of))
        _commit(steps)

    def extend_hold(self, before: Hold, after: Hold, changes: RowChanges, now: datetime) -> None:
        """Keep the lanes longer, if the hold still is `before`."""
        steps = Steps()
        add_changes(steps, changes, now)
        model = bound(AppointmentItem)
        steps.put("hold", hold_row(after), model.expires_at == int(before.expires_at.timestamp()))
        _commit(steps)

    def end_hold(self, hold: Hold, changes: RowChanges, now: datetime) -> None:
        """Release the lanes and remove the hold."""
        steps = Steps()
        add_changes(steps, changes, now)
        steps.delete("hold", hold_row(hold))
        _commit(steps)

    def add(
        self,
        appointment: Appointment,
        changes: Sequence[RowChanges],
        *,
        key: str,
        request: StoredRequest,
        token_hash: str,
        phone_hash: str | None,
        hold: Hold | None,
    ) -> None:
        """Take the lanes and store everything that the appointment brings, all or nothing."""
        model, now = bound(AppointmentItem), appointment.booked_at
        free = model.pk.does_not_exist() | (model.expires_at <= int(now.timestamp()))
        steps = Steps()
        for rows in changes:
            add_changes(steps, rows, now)
        until = now + timedelta(hours=KEPT_HOURS)
        steps.put("request", request_row(appointment.municipality, key, request, until), free)
        steps.put("appointment", appointment_row(appointment), model.pk.does_not_exist())
        steps.put("code", _pointer(code_key(appointment.municipality, appointment.code), appointment), free)
        steps.put("day", _pointer(day_key(appointment), appointment))
        add_consents(steps, appointment, phone_hash)
        for row in phone_pointers(appointment.municipality, appointment.id, phone_hash, now):
            steps.put("pointer", row)
        steps.put("link", _link(appointment, token_hash))
        swap_messages(steps, None, appointment)
        swap_landing(steps, None, appointment)
        swap_waiting(steps, None, appointment)
        if hold:
            steps.delete("hold", hold_row(hold))
        _commit(steps)

    def move(
        self,
        before: Appointment,
        after: Appointment,
        changes: Sequence[RowChanges],
        *,
        token_hash: str,
        now: datetime,
        begins: Sequence[WorkItem] = (),
    ) -> None:
        """Store `after` and change the lanes, if the appointment still is `before` and nobody has checked in."""
        steps = Steps()
        for rows in changes:
            add_changes(steps, rows, now)
        _replace(steps, before, after)
        steps.delete("old day", bound(AppointmentItem)(*day_key(before)))
        steps.put("day", _pointer(day_key(after), after))
        steps.put("code", _pointer(code_key(after.municipality, after.code), after))
        steps.put("link", _link(after, token_hash))
        swap_messages(steps, before, after)
        swap_landing(steps, before, after)
        swap_waiting(steps, before, after)
        begin(steps, begins)
        _commit(steps)

    def cancel(
        self,
        before: Appointment,
        after: Appointment,
        changes: Sequence[RowChanges],
        now: datetime,
        begins: Sequence[WorkItem] = (),
    ) -> None:
        """Store `after`, release the lanes and withdraw the consents, if it still is `before` and nobody checked in."""
        steps = Steps()
        for rows in changes:
            add_changes(steps, rows, now)
        _replace(steps, before, after)
        steps.delete("day", bound(AppointmentItem)(*day_key(before)))
        withdraw_consents(steps, before, now)
        swap_messages(steps, before, after)
        swap_waiting(steps, before, after)
        begin(steps, begins)
        _commit(steps)


@cache
def _readers() -> ThreadPoolExecutor:
    """Threads that wait for queries; kept, because starting them costs more than reading an empty day."""
    return ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="lanes")


def _get(key: Key) -> AppointmentItem | None:
    try:
        return bound(AppointmentItem).get(*key, consistent_read=True)
    except DoesNotExist:
        return None


def _commit(steps: Steps) -> None:
    if steps.commit():
        raise Outrun


def _pointer(key: Key, appointment: Appointment) -> AppointmentItem:
    return bound(AppointmentItem)(*key, document={"appointment": appointment.id}, expires_at=expiry(appointment.end))


def _link(appointment: Appointment, token_hash: str) -> LinkItem:
    until = expiry(appointment.end)
    return bound(LinkItem)(
        token_hash,
        _LINK,
        municipality=appointment.municipality,
        purpose=_PURPOSE,
        subject=appointment.id,
        language=appointment.language,
        until=until,
        expires_at=until,
    )


def _replace(steps: Steps, before: Appointment, after: Appointment) -> None:
    """Only if nothing has changed since it was read, and only while nobody has checked in with it."""
    model = bound(AppointmentItem)
    same = (model.version == before.version) & (model.state == before.state.value)
    steps.put("appointment", appointment_row(after), same)
    visit = bound(VisitItem)
    steps.check("visit", visit, _visit_key(before), visit.pk.does_not_exist())


def _visit_key(appointment: Appointment) -> Key:
    return day_pk(appointment.municipality, appointment.office, local_date(appointment.start)), appointment.id
