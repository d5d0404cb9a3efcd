"""Months of a town in which it is known who answered what, for crossings: people in, counts as the lake makes them out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chalicelib.reporting.crossing_views import pair_of
from chalicelib.reporting.model import Group, PeriodCounts, QuestionDefinition
from tests.fakes.reporting import SATISFACTION, counts

if TYPE_CHECKING:
    from collections.abc import Iterable

AGE: Final = QuestionDefinition(
    *("age", "1", {"da": "Alder?"}, {"da": "Alder", "en": "Age"}, (), {}),
    options={"young": {"da": "Ung", "en": "Young"}, "old": {"da": "Gammel", "en": "Old"}},
)
DEPARTMENTS: Final = {"passport": "citizens", "moving": "citizens", "pension": "benefits", "debt": "benefits"}
_PAIRS: Final = (
    ("unit", "place"),
    ("unit", "language"),
    ("channel", "mode"),
    ("channel", "booked_by"),
    ("unit", "age"),
)
_ONE: Final = ("channel", "office", "reason", "department", "language", "mode")


@dataclass(frozen=True)
class People:
    """So many citizens alike, of whom some were satisfied."""

    n: int
    good: int
    reason: str = "passport"
    channel: str = "in_person"
    language: str = "da"
    mode: str = "sms_link"
    booked_by: str = ""
    age: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """What they are counted by."""
        office = "hall" if self.channel == "in_person" else ""
        department = DEPARTMENTS.get(self.reason, "")
        return {
            "all": "all",
            "channel": self.channel,
            "office": office,
            "reason": self.reason,
            "department": department,
            "language": self.language,
            "mode": self.mode,
            "unit": f"{department}/{self.reason}",
            "place": f"{self.channel}/{office}",
            "booked_by": self.booked_by,
            "age": self.age,
        }


def month(period: str, people: Iterable[People], **changes: Any) -> PeriodCounts:
    """The counts of a month."""
    everyone = list(people)
    alone: dict[tuple[str, str], Counter[str]] = {}
    crossed: dict[tuple[str, str], Counter[str]] = {}
    for each in everyone:
        given = Counter({"10": each.good, "2": each.n - each.good})
        for dimension in ("all", *_ONE):
            if value := each.facts[dimension]:
                alone.setdefault((dimension, value), Counter()).update(given)
        for rows, columns in _PAIRS:
            place = pair_of(rows, columns), pair_of(each.facts[rows], each.facts[columns])
            crossed.setdefault(place, Counter()).update(given)
    told = any(each.age for each in everyone)
    served: dict[str, dict[str, int]] = {}
    for (dimension, value), given in alone.items():
        if dimension != "mode":
            served.setdefault(dimension, {})[value] = given.total() * 10
    facts = {
        "groups": _groups(alone),
        "crossed": tuple(group for group in _groups(crossed) if told or not group.dimension.endswith("|age")),
        "served": served,
        "waiting": {},
        "departments": DEPARTMENTS,
        "listed": (AGE,) if told else (),
    }
    return counts(period=period, **{**facts, **changes})


def _groups(found: dict[tuple[str, str], Counter[str]]) -> tuple[Group, ...]:
    return tuple(
        Group(*place, SATISFACTION.id, SATISFACTION.version, {answer: n for answer, n in given.items() if n})
        for place, given in sorted(found.items())
    )
