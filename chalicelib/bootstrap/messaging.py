"""Messages around appointments, and the ways in which they reach a citizen."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from chalicelib.bootstrap.citizens import booking
from chalicelib.bootstrap.core import clock, pending_work
from chalicelib.bootstrap.sending import sms_sender
from chalicelib.settings import settings
from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.adapters.booking.dynamodb_messages import DynamoDbMessages
    from chalicelib.adapters.dispatch.email_sender import SesLetters
    from chalicelib.adapters.dispatch.text_messages import SmsTextMessages
    from chalicelib.booking.capacity import Slot
    from chalicelib.booking.earlier_times import EarlierTimes
    from chalicelib.booking.messaging import AppointmentMessages
    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality


@cache
def messages() -> AppointmentMessages:
    """Confirmations, reminders and everything else that is said about an appointment."""
    from chalicelib.booking.messaging import AppointmentMessages
    from chalicelib.dispatch import sms_text
    from chalicelib.dispatch.quiet_hours import next_allowed

    return AppointmentMessages(
        store=_store(),
        work=pending_work(),
        texts=sms_text,
        phones=text_messages,
        letters=letters,
        link_of=booking().link_of,
        quiet_hours=next_allowed,
        clock=clock,
    )


@cache
def earlier_times() -> EarlierTimes:
    """Freed times for those who asked to be told."""
    from chalicelib.booking.earlier_times import EarlierTimes
    from chalicelib.dispatch.quiet_hours import next_allowed

    return EarlierTimes(
        store=_store(), work=pending_work(), free_times=_free_times, quiet_hours=next_allowed, clock=clock
    )


@cache
def text_messages() -> SmsTextMessages:
    """Text messages other than the surveys' invitations."""
    from chalicelib.adapters.dispatch.dynamodb_receipts import DynamoDbReceipts
    from chalicelib.adapters.dispatch.text_messages import SmsTextMessages

    receipts = DynamoDbReceipts()
    return SmsTextMessages(sms_sender(), lambda message_id: receipts.note_other(message_id, clock().now()))


@cache
def letters() -> SesLetters:
    """E-mail."""
    from chalicelib.adapters.dispatch.email_sender import SesLetters

    return SesLetters(region=settings().region)


@cache
def _store() -> DynamoDbMessages:
    from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
    from chalicelib.adapters.booking.dynamodb_messages import DynamoDbMessages

    return DynamoDbMessages(DynamoDbBookings())


def _free_times(municipality: Municipality, appointment: Appointment, moment: datetime) -> Sequence[Slot]:
    day = local_date(moment)
    return booking().slots(
        municipality,
        appointment.office,
        appointment.reasons,
        day,
        day,
        persons=appointment.persons,
        meeting=appointment.meeting,
    )
