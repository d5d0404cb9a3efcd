"""What booking pages show, prepared for their templates: days, parts of the day, times in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.booking.rules import last_day
from chalicelib.shared.clock import local_date, to_local
from chalicelib.shared.errors import NotFound
from chalicelib.web.formats import clock_time, long_date
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.booking.capacity import Slot
    from chalicelib.municipalities.model import Municipality

WINDOW_DAYS: Final = 14
_NEAREST: Final = 4
_START: Final = "%Y%m%dT%H%MZ"
_NOON_HOUR, _AFTERNOON_HOUR = 11, 13


@dataclass(frozen=True, slots=True)
class DayChoice:
    """A day that has free times."""

    day: date
    weekday: str
    number: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """The times that a page offers: a window of days, one of them open; `earlier` and `later` page through windows."""

    days: tuple[DayChoice, ...]
    chosen: date | None
    parts: tuple[tuple[str, tuple[Slot, ...]], ...]
    first: Slot | None
    earlier: date | None
    later: date | None


def offer(
    municipality: Municipality,
    errand: tuple[str, Sequence[str]],
    *,
    window: date | None,
    day: date | None,
    language: str,
) -> Offer:
    """The days from `window` on that have free times, and the times of `day` or else of the first of them."""
    booking, now = bootstrap.booking(), bootstrap.clock().now()
    office, reasons = errand
    today, end = local_date(now), last_day(municipality, now)
    start = min(max(window or day or today, today), end)
    slots = booking.slots(municipality, office, reasons, start, start + timedelta(days=WINDOW_DAYS - 1))
    first = booking.first_free(municipality, office, reasons) if start > today or not slots else slots[0]
    if not slots and first and local_date(first.start) > start:
        start = local_date(first.start)
        slots = booking.slots(municipality, office, reasons, start, start + timedelta(days=WINDOW_DAYS - 1))
    by_day: dict[date, list[Slot]] = {}
    for slot in slots:
        by_day.setdefault(local_date(slot.start), []).append(slot)
    chosen = day if day in by_day else next(iter(by_day), None)
    later = start + timedelta(days=WINDOW_DAYS)
    return Offer(
        days=tuple(_day_choice(each, chosen, language) for each in by_day),
        chosen=chosen,
        parts=_parts(by_day[chosen], language) if chosen else (),
        first=first,
        earlier=max(today, start - timedelta(days=WINDOW_DAYS)) if start > today else None,
        later=later if later <= end else None,
    )


def _day_choice(day: date, chosen: date | None, language: str) -> DayChoice:
    words = long_date(day, language).split()
    month = words[-2][:3]
    return DayChoice(day, words[0].capitalize(), f"{day.day}. {month}" if language == "da" else f"{day.day} {month}",
                     day == chosen)  # fmt: skip


def _parts(slots: Sequence[Slot], language: str) -> tuple[tuple[str, tuple[Slot, ...]], ...]:
    """Morning, midday and afternoon; those that have times."""
    named = (
        (gettext(language, "Formiddag"), range(_NOON_HOUR)),
        (gettext(language, "Middag"), range(_NOON_HOUR, _AFTERNOON_HOUR)),
        (gettext(language, "Eftermiddag"), range(_AFTERNOON_HOUR, 24)),
    )
    parts = [(name, tuple(slot for slot in slots if to_local(slot.start).hour in hours)) for name, hours in named]
    return tuple(part for part in parts if part[1])


def nearest(municipality: Municipality, office: str, reasons: Sequence[str], wanted: datetime) -> list[Slot]:
    """The free times nearest to one that could not be had, in order."""
    day = local_date(wanted)
    slots = bootstrap.booking().slots(municipality, office, reasons, day - timedelta(days=3), day + timedelta(days=14))
    return sorted(sorted(slots, key=lambda slot: abs(slot.start - wanted))[:_NEAREST], key=lambda slot: slot.start)


def when(moment: datetime, language: str) -> str:
    """`i dag kl. 13.20`, `i morgen kl. 9.00`, else the date; seen from now."""
    day, today = local_date(moment), local_date(bootstrap.clock().now())
    words = {today: "i dag", today + timedelta(days=1): "i morgen"}
    name = gettext(language, words[day]) if day in words else long_date(day, language)
    return f"{name} {clock_time(moment, language)}" if language == "da" else f"{name}, {clock_time(moment, language)}"


def start_text(moment: datetime) -> str:
    """A start time as part of an address."""
    return moment.astimezone(UTC).strftime(_START)


def start_from(text: str) -> datetime:
    """The start time of an address.

    Raises:
        NotFound: it isn't one.
    """
    try:
        return datetime.strptime(text, _START).replace(tzinfo=UTC)
    except ValueError as error:
        raise NotFound from error


def day_from(text: str | None) -> date | None:
    """A day of a query; None for none or nonsense, because a page rather shows today than an error."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
