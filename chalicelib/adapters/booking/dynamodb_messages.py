"""Pending messages and those who wait for an earlier time, in DynamoDB. Every change is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pynamodb.exceptions import DeleteError

from chalicelib.adapters.booking.appointment_rows import appointment_key, appointment_row
from chalicelib.adapters.booking.earlier_rows import swap_waiting, waiting_pk
from chalicelib.adapters.booking.message_rows import swap_messages
from chalicelib.adapters.citizens.dynamodb_consents import consent_key
from chalicelib.adapters.dynamodb_work import begin, pending_item
from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import AppointmentItem, ConsentItem, OperationItem, PendingItem, bound
from chalicelib.adapters.transactions import Steps, response_code
from chalicelib.consent.model import ConsentState
from chalicelib.shared.clock import parse_moment
from chalicelib.shared.errors import Ambiguous, Outrun

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
    from chalicelib.booking.model import Appointment
    from chalicelib.shared.work import WorkItem

_REFUSED = "ConditionalCheckFailedException"


class DynamoDbMessages:
    """`MessageStore` and `EarlierStore` on the appointments, work and operations tables."""

    def __init__(self, bookings: DynamoDbBookings) -> None:
        self._bookings = bookings

    def appointment(self, municipality: str, appointment: str) -> Appointment | None:
        """An appointment by its id, read consistently."""
        return self._bookings.appointment(municipality, appointment)

    def claim(self, item: WorkItem, *, consent: str | None = None) -> bool:
        """True for exactly one caller. A lost answer is an error: then it stays open whose claim it was."""
        if consent is not None:
            return self._claim_while_granted(item, consent)
        try:
            pending_item(item).delete(condition=bound(PendingItem).pk.exists())
        except DeleteError as exc:
            if response_code(exc) == _REFUSED:
                return False
            raise Ambiguous from exc
        return True

    def _claim_while_granted(self, item: WorkItem, scope: str) -> bool:
        """The consent is checked in the very write that takes the work (I3)."""
        steps, consents = Steps(), bound(ConsentItem)
        key = consent_key(item.municipality, item.subject, scope)
        steps.check("consent", consents, key, consents.state == ConsentState.GRANTED.value)
        steps.delete("work", pending_item(item), bound(PendingItem).pk.exists())
        return not steps.commit()

    def restore(self, item: WorkItem, appointment: Appointment) -> None:
        """The work is pending again, unless the appointment has moved on since."""
        steps, model = Steps(), bound(AppointmentItem)
        key = appointment_key(appointment.municipality, appointment.id)
        steps.check("appointment", model, key, model.version == appointment.version)
        begin(steps, [item])
        steps.commit()

    def update(self, before: Appointment, after: Appointment) -> None:
        """Store `after` with its pending messages and its place among those who wait."""
        steps = Steps()
        _replace(steps, before, after)
        if steps.commit():
            raise Outrun

    def waiting(self, municipality: str, office: str, group: str, later_than: datetime) -> Iterator[Appointment]:
        """Who booked longest ago comes first. Rows whose time has passed wait only for their removal."""
        for row in _waiting_rows(waiting_pk(municipality, office, group)):
            if row.document and parse_moment(row.document["start"]) > later_than:
                appointment = self.appointment(municipality, row.document["appointment"])
                if appointment:
                    yield appointment

    def offer(self, before: Appointment, after: Appointment, done: WorkItem, next_: WorkItem) -> None:
        """Only one of those who found the same work can offer its time."""
        steps = Steps()
        _replace(steps, before, after)
        steps.delete("work", pending_item(done), bound(PendingItem).pk.exists())
        begin(steps, [next_])
        if steps.commit():
            raise Outrun

    def announce(self, items: Sequence[WorkItem]) -> None:
        """The work begins."""
        steps = Steps()
        begin(steps, items)
        steps.commit()

    def postpone(self, item: WorkItem, later: WorkItem) -> None:
        """The work is due later, if it is still to be done."""
        steps = Steps()
        steps.delete("work", pending_item(item), bound(PendingItem).pk.exists())
        begin(steps, [later])
        steps.commit()

    def end(self, item: WorkItem) -> None:
        """The work is done; twice is once."""
        steps = Steps()
        steps.delete("work", pending_item(item))
        steps.commit()


@busy_if_unread
def _waiting_rows(partition: str) -> list[OperationItem]:
    return list(bound(OperationItem).query(partition, consistent_read=True))


def _replace(steps: Steps, before: Appointment, after: Appointment) -> None:
    model = bound(AppointmentItem)
    same = (model.version == before.version) & (model.state == before.state.value)
    steps.put("appointment", appointment_row(after), same)
    swap_messages(steps, before, after, anew=False)
    swap_waiting(steps, before, after)
