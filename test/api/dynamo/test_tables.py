"""CreateTable, DescribeTable, ListTables, UpdateTable, DeleteTable."""
import datetime
import re

import pytest

from harness.tables import N, S, fill, invalid, refused, scan_all, schema, table_status, unique, wait_active, wait_gone
from harness.waiting import wait_for


# CreateTable: what the answer says

def test_create_answers_with_the_description(db):
    name = unique("t")
    table = db.create_table(TableName=name, **schema("pk", "sk:N"))["TableDescription"]
    assert table["TableName"] == name
    assert table["TableStatus"] == "CREATING"
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    assert {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]} == {"pk": "S", "sk": "N"}
    assert table["ItemCount"] == 0 and table["TableSizeBytes"] == 0
    assert table["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert re.fullmatch(r"arn:aws:dynamodb:[a-z0-9-]+:\d{12}:table/" + re.escape(name), table["TableArn"])
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", table["TableId"])
    now = datetime.datetime.now(datetime.timezone.utc)
    assert abs(now - table["CreationDateTime"]) < datetime.timedelta(minutes=1)
    wait_active(db, name)
    db.delete_table(TableName=name)


def test_provisioned_throughput_is_kept(db, make_table):
    name = make_table(schema("pk", BillingMode="PROVISIONED",
                             ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 7}))
    table = db.describe_table(TableName=name)["Table"]
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 7
    assert table["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0


def test_indexes_are_described(db, make_table):
    name = make_table(schema("pk", "sk", indexes=[("gsi", ["a", "b:N"], ["x", "y"])], local_indexes=[("lsi", ["pk", "c"], "KEYS_ONLY")]))
    table = db.describe_table(TableName=name)["Table"]
    (g,), (l,) = table["GlobalSecondaryIndexes"], table["LocalSecondaryIndexes"]
    assert g["IndexName"] == "gsi" and g["IndexStatus"] == "ACTIVE"
    assert g["Projection"]["ProjectionType"] == "INCLUDE" and sorted(g["Projection"]["NonKeyAttributes"]) == ["x", "y"]
    assert g["KeySchema"] == [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}]
    assert g["IndexArn"] == table["TableArn"] + "/index/gsi"
    assert l["IndexName"] == "lsi" and l["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    assert l["IndexArn"] == table["TableArn"] + "/index/lsi"


def test_a_second_table_of_the_name_is_refused(db, make_table):
    name = make_table(schema("pk"))
    with refused("ResourceInUseException", f"Table already exists: {name}"):
        db.create_table(TableName=name, **schema("pk"))


def test_a_new_incarnation_has_a_new_id(db):
    name, ids = unique("t"), []
    for _ in range(2):
        db.create_table(TableName=name, **schema("pk"))
        wait_active(db, name)
        table = db.describe_table(TableName=name)["Table"]
        ids.append(table["TableId"])
        assert scan_all(db, name) == []
        db.put_item(TableName=name, Item={"pk": S("a")})
        db.delete_table(TableName=name)
        wait_gone(db, name)
    assert ids[0] != ids[1]


# CreateTable: what is refused

@pytest.mark.parametrize("name", ["ab", "a" * 256, "spaced name", "slash/name", "ümlaut", ""])
def test_names_out_of_bounds(db, name):
    with invalid():
        db.create_table(TableName=name, **schema("pk"))


@pytest.mark.parametrize("length", [3, 255])
def test_names_at_their_bounds(db, length):
    name = (unique("t") + "-" * 255)[:length] if length == 255 else f"x{datetime.datetime.now().microsecond % 100:02}"
    db.create_table(TableName=name, **schema("pk"))
    wait_active(db, name)
    db.delete_table(TableName=name)


def test_the_name_may_hold_dots_and_dashes(db):
    name = unique("T.a_b-c")
    db.create_table(TableName=name, **schema("pk"))
    wait_active(db, name)
    assert name in [n for page in db.get_paginator("list_tables").paginate() for n in page["TableNames"]]
    db.delete_table(TableName=name)


PER_REQUEST = {"BillingMode": "PAY_PER_REQUEST"}
PROVISIONED = {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}


def refused_creation(db, text=None, match=None, **changes):
    parameters = schema("pk", "sk") | changes
    with invalid(text, match=match):
        db.create_table(TableName=unique("t"), **{k: v for k, v in parameters.items() if v is not None})


def test_throughput_is_needed_when_provisioned(db):
    refused_creation(db, "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be "
                         "specified when BillingMode is PROVISIONED", BillingMode="PROVISIONED")


def test_no_billing_mode_means_provisioned(db):
    refused_creation(db, match="One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both",
                     BillingMode=None)


def test_no_throughput_when_paid_by_request(db):
    refused_creation(db, "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be "
                         "specified when BillingMode is PAY_PER_REQUEST", **PROVISIONED)


def test_unknown_billing_mode(db):
    refused_creation(db, "1 validation error detected: Value 'FREE' at 'billingMode' failed to satisfy constraint: Member "
                         "must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]", BillingMode="FREE")


def test_zero_throughput(db):
    refused_creation(db, "1 validation error detected: Value '0' at 'provisionedThroughput.readCapacityUnits' failed to "
                         "satisfy constraint: Member must have value greater than or equal to 1", BillingMode="PROVISIONED",
                     ProvisionedThroughput={"ReadCapacityUnits": 0, "WriteCapacityUnits": 1})


def test_immense_throughput(db):
    refused_creation(db, "Given value 1000000000001 for ReadCapacityUnits is out of bounds", BillingMode="PROVISIONED",
                     ProvisionedThroughput={"ReadCapacityUnits": 1000000000001, "WriteCapacityUnits": 1})


def test_no_key_schema(db):
    refused_creation(db, match=r"1 validation error detected: Value null at 'keySchema' failed to satisfy constraint: "
                               r"Member must not be null", KeySchema=None)


def test_key_without_definition(db):
    refused_creation(db, match=r"(Invalid KeySchema: Some index key attribute have no definition|One or more parameter values "
                               r"were invalid: Some index key attributes are not defined in AttributeDefinitions)",
                     AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])


