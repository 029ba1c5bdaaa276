"""PartiQL: ExecuteStatement, BatchExecuteStatement and ExecuteTransaction."""
import json
import subprocess
import time
from pathlib import Path

import pytest

from harness.tables import B, L, M, N, NS, S, SS, fill, refused, schema

KEY_MISSING = "Where clause does not contain a mandatory equality on all key attributes"
MALFORMED = "Statement wasn't well formed, can't be processed: "


@pytest.fixture(scope="module")
def plain(make_table):
    return make_table(schema("pk"))


@pytest.fixture(scope="module")
def music(make_table):
    """Artists with songs: read by the tests, not written."""
    return make_table(schema("pk", "sk:N", indexes=[("by-genre", ["genre", "sk:N"], "ALL"), ("keys", ["genre"], "KEYS_ONLY")],
                             local_indexes=[("by-title", ["pk", "title"], "KEYS_ONLY")]))


@pytest.fixture(scope="module")
def songs(db, music):
    items = []
    for pk in ("a", "b", "c"):
        for sk in range(1, 6):
            items.append({"pk": S(pk), "sk": N(sk), "title": S(f"t{9 - sk}"), "plays": N(sk * 10),
                          "tags": SS(f"s{sk}", "x"), "awards": M(years=L(N(2000 + sk), S("later")))})
            if sk % 2:
                items[-1]["genre"] = S("rock")
    fill(db, music, items)
    return {(i["pk"]["S"], i["sk"]["N"]): i for i in items}


def keys(answer):
    return [i["pk"]["S"] + i["sk"]["N"] for i in answer["Items"]]


@pytest.fixture()
def run(db):
    def run(statement, *parameters, **more):
        if parameters:
            more["Parameters"] = list(parameters)
        return db.execute_statement(Statement=statement, **more)
    return run


def no(db, statement, code, message, *parameters, **more):
    if parameters:
        more["Parameters"] = list(parameters)
    with refused(code, message):
        db.execute_statement(Statement=statement, **more)


# SELECT

def test_select_by_key(run, music, songs):
    assert run(f"SELECT * FROM \"{music}\" WHERE pk = 'a' AND sk = 2")["Items"] == [songs["a", "2"]]
    assert run(f"SELECT * FROM \"{music}\" WHERE pk = ? AND sk = ?", S("a"), N(2))["Items"] == [songs["a", "2"]]
    assert run(f"SELECT * FROM \"{music}\" WHERE pk = 'absent' AND sk = 2")["Items"] == []


@pytest.mark.parametrize("condition, expected", [
    ("pk = 'a'", "a1 a2 a3 a4 a5"),
    ("pk = 'a' AND sk > 3", "a4 a5"),
    ("pk = 'a' AND sk BETWEEN 2 AND 4", "a2 a3 a4"),
    ("pk = 'a' AND plays <= 20", "a1 a2"),
    ("pk = 'a' AND plays IN [10, 40, 99]", "a1 a4"),
    ("pk = 'a' AND plays IN (10, 40)", "a1 a4"),
    ("pk = 'a' AND NOT plays = 10", "a2 a3 a4 a5"),
    ("pk = 'a' AND plays <> 10 AND plays <> 20", "a3 a4 a5"),
    ("pk = 'a' AND genre IS MISSING", "a2 a4"),
    ("pk = 'a' AND genre IS NOT MISSING", "a1 a3 a5"),
    ("pk = 'a' AND (plays = 10 OR title = 't6')", "a1 a3"),
    ("pk = 'a' AND contains(tags, 's4')", "a4"),
    ("pk = 'a' AND begins_with(title, 't8')", "a1"),
    ("pk = 'a' AND size(tags) = 2 AND sk < 2", "a1"),
    ("pk = 'a' AND attribute_type(awards, 'M') AND sk = 1", "a1"),
    ("pk = 'a' AND awards.years[0] = 2003", "a3"),
    ("(pk = 'a' AND sk = 1) OR (pk = 'b' AND sk = 2)", "a1 b2"),
    ("title = 't5' AND pk > 'b'", "c4"),
])
def test_conditions(run, music, songs, condition, expected):
    assert sorted(keys(run(f'SELECT * FROM "{music}" WHERE {condition}'))) == expected.split()


