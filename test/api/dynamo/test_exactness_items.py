"""What AWS says, word for word, when requests on items are wrong: types, constraints, keys, batches, pages, return values;
and which of several mistakes it names. Expressions have a file of their own."""
import pytest

from harness.tables import L, M, N, S, SS, fill, invalid, refused, schema

WRONG = "One or more parameter values were invalid: "
EMPTY = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
MANY = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
MISMATCH = "The provided key element does not match the schema"
ENUM = "failed to satisfy constraint: Member must satisfy enum value set: "


def empty_key(name, kind="string"):
    return ("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
            f"{kind} value. Key: {name}")


@pytest.fixture(scope="module")
def table(make_table):
    return make_table(schema("pk", "sk"))


@pytest.fixture(scope="module")
def simple(make_table):
    return make_table(schema("pk"))


@pytest.fixture(scope="module")
def indexed(make_table):
    return make_table(schema("pk", "sk:N", indexes=[("gsi", ["g", "h:N"], "KEYS_ONLY"), ("all", ["g"])],
                             local_indexes=[("lsi", ["pk", "l"], ["included"])]))


def key(pk="x", sk="y"):
    return {"pk": S(pk), "sk": S(sk)}


def said(message, count=1):
    return f"{count} validation error{'s' if count > 1 else ''} detected: {message}"


# SerializationException: what stands in the JSON is of another type

STRING, BOOLEAN, INTEGER = ({"java": name} for name in ("String", "Boolean", "Integer"))
CAST = ("class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class "
        "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader "
        "'bootstrap')")
NOT_A_MAP = "Start of structure or map found where not expected"
AWS = "com.amazonaws.dynamodb.v20120810."


def scalars(java):
    return {"true": f"TRUE_VALUE cannot be converted to {java}", "false": f"FALSE_VALUE cannot be converted to {java}",
            "[]": f"Unrecognized collection type class java.lang.{java}", "{}": NOT_A_MAP}


NUMBERS = {"23": "NUMBER_VALUE", "-2147483648": "NUMBER_VALUE", "34.56": "DECIMAL_VALUE"}
OF_STRING = scalars("String") | {n: f"{t} cannot be converted to String" for n, t in NUMBERS.items()}
OF_BOOLEAN = {k: v for k, v in scalars("Boolean").items() if k in ("[]", "{}")} | {
    n: f"{t} cannot be converted to Boolean" for n, t in NUMBERS.items()} | {'"23"': "Unexpected token received from parser"}
OF_INTEGER = scalars("Integer") | {'"23"': "STRING_VALUE cannot be converted to Integer"}
OF_BINARY = {"[]": "Unrecognized collection type class java.nio.ByteBuffer", "{}": NOT_A_MAP,
             '"23456"': "Base64 encoded length is expected a multiple of 4 bytes but found: 5",
             '"YQ=a"': "Invalid Base64 character: '='", '"+/+="': "Invalid last non-pad Base64 character dectected"} | {
    v: "only base-64-encoded strings are convertible to bytes" for v in ("true", "23", "34.56")}
SCALAR_VALUES = ('"23"', "true", "false", "23", "34.56")
OF_LIST = {v: "Unexpected field type" for v in SCALAR_VALUES} | {"{}": NOT_A_MAP}


def of_map(element):
    return {v: "Unexpected field type" for v in SCALAR_VALUES} | {
        "[]": f"Unrecognized collection type java.util.Map<java.lang.String, {element}>"}


def of_structure(name, place="value"):
    text = "Unexpected value type in payload" if place == "value" else "Unexpected field type"
    return {v: text for v in SCALAR_VALUES} | {"[]": f"Unrecognized collection type class {AWS}{name}"}


def of_inner(collection):
    return {v: CAST for v in SCALAR_VALUES} | ({"{}": NOT_A_MAP} if collection == "list" else {
        "[]": f"Unrecognized collection type java.util.Map<java.lang.String, {AWS}AttributeValue>"})


