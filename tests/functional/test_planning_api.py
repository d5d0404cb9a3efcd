"""Hours of days, whom they affect and why a time can't be booked, over HTTP on the embedded AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.shared.clock import SystemClock
from tests.builders import MONDAY, FixedClock, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality

TUESDAY = "2026-11-24"
FOUR = f"{TUESDAY}T14:00:00+01:00"


@pytest.fixture
def clock() -> Iterator[FixedClock]:
    fixed = FixedClock(MONDAY)
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())


@pytest.fixture
def town(embedded: Any, request: pytest.FixtureRequest) -> Municipality:
    document = a_municipality_document(id=f"api{abs(hash(request.node.name)) % 10**8}")
    document["sms_templates"]["closed"] = {
        "da": "{municipality}: Lukket {date} {time}. Forslag {new_date} {new_time}. Svar: {link}",
        "en": "{municipality}: Closed {date} {time}. Proposal {new_date} {new_time}. Answer: {link}",
    }
    return store_municipality(document)


class Staff:
    def __init__(self, client: Client, town: Municipality, tokens: Callable[[str, str], str]) -> None:
        self._client, self.town, self._tokens = client, town, tokens

    def call(self, role: str | None, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = {"Content-Type": "application/json", **headers}
        if role:
            sent["Authorization"] = f"Bearer {self._tokens(role, self.town.id)}"
        raw = json.dumps(body).encode() if body is not None else b""
        address = f"/api/v1/municipalities/{self.town.id}{path}"
        answer = self._client.http.request(method, address, headers=sent, body=raw)
        return answer.status_code, json.loads(answer.body) if answer.body else None

    def citizen(self, method: str, path: str, body: Any) -> Any:
        raw = json.dumps(body).encode() if body is not None else b""
        return self._client.http.request(method, path, headers={"Content-Type": "application/json"}, body=raw)

    def book(self, start: str = FOUR, phone: str | None = "+4520123456", key: str = "k1") -> Any:
        body = {
            "office": "raadhuset",
            "reasons": ["passport"],
            "start": start,
            "phone": phone,
            "language": "da",
            "survey_consent": {"granted": False, "text_version": "2026-1"},
        }
        status, booked = self.call(None, "POST", "/appointments", body, **{"Idempotency-Key": key})
        assert status == 201, booked
        return booked

    def slots(self) -> list[Any]:
        query = f"reason=passport&from={TUESDAY}&to={TUESDAY}"
        return self.call(None, "GET", f"/offices/raadhuset/slots?{query}")[1]["slots"]


@pytest.fixture
def staff(town: Municipality, clock: FixedClock, staff_token: Callable[[str, str], str]) -> Iterator[Staff]:
    import app

    bootstrap.municipalities().forget(town.id)
    with Client(app.app) as client:
        yield Staff(client, town, staff_token)


@pytest.mark.requirement("GE-07")
def test_a_leader_closes_a_day_the_desk_looks_and_taking_it_back_opens_it(staff):
    path = "/offices/raadhuset/exceptions"
    before = staff.slots()
    note = {"da": "Kursus", "en": "Training"}
    status, answer = staff.call("leader", "POST", path, {"first": TUESDAY, "note": note})
    assert status == 201
    made = answer["exception"]
    assert (made["first"], made["last"], made["opening"], made["note"], made["by"]) == (
        TUESDAY,
        TUESDAY,
        [],
        note,
        "leader",
    )
    assert answer["affected"] == []
    assert staff.slots() == []
    assert staff.call("desk", "GET", path)[1]["exceptions"] == [made]
    assert staff.call("leader", "DELETE", f"{path}/{made['id']}") == (204, None)
    assert staff.slots() == before
    assert staff.call("leader", "DELETE", f"{path}/01NOTHING")[0] == 404


def test_only_leaders_and_admins_change_hours(staff):
    path, body = "/offices/raadhuset/exceptions", {"first": TUESDAY}
    assert staff.call(None, "POST", path, body)[0] == 401
    for role in ("desk", "analyst", "kiosk"):
        assert staff.call(role, "POST", path, body)[0] == 403
    assert staff.call("kiosk", "GET", path)[0] == 403
    assert staff.call("admin", "POST", path, body)[0] == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "first"),
        ({"first": "2026-11-22"}, "last"),
        ({"first": TUESDAY, "last": "2026-11-23"}, "last"),
        ({"first": TUESDAY, "opening": [{"opens": "12:00", "closes": "09:00", "desks": 1}]}, "opening"),
        ({"first": TUESDAY, "opening": [{"opens": "09:00", "closes": "10:00", "desks": "two"}]}, "desks"),
        ({"first": TUESDAY, "opening": "all day"}, "opening"),
        ({"first": TUESDAY, "groups": ["elsewhere"]}, "groups"),
        ({"first": TUESDAY, "note": "Kursus"}, "note"),
    ],
)
def test_hours_that_make_no_sense_are_refused_with_the_field(staff, body, field):
    status, answer = staff.call("leader", "POST", "/offices/raadhuset/exceptions", body)
    assert (status, list(answer["fields"])) == (422, [field])


def test_whoever_is_affected_is_asked_and_says_yes(staff, clock):
    booked = staff.book()
    body = {"first": TUESDAY, "opening": [{"opens": "09:00", "closes": "12:00", "desks": 2}]}
    _, answer = staff.call("leader", "POST", "/offices/raadhuset/exceptions", body)
    [affected] = answer["affected"]
    assert (affected["appointment_id"], affected["start"], affected["standing"]) == (booked["id"], FOUR, "to_ask")
    assert booked["code"] not in json.dumps(answer), "ids and times alone"
    _, asked = staff.call("leader", "POST", "/offices/raadhuset/affected", {"from": TUESDAY})
    [case] = asked["affected"]
    nearest = f"{TUESDAY}T11:50:00+01:00"
    assert (case["standing"], case["proposed"], case["kept_until"]) == ("asked", nearest, nearest)
    token = booked["manage_url"].rsplit("/", 1)[1]
    appointment = bootstrap.booking().find_by_token(token)
    assert appointment.start.isoformat() == "2026-11-24T13:00:00+00:00", "a closed day asks, it doesn't move"
    moved = bootstrap.proposals().accept(bootstrap.municipalities().get(staff.town.id), appointment)
    assert moved.code == booked["code"]
    assert staff.call("desk", "GET", f"/offices/raadhuset/affected?from={TUESDAY}")[1] == {"affected": []}


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_who_was_asked_and_answers_by_json_leaves_no_kept_place_behind(staff, method):
    booked = staff.book()
    body = {"first": TUESDAY, "opening": [{"opens": "09:00", "closes": "12:00", "desks": 1}]}
    staff.call("leader", "POST", "/offices/raadhuset/exceptions", body)
    free = len(staff.slots())
    staff.call("leader", "POST", "/offices/raadhuset/affected", {"from": TUESDAY})
    assert len(staff.slots()) == free - 1
    path = f"/api/v1/appointments/{booked['manage_url'].rsplit('/', 1)[1]}"
    body = {"start": "2026-11-25T09:00:00+01:00"} if method == "PATCH" else None
    answer = staff.citizen(method, path, body)
    assert answer.status_code == 200, answer.body
    assert len(staff.slots()) == free


def test_a_booking_in_between_cannot_slip_into_a_closed_day(staff):
    old = bootstrap.municipalities().get(staff.town.id)
    staff.call("leader", "POST", "/offices/raadhuset/exceptions", {"first": TUESDAY})
    from datetime import datetime

    from chalicelib.shared.errors import SlotTaken

    with pytest.raises(SlotTaken):
        bootstrap.booking().hold(old, "raadhuset", ["passport"], datetime.fromisoformat(FOUR))


def test_staff_are_told_why_a_time_cannot_be_booked(staff):
    def explain(start: str, role: str = "desk") -> tuple[int, Any]:
        query = f"reason=passport&start={start.replace('+', '%2B')}"
        return staff.call(role, "GET", f"/offices/raadhuset/explanations?{query}")

    assert explain(FOUR) == (200, {"bookable": True, "obstacles": []})
    note = {"da": "Kursus", "en": "Training"}
    staff.call("leader", "POST", "/offices/raadhuset/exceptions", {"first": TUESDAY, "note": note})
    _, answer = explain(FOUR)
    assert answer["bookable"] is False
    assert [(each["why"], each["note"]) for each in answer["obstacles"]] == [("closed_by_staff", note)]
    assert explain(FOUR, role="kiosk")[0] == 403
    assert explain("soon")[0] == 422
