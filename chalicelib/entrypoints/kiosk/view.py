"""What stands on the kiosk's screens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from chalicelib import bootstrap
from chalicelib.entrypoints.http import html
from chalicelib.municipalities.model import SURVEY_SMS
from chalicelib.settings import settings
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.web.pages import Page, gettext
from chalicelib.web.qr import qr_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from chalice.app import Response

    from chalicelib.municipalities.model import EnquiryReason, Municipality, Office
    from chalicelib.shared.errors import BorgerpulsError

SHORTEST: Final = 20
LONGEST: Final = 600
_BETWEEN: Final = "."
"""Between several reasons in an address, as on the booking pages."""


@dataclass(frozen=True, slots=True)
class Kiosk:
    """One kiosk: its page, its municipality and office, and the device's opaque id.

    `seconds` is after how many quiet seconds it starts anew; `own_seconds` if its address says other than the
    municipality's file.
    """

    page: Page
    municipality: Municipality
    office: Office
    device: str
    own_seconds: int | None = None

    @property
    def seconds(self) -> int:
        """Quiet seconds before it starts anew."""
        return self.own_seconds or self.municipality.waiting.kiosk_clear_seconds

    def at(self, **more: str | None) -> str:
        """An address of this kiosk, which keeps its own number of seconds."""
        seconds = None if self.own_seconds is None else str(self.own_seconds)
        return self.page.at("kiosk", self.office.id, **more, seconds=seconds)

    def shown(self, errors: Mapping[str, str] | None = None, **where: str | None) -> Kiosk:
        """This kiosk on the screen with that address, with errors in its language."""
        told = {name: gettext(self.page.language, text) for name, text in (errors or {}).items()}
        return replace(self, page=replace(self.page, here=self.at(**where), errors=told))

    def reasons(self, text: str) -> tuple[EnquiryReason, ...]:
        """The enquiry reasons that an address or a form names.

        Raises:
            NotFound: none, or one that this office does not serve.
        """
        chosen = tuple(dict.fromkeys(text.split(_BETWEEN)))
        if any(reason not in self.office.reasons for reason in chosen):
            raise NotFound
        return tuple(self.municipality.reason(reason) for reason in chosen)

    def needs_booking(self, reasons: Iterable[EnquiryReason]) -> tuple[EnquiryReason, ...]:
        """Those of the reasons for which nobody gets a ticket today without an appointment (FR-01)."""
        today = local_date(bootstrap.clock().now())
        return tuple(reason for reason in reasons if self.office.needs_booking(reason.id, today))


def joined(reasons: Iterable[EnquiryReason]) -> str:
    """Several reasons in one address."""
    return _BETWEEN.join(reason.id for reason in reasons)


def idle_screen(kiosk: Kiosk) -> Response:
    """The clock, the next free time, outages, and how to check in; seen from the entrance (GL-63 to GL-65)."""
    now, free = bootstrap.visits().now(), _first_free(kiosk)
    return _screen(
        "idle",
        kiosk,
        now=now,
        free=free,
        today=free is not None and local_date(free) == local_date(now),
        announcements=bootstrap.notices().announcements(kiosk.municipality, kiosk.office.id),
    )


def step_screen(
    kiosk: Kiosk, step: str, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    """One of the plain steps; with errors, what was typed stays."""
    return _screen(step, kiosk.shown(errors, step=step), values=values or {})


def reason_screen(kiosk: Kiosk, chosen: str = "") -> Response:
    """What do you come for? With a choice already made: what else?"""
    picked = kiosk.reasons(chosen) if chosen else ()
    offered = [
        reason
        for reason in kiosk.municipality.reasons
        if reason.id in kiosk.office.reasons and reason not in picked and not (picked and _is_apart(kiosk, reason))
    ]
    here = kiosk.shown(step="reason", reason=chosen or None)
    return _screen("reason", here, picked=picked, offered=offered, prefix=f"{chosen}{_BETWEEN}" if chosen else "")


def details_screen(
    kiosk: Kiosk, chosen: str, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    """The last step before a ticket; or, instead of it, where to go, or that a time is needed."""
    reasons, values = kiosk.reasons(chosen), values or {}
    here = kiosk.shown(errors, step="details", reason=chosen)
    if needing := kiosk.needs_booking(reasons):
        return _booking_screen(here, needing)
    if all(reason.pick_up for reason in reasons):
        return _screen("pick_up", here, reasons=reasons, desks=kiosk.office.group_for(reasons[0].id).desks)
    # The key is made with the form: however often it is sent, by whatever comes in between, it is one ticket.
    request_key = values.get("request") or secrets.token_hex(12)
    return _screen(
        "details",
        here,
        reasons=reasons,
        chosen=chosen,
        can_add=any(r not in reasons and not _is_apart(kiosk, r) for r in _served(kiosk)),
        consent=kiosk.municipality.consent_texts[SURVEY_SMS].wording_for(request_key),
        values=values,
        request_key=request_key,
    )


def ticket_screen(
    kiosk: Kiosk, visit_id: str, values: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> Response:
    """The number, how long it may take, how to follow it on one's own phone, and the wish for a message."""
    visits = bootstrap.visits()
    visit = visits.get(kiosk.municipality, visit_id)
    if visit.office != kiosk.office.id:
        raise NotFound
    place, link = visits.place(kiosk.municipality, visit), bootstrap.following().link(visit)
    return _screen(
        "ticket",
        kiosk.shown(errors, ticket=visit_id),
        place=place,
        follow=link,
        follow_qr=qr_address(link),
        nearly=bootstrap.nearly().standing(kiosk.municipality, visit, place.people_ahead),
        values=values or {},
        now=visits.now(),
    )