TYPES = [
    ("GetItem", '{"TableName":%s}', OF_STRING), ("GetItem", '{"ConsistentRead":%s}', OF_BOOLEAN),
    ("GetItem", '{"Key":%s}', of_map(AWS + "AttributeValue")), ("GetItem", '{"AttributesToGet":%s}', OF_LIST),
    ("GetItem", '{"ExpressionAttributeNames":%s}', of_map("java.lang.String")),
    ("GetItem", '{"ExpressionAttributeNames":{"#a":%s}}', OF_STRING),
    ("PutItem", '{"Item":{"a":%s}}', of_structure("AttributeValue")), ("PutItem", '{"Item":{"a":{"S":%s}}}', OF_STRING),
    ("PutItem", '{"Item":{"a":{"N":%s}}}', OF_STRING), ("PutItem", '{"Item":{"a":{"B":%s}}}', OF_BINARY),
    ("PutItem", '{"Item":{"a":{"BOOL":%s}}}', OF_BOOLEAN), ("PutItem", '{"Item":{"a":{"NULL":%s}}}', OF_BOOLEAN),
    ("PutItem", '{"Item":{"a":{"SS":%s}}}', OF_LIST), ("PutItem", '{"Item":{"a":{"NS":[%s]}}}', OF_STRING),
    ("PutItem", '{"Item":{"a":{"BS":[%s]}}}', OF_BINARY), ("PutItem", '{"Item":{"a":{"L":%s}}}', OF_LIST),
    ("PutItem", '{"Item":{"a":{"L":[%s]}}}', of_structure("AttributeValue")),
    ("PutItem", '{"Item":{"a":{"M":%s}}}', of_map(AWS + "AttributeValue")),
    ("PutItem", '{"Item":{"a":{"M":{"b":{"S":%s}}}}}', OF_STRING),
    ("PutItem", '{"Expected":%s}', of_map(AWS + "ExpectedAttributeValue")),
    ("PutItem", '{"Expected":{"a":%s}}', of_structure("ExpectedAttributeValue")),
    ("PutItem", '{"Expected":{"a":{"Exists":%s}}}', OF_BOOLEAN),
    ("PutItem", '{"Expected":{"a":{"Value":%s}}}', of_structure("AttributeValue")),
    ("UpdateItem", '{"AttributeUpdates":%s}', of_map(AWS + "AttributeValueUpdate")),
    ("UpdateItem", '{"AttributeUpdates":{"a":%s}}', of_structure("AttributeValueUpdate")),
    ("Scan", '{"Limit":%s}', OF_INTEGER), ("Scan", '{"ScanFilter":%s}', of_map(AWS + "Condition")),
    ("Scan", '{"ScanFilter":{"a":%s}}', of_structure("Condition")),
    ("Scan", '{"ScanFilter":{"a":{"AttributeValueList":%s}}}', OF_LIST),
    ("Query", '{"KeyConditions":{"a":{"AttributeValueList":[%s]}}}', of_structure("AttributeValue")),
    ("BatchGetItem", '{"RequestItems":%s}', of_map(AWS + "KeysAndAttributes")),
    ("BatchGetItem", '{"RequestItems":{"abc":%s}}', of_structure("KeysAndAttributes")),
    ("BatchGetItem", '{"RequestItems":{"abc":{"Keys":%s}}}', OF_LIST),
    ("BatchGetItem", '{"RequestItems":{"abc":{"Keys":[%s]}}}', of_inner("map")),
    ("BatchWriteItem", '{"RequestItems":%s}', of_map(f"java.util.List<{AWS}WriteRequest>")),
    ("BatchWriteItem", '{"RequestItems":{"abc":%s}}', of_inner("list")),
    ("BatchWriteItem", '{"RequestItems":{"abc":[%s]}}', of_structure("WriteRequest")),
    ("BatchWriteItem", '{"RequestItems":{"abc":[{"PutRequest":%s}]}}', of_structure("PutRequest", "field")),
    ("BatchWriteItem", '{"RequestItems":{"abc":[{"DeleteRequest":{"Key":%s}}]}}', of_map(AWS + "AttributeValue")),
]


@pytest.mark.parametrize("operation,body,texts", TYPES)
def test_json_of_another_type(raw, operation, body, texts):
    for value, text in texts.items():
        answer = raw.post(operation, (body % value).encode())
        assert (answer.status, answer.code, answer.json["Message"]) == (400, "SerializationException", text), value


def test_types_come_before_everything(raw):
    answer = raw.post("PutItem", {"TableName": "x", "ReturnValues": "y", "Item": {"a": {"S": "b", "N": 5}}})
    assert answer.code == "SerializationException"


# Constraints: counted, joined, in front of everything else

