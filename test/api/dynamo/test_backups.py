"""On-demand backups: CreateBackup, DescribeBackup, ListBackups, DeleteBackup, RestoreTableFromBackup, and the SYSTEM
backups of deleted tables. Whole tables are compared, item by item and index by index."""
import datetime
import os
import re
import threading

import pytest
from botocore.exceptions import ClientError

from harness.raw import ApiError
from harness.server import REGION, Server, client_config
from harness.tables import N, S, fill, invalid, refused, scan_all, schema, unique, wait_active, wait_gone
from harness.waiting import wait_for

UTC = datetime.timezone.utc
KEYS = schema("pk", "sk:N", indexes=[("by-kind", ["kind", "n:N"]), ("by-n", ["n:N"], ["text"])],
              local_indexes=[("by-text", ["pk", "text"], "KEYS_ONLY")])
ITEMS = 300


def item(i: int, text: str) -> dict:
    return {"pk": S(f"p{i % 20}"), "sk": N(i), "kind": S(f"k{i % 7}"), "n": N(i % 11), "text": S(f"{text}{i}"),
            "blob": {"B": bytes([i % 256] * 50)}, "deep": {"M": {"list": {"L": [N(i), {"NULL": True}]}}}}


def by_key(items) -> dict:
    return {(i["pk"]["S"], i["sk"]["N"]): i for i in items}


def scan(client, table: str, index: str | None = None) -> list:
    if index is None:
        return scan_all(client, table)
    return [i for page in client.get_paginator("scan").paginate(TableName=table, IndexName=index) for i in page["Items"]]


def contents(client, table: str, index: str | None = None) -> dict:
    return by_key(scan(client, table, index))


def available(client, arn: str) -> dict:
    def look():
        found = client.describe_backup(BackupArn=arn)["BackupDescription"]
        return found if found["BackupDetails"]["BackupStatus"] == "AVAILABLE" else None
    return wait_for(f"{arn} to be AVAILABLE", look)


def back_up(client, table: str, name: str = "backup") -> str:
    arn = client.create_backup(TableName=table, BackupName=name)["BackupDetails"]["BackupArn"]
    available(client, arn)
    return arn


def restore(client, arn: str, target: str, **more) -> dict:
    answer = client.restore_table_from_backup(BackupArn=arn, TargetTableName=target, **more)["TableDescription"]
    wait_active(client, target)
    return answer


def all_backups(client, **filters) -> list:
    found, start = [], {}
    while True:
        page = client.list_backups(**filters, **start)
        found += page["BackupSummaries"]
        if "LastEvaluatedBackupArn" not in page:
            return found
        start = {"ExclusiveStartBackupArn": page["LastEvaluatedBackupArn"]}


@pytest.fixture(scope="module")
def made(db):
    """Names of restored tables and ARNs of backups, to be removed afterwards."""
    tables, arns = [], []
    yield lambda table=None, arn=None: (tables if table else arns).append(table or arn) or table or arn
    for table in tables:
        wait_active(db, table)
        db.delete_table(TableName=table)
    for arn in arns:
        try:
            db.delete_backup(BackupArn=arn)
        except db.exceptions.BackupNotFoundException:
            continue


@pytest.fixture(scope="module")
def table(db, make_table):
    name = make_table(KEYS)
    fill(db, name, [item(i, "first") for i in range(ITEMS)])
    return name


@pytest.fixture(scope="module")
def backup(db, table, made):
    return made(arn=back_up(db, table, "module-backup"))


