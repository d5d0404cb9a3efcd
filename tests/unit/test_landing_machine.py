"""Landing as a machine that anything can happen to (I5).

Answers are saved, changed and finished while processes die at every call, stream records come twice, late, in the wrong
order or never. In the end every response is in the lake once, as it was last, and no work is left.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.lake.landing import Fact, response_objects
from chalicelib.lake.service import LandingService
from chalicelib.shared.clock import parse_moment, utc_text
from chalicelib.shared.work import WorkItem, WorkKind
from tests.builders import MONDAY, FixedClock
from tests.fakes.lake import FakeFacts, FakeLake, FakeMarks, Killed, Lives

if TYPE_CHECKING:
    from collections.abc import Callable

KIND = WorkKind.LAND_RESPONSE
NEVER = 99


def a_document(number: int) -> dict[str, Any]:
    started = MONDAY + timedelta(minutes=number)
    return {
        "contact_ended_at": utc_text(MONDAY),
        "questionnaire": "skive",
        "questionnaire_version": "1",
        "mode": "sms",
        "language": "da",
        "started_at": utc_text(started),
        "finished_at": None,
        "question_versions": {},
        "answers": {},
        "comments": {},
    }


class LandingMachine(RuleBasedStateMachine):
    """Steps in any order; see the module's docstring."""

    @initialize()
    def begin(self) -> None:
        self.clock = FixedClock(MONDAY + timedelta(hours=5))
        self.facts, self.lake, self.marks = FakeFacts(), FakeLake(), FakeMarks()
        self.subjects: list[str] = []

    @property
    def service(self) -> LandingService:
        return LandingService(
            facts=self.facts, lake=self.lake, marks=self.marks, clock=lambda: self.clock, work=self.facts
        )

    def _run(self, step: Callable[[], object], dies_at: int, *, after: bool) -> None:
        lives = Lives(at=None if dies_at == NEVER else dies_at, after=after)
        self.facts.lives = self.lake.lives = self.marks.lives = lives
        try:
            step()
        except Killed:
            pass
        finally:
            self.facts.lives = self.lake.lives = self.marks.lives = Lives()

    def _save(self, subject: str, document: dict[str, Any], version: int) -> None:
        """What the response's own transaction writes: the row and its landing."""
        item = WorkItem("fjordby", KIND, subject, parse_moment(document["started_at"]), version=version)
        self.facts.put(KIND, Fact("fjordby", subject, document, version), item)

    @rule()
    def open(self) -> None:
        subject = f"01RESP{len(self.subjects):020d}"
        self.subjects.append(subject)
        self._save(subject, a_document(len(self.subjects)), 1)

    @precondition(lambda self: self.subjects)
    @rule(data=st.data(), score=st.integers(0, 10), comment=st.sampled_from(["", "Fint.", "Langsomt."]))
    def change(self, data: st.DataObject, score: int, comment: str) -> None:
        before = self._stored(data.draw(st.sampled_from(self.subjects)))
        answers = {"satisfaction": score}
        document = {**before.document, "answers": answers, "comments": {"comment": comment} if comment else {}}
        self._save(before.subject, document, before.version + 1)

    @precondition(lambda self: self.subjects)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        before = self._stored(data.draw(st.sampled_from(self.subjects)))
        self._save(before.subject, {**before.document, "finished_at": utc_text(MONDAY)}, before.version + 1)

    @precondition(lambda self: self.subjects)
    @rule(data=st.data(), dies_at=st.one_of(st.just(NEVER), st.integers(1, 8)), after=st.booleans())
    def stream_record(self, data: st.DataObject, dies_at: int, after: bool) -> None:
        subject = data.draw(st.sampled_from(self.subjects))
        self._run(lambda: self.service.land_response("fjordby", subject), dies_at, after=after)

    @precondition(lambda self: self.subjects)
    @rule(data=st.data(), dies_at=st.one_of(st.just(NEVER), st.integers(1, 8)), after=st.booleans())
    def a_slow_process_lands_what_it_read_before_a_change(self, data: st.DataObject, dies_at: int, after: bool) -> None:
        """Another process read the response, then it was changed, and only now the first one writes."""
        subject = data.draw(st.sampled_from(self.subjects))
        old = self._stored(subject)
        self._save(subject, {**old.document, "answers": {"satisfaction": 3}}, old.version + 1)
        new = self.facts.facts[KIND, "fjordby", subject]

        def slowly() -> None:
            self.facts.facts[KIND, "fjordby", subject] = old
            try:
                self.service.land_response("fjordby", subject)
            finally:
                self.facts.facts[KIND, "fjordby", subject] = new

        self._run(slowly, dies_at, after=after)

    @rule(dies_at=st.one_of(st.just(NEVER), st.integers(1, 20)), after=st.booleans())
    def sweep(self, dies_at: int, after: bool) -> None:
        self._run(lambda: self.service.sweep("fjordby"), dies_at, after=after)

    def _stored(self, subject: str) -> Fact:
        return self.facts.facts[KIND, "fjordby", subject]

    @invariant()
    def nothing_is_lost_without_work_being_left(self) -> None:
        """What is not in the lake as it is now has its pending work."""
        for subject in getattr(self, "subjects", []):
            stored = self._stored(subject)
            pending = any(item.subject == subject for item in self.facts.pending.values())
            assert pending or self._is_landed(stored)

    def _is_landed(self, stored: Fact) -> bool:
        wanted = {landed.key: landed.body for landed in response_objects(stored)}
        return all(
            key in self.lake.landed_objects and self.lake.landed_objects[key].body == body
            for key, body in wanted.items()
        )

    def teardown(self) -> None:
        """One quiet sweep, and everything is there, once, as it was last, and marked for compaction."""
        if not getattr(self, "subjects", None):
            return
        self.service.sweep("fjordby")
        assert not self.facts.pending
        for subject in self.subjects:
            stored = self._stored(subject)
            assert self._is_landed(stored)
            objects = [landed for landed in self.lake.landed_objects.values() if landed.subject == subject]
            assert len({landed.key for landed in objects}) == len(objects)
            assert {landed.version for landed in objects if landed.table == "responses"} == {stored.version}
        assert self.marks.marks


LandingMachine.TestCase.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
test_landing_machine = LandingMachine.TestCase
