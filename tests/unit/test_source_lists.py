"""What the five sources list is whole: channels, departments, what each channel's users are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.contacts.document import to_document
from chalicelib.contacts.service import ContactService, Outcome, Sender
from chalicelib.entrypoints.contacts.schemas import reported_contact
from chalicelib.lake.schemas import TABLES
from chalicelib.municipalities.document import municipality_from
from chalicelib.municipalities.model import Channel, Thresholds
from chalicelib.reporting.cell import Measure
from chalicelib.reporting.cells import cells
from chalicelib.reporting.model import DIMENSIONS, PeriodCounts
from chalicelib.shared.clock import rfc3339
from chalicelib.surveys.model import Facts, Question, Tag
from chalicelib.surveys.ports import Invited
from chalicelib.surveys.questionnaire import questionnaire
from tests.builders import MONDAY, FixedClock, a_municipality, a_municipality_document
from tests.fakes.reporting import GOT_ANSWER, answers, counts
from tests.fakes.surveys import CONTACT, SurveyWorld
from tests.fakes.visits import InMemoryContacts

GLADSAXE = questionnaire("gladsaxe")
LIMITS = Thresholds(suppress_below=5, small_base=30)


def item(question: str) -> Question:
    """A question of the Gladsaxe set."""
    found = GLADSAXE.find(question)
    assert found is not None
    return found


@pytest.mark.requirement("GL-16", "GE-13", "GE-14", "SK-30")
@pytest.mark.parametrize("channel", Channel)
def test_a_contact_of_every_channel_is_recorded_and_every_channel_is_an_answer(channel: Channel) -> None:
    store = InMemoryContacts()
    service = ContactService(store=store, clock=FixedClock)
    report = {
        "source_id": "1",
        "channel": channel.value,
        "department": "citizen-service",
        "reason": "passport",
        "started_at": rfc3339(MONDAY - timedelta(minutes=9)),
        "ended_at": rfc3339(MONDAY - timedelta(minutes=3)),
    }
    assert service.record(a_municipality(), Sender.named("other"), reported_contact(report)) is Outcome.CREATED
    [contact] = store.contacts.values()
    assert to_document(contact)["channel"] == channel.value
    for question in ("latest-channel", "preferred-channel"):
        assert channel.value in {option.id for option in item(question).options}


@pytest.mark.requirement("GL-14", "SK-29")
def test_the_departments_of_the_source_are_answers_and_a_municipality_names_its_own() -> None:
    names = {option.text["da"] for option in item("latest-department").options}
    assert len(names) == 13
    assert {"Borgerservice", "Jobcentret", "Familieafdelingen", "Rottebekæmpelse"} <= names
    elderly = {"da": "Ældreplejen", "en": "Elderly care"}
    document = a_municipality_document()
    own = municipality_from({**document, "departments": {"elderly-care": elderly}})
    assert own.departments == {"elderly-care": elderly}


@pytest.mark.requirement("GL-71")
@pytest.mark.parametrize("channel", ["phone", "self-service", "e-mail", "meeting"])
def test_every_channels_users_are_asked_whether_they_reached_their_purpose(channel: str) -> None:
    assert item(f"{channel}-purpose").tags == {Tag.OUTCOME}


@pytest.mark.requirement("GL-71", "GE-06", "GE-11")
def test_what_callers_say_is_split_by_department_and_tested_against_the_time_before() -> None:
    overall = replace(GOT_ANSWER, id="phone-overall")

    def month(job_centre: tuple[int, int]) -> PeriodCounts:
        (yes, no), (others_yes, others_no) = job_centre, (55, 45)
        groups = (
            answers("all", "all", yes + others_yes, no + others_no, overall),
            answers("department", "job-centre", yes, no, overall),
            answers("department", "technical", others_yes, others_no, overall),
        )
        return counts(questions=(overall,), groups=groups)

    made = {
        cell.value: cell
        for cell in cells(month((72, 28)), month((39, 61)), LIMITS)
        if (cell.dimension, cell.measure) == ("department", Measure.SHARE)
    }
    job_centre, technical = made["job-centre"], made["technical"]
    assert (job_centre.share, job_centre.n, job_centre.previous, job_centre.previous_n) == (0.72, 100, 0.39, 100)
    assert (job_centre.significant, technical.significant) == (True, False)
    assert {cell.question for cell in made.values()} == {"phone-overall"}


@pytest.mark.requirement("BF-28", "BF-20")
def test_nothing_that_is_reported_or_kept_in_the_lake_is_about_one_employee() -> None:
    words = ("employee", "staff", "desk")
    assert not [name for name in DIMENSIONS if any(word in name for word in words)]
    columns = {column.name for table in TABLES.values() for column in table.columns}
    assert {name for name in columns if any(word in name for word in words)} == {"desk_group"}


@pytest.mark.requirement("GE-17")
def test_calls_and_visits_are_measured_by_one_instrument() -> None:
    asked = {}
    for channel in ("phone", "in_person"):
        world = SurveyWorld()
        world.store.invitations["fjordby", CONTACT] = Invited(MONDAY, facts=Facts(channel=channel))
        survey = world.service.open(world.token)
        asked[channel] = (survey.questionnaire.id, [(each.id, each.version) for each in survey.route])
    assert asked["phone"] == asked["in_person"]
    assert ("satisfaction", "0-10.1") in asked["phone"][1]
