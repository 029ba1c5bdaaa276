"""The parameters that expressions replaced: AttributeUpdates, Expected, KeyConditions, QueryFilter, ScanFilter,
AttributesToGet, ConditionalOperator. What they do, what they say when they are misused, and that each condition means what
its expression twin means."""
import random

import pytest

from harness.tables import B, L, M, N, NS, S, SS, fill, invalid, refused, schema

MIXED = "Can not use both expression and non-expression parameters in the same request: "
WRONG = "One or more parameter values were invalid: "


@pytest.fixture(scope="module")
def table(make_table):
    return make_table(schema("pk", "sk:N", indexes=[("gsi", ["g", "h:N"], "KEYS_ONLY")]))


@pytest.fixture(scope="module")
def simple(make_table):
    return make_table(schema("pk"))


def key(pk, sk=1):
    return {"pk": S(pk), "sk": N(sk)}


def condition(operator, *values):
    return {"ComparisonOperator": operator} | ({"AttributeValueList": list(values)} if values else {})


# Conditions mean what expressions mean

ITEM = {"s": S("hello"), "n": N("5"), "b": B(b"bytes"), "t": {"BOOL": True}, "z": {"NULL": True}, "l": L(S("a"), N(1)),
        "m": M(k=S("v")), "ss": SS("a", "b"), "ns": NS(1, 2), "bs": {"BS": [b"x", b"y"]}, "a.b": S("dot")}


@pytest.mark.parametrize("attribute,written,holds", [
    ("s", condition("EQ", S("hello")), True), ("s", condition("EQ", S("x")), False), ("s", condition("EQ", N(5)), False),
    ("absent", condition("EQ", S("x")), False), ("m", condition("EQ", M(k=S("v"))), True), ("l", condition("EQ", L(S("a"), N(1))), True),
    ("ss", condition("EQ", SS("b", "a")), True), ("n", condition("EQ", N("5.0")), True), ("a.b", condition("EQ", S("dot")), True),
    ("s", condition("NE", S("x")), True), ("s", condition("NE", S("hello")), False), ("absent", condition("NE", S("x")), True),
    ("n", condition("NE", S("5")), True), ("t", condition("NE", {"BOOL": False}), True),
    ("n", condition("LT", N(6)), True), ("n", condition("LT", N(5)), False), ("n", condition("LE", N(5)), True),
    ("n", condition("GT", N("4.9")), True), ("n", condition("GE", N("5.1")), False), ("s", condition("GT", S("h")), True),
    ("b", condition("LT", B(b"c")), True), ("n", condition("LT", S("6")), False), ("absent", condition("LT", N(6)), False),
    ("s", condition("NOT_NULL"), True), ("z", condition("NOT_NULL"), True), ("absent", condition("NOT_NULL"), False),
    ("s", condition("NULL"), False), ("z", condition("NULL"), False), ("absent", condition("NULL"), True),
    ("s", condition("CONTAINS", S("ell")), True), ("s", condition("CONTAINS", S("xyz")), False),
    ("ss", condition("CONTAINS", S("a")), True), ("ns", condition("CONTAINS", N("2.0")), True), ("l", condition("CONTAINS", N(1)), True),
    ("bs", condition("CONTAINS", B(b"x")), True), ("n", condition("CONTAINS", N(5)), False), ("absent", condition("CONTAINS", S("a")), False),
    ("s", condition("NOT_CONTAINS", S("xyz")), True), ("s", condition("NOT_CONTAINS", S("ell")), False),
    ("ss", condition("NOT_CONTAINS", S("c")), True), ("absent", condition("NOT_CONTAINS", S("a")), False),
    ("s", condition("BEGINS_WITH", S("he")), True), ("s", condition("BEGINS_WITH", S("lo")), False),
    ("b", condition("BEGINS_WITH", B(b"by")), True), ("n", condition("BEGINS_WITH", S("5")), False),
    ("n", condition("IN", N(4), N(5)), True), ("n", condition("IN", N(4)), False), ("s", condition("IN", S("hello")), True),
    ("absent", condition("IN", S("a")), False),
    ("n", condition("BETWEEN", N(5), N(5)), True), ("n", condition("BETWEEN", N(6), N(7)), False),
    ("s", condition("BETWEEN", S("a"), S("z")), True), ("n", condition("BETWEEN", S("4"), S("6")), False)])
