"""What can be booked, asked before anything is read or written. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.booking.capacity import MAX_TICKS, Tick, ticks_from
from chalicelib.booking.model import DayRow
from chalicelib.booking.opening import day_ticks
from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotBookable, NotFound, WrongState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from chalicelib.booking.model import Appointment, ConsentAnswer
    from chalicelib.municipalities.model import DeskGroup, EnquiryReason, Municipality, Office
    from chalicelib.shared.phone import PhoneNumber

MAX_REASONS: Final = 5


@dataclass(frozen=True, slots=True)
class Errand:
    """What a citizen comes for, and where: one desk group serves all the reasons, one after the other."""

    office: Office
    group: DeskGroup
    reasons: tuple[EnquiryReason, ...]
    minutes: int

    def row(self, municipality: Municipality, day: date) -> DayRow:
        """The row of ticks that the errand takes lanes of on a day."""
        return DayRow(municipality.id, self.office.id, self.group.id, day)


def errand(municipality: Municipality, office: str, reasons: Sequence[str]) -> Errand:
    """The errand of one or several reasons, as long as all of them together.

    Raises:
        InvalidInput: an unknown or repeated reason, an office that does not serve it, reasons of two desk groups, or
            more than one visit can hold.
    """
    try:
        place = municipality.office(office)
    except NotFound as error:
        raise InvalidInput(fields={"office": "unknown office"}) from error
    chosen = _reasons(municipality, reasons)
    groups = {group.id: group for group in (_group(place, reason) for reason in chosen)}
    minutes = sum(reason.duration_minutes for reason in chosen)
    if len(groups) > 1:
        raise InvalidInput(fields={"reasons": "these are served at different desks; book them one by one"})
    if minutes > MAX_TICKS * municipality.booking.tick_minutes:
        raise InvalidInput(fields={"reasons": "together they take too long for one visit"})
    return Errand(place, next(iter(groups.values())), chosen, minutes)


def _reasons(municipality: Municipality, reasons: Sequence[str]) -> tuple[EnquiryReason, ...]:
    if not 0 < len(reasons) <= MAX_REASONS or len(set(reasons)) < len(reasons):
        raise InvalidInput(fields={"reasons": f"give 1 to {MAX_REASONS} different enquiry reasons"})
    try:
        return tuple(municipality.reason(reason) for reason in reasons)
    except NotFound as error:
        raise InvalidInput(fields={"reasons": "unknown enquiry reason"}) from error


def _group(office: Office, reason: EnquiryReason) -> DeskGroup:
    try:
        return office.group_for(reason.id)
    except NotFound as error:
        raise InvalidInput(fields={"reasons": "this office does not serve it"}) from error


def earliest_start(municipality: Municipality, now: datetime) -> datetime:
    """Before this moment nothing can be booked."""
    return now + timedelta(minutes=municipality.booking.lead_minutes)


def last_day(municipality: Municipality, now: datetime) -> date:
    """After this local day nothing can be booked yet."""
    return local_date(now) + timedelta(days=municipality.booking.horizon_days)


def wanted_ticks(municipality: Municipality, wish: Errand, start: datetime, now: datetime) -> tuple[Tick, ...]:
    """The ticks that the errand takes from `start`.

    Raises:
        NotBookable: passed, too soon, too far ahead, or not open all the way.
    """
    if start < earliest_start(municipality, now):
        raise NotBookable(fields={"start": "the time has passed, or it is too soon"})
    day = local_date(start)
    if day > last_day(municipality, now):
        raise NotBookable(fields={"start": "that far ahead nothing can be booked yet"})
    ticks = ticks_from(day_ticks(municipality, wish.group, day), start, wish.minutes)
    if not ticks:
        raise NotBookable(fields={"start": "the office is not open for appointments then"})
    return ticks


def check_consent(municipality: Municipality, answer: ConsentAnswer) -> None:
    """The answer belongs to the wording in force (SK-02).

    Raises:
        InvalidInput: another version, so the citizen has read something else.
    """
    text = municipality.consent_texts.get(SURVEY_SMS)
    if text is None or answer.text_version != text.version:
        raise InvalidInput(fields={"survey_consent": "text_version is not the one in force"})


def check_changeable(municipality: Municipality, appointment: Appointment, now: datetime) -> None:
    """The citizen may still move or cancel it.

    Raises:
        WrongState: cancelled, passed, or nearer than the municipality allows.
    """
    if appointment.is_cancelled:
        raise WrongState("The appointment has been cancelled.")
    if now >= appointment.start - timedelta(minutes=municipality.booking.cancel_cutoff_minutes):
        raise WrongState("It is too late to change the appointment here.")


def may_text(municipality: Municipality, phone: PhoneNumber) -> bool:
    """True for numbers of the countries that the municipality sends text messages to."""
    return any(phone.reveal().startswith(f"+{code}") for code in municipality.survey.allowed_country_codes)