CONSTRAINTS = [
    ("GetItem", {"TableName": "", "Key": key()}, "Value '' at 'tableName' failed to satisfy constraint: Member must have length "
                                                 "greater than or equal to 1", 1),
    ("GetItem", {"TableName": "abc"}, "Value null at 'key' failed to satisfy constraint: Member must not be null", 1),
    ("PutItem", {"TableName": "", "Item": key(), "ReturnValues": "a"},
     "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1", 1),
    ("UpdateItem", {"TableName": "abc", "Key": key(), "ReturnValues": "a", "ReturnConsumedCapacity": "b"},
     f"Value 'a' at 'returnValues' {ENUM}[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]", 1),
    ("PutItem", {"TableName": "abc", "Item": key(), "ReturnValues": "a", "ReturnConsumedCapacity": "b"},
     f"Value 'b' at 'returnConsumedCapacity' {ENUM}[INDEXES, TOTAL, NONE]; "
     f"Value 'a' at 'returnValues' {ENUM}[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]", 2),
    ("PutItem", {"TableName": "abc", "Item": key(), "ReturnItemCollectionMetrics": "a"},
     f"Value 'a' at 'returnItemCollectionMetrics' {ENUM}[SIZE, NONE]", 1),
    ("DeleteItem", {"TableName": "abc", "Key": key(), "ReturnValuesOnConditionCheckFailure": "a"},
     f"Value 'a' at 'returnValuesOnConditionCheckFailure' {ENUM}[ALL_OLD, NONE]", 1),
    ("Scan", {"TableName": "abc", "Limit": 0}, "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater "
                                               "than or equal to 1", 1),
    ("Query", {"TableName": "abc", "Limit": 0}, "Value at 'Limit' failed to satisfy constraint: Member must have value greater "
                                                "than or equal to 1", 1),
    ("Scan", {"TableName": "abc", "Select": "a"},
     f"Value 'a' at 'select' {ENUM}[SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]", 1),
    ("Scan", {"TableName": "abc", "Segment": -1, "TotalSegments": 1},
     "Value '-1' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0", 1),
    ("Scan", {"TableName": "abc", "Segment": 0, "TotalSegments": 0},
     "Value '0' at 'totalSegments' failed to satisfy constraint: Member must have value greater than or equal to 1", 1),
    ("Scan", {"TableName": "abc", "Segment": 0, "TotalSegments": 1000001},
     "Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to 1000000", 1),
    ("Scan", {"TableName": "abc", "IndexName": "ab"},
     "Value 'ab' at 'indexName' failed to satisfy constraint: Member must have length greater than or equal to 3", 1),
    ("BatchGetItem", {"RequestItems": {"abc": {}}},
     "Value null at 'requestItems.abc.member.keys' failed to satisfy constraint: Member must not be null", 1),
    ("BatchGetItem", {"RequestItems": {"abc": {"Keys": []}}},
     "Value '[]' at 'requestItems.abc.member.keys' failed to satisfy constraint: Member must have length greater than or equal to "
     "1", 1),
    ("BatchWriteItem", {"RequestItems": {"abc": []}},
     "Value '{abc=[]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length "
     "less than or equal to 25, Member must have length greater than or equal to 1]", 1),
    ("BatchWriteItem", {"RequestItems": {"abc": [{"PutRequest": {}}]}},
     "Value null at 'requestItems.abc.member.1.member.putRequest.item' failed to satisfy constraint: Member must not be null", 1),
]


@pytest.mark.parametrize("operation,parameters,message,count", CONSTRAINTS)
def test_constraints(raw, operation, parameters, message, count):
    with invalid(said(message, count)):
        raw.call(operation, **parameters)


def test_required_parameters_of_batches(raw):
    for parameters in ({}, {"RequestItems": {}}, {"ReturnConsumedCapacity": "hi"}):
        empty = "RequestItems" in parameters
        with invalid("1 validation error detected: Value at 'RequestItems' failed to satisfy constraint: Member must have length "
                     "greater than or equal to 1" if empty else "The requestItems parameter is required for BatchGetItem"):
            raw.call("BatchGetItem", **parameters)
        with invalid("The requestItems parameter is required for BatchWriteItem"):
            raw.call("BatchWriteItem", **parameters)


# Which mistake is named: the request's own come first, then the table's absence, then what needs the table

