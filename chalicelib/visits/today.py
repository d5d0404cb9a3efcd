"""What happens at an office today beside visits: alarms that call for colleagues, and questions solved at the door.

Both stand in one place, so that the desk page, which asks every few seconds, reads them at once.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound, WrongState
from chalicelib.shared.retry import Retry
from chalicelib.visits.access import checked_reasons, group_of_desk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock

_REMEMBERED: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Alarm:
    """An employee needs colleagues at a desk. `answered_by` is the desk from which somebody comes."""

    id: str
    office: str
    desk: str
    raised_at: datetime
    answered_by: str | None = None
    answered_at: datetime | None = None
    version: int = 1

    @property
    def is_open(self) -> bool:
        """True until somebody answers."""
        return self.answered_at is None

    def shows(self, now: datetime) -> bool:
        """True while every desk page of the office shows it: until it is answered, and a while after."""
        return self.answered_at is None or now - self.answered_at < _REMEMBERED


@dataclass(frozen=True, slots=True)
class AtDoor:
    """A question that was answered at the entrance, before a ticket was needed (GL-77). About nobody."""

    id: str
    office: str
    reason: str
    at: datetime
    is_counted: bool = False


@dataclass(frozen=True, slots=True)
class Today:
    """An office's day beside its visits."""

    alarms: tuple[Alarm, ...] = ()
    at_door: tuple[AtDoor, ...] = ()

    def door_counts(self) -> Mapping[str, int]:
        """How many questions were solved at the door, by enquiry reason."""
        reasons = [entry.reason for entry in self.at_door]
        return {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}


class TodayStore(Protocol):
    """Where it is kept. Writes are conditional: `Outrun` when what was read has changed, or stands already."""

    def of_day(self, municipality: str, office: str, day: date) -> Today:
        """Everything of an office's day, in the order in which it happened."""
        ...

    def add_alarm(self, municipality: str, day: date, alarm: Alarm, by: str) -> None:
        """A new alarm, and who raised it."""
        ...

    def answer_alarm(self, municipality: str, day: date, before: Alarm, after: Alarm, by: str) -> None:
        """The alarm is answered, if it still is `before`, and who did it."""
        ...

    def add_at_door(self, municipality: str, day: date, entry: AtDoor) -> None:
        """A new question."""
        ...

    def remove_at_door(self, municipality: str, day: date, entry: AtDoor) -> None:
        """It was counted by mistake; gone, unless it has become a contact."""
        ...


class OfficeDay:
    """The use cases of an office's day. `by` is who did it, for the audit."""

    def __init__(self, *, store: TodayStore, clock: Callable[[], Clock], retry: Retry | None = None) -> None:
        self._store = store
        self._clock = clock
        self._retry = retry or Retry()

    def look(self, municipality: Municipality, office: str) -> Today:
        """What happens now.

        Raises:
            NotFound: no such office.
        """
        return self._store.of_day(municipality.id, municipality.office(office).id, self._today())

    def raise_alarm(self, municipality: Municipality, office: str, desk: str, *, by: str) -> Alarm:
        """Colleagues are told on every desk page of the office; pressing again while nobody answered is the same alarm.

        Raises:
            NotFound, InvalidInput: no such office or desk.
        """
        group_of_desk(municipality, office, desk)
        new = Alarm(secrets.token_hex(8), office, desk, self._now())

        def attempt() -> Alarm:
            alarms = self.look(municipality, office).alarms
            known = next((alarm for alarm in alarms if alarm.desk == desk and alarm.is_open), None)
            if known is None:
                self._store.add_alarm(municipality.id, self._today(), new, by)
            return known or new

        return self._retry.run(attempt)

    def answer_alarm(self, municipality: Municipality, office: str, alarm_id: str, desk: str, *, by: str) -> Alarm:
        """Somebody comes from that desk. The first who answers is named; a later answer changes nothing.

        Raises:
            NotFound: no such office or alarm. InvalidInput: no such desk.
        """
        group_of_desk(municipality, office, desk)

        def attempt() -> Alarm:
            found = next((a for a in self.look(municipality, office).alarms if a.id == alarm_id), None)
            if found is None:
                raise NotFound
            if not found.is_open:
                return found
            after = replace(found, answered_by=desk, answered_at=self._now(), version=found.version + 1)
            self._store.answer_alarm(municipality.id, self._today(), found, after, by)
            return after

        return self._retry.run(attempt)

    def count_at_door(
        self, municipality: Municipality, office: str, reason: str, *, idempotency_key: str | None = None
    ) -> AtDoor:
        """One question more; the same key counts it once.

        Raises:
            NotFound: no such office. InvalidInput: a reason that the office does not serve.
        """
        [known] = checked_reasons(municipality, office, [reason])
        now = self._now()
        entry = AtDoor(_door_id(municipality.id, office, local_date(now), idempotency_key), office, known, now)

        def attempt() -> AtDoor:
            found = next((e for e in self.look(municipality, office).at_door if e.id == entry.id), None)
            if found is None:
                self._store.add_at_door(municipality.id, self._today(), entry)
            return found or entry

        return self._retry.run(attempt)

    def uncount_at_door(self, municipality: Municipality, office: str, reason: str) -> AtDoor:
        """The latest question of that reason was counted by mistake.

        Raises:
            NotFound: none was counted today. WrongState: the day has been closed.
        """
        entries = [e for e in self.look(municipality, office).at_door if e.reason == reason]
        if not entries:
            raise NotFound
        latest = entries[-1]

        def attempt() -> AtDoor:
            """Once more after a lost answer removes the same one, not the one before it."""
            now = next((e for e in self.look(municipality, office).at_door if e.id == latest.id), None)
            if now is None:
                return latest
            if now.is_counted:
                raise WrongState("the day has been closed")
            self._store.remove_at_door(municipality.id, self._today(), now)
            return now

        return self._retry.run(attempt)

    def _now(self) -> datetime:
        return self._clock().now().replace(microsecond=0)

    def _today(self) -> date:
        return local_date(self._now())


def _door_id(municipality: str, office: str, day: date, key: str | None) -> str:
    """26 characters, as it becomes a contact's id: every id of ours has that form."""
    if key is not None and not key.strip():
        raise InvalidInput(fields={"Idempotency-Key": "empty"})
    said = f"{municipality}|door|{office}|{day.isoformat()}|{key or secrets.token_hex(16)}"
    return hashlib.sha256(said.encode()).hexdigest()[:26].upper()
