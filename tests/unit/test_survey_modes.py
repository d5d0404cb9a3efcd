"""Ways in without a link, and interviews: sealed entries, one response each, modes that stay apart."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.shared.errors import AlreadyAnswered, InvalidInput, KeyReused, LinkExpired, NotFound
from chalicelib.shared.hashing import Keys
from chalicelib.surveys.answers import AnswersInvalid
from chalicelib.surveys.entry import Entry, sealed, unsealed
from chalicelib.surveys.interview import Interview
from chalicelib.surveys.model import Facts, Mode, State
from chalicelib.surveys.ports import Invited
from tests.builders import KEYS, MONDAY, a_municipality
from tests.fakes.surveys import COMPLETE, CONTACT, SurveyWorld

DAY = timedelta(days=1)
PULSE = {"satisfaction": 9, "got-answer": "yes"}


def an_entry(**changes) -> Entry:
    facts = changes.pop("facts", Facts(channel="in_person", office="raadhuset"))
    return Entry.new("fjordby", changes.pop("questionnaire", "pulse"), changes.pop("mode", Mode.QR), MONDAY, facts)


def an_interview(**changes) -> Interview:
    facts = {
        "municipality": "fjordby",
        "questionnaire": "skive",
        "version": "1",
        "mode": Mode.PHONE,
        "facts": Facts(channel="phone", department="benefits", place="Rådhusets forhal", interviewer="i7"),
        "language": "da",
        "answers": COMPLETE,
    }
    return Interview(**{**facts, **changes})


def test_an_entry_comes_back_as_it_was_sealed():
    entry = an_entry()
    assert unsealed(sealed(entry, KEYS), KEYS, now=MONDAY, lifetime=DAY) == entry


@given(st.integers(0, 400), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_seal_opens_nothing(position, letter):
    text = sealed(an_entry(), KEYS)
    forged = text[: position % len(text)] + letter + text[position % len(text) + 1 :]
    found = unsealed(forged, KEYS, now=MONDAY, lifetime=DAY)
    assert found is None or found == unsealed(text, KEYS, now=MONDAY, lifetime=DAY)


@pytest.mark.parametrize("text", ["", ".", "..", "1..", "1.x.y", "x" * 5000, "1.æ.ø", "9.e30.e30"])
def test_nonsense_opens_nothing(text):
    assert unsealed(text, KEYS, now=MONDAY, lifetime=DAY) is None


def test_another_deployments_seal_opens_nothing_and_an_old_key_still_does():
    text = sealed(an_entry(), KEYS)
    assert unsealed(text, Keys(phone=b"p", links={"1": b"other"}), now=MONDAY, lifetime=DAY) is None
    rotated = Keys(phone=b"p", links={**KEYS.links, "2": b"n" * 32}, link_version="2")
    assert unsealed(text, rotated, now=MONDAY, lifetime=DAY) is not None


def test_an_entry_ends():
    text = sealed(an_entry(), KEYS)
    with pytest.raises(LinkExpired):
        unsealed(text, KEYS, now=MONDAY + DAY, lifetime=DAY)


@pytest.mark.requirement("GL-04", "GE-17")
@pytest.mark.parametrize("mode", [Mode.KIOSK, Mode.QR, Mode.OPEN_LINK])
def test_an_entry_is_asked_saved_resumed_and_finished_once_in_its_mode(mode):
    world, entry = SurveyWorld(), an_entry(mode=mode)
    assert world.service.open(entry).answers == {}
    assert world.store.writes == 0
    world.service.save(entry, {"satisfaction": 9})
    assert world.service.open(entry).answers == {"satisfaction": 9}
    world.service.finish(entry, PULSE)
    stored = world.store.responses["fjordby", entry.contact_id]
    assert (stored.mode, stored.state, stored.facts) == (mode, State.FINISHED, entry.facts)
    assert stored.contact_ended_at == MONDAY
    with pytest.raises(AlreadyAnswered):
        world.service.finish(entry, PULSE)


def test_two_entries_are_two_responses():
    world = SurveyWorld()
    for _ in range(2):
        world.service.finish(an_entry(), PULSE)
    assert len(world.store.responses) == 2


def test_an_entry_of_a_visit_is_that_visits_one_response():
    """Answered at the kiosk, the link of the text message says that it is done."""
    world = SurveyWorld()
    assert world.service.entry_of("fjordby", "pulse", Mode.KIOSK, CONTACT) is None
    ended = MONDAY - timedelta(minutes=5)
    facts = Facts(channel="in_person", department="citizen-service", reason="passport", office="raadhuset")
    world.store.contacts["fjordby", CONTACT] = Invited(ended, facts=facts)
    entry = world.service.entry_of("fjordby", "pulse", Mode.KIOSK, CONTACT)
    world.service.finish(entry, PULSE)
    assert (world.stored.contact_ended_at, world.stored.facts) == (ended, facts)
    assert world.service.open(world.token).finished
    with pytest.raises(AlreadyAnswered):
        world.service.finish(world.token, COMPLETE)


def test_twenty_taps_on_one_entry_finish_once():
    world, entry, outcomes, gate = SurveyWorld(), an_entry(), list[str](), threading.Barrier(20)

    def finish() -> None:
        gate.wait()
        try:
            world.service.finish(entry, PULSE)
            outcomes.append("finished")
        except AlreadyAnswered:
            outcomes.append("already")

    threads = [threading.Thread(target=finish) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already"] * 19 + ["finished"]


@pytest.mark.requirement("GL-04", "GL-05")
def test_an_interview_is_kept_whole_with_mode_place_and_code():
    world = SurveyWorld()
    contact_id = world.service.record(an_interview())
    stored = world.store.responses["fjordby", contact_id]
    assert (stored.state, stored.mode, stored.version) == (State.FINISHED, Mode.PHONE, 1)
    assert (stored.facts.place, stored.facts.interviewer, stored.facts.channel) == ("Rådhusets forhal", "i7", "phone")
    assert stored.answers == COMPLETE
    assert world.store.landings == {contact_id: 1}


def test_the_same_key_is_one_interview_and_without_a_key_each_is_new():
    world = SurveyWorld()
    kept = world.service.record(an_interview(key="a"))
    world.clock.advance(minutes=1)
    assert world.service.record(an_interview(key="a")) == kept
    with pytest.raises(KeyReused):
        world.service.record(an_interview(key="a", answers={**COMPLETE, "satisfaction": 1}))
    world.service.record(an_interview())
    world.service.record(an_interview())
    assert len(world.store.responses) == 3


def test_an_interview_with_a_gap_or_another_version_is_not_kept():
    world = SurveyWorld()
    with pytest.raises(AnswersInvalid):
        world.service.record(an_interview(answers={"satisfaction": 3}))
    with pytest.raises(NotFound):
        world.service.record(an_interview(version="0"))
    assert not world.store.responses


def test_what_an_interviewer_writes_is_redacted_too():
    world = SurveyWorld()
    contact_id = world.service.record(an_interview(answers={**COMPLETE, "comment": "Hun har cpr 120385-1234"}))
    assert world.store.responses["fjordby", contact_id].comments == {"comment": "Hun har cpr [cpr]"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mode": Mode.KIOSK}, "mode"),
        ({"facts": Facts(interviewer="Birthe Kvist")}, "interviewer"),
        ({"facts": Facts(place="ring 20 12 34 56 eller 20123456")}, "place"),
        ({"facts": Facts(place="x" * 61)}, "place"),
    ],
)
def test_an_interview_names_no_mode_code_or_place_that_is_none(changes, field):
    with pytest.raises(InvalidInput) as wrong:
        an_interview(**changes)
    assert list(wrong.value.fields) == [field]


@pytest.mark.requirement("BF-13")
def test_a_key_stays_only_of_a_colleague_who_has_said_yes():
    names = ["Birthe Kvist", "Ole Lund", "Ole Bang"]
    world = SurveyWorld(a_municipality(staff_names=names, asking={"nominees": ["Birthe Kvist", "Ole Lund"]}))
    world.service.save(world.token, {"comment": "Birthe var en engel"})
    assert world.stored.comments == {"comment": "[navn] var en engel"}
    (key,) = world.stored.nominees
    assert "birthe" not in key.lower()
    world.service.save(world.token, {"comment": "Ole var sød"})
    assert world.stored.nominees == (), "there are two of that name"
    world.service.save(world.token, {"comment": "Ole Lund var sød, og det var Birthe Kvist også"})
    assert len(world.stored.nominees) == 2
    assert key in world.stored.nominees
    world.service.save(world.token, {"comment": "Ole Bang var sød"})
    assert world.stored.nominees == (), "he has not said yes"


def test_a_channel_may_have_its_own_questionnaire():
    world = SurveyWorld(a_municipality(asking={"by_channel": {"phone": "pulse"}}))
    assert world.service.open(world.token).questionnaire.id == "skive"
    world.store.invitations["fjordby", CONTACT] = Invited(MONDAY, facts=Facts(channel="phone"))
    assert world.service.open(world.token).questionnaire.id == "pulse"


@pytest.mark.requirement("GL-66")
def test_languages_are_those_offered_in_which_the_questionnaire_is_whole():
    world = SurveyWorld(a_municipality(asking={"languages": ["da", "en", "ar"]}), language="ar")
    survey = world.service.open(world.token)
    assert [str(each) for each in survey.languages] == ["da", "en", "ar"]
    assert survey.language == "ar"
    assert SurveyWorld(language="ar").service.open(world.token).language == "da"
    world.store.invitations["fjordby", CONTACT] = Invited(MONDAY, "gladsaxe", "ar")
    assert world.service.open(world.token).language == "da", "half a translation is none"
