"""Fakes of the ports that guard booking: the same promises as the real stores, in memory."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from chalicelib.booking.alternatives import AlternativeCount, Reaction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from chalicelib.booking.callers import Purpose


class FakeCallerCounts:
    """`CallerCounts`."""

    def __init__(self) -> None:
        self.counted: Counter[tuple[str, str, str, datetime]] = Counter()

    def count(self, municipality: str, caller: str, purpose: Purpose, hour: datetime) -> int:
        self.counted[municipality, caller, purpose.value, hour] += 1
        return self.counted[municipality, caller, purpose.value, hour]


class FakeSpentChallenges:
    """`SpentChallenges`."""

    def __init__(self) -> None:
        self.spent: dict[tuple[str, str], str] = {}

    def spend(self, municipality: str, challenge: str, by: str, until: datetime) -> bool:
        return self.spent.setdefault((municipality, challenge), by) == by


class FakeAlternativeCounts:
    """`AlternativeCounts`."""

    def __init__(self) -> None:
        self.counted: Counter[tuple[str, date, str, Reaction]] = Counter()

    def add(self, municipality: str, day: date, reasons: Sequence[str], reaction: Reaction) -> None:
        self.counted.update((municipality, day, reason, reaction) for reason in reasons)

    def of_month(self, municipality: str, month: str) -> list[AlternativeCount]:
        keys = {(day, r) for m, day, r, _ in self.counted if m == municipality and day.isoformat().startswith(month)}
        return [
            AlternativeCount(day, r, **{x.value: self.counted[municipality, day, r, x] for x in Reaction})
            for day, r in sorted(keys)
        ]
