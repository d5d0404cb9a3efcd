"""A number's wishes to be called are seen and deleted with everything else under it (I9), though they name no contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chalicelib.contacts.my_data import Held, MyData
from chalicelib.shared.errors import NotFound
from chalicelib.shared.hashing import phone_hash
from chalicelib.shared.phone import PhoneNumber
from chalicelib.surveys.callbacks import CallbackService
from tests.builders import KEYS, MONDAY, FixedClock, a_municipality
from tests.fakes.surveys import FakeCallbacks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

TOWN = a_municipality(asking={"callbacks": True})
MINE, OTHERS = PhoneNumber("+4520123456"), PhoneNumber("+4520123457")


class NoRows:
    """`HeldRows` without contacts."""

    def contact_ids(self, municipality: str, phone_hash: str) -> Sequence[str]:
        return []

    def held(self, municipality: str, phone_hash: str) -> Held:
        return Held((), opted_out=False)

    def ask_to_erase(self, municipality: str, phone_hash: str, contact_id: str, now: datetime) -> None:
        raise AssertionError


class NoConsents:
    """`Withdrawing`: nothing was ever asked."""

    def withdraw(self, municipality: str, contact_id: str, *, origin: str, scope: str) -> None:
        raise NotFound


@pytest.fixture
def calls() -> CallbackService:
    service = CallbackService(store=FakeCallbacks(), clock=lambda: FixedClock(MONDAY))
    for way, phone in (("a", MINE), ("b", MINE), ("c", OTHERS)):
        service.leave(TOWN, way, phone=phone, about="Om mit pas", language="da")
    return service


@pytest.fixture
def my_data(calls: CallbackService) -> MyData:
    return MyData(
        rows=NoRows(), calls=calls, consents=NoConsents(), keys=lambda: KEYS, clock=lambda: FixedClock(MONDAY)
    )


def test_wishes_are_seen_by_their_number_alone(my_data: MyData) -> None:
    assert my_data.held(TOWN.id, MINE).calls == 2
    assert my_data.held(TOWN.id, OTHERS).calls == 1
    assert my_data.held("sandholm", MINE).calls == 0


def test_a_number_that_only_waits_to_be_called_gets_a_code_too(my_data: MyData) -> None:
    assert my_data.is_held(TOWN.id, phone_hash(KEYS, TOWN.id, MINE))
    assert not my_data.is_held(TOWN.id, phone_hash(KEYS, TOWN.id, PhoneNumber("+4520123458")))


def test_deleting_everything_deletes_the_wishes_of_that_number(my_data: MyData, calls: CallbackService) -> None:
    my_data.forget(TOWN.id, MINE, None)
    assert [call.phone for call in calls.open(TOWN.id)] == [OTHERS]


def test_wishes_are_deleted_alone_and_twice_is_once(my_data: MyData) -> None:
    assert [my_data.forget_calls(TOWN.id, MINE) for _ in range(2)] == [2, 0]
    assert my_data.held(TOWN.id, OTHERS).calls == 1
