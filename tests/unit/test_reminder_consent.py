"""Where a municipality asks whether it may remind: asked by itself, kept by itself, and in force at once (SK-02, I3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.booking.model import ConsentAnswer
from chalicelib.consent.model import ConsentState
from chalicelib.consent.service import ConsentService
from chalicelib.municipalities.model import REMINDER_SMS, SURVEY_SMS
from chalicelib.shared.errors import InvalidInput, KeyReused
from tests.builders import ALL_CONSENTS, KEYS, a_municipality
from tests.message_world import DAY_BEFORE_AT_TEN, NINE, PHONE, M, World

pytestmark = pytest.mark.requirement("SK-02")

ASKS = a_municipality(consent_texts=ALL_CONSENTS)
YES = ConsentAnswer(granted=True, text_version="r-1")
NO = replace(YES, granted=False)


@pytest.fixture
def world() -> World:
    return World()


def reminders(world: World) -> list[str]:
    return [subject for kind, subject in sorted(world.store.pending) if kind == "remind"]


def withdraw(world: World, contact_id: str) -> None:
    service = ConsentService(store=world.store, keys=lambda: KEYS, clock=lambda: world.clock)
    service.withdraw(ASKS.id, contact_id, scope=REMINDER_SMS)


@pytest.mark.parametrize(
    ("answer", "state", "reminded"),
    [
        (YES, ConsentState.GRANTED, True),
        (NO, ConsentState.REFUSED, False),
        (replace(NO, offered=False), None, False),
        (None, None, False),
    ],
)
def test_only_who_says_yes_is_reminded_and_every_answer_is_on_the_ledger(world, answer, state, reminded):
    booked = world.book(municipality=ASKS, reminder_consent=answer)
    record = world.store.current(ASKS.id, booked.id, REMINDER_SMS)
    assert (record.state if record else None) is state
    assert world.store.current(ASKS.id, booked.id, SURVEY_SMS).text_version == "2026-1"
    assert reminders(world) == [booked.id] * reminded
    assert world.found(booked).reminder is reminded


@pytest.mark.parametrize("wanted", [True, False])
def test_without_a_wording_a_reminder_is_a_choice_and_nothing_to_consent_to(world, wanted):
    booked = world.book(reminder=wanted)
    assert reminders(world) == [booked.id] * wanted
    assert world.store.current(M.id, booked.id, REMINDER_SMS) is None


@pytest.mark.parametrize("municipality", [ASKS, M])
def test_an_answer_to_a_wording_that_is_not_in_force_is_none(world, municipality):
    with pytest.raises(InvalidInput) as caught:
        world.book(municipality=municipality, reminder_consent=replace(YES, text_version="old"))
    assert set(caught.value.fields) == {"reminder_consent"}


def test_another_answer_is_another_request(world):
    world.book(municipality=ASKS, reminder_consent=YES)
    with pytest.raises(KeyReused):
        world.book(municipality=ASKS, reminder_consent=NO)


def test_a_reminder_that_was_taken_back_never_leaves_not_even_when_it_was_planned(world):
    booked = world.book(municipality=ASKS, reminder_consent=YES)
    world.sweep(ASKS)
    withdraw(world, booked.id)
    assert reminders(world) == [booked.id], "the page crashed before it could drop the plan"
    world.at(DAY_BEFORE_AT_TEN)
    assert world.sweep(ASKS) == 0
    assert len(world.texts) == 1
    assert world.store.pending == set()


def test_a_reminder_that_was_agreed_to_leaves_once(world):
    world.book(municipality=ASKS, reminder_consent=YES)
    world.at(DAY_BEFORE_AT_TEN)
    assert world.sweep(ASKS) == 2
    assert world.sweep(ASKS) == 0


def test_stopping_drops_the_plan_and_a_move_brings_none_back(world):
    booked = world.book(municipality=ASKS, reminder_consent=YES)
    withdraw(world, booked.id)
    for _ in range(2):
        world.messages.stop_reminder(ASKS.id, booked.id)
    world.messages.stop_reminder(ASKS.id, "unknown")
    assert reminders(world) == []
    world.service.move(ASKS, world.found(booked), NINE.replace(hour=9))
    assert reminders(world) == []


def test_cancelling_takes_back_both_answers(world):
    booked = world.book(municipality=ASKS, reminder_consent=YES)
    world.service.cancel(ASKS, world.found(booked))
    for scope in (SURVEY_SMS, REMINDER_SMS):
        assert world.store.current(ASKS.id, booked.id, scope).state is ConsentState.WITHDRAWN
    assert [(entry.scope, entry.state.value) for entry in world.store.ledger] == [
        (SURVEY_SMS, "granted"), (REMINDER_SMS, "granted"), (SURVEY_SMS, "withdrawn"), (REMINDER_SMS, "withdrawn"),
    ]  # fmt: skip


def test_an_appointment_from_before_the_question_is_reminded_of_as_it_was_promised(world):
    booked = world.book(municipality=M, phone=PHONE)
    world.at(DAY_BEFORE_AT_TEN)
    assert world.sweep(ASKS) == 2
    assert world.found(booked).reminder_consent is None
