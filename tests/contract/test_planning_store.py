"""Planning's ports keep the same promises on the fakes and on the embedded DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.booking.dynamodb_booking import DynamoDbBookings
from chalicelib.adapters.booking.dynamodb_exceptions import DynamoDbExceptions
from chalicelib.adapters.booking.dynamodb_planning import DynamoDbPlanning
from chalicelib.adapters.dynamodb_municipalities import DynamoDbMunicipalities
from chalicelib.booking.capacity import Change, Edit, Lane
from chalicelib.booking.model import BookingRequest, ConsentAnswer, DayRow, RowChanges
from chalicelib.municipalities.exceptions import StaffException
from chalicelib.municipalities.offices import DayException, OpeningPeriod
from chalicelib.shared.errors import Conflict, Outrun
from chalicelib.shared.identifiers import new_ulid
from tests.builders import MONDAY, FixedClock, a_municipality, a_municipality_document
from tests.embedded import store_municipality
from tests.fakes.booking import a_booking_service
from tests.fakes.planning import FakeExceptions, FakePlanning

if TYPE_CHECKING:
    from collections.abc import Iterator

TUESDAY = date(2026, 11, 24)
NINE = MONDAY + timedelta(hours=23)  # Tuesday, 9 o'clock in Copenhagen
_NUMBERS = count(1)


@pytest.fixture(params=["fake", pytest.param("dynamodb", marks=pytest.mark.embedded)])
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "dynamodb":
        request.getfixturevalue("embedded")
    return request.param


@pytest.fixture
def exceptions(kind: str) -> Any:
    return FakeExceptions() if kind == "fake" else DynamoDbExceptions()


@pytest.fixture
def store(kind: str) -> Iterator[Any]:
    return FakePlanning() if kind == "fake" else DynamoDbPlanning()


@pytest.fixture
def municipality(kind: str) -> Any:
    document = a_municipality_document(id=f"plan{next(_NUMBERS)}")
    return store_municipality(document) if kind == "dynamodb" else a_municipality(id=document["id"])


def made(**changes: Any) -> StaffException:
    opening = (OpeningPeriod(frozenset({1, 2}), time(10), time(12, 30), 2, walk_in=1, web=1),)
    exception_id = new_ulid(MONDAY)
    hours = DayException(
        TUESDAY, TUESDAY, opening, frozenset({"counter"}), {"da": "Kursus", "en": "Training"}, exception_id
    )
    return replace(StaffException(exception_id, "raadhuset", hours, by="leader", at=MONDAY), **changes)


def test_an_exception_comes_back_as_it_was_made(exceptions, municipality):
    one = made()
    exceptions.add(municipality.id, one)
    assert list(exceptions.of(municipality.id)) == [one]
    assert list(exceptions.of(f"{municipality.id}x")) == []
    with pytest.raises(Conflict):
        exceptions.add(municipality.id, one)


def test_of_two_who_take_it_back_one_is_first(exceptions, municipality):
    one = made()
    exceptions.add(municipality.id, one)
    gone = replace(one, removed_by="admin", removed_at=MONDAY, version=2)
    exceptions.remove(municipality.id, one, gone)
    assert list(exceptions.of(municipality.id)) == [gone]
    assert not gone.is_in_force
    with pytest.raises(Conflict):
        exceptions.remove(municipality.id, one, gone)


def test_a_day_lists_who_still_comes_by_time(store, municipality, kind):
    booking = a_booking_service(store if kind == "fake" else DynamoDbBookings(), clock=FixedClock())
    assert list(store.booked(municipality.id, "raadhuset", TUESDAY)) == []
    ids = []
    for minutes in (60, 0, 30):
        wish = BookingRequest(
            "raadhuset", ("passport",), NINE + timedelta(minutes=minutes), "da", ConsentAnswer(False, "2026-1")
        )
        ids.append(booking.book(municipality, wish, f"key-{minutes}").id)
    listed = store.booked(municipality.id, "raadhuset", TUESDAY)
    assert [each.id for each in listed] == [ids[1], ids[2], ids[0]]
    booking.cancel(municipality, listed[0])
    assert [each.id for each in store.booked(municipality.id, "raadhuset", TUESDAY)] == [ids[2], ids[0]]


def test_a_kept_lane_is_taken_by_one_and_only_while_it_is_free(store, municipality):
    row = DayRow(municipality.id, "raadhuset", "counter", TUESDAY)
    until = int((MONDAY + timedelta(hours=1)).timestamp())
    mine = Change("09:00", (Edit(0, None, Lane("mine", until)),), fresh=True)
    store.keep(RowChanges(row, (mine,)), MONDAY)
    with pytest.raises(Outrun):
        store.keep(RowChanges(row, (replace(mine, edits=(Edit(0, None, Lane("other", until)),)),)), MONDAY)
    assert store.lanes(row)["09:00"].lanes == {0: Lane("mine", until)}
    store.keep(RowChanges(row, (Change("09:00", (Edit(0, Lane("mine", until), None),)),)), MONDAY)
    assert store.lanes(row)["09:00"].lanes == {}


def test_what_staff_change_is_in_the_configuration_that_everybody_reads(embedded):
    municipality = store_municipality(a_municipality_document(id=f"plan{next(_NUMBERS)}"))
    clock = FixedClock()
    configurations = DynamoDbMunicipalities(lambda: clock)
    assert configurations.get(municipality.id).office("raadhuset").exceptions == ()
    one = made()
    DynamoDbExceptions().add(municipality.id, one)
    assert configurations.get(municipality.id).office("raadhuset").exceptions == (), "for a minute"
    configurations.forget(municipality.id)
    assert configurations.get(municipality.id).office("raadhuset").exceptions == (one.hours,)
    DynamoDbExceptions().remove(municipality.id, one, replace(one, removed_at=MONDAY, removed_by="leader", version=2))
    clock.advance(seconds=61)
    assert configurations.get(municipality.id).office("raadhuset").exceptions == ()