def test_life_of_a_backup(db, table, made):
    before = datetime.datetime.now(UTC)
    answer = db.create_backup(TableName=table, BackupName="nightly")
    assert set(answer) - {"ResponseMetadata"} == {"BackupDetails"}
    details = answer["BackupDetails"]
    assert set(details) == {"BackupArn", "BackupCreationDateTime", "BackupName", "BackupSizeBytes", "BackupStatus", "BackupType"}
    assert details["BackupStatus"] == "CREATING" and details["BackupType"] == "USER" and details["BackupName"] == "nightly"
    arn, created = details["BackupArn"], details["BackupCreationDateTime"]
    assert abs((created - before).total_seconds()) < 60
    number = re.fullmatch(rf"arn:aws:dynamodb:[a-z0-9-]+:\d{{12}}:table/{table}/backup/(\d{{14}})-[0-9a-f]{{8}}", arn)[1]
    assert abs(int(number) / 1000 - created.timestamp()) < 0.001
    described = available(db, arn)
    assert set(described) == {"BackupDetails", "SourceTableDetails", "SourceTableFeatureDetails"}
    assert described["BackupDetails"]["BackupCreationDateTime"] == created
    listed = [b for b in all_backups(db, TableName=table) if b["BackupArn"] == arn]
    assert len(listed) == 1 and listed[0]["BackupCreationDateTime"] == created
    assert set(listed[0]) == {"TableName", "TableId", "TableArn", "BackupArn", "BackupName", "BackupCreationDateTime",
                              "BackupStatus", "BackupType", "BackupSizeBytes"}
    deleted = db.delete_backup(BackupArn=arn)["BackupDescription"]
    assert deleted["BackupDetails"]["BackupStatus"] == "DELETED"
    assert deleted["SourceTableDetails"]["TableName"] == table
    for again in (db.describe_backup, db.delete_backup):
        with refused("BackupNotFoundException", f"Backup not found: {arn}"):
            again(BackupArn=arn)
    assert arn not in [b["BackupArn"] for b in all_backups(db, TableName=table)]


