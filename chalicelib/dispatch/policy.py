"""Who is invited, and when: one pure function from facts to a plan or a named reason why not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from chalicelib.dispatch.model import InvitationState, Reason
from chalicelib.dispatch.quiet_hours import next_allowed
from chalicelib.municipalities.policies import Period
from chalicelib.shared.clock import local_date, month_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.dispatch.model import Invitation
    from chalicelib.municipalities.model import Municipality, SurveyPolicy
    from chalicelib.shared.identifiers import ContactId
    from chalicelib.shared.phone import PhoneNumber


TIME_TO_ANSWER: Final = timedelta(days=1)
"""A reminder comes no later than this before its link ends."""

SERVICE_NUMBERS: Final = ("+4570", "+4580", "+4590")
"""Danish numbers that are certainly nobody's mobile: shared cost, free and premium. Any other may be one."""


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
    def office(self) -> str | None:
        """Where, if anywhere."""
        ...

    @property
    def channel(self) -> str:
        """By which channel."""
        ...

    @property
    def outage(self) -> bool:
        """True if something that it needed was down."""
        ...

    @property
    def ending(self) -> str:
        """How it ended: `served`, `no_show` or `unclosed`."""
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
class QuotaUse:
    """One place of a quota in one period, such as `("pulse", "2026-11")`; `most` is how many there are."""

    quota: str
    period: str
    most: int


@dataclass(frozen=True, slots=True)
class History:
    """What earlier messages left behind for this phone number, and in the quotas that apply.

    `in_pilot`: the number may be asked while the municipality tries things out.
    """

    opted_out: bool = False
    quarantine_until: datetime | None = None
    in_pilot: bool = False
    used: Mapping[QuotaUse, int] = field(default_factory=dict)


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
        or _about_history(history, municipality, now)
    )
    if reason is not None:
        return NotInvited(reason)
    if not is_sampled(municipality.id, contact.id, percent_of(contact, municipality.survey)):
        return NotInvited(Reason.SAMPLING)
    plan = _plan(contact, municipality, now)
    if isinstance(plan, Invite) and any(used >= place.most for place, used in history.used.items()):
        return NotInvited(Reason.QUOTA)
    return plan


def remind(
    invitation: Invitation,
    consent: ConsentState | None,
    history: History,
    municipality: Municipality,
    now: datetime,
    *,
    answered: bool,
) -> Invite | NotInvited:
    """The plan for the one reminder, or the first reason against it. Quarantine is asked at the claim alone.

    The number's quarantine is normally this contact's own, and that does not stand in the way.
    """
    if answered:
        return NotInvited(Reason.ANSWERED)
    if invitation.state not in {InvitationState.ACCEPTED, InvitationState.DELIVERED}:
        return NotInvited(Reason.NOT_DELIVERED)
    reason = _about_consent(consent) or (Reason.OPTED_OUT if history.opted_out else None)
    if reason is not None:
        return NotInvited(reason)
    survey = municipality.survey
    last = link_until(invitation, municipality) - TIME_TO_ANSWER
    send_at = next_allowed(now, survey, municipality.closing_days)
    not_after = min(last, now + timedelta(hours=survey.not_after_hours))
    return NotInvited(Reason.TOO_LATE) if send_at > not_after else Invite(send_at, not_after)


def link_until(invitation: Invitation, municipality: Municipality) -> datetime:
    """How long the survey link of an invitation works."""
    return (invitation.send_at or invitation.decided_at) + timedelta(days=municipality.survey.link_days)


def percent_of(contact: CompletedContact, survey: SurveyPolicy) -> int:
    """How many per cent of such contacts are asked: the first rule that covers it, else the general share."""
    rules = (rule.percent for rule in survey.sampling if rule.among.covers(contact))
    return next(rules, survey.sampling_percent)


def is_sampled(municipality: str, contact_id: str, percent: int) -> bool:
    """True for `percent` of contacts, the same ones whenever it is asked."""
    digest = hashlib.sha256(f"sampling|{municipality}|{contact_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 10_000 < percent * 100


def quota_places(contact: CompletedContact, survey: SurveyPolicy, now: datetime) -> tuple[QuotaUse, ...]:
    """The quotas in which an invitation of this contact would take a place, in the local period of the decision."""
    return tuple(
        QuotaUse(quota.id, period_of(quota.period, now), quota.most)
        for quota in survey.quotas
        if quota.among.covers(contact)
    )


def period_of(period: Period, now: datetime) -> str:
    """The name of the local day, ISO week or month."""
    day = local_date(now)
    if period is Period.WEEK:
        return f"{day:%G-W%V}"
    return day.isoformat() if period is Period.DAY else month_of(now)


def _about_contact(contact: CompletedContact, municipality: Municipality) -> Reason | None:
    if contact.internal:
        return Reason.INTERNAL
    if contact.ending == "no_show":
        return Reason.NO_SHOW
    if contact.ending == "unclosed" and not municipality.survey.ask_unclosed:
        return Reason.UNCLOSED
    paused = any(pause.covers(contact, contact.ended_at) for pause in municipality.survey.pauses)
    if paused or (contact.outage and not municipality.survey.ask_in_outage):
        return Reason.OUTAGE
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
    if not phone.reveal().startswith(allowed):
        return Reason.COUNTRY_NOT_ALLOWED
    return Reason.NO_MOBILE if phone.reveal().startswith(SERVICE_NUMBERS) else None


def _about_history(history: History, municipality: Municipality, now: datetime) -> Reason | None:
    if municipality.survey.pilot and not history.in_pilot:
        return Reason.NOT_IN_PILOT
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
