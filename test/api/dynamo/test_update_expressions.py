"""UpdateExpression: every clause and function, paths, and what is refused."""
import pytest

from harness.tables import B, L, M, N, NS, S, SS, invalid, schema

KEY = {"pk": S("u")}


@pytest.fixture(scope="module")
def table(make_table):
    return make_table(schema("pk"))


@pytest.fixture
def update(db, table):
    """update(before, expression, values) -> the item afterwards without its key."""

    def run(before, expression, values=None, names=None):
        db.put_item(TableName=table, Item=KEY | before)
        more = {}
        if values:
            more["ExpressionAttributeValues"] = values
        if names:
            more["ExpressionAttributeNames"] = names
        after = db.update_item(TableName=table, Key=KEY, UpdateExpression=expression, ReturnValues="ALL_NEW", **more)["Attributes"]
        assert after == db.get_item(TableName=table, Key=KEY, ConsistentRead=True)["Item"]
        return {k: v for k, v in after.items() if k != "pk"}

    return run


@pytest.mark.parametrize("more", [{"UpdateExpression": "REMOVE a"},
                                  {"UpdateExpression": "DELETE a :s", "ExpressionAttributeValues": {":s": SS("x")}}])
def test_taking_from_a_missing_item_makes_none(db, table, more):
    missing = {"pk": S("missing")}
    answer = db.update_item(TableName=table, Key=missing, ReturnValues="ALL_NEW", **more)
    assert "Attributes" not in answer
    assert "Item" not in db.get_item(TableName=table, Key=missing, ConsistentRead=True)


@pytest.mark.parametrize("before,expression,values,after", [
    ({}, "SET a = :v", {":v": N(1)}, {"a": N(1)}),
    ({"a": N(1)}, "set a = :v", {":v": S("x")}, {"a": S("x")}),
    ({"a": N(1), "b": N(2)}, "SET a = b, b = a", None, {"a": N(2), "b": N(1)}),
    ({"a": N(1)}, "SET a = a + :v", {":v": N(2)}, {"a": N(3)}),
    ({"a": N(1)}, "SET a = a - :v", {":v": N("0.5")}, {"a": N("0.5")}),
    ({"a": N(1)}, "SET a = :v - a", {":v": N(5)}, {"a": N(4)}),
    ({}, "SET a = if_not_exists(a, :v)", {":v": N(1)}, {"a": N(1)}),
    ({"a": N(7)}, "SET a = if_not_exists(a, :v)", {":v": N(1)}, {"a": N(7)}),
    ({}, "SET a = if_not_exists(a, :z) + :v", {":v": N(1), ":z": N(0)}, {"a": N(1)}),
    ({"l": L(N(1))}, "SET l = list_append(l, :v)", {":v": L(N(2))}, {"l": L(N(1), N(2))}),
    ({"l": L(N(1))}, "SET l = list_append(:v, l)", {":v": L(N(0))}, {"l": L(N(0), N(1))}),
    ({}, "SET l = list_append(if_not_exists(l, :e), :v)", {":e": L(), ":v": L(N(1))}, {"l": L(N(1))}),
    ({"m": M(a=N(1))}, "SET m.b = :v", {":v": N(2)}, {"m": M(a=N(1), b=N(2))}),
    ({"l": L(N(1), N(2))}, "SET l[0] = :v", {":v": S("x")}, {"l": L(S("x"), N(2))}),
    ({"l": L(N(1))}, "SET l[9] = :v", {":v": N(2)}, {"l": L(N(1), N(2))}),
    ({"l": L(N(1))}, "SET l[9] = :v, l[5] = :w", {":v": N(9), ":w": N(5)}, {"l": L(N(1), N(5), N(9))}),
    ({"m": M(l=L(M(x=N(1))))}, "SET m.l[0].x = m.l[0].x + :v", {":v": N(1)}, {"m": M(l=L(M(x=N(2))))}),
    ({"a": N(1)}, "SET b = (a)", None, {"a": N(1), "b": N(1)}),
    ({"a": N(1)}, "REMOVE a", None, {}),
    ({"a": N(1)}, "REMOVE absent", None, {"a": N(1)}),
    ({"m": M(a=N(1), b=N(2))}, "REMOVE m.a", None, {"m": M(b=N(2))}),
    ({"l": L(N(0), N(1), N(2), N(3))}, "REMOVE l[1], l[2]", None, {"l": L(N(0), N(3))}),
    ({"l": L(N(0))}, "REMOVE l[7]", None, {"l": L(N(0))}),
    ({}, "ADD a :v", {":v": N(3)}, {"a": N(3)}),
    ({"a": N(1)}, "ADD a :v", {":v": N(-3)}, {"a": N(-2)}),
    ({"m": M(a=N(1))}, "ADD m.a :v", {":v": N(1)}, {"m": M(a=N(2))}),
    ({}, "ADD s :v", {":v": SS("a")}, {"s": SS("a")}),
    ({"s": SS("a")}, "ADD s :v", {":v": SS("a", "b")}, {"s": SS("a", "b")}),
    ({"s": NS(1)}, "ADD s :v", {":v": NS("1.0", 2)}, {"s": NS(1, 2)}),
    ({"s": SS("a", "b")}, "DELETE s :v", {":v": SS("a", "z")}, {"s": SS("b")}),
    ({"s": SS("a")}, "DELETE s :v", {":v": SS("a")}, {}),
    ({}, "DELETE s :v", {":v": SS("a")}, {}),
    ({"a": N(1), "b": N(1), "s": SS("x", "y")}, "SET c = :one REMOVE a ADD b :one DELETE s :s",
     {":one": N(1), ":s": SS("x")}, {"b": N(2), "c": N(1), "s": SS("y")}),
    ({"a": N(1)}, "ADD n :one SET b = a", {":one": N(1)}, {"a": N(1), "b": N(1), "n": N(1)})])
