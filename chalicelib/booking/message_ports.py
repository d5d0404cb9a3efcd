"""What the messages around appointments need from the outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime

    from chalicelib.booking.capacity import Slot
    from chalicelib.booking.model import Appointment
    from chalicelib.booking.planned import PlannedMessage
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.policies import SurveyPolicy
    from chalicelib.shared.phone import PhoneNumber
    from chalicelib.shared.work import WorkItem


class MessageStore(Protocol):
    """Appointments with their pending messages. Reads are consistent."""

    def appointment(self, municipality: str, appointment: str) -> Appointment | None:
        """An appointment by its id."""
        ...

    def claim(self, item: WorkItem, *, consent: str | None = None) -> bool:
        """True for exactly one caller: the pending work is gone, and only this caller may do it.

        With the scope of a `consent`, only while that stands; else the work is still pending.
        """
        ...

    def restore(self, item: WorkItem, appointment: Appointment) -> None:
        """The work is pending again, if the appointment is still that one; asked by who claimed it and could not."""
        ...

    def update(self, before: Appointment, after: Appointment) -> None:
        """Store `after` with its pending messages, if the appointment still is `before`; its time is the same.

        Raises:
            Outrun: it is another by now.
        """
        ...


class EarlierStore(Protocol):
    """Who waits for an earlier time."""

    def waiting(self, municipality: str, office: str, group: str, later_than: datetime) -> Iterator[Appointment]:
        """Appointments at these desks after that moment whose citizens want an earlier one, longest booked first."""
        ...

    def offer(self, before: Appointment, after: Appointment, done: WorkItem, next_: WorkItem) -> None:
        """Store `after` with its message; `done` ends and `next_` begins, all or nothing.

        Raises:
            Outrun: the appointment has changed, or somebody else did the work.
        """
        ...

    def announce(self, items: Sequence[WorkItem]) -> None:
        """The work begins."""
        ...

    def postpone(self, item: WorkItem, later: WorkItem) -> None:
        """The work is due later; nothing happens if somebody else did it."""
        ...

    def end(self, item: WorkItem) -> None:
        """The work is done; twice is once."""
        ...


class FreeTimes(Protocol):
    """What an appointment's citizen could book instead of it."""

    def __call__(self, municipality: Municipality, appointment: Appointment, moment: datetime) -> Sequence[Slot]:
        """Free times for the same errand on the day of that moment."""
        ...


class QuietHours(Protocol):
    """When people are asked."""

    def __call__(self, moment: datetime, policy: SurveyPolicy, closing_days: AbstractSet[date] = ...) -> datetime:
        """The first moment from `moment` on at which a message may arrive."""
        ...


class TextMessages(Protocol):
    """Sends text messages."""

    def send(self, *, phone: PhoneNumber, text: str, sender: str) -> bool:
        """Hand one message over, in a single attempt; False only if it has certainly not left."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail about an appointment, still to be written. `link` is the appointment's page."""

    to: str = field(repr=False)
    municipality: Municipality
    appointment: Appointment
    message: PlannedMessage
    link: str = field(repr=False)


class Letters(Protocol):
    """Writes and sends e-mail."""

    def send(self, letter: Letter) -> bool:
        """Hand one letter over, in a single attempt; False only if it has certainly not left."""
        ...


class Measured(Protocol):
    """A message as the carrier counts it."""

    @property
    def parts(self) -> int:
        """How many messages it is sent and paid as."""
        ...


class MessageTexts(Protocol):
    """Makes texts that a phone network carries whole."""

    def fit(self, template: str, values: Mapping[str, str | None]) -> str:
        """The template with its placeholders filled, in the GSM-7 alphabet, in one part if that can be had."""
        ...

    def measure(self, text: str) -> Measured:
        """How the text travels."""
        ...
