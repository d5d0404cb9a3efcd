"""The counter of attempts to find an appointment: atomic, one per municipality, code and hour, gone afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.adapters.booking.dynamodb_find_attempts import DynamoDbFindAttempts
from chalicelib.adapters.tables import AppointmentItem, bound
from chalicelib.shared.clock import utc_text
from tests.builders import MONDAY

pytestmark = pytest.mark.usefixtures("embedded")


def test_attempts_at_once_are_all_counted():
    attempts = DynamoDbFindAttempts()
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: attempts.count("findtown1", "K7MQ4P", MONDAY), range(24)))
    assert sorted(counts) == list(range(1, 25))


def test_other_codes_towns_and_hours_have_counters_of_their_own():
    attempts = DynamoDbFindAttempts()
    wanted = ("findtown2", "K7MQ4P", MONDAY)
    others = [
        ("findtown3", "K7MQ4P", MONDAY),
        ("findtown2", "K7MQ4Q", MONDAY),
        ("findtown2", "K7MQ4P", MONDAY + timedelta(hours=1)),
    ]
    assert [attempts.count(*one) for one in (wanted, *others, wanted)] == [1, 1, 1, 1, 2]


def test_the_count_is_removed_after_its_hour():
    DynamoDbFindAttempts().count("findtown4", "K7MQ4P", MONDAY)
    row = bound(AppointmentItem).get("findtown4#find#K7MQ4P", utc_text(MONDAY))
    assert row.expires_at == MONDAY.timestamp() + 3600
