"""The JSON API of the running product, row by row as design 5 promises it: booking, visits and contacts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.walk import OFFICE, M, Walk
from tests.shapes import TEXT, check, is_time, matching, one_of, optional

if TYPE_CHECKING:
    from local.product import Product

SANDHOLM = "/api/v1/municipalities/sandholm"
MONDAY, TUESDAY, WEDNESDAY = "2026-11-23", "2026-11-24", "2026-11-25"
CONSENT = {"granted": True, "text_version": "2026-1"}
STATES = ["booked", "waiting", "called", "in_service", "parked", "completed", "no_show", "cancelled", "forwarded"]
STATES += ["moved", "unclosed"]
VISIT_ID = matching(r"\d{8}\.[a-z-]+\.[0-9A-Z]{26}")
APPOINTMENT = {"id": matching(r"[0-9A-Z]{26}"), "code": str, "start": is_time, "end": is_time, "manage_url": str}
VISIT = {
    **dict.fromkeys(("office", "desk_group", "language", "origin"), str),
    **{name: optional(is_time) for name in ("booked_start", "called_at", "served_at", "ended_at")},
    "visit_id": VISIT_ID,
    "ticket": matching(r"[A-Z]\d{3}"),
    "state": one_of(*STATES),
    "desk": optional(str),
    "reasons": [str],
    "arrived_at": is_time,
    "waiting_seconds": int,
    "waiting_from": one_of("check_in", "booked_time", "staff_check_in"),
    **dict.fromkeys(("priority", "note", "came_from"), optional(str)),
    "persons": int,
    "meeting": one_of("in_person", "phone", "video"),
    "version": int,
}
ADMITTED = {
    "visit_id": VISIT_ID,
    "ticket": matching(r"[A-Z]\d{3}"),
    "state": one_of("waiting"),
    "people_ahead": int,
    "expected_wait_minutes": optional({"low": int, "high": int}),
}


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    return Walk(product.url)


@pytest.fixture(autouse=True)
def monday_morning(walk: Walk) -> None:
    walk.set_clock(f"{MONDAY}T08:00:00+01:00")


def wish(start: str, **more: Any) -> dict[str, Any]:
    given = {"office": "borgerhuset", "reasons": ["passport"], "start": start, "language": "da"}
    return {**given, "survey_consent": {**CONSENT, "granted": False}, **more}


def post(walk: Walk, body: dict[str, Any], m: str = SANDHOLM, key: str | None = None) -> tuple[int, Any]:
    answer = walk.call("POST", f"{m}/appointments", body, Idempotency_Key=key or uuid.uuid4().hex)
    return answer.status, answer.body


def only_desk(walk: Walk) -> str:
    """A time with one place: on Wednesdays Sandholm has one desk."""
    slots = walk.get(f"{SANDHOLM}/offices/borgerhuset/slots?reason=passport&from={WEDNESDAY}&to={WEDNESDAY}")["slots"]
    assert all(slot["free"] == 1 for slot in slots)
    return str(slots[0]["start"])


def test_what_everybody_may_read(walk: Walk):
    check(walk.get("/api/v1/municipalities"), {"municipalities": [{"id": str, "name": TEXT}]})
    office = {"id": str, "name": TEXT, "address": str, "reasons": [str], "desks": [str]}
    assert len(check(walk.get(f"{M}/offices"), {"offices": [office]})["offices"]) == 3
    alternative = {"channel": str, "text": TEXT, "target": str}
    reason = {"id": str, "name": TEXT, "duration_minutes": int, "attendance_required": bool}
    reasons = check(walk.get(f"{M}/enquiry-reasons"), {"reasons": [{**reason, "alternatives": [alternative]}]})
    assert {r["id"]: bool(r["alternatives"]) for r in reasons["reasons"]}["licence"]
    texts = [walk.get(f"{M}/consent-texts?language={language}") for language in ("da", "en")]
    wording = {"version": str, "text": str}
    asked = dict.fromkeys(("survey_sms", "reminder_sms", "comment_use"), wording)
    assert all(check(text, asked) for text in texts)
    assert check(walk.get(f"{SANDHOLM}/consent-texts"), {"survey_sms": wording})
    assert texts[0]["survey_sms"]["text"].startswith("Ja,")
    assert texts[1]["survey_sms"]["text"].startswith("Yes,")
    assert walk.get("/health") == {"status": "ok"}
    assert set(walk.get("/api/v1/openapi.json")) >= {"openapi", "info", "paths", "components"}


def test_slots_include_both_ends_and_add_up_the_reasons(walk: Walk):
    path = f"{M}/offices/{OFFICE}/slots?from={TUESDAY}&to=2026-11-27"
    one, two = (walk.get(path + more)["slots"] for more in ("&reason=passport", "&reason=passport&reason=mitid"))
    check({"slots": one}, {"slots": [{"start": is_time, "end": is_time, "free": int}]})
    assert {slot["start"][:10] for slot in one} == {TUESDAY, WEDNESDAY, "2026-11-26", "2026-11-27"}
    assert (one[0]["start"][11:], one[0]["end"][11:]) == ("09:00:00+01:00", "09:10:00+01:00")
    assert (two[0]["start"][11:], two[0]["end"][11:]) == ("09:00:00+01:00", "09:25:00+01:00")
    assert walk.get(f"{M}/offices/{OFFICE}/slots?reason=passport&from=2026-11-28&to=2026-11-29") == {"slots": []}


def test_a_hold_blocks_others_is_captured_by_its_holder_and_expires_by_itself(walk: Walk):
    start = only_desk(walk)
    ask = {"office": "borgerhuset", "reasons": ["passport"], "start": start}
    hold = check(walk.post(f"{SANDHOLM}/holds", ask, status=201), {"hold_id": str, "expires_at": is_time})
    assert walk.call("POST", f"{SANDHOLM}/holds", ask).body["code"] == "slot_taken"
    status, taken = post(walk, wish(start))
    assert (status, taken["code"]) == (409, "slot_taken")
    assert walk.call("DELETE", f"{SANDHOLM}/holds/{hold['hold_id']}").status == 204
    assert walk.call("DELETE", f"{SANDHOLM}/holds/{hold['hold_id']}").status == 404

    second = walk.post(f"{SANDHOLM}/holds", ask, status=201)
    assert walk.call("DELETE", f"{M}/holds/{second['hold_id']}").status == 404
    walk.advance(11)
    third = walk.post(f"{SANDHOLM}/holds", ask, status=201)
    status, booked = post(walk, wish(start, hold_id=third["hold_id"]))
    assert (status, booked["start"]) == (201, start)
    assert post(walk, wish(start))[0] == 409


def test_a_key_answers_the_same_for_a_day_and_refuses_another_body(walk: Walk):
    body = wish("2026-11-26T10:00:00+01:00")
    status, first = post(walk, body, key="surface")
    assert status == 201
    check(first, APPOINTMENT)
    assert first["manage_url"].startswith(f"{walk.url}/sandholm/appointments/")
    walk.advance(23 * 60)
    assert post(walk, body, key="surface") == (201, first)
    status, other = post(walk, {**body, "language": "en"}, key="surface")
    assert (status, other["code"]) == (422, "idempotency_key_reused")
    elsewhere = post(walk, {**body, "office": OFFICE}, m=M, key="surface")[1]
    assert elsewhere["id"] != first["id"], "keys are each municipality's own"
    walk.advance(2 * 60)
    status, anew = post(walk, body, key="surface")
    assert (status, anew["id"] != first["id"]) == (201, True), "after 24 hours the key is a new one"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"start": "2026-11-20T10:00:00+01:00"}, "not_bookable", "start"),
        ({"start": "2026-11-29T10:00:00+01:00"}, "not_bookable", "start"),
        ({"start": f"{TUESDAY}T10:01:00+01:00"}, "not_bookable", "start"),
        ({"start": f"{TUESDAY}T10:00:00"}, "invalid_field", "start"),
        ({"start": "9999-12-31T23:59:59Z"}, "invalid_field", "start"),
        ({"office": "atlantis"}, "invalid_field", "office"),
        ({"office": 7}, "invalid_field", "office"),
        ({"reasons": "passport"}, "invalid_field", "reasons"),
        ({"reasons": [7]}, "invalid_field", "reasons"),
        ({"phone": ["+4520114400"]}, "invalid_field", "phone"),
        ({"phone": {}}, "invalid_field", "phone"),
        ({"email": []}, "invalid_field", "email"),
        ({"email": "a\0b@example.com"}, "invalid_field", "email"),
        ({"name": [["x"]]}, "invalid_field", "name"),
        ({"name": "x" * 10_000}, "invalid_field", "name"),
        ({"language": ["da"]}, "invalid_field", "language"),
        ({"hold_id": 1}, "invalid_field", "hold_id"),
        ({"survey_consent": {"granted": "yes", "text_version": "2026-1"}}, "invalid_field", "survey_consent"),
        ({"survey_consent": {"granted": True, "text_version": "0"}}, "invalid_field", "survey_consent"),
    ],
)
def test_a_wrong_field_is_named(walk: Walk, changes: dict[str, Any], code: str, field: str):
    status, body = post(walk, {**wish(f"{TUESDAY}T10:00:00+01:00"), **changes})
    assert (status, body["code"], list(body["fields"])) == (422, code, [field])


def test_the_link_shows_moves_withdraws_and_cancels(walk: Walk):
    _, booked = post(walk, wish(f"{TUESDAY}T11:00:00+01:00", phone="+4520114499", survey_consent=CONSENT))
    path = f"/api/v1/appointments/{booked['manage_url'].rsplit('/', 1)[1]}"
    consent = {"state": optional(one_of("granted", "refused", "withdrawn")), "text_version": str}
    texts = dict.fromkeys(("id", "municipality", "code", "office", "language"), str)
    shape = {**texts, "state": str, "reasons": [str], "start": is_time, "end": is_time, "survey_consent": consent}
    shape |= {"persons": int, "meeting": one_of("in_person"), "want_earlier": bool, "reminder": bool}
    seen = check(walk.get(path), shape)
    assert (seen["state"], seen["survey_consent"]["state"]) == ("booked", "granted")

    moved = walk.call("PATCH", path, {"start": f"{TUESDAY}T12:00:00+01:00"})
    assert (moved.status, moved.body) == (200, {**seen, "start": moved.body["start"], "end": moved.body["end"]})
    assert moved.body["start"] == f"{TUESDAY}T12:00:00+01:00"
    assert walk.call("PATCH", path, {"start": "2026-11-29T12:00:00+01:00"}).body["code"] == "not_bookable"
    assert walk.call("PATCH", path, {}).body["fields"].keys() == {"start"}
    for _ in range(2):
        post(walk, wish(f"{TUESDAY}T13:00:00+01:00"))
    assert walk.call("PATCH", path, {"start": f"{TUESDAY}T13:00:00+01:00"}).body["code"] == "slot_taken"
    assert walk.get(path)["start"] == f"{TUESDAY}T12:00:00+01:00"

    assert [walk.call("DELETE", f"{path}/survey-consent").status for _ in range(2)] == [204, 204]
    assert walk.get(path)["survey_consent"]["state"] == "withdrawn"
    assert walk.call("DELETE", path).body["state"] == "cancelled"
    again = walk.call("PATCH", path, {"start": f"{TUESDAY}T12:00:00+01:00"})
    assert (again.status, again.body["code"]) == (409, "wrong_state")
    check_in = {"office": "borgerhuset", "appointment_code": booked["code"]}
    refused = walk.call("POST", f"{SANDHOLM}/visits", check_in, **walk.as_role("kiosk", "sandholm"))
    assert (refused.status, refused.body["code"]) == (409, "wrong_state")
    assert walk.call("GET", path.replace("/api/v1", "/fjordby")).status == 404, "not under another municipality"
    assert walk.call("GET", path.replace("/api/v1", "/sandholm")).status == 200


def test_arriving_by_code_and_without(walk: Walk):
    desk = walk.as_role("desk")
    booked = walk.book(None, start=f"{MONDAY}T09:00:00+01:00", consent=False)
    code = {"office": OFFICE, "appointment_code": booked["code"].lower()}
    before = walk.post(f"{M}/visits", {"office": "soenderby", "reasons": ["pension"]}, status=201, **desk)
    assert check(before, ADMITTED)["expected_wait_minutes"] is None, "nobody serves before nine"
    walk.set_clock(f"{MONDAY}T09:00:00+01:00")
    first = check(walk.post(f"{M}/visits", code, status=201, **desk), ADMITTED)
    assert walk.post(f"{M}/visits", code, status=201, **desk)["visit_id"] == first["visit_id"]
    full = {"office": OFFICE, "reasons": ["licence"], "phone": "20114400", "language": "en", "survey_consent": CONSENT}
    ahead = [walk.post(f"{M}/visits", full, status=201, **walk.as_role("kiosk"))["people_ahead"] for _ in range(5)]
    assert ahead == [1, 2, 3, 4, 5]
    last = check(walk.post(f"{M}/visits", full, status=201, **desk), ADMITTED)
    assert 0 <= last["expected_wait_minutes"]["low"] < last["expected_wait_minutes"]["high"]

    for body, status, error in [
        ({**code, "office": "nordby"}, 422, "wrong_office"),
        ({**code, "appointment_code": "777777"}, 404, "not_found"),
        ({"office": OFFICE}, 422, "invalid_field"),
        ({**full, "office": "atlantis"}, 422, "invalid_field"),
        ({**full, "language": []}, 422, "invalid_field"),
        ({**full, "phone": None}, 422, "invalid_field"),
        ({**full, "survey_consent": {"granted": True, "text_version": 0}}, 422, "invalid_field"),
    ]:
        answer = walk.call("POST", f"{M}/visits", body, **desk)
        assert (answer.status, answer.body["code"]) == (status, error), body
    queue = walk.get(f"{M}/offices/{OFFICE}/queue", **desk)
    turn = {**VISIT, "people_ahead": int, "why": str, "since": is_time}
    parts = {"waiting": [turn], "at_desks": [VISIT], "parked": [VISIT], "not_checked_in": [dict]}
    check(queue, {"office": str, "now": is_time, **parts})
    assert len(queue["waiting"]) == 7


def test_a_visit_is_what_its_state_allows(walk: Walk):
    desk, office = walk.as_role("desk"), f"{M}/offices/nordby"
    walk.set_clock(f"{MONDAY}T11:00:00+01:00")
    nobody = walk.call("POST", f"{office}/call-next", {"desk": "1"}, **desk)
    assert (nobody.status, nobody.body) == (204, None)

    def act(action: str, **body: str) -> Any:
        answer = walk.call("POST", f"{M}/visits/{visit}/{action}", body or None, **desk)
        return check(answer.body, VISIT)["state"] if answer.status == 200 else (answer.status, answer.body["code"])

    wrong = (409, "wrong_state")
    admitted = walk.post(f"{M}/visits", {"office": "nordby", "reasons": ["mitid"]}, status=201, **desk)
    visit = admitted["visit_id"]
    assert check(walk.get(f"{M}/visits/{visit}", **desk), VISIT)["state"] == "waiting"
    assert {act(name) for name in ("start", "complete", "no-show", "park", "recall", "undo")} == {wrong}
    called = check(walk.post(f"{office}/call-next", {"desk": "1"}, **desk), VISIT)
    assert (called["visit_id"], called["state"], called["desk"]) == (visit, "called", "1")
    assert walk.call("POST", f"{office}/call-next", {"desk": "2"}, **desk).status == 204
    steps = [("no-show", "no_show"), ("undo", "called"), ("park", "parked"), ("recall", "called")]
    steps += [("complete", wrong), ("start", "in_service"), ("start", wrong), ("no-show", wrong)]
    steps += [("complete", "completed"), ("complete", wrong), ("undo", wrong), ("fly", (404, "not_found"))]
    assert [(action, act(action)) for action, _ in steps] == steps

    walk.post(f"{M}/visits", {"office": OFFICE, "reasons": ["licence"]}, status=201, **desk)
    visit = walk.post(f"{M}/offices/{OFFICE}/call-next", {"desk": "1"}, **desk)["visit_id"]
    assert act("forward") == act("forward", desk_group="moon") == (422, "invalid_field")
    assert act("forward", desk_group="counselling") == "forwarded"


def test_contacts_are_created_once_and_judged_one_by_one(walk: Walk):
    walk.set_clock(f"{MONDAY}T12:00:00+01:00")
    good = {"source_id": "c1", "channel": "phone", "department": "citizen-service", "reason": "passport"}
    good |= {"started_at": f"{MONDAY}T10:00:00+01:00", "ended_at": f"{MONDAY}T10:10:00+01:00"}
    whole = {"phone": "+4520114477", "language": "en", "survey_consent": CONSENT, "internal": False}
    whole |= {"resolved_first_contact": True, "transfers": 1}
    late = {"started_at": "2025-11-23T10:00:00+01:00", "ended_at": "2025-11-23T10:10:00+01:00"}
    changes = [{}, {"source_id": "c2", **whole}, {"source_id": "c3", **late}, {}]
    changes += [{"source_id": n, **bad} for n, bad in (("c4", {"reason": "x"}), ("c5", {"transfers": "2"}))]
    changes += [{"source_id": "c6", "started_at": "0001-01-01T00:00:00Z", "ended_at": "0001-01-01T00:00:01Z"}]
    batch = {"contacts": [*({**good, **change} for change in changes), 7]}
    system = walk.as_role("system")
    results = walk.post(f"{M}/contacts", batch, **system)["results"]
    assert [(r["source_id"], r["status"], r.get("code")) for r in results] == [
        *(("c1", "created", None), ("c2", "created", None), ("c3", "created", None), ("c1", "duplicate", None)),
        *(("c4", "rejected", "unknown_reason"), ("c5", "rejected", "invalid_field")),
        *(("c6", "rejected", "invalid_time"), (None, "rejected", "invalid_source_id")),
    ]
    assert {r["status"] for r in walk.post(f"{M}/contacts", batch, **system)["results"]} == {"duplicate", "rejected"}
    assert walk.call("POST", f"{M}/contacts", batch).status == 401
    assert walk.call("POST", f"{M}/contacts", batch, **walk.as_role("desk")).status == 403
    assert walk.call("POST", f"{M}/contacts", {"contacts": [good] * 101}, **system).status == 413
    assert walk.call("POST", f"{M}/contacts", {"contacts": {}}, **system).body["fields"].keys() == {"contacts"}
