"""DynamoDB Streams: StreamSpecification on tables, and the four operations that read a stream."""
import json

import re
import subprocess
import threading
import time
from pathlib import Path

import pytest

from harness.server import client_config
from harness.tables import B, N, S, invalid, refused, schema, unique, wait_active, wait_gone
from harness.waiting import wait_for

VIEWS = ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
LABEL = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"
SHARD_ID = r"shardId-\d{20}-[0-9a-f]{8}"
TRIMMED = "The data you are trying to access has been trimmed"


@pytest.fixture(scope="module")
def streams(endpoint):
    return endpoint.session.client("dynamodbstreams", endpoint_url=endpoint.url, config=client_config())


@pytest.fixture(scope="module")
def streamed(make_table):
    """streamed(*keys, view=...) -> the name of a table with a stream."""

    def make(*keys, view="NEW_AND_OLD_IMAGES", **more):
        specification = {"StreamEnabled": True, "StreamViewType": view}
        return make_table(schema(*(keys or ("pk",)), StreamSpecification=specification, **more))

    return make


def arn_of(db, table):
    return db.describe_table(TableName=table)["Table"]["LatestStreamArn"]


def iterator(streams, arn, kind="TRIM_HORIZON", shard=0, **more):
    shards = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    return streams.get_shard_iterator(StreamArn=arn, ShardId=shards[shard]["ShardId"], ShardIteratorType=kind,
                                      **more)["ShardIterator"]


def read(streams, start, expected, **options):
    """Follows iterators until so many records have come: (records, the next iterator)."""
    records, deadline = [], time.monotonic() + 60
    while start and len(records) < expected and time.monotonic() < deadline:
        page = streams.get_records(ShardIterator=start, **options)
        records += page["Records"]
        start = page.get("NextShardIterator")
    assert len(records) == expected
    return records, start


def changes(records):
    return [(r["eventName"], r["dynamodb"].get("OldImage"), r["dynamodb"].get("NewImage")) for r in records]


