"""Booking on behalf of a citizen at the desk or on the phone: one page, by keyboard (GL-67, FR-16).

The same record as any other booking, with its origin. The consent question is read aloud; "not asked" is an honest
answer and leaves nothing in the ledger, because there was neither a yes nor a no (SK-02).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.model import Booker, BookingRequest, ConsentAnswer, Origin
from chalicelib.entrypoints.auth import Role, require
from chalicelib.entrypoints.booking import input as booking_input
from chalicelib.entrypoints.booking.views import day_from, start_from, start_text, when
from chalicelib.entrypoints.events.booking_work import confirm_at_once
from chalicelib.entrypoints.http import form_lists, html, page_for, pages, parameter, query, query_list
from chalicelib.entrypoints.planning.pages import chosen_office, frame
from chalicelib.municipalities.model import REMINDER_SMS, SURVEY_SMS, Meeting
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotBookable, NotFound, SlotTaken
from chalicelib.shared.languages import Language
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalice.app import Request, Response

    from chalicelib.booking.capacity import Slot
    from chalicelib.entrypoints.auth import Staff
    from chalicelib.municipalities.model import Municipality
    from chalicelib.municipalities.offices import Office

assisted_pages = Blueprint(__name__)

_FORM: Final = ["application/x-www-form-urlencoded"]
_TYPED: Final = (
    *("phone", "email", "name", "language", "consent", "reminder", "origin", "start"),
    *("text_version", "reminder_version", "key"),
)
_WINDOW_DAYS: Final = 14
_SHOWN_DAYS: Final = 3
_LONGEST: Final = 300
_MESSAGES: Final = {
    "phone": "Tjek mobilnummeret. Skriv det som 20 12 34 56, eller med landekode.",
    "email": "Tjek e-mailadressen.",
    "name": "Skriv et kortere navn.",
    "start": "Vælg en tid.",
    "consent": "Skriv borgerens mobilnummer, når der er sagt ja til en sms.",
    "reminder": "Skriv, hvor borgeren kan nås, når der er sagt ja til en påmindelse.",
    "survey_consent": "Spørgsmålet er ændret i mellemtiden. Læs det nye op.",
    "reminder_consent": "Spørgsmålet er ændret i mellemtiden. Læs det nye op.",
}


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the citizen comes for."""

    office: Office
    reasons: tuple[str, ...]
    persons: int
    day: date | None
    meeting: Meeting = Meeting.IN_PERSON


@assisted_pages.route("/{municipality}/desk/book", methods=["GET"])
@pages(lambda: assisted_pages.current_request)
def assisted_booking_page() -> Response:
    """The form; with free times once it is known what the citizen comes for."""
    request, municipality, staff = _staffed()
    office = chosen_office(request, municipality)
    known = {reason.id for reason in municipality.reasons}
    reasons = tuple(reason for reason in query_list(request, "reason") if reason in known)
    persons, meeting = _persons(query(request, "persons")), _meeting(query(request, "meeting"))
    wish = _Wish(office, reasons, persons, day_from(query(request, "day")), meeting)
    return _page(request, municipality, staff, wish, {"origin": query(request, "origin") or Origin.PHONE.value})


@assisted_pages.route("/{municipality}/desk/book", methods=["POST"], content_types=_FORM)
@pages(lambda: assisted_pages.current_request)
def book_for_citizen() -> Response:
    """Books, once for each form; the code is shown large, to be read aloud or printed."""
    request, municipality, staff = _staffed()
    fields = form_lists(request)
    typed = {name: values[-1][:_LONGEST] for name, values in fields.items() if name in _TYPED}
    office = municipality.office(fields.get("office", [""])[-1])
    persons = _persons(fields.get("persons", ["1"])[-1])
    meeting = _meeting(fields.get("meeting", [""])[-1])
    wish = _Wish(office, tuple(fields.get("reason", ())), persons, day_from(fields.get("day", [""])[-1]), meeting)
    booking = bootstrap.booking()
    try:
        asked = _request(wish, typed)
        booked = booking.book(municipality, asked, f"desk-{typed.get('key') or secrets.token_urlsafe(16)}")
    except (SlotTaken, NotBookable):
        return _page(request, municipality, staff, wish, typed, errors={"start": "taken"}, status=409)
    except InvalidInput as error:
        return _page(request, municipality, staff, wish, typed, errors=error.fields, status=422)
    confirm_at_once(municipality, booked.id)
    page = page_for(request, municipality, staff=True)
    return html(
        "planning/booked.html",
        page,
        **frame(staff, office, page.language),
        booked=booked,
        reasons=[municipality.reason(reason) for reason in wish.reasons],
        persons=wish.persons,
        reached=asked.phone is not None or asked.email is not None,
        when=lambda moment: when(moment, page.language),
    )


