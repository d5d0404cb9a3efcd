"""Which groups of a period may be shown at all: the one gate that raw counts pass on their way out (design 4.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.reporting.model import ALL
from chalicelib.reporting.statistics import hidden_values

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.model import Group, PeriodCounts, QuestionDefinition

_Key = tuple[str, str]


class PublishedGroups:
    """A period's groups, and which of them stay hidden.

    On a numeric scale the base that counts is that of the mean, the smaller of the two, so that neither figure gives
    the other away.
    """

    def __init__(self, counts: PeriodCounts, thresholds: Thresholds) -> None:
        self._limit = thresholds.suppress_below
        self._definitions = {(q.id, q.version): q for q in counts.questions}
        self._groups: dict[_Key, dict[str, list[Group]]] = {}
        for group in counts.groups:
            key = (group.question, group.question_version)
            self._groups.setdefault(key, {}).setdefault(group.dimension, []).append(group)
        self._hidden = {
            (key, dimension): self._hidden_in(key, dimension)
            for key, dimensions in self._groups.items()
            for dimension in dimensions
        }

    def of(self, definition: QuestionDefinition, dimension: str) -> list[Group]:
        """The groups of one question in one dimension, hidden ones included."""
        return self._groups.get((definition.id, definition.version), {}).get(dimension, [])

    def hides(self, group: Group, definition: QuestionDefinition) -> bool:
        """True when nothing of the group may be shown."""
        key = (definition.id, definition.version)
        return group.value in self._hidden.get((key, group.dimension), frozenset())

    def same_group(self, group: Group, definition: QuestionDefinition) -> Group | None:
        """This period's counterpart of another period's group.

        None when there is nothing to compare with: it is absent, hidden, or was asked in another way.
        """
        mine = self._definitions.get((definition.id, definition.version))
        if mine is None or not mine.same_as(definition):
            return None
        found = (each for each in self.of(mine, group.dimension) if each.value == group.value)
        return next((each for each in found if not self.hides(each, mine)), None)

    def _hidden_in(self, key: _Key, dimension: str) -> frozenset[str]:
        bases = {group.value: self._base(key, group) for group in self._groups[key][dimension]}
        if dimension == ALL:
            return frozenset(value for value, n in bases.items() if n < self._limit)
        total = sum(self._base(key, group) for group in self._groups[key].get(ALL, []))
        return hidden_values(bases, total if total >= self._limit else None, suppress_below=self._limit)

    def _base(self, key: _Key, group: Group) -> int:
        definition = self._definitions.get(key)
        return sum(group.numbers.values()) if definition and definition.is_scale else group.n