def test_definition_without_key(db):
    refused_creation(db, match=r"One or more parameter values were invalid: Some AttributeDefinitions are not used\. "
                               r"AttributeDefinitions: \[[a-z, ]+\], keys used: \[(pk, sk|sk, pk)\]",
                     AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in ("pk", "sk", "more")])
    refused_creation(db, "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match "
                         "number of attributes defined in AttributeDefinitions",
                     KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                     AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in ("pk", "more")])


def test_the_first_key_is_the_hash_key(db):
    refused_creation(db, "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
                     KeySchema=[{"AttributeName": "pk", "KeyType": "RANGE"}, {"AttributeName": "sk", "KeyType": "HASH"}])


def test_the_second_key_is_the_range_key(db):
    refused_creation(db, "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
                     KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "HASH"}])


def test_both_keys_of_one_name(db):
    refused_creation(db, "Both the Hash Key and the Range Key element in the KeySchema have the same name",
                     KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "pk", "KeyType": "RANGE"}],
                     AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])


@pytest.mark.parametrize("kind", ["BOOL", "M", "SS", "x"])
def test_keys_are_strings_numbers_or_binaries(db, kind):
    refused_creation(db, match=r"1 validation error detected: Value '" + kind + r"' at 'attributeDefinitions\.1\.member\."
                               r"attributeType' failed to satisfy constraint: Member must satisfy enum value set: \[B, N, S\]",
                     AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": kind}, {"AttributeName": "sk", "AttributeType": "S"}])


def test_empty_index_lists(db):
    refused_creation(db, match="One or more parameter values were invalid: List of GlobalSecondaryIndexes is empty",
                     GlobalSecondaryIndexes=[])
    refused_creation(db, match="One or more parameter values were invalid: List of LocalSecondaryIndexes is empty",
                     LocalSecondaryIndexes=[])


def test_a_local_index_needs_a_table_with_a_range_key(db):
    with invalid("One or more parameter values were invalid: Table KeySchema does not have a range key, which is required "
                 "when specifying a LocalSecondaryIndex"):
        db.create_table(TableName=unique("t"), **schema("pk", local_indexes=[("lsi", ["pk", "a"])]))


def test_a_local_index_has_the_table_s_hash_key(db):
    with invalid(match="One or more parameter values were invalid: Index KeySchema does not have the same leading hash key as "
                       "table KeySchema for index: lsi"):
        db.create_table(TableName=unique("t"), **schema("pk", "sk", local_indexes=[("lsi", ["a", "b"])]))


def test_two_indexes_of_one_name(db):
    with invalid("One or more parameter values were invalid: Duplicate index name: idx"):
        db.create_table(TableName=unique("t"), **schema("pk", "sk", indexes=[("idx", ["a"]), ("idx", ["b"])]))


def test_projection_must_be_whole(db):
    def projected(projection):
        parameters = schema("pk", "sk", indexes=[("idx", ["a"])])
        parameters["GlobalSecondaryIndexes"][0]["Projection"] = projection
        return parameters

    with invalid("One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified"):
        db.create_table(TableName=unique("t"), **projected({"ProjectionType": "INCLUDE"}))
    with invalid("One or more parameter values were invalid: ProjectionType is ALL, but NonKeyAttributes is specified"):
        db.create_table(TableName=unique("t"), **projected({"ProjectionType": "ALL", "NonKeyAttributes": ["x"]}))


@pytest.mark.parametrize("count,allowed", [(20, True), (21, False)])
def test_twenty_global_indexes(db, count, allowed):
    name = unique("t")
    parameters = schema("pk", indexes=[(f"g{i:02}", [f"a{i}"]) for i in range(count)])
    if not allowed:
        with refused_any("ValidationException", "LimitExceededException"):
            db.create_table(TableName=name, **parameters)
        return
    db.create_table(TableName=name, **parameters)
    wait_active(db, name)
    db.delete_table(TableName=name)


@pytest.mark.parametrize("count,allowed", [(5, True), (6, False)])
def test_five_local_indexes(db, count, allowed):
    name = unique("t")
    parameters = schema("pk", "sk", local_indexes=[(f"l{i:02}", ["pk", f"a{i}"]) for i in range(count)])
    if not allowed:
        with refused_any("ValidationException", "LimitExceededException"):
            db.create_table(TableName=name, **parameters)
        return
    db.create_table(TableName=name, **parameters)
    wait_active(db, name)
    db.delete_table(TableName=name)


def refused_any(*codes):
    import contextlib

    from botocore.exceptions import ClientError

    @contextlib.contextmanager
    def check():
        with pytest.raises(ClientError) as caught:
            yield
        assert caught.value.response["Error"]["Code"] in codes, caught.value.response["Error"]

    return check()


# DescribeTable and DeleteTable

def test_what_does_not_exist(db):
    name = unique("t")
    for call in (db.describe_table, db.delete_table):
        with refused("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found"):
            call(TableName=name)
    with refused("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found"):
        db.update_table(TableName=name, BillingMode="PAY_PER_REQUEST")
    with refused("ResourceNotFoundException", "Requested resource not found"):
        db.get_item(TableName=name, Key={"pk": S("a")})
    with refused("ResourceNotFoundException", "Requested resource not found"):
        db.put_item(TableName=name, Item={"pk": S("a")})
    with refused("ResourceNotFoundException", "Requested resource not found"):
        db.scan(TableName=name)


def test_delete_answers_with_the_table(db):
    name = unique("t")
    db.create_table(TableName=name, **schema("pk"))
    wait_active(db, name)
    table = db.delete_table(TableName=name)["TableDescription"]
    assert table["TableName"] == name and table["TableStatus"] == "DELETING"
    assert table.keys() >= {"ItemCount", "TableSizeBytes", "ProvisionedThroughput"}
    assert not table.keys() & {"KeySchema", "AttributeDefinitions", "CreationDateTime"}
    wait_gone(db, name)
    assert name not in [n for page in db.get_paginator("list_tables").paginate() for n in page["TableNames"]]


def test_a_table_may_be_named_by_its_arn(raw, db, make_table):
    name = make_table(schema("pk"))
    arn = db.describe_table(TableName=name)["Table"]["TableArn"]
    raw.call("PutItem", TableName=arn, Item={"pk": S("a")})
    assert raw.call("GetItem", TableName=arn, Key={"pk": S("a")})["Item"] == {"pk": S("a")}
    assert raw.call("DescribeTable", TableName=arn)["Table"]["TableName"] == name


# ListTables

def test_list_pages_in_order(db):
    prefix = unique("list")
    names = [f"{prefix}-{i}" for i in range(5)]
    for name in reversed(names):
        db.create_table(TableName=name, **schema("pk"))
    for name in names:
        wait_active(db, name)
    first = db.list_tables(Limit=2, ExclusiveStartTableName=prefix)
    assert first["TableNames"] == names[:2] and first["LastEvaluatedTableName"] == names[1]
    second = db.list_tables(Limit=3, ExclusiveStartTableName=first["LastEvaluatedTableName"])
    assert second["TableNames"] == names[2:]
    for name in names:
        db.delete_table(TableName=name)


@pytest.mark.parametrize("limit,text", [
    (0, "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than "
        "or equal to 1"),
    (101, "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: Member must have value less than "
          "or equal to 100")])
def test_list_limits(db, limit, text):
    with invalid(text):
        db.list_tables(Limit=limit)


# UpdateTable

def test_billing_mode_changes(db, make_table):
    name = make_table(schema("pk"))
    table = db.update_table(TableName=name, BillingMode="PROVISIONED",
                            ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 4})["TableDescription"]
    assert table["TableStatus"] in ("UPDATING", "ACTIVE")
    wait_active(db, name)
    table = db.describe_table(TableName=name)["Table"]
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 4
    db.update_table(TableName=name, ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6})
    wait_active(db, name)
    assert db.describe_table(TableName=name)["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 5


def test_the_same_throughput_is_refused(db, make_table):
    name = make_table(schema("pk", BillingMode="PROVISIONED", **PROVISIONED))
    with invalid("The provisioned throughput for the table will not change. The requested value equals the current value. "
                 "Current ReadCapacityUnits provisioned for the table: 1. Requested ReadCapacityUnits: 1. Current "
                 "WriteCapacityUnits provisioned for the table: 1. Requested WriteCapacityUnits: 1. Refer to the Amazon "
                 "DynamoDB Developer Guide for current limits and how to request higher limits."):
        db.update_table(TableName=name, **PROVISIONED)


def test_an_empty_update_is_refused(db, make_table):
    with invalid(match="At least one of ProvisionedThroughput, "):
        db.update_table(TableName=make_table(schema("pk")))


def test_an_index_is_added_and_filled(db, make_table):
    name = make_table(schema("pk"))
    fill(db, name, [{"pk": S(f"p{i:03}"), "kind": S(f"k{i % 4}"), "n": N(i)} for i in range(120)])
    db.put_item(TableName=name, Item={"pk": S("without")})
    table = db.update_table(TableName=name, AttributeDefinitions=[{"AttributeName": a, "AttributeType": t} for a, t in
                                                                  (("pk", "S"), ("kind", "S"), ("n", "N"))],
                            GlobalSecondaryIndexUpdates=[{"Create": {
                                "IndexName": "late", "Projection": {"ProjectionType": "ALL"},
                                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"},
                                              {"AttributeName": "n", "KeyType": "RANGE"}]}}])["TableDescription"]
    assert table["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    wait_active(db, name)
    answer = db.query(TableName=name, IndexName="late", KeyConditionExpression="kind = :k",
                      ExpressionAttributeValues={":k": S("k1")})
    assert [int(i["n"]["N"]) for i in answer["Items"]] == list(range(1, 120, 4))
    described = db.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"][0]
    assert not described.get("Backfilling", False)
    db.put_item(TableName=name, Item={"pk": S("new"), "kind": S("k9"), "n": N(1)})
    wait_for("the index to follow", lambda: db.query(
        TableName=name, IndexName="late", KeyConditionExpression="kind = :k",
        ExpressionAttributeValues={":k": S("k9")})["Count"] == 1)


def test_an_index_is_removed(db, make_table):
    name = make_table(schema("pk", indexes=[("gsi", ["a"])]))
    db.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "gsi"}}])
    wait_for("the index to go", lambda: "GlobalSecondaryIndexes" not in db.describe_table(TableName=name)["Table"])
    with invalid("The table does not have the specified index: gsi"):
        db.query(TableName=name, IndexName="gsi", KeyConditionExpression="a = :a", ExpressionAttributeValues={":a": S("x")})
    assert db.describe_table(TableName=name)["Table"]["AttributeDefinitions"] == [{"AttributeName": "pk", "AttributeType": "S"}]


