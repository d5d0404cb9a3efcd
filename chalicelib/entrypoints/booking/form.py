"""The contact form of a booking: read, checked, and carried between the last two screens in POST bodies only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chalicelib.booking.model import ConsentAnswer
from chalicelib.booking.rules import may_text
from chalicelib.entrypoints.booking.input import LONGEST_NAME, email_address, person_name
from chalicelib.entrypoints.phones import phone_of
from chalicelib.municipalities.model import REMINDER_SMS, SURVEY_SMS, Meeting
from chalicelib.shared.errors import InvalidInput
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.phone import PhoneNumber

_BOXES: Final = ("reminder", "want_earlier", "survey_consent")
_MACHINERY: Final = (
    *("text_version", "reminder_version", "idempotency_key", "hold_id"),
    *("email_asked", "solution", "slip", "extra"),
)
CARRIED: Final = ("phone", "email", "name", *_BOXES, *_MACHINERY)
YES: Final = "yes"
_LONGEST: Final = 300
_LONGEST_SOLUTION: Final = 1000

_BAD_PHONE: Final = "Tjek telefonnummeret. Skriv det som 20 12 34 56, eller med landekode som +46 70 123 45 67."
_BAD_EMAIL: Final = "Tjek e-mailadressen. Skriv den som navn@eksempel.dk."
_PHONE_FOR_CONSENT: Final = "Skriv dit mobilnummer, hvis vi må sende dig en sms om besøget."
_WAY_FOR_REMINDER: Final = "Skriv, hvor vi kan fange dig, hvis vi må minde dig om tiden."
_PHONE_FOR_CALL: Final = "Skriv det nummer, vi skal ringe til."
_EMAIL_FOR_VIDEO: Final = "Skriv den e-mail, vi skal sende linket til videomødet til."
_WAY_FOR_EARLIER: Final = "Skriv, hvor vi kan fange dig, hvis du vil have besked om en tidligere tid."
_EMAIL_INSTEAD: Final = (
    "Vi sender ikke sms til numre i det land. Skriv din e-mail, så sender vi bekræftelsen dertil. "
    "Du kan også gå videre uden."
)


@dataclass(frozen=True, slots=True)
class ContactForm:
    """What was typed, and what it means. `errors` are in the citizen's language, by field."""

    typed: Mapping[str, str] = field(repr=False)
    phone: PhoneNumber | None
    email: str | None = field(repr=False)
    name: str | None = field(repr=False)
    errors: Mapping[str, str]
    can_text: bool

    @property
    def granted(self) -> bool:
        """The answer to the survey question; no tick is no (SK-02)."""
        return self.typed["survey_consent"] == YES

    @property
    def text_version(self) -> str:
        """The wording that was asked."""
        return self.typed["text_version"]

    @property
    def wants_reminder(self) -> bool:
        """Whether to be reminded."""
        return self.typed["reminder"] == YES

    @property
    def reminder_consent(self) -> ConsentAnswer | None:
        """The answer to the reminder's question; no tick is no. None: the form had no such question."""
        version = self.typed["reminder_version"]
        return ConsentAnswer(self.wants_reminder, version) if version else None

    @property
    def wants_earlier(self) -> bool:
        """Whether to be told of an earlier time."""
        return self.typed["want_earlier"] == YES

    @property
    def key(self) -> str:
        """The same for every submission of this form, so that sending it twice books once."""
        return self.typed["idempotency_key"]

    @property
    def hold_id(self) -> str | None:
        """The hold that came with it."""
        return self.typed["hold_id"] or None


def empty_form(municipality: Municipality, *, hold_id: str = "") -> dict[str, str]:
    """The fields of a form that nobody has touched, with a key of its own.

    Nothing is ticked, but for the reminder where it is a service that can be declined and no consent (ADR 29).
    """
    text, key = municipality.consent_texts.get(SURVEY_SMS), secrets.token_urlsafe(16)
    fresh = {"idempotency_key": key, "text_version": text.wording_for(key).version if text else ""}
    reminder = "" if REMINDER_SMS in municipality.consent_texts else YES
    return {**dict.fromkeys(CARRIED, ""), **fresh, "hold_id": hold_id, "reminder": reminder}


def typed_form(municipality: Municipality, sent: Mapping[str, str]) -> dict[str, str]:
    """The fields as sent; a box that was not sent is not ticked."""
    longest = {"solution": _LONGEST_SOLUTION}
    given = {name: sent[name][: longest.get(name, _LONGEST)] for name in CARRIED if sent.get(name)}
    return {**empty_form(municipality), **dict.fromkeys(_BOXES, ""), **given}


def read_form(
    municipality: Municipality, sent: Mapping[str, str], language: str, meeting: Meeting = Meeting.IN_PERSON
) -> ContactForm:
    """The form as sent; nothing typed is lost, whatever is wrong with it."""
    typed = typed_form(municipality, sent)
    wrong: dict[str, str] = {}
    phone = _read(typed, "phone", phone_of, wrong, _BAD_PHONE) if typed["phone"] else None
    email = _read(typed, "email", email_address, wrong, _BAD_EMAIL)
    errors = {name: gettext(language, message) for name, message in wrong.items()}
    try:
        name = person_name(typed["name"])
    except InvalidInput:
        name, errors["name"] = None, gettext(language, "Skriv højst %(count)s tegn.", count=LONGEST_NAME)
    can_text = phone is not None and may_text(municipality, phone)
    form = ContactForm(typed, phone, email, name, errors, can_text)
    for missing, message in _lacking(municipality, form, meeting).items():
        errors.setdefault(missing, gettext(language, message))
        if message == _EMAIL_INSTEAD:
            typed["email_asked"] = YES  # once is enough
    return form


def _lacking(municipality: Municipality, form: ContactForm, meeting: Meeting) -> dict[str, str]:
    """What is needed for what the citizen has chosen, and isn't there."""
    lacking: dict[str, str] = {}
    if meeting is Meeting.PHONE and not form.typed["phone"]:
        lacking["phone"] = _PHONE_FOR_CALL
    if meeting is Meeting.VIDEO and not form.typed["email"]:
        lacking["email"] = _EMAIL_FOR_VIDEO
    if form.granted and not form.typed["phone"]:
        lacking.setdefault("phone", _PHONE_FOR_CONSENT)
    if not form.typed["phone"] and not form.typed["email"]:
        if form.reminder_consent and form.wants_reminder:
            lacking.setdefault("phone", _WAY_FOR_REMINDER)
        if form.wants_earlier:
            lacking.setdefault("phone", _WAY_FOR_EARLIER)
    unreached = form.phone and not form.can_text and not form.typed["email"]
    if unreached and municipality.email_from and not form.typed["email_asked"]:
        lacking.setdefault("email", _EMAIL_INSTEAD)
    return lacking


def _read(typed: Mapping[str, str], name: str, read: Callable[[str], Any], wrong: dict[str, str], message: str) -> Any:
    try:
        return read(typed[name])
    except InvalidInput:
        wrong[name] = message
        return None
