"""A number that is left to be called back, through the Chalice app and the embedded AWS."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from itertools import count

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.citizens.contact_rows import contact_row
from chalicelib.adapters.tables import LinkItem, bound
from chalicelib.shared.hashing import link_token, token_hash
from tests.answering import ASKING, Visitor, responses_of, text, there
from tests.builders import a_contact, a_municipality_document
from tests.contract.test_survey_store import add_invitation, add_link
from tests.embedded import store_municipality
from tests.fakes.surveys import COMPLETE, a_link

_NUMBERS = count(1)


@pytest.fixture
def town(embedded):
    return store_municipality(a_municipality_document(id=f"ringby{next(_NUMBERS)}", asking=ASKING))


class Finished:
    """Somebody whose questionnaire is finished, and their link."""

    def __init__(self, town) -> None:
        self.contact_id = f"01JDC0NTACT{next(_NUMBERS) + 7000:015d}"
        self.token = link_token(bootstrap.keys(), "survey", f"{town.id}|{self.contact_id}")
        until = bootstrap.clock().now() + timedelta(days=1)
        add_link(token_hash(self.token), a_link(municipality=town.id, contact_id=self.contact_id, until=until))
        add_invitation(town.id, self.contact_id)

    def finish(self) -> Finished:
        bootstrap.surveys().finish(self.token, COMPLETE)
        return self


def test_a_citizen_leaves_a_number_and_somebody_calls_and_it_is_gone(client, town, staff_token, caplog):
    caplog.set_level(logging.INFO)  # botocore prints requests at DEBUG, which no deployment has on
    citizen = Finished(town).finish()
    visitor = Visitor(client)
    page = text(visitor.get(f"/s/{citizen.token}"))
    assert "Vil du have, at vi ringer til dig?" in page
    refused = visitor.post(f"/s/{citizen.token}/callback", phone="20123456", about="Om mit pas")
    assert refused.status_code == 422
    assert "20123456" in text(refused), "what was written comes back"
    wrong = visitor.post(f"/s/{citizen.token}/callback", phone="123", agreed="yes")
    assert wrong.status_code == 422
    told = visitor.get(
        there(visitor.post(f"/s/{citizen.token}/callback", phone="20 12 34 56", about="Om mit pas", agreed="yes"))
    )
    assert "Vi har dit nummer" in text(told)
    desk = Visitor(client, bearer=staff_token("desk", town.id))
    listed = text(desk.get(f"/{town.id}/callbacks"))
    assert "+4520123456" in listed
    assert "Om mit pas" in listed
    assert citizen.contact_id not in listed
    wish = re.search(r'name="callback" value="([0-9a-f]+)"', listed)[1]
    closed = text(desk.get(there(desk.post(f"/{town.id}/callbacks", callback=wish))))
    assert "Nummeret er slettet" in closed
    assert "20123456" not in closed
    assert "20123456" not in caplog.text


def test_a_number_is_taken_only_from_who_has_finished_and_where_it_is_offered(client, town, tenant):
    unfinished = Finished(town)
    visitor = Visitor(client)
    fields = {"phone": "20123456", "agreed": "yes"}
    visitor.post(f"/s/{unfinished.token}/callback", **fields)
    assert tuple(bootstrap.callbacks().open(town.id)) == ()
    elsewhere = Finished(tenant).finish()
    assert "ringer til dig?" not in text(visitor.get(f"/s/{elsewhere.token}"))
    assert visitor.post(f"/s/{elsewhere.token}/callback", **fields).status_code == 403


def test_erasing_a_contact_takes_its_call_back_with_it(client, town):
    citizen = Finished(town).finish()
    contact = a_contact(id=citizen.contact_id, municipality=town.id)
    contact_row(contact, bootstrap.clock().now()).save()
    Visitor(client).post(f"/s/{citizen.token}/callback", phone="20123456", agreed="yes")
    assert len(bootstrap.callbacks().open(town.id)) == 1
    bootstrap.erasure().erase(town.id, citizen.contact_id)
    assert tuple(bootstrap.callbacks().open(town.id)) == ()
    assert responses_of(town.id) == []
    with pytest.raises(bound(LinkItem).DoesNotExist):
        bound(LinkItem).get(token_hash(citizen.token), "link")
