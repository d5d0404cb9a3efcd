"""Dispatch as a machine that anything can happen to (I3, I4, I5).

Processes die at every step, events and receipts come twice, late, in the wrong order or never, the provider takes a
message and then doesn't answer, citizens withdraw in between. At every moment: at most one message per contact, none
without consent, none in quiet hours or quarantine; nothing is lost without a recorded reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.dispatch.model import FINAL, Failure, Invitation, InvitationState, Receipt, Wave, work_of
from chalicelib.dispatch.policy import ConsentState
from chalicelib.dispatch.quiet_hours import next_allowed
from chalicelib.dispatch.reconciliation import Equation, Reconciliation
from chalicelib.shared.clock import month_of
from chalicelib.shared.hashing import link_token, token_hash
from chalicelib.shared.identifiers import ContactId
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkKind
from tests.builders import KEYS, a_contact, a_municipality, a_municipality_document
from tests.fakes.dispatch import World
from tests.fakes.dispatch_store import Crash

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.contacts.model import Contact

PHONES = ["+4520000001", "+4520000002", "+4640000003"]
REMINDED = {**a_municipality_document()["survey"], "reminder_after_days": 1}
PLANS = ["accept", "accept", "throttle", "refuse", "lost_before", "lost_after"]
NO_CRASH = 99
crashes = st.one_of(st.just(NO_CRASH), st.integers(0, 9))


@dataclass
class _Landed:
    """A lake in which every completed contact has landed."""

    months: dict[str, str]

    def ids(self, table: str, municipality: str, month: str) -> frozenset[str]:
        return frozenset(key for key, landed in self.months.items() if landed == month)


class Dispatch(RuleBasedStateMachine):
    """Steps in any order; see the module's docstring."""

    @initialize()
    def begin(self) -> None:
        self.world = World(a_municipality(survey=REMINDED))
        self.contacts: list[Contact] = []
        self.tokens: dict[str, str] = {}
        self.seen = 0
        self.sent: list[tuple[str, str, datetime]] = []

    def _run(self, step: Callable[[], object], crash: int) -> None:
        """One process, which may die on the way."""
        self.world.fuse.left = None if crash == NO_CRASH else crash
        try:
            step()
        except Crash:
            pass
        finally:
            self.world.fuse.left = None
        self._look_at_what_was_published()

    def _look_at_what_was_published(self) -> None:
        for phone, text, _ in self.world.sender.published[self.seen :]:
            contact_id = self.tokens[text.rsplit("/s/", 1)[1]]
            now = self.world.clock.now()
            assert self.world.store.consents["fjordby", contact_id] is ConsentState.GRANTED
            number = self.world.store.get("fjordby", contact_id).phone_hash
            assert ("fjordby", number) not in self.world.store.opted_out
            survey = self.world.municipality.survey
            assert next_allowed(now, survey, self.world.municipality.closing_days) == now
            earlier = [at for to, whose, at in self.sent if to == phone and whose != contact_id]
            assert all(at + timedelta(days=survey.quarantine_days) <= now for at in earlier)
            before = [at for _, whose, at in self.sent if whose == contact_id]
            if before:  # the reminder
                assert ("fjordby", contact_id) not in self.world.store.answered
                assert before[0] + timedelta(days=survey.reminder_after_days) <= now
                assert now < self.world.store.links[token_hash(text.rsplit("/s/", 1)[1])].until
            self.sent.append((phone, contact_id, now))
        self.seen = len(self.world.sender.published)

    @rule(
        phone=st.sampled_from([*PHONES, PHONES[0], "garbage", None]),
        consent=st.sampled_from([ConsentState.GRANTED] * 5 + [ConsentState.REFUSED, None]),
        code=st.sampled_from(["K7RTPQ", None]),
    )
    def complete(self, phone: str | None, consent: ConsentState | None, code: str | None) -> None:
        number = len(self.contacts)
        arrived = self.world.clock.now().replace(microsecond=0) - timedelta(minutes=16)
        contact = a_contact(id=ContactId(f"01CONTACT{number:04d}"), arrived_at=arrived)
        self.contacts.append(self.world.complete(contact, phone=phone, consent=consent, code=code))
        self.tokens[link_token(KEYS, "survey", f"fjordby|{contact.id}")] = contact.id

    @precondition(lambda self: self.contacts)
    @rule(data=st.data(), crash=crashes)
    def stream_event(self, data: st.DataObject, crash: int) -> None:
        contact = data.draw(st.sampled_from(self.contacts))
        self._run(lambda: self.world.dispatch.decide_contact(contact), crash)

    @precondition(lambda self: self.contacts)
    @rule(data=st.data(), plan=st.sampled_from(PLANS), crash=crashes, wave=st.sampled_from(Wave))
    def hint(self, data: st.DataObject, plan: str, crash: int, wave: Wave) -> None:
        contact = data.draw(st.sampled_from(self.contacts))
        self.world.sender.plan = [plan]
        self._run(lambda: self.world.dispatch.send("fjordby", contact.id, wave), crash)
        self.world.sender.plan = []

    @rule(crash=crashes)
    def sweep(self, crash: int) -> None:
        self._run(self.world.sweep, crash)

    @rule(crash=crashes)
    def minute(self, crash: int) -> None:
        self._run(lambda: self.world.drain(rounds=1), crash)

    @rule(crash=crashes, receipts=st.booleans())
    def day(self, crash: int, receipts: bool) -> None:
        """A whole one in which things work, but for one crash: reminders need time to come about."""
        for left in (crash, NO_CRASH, NO_CRASH):
            self._run(lambda: self.world.drain(rounds=2), left)
            for receipt in self.world.sender.log if receipts else []:
                self._run(lambda receipt=receipt: self.world.receipts.record(receipt), left)
            self.world.clock.advance(hours=8)

    @rule(broken=st.booleans())
    def queue(self, broken: bool) -> None:
        self.world.queue.broken = broken

    @precondition(lambda self: self.world.sender.log)
    @rule(data=st.data(), delivered=st.booleans(), crash=crashes)
    def receipt(self, data: st.DataObject, delivered: bool, crash: int) -> None:
        original = data.draw(st.sampled_from(self.world.sender.log))
        failure = None if delivered else Failure.PHONE_UNREACHABLE
        receipt = Receipt(original.message_id, original.published_at, delivered, failure, 1, original.destination)
        self._run(lambda: self.world.receipts.record(receipt), crash)

    @rule(phone=st.sampled_from(PHONES), crash=crashes)
    def receipt_of_somebody_elses_message(self, phone: str, crash: int) -> None:
        at = self.world.clock.now() - timedelta(hours=1)
        receipt = Receipt(f"x-{self.seen}", at, delivered=True, destination=PhoneNumber(phone))
        self._run(lambda: self.world.receipts.record(receipt), crash)

    @precondition(lambda self: self.contacts)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        contact = data.draw(st.sampled_from(self.contacts))
        if self.world.store.consents.get(("fjordby", contact.id)) is ConsentState.GRANTED:
            self.world.store.consents["fjordby", contact.id] = ConsentState.WITHDRAWN

    @precondition(lambda self: self.world.sender.published)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        _, text, _ = data.draw(st.sampled_from(self.world.sender.published))
        self.world.store.answered.add(("fjordby", self.tokens[text.rsplit("/s/", 1)[1]]))

    @precondition(lambda self: self.contacts)
    @rule(data=st.data(), crash=crashes)
    def reminder_is_decided_twice(self, data: st.DataObject, crash: int) -> None:
        again = [item for item in self.world.store.work.values() if item.kind is WorkKind.ASK_AGAIN]
        if again:
            item = data.draw(st.sampled_from(again))
            self._run(lambda: self.world.dispatch.decide_reminder(item), crash)
            self._run(lambda: self.world.dispatch.decide_reminder(item), NO_CRASH)

    @precondition(lambda self: self.world.store.links)
    @rule(data=st.data(), crash=crashes)
    def opt_out(self, data: st.DataObject, crash: int) -> None:
        token = data.draw(st.sampled_from(sorted(self.tokens)))
        if self.world.store.link(token_hash(token)) is not None:
            self._run(lambda: self.world.dispatch.opt_out(token), crash)

    @rule(minutes=st.sampled_from([1, 2, 4, 15, 60, 600, 1440, 4320]))
    def wait(self, minutes: int) -> None:
        self.world.clock.advance(minutes=minutes)

    @invariant()
    def at_most_one_message_and_one_reminder_per_contact(self) -> None:
        if hasattr(self, "sent"):
            assert all(number <= 2 for number in Counter(contact for _, contact, _ in self.sent).values())

    @invariant()
    def every_contact_is_accounted_for(self) -> None:
        for contact in getattr(self, "contacts", []):
            key = ("fjordby", contact.id)
            invitation = self.world.store.get(*key)
            undecided = (*key, WorkKind.DECIDE) in self.world.store.work
            assert (invitation is None) == undecided
            if invitation is None:
                continue
            self._has_its_work_or_its_end(invitation)
            reminder = self.world.store.get(*key, Wave.REMINDER)
            assert (reminder is not None) == (invitation.reminder_planned_at is not None)
            if reminder is not None:
                self._has_its_work_or_its_end(reminder)
            undecided = (*key, WorkKind.ASK_AGAIN) in self.world.store.work
            assert undecided + (reminder is not None) + (invitation.no_reminder_reason is not None) <= 1

    def _has_its_work_or_its_end(self, invitation: Invitation) -> None:
        key = ("fjordby", invitation.contact_id)
        work = work_of(invitation)
        assert (work is None) == (invitation.state in FINAL)
        if work is not None:
            assert self.world.store.work[(*key, work.kind)].due_at.replace(microsecond=0) == work.due_at
        assert (invitation.phone is None) == (invitation.state in FINAL)
        reasoned = {InvitationState.NOT_INVITED, InvitationState.SUPPRESSED, InvitationState.EXPIRED}
        assert (invitation.reason is not None) == (invitation.state in reasoned)
        assert (invitation.failure is not None) == (invitation.state is InvitationState.FAILED)

    def teardown(self) -> None:
        """The weather clears: after a week of quiet minutes everything has an end, and the equation of I5 holds."""
        if not getattr(self, "contacts", None):
            return
        self.world.queue.broken = False
        for _ in range(60):
            self._run(lambda: self.world.drain(rounds=2), NO_CRASH)
            self.world.clock.advance(hours=5)
        self.at_most_one_message_and_one_reminder_per_contact()
        self.every_contact_is_accounted_for()
        states = self.world.states()
        assert len(states) == len(self.contacts)
        assert set(states) <= FINAL
        attempted = {contact for _, contact, _ in self.sent}
        for contact in self.contacts:
            invitation = self.world.invitation(contact)
            ended = {InvitationState.DELIVERED, InvitationState.FAILED}
            assert (contact.id not in attempted) or invitation.state in ended
            reminder = self.world.store.get("fjordby", contact.id, Wave.REMINDER)
            assert reminder is None or reminder.state in FINAL
            if invitation.state is InvitationState.DELIVERED and invitation.failure is None:
                assert ("fjordby", contact.id, WorkKind.ASK_AGAIN) not in self.world.store.work
        assert self._equation().adds_up

    def _equation(self) -> Equation:
        """I5, from what dispatch does not write itself."""
        months = {month_of(contact.ended_at) for contact in self.contacts}
        store, until = self.world.store, self.world.clock.now() + timedelta(days=365)
        landed = _Landed({contact.id: month_of(contact.ended_at) for contact in self.contacts})
        reconciliation = Reconciliation(landed=landed, invitations=store, work=store)
        equations = [reconciliation.equation("fjordby", month, until) for month in sorted(months)]
        assert sum(each.completed for each in equations) == len(self.contacts)
        return next((each for each in equations if not each.adds_up), equations[0])


Dispatch.TestCase.settings = settings(
    max_examples=120, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_dispatch = Dispatch.TestCase
