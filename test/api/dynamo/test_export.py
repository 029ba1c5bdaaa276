"""ExportTableToPointInTime, DescribeExport, ListExports: what is refused, what is answered, and what is in the bucket.

The bucket is a folder of the server's own (--buckets-dir), or a small S3 endpoint of the tests (--s3-endpoint).
"""
import json
import re
import time

import pytest

from harness.s3_endpoint import S3Endpoint
from harness.server import Server
from harness.tables import B, L, M, N, S, SS, NS, fill, refused, scan_all, schema, unique
from harness.transfers import ended_export, export, exported_lines, import_into, objects
from harness.waiting import wait_for


@pytest.fixture(scope="module")
def server(on_reprise):
    return on_reprise


@pytest.fixture(scope="module")
def bucket(server):
    name = unique("bucket")
    folder = server.data / "buckets" / name
    folder.mkdir()
    return name


@pytest.fixture(scope="module")
def table(db, make_table):
    """(name, ARN) of a table with recovery on and every type in it."""
    name = make_table(schema("pk"))
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    for i in range(60):
        db.put_item(TableName=name, Item={
            "pk": S(f"k{i}"), "n": N(i * 100), "d": N("-1.5e-20"), "b": B(bytes([i, 255])), "t": {"BOOL": i % 2 == 0},
            "null": {"NULL": True}, "l": L(S("x\n\"'"), M(inner=N(1))), "m": M(**{"a b": S("é😀")}), "ss": SS("a", "b"),
            "ns": NS(1, 2.5), "bs": {"BS": [b"\0", b"x"]}})
    return name, db.describe_table(TableName=name)["Table"]["TableArn"]


def items_of(client, name):
    return sorted(scan_all(client, name), key=lambda i: i["pk"]["S"])


def test_layout_manifests_and_checksums(db, server, bucket, table):
    name, arn = table
    started = db.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, S3Prefix="some/where")["ExportDescription"]
    assert started["ExportStatus"] == "IN_PROGRESS"
    assert started["ExportFormat"] == "DYNAMODB_JSON" and started["S3SseAlgorithm"] == "AES256"
    for late in ("ItemCount", "BilledSizeBytes", "ExportManifest", "EndTime", "ExportType", "S3BucketOwner"):
        assert late not in started
    assert re.fullmatch(re.escape(arn) + r"/export/\d{14}-[0-9a-f]{8}", started["ExportArn"])
    identity = started["ExportArn"].split("/")[-1]
    assert int(identity.split("-")[0]) == round(started["StartTime"].timestamp() * 1000)

    ended = ended_export(db, started["ExportArn"])
    assert ended["ExportStatus"] == "COMPLETED" and ended["ItemCount"] == 60 and ended["BilledSizeBytes"] > 0
    root = f"some/where/AWSDynamoDB/{identity}/"
    assert ended["ExportManifest"] == root + "manifest-summary.json"
    found = objects(server.data / "buckets" / bucket)
    ours = {k.removeprefix(root) for k in found if k.startswith(root)}
    data = {k for k in ours if k.startswith("data/")}
    assert ours - data == {"_started", "manifest-summary.json", "manifest-summary.md5", "manifest-files.json",
                           "manifest-files.md5"}
    assert all(re.fullmatch(r"data/[a-z2-7]{26}\.json\.gz", k) for k in data)
    assert found[root + "_started"] == b""
    summary = json.loads(found[root + "manifest-summary.json"])
    assert summary["version"] == "2020-06-30" and summary["outputFormat"] == "DYNAMODB_JSON"
    assert summary["exportArn"] == ended["ExportArn"] and summary["tableArn"] == arn
    assert summary["manifestFilesS3Key"] == root + "manifest-files.json"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", summary["exportTime"])
    lines = [json.loads(line) for line in exported_lines(found, ended["ExportManifest"])]
    assert len(lines) == 60 and all(set(line) == {"Item"} for line in lines)