# --- The specification on tables -------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", VIEWS)
def test_a_table_with_a_stream_describes_it(db, streams, streamed, view):
    table = streamed(view=view)
    found = db.describe_table(TableName=table)["Table"]
    assert found["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": view}
    assert re.fullmatch(LABEL, found["LatestStreamLabel"])
    assert found["LatestStreamArn"] == f"{found['TableArn']}/stream/{found['LatestStreamLabel']}"
    stream = streams.describe_stream(StreamArn=found["LatestStreamArn"])["StreamDescription"]
    assert stream["StreamStatus"] == "ENABLED" and stream["StreamViewType"] == view
    assert stream["TableName"] == table and stream["StreamLabel"] == found["LatestStreamLabel"]
    assert stream["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert abs(stream["CreationRequestDateTime"].timestamp() - time.time()) < 600
    [shard] = stream["Shards"]
    assert re.fullmatch(SHARD_ID, shard["ShardId"]) and "ParentShardId" not in shard
    assert re.fullmatch(r"\d{21,40}", shard["SequenceNumberRange"]["StartingSequenceNumber"])
    assert "EndingSequenceNumber" not in shard["SequenceNumberRange"]


def test_create_table_answers_with_the_stream(db):
    name = unique("t")
    made = db.create_table(TableName=name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
                           **schema("pk"))["TableDescription"]
    assert made["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert made["LatestStreamArn"].endswith(made["LatestStreamLabel"])
    wait_active(db, name)
    db.delete_table(TableName=name)


def test_no_stream_is_no_stream(db, make_table):
    table = make_table(schema("pk", StreamSpecification={"StreamEnabled": False}))
    found = db.describe_table(TableName=table)["Table"]
    assert not {"StreamSpecification", "LatestStreamArn", "LatestStreamLabel"} & set(found)


@pytest.mark.parametrize("specification, text", [
    ({"StreamEnabled": True}, "Table is being created with a stream enabled, UpdateViewType is required"),
    ({"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"},
     "Table is being created with a stream disabled, UpdateViewType should not be specified")])
def test_specifications_that_make_no_sense(db, specification, text):
    with invalid("One or more parameter values were invalid: " + text):
        db.create_table(TableName=unique("t"), StreamSpecification=specification, **schema("pk"))


def test_switching_on_and_off(db, streams, make_table):
    table = make_table(schema("pk"))
    db.put_item(TableName=table, Item={"pk": S("before")})
    on = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    changed = db.update_table(TableName=table, StreamSpecification=on)["TableDescription"]
    assert changed["StreamSpecification"] == on
    wait_active(db, table)
    first = arn_of(db, table)
    with invalid(f"Table already has an enabled stream: TableName: {table}"):
        db.update_table(TableName=table, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    db.put_item(TableName=table, Item={"pk": S("during")})
    db.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    wait_active(db, table)
    found = db.describe_table(TableName=table)["Table"]
    assert "StreamSpecification" not in found and found["LatestStreamArn"] == first
    with invalid(f"Table has no stream to disable: TableName: {table}"):
        db.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    db.put_item(TableName=table, Item={"pk": S("after")})
    # The old one stays readable, closed at its end.
    wait_for("the stream to be DISABLED", lambda: streams.describe_stream(
        StreamArn=first)["StreamDescription"]["StreamStatus"] == "DISABLED")
    records, after = read(streams, iterator(streams, first), 1)
    assert records[0]["dynamodb"]["Keys"] == {"pk": S("during")}
    while after:  # null once the closed shard is drained
        page = streams.get_records(ShardIterator=after)
        assert page["Records"] == []
        after = page.get("NextShardIterator")
    ends = streams.describe_stream(StreamArn=first)["StreamDescription"]["Shards"][-1]["SequenceNumberRange"]
    assert int(ends["StartingSequenceNumber"]) <= int(records[0]["dynamodb"]["SequenceNumber"]) <= int(
        ends["EndingSequenceNumber"])
    # On again: another stream of the same table.
    db.update_table(TableName=table, StreamSpecification=on)
    wait_active(db, table)
    second = arn_of(db, table)
    assert second != first
    db.put_item(TableName=table, Item={"pk": S("again")})
    records, _ = read(streams, iterator(streams, second), 1)
    assert records[0]["dynamodb"]["Keys"] == {"pk": S("again")}
    listed = streams.list_streams(TableName=table)["Streams"]
    assert [s["StreamArn"] for s in listed] == sorted([first, second])


def test_update_table_refuses_view_types_at_the_wrong_time(db, make_table):
    table = make_table(schema("pk"))
    with invalid("One or more parameter values were invalid: "
                 "If stream is being enabled then UpdateViewType is required"):
        db.update_table(TableName=table, StreamSpecification={"StreamEnabled": True})
    with invalid("One or more parameter values were invalid: "
                 "If stream is being disabled, then UpdateViewType must not be specified"):
        db.update_table(TableName=table, StreamSpecification={"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"})


# --- Records ---------------------------------------------------------------------------------------------------------


def write_three(db, table):
    db.put_item(TableName=table, Item={"pk": S("a"), "n": N(1)})
    db.update_item(TableName=table, Key={"pk": S("a")}, UpdateExpression="SET n = n + :one",
                   ExpressionAttributeValues={":one": N(1)})
    db.delete_item(TableName=table, Key={"pk": S("a")})


@pytest.mark.parametrize("view", VIEWS)
def test_every_view(db, streams, streamed, view):
    table = streamed(view=view)
    write_three(db, table)
    records, _ = read(streams, iterator(streams, arn_of(db, table)), 3)
    one, two = {"pk": S("a"), "n": N(1)}, {"pk": S("a"), "n": N(2)}
    expected = [("INSERT", None, one), ("MODIFY", one, two), ("REMOVE", two, None)]
    new, old = view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"), view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES")
    assert changes(records) == [(name, before if old else None, after if new else None)
                                for name, before, after in expected]
    assert all(r["dynamodb"]["Keys"] == {"pk": S("a")} for r in records)
    assert all(r["dynamodb"]["StreamViewType"] == view for r in records)


def test_a_record_in_full(db, streams, streamed, endpoint):
    """The sizes are those of the developer guide's own example records."""
    table = streamed("Id:N")
    db.put_item(TableName=table, Item={"Id": N(101), "Message": S("New item!")})
    db.put_item(TableName=table, Item={"Id": N(101), "Message": S("This item has changed")})
    db.delete_item(TableName=table, Key={"Id": N(101)})
    records, _ = read(streams, iterator(streams, arn_of(db, table)), 3)
    assert [r["dynamodb"]["SizeBytes"] for r in records] == [26, 59, 38]
    for record in records:
        assert set(record) == {"eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb"}
        assert record["eventVersion"] == "1.1" and record["eventSource"] == "aws:dynamodb"
        assert record["awsRegion"] == endpoint.region and re.fullmatch("[0-9a-f]{32}", record["eventID"])
        stamp = record["dynamodb"]["ApproximateCreationDateTime"]
        assert stamp.microsecond == 0 and abs(stamp.timestamp() - time.time()) < 600
        assert re.fullmatch(r"\d{21,40}", record["dynamodb"]["SequenceNumber"])
    assert len({r["eventID"] for r in records}) == 3
    numbers = [int(r["dynamodb"]["SequenceNumber"]) for r in records]
    assert numbers == sorted(numbers) and len(set(numbers)) == 3


def test_what_changes_nothing_gives_no_record(db, streams, streamed):
    table = streamed()
    db.put_item(TableName=table, Item={"pk": S("a"), "n": N(1)})
    db.put_item(TableName=table, Item={"pk": S("a"), "n": N("1.0")})
    db.update_item(TableName=table, Key={"pk": S("a")}, UpdateExpression="SET n = :n",
                   ExpressionAttributeValues={":n": N(1)})
    db.delete_item(TableName=table, Key={"pk": S("nobody")})
    with refused("ConditionalCheckFailedException"):
        db.put_item(TableName=table, Item={"pk": S("a")}, ConditionExpression="attribute_not_exists(pk)")
    db.put_item(TableName=table, Item={"pk": S("end")})
    records, _ = read(streams, iterator(streams, arn_of(db, table)), 2)
    assert [r["dynamodb"]["Keys"]["pk"]["S"] for r in records] == ["a", "end"]


def test_batches_and_indexes(db, streams, streamed):
    """One record for each item, none for an index entry."""
    table = streamed("pk", "sk:N", indexes=[("by-g", ("g",), "ALL")])
    db.batch_write_item(RequestItems={table: [
        {"PutRequest": {"Item": {"pk": S("p"), "sk": N(i), "g": S(f"g{i}"), "b": B(b"\x00\xff")}}}
        for i in range(25)]})
    records, _ = read(streams, iterator(streams, arn_of(db, table)), 25)
    assert {r["dynamodb"]["Keys"]["sk"]["N"] for r in records} == {str(i) for i in range(25)}
    assert all(r["eventName"] == "INSERT" and r["dynamodb"]["NewImage"]["b"] == B(b"\x00\xff") for r in records)


def test_a_transaction_gives_a_record_for_each_item(db, streams, streamed):
    table = streamed()
    db.put_item(TableName=table, Item={"pk": S("gone"), "v": N(1)})
    db.transact_write_items(TransactItems=[
        {"Put": {"TableName": table, "Item": {"pk": S("new")}}},
        {"Delete": {"TableName": table, "Key": {"pk": S("gone")}}},
        {"Update": {"TableName": table, "Key": {"pk": S("made")}, "UpdateExpression": "SET v = :v",
                    "ExpressionAttributeValues": {":v": N(2)}}}])
    records, _ = read(streams, iterator(streams, arn_of(db, table)), 4)
    assert sorted((r["dynamodb"]["Keys"]["pk"]["S"], r["eventName"]) for r in records[1:]) == [
        ("gone", "REMOVE"), ("made", "INSERT"), ("new", "INSERT")]


def test_order_is_kept_for_an_item(db, streams, streamed):
    table = streamed(view="NEW_IMAGE")
    for i in range(50):
        db.put_item(TableName=table, Item={"pk": S("same"), "i": N(i)})
    records, _ = read(streams, iterator(streams, arn_of(db, table)), 50, Limit=7)
    assert [int(r["dynamodb"]["NewImage"]["i"]["N"]) for r in records] == list(range(50))
    assert [r["eventName"] for r in records] == ["INSERT"] + ["MODIFY"] * 49


def test_pages_hold_a_megabyte(db, streams, streamed):
    table = streamed(view="NEW_IMAGE")
    for i in range(8):
        db.put_item(TableName=table, Item={"pk": S(str(i)), "pad": S("x" * 300_000)})
    start, sizes = iterator(streams, arn_of(db, table)), []
    while sum(map(len, sizes)) < 8:
        page = streams.get_records(ShardIterator=start)
        sizes.append([r["dynamodb"]["SizeBytes"] for r in page["Records"]])
        start = page["NextShardIterator"]
    assert all(sum(page) <= 1 << 20 for page in sizes)
    assert max(map(len, sizes)) == 3


# --- Iterators -------------------------------------------------------------------------------------------------------


def test_iterator_types(db, streams, streamed):
    table = streamed(view="KEYS_ONLY")
    arn = arn_of(db, table)
    for i in range(3):
        db.put_item(TableName=table, Item={"pk": S(str(i))})
    latest = iterator(streams, arn, "LATEST")
    records, end = read(streams, iterator(streams, arn), 3)
    numbers = [r["dynamodb"]["SequenceNumber"] for r in records]

    def keys(found):
        return [r["dynamodb"]["Keys"]["pk"]["S"] for r in found]

    at, _ = read(streams, iterator(streams, arn, "AT_SEQUENCE_NUMBER", SequenceNumber=numbers[1]), 2)
    after, _ = read(streams, iterator(streams, arn, "AFTER_SEQUENCE_NUMBER", SequenceNumber=numbers[1]), 1)
    assert keys(at) == ["1", "2"] and keys(after) == ["2"]
    assert streams.get_records(ShardIterator=latest)["Records"] == []
    db.put_item(TableName=table, Item={"pk": S("3")})
    for start in (latest, end):
        found, _ = read(streams, start, 1)
        assert keys(found) == ["3"]


def test_an_iterator_can_be_used_again(db, streams, streamed):
    table = streamed(view="KEYS_ONLY")
    write_three(db, table)
    start = iterator(streams, arn_of(db, table))
    once, _ = read(streams, start, 3)
    assert read(streams, start, 3)[0] == once


def test_refused_iterators(db, streams, streamed):
    table = streamed()
    arn = arn_of(db, table)
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]
    good = iterator(streams, arn)
    for bad in ("nonsense", good[:-8], arn + "|1|", good.replace(table, unique("other"), 1) + "x"):
        with invalid("Invalid ShardIterator"):
            streams.get_records(ShardIterator=bad)
    with refused("ResourceNotFoundException", "Requested resource not found: Shard does not exist"):
        streams.get_shard_iterator(StreamArn=arn, ShardId="shardId-00000000000000000001-0123abcd",
                                   ShardIteratorType="LATEST")
    with invalid(match=".*SequenceNumber"):
        streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="AT_SEQUENCE_NUMBER")
    with invalid("Invalid SequenceNumber"):
        streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="AT_SEQUENCE_NUMBER",
                                   SequenceNumber="x" * 25)
    first = shard["SequenceNumberRange"]["StartingSequenceNumber"]
    with refused("TrimmedDataAccessException", TRIMMED):
        streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                                   SequenceNumber=str(int(first) - 10**16).zfill(len(first)))


