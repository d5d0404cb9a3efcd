"""The consents that are asked with a booking: in its transaction when it is made, and in that of its cancellation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.adapters.citizens.dynamodb_consents import DynamoDbConsents, add_consent_change, consent_rows
from chalicelib.consent.model import ConsentRecord, ConsentState
from chalicelib.municipalities.model import REMINDER_SMS, SURVEY_SMS

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.adapters.transactions import Steps
    from chalicelib.booking.model import Appointment, ConsentAnswer


def add_consents(steps: Steps, appointment: Appointment, phone_hash: str | None) -> None:
    """Each answer that was given, granted or refused, with its ledger row: two items a question (SK-02)."""
    for scope, answer in _asked(appointment).items():
        record = ConsentRecord(
            municipality=appointment.municipality,
            contact_id=appointment.id,
            state=ConsentState.GRANTED if answer.granted else ConsentState.REFUSED,
            text_version=answer.text_version,
            language=appointment.language,
            origin=str(appointment.origin),
            at=appointment.booked_at,
            phone_hash=phone_hash,
            scope=scope,
        )
        for row in consent_rows(record):
            steps.put("consent", row)


def withdraw_consents(steps: Steps, appointment: Appointment, now: datetime) -> None:
    """What was granted is withdrawn, if it still is granted when the transaction is carried out."""
    for scope in _asked(appointment):
        consent = DynamoDbConsents().current(appointment.municipality, appointment.id, scope)
        if consent and consent.state is ConsentState.GRANTED:
            withdrawn = replace(consent, state=ConsentState.WITHDRAWN, at=now)
            add_consent_change(steps, withdrawn, only_from=ConsentState.GRANTED)


def _asked(appointment: Appointment) -> dict[str, ConsentAnswer]:
    """The answers that came with the booking, by their scope; what was not asked is none."""
    answers = {SURVEY_SMS: appointment.consent, REMINDER_SMS: appointment.reminder_consent}
    return {scope: answer for scope, answer in answers.items() if answer and answer.offered}
