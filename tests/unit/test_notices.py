"""The notice board: what citizens and colleagues are told, from when to when, and what is never written on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.shared.errors import InvalidInput, NotFound
from chalicelib.shared.personal import names_somebody
from chalicelib.visits.notices import Level, NewNotice, NoticeBoard, NoticeKind
from tests.builders import MONDAY, FixedClock, a_municipality
from tests.fakes.offices import InMemoryNotices

FJORDBY = a_municipality()
TEXT = {"da": "MitID er nede. Pas virker som normalt.", "en": "MitID is down. Passports work as usual."}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def board(clock: FixedClock) -> NoticeBoard:
    return NoticeBoard(store=InMemoryNotices(), clock=lambda: clock)


def outage(**changes: Any) -> NewNotice:
    return NewNotice(**{"kind": NoticeKind.OUTAGE, "level": Level.WARNING, "text": TEXT, **changes})


def change(**changes: Any) -> NewNotice:
    text = {"da": "Ny blanket fra i dag"}
    return NewNotice(**{"kind": NoticeKind.CHANGE, "level": Level.INFO, "text": text, **changes})


@pytest.mark.requirement("BF-14")
def test_an_outage_is_announced_until_it_ends_and_its_window_stays(board: NoticeBoard, clock: FixedClock):
    posted = board.post(FJORDBY, outage(event_at=MONDAY - timedelta(minutes=7)))
    assert board.announcements(FJORDBY, "raadhuset") == (posted,)
    assert posted.minutes_to_notice == 7
    clock.advance(minutes=30)
    ended = board.end(FJORDBY, posted.id)
    assert board.announcements(FJORDBY) == ()
    assert board.end(FJORDBY, posted.id) == ended, "ending twice is ending once"
    [window] = board.windows(FJORDBY.id, MONDAY - timedelta(hours=1), clock.now())
    assert (window.event_at, window.ends) == (MONDAY - timedelta(minutes=7), MONDAY + timedelta(minutes=30))


@pytest.mark.requirement("BF-14")
def test_contacts_inside_the_window_are_known_by_time_office_and_reason(board: NoticeBoard, clock: FixedClock):
    posted = board.post(FJORDBY, outage(reasons=("licence",), offices=("raadhuset",)))
    clock.advance(minutes=30)
    board.end(FJORDBY, posted.id)
    inside = (MONDAY + timedelta(minutes=10), MONDAY + timedelta(minutes=40))
    assert board.was_out("fjordby", "raadhuset", ["passport", "licence"], *inside)
    assert not board.was_out("fjordby", "raadhuset", ["passport"], *inside)
    assert not board.was_out("fjordby", "nordby", ["licence"], *inside)
    assert not board.was_out("fjordby", "raadhuset", ["licence"], MONDAY + timedelta(minutes=30), inside[1])
    assert not board.was_out("sandholm", "raadhuset", ["licence"], *inside)


@pytest.mark.requirement("BF-15")
def test_a_change_is_for_colleagues_alone_and_warnings_come_first(board: NoticeBoard):
    quiet, loud = board.post(FJORDBY, change()), board.post(FJORDBY, outage())
    assert board.board(FJORDBY, "raadhuset") == (loud, quiet)
    assert board.announcements(FJORDBY, "raadhuset") == (loud,)


def test_a_planned_outage_shows_from_its_start_and_puts_itself_away(board: NoticeBoard, clock: FixedClock):
    start, end = MONDAY + timedelta(hours=2), MONDAY + timedelta(hours=3)
    posted = board.post(FJORDBY, outage(starts=start, ends=end, event_at=start))
    assert posted.minutes_to_notice == 0
    assert board.announcements(FJORDBY) == ()
    clock.advance(hours=2)
    assert board.announcements(FJORDBY) == (posted,)
    clock.advance(hours=1)
    assert board.announcements(FJORDBY) == ()
    assert (board.tidy(FJORDBY.id), board.tidy(FJORDBY.id)) == (1, 0)
    assert len(board.windows(FJORDBY.id, MONDAY, clock.now())) == 1


def test_the_same_key_posts_once(board: NoticeBoard):
    first = board.post(FJORDBY, outage(), idempotency_key="press")
    assert board.post(FJORDBY, outage(), idempotency_key="press") == first
    assert board.board(FJORDBY) == (first,)


def test_another_offices_notice_is_not_shown(board: NoticeBoard):
    posted = board.post(FJORDBY, outage(offices=("raadhuset",)))
    assert board.announcements(FJORDBY, "nordby") == ()
    assert board.announcements(FJORDBY) == (posted,), "who has not chosen an office yet is told of all"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": {"da": "Kun dansk"}}, "text.en"),
        ({"text": {"da": " ", "en": "Down"}}, "text.da"),
        ({"text": {"da": "Ring 20 12 34 56", "en": "Call"}}, "text.da"),
        ({"text": {"da": "x" * 241, "en": "x"}}, "text.da"),
        ({"offices": ("nowhere",)}, "offices"),
        ({"reasons": ("wedding",)}, "reasons"),
        ({"ends": MONDAY}, "ends"),
        ({"ends": MONDAY + timedelta(days=61)}, "ends"),
        ({"starts": MONDAY + timedelta(days=61)}, "starts"),
        ({"event_at": MONDAY - timedelta(days=8)}, "event_at"),
        ({"event_at": MONDAY + timedelta(minutes=1)}, "event_at"),
    ],
)
def test_what_is_wrong_with_a_notice_is_named(board: NoticeBoard, changes: dict[str, Any], field: str):
    with pytest.raises(InvalidInput) as caught:
        board.post(FJORDBY, outage(**changes))
    assert list(caught.value.fields) == [field]
    assert "20 12 34 56" not in str(caught.value.fields)
    assert board.board(FJORDBY) == ()


def test_an_unknown_notice_can_not_be_ended(board: NoticeBoard):
    with pytest.raises(NotFound):
        board.end(FJORDBY, "nothing")


# Personal data


@pytest.mark.parametrize(
    "text",
    [
        "cpr 010190-1234",
        "0101901234",
        "ring +45 20 12 34 56",
        "20.12.34.56",
        "2 0 1 2 3 4 5 6",
        "skriv til a@b.dk",
        "a (at) b.dk",
        "٢٠١٢٣٤٥٦",
        "født 01.01.1990-1234",
    ],
)
def test_numbers_and_addresses_of_people_are_recognised(text: str):
    assert names_somebody(text)


@pytest.mark.parametrize(
    "text",
    ["mangler foto", "kommer igen 23.11.2026 kl. 10.30", "gebyr 893 kr.", "skranke 4, nummer A012", "2026-11-23"],
)
def test_what_is_about_the_errand_may_be_written(text: str):
    assert not names_somebody(text)


@given(st.from_regex(r"[2-9]\d( ?)\d\d\1\d\d\1\d\d", fullmatch=True), st.sampled_from(["", "ring ", "tlf.: "]))
def test_every_danish_phone_number_is_refused(number: str, before: str):
    assert names_somebody(f"{before}{number}")
