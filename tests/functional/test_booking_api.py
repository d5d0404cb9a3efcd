"""The JSON API of booking, through Chalice and the embedded AWS (design 5)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib import bootstrap
from chalicelib.adapters.citizens.dynamodb_erasure import DynamoDbSubjectRows
from chalicelib.adapters.tables import AppointmentItem, ConsentItem, TickItem, bound
from chalicelib.booking.model import Origin
from chalicelib.shared.clock import SystemClock
from tests.builders import MONDAY, FixedClock, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.contacts.erasure import Record
    from chalicelib.municipalities.model import Municipality

START = "2026-11-24T09:00:00+01:00"
PHONE = "+4520123456"


@pytest.fixture
def clock() -> Iterator[FixedClock]:
    fixed = FixedClock(MONDAY)
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())


@pytest.fixture
def client(embedded: Any, clock: FixedClock) -> Iterator[Client]:
    import app

    with Client(app.app) as client:
        yield client


def body(response: HTTPResponse) -> Any:
    return json.loads(response.body)


def wish(**changes: Any) -> dict[str, Any]:
    return {
        "office": "raadhuset",
        "reasons": ["passport"],
        "start": START,
        "phone": PHONE,
        "language": "da",
        "survey_consent": {"granted": True, "text_version": "2026-1"},
        **changes,
    }


def send(client: Client, method: str, path: str, value: Any = None, **headers: str) -> HTTPResponse:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode() if value is not None else b""
    sent = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    return client.http.request(method, f"/api/v1{path}", headers=sent, body=raw)


def book(client: Client, tenant: Municipality, key: str = "key-1", **changes: Any) -> HTTPResponse:
    return send(client, "POST", f"/municipalities/{tenant.id}/appointments", wish(**changes), Idempotency_Key=key)


def slots(client: Client, tenant: Municipality, query: str) -> Any:
    return body(send(client, "GET", f"/municipalities/{tenant.id}/offices/raadhuset/slots?{query}"))


def token_of(response: HTTPResponse) -> str:
    return body(response)["manage_url"].rsplit("/", 1)[1]


def test_a_free_time_is_booked_and_then_has_one_place_less(client, tenant):
    day = "reason=passport&from=2026-11-24&to=2026-11-24"
    before = slots(client, tenant, day)["slots"]
    assert before[0] == {"start": START, "end": "2026-11-24T09:10:00+01:00", "free": 2}
    assert len(before) == 36, "six hours of ten minutes"

    response = book(client, tenant)

    assert response.status_code == 201
    answer = body(response)
    assert set(answer) == {"id", "code", "start", "end", "manage_url"}
    assert answer["manage_url"].startswith(f"https://borgerpuls.example/{tenant.id}/appointments/")
    assert slots(client, tenant, day)["slots"][0]["free"] == 1


def test_the_same_key_and_body_get_the_same_answer_for_a_day(client, tenant, clock):
    first = book(client, tenant, start="2026-11-26T09:00:00+01:00")
    clock.advance(hours=23, minutes=59)
    again = book(client, tenant, start="2026-11-26T09:00:00+01:00")
    assert (again.status_code, body(again)) == (201, body(first))
    other = book(client, tenant, start="2026-11-26T09:10:00+01:00")
    assert (other.status_code, body(other)["code"]) == (422, "idempotency_key_reused")
    clock.advance(minutes=1)
    assert body(book(client, tenant, start="2026-11-26T09:10:00+01:00"))["id"] != body(first)["id"]


def test_a_key_is_the_municipality_s_own(client, tenant):
    other = store_municipality(a_municipality_document(id=f"{tenant.id}-b"))
    assert body(book(client, tenant))["id"] != body(book(client, other))["id"]


def test_a_full_time_is_taken_and_a_cancelled_one_free_again(client, tenant):
    first, second = book(client, tenant, "a"), book(client, tenant, "b")
    third = book(client, tenant, "c")
    assert (third.status_code, body(third)["code"]) == (409, "slot_taken")

    cancelled = send(client, "DELETE", f"/appointments/{token_of(first)}")
    assert (cancelled.status_code, body(cancelled)["state"]) == (200, "cancelled")
    assert send(client, "DELETE", f"/appointments/{token_of(first)}").status_code == 200, "twice is once"

    assert book(client, tenant, "d").status_code == 201
    assert second.status_code == 201


def test_a_hold_keeps_the_place_for_its_holder_until_it_expires(client, tenant, clock):
    book(client, tenant, "a")
    held = send(
        client, "POST", f"/municipalities/{tenant.id}/holds",
        {"office": "raadhuset", "reasons": ["passport"], "start": START},
    )  # fmt: skip
    assert held.status_code == 201
    assert datetime.fromisoformat(body(held)["expires_at"]).minute == 10
    assert body(book(client, tenant, "b"))["code"] == "slot_taken"
    assert book(client, tenant, "c", hold_id=body(held)["hold_id"]).status_code == 201
    gone = send(client, "DELETE", f"/municipalities/{tenant.id}/holds/{body(held)['hold_id']}")
    assert gone.status_code == 404, "it became the appointment"


def test_a_released_hold_and_an_expired_one_are_free(client, tenant, clock):
    wanted = {"office": "raadhuset", "reasons": ["passport"], "start": START}
    holds = [body(send(client, "POST", f"/municipalities/{tenant.id}/holds", wanted))["hold_id"] for _ in range(2)]
    assert body(book(client, tenant, "a"))["code"] == "slot_taken"
    assert send(client, "DELETE", f"/municipalities/{tenant.id}/holds/{holds[0]}").status_code == 204
    assert book(client, tenant, "b").status_code == 201
    clock.advance(minutes=10)
    assert book(client, tenant, "c").status_code == 201, "nobody had to clean up"


def test_moving_keeps_everything_but_the_time(client, tenant):
    booked = book(client, tenant)
    moved = send(client, "PATCH", f"/appointments/{token_of(booked)}", {"start": "2026-11-25T10:05:00+01:00"})
    assert moved.status_code == 200
    assert (body(moved)["start"], body(moved)["code"]) == ("2026-11-25T10:05:00+01:00", body(booked)["code"])
    assert slots(client, tenant, "reason=passport&from=2026-11-24&to=2026-11-24")["slots"][0]["free"] == 2
    late = send(client, "PATCH", f"/appointments/{token_of(booked)}", {"start": "2026-11-25T14:55:00+01:00"})
    assert (late.status_code, body(late)["code"]) == (422, "not_bookable")
    assert body(send(client, "GET", f"/appointments/{token_of(booked)}"))["start"] == "2026-11-25T10:05:00+01:00"


@pytest.mark.requirement("SK-02")
@pytest.mark.parametrize(("granted", "state"), [(True, "granted"), (False, "refused")])
def test_consent_and_refusal_are_on_record_with_wording_language_origin_and_time(client, tenant, granted, state):
    answer = body(book(client, tenant, survey_consent={"granted": granted, "text_version": "2026-1"}, language="en"))
    rows = list(bound(ConsentItem).query(f"{tenant.id}#consent#{answer['id']}", consistent_read=True))
    assert [(row.sk, row.state) for row in rows] == [
        ("survey_sms", state),
        (f"survey_sms#2026-11-23T09:00:00Z#{state}", state),
    ]
    proof = rows[0].document
    assert (proof["text_version"], proof["language"], proof["origin"]) == ("2026-1", "en", "web")
    assert PHONE not in json.dumps(proof)


@pytest.mark.requirement("SK-02")
def test_a_consent_is_withdrawn_at_once_and_stays_on_the_ledger(client, tenant, clock):
    booked = book(client, tenant)
    clock.advance(minutes=5)
    for _ in range(2):
        assert send(client, "DELETE", f"/appointments/{token_of(booked)}/survey-consent").status_code == 204
    view = body(send(client, "GET", f"/appointments/{token_of(booked)}"))
    assert (view["state"], view["survey_consent"]["state"]) == ("booked", "withdrawn")
    rows = list(bound(ConsentItem).query(f"{tenant.id}#consent#{body(booked)['id']}", consistent_read=True))
    assert [row.state for row in rows] == ["withdrawn", "granted", "withdrawn"]


def test_cancelling_forgets_phone_and_consent_and_leaks_no_lane(client, tenant):
    booked = book(client, tenant, name="Canary Name", email="canary@example.org")
    send(client, "DELETE", f"/appointments/{token_of(booked)}")
    row = bound(AppointmentItem).get(f"{tenant.id}#appointment#{body(booked)['id']}", "appointment")
    assert (row.phone, row.email, row.name, row.state) == (None, None, None, "cancelled")
    assert bound(ConsentItem).get(f"{tenant.id}#consent#{body(booked)['id']}", "survey_sms").state == "withdrawn"
    ticks = bound(TickItem).query(f"{tenant.id}#raadhuset#2026-11-24")
    assert [lane for tick in ticks for lane in tick.lanes.as_dict()] == []


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"start": "2026-11-23T09:50:00+01:00"}, "not_bookable", "start"),
        ({"start": "2026-11-24T08:50:00+01:00"}, "not_bookable", "start"),
        ({"start": "2026-11-24T09:02:00+01:00"}, "not_bookable", "start"),
        ({"start": "2026-12-24T09:00:00+01:00"}, "not_bookable", "start"),
        ({"start": "2026-12-25T09:00:00+01:00"}, "not_bookable", "start"),
        ({"start": "2030-01-07T09:00:00+01:00"}, "not_bookable", "start"),
        ({"start": "tomorrow"}, "invalid_field", "start"),
        ({"start": "2026-11-24T09:00:00"}, "invalid_field", "start"),
        ({"start": None}, "invalid_field", "start"),
        ({"start": "9999-12-31T23:59:59-23:59"}, "invalid_field", "start"),
        ({"office": "nowhere"}, "invalid_field", "office"),
        ({"reasons": ["dragons"]}, "invalid_field", "reasons"),
        ({"reasons": []}, "invalid_field", "reasons"),
        ({"reasons": "passport"}, "invalid_field", "reasons"),
        ({"reasons": ["passport", "passport"]}, "invalid_field", "reasons"),
        ({"phone": "12"}, "invalid_field", "phone"),
        ({"phone": 20123456}, "invalid_field", "phone"),
        ({"email": "not an address"}, "invalid_field", "email"),
        ({"name": "x" * 101}, "invalid_field", "name"),
        ({"language": "tlh"}, "invalid_field", "language"),
        ({"survey_consent": {"granted": True, "text_version": "1999"}}, "invalid_field", "survey_consent"),
        ({"survey_consent": {"granted": "yes", "text_version": "2026-1"}}, "invalid_field", "survey_consent"),
        ({"survey_consent": None}, "invalid_field", "survey_consent"),
    ],
)
def test_bad_fields_are_named(client, tenant, changes, code, field):
    response = book(client, tenant, **changes)
    assert (response.status_code, body(response)["code"]) == (422, code)
    assert field in body(response)["fields"]


def test_every_wrong_field_is_named_at_once(client, tenant):
    response = book(client, tenant, phone="1", email="x", language="")
    assert set(body(response)["fields"]) == {"phone", "email", "language"}


@pytest.mark.parametrize("phone", ["20 12 34 56", "+45 20123456", "0046 70 123 45 67", "+380 50 123 4567", None, ""])
def test_phone_numbers_of_any_country_or_none_are_fine(client, tenant, phone):
    assert book(client, tenant, phone=phone).status_code == 201


def test_names_with_emoji_and_control_characters_do_no_harm(client, tenant):
    booked = book(client, tenant, name="Åse 🙂\u0000\nØst")
    assert booked.status_code == 201
    row = bound(AppointmentItem).get(f"{tenant.id}#appointment#{body(booked)['id']}", "appointment")
    assert row.name == "Åse 🙂 Øst"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("reason=passport&from=yesterday&to=2026-11-24", "from"),
        ("reason=passport&from=2026-11-24&to=2026-13-01", "to"),
        ("reason=passport&from=2026-11-24&to=2026-11-23", "to"),
        ("reason=passport&from=2026-11-24&to=2027-11-24", "to"),
        ("reason=dragons&from=2026-11-24&to=2026-11-24", "reason"),
        ("from=2026-11-24&to=2026-11-24", "reason"),
        ("reason=passport&from=9999-12-31", "from"),
    ],
)
def test_bad_slot_queries_are_named(client, tenant, query, field):
    response = send(client, "GET", f"/municipalities/{tenant.id}/offices/raadhuset/slots?{query}")
    assert (response.status_code, body(response)["code"]) == (422, "invalid_field")
    assert field in body(response)["fields"]


def test_several_reasons_take_their_time_together(client, tenant):
    found = slots(client, tenant, "reason=passport&reason=licence&from=2026-11-24&to=2026-11-24")["slots"]
    assert found[0]["end"] == "2026-11-24T09:30:00+01:00"
    booked = body(book(client, tenant, reasons=["passport", "licence"]))
    assert booked["end"] == "2026-11-24T09:30:00+01:00"


def test_a_booking_needs_a_key_and_json_and_a_municipality(client, tenant):
    path = f"/municipalities/{tenant.id}/appointments"
    assert body(send(client, "POST", path, wish()))["code"] == "malformed_request"
    assert send(client, "POST", path, wish()).status_code == 400
    assert send(client, "POST", path, b"{broken", Idempotency_Key="k").status_code == 400
    assert send(client, "POST", path, [1], Idempotency_Key="k").status_code == 400
    assert send(client, "POST", path, wish(), Idempotency_Key="k", Content_Type="text/plain").status_code == 415
    assert send(client, "POST", "/municipalities/nowhere/appointments", wish(), Idempotency_Key="k").status_code == 404
    assert send(client, "GET", "/municipalities/nowhere/offices/x/slots?reason=passport").status_code == 404
    assert send(client, "GET", f"/municipalities/{tenant.id}/offices/x/slots?reason=passport").status_code == 404


@pytest.mark.parametrize("token", ["abc", "A" * 14, "%C3%A6" * 14, "A" * 5000])
def test_an_unknown_link_opens_nothing(client, tenant, token):
    response = send(client, "GET", f"/appointments/{token}")
    assert (response.status_code, body(response)["code"]) == (404, "not_found")


def test_one_municipality_s_hold_is_nothing_to_another(client, tenant):
    other = store_municipality(a_municipality_document(id=f"{tenant.id}-c"))
    wanted = {"office": "raadhuset", "reasons": ["passport"], "start": START}
    hold = body(send(client, "POST", f"/municipalities/{tenant.id}/holds", wanted))["hold_id"]
    assert send(client, "DELETE", f"/municipalities/{other.id}/holds/{hold}").status_code == 404


def test_a_phone_gets_one_confirmation(client, tenant, embedded):
    answer = body(book(client, tenant, phone="+4551111111"))
    book(client, tenant, phone="+4551111111")
    import urllib.request

    with urllib.request.urlopen(f"{embedded.endpoint}/_ministack/sns/sms-messages?phoneNumber=%2B4551111111") as got:
        text = got.read().decode()
    assert text.count(answer["code"]) == 1
    assert bootstrap.messages().send_due(tenant, bootstrap.clock().now()) == 0


def test_a_hold_is_extended_and_says_until_when(client: Client, tenant: Municipality, clock: FixedClock) -> None:
    holds = f"/municipalities/{tenant.id}/holds"
    held = body(send(client, "POST", holds, {"office": "raadhuset", "reasons": ["passport"], "start": START}))
    clock.advance(minutes=5)
    extended = send(client, "POST", f"{holds}/{held['hold_id']}/extend", {})
    assert extended.status_code == 200
    assert body(extended) == {"hold_id": held["hold_id"], "expires_at": "2026-11-23T10:15:00+01:00"}
    clock.advance(minutes=10)
    assert send(client, "POST", f"{holds}/{held['hold_id']}/extend", {}).status_code == 404
    assert send(client, "POST", f"{holds}/unknown/extend", {}).status_code == 404


def test_persons_meeting_and_choices_are_kept_and_shown(client: Client, clock: FixedClock) -> None:
    document = a_municipality_document(id="variants")
    document["reasons"][0] |= {"max_persons": 3, "minutes_per_person": 5, "meetings": ["in_person", "video"]}
    store_municipality(document)
    path = "/municipalities/variants"
    offered = body(send(client, "GET", f"{path}/offices/raadhuset/slots?reason=passport&persons=3&meeting=video"))
    first = offered["slots"][0]
    assert datetime.fromisoformat(first["end"]) - datetime.fromisoformat(first["start"]) == timedelta(minutes=20)
    more = {"persons": 3, "meeting": "video", "want_earlier": True, "reminder": False, "origin": "phone"}
    more["email"] = "eva@example.dk"
    booked = send(client, "POST", f"{path}/appointments", wish(**more), **{"Idempotency-Key": "k"})
    assert booked.status_code == 201, booked.body
    token = body(booked)["manage_url"].rsplit("/", 1)[-1]
    shown = body(send(client, "GET", f"/appointments/{token}"))
    assert {name: shown[name] for name in ("persons", "meeting", "want_earlier", "reminder")} == {
        "persons": 3,
        "meeting": "video",
        "want_earlier": True,
        "reminder": False,
    }
    found = bootstrap.booking().find_by_token(token)
    assert found.origin is Origin.WEB, "only staff say that they booked for somebody"


@pytest.mark.parametrize(("field", "value"), [
    ("persons", 0), ("persons", "2"), ("persons", True), ("persons", 99), ("meeting", "letter"), ("meeting", 1),
    ("meeting", "video"), ("want_earlier", "yes"), ("reminder", 1), ("alternatives_seen", []),
])  # fmt: skip
def test_wrong_variants_are_named(client: Client, tenant: Municipality, field: str, value: Any) -> None:
    path = f"/municipalities/{tenant.id}/appointments"
    answer = send(client, "POST", path, wish(**{field: value}), **{"Idempotency-Key": "k"})
    assert (answer.status_code, set(body(answer)["fields"])) == (422, {field})


@pytest.mark.parametrize("asked", ["persons=0", "persons=x", "persons=9", "meeting=letter", "meeting=phone"])
def test_wrong_variants_in_a_query_are_named(client: Client, tenant: Municipality, asked: str) -> None:
    path = f"/municipalities/{tenant.id}/offices/raadhuset/slots?reason=passport&{asked}"
    answer = send(client, "GET", path)
    assert (answer.status_code, set(body(answer)["fields"])) == (422, {asked.partition("=")[0]})


@pytest.mark.requirement("GL-67", "FR-16", "SK-01")
def test_staff_book_for_a_citizen(client: Client, tenant: Municipality, staff_token: Callable[[str, str], str]) -> None:
    path = f"/municipalities/{tenant.id}/appointments"
    staff = {"Authorization": f"Bearer {staff_token('desk', tenant.id)}"}
    for number, (more, origin) in enumerate([({}, Origin.DESK), ({"origin": "phone"}, Origin.PHONE)]):
        booked = send(client, "POST", path, wish(**more), **staff, **{"Idempotency-Key": f"k{number}"})
        token = body(booked)["manage_url"].rsplit("/", 1)[-1]
        assert bootstrap.booking().find_by_token(token).origin is origin
    wrong = send(client, "POST", path, wish(origin="web"), **staff, **{"Idempotency-Key": "k3"})
    assert (wrong.status_code, set(body(wrong)["fields"])) == (422, {"origin"})
    for role, municipality, status in (("kiosk", tenant.id, 403), ("desk", "another", 404)):
        other = {"Authorization": f"Bearer {staff_token(role, municipality)}"}
        assert send(client, "POST", path, wish(), **other, **{"Idempotency-Key": "k4"}).status_code == status


@pytest.mark.requirement("SK-25")
def test_how_long_citizens_wait_for_a_time(client: Client, tenant: Municipality) -> None:
    path = f"/municipalities/{tenant.id}/offices/raadhuset/availability-summary"
    first = {"start": "2026-11-23T10:00:00+01:00", "end": "2026-11-23T10:10:00+01:00", "free": 2}
    assert body(send(client, "GET", f"{path}?reason=passport")) == {
        "first_free": first,
        "days_to_first_free": 0,
        "third_next_available": {
            "start": "2026-11-23T10:10:00+01:00",
            "end": "2026-11-23T10:20:00+01:00",
            "free": 2,
        },
        "days_to_third_next_available": 0,
    }
    refused = send(client, "GET", path)
    assert (refused.status_code, set(body(refused)["fields"])) == (422, {"reason"})


def test_a_number_has_a_limit_of_future_appointments(client: Client) -> None:
    booking = {**a_municipality_document()["booking"], "open_per_phone": 1}
    store_municipality(a_municipality_document(id="limited", booking=booking))
    path = "/municipalities/limited/appointments"
    assert send(client, "POST", path, wish(), **{"Idempotency-Key": "k1"}).status_code == 201
    refused = send(client, "POST", path, wish(), **{"Idempotency-Key": "k2"})
    assert (refused.status_code, body(refused)["code"]) == (429, "too_many_requests")


def test_erasing_finds_and_frees_the_place_among_those_of_the_number(client: Client) -> None:
    booking = {**a_municipality_document()["booking"], "open_per_phone": 5}
    tenant = store_municipality(a_municipality_document(id="bounded", booking=booking))
    booked = body(send(client, "POST", f"/municipalities/{tenant.id}/appointments", wish(), Idempotency_Key="k"))
    rows = DynamoDbSubjectRows(bootstrap.keys, lambda _: ["raadhuset"])

    def places() -> list[Record]:
        found = rows.of(tenant.id, booked["id"])
        return [record for record in found if record.table == "capacity" and "#phone#" in record.pk]

    assert [record.sk for record in places()] == ["open"]
    rows.unlink(booked["id"], places())
    assert places() == []
