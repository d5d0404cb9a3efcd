"""Appointments and what leads to them, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.model import Meeting
from chalicelib.shared.clock import local_date, when_clocks_show

if TYPE_CHECKING:
    from datetime import date, datetime

    from chalicelib.booking.capacity import Change
    from chalicelib.booking.planned import PlannedMessage
    from chalicelib.shared.identifiers import AppointmentId, DeskGroupId, HoldId, OfficeId, ReasonId
    from chalicelib.shared.phone import PhoneNumber

FIRST_LINK_VERSION: Final = "1"
"""What appointments were linked with before they said so themselves."""
_KNOWN_FROM: Final = time(4)


class AppointmentState(StrEnum):
    """An appointment is booked until it is cancelled; what happens at the office is the visit's business."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


class Booker(StrEnum):
    """Who books decides the places that may be used.

    Citizens get the places of their share; staff also the rest, times that cool down, and times within the lead time.
    """

    WEB = "web"
    STAFF = "staff"


class Origin(StrEnum):
    """Where a booking was made. At the desk and by phone staff do it: assisted, not digital (GL-67, FR-16)."""

    WEB = "web"
    KIOSK = "kiosk"
    DESK = "desk"
    PHONE = "phone"

    @property
    def is_assisted(self) -> bool:
        """True if staff booked on behalf of the citizen."""
        return self in {Origin.DESK, Origin.PHONE}

    @property
    def booker(self) -> Booker:
        """Whose places it may use."""
        return Booker.STAFF if self.is_assisted else Booker.WEB


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """The answer to one consent question, and which wording was asked (SK-02). Refusals are answers too.

    `offered` False: staff booked and did not ask, so there is neither a grant nor a refusal to put on record.
    """

    granted: bool
    text_version: str
    offered: bool = True


@dataclass(frozen=True, slots=True)
class DayRow:
    """The ticks of one desk group on one local day: the unit that capacity is read by."""

    municipality: str
    office: OfficeId
    group: DeskGroupId
    day: date


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """The future appointments of one phone number, as lanes of one tick. Removed when the last can have ended."""

    municipality: str
    phone_hash: str
    kept_until: datetime = field(compare=False)


@dataclass(frozen=True, slots=True)
class RowChanges:
    """Changes to the lanes of one row."""

    row: DayRow | PhoneRow
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What a citizen asks for. Personal fields never show in a representation.

    `persons` come together. `want_earlier` asks to be told of an earlier time, `reminder` to be reminded.
    `alternatives_seen`: another way than meeting up was offered, and declined (FR-12). `reminder_consent`: the answer
    where the municipality asks whether it may remind; then that counts, and `reminder` doesn't (ADR 29).
    """

    office: str
    reasons: tuple[str, ...]
    start: datetime
    language: str
    consent: ConsentAnswer
    phone: PhoneNumber | None = None
    email: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    hold_id: str | None = None
    persons: int = 1
    meeting: Meeting = Meeting.IN_PERSON
    origin: Origin = Origin.WEB
    want_earlier: bool = False
    reminder: bool = True
    alternatives_seen: bool = False
    reminder_consent: ConsentAnswer | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booked time. Times are aware UTC. `messages` are those that were planned last (ADR 20); empty: none is sent.

    The citizen is told `end`; the desk is taken until `desk_until`, later if the enquiry reason has a buffer.
    `link_version` is the version of the key that its link was made with, so that it is the same link for good.
    `earlier_offered` are the starts of earlier times that its citizen was told of: none is told twice. `moves` counts
    how often its time was changed. `reminder_consent` None: it is reminded of as a service, if `reminder` says so.
    """

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
    messages: tuple[PlannedMessage, ...] = ()
    persons: int = 1
    meeting: Meeting = Meeting.IN_PERSON
    origin: Origin = Origin.WEB
    want_earlier: bool = False
    reminder: bool = True
    alternatives_seen: bool = False
    desk_until: datetime | None = None
    link_version: str = FIRST_LINK_VERSION
    earlier_offered: tuple[datetime, ...] = ()
    moves: int = 0
    cancelled_at: datetime | None = None
    reminder_consent: ConsentAnswer | None = None
    version: int = 1

    @property
    def row(self) -> DayRow:
        """Where its lanes are."""
        return DayRow(self.municipality, self.office, self.desk_group, local_date(self.start))

    @property
    def known_from(self) -> datetime:
        """When it is known what became of it: in the night after its day, when the desks have closed theirs."""
        return when_clocks_show(local_date(self.start) + timedelta(days=1), _KNOWN_FROM)

    @property
    def is_cancelled(self) -> bool:
        """True once the citizen or the office has cancelled."""
        return self.state is AppointmentState.CANCELLED

    @property
    def is_cancelled_by_office(self) -> bool:
        """True if it was the office, so that the page does not thank the citizen for it."""
        return self.is_cancelled and any(message.kind == "cancelled" for message in self.messages)


@dataclass(frozen=True, slots=True)
class Hold:
    """A place that is kept for a few minutes while a citizen fills in the form; it can be extended."""

    id: HoldId
    municipality: str
    office: OfficeId
    desk_group: DeskGroupId
    start: datetime
    end: datetime
    expires_at: datetime
    extended: int = 0

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