def test_what_conditions_mean(db, table, attribute, written, holds):
    db.put_item(TableName=table, Item=key("means") | ITEM)
    found = db.scan(TableName=table, ScanFilter={attribute: written, "pk": condition("EQ", S("means"))})["Count"]
    assert found == int(holds)
    found = db.query(TableName=table, KeyConditions={"pk": condition("EQ", S("means"))}, QueryFilter={attribute: written})["Count"]
    assert found == int(holds)
    update = lambda: db.update_item(TableName=table, Key=key("means"), Expected={attribute: written})
    if holds:
        update()
    else:
        with refused("ConditionalCheckFailedException", "The conditional request failed"):
            update()


def test_conditions_together(db, simple):
    fill(db, simple, [{"pk": S(f"{x}{y}"), "x": N(x), "y": N(y)} for x in range(3) for y in range(3)])
    both = {"x": condition("EQ", N(1)), "y": condition("GT", N(0))}
    assert db.scan(TableName=simple, ScanFilter=both)["Count"] == 2
    assert db.scan(TableName=simple, ScanFilter=both, ConditionalOperator="AND")["Count"] == 2
    answer = db.scan(TableName=simple, ScanFilter=both, ConditionalOperator="OR")
    assert (answer["Count"], answer["ScannedCount"]) == (7, 9)
    db.put_item(TableName=simple, Item={"pk": S("11"), "x": N(1), "y": N(1)}, ConditionalOperator="OR",
                Expected={"x": {"Value": N(9)}, "y": {"Value": N(1)}})
    with refused("ConditionalCheckFailedException"):
        db.delete_item(TableName=simple, Key={"pk": S("11")}, Expected={"x": {"Value": N(9)}, "y": {"Value": N(1)}})


TWINS = {"EQ": "#a = {0}", "NE": "#a <> {0}", "LT": "#a < {0}", "LE": "#a <= {0}", "GT": "#a > {0}", "GE": "#a >= {0}",
         "NULL": "attribute_not_exists(#a)", "NOT_NULL": "attribute_exists(#a)", "CONTAINS": "contains(#a, {0})",
         "NOT_CONTAINS": "(attribute_exists(#a) AND NOT contains(#a, {0}))", "BEGINS_WITH": "begins_with(#a, {0})",
         "IN": "#a IN ({0}, {1})", "BETWEEN": "#a BETWEEN {0} AND {1}"}
ORDERED = [S("a"), S("ab"), S("b"), S(""), N(1), N("1.5"), N(-2), B(b"a"), B(b"ab")]
ANY = ORDERED + [{"BOOL": True}, {"NULL": True}, L(S("a")), M(a=N(1)), SS("a", "b"), NS(1), {"BS": [b"a"]}]


def random_twins(rng):
    """A legacy filter of one to three conditions, and the same as an expression."""
    legacy, parts, names, values = {}, [], {}, {}
    for attribute in rng.sample(["u", "v", "w"], rng.randint(1, 3)):
        operator = rng.choice(list(TWINS))
        count = {"NULL": 0, "NOT_NULL": 0, "IN": 2, "BETWEEN": 2}.get(operator, 1)
        pool = ANY if operator in ("EQ", "NE") else [v for v in ORDERED if "N" not in v] if operator == "BEGINS_WITH" else ORDERED
        first = rng.choice(pool)
        operands = ([first] + [v for v in pool if v.keys() == first.keys()][:1])[:count]
        if operator == "BETWEEN":
            operands.sort(key=lambda v: float(v["N"]) if "N" in v else next(iter(v.values())))
        placeholders = [f":{attribute}{i}" for i in range(count)]
        legacy[attribute] = condition(operator, *operands)
        parts.append(TWINS[operator].format(*placeholders).replace("#a", f"#{attribute}"))
        names[f"#{attribute}"] = attribute
        values |= dict(zip(placeholders, operands))
    either = len(parts) > 1 and rng.random() < 0.5
    old = {"ScanFilter": legacy} | ({"ConditionalOperator": "OR"} if either else {})
    new = {"FilterExpression": (" OR " if either else " AND ").join(parts), "ExpressionAttributeNames": names}
    return old, new | ({"ExpressionAttributeValues": values} if values else {})


