"""An office's day in figures: counted from the visits themselves, so counting again gives the same.

No figure is about an employee or a desk (BF-20, BF-28). What staff could leave out to look better is counted as well:
visits that nobody completed, citizens who did not come, check-ins that staff made. So nobody avoids being measured.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from chalicelib.visits.experience import (
    Accuracy,
    Experience,
    Minutes,
    experience_of,
    minutes_between,
    minutes_document,
    minutes_from,
)
from chalicelib.visits.states import AT_DESK_STATES, WAITING_STATES, Action, State, WaitingFrom

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from chalicelib.visits.model import Visit

_ALARMING: Final = 0.1
_ENOUGH: Final = 20


class Kind(StrEnum):
    """What became of those who came or should have come. `missed` booked and never checked in."""

    SERVED = "served"
    WAITING = "waiting"
    AT_DESK = "at_desk"
    PARKED = "parked"
    NO_SHOW = "no_show"
    MISSED = "missed"
    UNCLOSED = "unclosed"
    MOVED = "moved"
    AT_DOOR = "at_door"


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Counts of a day, or of several days together.

    `reasons` counts what became of whom by enquiry reason; `waits` the minutes waited until the first call, by what
    they were measured from in `measured_from`.
    """

    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    waits: Minutes = field(default_factory=Minutes)
    measured_from: Mapping[str, int] = field(default_factory=dict)
    staff_check_ins: int = 0
    walk_ins: int = 0
    priorities: int = 0
    sent_on: int = 0
    outages: int = 0
    experience: Experience = field(default_factory=Experience)

    def count(self, *kinds: Kind) -> int:
        """How many of those kinds."""
        return sum(counts.get(kind, 0) for counts in self.reasons.values() for kind in kinds)

    @property
    def expected(self) -> int:
        """Everyone who was booked or took a ticket, without those who went on to another office."""
        return self.count(*(kind for kind in Kind if kind not in {Kind.MOVED, Kind.AT_DOOR}))

    @property
    def median_wait(self) -> int | None:
        """Minutes that half of those called waited at most; None before the first call."""
        return self.waits.quantile(0.5)

    @property
    def accuracy(self) -> Accuracy:
        """How good the ranges were that were worked out at check-in, over all desk groups."""
        total = Accuracy()
        for accuracy in self.experience.accuracy.values():
            total = total.and_(accuracy)
        return total

    def share(self, *kinds: Kind) -> float | None:
        """Their share of all who were expected; None if nobody was."""
        return self.count(*kinds) / self.expected if self.expected else None

    @property
    def warnings(self) -> tuple[Kind, ...]:
        """Which of unclosed and absent are so many that a leader should ask why: above a tenth, of twenty or more."""
        if self.expected < _ENOUGH:
            return ()
        watched = {Kind.UNCLOSED: (Kind.UNCLOSED,), Kind.NO_SHOW: (Kind.NO_SHOW, Kind.MISSED)}
        return tuple(kind for kind, counted in watched.items() if (self.share(*counted) or 0) > _ALARMING)

    def and_(self, other: DayFigures) -> DayFigures:
        """Both together."""
        names = {*self.reasons, *other.reasons}
        added = {n: dict(Counter(self.reasons.get(n, {})) + Counter(other.reasons.get(n, {}))) for n in sorted(names)}
        plain = {name: getattr(self, name) + getattr(other, name) for name in _PLAIN}
        return DayFigures(
            reasons=added,
            waits=self.waits.and_(other.waits),
            measured_from=dict(Counter(self.measured_from) + Counter(other.measured_from)),
            experience=self.experience.and_(other.experience),
            **plain,
        )


_PLAIN: Final = ("staff_check_ins", "walk_ins", "priorities", "sent_on", "outages")


@dataclass(frozen=True, slots=True)
class DayRecord:
    """An office's day as it was kept. `is_final`: the day was over, nothing can be added any more."""

    municipality: str
    office: str
    day: date
    figures: DayFigures
    is_final: bool


