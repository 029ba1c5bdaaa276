"""PutItem, GetItem, UpdateItem and DeleteItem: keys, return values, legacy parameters."""
import pytest

from harness.tables import L, M, N, S, SS, invalid, refused, schema


@pytest.fixture(scope="module")
def table(make_table):
    return make_table(schema("pk", "sk:N"))


@pytest.fixture(scope="module")
def simple(make_table):
    return make_table(schema("pk"))


def key(pk, sk):
    return {"pk": S(pk), "sk": N(sk)}


# There and back

def test_put_then_get(db, table):
    item = key("a", 1) | {"name": S("bell.oga"), "size": N(42)}
    assert "Attributes" not in db.put_item(TableName=table, Item=item)
    assert db.get_item(TableName=table, Key=key("a", 1), ConsistentRead=True)["Item"] == item


def test_put_replaces_the_whole_item(db, table):
    db.put_item(TableName=table, Item=key("b", 1) | {"old": S("x")})
    db.put_item(TableName=table, Item=key("b", 1) | {"new": S("y")})
    assert db.get_item(TableName=table, Key=key("b", 1))["Item"] == key("b", 1) | {"new": S("y")}


def test_what_is_absent_has_no_item(db, table):
    assert "Item" not in db.get_item(TableName=table, Key=key("absent", 1))


def test_delete_is_idempotent(db, table):
    db.put_item(TableName=table, Item=key("c", 1))
    for _ in range(2):
        db.delete_item(TableName=table, Key=key("c", 1))
        assert "Item" not in db.get_item(TableName=table, Key=key("c", 1))


def test_numbers_that_are_equal_are_one_key(db, table):
    db.put_item(TableName=table, Item=key("n", "1.0") | {"v": S("first")})
    db.put_item(TableName=table, Item=key("n", "1") | {"v": S("second")})
    db.put_item(TableName=table, Item=key("n", "0.1e1") | {"v": S("third")})
    answer = db.query(TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": S("n")})
    assert answer["Items"] == [key("n", "1") | {"v": S("third")}]


def test_keys_are_compared_by_bytes(db, simple):
    for pk in ("e", "E", "é", "é", " e", "e\x00"):
        db.put_item(TableName=simple, Item={"pk": S(pk), "is": S(pk)})
    for pk in ("e", "E", "é", "é", " e", "e\x00"):
        assert db.get_item(TableName=simple, Key={"pk": S(pk)})["Item"]["is"] == S(pk)


# ReturnValues

def test_put_returns_all_old(db, table):
    first = key("r", 1) | {"v": N(1)}
    assert "Attributes" not in db.put_item(TableName=table, Item=first, ReturnValues="ALL_OLD")
    assert db.put_item(TableName=table, Item=key("r", 1), ReturnValues="ALL_OLD")["Attributes"] == first


def test_delete_returns_all_old(db, table):
    item = key("r", 2) | {"v": N(1)}
    db.put_item(TableName=table, Item=item)
    assert db.delete_item(TableName=table, Key=key("r", 2), ReturnValues="ALL_OLD")["Attributes"] == item
    assert "Attributes" not in db.delete_item(TableName=table, Key=key("r", 2), ReturnValues="ALL_OLD")


@pytest.mark.parametrize("wanted,expected", [
    ("NONE", None),
    ("ALL_OLD", {"a": N(1), "b": N(2), "m": M(x=N(1), y=N(2))}),
    ("ALL_NEW", {"a": N(5), "b": N(2), "m": M(x=N(7), y=N(2)), "c": N(9)}),
    ("UPDATED_OLD", {"a": N(1), "m": M(x=N(1))}),
    ("UPDATED_NEW", {"a": N(5), "m": M(x=N(7)), "c": N(9)})])
def test_update_returns(db, table, wanted, expected):
    db.put_item(TableName=table, Item=key("u", 1) | {"a": N(1), "b": N(2), "m": M(x=N(1), y=N(2))})
    answer = db.update_item(TableName=table, Key=key("u", 1), ReturnValues=wanted,
                            UpdateExpression="SET a = :a, m.x = :x, c = :c",
                            ExpressionAttributeValues={":a": N(5), ":x": N(7), ":c": N(9)})
    if wanted.startswith("ALL"):
        expected = expected | key("u", 1)
    assert answer.get("Attributes") == expected


def test_updated_old_of_a_new_item_is_nothing(db, table):
    answer = db.update_item(TableName=table, Key=key("u", 2), ReturnValues="UPDATED_OLD", UpdateExpression="SET a = :a",
                            ExpressionAttributeValues={":a": N(5)})
    assert not answer.get("Attributes")


@pytest.mark.parametrize("wanted", ["ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"])
def test_put_and_delete_know_two_return_values(db, table, wanted):
    with invalid("ReturnValues can only be ALL_OLD or NONE"):
        db.put_item(TableName=table, Item=key("x", 1), ReturnValues=wanted)
    with invalid("ReturnValues can only be ALL_OLD or NONE"):
        db.delete_item(TableName=table, Key=key("x", 1), ReturnValues=wanted)


def test_unknown_return_value(db, table):
    with invalid("1 validation error detected: Value 'SOME' at 'returnValues' failed to satisfy constraint: Member must "
                 "satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"):
        db.put_item(TableName=table, Item=key("x", 1), ReturnValues="SOME")


# Keys that do not fit

def test_put_without_a_key(db, table):
    with invalid("One or more parameter values were invalid: Missing the key sk in the item"):
        db.put_item(TableName=table, Item={"pk": S("a")})
    with invalid("One or more parameter values were invalid: Missing the key pk in the item"):
        db.put_item(TableName=table, Item={"sk": N(1)})


def test_put_with_a_key_of_another_type(db, table):
    with invalid("One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S"):
        db.put_item(TableName=table, Item={"pk": S("a"), "sk": S("1")})


@pytest.mark.parametrize("bad", [{"pk": S("a")}, {"pk": S("a"), "sk": S("1")}, {"pk": S("a"), "other": N(1)},
                                 {"pk": S("a"), "sk": N(1), "more": S("x")}])
def test_a_key_that_is_not_the_schema_s(db, table, bad):
    for call in (db.get_item, db.delete_item, db.update_item):
        with invalid("The provided key element does not match the schema"):
            call(TableName=table, Key=bad)


def test_empty_keys(db, simple):
    with invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
                 "string value. Key: pk"):
        db.put_item(TableName=simple, Item={"pk": S("")})
    with invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
                 "string value. Key: pk"):
        db.get_item(TableName=simple, Key={"pk": S("")})


