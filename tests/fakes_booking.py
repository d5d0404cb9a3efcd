"""Fakes of booking's and consent's ports: the same promises as the real stores, in memory."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.booking.service import BookingService
from chalicelib.consent.model import ConsentRecord, ConsentState
from chalicelib.dispatch import sms_text
from chalicelib.shared.errors import Outrun
from chalicelib.shared.retry import Retry
from chalicelib.shared.work import WorkItem, WorkKind
from tests.builders import KEYS, FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from chalicelib.booking.capacity import Change, Lane, Seen
    from chalicelib.booking.model import Appointment, DayRow, Hold, RowChanges, StoredRequest
    from chalicelib.booking.ports import BookingStore
    from chalicelib.shared.phone import PhoneNumber
    from chalicelib.shared.work import PendingWork


class FakeConfirmationSender:
    """Keeps what was sent; `leaves` False: nothing leaves."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.leaves = True

    def send(self, *, phone: PhoneNumber, text: str, sender: str) -> bool:
        if self.leaves:
            self.sent.append((phone.reveal(), text, sender))
        return self.leaves


class FakeBookings:
    """`BookingStore` and `ConsentStore` in memory. Checks every condition before it changes anything."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.ticks: dict[DayRow, dict[str, dict[int, Lane]]] = defaultdict(dict)
        self.requests: dict[tuple[str, str], tuple[StoredRequest, float]] = {}
        self.holds: dict[tuple[str, str], Hold] = {}
        self.appointments: dict[tuple[str, str], Appointment] = {}
        self.links: dict[str, tuple[str, str]] = {}
        self.pending: set[tuple[str, Any]] = set()
        self.visits: set[str] = set()
        self.consents: dict[tuple[str, str], ConsentRecord] = {}
        self.ledger: list[ConsentRecord] = []
        self.opted_out: set[tuple[str, str]] = set()

    # Reading

    def lanes(self, row: DayRow) -> Seen:
        with self._lock:
            return {key: dict(lanes) for key, lanes in self.ticks[row].items()}

    def request(self, municipality: str, key: str, now: datetime) -> StoredRequest | None:
        stored, until = self.requests.get((municipality, key), (None, 0.0))
        return stored if until > now.timestamp() else None

    def hold(self, municipality: str, hold: str) -> Hold | None:
        return self.holds.get((municipality, hold))

    def appointment(self, municipality: str, appointment: str) -> Appointment | None:
        return self.appointments.get((municipality, appointment))

    def appointment_by_code(self, municipality: str, code: str) -> Appointment | None:
        every = self.appointments.values()
        return next((item for item in every if (item.municipality, item.code) == (municipality, code)), None)

    def linked(self, token_hash: str, now: datetime) -> tuple[str, str] | None:
        return self.links.get(token_hash)

    def is_checked_in(self, appointment: Appointment) -> bool:
        return appointment.id in self.visits

    # Writing

    def add_hold(self, hold: Hold, changes: RowChanges, instead_of: Hold | None, now: datetime) -> None:
        with self._lock:
            self._apply([changes], now)
            self.holds[hold.municipality, hold.id] = hold
            if instead_of:
                self.holds.pop((instead_of.municipality, instead_of.id), None)

    def end_hold(self, hold: Hold, changes: RowChanges, now: datetime) -> None:
        with self._lock:
            self._apply([changes], now)
            self.holds.pop((hold.municipality, hold.id), None)

    def add(
        self,
        appointment: Appointment,
        changes: RowChanges,
        *,
        key: str,
        request: StoredRequest,
        token_hash: str,
        phone_hash: str | None,
        hold: Hold | None,
    ) -> None:
        m, now = appointment.municipality, appointment.booked_at
        with self._lock:
            if self.request(m, key, now) or self.appointment_by_code(m, appointment.code):
                raise Outrun
            self._apply([changes], now)
            self.requests[m, key] = (request, now.timestamp() + 24 * 3600)
            self.appointments[m, appointment.id] = appointment
            self.links[token_hash] = (m, appointment.id)
            self._swap_pending(None, appointment)
            state = ConsentState.GRANTED if appointment.consent.granted else ConsentState.REFUSED
            consent = ConsentRecord(
                *(m, appointment.id, state, appointment.consent.text_version, appointment.language, "web", now),
                phone_hash=phone_hash,
            )
            self.consents[m, appointment.id] = consent
            self.ledger.append(consent)
            if hold:
                self.holds.pop((m, hold.id), None)

    def move(
        self, before: Appointment, after: Appointment, changes: Sequence[RowChanges], *, token_hash: str, now: datetime
    ) -> None:
        with self._lock:
            self._check_is(before)
            self._apply(changes, now)
            self.appointments[after.municipality, after.id] = after
            self._swap_pending(before, after)

    def cancel(self, before: Appointment, after: Appointment, changes: RowChanges, now: datetime) -> None:
        with self._lock:
            self._check_is(before)
            self._apply([changes], now)
            self.appointments[after.municipality, after.id] = after
            self._swap_pending(before, after)
            consent = self.consents[after.municipality, after.id]
            if consent.state is ConsentState.GRANTED:
                self.change(consent, replace(consent, state=ConsentState.WITHDRAWN, at=now))

    def claim_confirmation(self, municipality: str, appointment: str, due_at: datetime) -> bool:
        with self._lock:
            entry = (appointment, due_at)
            pending = entry in self.pending
            self.pending.discard(entry)
            return pending

    def restore_confirmation(self, appointment: Appointment) -> None:
        if self.appointments[appointment.municipality, appointment.id].version == appointment.version:
            self._swap_pending(None, appointment)

    def due(self, municipality: str, now: datetime, *, kind: WorkKind | None = None) -> Iterator[WorkItem]:
        items = [WorkItem(municipality, WorkKind.CONFIRM, subject, due) for subject, due in self.pending]
        return iter(sorted((item for item in items if item.due_at <= now), key=lambda item: item.due_at))

    def find(self, municipality: str, kind: WorkKind, subject: str, due_at: datetime) -> WorkItem | None:
        return WorkItem(municipality, kind, subject, due_at) if (subject, due_at) in self.pending else None

    # Consents

    def current(self, municipality: str, contact_id: str) -> ConsentRecord | None:
        return self.consents.get((municipality, contact_id))

    def change(self, before: ConsentRecord, after: ConsentRecord) -> None:
        with self._lock:
            if self.consents[before.municipality, before.contact_id].state is not before.state:
                raise Outrun
            self.consents[after.municipality, after.contact_id] = after
            self.ledger.append(after)

    def opt_out(self, municipality: str, phone_hash: str, *, origin: str, at: datetime) -> None:
        self.opted_out.add((municipality, phone_hash))

    # Conditions

    def _check_is(self, before: Appointment) -> None:
        if self.appointments[before.municipality, before.id] != before or before.id in self.visits:
            raise Outrun

    def _swap_pending(self, before: Appointment | None, after: Appointment) -> None:
        if before:
            self.pending.discard((before.id, before.confirm_at))
        if after.confirm_at:
            self.pending.add((after.id, after.confirm_at))

    def _apply(self, rows: Sequence[RowChanges], now: datetime) -> None:
        second = int(now.timestamp())
        for row in rows:
            if not all(holds(change, self.ticks[row.row].get(change.tick), second) for change in row.changes):
                raise Outrun
        for row in rows:
            for change in row.changes:
                lanes = self.ticks[row.row].setdefault(change.tick, {})
                if change.after is None:
                    del lanes[change.lane]
                else:
                    lanes[change.lane] = change.after


def holds(change: Change, lanes: dict[int, Lane] | None, now: int) -> bool:
    """The condition of a change, as the real store writes it."""
    if change.fresh:
        return lanes is None
    if lanes is None:
        return False
    if change.before is not None:
        return change.lane in lanes and lanes[change.lane].owner == change.before
    return all(n not in lanes or lanes[n].is_free(now) for n in (change.lane, *change.also_free))


def a_booking_service(
    store: BookingStore | None = None,
    work: PendingWork | None = None,
    *,
    clock: FixedClock | None = None,
    sender: FakeConfirmationSender | None = None,
    retry: Retry | None = None,
) -> BookingService:
    """A service on a fake store that doesn't sleep."""
    fake = FakeBookings()
    the_store = store or fake
    the_clock, the_sender = clock or FixedClock(), sender or FakeConfirmationSender()
    return BookingService(
        store=the_store,
        work=work or (the_store if isinstance(the_store, FakeBookings) else fake),
        keys=lambda: KEYS,
        clock=lambda: the_clock,
        sender=lambda: the_sender,
        texts=sms_text,
        public_url="https://borgerpuls.example",
        retry=retry or Retry(sleep=lambda _: None),
    )
