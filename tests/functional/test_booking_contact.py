"""How a citizen is reached: phone of any country, e-mail instead, or nothing; reminders; found again by either."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import bootstrap
from tests.browsing import book, confirm, filled, form_path, hidden, path_of, text, words
from tests.builders import a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from chalicelib.booking.model import Appointment
    from chalicelib.municipalities.model import Municipality

ABROAD = "+380 50 123 4567"


@pytest.fixture
def mailing(tenant) -> Municipality:
    """A municipality that also writes e-mail."""
    return store_municipality(a_municipality_document(id=tenant.id, email_from="borgerservice@fjordby.example"))


def appointment_of(response: Any) -> Appointment:
    return bootstrap.booking().find_by_token(path_of(response).split("?")[0].rsplit("/", 1)[-1])


def test_nothing_need_be_given_and_the_page_says_that_it_must_be_kept(browser, mailing):
    check = browser.post(form_path(mailing), filled(browser, form_path(mailing), phone="", name=""))
    assert "Du får ingen besked. Gem i stedet den næste side." in words(check)
    receipt = browser.get(path_of(confirm(browser, form_path(mailing), check)))
    assert "Gem denne side, eller skriv koden ned" in words(receipt)


def test_a_number_that_can_not_be_texted_is_said_honestly_and_email_asked_once(browser, mailing):
    asked = browser.post(form_path(mailing), filled(browser, form_path(mailing), phone=ABROAD))
    assert asked.status_code == 422
    assert "Vi sender ikke sms til numre i det land. Skriv din e-mail" in words(asked)
    typed = {**hidden(asked), "phone": ABROAD, "name": "Åse", "action": "check"}
    without = browser.post(form_path(mailing), typed)
    assert without.status_code == 200, "it stays the citizen's choice"
    assert "Du får ingen besked." in words(without)
    with_email = browser.post(form_path(mailing), {**typed, "email": "aase@example.dk"})
    assert "På e-mail" in words(with_email)
    booked = confirm(browser, form_path(mailing), with_email)
    assert appointment_of(booked).email == "aase@example.dk"
    assert "Du får en e-mail med koden" in words(browser.get(path_of(booked)))


def test_the_form_says_which_numbers_are_texted(browser, tenant):
    assert "Vi sender sms til numre, der begynder med +45." in words(browser.get(form_path(tenant)))


def test_email_is_only_asked_for_where_it_is_used(browser, tenant, mailing):
    other = store_municipality(a_municipality_document(id=f"{tenant.id}-e"))
    assert 'name="email"' in text(browser.get(form_path(mailing)))
    assert 'name="email"' not in text(browser.get(form_path(other)))


@pytest.mark.parametrize("email", ["aase", "aase@", "@example.dk", "a b@example.dk", "x" * 250 + "@example.dk"])
def test_what_is_no_address_is_said_at_its_field(browser, mailing, email):
    page = browser.post(form_path(mailing), filled(browser, form_path(mailing), email=email))
    assert page.status_code == 422
    assert text(page).count("Tjek e-mailadressen.") == 2


def test_the_reminder_is_on_and_can_be_declined(browser, mailing):
    later = form_path(mailing).replace("20261124", "20261126")
    page = text(browser.get(later))
    assert re.search(r'id="reminder"[^>]*checked', page)
    assert "Mind mig om tiden onsdag den 25. november 2026 kl. 10.00" in page
    assert appointment_of(book(browser, mailing, path=later, reminder="yes")).reminder
    declined = appointment_of(book(browser, mailing, path=later.replace("T0800Z", "T0900Z")))
    assert not declined.reminder, "a box that is not ticked is not sent"


def test_no_reminder_is_offered_that_could_not_come(browser, tenant):
    assert 'name="reminder"' not in text(browser.get(form_path(tenant))), "its moment is now"


def test_an_earlier_time_can_be_asked_for_by_who_can_be_told(browser, mailing):
    asked = filled(browser, form_path(mailing), want_earlier="yes", phone="")
    refused = browser.post(form_path(mailing), asked)
    assert "Skriv, hvor vi kan fange dig" in text(refused)
    booked = book(browser, mailing, want_earlier="yes")
    assert appointment_of(booked).want_earlier
    today = form_path(mailing).replace("20261124T0800Z", "20261123T1000Z")
    assert 'name="want_earlier"' not in text(browser.get(today)), "nothing is earlier than today"


def test_found_by_code_and_email(browser, mailing):
    booked = book(browser, mailing, email="Aase@Example.dk", phone="")
    page = path_of(booked).split("?")[0]
    code = appointment_of(booked).code
    found = browser.post(f"/{mailing.id}/find", {"code": code, "contact": "aase@example.DK"})
    assert path_of(found) == page
    for contact in ("bo@example.dk", "20 12 34 56"):
        wrong = browser.post(f"/{mailing.id}/find", {"code": code, "contact": contact})
        assert wrong.status_code == 422
        assert "Vi kan ikke finde en tid med de oplysninger." in words(wrong)
    bad = browser.post(f"/{mailing.id}/find", {"code": code, "contact": "aase@"})
    assert "Tjek e-mailadressen." in words(bad)


def test_a_number_with_too_many_appointments_is_told_at_its_field(browser, tenant):
    document = a_municipality_document(id=tenant.id)
    document["booking"]["open_per_phone"] = 1
    town = store_municipality(document)
    assert book(browser, town).status_code == 303
    refused = book(browser, town, path=form_path(town).replace("T0800Z", "T0900Z"))
    assert refused.status_code == 422
    assert "Det nummer har allerede så mange kommende tider" in words(refused)


def test_the_cut_off_is_explained_before_and_after(browser, tenant, still_clock):
    document = a_municipality_document(id=tenant.id)
    document["booking"]["cancel_cutoff_minutes"] = 120
    town = store_municipality(document)
    page = path_of(book(browser, town)).split("?")[0]
    assert "Du kan flytte eller aflyse indtil i morgen kl. 7.00." in words(browser.get(page))
    still_clock.advance(hours=21, minutes=30)
    late = browser.get(page)
    assert "Tiden kunne flyttes eller aflyses her indtil" in words(late)
    assert "Ring til os" in words(late)
    assert "Aflys tiden" not in words(late)
