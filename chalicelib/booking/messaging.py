"""Sending the messages of appointments: each at most once, whatever crashes (ADR 20).

A message is pending from the transaction on that causes it. Whoever sends it claims it first, by removing it; so a
crash between claim and send costs the message, never sends it twice. The citizen's page shows everything it says.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from chalicelib.booking.message_ports import Letter
from chalicelib.booking.message_texts import message_text
from chalicelib.booking.messages import consent_of, is_pointless, way_to
from chalicelib.booking.planned import WORK, MessageKind, PlannedMessage, Way, work_of
from chalicelib.shared.errors import BorgerpulsError, NotFound, WrongState
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.booking.message_ports import Letters, MessageStore, MessageTexts, QuietHours, TextMessages
    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.work import PendingWork, WorkItem

MOST_AT_ONCE: Final = 100
"""Messages of one municipality in one sweep: a sweep that runs out of time would lose what it has just claimed."""

_KINDS: Final = frozenset(WORK.values())


class AppointmentMessages:
    """Pending messages and their sending."""

    def __init__(
        self,
        *,
        store: MessageStore,
        work: PendingWork,
        texts: MessageTexts,
        phones: Callable[[], TextMessages],
        letters: Callable[[], Letters],
        link_of: Callable[[Appointment], str],
        quiet_hours: QuietHours,
        clock: Callable[[], Clock],
        retry: Retry | None = None,
    ) -> None:
        self._store = store
        self._work = work
        self._texts = texts
        self._phones = phones
        self._letters = letters
        self._link_of = link_of
        self._quiet_hours = quiet_hours
        self._clock = clock
        self._retry = retry or Retry()

    # Sending

    def send_now(self, municipality: Municipality, appointment_id: str) -> int:
        """Send what is due of one appointment, whoever calls and however often; how many were handed over."""
        now = self._clock().now()
        appointment = self._store.appointment(municipality.id, appointment_id)
        if appointment is None:
            return 0
        due = [message for message in appointment.messages if message.due_at <= now]
        items = [self._item(municipality, appointment, message) for message in due]
        return sum(self._deliver(municipality, appointment, item, now) for item in items if item)

    def send_due(self, municipality: Municipality, now: datetime) -> int:
        """Send what is due and still pending, and drop what nobody needs any more. How many were handed over.

        Of one that can't be sent the error is raised after the others are done: it holds up nobody.
        """
        sent, failure = 0, None
        due = (item for item in self._work.due(municipality.id, now) if item.kind in _KINDS)
        for item in islice(due, MOST_AT_ONCE):
            try:
                sent += self._send_due(municipality, item, now)
            except (BorgerpulsError, KeyError, ValueError) as exc:
                failure = failure or exc
        if failure is not None:
            raise failure
        return sent

    def _item(self, municipality: Municipality, appointment: Appointment, message: PlannedMessage) -> WorkItem | None:
        """The pending work; only a cancelled appointment's must be read, for what it says about where to send."""
        item = work_of(municipality.id, appointment.id, message)
        if not appointment.is_cancelled:
            return item
        return self._work.find(municipality.id, item.kind, item.subject, item.due_at)

    def _send_due(self, municipality: Municipality, item: WorkItem, now: datetime) -> bool:
        appointment = self._store.appointment(municipality.id, item.subject)
        if appointment is None:
            self._store.claim(item)
            return False
        return self._deliver(municipality, appointment, item, now)

    def _deliver(self, municipality: Municipality, appointment: Appointment, item: WorkItem, now: datetime) -> bool:
        message = _planned(appointment, item)
        if message is None or is_pointless(appointment, message, now):
            self._store.claim(item)
            return False
        leave = self._prepared(municipality, _reachable(appointment, item), message)
        # If the claim's answer is lost, it stays open whose it was, and nobody sends: rather no message than two.
        if not self._claimed(item, consent_of(appointment, message)) or leave is None:
            return False
        if leave():
            return True
        self._store.restore(item, appointment)
        return False

    def _claimed(self, item: WorkItem, consent: str | None) -> bool:
        """True if this caller may send. What was taken back meanwhile is dropped: nothing is said later either (I3)."""
        if self._store.claim(item, consent=consent):
            return True
        if consent is not None:
            self._store.claim(item)
        return False

    def _prepared(
        self, municipality: Municipality, appointment: Appointment, message: PlannedMessage
    ) -> Callable[[], bool] | None:
        """Written before it is claimed, so that what can't be written is not lost. None: nobody is there."""
        link, phone, email = self._link_of(appointment), appointment.phone, appointment.email
        way = way_to(municipality, phone, email)
        if way is Way.SMS and phone:
            text = message_text(self._texts, municipality, appointment, message, link)
            return lambda: self._phones().send(phone=phone, text=text, sender=municipality.survey.sender)
        if way is Way.EMAIL and email:
            letter = Letter(email, municipality, appointment, message, link)
            return lambda: self._letters().send(letter)
        return None

    # Planning what does not come with a booking, a move or a cancellation

    def propose(self, municipality: Municipality, appointment: Appointment, start: datetime) -> Appointment:
        """The office closes at the appointment's time: its citizen is told and asked to take `start` instead.

        Whoever proposes keeps the place. The message keeps to the hours in which people are asked; a later proposal
        takes the place of an earlier one.

        Raises:
            WrongState: cancelled or over, so there is nothing to move.
            Busy: try again.
        """

        def change(before: Appointment, now: datetime) -> Appointment:
            if before.is_cancelled or before.start <= now:
                raise WrongState("The appointment is over or cancelled.")
            if way_to(municipality, before.phone, before.email) is None:
                return before
            proposal = PlannedMessage(
                MessageKind.CLOSED, self._quiet_hours(now, municipality.survey, municipality.closing_days), start
            )
            if any((known.kind, known.about) == (proposal.kind, start) for known in before.messages):
                return before
            others = tuple(known for known in before.messages if known.kind is not MessageKind.CLOSED)
            return replace(before, messages=(*others, proposal))

        return self._changed(appointment, change)

    def withdraw_proposal(self, appointment: Appointment) -> Appointment:
        """The office is open after all: the proposal is gone, and is not sent if it has not been. Twice is once."""

        def change(before: Appointment, _: datetime) -> Appointment:
            others = tuple(known for known in before.messages if known.kind is not MessageKind.CLOSED)
            return replace(before, messages=others)

        return self._changed(appointment, change)

    def not_me(self, appointment: Appointment) -> Appointment:
        """Whoever got the messages is not the citizen: number and address are gone, and no message comes any more.

        The appointment stays with its code and its time. Twice is once.
        """

        def change(before: Appointment, _: datetime) -> Appointment:
            return replace(before, phone=None, email=None, messages=(), reminder=False, want_earlier=False)

        return self._changed(appointment, change)

    def stop_reminder(self, municipality: str, appointment_id: str) -> None:
        """The citizen is not reminded of this time, wherever it may be moved. Twice is once."""

        def change(before: Appointment, _: datetime) -> Appointment:
            others = tuple(known for known in before.messages if known.kind is not MessageKind.REMINDER)
            return replace(before, messages=others, reminder=False)

        appointment = self._store.appointment(municipality, appointment_id)
        if appointment is not None:
            self._changed(appointment, change)

    def stop_earlier(self, appointment: Appointment) -> Appointment:
        """The citizen no longer wants to hear of earlier times. Twice is once."""

        def change(before: Appointment, _: datetime) -> Appointment:
            others = tuple(known for known in before.messages if known.kind is not MessageKind.EARLIER_TIME)
            return replace(before, messages=others, want_earlier=False)

        return self._changed(appointment, change)

    def _changed(self, appointment: Appointment, change: Callable[[Appointment, datetime], Appointment]) -> Appointment:
        def attempt() -> Appointment:
            before = self._store.appointment(appointment.municipality, appointment.id)
            if before is None:
                raise NotFound
            after = change(before, self._clock().now().replace(microsecond=0))
            if after == before:
                return before
            after = replace(after, version=before.version + 1)
            self._store.update(before, after)
            return after

        return self._retry.run(attempt)


def _planned(appointment: Appointment, item: WorkItem) -> PlannedMessage | None:
    """The message that the work is for; None if it is not planned any more."""
    same = (known for known in appointment.messages if (WORK[known.kind], known.due_at) == (item.kind, item.due_at))
    return next(same, None)


def _reachable(appointment: Appointment, item: WorkItem) -> Appointment:
    """The appointment with where its citizen is reached: a cancelled one has only left it with the work."""
    if not item.payload:
        return appointment
    phone = PhoneNumber(item.payload["phone"]) if item.payload.get("phone") else None
    return replace(appointment, phone=phone, email=item.payload.get("email"))
