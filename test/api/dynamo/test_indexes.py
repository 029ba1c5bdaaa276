"""Global and local secondary indexes: sparse entries, projections, moves, many items of one key."""
import re

import pytest

from harness.tables import N, S, fill, invalid, schema, unique, wait_active
from harness.waiting import wait_for


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


# Keys of several attributes

MATCHES = {"AttributeDefinitions": [{"AttributeName": a, "AttributeType": t} for a, t in (
               ("id", "S"), ("cup", "S"), ("region", "S"), ("round", "N"), ("bracket", "S"), ("match", "N"))],
           "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST",
           "GlobalSecondaryIndexes": [{"IndexName": "matches", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
               {"AttributeName": a, "KeyType": k} for a, k in (("cup", "HASH"), ("region", "HASH"), ("round", "RANGE"),
                                                               ("bracket", "RANGE"), ("match", "RANGE"))]}]}
MATCH_VALUES = {":c": S("winter"), ":r": S("east"), ":one": N(1), ":two": N(2), ":u": S("upper"), ":x": S("u"), ":low": S("a")}


def match(cup, region, round_, bracket, number):
    return {"id": S(f"{cup}-{region}-{round_}-{bracket}-{number}"), "cup": S(cup), "region": S(region), "round": N(round_),
            "bracket": S(bracket), "match": N(number)}


@pytest.fixture(scope="module")
def matches(db, make_table):
    name = make_table(MATCHES)
    fill(db, name, [match(c, r, n, b, m) for c in ("winter", "spring") for r in ("east", "west") for n in (2, 10, 1)
                    for b in ("upper", "lower") for m in (2, 1)])
    for missing in ("cup", "region", "round", "bracket", "match"):
        item = match("winter", "east", 1, "upper", 9)
        del item[missing]
        db.put_item(TableName=name, Item=item | {"id": S("without " + missing)})
    wait_for("the index", lambda: db.scan(TableName=name, IndexName="matches", Select="COUNT")["Count"] == 48)
    return name


def find(db, name, condition, **more):
    used = set(re.findall(r":[a-z]+", condition))
    names = {"ExpressionAttributeNames": {"#r": "region"}} if "#r" in condition else {}
    return db.query(TableName=name, IndexName="matches", KeyConditionExpression=condition,
                    ExpressionAttributeValues={k: v for k, v in MATCH_VALUES.items() if k in used}, **names, **more)


BOTH = "cup = :c AND #r = :r"


def short(items):
    return [(int(i["round"]["N"]), i["bracket"]["S"][0], int(i["match"]["N"])) for i in items]


ALL = [(n, b, m) for n in (1, 2, 10) for b in "lu" for m in (1, 2)]


def test_the_schema_of_many_attributes_is_kept(db, matches):
    (index,) = db.describe_table(TableName=matches)["Table"]["GlobalSecondaryIndexes"]
    assert index["KeySchema"] == MATCHES["GlobalSecondaryIndexes"][0]["KeySchema"] and index["ItemCount"] in (0, 48)


@pytest.mark.parametrize("more,expected", [
    ("", ALL),
    (" AND round = :one", [m for m in ALL if m[0] == 1]),
    (" AND round > :one", [m for m in ALL if m[0] > 1]),
    (" AND round BETWEEN :one AND :two", [m for m in ALL if m[0] in (1, 2)]),
    (" AND round = :one AND bracket = :u", [(1, "u", 1), (1, "u", 2)]),
    (" AND round = :one AND begins_with(bracket, :x)", [(1, "u", 1), (1, "u", 2)]),
    (" AND round = :one AND bracket > :low", [m for m in ALL if m[0] == 1]),
])
def test_hash_attributes_by_equality_range_attributes_from_the_left(db, matches, more, expected):
    assert short(find(db, matches, BOTH + more)["Items"]) == expected
    assert short(find(db, matches, BOTH + more, ScanIndexForward=False)["Items"]) == expected[::-1]


def test_all_five_attributes(raw, matches):
    answer = raw.call("Query", TableName=matches, IndexName="matches", ExpressionAttributeNames={"#r": "region", "#m": "match"},
                      KeyConditionExpression="#m <= :two AND bracket = :u AND round = :one AND " + BOTH,
                      ExpressionAttributeValues={k: v for k, v in MATCH_VALUES.items() if k in (":c", ":r", ":one", ":two", ":u")})
    assert short(answer["Items"]) == [(1, "u", 1), (1, "u", 2)]


def test_pages_of_many_attributes(db, matches):
    found, start = [], {}
    while True:
        page = find(db, matches, BOTH, Limit=5, **start)
        found += short(page["Items"])
        if "LastEvaluatedKey" not in page:
            break
        assert page["LastEvaluatedKey"].keys() == {"id", "cup", "region", "round", "bracket", "match"}
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert found == ALL


