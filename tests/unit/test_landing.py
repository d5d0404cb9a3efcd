from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.contacts.document import to_document
from chalicelib.lake.columns import RowRejected
from chalicelib.lake.landing import (
    WITHHELD,
    Fact,
    booking_objects,
    contact_objects,
    invitation_objects,
    is_code,
    response_objects,
)
from chalicelib.lake.schemas import TABLES
from chalicelib.lake.service import Landing, LandingService
from chalicelib.shared.clock import month_of, parse_moment, utc_text
from chalicelib.shared.work import WorkItem, WorkKind
from tests.builders import MONDAY, FixedClock, a_contact
from tests.fakes.lake import FakeFacts, FakeLake, FakeMarks, Killed, Lives

ID = "01JDC0NTACT000000000000001"
ENDED = MONDAY + timedelta(minutes=16)
PHONE, TOKEN, NAME, CPR = "+4520304050", "aB3dE6gH9jK2mN", "Birthe Kvist", "0101011234"
CANARIES = {
    "phone": PHONE, "phone_hash": "f" * 40, "token": TOKEN, "name": NAME, "code": "34679C", "email": "b@example.org",
    "cpr": CPR, "message_id": "5f0c", "claim": "c-1", "manage_url": f"https://x.example/s/{TOKEN}",
}  # fmt: skip


def an_invitation(**changes: Any) -> Fact:
    version = changes.pop("version", 1)
    document = {
        "state": "accepted",
        "not_invited_reason": None,
        "decided_at": utc_text(ENDED),
        "send_at": utc_text(ENDED),
        "sent_at": utc_text(ENDED + timedelta(seconds=5)),
        "delivered_at": None,
        "failure": None,
        "parts": 1,
        "language": "da",
        "contact_ended_at": utc_text(ENDED),
    }
    return Fact("fjordby", ID, document | changes, version)


def a_response(**changes: Any) -> Fact:
    version = changes.pop("version", 3)
    document = {
        "questionnaire": "skive",
        "questionnaire_version": "1",
        "question_versions": {"satisfaction": "0-10.1", "got-answer": "1", "comment": "1", "channels": "1"},
        "mode": "sms_link",
        "language": "da",
        "started_at": utc_text(ENDED + timedelta(minutes=30)),
        "finished_at": utc_text(ENDED + timedelta(minutes=32)),
        "contact_ended_at": utc_text(ENDED),
        "answers": {
            "satisfaction": 9,
            "got-answer": "yes",
            "clear-information": "dont_know",
            "channels": ["web", "app"],
        },
        "comments": {"comment": "Hurtigt og venligt 😀\nTak"},
    }
    return Fact("fjordby", ID, document | changes, version)


def a_booking(**changes: Any) -> Fact:
    version = changes.pop("version", 2)
    document = {
        "office": "raadhuset",
        "desk_group": "counter",
        "reasons": ["passport", "licence"],
        "origin": "phone",
        "language": "da",
        "persons": 2,
        "meeting": "in_person",
        "booked_at": utc_text(MONDAY - timedelta(days=3)),
        "start": utc_text(MONDAY),
        "alternatives_seen": True,
        "want_earlier": False,
        "moves": 1,
        "cancelled_at": None,
        "consent": {"offered": True, "granted": False, "text_version": "2026-1"},
        "state": "completed",
        "known_from": utc_text(MONDAY + timedelta(hours=18)),
    }
    return Fact("fjordby", ID, document | changes, version)


@pytest.mark.requirement("SK-05")
@pytest.mark.requirement("SK-06")
@pytest.mark.requirement("SK-08")
def test_a_contacts_row_has_waiting_and_service_time_and_local_hour() -> None:
    (landed,) = contact_objects(Fact("fjordby", ID, to_document(a_contact())))
    assert landed.key == f"landing/contacts/municipality=fjordby/month=2026-11/{ID}.json"
    (row,) = landed.rows
    assert (row["waiting_seconds"], row["service_seconds"]) == (300, 600)
    assert (row["local_hour"], row["local_weekday"], row["local_date"]) == (10, 1, "2026-11-23")
    assert (row["reason"], row["reasons"]) == ("passport", ["passport"])
    assert row["consent_granted"] is True
    assert json.loads(landed.body) == row | {"row_version": 0}


