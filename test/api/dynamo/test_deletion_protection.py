"""Deletion protection on Create, Update, Describe and Delete. Debian's boto3 does not know it: raw requests."""
import pytest

from harness.tables import S, invalid, schema, unique, wait_active, wait_gone

TEXT = "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."


@pytest.fixture
def protected(raw, db):
    name = unique("protected")
    made = raw.call("CreateTable", TableName=name, DeletionProtectionEnabled=True, **schema("pk"))
    assert made["TableDescription"]["DeletionProtectionEnabled"] is True
    wait_active(db, name)
    yield name
    raw.call("UpdateTable", TableName=name, DeletionProtectionEnabled=False)
    db.delete_table(TableName=name)
    wait_gone(db, name)


def test_a_protected_table_stays(raw, db, protected):
    db.put_item(TableName=protected, Item={"pk": S("a")})
    with invalid(TEXT):
        db.delete_table(TableName=protected)
    assert db.get_item(TableName=protected, Key={"pk": S("a")})["Item"] == {"pk": S("a")}
    assert raw.call("DescribeTable", TableName=protected)["Table"]["DeletionProtectionEnabled"] is True


def test_it_can_be_switched_on_and_off(raw, db):
    name = unique("t")
    raw.call("CreateTable", TableName=name, **schema("pk"))
    wait_active(db, name)
    assert raw.call("DescribeTable", TableName=name)["Table"]["DeletionProtectionEnabled"] is False
    changed = raw.call("UpdateTable", TableName=name, DeletionProtectionEnabled=True)
    assert changed["TableDescription"]["DeletionProtectionEnabled"] is True
    with invalid(TEXT):
        db.delete_table(TableName=name)
    raw.call("UpdateTable", TableName=name, DeletionProtectionEnabled=False)
    db.delete_table(TableName=name)
    wait_gone(db, name)


def test_a_restored_table_is_not_protected(raw, db, protected):
    raw.call("UpdateContinuousBackups", TableName=protected,
             PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    target = unique("restored")
    raw.call("RestoreTableToPointInTime", SourceTableName=protected, TargetTableName=target, UseLatestRestorableTime=True)
    wait_active(db, target)
    assert raw.call("DescribeTable", TableName=target)["Table"]["DeletionProtectionEnabled"] is False
    db.delete_table(TableName=target)
