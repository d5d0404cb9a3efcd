"""The end of an office's day: what is swept, when, and that sweeping again changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.visits.visit_contacts import contact_of
from chalicelib.contacts.model import Ending
from chalicelib.dispatch.model import Reason
from chalicelib.dispatch.policy import ConsentState, History, NotInvited, decide
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.errors import Outrun
from chalicelib.shared.work import WorkKind
from chalicelib.visits.closing import Closing, Swept
from chalicelib.visits.days import Kind
from chalicelib.visits.hours import closes_at, sweep_due
from chalicelib.visits.model import Booking, ConsentFacts, Origin, State
from chalicelib.visits.reception import WalkIn
from chalicelib.visits.today import OfficeDay
from tests.builders import MONDAY, FixedClock, a_municipality, a_municipality_document
from tests.fakes.offices import InMemoryDays, InMemoryToday
from tests.fakes.visits import PHONE, YES, InMemoryVisits, a_booking, a_visit_service

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality
    from chalicelib.visits.service import VisitService

FJORDBY = a_municipality()
OFFICE = "raadhuset"
NOTHING = Swept()


class Town:
    """A municipality with its services on fakes."""

    def __init__(self, *bookings: Booking, now: datetime = MONDAY, municipality: Municipality = FJORDBY) -> None:
        self.municipality = municipality
        self.clock = FixedClock(now)
        self.store = InMemoryVisits()
        self.days = InMemoryDays()
        self.today = InMemoryToday()
        self.visits: VisitService = a_visit_service(self.store, *bookings, clock=self.clock)
        self.office_day = OfficeDay(store=self.today, clock=lambda: self.clock)
        self.closing = Closing(visits=self.visits, days=self.days, door=self.today)

    def walk_in(self, **changes: Any) -> Any:
        facts = {"reasons": ("passport",), "origin": Origin.KIOSK, "language": "da", "consent": YES, "phone": PHONE}
        return self.visits.walk_in(self.municipality, OFFICE, WalkIn(**{**facts, **changes})).visit

    def sweep(self) -> Swept:
        return self.closing.sweep(self.municipality)

    def state(self, visit: Any) -> State:
        return self.visits.get(self.municipality, visit.id).state


def until(town: Town, hour: int, minute: int = 0) -> None:
    """Moves the clock to a Danish time of the Monday."""
    target = datetime(2026, 11, 23, hour - 1, minute, tzinfo=UTC)
    town.clock.advance(seconds=(target - town.clock.now()).total_seconds())


def test_open_visits_are_unclosed_an_hour_after_closing_and_not_before():
    town = Town()
    waiting, serving = town.walk_in(), town.walk_in()
    town.visits.prioritise(FJORDBY, serving.id, "frail")
    town.visits.call_next(FJORDBY, OFFICE, "1")
    town.visits.start(FJORDBY, serving.id)
    town.sweep()  # the days before
    until(town, 15, 59)
    assert town.sweep() == NOTHING
    until(town, 16)
    assert town.sweep() == Swept(unclosed=2, missed=0, days=1)
    assert {town.state(waiting), town.state(serving)} == {State.UNCLOSED}
    assert town.sweep() == NOTHING


def test_an_unclosed_visit_is_a_contact_without_any_time_and_its_citizen_is_not_asked():
    town = Town()
    visit = town.walk_in()
    town.visits.call_next(FJORDBY, OFFICE, "1")
    town.visits.start(FJORDBY, visit.id)
    town.visits.note(FJORDBY, visit.id, "mangler foto")
    until(town, 16)
    town.sweep()
    swept, work = town.store.contacts[visit.ulid]
    contact = contact_of(swept)
    assert (contact.ending, contact.waiting_seconds, contact.service_seconds) == (Ending.UNCLOSED, None, None)
    assert [item.kind for item in work] == [WorkKind.DECIDE, WorkKind.LAND_CONTACT]
    decision = decide(contact, ConsentState.GRANTED, History(), FJORDBY, town.clock.now(), phone=PHONE)
    assert decision == NotInvited(Reason.UNCLOSED)
    assert (swept.phone, swept.note) == (None, None)
    figures = town.days.kept["fjordby", OFFICE, MONDAY.date()].figures
    assert (figures.count(Kind.UNCLOSED), figures.waits.n) == (1, 0)


def test_who_booked_and_never_came_is_absent_and_can_not_check_in_later():
    came, missed = a_booking(), a_booking(code="D4VXCP")
    cancelled, elsewhere = a_booking(code="F4VXCP", cancelled=True), a_booking(code="H4VXCP", office="nordby")
    by_phone = a_booking(code="J4VXCP", meeting=Meeting.PHONE)
    town = Town(came, missed, cancelled, elsewhere, by_phone)
    town.visits.check_in(FJORDBY, OFFICE, came.code)
    until(town, 16)
    assert town.sweep().missed == 1
    place = town.visits.check_in(FJORDBY, OFFICE, missed.code)
    assert place.visit.state is State.NO_SHOW
    assert town.store.contacts.keys() == {came.id}, "who never came leaves no contact"
    figures = town.days.kept["fjordby", OFFICE, MONDAY.date()].figures
    assert (figures.count(Kind.MISSED), figures.count(Kind.UNCLOSED), figures.expected) == (1, 1, 2)


def test_a_desk_that_is_faster_than_the_sweep_wins():
    town = Town()
    visit = town.walk_in()
    town.visits.call_next(FJORDBY, OFFICE, "1")
    town.visits.start(FJORDBY, visit.id)
    until(town, 16)
    old = town.store.complete

    def outrun(before: Any, after: Any, work: Any, *, by: str | None = None) -> None:
        town.store.complete = old  # type: ignore[method-assign]
        town.visits.complete(FJORDBY, visit.id)
        old(before, after, work, by=by)

    town.store.complete = outrun  # type: ignore[method-assign]
    assert town.sweep().unclosed == 0
    assert town.state(visit) is State.COMPLETED
    assert len(town.store.contacts) == 1


def test_an_appointment_that_moves_during_the_sweep_is_not_missed():
    booking = a_booking()
    town = Town(booking)
    until(town, 16)

    def moving(visit: Any, seen: Any, *, by: str | None = None) -> None:
        raise Outrun

    town.store.add_booked = moving  # type: ignore[method-assign]
    assert town.sweep().missed == 0


def test_what_happens_after_the_sweep_is_swept_after_midnight_for_good():
    town = Town()
    until(town, 16)
    town.sweep()
    late = town.walk_in()
    assert town.sweep() == NOTHING
    until(town, 24)
    assert town.sweep() == Swept(unclosed=1, missed=0, days=1)
    assert town.state(late) is State.UNCLOSED
    record = town.days.kept["fjordby", OFFICE, MONDAY.date()]
    assert (record.is_final, record.figures.count(Kind.UNCLOSED)) == (True, 1)
    assert town.sweep() == NOTHING


def test_days_that_were_missed_are_caught_up():
    town = Town()
    visit = town.walk_in()
    town.clock.advance(days=4)
    assert town.sweep().unclosed == 1
    assert town.state(visit) is State.UNCLOSED
    assert [record.day for record in town.days.kept.values() if record.figures.expected] == [MONDAY.date()]


@pytest.mark.requirement("GL-77")
def test_questions_at_the_door_become_contacts_when_the_day_closes_and_not_twice():
    town = Town()
    for key in ("a", "a", "b"):
        town.office_day.count_at_door(FJORDBY, OFFICE, "licence", idempotency_key=key)
    town.office_day.count_at_door(FJORDBY, OFFICE, "passport")
    town.office_day.uncount_at_door(FJORDBY, OFFICE, "passport")
    until(town, 16)
    town.sweep()
    until(town, 24)
    town.sweep()
    assert len(town.today.told) == 2
    told = town.today.told[0]
    assert (told.department, told.desk_group, told.entry.reason) == ("citizen-service", "counter", "licence")
    assert [item.kind for item in told.work] == [WorkKind.DECIDE, WorkKind.LAND_CONTACT]
    figures = town.days.kept["fjordby", OFFICE, MONDAY.date()].figures
    assert (figures.count(Kind.AT_DOOR), figures.expected) == (2, 0)


# When


def with_hours(*, closing_days: tuple[str, ...] = (), exceptions: Any = (), **opening: Any) -> Municipality:
    document = a_municipality_document(closing_days=list(closing_days))
    office = document["offices"][0]
    [group] = office["desk_groups"]
    hours = {**group["opening"][0], "weekdays": [1, 2, 3, 4, 5, 6, 7], **opening}
    office["exceptions"] = list(exceptions)
    office["desk_groups"] = [{**group, "opening": [hours]}]
    return a_municipality(**{**document, "offices": [office]})


@pytest.mark.parametrize(
    ("day", "changes", "utc"),
    [
        ("2026-11-23", {}, "2026-11-23T14:00"),
        ("2026-07-01", {}, "2026-07-01T13:00"),
        ("2026-10-25", {}, "2026-10-25T14:00"),  # clocks go back: the afternoon is winter time
        ("2026-10-25", {"opens": "00:00", "closes": "02:30"}, "2026-10-25T00:30"),  # the first of the two
        ("2026-03-29", {}, "2026-03-29T13:00"),
        ("2026-03-29", {"opens": "00:00", "closes": "02:30"}, "2026-03-29T01:30"),  # a time that is skipped
        ("2026-11-23", {"closes": "00:00"}, "2026-11-23T23:00"),  # open until midnight
        ("2026-11-23", {"closing_days": ("2026-11-23",)}, None),
        ("2026-12-25", {}, None),
        ("2026-11-23", {"exceptions": [{"first": "2026-11-23", "last": "2026-11-23"}]}, None),
        (
            "2026-11-23",
            {
                "exceptions": [
                    {
                        "first": "2026-11-23",
                        "last": "2026-11-23",
                        "opening": [{"weekdays": [1], "opens": "09:00", "closes": "12:00", "desks": 1}],
                    }
                ]
            },
            "2026-11-23T11:00",
        ),
    ],
)
def test_closing_time_is_what_the_clock_on_the_wall_shows(day: str, changes: dict[str, Any], utc: str | None):
    town = with_hours(**changes)
    closes = closes_at(town, town.offices[0], date.fromisoformat(day))
    expected = None if utc is None else datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert closes == expected


def test_a_closed_day_is_swept_at_midnight():
    town = with_hours(closing_days=("2026-11-23",))
    assert sweep_due(town, town.offices[0], date(2026, 11, 23)) == datetime(2026, 11, 23, 23, tzinfo=UTC)


@pytest.mark.parametrize("day", [date(2026, 10, 25), date(2026, 3, 29), date(2026, 12, 31), date(2028, 2, 29)])
def test_every_day_is_swept_whatever_the_clocks_do(day: date):
    municipality = with_hours()
    noon = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    town = Town(now=noon, municipality=municipality)
    visit = town.visits.walk_in(municipality, OFFICE, WalkIn(("passport",), Origin.KIOSK, "da", ConsentFacts())).visit
    town.clock.advance(hours=24)
    assert town.sweep().unclosed == 1
    assert town.visits.get(municipality, visit.id).state is State.UNCLOSED
    town.clock.advance(seconds=timedelta(days=1).total_seconds())
    town.sweep()
    assert town.days.kept["fjordby", OFFICE, day].is_final
