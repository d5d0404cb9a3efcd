"""The same promises of the dispatch store on the fake and on DynamoDB (embedded)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.adapters.dispatch.dynamodb_invitations import DynamoDbInvitations
from chalicelib.adapters.dispatch.dynamodb_receipts import DynamoDbReceipts
from chalicelib.adapters.dynamodb_work import DynamoDbPendingWork
from chalicelib.adapters.tables import ConsentItem, ResponseItem, bound, connection
from chalicelib.dispatch.model import Failure, Invitation, InvitationState, Reason, Receipt, Wave
from chalicelib.dispatch.policy import ConsentState, QuotaUse
from chalicelib.dispatch.ports import ClaimAnswer, MessageOwner, QuotaReached, SurveyLink
from chalicelib.shared.hashing import phone_hash, token_hash
from chalicelib.shared.identifiers import ContactId, new_ulid
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkItem, WorkKind
from tests.builders import KEYS, MONDAY, a_contact
from tests.dispatch_rows import store_completed
from tests.fakes.dispatch_store import FakeDispatchStore

if TYPE_CHECKING:
    from chalicelib.contacts.model import Contact

_NUMBERS = count(20_000_000)


class Bench:
    """One kind of store, with what tests arrange around it."""

    def __init__(self, store: Any, receipts: Any, work: Any, *, fake: FakeDispatchStore | None) -> None:
        self.store, self.receipts, self.work, self.fake = store, receipts, work, fake
        self.municipality = "fjordby"

    def complete(self, consent: ConsentState = ConsentState.GRANTED) -> tuple[Contact, WorkItem, PhoneNumber]:
        contact = a_contact(id=ContactId(new_ulid(MONDAY)))
        phone = PhoneNumber(f"+45{next(_NUMBERS)}")
        payload = {"phone": phone.reveal(), "language": "da", "code": "K7RTPQ"}
        work = WorkItem("fjordby", WorkKind.DECIDE, contact.id, contact.ended_at, payload)
        if self.fake is not None:
            self.fake.complete(contact, phone=phone.reveal(), consent=consent, code="K7RTPQ")
            return contact, work, phone
        store_completed(contact, phone.reveal(), state=consent)
        return contact, work, phone

    def consent(self, contact: Contact, state: ConsentState) -> None:
        if self.fake is not None:
            self.fake.consents["fjordby", contact.id] = state
            return
        model = bound(ConsentItem)
        model(f"fjordby#consent#{contact.id}", "survey_sms").update(actions=[model.state.set(str(state))])

    def answer(self, contact: Contact) -> None:
        if self.fake is not None:
            self.fake.answered.add(("fjordby", contact.id))
            return
        key = (f"fjordby#response#{contact.id}", "response")
        facts = {"municipality": "fjordby", "contact_id": contact.id, "state": "finished", "document": {}}
        bound(ResponseItem)(*key, **facts).save()

    def delivered(self) -> tuple[Contact, Invitation, WorkItem]:
        """An invitation that arrived, and the work of deciding about its reminder."""
        contact, work, phone = self.complete()
        invitation = an_invitation(contact, phone, reminder_days=3)
        assert self.store.add(invitation, work, a_link(invitation))
        claimed = invitation.claimed(NOW, "a")
        assert self.store.claim(invitation, claimed, NOW + timedelta(days=90)) is ClaimAnswer.HELD
        accepted = claimed.accepted(NOW, f"m-{contact.id}", 1)
        assert self.store.advance(claimed, accepted)
        delivered = accepted.settled(Receipt(f"m-{contact.id}", NOW, delivered=True))
        assert self.store.advance(accepted, delivered)
        again = self.work.find("fjordby", WorkKind.ASK_AGAIN, contact.id, NOW + timedelta(days=3))
        assert again.payload == {"phone": phone.reveal(), "code": "K7RTPQ"}
        return contact, delivered, again

    def scheduled(self) -> tuple[Contact, Invitation]:
        contact, work, phone = self.complete()
        invitation = an_invitation(contact, phone)
        assert self.store.add(invitation, work, a_link(invitation))
        return contact, invitation


def an_invitation(contact: Contact, number: PhoneNumber, /, **changes: Any) -> Invitation:
    facts: dict[str, Any] = {
        "municipality": contact.municipality,
        "contact_id": contact.id,
        "state": InvitationState.SCHEDULED,
        "language": "da",
        "channel": "phone",
        "decided_at": contact.ended_at,
        "contact_ended_at": contact.ended_at,
        "send_at": contact.ended_at + timedelta(minutes=5),
        "not_after": contact.ended_at + timedelta(hours=48),
        "phone": number,
        "phone_hash": phone_hash(KEYS, contact.municipality, number),
        "code": "K7RTPQ",
        "link_version": "1",
    }
    return Invitation(**{**facts, **changes})


def a_link(invitation: Invitation) -> SurveyLink:
    until = invitation.decided_at + timedelta(days=14)
    return SurveyLink(token_hash(invitation.contact_id), invitation.municipality, invitation.contact_id, "da", until)


@pytest.fixture(params=["fake", "dynamodb"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "fake":
        fake = FakeDispatchStore()
        return Bench(fake, fake, fake, fake=fake)
    request.getfixturevalue("embedded")
    return Bench(DynamoDbInvitations(), DynamoDbReceipts(), DynamoDbPendingWork(), fake=None)


NOW = MONDAY + timedelta(minutes=30)


def test_a_decision_is_stored_once_with_its_link_and_its_work(bench: Bench) -> None:
    contact, work, phone = bench.complete()
    invitation = an_invitation(contact, phone)
    assert bench.store.add(invitation, work, a_link(invitation))
    assert bench.store.get("fjordby", contact.id) == invitation
    assert bench.store.link(token_hash(contact.id)) == a_link(invitation)
    assert bench.store.link(token_hash("another")) is None
    assert bench.work.find("fjordby", WorkKind.DECIDE, contact.id, contact.ended_at) is None
    assert bench.work.find("fjordby", WorkKind.SEND, contact.id, invitation.send_at) is not None
    landing = bench.work.find("fjordby", WorkKind.LAND_INVITATION, contact.id, invitation.decided_at)
    assert landing is not None
    assert landing.version == 1


def test_a_second_decision_changes_nothing_and_ends_the_work(bench: Bench) -> None:
    contact, invitation = bench.scheduled()
    work = WorkItem("fjordby", WorkKind.DECIDE, contact.id, contact.ended_at)
    other = replace(invitation, state=InvitationState.NOT_INVITED, reason=Reason.SAMPLING, phone=None)
    assert not bench.store.add(other, work, None)
    assert bench.store.get("fjordby", contact.id) == invitation


def test_a_contact_that_is_not_invited_has_a_reason_and_no_work(bench: Bench) -> None:
    contact, work, phone = bench.complete()
    invitation = an_invitation(
        contact,
        phone,
        state=InvitationState.NOT_INVITED,
        reason=Reason.NO_CONSENT,
        phone=None,
        send_at=None,
        not_after=None,
    )
    assert bench.store.add(invitation, work, None)
    stored = bench.store.get("fjordby", contact.id)
    assert stored == invitation
    assert stored.reason is Reason.NO_CONSENT
    assert bench.work.find("fjordby", WorkKind.DECIDE, contact.id, contact.ended_at) is None


def test_the_contact_and_its_circumstances_are_read(bench: Bench) -> None:
    contact, _, phone = bench.complete()
    number = phone_hash(KEYS, "fjordby", phone)
    assert bench.store.contact("fjordby", contact.id) == contact
    assert bench.store.contact("fjordby", "01UNKNOWN") is None
    consent, history = bench.store.circumstances("fjordby", contact.id, number)
    assert consent is ConsentState.GRANTED
    assert not history.opted_out
    assert history.quarantine_until is None
    assert bench.store.circumstances("fjordby", "01UNKNOWN", None)[0] is None


def test_one_claimer_wins(bench: Bench) -> None:
    contact, invitation = bench.scheduled()
    until = NOW + timedelta(days=90)
    assert bench.store.claim(invitation, invitation.claimed(NOW, "one"), until) is ClaimAnswer.HELD
    assert bench.store.claim(invitation, invitation.claimed(NOW, "two"), until) is ClaimAnswer.LOST
    claimed = bench.store.get("fjordby", contact.id)
    assert (claimed.state, claimed.claim, claimed.version) == (InvitationState.CLAIMED, "one", 2)
    assert bench.work.find("fjordby", WorkKind.SEND, contact.id, invitation.send_at) is None
    assert bench.work.find("fjordby", WorkKind.SETTLE, contact.id, claimed.lease_until) is not None
    assert list(bench.receipts.in_flight("fjordby", claimed.phone_hash)) == [MessageOwner("fjordby", contact.id)]
    history = bench.store.circumstances("fjordby", contact.id, claimed.phone_hash)[1]
    assert history.quarantine_until == until


def test_a_claim_repeated_by_the_same_claimer_after_a_lost_answer_is_its_own(bench: Bench) -> None:
    if bench.fake is not None:
        pytest.skip("the fake never loses an answer")
    _, invitation = bench.scheduled()
    claimed = invitation.claimed(NOW, "one")
    assert bench.store.claim(invitation, claimed, None) is ClaimAnswer.HELD
    assert bench.store.claim(invitation, claimed, None) is ClaimAnswer.HELD


@pytest.mark.parametrize("losses", [1, 9])
def test_a_write_whose_answer_was_lost_counts_as_done(bench: Bench, losses: int) -> None:
    """One loss: botocore repeats the call. Nine: it gives up, and a read tells what happened."""
    if bench.fake is not None:
        pytest.skip("the fake never loses an answer")
    contact, invitation = bench.scheduled()
    left = [losses]

    def lose(**_: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise ReadTimeoutError(endpoint_url="http://lost")

    events = connection().client.meta.events
    events.register("before-parse.dynamodb.TransactWriteItems", lose)
    try:
        claimed = invitation.claimed(NOW, "one")
        assert bench.store.claim(invitation, claimed, NOW + timedelta(days=90)) is ClaimAnswer.HELD
        left[0] = losses
        accepted = claimed.accepted(NOW, f"m-{contact.id}", 1)
        assert bench.store.advance(claimed, accepted)
        assert left[0] < losses
    finally:
        events.unregister("before-parse.dynamodb.TransactWriteItems", lose)
    assert bench.store.get("fjordby", contact.id) == accepted


@pytest.mark.requirement("SK-02")
@pytest.mark.parametrize("state", [ConsentState.WITHDRAWN, ConsentState.REFUSED])
def test_no_claim_without_consent_at_that_moment(bench: Bench, state: ConsentState) -> None:
    contact, invitation = bench.scheduled()
    bench.consent(contact, state)
    answer = bench.store.claim(invitation, invitation.claimed(NOW, "one"), NOW + timedelta(days=90))
    assert answer is ClaimAnswer.WITHDRAWN
    assert bench.store.get("fjordby", contact.id) == invitation


def test_no_claim_after_an_opt_out(bench: Bench) -> None:
    contact, invitation = bench.scheduled()
    bench.store.opt_out("fjordby", contact.id, invitation.phone_hash, NOW)
    bench.store.opt_out("fjordby", contact.id, invitation.phone_hash, NOW)
    consent, history = bench.store.circumstances("fjordby", contact.id, invitation.phone_hash)
    assert consent is ConsentState.WITHDRAWN
    assert history.opted_out
    bench.consent(contact, ConsentState.GRANTED)
    answer = bench.store.claim(invitation, invitation.claimed(NOW, "one"), NOW + timedelta(days=90))
    assert answer is ClaimAnswer.OPTED_OUT


def test_opting_out_without_anything_known_is_no_error(bench: Bench) -> None:
    bench.store.opt_out("fjordby", "01UNKNOWN", None, NOW)


@pytest.mark.requirement("SK-24")
def test_the_quarantine_holds_for_other_contacts_of_the_same_number_until_it_ends(bench: Bench) -> None:
    _, one = bench.scheduled()
    _, other = bench.scheduled()
    other = replace(other, phone_hash=one.phone_hash)
    until = NOW + timedelta(days=90)
    assert bench.store.claim(one, one.claimed(NOW, "a"), until) is ClaimAnswer.HELD
    assert bench.store.claim(other, other.claimed(NOW, "b"), until) is ClaimAnswer.QUARANTINE
    later = until + timedelta(seconds=2)
    assert bench.store.claim(other, other.claimed(later, "c"), later + timedelta(days=90)) is ClaimAnswer.HELD


def test_a_released_quarantine_is_free_and_only_its_holder_releases_it(bench: Bench) -> None:
    contact, one = bench.scheduled()
    until = NOW + timedelta(days=90)
    assert bench.store.claim(one, one.claimed(NOW, "a"), until) is ClaimAnswer.HELD
    bench.store.release_quarantine("fjordby", one.phone_hash, "01SOMEBODYELSE")
    assert bench.store.circumstances("fjordby", contact.id, one.phone_hash)[1].quarantine_until == until
    bench.store.release_quarantine("fjordby", one.phone_hash, contact.id)
    bench.store.release_quarantine("fjordby", one.phone_hash, contact.id)
    assert bench.store.circumstances("fjordby", contact.id, one.phone_hash)[1].quarantine_until is None


def test_each_state_moves_its_work_and_the_last_ends_it(bench: Bench) -> None:
    contact, invitation = bench.scheduled()
    claimed = invitation.claimed(NOW, "a")
    assert bench.store.claim(invitation, claimed, None) is ClaimAnswer.HELD
    accepted = claimed.accepted(NOW, f"m-{contact.id}", 1)
    assert bench.store.advance(claimed, accepted)
    assert bench.work.find("fjordby", WorkKind.SETTLE, contact.id, NOW + timedelta(hours=72)) is not None
    assert list(bench.receipts.in_flight("fjordby", invitation.phone_hash)) == []
    assert bench.receipts.invitation_of(f"m-{contact.id}") == MessageOwner("fjordby", contact.id)
    delivered = accepted.settled(Receipt(f"m-{contact.id}", NOW, delivered=True))
    assert bench.store.advance(accepted, delivered)
    stored = bench.store.get("fjordby", contact.id)
    assert stored == delivered
    assert stored.phone is None
    assert bench.work.find("fjordby", WorkKind.SETTLE, contact.id, NOW + timedelta(hours=72)) is None
    assert bench.work.find("fjordby", WorkKind.LAND_INVITATION, contact.id, invitation.decided_at).version == 4


def test_who_comes_second_changes_nothing(bench: Bench) -> None:
    contact, invitation = bench.scheduled()
    assert bench.store.advance(invitation, invitation.expired())
    assert not bench.store.advance(invitation, invitation.suppressed(Reason.WITHDRAWN))
    assert bench.store.get("fjordby", contact.id).state is InvitationState.EXPIRED


def test_rescheduling_moves_the_pending_send_also_to_the_same_second(bench: Bench) -> None:
    contact, invitation = bench.scheduled()
    same = invitation.rescheduled(invitation.send_at)
    assert bench.store.advance(invitation, same)
    later = same.rescheduled(NOW + timedelta(hours=3))
    assert bench.store.advance(same, later)
    assert bench.work.find("fjordby", WorkKind.SEND, contact.id, NOW + timedelta(hours=3)) is not None


def test_early_receipts_are_kept_without_the_phone_number(bench: Bench) -> None:
    receipt = Receipt(
        f"m-{next(_NUMBERS)}",
        NOW,
        delivered=False,
        failure=Failure.SPAM,
        parts=1,
        destination=PhoneNumber("+4520123456"),
    )
    kept = replace(receipt, destination=None)
    assert bench.receipts.parked(receipt.message_id) is None
    bench.receipts.park(receipt)
    assert bench.receipts.parked(receipt.message_id) == kept
    bench.receipts.park_for_phone("fjordby", f"hash{receipt.message_id}", receipt)
    assert list(bench.receipts.parked_for_phone("fjordby", f"hash{receipt.message_id}")) == [kept]
    assert bench.receipts.invitation_of(receipt.message_id) is None


LATER = NOW + timedelta(days=3)


def a_reminder(contact: Contact, work: WorkItem) -> Invitation:
    number = PhoneNumber(work.payload["phone"])
    facts = {"wave": Wave.REMINDER, "decided_at": LATER, "send_at": LATER, "not_after": LATER + timedelta(days=2)}
    return an_invitation(contact, number, **facts)


def test_a_reminder_begins_with_the_decision_and_stands_beside_its_invitation(bench: Bench) -> None:
    contact, invitation, work = bench.delivered()
    reminder = a_reminder(contact, work)
    after = invitation.reminded(LATER)
    assert bench.store.remind(invitation, after, reminder, work)
    assert bench.store.get("fjordby", contact.id) == after
    assert bench.store.get("fjordby", contact.id, Wave.REMINDER) == reminder
    assert bench.store.many("fjordby", [contact.id], Wave.REMINDER) == {contact.id: reminder}
    assert bench.work.find("fjordby", WorkKind.ASK_AGAIN, contact.id, work.due_at) is None
    assert bench.work.find("fjordby", WorkKind.SEND_REMINDER, contact.id, LATER) is not None
    landing = bench.work.find("fjordby", WorkKind.LAND_INVITATION, contact.id, invitation.decided_at)
    assert landing.version == after.version
    assert not bench.store.remind(invitation, invitation.not_reminded(Reason.ANSWERED), None, work)


def test_a_decision_against_a_reminder_leaves_no_number_behind(bench: Bench) -> None:
    contact, invitation, work = bench.delivered()
    after = invitation.not_reminded(Reason.WITHDRAWN)
    assert bench.store.remind(invitation, after, None, work)
    assert bench.store.get("fjordby", contact.id) == after
    assert bench.store.get("fjordby", contact.id, Wave.REMINDER) is None
    assert bench.work.find("fjordby", WorkKind.ASK_AGAIN, contact.id, work.due_at) is None


def test_a_reminder_is_claimed_while_nobody_answered_and_its_receipts_find_it(bench: Bench) -> None:
    contact, invitation, work = bench.delivered()
    reminder = a_reminder(contact, work)
    bench.store.remind(invitation, invitation.reminded(LATER), reminder, work)
    claimed = reminder.claimed(LATER, "b")
    assert bench.store.claim(reminder, claimed, LATER + timedelta(days=90)) is ClaimAnswer.HELD
    owner = MessageOwner("fjordby", contact.id, Wave.REMINDER)
    assert list(bench.receipts.in_flight("fjordby", reminder.phone_hash)) == [owner]
    assert bench.store.advance(claimed, claimed.accepted(LATER, f"r-{contact.id}", 1))
    assert bench.receipts.invitation_of(f"r-{contact.id}") == owner
    assert bench.receipts.invitation_of(f"m-{contact.id}") == MessageOwner("fjordby", contact.id)
    assert bench.work.find("fjordby", WorkKind.ASK_AGAIN, contact.id, LATER + timedelta(days=3)) is None


@pytest.mark.requirement("GE-17")
def test_no_invitation_is_claimed_after_an_answer_at_the_kiosk(bench: Bench) -> None:
    contact, invitation = bench.scheduled()
    bench.answer(contact)
    answer = bench.store.claim(invitation, invitation.claimed(NOW, "a"), NOW + timedelta(days=90))
    assert answer is ClaimAnswer.ANSWERED
    assert bench.store.get("fjordby", contact.id) == invitation


def test_no_reminder_is_claimed_after_the_answer(bench: Bench) -> None:
    contact, invitation, work = bench.delivered()
    reminder = a_reminder(contact, work)
    bench.store.remind(invitation, invitation.reminded(LATER), reminder, work)
    assert not bench.store.is_answered("fjordby", contact.id)
    bench.answer(contact)
    assert bench.store.is_answered("fjordby", contact.id)
    answer = bench.store.claim(reminder, reminder.claimed(LATER, "b"), LATER + timedelta(days=90))
    assert answer is ClaimAnswer.ANSWERED
    assert bench.store.get("fjordby", contact.id, Wave.REMINDER) == reminder


def test_a_quota_is_never_exceeded_and_a_refused_place_leaves_nothing(bench: Bench) -> None:
    place = QuotaUse(f"q{next(_NUMBERS)}", "2026-11", 2)
    for number in range(3):
        contact, work, phone = bench.complete()
        invitation = an_invitation(contact, phone)
        assert bench.store.circumstances("fjordby", contact.id, None, [place])[1].used == {place: min(number, 2)}
        if number < place.most:
            assert bench.store.add(invitation, work, a_link(invitation), [place])
            continue
        with pytest.raises(QuotaReached):
            bench.store.add(invitation, work, a_link(invitation), [place])
        assert bench.store.get("fjordby", contact.id) is None
        assert bench.work.find("fjordby", WorkKind.DECIDE, contact.id, contact.ended_at) is not None
    contact, work, phone = bench.complete()
    other = replace(place, period="2026-12")
    assert bench.store.add(an_invitation(contact, phone), work, None, [other])


def test_a_closed_link_has_expired_and_stays_known(bench: Bench) -> None:
    _, invitation = bench.scheduled()
    link = a_link(invitation)
    bench.store.close_link(link, NOW)
    assert bench.store.link(link.token_hash) == replace(link, until=NOW)
    bench.store.close_link(replace(link, token_hash=token_hash("another")), NOW)
    assert bench.store.link(token_hash("another")) is None
