"""ImportTable, DescribeImport, ListImports: formats, compressions, error reports, and what is refused."""
import gzip
import json
import re

import pytest

from harness.tables import N, S, refused, scan_all, schema, unique
from harness.transfers import ended_import, import_into
from harness.waiting import wait_for

FAILED_ITEMS = ("Some of the items failed validation checks and were not imported. Please check CloudWatch error logs for "
                "more details.")


@pytest.fixture(scope="module")
def server(on_reprise):
    return on_reprise


class Bucket:
    def __init__(self, folder):
        self.folder, self.name = folder, folder.name
        folder.mkdir()

    def put(self, key, body):
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body if isinstance(body, bytes) else body.encode())


@pytest.fixture(scope="module")
def bucket(server):
    return Bucket(server.data / "buckets" / unique("source"))


@pytest.fixture
def target(db):
    name = unique("imported")
    yield name
    if name in db.list_tables()["TableNames"]:
        db.delete_table(TableName=name)


def line(**attributes):
    return json.dumps({"Item": attributes}) + "\n"


def items(client, name):
    return sorted(scan_all(client, name), key=lambda i: i["pk"]["S"])


def report(server, description):
    text = (server.data / "imports" / description["ImportArn"].split("/")[-1] / "error").read_text()
    return [json.loads(entry) for entry in text.splitlines()]


def test_a_minimal_import(db, server, bucket, target):
    bucket.put("min/1", line(pk=S("a"), n=N(1)) + line(pk=S("b")))
    started = db.import_table(
        S3BucketSource={"S3Bucket": bucket.name, "S3KeyPrefix": "min/"}, InputFormat="DYNAMODB_JSON",
        TableCreationParameters={"TableName": target} | schema("pk"))["ImportTableDescription"]
    assert started["ImportStatus"] == "IN_PROGRESS" and started["InputCompressionType"] == "NONE"
    assert started["S3BucketSource"] == {"S3BucketOwner": "000000000000", "S3Bucket": bucket.name, "S3KeyPrefix": "min/"}
    assert started["TableArn"].endswith(f":table/{target}") and started["TableId"]
    assert re.fullmatch(re.escape(started["TableArn"]) + r"/import/\d{14}-[0-9a-f]{8}", started["ImportArn"])
    assert re.fullmatch(r"arn:aws:logs:[a-z0-9-]+:\d{12}:log-group:/aws-dynamodb/imports:\*",
                        started["CloudWatchLogGroupArn"])
    assert started["TableCreationParameters"]["TableName"] == target
    assert "InputFormatOptions" not in started and "EndTime" not in started
    ended = ended_import(db, started["ImportArn"])
    assert ended["ImportStatus"] == "COMPLETED" and "FailureCode" not in ended
    assert (ended["ProcessedItemCount"], ended["ImportedItemCount"], ended["ErrorCount"]) == (2, 2, 0)
    assert ended["ProcessedSizeBytes"] == len(line(pk=S("a"), n=N(1)) + line(pk=S("b")))
    assert items(db, target) == [{"pk": S("a"), "n": N(1)}, {"pk": S("b")}]
    table = db.describe_table(TableName=target)["Table"]
    assert table["TableStatus"] == "ACTIVE" and table["TableId"] == started["TableId"]


def test_csv_with_a_header(db, bucket, target):
    bucket.put("csv/1.csv", 'pk,text,n\na,"x, ""y""\nz",1\nb,,2\n')
    ended = import_into(db, target, bucket.name, "csv/", "CSV")
    assert ended["ImportStatus"] == "COMPLETED" and "InputFormatOptions" not in ended
    assert items(db, target) == [{"pk": S("a"), "text": S('x, "y"\nz'), "n": S("1")}, {"pk": S("b"), "n": S("2")}]