def test_iterators_expire(streams, streamed, db, on_reprise):
    """What an iterator looks like is Reprise's own: one that was issued 16 minutes ago."""
    import base64
    head, _, tail = iterator(streams, arn_of(db, streamed())).rpartition("|")
    raw = bytearray(base64.b64decode(tail))
    raw[1:9] = (int.from_bytes(raw[1:9], "big") - 16 * 60 * 1_000_000).to_bytes(8, "big")
    with refused("ExpiredIteratorException", "Shard iterator has expired"):
        streams.get_records(ShardIterator=f"{head}|{base64.b64encode(bytes(raw)).decode()}")


# --- Streams and their shards ----------------------------------------------------------------------------------------


def test_unknown_streams(db, streams, streamed):
    arn = arn_of(db, streamed())
    unknown = arn[:-23] + "2001-01-01T00:00:00.000"
    for call in (lambda: streams.describe_stream(StreamArn=unknown),
                 lambda: streams.get_shard_iterator(StreamArn=unknown, ShardIteratorType="LATEST",
                                                    ShardId="shardId-00000000000000000001-0123abcd")):
        with refused("ResourceNotFoundException", f"Requested resource not found: Stream: {unknown} not found"):
            call()
    with invalid("Invalid StreamArn"):
        streams.describe_stream(StreamArn="not-an-arn-but-long-enough-to-be-one-of-them")
    with invalid("Invalid StreamArn"):
        streams.describe_stream(StreamArn="fake-stream")


