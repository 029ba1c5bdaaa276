"""RestoreTableToPointInTime: data, indexes, overrides, lineage, deleted sources, every refusal."""
import datetime
import time

import pytest

from harness.tables import N, S, fill, invalid, refused, scan_all, schema, unique, wait_active, wait_gone
from harness.waiting import wait_for

UTC = datetime.timezone.utc


def now() -> datetime.datetime:
    return datetime.datetime.now(UTC)


def next_second() -> datetime.datetime:
    """Waits for a whole second to pass; that second lies between what was before and what comes after."""
    mark = now().replace(microsecond=0) + datetime.timedelta(seconds=1)
    wait_for("the next second", lambda: now() > mark + datetime.timedelta(milliseconds=20))
    return mark


def protect(db, name):
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})


def contents(db, name):
    return {i["pk"]["S"]: i for i in scan_all(db, name)}


def restored(db, source, made, at=None, **more):
    target = unique("restored")
    when = {"RestoreDateTime": at} if at else {"UseLatestRestorableTime": True}
    answer = db.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target, **when, **more)
    made.append(target)
    wait_active(db, target)
    return target, answer["TableDescription"]


@pytest.fixture(scope="module")
def made(db):
    names = []
    yield names
    for name in names:
        try:
            db.delete_table(TableName=name)
        except db.exceptions.ResourceNotFoundException:
            continue


@pytest.fixture(scope="module")
def past(db, make_table):
    """(table, instants, what it held at each): puts, updates, deletes and a quiet second."""
    name = make_table(schema("pk", indexes=[("by-kind", ["kind", "n:N"])]))
    protect(db, name)
    instants, states = [], []

    def remember():
        states.append(contents(db, name))
        instants.append(next_second())

    fill(db, name, [{"pk": S(f"{i}"), "kind": S(f"k{i % 3}"), "n": N(i)} for i in range(60)])
    remember()
    for i in range(20):
        db.update_item(TableName=name, Key={"pk": S(f"{i}")}, UpdateExpression="SET n = n + :d, kind = :k",
                       ExpressionAttributeValues={":d": N(1000), ":k": S("moved")})
    remember()
    for i in range(10, 40):
        db.delete_item(TableName=name, Key={"pk": S(f"{i}")})
    remember()
    fill(db, name, [{"pk": S(f"{i}"), "kind": S("again"), "n": N(-i)} for i in range(30, 35)])
    remember()
    remember()
    db.put_item(TableName=name, Item={"pk": S("after")})
    next_second()
    return name, instants, states


@pytest.mark.parametrize("which", range(5))
def test_every_instant(db, past, made, which):
    name, instants, states = past
    target, _ = restored(db, name, made, instants[which])
    assert contents(db, target) == states[which]
    for kind in ("k0", "k1", "k2", "moved", "again"):
        found = db.query(TableName=target, IndexName="by-kind", KeyConditionExpression="kind = :k",
                         ExpressionAttributeValues={":k": S(kind)})["Items"]
        expected = sorted((i for i in states[which].values() if i["kind"]["S"] == kind), key=lambda i: float(i["n"]["N"]))
        assert found == expected


def test_latest(db, past, made):
    name, _, _ = past
    target, _ = restored(db, name, made)
    assert contents(db, target) == contents(db, name)


