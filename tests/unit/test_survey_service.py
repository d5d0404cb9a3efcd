from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.shared.errors import AlreadyAnswered, Busy, LinkExpired, NotFound
from chalicelib.shared.hashing import token_hash
from chalicelib.surveys.answers import AnswersInvalid
from chalicelib.surveys.model import Mode, State
from chalicelib.surveys.questionnaire import questionnaire
from chalicelib.surveys.service import Invited
from tests.builders import MONDAY, a_municipality
from tests.fakes.surveys import COMPLETE, CONTACT, SurveyWorld, a_link, a_token


@pytest.mark.requirement("SK-13")
@pytest.mark.requirement("SK-15")
def test_a_link_opens_the_questionnaire_of_its_municipality_in_its_language():
    survey = SurveyWorld(language="en").service.open(a_token())

    assert [item.id for item in survey.questionnaire.items] == [
        "satisfaction",
        "friendliness",
        "got-answer",
        "clear-information",
        "comment",
    ]
    assert (survey.language, survey.finished, survey.answers) == ("en", False, {})


def test_looking_a_hundred_times_spends_nothing_and_writes_nothing():
    world = SurveyWorld()
    for _ in range(100):
        world.service.open(world.token)
    assert world.store.writes == 0
    world.service.finish(world.token, COMPLETE)


@pytest.mark.parametrize("token", ["", "x", "Ab3kZ9qLm2XyT", "Ab3kZ9qLm2XyT7", "../../etc/passw", "æøåæøåæøåæøåæø"])
def test_an_unknown_token_is_not_found(token):
    with pytest.raises(NotFound):
        SurveyWorld().service.open(token)


def test_an_appointment_link_opens_no_survey():
    world = SurveyWorld(purpose="appointment")
    with pytest.raises(NotFound):
        world.service.open(world.token)


@pytest.mark.parametrize("call", ["open", "save", "finish"])
def test_a_link_works_until_its_last_moment_and_then_says_that_it_has_expired(call):
    world = SurveyWorld(until=MONDAY + timedelta(seconds=1))
    arguments = () if call == "open" else (COMPLETE,)
    world.clock.advance(seconds=1)
    with pytest.raises(LinkExpired):
        getattr(world.service, call)(world.token, *arguments)
    assert world.store.writes == 0


def test_a_link_whose_invitation_was_deleted_has_expired():
    world = SurveyWorld()
    world.store.invitations.clear()
    with pytest.raises(LinkExpired):
        world.service.open(world.token)


def test_the_questionnaire_chosen_when_inviting_wins_over_the_one_in_force():
    world = SurveyWorld()
    world.store.invitations["fjordby", CONTACT] = Invited(MONDAY, "pulse")
    assert world.service.open(world.token).questionnaire.id == "pulse"


def test_the_first_answer_starts_the_response_with_the_contacts_facts_and_its_landing():
    world = SurveyWorld()
    world.service.save(world.token, {"satisfaction": 0})

    stored = world.stored
    assert (stored.contact_id, stored.contact_ended_at) == (CONTACT, MONDAY - timedelta(hours=2))
    assert (stored.state, stored.mode, stored.version) == (State.STARTED, Mode.SMS_LINK, 1)
    assert (stored.questionnaire, stored.questionnaire_version, stored.language) == ("skive", "1", "da")
    assert stored.question_versions == {"satisfaction": "0-10.1"}
    assert world.store.landings == {CONTACT: 1}


@pytest.mark.requirement("GL-10")
def test_answers_come_one_by_one_replace_earlier_ones_and_can_be_taken_back():
    world = SurveyWorld()
    world.service.save(world.token, {"satisfaction": 3, "comment": "ok"})
    world.service.save(world.token, {"satisfaction": 8, "got-answer": "no"})
    survey = world.service.save(world.token, {"comment": None})

    assert survey.answers == {"satisfaction": 8, "got-answer": "no"}
    assert world.stored.question_versions == {"satisfaction": "0-10.1", "got-answer": "1"}
    assert world.store.landings == {CONTACT: 3}, "every write lands, so that drop-off is known"


def test_saving_the_same_again_writes_nothing():
    world = SurveyWorld()
    for _ in range(3):
        world.service.save(world.token, {"satisfaction": 3})
    assert world.store.writes == 1


def test_saving_nothing_starts_nothing():
    world = SurveyWorld()
    assert world.service.save(world.token, {"comment": "  "}).answers == {}
    assert world.store.writes == 0


def test_a_language_switch_keeps_the_answers():
    world = SurveyWorld()
    world.service.save(world.token, {"satisfaction": 3})
    survey = world.service.save(world.token, {"got-answer": "no"}, language="en")
    assert (survey.language, survey.answers) == ("en", {"satisfaction": 3, "got-answer": "no"})
    assert world.stored.language == "en"


def test_a_bad_answer_stores_nothing_of_the_request():
    world = SurveyWorld()
    with pytest.raises(AnswersInvalid) as caught:
        world.service.save(world.token, {"satisfaction": 11, "got-answer": "yes"})
    assert list(caught.value.fields) == ["satisfaction"]
    assert world.store.writes == 0


