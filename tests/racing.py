"""Many citizens and staff at the same desks at the same moment: for `tests/functional` and, longer, for `bench`.

Every client does one thing: book, hold, book what it holds, extend, let go, move, cancel. Between rounds the clock moves
on, so holds expire. After each round the tables are read as they are and held against what the clients were told.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.booking.capacity import COOLING
from chalicelib.booking.model import BookingRequest, ConsentAnswer, DayRow, Hold, Origin, PhoneRow
from chalicelib.shared.errors import BorgerpulsError, NotFound
from chalicelib.shared.hashing import phone_hash
from chalicelib.shared.identifiers import DeskGroupId, DeskId, OfficeId
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.retry import Retry
from tests.builders import KEYS, FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import ThreadPoolExecutor

    from chalicelib.booking.model import Appointment
    from chalicelib.booking.ports import BookingStore
    from chalicelib.booking.service import BookingService
    from chalicelib.municipalities.model import Municipality

NINE = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PLACES = 60
DESKS, WEB, PER_PHONE = 3, 2, 3
_PATIENT = Retry(attempts=30, lost=30, seconds=300)
"""The referee's own reads and cancellations: an emulator under two hundred clients may take longer than we wait."""
_LATE_SECONDS = 5
_PHONES = [PhoneNumber(f"+45201234{number:02d}") for number in range(20)]


def busy_office(municipality: Municipality) -> Municipality:
    """A few hours, three desks, two of them for citizens; cancelled times cool down for a minute."""
    (office,) = municipality.offices
    (group,) = office.desk_groups
    opening = tuple(replace(period, desks=DESKS, web=WEB) for period in group.opening)
    group = replace(group, desks=tuple(DeskId(str(number)) for number in range(DESKS)), opening=opening)
    booking = replace(municipality.booking, hold_minutes=2, cooldown_minutes=1, open_per_phone=PER_PHONE)
    reasons = tuple(replace(reason, buffer_minutes=5) for reason in municipality.reasons)
    return replace(municipality, offices=(replace(office, desk_groups=(group,)),), booking=booking, reasons=reasons)


