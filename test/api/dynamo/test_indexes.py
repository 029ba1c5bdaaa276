"""Global and local secondary indexes: sparse entries, projections, moves, many items of one key."""
import pytest

from harness.tables import N, S, fill, invalid, schema, wait_for


@pytest.fixture(scope="module")
def table(db, make_table):
    name = make_table(schema("pk", "sk:N", indexes=[("all", ["kind", "rank:N"]), ("keys", ["kind"], "KEYS_ONLY"),
                                                    ("some", ["kind"], ["a", "b"])],
                             local_indexes=[("local", ["pk", "rank:N"], ["a"])]))
    fill(db, name, [item(i) for i in range(60)])
    return name


def item(i):
    return {"pk": S(f"p{i % 4}"), "sk": N(i), "kind": S(f"k{i % 3}"), "rank": N(100 - i), "a": S(f"a{i}"), "b": N(i),
            "c": S("unprojected")}


def by_kind(db, table, index, kind, **more):
    return db.query(TableName=table, IndexName=index, KeyConditionExpression="kind = :k",
                    ExpressionAttributeValues={":k": S(kind)}, **more)


@pytest.mark.parametrize("index,attributes", [("all", {"pk", "sk", "kind", "rank", "a", "b", "c"}), ("keys", {"pk", "sk", "kind"}),
                                              ("some", {"pk", "sk", "kind", "a", "b"})])
def test_projections(db, table, index, attributes):
    answer = wait_for("the index", lambda: (lambda found: found if found["Count"] == 20 else None)(
        by_kind(db, table, index, "k1")))
    assert {int(i["sk"]["N"]) for i in answer["Items"]} == set(range(1, 60, 3))
    assert all(set(i) == attributes for i in answer["Items"])


def test_the_index_has_its_own_order(db, table):
    found = by_kind(db, table, "all", "k0")["Items"]
    assert [int(i["rank"]["N"]) for i in found] == sorted(100 - i for i in range(0, 60, 3))


def test_pages_through_items_of_one_key(db, table):
    """All entries share the index's whole key: the table's key tells them apart."""
    found, start = [], {}
    while True:
        answer = by_kind(db, table, "keys", "k2", Limit=3, **start)
        found += answer["Items"]
        if "LastEvaluatedKey" not in answer:
            break
        assert set(answer["LastEvaluatedKey"]) == {"pk", "sk", "kind"}
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert sorted(int(i["sk"]["N"]) for i in found) == list(range(2, 60, 3))


def test_a_local_index_reaches_the_table_for_more(db, table):
    """A query on an LSI may ask for what it does not project; on a GSI it may not."""
    answer = db.query(TableName=table, IndexName="local", KeyConditionExpression="pk = :p",
                      ExpressionAttributeValues={":p": S("p1")}, Select="ALL_ATTRIBUTES")
    assert answer["Count"] == 15 and all(i["c"] == S("unprojected") for i in answer["Items"])
    narrow = db.query(TableName=table, IndexName="local", KeyConditionExpression="pk = :p",
                      ExpressionAttributeValues={":p": S("p1")})
    assert all(set(i) == {"pk", "sk", "rank", "a"} for i in narrow["Items"])
    with invalid("One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary "
                 "index some because its projection type is not ALL"):
        by_kind(db, table, "some", "k1", Select="ALL_ATTRIBUTES")
    with invalid("One or more parameter values were invalid: Global secondary index some does not project [c]"):
        by_kind(db, table, "some", "k1", ProjectionExpression="c")


def test_consistent_reads(db, table):
    with invalid("Consistent reads are not supported on global secondary indexes"):
        by_kind(db, table, "all", "k1", ConsistentRead=True)
    assert db.query(TableName=table, IndexName="local", KeyConditionExpression="pk = :p", ConsistentRead=True,
                    ExpressionAttributeValues={":p": S("p1")})["Count"] == 15


def test_entries_come_move_and_go(db, make_table):
    name = make_table(schema("pk", indexes=[("gsi", ["kind", "rank:N"])]))
    key = {"pk": S("one")}

    def entries():
        return sorted((i["kind"]["S"], i["rank"]["N"]) for i in db.scan(TableName=name, IndexName="gsi")["Items"])

    def settle(expected):
        wait_for(f"the index to hold {expected}", lambda: entries() == expected, 10)

    db.put_item(TableName=name, Item=key | {"kind": S("a")})
    settle([])  # sparse: no rank, no entry
    db.update_item(TableName=name, Key=key, UpdateExpression="SET #r = :r", ExpressionAttributeNames={"#r": "rank"},
                   ExpressionAttributeValues={":r": N(1)})
    settle([("a", "1")])
    db.update_item(TableName=name, Key=key, UpdateExpression="SET kind = :k", ExpressionAttributeValues={":k": S("b")})
    settle([("b", "1")])
    db.put_item(TableName=name, Item=key | {"kind": S("b"), "rank": N(2), "more": S("x")})
    settle([("b", "2")])
    db.update_item(TableName=name, Key=key, UpdateExpression="REMOVE kind")
    settle([])
    db.put_item(TableName=name, Item=key | {"kind": S("c"), "rank": N(3)})
    settle([("c", "3")])
    db.delete_item(TableName=name, Key=key)
    settle([])


def test_filters_and_limits_on_an_index(db, table):
    answer = db.query(
        TableName=table, IndexName="all", KeyConditionExpression="kind = :k AND #r > :r", FilterExpression="b < :b", Limit=5,
        ExpressionAttributeNames={"#r": "rank"}, ExpressionAttributeValues={":k": S("k1"), ":r": N(50), ":b": N(40)})
    assert answer["ScannedCount"] == 5 and answer["Count"] <= 5 and "LastEvaluatedKey" in answer


def test_projected_attributes_total(db):
    """At most 100 named attributes over all indexes of a table."""
    from harness.tables import unique

    with invalid(match="One or more parameter values were invalid"):
        db.create_table(TableName=unique("t"), **schema("pk", indexes=[
            (f"gsi{g}", [f"k{g}"], [f"a{g}-{i}" for i in range(20)]) for g in range(6)]))
