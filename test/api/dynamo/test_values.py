"""Attribute values: every type there and back, what is refused, exact numbers, sizes on both sides of each limit."""
import base64

import pytest

from harness.tables import B, L, M, N, NS, S, SS, invalid, refused, schema


@pytest.fixture(scope="module")
def table(make_table):
    return make_table(schema("pk"))


def round_trip(db, table, value):
    db.put_item(TableName=table, Item={"pk": S("v"), "v": value})
    return db.get_item(TableName=table, Key={"pk": S("v")}, ConsistentRead=True)["Item"]["v"]


def normal(value):
    """Sets have no order."""
    ((kind, inner),) = value.items()
    return {kind: sorted(inner)} if kind in ("SS", "NS", "BS") else value


@pytest.mark.parametrize("value", [
    S("text"), S(""), S("héllo \U0001f514 \u0000 \u2028"), N("0"), N("-1"), N("123456789.000001"), B(b""), B(b"\x00\xff\x80"),
    {"BOOL": True}, {"BOOL": False}, {"NULL": True}, SS("a", "b", ""), NS("1", "2", "-3.5"), {"BS": [b"x", b"\xff"]},
    L(), M(), L(S("a"), N(1), L(), M(deep=L({"NULL": True}))), M(**{"a.b": S("dot"), "#x": N(1)})])
def test_types_there_and_back(db, table, value):
    assert normal(round_trip(db, table, value)) == normal(value)


# Numbers

@pytest.mark.parametrize("text,printed", [
    ("1", "1"), ("1.0", "1"), ("-0", "0"), ("007", "7"), ("+5", "5"), ("1e3", "1000"), ("1E+3", "1000"), ("12.50", "12.5"),
    (".5", "0.5"), ("-.5e1", "-5"), ("0.000", "0"), ("5.", "5"),
    ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
    ("0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001"),
    ("3.1415926535897932384626433832795028841", "3.1415926535897932384626433832795028841")])
def test_numbers_are_printed_plainly(db, table, text, printed):
    assert round_trip(db, table, N(text)) == N(printed)


@pytest.mark.parametrize("text,value", [
    ("9.9999999999999999999999999999999999999E+125", "9.9999999999999999999999999999999999999E+125"),
    ("-9.9999999999999999999999999999999999999E+125", "-9.9999999999999999999999999999999999999E+125"),
    ("1E-130", "1E-130"), ("-1E-130", "-1E-130"), ("1e125", "1E125")])
def test_the_largest_and_smallest_numbers(db, table, text, value):
    """Printed plainly or with an exponent, but the same number to the last digit."""
    from decimal import Context, Decimal

    context = Context(prec=60, Emax=400, Emin=-400)
    assert context.create_decimal(round_trip(db, table, N(text))["N"]) == context.create_decimal(value)
    assert Decimal(1)