@pytest.mark.parametrize("fmt", ["DYNAMODB_JSON", "ION"])
def test_what_is_exported_is_imported_again(db, server, bucket, table, fmt):
    name, arn = table
    ended = export(db, TableArn=arn, S3Bucket=bucket, ExportFormat=fmt)
    folder = ended["ExportManifest"].removesuffix("manifest-summary.json") + "data/"
    target = unique("back")
    made = import_into(db, target, bucket, folder, fmt, InputCompressionType="GZIP")
    assert made["ImportStatus"] == "COMPLETED" and made["ImportedItemCount"] == 60, made
    assert items_of(db, target) == items_of(db, name)
    db.delete_table(TableName=target)


def test_the_past_is_exported(db, server, bucket, make_table):
    name = make_table(schema("pk"))
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    arn = db.describe_table(TableName=name)["Table"]["TableArn"]
    fill(db, name, [{"pk": S(f"k{i}"), "v": S("before")} for i in range(30)])
    before = items_of(db, name)
    time.sleep(1.1)  # clients send whole seconds
    then = int(time.time())
    time.sleep(1.1)
    fill(db, name, [{"pk": S(f"k{i}"), "v": S("after")} for i in range(10, 50)])
    db.delete_item(TableName=name, Key={"pk": S("k0")})
    ended = export(db, TableArn=arn, S3Bucket=bucket, ExportTime=then)
    assert ended["ExportTime"].timestamp() == then
    lines = exported_lines(objects(server.data / "buckets" / bucket), ended["ExportManifest"])
    assert sorted((json.loads(line)["Item"] for line in lines), key=lambda i: i["pk"]["S"]) == before


def test_couplings_and_windows_are_checked(db, raw, bucket, table, make_table):
    name, arn = table
    ask = lambda **more: raw.call("ExportTableToPointInTime", TableArn=arn, S3Bucket=bucket, **more)  # noqa: E731
    now = int(time.time())
    with refused("ValidationException", "Invalid Request: Export Type expected to be Incremental Export when incremental "
                                        "export specification is provided"):
        ask(IncrementalExportSpecification={"ExportFromTime": now})
    with refused("ValidationException", "Invalid Request: When Export Type is Full Export , Incremental Export "
                                        "Specification should not be provided"):
        ask(ExportType="FULL_EXPORT", IncrementalExportSpecification={"ExportFromTime": now})
    with refused("ValidationException", "Invalid Request: Incremental Export Specification expected when export type is "
                                        "set as Incremental Export"):
        ask(ExportType="INCREMENTAL_EXPORT")
    with refused("ValidationException",
                 "Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification"):
        ask(ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification={})
    with refused("InvalidExportTimeException", match="Incremental export period from time cannot be less than the table "
                                                     "creation time : "):
        ask(ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification={"ExportFromTime": now - 86400})
    with refused("InvalidExportTimeException", "Difference between export period from time and export period to time is "
                                               "less than 15 minutes"):
        ask(ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification={"ExportFromTime": now})
    with refused("InvalidExportTimeException", match="Incremental export period to time cannot be greater than the "
                                                     "current time : "):
        ask(ExportType="INCREMENTAL_EXPORT",
            IncrementalExportSpecification={"ExportFromTime": now, "ExportToTime": now + 3600})
    with refused("InvalidExportTimeException", "Export Time is invalid"):
        ask(ExportTime=now + 3600)
    with refused("InvalidExportTimeException", "Export Time is invalid"):
        ask(ExportTime=now - 86400)
    plain = make_table(schema("pk"))
    plain_arn = db.describe_table(TableName=plain)["Table"]["TableArn"]
    with refused("PointInTimeRecoveryUnavailableException", f"Point in time recovery is not enabled for table '{plain}'"):
        db.export_table_to_point_in_time(TableArn=plain_arn, S3Bucket="no-such-bucket")