def test_csv_with_options(db, bucket, target):
    bucket.put("csv2", "a;7;one\nb;8;two\n")
    options = {"Csv": {"Delimiter": ";", "HeaderList": ["pk", "n", "text"]}}
    ended = import_into(db, target, bucket.name, "csv2", "CSV", InputFormatOptions=options, parameters=schema(
        "pk", indexes=[("by-n", ["n:N"])]))
    assert ended["ImportStatus"] == "COMPLETED" and ended["InputFormatOptions"] == options
    assert items(db, target) == [{"pk": S("a"), "n": N(7), "text": S("one")}, {"pk": S("b"), "n": N(8), "text": S("two")}]
    found = db.query(TableName=target, IndexName="by-n", KeyConditionExpression="n = :n",
                     ExpressionAttributeValues={":n": N(8)})["Items"]
    assert found == [{"pk": S("b"), "n": N(8), "text": S("two")}]


def test_ion_as_the_guide_shows_it(db, bucket, target):
    bucket.put("ion", '$ion_1_0\n[\n  {\n    Item:{\n      pk:"a",\n      Authors:$dynamodb_SS::["A2","A1"], // sets\n'
                      '      PageCount:6d2,\n      InPublication:false\n    }\n  },\n  { Item:{ pk:"b", Price:2d3 } }\n]\n')
    ended = import_into(db, target, bucket.name, "ion", "ION")
    assert ended["ImportStatus"] == "COMPLETED", ended
    assert items(db, target) == [
        {"pk": S("a"), "Authors": {"SS": ["A1", "A2"]}, "PageCount": N(600), "InPublication": {"BOOL": False}},
        {"pk": S("b"), "Price": N(2000)}]


def test_gzip_by_the_parameter_and_not_by_the_name(db, bucket, target):
    bucket.put("gz/any.txt", gzip.compress(line(pk=S("a")).encode()))
    ended = import_into(db, target, bucket.name, "gz/", InputCompressionType="GZIP")
    assert ended["ImportStatus"] == "COMPLETED" and items(db, target) == [{"pk": S("a")}]


def test_bad_lines_are_reported_and_the_rest_imported(db, server, bucket, target):
    bucket.put("bad/1", line(pk=S("a")) + "this is no JSON\n" + line(x=S("no key")) + line(pk=N(1)) + line(pk=S("b")))
    bucket.put("bad/2", line(pk=S("c"), x=S("y" * 410_000)) + line(pk=S("d")))
    ended = import_into(db, target, bucket.name, "bad/")
    assert ended["ImportStatus"] == "FAILED" and ended["FailureCode"] == "ItemValidationError"
    assert ended["FailureMessage"] == FAILED_ITEMS
    assert (ended["ProcessedItemCount"], ended["ImportedItemCount"], ended["ErrorCount"]) == (7, 3, 4)
    assert items(db, target) == [{"pk": S("a")}, {"pk": S("b")}, {"pk": S("d")}]
    assert db.describe_table(TableName=target)["Table"]["TableStatus"] == "ACTIVE"
    found = report(server, ended)
    assert [(f["itemS3Pointer"]["key"], f["itemS3Pointer"]["itemIndex"]) for f in found] == [
        ("bad/1", 1), ("bad/1", 2), ("bad/1", 3), ("bad/2", 0)]
    assert all(f["importArn"] == ended["ImportArn"] and f["itemS3Pointer"]["bucket"] == bucket.name for f in found)
    assert [f["errorMessages"] for f in found][1:] == [
        ["One or more parameter values were invalid: Missing the key pk in the item"],
        ["One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"],
        ["Item size has exceeded the maximum allowed size"]]


@pytest.mark.parametrize("fmt, text, good", [
    ("CSV", 'pk,v\na,1\nb,say "hi"\nc,"open\nd,4\n', ["a", "d"]),
    ("ION", '$ion_1_0 {Item:{pk:"a"}}\n$ion_1_0 {Item:{pk:"b"\n$ion_1_0 {Item:{pk:2007-01-01}}\n$ion_1_0 {Item:{pk:"d"}}\n',
     ["a", "d"]),
])
def test_a_fault_costs_its_record_alone(db, server, bucket, target, fmt, text, good):
    bucket.put(f"fault-{fmt}", text)
    ended = import_into(db, target, bucket.name, f"fault-{fmt}", fmt)
    assert (ended["ErrorCount"], ended["ImportedItemCount"]) == (2, 2)
    assert [i["pk"]["S"] for i in items(db, target)] == good
    assert len(report(server, ended)) == 2


