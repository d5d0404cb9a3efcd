"""Notices, an office's day, its figures and its reviews: the same promises, kept by the fakes and by DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.citizens.dynamodb_erasure import DynamoDbSubjectRows
from chalicelib.adapters.dynamodb_work import DynamoDbPendingWork
from chalicelib.adapters.tables import ContactItem, LinkItem, OperationItem, bound
from chalicelib.adapters.visits.dynamodb_audit import DynamoDbAudit
from chalicelib.adapters.visits.dynamodb_days import DynamoDbDays, RecentDays
from chalicelib.adapters.visits.dynamodb_notices import DynamoDbNotices
from chalicelib.adapters.visits.dynamodb_reviews import DynamoDbReviews
from chalicelib.adapters.visits.dynamodb_today import DynamoDbToday
from chalicelib.adapters.visits.dynamodb_visits import DynamoDbVisits
from chalicelib.contacts.document import from_document
from chalicelib.contacts.erasure import Fate, rule_of
from chalicelib.contacts.model import Ending
from chalicelib.shared.errors import Outrun
from chalicelib.shared.hashing import token_hash
from chalicelib.shared.identifiers import DeskGroupId, DeskId, OfficeId
from chalicelib.shared.work import WorkItem, WorkKind
from chalicelib.visits.audit import Reading
from chalicelib.visits.closing import ToldAtDoor
from chalicelib.visits.days import DayFigures, DayRecord, Kind
from chalicelib.visits.desk import work_of
from chalicelib.visits.experience import Experience, Minutes
from chalicelib.visits.following import queue_token
from chalicelib.visits.model import Action, State, parse_visit_id
from chalicelib.visits.notices import Level, Notice, NoticeKind
from chalicelib.visits.reviews import Review, Visibility
from chalicelib.visits.today import Alarm, AtDoor
from tests.builders import KEYS, MONDAY, FixedClock
from tests.fakes.offices import InMemoryDays, InMemoryNotices, InMemoryReviews, InMemoryToday
from tests.fakes.visits import InMemoryVisits, a_visit

_TOWNS = iter(range(10_000))
DAY = MONDAY.date()
OFFICE = "raadhuset"


@pytest.fixture
def town() -> str:
    return f"officetown{next(_TOWNS)}"


def either(request: pytest.FixtureRequest, fake: Any, real: Any) -> Any:
    if request.param == "fake":
        return fake()
    request.getfixturevalue("embedded")
    return real()


# Notices


@pytest.fixture(params=["fake", "dynamodb"])
def notices(request: pytest.FixtureRequest) -> Any:
    return either(request, InMemoryNotices, DynamoDbNotices)


def a_notice(town: str, **changes: Any) -> Notice:
    facts: dict[str, Any] = {
        "id": "n1",
        "municipality": town,
        "kind": NoticeKind.OUTAGE,
        "level": Level.WARNING,
        "text": {"da": "MitID er nede", "en": "MitID is down"},
        "event_at": MONDAY - timedelta(minutes=5),
        "posted_at": MONDAY,
        "starts": MONDAY,
        "offices": (OFFICE,),
        "reasons": ("mitid",),
    }
    return Notice(**{**facts, **changes})


def test_a_notice_is_open_until_it_is_put_away_and_then_among_the_past(notices: Any, town: str):
    notice = a_notice(town)
    notices.add(notice)
    with pytest.raises(Outrun):
        notices.add(notice)
    assert list(notices.open(town)) == [notice]
    ended = replace(notice, ends=MONDAY + timedelta(hours=1), version=2)
    notices.put_away(notice, ended)
    with pytest.raises(Outrun):
        notices.put_away(notice, ended)
    assert list(notices.open(town)) == []
    assert list(notices.past(town, MONDAY)) == [ended]
    assert list(notices.past(town, MONDAY + timedelta(hours=1))) == [ended]
    assert list(notices.past(town, MONDAY + timedelta(hours=2))) == []
    assert list(notices.past(f"{town}x", MONDAY)) == []


# An office's day


@pytest.fixture(params=["fake", "dynamodb"])
def today(request: pytest.FixtureRequest) -> Any:
    return either(request, InMemoryToday, lambda: DynamoDbToday(lambda: KEYS))


def test_an_alarm_is_raised_once_and_answered_once(today: Any, town: str):
    alarm = Alarm("a1", OFFICE, "1", MONDAY)
    today.add_alarm(town, DAY, alarm, "anna")
    with pytest.raises(Outrun):
        today.add_alarm(town, DAY, alarm, "anna")
    answered = replace(alarm, answered_by="2", answered_at=MONDAY + timedelta(seconds=9), version=2)
    today.answer_alarm(town, DAY, alarm, answered, "bo")
    with pytest.raises(Outrun):
        today.answer_alarm(town, DAY, alarm, replace(answered, answered_by="3"), "carl")
    assert today.of_day(town, OFFICE, DAY).alarms == (answered,)
    assert today.of_day(town, "nordby", DAY).alarms == ()
    assert today.of_day(town, OFFICE, DAY + timedelta(days=1)).alarms == ()


def test_a_question_at_the_door_is_counted_once_and_becomes_one_contact(today: Any, town: str):
    first, second = AtDoor("A" * 26, OFFICE, "passport", MONDAY), AtDoor("B" * 26, OFFICE, "licence", MONDAY)
    for entry in (first, second):
        today.add_at_door(town, DAY, entry)
    with pytest.raises(Outrun):
        today.add_at_door(town, DAY, first)
    work = (
        WorkItem(town, WorkKind.DECIDE, first.id, MONDAY, {"phone": None, "language": "da", "code": None}),
        WorkItem(town, WorkKind.LAND_CONTACT, first.id, MONDAY),
    )
    for _ in range(2):
        today.become_contact(town, DAY, ToldAtDoor(first, "counter", "citizen-service", work))
    with pytest.raises(Outrun):
        today.remove_at_door(town, DAY, first)
    today.remove_at_door(town, DAY, second)
    with pytest.raises(Outrun):
        today.remove_at_door(town, DAY, second)
    assert today.of_day(town, OFFICE, DAY).at_door == (replace(first, is_counted=True),)
    if isinstance(today, DynamoDbToday):
        contact = from_document(bound(ContactItem).get(f"{town}#contact#{first.id}", "contact").document)
        assert (contact.ending, contact.waiting_seconds, contact.service_seconds) == (Ending.AT_DOOR, None, None)
        assert len(list(DynamoDbPendingWork().due(town, MONDAY))) == 2


# Days and reviews


@pytest.fixture(params=["fake", "dynamodb"])
def days(request: pytest.FixtureRequest) -> Any:
    return either(request, InMemoryDays, DynamoDbDays)


def a_record(town: str, ago: int = 0, **changes: Any) -> DayRecord:
    experience = Experience({"passport": Minutes({9: 12})}, days=1)
    figures = DayFigures(reasons={"passport": {"served": 12}}, waits=Minutes({4: 12}), experience=experience)
    facts = {"municipality": town, "office": OFFICE, "day": DAY - timedelta(days=ago), "figures": figures}
    return DayRecord(**{**facts, "is_final": True, **changes})


def test_a_day_is_kept_in_place_of_what_was_kept_before(days: Any, town: str):
    days.keep(a_record(town, is_final=False))
    days.keep(a_record(town))
    days.keep(a_record(town, ago=3))
    found = days.between(town, OFFICE, DAY - timedelta(days=7), DAY)
    assert [(record.day, record.is_final) for record in found] == [(DAY - timedelta(days=3), True), (DAY, True)]
    assert found[1].figures.count(Kind.SERVED) == 12
    assert found[1].figures.waits == Minutes({4: 12})
    assert list(days.between(town, "nordby", DAY - timedelta(days=7), DAY)) == []
    assert list(days.between(town, OFFICE, DAY + timedelta(days=1), DAY + timedelta(days=1))) == []


def test_recent_days_are_added_up_without_today_and_remembered_for_ten_minutes(embedded: object, town: str):
    days, clock = DynamoDbDays(), FixedClock()
    recent = RecentDays(days, lambda: clock)
    for ago in (0, 1, 2, 30):
        days.keep(a_record(town, ago=ago))
    assert recent.recent(town, OFFICE, DAY).service("passport").n == 24
    days.keep(a_record(town, ago=3))
    assert recent.recent(town, OFFICE, DAY).days == 2
    clock.advance(minutes=10)
    assert recent.recent(town, OFFICE, DAY).days == 3


@pytest.fixture(params=["fake", "dynamodb"])
def reviews(request: pytest.FixtureRequest) -> Any:
    return either(request, InMemoryReviews, DynamoDbReviews)


def test_a_review_is_kept_once(reviews: Any, town: str):
    review = Review("r1", OFFICE, "kiosk", DAY, Visibility.HARD_TO_SEE, "Flyt skiltet")
    for _ in range(2):
        reviews.add(town, review)
    assert list(reviews.of_office(town, OFFICE)) == [review]
    assert list(reviews.of_office(town, "nordby")) == []


# Visits that go on elsewhere


@pytest.fixture(params=["fake", "dynamodb"])
def visits(request: pytest.FixtureRequest) -> Any:
    return either(request, InMemoryVisits, lambda: DynamoDbVisits(lambda: KEYS))


def moved(visit: Any, office: str, step: str) -> tuple[Any, Any]:
    left = visit.after(Action.MOVE, at=MONDAY + timedelta(minutes=5), step_id=step, detail=office)
    return replace(left, phone=None), left.arriving_at(OfficeId(office), DeskGroupId("counter"), "A007")


def test_a_visit_moves_to_another_office_and_back_as_one(visits: Any, town: str):
    visit = a_visit(municipality=town)
    visits.add(visit)
    called = visit.after(Action.CALL, at=MONDAY, step_id="c", desk=DeskId("1"))
    visits.replace(visit, called)
    left, there = moved(called, "nordby", "m")
    visits.move(called, left, there)
    with pytest.raises(Outrun):
        visits.move(called, left, there)
    assert visits.find(town, parse_visit_id(visit.id)) == left
    assert visits.find(town, parse_visit_id(there.id)) == there
    if isinstance(visits, DynamoDbVisits):
        link = bound(LinkItem).get(token_hash(queue_token(KEYS, town, visit.ulid)), "link")
        assert link.subject == there.id, "the link on the citizen's phone follows"
    again = there.after(Action.CALL, at=MONDAY + timedelta(minutes=6), step_id="c2", desk=DeskId("1"))
    visits.replace(there, again)
    gone, back = moved(again, OFFICE, "m2")
    visits.move(again, gone, back)
    assert visits.find(town, parse_visit_id(visit.id)) == back
    assert [v.state for v in visits.of_day(town, "nordby", DAY)] == [State.MOVED]


def test_a_visit_does_not_move_onto_one_that_is_there(visits: Any, town: str):
    visit = a_visit(municipality=town)
    called = visit.after(Action.CALL, at=MONDAY, step_id="c", desk=DeskId("1"))
    visits.add(called)
    left, there = moved(called, "nordby", "m")
    visits.move(called, left, there)
    with pytest.raises(Outrun):
        visits.move(left, left, there)
    assert visits.find(town, parse_visit_id(there.id)) == there


# The audit


def test_who_did_what_stands_apart_under_a_pseudonym_and_is_read_with_its_readings(embedded: object, town: str):
    store, audit = DynamoDbVisits(lambda: KEYS), DynamoDbAudit(lambda: KEYS)
    visit = a_visit(municipality=town)
    store.add(visit)  # at the kiosk: nobody of the staff
    called = visit.after(Action.CALL, at=MONDAY + timedelta(minutes=3), step_id="c", desk=DeskId("1"))
    store.replace(visit, called, by="anna")
    serving = called.after(Action.START, at=MONDAY + timedelta(minutes=4), step_id="s")
    store.replace(called, serving, by="anna")
    done = replace(serving.after(Action.COMPLETE, at=MONDAY + timedelta(minutes=9), step_id="d"), phone=None)
    store.complete(serving, done, work_of(done, None), by="bo")
    key = parse_visit_id(visit.id)
    entries, readings = audit.of_visit(town, key)
    assert [(entry.action, entry.before, entry.after) for entry in entries] == [
        ("call", "waiting", "called"),
        ("start", "called", "in_service"),
        ("complete", "in_service", "completed"),
    ]
    assert [entry.staff for entry in entries] == [audit.pseudonym(town, who) for who in ("anna", "anna", "bo")]
    assert audit.pseudonym(town, "anna") != audit.pseudonym(f"{town}x", "anna")
    assert list(readings) == []
    audit.record_reading(town, key, Reading("0a1b", MONDAY + timedelta(days=1), "klage over ventetid"))
    entries, readings = audit.of_visit(town, key)
    assert [reading.purpose for reading in readings] == ["klage over ventetid"]
    assert len(entries) == 3
    rows = list(bound(OperationItem).query(f"{town}#audit#{OFFICE}#{DAY.isoformat()}"))
    assert "anna" not in str([row.attribute_values for row in rows])
    assert all(row.expires_at for row in rows)


def test_a_refused_step_leaves_no_trace_of_who(embedded: object, town: str):
    store, audit = DynamoDbVisits(lambda: KEYS), DynamoDbAudit(lambda: KEYS)
    visit = a_visit(municipality=town)
    store.add(visit)
    called = visit.after(Action.CALL, at=MONDAY, step_id="c", desk=DeskId("1"))
    store.replace(visit, called, by="anna")
    with pytest.raises(Outrun):
        store.replace(visit, replace(called, trail=(*visit.trail, replace(called.trail[-1], id="other"))), by="bo")
    entries, _ = audit.of_visit(town, parse_visit_id(visit.id))
    assert len(entries) == 1


def test_an_erasure_finds_who_did_what_and_who_read_it(embedded: object, town: str):
    store, audit = DynamoDbVisits(lambda: KEYS), DynamoDbAudit(lambda: KEYS)
    visit = a_visit(municipality=town)
    store.add(visit)
    called = visit.after(Action.CALL, at=MONDAY, step_id="c", desk=DeskId("1"))
    store.replace(visit, called, by="anna")
    left, there = moved(called, "nordby", "m")
    store.move(called, left, there, by="bo")
    audit.record_reading(town, parse_visit_id(visit.id), Reading("0a1b", MONDAY, "klage over ventetid"))
    rows = DynamoDbSubjectRows(lambda: KEYS, lambda _: [OFFICE, "nordby"])
    held = rows.of(town, visit.ulid)
    found = [record.sk.split("#")[0] for record in held if record.table == "operations"]
    assert found == [visit.ulid] * 3
    assert [record.pk for record in held if record.table == "visits"] == [
        f"{town}#nordby#{DAY.isoformat()}",
        f"{town}#{OFFICE}#{DAY.isoformat()}",
    ]
    assert all(rule_of(record).fate is Fate.REMOVED for record in held if record.table == "operations")
