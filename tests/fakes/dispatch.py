"""Dispatch with everything around it in memory: municipalities, provider, queue, and the store of `dispatch_store.py`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.dispatch.model import (
    WAVE_OF,
    Failure,
    Invitation,
    InvitationState,
    Receipt,
)
from chalicelib.dispatch.policy import ConsentState
from chalicelib.dispatch.ports import (
    AnswerLost,
    Hint,
    NotSent,
    Outcome,
    QueueUnavailable,
    Refused,
    Sent,
)
from chalicelib.dispatch.receipts import ReceiptService
from chalicelib.dispatch.service import DispatchService
from chalicelib.municipalities.service import DirectoryEntry
from chalicelib.shared.work import WorkKind
from tests.builders import KEYS, FixedClock, a_municipality
from tests.fakes.dispatch_store import FakeDispatchStore, Fuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.contacts.model import Contact
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.phone import PhoneNumber

PUBLIC_URL = "https://svar.fjordby.example"
A_PHONE = "+4520123456"


@dataclass
class FakeMunicipalities:
    """Configurations from memory."""

    known: dict[str, Municipality] = field(default_factory=lambda: {"fjordby": a_municipality()})

    def get(self, municipality: str) -> Municipality:
        return self.known[municipality]

    def directory(self) -> list[DirectoryEntry]:
        return [DirectoryEntry(each.id, each.name) for each in self.known.values()]


@dataclass
class FakeSmsSender:
    """A provider that does as told: `plan` holds the next answers; with none left it accepts."""

    clock: FixedClock
    fuse: Fuse = field(default_factory=Fuse)
    plan: list[str] = field(default_factory=list)
    published: list[tuple[str, str, str]] = field(default_factory=list)
    log: list[Receipt] = field(default_factory=list)

    def send(self, phone: PhoneNumber, text: str, sender_id: str) -> Outcome:
        self.fuse.point()
        step = self.plan.pop(0) if self.plan else "accept"
        if step == "throttle":
            return NotSent("throttled")
        if step == "refuse":
            return Refused(Failure.INVALID_NUMBER)
        if step == "lost_before":
            return AnswerLost()
        message_id = f"m-{len(self.published) + 1}"
        self.published.append((phone.reveal(), text, message_id))
        self.log.append(Receipt(message_id, self.clock.now(), delivered=True, parts=1, destination=phone))
        self.fuse.point()
        return AnswerLost() if step == "lost_after" else Sent(message_id)


@dataclass
class FakeSendQueue:
    """Keeps hints; `broken` refuses them."""

    fuse: Fuse = field(default_factory=Fuse)
    hints: list[Hint] = field(default_factory=list)
    broken: bool = False

    def enqueue(self, hints: Iterable[Hint]) -> None:
        self.fuse.point()
        if self.broken:
            raise QueueUnavailable
        self.hints += list(hints)
        self.fuse.point()


class World:
    """Dispatch with everything around it, in memory."""

    def __init__(self, municipality: Municipality | None = None) -> None:
        self.clock, self.fuse = FixedClock(), Fuse()
        self.municipality = municipality or a_municipality()
        self.municipalities = FakeMunicipalities({self.municipality.id: self.municipality})
        self.store = FakeDispatchStore(self.fuse)
        self.sender, self.queue = FakeSmsSender(self.clock, self.fuse), FakeSendQueue(self.fuse)
        self.receipts = ReceiptService(
            store=self.store, receipts=self.store, municipalities=self.municipalities, keys=lambda: KEYS
        )
        self.dispatch = DispatchService(
            store=self.store,
            receipts=self.receipts,
            sender=self.sender,
            queue=self.queue,
            work=self.store,
            municipalities=self.municipalities,
            keys=lambda: KEYS,
            clock=lambda: self.clock,
            public_url=PUBLIC_URL,
        )

    def complete(
        self,
        contact: Contact,
        *,
        phone: str | None = A_PHONE,
        consent: ConsentState | None = ConsentState.GRANTED,
        code: str | None = "K7RTPQ",
    ) -> Contact:
        self.store.complete(contact, phone=phone, consent=consent, code=code)
        return contact

    def invitation(self, contact: Contact) -> Invitation:
        found = self.store.get(contact.municipality, contact.id)
        assert found is not None
        return found

    def sweep(self) -> None:
        """What `sweep_events.sweep_dispatch` does, without its edge."""
        for item in list(self.store.due(self.municipality.id, self.clock.now())):
            if item.kind is WorkKind.DECIDE:
                self.dispatch.redo_decision(item)
            elif item.kind is WorkKind.ASK_AGAIN:
                self.dispatch.decide_reminder(item)
            elif item.kind in {WorkKind.SEND, WorkKind.SEND_REMINDER}:
                with suppress(QueueUnavailable):
                    self.dispatch.enqueue([item])
            elif item.kind in WAVE_OF:
                self.dispatch.settle(item)

    def drain(self, *, rounds: int = 3) -> None:
        """Hand out every hint, then sweep, a few times: what a quiet minute does."""
        for _ in range(rounds):
            self.sweep()
            hints, self.queue.hints = self.queue.hints, []
            for hint in hints:
                self.dispatch.send(hint.municipality, hint.contact_id, hint.wave)

    def states(self) -> list[InvitationState]:
        return [InvitationState(row[0]) for row in self.store.rows.values()]


WAIT_FOR_RECEIPTS = timedelta(hours=73)
