"""What a citizen or another program sends to book, made into values. Messages name fields, never what stood in them."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.entrypoints.phones import phone_of
from chalicelib.shared.clock import parse_moment
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.languages import as_language

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_NAME: Final = 100
LONGEST_EMAIL: Final = 254
_EMAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
_LONGEST_ID: Final = 40


def booking_request(body: Mapping[str, Any]) -> BookingRequest:
    """The request of a JSON body; every field that is wrong is named at once.

    Raises:
        InvalidInput: with all of them.
    """
    problems: dict[str, str] = {}

    def field(name: str, read: Any) -> Any:
        try:
            return read(body.get(name))
        except InvalidInput as error:
            problems.update(error.fields)
            return None

    values = {
        "office": field("office", lambda value: _id(value, "office")),
        "reasons": field("reasons", reason_ids),
        "start": field("start", start_time),
        "language": field("language", language_tag),
        "consent": field("survey_consent", consent_answer),
        "phone": field("phone", phone_number),
        "email": field("email", email_address),
        "name": field("name", person_name),
        "hold_id": field("hold_id", lambda value: None if value is None else _id(value, "hold_id")),
    }
    if problems:
        raise InvalidInput("Some fields are missing or wrong.", fields=problems)
    return BookingRequest(**values)


def office_id(value: Any) -> str:
    """An office's id."""
    return _id(value, "office")


def reason_ids(value: Any) -> tuple[str, ...]:
    """A list of enquiry reasons."""
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise InvalidInput(fields={"reasons": "give a list of enquiry reasons"})
    return tuple(value)


def start_time(value: Any) -> datetime:
    """An RFC 3339 time with offset."""
    try:
        return parse_moment(_text(value, "start")).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(fields={"start": "give a time such as 2026-11-23T10:00:00+01:00"}) from error


def day_of(value: str | None, field: str, default: date) -> date:
    """An ISO date; the default when it is not given."""
    if value is None:
        return default
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise InvalidInput(fields={field: "give a date such as 2026-11-23"}) from error
    if day.year == date.max.year:
        raise InvalidInput(fields={field: "no day can be counted on from there"})
    return day


def language_tag(value: Any) -> str:
    """A language that we have; required, because the message is written in it."""
    language = as_language(value) if isinstance(value, str) else None
    if language is None:
        raise InvalidInput(fields={"language": "give da or en"})
    return language.value


def consent_answer(value: Any) -> ConsentAnswer:
    """Granted or refused, with the version of the wording: silence is neither (SK-02)."""
    if not isinstance(value, dict) or not isinstance(value.get("granted"), bool):
        raise InvalidInput(fields={"survey_consent": "give granted (true or false) and text_version"})
    version = value.get("text_version")
    if not isinstance(version, str):
        raise InvalidInput(fields={"survey_consent": "give the text_version that was shown"})
    return ConsentAnswer(value["granted"], version)


def phone_number(value: Any) -> Any:
    """A phone number of any country; none is fine."""
    return None if _is_empty(value) else phone_of(_text(value, "phone"))


def email_address(value: Any) -> str | None:
    """An e-mail address; none is fine."""
    if _is_empty(value):
        return None
    text = _text(value, "email")
    if len(text) > LONGEST_EMAIL or not text.isprintable() or _EMAIL.fullmatch(text) is None:
        raise InvalidInput(fields={"email": "not an e-mail address"})
    return text


def person_name(value: Any) -> str | None:
    """A name on one line; none is fine."""
    if _is_empty(value):
        return None
    text = " ".join("".join(c if c.isprintable() else " " for c in _text(value, "name")).split())
    if len(text) > LONGEST_NAME:
        raise InvalidInput(fields={"name": f"at most {LONGEST_NAME} characters"})
    return text or None


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(fields={field: "must be text"})
    return value.strip()


def _id(value: Any, field: str) -> str:
    text = _text(value, field)
    if not 0 < len(text) <= _LONGEST_ID:
        raise InvalidInput(fields={field: "missing"})
    return text
