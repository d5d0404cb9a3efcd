"""The same promises of `Callbacks`, by the fake and by DynamoDB; and what the service adds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from chalicelib.adapters.surveys.dynamodb_callbacks import DynamoDbCallbacks, callback_key
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.shared.errors import InvalidInput, NotAllowed
from chalicelib.shared.phone import PhoneNumber
from chalicelib.surveys.callbacks import MAX_ABOUT, Callback, CallbackService, callback_id
from tests.builders import MONDAY, FixedClock, a_municipality
from tests.fakes.surveys import FakeCallbacks, a_token

_NUMBERS = count(1)
PHONE = PhoneNumber("+4520123456")


@pytest.fixture(params=["fake", "real"])
def store(request):
    if request.param == "fake":
        return FakeCallbacks()
    request.getfixturevalue("embedded")
    return DynamoDbCallbacks(FixedClock)


@pytest.fixture
def municipality():
    return f"callby{next(_NUMBERS)}"


def a_callback(municipality: str, way: str = "x", **changes) -> Callback:
    return replace(Callback(callback_id(way), municipality, MONDAY, "da", PHONE, "Om mit pas"), **changes)


def test_a_wish_is_read_as_it_was_left_oldest_first(store, municipality):
    late = a_callback(municipality, "late", asked_at=MONDAY + timedelta(hours=1))
    early = a_callback(municipality, "early")
    store.keep(late)
    store.keep(early)
    assert tuple(store.open(municipality)) == (early, late)
    assert tuple(store.open("another")) == ()


def test_a_second_wish_of_one_response_takes_the_firsts_place(store, municipality):
    store.keep(a_callback(municipality))
    store.keep(a_callback(municipality, phone=PhoneNumber("+4522334455")))
    (kept,) = store.open(municipality)
    assert kept.phone == PhoneNumber("+4522334455")


def test_closing_deletes_and_twice_is_once(store, municipality):
    store.keep(a_callback(municipality))
    for _ in range(2):
        store.delete(municipality, callback_id("x"))
    assert tuple(store.open(municipality)) == ()


def test_a_row_names_no_response_and_ends_within_thirty_days(embedded, municipality):
    token = a_token(municipality)
    DynamoDbCallbacks(FixedClock).keep(a_callback(municipality, token))
    row = bound(OperationItem).get(*callback_key(municipality, callback_id(token)))
    assert row.expires_at <= (MONDAY + timedelta(days=30)).timestamp()
    assert token not in repr(row.attribute_values)
    late = DynamoDbCallbacks(lambda: FixedClock(MONDAY + timedelta(days=29)))
    assert tuple(late.open(municipality)) == (), "the table removes late, so who reads looks at the time"


def test_nobody_is_called_where_the_municipality_calls_nobody(store):
    service = CallbackService(store=store, clock=FixedClock)
    wish = {"phone": PHONE, "about": "", "language": "da"}
    with pytest.raises(NotAllowed):
        service.leave(a_municipality(id="silent"), "x", **wish)
    calls = a_municipality(id="calls", asking={"callbacks": True})
    with pytest.raises(InvalidInput):
        service.leave(calls, "x", **{**wish, "about": "x" * (MAX_ABOUT + 1)})
    service.leave(calls, "x", **wish)
    (kept,) = service.open("calls")
    assert "20123456" not in repr(kept)
    service.close("calls", kept.id)
    assert tuple(service.open("calls")) == ()