def test_what_an_update_does(update, before, expression, values, after):
    found = update(before, expression, values)
    for value in found.values():
        if "SS" in value or "NS" in value:
            next(iter(value.values())).sort()
    assert found == after


def test_names_are_substituted(update):
    assert update({"name": S("x"), "m": M(**{"a.b": N(1)})}, "SET #n = :v, m.#d = m.#d + :one",
                  {":v": S("y"), ":one": N(1)}, {"#n": "name", "#d": "a.b"}) == {"name": S("y"), "m": M(**{"a.b": N(2)})}


def test_right_sides_see_the_item_as_it_was(update):
    assert update({"a": N(1)}, "SET a = a + :one, b = a, c = if_not_exists(d, a) REMOVE d", {":one": N(1)}) == {
        "a": N(2), "b": N(1), "c": N(1)}


@pytest.mark.parametrize("expression,values,names,refusal", [
    ("", None, None, "Invalid UpdateExpression: The expression can not be empty;"),
    ("SET a = :v SET b = :v", {":v": N(1)}, None,
     'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;'),
    ("SET a = :v", None, None, "Invalid UpdateExpression: An expression attribute value used in expression is not defined; "
                               "attribute value: :v"),
    ("SET #a = :v", {":v": N(1)}, None, "Invalid UpdateExpression: An expression attribute name used in the document path is "
                                        "not defined; attribute name: #a"),
    ("SET a = :v", {":v": N(1), ":w": N(1)}, None,
     "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}"),
    ("SET a = :v", {":v": N(1)}, {"#b": "b"}, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"),
    ("SET name = :v", {":v": N(1)}, None,
     "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name"),
    ("SET a = :v, a.b = :v", {":v": N(1)}, None,
     "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; "
     "path one: [a], path two: [a, b]"),
    ("SET a = :v REMOVE a", {":v": N(1)}, None,
     "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; "
     "path one: [a], path two: [a]"),
    ("SET a.b = :v, a[0] = :v", {":v": N(1)}, None,
     "Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; "
     "path one: [a, b], path two: [a, [0]]"),
    ("SET a = nope(:v)", {":v": N(1)}, None, "Invalid UpdateExpression: Invalid function name; function: nope"),
    ("SET a = size(b)", None, None,
     "Invalid UpdateExpression: The function is not allowed in an update expression; function: size"),
    ("SET a = list_append(b)", None, None,
     "Invalid UpdateExpression: Incorrect number of operands for operator or function; operator or function: list_append, "
     "number of operands: 1"),
    ("SET a = if_not_exists(:v, :v)", {":v": N(1)}, None,
     "Invalid UpdateExpression: Operator or function requires a document path; operator or function: if_not_exists"),
    ("SET a = b + :v", {":v": S("x")}, None,
     "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: +, operand type: S"),
    ("SET a = list_append(:v, b)", {":v": N(1)}, None,
     "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: list_append, operand "
     "type: N"),
    ("ADD a :v", {":v": S("x")}, None,
     "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING, "
     "typeSet: ALLOWED_FOR_ADD_OPERAND"),
    ("DELETE a :v", {":v": N(1)}, None,
     "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, "
     "typeSet: ALLOWED_FOR_DELETE_OPERAND"),
    ("SET", None, None, 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "SET"'),
    ("SET a = ", None, None, 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "="'),
    ("SET a := :v", {":v": N(1)}, None, 'Invalid UpdateExpression: Syntax error; token: ":", near: "a :="'),
    ("CHANGE a = :v", {":v": N(1)}, None, 'Invalid UpdateExpression: Syntax error; token: "CHANGE", near: "CHANGE a"'),
    ("SET a = :v,", {":v": N(1)}, None, 'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: ","')])
def test_expressions_that_are_refused(update, expression, values, names, refusal):
    with invalid(refusal):
        update({}, expression, values, names)


@pytest.mark.parametrize("before,expression,values,refusal", [
    ({}, "SET a = b", None, "The provided expression refers to an attribute that does not exist in the item"),
    ({}, "SET a = a + :v", {":v": N(1)}, "The provided expression refers to an attribute that does not exist in the item"),
    ({"a": S("x")}, "SET a = a + :v", {":v": N(1)}, "An operand in the update expression has an incorrect data type"),
    ({"a": S("x")}, "SET a = list_append(a, :v)", {":v": L()}, "An operand in the update expression has an incorrect data type"),
    ({}, "SET m.a = :v", {":v": N(1)}, "The document path provided in the update expression is invalid for update"),
    ({"m": N(1)}, "SET m.a = :v", {":v": N(1)}, "The document path provided in the update expression is invalid for update"),
    ({"m": M()}, "SET m[0] = :v", {":v": N(1)}, "The document path provided in the update expression is invalid for update"),
    ({}, "REMOVE m.a", None, "The document path provided in the update expression is invalid for update"),
    ({"a": S("x")}, "ADD a :v", {":v": N(1)}, "An operand in the update expression has an incorrect data type"),
    ({"a": SS("x")}, "ADD a :v", {":v": NS(1)}, "An operand in the update expression has an incorrect data type"),
    ({"a": N("9" + "0" * 125)}, "ADD a :v", {":v": N("9e125")},
     "Number overflow. Attempting to store a number with magnitude larger than supported range")])
def test_items_that_do_not_fit(db, table, update, before, expression, values, refusal):
    with invalid(refusal):
        update(before, expression, values)
    assert db.get_item(TableName=table, Key=KEY)["Item"] == KEY | before, "a refused update changed the item"


def test_values_without_an_expression(db, table):
    with invalid("ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null"):
        db.update_item(TableName=table, Key=KEY, ExpressionAttributeValues={":v": N(1)})


def test_names_without_an_expression(db, table):
    with invalid("ExpressionAttributeNames can only be specified when using expressions"):
        db.update_item(TableName=table, Key=KEY, ExpressionAttributeNames={"#a": "a"})


@pytest.mark.parametrize("names,refusal", [
    ({"a": "b"}, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'),
    ({"#a-b": "b"}, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "#a-b"'),
    ({}, "ExpressionAttributeNames must not be empty")])
def test_names_that_are_refused(db, table, names, refusal):
    with invalid(refusal):
        db.update_item(TableName=table, Key=KEY, UpdateExpression="REMOVE a", ExpressionAttributeNames=names)


@pytest.mark.parametrize("values,refusal", [
    ({"v": N(1)}, 'ExpressionAttributeValues contains invalid key: Syntax error; key: "v"'),
    ({}, "ExpressionAttributeValues must not be empty"),
    ({":v": {}}, "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one "
                 "of the supported datatypes for key :v")])
def test_values_that_are_refused(db, table, values, refusal):
    with invalid(refusal):
        db.update_item(TableName=table, Key=KEY, UpdateExpression="SET a = :v", ExpressionAttributeValues=values)


@pytest.mark.parametrize("length,allowed", [(4096, True), (4097, False)])
def test_expression_length(db, table, length, allowed):
    expression = "REMOVE a" + " " * (length - len("REMOVE a"))
    if allowed:
        db.update_item(TableName=table, Key=KEY, UpdateExpression=expression)
        return
    with invalid(match="Invalid UpdateExpression: Expression size has exceeded the maximum allowed size;"):
        db.update_item(TableName=table, Key=KEY, UpdateExpression=expression)


def test_binary_values(update):
    assert update({"a": B(b"\x00")}, "SET b = a, c = :c", {":c": B(b"\xff")}) == {"a": B(b"\x00"), "b": B(b"\x00"), "c": B(b"\xff")}
