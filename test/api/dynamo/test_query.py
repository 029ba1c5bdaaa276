"""Query: key conditions, order, pages, Select, filters, legacy KeyConditions."""
import pytest

from harness.tables import B, N, S, fill, invalid, schema


@pytest.fixture(scope="module")
def table(db, make_table):
    """p0..p2 with sort keys -5..14; strings in t."""
    name = make_table(schema("pk", "sk:N", local_indexes=[("by-word", ["pk", "word"])]))
    fill(db, name, [{"pk": S(f"p{p}"), "sk": N(i), "word": S(f"w{(i * 7) % 20:02}"), "even": {"BOOL": i % 2 == 0}}
                    for p in range(3) for i in range(-5, 15)])
    return name


def query(db, table, condition, values, **more):
    return db.query(TableName=table, KeyConditionExpression=condition, ExpressionAttributeValues=values, **more)


def sort_keys(answer):
    return [int(i["sk"]["N"]) for i in answer["Items"]]


@pytest.mark.parametrize("condition,values,expected", [
    ("", {}, range(-5, 15)), ("AND sk = :a", {":a": 3}, [3]), ("AND sk < :a", {":a": -2}, [-5, -4, -3]),
    ("AND sk <= :a", {":a": -3}, [-5, -4, -3]), ("AND sk > :a", {":a": 12}, [13, 14]), ("AND sk >= :a", {":a": 13}, [13, 14]),
    ("AND sk BETWEEN :a AND :b", {":a": -1, ":b": 1}, [-1, 0, 1]), ("AND sk = :a", {":a": 99}, []),
    ("AND sk BETWEEN :a AND :b", {":a": 2, ":b": 2}, [2]), ("AND sk > :a", {":a": "2.5"}, range(3, 15))])
@pytest.mark.parametrize("forward", [True, False])
def test_key_conditions(db, table, condition, values, expected, forward):
    answer = query(db, table, f"pk = :p {condition}", {":p": S("p1")} | {k: N(v) for k, v in values.items()},
                   ScanIndexForward=forward)
    assert sort_keys(answer) == (list(expected) if forward else list(reversed(expected)))
    assert answer["Count"] == answer["ScannedCount"] == len(expected)
    assert all(i["pk"] == S("p1") for i in answer["Items"])


def test_the_sort_key_may_come_first_and_in_parentheses(db, table):
    values = {":p": S("p1"), ":a": N(3)}
    for condition in ("sk = :a AND pk = :p", "(pk = :p) AND (sk = :a)", "pk=:p and sk=:a"):
        assert sort_keys(query(db, table, condition, values)) == [3]


def test_strings_by_prefix(db, make_table):
    name = make_table(schema("pk", "sk"))
    words = ["", "a", "ab", "abc", "abd", "b", "é", "\uffff", "\U0001f514"]
    fill(db, name, [{"pk": S("p"), "sk": S(w)} for w in words if w])
    found = query(db, name, "pk = :p AND begins_with(sk, :b)", {":p": S("p"), ":b": S("ab")})
    assert [i["sk"]["S"] for i in found["Items"]] == ["ab", "abc", "abd"]
    everything = query(db, name, "pk = :p", {":p": S("p")})
    assert [i["sk"]["S"] for i in everything["Items"]] == sorted((w for w in words if w), key=str.encode)


def test_binary_by_prefix(db, make_table):
    name = make_table(schema("pk", "sk:B"))
    fill(db, name, [{"pk": S("p"), "sk": B(k)} for k in (b"\xff", b"\xff\x00", b"\xff\xff", b"\xfe\xff", b"\x00")])
    found = query(db, name, "pk = :p AND begins_with(sk, :b)", {":p": S("p"), ":b": B(b"\xff")})
    assert [i["sk"]["B"] for i in found["Items"]] == [b"\xff", b"\xff\x00", b"\xff\xff"]


def test_numbers_in_their_order(db, make_table):
    name = make_table(schema("pk", "sk:N"))
    numbers = ["-9.9e125", "-1000", "-2", "-1.5", "-1", "-0.001", "-1e-130", "0", "1e-130", "0.001", "1", "1.5", "2", "10", "1e125"]
    fill(db, name, [{"pk": S("p"), "sk": N(n), "text": S(n)} for n in reversed(numbers)])
    assert [i["text"]["S"] for i in query(db, name, "pk = :p", {":p": S("p")})["Items"]] == numbers


# Pages

