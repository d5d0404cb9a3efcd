"""What desks do with visits: call, start, park, complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import WrongState
from chalicelib.shared.identifiers import DeskId
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.visits.access import Change, VisitAccess, checked_reasons, group_of_desk, new_step_id
from chalicelib.visits.model import Action, State, Visit, parse_visit_id
from chalicelib.visits.ports import Request
from chalicelib.visits.queue import next_turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.phone import PhoneNumber

# Every try that is outrun has seen another desk call somebody, so this bounds how many desks may be faster in a row.
_CALL_TRIES: Final = 60


class DeskWork(VisitAccess):
    """The use cases of a desk. `by` is who did it, for the audit; `seen` the version of the visit that was shown."""

    def call_next(
        self,
        municipality: Municipality,
        office: str,
        desk: str,
        *,
        idempotency_key: str | None = None,
        by: str | None = None,
    ) -> Visit | None:
        """The next visit of the desk's group, now called to this desk and to no other (I2); None when nobody waits.

        Raises:
            InvalidInput: the office has no such desk.
            NotFound: the municipality has no such office.
            Busy: the queue is so contended that nothing could be called; nothing was changed.
        """
        group = group_of_desk(municipality, office, desk)
        request = Request("call", idempotency_key, f"{office}|{desk}") if idempotency_key else None
        step_id = new_step_id()

        def attempt() -> Visit | None:
            if request and (done := self._answered(municipality, office, request)):
                return done
            now = self.now()
            visits = self.store.of_day(municipality.id, office, local_date(now))
            if mine := next((visit for visit in visits if visit.has_step(step_id)), None):
                return mine
            turn = next_turn(visits, group.id, now)
            if turn is None:
                return None
            called = turn.visit.after(Action.CALL, at=now, step_id=step_id, desk=DeskId(desk))
            self.store.replace(turn.visit, called, request=request, by=by)
            return called

        return replace(self.retry, attempts=_CALL_TRIES).run(attempt)

    def start(
        self, municipality: Municipality, visit_id: str, *, seen: int | None = None, by: str | None = None
    ) -> Visit:
        """The citizen has sat down."""
        return self.change(municipality, visit_id, Action.START, seen=seen, by=by)

    def no_show(
        self, municipality: Municipality, visit_id: str, *, seen: int | None = None, by: str | None = None
    ) -> Visit:
        """The citizen was called and did not come. No invitation follows (SK-03).

        Raises:
            WrongState: also when the citizen was called too seldom, or too short a time ago.
        """
        step_id = new_step_id()

        def absent(visit: Visit) -> Visit:
            now, possible = self.now(), no_show_from(municipality, visit)
            if possible is None or now < possible:
                raise WrongState("too early: call again, or wait, as the municipality has decided")
            return visit.after(Action.NO_SHOW, at=now, step_id=step_id)

        return self.write(municipality, visit_id, self.replacing(step_id, absent, seen, by))

    def park(
        self, municipality: Municipality, visit_id: str, *, seen: int | None = None, by: str | None = None
    ) -> Visit:
        """The citizen is put aside, such as to fetch a photo, and keeps the visit."""
        return self.change(municipality, visit_id, Action.PARK, seen=seen, by=by)

    def recall(
        self,
        municipality: Municipality,
        visit_id: str,
        *,
        desk: str | None = None,
        seen: int | None = None,
        by: str | None = None,
    ) -> Visit:
        """The citizen is called again: one who was parked, or one who did not hear the first call."""
        if desk is not None:
            group_of_desk(municipality, parse_visit_id(visit_id).office, desk)
        return self.change(municipality, visit_id, Action.RECALL, seen=seen, by=by, desk=DeskId(desk) if desk else None)

    def undo(
        self, municipality: Municipality, visit_id: str, *, seen: int | None = None, by: str | None = None
    ) -> Visit:
        """The latest step is taken back. A completion can't be: its survey may be on the way already."""
        return self.change(municipality, visit_id, Action.UNDO, seen=seen, by=by)

    def complete(
        self,
        municipality: Municipality,
        visit_id: str,
        *,
        reasons: Sequence[str] = (),
        seen: int | None = None,
        by: str | None = None,
    ) -> Visit:
        """The visit is over: its contact and the work that follows are stored in the same transaction (design 4.2).

        `reasons` corrects what the citizen came for. The phone number moves into the pending decision, where only
        dispatch finds it, and leaves the visit.

        Raises:
            WrongState: the visit is not in service, such as when it was completed already.
            InvalidInput: a reason that the office does not serve.
        """
        corrected = checked_reasons(municipality, parse_visit_id(visit_id).office, reasons) if reasons else ()
        step_id = new_step_id()

        def completed(visit: Visit) -> Visit:
            done = visit.after(Action.COMPLETE, at=self.now(), step_id=step_id)
            if corrected:
                department = municipality.reason(corrected[0]).department
                done = replace(done, reasons=corrected, department=department)
            return self.ended(done)

        def write(before: Visit, after: Visit) -> None:
            self.store.complete(before, after, work_of(after, before.phone), by=by)

        return self.write(municipality, visit_id, Change(step_id, completed, write, seen))

    def close(self, municipality: Municipality, visit_id: str) -> Visit:
        """The office has closed, and nobody said what became of the visit: it is counted, and in no time.

        Raises:
            WrongState: it has ended.
        """
        step_id = new_step_id()

        def closed(visit: Visit) -> Visit:
            return self.ended(visit.after(Action.CLOSE, at=self.now(), step_id=step_id))

        def write(before: Visit, after: Visit) -> None:
            self.store.complete(before, after, work_of(after, before.phone))

        return self.write(municipality, visit_id, Change(step_id, closed, write, seen=None))

    def ended(self, visit: Visit) -> Visit:
        """The visit without what was needed only until it ended, and with whether an outage touched it (BF-14)."""
        end = visit.ended_at or self.now()
        out = self.outages.was_out(visit.municipality, visit.office, visit.reasons, visit.arrived_at, end)
        return replace(visit, phone=None, note=None, outage=out)

    def change(
        self,
        municipality: Municipality,
        visit_id: str,
        action: Action,
        *,
        seen: int | None,
        by: str | None,
        desk: DeskId | None = None,
    ) -> Visit:
        """The visit after an action that needs nothing else."""
        step_id = new_step_id()

        def changed(visit: Visit) -> Visit:
            return visit.after(action, at=self.now(), step_id=step_id, desk=desk)

        return self.write(municipality, visit_id, self.replacing(step_id, changed, seen, by))

    def _answered(self, municipality: Municipality, office: str, request: Request) -> Visit | None:
        day = local_date(self.now())
        done = self.store.answered(municipality.id, office, day, request)
        if done is None:
            return None
        return next(visit for visit in self.store.of_day(municipality.id, office, day) if visit.ulid == done.ulid)


def no_show_from(municipality: Municipality, visit: Visit) -> datetime | None:
    """From when on a called citizen who does not come is a no-show; None: there must be more calls first."""
    policy, calls = municipality.waiting, visit.calls
    if len(calls) < max(1, policy.no_show_calls):
        return None
    return calls[0] + timedelta(seconds=policy.no_show_seconds)


def work_of(ended: Visit, phone: PhoneNumber | None) -> tuple[WorkItem, ...]:
    """What an ended visit leaves to do: decide about its invitation, and land its facts.

    The phone number goes along only if the citizen said yes (I3); where it is not needed, it ends here. Whether the
    citizen of an unclosed visit is asked is the municipality's to say; by default nobody is.
    """
    if ended.state not in {State.COMPLETED, State.UNCLOSED} or ended.ended_at is None:
        raise WrongState("the visit has not ended")
    number = phone.reveal() if phone and ended.consent.granted else None
    payload = {"phone": number, "language": ended.language, "code": ended.code}
    at = ended.ended_at
    return (
        WorkItem(ended.municipality, WorkKind.DECIDE, ended.ulid, at, payload),
        WorkItem(ended.municipality, WorkKind.LAND_CONTACT, ended.ulid, at),
    )
