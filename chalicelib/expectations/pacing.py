"""Letters in batches that can be answered (BF-16), and a week that has a whole year in it (BF-19). Pure.

A batch's contacts are taken as coming on the day on which it is sent: in truth they come over some days, but with a
batch on every working day it comes to the same, apart from the first days, which are lighter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Final

from chalicelib.expectations.model import WORKING_WEEK
from chalicelib.shared.holidays import public_holidays

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from chalicelib.expectations.model import Content

MOST_DAYS: Final = 520
"""Two years of working days: whoever needs more has too little capacity, and is told so."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The letters of a working day, and the contacts that they bring."""

    day: date
    letters: int
    contacts: Decimal


@dataclass(frozen=True, slots=True)
class Week:
    """A week's batches."""

    monday: date
    days: int
    letters: int
    contacts: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """Every batch. `is_over` when one letter brings more than can be taken, so that every day is above it."""

    batches: tuple[Batch, ...]
    capacity: int
    is_over: bool = False

    @property
    def weeks(self) -> tuple[Week, ...]:
        """The same by week."""
        return tuple(
            _week(monday, tuple(batches))
            for monday, batches in groupby(self.batches, lambda batch: batch.day - timedelta(days=batch.day.weekday()))
        )


@dataclass(frozen=True, slots=True)
class Stress:
    """All that an estimate expects of a year, in its first week."""

    contacts: Decimal
    weeks: int
    """So many weeks' contacts are in it."""
    working_days: int
    share_of_capacity: Decimal
    """1 is all that can be taken in that week."""


class DoesNotFit(Exception):
    """Sending so many letters at that capacity takes longer than two years."""


def pace(content: Content, contacts_per_letter: Decimal, closing_days: Collection[date] = ()) -> Plan:
    """Batches of equal size on working days from the start on: as few days as the capacity allows.

    Raises:
        DoesNotFit: that would take longer than two years.
    """
    capacity = content.capacity.contacts
    most = int(capacity // contacts_per_letter) if contacts_per_letter else content.letters
    days = -(-content.letters // max(most, 1))
    if days > MOST_DAYS:
        raise DoesNotFit
    smaller, larger = divmod(content.letters, days) if days else (0, 0)
    dates = working_days(content.starts, closing_days)
    sizes = (smaller + (number < larger) for number in range(days))
    batches = tuple(Batch(next(dates), size, size * contacts_per_letter) for size in sizes)
    return Plan(batches, capacity, is_over=most < 1)


def stress(content: Content, expected: Decimal, closing_days: Collection[date] = ()) -> Stress:
    """A first week with everything in it: 52 times the mean of a year's estimate (BF-19)."""
    days = sum(is_working_day(content.starts + timedelta(days=number), closing_days) for number in range(7))
    possible = content.capacity.contacts * days
    return Stress(expected, content.weeks, days, expected / possible if possible else Decimal(0))


def working_days(first: date, closing_days: Collection[date] = ()) -> Iterator[date]:
    """Working days from the first on, without end."""
    day = first
    while True:
        if is_working_day(day, closing_days):
            yield day
        day += timedelta(days=1)


def is_working_day(day: date, closing_days: Collection[date] = ()) -> bool:
    """No weekend, no public holiday, no closing day of the municipality."""
    return day.weekday() < WORKING_WEEK and day not in public_holidays(day.year) and day not in closing_days


def _week(monday: date, batches: tuple[Batch, ...]) -> Week:
    return Week(
        monday, len(batches), sum(batch.letters for batch in batches), sum((b.contacts for b in batches), Decimal(0))
    )
