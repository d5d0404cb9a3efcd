"""Asking citizens whose time can't be kept: a place is kept for each, and a message asks (ADR 18).

The place is kept in the name of the appointment itself, so saying yes is an ordinary move: its lanes pass on. Whoever
does not answer loses nothing but the proposal: the lanes fall free by themselves when their time is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from chalicelib.booking.affected import Proposing, errand_of, kept_until, outside
from chalicelib.booking.capacity import Lane, ticks_from
from chalicelib.booking.lanes import plan, release
from chalicelib.booking.messages import proposed_instead, way_to
from chalicelib.booking.model import Booker, RowChanges
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Busy, SlotTaken, WrongState
from chalicelib.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from chalicelib.booking.affected import Affected
    from chalicelib.booking.message_ports import QuietHours
    from chalicelib.booking.model import Appointment
    from chalicelib.booking.planning import PlanningStore
    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.clock import Clock


class Standing(StrEnum):
    """How it stands with a citizen whose time can't be kept."""

    TO_ASK = "to_ask"
    ASKED = "asked"
    LAPSED = "lapsed"  # asked, and the place is no longer kept
    NO_CONTACT = "no_contact"  # neither phone nor e-mail: somebody must meet the citizen at the door
    NO_TIME = "no_time"  # nothing free within the horizon: somebody must call


@dataclass(frozen=True, slots=True)
class Case:
    """One citizen whose time can't be kept, the time proposed or to be proposed, and until when it is kept."""

    appointment: Appointment
    standing: Standing
    proposed: datetime | None
    until: datetime | None = None


class ProposalMessages(Protocol):
    """Plans and sends the messages."""

    def propose(self, municipality: Municipality, appointment: Appointment, start: datetime) -> Appointment:
        """The citizen is told and asked to take `start` instead."""
        ...

    def withdraw_proposal(self, appointment: Appointment) -> Appointment:
        """The proposal no longer stands, and is not sent if it has not been."""
        ...

    def send_now(self, municipality: Municipality, appointment_id: str) -> int:
        """Send what is due."""
        ...


class Moves(Protocol):
    """Moves appointments."""

    def move(
        self, municipality: Municipality, appointment: Appointment, start: datetime, *, booker: Booker
    ) -> Appointment:
        """The appointment at another time."""
        ...


