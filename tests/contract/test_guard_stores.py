"""What guards booking, in memory and in DynamoDB: counters, used challenges, offers of other ways."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest

from chalicelib.adapters.booking.dynamodb_alternatives import DynamoDbAlternativeCounts
from chalicelib.adapters.booking.dynamodb_callers import DynamoDbCallerCounts, DynamoDbSpentChallenges
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.booking.alternatives import AlternativeCount, Reaction
from chalicelib.booking.callers import Purpose
from chalicelib.shared.clock import utc_text
from tests.builders import MONDAY
from tests.fakes.guard import FakeAlternativeCounts, FakeCallerCounts, FakeSpentChallenges

_TOWNS = count(1)


@pytest.fixture
def town() -> str:
    return f"guardtown{next(_TOWNS)}"


@pytest.fixture(params=["fake", "dynamodb"])
def real(request: pytest.FixtureRequest) -> bool:
    if request.param == "dynamodb":
        request.getfixturevalue("embedded")
    return request.param == "dynamodb"


def test_callers_are_counted_by_town_purpose_and_hour(real, town):
    counts = DynamoDbCallerCounts() if real else FakeCallerCounts()
    later = MONDAY + timedelta(hours=1)
    told = [
        counts.count(town, "a", Purpose.BOOK, MONDAY),
        counts.count(town, "a", Purpose.BOOK, MONDAY),
        counts.count(town, "a", Purpose.HOLD, MONDAY),
        counts.count(town, "b", Purpose.BOOK, MONDAY),
        counts.count(town, "a", Purpose.BOOK, later),
        counts.count(f"{town}x", "a", Purpose.BOOK, MONDAY),
    ]
    assert told == [1, 2, 1, 1, 1, 1]


def test_callers_at_once_are_all_counted(embedded, town):
    counts = DynamoDbCallerCounts()
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: counts.count(town, "a", Purpose.BOOK, MONDAY), range(16)))
    assert sorted(told) == list(range(1, 17))
    row = bound(OperationItem).get(f"{town}#caller#a", f"book#{utc_text(MONDAY)}")
    assert row.expires_at == MONDAY.timestamp() + 3600


def test_a_challenge_is_used_by_one(real, town):
    spent = DynamoDbSpentChallenges() if real else FakeSpentChallenges()
    assert spent.spend(town, "c", "first", MONDAY)
    assert spent.spend(town, "c", "first", MONDAY)
    assert not spent.spend(town, "c", "second", MONDAY)
    assert spent.spend(f"{town}x", "c", "second", MONDAY)


@pytest.mark.requirement("FR-12")
def test_offers_are_counted_by_day_and_reason_and_read_by_month(real, town):
    counts = DynamoDbAlternativeCounts() if real else FakeAlternativeCounts()
    monday, december = MONDAY.date(), MONDAY.date() + timedelta(days=10)
    counts.add(town, monday, ["licence", "moving"], Reaction.OFFERED)
    counts.add(town, monday, ["licence"], Reaction.OFFERED)
    counts.add(town, monday, ["licence"], Reaction.ACCEPTED)
    counts.add(town, december, ["licence"], Reaction.OFFERED)
    assert counts.of_month(town, "2026-11") == [
        AlternativeCount(monday, "licence", offered=2, accepted=1),
        AlternativeCount(monday, "moving", offered=1, accepted=0),
    ]
    assert [entry.offered for entry in counts.of_month(town, "2026-12")] == [1]
    assert counts.of_month(f"{town}x", "2026-11") == []
