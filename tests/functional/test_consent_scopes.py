"""Reminder and quoting, each asked by itself: through the pages and the API, and taken back from every place (SK-02)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.citizens.dynamodb_consents import DynamoDbConsents
from chalicelib.adapters.tables import ConsentItem, bound
from chalicelib.consent.model import ConsentState
from chalicelib.municipalities.model import COMMENT_USE, REMINDER_SMS, SCOPES, SURVEY_SMS
from chalicelib.shared.hashing import phone_hash, token_hash
from chalicelib.shared.phone import PhoneNumber
from tests.browsing import book, confirm, filled, form_path, hidden, path_of, text, words
from tests.builders import ALL_CONSENTS, a_municipality_document
from tests.contract.test_survey_store import add_invitation, add_link
from tests.embedded import store_municipality
from tests.fakes.surveys import COMPLETE, a_link, a_token
from tests.functional.test_planning_pages import code_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice.test import HTTPResponse

    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality
    from tests.browsing import Browser
    from tests.builders import FixedClock

pytestmark = pytest.mark.requirement("SK-02")

JSON = {"Content-Type": "application/json"}
CONTACT = "01JDC0NTACT000000000000777"


@pytest.fixture
def asking(tenant: Municipality) -> Municipality:
    """A municipality that asks about everything."""
    return store_municipality(a_municipality_document(id=tenant.id, consent_texts=ALL_CONSENTS))


@pytest.fixture
def later(asking: Municipality) -> str:
    """A time whose reminder is still to come."""
    return form_path(asking).replace("20261124", "20261126")


def appointment_of(response: HTTPResponse) -> Appointment:
    return bootstrap.booking().find_by_token(path_of(response).split("?")[0].rsplit("/", 1)[-1])


def state(municipality: Municipality, contact_id: str, scope: str) -> ConsentState | None:
    return bootstrap.consents().state(municipality.id, contact_id, scope)


def ledger(municipality: Municipality, contact_id: str, scope: str) -> list[str]:
    rows = bound(ConsentItem).query(f"{municipality.id}#consent#{contact_id}", consistent_read=True)
    return [row.sk.rsplit("#", 1)[-1] for row in rows if row.sk.startswith(f"{scope}#")]


def is_pending(municipality: Municipality, appointment: Appointment) -> bool:
    due = bootstrap.pending_work().due(municipality.id, appointment.start)
    return any((item.kind, item.subject) == ("remind", appointment.id) for item in due)


# The reminder


def test_the_box_stands_by_itself_and_is_not_ticked(browser: Browser, asking: Municipality, later: str) -> None:
    page = text(browser.get(later))
    box = re.search(r'<input[^>]*id="reminder"[^>]*>', page)
    assert box
    assert "checked" not in box[0]
    assert "Ja, I må sende mig én påmindelse om tiden." in page
    assert 'name="reminder_version" value="r-1"' in page
    assert "Mind mig om tiden" not in page
    assert 'name="reminder"' not in text(browser.get(form_path(asking))), "its moment is now, so it is not asked"


@pytest.mark.parametrize(
    ("ticked", "expected"), [({"reminder": "yes"}, ConsentState.GRANTED), ({}, ConsentState.REFUSED)]
)
def test_only_a_tick_is_a_yes_and_both_answers_are_kept(
    browser: Browser, asking: Municipality, later: str, ticked: dict[str, str], expected: ConsentState
) -> None:
    check = browser.post(later, filled(browser, later, **ticked))
    assert ("Påmindelse om tiden Ja tak" in words(check)) is bool(ticked)
    appointment = appointment_of(confirm(browser, later, check))
    record = DynamoDbConsents().current(asking.id, appointment.id, REMINDER_SMS)
    assert record is not None
    assert (record.state, record.text_version, record.language, record.origin) == (expected, "r-1", "da", "web")
    assert state(asking, appointment.id, SURVEY_SMS) is ConsentState.REFUSED
    assert is_pending(asking, appointment) is bool(ticked)


def test_a_yes_needs_somewhere_to_be_reminded(browser: Browser, later: str) -> None:
    refused = browser.post(later, filled(browser, later, reminder="yes", phone=""))
    assert refused.status_code == 422
    assert text(refused).count("Skriv, hvor vi kan fange dig, hvis vi må minde dig om tiden.") == 2
    assert re.search(r'id="reminder"[^>]*checked', text(refused)), "what was answered is still answered"


def test_the_receipt_takes_it_back_and_leaves_the_survey(browser: Browser, asking: Municipality, later: str) -> None:
    receipt = path_of(book(browser, asking, path=later, reminder="yes", survey_consent="yes")).split("?")[0]
    assert "Du har sagt ja til en påmindelse. Den kommer onsdag den 25. november" in words(browser.get(receipt))
    for _ in range(2):
        done = browser.post(f"{receipt}/reminder", {})
        assert done.status_code == 303
    assert "Dit samtykke er trukket tilbage. Vi minder dig ikke om tiden." in words(browser.get(path_of(done)))
    appointment = bootstrap.booking().find_by_token(receipt.rsplit("/", 1)[-1])
    assert state(asking, appointment.id, REMINDER_SMS) is ConsentState.WITHDRAWN
    assert state(asking, appointment.id, SURVEY_SMS) is ConsentState.GRANTED
    assert ledger(asking, appointment.id, REMINDER_SMS) == ["granted", "withdrawn"]
    assert not is_pending(asking, appointment)
    assert "Mind mig ikke om tiden" not in text(browser.get(receipt))


@pytest.mark.parametrize("asked", [{"reminder": "yes", "survey_consent": "yes"}, {}])
def test_this_is_not_me_takes_back_every_yes(
    browser: Browser, asking: Municipality, later: str, asked: dict[str, str]
) -> None:
    receipt = path_of(book(browser, asking, path=later, **asked)).split("?")[0]
    appointment = bootstrap.booking().find_by_token(receipt.rsplit("/", 1)[-1])
    assert browser.post(f"{receipt}/not-me", {}).status_code == 303
    expected = ConsentState.WITHDRAWN if asked else ConsentState.REFUSED
    assert [state(asking, appointment.id, scope) for scope in (SURVEY_SMS, REMINDER_SMS)] == [expected] * 2
    assert not is_pending(asking, appointment)


def test_where_it_is_not_asked_nothing_changes(browser: Browser, tenant: Municipality) -> None:
    path = form_path(tenant).replace("20261124", "20261126")
    receipt = path_of(book(browser, tenant, path=path, reminder="yes"))
    assert "Påmindelse om tiden" not in words(browser.get(receipt))
    assert browser.post(f"{receipt.split('?')[0]}/reminder", {}).status_code == 404


def api(browser: Browser, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    import json

    data = json.dumps(body).encode() if body is not None else b""
    answer = browser.client.http.request(method, f"/api/v1{path}", headers={**JSON, **headers}, body=data)
    return answer.status_code, json.loads(answer.body) if answer.body else None


def an_appointment(key: str, **more: Any) -> dict[str, Any]:
    return {
        "office": "raadhuset",
        "reasons": ["passport"],
        "start": f"2026-11-26T1{key}:00:00+01:00",
        "phone": "+4520123456",
        "language": "en",
        "survey_consent": {"granted": False, "text_version": "2026-1"},
        **more,
    }


def booked(browser: Browser, asking: Municipality, key: str, **more: Any) -> tuple[int, Any]:
    path = f"/municipalities/{asking.id}/appointments"
    return api(browser, "POST", path, an_appointment(key, **more), **{"Idempotency-Key": f"{asking.id}-{key}"})


def test_the_api_asks_and_answers_the_same(browser: Browser, asking: Municipality) -> None:
    _, texts = api(browser, "GET", f"/municipalities/{asking.id}/consent-texts?language=en")
    assert {scope: each["version"] for scope, each in texts.items()} == dict(
        zip(SCOPES, ("2026-1", "r-1", "c-1"), strict=True)
    )
    yes = {"granted": True, "text_version": "r-1"}
    status, appointment = booked(browser, asking, "0", reminder_consent=yes)
    assert status == 201
    link = f"/appointments/{appointment['manage_url'].rsplit('/', 1)[-1]}"
    _, view = api(browser, "GET", link)
    assert (view["reminder"], view["reminder_consent"]) == (True, {"state": "granted", "text_version": "r-1"})
    assert api(browser, "DELETE", f"{link}/reminder-consent") == (204, None)
    _, view = api(browser, "GET", link)
    assert (view["reminder"], view["reminder_consent"]["state"]) == (False, "withdrawn")
    assert view["survey_consent"]["state"] == "refused"


def test_without_an_answer_nobody_is_reminded_and_nothing_is_on_the_ledger(
    browser: Browser, asking: Municipality
) -> None:
    _, appointment = booked(browser, asking, "1", reminder=True)
    assert state(asking, appointment["id"], REMINDER_SMS) is None
    link = f"/appointments/{appointment['manage_url'].rsplit('/', 1)[-1]}"
    _, view = api(browser, "GET", link)
    assert (view["reminder"], "reminder_consent" in view) == (False, False)
    assert api(browser, "DELETE", f"{link}/reminder-consent")[0] == 404


@pytest.mark.parametrize("wrong", [{"granted": True, "text_version": "old"}, {"granted": "yes"}, {"granted": True}, []])
def test_an_answer_that_is_none_is_named(browser: Browser, asking: Municipality, wrong: Any) -> None:
    status, told = booked(browser, asking, "2", reminder_consent=wrong)
    assert (status, set(told["fields"])) == (422, {"reminder_consent"})


def test_staff_read_it_aloud_and_write_down_each_answer(
    browser: Browser, asking: Municipality, staff_token: Callable[[str, str], str]
) -> None:
    headers = {"Cookie": f"session={staff_token('desk', asking.id)}; language=da"}
    desk = f"/{asking.id}/desk/book"
    page = browser.client.http.get(f"{desk}?office=raadhuset&reason=passport&day=2026-11-26", headers=headers)
    assert "Ja, I må sende mig én påmindelse om tiden." in text(page)
    start = re.findall(r'name="start" value="([^"]+)"', text(page))
    for number, (answer, expected) in enumerate({"yes": "granted", "no": "refused", "not_asked": None}.items()):
        fields = {**hidden(page), "reason": "passport", "key": f"{number}-key", "start": start[number]}
        fields |= {"phone": "20 12 34 56", "language": "da", "origin": "phone", "consent": "no", "reminder": answer}
        made = browser.client.http.post(
            desk,
            headers={**headers, "Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(fields).encode(),
        )
        appointment = bootstrap.booking().find_by_code(asking.id, code_of(made))
        assert state(asking, appointment.id, REMINDER_SMS) == expected
        assert is_pending(asking, appointment) is (answer == "yes")


# Quoting


@pytest.fixture
def link(asking: Municipality, still_clock: FixedClock) -> str:
    """A citizen's link to the questionnaire."""
    token = a_token(asking.id, CONTACT)
    add_link(token_hash(token), a_link(municipality=asking.id, contact_id=CONTACT))
    add_invitation(asking.id, CONTACT)
    return token


