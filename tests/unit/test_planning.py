"""Days that staff close or give other hours: what is open then, who is affected, what is capped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.booking.opening import opening_hours
from chalicelib.municipalities.offices import DayException, OpeningPeriod
from chalicelib.shared.errors import InvalidInput, NotBookable, NotFound, SlotTaken
from tests.builders import a_municipality
from tests.fakes.planning import PlanningWorld

TUESDAY = date(2026, 11, 24)
CLOSED = DayException(TUESDAY, TUESDAY, note={"da": "Sygdom", "en": "Illness"})


def at(hour: int, minute: int = 0, day: date = TUESDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo("Europe/Copenhagen")).astimezone(ZoneInfo("UTC"))


def hours(opens: int, closes: int, desks: int = 2, day: date = TUESDAY) -> DayException:
    return DayException(day, day, (OpeningPeriod(frozenset(range(1, 8)), time(opens), time(closes), desks),))


@pytest.fixture
def world() -> PlanningWorld:
    return PlanningWorld()


@pytest.mark.requirement("GE-07")
def test_a_closed_day_is_closed_for_every_reader(world):
    office = world.municipality.office("raadhuset")
    assert opening_hours(world.municipality, office, TUESDAY) == [(time(9), time(15))]
    world.planning.change("fjordby", "raadhuset", CLOSED, by="leader")
    office = world.municipality.office("raadhuset")
    assert opening_hours(world.municipality, office, TUESDAY) == []
    assert world.booking.slots(world.municipality, "raadhuset", ["passport"], TUESDAY, TUESDAY) == []
    with pytest.raises(NotBookable):
        world.book(at(9))


def test_a_process_with_an_old_configuration_cannot_sell_a_closed_day(world):
    old = world.municipality
    world.planning.change("fjordby", "raadhuset", CLOSED, by="leader")
    assert world.booking.slots(old, "raadhuset", ["passport"], TUESDAY, TUESDAY) == []
    with pytest.raises(SlotTaken):
        world.booking.hold(old, "raadhuset", ["passport"], at(9))


def test_taking_back_opens_the_day_as_it_was(world):
    before = world.booking.slots(world.municipality, "raadhuset", ["passport"], TUESDAY, TUESDAY)
    made = world.planning.change("fjordby", "raadhuset", CLOSED, by="leader").exception
    [known] = world.planning.exceptions("fjordby", "raadhuset")
    assert (known.id, known.by, known.hours.note) == (made.id, "leader", CLOSED.note)
    for _ in range(2):  # twice is once
        taken_back = world.planning.take_back("fjordby", "raadhuset", made.id, by="admin").exception
    assert (taken_back.removed_by, taken_back.removed_at) == ("admin", world.clock.now())
    assert world.planning.exceptions("fjordby", "raadhuset") == []
    assert world.booking.slots(world.municipality, "raadhuset", ["passport"], TUESDAY, TUESDAY) == before


def test_of_several_for_a_day_the_last_counts(world):
    world.planning.change("fjordby", "raadhuset", CLOSED, by="leader")
    world.clock.advance(seconds=1)
    world.planning.change("fjordby", "raadhuset", hours(10, 12), by="leader")
    slots = world.booking.slots(world.municipality, "raadhuset", ["passport"], TUESDAY, TUESDAY)
    assert (slots[0].start, slots[-1].end) == (at(10), at(12))


def test_after_two_changes_an_old_configuration_sells_no_more_than_the_last(world):
    old = world.municipality
    world.planning.change("fjordby", "raadhuset", CLOSED, by="leader")
    world.clock.advance(seconds=1)
    world.planning.change("fjordby", "raadhuset", hours(9, 15, desks=1), by="leader")
    world.booking.hold(old, "raadhuset", ["passport"], at(9))
    with pytest.raises(SlotTaken):
        world.booking.hold(old, "raadhuset", ["passport"], at(9))


def test_the_affected_are_told_before_anything_is_changed(world):
    kept, lost = world.book(at(10)), world.book(at(14))
    preview = world.planning.preview(world.municipality, "raadhuset", hours(9, 12))
    assert [each.appointment.id for each in preview] == [lost.id]
    assert world.planning.exceptions("fjordby", "raadhuset") == []
    made = world.planning.change("fjordby", "raadhuset", hours(9, 12), by="leader")
    assert list(made.affected) == preview
    assert world.appointment(kept).start == at(10)
    assert world.appointment(lost).start == at(14), "a closed day asks, it doesn't move"


def test_with_fewer_desks_whoever_booked_last_is_affected(world):
    first = world.book(at(9))
    world.clock.advance(minutes=1)
    second = world.book(at(9), phone=None)
    affected = world.planning.preview(world.municipality, "raadhuset", hours(9, 15, desks=1))
    assert [each.appointment.id for each in affected] == [second.id]
    assert first.id not in {each.appointment.id for each in affected}


def test_each_proposal_is_the_nearest_free_time_and_nobody_shares_one(world):
    booked = [world.book(at(14, 50)), world.book(at(14, 50)), world.book(at(14, 40))]
    affected = world.planning.preview(world.municipality, "raadhuset", CLOSED)
    assert {each.appointment.id for each in affected} == {each.id for each in booked}
    wednesday = TUESDAY + timedelta(days=1)  # 18 hours later; Monday afternoon would be 24 hours earlier
    assert [each.proposal.start for each in affected] == [
        at(9, 0, wednesday),
        at(9, 0, wednesday),
        at(9, 10, wednesday),
    ]


def test_a_time_that_is_nearly_now_is_not_proposed(world):
    world.clock.advance(hours=3)  # 13 o'clock on Monday
    booked = world.book(at(9))
    [affected] = world.planning.preview(world.municipality, "raadhuset", CLOSED)
    assert affected.appointment.id == booked.id
    assert affected.proposal.start == at(9, day=TUESDAY + timedelta(days=1))


def test_passed_days_cannot_be_changed_and_hours_must_make_sense(world):
    yesterday = date(2026, 11, 22)
    groups = DayException(TUESDAY, TUESDAY, groups=frozenset({"elsewhere"}))
    odd = DayException(TUESDAY, TUESDAY, (OpeningPeriod(frozenset({2}), time(9, 3), time(12), 1),))
    long = DayException(TUESDAY, TUESDAY + timedelta(days=60))
    wrong = [DayException(yesterday, yesterday), hours(12, 9), hours(9, 12, desks=0), groups, odd, long]
    for exception in wrong:
        with pytest.raises(InvalidInput):
            world.planning.change("fjordby", "raadhuset", exception, by="leader")
    with pytest.raises(NotFound):
        world.planning.take_back("fjordby", "raadhuset", "01NOTHING", by="leader")
    with pytest.raises(NotFound):
        world.planning.change("fjordby", "nowhere", CLOSED, by="leader")


def test_an_exception_can_be_about_some_desks_only():
    document = [
        {
            "id": "raadhuset",
            "name": {"da": "Rådhuset", "en": "Town hall"},
            "address": "Torvet 1",
            "check_in_hint": {"da": "ved døren", "en": "at the door"},
            "desk_groups": [
                {"id": group, "desks": [desk], "reasons": [reason], "opening": [_OPEN]}
                for group, desk, reason in (("a", "1", "passport"), ("b", "2", "licence"))
            ],
        }
    ]
    world = PlanningWorld(a_municipality(offices=document))
    hours_of_a = DayException(TUESDAY, TUESDAY, groups=frozenset({"a"}))
    world.planning.change("fjordby", "raadhuset", hours_of_a, by="leader")
    open_for = {
        reason: bool(world.booking.slots(world.municipality, "raadhuset", [reason], TUESDAY, TUESDAY))
        for reason in ("passport", "licence")
    }
    assert open_for == {"passport": False, "licence": True}


_OPEN = {"weekdays": [1, 2, 3, 4, 5], "opens": "09:00", "closes": "15:00", "desks": 1}


def test_another_file_caps_what_it_lowers(world):
    before = world.municipality
    world.municipalities.files["fjordby"] = a_municipality(closing_days=[TUESDAY.isoformat()])
    world.planning.follow(before)
    assert world.booking.slots(before, "raadhuset", ["passport"], TUESDAY, TUESDAY) == []


@pytest.mark.parametrize("late_by", range(0, 40, 8))
def test_whoever_books_while_the_day_is_closed_is_refused_or_on_the_list(world, late_by):
    """Everybody books with the hours of a minute ago; the closing comes in between."""
    old, got = world.municipality, []

    def book(number: int) -> None:
        minutes = 10 * (number // 2)
        start = at(9) + timedelta(minutes=minutes)
        wish = BookingRequest("raadhuset", ("passport",), start, "da", ConsentAnswer(False, "2026-1"))
        with suppress(SlotTaken):
            got.append(world.booking.book(old, wish, f"race-{number}").id)

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(book, number) for number in range(late_by)]
        closing = pool.submit(world.planning.change, "fjordby", "raadhuset", CLOSED, by="leader")
        asked += [pool.submit(book, number) for number in range(late_by, 40)]
        for each in asked:
            each.result()
    assert {each.appointment.id for each in closing.result().affected} == set(got)
