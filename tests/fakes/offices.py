"""Notices, alarms, day records and reviews in memory, with the same conditions as the table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.shared.errors import Outrun
from chalicelib.visits.today import Alarm, AtDoor, Today

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from chalicelib.visits.closing import ToldAtDoor
    from chalicelib.visits.days import DayRecord
    from chalicelib.visits.notices import Notice
    from chalicelib.visits.reviews import Review


class InMemoryNotices:
    """`NoticeStore`."""

    def __init__(self) -> None:
        self.opened: dict[str, Notice] = {}
        self.ended: list[Notice] = []

    def open(self, municipality: str) -> Sequence[Notice]:
        return [notice for notice in self.opened.values() if notice.municipality == municipality]

    def past(self, municipality: str, since: datetime) -> Sequence[Notice]:
        mine = [notice for notice in self.ended if notice.municipality == municipality and notice.ends]
        return [notice for notice in mine if notice.ends and notice.ends >= since]

    def add(self, notice: Notice) -> None:
        if notice.id in self.opened:
            raise Outrun
        self.opened[notice.id] = notice

    def put_away(self, before: Notice, after: Notice) -> None:
        if self.opened.get(before.id) != before:
            raise Outrun
        del self.opened[before.id]
        self.ended.append(after)


class InMemoryToday:
    """`TodayStore` and `DoorLedger`. `told` are the questions that became contacts; `audit` who did what."""

    def __init__(self) -> None:
        self.alarms: dict[tuple[str, date, str], Alarm] = {}
        self.door: dict[tuple[str, date, str], AtDoor] = {}
        self.told: list[ToldAtDoor] = []
        self.audit: list[tuple[str, str]] = []

    def of_day(self, municipality: str, office: str, day: date) -> Today:
        alarms = [a for (m, d, _), a in self.alarms.items() if (m, d, a.office) == (municipality, day, office)]
        door = [e for (m, d, _), e in self.door.items() if (m, d, e.office) == (municipality, day, office)]
        return Today(
            tuple(sorted(alarms, key=lambda alarm: (alarm.raised_at, alarm.id))),
            tuple(sorted(door, key=lambda entry: (entry.at, entry.id))),
        )

    def add_alarm(self, municipality: str, day: date, alarm: Alarm, by: str) -> None:
        if (municipality, day, alarm.id) in self.alarms:
            raise Outrun
        self.alarms[municipality, day, alarm.id] = alarm
        self.audit.append(("alarm", by))

    def answer_alarm(self, municipality: str, day: date, before: Alarm, after: Alarm, by: str) -> None:
        if self.alarms.get((municipality, day, before.id)) != before:
            raise Outrun
        self.alarms[municipality, day, after.id] = after
        self.audit.append(("alarm-answered", by))

    def add_at_door(self, municipality: str, day: date, entry: AtDoor) -> None:
        if (municipality, day, entry.id) in self.door:
            raise Outrun
        self.door[municipality, day, entry.id] = entry

    def remove_at_door(self, municipality: str, day: date, entry: AtDoor) -> None:
        known = self.door.get((municipality, day, entry.id))
        if known is None or known.is_counted:
            raise Outrun
        del self.door[municipality, day, entry.id]

    def become_contact(self, municipality: str, day: date, told: ToldAtDoor) -> None:
        known = self.door.get((municipality, day, told.entry.id))
        if known is None or known.is_counted:
            return
        self.door[municipality, day, told.entry.id] = replace(known, is_counted=True)
        self.told.append(told)


class InMemoryDays:
    """`DayStore`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, date], DayRecord] = {}

    def between(self, municipality: str, office: str, first: date, last: date) -> Sequence[DayRecord]:
        mine = [r for (m, o, day), r in self.kept.items() if (m, o) == (municipality, office) and first <= day <= last]
        return sorted(mine, key=lambda record: record.day)

    def keep(self, record: DayRecord) -> None:
        self.kept[record.municipality, record.office, record.day] = record


class InMemoryReviews:
    """`ReviewStore`."""

    def __init__(self) -> None:
        self.reviews: dict[tuple[str, str], Review] = {}

    def of_office(self, municipality: str, office: str) -> Sequence[Review]:
        return [r for (m, _), r in self.reviews.items() if (m, r.office) == (municipality, office)]

    def add(self, municipality: str, review: Review) -> None:
        self.reviews[municipality, review.id] = review
