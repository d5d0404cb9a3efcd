"""The second opinion on DynamoDB gets the tables of `infra/data.yaml`, and tests that exist."""

from __future__ import annotations

import pytest

from infra import cfnyaml, deploy
from local.dynamodb_local import TESTS, CannotRun, table_requests
from local.ministack import ROOT

KEYS = {"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]}


def template(**properties) -> dict:
    table = {"TableName": {"Fn::Sub": "${Prefix}-things"}, **KEYS, **properties}
    return {"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": table}, "B": {"Type": "AWS::S3::Bucket"}}}


def test_a_table_is_as_the_template_says():
    indexes = [{"IndexName": "by-state"}]
    found = template(GlobalSecondaryIndexes=indexes, StreamSpecification={"StreamViewType": "NEW_IMAGE"})
    assert table_requests(found, "borgerpuls-x") == [
        {
            "TableName": "borgerpuls-x-things",
            **KEYS,
            "GlobalSecondaryIndexes": indexes,
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        }
    ]


def test_an_unknown_property_is_refused_by_name():
    with pytest.raises(CannotRun, match=r"x-things has KinesisStreamSpecification"):
        table_requests(template(KinesisStreamSpecification={}), "x")


def test_all_tables_of_the_product_can_be_made():
    requests = table_requests(cfnyaml.load(deploy.HERE / "data.yaml"), "x")
    assert {request["TableName"] for request in requests} >= {"x-capacity", "x-contacts"}


def test_the_tests_that_are_meant_for_it_exist():
    assert [test for test in TESTS if not (ROOT / test).exists()] == []
