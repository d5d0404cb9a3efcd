"""Contacts from a file: streamed, repeated, rejected with reasons, never half read in silence."""

from __future__ import annotations

import csv
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.contacts.service import ContactService, Outcome, Sender
from chalicelib.shared.clock import rfc3339
from chalicelib.shared.errors import Busy
from cli.contact_file import COLUMNS, REQUIRED, BadFile
from cli.contacts import checking, import_file, recording, summary
from tests.builders import MONDAY, FixedClock, a_municipality
from tests.fakes.visits import InMemoryContacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from cli.contacts import Imported

FJORDBY = a_municipality()
SENDER = Sender.named("switchboard")


class Store(InMemoryContacts):
    """Eight workers write at once."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def add(self, *args: Any) -> bool:
        with self.lock:
            return super().add(*args)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def service(store: Store) -> ContactService:
    clock = FixedClock()
    return ContactService(store=store, clock=lambda: clock)


def call(number: int, **changes: str) -> dict[str, str]:
    facts = {
        "source_id": f"call-{number}",
        "channel": "phone",
        "department": "citizen-service",
        "reason": "passport",
        "started_at": rfc3339(MONDAY - timedelta(minutes=10)),
        "ended_at": rfc3339(MONDAY - timedelta(minutes=4)),
    }
    return {**facts, **changes}


def written(path: Path, rows: Sequence[Mapping[str, str]], *, delimiter: str = ";") -> Path:
    file = path / "calls.csv"
    columns = sorted({name for row in rows for name in row})
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.DictWriter(target, columns, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return file


def imported(file: Path, service: ContactService) -> Imported:
    return import_file(file, file.with_name("rejected.csv"), recording(service, FJORDBY, SENDER))


@pytest.mark.requirement("GE-12")
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_every_row_is_recorded_once_however_often_the_file_is_imported(
    tmp_path: Path, service: ContactService, store: Store, delimiter: str
) -> None:
    file = written(tmp_path, [call(number) for number in range(200)], delimiter=delimiter)
    assert imported(file, service).outcomes == {Outcome.CREATED: 200}
    assert imported(file, service).outcomes == {Outcome.DUPLICATE: 200}
    assert len(store.contacts) == 200
    assert not (tmp_path / "rejected.csv").exists()


@pytest.mark.requirement("GE-04", "GE-10", "GE-25", "BF-23")
def test_the_columns_are_the_fields_of_the_api(tmp_path: Path, service: ContactService, store: Store) -> None:
    row = call(
        1,
        phone="20 12 34 56",
        language="en",
        internal="nej",
        resolved_first_contact="ja",
        next_step_given="yes",
        handed_over="",
        transfers="2",
        survey_consent="ja",
        survey_consent_version="phone-1",
    )
    assert set(row) == set(COLUMNS)
    imported(written(tmp_path, [row]), service)
    [contact] = store.contacts.values()
    assert (contact.language, contact.internal, contact.resolved_first_contact) == ("en", False, True)
    assert (contact.next_step_given, contact.handed_over, contact.transfers) == (True, None, 2)
    assert (contact.consent.granted, contact.consent.text_version) == (True, "phone-1")
    assert contact.system == "switchboard"
    assert [phone and phone.reveal() for phone in store.phones] == ["+4520123456"]


@pytest.mark.requirement("SK-27")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"source_id": ""}, "invalid_source_id"),
        ({"channel": "pigeon"}, "unknown_channel"),
        ({"department": "a sentence about somebody"}, "invalid_department"),
        ({"reason": "sailing"}, "unknown_reason"),
        ({"started_at": "yesterday"}, "invalid_time"),
        ({"ended_at": "2026-11-01T10:00:00+01:00"}, "ends_before_start"),
        ({"phone": "12"}, "invalid_phone"),
        ({"internal": "maybe"}, "invalid_field"),
        ({"transfers": "-1"}, "invalid_field"),
        ({"transfers": "²"}, "invalid_field"),
        ({"survey_consent": "perhaps"}, "invalid_consent"),
        ({"survey_consent": "ja"}, "invalid_consent"),
    ],
)
def test_a_rejected_row_stops_no_other_and_can_be_mended(
    tmp_path: Path, service: ContactService, store: Store, changes: dict[str, str], reason: str
) -> None:
    done = imported(written(tmp_path, [call(1), call(2, **changes), call(3)]), service)
    assert done.outcomes == {"created": 2, "rejected": 1}
    assert done.reasons == {reason: 1}
    target = tmp_path / "rejected.csv"
    assert target.stat().st_mode & 0o777 == 0o600
    with target.open(encoding="utf-8-sig", newline="") as source:
        [row] = list(csv.DictReader(source, delimiter=";"))
    assert (row["row"], row["why"]) == ("3", reason)
    mended = target.rename(tmp_path / "mended.csv")
    text = mended.read_text(encoding="utf-8-sig")
    fields = {**dict.fromkeys(row, ""), **call(2), "row": row["row"], "why": row["why"]}
    mended.write_text(f"{text.splitlines()[0]}\n{';'.join(fields[name] for name in row)}\n", encoding="utf-8")
    assert imported(mended, service).outcomes == {"created": 1}
    assert len(store.contacts) == 3


def test_a_dry_run_says_what_would_be_rejected_and_records_nothing(
    tmp_path: Path, service: ContactService, store: Store
) -> None:
    file = written(tmp_path, [call(1), call(2, reason="sailing")])
    done = import_file(file, tmp_path / "rejected.csv", checking(service, FJORDBY))
    assert done.outcomes == {"acceptable": 1, "rejected": 1}
    assert not store.contacts
    assert next(summary(done, tmp_path / "rejected.csv", dry_run=True)) == "2 rows, nothing recorded (dry run)"


def test_rows_that_the_tables_did_not_answer_for_are_counted_apart(tmp_path: Path, service: ContactService) -> None:
    def busy(*_: Any) -> Any:
        raise Busy

    service.record = busy  # type: ignore[method-assign]
    done = imported(written(tmp_path, [call(1)]), service)
    assert done.outcomes == {"not recorded": 1}
    assert "run the same command again" in "\n".join(summary(done, tmp_path, dry_run=False))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the header lacks source_id"),
        (b"source_id;channel\n", "the header lacks department"),
        (f"{';'.join(REQUIRED)};cpr\n".encode(), "unknown columns: cpr"),
        (f"{';'.join(REQUIRED)}\n".encode() + b"\xff\n", "line 2 is not UTF-8"),
    ],
)
def test_a_file_that_can_t_be_read_says_why(tmp_path: Path, service: ContactService, content: bytes, says: str) -> None:
    file = tmp_path / "calls.csv"
    file.write_bytes(content)
    with pytest.raises(BadFile, match=says):
        imported(file, service)


def test_a_row_with_too_many_fields_is_rejected(tmp_path: Path, service: ContactService) -> None:
    file = written(tmp_path, [call(1)])
    file.write_text(f"{file.read_text(encoding='utf-8-sig').rstrip()};more\n", encoding="utf-8")
    assert imported(file, service).reasons == {"invalid_field": 1}
