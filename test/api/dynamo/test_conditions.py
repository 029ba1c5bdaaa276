"""Condition, filter and projection expressions: each operator and function on each side, and what is refused."""
import pytest

from harness.tables import B, L, M, N, NS, S, SS, invalid, refused, schema

ITEM = {"pk": S("c"), "n": N(5), "s": S("hello"), "b": B(b"\x01\x02"), "yes": {"BOOL": True}, "nil": {"NULL": True},
        "ss": SS("a", "b"), "ns": NS(1, 2), "l": L(N(1), S("x"), M(deep=N(9))), "m": M(a=N(1), **{"b c": S("sp")}), "e": S("")}
VALUES = {":5": N(5), ":4": N(4), ":6": N(6), ":hello": S("hello"), ":he": S("he"), ":lo": S("lo"), ":a": S("a"), ":z": S("z"),
          ":one": N(1), ":two": N(2), ":nine": N(9), ":N": S("N"), ":S": S("S"), ":M": S("M"), ":L": S("L"), ":NULL": S("NULL"),
          ":BOOL": S("BOOL"), ":SS": S("SS"), ":bin": B(b"\x01"), ":true": {"BOOL": True}, ":x": S("x"), ":three": N(3),
          ":l": L(N(1), S("x"), M(deep=N(9))), ":ss": SS("b", "a"), ":five0": N("5.0"), ":m": M(a=N(1), **{"b c": S("sp")})}


@pytest.fixture(scope="module")
def table(db, make_table):
    name = make_table(schema("pk"))
    db.put_item(TableName=name, Item=ITEM)
    return name


def used(expression, values=VALUES):
    import re

    names = {n for n in re.findall(r":\w+", expression)}
    return {"ExpressionAttributeValues": {k: v for k, v in values.items() if k in names}} if names else {}


TRUE = [
    "n = :5", "n = :five0", "n <> :4", "n > :4", "n >= :5", "n < :6", "n <= :5", "n BETWEEN :4 AND :6", "n IN (:4, :5)",
    "s = :hello", "s > :he", "begins_with(s, :he)", "begins_with(b, :bin)", "contains(s, :lo)", "contains(ss, :a)",
    "contains(ns, :one)", "contains(l, :x)", "attribute_exists(n)", "attribute_not_exists(absent)", "attribute_exists(m.a)",
    "attribute_not_exists(m.z)", "attribute_exists(l[2].deep)", "attribute_not_exists(l[3])", "attribute_type(n, :N)",
    "attribute_type(m, :M)", "attribute_type(nil, :NULL)", "attribute_type(yes, :BOOL)", "attribute_type(ss, :SS)",
    "size(s) = :5", "size(ss) = :two", "size(l) = :three", "size(m) = :two", "size(b) = :two", "size(e) < :one", "NOT n = :4",
    "n = :4 OR s = :hello", "n = :5 AND s = :hello", "NOT (n = :4 OR n = :6)", "(n = :5)", "n = :5 AND NOT s = :z OR n = :4",
    "l = :l", "ss = :ss", "m = :m", "yes = :true", "l[0] = :one", "l[2].deep = :nine", ":4 < n", ":5 = :five0",
    "n = :4 AND n = :4 OR s = :hello", "s = :hello or n = :4 and n = :4", "not n = :4 and n = :5", "n between :4 and :5"]
FALSE = [
    "n = :4", "n <> :5", "n > :5", "n < :5", "n BETWEEN :6 AND :nine", "n IN (:4, :6)", "n = :hello", "s = :5", "s < :a",
    "begins_with(s, :lo)", "begins_with(n, :he)", "contains(s, :z)", "contains(n, :5)", "contains(ss, :one)",
    "attribute_exists(absent)", "attribute_not_exists(n)", "attribute_type(n, :S)", "absent = :5", "absent < :5",
    "absent BETWEEN :4 AND :6", "absent IN (:4)", "size(absent) = :5", "size(n) = :one", "n > :he",
    "NOT n = :5", "n = :5 AND n = :4", "(n = :4) OR (s = :z)", "l[7] = :one", "s[0] = :he", "nil = :5"]


@pytest.mark.parametrize("expression", TRUE)
def test_true_conditions(db, table, expression):
    db.put_item(TableName=table, Item=ITEM, ConditionExpression=expression, **used(expression))
    assert db.scan(TableName=table, FilterExpression=expression, **used(expression))["Count"] == 1


@pytest.mark.parametrize("expression", FALSE)
def test_false_conditions(db, table, expression):
    with refused("ConditionalCheckFailedException", "The conditional request failed"):
        db.put_item(TableName=table, Item=ITEM | {"n": N(0)}, ConditionExpression=expression, **used(expression))
    answer = db.scan(TableName=table, FilterExpression=expression, **used(expression))
    assert answer["Count"] == 0 and answer["ScannedCount"] == 1
    assert db.get_item(TableName=table, Key={"pk": S("c")})["Item"]["n"] == N(5)