@dataclass
class Race:
    """One office under siege. `violations` says in words what must never be; it stays empty."""

    service: BookingService
    store: BookingStore
    clock: FixedClock
    municipality: Municipality
    seed: int = 1
    answers: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    booked: dict[str, Appointment] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    _number: int = 0

    def round(self, clients: int, pool: ThreadPoolExecutor) -> None:
        """Everybody at once; then time passes and all is counted."""
        self._number += 1
        dice = random.Random(self.seed * 100_003 + self._number)
        mine = list(self.booked.values()), list(self.holds.values())
        moves = [self._move(dice, number, *mine) for number in range(clients)]
        barrier = threading.Barrier(clients)

        def one(move: Callable[[], str]) -> str:
            barrier.wait()
            try:
                return move()
            except BorgerpulsError as error:
                return error.code

        self.answers.update(pool.map(one, moves))
        self.check()
        self.clock.advance(seconds=dice.choice((0, 20, 45, 90)))

    def finish(self) -> None:
        """Everybody cancels; after the cool-down every lane must be free."""
        for hold in list(self.holds):
            with suppress(NotFound):
                _PATIENT.run(lambda hold=hold: self.service.release(self.municipality, hold))
        for known in list(self.booked.values()):
            _PATIENT.run(lambda known=known: self.service.cancel(self.municipality, known))
        self.booked.clear()
        self.clock.advance(minutes=3)
        left = [owner for _, owner, _ in _PATIENT.run(lambda: list(self._lanes()))]
        left += [owner for phone in _PHONES for owner in _PATIENT.run(lambda phone=phone: self._of_phone(phone))]
        self.violations += [f"a place leaked to {owner}" for owner in left]

    def check(self) -> None:
        """What is wrong stays wrong: a write whose answer was lost may be done a moment after its client gave up."""
        problems = _PATIENT.run(self._problems)
        if problems:
            time.sleep(_LATE_SECONDS)
            problems = _PATIENT.run(self._problems)
        self.violations += problems

    def _problems(self) -> list[str]:
        """Nothing is booked beyond its capacity, and the lanes are exactly those of the appointments and live holds."""
        problems: list[str] = []
        held: dict[str, list[str]] = {}
        for tick, owner, number in self._lanes():
            if number >= DESKS:
                problems.append(f"lane {number} of {tick} is beyond the desks")
            if owner != COOLING:
                held.setdefault(owner, []).append(tick)
        self._settle(held.keys())
        at_once = Counter(tick for ticks in held.values() for tick in ticks)
        problems += [f"{n} at {tick}" for tick, n in at_once.items() if n > DESKS]
        expected = {str(a.id): _ticks(a.start, a.desk_until or a.end) for a in self.booked.values()}
        now = self.clock.now()
        live = {h.id for h in self.holds.values() if h.expires_at > now}
        for owner in expected.keys() | held.keys():
            if owner in expected and sorted(held.get(owner, [])) != expected[owner]:
                problems.append(f"{owner} has {held.get(owner)} instead of {expected[owner]}")
            if owner not in expected and owner not in live:
                problems.append(f"{owner} has {held[owner]} and is nobody")
        over = [phone for phone in _PHONES if len(self._of_phone(phone)) > PER_PHONE]
        return problems + ["a number has too many appointments"] * len(over)

    def _settle(self, owners: Iterable[str]) -> None:
        """What the clients were told, as the store has it: some of it was undone by others in the same round.

        Whoever lost the answer of a slow store was told so, and may have a time all the same.
        """
        for owner in owners:
            if owner not in self.booked and (found := self.store.appointment(self.municipality.id, owner)):
                self.booked[owner] = found
            if owner not in self.holds and (hold := self.store.hold(self.municipality.id, owner)):
                self.holds[owner] = hold
        for known in list(self.booked):
            found = self.store.appointment(self.municipality.id, known)
            if found is None or found.is_cancelled:
                del self.booked[known]
            else:
                self.booked[known] = found
        for known in list(self.holds):
            hold = self.store.hold(self.municipality.id, known)
            if hold is None:
                del self.holds[known]
            else:
                self.holds[known] = hold

    def _lanes(self) -> Iterable[tuple[str, str, int]]:
        now = int(self.clock.now().timestamp())
        row = DayRow(self.municipality.id, OfficeId("raadhuset"), DeskGroupId("counter"), NINE.date())
        for tick, state in self.store.lanes(row).items():
            for number, lane in state.lanes.items():
                if not lane.is_free(now):
                    yield tick, lane.owner, number

    def _of_phone(self, phone: PhoneNumber) -> list[str]:
        now = int(self.clock.now().timestamp())
        row = PhoneRow(self.municipality.id, phone_hash(KEYS, self.municipality.id, phone), NINE)
        seen = self.store.lanes(row)
        return [lane.owner for state in seen.values() for lane in state.lanes.values() if not lane.is_free(now)]

    # What a client does

    def _move(
        self, dice: random.Random, number: int, booked: list[Appointment], holds: list[Hold]
    ) -> Callable[[], str]:
        start = NINE + timedelta(minutes=5 * dice.randrange(PLACES))
        key = f"{self.seed}-{self._number}-{number}"
        what = dice.choice(("book", "book", "hold", "hold", "confirm", "extend", "release", "move", "move", "cancel"))
        if what in {"move", "cancel"} and booked:
            chosen = dice.choice(booked)
            return (lambda: self._moved(chosen, start)) if what == "move" else (lambda: self._cancelled(chosen))
        if what in {"confirm", "extend", "release"} and holds:
            hold = dice.choice(holds)
            calls = {"confirm": self._confirm, "extend": self._extend, "release": self._release}
            return lambda: calls[what](hold, key)
        if what == "hold":
            return lambda: self._hold(start)
        wish = self._wish(start, dice)
        return lambda: self._book(wish, key)

    def _wish(self, start: datetime, dice: random.Random | None = None, hold: str | None = None) -> BookingRequest:
        phone = dice.choice([None, *_PHONES]) if dice else None
        origin = dice.choice((Origin.WEB, Origin.DESK)) if dice else Origin.WEB
        consent = ConsentAnswer(granted=False, text_version="2026-1")
        return BookingRequest(
            "raadhuset", ("passport",), start, "da", consent, phone=phone, hold_id=hold, origin=origin
        )

    def _book(self, wish: BookingRequest, key: str) -> str:
        booked = self.service.book(self.municipality, wish, key)
        self._keep(booked.id)
        return "booked"

    def _hold(self, start: datetime) -> str:
        hold = self.service.hold(self.municipality, "raadhuset", ["passport"], start)
        self.holds[hold.id] = hold
        return "held"

    def _confirm(self, hold: Hold, key: str) -> str:
        live = hold.expires_at > self.clock.now()
        try:
            booked = self.service.book(self.municipality, self._wish(hold.start, hold=hold.id), key)
        except BorgerpulsError as error:
            there = self.store.hold(self.municipality.id, hold.id)
            if live and there is not None and error.code == "slot_taken":
                self.violations.append("a captured hold was lost")
            raise
        self._keep(booked.id)
        return "confirmed"

    def _extend(self, hold: Hold, key: str) -> str:
        del key
        self.service.extend_hold(self.municipality, hold.id)
        return "extended"

    def _release(self, hold: Hold, key: str) -> str:
        del key
        self.service.release(self.municipality, hold.id)
        return "released"

    def _moved(self, appointment: Appointment, start: datetime) -> str:
        self.service.move(self.municipality, appointment, start)
        return "moved"

    def _cancelled(self, appointment: Appointment) -> str:
        self.service.cancel(self.municipality, appointment)
        return "cancelled"

    def _keep(self, appointment: str) -> None:
        found = self.store.appointment(self.municipality.id, appointment)
        if found is not None:
            self.booked[appointment] = found


def _ticks(start: datetime, end: datetime) -> list[str]:
    """Keys of the ticks; Danish winter time is an hour ahead of UTC."""
    count = int((end - start) / timedelta(minutes=5))
    return [f"{start + timedelta(hours=1, minutes=5 * number):%H:%M}" for number in range(count)]
