"""Which groups of a period may be shown at all: the one gate that raw counts pass on their way out (design 4.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.reporting.model import ALL, DIMENSIONS, FACE_TO_FACE, WITHIN_FACE_TO_FACE
from chalicelib.reporting.suppression import Place, Sum, hidden_places

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.model import Group, PeriodCounts, QuestionDefinition

_Key = tuple[str, str]
_PUBLISHED: Final = frozenset({ALL, *DIMENSIONS})


class PublishedGroups:
    """A period's groups, and which of them stay hidden.

    On a numeric scale the base that counts is that of the mean, the smaller of the two, so that neither figure gives
    the other away.
    """

    def __init__(self, counts: PeriodCounts, thresholds: Thresholds, months: Sequence[PublishedGroups] = ()) -> None:
        """`months` are those that a longer period is made of: what they show, and what they hide, is known by then."""
        self._months = months
        self._limit = thresholds.suppress_below
        self._definitions = {(q.id, q.version): q for q in counts.questions}
        self._groups: dict[_Key, dict[str, list[Group]]] = {}
        for group in counts.groups:
            key = (group.question, group.question_version)
            self._groups.setdefault(key, {}).setdefault(group.dimension, []).append(group)
        self._hidden = {key: self._hidden_of(key, counts.departments) for key in self._groups}

    def of(self, definition: QuestionDefinition, dimension: str) -> list[Group]:
        """The groups of one question in one dimension, hidden ones included."""
        return self._groups.get((definition.id, definition.version), {}).get(dimension, [])

    def hides(self, group: Group, definition: QuestionDefinition) -> bool:
        """True when nothing of the group may be shown."""
        key = (definition.id, definition.version)
        return (group.dimension, group.value) in self._hidden.get(key, frozenset())

    def same_group(self, group: Group, definition: QuestionDefinition) -> Group | None:
        """This period's counterpart of another period's group.

        None when there is nothing to compare with: it is absent, hidden, or was asked in another way.
        """
        mine = self._definitions.get((definition.id, definition.version))
        if mine is None or not mine.same_as(definition):
            return None
        found = (each for each in self.of(mine, group.dimension) if each.value == group.value)
        return next((each for each in found if not self.hides(each, mine)), None)

    def _hidden_of(self, key: _Key, departments: Mapping[str, str]) -> frozenset[Place]:
        bases = self.bases(key)
        sums = list(sums_of(bases, departments))
        if not self._months:
            return hidden_places(bases, sums, limit=self._limit)
        hidden_before = {place: [month.hidden_base(key, place) for month in self._months] for place in bases}
        also = {place for place, parts in hidden_before.items() if self._gives_away([n for n in parts if n])}
        known = frozenset(place for place, parts in hidden_before.items() if not any(parts))
        return hidden_places(bases, sums, limit=self._limit, known=known, also=also)

    def _gives_away(self, hidden_months: Sequence[int]) -> bool:
        """True if the period's base less the months shown would tell what a month hides."""
        return bool(hidden_months) and (len(hidden_months) < 2 or sum(hidden_months) < self._limit)  # noqa: PLR2004

    def bases(self, key: _Key) -> dict[Place, int]:
        """Every base of one question in one wording."""
        return {
            (dimension, group.value): self._base(key, group)
            for dimension, groups in self._groups.get(key, {}).items()
            for group in groups
            if dimension in _PUBLISHED
        }

    def hidden_base(self, key: _Key, place: Place) -> int:
        """The base of a place if it is hidden, else 0."""
        return self.bases(key).get(place, 0) if place in self._hidden.get(key, frozenset()) else 0

    def _base(self, key: _Key, group: Group) -> int:
        definition = self._definitions.get(key)
        return sum(group.numbers.values()) if definition and definition.is_scale else group.n


def sums_of(places: Collection[Place], departments: Mapping[str, str]) -> Iterator[Sum]:
    """Which published bases add up to which: everyone, those who came in person, each department."""
    by_dimension = {
        dimension: tuple(place for place in places if place[0] == dimension) for dimension in (*DIMENSIONS, ALL)
    }
    for whole in by_dimension[ALL]:
        yield from (Sum(whole, parts) for dimension in DIMENSIONS if (parts := by_dimension[dimension]))
    if FACE_TO_FACE in places:
        found = (by_dimension[dimension] for dimension in WITHIN_FACE_TO_FACE)
        yield from (Sum(FACE_TO_FACE, parts) for parts in found if parts)
    for department in by_dimension["department"]:
        reasons = tuple(place for place in by_dimension["reason"] if departments.get(place[1]) == department[1])
        if reasons:
            yield Sum(department, reasons)
