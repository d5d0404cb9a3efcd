"""Reminders by the local calendar, and e-mail for those who can't be texted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from chalicelib.booking.planned import MessageKind
from chalicelib.booking.reminders import reminder_moment
from chalicelib.dispatch import sms_text
from chalicelib.shared.clock import COPENHAGEN
from tests.builders import a_municipality, a_municipality_document
from tests.message_world import ABROAD, BY_MAIL, DAY_BEFORE_AT_TEN, NINE, M, World, local


@pytest.fixture
def world() -> World:
    return World()


# Reminding


@pytest.mark.requirement("GL-63", "GL-65")
def test_the_reminder_comes_the_day_before_at_ten_and_says_where_to_check_in(world):
    booked = world.book()
    world.sweep()
    world.at(DAY_BEFORE_AT_TEN - timedelta(seconds=1))
    assert world.sweep() == 0
    world.at(DAY_BEFORE_AT_TEN)
    assert world.sweep() == 1
    text = world.texts[-1]
    assert text.startswith("Fjordby Kommune: Husk din tid 26/11 9.00, Rådhuset. Kode")
    assert booked.code in text
    assert sms_text.measure(text).parts == 1
    assert world.sweep() == 0


@pytest.mark.parametrize(("booked_at", "reminded"), [
    (DAY_BEFORE_AT_TEN - timedelta(minutes=1), True),
    (DAY_BEFORE_AT_TEN, False),
    (DAY_BEFORE_AT_TEN + timedelta(hours=3), False),
])  # fmt: skip
def test_who_books_after_that_moment_needs_no_reminder(world, booked_at, reminded):
    world.at(booked_at)
    kinds = [message.kind for message in world.found(world.book()).messages]
    assert (MessageKind.REMINDER in kinds) is reminded


def test_who_did_not_wish_it_and_a_municipality_without_remind_nobody(world):
    assert len(world.found(world.book("1", reminder=False)).messages) == 1
    none = a_municipality(booking={**a_municipality_document()["booking"], "reminder_at": None})
    assert len(world.found(world.book("2", municipality=none)).messages) == 1


def test_a_move_takes_the_reminder_along(world):
    booked = world.book()
    world.sweep()
    world.service.move(M, world.found(booked), NINE + timedelta(days=1))
    assert world.sweep() == 1
    assert "er flyttet til 27/11 9.00" in world.texts[-1]
    world.at(DAY_BEFORE_AT_TEN)
    assert world.sweep() == 0, "nothing about the old time"
    world.at(DAY_BEFORE_AT_TEN + timedelta(days=1))
    assert world.sweep() == 1
    assert "Husk din tid 27/11 9.00" in world.texts[-1]


def test_a_cancellation_takes_everything_along(world):
    booked = world.book()
    world.service.cancel(M, world.found(booked))
    kinds = {kind for kind, _ in world.store.pending}
    assert kinds <= {"freed"}
    world.at(DAY_BEFORE_AT_TEN)
    assert world.sweep() == 0
    assert world.texts == []


def test_a_reminder_that_an_outage_held_up_comes_the_same_day_or_not_at_all(world):
    world.book()
    world.sweep()
    world.phones.leaves = False
    world.at(DAY_BEFORE_AT_TEN)
    world.sweep()
    world.phones.leaves = True
    world.at(DAY_BEFORE_AT_TEN + timedelta(hours=10, minutes=1))
    assert world.sweep() == 0
    assert world.store.pending == set()


@pytest.mark.parametrize(("start", "days", "at", "moment"), [
    (local(2026, 11, 26, 9), 1, time(10), local(2026, 11, 25, 10)),
    # Spring: the clocks skip 02:00 to 03:00 on 28 March 2027, autumn: they repeat it on 31 October 2027.
    (local(2027, 3, 29, 9), 1, time(10), local(2027, 3, 28, 10)),
    (local(2027, 3, 28, 9), 1, time(10), local(2027, 3, 27, 10)),
    (local(2027, 3, 29, 9), 1, time(2, 30), local(2027, 3, 28, 3, 30)),
    (local(2027, 11, 1, 9), 1, time(10), local(2027, 10, 31, 10)),
    (local(2027, 10, 31, 9), 1, time(10), local(2027, 10, 30, 10)),
    (local(2027, 11, 1, 9), 1, time(2, 30), local(2027, 10, 31, 2, 30, fold=0)),
    (local(2028, 3, 1, 9), 1, time(10), local(2028, 2, 29, 10)),
    (local(2027, 1, 1, 9), 1, time(10), local(2026, 12, 31, 10)),
    (local(2026, 11, 26, 12), 0, time(10), local(2026, 11, 26, 10)),
    (local(2026, 11, 26, 9), 0, time(10), None),
    (local(2026, 11, 26, 9), 14, time(10), local(2026, 11, 12, 10)),
    (local(2026, 11, 26, 9), 1, None, None),
])  # fmt: skip
@pytest.mark.requirement("I10")
def test_the_reminders_moment_is_counted_on_the_local_calendar(start, days, at, moment):
    policy = replace(M.booking, reminder_days=days, reminder_at=at)
    assert reminder_moment(policy, start) == moment


def test_the_calendar_day_of_a_reminder_islocal():
    late_evening = local(2026, 11, 26, 0, 30)  # still the 25th in UTC
    moment = reminder_moment(M.booking, late_evening)
    assert moment is not None
    assert moment.astimezone(COPENHAGEN).date() == date(2026, 11, 25)


# By e-mail


@pytest.mark.parametrize("phone", [None, ABROAD])
def test_without_a_number_that_can_be_texted_the_letter_comes(world, phone):
    booked = world.book(municipality=BY_MAIL, phone=phone, email="borger@example.org")
    assert world.sweep(BY_MAIL) == 1
    (letter,) = world.letters.sent
    assert (letter.to, letter.message.kind) == ("borger@example.org", MessageKind.CONFIRMATION)
    assert letter.link.endswith(booked.token)
    assert "borger@example.org" not in repr(letter)
    assert world.texts == []
    world.at(DAY_BEFORE_AT_TEN)
    assert world.sweep(BY_MAIL) == 1
    assert world.letters.sent[-1].message.kind is MessageKind.REMINDER


def test_a_number_that_can_be_texted_is_enough(world):
    world.book(municipality=BY_MAIL, email="borger@example.org")
    assert world.sweep(BY_MAIL) == 1
    assert len(world.texts) == 1
    assert world.letters.sent == []


def test_a_letter_that_could_not_leave_is_tried_again(world):
    world.book(municipality=BY_MAIL, phone=None, email="borger@example.org")
    world.letters.leaves = False
    assert world.sweep(BY_MAIL) == 0
    world.letters.leaves = True
    assert world.sweep(BY_MAIL) == 1
