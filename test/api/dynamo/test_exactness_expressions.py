"""What AWS says, word for word, about expressions that are wrong: syntax with token and surroundings, functions, operands,
names and values, paths, limits; the same in every parameter that takes an expression."""
import re

import pytest

from harness.tables import L, M, N, S, SS, invalid, schema

VALUES = {":s": S("1"), ":t": S("2"), ":n": N(1), ":l": L(N(1)), ":ss": SS("x"), ":m": M(q=N(1)), ":b": {"BOOL": True}, ":e": S("")}
NAMES = {"#a": "a", "#b": "b"}


@pytest.fixture(scope="module")
def table(db, make_table):
    name = make_table(schema("pk", "sk", indexes=[("gsi", ["g"])]))
    db.put_item(TableName=name, Item={"pk": S("x"), "sk": S("y"), "n": N(5), "s": S("text"), "l": L(N(1), N(2)), "ss": SS("x", "y"),
                                      "m": M(x=N(1), y=M(z=N(2)))})
    return name


def placeholders(*texts):
    """The names and values that the expressions mention, of those there are."""
    used = {p for text in texts for p in re.findall(r"[:#]\w+", text)}
    names = {p: NAMES[p] for p in used & NAMES.keys()}
    values = {p: VALUES[p] for p in used & VALUES.keys()}
    return ({"ExpressionAttributeNames": names} if names else {}) | ({"ExpressionAttributeValues": values} if values else {})


def syntax(token, near):
    return f'Syntax error; token: "{token}", near: "{near}"'


def operands(function, count):
    return f"Incorrect number of operands for operator or function; operator or function: {function}, number of operands: {count}"


def operand_type(function, kind):
    return f"Incorrect operand type for operator or function; operator or function: {function}, operand type: {kind}"


def distinct(operator, path):
    return ("The first operand must be distinct from the remaining operands for this operator or function; operator: "
            f"{operator}, first operand: {path}")


def misused(function):
    return f"The function is not allowed to be used this way in an expression; function: {function}"


def paths(kind, one, two):
    return f"Two document paths {kind} with each other; must remove or rewrite one of these paths; path one: {one}, path two: {two}"


def reserved(word):
    return f"Attribute name is a reserved keyword; reserved keyword: {word}"


def no_path(function):
    return f"Operator or function requires a document path; operator or function: {function}"


EMPTY = "The expression can not be empty;"
PARENTHESES = "The expression has redundant parentheses;"
NO_VALUE = "An expression attribute value used in expression is not defined; attribute value: "
NO_NAME = "An expression attribute name used in the document path is not defined; attribute name: "
BETWEEN_TYPES = ("The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: "
                 "{N:1}, upper bound operand: AttributeValue: {S:1}")
BETWEEN_ORDER = ("The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: "
                 "AttributeValue: {S:2}, upper bound operand: AttributeValue: {S:1}")

