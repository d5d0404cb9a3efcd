"""The product's main job from end to end, over HTTP only, on the embedded AWS with all streams, queues and schedules."""

from __future__ import annotations

import gzip
import io
import json
import logging
from typing import TYPE_CHECKING

import pytest

from chalicelib.telemetry import logger
from tests.e2e.walk import OFFICE, M, Walk, every_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.product import Product

DAY = "2026-11-23"
PHONE, REFUSER, WITHDRAWER = "+4520114477", "+4520114488", "+4520114499"
CPR = "070761-4285"


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    walk = Walk(product.url)
    walk.set_clock(f"{DAY}T08:00:00+01:00")
    return walk


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Every line that the product logs, as it is printed in AWS."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logger.registered_formatter)
    logging.getLogger("borgerpuls").addHandler(handler)
    yield lines
    logging.getLogger("borgerpuls").removeHandler(handler)


@pytest.mark.requirement("SK-02")
@pytest.mark.requirement("SK-03")
@pytest.mark.requirement("SK-05")
def test_book_serve_ask_answer_land_know(walk: Walk, product: Product, log_lines: io.StringIO, capfd):
    """Six citizens answer, one refuses, one withdraws; a leader sees six, and nobody's number is anywhere."""
    starts = walk.free(DAY)
    phones = [PHONE, *(f"+45201144{n:02d}" for n in range(10, 15))]
    people = [(phone, walk.book(phone, start=start)) for phone, start in zip(phones, starts, strict=False)]
    refused = walk.book(REFUSER, start=starts[6], consent=False)
    withdrawn = walk.book(WITHDRAWER, start=starts[7])
    token = withdrawn["manage_url"].rsplit("/", 1)[1]
    assert walk.call("DELETE", f"/api/v1/appointments/{token}/survey-consent").status == 204
    walk.tick()
    assert all(booked["code"] in walk.sms(phone)[0]["text"] for phone, booked in people)

    walk.set_clock(starts[0])
    for _, booked in [*people, (REFUSER, refused), (WITHDRAWER, withdrawn)]:
        walk.serve(booked["code"])
    walk.tick()
    assert [len(walk.sms(phone)) for phone in phones] == [2] * 6
    assert len(walk.sms(REFUSER)) == len(walk.sms(WITHDRAWER)) == 1

    tokens = [walk.survey_token(phone) for phone in phones]
    walk.answer(tokens[0], comment=f"Hurtigt og venligt. Mit nummer er {CPR}, ring {PHONE[3:]} 😀")
    for survey in tokens[1:]:
        walk.answer(survey)
    assert walk.call("POST", f"/api/v1/surveys/{tokens[0]}/finish").body["code"] == "already_answered"
    walk.advance(70)
    walk.tick()

    report = walk.get(f"{M}/reports/overview?period=2026-11", **walk.as_role("leader"))
    cells = [
        c for c in report["cells"] if (c["dimension"], c["question"], c["measure"]) == ("all", "satisfaction", "share")
    ]
    assert [(cell["count"], cell["n"], cell["share"], cell["base_status"]) for cell in cells] == [(6, 6, 1.0, "small")]
    assert cells[0]["ci_low"] == pytest.approx(0.6097, abs=1e-4)
    printed = capfd.readouterr()
    _nothing_personal(
        product, log_lines.getvalue() + printed.out + printed.err, [*phones, REFUSER, WITHDRAWER], tokens, people
    )


def _nothing_personal(product, printed, phones, tokens, people) -> None:
    """I6: no phone number, CPR number, link token or booking code in any log line or S3 object."""
    canaries = [*(phone[3:] for phone in phones), CPR, CPR.replace("-", ""), *tokens]
    canaries += [booked["manage_url"].rsplit("/", 1)[1] for _, booked in people]
    canaries += [booked["code"] for _, booked in people]
    places = {"log": printed.encode(), **every_object(product)}
    for trace in (b"compacted", b"invitation accepted", b"SmsAccepted"):
        assert trace in places["log"], "the product logged nothing: this test would prove nothing"
    assert sum(name.endswith(".parquet") for name in places) >= 5
    for name, content in places.items():
        readable = _readable(name, content)
        assert not [canary for canary in canaries if canary.encode() in readable], name


def _readable(name: str, content: bytes) -> bytes:
    if name.endswith(".gz"):
        return gzip.decompress(content)
    if name.endswith(".parquet"):
        import pandas as pd

        return pd.read_parquet(io.BytesIO(content)).to_csv().encode()
    return content


def test_a_comment_is_kept_without_what_it_should_not_hold(product: Product):
    comments = [body for name, body in every_object(product).items() if "/landing/comments/" in name]
    texts = [json.loads(line)["text"] for body in comments for line in body.decode().splitlines()]
    assert len(texts) == 1
    assert texts[0].startswith("Hurtigt og venligt.")
    assert "[cpr]" in texts[0].lower()
    assert "😀" in texts[0]


