"""The one reminder: who gets it, when, with which words, and why others don't."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.dispatch.model import Failure, InvitationState, Reason, Receipt, Wave
from chalicelib.dispatch.policy import ConsentState
from chalicelib.dispatch.sms_text import measure
from chalicelib.municipalities.model import Channel
from chalicelib.shared.work import WorkKind
from tests.builders import a_contact, a_municipality, a_municipality_document
from tests.fakes.dispatch import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.contacts.model import Contact
    from chalicelib.dispatch.model import Invitation

CONTACT = a_contact()
KEY = ("fjordby", CONTACT.id)
TEXTS = a_municipality_document()["sms_templates"]


def a_world(**survey: Any) -> World:
    """A visit, its invitation sent on Monday."""
    return a_world_of(CONTACT, **survey)


def a_world_of(contact: Contact, **survey: Any) -> World:
    """A contact, its invitation sent on Monday."""
    policy = {**a_municipality_document()["survey"], "reminder_after_days": 3, **survey}
    words = {"da": "Vi mangler dit svar (kode {code}): {link}", "en": "We lack your answer (code {code}): {link}"}
    world = World(a_municipality(survey=policy, sms_templates={**TEXTS, "survey_reminder": words}))
    world.complete(contact)
    world.clock.advance(minutes=16)
    world.dispatch.decide_contact(contact)
    world.drain(rounds=1)
    return world


def deliver(world: World, *, failure: Failure | None = None) -> None:
    receipt = Receipt("m-1", world.clock.now(), delivered=failure is None, failure=failure)
    world.receipts.record(receipt)


def after_days(world: World, days: float) -> Invitation | None:
    world.clock.advance(days=days)
    world.drain(rounds=2)
    return world.store.get(*KEY, Wave.REMINDER)


@pytest.mark.requirement("SK-04")
def test_who_has_not_answered_is_reminded_once_with_the_same_link() -> None:
    world = a_world()
    deliver(world)
    assert world.invitation(CONTACT).phone is None
    assert after_days(world, 2.9) is None
    assert len(world.sender.published) == 1
    reminder = after_days(world, 0.2)
    assert reminder is not None
    assert reminder.state is InvitationState.ACCEPTED
    (_, first, _), (_, second, _) = world.sender.published
    assert second == f"Vi mangler dit svar (kode K7RTPQ): {first.rsplit(' ', 1)[1]}"
    after_days(world, 10)
    assert len(world.sender.published) == 2
    assert world.invitation(CONTACT).reminder_planned_at == reminder.send_at
    assert all(item.kind is WorkKind.LAND_INVITATION for item in world.store.work.values())


def test_without_words_of_its_own_the_reminder_says_what_the_invitation_said() -> None:
    world = a_world()
    world.municipalities.known["fjordby"] = a_municipality(
        survey={**a_municipality_document()["survey"], "reminder_after_days": 3}
    )
    deliver(world)
    after_days(world, 3)
    (_, first, _), (_, second, _) = world.sender.published
    assert first == second


@pytest.mark.requirement("SK-30", "SK-04")
@pytest.mark.parametrize(("language", "visit"), [("da", "besøg"), ("en", "visit")])
def test_whoever_called_is_not_thanked_for_a_visit(language: str, visit: str) -> None:
    call = a_contact(channel=Channel.PHONE, office=None, language=language)
    world = a_world_of(call)
    deliver(world)
    after_days(world, 3)
    texts = [text for _, text, _ in world.sender.published]
    assert len(texts) == 2
    assert all(visit not in text.lower() and measure(text).parts == 1 for text in texts)
    assert texts[0].startswith(("Tak for din henvendelse til Fjordby", "Thank you for contacting Fjordby"))


def answered(world: World) -> None:
    world.store.answered.add(KEY)


def withdrawn(world: World) -> None:
    world.store.consents[KEY] = ConsentState.WITHDRAWN


def opted_out(world: World) -> None:
    world.store.opted_out.add(("fjordby", str(world.invitation(CONTACT).phone_hash)))


@pytest.mark.requirement("SK-02")
@pytest.mark.parametrize(
    ("happens", "reason"),
    [(answered, Reason.ANSWERED), (withdrawn, Reason.WITHDRAWN), (opted_out, Reason.OPTED_OUT)],
)
def test_there_is_no_reminder_and_the_reason_is_kept(happens: Callable[[World], None], reason: Reason) -> None:
    world = a_world()
    deliver(world)
    happens(world)
    assert after_days(world, 3) is None
    assert world.invitation(CONTACT).no_reminder_reason is reason
    assert len(world.sender.published) == 1
    assert not any(item.payload.get("phone") for item in world.store.work.values())


def test_who_did_not_get_the_first_message_gets_no_second() -> None:
    world = a_world()
    deliver(world, failure=Failure.PHONE_UNREACHABLE)
    assert after_days(world, 3) is None
    assert world.invitation(CONTACT).no_reminder_reason is Reason.NOT_DELIVERED


@pytest.mark.parametrize(
    ("happens", "reason"),
    [(answered, Reason.ANSWERED), (withdrawn, Reason.WITHDRAWN), (opted_out, Reason.OPTED_OUT)],
)
def test_what_happens_between_plan_and_claim_counts(happens: Callable[[World], None], reason: Reason) -> None:
    world = a_world(reminder_after_days=6)  # a Sunday: planned then, sent on Monday
    deliver(world)
    reminder = after_days(world, 6)
    assert reminder is not None
    assert reminder.state is InvitationState.SCHEDULED
    happens(world)
    reminder = after_days(world, 1)
    assert reminder is not None
    assert (reminder.state, reminder.reason) == (InvitationState.SUPPRESSED, reason)
    assert len(world.sender.published) == 1


def test_another_contact_that_was_asked_meanwhile_puts_the_reminder_into_quarantine() -> None:
    world = a_world(quarantine_days=1, reminder_after_days=6)
    deliver(world)
    after_days(world, 6)
    number = str(world.invitation(CONTACT).phone_hash)
    world.store.quarantine["fjordby", number] = (world.clock.now() + timedelta(days=2), "another")
    reminder = after_days(world, 1)
    assert reminder is not None
    assert (reminder.state, reminder.reason) == (InvitationState.SUPPRESSED, Reason.QUARANTINE)


def test_no_reminder_comes_when_its_link_is_about_to_end() -> None:
    world = a_world(link_days=7, reminder_after_days=6)  # planned on Sunday for Monday, when a day is no longer left
    deliver(world)
    assert after_days(world, 6) is None
    assert world.invitation(CONTACT).no_reminder_reason is Reason.TOO_LATE


def test_a_reminder_that_certainly_was_not_sent_is_tried_again_and_keeps_the_quarantine() -> None:
    world = a_world()
    deliver(world)
    world.sender.plan = ["throttle"]
    reminder = after_days(world, 3)
    assert reminder is not None
    assert reminder.state is InvitationState.SCHEDULED
    number = str(reminder.phone_hash)
    assert world.store.quarantine["fjordby", number][1] == CONTACT.id
    reminder = after_days(world, 0.01)
    assert reminder is not None
    assert reminder.state is InvitationState.ACCEPTED


def test_the_reminders_receipt_settles_the_reminder_alone() -> None:
    world = a_world()
    deliver(world)
    after_days(world, 3)
    world.receipts.record(Receipt("m-2", world.clock.now(), delivered=False, failure=Failure.SPAM))
    reminder = world.store.get(*KEY, Wave.REMINDER)
    assert reminder is not None
    assert (reminder.state, reminder.failure) == (InvitationState.FAILED, Failure.SPAM)
    assert world.invitation(CONTACT).state is InvitationState.DELIVERED


def test_a_lost_answer_to_the_reminder_is_settled_by_its_receipt() -> None:
    world = a_world()
    deliver(world)
    world.sender.plan = ["lost_after"]
    reminder = after_days(world, 3)
    assert reminder is not None
    assert reminder.state is InvitationState.AMBIGUOUS
    world.receipts.record(world.sender.log[-1])
    reminder = world.store.get(*KEY, Wave.REMINDER)
    assert reminder is not None
    assert reminder.state is InvitationState.DELIVERED


def test_without_the_setting_nobody_is_reminded_and_no_number_waits() -> None:
    world = a_world(reminder_after_days=0)
    deliver(world)
    assert after_days(world, 5) is None
    assert not any(item.kind is WorkKind.ASK_AGAIN for item in world.store.work.values())
    assert len(world.sender.published) == 1
