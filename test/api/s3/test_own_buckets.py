"""Exports and imports of DynamoDB that name a bucket of this very server."""
import gzip
import json

import pytest

from harness.s3 import keys_of
from harness.tables import S, fill, scan_all, schema, unique
from harness.transfers import export, exported_lines, import_into


@pytest.fixture
def table(db):
    name = unique("t")
    db.create_table(TableName=name, **schema("pk"))
    db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    yield name
    db.delete_table(TableName=name)


def objects_of(s3, bucket):
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys_of(s3, bucket)}


def test_an_export_is_objects_of_the_bucket(db, s3, bucket, table):
    fill(db, table, [{"pk": S(f"k{i}"), "v": S("x" * 1000)} for i in range(500)])
    arn = db.describe_table(TableName=table)["Table"]["TableArn"]
    ended = export(db, TableArn=arn, S3Bucket=bucket, S3Prefix="deep/er")
    assert (ended["ExportStatus"], ended["ItemCount"]) == ("COMPLETED", 500), ended
    found = objects_of(s3, bucket)
    assert all(key.startswith("deep/er/AWSDynamoDB/") for key in found)
    lines = exported_lines(found, ended["ExportManifest"])
    assert {json.loads(line)["Item"]["pk"]["S"] for line in lines} == {f"k{i}" for i in range(500)}
    # Under the bucket's own rules: its default encryption, its owner.
    head = s3.head_object(Bucket=bucket, Key=ended["ExportManifest"])
    assert head["ServerSideEncryption"] == "AES256"


def test_what_was_exported_is_imported_again(db, s3, bucket, table):
    fill(db, table, [{"pk": S(f"k{i}"), "v": S("x")} for i in range(200)])
    arn = db.describe_table(TableName=table)["Table"]["TableArn"]
    ended = export(db, TableArn=arn, S3Bucket=bucket)
    data = ended["ExportManifest"].rsplit("/", 1)[0] + "/data/"
    made = unique("t")
    imported = import_into(db, made, bucket, data, InputCompressionType="GZIP")
    assert imported["ImportStatus"] == "COMPLETED", imported
    assert {item["pk"]["S"] for item in scan_all(db, made)} == {f"k{i}" for i in range(200)}
    db.delete_table(TableName=made)


def test_an_import_reads_an_object_of_many_parts(db, s3, bucket):
    lines = [json.dumps({"Item": {"pk": {"S": f"k{i}"}, "v": {"S": "x" * 5000}}}) for i in range(1200)]
    body = ("\n".join(lines) + "\n").encode()
    assert len(body) > 5 << 20
    upload = s3.create_multipart_upload(Bucket=bucket, Key="in/all")["UploadId"]
    parts = []
    for number, piece in enumerate([body[:5 << 20], body[5 << 20:]], 1):
        answer = s3.upload_part(Bucket=bucket, Key="in/all", UploadId=upload, PartNumber=number, Body=piece)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    s3.complete_multipart_upload(Bucket=bucket, Key="in/all", UploadId=upload, MultipartUpload={"Parts": parts})
    s3.put_object(Bucket=bucket, Key="in/more.gz", Body=gzip.compress(b"not asked for"))
    made = unique("t")
    imported = import_into(db, made, bucket, "in/all")
    assert (imported["ImportStatus"], imported["ImportedItemCount"]) == ("COMPLETED", 1200), imported
    db.delete_table(TableName=made)


def test_a_bucket_that_is_deleted_fails_the_export(db, make_bucket, s3, table):
    name = make_bucket()
    s3.delete_bucket(Bucket=name)
    arn = db.describe_table(TableName=table)["Table"]["TableArn"]
    ended = export(db, TableArn=arn, S3Bucket=name)
    assert (ended["ExportStatus"], ended["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
