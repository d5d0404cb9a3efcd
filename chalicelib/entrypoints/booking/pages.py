"""The citizen's way to an appointment: start page, reason, office, time. Links only, so each screen can be kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import bootstrap
from chalicelib.booking.alternatives import Reaction
from chalicelib.booking.opening import opening_hours
from chalicelib.booking.search import matching
from chalicelib.entrypoints.booking.choice import BETWEEN_REASONS, Choice, choice_of, reasons_of
from chalicelib.entrypoints.booking.views import (
    Wish,
    booking_page,
    day_from,
    has_edge_hours,
    offer,
    opening_days,
    start_text,
    when,
)
from chalicelib.entrypoints.http import html, pages, parameter, query, query_list, see_other
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Busy, NotFound
from chalicelib.telemetry import logger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalice.app import Response

    from chalicelib.booking.capacity import Slot
    from chalicelib.municipalities.model import EnquiryReason, Municipality, Office
    from chalicelib.visits.notices import Notice
    from chalicelib.web.pages import Page

booking_pages = Blueprint(__name__)


@booking_pages.route("/{municipality}", methods=["GET"])
@pages(lambda: booking_pages.current_request)
def start_page() -> Response:
    """The municipality's start page: book, find, and when the offices are open today."""
    request, municipality = booking_pages.current_request, _municipality()
    page = booking_page(request, municipality)
    today = local_date(bootstrap.clock().now())
    offices = [
        {
            "office": office,
            "hours": opening_hours(municipality, office, today),
            "first": _words(_first_of_office(municipality, office), page.language),
        }
        for office in municipality.offices
    ]
    announcements = bootstrap.notices().announcements(municipality)
    return html("booking/start.html", page, offices=offices, today=today, announcements=announcements)


@booking_pages.route("/{municipality}/book", methods=["GET"])
@pages(lambda: booking_pages.current_request)
def choose_reason() -> Response:
    """What the citizen comes for. An address may say that and the office already (`?office=…&reason=…`)."""
    request, municipality = booking_pages.current_request, _municipality()
    page = booking_page(request, municipality)
    office = next((each for each in municipality.offices if each.id == query(request, "office")), None)
    wanted = query_list(request, "reason")
    if wanted and (reasons := _known(municipality, BETWEEN_REASONS.join(wanted))):
        return see_other(_beyond(page, Choice(municipality, reasons), office))
    asked = (query(request, "q") or "").strip()
    offices = [office] if office else municipality.offices
    served = frozenset[str]().union(*(each.reasons for each in offices))
    shown = [reason for reason in municipality.reasons if reason.id in served or reason.pick_up]
    found = matching(tuple(shown), asked)
    context: dict[str, Any] = {"asked": asked, "groups": _grouped(found, page.text), "found": bool(found)}
    announcements = bootstrap.notices().announcements(municipality)
    return html(
        "booking/reasons.html", page, office=office, unknown=bool(wanted), announcements=announcements, **context
    )


def _known(municipality: Municipality, text: str) -> tuple[EnquiryReason, ...]:
    try:
        return reasons_of(municipality, text)
    except NotFound:
        return ()


def _beyond(page: Page, choice: Choice, office: Office | None) -> str:
    """The first screen where there is something left to choose or to be told."""
    if office and choice.at(office.id) and not choice.alternatives and len(choice.meetings) == 1:
        return page.at("book", choice.path, office.id)
    return page.at("book", choice.path, office=office.id if office else None)


@booking_pages.route("/{municipality}/book/{reason}", methods=["GET"])
@pages(lambda: booking_pages.current_request)
def choose_office() -> Response:
    """Where, with the first free time of each office; how many come, how to meet, and what else is to be done.

    Other ways than an appointment stand first, and that they were offered is counted (FR-12).
    """
    request, municipality = booking_pages.current_request, _municipality()
    page = booking_page(request, municipality)
    choice = choice_of(request, municipality)
    if choice.is_pick_up:
        return _pick_up_page(page, choice)
    onwards = replace(choice, seen=bool(choice.alternatives))
    if choice.alternatives:
        _count(choice, Reaction.OFFERED)
    wanted = query(request, "office")
    serving = [office for office in choice.offices if wanted in {None, office.id}] or choice.offices
    return html(
        "booking/offices.html",
        page,
        choice=choice,
        onwards=onwards,
        offices=[
            {"office": office, "first": _words(_wish(choice, office).first_free(), page.language)} for office in serving
        ],
        is_narrowed=len(serving) < len(choice.offices),
        minutes=_minutes(choice),
        more=choice.more(),
        same_office=wanted,
        announcements=_announcements(municipality, choice, *serving),
    )


