"""The text of each message, in the citizen's language; no enquiry reason is ever named, so a discreet one is safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.booking.planned import PROPOSALS, MessageKind
from chalicelib.municipalities.message_templates import ELSEWHERE
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import to_local
from chalicelib.shared.languages import Language, in_language

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.booking.message_ports import MessageTexts
    from chalicelib.booking.model import Appointment
    from chalicelib.booking.planned import PlannedMessage
    from chalicelib.municipalities.model import Municipality

EXAMPLE: Final = "4kT9xRb27LmQwZ"
"""What the last part of a survey link looks like, for previews; nobody's."""

EXAMPLE_CODE: Final = "K7RTWX"

OFFER_PATH: Final = "offer"
"""Where a proposed time is taken, under the appointment's own page."""

_SAY_WHERE: Final = frozenset({MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.MOVED})


def message_link(kind: MessageKind, link: str) -> str:
    """What a message links to: the appointment's page, or the page on which its proposal is answered."""
    return f"{link}/{OFFER_PATH}" if kind in PROPOSALS else link


def message_text(
    texts: MessageTexts, municipality: Municipality, appointment: Appointment, message: PlannedMessage, link: str
) -> str:
    """The text message of one kind.

    Where to check in is added if it fits into the same number of parts (GL-63, GL-65); the page always says it.
    """
    language = appointment.language
    office = municipality.office(appointment.office)
    values = {
        "municipality": in_language(municipality.name, language),
        "date": short_date(appointment.start),
        "time": short_time(appointment.start, language),
        "new_date": short_date(message.about) if message.about else None,
        "new_time": short_time(message.about, language) if message.about else None,
        "office": _place(appointment, in_language(office.name, language)),
        "code": appointment.code,
        "link": message_link(message.kind, link),
    }
    template = in_language(municipality.sms_templates[message.kind.value], language)
    text = texts.fit(template, values)
    if message.kind not in _SAY_WHERE or appointment.meeting is not Meeting.IN_PERSON:
        return text
    check_in = " Tjek ind {hint}." if language == Language.DANISH else " Check in {hint}."
    longer = texts.fit(template + check_in, {**values, "hint": in_language(office.check_in_hint, language)})
    is_whole = longer.startswith(text)
    return longer if is_whole and texts.measure(longer).parts == texts.measure(text).parts else text


def _place(appointment: Appointment, office: str) -> str:
    """Where it takes place: at the office, unless nobody has to come."""
    words = ELSEWHERE.get(appointment.meeting)
    return in_language(words, appointment.language) if words else office


def short_date(moment: datetime) -> str:
    """`7/12`, by the local calendar."""
    local = to_local(moment)
    return f"{local.day}/{local.month}"


def short_time(moment: datetime, language: str) -> str:
    """`9.05` in Danish, `9:05` elsewhere, Danish local time."""
    local = to_local(moment)
    separator = "." if language == Language.DANISH else ":"
    return f"{local.hour}{separator}{local.minute:02d}"


def invitation_text(texts: MessageTexts, municipality: Municipality, language: str, *, code: str, link: str) -> str:
    """The survey message of an appointment."""
    template = in_language(municipality.sms_templates["invitation"], language)
    values = {"municipality": in_language(municipality.name, language), "code": code, "link": link}
    return texts.fit(template, values)
