"""Messages around appointments: planned with the booking, sent at most once, gone with the time they speak of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.booking.messages import Proposal, is_pointless, open_proposal
from chalicelib.booking.planned import MessageKind, PlannedMessage
from chalicelib.dispatch import sms_text
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.errors import NotFound, WrongState
from chalicelib.shared.hashing import Keys
from tests.builders import KEYS, MONDAY, a_municipality, a_municipality_document
from tests.message_world import ABROAD, BY_MAIL, DAY_BEFORE_AT_TEN, NINE, PHONE, M, World, local


@pytest.fixture
def world() -> World:
    return World()


# Confirming


def test_a_confirmation_is_sent_once_by_whoever_comes_first(world):
    booked = world.book()
    assert world.messages.send_now(M, booked.id) == 1
    assert world.messages.send_now(M, booked.id) == 0
    assert world.sweep() == 0
    ((to, text, sender),) = world.phones.sent
    assert (to, sender) == ("+4520123456", "Fjordby")
    assert booked.code in text
    assert booked.token in text
    assert sms_text.measure(text).parts == 1
    assert "pas" not in text.lower().replace("borgerpuls", ""), "no reason is named"


def test_what_the_request_did_not_send_the_sweep_sends(world):
    world.book()
    assert world.sweep() == 1
    assert len(world.texts) == 1


def test_what_could_not_leave_stays_pending_until_the_time_has_come(world):
    booked = world.book()
    world.phones.leaves = False
    assert world.messages.send_now(M, booked.id) == 0
    world.phones.leaves = True
    assert world.sweep() == 1
    world.book("2")
    world.at(NINE)
    assert world.sweep() == 0
    assert world.store.pending == set()
    assert len(world.texts) == 1


def test_one_that_cannot_be_written_holds_up_no_other_and_ends_with_its_time(world):
    first = world.book()
    world.clock.advance(seconds=1)
    world.book("2")
    appointment = world.store.appointments[M.id, first.id]
    world.store.appointments[M.id, first.id] = replace(appointment, office="closed-for-good")
    with pytest.raises(NotFound):
        world.sweep()
    assert len(world.texts) == 1
    world.at(NINE)
    assert world.sweep() == 0
    assert world.store.pending == set()


@pytest.mark.parametrize(("phone", "email"), [(None, None), (ABROAD, None), (None, "a@b.example")])
def test_who_cannot_be_reached_is_promised_nothing(world, phone, email):
    booked = world.book(phone=phone, email=email)
    assert world.found(booked).messages == ()
    assert world.store.pending == set()
    assert world.messages.send_now(M, booked.id) == 0


def test_a_crash_between_claim_and_send_never_sends_two(world):
    booked = world.book()

    class Crash(Exception):
        pass

    def crash(**_: Any) -> bool:
        raise Crash

    world.phones.send = crash
    with pytest.raises(Crash):
        world.messages.send_now(M, booked.id)
    del world.phones.send
    assert world.sweep() == 0, "rather none than two; the page says the same"
    assert world.texts == []


@pytest.mark.requirement("GL-65")
def test_the_confirmation_says_where_to_check_in_if_that_fits(world):
    templates = a_municipality_document()["sms_templates"]
    short = a_municipality(sms_templates={**templates, "confirmation": {"da": "{date} {time} {code} {link}"}})
    booked = world.book(municipality=short)
    world.messages.send_now(short, booked.id)
    assert world.texts[0].endswith("Tjek ind Standeren til venstre for døren.")


def test_a_link_that_was_sent_opens_after_the_keys_were_rotated(world):
    keys = [KEYS]
    world.service._keys = lambda: keys[0]
    booked = world.book()
    keys[0] = Keys(phone=KEYS.phone, links={**KEYS.links, "2": b"n" * 32}, link_version="2")
    assert world.sweep() == 1
    assert booked.token in world.texts[0]
    assert world.found(booked).id == booked.id


@pytest.mark.parametrize(
    ("meeting", "words"), [(Meeting.PHONE, ", vi ringer til dig."), (Meeting.VIDEO, ", på video.")]
)
def test_who_need_not_come_is_not_told_where_to_check_in(world, meeting, words):
    booked = world.book()
    appointment = replace(world.found(booked), meeting=meeting)
    world.store.appointments[M.id, booked.id] = appointment
    world.sweep()
    assert words in world.texts[0]
    assert "Tjek ind" not in world.texts[0]
    assert "Rådhuset" not in world.texts[0]


# The municipality cancels or closes


@pytest.mark.parametrize(("contact", "municipality"), [
    ({"phone": PHONE}, M), ({"phone": None, "email": "borger@example.org"}, BY_MAIL),
])  # fmt: skip
def test_whose_time_the_office_cancels_is_told_although_the_appointment_forgets_them(world, contact, municipality):
    booked = world.book(municipality=municipality, **contact)
    world.sweep(municipality)
    world.clock.advance(minutes=1)
    world.service.cancel(municipality, world.found(booked), by_office=True)
    appointment = world.found(booked)
    assert (appointment.phone, appointment.email) == (None, None)
    assert world.messages.send_now(municipality, booked.id) == 1
    assert world.messages.send_now(municipality, booked.id) == 0
    assert world.sweep(municipality) == 0
    told = [*world.texts[1:], *[letter.message.kind for letter in world.letters.sent[1:]]]
    assert len(told) == 1
    assert "cancelled" not in {kind for kind, _ in world.store.pending}, "the number is gone with the work"


def test_whom_nobody_can_reach_the_page_still_tells(world):
    booked = world.book(phone=None)
    world.service.cancel(M, world.found(booked), by_office=True)
    assert world.found(booked).is_cancelled_by_office
    assert world.sweep() == 0
    assert "cancelled" not in {kind for kind, _ in world.store.pending}
    mine = world.book("2")
    world.service.cancel(M, world.found(mine))
    assert not world.found(mine).is_cancelled_by_office


def test_the_office_may_cancel_when_the_citizen_no_longer_can(world):
    late = a_municipality(booking={**a_municipality_document()["booking"], "cancel_cutoff_minutes": 1440})
    booked = world.book(municipality=late)
    world.at(NINE - timedelta(hours=1))
    with pytest.raises(WrongState):
        world.service.cancel(late, world.found(booked))
    assert world.service.cancel(late, world.found(booked), by_office=True).is_cancelled


def test_a_proposal_of_a_closed_office_comes_once_and_in_daytime(world):
    booked = world.book()
    world.sweep()
    world.at(local(2026, 11, 23, 22))
    other = NINE + timedelta(days=1)
    appointment = world.messages.propose(M, world.found(booked), other)
    assert world.messages.propose(M, appointment, other) == appointment, "twice is once"
    assert world.sweep() == 0, "not at night"
    world.at(local(2026, 11, 24, 8))
    assert world.sweep() == 1
    text = world.texts[-1]
    assert "Vi lukker 26/11 9.00" in text
    assert "Forslag: 27/11 9.00" in text
    assert text.endswith(f"{booked.token}/offer")
    assert open_proposal(world.found(booked), world.clock.now()) == Proposal(other, by_office=True)
    assert world.sweep() == 0
    moved = world.service.move(M, world.found(booked), other)
    assert open_proposal(moved, world.clock.now()) is None
    world.service.cancel(M, moved)
    with pytest.raises(WrongState):
        world.messages.propose(M, moved, other)


def test_a_confirmation_that_was_sent_does_not_come_back_with_a_proposal(world):
    booked = world.book()
    assert world.sweep() == 1
    world.messages.propose(M, world.found(booked), NINE + timedelta(days=1))
    assert world.sweep() == 1
    assert "Forslag" in world.texts[-1]


# This isn't me


@pytest.mark.parametrize("checked_in", [False, True])
def test_this_is_not_me_takes_number_and_address_away_and_silences_the_appointment(world, checked_in):
    booked = world.book(municipality=BY_MAIL, email="borger@example.org", name="Åse", want_earlier=True)
    if checked_in:
        world.store.visits.add(booked.id)
    after = world.messages.not_me(world.found(booked))
    assert world.messages.not_me(after) == after, "twice is once"
    appointment = world.found(booked)
    assert (appointment.phone, appointment.email, appointment.messages) == (None, None, ())
    assert (appointment.code, appointment.start, appointment.name) == (booked.code, NINE, "Åse")
    assert not appointment.is_cancelled
    assert world.store.pending == set()
    world.at(DAY_BEFORE_AT_TEN)
    assert world.sweep(BY_MAIL) == 0
    assert world.texts == []
    if not checked_in:
        world.service.move(BY_MAIL, appointment, NINE + timedelta(days=1))
        assert world.sweep(BY_MAIL) == 0, "and no later change finds them again"


# What nobody needs any more


@pytest.mark.parametrize(("kind", "now", "about", "pointless"), [
    (MessageKind.CONFIRMATION, NINE - timedelta(minutes=1), None, False),
    (MessageKind.CONFIRMATION, NINE, None, True),
    (MessageKind.MOVED, NINE, None, True),
    (MessageKind.REMINDER, MONDAY + timedelta(hours=10), None, False),
    (MessageKind.REMINDER, MONDAY + timedelta(hours=10, seconds=1), None, True),
    (MessageKind.EARLIER_TIME, MONDAY, MONDAY + timedelta(hours=2), False),
    (MessageKind.EARLIER_TIME, MONDAY + timedelta(minutes=31), MONDAY + timedelta(hours=2), True),
    (MessageKind.EARLIER_TIME, MONDAY, NINE + timedelta(hours=2), True),
    (MessageKind.CLOSED, MONDAY, MONDAY + timedelta(hours=2), False),
    (MessageKind.CLOSED, MONDAY + timedelta(hours=3), MONDAY + timedelta(hours=2), True),
    (MessageKind.CANCELLED, NINE - timedelta(minutes=1), None, False),
    (MessageKind.CANCELLED, NINE, None, True),
])  # fmt: skip
def test_a_message_is_dropped_when_it_helps_nobody(world, kind, now, about, pointless):
    appointment = world.found(world.book())
    assert is_pointless(appointment, PlannedMessage(kind, MONDAY, about), now) is pointless
