"""Tables by two fields beside everything else that is published: towns with many of them, and what blanks would tell."""

from __future__ import annotations

import pytest

from chalicelib.reporting.crossing_views import VIEWS
from tests.attack import LIMIT, given_away, known_of
from tests.attack_crossings import crossed_bases
from tests.attack_world import SCALE, town
from tests.unit.test_attack import FJORDBY, Reader

_QUARTERS = {"2025-Q4": ("2025-10", "2025-11", "2025-12"), "2026-Q1": ("2026-01", "2026-02", "2026-03")}


@pytest.mark.requirement("GL-53", "SK-22")
@pytest.mark.parametrize(
    ("seed", "quarter", "size", "tables"), [(643782, "2025-Q4", 300, 6), (624360, "2026-Q1", 600, 7)]
)
def test_quarters_with_many_tables_give_nobody_away(seed: int, quarter: str, size: int, tables: int) -> None:
    reader = Reader(town(seed, _QUARTERS[quarter], size))
    reader.read()
    shown = reader.service.crossings(FJORDBY, reader.found[quarter].now)
    question = shown.questions[0]
    assert sum(shown.of(question, view) is not None for view in VIEWS) >= tables
    assert given_away(reader.known, reader.periods, seed=seed) == []


def test_the_attack_fills_the_blanks_of_a_table() -> None:
    """Cells of few left blank, with rows and columns beside them, are all found: so rows and columns are merged."""
    known = known_of(town(3, ["2026-01"], 60))
    periods = {"2026-01": ["2026-01"]}
    assert given_away(known, periods) == []
    pair = "unit|language"
    bases = {name: sums for name, sums in crossed_bases(known.keys, SCALE.id).items() if name[1] == pair}
    values = {name: known.value({("2026-01", key): 1.0 for key in sums}) for name, sums in bases.items()}
    few = {name for name, n in values.items() if 0 < n < LIMIT}
    assert few
    for at in (2, 3):
        for value in {name[at] for name in bases}:
            whole = {key: 1.0 for name, sums in bases.items() if name[at] == value for key in sums}
            row = {("2026-01", key): 1.0 for key in whole}
            known.learn(row, known.value(row))
    for name in bases.keys() - few:
        known.learn({("2026-01", key): 1.0 for key in bases[name]}, values[name])
    assert few & {name for _, name, _ in given_away(known, periods)}
