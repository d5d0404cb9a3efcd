"""Which opening periods hold on a day: the one rule that booking, planning and the waiting room go by. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.shared.holidays import public_holidays

if TYPE_CHECKING:
    from datetime import date

    from chalicelib.municipalities.model import DeskGroup, Municipality, Office, OpeningPeriod


def opening_of(municipality: Municipality, office: Office, group: DeskGroup, day: date) -> tuple[OpeningPeriod, ...]:
    """The opening periods in force: of the last exception that is about the day and group, else of the series."""
    if is_closed(municipality, day):
        return ()
    special = [exception for exception in office.exceptions if exception.covers(day, group.id)]
    periods = special[-1].opening if special else group.opening
    return tuple(period for period in periods if period.covers(day))


def is_closed(municipality: Municipality, day: date) -> bool:
    """True on the municipality's closing days and on Danish public holidays."""
    return day in municipality.closing_days or day in public_holidays(day.year)
