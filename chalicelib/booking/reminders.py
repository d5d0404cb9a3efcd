"""When a reminder goes out: so many days before, at a time of the local calendar (I10). Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.shared.clock import local_date, when_clocks_show

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.municipalities.model import BookingPolicy


def reminder_moment(policy: BookingPolicy, start: datetime) -> datetime | None:
    """The moment of the reminder for a time that starts then; None without reminders, or if it is not before it.

    Days are counted on the calendar, so that "yesterday at ten" is ten o'clock also where the clocks change between.
    """
    if policy.reminder_at is None:
        return None
    moment = when_clocks_show(local_date(start) - timedelta(days=policy.reminder_days), policy.reminder_at)
    return moment if moment < start else None
