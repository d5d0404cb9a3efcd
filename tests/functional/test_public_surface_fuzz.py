"""Nothing that a stranger can send brings the running product down: a clear 4xx, no trace, nothing stored that hurts."""

from __future__ import annotations

import copy
import json
import uuid
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.e2e.walk import OFFICE, M, Walk
from tests.shapes import ERROR, check

if TYPE_CHECKING:
    from local.product import Product

MONDAY = "2026-11-23"
CONSENT = {"granted": True, "text_version": "2026-1"}
START = "2026-11-24T10:00:00+01:00"
BOOKING = {"office": OFFICE, "reasons": ["passport"], "start": START, "phone": "+4520114400", "email": "a@b.dk"}
BOOKING |= {"name": "Åse", "language": "da", "hold_id": None, "survey_consent": CONSENT}
CONTACT = {"source_id": "1", "channel": "phone", "department": "citizen-service", "reason": "passport"}
CONTACT |= {"started_at": f"{MONDAY}T08:00:00+01:00", "ended_at": f"{MONDAY}T08:10:00+01:00", "phone": "+4520114455"}
CONTACT |= {"language": "da", "survey_consent": CONSENT, "internal": False, "resolved_first_contact": True}
ANSWERS = {"satisfaction": 5, "friendliness": 5, "got-answer": "yes", "clear-information": "high", "comment": "Fint"}
GOOD: dict[str, Any] = {
    "holds": {"office": OFFICE, "reasons": ["passport"], "start": START},
    "appointments": BOOKING,
    "move": {"start": START},
    "walk-in": {"office": OFFICE, "reasons": ["passport"], "phone": "20114400", "survey_consent": CONSENT},
    "check-in": {"office": OFFICE, "appointment_code": "KNRTVX"},
    "call-next": {"desk": "1"},
    "complete": {"reasons": ["passport"]},
    "recall": {"desk": "1"},
    "forward": {"desk_group": "counselling"},
    "contacts": {"contacts": [CONTACT, {**CONTACT, "source_id": "2", "transfers": 1}]},
    "answers": {"answers": ANSWERS},
    "finish": {"answers": {"comment": "Tak"}},
    "clock": {"now": f"{MONDAY}T09:30:00+01:00"},
}
# Every character that Python knows, lone halves of pairs and null bytes among them.
texts = st.text(st.characters(exclude_categories=()), max_size=40) | st.sampled_from(
    ["", "\0", "\ud800", "😀" * 2_000, "x" * 10_000, "../../..", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+00:00"]
)
leaves = st.none() | st.booleans() | st.integers() | st.integers(10**20, 10**40) | st.floats() | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3))


@st.composite
def spoiled(draw: st.DrawFn, good: dict[str, Any]) -> Any:
    """A good body with one or two places, however deep, replaced, left out or added to; now and then anything."""
    body = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 2))):
        place = body
        while nested := [value for value in _inside(place) if isinstance(value, dict | list) and value]:
            if not draw(st.booleans()):
                break
            place = draw(st.sampled_from(nested))
        _spoil(draw, place)
    return draw(st.one_of(st.just(body), st.just(body), st.just(body), values))


def _inside(place: Any) -> list[Any]:
    return list(place.values()) if isinstance(place, dict) else list(place)


def _spoil(draw: st.DrawFn, place: Any) -> None:
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    if not keys:
        return
    key = draw(st.sampled_from(keys))
    if isinstance(place, dict) and draw(st.integers(0, 5)) == 0:
        del place[key]
    else:
        place[key] = draw(values)


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    walk = Walk(product.url)
    walk.set_clock(f"{MONDAY}T09:00:00+01:00")
    return walk


@pytest.fixture(scope="module")
def calls(walk: Walk) -> dict[str, tuple[str, str, dict[str, str]]]:
    """Where each body goes: method, path, headers. The visit is in service, the survey open."""
    desk, system = walk.as_role("desk"), walk.as_role("system")
    manage = walk.book(None, start="2026-11-24T14:00:00+01:00", consent=False)["manage_url"].rsplit("/", 1)[1]
    walk.post(f"{M}/visits", GOOD["walk-in"], status=201, **desk)
    visit = walk.post(f"{M}/offices/{OFFICE}/call-next", {"desk": "1"}, **desk)["visit_id"]
    contact = {"contacts": [{**CONTACT, "source_id": "survey", "phone": "+4520114466"}]}
    walk.post(f"{M}/contacts", contact, **system)
    walk.await_sms("+4520114466")
    survey = f"/api/v1/surveys/{walk.survey_token('+4520114466')}"
    return {
        "holds": ("POST", f"{M}/holds", {}),
        "appointments": ("POST", f"{M}/appointments", {"Idempotency-Key": "new"}),
        "move": ("PATCH", f"/api/v1/appointments/{manage}", {}),
        "walk-in": ("POST", f"{M}/visits", walk.as_role("kiosk")),
        "check-in": ("POST", f"{M}/visits", desk),
        "call-next": ("POST", f"{M}/offices/{OFFICE}/call-next", desk),
        **{action: ("POST", f"{M}/visits/{visit}/{action}", desk) for action in ("complete", "recall", "forward")},
        "contacts": ("POST", f"{M}/contacts", system),
        "answers": ("PUT", f"{survey}/answers", {}),
        "finish": ("POST", f"{survey}/finish", {}),
        "clock": ("POST", "/local/clock", {}),
    }


