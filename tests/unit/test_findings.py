"""A figure's address: the same figure from the same data, whatever arrives later, and never more than is public."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.municipalities.model import Thresholds
from chalicelib.reporting.cell import Cell, Measure
from chalicelib.reporting.cells import cells
from chalicelib.reporting.findings import Finding, digest_of, finding_of, frozen, recomputed
from chalicelib.reporting.merging import merged
from chalicelib.reporting.model import Comment, PeriodCounts
from chalicelib.shared.errors import InvalidInput, NotFound
from tests.fakes.reporting import counts, groups

LIMITS = Thresholds(suppress_below=5, small_base=30)


def month(period: str, good: int = 84, **changes: Any) -> PeriodCounts:
    return counts(period=period, groups=groups(raadhuset=(good, 16), nordby=(3, 1), by=(40, 10)), **changes)


NOW, BEFORE = month("2026-10"), month("2025-10", 60)
KEPT = {digest_of(each): frozen(each) for each in (NOW, BEFORE, month("2026-08"), month("2026-09", 70))}


def shares(now: PeriodCounts, before: PeriodCounts | None = None) -> list[Cell]:
    return [cell for cell in cells(now, before, LIMITS) if cell.question]


def test_every_figure_comes_out_as_it_was_published() -> None:
    for cell in shares(NOW, BEFORE):
        finding = finding_of(cell, ("2026-10", [NOW]), ("2025-10", [BEFORE]), LIMITS)
        again = recomputed(Finding.from_query(finding.to_query()), KEPT.get, LIMITS)
        assert again.cell == cell
        assert again.question is not None


def test_a_quarter_names_its_months() -> None:
    months = [month("2026-08"), month("2026-09", 70)]
    cell = next(
        c for c in cells(merged("2026-Q3", months), None, LIMITS, months=(months, ())) if c.value == "raadhuset"
    )
    finding = finding_of(cell, ("2026-Q3", months), None, LIMITS)
    assert recomputed(finding, KEPT.get, LIMITS).cell == cell
    with pytest.raises(InvalidInput):
        recomputed(replace(finding, data=finding.data[::-1]), KEPT.get, LIMITS)
    with pytest.raises(InvalidInput):
        recomputed(replace(finding, period="2026-Q2"), KEPT.get, LIMITS)


def test_numbers_have_one_name_and_it_says_nothing_of_when_they_were_counted() -> None:
    assert digest_of(NOW) == digest_of(replace(NOW, generated_at="2027-01-01T00:00:00Z"))
    assert digest_of(NOW) != digest_of(month("2026-10", 85))
    stored = PeriodCounts.from_document(json.loads(json.dumps(frozen(NOW).to_document())))
    assert digest_of(stored) == digest_of(NOW)


def test_what_can_be_erased_is_not_kept() -> None:
    said = Comment("Tak", "da", "raadhuset", "passport", "in_person", "2026-W42", "10")
    assert frozen(replace(NOW, comments=(said,))).comments == ()
    assert digest_of(replace(NOW, comments=(said,))) == digest_of(NOW)


def test_an_address_can_ask_for_no_less_protection() -> None:
    cell = shares(NOW)[0]
    finding = finding_of(cell, ("2026-10", [NOW]), None, LIMITS)
    for rule in (Thresholds(4, 30), Thresholds(5, 29)):
        with pytest.raises(InvalidInput):
            recomputed(replace(finding, thresholds=rule), KEPT.get, LIMITS)
    hidden = replace(finding, dimension="office", value="nordby", measure=Measure.SHARE)
    assert recomputed(hidden, KEPT.get, LIMITS).cell.n is None


def test_unknown_data_and_figures_are_not_found() -> None:
    finding = finding_of(shares(NOW)[0], ("2026-10", [NOW]), None, LIMITS)
    with pytest.raises(NotFound):
        recomputed(replace(finding, data=("0" * 16,)), KEPT.get, LIMITS)
    with pytest.raises(NotFound):
        recomputed(replace(finding, value="nowhere"), KEPT.get, LIMITS)


@pytest.mark.parametrize("broken", [{"data": "xyz"}, {"rule": "5"}, {"measure": "sum"}, {"period": "soon"}])
def test_other_addresses_are_refused(broken: dict[str, str]) -> None:
    finding = finding_of(shares(NOW)[0], ("2026-10", [NOW]), None, LIMITS)
    with pytest.raises(InvalidInput):
        Finding.from_query({**finding.to_query(), **broken})
