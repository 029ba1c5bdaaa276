"""Scan: pages, segments, filters, Select, indexes."""
import pytest

from harness.tables import N, S, fill, invalid, scan_all, schema

COUNT = 300


@pytest.fixture(scope="module")
def table(db, make_table):
    name = make_table(schema("pk", "sk:N", indexes=[("by-kind", ["kind", "sk:N"], "KEYS_ONLY")]))
    fill(db, name, [{"pk": S(f"p{i % 40}"), "sk": N(i), "kind": S(f"k{i % 3}"), "v": S("x" * 50)} for i in range(COUNT)])
    return name


def numbers(items):
    return sorted(int(i["sk"]["N"]) for i in items)


def test_everything_once(db, table):
    assert numbers(scan_all(db, table)) == list(range(COUNT))


@pytest.mark.parametrize("limit", [1, 33, COUNT, COUNT + 1])
def test_pages_by_limit(db, table, limit):
    found, start = [], {}
    while True:
        answer = db.scan(TableName=table, Limit=limit, **start)
        found += answer["Items"]
        if "LastEvaluatedKey" not in answer:
            break
        assert answer["Count"] == limit and set(answer["LastEvaluatedKey"]) == {"pk", "sk"}
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert numbers(found) == list(range(COUNT))


@pytest.mark.parametrize("segments", [1, 2, 7, 64])
def test_segments_are_a_partition(db, table, segments):
    found = []
    for segment in range(segments):
        start = {}
        while True:
            answer = db.scan(TableName=table, Segment=segment, TotalSegments=segments, Limit=50, **start)
            found += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                break
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert numbers(found) == list(range(COUNT))


def test_one_partition_stays_in_one_segment(db, table):
    homes = {}
    for segment in range(4):
        for item in db.scan(TableName=table, Segment=segment, TotalSegments=4)["Items"]:
            homes.setdefault(item["pk"]["S"], set()).add(segment)
    assert all(len(h) == 1 for h in homes.values()) and len(homes) == 40


@pytest.mark.parametrize("more,refusal", [
    ({"Segment": 0}, "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"),
    ({"TotalSegments": 2}, "The Segment parameter is required but was not present in the request when parameter TotalSegments is present"),
    ({"Segment": 2, "TotalSegments": 2},
     "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is not less than "
     "TotalSegments: 2"),
    ({"Segment": 0, "TotalSegments": 0}, "1 validation error detected: Value '0' at 'totalSegments' failed to satisfy constraint: "
                                         "Member must have value greater than or equal to 1"),
    ({"Segment": 0, "TotalSegments": 1000001}, "1 validation error detected: Value '1000001' at 'totalSegments' failed to satisfy "
                                               "constraint: Member must have value less than or equal to 1000000"),
    ({"Segment": -1, "TotalSegments": 2}, "1 validation error detected: Value '-1' at 'segment' failed to satisfy constraint: "
                                          "Member must have value greater than or equal to 0"),
    ({"Limit": 0}, "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value "
                   "greater than or equal to 1"),
    ({"IndexName": "nope"}, "The table does not have the specified index: nope"),
    ({"IndexName": "by-kind", "ConsistentRead": True}, "Consistent reads are not supported on global secondary indexes"),
    ({"IndexName": "by-kind", "Select": "ALL_ATTRIBUTES"},
     "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index by-kind "
     "because its projection type is not ALL"),
    ({"Select": "ALL_PROJECTED_ATTRIBUTES"}, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
    ({"ExpressionAttributeValues": {":a": N(1)}},
     "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null"),
    ({"ExpressionAttributeNames": {"#a": "a"}}, "ExpressionAttributeNames can only be specified when using expressions")])
def test_options_that_are_refused(db, table, more, refusal):
    with invalid(refusal):
        db.scan(TableName=table, **more)


@pytest.mark.parametrize("start", [{"pk": S("p0")}, {"pk": N(1), "sk": N(1)}, {"pk": S("p0"), "sk": N(1), "x": N(1)}])
def test_starting_keys_that_do_not_fit(db, table, start):
    with invalid(match="The provided starting key is invalid"):
        db.scan(TableName=table, ExclusiveStartKey=start)


def test_starting_keys_are_not_empty(db, table):
    with invalid("The provided starting key is invalid: One or more parameter values are not valid. The AttributeValue for a "
                 "key attribute cannot contain an empty string value. Key: pk"):
        db.scan(TableName=table, ExclusiveStartKey={"pk": S(""), "sk": N(1)})


def test_a_starting_key_of_another_segment(db, table):
    start = next(i for i in db.scan(TableName=table, Segment=0, TotalSegments=2)["Items"])
    with invalid(match="The provided [Ss]tarting key is (invalid|outside|not)"):
        db.scan(TableName=table, Segment=1, TotalSegments=2, ExclusiveStartKey={k: start[k] for k in ("pk", "sk")})


def test_filter_may_name_keys(db, table):
    answer = db.scan(TableName=table, FilterExpression="pk = :p AND sk < :n",
                     ExpressionAttributeValues={":p": S("p1"), ":n": N(100)})
    assert numbers(answer["Items"]) == [1, 41, 81] and answer["ScannedCount"] == COUNT


def test_count(db, table):
    answer = db.scan(TableName=table, Select="COUNT")
    assert answer["Count"] == COUNT and "Items" not in answer


def test_legacy_filter(db, table):
    answer = db.scan(TableName=table, ScanFilter={"sk": {"ComparisonOperator": "LT", "AttributeValueList": [N(3)]}},
                     AttributesToGet=["sk"])
    assert sorted(answer["Items"], key=lambda i: int(i["sk"]["N"])) == [{"sk": N(0)}, {"sk": N(1)}, {"sk": N(2)}]


def test_an_index_is_scanned(db, table):
    items, start = [], {}
    while True:
        answer = db.scan(TableName=table, IndexName="by-kind", Limit=70, **start)
        items += answer["Items"]
        if "LastEvaluatedKey" not in answer:
            break
        assert set(answer["LastEvaluatedKey"]) == {"pk", "sk", "kind"}
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert numbers(items) == list(range(COUNT))
    assert all(set(i) == {"pk", "sk", "kind"} for i in items)


def test_pages_of_one_megabyte(db, make_table):
    name = make_table(schema("pk"))
    for i in range(8):
        db.put_item(TableName=name, Item={"pk": S(f"{i}"), "v": S("x" * 300_000)})
    answer = db.scan(TableName=name)
    assert answer["Count"] == 4 and "LastEvaluatedKey" in answer
    assert len(scan_all(db, name)) == 8
