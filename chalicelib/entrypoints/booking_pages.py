"""The citizen's way to an appointment: start page, reason, office, time. Links only, so each screen can be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.opening import opening_hours
from chalicelib.booking.rules import errand
from chalicelib.booking.search import matching
from chalicelib.entrypoints.booking_views import day_from, offer, start_text, when
from chalicelib.entrypoints.http import html, page_for, pages, parameter, query
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalice.app import Response

    from chalicelib.booking.capacity import Slot
    from chalicelib.municipalities.model import EnquiryReason, Municipality, Office

booking_pages = Blueprint(__name__)

_BETWEEN_REASONS = "."


@booking_pages.route("/{municipality}", methods=["GET"])
@pages(lambda: booking_pages.current_request)
def start_page() -> Response:
    """The municipality's start page: book, find, and when the offices are open today."""
    request, municipality = booking_pages.current_request, _municipality()
    page = page_for(request, municipality)
    today = local_date(bootstrap.clock().now())
    offices = [
        {
            "office": office,
            "hours": opening_hours(municipality, office.desk_groups, today),
            "first": _words(_first_of_office(municipality, office), page.language),
        }
        for office in municipality.offices
    ]
    return html("booking/start.html", page, offices=offices, today=today)


@booking_pages.route("/{municipality}/book", methods=["GET"])
@pages(lambda: booking_pages.current_request)
def choose_reason() -> Response:
    """What the citizen comes for."""
    request, municipality = booking_pages.current_request, _municipality()
    page = page_for(request, municipality)
    asked = (query(request, "q") or "").strip()
    served = frozenset[str]().union(*(office.reasons for office in municipality.offices))
    found = [reason for reason in matching(municipality.reasons, asked) if reason.id in served]
    return html("booking/reasons.html", page, asked=asked, groups=_grouped(found, page.text), found=bool(found))


@booking_pages.route("/{municipality}/book/{reason}", methods=["GET"])
@pages(lambda: booking_pages.current_request)
def choose_office() -> Response:
    """Where, with the first free time of each office; and whether there is more to be done on the same visit."""
    request, municipality = booking_pages.current_request, _municipality()
    page = page_for(request, municipality)
    reasons = reasons_of(municipality, parameter(request, "reason"))
    ids = [reason.id for reason in reasons]
    serving = [office for office in municipality.offices if _serves(municipality, office, ids)]
    offices = [
        {"office": office, "first": _words(bootstrap.booking().first_free(municipality, office.id, ids), page.language)}
        for office in serving
    ]
    more = [
        reason
        for reason in municipality.reasons
        if reason.id not in ids and any(_serves(municipality, office, [*ids, reason.id]) for office in serving)
    ]
    minutes = sum(reason.duration_minutes for reason in reasons)
    chosen = _BETWEEN_REASONS.join(ids)
    return html(
        "booking/offices.html", page, reasons=reasons, chosen=chosen, minutes=minutes, offices=offices, more=more
    )


@booking_pages.route("/{municipality}/book/{reason}/{office}", methods=["GET"])
@pages(lambda: booking_pages.current_request)
def choose_time() -> Response:
    """When: only days that have free times."""
    request, municipality = booking_pages.current_request, _municipality()
    page = page_for(request, municipality)
    office = municipality.office(parameter(request, "office"))
    reasons = reasons_of(municipality, parameter(request, "reason"))
    ids = [reason.id for reason in reasons]
    if not _serves(municipality, office, ids):
        raise NotFound
    days = day_from(query(request, "from")), day_from(query(request, "day"))
    offered = offer(municipality, (office.id, ids), window=days[0], day=days[1], language=page.language)
    context: dict[str, Any] = {"reasons": reasons, "chosen": _BETWEEN_REASONS.join(ids), "office": office}
    first = _words(offered.first, page.language)
    window = days[0].isoformat() if days[0] else None
    return html("booking/times.html", page, offer=offered, first=first, window=window, start_text=start_text, **context)


def reasons_of(municipality: Municipality, text: str) -> tuple[EnquiryReason, ...]:
    """The reasons of an address, such as `passport` or `passport.licence`.

    Raises:
        NotFound: one of them is unknown, or stands there twice.
    """
    ids = text.split(_BETWEEN_REASONS)
    if len(set(ids)) < len(ids):
        raise NotFound
    return tuple(municipality.reason(reason) for reason in ids)


def _serves(municipality: Municipality, office: Office, reasons: Sequence[str]) -> bool:
    try:
        errand(municipality, office.id, reasons)
    except InvalidInput:
        return False
    return True


def _first_of_office(municipality: Municipality, office: Office) -> Slot | None:
    """The first free time for the shortest errand of each desk group."""
    firsts = []
    for group in office.desk_groups:
        shortest = min((municipality.reason(reason) for reason in group.reasons), key=lambda r: r.duration_minutes)
        firsts.append(bootstrap.booking().first_free(municipality, office.id, [shortest.id]))
    return min((slot for slot in firsts if slot), key=lambda slot: slot.start, default=None)


def _words(slot: Slot | None, language: str) -> str | None:
    return when(slot.start, language) if slot else None


def _grouped(reasons: list[EnquiryReason], text: Any) -> list[tuple[str, list[EnquiryReason]]]:
    groups: dict[str, list[EnquiryReason]] = {}
    for reason in reasons:
        groups.setdefault(text(reason.group), []).append(reason)
    return list(groups.items())


def _municipality() -> Municipality:
    return bootstrap.municipalities().get(parameter(booking_pages.current_request, "municipality"))
