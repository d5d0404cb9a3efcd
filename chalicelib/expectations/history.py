"""What usually comes, from the months that the reports show (BF-17). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.expectations.bias import Spread, per_hundred_of, spread_of, weekly_of
from chalicelib.expectations.model import WORKING_WEEK, Kind
from chalicelib.expectations.pacing import is_working_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.expectations.model import Estimate
    from chalicelib.municipalities.model import Municipality

MONTHS: Final = 12
ENOUGH_MONTHS: Final = 3


@dataclass(frozen=True, slots=True)
class Month:
    """A closed month's contacts of one channel, as reports show them."""

    month: str
    contacts: int

    @property
    def per_week(self) -> Decimal:
        """The contacts of five working days of that month."""
        first = date.fromisoformat(f"{self.month}-01")
        following = (first + timedelta(days=31)).replace(day=1)
        days = sum(is_working_day(first + timedelta(days=number)) for number in range((following - first).days))
        return Decimal(self.contacts * WORKING_WEEK) / days


class Traffic(Protocol):
    """The municipality's own history."""

    def months(self, municipality: Municipality, channel: str) -> Sequence[Month]:
        """Every closed month whose contacts of that channel are shown in reports, oldest first."""
        ...


def usual(months: Sequence[Month], *, before: date) -> Spread | None:
    """The contacts of a usual week: of the latest twelve months before that day; None without any."""
    earlier = [month for month in months if month.month < before.isoformat()[:7]]
    return spread_of(month.per_week for month in earlier[-MONTHS:])


class Source(StrEnum):
    """Where a proposal comes from."""

    EARLIER = "earlier"
    TRAFFIC = "traffic"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is realistic, by the municipality's own history: contacts for a hundred letters, or a week."""

    found: Spread
    source: Source


def proposal(kind: Kind, earlier: Sequence[Estimate], normal: Spread | None) -> Proposal | None:
    """What earlier ones of its kind brought; without any, how much the busiest month brought above a middle one.

    Letters need earlier letters: traffic says nothing about them. None where there is too little history.
    """
    found = per_hundred_of(earlier) if kind is Kind.LETTERS else weekly_of(earlier, kind)
    if found:
        return Proposal(found, Source.EARLIER)
    if kind is Kind.LETTERS or normal is None or normal.n < ENOUGH_MONTHS:
        return None
    more = normal.high - normal.middle
    return Proposal(Spread(more, Decimal(0), more, normal.n), Source.TRAFFIC)
