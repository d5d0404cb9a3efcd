"""Which groups of a period may be shown at all: the one gate that raw counts pass on their way out (design 4.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib.reporting.derivable import derivable
from chalicelib.reporting.merging import published_parts
from chalicelib.reporting.model import ALL, DIMENSIONS, FACE_TO_FACE, WITHIN_FACE_TO_FACE
from chalicelib.reporting.suppression import Place, Sum, gives_away, hidden_places

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

    def __init__(self, counts: PeriodCounts, thresholds: Thresholds, months: Sequence[PeriodCounts] = ()) -> None:
        """`months` are those of a longer period. What they and its quarters show and hide is known by then."""
        parts = published_parts(counts.period, months) if months else []
        self._parts = [PublishedGroups(part, thresholds, its_months) for part, its_months in parts]
        self._limit = thresholds.suppress_below
        self._definitions = {(q.id, q.version): q for q in counts.questions}
        self._groups: dict[_Key, dict[str, list[Group]]] = {}
        for group in counts.groups:
            key = (group.question, group.question_version)
            self._groups.setdefault(key, {}).setdefault(group.dimension, []).append(group)
        self._departments = counts.departments
        self._bases: dict[_Key, dict[Place, int]] = {}
        self._hidden: dict[_Key, frozenset[Place]] = {}
        self._hidden |= {key: self._hidden_of(key, counts.departments) for key in self._groups}

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
        if not self._parts:
            return hidden_places(bases, sums, limit=self._limit)
        hidden_before = {place: [part.untold_base(key, place) for part in self._parts] for place in bases}
        also = {place for place, parts in hidden_before.items() if gives_away(parts, self._limit)}
        known = frozenset(place for place, parts in hidden_before.items() if not any(parts))
        found = hidden_places(bases, sums, limit=self._limit, known=known, also=also)
        if not self._tells(key, found):
            return found
        # The total of everyone may stay; all else that a month hides is hidden here too, which adds nothing to tell.
        split = {place for place, parts in hidden_before.items() if any(parts) and place != (ALL, ALL)}
        return hidden_places(bases, sums, limit=self._limit, known=known, also=also | split)

    def _tells(self, key: _Key, hidden: frozenset[Place]) -> bool:
        """True if the months' sums, with what is shown of the longer periods, leave a small hidden base alone."""
        months = list(self.in_months())
        unknown = {(m, place): n for m, month in enumerate(months) for place, n in month.untold(key).items()}
        sums = [each for m, month in enumerate(months) for each in month.sums_of_hidden(key, m)]
        numbers = {id(month): m for m, month in enumerate(months)}
        sums += [*self._sums_over_months(key, hidden, numbers), *self._sums_of_parts(key, numbers)]
        limit = self._limit
        return any(0 < unknown.get(each, 0) < limit for each in derivable(sums))

    def in_months(self) -> Iterator[PublishedGroups]:
        """Its months; a month is its own."""
        for part in self._parts:
            yield from part.in_months()
        if not self._parts:
            yield self

    def untold(self, key: _Key) -> dict[Place, int]:
        """The bases that a month hides."""
        bases = self.bases(key)
        return {place: bases[place] for place in self._hidden.get(key, frozenset())}

    def sums_of_hidden(self, key: _Key, month: int) -> Iterator[dict[tuple[int, Place], float]]:
        """A month's sums in terms of what it hides; what no part accounts for is an unknown of its own."""
        bases, hidden = self.bases(key), self._hidden.get(key, frozenset())
        for number, each in enumerate(sums_of(bases, self._departments)):
            found = {(month, part): -1.0 for part in each.parts if part in hidden}
            found |= {(month, each.whole): 1.0} if each.whole in hidden else {}
            if bases[each.whole] != sum(bases[part] for part in each.parts):
                found[month, ("rest", str(number))] = -1.0
            yield found

    def sums_shown(self, key: _Key, numbers: Mapping[int, int]) -> Iterator[dict[tuple[int, Place], float]]:
        """What a period shows of a question, each as a sum over hidden months; a month shows no sums."""
        if self._parts:
            yield from self._sums_over_months(key, self._hidden.get(key, frozenset()), numbers)

    def _sums_of_parts(self, key: _Key, numbers: Mapping[int, int]) -> Iterator[dict[tuple[int, Place], float]]:
        for part in self._parts:
            yield from part.sums_shown(key, numbers)

    def _sums_over_months(
        self, key: _Key, hidden: frozenset[Place], numbers: Mapping[int, int]
    ) -> Iterator[dict[tuple[int, Place], float]]:
        months = [(numbers[id(month)], month.untold(key)) for month in self.in_months()]
        for place in self.bases(key):
            if place not in hidden:
                yield {(m, place): 1.0 for m, untold in months if place in untold}

    def bases(self, key: _Key) -> dict[Place, int]:
        """Every base of one question in one wording."""
        if key not in self._bases:
            self._bases[key] = {
                (dimension, group.value): self._base(key, group)
                for dimension, groups in self._groups.get(key, {}).items()
                for group in groups
                if dimension in _PUBLISHED
            }
        return self._bases[key]

    def untold_base(self, key: _Key, place: Place) -> int:
        """How much of a place's base nobody can know: nothing if it is shown, or all its months are."""
        if place not in self._hidden.get(key, frozenset()):
            return 0
        if self._parts:
            return sum(part.untold_base(key, place) for part in self._parts)
        return self.bases(key).get(place, 0)

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
