"""Which groups of a period may be shown at all: the one gate that raw counts pass on their way out (design 4.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.units import department_of, sub_department_of
from chalicelib.reporting.derivable import derivable
from chalicelib.reporting.merging import published_parts
from chalicelib.reporting.model import (
    ALL,
    DIMENSIONS,
    DONT_KNOW,
    FACE_TO_FACE,
    FORGOTTEN,
    MEASURED,
    WITHIN_FACE_TO_FACE,
)
from chalicelib.reporting.suppression import Place, Sum, gives_away, hidden_places

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from chalicelib.municipalities.model import Thresholds
    from chalicelib.reporting.model import Group, PeriodCounts, QuestionDefinition

_Key = tuple[str, str]
_PUBLISHED: Final = frozenset({ALL, MEASURED[0], *DIMENSIONS})
SAME_PEOPLE: Final = 0.8
"""Questions with at least so much of the largest total are asked of the same citizens."""


@dataclass(frozen=True, slots=True)
class _Table:
    """The bases of one question in one wording: everyone who answered, or (of a scale) those who gave a number."""

    key: _Key
    rated: bool = False


class PublishedGroups:
    """A period's groups, and which of them stay hidden.

    A share and a mean of the same group have each their base, and most questions are answered by the same citizens: two
    tables of nearly the same numbers. What one of them hides, the others hide as well.
    """

    def __init__(
        self,
        counts: PeriodCounts,
        thresholds: Thresholds,
        months: Sequence[PeriodCounts] = (),
        under: PublishedGroups | None = None,
    ) -> None:
        """`months` are those of a longer period. What they and its quarters show and hide is known by then.

        `under` is the gate of those of whom these are some, as who answered is one of who was served: what is hidden
        there is hidden here. Otherwise two tables with two different covers bound what both of them hide.
        """
        parts = published_parts(counts.period, months) if months else []
        lower = under.parts if under else [None] * len(parts)
        self.period = counts.period
        self.parts: list[PublishedGroups] = [
            PublishedGroups(part, thresholds, its_months, each)
            for (part, its_months), each in zip(parts, lower, strict=True)
        ]
        lower_hides = frozenset[Place]().union(*under.hidden.values()) if under else frozenset[Place]()
        self._under = lower_hides - {MEASURED}
        self.hides_served = under is not None and under.hides_everyone
        """True where the total of those of whom these are some is hidden."""
        self._limit = thresholds.suppress_below
        self._definitions = {(q.id, q.version): q for q in counts.questions}
        self._groups: dict[_Key, dict[str, list[Group]]] = {}
        for group in counts.groups:
            key = (group.question, group.question_version)
            self._groups.setdefault(key, {}).setdefault(group.dimension, []).append(group)
        self._units = counts.departments, counts.sub_departments
        self._bases: dict[_Table, dict[Place, int]] = {}
        self.hidden: dict[_Table, frozenset[Place]] = {}
        *others, self._most = self._audiences()
        for audience in (*others, self._most):
            self.hidden |= self._hidden_of(audience)

    def hidden_by_period(self) -> dict[str, frozenset[Place]]:
        """What it hides, and what each of its shorter periods does."""
        found = {self.period: frozenset[Place]().union(*self.hidden.values())}
        for part in self.parts:
            found |= part.hidden_by_period()
        return found

    @property
    def hides_everyone(self) -> bool:
        """True where the total of what most answered is hidden, and with it how many finished."""
        return any((ALL, ALL) in self.hidden[table] for table in self._most)

    def hidden_of(self, wordings: Collection[_Key]) -> frozenset[Place]:
        """What is hidden of these questions."""
        found = (hidden for table, hidden in self.hidden.items() if table.key in wordings)
        return frozenset[Place]().union(*found)

    def of(self, definition: QuestionDefinition, dimension: str) -> list[Group]:
        """The groups of one question in one dimension, hidden ones included."""
        return self._groups.get((definition.id, definition.version), {}).get(dimension, [])

    def hides(self, group: Group, definition: QuestionDefinition) -> bool:
        """True when nothing of the group may be shown."""
        table = _Table((definition.id, definition.version))
        return (group.dimension, group.value) in self.hidden.get(table, frozenset())

    def same_group(self, group: Group, definition: QuestionDefinition) -> Group | None:
        """This period's counterpart of another period's group.

        None when there is nothing to compare with: it is absent, hidden, or was asked in another way.
        """
        mine = self._definitions.get((definition.id, definition.version))
        if mine is None or not mine.same_as(definition):
            return None
        found = (each for each in self.of(mine, group.dimension) if each.value == group.value)
        return next((each for each in found if not self.hides(each, mine)), None)

    def _audiences(self) -> Iterator[list[_Table]]:
        """The tables that must hide alike; last those of the questions that most answered."""
        totals = {key: sum(group.n for group in groups.get(ALL, ())) for key, groups in self._groups.items()}
        most = max(totals.values(), default=0)
        together: list[_Table] = []
        for key, n in totals.items():
            definition = self._definitions.get(key)
            tables = [_Table(key), *([_Table(key, rated=True)] if definition and definition.is_scale else [])]
            if n >= most * SAME_PEOPLE:
                together += tables
            else:
                yield tables
        yield together

    def _hidden_of(self, tables: Sequence[_Table]) -> dict[_Table, frozenset[Place]]:
        found = {table: self._hidden_by_rule(table, self._under) for table in tables}
        while True:
            every = frozenset().union(*found.values())
            wider = {
                table: hidden if every & self.bases(table).keys() == hidden else self._hidden_by_rule(table, every)
                for table, hidden in found.items()
            }
            if wider == found:
                break
            found = wider
        forgotten = {table: self._forgotten(table) for table in tables}
        if any(forgotten.values()):
            # On top of what was hidden before, so that what a longer period hides now does not uncover anything else.
            every = frozenset().union(*found.values(), *forgotten.values())
            return {table: self._hidden_by_rule(table, every) for table in tables}
        return found

    def _hidden_by_rule(self, table: _Table, also: frozenset[Place] = frozenset()) -> frozenset[Place]:
        """What the table's bases hide, and those of `also` that it has."""
        bases = self.bases(table)
        sums, also = list(sums_of(bases, *self._units)), also & bases.keys()
        if not self.parts:
            return hidden_places(bases, sums, limit=self._limit, also=also)
        hidden_before = {place: [part.untold_base(table, place) for part in self.parts] for place in bases}
        also |= {place for place, parts in hidden_before.items() if gives_away(parts, self._limit)}
        known = frozenset(place for place, parts in hidden_before.items() if not any(parts))
        found = hidden_places(bases, sums, limit=self._limit, known=known, also=also)
        if not self._tells(table, found):
            return found
        # The total of everyone may stay; all else that a month hides is hidden here too, which adds nothing to tell.
        split = {place for place, parts in hidden_before.items() if any(parts) and place != (ALL, ALL)}
        return hidden_places(bases, sums, limit=self._limit, known=known, also=also | split)

    def _forgotten(self, table: _Table) -> frozenset[Place]:
        groups = (group for each in self._groups[table.key].values() for group in each if FORGOTTEN in group.counts)
        return frozenset((group.dimension, group.value) for group in groups)

    def _tells(self, table: _Table, hidden: frozenset[Place]) -> bool:
        """True if the months' sums, with what is shown of the longer periods, leave a small hidden base alone."""
        months = list(self.in_months())
        unknown = {(m, place): n for m, month in enumerate(months) for place, n in month.untold(table).items()}
        sums = [each for m, month in enumerate(months) for each in month.sums_of_hidden(table, m)]
        numbers = {id(month): m for m, month in enumerate(months)}
        sums += [*self._sums_over_months(table, hidden, numbers), *self._sums_of_parts(table, numbers)]
        for number, (place, months_of) in enumerate(self.totals(table, hidden, numbers), start=1):
            # What several months hide together may follow where what each of them hides does not.
            total = -number, place
            unknown[total] = sum(unknown[month, place] for month in months_of)
            sums.append({total: -1.0} | {(month, place): 1.0 for month in months_of})
        limit = self._limit
        return any(0 < unknown.get(each, 0) < limit for each in derivable(sums))

    def totals(
        self, table: _Table, hidden: frozenset[Place], numbers: Mapping[int, int]
    ) -> Iterator[tuple[Place, list[int]]]:
        """What the period, and each shorter one in it, hides of several months: the group, and which months."""
        months = [(numbers[id(month)], month.untold(table)) for month in self.in_months()]
        for place in hidden:
            found = [number for number, untold in months if place in untold]
            if len(found) > 1:
                yield place, found
        for part in self.parts:
            if part.parts:
                yield from part.totals(table, part.hidden.get(table, frozenset()), numbers)

    def in_months(self) -> Iterator[PublishedGroups]:
        """Its months; a month is its own."""
        for part in self.parts:
            yield from part.in_months()
        if not self.parts:
            yield self

    def untold(self, table: _Table) -> dict[Place, int]:
        """The bases that a month hides."""
        bases = self.bases(table)
        return {place: bases[place] for place in self.hidden.get(table, frozenset())}

    def sums_of_hidden(self, table: _Table, month: int) -> Iterator[dict[tuple[int, Place], float]]:
        """A month's sums in terms of what it hides; what no part accounts for is an unknown of its own."""
        bases, hidden = self.bases(table), self.hidden.get(table, frozenset())
        for number, each in enumerate(sums_of(bases, *self._units)):
            found = {(month, part): -1.0 for part in each.parts if part in hidden}
            found |= {(month, each.whole): 1.0} if each.whole in hidden else {}
            if bases[each.whole] != sum(bases[part] for part in each.parts):
                found[month, ("rest", str(number))] = -1.0
            yield found

    def sums_shown(self, table: _Table, numbers: Mapping[int, int]) -> Iterator[dict[tuple[int, Place], float]]:
        """What a period shows of a question, each as a sum over hidden months; a month shows no sums."""
        if self.parts:
            yield from self._sums_over_months(table, self.hidden.get(table, frozenset()), numbers)

    def _sums_of_parts(self, table: _Table, numbers: Mapping[int, int]) -> Iterator[dict[tuple[int, Place], float]]:
        for part in self.parts:
            yield from part.sums_shown(table, numbers)

    def _sums_over_months(
        self, table: _Table, hidden: frozenset[Place], numbers: Mapping[int, int]
    ) -> Iterator[dict[tuple[int, Place], float]]:
        months = [(numbers[id(month)], month.untold(table)) for month in self.in_months()]
        for place in self.bases(table):
            if place not in hidden:
                yield {(m, place): 1.0 for m, untold in months if place in untold}

    def bases(self, table: _Table) -> dict[Place, int]:
        """Every base of one question in one wording."""
        if table not in self._bases:
            # Where it can't be seen how many were served, it can't be seen either that none of them answered.
            self._bases[table] = dict.fromkeys(self._under, 0) | {
                (dimension, group.value): group.n - (group.counts.get(DONT_KNOW, 0) if table.rated else 0)
                for dimension, groups in self._groups.get(table.key, {}).items()
                for group in groups
                if dimension in _PUBLISHED
            }
        return self._bases[table]

    def untold_base(self, table: _Table, place: Place) -> int:
        """How much of a place's base nobody can know: nothing if it is shown, or all its months are."""
        if place not in self.hidden.get(table, frozenset()):
            return 0
        if self.parts:
            return sum(part.untold_base(table, place) for part in self.parts)
        return self.bases(table).get(place, 0)


