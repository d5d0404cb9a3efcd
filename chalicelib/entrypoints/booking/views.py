"""What booking pages show, prepared for their templates: days, parts of the day, times in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.booking.opening import opening_hours
from chalicelib.booking.rules import last_day
from chalicelib.entrypoints.http import page_for
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import local_date, to_local
from chalicelib.shared.errors import NotFound
from chalicelib.shared.identifiers import ReasonId
from chalicelib.shared.languages import Language
from chalicelib.web.catalogue import languages_of
from chalicelib.web.formats import clock_time, long_date
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalice.app import Request

    from chalicelib.booking.capacity import Slot
    from chalicelib.municipalities.model import BookingPolicy, Municipality, Office
    from chalicelib.web.pages import Page

WINDOW_DAYS: Final = 14
_NEAREST: Final = 4
_DAYS_SHOWN: Final = 8
"""A week, and the same weekday again, so that "today" past closing time still says when it opens next."""
_START: Final = "%Y%m%dT%H%MZ"
_NOON_HOUR, _AFTERNOON_HOUR = 11, 13


def booking_page(
    request: Request,
    municipality: Municipality,
    *,
    errors: Mapping[str, str] | None = None,
    language: str | None = None,
) -> Page:
    """The frame of a booking page, in every language that there are booking texts in."""
    return page_for(request, municipality, errors=errors, language=language, languages=languages_of("booking"))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, and where; asks for its free times."""

    municipality: Municipality
    office: str
    reasons: Sequence[str]
    persons: int = 1
    meeting: Meeting = Meeting.IN_PERSON

    def slots(self, first: date, last: date) -> list[Slot]:
        """The free times of some days."""
        return bootstrap.booking().slots(
            self.municipality, self.office, self.reasons, first, last, persons=self.persons, meeting=self.meeting
        )

    def first_free(self) -> Slot | None:
        """The first free time."""
        return bootstrap.booking().first_free(
            self.municipality, self.office, self.reasons, persons=self.persons, meeting=self.meeting
        )


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
    wish: Wish, *, window: date | None = None, day: date | None = None, edge: bool = False, language: str
) -> Offer:
    """The days from `window` on that have free times, and the times of `day` or else of the first of them.

    `edge`: only times before and after most people's work (FR-08). A window without any gives way to the next one.
    """
    booking, now = wish.municipality.booking, bootstrap.clock().now()
    today, end = local_date(now), last_day(wish.municipality, now)
    start = min(max(window or day or today, today), end)
    is_wanted = _is_edge(booking) if edge else _is_any
    slots: list[Slot] = []
    while True:
        free = wish.slots(start, start + timedelta(days=WINDOW_DAYS - 1))
        slots = [slot for slot in free if is_wanted(slot)]
        if slots or start + timedelta(days=WINDOW_DAYS) > end:
            break
        start += timedelta(days=WINDOW_DAYS)
    by_day: dict[date, list[Slot]] = {}
    for slot in slots:
        by_day.setdefault(local_date(slot.start), []).append(slot)
    chosen = day if day in by_day else next(iter(by_day), None)
    later = start + timedelta(days=WINDOW_DAYS)
    return Offer(
        days=tuple(_day_choice(each, chosen, language) for each in by_day),
        chosen=chosen,
        parts=_parts(by_day[chosen], language) if chosen else (),
        first=_first(wish, slots, is_first_window=window is None and day is None, edge=edge),
        earlier=max(today, start - timedelta(days=WINDOW_DAYS)) if start > today else None,
        later=later if later <= end else None,
    )


def _first(wish: Wish, slots: Sequence[Slot], *, is_first_window: bool, edge: bool) -> Slot | None:
    """The very first time, for whoever is flexible."""
    if is_first_window:
        return slots[0] if slots else None
    return None if edge else wish.first_free()


def _is_any(_: Slot) -> bool:
    return True


def _is_edge(policy: BookingPolicy) -> Callable[[Slot], bool]:
    def is_edge(slot: Slot) -> bool:
        return not policy.edge_before <= to_local(slot.start).time() < policy.edge_after

    return is_edge


def has_edge_hours(wish: Wish) -> bool:
    """True if the office ever serves it before or after most people's work (FR-08)."""
    policy = wish.municipality.booking
    group = wish.municipality.office(wish.office).group_for(ReasonId(wish.reasons[0]))
    return any(period.opens < policy.edge_before or period.closes > policy.edge_after for period in group.opening)


def _day_choice(day: date, chosen: date | None, language: str) -> DayChoice:
    words = long_date(day, language).split()
    month = words[-2] if language == Language.ARABIC else words[-2][:3]
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


def nearest(wish: Wish, wanted: datetime) -> list[Slot]:
    """The free times nearest to one that could not be had, in order."""
    day = local_date(wanted)
    slots = wish.slots(day - timedelta(days=3), day + timedelta(days=10))
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


def opening_days(municipality: Municipality, office: Office) -> list[tuple[date, list[tuple[time, time]]]]:
    """The next days on which an office is open, with its hours."""
    today = local_date(bootstrap.clock().now())
    days = [today + timedelta(days=number) for number in range(_DAYS_SHOWN)]
    return [(day, hours) for day in days if (hours := opening_hours(municipality, office, day))]
