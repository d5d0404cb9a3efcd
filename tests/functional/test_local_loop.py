"""The main job by API on the whole product: booked, served, asked, answered, landed, known. Events flow by themselves."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from local.operations import FAILING_NUMBER

M = "/api/v1/municipalities/sandholm"
MONDAY = "2026-11-23T10:00:00+01:00"


class Api:
    """Calls as a program outside would make them."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, method: str, path: str, body: Any = None, *, token: str = "", status: int = 200, **headers: str):
        sent = {"Content-Type": "application/json"} if body is not None else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        data = json.dumps(body).encode() if body is not None else None
        try:
            with urlopen(Request(self._url + path, data, sent, method=method), timeout=120) as answer:
                found, text = answer.status, answer.read()
        except HTTPError as error:
            found, text = error.code, error.read()
        assert found == status, text
        return json.loads(text) if text else None

    def token(self, role: str) -> str:
        return self("GET", f"/local/token?role={role}&municipality=sandholm")["token"]

    def messages(self, number: str) -> list[str]:
        found = self("GET", f"/local/sms?to={quote(number)}")["messages"]
        return [message["text"] for message in found]


@pytest.fixture(scope="module")
def api(product):
    api = Api(product.url)
    api("POST", "/local/clock", {"now": MONDAY})
    return api


def serve_a_citizen(api: Api, phone: str) -> str:
    """Books, checks in, is served and leaves; answers the contact's id."""
    office = api("GET", f"{M}/offices")["offices"][0]
    reason = office["reasons"][0]
    version = api("GET", f"{M}/consent-texts?language=da")["survey_sms"]["version"]
    slots = api("GET", f"{M}/offices/{office['id']}/slots?reason={reason}&from=2026-11-23&to=2026-11-24")["slots"]
    booking = {
        "office": office["id"],
        "reasons": [reason],
        "start": slots[0]["start"],
        "phone": phone,
        "language": "da",
        "survey_consent": {"granted": True, "text_version": version},
    }
    booked = api("POST", f"{M}/appointments", booking, status=201, Idempotency_Key=f"key-{phone}")
    api("POST", "/local/clock", {"now": booked["start"]})
    desk = api.token("desk")
    arrival = {"office": office["id"], "appointment_code": booked["code"]}
    visit = api("POST", f"{M}/visits", arrival, token=desk, status=201)["visit_id"]
    for number in office["desks"]:
        try:
            called = api("POST", f"{M}/offices/{office['id']}/call-next", {"desk": number}, token=desk)
        except AssertionError:
            continue  # another desk group's desk: 204
        if called["visit_id"] == visit:
            break
    api("POST", f"{M}/visits/{visit}/start", {}, token=desk)
    api("POST", "/local/clock", {"advance_minutes": 8})
    api("POST", f"{M}/visits/{visit}/complete", {}, token=desk)
    api("POST", "/local/tick", {})
    api("POST", "/local/clock", {"advance_minutes": 60})  # this municipality asks some time after the visit
    api("POST", "/local/tick", {"all": True})
    return str(booked["id"])


def invitation(product, contact: str) -> dict[str, Any]:
    key = {"pk": {"S": f"sandholm#invitation#{contact}"}, "sk": {"S": "invitation"}}
    return product.client("dynamodb").get_item(TableName="borgerpuls-local-invitations", Key=key)["Item"]


@pytest.mark.requirement("SK-03")
def test_from_the_booking_to_an_answer_in_the_report(product, api):
    contact = serve_a_citizen(api, "+4520304050")

    found = invitation(product, contact)
    assert found["state"] == {"S": "delivered"}
    assert "phone" not in found
    links = [match[1] for text in api.messages("+4520304050") if (match := re.search(r"/s/(\w{14})", text))]
    assert len(links) == 1

    survey = f"/api/v1/surveys/{links[0]}"
    questions = api("GET", survey)["questionnaire"]["questions"]
    answers = {
        question["id"]: question["scale"]["max"] if "scale" in question else question["options"][0]["id"]
        for question in questions
        if question["required"]
    }
    api("PUT", f"{survey}/answers", {"answers": answers})
    api("POST", f"{survey}/finish", {})
    api("POST", f"{survey}/finish", {}, status=409)
    tick = api("POST", "/local/tick", {"all": True})

    assert tick["failed"] == []
    report = api("GET", f"{M}/reports/overview?period=2026-11", token=api.token("leader"))
    assert report["cells"]
    keys = product.client("s3").list_objects_v2(Bucket=product.environment["LAKE_BUCKET"])["Contents"]
    landed = {item["Key"].split("/")[1] for item in keys if contact in item["Key"]}
    assert landed >= {"contacts", "invitations", "responses", "answers"}


def test_a_message_that_the_carrier_refuses_ends_as_failed(product, api):
    contact = serve_a_citizen(api, FAILING_NUMBER)

    found = invitation(product, contact)

    assert found["state"] == {"S": "failed"}
    assert "phone" not in found


def test_no_phone_number_is_left_where_it_is_not_needed(product, api):
    """What the streams, the queue and the lake were given holds none (I6)."""
    bucket = product.environment["LAKE_BUCKET"]
    objects = product.client("s3")
    for item in objects.list_objects_v2(Bucket=bucket).get("Contents", []):
        body = objects.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
        assert b"20304050" not in body, item["Key"]
        assert FAILING_NUMBER[3:].encode() not in body, item["Key"]
