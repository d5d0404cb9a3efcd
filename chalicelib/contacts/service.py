"""Contacts that other systems report: phone, e-mail, self-service and the rest, on the same road as visits (SK-30)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.contacts.model import Consent, Contact, Origin, contact_id_of
from chalicelib.municipalities.answering import outside_hours
from chalicelib.municipalities.units import unit_path
from chalicelib.shared.errors import InvalidInput
from chalicelib.shared.retry import Retry
from chalicelib.shared.work import WorkItem, WorkKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.municipalities.model import Channel, Municipality
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.phone import PhoneNumber

# Clocks of two systems differ a little; a contact that ends tomorrow is a mistake.
_CLOCK_DIFFERENCE: Final = timedelta(minutes=5)
# Reports may come years late; one that is older than this has a broken clock, and its seconds would not fit the lake.
_OLDEST: Final = timedelta(days=3653)


class Outcome(StrEnum):
    """What became of a report. `duplicate`: it was recorded before, whatever it says now."""

    CREATED = "created"
    DUPLICATE = "duplicate"


class Rejected(InvalidInput):
    """A reported contact can't be recorded. `reason` is its stable code."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"The contact was rejected: {reason}.")
        self.reason = reason


class Reason(StrEnum):
    """Why a report is rejected; senders program against these."""

    INVALID_SOURCE_ID = "invalid_source_id"
    UNKNOWN_CHANNEL = "unknown_channel"
    INVALID_DEPARTMENT = "invalid_department"
    UNKNOWN_REASON = "unknown_reason"
    INVALID_TIME = "invalid_time"
    ENDS_BEFORE_START = "ends_before_start"
    IN_THE_FUTURE = "in_the_future"
    INVALID_PHONE = "invalid_phone"
    UNKNOWN_LANGUAGE = "unknown_language"
    INVALID_CONSENT = "invalid_consent"
    INVALID_FIELD = "invalid_field"


@dataclass(frozen=True, slots=True)
class ReportedContact:
    """A contact as another system tells it, with its types checked."""

    source_id: str
    channel: Channel
    department: str
    reason: str
    started_at: datetime
    ended_at: datetime
    language: str
    consent: Consent
    phone: PhoneNumber | None = None
    internal: bool = False
    resolved_first_contact: bool | None = None
    transfers: int | None = None
    next_step_given: bool | None = None
    handed_over: bool | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who reports: `key` keeps the ids of two senders apart, `system` is the name under which results are shown.

    A sender that gives its system's name keeps its ids when its credentials change; any other is known by those.
    """

    key: str
    system: str | None = None

    @classmethod
    def named(cls, system: str) -> Sender:
        """One that says which system it speaks for, whoever signs for it: the API and a CSV file meet here."""
        return cls(f"system:{system}", system)

    @classmethod
    def signed_by(cls, subject: str) -> Sender:
        """One known by its credentials alone."""
        return cls(f"subject:{subject}")


class ContactStore(Protocol):
    """Where contacts are kept."""

    def add(self, contact: Contact, work: Sequence[WorkItem], phone: PhoneNumber | None) -> bool:
        """The contact, its consent and its work, in one transaction; False if the contact is there already.

        Of the phone number, only its hash is kept with the consent.

        Raises:
            Busy: nothing was written. Ambiguous: the answer was lost.
        """
        ...


class ContactService:
    """Recording what other systems report."""

    def __init__(self, *, store: ContactStore, clock: Callable[[], Clock], retry: Retry | None = None) -> None:
        self._store = store
        self._clock = clock
        self._retry = retry or Retry()

    def record(self, municipality: Municipality, sender: Sender, reported: ReportedContact) -> Outcome:
        """The contact is recorded once, however often, late or out of order it is reported.

        The phone number goes into the pending decision only, and only with a yes to the survey from somebody outside
        the municipality; otherwise it is dropped here.

        Raises:
            Rejected: a fact that can't be.
            Busy, Ambiguous: report again; nothing is recorded twice.
        """
        self.check(municipality, reported)
        contact = _contact(municipality, sender, reported)
        phone = reported.phone if contact.consent.granted and not contact.internal else None
        work = _work(contact, phone)
        created = self._retry.run(lambda: self._store.add(contact, work, phone))
        return Outcome.CREATED if created else Outcome.DUPLICATE

    def check(self, municipality: Municipality, reported: ReportedContact) -> None:
        """Whether it could be recorded; nothing is.

        Raises:
            Rejected: a fact that can't be.
        """
        if all(reported.reason != known.id for known in municipality.reasons):
            raise Rejected(Reason.UNKNOWN_REASON)
        if reported.started_at < self._clock().now() - _OLDEST:
            raise Rejected(Reason.INVALID_TIME)
        if reported.ended_at < reported.started_at:
            raise Rejected(Reason.ENDS_BEFORE_START)
        if reported.ended_at > self._clock().now() + _CLOCK_DIFFERENCE:
            raise Rejected(Reason.IN_THE_FUTURE)
        if reported.consent.granted and not reported.consent.text_version:
            raise Rejected(Reason.INVALID_CONSENT)


def _contact(municipality: Municipality, sender: Sender, reported: ReportedContact) -> Contact:
    return Contact(
        id=contact_id_of(municipality.id, sender.key, reported.source_id),
        municipality=municipality.id,
        channel=reported.channel,
        department=unit_path(reported.department, municipality.sub_departments),
        reasons=(reported.reason,),
        origin=Origin.SYSTEM,
        language=reported.language,
        arrived_at=reported.started_at.replace(microsecond=0),
        ended_at=reported.ended_at.replace(microsecond=0),
        consent=reported.consent,
        internal=reported.internal,
        resolved_first_contact=reported.resolved_first_contact,
        transfers=reported.transfers,
        next_step_given=reported.next_step_given,
        handed_over=reported.handed_over,
        system=sender.system,
        outside_hours=outside_hours(municipality, reported.channel, reported.reason, reported.started_at),
    )


def _work(contact: Contact, phone: PhoneNumber | None) -> tuple[WorkItem, ...]:
    payload = {"phone": phone.reveal() if phone else None, "language": contact.language, "code": None}
    return (
        WorkItem(contact.municipality, WorkKind.DECIDE, contact.id, contact.ended_at, payload),
        WorkItem(contact.municipality, WorkKind.LAND_CONTACT, contact.id, contact.ended_at),
    )
