"""ReturnConsumedCapacity and ReturnItemCollectionMetrics: AWS's arithmetic."""
import pytest

from harness.tables import N, S, fill, invalid, schema


@pytest.fixture(scope="module")
def table(db, make_table):
    name = make_table(schema("pk", "sk:N", indexes=[("gsi", ["kind"])], local_indexes=[("lsi", ["pk", "rank:N"], "KEYS_ONLY")]))
    fill(db, name, [{"pk": S("p"), "sk": N(i), "v": S("x" * 1000)} for i in range(20)])
    db.put_item(TableName=name, Item={"pk": S("big"), "sk": N(0), "v": S("x" * 5000)})
    return name


def units(answer):
    return answer["ConsumedCapacity"]["CapacityUnits"]


@pytest.mark.parametrize("key,consistent,expected", [
    ("p", False, 0.5), ("p", True, 1.0), ("big", False, 1.0), ("big", True, 2.0), ("absent", False, 0.5), ("absent", True, 1.0)])
def test_get(db, table, key, consistent, expected):
    answer = db.get_item(TableName=table, Key={"pk": S(key), "sk": N(0)}, ConsistentRead=consistent, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": expected}


def test_query_rounds_once(db, table):
    """20 items of about 1,011 bytes are 20,220 bytes: five units of 4 KB, half of it when eventual."""
    for consistent, expected in ((True, 5.0), (False, 2.5)):
        answer = db.query(TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": S("p")},
                          ConsistentRead=consistent, ReturnConsumedCapacity="TOTAL", ProjectionExpression="sk")
        assert units(answer) == expected
    counted = db.query(TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": S("p")},
                       Select="COUNT", ReturnConsumedCapacity="TOTAL")
    assert units(counted) == 2.5


@pytest.mark.parametrize("size,expected", [(10, 1.0), (1000, 1.0), (1024, 2.0), (3000, 3.0)])
def test_put(db, table, size, expected):
    key = {"pk": S(f"put{size}"), "sk": N(1)}
    answer = db.put_item(TableName=table, Item=key | {"v": S("x" * size)}, ReturnConsumedCapacity="TOTAL")
    assert units(answer) == expected
    smaller = db.put_item(TableName=table, Item=key, ReturnConsumedCapacity="TOTAL")
    assert units(smaller) == expected, "the larger of old and new counts"
    assert units(db.delete_item(TableName=table, Key=key, ReturnConsumedCapacity="TOTAL")) == 1.0


def test_by_index(db, table):
    """A new entry costs one unit; changing an index key two, a delete and a put."""
    key = {"pk": S("idx"), "sk": N(1)}
    first = db.put_item(TableName=table, Item=key | {"kind": S("a")}, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert first["CapacityUnits"] == 2.0 and first["Table"]["CapacityUnits"] == 1.0
    assert first["GlobalSecondaryIndexes"] == {"gsi": {"CapacityUnits": 1.0}}
    moved = db.put_item(TableName=table, Item=key | {"kind": S("b")}, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert moved["GlobalSecondaryIndexes"] == {"gsi": {"CapacityUnits": 2.0}} and moved["CapacityUnits"] == 3.0
    gone = db.delete_item(TableName=table, Key=key, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert gone["GlobalSecondaryIndexes"] == {"gsi": {"CapacityUnits": 1.0}}


def test_batches(db, table):
    answer = db.batch_get_item(RequestItems={table: {"Keys": [{"pk": S("p"), "sk": N(i)} for i in range(5)]}},
                               ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 2.5}]
    answer = db.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": {"pk": S("b"), "sk": N(i)}}} for i in range(4)]},
                                 ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 4.0}]


def test_none_by_default(db, table):
    for more in ({}, {"ReturnConsumedCapacity": "NONE"}):
        assert "ConsumedCapacity" not in db.get_item(TableName=table, Key={"pk": S("p"), "sk": N(0)}, **more)


def test_unknown_value(db, table):
    with invalid("1 validation error detected: Value 'SOME' at 'returnConsumedCapacity' failed to satisfy constraint: Member must "
                 "satisfy enum value set: [INDEXES, TOTAL, NONE]"):
        db.get_item(TableName=table, Key={"pk": S("p"), "sk": N(0)}, ReturnConsumedCapacity="SOME")


def test_item_collection_metrics(db, table):
    answer = db.put_item(TableName=table, Item={"pk": S("collection"), "sk": N(1)}, ReturnItemCollectionMetrics="SIZE")
    metrics = answer["ItemCollectionMetrics"]
    assert metrics["ItemCollectionKey"] == {"pk": S("collection")}
    low, high = metrics["SizeEstimateRangeGB"]
    assert 0 <= low <= high <= 10


def test_no_collections_without_local_indexes(db, make_table):
    name = make_table(schema("pk"))
    assert "ItemCollectionMetrics" not in db.put_item(TableName=name, Item={"pk": S("a")}, ReturnItemCollectionMetrics="SIZE")