def send(walk: Walk, call: tuple[str, str, dict[str, str]], raw: bytes, **headers: str) -> tuple[int, Any]:
    """The status and the JSON; whatever the answer is, it is one, and shows no trace."""
    method, path, own = call
    sent = {"Content-Type": "application/json", **own, **{k.replace("_", "-"): v for k, v in headers.items()}}
    if sent.get("Idempotency-Key") == "new":
        sent["Idempotency-Key"] = uuid.uuid4().hex
    connection = HTTPConnection(walk.url.removeprefix("http://"), timeout=60)
    try:
        connection.request(method, path, raw, sent)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    assert answer.status < 500, (path, raw[:500], body[:300])
    found = json.loads(body) if body else None
    if answer.status >= 400:
        check({k: v for k, v in found.items() if k != "fields"}, ERROR)
        assert (
            answer.status != 422
            or found.get("fields")
            or path.startswith("/local/")
            or found["code"] != "invalid_field"
        )
        assert b"Traceback" not in body
    return answer.status, found


@pytest.mark.parametrize("name", sorted(GOOD))
def test_no_body_is_answered_with_an_error_of_ours(walk: Walk, calls: dict[str, Any], name: str):
    @settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(spoiled(GOOD[name]))
    def run(body: Any) -> None:
        send(walk, calls[name], json.dumps(body).encode())

    run()
    if name == "clock":
        walk.set_clock(f"{MONDAY}T09:00:00+01:00")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"null", 400),
        (b"\xff\xfe\x00", 400),
        (b'{"a": "\xed\xa0\x80"}', 400),
        (b'{"a": "\\ud83d"}', 400),
        (b'{"a": NaN}', 400),
        (b"1" * 6000, 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 30_000 + b"1" + b"}" * 30_000, 400),
        (b'{"reasons":' + b"[" * 20_000 + b"]" * 20_000 + b"}", 400),
        (b'{"office": "' + b"x" * 300_000 + b'"}', 413),
        (b"x" * 11_000_000, 413),
    ],
    ids=lambda value: None if isinstance(value, int) else str(value[:12]),
)
def test_what_is_no_json_object_is_said_so(walk: Walk, calls: dict[str, Any], raw: bytes, status: int):
    codes = {400: "malformed_request", 413: "too_large"}
    for name in ("holds", "appointments", "walk-in", "call-next", "contacts", "answers", "finish", "complete"):
        if len(raw) > 1_000_000 and name != "holds":
            continue
        try:
            answer = send(walk, calls[name], raw)
        except (BrokenPipeError, ConnectionResetError):
            assert len(raw) > 1_000_000, "only a body that is not read may end the connection"
        else:
            assert (answer[0], answer[1]["code"]) == (status, codes[status])


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/jsonæ"]
)
def test_another_content_type_is_refused_in_the_same_form(walk: Walk, calls: dict[str, Any], kind: str):
    for name in set(calls) - {"clock"}:
        status, body = send(walk, calls[name], json.dumps(GOOD[name]).encode(), Content_Type=kind)
        assert (status, body["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("key", ["", " ", "a b", "æ", "x" * 256])
def test_a_booking_needs_a_key_that_is_one(walk: Walk, calls: dict[str, Any], key: str):
    status, body = send(walk, calls["appointments"], json.dumps(BOOKING).encode(), Idempotency_Key=key)
    assert (status, body["code"]) == (400, "malformed_request")


@pytest.mark.parametrize("odd", ["%00", "%ff", "%F0%9F%98%80", "..%2f..", "x" * 3000, "%2e%2e", "'", "{}", "null"])
def test_no_path_and_no_query_is_answered_with_an_error_of_ours(walk: Walk, odd: str):
    desk = walk.as_role("desk")
    paths = [
        f"/api/v1/municipalities/{odd}/offices",
        f"{M}/offices/{odd}/slots?reason=passport",
        f"/{odd}",
        f"/s/{odd}",
    ]
    paths += [f"{M}/offices/{odd}/queue", f"{M}/visits/{odd}", f"{M}/reports/{odd}", f"/fjordby/appointments/{odd}"]
    paths += [f"/api/v1/appointments/{odd}", f"/api/v1/surveys/{odd}", f"/fjordby/book/{odd}", f"/fjordby/queue/{odd}"]
    slots = f"{M}/offices/{OFFICE}/slots?reason=passport"
    queries = [f"{slots}&from={odd}", f"{slots}&to={odd}", f"{slots}{odd}", f"{M}/consent-texts?language={odd}"]
    for path in [*paths, *queries]:
        answer = walk.call("GET", path, **desk)
        assert 400 <= answer.status < 500, (path, answer)
        assert "Traceback" not in str(answer.body)
    for query in ("from=9999-12-31", "to=9999-12-31", "from=0001-01-01&to=9999-12-30", "from=2026-11-24&to=2026-11-23"):
        assert walk.call("GET", f"{slots}&{query}").status == 422


def test_what_got_through_hurts_nobody(walk: Walk):
    """Dispatch, landing, compaction and refresh digest whatever was accepted above."""
    walk.set_clock("2026-11-23T12:00:00+01:00")
    walk.tick()
