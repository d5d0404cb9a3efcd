"""Time: aware UTC inside, Europe/Copenhagen at the edges, the clock injected (design 4.11, I10).

Python's `aware + timedelta` is wall arithmetic, so intervals are computed in UTC and only then shown as local time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")


class Clock(Protocol):
    """Whoever needs to know the time is given one of these."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


def to_local(moment: datetime) -> datetime:
    """The same moment on the clocks of Copenhagen."""
    return moment.astimezone(COPENHAGEN)


def local_date(moment: datetime) -> date:
    """The service day that a moment belongs to."""
    return to_local(moment).date()


def at_local(day: date, wall: time) -> datetime | None:
    """The moment (UTC) at which Danish clocks show `wall` on `day`; None in the hour that the spring change skips.

    In the hour that the autumn change repeats, the first occurrence (summer time) is meant.
    """
    local = datetime.combine(day, wall, tzinfo=COPENHAGEN)
    moment = local.astimezone(UTC)
    return moment if moment.astimezone(COPENHAGEN).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def when_clocks_show(day: date, wall: time) -> datetime:
    """The moment (UTC) at which Danish clocks show `wall`, or would show it had the spring change not skipped it."""
    moment = at_local(day, wall)
    if moment is not None:
        return moment
    midnight, _ = local_day_bounds(day)
    return midnight + timedelta(hours=wall.hour, minutes=wall.minute)


def local_day_bounds(day: date) -> tuple[datetime, datetime]:
    """First moment of the local day and of the next one, in UTC: 23, 24 or 25 hours apart."""
    start = datetime.combine(day, time(), tzinfo=COPENHAGEN).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=COPENHAGEN).astimezone(UTC)
    return start, end


def month_of(moment: datetime) -> str:
    """The local calendar month as `YYYY-MM`: the partition that a fact belongs to."""
    return to_local(moment).date().isoformat()[:7]


def rfc3339(moment: datetime) -> str:
    """Local time with offset, to the second, as every API answer and stored time is written.

    Raises:
        ValueError: the moment is naive.
    """
    if moment.tzinfo is None:
        msg = "naive datetime"
        raise ValueError(msg)
    return to_local(moment).replace(microsecond=0).isoformat()


def utc_text(moment: datetime) -> str:
    """UTC with `Z`, to the second: sorts as text, so stores use it in keys."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def parse_moment(text: str) -> datetime:
    """An aware UTC moment from RFC 3339 text.

    Raises:
        ValueError: not RFC 3339, without an offset, or beyond the calendar.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        msg = "a time needs an offset, such as 2026-11-22T10:00:00+01:00"
        raise ValueError(msg)
    try:
        return to_local(moment).astimezone(UTC)
    except OverflowError as exc:
        raise ValueError("beyond the calendar") from exc
