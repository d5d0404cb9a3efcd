"""What messages link to, as a browser without JavaScript uses it, and the whole way of each on the embedded AWS."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode
from urllib.request import urlopen

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.adapters.tables import AppointmentItem, OperationItem, PendingItem, bound
from chalicelib.booking.model import Appointment, Booked, BookingRequest, ConsentAnswer
from chalicelib.consent.model import ConsentState
from chalicelib.entrypoints.events.sweep import sweep_municipality
from chalicelib.shared.phone import PhoneNumber
from tests.builders import MONDAY, FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality
    from tests.embedded import Embedded

TUESDAY = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def clock(embedded: Embedded) -> Iterator[FixedClock]:
    moving, before = FixedClock(MONDAY), bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


@pytest.fixture
def client(clock: FixedClock) -> Iterator[Client]:
    from app import app

    with Client(app) as running:
        yield running


@pytest.fixture
def inbox(embedded: Embedded) -> Callable[[str], list[str]]:
    """The texts that a number got."""

    def read(number: str) -> list[str]:
        address = f"{embedded.endpoint}/_ministack/sns/sms-messages?phoneNumber={quote(number)}"
        with urlopen(address, timeout=10) as answer:
            found = json.load(answer)["sms_messages"]
        return [message["Message"] for message in found.get(number, [])]

    return read


def book(tenant: Municipality, number: str | None, start: datetime = FRIDAY, **changes: Any) -> Booked:
    consent = ConsentAnswer(granted=True, text_version="2026-1")
    phone = PhoneNumber(number) if number else None
    request = BookingRequest("raadhuset", ("passport",), start, "da", consent, phone=phone, **changes)
    return bootstrap.booking().book(tenant, request, f"{number}-{start.timestamp()}")


def found(booked: Booked) -> Appointment:
    return bootstrap.booking().find_by_token(booked.token)


def text(answer: Any) -> str:
    return unescape(answer.body.decode())


def at(tenant: Municipality, booked: Booked, *parts: str) -> str:
    return "/".join((f"/{tenant.id}/appointments/{booked.token}", *parts))


def take(client: Client, tenant: Municipality, booked: Booked, start: str) -> Any:
    return client.http.post(at(tenant, booked, "offer"), headers=FORM, body=urlencode({"start": start}).encode())


def sweep(tenant: Municipality) -> None:
    assert sweep_municipality(tenant.id, bootstrap.clock().now())["failed"] == 0


# This isn't me


def test_this_is_not_me_asks_first_and_shows_nothing_about_the_citizen(client, tenant):
    booked = book(tenant, "+4520990001", name="Åse Canary")
    page = client.http.get(at(tenant, booked, "not-me"))
    assert page.status_code == 200
    for secret in ("Canary", booked.code, "20990001", "Pas", "9.00"):
        assert secret not in text(page)
    assert found(booked).phone is not None, "looking changes nothing"


@pytest.mark.requirement("I3")
def test_this_is_not_me_silences_the_appointment_and_keeps_it(client, tenant, clock, inbox):
    booked = book(tenant, "+4520990002", email="forkert@b.example", name="Åse", want_earlier=True)
    sweep(tenant)
    assert len(inbox("+4520990002")) == 1
    for _ in range(2):
        answer = client.http.post(at(tenant, booked, "not-me"), headers=FORM, body=b"")
        assert answer.status_code == 303
        assert answer.headers["Location"] == at(tenant, booked, "not-me")
    assert "Du hører ikke mere" in text(client.http.get(at(tenant, booked, "not-me")))
    appointment = found(booked)
    assert (appointment.phone, appointment.email, appointment.messages) == (None, None, ())
    assert bootstrap.booking().find_by_code(tenant.id, booked.code).start == FRIDAY
    assert bootstrap.consents().state(tenant.id, booked.id) is ConsentState.WITHDRAWN
    assert pending_of(booked) == []
    clock.advance(days=3, hours=1)
    sweep(tenant)
    assert len(inbox("+4520990002")) == 1
    rows = bound(AppointmentItem).query(f"{tenant.id}#appointment#{booked.id}", consistent_read=True)
    assert "20990002" not in json.dumps([row.to_simple_dict() for row in rows], default=str)


@pytest.mark.parametrize("page", ["not-me", "offer"])
def test_anothers_link_and_an_unknown_one_open_nothing(client, tenant, page):
    booked = book(tenant, "+4520990003")
    assert client.http.get(f"/elsewhere/appointments/{booked.token}/{page}").status_code == 404
    assert client.http.get(f"/{tenant.id}/appointments/{'x' * 14}/{page}").status_code == 404
    assert client.http.post(f"/{tenant.id}/appointments/{'x' * 14}/{page}", headers=FORM, body=b"").status_code == 404


# An earlier time


def test_a_cancelled_time_reaches_who_waits_and_is_taken_with_one_tap(client, tenant, clock, inbox):
    leaves, stays = book(tenant, "+4520990010", TUESDAY), book(tenant, "+4520990011", TUESDAY)
    waits = book(tenant, "+4520990012", want_earlier=True)
    sweep(tenant)
    bootstrap.booking().cancel(tenant, found(leaves))
    sweep(tenant)
    sweep(tenant)
    texts = inbox("+4520990012")
    assert len(texts) == 2, "the confirmation, and the earlier time once"
    assert f"{at(tenant, waits, 'offer')}" in texts[-1]

    page = client.http.get(at(tenant, waits, "offer"))
    assert "Vil du have den tidligere tid?" in text(page)
    assert 'value="20261124T0800Z"' in text(page)
    answer = take(client, tenant, waits, "20261124T0800Z")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{at(tenant, waits)}?done=moved")
    appointment = found(waits)
    assert (appointment.start, appointment.want_earlier) == (TUESDAY, False)
    assert "er flyttet til 24/11 9.00" in inbox("+4520990012")[-1]
    assert found(stays).start == TUESDAY
    assert list(bound(OperationItem).query(f"{tenant.id}#earlier#raadhuset#counter", consistent_read=True)) == []
    clock.advance(minutes=31)
    sweep(tenant)
    assert len(inbox("+4520990012")) == 3


def test_a_time_that_was_just_taken_says_so_and_the_old_one_is_kept(client, tenant):
    leaves, _ = book(tenant, "+4520990020", TUESDAY), book(tenant, "+4520990021", TUESDAY)
    waits = book(tenant, "+4520990022", want_earlier=True)
    bootstrap.booking().cancel(tenant, found(leaves))
    sweep(tenant)
    book(tenant, "+4520990023", TUESDAY)
    assert "Tiden er desværre taget" in text(client.http.get(at(tenant, waits, "offer")))
    answer = take(client, tenant, waits, "20261124T0800Z")
    assert answer.status_code == 409
    assert "Du har stadig din tid" in text(answer)
    assert found(waits).start == FRIDAY


def test_no_thanks_stops_it(client, tenant, inbox):
    waits = book(tenant, "+4520990030", want_earlier=True)
    sweep(tenant)
    answer = client.http.post(at(tenant, waits, "offer", "stop"), headers=FORM, body=b"")
    assert answer.status_code == 303
    assert not found(waits).want_earlier
    assert "Der er ikke foreslået en anden tid" in text(client.http.get(answer.headers["Location"]))
    leaves = book(tenant, "+4520990031", TUESDAY)
    bootstrap.booking().cancel(tenant, found(leaves))
    sweep(tenant)
    assert len(inbox("+4520990030")) == 1


@pytest.mark.requirement("I1")
def test_of_many_who_take_the_same_time_one_gets_it(client, tenant):
    stays = book(tenant, "+4520990040", TUESDAY)
    waiting = [book(tenant, f"+452099005{n}", FRIDAY + timedelta(minutes=10 * n), want_earlier=True) for n in range(6)]

    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(lambda each: take(client, tenant, each, "20261124T0800Z").status_code, waiting)
    assert sorted(answers) == [303, *[409] * 5]
    assert found(stays).start == TUESDAY


# A closed office


def test_a_closed_offices_proposal_is_taken_even_when_the_citizen_could_not_move_any_more(client, tenant, inbox):
    booked = book(tenant, "+4520990060")
    sweep(tenant)
    other = FRIDAY + timedelta(days=3)
    bootstrap.messages().propose(tenant, found(booked), other)
    sweep(tenant)
    assert "Forslag: 30/11 9.00" in inbox("+4520990060")[-1]
    page = text(client.http.get(at(tenant, booked, "offer")))
    assert "Passer denne tid i stedet?" in page
    assert "Vælg en anden tid" in page
    answer = take(client, tenant, booked, "20261130T0800Z")
    assert answer.status_code == 303
    assert found(booked).start == other


# Beside


def test_reminders_of_a_day_come_once_each_whatever_sweeps(client, tenant, clock, inbox):
    numbers = [f"+452099007{n}" for n in range(3)]
    booked = [book(tenant, number, FRIDAY + timedelta(minutes=10 * n)) for n, number in enumerate(numbers)]
    sweep(tenant)
    clock.advance(days=3)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: sweep(tenant), range(3)))
    for number, each in zip(numbers, booked, strict=True):
        confirmation, reminder = inbox(number)
        assert each.code in confirmation
        assert "Husk din tid 27/11" in reminder
    assert [pending_of(each) for each in booked] == [[], [], []]


def pending_of(booked: Booked) -> list[str]:
    rows = [row for shard in (0, 1) for row in _work(found(booked).municipality, shard)]
    return [row.kind for row in rows if row.subject == booked.id and row.kind not in {"freed", "land_booking"}]


def _work(municipality: str, shard: int) -> list[PendingItem]:
    return list(bound(PendingItem).query(f"{municipality}#{shard}", consistent_read=True))


@pytest.mark.requirement("I9")
@pytest.mark.parametrize("is_cancelled", [False, True])
def test_an_erasure_takes_the_pending_messages_and_their_addresses_along(clock, tenant, embedded, is_cancelled):
    booked = book(tenant, "+4520990080", email="canary@b.example", name="Kanarie", want_earlier=True)
    if is_cancelled:
        bootstrap.booking().cancel(tenant, found(booked), by_office=True)
        assert "cancelled" in pending_of(booked), "which holds the number"
    bootstrap.erasure().erase(tenant.id, booked.id)
    left = [
        (name, item["pk"]["S"], item["sk"]["S"])
        for name in embedded.client("dynamodb").list_tables()["TableNames"]
        for page in embedded.client("dynamodb").get_paginator("scan").paginate(TableName=name)
        for item in page["Items"]
        if any(secret in json.dumps(item) for secret in ("+4520990080", "canary@b.example", "Kanarie"))
    ]
    assert left == []
