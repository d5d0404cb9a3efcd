"""Earlier times for those who asked to be told: what was freed, and to whom it is offered. Pure.

One citizen at a time is told of a freed time, the one who booked longest ago first. Nothing is held for them: the time
is theirs when they take it, by an ordinary move (I1). Nobody is told twice of the same time, or too often (ADR 20).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalicelib.booking.messages import way_to
from chalicelib.booking.planned import MessageKind
from chalicelib.shared.clock import local_day_bounds, parse_moment, utc_text
from chalicelib.shared.identifiers import DeskGroupId, OfficeId, new_ulid
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from chalicelib.booking.capacity import Slot
    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality

SOONEST: Final = timedelta(hours=1)
"""A time that begins sooner is not offered: the citizen must read, decide and come."""

WORTH: Final = timedelta(hours=1)
"""A time that is less earlier than this is not worth a message."""

PAUSE: Final = timedelta(hours=2)
"""Who was told of one time is not told of the next at once: others wait too."""


@dataclass(frozen=True, slots=True)
class FreedTime:
    """Desks of a group that became free from `start` to `end`."""

    office: OfficeId
    group: DeskGroupId
    start: datetime
    end: datetime

    def to_payload(self) -> dict[str, str]:
        """As pending work holds it."""
        return {
            "office": self.office,
            "group": self.group,
            "start": utc_text(self.start),
            "end": utc_text(self.end),
        }


def freed_time(payload: Mapping[str, Any]) -> FreedTime:
    """The freed time of a work item's payload."""
    return FreedTime(
        OfficeId(payload["office"]),
        DeskGroupId(payload["group"]),
        parse_moment(payload["start"]),
        parse_moment(payload["end"]),
    )


def freed_work(municipality: Municipality, left: Appointment, now: datetime) -> tuple[WorkItem, ...]:
    """What begins when a citizen leaves a time: it is offered as soon as it can be booked again."""
    freed = FreedTime(left.office, left.desk_group, left.start, left.desk_until or left.end)
    due = now + timedelta(minutes=municipality.booking.cooldown_minutes)
    if municipality.booking.earlier_time_messages == 0 or left.start < due + SOONEST:
        return ()
    return (announced(municipality, freed, now, due_at=due),)


def opened_work(
    municipality: Municipality, office: str, group: str, days: Iterable[date], now: datetime
) -> tuple[WorkItem, ...]:
    """What begins when more can be booked on some days: a piece of work for each of them."""
    if municipality.booking.earlier_time_messages == 0:
        return ()
    spans = [local_day_bounds(day) for day in days]
    freed = [FreedTime(OfficeId(office), DeskGroupId(group), *span) for span in spans if span[1] > now + SOONEST]
    return tuple(announced(municipality, each, now, due_at=now) for each in freed)


def announced(municipality: Municipality, freed: FreedTime, now: datetime, *, due_at: datetime) -> WorkItem:
    """The pending work of offering a freed time. It is about nobody, so it has an id of its own."""
    return WorkItem(municipality.id, WorkKind.FREED, new_ulid(now), due_at, freed.to_payload())


def may_be_told(municipality: Municipality, appointment: Appointment, freed: FreedTime, now: datetime) -> bool:
    """True if the citizen still waits for a time like this, can be reached, and was not told too often."""
    return (
        appointment.want_earlier
        and not appointment.is_cancelled
        and (appointment.office, appointment.desk_group) == (freed.office, freed.group)
        and appointment.start > max(freed.start, now) + WORTH
        and not _was_just_told(appointment, now)
        and len(appointment.earlier_offered) < municipality.booking.earlier_time_messages
        and way_to(municipality, appointment.phone, appointment.email) is not None
    )


def _was_just_told(appointment: Appointment, now: datetime) -> bool:
    told = (message.due_at for message in appointment.messages if message.kind is MessageKind.EARLIER_TIME)
    return any(moment > now - PAUSE for moment in told)


def earlier_start(appointment: Appointment, freed: FreedTime, free: Iterable[Slot], now: datetime) -> datetime | None:
    """The first free time that uses what was freed, is worth a message and is news to the citizen."""
    fitting = (
        slot.start
        for slot in free
        if slot.start < freed.end
        and slot.end > freed.start
        and slot.start >= now + SOONEST
        and slot.start <= appointment.start - WORTH
        and slot.start not in appointment.earlier_offered
    )
    return min(fitting, default=None)
