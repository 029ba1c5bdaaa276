"""BatchGetItem and BatchWriteItem: results, unprocessed items, limits."""
import pytest

from harness.tables import N, S, fill, invalid, refused, scan_all, schema, unique


@pytest.fixture(scope="module")
def tables(db, make_table):
    first, second = make_table(schema("pk", "sk:N")), make_table(schema("id"))
    fill(db, first, [{"pk": S("p"), "sk": N(i), "v": N(i * i)} for i in range(120)])
    fill(db, second, [{"id": S(f"i{i}")} for i in range(10)])
    return first, second


def keys(*numbers):
    return [{"pk": S("p"), "sk": N(i)} for i in numbers]


def test_get_from_two_tables(db, tables):
    first, second = tables
    answer = db.batch_get_item(RequestItems={
        first: {"Keys": keys(1, 2, 500), "ConsistentRead": True}, second: {"Keys": [{"id": S("i3")}, {"id": S("no")}]}})
    assert sorted(int(i["v"]["N"]) for i in answer["Responses"][first]) == [1, 4]
    assert answer["Responses"][second] == [{"id": S("i3")}]
    assert answer["UnprocessedKeys"] == {}


def test_get_projects(db, tables):
    answer = db.batch_get_item(RequestItems={tables[0]: {
        "Keys": keys(3), "ProjectionExpression": "#v", "ExpressionAttributeNames": {"#v": "v"}}})
    assert answer["Responses"][tables[0]] == [{"v": N(9)}]


def test_a_hundred_keys(db, tables):
    answer = db.batch_get_item(RequestItems={tables[0]: {"Keys": keys(*range(100))}})
    assert len(answer["Responses"][tables[0]]) == 100
    with invalid(match="(Too many items requested for the BatchGetItem call|1 validation error detected: Value at "
                       "'RequestItems.*Member must have length less than or equal to 100)"):
        db.batch_get_item(RequestItems={tables[0]: {"Keys": keys(*range(101))}})


def test_hundred_keys_over_two_tables(db, tables):
    with invalid("Too many items requested for the BatchGetItem call"):
        db.batch_get_item(RequestItems={tables[0]: {"Keys": keys(*range(95))},
                                        tables[1]: {"Keys": [{"id": S(f"i{i}")} for i in range(6)]}})


def test_duplicates(db, tables):
    with invalid("Provided list of item keys contains duplicates"):
        db.batch_get_item(RequestItems={tables[0]: {"Keys": keys(1, "1.0")}})
    with invalid("Provided list of item keys contains duplicates"):
        db.batch_write_item(RequestItems={tables[0]: [{"PutRequest": {"Item": keys(1)[0]}},
                                                      {"DeleteRequest": {"Key": keys(1)[0]}}]})


def test_sixteen_megabytes_are_the_most(db, make_table):
    """What does not fit comes back as unprocessed keys, with the table's options, and can be asked for again."""
    name = make_table(schema("pk"))
    for i in range(50):
        db.put_item(TableName=name, Item={"pk": S(f"{i}"), "v": S("x" * 390_000)})
    left, found, rounds = {name: {"Keys": [{"pk": S(f"{i}")} for i in range(50)], "ConsistentRead": True}}, set(), 0
    while left:
        answer = db.batch_get_item(RequestItems=left)
        got = {i["pk"]["S"] for i in answer["Responses"].get(name, [])}
        assert got and not got & found
        assert len(got) * 390_000 <= 16 * 1024 * 1024
        found |= got
        left = answer["UnprocessedKeys"]
        assert not left or left[name]["ConsistentRead"] is True
        rounds += 1
    assert len(found) == 50 and rounds >= 2


def test_write_puts_and_deletes(db, make_table):
    name = make_table(schema("pk"))
    fill(db, name, [{"pk": S(f"{i}"), "v": N(1)} for i in range(10)])
    answer = db.batch_write_item(RequestItems={name: [{"DeleteRequest": {"Key": {"pk": S(f"{i}")}}} for i in range(5)] + [
        {"PutRequest": {"Item": {"pk": S(f"{i}"), "v": N(2)}}} for i in range(5, 15)]})
    assert answer["UnprocessedItems"] == {}
    assert {i["pk"]["S"]: i["v"]["N"] for i in scan_all(db, name)} == {f"{i}": "2" for i in range(5, 15)}


def test_twenty_five_writes(db, make_table):
    name = make_table(schema("pk"))
    puts = [{"PutRequest": {"Item": {"pk": S(f"{i}")}}} for i in range(26)]
    db.batch_write_item(RequestItems={name: puts[:25]})
    with invalid(match="(Too many items requested for the BatchWriteItem call|1 validation error detected: Value .* at 'requestItems)"):
        db.batch_write_item(RequestItems={name: puts})
    assert len(scan_all(db, name)) == 25


def test_a_refused_batch_writes_nothing(db, make_table):
    name = make_table(schema("pk"))
    with invalid(match="(The provided key element does not match the schema|One or more parameter values were invalid: Missing "
                       "the key pk in the item)"):
        db.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": {"pk": S("good")}}},
                                                 {"PutRequest": {"Item": {"other": S("bad")}}}]})
    with refused("ResourceNotFoundException", "Requested resource not found"):
        db.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": {"pk": S("good")}}}],
                                          unique("no"): [{"PutRequest": {"Item": {"pk": S("good")}}}]})
    assert scan_all(db, name) == []


@pytest.mark.parametrize("request_items", [{}, {"abc": []}])
def test_empty_writes(db, request_items):
    with invalid(match="(1 validation error detected: Value '.*' at 'requestItems|The requestItems parameter is required for "
                       "BatchWriteItem)"):
        db.batch_write_item(RequestItems=request_items)


def test_empty_gets(db, tables):
    with invalid(match="1 validation error detected: Value at 'RequestItems' failed to satisfy constraint: Member must have length "
                       "greater than or equal to 1"):
        db.batch_get_item(RequestItems={})
    with invalid(match="1 validation error detected: Value '.*' at 'requestItems"):
        db.batch_get_item(RequestItems={tables[0]: {"Keys": []}})


def test_put_and_delete_in_one_request(raw, tables):
    with invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"):
        raw.call("BatchWriteItem", RequestItems={tables[1]: [{"PutRequest": {"Item": {"id": S("a")}},
                                                              "DeleteRequest": {"Key": {"id": S("b")}}}]})


def test_keys_that_do_not_fit(db, tables):
    with invalid("The provided key element does not match the schema"):
        db.batch_get_item(RequestItems={tables[0]: {"Keys": [{"pk": S("p")}]}})
