"""Open link, QR code, kiosk, interviewer, API, preview and call-backs, through the Chalice app and the embedded AWS."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from html import unescape
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.adapters.citizens.contact_rows import contact_row
from chalicelib.adapters.lake.s3_lake import s3_client
from chalicelib.adapters.tables import ContactItem, LinkItem, ResponseItem, bound
from chalicelib.entrypoints.surveys.kiosk_pages import JUST_ENDED
from chalicelib.lake.landing import landing_prefix
from chalicelib.lake.service import Landing
from chalicelib.settings import settings
from chalicelib.shared.clock import SystemClock, month_of
from chalicelib.shared.hashing import link_token, token_hash
from chalicelib.surveys.model import Mode
from tests.builders import ALL_CONSENTS, FixedClock, a_contact, a_municipality_document
from tests.contract.test_survey_store import add_invitation, add_link
from tests.embedded import store_municipality
from tests.fakes.surveys import COMPLETE, a_link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalice.test import HTTPResponse

    from chalicelib.surveys.model import Response

_NUMBERS = count(1)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ASKING = {"languages": ["da", "en", "ar"], "open": ["pulse", "gladsaxe"], "callbacks": True}


@pytest.fixture
def town(embedded):
    return store_municipality(a_municipality_document(id=f"modeby{next(_NUMBERS)}", asking=ASKING))


@pytest.fixture
def client(embedded) -> Iterator[Client]:
    import app

    with Client(app.app) as client:
        yield client


class Visitor:
    """A browser: keeps cookies, or doesn't; brings a token, or doesn't."""

    def __init__(self, client: Client, *, bearer: str | None = None, keeps_cookies: bool = True) -> None:
        self._client = client
        self._bearer = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        self._keeps = keeps_cookies
        self._cookies: dict[str, str] = {}

    def get(self, address: str) -> HTTPResponse:
        return self._seen(self._client.http.get(address, headers=self._headers()))

    def post(self, address: str, **fields: Any) -> HTTPResponse:
        body = urlencode(fields, doseq=True).encode()
        return self._seen(self._client.http.post(address, headers={**self._headers(), **FORM}, body=body))

    def _headers(self) -> dict[str, str]:
        kept = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())} if self._cookies else {}
        return {**self._bearer, **kept}

    def _seen(self, response: HTTPResponse) -> HTTPResponse:
        cookie = response.headers.get("Set-Cookie", "")
        if self._keeps and cookie.startswith("survey="):
            name, value = cookie.split(";")[0].split("=", 1)
            self._cookies[name] = value
        return response


def text(response: HTTPResponse) -> str:
    return unescape(response.body.decode())


def there(response: HTTPResponse) -> str:
    assert response.status_code == 303, text(response)
    return response.headers["Location"]


def responses_of(municipality: str) -> list[ResponseItem]:
    return [row for row in bound(ResponseItem).scan() if row.municipality == municipality]


def stored(municipality: str) -> Response:
    (row,) = responses_of(municipality)
    found = bootstrap.surveys()._store.response(municipality, row.contact_id)
    assert found is not None
    return found


def answer_pulse(visitor: Visitor, address: str) -> HTTPResponse:
    """From the first question on; the answer to the last one's form."""
    for answer in ("9", "yes", "Fint"):
        response = visitor.post(address, answer=answer, shown="1")
        address = there(response)
    return visitor.get(address)


@pytest.mark.requirement("GL-04", "GE-26")
@pytest.mark.parametrize(("office", "mode"), [(None, Mode.OPEN_LINK), ("raadhuset", Mode.QR)])
def test_an_open_survey_is_answered_once_in_a_browser(client, town, office, mode):
    visitor = Visitor(client)
    start = f"/{town.id}/survey/pulse"
    page = visitor.get(start if office is None else f"{start}?office={office}")
    assert page.status_code == 200
    assert "Svarene er ikke knyttet til dig" in text(page)
    assert responses_of(town.id) == []
    first = there(visitor.get(there(visitor.post(start, **({"office": office} if office else {})))))
    assert responses_of(town.id) == [], "coming in writes nothing"
    thanks = answer_pulse(visitor, first)
    assert "Tak for dine svar" in text(thanks)
    found = stored(town.id)
    assert (found.mode, found.facts.office) == (mode, office)
    assert found.facts.channel == ("in_person" if office else None)
    assert "Tak for dine svar" in text(visitor.get(start)), "the browser remembers"
    assert there(visitor.post(first, answer="1")).startswith(start)
    assert stored(town.id) == found
    assert bound(ContactItem).count(f"{town.id}#contact#{found.contact_id}") == 0, (
        "no contact fact is invented (ADR 23)"
    )


