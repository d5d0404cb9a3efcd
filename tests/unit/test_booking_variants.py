"""Bookings of several kinds on the fake store: parties, buffers, meetings, staff, cool-down, extended holds, old links."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.booking.model import Booked, Booker, BookingRequest, ConsentAnswer, Origin
from chalicelib.booking.rules import Party, errand
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.errors import InvalidInput, NotBookable, NotFound, SlotTaken, WrongState
from chalicelib.shared.hashing import Keys
from chalicelib.shared.phone import PhoneNumber
from tests.builders import KEYS, MONDAY, FixedClock, a_municipality
from tests.fakes.booking import FakeBookings, a_booking_service

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality

NINE = MONDAY.replace(day=24, hour=8)
TUESDAY = NINE.date()
CONSENT = ConsentAnswer(granted=True, text_version="2026-1")


def town(booking: dict[str, Any] | None = None, opening: dict[str, Any] | None = None, **passport: Any) -> Municipality:
    """The builders' town with a changed first reason, policy and opening row."""
    base = a_municipality()
    (office,) = base.offices
    (group,) = office.desk_groups
    group = replace(group, opening=(replace(group.opening[0], **(opening or {})),))
    return replace(
        base,
        offices=(replace(office, desk_groups=(group,)),),
        reasons=(replace(base.reasons[0], **passport), base.reasons[1]),
        booking=replace(base.booking, **(booking or {})),
    )


class World:
    def __init__(self, keys: Keys = KEYS, store: FakeBookings | None = None) -> None:
        self.store, self.clock = store or FakeBookings(), FixedClock()
        self.service = a_booking_service(self.store, clock=self.clock, keys=keys)
        self.number = 0

    def book(self, m: Municipality, **changes: Any) -> Booked:
        self.number += 1
        wish = replace(BookingRequest("raadhuset", ("passport",), NINE, "da", CONSENT), **changes)
        return self.service.book(m, wish, f"key-{self.number}")


@pytest.fixture
def world() -> World:
    return World()


def test_more_persons_take_longer_and_the_buffer_is_the_desk_s_alone(world):
    m = town(max_persons=4, minutes_per_person=5, buffer_minutes=10)
    booked = world.book(m, persons=3)
    appointment = world.store.appointment(m.id, booked.id)
    assert (booked.end - booked.start, appointment.persons) == (timedelta(minutes=20), 3)
    assert appointment.desk_until - appointment.start == timedelta(minutes=30)
    assert sorted(world.store.lanes(appointment.row)) == ["09:00", "09:05", "09:10", "09:15", "09:20", "09:25"]
    moved = world.service.move(m, appointment, NINE + timedelta(hours=1))
    assert (moved.end - moved.start, moved.desk_until - moved.start) == (timedelta(minutes=20), timedelta(minutes=30))


def test_persons_count_only_for_the_reasons_that_concern_them():
    m = town(max_persons=3, minutes_per_person=5, buffer_minutes=5)
    both = errand(m, "raadhuset", ["passport", "licence"], Party(persons=3))
    assert (both.minutes, both.buffer) == (10 + 10 + 20, 5)
    with pytest.raises(InvalidInput) as refused:
        errand(m, "raadhuset", ["passport"], Party(persons=4))
    assert set(refused.value.fields) == {"persons"}


def test_the_last_visit_of_the_day_needs_no_buffer_after_closing(world):
    m = town(buffer_minutes=15)
    last = world.book(m, start=NINE + timedelta(hours=5, minutes=50))
    assert world.store.appointment(m.id, last.id).desk_until == last.end
    slots = world.service.slots(m, "raadhuset", ["passport"], TUESDAY, TUESDAY)
    assert slots[1].start - slots[0].end == timedelta(minutes=15)


