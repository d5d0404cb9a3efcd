"""Fakes of booking's and consent's ports: the same promises as the real stores, in memory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.booking.capacity import TickState
from chalicelib.booking.service import BookingService
from chalicelib.consent.model import ConsentRecord, ConsentState
from chalicelib.dispatch import sms_text
from chalicelib.municipalities.model import REMINDER_SMS, SURVEY_SMS
from chalicelib.shared.errors import Outrun
from chalicelib.shared.retry import Retry
from tests.builders import KEYS, FixedClock
from tests.fakes.messages import FakeMessageRows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from chalicelib.booking.capacity import Change, Lane, Seen
    from chalicelib.booking.model import Appointment, DayRow, Hold, PhoneRow, RowChanges, StoredRequest
    from chalicelib.booking.ports import BookingStore
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys
    from chalicelib.shared.work import WorkItem


class FakeBookings(FakeMessageRows):
    """`BookingStore` and `ConsentStore` in memory. Checks every condition before it changes anything."""

    def __init__(self) -> None:
        super().__init__()
        self.ticks: dict[DayRow | PhoneRow, dict[str, TickState]] = defaultdict(dict)
        self.requests: dict[tuple[str, str], tuple[StoredRequest, float]] = {}
        self.holds: dict[tuple[str, str], Hold] = {}
        self.links: dict[str, tuple[str, str]] = {}
        self.visits: set[str] = set()
        self.consents: dict[tuple[str, str, str], ConsentRecord] = {}
        self.ledger: list[ConsentRecord] = []
        self.opted_out: set[tuple[str, str]] = set()

    # Reading

    def lanes(self, row: DayRow | PhoneRow) -> Seen:
        with self._lock:
            return dict(self.ticks[row])

    def lanes_of(self, rows: Sequence[DayRow]) -> Sequence[Seen]:
        return [self.lanes(row) for row in rows]

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

    def set_caps(self, row: DayRow, caps: Mapping[str, int]) -> None:
        with self._lock:
            for tick, cap in caps.items():
                self.ticks[row][tick] = replace(self.ticks[row].get(tick, TickState()), cap=cap)

    def add_hold(self, hold: Hold, changes: RowChanges, instead_of: Hold | None, now: datetime) -> None:
        with self._lock:
            self._apply([changes], now)
            self.holds[hold.municipality, hold.id] = hold
            if instead_of:
                self.holds.pop((instead_of.municipality, instead_of.id), None)

    def extend_hold(self, before: Hold, after: Hold, changes: RowChanges, now: datetime) -> None:
        with self._lock:
            if self.hold(before.municipality, before.id) != before:
                raise Outrun
            self._apply([changes], now)
            self.holds[after.municipality, after.id] = after

    def end_hold(self, hold: Hold, changes: RowChanges, now: datetime) -> None:
        with self._lock:
            self._apply([changes], now)
            self.holds.pop((hold.municipality, hold.id), None)

    def add(
        self,
        appointment: Appointment,
        changes: Sequence[RowChanges],
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
            self._apply(changes, now)
            self.requests[m, key] = (request, now.timestamp() + 24 * 3600)
            self.appointments[m, appointment.id] = appointment
            self.links[token_hash] = (m, appointment.id)
            self.swap_messages(None, appointment)
            for consent in _consents(appointment, phone_hash):
                self.put(consent)
                self.ledger.append(consent)
            if hold:
                self.holds.pop((m, hold.id), None)

    def move(
        self,
        before: Appointment,
        after: Appointment,
        changes: Sequence[RowChanges],
        *,
        token_hash: str,
        now: datetime,
        begins: Sequence[WorkItem] = (),
    ) -> None:
        with self._lock:
            self._check_is(before)
            self._apply(changes, now)
            self.appointments[after.municipality, after.id] = after
            self.swap_messages(before, after)
            self.add_work(begins)

    def cancel(
        self,
        before: Appointment,
        after: Appointment,
        changes: Sequence[RowChanges],
        now: datetime,
        begins: Sequence[WorkItem] = (),
    ) -> None:
        with self._lock:
            self._check_is(before)
            self._apply(changes, now)
            self.appointments[after.municipality, after.id] = after
            self.swap_messages(before, after)
            self.add_work(begins)
            for asked in _consents(before, None):
                consent = self.current(after.municipality, after.id, asked.scope)
                if consent and consent.state is ConsentState.GRANTED:
                    self.change(consent, replace(consent, state=ConsentState.WITHDRAWN, at=now))

    # Consents

    def current(self, municipality: str, contact_id: str, scope: str = SURVEY_SMS) -> ConsentRecord | None:
        return self.consents.get((municipality, contact_id, scope))

    def put(self, record: ConsentRecord) -> None:
        self.consents[record.municipality, record.contact_id, record.scope] = record

    def change(self, before: ConsentRecord, after: ConsentRecord) -> None:
        with self._lock:
            stored = self.current(before.municipality, before.contact_id, before.scope)
            if stored is None or stored.state is not before.state:
                raise Outrun
            self.put(after)
            self.ledger.append(after)

    def is_granted(self, municipality: str, contact_id: str, scope: str) -> bool:
        record = self.current(municipality, contact_id, scope)
        return record is not None and record.state is ConsentState.GRANTED

    def opt_out(self, municipality: str, phone_hash: str, *, origin: str, at: datetime) -> None:
        self.opted_out.add((municipality, phone_hash))

    # Conditions

    def _check_is(self, before: Appointment) -> None:
        if self.appointments[before.municipality, before.id] != before or before.id in self.visits:
            raise Outrun

    def _apply(self, rows: Sequence[RowChanges], now: datetime) -> None:
        second = int(now.timestamp())
        for row in rows:
            if not all(holds(change, self.ticks[row.row].get(change.tick), second) for change in row.changes):
                raise Outrun
        for row in rows:
            for change in row.changes:
                self.ticks[row.row][change.tick] = carried_out(change, self.ticks[row.row].get(change.tick))


def _consents(appointment: Appointment, phone_hash: str | None) -> Iterator[ConsentRecord]:
    """The answers that come with a booking."""
    answers = {SURVEY_SMS: appointment.consent, REMINDER_SMS: appointment.reminder_consent}
    for scope, answer in answers.items():
        if answer and answer.offered:
            state = ConsentState.GRANTED if answer.granted else ConsentState.REFUSED
            how = (answer.text_version, appointment.language, appointment.origin.value, appointment.booked_at)
            yield ConsentRecord(
                appointment.municipality, appointment.id, state, *how, phone_hash=phone_hash, scope=scope
            )


def carried_out(change: Change, state: TickState | None) -> TickState:
    """What the store makes of a tick."""
    before = state or TickState()
    gone = {edit.lane for edit in change.edits}
    kept = {number: lane for number, lane in before.lanes.items() if number not in gone}
    return replace(before, lanes=kept | {edit.lane: edit.after for edit in change.edits if edit.after})


def holds(change: Change, state: TickState | None, now: int) -> bool:
    """The condition of a change, as the real store writes it."""
    if change.fresh or state is None:
        return change.fresh and state is None
    expected = [*((edit.lane, edit.before) for edit in change.edits), *change.unchanged]
    return state.cap == change.cap and all(_is_still(state.lanes.get(n), before, now) for n, before in expected)


def _is_still(lane: Lane | None, before: Lane | None, now: int) -> bool:
    if before is None or lane is None:
        return before is None and (lane is None or lane.is_free(now))
    return (lane.owner, lane.until) == (before.owner, before.until)


def a_booking_service(
    store: BookingStore | None = None,
    *,
    clock: Clock | None = None,
    retry: Retry | None = None,
    keys: Keys = KEYS,
) -> BookingService:
    """A service on a fake store that doesn't sleep."""
    the_clock = clock or FixedClock()
    return BookingService(
        store=store or FakeBookings(),
        keys=lambda: keys,
        clock=lambda: the_clock,
        texts=sms_text,
        public_url="https://borgerpuls.example",
        retry=retry or Retry(sleep=lambda _: None),
    )
