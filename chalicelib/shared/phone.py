"""Phone numbers that mask themselves: no log line, message or trace can show one by accident (I6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_E164 = re.compile(r"\+[1-9]\d{6,14}")


@dataclass(frozen=True, slots=True, repr=False)
class PhoneNumber:
    """An E.164 number of any country. `str` and `repr` show the country code and the last two digits at most."""

    _e164: str

    def __post_init__(self) -> None:
        """Raise ValueError unless the text is E.164; the message never holds the text."""
        if _E164.fullmatch(self._e164) is None:
            msg = "not an E.164 phone number"
            raise ValueError(msg)

    def reveal(self) -> str:
        """The number in E.164. Only the SMS adapter, the stores and the page that shows it to its owner may ask."""
        return self._e164

    def is_danish(self) -> bool:
        """True for +45 numbers."""
        return self._e164.startswith("+45")

    def __str__(self) -> str:
        """The masked form, such as `+45******78`."""
        return f"{self._e164[:3]}{'*' * (len(self._e164) - 5)}{self._e164[-2:]}"

    def __repr__(self) -> str:
        """The masked form."""
        return f"PhoneNumber({self})"
