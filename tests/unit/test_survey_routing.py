"""Who is asked what: routes, facts, screening, shuffled answers, and what of it is kept."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.surveys.answers import AnswersInvalid
from chalicelib.surveys.model import Direction, Fact, Facts, QuestionType
from chalicelib.surveys.ports import Invited
from chalicelib.surveys.questionnaire import (
    available,
    bank,
    distribution_definitions,
    question_definitions,
    questionnaire,
    questionnaire_from,
)
from chalicelib.surveys.routing import following, next_open, path, preset_of, reachable, told
from chalicelib.surveys.writing import COARSE, MOST_SECONDS
from tests.builders import MONDAY
from tests.fakes.surveys import CONTACT, SurveyWorld

GLADSAXE = questionnaire("gladsaxe")
BATTERIES = {
    "phone": "phone-",
    "self_service": "self-service-",
    "e_mail": "e-mail-",
    "in_person": "meeting-",
}


def ids(route) -> list[str]:
    return [item.id for item in route]


def asked_after(channel: str, **more) -> list[str]:
    return ids(path(GLADSAXE, Facts(), {"contact-last-year": "yes", "latest-channel": channel, **more}))


@pytest.mark.requirement("GL-19", "GL-29", "GL-30", "GL-31", "BF-22")
@pytest.mark.parametrize("channel", BATTERIES)
def test_each_channel_has_its_own_battery_and_no_other(channel):
    route = asked_after(channel)
    for each, prefix in BATTERIES.items():
        assert any(name.startswith(prefix) for name in route) == (each == channel)
    assert {"satisfaction", "information-clarity", "preferred-channel", "comment"} <= set(route)


@pytest.mark.requirement("GL-19")
def test_a_letter_has_no_battery():
    assert not any(name.startswith(tuple(BATTERIES.values())) for name in asked_after("letter"))


@pytest.mark.requirement("GL-13", "GL-36", "GL-39", "GL-58")
def test_the_gladsaxe_set_is_whole():
    assert {"age", "gender", "education", "employment"} <= set(asked_after("phone"))
    for prefix in BATTERIES.values():
        prerequisites = GLADSAXE.find(f"{prefix}prerequisites")
        assert (len(prerequisites.options), prerequisites.max_choices) == (5, 3)
        assert prerequisites.randomise
    used, wanted = GLADSAXE.find("latest-channel"), GLADSAXE.find("preferred-channel")
    assert used.options == wanted.options
    assert wanted.dont_know, "shares that sum to 97 leave the rest unexplained (GL-58)"


@pytest.mark.requirement("GL-33")
def test_the_two_overall_questions_of_a_channel_stay_apart():
    route = asked_after("phone")
    assert {"satisfaction", "phone-overall"} <= set(route)
    assert GLADSAXE.find("phone-overall").type is QuestionType.AGREE5
    assert GLADSAXE.find("satisfaction").type is QuestionType.SATISFIED5


@pytest.mark.requirement("GL-32")
def test_for_a_lacking_receipt_lower_is_better():
    assert GLADSAXE.find("e-mail-no-receipt").direction is Direction.LOWER_IS_BETTER


@pytest.mark.requirement("GL-24", "GL-25", "GL-28", "GL-34")
def test_both_ends_are_counted_and_named():
    by_id = {definition["id"]: definition for definition in question_definitions(GLADSAXE)}
    satisfied = by_id["satisfaction"]
    assert satisfied["favourable"] == ("very-satisfied", "satisfied")
    assert satisfied["unfavourable"] == ("very-dissatisfied", "dissatisfied")
    assert by_id["information-clarity"]["unfavourable"] == ("low", "none")
    assert all(definition["favourable_text"]["da"] for definition in by_id.values())
    assert "latest-channel" not in by_id
    assert "latest-channel" in {definition["id"] for definition in distribution_definitions(GLADSAXE)}


@pytest.mark.requirement("GL-03")
def test_whom_it_is_not_for_is_asked_no_further_and_recorded():
    assert ids(path(GLADSAXE, Facts(), {"contact-last-year": "no", "latest-channel": "phone"})) == ["contact-last-year"]
    world = SurveyWorld()
    world.store.invitations["fjordby", CONTACT] = Invited(MONDAY, "gladsaxe")
    world.service.finish(world.token, {"contact-last-year": "no"})
    assert world.stored.eligible is False
    assert world.service.open(world.token).eligible is False


@pytest.mark.requirement("GL-03", "GL-18")
def test_nobody_whose_contact_is_known_is_asked_about_it():
    facts = Facts(channel="phone", department="benefits", reason="pension")
    route = ids(path(GLADSAXE, facts, {}))
    assert not {"contact-last-year", "latest-channel", "latest-department"} & set(route)
    assert "phone-overall" in route
    world = SurveyWorld()
    world.store.invitations["fjordby", CONTACT] = Invited(MONDAY, "gladsaxe", "da", facts)
    world.service.save(world.token, {"satisfaction": "satisfied"})
    assert (world.stored.facts, world.stored.eligible) == (facts, True)


def test_a_fact_that_is_no_answer_is_asked_about():
    assert preset_of(GLADSAXE.find("latest-department"), Facts(department="unheard-of")) is None


@pytest.mark.requirement("GL-18")
def test_what_is_told_of_the_contact_becomes_its_fact():
    given = {"contact-last-year": "yes", "latest-channel": "e_mail", "latest-department": "other"}
    facts = told(GLADSAXE, Facts(office="raadhuset", place="forhal"), given)
    assert (facts.channel, facts.department, facts.office, facts.place) == ("e_mail", None, "raadhuset", "forhal")


def test_reachable_holds_every_route_and_what_still_decides():
    everything = reachable(GLADSAXE, Facts())
    assert ids(question for question, _ in everything) == [item.id for item in GLADSAXE.items]
    phone = reachable(GLADSAXE, Facts(channel="phone"))
    assert not any(name.startswith("e-mail-") for name in ids(question for question, _ in phone))
    assert all(not conditions for _, conditions in phone)


def test_following_and_where_somebody_stands():
    route = path(questionnaire("skive"), Facts(), {})
    assert following(route, "satisfaction").id == "friendliness"
    assert following(route, "comment") is None
    assert next_open(route, {}).id == "satisfaction"
    assert next_open(route, {"got-answer": "yes"}).id == "clear-information", "what was skipped was seen"
    assert next_open(route, {"comment": "x"}) is None


_CHANNELS = ["in_person", "phone", "e_mail", "self_service", "letter"]


@given(
    st.lists(st.sampled_from(_CHANNELS), min_size=1, max_size=4),
    st.sampled_from(["yes", "no", None]),
)
def test_changing_ones_mind_leaves_only_the_last_route(channels, screened):
    """Whoever goes back and answers otherwise is finished with the answers of the route that counts."""
    world = SurveyWorld()
    world.store.invitations["fjordby", CONTACT] = Invited(MONDAY, "gladsaxe")
    for channel in channels:
        world.service.save(world.token, {"contact-last-year": "yes", "latest-channel": channel})
        survey = world.service.open(world.token)
        rest = {
            item.id: [item.options[0].id] if item.type is QuestionType.MULTI else item.choices[0].id
            for item in survey.route
            if item.id not in survey.answers and not item.is_text
        }
        world.service.save(world.token, rest)
    if screened == "no":
        world.service.save(world.token, {"contact-last-year": "no"})
    world.service.finish(world.token)
    kept = set(world.stored.given)
    if screened == "no":
        assert kept == {"contact-last-year"}
        return
    assert kept == set(ids(path(GLADSAXE, Facts(), world.stored.given))) - {"comment"}
    assert not any(name.startswith(p) for c, p in BATTERIES.items() if c != channels[-1] for name in kept)


def test_a_gap_on_the_route_is_named_and_one_off_the_route_is_not():
    world = SurveyWorld()
    world.store.invitations["fjordby", CONTACT] = Invited(MONDAY, "gladsaxe")
    world.service.save(world.token, {"contact-last-year": "yes", "latest-channel": "phone"})
    with pytest.raises(AnswersInvalid) as wrong:
        world.service.finish(world.token)
    assert "phone-overall" in wrong.value.problems
    assert "e-mail-overall" not in wrong.value.problems


def test_answers_are_shuffled_for_each_and_stay_so():
    question = GLADSAXE.find("phone-prerequisites")
    orders = [tuple(o.id for o in question.choices_for(f"contact-{n}")) for n in range(600)]
    assert orders == [tuple(o.id for o in question.choices_for(f"contact-{n}")) for n in range(600)]
    assert all(order[-1] == "dont_know" for order in orders)
    firsts = Counter(order[0] for order in orders)
    assert len(firsts) == 5
    assert all(80 <= count <= 160 for count in firsts.values()), "each is first about as often"
    fixed = GLADSAXE.find("latest-channel")
    assert fixed.choices_for("a") == fixed.choices_for("b") == fixed.choices


@pytest.mark.requirement("GE-26", "BF-06", "BF-09", "GL-66")
def test_the_ready_questionnaires():
    assert set(available()) == {"aarhus", "gladsaxe", "hotline-9", "pulse", "skive", "skive-9"}
    score, text = questionnaire("aarhus").items
    assert (score.scale.minimum, score.scale.maximum, text.is_text, text.required) == (0, 10, True, False)
    (only,) = questionnaire("hotline-9").items
    assert (only.scale.minimum, only.scale.maximum) == (0, 9)
    for name in ("pulse", "skive", "skive-9", "aarhus", "hotline-9"):
        assert [str(language) for language in questionnaire(name).languages] == ["da", "en", "ar", "uk", "pl", "de"]
    assert [str(language) for language in GLADSAXE.languages] == ["da", "en"]


def test_the_time_on_a_question_is_coarse_and_the_stop_is_known():
    world = SurveyWorld()
    shown = world.clock.now()
    world.clock.advance(seconds=13)
    world.service.save(world.token, {"satisfaction": 9}, shown=shown)
    assert world.stored.seconds == {"satisfaction": 15}
    assert world.stored.stopped_at == "friendliness"
    world.clock.advance(seconds=7)
    world.service.save(world.token, {"satisfaction": 8}, shown=world.clock.now() - timedelta(seconds=7))
    assert world.stored.seconds == {"satisfaction": 15 + COARSE}
    world.service.save(world.token, {"friendliness": 8}, shown=world.clock.now() - timedelta(hours=3))
    assert world.stored.seconds["friendliness"] == MOST_SECONDS
    world.service.save(world.token, {"got-answer": "yes"}, shown=world.clock.now() + timedelta(hours=1))
    assert "got-answer" not in world.stored.seconds, "a browser whose clock is ahead tells nothing"
    world.service.finish(world.token, {"clear-information": "high"})
    assert world.stored.stopped_at is None


def test_a_condition_can_ask_about_facts_and_numbers():
    text = {"da": "Hvad manglede?", "en": "What was missing?"}
    document = {
        "id": "mine",
        "version": "1",
        "questions": [{"id": "why", "version": "1", "type": "text", "text": text, "short": text}],
        "items": [
            {"question": "satisfaction", "version": "0-10.1", "required": True},
            {
                "question": "why",
                "version": "1",
                "when": {"reason": ["passport"], "answers": {"satisfaction": [0, 1, 2]}},
            },
        ],
    }
    asked = questionnaire_from(document, bank())
    assert {condition.about for condition in asked.items[1].when} == {Fact.REASON, "satisfaction"}
    assert len(path(asked, Facts(reason="passport"), {"satisfaction": 2})) == 2
    assert len(path(asked, Facts(reason="passport"), {"satisfaction": 3})) == 1
    assert len(path(asked, Facts(reason="licence"), {"satisfaction": 2})) == 1