def test_a_browser_without_cookies_is_told_and_stores_nothing(client, town):
    visitor = Visitor(client, keeps_cookies=False)
    page = visitor.get(there(visitor.post(f"/{town.id}/survey/pulse")))
    assert "Slå cookies til" in text(page)
    assert there(visitor.post(f"/{town.id}/survey/pulse/satisfaction", answer="9")).endswith("begun=1")
    assert responses_of(town.id) == []


@pytest.mark.parametrize("path", ["survey/skive", "survey/nothing", "survey/pulse?office=nowhere"])
def test_only_what_the_municipality_opened_is_open(client, town, path):
    assert Visitor(client).get(f"/{town.id}/{path}").status_code == 404


def test_anothers_entry_opens_nothing(client, town):
    other = store_municipality(a_municipality_document(id=f"modeby{next(_NUMBERS)}", asking=ASKING))
    visitor = Visitor(client)
    visitor.post(f"/{town.id}/survey/pulse")
    assert "Start" in text(visitor.get(f"/{other.id}/survey/pulse"))


@pytest.mark.requirement("GL-66")
def test_an_open_survey_in_arabic_reads_from_right_to_left_and_keeps_answers_on_a_switch(client, town):
    visitor = Visitor(client)
    page = text(visitor.get(f"/{town.id}/survey/pulse?lang=ar"))
    assert 'dir="rtl"' in page
    assert "ابدأ" in page
    assert "Polski" not in page, "the municipality does not offer it"
    first = there(visitor.get(there(visitor.post(f"/{town.id}/survey/pulse?lang=ar"))))
    assert "lang=ar" in first
    second = there(visitor.post(first, answer="8"))
    assert "نعم" in text(visitor.get(second))
    back = text(visitor.get(first.replace("lang=ar", "lang=en")))
    assert re.search(r'value="8" checked', back)
    assert 'dir="ltr"' in back


@pytest.mark.requirement("GL-03", "GL-19", "GL-36")
def test_the_large_survey_follows_its_route_and_forgives_a_change_of_mind(client, town):
    visitor = Visitor(client)
    address = there(visitor.get(there(visitor.post(f"/{town.id}/survey/gladsaxe"))))
    for answer in ("yes", "job-centre", "phone", "satisfied", "high"):
        address = there(visitor.post(address, answer=answer))
    assert "phone-quick-to-understand" in address
    changed = there(visitor.post(f"/{town.id}/survey/gladsaxe/latest-channel", answer="e_mail"))
    assert "satisfaction" in changed
    gone = visitor.get(f"/{town.id}/survey/gladsaxe/phone-quick-to-understand")
    assert gone.status_code == 303, "a question that is not on the route leads to where one stands"
    for name, answer in (("e-mail-quick", "agree"), ("e-mail-purpose", "agree"), ("e-mail-overall", "agree")):
        visitor.post(f"/{town.id}/survey/gladsaxe/{name}", answer=answer)
    too_many = visitor.post(
        f"/{town.id}/survey/gladsaxe/e-mail-prerequisites", answer=["quick-reply", "solved", "plain-words", "receipt"]
    )
    assert too_many.status_code == 422
    assert "Vælg højst 3" in text(too_many)
    assert stored(town.id).stopped_at is not None


def test_screened_out_is_thanked_and_recorded(client, town):
    visitor = Visitor(client)
    address = there(visitor.get(there(visitor.post(f"/{town.id}/survey/gladsaxe"))))
    thanks = visitor.get(there(visitor.post(address, answer="no")))
    assert "Resten af spørgsmålene" in text(thanks)
    assert stored(town.id).eligible is False


def kiosk(client: Client, town, staff_token) -> Visitor:
    return Visitor(client, bearer=staff_token("kiosk", town.id), keeps_cookies=False)


