"""The contact form of a booking: read, checked, and carried between the last two screens in POST bodies only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chalicelib.booking.rules import may_text
from chalicelib.entrypoints.booking_input import LONGEST_NAME, person_name
from chalicelib.entrypoints.phones import phone_of
from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.shared.errors import InvalidInput
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.phone import PhoneNumber

CARRIED: Final = ("phone", "name", "survey_consent", "text_version", "idempotency_key", "hold_id")
_YES: Final = "yes"
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class ContactForm:
    """What was typed, and what it means. `errors` are in the citizen's language, by field."""

    typed: Mapping[str, str] = field(repr=False)
    phone: PhoneNumber | None
    name: str | None = field(repr=False)
    granted: bool
    text_version: str
    errors: Mapping[str, str]
    can_text: bool

    @property
    def key(self) -> str:
        """The same for every submission of this form, so that sending it twice books once."""
        return self.typed["idempotency_key"]

    @property
    def hold_id(self) -> str | None:
        """The hold that came with it."""
        return self.typed["hold_id"] or None


def empty_form(municipality: Municipality) -> dict[str, str]:
    """The fields of a form that nobody has touched: nothing ticked, a key of its own."""
    text = municipality.consent_texts.get(SURVEY_SMS)
    fresh = {"idempotency_key": secrets.token_urlsafe(16), "text_version": text.version if text else ""}
    return {**dict.fromkeys(CARRIED, ""), **fresh}


def read_form(municipality: Municipality, sent: Mapping[str, str], language: str) -> ContactForm:
    """The form as sent; nothing typed is lost, whatever is wrong with it."""
    typed = {**empty_form(municipality), **{name: sent[name][:_LONGEST] for name in CARRIED if sent.get(name)}}
    errors: dict[str, str] = {}
    phone = _phone(typed["phone"], errors, language)
    granted = typed["survey_consent"] == _YES
    if granted and not typed["phone"]:
        message = "Skriv dit mobilnummer, hvis vi må sende dig en sms om besøget."
        errors["phone"] = gettext(language, message)
    name = _name(typed["name"], errors, language)
    can_text = phone is not None and may_text(municipality, phone)
    return ContactForm(typed, phone, name, granted, typed["text_version"], errors, can_text)


def _phone(text: str, errors: dict[str, str], language: str) -> PhoneNumber | None:
    if not text:
        return None
    try:
        return phone_of(text)
    except InvalidInput:
        message = "Tjek mobilnummeret. Skriv det som 20 12 34 56, eller med landekode som +46 70 123 45 67."
        errors["phone"] = gettext(language, message)
        return None


def _name(text: str, errors: dict[str, str], language: str) -> str | None:
    try:
        return person_name(text)
    except InvalidInput:
        errors["name"] = gettext(language, "Skriv højst %(count)s tegn.", count=LONGEST_NAME)
        return None
