"""Earlier times: who booked longest ago is told first, one at a time, politely, and takes the time by a move (I1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.booking.capacity import Slot
from chalicelib.booking.earlier import PAUSE, SOONEST, WORTH, FreedTime, earlier_start, freed_work, may_be_told
from chalicelib.booking.messages import Proposal, open_proposal
from chalicelib.booking.planned import MessageKind, PlannedMessage
from chalicelib.shared.errors import Outrun, SlotTaken
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkKind
from tests.builders import MONDAY, a_municipality, a_municipality_document
from tests.fakes.messages import the_earlier_times
from tests.message_world import World as Messages

if TYPE_CHECKING:
    from chalicelib.booking.model import Appointment, Booked

DOCUMENT = a_municipality_document()
ONE_DESK: list = [{**DOCUMENT["offices"][0]["desk_groups"][0]["opening"][0], "desks": 1}]
OFFICES = [
    {**DOCUMENT["offices"][0], "desk_groups": [{**DOCUMENT["offices"][0]["desk_groups"][0], "opening": ONE_DESK}]}
]
M = a_municipality(offices=OFFICES)
TUESDAY_NINE = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FRIDAY_NINE = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


def with_booking(**changes: Any):
    return a_municipality(offices=OFFICES, booking={**DOCUMENT["booking"], **changes})


class World(Messages):
    """A full Tuesday morning at nine, and citizens on Friday who would rather come earlier."""

    def __init__(self, municipality=M) -> None:
        super().__init__()
        self.municipality = municipality
        self.earlier = the_earlier_times(self.store, self.service, clock=self.clock)
        self.taken = self.book("taken", municipality, start=TUESDAY_NINE, phone=PhoneNumber("+4530000000"))

    def waits(self, number: int, **changes: Any) -> Booked:
        self.clock.advance(seconds=1)
        start = FRIDAY_NINE + timedelta(minutes=10 * number)
        phone = PhoneNumber(f"+452000000{number}")
        facts = {"start": start, "phone": phone, "want_earlier": True, **changes}
        booked = self.book(f"waits{number}", self.municipality, **facts)
        self.sweep(self.municipality)
        return booked

    def leaves(self) -> None:
        self.service.cancel(self.municipality, self.found(self.taken))

    def round(self) -> list[str]:
        """One sweep; the numbers that were told of an earlier time."""
        before = len(self.phones.sent)
        self.earlier.offer_due(self.municipality, self.clock.now())
        self.sweep(self.municipality)
        return [to for to, text, _ in self.phones.sent[before:] if "Ledig tid" in text]


@pytest.fixture
def world() -> World:
    return World()


def test_who_booked_longest_ago_is_told_first_then_the_next(world):
    world.waits(1)
    world.waits(2)
    world.leaves()
    assert world.round() == ["+4520000001"]
    assert world.round() == [], "one at a time"
    world.clock.advance(minutes=30)
    assert world.round() == ["+4520000002"]
    world.clock.advance(minutes=30)
    assert world.round() == [], "nobody is told twice of the same time"
    assert not [kind for kind, _ in world.store.pending if kind == WorkKind.FREED]


def test_the_message_names_both_times_and_leads_to_the_page(world):
    booked = world.waits(1)
    world.leaves()
    world.round()
    text = world.texts[-1]
    assert "Ledig tid 24/11 9.00 i stedet for 27/11 9.10" in text
    assert text.endswith(f"{booked.token}/offer")
    assert open_proposal(world.found(booked), world.clock.now()) == Proposal(TUESDAY_NINE, by_office=False)


def test_the_time_is_taken_by_a_move_and_frees_the_old_one(world):
    first, second = world.waits(1), world.waits(2, start=FRIDAY_NINE + timedelta(days=3))
    world.leaves()
    world.round()
    world.service.move(M, world.found(first), TUESDAY_NINE)
    world.clock.advance(minutes=30)
    assert world.round() == ["+4520000002"], "of the Friday time, which is earlier than theirs"
    assert open_proposal(world.found(second), world.clock.now()) == Proposal(
        FRIDAY_NINE + timedelta(minutes=10), by_office=False
    )


def test_who_took_it_and_moved_away_again_or_said_no_has_no_open_proposal(world):
    first = world.waits(1)
    world.leaves()
    world.round()
    world.service.move(M, world.found(first), TUESDAY_NINE)
    world.messages.stop_earlier(world.found(first))
    world.service.move(M, world.found(first), FRIDAY_NINE)
    assert open_proposal(world.found(first), world.clock.now()) is None


def test_two_who_take_the_same_time_are_one_who_gets_it(world):
    both = [world.waits(1), world.waits(2)]
    world.leaves()
    world.round()
    world.clock.advance(minutes=30)
    world.round()

    def take(booked: Booked) -> str:
        try:
            world.service.move(M, world.found(booked), TUESDAY_NINE)
        except SlotTaken:
            return "taken"
        return "moved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, both)) == ["moved", "taken"]
    assert min(world.found(each).start for each in both) == TUESDAY_NINE


def test_a_time_that_somebody_else_books_is_offered_to_nobody(world):
    world.waits(1)
    world.leaves()
    world.book("quick", M, start=TUESDAY_NINE, phone=None)
    assert world.round() == []
    assert not [kind for kind, _ in world.store.pending if kind == WorkKind.FREED]


def test_nobody_is_asked_at_night(world):
    world.waits(1)
    world.at(EVENING)
    world.leaves()
    assert world.round() == []
    world.at(datetime(2026, 11, 24, 6, 59, tzinfo=UTC))
    assert world.round() == []
    late = World(with_booking())
    late.waits(1)
    late.service.move(late.municipality, late.found(late.taken), FRIDAY_NINE + timedelta(hours=1))
    assert late.round() == ["+4520000001"], "a move frees a time too"


@pytest.mark.parametrize("day", ["2026-11-25", "2026-11-29"])
def test_nobody_is_asked_on_a_closing_day_or_a_sunday(day):
    world = World(a_municipality(offices=OFFICES, closing_days=["2026-11-25"]))
    world.waits(1, start=FRIDAY_NINE + timedelta(days=7))
    freed = world.book("later", world.municipality, start=FRIDAY_NINE + timedelta(days=5), phone=None)
    world.at(datetime.fromisoformat(f"{day}T12:00:00+01:00"))
    world.service.cancel(world.municipality, world.found(freed))
    assert world.round() == []
    world.clock.advance(days=1)
    assert world.round() == ["+4520000001"]


def test_a_cancelled_time_is_offered_when_it_has_cooled_down():
    world = World(with_booking(cooldown_minutes=20))
    world.waits(1)
    world.leaves()
    assert world.round() == []
    world.clock.advance(minutes=20)
    assert world.round() == ["+4520000001"]


@pytest.mark.parametrize("most", [1, 2])
def test_an_appointment_gets_at_most_so_many_messages(most):
    world = World(with_booking(earlier_time_messages=most))
    world.waits(1)
    others = [
        world.book(f"o{n}", world.municipality, start=TUESDAY_NINE + timedelta(minutes=10 * n), phone=None)
        for n in range(1, 4)
    ]
    told = 0
    for other in others:
        world.service.cancel(world.municipality, world.found(other))
        told += len(world.round())
        world.clock.advance(hours=2, minutes=1)
    assert told == most
    (waits,) = (each for each in world.store.appointments.values() if each.earlier_offered)
    assert len(waits.earlier_offered) == most
    kept = [message for message in waits.messages if message.kind is MessageKind.EARLIER_TIME]
    assert len(kept) == 1, "what was said long ago burdens no later change of the appointment"


def test_without_such_messages_nothing_is_pending():
    world = World(with_booking(earlier_time_messages=0))
    world.waits(1)
    world.leaves()
    assert world.round() == []
    assert not [kind for kind, _ in world.store.pending if kind == WorkKind.FREED]


def test_who_says_no_thanks_is_not_told_again(world):
    booked = world.waits(1)
    world.messages.stop_earlier(world.found(booked))
    world.leaves()
    assert world.round() == []
    assert world.messages.stop_earlier(world.found(booked)) == world.found(booked), "twice is once"


def test_no_thanks_also_stops_what_is_already_on_its_way(world):
    booked = world.waits(1)
    world.leaves()
    world.earlier.offer_due(M, world.clock.now())
    world.messages.stop_earlier(world.found(booked))
    assert world.sweep(M) == 0


def test_a_raised_capacity_is_told_of_too(world):
    world.waits(1)
    more = a_municipality(
        offices=[
            {
                **OFFICES[0],
                "desk_groups": [
                    {**OFFICES[0]["desk_groups"][0], "opening": DOCUMENT["offices"][0]["desk_groups"][0]["opening"]}
                ],
            }
        ]
    )
    world.municipality = more
    day = TUESDAY_NINE.date()
    world.earlier.opened(more, "raadhuset", "counter", day, day)
    assert world.round() == ["+4520000001"]


def test_of_two_sweeps_at_once_one_offers(world):
    world.waits(1)
    world.waits(2)
    world.leaves()
    (item,) = world.store.due(M.id, world.clock.now(), kind=WorkKind.FREED)
    assert world.earlier.offer_due(M, world.clock.now()) == 1
    first = world.found(world.taken)
    with pytest.raises(Outrun):
        world.store.offer(first, replace(first, version=9), item, item)


# The rules by themselves

FREED = FreedTime("raadhuset", "counter", TUESDAY_NINE, TUESDAY_NINE + timedelta(minutes=10))


def an_appointment(world: World, **changes: Any) -> Appointment:
    return replace(world.found(world.waits(1)), **changes)


@pytest.mark.parametrize(("changes", "may"), [
    ({}, True),
    ({"want_earlier": False}, False),
    ({"phone": None}, False),
    ({"desk_group": "other"}, False),
    ({"office": "nordby"}, False),
    ({"start": TUESDAY_NINE + WORTH}, False),
    ({"earlier_offered": (FRIDAY_NINE,) * 3}, False),
    ({"messages": (PlannedMessage(MessageKind.EARLIER_TIME, MONDAY),)}, False),
    ({"messages": (PlannedMessage(MessageKind.EARLIER_TIME, MONDAY - PAUSE),)}, True),
])  # fmt: skip
def test_who_may_be_told(world, changes, may):
    assert may_be_told(M, an_appointment(world, **changes), FREED, MONDAY) is may


@pytest.mark.parametrize(("starts", "now", "expected"), [
    ([], MONDAY, None),
    ([TUESDAY_NINE], MONDAY, TUESDAY_NINE),
    ([TUESDAY_NINE + timedelta(minutes=5), TUESDAY_NINE], MONDAY, TUESDAY_NINE),
    ([TUESDAY_NINE + timedelta(minutes=10)], MONDAY, None),
    ([TUESDAY_NINE - timedelta(minutes=5)], MONDAY, TUESDAY_NINE - timedelta(minutes=5)),
    ([TUESDAY_NINE - timedelta(minutes=10)], MONDAY, None),
    ([TUESDAY_NINE], TUESDAY_NINE - SOONEST, TUESDAY_NINE),
    ([TUESDAY_NINE], TUESDAY_NINE - SOONEST + timedelta(seconds=1), None),
])  # fmt: skip
def test_which_time_is_offered_uses_what_was_freed(world, starts, now, expected):
    free = [Slot(start, start + timedelta(minutes=10), 1) for start in starts]
    assert earlier_start(an_appointment(world), FREED, free, now) == expected
    told = an_appointment(World(), earlier_offered=tuple(starts))
    assert earlier_start(told, FREED, free, now) is None, "never the same time twice"


def test_a_time_that_is_left_too_late_is_offered_to_nobody(world):
    appointment = world.found(world.taken)
    assert freed_work(M, appointment, TUESDAY_NINE - SOONEST)
    assert not freed_work(M, appointment, TUESDAY_NINE - SOONEST + timedelta(seconds=1))