def test_arns_are_checked(db, raw, bucket, table):
    name, arn = table
    with refused("ValidationException", "One or more parameter values were invalid: tableArn is not a valid ARN"):
        db.export_table_to_point_in_time(TableArn=name, S3Bucket=bucket)
    with refused("TableNotFoundException", f"Table not found: {arn}-nope"):
        db.export_table_to_point_in_time(TableArn=arn + "-nope", S3Bucket=bucket)
    elsewhere = arn.replace("eu-west-1", "us-east-2")
    with refused("TableNotFoundException", f"Table not found: {elsewhere}"):
        db.export_table_to_point_in_time(TableArn=elsewhere, S3Bucket=bucket)
    with refused("AccessDeniedException"):
        db.export_table_to_point_in_time(TableArn=re.sub(r":\d{12}:", ":123456789012:", arn), S3Bucket=bucket)
    with refused("ValidationException", "Invalid Request: Table ARN is invalid."):
        db.export_table_to_point_in_time(TableArn=arn + "/index/i", S3Bucket=bucket)
    with refused("ValidationException", match="1 validation error detected: Value 'CSV' at 'exportFormat' failed to satisfy "
                                              "constraint: Member must satisfy enum value set: "):
        raw.call("ExportTableToPointInTime", TableArn=arn, S3Bucket=bucket, ExportFormat="CSV")
    with refused("ValidationException", match="1 validation error detected: Value 'arn:aws:s3:::b' at 's3Bucket' failed to "
                                              "satisfy constraint: Member must satisfy regular expression pattern"):
        raw.call("ExportTableToPointInTime", TableArn=arn, S3Bucket="arn:aws:s3:::b")
    with refused("ValidationException", "Invalid Request: KMS Key Id is not supported for this encryption type"):
        raw.call("ExportTableToPointInTime", TableArn=arn, S3Bucket=bucket, S3SseKmsKeyId="k")


def test_faults_of_the_bucket_come_later(db, bucket, table):
    name, arn = table
    ended = export(db, TableArn=arn, S3Bucket="no-such-bucket")
    assert ended["ExportStatus"] == "FAILED" and ended["FailureCode"] == "S3NoSuchBucket"
    assert ended["FailureMessage"].startswith("The specified bucket does not exist (Service: Amazon S3; Status Code: 404; "
                                              "Error Code: NoSuchBucket")
    assert "ExportManifest" not in ended and "ItemCount" not in ended
    ended = export(db, TableArn=arn, S3Bucket=bucket, S3BucketOwner="123456789012")
    assert ended["ExportStatus"] == "FAILED" and ended["FailureCode"] == "S3AccessDenied"
    assert ended["S3BucketOwner"] == "123456789012"


def test_tokens(db, bucket, table):
    name, arn = table
    token = unique("token")
    first = db.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, ClientToken=token)["ExportDescription"]
    again = db.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, ClientToken=token)["ExportDescription"]
    assert again["ExportArn"] == first["ExportArn"] and first["ClientToken"] == token
    with refused("ExportConflictException", "Export conflict: Duplicate request detected with conflicting parameters"):
        db.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, ClientToken=token, S3Prefix="x")
    ended_export(db, first["ExportArn"])
    again = db.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, ClientToken=token)["ExportDescription"]
    assert again["ExportArn"] == first["ExportArn"] and again["ExportStatus"] == "COMPLETED"


def test_lists(db, raw, bucket, make_table):
    name = make_table(schema("pk"))
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    arn = db.describe_table(TableName=name)["Table"]["TableArn"]
    arns = sorted((export(db, TableArn=arn, S3Bucket=bucket)["ExportArn"] for _ in range(12)), reverse=True)
    page = raw.call("ListExports", TableArn=arn)
    assert [e["ExportArn"] for e in page["ExportSummaries"]] == arns[:10]
    assert page["ExportSummaries"][0] == {"ExportArn": arns[0], "ExportStatus": "COMPLETED", "ExportType": "FULL_EXPORT"}
    rest = raw.call("ListExports", TableArn=arn, NextToken=page["NextToken"])
    assert [e["ExportArn"] for e in rest["ExportSummaries"]] == arns[10:] and "NextToken" not in rest
    assert len(raw.call("ListExports", TableArn=arn, MaxResults=3)["ExportSummaries"]) == 3
    for wrong, text in ((0, "greater than or equal to 1"), (26, "less than or equal to 25")):
        with refused("ValidationException", f"1 validation error detected: Value '{wrong}' at 'maxResults' failed to satisfy "
                                            f"constraint: Member must have value {text}"):
            raw.call("ListExports", MaxResults=wrong)
    with refused("ValidationException", "Invalid Request: Provided nextToken is invalid: x"):
        raw.call("ListExports", NextToken="x")
    # The record outlives the table; the list of the table does not.
    db.delete_table(TableName=name)
    wait_for("the table to go", lambda: name not in db.list_tables()["TableNames"])
    assert db.describe_export(ExportArn=arns[0])["ExportDescription"]["ExportStatus"] == "COMPLETED"
    assert raw.call("ListExports", TableArn=arn)["ExportSummaries"] == []


