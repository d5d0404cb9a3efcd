"""Estimates of contacts: the fake and DynamoDB keep the same promises."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.expectations.dynamodb_estimates import DynamoDbEstimates
from chalicelib.shared.errors import Outrun
from tests.fakes.expectations import InMemoryEstimates, an_estimate, letters

if TYPE_CHECKING:
    from chalicelib.expectations.model import Estimate

_TOWNS = iter(range(10_000))


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return InMemoryEstimates()
    request.getfixturevalue("embedded")
    return DynamoDbEstimates()


@pytest.fixture
def estimate() -> Estimate:
    return replace(an_estimate(content=letters(reasons=("passport",))), municipality=f"estimatetown{next(_TOWNS)}")


def test_what_is_put_in_comes_out(store: Any, estimate: Estimate) -> None:
    other = replace(an_estimate("E2", {1: 70, 2: 0}), municipality=estimate.municipality)
    store.add(estimate)
    store.add(other)
    assert sorted(store.all(estimate.municipality), key=lambda each: each.id) == [estimate, other]
    assert list(store.all("elsewhere")) == []


def test_an_id_is_taken_once(store: Any, estimate: Estimate) -> None:
    store.add(estimate)
    with pytest.raises(Outrun):
        store.add(replace(estimate, counts={1: 1}))
    assert list(store.all(estimate.municipality)) == [estimate]


def test_of_two_who_write_at_once_one_is_told(store: Any, estimate: Estimate) -> None:
    store.add(estimate)
    after = replace(estimate, counts={1: 9}, version=2)
    store.put(after)
    with pytest.raises(Outrun):
        store.put(replace(estimate, counts={1: 4}, version=2))
    assert list(store.all(estimate.municipality)) == [after]


def test_only_the_version_that_was_read_is_removed(store: Any, estimate: Estimate) -> None:
    store.add(estimate)
    store.put(replace(estimate, version=2))
    with pytest.raises(Outrun):
        store.remove(estimate)
    store.remove(replace(estimate, version=2))
    assert list(store.all(estimate.municipality)) == []