def write(browser: Browser, link: str, **ticked: str) -> HTTPResponse:
    for question, answer in COMPLETE.items():
        browser.post(f"/s/{link}/{question}?lang=da", {"answer": str(answer)})
    page = browser.get(f"/s/{link}/comment?lang=da")
    return browser.post(f"/s/{link}/comment?lang=da", {**hidden(page), "answer": "Tak for hjælpen.", **ticked})


def test_the_survey_asks_beside_the_text_and_takes_it_back_on_its_last_page(
    browser: Browser, asking: Municipality, link: str
) -> None:
    page = text(browser.get(f"/s/{link}/comment?lang=da"))
    box = re.search(r'<input[^>]*id="comment_use"[^>]*>', page)
    assert box
    assert "checked" not in box[0]
    assert "Ja, I må gengive det, jeg skriver, uden mit navn." in page
    assert 'id="comment_use"' not in text(browser.get(f"/s/{link}/satisfaction?lang=da"))
    assert write(browser, link, comment_use="yes").status_code == 303
    thanks = words(browser.get(f"/s/{link}?lang=da"))
    assert "Du har sagt ja til, at vi må gengive det uden dit navn." in thanks
    record = DynamoDbConsents().current(asking.id, CONTACT, COMMENT_USE)
    assert record is not None
    assert (record.state, record.text_version, record.language, record.origin) == ("granted", "c-1", "da", "web")
    assert record.phone_hash is None, "no number beside the answers, not even its hash"
    for _ in range(2):
        done = browser.post(f"/s/{link}/comment-use?lang=da", {})
        assert "Dit samtykke er trukket tilbage." in words(done)
    assert ledger(asking, CONTACT, COMMENT_USE) == ["granted", "withdrawn"]
    assert "Gengiv det ikke alligevel" not in text(browser.get(f"/s/{link}?lang=da"))
    assert bootstrap.surveys().open(link).may_quote is False


