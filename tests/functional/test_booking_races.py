"""200 citizens want the same place at the same moment, on the embedded DynamoDB (I1)."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters.dynamodb_booking import DynamoDbBookings
from chalicelib.adapters.tables import AppointmentItem, TickItem, bound
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.errors import BorgerpulsError
from tests.builders import FixedClock
from tests.fakes_booking import a_booking_service

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.booking.service import BookingService
    from chalicelib.municipalities.model import Municipality

CLIENTS = 200
ROUNDS = 5
NINE = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def service(embedded: object) -> BookingService:
    return a_booking_service(DynamoDbBookings(), clock=FixedClock())


def _request(start: datetime) -> BookingRequest:
    return BookingRequest("raadhuset", ("passport",), start, "da", ConsentAnswer(granted=True, text_version="2026-1"))


def _all_at_once(clients: int, call: Callable[[int], str]) -> Counter[str]:
    barrier = threading.Barrier(clients)

    def one(number: int) -> str:
        barrier.wait()
        try:
            return call(number)
        except BorgerpulsError as error:
            return error.code

    with ThreadPoolExecutor(clients) as pool:
        return Counter(pool.map(one, range(clients)))


def _occupied(municipality: Municipality, day: str) -> list[str]:
    """The owner of every lane of the day, one entry for each tick that it has."""
    items = bound(TickItem).query(f"{municipality.id}#raadhuset#{day}", consistent_read=True)
    return [lane["owner"] for item in items for lane in item.lanes.as_dict().values()]


@pytest.mark.timeout(280)
def test_of_200_clients_for_one_place_one_wins_and_199_are_told_so(
    service: BookingService, tenant: Municipality
) -> None:
    for number in range(ROUNDS):
        start = NINE + timedelta(minutes=10 * number)
        service.book(tenant, _request(start), f"first-{number}")  # two desks: one place is left

        answers = _all_at_once(
            CLIENTS,
            lambda client, start=start, number=number: (
                service.book(tenant, _request(start), f"{number}-{client}").code and "won"
            ),
        )

        assert answers == {"won": 1, "slot_taken": CLIENTS - 1}
    owners = Counter(_occupied(tenant, "2026-11-24"))
    assert len(owners) == 2 * ROUNDS, "nobody has lanes but the winners"
    assert set(owners.values()) == {2}, "ten minutes are two ticks"


@pytest.mark.timeout(280)
def test_a_hundred_twins_of_one_request_book_once_and_all_get_its_answer(
    service: BookingService, tenant: Municipality
) -> None:
    answers = _all_at_once(100, lambda _: service.book(tenant, _request(NINE), "the-same-key").code)

    assert len(answers) == 1
    assert len(set(_occupied(tenant, "2026-11-24"))) == 1
    listed = list(bound(AppointmentItem).query(f"{tenant.id}#raadhuset#2026-11-24", consistent_read=True))
    assert len(listed) == 1


@pytest.mark.timeout(280)
def test_moves_holds_and_cancellations_at_once_leave_nothing_behind(
    service: BookingService, tenant: Municipality
) -> None:
    places = [NINE + timedelta(minutes=10 * number) for number in range(4)]
    booked = [service.book(tenant, _request(start), f"b{n}") for n, start in enumerate(places)]

    def churn(number: int) -> str:
        appointment = service.find_by_token(booked[number % 4].token)
        if number % 3 == 0:
            service.release(tenant, service.hold(tenant, "raadhuset", ["licence"], places[number % 4]).id)
        else:
            service.move(tenant, appointment, places[(number + 1) % 4] + timedelta(minutes=5 * (number % 2)))
        return "done"

    answers = _all_at_once(40, churn)
    assert answers["done"] > 0
    assert set(answers) <= {"done", "slot_taken", "busy"}
    for item in bound(TickItem).query(f"{tenant.id}#raadhuset#2026-11-24", consistent_read=True):
        assert set(item.lanes.as_dict()) <= {"0", "1"}

    for place in booked:
        service.cancel(tenant, service.find_by_token(place.token))

    assert _occupied(tenant, "2026-11-24") == []