@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("limit", [1, 7, 20, 21])
def test_pages_by_limit(db, table, forward, limit):
    found, start, pages = [], {}, 0
    while True:
        answer = query(db, table, "pk = :p", {":p": S("p2")}, Limit=limit, ScanIndexForward=forward, **start)
        found += sort_keys(answer)
        pages += 1
        assert answer["Count"] <= limit
        if "LastEvaluatedKey" not in answer:
            break
        assert answer["LastEvaluatedKey"] == {k: answer["Items"][-1][k] for k in ("pk", "sk")}
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert found == (list(range(-5, 15)) if forward else list(reversed(range(-5, 15))))
    assert pages == 20 // limit + 1


def test_a_page_that_the_filter_empties_has_a_key(db, table):
    answer = query(db, table, "pk = :p", {":p": S("p0"), ":w": S("none")}, Limit=5, FilterExpression="word = :w")
    assert answer["Items"] == [] and answer["ScannedCount"] == 5 and "LastEvaluatedKey" in answer


def test_pages_of_one_megabyte(db, make_table):
    name = make_table(schema("pk", "sk:N"))
    for i in range(12):
        db.put_item(TableName=name, Item={"pk": S("p"), "sk": N(i), "v": S("x" * 200_000)})
    first = query(db, name, "pk = :p", {":p": S("p")})
    assert first["Count"] == 6 and first["LastEvaluatedKey"] == {"pk": S("p"), "sk": N(5)}
    counted = query(db, name, "pk = :p", {":p": S("p")}, Select="COUNT")
    assert counted["Count"] == 6, "a page is what is read, not what is returned"
    pages = list(db.get_paginator("query").paginate(TableName=name, KeyConditionExpression="pk = :p",
                                                    ExpressionAttributeValues={":p": S("p")}))
    assert [p["Count"] for p in pages] == [6, 6] or [p["Count"] for p in pages] == [6, 6, 0]


@pytest.mark.parametrize("start,refusal", [
    ({"pk": S("p0")}, "The provided starting key is invalid"),
    ({"pk": S("p0"), "sk": S("x")}, "The provided starting key is invalid"),
    ({"pk": S("p0"), "sk": N(1), "more": N(1)}, "The provided starting key is invalid"),
    ({"pk": S("p1"), "sk": N(1)}, "The provided starting key is outside query boundaries based on provided conditions")])
def test_starting_keys_that_do_not_fit(db, table, start, refusal):
    with invalid(refusal):
        query(db, table, "pk = :p", {":p": S("p0")}, ExclusiveStartKey=start)


def test_a_starting_key_need_not_exist(db, table):
    answer = query(db, table, "pk = :p", {":p": S("p0")}, ExclusiveStartKey={"pk": S("p0"), "sk": N("10.5")})
    assert sort_keys(answer) == [11, 12, 13, 14]


# Filters and Select

def test_filters_count_what_was_scanned(db, table):
    answer = query(db, table, "pk = :p", {":p": S("p0"), ":t": {"BOOL": True}}, FilterExpression="even = :t")
    assert answer["Count"] == 10 and answer["ScannedCount"] == 20


def test_select(db, table):
    counted = query(db, table, "pk = :p", {":p": S("p0")}, Select="COUNT")
    assert counted["Count"] == 20 and "Items" not in counted
    chosen = query(db, table, "pk = :p AND sk = :s", {":p": S("p0"), ":s": N(1)}, Select="SPECIFIC_ATTRIBUTES",
                   ProjectionExpression="even")
    assert chosen["Items"] == [{"even": {"BOOL": False}}]