def test_the_prefix_is_no_folder(db, bucket, target):
    bucket.put("data/1.json", line(pk=S("a")))
    bucket.put("data2/x.json", "rubbish")
    bucket.put("data.bak", "rubbish")
    ended = import_into(db, target, bucket.name, "data")
    assert (ended["ImportedItemCount"], ended["ErrorCount"]) == (1, 2)
    assert ended["S3BucketSource"]["S3KeyPrefix"] == "data"


def test_a_compression_that_is_not_there(db, bucket, target):
    bucket.put("plain", line(pk=S("a")))
    ended = import_into(db, target, bucket.name, "plain", InputCompressionType="GZIP")
    assert ended["FailureCode"] == "ItemValidationError"
    assert (ended["ProcessedItemCount"], ended["ImportedItemCount"]) == (1, 0) and items(db, target) == []


def test_a_bucket_that_is_not_there_leaves_no_table(db, target):
    ended = import_into(db, target, "no-such-bucket", "x")
    assert ended["ImportStatus"] == "FAILED" and ended["FailureCode"] == "S3NoSuchBucket"
    assert ended["FailureMessage"].startswith("The specified bucket does not exist")
    assert ended["TableArn"] and ended["TableId"] and ended["ProcessedSizeBytes"] == 0
    assert target not in db.list_tables()["TableNames"]


def test_an_empty_prefix_makes_an_empty_table(db, bucket, target):
    ended = import_into(db, target, bucket.name, "nothing-here/")
    assert ended["ImportStatus"] == "COMPLETED" and items(db, target) == []


def test_a_taken_name(db, bucket, make_table):
    name = make_table(schema("pk"))
    with refused("ResourceInUseException", f"Table already exists: {name}"):
        import_into(db, name, bucket.name, "x")


def test_tokens(db, bucket, target):
    token = unique("token")
    request = {"S3BucketSource": {"S3Bucket": bucket.name, "S3KeyPrefix": "none"}, "InputFormat": "DYNAMODB_JSON",
               "ClientToken": token, "TableCreationParameters": {"TableName": target} | schema("pk")}
    first = db.import_table(**request)["ImportTableDescription"]
    assert first["ClientToken"] == token
    ended_import(db, first["ImportArn"])
    with refused("ResourceInUseException", f"Table already exists: {target}"):
        db.import_table(**request)
    other = request | {"TableCreationParameters": {"TableName": target + "-2"} | schema("pk")}
    with refused("ImportConflictException", "Import conflict: Duplicate request detected with conflicting parameters"):
        db.import_table(**other)
    db.delete_table(TableName=target)
    wait_for("the table to go", lambda: target not in db.list_tables()["TableNames"])
    assert db.import_table(**request)["ImportTableDescription"]["ImportArn"] == first["ImportArn"]
    assert target not in db.list_tables()["TableNames"]


