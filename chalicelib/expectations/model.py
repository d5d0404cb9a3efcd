"""An estimate of contacts that somebody answers for, and what was counted against it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.municipalities.model import Channel

FIRST_YEAR: Final = 52
WORKING_WEEK: Final = 5
_HUNDRED: Final = Decimal(100)


class Kind(StrEnum):
    """What brings the contacts."""

    LETTERS = "letters"
    CAMPAIGN = "campaign"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Capacity:
    """What can be taken of these contacts on a working day: so many, or so many minutes at `minutes_each`.

    The minutes are for planning alone, never a target that anybody is measured by (BF-20).
    """

    amount: int
    minutes_each: int | None = None

    @property
    def contacts(self) -> int:
        """Whole contacts a working day."""
        return self.amount // self.minutes_each if self.minutes_each else self.amount


@dataclass(frozen=True, slots=True)
class Content:
    """What a leader writes. Letters have `letters` and `per_hundred`, everything else has `per_week`."""

    title: str
    kind: Kind
    channel: Channel
    owner: str
    assumptions: str
    starts: date
    weeks: int
    capacity: Capacity
    limit_percent: int
    """An alarm is due when more has come than so many per cent of what was expected."""
    letters: int = 0
    per_hundred: Decimal = Decimal(0)
    per_week: int = 0
    reasons: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        """The contacts expected in all weeks together."""
        if self.kind is Kind.LETTERS:
            return self.letters * self.per_hundred / _HUNDRED
        return Decimal(self.per_week * self.weeks)

    @property
    def weekly(self) -> Decimal:
        """The contacts expected in a week, on average."""
        return self.total / self.weeks

    @property
    def ends(self) -> date:
        """The day after the last one."""
        return self.starts + timedelta(weeks=self.weeks)


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate as it is kept. `counts` are the contacts of its weeks, the first is 1, as somebody counted them.

    Once it has begun, its content stays as it was: an estimate that follows what happens says nothing about the next.
    """

    id: str
    municipality: str
    content: Content
    made: date
    counts: Mapping[int, int] = field(default_factory=dict)
    version: int = 1

    def has_begun(self, today: date) -> bool:
        """True from its first day on."""
        return self.content.starts <= today

    def is_over(self, today: date) -> bool:
        """True after its last day."""
        return self.content.ends <= today

    def weeks_begun(self, today: date) -> int:
        """How many of its weeks have begun."""
        days = (today - self.content.starts).days
        return max(0, min(self.content.weeks, days // 7 + 1))

    @property
    def actual(self) -> int:
        """The contacts counted."""
        return sum(self.counts.values())

    @property
    def expected(self) -> Decimal:
        """The contacts expected in the weeks that were counted."""
        return self.content.weekly * len(self.counts)

    @property
    def ratio(self) -> Decimal | None:
        """Actual by estimate (BF-18); None before anything was counted."""
        return Decimal(self.actual) / self.expected if self.counts else None

    @property
    def has_passed(self) -> bool:
        """True when more has come than its limit allows (BF-19)."""
        return self.ratio is not None and self.ratio * _HUNDRED > self.content.limit_percent
