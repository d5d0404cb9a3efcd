"""Appointments and what leads to them, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.shared.clock import local_date

if TYPE_CHECKING:
    from datetime import date, datetime

    from chalicelib.booking.capacity import Change
    from chalicelib.shared.identifiers import AppointmentId, DeskGroupId, HoldId, OfficeId, ReasonId
    from chalicelib.shared.phone import PhoneNumber


class AppointmentState(StrEnum):
    """An appointment is booked until it is cancelled; what happens at the office is the visit's business."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """The answer to the survey question, and which wording was asked (SK-02). Refusals are answers too."""

    granted: bool
    text_version: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """The ticks of one desk group on one local day: the unit that capacity is read by."""

    municipality: str
    office: OfficeId
    group: DeskGroupId
    day: date


@dataclass(frozen=True, slots=True)
class RowChanges:
    """Changes to the lanes of one row."""

    row: DayRow
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What a citizen asks for. Personal fields never show in a representation."""

    office: str
    reasons: tuple[str, ...]
    start: datetime
    language: str
    consent: ConsentAnswer
    phone: PhoneNumber | None = None
    email: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    hold_id: str | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booked time. Times are aware UTC. `confirm_at` is the due time of its message, None where none is sent."""

    id: AppointmentId
    municipality: str
    code: str
    office: OfficeId
    desk_group: DeskGroupId
    reasons: tuple[ReasonId, ...]
    start: datetime
    end: datetime
    language: str
    booked_at: datetime
    consent: ConsentAnswer
    state: AppointmentState = AppointmentState.BOOKED
    phone: PhoneNumber | None = None
    email: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    confirm_at: datetime | None = None
    version: int = 1

    @property
    def row(self) -> DayRow:
        """Where its lanes are."""
        return DayRow(self.municipality, self.office, self.desk_group, local_date(self.start))

    @property
    def is_cancelled(self) -> bool:
        """True once the citizen has cancelled."""
        return self.state is AppointmentState.CANCELLED


@dataclass(frozen=True, slots=True)
class Hold:
    """A place that is kept for a few minutes while a citizen fills in the form."""

    id: HoldId
    municipality: str
    office: OfficeId
    desk_group: DeskGroupId
    start: datetime
    end: datetime
    expires_at: datetime

    @property
    def row(self) -> DayRow:
        """Where its lanes are."""
        return DayRow(self.municipality, self.office, self.desk_group, local_date(self.start))


@dataclass(frozen=True, slots=True)
class Booked:
    """The answer to a booking. `token` opens the appointment's page: it is never stored, and made anew when needed."""

    id: AppointmentId
    code: str
    start: datetime
    end: datetime
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """What an Idempotency-Key was used for, for 24 hours: a keyed hash of the request, and its answer but the token."""

    request_hash: str
    appointment: AppointmentId
    code: str
    start: datetime
    end: datetime
    link_version: str
