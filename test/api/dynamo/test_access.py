"""Who may do what in DynamoDB: users' policies, tables' policies, accounts, and the right to read the past."""
import time

import pytest

from harness.raw import ApiError
from harness.tables import S, schema, unique, wait_active
from harness.users import OTHER_ACCOUNT, ROOT_ACCOUNT, make_user, policy, statement  # noqa: F401 (a fixture)
from botocore.exceptions import ClientError


def arn(endpoint, table, account=ROOT_ACCOUNT):
    return f"arn:aws:dynamodb:{endpoint.region}:{account}:table/{table}"


def denied(call, **parameters) -> str:
    """The text of the AccessDeniedException (400) that the call must give."""
    with pytest.raises(ClientError) as found:
        call(**parameters)
    assert found.value.response["Error"]["Code"] == "AccessDeniedException"
    assert found.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return found.value.response["Error"]["Message"]


def not_authorized(user, action, resource, why=None) -> str:
    why = why or f"because no identity-based policy allows the {action} action"
    return f"User: {user.arn} is not authorized to perform: {action} on resource: {resource} {why}"


@pytest.fixture(scope="module")
def table(make_table, db):
    name = make_table(schema("pk:S", indexes=[("by-day", ["day:S"])], StreamSpecification={
        "StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}))
    db.put_item(TableName=name, Item={"pk": S("anna"), "day": S("monday"), "secret": S("x")})
    db.put_item(TableName=name, Item={"pk": S("bert"), "day": S("monday")})
    return name


def test_a_user_without_a_policy_may_do_nothing(endpoint, table, make_user):
    user = make_user()
    here = arn(endpoint, table)
    for call, parameters, action, resource in [
            (user.db.get_item, {"TableName": table, "Key": {"pk": S("anna")}}, "GetItem", here),
            (user.db.put_item, {"TableName": table, "Item": {"pk": S("x")}}, "PutItem", here),
            (user.db.scan, {"TableName": table}, "Scan", here),
            (user.db.scan, {"TableName": table, "IndexName": "by-day"}, "Scan", here + "/index/by-day"),
            (user.db.describe_table, {"TableName": table}, "DescribeTable", here),
            (user.db.delete_table, {"TableName": table}, "DeleteTable", here),
            (user.db.create_table, {"TableName": "new", **schema("pk:S")}, "CreateTable", arn(endpoint, "new")),
            (user.db.list_tables, {}, "ListTables", arn(endpoint, "*")),
            (user.db.batch_get_item, {"RequestItems": {table: {"Keys": [{"pk": S("a")}]}}}, "BatchGetItem", here),
            (user.db.transact_write_items, {"TransactItems": [{"Delete": {"TableName": table, "Key": {"pk": S("a")}}}]},
             "DeleteItem", here),
            (user.db.execute_statement, {"Statement": f'SELECT * FROM "{table}"'}, "PartiQLSelect", here),
            (user.db.execute_statement, {"Statement": f"""INSERT INTO "{table}" VALUE {{'pk': 'z'}}"""}, "PartiQLInsert", here)]:
        assert denied(call, **parameters) == not_authorized(user, f"dynamodb:{action}", resource)


def test_a_missing_table_is_not_told_to_who_may_not_ask(endpoint, make_user):
    user = make_user()
    assert denied(user.db.describe_table, TableName="none").startswith("User: ")


def test_a_policy_gives_what_it_says(endpoint, db, table, make_user):
    user = make_user(statement(["dynamodb:GetItem", "dynamodb:Query"], [arn(endpoint, table), arn(endpoint, table) + "/index/*"]))
    assert user.db.get_item(TableName=table, Key={"pk": S("anna")})["Item"]["secret"] == S("x")
    assert user.db.get_item(TableName=arn(endpoint, table), Key={"pk": S("anna")})["Item"]["secret"] == S("x")
    found = user.db.query(TableName=table, IndexName="by-day", KeyConditionExpression="#d = :d",
                          ExpressionAttributeNames={"#d": "day"}, ExpressionAttributeValues={":d": S("monday")})
    assert found["Count"] == 2
    denied(user.db.put_item, TableName=table, Item={"pk": S("x")})
    denied(user.db.scan, TableName=table)


def test_every_part_of_a_batch_is_asked_for(endpoint, db, table, make_table, make_user):
    other = make_table(schema("pk:S"))
    user = make_user(statement("dynamodb:*", arn(endpoint, table)))
    user.db.batch_get_item(RequestItems={table: {"Keys": [{"pk": S("a")}]}})
    denied(user.db.batch_get_item, RequestItems={table: {"Keys": [{"pk": S("a")}]}, other: {"Keys": [{"pk": S("a")}]}})
    denied(user.db.batch_write_item, RequestItems={table: [{"PutRequest": {"Item": {"pk": S("q")}}}],
                                                   other: [{"PutRequest": {"Item": {"pk": S("q")}}}]})
    assert "Item" not in db.get_item(TableName=table, Key={"pk": S("q")})
    denied(user.db.transact_write_items, TransactItems=[
        {"Put": {"TableName": table, "Item": {"pk": S("q")}}}, {"Put": {"TableName": other, "Item": {"pk": S("q")}}}])
    denied(user.db.batch_execute_statement, Statements=[{"Statement": f"""SELECT * FROM "{table}" WHERE pk = 'a'"""},
                                                        {"Statement": f"""SELECT * FROM "{other}" WHERE pk = 'a'"""}])


def test_an_explicit_deny_wins(endpoint, table, make_user):
    user = make_user(statement("*", "*"), statement("dynamodb:Delete*", "*", "Deny"))
    assert denied(user.db.delete_item, TableName=table, Key={"pk": S("x")}) == not_authorized(
        user, "dynamodb:DeleteItem", arn(endpoint, table), "with an explicit deny in an identity-based policy")


def test_leading_keys(endpoint, db, table, make_user):
    """Fine-grained access control: a user reads and writes only items whose partition key is its own name."""
    user = make_user(statement(
        ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem",
         "dynamodb:PartiQLSelect"],
        arn(endpoint, table), Condition={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:username}"]}}),
        name=unique("lead"))
    own, others = {"pk": S(user.name)}, {"pk": S("bert")}
    user.db.put_item(TableName=table, Item=own)
    user.db.get_item(TableName=table, Key=own)
    user.db.update_item(TableName=table, Key=own, UpdateExpression="SET a = :a", ExpressionAttributeValues={":a": S("1")})
    query = {"TableName": table, "KeyConditionExpression": "pk = :p"}
    user.db.query(**query, ExpressionAttributeValues={":p": S(user.name)})
    user.db.execute_statement(Statement=f'SELECT * FROM "{table}" WHERE pk = ?', Parameters=[S(user.name)])
    denied(user.db.get_item, TableName=table, Key=others)
    denied(user.db.put_item, TableName=table, Item=others)
    denied(user.db.query, **query, ExpressionAttributeValues={":p": S("bert")})
    denied(user.db.batch_get_item, RequestItems={table: {"Keys": [own, others]}})
    denied(user.db.execute_statement, Statement=f'SELECT * FROM "{table}" WHERE pk = ?', Parameters=[S("bert")])


def test_full_table_scans(endpoint, table, make_user):
    """Developer guide, "IAM security policies with PartiQL for DynamoDB": allow select statements and deny full table scan
    statements."""
    here = arn(endpoint, table)
    user = make_user(statement("dynamodb:PartiQLSelect", [here, here + "/index/*"]),
                     statement("dynamodb:PartiQLSelect", [here, here + "/index/*"], "Deny",
                               Condition={"Bool": {"dynamodb:FullTableScan": ["true"]}}))
    for where in ("pk = 'anna'", "pk IN ['anna', 'bert']", "pk = 'anna' AND secret = 'x'", "pk = 'anna' OR pk = 'bert'"):
        assert user.db.execute_statement(Statement=f'SELECT pk FROM "{table}" WHERE {where}')["Items"]
    assert user.db.execute_statement(Statement=f'SELECT pk FROM "{table}" WHERE pk = ?', Parameters=[S("anna")])["Items"]
    assert user.db.execute_statement(Statement=f"""SELECT pk FROM "{table}"."by-day" WHERE "day" = 'monday'""")["Items"]
    for rest in ("", "WHERE secret = 'x'", "WHERE pk > 'a'", "WHERE pk = 'anna' OR secret = 'x'", "WHERE pk = ?"):
        denied(user.db.execute_statement, Statement=f'SELECT pk FROM "{table}" {rest}')
    denied(user.db.execute_statement, Statement=f"""SELECT pk FROM "{table}"."by-day" WHERE pk = 'anna'""")


def test_attributes_and_select(endpoint, table, make_user):
    user = make_user(statement(
        ["dynamodb:GetItem", "dynamodb:Query"], arn(endpoint, table),
        Condition={"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "day"]},
                   "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}}))
    found = user.db.get_item(TableName=table, Key={"pk": S("anna")}, ProjectionExpression="pk, #d",
                             ExpressionAttributeNames={"#d": "day"})
    assert found["Item"] == {"pk": S("anna"), "day": S("monday")}
    denied(user.db.get_item, TableName=table, Key={"pk": S("anna")})
    denied(user.db.get_item, TableName=table, Key={"pk": S("anna")}, ProjectionExpression="pk, secret")
    denied(user.db.get_item, TableName=table, Key={"pk": S("anna")}, ProjectionExpression="#s",
           ExpressionAttributeNames={"#s": "secret"})


def test_enclosing_operation(endpoint, table, make_user):
    user = make_user(statement("dynamodb:PutItem", arn(endpoint, table), Condition={
        "StringEquals": {"dynamodb:EnclosingOperation": "TransactWriteItems"}}))
    user.db.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": {"pk": S("t")}}}])
    denied(user.db.put_item, TableName=table, Item={"pk": S("t")})


def test_streams(endpoint, db, table, make_user):
    stream = db.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    user = make_user(statement(["dynamodb:DescribeStream", "dynamodb:GetShardIterator"], arn(endpoint, table) + "/stream/*"))
    shard = user.streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = user.streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    assert denied(user.streams.get_records, ShardIterator=iterator["ShardIterator"]) == not_authorized(
        user, "dynamodb:GetRecords", stream)
    denied(user.streams.list_streams)


# ---- Policies of tables ----------------------------------------------------------------------------------------------

def table_policy(raw, resource, *statements):
    raw.call("PutResourcePolicy", ResourceArn=resource, Policy=policy(*statements))


def test_a_tables_policy(raw, endpoint, make_table, db, make_user):
    name = make_table(schema("pk:S"))
    here = arn(endpoint, name)
    user, other = make_user(), make_user(statement("dynamodb:*", "*"))
    table_policy(raw, here, statement("dynamodb:GetItem", here, Principal={"AWS": user.arn}),
                 statement("dynamodb:PutItem", here, "Deny", Principal={"AWS": other.arn}))
    user.db.get_item(TableName=name, Key={"pk": S("x")})
    denied(user.db.put_item, TableName=name, Item={"pk": S("x")})
    assert denied(other.db.put_item, TableName=name, Item={"pk": S("x")}) == not_authorized(
        other, "dynamodb:PutItem", here, "with an explicit deny in a resource-based policy")
    other.db.get_item(TableName=name, Key={"pk": S("x")})


def test_another_account(raw, endpoint, make_table, db, make_user):
    """Sees nothing of ours but by ARN and by the table's policy."""
    name = make_table(schema("pk:S"))
    here = arn(endpoint, name)
    db.put_item(TableName=name, Item={"pk": S("x"), "ours": S("1")})
    stranger = make_user(statement("dynamodb:*", "*"), account=OTHER_ACCOUNT)
    assert stranger.db.list_tables()["TableNames"] == []
    assert denied(stranger.db.get_item, TableName=here, Key={"pk": S("x")}) == not_authorized(
        stranger, "dynamodb:GetItem", here, "because no resource-based policy allows the dynamodb:GetItem action")
    with pytest.raises(ClientError) as found:
        stranger.db.get_item(TableName=name, Key={"pk": S("x")})
    assert found.value.response["Error"]["Code"] == "ResourceNotFoundException"  # a table of its own account

    table_policy(raw, here, statement(["dynamodb:GetItem", "dynamodb:Query"], here, Principal={"AWS": OTHER_ACCOUNT}))
    assert stranger.db.get_item(TableName=here, Key={"pk": S("x")})["Item"]["ours"] == S("1")
    denied(stranger.db.put_item, TableName=here, Item={"pk": S("y")})
    unable = make_user(account=OTHER_ACCOUNT)
    denied(unable.db.get_item, TableName=here, Key={"pk": S("x")})

    stranger.db.create_table(TableName=name, **schema("pk:S"))
    try:
        wait_active(stranger.db, name)
        assert "Item" not in stranger.db.get_item(TableName=name, Key={"pk": S("x")})
        assert stranger.db.list_tables()["TableNames"] == [name]
    finally:
        stranger.db.delete_table(TableName=name)


# ---- The past --------------------------------------------------------------------------------------------------------

def test_the_past_is_a_right_of_its_own(endpoint, raw, db, make_table, make_user, on_reprise):
    name = make_table(schema("pk:S"))
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    db.put_item(TableName=name, Item={"pk": S("x"), "v": S("before")})
    time.sleep(0.002)
    at = {"x-reprise-as-of": f"{time.time():.6f}"}
    db.put_item(TableName=name, Item={"pk": S("x"), "v": S("after")})
    here = arn(endpoint, name)
    read = {"TableName": name, "Key": {"pk": S("x")}}
    application = make_user(statement(["dynamodb:*", "s3:*"], [here, here + "/*"]))
    recovery = make_user(statement(["dynamodb:GetItem", "reprise:ReadPast"], here))
    assert application.raw.call("GetItem", **read)["Item"]["v"] == S("after")
    with pytest.raises(ApiError) as found:
        application.raw.call("GetItem", **read, _headers=at)
    assert found.value.code == "AccessDeniedException"
    assert found.value.message == not_authorized(application, "reprise:ReadPast", here)
    assert recovery.raw.call("GetItem", **read, _headers=at)["Item"]["v"] == S("before")
    assert raw.call("GetItem", **read, _headers=at)["Item"]["v"] == S("before")


def test_restoring_is_its_actions(endpoint, db, make_table, make_user):
    """Of the source the restore's action, of the table it makes the actions that fill it, as AWS asks."""
    name, target = make_table(schema("pk:S")), unique("restored")
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    restore = {"SourceTableName": name, "TargetTableName": target, "UseLatestRestorableTime": True}
    application = make_user(statement("dynamodb:*", arn(endpoint, name)))
    assert denied(application.db.restore_table_to_point_in_time, **restore) == not_authorized(
        application, "dynamodb:BatchWriteItem", arn(endpoint, target))
    kept = make_user(statement("dynamodb:*", "*"), statement("dynamodb:RestoreTable*", "*", "Deny"))
    assert "explicit deny" in denied(kept.db.restore_table_to_point_in_time, **restore)
    operator = make_user(statement("dynamodb:*", "*"))
    operator.db.restore_table_to_point_in_time(**restore)
    wait_active(db, target)
    db.delete_table(TableName=target)


def test_backups_by_their_own_arn_whatever_region_it_says(endpoint, db, make_table, make_user):
    name = make_table(schema("pk:S"))
    backup = db.create_backup(TableName=name, BackupName="first")["BackupDetails"]["BackupArn"]
    try:
        user = make_user(statement("dynamodb:*", "*"), statement("dynamodb:*", arn(endpoint, name) + "/backup/*", "Deny"))
        for named in (backup, backup.replace(endpoint.region, "us-west-2")):
            assert denied(user.db.describe_backup, BackupArn=named) == not_authorized(
                user, "dynamodb:DescribeBackup", backup, "with an explicit deny in an identity-based policy")
    finally:
        db.delete_backup(BackupArn=backup)


def test_what_is_no_request_is_refused_as_ever(table, make_user):
    user = make_user(statement("dynamodb:*", "*"))
    with pytest.raises(ApiError) as found:
        user.raw.call("GetItem", Key={"pk": S("x")})
    assert found.value.code == "ValidationException"
    with pytest.raises(ApiError) as found:
        user.raw.call("GetItem", TableName=7)
    assert found.value.code == "SerializationException"