def test_a_key_of_an_index_has_its_type(db, make_table):
    name = make_table(schema("pk", indexes=[("gsi", ["a", "b:N"])]))
    db.put_item(TableName=name, Item={"pk": S("fine")})
    with invalid("One or more parameter values were invalid: Type mismatch for Index Key a Expected: S Actual: N IndexName: gsi"):
        db.put_item(TableName=name, Item={"pk": S("bad"), "a": N(1)})
    with invalid(match="One or more parameter values (were|are) (invalid|not valid)"):
        db.put_item(TableName=name, Item={"pk": S("bad"), "a": S("")})
    with invalid(match="(The update expression attempted to update the secondary index key to unsupported type|One or more "
                       "parameter values were invalid: Type mismatch for Index Key)"):
        db.update_item(TableName=name, Key={"pk": S("fine")}, UpdateExpression="SET a = :a",
                       ExpressionAttributeValues={":a": N(1)})
    assert db.get_item(TableName=name, Key={"pk": S("fine")})["Item"] == {"pk": S("fine")}


# UpdateItem

def test_update_makes_the_item(db, table):
    db.update_item(TableName=table, Key=key("new", 1))
    assert db.get_item(TableName=table, Key=key("new", 1))["Item"] == key("new", 1)


def test_update_may_not_touch_the_key(db, table):
    with invalid("One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key"):
        db.update_item(TableName=table, Key=key("a", 1), UpdateExpression="SET sk = :s", ExpressionAttributeValues={":s": N(2)})
    with invalid("One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"):
        db.update_item(TableName=table, Key=key("a", 1), UpdateExpression="REMOVE pk")


# Legacy parameters

def test_attribute_updates(db, table):
    db.put_item(TableName=table, Item=key("l", 1) | {"n": N(1), "s": SS("a", "b"), "gone": S("x"), "l": L(N(1))})
    answer = db.update_item(TableName=table, Key=key("l", 1), ReturnValues="ALL_NEW", AttributeUpdates={
        "n": {"Action": "ADD", "Value": N(4)}, "s": {"Action": "DELETE", "Value": SS("a")},
        "gone": {"Action": "DELETE"}, "put": {"Value": S("y")}})
    assert answer["Attributes"] == key("l", 1) | {"n": N(5), "s": SS("b"), "put": S("y"), "l": L(N(1))}


def test_expected(db, table):
    db.put_item(TableName=table, Item=key("l", 2) | {"v": N(1)})
    with refused("ConditionalCheckFailedException", "The conditional request failed"):
        db.put_item(TableName=table, Item=key("l", 2), Expected={"v": {"Value": N(2)}})
    with refused("ConditionalCheckFailedException"):
        db.delete_item(TableName=table, Key=key("l", 2), Expected={"v": {"Exists": False}})
    db.put_item(TableName=table, Item=key("l", 2) | {"v": N(3)},
                Expected={"v": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [N(0), N(1)]}})
    assert db.get_item(TableName=table, Key=key("l", 2), AttributesToGet=["v"])["Item"] == {"v": N(3)}


def test_legacy_and_expressions_do_not_mix(db, table):
    with invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
                 "{Expected} Expression parameters: {ConditionExpression}"):
        db.put_item(TableName=table, Item=key("l", 2), Expected={"v": {"Exists": False}},
                    ConditionExpression="attribute_exists(pk)")
    with invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
                 "{AttributesToGet} Expression parameters: {ProjectionExpression}"):
        db.get_item(TableName=table, Key=key("l", 2), AttributesToGet=["v"], ProjectionExpression="v")
    with invalid("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
                 "{AttributeUpdates} Expression parameters: {UpdateExpression}"):
        db.update_item(TableName=table, Key=key("l", 2), AttributeUpdates={"v": {"Value": N(1)}},
                       UpdateExpression="REMOVE v")


# Required members

@pytest.mark.parametrize("operation,missing", [("PutItem", "item"), ("GetItem", "key"), ("DeleteItem", "key"),
                                               ("UpdateItem", "key")])
def test_required_members(raw, table, operation, missing):
    with invalid(f"1 validation error detected: Value null at '{missing}' failed to satisfy constraint: Member must not be null"):
        raw.call(operation, TableName=table)


@pytest.mark.parametrize("operation,missing", [("PutItem", "item"), ("GetItem", "key"), ("DeleteItem", "key"),
                                               ("UpdateItem", "key")])
def test_required_table_name(raw, operation, missing):
    with invalid(match="(2 validation errors detected: |1 validation error detected: |The parameter 'TableName' is required)"):
        raw.call(operation)