def test_what_was_never_measured_is_null() -> None:
    contact = a_contact(called_at=None, served_at=None, office=None, desk_group=None)
    (landed,) = contact_objects(Fact("fjordby", ID, to_document(contact)))
    assert landed.rows[0]["waiting_seconds"] is None
    assert landed.rows[0]["service_seconds"] == 16 * 60


def test_the_month_is_the_local_one_of_the_contacts_end_for_every_fact() -> None:
    ended = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # already December in Copenhagen
    objects = [
        *contact_objects(Fact("fjordby", ID, to_document(a_contact(ended_at=ended)))),
        *invitation_objects(an_invitation(contact_ended_at=utc_text(ended), decided_at="2027-01-02T10:00:00Z")),
        *response_objects(a_response(contact_ended_at=utc_text(ended))),
    ]
    assert {landed.month for landed in objects} == {"2026-12"}
    assert [landed.table for landed in objects] == ["contacts", "invitations", "responses", "answers", "comments"]


def test_answers_are_text_and_numbers_and_one_row_per_chosen_option() -> None:
    _, answers, comments = response_objects(a_response())
    assert [(r["question"], r["value"], r["value_number"], r["question_version"]) for r in answers.rows] == [
        ("channels", "web", None, "1"),
        ("channels", "app", None, "1"),
        ("clear-information", "dont_know", None, None),
        ("got-answer", "yes", None, "1"),
        ("satisfaction", "9", 9.0, "0-10.1"),
    ]
    assert [row["text"] for row in comments.rows] == ["Hurtigt og venligt 😀\nTak"]
    assert "text" not in answers.rows[0]


def test_a_response_that_is_only_started_lands_without_answers() -> None:
    (landed,) = response_objects(a_response(finished_at=None, version=1))
    assert (landed.table, landed.rows[0]["state"], landed.rows[0]["answered"]) == ("responses", "started", 4)


def test_a_finished_response_without_a_comment_lands_an_empty_object() -> None:
    objects = {landed.table: landed for landed in response_objects(a_response(comments={}))}
    assert objects["comments"].body == b""
    assert objects["responses"].rows[0]["has_comment"] is False


@pytest.mark.requirement("GL-03", "GL-05", "GL-18")
def test_what_is_known_of_a_response_lands_with_it_and_with_its_answers() -> None:
    facts = {"channel": "phone", "department": "benefits", "place": "Rådhusets forhal", "interviewer": "i7"}
    seconds = {"satisfaction": 15, "got-answer": 5}
    fact = a_response(mode="face_to_face", facts=facts, seconds=seconds, eligible=True, nominees=["0123456789abcdef"])
    head, answers, comments = (landed.rows for landed in response_objects(fact))
    assert (head[0]["channel"], head[0]["place"], head[0]["interviewer"]) == ("phone", "Rådhusets forhal", "i7")
    assert (head[0]["eligible"], head[0]["seconds"], head[0]["stopped_at"]) == (True, 20, None)
    assert {row["department"] for row in (*answers, *comments)} == {"benefits"}
    assert {row["question"]: row["seconds"] for row in answers}["satisfaction"] == 15
    assert (comments[0]["mode"], comments[0]["nominees"]) == ("face_to_face", ["0123456789abcdef"])
    (begun,) = response_objects(a_response(finished_at=None, stopped_at="got-answer"))
    assert begun.rows[0]["stopped_at"] == "got-answer"


@pytest.mark.requirement("FR-12", "FR-16", "GL-67")
def test_an_appointment_lands_with_what_became_of_it() -> None:
    (landed,) = booking_objects(a_booking())
    (row,) = landed.rows
    assert (landed.table, landed.month) == ("bookings", "2026-11")
    assert (row["outcome"], row["assisted"], row["alternatives_seen"]) == ("served", True, True)
    assert (row["persons"], row["moves"], row["lead_seconds"]) == (2, 1, 3 * 86_400)
    assert (row["reason"], row["local_hour"], row["cancelled_at"]) == ("passport", 10, None)
    assert booking_objects(a_booking(origin="web"))[0].rows[0]["assisted"] is False


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("completed", "served"),
        ("no_show", "no_show"),
        ("cancelled", "cancelled"),
        ("unclosed", "unclosed"),
        ("moved", "sent_on"),
        ("waiting", None),
        (None, None),
    ],
)
def test_what_became_of_an_appointment_is_said_only_if_it_is_known(state: str | None, outcome: str | None) -> None:
    assert booking_objects(a_booking(state=state))[0].rows[0]["outcome"] == outcome


