"""What is worked out from figures tells no more than the figures: another town with the same ones reads the same.

Contributions, mixes and weighted shares are made of what is shown anyway (ADR 26): when the hidden answers are dealt
out anew among the hidden groups, nothing changes. Imported waves: for every hidden row there is another survey that
fits all that is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chalicelib.municipalities.model import Thresholds
from chalicelib.municipalities.policies import Population
from chalicelib.reporting.periods import period_of
from chalicelib.reporting.reading import Compared, Reading
from chalicelib.reporting.views import (
    change_by_group,
    held_still,
    mix_shifts,
    shown_proportions,
    total_proportion,
    weighted,
)
from chalicelib.reporting.waves import EVERYONE, Wave, WaveRow, wave_cells
from tests.fakes.reporting import SATISFACTION, answers, counts

if TYPE_CHECKING:
    from chalicelib.reporting.model import Group

LIMITS = Thresholds(suppress_below=5, small_base=30)
DIMENSIONS = ("office", "mode", "department")

pairs = st.tuples(st.integers(0, 60), st.integers(0, 25))
few = st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(any)
towns = st.dictionaries(st.sampled_from("abcd"), pairs.filter(any), min_size=2).flatmap(
    lambda large: st.dictionaries(st.sampled_from("wxyz"), few, min_size=2).map(lambda small: large | small)
)
Town = dict[str, tuple[int, int]]


def groups_of(town: Town) -> tuple[Group, ...]:
    total = answers("all", "all", sum(g for g, _ in town.values()), sum(b for _, b in town.values()))
    return (total, *(answers(each, name, *n) for each in DIMENSIONS for name, n in town.items()))


def compared(now: Town, before: Town) -> Compared:
    def read(period: str, town: Town) -> Reading:
        made = counts(period=period, groups=groups_of(town))
        return Reading(period_of(period), made, (made,), ())

    return Compared(read("2026-10", now), read("2025-10", before), True, (), LIMITS)


def figures(found: Compared) -> list[Any]:
    """All that is worked out from the groups, and the groups themselves."""
    made: list[Any] = [mix_shifts(found, SATISFACTION), total_proportion(found.published, SATISFACTION)]
    for dimension in DIMENSIONS:
        population = Population(dimension, {"a": 2.0, "b": 1.0})
        made += [shown_proportions(found.published, SATISFACTION, dimension)]
        made += [change_by_group(found, SATISFACTION, dimension), held_still(found, SATISFACTION, dimension)]
        made += [weighted(found, SATISFACTION, population)]
    return made


@pytest.mark.requirement("GL-41")
@given(now=towns, before=towns, data=st.data())
def test_what_is_worked_out_says_nothing_of_who_is_hidden(now: Town, before: Town, data: st.DataObject) -> None:
    found = compared(now, before)
    shown = shown_proportions(found.published, SATISFACTION, "office")
    hidden = sorted(now.keys() - shown.keys())
    assume(len(hidden) > 1)
    giver, taker = data.draw(st.permutations(hidden))[:2]
    kind = data.draw(st.integers(0, 1))
    moved = {name: list(n) for name, n in now.items()}
    moved[giver][kind] -= 1
    moved[taker][kind] += 1
    other = {name: (n[0], n[1]) for name, n in moved.items()}
    assume(min(moved[giver]) >= 0 and any(moved[giver]))
    changed = compared(other, before)
    assume(shown_proportions(changed.published, SATISFACTION, "office") == shown)
    assert figures(changed) == figures(found)


def wave(rows: list[WaveRow]) -> Wave:
    return Wave("now", {"da": "nu", "en": "now"}, "2022-09-12", "2022-10-10", {"da": "x", "en": "x"}, tuple(rows))


@example(bases=[1], rest=5, whole=True)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=6), st.integers(0, 6), st.booleans())
def test_every_hidden_row_of_a_wave_could_be_another(bases: list[int], rest: int, whole: bool) -> None:
    rows = [WaveRow("q", f"s{number}", n // 2, n) for number, n in enumerate(bases)]
    if whole:
        rows.append(WaveRow("q", EVERYONE, sum(bases) // 2, sum(bases) + rest))
    hidden = {cell.value for cell in wave_cells(wave(rows), None, LIMITS) if cell.n is None}
    known = {row.segment: row.n for row in rows}
    parts = known.keys() - {EVERYONE}
    # How many belong to no segment is told nowhere: few of them protect what is hidden, many once no segment is shown.
    # Where everybody's row is hidden, nothing must add up.
    untold = 0 < rest < LIMITS.suppress_below or (rest > 0 and parts <= hidden)
    free = not whole or EVERYONE in hidden or untold
    for segment in hidden - {EVERYONE}:
        balanced = [known[segment] + known[other] > 2 for other in hidden - {EVERYONE, segment}]
        assert free or any(balanced), (known, segment)
    small = sum(known[segment] for segment in hidden - {EVERYONE})
    assert free or not hidden or small >= LIMITS.suppress_below
