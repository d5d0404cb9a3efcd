"""The visit API through the Chalice application on the embedded AWS: the whole way from check-in to contact."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.adapters.tables import ConsentItem, ContactItem, VisitItem, bound
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.contacts.document import from_document
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkKind
from tests.builders import MONDAY, FixedClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality

PHONE = "+4520123456"


@pytest.fixture
def clock(embedded: object) -> Iterator[FixedClock]:
    moving = FixedClock(MONDAY)
    before = bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


class Api:
    """The JSON API as staff of one municipality call it."""

    def __init__(self, client: Client, municipality: str, tokens: Callable[[str, str], str]) -> None:
        self._client, self._municipality, self._tokens = client, municipality, tokens

    def __call__(self, method: str, path: str, body: Any = None, *, role: str | None = "desk", **headers: str) -> Any:
        sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if role:
            sent["Authorization"] = f"Bearer {self._tokens(role, self._municipality)}"
        raw = b"" if body is None else json.dumps(body).encode()
        return self._client.http.request(
            method, f"/api/v1/municipalities/{self._municipality}{path}", headers=sent, body=raw
        )


@pytest.fixture
def api(tenant: Municipality, staff_token: Callable[[str, str], str], clock: FixedClock) -> Iterator[Api]:
    from app import app

    with Client(app) as client:
        yield Api(client, tenant.id, staff_token)


def walk_in(**more: Any) -> dict[str, Any]:
    return {"office": "raadhuset", "reasons": ["passport"], **more}


SAID_YES = {"phone": PHONE, "survey_consent": {"granted": True, "text_version": "2026-1"}}


@pytest.mark.requirement("SK-03")
@pytest.mark.requirement("SK-05")
def test_a_walk_in_is_called_served_and_completed_into_a_contact(
    api: Api, tenant: Municipality, clock: FixedClock
) -> None:
    admitted = api("POST", "/visits", walk_in(**SAID_YES), role="kiosk")
    assert admitted.status_code == 201, admitted.body
    ticket = admitted.json_body
    assert ticket["ticket"] == "A001"
    assert (ticket["state"], ticket["people_ahead"]) == ("waiting", 0)
    assert ticket["expected_wait_minutes"] == {"low": 0, "high": 5}

    clock.advance(minutes=4)
    called = api("POST", "/offices/raadhuset/call-next", {"desk": "1"})
    assert called.status_code == 200
    assert called.json_body["visit_id"] == ticket["visit_id"]
    assert (called.json_body["state"], called.json_body["desk"]) == ("called", "1")
    clock.advance(minutes=1)
    assert api("POST", f"/visits/{ticket['visit_id']}/start").json_body["state"] == "in_service"
    clock.advance(minutes=9)
    done = api("POST", f"/visits/{ticket['visit_id']}/complete")
    assert (done.status_code, done.json_body["state"]) == (200, "completed")
    assert api("POST", f"/visits/{ticket['visit_id']}/complete").json_body["code"] == "wrong_state"

    ulid = ticket["visit_id"].rsplit(".")[-1]
    row = bound(ContactItem).get(f"{tenant.id}#contact#{ulid}", "contact")
    contact = from_document(row.document)
    assert (contact.waiting_seconds, contact.service_seconds) == (240, 540)
    assert PHONE not in json.dumps(row.document)
    assert bound(ConsentItem).get(f"{tenant.id}#consent#{ulid}", "survey_sms").state == "granted"
    work = {item.kind: item for item in bootstrap.pending_work().due(tenant.id, clock.now())}
    assert set(work) == {WorkKind.DECIDE, WorkKind.LAND_CONTACT}
    assert work[WorkKind.DECIDE].payload == {"phone": PHONE, "language": "da", "code": None}
    assert all(item.phone is None for item in bound(VisitItem).query(f"{tenant.id}#raadhuset#2026-11-23"))


def test_a_booked_citizen_checks_in_by_code_twice_and_gets_one_ticket(api: Api, tenant: Municipality) -> None:
    booked = bootstrap.booking().book(
        tenant,
        BookingRequest(
            office="raadhuset",
            reasons=("passport",),
            start=MONDAY + timedelta(hours=2),
            language="en",
            consent=ConsentAnswer(granted=True, text_version="2026-1"),
            phone=PhoneNumber(PHONE),
        ),
        "booking-key-1",
    )
    body = {"office": "raadhuset", "appointment_code": booked.code.lower()}
    first, second = (api("POST", "/visits", body, role=role) for role in ("kiosk", "desk"))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json_body == second.json_body
    assert first.json_body["visit_id"] == f"20261123.raadhuset.{booked.id}"
    shown = api("GET", f"/visits/{first.json_body['visit_id']}").json_body
    assert shown["language"] == "en"
    assert shown["booked_start"] == "2026-11-23T12:00:00+01:00"
    assert PHONE not in json.dumps(shown)


def test_the_queue_says_who_is_next_and_why(api: Api, clock: FixedClock) -> None:
    tickets = []
    for _ in range(2):
        tickets.append(api("POST", "/visits", walk_in(), role="kiosk").json_body["ticket"])
        clock.advance(minutes=3)
    queue = api("GET", "/offices/raadhuset/queue").json_body
    assert [visit["ticket"] for visit in queue["waiting"]] == tickets
    assert queue["waiting"][0]["why"] == "longest_wait"
    assert queue["waiting"][0]["waiting_seconds"] == 360
    api("POST", "/offices/raadhuset/call-next", {"desk": "2"})
    queue = api("GET", "/offices/raadhuset/queue").json_body
    assert ([v["desk"] for v in queue["at_desks"]], len(queue["waiting"])) == (["2"], 1)


def test_nobody_waits_is_204_and_a_key_calls_once(api: Api) -> None:
    assert api("POST", "/offices/raadhuset/call-next", {"desk": "1"}).status_code == 204
    for _ in range(2):
        api("POST", "/visits", walk_in(), role="kiosk")
    once, again = (api("POST", "/offices/raadhuset/call-next", {"desk": "1"}, Idempotency_Key="k") for _ in range(2))
    assert once.json_body == again.json_body


@pytest.mark.parametrize(
    ("presses", "state"),
    [
        (["park"], "parked"),
        (["park", "recall"], "called"),
        (["recall"], "called"),
        (["no-show"], "no_show"),
        (["no-show", "undo"], "called"),
        (["undo"], "waiting"),
        (["start", "park", "recall", "start"], "in_service"),
    ],
)
def test_presses_lead_where_the_table_says(api: Api, presses: list[str], state: str) -> None:
    visit = api("POST", "/visits", walk_in(), role="kiosk").json_body["visit_id"]
    api("POST", "/offices/raadhuset/call-next", {"desk": "1"})
    answers = [api("POST", f"/visits/{visit}/{press}") for press in presses]
    assert [answer.status_code for answer in answers] == [200] * len(presses)
    assert answers[-1].json_body["state"] == state
    assert api("GET", f"/visits/{visit}").json_body["state"] == state


@pytest.mark.requirement("SK-28", "I8")
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/visits", {"kiosk", "desk", "admin"}),
        ("GET", "/offices/raadhuset/queue", {"desk", "admin"}),
        ("POST", "/offices/raadhuset/call-next", {"desk", "admin"}),
        ("GET", "/visits/20261123.raadhuset.01JDC0NTACT0000000000000A1", {"desk", "admin"}),
        ("POST", "/visits/20261123.raadhuset.01JDC0NTACT0000000000000A1/start", {"desk", "admin"}),
        ("POST", "/contacts", {"system", "admin"}),
    ],
)
def test_only_the_roles_that_need_it_may_and_others_learn_nothing(
    api: Api, staff_token: Callable[[str, str], str], method: str, path: str, allowed: set[str]
) -> None:
    assert api(method, path, {}, role=None).status_code == 401
    foreign = api(method, path, {}, role=None, Authorization=f"Bearer {staff_token('desk', 'sandholm')}")
    assert (foreign.status_code, foreign.json_body["code"]) == (404, "not_found")
    for role in ("kiosk", "display", "desk", "interviewer", "leader", "analyst", "admin", "system"):
        status = api(method, path, {}, role=role).status_code
        assert (status == 403) is (role not in allowed), (role, status)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid_field"),
        ({"office": 7}, 422, "invalid_field"),
        ({"office": "nowhere", "reasons": ["passport"]}, 422, "invalid_field"),
        (walk_in(reasons=[]), 422, "invalid_field"),
        (walk_in(reasons=["wedding"]), 422, "invalid_field"),
        (walk_in(reasons="passport"), 422, "invalid_field"),
        (walk_in(language="tlh"), 422, "invalid_field"),
        (walk_in(phone="12"), 422, "invalid_field"),
        (walk_in(phone=12), 422, "invalid_field"),
        (walk_in(survey_consent="yes"), 422, "invalid_field"),
        (walk_in(survey_consent={"granted": True, "text_version": "2026-1"}), 422, "invalid_field"),
        (walk_in(phone=PHONE, survey_consent={"granted": True, "text_version": "1999"}), 422, "invalid_field"),
        ({"office": "raadhuset", "appointment_code": "ZZZZZZ"}, 404, "not_found"),
        ({"office": "raadhuset", "appointment_code": ""}, 422, "invalid_field"),
        ({"office": "raadhuset", "appointment_code": "💥" * 400}, 404, "not_found"),
    ],
)
def test_what_is_wrong_with_an_arrival_is_said(api: Api, body: dict[str, Any], status: int, code: str) -> None:
    answer = api("POST", "/visits", body, role="kiosk")
    assert (answer.status_code, answer.json_body["code"]) == (status, code)
    assert PHONE not in json.dumps(answer.json_body)


def test_what_is_wrong_with_a_press_is_said(api: Api) -> None:
    visit = api("POST", "/visits", walk_in(), role="kiosk").json_body["visit_id"]
    assert api("POST", f"/visits/{visit}/start").json_body["code"] == "wrong_state"
    assert api("POST", f"/visits/{visit}/dance").status_code == 404
    assert api("POST", f"/visits/{visit}/forward", {"desk_group": "moon"}).status_code == 422
    assert api("POST", f"/visits/{visit}/recall", {"desk": "99"}).status_code == 422
    assert api("POST", "/visits/nonsense/start").status_code == 404
    assert api("GET", "/visits/20261123.raadhuset.01JDC0NTACT0000000000000A1").status_code == 404
    assert api("POST", "/offices/raadhuset/call-next", {"desk": "99"}).status_code == 422
    assert api("POST", "/offices/raadhuset/call-next", {}).status_code == 422
    assert api("POST", "/offices/nowhere/call-next", {"desk": "1"}).status_code == 404
    assert api("GET", "/offices/nowhere/queue").status_code == 404


def report(**more: Any) -> dict[str, Any]:
    facts = {
        "source_id": "call-1",
        "channel": "phone",
        "department": "citizen-service",
        "reason": "passport",
        "started_at": "2026-11-23T09:40:00+01:00",
        "ended_at": "2026-11-23T09:46:00+01:00",
    }
    return {**facts, **more}


@pytest.mark.requirement("SK-27")
def test_a_batch_of_contacts_is_answered_one_by_one(api: Api, tenant: Municipality, clock: FixedClock) -> None:
    yes = {"granted": True, "text_version": "phone-1"}
    batch = [
        report(phone="20 12 34 56", survey_consent=yes),
        report(),
        report(source_id="bad", channel="pigeon"),
        "no contact",
        report(source_id="inside", phone=PHONE, survey_consent=yes, internal=True),
    ]
    answer = api("POST", "/contacts", {"contacts": batch}, role="system")
    assert answer.status_code == 200
    assert answer.json_body["results"] == [
        {"source_id": "call-1", "status": "created"},
        {"source_id": "call-1", "status": "duplicate"},
        {"source_id": "bad", "status": "rejected", "code": "unknown_channel"},
        {"source_id": None, "status": "rejected", "code": "invalid_source_id"},
        {"source_id": "inside", "status": "created"},
    ]
    again = api("POST", "/contacts", {"contacts": batch[:1]}, role="system").json_body
    assert again["results"][0]["status"] == "duplicate"
    decisions = list(bootstrap.pending_work().due(tenant.id, clock.now(), kind=WorkKind.DECIDE))
    assert sorted(str(item.payload["phone"]) for item in decisions) == [PHONE, "None"]


def test_a_batch_has_a_limit(api: Api) -> None:
    too_many = {"contacts": [report(source_id=str(n)) for n in range(101)]}
    assert api("POST", "/contacts", too_many, role="system").status_code == 413
    assert api("POST", "/contacts", {"contacts": {}}, role="system").status_code == 422
    assert api("POST", "/contacts", {"contacts": []}, role="system").json_body == {"results": []}
