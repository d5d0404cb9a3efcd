"""Fifty desks press "next" at the same moment for twenty citizens, on the embedded DynamoDB (I2)."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.dynamodb_visits import DynamoDbVisits
from chalicelib.adapters.dynamodb_work import DynamoDbPendingWork
from chalicelib.adapters.tables import ContactItem, bound
from chalicelib.shared.errors import BorgerpulsError
from chalicelib.visits.model import ConsentFacts, Origin, State
from chalicelib.visits.reception import WalkIn
from chalicelib.visits.service import VisitService
from tests.builders import KEYS, FixedClock
from tests.fakes_visits import InMemoryAppointments

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.municipalities.model import Municipality

DESKS = 50
CITIZENS = 20
WALK_IN = WalkIn(("passport",), Origin.KIOSK, "da", ConsentFacts())


@pytest.fixture
def service(embedded: object) -> VisitService:
    clock = FixedClock()
    return VisitService(store=DynamoDbVisits(lambda: KEYS), appointments=InMemoryAppointments(), clock=lambda: clock)


def all_at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    barrier = threading.Barrier(count)

    def one(number: int) -> Any:
        barrier.wait()
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.timeout(200)
def test_of_fifty_desks_twenty_get_a_citizen_and_none_gets_anothers(
    service: VisitService, tenant: Municipality
) -> None:
    waiting = {service.walk_in(tenant, "raadhuset", WALK_IN).visit.id for _ in range(CITIZENS)}
    calls = all_at_once(DESKS, lambda n: service.call_next(tenant, "raadhuset", "1" if n % 2 else "2"))
    called = Counter(visit.id for visit in calls if visit)
    assert called == Counter(waiting), "each is called once"
    assert calls.count(None) == DESKS - CITIZENS


@pytest.mark.timeout(200)
def test_a_ticket_asked_for_twenty_times_with_one_key_is_one_ticket(
    service: VisitService, tenant: Municipality
) -> None:
    places = all_at_once(20, lambda _: service.walk_in(tenant, "raadhuset", WALK_IN, idempotency_key="one press"))
    assert len({place.visit.ticket for place in places}) == 1
    assert len(service.queue(tenant, "raadhuset").visits) == 1


@pytest.mark.timeout(200)
def test_twenty_completions_at_once_leave_one_contact(service: VisitService, tenant: Municipality) -> None:
    service.walk_in(tenant, "raadhuset", WALK_IN)
    visit = service.call_next(tenant, "raadhuset", "1")
    assert visit
    service.start(tenant, visit.id)

    def complete(_: int) -> str:
        try:
            return service.complete(tenant, visit.id).state
        except BorgerpulsError as error:
            return error.code

    assert Counter(all_at_once(20, complete)) == {State.COMPLETED: 1, "wrong_state": 19}
    assert bound(ContactItem).count(f"{tenant.id}#contact#{visit.ulid}") == 1
    assert len(list(DynamoDbPendingWork().due(tenant.id, service.now()))) == 2