def test_describe_refuses(db, table):
    name, arn = table
    missing = arn + "/export/01791506414432-3f2e5aa4"
    with refused("ExportNotFoundException", f"Export not found: Export not found: {missing}"):
        db.describe_export(ExportArn=missing)
    with refused("ValidationException", "Invalid Export ARN"):
        db.describe_export(ExportArn=arn)
    with refused("ExportNotFoundException", "Export not found: Invalid export arn"):
        db.describe_export(ExportArn=missing.replace("eu-west-1", "us-east-2"))
    with refused("AccessDeniedException"):
        db.describe_export(ExportArn=re.sub(r":\d{12}:", ":123456789012:", missing))


# ---- An S3 endpoint --------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def remote():
    """(S3 endpoint, server that uses it, its client, ARN of a table of twelve large items)."""
    with S3Endpoint() as s3:
        s3.buckets["remote"] = {}
        with Server("--s3-endpoint", s3.url, environment=s3.environment) as server:
            client = server.client()
            client.create_table(TableName="table", **schema("pk"))
            client.update_continuous_backups(TableName="table",
                                             PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
            fill(client, "table", [{"pk": S(f"k{i}"), "v": S("x" * 1000)} for i in range(40)])
            yield s3, server, client, client.describe_table(TableName="table")["Table"]["TableArn"]


def test_an_endpoint_takes_exports_and_gives_imports(remote):
    s3, server, client, arn = remote
    s3.faults += [503, 500]  # tried again
    s3.page_max = 3
    ended = export(client, TableArn=arn, S3Bucket="remote", S3Prefix="a b/ü+c")
    assert ended["ExportStatus"] == "COMPLETED", ended
    assert len(exported_lines(s3.buckets["remote"], ended["ExportManifest"])) == 40
    folder = ended["ExportManifest"].removesuffix("manifest-summary.json") + "data/"
    made = import_into(client, "again", "remote", folder, InputCompressionType="GZIP")
    assert made["ImportStatus"] == "COMPLETED" and made["ImportedItemCount"] == 40, made
    assert items_of(client, "again") == items_of(client, "table")


def test_an_endpoint_says_no(remote):
    s3, server, client, arn = remote
    assert export(client, TableArn=arn, S3Bucket="nowhere")["FailureCode"] == "S3NoSuchBucket"
    s3.buckets["theirs"] = {}
    s3.forbidden.add("theirs")
    assert export(client, TableArn=arn, S3Bucket="theirs")["FailureCode"] == "S3AccessDenied"
    assert import_into(client, "never", "theirs", "")["FailureCode"] == "S3AccessDenied"
    assert "never" not in client.list_tables()["TableNames"]


def test_large_objects_go_in_parts(remote):
    s3, server, client, arn = remote
    rng = __import__("random").Random(7)
    client.create_table(TableName="large", **schema("pk"))
    client.update_continuous_backups(TableName="large",
                                     PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    # What does not compress, all in one partition's file: more than two parts of 8 MiB.
    client.put_item(TableName="large", Item={"pk": S("small")})
    for i in range(70):
        client.put_item(TableName="large", Item={"pk": S(f"k{i}"), "b": B(rng.randbytes(390_000))})
    large = client.describe_table(TableName="large")["Table"]["TableArn"]
    ended = export(client, TableArn=large, S3Bucket="remote", S3Prefix="large")
    assert ended["ExportStatus"] == "COMPLETED", ended
    assert any(method == "POST" and "uploadId" in query for method, _, _, query in s3.requests)
    assert s3.uploads == {}
    assert len(exported_lines(s3.buckets["remote"], ended["ExportManifest"])) == 71
    folder = ended["ExportManifest"].removesuffix("manifest-summary.json") + "data/"
    assert import_into(client, "large2", "remote", folder, InputCompressionType="GZIP")["ImportedItemCount"] == 71
