"""What a citizen has chosen so far, as the address of every booking screen says it, so that each can be kept and sent.

Nothing in it is personal: reasons, how many come, how to meet, and what the screens before have shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from chalicelib.booking.alternatives import offers
from chalicelib.booking.rules import MAX_REASONS, Party, errand
from chalicelib.entrypoints.http import parameter, query
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from chalice.app import Request

    from chalicelib.booking.rules import Errand
    from chalicelib.municipalities.model import Alternative, EnquiryReason, Municipality, Office

BETWEEN_REASONS: Final = "."
_YES: Final = "1"


@dataclass(frozen=True, slots=True)
class Choice:
    """Reasons, persons, how to meet; `seen` once another way than meeting up was offered, `edge` for edge hours."""

    municipality: Municipality
    reasons: tuple[EnquiryReason, ...]
    persons: int = 1
    meeting: Meeting = Meeting.IN_PERSON
    seen: bool = False
    edge: bool = False

    @property
    def ids(self) -> list[str]:
        """The ids of the reasons."""
        return [reason.id for reason in self.reasons]

    @property
    def path(self) -> str:
        """The reasons as a part of an address."""
        return BETWEEN_REASONS.join(self.ids)

    def query(self, **more: str | None) -> dict[str, str | None]:
        """The rest of the choice for an address; what is as usual is left out."""
        return {
            "persons": str(self.persons) if self.persons > 1 else None,
            "meeting": self.meeting.value if self.meeting is not self.meetings[0] else None,
            "seen": _YES if self.seen else None,
            "edge": _YES if self.edge else None,
            **more,
        }

    @property
    def meetings(self) -> tuple[Meeting, ...]:
        """The ways to hold it that all the reasons have; where one needs attendance, only that."""
        shared = set(Meeting).intersection(*(meetings_of(reason) for reason in self.reasons))
        return tuple(meeting for meeting in Meeting if meeting in shared) or (Meeting.IN_PERSON,)

    @property
    def most_persons(self) -> int:
        """How many can come together."""
        return max(reason.max_persons for reason in self.reasons)

    @property
    def alternatives(self) -> list[tuple[EnquiryReason, int, Alternative]]:
        """Other ways than an appointment, with their number at the reason."""
        return [(reason, number, offer) for reason in self.reasons for number, offer in enumerate(offers(reason))]

    @property
    def is_pick_up(self) -> bool:
        """True if nobody needs an appointment for it."""
        return all(reason.pick_up for reason in self.reasons)

    def at(self, office: str) -> Errand | None:
        """The errand at an office; None if it can't be done there in one visit."""
        try:
            return errand(self.municipality, office, self.ids, Party(self.persons, self.meeting))
        except InvalidInput:
            return None

    @property
    def offices(self) -> list[Office]:
        """Where it can be done in one visit."""
        return [office for office in self.municipality.offices if self.at(office.id)]

    def with_reason(self, reason: EnquiryReason) -> Choice:
        """One reason more, on the same visit."""
        return replace(self, reasons=(*self.reasons, reason), persons=1, seen=False)

    def without(self, reason: EnquiryReason) -> Choice:
        """One reason less."""
        return replace(self, reasons=tuple(kept for kept in self.reasons if kept.id != reason.id), persons=1)

    def with_persons(self, persons: int) -> Choice:
        """The same for more or fewer persons."""
        return replace(self, persons=persons)

    def by(self, meeting: Meeting) -> Choice:
        """The same, held another way."""
        return replace(self, meeting=meeting)

    def more(self) -> list[EnquiryReason]:
        """Reasons that can be done on the same visit."""
        if self.is_pick_up or len(self.reasons) >= MAX_REASONS:
            return []
        others = [reason for reason in self.municipality.reasons if reason.id not in self.ids and not reason.pick_up]
        return [reason for reason in others if self._goes_with(reason)]

    def _goes_with(self, reason: EnquiryReason) -> bool:
        both = self.with_reason(reason)
        return self.meeting in both.meetings and bool(both.offices)


def meetings_of(reason: EnquiryReason) -> frozenset[Meeting]:
    """How a reason's appointments can be held; the law's demand for attendance goes before the file (GL-21)."""
    return frozenset({Meeting.IN_PERSON}) if reason.attendance_required else reason.meetings


def choice_of(request: Request, municipality: Municipality) -> Choice:
    """The choice of an address. Numbers that can't be are brought to those that can.

    Raises:
        NotFound: an unknown reason, the same twice, or too many.
    """
    reasons = reasons_of(municipality, parameter(request, "reason"))
    bare = Choice(municipality, reasons, seen=query(request, "seen") == _YES, edge=query(request, "edge") == _YES)
    asked = query(request, "persons") or "1"
    persons = min(max(int(asked), 1), bare.most_persons) if asked.isascii() and asked.isdigit() else 1
    wanted = query(request, "meeting")
    meeting = next((each for each in bare.meetings if each.value == wanted), bare.meetings[0])
    return replace(bare, persons=persons, meeting=meeting)


def reasons_of(municipality: Municipality, text: str) -> tuple[EnquiryReason, ...]:
    """The reasons of an address, such as `passport` or `passport.licence`.

    Raises:
        NotFound: one of them is unknown, or stands there twice, or there are too many.
    """
    ids = text.split(BETWEEN_REASONS)
    if len(set(ids)) < len(ids) or len(ids) > MAX_REASONS:
        raise NotFound
    return tuple(municipality.reason(reason) for reason in ids)
