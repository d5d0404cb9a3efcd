"""The packaged application, deployed by its templates into an embedded AWS that enforces every IAM policy.

No handler runs in this process: API Gateway, Lambda, streams, the queue and the schedules are the emulator's, the code
is what `make package` zips. So a missing right, a file left out of the zip or a wrong event mapping shows here.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

import boto3
import pytest

from chalicelib.shared.clock import SystemClock
from local.deployed import deployment
from local.environment import activated
from local.ministack import CREDENTIALS
from tests.builders import a_municipality_document
from tests.embedded import store_municipality
from tests.packages import packaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.staff_keys import StaffKeys

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(300)]

MUNICIPALITY = "fjordby"
_PHONES = count(20_500_000)
_PATIENCE_SECONDS = 90


@dataclass(frozen=True)
class Deployed:
    """The running deployment, as its callers see it."""

    endpoint: str
    known: dict[str, str]
    keys: StaffKeys

    def call(self, method: str, path: str, body: Any = None, *, role: str | None = None, **headers: str) -> Any:
        """The status and JSON of an API call below `/api/v1`."""
        sent = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
        if role:
            sent["Authorization"] = f"Bearer {self.keys.token(role, MUNICIPALITY)}"
        data = None if body is None else json.dumps(body).encode()
        return self.fetch(Request(f"{self.known['PublicUrl']}/api/v1{path}", method=method, data=data, headers=sent))

    def fetch(self, request: Request) -> Any:
        try:
            with urlopen(request, timeout=60) as answer:
                status, text = answer.status, answer.read().decode()
        except HTTPError as refusal:
            status, text = refusal.code, refusal.read().decode()
        try:
            return status, json.loads(text) if text else None
        except ValueError:
            return status, text

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=CREDENTIALS["AWS_REGION"],
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )

    def messages(self, phone: str) -> list[str]:
        """The text messages that a phone got. MiniStack files them by the region of who asks."""
        credential = f"test/20260101/{CREDENTIALS['AWS_REGION']}/sns/aws4_request"
        asked = Request(
            f"{self.endpoint}/_ministack/sns/sms-messages?phoneNumber=%2B{phone.removeprefix('+')}",
            headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0"},
        )
        _, answer = self.fetch(asked)
        return [json.dumps(message, ensure_ascii=False) for message in answer["sms_messages"].get(phone, [])]

    def landed(self, table: str) -> dict[str, dict[str, Any]]:
        """Key → first line of every object of a table in the lake's landing zone."""
        objects, bucket = self.client("s3"), self.known["LakeBucket"]
        found = objects.list_objects_v2(Bucket=bucket, Prefix=f"landing/{table}/municipality={MUNICIPALITY}/")
        keys = [item["Key"] for item in found.get("Contents", [])]
        bodies = {key: objects.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
        return {key: json.loads(body.splitlines()[0]) for key, body in bodies.items()}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    package = packaged("local")
    with deployment(tmp_path_factory.mktemp("deployed"), package.template.parent) as running:
        with activated(running.environment):
            store_municipality(_always_open())
        yield Deployed(running.endpoint, running.known, running.keys)


def _always_open() -> dict[str, Any]:
    """Open day and night, and free to send at any hour: a deployed product has no clock that a test could set."""
    document = a_municipality_document(id=MUNICIPALITY)
    opening = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "opens": "00:00", "closes": "23:55", "desks": 2}
    document["offices"][0]["desk_groups"][0]["opening"] = [opening]
    document["closing_days"] = []
    document["survey"] |= {"send_from": "00:00", "send_until": "23:59", "send_on_sundays": True, "delay_minutes": 0}
    return document


