"""Contributor insights, Kinesis destinations, global tables, limits; table class, encryption, warm and on-demand throughput."""
import re

import pytest

from harness.tables import invalid, refused, schema, unique, wait_active
from harness.waiting import wait_for

WRONG = "One or more parameter values were invalid: "
PROVISIONED = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}
START = ("initial throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
         "on-demand-capacity-mode.html#on-demand-capacity-mode-initial")


@pytest.fixture
def table(make_table):
    return make_table(schema("pk", "sk", indexes=[("gsi", ["a"])], local_indexes=[("lsi", ["pk", "b"])]))


def described(raw, name):
    return raw.call("DescribeTable", TableName=name)["Table"]


def absent(name):
    return refused("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")


# Contributor insights

def insights(raw, operation, name, **more):
    return raw.call(operation + "ContributorInsights", TableName=name, **more)


def settled(raw, name, status, **more):
    return wait_for(status, lambda: (lambda found: found if found["ContributorInsightsStatus"] == status else None)(
        insights(raw, "Describe", name, **more)))


def test_insights_are_off_at_first(raw, table):
    assert insights(raw, "Describe", table) == {"TableName": table, "ContributorInsightsStatus": "DISABLED"}
    assert insights(raw, "Describe", table, IndexName="gsi") == {
        "TableName": table, "IndexName": "gsi", "ContributorInsightsStatus": "DISABLED"}
    assert insights(raw, "List", table) == {"ContributorInsightsSummaries": []}
    assert insights(raw, "Update", table, ContributorInsightsAction="DISABLE")["ContributorInsightsStatus"] == "DISABLED"


def test_insights_of_a_table_and_its_index(raw, table):
    changed = insights(raw, "Update", table, ContributorInsightsAction="ENABLE")
    assert changed == {"TableName": table, "ContributorInsightsStatus": "ENABLING",
                       "ContributorInsightsMode": "ACCESSED_AND_THROTTLED_KEYS"}
    found = settled(raw, table, "ENABLED")
    assert [re.sub(r"-\d+$", "", rule) for rule in found["ContributorInsightsRuleList"]] == [
        f"DynamoDBContributorInsights-{kind}-{table}" for kind in ("PKC", "SKC", "PKT", "SKT")]
    assert found["LastUpdateDateTime"] > 1e9 and found["ContributorInsightsMode"] == "ACCESSED_AND_THROTTLED_KEYS"
    assert insights(raw, "Update", table, ContributorInsightsAction="ENABLE")["ContributorInsightsStatus"] == "ENABLED"
    insights(raw, "Update", table, IndexName="gsi", ContributorInsightsAction="ENABLE", ContributorInsightsMode="THROTTLED_KEYS")
    index = settled(raw, table, "ENABLED", IndexName="gsi")
    assert len(index["ContributorInsightsRuleList"]) == 1
    assert insights(raw, "List", table)["ContributorInsightsSummaries"] == [
        {"TableName": table, "ContributorInsightsStatus": "ENABLED", "ContributorInsightsMode": "ACCESSED_AND_THROTTLED_KEYS"},
        {"TableName": table, "IndexName": "gsi", "ContributorInsightsStatus": "ENABLED",
         "ContributorInsightsMode": "THROTTLED_KEYS"}]
    assert insights(raw, "Update", table, ContributorInsightsAction="DISABLE")["ContributorInsightsStatus"] == "DISABLING"
    off = settled(raw, table, "DISABLED")
    assert off.keys() == {"TableName", "ContributorInsightsStatus", "LastUpdateDateTime", "ContributorInsightsMode"}
    wait_for("the list", lambda: [s.get("IndexName") for s in insights(raw, "List", table)["ContributorInsightsSummaries"]] == ["gsi"])