@pytest.mark.requirement("SK-24")
def test_nobody_is_asked_twice_within_the_quarantine(walk: Walk):
    walk.set_clock("2026-11-24T09:30:00+01:00")
    booked = walk.book(PHONE, start=walk.free("2026-11-24")[4])
    before = len(walk.sms(PHONE))
    walk.serve(booked["code"])
    walk.tick()
    assert len(walk.sms(PHONE)) == before, "a second invitation was sent"


class TestBadInput:
    """Every bad input gets its status, a stable code and no trace."""

    @pytest.fixture
    def good(self, walk: Walk) -> dict[str, object]:
        walk.set_clock("2026-11-25T08:00:00+01:00")
        return {
            "office": OFFICE,
            "reasons": ["passport"],
            "start": walk.free("2026-11-26")[3],
            "phone": "+4520114400",
            "language": "da",
            "survey_consent": {"granted": True, "text_version": "2026-1"},
        }

    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"start": "2026-11-20T10:00:00+01:00"}, 422, "not_bookable"),
            ({"start": "2026-11-29T10:00:00+01:00"}, 422, "not_bookable"),
            ({"start": "next week"}, 422, "invalid_field"),
            ({"phone": "+4512"}, 422, "invalid_field"),
            ({"phone": "call me 📞"}, 422, "invalid_field"),
            ({"language": "tlh"}, 422, "invalid_field"),
            ({"reasons": ["dragons"]}, 422, "invalid_field"),
            ({"office": "atlantis"}, 422, "invalid_field"),
            ({"survey_consent": {"granted": True, "text_version": "1999-1"}}, 422, "invalid_field"),
        ],
    )
    def test_a_wrong_field(self, walk: Walk, good, change, status, code):
        answer = walk.call("POST", f"{M}/appointments", {**good, **change}, Idempotency_Key="bad")
        assert (answer.status, answer.body["code"]) == (status, code)
        assert "Traceback" not in json.dumps(answer.body)

    def test_no_idempotency_key(self, walk: Walk, good):
        assert walk.call("POST", f"{M}/appointments", good).status == 400

    def test_the_same_key_gives_the_same_answer_and_another_body_none(self, walk: Walk, good):
        first = walk.call("POST", f"{M}/appointments", good, Idempotency_Key="twice")
        again = walk.call("POST", f"{M}/appointments", good, Idempotency_Key="twice")
        other = walk.call("POST", f"{M}/appointments", {**good, "language": "en"}, Idempotency_Key="twice")
        assert (first.status, again.status) == (201, 201)
        assert first.body == again.body
        assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/api/v1/municipalities/atlantis/offices", 404),
            ("GET", "/api/v1/surveys/AAAAAAAAAAAAAA", 404),
            ("GET", "/s/AAAAAAAAAAAAAA", 404),
            ("GET", "/fjordby/appointments/AAAAAAAAAAAAAA", 404),
            ("GET", "/nowhere", 404),
        ],
    )
    def test_what_is_not_there(self, walk: Walk, method, path, status):
        answer = walk.call(method, path)
        assert answer.status == status
        assert "Traceback" not in str(answer.body)

    def test_broken_json(self, walk: Walk):
        from urllib.error import HTTPError
        from urllib.request import Request, urlopen

        request = Request(
            f"{walk.url}{M}/appointments",
            data=b'{"office": ',
            headers={"Content-Type": "application/json", "Idempotency-Key": "broken"},
        )
        with pytest.raises(HTTPError) as caught:
            urlopen(request)
        with caught.value as error:
            assert (error.code, json.load(error)["code"]) == (400, "malformed_request")

    def test_a_comment_that_is_far_too_long_says_so_and_loses_nothing(self, walk: Walk):
        walk.set_clock("2026-11-26T08:00:00+01:00")
        booked = walk.book("+4520114401", start=walk.free("2026-11-26")[0])
        walk.set_clock("2026-11-26T09:00:00+01:00")
        walk.serve(booked["code"], desk="2")
        walk.tick()
        token = walk.survey_token("+4520114401")
        path = f"/api/v1/surveys/{token}/answers"
        assert walk.call("PUT", path, {"answers": {"satisfaction": 3}}).status == 200
        answer = walk.call("PUT", path, {"answers": {"comment": "x" * 10_000}})
        assert (answer.status, answer.body["code"]) == (422, "invalid_field")
        assert "comment" in answer.body["fields"]
        assert walk.get(f"/api/v1/surveys/{token}")["answers"] == {"satisfaction": 3}
        walk.advance(15 * 24 * 60)
        assert walk.call("GET", f"/api/v1/surveys/{token}").body["code"] == "link_expired"
