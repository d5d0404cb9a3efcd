"""What has to be taken back before a contact is erased: a time that is still to come, and every consent."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from chalicelib.municipalities.model import SCOPES
from chalicelib.shared.errors import NotFound, WrongState

if TYPE_CHECKING:
    from chalicelib.booking.ports import BookingStore
    from chalicelib.booking.service import BookingService
    from chalicelib.consent.service import ConsentService
    from chalicelib.municipalities.service import Municipalities

_ORIGIN: Final = "erasure"


class StandingPromises:
    """`Standing` on bookings and consents."""

    def __init__(
        self,
        booking: BookingService,
        appointments: BookingStore,
        consents: ConsentService,
        municipalities: Municipalities,
    ) -> None:
        self._booking = booking
        self._appointments = appointments
        self._consents = consents
        self._municipalities = municipalities

    def take_back(self, municipality: str, contact_id: str) -> None:
        """The time is free for others, nothing more is sent, and the ledger says since when (SK-02)."""
        appointment = self._appointments.appointment(municipality, contact_id)
        if appointment is not None:
            # Passed, or too near to be moved any more: then nobody can take other times in its name either.
            with suppress(WrongState):
                self._booking.cancel(self._municipalities.get(municipality), appointment)
        for scope in SCOPES:
            with suppress(NotFound):  # it was never asked
                self._consents.withdraw(municipality, contact_id, origin=_ORIGIN, scope=scope)
