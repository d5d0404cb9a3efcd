"""Links that follow a place in the queue are written with the check-in: the fake and DynamoDB keep the same promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.booking.appointment_rows import appointment_row
from chalicelib.adapters.tables import LinkItem, bound
from chalicelib.adapters.visits.dynamodb_follow_links import DynamoDbFollowLinks
from chalicelib.adapters.visits.dynamodb_visits import DynamoDbVisits
from chalicelib.booking.model import Appointment, ConsentAnswer
from chalicelib.shared.errors import Outrun
from chalicelib.shared.hashing import link_token, token_hash
from chalicelib.shared.identifiers import AppointmentId, DeskGroupId
from chalicelib.visits.following import FollowLink, queue_token, works_until
from tests.builders import KEYS
from tests.fakes.follow import InMemoryFollowLinks
from tests.fakes.visits import InMemoryAppointments, InMemoryVisits, a_booking, a_visit

if TYPE_CHECKING:
    from chalicelib.visits.model import Booking, Visit

_TOWNS = iter(range(10_000))


@pytest.fixture
def town() -> str:
    return f"followtown{next(_TOWNS)}"


@pytest.fixture(params=["fake", "dynamodb"])
def stores(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    """The store of visits and the links that come of it."""
    if request.param == "fake":
        visits = InMemoryVisits()
        return visits, InMemoryFollowLinks(visits)
    request.getfixturevalue("embedded")
    return DynamoDbVisits(lambda: KEYS), DynamoDbFollowLinks()


def hashed(visit: Visit) -> str:
    return token_hash(queue_token(KEYS, visit.municipality, visit.ulid))


def has_appointment(visits: Any, town: str, booking: Booking) -> None:
    if isinstance(visits, InMemoryVisits):
        visits.appointments = InMemoryAppointments(booking, municipality=town)
        return
    appointment = Appointment(
        id=AppointmentId(booking.id),
        municipality=town,
        code=booking.code,
        office=booking.office,
        desk_group=DeskGroupId("counter"),
        reasons=booking.reasons,
        start=booking.start,
        end=booking.start + timedelta(minutes=10),
        language="da",
        booked_at=booking.booked_at,
        consent=ConsentAnswer(granted=True, text_version="2026-1"),
    )
    appointment_row(appointment).save()


def test_a_walk_in_has_a_link(stores, town):
    visits, links = stores
    visit = a_visit(municipality=town)
    assert links.find(hashed(visit)) is None
    visits.add(visit)
    assert links.find(hashed(visit)) == FollowLink(town, visit.id, works_until(visit).astimezone(UTC))


def test_a_booked_citizen_has_one_from_the_check_in_on(stores, town):
    visits, links = stores
    booking = a_booking()
    has_appointment(visits, town, booking)
    visit = a_visit(municipality=town, ulid=booking.id, booked_start=booking.start, code=booking.code)
    with pytest.raises(Outrun):
        visits.add_booked(visit, replace(booking, version=7))
    assert links.find(hashed(visit)) is None
    visits.add_booked(visit, booking)
    assert links.find(hashed(visit)) == FollowLink(town, visit.id, works_until(visit))


# What only the table can show


def test_the_row_holds_the_hash_alone_and_goes_a_day_later(embedded: object, town: str):
    visit = a_visit(municipality=town)
    DynamoDbVisits(lambda: KEYS).add(visit)
    row = bound(LinkItem).get(hashed(visit), "link")
    assert queue_token(KEYS, town, visit.ulid) not in str(row.attribute_values)
    assert "20123456" not in str(row.attribute_values)
    assert row.expires_at - row.until == 24 * 3600


def test_links_of_other_purposes_do_not_open_a_place(embedded: object, town: str):
    token = token_hash(link_token(KEYS, "appointment", f"{town}|x"))
    bound(LinkItem)(token, "link", municipality=town, purpose="appointment", subject="x").save()
    assert DynamoDbFollowLinks().find(token) is None