def test_a_meeting_is_held_only_in_the_ways_that_it_can_be(world):
    m = town(meetings=frozenset({Meeting.IN_PERSON, Meeting.PHONE}))
    number = PhoneNumber("+4520123456")
    booked = world.book(m, meeting=Meeting.PHONE, phone=number)
    assert world.store.appointment(m.id, booked.id).meeting is Meeting.PHONE
    for reasons in (("passport",), ("passport", "licence")):
        with pytest.raises(InvalidInput) as refused:
            world.book(m, meeting=Meeting.VIDEO, reasons=reasons)
        assert set(refused.value.fields) == {"meeting"}
    world.book(m)
    with pytest.raises(SlotTaken):
        world.book(m, meeting=Meeting.PHONE, phone=number)


def test_a_meeting_elsewhere_needs_where_to_reach_the_citizen(world):
    m = town(meetings=frozenset(Meeting))
    for meeting, field in ((Meeting.PHONE, "phone"), (Meeting.VIDEO, "email")):
        with pytest.raises(InvalidInput) as refused:
            world.book(m, meeting=meeting)
        assert set(refused.value.fields) == {field}
    world.book(m, meeting=Meeting.VIDEO, email="eva@example.dk")


def test_what_is_picked_up_is_not_booked(world):
    m = town(pick_up=True)
    for call in (
        lambda: world.book(m),
        lambda: world.service.hold(m, "raadhuset", ["passport"], NINE),
        lambda: world.service.slots(m, "raadhuset", ["passport"], TUESDAY, TUESDAY),
    ):
        with pytest.raises(NotBookable) as refused:
            call()
        assert set(refused.value.fields) == {"reasons"}


@pytest.mark.requirement("GL-67", "FR-16")
def test_staff_book_what_citizens_can_t_and_it_counts_as_assisted(world):
    m = town({"lead_minutes": 60}, {"web": 1})
    soon = MONDAY + timedelta(minutes=5)
    with pytest.raises(NotBookable):
        world.book(m, start=soon)
    booked = world.book(m, start=soon, origin=Origin.PHONE)
    appointment = world.store.appointment(m.id, booked.id)
    assert (appointment.origin, appointment.origin.is_assisted) == (Origin.PHONE, True)
    world.book(m)
    with pytest.raises(SlotTaken):
        world.book(m)
    world.book(m, origin=Origin.DESK)
    with pytest.raises(SlotTaken):
        world.book(m, origin=Origin.DESK)


def test_staff_who_came_first_make_room_for_the_citizens_share(world):
    m = town(opening={"web": 1})
    world.book(m, origin=Origin.DESK)
    assert [slot.free for slot in world.service.slots(m, "raadhuset", ["passport"], TUESDAY, TUESDAY)[:1]] == [1]
    world.book(m)


def test_staff_move_until_the_time_itself_and_citizens_until_the_cut_off(world):
    m = town({"cancel_cutoff_minutes": 120})
    booked = world.book(m)
    world.clock.advance(days=1, minutes=-90)
    appointment = world.service.find_by_token(booked.token)
    with pytest.raises(WrongState):
        world.service.move(m, appointment, NINE + timedelta(hours=4))
    moved = world.service.move(m, appointment, NINE + timedelta(hours=4), booker=Booker.STAFF)
    assert moved.start == NINE + timedelta(hours=4)


# Cool-down


@pytest.mark.parametrize("how", ["cancel", "move"])
def test_a_time_given_back_cools_down_for_citizens_and_is_staff_s_at_once(world, how):
    m = town({"cooldown_minutes": 30}, {"desks": 1})
    appointment = world.service.find_by_token(world.book(m).token)
    if how == "cancel":
        world.service.cancel(m, appointment)
    else:
        world.service.move(m, appointment, NINE + timedelta(hours=2))
    first = world.service.first_free(m, "raadhuset", ["passport"], after=TUESDAY)
    assert first.start == NINE + timedelta(minutes=10)
    assert world.service.first_free(m, "raadhuset", ["passport"], after=TUESDAY, booker=Booker.STAFF).start == NINE
    with pytest.raises(SlotTaken):
        world.book(m)
    world.clock.advance(minutes=30)
    world.book(m)


def test_a_released_hold_is_free_at_once(world):
    m = town({"cooldown_minutes": 30}, {"desks": 1})
    world.service.release(m, world.service.hold(m, "raadhuset", ["passport"], NINE).id)
    world.book(m)