@pytest.mark.parametrize("operation, parameters, text", [
    ("DescribeStream", {}, "Value null at 'streamArn' failed to satisfy constraint: Member must not be null"),
    ("GetRecords", {}, "Value null at 'shardIterator' failed to satisfy constraint: Member must not be null"),
    ("GetRecords", {"ShardIterator": "x", "Limit": 1001},
     "Value '1001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 1000"),
    ("GetRecords", {"ShardIterator": "x", "Limit": 0},
     "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"),
    ("ListStreams", {"Limit": 101},
     "Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100"),
    ("GetRecords", {"ShardIterator": ""},
     "Value '' at 'shardIterator' failed to satisfy constraint: Member must have length greater than or equal to 1"),
])
def test_modelled_constraints(raw, operation, parameters, text):
    answer = raw.post(operation, parameters, prefix="DynamoDBStreams_20120810.")
    assert answer.status == 400 and answer.code == "ValidationException"
    assert answer.message == "1 validation error detected: " + text


def test_constraints_of_shard_iterators(raw, db, streamed):
    arn = arn_of(db, streamed())
    answer = raw.post("GetShardIterator", {"StreamArn": arn, "ShardId": "s", "ShardIteratorType": "NOW"},
                      prefix="DynamoDBStreams_20120810.")
    assert answer.code == "ValidationException"
    assert answer.message == (
        "2 validation errors detected: Value 's' at 'shardId' failed to satisfy constraint: Member must have length "
        "greater than or equal to 28; Value 'NOW' at 'shardIteratorType' failed to satisfy constraint: Member must "
        "satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_SEQUENCE_NUMBER, TRIM_HORIZON]")


