"""Who is invited, and when: one pure function from facts to a plan or a named reason why not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from chalicelib.dispatch.model import Reason
from chalicelib.dispatch.quiet_hours import next_allowed

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.shared.identifiers import ContactId
    from chalicelib.shared.phone import PhoneNumber


class ConsentState(StrEnum):
    """The consent to the survey SMS as it stands in the ledger now."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CompletedContact(Protocol):
    """What dispatch wants to know of a contact; `contacts.model.Contact` is one."""

    @property
    def id(self) -> ContactId:
        """The one id."""
        ...

    @property
    def municipality(self) -> str:
        """Whose it is."""
        ...

    @property
    def reasons(self) -> tuple[str, ...]:
        """Enquiry reasons."""
        ...

    @property
    def ended_at(self) -> datetime:
        """When service ended."""
        ...

    @property
    def internal(self) -> bool:
        """True for calls between colleagues (GE-05)."""
        ...


@dataclass(frozen=True, slots=True)
class History:
    """What earlier messages left behind for this phone number."""

    opted_out: bool = False
    quarantine_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invite:
    """Send it at `send_at`; after `not_after` rather not at all."""

    send_at: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class NotInvited:
    """Don't send, for this reason."""

    reason: Reason


def decide(
    contact: CompletedContact,
    consent: ConsentState | None,
    history: History,
    municipality: Municipality,
    now: datetime,
    *,
    phone: PhoneNumber | None,
) -> Invite | NotInvited:
    """The plan for a completed contact (SK-03), or the first reason against it, in the order that reports count."""
    reason = (
        _about_contact(contact, municipality)
        or _about_consent(consent)
        or _about_phone(phone, municipality)
        or _about_history(history, now)
    )
    if reason is not None:
        return NotInvited(reason)
    if not is_sampled(municipality.id, contact.id, municipality.survey.sampling_percent):
        return NotInvited(Reason.SAMPLING)
    return _plan(contact, municipality, now)


def is_sampled(municipality: str, contact_id: str, percent: int) -> bool:
    """True for `percent` of contacts, the same ones whenever it is asked."""
    digest = hashlib.sha256(f"sampling|{municipality}|{contact_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 10_000 < percent * 100


def _about_contact(contact: CompletedContact, municipality: Municipality) -> Reason | None:
    if contact.internal:
        return Reason.INTERNAL
    surveyed = {reason.id for reason in municipality.reasons if reason.surveyed}
    configured = {reason.id for reason in municipality.reasons}
    # A reason that the file no longer names was served before the file changed: it doesn't exclude.
    return Reason.REASON_EXCLUDED if set(contact.reasons) & (configured - surveyed) else None


def _about_consent(consent: ConsentState | None) -> Reason | None:
    if consent is ConsentState.WITHDRAWN:
        return Reason.WITHDRAWN
    return None if consent is ConsentState.GRANTED else Reason.NO_CONSENT


def _about_phone(phone: PhoneNumber | None, municipality: Municipality) -> Reason | None:
    if phone is None:
        return Reason.NO_PHONE
    allowed = tuple(f"+{code}" for code in municipality.survey.allowed_country_codes)
    return None if phone.reveal().startswith(allowed) else Reason.COUNTRY_NOT_ALLOWED


def _about_history(history: History, now: datetime) -> Reason | None:
    if history.opted_out:
        return Reason.OPTED_OUT
    until = history.quarantine_until
    return Reason.QUARANTINE if until is not None and until > now else None


def _plan(contact: CompletedContact, municipality: Municipality, now: datetime) -> Invite | NotInvited:
    survey = municipality.survey
    not_after = contact.ended_at + timedelta(hours=survey.not_after_hours)
    earliest = max(contact.ended_at + timedelta(minutes=survey.delay_minutes), now)
    send_at = next_allowed(earliest, survey, municipality.closing_days)
    return NotInvited(Reason.TOO_LATE) if send_at > not_after else Invite(send_at, not_after)
