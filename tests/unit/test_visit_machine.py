"""Two offices, three desks and whatever anybody presses: what must hold after every press and at the end of the day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from chalicelib.shared.errors import BorgerpulsError
from chalicelib.visits.closing import Closing
from chalicelib.visits.days import Kind
from chalicelib.visits.document import from_document, to_document
from chalicelib.visits.model import AT_DESK_STATES, OPEN_STATES, ConsentFacts, Origin, State, Visit
from chalicelib.visits.reception import WalkIn
from tests.builders import FixedClock, a_municipality, a_municipality_document
from tests.fakes.offices import InMemoryDays, InMemoryToday
from tests.fakes.visits import InMemoryVisits, a_visit_service

_DOCUMENT = a_municipality_document()
_HALL = _DOCUMENT["offices"][0]
TOWN = a_municipality(offices=[_HALL, {**_HALL, "id": "nordby"}])
OFFICES = ("raadhuset", "nordby")
SIMPLE = ("start", "no_show", "park", "recall", "undo", "complete")


class WaitingRooms(RuleBasedStateMachine):
    """Presses that are refused change nothing; those that are taken keep every promise."""

    citizens: Bundle[str] = Bundle("citizens")

    @initialize()
    def open(self) -> None:
        self.clock = FixedClock()
        self.store = InMemoryVisits()
        self.service = a_visit_service(self.store, clock=self.clock)

    @rule(target=citizens, office=st.sampled_from(OFFICES), reason=st.sampled_from(["passport", "licence"]))
    def walk_in(self, office: str, reason: str) -> str:
        visit = self.service.walk_in(TOWN, office, WalkIn((reason,), Origin.KIOSK, "da", ConsentFacts())).visit
        return visit.ulid

    @rule(office=st.sampled_from(OFFICES), desk=st.sampled_from(["1", "2"]))
    def call_next(self, office: str, desk: str) -> None:
        self.service.call_next(TOWN, office, desk)

    @rule(ulid=citizens, press=st.sampled_from(SIMPLE))
    def press(self, ulid: str, press: str) -> None:
        self._try(lambda visit: getattr(self.service, press)(TOWN, visit.id), ulid)

    @rule(ulid=citizens, office=st.sampled_from(OFFICES))
    def send_on(self, ulid: str, office: str) -> None:
        self._try(lambda visit: self.service.forward_to_office(TOWN, visit.id, office, note="mangler foto"), ulid)

    @rule(ulid=citizens)
    def let_first(self, ulid: str) -> None:
        self._try(lambda visit: self.service.prioritise(TOWN, visit.id, "frail"), ulid)

    @rule(ulid=citizens, text=st.sampled_from(["mangler foto", "", "20 12 34 56"]))
    def note(self, ulid: str, text: str) -> None:
        self._try(lambda visit: self.service.note(TOWN, visit.id, text), ulid)

    @rule(ulid=citizens, press=st.sampled_from(["complete", "start", "undo", "park"]))
    def press_on_a_row_that_was_left(self, ulid: str, press: str) -> None:
        for left in [visit for visit in self.store.left.values() if visit.ulid == ulid]:
            before = dict(self.store.left)
            try:
                getattr(self.service, press)(TOWN, left.id)
            except BorgerpulsError:
                assert self.store.left == before
            else:
                raise AssertionError("a visit that went on elsewhere was changed where it was left")

    @rule(ulid=consumes(citizens))
    def close(self, ulid: str) -> None:
        self._try(lambda visit: self.service.close(TOWN, visit.id), ulid)

    @rule(minutes=st.integers(0, 20))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)

    @invariant()
    def every_citizen_is_in_one_place_and_has_one_contact_at_most(self) -> None:
        if not hasattr(self, "store"):
            return
        assert all(left.state is State.MOVED for left in self.store.left.values())
        for visit in self.store.visits.values():
            ended = visit.state in {State.COMPLETED, State.UNCLOSED}
            assert (visit.ulid in self.store.contacts) is ended
            assert (visit.desk is not None) or visit.state not in AT_DESK_STATES
            assert visit.note in {None, "mangler foto"}
            assert visit.standing[-1].after == visit.state
            assert visit.waiting_since == visit.arrived_at == visit.trail[0].at
            assert from_document(to_document(visit), phone=visit.phone, version=visit.version) == visit

    def teardown(self) -> None:
        """The day ends: nobody is left open, nobody is lost, and the figures say what became of each."""
        if not hasattr(self, "store"):
            return
        days = InMemoryDays()
        closing = Closing(visits=self.service, days=days, door=InMemoryToday())
        self.clock.advance(seconds=timedelta(days=2).total_seconds())
        closing.sweep(TOWN)
        assert not [visit for visit in self.store.visits.values() if visit.state in OPEN_STATES]
        counted = sum(record.figures.expected for record in days.kept.values())
        assert counted == len(self.store.visits)
        moved = sum(record.figures.count(Kind.MOVED) for record in days.kept.values())
        assert moved == len(self.store.left)
        before = dict(self.store.contacts)
        closing.sweep(TOWN)
        assert self.store.contacts == before

    def _try(self, press: Any, ulid: str) -> None:
        before: Visit = self.store.visits[TOWN.id, ulid]
        try:
            press(before)
        except BorgerpulsError:
            assert self.store.visits[TOWN.id, ulid] == before, "what is refused changes nothing"


TestWaitingRooms = WaitingRooms.TestCase
TestWaitingRooms.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