def _eventually(look: Callable[[], Any], what: str) -> Any:
    """What is found once it is there: streams and queues take their time."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.3)
    raise AssertionError(f"not within {_PATIENCE_SECONDS} seconds: {what}")


@pytest.fixture
def booked(deployed: Deployed) -> dict[str, Any]:
    """A time later today, booked by API with consent to the survey."""
    today = SystemClock().now().astimezone(ZoneInfo("Europe/Copenhagen")).date().isoformat()
    base = f"/municipalities/{MUNICIPALITY}"
    status, answer = deployed.call("GET", f"{base}/offices/raadhuset/slots?reason=passport&from={today}&to={today}")
    assert status == 200, answer
    if not answer["slots"]:
        pytest.skip("no time is left today: it is nearly midnight")
    phone = f"+45{next(_PHONES)}"
    wanted = {
        "office": "raadhuset",
        "reasons": ["passport"],
        "start": answer["slots"][-1]["start"],
        "phone": phone,
        "language": "da",
        "survey_consent": {"granted": True, "text_version": "2026-1"},
    }
    status, booking = deployed.call("POST", f"{base}/appointments", wanted, Idempotency_Key=f"deployed-{phone}")
    assert status == 201, booking
    return {**booking, "phone": phone}


@pytest.mark.requirement("SK-02")
@pytest.mark.requirement("SK-05")
def test_the_whole_loop_runs_on_the_packaged_application(deployed: Deployed, booked: dict[str, Any]) -> None:
    base, phone = f"/municipalities/{MUNICIPALITY}", booked["phone"]
    arrival = {"office": "raadhuset", "appointment_code": booked["code"]}
    status, visit = deployed.call("POST", f"{base}/visits", arrival, role="kiosk")
    assert status == 201, visit
    status, called = deployed.call("POST", f"{base}/offices/raadhuset/call-next", {"desk": "1"}, role="desk")
    assert (status, called["visit_id"]) == (200, visit["visit_id"])
    for step, state in (("start", "in_service"), ("complete", "completed")):
        status, now = deployed.call("POST", f"{base}/visits/{visit['visit_id']}/{step}", role="desk")
        assert (status, now["state"]) == (200, state)

    # Streams, dispatch, queue and SNS.
    def invitation() -> str | None:
        return next((text for text in deployed.messages(phone) if "/s/" in text), None)

    text = _eventually(invitation, "the invitation")
    assert f"{deployed.known['PublicUrl']}/s/" in text
    token = text.split("/s/")[1][:14]

    # Pages come from compiled templates, which are the same for every language.
    for language, said in (("da", "Gå til sidens indhold"), ("en", "Skip to the content")):
        status, page = deployed.fetch(Request(f"{deployed.known['PublicUrl']}/s/{token}?lang={language}"))
        assert status == 200, page
        assert f'<html lang="{language}"' in page
        assert said in page

    status, survey = deployed.call("GET", f"/surveys/{token}")
    assert (status, survey["state"]) == (200, "open")
    answers = {question["id"]: _some_answer(question) for question in survey["questionnaire"]["questions"]}
    status, _ = deployed.call("PUT", f"/surveys/{token}/answers", {"answers": answers})
    assert status == 200
    assert deployed.call("POST", f"/surveys/{token}/finish")[0] == 200
    assert deployed.call("POST", f"/surveys/{token}/finish")[0] == 409

    def finished() -> Any:
        return [row for row in deployed.landed("responses").values() if row["state"] == "finished"]

    landed = _eventually(finished, "the landed response")
    assert [row["contact_id"] for row in landed] == [visit["visit_id"].rsplit(".")[-1]]
    assert _eventually(lambda: deployed.landed("contacts"), "the landed contact")
    assert len(_eventually(lambda: deployed.landed("answers"), "the landed answers")) == 1

    # Compaction and report, by pandas from the layer and by Athena's SQL.
    assert _run(deployed, "compact_lake")["rejected"] == 0
    assert _run(deployed, "refresh_reports") == {"periods": 1, "finished": 1}
    status, report = deployed.call("GET", f"{base}/reports/overview?period={_this_month()}", role="leader")
    assert status == 200, report
    funnel = {cell["value"]: cell for cell in report["cells"] if cell["dimension"] == "funnel"}
    assert set(funnel) >= {"completed", "finished"}


def _this_month() -> str:
    return SystemClock().now().astimezone(ZoneInfo("Europe/Copenhagen")).strftime("%Y-%m")


def _some_answer(question: dict[str, Any]) -> Any:
    if scale := question.get("scale"):
        return scale["max"]
    if options := question.get("options"):
        return options[0]["id"]
    return "Alt gik fint"


def test_pages_of_the_package_speak_both_languages(deployed: Deployed) -> None:
    for language in ("da", "en"):
        asked = Request(f"{deployed.known['PublicUrl']}/{MUNICIPALITY}", headers={"Accept-Language": language})
        status, page = deployed.fetch(asked)
        assert (status, f'<html lang="{language}"' in page) == (200, True), page


def _run(deployed: Deployed, function: str) -> dict[str, Any]:
    """What a scheduled function answers when its hour has come."""
    event = {"account": "1", "region": "eu-north-1", "detail": {}, "detail-type": "Scheduled Event", "id": "1",
             "source": "aws.events", "time": "2026-11-22T03:00:00Z", "version": "0", "resources": []}  # fmt: skip
    name = f"{deployed.known['Prefix']}-{function}"
    answer = deployed.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    said = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return said
