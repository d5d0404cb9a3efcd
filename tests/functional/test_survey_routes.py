"""The survey by API and by pages, through the Chalice app and the embedded AWS."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from html import unescape
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.tables import ResponseItem, bound
from chalicelib.shared.hashing import token_hash
from chalicelib.surveys.model import MAX_COMMENT
from tests.contract.test_survey_store import add_invitation, add_link
from tests.fakes.surveys import COMPLETE, a_link, a_token

if TYPE_CHECKING:
    from chalice.test import Client, HTTPResponse

    from chalicelib.municipalities.model import Municipality

_NUMBERS = count(900)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


class Citizen:
    """Somebody with a link."""

    def __init__(self, client: Client, municipality: Municipality, **link: Any) -> None:
        self._client = client
        self.municipality = municipality.id
        self.contact_id = f"01JDC0NTACT{next(_NUMBERS):015d}"
        self.token = a_token(self.municipality, self.contact_id)
        until = bootstrap.clock().now() + timedelta(days=1)
        link = {"until": until, "municipality": self.municipality, "contact_id": self.contact_id, **link}
        add_link(token_hash(self.token), a_link(**link))
        add_invitation(self.municipality, self.contact_id)

    def api(self, method: str, path: str = "", body: Any = None) -> tuple[int, Any]:
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        response = self._client.http.request(method, f"/api/v1/surveys/{self.token}{path}", headers=JSON, body=data)
        return response.status_code, json.loads(response.body)

    def look(self, path: str = "", **headers: str) -> HTTPResponse:
        return self._client.http.get(f"/s/{self.token}{path}", headers=headers)

    def send(self, question: str, answer: str | list[str], lang: str = "da") -> HTTPResponse:
        body = urlencode({"answer": answer}, doseq=True).encode()
        return self._client.http.post(f"/s/{self.token}/{question}?lang={lang}", headers=FORM, body=body)

    @property
    def item(self) -> ResponseItem:
        model = bound(ResponseItem)
        return model.get(f"{self.municipality}#response#{self.contact_id}", "response", consistent_read=True)


@pytest.fixture
def citizen(client, tenant) -> Citizen:
    return Citizen(client, tenant)


def page(response: HTTPResponse) -> str:
    return unescape(response.body.decode())


def test_the_api_opens_saves_resumes_and_finishes_once(citizen):
    status, survey = citizen.api("GET")
    assert status == 200
    assert survey["state"] == "open"
    assert survey["answers"] == {}
    assert survey["questionnaire"]["language"] == "da"
    satisfaction, *_, clear, comment = survey["questionnaire"]["questions"]
    assert satisfaction["scale"] == {"min": 0, "max": 10, "min_text": "Meget utilfreds", "max_text": "Meget tilfreds"}
    assert clear["options"][-1] == {"id": "dont_know", "text": "Ved ikke"}
    assert comment == {"id": "comment", "type": "text", "text": comment["text"], "required": False}

    assert citizen.api("PUT", "/answers", {"answers": {"satisfaction": 4}})[0] == 200
    assert citizen.api("GET")[1]["answers"] == {"satisfaction": 4}
    assert citizen.api("POST", "/finish")[1]["code"] == "invalid_field"
    assert citizen.api("PUT", "/answers", {"answers": COMPLETE})[0] == 200
    assert citizen.api("POST", "/finish")[0] == 200
    assert citizen.api("POST", "/finish")[1]["code"] == "already_answered"
    assert citizen.api("PUT", "/answers", {"answers": COMPLETE})[0] == 409
    assert citizen.api("GET")[1]["state"] == "finished"
    assert citizen.api("GET")[1]["answers"] == {}
    assert citizen.item.document["answers"] == COMPLETE


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_request"),
        (b"[]", 400, "malformed_request"),
        ({}, 422, "invalid_field"),
        ({"answers": []}, 422, "invalid_field"),
        ({"answers": {"satisfaction": "9"}}, 422, "invalid_field"),
        ({"answers": {"satisfaction": 11}}, 422, "invalid_field"),
        ({"answers": {"satisfaction": True}}, 422, "invalid_field"),
        ({"answers": {"nobody-asked": 1}}, 422, "invalid_field"),
        ({"answers": {"comment": "x" * 10_000}}, 422, "invalid_field"),
        ({"answers": {"comment": "x" * 300_000}}, 413, "too_large"),
    ],
)
def test_bad_input_gets_a_stable_code_and_stores_nothing(citizen, body, status, code):
    answered, told = citizen.api("PUT", "/answers", body)
    assert (answered, told["code"]) == (status, code)
    assert told["message"]
    assert "Traceback" not in json.dumps(told)
    with pytest.raises(ResponseItem.DoesNotExist):
        _ = citizen.item


def test_whoever_sends_from_a_second_window_is_told_that_the_first_counts(citizen):
    citizen.api("PUT", "/answers", {"answers": COMPLETE})
    first, second = citizen.send("comment", "Fint"), citizen.send("comment", "Slet ikke")
    assert (first.status_code, second.status_code) == (303, 303)
    told = "gælder det, du sendte først"
    there = [citizen.look(answer.headers["Location"].removeprefix(f"/s/{citizen.token}")) for answer in (first, second)]
    assert [told in page(each) for each in there] == [False, True]
    assert citizen.item.document["comments"] == {"comment": "Fint"}


def test_whoever_comes_back_goes_on_in_the_language_that_was_chosen(citizen):
    assert 'html lang="da"' in page(citizen.look())
    citizen.send("satisfaction", "9", lang="en")
    assert 'html lang="en"' in page(citizen.look())
    assert 'html lang="da"' in page(citizen.look("?lang=da"))


def test_unknown_and_expired_links_have_their_codes(client, tenant):
    expired = Citizen(client, tenant, until=bootstrap.clock().now() - timedelta(seconds=1))
    assert expired.api("GET") == (410, {"code": "link_expired", "message": "The link has expired."})
    assert expired.api("PUT", "/answers", {"answers": COMPLETE})[0] == 410
    assert "Linket er udløbet" in page(expired.look())
    assert tenant.contact.phone in page(expired.look()), "whoever wants to say something can call"
    assert expired.look().status_code == 410
    unknown = client.http.get("/api/v1/surveys/AAAAAAAAAAAAAA")
    assert (unknown.status_code, json.loads(unknown.body)["code"]) == (404, "not_found")
    assert client.http.get("/s/AAAAAAAAAAAAAA").status_code == 404


def test_a_citizen_goes_through_the_pages_without_javascript(citizen):
    start = page(citizen.look())
    assert "Hvordan gik det?" in start
    assert "5 spørgsmål" in start
    assert "frivilligt" in start
    assert f"/s/{citizen.token}/stop?lang=da" in start

    for question, answer in COMPLETE.items():
        screen = page(citizen.look(f"/{question}?lang=da"))
        assert screen.count("<h1>") == 1
        assert f'action="/s/{citizen.token}/{question}?lang=da"' in screen
        assert citizen.send(question, str(answer)).status_code == 303
    last = page(citizen.look("/comment"))
    assert "Spørgsmål 5 af 5" in last
    assert "Skriv ikke CPR-nummer" in last
    assert "Send mine svar" in last
    done = citizen.send("comment", "Alt var fint 👍🏽")
    assert (done.status_code, done.headers["Location"]) == (303, f"/s/{citizen.token}?lang=da")

    thanks = page(citizen.look("?lang=da"))
    assert "Tak for dine svar" in thanks
    assert "Alt var fint" not in thanks
    assert citizen.look("/comment").headers["Location"] == f"/s/{citizen.token}?lang=da"
    assert citizen.send("comment", "igen").status_code == 303
    assert citizen.item.document["answers"] == COMPLETE
    assert citizen.item.document["comments"] == {"comment": "Alt var fint 👍🏽"}


def test_each_step_leads_to_the_next_and_back_shows_what_was_chosen(citizen):
    assert citizen.send("satisfaction", "0").headers["Location"] == f"/s/{citizen.token}/friendliness?lang=da"
    screen = page(citizen.look("/friendliness"))
    assert f'href="/s/{citizen.token}/satisfaction?lang=da"' in screen
    assert re.search(r'value="0" checked', page(citizen.look("/satisfaction")))
    assert "Fortsæt, hvor du slap" in page(citizen.look())
    assert f"/s/{citizen.token}/friendliness?lang=da" in page(citizen.look())


def test_a_language_switch_in_the_middle_keeps_the_answers_without_cookies(citizen):
    citizen.send("satisfaction", "7")
    english = page(citizen.look("/satisfaction?lang=en"))
    assert "Overall, how satisfied" in english
    assert 'lang="en"' in english
    assert re.search(r'value="7" checked', english)
    assert citizen.send("satisfaction", "8", lang="en").headers["Location"].endswith("/friendliness?lang=en")
    assert citizen.item.document["language"] == "en"


def test_the_links_language_counts_before_the_browsers(client, tenant):
    english = Citizen(client, tenant, language="en")
    assert "How did it go?" in page(english.look(**{"Accept-Language": "da"}))
    assert "Hvordan gik det?" in page(english.look(Cookie="language=da"))


@pytest.mark.parametrize("answer", ["", "eleven", "11", "-1", "9" * 5000, "dont_know"])
def test_a_wrong_or_missing_answer_shows_the_same_question_with_a_message(citizen, answer):
    response = citizen.send("satisfaction", answer)
    assert response.status_code == 422
    screen = page(response)
    assert screen.startswith("<!doctype html>")
    assert "<title>Fejl: " in screen
    assert 'href="#answer"' in screen


def test_a_comment_that_is_too_long_comes_back_whole(citizen):
    for question, answer in COMPLETE.items():
        citizen.send(question, str(answer))
    comment = "Ærligt talt <b>& så</b> " * 200
    response = citizen.send("comment", comment)
    assert response.status_code == 422
    assert comment.strip() in page(response)
    assert f"Der er plads til {MAX_COMMENT}" in page(response)
    assert "<b>" not in response.body.decode()
    assert citizen.item.state == "started"


def test_finishing_with_a_gap_leads_to_the_gap(citizen):
    citizen.send("satisfaction", "3")
    assert citizen.send("comment", "færdig").headers["Location"] == f"/s/{citizen.token}/friendliness?lang=da"


def test_an_unknown_question_is_not_found(citizen):
    assert citizen.look("/nothing").status_code == 404
    assert citizen.send("nothing", "1").status_code == 404


def test_the_municipalitys_own_scale_is_asked(client, tenant):
    from tests.builders import a_municipality_document
    from tests.embedded import store_municipality

    document = a_municipality_document(id=tenant.id)
    document["survey"]["questionnaire"] = "skive-9"
    nine = Citizen(client, store_municipality(document))
    screen = page(nine.look("/satisfaction"))
    assert re.findall(r'type="radio"[^>]*value="(\d+)"', screen) == [str(n) for n in range(1, 10)]
    assert nine.api("PUT", "/answers", {"answers": {"satisfaction": 0}})[0] == 422


CANARIES = ("120385-1234", "20 12 34 56", "mette.holm@example.org", "Birthe Kvist", "Vestergade 12")


def test_no_canary_reaches_the_item_or_a_log_line(citizen, caplog, capsys):
    comment = f"Cpr {CANARIES[0]}, tlf {CANARIES[1]}, {CANARIES[2]}, {CANARIES[3]} hjalp mig, {CANARIES[4]}"
    with caplog.at_level(logging.INFO):
        citizen.api("PUT", "/answers", {"answers": {"comment": comment}})
        citizen.send("comment", comment)
        citizen.api("PUT", "/answers", {"answers": {"comment": comment * 100, "satisfaction": 99}})
        citizen.api("POST", "/finish", {"answers": {**COMPLETE, "comment": comment}})
        citizen.look()
    stored = json.dumps([citizen.item.document, citizen.item.pk, citizen.item.sk], ensure_ascii=False)
    said = caplog.text + "".join(capsys.readouterr())
    for canary in (*CANARIES, citizen.token):
        assert canary not in stored
        assert canary not in said
    assert citizen.item.document["comments"]["comment"] == (
        "Cpr [cpr], tlf [telefon], [e-mail], [navn] hjalp mig, [adresse]"
    )
    assert set(citizen.item.attribute_values) == {
        "pk",
        "sk",
        "municipality",
        "contact_id",
        "state",
        "document",
        "version",
        "expires_at",
    }
