"""Following a place in the queue: what the link opens, for whom and how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.entrypoints.kiosk.follow_pages import seconds_until_next_look
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.errors import LinkExpired, NotFound
from chalicelib.shared.hashing import Keys, link_token
from chalicelib.visits.following import QueueFollowing, works_until
from chalicelib.visits.model import State
from chalicelib.visits.reception import Place
from tests.builders import KEYS, MONDAY, FixedClock, a_municipality
from tests.fakes.follow import InMemoryFollowLinks
from tests.fakes.visits import InMemoryVisits, a_visit, a_visit_service

FJORDBY = a_municipality()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def store() -> InMemoryVisits:
    return InMemoryVisits()


@pytest.fixture
def following(store: InMemoryVisits, clock: FixedClock) -> QueueFollowing:
    return QueueFollowing(
        places=a_visit_service(store, clock=clock),
        links=InMemoryFollowLinks(store),
        keys=lambda: KEYS,
        clock=lambda: clock,
        public_url="https://borgerpuls.example",
    )


def test_the_link_opens_the_place(following, store):
    first, second = a_visit(), a_visit(arrived=MONDAY + timedelta(seconds=5), ticket="A002")
    store.add(first)
    store.add(second)
    place = following.find(FJORDBY, following.token("fjordby", second.ulid))
    assert (place.visit, place.people_ahead) == (second, 1)


def test_the_link_says_nothing_about_the_visit(following):
    visit = a_visit()
    link = following.link(visit)
    assert link.startswith("https://borgerpuls.example/fjordby/queue/")
    assert visit.ulid not in link
    assert visit.ticket not in link


def test_it_is_a_link_of_its_own(following, store):
    """The link of the appointment changes things; whoever looks over a shoulder at the queue must not learn it."""
    visit = a_visit()
    store.add(visit)
    others = [link_token(KEYS, purpose, f"fjordby|{visit.ulid}") for purpose in ("appointment", "survey")]
    assert following.token("fjordby", visit.ulid) not in others
    for token in (*others, "", "x" * 14, "💥" * 14, "a" * 500):
        with pytest.raises(NotFound):
            following.find(FJORDBY, token)


def test_another_municipality_knows_nothing_of_it(following, store):
    visit = a_visit()
    store.add(visit)
    with pytest.raises(NotFound):
        following.find(a_municipality(id="sandholm"), following.token("fjordby", visit.ulid))


def test_it_works_to_the_end_of_the_day_and_then_says_so(following, store, clock):
    visit = a_visit()
    store.add(visit)
    token = following.token("fjordby", visit.ulid)
    clock.advance(hours=13, minutes=59, seconds=59)
    following.find(FJORDBY, token)
    clock.advance(seconds=1)
    with pytest.raises(LinkExpired):
        following.find(FJORDBY, token)


def test_the_end_of_the_day_is_the_local_one():
    assert works_until(a_visit()) == MONDAY.replace(hour=23)


@pytest.mark.parametrize(
    ("state", "ahead", "seconds"),
    [
        (State.WAITING, 7, 15),
        (State.WAITING, 2, 5),
        (State.CALLED, 0, 5),
        (State.PARKED, 0, 5),
        (State.COMPLETED, 0, 0),
        (State.NO_SHOW, 0, 0),
    ],
)
def test_a_phone_asks_more_often_near_the_turn_and_no_more_when_it_is_over(state, ahead, seconds):
    assert seconds_until_next_look(Place(replace(a_visit(), state=state), ahead, None)) == seconds


def test_the_link_is_the_same_after_the_keys_were_rotated(following, store, clock):
    visit = a_visit()
    store.add(visit)
    rotated = Keys(phone=KEYS.phone, links={**KEYS.links, "2": b"n" * 32}, link_version="2")
    later = QueueFollowing(
        places=a_visit_service(store, clock=clock),
        links=InMemoryFollowLinks(store),
        keys=lambda: rotated,
        clock=lambda: clock,
        public_url="https://borgerpuls.example",
    )
    assert later.link(visit) == following.link(visit)
    assert later.find(FJORDBY, later.token("fjordby", visit.ulid)).visit == visit
    another = a_visit(arrived=MONDAY + timedelta(seconds=9))
    assert later.link(another) != following.link(another), "nobody has that one yet"


def test_a_number_tells_its_place_to_whoever_asks_as_the_screen_in_the_room_does(store, clock):
    room = a_visit_service(store, clock=clock)
    first, second = a_visit(), a_visit(arrived=MONDAY + timedelta(seconds=5), ticket="A002")
    store.add(first)
    store.add(second)
    place = room.by_number(FJORDBY, second.office, 2)
    assert place is not None
    assert (place.visit, place.people_ahead) == (second, 1)
    assert room.by_number(FJORDBY, second.office, 3) is None
    with pytest.raises(NotFound):
        room.by_number(FJORDBY, "nowhere", 2)


@pytest.mark.parametrize("state", State)
def test_of_a_number_only_waiting_and_called_is_told(store, clock, state):
    store.add(replace(a_visit(), state=state))
    found = a_visit_service(store, clock=clock).by_number(FJORDBY, a_visit().office, a_visit().number)
    seen = {State.WAITING, State.FORWARDED, State.CALLED, State.PARKED}
    assert (found is not None) == (state in seen)


def test_a_meeting_by_phone_has_no_place_in_the_room(store, clock):
    store.add(replace(a_visit(), meeting=Meeting.PHONE))
    assert a_visit_service(store, clock=clock).by_number(FJORDBY, a_visit().office, a_visit().number) is None
