"""From landed facts through compaction to the views: late, corrected and erased facts, kills and two runs at once."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.contacts.document import to_document
from chalicelib.lake.compaction import CompactionService
from chalicelib.lake.landing import Fact, booking_objects, contact_objects, invitation_objects, response_objects
from chalicelib.lake.schemas import LANDED
from chalicelib.shared.clock import utc_text
from tests.builders import MONDAY, a_contact
from tests.fakes.lake import FakeLake, FakeMarks, Killed, Lives
from tests.lake_tables import connect, put_rows, rows_of
from tests.unit.test_landing import ENDED, a_booking, a_response, an_invitation

if TYPE_CHECKING:
    from pathlib import Path

    from chalicelib.lake.landing import LandedObject

WHERE = ("fjordby", "2026-11")


class House:
    """Landing area, files and marks, and what the views say of them."""

    def __init__(self, folder: Path) -> None:
        self.lake, self.marks, self.folder = FakeLake(), FakeMarks(), folder

    def land(self, *objects: LandedObject) -> None:
        for landed in objects:
            if self.lake.land(landed):
                self.marks.touch(landed.municipality, landed.table, landed.month)

    def everything(self, subject: str, *, version: int = 1, **changes: Any) -> None:
        """All facts of a booked visit with a finished answer and a comment."""
        contact = to_document(a_contact(id=subject, **changes))
        self.land(
            *contact_objects(Fact("fjordby", subject, contact, version)),
            *booking_objects(Fact("fjordby", subject, a_booking().document, version)),
            *invitation_objects(Fact("fjordby", subject, an_invitation(state="delivered").document, version)),
            *response_objects(Fact("fjordby", subject, a_response().document, version)),
        )

    def compact(self) -> None:
        for _ in CompactionService(store=self.lake, marks=self.marks).run(["fjordby"]):
            pass

    def say(self, sql: str) -> list[tuple[Any, ...]]:
        for table, municipality, month in self.lake.files:
            put_rows(self.folder, table, municipality, month, self.lake.rows(table, municipality, month))
        return connect(self.folder).execute(sql).fetchall()

    def funnel(self) -> tuple[Any, ...]:
        found = self.say("SELECT completed, sent, finished FROM v_funnel")
        return found[0] if found else (0, 0, 0)

    def live_on(self) -> None:
        self.lake.lives = self.marks.lives = Lives()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_every_table_of_the_lake_is_landed_by_something(house: House) -> None:
    house.everything("A")
    house.compact()
    assert {table for table, _, _ in house.lake.files} == set(LANDED)


def test_late_facts_count_when_they_come(house: House) -> None:
    house.land(*contact_objects(Fact("fjordby", "A", to_document(a_contact(id="A")), 1)))
    house.compact()
    assert house.funnel() == (1, 0, 0)
    house.everything("A", version=1)  # the invitation and the answer, a month late
    house.everything("B")
    house.compact()
    assert house.funnel() == (2, 2, 2)
    assert house.say("SELECT bookings, served FROM v_bookings WHERE dimension = 'all'") == [(2, 2)]


def test_a_corrected_fact_replaces_the_older_one_in_any_order(house: House) -> None:
    house.everything("A", version=2, office="nordby")
    house.compact()
    house.everything("A", version=1, office="raadhuset")  # an older one that was on its way
    house.compact()
    by_office = "SELECT dimension_value, contacts FROM v_served_by_dimension WHERE dimension = 'office'"
    assert house.say(by_office) == [("nordby", 1)]
    house.everything("A", version=3, office="raadhuset")
    house.compact()
    assert house.say(by_office) == [("raadhuset", 1)]


def test_an_answer_that_was_taken_back_is_gone(house: House) -> None:
    house.everything("A", version=1)
    house.compact()
    again = a_response(answers={"satisfaction": 3}, comments={}).document
    house.land(*response_objects(Fact("fjordby", "A", again, 2)))
    house.compact()
    assert house.say("SELECT question, answer FROM v_answers") == [("satisfaction", "3")]
    assert house.say("SELECT text FROM v_comments") == []


def test_a_booking_of_who_never_came_is_an_ending_and_no_contact(house: House) -> None:
    house.everything("A")
    house.land(*booking_objects(Fact("fjordby", "B", a_booking(state="no_show").document, 1)))
    house.compact()
    assert house.funnel()[0] == 1
    assert sorted(house.say("SELECT ending, contacts FROM v_endings")) == [("no_show", 1), ("served", 1)]


def test_one_erased_is_in_no_view_of_any_table(house: House, tmp_path: Path) -> None:
    house.everything("A")
    house.everything("B")
    house.compact()
    for table in LANDED:
        house.marks.bury(WHERE[0], table, WHERE[1], "A")
    house.compact()
    house.everything("A", version=9)  # what was in hand meanwhile
    house.compact()
    alone = House(tmp_path / "alone")
    alone.everything("B")
    alone.compact()
    assert house.funnel() == alone.funnel() == (1, 1, 1)
    with_grave, without = connect(house.folder), connect(alone.folder)
    for table in LANDED:
        assert rows_of(with_grave, table) == rows_of(without, table)
        assert house.lake.manifests[table, *WHERE].tombstoned > 0


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 38, 3))
def test_killed_anywhere_in_compacting_all_tables_the_views_are_right_in_the_end(
    house: House, step: int, *, after: bool
) -> None:
    house.everything("A")
    house.everything("B", office="nordby", ended_at=ENDED + timedelta(minutes=1))
    house.lake.lives = house.marks.lives = Lives(at=step, after=after)
    with suppress(Killed):
        house.compact()
    house.live_on()
    house.compact()
    assert house.funnel() == (2, 2, 2)
    assert all(house.lake.manifests[table, *WHERE].balanced for table in LANDED)
    assert not [mark for table in LANDED for mark in house.marks.dirty("fjordby", table)]


@pytest.mark.parametrize("table", LANDED)
def test_of_two_runs_at_once_none_loses_a_fact_of_any_table(tmp_path: Path, table: str) -> None:
    class Overtaken(FakeLake):
        """While this run lists the table, another one lands everything of a second subject and compacts it."""

        done = False

        def landed(self, mark: Any) -> Any:
            listed = super().landed(mark)
            if mark.table == table and not self.done:
                self.done = True
                house.everything("B")
                house.compact()
            return listed

    house = House(tmp_path)
    house.lake = Overtaken()
    house.everything("A")
    house.compact()
    house.compact()
    assert house.funnel() == (2, 2, 2)
    assert {row["contact_id"] for row in house.lake.rows(table, *WHERE)} == {"A", "B"}


def test_a_booking_moved_to_another_month_is_in_that_month_alone(house: House) -> None:
    later = a_booking(start=utc_text(MONDAY + timedelta(days=10)), moves=1)
    house.land(*booking_objects(Fact("fjordby", "A", later.document, 2)))
    house.compact()
    assert house.say("SELECT month, moved FROM v_bookings WHERE dimension = 'all'") == [("2026-12", 1)]
