"""UpdateContinuousBackups and DescribeContinuousBackups."""
import datetime

import pytest

from harness.tables import invalid, refused, schema, unique
from harness.waiting import wait_for

UTC = datetime.timezone.utc


@pytest.fixture
def table(make_table):
    return make_table(schema("pk"))


def describe(db, name):
    return db.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]


def switch(raw, name, on, **more):
    return raw.call("UpdateContinuousBackups", TableName=name, PointInTimeRecoverySpecification={
        "PointInTimeRecoveryEnabled": on, **more})["ContinuousBackupsDescription"]


def window(description):
    recovery = description["PointInTimeRecoveryDescription"]
    return recovery["EarliestRestorableDateTime"], recovery["LatestRestorableDateTime"]


def test_off_at_first(db, table):
    """Continuous backups are a property of every table; point-in-time recovery is not on until asked for."""
    assert describe(db, table) == {"ContinuousBackupsStatus": "ENABLED",
                                   "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}


def test_switching_on_answers_with_the_final_state(db, raw, table):
    before = datetime.datetime.now(UTC) - datetime.timedelta(seconds=2)
    answer = switch(raw, table, True)
    recovery = answer["PointInTimeRecoveryDescription"]
    assert answer["ContinuousBackupsStatus"] == "ENABLED"
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED" and recovery["RecoveryPeriodInDays"] == 35
    assert "PointInTimeRecoveryEnabled" not in recovery
    earliest, latest = window(describe(db, table))
    assert before <= earliest <= latest <= datetime.datetime.now(UTC) + datetime.timedelta(seconds=2)


def test_the_window_grows(db, raw, table, on_reprise):
    """No lag of five minutes: the latest restorable time follows the clock."""
    switch(raw, table, True)
    earliest, latest = window(describe(db, table))
    wait_for("the window to grow", lambda: window(describe(db, table))[1] > latest, 10)
    again = window(describe(db, table))
    assert again[0] == earliest
    assert datetime.datetime.now(UTC) - again[1] < datetime.timedelta(seconds=5)


def test_on_again_keeps_the_window(db, raw, table):
    switch(raw, table, True)
    earliest, _ = window(describe(db, table))
    switch(raw, table, True)
    assert window(describe(db, table))[0] == earliest


def test_off_and_on_starts_anew(db, raw, table):
    switch(raw, table, True)
    earliest, _ = window(describe(db, table))
    off = switch(raw, table, False)
    assert off["PointInTimeRecoveryDescription"] == {"PointInTimeRecoveryStatus": "DISABLED"}
    assert off["ContinuousBackupsStatus"] == "ENABLED"
    assert switch(raw, table, False)["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    wait_for("the second to end", lambda: datetime.datetime.now(UTC) > earliest + datetime.timedelta(seconds=1.1))
    switch(raw, table, True)
    assert window(describe(db, table))[0] > earliest


@pytest.mark.parametrize("days", [1, 7, 35])
def test_periods(raw, table, days):
    assert switch(raw, table, True, RecoveryPeriodInDays=days)["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == days
    described = raw.call("DescribeContinuousBackups", TableName=table)["ContinuousBackupsDescription"]
    assert described["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == days


def test_the_period_is_forgotten_when_switched_off(raw, table):
    switch(raw, table, True, RecoveryPeriodInDays=3)
    switch(raw, table, False)
    assert switch(raw, table, True)["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 35


@pytest.mark.parametrize("days,text", [
    (0, "1 validation error detected: Value '0' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy "
        "constraint: Member must have value greater than or equal to 1"),
    (36, "1 validation error detected: Value '36' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy "
         "constraint: Member must have value less than or equal to 35")])
def test_periods_out_of_bounds(db, raw, table, days, text):
    with invalid(text):
        switch(raw, table, True, RecoveryPeriodInDays=days)
    assert describe(db, table)["PointInTimeRecoveryDescription"] == {"PointInTimeRecoveryStatus": "DISABLED"}


def test_a_period_with_off(raw, table):
    with invalid("Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery."):
        switch(raw, table, False, RecoveryPeriodInDays=7)


def test_unknown_table(db, raw):
    name = unique("no")
    with refused("TableNotFoundException", f"Table not found: {name}"):
        db.describe_continuous_backups(TableName=name)
    with refused("TableNotFoundException", f"Table not found: {name}"):
        switch(raw, name, True)


def test_missing_members(raw, table):
    with invalid(match="1 validation error detected: Value null at 'pointInTimeRecoverySpecification' failed to satisfy "
                       "constraint: Member must not be null"):
        raw.call("UpdateContinuousBackups", TableName=table)
    with invalid(match="1 validation error detected: Value null at 'pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled' "
                       "failed to satisfy constraint: Member must not be null"):
        raw.call("UpdateContinuousBackups", TableName=table, PointInTimeRecoverySpecification={})


def test_by_arn(db, raw, table):
    arn = db.describe_table(TableName=table)["Table"]["TableArn"]
    switch(raw, arn, True)
    assert raw.call("DescribeContinuousBackups", TableName=arn)["ContinuousBackupsDescription"][
        "PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