def test_the_answer_and_the_new_table(db, past, made):
    name, instants, _ = past
    target, answer = restored(db, name, made, instants[0])
    source = db.describe_table(TableName=name)["Table"]
    assert answer["TableName"] == target and answer["TableStatus"] == "CREATING"
    assert answer["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    summary = answer["RestoreSummary"]
    assert summary["SourceTableArn"] == source["TableArn"] and summary["RestoreInProgress"] is True
    assert summary["RestoreDateTime"] == instants[0]
    table = db.describe_table(TableName=target)["Table"]
    assert table["TableId"] != source["TableId"]
    for same in ("KeySchema", "BillingModeSummary"):
        assert table[same] == source[same] or same == "BillingModeSummary"
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert [i["IndexName"] for i in table["GlobalSecondaryIndexes"]] == ["by-kind"]


def test_point_in_time_recovery_is_not_carried_over(db, past, made):
    target, _ = restored(db, past[0], made)
    assert db.describe_continuous_backups(TableName=target)["ContinuousBackupsDescription"][
        "PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_the_copy_is_independent(db, past, made):
    name, instants, states = past
    target, _ = restored(db, name, made, instants[0])
    before = contents(db, name)
    db.put_item(TableName=target, Item={"pk": S("1"), "only": S("here")})
    db.delete_item(TableName=target, Key={"pk": S("2")})
    db.put_item(TableName=name, Item={"pk": S("3-source")})
    assert contents(db, target) == {k: v for k, v in states[0].items() if k not in ("1", "2")} | {
        "1": {"pk": S("1"), "only": S("here")}}
    db.delete_item(TableName=name, Key={"pk": S("3-source")})
    assert contents(db, name) == before


def test_a_restore_of_a_restore(db, past, made):
    name, instants, states = past
    first, _ = restored(db, name, made, instants[1])
    protect(db, first)
    mark = next_second()
    db.delete_item(TableName=first, Key={"pk": S("0")})
    next_second()
    second, _ = restored(db, first, made, mark)
    assert contents(db, second) == states[1]
    protect(db, second)
    third, _ = restored(db, second, made)
    assert contents(db, third) == states[1]


def test_the_copy_outlives_its_source(db, make_table, made):
    name = make_table(schema("pk"))
    protect(db, name)
    fill(db, name, [{"pk": S(f"{i}"), "v": S("x" * 100)} for i in range(100)])
    mark = next_second()
    target, _ = restored(db, name, made, mark)
    db.delete_table(TableName=name)
    wait_gone(db, name)
    assert len(contents(db, target)) == 100


def test_a_deleted_table_stays_restorable(raw, db, made, on_reprise):
    """Over its whole window, not the last instant alone. By its ARN or its name."""
    name = unique("deleted")
    db.create_table(TableName=name, **schema("pk"))
    wait_active(db, name)
    protect(db, name)
    db.put_item(TableName=name, Item={"pk": S("early")})
    mark = next_second()
    db.put_item(TableName=name, Item={"pk": S("late")})
    arn = db.describe_table(TableName=name)["Table"]["TableArn"]
    end = next_second()
    db.delete_table(TableName=name)
    wait_gone(db, name)
    for when, expected in ((mark, {"early"}), (end, {"early", "late"})):
        target = unique("undeleted")
        raw.call("RestoreTableToPointInTime", SourceTableArn=arn, TargetTableName=target, RestoreDateTime=when.timestamp())
        made.append(target)
        wait_active(db, target)
        assert set(contents(db, target)) == expected
    target, _ = restored(db, name, made, mark)
    assert set(contents(db, target)) == {"early"}


def test_the_lost_name_can_be_restored_into(db, made, on_reprise):
    name = unique("again")
    db.create_table(TableName=name, **schema("pk"))
    wait_active(db, name)
    protect(db, name)
    db.put_item(TableName=name, Item={"pk": S("kept")})
    mark = next_second()
    db.delete_table(TableName=name)
    wait_gone(db, name)
    db.restore_table_to_point_in_time(SourceTableName=name, TargetTableName=name, RestoreDateTime=mark)
    made.append(name)
    wait_active(db, name)
    assert set(contents(db, name)) == {"kept"}


# Overrides

def test_without_indexes(db, past, made):
    target, _ = restored(db, past[0], made, GlobalSecondaryIndexOverride=[])
    assert "GlobalSecondaryIndexes" not in db.describe_table(TableName=target)["Table"]
    with invalid("The table does not have the specified index: by-kind"):
        db.query(TableName=target, IndexName="by-kind", KeyConditionExpression="kind = :k",
                 ExpressionAttributeValues={":k": S("k0")})


def test_an_index_renamed(db, past, made):
    index = {"IndexName": "renamed", "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"},
                                                   {"AttributeName": "n", "KeyType": "RANGE"}],
             "Projection": {"ProjectionType": "ALL"}}
    name, instants, states = past
    target, _ = restored(db, name, made, instants[0], GlobalSecondaryIndexOverride=[index])
    found = db.query(TableName=target, IndexName="renamed", KeyConditionExpression="kind = :k",
                     ExpressionAttributeValues={":k": S("k1")})
    assert found["Count"] == sum(1 for i in states[0].values() if i["kind"] == S("k1"))


@pytest.mark.parametrize("keys,projection", [(["other"], "ALL"), (["kind", "n"], "KEYS_ONLY")])
def test_an_index_that_was_not_there(db, past, keys, projection):
    index = {"IndexName": "new", "Projection": {"ProjectionType": projection},
             "KeySchema": [{"AttributeName": k, "KeyType": t} for k, t in zip(keys, ("HASH", "RANGE"))]}
    with invalid("Invalid Request: Index new does not match a secondary index that existed in the source table and cannot be created during the "
                 "restore operation"):
        db.restore_table_to_point_in_time(SourceTableName=past[0], TargetTableName=unique("no"), UseLatestRestorableTime=True,
                                          GlobalSecondaryIndexOverride=[index])


def test_provisioned(db, past, made):
    index = {"IndexName": "by-kind", "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"},
                                                   {"AttributeName": "n", "KeyType": "RANGE"}],
             "Projection": {"ProjectionType": "ALL"},
             "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3}}
    target, _ = restored(db, past[0], made, BillingModeOverride="PROVISIONED", GlobalSecondaryIndexOverride=[index],
                         ProvisionedThroughputOverride={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6})
    table = db.describe_table(TableName=target)["Table"]
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 3


