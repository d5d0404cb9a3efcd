"""When each sender last reported: the same promises, kept by the fake and by DynamoDB (SK-27)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.adapters.citizens.dynamodb_senders import DynamoDbDeliveryDays
from chalicelib.contacts.senders import LastDelivery
from tests.fakes.senders import InMemoryDeliveryDays

if TYPE_CHECKING:
    from chalicelib.contacts.senders import DeliveryDays

TOWN, OTHER = "sendertown", "sendervillage"
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@pytest.fixture(params=["fake", "real"])
def days(request: pytest.FixtureRequest) -> Any:
    if request.param == "fake":
        return InMemoryDeliveryDays()
    request.getfixturevalue("embedded")
    return DynamoDbDeliveryDays()


@pytest.mark.requirement("SK-27")
def test_the_latest_day_of_each_sender_is_kept_per_town(days: DeliveryDays) -> None:
    phones, other = LastDelivery("system:phones", "phones", TUESDAY), LastDelivery("subject:7", None, MONDAY)
    for each in (phones, LastDelivery("system:phones", "phones", MONDAY), phones, other):
        days.keep(TOWN, each)
    assert sorted(days.all(TOWN), key=lambda each: each.key) == [other, phones]
    assert not days.all(OTHER)
    assert days.forget(TOWN, "subject:7")
    assert not days.forget(TOWN, "subject:7")
    assert list(days.all(TOWN)) == [phones]
