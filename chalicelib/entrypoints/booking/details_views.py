"""The pages of the last two screens of a booking, and of what can come between."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from chalicelib import bootstrap
from chalicelib.booking.callers import Purpose
from chalicelib.booking.challenge import Proof
from chalicelib.booking.messages import way_to
from chalicelib.booking.reminders import reminder_moment
from chalicelib.entrypoints.booking.form import CARRIED
from chalicelib.entrypoints.booking.guard import puzzle
from chalicelib.entrypoints.booking.views import Wish, booking_page, nearest, start_text, when
from chalicelib.entrypoints.http import html
from chalicelib.municipalities.model import REMINDER_SMS, SURVEY_SMS
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import SlotTaken, TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.booking.model import Hold
    from chalicelib.entrypoints.booking.form import ContactForm
    from chalicelib.entrypoints.booking.holding import Keeping, Place
    from chalicelib.shared.errors import NotBookable

_EARLIER_FROM: Final = timedelta(days=1)


def form_page(
    place: Place,
    typed: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
    *,
    hold: Hold | None,
    keeping: Keeping | None = None,
) -> Response:
    """About you. `keeping` says what has just become of the hold."""
    municipality = place.choice.municipality
    language = booking_page(place.request, municipality).language
    asked = municipality.consent_texts.get(SURVEY_SMS)
    today = local_date(bootstrap.clock().now())
    return _page(
        place,
        "booking/details.html",
        status=422 if errors else 200,
        errors=errors,
        typed=_with_slip(place, typed),
        hold=hold,
        keeping=keeping,
        preview=bootstrap.booking().invitation_preview(municipality, language),
        consent_text=asked.wording_for(typed["idempotency_key"]) if asked else None,
        reminded_at=_reminded_at(place),
        reminder_text=municipality.consent_texts.get(REMINDER_SMS) if _reminded_at(place) else None,
        may_get_earlier=municipality.booking.earlier_time_messages > 0
        and local_date(place.start) - today >= _EARLIER_FROM,
        puzzle=puzzle(municipality),
    )


def check_page(
    place: Place, filled: ContactForm, hold: Hold, *, keeping: Keeping | None = None, unproven: Proof | None = None
) -> Response:
    """Every answer, each with a way to correct it; then the button that books.

    `unproven`: the municipality keeps robots out, and this booking has not shown yet that it comes from none.
    """
    municipality = place.choice.municipality
    typed = {**filled.typed, "hold_id": hold.id}
    if unproven:
        typed["solution"] = ""
        typed["slip"] = typed["slip"] if unproven is Proof.TOO_EARLY else ""
    carried = {name: value for name, value in _with_slip(place, typed).items() if name in CARRIED}
    return _page(
        place,
        "booking/check.html",
        status=403 if unproven else 200,
        carried=carried,
        filled=filled,
        way=way_to(municipality, filled.phone, filled.email),
        hold=hold,
        keeping=keeping,
        reminded_at=_reminded_at(place) if filled.wants_reminder else None,
        unproven=unproven,
        puzzle=None if carried["solution"] else puzzle(municipality),
    )


def other_times_page(place: Place, typed: Mapping[str, str], error: SlotTaken | NotBookable) -> Response:
    """What was typed goes along to whichever time is chosen instead."""
    choice = place.choice
    wish = Wish(choice.municipality, place.office.id, choice.ids, choice.persons, choice.meeting)
    carried = {**typed, "hold_id": ""}
    taken = isinstance(error, SlotTaken)
    slots = nearest(wish, place.start)
    return _page(place, "booking/taken.html", status=error.status, carried=carried, slots=slots, taken=taken)


def too_many_page(place: Place, typed: Mapping[str, str], purpose: Purpose) -> Response:
    """Too much came from this network; what was typed is kept, and there are other ways."""
    action = "confirm" if purpose is Purpose.BOOK else "check"
    now = bootstrap.clock().now()
    again = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return _page(
        place,
        "booking/too_many.html",
        status=TooManyRequests.status,
        headers={"Retry-After": str(int((again - now).total_seconds()))},
        carried=typed,
        action_name=action,
        again=again,
    )


def already_page(place: Place) -> Response:
    """This form has booked already, with other words in it."""
    return html("booking/already.html", booking_page(place.request, place.choice.municipality), status=422)


def _reminded_at(place: Place) -> object:
    moment = reminder_moment(place.choice.municipality.booking, place.start)
    return moment if moment and moment > bootstrap.clock().now() else None


def _with_slip(place: Place, typed: Mapping[str, str]) -> dict[str, str]:
    """For browsers without scripts the form says when it was opened."""
    municipality = place.choice.municipality
    if not municipality.booking.challenge or typed["slip"]:
        return dict(typed)
    return {**typed, "slip": bootstrap.challenges().slip(municipality.id)}


def _page(
    place: Place,
    template: str,
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    page = booking_page(place.request, place.choice.municipality, errors=errors)
    wish = place.choice.at(place.office.id)
    facts: dict[str, Any] = {
        "choice": place.choice,
        "reasons": place.choice.reasons,
        "office": place.office,
        "minutes": wish.minutes if wish else None,
        "start": place.start,
        "start_part": start_text(place.start),
        "start_text": start_text,
        "now": bootstrap.clock().now(),
        "when": lambda moment: when(moment, page.language),
    }
    return html(template, page, status=status, headers=headers, **facts, **context)
