"""Which schedules of `app.py` are due by the product's clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNITS: Final = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_LOOK_BACK: Final = timedelta(days=32)
"""A schedule that did not run for longer than this is due without looking."""


class UnknownSchedule(ValueError):
    """An expression that is not understood here."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One scheduled function: `rate(…)` or `cron(…)` in UTC, as EventBridge knows them."""

    function: str
    expression: str

    def due_at(self, last: datetime | None, now: datetime) -> datetime | None:
        """The latest moment in (last, now] at which it should have run; None if there is none.

        What never ran is due now.
        """
        if last is None or now - last > _LOOK_BACK:
            return now
        if rate := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", self.expression):
            return now if now - last >= int(rate[1]) * _UNITS[rate[2]] else None
        if cron := re.fullmatch(r"cron\((.+)\)", self.expression):
            return _latest_match(cron[1].split(), last, now)
        raise UnknownSchedule(self.expression)


def schedules_of(chalice_app: Any) -> list[Schedule]:
    """The schedules that the application declares."""
    found = [source for source in chalice_app.event_sources if hasattr(source, "schedule_expression")]
    return [Schedule(source.name, _expression(source.schedule_expression)) for source in found]


def _expression(declared: Any) -> str:
    return declared if isinstance(declared, str) else str(declared.to_string())


def _latest_match(fields: Sequence[str], last: datetime, now: datetime) -> datetime | None:
    moment = now.astimezone(UTC).replace(second=0, microsecond=0)
    while moment > last:
        if _matches(fields, moment):
            return moment
        moment -= timedelta(minutes=1)
    return None


def _matches(fields: Sequence[str], moment: datetime) -> bool:
    """Minute, hour, day of month, month, day of week (1 is Sunday), year."""
    if len(fields) != 6:  # noqa: PLR2004 - EventBridge's six fields
        raise UnknownSchedule(" ".join(fields))
    weekday = moment.isoweekday() % 7 + 1
    values = (moment.minute, moment.hour, moment.day, moment.month, weekday, moment.year)
    return all(_covers(field, value) for field, value in zip(fields, values, strict=True))


def _covers(field: str, value: int) -> bool:
    if field in {"*", "?"}:
        return True
    if step := re.fullmatch(r"(\*|\d+)/(\d+)", field):
        first = 0 if step[1] == "*" else int(step[1])
        return value >= first and (value - first) % int(step[2]) == 0
    if not re.fullmatch(r"[\d,-]+", field):
        raise UnknownSchedule(field)
    ranges = (part.partition("-") for part in field.split(","))
    return any(int(low) <= value <= int(high or low) for low, _, high in ranges)
