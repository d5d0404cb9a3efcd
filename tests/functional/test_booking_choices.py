"""Several reasons and persons, ways to meet, deep links, picking up, other ways, edge hours: by the citizen's pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib import bootstrap
from chalicelib.booking.alternatives import AlternativeCount
from chalicelib.municipalities.model import Meeting
from chalicelib.visits.notices import Level, NewNotice, NoticeKind
from tests.browsing import START, book, confirm, filled, hidden, links, path_of, text, words
from tests.builders import MONDAY, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality
    from tests.browsing import Browser


@pytest.fixture
def town(tenant: Municipality) -> Municipality:
    """Passports for families, pensions also by phone and video, permits to be picked up, another desk for advice."""
    document = a_municipality_document(id=tenant.id)
    passport, licence = document["reasons"]
    passport.update(max_persons=4, minutes_per_person=5)

    def reason(name: str, **more: Any) -> dict[str, Any]:
        return {**licence, "id": name, "name": {"da": name.title(), "en": name.title()}, "alternatives": [], **more}

    document["reasons"] += [
        reason("pension", meetings=["in_person", "phone", "video"]),
        reason("permit", pick_up=True),
        reason("advice", discreet=True),
    ]
    office = document["offices"][0]
    counter = office["desk_groups"][0]
    counter["reasons"] += ["pension", "permit"]
    evening = {"weekdays": [4], "opens": "15:00", "closes": "17:30", "desks": 1}
    counter["opening"].append(evening)
    office["desk_groups"].append({"id": "rooms", "desks": ["3"], "reasons": ["advice"], "opening": counter["opening"]})
    return store_municipality(document)


def appointment_of(response: Any) -> Appointment:
    token = urlsplit(path_of(response)).path.rsplit("/", 1)[-1]
    return bootstrap.booking().find_by_token(token)


def test_reasons_are_added_and_removed_and_the_duration_follows(browser: Browser, town):
    one = browser.get(f"/{town.id}/book/passport")
    assert "cirka 10 minutter" in words(one)
    assert f"/{town.id}/book/passport.licence" in links(one)
    both = browser.get(f"/{town.id}/book/passport.licence")
    assert "cirka 30 minutter" in words(both)
    assert f"/{town.id}/book/licence" in links(both), "remove the passport"
    assert "Fjern" not in words(one)


def test_only_what_goes_together_is_offered_and_what_does_not_is_said_clearly(browser, town):
    offered = [link for link in links(browser.get(f"/{town.id}/book/passport")) if "/book/passport." in link]
    assert offered == [f"/{town.id}/book/passport.licence", f"/{town.id}/book/passport.pension"]
    apart = browser.get(f"/{town.id}/book/passport.advice")
    assert "Det kan ikke klares på ét besøg" in words(apart)
    assert {f"/{town.id}/book/passport", f"/{town.id}/book/advice"} <= set(links(apart))
    assert browser.get(f"/{town.id}/book/passport.advice/raadhuset").status_code == 404


def test_more_than_five_reasons_are_no_address(browser, town):
    assert browser.get(f"/{town.id}/book/passport.licence.pension.advice.permit.other").status_code == 404


def test_each_further_person_makes_it_longer_and_is_booked(browser, town):
    page = browser.get(f"/{town.id}/book/passport?persons=3")
    assert "cirka 20 minutter" in words(page)
    steps = {parse_qs(urlsplit(link).query).get("persons", ["1"])[0] for link in links(page) if "#visit" in link}
    assert steps == {"2", "4"}
    most = browser.get(f"/{town.id}/book/passport?persons=99")
    assert "cirka 25 minutter" in words(most), "brought to what is possible"
    onwards = next(link for link in links(page) if "/raadhuset?" in link)
    assert onwards == f"/{town.id}/book/passport/raadhuset?persons=3"
    booked = appointment_of(book(browser, town, path=f"/{town.id}/book/passport/raadhuset/{START}?persons=3"))
    assert booked.persons == 3
    assert (booked.end - booked.start).total_seconds() == 20 * 60


@pytest.mark.parametrize(
    ("query", "minutes"), [("persons=x", 10), ("persons=0", 10), ("persons=-3", 10), ("persons=²", 10)]
)
def test_nonsense_persons_are_one(browser, town, query, minutes):
    assert f"cirka {minutes} minutter" in words(browser.get(f"/{town.id}/book/passport?{query}"))


def test_a_meeting_by_phone_asks_for_the_number_to_call(browser, town):
    page = browser.get(f"/{town.id}/book/pension")
    assert f"/{town.id}/book/pension?meeting=phone#visit" in links(page)
    assert "Hvem skal ringe til dig?" in words(browser.get(f"/{town.id}/book/pension?meeting=phone"))
    path = f"/{town.id}/book/pension/raadhuset/{START}?meeting=phone"
    refused = browser.post(path, filled(browser, path, phone=""))
    assert refused.status_code == 422
    assert "Skriv det nummer, vi skal ringe til." in text(refused)
    booked = book(browser, town, path=path)
    assert appointment_of(booked).meeting is Meeting.PHONE
    receipt = words(browser.get(path_of(booked)))
    assert "Vi ringer til dig" in receipt
    assert "Meld din ankomst" not in receipt


def test_a_video_meeting_asks_for_an_email_address(browser, town):
    path = f"/{town.id}/book/pension/raadhuset/{START}?meeting=video"
    refused = browser.post(path, filled(browser, path))
    assert "Skriv den e-mail, vi skal sende linket til videomødet til." in text(refused)
    booked = appointment_of(book(browser, town, path=path, email="aase@example.dk"))
    assert (booked.meeting, booked.email) == (Meeting.VIDEO, "aase@example.dk")


@pytest.mark.requirement("GL-21")
def test_what_needs_attendance_is_met_for_whatever_the_address_says(browser, town):
    page = browser.get(f"/{town.id}/book/passport?meeting=phone")
    assert "Loven kræver, at du møder op." in words(page)
    assert "Hvor vil du møde op?" in words(page)


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("reason=passport", "/book/passport"),
        ("reason=passport&office=raadhuset", "/book/passport/raadhuset"),
        ("reason=passport&reason=pension&office=raadhuset", "/book/passport.pension/raadhuset"),
        ("reason=passport.pension", "/book/passport.pension"),
        ("reason=licence&office=raadhuset", "/book/licence?office=raadhuset"),
        ("reason=pension&office=raadhuset", "/book/pension?office=raadhuset"),
        ("reason=passport&office=nowhere", "/book/passport"),
        ("reason=permit&office=raadhuset", "/book/permit?office=raadhuset"),
    ],
)
def test_a_deep_link_leads_to_the_first_screen_with_something_to_choose(browser, town, query, there):
    assert path_of(browser.get(f"/{town.id}/book?{query}")) == f"/{town.id}{there}"


def test_a_deep_link_to_what_is_not_there_says_so_and_shows_the_list(browser, town):
    page = browser.get(f"/{town.id}/book?reason=dragons&office=raadhuset")
    assert page.status_code == 200
    assert "Linket passer ikke" in words(page)
    assert f"/{town.id}/book/passport?office=raadhuset" in links(page), "the office is kept"


def test_what_is_picked_up_has_hours_and_never_times(browser, town):
    page = browser.get(f"/{town.id}/book/permit")
    assert "Du behøver ingen tid" in words(page)
    assert "Torsdag den 26. november 2026 09.00–17.30" in words(page).replace("torsdag", "Torsdag")
    assert "lørdag" not in words(page), "closed"
    assert not [link for link in links(page) if "/raadhuset" in link]
    assert browser.get(f"/{town.id}/book/permit/raadhuset").status_code == 404
    assert browser.post(f"/{town.id}/book/permit/raadhuset", {"start": START}).status_code == 404


@pytest.mark.requirement("FR-12")
@pytest.mark.requirement("FR-13")
def test_another_way_is_offered_first_counted_and_its_refusal_recorded(browser, town):
    day = MONDAY.date()
    page = browser.get(f"/{town.id}/book/licence")
    assert "Du kan også klare det uden en tid" in words(page)
    assert f"/{town.id}/alternatives/licence/0" in links(page)
    onwards = next(link for link in links(page) if "/raadhuset" in link)
    assert onwards.endswith("?seen=1")

    taken = browser.get(f"/{town.id}/alternatives/licence/0")
    assert path_of(taken) == "https://fjordby.example/licence"
    booked = appointment_of(book(browser, town, path=f"/{town.id}/book/licence/raadhuset/{START}?seen=1"))
    assert booked.alternatives_seen
    counts = bootstrap.alternative_counts().of_month(town.id, "2026-11")
    assert counts == [AlternativeCount(day, "licence", offered=1, accepted=1)]

    assert "uden en tid" not in words(browser.get(f"/{town.id}/book/passport"))
    straight = book(browser, town, path=f"/{town.id}/book/passport/raadhuset/{START}?seen=1", phone="")
    assert not appointment_of(straight).alternatives_seen, "none may be offered for a passport"


def test_whoever_takes_another_way_from_the_list_was_offered_it_there(browser, town):
    page = browser.get(f"/{town.id}/book")
    link = f"/{town.id}/alternatives/licence/0?from=list"
    assert link in links(page)
    path_of(browser.get(link))
    counts = bootstrap.alternative_counts().of_month(town.id, "2026-11")
    assert [(entry.offered, entry.accepted) for entry in counts] == [(1, 1)]


@pytest.mark.parametrize("path", ["licence/1", "licence/x", "licence/-1", "licence/²", "passport/0", "dragons/0"])
def test_a_redirect_leads_only_where_the_file_says(browser, town, path):
    answer = browser.get(f"/{town.id}/alternatives/{path}?to=https://elsewhere.example&0=//elsewhere.example")
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_phone_number_is_shown_to_be_called(browser, tenant):
    document = a_municipality_document(id=tenant.id)
    way = {"channel": "phone", "text": {"da": "Ring til os", "en": "Call us"}, "target": "70 00 00 00"}
    document["reasons"][1]["alternatives"] = [way]
    store_municipality(document)
    page = browser.get(f"/{tenant.id}/alternatives/licence/0")
    assert page.status_code == 200
    assert 'href="tel:70000000"' in text(page)


@pytest.mark.requirement("FR-08")
def test_edge_hours_can_be_asked_for(browser, town):
    page = browser.get(f"/{town.id}/book/passport/raadhuset")
    edge = f"/{town.id}/book/passport/raadhuset?edge=1"
    assert edge in links(page)
    only = browser.get(edge)
    starts = re.findall(r'name="start" value="(\d{8}T\d{4}Z)"', text(only))
    assert starts, "Thursday has times after four"
    assert all(start[9:11] >= "15" for start in starts), "UTC, an hour behind"
    assert set(re.findall(r"day=([\d-]+)", text(only))) == {"2026-11-26", "2026-12-03"}
    form = next(link for link in re.findall(r'action="([^"]+)"', text(only)) if "raadhuset" in link)
    assert "edge=1" in form, "the choice goes along"


@pytest.mark.requirement("BF-14")
def test_what_is_out_of_order_is_said_past_the_start_page_where_it_matters(browser, town):
    notice = NewNotice(
        kind=NoticeKind.OUTAGE,
        level=Level.WARNING,
        text={"da": "Pasmaskinen er nede", "en": "No passports"},
        reasons=("passport",),
    )
    bootstrap.notices().post(town, notice)
    for path, told in (
        ("passport", True),
        ("passport/raadhuset", True),
        ("licence", False),
        ("licence/raadhuset", False),
    ):
        assert ("Pasmaskinen er nede" in words(browser.get(f"/{town.id}/book/{path}"))) is told, path


def test_where_no_edge_hours_are_nothing_is_said_of_them(browser, tenant):
    assert "edge=1" not in text(browser.get(f"/{tenant.id}/book/passport/raadhuset"))


def test_edge_hours_without_a_free_time_say_so(browser, town):
    page = browser.get(f"/{town.id}/book/licence/raadhuset?edge=1&from=2027-01-22")
    assert "Der er ingen ledige tider så tidligt eller sent lige nu." in words(page), "a Friday, the horizon's last day"
    assert f"/{town.id}/book/licence/raadhuset" in links(page)


def test_the_calendar_never_offers_a_day_without_times(browser, town):
    days = re.findall(r"day=([\d-]+)", text(browser.get(f"/{town.id}/book/passport/raadhuset?persons=2")))
    assert days
    assert not {"2026-11-28", "2026-11-29"} & set(days)


@pytest.mark.requirement("GL-67")
def test_a_discreet_reason_is_never_in_sight_on_the_appointments_page(browser, town):
    booked = book(browser, town, path=f"/{town.id}/book/advice/raadhuset/{START}")
    page = path_of(booked).split("?")[0]
    shown = text(browser.get(page))
    hidden_part = re.search(r'<details class="bk-more bk-private">.*?</details>', shown, re.DOTALL)
    assert hidden_part
    assert "Advice" in hidden_part[0]
    assert "Advice" not in shown.replace(hidden_part[0], "")
    assert "Advice" not in text(browser.get(f"{page}/move"))
    assert "Advice" not in text(browser.get(f"{page}/calendar.ics"))
    browser.post(f"{page}/cancel", {})
    cancelled = browser.get(page)
    assert "advice" not in text(cancelled).lower()
    assert f"/{town.id}/book" in links(cancelled)


def test_a_cancelled_appointment_offers_a_new_time_for_the_same(browser, town):
    page = path_of(book(browser, town)).split("?")[0]
    browser.post(f"{page}/cancel", {})
    assert f"/{town.id}/book/passport/raadhuset" in links(browser.get(page))


def test_moving_keeps_persons_and_the_way_to_meet(browser, town):
    booked = book(browser, town, path=f"/{town.id}/book/passport/raadhuset/{START}?persons=4")
    page = path_of(booked).split("?")[0]
    browser.post(f"{page}/move", {"start": "20261125T0900Z"})
    moved = appointment_of(booked)
    assert moved.persons == 4
    assert (moved.end - moved.start).total_seconds() == 25 * 60


def test_choosing_another_language_keeps_the_choice(browser, town):
    page = browser.get(f"/{town.id}/book/passport?persons=3&lang=da")
    assert f"/{town.id}/book/passport?persons=3&lang=en" in links(page)


def test_the_way_from_times_to_the_receipt_keeps_everything(browser, town):
    times = f"/{town.id}/book/passport.pension/raadhuset?persons=2"
    form = path_of(browser.post(times, {"start": START}))
    assert parse_qs(urlsplit(form).query).keys() == {"persons", "hold"}
    check = browser.post(form, filled(browser, form))
    assert "2 personer" in words(check)
    booked = appointment_of(confirm(browser, form, check))
    assert (booked.persons, booked.reasons) == (2, ("passport", "pension"))
    assert hidden(check)["hold_id"]
