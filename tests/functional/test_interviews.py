"""Interviewers, their API and the preview, through the Chalice app and the embedded AWS."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from itertools import count
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.lake.s3_lake import s3_client
from chalicelib.lake.landing import landing_prefix
from chalicelib.lake.service import Landing
from chalicelib.settings import settings
from chalicelib.shared.clock import month_of
from chalicelib.surveys.model import Mode
from tests.answering import ASKING, Visitor, an_interview, hand_in, responses_of, stored, text, there
from tests.builders import ALL_CONSENTS, a_municipality_document
from tests.embedded import store_municipality
from tests.fakes.surveys import COMPLETE

_NUMBERS = count(1)
SETUP = {"questionnaire": "skive", "mode": "face_to_face", "place": "Rådhusets forhal", "interviewer": "i7"}
FILLED = {f"a-{name}": str(value) for name, value in COMPLETE.items()}


@pytest.fixture
def town(embedded):
    return store_municipality(a_municipality_document(id=f"interviewby{next(_NUMBERS)}", asking=ASKING))


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