def test_several_partitions(run, music, songs):
    for condition in ("pk IN ['a', 'c']", "(pk = 'a' OR pk = 'c')"):
        assert sorted(keys(run(f'SELECT * FROM "{music}" WHERE {condition} AND sk = 1'))) == ["a1", "c1"]


def test_scan(run, music, songs):
    assert len(run(f'SELECT * FROM "{music}"')["Items"]) == 15


def test_columns(run, music, songs):
    answer = run(f"SELECT awards.years[0], awards.years, absent, title FROM \"{music}\" WHERE pk = 'a' AND sk = 1")
    assert answer["Items"] == [{"years[0]": N(2001), "years": L(N(2001), S("later")), "title": S("t8")}]


def test_order_by(db, run, music, songs):
    assert keys(run(f"SELECT * FROM \"{music}\" WHERE pk = 'a' ORDER BY sk DESC")) == "a5 a4 a3 a2 a1".split()
    assert keys(run(f"SELECT * FROM \"{music}\" WHERE pk IN ['a', 'b'] AND sk < 3 ORDER BY pk DESC, sk ASC")) == "b1 b2 a1 a2".split()
    no(db, f'SELECT * FROM "{music}" ORDER BY sk', "ValidationException",
       "Must have WHERE clause in the statement when using ORDER BY clause.")
    no(db, f"SELECT * FROM \"{music}\" WHERE pk = 'a' ORDER BY plays", "ValidationException",
       "Attribute plays in ORDER BY clause must be part of the primary key")
    no(db, f"SELECT * FROM \"{music}\" WHERE sk = 1 ORDER BY sk", "ValidationException",
       "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.")
    no(db, f"SELECT * FROM \"{music}\" WHERE pk IN ['a', 'b'] ORDER BY sk", "ValidationException",
       "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.")


def test_indexes(db, run, music, songs):
    assert len(run(f'SELECT * FROM "{music}"."by-genre"')["Items"]) == 9
    assert sorted(keys(run(f"SELECT * FROM \"{music}\".\"by-genre\" WHERE genre = 'rock' AND sk > 3"))) == ["a5", "b5", "c5"]
    assert keys(run(f"SELECT * FROM \"{music}\".\"by-title\" WHERE pk = 'a' ORDER BY title")) == "a5 a4 a3 a2 a1".split()
    assert run(f"SELECT plays FROM \"{music}\".\"by-title\" WHERE pk = 'a' AND title = 't8'", ConsistentRead=True)["Items"] == [{"plays": N(10)}]
    no(db, f'SELECT * FROM "{music}"."absent"', "ValidationException", "The table does not have the specified index")
    no(db, f'SELECT * FROM "{music}"."by-genre"', "ValidationException",
       "Strongly consistent read is not supported on Global Secondary Indexes", ConsistentRead=True)


@pytest.mark.parametrize("where", ["", " WHERE pk IN ['c', 'a']", " WHERE pk = 'b' ORDER BY sk DESC", " WHERE plays > 20"])
@pytest.mark.parametrize("limit", [1, 4, 7])
def test_pages(run, music, songs, where, limit):
    statement = f'SELECT * FROM "{music}"{where}'
    whole, pages, more = run(statement), [], {}
    while True:
        page = run(statement, Limit=limit, **more)
        assert len(page["Items"]) <= limit
        assert ("NextToken" in page) == ("LastEvaluatedKey" in page)
        pages += keys(page)
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert pages == keys(whole)


def test_a_page_is_at_most_a_megabyte(db, run, plain):
    fill(db, plain, [{"pk": S(f"big{i}"), "text": S("x" * 100_000)} for i in range(15)])
    first = run(f'SELECT pk FROM "{plain}"')
    assert len(first["Items"]) < 15
    rest = run(f'SELECT pk FROM "{plain}"', NextToken=first["NextToken"])
    assert len({i["pk"]["S"] for i in first["Items"] + rest["Items"] if i["pk"]["S"].startswith("big")}) == 15


def test_tokens_belong_to_their_statement(db, run, music, songs):
    token = run(f"SELECT * FROM \"{music}\" WHERE pk = 'a'", Limit=1)["NextToken"]
    no(db, f"SELECT * FROM \"{music}\" WHERE pk = 'b'", "ValidationException", "NextToken does not match request", NextToken=token)
    no(db, f"SELECT * FROM \"{music}\" WHERE pk = 'a'", "ValidationException", "Invalid NextToken", NextToken="garbage")