def test_wrong_types_and_unknown_operations(raw):
    prefix = "DynamoDBStreams_20120810."
    assert raw.post("GetRecords", {"ShardIterator": 1}, prefix=prefix).code == "SerializationException"
    assert raw.post("PutItem", {}, prefix=prefix).code == "UnknownOperationException"
    assert raw.post("GetRecords", {}).code == "UnknownOperationException"
    assert raw.post("ListStreams", {}, prefix=prefix, sign=False).code == "MissingAuthenticationTokenException"


def test_list_streams_in_pages(db, streams, streamed):
    tables = [streamed() for _ in range(3)]
    expected = {arn_of(db, table) for table in tables}
    found, start = [], {}
    while True:
        page = streams.list_streams(Limit=1, **start)
        found += page["Streams"]
        if "LastEvaluatedStreamArn" not in page:
            break
        assert len(page["Streams"]) == 1
        start = {"ExclusiveStartStreamArn": page["LastEvaluatedStreamArn"]}
    arns = [s["StreamArn"] for s in found]
    assert expected <= set(arns) and arns == sorted(arns)
    one = streams.list_streams(TableName=tables[0])["Streams"]
    label = db.describe_table(TableName=tables[0])["Table"]["LatestStreamLabel"]
    assert one == [{"StreamArn": arn_of(db, tables[0]), "StreamLabel": label, "TableName": tables[0]}]
    assert streams.list_streams(TableName=unique("none"))["Streams"] == []


