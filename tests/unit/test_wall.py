"""The wall: on in the days that were chosen, one comment at a time, off at once (BF-08)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.comments.model import Change, Use
from chalicelib.comments.service import CommentDesk, PickedComments
from chalicelib.comments.wall import SECONDS, Wall, WallService, may_hang_publicly
from chalicelib.shared.errors import Conflict, InvalidInput
from tests.builders import ALL_CONSENTS, MONDAY, FixedClock, a_municipality
from tests.fakes.comments import InMemoryMarks, InMemoryWall, Readable, a_comment

pytestmark = pytest.mark.requirement("BF-08")

ASKS = a_municipality(consent_texts=ALL_CONSENTS)
TODAY = MONDAY.date()


class World:
    """Three comments, two of which hang on the wall."""

    def __init__(self) -> None:
        self.clock, marks = FixedClock(MONDAY), InMemoryMarks()
        source = Readable(m2026_10=[a_comment(number) for number in (1, 2, 3)])
        desk = CommentDesk(store=marks, source=source)
        for comment in source.months["2026-10"][:2]:
            desk.change(ASKS, "2026-10", comment.id, Change(show=Use.WALL))
        self.store = InMemoryWall()
        picked = PickedComments(store=marks, source=source, clock=lambda: self.clock)
        self.wall = WallService(store=self.store, picked=picked, clock=lambda: self.clock)

    def text(self) -> str | None:
        shown = self.wall.screen(ASKS).shown
        return shown.comment.text if shown else None


def test_it_is_off_until_somebody_chooses_days():
    world = World()
    assert (world.wall.screen(ASKS).is_on, world.text()) == (False, None)
    world.wall.switch_on(ASKS, TODAY + timedelta(days=1), TODAY + timedelta(days=2), seen=0)
    assert world.text() is None
    world.clock.advance(days=1)
    assert world.text() is not None
    world.clock.advance(days=2)
    assert world.text() is None, "and goes off by itself"


def test_every_screen_shows_the_same_one_slowly_and_in_turn():
    world = World()
    world.wall.switch_on(ASKS, TODAY, TODAY, seen=0)
    seen = []
    for _ in range(4):
        seen.append(world.text())
        world.clock.advance(seconds=SECONDS)
    assert seen[:2] == seen[2:]
    assert set(seen) == {"Tak for hjælpen 1", "Tak for hjælpen 2"}, "the third was not picked"


def test_off_wins_over_a_page_of_before():
    world = World()
    world.wall.switch_on(ASKS, TODAY, TODAY, seen=0)
    for _ in range(2):
        world.wall.switch_off(ASKS)
    assert world.text() is None
    with pytest.raises(Conflict):
        world.wall.switch_on(ASKS, TODAY, TODAY, seen=1)
    assert world.text() is None
    world.wall.switch_on(ASKS, TODAY, TODAY, seen=3)
    assert world.text() is not None


@pytest.mark.parametrize(("first", "last"), [(0, -1), (-5, -1), (0, 32), (2, 1)])
def test_days_that_can_not_be_chosen(first, last):
    world = World()
    with pytest.raises(InvalidInput):
        world.wall.switch_on(ASKS, TODAY + timedelta(days=first), TODAY + timedelta(days=last), seen=0)


def test_it_hangs_in_public_only_where_citizens_are_asked():
    assert may_hang_publicly(ASKS)
    assert not may_hang_publicly(a_municipality(consent_texts={"survey_sms": ALL_CONSENTS["survey_sms"]}))
    assert not Wall(date(2026, 1, 1), None).is_on(date(2026, 1, 1))