class DayStore(Protocol):
    """Where days are kept."""

    def between(self, municipality: str, office: str, first: date, last: date) -> Sequence[DayRecord]:
        """The kept days of an office, both ends included, in order."""
        ...

    def keep(self, record: DayRecord) -> None:
        """Keep the day in place of what was kept of it before."""
        ...


def figures_of(visits: Iterable[Visit], at_door: Iterable[str] = ()) -> DayFigures:
    """The figures of a day's visits, and of the reasons of enquiries that were solved at the door (GL-77)."""
    known = tuple(visits)
    reasons: dict[str, Counter[str]] = {}
    for reason, kind in [*((_reason(v), kind_of(v)) for v in known), *((r, Kind.AT_DOOR) for r in at_door)]:
        reasons.setdefault(reason, Counter())[kind] += 1
    came = [visit for visit in known if kind_of(visit) is not Kind.MISSED]
    called = [v for v in came if v.called_at and v.state not in {State.UNCLOSED, State.MOVED}]
    waits = Counter(minutes_between(v.waiting_since, v.called_at) for v in called if v.called_at)
    return DayFigures(
        reasons={reason: dict(counts) for reason, counts in sorted(reasons.items())},
        waits=Minutes(dict(waits)),
        measured_from=dict(Counter(str(visit.waiting_from) for visit in called)),
        staff_check_ins=sum(visit.waiting_from is not WaitingFrom.CHECK_IN for visit in came),
        walk_ins=sum(visit.booked_start is None for visit in came),
        priorities=sum(any(s.action is Action.PRIORITISE for s in visit.standing) for visit in came),
        sent_on=sum(visit.transfers > 0 for visit in came if visit.state is not State.MOVED),
        outages=sum(visit.outage for visit in came),
        experience=experience_of(came),
    )


def kind_of(visit: Visit) -> Kind:
    """What became of the visit so far."""
    if visit.state is State.NO_SHOW:
        return Kind.MISSED if visit.trail[0].action is Action.MISS else Kind.NO_SHOW
    if visit.state in WAITING_STATES:
        return Kind.WAITING
    if visit.state in AT_DESK_STATES:
        return Kind.AT_DESK
    return _KINDS[visit.state]


_KINDS: Final = {
    State.COMPLETED: Kind.SERVED,
    State.PARKED: Kind.PARKED,
    State.UNCLOSED: Kind.UNCLOSED,
    State.MOVED: Kind.MOVED,
}


def figures_document(figures: DayFigures) -> dict[str, Any]:
    """The figures as JSON."""
    return {
        "reasons": {reason: dict(counts) for reason, counts in figures.reasons.items()},
        "waits": minutes_document(figures.waits),
        "measured_from": dict(figures.measured_from),
        **{name: getattr(figures, name) for name in _PLAIN},
        "services": {reason: minutes_document(m) for reason, m in figures.experience.services.items()},
        "accuracy": {group: [a.told, a.hit, round(a.error, 1)] for group, a in figures.experience.accuracy.items()},
    }


def figures_from(document: Mapping[str, Any]) -> DayFigures:
    """What `figures_document` wrote, as one whole day."""
    services = {reason: minutes_from(minutes) for reason, minutes in document["services"].items()}
    accuracy = {group: Accuracy(*numbers) for group, numbers in document["accuracy"].items()}
    return DayFigures(
        reasons=document["reasons"],
        waits=minutes_from(document["waits"]),
        measured_from=document["measured_from"],
        experience=Experience(services, accuracy, days=1),
        **{name: document[name] for name in _PLAIN},
    )


def together(days: Iterable[DayFigures]) -> DayFigures:
    """Several days as one."""
    total = DayFigures()
    for figures in days:
        total = total.and_(figures)
    return total


def _reason(visit: Visit) -> str:
    return visit.reasons[0]
