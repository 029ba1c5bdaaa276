"""Time to live: its two operations, and what becomes of expired items."""
import time

import pytest

from harness.server import Server, client_config
from harness.tables import N, S, invalid, refused, scan_all, schema, unique, wait_active
from harness.waiting import wait_for

DAY = 24 * 3600
YEAR = 365 * DAY


def specification(enabled, attribute="expires"):
    return {"Enabled": enabled, "AttributeName": attribute}


def test_on_and_off(db, make_table):
    table = make_table(schema("pk"))
    off = {"TimeToLiveStatus": "DISABLED"}
    assert db.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == off
    changed = db.update_time_to_live(TableName=table, TimeToLiveSpecification=specification(True))
    assert changed["TimeToLiveSpecification"] == specification(True)
    wait_for("TTL to be on", lambda: db.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "expires"})


def test_switching_again(db, make_table, on_reprise):
    """AWS refuses a second change within the hour, Reprise does not."""
    table = make_table(schema("pk"))
    for enabled in (True, False, True, False):
        db.update_time_to_live(TableName=table, TimeToLiveSpecification=specification(enabled))
    assert db.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}
    db.update_time_to_live(TableName=table, TimeToLiveSpecification=specification(True, "another"))


def test_changes_that_change_nothing(db, make_table):
    table = make_table(schema("pk"))
    with invalid("TimeToLive is already disabled"):
        db.update_time_to_live(TableName=table, TimeToLiveSpecification=specification(False))
    db.update_time_to_live(TableName=table, TimeToLiveSpecification=specification(True))
    with invalid("TimeToLive is already enabled"):
        db.update_time_to_live(TableName=table, TimeToLiveSpecification=specification(True))
    for enabled in (True, False):
        with invalid("TimeToLive is active on a different AttributeName: current AttributeName is expires"):
            db.update_time_to_live(TableName=table, TimeToLiveSpecification=specification(enabled, "other"))


def test_the_partition_key_can_be_the_attribute(db, make_table):
    db.update_time_to_live(TableName=make_table(schema("pk:N")), TimeToLiveSpecification=specification(True, "pk"))


@pytest.mark.parametrize("operation", ["update_time_to_live", "describe_time_to_live"])
def test_no_such_table(db, operation):
    name = unique("none")
    more = {"TimeToLiveSpecification": specification(True)} if operation.startswith("update") else {}
    with refused("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found"):
        getattr(db, operation)(TableName=name, **more)


@pytest.mark.parametrize("parameters, text", [
    ({"TableName": "abc"}, "Value null at 'timeToLiveSpecification' failed to satisfy constraint: "
                           "Member must not be null"),
    ({"TableName": "abc", "TimeToLiveSpecification": {"AttributeName": "a"}},
     "Value null at 'timeToLiveSpecification.enabled' failed to satisfy constraint: Member must not be null"),
    ({"TableName": "abc", "TimeToLiveSpecification": {"Enabled": True}},
     "Value null at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must not be null"),
    ({"TableName": "abc", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": ""}},
     "Value '' at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: "
     "Member must have length greater than or equal to 1"),
    ({"TableName": "abc", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "a" * 256}},
     f"Value '{'a' * 256}' at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: "
     "Member must have length less than or equal to 255"),
])
def test_modelled_constraints(raw, parameters, text):
    answer = raw.post("UpdateTimeToLive", parameters)
    assert (answer.code, answer.message) == ("ValidationException", "1 validation error detected: " + text)


# --- What expires: a server that looks every second ------------------------------------------------------------------


@pytest.fixture(scope="module")
def swift(on_reprise):
    with Server("--ttl-interval-seconds", "1") as server:
        yield server


@pytest.fixture(scope="module")
def quick(swift):
    return swift.client()


def make(db, *keys, **more):
    name = unique("ttl")
    db.create_table(TableName=name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
                    **schema(*(keys or ("pk",)), **more))
    wait_active(db, name)
    db.update_time_to_live(TableName=name, TimeToLiveSpecification=specification(True))
    return name


def left(db, table):
    return {item["pk"]["S"] for item in scan_all(db, table)}


