"""When a text message may arrive: between two local times, not on Sundays, public holidays or closing days.

Pure. Durations are elapsed time in UTC, hours are what Danish clocks show, also on the two days of the year that have
23 and 25 hours (I10).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.shared.clock import local_date, when_clocks_show
from chalicelib.shared.holidays import public_holidays

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from chalicelib.municipalities.model import SurveyPolicy

_LOOK_AHEAD_DAYS: Final = 30


def next_allowed(moment: datetime, policy: SurveyPolicy, closing_days: AbstractSet[date] = frozenset()) -> datetime:
    """The first moment from `moment` on at which a message may be sent, in UTC.

    A policy that allows no moment within 30 days is treated as allowing the 30th: the invitation then expires by its
    own `not_after`, with that reason.
    """
    first = local_date(moment)
    for offset in range(_LOOK_AHEAD_DAYS):
        day = first + timedelta(days=offset)
        if is_quiet_day(day, policy, closing_days):
            continue
        opens, closes = when_clocks_show(day, policy.send_from), when_clocks_show(day, policy.send_until)
        if moment < closes and opens < closes:
            return max(moment.astimezone(UTC), opens)
    return moment.astimezone(UTC) + timedelta(days=_LOOK_AHEAD_DAYS)


def is_quiet_day(day: date, policy: SurveyPolicy, closing_days: AbstractSet[date]) -> bool:
    """True on a day without messages. Public holidays count as Sundays."""
    if day in closing_days:
        return True
    return not policy.send_on_sundays and (day.isoweekday() == 7 or day in public_holidays(day.year))  # noqa: PLR2004