ORDER = [
    ("PutItem", {"Item": {"pk": {}}, "ReturnValues": "ALL_NEW", "ConditionExpression": ""}, EMPTY),
    ("PutItem", {"Item": {}, "ReturnValues": "ALL_NEW", "ConditionExpression": ""}, "ReturnValues can only be ALL_OLD or NONE"),
    ("PutItem", {"Item": {"v": S("x" * 409700)}, "ConditionExpression": ""}, "Item size has exceeded the maximum allowed size"),
    ("PutItem", {"Item": {}, "ConditionExpression": "", "ExpressionAttributeNames": {}}, "ExpressionAttributeNames must not be empty"),
    ("PutItem", {"Item": {}, "ConditionExpression": ""}, "Invalid ConditionExpression: The expression can not be empty;"),
    ("GetItem", {"Key": {"pk": {}}, "ProjectionExpression": ""}, EMPTY),
    ("GetItem", {"Key": {}, "ProjectionExpression": ""}, "Invalid ProjectionExpression: The expression can not be empty;"),
    ("DeleteItem", {"Key": {"pk": {}}, "ReturnValues": "ALL_NEW"}, EMPTY),
    ("UpdateItem", {"Key": {}, "UpdateExpression": "", "ConditionExpression": ""},
     "Invalid UpdateExpression: The expression can not be empty;"),
    ("UpdateItem", {"Key": {}, "UpdateExpression": "REMOVE a", "ConditionExpression": ""},
     "Invalid ConditionExpression: The expression can not be empty;"),
    ("Query", {"ExclusiveStartKey": {"pk": {}}, "KeyConditionExpression": ""}, "The provided starting key is invalid: " + EMPTY),
    ("Query", {"Select": "SPECIFIC_ATTRIBUTES"},
     "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
    ("Scan", {"ExclusiveStartKey": {"pk": {}}, "Segment": 1}, "The provided starting key is invalid: " + EMPTY),
    ("Scan", {"Segment": 1, "FilterExpression": ""}, "The TotalSegments parameter is required but was not present in the request "
                                                     "when Segment parameter is present"),
]


@pytest.mark.parametrize("operation,parameters,message", ORDER)
def test_the_request_s_own_mistakes_come_before_the_table_s_absence(raw, operation, parameters, message):
    with invalid(message):
        raw.call(operation, TableName="absent-table", **parameters)


@pytest.mark.parametrize("operation,parameters", [
    ("PutItem", {"Item": {}}), ("GetItem", {"Key": {}}), ("DeleteItem", {"Key": {"a": N(1)}}),
    ("UpdateItem", {"Key": {"pk": S("")}, "UpdateExpression": "REMOVE pk"}), ("Scan", {"IndexName": "nope"}),
    ("Query", {"KeyConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": S("b")}, "ExclusiveStartKey": {}})])
def test_the_table_s_absence_comes_before_its_schema(raw, operation, parameters):
    with refused("ResourceNotFoundException", "Requested resource not found"):
        raw.call(operation, TableName="absent-table", **parameters)


# Keys

WRONG_KEYS = [
    ({}, MISMATCH), ({"pk": S("x")}, MISMATCH), ({"pk": N(1), "sk": S("y")}, MISMATCH), (key() | {"more": S("z")}, MISMATCH),
    ({"pk": S("x"), "other": S("y")}, MISMATCH), ({"pk": {"NULL": True}, "sk": S("y")}, MISMATCH), (key(""), empty_key("pk")),
    (key("x", ""), empty_key("sk")), (key("k" * 2049), WRONG + "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    (key("x", "k" * 1025), WRONG + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"),
    ({"pk": {}, "sk": S("y")}, EMPTY), ({"pk": {"S": "a", "N": "1"}, "sk": S("y")}, MANY),
]


@pytest.mark.parametrize("wrong,message", WRONG_KEYS)
def test_keys_that_are_refused(raw, table, wrong, message):
    for operation in ("GetItem", "DeleteItem", "UpdateItem"):
        with invalid(message):
            raw.call(operation, TableName=table, Key=wrong)
    with invalid(message):
        raw.call("BatchGetItem", RequestItems={table: {"Keys": [key(), wrong]}})
    with invalid(message):
        raw.call("BatchWriteItem", RequestItems={table: [{"DeleteRequest": {"Key": wrong}}]})


@pytest.mark.parametrize("item,message,in_batch", [
    ({}, WRONG + "Missing the key pk in the item", MISMATCH), ({"pk": S("x")}, WRONG + "Missing the key sk in the item", MISMATCH),
    ({"pk": N(1), "sk": S("y")}, WRONG + "Type mismatch for key pk expected: S actual: N", MISMATCH),
    ({"pk": S("x"), "sk": L()}, WRONG + "Type mismatch for key sk expected: S actual: L", MISMATCH),
    (key(""), empty_key("pk"), None), (key("x", ""), empty_key("sk"), None)])
def test_items_without_their_key(raw, table, item, message, in_batch):
    with invalid(message):
        raw.call("PutItem", TableName=table, Item=item)
    with invalid(in_batch or message):
        raw.call("BatchWriteItem", RequestItems={table: [{"PutRequest": {"Item": item}}]})


def index_type(name, expected, actual, index):
    return f"{WRONG}Type mismatch for Index Key {name} Expected: {expected} Actual: {actual} IndexName: {index}"


INDEX_KEYS = [
    ("g", N(1), index_type("g", "S", "N", "gsi")), ("h", S("1"), index_type("h", "N", "S", "gsi")),
    ("g", {"NULL": True}, index_type("g", "S", "NULL", "gsi")), ("l", SS("a"), index_type("l", "S", "SS", "lsi")),
    ("l", L(), index_type("l", "S", "L", "lsi")),
]


