"""Merged tables: every cell of nobody or of enough, nothing lost, and no month's cell of few without a way out."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.reporting.crossing_merge import OTHERS, Cells, Rule, merges

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LIMIT: Final = 5
ROWS: Final = ("a/x", "a/y", "a/z", "b/x", "b/y", "/")
COLUMNS: Final = ("in_person/hall", "in_person/island", "phone/", "e_mail/")
ROWS_AT_FIRST: Final = {"a/x": "a/x", "a/y": "a/y", "a/z": "a/*", "b/x": "b/x", "b/y": "b/y", "/": OTHERS}
COLUMNS_AT_FIRST: Final = {column: column for column in COLUMNS}
Worlds = list[list[Cells]]
"""By question, the months."""


def at_most(limit: int) -> st.SearchStrategy[Worlds]:
    """Three months of one question, and of a second that some did not answer."""
    one = st.dictionaries(st.tuples(st.sampled_from(ROWS), st.sampled_from(COLUMNS)), st.integers(0, limit))
    return st.lists(one, min_size=3, max_size=3).map(lambda found: [_months(found), _months(found, less=1)])


def _months(found: Sequence[dict[tuple[str, str], int]], less: int = 0) -> list[Cells]:
    return [Counter({cell: n - less for cell, n in month.items() if n > less}) for month in found]


def present(worlds: Worlds, axis: int) -> set[str]:
    return {cell[axis] for months in worlds for month in months for cell in month}


def merged(worlds: Worlds, rule: Rule) -> list[list[Cells]] | None:
    rows = {row: ROWS_AT_FIRST[row] for row in present(worlds, 0)}
    columns = {column: COLUMNS_AT_FIRST[column] for column in present(worlds, 1)}
    found = merges(worlds, rows, columns, rule)
    return None if found is None else [[found.applied(month) for month in months] for months in worlds]


def other_months(months: Sequence[Cells], at: int, cell: tuple[str, str]) -> Iterator[list[Cells]]:
    """Months with the same rows, columns and sum over the months, and another number in that cell."""
    rows, columns = ({each[axis] for month in months for each in month} for axis in (0, 1))
    for other, row, column, sign in product(range(len(months)), rows, columns, (1, -1)):
        if other == at or row == cell[0] or column == cell[1]:
            continue
        made = [Counter(month) for month in months]
        for month, way in ((at, sign), (other, -sign)):
            for place in ((cell[0], cell[1]), (row, column)):
                made[month][place] += way
            for place in ((cell[0], column), (row, cell[1])):
                made[month][place] -= way
        if all(n >= 0 for month in made for n in month.values()):
            yield made


def sums(months: Sequence[Cells]) -> Counter[tuple[object, ...]]:
    """All that is published of the months: rows and columns of each, the table of all."""
    found: Counter[tuple[object, ...]] = Counter()
    for at, month in enumerate(months):
        for (row, column), n in month.items():
            found.update({(at, "row", row): n, (at, "column", column): n, (row, column): n})
    return +found


@given(at_most(9), st.booleans(), st.booleans())
@pytest.mark.requirement("GL-53", "SK-22")
def test_every_cell_is_of_nobody_or_of_enough(worlds: Worlds, linked: bool, columns_first: bool) -> None:
    found = merged(worlds, Rule(LIMIT, linked=linked, columns_first=columns_first))
    for before, months in zip(worlds, found, strict=True) if found else ():
        whole = sum(months, Counter())
        assert all(n >= LIMIT for n in whole.values() if n)
        assert sum(whole.values()) == sum(sum(month.values()) for month in before)
        for at, month in enumerate(months):
            for cell, n in month.items():
                if linked and 0 < n < LIMIT:
                    other = next(other_months(months, at, cell))
                    assert other[at][cell] != n
                    assert sums(other) == sums(months)


@given(at_most(40))
def test_what_is_hidden_elsewhere_stays_among_others(worlds: Worlds) -> None:
    rows = {row: ROWS_AT_FIRST[row] for row in present(worlds, 0)}
    columns = {column: COLUMNS_AT_FIRST[column] for column in present(worlds, 1)}
    found = merges(worlds, rows, columns, Rule(LIMIT))
    if found is not None:
        assert "a/z" not in found.rows.values()
        assert found.rows.get("/", OTHERS) == OTHERS
        assert found.rows.keys() == rows.keys()


def table(**rows: tuple[int, ...]) -> Cells:
    named = {"ax": "a/x", "ay": "a/y", "bx": "b/x", "by": "b/y"}
    return Counter({(named[row], f"c{at}"): n for row, found in rows.items() for at, n in enumerate(found) if n})


def shown(months: list[Cells], *, linked: bool = False, columns_first: bool = False) -> tuple[set[str], set[str]]:
    rows, columns = ({each: each for each in present([months], axis)} for axis in (0, 1))
    found = merges([months], rows, columns, Rule(LIMIT, linked=linked, columns_first=columns_first))
    return (set(found.rows.values()), set(found.columns.values())) if found else (set(), set())


def test_a_table_of_enough_is_shown_as_it_is() -> None:
    assert shown([table(ax=(9, 8), bx=(7, 0))]) == ({"a/x", "b/x"}, {"c0", "c1"})


def test_a_cell_of_few_goes_into_the_rest_of_its_department() -> None:
    rows, columns = shown([table(ax=(30, 20), ay=(30, 3), bx=(50, 40))])
    assert rows == {"a/*", "b/x"}
    assert columns == {"c0", "c1"}


def test_with_too_little_left_there_is_no_table() -> None:
    assert shown([table(ax=(3, 9))]) == (set(), set())
    assert shown([table(ax=(30, 2), bx=(30, 1))]) == (set(), set())


def test_where_columns_matter_rows_give_way() -> None:
    months = [table(ax=(30, 4), bx=(30, 4))]
    assert shown(months, columns_first=True) == ({OTHERS}, {"c0", "c1"})


def test_a_month_of_which_a_cell_follows_is_covered() -> None:
    """Only in March was there anybody by the second row, so what the first had then is March's column less the table."""
    january, march = table(ax=(20, 20)), table(ax=(20, 1), bx=(20, 8))
    assert shown([january, march]) == ({"a/x", "b/x"}, {"c0", "c1"})
    assert shown([january, march], linked=True) == (set(), set())
