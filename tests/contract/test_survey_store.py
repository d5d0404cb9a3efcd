"""The same promises of `SurveyStore`, by the fake and by DynamoDB."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters.citizens.contact_rows import contact_row
from chalicelib.adapters.dynamodb_work import DynamoDbPendingWork
from chalicelib.adapters.surveys.dynamodb_responses import DynamoDbResponses
from chalicelib.adapters.tables import ConsentItem, InvitationItem, LinkItem, bound
from chalicelib.shared.clock import utc_text
from chalicelib.shared.errors import AlreadyAnswered, Conflict
from chalicelib.shared.hashing import token_hash
from chalicelib.shared.work import WorkKind
from chalicelib.surveys.comment_use import CommentUse
from chalicelib.surveys.model import Facts, Mode
from chalicelib.surveys.service import Invited, SurveyService
from tests.builders import MONDAY, FixedClock, a_contact
from tests.fakes.surveys import COMPLETE, FakeMunicipalities, FakeSurveyStore, a_link, a_response, a_token

if TYPE_CHECKING:
    from chalicelib.contacts.model import Contact
    from chalicelib.surveys.model import Response
    from chalicelib.surveys.service import SurveyLink, SurveyStore

_NUMBERS = count(1)
INVITED = Invited(MONDAY - timedelta(hours=2), None, "en")


class Fake:
    def __init__(self) -> None:
        self._fake = FakeSurveyStore()
        self.store: SurveyStore = self._fake

    def add(self, hashed: str, link: SurveyLink) -> None:
        self._fake.links[hashed] = link
        self._fake.invitations[link.municipality, link.contact_id] = INVITED

    def serve(self, contact: Contact) -> None:
        key = (contact.municipality, contact.id)
        facts = Facts(str(contact.channel), contact.department, contact.reasons[0], contact.office)
        self._fake.contacts[key] = Invited(contact.ended_at, language=contact.language, facts=facts)
        if key in self._fake.invitations:
            self._fake.invitations[key] = replace(self._fake.invitations[key], facts=facts)

    def landing(self, response: Response) -> int | None:
        return self._fake.landings.get(response.contact_id)

    def ledger(self, contact_id: str) -> list[tuple[object, ...]]:
        mine = [answer for subject, answer in self._fake.answers if subject == contact_id]
        return [
            ("granted" if each.granted else "withdrawn", each.text_version, each.language, each.origin, each.by, None)
            for each in mine
        ]


class Real:
    def __init__(self) -> None:
        self.store: SurveyStore = DynamoDbResponses()

    def add(self, hashed: str, link: SurveyLink) -> None:
        add_link(hashed, link)
        add_invitation(link.municipality, link.contact_id)

    def serve(self, contact: Contact) -> None:
        contact_row(contact, MONDAY).save()

    def landing(self, response: Response) -> int | None:
        item = DynamoDbPendingWork().find(
            response.municipality, WorkKind.LAND_RESPONSE, response.contact_id, response.started_at
        )
        return item.version if item else None

    def ledger(self, contact_id: str) -> list[tuple[object, ...]]:
        rows = bound(ConsentItem).query(f"fjordby#consent#{contact_id}", consistent_read=True)
        return [
            (row.state, *(row.document[name] for name in ("text_version", "language", "origin", "by", "phone_hash")))
            for row in rows
            if row.sk.startswith("comment_use#")
        ]


def add_link(hashed: str, link: SurveyLink) -> None:
    bound(LinkItem)(
        hashed,
        "link",
        municipality=link.municipality,
        purpose=link.purpose,
        subject=link.contact_id,
        language=link.language,
        until=int(link.until.timestamp()) if link.until else None,
    ).save()


def add_invitation(municipality: str, contact_id: str, questionnaire: str | None = None) -> None:
    document = {
        "contact_ended_at": utc_text(INVITED.contact_ended_at),
        "language": INVITED.language,
        "questionnaire": questionnaire,
    }
    bound(InvitationItem)(
        f"{municipality}#invitation#{contact_id}",
        "invitation",
        municipality=municipality,
        contact_id=contact_id,
        state="accepted",
        document=document,
    ).save()


@pytest.fixture(params=["fake", "real"])
def world(request):
    if request.param == "fake":
        return Fake()
    request.getfixturevalue("embedded")
    return Real()


@pytest.fixture
def contact_id():
    return f"01JDC0NTACT{next(_NUMBERS):015d}"


def test_what_was_never_written_is_not_there(world, contact_id):
    assert world.store.link(token_hash(a_token("fjordby", contact_id))) is None
    assert world.store.invited("fjordby", contact_id) is None
    assert world.store.response("fjordby", contact_id) is None


def test_a_link_and_its_invitation_are_found(world, contact_id):
    link = a_link(contact_id=contact_id)
    world.add(token_hash(a_token("fjordby", contact_id)), link)
    assert world.store.link(token_hash(a_token("fjordby", contact_id))) == link
    assert world.store.invited("fjordby", contact_id) == INVITED


def test_a_response_is_read_as_it_was_written(world, contact_id):
    first = a_response(contact_id=contact_id, comments={"comment": "Fint 👍🏽\nTak"})
    world.store.save(first, land=True)
    assert world.store.response("fjordby", contact_id) == first

    second = replace(first, version=2, finished_at=MONDAY + timedelta(minutes=1), answers={"a": ["x", "y"], "b": 3})
    world.store.save(second, land=True)
    assert world.store.response("fjordby", contact_id) == second


def test_everything_that_is_known_of_a_response_comes_back(world, contact_id):
    known = a_response(
        contact_id=contact_id,
        mode=Mode.FACE_TO_FACE,
        facts=Facts(channel="phone", department="benefits", place="Forhal", interviewer="i7"),
        seconds={"satisfaction": 15},
        stopped_at="friendliness",
        eligible=True,
        nominees=("0123456789abcdef",),
    )
    world.store.save(known, land=True)
    assert world.store.response("fjordby", contact_id) == known


@pytest.mark.requirement("SK-02")
def test_what_was_said_about_quoting_stands_with_the_response_and_on_the_ledger(world, contact_id):
    yes = CommentUse(granted=True, text_version="c-1", language="en", origin="kiosk", at=MONDAY, by="i7")
    first = a_response(contact_id=contact_id, comment_use=yes)
    world.store.save(first, land=True, answer=yes)
    assert world.store.response("fjordby", contact_id) == first
    assert world.ledger(contact_id) == [("granted", "c-1", "en", "kiosk", "i7", None)]
    world.store.save(replace(first, version=2), land=True)
    assert len(world.ledger(contact_id)) == 1, "only a new answer is written down"
    back = replace(yes, granted=False, withdrawn=True, origin="web", at=MONDAY + timedelta(days=1), by=None)
    world.store.save(replace(first, version=3, comment_use=back), land=True, answer=back)
    assert world.ledger(contact_id)[1:] == [("withdrawn", "c-1", "en", "web", None, None)]
    no = replace(back, withdrawn=False, at=MONDAY + timedelta(days=2))
    with pytest.raises(Conflict):
        world.store.save(replace(first, version=3, comment_use=no), land=True, answer=no)
    assert len(world.ledger(contact_id)) == 2, "all or nothing"


def test_the_facts_of_a_contact_stand_with_its_invitation_and_by_themselves(world, contact_id):
    assert world.store.served("fjordby", contact_id) is None
    world.add(token_hash(a_token("fjordby", contact_id)), a_link(contact_id=contact_id))
    contact = a_contact(id=contact_id)
    world.serve(contact)
    facts = Facts(channel="in_person", department="citizen-service", reason="passport", office="raadhuset")
    assert world.store.invited("fjordby", contact_id).facts == facts
    assert world.store.served("fjordby", contact_id) == Invited(contact.ended_at, language="da", facts=facts)


def test_landing_is_pending_once_with_the_version_that_asked_for_it(world, contact_id):
    first = a_response(contact_id=contact_id)
    world.store.save(first, land=True)
    assert world.landing(first) == 1
    world.store.save(replace(first, version=2), land=False)
    assert world.landing(first) == 1
    world.store.save(replace(first, version=3), land=True)
    assert world.landing(first) == 3


@pytest.mark.parametrize("version", [1, 3])
def test_only_the_next_version_can_be_written(world, contact_id, version):
    first = a_response(contact_id=contact_id)
    world.store.save(first, land=False)
    with pytest.raises(Conflict):
        world.store.save(replace(first, version=version, language="en"), land=True)
    assert world.store.response("fjordby", contact_id) == first
    assert world.landing(first) is None, "a refused write leaves no work"


def test_another_municipalitys_contact_is_another_response(world, contact_id):
    world.store.save(a_response(contact_id=contact_id), land=False)
    assert world.store.response("sandholm", contact_id) is None


@pytest.mark.parametrize("started", [True, False])
def test_twenty_tabs_finish_once(world, contact_id, started):
    """I5: one finished response, whatever races."""
    token = a_token("fjordby", contact_id)
    world.add(token_hash(token), a_link(contact_id=contact_id))
    service = SurveyService(store=world.store, municipalities=FakeMunicipalities(), clock=FixedClock)
    if started:
        service.save(token, {"satisfaction": 3})

    def finish(number: int) -> str:
        try:
            service.finish(token, {**COMPLETE, "satisfaction": number % 11})
        except AlreadyAnswered:
            return "already"
        return str(number % 11)

    with ThreadPoolExecutor(20) as pool:
        outcomes = Counter(pool.map(finish, range(20)))

    assert outcomes.pop("already") == 19
    stored = world.store.response("fjordby", contact_id)
    assert [str(stored.answers["satisfaction"])] == list(outcomes)
    assert stored.version == world.landing(stored) == (2 if started else 1)
