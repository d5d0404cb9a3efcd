"""The waiting room's screen as a page: who may see it, what stands on it, and in which languages."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.phone import PhoneNumber
from chalicelib.visits.model import ConsentFacts, Origin
from chalicelib.visits.reception import WalkIn
from tests.builders import MONDAY, FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality

PHONE = "+4520123456"
SCREEN = "/display/raadhuset"


@pytest.fixture
def clock(embedded: object) -> Iterator[FixedClock]:
    moving, before = FixedClock(MONDAY), bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


@pytest.fixture
def screen(
    tenant: Municipality, staff_token: Callable[[str, str], str], clock: FixedClock
) -> Iterator[Callable[..., Any]]:
    """Gives the answer to a request for a part of the municipality."""
    from app import app

    with Client(app) as client:

        def get(path: str = SCREEN, *, role: str = "display", municipality: str = tenant.id) -> Any:
            headers = {"Cookie": f"session={staff_token(role, municipality)}"} if role else {}
            return client.http.get(f"/{tenant.id}{path}", headers=headers)

        yield get


def read(answer: Any) -> str:
    assert answer.status_code == 200, answer.body
    return unescape(answer.body.decode())


def arrive(tenant: Municipality) -> str:
    walk_in = WalkIn(("passport",), Origin.KIOSK, "da", ConsentFacts())
    return bootstrap.visits().walk_in(tenant, "raadhuset", walk_in).visit.id


@pytest.mark.parametrize("role", ["display", "kiosk", "desk", "admin"])
def test_screens_and_those_who_work_in_the_hall_see_it(screen, role):
    assert screen(role=role).status_code == 200


def test_nobody_else_does(screen, tenant):
    assert screen(role="").status_code == 303
    assert screen(role="leader").status_code == 403
    assert screen(municipality="elsewhere").status_code == 404
    assert screen("/display/nowhere").status_code == 404
    assert screen(f"{SCREEN}/calls", role="").status_code == 303


@pytest.mark.requirement("GL-63")
@pytest.mark.requirement("GL-65")
@pytest.mark.requirement("GL-66")
def test_an_empty_room_learns_where_to_check_in_in_both_languages(screen):
    page = read(screen())
    assert "Husk at tjekke ind: Standeren til venstre for døren" in page
    assert '<span class="display-also" lang="en">Remember to check in: The kiosk left of the door</span>' in page
    assert "Ingen er kaldt endnu i dag" in page
    assert "Velkommen" in page
    assert "10.00" in page


@pytest.mark.requirement("GL-66")
def test_a_call_is_shown_and_spoken_in_both_languages(screen, tenant):
    arrive(tenant)
    arrive(tenant)
    bootstrap.visits().call_next(tenant, "raadhuset", "2")
    page = read(screen())
    assert 'data-say="Nummer A001, skranke 2. Number A001, desk 2. "' in page
    assert "Your turn now" in page
    assert "<strong>1</strong>" in page
    english = read(screen(f"{SCREEN}?lang=en"))
    assert 'data-say="Number A001, desk 2. Nummer A001, skranke 2. "' in english
    assert '<html lang="en"' in english


def test_numbers_called_before_stay_readable(screen, tenant):
    visit = arrive(tenant)
    bootstrap.visits().call_next(tenant, "raadhuset", "2")
    bootstrap.visits().start(tenant, visit)
    page = read(screen())
    assert '<th scope="row">A001</th><td>2</td>' in page
    assert "data-chime" not in page


def test_nothing_but_numbers_is_shown(screen, tenant, clock):
    request = BookingRequest(
        office="raadhuset",
        reasons=("licence",),
        start=MONDAY,
        language="da",
        consent=ConsentAnswer(granted=True, text_version="2026-1"),
        phone=PhoneNumber(PHONE),
        name="Karen Sørensen",
    )
    booked = bootstrap.booking().book(tenant, request, "display-privacy")
    place = bootstrap.visits().check_in(tenant, "raadhuset", booked.code)
    bootstrap.visits().call_next(tenant, "raadhuset", "1")
    page = read(screen())
    assert place.visit.ticket in page
    for secret in ("Karen", "Kørekort", booked.code, PHONE, PHONE[3:], place.visit.ulid):
        assert secret not in page


def test_the_live_part_is_the_calls_alone(screen, tenant):
    part = read(screen(f"{SCREEN}/calls"))
    assert "data-part" in part
    assert "<html" not in part


def test_without_javascript_the_page_reloads_itself(screen):
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in read(screen())
