"""What citizens hold up at the kiosk, and checking in without a code: one fits or nobody learns why not."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from chalicelib.shared.errors import NotFound, TooManyRequests
from chalicelib.shared.identifiers import OfficeId, new_ulid
from chalicelib.shared.phone import PhoneNumber
from chalicelib.visits.arrival_code import Presented, clock_of, last_digits, presented
from chalicelib.visits.model import State
from chalicelib.visits.self_check_in import WRONG_AN_HOUR, SelfCheckIn
from tests.builders import MONDAY, FixedClock, a_municipality
from tests.fakes.kiosk import InMemoryKioskAttempts
from tests.fakes.visits import InMemoryVisits, a_booking, a_visit_service

FJORDBY = a_municipality()
HALF_PAST_TEN = time(10, 30)
TOKEN = "4kT9xRb27LmQwZ"


# What was typed or scanned


@pytest.mark.parametrize("text", ["K7MQ4P", " k7mq4p ", "K7M-Q4P", "k7m q4p", "K7M.Q4P"])
def test_a_code_however_it_was_typed(text):
    assert presented(text) == Presented(code="K7MQ4P")


@pytest.mark.parametrize(
    "text",
    [
        f"https://tid.fjordby.dk/fjordby/appointments/{TOKEN}",
        f"https://tid.fjordby.dk/fjordby/appointments/{TOKEN}?lang=en#top",
        f"HTTPSÆ--tid.fjordby.dk-fjordby-appointments-{TOKEN}",  # an American scanner on a Danish keyboard
    ],
)
def test_the_link_of_a_message_even_from_a_scanner_with_another_keyboard(text):
    assert presented(text) == Presented(token=TOKEN)


@pytest.mark.parametrize("text", [f"https://tid.fjordby.dk/fjordby/queue/{TOKEN}", "", "💥", "x" * 5000])
def test_anything_else_is_a_code_that_nobody_has(text):
    assert presented(text).token == ""
    assert len(presented(text).code) <= 300


def test_what_was_presented_is_never_printed():
    assert "K7MQ4P" not in repr(presented("K7MQ4P"))
    assert TOKEN not in repr(presented(f"/appointments/{TOKEN}"))


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("10.30", time(10, 30)),
        ("10:30", time(10, 30)),
        ("1030", time(10, 30)),
        ("kl. 9.05", time(9, 5)),
        ("905", time(9, 5)),
        ("9", time(9)),
        ("14", time(14)),
        ("24.00", None),
        ("10.60", None),
        ("", None),
        ("half past", None),
        ("１０３０", None),
    ],
)
def test_a_time_however_it_was_typed(text, clock):
    assert clock_of(text) == clock


@pytest.mark.parametrize(
    ("text", "digits"), [("3456", "3456"), ("34 56", "3456"), ("456", None), ("20123456", None), ("３４５６", None)]
)
def test_four_digits_and_no_others(text, digits):
    assert last_digits(text) == digits


# Checking in


class Hall:
    """A kiosk in an office where some are expected."""

    def __init__(self, *bookings) -> None:
        self.clock = FixedClock()
        self.attempts = InMemoryKioskAttempts()
        self.reception = a_visit_service(InMemoryVisits(), *bookings, clock=self.clock)
        self.kiosk = SelfCheckIn(
            reception=self.reception,
            appointments=self.reception.appointments,
            attempts=self.attempts,
            clock=lambda: self.clock,
        )

    def arrive(self, digits: str = "3456", at: time = HALF_PAST_TEN, *, kiosk: str = "k1"):
        return self.kiosk.by_phone(FJORDBY, "raadhuset", digits, at, kiosk=kiosk)


def test_the_one_who_is_expected_then_gets_the_same_ticket_each_time():
    booking = a_booking()
    hall = Hall(booking)
    first, again = hall.arrive(), hall.arrive()
    assert (first.visit.ulid, first.visit.state) == (booking.id, State.WAITING)
    assert again.visit == first.visit
    assert set(hall.attempts.counts.values()) == {0}


@pytest.mark.parametrize(
    ("digits", "at"),
    [("3457", HALF_PAST_TEN), ("3456", time(10, 35)), ("3456", time(22, 30)), ("0000", time(0))],
)
def test_neither_alone_is_enough(digits, at):
    with pytest.raises(NotFound):
        Hall(a_booking()).arrive(digits, at)


@pytest.mark.parametrize(
    "changes",
    [
        {"cancelled": True},
        {"office": OfficeId("nordby")},
        {"start": MONDAY + timedelta(days=1, minutes=30)},
        {"phone": None},
    ],
)
def test_cancelled_elsewhere_another_day_or_without_a_number_is_the_same_answer(changes):
    with pytest.raises(NotFound) as unknown:
        Hall().arrive()
    with pytest.raises(NotFound) as told:
        Hall(a_booking(**changes)).arrive()
    assert str(told.value) == str(unknown.value)


def test_two_who_fit_are_asked_for_their_codes_like_everybody_else():
    twin = a_booking(id=new_ulid(MONDAY), code="R4TWX9", phone=PhoneNumber("+46701233456"))
    hall = Hall(a_booking(), twin)
    with pytest.raises(NotFound):
        hall.arrive()
    assert hall.reception.queue(FJORDBY, "raadhuset").visits == ()


def test_an_appointment_that_moved_is_not_found_at_its_old_time():
    booking = a_booking()
    hall = Hall(booking)
    hall.reception.appointments.bookings[booking.id] = replace(booking, start=MONDAY + timedelta(hours=2))
    with pytest.raises(NotFound):
        hall.arrive()


def test_a_kiosk_that_is_wrong_too_often_has_to_wait_and_the_others_do_not():
    hall = Hall(a_booking())
    for number in range(WRONG_AN_HOUR):
        with pytest.raises(NotFound):
            hall.arrive(f"{number:04}")
    with pytest.raises(TooManyRequests):
        hall.arrive()
    assert hall.arrive(kiosk="k2").visit.ticket == "A001"
    hall.clock.advance(hours=1)
    assert hall.arrive().visit.ticket == "A001"


def test_who_is_right_does_not_use_up_the_kiosks_patience():
    hall = Hall(a_booking())
    for _ in range(WRONG_AN_HOUR * 2):
        hall.arrive()
