"""What a citizen or another program sends to book, made into values. Messages name fields, never what stood in them."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from chalicelib.booking.model import BookingRequest, ConsentAnswer, Origin
from chalicelib.entrypoints.phones import phone_of
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import parse_moment
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.languages import as_language

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_NAME: Final = 100
LONGEST_EMAIL: Final = 254
_EMAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
_LONGEST_ID: Final = 40
_MOST_PERSONS: Final = 100

Kind = TypeVar("Kind", bound=StrEnum)


def booking_request(body: Mapping[str, Any], *, by_staff: bool = False) -> BookingRequest:
    """The request of a JSON body; every field that is wrong is named at once. Only staff say where it was made.

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
        "consent": field("survey_consent", lambda value: consent_answer(value, "survey_consent")),
        "reminder_consent": field(
            "reminder_consent", lambda value: None if value is None else consent_answer(value, "reminder_consent")
        ),
        "phone": field("phone", phone_number),
        "email": field("email", email_address),
        "name": field("name", person_name),
        "hold_id": field("hold_id", lambda value: None if value is None else _id(value, "hold_id")),
        "persons": field("persons", persons_number),
        "meeting": field("meeting", meeting_kind),
        "want_earlier": field("want_earlier", lambda value: _choice(value, "want_earlier", default=False)),
        "reminder": field("reminder", lambda value: _choice(value, "reminder", default=True)),
        "alternatives_seen": field("alternatives_seen", lambda value: _choice(value, "alternatives_seen")),
        "origin": field("origin", assisted_origin) if by_staff else Origin.WEB,
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


def consent_answer(value: Any, field: str) -> ConsentAnswer:
    """Granted or refused, with the version of the wording: silence is neither (SK-02)."""
    if not isinstance(value, dict) or not isinstance(value.get("granted"), bool):
        raise InvalidInput(fields={field: "give granted (true or false) and text_version"})
    version = value.get("text_version")
    if not isinstance(version, str):
        raise InvalidInput(fields={field: "give the text_version that was shown"})
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


def persons_number(value: Any) -> int:
    """How many come together; one if it is not said."""
    if value is None:
        return 1
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_PERSONS:
        raise InvalidInput(fields={"persons": "give a number from 1 on"})
    return value


def meeting_kind(value: Any) -> Meeting:
    """How the appointment is held; at the office if it is not said."""
    return _one_of(Meeting, Meeting.IN_PERSON if value is None else value, "meeting")


def assisted_origin(value: Any) -> Origin:
    """Where staff booked: at the desk, or with the citizen on the phone (GL-67)."""
    origin = _one_of(Origin, Origin.DESK if value is None else value, "origin")
    if not origin.is_assisted:
        raise InvalidInput(fields={"origin": "give desk or phone"})
    return origin


def _one_of(kinds: type[Kind], value: Any, field: str) -> Kind:
    try:
        return kinds(value)
    except ValueError as error:
        raise InvalidInput(fields={field: f"give one of {', '.join(kinds)}"}) from error


def _choice(value: Any, field: str, *, default: bool = False) -> bool:
    if value is None:
        return default
    if not isinstance(value, bool):
        raise InvalidInput(fields={field: "give true or false"})
    return value


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