def test_random_conditions_and_their_twins(db, simple, make_table):
    rng = random.Random(20121210)
    name = make_table(schema("pk"))
    fill(db, name, [{"pk": S(f"i{i}")} | {a: rng.choice(ANY) for a in "uvw" if rng.random() < 0.8} for i in range(60)])
    seen = set()
    for _ in range(300):
        old, new = random_twins(rng)
        found = [sorted(i["pk"]["S"] for i in db.scan(TableName=name, **how)["Items"]) for how in (old, new)]
        assert found[0] == found[1], (old, new)
        seen.add(len(found[0]))
    assert len(seen) > 10


# Expected

def test_value_and_exists(db, simple):
    item = {"pk": S("e"), "v": N(1)}
    db.put_item(TableName=simple, Item=item)
    for holds in ({"v": {"Value": N(1)}}, {"v": {"Value": N("1.0"), "Exists": True}}, {"w": {"Exists": False}},
                  {"v": {"ComparisonOperator": "GE", "Value": N(1)}}, {}):
        db.put_item(TableName=simple, Item=item, Expected=holds)
    for fails in ({"v": {"Value": N(2)}}, {"v": {"Exists": False}}, {"w": {"Value": N(1)}}):
        with refused("ConditionalCheckFailedException", "The conditional request failed"):
            db.put_item(TableName=simple, Item=item, Expected=fails)


def test_put_if_absent(db, simple):
    absent = {"pk": {"Exists": False}}
    db.put_item(TableName=simple, Item={"pk": S("once"), "v": N(1)}, Expected=absent)
    with refused("ConditionalCheckFailedException"):
        db.put_item(TableName=simple, Item={"pk": S("once"), "v": N(2)}, Expected=absent)
    assert db.get_item(TableName=simple, Key={"pk": S("once")})["Item"]["v"] == N(1)


