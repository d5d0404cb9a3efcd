from __future__ import annotations

import base64
import json

import pytest

from local.logs import embedded_metrics
from local.pages import _linked, _own_path
from local.routing import HttpRequest, RouteTree, http_answer, proxy_event

TREE = RouteTree(
    ["/", "/health", "/s/{token}", "/s/{token}/stop", "/{municipality}", "/{municipality}/desk", "/api/v1/x/{id}"]
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/", ("/", {})),
        ("/health", ("/health", {})),
        ("/fjordby", ("/{municipality}", {"municipality": "fjordby"})),
        ("/fjordby/", ("/{municipality}", {"municipality": "fjordby"})),
        ("/fjordby/desk", ("/{municipality}/desk", {"municipality": "fjordby"})),
        ("/s/abc", ("/s/{token}", {"token": "abc"})),
        ("/s/desk", ("/s/{token}", {"token": "desk"})),
        ("/s", None),
        ("/health/desk", None),
        ("/fjordby//desk", None),
        ("/api/v1/x/a%2Fb", ("/api/v1/x/{id}", {"id": "a%2Fb"})),
        ("/api/v1", None),
    ],
)
def test_paths_find_their_resource_as_in_api_gateway(path, found):
    assert TREE.match(path) == found


def a_request(**changes) -> HttpRequest:
    return HttpRequest(**{"method": "GET", "path": "/fjordby", "query": "", "headers": {}, **changes})


def test_every_value_of_a_repeated_parameter_and_header_arrives():
    event = proxy_event(
        a_request(query="reason=a&reason=b&empty=", headers={"x-a": ["1", "2"]}), "/{municipality}", {}, request_id="r"
    )

    assert event["multiValueQueryStringParameters"] == {"reason": ["a", "b"], "empty": [""]}
    assert event["queryStringParameters"] == {"reason": "b", "empty": ""}
    assert event["multiValueHeaders"] == {"x-a": ["1", "2"]}


def test_nothing_is_null_as_api_gateway_has_it():
    event = proxy_event(a_request(), "/health", {}, request_id="r")

    assert event["multiValueQueryStringParameters"] is None
    assert event["body"] is None
    assert event["pathParameters"] is None


@pytest.mark.parametrize(
    ("kind", "body", "encoded"),
    [
        ("application/json", b'{"a": "\xc3\xa6"}', False),
        ("application/x-www-form-urlencoded", b"a=1", False),
        ("image/png", b"\x89PNG", True),
        ("application/json", b"\xff\xfe", True),
    ],
)
def test_bodies_that_are_not_text_travel_in_base64(kind, body, encoded):
    event = proxy_event(a_request(method="POST", headers={"content-type": [kind]}, body=body), "/x", {}, request_id="r")

    assert event["isBase64Encoded"] is encoded
    assert (base64.b64decode(event["body"]) if encoded else event["body"].encode()) == body


def test_binary_answers_and_repeated_headers_reach_the_browser():
    answer = http_answer(
        {
            "statusCode": 200,
            "headers": {"Content-Type": "image/png"},
            "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
            "body": base64.b64encode(b"\x89PNG").decode(),
            "isBase64Encoded": True,
        }
    )

    assert answer.body == b"\x89PNG"
    assert [value for name, value in answer.headers if name == "Set-Cookie"] == ["a=1", "b=2"]


@pytest.mark.parametrize(
    "text", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/a b", ""]
)
def test_the_sign_in_leads_only_to_our_own_pages(text):
    assert _own_path(text) == ""


def test_the_sign_in_leads_back_to_a_page_with_its_query():
    assert _own_path("/fjordby/reports?period=2026-10") == "/fjordby/reports?period=2026-10"


def test_addresses_in_messages_become_links_and_everything_else_stays_text():
    text = 'Tak <b>. Svar: http://127.0.0.1:8000/s/abc. "x"'

    assert str(_linked(text)) == (
        'Tak &lt;b&gt;. Svar: <a href="http://127.0.0.1:8000/s/abc">http://127.0.0.1:8000/s/abc</a>. &#34;x&#34;'
    )


def test_embedded_metrics_become_data_for_cloudwatch():
    line = json.dumps(
        {
            "_aws": {
                "Timestamp": 1,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "Borgerpuls",
                        "Dimensions": [["service"]],
                        "Metrics": [{"Name": "Sent", "Unit": "Count"}],
                    }
                ],
            },
            "service": "borgerpuls",
            "Sent": [1.0, 2.0],
        }
    )

    assert embedded_metrics(line) == [
        (
            "Borgerpuls",
            [
                {
                    "MetricName": "Sent",
                    "Unit": "Count",
                    "Dimensions": [{"Name": "service", "Value": "borgerpuls"}],
                    "Values": [1.0, 2.0],
                }
            ],
        )
    ]
    assert embedded_metrics("not json") == []
