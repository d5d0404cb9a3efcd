"""What can be booked, asked before anything is read or written. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib.booking.capacity import MAX_TICKS, Tick, ticks_from, ticks_in
from chalicelib.booking.model import Booker, DayRow
from chalicelib.booking.opening import Access, acute_released, day_ticks
from chalicelib.municipalities.model import REMINDER_SMS, SURVEY_SMS, Meeting
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotBookable, NotFound, WrongState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from chalicelib.booking.model import Appointment, BookingRequest, ConsentAnswer, Hold
    from chalicelib.municipalities.model import DeskGroup, EnquiryReason, Municipality, Office
    from chalicelib.shared.phone import PhoneNumber

MAX_REASONS: Final = 5


@dataclass(frozen=True, slots=True)
class Errand:
    """What a citizen comes for, and where: one desk group serves all the reasons, one after the other.

    It lasts `minutes`; the desk needs `buffer` more, once, before the next citizen.
    """

    office: Office
    group: DeskGroup
    reasons: tuple[EnquiryReason, ...]
    minutes: int
    buffer: int = 0
    booker: Booker = Booker.WEB

    @property
    def is_staff(self) -> bool:
        """True if staff book."""
        return self.booker is Booker.STAFF

    def ticks(self, municipality: Municipality, day: date, now: datetime) -> tuple[Tick, ...]:
        """The ticks of a day, with what this errand may use of them now."""
        reasons = tuple(reason.id for reason in self.reasons)
        access = Access(reasons, self.booker, acute_released(municipality, day, now))
        return day_ticks(municipality, self.office, self.group, day, access)

    def row(self, municipality: Municipality, day: date) -> DayRow:
        """The row of ticks that the errand takes lanes of on a day."""
        return DayRow(municipality.id, self.office.id, self.group.id, day)


@dataclass(frozen=True, slots=True)
class Party:
    """Who comes, how, and who books it."""

    persons: int = 1
    meeting: Meeting = Meeting.IN_PERSON
    booker: Booker = Booker.WEB


ONE: Final = Party()
"""A citizen who books to come alone."""


def errand(municipality: Municipality, office: str, reasons: Sequence[str], party: Party = ONE) -> Errand:
    """The errand of one or several reasons, as long as all of them together, and longer for each further person.

    Raises:
        InvalidInput: an unknown or repeated reason, an office that does not serve it, reasons of two desk groups,
            too many persons, a meeting that is not held so, or more than one visit can hold.
        NotBookable: what is only picked up needs no appointment.
    """
    try:
        place = municipality.office(office)
    except NotFound as error:
        raise InvalidInput(fields={"office": "unknown office"}) from error
    chosen = _reasons(municipality, reasons)
    groups = {group.id: group for group in (_group(place, reason) for reason in chosen)}
    minutes, buffer = _minutes(chosen, party), max(reason.buffer_minutes for reason in chosen)
    if len(groups) > 1:
        raise InvalidInput(fields={"reasons": "these are served at different desks; book them one by one"})
    step = municipality.booking.tick_minutes
    if -(-minutes // step) + -(-buffer // step) > MAX_TICKS:
        raise InvalidInput(fields={"reasons": "together they take too long for one visit"})
    return Errand(place, next(iter(groups.values())), chosen, minutes, buffer, party.booker)


def _minutes(chosen: Sequence[EnquiryReason], party: Party) -> int:
    """Each enquiry takes longer for each further person that it concerns."""
    if any(reason.pick_up for reason in chosen):
        raise NotBookable(fields={"reasons": "this is picked up without an appointment"})
    if not 1 <= party.persons <= max(reason.max_persons for reason in chosen):
        raise InvalidInput(fields={"persons": "so many can't come together"})
    if not all(party.meeting in reason.meetings for reason in chosen):
        raise InvalidInput(fields={"meeting": "it is not held that way"})
    return sum(reason.duration_minutes + reason.minutes_more(party.persons) for reason in chosen)


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


def earliest_start(municipality: Municipality, now: datetime, booker: Booker = Booker.WEB) -> datetime:
    """Before this moment nothing can be booked. Staff know who is coming, so they need no lead time."""
    lead = 0 if booker is Booker.STAFF else municipality.booking.lead_minutes
    return now + timedelta(minutes=lead)


def last_day(municipality: Municipality, now: datetime) -> date:
    """After this local day nothing can be booked yet."""
    return local_date(now) + timedelta(days=municipality.booking.horizon_days)


def wanted_ticks(
    municipality: Municipality, wish: Errand, start: datetime, now: datetime, hold: Hold | None = None
) -> tuple[Tick, ...]:
    """The ticks that the errand takes from `start`. What is held already may meanwhile be nearer than the lead time.

    Raises:
        NotBookable: passed, too soon, too far ahead, or not open all the way.
    """
    is_held = hold is not None and hold.start == start and hold.expires_at > now
    if start < (now if is_held else earliest_start(municipality, now, wish.booker)):
        raise NotBookable(fields={"start": "the time has passed, or it is too soon"})
    day = local_date(start)
    if day > last_day(municipality, now):
        raise NotBookable(fields={"start": "that far ahead nothing can be booked yet"})
    ticks = ticks_from(wish.ticks(municipality, day, now), start, wish.minutes, wish.buffer)
    if not ticks:
        raise NotBookable(fields={"start": "the office is not open for appointments then"})
    return ticks


def check_consents(municipality: Municipality, request: BookingRequest) -> None:
    """Each answer belongs to a wording in force (SK-02); what was not asked needs none.

    Raises:
        InvalidInput: another version, so the citizen has read something else.
    """
    answers = {"survey_consent": (SURVEY_SMS, request.consent)}
    if request.reminder_consent:
        answers["reminder_consent"] = (REMINDER_SMS, request.reminder_consent)
    wrong = [name for name, (scope, answer) in answers.items() if not _fits(municipality, scope, answer)]
    if wrong:
        raise InvalidInput(fields=dict.fromkeys(wrong, "text_version is not the one in force"))


def _fits(municipality: Municipality, scope: str, answer: ConsentAnswer) -> bool:
    if not answer.offered and not answer.granted:
        return True
    text = municipality.consent_texts.get(scope)
    return text is not None and text.knows(answer.text_version)


def is_reminded(municipality: Municipality, request: BookingRequest) -> bool:
    """Whether the citizen is to be reminded: by consent alone where that is asked for, else by choice (ADR 29)."""
    if REMINDER_SMS in municipality.consent_texts:
        return request.reminder_consent is not None and request.reminder_consent.granted
    return request.reminder


def check_reachable(request: BookingRequest) -> None:
    """A meeting by phone needs a number to call, one by video an address that its link is sent to.

    Raises:
        InvalidInput: it is missing.
    """
    if request.meeting is Meeting.PHONE and request.phone is None:
        raise InvalidInput(fields={"phone": "needed for a meeting by phone"})
    if request.meeting is Meeting.VIDEO and not request.email:
        raise InvalidInput(fields={"email": "needed for a meeting by video"})


def told_end(wish: Errand, ticks: Sequence[Tick]) -> datetime:
    """When the errand ends for the citizen; the desk needs the ticks after it as a buffer."""
    return ticks[ticks_in(wish.minutes, ticks[0]) - 1].end


def check_changeable(
    municipality: Municipality, appointment: Appointment, now: datetime, *, by_office: bool = False
) -> None:
    """The citizen may still move or cancel it; the office may up to the time itself.

    Raises:
        WrongState: cancelled, passed, or nearer than the municipality allows.
    """
    if appointment.is_cancelled:
        raise WrongState("The appointment has been cancelled.")
    cutoff = 0 if by_office else municipality.booking.cancel_cutoff_minutes
    if now >= appointment.start - timedelta(minutes=cutoff):
        raise WrongState("It is too late to change the appointment here.")


def may_text(municipality: Municipality, phone: PhoneNumber) -> bool:
    """True for numbers of the countries that the municipality sends text messages to."""
    return any(phone.reveal().startswith(f"+{code}") for code in municipality.survey.allowed_country_codes)
