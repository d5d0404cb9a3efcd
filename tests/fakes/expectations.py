"""Estimates in memory, with the same conditions as the table, and a history that a test writes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.expectations.model import Capacity, Content, Estimate, Kind
from chalicelib.expectations.service import Expectations
from chalicelib.municipalities.model import Channel
from chalicelib.shared.errors import Outrun
from tests.builders import MONDAY, FixedClock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.expectations.history import Month
    from chalicelib.municipalities.model import Municipality

TODAY = MONDAY.date()


class InMemoryEstimates:
    """`EstimateStore`."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Estimate] = {}

    def all(self, municipality: str) -> Sequence[Estimate]:
        return [each for (owner, _), each in self.kept.items() if owner == municipality]

    def add(self, estimate: Estimate) -> None:
        self._expect(estimate, None)
        self.kept[_key(estimate)] = estimate

    def put(self, estimate: Estimate) -> None:
        self._expect(estimate, estimate.version - 1)
        self.kept[_key(estimate)] = estimate

    def remove(self, estimate: Estimate) -> None:
        self._expect(estimate, estimate.version)
        del self.kept[_key(estimate)]

    def _expect(self, estimate: Estimate, version: int | None) -> None:
        known = self.kept.get(_key(estimate))
        if (known and known.version) != version:
            raise Outrun


def _key(estimate: Estimate) -> tuple[str, str]:
    return estimate.municipality, estimate.id


class History:
    """`Traffic`: the months given, for every channel."""

    def __init__(self, *months: Month) -> None:
        self._months = months

    def months(self, municipality: Municipality, channel: str) -> Sequence[Month]:
        return self._months


def a_content(**changes: Any) -> Content:
    """Sixty contacts a week for four weeks, from the day on which the tests' clock stands."""
    usual: dict[str, Any] = {
        "title": "Kampagne for ny pasaftale",
        "kind": Kind.CAMPAIGN,
        "channel": Channel.PHONE,
        "owner": "Leder af kontaktcentret",
        "assumptions": "Som forårets kampagne.",
        "starts": TODAY,
        "weeks": 4,
        "capacity": Capacity(20),
        "limit_percent": 150,
        "per_week": 60,
    }
    return Content(**{**usual, **changes})


def letters(**changes: Any) -> Content:
    """A thousand letters, twelve and a half contacts for each hundred."""
    sent = {"kind": Kind.LETTERS, "letters": 1000, "per_hundred": Decimal("12.5"), "per_week": 0}
    return a_content(**{**sent, **changes})


def an_estimate(id_: str = "E1", counts: Mapping[int, int] | None = None, **changes: Any) -> Estimate:
    """An estimate of such a content."""
    content = changes.pop("content", None) or a_content(**changes)
    return Estimate(id_, "fjordby", content, date(2026, 1, 5), counts or {})


def expectations(
    *months: Month, clock: FixedClock | None = None, store: InMemoryEstimates | None = None
) -> Expectations:
    """The use cases in memory."""
    stands, kept = clock or FixedClock(), store or InMemoryEstimates()
    return Expectations(store=kept, traffic=lambda: History(*months), clock=lambda: stands)
