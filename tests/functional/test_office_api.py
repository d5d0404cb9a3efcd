"""An office's day through the application on the embedded AWS: notices, alarms, the door, figures, reviews, audit."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client
from typer.testing import CliRunner

from chalicelib import bootstrap
from chalicelib.adapters.tables import ContactItem, bound
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.contacts.document import from_document
from chalicelib.entrypoints.events.closing_work import close_days
from chalicelib.shared.phone import PhoneNumber
from chalicelib.visits.model import State
from cli.main import app as command
from tests.builders import MONDAY, FixedClock, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality

TEXT = {"da": "MitID er nede. Pas virker som normalt.", "en": "MitID is down. Passports work as usual."}
OUTAGE = {"kind": "outage", "level": "warning", "text": TEXT}
O = "/offices/raadhuset"  # noqa: E741 - reads as in the design
_TOWNS = iter(range(1000))


@pytest.fixture
def clock(embedded: object) -> Iterator[FixedClock]:
    moving = FixedClock(MONDAY)
    before = bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


@pytest.fixture
def town(embedded: object) -> Municipality:
    """A town hall with a check-in point, and a library."""
    document = a_municipality_document(id=f"dagby{next(_TOWNS)}")
    hall = document["offices"][0]
    hall["check_in_points"] = [{"id": "kiosk", "name": {"da": "Standeren", "en": "The kiosk"}}]
    document["offices"].append({**hall, "id": "nordby", "name": {"da": "Nordby", "en": "Nordby"}})
    return store_municipality(document)


class Api:
    """The JSON API as staff of one municipality call it."""

    def __init__(self, client: Client, municipality: str, tokens: Callable[[str, str], str]) -> None:
        self.client, self.municipality, self._tokens = client, municipality, tokens

    def __call__(self, method: str, path: str, body: Any = None, *, role: str = "desk", **headers: str) -> Any:
        sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        sent["Authorization"] = f"Bearer {self._tokens(role, self.municipality)}"
        raw = b"" if body is None else json.dumps(body).encode()
        return self.client.http.request(
            method, f"/api/v1/municipalities/{self.municipality}{path}", headers=sent, body=raw
        )

    def page(self, path: str) -> str:
        answer = self.client.http.get(f"/{self.municipality}{path}")
        assert answer.status_code == 200, answer.body
        return str(answer.body.decode())


@pytest.fixture
def api(town: Municipality, staff_token: Callable[[str, str], str], clock: FixedClock) -> Iterator[Api]:
    from app import app

    with Client(app) as client:
        yield Api(client, town.id, staff_token)


def walk_in(api: Api, **more: Any) -> str:
    answer = api("POST", "/visits", {"office": "raadhuset", "reasons": ["passport"], **more})
    assert answer.status_code == 201, answer.body
    return str(answer.json_body["visit_id"])


@pytest.mark.requirement("BF-14")
def test_an_outage_is_told_to_citizens_until_it_ends_and_contacts_within_are_flagged(api: Api, clock: FixedClock):
    posted = api("POST", f"{O}/notices", {**OUTAGE, "reasons": ["passport"]}, Idempotency_Key="press")
    again = api("POST", f"{O}/notices", {**OUTAGE, "reasons": ["passport"]}, Idempotency_Key="press")
    assert posted.status_code == again.status_code == 201
    assert posted.json_body == again.json_body
    assert TEXT["da"] in api.page("")
    shown = api("GET", f"{O}/notices", role="display").json_body["notices"]
    assert [notice["id"] for notice in shown] == [posted.json_body["id"]]
    assert api("GET", "/offices/nordby/notices").json_body["notices"] == []
    inside, outside = walk_in(api), walk_in(api, reasons=["licence"])
    for _ in range(2):
        visit = api("POST", f"{O}/call-next", {"desk": "1"}).json_body["visit_id"]
        for action in ("start", "complete"):
            assert api("POST", f"/visits/{visit}/{action}", {}).status_code == 200
    ended = api("POST", f"{O}/notices/{posted.json_body['id']}/end", {})
    assert ended.json_body["until"] == "2026-11-23T10:00:00+01:00"
    assert TEXT["da"] not in api.page("")
    flags = {visit: contact_of(api, visit).outage for visit in (inside, outside)}
    assert flags == {inside: True, outside: False}
    assert api("POST", f"{O}/notices/nothing/end", {}).status_code == 404


def contact_of(api: Api, visit: str) -> Any:
    row = bound(ContactItem).get(f"{api.municipality}#contact#{visit.rsplit('.', 1)[1]}", "contact")
    return from_document(row.document)


@pytest.mark.requirement("BF-15")
def test_a_change_is_for_colleagues_and_says_how_long_it_took(api: Api, clock: FixedClock):
    event = (MONDAY - timedelta(minutes=12)).isoformat()
    change = {"kind": "change", "level": "info", "text": {"da": "Ny blanket"}, "event_at": event}
    assert api("POST", f"{O}/notices", change, role="leader").json_body["minutes_to_notice"] == 12
    assert "Ny blanket" not in api.page("")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({**OUTAGE, "kind": "party"}, "kind"),
        ({**OUTAGE, "text": "MitID"}, "text"),
        ({**OUTAGE, "text": {"da": "x", "en": "y", "fr": "z"}}, "text"),
        ({**OUTAGE, "text": {"da": "Ring 20 12 34 56", "en": "x"}}, "text.da"),
        ({**OUTAGE, "until": "soon"}, "until"),
        ({**OUTAGE, "reasons": ["wedding"]}, "reasons"),
        ({**OUTAGE, "everywhere": "yes"}, "everywhere"),
    ],
)
def test_a_wrong_notice_names_its_field(api: Api, body: dict[str, Any], field: str):
    answer = api("POST", f"{O}/notices", body)
    assert (answer.status_code, list(answer.json_body["fields"])) == (422, [field])


def test_an_alarm_is_seen_on_every_desk_page_of_the_office_at_once(api: Api, town: Municipality):
    raised = api("POST", f"{O}/emergency", {"desk": "1"})
    assert raised.status_code == 201
    look = bootstrap.office_day().look(town, "raadhuset")
    assert [(alarm.desk, alarm.is_open) for alarm in look.alarms] == [("1", True)]
    answered = api("POST", f"{O}/emergency/{raised.json_body['id']}/answer", {"desk": "2"})
    assert answered.json_body["answered_by"] == "2"
    assert api("POST", f"{O}/emergency", {"desk": "99"}).status_code == 422
    assert api("POST", f"{O}/emergency", {"desk": "1"}, role="leader").status_code == 403


@pytest.mark.requirement("GL-77", "BF-20", "BF-28")
def test_the_day_in_figures_has_what_was_solved_at_the_door_and_nothing_about_a_desk(api: Api, clock: FixedClock):
    assert api("POST", f"{O}/door", {"reason": "passport"}, Idempotency_Key="a").json_body == {
        "at_door": {"passport": 1}
    }
    assert api("POST", f"{O}/door", {"reason": "passport"}, Idempotency_Key="a").json_body["at_door"]["passport"] == 1
    walk_in(api, priority="frail")
    clock.advance(minutes=7)
    api("POST", f"{O}/call-next", {"desk": "1"})
    day = api("GET", f"{O}/day", role="leader").json_body
    assert (day["counts"]["at_desk"], day["counts"]["at_door"], day["priorities"]) == (1, 1, 1)
    assert day["waiting"]["median_minutes"] == 7
    assert day["waiting"]["measured_from"] == {"staff_check_in": 1}
    assert '"desk"' not in json.dumps(day)
    assert api("GET", f"{O}/day?date=2026-11-20").status_code == 404
    assert api("GET", f"{O}/day", role="kiosk").status_code == 403


def test_the_sweep_closes_the_day_and_its_figures_stay(api: Api, town: Municipality, clock: FixedClock):
    visit = walk_in(api)
    booked = bootstrap.booking().book(
        town,
        BookingRequest(
            office="raadhuset",
            reasons=("licence",),
            start=MONDAY + timedelta(minutes=30),
            language="da",
            consent=ConsentAnswer(granted=True, text_version="2026-1"),
            phone=PhoneNumber("+4520123456"),
        ),
        "key-of-this-booking",
    )
    api("POST", f"{O}/door", {"reason": "passport"})
    clock.advance(hours=6)  # 16:00, an hour after closing
    for _ in range(2):
        close_days(town.id)
    assert bootstrap.visits().get(town, visit).state is State.UNCLOSED
    assert bootstrap.visits().get(town, f"20261123.raadhuset.{booked.id}").state is State.NO_SHOW
    assert contact_of(api, visit).service_seconds is None
    clock.advance(hours=20)
    close_days(town.id)
    day = api("GET", f"{O}/day?date=2026-11-23", role="leader").json_body
    assert day["counts"]["unclosed"] == day["counts"]["missed"] == day["counts"]["at_door"] == 1
    assert day["shares"] == {"unclosed": 0.5, "not_come": 0.5}


def test_a_visit_goes_on_at_another_office_with_a_note(api: Api):
    visit = walk_in(api)
    api("POST", f"{O}/call-next", {"desk": "1"})
    sent = api("POST", f"/visits/{visit}/forward", {"office": "nordby", "note": "mangler foto"})
    assert sent.status_code == 200
    body = sent.json_body
    assert (body["office"], body["state"], body["note"], body["came_from"]) == (
        "nordby", "forwarded", "mangler foto", "raadhuset",
    )  # fmt: skip
    assert api("GET", f"/visits/{visit}").json_body["state"] == "moved"
    assert api("POST", f"/visits/{visit}/complete", {}).status_code == 409
    [waiting] = api("GET", "/offices/nordby/queue").json_body["waiting"]
    assert waiting["visit_id"] == body["visit_id"]


def test_priority_and_note_are_staffs(api: Api):
    visit = walk_in(api)
    assert api("POST", f"/visits/{visit}/priority", {"reason": "child"}).json_body["priority"] == "child"
    assert api("POST", f"/visits/{visit}/priority", {"reason": "friend"}).status_code == 422
    assert api("POST", f"/visits/{visit}/note", {"text": "mangler foto"}).json_body["note"] == "mangler foto"
    refused = api("POST", f"/visits/{visit}/note", {"text": "cpr 010190-1234"})
    assert (refused.status_code, list(refused.json_body["fields"])) == (422, ["note"])
    kiosk = api("POST", "/visits", {"office": "raadhuset", "reasons": ["passport"], "note": "x"}, role="kiosk")
    assert kiosk.status_code == 422


@pytest.mark.requirement("GL-63")
def test_a_leader_reviews_a_check_in_point(api: Api):
    [point] = api("GET", f"{O}/reviews").json_body["points"]
    assert (point["point"], point["overdue"]) == ("kiosk", True)
    review = {"point": "kiosk", "result": "hard_to_see", "note": "Flyt skiltet", "date": "2026-11-20"}
    assert api("POST", f"{O}/reviews", review).status_code == 403
    assert api("POST", f"{O}/reviews", review, role="leader").status_code == 201
    [point] = api("GET", f"{O}/reviews", role="leader").json_body["points"]
    assert (point["overdue"], point["reviews"][0]["result"]) == (False, "hard_to_see")
    assert api("POST", f"{O}/reviews", {**review, "point": "x"}, role="leader").status_code == 404


def test_who_did_what_is_read_on_the_command_line_for_a_purpose(api: Api):
    visit = walk_in(api)
    api("POST", f"{O}/call-next", {"desk": "1"})
    asked = ["audit", visit, "--municipality", api.municipality]
    done = CliRunner().invoke(command, [*asked, "--purpose", "klage over ventetid", "--staff", "somebody"])
    assert done.exit_code == 0, done.output
    assert "check-in: booked → waiting" in done.output
    assert "call: waiting → called at desk 1, by " in done.output
    assert "klage over ventetid" in done.output
    assert CliRunner().invoke(command, [*asked, "--purpose", "klage"]).exit_code != 0
    assert CliRunner().invoke(command, asked).exit_code != 0