def test_whole_key_has_no_next_page(run, music, songs):
    assert "NextToken" not in run(f"SELECT * FROM \"{music}\" WHERE pk = 'a' AND sk = 2", Limit=1)


def test_capacity(run, music, songs):
    answer = run(f"SELECT * FROM \"{music}\" WHERE pk = 'a'", ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == {"TableName": music, "CapacityUnits": 0.5}
    answer = run(f"SELECT * FROM \"{music}\" WHERE pk = 'a'", ReturnConsumedCapacity="TOTAL", ConsistentRead=True)
    assert answer["ConsumedCapacity"]["CapacityUnits"] == 1


# INSERT

def test_insert_every_type(db, run, plain):
    assert run(f"INSERT INTO \"{plain}\" VALUE {{'pk': 'types', 's': 'it''s', 'n': -1.5e1, 't': true, 'nul': null, 'l': [1, 'x', []],"
               f" 'm': {{'k': {{}}}}, 'ss': <<'a', 'b'>>, 'ns': <<1, 2>>, 'b': ?}}", B(b"\x00\xff"))["Items"] == []
    assert db.get_item(TableName=plain, Key={"pk": S("types")})["Item"] == {
        "pk": S("types"), "s": S("it's"), "n": N(-15), "t": {"BOOL": True}, "nul": {"NULL": True}, "l": L(N(1), S("x"), L()),
        "m": M(k=M()), "ss": SS("a", "b"), "ns": NS(1, 2), "b": B(b"\x00\xff")}


def test_insert_refusals(db, run, plain):
    run(f"INSERT INTO \"{plain}\" VALUE {{'pk': 'once'}}")
    no(db, f"INSERT INTO \"{plain}\" VALUE {{'pk': 'once', 'x': 1}}", "DuplicateItemException", "Duplicate primary key exists in table")
    assert db.get_item(TableName=plain, Key={"pk": S("once")})["Item"] == {"pk": S("once")}
    no(db, f"INSERT INTO \"{plain}\" VALUE {{'pk': ?}}", "ValidationException", "Number of parameters in request and statement don't match.")
    no(db, f"INSERT INTO \"{plain}\" VALUE {{'pk': 'e', 's': <<>>}}", "ValidationException", "Empty bags are not supported")
    no(db, "INSERT INTO \"absent-table\" VALUE {'pk': 'a'}", "ResourceNotFoundException", "Requested resource not found")


# UPDATE

def test_update(db, run, plain):
    run(f"INSERT INTO \"{plain}\" VALUE {{'pk': 'u', 'n': 1, 'l': [1], 'm': {{'k': 1}}, 'ss': <<'a'>>, 'gone': 1}}")
    assert run(f"UPDATE \"{plain}\" SET n = n + 100 SET m.fresh = [2020, 'x'] SET l = LIST_APPEND(l, [4, <<'s'>>])"
               f" SET ss = SET_ADD(ss, <<'b'>>) REMOVE gone WHERE pk = 'u'")["Items"] == []
    assert db.get_item(TableName=plain, Key={"pk": S("u")})["Item"] == {
        "pk": S("u"), "n": N(101), "l": L(N(1), N(4), SS("s")), "m": M(k=N(1), fresh=L(N(2020), S("x"))), "ss": SS("a", "b")}
    run(f"UPDATE \"{plain}\" SET n = n - ? REMOVE l[1] REMOVE m.fresh SET ss = set_delete(ss, <<'a'>>) WHERE pk = 'u'", N(1))
    assert db.get_item(TableName=plain, Key={"pk": S("u")})["Item"] == {
        "pk": S("u"), "n": N(100), "l": L(N(1), SS("s")), "m": M(k=N(1)), "ss": SS("b")}


def test_returning(run, plain):
    run(f"INSERT INTO \"{plain}\" VALUE {{'pk': 'r', 'n': 1, 'm': {{'k': 1, 'other': 2}}}}")

    def update(change, returning):
        return run(f"UPDATE \"{plain}\" {change} WHERE pk = 'r' RETURNING {returning} *")["Items"]
    assert update("SET n = 2", "ALL OLD") == [{"pk": S("r"), "n": N(1), "m": M(k=N(1), other=N(2))}]
    assert update("SET n = 3", "ALL NEW") == [{"pk": S("r"), "n": N(3), "m": M(k=N(1), other=N(2))}]
    assert update("SET n = 4", "MODIFIED OLD") == [{"n": N(3)}]
    assert update("SET m.k = 5", "MODIFIED NEW") == [{"m": M(k=N(5))}]
    assert update("REMOVE n", "MODIFIED NEW") == []
    assert update("SET fresh = 1", "MODIFIED OLD") == []
    assert run(f"DELETE FROM \"{plain}\" WHERE pk = 'r' RETURNING ALL OLD *")["Items"][0]["fresh"] == N(1)
    assert run(f"DELETE FROM \"{plain}\" WHERE pk = 'r' RETURNING ALL OLD *")["Items"] == []
    with refused("ValidationException"):
        run(f"DELETE FROM \"{plain}\" WHERE pk = 'r' RETURNING ALL NEW *")


def test_conditional_writes(db, run, raw, plain):
    run(f"INSERT INTO \"{plain}\" VALUE {{'pk': 'c', 'v': 1}}")
    for statement in (f"UPDATE \"{plain}\" SET v = 2 WHERE pk = 'c' AND v = 9", f"UPDATE \"{plain}\" SET v = 2 WHERE pk = 'absent'",
                      f"DELETE FROM \"{plain}\" WHERE pk = 'c' AND v = 9"):
        no(db, statement, "ConditionalCheckFailedException", "The conditional request failed")
    answer = raw.post("ExecuteStatement", {"Statement": f"DELETE FROM \"{plain}\" WHERE pk = 'c' AND v = 9",
                                           "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})
    assert answer.code == "ConditionalCheckFailedException" and answer.json["Item"] == {"pk": S("c"), "v": N(1)}
    assert run(f"DELETE FROM \"{plain}\" WHERE pk = 'absent' AND v = 9")["Items"] == []
    assert run(f"UPDATE \"{plain}\" SET v = 2 WHERE pk = 'c' AND v = 1 RETURNING ALL NEW *")["Items"] == [{"pk": S("c"), "v": N(2)}]


def test_writes_need_the_whole_key(db, music, songs):
    for statement in (f"UPDATE \"{music}\" SET plays = 1", f"UPDATE \"{music}\" SET plays = 1 WHERE pk = 'a'",
                      f"DELETE FROM \"{music}\" WHERE pk = 'a' AND sk > 1", f"DELETE FROM \"{music}\" WHERE plays = 10"):
        no(db, statement, "ValidationException", KEY_MISSING)
    no(db, f"DELETE FROM \"{music}\" WHERE pk = 1 AND sk = 1", "ValidationException",
       "Key attribute's data type should match its data type in table's schema: Key pk")
    no(db, f"UPDATE \"{music}\" SET sk = 1 WHERE pk = 'a' AND sk = 1", "ValidationException",
       "One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key")


@pytest.mark.parametrize("statement, message", [
    ("DROP TABLE t", MALFORMED + "Expected data manipulation"),
    ("UPDATE my-table SET a = 1", MALFORMED + "Expected data manipulation"),
    ("SELECT * FROM tab WHERE date = 1", MALFORMED + "Unexpected keyword"),
    ("SELECT a.size FROM tab", MALFORMED + "Invalid path dot component"),
    ("SELECT * FROM tab WHERE (a = 1", MALFORMED + "Expected RIGHT_PAREN"),
    ("SELECT * FROM tab WHERE a = 1 AND b = 2 c", MALFORMED + "Unexpected token after expression"),
    ("SELECT id FROM tab LIMIT 5", "Unsupported clause: LIMIT at 1:26:1"),
    ("SELECT a AS b FROM tab", "Aliasing is not supported"),
    ("SELECT a, a FROM tab", "Duplicate identifiers in select clause: a"),
])
def test_malformed(db, plain, statement, message):
    known = statement.replace("FROM tab", f'FROM "{plain}"') if "Duplicate" in message else statement
    no(db, known, "ValidationException", message)


def test_statement_length(raw):
    answer = raw.post("ExecuteStatement", {"Statement": "x" * 8193})
    assert answer.code == "ValidationException"
    assert answer.message.endswith("at 'statement' failed to satisfy constraint: Member must have length less than or equal to 8192")
    answer = raw.post("ExecuteStatement", {})
    assert answer.message == ("1 validation error detected: Value null at 'statement' failed to satisfy constraint: Member must not be null")


# BatchExecuteStatement

def test_batch_writes(db, plain):
    statements = [f"INSERT INTO \"{plain}\" VALUE {{'pk': 'b1', 'n': 1}}", f"INSERT INTO \"{plain}\" VALUE {{'pk': 'b1'}}",
                  f"UPDATE \"{plain}\" SET n = 2 WHERE pk = 'b1' RETURNING ALL OLD *", f"UPDATE \"{plain}\" SET n = 2 WHERE pk = 'b-absent'",
                  f"DELETE FROM \"{plain}\"", "nonsense"]
    answers = db.batch_execute_statement(Statements=[{"Statement": s} for s in statements])["Responses"]
    assert [a.get("Error", {}).get("Code") for a in answers] == [None, "DuplicateItem", None, "ConditionalCheckFailed", "ValidationError", "ValidationError"]
    assert answers[1]["Error"]["Message"] == "Duplicate primary key exists in table"
    assert answers[2] == {"TableName": plain, "Item": {"pk": S("b1"), "n": N(1)}}
    assert answers[4]["Error"]["Message"] == KEY_MISSING
    assert answers[5]["Error"]["Message"] == MALFORMED + "Expected data manipulation"


def test_batch_reads(db, music, songs):
    answers = db.batch_execute_statement(Statements=[
        {"Statement": f"SELECT plays FROM \"{music}\" WHERE pk = ? AND sk = ?", "Parameters": [S("a"), N(2)], "ConsistentRead": True},
        {"Statement": f"SELECT * FROM \"{music}\" WHERE pk = 'absent' AND sk = 1"},
        {"Statement": f"SELECT * FROM \"{music}\" WHERE pk = 'a'"}])["Responses"]
    assert answers[0] == {"TableName": music, "Item": {"plays": N(20)}}
    assert answers[1] == {"TableName": music}
    assert answers[2]["Error"] == {"Code": "ValidationError", "Message":
                                   "Select statements within BatchExecuteStatement must specify the primary key in the where clause."}


def test_batch_refusals(db, raw, plain):
    with refused("ValidationException", "BatchExecuteStatement API does not support both read and write operations in the same request."):
        db.batch_execute_statement(Statements=[{"Statement": f"SELECT * FROM \"{plain}\" WHERE pk = 'a'"},
                                               {"Statement": f"INSERT INTO \"{plain}\" VALUE {{'pk': 'mixed'}}"}])
    assert "Item" not in db.get_item(TableName=plain, Key={"pk": S("mixed")})
    one = {"Statement": f"SELECT * FROM \"{plain}\" WHERE pk = 'a'"}
    assert len(raw.post("BatchExecuteStatement", {"Statements": [one] * 25}).json["Responses"]) == 25
    for count in (0, 26):
        answer = raw.post("BatchExecuteStatement", {"Statements": [one] * count})
        assert answer.code == "ValidationException" and "at 'statements' failed to satisfy constraint" in answer.message


# ExecuteTransaction

def transact(db, *statements, **more):
    return db.execute_transaction(TransactStatements=[{"Statement": s} for s in statements], **more)


def test_transaction_of_writes(db, run, plain):
    run(f"INSERT INTO \"{plain}\" VALUE {{'pk': 't1', 'n': 1}}")
    run(f"INSERT INTO \"{plain}\" VALUE {{'pk': 't2', 'n': 1}}")
    transact(db, f"INSERT INTO \"{plain}\" VALUE {{'pk': 't3'}}", f"UPDATE \"{plain}\" SET n = n + 1 WHERE pk = 't1'",
             f"EXISTS(SELECT * FROM \"{plain}\" WHERE pk = 't2' AND n = 1)")
    assert run(f"SELECT n FROM \"{plain}\" WHERE pk = 't1'")["Items"] == [{"n": N(2)}]
    with pytest.raises(db.exceptions.TransactionCanceledException) as error:
        transact(db, f"UPDATE \"{plain}\" SET n = 9 WHERE pk = 't1'", f"INSERT INTO \"{plain}\" VALUE {{'pk': 't3'}}",
                 f"EXISTS(SELECT * FROM \"{plain}\" WHERE pk = 't2' AND n = 2)")
    assert [r["Code"] for r in error.value.response["CancellationReasons"]] == ["None", "DuplicateItem", "ConditionalCheckFailed"]
    assert run(f"SELECT n FROM \"{plain}\" WHERE pk = 't1'")["Items"] == [{"n": N(2)}]


def test_transaction_of_reads(db, music, songs):
    answer = transact(db, f"SELECT plays FROM \"{music}\" WHERE pk = 'a' AND sk = 1", f"SELECT * FROM \"{music}\" WHERE pk = 'absent' AND sk = 1")
    assert answer["Responses"] == [{"Item": {"plays": N(10)}}, {}]


def test_transaction_refusals(db, plain, music):
    with refused("ValidationException", "ExecuteTransaction API does not support both read and write operations in the same request."):
        transact(db, f"SELECT * FROM \"{plain}\" WHERE pk = 'a'", f"INSERT INTO \"{plain}\" VALUE {{'pk': 'mixed'}}")
    with refused("ValidationException", "Transaction request cannot include multiple operations on one item"):
        transact(db, f"INSERT INTO \"{plain}\" VALUE {{'pk': 'twice'}}", f"DELETE FROM \"{plain}\" WHERE pk = 'twice'")
    with refused("ValidationException"):
        transact(db, f"DELETE FROM \"{plain}\" WHERE pk = 'a' RETURNING ALL OLD *")
    with refused("ValidationException", KEY_MISSING):
        transact(db, f"SELECT * FROM \"{music}\" WHERE pk = 'a'")


def test_transaction_token(db, run, plain):
    run(f"INSERT INTO \"{plain}\" VALUE {{'pk': 'token', 'n': 0}}")
    for _ in range(2):
        transact(db, f"UPDATE \"{plain}\" SET n = n + 1 WHERE pk = 'token'", ClientRequestToken=f"partiql-{plain[-20:]}")
    assert run(f"SELECT n FROM \"{plain}\" WHERE pk = 'token'")["Items"] == [{"n": N(1)}]
    with refused("IdempotentParameterMismatchException"):
        transact(db, f"UPDATE \"{plain}\" SET n = n + 2 WHERE pk = 'token'", ClientRequestToken=f"partiql-{plain[-20:]}")


# Time travel

def test_select_of_the_past(db, raw, run, on_reprise, make_table):
    table = make_table(schema("pk"))
    db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    run(f"INSERT INTO \"{table}\" VALUE {{'pk': 'a', 'v': 1}}")
    then = str(time.time())
    run(f"UPDATE \"{table}\" SET v = 2 WHERE pk = 'a'")
    answer = raw.post("ExecuteStatement", {"Statement": f"SELECT v FROM \"{table}\""}, headers={"x-reprise-as-of": then})
    assert answer.json["Items"] == [{"v": N(1)}]
    answer = raw.post("ExecuteStatement", {"Statement": f"DELETE FROM \"{table}\" WHERE pk = 'a'"}, headers={"x-reprise-as-of": then})
    assert answer.code == "ValidationException"


# Another client

def test_javascript(on_reprise):
    """The current AWS SDK for JavaScript, with members Debian's boto3 does not know."""
    here = Path(__file__).resolve().parent
    done = subprocess.run(["node", str(here / "partiql.mjs"), on_reprise.endpoint], capture_output=True, text=True,
                          timeout=120, env=on_reprise.aws_environment | {"AWS_REGION": "eu-west-1"})
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "pages": [[5, 4], [3, 2], [1]], "batch": ["done", ["ConditionalCheckFailed", "2"]],
        "reasons": ["TransactionCanceledException", ["None", None], ["ConditionalCheckFailed", "3"]],
        "kept": ["ConditionalCheckFailedException", "2"],
        "item": {"pk": "a", "sk": 1, "odd": True, "n": 1, "tags": ["x", {"deep": [1, None]}]}}
