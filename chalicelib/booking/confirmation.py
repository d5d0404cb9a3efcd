"""The confirmation message: its text, and sending it at most once.

The message is pending from the booking's own transaction on. Whoever sends it claims it first, by removing it; so a
crash between claim and send costs the message, never sends it twice. The receipt page shows everything it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.shared.clock import to_local
from chalicelib.shared.errors import BorgerpulsError
from chalicelib.shared.languages import Language, in_language
from chalicelib.shared.work import WorkKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.booking.model import Appointment
    from chalicelib.booking.ports import BookingStore, ConfirmationSender, MessageTexts
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.work import PendingWork, WorkItem

EXAMPLE: Final = "4kT9xRb27LmQwZ"
"""What the last part of a survey link looks like, for previews; nobody's."""

EXAMPLE_CODE: Final = "K7RTWX"


class Confirmations:
    """Pending confirmations and their sending."""

    def __init__(
        self,
        store: BookingStore,
        work: PendingWork,
        sender: Callable[[], ConfirmationSender],
        texts: MessageTexts,
    ) -> None:
        self._store = store
        self._work = work
        self._sender = sender
        self._texts = texts

    def send(self, municipality: Municipality, appointment: Appointment, link: str, now: datetime) -> bool:
        """True if this call has handed the message over; False where none is pending, or it could not leave yet."""
        phone, due_at = appointment.phone, appointment.confirm_at
        if phone is None or due_at is None:
            return False
        text = confirmation_text(self._texts, municipality, appointment, link)
        # If the claim's answer is lost, it stays open whose it was, and nobody sends: rather no message than two.
        if not self._store.claim_confirmation(municipality.id, appointment.id, due_at) or now >= appointment.start:
            return False
        if self._sender().send(phone=phone, text=text, sender=municipality.survey.sender):
            return True
        self._store.restore_confirmation(appointment)
        return False

    def send_due(self, municipality: Municipality, now: datetime, link_of: Callable[[Appointment], str]) -> int:
        """Send what is still pending, and drop what belongs to nothing any more. How many were handed over.

        Of one that can't be sent the error is raised after the others are done: it holds up nobody.
        """
        sent, failure = 0, None
        for item in self._work.due(municipality.id, now, kind=WorkKind.CONFIRM):
            try:
                sent += self._send_due(municipality, item, now, link_of)
            except (BorgerpulsError, KeyError, ValueError) as exc:
                failure = failure or exc
        if failure is not None:
            raise failure
        return sent

    def _send_due(
        self, municipality: Municipality, item: WorkItem, now: datetime, link_of: Callable[[Appointment], str]
    ) -> bool:
        appointment = self._store.appointment(municipality.id, item.subject)
        if appointment is None or appointment.confirm_at != item.due_at or appointment.start <= now:
            self._store.claim_confirmation(municipality.id, item.subject, item.due_at)
            return False
        return self.send(municipality, appointment, link_of(appointment), now)


def confirmation_text(texts: MessageTexts, municipality: Municipality, appointment: Appointment, link: str) -> str:
    """The message in the citizen's language; names no enquiry reason at all, so a discreet one is safe.

    Where to check in is added if it fits into the same number of parts (GL-65).
    """
    language = appointment.language
    office = municipality.office(appointment.office)
    local = to_local(appointment.start)
    separator = "." if language == Language.DANISH else ":"
    values = {
        "municipality": in_language(municipality.name, language),
        "date": f"{local.day}/{local.month}",
        "time": f"{local.hour}{separator}{local.minute:02d}",
        "office": in_language(office.name, language),
        "code": appointment.code,
        "link": link,
    }
    template = in_language(municipality.sms_templates["confirmation"], language)
    text = texts.fit(template, values)
    check_in = " Tjek ind {hint}." if language == Language.DANISH else " Check in {hint}."
    longer = texts.fit(template + check_in, {**values, "hint": in_language(office.check_in_hint, language)})
    is_whole = longer.startswith(text)
    return longer if is_whole and texts.measure(longer).parts == texts.measure(text).parts else text


def invitation_text(texts: MessageTexts, municipality: Municipality, language: str, *, code: str, link: str) -> str:
    """The survey message of an appointment."""
    template = in_language(municipality.sms_templates["invitation"], language)
    values = {"municipality": in_language(municipality.name, language), "code": code, "link": link}
    return texts.fit(template, values)
