"""A diary for the coming fortnight, and people in the waiting room if an office is open now; through the services."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from chalicelib import bootstrap
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.booking.opening import day_ticks
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import BorgerpulsError
from demo.scenario import SEED

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.booking.model import Booked
    from chalicelib.municipalities.model import DeskGroup, Municipality, Office

DAYS: Final = 14
_BUSY_DAYS: Final = 2
_THREADS: Final = 4
_SOON: Final = timedelta(minutes=20)


def fill_diary(municipality: Municipality, now: datetime) -> int:
    """Times of the next two opening days are well booked, later ones thinly, those of the next minutes all.

    Returns how many there are. Nobody has a phone number, so no message leaves. Booking again with the same keys
    books nothing twice.
    """
    rng = np.random.default_rng([SEED, local_date(now).toordinal(), *municipality.id.encode()])
    requests = [
        request
        for office in municipality.offices
        for group in office.desk_groups
        for request in _requests(municipality, office, group, now, rng)
    ]
    with ThreadPoolExecutor(_THREADS) as pool:
        answers = list(pool.map(lambda item: _book(municipality, *item), enumerate(requests)))
    booked = [(request, answer) for request, answer in zip(requests, answers, strict=True) if answer is not None]
    for request, answer in booked:
        if _due(request.start, now):
            _seat(municipality, request, answer)
    return len(booked)


def _requests(
    municipality: Municipality, office: Office, group: DeskGroup, now: datetime, rng: np.random.Generator
) -> list[BookingRequest]:
    requests, busy = list[BookingRequest](), 0
    refusal = ConsentAnswer(granted=False, text_version=municipality.consent_texts["survey_sms"].version)
    reasons = sorted(reason for reason in group.reasons)
    for day in (local_date(now) + timedelta(days=n) for n in range(DAYS)):
        ticks = [tick for tick in day_ticks(municipality, office, group, day) if tick.start > now]
        busy += bool(ticks)
        wanted = len(ticks) * (0.30 if busy <= _BUSY_DAYS else 0.05)
        drawn = {int(place) for place in rng.choice(len(ticks), int(wanted), replace=False)} if ticks else set()
        places = sorted(drawn | {place for place, tick in enumerate(ticks) if _due(tick.start, now)})
        requests += [
            BookingRequest(
                office=office.id,
                reasons=(str(rng.choice(reasons)),),
                start=ticks[place].start,
                language="en" if rng.random() < 0.12 else "da",
                consent=refusal,
            )
            for place in places
        ]
    return requests


def _due(start: datetime, now: datetime) -> bool:
    """So soon that whoever comes may sit in the waiting room already."""
    return now <= start <= now + _SOON


def _book(municipality: Municipality, number: int, request: BookingRequest) -> Booked | None:
    """The booking, or None where the place was taken or the time has passed meanwhile."""
    key = f"demo-{SEED}-{local_date(request.start)}-{request.office}-{number}"
    try:
        return bootstrap.booking().book(municipality, request, key)
    except BorgerpulsError:
        return None


def _seat(municipality: Municipality, request: BookingRequest, booked: Booked) -> None:
    """Whoever is due within minutes has come already; unless the desk has served them, on a second load."""
    with suppress(BorgerpulsError):
        bootstrap.visits().check_in(municipality, request.office, booked.code)
