"""What the privacy page promises: every row about a citizen has an end, and a phone number ends within thirty days."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib import bootstrap
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.contacts.model import Consent
from chalicelib.contacts.service import ReportedContact, Sender
from chalicelib.municipalities.model import Channel
from chalicelib.settings import settings
from chalicelib.shared.clock import SystemClock
from chalicelib.shared.hashing import link_token
from chalicelib.shared.phone import PhoneNumber
from chalicelib.shared.work import WorkKind
from tests.builders import MONDAY, FixedClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.municipalities.model import Municipality
    from tests.embedded import Embedded

PHONE = PhoneNumber("+4520998877")
SUFFIXES = ("appointments", "capacity", "consents", "contacts", "invitations", "links", "responses", "visits", "work")
REMOVED_LATE = timedelta(days=2)
"""How late DynamoDB usually removes what has expired."""


@pytest.fixture
def clock(embedded: Embedded) -> Iterator[FixedClock]:
    fixed = FixedClock()
    bootstrap.use_clock(fixed)
    yield fixed
    bootstrap.use_clock(SystemClock())


def rows(embedded: Embedded, municipality: str) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for suffix in SUFFIXES:
        pages = embedded.client("dynamodb").get_paginator("scan").paginate(TableName=settings().table(suffix))
        items = (item for page in pages for item in page["Items"])
        found += [(suffix, item) for item in items if municipality in json.dumps(item)]
    return found


def end_of(item: dict[str, Any]) -> datetime | None:
    return datetime.fromtimestamp(int(item["expires_at"]["N"]), UTC) if "expires_at" in item else None


def test_everything_about_a_citizen_ends_and_a_number_within_thirty_days(
    embedded: Embedded, tenant: Municipality, clock: FixedClock
) -> None:
    _book(tenant, "comes", MONDAY + timedelta(hours=1))
    _book(tenant, "stays away", MONDAY + timedelta(hours=2))
    clock.advance(hours=1)
    _serve(tenant)
    _report(tenant, clock.now() - timedelta(days=365))

    kept = rows(embedded, tenant.id)

    assert {suffix for suffix, _ in kept} == set(SUFFIXES) - {"invitations", "responses"}
    endless = {suffix for suffix, item in kept if end_of(item) is None}
    assert endless <= {"work"}
    numbered = [(suffix, item) for suffix, item in kept if PHONE.reveal() in json.dumps(item)]
    assert {suffix for suffix, _ in numbered} == {"appointments", "work"}, "the visit has handed its number on"
    for _, item in numbered:
        end = end_of(item)
        assert end is not None
        assert end + REMOVED_LATE <= clock.now() + timedelta(days=30, hours=2)
        assert end > clock.now() + timedelta(days=20), "also of a contact that was reported a year late"


def test_an_answer_ends(embedded: Embedded, tenant: Municipality, clock: FixedClock) -> None:
    _book(tenant, "comes", MONDAY + timedelta(hours=1))
    clock.advance(hours=1)
    contact_id = _serve(tenant)
    (work,) = bootstrap.pending_work().due(tenant.id, clock.now(), kind=WorkKind.DECIDE)
    bootstrap.dispatch().redo_decision(work)
    token = link_token(bootstrap.keys(), "survey", f"{tenant.id}|{contact_id}")
    survey = bootstrap.surveys().open(token)
    item = next(item for item in survey.questionnaire.items if item.scale)
    bootstrap.surveys().save(token, {item.id: 5})

    assert {suffix for suffix, item in rows(embedded, tenant.id) if end_of(item) is None} <= {"work"}


def _book(tenant: Municipality, key: str, start: datetime) -> None:
    consent = ConsentAnswer(granted=True, text_version="2026-1")
    wish = BookingRequest("raadhuset", ("passport",), start, "da", consent, phone=PHONE, name="Canary")
    bootstrap.booking().book(tenant, wish, key.replace(" ", "-"))


def _serve(tenant: Municipality) -> str:
    visits = bootstrap.visits()
    first = visits.queue(tenant, "raadhuset").not_checked_in[0]
    visit = visits.check_in(tenant, "raadhuset", first.code).visit
    visits.call_next(tenant, "raadhuset", "1")
    visits.start(tenant, visit.id)
    return visits.complete(tenant, visit.id).ulid


def _report(tenant: Municipality, ended_at: datetime) -> None:
    consent = Consent(offered=True, granted=True, text_version="phone-1")
    started = ended_at - timedelta(minutes=5)
    call = ReportedContact(
        "call-1", Channel.PHONE, "citizen-service", "passport", started, ended_at, "da", consent, phone=PHONE
    )
    bootstrap.contacts().record(tenant, Sender.named("switchboard"), call)
