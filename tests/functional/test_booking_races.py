"""200 citizens want the same place at the same moment, on the embedded DynamoDB (I1)."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
from chalicelib.adapters.tables import AppointmentItem, TickItem, bound
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.errors import BorgerpulsError
from tests.builders import FixedClock
from tests.fakes.booking import a_booking_service
from tests.racing import Race, busy_office

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.booking.service import BookingService
    from chalicelib.municipalities.model import Municipality

pytestmark = pytest.mark.unwatched

CLIENTS = 200
ROUNDS = 3
MIXED_ROUNDS = 4
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
def test_200_clients_book_hold_extend_move_and_cancel_at_once_and_nothing_is_oversold_or_leaks(
    embedded: object, tenant: Municipality
) -> None:
    store, clock = DynamoDbBookings(), FixedClock(NINE - timedelta(days=1))
    race = Race(a_booking_service(store, clock=clock), store, clock, busy_office(tenant))
    with ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(MIXED_ROUNDS):
            race.round(CLIENTS, pool)
    race.finish()
    assert race.violations == []
    assert {"booked", "held", "confirmed", "extended", "moved", "cancelled"} <= set(race.answers)
    expected = {"slot_taken", "busy", "not_found", "wrong_state", "too_many_requests", "not_bookable", "released"}
    assert set(race.answers) <= expected | {"booked", "held", "confirmed", "extended", "moved", "cancelled"}
