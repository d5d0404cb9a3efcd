"""Open link, QR code and kiosk, through the Chalice app and the embedded AWS."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.tables import ContactItem, bound
from chalicelib.entrypoints.surveys.kiosk_pages import JUST_ENDED
from chalicelib.shared.clock import SystemClock
from chalicelib.surveys.model import Mode
from tests.answering import ASKING, Visitor, answer_pulse, responses_of, stored, text, there
from tests.builders import ALL_CONSENTS, FixedClock, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from chalice.test import Client

_NUMBERS = count(1)


@pytest.fixture
def town(embedded):
    return store_municipality(a_municipality_document(id=f"modeby{next(_NUMBERS)}", asking=ASKING))


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