def test_absent_is_not_equal_to_anything(db, table):
    """<> with a missing attribute holds: there is nothing equal."""
    assert db.scan(TableName=table, FilterExpression="absent <> :5", ExpressionAttributeValues={":5": N(5)})["Count"] == 1


@pytest.mark.parametrize("expression,values,refusal", [
    ("", None, "Invalid ConditionExpression: The expression can not be empty;"),
    ("n", None, 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "n"'),
    ("n =", None, 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="'),
    ("n = :5)", {":5": N(5)}, 'Invalid ConditionExpression: Syntax error; token: ")", near: ":5)"'),
    ("(n = :5", {":5": N(5)}, 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: ":5"'),
    ("n == :5", {":5": N(5)}, 'Invalid ConditionExpression: Syntax error; token: "=", near: "== :5"'),
    ("n ! :5", {":5": N(5)}, 'Invalid ConditionExpression: Syntax error; token: "!", near: "n ! :5"'),
    ("nope(n)", None, "Invalid ConditionExpression: Invalid function name; function: nope"),
    ("attribute_exists(:5)", {":5": N(5)}, "Invalid ConditionExpression: Operator or function requires a document path; "
                                           "operator or function: attribute_exists"),
    ("attribute_exists(n, s)", None, "Invalid ConditionExpression: Incorrect number of operands for operator or function; "
                                     "operator or function: attribute_exists, number of operands: 2"),
    ("begins_with(s)", None, "Invalid ConditionExpression: Incorrect number of operands for operator or function; operator or "
                             "function: begins_with, number of operands: 1"),
    ("begins_with(s, :5)", {":5": N(5)}, "Invalid ConditionExpression: Incorrect operand type for operator or function; "
                                         "operator or function: begins_with, operand type: N"),
    ("attribute_type(n, :X)", {":X": S("X")}, "Invalid ConditionExpression: Invalid attribute type name found; type: X, valid "
                                              "types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
    ("n BETWEEN :6 AND :4", {":6": N(6), ":4": N(4)},
     "Invalid ConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
     "lower bound operand: AttributeValue: {N:6}, upper bound operand: AttributeValue: {N:4}"),
    ("n BETWEEN :4 AND :x", {":4": N(4), ":x": S("x")},
     "Invalid ConditionExpression: The BETWEEN operator requires same data type for lower and upper bounds; lower bound "
     "operand: AttributeValue: {N:4}, upper bound operand: AttributeValue: {S:x}"),
    ("n < :l", {":l": L()}, "Invalid ConditionExpression: Incorrect operand type for operator or function; operator or "
                            "function: <, operand type: L"),
    ("yes < :t", {":t": {"BOOL": True}}, "Invalid ConditionExpression: Incorrect operand type for operator or function; "
                                         "operator or function: <, operand type: BOOL"),
    ("n = n", None, "Invalid ConditionExpression: The first operand must be distinct from the remaining operands for this "
                    "operator or function; operator: =, first operand: [n]"),
    ("size(n) = :5 AND size(:v)", {":5": N(5), ":v": S("x")},
     "Invalid ConditionExpression: The function is not allowed to be used this way in an expression; function: size"),
    ("size(s)", None, "Invalid ConditionExpression: The function is not allowed to be used this way in an expression; function: size"),
    ("attribute_exists(n) = :5", {":5": N(5)}, "Invalid ConditionExpression: The function is not allowed to be used this way in "
                                               "an expression; function: attribute_exists"),
    ("list_append(l, l) = :5", {":5": N(5)}, "Invalid ConditionExpression: The function is not allowed in a condition expression; "
                                             "function: list_append"),
    ("((n = :5))", {":5": N(5)}, "Invalid ConditionExpression: The expression has redundant parentheses;"),
    ("values = :5", {":5": N(5)}, "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: values"),
    ("n = :undefined", {":5": N(5)}, "Invalid ConditionExpression: An expression attribute value used in expression is not "
                                     "defined; attribute value: :undefined"),
    ("#n = :5", {":5": N(5)}, "Invalid ConditionExpression: An expression attribute name used in the document path is not "
                              "defined; attribute name: #n")])
def test_conditions_that_are_refused(db, table, expression, values, refusal):
    more = {"ExpressionAttributeValues": values} if values else {}
    with invalid(refusal):
        db.put_item(TableName=table, Item=ITEM, ConditionExpression=expression, **more)
    with invalid(refusal.replace("ConditionExpression", "FilterExpression")):
        db.scan(TableName=table, FilterExpression=expression, **more)


def test_a_hundred_operands_of_in(db, table):
    def run(count):
        values = {f":v{i}": N(i) for i in range(count)}
        return db.scan(TableName=table, FilterExpression=f"n IN ({', '.join(values)})", ExpressionAttributeValues=values)

    assert run(100)["Count"] == 1
    with invalid(match="Invalid FilterExpression: The IN operator is provided with too many operands; number of operands: 101"):
        run(101)


def test_reserved_words_in_any_case(db, table):
    for word in ("size", "SIZE", "Name", "status", "data", "timestamp", "ttl", "zone"):
        with invalid(f"Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: {word}"):
            db.get_item(TableName=table, Key={"pk": S("c")}, ProjectionExpression=word)


# Projection expressions

@pytest.mark.parametrize("expression,names,expected", [
    ("n", None, {"n": N(5)}), ("n, s", None, {"n": N(5), "s": S("hello")}), ("absent", None, {}),
    ("m.a", None, {"m": M(a=N(1))}), ("m.#x", {"#x": "b c"}, {"m": M(**{"b c": S("sp")})}),
    ("l[0]", None, {"l": L(N(1))}), ("l[2].deep", None, {"l": L(M(deep=N(9)))}), ("l[2], l[0]", None, {"l": L(N(1), M(deep=N(9)))}),
    ("l[9]", None, {}), ("m.z.y", None, {}), ("#a, #b", {"#a": "n", "#b": "e"}, {"n": N(5), "e": S("")}),
    ("m.a, m.#x, l[1]", {"#x": "b c"}, {"m": M(a=N(1), **{"b c": S("sp")}), "l": L(S("x"))})])
def test_projections(db, table, expression, names, expected):
    more = {"ExpressionAttributeNames": names} if names else {}
    assert db.get_item(TableName=table, Key={"pk": S("c")}, ProjectionExpression=expression, **more)["Item"] == expected
    assert db.scan(TableName=table, ProjectionExpression=expression, **more)["Items"] == [expected]


@pytest.mark.parametrize("expression,refusal", [
    ("", "Invalid ProjectionExpression: The expression can not be empty;"),
    ("n,", 'Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: ","'),
    ("n s", 'Invalid ProjectionExpression: Syntax error; token: "s", near: "n s"'),
    ("l[a]", 'Invalid ProjectionExpression: Syntax error; token: "a", near: "[a]"'),
    ("n, n", "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these "
             "paths; path one: [n], path two: [n]"),
    ("m, m.a", "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these "
               "paths; path one: [m], path two: [m, a]"),
    ("m.a, m[0]", "Invalid ProjectionExpression: Two document paths conflict with each other; must remove or rewrite one of "
                  "these paths; path one: [m, a], path two: [m, [0]]"),
    (":v", 'Invalid ProjectionExpression: Syntax error; token: ":v", near: ":v"'),
    ("#u", "Invalid ProjectionExpression: An expression attribute name used in the document path is not defined; attribute "
           "name: #u")])
def test_projections_that_are_refused(db, table, expression, refusal):
    with invalid(refusal):
        db.get_item(TableName=table, Key={"pk": S("c")}, ProjectionExpression=expression)


# What a failed condition tells

def test_the_item_that_failed_the_condition(raw, table):
    """ReturnValuesOnConditionCheckFailure is newer than Debian's boto3."""
    with refused("ConditionalCheckFailedException", "The conditional request failed") as caught:
        raw.call("UpdateItem", TableName=table, Key={"pk": S("c")}, UpdateExpression="SET n = :4",
                 ConditionExpression="n = :4", ExpressionAttributeValues={":4": N(4)},
                 ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert caught.value.response["Item"]["s"] == S("hello")
    with refused("ConditionalCheckFailedException") as caught:
        raw.call("DeleteItem", TableName=table, Key={"pk": S("c")}, ConditionExpression="attribute_not_exists(pk)")
    assert "Item" not in caught.value.response
    with refused("ConditionalCheckFailedException") as caught:
        raw.call("PutItem", TableName=table, Item={"pk": S("absent")}, ConditionExpression="attribute_exists(pk)",
                 ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert "Item" not in caught.value.response


def test_put_if_absent_has_one_winner(db, table):
    import concurrent.futures

    from botocore.exceptions import ClientError

    def put(i):
        try:
            db.put_item(TableName=table, Item={"pk": S("race"), "by": N(i)}, ConditionExpression="attribute_not_exists(pk)")
            return i
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ConditionalCheckFailedException"
            return None

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        winners = [i for i in pool.map(put, range(64)) if i is not None]
    assert len(winners) == 1
    assert db.get_item(TableName=table, Key={"pk": S("race")})["Item"]["by"] == N(winners[0])
    db.delete_item(TableName=table, Key={"pk": S("race")})


def test_concurrent_additions_are_all_counted(db, table):
    import concurrent.futures

    def add(_):
        db.update_item(TableName=table, Key={"pk": S("counter")}, UpdateExpression="ADD hits :one",
                       ExpressionAttributeValues={":one": N(1)})

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(200)))
    assert db.get_item(TableName=table, Key={"pk": S("counter")}, ConsistentRead=True)["Item"]["hits"] == N(200)
    db.delete_item(TableName=table, Key={"pk": S("counter")})
