"""What a citizen or a system writes as a phone number, made E.164. Spaces and a missing country code are forgiven."""

from __future__ import annotations

from typing import Final

from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.phone import PhoneNumber

_HOME: Final = "DK"
_LONGEST: Final = 30


def phone_of(text: str, *, field: str = "phone") -> PhoneNumber:
    """The number; a national one is taken as Danish.

    Raises:
        InvalidInput: no phone in the world has that number. The message never holds it.
    """
    import phonenumbers  # loaded on first use: its metadata is large, and most requests carry no number

    try:
        number = phonenumbers.parse(text[:_LONGEST], _HOME)
    except phonenumbers.NumberParseException as exc:
        raise InvalidInput(fields={field: "not a phone number"}) from exc
    if len(text) > _LONGEST or not phonenumbers.is_valid_number(number):
        raise InvalidInput(fields={field: "not a phone number"})
    return PhoneNumber(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
