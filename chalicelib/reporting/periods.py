"""Months, quarters and years: what a period is called, which months it has, what it is compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from chalicelib.shared.errors import InvalidInput

_MONTH: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_QUARTER: Final = re.compile(r"([0-9]{4})-Q([1-4])")
_YEAR: Final = re.compile(r"[0-9]{4}")
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month (`2026-10`), quarter (`2026-Q3`) or year (`2026`)."""

    id: str
    months: tuple[str, ...]

    def is_closed(self, running_month: str) -> bool:
        """True once its last month is over."""
        return self.months[-1] < running_month

    def is_settled(self, running_month: str) -> bool:
        """True once a whole month has passed since: no answer comes in any more, its counts are an edition."""
        return _number(self.months[-1]) + 1 < _number(running_month)

    @property
    def preceding(self) -> Period:
        """The period of the same length just before."""
        return _of(_number(self.months[0]) - len(self.months), len(self.months))

    @property
    def a_year_before(self) -> Period:
        """The same period of the year before: the same season."""
        return _of(_number(self.months[0]) - _MONTHS, len(self.months))


def period_of(text: str, *, field: str = "period") -> Period:
    """The period with that name.

    Raises:
        InvalidInput: no such name.
    """
    if match := _MONTH.fullmatch(text):
        return Period(text, (text,))
    if match := _QUARTER.fullmatch(text):
        return _of(int(match[1]) * _MONTHS + 3 * (int(match[2]) - 1), 3)
    if _YEAR.fullmatch(text):
        return _of(int(text) * _MONTHS, _MONTHS)
    raise InvalidInput(fields={field: "a month such as 2026-10, a quarter such as 2026-Q3 or a year such as 2026"})


def period_between(first: str, last: str) -> Period:
    """The month, quarter or year from its first month to its last."""
    return _of(_number(first), _number(last) - _number(first) + 1)


def wider(period: Period) -> Period | None:
    """The quarter of a month, the year of a quarter."""
    number = _number(period.months[0])
    if len(period.months) == 1:
        return _of(number - number % 3, 3)
    return _of(number - number % _MONTHS, _MONTHS) if len(period.months) == 3 else None  # noqa: PLR2004 - a quarter


def closed_periods(months: list[str], running_month: str, length: int) -> list[Period]:
    """Whole closed periods of so many months that begin in the months given, the latest first."""
    starts = {number - number % length for number in map(_number, months)}
    periods = (_of(start, length) for start in sorted(starts, reverse=True))
    return [period for period in periods if period.is_closed(running_month)]


def offered(months: list[str]) -> list[Period]:
    """What a reader may choose: the months, then quarters and years of which every month has counts; latest first."""
    known = set(months)
    longer = [
        period
        for length in (3, _MONTHS)
        for period in closed_periods(months, max(months, default="") + "~", length)
        if known.issuperset(period.months)
    ]
    return [*(period_of(month) for month in sorted(months, reverse=True)), *longer]


def _of(first: int, length: int) -> Period:
    months = tuple(f"{number // _MONTHS}-{number % _MONTHS + 1:02d}" for number in range(first, first + length))
    if length == 1:
        return Period(months[0], months)
    if length == _MONTHS:
        return Period(str(first // _MONTHS), months)
    return Period(f"{first // _MONTHS}-Q{first % _MONTHS // 3 + 1}", months)


def _number(month: str) -> int:
    """Months since the year 0."""
    return int(month[:4]) * _MONTHS + int(month[5:7]) - 1
