"""What desks do with visits: call, start, park, complete.

Every change is a conditional write on what was read. Whoever loses a race reads again; whoever loses an answer looks
for its own step in the visit's trail, so a repeated write is recognised instead of done twice (I2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, WrongState
from chalicelib.shared.identifiers import DeskGroupId, DeskId
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.visits.access import VisitAccess, checked_reasons, group_of_desk, new_step_id
from chalicelib.visits.model import Action, State, Visit, parse_visit_id
from chalicelib.visits.ports import Request
from chalicelib.visits.queue import next_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.phone import PhoneNumber

# Every try that is outrun has seen another desk call somebody, so this bounds how many desks may be faster in a row.
_CALL_TRIES: Final = 60


class DeskWork(VisitAccess):
    """The use cases of a desk."""

    def call_next(
        self,
        municipality: Municipality,
        office: str,
        desk: str,
        *,
        idempotency_key: str | None = None,
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
            self.store.replace(turn.visit, called, request=request)
            return called

        return replace(self.retry, attempts=_CALL_TRIES).run(attempt)

    def start(self, municipality: Municipality, visit_id: str, *, seen: int | None = None) -> Visit:
        """The citizen has sat down."""
        return self._change(municipality, visit_id, Action.START, seen)

    def no_show(self, municipality: Municipality, visit_id: str, *, seen: int | None = None) -> Visit:
        """The citizen was called and did not come. No invitation follows (SK-03)."""
        return self._change(municipality, visit_id, Action.NO_SHOW, seen)

    def park(self, municipality: Municipality, visit_id: str, *, seen: int | None = None) -> Visit:
        """The citizen is put aside, such as to fetch a photo, and keeps the visit."""
        return self._change(municipality, visit_id, Action.PARK, seen)

    def recall(
        self,
        municipality: Municipality,
        visit_id: str,
        *,
        desk: str | None = None,
        seen: int | None = None,
    ) -> Visit:
        """The citizen is called again: one who was parked, or one who did not hear the first call."""
        if desk is not None:
            group_of_desk(municipality, parse_visit_id(visit_id).office, desk)
        return self._change(municipality, visit_id, Action.RECALL, seen, DeskId(desk) if desk else None)

    def undo(self, municipality: Municipality, visit_id: str, *, seen: int | None = None) -> Visit:
        """The latest step is taken back. A completion can't be: its survey may be on the way already."""
        return self._change(municipality, visit_id, Action.UNDO, seen)

    def forward(self, municipality: Municipality, visit_id: str, group: str, *, seen: int | None = None) -> Visit:
        """The citizen waits at another desk group of the office, ranked by the first arrival.

        Raises:
            InvalidInput: the office has no such desk group.
        """
        office = municipality.office(parse_visit_id(visit_id).office)
        if all(group != known.id for known in office.desk_groups):
            raise InvalidInput(fields={"desk_group": "unknown desk group"})
        step_id = new_step_id()

        def forwarded(visit: Visit) -> Visit:
            return visit.forwarded_to(DeskGroupId(group), at=self.now(), step_id=step_id)

        return self._write(municipality, visit_id, _Change(step_id, forwarded, self.store.replace, seen))

    def complete(
        self,
        municipality: Municipality,
        visit_id: str,
        *,
        reasons: Sequence[str] = (),
        seen: int | None = None,
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
            done = replace(visit.after(Action.COMPLETE, at=self.now(), step_id=step_id), phone=None)
            if corrected:
                department = municipality.reason(corrected[0]).department
                done = replace(done, reasons=corrected, department=department)
            return done

        def write(before: Visit, after: Visit) -> None:
            self.store.complete(before, after, work_of(after, before.phone))

        return self._write(municipality, visit_id, _Change(step_id, completed, write, seen))

    def _change(
        self,
        municipality: Municipality,
        visit_id: str,
        action: Action,
        seen: int | None,
        desk: DeskId | None = None,
    ) -> Visit:
        step_id = new_step_id()

        def changed(visit: Visit) -> Visit:
            return visit.after(action, at=self.now(), step_id=step_id, desk=desk)

        return self._write(municipality, visit_id, _Change(step_id, changed, self.store.replace, seen))

    def _write(self, municipality: Municipality, visit_id: str, change: _Change) -> Visit:
        """Read, change, write; after any failure read again, and find out whether the write took place.

        Raises:
            NotFound: there is no such visit.
            WrongState: not possible now, or the page that asked showed an older state (`seen`).
            Busy: nothing was changed.
        """

        def attempt() -> Visit:
            before = self.get(municipality, visit_id)
            if before.has_step(change.step_id):
                return before
            if change.seen is not None and change.seen != before.version:
                raise WrongState("the visit has changed since it was shown")
            after = change.make(before)
            change.write(before, after)
            return after

        return self.retry.run(attempt)

    def _answered(self, municipality: Municipality, office: str, request: Request) -> Visit | None:
        day = local_date(self.now())
        done = self.store.answered(municipality.id, office, day, request)
        if done is None:
            return None
        return next(visit for visit in self.store.of_day(municipality.id, office, day) if visit.ulid == done.ulid)


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of one visit: what it makes of the visit, how it is written, and which version the asker saw."""

    step_id: str
    make: Callable[[Visit], Visit]
    write: Callable[[Visit, Visit], None]
    seen: int | None


def work_of(completed: Visit, phone: PhoneNumber | None) -> tuple[WorkItem, ...]:
    """What a completed visit leaves to do: decide about its invitation, and land its facts.

    The phone number goes along only if the citizen said yes (I3); where it is not needed, it ends here.
    """
    if completed.state is not State.COMPLETED or completed.ended_at is None:
        raise WrongState("the visit is not completed")
    number = phone.reveal() if phone and completed.consent.granted else None
    payload = {"phone": number, "language": completed.language, "code": completed.code}
    at = completed.ended_at
    return (
        WorkItem(completed.municipality, WorkKind.DECIDE, completed.ulid, at, payload),
        WorkItem(completed.municipality, WorkKind.LAND_CONTACT, completed.ulid, at),
    )
