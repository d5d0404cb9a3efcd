"""Who was served, as far as it may be shown: the same gate as for answers, and one for every report (design 4.7).

Contacts by channel are traffic, by office they are the base of those who never came, by waiting they are a
distribution: one table in several places, so it hides the same groups in each of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chalicelib.reporting.model import ALL, MEASURED, Group, QuestionDefinition
from chalicelib.reporting.published import PublishedGroups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.model import PeriodCounts

SHORT_WAITS: Final = ("00-05", "05-10")
"""Less than ten minutes."""
_SERVED: Final = QuestionDefinition("served", "1", {}, {}, ("served",), {})


class PublishedServed:
    """How many were served in each group of a period, hidden where few, or where it would tell of few."""

    def __init__(self, counts: PeriodCounts, thresholds: Thresholds, months: Sequence[PeriodCounts] = ()) -> None:
        self.gate = PublishedGroups(_as_answers(counts), thresholds, [_as_answers(month) for month in months])
        self._groups = {
            (group.dimension, group.value): group
            for dimension in {ALL, MEASURED[0], *counts.served}
            for group in self.gate.of(_SERVED, dimension)
        }

    def of(self, dimension: str, value: str) -> int | None:
        """The contacts of a group; None where they are hidden or there were none."""
        group = self._groups.get((dimension, value))
        return None if group is None or self.gate.hides(group, _SERVED) else group.n

    def hides(self, dimension: str, value: str) -> bool:
        """True where there were contacts that may not be shown."""
        return (dimension, value) in self._groups and self.of(dimension, value) is None

    @property
    def everyone(self) -> int | None:
        """All contacts."""
        return self.of(ALL, ALL)

    @property
    def measured(self) -> int | None:
        """The contacts whose waiting was measured."""
        return self.of(*MEASURED)

    @property
    def tells_short_waits(self) -> bool:
        """True if the number of short waits is the sum of numbers that are shown."""
        return self.measured is not None and not any(self.hides("waiting", band) for band in SHORT_WAITS)


def published(
    counts: PeriodCounts,
    thresholds: Thresholds,
    months: Sequence[PeriodCounts] = (),
    served: PublishedServed | None = None,
) -> PublishedGroups:
    """Which answers may be shown, given what is hidden of those who were served."""
    under = served or PublishedServed(counts, thresholds, months)
    return PublishedGroups(counts, thresholds, months, under.gate)


def _as_answers(counts: PeriodCounts) -> PeriodCounts:
    """The contacts as if each had answered one question, "served": then the gate of answers decides about them."""
    served = {**counts.served, MEASURED[0]: {MEASURED[1]: sum(counts.served.get("waiting", {}).values())}}
    groups = tuple(
        Group(dimension, value, _SERVED.id, _SERVED.version, {_SERVED.id: n})
        for dimension, values in served.items()
        for value, n in values.items()
        if n
    )
    return replace(counts, questions=(_SERVED,), groups=groups, listed=(), comments=(), patterns=())
