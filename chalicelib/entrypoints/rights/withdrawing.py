"""Taking a consent back, with what follows from it at once; wherever the citizen says so (SK-02, I3)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from chalicelib import bootstrap
from chalicelib.municipalities.model import COMMENT_USE, REMINDER_SMS, SCOPES
from chalicelib.shared.errors import NotFound

if TYPE_CHECKING:
    from chalicelib.consent.model import ConsentState


def withdraw(municipality: str, contact_id: str, scope: str, *, origin: str, by: str | None = None) -> None:
    """From now on it is no more than if it had never been given; the other answers stay. Twice is once.

    Raises:
        NotFound: that was never asked about this contact.
    """
    if scope == COMMENT_USE:
        with suppress(NotFound):  # the answers are gone already, and only the ledger remembers
            bootstrap.comment_uses().withdraw(municipality, contact_id, origin=origin, by=by)
            return
    # The ledger first: it is what a sender asks last.
    bootstrap.consents().withdraw(municipality, contact_id, origin=origin, by=by, scope=scope)
    if scope == REMINDER_SMS:
        bootstrap.messages().stop_reminder(municipality, contact_id)


def states(municipality: str, contact_id: str) -> dict[str, ConsentState]:
    """Where each consent stands that was asked for."""
    found = {scope: bootstrap.consents().state(municipality, contact_id, scope) for scope in SCOPES}
    return {scope: state for scope, state in found.items() if state is not None}
