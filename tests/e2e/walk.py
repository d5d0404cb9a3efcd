"""Walking through the running product over HTTP, as a citizen's phone, a desk and a system would."""

from __future__ import annotations

import json
import re
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from local.product import Product

M = "/api/v1/municipalities/fjordby"
OFFICE = "raadhuset"
REMIND = {"granted": True, "text_version": "2026-1"}
"""Yes to a reminder: fjordby asks for it."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


@dataclass
class Walk:
    """One municipality's product, by its public surface only."""

    url: str

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        request = Request(self.url + path, data=data, method=method, headers=sent)
        try:
            with urlopen(request, timeout=60) as response:
                return Answer(response.status, _read(response.read()))
        except HTTPError as error:
            with error:
                return Answer(error.code, _read(error.read()))

    def get(self, path: str, **headers: str) -> Any:
        answer = self.call("GET", path, **headers)
        assert answer.status == 200, (path, answer)
        return answer.body

    def post(self, path: str, body: Any = None, *, status: int = 200, **headers: str) -> Any:
        answer = self.call("POST", path, body or {}, **headers)
        assert answer.status == status, (path, answer)
        return answer.body

    def as_role(self, role: str, municipality: str = "fjordby") -> dict[str, str]:
        token = self.get(f"/local/token?role={role}&municipality={municipality}")["token"]
        return {"Authorization": f"Bearer {token}"}

    def set_clock(self, now: str) -> None:
        self.post("/local/clock", {"now": now})

    def advance(self, minutes: float) -> None:
        self.post("/local/clock", {"advance_minutes": minutes})

    def tick(self) -> None:
        ran = self.post("/local/tick")
        assert ran["failed"] == [], ran

    def sms(self, to: str | None = None) -> list[dict[str, str]]:
        messages = self.get("/local/sms")["messages"]
        return [message for message in messages if to is None or message["to"] == to]

    def await_sms(self, *phones: str) -> None:
        """Returns once each number has a message: streams and queues work without a tick, too."""
        deadline = time.monotonic() + 30
        while not set(phones) <= {message["to"] for message in self.sms()}:
            assert time.monotonic() < deadline, "a message did not arrive"
            time.sleep(0.1)

    def book(self, phone: str | None, *, start: str, consent: bool = True, **more: Any) -> dict[str, str]:
        request = {
            "office": OFFICE,
            "reasons": ["passport"],
            "start": start,
            "phone": phone,
            "language": "da",
            "survey_consent": {"granted": consent, "text_version": "2026-1"},
            **more,
        }
        return self.post(f"{M}/appointments", request, status=201, Idempotency_Key=str(uuid.uuid4()))

    def free(self, day: str, reason: str = "passport") -> list[str]:
        path = f"{M}/offices/{OFFICE}/slots?reason={reason}&from={day}&to={day}"
        return [slot["start"] for slot in self.get(path)["slots"]]

    def serve(self, code: str, *, desk: str = "1", wait: float = 4, service: float = 8) -> str:
        """Check in, be called, served and done; answers the visit's id."""
        desk_token = self.as_role("desk")
        visit = self.post(f"{M}/visits", {"office": OFFICE, "appointment_code": code}, status=201, **desk_token)
        self.advance(wait)
        called = self.post(f"{M}/offices/{OFFICE}/call-next", {"desk": desk}, **desk_token)
        assert called["visit_id"] == visit["visit_id"]
        self.post(f"{M}/visits/{visit['visit_id']}/start", **desk_token)
        self.advance(service)
        done = self.post(f"{M}/visits/{visit['visit_id']}/complete", **desk_token)
        assert done["state"] == "completed"
        return str(visit["visit_id"])

    def survey_token(self, phone: str) -> str:
        found = re.search(r"/s/(\w{14})\b", self.sms(phone)[-1]["text"])
        assert found, "the last message holds no survey link"
        return found[1]

    def answer(self, token: str, *, score: int = 9, comment: str | None = None) -> None:
        answers: dict[str, Any] = {"satisfaction": score, "friendliness": score, "got-answer": "yes"}
        answers["clear-information"] = "high"
        if comment is not None:
            answers["comment"] = comment
        assert self.call("PUT", f"/api/v1/surveys/{token}/answers", {"answers": answers}).status == 200
        self.post(f"/api/v1/surveys/{token}/finish")


def _read(raw: bytes) -> Any:
    text = raw.decode()
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def every_object(product: Product) -> dict[str, bytes]:
    """Every object of every bucket, by name: what a canary is looked for in."""
    s3 = product.client("s3")
    found = {}
    for bucket in s3.list_buckets()["Buckets"]:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for item in page.get("Contents", []):
                body = s3.get_object(Bucket=bucket["Name"], Key=item["Key"])["Body"].read()
                found[f"{bucket['Name']}/{item['Key']}"] = body
    return found
