"""E-mail in the running product: it arrives in the local inbox, the reminder follows, and no log holds the address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from tests.e2e.walk import REMIND, Walk

if TYPE_CHECKING:
    from local.product import Product

TO = "canary@borger.example"


@pytest.fixture
def walk(product: Product) -> Walk:
    walk = Walk(product.url)
    walk.set_clock("2026-11-23T09:30:00+01:00")
    walk.tick()
    return walk


def test_who_gave_only_an_address_gets_letters(walk: Walk, product: Product) -> None:
    booked = walk.book(None, start=walk.free("2026-11-25")[0], email=TO, reminder_consent=REMIND)
    walk.tick()
    (confirmation,) = inbox(walk)
    assert confirmation["subject"] == "Din tid hos Fjordby Kommune"
    assert confirmation["sender"] == "Fjordby Kommune <tid@fjordby.example>"
    assert booked["manage_url"] in confirmation["text"]
    assert booked["manage_url"] in confirmation["html"]
    assert confirmation["sent_at"].startswith("2026-11-23T09:30")

    walk.set_clock("2026-11-24T10:00:00+01:00")
    walk.tick()
    walk.tick()
    assert [letter["subject"] for letter in inbox(walk)][1:] == ["Husk din tid hos Fjordby Kommune"]
    assert inbox(walk, "somebody@else.example") == []
    with urlopen(f"{product.url}/local/mail", timeout=30) as page:
        shown = page.read().decode()
    assert "Husk din tid hos Fjordby Kommune" in shown
    assert f'<a href="{booked["manage_url"]}">' in shown


@pytest.mark.requirement("I6")
def test_no_log_of_ours_holds_the_address(product: Product) -> None:
    logs = product.client("logs")
    groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
    for group in groups:
        for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]:
            events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
            assert all(TO not in event["message"] for event in events), group


def inbox(walk: Walk, to: str = TO) -> list[dict[str, str]]:
    messages: list[dict[str, str]] = walk.get(f"/local/mail.json?to={to}")["messages"]
    return messages