def test_no_tick_is_a_no_and_a_changed_wording_is_no_answer(browser: Browser, asking: Municipality, link: str) -> None:
    write(browser, link)
    assert ledger(asking, CONTACT, COMMENT_USE) == ["refused"]
    other = f"{CONTACT[:-1]}8"
    token = a_token(asking.id, other)
    add_link(token_hash(token), a_link(municipality=asking.id, contact_id=other))
    add_invitation(asking.id, other)
    assert write(browser, token, comment_use="yes", comment_use_version="old").status_code == 303
    assert state(asking, other, COMMENT_USE) is None


def test_it_can_be_taken_back_after_the_link_has_expired(
    browser: Browser, asking: Municipality, link: str, still_clock: FixedClock
) -> None:
    write(browser, link, comment_use="yes")
    still_clock.advance(days=20)
    assert browser.get(f"/s/{link}?lang=da").status_code == 410
    stop = browser.get(f"/s/{link}/stop?lang=da")
    assert "Gengiv det ikke alligevel" in text(stop)
    assert browser.post(f"/s/{link}/comment-use?lang=da", {}).status_code == 200
    assert state(asking, CONTACT, COMMENT_USE) is ConsentState.WITHDRAWN
    assert "Gengiv det ikke alligevel" not in text(browser.get(f"/s/{link}/stop?lang=da"))
    assert browser.post(f"/s/{a_token(asking.id, 'x')}/comment-use", {}).status_code == 404


