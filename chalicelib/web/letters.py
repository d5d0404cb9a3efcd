"""E-mails about appointments: subject, plain text and simple HTML, in the citizen's language.

No enquiry reason is named: an e-mail may be read over a shoulder, and a discreet reason is nobody's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chalicelib.booking.message_texts import message_link
from chalicelib.booking.planned import PROPOSALS, MessageKind
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import local_date
from chalicelib.shared.languages import in_language
from chalicelib.web.formats import clock_time, long_date
from chalicelib.web.pages import gettext, render_letter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.booking.message_ports import Letter

SUBJECTS: Final[Mapping[MessageKind, str]] = {
    MessageKind.CONFIRMATION: "Din tid hos %(municipality)s",
    MessageKind.REMINDER: "Husk din tid hos %(municipality)s",
    MessageKind.MOVED: "Din tid hos %(municipality)s er flyttet",
    MessageKind.CANCELLED: "Din tid hos %(municipality)s er aflyst",
    MessageKind.CLOSED: "Vi må flytte din tid hos %(municipality)s",
    MessageKind.EARLIER_TIME: "Der er en tidligere tid hos %(municipality)s",
}
LEADS: Final[Mapping[MessageKind, str]] = {
    MessageKind.CONFIRMATION: "Din tid er bestilt.",
    MessageKind.REMINDER: "Vi glæder os til at se dig.",
    MessageKind.MOVED: "Din tid er flyttet. Den gamle tid gælder ikke mere.",
    MessageKind.CANCELLED: "Vi er desværre nødt til at aflyse din tid. Du er velkommen til at bestille en ny.",
    MessageKind.CLOSED: "Vi har desværre lukket på det tidspunkt, hvor du har en tid. Vi foreslår en anden.",
    MessageKind.EARLIER_TIME: "Du bad os sige til, hvis en tidligere tid blev ledig. Den, der er først, får den.",
}
ACTIONS: Final[Mapping[MessageKind, str]] = {
    MessageKind.CANCELLED: "Se din aflyste tid",
    MessageKind.CLOSED: "Tag den nye tid, eller vælg en anden",
    MessageKind.EARLIER_TIME: "Tag tiden, eller sig nej tak",
}
ELSEWHERE: Final[Mapping[Meeting, str]] = {Meeting.PHONE: "Vi ringer til dig", Meeting.VIDEO: "Videomøde"}
_ACTION: Final = "Se, flyt eller aflys din tid"


@dataclass(frozen=True, slots=True)
class WrittenLetter:
    """A letter as it is sent."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    sender_name: str


def write_letter(letter: Letter) -> WrittenLetter:
    """The letter, written."""
    municipality, appointment, message = letter.municipality, letter.appointment, letter.message
    language = appointment.language
    name = in_language(municipality.name, language)
    subject = gettext(language, SUBJECTS[message.kind], municipality=name)
    parts = {
        "subject": subject,
        "lead": gettext(language, LEADS[message.kind]),
        "facts": _facts(letter),
        "action": gettext(language, ACTIONS.get(message.kind, _ACTION)),
        "link": message_link(message.kind, letter.link),
        "not_me": None if message.kind is MessageKind.CANCELLED else f"{letter.link}/not-me",
        "municipality": name,
        "contact": municipality.contact,
        "colour": municipality.brand_colour,
    }
    text = render_letter("mail/letter.txt", language, **parts)
    return WrittenLetter(subject, text, render_letter("mail/letter.html", language, **parts), name)


def _facts(letter: Letter) -> list[tuple[str, str]]:
    """What the citizen must know, as label and value."""
    appointment, about = letter.appointment, letter.message.about
    language, office = appointment.language, letter.municipality.office(appointment.office)
    proposed = about if letter.message.kind in PROPOSALS else None
    facts = [("Forslag", _moment(proposed, language))] if proposed else []
    facts.append(("Din tid nu" if proposed else "Tid", _moment(appointment.start, language)))
    facts.append(("Sted", _place(letter)))
    if letter.message.kind is not MessageKind.CANCELLED:
        facts.append(("Bookingkode", appointment.code))
        if not proposed and appointment.meeting is Meeting.IN_PERSON:
            facts.append(("Når du kommer", in_language(office.check_in_hint, language)))
    return [(gettext(language, label), value) for label, value in facts]


def _place(letter: Letter) -> str:
    language, office = letter.appointment.language, letter.municipality.office(letter.appointment.office)
    if letter.appointment.meeting is Meeting.IN_PERSON:
        return f"{in_language(office.name, language)}, {office.address}"
    return gettext(language, ELSEWHERE[letter.appointment.meeting])


def _moment(moment: datetime, language: str) -> str:
    return f"{long_date(local_date(moment), language)} {clock_time(moment, language)}"
