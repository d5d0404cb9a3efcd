"""Limits per network address: what one caller may do within an hour, whoever it says it is.

An address is personal data, so it is never stored: what is counted under is a keyed hash that also holds the hour, so
that nobody, the municipality included, can follow a caller from one hour to the next.
"""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.clock import utc_text
from chalicelib.shared.errors import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys


class Purpose(StrEnum):
    """What is counted; each on its own."""

    BOOK = "book"
    HOLD = "hold"
    FIND = "find"
    UNSOLVED = "unsolved"


# How many times `per_address_hour`: who books looks at several times first. Bookings that came without a solved
# challenge are rationed (a fifth), as nothing else slows them down.
_SHARE: Final = {Purpose.BOOK: 1.0, Purpose.HOLD: 4.0, Purpose.FIND: 1.0, Purpose.UNSOLVED: 0.2}
_IPV6_HOUSEHOLD: Final = 64


class CallerCounts(Protocol):
    """Counts what callers do."""

    def count(self, municipality: str, caller: str, purpose: Purpose, hour: datetime) -> int:
        """Counts one, atomically, and answers how many there were within that hour, this one included."""
        ...


class CallerLimits:
    """Whether a caller may still do something within this hour."""

    def __init__(self, *, counts: CallerCounts, keys: Callable[[], Keys], clock: Callable[[], Clock]) -> None:
        self._counts = counts
        self._keys = keys
        self._clock = clock

    def check(self, municipality: Municipality, address: str, purpose: Purpose) -> None:
        """Counts it.

        Raises:
            TooManyRequests: this address has done it too often within this hour.
            Busy: it could not be counted.
        """
        most = municipality.booking.per_address_hour
        household = household_of(address)
        if not most or household is None:
            return
        hour = self._clock().now().replace(minute=0, second=0, microsecond=0)
        caller = caller_hash(self._keys(), municipality.id, household, hour)
        if self._counts.count(municipality.id, caller, purpose, hour) > max(1, int(most * _SHARE[purpose])):
            raise TooManyRequests


def household_of(address: str) -> str | None:
    """What stands for one caller: the address, of IPv6 the network that a household gets.

    None for addresses that the internet does not know (loopback, private networks): they stand for no caller, because
    everybody behind the same gateway has the same one.
    """
    try:
        known = ip_address(address)
    except ValueError:
        return None
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped is not None:
            return household_of(str(known.ipv4_mapped))
        return str(ip_network((known, _IPV6_HOUSEHOLD), strict=False)) if known.is_global else None
    return str(known) if known.is_global else None


def caller_hash(keys: Keys, municipality: str, household: str, hour: datetime) -> str:
    """40 hex digits that stand for a caller within one municipality and one hour, and mean nothing in another."""
    text = f"caller|{municipality}|{utc_text(hour)}|{household}".encode()
    return hmac.new(keys.phone, text, hashlib.sha256).hexdigest()[:40]
