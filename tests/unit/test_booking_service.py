"""Booking's use cases on the fake store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.booking.calendar_file import calendar_file
from chalicelib.booking.model import AppointmentState, Booked, BookingRequest, ConsentAnswer
from chalicelib.booking.search import matching
from chalicelib.consent.model import ConsentState
from chalicelib.shared.errors import (
    Ambiguous,
    Busy,
    InvalidInput,
    KeyReused,
    MalformedRequest,
    NotBookable,
    NotFound,
    SlotTaken,
    WrongState,
)
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.retry import Retry
from tests.builders import MONDAY, FixedClock, a_municipality, a_municipality_document
from tests.fakes.booking import FakeBookings, a_booking_service

M = a_municipality()
NINE = MONDAY.replace(day=24, hour=8)
PHONE = PhoneNumber("+4520123456")


class World:
    """A service with what it stands on."""

    def __init__(self, store: FakeBookings | None = None, retry: Retry | None = None) -> None:
        self.store, self.clock = store or FakeBookings(), FixedClock()
        self.service = a_booking_service(self.store, clock=self.clock, retry=retry)

    def book(self, key: str = "key", **changes: Any) -> Booked:
        return self.service.book(M, a_wish(**changes), key)


def a_wish(**changes: Any) -> BookingRequest:
    wish = BookingRequest("raadhuset", ("passport",), NINE, "da", ConsentAnswer(granted=True, text_version="2026-1"))
    return replace(wish, **changes)


@pytest.fixture
def world() -> World:
    return World()


def test_the_same_request_twice_is_one_appointment(world):
    assert world.book() == world.book()
    assert len(world.store.appointments) == 1


@pytest.mark.parametrize("change", [
    {"start": NINE + timedelta(minutes=10)}, {"phone": PHONE}, {"name": "A"}, {"language": "en"},
    {"reasons": ("licence",)}, {"consent": ConsentAnswer(granted=False, text_version="2026-1")},
])  # fmt: skip
def test_a_key_is_for_one_request(world, change):
    world.book()
    with pytest.raises(KeyReused):
        world.book(**change)


@pytest.mark.parametrize("key", ["", " ", "a b", "æ", "x" * 256, "a\nb"])
def test_a_key_is_visible_ascii(world, key):
    with pytest.raises(MalformedRequest):
        world.book(key)


def test_a_replay_outlives_the_start_and_a_new_wording(world):
    first = world.book()
    world.clock.advance(hours=23)
    assert world.book() == first


class Fates(FakeBookings):
    """Lets the next writes fail, before or after they are done."""

    def __init__(self, *fates: tuple[str, type[Exception]]) -> None:
        super().__init__()
        self.fates = list(fates)

    def add(self, *args: Any, **kwargs: Any) -> None:
        moment, error = self.fates.pop(0) if self.fates else ("", None)
        if moment == "before":
            raise error
        super().add(*args, **kwargs)
        if moment == "after":
            raise error


@pytest.mark.parametrize("fates", [
    [("before", Busy)] * 9, [("before", Ambiguous)] * 2, [("after", Ambiguous)], [("after", Busy)],
])  # fmt: skip
def test_failing_writes_end_in_one_appointment(fates):
    pauses: list[float] = []
    world = World(Fates(*fates), Retry(sleep=pauses.append, jitter=lambda: 1.0))
    booked = world.book()
    assert list(world.store.appointments) == [(M.id, booked.id)]
    assert len(pauses) == len(fates)
    assert pauses == sorted(pauses), "each pause is at least as long as the one before"
    assert max(pauses) <= 0.4


@pytest.mark.parametrize(
    ("fates", "error"), [([("before", Busy)] * 10, Busy), ([("before", Ambiguous)] * 3, Ambiguous)]
)
def test_writes_that_keep_failing_say_so(fates, error):
    with pytest.raises(error):
        World(Fates(*fates)).book()


def test_a_full_time_is_taken(world):
    world.book("1")
    world.book("2")
    with pytest.raises(SlotTaken):
        world.book("3")


@pytest.mark.parametrize("start", [
    MONDAY - timedelta(minutes=5), MONDAY + timedelta(days=61), NINE + timedelta(minutes=3),
    NINE - timedelta(minutes=5), NINE + timedelta(hours=5, minutes=55),
])  # fmt: skip
def test_past_closed_and_far_times_are_not_bookable(world, start):
    with pytest.raises(NotBookable):
        world.book(start=start)


def test_lead_time_is_kept(world):
    m = a_municipality(booking={**a_municipality_document()["booking"], "lead_minutes": 30})
    soon = MONDAY + timedelta(minutes=25)
    with pytest.raises(NotBookable):
        world.service.book(m, a_wish(start=soon), "k")
    slots = world.service.slots(m, "raadhuset", ["passport"], MONDAY.date(), MONDAY.date())
    assert slots[0].start == MONDAY + timedelta(minutes=30)


def test_reasons_of_two_desk_groups_are_not_one_visit(world):
    document = a_municipality_document()
    (group,) = document["offices"][0]["desk_groups"]
    document["offices"][0]["desk_groups"] = [
        {**group, "reasons": ["passport"], "desks": ["1"]},
        {**group, "id": "other", "reasons": ["licence"], "desks": ["2"]},
    ]
    m = a_municipality(offices=document["offices"])
    with pytest.raises(InvalidInput) as caught:
        world.service.slots(m, "raadhuset", ["passport", "licence"], NINE.date(), NINE.date())
    assert caught.value.fields == {"reasons": "these are served at different desks; book them one by one"}


@pytest.mark.requirement("SK-02")
def test_consent_is_for_the_wording_in_force(world):
    with pytest.raises(InvalidInput) as caught:
        world.book(consent=ConsentAnswer(granted=True, text_version="old"))
    assert set(caught.value.fields) == {"survey_consent"}


@pytest.mark.requirement("SK-02")
@pytest.mark.parametrize(("granted", "state"), [(True, ConsentState.GRANTED), (False, ConsentState.REFUSED)])
def test_refusals_are_recorded_as_grants_are(world, granted, state):
    booked = world.book(consent=ConsentAnswer(granted, "2026-1"))
    assert world.store.current(M.id, booked.id).state is state


def test_a_hold_of_another_time_neither_helps_nor_hurts(world):
    held = world.service.hold(M, "raadhuset", ["passport"], NINE)
    world.book(start=NINE + timedelta(minutes=30), hold_id="unknown")
    booked = world.book("2", start=NINE, hold_id=held.id)
    assert world.store.holds == {}
    row = world.store.appointments[M.id, booked.id].row
    assert {lane.owner for lane in world.store.ticks[row]["09:00"].lanes.values()} == {booked.id}


def test_a_new_hold_takes_the_place_of_an_earlier_one(world):
    first = world.service.hold(M, "raadhuset", ["passport"], NINE)
    second = world.service.hold(M, "raadhuset", ["passport"], NINE + timedelta(minutes=5), instead_of=first.id)
    assert list(world.store.holds) == [(M.id, second.id)]
    owners = {key: [lane.owner for lane in state.lanes.values()] for key, state in world.store.ticks[first.row].items()}
    assert owners == {"09:00": [], "09:05": [second.id], "09:10": [second.id]}


def test_an_expired_hold_whose_place_is_still_free_books_all_the_same(world):
    held = world.service.hold(M, "raadhuset", ["passport"], NINE)
    world.clock.advance(hours=1)
    assert world.book(hold_id=held.id).start == NINE


def test_moving_keeps_id_code_and_consent(world):
    booked = world.book(phone=PHONE)
    before = world.service.find_by_token(booked.token)
    world.clock.advance(minutes=1)
    moved = world.service.move(M, before, NINE + timedelta(minutes=5))
    assert (moved.id, moved.code, moved.consent) == (before.id, before.code, before.consent)
    assert world.service.move(M, moved, moved.start) == moved, "to where it is: nothing happens"


def test_a_move_to_a_taken_time_keeps_the_old_one(world):
    booked = world.book("1")
    world.book("2", start=NINE + timedelta(minutes=10))
    world.book("3", start=NINE + timedelta(minutes=10))
    appointment = world.service.find_by_token(booked.token)
    with pytest.raises(SlotTaken):
        world.service.move(M, appointment, NINE + timedelta(minutes=10))
    assert world.service.find_by_token(booked.token) == appointment


def test_what_is_cancelled_passed_or_checked_in_does_not_change(world):
    booked = world.book()
    appointment = world.service.find_by_token(booked.token)
    world.store.visits.add(booked.id)
    with pytest.raises(WrongState):
        world.service.cancel(M, appointment)
    world.store.visits.clear()
    cancelled = world.service.cancel(M, appointment)
    assert cancelled.state is AppointmentState.CANCELLED
    assert world.service.cancel(M, appointment) == cancelled
    with pytest.raises(WrongState):
        world.service.move(M, appointment, NINE + timedelta(minutes=30))
    late = world.service.find_by_token(world.book("2").token)
    world.clock.advance(hours=23)
    with pytest.raises(WrongState):
        world.service.cancel(M, late)


@pytest.mark.parametrize("token", ["", "x", "A" * 14, "æ" * 14])
def test_an_unknown_link_opens_nothing(world, token):
    with pytest.raises(NotFound):
        world.service.find_by_token(token)


def test_a_code_is_found_however_it_is_typed(world):
    code = world.book().code
    typed = f" {code[:3].lower()}-{code[3:]} "
    assert world.service.find_by_code(M.id, typed).code == code
    with pytest.raises(NotFound):
        world.service.find_by_code("other", code)


def test_a_move_that_no_transaction_can_hold_is_refused_and_the_time_is_kept(world):
    document = a_municipality_document()
    document["reasons"][0]["duration_minutes"] = 240  # 48 ticks here, and as many to release there
    long = a_municipality(reasons=document["reasons"])
    booked = world.service.book(long, a_wish(), "long")
    appointment = world.service.find_by_token(booked.token)
    with pytest.raises(NotBookable):
        world.service.move(long, appointment, NINE + timedelta(days=1))
    assert world.service.find_by_token(booked.token).start == NINE
    assert world.service.move(long, appointment, NINE + timedelta(minutes=30)).start == NINE + timedelta(minutes=30)


# Beside


def test_a_calendar_file_is_folded_escaped_and_in_utc():
    texts = {"summary": "Tid hos Fjordby; Rådhuset, 1. sal", "location": "Æ" * 60, "description": "a\nb\r\nc"}
    text = calendar_file(uid="u", made_at=MONDAY, start=NINE, end=NINE + timedelta(minutes=10), texts=texts)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    unfolded = text.replace("\r\n ", "")
    assert "SUMMARY:Tid hos Fjordby\\; Rådhuset\\, 1. sal\r\n" in unfolded
    assert f"LOCATION:{'Æ' * 60}\r\n" in unfolded
    assert "DESCRIPTION:a\\nb\\nc\r\n" in unfolded
    assert "DTSTART:20261124T080000Z\r\n" in text


@pytest.mark.parametrize(("query", "found"), [
    ("", ["passport", "licence"]), ("pas", ["passport"]), ("pasport", ["passport"]), ("korekort", ["licence"]),
    ("KØREKORT", ["licence"]), ("driving licence", ["licence"]), ("rejse", ["passport", "licence"]),
    ("gamle", ["passport"]), ("svømmehal", []), ("🙂", []), ("x" * 5000, []),
])  # fmt: skip
def test_reasons_are_found_though_misspelt(query, found):
    assert [reason.id for reason in matching(M.reasons, query)] == found
