"""Short ways to write schemas, items and expected refusals in tests."""
import contextlib
import itertools
import re
import time

import pytest
from botocore.exceptions import ClientError

from harness.raw import ApiError
from harness.waiting import wait_for

_numbers = itertools.count(1)


def unique(prefix: str) -> str:
    """A table name no other test of this run or of another has."""
    return f"{prefix}-{time.time_ns():x}-{next(_numbers)}"


def S(value): return {"S": value}
def N(value): return {"N": str(value)}
def B(value): return {"B": value}
def L(*values): return {"L": list(values)}
def M(**members): return {"M": members}
def SS(*values): return {"SS": list(values)}
def NS(*values): return {"NS": [str(v) for v in values]}


def schema(*keys: str, indexes=(), local_indexes=(), **more) -> dict:
    """CreateTable's parameters. A key is 'name:type'; the first is the hash key, the second the range key.

    An index is (name, keys, projection) with projection 'ALL', 'KEYS_ONLY' or a list of attributes."""
    kinds = {}

    def key_schema(parts):
        found = []
        for part, role in zip(parts, ("HASH", "RANGE")):
            name, _, kind = part.partition(":")
            kinds[name] = kind or kinds.get(name, "S")
            found.append({"AttributeName": name, "KeyType": role})
        return found

    def index(name, parts, projection="ALL"):
        shape = {"ProjectionType": projection} if isinstance(projection, str) else {
            "ProjectionType": "INCLUDE", "NonKeyAttributes": list(projection)}
        return {"IndexName": name, "KeySchema": key_schema(parts), "Projection": shape}

    made = {"KeySchema": key_schema(keys), "BillingMode": "PAY_PER_REQUEST"}
    if indexes:
        made["GlobalSecondaryIndexes"] = [index(*i) for i in indexes]
    if local_indexes:
        made["LocalSecondaryIndexes"] = [index(*i) for i in local_indexes]
    made["AttributeDefinitions"] = [{"AttributeName": n, "AttributeType": t} for n, t in kinds.items()]
    return made | more


def table_status(client, name: str) -> str:
    return client.describe_table(TableName=name)["Table"]["TableStatus"]


def wait_active(client, name: str, seconds: float = 600):
    """ACTIVE, with every index ACTIVE."""

    def active():
        table = client.describe_table(TableName=name)["Table"]
        indexes = table.get("GlobalSecondaryIndexes", [])
        return table["TableStatus"] == "ACTIVE" and all(i.get("IndexStatus") == "ACTIVE" for i in indexes)

    wait_for(f"table {name} to be ACTIVE", active, seconds)


def wait_gone(client, name: str, seconds: float = 600):
    def gone():
        try:
            client.describe_table(TableName=name)
            return False
        except client.exceptions.ResourceNotFoundException:
            return True

    wait_for(f"table {name} to be gone", gone, seconds)


def scan_all(client, name: str, **options) -> list[dict]:
    items = []
    for page in client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True, **options):
        items += page["Items"]
    return items


def fill(client, name: str, items):
    """BatchWriteItem in groups of 25, unprocessed items sent again."""
    items = list(items)
    for start in range(0, len(items), 25):
        left = {name: [{"PutRequest": {"Item": item}} for item in items[start:start + 25]]}
        while left:
            left = client.batch_write_item(RequestItems=left).get("UnprocessedItems", {})


@contextlib.contextmanager
def refused(code: str, message: str | None = None, *, match: str | None = None):
    """The body must be refused with this error code and message (exact, or a regular expression at its start)."""
    with pytest.raises((ClientError, ApiError)) as caught:
        yield caught
    error = caught.value.response["Error"]
    assert error["Code"] == code, error
    if message is not None:
        assert error["Message"] == message
    if match is not None:
        assert re.match(match, error["Message"]), error["Message"]


def invalid(message: str | None = None, *, match: str | None = None):
    return refused("ValidationException", message, match=match)