def test_the_surveys_api_asks_and_answers_the_same(browser: Browser, asking: Municipality, link: str) -> None:
    _, survey = api(browser, "GET", f"/surveys/{link}?language=en")
    assert survey["comment_use"] == {"text_version": "c-1", "text": "Yes, you may quote what I write.", "granted": None}
    body = {"answers": {"comment": "Thanks."}, "comment_use": {"granted": True, "text_version": "old"}}
    assert api(browser, "PUT", f"/surveys/{link}/answers", body)[1]["fields"] == {
        "comment_use": "text_version is not the one in force"
    }
    assert api(browser, "PUT", f"/surveys/{link}/answers", {**body, "comment_use": {"granted": 1}})[0] == 422
    body["comment_use"] = {"granted": True, "text_version": "c-1"}
    status, survey = api(
        browser, "POST", f"/surveys/{link}/finish", {**body, "answers": {**COMPLETE, **body["answers"]}}
    )
    assert (status, survey["comment_use"]["granted"]) == (200, True)
    assert api(browser, "DELETE", f"/surveys/{link}/comment-use") == (204, None)
    assert api(browser, "GET", f"/surveys/{link}")[1]["comment_use"]["granted"] is False


# What is held


def test_the_citizen_sees_every_answer_and_erasing_keeps_their_proof_alone(
    browser: Browser, asking: Municipality, later: str
) -> None:
    number = PhoneNumber("+4520123456")
    appointment = appointment_of(book(browser, asking, path=later, reminder="yes"))
    token = a_token(asking.id, appointment.id)
    add_link(token_hash(token), a_link(municipality=asking.id, contact_id=appointment.id))
    add_invitation(asking.id, appointment.id)
    write(browser, token, comment_use="yes")
    (held,) = bootstrap.my_data().held(asking.id, number).contacts
    assert [(each.scope, each.state) for each in held.consents] == list(
        zip(SCOPES, ("refused", "granted", "granted"), strict=True)
    )
    exported = bootstrap.erasure().export(asking.id, appointment.id)
    assert {row["sk"] for row in exported["tables"]["consents"]} >= set(SCOPES)

    bootstrap.erasure().erase(asking.id, appointment.id)
    rows = list(bound(ConsentItem).query(f"{asking.id}#consent#{appointment.id}", consistent_read=True))
    assert [(row.sk.split("#")[0], row.state) for row in rows] == [
        ("comment_use", "granted"), ("comment_use", "withdrawn"),
        ("reminder_sms", "granted"), ("reminder_sms", "withdrawn"), ("survey_sms", "refused"),
    ]  # fmt: skip
    proofs = {row.sk.split("#")[0]: row.document["phone_hash"] for row in rows}
    hashed = phone_hash(bootstrap.keys(), asking.id, number)
    assert proofs == {"comment_use": None, "reminder_sms": hashed, "survey_sms": hashed}


