"""What boto3 builds on the operations: the resource, paginators, waiters, the type mapping."""
import decimal

import boto3.dynamodb.conditions as conditions
import pytest

from harness.server import client_config
from harness.tables import N, S, fill, schema, unique


@pytest.fixture(scope="module")
def resource(endpoint):
    return endpoint.session.resource("dynamodb", endpoint_url=endpoint.url, config=client_config(parameter_validation=True))


def test_waiters(endpoint):
    db, name = endpoint.client(parameter_validation=True), unique("waited")
    db.create_table(TableName=name, **schema("pk"))
    db.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    db.delete_table(TableName=name)
    db.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def test_resource_round_trip(resource, make_table):
    table = resource.Table(make_table(schema("pk", "sk:N")))
    item = {"pk": "a", "sk": decimal.Decimal("1.5"), "map": {"list": [1, "x", None, True, b"\x00"]}, "set": {"a", "b"},
            "numbers": {decimal.Decimal(1), decimal.Decimal("2.5")}}
    table.put_item(Item=item)
    found = table.get_item(Key={"pk": "a", "sk": decimal.Decimal("1.5")})["Item"]
    assert {k: v for k, v in found.items() if k != "map"} == {k: v for k, v in item.items() if k != "map"}
    assert found["map"]["list"][:4] == [1, "x", None, True] and bytes(found["map"]["list"][4]) == b"\x00"


def test_condition_builders(resource, make_table):
    table = resource.Table(make_table(schema("pk", "sk:N")))
    with table.batch_writer() as batch:
        for i in range(60):
            batch.put_item(Item={"pk": "p", "sk": i, "name": f"n{i % 2}"})
    found = table.query(KeyConditionExpression=conditions.Key("pk").eq("p") & conditions.Key("sk").between(10, 19),
                        FilterExpression=conditions.Attr("name").eq("n1") | conditions.Attr("sk2").exists())
    assert [int(i["sk"]) for i in found["Items"]] == [11, 13, 15, 17, 19]


def test_paginators(db, make_table):
    name = make_table(schema("pk"))
    fill(db, name, [{"pk": S(f"{i}"), "v": N(i)} for i in range(30)])
    pages = list(db.get_paginator("scan").paginate(TableName=name, PaginationConfig={"PageSize": 7}))
    assert sum(p["Count"] for p in pages) == 30 and len(pages) == 5
