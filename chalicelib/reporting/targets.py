"""Targets with visible weights (BF-01 to BF-05), and the shares that service is judged by.

Satisfaction outweighs service level unless a municipality says otherwise (BF-02); a score is only printed with its
parts, so nobody is judged by a number that can't be taken apart. There is no part for a single employee (BF-20, BF-28).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.statistics import BaseStatus, Proportion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SATISFACTION: Final = "satisfaction"
SERVICE_LEVEL: Final = "service_level"
ANSWERED: Final = "answered"


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a score: its weight in percent, its value as a fraction, and what that rests on."""

    name: str
    weight: int
    proportion: Proportion
    status: BaseStatus


@dataclass(frozen=True, slots=True)
class Score:
    """A weighted score from 0 to 1; `parts` show how it came about."""

    value: float
    parts: tuple[Part, ...]
    status: BaseStatus

    def effect_of(self, part: Part) -> float:
        """How much of the score the part makes up (BF-05)."""
        return part.weight / 100 * part.proportion.share


def check_weights(weights: Mapping[str, int]) -> list[str]:
    """What is wrong with a municipality's weights, in words for their author; nothing when they will do (BF-02)."""
    problems = []
    if sum(weights.values()) != 100:  # noqa: PLR2004 - percent
        problems.append(f"the weights add up to {sum(weights.values())}, not to 100")
    if weights.get(SATISFACTION, 0) <= weights.get(SERVICE_LEVEL, 0):
        problems.append("satisfaction must weigh more than service level (BF-02)")
    return problems


def score(parts: Sequence[Part]) -> Score | None:
    """The weighted score; None when a part is hidden or missing: half a score misleads.

    Raises:
        ValueError: the weights don't add up to 100.
    """
    if sum(part.weight for part in parts) != 100:  # noqa: PLR2004 - percent
        raise ValueError("weights are percent and add up to 100")
    if any(part.status is BaseStatus.SUPPRESSED for part in parts):
        return None
    value = sum(part.weight / 100 * part.proportion.share for part in parts)
    small = any(part.status is BaseStatus.SMALL for part in parts)
    return Score(value, tuple(parts), BaseStatus.SMALL if small else BaseStatus.OK)


def service_level(waiting: Mapping[str, int], within_minutes: int) -> Proportion | None:
    """How many were called within so many whole minutes (BF-03); None when no waiting was measured."""
    n = sum(waiting.values())
    if not n:
        return None
    return Proportion(sum(count for minute, count in waiting.items() if int(minute) < within_minutes), n)


def punctuality(delays: Mapping[str, int], tolerance_minutes: int) -> Proportion | None:
    """How many booked citizens were called at most so many minutes after the booked time (FR-06).

    `delays` maps the whole minutes after the booked time (0 for on time or before) to citizens.
    """
    n = sum(delays.values())
    if not n:
        return None
    return Proportion(sum(count for minute, count in delays.items() if int(minute) <= tolerance_minutes), n)
