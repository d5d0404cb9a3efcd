"""What a figure says about an action: by its test and its interval, never by its looks (GL-50, GL-53)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from chalicelib.actions.model import Baseline, Guard
    from chalicelib.actions.rules import FollowUp

UNFAVOURABLE: Final = "share_unfavourable"
"""The measure of which less is better."""
_SEASONS: Final = 12


class Figure(Protocol):
    """A published figure beside the one that it is compared with; what may not be said is None."""

    @property
    def n(self) -> int | None:
        """Its base; None: not shown."""
        ...

    @property
    def previous(self) -> float | None:
        """The figure before; None: nothing to compare with."""
        ...

    @property
    def change(self) -> float | None:
        """Its change; None: a small base is not compared."""
        ...

    @property
    def significant(self) -> bool | None:
        """Whether the test calls the change certain."""
        ...

    @property
    def ci_low(self) -> float | None:
        """The lower end of its interval."""
        ...

    @property
    def ci_high(self) -> float | None:
        """The upper end."""
        ...


class Outcome(StrEnum):
    """What the follow-up's figure says, compared with the finding."""

    BETTER = "better"
    WORSE = "worse"
    CHANCE = "chance"
    """The difference may be chance: no change is called a development."""
    TOO_FEW = "too_few"
    OTHER_WORDING = "other_wording"
    HIDDEN = "hidden"


class Held(StrEnum):
    """Whether a limit was kept."""

    HELD = "held"
    BROKEN = "broken"
    UNCERTAIN = "uncertain"
    """The interval lies on both sides of it, or there is no figure to tell from."""


def outcome(figure: Figure | None, measure: str, *, asked_otherwise: bool = False) -> Outcome:
    """What may be said of a change."""
    if asked_otherwise:
        return Outcome.OTHER_WORDING
    if figure is None or figure.n is None or figure.previous is None:
        return Outcome.HIDDEN
    if figure.change is None or figure.significant is None:
        return Outcome.TOO_FEW
    if not figure.significant:
        return Outcome.CHANCE
    rose = figure.change > 0
    return Outcome.BETTER if rose != (measure == UNFAVOURABLE) else Outcome.WORSE


def held(figure: Figure | None, guard: Guard, *, full: bool) -> Held:
    """Whether the limit was kept, from the whole interval; `full` is whether the base is large enough to say so."""
    if figure is None or figure.ci_low is None or figure.ci_high is None or not full:
        return Held.UNCERTAIN
    low, high, limit = figure.ci_low, figure.ci_high, guard.limit / 100
    at_most = guard.place.measure == UNFAVOURABLE
    if (high <= limit) if at_most else (low >= limit):
        return Held.HELD
    if (low > limit) if at_most else (high < limit):
        return Held.BROKEN
    return Held.UNCERTAIN


def other_season(baseline: Baseline, due: FollowUp) -> bool:
    """True where the two periods are of different times of the year, which alone can move a figure."""
    if due.span is None or baseline.span.length == _SEASONS:
        return False
    return baseline.span.first[5:] != due.span.first[5:]
