"""The local product: pages, sign-in, clock, tick, receipts, and what a restart keeps."""

from __future__ import annotations

import http.client
import json
import time
from datetime import datetime, timedelta
from http.cookies import SimpleCookie
from statistics import median
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.tables import AppointmentItem, bound
from chalicelib.shared.clock import parse_moment
from cli.municipality_file import apply_file
from local.ministack import ROOT, EmbeddedAwsFailed
from local.operations import FAILING_NUMBER, delivery_record, subscription_event
from local.product import Product
from local.sms import SentMessage


class Browser:
    """Follows nothing by itself and keeps one connection, as a browser does."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)

    def __call__(self, method: str, path: str, body: bytes | None = None, **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body=body, headers=named)
        answer = self._connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def browse(product):
    browser = Browser(product.url)
    yield browser
    browser.close()


def post_json(browse, path: str, body: dict) -> dict:
    status, _, answer = browse("POST", path, json.dumps(body).encode(), Content_Type="application/json")
    assert status == 200, answer
    return json.loads(answer)


@pytest.mark.parametrize("path", ["/local", "/local/", "/local/phone", "/local/mail", "/local/sign-in"])
def test_local_pages_open(browse, path):
    status, headers, body = browse("GET", path)

    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert b"style=" not in body


def test_the_index_lists_every_municipality_with_sign_in_links(browse):
    body = browse("GET", "/local/")[2].decode()

    assert "Fjordby" in body
    assert "Sandholm" in body
    assert 'href="/fjordby/privacy"' in body


def test_signing_in_sets_a_cookie_that_scripts_cannot_read_and_leads_on(browse):
    status, headers, _ = browse("GET", "/local/sign-in?role=leader&municipality=fjordby&back=/fjordby/privacy")
    cookie = SimpleCookie(headers["Set-Cookie"])["session"]

    assert status == 303
    assert headers["Location"] == "/fjordby/privacy"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert bootstrap.staff_tokens().verify(cookie.value).groups == ("fjordby:leader",)


def test_a_token_is_verified_with_the_keys_that_the_product_publishes(browse):
    token = json.loads(browse("GET", "/local/token?role=desk&municipality=fjordby")[2])["token"]

    assert bootstrap.staff_tokens().verify(token).groups == ("fjordby:desk",)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/local/token?role=king&municipality=fjordby", 422),
        ("/local/token?municipality=fjordby", 422),
        ("/local/token?role=desk&municipality=nowhere", 404),
        ("/local/nothing", 404),
        ("/no/such/page/at/all", 404),
    ],
)
def test_mistakes_get_a_code_and_a_message(browse, path, status):
    found, _, body = browse("GET", path)

    assert found == status
    assert set(json.loads(body)) == {"code", "message"}


def test_a_known_path_with_another_method_says_which_it_knows(browse):
    status, headers, _ = browse("DELETE", "/health")

    assert status == 405
    assert headers["Allow"] == "GET"


def test_a_browser_gets_a_page_instead_of_json(browse):
    status, headers, body = browse("GET", "/no/such/page", Accept="text/html")

    assert status == 404
    assert headers["Content-Type"].startswith("text/html")
    assert b"<h1>" in body


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pyproject.toml",
        "/static/app/../../../../pyproject.toml",
        "/static/app/%2e%2e/%2e%2e/settings.py",
        "/static/local/../run.py",
        "/static/",
        "/static/app",
    ],
)
def test_static_files_never_come_from_outside_their_folders(browse, path):
    assert browse("GET", path)[0] == 404


def test_a_static_file_is_sent_again_only_after_a_change(browse):
    status, headers, body = browse("GET", "/static/app/app.css")

    assert status == 200
    assert headers["Content-Type"] == "text/css; charset=utf-8"
    assert body == (ROOT / "chalicelib/web/static/app/app.css").read_bytes()
    assert browse("GET", "/static/app/app.css", If_None_Match=headers["ETag"])[0] == 304


def test_requests_on_an_open_connection_do_not_wait_for_acknowledgements(browse):
    times = []
    for _ in range(21):
        begun = time.perf_counter()
        assert browse("GET", "/health")[0] == 200
        times.append(time.perf_counter() - begun)

    # With Nagle's algorithm and small writes each would take more than 40 ms.
    assert median(times) < 0.035


def test_a_body_beyond_the_limit_is_refused_without_reading_it(product):
    browser = Browser(product.url)
    status, _, _ = browser("POST", "/health", None, Content_Length=str(11 * 1024 * 1024))
    browser.close()

    assert status == 413


def test_the_clock_of_the_product_can_be_set_and_moved(browse):
    try:
        assert (
            post_json(browse, "/local/clock", {"now": "2027-03-01T09:00:00+01:00"})["now"]
            == "2027-03-01T09:00:00+01:00"
        )
        moved = post_json(browse, "/local/clock", {"advance_minutes": 90})["now"]
        assert moved.startswith("2027-03-01T10:30")
        assert bootstrap.clock().now() - parse_moment(moved) < timedelta(seconds=10)
    finally:
        post_json(browse, "/local/clock", {"now": datetime.now().astimezone().isoformat()})


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"now": "yesterday"}', b'{"now": "2027-03-01T09:00:00"}', b'{"advance_minutes": "x"}', b"[]", b"{"],
)
def test_a_clock_that_is_not_understood_stays(browse, body):
    status, _, answer = browse("POST", "/local/clock", body, Content_Type="application/json")

    assert status in {400, 422}
    assert json.loads(answer)["code"]


def test_a_tick_runs_what_is_due_and_answers_when_all_is_drained(browse):
    post_json(browse, "/local/tick", {"all": True})
    try:
        post_json(browse, "/local/clock", {"advance_minutes": 61})
        answer = post_json(browse, "/local/tick", {})
    finally:
        post_json(browse, "/local/clock", {"now": datetime.now().astimezone().isoformat()})

    assert answer["failed"] == []
    assert {"sweep", "compact_lake", "refresh_reports"} >= set(answer["ran"]) >= {"compact_lake", "refresh_reports"}


def test_the_forms_of_the_index_page_work_without_json(browse):
    form = urlencode({"advance_minutes": "0"}).encode()
    status, headers, _ = browse("POST", "/local/clock", form, Content_Type="application/x-www-form-urlencoded")

    assert (status, headers["Location"]) == (303, "/local/")


def test_messages_arrive_on_the_phone_with_their_links(product, browse):
    text = "Svar på 1 minut: http://127.0.0.1:8000/s/abc <b>"
    product.client("sns").publish(PhoneNumber="+4520304050", Message=text)

    messages = json.loads(browse("GET", "/local/sms?to=%2B4520304050")[2])["messages"]
    page = browse("GET", "/local/phone?number=%2B4520304050")[2].decode()

    assert [message["text"] for message in messages] == [text]
    assert set(messages[0]) == {"to", "text", "sent_at"}
    assert '<a href="http://127.0.0.1:8000/s/abc">' in page
    assert "&lt;b&gt;" in page


def test_expired_items_go_by_the_products_clock(product, browse):
    soon = int((bootstrap.clock().now() + timedelta(minutes=30)).timestamp())
    bound(AppointmentItem)("fjordby#hold#x", "hold", expires_at=soon).save()
    table = bound(AppointmentItem).Meta.table_name
    own = product.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert own["TimeToLiveStatus"] == "DISABLED"  # the emulator goes by the real clock

    product.workers.tick()
    assert bound(AppointmentItem).count("fjordby#hold#x") == 1
    try:
        post_json(browse, "/local/clock", {"advance_minutes": 31})
        product.workers.tick()
        assert bound(AppointmentItem).count("fjordby#hold#x") == 0
    finally:
        post_json(browse, "/local/clock", {"now": datetime.now().astimezone().isoformat()})


@pytest.mark.parametrize(("number", "status"), [("+4520304050", "SUCCESS"), (FAILING_NUMBER, "FAILURE")])
def test_the_delivery_record_is_what_sns_writes(number, status):
    message = SentMessage("id-1", number, "Hej", "Fjordby", "2026-11-22T10:00:00.123456+00:00")
    record = delivery_record(message)

    assert record["status"] == status
    assert record["notification"] == {"messageId": "id-1", "timestamp": "2026-11-22 10:00:00.123"}
    assert record["delivery"]["numberOfMessageParts"] == 1
    assert set(subscription_event(message)) == {"awslogs"}


def test_everything_survives_a_restart_and_only_one_product_runs_on_a_folder(tmp_path):
    with Product(tmp_path, persistent=True, background=False) as first:
        apply_file(ROOT / "demo" / "sandholm.yaml")
        first.client("sns").publish(PhoneNumber="+4520304050", Message="before")
        before = first.messages.all()
        token, seed = first.keys.token("desk", "sandholm"), bootstrap.keys()
        with pytest.raises(EmbeddedAwsFailed, match="DATA="):
            Product(tmp_path).start()

    with Product(tmp_path, persistent=True, background=False) as second:
        assert [entry.id for entry in bootstrap.municipalities().directory()] == ["sandholm"]
        assert second.messages.all() == before
        assert bootstrap.keys() == seed
        assert bootstrap.staff_tokens().verify(token).groups == ("sandholm:desk",)
        assert second.workers.tick()["failed"] == []
        with urlopen(Request(f"{second.url}/health"), timeout=5) as answer:
            assert answer.status == 200


def test_the_functions_metrics_reach_cloudwatch(product):
    data = [
        {
            "MetricName": "SmsAccepted",
            "Unit": "Count",
            "Dimensions": [{"Name": "service", "Value": "borgerpuls"}],
            "Values": [1.0],
        }
    ]

    product.record_metrics("Borgerpuls", data)

    found = product.client("cloudwatch").list_metrics(Namespace="Borgerpuls")["Metrics"]
    assert [metric["MetricName"] for metric in found] == ["SmsAccepted"]
