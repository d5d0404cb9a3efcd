"""Marks on comments: what colleagues decide, who may see the words, and two of them at once (SK-21, SK-26, BF-27)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.comments.filters import Filters, Scores
from chalicelib.comments.model import (
    LONGEST_ON_WALL,
    Change,
    Mark,
    Status,
    Use,
    changed,
    may_use,
    month_of_comment,
    without_consent,
)
from chalicelib.comments.service import LONGEST_ANSWER, CommentDesk, PickedComments
from chalicelib.entrypoints.comments.presses import press_of
from chalicelib.shared.errors import Conflict, InvalidInput, NotFound
from chalicelib.shared.hashing import comment_key
from chalicelib.shared.retry import Retry
from tests.builders import ALL_CONSENTS, KEYS, FixedClock, a_municipality
from tests.fakes.comments import InMemoryMarks, Readable, a_comment, comment_id

ASKS = a_municipality(consent_texts=ALL_CONSENTS)
SILENT = a_municipality(consent_texts={"survey_sms": ALL_CONSENTS["survey_sms"]})
ONE = comment_id()


class World:
    """A month of one comment, and a desk for it."""

    def __init__(self, *comments: object, **months: object) -> None:
        self.store = InMemoryMarks()
        self.source = Readable(m2026_10=list(comments) or [a_comment()], **months)
        self.clock = FixedClock()
        self.desk = CommentDesk(store=self.store, source=self.source, retry=Retry(sleep=lambda _: None))
        self.picked = PickedComments(store=self.store, source=self.source, clock=lambda: self.clock)

    def change(self, change: Change, *, seen: int | None = None, municipality=ASKS, of: str = ONE) -> Mark:
        return self.desk.change(municipality, "2026-10", of, change, seen=seen)

    def shown(self, use: Use, municipality=ASKS) -> list[tuple[str, bool]]:
        return [(each.comment.text, each.words) for each in self.picked.of(municipality, use)]


@pytest.mark.requirement("SK-21")
def test_a_comment_is_sorted_given_to_somebody_and_closed():
    world = World()
    (new,) = world.desk.marks("fjordby", world.source.months["2026-10"]).values()
    assert (new.status, new.version) == (Status.NEW, 0)
    world.change(Change(theme="waiting", department="citizen-service", note="Tal med Jan"), seen=0)
    world.change(Change(urgent=True))
    world.change(Change(status=Status.ACTED, answer="Vi har åbnet en skranke mere."))
    (mark,) = world.desk.marks("fjordby", world.source.months["2026-10"]).values()
    assert (mark.theme, mark.urgent, mark.status, mark.version) == ("waiting", True, Status.ACTED, 3)
    assert world.change(Change(urgent=True)).version == 3, "the same again writes nothing"
    assert "Jan" not in repr(mark), "what colleagues write is not printed"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (Change(theme="weather"), "theme"),
        (Change(department="navy"), "department"),
        (Change(note="Ring til 20 30 40 50"), "note"),
        (Change(answer="Skriv til jan@fjordby.dk"), "answer"),
        (Change(answer="x" * (LONGEST_ANSWER + 1)), "answer"),
    ],
)
def test_what_a_mark_can_not_hold(change, field):
    world = World()
    with pytest.raises(InvalidInput) as refused:
        world.change(change)
    assert field in refused.value.fields
    assert not world.store.rows


def test_only_what_may_be_read_can_be_marked():
    world = World()
    for unknown, error in ((comment_id(2), NotFound), ("2026-10.01JDC0NTACT000000000000001.comment", InvalidInput)):
        with pytest.raises(error):
            world.change(Change(urgent=True), of=unknown)
    with pytest.raises(InvalidInput):
        month_of_comment("")


def test_two_at_once_lose_nothing():
    world = World()
    world.store.meanwhile = lambda: world.change(Change(theme="waiting"))
    mark = world.change(Change(urgent=True))
    assert (mark.theme, mark.urgent, mark.version) == ("waiting", True, 2)


def test_a_text_is_not_written_over_one_that_nobody_has_seen():
    world = World()
    world.change(Change(note="Den første"), seen=0)
    with pytest.raises(Conflict):
        world.change(Change(note="Den anden"), seen=0)
    assert world.store.rows["fjordby", ONE].note == "Den første"
    assert world.change(Change(note="Den første"), seen=0).version == 1, "a lost answer, sent again, is no conflict"
    assert world.change(Change(note=""), seen=1).note == "", "and it can be cleared"


TABLE = [
    # may_be_quoted, asked, quote, wall, shared, praise
    (True, True, True, True, True, True),
    (False, True, False, False, False, False),
    (None, True, False, False, False, False),
    (True, False, True, True, True, True),
    (False, False, False, False, False, False),
    (None, False, False, True, True, True),
]


@pytest.mark.requirement("SK-02", "SK-26")
@pytest.mark.parametrize(("said", "asked", *(str(use) for use in Use)), TABLE)
def test_who_may_see_the_words(said, asked, quote, wall, shared, praise):
    comment = a_comment(may_be_quoted=said)
    found = [may_use(comment, Mark(ONE), use, asked=asked) for use in (Use.QUOTE, Use.WALL, Use.SHARED, Use.PRAISE)]
    assert found == [quote, wall, shared, praise]
    gone = without_consent(Mark(ONE, uses=frozenset(Use)))
    assert not any(may_use(comment, gone, use, asked=asked) for use in Use), "taken back wins over what the lake says"


@pytest.mark.requirement("SK-26")
@pytest.mark.parametrize("use", [Use.QUOTE, Use.WALL, Use.PRAISE])
def test_nobody_is_picked_against_their_will(use):
    world = World(a_comment(may_be_quoted=False))
    with pytest.raises(InvalidInput):
        world.change(Change(show=use))
    assert world.shown(use) == []


@pytest.mark.requirement("BF-08")
def test_what_nobody_can_read_from_a_distance_is_not_for_the_wall():
    long = a_comment(text="x" * (LONGEST_ON_WALL + 1))
    assert not may_use(long, Mark(ONE), Use.WALL, asked=True)
    assert may_use(long, Mark(ONE), Use.QUOTE, asked=True)
    assert may_use(a_comment(text="x" * LONGEST_ON_WALL), Mark(ONE), Use.WALL, asked=True)


@pytest.mark.requirement("SK-26", "SK-02")
def test_a_yes_that_is_taken_back_counts_at_once_and_for_good():
    world = World()
    for use in Use:
        world.change(Change(show=use))
        assert world.shown(use) == [("Tak for hjælpen 1", True)]
    for _ in range(2):
        world.desk.take_back("fjordby", [ONE])
    assert [world.shown(use) for use in Use] == [[], [], [], []], "though the month's counts still say yes"
    assert world.store.rows["fjordby", ONE].version == 5
    with pytest.raises(InvalidInput):
        world.change(Change(show=Use.QUOTE))
    never = comment_id(7)
    world.desk.take_back("fjordby", [never])
    assert world.store.rows["fjordby", never].taken_back, "and it can't be picked before the next refresh"


def test_the_next_refresh_counts_too():
    world = World()
    world.change(Change(show=Use.QUOTE))
    world.source.months["2026-10"] = [a_comment(may_be_quoted=False)]
    world.clock.advance(minutes=2)
    assert world.shown(Use.QUOTE) == []
    world.source.months["2026-10"] = []
    world.clock.advance(minutes=2)
    assert world.shown(Use.QUOTE) == [], "erased, or its group has become too small"


@pytest.mark.requirement("BF-27")
def test_a_solution_is_shared_without_the_words_where_these_may_not_be_repeated():
    world = World(a_comment(may_be_quoted=False))
    with pytest.raises(InvalidInput):
        world.change(Change(show=Use.SHARED))
    world.change(Change(answer="Vi har åbnet en skranke mere."))
    world.change(Change(show=Use.SHARED))
    assert world.shown(Use.SHARED) == [("Tak for hjælpen 1", False)]
    world.change(Change(hide=Use.SHARED))
    assert world.shown(Use.SHARED) == []


def test_what_others_see_is_readable_in_its_own_month():
    hidden = a_comment(2, "2026-09")
    world = World(m2026_09=[], m2026Q3=[hidden])
    with pytest.raises(InvalidInput) as refused:
        world.desk.change(ASKS, "2026Q3", hidden.id, Change(show=Use.WALL))
    assert "show" in refused.value.fields
    assert world.desk.change(ASKS, "2026Q3", hidden.id, Change(urgent=True)).urgent


def test_months_are_looked_up_once_a_minute_and_marks_each_time():
    world = World()
    world.change(Change(show=Use.WALL))
    asked = world.source.asked
    for _ in range(3):
        world.shown(Use.WALL)
    assert world.source.asked == asked + 1
    world.change(Change(hide=Use.WALL))
    assert world.shown(Use.WALL) == []


def test_a_comments_name_does_not_tell_its_contact():
    name = comment_key(KEYS, "fjordby", "01JDC0NTACT000000000000001")
    assert len(name) == 20
    assert name.isalpha()
    assert name != comment_key(replace(KEYS, phone=b"q" * 32), "fjordby", "01JDC0NTACT000000000000001")
    assert name != comment_key(KEYS, "lindeby", "01JDC0NTACT000000000000001")


@given(
    st.lists(
        st.one_of(
            st.builds(Change, show=st.sampled_from(Use)),
            st.builds(Change, hide=st.sampled_from(Use)),
            st.builds(Change, answer=st.sampled_from(["", "Vi har talt om det."])),
            st.just(None),
        ),
        max_size=8,
    ),
    st.sampled_from([True, False, None]),
    st.sampled_from([ASKS, SILENT]),
)
@pytest.mark.requirement("SK-02")
def test_whatever_is_pressed_words_stand_only_where_they_may(changes, said, municipality):
    world, gone = World(a_comment(may_be_quoted=said)), False
    for change in changes:
        if change is None:
            world.desk.take_back(municipality.id, [ONE])
            gone = True
            continue
        with suppress(InvalidInput):
            world.change(change, municipality=municipality)
    words = {use for use in Use if any(words for _, words in world.shown(use, municipality))}
    if gone or said is False or (said is None and municipality is ASKS):
        assert not words
    if said is not True:
        assert Use.QUOTE not in words


@pytest.mark.requirement("SK-21")
def test_filters_narrow_and_what_is_urgent_comes_first():
    comments = [
        a_comment(1, office="oen", score="2"),
        a_comment(2, score="10"),
        a_comment(3, score=None, reason="licence", channel="phone"),
    ]
    marks = {each.id: Mark(each.id) for each in comments}
    marks[comments[2].id] = replace(marks[comments[2].id], urgent=True, theme="waiting", uses=frozenset({Use.WALL}))
    marks[comments[1].id] = replace(marks[comments[1].id], status=Status.CLOSED, department="citizen-service")
    scores = Scores(("9", "10"), ("0", "1", "2"))

    def found(**chosen: str) -> list[int]:
        return [comments.index(comment) for comment, _ in Filters(**chosen).matching(comments, marks, scores)]

    assert found() == [2, 0, 1]
    assert found(office="oen") == [0]
    assert found(reason="licence", channel="phone") == [2]
    assert [found(score=each) for each in ("low", "middle", "high", "none")] == [[0], [], [1], [2]]
    assert (found(theme="waiting"), found(status="closed"), found(department="citizen-service")) == ([2], [1], [1])
    assert (found(picked="urgent"), found(picked="wall"), found(picked="quote"), found(office="x")) == (
        [2],
        [2],
        [],
        [],
    )


def test_a_form_of_no_page_of_ours_is_refused():
    known = {"comment": ONE, "period": "2026-10"}
    assert press_of({**known, "press": "show-wall"}).change == Change(show=Use.WALL)
    for wrong in ({"press": "show-all"}, {"press": "urgent"}, {"press": "details", "seen": "1"}, {"press": "x-y"}, {}):
        with pytest.raises(InvalidInput):
            press_of({**known, **wrong})
    with pytest.raises(InvalidInput):
        press_of({"press": "show-wall"})
    assert changed(Mark(ONE), Change()) == Mark(ONE)