def test_insights_of_every_table_come_in_pages(raw, db, on_reprise, make_table):
    names = [make_table(schema("pk")) for _ in range(3)]
    for name in names:
        insights(raw, "Update", name, ContributorInsightsAction="ENABLE")
    found, token = [], {}
    while True:
        page = raw.call("ListContributorInsights", MaxResults=1, **token)
        found += [s["TableName"] for s in page["ContributorInsightsSummaries"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert set(names) <= set(found) and len(found) == len(set(found)) + found.count("gsi")


def test_insights_that_are_refused(raw, table):
    for index in ("lsi", "nope"):
        for operation, more in (("Describe", {}), ("Update", {"ContributorInsightsAction": "ENABLE"})):
            with refused("ResourceNotFoundException", f"Requested resource not found: Index: {index} not found for table: {table}"):
                insights(raw, operation, table, IndexName=index, **more)
    for operation, more in (("Describe", {}), ("Update", {"ContributorInsightsAction": "ENABLE"}), ("List", {})):
        with absent("absent"):
            insights(raw, operation, "absent", **more)
    with invalid("IndexName must be at least 3 characters long and at most 255 characters long"):
        insights(raw, "Describe", table, IndexName="")
    with invalid("1 validation error detected: Value '' at 'contributorInsightsAction' failed to satisfy constraint: Member must "
                 "satisfy enum value set: [ENABLE, DISABLE]"):
        insights(raw, "Update", table, ContributorInsightsAction="")
    with invalid("1 validation error detected: Value 'ALL' at 'contributorInsightsMode' failed to satisfy constraint: Member must "
                 "satisfy enum value set: [THROTTLED_KEYS, ACCESSED_AND_THROTTLED_KEYS]"):
        insights(raw, "Update", table, ContributorInsightsAction="ENABLE", ContributorInsightsMode="ALL")


# Kinesis destinations

STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/none-of-that-name"


def test_no_kinesis_destinations(raw, table):
    answer = raw.call("DescribeKinesisStreamingDestination", TableName=table)
    assert answer == {"TableName": table, "KinesisDataStreamDestinations": []}
    state = "Table is not in a valid state to enable Kinesis Streaming Destination: "
    with invalid(state + "KinesisStreamingDestination must be ACTIVE to perform DISABLE operation."):
        raw.call("DisableKinesisStreamingDestination", TableName=table, StreamArn=STREAM)
    with invalid("Streaming destination cannot be updated with given parameters: UpdateKinesisStreamingConfiguration cannot be null "
                 "or contain only null values"):
        raw.call("UpdateKinesisStreamingDestination", TableName=table, StreamArn=STREAM)
    with invalid(state + "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. TableName: "
                 f"{table}, kdsArn: {STREAM}"):
        raw.call("UpdateKinesisStreamingDestination", TableName=table, StreamArn=STREAM,
                 UpdateKinesisStreamingConfiguration={"ApproximateCreationDateTimePrecision": "MICROSECOND"})
    for operation in ("Describe", "Enable", "Disable", "Update"):
        with absent("absent"):
            raw.call(operation + "KinesisStreamingDestination", TableName="absent", StreamArn=STREAM)
    with invalid("1 validation error detected: Value '' at 'streamArn' failed to satisfy constraint: Member must have length "
                 "greater than or equal to 37"):
        raw.call("EnableKinesisStreamingDestination", TableName=table, StreamArn="")


def test_no_kinesis_stream_is_reached(raw, on_reprise, table):
    with refused("ResourceNotFoundException", match="Requested resource not found: Kinesis stream: "):
        raw.call("EnableKinesisStreamingDestination", TableName=table, StreamArn=STREAM)
    assert raw.call("DescribeKinesisStreamingDestination", TableName=table)["KinesisDataStreamDestinations"] == []


# Global tables

def test_no_global_tables(raw, table):
    assert raw.call("ListGlobalTables") == {"GlobalTables": []}
    assert raw.call("ListGlobalTables", Limit=1) == {"GlobalTables": []}
    gone = f"Global table with name: '{table}' does not exist."
    with refused("GlobalTableNotFoundException", "Global table not found: " + gone):
        raw.call("DescribeGlobalTable", GlobalTableName=table)
    with refused("GlobalTableNotFoundException", gone):
        raw.call("DescribeGlobalTableSettings", GlobalTableName=table)
    with refused("GlobalTableNotFoundException", gone):
        raw.call("UpdateGlobalTableSettings", GlobalTableName=table, GlobalTableBillingMode="PAY_PER_REQUEST")
    for operation in ("DescribeTableReplicaAutoScaling", "UpdateTableReplicaAutoScaling"):
        with refused("ResourceNotFoundException", gone):
            raw.call(operation, TableName=table)
    with invalid("TableName must be at least 3 characters long and at most 255 characters long"):
        raw.call("DescribeGlobalTable", GlobalTableName="")


def test_no_global_table_is_made(raw, table):
    legacy = WRONG + ("DynamoDB global tables version 2017.11.29 is not supported. We recommend using DynamoDB global tables version "
                      "2019.11.21, instead of version 2017.11.29 (Legacy).")
    with invalid(legacy):
        raw.call("CreateGlobalTable", GlobalTableName=table, ReplicationGroup=[{"RegionName": "us-west-2"}])
    with invalid(legacy):
        raw.call("UpdateGlobalTable", GlobalTableName=table, ReplicaUpdates=[{"Create": {"RegionName": "us-west-2"}}])
    with invalid(WRONG[:-2]):
        raw.call("UpdateGlobalTable", GlobalTableName=table, ReplicaUpdates=[])


def test_replicas_are_not_supported(raw, on_reprise, table):
    with invalid("ReplicaUpdates is not supported by this server"):
        raw.call("UpdateTable", TableName=table, ReplicaUpdates=[{"Create": {"RegionName": "us-west-2"}}])


# Limits and endpoints

def test_limits(raw):
    assert raw.call("DescribeLimits") == {"AccountMaxReadCapacityUnits": 80000, "AccountMaxWriteCapacityUnits": 80000,
                                          "TableMaxReadCapacityUnits": 40000, "TableMaxWriteCapacityUnits": 40000}


def test_endpoints(raw):
    (endpoint,) = raw.call("DescribeEndpoints")["Endpoints"]
    assert endpoint["CachePeriodInMinutes"] == 1440 and endpoint["Address"].startswith("dynamodb.")


# Table class

def test_the_standard_class_is_not_shown(raw, table):
    assert "TableClassSummary" not in described(raw, table)


def test_the_class_changes(raw, db, table):
    answer = raw.call("UpdateTable", TableName=table, TableClass="STANDARD_INFREQUENT_ACCESS")["TableDescription"]
    assert answer["TableStatus"] == "UPDATING" and "TableClassSummary" not in answer
    wait_active(db, table)
    summary = described(raw, table)["TableClassSummary"]
    assert summary["TableClass"] == "STANDARD_INFREQUENT_ACCESS" and summary["LastUpdateDateTime"] > 1e9


def test_a_class_of_create_table(raw, make_table):
    name = make_table(schema("pk", TableClass="STANDARD_INFREQUENT_ACCESS"))
    assert described(raw, name)["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"


def test_no_such_class(raw, table):
    text = "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS]."
    with invalid(text):
        raw.call("UpdateTable", TableName=table, TableClass="GOLD")
    with invalid(text):
        raw.call("CreateTable", TableName=unique("t"), TableClass="GOLD", **schema("pk"))


# Encryption

def test_the_default_encryption_is_not_shown(raw, make_table):
    assert "SSEDescription" not in described(raw, make_table(schema("pk", SSESpecification={"Enabled": False})))
    assert "SSEDescription" not in described(raw, make_table(schema("pk")))


@pytest.mark.parametrize("asked", [{"Enabled": True}, {"Enabled": True, "SSEType": "KMS"}, {"SSEType": "KMS"}])
def test_encryption_is_shown(raw, make_table, asked):
    found = described(raw, make_table(schema("pk", SSESpecification=asked)))["SSEDescription"]
    assert found["SSEType"] == "KMS" and found["Status"] == "ENABLED"
    assert re.fullmatch(r"arn:aws:kms:[a-z0-9-]+:\d{12}:key/[0-9a-f-]{36}", found["KMSMasterKeyArn"])


@pytest.mark.parametrize("asked,text", [
    ({"Enabled": False, "SSEType": "KMS"}, "SSEType can not be specified if Enabled is false"),
    ({"Enabled": False, "KMSMasterKeyId": "k"}, "KMSMasterKeyId can not be specified if Enabled is false"),
    ({"Enabled": True, "KMSMasterKeyId": "k"}, "SSEType KMS is required if KMSMasterKeyId is specified"),
    ({"Enabled": True, "SSEType": "AES256"}, "SSEType AES256 is not supported"),
])
def test_encryption_that_is_refused(raw, table, asked, text):
    with invalid(WRONG + text):
        raw.call("CreateTable", TableName=unique("t"), SSESpecification=asked, **schema("pk"))
    with invalid(WRONG + text):
        raw.call("UpdateTable", TableName=table, SSESpecification=asked)


def test_encryption_changes(raw, db, table):
    with invalid(WRONG + "Table is already encrypted by default"):
        raw.call("UpdateTable", TableName=table, SSESpecification={"Enabled": False})
    answer = raw.call("UpdateTable", TableName=table, SSESpecification={"Enabled": True})["TableDescription"]
    assert answer["TableStatus"] == "ACTIVE" and answer["SSEDescription"]["Status"] in ("UPDATING", "ENABLING")
    wait_for("the key", lambda: described(raw, table)["SSEDescription"]["Status"] == "ENABLED")
    arn = described(raw, table)["SSEDescription"]["KMSMasterKeyArn"]
    with invalid(WRONG + "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change "
                         "Master Key"):
        raw.call("UpdateTable", TableName=table, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": arn})
    raw.call("UpdateTable", TableName=table, SSESpecification={"Enabled": False})
    wait_for("the default", lambda: "SSEDescription" not in described(raw, table))


# Warm throughput

def warm(found):
    return found["WarmThroughput"]["ReadUnitsPerSecond"], found["WarmThroughput"]["WriteUnitsPerSecond"], found["WarmThroughput"]["Status"]


def test_warm_throughput_by_default(raw, make_table, table):
    found = described(raw, table)
    assert warm(found) == (12000, 4000, "ACTIVE") and warm(found["GlobalSecondaryIndexes"][0]) == (12000, 4000, "ACTIVE")
    assert warm(described(raw, make_table(schema("pk") | PROVISIONED))) == (5, 5, "ACTIVE")


def test_warm_throughput_of_create_table(raw, db):
    name = unique("t")
    parameters = schema("pk", indexes=[("gsi", ["a"])])
    parameters["GlobalSecondaryIndexes"][0]["WarmThroughput"] = {"WriteUnitsPerSecond": 4001}
    made = raw.call("CreateTable", TableName=name, WarmThroughput={"ReadUnitsPerSecond": 12001}, **parameters)["TableDescription"]
    assert made["WarmThroughput"]["Status"] == "UPDATING"
    wait_active(db, name)
    found = described(raw, name)
    assert warm(found) == (12001, 4000, "ACTIVE") and warm(found["GlobalSecondaryIndexes"][0]) == (12000, 4001, "ACTIVE")
    db.delete_table(TableName=name)


def test_an_empty_warm_throughput_is_none(raw, db):
    name = unique("t")
    made = raw.call("CreateTable", TableName=name, WarmThroughput={}, **schema("pk"))["TableDescription"]
    assert "WarmThroughput" not in made
    wait_active(db, name)
    assert warm(described(raw, name)) == (12000, 4000, "ACTIVE")
    db.delete_table(TableName=name)


def test_warm_throughput_that_is_too_low_at_first(raw):
    def refuse(text, parameters, **more):
        with invalid(WRONG + text):
            raw.call("CreateTable", TableName=unique("t"), **parameters, **more)

    refuse("Requested ReadUnitsPerSecond for WarmThroughput for table is lower than " + START, schema("pk"),
           WarmThroughput={"ReadUnitsPerSecond": 11999})
    refuse("Requested WriteUnitsPerSecond for WarmThroughput for table is lower than " + START, schema("pk"),
           WarmThroughput={"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 3999})
    refuse("Requested ReadUnitsPerSecond for WarmThroughput for table is lower than ReadCapacityUnits of ProvisionedThroughput",
           schema("pk") | PROVISIONED, WarmThroughput={"ReadUnitsPerSecond": 4, "WriteUnitsPerSecond": 5})
    parameters = schema("pk", indexes=[("gsi", ["a"])])
    parameters["GlobalSecondaryIndexes"][0]["WarmThroughput"] = {"ReadUnitsPerSecond": 1}
    refuse("Requested ReadUnitsPerSecond for WarmThroughput for index gsi is lower than " + START, parameters)


def test_warm_throughput_is_raised_and_never_lowered(raw, on_reprise, table):
    """AWS takes minutes to raise it."""
    answer = raw.call("UpdateTable", TableName=table, WarmThroughput={"ReadUnitsPerSecond": 12500})["TableDescription"]
    assert answer["TableStatus"] == "ACTIVE" and warm(answer) == (12000, 4000, "UPDATING")
    assert warm(described(raw, table)) == (12500, 4000, "ACTIVE")
    raw.call("UpdateTable", TableName=table, WarmThroughput={"ReadUnitsPerSecond": 12500, "WriteUnitsPerSecond": 4000})
    for value in (12499, 0, -1):
        with invalid(WRONG + "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current WarmThroughput, "
                             "decreasing WarmThroughput is not supported"):
            raw.call("UpdateTable", TableName=table, WarmThroughput={"ReadUnitsPerSecond": value})


def test_warm_throughput_of_an_index(raw, on_reprise, table):
    def update(**warm_throughput):
        return raw.call("UpdateTable", TableName=table, GlobalSecondaryIndexUpdates=[
            {"Update": {"IndexName": "gsi", "WarmThroughput": warm_throughput}}])["TableDescription"]["GlobalSecondaryIndexes"][0]

    answer = update(WriteUnitsPerSecond=4100)
    assert answer["IndexStatus"] == "ACTIVE" and warm(answer) == (12000, 4000, "UPDATING")
    assert warm(described(raw, table)["GlobalSecondaryIndexes"][0]) == (12000, 4100, "ACTIVE")
    with invalid(WRONG + "Requested WriteUnitsPerSecond for WarmThroughput for index gsi is lower than current WarmThroughput, "
                         "decreasing WarmThroughput is not supported"):
        update(WriteUnitsPerSecond=4099)
    with invalid(WRONG + "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified for index: gsi"):
        update()


# What UpdateTable takes together

INDEX = {"IndexName": "new", "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}
CHANGES = {
    "sse": {"SSESpecification": {"Enabled": True}}, "class": {"TableClass": "STANDARD"},
    "protection": {"DeletionProtectionEnabled": False}, "warm": {"WarmThroughput": {"ReadUnitsPerSecond": 13000}},
    "caps": {"OnDemandThroughput": {"MaxReadRequestUnits": 10}},
    "stream": {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}},
    "billing": {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
    "create": {"GlobalSecondaryIndexUpdates": [{"Create": INDEX}],
               "AttributeDefinitions": [{"AttributeName": "b", "AttributeType": "S"}]},
}


@pytest.mark.parametrize("first,second,text", [
    ("sse", "class", "Server-Side Encryption modification must be the only operation in the request"),
    ("sse", "protection", "Server-Side Encryption modification must be the only operation in the request"),
    ("sse", "warm", "Server-Side Encryption modification must be the only operation in the request"),
    ("class", "protection", "TableClass modification must be the only operation in the request"),
    ("class", "caps", "TableClass modification must be the only operation in the request"),
    ("protection", "warm", "DeletionProtection modification must be the only operation in the request"),
    ("protection", "billing", "DeletionProtection modification must be the only operation in the request"),
    ("warm", "stream", "WarmThroughput must be the only operation in the request"),
    ("warm", "billing", "WarmThroughput must be the only operation in the request"),
    ("warm", "create", "Create global secondary index cannot be specified when updating WarmThroughput"),
    ("warm", "caps", "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request"),
    ("stream", "caps", "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request"),
    ("stream", "billing", "You cannot modify stream status while updating table IOPS"),
    ("stream", "create", "You cannot create or delete index while changing stream status"),
])
def test_changes_that_do_not_go_together(raw, table, first, second, text):
    before = described(raw, table)
    with invalid(WRONG + text):
        raw.call("UpdateTable", TableName=table, **CHANGES[first], **CHANGES[second])
    assert described(raw, table) == before


def test_structures_without_members_count_as_absent(raw, on_reprise, table):
    raw.call("UpdateTable", TableName=table, WarmThroughput={}, DeletionProtectionEnabled=False)
    raw.call("UpdateTable", TableName=table, OnDemandThroughput={}, BillingMode="PAY_PER_REQUEST")
    assert "OnDemandThroughput" not in described(raw, table)


# On-demand throughput

def test_caps_are_merged_and_cleared(raw, table):
    def update(**caps):
        answer = raw.call("UpdateTable", TableName=table, OnDemandThroughput=caps)["TableDescription"]
        assert answer["TableStatus"] == "ACTIVE"
        return answer["OnDemandThroughput"]

    def shown(caps):
        wait_for("the caps", lambda: described(raw, table).get("OnDemandThroughput") == caps)

    assert update(MaxReadRequestUnits=1000, MaxWriteRequestUnits=500) == {"MaxReadRequestUnits": 1000, "MaxWriteRequestUnits": 500}
    update(MaxReadRequestUnits=2000)
    shown({"MaxReadRequestUnits": 2000, "MaxWriteRequestUnits": 500})
    update(MaxReadRequestUnits=-1)
    shown({"MaxWriteRequestUnits": 500})
    assert update(MaxReadRequestUnits=-1, MaxWriteRequestUnits=-1) == {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}
    shown(None)


@pytest.mark.parametrize("member", ["MaxReadRequestUnits", "MaxWriteRequestUnits"])
@pytest.mark.parametrize("value", [0, -2])
def test_caps_out_of_range(raw, table, member, value):
    with invalid(WRONG + f"Requested {member} for OnDemandThroughput for table is outside of valid range"):
        raw.call("UpdateTable", TableName=table, OnDemandThroughput={member: value})
    with invalid(WRONG + f"Requested {member} for OnDemandThroughput for table is outside of valid range"):
        raw.call("CreateTable", TableName=unique("t"), OnDemandThroughput={member: value}, **schema("pk"))


def test_caps_of_create_table(raw, make_table):
    name = make_table(schema("pk"))
    assert "OnDemandThroughput" not in described(raw, name)
    name = unique("t")
    raw.call("CreateTable", TableName=name, OnDemandThroughput={"MaxReadRequestUnits": 100}, **schema("pk"))
    assert described(raw, name)["OnDemandThroughput"] == {"MaxReadRequestUnits": 100}


def test_no_caps_on_provisioned_tables(raw, make_table):
    with invalid(WRONG + "MaxReadRequestUnits for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED."):
        raw.call("CreateTable", TableName=unique("t"), OnDemandThroughput={"MaxReadRequestUnits": 1}, **(schema("pk") | PROVISIONED))
    name = make_table(schema("pk") | PROVISIONED)
    with invalid(WRONG + "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED"):
        raw.call("UpdateTable", TableName=name, OnDemandThroughput={"MaxReadRequestUnits": 1})


def test_an_index_of_an_on_demand_table_has_caps_alone(raw, table):
    text = WRONG + ("The only Updates for index: gsi when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, "
                    "WarmThroughput")
    for change in ({}, {"OnDemandThroughput": {}}, {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}):
        with invalid(text):
            raw.call("UpdateTable", TableName=table, GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "gsi", **change}}])
    raw.call("UpdateTable", TableName=table, GlobalSecondaryIndexUpdates=[
        {"Update": {"IndexName": "gsi", "OnDemandThroughput": {"MaxReadRequestUnits": 50}}}])
    wait_for("the cap", lambda: described(raw, table)["GlobalSecondaryIndexes"][0].get("OnDemandThroughput") == {"MaxReadRequestUnits": 50})


# Provisioned throughput

def test_decreases_are_counted(raw, db, make_table):
    name = make_table(schema("pk") | PROVISIONED)

    def change(reads, writes):
        answer = raw.call("UpdateTable", TableName=name, ProvisionedThroughput={
            "ReadCapacityUnits": reads, "WriteCapacityUnits": writes})["TableDescription"]
        assert answer["TableStatus"] == "UPDATING"
        wait_active(db, name)
        return described(raw, name)["ProvisionedThroughput"]

    first = change(4, 6)
    assert first["NumberOfDecreasesToday"] == 1 and first["LastDecreaseDateTime"] > 1e9 and first["LastIncreaseDateTime"] > 1e9
    second = change(5, 7)
    assert second["NumberOfDecreasesToday"] == 1
    assert change(1, 1)["NumberOfDecreasesToday"] == 2
    assert "BillingModeSummary" not in described(raw, name)
    assert warm(described(raw, name))[:2] == (5, 7)
