"""Alarms, the door, figures of a day, reviews of check-in points, the audit: rules on fakes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.shared.errors import InvalidInput, NotFound, WrongState
from chalicelib.shared.identifiers import DeskId, ReasonId
from chalicelib.visits.audit import Audit, AuditEntry, Reading
from chalicelib.visits.days import DayFigures, Kind, figures_document, figures_from, figures_of, together
from chalicelib.visits.expectation import expected_wait
from chalicelib.visits.experience import Accuracy, Experience, Minutes, experience_of
from chalicelib.visits.model import Action, Origin, State, Visit, WaitRange
from chalicelib.visits.reviews import Reviews, Visibility
from chalicelib.visits.today import OfficeDay
from tests.builders import MONDAY, FixedClock, a_municipality, a_municipality_document
from tests.fakes.offices import InMemoryReviews, InMemoryToday
from tests.fakes.visits import InMemoryVisits, a_visit, a_visit_service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.visits.keys import VisitKey

FJORDBY = a_municipality()
OFFICE = "raadhuset"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


# Alarms


@pytest.fixture
def today() -> InMemoryToday:
    return InMemoryToday()


@pytest.fixture
def office_day(today: InMemoryToday, clock: FixedClock) -> OfficeDay:
    return OfficeDay(store=today, clock=lambda: clock)


def test_an_alarm_shows_until_somebody_answers_and_a_while_after(office_day, today, clock):
    alarm = office_day.raise_alarm(FJORDBY, OFFICE, "1", by="anna")
    assert office_day.raise_alarm(FJORDBY, OFFICE, "1", by="anna") == alarm, "pressed twice is one alarm"
    clock.advance(minutes=90)
    assert office_day.look(FJORDBY, OFFICE).alarms[0].shows(clock.now())
    answered = office_day.answer_alarm(FJORDBY, OFFICE, alarm.id, "2", by="bo")
    assert office_day.answer_alarm(FJORDBY, OFFICE, alarm.id, "1", by="carl") == answered
    assert (answered.answered_by, answered.is_open) == ("2", False)
    assert answered.shows(clock.now())
    assert not answered.shows(clock.now() + timedelta(minutes=15))
    assert today.audit == [("alarm", "anna"), ("alarm-answered", "bo")]
    assert office_day.raise_alarm(FJORDBY, OFFICE, "1", by="anna").id != alarm.id


def test_an_alarm_needs_a_desk_of_the_office(office_day):
    with pytest.raises(InvalidInput):
        office_day.raise_alarm(FJORDBY, OFFICE, "99", by="anna")
    with pytest.raises(NotFound):
        office_day.raise_alarm(FJORDBY, "nowhere", "1", by="anna")
    with pytest.raises(NotFound):
        office_day.answer_alarm(FJORDBY, OFFICE, "nothing", "1", by="anna")


# The door


@pytest.mark.requirement("GL-77")
def test_questions_at_the_door_are_counted_once_each_and_can_be_taken_back(office_day):
    for key in ("a", "a", "b", None):
        office_day.count_at_door(FJORDBY, OFFICE, "passport", idempotency_key=key)
    assert office_day.look(FJORDBY, OFFICE).door_counts() == {"passport": 3}
    office_day.uncount_at_door(FJORDBY, OFFICE, "passport")
    assert office_day.look(FJORDBY, OFFICE).door_counts() == {"passport": 2}
    with pytest.raises(NotFound):
        office_day.uncount_at_door(FJORDBY, OFFICE, "licence")
    with pytest.raises(InvalidInput):
        office_day.count_at_door(FJORDBY, OFFICE, "wedding")


def test_what_has_become_a_contact_is_not_taken_back(office_day, today):
    office_day.count_at_door(FJORDBY, OFFICE, "passport", idempotency_key="a")
    [(key, entry)] = today.door.items()
    from dataclasses import replace

    today.door[key] = replace(entry, is_counted=True)
    with pytest.raises(WrongState):
        office_day.uncount_at_door(FJORDBY, OFFICE, "passport")


# Figures


def served(wait: int, service: int, *, expected: WaitRange | None = None, **changes: Any) -> Visit:
    """A visit that waited and was served for so many minutes."""
    visit = a_visit(expected=expected, **changes)
    at = visit.waiting_since + timedelta(minutes=wait)
    visit = visit.after(Action.CALL, at=at, step_id="c", desk=DeskId("1")).after(Action.START, at=at, step_id="s")
    return visit.after(Action.COMPLETE, at=at + timedelta(minutes=service), step_id="d")


def test_a_day_is_counted_by_what_became_of_everybody():
    waiting = a_visit(checked_in_at=Origin.DESK)
    gone = a_visit().after(Action.CALL, at=MONDAY, step_id="c").after(Action.NO_SHOW, at=MONDAY, step_id="n")
    unclosed = a_visit().after(Action.CALL, at=MONDAY, step_id="c").after(Action.CLOSE, at=MONDAY, step_id="x")
    visits = [waiting, gone, unclosed, served(4, 10), served(8, 12), served(30, 5, reasons=(ReasonId("licence"),))]
    figures = figures_of(visits, ["passport", "passport"])
    counted = {kind: figures.count(kind) for kind in Kind if figures.count(kind)}
    assert counted == {Kind.SERVED: 3, Kind.WAITING: 1, Kind.NO_SHOW: 1, Kind.UNCLOSED: 1, Kind.AT_DOOR: 2}
    assert figures.expected == 6
    assert (figures.median_wait, figures.waits.n) == (4, 4)
    assert figures.staff_check_ins == 1
    assert figures.reasons["licence"] == {"served": 1}
    assert figures_from(figures_document(figures)).count(Kind.SERVED) == 3
    assert "1" not in figures_document(figures)["accuracy"], "nothing is counted by desk"


def test_days_add_up_and_come_back_as_they_were_kept():
    one, two = figures_of([served(4, 10), a_visit()]), figures_of([served(9, 20), served(3, 7)])
    both = together([one, two])
    assert (both.count(Kind.SERVED), both.expected, both.waits.n) == (3, 4, 3)
    again = figures_from(figures_document(both))
    assert again.waits == both.waits
    assert again.experience.services == both.experience.services
    assert together([]).share(Kind.UNCLOSED) is None


@pytest.mark.parametrize(
    ("unclosed", "absent", "expected"),
    [(2, 2, ()), (3, 2, (Kind.UNCLOSED,)), (0, 3, (Kind.NO_SHOW,)), (3, 3, (Kind.UNCLOSED, Kind.NO_SHOW))],
)
def test_too_many_unclosed_or_absent_are_noticed_so_that_nobody_avoids_being_measured(unclosed, absent, expected):
    rest = 20 - unclosed - absent
    figures = DayFigures(reasons={"passport": {"unclosed": unclosed, "missed": absent, "served": rest}})
    assert figures.warnings == expected
    few = DayFigures(reasons={"passport": {"unclosed": 5}})
    assert few.warnings == (), "of too few nothing is said"


# What recent days teach


def test_service_times_teach_by_reason_and_forgotten_visits_do_not_spoil_them():
    learned = experience_of(
        [served(0, 8), served(0, 12), served(0, 600), served(0, 30, reasons=("passport", "licence"))]
    )
    assert learned.service("passport") == Minutes({8: 1, 12: 1, 120: 1})
    assert learned.service("licence").n == 0


def test_the_ranges_that_were_told_are_held_against_what_came():
    told = WaitRange(5, 15)
    learned = experience_of([served(5, 1, expected=told), served(20, 1, expected=told), served(3, 1)])
    assert learned.of_group("counter") == Accuracy(told=2, hit=1, error=15.0)
    assert learned.of_group("counter").hit_share == 0.5
    assert learned.of_group("counter").mean_error == 7.5
    first = a_visit(expected=told).after(Action.PRIORITISE, at=MONDAY, step_id="p", detail="frail")
    first = first.after(Action.CALL, at=MONDAY, step_id="c")
    assert experience_of([first]).accuracy == {}, "whom staff let go first is no test of the range"


@pytest.mark.parametrize(
    ("experience", "worth"),
    [
        (Experience(), True),
        (Experience(accuracy={"counter": Accuracy(19, 0, 99)}), True),
        (Experience(accuracy={"counter": Accuracy(20, 10, 99)}), False),
        (Experience(accuracy={"counter": Accuracy(20, 11, 99)}), True),
        (Experience(accuracy={"drop-in": Accuracy(20, 0, 99)}), True),
        (Experience(days=2), True),
        (Experience(days=3), False),
        (Experience({"passport": Minutes({5: 9})}, days=3), False),
        (Experience({"passport": Minutes({5: 10})}, days=3), True),
        (Experience({"wedding": Minutes({5: 10})}, days=3), False),
    ],
)
def test_citizens_are_told_nothing_that_is_worthless(experience: Experience, worth: bool):
    assert experience.is_worth_telling("counter", {"passport", "licence"}) is worth


def test_a_worthless_range_is_kept_to_be_measured_but_not_told():
    store = InMemoryVisits()
    service = a_visit_service(store, experience=Experience(accuracy={"counter": Accuracy(40, 3, 400)}))
    store.add(a_visit())
    place = service.place(FJORDBY, next(iter(store.visits.values())))
    assert place.wait is None
    from chalicelib.visits.model import ConsentFacts
    from chalicelib.visits.reception import WalkIn

    admitted = service.walk_in(FJORDBY, OFFICE, WalkIn(("passport",), Origin.KIOSK, "da", ConsentFacts()))
    assert admitted.wait is None
    assert admitted.visit.expected == WaitRange(0, 5)


def test_what_recent_visits_took_moves_the_expected_wait():
    ahead = [a_visit(ticket=f"A00{n}") for n in range(4)]
    mine = a_visit(ticket="A009", arrived=MONDAY + timedelta(seconds=1))
    quick = Experience({"passport": Minutes({2: 100})})
    slow = Experience({"passport": Minutes({40: 100})})
    waits = [expected_wait(FJORDBY, mine, [*ahead, mine], MONDAY, learned) for learned in (quick, Experience(), slow)]
    assert [wait and wait.high for wait in waits] == sorted(wait.high for wait in waits if wait)
    assert waits[0]
    assert waits[2]
    assert waits[0].high < waits[2].low


def test_desks_that_nobody_sits_at_make_the_cautious_value_longer():
    def called(minutes: int, desk: str) -> Visit:
        at = MONDAY + timedelta(minutes=minutes)
        return a_visit(state=State.WAITING).after(Action.CALL, at=at, step_id="c", desk=DeskId(desk))

    now = MONDAY + timedelta(minutes=40)
    ahead = [a_visit(arrived=now, ticket=f"A01{n}") for n in range(6)]
    mine = a_visit(arrived=now, ticket="A020")
    one_desk, two_desks = [called(20, "1")], [called(20, "1"), called(25, "2")]
    waits = [expected_wait(FJORDBY, mine, [*desks, *ahead, mine], now) for desks in (one_desk, two_desks)]
    assert waits[0]
    assert waits[1]
    assert waits[0].high > waits[1].high


# Reviews


def with_points() -> Any:
    document = a_municipality_document()
    point = {"id": "kiosk", "name": {"da": "Standeren", "en": "The kiosk"}}
    return a_municipality(offices=[{**document["offices"][0], "check_in_points": [point]}])


@pytest.mark.requirement("GL-63")
def test_each_check_in_point_is_looked_at_once_a_year(clock: FixedClock):
    town, reviews = with_points(), Reviews(store=InMemoryReviews(), clock=lambda: clock)
    [entry] = reviews.of_office(town, OFFICE)
    assert (entry.is_overdue, entry.latest) == (True, None)
    old = MONDAY.date() - timedelta(days=366)
    reviews.add(town, OFFICE, "kiosk", day=old, result="not_visible", note="Flyt skiltet")
    assert reviews.of_office(town, OFFICE)[0].is_overdue
    for _ in range(2):
        reviews.add(town, OFFICE, "kiosk", day=MONDAY.date(), result="visible", idempotency_key="k")
    [entry] = reviews.of_office(town, OFFICE)
    assert not entry.is_overdue
    assert [review.result for review in entry.reviews] == [Visibility.VISIBLE, Visibility.NOT_VISIBLE]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"day": MONDAY.date() + timedelta(days=1)}, InvalidInput),
        ({"result": "fine"}, InvalidInput),
        ({"note": "ring 20 12 34 56"}, InvalidInput),
        ({"point": "nowhere"}, NotFound),
    ],
)
def test_what_is_wrong_with_a_review_is_refused(clock: FixedClock, changes: dict[str, Any], error: type[Exception]):
    reviews = Reviews(store=InMemoryReviews(), clock=lambda: clock)
    facts: dict[str, Any] = {"point": "kiosk", "day": date(2026, 11, 20), "result": "visible", **changes}
    with pytest.raises(error):
        reviews.add(with_points(), OFFICE, facts.pop("point"), **facts)


# The audit


class InMemoryAudit:
    """`AuditStore`."""

    def __init__(self, *entries: AuditEntry) -> None:
        self.entries = entries
        self.readings: list[Reading] = []

    def record_reading(self, municipality: str, key: VisitKey, reading: Reading) -> None:
        self.readings.append(reading)

    def of_visit(self, municipality: str, key: VisitKey) -> tuple[Sequence[AuditEntry], Sequence[Reading]]:
        return self.entries, tuple(self.readings)

    def pseudonym(self, municipality: str, subject: str) -> str:
        return f"{municipality}-{subject}"


ENTRY = AuditEntry(MONDAY, "call", "waiting", "called", "1", "0123456789abcdef")


def test_each_reading_of_the_audit_is_on_record_with_its_purpose(clock: FixedClock):
    store = InMemoryAudit(ENTRY)
    audit = Audit(store=store, clock=lambda: clock)
    entries, readings = audit.read(FJORDBY, a_visit().id, purpose="klage over ventetid")
    assert list(entries) == [ENTRY]
    assert [reading.purpose for reading in readings] == ["klage over ventetid"]


@pytest.mark.parametrize("purpose", ["", "  ", "klage", "klage fra 010190-1234", "x" * 201])
def test_without_a_stated_purpose_nothing_is_read(clock: FixedClock, purpose: str):
    store = InMemoryAudit(ENTRY)
    with pytest.raises(InvalidInput):
        Audit(store=store, clock=lambda: clock).read(FJORDBY, a_visit().id, purpose=purpose)
    assert store.readings == []


def test_of_a_visit_that_staff_never_touched_there_is_nothing_to_read(clock: FixedClock):
    store = InMemoryAudit()
    with pytest.raises(NotFound):
        Audit(store=store, clock=lambda: clock).read(FJORDBY, a_visit().id, purpose="klage over ventetid")
    assert store.readings == []