@pytest.mark.parametrize("name,value,message", INDEX_KEYS)
def test_keys_of_indexes_of_another_type(raw, indexed, name, value, message):
    item = {"pk": S("x"), "sk": N(1)}
    with invalid(message):
        raw.call("PutItem", TableName=indexed, Item=item | {name: value})
    with invalid(message):
        raw.call("BatchWriteItem", RequestItems={indexed: [{"PutRequest": {"Item": item | {name: value}}}]})
    with invalid(message):
        raw.call("UpdateItem", TableName=indexed, Key=item, UpdateExpression=f"SET {name} = :v", ExpressionAttributeValues={":v": value})
    with invalid("The update expression attempted to update the secondary index key to unsupported type"):
        raw.call("UpdateItem", TableName=indexed, Key=item, UpdateExpression=f"SET {name} = if_not_exists({name}, :v)",
                 ExpressionAttributeValues={":v": value})


@pytest.mark.parametrize("name,index", [("g", "gsi"), ("l", "lsi")])
def test_empty_keys_of_indexes(raw, indexed, name, index):
    item = {"pk": S("x"), "sk": N(1)}
    with invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The "
                 f"AttributeValue for a key attribute cannot contain an empty string value. IndexName: {index}, IndexKey: {name}"):
        raw.call("PutItem", TableName=indexed, Item=item | {name: S("")})
    with invalid("One or more parameter values are not valid. The update expression attempted to update a secondary index key to a "
                 "value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value."):
        raw.call("UpdateItem", TableName=indexed, Key=item, UpdateExpression=f"SET {name} = :v",
                 ExpressionAttributeValues={":v": S("")})


# Batches

def test_batches_that_are_too_long(raw, table, simple):
    keys = [key("x", str(i)) for i in range(101)]
    with invalid(said(f"Value at 'RequestItems.{table}.member.Keys' failed to satisfy constraint: Member must have length less than "
                      "or equal to 100")):
        raw.call("BatchGetItem", RequestItems={table: {"Keys": keys}})
    with invalid("Too many items requested for the BatchGetItem call"):
        raw.call("BatchGetItem", RequestItems={table: {"Keys": keys[:60]}, simple: {"Keys": [{"pk": S(str(i))} for i in range(41)]}})
    writes = [{"PutRequest": {"Item": k}} for k in keys]
    with invalid(match=r"1 validation error detected: Value '\{.*\}' at 'requestItems' failed to satisfy constraint: Map value must "
                       r"satisfy constraint: \[Member must have length less than or equal to 25, Member must have length greater "
                       r"than or equal to 1\]$"):
        raw.call("BatchWriteItem", RequestItems={table: writes[:26]})
    with invalid("Too many items requested for the BatchWriteItem call"):
        raw.call("BatchWriteItem", RequestItems={table: writes[:20],
                                                 simple: [{"DeleteRequest": {"Key": {"pk": S(str(i))}}} for i in range(6)]})


def test_the_same_item_twice(raw, table):
    twice = "Provided list of item keys contains duplicates"
    with invalid(twice):
        raw.call("BatchGetItem", RequestItems={table: {"Keys": [key(), key("a"), key()]}})
    for requests in ([{"PutRequest": {"Item": key()}}, {"DeleteRequest": {"Key": key()}}],
                     [{"PutRequest": {"Item": key() | {"v": N(1)}}}, {"PutRequest": {"Item": key()}}]):
        with invalid(twice):
            raw.call("BatchWriteItem", RequestItems={table: requests})


def test_requests_of_no_kind_and_of_both(raw, table):
    for request in ({}, {"PutRequest": {"Item": key()}, "DeleteRequest": {"Key": key()}}):
        with invalid(MANY):
            raw.call("BatchWriteItem", RequestItems={table: [request]})


def test_a_batch_that_is_refused_writes_nothing(raw, table):
    good = {"PutRequest": {"Item": key("whole", "1")}}
    for bad in ({"PutRequest": {"Item": {"pk": S("whole")}}}, {"DeleteRequest": {"Key": key("", "")}}):
        with refused("ValidationException"):
            raw.call("BatchWriteItem", RequestItems={table: [good, bad]})
    with refused("ResourceNotFoundException"):
        raw.call("BatchWriteItem", RequestItems={table: [good], "absent-table": [good]})
    assert "Item" not in raw.call("GetItem", TableName=table, Key=key("whole", "1"))


