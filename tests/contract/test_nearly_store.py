"""Wishes for a message and attempts at a kiosk: the fake and DynamoDB keep the same promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.adapters.visits.dynamodb_kiosk_attempts import DynamoDbKioskAttempts
from chalicelib.adapters.visits.dynamodb_nearly import DynamoDbWishes, nearly_key
from chalicelib.shared.clock import local_date, local_day_bounds
from chalicelib.shared.phone import PhoneNumber
from chalicelib.visits.nearly import Asked, Standing
from tests.builders import MONDAY
from tests.fakes.kiosk import InMemoryKioskAttempts, InMemoryWishes
from tests.fakes.visits import a_visit

if TYPE_CHECKING:
    from chalicelib.visits.model import Visit

_TOWNS = iter(range(10_000))
DAY = local_date(MONDAY)
MINE, OTHER = PhoneNumber("+4526112233"), PhoneNumber("+4526112244")


@pytest.fixture
def visit() -> Visit:
    return a_visit(municipality=f"nearlytown{next(_TOWNS)}")


@pytest.fixture(params=["fake", "dynamodb"])
def wishes(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return InMemoryWishes()
    request.getfixturevalue("embedded")
    return DynamoDbWishes()


@pytest.fixture(params=["fake", "dynamodb"])
def attempts(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return InMemoryKioskAttempts()
    request.getfixturevalue("embedded")
    return DynamoDbKioskAttempts()


def wish_of(visit: Visit, phone: PhoneNumber = MINE) -> Asked:
    return Asked(visit.municipality, visit.office, visit.day, visit.ulid, phone, "en")


def open_wishes(wishes: Any, visit: Visit) -> list[Asked]:
    return list(wishes.open(visit.municipality, visit.office, visit.day))


def test_a_wish_is_open_until_it_is_told(wishes, visit):
    assert wishes.standing(visit) is Standing.NONE
    assert wishes.ask(wish_of(visit))
    assert wishes.standing(visit) is Standing.ASKED
    assert open_wishes(wishes, visit) == [wish_of(visit)]
    assert wishes.claim(wish_of(visit))
    assert wishes.standing(visit) is Standing.TOLD
    assert open_wishes(wishes, visit) == []
    assert not wishes.ask(wish_of(visit))


def test_a_second_wish_takes_the_place_of_the_first(wishes, visit):
    wishes.ask(wish_of(visit))
    wishes.ask(wish_of(visit, OTHER))
    assert open_wishes(wishes, visit) == [wish_of(visit, OTHER)]
    assert not wishes.claim(wish_of(visit)), "the number that was read is not the one that stands there"


def test_one_of_many_claims(wishes, visit):
    wishes.ask(wish_of(visit))
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda _: wishes.claim(wish_of(visit)), range(16)))
    assert won.count(True) == 1


def test_what_was_not_sent_can_be_claimed_again(wishes, visit):
    wishes.ask(wish_of(visit))
    wishes.claim(wish_of(visit))
    wishes.restore(wish_of(visit))
    assert open_wishes(wishes, visit) == [wish_of(visit)]
    assert wishes.claim(wish_of(visit))


def test_nothing_is_restored_that_was_forgotten(wishes, visit):
    wishes.restore(wish_of(visit))
    assert wishes.standing(visit) is Standing.NONE


def test_forgetting_takes_an_open_wish_and_leaves_a_told_one(wishes, visit):
    key = visit.municipality, visit.office, visit.day, visit.ulid
    wishes.forget(*key)
    wishes.ask(wish_of(visit))
    wishes.forget(*key)
    assert wishes.standing(visit) is Standing.NONE
    wishes.ask(wish_of(visit))
    wishes.claim(wish_of(visit))
    wishes.forget(*key)
    assert wishes.standing(visit) is Standing.TOLD


def test_other_offices_days_and_towns_are_apart(wishes, visit):
    wishes.ask(wish_of(visit))
    for place in ({"office": "nordby"}, {"day": DAY + timedelta(days=1)}, {"municipality": f"{visit.municipality}x"}):
        other = replace(wish_of(visit), **place)
        assert list(wishes.open(other.municipality, other.office, other.day)) == []


def test_attempts_are_counted_by_kiosk_and_hour_and_can_be_taken_back(attempts):
    town, later = f"nearlytown{next(_TOWNS)}", MONDAY + timedelta(hours=1)
    assert [attempts.count(town, "k1", MONDAY) for _ in range(3)] == [1, 2, 3]
    assert attempts.count(town, "k2", MONDAY) == 1
    assert attempts.count(town, "k1", later) == 1
    attempts.take_back(town, "k1", MONDAY)
    assert attempts.count(town, "k1", MONDAY) == 3


# What only the table can show


def test_the_number_is_gone_with_the_claim_and_the_row_with_the_day(embedded: object, visit: Visit):
    wishes = DynamoDbWishes()
    wishes.ask(wish_of(visit))
    key = nearly_key(visit.municipality, visit.office, visit.day, visit.ulid)
    row = bound(OperationItem).get(*key)
    assert row.phone == MINE.reveal()
    assert row.expires_at == local_day_bounds(DAY)[1].timestamp()
    wishes.claim(wish_of(visit))
    assert "26112233" not in str(bound(OperationItem).get(*key).attribute_values)
