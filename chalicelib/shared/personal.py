"""Short texts that staff write for each other and must not hold who somebody is: refused, never redacted.

A note is written by an employee who can write it again, so it is refused as a whole. Comments of citizens, who can't be
asked again, are redacted instead (`chalicelib/surveys/redaction.py`). Names have no shape: the form asks for none.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chalicelib.shared.errors import InvalidInput

# Eight digits, however they are split, could be a phone, CPR, card or case number.
_LONG_NUMBER: Final = re.compile(r"\d(?:[\W_]{0,3}\d){7}")
_ADDRESS: Final = re.compile(r"\S\s?(?:@|\(at\)|\[at\]|\(a\))\s?\S", re.IGNORECASE)
_DATES: Final = re.compile(
    r"(?<!\d)(?:[0-3]?\d[./-][01]?\d[./-](?:19|20)\d\d|(?:19|20)\d\d-[01]\d-[0-3]\d)(?!\d|[-–]\d)"
)


def names_somebody(text: str) -> bool:
    """True for a text with a number that could be a phone or CPR number, or with an e-mail address."""
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in unicodedata.normalize("NFKC", text))
    without_dates = _DATES.sub("#", plain)
    return bool(_LONG_NUMBER.search(without_dates) or _ADDRESS.search(without_dates))


def plain_note(text: str, *, field: str, longest: int) -> str:
    """The text with single spaces, if it may be kept.

    Raises:
        InvalidInput: empty, too long, or with personal data; the text is not repeated.
    """
    note = " ".join(text.split())
    if not note or len(note) > longest:
        raise InvalidInput(fields={field: f"1 to {longest} characters"})
    if names_somebody(note):
        raise InvalidInput(fields={field: "no phone number, CPR number or e-mail address"})
    return note