def test_a_batch_leaves_what_does_not_fit(db, make_table):
    """16 MB: what is left is named with all its settings, and comes next time."""
    name = make_table(schema("pk"))
    big = "x" * 390_000
    for i in range(45):
        db.put_item(TableName=name, Item={"pk": S(str(i)), "v": S(big)})
    request = {name: {"Keys": [{"pk": S(str(i))} for i in range(45)], "ProjectionExpression": "pk, #v", "ConsistentRead": True,
                      "ExpressionAttributeNames": {"#v": "v"}}}
    found, rounds = set(), 0
    while request:
        answer = db.batch_get_item(RequestItems=request)
        found |= {i["pk"]["S"] for i in answer["Responses"][name]}
        request = answer["UnprocessedKeys"]
        if request:
            left = request[name]
            assert left["ProjectionExpression"] == "pk, #v" and left["ConsistentRead"] is True
            assert left["ExpressionAttributeNames"] == {"#v": "v"}
        rounds += 1
    assert len(found) == 45 and rounds >= 2


# Pages

STARTS = [
    ({}, "The provided starting key is invalid: " + MISMATCH, "The provided starting key is invalid"),
    ({"pk": S("x")}, "The provided starting key is invalid: " + MISMATCH, "The provided starting key is invalid"),
    (key() | {"more": S("x")}, "The provided starting key is invalid: " + MISMATCH, "The provided starting key is invalid"),
    ({"pk": N(1), "sk": S("1")}, "The provided starting key is invalid: " + MISMATCH, "The provided starting key is invalid"),
    ({"pk": SS(), "sk": S("1")}, "The provided starting key is invalid: " + WRONG + "An string set  may not be empty", None),
]


@pytest.mark.parametrize("start,of_scan,of_query", STARTS)
def test_starts_that_are_refused(raw, table, start, of_scan, of_query):
    with invalid(of_scan):
        raw.call("Scan", TableName=table, ExclusiveStartKey=start)
    with invalid(of_query or of_scan):
        raw.call("Query", TableName=table, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": S("x")},
                 ExclusiveStartKey=start)


def test_starts_outside_the_query(raw, table, indexed):
    between = {"TableName": table, "KeyConditionExpression": "pk = :p AND sk BETWEEN :a AND :b",
               "ExpressionAttributeValues": {":p": S("x"), ":a": S("1"), ":b": S("3")}}
    with invalid("The provided starting key is outside query boundaries based on provided conditions"):
        raw.call("Query", **between, ExclusiveStartKey=key("z", "2"))
    for sk in ("0", "5"):
        with invalid("The provided starting key does not match the range key predicate"):
            raw.call("Query", **between, ExclusiveStartKey=key("x", sk))
    for start in ({"g": S("x")}, {"pk": S("x"), "sk": N(1)}, {"pk": S("x"), "sk": N(1), "g": S("x"), "h": S("1")}):
        with invalid("The provided starting key is invalid"):
            raw.call("Scan", TableName=indexed, IndexName="gsi", ExclusiveStartKey=start)
        with invalid("The provided starting key is invalid"):
            raw.call("Query", TableName=indexed, IndexName="gsi", ExclusiveStartKey=start, KeyConditionExpression="g = :g",
                     ExpressionAttributeValues={":g": S("x")})


