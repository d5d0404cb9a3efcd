"""Limits per network address: by the hour, without ever keeping the address."""

from __future__ import annotations

import pytest

from chalicelib.booking.callers import CallerLimits, Purpose, household_of
from chalicelib.shared.errors import TooManyRequests
from tests.builders import KEYS, FixedClock, a_municipality, a_municipality_document
from tests.fakes.guard import FakeCallerCounts

HERE = "198.41.0.4"


def limited(most: int, **changes: object):
    booking = {**a_municipality_document()["booking"], "per_address_hour": most}
    return a_municipality(booking=booking, **changes)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def counts() -> FakeCallerCounts:
    return FakeCallerCounts()


@pytest.fixture
def limits(clock: FixedClock, counts: FakeCallerCounts) -> CallerLimits:
    return CallerLimits(counts=counts, keys=lambda: KEYS, clock=lambda: clock)


def times_until_refused(limits: CallerLimits, municipality, purpose: Purpose, address: str = HERE) -> int:
    for number in range(1000):
        try:
            limits.check(municipality, address, purpose)
        except TooManyRequests:
            return number
    raise AssertionError("never refused")


def test_each_purpose_has_its_own_limit(limits):
    town = limited(10)
    allowed = {purpose: times_until_refused(limits, town, purpose) for purpose in Purpose}
    assert allowed == {Purpose.BOOK: 10, Purpose.HOLD: 40, Purpose.FIND: 10, Purpose.UNSOLVED: 2}


def test_the_next_hour_begins_anew(limits, clock):
    assert times_until_refused(limits, limited(3), Purpose.BOOK) == 3
    clock.advance(minutes=60)
    assert times_until_refused(limits, limited(3), Purpose.BOOK) == 3


def test_other_addresses_and_towns_are_not_touched(limits):
    times_until_refused(limits, limited(3), Purpose.BOOK)
    limits.check(limited(3), "198.41.0.5", Purpose.BOOK)
    limits.check(limited(3, id="sandholm"), HERE, Purpose.BOOK)


def test_nothing_that_is_kept_holds_the_address_or_links_two_hours(limits, counts, clock):
    limits.check(limited(3), HERE, Purpose.BOOK)
    clock.advance(hours=1)
    limits.check(limited(3), HERE, Purpose.BOOK)
    callers = [caller for _, caller, _, _ in counts.counted]
    assert len(set(callers)) == 2
    assert HERE not in repr(counts.counted)


def test_zero_means_no_limit(limits, counts):
    limits.check(limited(0), HERE, Purpose.BOOK)
    assert not counts.counted


@pytest.mark.parametrize(
    ("address", "household"),
    [
        (HERE, HERE),
        ("127.0.0.1", None),
        ("10.0.0.8", None),
        ("::1", None),
        ("2a00:7660:1:2::5", "2a00:7660:1:2::/64"),
        ("2a00:7660:1:2:ffff::5", "2a00:7660:1:2::/64"),
        ("::ffff:198.41.0.4", HERE),
        ("", None),
        ("not an address", None),
    ],
)
def test_a_caller_is_an_address_or_the_network_of_a_household(address, household):
    assert household_of(address) == household