def error_screen(kiosk: Kiosk, error: BorgerpulsError) -> Response:
    """An error in the kiosk's own frame, which starts anew by itself and leads nowhere else."""
    message = _ERRORS.get(error.code, _ERRORS["error"])
    return _screen("error", kiosk.shown(), error.status, message=gettext(kiosk.page.language, message))


def _booking_screen(kiosk: Kiosk, reasons: Sequence[EnquiryReason]) -> Response:
    """FR-01: no ticket, but the way to one's time: on one's own phone, by telephone, or with help at the desk."""
    booking, chosen = bootstrap.booking(), [reason.id for reason in reasons]
    free = booking.first_free(kiosk.municipality, kiosk.office.id, chosen)
    path = kiosk.page.at("book", joined(reasons), kiosk.office.id).removeprefix(kiosk.page.urls.base)
    link = f"{settings().public_url}{path}"
    return _screen("booking", kiosk, reasons=reasons, free=free.start if free else None, link=link, qr=qr_address(link))


def _screen(name: str, kiosk: Kiosk, status: int | None = None, **context: Any) -> Response:
    status = status or (InvalidInput.status if kiosk.page.errors else 200)
    return html(f"kiosk/{name}.html", kiosk.page, status=status, kiosk=kiosk, **context)


def _served(kiosk: Kiosk) -> list[EnquiryReason]:
    return [reason for reason in kiosk.municipality.reasons if reason.id in kiosk.office.reasons]


def _is_apart(kiosk: Kiosk, reason: EnquiryReason) -> bool:
    """True for what can't be added to a ticket: it needs a time, or no ticket at all."""
    return reason.pick_up or bool(kiosk.needs_booking([reason]))


def _first_free(kiosk: Kiosk) -> datetime | None:
    """The next time that can be booked here: by the quickest reason of each desk group, one or two queries each."""
    booking, served = bootstrap.booking(), [reason for reason in _served(kiosk) if not reason.pick_up]
    mine = [[reason for reason in served if reason.id in group.reasons] for group in kiosk.office.desk_groups]
    quickest = [min(reasons, key=lambda reason: reason.duration_minutes) for reasons in mine if reasons]
    slots = (booking.first_free(kiosk.municipality, kiosk.office.id, [reason.id]) for reason in quickest)
    return min((slot.start for slot in slots if slot), default=None)


_ERRORS: Final = {
    "error": "Noget gik galt hos os. Prøv igen, eller tal med en medarbejder.",
    "not_found": "Det findes ikke mere. Start forfra, eller tal med en medarbejder.",
    "busy": "Der er travlt lige nu. Intet er ændret. Prøv igen om et øjeblik.",
    "ambiguous": "Vi mistede forbindelsen. Prøv igen. Du får ikke to numre.",
    "too_many_requests": "Der er kommet mange forsøg på kort tid. Brug din kode, eller tal med en medarbejder.",
}