# Holds


def test_a_hold_can_be_extended_ten_times_and_keeps_its_place(world):
    m = town(opening={"desks": 1})
    hold = world.service.hold(m, "raadhuset", ["passport"], NINE)
    for number in range(10):
        world.clock.advance(minutes=9)
        longer = world.service.extend_hold(m, hold.id)
        assert (longer.extended, longer.expires_at) == (number + 1, world.clock.now() + timedelta(minutes=10))
        with pytest.raises(SlotTaken):
            world.book(m)
    with pytest.raises(WrongState):
        world.service.extend_hold(m, hold.id)
    world.book(m, hold_id=hold.id)
    with pytest.raises(NotFound):
        world.service.extend_hold(m, hold.id)


def test_an_expired_hold_is_not_extended_and_blocks_nobody(world):
    m = town(opening={"desks": 1})
    hold = world.service.hold(m, "raadhuset", ["passport"], NINE)
    world.clock.advance(minutes=10)
    with pytest.raises(NotFound):
        world.service.extend_hold(m, hold.id)
    world.book(m)
    with pytest.raises(SlotTaken):
        world.book(m, hold_id=hold.id)


def test_what_is_held_in_time_may_be_booked_within_the_lead_time(world):
    m = town({"lead_minutes": 60})
    start = MONDAY + timedelta(minutes=60)
    hold = world.service.hold(m, "raadhuset", ["passport"], start)
    world.clock.advance(minutes=5)
    with pytest.raises(NotBookable):
        world.book(m, start=start)
    world.book(m, start=start, hold_id=hold.id)


# Links


def test_a_link_is_the_same_after_the_keys_were_rotated(world):
    m = town()
    booked = world.book(m)
    rotated = Keys(phone=KEYS.phone, links={**KEYS.links, "2": b"n" * 32}, link_version="2")
    later = World(rotated, world.store)
    appointment = later.service.find_by_token(booked.token)
    assert appointment.link_version == "1"
    assert later.service.token_of(appointment) == booked.token
    assert later.service.link_of(appointment).endswith(booked.token)
    moved = later.service.move(m, appointment, NINE + timedelta(hours=1))
    assert later.service.token_of(moved) == booked.token
    newer = later.service.book(m, BookingRequest("raadhuset", ("passport",), NINE, "da", CONSENT), "new")
    found = later.service.find_by_token(newer.token)
    assert (found.link_version, later.service.token_of(found)) == ("2", newer.token)


# Lead time


@pytest.mark.requirement("SK-25")
def test_days_to_the_first_and_the_third_next_free_time(world):
    m = town({"lead_minutes": 300}, {"desks": 1, "closes": MONDAY.replace(hour=9, minute=20).time()})
    lead = world.service.lead_time(m, "raadhuset", ["passport"])
    assert (lead.first.start, lead.first_days) == (NINE, 1)
    assert (lead.third.start, lead.third_days) == (NINE + timedelta(days=1), 2), "two times a day"
    two = town({"lead_minutes": 300}, {"closes": MONDAY.replace(hour=9, minute=20).time()})
    assert world.service.third_next_available(two, "raadhuset", "passport") == 1, "two desks are two times"
    few = town({"lead_minutes": 300, "horizon_days": 1}, {"desks": 1, "closes": MONDAY.replace(minute=20).time()})
    found = world.service.lead_time(few, "raadhuset", ["passport"])
    assert (found.first_days, found.third, found.third_days) == (1, None, None)


def test_times_are_packed_from_the_first_that_can_still_be_booked(world):
    m = town({"lead_minutes": 6}, {"desks": 1})
    slots = world.service.slots(m, "raadhuset", ["passport"], MONDAY.date(), MONDAY.date())
    assert slots[0].start == MONDAY + timedelta(minutes=10)
    world.clock.advance(minutes=5)
    slots = world.service.slots(m, "raadhuset", ["passport"], MONDAY.date(), MONDAY.date())
    assert slots[0].start == MONDAY + timedelta(minutes=15)
