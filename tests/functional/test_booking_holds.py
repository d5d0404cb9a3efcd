"""A place is kept while a citizen types: visibly, for longer if asked for, and taken again when it ran out (WCAG 2.2.1)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from chalicelib import bootstrap
from chalicelib.booking.holding import MOST_EXTENSIONS
from tests.browsing import START, book, confirm, filled, form_path, hidden, path_of, text, words
from tests.builders import MONDAY

NINE = MONDAY.replace(day=24, hour=8)
RELEASED = "Tiden var givet fri igen, men den var stadig ledig."


def free(tenant, start=NINE) -> int:
    slots = bootstrap.booking().slots(tenant, "raadhuset", ["passport"], start.date(), start.date())
    return next((slot.free for slot in slots if slot.start == start), 0)


@pytest.fixture
def form(browser, tenant) -> str:
    """The form, with the place held: two are there, one is left."""
    address = path_of(browser.post(f"/{tenant.id}/book/passport/raadhuset", {"start": START}))
    assert free(tenant) == 1
    return address


def test_the_time_left_is_on_the_page_without_a_script(browser, form, still_clock):
    page = text(browser.get(form))
    assert "Vi holder tiden til kl. 10.10." in page
    assert 'data-seconds="600"' in page
    still_clock.advance(minutes=4)
    assert 'data-seconds="360"' in text(browser.get(form)), "looking at it again makes it no longer"


def test_enter_in_a_field_means_to_go_on(browser, form):
    page = text(browser.get(form))
    buttons = re.findall(r'<button type="submit"[^>]*value="(\w+)"', page[page.index('id="about-you"') :])
    assert buttons == ["check", "extend"], "the first button of a form is what Enter presses"


def test_more_time_keeps_everything_typed_right_or_wrong(browser, form, tenant, still_clock):
    typed = filled(browser, form, phone="12", name="Åse", action="extend", survey_consent="yes")
    still_clock.advance(minutes=8)
    page = browser.post(form, typed)
    assert page.status_code == 200
    assert "Du har fået mere tid. Vi holder tiden til dig til kl. 10.18." in words(page)
    assert "Fejl" not in text(page), "nothing is judged before the citizen is ready"
    for kept in ('value="12"', 'value="Åse"'):
        assert kept in text(page)
    assert re.search(r'id="survey_consent"[^>]*checked', text(page))
    assert not re.search(r'id="want_earlier"[^>]*checked', text(page))
    still_clock.advance(minutes=5)
    assert free(tenant) == 1, "still held after the first ten minutes"


def test_it_can_be_had_ten_times(browser, form, still_clock):
    typed = filled(browser, form, action="extend")
    for _ in range(MOST_EXTENSIONS):
        still_clock.advance(minutes=9)
        page = browser.post(form, typed)
        assert "Du har fået mere tid" in words(page)
    still_clock.advance(minutes=9)
    assert "Vi kan ikke holde tiden længere end til" in words(browser.post(form, typed))


def test_a_hold_that_ran_out_says_so_kindly_and_is_taken_again(browser, form, tenant, still_clock):
    typed = filled(browser, form)
    still_clock.advance(minutes=11)
    assert free(tenant) == 2
    page = browser.get(form)
    assert "Tiden holdes ikke længere. Det, du har skrevet, er her endnu." in words(page)
    check = browser.post(form, typed)
    assert RELEASED in words(check)
    assert free(tenant) == 1
    assert confirm(browser, form, check).status_code == 303


def test_more_time_after_it_ran_out_takes_it_again_too(browser, form, still_clock):
    typed = filled(browser, form, action="extend", name="Åse")
    still_clock.advance(minutes=11)
    page = browser.post(form, typed)
    assert RELEASED in words(page)
    assert 'value="Åse"' in text(page)


def test_if_somebody_else_has_it_by_then_the_nearest_are_offered_and_nothing_is_lost(
    browser, form, tenant, still_clock
):
    typed = filled(browser, form, name="Åse")
    still_clock.advance(minutes=11)
    for _ in range(2):
        book(browser, tenant, phone="")
    for action in ("extend", "check"):
        page = browser.post(form, {**typed, "action": action})
        assert page.status_code == 409
        assert "Tiden er lige blevet taget" in words(page)
        assert hidden(page)["name"] == "Åse"
        assert "formaction" in text(page)


def test_checking_the_answers_gives_time_to_read_them(browser, form, still_clock):
    typed = filled(browser, form)
    still_clock.advance(minutes=9)
    check = browser.post(form, typed)
    assert "Vi holder tiden til kl. 10.19." in words(check)
    assert "Du har fået mere tid" not in words(check), "only who asks for it is told"
    still_clock.advance(minutes=9)
    longer = browser.post(form, {**hidden(check), "action": "extend-check"})
    assert "Du har fået mere tid. Vi holder tiden til dig til kl. 10.28." in words(longer)
    assert confirm(browser, form, longer).status_code == 303


def test_reading_too_long_still_books_what_is_free(browser, form, still_clock):
    check = browser.post(form, filled(browser, form))
    still_clock.advance(minutes=30)
    assert confirm(browser, form, check).status_code == 303


def test_another_time_lets_the_first_one_go(browser, form, tenant):
    back = re.search(r'class="bk-back"><a href="([^"]+)"', text(browser.get(form)))
    assert back
    times = browser.get(back[1])
    action = re.search(r'<form method="post" action="([^"]+)"', text(times))
    assert action
    path_of(browser.post(action[1], {"start": "20261124T0830Z"}))
    assert free(tenant) == 2
    assert free(tenant, NINE + timedelta(minutes=30)) == 1


def test_a_time_that_is_gone_when_chosen_shows_the_nearest(browser, tenant):
    for _ in range(2):
        book(browser, tenant, phone="")
    page = browser.post(f"/{tenant.id}/book/passport/raadhuset", {"start": START})
    assert page.status_code == 409
    nearest = re.findall(r'formaction="([^"]+)"', text(page))[0]
    form = browser.post(nearest, {**hidden(page), "action": "extend"})
    assert "Om dig" in words(form), "nothing was typed yet, so there is nothing to check"


@pytest.mark.parametrize("start", ["", "x", "2026-11-24"])
def test_what_is_no_time_can_not_be_held(browser, tenant, start):
    assert browser.post(f"/{tenant.id}/book/passport/raadhuset", {"start": start}).status_code == 404


def test_a_hold_of_another_time_or_town_is_not_taken_for_this_one(browser, form, tenant):
    hold_id = form.rpartition("hold=")[2]
    other = form_path(tenant).replace("T0800Z", "T0900Z")
    assert "Tiden holdes ikke længere" in words(browser.get(f"{other}?hold={hold_id}"))
    assert "data-seconds" not in text(browser.get(f"{other}?hold={hold_id}"))
    assert browser.get(f"{other}?hold=%00%22%3E").status_code == 200