@pytest.mark.parametrize("text,refusal", [
    ("abc", "The parameter cannot be converted to a numeric value: abc"),
    ("", "The parameter cannot be converted to a numeric value"),
    ("1 ", "The parameter cannot be converted to a numeric value: 1 "),
    ("0x10", "The parameter cannot be converted to a numeric value: 0x10"),
    ("NaN", "The parameter cannot be converted to a numeric value: NaN"),
    ("Infinity", "The parameter cannot be converted to a numeric value: Infinity"),
    ("1e", "The parameter cannot be converted to a numeric value: 1e"),
    ("123456789012345678901234567890123456789", "Attempting to store more than 38 significant digits in a Number"),
    ("1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    ("-1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    ("1e-131", "Number underflow. Attempting to store a number with magnitude smaller than supported range")])
def test_numbers_that_are_refused(db, table, text, refusal):
    with invalid(refusal):
        db.put_item(TableName=table, Item={"pk": S("n"), "v": N(text)})


def test_arithmetic_is_exact(db, table):
    db.put_item(TableName=table, Item={"pk": S("sum"), "v": N("0.1")})
    for _ in range(2):
        answer = db.update_item(TableName=table, Key={"pk": S("sum")}, UpdateExpression="SET v = v + :d",
                                ExpressionAttributeValues={":d": N("0.1")}, ReturnValues="ALL_NEW")
    assert answer["Attributes"]["v"] == N("0.3")


# Values that are refused

@pytest.mark.parametrize("value,refusal", [
    ({}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    ({"S": "a", "N": "1"},
     "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"),
    ({"NULL": False}, "One or more parameter values were invalid: Null attribute value types must have the value of true"),
    (SS(), "One or more parameter values were invalid: An string set  may not be empty"),
    (NS(), "One or more parameter values were invalid: An number set  may not be empty"),
    ({"BS": []}, "One or more parameter values were invalid: Binary sets should not be empty"),
    (SS("a", "a"), "One or more parameter values were invalid: Input collection [a, a] contains duplicates."),
    (NS("1", "1.0"), "Input collection contains duplicates")])
def test_values_that_are_refused(raw, table, value, refusal):
    with invalid(refusal):
        raw.call("PutItem", TableName=table, Item={"pk": S("x"), "v": value})


@pytest.mark.parametrize("value", [S(5), {"N": 5}, {"BOOL": "true"}, {"L": {}}, {"M": []}, {"SS": "a"}, {"SS": [1]}, "a", 5, []])
def test_values_of_another_json_type(raw, table, value):
    with refused("SerializationException"):
        raw.call("PutItem", TableName=table, Item={"pk": {"S": "x"}, "v": value})


def test_binary_that_is_not_base64(raw, table):
    with refused("SerializationException"):
        raw.call("PutItem", TableName=table, Item={"pk": S("x"), "v": {"B": "***"}})


def test_a_null_type_is_no_type(raw, table):
    """Some SDKs send the types they do not use as null."""
    raw.call("PutItem", TableName=table, Item={"pk": {"S": "nulls", "N": None}, "v": {"BOOL": True, "L": None}})
    assert raw.call("GetItem", TableName=table, Key={"pk": S("nulls")})["Item"]["v"] == {"BOOL": True}


# Limits, both sides

def nested(levels):
    value = S("x")
    for _ in range(levels):
        value = L(value)
    return value


def test_thirty_two_levels(db, table):
    """An attribute's own value is the first level: 31 lists around a string are the last that fit."""
    assert round_trip(db, table, nested(31)) == nested(31)
    with invalid(match="Nesting Levels have exceeded supported limits"):
        db.put_item(TableName=table, Item={"pk": S("deep"), "v": nested(33)})


def test_the_largest_item(db, table):
    """400 KB: names and values together."""
    room = 400 * 1024 - len("pk") - len("big") - len("v")
    db.put_item(TableName=table, Item={"pk": S("big"), "v": S("x" * room)})
    assert len(db.get_item(TableName=table, Key={"pk": S("big")})["Item"]["v"]["S"]) == room
    with invalid("Item size has exceeded the maximum allowed size"):
        db.put_item(TableName=table, Item={"pk": S("big"), "v": S("x" * (room + 1))})
    with invalid("Item size to update has exceeded the maximum allowed size"):
        db.update_item(TableName=table, Key={"pk": S("big")}, UpdateExpression="SET w = :w",
                       ExpressionAttributeValues={":w": S("x")})
    assert "w" not in db.get_item(TableName=table, Key={"pk": S("big")})["Item"]


def test_bytes_count_not_characters(db, table):
    room = 400 * 1024 - len("pk") - len("utf") - len("v")
    with invalid("Item size has exceeded the maximum allowed size"):
        db.put_item(TableName=table, Item={"pk": S("utf"), "v": S("é" * (room // 2 + 1))})


def test_partition_key_length(db, table):
    db.put_item(TableName=table, Item={"pk": S("k" * 2048)})
    with invalid("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"):
        db.put_item(TableName=table, Item={"pk": S("k" * 2049)})


def test_sort_key_length(db, make_table):
    name = make_table(schema("pk", "sk"))
    db.put_item(TableName=name, Item={"pk": S("a"), "sk": S("k" * 1024)})
    with invalid("One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes"):
        db.put_item(TableName=name, Item={"pk": S("a"), "sk": S("k" * 1025)})


def test_binary_keys(db, make_table):
    name = make_table(schema("pk:B", "sk:B"))
    keys = [b"\x00", b"\x00\x00", b"\x01", b"\x7f", b"\x80", b"\xff", b"\xff\x00"]
    for sk in reversed(keys):
        db.put_item(TableName=name, Item={"pk": B(b"\x00\xff"), "sk": B(sk)})
    answer = db.query(TableName=name, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": B(b"\x00\xff")})
    assert [i["sk"]["B"] for i in answer["Items"]] == keys


def test_base64_is_what_travels(raw, table):
    raw.call("PutItem", TableName=table, Item={"pk": S("b64"), "v": {"B": base64.b64encode(b"\x01\x02").decode()}})
    assert raw.call("GetItem", TableName=table, Key={"pk": S("b64")})["Item"]["v"] == {"B": "AQI="}