def test_requests_are_checked(raw, bucket):
    def ask(**more):
        return raw.call("ImportTable", **{
            "S3BucketSource": {"S3Bucket": bucket.name}, "InputFormat": "DYNAMODB_JSON",
            "TableCreationParameters": {"TableName": "never-made"} | schema("pk")} | more)

    with refused("ValidationException", "Invalid Request: Unsupported InputFormatOptions for the given input format: "
                                        "DYNAMODB_JSON."):
        ask(InputFormatOptions={"Csv": {"Delimiter": ";"}})
    with refused("ValidationException", match=r"2 validation errors detected: Value ';;' at 'inputFormatOptions.csv.delimiter' "
                                              r"failed to satisfy constraint: Member must satisfy regular expression "
                                              r"pattern: \[,;:"):
        ask(InputFormat="CSV", InputFormatOptions={"Csv": {"Delimiter": ";;"}})
    with refused("ValidationException", "1 validation error detected: Value 'BZIP2' at 'inputCompressionType' failed to "
                                        "satisfy constraint: Member must satisfy enum value set: [ZSTD, NONE, GZIP]"):
        ask(InputCompressionType="BZIP2")
    with refused("ValidationException", match="1 validation error detected: Value null at 'tableCreationParameters.tableName' "
                                              "failed to satisfy constraint: Member must not be null"):
        ask(TableCreationParameters=schema("pk"))
    without = schema("pk")
    del without["BillingMode"]
    with refused("ValidationException", "One or more parameter values were invalid: ReadCapacityUnits and "
                                        "WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"):
        ask(TableCreationParameters={"TableName": "never-made"} | without)


def test_lists_and_records(db, raw, bucket, target):
    arn = import_into(db, target, bucket.name, "nothing")["ImportArn"]
    table_arn = arn.split("/import/")[0]
    summary = db.list_imports(TableArn=table_arn)["ImportSummaryList"]
    assert [s["ImportArn"] for s in summary] == [arn]
    assert summary[0]["ImportStatus"] == "COMPLETED" and summary[0]["S3BucketSource"]["S3Bucket"] == bucket.name
    assert set(summary[0]) == {"ImportArn", "ImportStatus", "TableArn", "S3BucketSource", "CloudWatchLogGroupArn",
                               "InputFormat", "StartTime", "EndTime"}
    page = raw.call("ListImports", PageSize=1)
    assert len(page["NextToken"]) >= 112 and re.fullmatch("([0-9a-f]{16})+", page["NextToken"])
    seen = [page["ImportSummaryList"][0]["ImportArn"]]
    while "NextToken" in page:
        page = raw.call("ListImports", PageSize=1, NextToken=page["NextToken"])
        seen += [s["ImportArn"] for s in page["ImportSummaryList"]]
    assert seen == [s["ImportArn"] for s in raw.call("ListImports", PageSize=25)["ImportSummaryList"]][:len(seen)]
    assert arn in seen and len(set(seen)) == len(seen)
    db.delete_table(TableName=target)
    assert db.describe_import(ImportArn=arn)["ImportTableDescription"]["ImportStatus"] == "COMPLETED"
    assert [s["ImportArn"] for s in db.list_imports(TableArn=table_arn)["ImportSummaryList"]] == [arn]
    with refused("ValidationException", "Invalid Import ARN"):
        db.describe_import(ImportArn=table_arn)
    with refused("ImportNotFoundException"):
        db.describe_import(ImportArn=table_arn + "/import/01791506414432-3f2e5aa4")
    with refused("ValidationException", match="1 validation error detected: Value '26' at 'pageSize'"):
        raw.call("ListImports", PageSize=26)


def test_nobody_touches_the_table_before_it_is_whole(db, raw, server, bucket, target):
    bucket.put("big/1", "".join(line(pk=S(f"k{i}"), v=S("x" * 100)) for i in range(30_000)))
    started = db.import_table(
        S3BucketSource={"S3Bucket": bucket.name, "S3KeyPrefix": "big/"}, InputFormat="DYNAMODB_JSON",
        TableCreationParameters={"TableName": target} | schema("pk"))["ImportTableDescription"]
    wait_for("the table", lambda: target in db.list_tables()["TableNames"])
    status = db.describe_table(TableName=target)["Table"]["TableStatus"]
    if status == "CREATING":
        with refused("ResourceNotFoundException"):
            db.put_item(TableName=target, Item={"pk": S("mine")})
    ended = ended_import(db, started["ImportArn"])
    assert ended["ImportedItemCount"] == 30_000 and db.scan(TableName=target, Select="COUNT")["Count"] > 0
