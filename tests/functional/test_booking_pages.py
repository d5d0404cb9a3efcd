"""The citizen's pages, through Chalice and the embedded AWS, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.tables import AppointmentItem, bound
from tests.browsing import START, Browser, book, confirm, filled, form_path, hidden, path_of, text
from tests.builders import MONDAY, a_municipality_document
from tests.embedded import store_municipality


def test_the_whole_way_from_the_start_page_to_the_receipt(browser, tenant):
    start = browser.get(f"/{tenant.id}")
    assert "09.00–15.00" in text(start)
    assert "i dag kl. 10.00" in text(start)
    reasons = browser.get(f"/{tenant.id}/book")
    assert f'href="/{tenant.id}/book/passport"' in text(reasons)
    assert "Dit gamle pas" in text(reasons)
    assert "893 kr." in text(reasons)
    assert f'href="/{tenant.id}/alternatives/licence/0?from=list"' in text(reasons)
    offices = browser.get(f"/{tenant.id}/book/passport")
    assert f'href="/{tenant.id}/book/passport/raadhuset"' in text(offices)
    times = f"/{tenant.id}/book/passport/raadhuset"
    assert f'name="start" value="{START}"' in text(browser.get(f"{times}?day=2026-11-24"))
    form = path_of(browser.post(times, {"start": START}))
    assert form.startswith(f"{form_path(tenant)}?hold=")
    assert "Vi holder tiden til kl. 10.10" in text(browser.get(form))
    check = browser.post(form_path(tenant), filled(browser, form_path(tenant), survey_consent="yes"))
    assert "20 12 34 56" in text(check)
    assert "Vi holder tiden til kl. 10.10" in text(check)

    booked = confirm(browser, form_path(tenant), check)
    assert booked.status_code == 303
    assert re.fullmatch(rf"/{tenant.id}/appointments/\w{{14}}\?done=booked", path_of(booked))
    receipt = text(browser.get(path_of(booked)))
    code = re.search(r'class="bp-code"[^>]*>(\w{6})<', receipt)
    assert code is not None
    for said in ("Din tid er bestilt", "i morgen kl. 9.00", "Dit gamle pas", "Sms fra Fjordby", f"(kode {code[1]})"):
        assert said in receipt


@pytest.mark.requirement("SK-02")
def test_consent_is_asked_last_on_its_own_unticked_with_the_message_and_its_sender(browser, tenant):
    page = text(browser.get(form_path(tenant)))
    fieldset = re.search(r'<fieldset class="bk-consent">.*?</fieldset>', page, re.DOTALL)
    assert fieldset is not None
    assert page.index("<fieldset") > page.index('name="name"')
    assert "Sms fra Fjordby" in fieldset[0]
    assert "Tak for dit besøg hos Fjordby Kommune (kode" in fieldset[0]
    assert "checked" not in fieldset[0]
    assert fieldset[0].count("<input type=") == 1
    receipt = text(browser.get(path_of(book(browser, tenant))))
    assert "Du har sagt nej tak" in receipt, "no tick is no"


def test_a_double_submit_books_once(browser, tenant):
    check = browser.post(form_path(tenant), filled(browser, form_path(tenant)))
    first, second = (confirm(browser, form_path(tenant), check) for _ in range(2))
    assert path_of(first) == path_of(second)
    listed = list(bound(AppointmentItem).query(f"{tenant.id}#raadhuset#2026-11-24"))
    assert len(listed) == 1


def test_a_form_that_was_changed_after_booking_says_so(browser, tenant):
    check = browser.post(form_path(tenant), filled(browser, form_path(tenant)))
    confirm(browser, form_path(tenant), check)
    again = browser.post(form_path(tenant), {**hidden(check), "name": "Bo", "action": "confirm"})
    assert again.status_code == 422
    assert "Du har allerede bestilt" in text(again)


def test_errors_have_a_summary_and_lose_nothing(browser, tenant):
    typed = filled(browser, form_path(tenant), phone="12", name="Åse <b>", survey_consent="yes")
    page = browser.post(form_path(tenant), typed)
    assert page.status_code == 422
    assert "<title>Fejl: " in text(page)
    assert 'href="#phone"' in text(page)
    assert 'value="12"' in text(page)
    assert 'value="Åse <b>"' in text(page)
    assert "<b>" not in page.body.decode()
    assert re.search(r'id="survey_consent"[^>]*checked', text(page))


def test_yes_without_a_number_asks_for_it(browser, tenant):
    page = browser.post(form_path(tenant), filled(browser, form_path(tenant), phone="", survey_consent="yes"))
    assert page.status_code == 422
    assert "Skriv dit mobilnummer, hvis vi må sende dig en sms" in text(page)


def test_a_number_abroad_is_told_that_no_message_comes(browser, tenant):
    page = browser.post(form_path(tenant), filled(browser, form_path(tenant), phone="+380 50 123 4567"))
    assert "Vi sender ikke sms til numre i det land" in text(page)


def test_correcting_keeps_what_was_typed(browser, tenant):
    check = browser.post(form_path(tenant), filled(browser, form_path(tenant), survey_consent="yes"))
    edit = browser.post(form_path(tenant), hidden(check, form=0))
    assert edit.status_code == 200
    assert 'value="20 12 34 56"' in text(edit)
    again = browser.post(form_path(tenant), {**hidden(edit), "action": "check", "phone": "20 12 34 57", "name": "Åse"})
    assert confirm(browser, form_path(tenant), again).status_code == 303
    lanes = bootstrap.booking().slots(tenant, "raadhuset", ["passport"], MONDAY.date(), MONDAY.replace(day=24).date())
    assert next(slot.free for slot in lanes if slot.start == MONDAY.replace(day=24, hour=8)) == 1, "one hold, one place"


def test_a_time_taken_meanwhile_offers_the_nearest_and_keeps_what_was_typed(browser, tenant, still_clock):
    check = browser.post(form_path(tenant), filled(browser, form_path(tenant)))
    still_clock.advance(minutes=11)
    for _ in range(2):
        assert book(browser, tenant, phone="").status_code == 303
    late = confirm(browser, form_path(tenant), check)
    assert late.status_code == 409
    assert "Tiden er lige blevet taget" in text(late)
    nearest = re.findall(r'formaction="([^"]+)"', text(late))
    assert nearest[0].endswith("20261124T0810Z")
    retry = browser.post(nearest[0], hidden(late))
    assert "20 12 34 56" in text(retry)
    assert confirm(browser, nearest[0], retry).status_code == 303


def test_a_time_that_has_passed_meanwhile_says_so(browser, tenant, still_clock):
    typed = filled(browser, form_path(tenant))
    still_clock.advance(days=1, hours=1)
    page = browser.post(form_path(tenant), typed)
    assert page.status_code == 422
    assert "Den tid kan ikke længere bestilles" in text(page)


def test_the_appointment_moves_withdraws_and_cancels_without_questions(browser, tenant):
    page = path_of(book(browser, tenant, survey_consent="yes")).split("?")[0]
    move = browser.get(f"{page}/move?day=2026-11-25")
    assert 'value="20261125T0900Z"' in text(move)
    moved = browser.post(f"{page}/move", {"start": "20261125T0900Z"})
    assert "Din tid er flyttet" in text(browser.get(path_of(moved)))
    withdrawn = browser.post(f"{page}/consent", {})
    assert "Dit samtykke er trukket tilbage" in text(browser.get(path_of(withdrawn)))
    assert browser.post(f"{page}/cancel", {}).status_code == 303
    cancelled = text(browser.get(page))
    assert "Din tid er aflyst" in cancelled
    assert "bp-code" not in cancelled


def test_moving_to_a_full_time_keeps_the_old_one_and_says_so(browser, tenant):
    page = path_of(book(browser, tenant)).split("?")[0]
    service = bootstrap.booking()
    other = MONDAY.replace(day=25)
    for _ in range(2):
        service.hold(tenant, "raadhuset", ["passport"], other)
    failed = browser.post(f"{page}/move", {"start": "20261125T0900Z"})
    assert failed.status_code == 409
    assert "Du har stadig din gamle tid" in text(failed)


def test_the_calendar_file_names_no_reason(browser, tenant):
    page = path_of(book(browser, tenant)).split("?")[0]
    response = browser.get(f"{page}/calendar.ics")
    assert response.headers["Content-Type"].startswith("text/calendar")
    assert "DTSTART:20261124T080000Z" in text(response)
    assert "Pas" not in text(response).replace("Passer", "")


def test_personal_data_is_in_no_address(browser, tenant):
    check = browser.post(form_path(tenant), filled(browser, form_path(tenant), name="Canary"))
    addresses = re.findall(r'(?:href|action|formaction|src)="([^"]+)"', text(check))
    location = path_of(confirm(browser, form_path(tenant), check))
    for address in [*addresses, location]:
        fields = dict(parse_qsl(address.partition("?")[2]))
        assert "Canary" not in address
        assert "20123456" not in address.replace("+", "").replace("%20", "")
        assert set(fields) <= {"lang", "done", "hold"}


def test_english_is_complete(browser, tenant):
    english = Browser(browser.client, "en")
    pages = [english.get(path) for path in (f"/{tenant.id}", f"/{tenant.id}/book", f"/{tenant.id}/book/passport")]
    check = english.post(form_path(tenant), filled(english, form_path(tenant), survey_consent="yes"))
    receipt = english.get(path_of(confirm(english, form_path(tenant), check)))
    for page in (*pages, english.get(form_path(tenant)), check, receipt):
        body = re.sub(r"<(header|footer).*?</\1>|<[^>]+>", " ", text(page), flags=re.DOTALL)
        assert not re.search(r"\b(og|til|din|ikke|tid|vælg|hvor|når|første)\b", body, re.IGNORECASE), body
    assert "Your appointment is booked" in text(receipt)


def test_days_without_free_times_are_not_shown_and_pages_go_on(browser, tenant):
    page = text(browser.get(f"/{tenant.id}/book/passport/raadhuset"))
    shown = re.findall(r"\?day=([\d-]+)", page)
    assert shown[0] == "2026-11-23"
    assert not {"2026-11-28", "2026-11-29"} & set(shown), "weekend"
    assert "from=2026-12-07" in page
    later = text(browser.get(f"/{tenant.id}/book/passport/raadhuset?from=2026-12-21"))
    assert "2026-12-24" not in re.findall(r"day=([\d-]+)", later), "closed"
    assert browser.get(f"/{tenant.id}/book/passport/raadhuset?from=x&day=y").status_code == 200


def test_a_search_that_finds_nothing_says_so_and_is_safe(browser, tenant):
    page = browser.get(f"/{tenant.id}/book?{urlencode({'q': '<script>alert(1)</script>'})}")
    assert "Vi fandt ikke noget" in text(page)
    assert b"<script>alert" not in (page.body if isinstance(page.body, bytes) else page.body.encode())


def test_several_errands_are_one_visit(browser, tenant):
    offices = text(browser.get(f"/{tenant.id}/book/passport.licence"))
    assert "cirka 30 minutter" in offices
    assert browser.get(f"/{tenant.id}/book/passport.licence/raadhuset").status_code == 200


@pytest.mark.parametrize("path", [
    "/nowhere", "/nowhere/book", "/{m}/book/dragons", "/{m}/book/passport.passport", "/{m}/book/passport/nowhere",
    "/{m}/book/passport/raadhuset/tomorrow", "/{m}/appointments/AAAAAAAAAAAAAA", "/{m}/appointments/x/move",
])  # fmt: skip
def test_what_is_not_there_is_a_friendly_404(browser, tenant, path):
    page = browser.get(path.format(m=tenant.id))
    assert page.status_code == 404
    assert "Siden findes ikke" in text(page)


def test_a_link_opens_nothing_under_another_municipality(browser, tenant):
    other = store_municipality(a_municipality_document(id=f"{tenant.id}-d"))
    page = path_of(book(browser, tenant)).split("?")[0]
    assert browser.get(page.replace(f"/{tenant.id}/", f"/{other.id}/")).status_code == 404


def test_the_start_page_is_light(browser, tenant):
    assert len(browser.get(f"/{tenant.id}").body) < 10_000, "beside 30 kB of compressed style sheets"
