"""What is removed, unlinked or kept, as data; and the order of the steps, on fakes."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.contacts.erasure import (
    ELSEWHERE,
    Erasure,
    ErasureService,
    Fate,
    Record,
    is_under_way,
    kept_of,
    months_of,
    rule_of,
)
from chalicelib.shared.errors import Busy, InvalidInput, WrongState
from cli.subjects import _subjects, erasure_lines
from tests.builders import FixedClock

M, ID, MONTH = "fjordby", "01JDC0NTACT000000000000001", "2026-11"


def a_record(table: str, sk: str, pk: str = f"{M}#x", **content: Any) -> Record:
    return Record(table, pk, sk, content)


@pytest.mark.parametrize(
    ("table", "sort_key", "fate"),
    [
        ("appointments", "appointment", Fate.LAST),
        ("appointments", "code", Fate.LAST),
        ("appointments", "2026-11-23T09:00:00Z#01J", Fate.REMOVED),
        ("capacity", "counter#10:00", Fate.UNLINKED),
        ("consents", "survey_sms", Fate.REMOVED),
        ("consents", "survey_sms#2026-11-23T09:00:00Z#granted", Fate.KEPT),
        ("consents", "opted_out", Fate.KEPT),
        ("consents", "quarantine", Fate.UNLINKED),
        ("contacts", "contact", Fate.REMOVED),
        ("invitations", "invitation", Fate.REMOVED),
        ("links", "link", Fate.LAST),
        ("links", "receipt", Fate.REMOVED),
        ("links", "sent#2026-11-23T09:00:00Z#01J", Fate.REMOVED),
        ("responses", "response", Fate.REMOVED),
        ("visits", ID, Fate.REMOVED),
        ("visits", "#request#abc", Fate.REMOVED),
        ("work", "2026-11-23T09:00:00Z#decide#01J", Fate.REMOVED),
    ],
)
def test_every_kind_of_row_has_its_fate(table: str, sort_key: str, fate: Fate) -> None:
    assert rule_of(a_record(table, sort_key)).fate is fate


def test_whose_message_it_was_goes_with_the_invitation_that_knows_it() -> None:
    assert rule_of(a_record("links", "link", "sms#1f2e")).fate is Fate.REMOVED


def test_what_stays_says_why_and_until_when() -> None:
    ledger = a_record("consents", "survey_sms#2026-11-23T09:00:00Z#granted")
    first, *elsewhere = kept_of([ledger, ledger, a_record("contacts", "contact")])
    assert (first.what, first.until) == ("consents: 2 rows", "2 years")
    assert tuple(elsewhere) == ELSEWHERE
    assert all(kept.why and kept.until for kept in (first, *elsewhere))


def test_a_record_shows_neither_keys_nor_content() -> None:
    shown = repr(a_record("appointments", "code", f"{M}#code#K7RTPQ", phone="+4520304050"))
    assert "K7RTPQ" not in shown
    assert "+45" not in shown


def test_facts_lie_in_the_local_month_of_the_contacts_end() -> None:
    contact = a_record("contacts", "contact", document={"ended_at": "2026-10-31T23:30:00Z"})
    response = a_record("responses", "response", document={"contact_ended_at": "2026-10-31T23:30:00Z"})
    now = datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert months_of([contact, response, a_record("appointments", "code")], now) == {MONTH}


def test_a_booking_lies_in_the_month_of_its_time_once_that_has_come() -> None:
    booked = a_record("appointments", "appointment", document={"start": "2026-12-24T09:00:00Z"})
    assert months_of([booked], datetime(2026, 12, 24, 12, tzinfo=UTC)) == {"2026-12"}
    assert months_of([booked], datetime(2026, 12, 23, 12, tzinfo=UTC)) == frozenset()


@pytest.mark.parametrize(
    ("state", "day", "expected"),
    [("in_service", 23, True), ("waiting", 23, True), ("completed", 23, False), ("waiting", 24, False)],
)
def test_a_visit_is_under_way_on_its_own_day_only(state: str, day: int, expected: bool) -> None:
    visit = a_record("visits", ID, f"{M}#raadhuset#2026-11-23", state=state)
    request = a_record("visits", "#request#abc", f"{M}#raadhuset#2026-11-23")
    assert is_under_way([request, visit], date(2026, 11, day)) is expected


class Scene:
    """Tables, lake and promises from memory; every change is noted in order."""

    def __init__(self, *records: Record, refilled: bool = False) -> None:
        self.records = list(records)
        self.refilled = refilled
        self.steps: list[str] = []
        self.objects, self.tombstones = 5, 0

    def service(self) -> ErasureService:
        return ErasureService(rows=self, lake=Lake(self), standing=self, clock=FixedClock)

    def contact_of(self, municipality: str, code: str) -> str | None:
        return {"K7RTPQ": ID}.get(code)

    def of(self, municipality: str, contact_id: str) -> list[Record]:
        return list(self.records)

    def unlink(self, contact_id: str, records: Any) -> None:
        self.steps.append("unlink")
        self.records = [record for record in self.records if record not in records]

    def remove(self, records: Any) -> None:
        tables = defaultdict(int)
        for record in records:
            tables[record.table] += 1
        self.steps.append(f"remove {dict(tables)}")
        if not self.refilled:
            self.records = [record for record in self.records if record not in records]

    def take_back(self, municipality: str, contact_id: str) -> None:
        self.steps.append("take back")


class Lake:
    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def months(self, municipality: str, contact_id: str, hinted: frozenset[str]) -> frozenset[str]:
        return hinted

    def bury(self, municipality: str, month: str, contact_id: str) -> int:
        self.scene.steps.append(f"bury {month}")
        new, self.scene.tombstones = 5 - self.scene.tombstones, 5
        return new

    def remove(self, municipality: str, month: str, contact_id: str) -> int:
        self.scene.steps.append(f"objects {month}")
        gone, self.scene.objects = self.scene.objects, 0
        return gone

    def rows(self, municipality: str, month: str, contact_id: str) -> dict[str, list[dict[str, Any]]]:
        return {"contacts": [{"contact_id": contact_id}]}


ROWS = (
    a_record("appointments", "appointment"),
    a_record("capacity", "counter#10:00", lane=0),
    a_record("contacts", "contact", document={"ended_at": "2026-11-23T09:30:00Z"}),
    a_record("consents", "survey_sms#2026-11-23T09:00:00Z#granted"),
)


def test_the_rows_that_lead_to_the_rest_go_last() -> None:
    scene = Scene(*ROWS)
    done = scene.service().erase(M, ID)
    assert scene.steps == [
        "take back", "bury 2026-11", "objects 2026-11", "unlink", "remove {'contacts': 1}", "objects 2026-11",
        "remove {'appointments': 1}",
    ]  # fmt: skip
    assert (done.removed, done.unlinked) == ({"contacts": 1, "appointments": 1}, {"capacity": 1})
    assert (done.tombstones, done.objects, done.months) == (5, 5, (MONTH,))
    assert [record.table for record in scene.records] == ["consents"]
    assert scene.service().erase(M, ID).found_nothing


def test_nothing_begins_while_the_citizen_is_being_served() -> None:
    scene = Scene(a_record("visits", ID, f"{M}#raadhuset#2026-11-23", state="called"))
    with pytest.raises(WrongState, match="complete it first"):
        scene.service().erase(M, ID)
    assert scene.steps == []


def test_rows_that_keep_coming_back_are_said_to() -> None:
    scene = Scene(*ROWS, refilled=True)
    with pytest.raises(Busy):
        scene.service().erase(M, ID)
    assert "remove {'appointments': 1}" not in scene.steps


def test_the_export_is_everything_with_what_is_kept_elsewhere() -> None:
    exported = Scene(*ROWS).service().export(M, ID)
    assert list(exported["tables"]) == ["appointments", "capacity", "contacts", "consents"]
    assert exported["lake"] == {MONTH: {"contacts": [{"contact_id": ID}]}}
    assert len(exported["elsewhere"]) == len(ELSEWHERE)


def test_the_command_prints_numbers_and_reasons() -> None:
    done = Erasure({"contacts": 1, "visits": 2}, {"capacity": 2}, 5, 3, (MONTH,), kept_of([ROWS[3]]))
    text = "\n".join(erasure_lines(M, done))
    assert "rows removed: contacts 1, visits 2" in text
    assert "3 objects removed, tombstones in 2026-11" in text
    assert "consents: 1 rows: the proof" in text
    assert "nothing was left" in "\n".join(erasure_lines(M, Erasure({}, {}, 0, 0, (), ELSEWHERE)))


def test_a_contact_is_named_by_code_or_id_of_itself_or_its_visit() -> None:
    service = Scene().service()
    assert _subjects(service, M, "K7RTPQ", None, None) == [ID]
    assert _subjects(service, M, "XXXXXX", None, None) == []
    assert _subjects(service, M, None, ID, None) == [ID]
    assert _subjects(service, M, None, f"20261123.raadhuset.{ID}", None) == [ID]
    for wrong in ((None, None), ("K7RTPQ", ID), (None, f"x#{ID}"), (None, "")):
        with pytest.raises(InvalidInput):
            _subjects(service, M, *wrong, None)
    with pytest.raises(InvalidInput):
        _subjects(service, M, "K7RTPQ", None, "20123456")
