"""What recent days teach about serving and waiting: counts of minutes per enquiry reason, and how good our word was.

Nothing here knows a desk or an employee: service times are used to say how long somebody may have to wait, never to
compare who serves (BF-20). Everything is counted from the visits themselves, so counting twice gives the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from chalicelib.visits.states import Action, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from chalicelib.visits.model import Visit

LONGEST: Final = 120
"""Minutes; longer counts as so many: a visit that was completed late must not spoil what is known of the others."""

_ENOUGH_TOLD: Final = 20
_WORTH_A_WORD: Final = 0.5
_ENOUGH_DAYS: Final = 3
_ENOUGH_SERVED: Final = 10


@dataclass(frozen=True, slots=True)
class Minutes:
    """How often something took so many whole minutes."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def total(self) -> int:
        """All of them together."""
        return sum(minute * count for minute, count in self.counts.items())

    def squares(self, middle: float) -> float:
        """The sum of squared distances from `middle`."""
        return sum(count * (minute - middle) ** 2 for minute, count in self.counts.items())

    def quantile(self, share: float) -> int | None:
        """The smallest number of minutes that at least `share` of them don't exceed; None without any."""
        passed = 0
        for minute in sorted(self.counts):
            passed += self.counts[minute]
            if passed >= share * self.n:
                return minute
        return None

    def and_(self, other: Minutes) -> Minutes:
        """Both together."""
        return Minutes(dict(Counter(self.counts) + Counter(other.counts)))


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How good the ranges were that were worked out at check-in.

    Of `told` ranges `hit` held the wait that came; `error` is the sum of minutes by which the middles were wrong.
    """

    told: int = 0
    hit: int = 0
    error: float = 0

    @property
    def hit_share(self) -> float | None:
        """The share of ranges that held; None before the first."""
        return self.hit / self.told if self.told else None

    @property
    def mean_error(self) -> float | None:
        """By how many minutes the middle of the range was wrong on average."""
        return self.error / self.told if self.told else None

    def and_(self, other: Accuracy) -> Accuracy:
        """Both together."""
        return Accuracy(self.told + other.told, self.hit + other.hit, self.error + other.error)


@dataclass(frozen=True, slots=True)
class Experience:
    """Service times by enquiry reason, and accuracy by desk group, from `days` whole days and perhaps today."""

    services: Mapping[str, Minutes] = field(default_factory=dict)
    accuracy: Mapping[str, Accuracy] = field(default_factory=dict)
    days: int = 0

    def and_(self, other: Experience) -> Experience:
        """Both together."""
        return Experience(
            {key: self.service(key).and_(other.service(key)) for key in {*self.services, *other.services}},
            {key: self.of_group(key).and_(other.of_group(key)) for key in {*self.accuracy, *other.accuracy}},
            self.days + other.days,
        )

    def service(self, reason: str) -> Minutes:
        """How long the reason took."""
        return self.services.get(reason, Minutes())

    def of_group(self, group: str) -> Accuracy:
        """How good our word was at a desk group."""
        return self.accuracy.get(group, Accuracy())

    def is_worth_telling(self, group: str, reasons: Iterable[str]) -> bool:
        """False when citizens are better told nothing.

        That is when at most half of the recent ranges held, of twenty or more; or when after three days fewer than ten
        services of the desk group are known, so that nobody there starts and completes visits. A new office begins with
        the durations that the municipality configured.
        """
        accuracy = self.of_group(group)
        if accuracy.told >= _ENOUGH_TOLD and accuracy.hit <= _WORTH_A_WORD * accuracy.told:
            return False
        return self.days < _ENOUGH_DAYS or sum(self.service(reason).n for reason in reasons) >= _ENOUGH_SERVED


def experience_of(visits: Iterable[Visit], *, days: int = 0) -> Experience:
    """What these visits teach. A visit for several reasons teaches nothing about one of them."""
    services: dict[str, Counter[int]] = {}
    accuracy: dict[str, Accuracy] = {}
    for visit in visits:
        if visit.state is State.COMPLETED and len(visit.reasons) == 1 and visit.served_at and visit.ended_at:
            minutes = minutes_between(visit.served_at, visit.ended_at)
            services.setdefault(visit.reasons[0], Counter())[minutes] += 1
        told = _told(visit)
        if told is not None:
            group = first_group(visit)
            accuracy[group] = accuracy.get(group, Accuracy()).and_(told)
    return Experience({reason: Minutes(dict(found)) for reason, found in services.items()}, accuracy, days)


def first_group(visit: Visit) -> str:
    """The desk group that the citizen came to first."""
    sent = next((step.group_before for step in visit.standing if step.group_before), None)
    return sent or visit.desk_group


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes, between none and the longest that is counted."""
    return min(LONGEST, max(0, int((end - start).total_seconds() // 60)))


def minutes_document(minutes: Minutes) -> dict[str, int]:
    """As JSON."""
    return {str(minute): count for minute, count in sorted(minutes.counts.items())}


def minutes_from(document: Mapping[str, Any]) -> Minutes:
    """What `minutes_document` wrote."""
    return Minutes({int(minute): int(count) for minute, count in document.items()})


def _told(visit: Visit) -> Accuracy | None:
    """Whether the range that was worked out at check-in held. Who was let go first or moved on is no test of it."""
    if visit.expected is None or visit.called_at is None:
        return None
    if any(step.action in {Action.PRIORITISE, Action.MOVE} for step in visit.standing):
        return None
    waited = (visit.called_at - visit.arrived_at).total_seconds() / 60
    middle = (visit.expected.low + visit.expected.high) / 2
    held = visit.expected.low <= waited <= visit.expected.high
    return Accuracy(1, int(held), round(abs(waited - middle), 1))