@pytest.mark.requirement("GE-17", "GE-26")
def test_at_the_kiosk_each_passer_by_is_a_response_and_the_screen_forgets(client, town, staff_token):
    visitor = kiosk(client, town, staff_token)
    start = f"/{town.id}/kiosk/raadhuset/survey"
    assert "Hvordan gik det i dag?" in text(visitor.get(start))
    for _ in range(2):
        first = there(visitor.post(start, ticket=""))
        assert "entry=" in first
        done = answer_pulse(visitor, first)
        assert "klar til den næste" in text(done)
        assert f"/{town.id}/kiosk/raadhuset?lang=da" in text(done)
    found = responses_of(town.id)
    assert [row.document["mode"] for row in found] == ["kiosk", "kiosk"]
    assert {row.document["facts"]["office"] for row in found} == {"raadhuset"}


def served(town):
    """A walk-in who is done, at this moment."""
    from chalicelib.contacts.model import Origin
    from chalicelib.visits.model import ConsentFacts
    from chalicelib.visits.reception import WalkIn

    visits = bootstrap.visits()
    walk_in = WalkIn(reasons=("passport",), origin=Origin.KIOSK, language="da", consent=ConsentFacts(), phone=None)
    place = visits.walk_in(town, "raadhuset", walk_in, idempotency_key=None)
    yield place.visit
    called = visits.call_next(town, "raadhuset", "1")
    visits.start(town, called.id)
    visits.complete(town, called.id)
    yield place.visit


def test_at_the_kiosk_a_number_is_asked_once_about_its_visit(client, town, staff_token):
    visitor, start = kiosk(client, town, staff_token), f"/{town.id}/kiosk/raadhuset/survey"
    steps = served(town)
    early = visitor.post(start, ticket=next(steps).ticket)
    assert early.status_code == 422
    assert "blandt dem, der er blevet færdige" in text(early)
    visit = next(steps)
    first = there(visitor.post(start, ticket=f" {visit.ticket.lower()} "))
    answer_pulse(visitor, first)
    found = stored(town.id)
    assert (found.contact_id, found.mode, found.facts.reason) == (visit.ulid, Mode.KIOSK, "passport")
    again = visitor.post(start, ticket=visit.ticket)
    assert (again.status_code, "allerede svaret med det nummer" in text(again)) == (422, True)
    assert stored(town.id) == found


def test_at_the_kiosk_a_number_shows_nobody_what_was_answered_and_ends_soon(client, town, staff_token):
    visitor, start = kiosk(client, town, staff_token), f"/{town.id}/kiosk/raadhuset/survey"
    *_, visit = served(town)
    first = there(visitor.post(start, ticket=visit.ticket))
    visitor.post(first, answer="7")
    stranger = visitor.post(start, ticket=visit.ticket)
    assert (stranger.status_code, "allerede svaret med det nummer" in text(stranger)) == (422, True)
    *_, later = served(town)
    clock = FixedClock(bootstrap.clock().now() + JUST_ENDED + timedelta(minutes=1))
    bootstrap.use_clock(clock)
    try:
        late = visitor.post(start, ticket=later.ticket)
    finally:
        bootstrap.use_clock(SystemClock())
    assert (late.status_code, "blandt dem, der er blevet færdige" in text(late)) == (422, True)


def test_the_kiosks_survey_is_the_kiosks(client, town, staff_token):
    start = f"/{town.id}/kiosk/raadhuset/survey"
    assert Visitor(client).get(start).status_code == 303
    assert Visitor(client, bearer=staff_token("leader", town.id)).get(start).status_code == 403
    forged = kiosk(client, town, staff_token).get(f"{start}?entry=1.e30.e30")
    assert forged.status_code == 404


SETUP = {"questionnaire": "skive", "mode": "face_to_face", "place": "Rådhusets forhal", "interviewer": "i7"}
FILLED = {f"a-{name}": str(value) for name, value in COMPLETE.items()}


@pytest.mark.requirement("GL-04", "GL-05")
def test_an_interviewer_goes_from_one_respondent_to_the_next(client, town, staff_token):
    visitor = Visitor(client, bearer=staff_token("interviewer", town.id))
    assert "Gør klar til interview" in text(visitor.get(f"/{town.id}/interview"))
    page = text(visitor.get(f"/{town.id}/interview?{urlencode(SETUP)}"))
    assert "Rådhusets forhal" in page
    key = re.search(r'name="request" value="([0-9a-f]+)"', page)[1]
    for _ in range(2):
        next_one = there(visitor.post(f"/{town.id}/interview", **SETUP, **FILLED, request=key))
    assert len(responses_of(town.id)) == 1, "a press that is sent twice is one interview"
    kept = {name: values[0] for name, values in parse_qs(urlsplit(next_one).query).items()}
    assert SETUP.items() <= kept.items()
    assert "Gemt. 1 interview" in text(visitor.get(next_one))
    found = stored(town.id)
    assert (found.mode, found.facts.place, found.facts.interviewer) == (Mode.FACE_TO_FACE, "Rådhusets forhal", "i7")
    assert found.answers == COMPLETE


