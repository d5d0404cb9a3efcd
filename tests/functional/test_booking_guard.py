"""Limits per network address, and the challenge where a municipality asks for it: by pages and by API (ADR 19)."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.tables import OperationItem, bound
from chalicelib.booking.challenge import solve
from tests.browsing import START, book, confirm, filled, form_path, hidden, path_of, text, words
from tests.builders import a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from chalice.test import HTTPResponse

    from chalicelib.municipalities.model import Municipality
    from tests.browsing import Browser

HERE = "198.41.0.4"


def changed(tenant: Municipality, **booking: Any) -> Municipality:
    document = a_municipality_document(id=tenant.id)
    document["booking"].update(booking)
    return store_municipality(document)


@pytest.fixture
def few(tenant, browser: Browser) -> Municipality:
    """At most two bookings an hour from one address, and the browser comes from one."""
    browser.comes_from(HERE)
    return changed(tenant, per_address_hour=2)


@pytest.fixture
def guarded(tenant) -> Municipality:
    """A municipality with the challenge switched on."""
    return changed(tenant, challenge=True)


def call(browser: Browser, town: Municipality, path: str, **body: Any) -> HTTPResponse:
    headers = {"Content-Type": "application/json", "Idempotency-Key": body.pop("key", str(uuid.uuid4()))}
    request = {"office": "raadhuset", "reasons": ["passport"], "start": "2026-11-24T09:00:00+01:00", **body}
    return browser.client.http.post(
        f"/api/v1/municipalities/{town.id}/{path}", headers=headers, body=json.dumps(request).encode()
    )


def api_book(browser: Browser, town: Municipality, **body: Any) -> HTTPResponse:
    consent = {"granted": False, "text_version": "2026-1"}
    return call(browser, town, "appointments", language="da", survey_consent=consent, **body)


def test_too_many_bookings_from_one_address_wait_and_lose_nothing(browser, few, still_clock):
    for _ in range(2):
        assert book(browser, few, phone="").status_code == 303
    refused = book(browser, few, name="Åse", path=form_path(few).replace("T0800Z", "T0900Z"))
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "3600"
    assert "Vent lidt" in words(refused)
    assert "Du kan prøve igen kl. 11.00." in words(refused)
    assert "70 00 00 00" in words(refused), "and there is another way"
    assert hidden(refused)["name"] == "Åse"
    still_clock.advance(hours=1)
    again = browser.post(form_path(few).replace("T0800Z", "T0900Z"), hidden(refused))
    assert again.status_code == 303


def test_holds_are_limited_more_generously(browser, few):
    answers = [browser.post(f"/{few.id}/book/passport/raadhuset", {"start": START}).status_code for _ in range(9)]
    assert answers.count(429) == 1, "four times as many as bookings"
    assert answers[-1] == 429


def test_another_address_is_served(browser, few):
    for _ in range(2):
        book(browser, few, phone="")
    browser.comes_from("198.41.0.5")
    assert book(browser, few, phone="", path=form_path(few).replace("T0800Z", "T0900Z")).status_code == 303


def test_the_api_says_so_with_its_stable_code(browser, few):
    starts = [f"2026-11-24T{hour}:00:00+01:00" for hour in ("09", "10", "11")]
    answers = [api_book(browser, few, start=start) for start in starts]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].json_body["code"] == "too_many_requests"
    holds = [call(browser, few, "holds", start="2026-11-25T09:00:00+01:00") for _ in range(9)]
    assert holds[-1].status_code == 429


def test_staff_are_not_limited(browser, few, staff_token):
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {staff_token('desk', few.id)}"}
    consent = {"granted": False, "text_version": "2026-1"}
    for minute in ("00", "10", "20", "30"):
        start = f"2026-11-24T09:{minute}:00+01:00"
        body = {
            "office": "raadhuset",
            "reasons": ["passport"],
            "start": start,
            "language": "da",
            "survey_consent": consent,
        }
        sent = {**headers, "Idempotency-Key": str(uuid.uuid4())}
        path = f"/api/v1/municipalities/{few.id}/appointments"
        assert browser.client.http.post(path, headers=sent, body=json.dumps(body).encode()).status_code == 201


def test_finding_is_limited_too_and_says_that_the_time_is_still_there(browser, few):
    typed = {"code": "K7RTWX", "contact": "20 12 34 56"}
    statuses = [browser.post(f"/{few.id}/find", typed).status_code for _ in range(3)]
    assert statuses == [422, 422, 429]
    assert "Din tid er der stadig." in words(browser.post(f"/{few.id}/find", typed))


def test_the_address_is_kept_nowhere(browser, few, embedded):
    book(browser, few, phone="")
    table = bound(OperationItem).Meta.table_name
    rows = embedded.client("dynamodb").scan(TableName=table)["Items"]
    callers = [row for row in rows if row["pk"]["S"].startswith(f"{few.id}#caller#")]
    assert callers
    assert HERE not in json.dumps(rows)
    assert all(float(row["expires_at"]["N"]) <= bootstrap.clock().now().timestamp() + 3600 for row in callers)


def test_without_the_setting_nothing_of_it_is_on_the_page(browser, tenant):
    page = text(browser.get(form_path(tenant)))
    assert "challenge" not in page
    assert 'name="extra"' not in page


def test_a_solved_challenge_books_and_nobody_sees_it(browser, guarded):
    page = browser.get(form_path(guarded))
    task = re.search(r"data-challenge=\"({.*?})\"", text(page))
    assert task
    solution = solve(json.loads(task[1]))
    check = browser.post(form_path(guarded), filled(browser, form_path(guarded), solution=solution))
    assert "data-challenge" not in text(check), "solved once is enough"
    booked = confirm(browser, form_path(guarded), check)
    assert booked.status_code == 303
    assert path_of(confirm(browser, form_path(guarded), check)) == path_of(booked), "a double press is one booking"


def test_a_solution_books_once(browser, guarded):
    solution = solve(bootstrap.challenges().new(guarded.id).to_document())
    assert book(browser, guarded, solution=solution).status_code == 303
    again = book(browser, guarded, solution=solution)
    assert again.status_code == 403


def test_without_scripts_who_takes_the_time_to_fill_in_the_form_gets_through(browser, guarded, still_clock):
    typed = filled(browser, form_path(guarded))
    check = browser.post(form_path(guarded), typed)
    early = confirm(browser, form_path(guarded), check)
    assert early.status_code == 403
    assert "Vent et øjeblik" in words(early)
    assert "Dine svar er her endnu" in words(early)
    assert hidden(early)["phone"] == "20 12 34 56"
    still_clock.advance(seconds=15)
    assert browser.post(form_path(guarded), {**hidden(early), "action": "confirm"}).status_code == 303


def test_who_fills_in_what_nobody_sees_does_not(browser, guarded, still_clock):
    typed = filled(browser, form_path(guarded), extra="https://spam.example")
    still_clock.advance(minutes=1)
    check = browser.post(form_path(guarded), typed)
    assert confirm(browser, form_path(guarded), check).status_code == 403


def test_a_slip_is_good_for_one_booking_but_a_new_one_is_given(browser, guarded, still_clock):
    typed = filled(browser, form_path(guarded))
    still_clock.advance(minutes=1)
    check = browser.post(form_path(guarded), typed)
    assert confirm(browser, form_path(guarded), check).status_code == 303
    other = form_path(guarded).replace("T0800Z", "T0900Z")
    fresh = {**filled(browser, other), "slip": typed["slip"]}
    refused = confirm(browser, other, browser.post(other, fresh))
    assert refused.status_code == 403
    still_clock.advance(minutes=1)
    assert browser.post(other, {**hidden(refused), "action": "confirm"}).status_code == 303


def test_bookings_without_a_solution_are_rationed(browser, tenant, still_clock):
    town = changed(tenant, challenge=True, per_address_hour=10)
    browser.comes_from(HERE)
    answers = []
    for start in ("T0800Z", "T0830Z", "T0900Z"):
        path = form_path(town).replace("T0800Z", start)
        typed = filled(browser, path, phone="")
        still_clock.advance(seconds=20)
        answers.append(confirm(browser, path, browser.post(path, typed)).status_code)
    assert answers == [303, 303, 429]


def test_programs_get_the_challenge_with_a_stable_code_and_solve_it(browser, guarded):
    asked = api_book(browser, guarded)
    assert asked.status_code == 403
    assert asked.json_body["code"] == "challenge_required"
    assert asked.json_body["challenge"].keys() == {"algorithm", "challenge", "salt", "signature", "maxnumber"}
    solution = solve(asked.json_body["challenge"])
    booked = api_book(browser, guarded, challenge=solution, key="same")
    assert booked.status_code == 201
    assert api_book(browser, guarded, challenge=solution, key="same").json_body == booked.json_body
    assert api_book(browser, guarded, challenge=solution, key="other").status_code == 403
    assert api_book(browser, guarded, challenge=["x"]).status_code == 403
