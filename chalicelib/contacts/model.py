"""A completed contact: the fact that everything after it rests on. It never holds a phone number or a name.

One contact has at most one invitation and one response, and all three share its id: the opaque key of SK-05. For a
visit it is the visit's ULID (and the appointment's, if there was one); for a contact that another system reports it is
a hash of that system's id, so that a repeated report is the same contact.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.shared.identifiers import ContactId

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.municipalities.model import Channel


class Origin(StrEnum):
    """Where the contact's record began (SK-01)."""

    WEB = "web"
    KIOSK = "kiosk"
    DESK = "desk"
    PHONE = "phone"
    SYSTEM = "system"


class Ending(StrEnum):
    """How the contact ended."""

    SERVED = "served"
    NO_SHOW = "no_show"
    UNCLOSED = "unclosed"  # nobody at the desk said when, so its end is a guess
    AT_DOOR = "at_door"  # a question that was answered before a ticket was needed (GL-77)


@dataclass(frozen=True, slots=True)
class Consent:
    """What was asked about the survey, and what was answered, as facts for the accept rate (SK-02, SK-11)."""

    offered: bool
    granted: bool
    text_version: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A completed contact of any channel.

    Times are aware UTC. `arrived_at` is check-in (in person) or the start of the call; `served_at` the start of
    service; waiting time is `called_at - arrived_at`, service time `ended_at - served_at`, both in seconds. For a
    contact that another system reports only `arrived_at` and `ended_at` are known.

    `next_step_given`: the citizen was told what happens next (GL-70). `handed_over`: an assistant or a self-service
    passed the citizen on to a person (GE-14). `outage`: something that it needed was down (BF-14). `system` is which of
    a municipality's systems reported it. `outside_hours`: it began when nobody answers (GE-07); None where no hours are
    known.
    """

    id: ContactId
    municipality: str
    channel: Channel
    department: str
    reasons: tuple[str, ...]
    origin: Origin
    language: str
    arrived_at: datetime
    ended_at: datetime
    consent: Consent
    office: str | None = None
    desk_group: str | None = None
    booked_start: datetime | None = None
    booked_at: datetime | None = None
    called_at: datetime | None = None
    served_at: datetime | None = None
    internal: bool = False
    resolved_first_contact: bool | None = None
    transfers: int | None = None
    ending: Ending = Ending.SERVED
    waiting_from: str | None = None
    checked_in_at: str | None = None
    next_step_given: bool | None = None
    handed_over: bool | None = None
    outage: bool = False
    system: str | None = None
    outside_hours: bool | None = None

    @property
    def waiting_seconds(self) -> int | None:
        """To the call (SK-06), from what `waiting_from` names; None where no call was recorded."""
        return None if self.called_at is None else _seconds(self._waiting_since, self.called_at)

    @property
    def _waiting_since(self) -> datetime:
        """Whom staff checked in after the booked time was there at that time, unseen (GL-64)."""
        unseen = self.waiting_from == "booked_time"
        return self.booked_start if unseen and self.booked_start else self.arrived_at

    @property
    def service_seconds(self) -> int | None:
        """Start of service to completion (SK-08), for reported contacts from their start; None if that is a guess."""
        if self.ending in {Ending.UNCLOSED, Ending.AT_DOOR}:
            return None
        return _seconds(self.served_at or self.arrived_at, self.ended_at)


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds()))


def contact_id_of(municipality: str, sender: str, source_id: str) -> ContactId:
    """The id of a contact that another system reports: the same for the same sender's id, whatever it looks like.

    Two systems that count from 1 don't meet: the sender is hashed too, with lengths, so that no two ids are written
    alike (ADR 24).
    """
    text = "".join(f"{len(part)}:{part}" for part in (municipality, sender, source_id))
    return ContactId(hashlib.sha256(text.encode()).hexdigest()[:26].upper())
