"""Danish public holidays, computed: offices are closed and no text messages are sent.

Ours and not the `holidays` package's, whose import costs 70 ms cold in every booking function and 7 MB of its package;
a test holds the two against each other for a century (ADR 12).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_LAST_PRAYER_DAY: Final = 2023
"""Store bededag was abolished from 2024."""

_FIXED: Final = (((1, 1), "Nytårsdag"), ((12, 25), "Juledag"), ((12, 26), "Anden juledag"))
_AFTER_EASTER: Final = (
    (-3, "Skærtorsdag"),
    (-2, "Langfredag"),
    (0, "Påskedag"),
    (1, "Anden påskedag"),
    (39, "Kristi himmelfartsdag"),
    (49, "Pinsedag"),
    (50, "Anden pinsedag"),
)


@lru_cache(maxsize=8)
def public_holidays(year: int) -> Mapping[date, str]:
    """The public holidays of a year with their Danish names."""
    easter = _easter(year)
    found = {date(year, month, day): name for (month, day), name in _FIXED}
    found |= {easter + timedelta(days=days): name for days, name in _AFTER_EASTER}
    if year <= _LAST_PRAYER_DAY:
        found[easter + timedelta(days=26)] = "Store bededag"
    return found


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
