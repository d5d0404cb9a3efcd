"""A municipality's own questionnaires in DynamoDB: beside the product's, every version kept, none changed (GL-10)."""

from __future__ import annotations

from itertools import count

import pytest

from chalicelib.adapters.lake.period_counts import definitions
from chalicelib.adapters.surveys.dynamodb_questionnaires import DynamoDbQuestionnaires
from chalicelib.shared.errors import Conflict, NotFound
from chalicelib.surveys.questionnaire import available
from tests.builders import FixedClock

_NUMBERS = count(1)
TEXT = {"da": "Ville du komme igen?", "en": "Would you come again?"}
YES = {"favourable": ["yes"], "favourable_text": {"da": "Ja", "en": "Yes"}}


def a_document(version: str = "1", **changes):
    wording = {"id": "again", "version": version, "type": "yes_no", "text": TEXT, "short": TEXT, **YES}
    items = [
        {"question": "satisfaction", "version": "0-10.1", "required": True},
        {"question": "again", "version": version},
    ]
    return {"id": "ours", "version": version, "questions": [wording], "items": items, **changes}


@pytest.fixture
def municipality():
    return f"ownby{next(_NUMBERS)}"


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def store(embedded, clock):
    return DynamoDbQuestionnaires(lambda: clock)


def test_the_products_are_everywhere(store, municipality):
    assert store.find(municipality, "skive").id == "skive"
    assert tuple(store.available(municipality)) == available()
    with pytest.raises(NotFound):
        store.find(municipality, "ours")


@pytest.mark.requirement("GL-10")
def test_ones_own_is_found_in_force_and_in_the_version_that_a_response_was_begun_with(store, municipality):
    assert store.apply(municipality, a_document())
    assert store.apply(municipality, a_document("2"))
    assert store.find(municipality, "ours").version == "2"
    assert store.find(municipality, "ours", "1").items[1].version == "1"
    assert store.available(municipality)[0] == "ours"
    with pytest.raises(NotFound):
        store.find(municipality, "ours", "3")
    with pytest.raises(NotFound):
        store.find("another", "ours")


@pytest.mark.requirement("GL-10")
def test_a_version_never_changes_and_an_older_one_can_come_back(store, municipality):
    store.apply(municipality, a_document())
    assert not store.apply(municipality, a_document())
    with pytest.raises(Conflict):
        store.apply(municipality, a_document(title={"da": "Ny", "en": "New"}))
    store.apply(municipality, a_document("2"))
    assert store.apply(municipality, a_document())
    assert store.find(municipality, "ours").version == "1"


def test_others_see_a_change_within_a_minute(store, municipality, clock):
    other = DynamoDbQuestionnaires(lambda: clock)
    with pytest.raises(NotFound):
        other.find(municipality, "ours")
    store.apply(municipality, a_document())
    clock.advance(seconds=60)
    assert other.find(municipality, "ours").version == "1"


def test_reports_know_ones_own_wordings_older_ones_too(store, municipality):
    store.apply(municipality, a_document())
    store.apply(municipality, a_document("2"))
    found = definitions("ours", {("again", "1"), ("friendliness", "0-10.1")}, municipality, store)
    assert [(d.id, d.version) for d in found] == [
        ("satisfaction", "0-10.1"),
        ("again", "2"),
        ("friendliness", "0-10.1"),
        ("again", "1"),
    ]
