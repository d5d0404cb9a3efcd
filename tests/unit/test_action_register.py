"""The register's use cases on fakes: nothing hidden becomes a baseline, nobody's words are lost, everything is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.actions.model import Baseline, NoteKind, Span, Status
from chalicelib.actions.notes import Notes
from chalicelib.actions.ports import Overtaken
from chalicelib.actions.rules import Due, Problem
from chalicelib.actions.service import Register, Wanted
from chalicelib.shared.errors import InvalidInput, NotFound
from tests.builders import MONDAY, FixedClock, a_municipality
from tests.fakes.actions import ANALYST, AUGUST, LEADER, OTHER, SATISFIED, Figures, InMemoryActions, content, guard

FJORDBY = a_municipality(departments={"citizen-service": {"da": "Borgerservice", "en": "Citizen service"}})
TODAY = date(2026, 11, 23)
TEXTS = {"said_da": "Svært", "did_da": "Lettere", "said_en": "Hard", "did_en": "Easier"}


class World:
    def __init__(self) -> None:
        self.store, self.figures, self.clock = InMemoryActions(), Figures(), FixedClock(MONDAY)
        self.register = Register(store=self.store, figures=lambda: self.figures, clock=lambda: self.clock)
        self.notes = Notes(store=self.store, clock=lambda: self.clock)

    def create(self, **changed: Any) -> Any:
        return self.register.create(FJORDBY, content(**changed), LEADER)

    def change(self, action: Any, by: Any = LEADER, **changed: Any) -> Any:
        return self.register.change(FJORDBY, action.id, action.version, replace(action.content, **changed), by)


@pytest.fixture
def world() -> World:
    return World()


def wrong(error: pytest.ExceptionInfo[InvalidInput]) -> dict[str, str]:
    return error.value.fields


@pytest.mark.requirement("SK-18")
def test_an_action_carries_its_finding_and_owner_and_sent_twice_is_there_once(world: World):
    first = world.register.create(FJORDBY, content(), LEADER, key="k")
    again = world.register.create(FJORDBY, content(title="Andet"), LEADER, key="k")
    assert again == first
    found = world.register.one(FJORDBY, first.id).action
    assert (found.content.baseline, found.content.owner) == (Baseline(SATISFIED, AUGUST), "Leder af Borgerservice")
    assert len(world.register.all(FJORDBY)) == 1


@pytest.mark.requirement("GE-22")
def test_what_the_reports_hide_is_no_baseline(world: World):
    world.figures.hidden.add(SATISFIED)
    with pytest.raises(InvalidInput) as error:
        world.create()
    assert wrong(error) == {"finding": Problem.HIDDEN}
    running = Baseline(SATISFIED, Span("2026-11", "2026-11"))
    with pytest.raises(InvalidInput) as error:
        world.create(baseline=running)
    assert wrong(error) == {"finding": Problem.RUNNING}
    assert world.store.actions == {}


def test_a_kept_finding_is_not_asked_for_again_when_something_else_is_changed(world: World):
    action = world.create()
    world.figures.hidden.add(SATISFIED)
    assert world.change(action, title="Ny").version == 2


@pytest.mark.requirement("GL-74")
def test_the_baseline_is_pinned_as_soon_as_it_is_final_and_then_stands(world: World):
    world.figures.names["2026-08"] = ("aa",)
    settled = world.create()
    assert settled.pins == {"2026-08": ("aa",)}
    world.figures.names.clear()
    early = world.create()
    assert world.register.one(FJORDBY, early.id).action.pins == {}
    world.figures.names["2026-08"] = ("bb",)
    assert world.register.one(FJORDBY, early.id).action.pins == {"2026-08": ("bb",)}
    world.figures.names["2026-08"] = ("cc",)
    assert world.register.one(FJORDBY, early.id).action.pins == {"2026-08": ("bb",)}
    assert world.register.one(FJORDBY, settled.id).action.pins == {"2026-08": ("aa",)}


def test_another_finding_has_other_pins(world: World):
    world.figures.names |= {"2026-08": ("aa",), "2026-07": ("dd",)}
    action = world.create()
    july = Baseline(SATISFIED, Span("2026-07", "2026-07"))
    changed = world.change(action, baseline=july)
    assert world.register.one(FJORDBY, changed.id).action.pins == {"2026-07": ("dd",)}


def test_a_limit_is_of_a_question_that_is_asked(world: World):
    world.figures.asked = False
    with pytest.raises(InvalidInput) as error:
        world.create(guard=guard())
    assert wrong(error) == {"guard_question": Problem.UNKNOWN}


def test_of_two_leaders_the_second_is_told_and_keeps_every_word(world: World):
    action = world.create(work="")
    world.change(action, by=OTHER, title="Deres", owner="Centerchef")
    with pytest.raises(Overtaken) as error:
        world.change(action, title="Min", work="Mit arbejde")
    found = error.value
    assert found.now.content.title == "Deres"
    assert found.merged.content == replace(action.content, title="Min", work="Mit arbejde", owner="Centerchef")
    assert found.merged.theirs == {"title", "owner"}
    assert found.merged.clashes == {"title"}
    saved = world.register.change(FJORDBY, action.id, found.now.version, found.merged.content, LEADER)
    assert saved.version == 3
    who = [entry.by for entry in world.notes.file(FJORDBY, action.id).history]
    assert who[0] == who[2] != who[1]
    assert LEADER.subject not in who


def test_nothing_changed_makes_no_version(world: World):
    action = world.create()
    assert world.change(action) == action
    assert len(world.notes.file(FJORDBY, action.id).history) == 1


@pytest.mark.requirement("FR-14")
def test_a_follow_up_shows_itself_as_due_until_somebody_concludes(world: World):
    action = world.create(status=Status.IN_PROGRESS, started=date(2026, 9, 1), follow_up_months=2)
    assert not world.register.one(FJORDBY, action.id).is_due
    with pytest.raises(InvalidInput) as error:
        world.register.conclude(FJORDBY, action.id, 1, "For tidligt", LEADER)
    assert wrong(error) == {"conclusion": Problem.NOT_DUE}
    world.clock.advance(days=8)
    assert world.register.one(FJORDBY, action.id).is_due
    assert [each.action.id for each in world.register.all(FJORDBY, Wanted(status="due"))] == [action.id]
    with pytest.raises(InvalidInput) as error:
        world.register.conclude(FJORDBY, action.id, 1, " ", LEADER)
    assert wrong(error) == {"conclusion": Problem.MISSING}
    done = world.register.conclude(FJORDBY, action.id, 1, "Det hjalp.", LEADER)
    assert [(each.text, each.span) for each in done.conclusions] == [("Det hjalp.", Span("2026-11", "2026-11"))]
    standing = world.register.one(FJORDBY, action.id)
    assert standing.follow_up is not None
    assert standing.follow_up.state is Due.DONE
    later = world.change(standing.action, follow_up_months=12)
    planned = world.register.one(FJORDBY, later.id).follow_up
    assert planned is not None
    assert planned.state is Due.PLANNED


def test_a_conclusion_can_be_taken_back_and_the_follow_up_waits_again(world: World):
    action = world.create(status=Status.IN_PROGRESS, started=date(2026, 9, 1), follow_up_months=1)
    done = world.register.conclude(FJORDBY, action.id, 1, "Fru Hansen er glad.", LEADER)
    for number in (-1, 1):
        with pytest.raises(NotFound):
            world.register.take_back(FJORDBY, action.id, done.version, number, LEADER)
    again = world.register.take_back(FJORDBY, action.id, done.version, 0, LEADER)
    assert again.conclusions == ()
    assert world.register.one(FJORDBY, action.id).is_due


def test_who_still_writes_keeps_every_word_though_the_history_was_forgotten(world: World):
    action = world.create(title="Fru Hansens brev")
    world.change(action, by=OTHER, title="Et brev")
    world.notes.forget_history(FJORDBY, action.id)
    assert "Hansen" not in str(world.notes.file(FJORDBY, action.id))
    with pytest.raises(Overtaken) as error:
        world.change(action, work="Mit arbejde")
    assert error.value.merged.content.work == "Mit arbejde"
    with pytest.raises(NotFound):
        world.notes.forget_history(FJORDBY, "nobody")


@pytest.mark.requirement("GL-75")
def test_the_register_is_filed_by_channel_and_department(world: World):
    a = world.create(channel="phone")
    b = world.create(channel="e_mail", department="citizen-service")
    world.create()

    def found(**wanted: str) -> set[str]:
        return {each.action.id for each in world.register.all(FJORDBY, Wanted(**wanted))}

    assert found(channel="phone") == {a.id}
    assert found(department="citizen-service") == {b.id}
    assert found(channel="phone", department="citizen-service") == set()
    assert found(status="proposed") == {each.action.id for each in world.register.all(FJORDBY)}
    assert found(status="dropped") == set()


def test_what_is_due_comes_first_then_the_statuses_in_their_order(world: World):
    world.create(title="foreslået")
    world.create(title="opgivet", status=Status.DROPPED)
    started = {"status": Status.IN_PROGRESS, "started": date(2026, 9, 1), "follow_up_months": 1}
    world.create(title="forfalden", **started)
    assert [each.action.content.title for each in world.register.all(FJORDBY)] == ["forfalden", "foreslået", "opgivet"]


def test_citizens_are_told_in_both_languages_once_something_is_done(world: World):
    action = world.create()
    with pytest.raises(InvalidInput) as error:
        world.register.publish(FJORDBY, action.id, 1, TEXTS, LEADER)
    assert wrong(error) == {"said_da": Problem.NOTHING_DONE}
    running = world.change(action, status=Status.IN_PROGRESS, started=TODAY)
    with pytest.raises(InvalidInput) as error:
        world.register.publish(FJORDBY, action.id, 2, {**TEXTS, "did_en": "", "said_da": "Ring 20123456"}, LEADER)
    assert wrong(error) == {"did_en": Problem.MISSING, "said_da": Problem.PERSONAL}
    told = world.register.publish(FJORDBY, action.id, running.version, TEXTS, LEADER)
    [text] = world.register.told(FJORDBY.id)
    assert (text.said, text.did) == ({"da": "Svært", "en": "Hard"}, {"da": "Lettere", "en": "Easier"})
    assert world.register.publish(FJORDBY, action.id, told.version, TEXTS, LEADER) == told
    world.register.publish(FJORDBY, action.id, told.version, None, LEADER)
    assert world.register.told(FJORDBY.id) == []


def test_what_is_given_up_is_no_longer_told(world: World):
    action = world.create(status=Status.IN_PROGRESS, started=TODAY)
    told = world.register.publish(FJORDBY, action.id, 1, TEXTS, LEADER)
    world.change(told, status=Status.DROPPED)
    assert world.register.told(FJORDBY.id) == []


@pytest.mark.parametrize("version", [0, 1, 3])
def test_only_the_version_that_was_read_is_published_or_concluded(world: World, version: int):
    action = world.change(
        world.create(status=Status.IN_PROGRESS, started=date(2026, 9, 1), follow_up_months=1), title="x"
    )
    with pytest.raises(Overtaken):
        world.register.publish(FJORDBY, action.id, version, TEXTS, LEADER)
    with pytest.raises(Overtaken):
        world.register.conclude(FJORDBY, action.id, version, "Nå", LEADER)


@pytest.mark.requirement("GL-78", "GE-15", "GL-79", "GE-19")
@pytest.mark.parametrize("kind", NoteKind)
def test_evidence_of_every_kind_and_opinions_stand_beside_an_action(world: World, kind: NoteKind):
    action = world.create()
    for _ in range(2):
        world.notes.add(
            FJORDBY, action.id, ANALYST, kind=kind, text="Set i hallen.", function="Borgerrådgiver", people=9, key="k"
        )
    [note] = world.notes.file(FJORDBY, action.id).notes
    assert (note.kind, note.text, note.day, note.role, note.function, note.people) == (
        *(kind, "Set i hallen.", TODAY, "analyst", "Borgerrådgiver", 9),
    )


@pytest.mark.parametrize(
    ("given", "field", "problem"),
    [
        ({"kind": "rumour"}, "kind", Problem.UNKNOWN),
        ({"text": " "}, "text", Problem.MISSING),
        ({"text": "Ring 20 12 34 56"}, "text", Problem.PERSONAL),
        ({"function": "a@b.dk"}, "function", Problem.PERSONAL),
        ({"day": TODAY + timedelta(days=1)}, "day", Problem.FUTURE),
        ({"people": 0}, "people", Problem.PEOPLE),
    ],
)
def test_a_note_that_will_not_do_is_named(world: World, given: dict[str, Any], field: str, problem: Problem):
    action = world.create()
    with pytest.raises(InvalidInput) as error:
        world.notes.add(FJORDBY, action.id, ANALYST, **{"kind": "observation", "text": "Set.", **given})
    assert wrong(error) == {field: problem}
    assert world.notes.file(FJORDBY, action.id).notes == ()


@pytest.mark.requirement("GE-21")
def test_citizens_input_is_from_before_the_decision(world: World):
    action = world.create(status=Status.DECIDED)
    world.clock.advance(days=3)
    late = {"kind": "citizens", "text": "For sent"}
    with pytest.raises(InvalidInput) as error:
        world.notes.add(FJORDBY, action.id, LEADER, **late)
    assert wrong(error) == {"day": Problem.DECIDED}
    world.notes.add(FJORDBY, action.id, LEADER, **late, day=TODAY)
    assert len(world.notes.file(FJORDBY, action.id).notes) == 1


def test_a_removed_note_is_forgotten_and_an_unknown_one_is_not_found(world: World):
    action = world.create()
    note = world.notes.add(FJORDBY, action.id, LEADER, kind="comment", text="Forkert")
    world.notes.remove(FJORDBY, action.id, note.id)
    [gone] = world.notes.file(FJORDBY, action.id).notes
    assert (gone.text, gone.removed) == ("", True)
    with pytest.raises(NotFound):
        world.notes.remove(FJORDBY, action.id, "nobody")
    with pytest.raises(NotFound):
        world.register.one(FJORDBY, "nobody")
    with pytest.raises(NotFound):
        world.notes.add(FJORDBY, "nobody", LEADER, kind="comment", text="x")
