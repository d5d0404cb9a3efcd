"""The JSON API of the running product as design 5 promises it: surveys, reports, local calls, errors and tenancy."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.walk import OFFICE, M, Walk
from tests.shapes import ERROR, TEXT, check, is_time, number, one_of, optional

if TYPE_CHECKING:
    from local.product import Product

DAY = "2026-11-23"
PHONES = [f"+45201144{n}" for n in range(10, 18)]
# Whoever adds a call that needs no token adds it here, knowingly (I8).
PUBLIC = {f"/{name}" for name in ("offices", "enquiry-reasons", "consent-texts", "offices/{office}/slots")}
PUBLIC |= {"/holds", "/holds/{hold}", "/holds/{hold}/extend", "/appointments", "/offices/{office}/availability-summary"}
CELL = {
    "dimension": str,
    "value": str,
    "measure": str,
    "question": optional(str),
    "served": optional(int),
    "count": optional(int),
    "n": optional(int),
    "significant": optional(bool),
    "previous_n": optional(int),
    **dict.fromkeys(("ci_low", "ci_high", "previous", "change"), optional(number)),
    **dict.fromkeys(("change_low", "change_high", "p_value"), optional(number)),
    "change_status": optional(str),
    "base_status": one_of("ok", "small", "suppressed"),
}
NAMES = {"dimension", "value", "measure", "question", "base_status", "change_status", "scale_min", "scale_max"}


@pytest.fixture(scope="module")
def walk(product: Product) -> Walk:
    return Walk(product.url)


@pytest.fixture(scope="module")
def tokens(walk: Walk) -> list[str]:
    """Survey links of eight callers; the ninth said no, the tenth gave no number."""
    walk.set_clock(f"{DAY}T12:00:00+01:00")
    times = {"started_at": f"{DAY}T11:00:00+01:00", "ended_at": f"{DAY}T11:10:00+01:00"}
    kind = {"channel": "phone", "department": "citizen-service", "reason": "passport", **times}
    consent = {"granted": True, "text_version": "2026-1"}
    batch = [{"source_id": p, **kind, "phone": p, "survey_consent": consent} for p in PHONES]
    batch.append({"source_id": "no", **kind, "phone": "+4520114420", "survey_consent": {**consent, "granted": False}})
    batch.append({"source_id": "none", **kind, "survey_consent": consent})
    results = walk.post(f"{M}/contacts", {"contacts": batch}, **walk.as_role("system"))["results"]
    assert {result["status"] for result in results} == {"created"}
    walk.await_sms(*PHONES)
    assert sorted(message["to"] for message in walk.sms()) == PHONES, "each who said yes is asked, once (I3, I4)"
    return [walk.survey_token(phone) for phone in PHONES]


def test_a_questionnaire_opens_saves_in_parts_and_finishes_once(walk: Walk, tokens: list[str]):
    path = f"/api/v1/surveys/{tokens[0]}"
    asked = {"text_version": str, "text": str, "granted": one_of(None)}
    shape = {"state": one_of("open"), "questionnaire": dict, "answers": one_of({}), "comment_use": asked}
    survey = check(walk.get(path), shape)["questionnaire"]
    questions = survey["questions"]
    check({**survey, "questions": []}, {"id": str, "version": str, "language": one_of("da"), "questions": [dict]})
    for question in questions:
        assert question.keys() >= {"id", "type", "text", "required"}
        if question["type"] == "scale":
            assert {*question["scale"]} >= {"min", "max"}
        check(question.get("options", []), [{"id": str, "text": str}])
    assert walk.get(f"{path}?language=en")["questionnaire"]["language"] == "en"

    first = walk.call("PUT", f"{path}/answers", {"answers": {"satisfaction": 4}})
    assert (first.status, first.body["answers"]) == (200, {"satisfaction": 4})
    assert walk.call("PUT", f"{path}/answers", {"answers": {"satisfaction": 5}}).body["answers"] == {"satisfaction": 5}
    for answers, field in [({"satisfaction": 11}, "satisfaction"), ({"x": 1}, "x"), ({"comment": [1]}, "comment")]:
        refused = walk.call("PUT", f"{path}/answers", {"answers": answers})
        assert (refused.status, list(refused.body["fields"])) == (422, [field])
    required = {question["id"] for question in questions if question["required"]}
    missing = walk.call("POST", f"{path}/finish")
    assert (missing.status, set(missing.body["fields"])) == (422, required - {"satisfaction"})
    assert walk.get(path)["answers"] == {"satisfaction": 5}
    walk.answer(tokens[0], comment="Fint 😀")
    for again in (
        walk.call("POST", f"{path}/finish"),
        walk.call("PUT", f"{path}/answers", {"answers": {"satisfaction": 1}}),
    ):
        assert (again.status, again.body["code"]) == (409, "already_answered")
    assert (walk.get(path)["state"], walk.get(path)["answers"]) == ("finished", {}), "a link tells nothing afterwards"


def test_a_report_has_every_figure_and_suppresses_the_small(walk: Walk, tokens: list[str]):
    for token in tokens[1:7]:
        walk.answer(token)
    walk.set_clock(f"{DAY}T14:30:00+01:00")
    walk.tick()
    leader, analyst = walk.as_role("leader"), walk.as_role("analyst")
    reports = check(walk.get(f"{M}/reports", **analyst), {"reports": [{"id": str, "title": TEXT}]})["reports"]
    report = walk.get(f"{M}/reports/{reports[0]['id']}?period=2026-11&compare=none", **leader)
    check({**report, "cells": []}, {"period": str, "compare": one_of(None), "generated_at": is_time, **_rest(report)})
    cells = report["cells"]
    for cell in cells:
        own = {"mean": optional(number), "scale_min": int, "scale_max": int} if "mean" in cell else None
        check(cell, {**CELL, **(own or {"share": optional(number)})})
        if cell["base_status"] == "suppressed":
            assert {cell[name] for name in cell.keys() - NAMES} == {None}
        elif cell.get("share") is not None:
            assert cell["n"], "never a share without n (I7)"
    shown = {
        (c["dimension"], c["value"], c["question"]): (c["count"], c["n"]) for c in cells if c["measure"] == "share"
    }
    assert shown["all", "all", "satisfaction"] in {(6, 6), (7, 7)}
    assert {cell["base_status"] for cell in cells} >= {"small"}
    by = walk.get(f"{M}/reports/overview?period=2026-11&by=channel", **leader)["cells"]
    assert {cell["dimension"] for cell in by} == {"all", "channel", "funnel"}
    for query, status in [("period=x", 422), ("by=employee", 422), ("compare=2027-13", 422), ("period=2020-01", 404)]:
        answer = walk.call("GET", f"{M}/reports/overview?{query}", **leader)
        assert (answer.status, list(answer.body["fields"])) == (status, [query.split("=")[0]])
    assert walk.call("GET", f"{M}/reports/other", **leader).status == 404
    assert walk.call("GET", f"{M}/reports", **walk.as_role("desk")).status == 403


def _rest(report: dict[str, Any]) -> dict[str, Any]:
    return {"closed": one_of(False), "cells": list} if "closed" in report else {"cells": list}


def test_a_link_expires_and_an_unknown_one_is_not_found(walk: Walk, tokens: list[str]):
    walk.set_clock("2026-12-08T12:00:00+01:00")
    for method, rest in (("GET", ""), ("PUT", "/answers"), ("POST", "/finish")):
        gone = walk.call(method, f"/api/v1/surveys/{tokens[7]}{rest}", {"answers": {}} if rest else None)
        assert (gone.status, gone.body["code"]) == (410, "link_expired")
        unknown = walk.call(method, f"/api/v1/surveys/{'A' * 14}{rest}", {"answers": {}} if rest else None)
        assert (unknown.status, unknown.body["code"]) == (404, "not_found")


def test_local_calls(walk: Walk):
    check(walk.get("/local/token?role=desk&municipality=fjordby"), {"token": str})
    check(walk.get("/local/sms"), {"messages": [{"to": str, "text": str, "sent_at": is_time}]})
    now = walk.post("/local/clock", {"now": "2026-12-09T12:00:00+01:00"})["now"]
    assert walk.post("/local/clock", {"advance_minutes": 90})["now"] > now
    assert {"ran", "failed", "records"} <= set(walk.post("/local/tick"))
    for path, body, status in [
        ("/local/clock", {}, 422),
        ("/local/clock", {"now": "9999-12-31T23:59:59Z"}, 422),
        ("/local/clock", {"advance_minutes": None}, 422),
        ("/local/clock", {"advance_minutes": [1]}, 422),
        ("/local/clock", {"advance_minutes": 1e15}, 422),
        ("/local/token?role=king&municipality=fjordby", None, 405),
    ]:
        refused = walk.call("POST", path, body)
        assert refused.status == status, (path, body)
        check(refused.body, ERROR)
    assert walk.call("GET", "/local/token?role=king&municipality=fjordby").status == 422
    assert walk.call("GET", "/local/token?role=desk&municipality=atlantis").status == 404


@pytest.mark.requirement("SK-27")
def test_the_description_names_every_call_of_the_design(walk: Walk):
    described = walk.get("/api/v1/openapi.json")["paths"]
    for path, method in [
        ("/visits", "post"),
        ("/visits/{visit}/{action}", "post"),
        ("/offices/{office}/call-next", "post"),
        ("/reports/{report}", "get"),
        *((path, "get") for path in PUBLIC if path.startswith(("/offices", "/enquiry", "/consent"))),
    ]:
        assert method in described[f"/api/v1/municipalities/{{municipality}}{path}"]


def _calls() -> list[tuple[str, str]]:
    from app import app

    return [(method, path) for path, entry in app.routes.items() for method in entry if "{municipality}" in path]


@pytest.mark.requirement("I8")
def test_one_municipality_s_token_opens_nothing_of_another(walk: Walk):
    """I8, over every route that the product has."""
    known = {"municipality": "fjordby", "office": OFFICE, "report": "overview", "action": "start"}
    known["visit"] = f"20261123.{OFFICE}.01JDC0NTACT000000000000001"
    foreign, open_calls, closed_pages = walk.as_role("admin", "sandholm"), set(), set()
    for method, template in _calls():
        path = re.sub(r"{(\w+)}", lambda name: known.get(name[1], "x"), template)
        body = {} if method in {"POST", "PUT", "PATCH"} else None
        if template.startswith("/api/v1/municipalities/"):
            if walk.call(method, path, body).status == 401:
                assert walk.call(method, path, body, **foreign).status == 404, path
            else:
                open_calls.add(template.removeprefix("/api/v1/municipalities/{municipality}"))
        elif method == "GET" and "/local/sign-in" in str(_location(walk, path)):
            assert walk.call(method, path, **foreign).status == 404, path
            closed_pages.add(template.split("/")[2])
    assert open_calls == PUBLIC
    assert closed_pages >= {"desk", "reports", "comments", "display"}


def _location(walk: Walk, path: str) -> str | None:
    from http.client import HTTPConnection

    connection = HTTPConnection(walk.url.removeprefix("http://"), timeout=30)
    connection.request("GET", path)
    location = connection.getresponse().getheader("Location")
    connection.close()
    return location


def test_a_token_counts_only_as_bearer(walk: Walk):
    good = walk.as_role("desk")["Authorization"].removeprefix("Bearer ")
    queue = f"{M}/offices/{OFFICE}/queue"
    statuses = [
        walk.call("GET", queue, Authorization=value).status
        for value in (f"Bearer {good}", f"bearer {good}", good, f"Basic {good}", "Bearer x", f"Bearer {good}x")
    ]
    assert statuses == [200, 200, 401, 401, 401, 401]
    roles = {
        role: walk.call("GET", queue, **walk.as_role(role)).status for role in ("kiosk", "leader", "system", "admin")
    }
    assert roles == {"kiosk": 403, "leader": 403, "system": 403, "admin": 200}


def test_no_method_and_no_address_shows_a_trace(walk: Walk):
    methods = ("HEAD", "OPTIONS", "TRACE", "PROPFIND", "PUT", "DELETE")
    paths = ("/api/v1/municipalities", f"{M}/visits", "/fjordby", "/local/sms", "/health", "/a/b/c/d")
    for method, path in chain.from_iterable([(m, p) for p in paths] for m in methods):
        answer = walk.call(method, path)
        assert answer.status in {200, 404, 405}, (method, path, answer.status)
        assert not re.search(r"Traceback|File \"|Chalice|botocore", str(answer.body))
        if answer.status != 200 and answer.body is not None:
            check(answer.body, ERROR)
