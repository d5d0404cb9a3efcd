"""What desks do beside the straight way: send a citizen on, let one go first, leave a note for a colleague."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from chalicelib.shared.errors import InvalidInput, NotFound, WrongState
from chalicelib.shared.identifiers import DeskGroupId, ReasonId
from chalicelib.shared.personal import plain_note
from chalicelib.visits.access import Change, VisitAccess, new_step_id
from chalicelib.visits.keys import parse_visit_id
from chalicelib.visits.model import Action, PriorityReason, Visit

if TYPE_CHECKING:
    from chalicelib.municipalities.model import DeskGroup, Municipality, Office

LONGEST_NOTE: Final = 200


class DeskSending(VisitAccess):
    """The use cases of sending on, priorities and notes. `by` is who did it; `seen` the version that was shown."""

    def forward(
        self,
        municipality: Municipality,
        visit_id: str,
        group: str,
        *,
        note: str | None = None,
        seen: int | None = None,
        by: str | None = None,
    ) -> Visit:
        """The citizen waits at another desk group of the office, ranked by the first arrival.

        Raises:
            InvalidInput: the office has no such desk group; a note that names somebody.
        """
        office = municipality.office(parse_visit_id(visit_id).office)
        target, text, step_id = _group(office, group), checked_note(note), new_step_id()

        def forwarded(visit: Visit) -> Visit:
            sent = visit.forwarded_to(target.id, at=self.now(), step_id=step_id)
            return replace(sent, note=text or visit.note)

        return self.write(municipality, visit_id, self.replacing(step_id, forwarded, seen, by))

    def forward_to_office(
        self,
        municipality: Municipality,
        visit_id: str,
        office: str,
        *,
        group: str | None = None,
        note: str | None = None,
        seen: int | None = None,
        by: str | None = None,
    ) -> Visit:
        """The citizen waits at another office, ranked by the first arrival: still one visit and one contact.

        Without `group`, at the desk group that serves the first reason there. Answers the visit as it waits now.

        Raises:
            InvalidInput: an unknown office or group, the same office, or one that does not serve the errand.
            WrongState: nobody has called the visit.
        """
        target, text, step_id = _other_office(municipality, visit_id, office), checked_note(note), new_step_id()
        arrived: list[Visit] = []

        def moved(visit: Visit) -> Visit:
            chosen = _group(target, group) if group else _serving(target, visit.reasons[0])
            left = visit.after(Action.MOVE, at=self.now(), step_id=step_id, detail=target.id)
            ticket = self.new_ticket(municipality, target, chosen)
            there = left.arriving_at(target.id, chosen.id, ticket)
            arrived[:] = [replace(there, note=text or visit.note)]
            return replace(left, note=None, phone=None)

        def write(before: Visit, after: Visit) -> None:
            self.store.move(before, after, arrived[0], by=by)

        left = self.write(municipality, visit_id, Change(step_id, moved, write, seen))
        return self.get(municipality, f"{left.day:%Y%m%d}.{target.id}.{left.ulid}")

    def prioritise(
        self,
        municipality: Municipality,
        visit_id: str,
        reason: str,
        *,
        seen: int | None = None,
        by: str | None = None,
    ) -> Visit:
        """The citizen goes first, for a reason of the fixed list; undo takes it back.

        Raises:
            InvalidInput: no such reason.
            WrongState: the visit does not wait, or goes first already.
        """
        why, step_id = priority_reason(reason), new_step_id()

        def first(visit: Visit) -> Visit:
            if visit.priority is not None:
                raise WrongState("the visit goes first already")
            return visit.after(Action.PRIORITISE, at=self.now(), step_id=step_id, detail=why)

        return self.write(municipality, visit_id, self.replacing(step_id, first, seen, by))

    def note(
        self,
        municipality: Municipality,
        visit_id: str,
        text: str,
        *,
        seen: int | None = None,
    ) -> Visit:
        """The visit with a note for colleagues, in place of an earlier one; an empty text removes it.

        Raises:
            InvalidInput: too long, or with a phone number, CPR number or e-mail address.
            WrongState: the visit has ended.
        """
        wanted = checked_note(text)

        def attempt() -> Visit:
            before = self.get(municipality, visit_id)
            if before.note == wanted:
                return before
            if seen is not None and seen != before.version:
                raise WrongState("the visit has changed since it was shown")
            after = before.noted(wanted)
            self.store.replace(before, after)
            return after

        return self.retry.run(attempt)

    def new_ticket(self, municipality: Municipality, office: Office, group: DeskGroup) -> str:
        """A number that nobody else gets at that office today; the letter is the desk group's."""
        number = self.store.next_number(municipality.id, office.id, self.today())
        return f"{chr(ord('A') + office.desk_groups.index(group))}{number:03d}"


def checked_note(text: str | None) -> str | None:
    """The note, if it may be kept; None for none.

    Raises:
        InvalidInput: too long, or it names somebody.
    """
    return plain_note(text, field="note", longest=LONGEST_NOTE) if text and text.strip() else None


def priority_reason(text: str) -> PriorityReason:
    """The reason of the fixed list.

    Raises:
        InvalidInput: there is none such.
    """
    if text not in set(PriorityReason):
        raise InvalidInput(fields={"reason": f"one of {', '.join(PriorityReason)}"})
    return PriorityReason(text)


def _group(office: Office, group: str) -> DeskGroup:
    found = next((known for known in office.desk_groups if known.id == DeskGroupId(group)), None)
    if found is None:
        raise InvalidInput(fields={"desk_group": "unknown desk group"})
    return found


def _serving(office: Office, reason: ReasonId) -> DeskGroup:
    try:
        return office.group_for(reason)
    except NotFound as exc:
        raise InvalidInput(fields={"office": "that office does not serve the errand; name a desk group"}) from exc


def _other_office(municipality: Municipality, visit_id: str, office: str) -> Office:
    if office == parse_visit_id(visit_id).office:
        raise InvalidInput(fields={"office": "the visit is at that office"})
    try:
        return municipality.office(office)
    except NotFound as exc:
        raise InvalidInput(fields={"office": "unknown office"}) from exc
