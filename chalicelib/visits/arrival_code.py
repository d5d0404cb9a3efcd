"""What booked citizens hold up or type on arrival: a code, the QR code on the receipt, or the link of their message.

Our QR code holds the booking code and nothing else: capitals and digits are read the same by a scanner that types on a
keyboard of any language, they make the smallest picture, and who photographs the code over a shoulder gets no link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import time
from typing import Final

from chalicelib.shared.hashing import TOKEN_LENGTH
from chalicelib.shared.identifiers import normalise_booking_code

LONGEST: Final = 300
PHONE_DIGITS: Final = 4

# A scanner set to another language types / and : as something else, so what stands between the words is not looked at.
_LINK: Final = re.compile(rf"appointments[^0-9A-Za-z]([0-9A-Za-z]{{{TOKEN_LENGTH}}})(?![0-9A-Za-z])")
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3])(?:[.:,\s]?([0-5]\d))?")


@dataclass(frozen=True, slots=True)
class Presented:
    """A booking code as stored, or the token of an appointment's link; neither is ever printed."""

    code: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def presented(text: str) -> Presented:
    """What was scanned or typed; whether it leads anywhere is for others to find out."""
    link = _LINK.search(text[:LONGEST])
    return Presented(token=link[1]) if link else Presented(code=normalise_booking_code(text[:LONGEST]))


def last_digits(text: str) -> str | None:
    """The last digits of a phone number, as asked for; None if it is not exactly so many."""
    digits = re.sub(r"\s", "", text)
    return digits if len(digits) == PHONE_DIGITS and digits.isascii() and digits.isdecimal() else None


def clock_of(text: str) -> time | None:
    """A time of day however it was typed: 10.30, 10:30, 1030 or 9; None for anything else."""
    match = _CLOCK.fullmatch(text.strip().removeprefix("kl.").strip())
    return time(int(match[1]), int(match[2] or 0)) if match else None
