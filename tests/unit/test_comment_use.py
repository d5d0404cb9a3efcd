"""May a comment be quoted? Asked by itself, kept with its wording, and taken back at once (SK-02, ADR 29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.lake.landing import Fact, response_objects
from chalicelib.reporting.model import Comment
from chalicelib.reporting.operations import quotable
from chalicelib.shared.errors import AlreadyAnswered, Busy, InvalidInput, NotFound
from chalicelib.shared.hashing import comment_key
from chalicelib.surveys.comment_use import Said
from chalicelib.surveys.entry import Entry
from chalicelib.surveys.interview import Interview
from chalicelib.surveys.model import Facts, Mode
from chalicelib.surveys.quoting import CommentUseService
from tests.builders import ALL_CONSENTS, KEYS, MONDAY, a_municipality
from tests.fakes.surveys import COMPLETE, CONTACT, SurveyWorld

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.requirement("SK-02")

YES, NO = Said(granted=True, text_version="c-1"), Said(granted=False, text_version="c-1")
TEXT = {"comment": "Venlig betjening."}


@pytest.fixture
def world() -> SurveyWorld:
    return SurveyWorld(a_municipality(consent_texts=ALL_CONSENTS))


def taking_back(world: SurveyWorld, quoted: Quotes | None = None) -> CommentUseService:
    return CommentUseService(
        store=world.store,
        clock=lambda: world.clock,
        pause=world.pauses.append,
        quoted=quoted or Quotes(),
        keys=lambda: KEYS,
    )


class Quotes:
    """Which comments were taken down."""

    def __init__(self) -> None:
        self.down: list[str] = []

    def take_back(self, municipality: str, comment_ids: Iterable[str]) -> None:
        self.down += comment_ids


def said(world: SurveyWorld) -> list[tuple[bool, bool]]:
    return [(answer.granted, answer.withdrawn) for _, answer in world.store.answers]


def test_the_answer_stands_with_its_wording_language_origin_and_time(world):
    seen = world.service.save(world.token, TEXT, language="en", said=YES)
    assert seen.may_quote is True
    kept = world.stored.comment_use
    assert world.store.answers == [(CONTACT, kept)]
    assert (kept.granted, kept.text_version, kept.language, kept.origin, kept.by) == (True, "c-1", "en", "web", None)
    assert kept.at == MONDAY
    assert world.store.landings == {CONTACT: 1}


def test_the_language_is_the_one_that_the_question_was_read_in():
    world = SurveyWorld(a_municipality(consent_texts=ALL_CONSENTS, asking={"languages": ["da", "en", "de"]}))
    world.service.save(world.token, TEXT, language="de", said=NO)
    assert (world.stored.language, world.stored.comment_use.language) == ("de", "en")


@pytest.mark.parametrize("nothing", [{}, {"comment": ""}, {"satisfaction": 7}])
def test_without_a_text_there_is_nothing_to_agree_to(world, nothing):
    world.service.save(world.token, nothing, said=YES)
    assert world.store.answers == []
    assert ("fjordby", CONTACT) not in world.store.responses or world.stored.comment_use is None


def test_a_text_without_the_question_is_kept_and_may_not_be_quoted(world):
    assert world.service.save(world.token, TEXT).may_quote is None
    assert world.store.answers == []


def test_no_is_an_answer_too_and_the_same_answer_is_written_once(world):
    world.service.save(world.token, TEXT, said=NO)
    world.service.save(world.token, TEXT, said=NO)
    world.service.save(world.token, {"comment": "Noget andet."}, said=NO)
    assert said(world) == [(False, False)]


def test_an_answer_alone_is_a_change(world):
    world.service.save(world.token, TEXT, said=NO)
    world.service.save(world.token, TEXT, said=YES)
    world.service.save(world.token, TEXT, said=NO)
    world.service.save(world.token, TEXT, said=NO)
    assert said(world) == [(False, False), (True, False), (False, True)]
    assert world.stored.version == 3


@pytest.mark.parametrize("other", [replace(YES, text_version="c-0"), replace(NO, text_version="2026-1")])
def test_an_answer_to_another_wording_is_refused_and_nothing_is_stored(world, other):
    with pytest.raises(InvalidInput) as caught:
        world.service.save(world.token, TEXT, said=other)
    assert set(caught.value.fields) == {"comment_use"}
    assert world.store.writes == 0


def test_where_it_is_not_asked_nobody_can_answer():
    world = SurveyWorld()
    with pytest.raises(InvalidInput):
        world.service.finish(world.token, {**COMPLETE, **TEXT}, said=YES)


def test_it_is_taken_back_after_the_end_and_lands_again(world):
    world.service.finish(world.token, {**COMPLETE, **TEXT}, said=YES)
    world.clock.advance(days=3)
    quotes = Quotes()
    for _ in range(2):
        taking_back(world, quotes).withdraw("fjordby", CONTACT, origin="desk", by="employee-7")
    named = f"2026-11.{comment_key(KEYS, 'fjordby', CONTACT)}.comment"
    assert quotes.down == [named, named], "at once, off every page; and again if it was interrupted"
    assert CONTACT not in named
    kept = world.stored.comment_use
    assert (kept.granted, kept.withdrawn, kept.origin, kept.by) == (False, True, "desk", "employee-7")
    assert kept.at == MONDAY + timedelta(days=3)
    assert said(world) == [(True, False), (False, True)]
    assert world.store.landings == {CONTACT: 2}
    assert world.stored.comments == TEXT, "the answers stay"
    assert world.service.open(world.token).may_quote is False
    with pytest.raises(AlreadyAnswered):
        world.service.finish(world.token, said=YES)


def test_what_was_never_asked_can_not_be_taken_back(world):
    with pytest.raises(NotFound):
        taking_back(world).withdraw("fjordby", CONTACT, origin="web")
    world.service.save(world.token, TEXT)
    with pytest.raises(NotFound):
        taking_back(world).withdraw("fjordby", CONTACT, origin="web")


def test_taking_back_is_tried_again_when_somebody_writes_at_the_same_time(world):
    world.service.save(world.token, TEXT, said=YES)
    world.store.meanwhile = lambda: world.service.save(world.token, {"satisfaction": 3})
    taking_back(world, quotes := Quotes()).withdraw("fjordby", CONTACT, origin="web")
    assert quotes.down == [], "it stands nowhere before its end, and may be agreed to again"
    assert (world.stored.comment_use.withdrawn, world.stored.answers) == (True, {"satisfaction": 3})
    world.service.save(world.token, TEXT, said=YES)
    world.store.refusing = True
    with pytest.raises(Busy):
        taking_back(world).withdraw("fjordby", CONTACT, origin="web")


@pytest.mark.parametrize(
    ("mode", "origin"), [(Mode.KIOSK, "kiosk"), (Mode.QR, "web"), (Mode.OPEN_LINK, "web"), (Mode.SMS_LINK, "web")]
)
def test_the_origin_follows_from_the_way_in(world, mode, origin):
    entry = Entry.new("fjordby", "skive", mode, MONDAY, Facts())
    world.service.save(entry, TEXT, said=YES)
    ((contact_id, kept),) = world.store.answers
    assert (contact_id, kept.origin) == (entry.contact_id, origin)


def an_interview(**changes: Any) -> Interview:
    facts = Facts(channel="phone", interviewer="i-7")
    return Interview("fjordby", "skive", None, Mode.PHONE, facts, "da", {**COMPLETE, **TEXT}, **changes)


@pytest.mark.parametrize("answer", [YES, NO, None])
def test_an_interviewer_writes_it_down_by_a_code(world, answer):
    contact_id = world.service.record(an_interview(said=answer))
    kept = world.store.responses["fjordby", contact_id].comment_use
    assert (kept.granted, kept.origin, kept.by) == (answer.granted, "phone", "i-7") if answer else kept is None
    with pytest.raises(InvalidInput):
        world.service.record(an_interview(said=replace(YES, text_version="old")))


def landed(use: Any) -> list[Any]:
    document = {
        "contact_ended_at": "2026-11-23T09:00:00Z",
        "finished_at": "2026-11-23T10:00:00Z",
        "questionnaire": "skive",
        "language": "da",
        "answers": {},
        "comments": TEXT,
        "comment_use": use,
    }
    comments = next(o for o in response_objects(Fact("fjordby", CONTACT, document, 2)) if o.table == "comments")
    return [row["may_be_quoted"] for row in comments.rows]


@pytest.mark.parametrize(("use", "expected"), [(None, None), ({"granted": True}, True), ({"granted": False}, False)])
def test_it_lands_with_the_comment(use, expected):
    assert landed(use) == [expected]


def a_comment(may_be_quoted: bool | None) -> Comment:
    return Comment("Tak.", "da", "nord", "passport", "in_person", "2026-W47", None, may_be_quoted)


@pytest.mark.requirement("SK-26")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [(True, [True]), (False, [True, None])],
)
def test_only_what_may_be_quoted_is_shown_elsewhere(asked, expected):
    comments = [a_comment(answer) for answer in (True, False, None)]
    assert [comment.may_be_quoted for comment in quotable(comments, asked=asked)] == expected
