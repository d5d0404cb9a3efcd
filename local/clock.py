"""The product's clock when it runs locally: the machine's, moved by an offset that tests and demonstrations set."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Final

from chalicelib.shared.clock import at_local, local_date
from chalicelib.shared.holidays import public_holidays

_YEARS: Final = range(2000, 2200)


class OffsetClock:
    """Runs at normal speed, shifted. Only the product's own time moves; the embedded AWS keeps the machine's."""

    def __init__(self) -> None:
        """Starts as the machine's clock."""
        self._offset = timedelta()

    def now(self) -> datetime:
        """The product's present moment, aware, in UTC."""
        return datetime.now(UTC) + self._offset

    def set(self, moment: datetime) -> None:
        """It is that moment now.

        Raises:
            ValueError: a moment with which the product could not count on.
        """
        self._shift(moment - datetime.now(UTC))

    def advance(self, minutes: float) -> None:
        """So many minutes later (or, if negative, earlier).

        Raises:
            ValueError: as `set`. OverflowError: beyond any calendar.
        """
        self._shift(self._offset + timedelta(minutes=minutes))

    def _shift(self, offset: timedelta) -> None:
        if (datetime.now(UTC) + offset).year not in _YEARS:
            raise ValueError(f"choose a time from {_YEARS[0]} to {_YEARS[-1]}")
        self._offset = offset


def next_working_morning(now: datetime) -> datetime:
    """Ten o'clock on the next Danish weekday that is no public holiday, after `now`: when every office is open."""
    day = local_date(now)
    while True:
        ten = at_local(day, time(10))
        if ten is not None and ten > now and day.isoweekday() <= 5 and day not in public_holidays(day.year):  # noqa: PLR2004 - Friday
            return ten
        day += timedelta(days=1)
