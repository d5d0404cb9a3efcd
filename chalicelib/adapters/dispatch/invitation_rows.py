"""Rows of invitations, their reminders and their links, and what of the consents they look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.tables import (
    FACTS_KEPT,
    ConsentItem,
    InvitationItem,
    LinkItem,
    OperationItem,
    ResponseItem,
    bound,
)
from chalicelib.dispatch.document import from_document, to_document
from chalicelib.dispatch.model import Wave
from chalicelib.dispatch.policy import ConsentState, History, QuotaUse
from chalicelib.dispatch.ports import SurveyLink
from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.shared.phone import PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pynamodb.expressions.condition import Condition

    from chalicelib.dispatch.model import Invitation

_LINK_KEPT: Final = timedelta(days=90)
"""How long a link can still say that it has expired, and take an opt-out."""
_QUOTA_KEPT: Final = timedelta(days=40)
"""Longer than any period."""
LINK: Final = "link"
_ABOUT_PHONE: Final = ("opted_out", "quarantine", "pilot")

Key = tuple[str, str]


def invitation_key(municipality: str, contact_id: str, wave: Wave = Wave.INVITATION) -> Key:
    """An invitation and its reminder stand beside each other; only the first lands (filter of the stream)."""
    return f"{municipality}#invitation#{contact_id}", str(wave)


def consent_state_key(municipality: str, contact_id: str) -> Key:
    """Where the consent to the survey stands."""
    return f"{municipality}#consent#{contact_id}", SURVEY_SMS


def phone_key(municipality: str, phone_hash: str, sk: str) -> Key:
    """What is known of a number."""
    return f"{municipality}#phone#{phone_hash}", sk


def response_key(municipality: str, contact_id: str) -> Key:
    """The answers."""
    return f"{municipality}#response#{contact_id}", "response"


def unanswered() -> Condition:
    """On the response: nobody has finished the questionnaire."""
    model = bound(ResponseItem)
    return model.pk.does_not_exist() | (model.state != "finished")


def quota_item(municipality: str, place: QuotaUse) -> OperationItem:
    """The counter of a quota's period."""
    return bound(OperationItem)(f"{municipality}#quota#{place.quota}", place.period)


def quota_ends(decided_at: datetime) -> int:
    """When a counter may go."""
    return int((decided_at + _QUOTA_KEPT).timestamp())


def read_circumstances(
    municipality: str, contact_id: str, phone_hash: str | None, quotas: Sequence[QuotaUse]
) -> tuple[ConsentState | None, History]:
    """Consent and number in one batch of consistent reads; quotas, where there are any, in another."""
    consent = consent_state_key(municipality, contact_id)
    keys = [consent]
    if phone_hash is not None:
        keys += [phone_key(municipality, phone_hash, sk) for sk in _ABOUT_PHONE]
    rows = {row.sk: row for row in bound(ConsentItem).batch_get(keys, consistent_read=True)}
    granted, quarantine = rows.get(consent[1]), rows.get("quarantine")
    until = None if quarantine is None or quarantine.until is None else int(quarantine.until)
    return (
        None if granted is None or granted.state is None else ConsentState(granted.state),
        History(
            opted_out="opted_out" in rows,
            quarantine_until=None if until is None else datetime.fromtimestamp(until, UTC),
            in_pilot="pilot" in rows,
            used=_used(municipality, quotas),
        ),
    )


def _used(municipality: str, quotas: Sequence[QuotaUse]) -> Mapping[QuotaUse, int]:
    if not quotas:
        return {}
    keys = [(item.pk, item.sk) for item in (quota_item(municipality, place) for place in quotas)]
    rows = bound(OperationItem).batch_get(keys, consistent_read=True)
    counts = {(row.pk, row.sk): int(row.number or 0) for row in rows}
    return {place: counts.get(key, 0) for place, key in zip(quotas, keys, strict=True)}


def invitation_item(invitation: Invitation) -> InvitationItem:
    """The row of an invitation or reminder."""
    facts: dict[str, Any] = {} if invitation.phone is None else {"phone": invitation.phone.reveal()}
    return bound(InvitationItem)(
        *invitation_key(invitation.municipality, invitation.contact_id, invitation.wave),
        municipality=invitation.municipality,
        contact_id=invitation.contact_id,
        state=invitation.state.value,
        version=invitation.version,
        document=to_document(invitation),
        expires_at=int((invitation.decided_at + FACTS_KEPT).timestamp()),
        **facts,
    )


def invitation_from(item: InvitationItem) -> Invitation:
    """The invitation or reminder of a row."""
    return from_document(
        item.document,
        municipality=item.municipality,
        contact_id=item.contact_id,
        state=item.state,
        version=int(item.version),
        phone=None if item.phone is None else PhoneNumber(item.phone),
    )


def link_item(link: SurveyLink) -> LinkItem:
    """The row of a survey link."""
    return bound(LinkItem)(
        link.token_hash,
        LINK,
        municipality=link.municipality,
        purpose="survey",
        subject=link.contact_id,
        language=link.language,
        until=int(link.until.timestamp()),
        expires_at=int((link.until + _LINK_KEPT).timestamp()),
    )


def link_from(item: LinkItem) -> SurveyLink:
    """The survey link of a row."""
    until = datetime.fromtimestamp(int(item.until or item.expires_at or 0), UTC)
    return SurveyLink(item.pk, item.municipality, item.subject, item.language or "da", until)
