"""Consents in DynamoDB: one item with the state now, one ledger item per event beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.reads import busy_if_unread
from chalicelib.adapters.tables import ConsentItem, bound
from chalicelib.adapters.transactions import Steps
from chalicelib.consent.model import ConsentRecord, ConsentState
from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.errors import Outrun

if TYPE_CHECKING:
    from datetime import datetime

# A consent must be proved as long as something may rest on it; the survey and its results are a year's work.
_KEEP: Final = timedelta(days=2 * 365)


def consent_key(municipality: str, contact_id: str, scope: str = SURVEY_SMS) -> tuple[str, str]:
    """Where the state of one of a contact's consents stands."""
    return f"{municipality}#consent#{contact_id}", scope


def consent_rows(record: ConsentRecord) -> tuple[ConsentItem, ConsentItem]:
    """The state now and its ledger entry, for the caller's own transaction (SK-02)."""
    pk, scope = consent_key(record.municipality, record.contact_id, record.scope)
    facts: dict[str, Any] = {
        "document": {
            "text_version": record.text_version,
            "language": record.language,
            "origin": record.origin,
            "at": utc_text(record.at),
            "phone_hash": record.phone_hash,
            "by": record.by,
        },
        "state": record.state.value,
        "expires_at": int((record.at + _KEEP).timestamp()),
    }
    model = bound(ConsentItem)
    ledger = f"{scope}#{utc_text(record.at)}#{record.state}"
    return model(pk, scope, **facts), model(pk, ledger, **facts)


class DynamoDbConsents:
    """`ConsentStore` on the consents table."""

    @busy_if_unread
    def current(self, municipality: str, contact_id: str, scope: str = SURVEY_SMS) -> ConsentRecord | None:
        """The consent as it stands, read consistently."""
        model = bound(ConsentItem)
        try:
            row = model.get(*consent_key(municipality, contact_id, scope), consistent_read=True)
        except model.DoesNotExist:
            return None
        document: dict[str, Any] = row.document or {}
        return ConsentRecord(
            municipality=municipality,
            contact_id=contact_id,
            state=ConsentState(row.state),
            text_version=document.get("text_version") or "",
            language=document.get("language") or "da",
            origin=document.get("origin") or "web",
            at=parse_moment(document["at"]),
            phone_hash=document.get("phone_hash"),
            scope=scope,
            by=document.get("by"),
        )

    def change(self, before: ConsentRecord, after: ConsentRecord) -> None:
        """Store `after` with its ledger row, if the state still is that of `before`."""
        steps = Steps()
        add_consent_change(steps, after, only_from=before.state)
        if steps.commit():
            raise Outrun

    def opt_out(self, municipality: str, phone_hash: str, *, origin: str, at: datetime) -> None:
        """An item that is there is enough; when and where it was said stands in it."""
        proof = {"at": utc_text(at), "origin": origin}
        steps = Steps()
        key = f"{municipality}#phone#{phone_hash}", "opted_out"
        steps.put("opted out", bound(ConsentItem)(*key, state="opted_out", document=proof))
        steps.commit()


def add_consent_change(steps: Steps, after: ConsentRecord, *, only_from: ConsentState) -> None:
    """Put the new state, if it still is `only_from`, and its ledger entry into a transaction."""
    current, ledger = consent_rows(after)
    steps.put("consent", current, bound(ConsentItem).state == only_from.value)
    steps.put("consent ledger", ledger)