@pytest.mark.parametrize("parameters,message", [
    ({"Segment": 0}, "The TotalSegments parameter is required but was not present in the request when Segment parameter is present"),
    ({"TotalSegments": 2}, "The Segment parameter is required but was not present in the request when parameter TotalSegments is "
                           "present"),
    ({"Segment": 2, "TotalSegments": 2}, "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
                                         "Segment: 2 is not less than TotalSegments: 2"),
    ({"Select": "SPECIFIC_ATTRIBUTES"},
     "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"),
    ({"Select": "COUNT", "ProjectionExpression": "v"}, "Cannot specify the ProjectionExpression when choosing to get only the Count"),
    ({"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "v"},
     "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"),
    ({"Select": "ALL_PROJECTED_ATTRIBUTES"}, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
    ({"IndexName": "nope"}, "The table does not have the specified index: nope"),
    ({"IndexName": "gsi", "ConsistentRead": True}, "Consistent reads are not supported on global secondary indexes"),
    ({"IndexName": "gsi", "Select": "ALL_ATTRIBUTES"}, WRONG + "Select type ALL_ATTRIBUTES is not supported for global secondary "
                                                               "index gsi because its projection type is not ALL"),
    ({"IndexName": "gsi", "ProjectionExpression": "pk, v, w.x"}, WRONG + "Global secondary index gsi does not project [v, w]"),
])
def test_scans_that_are_refused(raw, indexed, parameters, message):
    with invalid(message):
        raw.call("Scan", TableName=indexed, **parameters)


@pytest.mark.parametrize("index,condition,attribute", [("gsi", "g = :v", "extra"), ("lsi", "pk = :v", "extra")])
def test_filters_on_what_an_index_does_not_have(raw, indexed, index, condition, attribute):
    """A Query refuses them; a Scan finds nothing there."""
    values = {":v": S("x"), ":w": S("y")}
    with invalid(f"{WRONG}Secondary index {index} does not project one or more filter attributes: [{attribute}]"):
        raw.call("Query", TableName=indexed, IndexName=index, KeyConditionExpression=condition, ExpressionAttributeValues=values,
                 FilterExpression=f"{attribute} = :w")
    raw.call("Scan", TableName=indexed, IndexName=index, FilterExpression=f"{attribute} = :w", ExpressionAttributeValues={":w": S("y")})


def test_the_edge_of_a_page(db, make_table):
    """A page ends with the item that takes it to 1 MB; the filter makes no room for more."""
    name = make_table(schema("pk", "sk:N"))
    size = 1024 * 1024 // 4
    room = size - len("pk") - 1 - len("sk") - 2 - len("v")
    for i in range(1, 6):
        db.put_item(TableName=name, Item={"pk": S("p"), "sk": N(i), "v": S("x" * room)})
    parameters = {"TableName": name, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": S("p")}}
    answer = db.query(**parameters)
    assert answer["Count"] == 4 and answer["LastEvaluatedKey"] == {"pk": S("p"), "sk": N(4)}
    answer = db.query(TableName=name, KeyConditionExpression="pk = :p", FilterExpression="attribute_not_exists(v)",
                      ExpressionAttributeValues={":p": S("p")})
    assert (answer["Count"], answer["ScannedCount"], answer["LastEvaluatedKey"]["sk"]) == (0, 4, N(4))
    db.put_item(TableName=name, Item={"pk": S("p"), "sk": N(4), "v": S("x" * (room - 1))})
    assert db.query(**parameters)["Count"] == 5


# Return values

def test_the_old_item_of_a_failed_condition(raw, simple):
    item = {"pk": S("old"), "v": N(1), "m": M(a=S("b"))}
    raw.call("PutItem", TableName=simple, Item=item)
    failing = {"TableName": simple, "ConditionExpression": "attribute_not_exists(pk)"}
    for operation, parameters in (("PutItem", {"Item": {"pk": S("old")}}), ("DeleteItem", {"Key": {"pk": S("old")}}),
                                  ("UpdateItem", {"Key": {"pk": S("old")}, "UpdateExpression": "SET v = v"})):
        for wanted in ("ALL_OLD", "NONE"):
            answer = raw.post(operation, failing | parameters | {"ReturnValuesOnConditionCheckFailure": wanted})
            assert answer.code == "ConditionalCheckFailedException" and answer.message == "The conditional request failed"
            assert answer.json.get("Item") == (item if wanted == "ALL_OLD" else None)
    answer = raw.post("PutItem", {"TableName": simple, "Item": {"pk": S("none")}, "ConditionExpression": "attribute_exists(pk)",
                                  "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})
    assert "Item" not in answer.json


def test_a_condition_alone_changes_nothing(raw, simple):
    with refused("ConditionalCheckFailedException"):
        raw.call("UpdateItem", TableName=simple, Key={"pk": S("ghost")}, UpdateExpression="SET v = :v",
                 ConditionExpression="attribute_exists(pk)", ExpressionAttributeValues={":v": N(1)})
    assert "Item" not in raw.call("GetItem", TableName=simple, Key={"pk": S("ghost")})


def test_what_was_updated_in_documents(db, simple):
    db.put_item(TableName=simple, Item={"pk": S("doc"), "m": M(a=N(1), b=M(c=N(2), d=N(3))), "l": L(N(1), N(2), N(3))})
    parameters = {"TableName": simple, "Key": {"pk": S("doc")}, "ExpressionAttributeValues": {":v": S("new")}}
    answer = db.update_item(**parameters, UpdateExpression="SET m.b.c = :v, l[1] = :v REMOVE m.a", ReturnValues="UPDATED_NEW")
    assert answer["Attributes"] == {"m": M(b=M(c=S("new"))), "l": L(S("new"))}
    answer = db.update_item(**parameters, UpdateExpression="SET m.b.d = :v, n = :v REMOVE l[0], l[2]", ReturnValues="UPDATED_OLD")
    assert answer["Attributes"] == {"m": M(b=M(d=N(3))), "l": L(N(1), N(3))}
    answer = db.update_item(TableName=simple, Key={"pk": S("doc")}, UpdateExpression="REMOVE n, absent", ReturnValues="UPDATED_NEW")
    assert "Attributes" not in answer


# Sizes of updates

def test_an_update_is_charged_for_its_actions(db, simple):
    """Key and item as for a put, but for 3 bytes of the update and 19 of each value it writes, in place of the key's."""
    room = 400 * 1024 - len("v")
    db.put_item(TableName=simple, Item={"pk": S("k"), "v": S("x" * (room - len("pk") - 1))})
    parameters = {"TableName": simple, "Key": {"pk": S("k")}, "UpdateExpression": "SET v = :v"}
    db.update_item(**parameters, ExpressionAttributeValues={":v": S("x" * (room - 22))})
    with invalid("Item size to update has exceeded the maximum allowed size"):
        db.update_item(**parameters, ExpressionAttributeValues={":v": S("x" * (room - 21))})


# Values

@pytest.mark.parametrize("value,message", [
    ({"BS": ["YQ==", "YQ=="]}, WRONG + "Input collection [YQ==, YQ==]of type BS contains duplicates."),
    ({"SS": ["b", "a", "b"]}, WRONG + "Input collection [b, a, b] contains duplicates."),
    ({"NS": ["1", "2", "1.0"]}, "Input collection contains duplicates"),
    ({"NS": ["1", "x"]}, "The parameter cannot be converted to a numeric value: x"),
    ({"N": ""}, "The parameter cannot be converted to a numeric value"),
    ({"L": [{"M": {"a": {"SS": []}}}]}, WRONG + "An string set  may not be empty"),
    ({"M": {"a": {"L": [{}]}}}, EMPTY), ({"L": [{"S": "a", "BOOL": True}]}, MANY),
    ({"X": "unknown"}, EMPTY)])
def test_values_wherever_they_stand(raw, simple, value, message):
    with invalid(message):
        raw.call("PutItem", TableName=simple, Item={"pk": S("v"), "v": value})
    with invalid(message):
        raw.call("BatchWriteItem", RequestItems={simple: [{"PutRequest": {"Item": {"pk": S("v"), "v": value}}}]})
    with invalid(f"ExpressionAttributeValues contains invalid value: {message} for key :v"):
        raw.call("UpdateItem", TableName=simple, Key={"pk": S("v")}, UpdateExpression="SET v = :v", ExpressionAttributeValues={":v": value})
    with invalid(f"ExpressionAttributeValues contains invalid value: {message} for key :v"):
        raw.call("Scan", TableName=simple, FilterExpression="v = :v", ExpressionAttributeValues={":v": value})


def test_names_of_attributes(raw, simple):
    with invalid("Attribute name is too large, must be less than 65536 bytes"):
        raw.call("PutItem", TableName=simple, Item={"pk": S("n"), "n" * 65536: S("x")})
    raw.call("PutItem", TableName=simple, Item={"pk": S("n"), "n" * 65535: S("x")})


def test_nesting_of_expression_values(raw, simple):
    def nested(levels):
        value = S("x")
        for _ in range(levels):
            value = L(value)
        return {":v": value}

    fill_in = {"TableName": simple, "FilterExpression": "v = :v"}
    raw.call("Scan", **fill_in, ExpressionAttributeValues=nested(31))
    with invalid(match="ExpressionAttributeValues contains invalid value: Nesting Levels have exceeded supported limits"):
        raw.call("Scan", **fill_in, ExpressionAttributeValues=nested(32))


# Order of keys

def test_keys_in_the_order_of_their_bytes(db, table):
    words = ["\x01", " ", "A", "Z", "a", "ab", "a\x00", "a\x00b", "z", "é", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff",
             "\U00010000", "\U0010ffff"]
    fill(db, table, [{"pk": S("order"), "sk": S(w)} for w in reversed(words)])
    query = {"TableName": table, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": S("order")}}
    found = [i["sk"]["S"] for i in db.query(**query)["Items"]]
    assert found == sorted(words, key=str.encode)
    assert [i["sk"]["S"] for i in db.query(**query, ScanIndexForward=False)["Items"]] == found[::-1]


def test_an_item_and_its_local_entries_are_measured_together(db, make_table):
    name = make_table(schema("pk", "sk", local_indexes=[("all", ["pk", "l"]), ("keys", ["pk", "l"], "KEYS_ONLY")]))
    half = {"pk": S("p"), "sk": S("s"), "v": S("x" * 204_000)}
    db.put_item(TableName=name, Item=half | {"l": S("k")})
    too_large = {"pk": S("p"), "sk": S("t"), "v": S("x" * 205_000)}
    db.put_item(TableName=name, Item=too_large)
    with invalid("Item size has exceeded the maximum allowed size"):
        db.put_item(TableName=name, Item=too_large | {"l": S("k")})
    with invalid("Item size has exceeded the maximum allowed size"):
        db.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": too_large | {"l": S("k")}}}]})
    with invalid("Item size to update has exceeded the maximum allowed size"):
        db.update_item(TableName=name, Key={"pk": S("p"), "sk": S("t")}, UpdateExpression="SET l = :l",
                       ExpressionAttributeValues={":l": S("k")})
