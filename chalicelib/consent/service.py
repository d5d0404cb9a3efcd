"""Taking back a consent, and saying no to every further message."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from chalicelib.consent.model import ConsentState
from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.shared.errors import NotFound
from chalicelib.shared.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.consent.model import ConsentRecord
    from chalicelib.shared.clock import Clock
    from chalicelib.shared.hashing import Keys


class ConsentStore(Protocol):
    """Where consents are kept: the state now, and an append-only ledger of how it came about.

    Writes raise `Outrun`, `Busy` and `Ambiguous` as every store's do.
    """

    def current(self, municipality: str, contact_id: str, scope: str = SURVEY_SMS) -> ConsentRecord | None:
        """The consent as it stands, read consistently."""
        ...

    def change(self, before: ConsentRecord, after: ConsentRecord) -> None:
        """Store `after` with its ledger row, if the state still is that of `before`."""
        ...

    def opt_out(self, municipality: str, phone_hash: str, *, origin: str, at: datetime) -> None:
        """No message about anything but own appointments goes to that number any more. Once is enough."""
        ...


class ConsentService:
    """The consent ledger's use cases. Giving consent is part of booking and of checking in."""

    def __init__(
        self,
        *,
        store: ConsentStore,
        keys: Callable[[], Keys],
        clock: Callable[[], Clock],
        retry: Retry | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._retry = retry or Retry()

    def state(self, municipality: str, contact_id: str, scope: str = SURVEY_SMS) -> ConsentState | None:
        """Where a consent stands; None if it was never asked."""
        record = self._store.current(municipality, contact_id, scope)
        return record.state if record else None

    def withdraw(
        self,
        municipality: str,
        contact_id: str,
        *,
        origin: str = "web",
        by: str | None = None,
        scope: str = SURVEY_SMS,
    ) -> None:
        """From now on nothing is sent that has not left already (I3); on the ledger. Twice is once.

        Raises:
            NotFound: nothing was ever asked about this contact.
            Busy: try again; nothing was changed.
        """

        def attempt() -> None:
            before = self._store.current(municipality, contact_id, scope)
            if before is None:
                raise NotFound
            if before.state is ConsentState.GRANTED:
                now = self._clock().now().replace(microsecond=0)
                self._store.change(before, replace(before, state=ConsentState.WITHDRAWN, origin=origin, at=now, by=by))

        self._retry.run(attempt)

    def opt_out(self, municipality: str, contact_id: str, *, origin: str = "web") -> None:
        """The contact's consent is withdrawn and its number is never asked again.

        Raises:
            NotFound: nothing was ever asked about this contact.
        """
        self.withdraw(municipality, contact_id, origin=origin)
        record = self._store.current(municipality, contact_id)
        if record and record.phone_hash:
            self._opt_out(municipality, record.phone_hash, origin)

    def _opt_out(self, municipality: str, hashed: str, origin: str) -> None:
        at = self._clock().now().replace(microsecond=0)
        self._retry.run(lambda: self._store.opt_out(municipality, hashed, origin=origin, at=at))
