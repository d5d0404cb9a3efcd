"""What is noted of contacts beside the answers: known of how many, true of how many, and what it is counted by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RESOLVED, PASSED_ON, PASSED_AGAIN, NEXT_STEP = "resolved", "passed_on", "passed_again", "next_step"
HANDED_OVER, OUTSIDE_HOURS, INTERNAL = "handed_over", "outside_hours", "internal"
NOTED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    RESOLVED: ("reason",),
    PASSED_ON: ("channel", "department"),
    PASSED_AGAIN: ("all",),
    NEXT_STEP: ("channel", "department"),
    HANDED_OVER: ("channel",),
    OUTSIDE_HOURS: ("channel",),
    INTERNAL: ("channel",),
}
"""What each fact is counted by. By channel, what was solved at once has been counted from the beginning
(`PeriodCounts.resolution`)."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Contacts of which a fact is known, and those of which it holds.

    Of `internal`, `known` are all that systems reported, colleagues among them; of everything else, citizens alone.
    """

    known: int
    yes: int


NotedFacts = dict[str, dict[str, dict[str, Noted]]]
"""Fact → dimension → value."""
Paths = dict[str, dict[str, int]]
"""Channel → department (empty: none) → contacts."""


def noted_from(document: Mapping[str, Any]) -> NotedFacts:
    """The inverse of plain JSON."""
    return {
        fact: {by: {value: Noted(**each) for value, each in values.items()} for by, values in dimensions.items()}
        for fact, dimensions in document.items()
    }