@pytest.mark.requirement("SK-02")
@pytest.mark.parametrize(("said", "expected"), [("yes", True), ("no", False), ("", None)])
def test_an_interviewer_reads_the_question_about_quoting_aloud(client, town, staff_token, said, expected):
    store_municipality(a_municipality_document(id=town.id, asking=ASKING, consent_texts=ALL_CONSENTS))
    visitor = Visitor(client, bearer=staff_token("interviewer", town.id))
    page = text(visitor.get(f"/{town.id}/interview?{urlencode(SETUP)}"))
    assert re.search(r'name="comment_use" value="" checked', page), "not asked, until something is answered"
    told = {**SETUP, **FILLED, "a-comment": "God hjælp.", "comment_use": said, "comment_use_version": "c-1"}
    there(visitor.post(f"/{town.id}/interview", **told, request="0" * 24))
    kept = stored(town.id).comment_use
    assert (kept.granted if kept else None) is expected
    assert kept is None or (kept.origin, kept.by) == ("face_to_face", "i7")


@pytest.mark.requirement("SK-02")
def test_a_browser_that_said_yes_to_quoting_can_say_no_again(client, town):
    store_municipality(a_municipality_document(id=town.id, asking=ASKING, consent_texts=ALL_CONSENTS))
    visitor = Visitor(client)
    start = f"/{town.id}/survey/pulse"
    visitor.post(start)
    assert "Du kan sige nej igen i denne browser." in text(visitor.get(f"{start}/comment"))
    for question, answer in {"satisfaction": "9", "got-answer": "yes"}.items():
        visitor.post(f"{start}/{question}", answer=answer)
    visitor.post(f"{start}/comment", answer="Fint.", comment_use="yes", comment_use_version="c-1")
    assert stored(town.id).comment_use.granted
    assert "Gengiv det ikke alligevel" in text(visitor.get(start))
    assert "Vi gengiver det ikke" in text(visitor.post(f"{start}/comment-use"))
    assert stored(town.id).comment_use.withdrawn
    assert Visitor(client).post(f"{start}/comment-use").status_code == 404


def test_an_interview_with_a_gap_comes_back_as_it_was_filled_in(client, town, staff_token):
    visitor = Visitor(client, bearer=staff_token("desk", town.id))
    response = visitor.post(f"/{town.id}/interview", **SETUP, **{"a-satisfaction": "7", "a-comment": "godt"})
    assert response.status_code == 422
    page = text(response)
    assert re.search(r'name="a-satisfaction" value="7" checked', page)
    assert ">godt</textarea>" in page
    assert 'href="#a-got-answer">Fik svar: Vælg et svar' in page, "which question, as several gaps read alike"
    assert responses_of(town.id) == []


@pytest.mark.parametrize(
    ("field", "value"), [("interviewer", "Birthe Kvist"), ("place", "ring 20123456"), ("department", "hos Birthe")]
)
def test_a_setup_that_would_name_somebody_is_refused(client, town, staff_token, field, value):
    visitor = Visitor(client, bearer=staff_token("interviewer", town.id))
    assert visitor.get(f"/{town.id}/interview?{urlencode({**SETUP, field: value})}").status_code == 422


def an_interview(**changes: Any) -> dict[str, Any]:
    return {
        "questionnaire": "skive",
        "version": "1",
        "mode": "phone",
        "channel": "phone",
        "department": "benefits",
        "answers": COMPLETE,
        **changes,
    }


def hand_in(client: Client, town_id: str, token: str | None, body: Any, key: str | None = None) -> HTTPResponse:
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"Idempotency-Key": key} if key else {}
    return client.http.post(
        f"/api/v1/municipalities/{town_id}/responses", headers=headers, body=json.dumps(body).encode()
    )