def test_shards_can_be_paged_and_filtered(db, streams, streamed, raw):
    arn = arn_of(db, streamed())
    [shard] = streams.describe_stream(StreamArn=arn, Limit=1)["StreamDescription"]["Shards"]
    rest = streams.describe_stream(StreamArn=arn, ExclusiveStartShardId=shard["ShardId"])["StreamDescription"]
    assert rest["Shards"] == [] and "LastEvaluatedShardId" not in rest
    answer = raw.post("DescribeStream", {"StreamArn": arn, "ShardFilter": {
        "Type": "CHILD_SHARDS", "ShardId": shard["ShardId"]}}, prefix="DynamoDBStreams_20120810.")
    assert answer.status == 200 and answer.json["StreamDescription"]["Shards"] == []


def test_a_deleted_tables_stream_stays_readable(db, streams, endpoint):
    name = unique("gone")
    db.create_table(TableName=name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"},
                    **schema("pk"))
    wait_active(db, name)
    db.put_item(TableName=name, Item={"pk": S("a"), "v": N(1)})
    db.put_item(TableName=name, Item={"pk": S("a"), "v": N(2)})
    arn = arn_of(db, name)
    db.delete_table(TableName=name)
    wait_gone(db, name)
    stream = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert stream["StreamStatus"] == "DISABLED" and "EndingSequenceNumber" in stream["Shards"][-1]["SequenceNumberRange"]
    records, after = read(streams, iterator(streams, arn), 2)
    assert changes(records) == [("INSERT", None, None), ("MODIFY", {"pk": S("a"), "v": N(1)}, None)]
    while after:
        after = streams.get_records(ShardIterator=after).get("NextShardIterator")
    assert arn in [s["StreamArn"] for s in streams.list_streams(TableName=name)["Streams"]]
    # The name is free, and its next table's stream another one.
    db.create_table(TableName=name, StreamSpecification={"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"},
                    **schema("pk"))
    wait_active(db, name)
    assert arn_of(db, name) != arn
    assert len(streams.list_streams(TableName=name)["Streams"]) == 2
    assert len(read(streams, iterator(streams, arn), 2)[0]) == 2
    db.delete_table(TableName=name)


def test_restored_tables_have_no_stream(db, streamed, endpoint):
    table, target = streamed(), unique("restored")
    db.update_continuous_backups(TableName=table,
                                 PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    db.restore_table_to_point_in_time(SourceTableName=table, TargetTableName=target, UseLatestRestorableTime=True)
    wait_active(db, target)
    assert "LatestStreamArn" not in db.describe_table(TableName=target)["Table"]
    db.delete_table(TableName=target)


def test_nothing_is_missed_beside_writers(db, streams, streamed, endpoint):
    """A reader that follows the stream while four clients write sees every change once, each item's in order."""
    table, each = streamed("pk", view="NEW_IMAGE"), 150
    start = iterator(streams, arn_of(db, table))

    def write(number):
        client = endpoint.client()
        for i in range(each):
            client.put_item(TableName=table, Item={"pk": S(f"w{number}"), "i": N(i)})

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    records, _ = read(streams, start, 4 * each)
    for writer in writers:
        writer.join()
    for number in range(4):
        mine = [r["dynamodb"]["NewImage"]["i"]["N"] for r in records if r["dynamodb"]["Keys"]["pk"]["S"] == f"w{number}"]
        assert mine == [str(i) for i in range(each)]
    order = [int(r["dynamodb"]["SequenceNumber"]) for r in records]
    assert order == sorted(set(order))


def test_javascript(on_reprise):
    """The current AWS SDK for JavaScript, end to end."""
    here = Path(__file__).resolve().parent
    done = subprocess.run(["node", str(here / "streams.mjs"), on_reprise.endpoint], capture_output=True, text=True,
                          timeout=120, env=on_reprise.aws_environment | {"AWS_REGION": "eu-west-1"})
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == {"events": ["INSERT", "MODIFY", "REMOVE"], "last": "none"}