def test_an_appointment_of_an_earlier_version_lands_with_nulls() -> None:
    fact = a_booking()
    for name in ("moves", "persons", "meeting", "alternatives_seen", "want_earlier", "cancelled_at"):
        del fact.document[name]
    (row,) = booking_objects(fact)[0].rows
    assert (row["moves"], row["persons"]) == (None, None)


def test_nothing_that_the_schema_does_not_name_can_pass() -> None:
    contact = to_document(a_contact()) | CANARIES
    invitation = an_invitation(failure=f"Phone {PHONE} is unreachable", **CANARIES)
    response = a_response(**CANARIES)
    objects = [
        *contact_objects(Fact("fjordby", ID, contact)),
        *invitation_objects(invitation),
        *response_objects(response),
        *booking_objects(a_booking(**CANARIES)),
    ]
    everything = b"".join(landed.key.encode() + landed.body for landed in objects).decode()
    assert not [canary for canary in CANARIES.values() if canary in everything]
    assert objects[1].rows[0]["failure"] == WITHHELD


@pytest.mark.parametrize("text", ["passport", "dont_know", "0-10.1", "2026-1", "Borgerservice Øst", "10", "e_mail"])
def test_codes_look_like_codes(text: str) -> None:
    assert is_code(text)


@pytest.mark.parametrize(
    "text", [PHONE, "20 30 40 50", "20.30.40.50", CPR, "010101-1234", "a@b", "x\ny", "", "x" * 121]
)
def test_what_could_be_a_number_or_prose_does_not(text: str) -> None:
    assert not is_code(text)


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
SUBJECTS = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26)


@given(subject=SUBJECTS, ended=MOMENTS, version=st.integers(0, 9))
@settings(max_examples=60)
def test_keys_depend_on_nothing_but_the_subject_and_its_end(subject: str, ended: datetime, version: int) -> None:
    first = response_objects(Fact("fjordby", subject, a_response(contact_ended_at=utc_text(ended)).document, version))
    again = response_objects(
        Fact("fjordby", subject, a_response(contact_ended_at=utc_text(ended), answers={}).document, version + 1)
    )
    assert [landed.key for landed in first] == [landed.key for landed in again]
    assert all(f"/month={month_of(parse_moment(utc_text(ended)))}/{subject}.json" in landed.key for landed in first)
    assert len({landed.key for landed in first}) == 3


@given(
    st.dictionaries(
        st.sampled_from([column.name for table in TABLES.values() for column in table.columns] + list(CANARIES)),
        st.one_of(st.none(), st.text(max_size=40), st.integers(), st.booleans(), st.just(PHONE), st.just(TOKEN)),
        max_size=8,
    )
)
@settings(max_examples=60)
def test_whatever_stands_in_a_document_no_phone_number_lands(extra: dict[str, Any]) -> None:
    kept = {name: value for name, value in extra.items() if name not in {"contact_ended_at", "contact_id"}}
    try:
        objects = invitation_objects(Fact("fjordby", ID, an_invitation().document | kept, 1))
    except (ValueError, TypeError):
        return
    except RowRejected as refusal:
        message = str(refusal)
        assert PHONE not in message
        return
    assert all(PHONE.encode() not in landed.body for landed in objects)


# ---- the service


class House:
    """A landing service over fakes, and its rebirth after a kill."""

    def __init__(self, lives: Lives | None = None) -> None:
        lives = lives or Lives()
        self.facts, self.lake, self.marks = FakeFacts(lives=lives), FakeLake(lives=lives), FakeMarks(lives=lives)
        self.clock = FixedClock(MONDAY + timedelta(hours=5))

    @property
    def service(self) -> LandingService:
        return LandingService(
            facts=self.facts, lake=self.lake, marks=self.marks, clock=lambda: self.clock, work=self.facts
        )

    def put(self, kind: WorkKind, fact: Fact, due_at: str) -> None:
        due = parse_moment(fact.document[due_at])
        self.facts.put(kind, fact, WorkItem("fjordby", kind, fact.subject, due, version=fact.version))

    def live_on(self) -> None:
        forever = Lives()
        self.facts.lives = self.lake.lives = self.marks.lives = forever


