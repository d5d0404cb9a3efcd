"""At most so many future appointments for one phone number, exactly, whoever books and however often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.booking.model import Booked, BookingRequest, ConsentAnswer, Origin, PhoneRow
from chalicelib.shared.errors import BorgerpulsError, TooManyRequests
from chalicelib.shared.hashing import phone_hash
from chalicelib.shared.phone import PhoneNumber
from tests.builders import KEYS, MONDAY, FixedClock, a_municipality
from tests.fakes.booking import FakeBookings, a_booking_service

BASE = a_municipality()
M = replace(BASE, booking=replace(BASE.booking, open_per_phone=2))
NINE = MONDAY.replace(day=24, hour=8)
PHONE = PhoneNumber("+4520123456")


class World:
    def __init__(self) -> None:
        self.store, self.clock = FakeBookings(), FixedClock()
        self.service = a_booking_service(self.store, clock=self.clock)
        self.number = 0

    def book(self, start: int = 0, m: Any = M, **changes: Any) -> Booked:
        self.number += 1
        wish = BookingRequest(
            "raadhuset",
            ("passport",),
            NINE + timedelta(minutes=10 * start),
            "da",
            ConsentAnswer(granted=True, text_version="2026-1"),
            phone=PHONE,
        )
        return self.service.book(m, replace(wish, **changes), f"key-{self.number}")

    def owners(self) -> set[str]:
        row = PhoneRow(M.id, phone_hash(KEYS, M.id, PHONE), MONDAY)
        return {
            lane.owner
            for state in self.store.lanes(row).values()
            for lane in state.lanes.values()
            if not lane.is_free(int(self.clock.now().timestamp()))
        }


@pytest.fixture
def world() -> World:
    return World()


def test_a_number_has_so_many_and_no_more(world):
    world.book(0)
    world.book(1)
    with pytest.raises(TooManyRequests) as refused:
        world.book(2)
    assert set(refused.value.fields) == {"phone"}
    assert PHONE.reveal() not in str(refused.value.fields)
    world.book(2, phone=PhoneNumber("+4520123457"))
    world.book(2, phone=None)


def test_cancelling_and_the_passing_of_time_give_places_back(world):
    first, second = world.book(0), world.book(1)
    world.service.cancel(M, world.service.find_by_token(first.token))
    third = world.book(2)
    assert world.owners() == {second.id, third.id}
    world.clock.advance(days=1, minutes=-40)
    assert world.clock.now() == second.end, "the time of the second has just passed"
    assert world.owners() == {third.id}
    world.book(9)


def test_a_move_keeps_the_place_until_the_new_time(world):
    first, _ = world.book(0), world.book(1)
    world.service.move(M, world.service.find_by_token(first.token), NINE + timedelta(days=1))
    world.clock.advance(days=1, minutes=30)
    assert first.id in world.owners()
    world.book(12)
    with pytest.raises(TooManyRequests):
        world.book(13)


def test_the_same_request_again_is_no_second_appointment(world):
    one = replace(M, booking=replace(M.booking, open_per_phone=1))
    consent = ConsentAnswer(granted=True, text_version="2026-1")
    wish = BookingRequest("raadhuset", ("passport",), NINE, "da", consent, phone=PHONE)
    assert world.service.book(one, wish, "k") == world.service.book(one, wish, "k")


def test_staff_are_not_limited_and_zero_is_no_limit(world):
    for number in range(4):
        world.book(number, origin=Origin.PHONE)
    assert world.owners() == set()
    free = replace(M, booking=replace(M.booking, open_per_phone=0))
    for number in range(4, 8):
        world.book(number, m=free)


def test_what_was_booked_under_another_limit_still_counts(world):
    wide = replace(M, booking=replace(M.booking, open_per_phone=4))
    for number in range(3):
        world.book(number, m=wide)
    with pytest.raises(TooManyRequests):
        world.book(5)


def test_twenty_at_once_get_no_more_than_the_limit(world):
    def one(number: int) -> str:
        try:
            consent = ConsentAnswer(granted=True, text_version="2026-1")
            start = NINE + timedelta(minutes=10 * number)
            wish = BookingRequest("raadhuset", ("passport",), start, "da", consent, phone=PHONE)
            return world.service.book(M, wish, f"k{number}").id
        except BorgerpulsError as error:
            return error.code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(one, range(20)))
    assert answers.count("too_many_requests") == 18
    assert len(world.owners()) == 2
