"""TransactWriteItems and TransactGetItems: results, reasons, refusals, limits, tokens, isolation."""
import threading
import uuid

import pytest
from botocore.exceptions import ClientError

from harness.server import Server
from harness.tables import N, S, fill, invalid, refused, schema, wait_active
from harness.waiting import wait_for

GONE = "Requested resource not found"
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
NONE = {"Code": "None"}


@pytest.fixture(scope="module")
def table(make_table):
    return make_table(schema("pk"))


@pytest.fixture(scope="module")
def rich(make_table):
    return make_table(schema("pk", "sk:N", indexes=[("gsi", ["g"])], local_indexes=[("lsi", ["pk", "l"])]))


@pytest.fixture
def name():
    """A key no other test has used."""
    return uuid.uuid4().hex


def put(table, key, condition=None, **more):
    action = {"TableName": table, "Item": {"pk": S(key)} | more}
    return {"Put": action | ({"ConditionExpression": condition} if condition else {})}


def add(table, key, amount=1):
    return {"Update": {"TableName": table, "Key": {"pk": S(key)}, "UpdateExpression": "ADD n :a",
                       "ExpressionAttributeValues": {":a": N(amount)}}}


def delete(table, key):
    return {"Delete": {"TableName": table, "Key": {"pk": S(key)}}}


def check(table, key, condition="attribute_exists(pk)", **more):
    return {"ConditionCheck": {"TableName": table, "Key": {"pk": S(key)}, "ConditionExpression": condition} | more}


def get(table, key, **more):
    return {"Get": {"TableName": table, "Key": {"pk": S(key)}} | more}


def item(db, table, key):
    return db.get_item(TableName=table, Key={"pk": S(key)}, ConsistentRead=True).get("Item")


def cancelled(db, actions, *reasons, operation="transact_write_items", **more):
    """The transaction is cancelled for exactly these reasons, in this order."""
    with pytest.raises(ClientError) as caught:
        getattr(db, operation)(TransactItems=actions, **more)
    response = caught.value.response
    codes = ", ".join(r["Code"] for r in reasons)
    assert response["Error"]["Code"] == "TransactionCanceledException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["Error"]["Message"] == (
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]")
    assert response["CancellationReasons"] == list(reasons)


def validation(message):
    return {"Code": "ValidationError", "Message": message}


# Writing


def test_all_four_actions(db, table, name):
    fill(db, table, [{"pk": S(f"{name}-{k}")} for k in ("update", "delete", "check")])
    answer = db.transact_write_items(TransactItems=[
        put(table, f"{name}-put", v=S("x")), add(table, f"{name}-update"), delete(table, f"{name}-delete"),
        check(table, f"{name}-check")])
    assert {k for k in answer if k != "ResponseMetadata"} == set()
    assert item(db, table, f"{name}-put") == {"pk": S(f"{name}-put"), "v": S("x")}
    assert item(db, table, f"{name}-update")["n"] == N(1)
    assert item(db, table, f"{name}-delete") is None
    assert item(db, table, f"{name}-check") == {"pk": S(f"{name}-check")}


def test_several_tables(db, table, rich, name):
    db.transact_write_items(TransactItems=[
        put(table, name), {"Put": {"TableName": rich, "Item": {"pk": S(name), "sk": N(1), "g": S(name)}}}])
    assert item(db, table, name)
    found = db.query(TableName=rich, IndexName="gsi", KeyConditionExpression="g = :g", ExpressionAttributeValues={":g": S(name)})
    assert found["Count"] == 1


def test_nothing_happens_when_one_condition_fails(db, table, name):
    db.put_item(TableName=table, Item={"pk": S(f"{name}-there"), "v": S("old")})
    cancelled(db, [put(table, f"{name}-new"), put(table, f"{name}-there", "attribute_not_exists(pk)"),
                   check(table, f"{name}-none"), delete(table, f"{name}-there2")], NONE, FAILED, FAILED, NONE)
    assert item(db, table, f"{name}-new") is None
    assert item(db, table, f"{name}-there")["v"] == S("old")


def test_reasons_show_items_on_request(db, table, name):
    db.put_item(TableName=table, Item={"pk": S(f"{name}-there"), "v": S("old")})
    show = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    shown = FAILED | {"Item": {"pk": S(f"{name}-there"), "v": S("old")}}
    cancelled(db, [check(table, f"{name}-there", "attribute_not_exists(pk)", **show)], shown)
    cancelled(db, [check(table, f"{name}-none", **show)], FAILED)
    action = put(table, f"{name}-there", "v = :v")
    action["Put"] |= {"ExpressionAttributeValues": {":v": S("new")}} | show
    cancelled(db, [put(table, f"{name}-other"), action], NONE, shown)