def a_house(lives: Lives | None = None) -> House:
    house = House(lives)
    house.put(WorkKind.LAND_CONTACT, Fact("fjordby", ID, to_document(a_contact())), "ended_at")
    house.put(WorkKind.LAND_INVITATION, an_invitation(version=2), "decided_at")
    house.put(WorkKind.LAND_RESPONSE, a_response(), "started_at")
    house.put(WorkKind.LAND_BOOKING, a_booking(known_from=utc_text(MONDAY + timedelta(hours=1))), "known_from")
    return house


def test_landing_writes_object_and_mark_and_settles_the_work() -> None:
    house = a_house()
    assert house.service.land_contact("fjordby", ID) is Landing.LANDED
    assert house.service.land_invitation("fjordby", ID) is Landing.LANDED
    assert house.service.land_response("fjordby", ID) is Landing.LANDED
    assert {item.kind for item in house.facts.pending.values()} == {WorkKind.LAND_BOOKING}
    assert sorted(landed.table for landed in house.lake.landed_objects.values()) == sorted(
        ["contacts", "invitations", "responses", "answers", "comments"]
    )
    assert {key[1]: mark.version for key, mark in house.marks.marks.items()} == dict.fromkeys(
        ["contacts", "invitations", "responses", "answers", "comments"], 1
    )


def test_a_replay_changes_nothing_but_the_mark() -> None:
    house = a_house()
    house.service.land_response("fjordby", ID)
    before = {key: landed.body for key, landed in house.lake.landed_objects.items()}
    house.service.land_response("fjordby", ID)
    assert {key: landed.body for key, landed in house.lake.landed_objects.items()} == before


def test_an_older_version_never_replaces_a_newer_one() -> None:
    house = a_house()
    house.service.land_invitation("fjordby", ID)
    house.facts.facts[WorkKind.LAND_INVITATION, "fjordby", ID] = an_invitation(state="scheduled", version=1)
    assert house.service.land_invitation("fjordby", ID) is Landing.SUPERSEDED
    (landed,) = house.lake.landed_objects.values()
    assert landed.rows[0]["state"] == "accepted"


def test_work_that_was_written_again_meanwhile_stays() -> None:
    house = a_house()
    due = parse_moment(an_invitation().document["decided_at"])
    newer = WorkItem("fjordby", WorkKind.LAND_INVITATION, ID, due, version=3)
    house.facts.pending["fjordby", WorkKind.LAND_INVITATION, ID, due] = newer
    house.service.land_invitation("fjordby", ID)
    assert newer in house.facts.pending.values()


def test_the_sweep_lands_what_streams_lost_and_drops_work_of_deleted_facts() -> None:
    house = a_house()
    del house.facts.facts[WorkKind.LAND_RESPONSE, "fjordby", ID]
    assert house.service.sweep("fjordby", house.clock.now()) == 4
    assert not house.facts.pending
    assert {landed.table for landed in house.lake.landed_objects.values()} == {"contacts", "invitations", "bookings"}
    assert house.service.sweep("fjordby") == 0


def test_the_sweep_leaves_the_last_minute_to_the_streams() -> None:
    house = a_house()
    assert house.service.sweep("fjordby", ENDED + timedelta(seconds=30)) == 0


@pytest.mark.parametrize(("spoilt", "error"), [({"consent": {}}, KeyError), ({"transfers": "many"}, RowRejected)])
def test_one_fact_that_can_not_land_holds_up_no_other(spoilt: dict[str, Any], error: type[Exception]) -> None:
    house = a_house()
    house.facts.facts[WorkKind.LAND_CONTACT, "fjordby", ID].document.update(spoilt)
    with pytest.raises(error):
        house.service.sweep("fjordby", house.clock.now())
    assert {item.kind for item in house.facts.pending.values()} == {WorkKind.LAND_CONTACT}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 22))
def test_killed_at_any_step_everything_is_landed_in_the_end(step: int, *, after: bool) -> None:
    house = a_house(Lives(at=step, after=after))
    with suppress(Killed):
        house.service.sweep("fjordby", house.clock.now())
    house.live_on()
    house.service.sweep("fjordby", house.clock.now())
    assert not house.facts.pending
    assert len(house.lake.landed_objects) == 6
    assert len(house.marks.marks) == 6