@pytest.mark.parametrize("more,refusal", [
    ({"Select": "COUNT", "ProjectionExpression": "even"},
     "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get only the Count"),
    ({"Select": "SPECIFIC_ATTRIBUTES"}, "1 validation error detected: Must specify the AttributesToGet or "
                                        "ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"),
    ({"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "even"},
     "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"),
    ({"Select": "ALL_PROJECTED_ATTRIBUTES"},
     "1 validation error detected: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
    ({"Select": "SOME"}, "1 validation error detected: Value 'SOME' at 'select' failed to satisfy constraint: Member must satisfy "
                         "enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]"),
    ({"Limit": 0}, "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value "
                   "greater than or equal to 1"),
    ({"IndexName": "nope"}, "The table does not have the specified index: nope"),
    ({"FilterExpression": "sk = :p"}, "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk"),
    ({"FilterExpression": "pk = :p"}, "Filter Expression can only contain non-primary key attributes: Primary key attribute: pk")])
def test_options_that_are_refused(db, table, more, refusal):
    with invalid(refusal):
        query(db, table, "pk = :p", {":p": S("p0")}, **more)


@pytest.mark.parametrize("condition,values,refusal", [
    ("sk = :a", {":a": N(1)}, "Query condition missed key schema element: pk"),
    ("pk = :p AND word = :a", {":p": S("p"), ":a": S("w")}, "Query condition missed key schema element: sk"),
    ("pk < :p", {":p": S("p")}, "Query key condition not supported"),
    ("pk = :p AND sk <> :a", {":p": S("p"), ":a": N(1)}, "Invalid operator used in KeyConditionExpression: <>"),
    ("pk = :p OR sk = :a", {":p": S("p"), ":a": N(1)}, "Invalid operator used in KeyConditionExpression: OR"),
    ("NOT pk = :p", {":p": S("p")}, "Invalid operator used in KeyConditionExpression: NOT"),
    ("pk IN (:p)", {":p": S("p")}, "Invalid operator used in KeyConditionExpression: IN"),
    ("pk = :p AND contains(sk, :a)", {":p": S("p"), ":a": S("x")}, "Invalid operator used in KeyConditionExpression: contains"),
    ("pk = :p AND sk = :a AND sk = :b", {":p": S("p"), ":a": N(1), ":b": N(2)},
     "KeyConditionExpressions must only contain one condition per key"),
    ("pk = :p AND sk > :a AND sk < :b", {":p": S("p"), ":a": N(1), ":b": N(2)},
     "KeyConditionExpressions must only contain one condition per key"),
    ("pk = :p", {":p": N(1)}, "One or more parameter values were invalid: Condition parameter type does not match schema type"),
    ("pk = :p AND sk = :a", {":p": S("p"), ":a": S("x")},
     "One or more parameter values were invalid: Condition parameter type does not match schema type"),
    ("pk = :p AND sk BETWEEN :a AND :b", {":p": S("p"), ":a": N(2), ":b": N(1)},
     "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
     "lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"),
    ("", {":p": S("p")}, "Invalid KeyConditionExpression: The expression can not be empty;"),
    ("pk = ", {":p": S("p")}, 'Invalid KeyConditionExpression: Syntax error; token: "<EOF>", near: "="'),
    ("pk = :q", {":p": S("p")}, "Invalid KeyConditionExpression: An expression attribute value used in expression is not "
                                "defined; attribute value: :q"),
    ("pk = :p", {":p": S("p"), ":q": S("q")}, "Value provided in ExpressionAttributeValues unused in expressions: keys: {:q}")])
def test_conditions_that_are_refused(db, table, condition, values, refusal):
    import re

    with invalid(match=("(Invalid KeyConditionExpression: )?" if refusal.startswith(("Invalid operator", "KeyCond")) else "") + re.escape(refusal)):
        query(db, table, condition, values)


def test_no_condition_at_all(db, table):
    with invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."):
        db.query(TableName=table)


def test_empty_key_in_a_condition(db, table):
    with invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
                 "string value. Key: pk"):
        query(db, table, "pk = :p", {":p": S("")})


# Legacy

def test_key_conditions_legacy(db, table):
    answer = db.query(TableName=table, KeyConditions={
        "pk": {"ComparisonOperator": "EQ", "AttributeValueList": [S("p0")]},
        "sk": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [N(1), N(3)]}},
        QueryFilter={"even": {"ComparisonOperator": "EQ", "AttributeValueList": [{"BOOL": False}]}}, AttributesToGet=["sk"])
    assert answer["Items"] == [{"sk": N(1)}, {"sk": N(3)}]


# Local index

def test_a_local_index_sorts_by_its_key(db, table):
    answer = query(db, table, "pk = :p AND word BETWEEN :a AND :b", {":p": S("p0"), ":a": S("w03"), ":b": S("w06")},
                   IndexName="by-word", ConsistentRead=True)
    assert [i["word"]["S"] for i in answer["Items"]] == ["w03", "w04", "w05", "w06"]
    back = query(db, table, "pk = :p", {":p": S("p0")}, IndexName="by-word", ScanIndexForward=False, Limit=1)
    assert back["Items"][0]["word"] == S("w19")
    assert set(back["LastEvaluatedKey"]) == {"pk", "sk", "word"}