def _announcements(municipality: Municipality, choice: Choice, *offices: Office) -> tuple[Notice, ...]:
    """What is out of order at these offices, as far as it is about what the citizen comes for (BF-14).

    Links lead past the start page, so it is said here as well.
    """
    chosen, here = {reason.id for reason in choice.reasons}, {office.id for office in offices}
    return tuple(
        notice
        for notice in bootstrap.notices().announcements(municipality)
        if (not notice.offices or here.intersection(notice.offices))
        and (not notice.reasons or chosen.intersection(notice.reasons))
    )


def _minutes(choice: Choice) -> int | None:
    return next((wish.minutes for office in choice.offices if (wish := choice.at(office.id))), None)


def _count(choice: Choice, reaction: Reaction) -> None:
    """Counts what became of an offer; a count that fails keeps nobody from booking."""
    reasons = sorted({reason.id for reason, _, _ in choice.alternatives})
    day = local_date(bootstrap.clock().now())
    try:
        bootstrap.alternative_counts().add(choice.municipality.id, day, reasons, reaction)
    except Busy:
        logger.warning("an offer of another way was not counted")


def _pick_up_page(page: Page, choice: Choice) -> Response:
    """No appointment is needed: where, and when it is open."""
    offices = [
        office
        for office in choice.municipality.offices
        if all(reason.id in office.reasons for reason in choice.reasons)
    ]
    days = [{"office": office, "days": opening_days(choice.municipality, office)} for office in offices]
    return html("booking/pick_up.html", page, choice=choice, offices=days)


@booking_pages.route("/{municipality}/book/{reason}/{office}", methods=["GET"])
@pages(lambda: booking_pages.current_request)
def choose_time() -> Response:
    """When: only days that have free times."""
    request, municipality = booking_pages.current_request, _municipality()
    page = booking_page(request, municipality)
    office = municipality.office(parameter(request, "office"))
    choice = choice_of(request, municipality)
    if choice.is_pick_up or not choice.at(office.id):
        raise NotFound
    wish, window = _wish(choice, office), day_from(query(request, "from"))
    offered = offer(wish, window=window, day=day_from(query(request, "day")), edge=choice.edge, language=page.language)
    return html(
        "booking/times.html",
        page,
        choice=choice,
        office=office,
        minutes=_minutes(choice),
        offer=offered,
        first=_words(offered.first, page.language),
        window=window.isoformat() if window else None,
        hold_id=query(request, "hold"),
        start_text=start_text,
        has_edge=has_edge_hours(wish),
        announcements=_announcements(municipality, choice, office),
        all_times=replace(choice, edge=False),
        edge_times=replace(choice, edge=True),
    )


def _wish(choice: Choice, office: Office) -> Wish:
    return Wish(choice.municipality, office.id, choice.ids, choice.persons, choice.meeting)


def _first_of_office(municipality: Municipality, office: Office) -> Slot | None:
    """The first free time for the shortest errand of each desk group."""
    firsts = []
    for group in office.desk_groups:
        booked = [reason for reason in map(municipality.reason, sorted(group.reasons)) if not reason.pick_up]
        if booked:
            shortest = min(booked, key=lambda reason: reason.duration_minutes)
            firsts.append(bootstrap.booking().first_free(municipality, office.id, [shortest.id]))
    return min((slot for slot in firsts if slot), key=lambda slot: slot.start, default=None)


def _words(slot: Slot | None, language: str) -> str | None:
    return when(slot.start, language) if slot else None


def _grouped(reasons: Sequence[EnquiryReason], text: Any) -> list[tuple[str, list[EnquiryReason]]]:
    groups: dict[str, list[EnquiryReason]] = {}
    for reason in reasons:
        groups.setdefault(text(reason.group), []).append(reason)
    return list(groups.items())


def _municipality() -> Municipality:
    return bootstrap.municipalities().get(parameter(booking_pages.current_request, "municipality"))