def _request(wish: _Wish, typed: Mapping[str, str]) -> BookingRequest:
    """What to book.

    Raises:
        InvalidInput: with every field that is wrong.
    """
    wrong: dict[str, str] = {}

    def read(name: str, reader: Any) -> Any:
        try:
            return reader(typed.get(name) or None)
        except (InvalidInput, NotFound):
            wrong[name] = "wrong"
            return None

    phone = read("phone", booking_input.phone_number)
    consent = typed.get("consent", "")
    if consent == "yes" and not phone and "phone" not in wrong:
        wrong["consent"] = "needs a number"
    if typed.get("reminder") == "yes" and not phone and not typed.get("email") and "phone" not in wrong:
        wrong["reminder"] = "needs a number or an address"
    values = {
        "start": read("start", _chosen_start),
        "email": read("email", booking_input.email_address),
        "name": read("name", booking_input.person_name),
        "language": read("language", booking_input.language_tag),
    }
    if wrong:
        raise InvalidInput(fields=wrong)
    return BookingRequest(
        office=wish.office.id,
        reasons=wish.reasons,
        consent=_answer(consent, typed.get("text_version", "")),
        reminder_consent=_answer(typed.get("reminder", ""), typed["reminder_version"])
        if typed.get("reminder_version")
        else None,
        phone=phone,
        persons=wish.persons,
        meeting=wish.meeting,
        origin=Origin.DESK if typed.get("origin") == Origin.DESK else Origin.PHONE,
        **values,
    )


def _answer(said: str, version: str) -> ConsentAnswer:
    """What the citizen said to a question that was read aloud; not asked is neither yes nor no."""
    return ConsentAnswer(said == "yes", version, offered=said in {"yes", "no"})


def _chosen_start(text: str | None) -> Any:
    if not text:
        raise NotFound
    return start_from(text)


def _page(
    request: Request,
    municipality: Municipality,
    staff: Staff,
    wish: _Wish,
    typed: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    page = page_for(request, municipality, staff=True)
    language = page.language
    slots, refused = _slots(municipality, wish) if wish.reasons else ([], False)
    told = {name: gettext(language, _MESSAGES.get(name, "Tjek feltet.")) for name in errors or {}}
    if (errors or {}).get("start") == "taken":
        told["start"] = gettext(language, "Tiden er lige blevet taget. Vælg en anden.")
    text = municipality.consent_texts.get(SURVEY_SMS)
    key = typed.get("key") or secrets.token_urlsafe(16)
    return html(
        "planning/book.html",
        replace(page, errors=told),
        status=status,
        **frame(staff, wish.office, language),
        wish=wish,
        served=[each for each in municipality.reasons if each.id in wish.office.reasons and not each.pick_up],
        meetings=[each for each in Meeting if any(each in reason.meetings for reason in municipality.reasons)],
        most_persons=max((reason.max_persons for reason in municipality.reasons), default=1),
        days=_by_day(slots),
        refused=refused,
        later=_later(slots, wish.day, bootstrap.clock().now().date()),
        typed={**dict.fromkeys(_TYPED, ""), "language": "da", **typed, "key": key},
        consent_text=text,
        reminder_text=municipality.consent_texts.get(REMINDER_SMS) if municipality.booking.reminder_at else None,
        preview=bootstrap.booking().invitation_preview(municipality, language) if text else "",
        start_text=start_text,
        languages=list(Language),
    )


def _slots(municipality: Municipality, wish: _Wish) -> tuple[list[Slot], bool]:
    """Free times of the next days that have any, the places of staff included; whether it can't be booked here."""
    booking, today = bootstrap.booking(), local_date(bootstrap.clock().now())
    first = max(wish.day or today, today)
    how: dict[str, Any] = {"persons": wish.persons, "meeting": wish.meeting, "booker": Booker.STAFF}
    try:
        soonest = booking.first_free(municipality, wish.office.id, wish.reasons, after=first, **how)
        if soonest is None:
            return [], False
        day = local_date(soonest.start)
        last = day + timedelta(days=_WINDOW_DAYS - 1)
        slots = booking.slots(municipality, wish.office.id, wish.reasons, day, last, **how)
    except InvalidInput:
        return [], True
    return slots, False


def _by_day(slots: Sequence[Slot]) -> list[tuple[date, list[Slot]]]:
    """The first days that have free times."""
    days: dict[date, list[Slot]] = {}
    for slot in slots:
        days.setdefault(local_date(slot.start), []).append(slot)
    return list(days.items())[:_SHOWN_DAYS]


def _later(slots: Sequence[Slot], day: date | None, today: date) -> date | None:
    """The day from which the next days are shown."""
    shown = _by_day(slots)
    return shown[-1][0] + timedelta(days=1) if shown else (day or today) + timedelta(days=_WINDOW_DAYS)


def _meeting(text: str | None) -> Meeting:
    return next((each for each in Meeting if each == text), Meeting.IN_PERSON)


def _persons(text: str | None) -> int:
    return min(max(int(text), 1), 12) if text and text.isascii() and text.isdigit() else 1


def _staffed() -> tuple[Request, Municipality, Staff]:
    request = assisted_pages.current_request
    municipality = parameter(request, "municipality")
    staff = require(request, municipality, Role.DESK, Role.LEADER)
    return request, bootstrap.municipalities().get(municipality), staff