@pytest.mark.requirement("GL-04")
def test_an_interview_is_handed_in_by_api_once(client, town, staff_token):
    token = staff_token("interviewer", town.id)
    first = hand_in(client, town.id, token, an_interview(place="Jobcentret"), "k1")
    assert first.status_code == 201
    again = hand_in(client, town.id, token, an_interview(place="Jobcentret"), "k1")
    assert (again.status_code, again.json_body) == (201, first.json_body)
    other = hand_in(client, town.id, token, an_interview(place="Borgerservice"), "k1")
    assert (other.status_code, other.json_body["code"]) == (422, "idempotency_key_reused")
    found = stored(town.id)
    assert (found.contact_id, found.facts.channel, found.facts.place) == (first.json_body["id"], "phone", "Jobcentret")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"mode": "sms_link"}, 422),
        ({"channel": "pigeon"}, 422),
        ({"version": "0"}, 404),
        ({"questionnaire": "nothing"}, 404),
        ({"answers": {"satisfaction": 11}}, 422),
        ({"answers": []}, 422),
        ({"answers": {}}, 422),
        ({"language": "xx"}, 422),
        ({"place": 7}, 422),
        ({"department": "ringede fra 20123456"}, 422),
        ({"interviewer": "x" * 61}, 422),
    ],
)
def test_what_is_wrong_with_an_interview_is_said_and_nothing_is_stored(client, town, staff_token, changes, status):
    response = hand_in(client, town.id, staff_token("interviewer", town.id), an_interview(**changes))
    assert response.status_code == status, response.json_body
    assert responses_of(town.id) == []


def test_only_interviewers_of_the_municipality_hand_in(client, town, staff_token):
    assert hand_in(client, town.id, None, an_interview()).status_code == 401
    assert hand_in(client, town.id, staff_token("leader", town.id), an_interview()).status_code == 403
    assert hand_in(client, town.id, staff_token("interviewer", "elsewhere"), an_interview()).status_code == 404


@pytest.mark.requirement("GL-10", "GL-19")
def test_the_preview_shows_everything_in_every_language_and_stores_nothing(client, town, staff_token):
    visitor = Visitor(client, bearer=staff_token("leader", town.id))
    assert "Den store borgermåling" in text(visitor.get(f"/{town.id}/setup/questionnaires"))
    page = text(visitor.get(f"/{town.id}/setup/questionnaires/gladsaxe"))
    for part in ("Kun hvis", "Seneste kontaktform: Telefon", "Kan vises for medarbejderen"):
        assert part in page
    assert f'href="/{town.id}/setup/questionnaires/gladsaxe?in=da&lang=en"' in page
    behind = [text(visitor.get(f"/{town.id}/setup/questionnaires/{name}")) for name in ("skive", "gladsaxe")]
    assert ["Sms'en, der fører hertil" in each for each in behind] == [True, False], "where a message leads there"
    assert "Tak for dit besøg" in behind[0]
    assert "Tak for din henvendelse" in behind[0], "who called gets the same questionnaire"
    only = text(visitor.get(f"/{town.id}/setup/questionnaires/gladsaxe?channel=phone"))
    assert "phone-overall" in only
    assert "e-mail-overall" not in only
    arabic = text(visitor.get(f"/{town.id}/setup/questionnaires/pulse?in=ar"))
    assert "هل حصلت على إجابة" in arabic
    assert "Åbne adresser" in arabic
    assert visitor.get(f"/{town.id}/setup/questionnaires/nothing").status_code == 404
    assert (
        Visitor(client, bearer=staff_token("desk", town.id)).get(f"/{town.id}/setup/questionnaires").status_code == 403
    )
    assert responses_of(town.id) == []


class Finished:
    """Somebody whose questionnaire is finished, and their link."""

    def __init__(self, town) -> None:
        self.contact_id = f"01JDC0NTACT{next(_NUMBERS) + 7000:015d}"
        self.token = link_token(bootstrap.keys(), "survey", f"{town.id}|{self.contact_id}")
        until = bootstrap.clock().now() + timedelta(days=1)
        add_link(token_hash(self.token), a_link(municipality=town.id, contact_id=self.contact_id, until=until))
        add_invitation(town.id, self.contact_id)

    def finish(self) -> Finished:
        bootstrap.surveys().finish(self.token, COMPLETE)
        return self