def test_a_comment_that_is_too_long_loses_nothing_that_was_saved():
    world = SurveyWorld()
    world.service.save(world.token, {"comment": "kort"})
    with pytest.raises(AnswersInvalid) as caught:
        world.service.save(world.token, {"comment": "x" * 10_000})
    assert "2000" in caught.value.fields["comment"]
    assert world.stored.comments == {"comment": "kort"}


def test_finishing_needs_every_required_answer_and_keeps_nothing_otherwise():
    world = SurveyWorld()
    world.service.save(world.token, {"satisfaction": 3})
    with pytest.raises(AnswersInvalid) as caught:
        world.service.finish(world.token, {"got-answer": "no"})
    assert list(caught.value.fields) == ["friendliness", "clear-information"]
    assert world.stored.answers == {"satisfaction": 3}


def test_finishing_stores_the_last_answers_and_the_landing_in_one_write():
    world = SurveyWorld()
    world.service.save(world.token, {"satisfaction": 3})
    world.clock.advance(minutes=1)
    survey = world.service.finish(world.token, {**COMPLETE, "comment": "Fint 👍🏽"})

    assert (survey.finished, survey.answers) == (True, {})
    assert world.stored.finished_at == MONDAY + timedelta(minutes=1)
    assert world.stored.started_at == MONDAY
    assert world.stored.answers == COMPLETE
    assert world.stored.comments == {"comment": "Fint 👍🏽"}
    assert (world.store.writes, world.store.landings) == (2, {CONTACT: 2})


def test_a_finished_link_shows_no_answers_and_takes_none():
    world = SurveyWorld()
    world.service.finish(world.token, COMPLETE)

    assert world.service.open(world.token).answers == {}
    for call in (world.service.save, world.service.finish):
        with pytest.raises(AlreadyAnswered):
            call(world.token, {"satisfaction": 1})
    assert world.stored.answers == COMPLETE


def test_parallel_tabs_finish_once():
    world, outcomes, gate = SurveyWorld(), list[str](), threading.Barrier(20)

    def finish() -> None:
        gate.wait()
        try:
            world.service.finish(world.token, COMPLETE)
            outcomes.append("finished")
        except AlreadyAnswered:
            outcomes.append("already")

    threads = [threading.Thread(target=finish) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already"] * 19 + ["finished"]


def test_parallel_tabs_keep_each_others_answers():
    """A conflict is read again and merged: the loser of a race adds to what the winner wrote."""
    world = SurveyWorld()
    world.store.meanwhile = lambda: world.service.save(world.token, {"friendliness": 7})
    world.service.save(world.token, {"satisfaction": 3})
    assert world.stored.answers == {"friendliness": 7, "satisfaction": 3}
    assert len(world.pauses) == 1


def test_contention_without_end_is_busy_and_changes_nothing():
    world = SurveyWorld()
    world.store.refusing = True
    with pytest.raises(Busy):
        world.service.save(world.token, {"satisfaction": 3})
    assert len(world.pauses) == 8


def test_a_response_begun_with_a_version_is_finished_with_that_version():
    world = SurveyWorld()
    world.service.save(world.token, {"satisfaction": 3})
    world.store.responses["fjordby", CONTACT] = replace(world.stored, questionnaire_version="0")
    with pytest.raises(NotFound):
        world.service.open(world.token)
    assert questionnaire("skive", "1").version == "1"


@pytest.mark.parametrize(
    ("comment", "stored"),
    [
        ("Mit nummer er 120385-1234", "Mit nummer er [cpr]"),
        ("Birthe Kvist var rigtig sød", "[navn] var rigtig sød"),
        ("ring på 20 12 34 56", "ring på [telefon]"),
    ],
)
def test_comments_are_redacted_before_they_are_stored_also_when_only_saved(comment, stored):
    world = SurveyWorld()
    world.service.save(world.token, {"comment": comment})
    assert world.stored.comments == {"comment": stored}
    assert comment not in repr(vars(world.store))
    world.service.finish(world.token, {**COMPLETE, "comment": comment})
    assert world.stored.comments == {"comment": stored}


def test_staff_names_are_the_municipalitys_own():
    world = SurveyWorld(a_municipality(staff_names=["Xenofon Zappa"]))
    world.service.save(world.token, {"comment": "xenofon hjalp mig hurtigt"})
    assert world.stored.comments == {"comment": "[navn] hjalp mig hurtigt"}


def test_neither_reprs_nor_errors_show_answers():
    world = SurveyWorld()
    survey = world.service.save(world.token, {"comment": "hemmelig"})
    assert "hemmelig" not in repr(survey)
    assert "hemmelig" not in repr(world.stored)


_ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "satisfaction": st.integers(0, 10),
        "friendliness": st.integers(0, 10),
        "got-answer": st.sampled_from(["yes", "no"]),
        "clear-information": st.sampled_from(["high", "some", "low", "none", "dont_know"]),
    },
)


@given(st.lists(_ANSWERS, max_size=6))
def test_whatever_is_saved_in_whatever_order_is_what_is_read(steps):
    world, expected = SurveyWorld(), {}
    for step in steps:
        expected |= step
        assert world.service.save(world.token, step).answers == expected
    assert world.service.open(world.token).answers == expected


def test_links_without_an_end_never_expire():
    world = SurveyWorld()
    world.store.links[token_hash(world.token)] = a_link(until=None)
    world.clock.advance(days=5000)
    assert not world.service.open(world.token).finished