EXPECTED_ERRORS = [
    ({"v": {}}, WRONG + "Value must be provided when Exists is null for Attribute: v"),
    ({"v": {"Exists": True}}, WRONG + "Value must be provided when Exists is true for Attribute: v"),
    ({"v": {"Exists": False, "Value": N(1)}}, WRONG + "Value cannot be used when Exists is false for Attribute: v"),
    ({"v": {"Value": N(1), "AttributeValueList": [N(1)]}},
     WRONG + "Value and AttributeValueList cannot be used together for Attribute: v"),
    ({"v": {"ComparisonOperator": "EQ", "Exists": True, "Value": N(1)}},
     WRONG + "Exists and ComparisonOperator cannot be used together for Attribute: v"),
    ({"v": {"AttributeValueList": [N(1)], "Exists": False}},
     WRONG + "AttributeValueList can only be used with a ComparisonOperator for Attribute: v"),
    ({"v": {"ComparisonOperator": "EQ"}},
     WRONG + "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: v"),
    ({"v": {"Value": {}}}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    ({"v": {"Value": SS()}}, WRONG + "An string set  may not be empty"),
]


@pytest.mark.parametrize("expected,refusal", EXPECTED_ERRORS)
def test_expected_misused(raw, simple, expected, refusal):
    for operation, what in (("PutItem", {"Item": {"pk": S("x")}}), ("DeleteItem", {"Key": {"pk": S("x")}}),
                            ("UpdateItem", {"Key": {"pk": S("x")}})):
        with invalid(refusal):
            raw.call(operation, TableName=simple, **what, Expected=expected)


ARGUMENT_ERRORS = [
    (condition("EQ"), None), (condition("EQ", N(1), N(2)), WRONG + "Invalid number of argument(s) for the EQ ComparisonOperator"),
    (condition("NULL", N(1)), WRONG + "Invalid number of argument(s) for the NULL ComparisonOperator"),
    (condition("NOT_NULL", N(1)), WRONG + "Invalid number of argument(s) for the NOT_NULL ComparisonOperator"),
    (condition("BETWEEN", N(1)), WRONG + "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
    (condition("BETWEEN", N(1), N(2), N(3)), WRONG + "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
    ({"ComparisonOperator": "IN", "AttributeValueList": []}, WRONG + "Invalid number of argument(s) for the IN ComparisonOperator"),
    (condition("IN", N(1), S("a")), WRONG + "AttributeValues inside AttributeValueList must be of same type"),
    (condition("BETWEEN", N(1), S("a")), WRONG + "AttributeValues inside AttributeValueList must be of same type"),
    (condition("LT", SS("a")), WRONG + "ComparisonOperator LT is not valid for SS AttributeValue type"),
    (condition("GE", {"BOOL": True}), WRONG + "ComparisonOperator GE is not valid for BOOL AttributeValue type"),
    (condition("BEGINS_WITH", N(1)), WRONG + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"),
    (condition("CONTAINS", SS("a")), WRONG + "ComparisonOperator CONTAINS is not valid for SS AttributeValue type"),
    (condition("NOT_CONTAINS", L()), WRONG + "ComparisonOperator NOT_CONTAINS is not valid for L AttributeValue type"),
    (condition("IN", M()), WRONG + "ComparisonOperator IN is not valid for M AttributeValue type"),
    (condition("BETWEEN", L(), L()), WRONG + "ComparisonOperator BETWEEN is not valid for L AttributeValue type"),
    (condition("BETWEEN", N(2), N(1)),
     "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"),
    (condition("EQ", {}), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    (condition("EQ", N("x")), "The parameter cannot be converted to a numeric value: x"),
]


@pytest.mark.parametrize("written,refusal", ARGUMENT_ERRORS)
def test_arguments_that_are_refused(raw, table, written, refusal):
    if refusal is None:
        refusal = WRONG + "Invalid number of argument(s) for the EQ ComparisonOperator"
    else:
        with invalid(refusal):
            raw.call("PutItem", TableName=table, Item=key("x"), Expected={"v": written})
    with invalid(refusal):
        raw.call("Scan", TableName=table, ScanFilter={"v": written})
    for parameters in ({"KeyConditions": {"pk": condition("EQ", S("p"))}, "QueryFilter": {"v": written}},
                       {"KeyConditions": {"pk": written}}):
        with invalid(refusal):
            raw.call("Query", TableName=table, **parameters)


def test_unknown_operator(raw, table):
    with invalid("1 validation error detected: Value 'LIKE' at 'scanFilter.v.member.comparisonOperator' failed to satisfy "
                 "constraint: Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, "
                 "BEGINS_WITH, GE, CONTAINS]"):
        raw.call("Scan", TableName=table, ScanFilter={"v": condition("LIKE", S("a"))})
    with invalid(match="1 validation error detected: Value null at 'scanFilter.v.member.comparisonOperator'"):
        raw.call("Scan", TableName=table, ScanFilter={"v": {"AttributeValueList": [S("a")]}})


# ConditionalOperator

@pytest.mark.parametrize("operation,parameters", [
    ("Scan", {}), ("Scan", {"ScanFilter": {}}), ("Query", {"KeyConditions": {"pk": condition("EQ", S("p"))}}),
    ("PutItem", {"Item": key("x")}), ("UpdateItem", {"Key": key("x")}), ("DeleteItem", {"Key": key("x")})])
def test_conditional_operator_alone(raw, table, operation, parameters):
    with invalid("ConditionalOperator cannot be used without Filter or Expected"):
        raw.call(operation, TableName=table, **parameters, ConditionalOperator="OR")


@pytest.mark.parametrize("operation,parameters", [
    ("Scan", {"ScanFilter": {"v": condition("NULL")}}),
    ("Query", {"KeyConditions": {"pk": condition("EQ", S("p"))}, "QueryFilter": {"v": condition("NULL")}}),
    ("PutItem", {"Item": key("x"), "Expected": {"v": {"Exists": False}}})])
def test_conditional_operator_with_one_condition(raw, table, operation, parameters):
    with invalid("ConditionalOperator can only be used when Filter or Expected has two or more elements"):
        raw.call(operation, TableName=table, **parameters, ConditionalOperator="AND")


# Mixing

MIX = [
    ("PutItem", {"Item": key("x"), "Expected": {}, "ConditionalOperator": "OR", "ConditionExpression": "attribute_exists(pk)"},
     "{Expected, ConditionalOperator} Expression parameters: {ConditionExpression}"),
    ("DeleteItem", {"Key": key("x"), "Expected": {"v": {"Exists": False}}, "ConditionExpression": "attribute_exists(pk)"},
     "{Expected} Expression parameters: {ConditionExpression}"),
    ("UpdateItem", {"Key": key("x"), "AttributeUpdates": {}, "Expected": {}, "UpdateExpression": "", "ConditionExpression": ""},
     "{AttributeUpdates, Expected} Expression parameters: {UpdateExpression, ConditionExpression}"),
    ("UpdateItem", {"Key": key("x"), "AttributeUpdates": {"v": {"Value": N(1)}}, "ConditionExpression": "attribute_exists(pk)"},
     "{AttributeUpdates} Expression parameters: {ConditionExpression}"),
    ("GetItem", {"Key": key("x"), "AttributesToGet": ["v"], "ProjectionExpression": "v"},
     "{AttributesToGet} Expression parameters: {ProjectionExpression}"),
    ("Query", {"AttributesToGet": ["a", "a"], "QueryFilter": {}, "ConditionalOperator": "OR", "KeyConditions": {},
               "ProjectionExpression": "", "FilterExpression": "", "KeyConditionExpression": "", "ExpressionAttributeNames": {}},
     "{AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions} Expression parameters: {ProjectionExpression, "
     "FilterExpression, KeyConditionExpression}"),
    ("Query", {"QueryFilter": {}, "KeyConditions": {}, "FilterExpression": "v = :v"},
     "{QueryFilter} Expression parameters: {FilterExpression}"),
    ("Scan", {"AttributesToGet": ["a"], "ScanFilter": {}, "ConditionalOperator": "OR", "ProjectionExpression": "a",
              "FilterExpression": "a = :a"},
     "{AttributesToGet, ScanFilter, ConditionalOperator} Expression parameters: {ProjectionExpression, FilterExpression}"),
]


@pytest.mark.parametrize("operation,parameters,named", MIX)
def test_styles_do_not_mix(raw, table, operation, parameters, named):
    with invalid(MIXED + "Non-expression parameters: " + named):
        raw.call(operation, TableName=table, **parameters)


def test_batch_get_does_not_mix_over_tables(raw, table, simple):
    named = MIXED + "Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"
    for projections in ({"AttributesToGet": ["v"], "ProjectionExpression": "v"}, {"AttributesToGet": ["v"]}):
        with invalid(named):
            raw.call("BatchGetItem", RequestItems={table: {"Keys": [key("x")]} | projections,
                                                   simple: {"Keys": [{"pk": S("x")}], "ProjectionExpression": "v"}})


def test_key_conditions_go_with_other_expressions(db, table):
    db.put_item(TableName=table, Item=key("both") | {"v": N(1)})
    answer = db.query(TableName=table, KeyConditions={"pk": condition("EQ", S("both"))}, FilterExpression="v = :v",
                      ExpressionAttributeValues={":v": N(1)}, ProjectionExpression="v")
    assert answer["Items"] == [{"v": N(1)}]


@pytest.mark.parametrize("operation,parameters,refusal", [
    ("UpdateItem", {"Key": key("x"), "AttributeUpdates": {}, "ExpressionAttributeNames": {"#a": "a"}},
     "ExpressionAttributeNames can only be specified when using expressions"),
    ("UpdateItem", {"Key": key("x"), "Expected": {}, "ExpressionAttributeValues": {":a": N(1)}},
     "ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null"),
    ("Query", {"KeyConditions": {}, "ExpressionAttributeValues": {":a": N(1)}},
     "ExpressionAttributeValues can only be specified when using expressions: FilterExpression and KeyConditionExpression are null"),
    ("Scan", {"ScanFilter": {}, "ExpressionAttributeValues": {":a": N(1)}},
     "ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null")])
def test_placeholders_need_expressions(raw, table, operation, parameters, refusal):
    with invalid(refusal):
        raw.call(operation, TableName=table, **parameters)


# AttributeUpdates

def update(db, table, pk, updates, **more):
    return db.update_item(TableName=table, Key=key(pk), AttributeUpdates=updates, **more)


@pytest.mark.parametrize("before,action,after", [
    ({}, {"Value": S("new")}, S("new")), (N(1), {"Value": S("new"), "Action": "PUT"}, S("new")), (N(1), {"Value": M(a=L())}, M(a=L())),
    (N(1), {"Action": "DELETE"}, None), ({}, {"Action": "DELETE"}, None), (N(1), {"Action": "ADD", "Value": N("1.5")}, N("2.5")),
    ({}, {"Action": "ADD", "Value": N(-1)}, N(-1)), (SS("a"), {"Action": "ADD", "Value": SS("b")}, SS("a", "b")),
    ({}, {"Action": "ADD", "Value": NS(1)}, NS(1)), (L(N(1)), {"Action": "ADD", "Value": L(N(2), N(3))}, L(N(1), N(2), N(3))),
    ({}, {"Action": "ADD", "Value": L(N(2))}, L(N(2))), (SS("a", "b"), {"Action": "DELETE", "Value": SS("a", "z")}, SS("b")),
    (SS("a"), {"Action": "DELETE", "Value": SS("a")}, None), ({}, {"Action": "DELETE", "Value": SS("a")}, None)])
def test_actions(db, table, before, action, after):
    db.put_item(TableName=table, Item=key("acts") | {"other": S("stays")} | ({"v": before} if before else {}))
    found = update(db, table, "acts", {"v": action}, ReturnValues="ALL_NEW")["Attributes"]
    value = found.pop("v", None)
    if value and next(iter(value)) in ("SS", "NS"):
        value = {kind: sorted(elements) for kind, elements in value.items()}
    assert value == after
    assert found == key("acts") | {"other": S("stays")}


def test_what_an_update_returns(db, table):
    db.put_item(TableName=table, Item=key("ret") | {"n": N(1), "gone": S("x"), "other": S("y")})
    updates = {"n": {"Action": "ADD", "Value": N(1)}, "gone": {"Action": "DELETE"}, "new": {"Value": S("z")}}
    assert update(db, table, "ret", updates, ReturnValues="UPDATED_OLD")["Attributes"] == {"n": N(1), "gone": S("x")}
    assert update(db, table, "ret", updates, ReturnValues="UPDATED_NEW")["Attributes"] == {"n": N(3), "new": S("z")}
    assert "Attributes" not in update(db, table, "ret", {"new": {"Action": "DELETE"}}, ReturnValues="UPDATED_NEW")


def test_an_item_is_made_or_not(db, table):
    update(db, table, "made-1", {"v": {"Value": N(1)}})
    assert db.get_item(TableName=table, Key=key("made-1"))["Item"] == key("made-1") | {"v": N(1)}
    update(db, table, "made-2", {"v": {"Action": "DELETE"}})
    assert "Item" not in db.get_item(TableName=table, Key=key("made-2"))
    update(db, table, "made-3", {})
    assert db.get_item(TableName=table, Key=key("made-3"))["Item"] == key("made-3")


@pytest.mark.parametrize("updates,refusal", [
    ({"v": {}}, WRONG + "Only DELETE action is allowed when no attribute value is specified"),
    ({"v": {"Action": "PUT"}}, WRONG + "Only DELETE action is allowed when no attribute value is specified"),
    ({"v": {"Action": "ADD"}}, WRONG + "Only DELETE action is allowed when no attribute value is specified"),
    ({"v": {"Action": "ADD", "Value": S("a")}}, WRONG + "ADD action is not supported for the type S"),
    ({"v": {"Action": "ADD", "Value": M()}}, WRONG + "ADD action is not supported for the type M"),
    ({"v": {"Action": "ADD", "Value": {"BOOL": True}}}, WRONG + "ADD action is not supported for the type BOOL"),
    ({"v": {"Action": "DELETE", "Value": N(1)}}, WRONG + "DELETE action with value is not supported for the type N"),
    ({"v": {"Action": "DELETE", "Value": L()}}, WRONG + "DELETE action with value is not supported for the type L"),
    ({"pk": {"Value": S("a")}}, WRONG + "Cannot update attribute pk. This attribute is part of the key"),
    ({"sk": {"Action": "DELETE"}}, WRONG + "Cannot update attribute sk. This attribute is part of the key"),
    ({"v": {"Value": {"SS": ["a", "a"]}}}, WRONG + "Input collection [a, a] contains duplicates."),
    ({"g": {"Value": N(1)}}, WRONG + "Type mismatch for Index Key g Expected: S Actual: N IndexName: gsi"),
])
def test_updates_that_are_refused(raw, table, updates, refusal):
    with invalid(refusal):
        raw.call("UpdateItem", TableName=table, Key=key("x"), AttributeUpdates=updates)


@pytest.mark.parametrize("before,action", [
    (S("a"), {"Action": "ADD", "Value": N(1)}), (SS("a"), {"Action": "ADD", "Value": NS(1)}), (N(1), {"Action": "ADD", "Value": L()}),
    (N(1), {"Action": "DELETE", "Value": NS(1)}), (SS("a"), {"Action": "DELETE", "Value": NS(1)})])
def test_the_attribute_is_of_another_type(db, table, before, action):
    db.put_item(TableName=table, Item=key("type") | {"v": before})
    with invalid("Type mismatch for attribute to update"):
        update(db, table, "type", {"v": action})


def test_unknown_action(raw, table):
    with invalid("1 validation error detected: Value 'SET' at 'attributeUpdates.v.member.action' failed to satisfy constraint: "
                 "Member must satisfy enum value set: [ADD, DELETE, PUT]"):
        raw.call("UpdateItem", TableName=table, Key=key("x"), AttributeUpdates={"v": {"Action": "SET", "Value": N(1)}})


def test_many_updates(db, table):
    """More attributes than an expression could name."""
    updates = {f"a{i}": {"Value": N(i)} for i in range(2000)}
    found = update(db, table, "many", updates, ReturnValues="ALL_NEW")["Attributes"]
    assert len(found) == 2002 and found["a1999"] == N(1999)


# KeyConditions

@pytest.fixture(scope="module")
def numbers(db, make_table):
    name = make_table(schema("pk", "sk:N", indexes=[("gsi", ["g", "sk:N"])]))
    fill(db, name, [{"pk": S("p"), "sk": N(i), "g": S("q"), "v": N(i % 3)} for i in range(10)])
    return name


@pytest.mark.parametrize("written,expected", [
    (None, range(10)), (condition("EQ", N(3)), [3]), (condition("LT", N(2)), [0, 1]), (condition("LE", N(1)), [0, 1]),
    (condition("GT", N(7)), [8, 9]), (condition("GE", N(8)), [8, 9]), (condition("BETWEEN", N(2), N(4)), [2, 3, 4])])
@pytest.mark.parametrize("index", [None, "gsi"])
def test_key_conditions(db, numbers, index, written, expected):
    conditions = {"g" if index else "pk": condition("EQ", S("q" if index else "p"))} | ({"sk": written} if written else {})
    answer = db.query(TableName=numbers, KeyConditions=conditions, **({"IndexName": index} if index else {}))
    assert [int(i["sk"]["N"]) for i in answer["Items"]] == list(expected)


def test_begins_with(db, make_table):
    name = make_table(schema("pk", "sk"))
    fill(db, name, [{"pk": S("p"), "sk": S(w)} for w in ("a", "ab", "abc", "b")])
    answer = db.query(TableName=name, KeyConditions={"pk": condition("EQ", S("p")), "sk": condition("BEGINS_WITH", S("ab"))})
    assert [i["sk"]["S"] for i in answer["Items"]] == ["ab", "abc"]


@pytest.mark.parametrize("conditions,refusal", [
    (None, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
    ({}, "Conditions can be of length 1 or 2 only"),
    ({"pk": condition("EQ", S("p")), "sk": condition("EQ", N(1)), "v": condition("EQ", N(1))}, "Conditions can be of length 1 or 2 only"),
    ({"sk": condition("EQ", N(1))}, "Query condition missed key schema element: pk"),
    ({"pk": condition("EQ", S("p")), "v": condition("EQ", N(1))}, "Query condition missed key schema element: sk"),
    ({"pk": condition("GT", S("p"))}, "Query key condition not supported"),
    ({"pk": condition("BEGINS_WITH", S("p")), "sk": condition("EQ", N(1))}, "Query key condition not supported"),
    ({"pk": condition("NOT_NULL")}, "Attempted conditional constraint is not an indexable operation"),
    ({"pk": condition("EQ", S("p")), "sk": condition("IN", N(1))}, "Attempted conditional constraint is not an indexable operation"),
    ({"pk": condition("EQ", S("p")), "sk": condition("CONTAINS", N(1))},
     "Attempted conditional constraint is not an indexable operation"),
    ({"pk": condition("EQ", N(1))}, WRONG + "Condition parameter type does not match schema type"),
    ({"pk": condition("EQ", S("p")), "sk": condition("LT", S("1"))}, WRONG + "Condition parameter type does not match schema type"),
    ({"pk": condition("EQ", S("p")), "sk": condition("BETWEEN", N(2), N(1))},
     "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"),
])
def test_key_conditions_that_are_refused(raw, numbers, conditions, refusal):
    with invalid(refusal):
        raw.call("Query", TableName=numbers, **({} if conditions is None else {"KeyConditions": conditions}))


def test_query_filter_on_a_key(raw, numbers):
    conditions = {"pk": condition("EQ", S("p"))}
    for name in ("pk", "sk"):
        with invalid(f"QueryFilter can only contain non-primary key attributes: Primary key attribute: {name}"):
            raw.call("Query", TableName=numbers, KeyConditions=conditions, QueryFilter={name: condition("NOT_NULL")})


# AttributesToGet

def test_attributes_to_get(db, numbers, simple):
    assert db.get_item(TableName=numbers, Key=key("p", 1), AttributesToGet=["v", "absent"])["Item"] == {"v": N(1)}
    assert db.get_item(TableName=numbers, Key=key("p", 1), AttributesToGet=["absent"])["Item"] == {}
    conditions = {"pk": condition("EQ", S("p"))}
    answer = db.query(TableName=numbers, KeyConditions=conditions, AttributesToGet=["sk"], Select="SPECIFIC_ATTRIBUTES", Limit=2)
    assert answer["Items"] == [{"sk": N(0)}, {"sk": N(1)}]
    assert {tuple(i) for i in db.scan(TableName=numbers, AttributesToGet=["g"])["Items"]} == {("g",)}
    answer = db.batch_get_item(RequestItems={numbers: {"Keys": [key("p", 2)], "AttributesToGet": ["v", "g"]}})
    assert answer["Responses"][numbers] == [{"v": N(2), "g": S("q")}]
    db.put_item(TableName=simple, Item={"pk": S("dots"), "a.b": N(1), "a": M(b=N(2))})
    assert db.get_item(TableName=simple, Key={"pk": S("dots")}, AttributesToGet=["a.b"])["Item"] == {"a.b": N(1)}


@pytest.mark.parametrize("operation,parameters", [
    ("GetItem", {"Key": key("p")}), ("Query", {"KeyConditions": {"pk": condition("EQ", S("p"))}}), ("Scan", {})])
def test_a_name_twice(raw, numbers, operation, parameters):
    with invalid(WRONG + "Duplicate value in attribute name: a"):
        raw.call(operation, TableName=numbers, **parameters, AttributesToGet=["a", "b", "a"])
    with invalid(match="1 validation error detected: Value '\\[\\]' at 'attributesToGet' failed to satisfy constraint: Member must have "
                       "length greater than or equal to 1"):
        raw.call(operation, TableName=numbers, **parameters, AttributesToGet=[])


@pytest.mark.parametrize("select,text", [("COUNT", "only the Count"), ("ALL_ATTRIBUTES", "ALL_ATTRIBUTES"),
                                         ("ALL_PROJECTED_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")])
def test_attributes_and_select(raw, numbers, select, text):
    refusal = f"Cannot specify the AttributesToGet when choosing to get {text}"
    index = {"IndexName": "gsi"} if select == "ALL_PROJECTED_ATTRIBUTES" else {}
    with invalid(refusal):
        raw.call("Scan", TableName=numbers, Select=select, AttributesToGet=["v"], **index)
    with invalid("1 validation error detected: " + refusal):
        raw.call("Query", TableName=numbers, KeyConditions={"pk": condition("EQ", S("p"))}, Select=select, AttributesToGet=["v"], **index)


def test_attributes_an_index_does_not_have(raw, table):
    with invalid(WRONG + "Global secondary index gsi does not project [v]"):
        raw.call("Scan", TableName=table, IndexName="gsi", AttributesToGet=["v", "pk", "g"])