def test_what_is_recorded(db, table, backup):
    live = db.describe_table(TableName=table)["Table"]
    found = db.describe_backup(BackupArn=backup)["BackupDescription"]
    source, features = found["SourceTableDetails"], found["SourceTableFeatureDetails"]
    for member in ("TableName", "TableId", "TableArn", "KeySchema"):
        assert source[member] == live[member]
    assert source["TableCreationDateTime"] == live["CreationDateTime"]
    assert source["BillingMode"] == "PAY_PER_REQUEST"
    assert source["ProvisionedThroughput"] == {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    assert [set(i) for i in features["GlobalSecondaryIndexes"]] == [
        {"IndexName", "KeySchema", "Projection", "ProvisionedThroughput"}] * 2
    assert [set(i) for i in features["LocalSecondaryIndexes"]] == [{"IndexName", "KeySchema", "Projection"}]
    assert set(features) == {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"}


def test_features_of_a_plain_table_are_an_empty_map(db, make_table, made):
    arn = made(arn=back_up(db, make_table(schema("pk"))))
    assert db.describe_backup(BackupArn=arn)["BackupDescription"]["SourceTableFeatureDetails"] == {}


def test_item_count(db, on_reprise, backup):
    """Ours is exact; AWS shows a figure of the last six hours."""
    assert db.describe_backup(BackupArn=backup)["BackupDescription"]["SourceTableDetails"]["ItemCount"] == ITEMS


def test_restore_after_the_table_is_deleted(db, make_table, made):
    name = unique("gone")
    db.create_table(TableName=name, **KEYS)
    wait_active(db, name)
    fill(db, name, [item(i, "kept") for i in range(ITEMS)])
    indexes = ["by-kind", "by-n", "by-text"]
    expected = {index: contents(db, name, index) for index in [None, *indexes]}
    arn = made(arn=back_up(db, name))
    table_arn = db.describe_table(TableName=name)["Table"]["TableArn"]
    db.delete_table(TableName=name)
    wait_gone(db, name)
    assert db.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]["BackupStatus"] == "AVAILABLE"
    assert [b["BackupArn"] for b in all_backups(db, TableName=name)] == [arn]
    answer = restore(db, arn, made(table=name))  # under its own name
    assert answer["TableStatus"] == "CREATING"
    summary = answer["RestoreSummary"]
    assert summary["SourceBackupArn"] == arn and summary["SourceTableArn"] == table_arn and summary["RestoreInProgress"]
    for index, entries in expected.items():
        assert contents(db, name, index) == entries, index
    db.put_item(TableName=name, Item=item(1000, "new"))
    assert len(contents(db, name, "by-kind")) == ITEMS + 1


def test_backups_of_two_lives_of_a_name(db, made):
    name, ids = unique("lives"), []
    for life in ("first", "second"):
        db.create_table(TableName=name, **schema("pk"))
        wait_active(db, name)
        db.put_item(TableName=name, Item={"pk": S(life)})
        made(arn=wait_for("the backup", lambda: back_up(db, name, life)))
        ids.append(db.describe_table(TableName=name)["Table"]["TableId"])
        db.delete_table(TableName=name)
        wait_gone(db, name)
    found = all_backups(db, TableName=name)
    assert [(b["BackupName"], b["TableId"]) for b in found] == list(zip(("first", "second"), ids))
    target = made(table=unique("restored"))
    restore(db, found[0]["BackupArn"], target)
    assert [i["pk"]["S"] for i in scan_all(db, target)] == ["first"]


def test_writes_under_way(db, make_table, made, on_reprise):
    """A backup is the table as of one moment between request and answer: every write acknowledged before is in it, none
    that began after the answer, and of each writer's writes in between a beginning without gaps."""
    name = make_table(schema("pk"))
    fill(db, name, [{"pk": S(f"w{w}"), "n": N(0), "pad": S("x" * 500)} for w in range(200)])
    stop, done, begun = threading.Event(), [0] * 4, [0] * 4

    def write(w):
        client = on_reprise.client()
        while not stop.is_set():
            begun[w] += 1
            client.put_item(TableName=name, Item={"pk": S(f"writer-{w}-{begun[w]}"), "n": N(begun[w])})
            done[w] = begun[w]

    writers = [threading.Thread(target=write, args=(w,)) for w in range(4)]
    for writer in writers:
        writer.start()
    found = []
    try:
        for _ in range(5):
            wait_for("every writer to write", lambda start=list(done): all(d > s + 5 for d, s in zip(done, start)))
            low = list(done)
            arn = db.create_backup(TableName=name, BackupName="busy")["BackupDetails"]["BackupArn"]
            found.append((made(arn=arn), low, list(begun)))
        for arn, _, _ in found:
            available(db, arn)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    for arn, low, high in found:
        target = made(table=unique("moment"))
        restore(db, arn, target)
        rows = {i["pk"]["S"] for i in scan_all(db, target)}
        for w in range(4):
            numbers = sorted(int(r.rsplit("-", 1)[1]) for r in rows if r.startswith(f"writer-{w}-"))
            assert numbers == list(range(1, len(numbers) + 1)), "a later write without an earlier one"
            assert low[w] <= len(numbers) <= high[w]


def test_names_need_not_be_unique(db, table, made):
    arns = {made(arn=back_up(db, table, "same-name")) for _ in range(3)}
    assert len(arns) == 3
    assert [b["BackupArn"] for b in all_backups(db, TableName=table) if b["BackupName"] == "same-name"] == sorted(arns)


def test_pages_and_ranges(db, raw, make_table, made):
    name = make_table(schema("pk"))
    arns = [made(arn=back_up(db, name, f"b-{i}")) for i in range(4)]
    listed = all_backups(db, TableName=name)
    assert [b["BackupArn"] for b in listed] == arns
    page = db.list_backups(TableName=name, Limit=3)
    assert len(page["BackupSummaries"]) == 3 and page["LastEvaluatedBackupArn"] == arns[2]
    assert "LastEvaluatedBackupArn" not in db.list_backups(TableName=name, Limit=4)
    assert [b["BackupArn"] for b in all_backups(db, TableName=name, Limit=1)] == arns
    db.delete_backup(BackupArn=arns[1])
    rest = db.list_backups(TableName=name, ExclusiveStartBackupArn=arns[1])["BackupSummaries"]
    assert [b["BackupArn"] for b in rest] == arns[2:], "the cursor is a position"
    at = listed[2]["BackupCreationDateTime"].timestamp()

    def names(**filters):  # boto3 cuts times to whole seconds
        return [b["BackupName"] for b in raw.call("ListBackups", TableName=name, **filters)["BackupSummaries"]]

    assert names(TimeRangeLowerBound=at) == ["b-2", "b-3"]
    assert names(TimeRangeLowerBound=at + 0.001) == ["b-3"]
    assert names(TimeRangeUpperBound=at) == ["b-0"]
    assert names(TimeRangeUpperBound=at + 0.001) == ["b-0", "b-2"]
    assert names(BackupType="SYSTEM") == [] and names(BackupType="AWS_BACKUP") == []
    assert names(BackupType="ALL") == names(BackupType="USER") == names()
    assert db.list_backups(TableName="no-such-table-ever")["BackupSummaries"] == []


def test_list_refuses(db, backup):
    with invalid("Time range lower bound must be less than or equal to upper bound"):
        db.list_backups(TimeRangeLowerBound=2, TimeRangeUpperBound=1)
    with invalid("1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: Member must have value "
                 "less than or equal to 100"):
        db.list_backups(Limit=101)
    with invalid("1 validation error detected: Value 'user' at 'backupType' failed to satisfy constraint: Member must "
                 "satisfy enum value set: [USER, SYSTEM, AWS_BACKUP, ALL]"):
        db.list_backups(BackupType="user")


def test_create_refuses(db, table):
    with refused("TableNotFoundException", "Table not found: no-such-table"):
        db.create_backup(TableName="no-such-table", BackupName="backup")
    with pytest.raises(ClientError, match="at 'backupName' failed to satisfy constraint"):
        db.create_backup(TableName=table, BackupName="x")
    with pytest.raises(ClientError, match="at 'backupName' failed to satisfy constraint"):
        db.create_backup(TableName=table, BackupName="a/b c")
    with pytest.raises(ClientError, match="Value null at 'backupName'"):
        db.create_backup(TableName=table)


@pytest.mark.parametrize("call", ["describe_backup", "delete_backup"])
def test_arns(db, backup, call):
    ask = lambda arn: getattr(db, call)(BackupArn=arn)
    head, identity = backup.rsplit("/backup/", 1)
    with invalid("Invalid Backup ARN"):
        ask(head)
    with invalid("Invalid Backup ARN"):
        ask("x" * 48)
    with invalid("BackupArn is not valid"):
        ask(re.sub(r":dynamodb:[^:]+:", ":dynamodb:xx-fake-1:", backup))
    with refused("AccessDeniedException"):
        ask(re.sub(r":\d{12}:", ":123456789012:", backup))
    with refused("BackupNotFoundException"):
        ask(f"{head}/backup/01000000000000-{identity[-8:]}")
    with pytest.raises(ClientError, match="at 'backupArn' failed to satisfy constraint"):
        ask("short")


def test_overrides(db, backup, made):
    bare = made(table=unique("bare"))
    restore(db, backup, bare, GlobalSecondaryIndexOverride=[], LocalSecondaryIndexOverride=[])
    described = db.describe_table(TableName=bare)["Table"]
    assert "GlobalSecondaryIndexes" not in described and "LocalSecondaryIndexes" not in described
    assert len(scan_all(db, bare)) == ITEMS
    paid = made(table=unique("paid"))
    restore(db, backup, paid, BillingModeOverride="PROVISIONED", GlobalSecondaryIndexOverride=[],
            ProvisionedThroughputOverride={"ReadCapacityUnits": 3, "WriteCapacityUnits": 4})
    throughput = db.describe_table(TableName=paid)["Table"]["ProvisionedThroughput"]
    assert (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) == (3, 4)


@pytest.mark.parametrize("overrides, message", [
    ({"ProvisionedThroughputOverride": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
     "Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED"),
    ({"BillingModeOverride": "PROVISIONED"},
     "Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED"),
    ({"OnDemandThroughputOverride": {"MaxReadRequestUnits": 0, "MaxWriteRequestUnits": 0}},
     "Requested MaxReadRequestUnits for OnDemandThroughput is outside of valid range"),
    ({"GlobalSecondaryIndexOverride": [{"IndexName": "new", "Projection": {"ProjectionType": "ALL"},
                                        "KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}]}]},
     "Index new does not match a secondary index that existed in the source table and cannot be created during the "
     "restore operation"),
])
def test_override_refusals(db, raw, backup, overrides, message):
    target = unique("refused")
    with pytest.raises(ApiError) as failure:
        raw.call("RestoreTableFromBackup", BackupArn=backup, TargetTableName=target, **overrides)
    assert failure.value.response["Error"]["Code"] == "ValidationException"
    assert failure.value.response["Error"]["Message"].endswith(message)
    with pytest.raises(db.exceptions.ResourceNotFoundException):
        db.describe_table(TableName=target)


def test_restore_refuses(db, table, backup):
    with refused("TableAlreadyExistsException", f"Table already exists: {table}"):
        db.restore_table_from_backup(BackupArn=backup, TargetTableName=table)
    head, identity = backup.rsplit("/backup/", 1)
    with invalid("Invalid Backup ARN"):
        db.restore_table_from_backup(BackupArn=head, TargetTableName=unique("refused"))
    absent = f"{head}/backup/01000000000000-{identity[-8:]}"
    with refused("BackupNotFoundException", f"Backup not found: {absent}"):
        db.restore_table_from_backup(BackupArn=absent, TargetTableName=unique("refused"))
    other = re.sub(r":dynamodb:[^:]+:", ":dynamodb:us-east-2:", backup)
    with invalid("Invalid Request: sseSpecificationOverride must be provided for cross-region restores"):
        db.restore_table_from_backup(BackupArn=other, TargetTableName=unique("refused"))


def test_settings_that_do_not_come_back(db, make_table, made):
    name = make_table(schema("pk"))
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    target = made(table=unique("plain"))
    restore(db, made(arn=back_up(db, name)), target)
    status = db.describe_continuous_backups(TableName=target)["ContinuousBackupsDescription"]
    assert status["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_system_backup_of_a_deleted_table(db, made):
    name = unique("system")
    db.create_table(TableName=name, **schema("pk", indexes=[("by-kind", ["kind"])]))
    wait_active(db, name)
    wait_for("recovery", lambda: db.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}))
    fill(db, name, [{"pk": S(f"i{i}"), "kind": S(f"k{i % 3}")} for i in range(50)])
    db.delete_item(TableName=name, Key={"pk": S("i7")})
    expected = {i["pk"]["S"] for i in scan_all(db, name)}
    db.delete_table(TableName=name)
    found = wait_for("the backup", lambda: db.list_backups(TableName=name, BackupType="SYSTEM")["BackupSummaries"])
    assert len(found) == 1
    system = found[0]
    assert system["BackupName"] == f"{name}$DeletedTableBackup" and system["BackupType"] == "SYSTEM"
    assert system["BackupStatus"] == "AVAILABLE" and system["BackupArn"].endswith("-00000000")
    assert system["BackupExpiryDateTime"] - system["BackupCreationDateTime"] == datetime.timedelta(days=35)
    assert db.list_backups(TableName=name)["BackupSummaries"] == []
    with pytest.raises(ClientError) as failure:
        db.delete_backup(BackupArn=system["BackupArn"])
    assert failure.value.response["Error"]["Code"] == "ValidationException"
    assert failure.value.response["Error"]["Message"].startswith(
        f"User is not allowed to delete the system backup with arn {system['BackupArn']}. It will automatically expire on ")
    target = made(table=unique("risen"))
    restore(db, system["BackupArn"], target)
    assert {i["pk"]["S"] for i in scan_all(db, target)} == expected
    assert {i["pk"]["S"] for i in scan(db, target, "by-kind")} == expected


# ---- The server's own disk: a server of their own ----------------------------------------------------------------------

@pytest.fixture
def own(tmp_path):
    """(server, its client, its backup directory)"""
    directory = tmp_path / "backups"
    with Server("--backup-dir", str(directory)) as server:
        yield server, server.client(), directory


def some_table(client, name="table", count=ITEMS):
    client.create_table(TableName=name, **KEYS)
    wait_active(client, name)
    fill(client, name, [item(i, "x") for i in range(count)])
    return contents(client, name)


def test_a_damaged_segment_is_named(own):
    server, client, directory = own
    expected = some_table(client)
    arn = back_up(client, "table")
    segment = next(directory.rglob("segment-*"))
    whole = segment.read_bytes()
    middle = len(whole) // 2
    for damaged in (whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:], whole[:-1], whole + b"x"):
        segment.write_bytes(damaged)
        with pytest.raises(ClientError) as failure:
            client.restore_table_from_backup(BackupArn=arn, TargetTableName="again")
        message = failure.value.response["Error"]["Message"]
        assert str(segment.relative_to(directory)) in message and "is damaged" in message
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.describe_table(TableName="again")
    segment.unlink()
    with pytest.raises(ClientError, match=f"{segment.name} is missing"):
        client.restore_table_from_backup(BackupArn=arn, TargetTableName="again")
    segment.write_bytes(whole)
    restore(client, arn, "again")
    assert contents(client, "again") == expected


def test_backups_survive_the_loss_of_the_store(own, tmp_path):
    server, client, directory = own
    expected = some_table(client)
    index = contents(client, "table", "by-n")
    arn = back_up(client, "table", "survivor")
    server.kill()
    with Server("--backup-dir", str(directory)) as other:
        client = other.client()
        assert client.list_tables()["TableNames"] == []
        found = client.list_backups()["BackupSummaries"]
        assert [(b["BackupArn"], b["BackupName"], b["BackupStatus"]) for b in found] == [(arn, "survivor", "AVAILABLE")]
        restore(client, arn, "table")
        assert contents(client, "table") == expected and contents(client, "table", "by-n") == index
        client.delete_backup(BackupArn=arn)
        wait_for("the files to go", lambda: not [n for _, _, names in os.walk(directory) for n in names])
    server.start()


def test_a_bucket_as_the_place(tmp_path):
    """The bucket may come after the server: backups wait for it."""
    buckets = tmp_path / "buckets"
    buckets.mkdir()
    with Server("--backup-dir", "s3://my-bucket/deep/place", "--buckets-dir", str(buckets)) as server:
        client = server.client()
        expected = some_table(client)
        arn = client.create_backup(TableName="table", BackupName="backup")["BackupDetails"]["BackupArn"]
        (buckets / "my-bucket").mkdir()
        available(client, arn)
        assert list((buckets / "my-bucket" / "deep" / "place").rglob("manifest.json"))
        restore(client, arn, "again")
        assert contents(client, "again") == expected


def test_a_bucket_of_another_server_as_the_place():
    """Two Reprises: what one has backed up to the other outlives it, and a place that is away for a while is waited for."""
    with Server() as keeper:
        objects = keeper.session().client("s3", endpoint_url=keeper.endpoint, config=client_config())
        objects.create_bucket(Bucket="safe", CreateBucketConfiguration={"LocationConstraint": REGION})
        access, secret = keeper.credentials
        place = ["--backup-dir", "s3://safe/the tables/ü", "--s3-endpoint", keeper.endpoint]
        keys = {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret}
        with Server(*place, environment=keys) as server:
            client = server.client()
            expected = some_table(client)
            index = contents(client, "table", "by-n")
            keeper.kill()
            arn = client.create_backup(TableName="table", BackupName="survivor")["BackupDetails"]["BackupArn"]
            keeper.start()
            available(client, arn)
            server.kill()
        with Server(*place, environment=keys) as other:
            client = other.client()
            assert client.list_tables()["TableNames"] == []
            found = wait_for("the backup to be found", lambda: client.list_backups()["BackupSummaries"])
            assert [(b["BackupArn"], b["BackupName"]) for b in found] == [(arn, "survivor")]
            restore(client, arn, "table")
            assert contents(client, "table") == expected and contents(client, "table", "by-n") == index
            assert objects.list_objects_v2(Bucket="safe", Prefix="the tables/ü/")["KeyCount"] > 0
            client.delete_backup(BackupArn=arn)
            wait_for("the objects to go", lambda: objects.list_objects_v2(Bucket="safe")["KeyCount"] == 0)


def test_the_default_place_is_below_the_data(on_reprise, db, backup):
    assert list((on_reprise.data / "backups").rglob("manifest.json"))


def test_killed_in_the_middle(own):
    """A backup that was answered is finished by the next start, as of its own moment; so is a restore."""
    server, client, _ = own
    fill_size = 2000
    client.create_table(TableName="table", **schema("pk"))
    wait_active(client, "table")
    fill(client, "table", [{"pk": S(f"i{i}"), "pad": S("x" * 2000)} for i in range(fill_size)])
    arn = client.create_backup(TableName="table", BackupName="backup")["BackupDetails"]["BackupArn"]
    client.put_item(TableName="table", Item={"pk": S("later")})
    server.kill()
    server.start()
    client = server.client()
    assert available(client, arn)["SourceTableDetails"]["ItemCount"] == fill_size
    client.restore_table_from_backup(BackupArn=arn, TargetTableName="again")
    server.kill()
    server.start()
    client = server.client()
    wait_active(client, "again")
    assert {i["pk"]["S"] for i in scan_all(client, "again")} == {f"i{i}" for i in range(fill_size)}
    client.delete_backup(BackupArn=arn)