def test_removing_an_unknown_index(db, make_table):
    name = make_table(schema("pk"))
    with refused("ResourceNotFoundException", match="Requested resource not found"):
        db.update_table(TableName=name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "nope"}}])


def test_adding_an_index_that_exists(db, make_table):
    name = make_table(schema("pk", indexes=[("gsi", ["a"])]))
    with invalid(match="Attempting to create an index which already exists"):
        db.update_table(TableName=name, AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
                        GlobalSecondaryIndexUpdates=[{"Create": {
                            "IndexName": "gsi", "Projection": {"ProjectionType": "ALL"},
                            "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}}])


def test_one_index_at_a_time(db, make_table):
    name = make_table(schema("pk"))
    create = lambda index: {"Create": {"IndexName": index, "Projection": {"ProjectionType": "ALL"},
                                       "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}}
    with refused("LimitExceededException", match="(Only 1 online index can be created or deleted simultaneously per table|"
                                                "Subscriber limit exceeded: Only 1 online index can be created or deleted "
                                                "simultaneously per table)"):
        db.update_table(TableName=name, AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
                        GlobalSecondaryIndexUpdates=[create("one"), create("two")])


def test_item_count_and_size(db, make_table):
    """AWS refreshes both every six hours; here they are current, and 0 only for an empty table."""
    name = make_table(schema("pk"))
    fill(db, name, [{"pk": S(f"{i:03}"), "v": S("x" * 97)} for i in range(50)])
    table = db.describe_table(TableName=name)["Table"]
    count, size = table["ItemCount"], table["TableSizeBytes"]
    assert (count, size) == (0, 0) or (count == 50 and 50 * 103 <= size < 50 * 206)


def test_table_status_is_active(db, make_table):
    assert table_status(db, make_table(schema("pk"))) == "ACTIVE"


# Names, as the calls on a table that is there refuse them

@pytest.mark.parametrize("operation,more", [("DescribeTable", {}), ("DeleteTable", {}), ("UpdateTable", {"BillingMode": "PAY_PER_REQUEST"})])
@pytest.mark.parametrize("name,text", [
    ("ab", "1 validation error detected: Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater "
           "than or equal to 3"),
    ("a" * 256, f"1 validation error detected: Value '{'a' * 256}' at 'tableName' failed to satisfy constraint: Member must have "
                "length less than or equal to 255"),
    ("a b", "1 validation error detected: Value 'a b' at 'tableName' failed to satisfy constraint: Member must satisfy regular "
            "expression pattern: [a-zA-Z0-9_.-]+"),
    ("", "2 validation errors detected: Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than "
         "or equal to 3; Value '' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
         "[a-zA-Z0-9_.-]+"),
    (None, "The parameter 'TableName' is required but was not present in the request")])
def test_names_that_no_table_has(raw, operation, more, name, text):
    with invalid(text):
        raw.call(operation, **({} if name is None else {"TableName": name}), **more)


@pytest.mark.parametrize("name", ["ab", "a" * 256])
def test_a_new_name_of_a_wrong_length(raw, name):
    with invalid("TableName must be at least 3 characters long and at most 255 characters long"):
        raw.call("CreateTable", TableName=name, **schema("pk"))


@pytest.mark.parametrize("name,text", [
    ("ab", "1 validation error detected: Value 'ab' at 'exclusiveStartTableName' failed to satisfy constraint: Member must have "
           "length greater than or equal to 3"),
    ("", "2 validation errors detected: Value '' at 'exclusiveStartTableName' failed to satisfy constraint: Member must satisfy "
         "regular expression pattern: [a-zA-Z0-9_.-]+; Value '' at 'exclusiveStartTableName' failed to satisfy constraint: Member "
         "must have length greater than or equal to 3")])
def test_starting_names(raw, name, text):
    with invalid(text):
        raw.call("ListTables", ExclusiveStartTableName=name)


def test_a_list_may_start_at_a_name_that_no_table_has(raw):
    assert raw.call("ListTables", ExclusiveStartTableName="zzzzzzzz") == {"TableNames": []}


def test_arns_of_elsewhere(raw, db, make_table):
    arn = db.describe_table(TableName=make_table(schema("pk")))["Table"]["TableArn"]
    region = arn.split(":")[3]
    for wrong, what in ((arn.replace(region, "us-gov-west-1"), "AWS region"), (arn.replace("arn:aws:", "arn:aws-cn:"), "AWS partition"),
                        (arn.replace(":table/", ":stream/"), "resource type")):
        with invalid(f"1 validation error detected: Invalid {what} in '{wrong}'"):
            raw.call("DescribeTable", TableName=wrong)


@pytest.mark.parametrize("key,definitions,text", [
    (["PK"], ["pk"], "One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. "
                     "Keys: [PK], AttributeDefinitions: [pk]"),
    (["pk"], [], "Invalid KeySchema: Some index key attribute have no definition"),
    (["pk", "sk"], ["pk"], "Invalid KeySchema: Some index key attribute have no definition")])
def test_keys_and_definitions(raw, key, definitions, text):
    with invalid(text):
        raw.call("CreateTable", TableName=unique("t"), BillingMode="PAY_PER_REQUEST",
                 KeySchema=[{"AttributeName": a, "KeyType": k} for a, k in zip(key, ("HASH", "RANGE"))],
                 AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in definitions])