@pytest.mark.parametrize("condition", ["cup = :c", "cup = :c AND round = :one", "cup = :c AND #r > :r", BOTH + " AND bracket = :u",
                                       BOTH + " AND round > :one AND bracket = :u"])
def test_conditions_that_leave_something_out(db, matches, condition):
    with invalid(match="Query (condition missed key schema element|key condition not supported)"):
        find(db, matches, condition)


def test_entries_move_with_any_part_of_the_key(db, matches):
    item = match("autumn", "north", 7, "upper", 1)
    db.put_item(TableName=matches, Item=item)

    def brackets():
        return [i["bracket"]["S"] for i in db.query(
            TableName=matches, IndexName="matches", KeyConditionExpression="cup = :c AND #r = :r", ExpressionAttributeNames={"#r": "region"},
            ExpressionAttributeValues={":c": S("autumn"), ":r": S("north")})["Items"]]

    wait_for("the entry", lambda: brackets() == ["upper"])
    db.update_item(TableName=matches, Key={"id": item["id"]}, UpdateExpression="SET bracket = :b", ExpressionAttributeValues={":b": S("lower")})
    wait_for("the entry to move", lambda: brackets() == ["lower"])
    db.update_item(TableName=matches, Key={"id": item["id"]}, UpdateExpression="REMOVE bracket")
    wait_for("the entry to go", lambda: brackets() == [])
    db.delete_item(TableName=matches, Key={"id": item["id"]})


def test_an_index_of_many_attributes_is_added_later(db, make_table):
    name = make_table(schema("id"))
    fill(db, name, [match("winter", "east", n, "upper", 1) for n in range(1, 6)] + [{"id": S("none")}])
    db.update_table(TableName=name, AttributeDefinitions=MATCHES["AttributeDefinitions"],
                    GlobalSecondaryIndexUpdates=[{"Create": MATCHES["GlobalSecondaryIndexes"][0]}])
    wait_active(db, name)
    assert [m[0] for m in short(find(db, name, BOTH)["Items"])] == [1, 2, 3, 4, 5]


def test_an_index_of_many_attributes_is_restored(db, on_reprise, make_table):
    name, restored = make_table(MATCHES), unique("restored")
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    fill(db, name, [match("winter", "east", n, "upper", 1) for n in range(1, 6)])
    db.restore_table_to_point_in_time(SourceTableName=name, TargetTableName=restored, UseLatestRestorableTime=True)
    wait_active(db, restored)
    assert [m[0] for m in short(find(db, restored, BOTH + " AND round > :two")["Items"])] == [3, 4, 5]
    db.delete_table(TableName=restored)


def eight_attributes(hashes, ranges):
    key = [{"AttributeName": f"h{i}", "KeyType": "HASH"} for i in range(hashes)]
    return key + [{"AttributeName": f"r{i}", "KeyType": "RANGE"} for i in range(ranges)]


def many(key):
    names = {"id"} | {element["AttributeName"] for element in key}
    return {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in sorted(names)],
            "GlobalSecondaryIndexes": [{"IndexName": "many", "KeySchema": key, "Projection": {"ProjectionType": "KEYS_ONLY"}}]}


def test_four_and_four_attributes_are_the_most(db, make_table):
    name = make_table(many(eight_attributes(4, 4)))
    assert len(db.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"][0]["KeySchema"]) == 8


@pytest.mark.parametrize("key,text", [
    (eight_attributes(5, 1), "One or more parameter values were invalid: The KeySchema exceeds the maximum allowed number of HASH key attributes"),
    (eight_attributes(1, 5), "One or more parameter values were invalid: The KeySchema exceeds the maximum allowed number of RANGE key attributes"),
    (eight_attributes(1, 1) + eight_attributes(2, 0)[1:],
     "One or more parameter values were invalid: All HASH key attributes must precede RANGE key attributes in the KeySchema"),
    (eight_attributes(2, 1) + eight_attributes(0, 1), "The KeySchema contains multiple key attributes with the same name"),
    (eight_attributes(0, 2), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
])
def test_keys_of_many_attributes_that_are_refused(db, key, text):
    with invalid(text):
        db.create_table(TableName=unique("t"), **many(key))


@pytest.mark.parametrize("where", ["table", "local index"])
def test_other_keys_have_two_attributes(db, where):
    key = [{"AttributeName": a, "KeyType": k} for a, k in (("pk", "HASH"), ("sk", "RANGE"), ("more", "RANGE"))]
    parameters = schema("pk", "sk", local_indexes=[("lsi", ["pk", "more"])])
    if where == "table":
        parameters["KeySchema"] = key
        path = "keySchema"
    else:
        parameters["LocalSecondaryIndexes"][0]["KeySchema"] = key
        path = "localSecondaryIndexes.1.member.keySchema"
    with invalid(match=r"1 validation error detected: Value '\[.*\]' at '" + path + "' failed to satisfy constraint: Member must "
                       "have length less than or equal to 2"):
        db.create_table(TableName=unique("t"), **parameters)
