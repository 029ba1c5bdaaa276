"""x-reprise-as-of on GetItem, BatchGetItem, Query and Scan: reads of the past, without restoring anything."""
import datetime

import pytest

from harness.tables import N, S, invalid, schema
from harness.waiting import wait_for

UTC = datetime.timezone.utc
HEADER = "x-reprise-as-of"


@pytest.fixture(scope="module")
def past(db, make_table, on_reprise):
    """A table whose item 'a' was 1, then 2, then gone, and the instants between."""
    name = make_table(schema("pk", "sk:N", indexes=[("by-kind", ["kind", "sk:N"])], local_indexes=[("by-v", ["pk", "v:N"])]))
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    instants = []

    def remember():
        mark = datetime.datetime.now(UTC)
        instants.append(mark + datetime.timedelta(milliseconds=5))
        wait_for("the clock", lambda: datetime.datetime.now(UTC) > mark + datetime.timedelta(milliseconds=20))

    remember()
    for sk in range(5):
        db.put_item(TableName=name, Item={"pk": S("a"), "sk": N(sk), "v": N(1), "kind": S("old")})
    remember()
    for sk in range(3):
        db.put_item(TableName=name, Item={"pk": S("a"), "sk": N(sk), "v": N(2), "kind": S("new")})
    remember()
    for sk in range(5):
        db.delete_item(TableName=name, Key={"pk": S("a"), "sk": N(sk)})
    remember()
    return name, instants


def iso(instant):
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def call(raw, operation, instant, **parameters):
    return raw.call(operation, _headers={HEADER: instant if isinstance(instant, str) else iso(instant)}, **parameters)


EXPECTED = [[], [1, 1, 1, 1, 1], [2, 2, 2, 1, 1], []]


@pytest.mark.parametrize("which", range(4))
def test_reads_of_the_past(raw, past, which):
    name, instants = past
    at, expected = instants[which], [N(v) for v in EXPECTED[which]]
    item = call(raw, "GetItem", at, TableName=name, Key={"pk": S("a"), "sk": N(0)}).get("Item")
    assert (item and item["v"]) == (expected[0] if expected else None)
    for forward in (True, False):
        query = call(raw, "Query", at, TableName=name, KeyConditionExpression="pk = :p", ScanIndexForward=forward,
                     ExpressionAttributeValues={":p": S("a")})
        assert [i["v"] for i in query["Items"]] == (expected if forward else expected[::-1])
    scan = call(raw, "Scan", at, TableName=name)
    assert sorted(i["v"]["N"] for i in scan["Items"]) == sorted(v["N"] for v in expected)
    batch = call(raw, "BatchGetItem", at, RequestItems={name: {"Keys": [{"pk": S("a"), "sk": N(i)} for i in range(9)]}})
    assert len(batch["Responses"].get(name, [])) == len(expected)


@pytest.mark.parametrize("which", range(4))
def test_indexes_of_the_past(raw, past, which):
    name, instants = past
    for kind, value in (("old", 1), ("new", 2)):
        found = call(raw, "Query", instants[which], TableName=name, IndexName="by-kind", KeyConditionExpression="kind = :k",
                     ExpressionAttributeValues={":k": S(kind)})
        assert found["Count"] == EXPECTED[which].count(value)
    local = call(raw, "Query", instants[which], TableName=name, IndexName="by-v", KeyConditionExpression="pk = :p",
                 ExpressionAttributeValues={":p": S("a")})
    assert [int(i["v"]["N"]) for i in local["Items"]] == sorted(EXPECTED[which])


def test_pages_of_the_past(raw, past):
    name, instants = past
    found, start = [], {}
    while True:
        page = call(raw, "Query", instants[1], TableName=name, Limit=2, KeyConditionExpression="pk = :p",
                    ExpressionAttributeValues={":p": S("a")}, **start)
        found += [int(i["sk"]["N"]) for i in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == [0, 1, 2, 3, 4]


def test_epoch_seconds(raw, past):
    name, instants = past
    for text in (f"{instants[1].timestamp():.3f}", instants[1].astimezone(datetime.timezone(datetime.timedelta(hours=2))).isoformat(
            timespec="milliseconds")):
        assert call(raw, "GetItem", text, TableName=name, Key={"pk": S("a"), "sk": N(0)})["Item"]["v"] == N(1)


@pytest.mark.parametrize("text", ["yesterday", "", "2026-02-30T00:00:00Z", "-5", "1e400", "2026-01-01T00:00:00", "2112-09-17T23:53:48Z",
                                  "9999-12-31T23:59:59Z", "1000000000000"])
def test_what_is_no_time(raw, past, text):
    if text == "":
        text = " "
    with invalid():
        call(raw, "GetItem", text, TableName=past[0], Key={"pk": S("a"), "sk": N(0)})


@pytest.mark.parametrize("hours", [-24 * 40, 24])
def test_outside_the_window(raw, past, hours):
    with invalid():
        call(raw, "Scan", datetime.datetime.now(UTC) + datetime.timedelta(hours=hours), TableName=past[0])


def test_a_write_is_never_of_the_past(raw, past):
    with invalid():
        call(raw, "PutItem", past[1][1], TableName=past[0], Item={"pk": S("a"), "sk": N(0)})


def test_without_point_in_time_recovery_there_is_no_past(raw, db, make_table, on_reprise):
    name = make_table(schema("pk"))
    with invalid():
        call(raw, "Scan", datetime.datetime.now(UTC) - datetime.timedelta(hours=1), TableName=name)
