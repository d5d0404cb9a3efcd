"""The register's store: the same promises, kept by the fake and by DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.actions.document import changes
from chalicelib.actions.model import Action, Entry, Note, NoteKind, PublicText, Status
from chalicelib.adapters.actions.dynamodb_actions import DynamoDbActions
from chalicelib.shared.errors import Outrun
from chalicelib.shared.hashing import staff_pseudonym
from tests.builders import KEYS, MONDAY
from tests.fakes.actions import InMemoryActions, content, guard

_TOWNS = iter(range(10_000))
DAY = date(2026, 11, 23)
TOLD = PublicText({"da": "a", "en": "b"}, {"da": "c", "en": "d"}, DAY)


@pytest.fixture
def town() -> str:
    return f"actiontown{next(_TOWNS)}"


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return InMemoryActions()
    request.getfixturevalue("embedded")
    return DynamoDbActions(lambda: KEYS)


def an_action(town: str, id_: str = "a1", **changed: Any) -> Action:
    return Action(id_, town, MONDAY, content(guard=guard(), **changed))


def entry(before: Action | None, after: Action, by: str = "anna") -> Entry:
    return Entry(after.version, MONDAY, by, "leader", changes(before, after))


def next_of(action: Action, **changed: Any) -> Action:
    return replace(action, version=action.version + 1, **changed)


def test_an_action_is_kept_once_and_found_among_its_municipalitys(store: Any, town: str):
    one, other = an_action(town), an_action(town, "a10", title="En anden")
    for each in (one, other):
        store.add(each, entry(None, each))
    with pytest.raises(Outrun):
        store.add(replace(one, content=other.content), entry(None, one))
    assert store.get(town, "a1") == one
    assert store.get(town, "a10") == other
    assert store.get(town, "a") is None
    assert store.get(f"{town}x", "a1") is None
    assert sorted(each.id for each in store.all(town)) == ["a1", "a10"]
    assert list(store.all(f"{town}x")) == []


def test_of_two_who_change_the_same_version_one_is_refused_and_history_has_one_step(store: Any, town: str):
    before = an_action(town)
    store.add(before, entry(None, before))
    mine = next_of(before, content=content(title="Min"), decided=DAY)
    theirs = next_of(before, content=content(title="Deres"))
    store.replace(before, mine, entry(before, mine))
    with pytest.raises(Outrun):
        store.replace(before, theirs, entry(before, theirs, by="bo"))
    assert store.get(town, "a1") == mine
    begun, changed = store.file(town, "a1").history
    assert (begun.version, changed.version) == (1, 2)
    assert changed.changes == changes(before, mine)
    assert begun.by == staff_pseudonym(KEYS, town, "anna")


def test_pins_come_with_the_action_and_the_first_stand(store: Any, town: str):
    action = replace(an_action(town), pins={"2026-08": ("aa",)})
    store.add(action, entry(None, action))
    store.pin(action, "2026-08", ("bb",))
    store.pin(action, "2026-10", ("cc", "dd"))
    found = store.get(town, "a1")
    assert found.pins == {"2026-08": ("aa",), "2026-10": ("cc", "dd")}
    assert next(iter(store.all(town))).pins == found.pins
    other = next_of(found, pins={"2026-07": ("ee",)})
    store.replace(found, other, entry(found, other))
    assert store.get(town, "a1").pins == {"2026-07": ("ee",)}


def test_a_pin_does_not_stand_in_the_way_of_who_writes(store: Any, town: str):
    action = an_action(town)
    store.add(action, entry(None, action))
    store.pin(action, "2026-08", ("aa",))
    renamed = next_of(action, content=content(title="Ny"))
    store.replace(action, renamed, entry(action, renamed))
    assert store.get(town, "a1").pins == {"2026-08": ("aa",)}


def test_citizens_are_told_while_it_is_published(store: Any, town: str):
    running = an_action(town, status=Status.IN_PROGRESS, started=DAY)
    store.add(running, entry(None, running))
    assert list(store.published(town)) == []
    told = next_of(running, public=TOLD)
    store.replace(running, told, entry(running, told))
    assert list(store.published(town)) == [TOLD]
    assert list(store.published(f"{town}x")) == []
    silent = next_of(told, public=None)
    store.replace(told, silent, entry(told, silent))
    assert list(store.published(town)) == []


def test_the_newest_is_told_first(store: Any, town: str):
    for number in range(3):
        since = replace(TOLD, since=DAY + timedelta(days=number))
        action = an_action(town, f"a{number}")
        store.add(action, entry(None, action))
        told = next_of(action, public=since)
        store.replace(action, told, entry(action, told))
    assert [each.since.day for each in store.published(town)] == [25, 24, 23]


def test_notes_are_kept_once_in_their_order_and_forgotten_when_removed(store: Any, town: str):
    late = Note(
        "n1", NoteKind.COMMENT, "To", DAY, MONDAY + timedelta(hours=1), "analyst", "Borgerrådgiver", None, "carla"
    )
    early = Note("n2", NoteKind.STAFF_WORKSHOP, "En", DAY, MONDAY, "leader", "", 12, "anna")
    for note in (late, early, replace(late, text="En gang til")):
        store.add_note(town, "a1", note)
    first, second = store.file(town, "a1").notes
    assert (first.text, first.people, first.kind) == ("En", 12, NoteKind.STAFF_WORKSHOP)
    assert (second.text, second.function, second.by) == ("To", "Borgerrådgiver", staff_pseudonym(KEYS, town, "carla"))
    store.remove_note(town, "a1", "n1")
    store.remove_note(town, "a1", "nobody")
    _, gone = store.file(town, "a1").notes
    assert (gone.text, gone.function, gone.removed, gone.at) == ("", "", True, late.at)
    assert store.file(town, "a2").notes == ()


def test_what_texts_said_can_be_forgotten_and_who_changed_them_stays(store: Any, town: str):
    before = an_action(town)
    store.add(before, entry(None, before))
    after = next_of(before, content=content(title="Fru Hansens brev", channel="phone"), public=TOLD)
    store.replace(before, after, entry(before, after))
    store.forget_texts(town, "a1")
    _, changed = store.file(town, "a1").history
    known = {each.field: (each.before, each.after) for each in changed.changes}
    assert known["title"] == ("", "")
    assert known["public"] == (None, None)
    assert known["channel"] == ("", "phone")
    assert (changed.by, changed.at) == (staff_pseudonym(KEYS, town, "anna"), MONDAY)
    assert store.get(town, "a1") == after
