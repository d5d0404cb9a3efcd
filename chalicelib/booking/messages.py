"""Which messages an appointment has coming, when, and how they reach the citizen. Pure.

Messages are planned by the write that causes them and pending from then on (ADR 20). A move plans anew, a cancellation
by the citizen plans nothing, so no message ever speaks of a time that is no longer the citizen's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.booking.planned import MessageKind, PlannedMessage, Way
from chalicelib.booking.reminders import reminder_moment
from chalicelib.booking.rules import may_text
from chalicelib.municipalities.model import REMINDER_SMS

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.phone import PhoneNumber


REMINDER_WORTH: Final = timedelta(hours=10)
"""A reminder that could not leave in this time is dropped: from ten in the morning on, that is until the evening."""

EARLIER_TIME_WORTH: Final = timedelta(minutes=30)
"""How long an earlier time is offered to one citizen before the next is asked."""


def way_to(municipality: Municipality, phone: PhoneNumber | None, email: str | None) -> Way | None:
    """How a citizen with these is reached: a text message where one may go, else e-mail where the municipality has it.

    None promises nothing: the page says that it must be kept.
    """
    if phone and may_text(municipality, phone):
        return Way.SMS
    return Way.EMAIL if email and municipality.email_from else None


def after_booking(municipality: Municipality, appointment: Appointment, now: datetime) -> tuple[PlannedMessage, ...]:
    """The confirmation at once, and the reminder if it was wished for and its moment is still to come."""
    return _with_reminder(municipality, appointment, PlannedMessage(MessageKind.CONFIRMATION, now))


def after_move(municipality: Municipality, appointment: Appointment, now: datetime) -> tuple[PlannedMessage, ...]:
    """The new time at once, and the reminder of the new time; what was planned for the old one is gone."""
    return _with_reminder(municipality, appointment, PlannedMessage(MessageKind.MOVED, now))


def after_cancellation(now: datetime, *, by_office: bool) -> tuple[PlannedMessage, ...]:
    """Only who did not cancel must be told. Planned also where nobody can be reached: the page then says it."""
    return (PlannedMessage(MessageKind.CANCELLED, now),) if by_office else ()


def _with_reminder(
    municipality: Municipality, appointment: Appointment, first: PlannedMessage
) -> tuple[PlannedMessage, ...]:
    if way_to(municipality, appointment.phone, appointment.email) is None:
        return ()
    moment = reminder_moment(municipality.booking, appointment.start) if appointment.reminder else None
    if moment is None or moment <= first.due_at:
        return (first,)
    return first, PlannedMessage(MessageKind.REMINDER, moment)


def consent_of(appointment: Appointment, message: PlannedMessage) -> str | None:
    """The scope of the consent without which the message may not leave; None: it comes with the appointment (I3)."""
    needed = message.kind is MessageKind.REMINDER and appointment.reminder_consent is not None
    return REMINDER_SMS if needed else None


def is_pointless(appointment: Appointment, message: PlannedMessage, now: datetime) -> bool:
    """True for a message that nobody needs any more; it is dropped instead of sent."""
    late = now - message.due_at
    match message.kind:
        case MessageKind.CANCELLED:
            return appointment.start <= now
        case _ if appointment.is_cancelled or appointment.start <= now:
            return True
        case MessageKind.REMINDER:
            return late > REMINDER_WORTH
        case MessageKind.EARLIER_TIME:
            return late > EARLIER_TIME_WORTH or message.about is None or not now < message.about < appointment.start
        case MessageKind.CLOSED:
            return message.about is None or message.about <= now
        case _:
            return False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time that was proposed to the citizen: by the office that closes, or because it came free earlier."""

    start: datetime
    by_office: bool


def open_proposal(appointment: Appointment, now: datetime) -> Proposal | None:
    """What was proposed last and may still be taken; the office's proposal comes first.

    Earlier times are only proposed to who still wants one, not to who has taken one or has said no.
    """
    if appointment.is_cancelled or appointment.start <= now:
        return None
    instead = proposed_instead(appointment)
    if instead is not None and instead > now:
        return Proposal(instead, by_office=True)
    offered = appointment.earlier_offered if appointment.want_earlier else ()
    earlier = next((start for start in reversed(offered) if now < start < appointment.start), None)
    return Proposal(earlier, by_office=False) if earlier else None


def proposed_instead(appointment: Appointment) -> datetime | None:
    """The time that was proposed because this one can't be kept."""
    if appointment.is_cancelled:
        return None
    proposals = [message.about for message in appointment.messages if message.kind is MessageKind.CLOSED]
    return proposals[-1] if proposals else None