def test_what_an_update_finds_in_the_item(db, table, name):
    fill(db, table, [{"pk": S(f"{name}-text"), "n": S("x")}])
    cancelled(db, [put(table, f"{name}-new"), add(table, f"{name}-text")], NONE,
              validation("An operand in the update expression has an incorrect data type"))
    action = {"Update": {"TableName": table, "Key": {"pk": S(name)}, "UpdateExpression": "SET a.b = :v",
                         "ExpressionAttributeValues": {":v": N(1)}}}
    cancelled(db, [action], validation("The document path provided in the update expression is invalid for update"))


def test_keys_that_do_not_fit_cancel(db, table, rich, name):
    mismatch = validation("The provided key element does not match the schema")
    cancelled(db, [put(table, name), {"Delete": {"TableName": table, "Key": {"pk": N(1)}}}], NONE, mismatch)
    cancelled(db, [{"Update": {"TableName": rich, "Key": {"pk": S(name)}, "UpdateExpression": "REMOVE v"}}], mismatch)
    cancelled(db, [{"Put": {"TableName": rich, "Item": {"pk": S(name)}}}],
              validation("One or more parameter values were invalid: Missing the key sk in the item"))
    cancelled(db, [{"Put": {"TableName": rich, "Item": {"pk": S(name), "sk": S("1")}}}],
              validation("One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S"))
    cancelled(db, [{"Put": {"TableName": rich, "Item": {"pk": S(name), "sk": N(1), "g": N(1)}}}],
              validation("One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N "
                         "IndexName: gsi"))
    assert item(db, table, name) is None


def test_empty_keys_are_refused_before_anything_is_tried(db, table, rich):
    empty = ("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
             "string value. Key: pk")
    for action in (put(table, ""), delete(table, ""), check(table, ""), add(table, "")):
        with invalid(empty):
            db.transact_write_items(TransactItems=[action])
    with invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
                 "The AttributeValue for a key attribute cannot contain an empty string value. IndexName: gsi, IndexKey: g"):
        db.transact_write_items(TransactItems=[{"Put": {"TableName": rich, "Item": {"pk": S("a"), "sk": N(1), "g": S("")}}}])


def test_one_action_each(db, table):
    with invalid("TransactItems can only contain one of Check, Put, Update or Delete"):
        db.transact_write_items(TransactItems=[put(table, "a") | delete(table, "a")])
    with invalid("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"):
        db.transact_write_items(TransactItems=[{}])


def test_one_item_once(db, table, name):
    for second in (put(table, name), delete(table, name), check(table, name), add(table, name)):
        with invalid("Transaction request cannot include multiple operations on one item"):
            db.transact_write_items(TransactItems=[put(table, name), put(table, f"{name}-2"), second])


def test_expressions_are_checked_first(db, table, name):
    with invalid(match="Invalid ConditionExpression: Syntax error"):
        db.transact_write_items(TransactItems=[put(table, name, "pk =")])
    with invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}"):
        action = add(table, name)
        action["Update"]["ExpressionAttributeValues"][":b"] = N(1)
        db.transact_write_items(TransactItems=[put("no-such-table", name), action])


def test_a_table_that_is_not_there(db, table, name):
    with refused("ResourceNotFoundException", GONE):
        db.transact_write_items(TransactItems=[put(table, name), put("no-such-table", name)])
    with refused("ResourceNotFoundException", GONE):
        db.transact_get_items(TransactItems=[get(table, name), get("no-such-table", name)])
    assert item(db, table, name) is None


def test_constraints_name_the_entry(db, table):
    with invalid("2 validation errors detected: Value 'SOME' at 'returnConsumedCapacity' failed to satisfy constraint: Member "
                 "must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value null at 'transactItems.1.member.update."
                 "updateExpression' failed to satisfy constraint: Member must not be null"):
        db.transact_write_items(TransactItems=[{"Update": {"TableName": table, "Key": {"pk": S("a")}}}],
                                ReturnConsumedCapacity="SOME")
    with invalid("1 validation error detected: Value null at 'transactItems' failed to satisfy constraint: Member must not be null"):
        db.transact_write_items()


def test_a_hundred_actions(db, table, name):
    actions = [put(table, f"{name}-{i}") for i in range(101)]
    db.transact_write_items(TransactItems=actions[:100])
    with invalid(match=".*at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100$"):
        db.transact_write_items(TransactItems=actions)
    gets = [get(table, f"{name}-{i}") for i in range(101)]
    assert len(db.transact_get_items(TransactItems=gets[:100])["Responses"]) == 100
    with invalid(match=".*at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100$"):
        db.transact_get_items(TransactItems=gets)