CONDITIONS = [
    ("", EMPTY), ("   ", EMPTY),
    ("a", syntax("<EOF>", "a")), ("a =", syntax("<EOF>", "=")), ("= a", syntax("=", "= a")), ("a = :s b", syntax("b", ":s b")),
    ("a == :s", syntax("=", "== :s")), ("a != :s", syntax("!", "a !=")), ("a = 1", syntax("1", "= 1")), ("a = 'x'", syntax("'", "= 'x")),
    ("(a = :s", syntax("<EOF>", ":s")), ("a = :s)", syntax(")", ":s)")), ("a IN :s", syntax(":s", "IN :s")), ("a IN ()", syntax(")", "()")),
    ("a BETWEEN :s", syntax("<EOF>", ":s")), ("a BETWEEN :s OR :t", syntax("OR", ":s OR :t")), ("NOT", syntax("<EOF>", "NOT")),
    ("a = :s AND", syntax("<EOF>", "AND")), ("a = :s OR OR b = :s", syntax("OR", "OR OR b")), ("a[x] = :s", syntax("x", "[x]")),
    ("a. = :s", syntax("=", ". = :s")), ("a..b = :s", syntax(".", "..b")), ("a = :s;", syntax(";", ":s;")), ("# = :s", syntax("#", "# =")),
    ("_a = :s", syntax("_", "_a")), ("a-b = :s", syntax("-", "a-b")), ("a = :s and b", syntax("<EOF>", "b")), ("()", syntax(")", "()")),
    ("foo(a)", "Invalid function name; function: foo"), ("foo(a) = :s", "Invalid function name; function: foo"),
    ("SIZE(a) = :n", "Invalid function name; function: SIZE"),
    ("size(a)", misused("size")), ("attribute_exists(a) = :s", misused("attribute_exists")), ("contains(a, :s) = :b", misused("contains")),
    ("if_not_exists(a, :s) = :s", "The function is not allowed in a condition expression; function: if_not_exists"),
    ("attribute_exists(a, b)", operands("attribute_exists", 2)), ("contains(a)", operands("contains", 1)),
    ("begins_with(a, :s, :s)", operands("begins_with", 3)), ("size(a, b) = :n", operands("size", 2)),
    ("attribute_exists(:s)", no_path("attribute_exists")), ("attribute_not_exists(size(a))", no_path("attribute_not_exists")),
    ("begins_with(a, :n)", operand_type("begins_with", "N")), ("begins_with(a, :ss)", operand_type("begins_with", "SS")),
    ("size(:n) = :n", operand_type("size", "N")), ("a < :b", operand_type("<", "BOOL")), ("a >= :l", operand_type(">=", "L")),
    ("a BETWEEN :m AND :m", operand_type("BETWEEN", "M")), ("attribute_type(a, :n)", operand_type("attribute_type", "N")),
    ("contains(:n, a)", operand_type("contains", "N")),
    ("attribute_type(a, :s)", "Invalid attribute type name found; type: 1, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
    ("a BETWEEN :n AND :s", BETWEEN_TYPES), ("a BETWEEN :t AND :s", BETWEEN_ORDER),
    ("((a = :s))", PARENTHESES), ("((a)) = :s", PARENTHESES), ("a = :s AND ((b = :s))", PARENTHESES),
    ("a = a", distinct("=", "[a]")), ("a.b[1] <> a.b[1]", distinct("<>", "[a, b, [1]]")), ("a IN (b, a)", distinct("IN", "[a]")),
    ("a BETWEEN b AND a", distinct("BETWEEN", "[a]")), ("contains(a, a)", distinct("contains", "[a]")),
    ("a = :zz", NO_VALUE + ":zz"), ("#zz = :s", NO_NAME + "#zz"), ("#zz = :zz", NO_NAME + "#zz"), (":zz = #zz", NO_VALUE + ":zz"),
    ("status = :s", reserved("status")), ("a.Name = :s", reserved("Name")), ("size = :s", reserved("size")), ("ADD = :s", reserved("ADD")),
    ("a[4294967295] = :s", "List index is not within the allowable range; index: [4294967295]"),
    (" OR ".join(["a = :s"] * 151), "The expression contains too many operators; operator count: 301"),
    ("a IN (" + ", ".join([":s"] * 101) + ")", "The IN operator is provided with too many operands; number of operands: 101"),
    ("a = :s" + " " * 4091, "Expression size has exceeded the maximum allowed size;"),
    ("a." * 32 + "a = :s", "The document path has too many nesting levels; nesting levels: 33"),
]


@pytest.mark.parametrize("expression,message", CONDITIONS, ids=lambda text: text[:40])
def test_conditions_and_filters(raw, table, expression, message):
    extra = placeholders(expression)
    for operation, parameters in (("PutItem", {"Item": {"pk": S("x"), "sk": S("y")}}), ("DeleteItem", {"Key": {"pk": S("x"), "sk": S("y")}}),
                                  ("UpdateItem", {"Key": {"pk": S("x"), "sk": S("y")}})):
        with invalid("Invalid ConditionExpression: " + message):
            raw.call(operation, TableName=table, ConditionExpression=expression, **parameters, **extra)
    with invalid("Invalid FilterExpression: " + message):
        raw.call("Scan", TableName=table, FilterExpression=expression, **extra)
    both = placeholders(expression, "pk = :s")
    with invalid("Invalid FilterExpression: " + message):
        raw.call("Query", TableName=table, KeyConditionExpression="pk = :s", FilterExpression=expression, **both)


@pytest.mark.parametrize("expression", [
    "(n = :n)", "(n) = :n", "((n = :n) AND (s <> :s))", "NOT n = :s", "not (not n <> :s)", "n <> :n oR s <> :t", ":n = :n",
    "size(s) = size(m.absent) or n > :n", "n\n>\t:n\r", "attribute_exists(m.y.z)", "attribute_not_exists(l[9])", "#a <> #b",
    " OR ".join(["n <> :s"] * 150), "s IN (" + ", ".join([":s"] * 99) + ", s2) or n > :n", "n > :n" + " " * 4090])
def test_expressions_that_are_fine(raw, table, expression):
    extra = placeholders(expression)
    raw.call("Scan", TableName=table, FilterExpression=expression, **extra)


def section(word):
    return f'The "{word}" section can only be used once in an update expression;'


def set_operand(action, kind):
    return (f"Incorrect operand type for operator or function; operator: {action}, operand type: {kind}, typeSet: "
            f"ALLOWED_FOR_{action}_OPERAND")


UPDATES = [
    ("", EMPTY), ("SET", syntax("<EOF>", "SET")), ("SET b", syntax("<EOF>", "b")), ("SET b =", syntax("<EOF>", "=")),
    ("SET b = :s,", syntax("<EOF>", ",")), ("b = :s", syntax("b", "b =")), ("FOO b = :s", syntax("FOO", "FOO b")),
    ("SET b = :s c", syntax("c", ":s c")), ("SET b = n + :n + :n", syntax("+", ":n + :n")), ("SET b = :n * :n", syntax("*", ":n * :n")),
    ("SET b = -:n", syntax("-", "= -:n")), ("SET b = :s; REMOVE c", syntax(";", ":s; REMOVE")), ("ADD n n", syntax("n", "n n")),
    ("ADD n = :n", syntax("=", "n = :n")), ("DELETE ss", syntax("<EOF>", "ss")), ("SET _b = :s", syntax("_", "SET _b")),
    ("SET b = :s SET c = :s", section("SET")), ("set b = :s remove c set d = :s", section("SET")), ("REMOVE b REMOVE c", section("REMOVE")),
    ("ADD n :n ADD q :n", section("ADD")), ("DELETE ss :ss DELETE ss :ss", section("DELETE")),
    ("SET b = foo(l)", "Invalid function name; function: foo"),
    ("SET b = size(l)", "The function is not allowed in an update expression; function: size"),
    ("SET b = attribute_exists(l)", "The function is not allowed in an update expression; function: attribute_exists"),
    ("SET b = if_not_exists(b)", operands("if_not_exists", 1)), ("SET b = list_append(:l)", operands("list_append", 1)),
    ("SET b = if_not_exists(:n, :n)", no_path("if_not_exists")), ("SET b = n + :s", operand_type("+", "S")),
    ("SET b = :l - n", operand_type("-", "L")), ("SET b = list_append(l, :n)", operand_type("list_append", "N")),
    ("SET b = ((n + :n))", PARENTHESES), ("SET b = :zz", NO_VALUE + ":zz"), ("SET #zz = :zz", NO_NAME + "#zz"),
    ("SET status = :s", reserved("status")), ("SET b = m.Date", reserved("Date")),
    ("SET b = :s, b = :n", paths("overlap", "[b]", "[b]")), ("SET m.x = :n, m = :m", paths("overlap", "[m, x]", "[m]")),
    ("SET b = :n REMOVE b", paths("overlap", "[b]", "[b]")), ("SET m.x = :n, m[0] = :n", paths("conflict", "[m, x]", "[m, [0]]")),
    ("SET #b = :n, b = :n", paths("overlap", "[b]", "[b]")),
    ("ADD n :s", set_operand("ADD", "STRING")), ("ADD n :l", set_operand("ADD", "LIST")), ("ADD n :b", set_operand("ADD", "BOOLEAN")),
    ("ADD n :m", set_operand("ADD", "MAP")), ("DELETE ss :n", set_operand("DELETE", "NUMBER")), ("DELETE ss :s", set_operand("DELETE", "STRING")),
    ("SET l[4294967295] = :n", "List index is not within the allowable range; index: [4294967295]"),
    ("REMOVE " + ", ".join(f"{'r' * 50}{i}" for i in range(85)), "Expression size has exceeded the maximum allowed size;"),
]


@pytest.mark.parametrize("expression,message", UPDATES, ids=lambda text: text[:40])
def test_updates(raw, table, expression, message):
    with invalid("Invalid UpdateExpression: " + message):
        raw.call("UpdateItem", TableName=table, Key={"pk": S("x"), "sk": S("y")}, UpdateExpression=expression, **placeholders(expression))


ABSENT = "The provided expression refers to an attribute that does not exist in the item"
WRONG_TYPE = "An operand in the update expression has an incorrect data type"
WRONG_PATH = "The document path provided in the update expression is invalid for update"


@pytest.mark.parametrize("expression,message", [
    ("SET b = absent", ABSENT), ("SET b = absent + :n", ABSENT), ("SET b = m.absent", ABSENT), ("SET b = l[9]", ABSENT),
    ("SET b = list_append(absent, :l)", ABSENT), ("SET b = n - s", WRONG_TYPE), ("SET b = list_append(n, :l)", WRONG_TYPE),
    ("ADD s :n", WRONG_TYPE), ("ADD n :ss", WRONG_TYPE), ("ADD ss :n", WRONG_TYPE), ("DELETE n :ss", WRONG_TYPE),
    ("SET absent.x = :n", WRONG_PATH), ("SET n.x = :n", WRONG_PATH), ("SET n[0] = :n", WRONG_PATH), ("SET m[0] = :n", WRONG_PATH),
    ("SET l.x = :n", WRONG_PATH), ("REMOVE absent.x", WRONG_PATH), ("REMOVE n.x", WRONG_PATH), ("ADD m.absent.r :n", WRONG_PATH),
    ("SET pk = :s", "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"),
    ("REMOVE sk", "One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key"),
    ("ADD pk :n", "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"),
    ("SET g.x = :s", "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: g"),
])
def test_updates_that_do_not_fit_the_item(raw, table, expression, message):
    item = {"pk": S("x"), "sk": S("y")}
    before = raw.call("GetItem", TableName=table, Key=item)
    with invalid(message):
        raw.call("UpdateItem", TableName=table, Key=item, UpdateExpression=expression, **placeholders(expression))
    assert raw.call("GetItem", TableName=table, Key=item) == before


@pytest.mark.parametrize("expression,message", [
    ("", EMPTY), ("a,", syntax("<EOF>", ",")), ("a b", syntax("b", "a b")), (",a", syntax(",", ",a")), ("a..b", syntax(".", "..b")),
    ("size(a)", syntax("(", "size(a")), (":s", syntax(":s", ":s")), ("l[0", syntax("<EOF>", "0")), ("a AND b", syntax("AND", "a AND b")),
    ("a, status", reserved("status")), ("#zz", NO_NAME + "#zz"), ("a, a", paths("overlap", "[a]", "[a]")),
    ("#a, a", paths("overlap", "[a]", "[a]")), ("m.x, m", paths("overlap", "[m, x]", "[m]")), ("m, m.x", paths("overlap", "[m]", "[m, x]")),
    ("m[0], m.x", paths("conflict", "[m, [0]]", "[m, x]")), ("a" * 4097, "Expression size has exceeded the maximum allowed size;")],
    ids=lambda text: text[:40])
def test_projections(raw, table, expression, message):
    """Also where nothing is found."""
    extra = placeholders(expression)
    if message.startswith("Syntax"):
        extra.pop("ExpressionAttributeValues", None)
    both = placeholders(expression, "pk = :s")
    message = "Invalid ProjectionExpression: " + message
    with invalid(message):
        raw.call("GetItem", TableName=table, Key={"pk": S("no"), "sk": S("no")}, ProjectionExpression=expression, **extra)
    with invalid(message):
        raw.call("BatchGetItem", RequestItems={table: {"Keys": [{"pk": S("x"), "sk": S("y")}], "ProjectionExpression": expression} | extra})
    with invalid(message):
        raw.call("Scan", TableName=table, ProjectionExpression=expression, **extra)
    with invalid(message):
        raw.call("Query", TableName=table, KeyConditionExpression="pk = :s", ProjectionExpression=expression, **both)


INVALID = "Invalid KeyConditionExpression: "
OPERATOR = "Invalid operator used in KeyConditionExpression: "
CONDITION = "Invalid condition in KeyConditionExpression: "
NOT_SUPPORTED = "Query key condition not supported"
MISSED = "Query condition missed key schema element: "
SCHEMA_TYPE = "One or more parameter values were invalid: Condition parameter type does not match schema type"
EMPTY_KEY = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: "


@pytest.mark.parametrize("expression,message", [
    ("", INVALID + EMPTY), ("pk", INVALID + syntax("<EOF>", "pk")), ("pk = :s AND", INVALID + syntax("<EOF>", "AND")),
    ("((pk = :s))", INVALID + PARENTHESES), ("foo(pk)", INVALID + "Invalid function name; function: foo"),
    ("pk = :zz", INVALID + NO_VALUE + ":zz"), ("#zz = :s", INVALID + NO_NAME + "#zz"), ("status = :s", INVALID + reserved("status")),
    ("pk = :s OR sk = :t", OPERATOR + "OR"), ("NOT pk = :s", OPERATOR + "NOT"), ("pk <> :s", OPERATOR + "<>"),
    ("pk = :s AND sk IN (:t)", OPERATOR + "IN"), ("pk = :s AND contains(sk, :t)", OPERATOR + "contains"),
    ("pk = :s AND attribute_exists(sk)", OPERATOR + "attribute_exists"),
    ("pk = :s AND (sk = :s OR sk = :t)", OPERATOR + "OR"),
    ("pk = :s AND size(sk) > :n", INVALID + "KeyConditionExpressions cannot contain nested operations"),
    ("pk.x = :s", INVALID + "KeyConditionExpressions cannot have conditions on nested attributes"),
    ("pk = :s AND sk[0] = :s", INVALID + "KeyConditionExpressions cannot have conditions on nested attributes"),
    ("pk = :s AND pk = :t", INVALID + "KeyConditionExpressions must only contain one condition per key"),
    ("pk = :s AND sk > :s AND sk < :t", INVALID + "KeyConditionExpressions must only contain one condition per key"),
    ("pk = sk", CONDITION + "Multiple attribute names used in one condition"), (":s = :t", CONDITION + "No key attribute specified"),
    ("pk = :s AND begins_with(:t, sk)", CONDITION + "begins_with operator must have the key attribute as its first operand"),
    ("pk = :s AND begins_with(sk, :n)", INVALID + operand_type("begins_with", "N")),
    ("pk = :s AND sk BETWEEN :t AND :s", INVALID + BETWEEN_ORDER), ("pk = :s AND sk BETWEEN :n AND :s", INVALID + BETWEEN_TYPES),
    ("pk = :s AND sk = :t AND other2 = :t", "Conditions can be of length 1 or 2 only"),
    ("sk = :s", MISSED + "pk"), ("other2 = :s", MISSED + "pk"), ("pk = :s AND other2 = :t", MISSED + "sk"),
    ("pk > :s", NOT_SUPPORTED), ("begins_with(pk, :s)", NOT_SUPPORTED), ("pk BETWEEN :s AND :t AND sk = :s", NOT_SUPPORTED),
    ("pk = :n", SCHEMA_TYPE), ("pk = :s AND sk < :n", SCHEMA_TYPE), ("pk = :e", EMPTY_KEY + "pk"), ("pk = :s AND sk = :e", EMPTY_KEY + "sk"),
])
def test_key_conditions(raw, table, expression, message):
    with invalid(message):
        raw.call("Query", TableName=table, KeyConditionExpression=expression, **placeholders(expression))


@pytest.mark.parametrize("condition,matches", [
    (":s = pk", True), (":t > sk", False), (":s = pk AND :s <= sk", True), ("(pk = :s) AND (sk >= :s)", True),
    ("(pk = :s AND sk BETWEEN :s AND :t)", True), ("sk = :s and pk = :s", True), (":t < sk AND pk = :s", False)])
def test_key_conditions_that_are_fine(raw, db, table, condition, matches):
    db.put_item(TableName=table, Item={"pk": S("1"), "sk": S("1")})
    if "pk" not in condition:
        with invalid(MISSED + "pk"):
            raw.call("Query", TableName=table, KeyConditionExpression=condition, **placeholders(condition))
    else:
        answer = raw.call("Query", TableName=table, KeyConditionExpression=condition, **placeholders(condition))
        assert answer["Count"] == int(matches)


@pytest.mark.parametrize("filter,name", [("pk = :s", "pk"), ("size(sk) > :n", "sk"), ("a = :s OR attribute_exists(sk)", "sk")])
def test_filters_on_keys(raw, table, filter, name):
    with invalid(f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}"):
        raw.call("Query", TableName=table, KeyConditionExpression="pk = :s", FilterExpression=filter, **placeholders(filter, ":s"))


@pytest.mark.parametrize("parameter,mapping,message", [
    ("Names", {}, "must not be empty"), ("Values", {}, "must not be empty"),
    ("Names", {"a": "b"}, 'contains invalid key: Syntax error; key: "a"'), ("Names", {"#": "b"}, 'contains invalid key: Syntax error; key: "#"'),
    ("Names", {"#a-b": "b"}, 'contains invalid key: Syntax error; key: "#a-b"'),
    ("Names", {"#a": ""}, "contains invalid value: Empty attribute name for key #a"),
    ("Values", {"a": S("b")}, 'contains invalid key: Syntax error; key: "a"'),
    ("Values", {":": S("b")}, 'contains invalid key: Syntax error; key: ":"'),
    ("Values", {":a": {}}, "contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes "
                           "for key :a"),
    ("Values", {":a": {"N": "x"}}, "contains invalid value: The parameter cannot be converted to a numeric value: x for key :a")])
def test_names_and_values(raw, table, parameter, mapping, message):
    """Looked at before any expression is."""
    with invalid(f"ExpressionAttribute{parameter} {message}"):
        raw.call("Scan", TableName=table, FilterExpression="", **{"ExpressionAttribute" + parameter: mapping})


def test_names_and_values_that_nothing_uses(raw, table):
    unused = "Value provided in ExpressionAttribute{} unused in expressions: keys: {{{}}}"
    key = {"pk": S("x"), "sk": S("y")}
    for operation, parameters in (("PutItem", {"Item": key, "ConditionExpression": "attribute_exists(a)"}),
                                  ("UpdateItem", {"Key": key, "UpdateExpression": "REMOVE a"}),
                                  ("Scan", {"FilterExpression": "attribute_exists(a)"}), ("GetItem", {"Key": key, "ProjectionExpression": "a"})):
        with invalid(unused.format("Names", "#b")):
            raw.call(operation, TableName=table, **parameters, ExpressionAttributeNames={"#b": "b"})
        if operation != "GetItem":
            with invalid(unused.format("Values", ":s")):
                raw.call(operation, TableName=table, **parameters, ExpressionAttributeValues={":s": S("x")})


@pytest.mark.parametrize("operation,parameters,of_values", [
    ("PutItem", {"Item": {"pk": S("x"), "sk": S("y")}}, "ConditionExpression is null"),
    ("DeleteItem", {"Key": {"pk": S("x"), "sk": S("y")}}, "ConditionExpression is null"),
    ("UpdateItem", {"Key": {"pk": S("x"), "sk": S("y")}}, "UpdateExpression and ConditionExpression are null"),
    ("Scan", {}, "FilterExpression is null"), ("Scan", {"ProjectionExpression": "a"}, "FilterExpression is null"),
    ("Query", {}, "FilterExpression and KeyConditionExpression are null"), ("GetItem", {"Key": {"pk": S("x"), "sk": S("y")}}, None)])
def test_names_and_values_without_expressions(raw, table, operation, parameters, of_values):
    if "ProjectionExpression" not in parameters:
        with invalid("ExpressionAttributeNames can only be specified when using expressions"):
            raw.call(operation, TableName=table, **parameters, ExpressionAttributeNames={"#a": "a"})
    if of_values:
        with invalid("ExpressionAttributeValues can only be specified when using expressions: " + of_values):
            raw.call(operation, TableName=table, **parameters, ExpressionAttributeValues={":s": S("x")})


# What the functions mean, for every type

SIZES = [(S("abc"), 3), (S("é\U0001f514"), 3), (S(""), 0), ({"B": "AAEC"}, 3), (L(), 0), (L(N(1), N(2)), 2), (M(a=N(1)), 1),
         (SS("a", "bcd"), 2), ({"NS": ["1"]}, 1), ({"BS": ["AA==", "AQ=="]}, 2), (N(5), None), ({"BOOL": True}, None), ({"NULL": True}, None)]


@pytest.mark.parametrize("value,size", SIZES)
def test_size(raw, table, value, size):
    raw.call("PutItem", TableName=table, Item={"pk": S("size"), "sk": S("1"), "v": value})
    for wanted in range(4):
        answer = raw.call("Query", TableName=table, KeyConditionExpression="pk = :p", FilterExpression="size(v) = :n",
                          ExpressionAttributeValues={":p": S("size"), ":n": N(wanted)})
        assert answer["Count"] == int(size == wanted)


CONTAINS = [
    (S("abc"), S("bc"), True), (S("abc"), S(""), True), (S("abc"), N(1), False), ({"B": "AAEC"}, {"B": "AQ=="}, True),
    (SS("a", "b"), S("a"), True), (SS("a"), SS("a"), False), ({"NS": ["1", "2"]}, N("1.0"), True), ({"BS": ["AA=="]}, {"B": "AA=="}, True),
    (L(N(1), L(N(2))), N(1), True), (L(N(1), L(N(2))), L(N(2)), True), (L(N(1)), N(2), False), (L({"NULL": True}), {"NULL": True}, True),
    (M(a=N(1)), S("a"), False), (N(123), N(2), False)]


@pytest.mark.parametrize("value,part,holds", CONTAINS)
def test_contains(raw, table, value, part, holds):
    raw.call("PutItem", TableName=table, Item={"pk": S("contains"), "sk": S("1"), "v": value})
    answer = raw.call("Query", TableName=table, KeyConditionExpression="pk = :p", FilterExpression="contains(v, :v)",
                      ExpressionAttributeValues={":p": S("contains"), ":v": part})
    assert answer["Count"] == int(holds)
