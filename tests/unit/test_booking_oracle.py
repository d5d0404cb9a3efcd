"""The whole engine against a naive oracle: any hours, exceptions, shares, reasons, buffers, holds, moves, cuts (I1).

The oracle walks minute by minute through the opening hours and knows, of every tick, only who has it and how many desks
they may use (ADR 17). Whatever it says is free must be booked, whatever it says is not must be refused.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.booking.capacity import COOLING
from chalicelib.booking.caps import new_caps
from chalicelib.booking.model import Appointment, Booker, BookingRequest, ConsentAnswer, DayRow, Hold, Origin
from chalicelib.booking.opening import day_ticks
from chalicelib.municipalities.model import DayException, DeskGroup, Municipality, Office, OpeningPeriod
from chalicelib.shared.clock import local_date, to_local
from chalicelib.shared.errors import BorgerpulsError, NotBookable, NotFound, SlotTaken, WrongState
from tests.builders import FixedClock, a_municipality
from tests.fakes.booking import FakeBookings, a_booking_service

STEP = timedelta(minutes=5)
BEGIN = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)  # Monday, 8:30 in Copenhagen
DAYS = [date(2026, 11, 23) + timedelta(days=n) for n in range(3)]
NINE = time(9)
REASONS = ("short", "long", "messy")

hours = st.builds(
    lambda weekdays, first, length, desks, reasons, web, walk_in, acute: OpeningPeriod(
        frozenset(weekdays),
        time(9 + first * 5 // 60, first * 5 % 60),
        time(9 + (first + length) * 5 // 60, (first + length) * 5 % 60),
        desks,
        reasons=frozenset(reasons),
        web=web,
        walk_in=walk_in,
        acute=acute,
    ),
    st.sampled_from([{1, 2, 3}, {1, 2, 3}, {1, 3}, {2}]),
    st.sampled_from([0, 0, 1, 3]),
    st.integers(5, 10),
    st.sampled_from([3, 4, 2, 1]),
    st.sampled_from([(), (), REASONS[:1], REASONS[1:]]),
    st.sampled_from([None, 1, 2, 0]),
    st.sampled_from([0, 0, 1]),
    st.sampled_from([0, 0, 1]),
)
exceptions = st.builds(
    lambda first, last, opening: DayException(DAYS[min(first, last)], DAYS[max(first, last)], tuple(opening)),
    st.integers(0, 2),
    st.integers(0, 2),
    st.lists(hours, max_size=2),
)
plans = st.tuples(st.lists(hours, min_size=1, max_size=3), st.just([]) | st.just([]) | st.lists(exceptions, max_size=2))
errands = st.tuples(
    st.sampled_from([("short",), ("long",), ("messy",), ("short", "messy")]),
    st.sampled_from([1, 1, 1, 2]),
    st.sampled_from([Booker.WEB, Booker.STAFF]),
)
moments = st.tuples(st.sampled_from([0, 0, 0, 1, 2]), st.sampled_from([0, 1, 2, 3, 4, 5, 5, 9, -1]))
operations = st.one_of(
    *[st.tuples(st.just("book"), moments, errands, st.integers(0, 9))] * 4,
    st.tuples(st.just("stale"), moments, errands, st.integers(0, 9)),
    *[st.tuples(st.just("hold"), moments, errands, st.integers(0, 3))] * 2,
    *[st.tuples(st.just("move"), moments, errands, st.integers(0, 3))] * 2,
    st.tuples(st.sampled_from(["extend", "release", "cancel"]), moments, errands, st.integers(0, 2)),
    st.tuples(st.just("look"), moments, errands, st.integers(0, 9)),
    st.tuples(st.just("wait"), moments, errands, st.integers(1, 9)),
)
chapters_of = st.lists(
    st.tuples(plans, st.sampled_from([4, 3, 2]), st.lists(operations, min_size=5, max_size=30)), min_size=1, max_size=3
)


def town(periods: list[OpeningPeriod], special: list[DayException], desks: int, policy: dict[str, Any]) -> Municipality:
    base = a_municipality()
    short = replace(base.reasons[0], id="short", duration_minutes=5)
    long = replace(short, id="long", duration_minutes=10, buffer_minutes=5, max_persons=2, minutes_per_person=5)
    messy = replace(short, id="messy", buffer_minutes=10, max_persons=2)
    group = replace(
        base.offices[0].desk_groups[0],
        desks=tuple(str(n) for n in range(desks)),
        reasons=frozenset(REASONS),
        opening=tuple(periods),
    )
    office = replace(base.offices[0], desk_groups=(group,), exceptions=tuple(special))
    booking = replace(base.booking, horizon_days=2, acute_from=NINE, **policy)
    return replace(base, offices=(office,), reasons=(short, long, messy), booking=booking)


@dataclass
class Oracle:
    """Who has which tick, with which limit, until when; nothing about lanes."""

    owners: dict[str, dict[datetime, int]] = field(default_factory=dict)
    until: dict[str, datetime] = field(default_factory=dict)
    cooling: list[tuple[datetime, int, datetime]] = field(default_factory=list)

    def live(self, now: datetime) -> dict[str, dict[datetime, int]]:
        return {who: ticks for who, ticks in self.owners.items() if who not in self.until or self.until[who] > now}

    def limits(self, tick: datetime, now: datetime, mine: str | None, *, staff: bool) -> list[int]:
        owned = [ticks[tick] for who, ticks in self.live(now).items() if who != mine and tick in ticks]
        cool = [limit for t, limit, until in self.cooling if t == tick and until > now]
        return owned if staff else owned + cool

    def cool(self, ticks: dict[datetime, int], now: datetime, minutes: int) -> None:
        if minutes:
            self.cooling += [(tick, limit, now + timedelta(minutes=minutes)) for tick, limit in ticks.items()]


def _place(m: Municipality) -> tuple[Office, DeskGroup]:
    return m.offices[0], m.offices[0].desk_groups[0]


def periods_at(m: Municipality, moment: datetime) -> list[OpeningPeriod]:
    (office,) = m.offices
    day, wall = local_date(moment), to_local(moment)
    special = [entry for entry in office.exceptions if entry.first <= day <= entry.last]
    rows = special[-1].opening if special else office.desk_groups[0].opening
    end = (wall + STEP).time()
    return [p for p in rows if day.isoweekday() in p.weekdays and p.opens <= wall.time() and end <= p.closes]


def desks_at(m: Municipality, moment: datetime) -> int:
    desks = len(m.offices[0].desk_groups[0].desks)
    return max([max(0, min(p.desks, desks) - p.walk_in) for p in periods_at(m, moment)], default=0)


def limit_at(m: Municipality, moment: datetime, reasons: tuple[str, ...], booker: Booker, now: datetime) -> int:
    desks = len(m.offices[0].desk_groups[0].desks)
    released = local_date(now) == local_date(moment) and to_local(now).time() >= NINE

    def of(period: OpeningPeriod) -> int:
        open_to_all = max(0, min(period.desks, desks) - period.walk_in) - (0 if released else period.acute)
        share = open_to_all if period.web is None or booker is Booker.STAFF else min(open_to_all, period.web)
        return max(0, share)

    rows = periods_at(m, moment)
    return min(max([of(p) for p in rows if not p.reasons or r in p.reasons], default=0) for r in reasons)


def ticks_for(
    m: Municipality, start: datetime, errand: tuple[tuple[str, ...], int, Booker], now: datetime
) -> dict[datetime, int]:
    """The ticks that it takes, each with its limit; none where it is not open."""
    reasons, persons, booker = errand
    chosen = [m.reason(reason) for reason in reasons]
    minutes = sum(r.duration_minutes + (min(persons, r.max_persons) - 1) * r.minutes_per_person for r in chosen)
    if (start - BEGIN) % STEP:
        return {}
    spent = [start + n * STEP for n in range(minutes // 5)]
    wanted = {tick: limit_at(m, tick, reasons, booker, now) for tick in spent}
    if not all(wanted.values()):
        return {}
    rest = max(r.buffer_minutes for r in chosen) // 5
    for tick in (spent[-1] + (n + 1) * STEP for n in range(rest)):
        if desks := desks_at(m, tick):
            wanted[tick] = limit_at(m, tick, reasons, booker, now) or desks
    return wanted


def fits(limits: list[int], capacity: int) -> bool:
    return all(min(limit, capacity) >= place for place, limit in enumerate(sorted(limits), 1))


class Game:
    """The service and the oracle, side by side."""

    def __init__(self, m: Municipality) -> None:
        self.m, self.old = m, m
        self.store, self.clock, self.oracle = FakeBookings(), FixedClock(BEGIN), Oracle()
        self.service = a_booking_service(self.store, clock=self.clock)
        self.booked: dict[str, Appointment] = {}
        self.held: dict[str, Hold] = {}
        self.number = 0

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def expected(self, start: datetime, errand: Any, mine: str | None = None, *, lead: bool = True) -> Any:
        """Why not, or the ticks with their limits."""
        reasons, persons, booker = errand
        if persons > max(self.m.reason(r).max_persons for r in reasons):
            return BorgerpulsError
        notice = self.m.booking.lead_minutes if booker is Booker.WEB and lead else 0
        wanted = ticks_for(self.m, start, errand, self.now)
        if start < self.now + timedelta(minutes=notice) or not wanted:
            return NotBookable
        staff = booker is Booker.STAFF
        own = self.oracle.live(self.now).get(mine or "", {})
        for tick, limit in wanted.items():
            others = self.oracle.limits(tick, self.now, mine, staff=staff)
            if tick not in own and not fits([*others, limit], desks_at(self.m, tick)):
                return SlotTaken
        return {tick: own.get(tick, limit) for tick, limit in wanted.items()}

    def agree(self, expected: Any, call: Any) -> Any:
        """What the call returns, if it should; None if it was refused, and should be."""
        if isinstance(expected, dict):
            return call()
        with pytest.raises(expected):
            call()
        return None

    def request(self, start: datetime, errand: Any, hold: str | None) -> BookingRequest:
        reasons, persons, booker = errand
        origin = Origin.WEB if booker is Booker.WEB else Origin.DESK
        consent = ConsentAnswer(granted=False, text_version="2026-1")
        return BookingRequest("raadhuset", reasons, start, "da", consent, hold_id=hold, persons=persons, origin=origin)

    def play(self, what: str, moment: tuple[int, int], errand: Any, whom: int) -> None:
        day, index = moment
        start = BEGIN + timedelta(days=day, minutes=30) + index * STEP
        getattr(self, f"_{what}")(start, errand, whom)
        self._same(staff=errand[2] is Booker.STAFF)

    def _book(self, start: datetime, errand: Any, whom: int) -> None:
        hold = list(self.held.values())[whom] if whom < len(self.held) else None
        if hold:
            start = hold.start
        mine = hold.id if hold else None
        live = hold is not None and hold.expires_at > self.now
        expected = self.expected(start, errand, mine, lead=not live)
        self.number += 1
        booked = self.agree(
            expected, lambda: self.service.book(self.m, self.request(start, errand, mine), str(self.number))
        )
        if booked:
            if hold:
                self._forget(hold.id)
            self.oracle.owners[booked.id] = expected
            found = self.store.appointment(self.m.id, booked.id)
            assert found is not None
            self.booked[booked.id] = found

    def _stale(self, start: datetime, errand: Any, whom: int) -> None:
        """A function that has not heard of the new hours never sells what they don't have."""
        self.number += 1
        with suppress(BorgerpulsError):
            booked = self.service.book(self.old, self.request(start, errand, None), str(self.number))
            found = self.store.appointment(self.m.id, booked.id)
            assert found is not None
            self.booked[booked.id] = found
            taken, _ = self._in_store()
            for tick in taken[booked.id]:
                assert sum(tick in ticks for ticks in taken.values()) <= desks_at(self.m, tick)
            self.oracle.owners[booked.id] = taken[booked.id]

    def _hold(self, start: datetime, errand: Any, whom: int) -> None:
        reasons, persons, booker = errand
        expected = self.expected(start, errand)
        hold = self.agree(
            expected,
            lambda: self.service.hold(self.m, "raadhuset", reasons, start, persons=persons, booker=booker),
        )
        if hold:
            self.held[hold.id] = hold
            self.oracle.until[hold.id] = hold.expires_at
            self.oracle.owners[hold.id] = expected

    def _extend(self, start: datetime, errand: Any, whom: int) -> None:
        if whom < len(self.held):
            hold = list(self.held.values())[whom]
            expected: Any = {} if hold.expires_at > self.now else NotFound
            if longer := self.agree(expected, lambda: self.service.extend_hold(self.m, hold.id)):
                assert longer.expires_at >= hold.expires_at
                self.held[hold.id] = longer
                self.oracle.until[hold.id] = longer.expires_at

    def _release(self, start: datetime, errand: Any, whom: int) -> None:
        if whom < len(self.held):
            hold = list(self.held)[whom]
            self.service.release(self.m, hold)
            self._forget(hold)

    def _move(self, start: datetime, errand: Any, whom: int) -> None:
        if whom >= len(self.booked):
            return
        before = list(self.booked.values())[whom]
        party = (before.reasons, before.persons, errand[2])
        expected: Any = self.expected(start, party, before.id)
        if before.start == start:
            expected = self.oracle.owners[before.id]
        elif self.now >= before.start:
            expected = WrongState
        after = self.agree(expected, lambda: self.service.move(self.m, before, start, booker=errand[2]))
        if after:
            left = {t: limit for t, limit in self.oracle.owners.pop(before.id).items() if t not in expected}
            self.oracle.owners[after.id] = expected
            self.oracle.cool(left, self.now, self.m.booking.cooldown_minutes)
            self.booked[after.id] = after

    def _cancel(self, start: datetime, errand: Any, whom: int) -> None:
        if whom < len(self.booked):
            before = list(self.booked.values())[whom]
            expected: Any = {} if self.now < before.start else WrongState
            if self.agree(expected, lambda: self.service.cancel(self.m, before)):
                ticks = self.oracle.owners.pop(before.id)
                self.oracle.cool(ticks, self.now, self.m.booking.cooldown_minutes)
                del self.booked[before.id]

    def _wait(self, start: datetime, errand: Any, whom: int) -> None:
        self.clock.advance(minutes=whom)

    def _look(self, start: datetime, errand: Any, whom: int) -> None:
        reasons, persons, booker = errand
        if persons > max(self.m.reason(r).max_persons for r in reasons):
            return
        slots = self.service.slots(self.m, "raadhuset", reasons, DAYS[0], DAYS[-1], persons=persons, booker=booker)
        for slot in slots:
            wanted = self.expected(slot.start, errand)
            assert isinstance(wanted, dict), f"offered, but {wanted}"
            assert slot.free == min(self._how_many(t, limit, booker) for t, limit in wanted.items())
        lead = self.service.first_free(self.m, "raadhuset", reasons, persons=persons, booker=booker)
        assert lead == (slots[0] if slots else None)
        starts = [BEGIN + timedelta(days=n, minutes=30) + k * STEP for n in range(3) for k in range(20)]
        assert bool(slots) == any(isinstance(self.expected(each, errand), dict) for each in starts)

    def _how_many(self, tick: datetime, limit: int, booker: Booker) -> int:
        others = self.oracle.limits(tick, self.now, None, staff=booker is Booker.STAFF)
        return next(n for n in range(9) if not fits([*others, *[limit] * (n + 1)], desks_at(self.m, tick)))

    def change_hours(self, m: Municipality) -> None:
        self.old, self.m = self.m, m
        for day in DAYS:
            row = DayRow(m.id, m.offices[0].id, m.offices[0].desk_groups[0].id, day)
            before, after = (
                {tick.key: tick.capacity for tick in day_ticks(each, *_place(each), day)} for each in (self.old, m)
            )
            self.store.set_caps(row, new_caps(before, after, self.store.lanes(row)))

    def finish(self) -> None:
        for hold in list(self.held):
            self.service.release(self.m, hold)
        for before in self.booked.values():
            if before.start > self.now:
                self.service.cancel(self.m, before)
        self.clock.advance(minutes=self.m.booking.cooldown_minutes)
        left, cooling = self._in_store()
        passed = {who for who, before in self.booked.items() if before.start <= self.now}
        assert left.keys() <= passed, "nothing leaked: only times that have come are still taken"
        assert not cooling

    def _forget(self, hold: str) -> None:
        self.held.pop(hold, None)
        self.oracle.owners.pop(hold, None)
        self.oracle.until.pop(hold, None)

    def _in_store(self) -> tuple[dict[str, dict[datetime, int]], list[tuple[datetime, int, datetime]]]:
        owners: dict[str, dict[datetime, int]] = {}
        cooling = []
        for row, ticks in self.store.ticks.items():
            assert isinstance(row, DayRow)
            for key, state in ticks.items():
                tick = datetime.combine(row.day, time.fromisoformat(key), UTC) - timedelta(hours=1)
                for number, lane in state.lanes.items():
                    assert lane.within is not None
                    assert number < lane.within, "everybody is within their own lanes"
                    if lane.is_free(int(self.now.timestamp())):
                        continue
                    if lane.owner == COOLING:
                        cooling.append((tick, lane.within, datetime.fromtimestamp(lane.until or 0, UTC)))
                    else:
                        owners.setdefault(lane.owner, {})[tick] = lane.within
        return owners, cooling

    def _same(self, *, staff: bool) -> None:
        """Store and oracle agree on everything. Which cooling places staff take is not promised, so it is read."""
        owners, cooling = self._in_store()
        live = {who: ticks for who, ticks in self.oracle.live(self.now).items() if ticks}
        assert owners == live
        expected = [entry for entry in self.oracle.cooling if entry[2] > self.now]
        assert staff or sorted(cooling) == sorted(expected)
        assert not set(cooling) - set(expected)
        self.oracle.cooling = cooling


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    chapters_of,
    st.fixed_dictionaries({"lead_minutes": st.sampled_from([0, 10]), "cooldown_minutes": st.sampled_from([0, 7])}),
)
def test_any_history_under_any_hours_is_what_the_oracle_says(chapters, policy):
    game = None
    for (periods, special), desks, history in chapters:
        m = town(periods, special, desks, policy)
        if game is None:
            game = Game(m)
        else:
            game.change_hours(m)
        for what, moment, errand, whom in history:
            game.play(what, moment, errand, whom)
    assert game is not None
    game.finish()