def test_a_citizen_leaves_a_number_and_somebody_calls_and_it_is_gone(client, town, staff_token, caplog):
    caplog.set_level(logging.INFO)  # botocore prints requests at DEBUG, which no deployment has on
    citizen = Finished(town).finish()
    visitor = Visitor(client)
    page = text(visitor.get(f"/s/{citizen.token}"))
    assert "Vil du have, at vi ringer til dig?" in page
    refused = visitor.post(f"/s/{citizen.token}/callback", phone="20123456", about="Om mit pas")
    assert refused.status_code == 422
    assert "20123456" in text(refused), "what was written comes back"
    wrong = visitor.post(f"/s/{citizen.token}/callback", phone="123", agreed="yes")
    assert wrong.status_code == 422
    told = visitor.get(
        there(visitor.post(f"/s/{citizen.token}/callback", phone="20 12 34 56", about="Om mit pas", agreed="yes"))
    )
    assert "Vi har dit nummer" in text(told)
    desk = Visitor(client, bearer=staff_token("desk", town.id))
    listed = text(desk.get(f"/{town.id}/callbacks"))
    assert "+4520123456" in listed
    assert "Om mit pas" in listed
    assert citizen.contact_id not in listed
    wish = re.search(r'name="callback" value="([0-9a-f]+)"', listed)[1]
    closed = text(desk.get(there(desk.post(f"/{town.id}/callbacks", callback=wish))))
    assert "Nummeret er slettet" in closed
    assert "20123456" not in closed
    assert "20123456" not in caplog.text


def test_a_number_is_taken_only_from_who_has_finished_and_where_it_is_offered(client, town, tenant):
    unfinished = Finished(town)
    visitor = Visitor(client)
    fields = {"phone": "20123456", "agreed": "yes"}
    visitor.post(f"/s/{unfinished.token}/callback", **fields)
    assert tuple(bootstrap.callbacks().open(town.id)) == ()
    elsewhere = Finished(tenant).finish()
    assert "ringer til dig?" not in text(visitor.get(f"/s/{elsewhere.token}"))
    assert visitor.post(f"/s/{elsewhere.token}/callback", **fields).status_code == 403


def test_erasing_a_contact_takes_its_call_back_with_it(client, town):
    citizen = Finished(town).finish()
    contact = a_contact(id=citizen.contact_id, municipality=town.id)
    contact_row(contact, bootstrap.clock().now()).save()
    Visitor(client).post(f"/s/{citizen.token}/callback", phone="20123456", agreed="yes")
    assert len(bootstrap.callbacks().open(town.id)) == 1
    bootstrap.erasure().erase(town.id, citizen.contact_id)
    assert tuple(bootstrap.callbacks().open(town.id)) == ()
    assert responses_of(town.id) == []
    with pytest.raises(bound(LinkItem).DoesNotExist):
        bound(LinkItem).get(token_hash(citizen.token), "link")


def test_every_ready_questionnaire_can_be_previewed_and_interviewed(client, town, staff_token):
    reader = Visitor(client, bearer=staff_token("analyst", town.id))
    asker = Visitor(client, bearer=staff_token("interviewer", town.id))
    for name in bootstrap.questionnaires().available(town.id):
        assert reader.get(f"/{town.id}/setup/questionnaires/{name}?lang=en").status_code == 200
        assert asker.get(f"/{town.id}/interview?mode=phone&questionnaire={name}&lang=en").status_code == 200


@pytest.mark.requirement("GL-04", "GL-18")
def test_an_interview_lands_with_its_facts_and_leaves_the_accounts_of_contacts_alone(client, town, staff_token):
    token = staff_token("interviewer", town.id)
    handed_in = hand_in(client, town.id, token, an_interview(place="Jobcentret", interviewer="i7")).json_body["id"]
    assert bootstrap.landing().land_response(town.id, handed_in) is Landing.LANDED
    now = bootstrap.clock().now()
    landed = s3_client(settings().region).get_object(
        Bucket=settings().lake_bucket,
        Key=f"{landing_prefix('answers', town.id, month_of(now))}{handed_in}.json",
    )
    rows = [json.loads(line) for line in landed["Body"].read().splitlines()]
    assert {row["question"] for row in rows} == set(COMPLETE)
    assert {(row["mode"], row["channel"], row["department"]) for row in rows} == {("phone", "phone", "benefits")}
    equation = bootstrap.reconciliation().equation(town.id, month_of(now), now + timedelta(days=400))
    assert (equation.completed, equation.adds_up) == (0, True)