# At the desk, by code


@pytest.fixture
def desk(browser: Browser, asking: Municipality, staff_token: Callable[[str, str], str]) -> Callable[..., HTTPResponse]:
    def send(role: str = "desk", **fields: str) -> HTTPResponse:
        headers = {"Cookie": f"session={staff_token(role, asking.id)}; language=da"}
        form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        path = f"/{asking.id}/desk/consents"
        if not fields:
            return browser.client.http.get(path, headers=headers)
        return browser.client.http.post(path, headers=form, body=urlencode(fields).encode())

    return send


def test_the_desk_takes_back_each_answer_by_code_with_who_did_it(
    browser: Browser, asking: Municipality, later: str, desk: Callable[..., HTTPResponse]
) -> None:
    appointment = appointment_of(book(browser, asking, path=later, reminder="yes", survey_consent="yes"))
    shown = words(desk(code=appointment.code.lower()))
    assert "Spørgeskema på sms efter besøget: Ja" in shown
    assert "Påmindelse om tiden: Ja" in shown
    assert "20 12 34 56" not in shown
    assert "Åse" not in shown
    assert "trukket tilbage" in words(desk(code=appointment.code, scope=REMINDER_SMS))
    assert not is_pending(asking, appointment)
    assert state(asking, appointment.id, SURVEY_SMS) is ConsentState.GRANTED
    desk(code=appointment.code, scope=SURVEY_SMS)
    for scope in (SURVEY_SMS, REMINDER_SMS):
        record = DynamoDbConsents().current(asking.id, appointment.id, scope)
        assert record is not None
        assert (record.state, record.origin) == (ConsentState.WITHDRAWN, "desk")
        assert record.by


def test_the_desk_takes_back_quoting_by_the_link_of_the_message(
    browser: Browser, asking: Municipality, link: str, desk: Callable[..., HTTPResponse]
) -> None:
    write(browser, link, comment_use="yes")
    assert "At gengive det, borgeren har skrevet: Ja" in words(desk(code=f"https://svar.example/s/{link}"))
    desk(code=link, scope=COMMENT_USE)
    assert state(asking, CONTACT, COMMENT_USE) is ConsentState.WITHDRAWN
    assert bootstrap.surveys().open(link).may_quote is False


def test_a_code_that_leads_nowhere_is_said_and_only_the_desk_may_look(
    browser: Browser, asking: Municipality, desk: Callable[..., HTTPResponse]
) -> None:
    assert desk().status_code == 200
    for code in ("NOPE9", " "):
        unknown = desk(code=code)
        assert unknown.status_code == 422
        assert "Vi kan ikke finde noget under den kode." in words(unknown)
    assert desk("kiosk", code="NOPE9").status_code == 403
    assert browser.get(f"/{asking.id}/desk/consents").status_code in {303, 401}
