"""Fifty desks press "next" at the same moment for twenty citizens, on the embedded DynamoDB (I2)."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.dynamodb_work import DynamoDbPendingWork
from chalicelib.adapters.tables import ContactItem, bound
from chalicelib.adapters.visits.dynamodb_visits import DynamoDbVisits
from chalicelib.shared.errors import BorgerpulsError
from chalicelib.shared.retry import Retry
from chalicelib.visits.model import ConsentFacts, Origin, State
from chalicelib.visits.reception import WalkIn
from chalicelib.visits.service import VisitService
from tests.builders import KEYS, FixedClock, a_municipality_document
from tests.embedded import store_municipality
from tests.fakes.visits import Calm, InMemoryAppointments, Taught

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.municipalities.model import Municipality

pytestmark = pytest.mark.unwatched

DESKS = 50
CITIZENS = 20
WALK_IN = WalkIn(("passport",), Origin.KIOSK, "da", ConsentFacts())


@pytest.fixture
def service(embedded: object) -> VisitService:
    clock = FixedClock()
    return VisitService(
        store=DynamoDbVisits(lambda: KEYS),
        appointments=InMemoryAppointments(),
        outages=Calm(),
        experiences=Taught(),
        clock=lambda: clock,
        retry=Retry(seconds=120),  # who wins is asked here, not how quickly on a machine that others use too
    )


def all_at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    barrier = threading.Barrier(count)

    def one(number: int) -> Any:
        barrier.wait()
        return call(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.requirement("I2")
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


@pytest.mark.timeout(200)
def test_a_visit_that_many_send_on_and_complete_at_once_ends_in_one_place(service: VisitService) -> None:
    document = a_municipality_document(id="flytteby")
    document["offices"].append({**document["offices"][0], "id": "nordby"})
    town = store_municipality(document)
    service.walk_in(town, "raadhuset", WALK_IN)
    visit = service.call_next(town, "raadhuset", "1")
    assert visit
    service.start(town, visit.id)

    def one(number: int) -> str:
        try:
            if number % 2:
                return service.forward_to_office(town, visit.id, "nordby").office
            return service.complete(town, visit.id).state
        except BorgerpulsError as error:
            return error.code

    answers = Counter(all_at_once(20, one))
    assert answers["wrong_state"] == 19
    [elsewhere] = service.queue(town, "nordby").visits or [None]
    is_done = service.get(town, visit.id).state is State.COMPLETED
    assert is_done is (elsewhere is None), "completed here or waiting there, never both and never neither"
    assert bound(ContactItem).count(f"{town.id}#contact#{visit.ulid}") == int(is_done)


@pytest.mark.timeout(200)
def test_a_sweep_among_desks_that_complete_leaves_one_contact_each(service: VisitService, tenant: Municipality) -> None:
    visits = []
    for _ in range(6):
        service.walk_in(tenant, "raadhuset", WALK_IN)
        called = service.call_next(tenant, "raadhuset", "1")
        assert called
        visits.append(service.start(tenant, called.id))

    def one(number: int) -> str:
        visit = visits[number // 3]
        try:
            return (service.close if number % 3 else service.complete)(tenant, visit.id).state
        except BorgerpulsError as error:
            return error.code

    answers = Counter(all_at_once(18, one))
    assert answers[State.COMPLETED] + answers[State.UNCLOSED] == 6
    assert answers["wrong_state"] == 12
    for visit in visits:
        assert bound(ContactItem).count(f"{tenant.id}#contact#{visit.ulid}") == 1
    assert len(list(DynamoDbPendingWork().due(tenant.id, service.now()))) == 12