def test_four_megabytes(db, table, name):
    big = {"v": S("x" * 390_000)}
    db.transact_write_items(TransactItems=[put(table, f"{name}-{i}", **big) for i in range(10)])
    with invalid():
        db.transact_write_items(TransactItems=[put(table, f"{name}-{i}", **big) for i in range(11)])
    db.put_item(TableName=table, Item={"pk": S(f"{name}-10")} | big)
    assert len(db.transact_get_items(TransactItems=[get(table, f"{name}-{i}") for i in range(10)])["Responses"]) == 10
    with invalid():
        db.transact_get_items(TransactItems=[get(table, f"{name}-{i}") for i in range(11)])
    with invalid("Item size has exceeded the maximum allowed size"):
        db.transact_write_items(TransactItems=[put(table, f"{name}-huge", v=S("x" * 409_600))])


# Tokens


def test_a_token_makes_it_happen_once(db, table, name):
    for _ in range(3):
        db.transact_write_items(TransactItems=[add(table, name)], ClientRequestToken=name)
    assert item(db, table, name)["n"] == N(1)
    with refused("IdempotentParameterMismatchException"):
        db.transact_write_items(TransactItems=[add(table, name, 2)], ClientRequestToken=name)
    db.transact_write_items(TransactItems=[add(table, name, 2)], ClientRequestToken=f"{name}-2")
    assert item(db, table, name)["n"] == N(3)


def test_a_cancelled_request_may_come_again(db, table, name):
    actions = [check(table, name), put(table, f"{name}-2")]
    cancelled(db, actions, FAILED, NONE, ClientRequestToken=name)
    db.put_item(TableName=table, Item={"pk": S(name)})
    db.transact_write_items(TransactItems=actions, ClientRequestToken=name)
    assert item(db, table, f"{name}-2")


def test_tokens_are_one_to_thirty_six_characters(db, table, name):
    db.transact_write_items(TransactItems=[add(table, name)], ClientRequestToken="t" + name + "abc")
    with invalid(match=".*at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36"):
        db.transact_write_items(TransactItems=[add(table, name)], ClientRequestToken=name + "12345")
    with invalid(match=".*at 'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to 1"):
        db.transact_write_items(TransactItems=[add(table, name)], ClientRequestToken="")


def test_members_in_another_order_are_the_same_request(raw, db, table, name):
    first = {"ClientRequestToken": name, "TransactItems": [add(table, name)]}
    action = first["TransactItems"][0]["Update"]
    second = {"TransactItems": [{"Update": dict(reversed(action.items()))}], "ClientRequestToken": name,
              "ReturnConsumedCapacity": "TOTAL"}
    for request in (first, second):
        assert raw.post("TransactWriteItems", request).status == 200
    assert item(db, table, name)["n"] == N(1)


def test_a_token_survives_a_kill():
    """What was answered is remembered, and what was sent again after the crash happens once."""
    with Server() as server:
        db = server.client()
        db.create_table(TableName="tokens", **schema("pk"))
        wait_active(db, "tokens")
        for i in range(20):
            db.transact_write_items(TransactItems=[add("tokens", "a"), put("tokens", f"i{i}")], ClientRequestToken=f"token-{i}")
        server.kill()
        server.start()
        db = server.client()
        for i in range(20):
            db.transact_write_items(TransactItems=[add("tokens", "a"), put("tokens", f"i{i}")], ClientRequestToken=f"token-{i}")
        assert item(db, "tokens", "a")["n"] == N(20)
        with refused("IdempotentParameterMismatchException"):
            db.transact_write_items(TransactItems=[add("tokens", "a")], ClientRequestToken="token-0")


# Capacity


