"""A citizen's place in the queue as a page: from the kiosk's ticket and the appointment, through every state."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.adapters.tables import VisitItem, bound
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.shared.phone import PhoneNumber
from chalicelib.visits.model import ConsentFacts, Origin
from chalicelib.visits.reception import WalkIn
from tests.builders import MONDAY, FixedClock, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality
    from chalicelib.visits.model import Visit

PHONE = "+4520123456"


@pytest.fixture
def clock(embedded: object) -> Iterator[FixedClock]:
    moving, before = FixedClock(MONDAY), bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


@pytest.fixture
def get(tenant: Municipality, clock: FixedClock) -> Iterator[Callable[..., Any]]:
    from app import app

    with Client(app) as client:

        def answer(path: str, **headers: str) -> Any:
            return client.http.get(path, headers=headers)

        yield answer


def read(answer: Any) -> str:
    assert answer.status_code == 200, answer.body
    return unescape(answer.body.decode())


def arrive(tenant: Municipality, *, language: str = "da") -> Visit:
    consent = ConsentFacts(offered=True, granted=True, text_version="2026-1")
    walk_in = WalkIn(("licence",), Origin.KIOSK, language, consent, PhoneNumber(PHONE))
    return bootstrap.visits().walk_in(tenant, "raadhuset", walk_in).visit


def path_of(tenant: Municipality, visit: Visit) -> str:
    return f"/{tenant.id}/queue/{bootstrap.following().token(tenant.id, visit.ulid)}"


def test_the_ticket_of_the_kiosk_shows_the_way_to_it(get, tenant, staff_token):
    visit = arrive(tenant)
    session = f"session={staff_token('kiosk', tenant.id)}"
    page = read(get(f"/{tenant.id}/kiosk/raadhuset?ticket={visit.id}", Cookie=session))
    assert f"borgerpuls.example{path_of(tenant, visit)}" in page
    assert "data:image/svg+xml" in page
    assert f'href="{path_of(tenant, visit)}' not in page, "a link would lead the kiosk away"


def test_a_booked_citizen_follows_from_the_appointment_once_checked_in_and_only_that_day(get, tenant, clock):
    consent = ConsentAnswer(granted=False, text_version="2026-1")
    request = BookingRequest("raadhuset", ("licence",), MONDAY, "da", consent)
    booked = bootstrap.booking().book(tenant, request, "follow-booked")
    own = f"/{tenant.id}/appointments/{booked.token}"
    assert "Følg min plads i køen" not in read(get(own))
    bootstrap.visits().check_in(tenant, "raadhuset", booked.code)
    page = read(get(own))
    link = re.search(rf'href="(/{tenant.id}/queue/\w{{14}})"', page)
    assert link
    assert "A001" in read(get(link[1]))
    clock.advance(days=1)
    assert "Følg min plads i køen" not in read(get(own))


def test_the_page_goes_along_from_waiting_to_thanks(get, tenant, clock):
    visits = bootstrap.visits()
    other, mine = arrive(tenant), arrive(tenant)
    path = path_of(tenant, mine)
    page = read(get(path))
    assert "A002" in page
    assert "Der er 1 foran dig." in page
    assert re.search(r"Du venter (højst )?cirka", page)
    visits.call_next(tenant, "raadhuset", "1")
    assert "Du er den næste." in read(get(path))
    visits.call_next(tenant, "raadhuset", "2")
    page = read(get(path))
    assert "Gå til skranke 2" in page
    assert "data-chime" in page
    visits.park(tenant, mine.id)
    assert "Vi kalder dig igen" in read(get(path))
    visits.recall(tenant, mine.id, desk="2")
    visits.start(tenant, mine.id)
    assert "Du er ved skranke 2" in read(get(path))
    visits.complete(tenant, mine.id)
    page = read(get(path))
    assert "Tak for besøget" in page
    assert "refresh" not in page
    visits.no_show(tenant, other.id)
    assert "Vi kaldte dig, men så dig ikke" in read(get(path_of(tenant, other)))


def test_nothing_on_it_says_who_it_is(get, tenant):
    visit = arrive(tenant)
    page = read(get(path_of(tenant, visit)))
    for secret in (PHONE, PHONE[3:], "Kørekort", visit.ulid):
        assert secret not in page


@pytest.mark.requirement("GL-66")
def test_it_speaks_the_language_of_the_check_in(get, tenant):
    path = path_of(tenant, arrive(tenant, language="en"))
    assert "Your number is" in read(get(path))
    assert "Dit nummer er" in read(get(f"{path}?lang=da"))


def test_looking_changes_nothing(get, tenant):
    visit = arrive(tenant)
    partition = f"{tenant.id}#raadhuset#2026-11-23"
    before = [row.attribute_values for row in bound(VisitItem).query(partition)]
    for _ in range(3):
        get(path_of(tenant, visit))
        get(f"{path_of(tenant, visit)}/place")
    assert [row.attribute_values for row in bound(VisitItem).query(partition)] == before


def test_the_live_part_is_the_place_alone(get, tenant):
    part = read(get(f"{path_of(tenant, arrive(tenant))}/place"))
    assert "data-part" in part
    assert "<html" not in part


def test_wrong_links_other_municipalities_and_yesterday(get, tenant, clock):
    path = path_of(tenant, arrive(tenant))
    other = store_municipality(a_municipality_document(id=f"{tenant.id}x"))
    assert get(f"/{tenant.id}/queue/{'x' * 14}").status_code == 404
    assert get(path.replace(tenant.id, other.id, 1)).status_code == 404
    clock.advance(hours=15)
    assert get(path).status_code == 410
    assert get(f"{path}/place").status_code == 410


def test_a_number_alone_shows_its_place_and_nothing_else(get, tenant):
    start = read(get(f"/{tenant.id}"))
    assert f'href="/{tenant.id}/queue"' in start
    assert "Hvor venter du?" not in read(get(f"/{tenant.id}/queue")), "there is one office only"
    first, second = arrive(tenant), arrive(tenant)
    address = f"/{tenant.id}/queue?office=raadhuset&ticket=2"
    page = read(get(address))
    assert second.ticket in page
    assert "Der er 1 foran dig." in page
    assert "nearly_phone" not in page
    for secret in (PHONE[3:], "Kørekort", second.ulid, first.ulid):
        assert secret not in page
    source = re.search(r'data-source="([^"]+)"', page)
    assert source
    part = read(get(source[1]))
    assert "data-part" in part
    assert "<html" not in part
    visits = bootstrap.visits()
    visits.call_next(tenant, "raadhuset", "1")
    visits.start(tenant, first.id)
    assert "Nummeret er ikke i køen mere" in read(get(f"/{tenant.id}/queue?office=raadhuset&ticket=A001&part=1"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("office=raadhuset&ticket=", "Skriv dit nummer"),
        ("office=raadhuset&ticket=<b>", "Skriv dit nummer"),
        ("office=raadhuset&ticket=A999", "Nummeret er ikke i køen lige nu."),
    ],
)
def test_a_number_that_is_not_there_is_said_and_stays_typed(get, tenant, typed, words):
    answer = get(f"/{tenant.id}/queue?{typed}")
    assert answer.status_code == 422
    page = unescape(answer.body.decode())
    assert words in page
    assert ("A999" in page) == ("A999" in typed)


def test_where_there_are_several_offices_one_is_chosen(get, tenant):
    document = a_municipality_document(id=f"{tenant.id}y")
    hall = document["offices"][0]
    town = store_municipality({**document, "offices": [hall, {**hall, "id": "biblioteket"}]})
    visit = arrive(town)
    assert "Hvor venter du?" in read(get(f"/{town.id}/queue"))
    for office in ("", "&office=nowhere"):
        answer = get(f"/{town.id}/queue?ticket=1{office}")
        assert (answer.status_code, "Vælg, hvor du venter." in unescape(answer.body.decode())) == (422, True)
    assert visit.ticket in read(get(f"/{town.id}/queue?ticket=1&office=raadhuset"))
    assert get(f"/{town.id}/queue?ticket=1&office=biblioteket").status_code == 422