def test_what_has_expired_goes(quick):
    now = int(time.time())
    table = make(quick)
    stays = {"later": {"expires": N(now + DAY)}, "never": {}, "text": {"expires": S(str(now - DAY))},
             "mistaken": {"expires": N(now - 5 * YEAR - DAY)}, "millis": {"expires": N(now * 1000)}, "zero": {"expires": N(0)},
             "set": {"expires": {"NS": [str(now - DAY)]}}, "elsewhere": {"m": {"M": {"expires": N(now - DAY)}}}}
    goes = {"just": {"expires": N(now - 2)}, "old": {"expires": N(now - 4 * YEAR)}, "fraction": {"expires": N(now - 10.5)}}
    for name, attributes in (stays | goes).items():
        quick.put_item(TableName=table, Item={"pk": S(name)} | attributes)
    wait_for("expired items to go", lambda: not left(quick, table) & set(goes), 30)
    # A second round has no other opinion.
    quick.put_item(TableName=table, Item={"pk": S("probe"), "expires": N(now - 5)})
    wait_for("the next round", lambda: "probe" not in left(quick, table), 30)
    assert left(quick, table) == set(stays)


def test_expired_items_are_there_until_they_go(on_reprise, db, make_table):
    """The session's server looks once a minute: an expired item is an item."""
    table = make_table(schema("pk"))
    db.update_time_to_live(TableName=table, TimeToLiveSpecification=specification(True))
    db.put_item(TableName=table, Item={"pk": S("a"), "expires": N(int(time.time()) - 2)})
    db.update_item(TableName=table, Key={"pk": S("a")}, UpdateExpression="SET expires = :later",
                   ExpressionAttributeValues={":later": N(int(time.time()) + DAY)})
    assert "Item" in db.get_item(TableName=table, Key={"pk": S("a")})


def test_indexes_follow(quick):
    table = make(quick, "pk", "sk:N", indexes=[("by-g", ["g"])], local_indexes=[("by-v", ["pk", "v:N"])])
    past = int(time.time()) - 60
    for i in range(20):
        quick.put_item(TableName=table, Item={"pk": S("p"), "sk": N(i), "g": S("g"), "v": N(i), **(
            {"expires": N(past)} if i % 2 else {})})
    wait_for("expired items to go", lambda: len(scan_all(quick, table)) == 10, 30)
    for index, condition in (("by-g", "g = :p"), ("by-v", "pk = :p")):
        page = quick.query(TableName=table, IndexName=index, KeyConditionExpression=condition,
                           ExpressionAttributeValues={":p": S("g" if index == "by-g" else "p")})
        assert sorted(int(item["sk"]["N"]) for item in page["Items"]) == list(range(0, 20, 2))


def test_the_stream_tells_who_did_it(quick, swift):
    table, streams = make(quick), swift.session().client("dynamodbstreams", endpoint_url=swift.endpoint,
                                                         config=client_config())
    item = {"pk": S("a"), "expires": N(int(time.time()) - 60)}
    quick.put_item(TableName=table, Item={"pk": S("b")})
    quick.delete_item(TableName=table, Key={"pk": S("b")})
    quick.put_item(TableName=table, Item=item)
    wait_for("the item to go", lambda: not left(quick, table), 30)
    arn = quick.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    start = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                       ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = []
    while len(records) < 4:
        page = streams.get_records(ShardIterator=start)
        records, start = records + page["Records"], page["NextShardIterator"]
    assert [r["eventName"] for r in records] == ["INSERT", "REMOVE", "INSERT", "REMOVE"]
    assert [r.get("userIdentity") for r in records] == [
        None, None, None, {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}]
    assert records[3]["dynamodb"]["OldImage"] == item and "NewImage" not in records[3]["dynamodb"]


def test_nothing_goes_once_it_is_off(quick):
    off, on = make(quick), make(quick)
    quick.update_time_to_live(TableName=off, TimeToLiveSpecification=specification(False))
    for table in (off, on):
        quick.put_item(TableName=table, Item={"pk": S("a"), "expires": N(int(time.time()) - 60)})
    wait_for("the other table's item to go", lambda: not left(quick, on), 30)
    assert left(quick, off) == {"a"}


def test_many_items_and_a_restart(quick, swift):
    """The server is killed before or while they go: what is left goes later."""
    table, past = make(quick), int(time.time()) - 60
    requests = [{"PutRequest": {"Item": {"pk": S(str(i)), "expires": N(past if i % 3 else past + YEAR)}}}
                for i in range(3000)]
    for start in range(0, len(requests), 25):
        quick.batch_write_item(RequestItems={table: requests[start:start + 25]})
    swift.kill()
    swift.start()
    wait_for("expired items to go", lambda: len(left(quick, table)) == 1000, 60)