def test_capacity(db, table, name):
    actions = [put(table, f"{name}-1", v=S("x" * 2500)), put(table, f"{name}-2"), check(table, f"{name}-3", "attribute_not_exists(pk)")]
    more = {"ReturnConsumedCapacity": "TOTAL", "ClientRequestToken": name}
    first = db.transact_write_items(TransactItems=actions, **more)["ConsumedCapacity"]
    assert first == [{"TableName": table, "CapacityUnits": 10.0, "WriteCapacityUnits": 10.0}]
    again = db.transact_write_items(TransactItems=actions, **more)["ConsumedCapacity"]
    assert again == [{"TableName": table, "CapacityUnits": 6.0, "ReadCapacityUnits": 6.0}]
    read = db.transact_get_items(TransactItems=[get(table, f"{name}-1"), get(table, f"{name}-3")], ReturnConsumedCapacity="INDEXES")
    assert read["ConsumedCapacity"] == [{"TableName": table, "CapacityUnits": 4.0, "ReadCapacityUnits": 4.0,
                                         "Table": {"CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}}]


def test_capacity_of_indexes(db, rich, name):
    """The table is charged twice, its indexes once."""
    entry = {"pk": S(name), "sk": N(1), "g": S("a"), "l": S("b")}
    answer = db.transact_write_items(TransactItems=[{"Put": {"TableName": rich, "Item": entry}}], ReturnConsumedCapacity="INDEXES",
                                     ReturnItemCollectionMetrics="SIZE")
    one = {"CapacityUnits": 1.0, "WriteCapacityUnits": 1.0}
    assert answer["ConsumedCapacity"] == [{
        "TableName": rich, "CapacityUnits": 4.0, "WriteCapacityUnits": 4.0,
        "Table": {"CapacityUnits": 2.0, "WriteCapacityUnits": 2.0},
        "LocalSecondaryIndexes": {"lsi": one}, "GlobalSecondaryIndexes": {"gsi": one}}]
    assert [m["ItemCollectionKey"] for m in answer["ItemCollectionMetrics"][rich]] == [{"pk": S(name)}]


# Reading


def test_gets_in_order(db, table, rich, name):
    fill(db, table, [{"pk": S(f"{name}-a"), "v": N(1), "w": N(2)}, {"pk": S(f"{name}-b")}])
    answer = db.transact_get_items(TransactItems=[
        get(table, f"{name}-b"), get(table, f"{name}-none"),
        get(table, f"{name}-a", ProjectionExpression="#w", ExpressionAttributeNames={"#w": "w"}),
        {"Get": {"TableName": rich, "Key": {"pk": S("none"), "sk": N(1)}}}])
    assert answer["Responses"] == [{"Item": {"pk": S(f"{name}-b")}}, {}, {"Item": {"w": N(2)}}, {}]


def test_refused_gets(db, table, name):
    with invalid("Transaction request cannot include multiple operations on one item"):
        db.transact_get_items(TransactItems=[get(table, name), get(table, name)])
    with invalid("1 validation error detected: Value null at 'transactItems.1.member.get' failed to satisfy constraint: Member "
                 "must not be null"):
        db.transact_get_items(TransactItems=[{}])
    cancelled(db, [get(table, name), {"Get": {"TableName": table, "Key": {"other": S("x")}}}], NONE,
              validation("The provided key element does not match the schema"), operation="transact_get_items")


# Isolation


def test_readers_see_all_of_it_or_nothing(db, table, name):
    """Money moves between four accounts while transactions read them: the sum never changes."""
    accounts = [f"{name}-{i}" for i in range(4)]
    fill(db, table, [{"pk": S(a), "n": N(100)} for a in accounts])
    wrong, stop = [], threading.Event()

    def move(number):
        for i in range(60):
            one, other = accounts[(number + i) % 4], accounts[(number + i + 1 + i % 3) % 4]
            db.transact_write_items(TransactItems=[add(table, one, -7), add(table, other, 7)])

    def look():
        while not stop.is_set():
            found = db.transact_get_items(TransactItems=[get(table, a) for a in accounts])["Responses"]
            total = sum(int(r["Item"]["n"]["N"]) for r in found)
            if total != 400:
                wrong.append(total)

    movers = [threading.Thread(target=move, args=(n,)) for n in range(3)]
    reader = threading.Thread(target=look)
    for thread in [reader, *movers]:
        thread.start()
    for thread in movers:
        thread.join()
    stop.set()
    reader.join()
    assert wrong == []
    assert sum(int(item(db, table, a)["n"]["N"]) for a in accounts) == 400


def test_the_past_shows_whole_transactions(db, raw, on_reprise, make_table):
    past = make_table(schema("pk"))
    db.update_continuous_backups(TableName=past, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    request = {"TransactItems": [get(past, "a"), get(past, "b")]}

    def latest():
        described = db.describe_continuous_backups(TableName=past)["ContinuousBackupsDescription"]
        return float(described["PointInTimeRecoveryDescription"]["LatestRestorableDateTime"].timestamp())

    moments = []
    for i in range(5):
        db.transact_write_items(TransactItems=[put(past, "a", n=N(i)), put(past, "b", n=N(-i))])
        written = latest()
        # Times are told in milliseconds: one that is later than the answer's surely has the transaction.
        wait_for("time to move on", lambda written=written: latest() > written)
        moments.append((i, latest()))
    for i, moment in moments:
        answer = raw.post("TransactGetItems", request, headers={"x-reprise-as-of": f"{moment:.6f}"})
        assert answer.status == 200, answer.body
        first, second = (int(r["Item"]["n"]["N"]) for r in answer.json["Responses"])
        assert first == -second == i
    refused_write = raw.post("TransactWriteItems", {"TransactItems": [put(past, "a")]}, headers={"x-reprise-as-of": "1"})
    assert refused_write.status == 400