@pytest.mark.parametrize("more,refusal", [
    ({"ProvisionedThroughputOverride": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
     "Invalid Request: Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED"),
    ({"BillingModeOverride": "PROVISIONED"}, "Invalid Request: Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED")])
def test_throughput_that_does_not_fit(db, past, more, refusal):
    with invalid(refusal):
        db.restore_table_to_point_in_time(SourceTableName=past[0], TargetTableName=unique("no"),
                                          UseLatestRestorableTime=True, **more)


# Refusals; none leaves a target behind

@pytest.fixture
def target(db):
    name = unique("target")
    yield name
    with refused("ResourceNotFoundException"):
        db.describe_table(TableName=name)


def test_both_times(db, past, target):
    with invalid(match="Invalid Request: Both RestoreDateTime and UseLatestRestorableTime cannot be set for point-in-time "
                       "restore request"):
        db.restore_table_to_point_in_time(SourceTableName=past[0], TargetTableName=target, UseLatestRestorableTime=True,
                                          RestoreDateTime=past[1][0])


@pytest.mark.parametrize("more", [{}, {"UseLatestRestorableTime": False}])
def test_no_time(db, past, target, more):
    with invalid("Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both"):
        db.restore_table_to_point_in_time(SourceTableName=past[0], TargetTableName=target, **more)


def test_both_sources(db, past, target):
    arn = db.describe_table(TableName=past[0])["Table"]["TableArn"]
    with invalid("Must provide exactly one of: sourceTableArn, sourceTableName"):
        db.restore_table_to_point_in_time(SourceTableName=past[0], SourceTableArn=arn, TargetTableName=target,
                                          UseLatestRestorableTime=True)


def test_no_source(db, target):
    with invalid(match="The parameter 'TableName' is required"):
        db.restore_table_to_point_in_time(TargetTableName=target, UseLatestRestorableTime=True)


@pytest.mark.parametrize("arn", ["not-an-arn", "arn:aws:dynamodb", "arn:aws:s3:::bucket"])
def test_no_arn(db, target, arn):
    with invalid("sourceTableArn is not a valid ARN"):
        db.restore_table_to_point_in_time(SourceTableArn=arn, TargetTableName=target, UseLatestRestorableTime=True)


def test_unknown_source(db, target):
    name = unique("no")
    with refused("TableNotFoundException", f"Table not found: {name}"):
        db.restore_table_to_point_in_time(SourceTableName=name, TargetTableName=target, UseLatestRestorableTime=True)


def test_recovery_off(db, make_table, target):
    """It is looked at before the time and before the target."""
    name = make_table(schema("pk"))
    for to, when in ((target, {"UseLatestRestorableTime": True}), (name, {"UseLatestRestorableTime": True}),
                     (target, {"RestoreDateTime": 0})):
        with refused("PointInTimeRecoveryUnavailableException", f"Point in time recovery is not enabled for table '{name}'"):
            db.restore_table_to_point_in_time(SourceTableName=name, TargetTableName=to, **when)


@pytest.mark.parametrize("seconds", [-86400 * 36, -3600, 3600])
def test_outside_the_window(db, past, target, seconds):
    with refused("InvalidRestoreTimeException", match=r"RestoreDateTime '[^']+' must be within EarliestRestorableDateTime "
                                                      r"'[^']+' and LatestRestorableDateTime '[^']+'"):
        db.restore_table_to_point_in_time(SourceTableName=past[0], TargetTableName=target,
                                          RestoreDateTime=int(time.time()) + seconds)


def test_the_epoch(db, past, target):
    with refused("InvalidRestoreTimeException"):
        db.restore_table_to_point_in_time(SourceTableName=past[0], TargetTableName=target, RestoreDateTime=0)


def test_the_target_exists(db, past, make_table):
    name = make_table(schema("pk"))
    for to in (name, past[0]):
        with refused("TableAlreadyExistsException", f"Table already exists: {to}"):
            db.restore_table_to_point_in_time(SourceTableName=past[0], TargetTableName=to, UseLatestRestorableTime=True)


@pytest.mark.parametrize("name", ["ab", "no spaces", "x" * 256])
def test_target_names_out_of_bounds(db, past, name):
    with invalid():
        db.restore_table_to_point_in_time(SourceTableName=past[0], TargetTableName=name, UseLatestRestorableTime=True)


def test_by_arn(db, past, made):
    arn = db.describe_table(TableName=past[0])["Table"]["TableArn"]
    target = unique("restored")
    db.restore_table_to_point_in_time(SourceTableArn=arn, TargetTableName=target, RestoreDateTime=past[1][2])
    made.append(target)
    wait_active(db, target)
    assert contents(db, target) == past[2][2]


def test_time_to_active_does_not_grow_with_the_table(db, make_table, made, on_reprise):
    """A restore is a clone: it is ACTIVE while its copy is still to be made, and answers at once. (How long that takes
    is the benchmark's to say; here the best of a few is far below what copying could take on a busy machine.)"""
    name = make_table(schema("pk"))
    protect(db, name)
    fill(db, name, [{"pk": S(f"{i}"), "v": S("x" * 200)} for i in range(3000)])
    mark = next_second()

    def seconds() -> float:
        target, begin = unique("fast"), time.monotonic()
        db.restore_table_to_point_in_time(SourceTableName=name, TargetTableName=target, RestoreDateTime=mark)
        made.append(target)
        wait_active(db, target)
        assert db.get_item(TableName=target, Key={"pk": S("2999")})["Item"]["v"]["S"] == "x" * 200
        return time.monotonic() - begin

    assert any(seconds() < 1 for _ in range(10))
