from __future__ import annotations

import socket

import pytest

from chalicelib import bootstrap
from chalicelib.adapters.tables import TickItem, bound
from chalicelib.settings import settings
from chalicelib.shared.errors import NotSignedIn


def test_every_tenant_is_a_municipality_of_its_own(tenant, embedded):
    assert bootstrap.municipalities().get(tenant.id) == tenant
    assert tenant.id in {entry.id for entry in bootstrap.municipalities().directory()}


def test_the_product_reaches_tables_secret_bucket_and_queue(embedded):
    bound(TickItem)("fjordby#raadhuset#2026-11-23", "counter#10:00", lanes={}).save()

    assert bound(TickItem).get("fjordby#raadhuset#2026-11-23", "counter#10:00").lanes.as_dict() == {}
    assert len(bootstrap.keys().phone) == 32
    assert embedded.client("s3").list_objects_v2(Bucket=settings().lake_bucket, Prefix="nothing/")["KeyCount"] == 0
    assert embedded.client("sqs").get_queue_attributes(QueueUrl=settings().send_queue_url)["ResponseMetadata"]


def test_a_staff_token_is_verified_by_the_products_own_code(staff_token, embedded):
    claims = bootstrap.staff_tokens().verify(staff_token("desk", "fjordby"))

    assert claims.groups == ("fjordby:desk",)
    with pytest.raises(NotSignedIn):
        bootstrap.staff_tokens().verify(staff_token("desk", "fjordby")[:-4] + "AAAA")


def test_sockets_work_outside_unit_tests():
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