def sums_of(
    places: Collection[Place], departments: Mapping[str, str], sub_departments: Mapping[str, str] | None = None
) -> Iterator[Sum]:
    """Which published bases add up to which: everyone, those who came in person, each department and its parts.

    `departments` maps reasons to paths, `sub_departments` each of those to its department.
    """
    by_dimension = {
        dimension: tuple(place for place in places if place[0] == dimension) for dimension in (*DIMENSIONS, ALL)
    }
    for whole in by_dimension[ALL]:
        yield from (Sum(whole, parts) for dimension in DIMENSIONS if (parts := by_dimension[dimension]))
    if FACE_TO_FACE in places:
        found = (by_dimension[dimension] for dimension in WITHIN_FACE_TO_FACE)
        yield from (Sum(FACE_TO_FACE, parts) for parts in found if parts)
    if MEASURED in places:
        yield Sum(MEASURED, by_dimension["waiting"])
    for department in by_dimension["department"]:
        units = (p for p in by_dimension["sub_department"] if (sub_departments or {}).get(p[1]) == department[1])
        reasons = (p for p in by_dimension["reason"] if department_of(departments.get(p[1], "")) == department[1])
        yield from (Sum(department, parts) for parts in (tuple(units), tuple(reasons)) if parts)
    for unit in by_dimension["sub_department"]:
        own = tuple(p for p in by_dimension["reason"] if sub_department_of(departments.get(p[1], "")) == unit[1])
        if own:
            yield Sum(unit, own)
