"""What becomes of one invitation, step by step. `test_dispatch_machine.py` does the same in any order with crashes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.dispatch.model import TRANSITIONS, Failure, Invitation, InvitationState, Reason
from chalicelib.dispatch.policy import ConsentState
from chalicelib.dispatch.ports import Hint, MessageOwner
from chalicelib.shared.errors import NotFound, WrongState
from chalicelib.shared.hashing import Keys, link_token, token_hash
from chalicelib.shared.identifiers import ContactId
from tests.builders import KEYS, MONDAY, a_contact, a_municipality, a_municipality_document
from tests.fakes.dispatch import A_PHONE, World

STATE = InvitationState
CONTACT = a_contact()


@pytest.fixture
def world() -> World:
    world = World()
    world.complete(CONTACT)
    world.clock.advance(minutes=16)
    return world


def decided(world: World) -> Invitation:
    invitation = world.dispatch.decide_contact(CONTACT)
    assert invitation is not None
    return invitation


def send(world: World) -> Invitation | None:
    return world.dispatch.send("fjordby", CONTACT.id)


@pytest.mark.requirement("SK-03")
@pytest.mark.requirement("SK-04")
def test_one_message_with_code_and_link_and_nothing_about_the_errand(world: World) -> None:
    decided(world)
    assert world.queue.hints == [Hint("fjordby", CONTACT.id, 0)]
    assert send(world) is not None
    [(to, text, _)] = world.sender.published
    token = link_token(KEYS, "survey", f"fjordby|{CONTACT.id}")
    assert to == A_PHONE
    assert text == (
        "Tak for dit besøg hos Fjordby Kommune (kode K7RTPQ). Hvordan gik det? "
        f"Svar på 1 minut: https://svar.fjordby.example/s/{token}"
    )
    assert world.store.links[token_hash(token)].contact_id == CONTACT.id
    assert world.store.links[token_hash(token)].until == MONDAY + timedelta(days=14, minutes=16)


def test_a_visitor_without_a_code_gets_no_empty_brackets() -> None:
    world = World()
    world.complete(replace(CONTACT, language="en"), code=None)
    world.clock.advance(minutes=16)
    decided(world)
    send(world)
    assert world.sender.published[0][1].startswith("Thank you for your visit to Fjordby Municipality. How did it go?")


def test_deciding_and_sending_again_changes_nothing(world: World) -> None:
    decided(world)
    assert world.dispatch.decide_contact(CONTACT) is None
    assert send(world) is not None
    assert send(world) is None
    assert len(world.sender.published) == 1


def test_a_new_key_between_deciding_and_sending_does_not_break_the_link(world: World) -> None:
    decided(world)
    rotated = Keys(phone=KEYS.phone, links={**KEYS.links, "2": b"n" * 32}, link_version="2")
    world.dispatch._keys = lambda: rotated
    send(world)
    token = world.sender.published[0][1].rsplit("/s/", 1)[1]
    assert token_hash(token) in world.store.links


@pytest.mark.parametrize(
    ("plan", "state", "failure"),
    [
        ("accept", STATE.ACCEPTED, None),
        ("refuse", STATE.FAILED, Failure.INVALID_NUMBER),
        ("throttle", STATE.SCHEDULED, None),
        ("lost_before", STATE.AMBIGUOUS, None),
        ("lost_after", STATE.AMBIGUOUS, None),
    ],
)
def test_each_answer_of_the_provider_has_its_state(world: World, plan: str, state: STATE, failure: Any) -> None:
    decided(world)
    world.sender.plan = [plan]
    found = send(world)
    assert found is not None
    assert (found.state, found.failure) == (state, failure)
    held = world.store.quarantine
    assert bool(held) == (state in {STATE.ACCEPTED, STATE.AMBIGUOUS}), "who certainly got nothing is not quarantined"


def test_what_was_throttled_is_sent_a_little_later_and_longer_each_time(world: World) -> None:
    decided(world)
    world.sender.plan = ["throttle", "throttle"]
    pauses = []
    for _ in range(2):
        retried = send(world)
        assert retried is not None
        assert retried.send_at is not None
        pauses.append(retried.send_at - world.clock.now())
        world.clock.advance(seconds=pauses[-1].total_seconds())
    assert timedelta(minutes=1) <= pauses[0] < timedelta(minutes=1, seconds=30) < pauses[1] < timedelta(minutes=3)
    sent = send(world)
    assert sent is not None
    assert (sent.state, sent.attempts) == (STATE.ACCEPTED, 3)


def test_an_early_hint_comes_back_when_it_is_due() -> None:
    survey = {**a_municipality_document()["survey"], "delay_minutes": 10}
    world = World(a_municipality(survey=survey))
    world.complete(CONTACT)
    world.clock.advance(minutes=16)
    decided(world)
    assert send(world) is None
    assert world.queue.hints == [Hint("fjordby", CONTACT.id, 600)] * 2


def test_what_is_due_much_later_is_left_to_the_sweep() -> None:
    survey = {**a_municipality_document()["survey"], "delay_minutes": 16}
    world = World(a_municipality(survey=survey))
    world.complete(CONTACT)
    world.clock.advance(minutes=16)
    decided(world)
    assert world.queue.hints == []


def test_a_queue_that_stood_still_into_the_night_sends_in_the_morning(world: World) -> None:
    decided(world)
    world.clock.advance(hours=12)
    found = send(world)
    assert found is not None
    assert (found.state, found.send_at) == (STATE.SCHEDULED, MONDAY + timedelta(hours=22))
    assert world.sender.published == []


def test_a_queue_that_stood_still_for_days_sends_nothing(world: World) -> None:
    decided(world)
    world.clock.advance(hours=48, seconds=1)
    found = send(world)
    assert found is not None
    assert (found.state, found.reason, found.phone) == (STATE.EXPIRED, Reason.TOO_LATE, None)


@pytest.mark.requirement("SK-02")
def test_who_withdraws_before_the_claim_gets_nothing(world: World) -> None:
    decided(world)
    world.store.consents["fjordby", CONTACT.id] = ConsentState.WITHDRAWN
    found = send(world)
    assert found is not None
    assert (found.state, found.reason) == (STATE.SUPPRESSED, Reason.WITHDRAWN)
    assert world.sender.published == []


@pytest.mark.requirement("SK-24")
def test_two_visits_of_one_citizen_give_one_message(world: World) -> None:
    other = a_contact(id=ContactId("01OTHER"))
    world.complete(other)
    decided(world)
    assert world.dispatch.decide_contact(other) is not None
    send(world)
    found = world.dispatch.send("fjordby", other.id)
    assert found is not None
    assert (found.state, found.reason) == (STATE.SUPPRESSED, Reason.QUARANTINE)


def test_a_claimer_slower_than_its_lease_still_records_its_proof(world: World) -> None:
    decided(world)
    accept = world.sender.send

    def slow(*arguments: Any) -> Any:
        outcome = accept(*arguments)
        world.clock.advance(minutes=4)
        world.sweep()  # another process finds the lease expired
        assert world.invitation(CONTACT).state is STATE.AMBIGUOUS
        return outcome

    world.sender.send = slow  # type: ignore[method-assign]
    found = send(world)
    assert found is not None
    assert found.state is STATE.ACCEPTED
    assert world.store.messages == {"m-1": MessageOwner("fjordby", CONTACT.id)}


def test_pending_work_without_its_contact_is_a_defect_that_shows(world: World) -> None:
    work = next(iter(world.store.work.values()))
    world.store.contacts.clear()
    with pytest.raises(NotFound):
        world.dispatch.redo_decision(work)


def test_only_the_allowed_transitions_exist() -> None:
    world = World()
    world.complete(CONTACT)
    world.clock.advance(minutes=16)
    scheduled = decided(world)
    for state, allowed in TRANSITIONS.items():
        for target in STATE:
            invitation = replace(scheduled, state=state)
            if target in allowed:
                assert invitation._to(target).state is target
            else:
                with pytest.raises(WrongState):
                    invitation._to(target)


def test_of_more_contacts_than_a_quota_holds_the_rest_has_that_reason() -> None:
    quota = {"id": "all", "period": "day", "most": 2}
    world = World(a_municipality(survey={**a_municipality_document()["survey"], "quotas": [quota]}))
    contacts = [a_contact(id=ContactId(f"01CONTACT{number}")) for number in range(4)]
    for number, contact in enumerate(contacts):
        world.complete(contact, phone=f"+452000000{number}")
    world.clock.advance(minutes=16)
    found = [world.dispatch.decide_contact(contact) for contact in contacts]
    assert [each and each.reason for each in found] == [None, None, Reason.QUOTA, Reason.QUOTA]


def test_a_place_taken_between_reading_and_writing_is_noticed() -> None:
    quota = {"id": "all", "period": "day", "most": 1}
    world = World(a_municipality(survey={**a_municipality_document()["survey"], "quotas": [quota]}))
    world.complete(CONTACT)
    world.clock.advance(minutes=16)
    read = world.store.circumstances

    def overtaken(*args: Any) -> Any:
        answer = read(*args)
        world.store.quotas["fjordby", "all", "2026-11-23"] = 1
        return answer

    world.store.circumstances = overtaken  # type: ignore[method-assign]
    invitation = world.dispatch.decide_contact(CONTACT)
    assert invitation is not None
    assert invitation.reason is Reason.QUOTA


def test_a_message_that_reached_somebody_else_ends_with_its_link(world: World) -> None:
    decided(world)
    send(world)
    token = link_token(KEYS, "survey", f"fjordby|{CONTACT.id}")
    world.clock.advance(minutes=5)
    link = world.dispatch.not_me(token)
    assert world.dispatch.survey_link(token).until == world.clock.now() < link.until
    assert world.store.consents["fjordby", CONTACT.id] is ConsentState.WITHDRAWN
    assert not world.store.opted_out
    with pytest.raises(NotFound):
        world.dispatch.not_me("x" * 14)