class Asking:
    """Proposals to citizens, and their answers."""

    def __init__(
        self,
        *,
        store: PlanningStore,
        messages: Callable[[], ProposalMessages],
        moves: Callable[[], Moves],
        quiet_hours: QuietHours,
        clock: Callable[[], Clock],
        retry: Retry | None = None,
    ) -> None:
        self._store = store
        self._quiet_hours = quiet_hours
        self._messages = messages
        self._moves = moves
        self._clock = clock
        self._retry = retry or Retry()

    def cases(self, municipality: Municipality, affected: Iterable[Affected]) -> list[Case]:
        """How it stands with each of them."""
        return [self._case(municipality, each) for each in affected]

    def _case(self, municipality: Municipality, affected: Affected) -> Case:
        appointment = affected.appointment
        if asked := proposed_instead(appointment):
            until = self.kept(municipality, appointment)
            return Case(appointment, Standing.ASKED if until else Standing.LAPSED, asked, until)
        proposed = affected.proposal.start if affected.proposal else None
        if way_to(municipality, appointment.phone, appointment.email) is None:
            return Case(appointment, Standing.NO_CONTACT, proposed)
        return Case(appointment, Standing.TO_ASK if proposed else Standing.NO_TIME, proposed)

    def ask(self, municipality: Municipality, affected: Iterable[Affected]) -> list[Case]:
        """Keeps a place for each who can be asked and was not asked yet, and asks. Asked twice, nobody is told twice.

        One who can't be asked just now, because many book, stays to be asked: the others are not held up.
        """
        return [self._ask(municipality, case) for case in self.cases(municipality, affected)]

    def _ask(self, municipality: Municipality, case: Case) -> Case:
        if case.standing is not Standing.TO_ASK:
            return case
        appointment = case.appointment
        try:
            start, until = self._retry.run(lambda: self._keep(municipality, appointment))
            asked = self._messages().propose(municipality, appointment, start)
        except SlotTaken:
            return Case(appointment, Standing.NO_TIME, None)
        except (Busy, WrongState):
            return case
        self._messages().send_now(municipality, asked.id)
        return Case(asked, Standing.ASKED, start, until)

    def _keep(self, municipality: Municipality, appointment: Appointment) -> tuple[datetime, datetime]:
        """Takes the nearest free place as it is now; whoever was faster may have taken the one that was shown."""
        now = self._clock().now().replace(microsecond=0)
        [nearest] = Proposing(municipality, self._store.lanes, now).propose([appointment])
        wish = errand_of(municipality, appointment)
        if nearest.proposal is None or wish is None:
            raise SlotTaken
        start = nearest.proposal.start
        until = kept_until(appointment, start, self._quiet_hours(now, municipality.survey))
        day = local_date(start)
        row = wish.row(municipality, day)
        seen = self._store.lanes(row)
        wanted = ticks_from(wish.ticks(municipality, day, now), start, wish.minutes, wish.buffer)
        lane = Lane(appointment.id, int(until.timestamp()))
        changes = plan(wanted, seen, mine=None, after=lane, now=int(now.timestamp()), staff=True)
        if not changes:
            raise Busy
        self._store.keep(RowChanges(row, tuple(changes)), now)
        return start, until

    def kept(self, municipality: Municipality, appointment: Appointment) -> datetime | None:
        """Until when the proposed place is kept for the citizen; None if it is not, or nothing was proposed."""
        start, wish = proposed_instead(appointment), errand_of(municipality, appointment)
        if start is None or wish is None:
            return None
        now = self._clock().now()
        day = local_date(start)
        seen = self._store.lanes(wish.row(municipality, day))
        wanted = ticks_from(wish.ticks(municipality, day, now), start, wish.minutes, wish.buffer)
        ends = [
            lane.until
            for tick in wanted
            for lane in (seen[tick.key].lanes.values() if tick.key in seen else ())
            if lane.owner == appointment.id and lane.until and not lane.is_free(int(now.timestamp()))
        ]
        return datetime.fromtimestamp(min(ends), UTC) if wanted and len(ends) == len(wanted) else None

    def accept(self, municipality: Municipality, appointment: Appointment) -> Appointment:
        """The citizen has said yes: the appointment at the proposed time, whatever the cut-off.

        Raises:
            WrongState: nothing was proposed, or it is too late.
            SlotTaken, NotBookable, Busy: as for a move; the appointment stays as it is.
        """
        start = proposed_instead(appointment)
        if start is None:
            raise WrongState("No other time has been proposed.")
        return self._moves().move(municipality, appointment, start, booker=Booker.STAFF)

    def reopened(self, municipality: Municipality, office: str, first: date, last: date) -> None:
        """After hours were given back: who fits again is no longer asked and keeps the time; the kept place is free."""
        for number in range((last - first).days + 1):
            booked = self._store.booked(municipality.id, office, first + timedelta(days=number))
            lost = {each.id for each in outside(municipality, booked)}
            for appointment in booked:
                if appointment.id not in lost and proposed_instead(appointment):
                    self._messages().withdraw_proposal(appointment)
                    self.let_go(municipality, appointment)

    def let_go(self, municipality: Municipality, appointment: Appointment) -> None:
        """The citizen has chosen something else: the place that was kept for `appointment`, as it was, is free."""
        start, wish = proposed_instead(appointment), errand_of(municipality, appointment)
        if start is None or wish is None:
            return
        row = wish.row(municipality, local_date(start))

        def attempt() -> None:
            now = self._clock().now()
            kept = [
                change
                for change in release(self._store.lanes(row), appointment.id, int(now.timestamp()))
                if any(edit.before and edit.before.until for edit in change.edits)
            ]
            if kept:
                self._store.keep(RowChanges(row, tuple(kept)), now)

        self._retry.run(attempt)
